"""The walk through the forward and the backward pass as a film: an animated GIF, a frame per step.

It looks as the SVG does, and says what the stepper says. matplotlib draws, Pillow writes.
"""

from collections.abc import Callable, Hashable, Iterator, Sequence
from io import BytesIO
from math import ceil, floor
from textwrap import wrap
from typing import TYPE_CHECKING, Any, NamedTuple

from viz.brush import Brush, curve, outline, polygon
from viz.dot import bare, mixed
from viz.escape import columns, number, shortened
from viz.layout import Point, Positions, positions
from viz.palette import LIGHT
from viz.picture import COLUMN, HEADER, PADDING, ROW, Card, Wire
from viz.stepper.plan import Plan
from viz.svg import MARGIN, arrowhead, places_of_notes

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from PIL.Image import Image

MOST_STEPS = 200  # a film of five minutes
MOST_PIXELS = 300_000_000  # in all frames together: Pillow holds them all, at a byte each

EM = 13.0 / COLUMN  # font sizes by the width of a character

NARROWEST = 560.0  # for the caption's sake
SHARP = 1240.0  # pixels: as wide as small graphs are enlarged to
CAPTION_COLUMNS = 80
CAPTION_SIZES = (12.0, 28.0)  # the smallest font, and the largest: wide films are shown small
CAPTION_ROWS = 8
LINE_ROWS = 3  # of a single formula
LEADING = 1.45
NAME_COLUMNS = 20

PAUSE, LONGEST_PAUSE, PAUSE_BY_CHARACTER = 1200, 2000, 5  # milliseconds
FIRST_PAUSE, LAST_PAUSE = 3000, 4000

COLOURS, SURFACES = 255, 48  # a GIF's last one stands for what has not changed
STEP = 4  # between the levels of red, green and blue that Pillow tells apart

Box = tuple[int, int, int, int]  # left, top, right, bottom, in pixels of the film


def animation(plan: Plan) -> bytes:
    """The steps of a plan as an animated GIF that loops.

    Equal plans make equal bytes, with the same matplotlib and the same Pillow. Raises ValueError
    for more than 200 steps, and for frames too large to be a film, and LayoutError without a
    Graphviz.
    """
    import matplotlib

    told = Told.of(plan)
    if (count := len(told.steps)) > MOST_STEPS:
        raise ValueError(
            f"this walk has {count} steps, and a GIF holds at most {MOST_STEPS}: save it as .html, "
            "or take a part of the graph"
        )
    with matplotlib.rc_context():
        matplotlib.rcdefaults()  # a lecturer's style may ask for LaTeX, or for xkcd
        frames = Film(told, plan).frames()
        file = BytesIO()
        next(frames).save(
            file,
            "GIF",
            save_all=True,
            append_images=frames,
            duration=[pause(told.steps, at) for at in range(count)],
            loop=0,  # for ever
            optimize=True,  # a frame holds only what it changes
            disposal=1,  # it is laid over the one before
        )
    return file.getvalue()


def pause(steps: Sequence[dict[str, Any]], at: int) -> int:
    """How long a step is shown, in milliseconds: as long as its words take to be read."""
    if at == len(steps) - 1:
        return LAST_PAUSE
    if at == 0:
        return FIRST_PAUSE
    words = sum(len(name) + len(text) for name, text in steps[at]["lines"])
    return min(PAUSE + PAUSE_BY_CHARACTER * words, LONGEST_PAUSE) // 10 * 10  # GIFs count in 10 ms


class Told(NamedTuple):
    """What a plan tells: its steps in order, and its cards and wires by id."""

    steps: Sequence[dict[str, Any]]
    cards: dict[str, dict[str, Any]]
    wires: dict[str, dict[str, Any]]

    @classmethod
    def of(cls, plan: Plan) -> "Told":
        """The one place where a film looks into a plan."""
        return cls(plan.steps(), plan.cards(), plan.wires())

    def is_current(self, kind: str, id: str, at: int) -> bool:
        """Whether a step points at a card or a wire; `kind` is cards or wires."""
        return id in self.steps[at][kind]

    def value(self, card: str, at: int) -> str:
        return self.cards[card]["value"] if self.is_known(card, at) else "?"

    def is_known(self, card: str, at: int) -> bool:
        return self.cards[card]["from"] <= at

    def grad(self, card: str, at: int) -> tuple[str, str]:
        """The gradient so far, and the name of the colour of its sign."""
        known = [grad for grad in self.cards[card]["grads"] if grad["from"] <= at]
        return (known[-1]["text"], known[-1]["sign"]) if known else ("?", "")

    def is_there(self, wire: str, at: int) -> bool:
        return self.wires[wire]["from"] <= at

    def is_walked(self, wire: str, at: int) -> bool:
        return self.wires[wire]["walked"] <= at


class Part(NamedTuple):
    """A piece of the picture that changes by itself.

    `look(at, lit)` is what there is to see of it at a step, `lit` if the step is to point at it in
    any case; `artists(look)` draws that, and nothing of it outside the box.
    """

    box: Box
    look: Callable[[int, bool], Hashable]
    artists: Callable[[Any], list["Artist"]]


class Film:
    """All frames of one walk. A frame is the one before it, drawn anew where they differ."""

    def __init__(self, told: Told, plan: Plan) -> None:
        from matplotlib.backends.backend_agg import RendererAgg
        from matplotlib.figure import Figure
        from matplotlib.transforms import Affine2D

        self.told = told
        where = positions(bare(plan.drawn))
        noted = places_of_notes(plan.drawn, where)
        inner = max(where.width, NARROWEST)
        caption = Caption(told.steps, inner)
        width = inner + 2 * MARGIN
        height = where.height + 3 * MARGIN + caption.height
        self.scale = min(max(SHARP / width, 1.0), 2.0)
        self.size = ceil(width * self.scale), ceil(height * self.scale)
        pixels = self.size[0] * self.size[1]
        if pixels * len(told.steps) > MOST_PIXELS:
            raise ValueError(
                f"{len(told.steps)} frames of {self.size[0]} × {self.size[1]} pixels are too large "
                "for a GIF: save it as .html, or take a part of the graph"
            )
        dpi = 72 * self.scale
        self.brush = Brush(Figure(dpi=dpi))
        self.renderer = RendererAgg(*self.size, dpi)
        scaled = Affine2D().scale(self.scale, -self.scale)  # matplotlib's y grows upwards
        self.page = scaled + Affine2D().translate(0, self.size[1])
        self.graph = Affine2D().translate(MARGIN + (inner - where.width) / 2, MARGIN) + self.page
        self.below = Affine2D().translate(MARGIN, where.height + 2 * MARGIN) + self.page

        self.parts = [
            self.paper(width, height),
            *(self.wire(wire, where) for wire in plan.drawn.layers),
            *(self.card(card, where.cards[card.id]) for card in plan.drawn.cards),
            *(self.notes(wire, noted[wire.id]) for wire in plan.drawn.wires if wire.id in noted),
            self.caption(caption, inner),
        ]
        self.seen: list[Hashable] = [None] * len(self.parts)
        self.drawn: list[list[Artist]] = [[] for _ in self.parts]

    def frames(self) -> Iterator["Image"]:
        last = len(self.told.steps) - 1
        palette = Palette([self.picture(last, True), self.picture(last), self.picture(0)])
        frame = palette.painted(self.picture(0))
        yield frame.copy()
        for at in range(1, last + 1):
            for box in self.show(at):
                frame.paste(palette.painted(self.seen_in(box)), box)
            yield frame.copy()

    def picture(self, at: int, lit: bool = False) -> "Image":
        """What is to be seen at a step, or what would be if it pointed at everything."""
        self.show(at, lit)
        return self.seen_in((0, 0, *self.size))

    def seen_in(self, box: Box) -> "Image":
        """What is drawn now, in all colours."""
        from PIL import Image

        pixels = self.renderer.buffer_rgba()
        whole = Image.frombuffer("RGBA", self.size, pixels, "raw", "RGBA", 0, 1)
        return whole.crop(box).convert("RGB")

    def show(self, at: int, lit: bool = False) -> list[Box]:
        """Draw what looks different now, and return the boxes in which that is."""
        looks = [part.look(at, lit) for part in self.parts]
        changed: list[Box] = []
        for i, (part, look) in enumerate(zip(self.parts, looks, strict=True)):
            if look != self.seen[i]:
                self.seen[i], self.drawn[i] = look, part.artists(look)
                changed.append(part.box)
        changed = apart(changed)
        for box in changed:
            for i, part in enumerate(self.parts):  # the first is the paper, which covers the old
                if visible := common(part.box, box):
                    self.draw(self.drawn[i], visible)
        return changed

    def draw(self, artists: list["Artist"], box: Box) -> None:
        from matplotlib.transforms import Bbox

        left, top, right, bottom = box
        clip = Bbox([[left, self.size[1] - bottom], [right, self.size[1] - top]])
        for artist in artists:
            artist.set_clip_box(clip)
            artist.draw(self.renderer)

    def boxed(self, transform: Any, corners: Sequence[Point], around: float) -> Box:
        """The pixels that points of the page take, with so much around them."""
        points = transform.transform(corners)
        (x0, y0), (x1, y1) = points.min(axis=0).tolist(), points.max(axis=0).tolist()
        pad, (width, height) = around * self.scale, self.size
        return (
            max(floor(x0 - pad), 0),
            max(floor(height - y1 - pad), 0),
            min(ceil(x1 + pad), width),
            min(ceil(height - y0 + pad), height),
        )

    # The parts

    def paper(self, width: float, height: float) -> Part:
        def artists(_: Hashable) -> list["Artist"]:
            page = outline(0, 0, width + 1, height + 1, 0)
            return [self.brush.shape(self.page, page, fill="background")]

        return Part((0, 0, *self.size), lambda at, lit: (), artists)

    def wire(self, wire: Wire, where: Positions) -> Part:
        start, *points = where.wires[wire.id]
        tip, end = points.pop(), points[-1]

        def look(at: int, lit: bool) -> Hashable:
            hue = self.told.wires[wire.id]["sign"] if self.told.is_walked(wire.id, at) else ""
            current = lit or self.told.is_current("wires", wire.id, at)
            return self.told.is_there(wire.id, at), hue, current

        def artists(seen: tuple[bool, str, bool]) -> list["Artist"]:
            there, hue, current = seen
            colour = "current" if current else hue or "line"
            width = 4.0 if current else 1 + 4 * wire.strength if hue else 1.2
            corners = arrowhead(end, tip, width)
            return [
                self.brush.shape(
                    self.graph, curve(start, points), line=colour, width=width, dashed=not there
                ),
                self.brush.shape(self.graph, polygon(corners), fill=colour),
            ]

        return Part(self.boxed(self.graph, [start, *points, tip], 8), look, artists)

    def card(self, card: Card, centre: Point) -> Part:
        left, top = centre[0] - card.width / 2, centre[1] - card.height / 2
        right, bottom = left + card.width, top + card.height
        box = self.boxed(self.graph, [(left, top), (right, bottom)], 3)

        if card.kind == "constant":
            frame = outline(left, top, card.width, card.height, card.height / 2)

            def constant(_: Hashable) -> list["Artist"]:
                return [
                    self.brush.shape(self.graph, frame, line="line", width=1.0, dashed=True),
                    *self.brush.words(self.graph, *centre, number(card.value), "muted", "center"),
                ]

            return Part(box, lambda at, lit: (), constant)

        def look(at: int, lit: bool) -> Hashable:
            known = self.told.is_known(card.id, at)
            current = lit or self.told.is_current("cards", card.id, at)
            return known, current, self.told.value(card.id, at), *self.told.grad(card.id, at)

        corner = 14 if card.kind == "leaf" else 3
        frame = outline(left, top, card.width, card.height, corner)
        band = outline(left, top, card.width, HEADER, corner, 0)

        def artists(seen: tuple[bool, bool, str, str, str]) -> list["Artist"]:
            known, current, value, grad, hue = seen
            ink = "text" if known else "muted"
            tint = mixed(LIGHT["card"], LIGHT[f"{hue}-fill"], card.strength) if hue else "card"
            border = 4.0 if current else 1.2 + 2 * card.strength if hue else 1.2
            drawn = [self.brush.shape(self.graph, frame, fill=tint)]
            if card.kind == "operation":
                share = 0.3 if current else 0.22
                colour = "current" if current else "line"
                drawn.append(self.brush.shape(self.graph, band, fill=colour, opacity=share))
            line = "current" if current else hue or "line"
            drawn.append(
                self.brush.shape(self.graph, frame, line=line, width=border, dashed=not known)
            )
            near, far = left + PADDING, right - PADDING
            name, op = card.header
            y = top + HEADER / 2
            drawn += self.brush.words(self.graph, near, y, name, ink, bold=True)
            drawn += self.brush.words(self.graph, far, y, op, ink, "right", bold=True)
            y = top + HEADER + PADDING / 2 + ROW / 2
            for row, shown in (("value", value), ("grad", grad)):
                drawn += self.brush.words(self.graph, near, y, row, "muted")
                drawn += self.brush.words(
                    self.graph, far, y, shown, "muted" if shown == "?" else "text", "right"
                )
                y += ROW
            return drawn

        return Part(box, look, artists)

    def notes(self, wire: Wire, place: Point) -> Part:
        told = self.told.wires[wire.id]
        x, y = place
        half = max(map(columns, told["notes"])) * COLUMN / 2
        rise = 7.5 * (len(told["notes"]) - 1)

        def artists(walked: bool) -> list["Artist"]:
            drawn: list[Artist] = []
            if walked:
                for i, note in enumerate(told["notes"]):
                    colour = told["sign"] if i and told["sign"] else "text"
                    at = y - rise + 15 * i
                    drawn += self.brush.words(
                        self.graph, x, at, note, colour, "center", 12, halo=True
                    )
            return drawn

        corners = [(x - half, y - rise), (x + half, y + rise)]
        box = self.boxed(self.graph, corners, 10)
        return Part(box, lambda at, lit: lit or self.told.is_walked(wire.id, at), artists)

    def caption(self, caption: "Caption", width: float) -> Part:
        last = len(self.told.steps) - 1

        def artists(at: int) -> list["Artist"]:
            bar = outline(0, 0, width * at / last, 4, 0)
            drawn = [
                self.brush.shape(self.below, outline(0, 0, width, caption.height, 0), fill="card"),
                self.brush.shape(self.below, outline(0, 0, width, 4, 0), fill="line", opacity=0.22),
                self.brush.shape(self.below, bar, fill="current"),
            ]
            for x, y, text, colour, bold in caption.words(at):
                drawn += self.brush.words(
                    self.below, x, y, text, colour, size=caption.size, bold=bold
                )
            return drawn

        box = self.boxed(self.below, [(0, 0), (width, caption.height)], 0)
        return Part(box, lambda at, lit: at, artists)


# The caption


class Caption:
    """The titles and lines of all steps, broken so that each fits in the same room."""

    def __init__(self, steps: Sequence[dict[str, Any]], width: float) -> None:
        least, most = CAPTION_SIZES
        column = width / CAPTION_COLUMNS
        self.size = min(max(column * EM, least), most)
        self.column = self.size / EM
        self.room = int(width / self.column) - 2
        names = [name for step in steps for name, _ in step["lines"]]
        self.indent = 2 + max(map(columns, (shortened(name, NAME_COLUMNS) for name in names)))
        self.titles = [shortened(step["title"], self.room) for step in steps]
        self.rows = [self.rows_of(step["lines"]) for step in steps]
        row = self.size * LEADING
        self.height = (max(map(len, self.rows)) + 2.2) * row

    def rows_of(self, lines: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
        """What stands at the left and at the right of each row."""
        rows = [row for line in lines for row in self.broken(*line)]
        if len(rows) > CAPTION_ROWS >= len(lines):
            return [row for line in lines for row in self.broken(*line, 1)]
        if len(rows) > CAPTION_ROWS:  # it is a list: the names go along with their numbers
            pairs = (f"{name} = {text}" if name else text for name, text in lines[1:])
            listed = ",  ".join(pair.replace(" ", "\N{NO-BREAK SPACE}") for pair in pairs)
            rows = [*self.broken(*lines[0]), *self.broken("", listed, CAPTION_ROWS)]
        if len(rows) > CAPTION_ROWS:
            rows = [*rows[: CAPTION_ROWS - 1], ("", "…")]
        return rows

    def broken(self, name: str, text: str, most: int = LINE_ROWS) -> list[tuple[str, str]]:
        room = self.room - self.indent
        texts = [shortened(line, room) for line in wrap(text, room)] or [""]
        if len(texts) > most:
            texts = [*texts[: most - 1], f"{texts[most - 1][: room - 1].rstrip('…')}…"]
        names = [shortened(name, NAME_COLUMNS), *[""] * (len(texts) - 1)]
        return list(zip(names, texts, strict=True))

    def words(self, at: int) -> Iterator[tuple[float, float, str, str, bool]]:
        """What to write at a step: x, y, text, colour, whether it is bold."""
        left, row = self.column, self.size * LEADING
        yield left, row, self.titles[at], "text", True
        for i, (name, text) in enumerate(self.rows[at]):
            y = row * (i + 2.2)
            yield left, y, name, "muted", False
            yield left + self.indent * self.column, y, text, "text", False


# Shapes


def common(one: Box, other: Box) -> Box | None:
    """Where two boxes overlap."""
    left, top = max(one[0], other[0]), max(one[1], other[1])
    right, bottom = min(one[2], other[2]), min(one[3], other[3])
    return (left, top, right, bottom) if left < right and top < bottom else None


def apart(boxes: Sequence[Box]) -> list[Box]:
    """Boxes that do not overlap and cover these."""
    found: list[Box] = []
    for box in boxes:
        while near := [other for other in found if common(box, other)]:
            found = [other for other in found if other not in near]
            sides = list(zip(box, *near, strict=True))
            box = min(sides[0]), min(sides[1]), max(sides[2]), max(sides[3])
        found.append(box)
    return found


# Colours


class Palette:
    """The colours of a film, chosen from pictures that between them show all there is.

    The most frequent ones, those of surfaces, are kept exactly; the others are shades at the edges
    of letters and lines.
    """

    def __init__(self, pictures: Sequence["Image"]) -> None:
        from PIL import Image

        width, height = pictures[0].size
        together = Image.new("RGB", (width, height * len(pictures)))
        for i, picture in enumerate(pictures):
            together.paste(picture, (0, height * i))
        counted: list[Any] = sorted(
            together.getcolors(width * height * len(pictures)) or [], reverse=True
        )
        shades: list[int] = (
            together.quantize(COLOURS - SURFACES, Image.Quantize.MEDIANCUT).getpalette() or []
        )
        colours = {
            tuple(band // STEP for band in colour): colour
            for colour in [
                *zip(*[iter(shades)] * 3, strict=True),
                *(colour for _, colour in reversed(counted[:SURFACES])),
            ]
        }
        self.bands = [band for colour in colours.values() for band in colour]
        self.steps = Image.new("P", (1, 1))
        self.steps.putpalette([band // STEP * STEP for band in self.bands])

    def painted(self, picture: "Image") -> "Image":
        """The picture in these colours, each replaced by the nearest."""
        from PIL import Image

        found = picture.quantize(palette=self.steps, dither=Image.Dither.NONE)
        found.putpalette(self.bands)
        return found
