"""Whether the graph of one example is that of all: what that is found out with."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from math import isclose, isfinite
from typing import Any, NamedTuple

from autograd.op import Op
from autograd.operand import Operand
from autograd.ops import where
from autograd.program.listing import Listing
from autograd.value import Value
from nn.data import Dataset
from nn.interrupts import uninterrupted
from nn.losses import LOSSES, Loss
from nn.module import MLP, Layer, Module, Neuron

__all__ = [
    "SAMPLE",
    "CannotRecord",
    "Instructions",
    "Placeholder",
    "can_record",
    "chooses",
    "close",
    "moved",
    "sample",
]

SAMPLE = 100  # examples that are computed both ways, at most


class CannotRecord(ValueError):
    """A model and a loss whose graph of one example is not that of all."""

    def __init__(self, why: str) -> None:
        super().__init__(f"this cannot be recorded: {why}: leave engine='program' out")


def can_record(model: Module, loss: Loss) -> bool:
    """Whether one example's graph is sure to be right for all: the losses of `nn` are means over
    the examples, and its modules do not branch on a number. Every part of the model has to be one
    of these modules, down to the last neuron; other code may do anything."""
    return loss in LOSSES.values() and _never_branches(model)


def _never_branches(module: Any) -> bool:
    if type(module) is Neuron:
        return module.activation is None or isinstance(module.activation, Op)
    parts = {MLP: "layers", Layer: "neurons"}.get(type(module))
    return parts is not None and all(map(_never_branches, getattr(module, parts)))


class Placeholder(Operand):
    """What stands for a number, and for everything computed from it: it has no `data`, no truth
    value, no order and no text, and equals nothing. Whatever looks at the number fails."""

    __slots__ = ("label",)
    __hash__ = None  # type: ignore[assignment]

    def apply(self, op: Op, args: tuple) -> "Placeholder":
        return Placeholder()

    def __eq__(self, other: object) -> bool:
        raise TypeError("numbers are compared with ==")

    def __repr__(self) -> str:
        raise TypeError("a number is written out")


class Instructions(NamedTuple):
    """The instructions of one example, to be compared with those of another."""

    listing: Listing
    parameters: list[Value]

    def are(self, other: "Instructions", parameters: Iterable[Value]) -> bool:
        """Whether these are the same with the same constants, of the same parameters. A leaf that
        was made on the way is a constant."""
        kept = {*parameters, *set(self.parameters).intersection(other.parameters)}
        return self.written(kept) == other.written(kept)

    def is_copy_of(self, other: "Instructions") -> bool:
        """Whether they are the same at a glance, which the compiled engine's can be."""
        mine, theirs = self.listing, other.listing
        is_copy = getattr(mine.instructions, "is_copy_of", None)
        return (
            is_copy is not None
            and is_copy(theirs.instructions)
            and self.parameters == other.parameters
            and repr([mine.inputs, *mine.ends]) == repr([theirs.inputs, *theirs.ends])
        )

    def written(self, kept: set[Value]) -> tuple:
        """All of it, with the leaves that are `kept` by identity, in whatever order they come,
        other leaves by their numbers, and numbers by their text: 0.0 is not -0.0."""
        listing = self.listing
        names = [str(i) for i in range(listing.inputs)]
        names += [f"p{id(p)}" if p in kept else repr(p.data) for p in self.parameters]
        leaves = names[listing.inputs :]
        names += [f"v{i}" for i in range(len(listing.instructions))]

        def named(ends: Iterable[int | float]) -> list[str]:
            return [names[end] if isinstance(end, int) else repr(end) for end in ends]

        instructions = [(op, named(args)) for op, args in listing.instructions]
        gradients = sorted(zip(leaves, named(listing.gradients), strict=True))
        return instructions, gradients, named([listing.value, *listing.also])


def chooses(listing: Listing, apart_from: Iterable[int]) -> bool:
    """Whether something in it is chosen, by more than the inputs of these places."""
    if where not in listing.ops:
        return False
    known = set(apart_from)
    for i, (op, args) in enumerate(listing.instructions, listing.leaves):
        if op is where and args[0] not in known:
            return True
        if known.issuperset([arg for arg in args if isinstance(arg, int)]):
            known.add(i)
    return False


def close(a: float, b: float) -> bool:
    """Whether a number and that of a program differ by rounding only. Where a program is not
    finite, training goes on node by node."""
    return not isfinite(b) or isclose(a, b, rel_tol=1e-6, abs_tol=1e-9)


def sample(data: Dataset) -> Dataset:
    """Some examples, evenly from all of the data."""
    return data.rows(range(0, len(data), -(-len(data) // SAMPLE)))


@contextmanager
def moved(parameters: Sequence[Value]) -> Iterator[None]:
    """Inside, these have other numbers, a little larger: what was read from one is another number,
    too."""
    numbers = {parameter: parameter.data for parameter in parameters}
    try:
        for parameter, number in numbers.items():
            parameter.data = number + 1e-6 * (1 + abs(number))
        yield
    finally:
        with uninterrupted():
            for parameter, number in numbers.items():
                parameter.data = number
