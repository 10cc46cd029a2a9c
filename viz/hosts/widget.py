"""The stepper in a notebook: a widget that is tied to the values it shows, and a page to keep."""

import os
from collections.abc import Mapping
from html import escape
from typing import TYPE_CHECKING, Any

from anywidget import AnyWidget
from IPython.core.getipython import get_ipython
from traitlets import Bunch, Dict, Int, List, TraitError, Unicode, observe, validate

from autograd.errors import AutogradError
from autograd.value import Value
from viz.apps.stepper.core import Stepper
from viz.apps.stepper.state import STATE
from viz.graph.fold import Fold
from viz.hosts.page import module, page, stepper_style

VIEW = "application/vnd.jupyter.widget-view+json"
HEIGHT = 760  # pixels: a page cannot tell the notebook around it how many it would like

# JupyterLab lets the parts of every list of terms in an output float, with widths of its own.
STYLE = f"""
.sg-stepper {{ height: {HEIGHT}px; resize: vertical; overflow: auto; }}
.sg-stepper dl dt, .sg-stepper dl dd {{ float: none; width: auto; }}
.sg-stepper dl dt {{ font-weight: normal; }}
"""

# What a page in a frame takes for the system's wish is what the frame says of itself.
FRAME_STYLE = (
    'body[data-jp-theme-light="true"] .sg-page,.vscode-light .sg-page{color-scheme:light}'
    'body[data-jp-theme-light="false"] .sg-page,.vscode-dark .sg-page{color-scheme:dark}'
)


TRAITS = {dict: Dict, list: List, int: Int, str: Unicode}


class StepperWidget(AnyWidget):
    """The walk through the graph of y, in a notebook.

    Its traits are the state of `Stepper`: read them, set them, observe them. A leaf that is edited
    in the browser has its new number in Python too, and `y` is the result that follows from it.

    Raises what `Stepper` raises; TraitError when `step`, `level` or `node` is set to one that does
    not exist; and ValueError or TypeError when `edits` is set to what makes no sense.
    """

    _esm = module()
    _css = stepper_style() + STYLE

    if not TYPE_CHECKING:
        for _name, _field in STATE.items():
            locals()[_name] = TRAITS[type(_field.first)]().tag(sync=True)
        del _name, _field

    def __init__(
        self,
        y: Value | AutogradError,
        names: Mapping[str, Any] | None = None,
        fold: Fold = None,
    ) -> None:
        self._stepper = Stepper(y, names, fold)
        super().__init__(**self._stepper.state)

    @property
    def y(self) -> Value:
        """The result, computed from the leaves as they are."""
        return self._stepper.y

    @observe("edits")
    def _follow(self, change: Bunch) -> None:
        if change.new == self._stepper.state["edits"]:
            return
        try:
            answer = self._stepper.handle({"edits": change.new})
        except (TypeError, ValueError):
            self.edits = change.old
            raise
        with self.hold_sync():  # so that numbers arrive together with what is said about them
            for name, entry in answer.items():
                self.set_trait(name, entry)

    @observe("asked")
    def _answer(self, change: Bunch) -> None:
        if not change.new:
            return
        answer = self._stepper.handle({"ask": change.new})
        with self.hold_sync():  # so that a graph arrives together with its numbers
            for name, entry in answer.items():
                self.set_trait(name, entry)

    @validate("step")
    def _step_exists(self, proposal: Bunch) -> int:
        last = len(self.plan["steps"]) - 1
        if not 0 <= proposal.value <= last:
            raise TraitError(f"there is no step {proposal.value}: they go from 0 to {last}")
        return proposal.value

    @validate("level")
    def _level_exists(self, proposal: Bunch) -> str:
        if proposal.value not in self.plan["stops"]:
            levels = ", ".join(self.plan["stops"])
            raise TraitError(f"there is no level {proposal.value!r}: there are {levels}")
        return proposal.value

    @validate("node")
    def _node_exists(self, proposal: Bunch) -> str:
        if proposal.value and proposal.value not in self.plan["cards"]:
            last = len(self.plan["cards"]) - 1
            raise TraitError(
                f"there is no node {proposal.value!r}: there are n0 to n{last}, and '' for none"
            )
        return proposal.value

    def __repr__(self) -> str:
        root = self.plan["cards"][self.plan["root"]]["name"]
        return f"<stepper of {root}: step {self.step} of {len(self.plan['steps']) - 1}>"

    def _repr_mimebundle_(self, **options: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """The view, and beside it a page for what knows no widgets, or knows this one no more.

        Programs that run notebooks get the page alone. They would keep the widget's state, and
        what nbconvert makes of a view with a state is blank without a network.
        """
        shown = super()._repr_mimebundle_(**options)
        assert shown is not None  # it would be for a widget without a view
        data, metadata = shown
        data["text/html"] = framed(page(self._stepper), title=self.plan["title"])
        if not somebody_looks_on():
            del data[VIEW]
        return data, metadata


def framed(html: str, title: str) -> str:
    """A page inside another one, of which it can neither read nor change anything."""
    return (
        f"<style>{FRAME_STYLE}</style>"
        f'<iframe class="sg-page" title="{escape(title)}" sandbox="allow-scripts" '
        f'style="width:100%;height:{HEIGHT}px;border:0;resize:vertical" '
        f'srcdoc="{escape(html)}"></iframe>'
    )


def somebody_looks_on() -> bool:
    """Whether the cell that runs could ask a person for input: nbconvert and its like say no.

    So does Voila, but somebody opens what it has run, and its kernel is still there then.
    """
    if os.environ.get("SERVER_SOFTWARE", "").startswith("voila/"):
        return True
    request: dict[str, Any] = getattr(get_ipython(), "get_parent", dict)()
    return bool(request.get("content", {}).get("allow_stdin", True))
