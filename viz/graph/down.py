"""The marks of a picture that grows down: cards keep their shape, and tags stand under them, side
by side. What is along in `marks` is down here, and what is across is to the right."""

from collections.abc import Iterator
from functools import partial

from viz.graph import marks
from viz.graph.marks import Column, Part, chip, elsewhere, flow_text, has_others, others, triangles
from viz.graph.model import Edge, Node
from viz.graph.order import Item, Wire
from viz.graph.sizes import ARROW, CARD, GAP, LABEL, QUIET_ROW, ROW, TAG, Sizes
from viz.render.scene import Group, Mark, Pen

ABOVE, ABOVE_CARD = 48.0, 42.0  # the room of a badge, and its height
UNDER = 7.0  # between a card and the points of its tags
TAG_STEP, CHIP_STEP = 34.0, 32.0
GHOST_GAP = 14.0


class Tall(Sizes):
    """The sizes of a graph that grows down: columns are rows."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self._steps: dict[Node, float] = {}  # a card of a hundred uses is asked a hundred times

    def turned(self, width: float, height: float) -> tuple[float, float]:
        return height, width

    def wide(self, node: Node) -> float:
        """How wide a card is."""
        return max(super().card(node), super().badge(node))

    def card(self, node: Node) -> float:
        return ROW if self.has_one_row(node) else CARD

    def ghost(self, node: Node) -> float:
        return ROW

    def before(self, node: Node) -> float:
        return ABOVE if node.badge else 0.0

    def label(self, edge: Edge) -> float:
        if not self.has_tags:
            return 10.0
        return 8 + TAG_STEP * (self.flow(edge) is not None) + TAG_STEP * bool(self.chip_text(edge))

    def label_of_others(self, flow: float | None) -> float:
        return 8 + 2 * TAG_STEP

    def step(self, node: Node) -> float:
        """Between the lines that begin at a card."""
        if not self.has_tags:
            return QUIET_ROW
        if node not in self._steps:
            labels = [max(self.tag(self.flow(edge)), self.chip(edge)) for edge in node.outs]
            self._steps[node] = 8 + max([*labels, 40.0])
        return self._steps[node]

    def height(self, node: Node, kind: str, rows: int) -> float:
        rows = max(1, rows + self.has_row_for_others(node, kind, rows))
        wide = super().ghost(node) if kind == "ghost" else self.wide(node)
        return max(wide, rows * self.step(node)) + self.margin(node, kind)

    def margin(self, node: Node, kind: str) -> float:
        return GHOST_GAP if kind == "ghost" else GAP


def groups(part: Part, largest: float, sizes: Sizes, pen: Pen) -> Iterator[Group]:
    """What is drawn of a line, in a graph with that largest flow; what lies lower comes first."""
    assert isinstance(sizes, Tall)
    cards = [group for column in part.columns for group in cards_of(part, column, sizes, pen)]
    yield from marks.stacked(part, cards, partial(line, largest=largest, sizes=sizes, pen=pen))


def cards_of(part: Part, column: Column, sizes: Tall, pen: Pen) -> Iterator[Group]:
    top = column.x
    for item in column.items:
        node, x = item.node, part.top + item.y
        item.outs.sort(key=lambda wire: (wire.head.y, wire.into))
        if item.kind == "lane":
            for wire in item.outs:
                part.ports[wire] = x, top + column.card + column.label
            for wire in item.ins:
                part.entries[wire] = x, top - 6, top - 6
            continue
        wide = item.height - sizes.margin(node, item.kind)
        high = sizes.ghost(node) if item.kind == "ghost" else sizes.card(node)
        yield marks.card(node, item.kind, x - wide / 2, top, wide, high, sizes, pen)
        if node.badge and item.kind == "card":
            yield badge(node, x, top, sizes, pen)
        yield from labels(part, item, x, top + high, sizes, pen)
        entries(part, item, x, top, wide, sizes)


def badge(node: Node, x: float, top: float, sizes: Tall, pen: Pen) -> Group:
    wide = Sizes.badge(sizes, node)
    left, upper = x - wide / 2, top - ABOVE_CARD - 4
    text = sizes.badge_text(node)
    shape = pen.box(left, upper, wide, ABOVE_CARD, ABOVE_CARD / 2)
    group = (
        pen.shape(shape, "background", "line", marks.FRAME),
        pen.text(x, upper + 30, text, TAG, anchor="middle"),
    )
    return Group("badge", node.id, group, area=pen.area(left, upper, wide, ABOVE_CARD))


def labels(
    part: Part, item: Item, x: float, bottom: float, sizes: Tall, pen: Pen
) -> Iterator[Group]:
    """The tags under a card, each with its chip under it."""
    wires: list[Wire | None] = [*item.outs]
    if has_others(item, sizes):
        wires.append(None)
    step = sizes.step(item.node)
    for at, wire in enumerate(wires):
        middle, y = x + (at - (len(wires) - 1) / 2) * step, bottom + UNDER
        if not sizes.has_tags:
            if wire:
                part.ports[wire] = middle, bottom
            continue
        flow = sizes.flow(wire.edge) if wire else others(item)
        text = sizes.chip_text(wire.edge) if wire else "↓"
        dash = () if wire else marks.OTHERS_DASH
        edges = [wire.edge] if wire else elsewhere(item)
        edge = " ".join(one.id for one in edges)
        if flow is not None:
            sentence = wire.edge.sentence if wire else ""
            yield tag(edge, flow, middle, y, sizes, pen, sentence, dash)
            y += TAG_STEP
        if text:
            wide = sizes.chip(wire.edge) if wire else ARROW
            yield chip(edge, text, middle - wide / 2, y + LABEL / 2 - 1, wide, pen, dash)
            y += CHIP_STEP
        if wire:
            part.ports[wire] = middle, y if y > bottom + UNDER else bottom


def tag(
    edge: str,
    flow: float,
    x: float,
    y: float,
    sizes: Tall,
    pen: Pen,
    sentence: str,
    dash: tuple[float, ...],
) -> Group:
    """A flow, which points to the card above it."""
    sign, wide = marks.notation.sign(flow), sizes.tag(flow)
    left, right, bottom = x - wide / 2, x + wide / 2, y + LABEL
    corners = [(right, y + 5), (right, bottom), (left, bottom), (left, y + 5)]
    shape = pen.path("M", [(x, y - 6)], "L", corners, "Z")
    group: tuple[Mark, ...] = (
        pen.shape(
            shape, marks.FILLS[sign], marks.COLORS[sign], marks.TAG_FRAME, dash, part="frame"
        ),
        *triangles(left + 18, y + 18, flow, marks.TAG_TRIANGLE, sizes, pen),
        flow_text(flow, right - 7, y + 27, wide, sizes, pen),
    )
    kind = "others" if dash else "tag"
    return Group(kind, edge, group, sentence, pen.area(left, y, wide, LABEL))


def entries(part: Part, item: Item, x: float, top: float, wide: float, sizes: Tall) -> None:
    """Where the lines into an operation end: at its badge, or beside it at its card."""
    has_badge = item.node.badge and item.kind == "card"
    half = Sizes.badge(sizes, item.node) / 2 if has_badge else 0.0
    step = min(marks.PORT, (wide - 16) / max(1, len(item.ins) - 1))
    for at, wire in enumerate(item.ins):
        aside = (at - (len(item.ins) - 1) / 2) * step
        end = top - ABOVE if abs(aside) < half else top - 1
        part.entries[wire] = x + aside, end, end


def line(
    wire: Wire,
    part: Part,
    column: Column,
    following: Column | None,
    largest: float,
    sizes: Tall,
    pen: Pen,
) -> Group:
    assert following is not None
    x, y = part.ports[wire]
    x_end, end, _ = part.entries[wire]
    bend = max(y, column.x + column.card + column.label)
    stop = min(following.x - following.before - 4, end)
    pull = (stop - bend) * 0.55
    begin = [(x, column.x - 6)] if wire.tail.kind == "lane" else []
    begin.append((x, y))
    if bend > y + 1:
        begin.append((x, bend))
    curve = [(x, bend + pull), (x_end, stop - pull), (x_end, stop)]
    last: list = ["L", [(x_end, end)]] if end > stop + 1 else []
    return marks.drawn(wire.edge, pen.path("M", begin, "C", curve, *last), largest, sizes, pen)
