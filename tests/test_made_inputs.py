"""Inputs that are made of two coordinates: what they come to in Python, in a page's machine and in
the script and the file that are taken along."""

import io
import json
import re
from base64 import b64decode
from contextlib import redirect_stdout

import numpy as np
import pytest

import nn
import viz
from autograd import sin
from autograd.expression.vocabulary import ALIASES
from autograd.program.recording import forward
from nn.data import moons, xor
from nn.data.made import Expression, Inputs, separated
from tests.in_node import asking
from viz.apps.machine.printed import MODULES
from viz.apps.machine.printed import source_of as source_of_machine
from viz.apps.machine.tables import recipe_of
from viz.apps.playground.core import Playground
from viz.cli.main import main
from viz.hosts import playground_page as page

# What both parsers read.
TEXTS = (
    "x1", "x2", "x1**2", "x2**2", "x1*x2", "sin(3*x1)", "sin(3*x2)", "x2*x1", "x1 - 2*x2",
    "-x1**2 + 1", "2*3*x1", "x**3*y", "max(x1, x2)", "where(x1 > 0, x1, 0)", "1/(1 + exp(-x1))",
    "tanh(x1)*tanh(x2)", "sqrt(x1*x1 + x2*x2)", "(x1 < x2)", "x1**0.5", "x1**1", "2x1", "pi*x1",
)  # fmt: skip
EXACT = ("x1", "x2*x1", "x1**2 - x2", "max(x1, x2)/3", "x1 < x2", "-x2**2 + 0.1")
POINTS = [[0.5, -1.25], [-0.3, 2.0], [1e-3, 0.7], [0.0, -0.0], [-2.5, -3.1]]


# In Python


def test_inputs_are_what_the_expressions_come_to():
    data = moons(20, noise=0.1)
    made = data.with_inputs("x1", "x2", "x1*x2", "x1**2", "sin(3*x1)", "y - 2*x")
    for (x1, x2), row in zip(data.inputs, made.inputs, strict=True):
        assert row == (x1, x2, x1 * x2, x1 * x1, sin(3 * x1), x2 - 2 * x1)
    assert made.targets == data.targets and made.classes == 2
    assert made.feature_names == ("x1", "x2", "x1*x2", "x1**2", "sin(3*x1)", "y - 2*x")


def test_the_branch_that_is_not_taken_need_not_be_defined():
    data = moons(20).with_inputs("where(x1 > 0, log(x1), 0)")
    assert any(x == 0 for (x,) in data.inputs) and any(x < 0 for (x,) in data.inputs)


def test_commas_in_brackets_separate_no_inputs():
    assert separated("x1, max(x1, x2) ,softmax(x1, x2)[0]") == [
        "x1", "max(x1, x2)", "softmax(x1, x2)[0]",
    ]  # fmt: skip


@pytest.mark.parametrize("expressions, sentence", [
    (["x1 +"], "something is missing"), (["z"], "z has no value"), (["x1 > y"], "x1 and x2"),
    (["__import__('os')"], "cannot be read"), ([""], "an input is empty"), ([], "no inputs"),
    (["x1", "x2", " x1 "], "x1 is there twice"), (["7"], "name at least one"),
    (["log(x1)"], r"the input log\(x1\) has no value for one of the examples: log\(x1 = -"),
    (["1/(x1 - x1)"], "division by zero"), (["exp(1000)*x1"], "too large for a float"),
    (["x1*" * 3000 + "x1"], "9002 characters"), (["(" * 3000 + "x1"], "cannot be read"),
    (["\x00"], "cannot be read"), (["x1; x2"], "only the last statement"),
])  # fmt: skip
def test_what_is_no_input_is_refused_in_a_sentence(expressions, sentence):
    with pytest.raises(ValueError, match=sentence) as refused:
        moons(20).with_inputs(*expressions)
    assert "\n" not in str(refused.value) and len(str(refused.value)) < 300


@pytest.mark.parametrize("expressions", [7, [7], [None], {"x1": 1}])
def test_what_is_no_text_is_no_input(expressions):
    with pytest.raises(TypeError, match="expression"):
        Playground(inputs=expressions)


def test_other_data_than_points_of_a_plane_have_no_coordinates():
    with pytest.raises(ValueError, match="two coordinates, and linear has 1 input: leave them out"):
        nn.linear(10).with_inputs("x1")
    with pytest.raises(ValueError, match=r"two coordinates, and sine has 1\. Leave inputs out"):
        Playground(data="sine", inputs="x1, x2")
    with pytest.raises(ValueError, match="17 inputs are too many: 16 is the limit"):
        Playground(inputs=[f"x1 + {i}" for i in range(17)])


# In the page's machine


@pytest.fixture(scope="module")
def ask(tmp_path_factory):
    ours = [name for one in ("expression", "inputs_panel") for name in page.modules_for(one)]
    sources = {name: page.source_of(name) for name in ours}
    sources |= {name: source_of_machine(name) for name in MODULES}
    return asking("made_inputs.mjs", tmp_path_factory.mktemp("made"), sources)


def listing_of(expression):
    """The program that Python records, as `made_inputs.mjs` writes it."""
    listing, _ = forward([expression.end], expression.leaves)

    def arg(x):
        return f"@{x}" if isinstance(x, int) else np.format_float_positional(x, trim="-")

    lines = [" ".join([op.name, *map(arg, args)]) for op, args in listing.instructions]
    return "\n".join([*lines, arg(listing.value)])


def test_the_page_records_the_programs_of_python(ask):
    aliases = {name: op.name for name, op in ALIASES.items()}
    for text in TEXTS:
        recipes = [recipe_of(Expression(text))]
        typed, read = ask("listings", {"texts": [text], "recipes": recipes, "aliases": aliases})
        assert typed == read == listing_of(Expression(text)), text
    recipes = [recipe_of(Expression(text)) for text in TEXTS]
    typed, read = ask("listings", {"texts": TEXTS, "recipes": recipes, "aliases": aliases})
    assert typed == read


@pytest.mark.parametrize("texts, within", [(EXACT, 0), (TEXTS, 1e-14)], ids=["exact", "functions"])
def test_the_page_computes_the_inputs_of_python(ask, texts, within):
    recipes = [{"text": text} | recipe_of(Expression(text)) for text in texts]
    alone, wasm, js = ask("values", {"recipes": recipes, "points": POINTS})
    assert alone == wasm == js
    as_floats = lambda columns: np.array(columns, float)  # JSON has null for nan
    python = as_floats(Inputs(texts).columns(POINTS))
    assert np.allclose(as_floats(alone), python, rtol=within, atol=0, equal_nan=True)
    assert within or np.array_equal(as_floats(alone), python)


def test_what_is_shown_of_an_expression_can_be_read_in_one_way(ask):
    shown = {
        "x1": "x₁", "x1**2": "x₁²", "x1*x2": "x₁·x₂", "x1 * x2**3": "x₁·x₂³",
        "sin(3*x1)": "sin 3x₁", "x1**14*x2": "x₁¹⁴·x₂", "x1**2.5": "x₁**2.5", "2**x1": "2**x₁",
        "sin(x1)*x2": "sin(x₁)·x₂",
        "sin(x1)**2": "sin(x₁)²", "1/2*x1": "1/2·x₁", "-2*x1": "-2x₁", "max(x1, x2)": "max(x₁, x₂)",
        "exp1": "exp1", "x12": "x12", "(x1+1)**2": "(x₁+1)²", "2x1": "2x₁", "x**-1": "x**-1",
        "0.5*x1": "0.5·x₁", "x1**2*3*y": "x₁²·3y",
    }  # fmt: skip
    assert dict(zip(shown, ask("shown", [*shown]), strict=True)) == shown


BOUNDS, SIZE = [-1.5, 2, -1, 1.5], [30, 20]


def test_a_page_learns_and_draws_what_python_does(ask):
    """Its examples, its weights, its loss, its maps: where no function is called, to the bit."""
    expressions = ["x1", "x1*x2", "x1**2 - x2"]
    settings = {"layers": [3], "activation": "relu", "loss": "mse", "points": 40}
    play = Playground(data="circles", inputs=expressions, **settings)
    spec = play.examples.spec
    plain = play.handle({"do": "data", "data": spec | {"inputs": None}})
    play.handle({"do": "data", "data": spec})
    rows = {name: plain[name] for name in ("inputs", "targets", "held_out", "classes")}
    made = [{"text": text} | recipe_of(Expression(text)) for text in expressions]
    picture = {"do": "picture", "bounds": BOUNDS, "size": SIZE}
    parts = picture | {"maps": [9, 7], "whole": [1]}
    inputs = {"do": "inputs", "bounds": BOUNDS, "size": SIZE}
    messages = [{"do": "train", "updates": 50, "budget": None}, picture, parts, inputs]
    config = play.config
    cases = {"data": rows | {"made": made, "largest": 1e100}, "config": config}
    wasm, js = ask("messages", cases | {"messages": messages})
    assert wasm == js
    examples, _, trained, *pictures = wasm
    expected = json.loads(json.dumps(play.examples.as_json()))
    for part in ("inputs", "targets", "held_out", "coordinates"):
        assert examples[part] == expected[part], part
    first = play.handle({"do": "drawn", "config": config})["parameters"]
    play.handle({"do": "set", "config": config, "state": {"parameters": first}})
    frame = play.handle(messages[0])
    doubles = np.frombuffer(b64decode(frame["state"]["parameters"]), "<f8").tolist()
    assert trained["state"]["parameters"] == doubles and trained["loss"] == frame["loss"]
    for answer, message in zip(pictures, messages[1:], strict=True):
        mine = answer["columns"]
        theirs = [np.frombuffer(b64decode(one), "<f4") for one in play.handle(message)["columns"]]
        assert len(theirs) == len(mine)
        for one, other in zip(mine, theirs, strict=True):
            assert np.array_equal(np.array(one, "<f4"), other)


def test_the_machine_refuses_inputs_without_a_value(ask):
    rows = {"rows": [[0.5, 1, 0], [-0.5, 1, 1], [1, 1, 1]], "largest": 1e100}
    for text, sentence in [
        ("log(x1)", "the input log(x1) has no value for one of the examples"),
        ("x1*1e200", "the input x1*1e200 is larger than 1e+100 for one of the examples"),
        ("exp(1000*x2)", "the input exp(1000*x2) has no value for one of the examples"),
    ]:
        made = [{"text": text} | recipe_of(Expression(text))]
        cases = {"data": rows | {"made": made}, "config": {}, "messages": []}
        assert ask("messages", cases) == [[{"trouble": sentence}]] * 2


# What is shown, and what is taken along


def test_a_map_of_inputs_has_a_column_for_each():
    play = Playground(data="xor", inputs="x1*x2, x2", points=20)
    answer = play.handle({"do": "inputs", "bounds": [0, 1, 0, 1], "size": [3, 2]})
    product, second = [np.frombuffer(b64decode(one), "<f4") for one in answer["columns"]]
    assert product.tolist() == [0, 0.5, 1, 0, 0, 0] and second.tolist() == [1, 1, 1, 0, 0, 0]


def test_a_picture_reaches_where_an_input_has_no_value():
    data = ([[0.5, 1], [1, 2], [2, 0.5]], [0, 1, 1])
    play = Playground(data=data, inputs=["log(x1)", "x2"], layers=[2], held_out=0)
    answer = play.handle({"do": "picture", "bounds": [-1, 1, 0, 1], "size": [4, 2]})
    output = np.frombuffer(b64decode(answer["columns"][-1]), "<f4")
    assert np.isnan(output).tolist() == [True, True, False, False] * 2


def test_a_model_that_says_what_it_reads_opens_on_plain_coordinates(tmp_path):
    first = Playground(data="circles", inputs=["x1**2", "x2**2"], layers=[2], points=40)
    first.handle({"do": "train", "updates": 20, "budget": None})
    nn.save(first.model, tmp_path / "circles.safetensors")
    model = nn.load(tmp_path / "circles.safetensors")
    play = Playground(model, "circles", points=40)
    assert play.examples.training.feature_names == ("x1**2", "x2**2")
    assert play.examples.training == first.examples.training
    made = first.examples.training
    assert Playground(model, made, held_out=0).examples.training.inputs == made.inputs
    model.feature_names = ("height", "weight")
    assert Playground(model, "circles", points=40).examples.made is None


def test_a_script_makes_the_same_inputs_and_reaches_the_same_numbers():
    for data, more in [("moons", {}), ("plane", {"batch": 7}), (xor(30, noise=0.2), {})]:
        inputs = ["x1", "x1*x2", "sin(3*x2)", "max(x1, 0)"]
        play = Playground(data=data, inputs=inputs, layers=[3], optimizer="adam", **more)
        play.handle({"do": "train", "updates": 30, "budget": None})
        text = play.handle({"do": "code", "marks": []})["text"]
        assert text.count("with_inputs('x1', 'x1*x2', 'sin(3*x2)', 'max(x1, 0)')") == 2
        space = {}
        with redirect_stdout(io.StringIO()):
            exec(compile(text, "<script>", "exec"), space)
        assert space["model"].state_dict() == play.model.state_dict()


def test_a_model_file_names_its_inputs(tmp_path):
    play = Playground(data="moons", inputs=["x1", "x1*x2"], layers=[2])
    again = nn.load(nn.save(play.model, tmp_path / "made.safetensors"))
    assert again.feature_names == ("x1", "x1*x2")
    assert nn.load(nn.save(nn.MLP(2, [1]), tmp_path / "plain.safetensors")).feature_names == ()
    other = Playground(again, "moons", inputs=again.feature_names)
    assert other.model.state_dict() == play.model.state_dict()
    again.feature_names = ("x1",)
    with pytest.raises(nn.FileError, match="the names of its 2 inputs as"):
        nn.save(again, tmp_path / "wrong.safetensors")


def test_the_inputs_of_the_stepper_are_called_by_their_expressions():
    play = Playground(data="moons", inputs=["x1", "x1*x2"], layers=[])
    assert "x1*x2" in json.dumps(play.stepper([0.5, 0.25], 1).state, default=str)


def test_inputs_are_given_in_python_and_in_the_shell(tmp_path, capsys):
    widget = viz.playground(data="moons", inputs=["x1", "x2", "x1**2"])
    assert widget.model.inputs == 3
    path = tmp_path / "play.html"
    words = ["play", "moons", "--inputs", "x1, x2, x1*x2", "-o", str(path)]
    assert main(words) == 0 and path.exists()
    assert main([*words[:3], "x1 +", *words[4:]]) == 2
    assert re.search("x1 \\+ cannot be read", capsys.readouterr().err)
