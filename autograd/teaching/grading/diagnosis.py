"""Which mistake gives exactly the numbers that an engine gives."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from autograd.op import Op
from autograd.teaching.bugs import (
    BUGS,
    Bug,
    Edge,
    Gradients,
    Graph,
    NotRun,
    everywhere,
    recursive,
    right_flow,
    swept,
    with_flow,
)  # fmt: skip
from autograd.teaching.grading.judging import Verdict, same
from autograd.teaching.grading.tasks import Task, is_leaf
from autograd.user_text import listed
from autograd.value import Value

LARGEST = 250  # nodes of the graphs that are looked at
MOST_NAMED = 3  # mistakes, where several give the same numbers


def no_flow(edge: Edge, upstream: float) -> float | None:
    return None if edge.slope is None else 0.0


FORGETS = Bug(
    "restart", "begins every backward pass from nothing", "grad = 0, or grad = flow, in backward",
    "leaf.grad += flow; zero_grad is another method, and called by the training loop",
    "a second backward pass", "a * b", {}, BUGS["overwrite"].run,
)  # fmt: skip
LEFTOVERS = replace(
    BUGS["leftovers"],
    title="adds to what an earlier backward pass left in computed values",
    wrong="self.grad = 1, and then the sweep",
    right="node.grad = 0 for every computed node, self.grad = 1, and then the sweep",
)  # a student resets the leaves, the engine everything else
ORDERS = [  # the same mistake, in the other orders in which people write a recursion
    replace(BUGS["order"], run=partial(recursive, by_edge=by_edge, from_the_end=from_the_end))
    for by_edge, from_the_end in ((False, True), (True, False), (True, True))
]
NOTHING_FLOWS = Bug(
    "nothing", "lets nothing flow back from an operation", "return Value(number, parents)",
    "out = Value(number, parents); out._backward = _backward; return out", "an operation", "-a", {},
    with_flow(no_flow), no_flow, by_edge=True,
)  # fmt: skip
LATER = ("zero_grad", "leftovers")  # mistakes about a second pass
NEVER_HERE = ("updated",)  # an engine has no weights
GENERAL = ("local", "upstream", "sum")  # mistakes about every edge, if about any
MOST_FOUND = 4  # mistakes that are looked for, one after the other


@dataclass(frozen=True)
class Diagnosis:
    """A mistake that gives the numbers of a graph that went wrong: everywhere, or only at
    the operations `ops`, if there are any. Of the `wrong` graphs those in `explained` come out with
    exactly the same numbers, and with it `against` graphs would come out otherwise than they did.
    """

    bug: Bug
    ops: tuple[Op, ...]
    explained: tuple[Verdict, ...]
    wrong: int
    against: int

    @property
    def name(self) -> str:
        # the minus before a number is told from that between two by its name
        words = [op.symbol if len(op.partials) == 2 else op.name for op in self.ops]
        words = [word or op.name for word, op in zip(words, self.ops, strict=True)]
        return self.bug.name + (f" (in {listed(words)})" if words else "")


def diagnosed(verdicts: Sequence[Verdict]) -> list[list[Diagnosis]]:
    """The mistakes of an engine, each looked for in what those before it leave unexplained.

    Each is the one that gives the numbers of the first graph with a wrong gradient, and fits best
    to all others; several, if nothing tells them apart. A graph that nothing fits is passed over.
    """
    told = [
        v
        for v in verdicts
        if v.leaves and len(v.task.nodes) <= LARGEST and (v.ok or not v.is_all_zero)
    ]
    graphs = {id(verdict): graphs_of(verdict.task.y) for verdict in told}
    found: list[list[Diagnosis]] = []
    passed: set[int] = set()
    while len(found) < MOST_FOUND:
        first = next((v for v in told if not v.ok and id(v) not in passed), None)
        if first is None:
            break
        passed.add(id(first))
        if best := fitting(first, told, graphs):
            found.append(best)
            explained = set(map(id, best[0].explained))
            told = [verdict for verdict in told if id(verdict) not in explained]
    return found


def fitting(
    first: Verdict, told: Sequence[Verdict], graphs: Mapping[int, Sequence[Graph]]
) -> list[Diagnosis]:
    """The mistakes that give the numbers of a graph, those that fit best to all others. Where an
    operation of the graph stands alone, they must fit too: elsewhere they may do so by chance."""
    wrong = [verdict for verdict in told if not verdict.ok]
    alone = [verdict for verdict in told if is_alone(verdict.task)]

    def diagnosis(bug: Bug, ops: tuple[Op, ...]) -> Diagnosis:
        fit = [fits(verdict, graphs[id(verdict)], bug, ops) for verdict in told]
        explained = [v for v, fitted in zip(told, fit, strict=True) if fitted and not v.ok]
        return Diagnosis(bug, ops, tuple(explained), len(wrong), fit.count(False))

    found = [
        diagnosis(bug, ops)
        for bug, ops in candidates(first.task)
        if fits(first, graphs[id(first)], bug, ops)
        and not any(
            fits(verdict, graphs[id(verdict)], bug, ops) is False
            for verdict in alone
            if ops_of(verdict.task)[0] in (ops or ops_of(first.task))
        )
    ]
    found.sort(key=rank)
    equal = [one for one in found if rank(one) == rank(found[0])]
    best = list({one.name: one for one in reversed(equal)}.values())[::-1][:MOST_NAMED]
    every = dict.fromkeys(op for one in wrong for op in ops_of(one.task))
    return [widened(one, diagnosis, every) if one.ops else one for one in best]


def rank(one: Diagnosis) -> tuple:
    """The likeliest diagnosis has the least rank."""
    # Who forgets a minus in one operation rather forgot that than the upstream gradient.
    unlikely = bool(one.ops) and one.bug.name in GENERAL
    return one.against, -len(one.explained), len(one.ops), unlikely


def widened(
    one: Diagnosis, diagnosis: Callable[[Bug, tuple[Op, ...]], Diagnosis], every: Iterable[Op]
) -> Diagnosis:
    """The same mistake at more operations, for as long as one more explains more."""
    while one.against:
        wider = [diagnosis(one.bug, (*one.ops, op)) for op in every if op not in one.ops]
        better = min(wider, key=rank, default=one)
        if rank(better) >= rank(one):
            break
        one = better
    return one


def candidates(task: Task) -> Iterator[tuple[Bug, tuple[Op, ...]]]:
    """Every mistake, made everywhere, and those about edges at one operation of the graph only."""
    yield FORGETS, ()
    for bug in (*(BUGS | {"leftovers": LEFTOVERS}).values(), *ORDERS, NOTHING_FLOWS):
        if bug.name not in NEVER_HERE:
            if bug is not NOTHING_FLOWS:  # from no operation at all: every gradient is 0
                yield bug, ()
            if bug.by_edge:
                yield from ((bug, (op,)) for op in ops_of(task))


def is_alone(task: Task) -> bool:
    """Whether a graph is one operation on different values, swept once."""
    is_one = sum(not is_leaf(node) for node in task.nodes) == 1
    return is_one and task.sweeps == "once" and len(set(task.y.parents)) == len(task.y.parents)


def ops_of(task: Task) -> list[Op]:
    return list(dict.fromkeys(node.op for node in task.nodes if node.op is not None))


def graphs_of(y: Value) -> list[Graph]:
    """The graph in the orders that engines walk it in: that in which the nodes were made, and those
    of depth-first sorts. Which flow comes last, and overwrites the others, depends on it."""
    graphs = [Graph(y), Graph(y), Graph(y)]
    graphs[1].order = depth_first_sort(y, -1)
    graphs[2].order = depth_first_sort(y, 1)
    return graphs


def depth_first_sort(y: Value, direction: int) -> list[Value]:
    """A topological order: each node right after the last of its parents, the first of which comes
    first where the `direction` is -1, and last where it is 1."""
    order: dict[Value, None] = {}
    waiting = [(y, False)]
    while waiting:
        node, parents_are_done = waiting.pop()
        if parents_are_done:
            order.setdefault(node)
        elif node not in order:
            waiting.append((node, True))
            waiting += [(parent, False) for parent in node.parents[::direction]]
    return list(order)


def fits(verdict: Verdict, graphs: Sequence[Graph], bug: Bug, ops: tuple[Op, ...]) -> bool | None:
    """Whether an engine with this mistake finds these gradients; None where that is not known."""
    several = graphs if bug.name == "overwrite" else graphs[:1]
    found = [one for graph in several for one in predicted(verdict.task, graph, bug, ops)]
    if not found:
        return None
    compared = [
        (node, x)
        for node, x in zip(verdict.task.nodes, verdict.grads, strict=True)
        if is_leaf(node) or verdict.keeps_all
    ]
    if any(all(same(x, one[node]) for node, x in compared) for one in found):
        return True
    # what the first pass left in computed values may flow once more, which is another mistake
    return None if bug.by_edge and verdict.task.sweeps == "again" else False


def predicted(task: Task, graph: Graph, bug: Bug, ops: tuple[Op, ...]) -> list[Gradients]:
    """The gradients that engines with this mistake may find; none where these are not known."""

    def applies(edge: Edge) -> bool:
        return edge.node.op in ops

    made = applies if ops else everywhere
    if bug is FORGETS:
        return [graph.right]
    try:
        wrong = bug.run(graph, made)
    except NotRun:
        return []
    if bug.name in LATER:
        return [later(task, graph, bug, wrong)]
    if task.sweeps in ("once", "reset"):
        return [wrong]
    if bug.by_edge:
        flow, overwrites = bug.flow or right_flow, bug.name == "overwrite"
        # a reset and a second pass give the same again
        start = {x: wrong[x] for x in graph.leaves} if task.sweeps == "rebuilt" else {}
        return [swept(graph, flow, made, overwrites, start)]
    return [twice(wrong)] if task.sweeps == "rebuilt" else []


def later(task: Task, graph: Graph, bug: Bug, wrong: Gradients) -> Gradients:
    """What a mistake about a second pass gives."""
    if task.sweeps == "rebuilt":
        return twice(graph.right)
    is_seen = task.sweeps == "again" or (task.sweeps == "reset" and bug.name != "leftovers")
    return wrong if is_seen else graph.right


def twice(once: Gradients) -> Gradients:
    """What two passes give that add up in the leaves."""
    return {node: x * (2 if is_leaf(node) else 1) for node, x in once.items()}
