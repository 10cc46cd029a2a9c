"""The same Value, and a machine for programs, compiled.

Nothing here is needed: without it everything works, in Python. `kernels.py` prints the C of every
row of the table when the package is built; `value.pyx` records and sweeps, `machine.pyx` runs
programs.
"""

import os
from importlib import import_module
from typing import Any

from autograd.native.stamp import stamp


def compiled(name: str) -> Any:
    """The compiled module of that name, or None where there is none to be used.

    With STEPGRAD_ENGINE=native in the environment that raises ImportError, which says why; with
    STEPGRAD_ENGINE=python nothing is used.
    """
    module, missing = looked_up(name)
    if missing and os.environ.get("STEPGRAD_ENGINE") == "native":
        raise ImportError(f"STEPGRAD_ENGINE asks for the native engine: {missing}")
    return module


def looked_up(name: str) -> tuple[Any, str]:
    """The module, or None and a sentence that says why."""
    asked = os.environ.get("STEPGRAD_ENGINE", "")
    if asked not in ("", "native", "python"):
        raise ValueError(f"STEPGRAD_ENGINE is native or python, not {asked!r}")
    if asked == "python":
        return None, "STEPGRAD_ENGINE asks for the readable engine"
    try:
        module = import_module(f"autograd.native.{name}")
    except ImportError:
        return None, "nothing was compiled: install again where there is a C compiler"
    if module.table_print != stamp():
        return None, "it was compiled from another table of operations: install again"
    return module, ""
