"""The forward and the backward pass as data: an operation a step, then an edge a step."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass

from autograd.backprop import chain_rule, topological_order
from autograd.errors import AutogradError
from autograd.formula import Formula, formula, written
from autograd.value import Value

UNDEFINED = Formula("undefined", r"\text{undefined}")


@dataclass(frozen=True)
class Operation:
    """A step of the forward pass: `name` = `rule` = `rule_in_numbers` = `value`."""

    node: Value
    name: str
    rule: Formula
    rule_in_numbers: Formula
    value: float


@dataclass(frozen=True)
class Edge:
    """A step of the backward pass, from `node` to its parent number `position`.

    `rule` is the formula of the local derivative in the neighbours' names, `slope` its number
    (None where it does not exist and nothing flows). `upstream` is the gradient of node; the
    parent receives `flow` = upstream · slope, has received `so_far` in total, and will receive
    something over `uses_to_come` more edges.
    """

    node: Value
    parent: Value
    position: int
    name: str
    parent_name: str
    rule: Formula
    rule_in_numbers: Formula
    slope: float | None
    upstream: float
    flow: float
    so_far: float
    uses_to_come: int


def forward_steps(y: Value, names: Mapping[Value, str], digits: int = 6) -> Iterator[Operation]:
    """The operations that made y, each after what it was made from."""
    for node in topological_order(y):
        if node.op is not None:
            in_names, in_numbers = (
                written(
                    node.op,
                    tuple(read(a) if isinstance(a, Value) else a for a in node.args),
                    digits,
                )
                for read in _readings(names, digits)
            )
            yield Operation(node, names[node], in_names, in_numbers, node.data)


def backward_steps(
    y: Value, names: Mapping[Value, str], digits: int = 6, towards: Collection[Value] = ()
) -> Iterator[Edge]:
    """The edges of the sweep from y, in its order; with `towards`, only those on a path to them."""
    uses_to_come = Counter(parent for node in topological_order(y) for parent in node.parents)
    wanted = _above(y, towards)
    gradient: dict[Value, float] = {y: 1.0}
    in_names, in_numbers = _readings(names, digits)
    for node, position, parent, slope, flow, so_far in chain_rule(y):
        gradient[parent] = so_far
        uses_to_come[parent] -= 1
        if not towards or parent in wanted:
            yield Edge(
                node=node,
                parent=parent,
                position=position,
                name=names[node],
                parent_name=names[parent],
                rule=_rule(node, position, in_names, digits),
                rule_in_numbers=_rule(node, position, in_numbers, digits),
                slope=slope,
                upstream=gradient[node],
                flow=flow,
                so_far=so_far,
                uses_to_come=uses_to_come[parent],
            )


def _rule(node: Value, position: int, read: Callable[[Value], Formula], digits: int) -> Formula:
    """A local derivative as a formula; undefined where a constant in it has no value, as the
    logarithm of a negative base."""
    try:
        return formula(node.slope(position, read), digits)
    except AutogradError:
        return UNDEFINED


def _readings(names: Mapping[Value, str], digits: int):
    """Two ways to read a node: by its name, and by its number."""
    return (
        lambda node: Formula(names[node], number=node.data, digits=digits),
        lambda node: Formula.of_number(node.data, digits),
    )


def _above(y: Value, leaves: Collection[Value]) -> set[Value]:
    """The given nodes and all between them and y; ValueError for one that y was not made from."""
    order = topological_order(y)
    wanted = set(leaves)
    for stranger in wanted.difference(order):
        raise ValueError(f"no path leads from {y!r} back to {stranger!r}: it has no part in it")
    for node in order:
        if not wanted.isdisjoint(node.parents):
            wanted.add(node)
    return wanted
