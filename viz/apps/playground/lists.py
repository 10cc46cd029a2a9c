"""Short lists of numbers in messages, checked."""

from typing import Any

from autograd.checks import finite

__all__ = ["listed", "numbers_in_list"]

MOST_SIZE = 1e100  # of an input: its square is still a number


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
