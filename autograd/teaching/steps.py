"""The forward and the backward pass as data: an operation a step, then an edge a step."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite

from autograd.backprop import chain_rule
from autograd.errors import AutogradError, unchecked
from autograd.flows import NOTHING, named
from autograd.formula import Formula, formula, written
from autograd.op import Choice
from autograd.value import Value

UNDEFINED = Formula("undefined", r"\text{undefined}")


@dataclass(frozen=True)
class Operation:
    """A step of the forward pass: `name` = `rule` = `rule_in_numbers` = `value`.

    `node` is the result, `rule` the operation on the names of its arguments, `rule_in_numbers` the
    same on their numbers, and `value` the number that came out.
    """

    node: Value
    name: str
    rule: Formula
    rule_in_numbers: Formula
    value: float


@dataclass(frozen=True)
class Edge:
    """A step of the backward pass, along the edge from `node` to its parent number `position`.

    `rule` is the local derivative as a formula of names, `rule_in_numbers` the same formula of
    numbers, and `slope` its number; None where it does not exist. `upstream` is the gradient of
    `node`, and `flow` = `upstream` · `slope` flows back to `parent`, where `so_far` is the sum of
    what has flowed back until then. `parent` has `uses_before` other edges that were walked before
    this one, and `uses_to_come` that will be walked after it: with the last, `so_far` is its
    gradient. `is_taken` is False in a branch that a choice did not take: nothing flows back there,
    and the local derivative need not exist.
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
    uses_before: int
    uses_to_come: int
    is_taken: bool = True


def passes(
    y: Value, names: Mapping[Value, str], digits: int = 6, towards: Collection[Value] = ()
) -> tuple[tuple[Operation, ...], tuple[Edge, ...]]:
    """The operations that made y, each after those it was made from, and the edges of the sweep
    from y, in its order; with `towards`, only the edges on a path to these nodes.

    `names` has a name for everything y was made from, in topological order, as `names_of` gives
    it. `digits` is how many significant digits plain numbers in formulas are written with. Raises
    ValueError for a node in `towards` that y was not made from, and what the sweep raises.
    """
    for other in set(towards).difference(names):
        raise ValueError(
            f"`to` must be a Value that {names[y]} was computed from, and {named(other)} is not"
        )
    data = {node: node.data for node in names}
    by_name = {node: Formula(names[node], number=x, digits=digits) for node, x in data.items()}

    def in_numbers(node: Value) -> Formula:
        count = digits_for_operation(node, digits)
        return operation(node, numbers(count), count)

    forward = tuple(
        Operation(
            node, name, operation(node, by_name.__getitem__, digits), in_numbers(node), data[node]
        )
        for node, name in names.items()
        if node.op is not None
    )
    backward = []
    gradient = {y: 1.0}
    walked: Counter[Value] = Counter()
    uses = Counter(parent for node in names for parent in node.parents)
    idle = not_taken(list(names))
    for node, position, parent, slope, flow, so_far in chain_rule(y, wanted=towards or None):
        if slope is None:
            slope = local_derivative(node, position)
        gradient[parent] = so_far
        walked[parent] += 1
        count = digits_for_slope(node, position, slope, digits)
        backward.append(
            Edge(
                node=node,
                parent=parent,
                position=position,
                name=names[node],
                parent_name=names[parent],
                rule=rule(node, position, by_name.__getitem__, slope, digits),
                rule_in_numbers=rule(node, position, numbers(count), slope, count),
                slope=slope,
                upstream=gradient[node],
                flow=flow,
                so_far=so_far,
                uses_before=walked[parent] - 1,
                uses_to_come=uses[parent] - walked[parent],
                is_taken=(node, position) not in idle,
            )
        )
    return forward, tuple(backward)


Reading = Callable[[Value], Formula]

FULL = 17  # digits that tell a float from every other


def operation(node: Value, read: Reading, digits: int) -> Formula:
    """The operation that a node was computed by, on what `read` says of its arguments."""
    assert node.op is not None
    args = [read(arg) if isinstance(arg, Value) else arg for arg in node.args]
    return written(node.op, tuple(args), digits)


def numbers(digits: int) -> Reading:
    """Nodes as their numbers, with so many digits."""
    return lambda node: Formula.of_number(node.data, digits)


def digits_for_operation(node: Value, digits: int) -> int:
    """With how many digits the arguments of an operation are written so that what is written comes
    to its value: more than `digits` where they cancel, as in 1 − 0.99966."""
    assert node.op is not None
    op = node.op

    def at(count: int) -> float:
        args = [arg.data if isinstance(arg, Value) else arg for arg in node.args]
        return op.ieee(*(shown(x, count) for x in args))

    return enough(node.data, at, digits)


def digits_for_slope(node: Value, position: int, slope: float | None, digits: int) -> int:
    """The same for a local derivative: as in 1 − 0.9999999959²."""

    def at(count: int) -> float:
        return float(node.slope(position, lambda one: shown(one.data, count)))

    return digits if slope is None else enough(slope, at, digits)


def shown(x: float, digits: int) -> float:
    """A number as it reads once it has been written."""
    return float(f"{x:.{digits}g}")


def enough(result: float, at: Callable[[int], float], digits: int) -> int:
    """The least number of digits, from `digits` on, with which what is computed comes to the
    result, but for the last two digits that are written of that."""
    if not isfinite(result):
        return digits
    for count in range(digits, FULL):
        try:
            with unchecked():
                close = abs(at(count) - result) <= 10.0 ** (2 - digits) * abs(result)
        except (ArithmeticError, ValueError, TypeError, AttributeError, LookupError):
            return digits  # what works at the very numbers only
        if close:
            return count
    return FULL


def rule(
    node: Value,
    position: int,
    read: Callable[[Value], Formula],
    slope: float | None,
    digits: int = 6,
) -> Formula:
    """The local derivative towards a parent as a formula, in what `read` says of the nodes.

    It is undefined where a constant in it has no value, as the logarithm of a negative base, and
    the number `slope` where a custom operation gives it as a function of floats only.
    """
    assert node.op is not None
    try:
        return formula(node.slope(position, read), digits)
    except AutogradError:
        return UNDEFINED
    except (TypeError, AttributeError, LookupError):
        if node.op.is_built_in:
            raise
        return UNDEFINED if slope is None else Formula.of_number(slope, digits)


def local_derivative(node: Value, position: int) -> float | None:
    """∂node/∂(parent number `position`) as a number; None where it does not exist."""
    try:
        return float(node.slope(position))
    except AutogradError:
        return None


def not_taken(order: Sequence[Value]) -> set[tuple[Value, int]]:
    """The edges, as (node, position), into branches that choices did not take, and those below
    them, in a graph whose nodes are given in topological order."""
    idle: set[tuple[Value, int]] = set()
    if not any(isinstance(node.op, Choice) for node in order):
        return idle
    reached = {order[-1]}
    for node in reversed(order):
        for position, parent in enumerate(node.parents):
            branch = isinstance(node.op, Choice) and position > 0  # the condition comes first
            if node not in reached or (branch and node.slope(position) is NOTHING):
                idle.add((node, position))
            else:
                reached.add(parent)
    return idle
