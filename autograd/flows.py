"""The arithmetic of flows: what a product and a sum are in the chain rule.

A flow is an upstream gradient times a local derivative. Finite floats whose product or sum is not
finite raise an error. Two kinds of flow are not numbers. `NOTHING` flows into the branch that a
choice did not take: nothing times anything is nothing, so the local derivatives below it need not
exist. Where a choice is recorded, and will be made when a program runs, a `Guarded` flow carries
the condition with it, so that no 0 · nan is computed on the way.
"""

from collections.abc import Iterable
from typing import Any

from autograd.errors import TooLarge, is_unchecked
from autograd.operand import Operand

INF = float("inf")


class Nothing(Operand):
    """The type of NOTHING."""

    __slots__ = ()

    def __float__(self) -> float:
        return 0.0

    def __repr__(self) -> str:
        return "NOTHING"


NOTHING = Nothing()


class Guarded(Operand):
    """A flow through choices that are recorded: `flow` where every guard is open, and nothing
    elsewhere, even where `flow` is nan.

    A guard is (choice, condition, side): the operation that chooses, and the side of it, True for
    where the condition holds, that this flow comes through.
    """

    __slots__ = ("flow", "guards")

    def __init__(self, guards: tuple, flow: Any) -> None:
        self.guards, self.flow = guards, flow

    def is_open(self) -> bool:
        """Whether all conditions are known, and let this flow through."""
        numbers = [(number_now(condition), side) for _, condition, side in self.guards]
        return all(number is not None and (number != 0) is side for number, side in numbers)

    def settled(self, kept: int = 0) -> Any:
        """The flow with all its guards, but the first few, written down as choices."""
        flow = self.flow
        for choice, condition, side in reversed(self.guards[kept:]):
            flow = choice(condition, flow, 0.0) if side else choice(condition, 0.0, flow)
        return Guarded(self.guards[:kept], flow) if kept else flow


def settled(flow: Any) -> Any:
    """A flow as an operand or a number: the gradient that it is."""
    if flow.__class__ is Guarded:
        return flow.settled()
    return 0.0 if flow is NOTHING else flow


def through(choice: Any, condition: Any, side: bool) -> Any:
    """The local derivative of a choice towards one of its branches: 1 or NOTHING where the
    condition is a number, and a guard where it is recorded."""
    if not isinstance(condition, Operand):
        return 1.0 if (condition != 0) is side else NOTHING
    if condition.is_text:
        return choice(condition, 1.0, 0.0) if side else choice(condition, 0.0, 1.0)
    return Guarded(((choice, condition, side),), 1.0)


def number_now(x: Any) -> float | None:
    """The number that an operand has now; None for one that is only written down."""
    number = getattr(x, "data", None)
    return number if number.__class__ is float else None


def product(upstream: Any, slope: Any, node: Any, parent: Any) -> Any:
    """upstream · slope, the flow along the edge from `node` to `parent`.

    On floats, a flow that is not finite, made of numbers that are, raises TooLarge, and
    0 · ∞ is 0: what does not flow is not multiplied.
    """
    if upstream.__class__ is Guarded or slope.__class__ is Guarded:
        guards: tuple = ()
        if upstream.__class__ is Guarded:
            guards, upstream = upstream.guards, upstream.flow
        if slope.__class__ is Guarded:
            guards, slope = (*guards, *slope.guards), slope.flow
        flow = product(upstream, slope, node, parent)
        return flow if flow is NOTHING else Guarded(guards, flow)
    if upstream is NOTHING or slope is NOTHING:
        return NOTHING
    if upstream.__class__ is float:
        if upstream == 1:
            return slope  # formulas, and the graphs of gradients, would show a product with 1
        if upstream == 0 and slope.__class__ is not float:
            return 0.0  # nothing flows, whatever the recorded slope will be
    if slope.__class__ is float:
        if slope == 1:
            return upstream
        if slope == 0 and upstream.__class__ is not float:
            return 0.0
    flow = upstream * slope
    if flow.__class__ is float and not -INF < flow < INF:
        if upstream == 0 and slope == slope:
            return 0.0
        if -INF < upstream < INF and -INF < slope < INF and not is_unchecked():
            raise TooLarge(
                f"what flows from {named(node)} to {named(parent)} is too large for a float: "
                f"{upstream:g} times {slope:g}"
            )
    return flow


def added(numbers: Iterable[float]) -> float:
    """Their sum from the first to the last. Python's own keeps a second number from 3.12 on, for
    what rounding loses: then the last digit would depend on the version."""
    so_far = 0.0
    for number in numbers:
        so_far += number
    return so_far


def total(so_far: Any, flow: Any, node: Any) -> Any:
    """so_far + flow, which makes up the gradient of `node`, under the same rule."""
    if so_far is NOTHING or flow is NOTHING:
        return flow if so_far is NOTHING else so_far
    if so_far.__class__ is Guarded or flow.__class__ is Guarded:
        return guarded_total(so_far, flow, node)
    result = so_far + flow
    fresh = result.__class__ is float and not -INF < result < INF
    if fresh and -INF < so_far < INF and -INF < flow < INF and not is_unchecked():
        raise TooLarge(
            f"the gradient of {named(node)} is too large for a float: {so_far:g} plus {flow:g}"
        )
    return result


def guarded_total(one: Any, other: Any, node: Any) -> Any:
    """The sum of two flows, behind the guards that both have."""
    shared = 0
    if one.__class__ is other.__class__:
        pairs = zip(one.guards, other.guards, strict=False)
        while (pair := next(pairs, None)) and same_guard(*pair):
            shared += 1
        if len(one.guards) == len(other.guards) == shared + 1:
            (choice, condition, side), opposite = one.guards[-1], other.guards[-1]
            if same_guard((choice, condition, not side), opposite):  # both branches of one choice
                flows = (one.flow, other.flow) if side else (other.flow, one.flow)
                flow = choice(condition, *flows)
                return Guarded(one.guards[:shared], flow) if shared else flow
    one_flow, other_flow = (
        x.settled(shared) if x.__class__ is Guarded else x for x in (one, other)
    )
    if not shared:
        return total(one_flow, other_flow, node)
    return Guarded(one.guards[:shared], total(one_flow.flow, other_flow.flow, node))


def same_guard(one: tuple, other: tuple) -> bool:
    """Whether two guards let the same flow through; the comparison may have been written twice."""
    (_, condition, side), (_, again, other_side) = one, other
    if side is not other_side or condition is again:
        return side is other_side
    args, others = getattr(condition, "args", ()), getattr(again, "args", ())
    return (
        len(args) == len(others) > 0
        and condition.op is again.op
        and all(a is b or (a.__class__ is b.__class__ is float and a == b)
                for a, b in zip(args, others, strict=True))
    )  # fmt: skip


def named(node: Any) -> str:
    """How error messages call a node."""
    return getattr(node, "label", "") or f"an unnamed value ({node:g})"
