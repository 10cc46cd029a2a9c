"""What is inside a neuron that is one operation of a walk: its products, their sum, and what its
activation does to that."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from autograd.errors import AutogradError
from autograd.flows import product
from autograd.formula import Formula, written
from autograd.op import Op
from autograd.ops import add, multiply
from autograd.teaching.sentences import behind
from autograd.teaching.steps import Operation, enough, shown
from autograd.value import Value
from viz.graph.inside import Folded, Inside, Part, as_number

MOST = 4  # products that a sum can bear
LONGEST = 100  # characters of a formula that is told in place of the name of a fold
SUM = "sum"  # what the sum is called


class Neuron:
    """A neuron of which nothing is hidden: its parameters are arguments, too."""

    def __init__(self, op: Folded) -> None:
        inside = op.inside
        self.inside, self.out = inside, inside.out
        self.total: Part = self.out if self.out.node.op is add else self.out.args[0]
        self.products = [part for part in inside.parts if part.node.op is multiply]

    @property
    def activation(self) -> Op | None:
        return None if self.out is self.total else self.out.node.op

    def values(self, args: Sequence[Any]) -> list[Any]:
        """The sum, and the products, in whatever arithmetic the arguments belong to."""
        held = self.inside.replayed(args, as_number)
        return [held[self.total], *(held[part] for part in self.products)]

    def sum(self, args: Sequence[Formula], digits: int) -> Formula:
        """The sum as a formula; of many products, the first and the last."""
        held = written_out(self.inside, args, digits)
        if len(self.products) <= MOST:
            return held[self.total]
        first, *_, last = (held[part] for part in self.products)
        sums = [part for part in self.inside.parts if part.node.op is add]
        (bias,) = (held[one] for part in sums for one in part.args if one in self.inside.inputs)
        text = f"{bias.text} + {first.text} + … + {last.text}"
        return Formula(text, rf"{bias.latex} + {first.latex} + \cdots + {last.latex}")

    def activated(self, sum: Formula, digits: int) -> Formula:
        """What the activation makes of the sum."""
        assert self.activation is not None
        return written(self.activation, (sum,), digits)


def neuron_of(op: Op | None) -> Neuron | None:
    """A neuron that tells what is inside; None for every other operation."""
    return Neuron(op) if isinstance(op, Folded) and op.is_open and op.name == "neuron" else None


def written_out(inside: Inside, args: Sequence[Formula], digits: int) -> dict[Part, Formula]:
    """The parts of a fold as formulas, exactly as they stand."""
    held = dict(zip(inside.inputs, args, strict=True))
    for part in inside.parts:
        known = [held[arg] if isinstance(arg, Part) else as_number(arg) for arg in part.args]
        if part.node.op is multiply:
            known[0] = fenced(known[0])
        held[part] = written(part.node.op, tuple(known), digits)
    return held


def fenced(factor: Any) -> Any:
    """The first factor of a product, which may stand behind a plus."""
    if not isinstance(factor, Formula) or not factor.text.startswith("-"):
        return factor
    return Formula(behind(factor), behind(factor, "latex"))


@dataclass(frozen=True)
class Activated(Operation):
    """A neuron, whose operation is its activation; the `sum` comes before it."""

    sum: Operation


def retold(
    step: Operation,
    readings: Sequence[Callable[[Value], Formula]],
    total: Any,
    digits: int,
) -> Operation:
    """A step as its arguments are read, by name and by number. Of a neuron, `total` is the sum; any
    other fold in which nothing is hidden is the formula inside it, where that is not too long."""
    node = step.node
    assert node.op is not None
    op = node.op
    args = [
        [read(arg) if isinstance(arg, Value) else arg for arg in node.args] for read in readings
    ]
    if neuron := neuron_of(op):
        sums = [neuron.sum(one, digits) for one in args]
        if neuron.activation is None:
            return replace(step, rule=sums[0], rule_in_numbers=sums[1])
        rule = neuron.activated(Formula(SUM, r"\text{sum}"), digits)
        in_numbers = neuron.activated(total, digits)
        sum = Operation(node, SUM, sums[0], sums[1], total)
        return Activated(node, step.name, rule, in_numbers, step.value, sum)
    rules = [written(op, tuple(one), digits) for one in args]
    if isinstance(op, Folded) and op.is_open:
        told = [written_out(op.inside, one, digits)[op.inside.out] for one in args]
        if all(len(one.text) <= LONGEST for one in told):
            rules = told
    return replace(step, rule=rules[0], rule_in_numbers=rules[1])


def digits_for(node: Value, digits: int) -> int:
    """With how many digits the arguments of a fold in which nothing is hidden are written, so that
    what is written comes to its sum, or to its value: more than `digits` where they cancel."""
    assert isinstance(node.op, Folded)
    neuron, inside = neuron_of(node.op), node.op.inside
    args = list(map(as_number, node.args))

    def at(count: int | None) -> float:
        known = args if count is None else [shown(x, count) for x in args]
        return neuron.values(known)[0] if neuron else inside(*known)

    return enough(at(None), at, digits)


def numbers_inside(
    nodes: Sequence[Value], numbers: Mapping[str, float | None]
) -> Iterator[tuple[str, float | None]]:
    """By their keys: z3, l3 and u3 are the sum of node 3, the local derivative of its activation,
    and the gradient of the sum; p3.0, p3.1, … its products."""
    for i, node in enumerate(nodes):
        if (neuron := neuron_of(node.op)) is None:
            continue
        total, *products = neuron.values([as_number(arg) for arg in node.args])
        local: float | None = 1.0
        if neuron.activation is not None:
            try:
                local = neuron.activation.slope(0, node.data, [total])
            except AutogradError:
                local = None
        upstream = numbers[f"g{i}"] or 0.0
        flow = 0.0 if local is None else product(upstream, local, node, node)
        yield from zip(keys_of(i, len(products)), [total, local, flow, *products], strict=True)


def keys_of(i: int, products: int) -> list[str]:
    """The keys of what is inside node i."""
    return [f"z{i}", f"l{i}", f"u{i}", *(f"p{i}.{j}" for j in range(products))]
