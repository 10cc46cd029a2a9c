"""`draw`: the graph of a value, or a network, as a picture that notebooks show and files hold."""

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from operator import index
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Union, cast

from autograd import AutogradError, Value, topological_order
from autograd.disk import replace, suffix_of
from autograd.teaching.failures import half_of
from autograd.teaching.names import variables_of
from autograd.user_text import counted
from viz.dot import digraph
from viz.escape import shortened
from viz.graph.fold import Fold, Unfold, drawable, folded, unfolded
from viz.graph.layout import layout
from viz.graph.model import Graph, contracted
from viz.graph.network_scene import Lines
from viz.graph.network_scene import scene as network_scene
from viz.graph.networks import Network, found
from viz.graph.sheet import SLIDE, Page
from viz.render.files import pdf, png
from viz.render.scene import Scene
from viz.render.svg import Theme, image_html, palette, svg

if TYPE_CHECKING:
    from nn import Module

Names = Mapping[str, Any] | Literal[False] | None
Direction = Literal["LR", "TB"]
Size = tuple[int, int]

LEAST, MOST = 200, 16_384  # pixels of a side


class Drawing:
    """What `draw` returns: a graph as it was when it was drawn. Notebooks show it.

    `svg` is the picture as text. `save(path)` writes it as the path's suffix says. `pages` are the
    scenes of the slides on which it is; most pictures need one. `sheet` is all of it as one scene.
    """

    def __init__(
        self,
        pages: Callable[[], Sequence[Scene]],
        sheet: Callable[[], Scene],
        theme: Theme,
        name: str,
        dot: Graph | None,
        direction: Direction = "LR",
    ) -> None:
        self._pages, self._sheet = pages, sheet
        self._theme, self._name, self._dot, self._direction = theme, name, dot, direction

    @cached_property
    def pages(self) -> Sequence[Scene]:
        """The slides on which it is, made when they are first asked for."""
        return self._pages()

    @cached_property
    def sheet(self) -> Scene:
        """All of it as one scene, made when it is first asked for."""
        return self._sheet()

    @cached_property
    def svg(self) -> str:
        """The picture as the text of an SVG file, which needs nothing else: trimmed to what is
        drawn, unless a size was asked for."""
        return svg(self.sheet, self._theme)

    @property
    def slide(self) -> Scene:
        """What a .png shows: the one page that there is, or all of it as one scene."""
        return self.pages[0] if len(self.pages) == 1 else self.sheet

    def save(self, path: str | os.PathLike[str], *, scale: float = 1.0) -> Path:
        """Write a .svg, .png, .pdf or .dot file, and return its path.

        A .png or a .pdf is a slide of 1920 × 1080 pixels, unless `draw` was given another size, and
        several slides are as many pages; a .png has `scale` times as many pixels. A .dot is the
        graph in Graphviz's language, as `draw_dot` gives it.

        Raises ValueError for any other suffix and for too many pixels, FileNotFoundError when the
        folder is missing, and FileError for a path that is a folder. A file that is there already
        is replaced as a whole, or not at all.
        """
        path = Path(path)
        replace(path, WRITERS[suffix_of(path, WRITERS)](self, scale))
        return path

    def _repr_svg_(self) -> str:
        return self.svg

    def _repr_html_(self) -> str:
        return image_html(self.svg, f"{self.sheet.title}. {self.sheet.sentences}")

    def __repr__(self) -> str:
        return f"<drawing of {self._name}>"


def draw(
    y: Union[Value, "Module", AutogradError],
    example: Sequence[float] | int | None = None,
    *,
    direction: Direction = "LR",
    names: Names = None,
    fold: Fold = None,
    unfold: Unfold = (),
    contract: bool | None = None,
    size: Size | None = None,
    theme: Theme = "auto",
    legend: bool = True,
    lines: Lines = "weight",
    open: tuple[int, int] | None = None,
) -> Drawing:
    """The graph of y: every value with its gradient, every edge with its local derivative and with
    what flows back along it. What a network of nn made is drawn as that network.

    It shows the gradients that are there: call y.backward() first. It grows to the right, or with
    the direction "TB" from top to bottom, in lines as a text does, so that it fits a slide of
    1920 × 1080 pixels, or one of `size` pixels. A large graph is drawn with less detail, and where
    its type would be too small, on several slides. Values without a label are called by the
    caller's variables, by those in the dict `names`, or with `names=False` by none: v1, v2, …

    Plain numbers stand in the badge of the operation that takes them, and sums of sums are one Σ
    where no lines cross for that; `contract` says that they are, or are not.

    A network has a column for its inputs and for every layer, with the value and the gradient at
    each neuron, and a line for every weight. `lines` says what they show: "weight", "gradient" or
    "flow". `open=(layer, neuron)`, counted from 1, shows all numbers of a neuron. Of a loss of
    several examples, one is drawn: `example` is its index. Instead of y, there may be a model,
    whose `example` is a list of numbers; it has values, and no gradients.

    With `fold=False` a network is drawn as the graph that it is. "neuron", "network" and "loss"
    fold what nn made into one node each, and `fold=None` does that only above 400 nodes. On an edge
    into a folded node stands the product of the local derivatives inside it. The name of an
    operation makes one of it wherever somebody wrote its formula; and `unfold`, such as "tanh" or
    a list of names and nodes, draws the formula instead of the operation.

    `theme` is "light", "dark", or "auto" for that of the reader. `legend=False` leaves out the line
    that says what the marks mean.

    The error of an operation is drawn as the half of the graph that there is: what has been
    computed, and the operation that failed.

    Raises ValueError for more than 400 nodes in the end, for an unknown direction, fold, theme,
    size or `lines`, for an operation to unfold that is not there, and for lines of gradients that
    were not computed; IndexError for an example or a neuron that there is not; TypeError for what
    is neither a Value nor a model; and StaleGraph when a leaf was changed after the graph was
    recorded.

    >>> x = Value(3.0)
    >>> y = x * x
    >>> y.backward()
    >>> drawing = draw(y)
    >>> drawing, drawing.svg[:4]
    (<drawing of y: 2 nodes, 2 edges>, '<svg')
    """
    if names is None:
        names = variables_of(sys._getframe(1))
    palette(theme)  # complains about one that there is not
    if isinstance(y, AutogradError):
        y = half_of(y)
    style = Style(page_of(size, legend), size is not None, theme)
    if is_network(y):
        outputs, chosen = outputs_of(cast("Module", y), example), None
    else:
        outputs, chosen = [cast(Value, y)], index_of(example)
    if unfold:
        fold = fold or False
        outputs[0], names = unfolded(outputs[0], names or {}, unfold)
    if fold is None and direction == "LR" and (network := found(*outputs)):
        return network_drawing(network, names or {}, style, chosen or 0, lines, open)
    if len(outputs) > 1:
        raise ValueError(
            f"one value's graph is drawn, and this model gives {len(outputs)}: draw one of them"
        )
    if chosen is not None or lines != "weight" or open is not None:
        raise ValueError(
            "only a network that nn made, drawn as one, has examples, lines and neurons to open"
        )
    return graph_drawing(outputs[0], names or {}, style, fold, direction, contract)


class Style(NamedTuple):
    """The page that a picture is made for, whether that was asked for, and its colours."""

    page: Page
    is_sized: bool
    theme: Theme


def is_network(y: Any) -> bool:
    """Whether it is a module of nn, without which graphs can be drawn: a file `nn.py` may be in
    the way."""
    loaded = sys.modules.get("nn.module")
    return isinstance(y, getattr(loaded, "Module", ()))


def outputs_of(model: "Module", example: Any) -> list[Value]:
    """What the model makes of an example."""
    if example is None or isinstance(example, int):
        raise TypeError(
            "a model is drawn with an example, the list of numbers that it is given: "
            "draw(model, [0.5, -1.0])"
        )
    made = model(example)
    return [made] if isinstance(made, Value) else list(made)


def index_of(example: Any) -> int | None:
    """Which example of a loss is drawn."""
    try:
        return None if example is None else index(example)
    except TypeError:
        raise TypeError(
            "of a loss of several examples one is drawn, by its index, counted from 0, "
            f"and not by {example!r:.60}"
        ) from None


def network_drawing(
    network: Network,
    variables: Mapping[str, Any],
    style: Style,
    example: int,
    lines: Lines,
    open: tuple[int, int] | None,
) -> Drawing:
    slide, sheet = (
        network_scene(network, style.page, example, lines, open, is_sheet=is_sheet)
        for is_sheet in (False, True)
    )
    y = network.result
    dot = None if y is None else contracted(*folded(y, variables, None), sums=False)
    whole = slide if style.is_sized else sheet
    return Drawing(lambda: [slide], lambda: whole, style.theme, slide.title, dot)


def graph_drawing(
    y: Value,
    variables: Mapping[str, Any],
    style: Style,
    fold: Fold = None,
    direction: Direction = "LR",
    contract: bool | None = None,
) -> Drawing:
    y, variables = folded(y, variables, fold)
    order = topological_order(y)
    drawable(order)
    made = layout(y, variables, style.page, direction, sums=contract)
    nodes, edges = len(order), sum(len(node.parents) for node in order)
    name = (
        f"{shortened(made.graph.result.name)}: {counted(nodes, 'node')}, {counted(edges, 'edge')}"
    )

    def sheet() -> Scene:
        is_page = style.is_sized and len(drawing.pages) == 1
        return drawing.pages[0] if is_page else made.sheet()

    dot = contracted(y, variables, sums=False)
    drawing = Drawing(made.pages, sheet, style.theme, name, dot, direction)
    return drawing


def page_of(size: Size | None, legend: bool) -> Page:
    width, height = SLIDE if size is None else size_of(size)
    return Page(width, height, legend)


def size_of(size: Any) -> Size:
    """A width and a height in pixels."""
    try:
        width, height = map(index, size)
    except (TypeError, ValueError):
        raise ValueError(
            f"size is a width and a height in pixels, such as (1920, 1080), not {size!r:.60}"
        ) from None
    if not (LEAST <= width <= MOST and LEAST <= height <= MOST):
        raise ValueError(
            f"a side of a picture has from {LEAST} to {MOST} pixels, and these are "
            f"{width} × {height}"
        )
    return width, height


def _png(drawing: Drawing, scale: float) -> bytes:
    return png(drawing.slide, drawing._theme, scale)


def _dot(drawing: Drawing, scale: float) -> bytes:
    if drawing._dot is None:
        raise ValueError("a .dot file holds the graph of one value, and this model gives several")
    return digraph(drawing._dot, rankdir=drawing._direction).source.encode()


WRITERS: dict[str, Callable[[Drawing, float], bytes]] = {
    ".svg": lambda drawing, scale: drawing.svg.encode(),
    ".png": _png,
    ".pdf": lambda drawing, scale: pdf(drawing.pages, drawing._theme),
    ".dot": _dot,
}
