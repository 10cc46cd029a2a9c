"""The commands of a teacher, as they are typed."""

import json

import pytest

from autograd import Value, explain
from autograd.teaching import second
from viz import draw
from viz.cli.main import main

LECTURE = ["(a*b + c)*f", "a=2", "b=-3", "c=10", "f=-2"]


def printed(capsys, *words, status=0):
    assert main(list(words)) == status
    out, err = capsys.readouterr()
    assert err == ""
    return out


def test_mistakes_shows_all_or_one(capsys):
    out = printed(capsys, "mistakes", *LECTURE)
    assert "unswapped   does not swap the factors of a product   v2     -2      4" in out
    out = printed(capsys, "mistakes", *LECTURE, "--only", "unswapped")
    assert "a      6          8                  -4" in out


def test_mistakes_takes_a_rate_and_a_leading_minus(capsys):
    out = printed(capsys, "mistakes", "-a*b", "a=3", "b=2", "--only", "updated", "--rate", "0.5")
    assert "Mistake updated" in out and "instead of" in out


@pytest.mark.parametrize("command", ["mistakes", "modes", "second"])
@pytest.mark.parametrize("format", ["text", "markdown", "latex", "html", "json"])
def test_every_report_has_every_format(command, format, capsys):
    out = printed(capsys, command, "tanh(x*w)", "x=0.5", "w=2", "--format", format)
    if format == "json":
        assert isinstance(json.loads(out), dict)
    else:
        marks = {"markdown": "| --- |", "latex": r"\begin{tabular}", "html": "<td>"}
        assert [one for one in marks if marks[one] in out] == [format] * (format != "text")


def test_modes_of_one_leaf_and_the_cost_of_several_outputs(capsys):
    out = printed(capsys, "modes", "tanh(x*w)", "x=0.5", "w=2", "--to", "w")
    assert "∂/∂w" in out and "∂/∂x" not in out
    words = ["modes", "s = a*b; t = a+b; s*t", "a=2", "b=3", "--outputs", "s,t"]
    out = printed(capsys, *words)
    assert "All derivatives of 2 outputs by 2 inputs" in out


def test_second_draws_the_graph_of_the_gradient(capsys, tmp_path):
    file = tmp_path / "gradient.svg"
    out = printed(capsys, "second", "x**4", "x=1", "-o", str(file))
    assert "∂/∂x   12" in out and file.read_text().startswith("<svg")


def test_second_writes_a_page_that_walks_through_the_graph_of_the_gradient(capsys, tmp_path):
    file = tmp_path / "gradient.html"
    printed(capsys, "second", "a*a*b", "a=3", "b=2", "--to", "a", "-o", str(file))
    assert "The chain rule of (∂y/∂a), step by step" in file.read_text("utf-8")


def test_the_gradient_of_a_gradient_is_written_so_that_it_can_be_read():
    a, b = Value(3.0, "a"), Value(2.0, "b")
    y = a * a * b
    y.label = "y"
    (slope,) = second(y, [a]).gradients
    assert "∂(∂y/∂a)/∂b = 6" in explain(slope).text
    slope.backward()
    assert "∂(∂y/∂a)/∂value" in draw(slope).svg


def test_descent_draws_its_paths(capsys, tmp_path):
    file = tmp_path / "paths.png"
    words = ["p**2 + 4*q**2", "p=2", "q=1", "--over", "p,q", "--rate", "0.3", "--steps", "5"]
    out = printed(capsys, "descent", *words, "--optimizers", "sgd,adam", "-o", str(file))
    assert "The rate of 0.3 is past that limit" in " ".join(out.split())
    assert file.read_bytes().startswith(b"\x89PNG")


BAD = {
    ("mistakes", "a*a"): "a has no value: give it one, as in a=2",
    ("mistakes", "a*a", "a=3", "--only", "overwrit"): "did you mean overwrite?",
    ("mistakes", "a*a", "a=3", "--rate", "fast"): "fast is not a number",
    ("mistakes", "log(a)", "a=-1"): "log(a = -1): log(a) is defined only for a > 0",
    ("modes", "a*a", "a=3", "--to", "b"): "--to b: there is no such value: choose from a",
    ("modes", "c = a*a; c*a", "a=3", "--to", "c"): "c is not a leaf that y was made from",
    ("modes", "a*a", "a=3", "--outputs", "z"): "--outputs z: there is no such value",
    ("modes", "a*a", "a=3", "--format", "word"): "there is no format named word",
    ("second", "a*a", "a=3", "-o", "gradient.doc"): "end the name in .png, .svg, .pdf",
    ("second", "hypot(a, b)", "a=0", "b=0"): "a = 0",
    ("descent", "a*b", "a=3", "b=2"): "--over NAME,NAME is missing",
    ("descent", "a*b", "a=3", "b=2", "--over", "a"): "--over a: name two values",
    ("descent", "a*b", "a=3", "b=2", "--over", "a,a"): "two different leaves",
    ("descent", "a*b", "a=3", "b=2", "--over", "a,b", "--rate", "0"): "must be positive",
    ("descent", "a*b", "a=3", "b=2", "--over", "a,b", "--lr", "1"): "did you mean --rate?",
    ("grade",): "the file is missing",
    ("grade", "nowhere.py"): "there is no file nowhere.py",
    ("grade", "engine.py", "x=2"): "grade takes no values",
    ("grade", "engine.py", "--seconds", "0"): "the limit in seconds must be positive",
}


@pytest.mark.parametrize("words", BAD, ids=" ".join)
def test_what_cannot_be_done_is_said_in_one_line(words, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(list(words)) == 2
    out, err = capsys.readouterr()
    assert out == "" and err.count("\n") == 1 and err.startswith("stepgrad: ")
    assert BAD[words] in err
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_no_engine_ends_with_1_and_a_sentence(capsys, tmp_path):
    file = tmp_path / "engine.py"
    file.write_text("print('hello')\n")
    out = printed(capsys, "grade", str(file), status=1)
    assert " ".join(out.split()) == (
        "engine.py cannot be graded: there is no class Value, and none with a backward: it has no "
        "classes."
    )
    out = printed(capsys, "grade", str(file), "--format", "json", status=1)
    assert json.loads(out)["ok"] is False
