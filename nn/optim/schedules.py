"""Learning rates that change: what is called with the number of a step, and prints as it was made.

They are spelled like the functions they stand for.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import cos, pi

from autograd.checks import finite, positive, whole

__all__ = ["Schedule", "constant", "cosine", "step_decay"]

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
        _set(self, rate=positive(self.rate, "the learning rate"))

    def __call__(self, step: int) -> float:
        return self.rate


@dataclass(frozen=True)
class step_decay:
    """A rate that is multiplied by `factor` after `every` steps. An epoch has a step per batch.

    Raises ValueError unless rate > 0, every >= 1, and 0 < factor <= 1; TypeError for what is no
    number, and for an `every` that is not whole.

    >>> schedule = step_decay(rate=1.0, every=10, factor=0.5)
    >>> [schedule(step) for step in (0, 9, 10, 20)]
    [1.0, 1.0, 0.5, 0.25]
    """

    rate: float
    every: int
    factor: float

    def __post_init__(self) -> None:
        rate, factor = positive(self.rate, "the learning rate"), finite(self.factor, "factor")
        _set(self, rate=rate, every=whole(self.every, "every", least=1), factor=factor)
        if not 0 < factor <= 1:
            raise ValueError(f"factor must be above 0 and at most 1, not {factor:g}")

    def __call__(self, step: int) -> float:
        return self.rate * self.factor ** (step // self.every)


@dataclass(frozen=True)
class cosine:
    """Half a wave from `rate` at step 0 down to `lowest` at step `steps`, and `lowest` from then.

    Raises ValueError unless rate > 0, steps >= 1, and 0 <= lowest <= rate; TypeError for what is
    no number, and for `steps` that are not whole. From I. Loshchilov and F. Hutter, "SGDR",
    https://arxiv.org/abs/1608.03983, without the restarts.

    >>> schedule = cosine(rate=1.0, steps=100)
    >>> [round(schedule(step), 3) for step in (0, 25, 50, 100, 200)]
    [1.0, 0.854, 0.5, 0.0, 0.0]
    """

    rate: float
    steps: int
    lowest: float = 0.0

    def __post_init__(self) -> None:
        rate, lowest = positive(self.rate, "the learning rate"), finite(self.lowest, "lowest")
        _set(self, rate=rate, steps=whole(self.steps, "steps", least=1), lowest=lowest)
        if not 0 <= lowest <= rate:
            raise ValueError(f"lowest is {lowest:g}, and must lie between 0 and the rate, {rate:g}")

    def __call__(self, step: int) -> float:
        share = (1 + cos(pi * min(step, self.steps) / self.steps)) / 2
        return share * self.rate + (1 - share) * self.lowest


def _set(schedule: object, **settings: float) -> None:
    """Set the fields of a frozen dataclass, to plain Python numbers: equal schedules print alike,
    whatever type of numbers they were made with."""
    for name, setting in settings.items():
        object.__setattr__(schedule, name, setting)
