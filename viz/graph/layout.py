"""Any graph on a page: as much detail as its size leaves room for, in lines as a text."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from autograd import Value
from viz.graph import marks, notation
from viz.graph.lines import BETWEEN, Cuts, cut, cut_for_slides
from viz.graph.marks import Part
from viz.graph.model import Graph, contracted, folded, unexplained
from viz.graph.order import arrange, beginnings, columns, place
from viz.graph.ranks import ranked
from viz.graph.sizes import LEVELS, SMALLEST, Sizes
from viz.render.font import fitted, width
from viz.render.scene import Group, Pen, Scene, Shape

SLIDE = (1920, 1080)
LEGIBLE = 16.0  # pixels: the smallest type on a slide
LARGEST_SCALE = 1.5

ALMOST = 15.0  # pixels: better than a second slide

MARGIN = 16.0
LEGEND, SMALL_LEGEND = 20.0, 13.0  # type, on a slide and on a page narrower than that
WIDE = 900
NARROWEST = 760.0  # of a trimmed page, for the legend's sake


class Page(NamedTuple):
    """The page that a picture is made for. Where it is a sheet that can be cut, `trimmed`, it is
    no larger than what is on it."""

    width: float = SLIDE[0]
    height: float = SLIDE[1]
    legend: bool = True
    trimmed: bool = False

    @property
    def type(self) -> float:
        """The size of the legend's type."""
        return LEGEND if self.width > WIDE else SMALL_LEGEND

    @property
    def room(self) -> tuple[float, float]:
        """What there is for a graph, under which the legend has two lines at most."""
        foot = 1.5 * self.type if self.legend else 0.0
        return self.width - 2 * MARGIN, self.height - 2 * MARGIN - foot


@dataclass(frozen=True)
class Candidate:
    """One way to draw a graph: its lines with their places, and its size in units."""

    graph: Graph
    sizes: Sizes
    is_folded: bool
    parts: list[Part]

    @property
    def width(self) -> float:
        return max(part.width for part in self.parts) + 8

    @property
    def height(self) -> float:
        return height_of(self.parts)

    def scale(self, page: Page) -> float:
        wide, high = page.room
        return min(wide / self.width, high / self.height)


def height_of(parts: Sequence[Part]) -> float:
    return sum(part.height for part in parts) + BETWEEN * (len(parts) - 1)


def best_for(
    y: Value, variables: Mapping[str, Any] | None, page: Page, sums: bool
) -> tuple[Candidate, float]:
    """The fullest detail whose type is large enough on one page, and its scale; where there is
    none, what has the largest type, at the scale at which it is read on several pages."""
    smallest: tuple[float, Graph, int, Sizes, bool, Cuts] | None = None
    for is_folded in (False, True):
        graph = contracted(y, variables, sums)
        if is_folded:
            graph = folded(graph)
        ranks = ranked(graph)
        for level in LEVELS:
            sizes = Sizes(level)
            cuts = cut(graph, ranks, sizes, *page.room)
            scale = cuts.scale
            if scale * SMALLEST >= LEGIBLE:  # as reckoned: what it comes to is measured
                made = candidate(graph, sizes, is_folded, cuts)
                scale = made.scale(page)
                if scale * SMALLEST >= LEGIBLE - 0.05:
                    return made, scale
            if smallest is None or scale > 1.02 * smallest[0]:
                smallest = scale, graph, ranks, sizes, is_folded, cuts
    assert smallest is not None
    _, graph, ranks, sizes, is_folded, cuts = smallest
    made = candidate(graph, sizes, is_folded, cuts)
    if made.scale(page) * SMALLEST >= ALMOST:
        return made, made.scale(page)
    return on_slides(contracted(y, variables, sums), page) or (made, made.scale(page))


def on_slides(graph: Graph, page: Page) -> tuple[Candidate, float] | None:
    """On several pages: the fullest detail that needs at most one page more than any other."""
    ranks = ranked(graph)
    scale = LEGIBLE / SMALLEST
    every = [
        (sizes, *found)
        for sizes in map(Sizes, LEVELS)
        if (found := cut_for_slides(graph, ranks, sizes, *page.room, scale))
    ]
    fewest = min([count for *_, count in every], default=0)
    for sizes, cuts, count in every:
        if count <= fewest + 1:
            return candidate(graph, sizes, False, cuts), scale
    return None


def candidate(graph: Graph, sizes: Sizes, is_folded: bool, cuts: Cuts) -> Candidate:
    """The lines of a graph, each in the order of the fewest crossings."""
    parts = []
    orders = beginnings(graph)
    for one in cuts.lines:
        best: tuple[int, list] | None = None
        for order in orders:
            cols = columns(graph, one, order)
            crossings = arrange(cols)
            if best is None or crossings < best[0]:
                best = crossings, cols
            if not crossings:
                break
        assert best is not None
        parts.append(marks.spread(best[1], place(best[1], sizes), sizes))
        parts[-1].crossings = best[0]
    return Candidate(graph, sizes, is_folded, parts)


def pages(made: Candidate, scale: float, page: Page) -> list[list[Part]]:
    """The lines, as many on each page as there is room for."""
    found: list[list[Part]] = [[]]
    for part in made.parts:
        if found[-1] and height_of([*found[-1], part]) * scale > page.room[1] + 0.5:
            found.append([])
        found[-1].append(part)
    return found


def scenes_of(
    y: Value,
    variables: Mapping[str, Any] | None = None,
    page: Page | None = None,
    sums: bool = True,
) -> list[Scene]:
    """The graph of y in the fullest detail whose type is large enough to be read: on one page, or
    where it is too large for that, on several.

    Raises TypeError for what is no Value, and StaleGraph when a leaf was changed after the graph
    was recorded.
    """
    page = page or Page()
    made, scale = best_for(y, variables, page, sums)
    scale = min(scale, LARGEST_SCALE)
    return [scene(made, parts, scale, page) for parts in pages(made, scale, page)]


def scene(made: Candidate, parts: Sequence[Part], scale: float, page: Page) -> Scene:
    """Some lines of a candidate in the middle of their page, and the legend at its foot."""
    width, height = page.width, page.height
    if page.trimmed:
        width = max(made.width * scale + 2 * MARGIN, min(page.width, NARROWEST))
    words = list(entries(made, parts)) if page.legend else []
    legend = rows_of_legend(words, width, page.type)
    foot = 1.5 * page.type * len(legend)
    if page.trimmed:
        height = height_of(parts) * scale + 2 * MARGIN + foot + (MARGIN if legend else 0)
    left = (width - made.width * scale) / 2
    top = MARGIN + max(0.0, (height - 2 * MARGIN - foot - height_of(parts) * scale) / 2)
    pen = Pen(scale, left, top)
    high = 0.0
    for part in parts:
        part.top = high
        high += part.height + BETWEEN
    drawn = [one for part in parts for one in marks.groups(part, made.graph, made.sizes, pen)]
    drawn.sort(key=lambda group: group.kind != "line")
    width, height = float(round(width)), float(round(height))
    return Scene(
        width,
        height,
        f"Computation graph of {made.graph.result.name}",
        [*drawn, *legend_groups(legend, height - foot - 0.4 * MARGIN, page.type)],
        detail=made.sizes.detail,
        folded=made.is_folded,
        parts=len(parts),
        crossings=sum(part.crossings for part in parts),
    )


# The legend


def entries(made: Candidate, parts: Sequence[Part]) -> Iterator[tuple[str, str]]:
    """What the legend says: marks, with their words."""
    graph, sizes = made.graph, made.sizes
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


def rows_of_legend(
    words: Sequence[tuple[str, str]], room: float, size: float
) -> list[list[tuple[float, str, str]]]:
    """The entries with where they begin, row by row."""
    rows: list[list[tuple[float, str, str]]] = []
    x = room
    for kind, text in words:
        wide = symbol_width(kind, size) + width(text, size)
        if x + wide > room - MARGIN:
            rows.append([])
            x = MARGIN
        rows[-1].append((x, kind, text))
        x += wide + 1.3 * size
    return rows


def symbol_width(kind: str, size: float) -> float:
    return 1.8 * size if kind else 0.0


def legend_groups(
    rows: Sequence[Sequence[tuple[float, str, str]]], top: float, size: float
) -> Iterator[Group]:
    pen = Pen()
    for at, row in enumerate(rows):
        y = top + 1.5 * size * (at + 1) - 0.4 * size
        for x, kind, text in row:
            after = symbol_width(kind, size)
            area = pen.area(x, y - 0.8 * size, after + width(text, size), size)
            words = pen.text(x + after, y, text, size)
            yield Group("legend", "", (*symbol(kind, x, y, size, pen), words), area=area)


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
