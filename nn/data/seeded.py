"""Random numbers of a data set: all come from a seed, so that equal arguments give equal rows in
equal order, in every version of Python."""

from random import Random
from typing import Any

from autograd.checks import whole

__all__ = ["random_order", "random_source"]


def random_source(purpose: str, seed: int, *more: int) -> Random:
    """Random numbers for one purpose. Others come for another purpose: how rows are split must not
    depend on how they were made."""
    return Random(" ".join(map(str, (purpose, whole(seed, "seed"), *more))))


def random_order(count: int, purpose: str, seed: int, *more: int) -> Any:
    """An array of 0 … count - 1 in a random order: sorted by so many numbers of `random()`, which
    is promised not to change from one Python to the next, as shuffle() may."""
    import numpy as np

    words = np.frombuffer(random_source(purpose, seed, *more).randbytes(8 * count), "<u8")
    numbers = (words << 32 >> 37 << 26) | (words >> 38)  # times 2^-53, what random() would give
    order = np.argsort(numbers)  # many times sooner than a stable sort
    in_order = numbers[order]
    tie = (in_order[1:] == in_order[:-1]).any()
    return np.argsort(numbers, kind="stable") if tie else order
