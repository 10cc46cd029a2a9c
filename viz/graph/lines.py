"""A graph cut into lines, as a text is: where, so that it fills its page."""

from collections import defaultdict
from typing import NamedTuple

from viz.graph.model import Edge, Graph, Node
from viz.graph.ranks import source
from viz.graph.sizes import CARD, Sizes

BETWEEN = 44.0  # lines
CHANNEL = 70.0  # between columns, where the curves are
MOST_RANKS = 24  # in one line
WIDTHS = 60  # that are tried

LARGE_ENOUGH = 0.85  # beyond this scale more is worth little: a neuron stays one line
WRAPPED, EACH_LINE, EACH_CUT = 0.94, 0.004, 0.004  # what cutting costs


class Line(NamedTuple):
    """The ranks from `start`, and before `stop`."""

    start: int
    stop: int


class Room(NamedTuple):
    """What a line needs at most."""

    width: float
    height: float


class Cuts(NamedTuple):
    """The lines of a picture, and the scale at which they fill their page."""

    scale: float
    lines: list[Line]


def cut(graph: Graph, ranks: int, sizes: Sizes, width: float, height: float) -> Cuts:
    """The cuts with the largest scale on a page of that size.

    For some of all widths, the least height is found by dynamic programming over the ranks.
    """
    rooms = rooms_of(graph, ranks, sizes)
    first = min((node.rank for node in graph.nodes if not node.is_leaf), default=0)
    cutting = edges_cut(graph, ranks)
    best: tuple[float, Cuts] | None = None
    for limit in widths_to_try(rooms, first, ranks):
        lines, tall = lowest(rooms, first, ranks, limit)
        if not lines:
            continue
        scale = min(width / limit, height / tall)
        worth = min(scale, LARGE_ENOUGH) + 0.2 * max(0.0, min(scale, 2.0) - LARGE_ENOUGH)
        worth *= 1 - EACH_CUT * sum(cutting[line.start] for line in lines[1:])
        if len(lines) > 1:
            worth *= WRAPPED - EACH_LINE * len(lines)
        if best is None or worth > best[0]:
            best = worth, Cuts(scale, lines)
    assert best is not None
    return best[1]


def cut_for_slides(
    graph: Graph, ranks: int, sizes: Sizes, width: float, height: float, scale: float
) -> tuple[Cuts, int] | None:
    """Cuts into lines that fit a page each at that scale, and how many pages they fill; None where
    a column alone is too high for that."""
    rooms = rooms_of(graph, ranks, sizes)
    first = min((node.rank for node in graph.nodes if not node.is_leaf), default=0)
    tallest = height / scale
    fitting = {line: room for line, room in rooms.items() if room.height <= tallest}
    lines, _ = lowest(fitting, first, ranks, width / scale)
    if not lines:
        return None
    pages, filled = 1, 0.0
    for line in lines:
        if filled and filled + BETWEEN + rooms[line].height > tallest:
            pages, filled = pages + 1, 0.0
        filled += rooms[line].height + (BETWEEN if filled else 0.0)
    return Cuts(scale, lines), pages


def rooms_of(graph: Graph, ranks: int, sizes: Sizes) -> dict[Line, Room]:
    """What every line that can be needs; a little more than it will turn out to be."""
    cards, labels, before = ([0.0] * (ranks + 1) for _ in range(3))
    operations: dict[int, list[Node]] = defaultdict(list)
    leaves: dict[int, list[Node]] = defaultdict(list)
    uses: dict[int, list[Edge]] = defaultdict(list)
    for node in graph.nodes:
        if node.is_leaf:
            leaves[node.use].append(node)
        else:
            operations[node.rank].append(node)
        cards[node.rank] = max(cards[node.rank], sizes.card(node))
        before[node.rank] = max(before[node.rank], sizes.before(node))
    for edge in graph.edges:
        uses[edge.head.rank].append(edge)
        behind = edge.head.rank - 1
        if source(edge, -1)[0] == "ghost":
            cards[behind] = max(cards[behind], sizes.ghost(edge.tail))
        for column in {edge.tail.rank, behind}:
            labels[column] = max(labels[column], sizes.label(edge))
    steps = [cards[c] + labels[c] + before[c + 1] + CHANNEL for c in range(ranks)]
    rooms = {}
    first = min((node.rank for node in graph.nodes if not node.is_leaf), default=0)
    for start in range(first, ranks):
        columns = Columns(sizes)
        for rank in range(start, min(ranks, start + MOST_RANKS)):
            for node in operations[rank]:
                columns.add(node, "card", node, rank, 0)
            for node in leaves[rank]:
                columns.add(node, "card", node, node.rank, 0)
            for edge in uses[rank]:
                kind, at = source(edge, start)
                key = edge.tail if kind == "card" else (edge.tail, rank)
                columns.add(key, kind, edge.tail, at, 1)
                for passed in range(at + 1, rank):
                    columns.heights[passed] += sizes.lane
            left = min(columns.heights, default=start)
            width = sum(steps[left:rank]) + cards[rank] + before[left] + 20
            rooms[Line(start, rank + 1)] = Room(width, max(columns.heights.values(), default=CARD))
    return rooms


class Columns:
    """How high the columns of a line are, while it grows."""

    def __init__(self, sizes: Sizes) -> None:
        self.sizes = sizes
        self.heights: dict[int, float] = defaultdict(float)
        self.rows: dict[object, int] = {}

    def add(self, key: object, kind: str, node: Node, column: int, rows: int) -> None:
        """A card that may be there already, with so many lines more that begin at it."""
        old = self.rows.get(key)
        self.rows[key] = new = (old or 0) + rows
        if old is not None:
            self.heights[column] -= self.sizes.height(node, kind, old)
        self.heights[column] += self.sizes.height(node, kind, new)


def edges_cut(graph: Graph, ranks: int) -> list[int]:
    """How many edges are torn by a line that begins at a rank."""
    torn = [0] * (ranks + 1)
    for edge in graph.edges:
        begin = edge.tail.use if edge.tail.is_leaf else edge.tail.rank
        for rank in range(begin + 1, edge.head.rank + 1):
            torn[rank] += 1
    return torn


def widths_to_try(rooms: dict[Line, Room], first: int, ranks: int) -> list[float]:
    narrowest = [
        min(
            rooms[Line(start, stop)].width for start in range(first, stop) if (start, stop) in rooms
        )
        for stop in range(first + 1, ranks + 1)
    ]
    widths = sorted({room.width for room in rooms.values()})
    widths = [width for width in widths if width >= max(narrowest, default=0.0)]
    return sorted({*widths[:: max(1, len(widths) // WIDTHS)], widths[-1]})


def lowest(
    rooms: dict[Line, Room], first: int, ranks: int, limit: float
) -> tuple[list[Line], float]:
    """The lines no wider than a limit that are the least high together, and how high they are."""
    costs, begins = {first: 0.0}, {}
    for stop in range(first + 1, ranks + 1):
        for start in range(max(first, stop - MOST_RANKS), stop):
            room = rooms.get(Line(start, stop))
            if start in costs and room and room.width <= limit:
                cost = costs[start] + room.height + (BETWEEN if start > first else 0)
                if cost < costs.get(stop, float("inf")):
                    costs[stop], begins[stop] = cost, start
    lines, stop = [], ranks
    if ranks not in costs:
        return [], 0.0
    while stop > first:
        lines.append(Line(begins[stop], stop))
        stop = begins[stop]
    return lines[::-1], costs[ranks]
