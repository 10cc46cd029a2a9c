"""Pictures as SVG of our own: Graphviz says where things stand, and nothing else.

Every card and wire is a group with a stable `data-id`, classes for what it is and for the sign of
its gradient, and a sentence for readers who hear the picture. Colours are CSS variables.
"""

from collections import Counter
from collections.abc import Sequence
from math import hypot
from zlib import crc32

from viz.dot import bare
from viz.escape import columns, number, shortened, xml
from viz.layout import Point, Positions, positions
from viz.palette import DARK, LIGHT, sign
from viz.picture import COLUMN, HEADER, PADDING, ROW, Card, Picture, Wire

MARGIN = 16.0
INSET = 3.5  # how far inside the border of a folded card its second one is
NARROWEST = 400.0
NOTE_COLUMN = COLUMN * 12 / 13


def svg_text(drawn: Picture) -> str:
    """The picture, without its notes, as a piece of SVG for the stepper's page. Its ids begin with
    a fingerprint of the picture, so that those of two on one page differ.

    Raises LayoutError where there is no Graphviz.
    """
    where = positions(bare(drawn))
    noted = places_of_notes(drawn, where)
    prefix = f"sg-{crc32(repr((drawn.cards, drawn.wires)).encode()):08x}"
    inner = max(where.width, NARROWEST)
    width = inner + 2 * MARGIN
    height = where.height + 2 * MARGIN
    left = MARGIN + (inner - where.width) / 2
    title = f"Computation graph of {shortened(drawn.cards[-1].name)}"
    sentences = [card.sentence for card in drawn.cards] + [wire.sentence for wire in drawn.wires]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" class="stepgrad" id="{prefix}" role="img" '
            f'aria-labelledby="{prefix}-title" aria-describedby="{prefix}-desc" '
            f'width="{width:.0f}" height="{height:.0f}" viewBox="0 0 {width:.0f} {height:.0f}">',
            f'<title id="{prefix}-title">{xml(title)}</title>',
            f'<desc id="{prefix}-desc">{xml(". ".join(sentences))}.</desc>',
            f"<style>{STYLE}</style>",
            '<rect class="background" width="100%" height="100%" rx="6"/>',
            f'<g transform="translate({left:.1f} {MARGIN:.1f})">',
            *(wire_group(wire, where, prefix) for wire in drawn.layers),
            *(card_group(card, where.cards[card.id], prefix) for card in drawn.cards),
            *(notes_group(wire, noted[wire.id]) for wire in drawn.wires if wire.id in noted),
            "</g>",
            "</svg>",
        ]
    )


# Cards


def card_group(card: Card, centre: Point, prefix: str) -> str:
    left, top = centre[0] - card.width / 2, centre[1] - card.height / 2
    kinds = ("card", card.kind, "folded" if card.inside else "", sign(card.grad))
    return "".join(
        [
            f'<g class="{" ".join(filter(None, kinds))}" '
            f'id="{prefix}-{card.id}" data-id="{card.id}" role="img" '
            f'aria-label="{xml(card.sentence)}" transform="translate({left:.1f} {top:.1f})">',
            f"<title>{xml(tooltip(card))}</title>",
            *(constant_parts(card) if card.kind == "constant" else value_parts(card)),
            "</g>",
        ]
    )


def tooltip(card: Card) -> str:
    """The whole label, and the numbers with all their digits."""
    if card.kind == "constant":
        return f"constant {card.value!r}"
    grad = "not computed" if card.grad is None else repr(card.grad)
    names = [name for name in (card.label, card.op) if name]
    return "\n".join([*names, f"value {card.value!r}", f"gradient {grad}"])


def constant_parts(card: Card) -> list[str]:
    return [
        rect("frame", 0, 0, card.width, card.height, card.height / 2),
        text("muted middle", card.width / 2, card.height / 2, number(card.value)),
    ]


def value_parts(card: Card) -> list[str]:
    """Leaves have round corners, and operations square ones with a band for their name. Folded
    ones have a second border."""
    width, height = card.width, card.height
    corner = 14 if card.kind == "leaf" else 3
    border = f"stroke-width:{1.2 + 2 * card.strength:.2f}px"
    parts = [
        rect("paper", 0, 0, width, height, corner),
        rect("tint", 0, 0, width, height, corner, f"opacity:{card.strength:.3f}"),
    ]
    if card.kind == "operation":
        parts.append(band(width, corner))
    name, op = card.header
    parts.append(text("name", PADDING, HEADER / 2, name))
    if op:
        parts.append(text("name end", width - PADDING, HEADER / 2, op))
    y = PADDING / 2 + HEADER
    parts.append(rect("frame", 0, 0, width, height, corner, border))
    if card.inside:
        parts.append(rect("inner", INSET, INSET, width - 2 * INSET, height - 2 * INSET, 1))
    for name, shown in card.rows:
        y += ROW
        kind = "muted" if shown == "not computed" else name
        parts.append(text("muted", PADDING, y - ROW / 2, name))
        parts.append(text(f"{kind} end", width - PADDING, y - ROW / 2, shown))
    return parts


def band(width: float, corner: float) -> str:
    """The strip behind the name of an operation, with the upper corners of its card."""
    arc = f"a{corner:g} {corner:g} 0 0 1 {corner:g}"
    return (
        f'<path class="band" d="M0 {HEADER:g}V{corner:g}{arc} -{corner:g}'
        f'H{width - corner:.1f}{arc} {corner:g}V{HEADER:g}z"/>'
    )


# Wires


def wire_group(wire: Wire, where: Positions, prefix: str) -> str:
    start, *points = where.wires[wire.id]
    tip, end = points.pop(), points[-1]
    curve = "M{:.1f} {:.1f}C".format(*start) + " ".join(f"{x:.1f} {y:.1f}" for x, y in points)
    width = 1 + 4 * wire.strength
    corners = "L".join(f"{x:.1f} {y:.1f}" for x, y in arrowhead(end, tip, width))
    kind = "from-constant" if wire.tail.kind == "constant" else sign(wire.flow)
    return (
        f'<g class="{f"wire {kind}".strip()}" id="{prefix}-{wire.id}" data-id="{wire.id}" '
        f'data-from="{wire.tail.id}" data-to="{wire.head.id}">'
        f"<title>{xml(wire.sentence)}</title>"
        f'<path class="curve" style="stroke-width:{width:.2f}px" d="{curve}"/>'
        f'<path class="tip" d="M{corners}z"/></g>'
    )


def arrowhead(end: Point, tip: Point, width: float) -> list[Point]:
    """A triangle from the end of a curve to its tip, broad enough for the curve's width: its three
    corners, in points."""
    dx, dy = tip[0] - end[0], tip[1] - end[1]
    length = hypot(dx, dy) or 1.0
    half = 3 + width * 0.6
    x, y = -dy / length * half, dx / length * half
    return [tip, (end[0] + x, end[1] + y), (end[0] - x, end[1] - y)]


def places_of_notes(drawn: Picture, where: Positions) -> dict[str, Point]:
    """Where the notes of wires stand, by the ids of those that have any."""
    return places_in_a_crowd(drawn, where) if drawn.crowded else where.notes


def places_in_a_crowd(drawn: Picture, where: Positions) -> dict[str, Point]:
    """Where notes stand on the straight wires of a crowd: near that end where there are fewer of
    them, each where none is yet. Those for which there is no such place stay away."""
    noted = [wire for wire in drawn.wires if wire.shown]
    uses, inputs = Counter(w.tail.id for w in noted), Counter(w.head.id for w in noted)
    taken: list[tuple[float, float, float, float]] = []
    places: dict[str, Point] = {}
    for wire in noted:
        (x0, y0), *_, (x1, y1) = where.wires[wire.id][-5:]  # a trunk may come before
        half = max(map(columns, wire.notes)) * NOTE_COLUMN / 2, 8.0 * len(wire.notes)
        many = uses[wire.tail.id] - inputs[wire.head.id]
        for part in (0.77, 0.68, 0.59, 0.5, 0.41) if many else (0.5, 0.4, 0.6):
            part = 1 - part if many < 0 else part
            x, y = x0 + part * (x1 - x0), y0 + part * (y1 - y0) - (0 if many else half[1])
            box = (x - half[0], y - half[1], x + half[0], y + half[1])
            if not any(overlap(box, other) for other in taken):
                taken.append(box)
                places[wire.id] = x, y
                break
    return places


def overlap(one: Sequence[float], other: Sequence[float]) -> bool:
    """Whether two boxes do, each of them given by two opposite corners."""
    return all(one[i] < other[i + 2] and other[i] < one[i + 2] for i in (0, 1))


def notes_group(wire: Wire, place: Point) -> str:
    x, y = place
    slope, *flow = wire.notes
    lines = text("note middle", x, y - 7.5 * len(flow), slope)
    if flow:
        lines += text(f"note middle {sign(wire.flow)}".strip(), x, y + 7.5, flow[0])
    return f'<g class="notes" data-of="{wire.id}">{lines}</g>'


# Shapes and words


def rect(
    kind: str, x: float, y: float, width: float, height: float, corner: float, style: str = ""
) -> str:
    style = style and f' style="{style}"'
    return (
        f'<rect class="{kind}"{style} x="{x:g}" y="{y:g}" width="{width:.1f}" '
        f'height="{height:.1f}" rx="{corner:g}"/>'
    )


def text(kind: str, x: float, y: float, words: str) -> str:
    # dy, because not every viewer knows how to centre a line on its y
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" dy=".35em">{xml(words)}</text>'


# Style


def variables(palette: dict[str, str]) -> str:
    return "{" + ";".join(f"--sg-{name}:{colour}" for name, colour in palette.items()) + "}"


def paint(selector: str, **colours: str) -> str:
    """A rule that colours, written twice: for viewers that know variables, and for the others."""
    rules = []
    for attribute, name in colours.items():
        rules.append(f"{attribute}:{LIGHT[name]};{attribute}:var(--sg-{name})")
    return (
        ",".join(f".stepgrad {part}" for part in selector.split(",")) + "{" + ";".join(rules) + "}"
    )


def theme(selector: str) -> str:
    """The palette as variables of what is selected: light, or dark where the page or system is."""
    light = ('body[data-jp-theme-light="true"]', ".vscode-light", ".light")
    dark = ('body[data-jp-theme-light="false"]', ".vscode-dark", ".dark")
    return "\n".join(
        [
            f"{selector}{variables(LIGHT)}",
            f"@media (prefers-color-scheme:dark){{{selector}{variables(DARK)}}}",
            # a page that says which it is knows better than the system
            ",".join(f"{page} {selector}" for page in light) + variables(LIGHT),
            ",".join(f"{page} {selector}" for page in dark) + variables(DARK),
        ]
    )


STYLE = "\n".join(
    [
        theme(".stepgrad"),
        ".stepgrad{max-width:none;font:13px ui-monospace,'DejaVu Sans Mono',Menlo,Consolas,"
        "'Liberation Mono','Courier New',monospace}",
        paint(".background", fill="background"),
        paint("text", fill="text"),
        paint(".muted", fill="muted"),
        paint(".paper", fill="card"),
        paint(".frame,.inner", stroke="line"),
        paint(".band", fill="line"),
        paint(".curve", stroke="line"),
        paint(".tip", fill="line"),
        paint(".positive .frame,.positive .curve", stroke="positive"),
        paint(".negative .frame,.negative .curve", stroke="negative"),
        paint(".positive .tip,text.positive", fill="positive"),
        paint(".negative .tip,text.negative", fill="negative"),
        paint(".positive .tint", fill="positive-fill"),
        paint(".negative .tint", fill="negative-fill"),
        paint(".note", stroke="background"),
        ".stepgrad .frame,.stepgrad .inner,.stepgrad .curve{fill:none}",
        ".stepgrad .band{opacity:.22}",
        ".stepgrad .constant .frame{stroke-dasharray:3 3}",
        ".stepgrad .name{font-weight:bold;unicode-bidi:isolate}",
        ".stepgrad .end{text-anchor:end}.stepgrad .middle{text-anchor:middle}",
        ".stepgrad .note{font-size:12px}",
        ".stepgrad .note{stroke-width:4px;paint-order:stroke;stroke-linejoin:round}",
    ]
)
