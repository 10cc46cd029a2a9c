"""What forward and reverse mode cost on one graph, counted while they run."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from autograd.backprop import topological_order
from autograd.teaching.parts import Part, Sentence, Table, shortly
from autograd.teaching.report import Report
from autograd.user_text import counted
from autograd.value import Value


@dataclass(frozen=True)
class Cost:
    """What one mode needed for all derivatives: `sweeps` over the graph, `multiply_adds` in all,
    and how many numbers were `stored` at the same time at most. `jacobian` has the derivatives that
    were found, a row for each output."""

    sweeps: int
    multiply_adds: int
    stored: int
    jacobian: tuple[tuple[float, ...], ...]


@dataclass(frozen=True, repr=False)
class Costs(Report):
    """What `costs` counted: for so many `inputs` and `outputs`, on so many `nodes` and `edges`."""

    inputs: int
    outputs: int
    nodes: int
    edges: int
    reverse: Cost
    forward: Cost

    @property
    def parts(self) -> list[Part]:
        """The table, and which mode is cheaper."""
        rows = tuple(
            (name, *map(str, (cost.sweeps, cost.multiply_adds, cost.stored)))
            for name, cost in (("reverse", self.reverse), ("forward", self.forward))
        )
        return [
            Sentence(
                f"All derivatives of {counted(self.outputs, 'output')} by "
                f"{counted(self.inputs, 'input')}, on {counted(self.nodes, 'node')} and "
                f"{counted(self.edges, 'edge')}:"
            ),
            Table(("mode", "sweeps", "multiply-adds", "numbers stored"), rows),
            Sentence(self.verdict),
        ]

    @property
    def verdict(self) -> str:
        """The sentence about the cheaper mode."""
        rule = (
            "Reverse mode sweeps once per output and forward mode once per input, and each sweep "
            "multiplies once per edge. "
        )
        if self.inputs == self.outputs:
            saves = self.forward.stored < self.reverse.stored
            memory = ", and forward mode stores fewer numbers" if saves else ""
            return f"{rule}Here both do the same work{memory}."
        cheap = "reverse" if self.inputs > self.outputs else "forward"
        times = max(self.inputs, self.outputs) / min(self.inputs, self.outputs)
        return f"{rule}So {cheap} mode does {shortly(times, 3)} times less work here."

    @property
    def data(self) -> dict[str, Any]:
        """The counts, and both Jacobians."""
        return {
            "inputs": self.inputs,
            "outputs": self.outputs,
            "nodes": self.nodes,
            "edges": self.edges,
            "reverse": vars(self.reverse),
            "forward": vars(self.forward),
        }


class Recorded:
    """The nodes that the outputs were made from, each after its parents, and their edges as
    (parent, local derivative). Where nothing flows to a node, as to √x in 0 · √x, the local
    derivatives below it need not exist, and stand as 0."""

    def __init__(self, ys: Sequence[Value]) -> None:
        seen = {node for y in ys for node in topological_order(y)}
        self.order = sorted(seen, key=lambda node: node.serial)
        self.edges: dict[Value, list[tuple[Value, float]]] = {}
        reached = set(ys)
        for node in reversed(self.order):
            slopes = [
                float(node.slope(i)) if node in reached else 0.0 for i in range(len(node.parents))
            ]
            self.edges[node] = list(zip(node.parents, slopes, strict=True))
            reached.update(parent for parent, slope in self.edges[node] if slope)


def costs(ys: Value | Sequence[Value], xs: Sequence[Value]) -> Costs:
    """Find all derivatives of the outputs by the inputs in both modes, and count what that takes.

    Each sweep is the one of the textbooks: it walks along every edge of the graph, and does one
    multiplication and one addition there. Forward mode stores the value and the tangent of a node
    until its last use. Reverse mode stores the values of all nodes, which the local derivatives
    need, and the gradients that are not complete yet or not passed on.

    Raises TypeError for what are no Values, ValueError for empty lists, and what local derivatives
    raise.

    >>> a, b, c = Value(2.0), Value(3.0), Value(4.0)
    >>> found = costs([a * b * c], [a, b, c])
    >>> found.reverse.multiply_adds, found.forward.multiply_adds
    (4, 12)
    """
    ys = [ys] if isinstance(ys, Value) else list(ys)
    xs = list(xs)
    for one in (*ys, *xs):
        if not isinstance(one, Value):
            raise TypeError(f"costs takes Values, not {one!r:.60}")
    if not ys or not xs:
        raise ValueError("costs needs at least one output and one input")
    graph = Recorded(ys)
    reverse = [reverse_sweep(graph, y) for y in ys]
    forward = [forward_sweep(graph, x, ys) for x in xs]
    by_reverse = tuple(tuple(found.get(x, 0.0) for x in xs) for found, _, _ in reverse)
    by_forward = tuple(tuple(found[y] for found, _, _ in forward) for y in ys)
    edges = sum(map(len, graph.edges.values()))
    return Costs(
        len(xs),
        len(ys),
        len(graph.order),
        edges,
        summed_up(reverse, by_reverse),
        summed_up(forward, by_forward),
    )


Sweep = tuple[dict[Value, float], int, int]  # what was found, multiply-adds, numbers stored


def summed_up(sweeps: Sequence[Sweep], jacobian: tuple[tuple[float, ...], ...]) -> Cost:
    return Cost(
        len(sweeps),
        sum(count for _, count, _ in sweeps),
        max(stored for _, _, stored in sweeps),
        jacobian,
    )


def reverse_sweep(graph: Recorded, y: Value) -> Sweep:
    """The gradients of the leaves of one output."""
    found = {y: 1.0}
    count = most = 0
    for node in reversed(graph.order):
        upstream = found.get(node, 0.0)
        for parent, slope in graph.edges[node]:
            found[parent] = found.get(parent, 0.0) + upstream * slope
            count += 1
        most = max(most, len(found))
        if node.op is not None:  # it is passed on, and not needed any more
            found.pop(node, None)
    return found, count, len(graph.order) + most


def forward_sweep(graph: Recorded, x: Value, ys: Sequence[Value]) -> Sweep:
    """The tangents of the outputs as one input moves."""
    uses = Counter(parent for edges in graph.edges.values() for parent, _ in edges)
    uses.update(ys)  # an output is kept
    tangents: dict[Value, float] = {}
    count = most = 0
    for node in graph.order:
        tangents[node] = 1.0 if node is x else 0.0
        for parent, slope in graph.edges[node]:
            tangents[node] += slope * tangents[parent]
            count += 1
        most = max(most, len(tangents))
        for parent, _ in graph.edges[node]:
            uses[parent] -= 1
            if not uses[parent]:
                tangents.pop(parent, None)
    return {y: tangents[y] for y in ys}, count, 2 * most
