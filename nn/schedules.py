"""Learning rates that change: what is called with the number of a step, and prints as it was made.

They are spelled like the functions they stand for.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import cos, inf, pi
from numbers import Integral
from typing import Any

from autograd.operand import real

Schedule = Callable[[int], float]  # from the number of the step, 0 for the first, to its rate


@dataclass(frozen=True)
class constant:
    """The same rate at every step. Raises ValueError unless it is positive and finite, TypeError
    for what is no number.

    >>> constant(0.5)(1000)
    0.5
    """

    rate: float

    def __post_init__(self) -> None:
        positive("the learning rate", self.rate)

    def __call__(self, step: int) -> float:
        return self.rate


@dataclass(frozen=True)
class step_decay:
    """A rate that is multiplied by `factor` after `every` steps. An epoch has a step per batch.

    Raises ValueError unless rate > 0, every >= 1 is whole, and 0 < factor <= 1.

    >>> schedule = step_decay(rate=1.0, every=10, factor=0.5)
    >>> [schedule(step) for step in (0, 9, 10, 20)]
    [1.0, 1.0, 0.5, 0.25]
    """

    rate: float
    every: int
    factor: float

    def __post_init__(self) -> None:
        positive("the learning rate", self.rate)
        count("every", self.every, least=1)
        if not 0 < real(self.factor, "factor") <= 1:
            raise ValueError(f"factor is {self.factor!r}, and must be above 0 and at most 1")

    def __call__(self, step: int) -> float:
        return self.rate * self.factor ** (step // self.every)


@dataclass(frozen=True)
class cosine:
    """Half a wave from `rate` at step 0 down to `lowest` at step `steps`, and `lowest` from then.

    Raises ValueError unless rate > 0, steps >= 1 is whole, and 0 <= lowest <= rate. From I.
    Loshchilov and F. Hutter, "SGDR", https://arxiv.org/abs/1608.03983, without the restarts.

    >>> schedule = cosine(rate=1.0, steps=100)
    >>> [round(schedule(step), 3) for step in (0, 25, 50, 100, 200)]
    [1.0, 0.854, 0.5, 0.0, 0.0]
    """

    rate: float
    steps: int
    lowest: float = 0.0

    def __post_init__(self) -> None:
        positive("the learning rate", self.rate)
        count("steps", self.steps, least=1)
        if not 0 <= real(self.lowest, "lowest") <= self.rate:
            raise ValueError(
                f"lowest is {self.lowest!r}, and must lie between 0 and the rate, {self.rate!r}"
            )

    def __call__(self, step: int) -> float:
        share = (1 + cos(pi * min(step, self.steps) / self.steps)) / 2
        return share * self.rate + (1 - share) * self.lowest


# What settings have to be.


def positive(name: str, number: Any) -> float:
    result = real(number, name)
    if not 0 < result < inf:
        raise ValueError(f"{name} is {number!r}, and must be positive and finite")
    return result


def not_negative(name: str, number: Any) -> float:
    result = real(number, name)
    if not 0 <= result < inf:
        raise ValueError(f"{name} is {number!r}, and must be finite, 0 or more")
    return result


def fraction(name: str, number: Any) -> float:
    result = real(number, name)
    if not 0 <= result < 1:
        raise ValueError(f"{name} is {number!r}, and must be at least 0 and below 1")
    return result


def count(name: str, number: Any, least: int) -> int:
    if not isinstance(number, Integral) or isinstance(number, bool) or number < least:
        raise ValueError(f"{name} is {number!r}, and must be an integer of at least {least}")
    return int(number)
