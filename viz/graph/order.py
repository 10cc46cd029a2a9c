"""The order of what stands in a column, so that few lines cross, and at which heights it stands."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from viz.graph.lines import Line
from viz.graph.model import Edge, Graph, Node
from viz.graph.ranks import source
from viz.graph.sizes import Sizes

SWEEPS, IDLE_SWEEPS, SWAPS, RELAXED = 24, 6, 4, 20

# How strongly an item is drawn to its neighbours: lanes are straight, and the way from operation to
# operation is straighter than that from a leaf.
LANE_PULL, LEAF_PULL, PULL = 6.0, 1.0, 3.0


@dataclass(eq=False, slots=True)
class Item:
    """What stands in a column: a "card", one that stands `again` at the beginning of a line, a
    small "ghost" of one, or the "lane" in which a line passes."""

    kind: str
    node: Node
    ins: list["Wire"] = field(default_factory=list)
    outs: list["Wire"] = field(default_factory=list)
    at: int = 0  # its place in the column
    y: float = 0.0  # its middle
    height: float = 0.0


@dataclass(eq=False, slots=True)
class Wire:
    """A piece of an edge, from one column to the next. `into` is where it arrives, as a share of
    the height of what it leads to: arguments arrive in their order."""

    tail: Item
    head: Item
    edge: Edge
    into: float = 0.0

    @property
    def pull(self) -> float:
        if self.tail.kind == self.head.kind == "lane":
            return LANE_PULL
        return LEAF_PULL if self.tail.kind == "ghost" or self.tail.node.is_leaf else PULL


def columns(graph: Graph, line: Line, order: Mapping[Node, float]) -> list[list[Item]]:
    """The items of a line, column by column, in the order in which their nodes come in `order`."""
    found: dict[object, Item] = {}
    at: dict[int, list[Item]] = {}

    def put(key: object, kind: str, node: Node, column: int) -> Item:
        if key not in found:
            found[key] = Item(kind, node)
            at.setdefault(column, []).append(found[key])
        return found[key]

    for node in graph.nodes:
        place = node.use if node.is_leaf else node.rank
        if line.start <= place < line.stop or len(graph.nodes) == 1:
            put(node, "card", node, node.rank)
    for edge in graph.edges:
        rank = edge.head.rank
        if not line.start <= rank < line.stop:
            continue
        kind, column = source(edge, line.start)
        item = put(edge.tail if kind == "card" else (edge.tail, rank), kind, edge.tail, column)
        for passed in range(column + 1, rank):
            lane = put((edge, passed), "lane", edge.tail, passed)
            connect(item, lane, edge)
            item = lane
        connect(item, found[edge.head], edge)

    def place_of(item: Item) -> float:
        if item.kind == "card":
            return order[item.node]
        use = min(order[wire.edge.head] for wire in item.outs)
        return use - 0.5 + 0.001 * order[item.node] / len(order)

    for items in at.values():
        items.sort(key=place_of)
    return [at[column] for column in sorted(at)]


def connect(tail: Item, head: Item, edge: Edge) -> None:
    wire = Wire(tail, head, edge)
    tail.outs.append(wire)
    head.ins.append(wire)


def depth_first(graph: Graph) -> dict[Node, float]:
    """The order of a walk from the result, arguments in their order: trees do not cross."""
    order: dict[Node, float] = {}
    waiting = [graph.result]
    while waiting:
        node = waiting.pop()
        if node not in order:
            order[node] = len(order)
            waiting += [edge.tail for edge in reversed(node.ins)]
    return order


def beginnings(graph: Graph) -> list[dict[Node, float]]:
    """Orders to begin with, since improving one does not lead far from it."""
    if len(graph.edges) > 250:
        return [depth_first(graph)]
    recorded = {node: float(at) for at, node in enumerate(graph.nodes)}
    backwards = {node: -float(at) for at, node in enumerate(graph.nodes)}
    return [depth_first(graph), recorded, backwards]


# Crossings


def number(items: Sequence[Item]) -> None:
    for at, item in enumerate(items):
        item.at = at


def arrange(cols: list[list[Item]]) -> int:
    """Reorder the columns by barycentres and by exchanging neighbours, keep the best order that is
    met, and return how many lines cross in it."""
    for items in cols:
        number(items)
        for item in items:
            item.ins.sort(key=lambda wire: wire.edge.place)
            for place, wire in enumerate(item.ins, 1):
                wire.into = place / (len(item.ins) + 1)
    best, kept, idle = crossings(cols), [items[:] for items in cols], 0
    for sweep in range(SWEEPS):
        if not best or idle > IDLE_SWEEPS:
            break
        forward = sweep % 2 == 0
        for items in cols if forward else cols[::-1]:
            middles = {item: barycentre(item, forward) for item in items}
            items.sort(key=middles.__getitem__)
            number(items)
        for _ in range(SWAPS):
            if not any([exchange(items) for items in cols]):
                break
        idle += 1
        if (now := crossings(cols)) < best:
            best, kept, idle = now, [items[:] for items in cols], 0
    for items, those in zip(cols, kept, strict=True):
        items[:] = those
        number(items)
    return best


def barycentre(item: Item, forward: bool) -> float:
    """The mean place of what it is connected with in the column before, or in the one behind."""
    if forward:
        places = [float(wire.tail.at) for wire in item.ins]
    else:
        places = [wire.head.at + wire.into for wire in item.outs]
    return sum(places) / len(places) if places else float(item.at)


def crossings(cols: Sequence[Sequence[Item]]) -> int:
    count = 0
    for items in cols:
        seen: list[float] = []
        ends = sorted((item.at, wire.head.at + wire.into) for item in items for wire in item.outs)
        for _, end in ends:
            place = bisect_right(seen, end)
            count += len(seen) - place
            seen.insert(place, end)
    return count


def crossings_of(upper: Item, lower: Item) -> int:
    """How many lines of two items cross, if they stand in this order."""
    before = sum(a.tail.at > b.tail.at for a in upper.ins for b in lower.ins)
    return before + sum(
        a.head.at + a.into > b.head.at + b.into for a in upper.outs for b in lower.outs
    )


def exchange(items: list[Item]) -> bool:
    """Exchange neighbours where fewer lines cross then. Returns whether there were any."""
    moved = False
    for at in range(len(items) - 1):
        upper, lower = items[at], items[at + 1]
        if crossings_of(upper, lower) > crossings_of(lower, upper):
            items[at], items[at + 1] = lower, upper
            lower.at, upper.at, moved = at, at + 1, True
    return moved


# Heights


def place(cols: Sequence[Sequence[Item]], sizes: Sizes) -> float:
    """Set every item's height and the place of its middle: as near to its neighbours as its column
    allows, by least squares in the given order. Returns how high the line is."""
    for items in cols:
        for item in items:
            item.height = (
                sizes.lane
                if item.kind == "lane"
                else sizes.height(item.node, item.kind, len(item.outs))
            )
    room = max(sum(item.height for item in items) for items in cols)
    for items in cols:
        top = (room - sum(item.height for item in items)) / 2
        for item in items:
            item.y = top + item.height / 2
            top += item.height
    for sweep in range(RELAXED):
        for items in cols if sweep % 2 == 0 else cols[::-1]:
            relax(items, room)
    return room


def relax(items: Sequence[Item], room: float) -> None:
    """Move the items of a column to where they are drawn, without overlaps: those that would are
    pooled, and move together (the pool-adjacent-violators algorithm of isotonic regression)."""
    pools: list[tuple[float, float, int]] = []  # where to, how strongly, how many
    top = 0.0
    for item in items:
        pulls = [(wire.tail.y, wire.pull) for wire in item.ins]
        pulls += [(wire.head.y, wire.pull) for wire in item.outs]
        strength = sum(pull for _, pull in pulls) or 0.01
        wanted = sum(y * pull for y, pull in pulls) / strength if pulls else item.y
        pools.append((wanted - top - item.height / 2, strength, 1))
        top += item.height
        while len(pools) > 1 and pools[-2][0] > pools[-1][0]:
            last, many, count = pools.pop()
            before, strength, others = pools.pop()
            both = strength + many
            pools.append(((before * strength + last * many) / both, both, others + count))
    spare, top = room - top, 0.0
    moves = [min(max(move, 0.0), spare) for move, _, count in pools for _ in range(count)]
    for item, move in zip(items, moves, strict=True):
        item.y = move + top + item.height / 2
        top += item.height
