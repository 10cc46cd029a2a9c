"""The update rule of an optimiser, recorded once for one parameter and run on all of them: what
makes steps fast. It is a program like any other, with a parameter in the place of an example."""

from collections.abc import Callable, Sequence
from typing import Any

from autograd.program.interpreters import MACHINES
from autograd.program.recording import forward
from autograd.value import Value

__all__ = ["ColumnRule", "OnColumns", "one_by_one"]

Rule = Callable[..., tuple]  # (number, gradient, rate, *remembered) -> (number, *remembered)
ColumnRule = Callable[[Sequence[Any], float], list[Any]]


class OnColumns:
    """The rule as a function of columns, and of the rate: the numbers of all parameters, their
    gradients, and what is remembered of them in `slots` columns. It must not branch on a number.
    """

    def __init__(self, rule: Rule, slots: int) -> None:
        rate, *leaves = [Value(0.5) for _ in range(3 + slots)]
        ends = rule(leaves[0], leaves[1], rate, *leaves[2:])
        listing, parameters = forward(ends, leaves)
        self.reads_the_rate = bool(parameters)
        # Both give the bits of the rule on floats; NumPy's interpreter would not.
        self.machine = MACHINES.get("native", MACHINES["python"])(listing)

    def __call__(self, columns: Sequence[Any], rate: float) -> list[Any]:
        return self.machine.columns(columns, [rate] if self.reads_the_rate else [])


def one_by_one(rule: Rule) -> ColumnRule:
    """The rule called for one parameter after the other."""

    def run(columns: Sequence[Any], rate: float) -> list[Any]:
        news = [rule(x, g, rate, *rest) for x, g, *rest in zip(*columns, strict=True)]
        return [list(column) for column in zip(*news, strict=True)]

    return run
