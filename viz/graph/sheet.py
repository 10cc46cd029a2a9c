"""A graph on its page, with a legend: the places that a layout gives become a scene."""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from viz.graph import down, marks, notation
from viz.graph.lines import BETWEEN
from viz.graph.marks import Part
from viz.graph.model import Graph, unexplained
from viz.graph.sizes import Sizes
from viz.render.font import fitted, width
from viz.render.scene import Group, Pen, Scene, Shape

SLIDE = (1920.0, 1080.0)
LEGIBLE = 16.0  # pixels: the smallest type on a slide
MARGIN = 16.0
LEGEND, SMALL_LEGEND = 20.0, 13.0  # type, on a slide and on a page narrower than that
SMALLER = 0.8  # where it would need another line
WIDE = 900
NARROWEST = 760.0  # of a sheet, for the legend's sake
FOOT = 1.5  # the height of a line of the legend, in its type


class Page(NamedTuple):
    """The page that a picture is made for, with room for so many rows of a legend, if it is to have
    one. Type should have at least so many pixels."""

    width: float = SLIDE[0]
    height: float = SLIDE[1]
    legend: bool = True
    rows: int = 1
    least: float = LEGIBLE

    @property
    def type(self) -> float:
        """The size of the legend's type."""
        return LEGEND if self.width > WIDE else SMALL_LEGEND

    @property
    def room(self) -> tuple[float, float]:
        """What there is for a graph, above the legend."""
        foot = FOOT * self.type * self.rows if self.legend else 0.0
        return self.width - 2 * MARGIN, self.height - 2 * MARGIN - foot


def height_of(parts: Sequence[Part]) -> float:
    return sum(part.height for part in parts) + BETWEEN * (len(parts) - 1)


def on_pages(parts: Sequence[Part], sizes: Sizes, scale: float, page: Page) -> list[list[Part]]:
    """The lines, as many on each page as there is room for."""
    _, room = sizes.turned(*page.room)
    found: list[list[Part]] = [[]]
    for part in parts:
        if found[-1] and height_of([*found[-1], part]) * scale > room + 0.5:
            found.append([])
        found[-1].append(part)
    return found


def scene_of(
    graph: Graph,
    sizes: Sizes,
    parts: Sequence[Part],
    scale: float,
    page: Page,
    title: str,
    *,
    is_sheet: bool = False,
) -> Scene:
    """Some lines of a graph in the middle of their page, and the legend at its foot. A sheet is as
    large as what is on it."""
    along, across = max(part.width for part in parts) * scale, height_of(parts) * scale
    wide, high = sizes.turned(along, across)
    width, height = page.width, page.height
    if is_sheet:
        width = max(wide + 2 * MARGIN, min(page.width, NARROWEST))
    legend, size = legend_of(graph, sizes, parts, page, width)
    foot = FOOT * size * len(legend)
    if is_sheet:
        height = high + 2 * MARGIN + foot + (MARGIN if legend else 0)
    left = (width - wide) / 2
    top = MARGIN + max(0.0, (height - 2 * MARGIN - foot - high) / 2)
    pen = Pen(scale, left, top)
    reached = 0.0
    for part in parts:
        part.top = reached
        reached += part.height + BETWEEN
    groups = down.groups if isinstance(sizes, down.Tall) else marks.groups
    largest = graph.largest_flow
    drawn = [one for part in parts for one in groups(part, largest, sizes, pen)]
    drawn.sort(key=lambda group: group.kind != "line")
    below = legend_groups(legend, height - foot - 0.4 * MARGIN, size)
    return Scene(float(round(width)), float(round(height)), title, [*drawn, *below])


# The legend

Rows = list[list[tuple[float, str, str]]]  # where entries begin, their marks and their words


def legend_of(
    graph: Graph, sizes: Sizes, parts: Sequence[Part], page: Page, room: float
) -> tuple[Rows, float]:
    """The legend of some lines of a graph, and its type: smaller where that saves a row."""
    words = list(entries(graph, sizes, parts)) if page.legend else []
    legend = rows_of_legend(words, room, page.type)
    smaller = rows_of_legend(words, room, SMALLER * page.type)
    if len(smaller) < len(legend):
        return smaller, SMALLER * page.type
    return legend, page.type


def entries(graph: Graph, sizes: Sizes, parts: Sequence[Part]) -> Iterator[tuple[str, str]]:
    """What the legend says: marks, with their words."""
    items = [item for part in parts for column in part.columns for item in column.items]
    edges = [wire.edge for item in items if item.kind != "lane" for wire in item.outs]
    grad = graph.has_gradients
    result = fitted(notation.name(graph.result.name), 150, LEGEND)
    rows = "value, beside it" if sizes.detail in ("rows", "dense") else "value, under it"
    yield "card", f"{rows} its gradient, ∂{result}/∂value" if grad else "value"
    if sizes.has_tags:
        if any(map(sizes.chip_text, edges)):
            yield "chip", "local derivative, if not 1"
        if any(sizes.flow(edge) is not None for edge in edges):
            yield "tag", "flow back: upstream gradient · local derivative"
    elif grad:
        yield "line", "flow back: wide = large, dashed = negative"
    if any(item.kind in ("ghost", "again") for item in items):
        yield "ghost", "stands elsewhere"
    if any(marks.has_others(item, sizes) for item in items):
        yield "", "↓ flows in other lines"
    if any(node.inside for node in graph.nodes):
        yield "", "▣ several operations in one card"
    if more := unexplained(graph):
        name = fitted(notation.name(more[0].name), 150, LEGEND)
        yield "", f"the gradient of {name} holds more than these flows: earlier passes"


def rows_of_legend(words: Sequence[tuple[str, str]], room: float, size: float) -> Rows:
    """The entries with where they begin, row by row."""
    rows: Rows = []
    x = room
    for kind, text in words:
        text = fitted(text, room - 2 * MARGIN - symbol_width(kind, size), size)
        wide = symbol_width(kind, size) + width(text, size)
        if x + wide > room - MARGIN:
            rows.append([])
            x = MARGIN
        rows[-1].append((x, kind, text))
        x += wide + 1.3 * size
    return rows


def symbol_width(kind: str, size: float) -> float:
    return 1.8 * size if kind else 0.0


def symbol(kind: str, x: float, y: float, size: float, pen: Pen) -> Iterator[Shape]:
    """A small one of what the words are about."""
    half, middle, right = 0.5 * size, y - 0.36 * size, x + 1.4 * size
    if kind == "tag":
        bend = x + 0.4 * size
        points = [(bend, middle - half), (right, middle - half), (right, middle + half)]
        path = pen.path("M", [(x, middle)], "L", [*points, (bend, middle + half)], "Z")
        yield pen.shape(path, "card", "line", 1.5)
    elif kind == "line":
        path = pen.path("M", [(x, middle)], "L", [(right, middle)])
        yield pen.shape(path, "", marks.COLORS[-1], 0.2 * size, (0.45 * size, 0.25 * size))
    elif kind:
        corner = {"card": 5.0, "ghost": 3.0}.get(kind, 1.0)
        dash = (5, 3) if kind == "ghost" else ()
        shape = pen.box(x, middle - half, right - x, 2 * half, corner)
        yield pen.shape(shape, "background", "line", 1.5, dash)


Symbol = Callable[[str, float, float, float, Pen], Iterator[Shape]]


def legend_groups(
    rows: Sequence[Sequence[tuple[float, str, str]]],
    top: float,
    size: float,
    symbol: Symbol = symbol,
) -> Iterator[Group]:
    pen = Pen()
    for at, row in enumerate(rows):
        y = top + FOOT * size * (at + 1) - 0.4 * size
        for x, kind, text in row:
            after = symbol_width(kind, size)
            area = pen.area(x, y - 0.8 * size, after + width(text, size), size)
            words = pen.text(x + after, y, text, size)
            yield Group("legend", "", (*symbol(kind, x, y, size, pen), words), area=area)
