"""What a person types becomes a graph, or one clear sentence."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograd import AutogradError, Value
from autograd.expression import DEEPEST, LONGEST, SIGNS, ExpressionError, evaluate

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
    ("x ÷ 4 ⋅ 2", 1.0),
    ("π*x / pi", 2.0),
    ("log(e**x)", 2.0),
    ("e = 3; e * x", 6.0),  # a name of one's own
    ("pi = 3; pi * x", 6.0),
    ("x\xa0+\xa01", 3.0),  # the space that word processors and web pages put
    ("x;", 2.0),
    ("\uff58 * 2", 4.0),  # the parser folds the full-width x into x
]

REFUSED = {  # text: a piece of the sentence that says why, or what to do
    '__import__("os").system("ls")': "not allowed",
    "().__class__": "not allowed",
    "x.__class__": "a name without dots",
    "x.y": "x.y is not allowed in an expression: a product is written with *, and a name without",
    "x.exp()": "write exp(x)",
    "(x * 2).tanh()": "write tanh(x * 2)",
    "math.tanh(2·x)": "write tanh(2·x)",
    "np.maximum(x, 0)": "write maximum(x, 0)",
    "x.pow(2)": "write pow(x, 2)",
    "math.pi * x": "write pi",
    "torch.relu": "write relu(x)",
    "np.foo(x)": "no operation named foo",
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
    "2(x + 1)": "2(x + 1) is not allowed in an expression: write * before the parenthesis",
    "(x+1)(x-1)": "write * before the parenthesis",
    "x(x + 1)": "x is a number: write x*(…) for a product",
    "pi(x)": "pi is a number",
    "1,5 * x": "a decimal number is written with a point",
    "[x]": "write all brackets as ( and )",
    '"x"': "leave out the quotes",
    "*x": "something is missing before *",
    "|x| | x": "write abs(x) for |x|",
    "x | 2": "write abs(x) for |x|",
    "def f(): pass": "not allowed",
    "import os": "not allowed",
    "a = b = x": "not allowed",
    "a, b = x": "one name stands before =",
    "h: x": "one name stands before =",
    "x += 1": "write c = c + 1",
    "x ^ 2": "write powers with **",
    "(x - 1)^2": "(x - 1)^2 is not allowed in an expression",  # as it was typed
    "3 + (2·x)^2": "3 + (2·x)^2 is not allowed",  # in Python all of it is under the ^
    "tan^-1(x)": "write tan(x)**2 for a power, and atan(x) for the inverse",
    "exp^2(x)": "write exp(x)**2 for a power",
    "x % 2": "known operators",
    "x // 2": "known operators",
    "x > 1": "maximum, minimum or sign",
    "x if x else 1": "maximum, minimum or sign",
    "-" * 400 + "x": "nested more than",
    "(" * 400 + "x": "nested more than",
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
    "xx": "xx has no value: give it one, as in xx=2, or write x*x",
    "foo(x)": "no operation named foo",
    "SIN(x)": "did you mean sin?",
    "sigmod(x)": "did you mean sigmoid?",
    "max(x)": "max takes two arguments, and was given 1",
    "": "empty",
    " ;\n": "empty",
    "x x": "x x is not an expression: write x*x",
    "x = ": "something is missing after the last =",
    "x +": "something is missing after the last +",
    "h = x+; h": "h = x+ is not an expression: something is missing after the last +",
    "x**": "something is missing after the last **",
    "**x": "something is missing before the first **",
    "= 3": "something is missing before the first =",
    "y = = 2": "something is missing between = and =",
    "x × ÷ 2": "something is missing between × and ÷",
    "2x": "2x is not an expression: write 2*x",
    "1e3x": "write 1e3*x",
    "(x + 1)x": "write * between ) and x",
    "1 000 * x": "write numbers without spaces",
    "sin x": "write sin(x), with parentheses",
    "ln x": "write ln(x), with parentheses",
    ")x": "one ) has no ( before it",
    "tanh(x": "one ( has no ) after it",
    "h = (x; h * 2": "h = (x is not an expression: one (",
    "f(x) = x**2": "one name stands before =, as in h = w*x",
    "2 = x": "one name stands before =",
    "lambda = 3; lambda * x": "lambda is a word of Python: choose another name",
    "x if x": "maximum, minimum or sign",
    "2²": "write powers with **",
    "x⁻¹": "write powers with **",
    "x₁": "write x1",
    "√x": "write sqrt(x)",
    "|x|": "|x| is not an expression: write abs(x) for |x|",
    "x ≥ 2": "maximum, minimum or sign",
    "'x": "leave out the quotes",
    "{x": "write all brackets as ( and )",
    "x – 1": "write minus as -",
    "x!": "tanh(x), and no !",
    "½x": "and no ½",
    "x.5": "near .5, write numbers, names",
    "x\0": "x� is not an expression",
    "2; x": "only the last statement",
    "x = 3; x": "given a value and computed too",
    "h = e*x; e = 3; h": "e is 2.71828 until it is computed: choose another name",
    "e": "nothing to differentiate",
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


@pytest.mark.parametrize("name", ["e", "pi", "π"])
def test_a_constant_is_known_until_a_value_has_its_name(name):
    y, known = evaluate(f"{name} * x", {"x": 1})
    assert y.data == (math.e if name == "e" else math.pi) and name not in known
    y, known = evaluate(f"{name} * x", {"x": 1, name: 5})
    assert y.data == 5 and known[name].label == name


def test_python_warns_nobody_about_what_is_typed(recwarn):
    for text in ("1if x else 2", r"'\d' * x", "2(x)"):  # a warning would be an error here
        with pytest.raises(ExpressionError, match="not allowed"):
            evaluate(text, {"x": 1})
    assert not recwarn


@pytest.mark.parametrize("sign", "".join(SIGNS))
def test_a_sign_that_is_not_ours_says_what_to_write_instead(sign):
    with pytest.raises(ExpressionError) as refusal:
        evaluate(f"2 * {sign}", {"x": 1})
    (hint,) = (hint for signs, hint in SIGNS.items() if sign in signs)
    assert str(refusal.value) == f"2 * {sign} is not an expression: {hint}"


def test_an_operation_is_no_name_for_a_value():
    with pytest.raises(ExpressionError, match="exp is an operation"):
        evaluate("exp", {"exp": 1})


def test_the_depth_that_is_allowed_works():
    assert evaluate("-" * (DEEPEST - 3) + "x", {"x": 1})[0].data == -1


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="x12.+-*/()=;, \n\texpmalog\"'[]{}:<>!@#%^&|~\\_\0éπ²·−√", max_size=60))
def test_any_text_gives_a_value_or_a_sentence(text):
    try:
        result, _ = evaluate(text, {"x": 0.5})
    except AutogradError as refusal:
        assert str(refusal) and "\n" not in str(refusal)
    else:
        assert isinstance(result, Value)
