"""How a Value of the tutorials was made: what can be asked of it, and what cannot be changed."""

from collections.abc import Callable, Iterable
from typing import Any

from autograd.errors import AutogradError, TooLarge
from autograd.value import Value as Core

# What would change how a node was made, and so its gradients, in silence.
AS_MADE = frozenset(
    ("op", "args", "parents", "serial", "_data", "_prev", "_children", "_local_grads")
)
REFUSAL = (
    "`{}` is how a Value was made, and cannot be set: choose another name for an attribute of your "
    "own"
)

BEING_MADE = -1  # as the serial of a node

OF_SETS = frozenset(  # what can be asked of `_prev`
    "copy difference intersection isdisjoint issubset issuperset symmetric_difference union".split()
)


class Children(tuple):
    """Parents in their order, some of them twice; micrograd has a set of them, and what is done
    with sets gives one. It cannot be changed."""

    __slots__ = ()

    def __getattr__(self, name: str) -> Any:
        if name in OF_SETS:
            return getattr(set(self), name)
        if hasattr(set, name):
            raise AttributeError(
                f"`_prev` has no `{name}`: it is how a Value was made, and cannot be changed; take "
                "a set of it, as in `set(v._prev)`"
            )
        raise AttributeError(f"'Children' object has no attribute {name!r}")

    def __eq__(self, other: object) -> bool:
        return set(self) == other if isinstance(other, set | frozenset) else super().__eq__(other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = tuple.__hash__

    def __or__(self, other: Iterable[Any]) -> set[Any]:
        return set(self) | set(other)

    def __and__(self, other: Iterable[Any]) -> set[Any]:
        return set(self) & set(other)

    def __sub__(self, other: Iterable[Any]) -> set[Any]:
        return set(self) - set(other)

    def __rsub__(self, other: Iterable[Any]) -> set[Any]:
        return set(other) - set(self)

    def __xor__(self, other: Iterable[Any]) -> set[Any]:
        return set(self) ^ set(other)

    __ror__, __rand__, __rxor__ = __or__, __and__, __xor__


def kept(name: str, get: Callable[[Any], Any]) -> property:
    """An attribute that stays what it was when the node was made."""

    def refuse(node: Core, value: Any) -> None:
        if getattr(node, "serial", BEING_MADE) != BEING_MADE:
            raise AttributeError(REFUSAL.format(name))
        getattr(Core, name).__set__(node, value)

    return property(get, refuse)


def advised(error: AutogradError, nodes: Iterable[Any]) -> AutogradError:
    """The error, with what to try where a number got too large, and where what these nodes were
    made from looks like parameters in training."""
    seen = {node for node in nodes if isinstance(node, Core)}
    waiting, largest = list(seen), None
    while waiting:
        node = waiting.pop()
        found = [parent for parent in node.parents if parent not in seen]
        seen.update(found)
        waiting += found
        in_training = node.op is None and (node.grad or abs(node.data) >= 1e6)
        if in_training and (largest is None or abs(node.data) > abs(largest.data)):
            largest = node
    if isinstance(error, TooLarge) and largest is not None:
        error.args = (
            f"{error}. {largest.label or 'A leaf'} has become {largest.data:.6g}: if this is "
            "a training loop, begin again with a smaller learning rate",
        )
    return error
