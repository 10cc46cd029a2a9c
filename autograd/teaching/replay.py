"""A recorded graph as a function of its leaves, which can be computed again at other numbers."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from autograd.backprop import topological_order
from autograd.errors import unchecked
from autograd.op import Choice
from autograd.teaching.names import printable
from autograd.value import Value

MOST = 20  # leaves that are looked at when nobody chose some


class Replay:
    """y as a function of some of the leaves it was made from; all others keep their numbers.

    It takes floats, Values, Duals or whatever the operations of the table take. A Python `if` on a
    number is not recorded, so the branch that was taken is taken again.

    >>> a, b = Value(2.0), Value(3.0)
    >>> Replay(a * b + b, [a])(10.0)
    33.0
    """

    def __init__(self, y: Value, xs: Sequence[Value]) -> None:
        self.y, self.xs = y, xs
        self.order = [node for node in topological_order(y) if node.op is not None]
        self.chooses = any(isinstance(node.op, Choice) for node in self.order)

    def __call__(self, *numbers: Any) -> Any:
        return self.nodes(numbers)[self.y]

    def checks(self) -> AbstractContextManager:
        """What a choice does not take need not be defined."""
        return unchecked() if self.chooses else nullcontext()

    def nodes(self, numbers: Sequence[Any]) -> dict[Value, Any]:
        """What comes out at every node."""
        found: dict[Value, Any] = dict(zip(self.xs, numbers, strict=True))
        with self.checks():
            for node in self.order:
                assert node.op is not None
                found[node] = node.op(*[read(arg, found) for arg in node.args])
        found.setdefault(self.y, self.y.data)  # a leaf that is none of xs
        return found


def read(arg: Any, found: Mapping[Value, Any]) -> Any:
    return found.get(arg, arg.data) if isinstance(arg, Value) else arg


def chosen_leaves(y: Value, xs: Sequence[Value] | None, where: str) -> list[Value]:
    """The leaves that a report is about: those given, or all that y was made from.

    Raises TypeError for what is no Value, ValueError for what is no leaf of y, and for more than
    20 leaves when none are given.
    """
    if not isinstance(y, Value):
        raise TypeError(f"{where} takes a Value, not {type(y).__name__}")
    leaves = [node for node in topological_order(y) if node.op is None]
    if xs is None:
        if len(leaves) > MOST:
            raise ValueError(
                f"y was made from {len(leaves)} leaves: choose up to {MOST}, as in "
                f"{where}(y, [w, b])"
            )
        return leaves
    chosen = [xs] if isinstance(xs, Value) else list(xs)
    for x in chosen:
        if not isinstance(x, Value):
            raise TypeError(f"{where} takes leaves, which are Values, not {x!r:.60}")
        if x not in leaves:
            name = printable(x.label) or f"{x:g}"
            raise ValueError(f"{name} is not a leaf that y was made from")
    if not chosen:
        raise ValueError(f"{where} needs at least one leaf")
    return list(dict.fromkeys(chosen))
