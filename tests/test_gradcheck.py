"""`check` accepts every correct gradient, finds every wrong one, and says what is the matter."""

import math

import pytest

from autograd import (
    TABLE,
    AutogradError,
    GradientMismatch,
    Op,
    absolute,
    acos,
    check,
    cos,
    exp,
    floor,
    log,
    relu,
    sin,
    sqrt,
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
        (acos, 1 - 1e-15),  # no room to one side, and too steep to the other
        (lambda x: x * x, 1e-200),  # the values underflow, the slope does not
        (floor, 1.0),  # a jump
        (floor, 1300.0),
    ],
)
def test_what_finite_differences_cannot_tell_is_not_condemned(f, x):
    result = check(f, [x])
    assert result.ok
    assert not result.rows[0].reliable
    assert "the finite differences are not reliable here" in str(result)


def test_the_edge_of_the_domain_is_looked_at_from_inside():
    (row,) = check(lambda x: x**2.5, [0.0]).rows
    assert (row.agrees, math.isnan(row.left)) == (True, True)
    slanted = Op("slanted", lambda a: math.sqrt(a) ** 3 + a, (lambda y, a: 2.0,))
    with pytest.raises(GradientMismatch, match=r"engine says 2, .*, 0\.5\d* times as much"):
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
    with pytest.raises(GradientMismatch, match=r"engine says 2e-09, .* 1e-09, 0.5 times as much"):
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
    assert f"its slope is {left} to the left and {right} to the right" in str(caught.value)
    assert "check it a little to one side" in str(caught.value)


def f_on_float(f, a):
    return float(f(a))


def test_the_argument_is_named():
    wrong = Op("wrong", lambda a, b: a * b, (lambda y, a, b: b, lambda y, a, b: 3 * a))
    with pytest.raises(GradientMismatch) as caught:
        check(lambda weight, bias: wrong(weight, bias), [3.0, 2.0])
    assert str(caught.value) == (
        "∂f/∂bias at bias = 2: the engine says 9, finite differences say 3, 0.333333 times as much"
    )


def test_a_function_returns_a_value():
    with pytest.raises(TypeError, match="check needs a function that returns a Value, not float"):
        check(lambda x: 3.0, [1.0])
