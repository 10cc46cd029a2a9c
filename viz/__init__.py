"""Pictures of computation graphs, and plots of what networks learn.

>>> from autograd import Value
>>> from viz import draw
>>> a, b = Value(2.0, "a"), Value(-3.0, "b")
>>> loss = a * b
>>> loss.backward()
>>> draw(loss)
<drawing of loss: 3 nodes, 2 edges>
"""

import os
import sys
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from stepgrad.neighbours import require

require("autograd", beside=__file__)
require("nn", beside=__file__)

from autograd import Value
from autograd.teaching.names import variables_of
from nn.files import replace, suffix_of
from viz.dot import digraph, draw_dot, skeleton
from viz.fold import Fold, folded
from viz.gif import animation
from viz.layout import rendered
from viz.page import page
from viz.picture import Picture, picture, trace
from viz.plots import plot_boundary, plot_loss, plot_surface, plot_tangent
from viz.stepper.core import Stepper
from viz.svg import notebook_html, svg_text

if TYPE_CHECKING:
    from viz.widget import StepperWidget

Names = Mapping[str, Any] | Literal[False] | None


class Drawing:
    """What `draw` returns: a graph as it was when it was drawn. Notebooks show it.

    `svg` is the picture as text. `save(path)` writes it as the path's suffix says. The layout is
    made when it is wanted, and raises LayoutError where there is no Graphviz.
    """

    def __init__(self, picture: Picture, rankdir: str = "LR") -> None:
        skeleton(rankdir)  # complains about an unknown direction while the caller can hear it
        self._picture, self._rankdir = picture, rankdir

    @cached_property
    def svg(self) -> str:
        """The picture as the text of an SVG file, which needs nothing else."""
        return svg_text(self._picture, self._rankdir)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write a .svg, .png, .pdf or .dot file, and return its path.

        Raises ValueError for any other suffix, FileNotFoundError when the folder is missing, and
        FileError for a path that is a folder. A file that is there already is replaced as a whole,
        or not at all.
        """
        path = Path(path)
        replace(path, WRITERS[suffix_of(path, WRITERS)](self))
        return path

    def _repr_svg_(self) -> str:
        return self.svg

    def _repr_html_(self) -> str:
        return notebook_html(self.svg)

    def __repr__(self) -> str:
        return repr(self._picture)


def draw(y: Value, rankdir: str = "LR", *, names: Names = None, fold: Fold = None) -> Drawing:
    """The graph of y: every value with its gradient, every edge with its local derivative.

    It shows the gradients that are there: call y.backward() first. `rankdir` is the direction in
    which it grows: LR, TB, RL or BT. Values without a label are called by the caller's variables,
    by those in the dict `names`, or with `names=False` by none: v1, v2, …

    Above 400 nodes, `fold=None` folds what nn made: every neuron becomes a node, or if that is not
    enough every network, or the loss as well; "neuron", "network" and "loss" do that to smaller
    graphs too, and False never does. On an edge into a folded node stands the product of the local
    derivatives inside it.

    Raises ValueError for more than 400 nodes in the end and for an unknown rankdir or fold,
    TypeError for what is no Value, and StaleGraph when a leaf was changed after the graph was
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
    return Drawing(picture(*folded(y, names or {}, fold)), rankdir)


def save(y: Value, path: str | os.PathLike[str], *, names: Names = None, fold: Fold = None) -> Path:
    """Draw the graph of y into a .svg, .png, .pdf, .dot, .html or .gif file, and return its path.

    The .html file is a page that walks through the forward and the backward pass of y step by
    step, of its own sweep; it needs no network, and nothing but a browser. The .gif file
    shows the same walk as a film, for slides. `names` and `fold` are as for `draw`.

    Raises what `draw` and `Drawing.save` raise, for a page or a film what the sweep raises, and
    ValueError when one of these would be too long or too large.

    >>> from tempfile import TemporaryDirectory
    >>> y = Value(3.0, "x") ** 2
    >>> y.backward()
    >>> with TemporaryDirectory() as folder:
    ...     [save(y, f"{folder}/square{suffix}").name for suffix in (".svg", ".html")]
    ['square.svg', 'square.html']
    """
    if names is None:
        names = variables_of(sys._getframe(1))
    path = Path(path)
    suffix = suffix_of(path, (*WRITERS, ".html", ".gif"))
    if suffix in WRITERS:
        return draw(y, names=names, fold=fold).save(path)
    stepper = Stepper(y, names or {}, fold)
    replace(path, page(stepper).encode() if suffix == ".html" else animation(stepper.plain()))
    return path


# Below every import of viz.stepper.*, the first of which gives this name to the package.
def stepper(y: Value, *, names: Names = None, fold: Fold = None) -> "StepperWidget":
    """A walk through the forward and the backward pass of y, for a notebook to show.

    What is edited in it is edited in Python: a leaf's `data` is the number that was typed, and
    the widget's `y` is what follows from it. Notebooks without widgets, and what nbconvert makes of
    them, show the page that `save` writes. `names` and `fold` are as for `draw`.

    Raises what `save` raises for a page, but for its path.
    """
    from viz.widget import StepperWidget  # here, as it takes long, and not all are in a notebook

    if names is None:
        names = variables_of(sys._getframe(1))
    return StepperWidget(y, names or {}, fold)


def _source(drawing: Drawing) -> str:
    return digraph(drawing._picture, rankdir=drawing._rankdir).source


def _png(drawing: Drawing) -> bytes:
    graph = digraph(drawing._picture, rankdir=drawing._rankdir)
    graph.attr(dpi="144")  # sharp on the screens of today
    return rendered(graph.source, "png")


WRITERS: dict[str, Callable[[Drawing], bytes]] = {
    ".svg": lambda drawing: drawing.svg.encode(),
    ".png": _png,
    ".pdf": lambda drawing: rendered(_source(drawing), "pdf"),
    ".dot": lambda drawing: _source(drawing).encode(),
}


__all__ = [
    "Drawing",
    "draw",
    "draw_dot",
    "plot_boundary",
    "plot_loss",
    "plot_surface",
    "plot_tangent",
    "save",
    "stepper",
    "trace",
]
