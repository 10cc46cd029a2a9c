"""The update rule of an optimiser, recorded once for one parameter and run on all of them: what
makes steps fast. It is a program like any other, with a parameter in the place of an example."""

from collections.abc import Callable, Sequence
from typing import Any

from autograd.program.interpreters import MACHINES
from autograd.program.recording import forward
from autograd.value import Value

__all__ = ["OnColumns", "on_columns", "one_by_one"]

Rule = Callable[..., tuple]  # (number, gradient, rate, *remembered) -> (number, *remembered)
OnColumns = Callable[[Sequence[Any], float], list[Any]]


def on_columns(rule: Rule, slots: int) -> OnColumns:
    """The rule as a function of columns, and of the rate: the numbers of all parameters, their
    gradients, and what is remembered of them in `slots` columns. It must not branch on a number.
    """
    rate, *leaves = [Value(0.5) for _ in range(3 + slots)]
    ends = rule(leaves[0], leaves[1], rate, *leaves[2:])
    listing, parameters = forward(ends, leaves)
    # Both give the bits of the rule on floats; NumPy's interpreter would not.
    machine = MACHINES.get("native", MACHINES["python"])(listing)
    return lambda columns, rate: machine.columns(columns, [rate] if parameters else [])


def one_by_one(rule: Rule) -> OnColumns:
    """The rule called for one parameter after the other."""

    def run(columns: Sequence[Any], rate: float) -> list[Any]:
        news = [rule(x, g, rate, *rest) for x, g, *rest in zip(*columns, strict=True)]
        return [list(column) for column in zip(*news, strict=True)]

    return run
