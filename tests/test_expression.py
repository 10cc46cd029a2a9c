"""What a person types becomes a graph, or one clear sentence."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograd import AutogradError, Value
from autograd.expression import DEEPEST, LONGEST, ExpressionError, evaluate

ACCEPTED = [
    ("x**2", 4.0),
    ("-x**2", -4.0),
    ("(-x)**2", 4.0),
    ("2**-x", 0.25),
    ("x - 1 - 1", 0.0),
    ("x / 4 / 2", 0.25),
    ("2 ** x ** 2", 16.0),
    ("h = x + 1; h * h", 9.0),
    ("\n  h = x + 1\n\n  h * h\n", 9.0),
    ("t = 0.5; x * t", 1.0),
    ("y = x * 2", 4.0),
    ("abs(-x) + max(x, 3) + min(x, 3) + pow(x, 2) + ln(x) - log(x)", 11.0),
    ("pi * x / pi", 2.0),
    ("clip(x, 0, 1)", 1.0),
    ("+x", 2.0),
    ("1_000 * x", 2000.0),
    ("3·x × x − 1", 11.0),  # the signs that we print
    ("h = x·x; −h", -4.0),
    ("\uff58 * 2", 4.0),  # the parser folds the full-width x into x
]

REFUSED = {  # text: a piece of the sentence that says why, or what to do
    '__import__("os").system("ls")': "not allowed",
    "().__class__": "not allowed",
    "x.__class__": "write exp(x)",
    "x.exp()": "write exp(x)",
    "[i for i in (1, 2)]": "not allowed",
    "lambda: 1": "not allowed",
    'f"{x}"': "not allowed",
    "(y := 3)": "not allowed",
    '"a" * 9999999': "not allowed",
    "True * x": "not allowed",
    "1j * x": "not allowed",
    "None": "not allowed",
    "x[0]": "not allowed",
    "exp(a=x)": "not allowed",
    "exp(*x)": "not allowed",
    "def f(): pass": "not allowed",
    "import os": "not allowed",
    "a = b = x": "not allowed",
    "a, b = x": "not allowed",
    "x += 1": "write c = c + 1",
    "x ^ 2": "write powers with **",
    "x % 2": "known operators",
    "x // 2": "known operators",
    "x > 1": "maximum, minimum or sign",
    "x if x else 1": "maximum, minimum or sign",
    "-" * 400 + "x": "nested more than",
    "(" * 400 + "x": "too many nested parentheses",
    "+".join(["x"] * 300): "name parts of it",
    "+".join(["exp(x)"] * 60 * 7): "",
    "x" * (LONGEST + 1): "is the limit",
    "9**9**9**9 * x": "too large",
    "1e999 * x": "too large",
    "10" * 200 + " * x": "too large",
    "x / 0": "division by zero",
    "log(x - 2)": "defined only for",
    "(-8) ** (1/3) * x": "cbrt",
    "x + y": "y has no value: give it one, as in y=2",
    "a = 1; b": "b has no value",
    "tan": "write tan(x)",
    "foo(x)": "no operation named foo",
    "sigmod(x)": "did you mean sigmoid?",
    "max(x)": "max takes two arguments, and was given 1",
    "": "empty",
    " ;\n": "empty",
    "x x": "near 'x'",
    "x = ": "its end",
    "x +": "its end",
    "x\0": "not an expression",
    "2; x": "only the last statement",
    "x = 3; x": "given a value and computed too",
    "exp = 3; exp": "exp is an operation",
    "2 + 3": "nothing to differentiate",
    "#": "",
}


@pytest.mark.parametrize(("text", "value"), ACCEPTED)
def test_it_computes_what_python_would(text, value):
    assert evaluate(text, {"x": 2})[0].data == pytest.approx(value, rel=1e-15)


@pytest.mark.parametrize("text", REFUSED)
def test_anything_else_is_refused_in_one_line(text):
    with pytest.raises(AutogradError) as refusal:
        evaluate(text, {"x": 2})
    message = str(refusal.value)
    assert REFUSED[text] in message
    assert "\n" not in message and len(message) < 200


def test_statements_label_their_results_and_numbers_become_leaves():
    y, known = evaluate("h = w * 3; t = 1; (t - h) ** 2", {"w": 2})
    assert [known[name].label for name in ("w", "h", "t")] == ["w", "h", "t"]
    y.backward()
    assert known["t"].grad == -10


def test_a_second_name_for_a_value_keeps_the_first_label():
    _, known = evaluate("h = x; h * 2", {"x": 2})
    assert known["h"] is known["x"] and known["x"].label == "x"


def test_an_unused_value_is_a_slip():
    with pytest.raises(ExpressionError, match="z is given a value, but"):
        evaluate("x", {"x": 1, "z": 2})


def test_an_operation_is_no_name_for_a_value():
    with pytest.raises(ExpressionError, match="exp is an operation"):
        evaluate("exp", {"exp": 1})


def test_the_depth_that_is_allowed_works():
    assert evaluate("-" * (DEEPEST - 3) + "x", {"x": 1})[0].data == -1


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="x12.+-*/()=;, \n\texpmalog\"'[]{}:<>!@#%^&|~\\_\0é", max_size=60))
def test_any_text_gives_a_value_or_a_sentence(text):
    try:
        result, _ = evaluate(text, {"x": 0.5})
    except AutogradError as refusal:
        assert str(refusal) and "\n" not in str(refusal)
    else:
        assert isinstance(result, Value)
