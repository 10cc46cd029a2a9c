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
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from stepgrad.neighbours import require

require("autograd", beside=__file__)

from autograd import AutogradError, Value
from autograd.disk import replace, suffix_of
from autograd.teaching.blackboard import Blackboard
from autograd.teaching.names import variables_of
from viz.apps.stepper.core import Stepper
from viz.dot import draw_dot, trace
from viz.drawing import WRITERS, Drawing, Names, draw
from viz.graph.fold import Fold, Unfold, unfolded
from viz.hosts.board_page import board_page
from viz.hosts.page import page
from viz.walk.gif import animation
from viz.walk.handout import handout

if TYPE_CHECKING:
    from viz.apps.playground.core import Playground
    from viz.downhill import Descent, descent
    from viz.hosts.playground_widget import PlaygroundWidget
    from viz.hosts.widget import StepperWidget
    from viz.plots import plot_boundary, plot_loss, plot_surface
    from viz.sweeps import plot_sweep
    from viz.tangent import plot_tangent

PLOTS = {
    "plot_boundary": "plots", "plot_loss": "plots", "plot_surface": "plots",
    "plot_tangent": "tangent", "plot_sweep": "sweeps", "Descent": "downhill", "descent": "downhill",
}  # fmt: skip


def __getattr__(name: str) -> Any:
    """Plots need nn, and pictures of a graph do not: those who have a file `nn.py` of their own, as
    micrograd has, can draw."""
    if name not in PLOTS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    require("nn", beside=__file__)
    return getattr(import_module(f"viz.{PLOTS[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *PLOTS})


def save(
    y: Value | AutogradError | Any,  # a Playground, whose import takes long, or its widget
    path: str | os.PathLike[str],
    *,
    names: Names = None,
    fold: Fold = None,
    unfold: Unfold = (),
) -> Path:
    """Draw the graph of y into a .svg, .png, .pdf, .dot, .html or .gif file, and return its path.

    The .html file is a page that walks through the forward and the backward pass of y step by
    step, of its own sweep; it works offline, and needs nothing but a browser. The .gif file
    shows the same walk as a film, for slides. `names`, `fold` and `unfold` are as for `draw`; the
    loss of an example in a network of nn is walked neuron by neuron.

    A playground, or its widget, is saved as .html alone: a page that trains without Python. So is
    a blackboard, as `explain(y, to=w, form="blackboard")` gives it: a page in colours, to print;
    and a descent: a map whose dots open the graph of a step.

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
    if isinstance(y, Blackboard):
        suffix_of(path, (".html",))
        replace(path, board_page(y).encode())
        return path
    if _is_descent(y):
        from viz.descent_page import descent_page

        suffix_of(path, (".html",))
        replace(path, descent_page(cast(Any, y)).encode())
        return path
    if playground := _playground_in(y):
        from viz.hosts.playground_page import playground_page

        suffix_of(path, (".html",))
        replace(path, playground_page(playground).encode())
        return path
    suffix = suffix_of(path, (*WRITERS, ".html", ".gif"))
    if suffix in WRITERS:
        return draw(cast(Any, y), names=names, fold=fold, unfold=unfold).save(path)
    if unfold:
        fold = fold or False
        y, names = unfolded(cast(Value, y), names or {}, unfold)
    stepper = Stepper(cast(Any, y), names or {}, fold)
    if stepper.failure and suffix == ".gif":
        raise ValueError("a film shows a whole walk, and this one ends early: save it as .html")
    replace(path, page(stepper).encode() if suffix == ".html" else animation(stepper.plan()))
    return path


def _is_descent(y: Any) -> bool:
    downhill = sys.modules.get("viz.downhill")  # not imported, there is none
    return downhill is not None and isinstance(y, downhill.Descent)


def _playground_in(y: Any) -> "Playground | None":
    """The playground that y is, or that its widget shows."""
    core = sys.modules.get("viz.apps.playground.core")  # not imported, there is none
    inner = getattr(y, "playground", y)
    return inner if core and isinstance(inner, core.Playground) else None


def playground(model: Any = None, data: Any = None, **settings: Any) -> "PlaygroundWidget":
    """A small network that is built, trained and opened in a notebook's cell.

    `model` is an MLP of nn to begin with, whatever it was trained with; it stays as it is. `data`
    are the examples: a Dataset, a pair (inputs, targets), or a name such as "spiral". Settings are
    named as on the command line: `layers=[8, 8]`, `activation`, `loss`, `optimizer`, `rate`,
    `batch_size`, `penalty`, `norm`, `points`, `noise`, `held_out`, `seed`. What is trained there is
    here: the widget's `model`, its `config`, and its `history`, the loss of every update. `hide`
    names controls that are left out for a class, as in `hide=["optimizer", "penalty"]`;
    `stepgrad play --help` lists all names.

    Raises TypeError or ValueError for a model, data or settings that it cannot show or train.
    """
    require("nn", beside=__file__)
    from viz.hosts.playground_widget import PlaygroundWidget

    return PlaygroundWidget(model, data, **settings)


def stepper(y: Value | AutogradError, *, names: Names = None, fold: Fold = None) -> "StepperWidget":
    """A walk through the forward and the backward pass of y, for a notebook to show.

    What is edited in it is edited in Python: a leaf's `data` is the number that was typed, and
    the widget's `y` is what follows from it. Notebooks without widgets, and what nbconvert makes of
    them, show the page that `save` writes. `names` and `fold` are as for `draw`; a network of nn is
    walked neuron by neuron, each of which opens.

    The error of an operation gives the half of the walk that there is, up to that operation; a
    number that is changed there may mend it.

    >>> try:
    ...     Value(-1.0, "x").log()
    ... except AutogradError as error:
    ...     half = error  # stepper(half) shows it

    Raises what `save` raises for a page, but for its path.
    """
    # Here, as it takes long, and not all are in a notebook.
    from viz.hosts.widget import StepperWidget

    if names is None:
        names = variables_of(sys._getframe(1))
    return StepperWidget(y, names or {}, fold)


__all__ = [
    "Descent",
    "Drawing",
    "descent",
    "draw",
    "draw_dot",
    "handout",
    "playground",
    "plot_boundary",
    "plot_loss",
    "plot_surface",
    "plot_sweep",
    "plot_tangent",
    "save",
    "stepper",
    "trace",
]
