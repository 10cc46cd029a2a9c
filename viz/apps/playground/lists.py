"""Short lists of numbers in messages, checked."""

from typing import Any

from autograd.checks import finite
from viz.apps.playground.data import MOST_SIZE

__all__ = ["listed", "numbers_in_list"]


def listed(numbers: Any, count: int, what: str) -> list[Any]:
    """So many parts of a message, as a list. Raises TypeError for another number of them."""
    if not isinstance(numbers, list | tuple) or len(numbers) != count:
        raise TypeError(f"{what} must be {count} numbers, not {numbers!r:.60}")
    return list(numbers)


def numbers_in_list(numbers: Any, count: int, what: str) -> list[float]:
    """So many finite numbers of a bearable size. Raises TypeError or ValueError for others."""
    found = [finite(number, f"one of {what}") for number in listed(numbers, count, what)]
    if any(abs(number) > MOST_SIZE for number in found):
        raise ValueError(f"one of {what} is larger than {MOST_SIZE:g}")
    return found
