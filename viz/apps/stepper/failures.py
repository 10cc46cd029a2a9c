"""The half of a graph that there is when an operation fails: what has been computed, the operation,
and where it stands."""

import linecache
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from traceback import walk_tb

from autograd.errors import AutogradError

PACKAGES = Path(__file__).parents[3]  # in which autograd, nn and viz are
OURS = tuple(str(PACKAGES / name) for name in ("autograd", "nn", "viz"))
COMPILED = (".pyx", ".pxi")
LONGEST = 120  # characters of a line


@dataclass(frozen=True)
class Failure:
    """`sentence` says what went wrong at the step `at` of the walk, and `source` is the line that
    asked for it, if that is known."""

    at: int
    sentence: str
    source: str


def line_of(error: AutogradError) -> str:
    """The line of the user's code that raised an error."""
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
    for frame, number in walk_tb(error.__traceback__):
        filename = frame.f_code.co_filename
        if not filename.startswith(OURS) and not filename.endswith(COMPILED):
            yield filename, number
