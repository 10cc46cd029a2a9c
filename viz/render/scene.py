"""A scene: what is drawn, with its places, as data. Whoever draws it decides nothing more.

Coordinates and sizes are pixels from the upper left corner, rounded once, when the scene is made.
Colours are names of the palette.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import floor
from typing import Literal

from viz.render.font import Face, width

Anchor = Literal["start", "middle", "end"]
Point = tuple[float, float]


def rounded(x: float) -> float:
    """To a tenth of a pixel; without the sign of zero."""
    return round(x, 1) + 0.0


PULL = 0.45  # how far the ends of a curve go straight on, in its width


def curve(start: Point, end: Point) -> str:
    """A path in pixels that leaves to the right, and arrives from the left: its ends say it all."""
    (x, y), (x_end, y_end) = start, end
    pull = floor(10 * PULL * (x_end - x) + 0.5) / 10
    bends = rounded(x + pull), rounded(x_end - pull)
    return f"M{x:g},{y:g}C{bends[0]:g},{y:g} {bends[1]:g},{y_end:g} {x_end:g},{y_end:g}"


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle: its left, its top, its width and its height."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def bottom(self) -> float:
        return self.y + self.height

    def overlaps(self, other: "Area", slack: float = 0.0) -> bool:
        """Whether the two share more than `slack` pixels both ways."""
        across = min(self.right, other.right) - max(self.x, other.x)
        along = min(self.bottom, other.bottom) - max(self.y, other.y)
        return across > slack and along > slack


@dataclass(frozen=True, slots=True)
class Text:
    """A line of text, whose baseline is at y. `part` says which part of its group it is. Numbers
    that change on the way have a `room`: what is wider than that is squeezed."""

    x: float
    y: float
    text: str
    size: float
    face: Face = "regular"
    anchor: Anchor = "start"
    color: str = "text"
    part: str = ""
    room: float = 0.0

    @property
    def area(self) -> Area:
        """Where it stands: as wide as measured, from its capitals to its baseline."""
        wide = width(self.text, self.size, self.face)
        left = {"start": self.x, "middle": self.x - wide / 2, "end": self.x - wide}[self.anchor]
        return Area(left, self.y - 0.73 * self.size, wide, 0.73 * self.size)


@dataclass(frozen=True, slots=True)
class Shape:
    """A path in the language of SVG, filled, drawn, or both. The colours are names; `dash` holds
    the lengths of strokes and gaps. `whole` is the path of a line without the labels at its
    beginning, where a walk shows it before they are there."""

    path: str
    fill: str = ""
    stroke: str = ""
    width: float = 0.0
    dash: tuple[float, ...] = ()
    opacity: float = 1.0
    part: str = ""
    whole: str = ""


Mark = Text | Shape


@dataclass(frozen=True, slots=True)
class Group:
    """Marks that belong together: a card, a badge, a tag, a chip, a line, the legend.

    `of` is what it is about: the id of a value or of an edge, or those of several. `sentence` is
    the group read aloud.
    `area` is the room that it has for itself, if it has any.
    """

    kind: str
    of: str
    marks: tuple[Mark, ...]
    sentence: str = ""
    area: Area | None = None


@dataclass(frozen=True)
class Scene:
    """What is drawn, the lowest first, on a page of so many pixels."""

    width: float
    height: float
    title: str
    groups: Sequence[Group]

    @property
    def sentences(self) -> str:
        """The scene read aloud: what there is, and then how it hangs together; nothing twice."""
        groups = sorted(self.groups, key=lambda group: group.kind == "line")
        said = dict.fromkeys(group.sentence for group in groups if group.sentence)
        return " ".join(f"{sentence}." for sentence in said)

    @property
    def texts(self) -> Iterator[Text]:
        return (mark for group in self.groups for mark in group.marks if isinstance(mark, Text))

    def of_kind(self, kind: str) -> list[Group]:
        return [group for group in self.groups if group.kind == kind]


class Pen:
    """Makes marks from lengths in units: scaled, moved, and rounded."""

    def __init__(self, scale: float = 1.0, left: float = 0.0, top: float = 0.0) -> None:
        self.scale, self.left, self.top = scale, left, top

    def x(self, x: float) -> float:
        return rounded(self.left + self.scale * x)

    def y(self, y: float) -> float:
        return rounded(self.top + self.scale * y)

    def at(self, x: float, y: float) -> "Pen":
        """A pen whose lengths begin there: what it draws is alike, to the tenth of a pixel."""
        return Pen(self.scale, self.x(x), self.y(y))

    def area(self, x: float, y: float, width: float, height: float) -> Area:
        left, top = self.x(x), self.y(y)
        return Area(left, top, rounded(self.x(x + width) - left), rounded(self.y(y + height) - top))

    def text(
        self,
        x: float,
        y: float,
        text: str,
        size: float,
        face: Face = "regular",
        anchor: Anchor = "start",
        color: str = "text",
        part: str = "",
        room: float = 0.0,
    ) -> Text:
        size, room = round(self.scale * size, 2), rounded(self.scale * room)
        return Text(self.x(x), self.y(y), text, size, face, anchor, color, part, room)

    def shape(
        self,
        path: str,
        fill: str = "",
        stroke: str = "",
        width: float = 0.0,
        dash: Sequence[float] = (),
        opacity: float = 1.0,
        part: str = "",
    ) -> Shape:
        width = round(self.scale * width, 2)
        dash = tuple(rounded(self.scale * length) for length in dash)
        return Shape(path, fill, stroke, width, dash, opacity, part)

    def path(self, *pieces: str | Sequence[Point]) -> str:
        """Letters of SVG's paths, each with the points that follow it."""
        scale, left, top = self.scale, self.left, self.top
        return "".join(  # in one go, as pictures have tens of thousands of points
            piece
            if isinstance(piece, str)
            else " ".join(
                [
                    f"{round(left + scale * x, 1) + 0.0:g},{round(top + scale * y, 1) + 0.0:g}"
                    for x, y in piece
                ]
            )
            for piece in pieces
        )

    def curve(self, start: Point, end: Point) -> str:
        """A path that leaves to the right, and arrives from the left."""
        return curve((self.x(start[0]), self.y(start[1])), (self.x(end[0]), self.y(end[1])))

    def box(self, x: float, y: float, width: float, height: float, corner: float = 0.0) -> str:
        """The path of a rectangle with round corners."""
        return self.rounded_box(x, y, width, height, corner, corner, corner, corner)

    def rounded_box(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        *corners: float,
    ) -> str:
        """The path of a rectangle whose corners are that round: upper left, upper right, lower
        right, lower left."""
        right, bottom = x + width, y + height
        a, b, c, d = corners
        turns: list[tuple[float, list[Point]]] = [
            (b, [(right - b, y), (right, y), (right, y + b)]),
            (c, [(right, bottom - c), (right, bottom), (right - c, bottom)]),
            (d, [(x + d, bottom), (x, bottom), (x, bottom - d)]),
            (a, [(x, y + a), (x, y), (x + a, y)]),
        ]
        pieces: list[str | Sequence[Point]] = ["M", [(x + a, y)]]
        for corner, points in turns:
            pieces += ["L", points[:1], "Q", points[1:]] if corner else ["L", points[:1]]
        return self.path(*pieces, "Z")
