"""What a real kernel shows of explanations, pictures and training, and what is saved of it."""

from xml.etree import ElementTree

import nbformat
import pytest
from nbclient import NotebookClient

CELLS = [
    "from autograd import Value, explain, tanh",
    "from nn import MLP, fit, moons\nfrom viz import draw",
    "x, w = Value(2.0), Value(-3.0)\ny = tanh(x * w)\ny.backward()\nexplain(y)",
    "draw(y)",
    "model = MLP(2, [2, 1], seed=0)\nhistory = fit(model, moons(10), epochs=7, loss='hinge')",
    "history",
    "axes = history.plot()",
]


@pytest.fixture(scope="module")
def outputs():
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in CELLS])
    NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    return [cell.outputs for cell in notebook.cells]


def test_an_explanation_is_typeset_and_names_the_variables_of_the_notebook(outputs):
    (shown,) = outputs[2]
    first = ElementTree.fromstring(f"<div>{shown.data['text/html']}</div>").find(".//{*}mfrac")
    assert "".join(first.itertext()) == "∂y∂v1" and "$" not in shown.data["text/html"]
    assert "∂y/∂w = -3" not in shown.data["text/plain"]
    assert "v1 = x * w = 2 * (-3) = -6" in shown.data["text/plain"]


def test_a_picture_is_shown_and_kept_as_svg_too(outputs):
    (shown,) = outputs[3]
    assert "<img" in shown.data["text/html"] and "<svg" in shown.data["image/svg+xml"]
    assert shown.data["text/plain"] == "<drawing of y: 4 nodes, 3 edges>"


def test_progress_is_one_output_that_says_how_training_ended(outputs):
    (shown,) = outputs[4]
    assert '<progress value="7" max="7"' in shown.data["text/html"]
    assert "7 of 7 epochs: loss " in shown.data["text/html"]


def test_a_history_shows_itself_in_a_line_and_plots_itself(outputs):
    assert outputs[5][0].data["text/plain"].startswith("<history of 7 epochs: loss ")
    assert any("image/png" in output.get("data", {}) for output in outputs[6])
