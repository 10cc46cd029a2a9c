"""The marks of a picture that grows to the right: cards, badges, tags, chips, and the lines between
them, in units.

One mark per idea. A card has a value above and its gradient below. A box is a local derivative. A
tag is a flow, and points where it goes. A badge is the operation. Signs are never colour alone:
triangles point up and down, and the lines of negative flows are dashed.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from viz.graph import notation
from viz.graph.model import Edge, Node
from viz.graph.order import Item, Wire
from viz.graph.sizes import (
    ARROW,
    BADGE,
    BADGE_INSET,
    GRAD,
    LABEL,
    LABEL_ROW,
    NAME,
    PADDING,
    QUIET_ROW,
    TAG,
    UPPER,
    VALUE,
    Sizes,
)
from viz.render.font import width as width_of_text
from viz.render.scene import Group, Mark, Pen, Point, Shape, Text

FRAME, TAG_FRAME = 2.0, 1.8  # widths of strokes
GHOST_DASH, OTHERS_DASH = (7.0, 5.0), (5.0, 4.0)
LEAF_CORNER, CARD_CORNER, CHIP_CORNER = 22.0, 7.0, 2.0
DASH = ((4.0, 2.0), (2.5, 1.0))  # a stroke and a gap, and what each width of a line adds to them
TRIANGLE, TAG_TRIANGLE = 8.0, 7.0
POINT = 12.0  # the length of a tag's point
PORT = 15.0  # between the ends of lines at an operation
CHANNEL, STEEP, WIDEST = 46.0, 0.07, 150.0  # between columns; more where lines rise far

COLORS = {0: "line", 1: "positive", -1: "negative"}
FILLS = {0: "card", 1: "positive-fill", -1: "negative-fill"}


@dataclass(eq=False)
class Column:
    """A column of a line: its items, how far to the right its cards begin, how wide they and the
    labels behind them are, and how far badges stand out before them."""

    items: list[Item]
    x: float
    card: float
    label: float
    before: float


@dataclass(eq=False)
class Part:
    """A line of a picture with its columns, at its height on the page."""

    columns: list[Column]
    height: float
    width: float = 0.0
    top: float = 0.0
    crossings: int = 0
    ports: dict[Wire, Point] = field(default_factory=dict)  # where wires leave
    entries: dict[Wire, tuple[float, float, float]] = field(default_factory=dict)


def spread(cols: Sequence[list[Item]], height: float, sizes: Sizes) -> Part:
    """A line whose columns are as wide as what is in them."""
    part = Part([], height)
    x = 0.0
    for items in cols:
        cards = [item for item in items if item.kind == "card"]
        x += max([sizes.before(item.node) for item in cards] + [4.0])
        shown = [item for item in items if item.kind != "lane"]
        card = max([width_of(item, sizes) for item in shown], default=0.0)
        labels = [sizes.label(wire.edge) for item in shown for wire in item.outs]
        labels += [sizes.label_of_others(others(item)) for item in cards if has_others(item, sizes)]
        label = max(labels, default=0.0)
        before = max([sizes.before(item.node) for item in cards], default=0.0)
        part.columns.append(Column(items, x, card, label, before))
        steepest = max([abs(w.tail.y - w.head.y) for item in items for w in item.outs], default=0.0)
        x += card + label
        if items is not cols[-1]:
            x += min(WIDEST, CHANNEL + STEEP * steepest)
    part.width = x + 8
    return part


def width_of(item: Item, sizes: Sizes) -> float:
    return sizes.ghost(item.node) if item.kind == "ghost" else sizes.card(item.node)


def has_others(item: Item, sizes: Sizes) -> bool:
    """Whether a card tells the sum of the flows that are drawn elsewhere."""
    return (
        sizes.has_row_for_others(item.node, item.kind, len(item.outs))
        and item.node.grad is not None
    )


def elsewhere(item: Item) -> list[Edge]:
    """The uses of a card that are drawn elsewhere."""
    here = {wire.edge for wire in item.outs}
    return [edge for edge in item.node.outs if edge not in here]


def others(item: Item) -> float | None:
    """The sum of the flows that are drawn elsewhere."""
    flows = [edge.flow for edge in elsewhere(item)]
    return sum([flow for flow in flows if flow is not None]) if None not in flows else None


def groups(part: Part, largest: float, sizes: Sizes, pen: Pen) -> Iterator[Group]:
    """What is drawn of a line, in a graph with that largest flow; what lies lower comes first."""
    cards = [group for column in part.columns for group in cards_of(part, column, sizes, pen)]
    yield from stacked(part, cards, partial(line, largest=largest, sizes=sizes, pen=pen))


def stacked(part: Part, cards: Sequence[Group], line: Callable[..., Group]) -> Iterator[Group]:
    """The lines below the cards, wide ones on top. Who draws cards says where their lines end."""
    lines = [
        line(wire, part, column, following)
        for column, following in zip(part.columns, [*part.columns[1:], None], strict=True)
        for item in column.items
        for wire in item.outs
    ]
    yield from sorted(lines, key=lambda group: group.marks[0].width)  # type: ignore[union-attr]
    yield from cards


# Cards and what stands at them


def cards_of(part: Part, column: Column, sizes: Sizes, pen: Pen) -> Iterator[Group]:
    x, right = column.x, column.x + column.card
    for item in column.items:
        node, y = item.node, part.top + item.y
        item.outs.sort(key=lambda wire: (wire.head.y, wire.into))
        if item.kind == "lane":
            for wire in item.outs:
                part.ports[wire] = right + column.label, y
            for wire in item.ins:
                part.entries[wire] = x - 6, y, x - 6
            continue
        height = item.height - sizes.margin(node, item.kind)
        top = y - height / 2
        yield card(node, item.kind, x, top, column.card, height, sizes, pen)
        if node.badge and item.kind == "card":
            yield badge(node, x, y, sizes, pen)
        rows = rows_of(item, y, top, height, sizes)
        for wire, row in zip(item.outs, rows, strict=False):
            end = right
            if sizes.has_tags:
                if (flow := sizes.flow(wire.edge)) is not None:
                    yield tag(wire.edge.id, flow, end, row, sizes, pen, wire.edge.sentence)
                    end += sizes.tag(flow)
                if text := sizes.chip_text(wire.edge):
                    yield chip(wire.edge.id, text, end, row, sizes.chip(wire.edge), pen)
                    end += sizes.chip(wire.edge)
            part.ports[wire] = end, row
        if has_others(item, sizes):
            yield from tag_of_others(item, right, rows[-1], sizes, pen)
        entries(part, item, x, y, height, sizes)


def rows_of(item: Item, y: float, top: float, height: float, sizes: Sizes) -> list[float]:
    """At which heights the lines of a card begin: around its middle, or at its gradient."""
    count = len(item.outs) + has_others(item, sizes)
    step = LABEL_ROW
    if not sizes.has_tags:
        step = min(QUIET_ROW, (height - 10) / max(1, count))
    one = item.kind == "ghost" or sizes.has_one_row(item.node)
    if one or not sizes.has_tags:
        first = y - (count - 1) * step / 2
    else:
        first = top + height - 26 - (count - 1) * step
    return [first + at * step for at in range(count)]


def entries(part: Part, item: Item, x: float, y: float, height: float, sizes: Sizes) -> None:
    """Where the lines into an operation end: at its badge, or above and below it at its card; and
    how far to the right their curves may go."""
    before = sizes.before(item.node) if item.kind == "card" else 0.0
    step = min(PORT, (height - 16) / max(1, len(item.ins) - 1))
    for at, wire in enumerate(item.ins):
        aside = (at - (len(item.ins) - 1) / 2) * step
        end = x - before - 1 if abs(aside) < 18 else x - 1
        part.entries[wire] = end, y + aside, x - before - 6


def card(
    node: Node,
    kind: str,
    x: float,
    top: float,
    width: float,
    height: float,
    sizes: Sizes,
    pen: Pen,
) -> Group:
    """A value with its gradient. Leaves have round corners, and what stands again dashed ones."""
    is_ghost = kind != "card"
    corner = min(LEAF_CORNER, height / 2) if node.is_leaf and not is_ghost else CARD_CORNER
    small = kind == "ghost"
    shape = pen.box(x, top, width, height, corner)
    grad = None if node.grad is None or small else node.grad
    right = x + width
    marks: list[Mark] = [pen.shape(shape, fill="background")]
    if small or sizes.has_one_row(node):
        y = top + height / 2
        widest = None if small else sizes.grad(node)
        begin = right if widest is None else right - widest - 48
        if grad is not None:
            tint = pen.rounded_box(begin, top, right - begin, height, 0, corner, corner, 0)
            marks.append(pen.shape(tint, FILLS[notation.sign(grad)], part="tint"))
        left = x + (PADDING if is_ghost or not node.badge else 30)
        size = (TAG, TAG) if small else (NAME, VALUE)
        end = right - PADDING if widest is None else begin - 10
        marks += named(node, left, end, y + 9, *size, sizes, pen)
        if grad is not None:
            marks += gradient(grad, begin + 16, right - 12, y, sizes, pen)
    else:
        split, left = top + UPPER, x + (PADDING + 2 if is_ghost or not node.badge else 32)
        if grad is not None:
            lower = pen.rounded_box(x, split, width, height - UPPER, 0, 0, corner, corner)
            marks.append(pen.shape(lower, FILLS[notation.sign(grad)], part="tint"))
        marks += named(node, left, right - PADDING, top + 39, NAME, VALUE, sizes, pen)
        if grad is not None:
            y = split + (height - UPPER) / 2
            marks += gradient(grad, x + 28, right - PADDING, y, sizes, pen)
    dash = GHOST_DASH if is_ghost else ()
    marks.insert(1 + (grad is not None), pen.shape(shape, "", "line", FRAME, dash, part="frame"))
    area = pen.area(x, top, width, height)
    return Group("ghost" if is_ghost else "card", node.id, tuple(marks), node.sentence, area)


def named(
    node: Node,
    left: float,
    right: float,
    y: float,
    small: float,
    large: float,
    sizes: Sizes,
    pen: Pen,
) -> Iterator[Text]:
    """The name and the value of a card, of these sizes, from the left to the right."""
    name = sizes.name(node)
    yield pen.text(left, y - 1, name, small, "italic", part="name")
    room = right - left - width_of_text(name, small, "italic") - 8
    value = notation.number(node.value)
    yield pen.text(right, y, value, large, "bold", "end", part="value", room=room)


def gradient(
    number: float, middle: float, right: float, y: float, sizes: Sizes, pen: Pen
) -> Iterator[Mark]:
    """The gradient of a card, with its sign around `middle`."""
    room, text = right - middle - TRIANGLE - 4, notation.signed(number)
    yield pen.text(right, y + 9, text, GRAD, anchor="end", part="gradient", room=room)
    yield from triangles(middle, y, number, TRIANGLE, sizes, pen)


def triangles(
    x: float, y: float, number: float, half: float, sizes: Sizes, pen: Pen
) -> Iterator[Shape]:
    """Up for what is positive, down for what is negative, around a middle."""
    for sign in sizes.signs(number):
        base, tip = y + sign * 0.8 * half, y - sign * 0.9 * half
        path = pen.path("M", [(x - half, base)], "L", [(x + half, base), (x, tip)], "Z")
        yield pen.shape(path, COLORS[sign], part="up" if sign > 0 else "down")


def badge(node: Node, x: float, y: float, sizes: Sizes, pen: Pen) -> Group:
    width = sizes.badge(node)
    left, top = x + BADGE_INSET - width, y - BADGE / 2
    shape = pen.box(left, top, width, BADGE, BADGE / 2)
    text = sizes.badge_text(node)
    marks = (
        pen.shape(shape, "background", "line", FRAME),
        pen.text(left + width / 2, y + 9, text, TAG, anchor="middle"),
    )
    return Group("badge", node.id, marks, area=pen.area(left, top, width, BADGE))


def tag(
    edge: str,
    flow: float,
    x: float,
    y: float,
    sizes: Sizes,
    pen: Pen,
    sentence: str = "",
    dash: tuple[float, ...] = (),
) -> Group:
    """A flow, which points to the card on its left; dashed, the sum of several drawn elsewhere."""
    sign, width, half = notation.sign(flow), sizes.tag(flow), LABEL / 2
    shape = pen.path(
        "M", [(x, y)], "L", [(x + POINT, y - half), (x + width, y - half), (x + width, y + half),
        (x + POINT, y + half)], "Z",
    )  # fmt: skip
    marks: tuple[Mark, ...] = (
        pen.shape(shape, FILLS[sign], COLORS[sign], TAG_FRAME, dash, part="tag"),
        *triangles(x + 24, y, flow, TAG_TRIANGLE, sizes, pen),
        flow_text(flow, x + width - 7, y + 9, width, sizes, pen),
    )
    area = pen.area(x, y - half, width, LABEL)
    return Group("others" if dash else "tag", edge, marks, sentence, area)


def flow_text(flow: float, right: float, y: float, width: float, sizes: Sizes, pen: Pen) -> Text:
    """The number in a tag of that width."""
    text = sizes.tag_text(flow)
    return pen.text(right, y, text, TAG, anchor="end", part="flow", room=width - 40)


def chip(
    edge: str, text: str, x: float, y: float, width: float, pen: Pen, dash: tuple[float, ...] = ()
) -> Group:
    """A local derivative."""
    half = LABEL / 2
    marks = (
        pen.shape(
            pen.box(x, y - half, width, LABEL, CHIP_CORNER), "background", "line", FRAME, dash
        ),
        pen.text(x + width / 2, y + 9, text, TAG, anchor="middle", part="local", room=width - 8),
    )
    kind = "others" if dash else "chip"
    return Group(kind, edge, marks, area=pen.area(x, y - half, width, LABEL))


def tag_of_others(item: Item, x: float, y: float, sizes: Sizes, pen: Pen) -> Iterator[Group]:
    """What flows back in other lines of the picture, so that the tags at a card add up."""
    flow = others(item)
    if flow is None:
        return
    sentence = f"{item.node.name}: {notation.number(flow)} flows back in other lines"
    edges = " ".join(edge.id for edge in elsewhere(item))
    yield tag(edges, flow, x, y, sizes, pen, sentence, OTHERS_DASH)
    yield chip(edges, "↓", x + sizes.tag(flow), y, ARROW, pen, OTHERS_DASH)


# Lines


def line(
    wire: Wire,
    part: Part,
    column: Column,
    following: Column | None,
    largest: float,
    sizes: Sizes,
    pen: Pen,
) -> Group:
    """A line from behind the labels of a card, straight through its column, in a curve through the
    channel, and straight on to its end: nothing stands in its way."""
    assert following is not None
    x, y = part.ports[wire]
    end, y_end, limit = part.entries[wire]
    bend = column.x + column.card + column.label
    stop = min(following.x - following.before - 4, limit)
    pull = (stop - bend) * 0.55
    start = column.x - 6 if wire.tail.kind == "lane" else column.x + column.card
    curve = [(bend + pull, y), (stop - pull, y_end), (stop, y_end)]
    last: list = ["L", [(end, y_end)]] if end > stop + 1 else []

    def path(begin: Sequence[float]) -> str:
        return pen.path("M", [(x, y) for x in begin], "C", curve, *last)

    straight = [bend] if bend > x + 1 else []
    if wire.tail.kind == "lane":
        return drawn(wire.edge, path([start, x, *straight]), largest, sizes, pen)
    whole = path([start, bend]) if x > start else ""
    return drawn(wire.edge, path([x, *straight]), largest, sizes, pen, whole)


def drawn(edge: Edge, path: str, largest: float, sizes: Sizes, pen: Pen, whole: str = "") -> Group:
    """A line in the colour of its flow, as wide as that is large, dashed if it is negative."""
    width, sign = sizes.stroke(edge, largest), notation.sign(edge.flow)
    dash = tuple(length + times * width for length, times in DASH) if sign < 0 else ()
    shape = replace(pen.shape(path, "", COLORS[sign], width, dash, part="line"), whole=whole)
    return Group("line", edge.id, (shape,), edge.sentence)
