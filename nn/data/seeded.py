"""Random numbers of a data set: all come from a seed, so that equal arguments give equal rows in
equal order, in every version of Python."""

from random import Random

from autograd.checks import whole

__all__ = ["random_order", "random_source"]


def random_source(purpose: str, seed: int, *more: int) -> Random:
    """Random numbers for one purpose. Others come for another purpose: how rows are split must not
    depend on how they were made."""
    return Random(" ".join(map(str, (purpose, whole(seed, "seed"), *more))))


def random_order(count: int, purpose: str, seed: int, *more: int) -> list[int]:
    """0 … count - 1 in a random order."""
    rng = random_source(purpose, seed, *more)
    # shuffle() may change from one Python to the next; random() is promised not to
    return sorted(range(count), key=lambda _: rng.random())
