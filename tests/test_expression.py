"""What a person types becomes a graph, or one clear sentence."""

import math
import random
import re
from pathlib import Path
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nn
from autograd import AutogradError, Value, gradients
from autograd.expression import (
    LONGEST,
    ExpressionError,
    NotANumber,
    evaluate,
    number_in,
    read_as,
)
from autograd.expression.tokens import HINTS
from autograd.expression.vocabulary import ALIASES, LIST_FUNCTIONS, WRITE
from autograd.ops import BUILT_IN
from autograd.teaching import explain
from tests.typed_numbers import TYPED_NUMBERS

ACCEPTED = [
    ("x**2", 4.0),
    ("-x**2", -4.0),
    ("(-x)**2", 4.0),
    ("2**-x", 0.25),
    ("-2**-x", -0.25),
    ("2**-x*3", 0.75),
    ("x - 1 - 1", 0.0),
    ("x - -1", 3.0),
    ("x*-2", -4.0),
    ("--x", 2.0),
    ("x / 4 / 2", 0.25),
    ("x / 4 * 2", 1.0),
    ("2 ** x ** 2", 16.0),
    ("((x))", 2.0),
    ("h = x + 1; h * h", 9.0),
    ("h = x; h = h * 3; h + 1", 7.0),
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
    ("x – 1", 1.0),  # what word processors make of a minus
    ("π*x / pi", 2.0),
    ("e = 3; e * x", 6.0),  # a name of one's own
    ("pi = 3; pi * x", 6.0),
    ("lambda = 3; lambda * x", 6.0),  # a word of Python, and of statistics
    ("σ = 3; σ * x", 6.0),
    ("mean = x / 2; mean * 3", 3.0),
    ("x\xa0+\xa01", 3.0),  # the space that word processors and web pages put
    ("x;", 2.0),
    ("\uff58 \uff0a\uff12", 4.0),  # wide letters and signs
    ("x\uff0a\uff0a3", 8.0),
    ("x₁ = x; x1 * 2", 4.0),
    # a statement goes on where a line ends or starts with an operator, and in parentheses
    ("h = x\n  + 2\nh * 1", 4.0),
    ("h = x *\n 3\nh", 6.0),
    ("max(x,\n\n3)\n", 3.0),
    ("(x\n + 1)\n* 2", 6.0),
    ("x\n\n- 1", 1.0),
    # comparisons and choices
    ("where(x > 0, x, 0) + where(x >= 3, 1, 5*x)", 12.0),
    ("(x < 3) + (x <= 2) + (x ≤ 1) + (2 ≥ x)", 3.0),
    ("x + 1 < 2*x - 3", 0.0),
    ("(0 < x)*(x < 3)", 1.0),
    ("where(x > 3, log(x - 3), x)", 2.0),  # what is not chosen need not be defined
    ("where(1 < 2, x, 1/0*x)", 2.0),
    ("where(x < 1, 1, where(x < 2, 1/(x - 2), where(x <= 2, 5, 6)))*x", 10.0),
    ("where(2 < 1, x, 3)*x", 6.0),
]

READ_AS = {  # text: (how it is read, its value)
    "x^2": ("x**2", 4.0),
    "x ^ -1": ("x**-1", 0.5),
    "-x^2": ("-x**2", -4.0),
    "(x - 1)^2": ("(x - 1)**2", 1.0),
    "3 + (2·x)^2": ("3 + (2*x)**2", 19.0),
    "x²": ("x**2", 4.0),
    "−x²": ("-x**2", -4.0),
    "x⁻¹": ("x**-1", 0.5),
    "x¹⁰": ("x**10", 1024.0),
    "(x+1)²": ("(x + 1)**2", 9.0),
    "2**x²": ("2**x**2", 16.0),
    "n = 3; xⁿ": ("n = 3; x**n", 8.0),
    "σ(x - 2)": ("sigmoid(x - 2)", 0.5),
    "√x": ("sqrt(x)", math.sqrt(2)),
    "√(x + 2)": ("sqrt(x + 2)", 2.0),
    "√√(8*x)": ("sqrt(sqrt(8*x))", 2.0),
    "√x*x": ("sqrt(x)*x", math.sqrt(2) * 2),
    "-√4*x": ("-sqrt(4)*x", -4.0),
    "∛(4*x)": ("cbrt(4*x)", 2.0),
    "|x|": ("abs(x)", 2.0),
    "|-x|*|3|": ("abs(-x)*abs(3)", 6.0),
    "||x| - 3|": ("abs(abs(x) - 3)", 1.0),
    "|x - 3|²": ("abs(x - 3)**2", 1.0),
    "2x": ("2*x", 4.0),
    "2x^2": ("2*x**2", 8.0),
    "2 x + 3x": ("2*x + 3*x", 10.0),
    "-2x": ("-2*x", -4.0),
    "2(x + 1)": ("2*(x + 1)", 6.0),
    "2exp(x - 2)": ("2*exp(x - 2)", 2.0),
    "2|x|": ("2*abs(x)", 4.0),
    "2√(2x)": ("2*sqrt(2*x)", 4.0),
    "2x/4": ("2*x/4", 1.0),
    "1e3x": ("1e3*x", 2000.0),
    "2pi/pi*x": ("2*pi/pi*x", 4.0),
    "2e/e*x": ("2*e/e*x", 4.0),
    "log(e**x)": ("log(exp(x))", 2.0),  # e stays e: exp prints e^x, and no 2.71828
    "e^(x - 2)": ("exp(x - 2)", 1.0),
    "e² + x": ("exp(2) + x", math.e**2 + 2),
}

REFUSED = {  # text: a piece of the sentence that says why, or what to do
    '__import__("os").system("ls")': "leave out the quotes",
    "__import__(x)": "there is no operation named __import__",
    "().__class__": "something is missing between ( and )",
    "x.__class__": "a name without dots",
    "x.y": "x.y cannot be read: a product is written with *, and a name without",
    "x.exp()": "write exp(x)",
    "(x * 2).tanh()": "write tanh(…), without a dot",
    "math.tanh(2·x)": "write tanh(…), without a dot",
    "np.maximum(x, 0)": "write maximum(…), without a dot",
    "x.pow(2)": "write pow(x, …)",
    "math.pi * x": "write pi",
    "torch.relu": "write relu(…)",
    "np.foo(x)": "no operation named foo",
    "x.": "a name without dots",
    "[i for i in (1, 2)]": "write all brackets as ( and )",
    "lambda: 1": "cannot be read",
    'f"{x}"': "leave out the quotes",
    "(y := 3)": "one name stands before =",
    "True * x": "write 1 for True",
    "1j * x": "j has no value",
    "None": "write numbers, names",
    "x[0]": "a name has no brackets: write x0",
    "exp(a=x)": "one name stands before =",
    "exp(*x)": "something is missing between ( and *",
    "(x+1)(x-1)": "write * between ) and (",
    "(x + 1)x": "write * between ) and x",
    "sin(x)cos(x)": "sin(x)cos(x) cannot be read: write * between ) and cos",
    "x(x + 1)": "x is a number: write x*(…) for a product",
    "pi(x)": "pi is a number",
    "mean = x; mean(x, 1)": "mean is a number",
    "1,5 * x": "write 1.5, with a point",
    "1,000*x": "write 1000, or 1.000, with a point",
    "x, 1": "a comma stands between the arguments of a function",
    "[x]": "write all brackets as ( and )",
    "Sin[x]": "write sin(x)",
    "sin[x]": "write sin(x)",
    '"x"': "leave out the quotes",
    "*x": "something is missing before the first *",
    "x | 2": "write abs(x) for |x|, and * for a product",
    "|x| | x": "write abs(x) for |x|",
    "|x|y|x|": "write * between | and y",
    "|x": "one | has no | after it",
    "(|x)|": "one ) has no ( before it",
    "def f(): pass": "cannot be read",
    "import os": "write numbers, names, + - * / **",
    "a = b = x": "one name stands before =, as in h = w*x",
    "a, b = x": "a comma stands between the arguments",
    "h: x": "one name stands before =",
    "x += 1": "write c = c + 1",
    "f(x) = x**2": "one name stands before =",
    "2 = x": "one name stands before =",
    "y = = 2": "something is missing before the first =",
    "tan^-1(x)": "write tan(x)**2 for a power, and atan(x) for the inverse",
    "sin²(x)": "write sin(x)**2 for a power, and asin(x) for the inverse",
    "gelu^2(x)": "write gelu(x)**2 for a power",
    "exp^2(x)": "write exp(…) for e to that power, and exp(x)**2 for a power of exp(x)",
    "exp^(-x)": "write exp(…) for e to that power",
    "x % 2": "write / for a quotient",
    "x // 2": "write floor(a/b)",
    "x == 2": "numbers are compared with < and <=, as in where(x < 1, x, 1)",
    "x ≠ 2": "numbers are compared with < and <=",
    "x if x else 1": "write where(c, a, b) for a if c else b",
    "not x": "write 1 - (x < 0) for the opposite",
    "0 < x and x < 1": "write (0 < x)*(x < 1) for both at once",
    "0 < x < 1": "write (a < b)*(b < c) for a < b < c",
    "x <": "something is missing after the last <",
    "x => 1": "write >= for at least",
    "where(x > 0, y, 0)": "y has no value",
    "where(x > 0, 1)": "where takes 3 arguments, and was given 2",
    "where(x > 1, " * 60 + "1" + ", 2)" * 60: "choices are nested too deep: name parts of them",
    "(" * 400 + "x": "one ( has no ) after it",
    "x" * (LONGEST + 1): f"the expression has {LONGEST + 1} characters; {LONGEST} is the limit",
    "9**9**9**9 * x": "too large",
    "1e999 * x": "the largest number is about 1.8e308",
    "10" * 200 + " * x": "the largest number is",
    "x / 0": "division by zero",
    "log(x - 2)": "defined only for",
    "(-8) ** (1/3) * x": "cbrt",
    "x + y": "y has no value: give it one, as in y=2",
    "a = 1; b": "b has no value",
    "h = w*x\nw = 2": "w is used before it is computed",
    "h = x*x\n-h": "h is used before it is computed; a line that starts with an operator continues",
    "tan": "tan cannot be read: write tan(x), with parentheses",
    "xx": "xx has no value: give it one, as in xx=2, or write x*x",
    "foo(x)": "no operation named foo",
    "SIN(x)": "there is no operation named SIN: write sin(x)",
    "INT(x)": "write floor(x)",
    "LOG(x)": "log(x) is the natural logarithm, and log10(x) the one to base 10",
    "sigmod(x)": "did you mean sigmoid?",
    "corner(x)": "there is no operation named corner",  # it is a mark inside partials
    "max(x)": "max takes two or more arguments, and was given 1",
    "mse(x, 1, 2)": "mse takes two arguments, and was given 3",
    "atan2(x)": "atan2 takes two arguments, and was given 1",
    "tanh()": "something is missing between ( and )",
    "max(x,)": "something is missing between , and )",
    "floor(x;-1)": "floor(x;-1) cannot be read: write , between arguments, and ; only between",
    "max(x;0)": "write , between arguments, and ; only between statements",
    "cross_entropy(x, 1; 1)": "write the index behind the call, as in cross_entropy(a, b)[0]",
    "softmax(x, 1)": "write softmax(x, 1)[0] for the first of its 2 numbers",
    "softmax(x, 1) + 1": "write softmax(x, 1)[0]",
    "softmax(x, 1)[2]": "the index is a whole number from 0 to 1",
    "softmax(x, 1)[-1]": "the index is a whole number from 0 to 1",
    "softmax(x, 1)[0": "the index is a whole number from 0 to 1",
    "": "the expression is empty: try tanh(w*x + b)",
    " ;\n": "empty",
    "x x": "x x cannot be read: write x*x",
    "x = ": "something is missing after =",
    "x +": "something is missing after the last +",
    "h = x+; h": "something is missing after the last +",
    "x**": "something is missing after the last **",
    "**x": "something is missing before the first **",
    "= 3": "something is missing before the first =",
    "x × ÷ 2": "something is missing between × and ÷",
    "x··2": "something is missing between · and ·",  # two signs, and not the one of a power
    "x*·2": "something is missing between * and ·",
    "x * * 2": "write ** for a power, without a space",
    "1 000 * x": "write numbers without spaces",
    "1.2.3 * x": "a number has one point",
    "0x10 * x": "write numbers in decimal digits",
    "sin x": "write sin(x), with parentheses",
    "ln x": "write ln(x), with parentheses",
    ")x": "something is missing before the first )",
    "x)": "one ) has no ( before it",
    "tanh(x": "one ( has no ) after it",
    "h = (x; h * 2": "write , between arguments, and ; only between statements",
    "'x": "leave out the quotes",
    "{x": "write all brackets as ( and )",
    "x!": "tanh(x), and no !",
    "½x": "write fractions with /",
    "x.5": "write x*.5",
    "x\0": "x� cannot be read",
    "x\x1b[31m": "x�[31m cannot be read",
    "2; x": "only the last statement may be without a name",
    "x = 3; x": "x is given a value and computed too: keep one",
    "h = e*x; e = 3; h": "e is used before it is computed",
    "e": "nothing to differentiate",
    "exp = 3; exp": "exp is an operation: choose another name",
    "abs = 3": "abs is an operation",
    "2 + 3": "nothing to differentiate",
    "#": "and no #",
    # what is computed is used
    "L = (1-x)**2\n0.1*x**2": "L is computed, but nothing uses it",
    "h = x + 1; x*2": "h is computed, but nothing uses it: leave it out, or use it further down",
    "h = x; h = x*2; h": "h is computed twice, and the first is not used",
    # what people read in two ways
    "1/2x": "write 1/(2*x) or (1/2)*x",
    "x/2(x + 1)": "write x/(2*(…)) or (x/2)*(…)",
    "1/-2x": "write 1/(2*x) or (1/2)*x",
    "x^2x": "write x**(2*x) or x**2*x",
    "x**2sin(x)": "write x**(2*sin(…)) or x**2*sin(…)",
    "x^2^3": "write (a**b)**c or a**(b**c)",
    "e^-x^2": "write (a**b)**c or a**(b**c)",
    "x²^3": "write (a**b)**c or a**(b**c)",
    "√x²": "write sqrt(x)**2 or sqrt(x**2)",
    "√x^2": "write sqrt(x)**2 or sqrt(x**2)",
    "√2x": "write sqrt(2)*x or sqrt(2*x)",
    "√-x": "write √(-x)",
    "²x": "write powers with **",
    "x⁺": "write powers with **",
}


@pytest.mark.parametrize(("text", "value"), ACCEPTED)
def test_it_computes_what_python_would(text, value):
    assert evaluate(text, {"x": 2})[0].data == pytest.approx(value, rel=1e-15)
    assert read_as(text, ["x"]) == ""


@pytest.mark.parametrize("text", READ_AS)
def test_what_can_mean_one_thing_only_is_read_and_says_how(text):
    understood, value = READ_AS[text]
    assert read_as(text, ["x"]) == understood
    assert evaluate(text, {"x": 2})[0].data == pytest.approx(value, rel=1e-15)
    again = evaluate(understood, {"x": 2})[0].data
    assert again == evaluate(text, {"x": 2})[0].data


@pytest.mark.parametrize("text", REFUSED)
def test_anything_else_is_refused_in_one_line(text):
    with pytest.raises(AutogradError) as refusal:
        evaluate(text, {"x": 2})
    message = str(refusal.value)
    assert REFUSED[text] in message
    assert message.isprintable() and len(message) < 200


def test_a_line_that_starts_with_an_operator_continues_the_loss_above():
    y, _ = evaluate("L = (t-y)**2\n + 0.1*w**2", {"t": 1, "y": 3, "w": 2})
    assert y.data == 4.4 and y.label == "L"


@pytest.mark.parametrize("given", "µμ")
@pytest.mark.parametrize("typed", "µμ")
def test_the_two_signs_for_mu_are_one_name(given, typed):
    y, known = evaluate(f"{typed} * x", {given: 2, "x": 3})
    assert y.data == 6 and list(known) == ["μ", "x"]


def test_names_are_those_of_python():
    y, _ = evaluate("𝑥 + ﬁ + x", {"x": 2, "fi": 3})
    assert y.data == 7


def test_statements_label_their_results_and_numbers_become_leaves():
    y, known = evaluate("h = w * 3; t = 1; (t - h) ** 2", {"w": 2})
    assert [known[name].label for name in ("w", "h", "t")] == ["w", "h", "t"]
    y.backward()
    assert known["t"].grad == -10


def test_a_second_name_for_a_value_keeps_the_first_label():
    _, known = evaluate("h = x; h * 2", {"x": 2})
    assert known["h"] is known["x"] and known["x"].label == "x"


def test_an_unused_value_is_a_mistake_and_the_first_is_named():
    with pytest.raises(ExpressionError, match="z is given a value, but"):
        evaluate("x", {"x": 1, "z": 2, "a": 3})


@pytest.mark.parametrize("name", ["e", "pi", "π"])
def test_a_constant_is_known_until_a_value_has_its_name(name):
    y, known = evaluate(f"{name} * x", {"x": 1})
    assert y.data == (math.e if name == "e" else math.pi) and name not in known
    y, known = evaluate(f"{name} * x", {"x": 1, name: 5})
    assert y.data == 5 and known[name].label == name
    assert evaluate("e**x", {"x": 2, "e": 3})[0].data == 9


def test_e_and_pi_keep_their_names_in_the_walk():
    y, _ = evaluate("e*x + π", {"x": 2})
    text = explain(y, names=False).text
    assert "v1 = e * x = e * 2 = 5.43656" in text and "= v1 + π = 5.43656 + π = 8.57816" in text
    assert "∂v1/∂x = e = 2.71828" in text
    assert r"v_{1} + \pi" in explain(y, names=False).latex


@pytest.mark.parametrize("sign", "".join(HINTS))
def test_a_sign_that_is_not_ours_says_what_to_write_instead(sign):
    with pytest.raises(ExpressionError) as refusal:
        evaluate(f"2 * {sign}", {"x": 1})
    (hint,) = (hint for signs, hint in HINTS.items() if sign in signs)
    assert str(refusal.value) == f"2 * {sign} cannot be read: {hint}"


@pytest.mark.parametrize("name", ["exp", "abs", "ln"])
def test_an_operation_is_no_name_for_a_value(name):
    with pytest.raises(ExpressionError, match=f"{name} is an operation: choose another name"):
        evaluate(name, {name: 1})


# Numbers


@pytest.mark.parametrize(("typed", "right"), TYPED_NUMBERS)
def test_a_number_that_is_typed_is_that_number_or_gets_a_hint(typed, right):
    if isinstance(right, str):
        with pytest.raises(NotANumber) as refusal:
            number_in(typed)
        assert str(refusal.value) == right
    else:
        assert repr(number_in(typed)) == repr(right)


@pytest.mark.parametrize(
    ("typed", "right"),
    [(typed, right) for typed, right in TYPED_NUMBERS if isinstance(right, float)],
)
def test_a_number_is_the_same_in_an_expression(typed, right):
    if typed[0] not in "-−+–‑\uff0d":
        assert evaluate(f"x*({typed})", {"x": 1})[0].data == right


# The vocabulary

LOGITS = {"a": 1.0, "b": -2.0, "c": 0.5}


@pytest.mark.parametrize("shift", [0.0, 1000.0, -1000.0])
@pytest.mark.parametrize("k", [0, 1, 2])
def test_softmax_and_its_relatives_are_those_of_nn_however_large_the_numbers(shift, k):
    values = {name: x + shift for name, x in LOGITS.items()}
    leaves = [Value(x) for x in values.values()]
    for name, right in {
        "softmax": nn.softmax(leaves)[k],
        "cross_entropy": nn.cross_entropy([leaves], [k]),
        "log_softmax": -nn.cross_entropy([leaves], [k]),
    }.items():
        y, known = evaluate(f"{name}(a, b, c)[{k}]", values)
        assert y.data == pytest.approx(right.data, rel=1e-12)
        found, expected = gradients(y), gradients(right)
        for leaf, mine in zip(leaves, known.values(), strict=True):
            assert found[mine] == pytest.approx(expected[leaf], abs=1e-15)


@pytest.mark.parametrize(
    ("text", "value", "slopes"),
    [
        ("max(a, b, c)", 1.0, [1, 0, 0]),
        ("min(a, b, c)", -2.0, [0, 1, 0]),
        ("sum(a, b, c)", -0.5, [1, 1, 1]),
        ("prod(a, b, c)", -1.0, [-1, 0.5, -2]),
        ("mean(a, b, c)", -0.5 / 3, [1 / 3] * 3),
        ("norm(a, b) + c*0", math.sqrt(5), [1 / math.sqrt(5), -2 / math.sqrt(5), 0]),
        ("mse(a, b) + c*0", 9.0, [6, -6, 0]),
        ("hinge(a, c) + b*0", 0.5, [-0.5, 0, -1]),
        ("hinge(a, -1) + (b + c)*0", 2.0, [1, 0, 0]),
        ("sum(a) + mean(b) + prod(c)", -0.5, [1, 1, 1]),
    ],
)
def test_functions_of_a_list_are_made_of_operations(text, value, slopes):
    y, known = evaluate(text, LOGITS)
    assert y.data == pytest.approx(value, rel=1e-15)
    found = gradients(y)
    assert [found[leaf] for leaf in known.values()] == pytest.approx(slopes, rel=1e-15)


def test_logsumexp_and_binary_cross_entropy_are_those_of_nn():
    a, b, c = (Value(x) for x in LOGITS.values())
    assert evaluate("logsumexp(a, b, c)", LOGITS)[0].data == pytest.approx(
        nn.logsumexp([a, b, c]).data, rel=1e-15
    )
    huge = {"a": 1000.0, "b": 1000.0}
    assert evaluate("logsumexp(a, b)", huge)[0].data == 1000 + math.log(2)
    for name in ("bce", "binary_cross_entropy"):
        for z, t in [(-2.0, 1), (3.0, 0), (0.5, 0.25), (-1000.0, 1)]:
            y, _ = evaluate(f"{name}(z, t)", {"z": z, "t": t})
            assert y.data == nn.binary_cross_entropy([Value(z)], [t]).data


def test_every_name_of_the_vocabulary_is_known_and_none_is_there_twice():
    assert not (ALIASES.keys() | LIST_FUNCTIONS.keys()) & BUILT_IN
    for name in ALIASES.keys() & LIST_FUNCTIONS.keys():  # of two numbers, the row itself
        assert evaluate(f"{name}(a, b)", {"a": 1, "b": 2})[0].op is ALIASES[name]
    assert not WRITE.keys() & {*BUILT_IN, *ALIASES, *LIST_FUNCTIONS}
    for name, row in ALIASES.items():
        if name.isalpha():
            numbers = [1.5] if "cos" in name and "h" in name else [0.5, 0.25]
            numbers = numbers[: len(row.partials)]
            values = dict(zip("ab", numbers, strict=False))
            assert evaluate(f"{name}({', '.join(values)})", values)[0].data == row(*numbers)


def test_the_reference_lists_every_function_of_several_numbers():
    page = (Path(__file__).parents[1] / "docs/reference/command.md").read_text("utf-8")
    table = page.partition("| written | is |")[2].partition("\n\n")[0]
    assert set(re.findall(r"`(\w+)", table)) == LIST_FUNCTIONS.keys()


@pytest.mark.parametrize("name", WRITE)
def test_what_is_proposed_for_a_function_that_is_missing_can_be_read(name):
    for text in WRITE[name].split(" or "):
        values = dict.fromkeys(re.findall(r"\b[xyt]\b", text), 0.5)
        assert math.isfinite(evaluate(text, values)[0].data)


# However long and strange it is


LONG = [
    "+".join(["x"] * 2000), "+".join(["x*x"] * 1000), "x**" * 1300 + "x", "-" * 3999 + "x",
    "(" * 1999 + "x" + ")" * 1999, "abs(" * 799 + "x" + ")" * 799, "√" * 3999 + "x",
    "|" * 1999 + "x" + "|" * 1999, "\n" * 3999 + "x", "max(" + "x," * 1990 + "x)",
    "softmax(" + "x," * 1900 + "x)[3]", "x\n*" * 1300 + "x", "x" + "-2x" * 1300,
    "." * 4000, "x" * 4000, "1" * 4000, "1 " * 2000, "x;" * 2000, "²" * 4000, "h=x;" * 1000,
    "2|" * 2000, "1/-" * 1300 + "2x", "e**" * 1300 + "x", "sin" * 1300 + "(x)", "((((x," * 600,
    "h=x\n+" * 700 + "x", "x(" * 1900, "x[" * 1900, "if " * 1300, "=" * 4000, "1_" * 2000,
    "x^-" * 1300 + "x", "\\" * 4000, ".1" * 2000, "h=(h0" * 600, "q" * 3999, "\x1b" * 4000,
]  # fmt: skip


@pytest.mark.parametrize("text", LONG, ids=lambda text: text[:8])
def test_4000_characters_take_a_moment_whatever_they_are(text):
    start = process_time()
    try:
        result, _ = evaluate(text, {"x": 1})
        assert isinstance(result, Value)
    except AutogradError as refusal:
        assert str(refusal).isprintable() and len(str(refusal)) < 220
    assert process_time() - start < 10  # a two-hundredth of it is usual: nothing grows by squares


def test_a_flat_sum_of_2000_terms_and_1999_parentheses_are_read():
    assert evaluate("+".join(["x"] * 2000), {"x": 1})[0].data == 2000
    assert evaluate("(" * 1999 + "x" + ")" * 1999, {"x": 3})[0].data == 3


PIECES = [
    *(text for text, _ in ACCEPTED), *READ_AS, *(text for text in REFUSED if len(text) < 99),
]  # fmt: skip
SIGNS = 'x12.+-*/^()|,;= \n√²⁻·−σeπµ[]_!"%<\0\x85é½𝑥~'


def mutated(rng):
    """A text that was right, or was refused for one reason, with some pieces changed."""
    text = rng.choice(PIECES)
    for _ in range(rng.randint(1, 4)):
        i, j = sorted((rng.randint(0, len(text)), rng.randint(0, len(text))))
        match rng.randrange(4):
            case 0:
                text = text[:i] + rng.choice(SIGNS) + text[i:]
            case 1:
                text = text[:i] + text[min(j, i + 2) :]
            case 2:
                text = text[:i] + rng.choice(PIECES) + text[j:]
            case 3:
                text = text[:j] + text[i:j] + text[j:]
    return text


def test_any_mutation_gives_a_value_or_one_sentence():
    rng = random.Random(1)
    given = {"x": 0.5}
    values = 0
    for _ in range(4000):
        text = mutated(rng)
        try:
            result, _ = evaluate(text, given)
        except AutogradError as refusal:
            assert str(refusal).isprintable() and 0 < len(str(refusal)) < 240, text
        else:
            assert isinstance(result, Value)
            values += 1
            if understood := read_as(text, given):  # which means the same
                same = evaluate(understood, given)[0]
                assert same.data == result.data, text
    assert values > 200


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="x12.+-*/()=;, \n\texpmalog\"'[]{}:<>!@#%^&|~\\_\0éπ²·−√", max_size=60))
def test_any_text_gives_a_value_or_a_sentence(text):
    try:
        result, _ = evaluate(text, {"x": 0.5})
    except AutogradError as refusal:
        assert str(refusal) and str(refusal).isprintable()
    else:
        assert isinstance(result, Value)


def random_expression(rng, depth):
    if depth == 0:
        return rng.choice(["x", "2", "0.5", "(x)", "3.25"])
    left, right = random_expression(rng, depth - 1), random_expression(rng, rng.randrange(depth))
    match rng.randrange(4):
        case 0:
            return f"-{left}"
        case 1:
            return f"({left})"
        case 2:
            return f"abs({left})**{right}" if rng.random() < 0.5 else f"{left}*-{right}"
    return f"{left} {rng.choice(['+', '-', '*', '/'])} {right}"


def test_python_reads_the_same_value_out_of_random_arithmetic():
    rng = random.Random(2)
    compared = 0
    for _ in range(3000):
        text = random_expression(rng, rng.randrange(6))
        try:
            expected = eval(text, {"x": 0.75, "abs": abs})
        except (ZeroDivisionError, OverflowError):
            continue
        try:
            found, _ = evaluate(f"{text} + x*0", {"x": 0.75})
        except AutogradError:
            assert isinstance(expected, complex) or abs(expected) > 1e300, text
            continue
        if not isinstance(expected, complex):
            assert found.data == pytest.approx(expected, rel=1e-14), text
            compared += 1
    assert compared > 1500
