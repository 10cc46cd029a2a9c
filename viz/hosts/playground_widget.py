"""The playground in a notebook: a widget whose kernel trains, and a page to keep."""

from typing import Any

from anywidget import AnyWidget

from nn.module import MLP
from viz.apps.playground.core import Playground
from viz.apps.playground.views import Views
from viz.hosts.page import page
from viz.hosts.playground_page import TITLE, own_style, playground_page, script
from viz.hosts.widget import HEIGHT, VIEW, framed, somebody_looks_on
from viz.palette import theme

STYLE = f".sg-playground-cell {{ height: {HEIGHT}px; resize: vertical; overflow: auto; }}"


class PlaygroundWidget(AnyWidget):
    """A small network that is built and trained in a notebook's cell.

    What is reached there is here: the `model`, its `config`, and the `history`. The views ask, one
    message after the other, and the kernel answers. Raises what `Playground` raises.
    """

    _esm = script("in_notebook")
    _css = f"{theme('.sg-playground-cell')}\n{STYLE}\n{own_style()}"

    def __init__(self, model: MLP | None = None, data: Any = None, **settings: Any) -> None:
        self.playground = Playground(model, data, **settings)
        self.playground.write_page = playground_page
        self.playground.show_stepper = lambda stepper: {"page": page(stepper)}
        self._views = Views(self.playground)
        super().__init__()
        self.on_msg(self._answer)

    @property
    def model(self) -> MLP:
        """The network, with the numbers that it has now."""
        return self.playground.model

    @property
    def config(self) -> dict[str, Any]:
        """The settings of now."""
        return self.playground.config

    @property
    def history(self) -> list[float]:
        """The loss of every update on the way to the present state."""
        return self.playground.history

    def _answer(self, _: Any, sent: Any, buffers: Any) -> None:
        """Answer a view, by the name of its message, which begins with that of the view."""
        if isinstance(sent, dict) and isinstance(sent.get("id"), str):
            view = sent["id"].partition(" ")[0]
            answer = self._views.handle(view, sent.get("message"))
            self.send({"id": sent["id"], "answer": answer})

    def __repr__(self) -> str:
        return repr(self.playground)

    def _repr_mimebundle_(self, **options: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """The view, and beside it a page for what knows no widgets, or knows this one no more."""
        shown = super()._repr_mimebundle_(**options)
        assert shown is not None  # it would be for a widget without a view
        data, metadata = shown
        data["text/html"] = framed(playground_page(self.playground), title=TITLE)
        if not somebody_looks_on():
            del data[VIEW]
        return data, metadata
