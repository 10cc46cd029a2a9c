"""The edges between a result and one of the values that it was made from, and the paths that they
form, counted without being listed."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from autograd.backprop import chain_rule, topological_order
from autograd.teaching.steps import not_taken
from autograd.value import Value


@dataclass(frozen=True, eq=False)
class Link:
    """An edge from `node` to its parent number `position`, with its local derivative `slope`, None
    where that does not exist and nothing flows. Of the sweep from the result, `flow` went back
    along it, and `so_far` had arrived at `parent` then."""

    node: Value
    position: int
    parent: Value
    slope: float | None
    flow: float
    so_far: float

    @property
    def is_one(self) -> bool:
        """Whether the local derivative is exactly 1, so that nothing need be multiplied."""
        return self.slope == 1

    @property
    def factor(self) -> float:
        """What a product along a path is multiplied by here: 0 where nothing can flow."""
        return 0.0 if self.slope is None else self.slope


def links_between(y: Value, xs: Collection[Value], order: Sequence[Value]) -> list[Link]:
    """All edges on the way from y back to any of `xs`, in the order of the sweep, without branches
    that a choice did not take; `order` is the topological order of y."""
    idle = not_taken(order)
    walked = [Link(*edge) for edge in chain_rule(y, wanted=xs)]
    leading, links = set(xs), []  # without what leads on only through a branch not taken
    for link in reversed(walked):
        if link.parent in leading and (link.node, link.position) not in idle:
            leading.add(link.node)
            links.append(link)
    return links[::-1]


class Routes:
    """All edges on the way from `y` back to `x`, in the order of the sweep. Branches that a choice
    did not take are left out, since nothing flows there.

    `links` are the edges, `below` those that lead on from a node, and `gradient` is ∂y/∂x. Raises
    what the sweep raises.
    """

    def __init__(self, y: Value, x: Value) -> None:
        self.y, self.x = y, x
        self.order = topological_order(y)
        self.links = links_between(y, [x], self.order)
        self.is_connected = x in set(self.order)
        # The last edge of the sweep leads to x: what has arrived there then is complete.
        self.gradient = self.links[-1].so_far if self.links else float(x is y)
        self.below: dict[Value, list[Link]] = defaultdict(list)
        for link in self.links:
            self.below[link.node].append(link)

    @property
    def count(self) -> int:
        """How many paths there are, found by adding up from edge to edge."""
        numbers: dict[Value, int] = defaultdict(int, {self.y: 1})
        for link in self.links:
            numbers[link.parent] += numbers[link.node]
        return numbers[self.x]

    @property
    def total_length(self) -> int:
        """How many edges all paths have together, those that several paths share counted for each
        of them."""
        numbers: dict[Value, int] = defaultdict(int, {self.y: 1})
        lengths: dict[Value, int] = defaultdict(int)
        for link in self.links:
            numbers[link.parent] += numbers[link.node]
            lengths[link.parent] += lengths[link.node] + numbers[link.node]
        return lengths[self.x]

    @property
    def multiplications(self) -> int:
        """How many multiplications it takes to multiply along every path by itself. Factors of 1,
        which every sum has, are not counted."""
        # per node: paths so far that have a factor already, paths that have none, multiplications
        started: dict[Value, int] = defaultdict(int)
        plain: dict[Value, int] = defaultdict(int, {self.y: 1})
        work: dict[Value, int] = defaultdict(int)
        for link in self.links:
            above, below = link.node, link.parent
            work[below] += work[above]
            if link.is_one:
                started[below] += started[above]
                plain[below] += plain[above]
            else:
                started[below] += started[above] + plain[above]
                work[below] += started[above]
        return work[self.x]

    def paths(self) -> Iterator[tuple[Link, ...]]:
        """Every path, as its edges from y on. There may be very many."""
        waiting: list[tuple[Value, tuple[Link, ...]]] = [(self.y, ())]
        while waiting:
            node, path = waiting.pop()
            if node is self.x:
                yield path
                continue
            for link in reversed(self.below[node]):
                waiting.append((link.parent, (*path, link)))
