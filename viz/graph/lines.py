"""A graph cut into lines, as a text is: where, so that it fills its page."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from viz.graph.model import Edge, Graph, Node
from viz.graph.ranks import halved, source
from viz.graph.sizes import CARD, Sizes

BETWEEN = 44.0  # lines
CHANNEL = 70.0  # between columns, where the curves are
MOST_RANKS = 24  # in one line
WIDTHS = 60  # that are tried
HALVINGS = 5  # of columns that are too high for a page

# Beyond this scale on a page of that width more is worth little: a neuron stays one line.
LARGE_ENOUGH, WIDE = 0.85, 1900.0
WRAPPED, EACH_LINE, EACH_CUT = 0.9, 0.004, 0.004  # what cutting costs


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


def cut(
    graph: Graph, ranks: int, sizes: Sizes, width: float, height: float, least: float = 0.0
) -> Cuts:
    """The cuts with the largest scale on a page of that size. Lines that do not fit it at the least
    scale that is wanted are left out, unless they are of one column.

    For some of all widths, the least height is found by dynamic programming over the ranks.
    """
    rooms = rooms_of(graph, ranks, sizes, width / least if least else float("inf"))
    first = min((node.rank for node in graph.nodes if not node.is_leaf), default=0)
    cutting = edges_cut(graph, ranks)
    ending = by_end(rooms, ranks)
    enough = LARGE_ENOUGH * min(1.0, width / WIDE)
    best: tuple[float, Cuts] | None = None
    for limit in widths_to_try(rooms, first, ranks):
        lines, tall = lowest(ending, first, limit)
        if not lines:
            continue
        scale = min(width / limit, height / tall)
        worth = min(scale, enough) + 0.2 * max(0.0, min(scale, 2.0) - enough)
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
    """Cuts into lines that fit a page each at that scale, and how many pages they fill. Columns
    that are too high for that are halved; None where they still are."""
    tallest = height / scale
    for _ in range(HALVINGS):
        alone = rooms_of(graph, ranks, sizes, widest=0.0)
        high = sorted(line.start for line, room in alone.items() if room.height > tallest)
        for rank in reversed(high):
            ranks = halved(graph, rank)
        if not high:
            break
    rooms = rooms_of(graph, ranks, sizes, width / scale)
    first = min((node.rank for node in graph.nodes if not node.is_leaf), default=0)
    fitting = {line: room for line, room in rooms.items() if room.height <= tallest}
    lines, _ = lowest(by_end(fitting, ranks), first, width / scale)
    if not lines:
        return None
    pages, filled = 1, 0.0
    for line in lines:
        if filled and filled + BETWEEN + rooms[line].height > tallest:
            pages, filled = pages + 1, 0.0
        filled += rooms[line].height + (BETWEEN if filled else 0.0)
    return Cuts(scale, lines), pages


def rooms_of(graph: Graph, ranks: int, sizes: Sizes, widest: float) -> dict[Line, Room]:
    """What every line needs that is no wider than that, or has one column; a little more than it
    will turn out to be."""
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
            if width > widest and rank > start:
                break
            rooms[Line(start, rank + 1)] = Room(width, max(columns.heights.values(), default=CARD))
    return rooms


class Columns:
    """How high the columns of a line are, while it grows."""

    def __init__(self, sizes: Sizes) -> None:
        self.sizes = sizes
        self.heights: dict[int, float] = defaultdict(float)
        self.cards: dict[object, tuple[int, float]] = {}  # the lines that begin there, its height

    def add(self, key: object, kind: str, node: Node, column: int, rows: int) -> None:
        """A card that may be there already, with so many lines more that begin at it."""
        before, height = self.cards.get(key, (0, 0.0))
        new = self.sizes.height(node, kind, before + rows)
        self.cards[key] = before + rows, new
        self.heights[column] += new - height


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


def by_end(rooms: Mapping[Line, Room], ranks: int) -> list[list[tuple[int, Room]]]:
    """For every rank, the lines that end before it: where they begin, and what they need."""
    found: list[list[tuple[int, Room]]] = [[] for _ in range(ranks + 1)]
    for (start, stop), room in rooms.items():
        found[stop].append((start, room))
    return found


def lowest(
    ending: Sequence[Sequence[tuple[int, Room]]], first: int, limit: float
) -> tuple[list[Line], float]:
    """The lines no wider than a limit that are the least high together, and how high they are; none
    where some rank fits no line."""
    never = float("inf")
    costs, begins = [never] * len(ending), [0] * len(ending)
    costs[first] = -BETWEEN
    for stop in range(first + 1, len(ending)):
        for start, (width, height) in ending[stop]:
            if width <= limit and costs[start] + BETWEEN + height < costs[stop]:
                costs[stop], begins[stop] = costs[start] + BETWEEN + height, start
    stop = len(ending) - 1
    if costs[stop] == never:
        return [], 0.0
    lines, tall = [], costs[stop]
    while stop > first:
        lines.append(Line(begins[stop], stop))
        stop = begins[stop]
    return lines[::-1], tall
