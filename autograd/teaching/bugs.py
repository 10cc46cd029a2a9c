"""Backward passes with a mistake in them, as learners write them: the same edges and local
derivatives as the sweep has, and something done wrong with them.

No derivative is written here: every local derivative is asked of the table.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from autograd.backprop import gradients, topological_order
from autograd.errors import AutogradError
from autograd.flows import NOTHING
from autograd.ops import divide, multiply, negative, subtract
from autograd.teaching.steps import not_taken
from autograd.teaching.wording import spaced
from autograd.value import Value

MOST_VISITS = 100_000  # of nodes, by a recursion that comes to them once per path
RATE = 0.1  # of the update that comes too early, unless another one is given


class Edge(NamedTuple):
    """The edge from `node` to `parent`, its argument number `place`. `slope` is the local
    derivative; None where nothing can flow: in a branch that was not taken, and where there is no
    derivative."""

    node: Value
    place: int
    parent: Value
    slope: float | None


class NotRun(Exception):
    """This mistake cannot be run on this graph; the message says why."""


class Graph:
    """What y was made from, with the local derivative of every edge, and the right gradients.

    `rate` is the learning rate of the one mistake that takes a step. Raises what the sweep raises.
    """

    def __init__(self, y: Value, rate: float = RATE) -> None:
        self.root, self.rate = y, rate
        self.order = topological_order(y)
        self.right = gradients(y)
        idle = not_taken(self.order)
        self.edges = {node: list(edges_of(node, idle)) for node in self.order}

    @cached_property
    def uses(self) -> Counter[Value]:
        """How many edges lead to each node."""
        return Counter(edge.parent for edges in self.edges.values() for edge in edges)

    @property
    def leaves(self) -> list[Value]:
        """The nodes that were given, and not computed."""
        return [node for node in self.order if node.op is None]

    def visits(self, by_edge: bool = False) -> int:
        """How many nodes a recursion visits that comes to a node once for each path to it; with
        `by_edge`, a parent that stands twice in an operation has two paths."""
        count = Counter({self.root: 1})
        for node in reversed(self.order):
            for parent in self.parents(node, by_edge):
                count[parent] += count[node]
        return sum(count.values())

    def parents(self, node: Value, by_edge: bool = False) -> list[Value]:
        """The parents of a node, each once, or once for each edge to it."""
        found = [edge.parent for edge in self.edges[node]]
        return found if by_edge else list(dict.fromkeys(found))


def edges_of(node: Value, idle: Collection[tuple[Value, int]]) -> Iterable[Edge]:
    """The edges to the parents of a node; `idle` are those into branches not taken."""
    places = [i for i, arg in enumerate(node.args) if isinstance(arg, Value)]
    for position, (place, parent) in enumerate(zip(places, node.parents, strict=True)):
        slope: float | None = None
        if (node, position) not in idle:
            with suppress(AutogradError):
                slope = node.slope(position)
        yield Edge(node, place, parent, None if slope is NOTHING else slope)


Gradients = dict[Value, float]
Applies = Callable[[Edge], bool]  # whether the mistake is made at an edge


def everywhere(edge: Edge) -> bool:
    return True


# What flows back along an edge, wrongly. None: the mistake is not made there.

Flow = Callable[[Edge, float], float | None]


def right_flow(edge: Edge, upstream: float) -> float:
    return 0.0 if edge.slope is None else upstream * edge.slope


def local_only(edge: Edge, upstream: float) -> float | None:
    return edge.slope


def upstream_only(edge: Edge, upstream: float) -> float | None:
    return None if edge.slope is None else upstream


def summed(edge: Edge, upstream: float) -> float | None:
    return None if edge.slope is None else upstream + edge.slope


def unswapped(edge: Edge, upstream: float) -> float | None:
    if edge.node.op is not multiply or edge.slope is None:
        return None
    return upstream * multiply.slope(1 - edge.place, edge.node.data, numbers_of(edge.node))


def wrong_sign(edge: Edge, upstream: float) -> float | None:
    op, place = edge.node.op, edge.place
    if not (op is negative or (op in (subtract, divide) and place == 1)):
        return None
    return -right_flow(edge, upstream)


def wrong_quantity(edge: Edge, upstream: float) -> float | None:
    """The local derivative of an operation on one number, with its input in the place of its
    output; or the other way round, where the formula has no output in it."""
    op, numbers = edge.node.op, numbers_of(edge.node)
    if op is None or len(numbers) != 1 or edge.slope is None:
        return None
    for y, a in ((numbers[0], numbers[0]), (edge.node.data, edge.node.data)):
        try:
            slope = op.slope(0, y, [a])
        except (AutogradError, TypeError):
            return None
        if slope.__class__ is float and slope != edge.slope:
            return upstream * slope
    return None


def numbers_of(node: Value) -> list[float]:
    return [arg.data if isinstance(arg, Value) else arg for arg in node.args]


# Whole backward passes.


def swept(
    graph: Graph,
    flow: Flow = right_flow,
    applies: Applies = everywhere,
    overwriting: bool = False,
    start: Mapping[Value, float] | None = None,
) -> Gradients:
    """A pass in the right order, with a mistaken `flow`, or `overwriting` what is there, on the
    edges it applies to. `start` holds what is in the gradients before."""
    found: Gradients = {**dict.fromkeys(graph.order, 0.0), **(start or {}), graph.root: 1.0}
    for node in reversed(graph.order):
        for edge in graph.edges[node]:
            made = applies(edge)
            one = flow(edge, found[node]) if made else None
            if one is None:
                one = right_flow(edge, found[node])
            found[edge.parent] = one if overwriting and made else found[edge.parent] + one
    return found


def with_flow(flow: Flow) -> Callable[[Graph, Applies], Gradients]:
    return lambda graph, applies: swept(graph, flow, applies)


def overwriting(graph: Graph, applies: Applies) -> Gradients:
    return swept(graph, applies=applies, overwriting=True)


def recursive(
    graph: Graph, applies: Applies, by_edge: bool = False, from_the_end: bool = False
) -> Gradients:
    """Each node adds to its parents' gradients, and then each parent does the same at once: what it
    receives later goes further only when it is visited again. With `by_edge`, a parent that stands
    twice in an operation is visited twice; `from_the_end`, the last parent comes first."""
    visits = graph.visits(by_edge)
    if visits > MOST_VISITS:
        raise NotRun(
            f"it would take {spaced(visits)} visits, one per path: an engine with this mistake "
            "does not finish"
        )
    found = dict.fromkeys(graph.order, 0.0) | {graph.root: 1.0}
    waiting = [graph.root]
    while waiting:
        node = waiting.pop()
        pass_on(graph, node, found)
        parents = graph.parents(node, by_edge)
        waiting += parents if from_the_end else reversed(parents)
    return found


def depth_first(graph: Graph, applies: Applies) -> Gradients:
    return once_each(graph, from_the_end=True)


def breadth_first(graph: Graph, applies: Applies) -> Gradients:
    return once_each(graph, from_the_end=False)


def once_each(graph: Graph, from_the_end: bool) -> Gradients:
    """Each node passes its gradient on once, when it is first reached: by a recursion, or from a
    queue."""
    found = dict.fromkeys(graph.order, 0.0) | {graph.root: 1.0}
    waiting, done = [graph.root], set()
    while waiting:
        node = waiting.pop(-1 if from_the_end else 0)
        if node in done:
            continue
        done.add(node)
        pass_on(graph, node, found)
        parents = graph.parents(node)
        waiting += reversed(parents) if from_the_end else parents
    return found


def pass_on(graph: Graph, node: Value, found: Gradients) -> None:
    """Add to the gradients of a node's parents what flows back from it now."""
    for edge in graph.edges[node]:
        found[edge.parent] += right_flow(edge, found[node])


def never_reset(graph: Graph, applies: Applies) -> Gradients:
    """Two passes that are right, without a zero_grad between them: leaves have both."""
    return {n: g * 2 if n.op is None and n is not graph.root else g for n, g in graph.right.items()}


def leftovers(graph: Graph, applies: Applies) -> Gradients:
    """Two passes with the leaves reset between them, and nothing else: what the first left in the
    nodes between flows once more."""
    left = {node: g for node, g in graph.right.items() if node.op is not None}
    return swept(graph, start=left)


def updated_early(graph: Graph, applies: Applies) -> Gradients:
    """Every leaf takes its step as soon as its gradient is known, so that what is computed after
    that uses the new number."""
    now = {leaf: leaf.data for leaf in graph.leaves}
    to_come = Counter(graph.uses)
    found: Gradients = dict.fromkeys(graph.order, 0.0) | {graph.root: 1.0}
    for node in reversed(graph.order):
        # Edges to leaves first: the order in which a product is written does not matter then.
        for edge in sorted(graph.edges[node], key=lambda edge: edge.parent.op is not None):
            if edge.slope is not None:
                found[edge.parent] += found[node] * slope_now(edge, now)
            to_come[edge.parent] -= 1
            if edge.parent in now and not to_come[edge.parent]:
                now[edge.parent] -= graph.rate * found[edge.parent]
    return found


def slope_now(edge: Edge, now: Mapping[Value, float]) -> float:
    op = edge.node.op
    assert op is not None
    numbers = [now.get(a, a.data) if isinstance(a, Value) else a for a in edge.node.args]
    try:
        return float(op.slope(edge.place, edge.node.data, numbers))
    except AutogradError as error:
        raise NotRun(f"after the early step {error}") from None


@dataclass(frozen=True, eq=False)
class Bug:
    """A mistake by its `name`.

    `title` says what is done, `wrong` and `right` are how it and its correction are written in
    code, `needs` says what a graph must have for it to make a difference. `smallest` is an
    expression with as few operations as one needs to see it, at `values`. `run` gives the gradients
    of every node with it made at the edges that it applies to; `flow` is what it does at one edge,
    for those that are mistakes about one edge. `by_edge` is whether it can be made at some edges
    only.
    """

    name: str
    title: str
    wrong: str
    right: str
    needs: str
    smallest: str
    values: Mapping[str, float]
    run: Callable[[Graph, Applies], Gradients]
    flow: Flow | None = None
    by_edge: bool = False


def at_edges(
    name: str, title: str, wrong: str, needs: str, smallest: str, values: Mapping[str, float],
    flow: Flow, right: str = "flow = upstream * local",
) -> Bug:  # fmt: skip
    return Bug(name, title, wrong, right, needs, smallest, values, with_flow(flow), flow, True)


ORDER = "for node in reversed(topological order): node._backward()"
SHARED = "a computed value that is used twice"

BUGS: dict[str, Bug] = {
    bug.name: bug
    for bug in (
        Bug(
            "overwrite", "writes = where += is needed",
            "parent.grad = flow", "parent.grad += flow", "a value that is used twice",
            "a + a", {"a": 3.0}, overwriting, by_edge=True,
        ),
        Bug(
            "order", "passes on too early (recursion)",
            "def backward(self): self._backward(); for p in parents: p.backward()", ORDER, SHARED,
            "b = 2 * a; 3 * b + b", {"a": 3.0}, recursive,
        ),
        Bug(
            "depth-first", "passes on too early, once (recursion)",
            "if node not in visited: node._backward(), then its parents", ORDER, SHARED,
            "b = 2 * a; b + 3 * b", {"a": 3.0}, depth_first,
        ),
        Bug(
            "breadth-first", "passes on too early, once (queue)",
            "node = queue.pop(0); node._backward(); queue += parents", ORDER,
            "a computed value with a short and a long way to it",
            "b = 2 * a; b + 3 * b", {"a": 3.0}, breadth_first,
        ),
        Bug(
            "zero_grad", "forgets zero_grad between two passes",
            "loss.backward(); loss.backward()", "loss.backward(); zero_grad(); loss.backward()",
            "a gradient that is not 0",
            "2 * a", {"a": 3.0}, never_reset,
        ),
        Bug(
            "leftovers", "resets only leaves between two passes",
            "for leaf in leaves: leaf.grad = 0", "for node in graph: node.grad = 0",
            "a computed value between the result and a leaf",
            "2 * (3 * a)", {"a": 3.0}, leftovers,
        ),
        at_edges(
            "local", "takes the local derivative only",
            "flow = local", "an upstream gradient other than 1",
            "2 * (3 * a)", {"a": 3.0}, local_only,
        ),
        at_edges(
            "upstream", "takes the upstream gradient only",
            "flow = upstream", "a local derivative other than 1",
            "a * b", {"a": 3.0, "b": 2.0}, upstream_only,
        ),
        at_edges(
            "unswapped", "does not swap the factors of a product",
            "flow to a = upstream * a", "a product of unequal factors",
            "a * b", {"a": 3.0, "b": 2.0}, unswapped,
            right="flow to a = upstream * b, for y = a * b",
        ),
        at_edges(
            "sum", "adds upstream and local derivative",
            "flow = upstream + local", "an operation", "a + b", {"a": 3.0, "b": 2.0}, summed,
        ),
        at_edges(
            "sign", "loses the minus of a - b, a / b or -a",
            "flow to b = +upstream", "a subtraction, a division or a minus",
            "a - b", {"a": 3.0, "b": 2.0}, wrong_sign, right="flow to b = -upstream, for y = a - b",
        ),
        at_edges(
            "quantity", "mixes up input and output in f′",
            "flow = upstream * (1 - x ** 2), for y = tanh(x)",
            "a function of one number, such as tanh",
            "tanh(a)", {"a": 0.5}, wrong_quantity,
            right="flow = upstream * (1 - y ** 2), for y = tanh(x)",
        ),
        Bug(
            "updated", "moves a weight before the pass is over",
            "w.data -= rate * w.grad, inside the backward pass",
            "w.data -= rate * w.grad, after the backward pass",
            "a local derivative that needs a leaf whose gradient is known already",
            "a * b", {"a": 3.0, "b": 2.0}, updated_early,
        ),
    )
}  # fmt: skip
