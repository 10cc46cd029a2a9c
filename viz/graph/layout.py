"""Any graph on a page: as much detail as its size leaves room for, in lines as a text."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from autograd import Value
from viz.graph import marks
from viz.graph.down import Tall
from viz.graph.lines import CHANNEL, Cuts, cut, cut_for_slides
from viz.graph.marks import Part
from viz.graph.model import Graph, contracted, folded
from viz.graph.order import arrange, beginnings, columns, place
from viz.graph.ranks import ranked
from viz.graph.sheet import LEGIBLE, MARGIN, Page, height_of, legend_of, on_pages, scene_of
from viz.graph.sizes import LEVELS, SMALLEST, Sizes
from viz.render.scene import Scene

ALMOST = 15.0  # pixels: type that is better than a second slide, where it should have 16
LARGEST_SCALE = 1.5
RECKONED = 0.93  # of the scale that a single line turns out to have, at least
DIRECTIONS: dict[str, type[Sizes]] = {"LR": Sizes, "TB": Tall}
TANGLED = 10  # crossings, from which on it is tried whether sums of two are clearer


@dataclass(frozen=True)
class Layout:
    """A graph in lines, with the places of everything in them, and the scale that fits the page."""

    graph: Graph
    sizes: Sizes
    is_folded: bool
    parts: list[Part]
    page: Page
    scale: float

    @property
    def crossings(self) -> int:
        """How many lines cross."""
        return sum(part.crossings for part in self.parts)

    @property
    def type(self) -> float:
        """The size of the smallest type, in pixels."""
        return self.scale * SMALLEST

    @property
    def rows_of_legend(self) -> int:
        """How many rows the legend needs, on the page on which it needs most."""
        page = self.page
        return max(
            len(legend_of(self.graph, self.sizes, parts, page, page.width)[0])
            for parts in self._pages()
        )

    def pages(self) -> list[Scene]:
        """A scene for every page."""
        return [self._scene(parts) for parts in self._pages()]

    def page_again(self, number: int) -> Scene:
        """The scene of one page, with the numbers that the graph has now, in the same places."""
        return self._scene(self._pages()[number])

    def _pages(self) -> list[list[Part]]:
        return on_pages(self.parts, self.sizes, self.scale, self.page)

    def sheet(self) -> Scene:
        """All of it as one scene, which is no larger than what is on it."""
        return self._scene(self.parts, is_sheet=True)

    def _scene(self, parts: list[Part], is_sheet: bool = False) -> Scene:
        title = f"Computation graph of {self.graph.result.name}"
        return scene_of(
            self.graph, self.sizes, parts, self.scale, self.page, title, is_sheet=is_sheet
        )


def layout(
    y: Value,
    variables: Mapping[str, Any] | None = None,
    page: Page | None = None,
    direction: str = "LR",
    *,
    sums: bool | None = None,
) -> Layout:
    """The graph of y in the fullest detail whose type is large enough to be read: on one page, or
    where it is too large for that, on several.

    It grows to the right (LR) or down (TB). `sums` says whether sums of sums are drawn as one; None
    decides it by the crossings. Raises ValueError for another direction, TypeError for what is no
    Value, and StaleGraph when a leaf was changed after the graph was recorded.
    """
    if direction not in DIRECTIONS:
        raise ValueError(
            f"direction is LR (to the right) or TB (from top to bottom), not {direction!r}"
        )
    page, levels = page or Page(), [DIRECTIONS[direction](level) for level in LEVELS]
    made = clearest(y, variables, page, levels, sums)
    while (rows := made.rows_of_legend) > page.rows:  # which depends on what is drawn
        page = page._replace(rows=rows)
        made = clearest(y, variables, page, levels, sums)
    return made


def clearest(
    y: Value,
    variables: Mapping[str, Any] | None,
    page: Page,
    levels: Sequence[Sizes],
    sums: bool | None,
) -> Layout:
    """The layout with sums of sums as one, or without, as `sums` says or the crossings do."""
    if sums is not None:
        return fullest(contracted(y, variables, sums), page, levels)
    graph, plain = contracted(y, variables), contracted(y, variables, sums=False)
    made = fullest(graph, page, levels)
    is_unclear = made.crossings > TANGLED or made.type < ALMOST
    if is_unclear and len(graph.nodes) < len(plain.nodes):
        other = fullest(plain, page, levels)
        is_as_large = other.type >= min(LEGIBLE, made.type) - 0.05
        is_clearer = 2 * other.crossings < made.crossings or other.type > made.type
        if is_as_large and is_clearer and other.is_folded <= made.is_folded:
            return other
    return made


def fullest(graph: Graph, page: Page, levels: Sequence[Sizes]) -> Layout:
    """The fullest detail whose type is large enough on one page; where there is none, what is read
    on several pages, and where that cannot be either, what has the largest type."""
    largest: tuple[float, Graph, Sizes, bool, Cuts] | None = None
    for is_folded in (False, True):
        shown = folded(graph) if is_folded else graph
        ranks = ranked(shown)
        for sizes in levels:
            if most(shown, sizes, page) * SMALLEST < page.least - 1:
                continue
            room = sizes.turned(*page.room)
            cuts = cut(shown, ranks, sizes, *room, (page.least - 1) / SMALLEST)
            scale = cuts.scale
            # as reckoned: what it comes to is measured
            reckoned = RECKONED if len(cuts.lines) == 1 else 1.0
            if scale * SMALLEST >= reckoned * page.least:
                made = fitting(shown, sizes, is_folded, cuts, page)
                if made.type >= page.least - 0.05:
                    return made
                scale = made.scale
            if largest is None or scale > 1.02 * largest[0]:
                largest = scale, shown, sizes, is_folded, cuts
    if largest and (made := fitting(*largest[1:], page)).type >= page.least - 1:
        return made
    if slides := on_slides(graph, page, levels):
        return slides
    shown, sizes = folded(graph), levels[-1]
    cuts = cut(shown, ranked(shown), sizes, *sizes.turned(*page.room))
    return fitting(shown, sizes, True, cuts, page)


def unfolded(graph: Graph, page: Page, sizes: Callable[[str], Sizes] = Sizes) -> Layout:
    """The layout in which every node is a card of its own: on one page, or on several. `sizes` are
    those at a level of detail."""
    levels = [sizes(level) for level in LEVELS]
    made = fullest(graph, page, levels)
    if made.is_folded:
        cuts = cut(graph, ranked(graph), levels[-1], *page.room)
        made = on_slides(graph, page, levels) or fitting(graph, levels[-1], False, cuts, page)
    return made


def most(graph: Graph, sizes: Sizes, page: Page) -> float:
    """A scale that is too large for one page, or just large enough: what the cards need, each with
    its part of a channel, as if they filled the page."""
    along, across = page.room
    area = sum((sizes.card(node) + CHANNEL) * sizes.height(node, "card", 1) for node in graph.nodes)
    return (along * across / area) ** 0.5


def on_slides(graph: Graph, page: Page, levels: Sequence[Sizes]) -> Layout | None:
    """On several pages: the fullest detail that needs at most one page more than any other."""
    scale = LEGIBLE / SMALLEST

    every = []
    for sizes in levels:
        room = sizes.turned(*page.room)
        if found := cut_for_slides(graph, ranked(graph), sizes, *room, scale):
            every.append((sizes, *found, [(node.rank, node.use) for node in graph.nodes]))
    fewest = min([count for _, _, count, _ in every], default=0)
    for sizes, cuts, count, ranks in every:
        if count <= fewest + 1:
            for node, (rank, use) in zip(graph.nodes, ranks, strict=True):
                node.rank, node.use = rank, use
            parts = lines_of(graph, sizes, cuts)  # a little wider than reckoned, now and then
            along, _ = sizes.turned(*page.room)
            fits = min(scale, (along + 2 * MARGIN) / max(part.width for part in parts))
            return Layout(graph, sizes, False, parts, page, fits)
    return None


def fitting(graph: Graph, sizes: Sizes, is_folded: bool, cuts: Cuts, page: Page) -> Layout:
    """On one page, as large as it can be."""
    parts = lines_of(graph, sizes, cuts)
    along, across = sizes.turned(*page.room)
    scale = min(along / max(p.width for p in parts), across / height_of(parts), LARGEST_SCALE)
    return Layout(graph, sizes, is_folded, parts, page, scale)


def lines_of(graph: Graph, sizes: Sizes, cuts: Cuts) -> list[Part]:
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
    return parts
