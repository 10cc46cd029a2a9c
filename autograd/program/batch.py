"""What a program takes as its batch: one door for rows of numbers, whatever machine runs them."""

import sys
from collections.abc import Collection, Sequence
from typing import Any

from autograd.flows import added
from autograd.operand import real
from autograd.user_text import counted

# So many examples are added up by themselves, in their order, and then the sums of these parts: so
# several threads can share the work, and no digit of a sum depends on who did it.
PART = 256


def summed(numbers: Sequence[float]) -> float:
    """The sum over the examples, on every machine."""
    return added(added(numbers[i : i + PART]) for i in range(0, len(numbers), PART))


def rows_of(batch: Any, width: int) -> Any:
    """The batch as rows of `width` real numbers, one row per example: a list of lists of floats, or
    an array of floats where it was an array.

    Raises TypeError for what holds anything but real numbers (text, None, truth values, complex
    numbers, dates, masked entries), and ValueError for no row, or one of the wrong length.
    """
    if hasattr(batch, "__array__"):
        return array_rows(batch, width)
    if not isinstance(batch, Collection) or isinstance(batch, str | bytes | dict):
        raise TypeError(f"a batch is a list of rows, as in [[1.0], [2.0]], not {batch!r:.60}")
    if len(batch) == 0:
        raise ValueError("a program needs at least one example, and was given none")
    return [row_of(row, i, width) for i, row in enumerate(batch)]


def row_of(row: Any, i: int, width: int) -> list[float]:
    if not isinstance(row, Collection) or isinstance(row, str | bytes | dict):
        raise TypeError(
            f"row {i} must be a list of {counted(width, 'number')}, not {row!r:.60}: "
            "a batch is a list of rows, as in [[1.0], [2.0]]"
        )
    check_width(i, len(row), width)
    return [x if x.__class__ is float else real(x, f"row {i}") for x in row]


def check_width(i: int, found: int, width: int) -> None:
    """Raise ValueError for a row that does not have a number per input."""
    if found != width:
        raise ValueError(f"row {i} has {counted(found, 'number')} for {counted(width, 'input')}")


def array_rows(batch: Any, width: int) -> Any:
    """The rows of an array, or of what can be one, such as a table of pandas."""
    import numpy

    if "numpy.ma" in sys.modules and numpy.ma.is_masked(batch):  # importing it takes 10 ms
        raise TypeError("a batch has no masked entries: fill or leave out those rows first")
    array = numpy.asarray(batch)
    if array.dtype.kind not in "fiu":
        raise TypeError(f"a batch is an array of real numbers, not of {array.dtype}")
    if array.ndim != 2:
        raise ValueError(
            f"a batch has a row per example and a column per input: shape (examples, {width}), "
            f"not {array.shape}"
        )
    if len(array) == 0:
        raise ValueError("a program needs at least one example, and was given none")
    check_width(0, array.shape[1], width)
    return array.astype(float, copy=False)
