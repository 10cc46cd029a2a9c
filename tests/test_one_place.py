"""A fact about an operation stands in its row, and nowhere else: not its name, nor its value."""

import ast
import re
from pathlib import Path

import pytest

from autograd.languages import LANGUAGES
from autograd.op import BUILT_IN, TABLE

ROOT = Path(__file__).parents[1]
# rows, and how primitives are spelled, also in WebAssembly
AT_HOME = ("autograd/ops.py", "autograd/languages/", "viz/apps/machine/")

# Names that stand as text elsewhere, and why.
A_WORD = "is no operation there"
TEXTS = {
    ("autograd/expression/reading.py", "sign"): A_WORD,  # one before a number
    ("autograd/expression/reading.py", "power"): A_WORD,  # what is typed as one
    ("autograd/teaching/bugs.py", "sign"): A_WORD,  # a mistake that loses one
    ("nn/decisions.py", "sign"): A_WORD,  # by which a class is told
    ("nn/module.py", "sign"): A_WORD,
    ("viz/plots.py", "sign"): A_WORD,
    ("viz/sweeps.py", "log"): A_WORD,  # a scale
    ("viz/plots.py", "negative"): A_WORD,  # the colour of numbers below 0, here and in what follows
    ("viz/palette.py", "negative"): A_WORD,
    ("viz/graph/marks.py", "negative"): A_WORD,
    ("viz/apps/stepper/keyed.py", "sign"): A_WORD,  # what depends on that of a number
    ("viz/apps/stepper/numbers.py", "sign"): A_WORD,
    ("viz/apps/stepper/numbers.py", "negative"): A_WORD,
    ("viz/apps/stepper/teller.py", "sign"): A_WORD,
    ("viz/apps/stepper/scene.py", "negative"): A_WORD,
    ("viz/apps/stepper/numbers.js", "negative"): A_WORD,
    ("viz/apps/playground/colours.js", "negative"): A_WORD,
    ("viz/apps/playground/network.js", "negative"): A_WORD,
    ("viz/apps/playground/opened.js", "sign"): A_WORD,
    ("viz/apps/playground/expression.js", "where"): "is what is typed as one, in a page",
    ("viz/apps/playground/expression.js", "negative"): "is a minus before what is typed",
    ("viz/apps/playground/expression.js", "exp"): "is a power of e that is typed",
    ("autograd/micrograd/value.py", "power"): "is what the tutorials call it",
    (
        "viz/cli/demo.py",
        "tanh",
    ): "is the activation of the demonstration, as it is written",
    ("viz/cli/training.py", "relu"): "is what `stepgrad train --help` says is taken by default",
}
# What NumPy computes in one pass, though each is a formula: a twentieth of the time, measured.
FOR_SPEED = {"numpy": {"sign", "maximum", "minimum"}}
# A module that erf needs; what gives a function local derivatives, and a number chosen at a corner.
NO_ROWS = {
    "numpy": {"math"},
    "jax": {"operation", "corner"},
    "torch": {"operation", "corner"},
}

FILES = sorted(
    path.relative_to(ROOT).as_posix()
    for package in ("autograd", "nn", "viz")
    for suffix in ("py", "pyx", "pxi", "h", "js")
    for path in (ROOT / package).rglob(f"*.{suffix}")
)


def texts(file: str, source: str) -> set[str]:
    """All that stands between quotation marks."""
    if file.endswith(".py"):
        nodes = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant)]
        return {node.value for node in nodes if isinstance(node.value, str)}
    return set(re.findall(r"""["'`](\w+)["'`]""", source))


def named(file: str, source: str) -> set[str]:
    return texts(file, source) & BUILT_IN


@pytest.mark.parametrize("file", [file for file in FILES if not file.startswith(AT_HOME)])
def test_no_operation_is_named_by_a_text_but_in_its_row(file):
    allowed = {name for place, name in TEXTS if place == file}
    assert named(file, (ROOT / file).read_text("utf-8")) == allowed


def test_every_exception_is_about_a_file_that_is_there():
    assert {file for file, _ in TEXTS} <= set(FILES)


@pytest.mark.parametrize("name", LANGUAGES)
def test_no_value_is_written_twice_in_a_language(name):
    language = LANGUAGES[name]
    written = {*language.spelled, *language.helpers} & BUILT_IN
    twice = {row for row in written if TABLE[row].definition}
    assert twice == FOR_SPEED.get(name, set())


@pytest.mark.parametrize("name", LANGUAGES)
def test_what_a_language_spells_is_a_row(name):
    others = {*LANGUAGES[name].spelled, *LANGUAGES[name].helpers} - BUILT_IN
    assert others == NO_ROWS.get(name, set())


@pytest.mark.parametrize(
    ("file", "source"),
    [
        ("nn/module.py", 'if activation == "relu": ...'),
        ("nn/module.py", "rows = {'relu': 1}"),
        ("viz/apps/stepper/engine.js", 'if (row === "relu") return;'),
        ("autograd/native/machine.pyx", "if name == 'relu':"),
    ],
)
def test_a_name_in_a_text_is_found(file, source):
    assert named(file, source) == {"relu"}
