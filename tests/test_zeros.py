"""Below a gradient of 0 a local derivative need not exist, if the 0 is known to stay 0.

√x has none at 0, so each of these graphs is asked for what flows back through it there.
"""

import math

import pytest

from autograd import (
    AutogradError,
    Op,
    Program,
    Value,
    exp,
    grad,
    gradients,
    log,
    relu,
    sin,
    sqrt,
    topological_order,
    where,
)
from autograd.backprop import chain_rule

times = Op(  # a product whose local derivatives work on floats only
    "times",
    lambda a, b: math.fsum([a * b]),
    (lambda y, a, b: math.fsum([b]), lambda y, a, b: math.fsum([a])),
)


def leaves():
    return Value(0.0, "x"), Value(0.0, "w")


STAYS = {  # the gradient of x is 0, since the factor of √x is 0 for every x
    "w · √x": lambda x, w: w * sqrt(x),
    "w · x · √x": lambda x, w: w * x * sqrt(x),
    "x · w · √x": lambda x, w: x * w * sqrt(x),
    "relu(x - 1) · √x": lambda x, w: relu(x - 1) * sqrt(x),
    "0 · √x": lambda x, w: 0.0 * sqrt(x),
}
CHANGES = {  # the factor of √x is 0 at this x only
    "x · √x": lambda x, w: x * sqrt(x),
    "√x · √x": lambda x, w: sqrt(x) * sqrt(x),
    "x² · √x": lambda x, w: x * x * sqrt(x),
    "sin(x) · √x": lambda x, w: sin(x) * sqrt(x),
    "relu(x) · √x": lambda x, w: relu(x) * sqrt(x),
    "(cos(x) - 1) · √x": lambda x, w: (sin(x + math.pi / 2) - 1.0) * sqrt(x),
    "times(x, w) · √x": lambda x, w: times(x, w) * sqrt(x),
    "times(w, x) · √x": lambda x, w: times(w, x) * sqrt(x),
}


@pytest.mark.parametrize("graph", STAYS.values(), ids=STAYS)
def test_a_gradient_that_stays_0_needs_no_local_derivative_below_it(graph):
    x, w = leaves()
    y = graph(x, w)
    y.backward()
    assert x.grad == 0.0 == grad(y, x).data


@pytest.mark.parametrize("graph", CHANGES.values(), ids=CHANGES)
def test_a_gradient_that_is_0_at_one_point_says_nothing_about_what_is_below_it(graph):
    x, w = leaves()
    y = graph(x, w)
    with pytest.raises(AutogradError, match="the local derivative of sqrt"):
        y.backward()
    assert x.grad is None


def test_a_gradient_that_is_not_0_needs_the_local_derivative_in_recorded_sweeps_too():
    x, w = Value(0.0), Value(3.0)
    with pytest.raises(AutogradError, match="the local derivative of sqrt"):
        grad(w * sqrt(x), x)


def test_a_0_that_changes_with_another_leaf_has_no_derivative_by_that_leaf():
    x, w = leaves()
    slope = grad(w * sqrt(x), x)
    assert slope.data == 0.0
    with pytest.raises(AutogradError):
        grad(slope, w)
    assert grad(grad(0.0 * sqrt(x), x), w).data == 0.0


def test_a_0_in_a_branch_stays_in_that_branch():
    (x, w), c = leaves(), Value(1.0, "c")
    slope = grad(where(c, w * sqrt(x), 0.0), x)
    assert slope.data == 0.0
    values = Program(slope, [c, w])([[1.0, 5.0], [0.0, 5.0]], machine="python")
    assert values == [5.0, 0.0]  # where it is not taken, nothing flows, whatever w is


def test_the_walk_yields_0_for_a_branch_that_is_not_taken_and_nothing_below_it():
    c, a, b = Value(1.0, "c"), Value(2.0, "a"), Value(3.0, "b")
    below = exp(b)
    walked = [
        (node.op.name, parent, slope, flow, so_far)
        for node, _, parent, slope, flow, so_far in chain_rule(where(c, a, below))
    ]
    assert walked == [
        ("where", c, 0.0, 0.0, 0.0),
        ("where", a, 1.0, 1.0, 1.0),
        ("where", below, 0.0, 0.0, 0.0),
        ("exp", b, None, 0.0, 0.0),
    ]
    both = [(slope, flow, so_far) for *_, slope, flow, so_far in chain_rule(where(c, a, a))]
    assert both == [(0.0, 0.0, 0.0), (1.0, 1.0, 1.0), (0.0, 0.0, 1.0)]


def test_a_branch_that_a_program_may_take_later_needs_no_local_derivative_now():
    c, x = Value(0.0, "c"), Value(0.0, "x")
    y = where(c, lambda: log(x), 0.0)
    assert grad(y, x).data == 0.0
    program = Program(y, [c])
    value, (gradient,) = program.value_and_gradients([[0.0]], machine="python")
    assert (value, gradient) == (0.0, 0.0)
    x.data = 4.0
    assert program.value_and_gradients([[1.0]], machine="python") == (math.log(4), [0.25])


def test_only_the_way_to_the_wanted_leaves_is_walked():
    x, w = Value(3.0), Value(0.0)
    y = x * x + sqrt(w)
    assert grad(y, x).data == gradients(y, wanted=[x])[x] == 6.0
    assert w not in gradients(y, wanted=[x])


def test_a_node_with_many_ways_to_it_is_visited_once():
    y = x = Value(1.0)
    for _ in range(60):
        y = (y + y) / 2  # 2⁶⁰ ways lead to x
    assert len(topological_order(y)) == 121 and gradients(y)[x] == 1.0


@pytest.mark.parametrize("wrong", [3.0, "x", None])
def test_what_is_no_value_has_no_graph(wrong):
    with pytest.raises(TypeError, match="Value"):
        topological_order(wrong)
