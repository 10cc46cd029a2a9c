"""A row made by a user is recorded, explained, drawn, differentiated and checked like ours."""

import pytest

from autograd import GradientMismatch, Op, Value, check, explain, grad, jvp
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
