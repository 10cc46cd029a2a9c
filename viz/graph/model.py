"""What is drawn of a graph: nodes and edges, contracted for reading. Numbers are the engine's.

Plain numbers among the arguments stand in the badge of the operation, and nameless sums of a single
use in the sum that uses them, as one Σ. Gradients are untouched, and the flows that are drawn at a
node still add up to its gradient.
"""

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from autograd import Value, topological_order
from autograd.ops import add
from autograd.teaching.names import names_of
from autograd.teaching.steps import local_derivative, not_taken
from viz.escape import printable
from viz.graph import notation
from viz.graph.inside import Folded


@dataclass(eq=False, slots=True)
class Node:
    """A card: a value with its gradient.

    `badge` is the operation that made it, `name` what it is called, and it `is_named` where
    somebody called it so. `inside` is how many values it stands for besides itself. `rank` is its
    column, and `use` that of a leaf's first use. `sums` are what its gradient grows through, where
    a walk shows one after the other.
    """

    id: str
    name: str
    is_named: bool
    value: float
    grad: float | None
    badge: str = ""
    is_leaf: bool = True
    inside: int = 0
    sums: tuple[float, ...] = ()
    ins: list["Edge"] = field(default_factory=list, repr=False)
    outs: list["Edge"] = field(default_factory=list, repr=False)
    rank: int = 0
    use: int = 0

    @property
    def sentence(self) -> str:
        """The card read aloud."""
        grad = "not computed" if self.grad is None else notation.number(self.grad)
        made = [self.badge] if self.badge else []
        value = f"value {notation.number(self.value)}"
        return ", ".join([self.name, *made, value, f"gradient {grad}"])


@dataclass(eq=False, slots=True)
class Edge:
    """A use of `tail` in `head`, where it arrives as argument number `place`: `local` is the local
    derivative, None where it does not exist, and `flow` what flows back, None where it is not
    known. Nothing flows back in a branch that was not `taken`."""

    id: str
    tail: Node
    head: Node
    local: float | None
    place: int
    taken: bool = True

    @property
    def flow(self) -> float | None:
        upstream = self.head.grad
        if upstream is None:
            return None
        if upstream == 0 or not self.taken:
            return 0.0
        return None if self.local is None else upstream * self.local

    @property
    def is_one_of_several(self) -> bool:
        """Whether the same value goes into the same operation elsewhere, too."""
        return any(one is not self and one.head is self.head for one in self.tail.outs)

    @property
    def sentence(self) -> str:
        """The edge read aloud."""
        ends = f"{self.tail.name} into {self.head.name}"
        if not self.taken:
            return f"{ends}: branch not taken"
        what = "product of local derivatives" if self.head.inside else "local derivative"
        if self.local is None:
            return f"{ends}: {what} undefined"
        local = notation.number(self.local)
        if self.flow is None or self.head.grad is None:
            return f"{ends}: {what} {local}"
        flow = f"{notation.number(self.head.grad)} × {local} = {notation.number(self.flow)}"
        return f"{ends}: {what} {local}, flows back {flow}"


@dataclass(frozen=True)
class Graph:
    """Nodes in topological order, the result last, and edges."""

    nodes: list[Node]
    edges: list[Edge]

    @property
    def result(self) -> Node:
        return self.nodes[-1]

    @property
    def has_gradients(self) -> bool:
        return self.result.grad is not None

    @property
    def largest_flow(self) -> float:
        """The largest that can be compared with; 1 where there is none."""
        flows = [abs(edge.flow) for edge in self.edges if edge.flow]
        return max([flow for flow in flows if flow < 1e300], default=1.0)


def contracted(y: Value, variables: Mapping[str, Any] | None = None, sums: bool = True) -> Graph:
    """The graph of y with its plain numbers in badges, and with sums of sums as one if `sums`.

    Raises TypeError for what is no Value, and StaleGraph when a leaf was changed after the graph
    was recorded.
    """
    order = topological_order(y)
    users: dict[Value, list[Value]] = defaultdict(list)
    for value in order:
        for parent in value.parents:
            users[parent].append(value)
    inner = {
        value
        for value in order
        if sums and value is not y and value.op is add and not value.label
        and len(users[value]) == 1 and users[value][0].op is add
    }  # fmt: skip
    idle = not_taken(order)
    names = names_of(order, variables)
    graph = Graph([], [])
    of: dict[Value, Node] = {}
    for value in order:
        if value in inner:
            continue
        name = printable(names[value])  # which is read aloud at every edge: 200 characters at most
        node = of[value] = Node(
            f"n{len(graph.nodes)}", name, not is_numbered(value, name), value.data, value.grad
        )
        graph.nodes.append(node)
        if value.op is None:
            continue
        node.is_leaf = False
        uses = list(arguments(value, inner))
        constants = [use for use in uses if isinstance(use, float)]
        if value.op is add and len(uses) > 2:
            node.badge = notation.total(constants)
        else:
            known = [None if isinstance(arg, Value) else float(arg) for arg in value.args]
            node.badge = notation.operation(value.op, known)
        if isinstance(value.op, Folded):
            node.inside = value.op.inside.count
            node.badge = f"▣ {node.badge}"
        for use in uses:
            if not isinstance(use, float):
                at, place = use
                tail = at.parents[place]
                edge = Edge(
                    f"e{len(graph.edges)}", of[tail], node, local_derivative(at, place),
                    len(node.ins), (at, place) not in idle,
                )  # fmt: skip
                graph.edges.append(edge)
                connect(edge)
    return graph


def arguments(value: Value, inner: set[Value]) -> Iterator[float | tuple[Value, int]]:
    """The arguments of an operation, in their order, those of the sums inside it among them: a
    number, or the value at which a parent arrives and its place among the parents there."""
    place = 0
    for arg in value.args:
        if not isinstance(arg, Value):
            yield float(arg)
            continue
        if arg in inner:
            yield from arguments(arg, inner)
        else:
            yield value, place
        place += 1


def connect(edge: Edge) -> None:
    edge.tail.outs.append(edge)
    edge.head.ins.append(edge)


def is_numbered(value: Value, name: str) -> bool:
    """Whether it has no name of its own."""
    return not value.label and name[:1] == "v" and name[1:].isdigit()


def folded(graph: Graph) -> Graph:
    """Nameless values of a single use go into the card that uses them.

    On its edges stand the products of the local derivatives on the way, and their sum where there
    are several ways. Every gradient that is left is unchanged.
    """
    home: dict[Node, Node] = {}
    for node in reversed(graph.nodes):
        heads = {edge.head for edge in node.outs}
        if len(heads) == 1 and not node.is_leaf and not node.is_named:
            (head,) = heads
            home[node] = home.get(head, head)
    ways: dict[Node, float | None] = {}  # from the card to a value inside it
    for node in reversed(graph.nodes):
        if node in home:
            ways[node] = summed([(edge.local, ways.get(edge.head, 1.0)) for edge in node.outs])
    new = {node: replace(node, ins=[], outs=[]) for node in graph.nodes if node not in home}
    for node, head in home.items():
        new[head].inside += 1 + node.inside
    found: dict[tuple[Node, Node], list[Edge]] = defaultdict(list)
    for edge in graph.edges:
        if edge.tail not in home:
            found[edge.tail, home.get(edge.head, edge.head)].append(edge)
    edges: list[Edge] = []
    for (tail, head), uses in found.items():
        local = summed([(edge.local, ways.get(edge.head, 1.0)) for edge in uses])
        taken = any(edge.taken for edge in uses)
        place = len(new[head].ins)
        edges.append(Edge(f"e{len(edges)}", new[tail], new[head], local, place, taken))
        connect(edges[-1])
    for node in new.values():
        if node.inside and not node.badge.startswith("▣"):
            node.badge = f"▣ {node.badge}"
    return Graph(list(new.values()), edges)


def summed(ways: Sequence[tuple[float | None, float | None]]) -> float | None:
    """The sum of the products along ways; None where one of them does not exist."""
    if any(a is None or b is None for a, b in ways):
        return None
    return sum(a * b for a, b in ways)  # type: ignore[operator,misc]


def unexplained(graph: Graph) -> list[Node]:
    """The nodes whose gradient is not the sum of the flows that are drawn, as after two backward
    passes."""
    return [node for node in graph.nodes[:-1] if not is_explained(node)]


def is_explained(node: Node) -> bool:
    flows = [edge.flow for edge in node.outs]
    if node.grad is None or not flows:
        return True
    known = [flow for flow in flows if flow is not None]
    if len(known) < len(flows):
        return False
    added = sum(known)
    if math.isnan(added) or math.isnan(node.grad):
        return math.isnan(added) and math.isnan(node.grad)
    return math.isclose(node.grad, added, abs_tol=1e-9 * sum(map(abs, known)))
