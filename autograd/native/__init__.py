"""The same Value, and a machine for programs, compiled.

Nothing here is needed: without it everything works, in Python. `kernels.py` prints the C of every
row of the table when the package is built; `value.pyx` records and sweeps, `machine.pyx` runs
programs.
"""

import os
from importlib import import_module
from typing import Any

from autograd.native.table_stamp import stamp

# pip keeps the wheel that it made, also where nothing could be compiled for it.
INSTALL_AGAIN = "install again, with pip install --force-reinstall --no-cache-dir"

__all__ = ["INSTALL_AGAIN", "compiled", "looked_up", "unpickled"]


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
        return None, f"nothing was compiled: where there is a C compiler, {INSTALL_AGAIN}"
    if module.table_print != stamp():
        return None, f"it was compiled from another table of operations: {INSTALL_AGAIN}"
    return module, ""


def unpickled(instructions: list) -> Any:
    """Instructions that a compiled engine had, as they are kept here, where none may be."""
    record = compiled("record")
    return record.encoded(instructions) if record else instructions
