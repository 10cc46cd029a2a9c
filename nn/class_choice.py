"""One graph for all classes, made from the graph of each: where they differ, the class chooses."""

from collections.abc import Sequence
from typing import Any

from autograd.backprop import topological_order
from autograd.errors import unchecked
from autograd.ops import where
from autograd.value import Value

__all__ = ["chosen_by_class", "reach_the_same"]

End = Value | str  # a plain number is its text here: 0.0 and -0.0 are equal
Ends = tuple[End, ...]


def chosen_by_class(
    target: Value, classes: Sequence[int], losses: Sequence[Value], since: int
) -> Value:
    """The loss of the class that `target` is, out of the losses of all classes, as one graph.

    `classes` are in ascending order, and so are the `losses`. What is older than the serial `since`
    they have in common. What they do alike is done once, on operands that the class chooses: of
    −log p with the p of every class, one logarithm is left. Only what all of them compute anyway,
    such as every p, is chosen as it is. What is not chosen has no influence, whatever it comes to.

    >>> from autograd.ops import log
    >>> p, q, target = Value(0.25, "p"), Value(0.75, "q"), Value(1.0, "target")
    >>> y = chosen_by_class(target, [0, 1], [-log(p), -log(q)], target.serial)
    >>> y.op.name, y.parents[0].op.name, y.parents[0].parents[0].op.name
    ('negative', 'log', 'where')
    """
    graph = _Graph(losses, since)
    made: dict[Ends, Any] = {}
    waiting: list[Ends] = [tuple(map(graph.equal, losses))]
    most = 2 * len(graph.first)  # pairs of parts could be many more than parts
    while waiting:
        ends = waiting[-1]
        operands = graph.operands(ends) if len(made) < most else None
        missing = [x for x in operands or () if x not in made]
        if missing and ends not in made:
            waiting += missing
            continue
        if ends not in made:
            with unchecked():
                made[ends] = (
                    _chosen(target, classes, ends)
                    if operands is None
                    else ends[0].op(*[made[x] for x in operands])  # type: ignore[union-attr, misc]
                )
        waiting.pop()
    return made[ends]  # type: ignore[no-any-return]


def _chosen(target: Value, classes: Sequence[int], ends: Ends) -> Any:
    """One of them, by the class."""
    numbers = [float(end) if isinstance(end, str) else end for end in ends]
    chosen = numbers[0]
    for k in range(1, len(ends)):
        if ends[k] != ends[k - 1]:
            chosen = where(target > classes[k - 1], numbers[k], chosen)
    return chosen


def reach_the_same(losses: Sequence[Value], since: int) -> bool:
    """Whether all of them were made from the same leaves, but for those younger than `since`."""
    if len({frozenset(_walked([loss], since)[1]) for loss in losses}) == 1:
        return True
    leaves = [[x for x in topological_order(loss) if x.op is None] for loss in losses]
    return len({frozenset([x for x in one if x.serial <= since]) for one in leaves}) == 1


def _walked(ends: Sequence[Value], since: int) -> tuple[set[Value], set[Value]]:
    """The nodes younger than `since` that the ends were made from, and those older that these were
    made from."""
    young: set[Value] = set()
    old: set[Value] = set()
    waiting = list(ends)
    while waiting:
        node = waiting.pop()
        if node.serial <= since:
            old.add(node)
        elif node not in young:
            young.add(node)
            waiting += node.parents
    return young, old


class _Graph:
    """What is younger than `since` of the graphs of some ends. `first` has, for each of its nodes,
    the first that is equal: the same operation on equal operands, or a leaf of the same number.
    `anyway` are those that all ends need."""

    def __init__(self, ends: Sequence[Value], since: int) -> None:
        self.first: dict[Value, Value] = {}
        known: dict[tuple, Value] = {}
        for node in sorted(_walked(ends, since)[0], key=lambda node: node.serial):
            key = (node.op, *map(self.equal, node.args)) if node.op else (repr(node.data),)
            self.first[node] = known.setdefault(key, node)
        needed = [{self.first[node] for node in _walked([end], since)[0]} for end in ends]
        self.anyway = set.intersection(*needed)

    def equal(self, x: Value | float) -> End:
        return self.first.get(x, x) if isinstance(x, Value) else repr(x)

    def operands(self, ends: Ends) -> list[Ends] | None:
        """What the operation that all of these are is done on; None where they are not, or are all
        there anyway."""
        nodes = [end for end in ends if isinstance(end, Value) and end in self.first]
        if len(nodes) < len(ends) or len({(x.op, len(x.args)) for x in nodes}) > 1:
            return None
        if nodes[0].op is None or len(set(nodes)) == 1 or self.anyway.issuperset(nodes):
            return None
        return list(zip(*[map(self.equal, node.args) for node in nodes], strict=True))
