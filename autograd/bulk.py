"""Many Values at once, for training: their numbers as columns, read and written.

The compiled engine does in a loop of its own what is written here for the readable one.
"""

from array import array
from collections.abc import Sequence
from math import isfinite
from typing import Any

from autograd.native import compiled
from autograd.value import Value

Column = Any  # a sequence of floats: array("d"), a NumPy array, a list


def data_of(leaves: Sequence[Value]) -> Column:
    """The numbers."""
    return array("d", [leaf.data for leaf in leaves])


class Leaves:
    """Leaves whose numbers are read again and again. The compiled engine reads them anew only when
    any Value has been made or changed since: of a hundred thousand, that takes longer than a step.
    """

    def __init__(self, leaves: Sequence[Value]) -> None:
        self.leaves = list(leaves)

    def numbers(self) -> Column:
        """Their numbers, which are not to be written to."""
        return data_of(self.leaves)


def grads_of(leaves: Sequence[Value]) -> Column | None:
    """The gradients; None when one of them has not been computed."""
    grads = [leaf.grad for leaf in leaves]
    return None if None in grads else array("d", grads)  # type: ignore[arg-type]


def assign(leaves: Sequence[Value], numbers: Column, keeper: Any, counts: dict[str, Any]) -> None:
    """Set the data of the leaves, and then these attributes of `keeper`, which counts the steps.
    Graphs made from the leaves are stale after that."""
    for leaf, number in zip(leaves, numbers, strict=True):
        leaf.data = float(number)
    for name, value in counts.items():
        setattr(keeper, name, value)


def set_grads(leaves: Sequence[Value], gradients: Column) -> None:
    """New gradients in place of the old ones."""
    for leaf, gradient in zip(leaves, gradients, strict=True):
        leaf.grad = float(gradient)


def all_finite(numbers: Column) -> bool:
    """Whether none is an infinity or a nan."""
    return all(map(isfinite, numbers))


_native = compiled("value")

# Whether `assign` is one instruction to Python, so that Ctrl-C comes before or after it.
ASSIGN_IS_ATOMIC = _native is not None

if _native:
    data_of, grads_of = _native.data_of, _native.grads_of
    Leaves = _native.Leaves  # type: ignore[misc]
    assign, set_grads = _native.assign, _native.set_grads
    all_finite = _native.all_finite
