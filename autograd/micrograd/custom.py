"""Operations that were made by hand, the way micrograd's tutorials make them: in no table.

Such a node is given its number, and its local derivatives either as numbers or as a function that
adds to the gradients of its parents. So both are known at one point only.
"""

import warnings
from collections.abc import Callable, Sequence
from functools import partial
from math import isclose, isfinite
from typing import Any

from autograd.errors import AutogradError
from autograd.flows import named, number_now
from autograd.formula import Formula
from autograd.op import Op
from autograd.operand import Operand, real
from autograd.ops import add, divide, multiply, subtract

OPERATORS = {row.symbol: row for row in (add, subtract, multiply, divide)}


class KnownAtOnePoint(AutogradError):
    """What only a row of the table could tell, asked of a node that was made by hand."""


def made_by_hand(name: str) -> KnownAtOnePoint:
    """The error where more is needed of a node than its numbers."""
    return KnownAtOnePoint(
        f"{name} was made by hand: only the numbers of its local derivatives are known, and second "
        "derivatives and programs need more"
    )


class CustomNode(Op):
    """The operation of one node that was made by hand.

    `args` are what it was made from, and `data` what came out. `derivatives` are its local
    derivatives; without them, they are found later. With `summed`, one edge may stand for several
    that lead to the same parent. Raises ValueError unless there is one local derivative per
    argument.
    """

    __slots__ = ("derivatives", "made")
    derivatives: list[float]
    made: tuple

    def __init__(
        self,
        name: str,
        args: Sequence[Any],
        data: float,
        derivatives: Sequence[float] = (),
        summed: bool = False,
    ) -> None:
        point = tuple([getattr(arg, "data", arg) for arg in args])
        found = [plain(x, "a local gradient") for x in derivatives]
        if found and len(found) != len(args):
            raise ValueError(
                f"{len(args)} children need as many local gradients, and not {len(found)}"
            )
        name = name or "by hand"
        if summed and len(set(args)) < len(args):
            name += " (edges in one)"
        like = OPERATORS.get(name) if len(args) == 2 else None
        super().__init__(
            name,
            partial(value_at, point, data),
            tuple([partial(slope_at, found, i) for i in range(len(args))]),
            like.symbol if like else "",
            like.latex if like else "",
            domain="the numbers at which it was computed by hand",
        )
        object.__setattr__(self, "derivatives", found)
        object.__setattr__(self, "made", (name, point, data))

    definition = None  # it is no formula for programs to print

    def __post_init__(self) -> None:
        pass  # which keeps it out of the table

    def __call__(self, *args: Any) -> Any:
        if any(isinstance(arg, Operand) and number_now(arg) is None for arg in args):
            raise made_by_hand(self.name)
        return super().__call__(*args)

    def __reduce__(self) -> tuple:
        return CustomNode, (*self.made, self.derivatives)


def value_at(point: tuple[float, ...], data: float, *numbers: float) -> float:
    if numbers != point:
        raise ValueError("it is known at one point only")
    return data


def slope_at(derivatives: list[float], position: int, y: Any, *args: Any) -> float:
    if not derivatives or any(map(not_a_number, (y, *args))):
        raise ValueError("what was made by hand is known at its own numbers only")
    return derivatives[position]


def not_a_number(x: Any) -> bool:
    """Whether x needs more than a local derivative's number. A formula does not: it shows one."""
    return isinstance(x, Operand) and not isinstance(x, Formula)


def plain(x: Any, where: str) -> float:
    """x as a float. Truth values count as numbers in the tutorials, those of NumPy too."""
    if x.__class__ is float:
        return x
    if getattr(x, "shape", None) == () and hasattr(x, "item"):
        x = x.item()  # an array of a single number
    return float(x) if type(x).__name__ in ("bool", "bool_") else real(x, where)


def probed(node: Any, closure: Callable[[], Any], kind: str) -> list[float]:
    """The local derivatives of a node made by hand, which is a `kind`, found by calling its
    `_backward`: they are what the parents receive when the node's gradient is 1. For a parent that
    is there twice, the first edge has the sum, and the other 0.

    `_backward` is called twice, with different gradients in the parents, to see whether it adds to
    them; if it does not, there is a warning. Afterwards all gradients are as before.
    """
    before = {one: one.grad for one in (node, *node.parents)}
    parents = dict.fromkeys(node.parents)

    def received(start: dict[Any, float]) -> dict[Any, float]:
        node.grad = 1.0
        for parent in parents:
            parent.grad = start[parent]
        closure()
        where = f"what the _backward of {named(node)} leaves as a gradient"
        return {parent: plain(parent.grad, where) for parent in parents}

    try:
        slopes = received(dict.fromkeys(parents, 0.0))
        start = {parent: 1 + abs(slope) for parent, slope in slopes.items()}
        again = received(start)
    finally:
        for one, grad in before.items():
            one.grad = grad
    for parent, slope in slopes.items():
        if not isfinite(slope):
            raise KnownAtOnePoint(f"the _backward of {named(node)} gives {named(parent)} {slope}")
        if not isclose(again[parent], start[parent] + slope, rel_tol=1e-9):
            warn_at(
                closure,
                f"the _backward of {kind} writes over the gradient that is there: where a "
                "value is used twice, one of two paths would be lost. Write += there, not =. "
                "(Here it was added.)",
            )
    return [slopes.pop(parent, 0.0) for parent in node.parents]


def warn_at(function: Callable, message: str) -> None:
    """A warning that points to the function, and comes once for each."""
    code = getattr(function, "__code__", None)
    if code is None:
        warnings.warn(message, stacklevel=2)
    else:
        place = code.co_filename, code.co_firstlineno
        warnings.warn_explicit(message, UserWarning, *place, registry=_warned)


_warned: dict = {}
