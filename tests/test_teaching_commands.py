"""`stepgrad paths`, `why`, `exact` and `explain --blackboard`, as they are typed."""

import pytest

from viz.cli.demo import GIVEN, NETWORK, WEIGHTS
from viz.cli.main import main

LECTURE = ["d=a*b+c; L=d*f", "a=2", "b=-3", "c=10", "f=-2"]


@pytest.fixture
def out(capsys):
    def run(*words):
        assert main(list(words)) == 0
        printed = capsys.readouterr()
        assert printed.err == ""
        return printed.out

    return run


def test_paths_of_one_value(out):
    text = out("paths", *LECTURE, "--to", "a")
    assert text.endswith("L ← d ← v1 ← a\n  ∂L/∂a = f · b = -2 · (-3) = 6\n")


def test_paths_and_why_take_every_leaf_if_none_is_named(out):
    assert out("paths", *LECTURE).count("There is one path from L back to") == 4
    assert out("why", *LECTURE).count("is neither tiny nor huge.") == 4


def test_the_limit_and_the_digits(out):
    assert "There are 2 paths from y back to x over 2 edges: too many" in out(
        "paths", "x*x", "x=1/3", "--limit", "1"
    )
    assert "∂y/∂x = 3 * x ** 2 = 0.33\n" in out("paths", "x**3", "x=1/3", "--digits", "2")


@pytest.mark.parametrize("form", ["text", "markdown", "latex"])
@pytest.mark.parametrize("command", ["paths", "why", "exact", "explain"])
def test_every_tool_writes_every_format(out, command, form):
    extra = ["--blackboard"] if command == "explain" else []
    text = out(command, *LECTURE, "--to", "a", "--format", form, *extra)
    assert (r"\begin{align*}" in text) == (form == "latex")
    assert ("$" in text) == (form != "text")


def test_why_explains_an_operation_that_fails(out):
    text = out("why", "exp(log(a*(a-b)))*b + a", "a=2", "b=5")
    assert text == (
        "log(-6): log(a) is defined only for a > 0.\n\n"
        "Until then:\n  v1 = a - b = 2 - 5 = -3\n  v2 = a * v1 = 2 * (-3) = -6\n\n"
        "This operation failed:\n  log(v2) = log(-6)\n"
    )


def test_why_explains_a_local_derivative_that_does_not_exist(out):
    assert "does not exist: its formula divides by zero." in out("why", "sqrt(x)", "x=0")


def test_exact_reads_typed_fractions(out):
    text = out("exact", "x*2 + 4", "x=1/3")
    assert text.startswith("Given x = 1/3:\n") and "= 14/3 ≈ 4.66667" in text


def test_exact_names_the_operation_that_stops_it(out):
    text = out("exact", "h = tanh(w*x); h*3", "w=2", "x=0.1")
    assert "h is not exact: tanh(1/5) is no fraction." in text


def test_the_blackboard_of_the_network_fits_a_screen(out):
    values = [f"{name}={number}" for name, number in (GIVEN | WEIGHTS).items()]
    lines = out("explain", NETWORK, *values, "--to", "w1", "--blackboard").splitlines()
    assert len(lines) <= 40 and max(map(len, lines)) <= 80
    lines = out("explain", NETWORK, *values, "--brief").splitlines()
    assert len(lines) <= 40 and max(map(len, lines)) <= 80


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["paths", "x*x", "x=1", "--limit", "-1"], "--limit is a number from 0 on, not -1"),
        (["paths", "x*x", "x=1", "--limit", "a"], "--limit takes a whole number, not a"),
        (["paths", "x*x", "x=1", "--to", "q"], "--to q: there is no such value: choose from x"),
        (["why", "x*x", "x=1", "--digits", "0"], "--digits is a number from 1 to 17, not 0"),
        (["why", "x*", "x=1"], "cannot be read"),
        (["why", "1/0*x", "x=1"], "division by zero"),
        (["exact", "sqrt(x)", "x=0"], "the local derivative of sqrt(x = 0) does not exist"),
        (["exact", "x", "x=1", "--too", "x"], "there is no option --too: did you mean --to?"),
        (["explain", "x*x", "x=1", "--blackboard"], "--blackboard shows one derivative: add --to"),
        (["explain", "x*x", "x=1", "--blackboard", "--to", "x", "--brief"], "leave out --brief or"),
        (
            ["explain", "h=x*x; h*2", "x=1", "--blackboard", "--to", "x", "--to", "h"],
            "--blackboard shows one derivative",
        ),
        (["paths"], "the expression is missing"),
        (["path", "x"], "there is no command named path: did you mean paths?"),
    ],
)
def test_bad_input_ends_in_one_sentence(words, sentence, capsys):
    assert main(words) == 2
    printed = capsys.readouterr()
    assert printed.out == "" and printed.err.count("\n") == 1
    assert printed.err.startswith("stepgrad: ") and sentence in printed.err
