"""A custom operation is recorded, explained, drawn, differentiated and checked like the table's."""

import copy
import math
import pickle

import numpy as np
import pytest

from autograd import GradientMismatch, Op, Program, Value, check, exp, explain, grad, jvp, where
from autograd.languages import LANGUAGES
from autograd.op import TABLE
from autograd.program import MACHINES
from viz import draw

# the logistic map's hill: y = a (1 - a), with its slope written by the user
hill = Op("hill", lambda a: a * (1 - a), (lambda y, a: 1 - 2 * a,))
blend = Op(
    "blend",  # (1 - c) a + c b
    lambda a, b, c: (1 - c) * a + c * b,
    (lambda y, a, b, c: 1 - c, lambda y, a, b, c: c, lambda y, a, b, c: b - a),
)


def test_it_is_differentiated_to_any_order_and_forward_too():
    x = Value(0.3, "x")
    slope = grad(hill(x) * 2, x)
    assert (slope.data, grad(slope, x).data) == (pytest.approx(0.8), -4.0)
    assert jvp(hill, [0.3], [1.0])[1] == pytest.approx(0.4)


def test_it_is_explained():
    x = Value(0.25, "x")
    text = explain(hill(x), names=False).text
    assert "v1 = hill(x) = hill(0.25) = 0.1875" in text
    assert "∂v1/∂x = 1 - 2 * x = 1 - 2 * 0.25 = 0.5" in text
    assert r"\operatorname{hill}\left(x\right)" in explain(hill(x)).latex


def test_it_is_drawn():
    x = Value(0.25, "x")
    assert ">hill<" in draw(hill(x)).svg


def test_three_arguments_are_checked():
    assert check(blend, [2.0, -1.0, 0.3]).ok


def test_a_wrong_slope_is_found_and_the_argument_named():
    wrong = Op("wrong", lambda a, b: a * b * b, (lambda y, a, b: b * b, lambda y, a, b: a * b))
    with pytest.raises(GradientMismatch, match=r"∂f/∂x2 .* 2 times as much"):
        check(wrong, [3.0, 2.0])


def test_a_built_in_name_is_not_taken_over():
    with pytest.raises(ValueError, match="exp already"):
        Op("exp", lambda a: a, (lambda y, a: 1.0,))


def test_the_wrong_number_of_arguments_is_said_by_name():
    with pytest.raises(TypeError, match="hill takes one argument, and was given 2"):
        hill(1.0, 2.0)


def test_a_graph_of_a_row_that_was_made_anew_keeps_its_own():
    first = Op("remade", lambda a: a * a, (lambda y, a: 2 * a,))
    x = Value(3.0)
    y = first(x)
    Op("remade", lambda a: 5 * a, (lambda y, a: 5.0,))
    copied = copy.deepcopy(y)
    copied.backward()
    assert copied.parents[0].grad == 6.0
    with pytest.raises(ValueError, match="remade was made anew"):
        pickle.dumps(y)


def test_a_partial_for_floats_only_says_how_to_write_it():
    rotation = Op("rotation", math.sin, (lambda y, a: math.cos(a),))
    x = Value(0.5, "x")
    rotation(x).backward()
    assert x.grad == math.cos(0.5)
    assert "∂v1/∂x = 0.877583" in explain(rotation(x), names=False).text
    with pytest.raises(TypeError, match=r"such as autograd\.cos instead of math\.cos"):
        grad(rotation(x), x)


def test_a_partial_that_gives_no_float_is_made_one_or_refused():
    x = Value(2.0)
    Op("numpyish", lambda a: a, (lambda y, a: np.float64(3.0),))(x).backward()
    assert type(x.grad) is float
    with pytest.raises(TypeError, match="local derivative of texty takes real numbers, not str"):
        Op("texty", lambda a: a, (lambda y, a: "x",))(x).backward()
    with pytest.raises(OverflowError, match="the local derivative of steep"):
        Op("steep", lambda a: a, (lambda y, a: np.float64("inf"),))(x).backward()


def test_partials_are_a_tuple_of_functions():
    with pytest.raises(TypeError, match="a tuple of functions, one per argument"):
        Op("single", lambda a: a, lambda y, a: 1.0)


@pytest.mark.parametrize(
    ("value", "partials", "message"),
    [
        (lambda a, b: a, (lambda y, a: 1.0,), "odd has 1 partial, so its value must .* of a$"),
        (lambda a: a, (lambda y, a, b: 1.0,) * 2, "odd has 2 partials, so its value .* of a, b$"),
        (math.pow, (lambda y, a: 1.0,), "odd has 1 partial, so its value"),
        (lambda a: a, (lambda a: 1.0,), r"odd has 1 partial, so partials\[0\] must .* of y, a$"),
    ],
)
def test_a_value_and_its_partials_take_an_argument_per_partial(value, partials, message):
    with pytest.raises(TypeError, match=message):
        Op("odd", value, partials)
    assert "odd" not in TABLE


def test_a_value_of_any_number_of_arguments_takes_as_many_as_there_are_partials():
    assert Op("span", lambda *xs: max(xs) - min(xs), (lambda *xs: 1.0,) * 3)(1, 2, 4) == 3.0
    assert Op("longest", math.hypot, (lambda y, a, b: a / y, lambda y, a, b: b / y))(3, 4) == 5.0
    assert Op("least", min, (lambda y, a, b: a < b, lambda y, a, b: b < a))(3, 4) == 3.0


def test_many_uses_of_one_value_are_told_apart():
    four = Op("four", lambda a, b, c, d: a + b + c + d, (lambda y, a, b, c, d: 1.0,) * 4)
    x = Value(1.0, "x")
    text = explain(four(x, x, x, x)).text
    assert "(first x)" in text and "(fourth x)" in text


def test_a_slope_that_fails_names_the_fifth_argument_too():
    pole = (lambda y, *args: 1 / args[4],)
    five = Op("five", lambda a, b, c, d, e: e, (lambda y, *args: 0.0,) * 4 + pole)
    with pytest.raises(
        ZeroDivisionError, match=r"five\(.*\) towards e does not exist: its formula"
    ):
        five(1.0, 1.0, 1.0, 1.0, Value(0.0)).backward()


@pytest.mark.parametrize("name", ["v0", "x12", "leaf1", "lambda", "program", "my cube", "a", "", 3])
def test_a_name_that_programs_cannot_call_is_refused_when_it_is_made(name):
    with pytest.raises(ValueError, match="an operation cannot be named"):
        Op(name, lambda a: a * a, (lambda y, a: 2 * a,))


@pytest.mark.parametrize("latex", [r"\cube", "%s + %s", "%d"])
def test_latex_needs_a_place_for_every_argument(latex):
    with pytest.raises(ValueError, match="the LaTeX of cubed needs one %s for each"):
        Op("cubed", lambda a: a**3, (lambda y, a: 3 * a * a,), latex=latex)


def test_partials_can_be_left_out_where_the_value_is_a_formula_only():
    with pytest.raises(ValueError, match=r"opaque needs its partials.*autograd\.cos instead"):
        Op("opaque", lambda a: math.cos(a))
    swell = Op("swell", lambda a, b: a * exp(b) / (1 + abs(a)))
    a, b = Value(-1.5, "a"), Value(0.25, "b")
    swell(a, b).backward()
    assert check(swell, [-1.5, 0.25]).ok
    assert (a.grad, b.grad) == pytest.approx((math.exp(0.25) / 6.25, -0.6 * math.exp(0.25)))


@pytest.mark.parametrize("machine", list(MACHINES))
def test_a_formula_runs_on_every_machine_and_is_printed_in_every_language(machine):
    bump = Op("bump", lambda a: where(abs(a) < 1, lambda: exp(-1 / (1 - a * a)), 0.0))
    x = Value(0.5, "x")
    program = Program(bump(x), [x])
    expected = [math.exp(-4 / 3), 0.0, 0.0]
    assert list(program([[0.5], [1.0], [2.0]], machine)) == pytest.approx(expected)
    assert all("exp(" in program.source(language) for language in LANGUAGES)


NEXT_TO_A_POLE = [
    (lambda a: -math.exp(a), 1000.0, -math.inf),
    (lambda a: math.exp(a) - 5.0, 1000.0, math.inf),
    (lambda a: 1 / math.fabs(a), -0.0, math.inf),
    (lambda a: -1 / math.fabs(a) ** 2, 0.0, -math.inf),
    (lambda a: math.floor(a) + 1 / a, -0.0, -math.inf),
    (lambda a: math.sinh(a), -1000.0, -math.inf),
]


@pytest.mark.parametrize(("value", "at", "expected"), NEXT_TO_A_POLE)
def test_an_infinity_of_a_custom_operation_has_its_own_sign(value, at, expected):
    opaque = Op("opaque_in_a_program", value, (lambda y, a: 0.0,))
    x = Value(1.0, "x")
    program = Program(opaque(x), [x])
    assert program([[at]], machine="python") == [expected]
    assert list(program([[at]], machine="numpy")) == [expected]
