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
    """The compiled module of that name, or None.

    It is None when STEPGRAD_ENGINE=python asks for that; when nothing was compiled; and when it
    was compiled from another table of operations than that of today. With STEPGRAD_ENGINE=native
    the last two raise ImportError.
    """
    asked = os.environ.get("STEPGRAD_ENGINE", "")
    if asked not in ("", "native", "python"):
        raise ValueError(f"STEPGRAD_ENGINE is native or python, not {asked!r}")
    if asked == "python":
        return None
    try:
        module = import_module(f"autograd.native.{name}")
        if module.table_print != stamp():
            raise ImportError("the table of operations has changed since: pip install again")
    except ImportError as error:
        if asked == "native":
            raise ImportError(f"STEPGRAD_ENGINE asks for the native engine: {error}") from error
        return None
    return module
