"""Derivatives of every order, in both modes."""

import math
import re
import threading
from pathlib import Path

import numpy as np
import pytest

import autograd
from autograd import (
    Value,
    exp,
    grad,
    hessian,
    jacobian,
    jvp,
)

ROOT = Path(autograd.__file__).parents[1]
DEEP = 1_000_000


def test_derivatives_of_a_fifth_power_go_down_to_order_four():
    x = Value(2.0)
    y = x**5
    orders = []
    for _ in range(4):
        y = grad(y, x)
        orders.append(y.data)
    assert orders == [80.0, 160.0, 240.0, 240.0]


def test_every_derivative_of_an_exponential_is_a_multiple_of_it():
    x = Value(0.3)
    value = y = exp(2 * x)
    for order in range(1, 5):
        y = grad(y, x)
        assert math.isclose(y.data, 2**order * value.data, rel_tol=1e-15)


def test_nested_derivatives_do_not_mix_up_their_variables():
    # d/dx [x · d/dy (x + y)] is 1; confusing the perturbations of x and y gives 2
    x, y = Value(5.0), Value(5.0)
    assert grad(x * grad(x + y, y), x).data == 1.0

    def inner(x):
        return jvp(lambda y: x + y, [5.0], [1.0])[1]

    assert jvp(lambda x: x * inner(x), [5.0], [1.0]) == (5.0, 1.0)
    assert grad(x * inner(x), x).data == 1.0


def test_nested_forward_mode_in_one_thread_is_not_confused_by_another_thread():
    other_is_inside, this_is_inside = threading.Event(), threading.Event()

    def wait_inside(x):
        other_is_inside.set()
        assert this_is_inside.wait(10)
        return x

    other = threading.Thread(target=jvp, args=(wait_inside, [1.0], [1.0]))

    def outer(x):
        this_is_inside.set()
        other.join(10)
        return x * jvp(lambda y: x + y, [5.0], [1.0])[1]

    other.start()
    assert other_is_inside.wait(10)
    assert jvp(outer, [5.0], [1.0]) == (5.0, 1.0)


def test_forward_over_reverse_over_forward_agree():
    def f(a, b):
        return exp(a * b) / (a + b * b)

    at, along = [0.7, -0.4], [0.3, 1.1]
    leaves = [Value(x) for x in at]
    matrix = hessian(f(*leaves), leaves)
    expected = [sum(h * v for h, v in zip(row, along, strict=True)) for row in matrix]

    def slope_along(*xs):
        return jvp(f, xs, along)[1]

    leaves = [Value(x) for x in at]
    reverse_over_forward = [one.data for one in grad(slope_along(*leaves), leaves)]
    assert reverse_over_forward == pytest.approx(expected, rel=1e-13)

    curvature = jvp(slope_along, at, along)[1]
    twice = sum(v * e for v, e in zip(along, expected, strict=True))
    assert curvature == pytest.approx(twice, rel=1e-13)


def test_jacobian_gradient_and_forward_mode_give_the_same_matrix():
    def f(a, b):
        return [a * b, a / b, exp(a) - b]

    leaves = [Value(0.5), Value(-2.0)]
    by_rows = jacobian(f(*leaves), leaves)
    by_columns = [jvp(f, [0.5, -2.0], unit)[1] for unit in ([1.0, 0.0], [0.0, 1.0])]
    assert by_rows == pytest.approx(np.array(by_columns).T, rel=1e-15)
    assert by_rows == [[one.data for one in grad(y, leaves)] for y in f(*leaves)]


def test_the_derivative_by_something_unconnected_is_zero():
    x, other = Value(2.0), Value(3.0)
    y = x * x
    assert grad(y, other).data == 0.0
    assert jacobian([y], [x, other]) == [[4.0, 0.0]]
    assert jvp(lambda a, b: a * a, [2.0, 3.0], [0.0, 1.0]) == (4.0, 0.0)


def test_higher_derivatives_leave_gradients_alone():
    x = Value(2.0)
    y = x**3
    hessian(y, [x])
    assert (x.grad, y.grad) == (None, None)


def test_directions_and_inputs_of_forward_mode_have_to_pair_up():
    with pytest.raises(ValueError, match="2 inputs, 1 given"):
        jvp(lambda a, b: a * b, [1.0, 2.0], [1.0])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda x: grad(3.0, x), "grad takes Values, such as x = Value(2.0), not 3.0"),
        (lambda x: grad(x, 3.0), "grad takes Values, such as x = Value(2.0), not 3.0"),
        (lambda x: hessian(x, x), "hessian takes a list of Values here, as in [x], not Value("),
        (lambda x: jacobian(x, [x]), "jacobian takes a list of Values here, as in [x], not Value("),
        (lambda x: jvp(lambda a: a, 3.0, 1.0), "jvp takes lists of numbers, not float"),
    ],
)
def test_what_cannot_be_differentiated_is_said_in_one_sentence(call, message):
    with pytest.raises(TypeError, match=re.escape(message)):
        call(Value(1.0))
