"""Where an operation failed: the line of the user's code, and the half graph up to there."""

import linecache
from collections.abc import Iterator
from pathlib import Path
from traceback import walk_tb

from autograd.errors import AutogradError
from autograd.value import Value, made_node

PACKAGES = Path(__file__).parents[2]  # in which autograd, nn and viz are
OURS = tuple(str(PACKAGES / name) for name in ("autograd", "nn", "viz"))
COMPILED = (".pyx", ".pxi")
LONGEST = 120  # characters of a line


def half_of(error: AutogradError) -> Value:
    """The operation that failed as a node without a number, with all that it was to be made from.

    Raises ValueError for an error that no recorded operation raised.
    """
    if error.op is None or not any(isinstance(one, Value) for one in error.operands):
        raise ValueError(
            "this error is of no operation on Values, so there is no half of a graph: "
            f"{type(error).__name__}: {error}"
        )
    args = tuple(one if isinstance(one, Value) else float(one) for one in error.operands)
    return made_node(error.op, args, float("nan"))


def line_of(error: AutogradError) -> str:
    """The line of the user's code that raised an error; "" where it is not known."""
    frames = list(of_the_user(error))
    if not frames:
        return ""
    filename, number = frames[-1]
    line = linecache.getline(filename, number).strip()[:LONGEST]
    where = (
        "" if filename.startswith("<") or "ipykernel" in filename else f"{Path(filename).name}, "
    )
    return f"{where}line {number}: {line}" if line else ""


def of_the_user(error: AutogradError) -> Iterator[tuple[str, int]]:
    """File and line of every frame of the traceback that is not in our packages."""
    for frame, number in walk_tb(error.__traceback__):
        filename = frame.f_code.co_filename
        if not filename.startswith(OURS) and not filename.endswith(COMPILED):
            yield filename, number
