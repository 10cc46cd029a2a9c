"""`check` accepts every correct gradient, finds every wrong one, and says what is the matter."""

import math
import random
import re

import pytest

from autograd import (
    TABLE,
    AutogradError,
    GradientMismatch,
    Op,
    Value,
    absolute,
    acos,
    check,
    cos,
    exp,
    floor,
    grad,
    log,
    relu,
    sign,
    sin,
    sqrt,
    where,
)
from autograd.op import BUILT_IN

POINTS = {
    1: [[s * a] for a in (1.3e-3, 0.37, 0.83, 1.7, 1300.7) for s in (1, -1)],
    2: [[0.37, 1.7], [-1.3e-3, 2.1e-3], [1.3e3, 2.1], [2.1, 3.0], [0.5, 1.3e-3]],
    3: [[0.5, -1.0, 1.0], [-1300.0, -1.0, 1.0], [2e-3, 1e-3, 1.3e-3], [1e3, 0.5, 2e3]],
}

# The second partials of power with a negative base, and asin(1.7): nothing to check there.
DEFINED = []
for name in sorted(BUILT_IN):
    for point in POINTS[len(TABLE[name].partials)]:
        try:
            y = TABLE[name](*point)
            for position in range(len(point)):
                TABLE[name].slope(position, y, point)
        except AutogradError:
            continue
        DEFINED.append((name, point))


@pytest.mark.parametrize(("name", "point"), DEFINED)
def test_the_built_in_slopes_agree_at_every_scale(name, point):
    assert check(TABLE[name], point).ok


def test_every_row_is_checked_somewhere():
    assert {name for name, _ in DEFINED} == BUILT_IN


@pytest.mark.parametrize(
    ("f", "x"),
    [
        (lambda x: 1 / x, 1e-3),
        (log, 1e-3),
        (log, 1e-6),
        (log, 1e-300),
        (sqrt, 1e-7),
        (lambda x: sin(1000 * x), 1.0),
        (lambda x: sin(1e5 * x), 0.0),
        (lambda x: sin(2 * math.pi * 1024 * x), 0.1),  # the same at x and at x + 1/1024
        (exp, 700.0),
        (acos, 1 - 1e-10),  # the edge of the domain is a step away
        (absolute, 0.0),  # its slope at the corner is the mean of both sides
        (relu, 1e-12),  # a corner nearby
        (floor, 1000.3),  # its steps add up to a slope of 1
        (lambda x: x * x, 0.0),
        (lambda x: x * 1e-300, 1.0),
        (lambda x: 1 + sin(x), 1e-12),
        (cos, 0.0),
    ],
)
def test_a_correct_gradient_agrees_reliably(f, x):
    (row,) = check(f, [x]).rows
    assert row.agrees
    assert row.reliable


@pytest.mark.parametrize(
    ("f", "x"),
    [
        (lambda x: 1e20 + x, 1.0),  # x is lost in rounding
        (lambda x: (1e12 + x) - 1e12, 1.0),
        (lambda x: x * x, 1e-200),  # the values underflow, the slope does not
    ],
)
def test_what_finite_differences_find_roughly_is_not_condemned(f, x):
    result = check(f, [x])
    assert result.ok
    assert not result.rows[0].reliable
    assert re.search(r"\(give or take .*: they are not reliable here\): agrees$", str(result))


jump = Op("jump", lambda a: float(math.floor(a)), (lambda y, a: 42.0,))


@pytest.mark.parametrize(
    ("f", "x", "reason"),
    [
        (floor, 1.0, "f jumps there"),
        (floor, 1300.0, "f jumps there"),
        (jump, 1.0, "f jumps there"),
        (sign, 0.0, "f jumps there"),
        (lambda x: where(x > 0, 1.0, 2.0) + x, 0.0, "f jumps there"),
        (acos, 1 - 1e-15, "the edge of where f is defined is too close"),
        (sin, math.inf, "f is not finite there"),
        (exp, math.nan, "f is not finite there"),
    ],
)
def test_what_finite_differences_cannot_tell_is_no_agreement(f, x, reason):
    with pytest.raises(GradientMismatch) as caught:
        check(f, [x])
    assert str(caught.value).endswith(
        f"finite differences cannot tell: {reason}, so check it elsewhere"
    )


def test_beside_a_jump_finite_differences_can_tell_again():
    assert check(floor, [1.5]).ok
    with pytest.raises(GradientMismatch, match="engine 42, finite differences 0, 0 times as much"):
        check(jump, [1.5])


def test_a_function_that_gives_another_value_each_time_is_refused():
    chance = random.Random(0)
    calls = []

    def counting(x):
        calls.append(x)
        return x * len(calls)

    with pytest.raises(
        ValueError, match=r"at x = 2 this one gave .*, then .*\. If it is random, set the seed"
    ):
        check(lambda x: x * chance.random(), [2.0])
    message = r"the same value each time: at x = 3, y = 2 this one gave 1\.5, then 3\."
    with pytest.raises(ValueError, match=message):
        check(lambda x, y: counting(x) / y, [3.0, 2.0])


def test_a_function_that_is_nan_each_time_is_not_taken_for_a_random_one():
    with pytest.raises(GradientMismatch, match="f is not finite there"):
        check(lambda x: x * math.nan, [1.0])


def test_a_function_that_takes_derivatives_itself_can_be_checked():
    assert check(lambda x: grad(x**3, x) + x, [2.0]).ok


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((sin, 1.0), TypeError, "check takes a list of numbers, as in [1.0], not float"),
        ((sin, None), TypeError, "check takes a list of numbers, as in [1.0], not NoneType"),
        ((sin, Value(1.0)), TypeError, "check takes a list of numbers, as in [1.0], not Value"),
        ((sin, ["1"]), TypeError, "check takes real numbers, not str: '1'"),
        ((sin, []), ValueError, "check needs a number for each argument, as in [1.0], and got "),
        ((1.0, [1.0]), TypeError, "check takes a function and a list of numbers, not float"),
        ((sin, [1.0, 2.0]), TypeError, "sin takes one argument, and was given 2"),
    ],
)
def test_what_cannot_be_checked_is_said_in_one_sentence(arguments, error, message):
    with pytest.raises(error, match=re.escape(message)):
        check(*arguments)


def test_the_edge_of_the_domain_is_looked_at_from_inside():
    (row,) = check(lambda x: x**2.5, [0.0]).rows
    assert (row.agrees, math.isnan(row.left)) == (True, True)
    slanted = Op("slanted", lambda a: math.sqrt(a) ** 3 + a, (lambda y, a: 2.0,))
    with pytest.raises(GradientMismatch, match=r"engine 2, .*, 0\.5\d* times as much"):
        check(slanted, [0.0])


@pytest.mark.parametrize("factor", [2.0, 0.5, 1.0001, -1.0], ids=str)
@pytest.mark.parametrize("scale", [1e-9, 1.0, 1e9], ids=str)
@pytest.mark.parametrize("x", [1e-3, 1.0, 300.0], ids=str)
def test_a_wrong_slope_is_found_at_every_scale(factor, scale, x):
    def row(times):
        return Op("tried", lambda a: scale * a**1.5, (lambda y, a: times * scale * 1.5 * a**0.5,))

    assert check(row(1.0), [x]).rows[0].reliable
    with pytest.raises(GradientMismatch, match=f"{1 / factor:.6g} times as much$"):
        check(row(factor), [x])


def test_a_small_slope_is_not_hidden_by_a_tolerance():
    bad = Op("bad1", lambda a: 1e-9 * a, (lambda y, a: 2e-9,))
    with pytest.raises(GradientMismatch, match=r"engine 2e-09, .* 1e-09, 0.5 times as much"):
        check(bad, [1.0])
    assert check(bad, [1.0], atol=2.0).ok  # twice the function's own size per size of x


@pytest.mark.parametrize(
    ("f", "x", "left", "right"),
    [
        (relu, 0.0, "0", "1"),
        (lambda x: relu(x - 1) * 1e-9, 1.0, "0", "1e-09"),
        (lambda x: absolute(x - 300) + x * x, 300.0, "599", "601"),
        (lambda x: relu(x - 2e-3) + 3 * x, 2e-3, "3", "4"),
    ],
)
def test_a_corner_is_named_with_both_slopes(f, x, left, right):
    wrong = lambda y: Op("wrong", lambda a: f_on_float(f, a), (lambda y, a: 7.0,))(y)
    with pytest.raises(GradientMismatch) as caught:
        check(wrong, [x])
    assert f"its derivative is {left} to the left and {right} to the right" in str(caught.value)
    assert "check it a little to one side" in str(caught.value)


def f_on_float(f, a):
    return float(f(a))


def test_the_argument_is_named():
    wrong = Op("wrong", lambda a, b: a * b, (lambda y, a, b: b, lambda y, a, b: 3 * a))
    with pytest.raises(GradientMismatch) as caught:
        check(lambda weight, bias: wrong(weight, bias), [3.0, 2.0])
    assert str(caught.value) == (
        "∂f/∂bias at bias = 2: engine 9, finite differences 3, 0.333333 times as much"
    )


def test_a_function_returns_a_value():
    with pytest.raises(TypeError, match="check needs a function that returns a Value, not float"):
        check(lambda x: 3.0, [1.0])
