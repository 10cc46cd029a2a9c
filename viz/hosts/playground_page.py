"""The playground as a page that stands alone, and trains there: a worker does, made of text in the
page."""

import re
from functools import cache
from pathlib import Path
from typing import Any

from autograd.expression.vocabulary import ALIASES
from nn.decisions import decision_for
from nn.files.model import FORMAT, VERSION
from nn.losses import LOSSES
from viz.apps.machine.tables import recipe_of
from viz.apps.modules import bare, without_asides
from viz.apps.playground.core import Playground
from viz.apps.playground.data import LIMITS, examples_of, made_of
from viz.apps.playground.generated import IN_PYTHON, shipped_rows
from viz.apps.playground.script import facts
from viz.hosts import page as stepper_page
from viz.hosts.page import PAGE_STYLE, standing_alone, styles_in
from viz.palette import theme

FRONT_END = Path(__file__).parents[1] / "apps" / "playground"
IMPORTED = re.compile(r'^import [^;]*? from "\./([\w.]+)\.js";$', re.MULTILINE)
SHIPPED_POINTS = 200  # of each data set
WITH_PYTHON = ("given",)  # data sets that a page alone cannot make

TITLE = "Stepgrad: build a network and watch it learn"
BODY = '<div id="playground"></div>'
WITHOUT_SCRIPT = "This page needs JavaScript; stepgrad train trains a network without it."
STYLE = "#playground { flex: 1; min-height: 0; }"


def source_of(name: str) -> str:
    """A module of the front end: a file of its own, or one that it shares with the stepper."""
    path = FRONT_END / f"{name}.js"
    return path.read_text("utf-8") if path.exists() else stepper_page.source_of(name)


def modules_for(entry: str) -> list[str]:
    """The modules that one needs, each behind those that it imports; itself last."""
    order: list[str] = []

    def visit(name: str, above: tuple[str, ...]) -> None:
        if name in order or name in above:
            return
        for imported in IMPORTED.findall(source_of(name)):
            visit(imported, (*above, name))
        order.append(name)

    visit(entry, ())
    return order


@cache
def script(entry: str) -> str:
    """A module with all that it needs, as one text."""
    *before, last = modules_for(entry)
    texts = [
        bare(source_of(name)).replace("export default", f"const {name} =", 1) for name in before
    ]
    return without_asides("\n".join([*texts, bare(source_of(last))]))


def page_style() -> str:
    """The styles of a page that shows nothing else."""
    return f"{theme('main')}\n{PAGE_STYLE}\n{STYLE}\n{own_style()}"


def own_style() -> str:
    return styles_in(FRONT_END / "playground.css")


def playground_page(playground: Playground, session: dict[str, Any] | None = None) -> str:
    """The playground as an HTML file, which trains without Python and asks nobody for anything.

    `session` holds what a front end goes on from, in place of `settings` of the same name. Its
    policy lets run what is written here, and the worker that is made of it.
    """
    settings = playground.settings | (session or {})
    examples = playground.examples
    if settings["data"] != examples.spec:  # a session begins with other data than it has now
        examples = examples_of(settings["data"], playground.given)
        settings["data"], settings["examples"] = examples.spec, examples.as_json()
    data_sets = [one for one in settings["choices"]["data"] if one not in WITH_PYTHON]
    if settings["data"]["name"] not in data_sets:  # its rows are in the page
        data_sets.append(settings["data"]["name"])
    settings["choices"] = settings["choices"] | {"data": data_sets}
    state = {
        "settings": settings,
        "shipped": shipped(settings["data"]["seed"]),
        "facts": facts_of_nn()
        | {"called": str(examples.training.name), "made": recipes_of_inputs(settings)},
        "worker": worker_script(),
    }
    return standing_alone(
        title=TITLE,
        body=BODY,
        without_script=WITHOUT_SCRIPT,
        style=page_style(),
        state=state,
        script=script("in_file"),
        scripts_from="'wasm-unsafe-eval' blob:",
        workers_from="blob:",
    )


def recipes_of_inputs(settings: dict[str, Any]) -> dict[str, Any]:
    """The inputs that a session makes of coordinates, by their text: Python reads more than the
    page does."""
    messages = [settings["data"], *[change.get("data") for change in settings.get("changes", ())]]
    found: dict[str, Any] = {}
    for message in messages:
        made = made_of(message.get("inputs")) if isinstance(message, dict) else None
        found |= {one.text: recipe_of(one) for one in made.expressions} if made else {}
    return found


@cache
def shipped(seed: int) -> dict[str, Any]:
    """The data sets as numbers: those that are computed, to which noise can be added, and digits
    along their two directions."""
    digits = examples_of(
        {"name": "digits", "points": SHIPPED_POINTS, "share": 0, "seed": seed}
    ).as_json()
    rows = {name: digits[name] for name in ("inputs", "targets", "classes", "names")}
    return shipped_rows(SHIPPED_POINTS, seed) | {"digits": rows}


@cache
def facts_of_nn() -> dict[str, Any]:
    """What the page has to know to read tables and expressions, and to write a script for Python
    and the file of a model."""
    return facts() | {
        "drawn": IN_PYTHON,
        "limits": LIMITS,
        "aliases": {name: op.name for name, op in ALIASES.items()},
        "model": {"format": FORMAT, "version": VERSION},
        "decisions": {name: decision_for(loss) for name, loss in LOSSES.items()},
    }


def worker_script() -> str:
    """The worker that trains in the page."""
    from viz.apps.machine.printed import worker_script

    return worker_script()
