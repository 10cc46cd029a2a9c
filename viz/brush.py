"""A brush that paints in the palette's colours with matplotlib, on no axes and in CSS pixels."""

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, Literal
from unicodedata import category

from viz.layout import Point
from viz.palette import LIGHT

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.figure import Figure
    from matplotlib.path import Path

FONTS = ("DejaVu Sans Mono", "DejaVu Sans")  # matplotlib brings both


class Brush:
    """Makes artists for a figure, which texts ask for its dpi; someone else draws them."""

    def __init__(self, figure: "Figure") -> None:
        self.figure = figure

    def shape(
        self,
        transform: Any,
        path: "Path",
        *,
        fill: str | None = None,
        line: str | None = None,
        width: float = 0.0,
        dashed: bool = False,
        opacity: float = 1.0,
    ) -> "Artist":
        """A path, filled or drawn in colours of the palette. Widths are those of CSS pixels."""
        from matplotlib.patches import PathPatch

        return PathPatch(
            path,
            transform=transform,
            facecolor=LIGHT.get(fill, fill) if fill else "none",
            edgecolor=LIGHT[line] if line else "none",
            linewidth=width,
            linestyle=(0, (3 / width, 4 / width)) if dashed else "solid",
            alpha=opacity,
            capstyle="butt",
        )

    def words(
        self,
        transform: Any,
        x: float,
        y: float,
        text: str,
        colour: str,
        anchor: Literal["left", "center", "right"] = "left",
        size: float = 13.0,
        bold: bool = False,
        halo: bool = False,
    ) -> list["Artist"]:
        """A line of text whose middle lies at y, with some background around it if asked for."""
        from matplotlib.patheffects import Stroke
        from matplotlib.text import Text

        weight = "bold" if bold else "normal"
        lines: list[Artist] = []
        for around in (True, False) if halo else (False,):
            line = Text(
                x,
                y + 0.35 * size,
                drawable(text, weight),
                color=LIGHT[colour],
                fontsize=size,
                fontfamily=FONTS,
                fontweight=weight,
                horizontalalignment=anchor,
                verticalalignment="baseline",
                transform=transform,
                parse_math=False,  # a label may have a $ in it
            )
            line.set_figure(self.figure)
            if around:
                line.set_path_effects([Stroke(linewidth=4, foreground=LIGHT["background"])])
            lines.append(line)
        return lines


# Characters


def drawable(text: str, weight: str) -> str:
    """The text on one line, with � for what no font here has: matplotlib would warn of it.

    Marks that turn the direction of writing are left out, or they would turn what follows too.
    """
    known = characters(weight)
    shown = (c for c in " ".join(text.split("\n")) if category(c) != "Cf")
    return "".join(c if ord(c) in known else "�" for c in shown)


@cache
def characters(weight: str) -> frozenset[int]:
    """The code points that the fonts can draw."""
    from matplotlib.font_manager import FontProperties, findfont, get_font

    files = [findfont(FontProperties(family=name, weight=weight)) for name in FONTS]
    return frozenset().union(*(get_font(file).get_charmap() for file in files))


# Shapes


def curve(start: Point, points: Sequence[Point]) -> "Path":
    from matplotlib.path import Path

    return Path([start, *points], [Path.MOVETO, *[Path.CURVE4] * len(points)])


def polygon(corners: Sequence[Point]) -> "Path":
    from matplotlib.path import Path

    return Path([*corners, corners[0]], closed=True)


def outline(
    left: float,
    top: float,
    width: float,
    height: float,
    corner: float,
    below: float | None = None,
) -> "Path":
    """A rectangle with round corners; `below` rounds its lower ones differently."""
    from matplotlib.path import Path

    right, bottom = left + width, top + height
    low = corner if below is None else below
    points = [
        (left, top + corner), (left, top), (left + corner, top),
        (right - corner, top), (right, top), (right, top + corner),
        (right, bottom - low), (right, bottom), (right - low, bottom),
        (left + low, bottom), (left, bottom), (left, bottom - low),
        (left, top + corner),
    ]  # fmt: skip
    corners = [Path.LINETO, Path.CURVE3, Path.CURVE3] * 4
    return Path(points, [Path.MOVETO, *corners[1:], Path.CLOSEPOLY])
