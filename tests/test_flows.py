"""The arithmetic of the chain rule, row by row: what a flow is, and what a sum of flows."""

from math import copysign, inf, isnan, nan

import pytest

from autograd import TooLarge, Value, as_node, gradients
from autograd.errors import unchecked
from autograd.flows import NOTHING, product, settled, total

NODE, PARENT = Value(2.0, "y"), Value(3.0, "x")
LARGE = 1.7e308


def same(one, other):
    """Equal as floats, signs of zeros included."""
    if one.__class__ is not float or other.__class__ is not float:
        return one is other
    return (isnan(one) and isnan(other)) or (
        one == other and copysign(1.0, one) == copysign(1.0, other)
    )


recorded = Value(5.0, "recorded")

PRODUCTS = [
    # upstream, slope, flow
    (2.0, 3.0, 6.0),
    (-2.0, 0.5, -1.0),
    (0.0, 3.0, 0.0),
    (0.0, -3.0, -0.0),
    (0.0, inf, 0.0),  # what does not flow is not multiplied
    (-0.0, -inf, 0.0),
    (0.0, nan, nan),  # a slope that is no number stays none
    (2.0, nan, nan),
    (inf, 2.0, inf),  # what was infinite before has not overflowed here
    (2.0, inf, inf),
    (-inf, 2.0, -inf),
    (2.0, -inf, -inf),
    (inf, 0.0, nan),
    (1.0, inf, inf),
    (inf, 1.0, inf),
    # no product with 1 or 0 is recorded
    (1.0, recorded, recorded),
    (recorded, 1.0, recorded),
    (0.0, recorded, 0.0),
    (recorded, 0.0, 0.0),
    # nothing times anything is nothing
    (NOTHING, 3.0, NOTHING),
    (3.0, NOTHING, NOTHING),
    (NOTHING, nan, NOTHING),
    (NOTHING, recorded, NOTHING),
]


@pytest.mark.parametrize(("upstream", "slope", "flow"), PRODUCTS)
def test_a_flow_is_upstream_times_slope(upstream, slope, flow):
    assert same(product(upstream, slope, NODE, PARENT), flow)


@pytest.mark.parametrize(("upstream", "slope"), [(2.0, recorded), (recorded, 3.0)])
def test_a_flow_that_is_recorded_is_a_product(upstream, slope):
    flow = product(upstream, slope, NODE, PARENT)
    assert flow.op.name == "multiply" and flow.args == (upstream, slope)


@pytest.mark.parametrize("signs", [(1, 1), (1, -1), (-1, 1), (-1, -1)])
def test_a_flow_that_overflows_is_named(signs):
    upstream, slope = signs[0] * LARGE, signs[1] * LARGE
    with pytest.raises(TooLarge, match="what flows from y to x is too large for a float"):
        product(upstream, slope, NODE, PARENT)
    with unchecked():
        assert product(upstream, slope, NODE, PARENT) == signs[0] * signs[1] * inf


TOTALS = [
    # so far, flow, sum
    (1.0, 2.0, 3.0),
    (-0.0, -0.0, -0.0),
    (inf, 1.0, inf),
    (1.0, inf, inf),
    (-inf, 1.0, -inf),
    (1.0, -inf, -inf),
    (inf, -inf, nan),
    (nan, 1.0, nan),
    (1.0, nan, nan),
    (NOTHING, 2.0, 2.0),
    (2.0, NOTHING, 2.0),
    (NOTHING, NOTHING, NOTHING),
    (NOTHING, recorded, recorded),
    (recorded, NOTHING, recorded),
]


@pytest.mark.parametrize(("so_far", "flow", "result"), TOTALS)
def test_flows_add_up(so_far, flow, result):
    assert same(total(so_far, flow, PARENT), result)


@pytest.mark.parametrize("sign", [1, -1])
def test_a_gradient_that_overflows_is_named(sign):
    with pytest.raises(TooLarge, match="the gradient of x is too large for a float"):
        total(sign * LARGE, sign * LARGE, PARENT)
    with unchecked():
        assert total(sign * LARGE, sign * LARGE, PARENT) == sign * inf


def test_an_unnamed_node_is_told_by_its_number():
    with pytest.raises(TooLarge, match=r"from an unnamed value \(2\) to an unnamed value \(3\)"):
        product(LARGE, LARGE, Value(2.0), Value(3.0))


def test_nothing_is_the_gradient_zero():
    assert same(settled(NOTHING), 0.0) and settled(2.0) == 2.0 and settled(recorded) is recorded
    assert float(NOTHING) == 0.0 and repr(NOTHING) == "NOTHING"


# In sweeps


def test_graphs_of_gradients_show_no_products_with_one_or_zero():
    x = Value(3.0, "x")
    found = gradients(2.0 * (x + 4.0) + 0.0 * x, as_node)
    assert same(found[x], 2.0)
    found = gradients(x * x + 1.0, as_node)
    assert found[x].op.name == "add" and found[x].parents == (x, x)


def test_an_infinite_value_has_infinite_gradients_and_raises_nothing():
    x = Value(inf, "x")
    y = x * x
    assert gradients(y)[x] == inf
