"""Recording a program: the reading in which arithmetic becomes instructions."""

from collections.abc import Sequence
from typing import Any

from autograd.backprop import gradients, topological_order
from autograd.errors import unchecked
from autograd.native import compiled
from autograd.op import Op
from autograd.operand import Operand
from autograd.program.listing import Listing
from autograd.value import Value


class Wire(Operand):
    """A number that exists when the program runs: the result of an instruction, or a leaf."""

    __slots__ = ("index", "tape")

    def __init__(self, tape: "Tape", index: int) -> None:
        self.tape, self.index = tape, index

    def apply(self, op: Op, args: tuple) -> "Wire":
        return self.tape.wire(op, args)


class Tape:
    """Instructions in the order in which they run, none of them twice."""

    def __init__(self, leaves: int) -> None:
        self.leaves = leaves
        self.instructions: list[tuple[Op, tuple[int | float, ...]]] = []
        self.known: dict[tuple, Wire] = {}

    def wire(self, op: Op, args: tuple) -> Wire:
        args = tuple([a if isinstance(a, Wire) else float(a) for a in args])
        if op.definition and not op.is_built_in:
            return op.definition.at(*args)
        if op.symbol == "**" and args[1].__class__ is float and args[1] == 2:
            return args[0] * args[0]  # what `power` does
        if op.symbol in ("**", "*") and args[1].__class__ is float and args[1] == 1:
            return args[0]  # exact for every float, as is 1 · x
        if op.symbol == "*" and args[0].__class__ is float and args[0] == 1:
            return args[1]
        # floats by their text: 0.0 and -0.0 are equal, and so are 1.0 and the wire number 1
        names = [a.index if isinstance(a, Wire) else repr(a) for a in args]
        if op.symbol in ("+", "*"):
            names.sort(key=str)  # in floats a + b is b + a
        key = (op, *names)
        if key not in self.known:
            plain = tuple(a.index if isinstance(a, Wire) else a for a in args)
            self.instructions.append((op, plain))
            self.known[key] = Wire(self, self.leaves + len(self.instructions) - 1)
        return self.known[key]

    def forget(self) -> None:
        """Let go of the wires, which hold the tape, so that it is freed without the collector."""
        self.known.clear()


def record(
    ends: Sequence[Value], inputs: Sequence[Value]
) -> tuple[Tape, dict[Value, Wire], list[Value]]:
    """The way to the ends as instructions, the wire of every node on it, and the leaves on it that
    are no inputs."""
    order: dict[Value, None] = {}
    for end in ends:
        if end not in order:  # most are on the way to the first
            order |= dict.fromkeys(topological_order(end))
    mine = set(inputs)
    parameters = [node for node in order if node.op is None and node not in mine]
    leaves = [*inputs, *parameters]
    tape = Tape(len(leaves))
    wires = {leaf: Wire(tape, i) for i, leaf in enumerate(leaves)}
    with unchecked():
        for node in order:
            if node.op is not None:
                args = [wires[a] if isinstance(a, Value) else a for a in node.args]
                wires[node] = node.op(*args)
    return tape, wires, parameters


def forward(ends: Sequence[Value], inputs: Sequence[Value]) -> tuple[Listing, list[Value]]:
    """The listing of the values of the ends alone, and the parameters that it reads."""
    tape, wires, parameters = record(ends, inputs)
    value, *also = [wires[end].index for end in ends]
    tape.forget()
    sizes = len(inputs), len(parameters)
    return Listing(*sizes, tape.instructions, value, also=also).pruned(), parameters


def recorded(ends: Sequence[Value], inputs: Sequence[Value]) -> tuple[Listing, list[Value]]:
    """The listing of the ends, of which the first is the value, with its gradients; and the
    parameters."""
    if _native and (found := _native.recorded(ends, inputs)):
        return found
    tape, wires, parameters = record(ends, inputs)
    with unchecked():
        found = gradients(ends[0], wires.__getitem__, wanted=parameters)
    tape.forget()
    wanted = [_plain(found.get(parameter, 0.0)) for parameter in parameters]
    value, *also = [wires[end].index for end in ends]
    sizes = len(inputs), len(parameters)
    return Listing(*sizes, tape.instructions, value, wanted, also).pruned(), parameters


def _plain(gradient: Any) -> Any:
    """A gradient as the number of a wire, or as the constant that it is."""
    return gradient.index if isinstance(gradient, Wire) else float(gradient)


_native = compiled("record")  # the same, many times sooner
