"""The command as a person meets it: in a process of its own."""

import os
import subprocess
import sys

import pytest

from viz.cli import main

NEURON = "tanh(x1*w1 + x2*w2 + b)"
NUMBERS = ["x1=2", "x2=0", "w1=-3", "w2=1", "b=6.8813735870195432"]


def stepgrad(*words, **environment):
    return subprocess.run(
        [sys.executable, "-m", "viz.cli", *words],
        capture_output=True,
        encoding="utf-8",
        env=os.environ | {"PYTHONIOENCODING": "utf-8"} | environment,
        timeout=120,
    )


def test_explain_walks_through_the_neuron():
    done = stepgrad("explain", NEURON, *NUMBERS)
    assert done.returncode == 0 and done.stderr == ""
    assert done.stdout.splitlines()[0] == "Values: x1 = 2, x2 = 0, w1 = -3, w2 = 1, b = 6.88137"
    assert done.stdout.splitlines()[-1] == (
        "Gradients: ∂y/∂x1 = -1.5, ∂y/∂x2 = 0.5, ∂y/∂w1 = 1, ∂y/∂w2 = 0, ∂y/∂b = 0.5"
    )


def test_values_options_and_a_leading_minus_may_stand_in_any_order(capsys):
    assert main(["explain", "-x**2 * y", "--digits", "3", "x=3", "--to", "x", "y=2"]) == 0
    assert capsys.readouterr().out.endswith("Gradients: ∂result/∂x = -12\n")


def test_the_result_is_called_y_unless_a_value_is(capsys):
    main(["explain", "x**2", "x=3"])
    main(["explain", "y**2", "y=3"])
    out = capsys.readouterr().out
    assert "∂y/∂x = 6" in out and "∂result/∂y = 6" in out


@pytest.mark.parametrize("form", ["markdown", "latex"])
def test_explain_writes_other_formats(form, capsys):
    main(["explain", "x**2", "x=3", "--format", form])
    assert r"\frac{\partial" in capsys.readouterr().out


@pytest.mark.parametrize("suffix", ["svg", "png", "pdf", "dot"])
def test_draw_writes_the_picture(suffix, tmp_path):
    path = tmp_path / f"neuron.{suffix}"
    done = stepgrad("draw", NEURON, *NUMBERS, "-o", str(path))
    assert (done.returncode, done.stderr) == (0, "")
    assert path.stat().st_size > 1000
    assert done.stdout == f"wrote {path}\n"


def test_demo_takes_the_error_from_0298_to_0291(tmp_path):
    done = stepgrad("demo", "-o", str(tmp_path / "network.svg"))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("The error E goes from 0.298371109 to 0.291027774.\n")
    assert "w5 receives" in done.stdout and "w1 receives" in done.stdout
    assert "0.15 - 0.5 ·  0.000438568 = 0.149780716" in done.stdout
    assert (tmp_path / "network.svg").read_text(encoding="utf-8").count("<svg") == 1


BAD = {
    (): "COMMAND",
    ("foo",): "invalid choice: 'foo'",
    ("explain",): "EXPR",
    ("explain", "x"): "x has no value: give it one, as in x=2",
    ("explain", "x", "x=a"): "x=a is not a number",
    ("explain", "x", "x="): "x= is not a number",
    ("explain", "x", "x=nan"): "not a finite number",
    ("explain", "x", "x=1e999"): "not a finite number",
    ("explain", "x", "x=1", "x=2"): "given twice",
    ("explain", "x", "x=1", "7"): "what is '7'?",
    ("explain", "x", "2x=1"): "'2x' is not a name",
    ("explain", "x", "x=1", "z=2"): "the expression does not use it",
    ("explain", "x", "x=1", "--to", "q"): "--to q: the expression has x",
    ("explain", "x", "x=1", "--digits", "0"): "--digits goes from 1 to 17",
    ("explain", "x", "x=1", "--digits", "many"): "invalid int value",
    ("explain", "x", "x=1", "--colour"): "what is '--colour'?",
    ("explain", "x ^ 2", "x=1"): "write powers with **",
    ("explain", "", "x=1"): "the expression is empty",
    ("explain", "1/x", "x=0"): "divide(1, x = 0): division by zero",
    ("explain", "sqrt(x)", "x=0"): "the slope of sqrt(x = 0): division by zero",
    ("explain", "exp(x)", "x=1000"): "exp(x = 1000): too large for a float",
    ("explain", "__import__('os').system('true')", "x=1"): "not allowed",
    ("draw", "x", "x=1"): "-o",
    ("draw", "x**2", "x=1", "-o", "x.bmp"): ".bmp",
    ("draw", "x**2", "x=1", "-o", "x"): ".svg",
    ("draw", "x**2", "x=1", "-o", "no/such/folder/x.svg"): "no/such/folder",
    ("demo", "x=1"): "demo takes no values",
}


@pytest.mark.parametrize("words", BAD, ids=" ".join)
def test_what_cannot_be_done_is_said_in_one_line(words, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(list(words)) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("stepgrad: ") and err.count("\n") == 1
    assert BAD[words] in err
    assert list(tmp_path.iterdir()) == []


def test_no_traceback_reaches_the_terminal():
    done = stepgrad("explain", "log(x)", "x=-1")
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr == "stepgrad: log(x = -1): log(a) is defined only for a > 0\n"


def test_an_ascii_terminal_gets_question_marks_and_no_crash():
    done = stepgrad("explain", "x**2", "x=3", PYTHONIOENCODING="ascii")
    assert done.returncode == 0 and "?y/?x = 2 * x" in done.stdout


def test_a_reader_that_stops_early_is_no_error():
    command = f'{sys.executable} -m viz.cli explain "{"+".join(["x*x"] * 90)}" x=1 | head -1'
    done = subprocess.run(command, shell=True, capture_output=True, text=True, timeout=120)
    assert done.stderr == ""
