"""The arithmetic of the chain rule, row by row: what a flow is, and what a sum of flows."""

from fractions import Fraction
from itertools import product as all_pairs
from math import copysign, inf, isnan, nan
from types import SimpleNamespace

import pytest

from autograd import TooLarge, Value, as_node, floor, gradients, where
from autograd.errors import unchecked
from autograd.flows import NOTHING, Guarded, added, number_now, product, settled, through, total
from autograd.formula import Formula

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


# Flows through choices that are recorded


def guarded(flow, *guards):
    """A flow that comes through the sides of some conditions."""
    return Guarded(tuple((where, condition, side) for condition, side in guards), flow)


def conditions():
    """Every pair of numbers that two conditions may have."""
    for one, other in all_pairs((0.0, 1.0), repeat=2):
        yield Value(one, "one"), Value(other, "other")


def flows(one, other, number):
    """A flow through every way there is to two choices, one inside the other."""
    yield Value(number, "free")
    for side in (True, False):
        yield guarded(Value(number, "by one"), (one, side))
        yield guarded(Value(number, "by other"), (other, side))
        for second in (True, False):
            yield guarded(Value(number, "by both"), (one, side), (other, second))
            yield guarded(Value(number, "the other way"), (other, second), (one, side))


def number_of(flow):
    flow = settled(flow)
    return flow if isinstance(flow, float) else flow.data


def test_a_guarded_flow_is_there_where_all_its_conditions_are_as_they_should_be():
    for one, other in conditions():
        assert number_of(guarded(2.0, (one, True))) == 2.0 * one.data
        assert number_of(guarded(2.0, (one, False))) == 2.0 * (1 - one.data)
        both = guarded(2.0, (one, True), (other, False))
        assert number_of(both) == 2.0 * one.data * (1 - other.data)
        assert both.is_open() == (number_of(both) == 2.0)


def test_guarded_flows_add_up_whatever_guards_them():
    for one, other in conditions():
        for first, second in all_pairs(flows(one, other, 3.0), flows(one, other, 5.0)):
            expected = number_of(first) + number_of(second)
            assert number_of(total(first, second, PARENT)) == expected


def test_guarded_flows_are_multiplied_behind_all_their_guards():
    for one, other in conditions():
        for first, second in all_pairs(flows(one, other, 3.0), flows(one, other, 5.0)):
            flow = product(first, second, NODE, PARENT)
            assert number_of(flow) == number_of(first) * number_of(second)
            guards = [getattr(x, "guards", ()) for x in (first, second)]
            assert getattr(flow, "guards", ()) == (*guards[0], *guards[1])


def test_what_flows_through_both_branches_of_a_choice_is_a_choice():
    condition, other = Value(1.0, "c"), Value(0.0, "d")
    here, there = Value(3.0, "a"), Value(5.0, "b")
    for side, chosen in ((True, (here, there)), (False, (there, here))):
        flow = total(guarded(here, (condition, side)), guarded(there, (condition, not side)), NODE)
        assert flow.op is where and flow.args == (condition, *chosen)
        flow = total(
            guarded(here, (other, True), (condition, side)),
            guarded(there, (other, True), (condition, not side)),
            NODE,
        )
        assert flow.guards == ((where, other, True),)
        assert flow.flow.op is where and flow.flow.args == (condition, *chosen)


def test_numbers_are_added_one_after_the_other():
    assert added([]) == 0.0
    assert added(iter([3.0, 0.5, -1.0])) == 2.5
    assert added([1e16, 1.0, -1e16]) == 0.0  # Python's own sum has kept the 1 since 3.12
    assert added([0.1] * 10) == 0.9999999999999999


def test_flows_behind_the_same_guard_are_added_behind_it():
    condition, here, there = Value(1.0, "c"), Value(3.0, "a"), Value(5.0, "b")
    flow = total(guarded(here, (condition, True)), guarded(there, (condition, True)), NODE)
    assert flow.guards == ((where, condition, True),)
    assert flow.flow.op.name == "add" and flow.flow.args == (here, there)


def test_a_comparison_that_is_written_twice_is_one_condition():
    x, y = Value(2.0, "x"), Value(3.0, "y")
    here, there = Value(3.0, "a"), Value(5.0, "b")
    pairs = {
        (x > 1, x > 1): True,
        (x < y, x < y): True,
        (floor(x), floor(x)): True,
        (x > 1, x > 2): False,
        (x > 1, x >= 1): False,
        (x > 1, y > 1): False,
        (x < y, y < x): False,
        (x > 1, Value(1.0)): False,
        (Value(1.0), Value(1.0)): False,
    }
    for (condition, again), are_one in pairs.items():
        flow = total(guarded(here, (condition, True)), guarded(there, (again, False)), NODE)
        assert (flow.op is where) is are_one


def test_a_closed_guard_keeps_what_is_no_number_away():
    condition = Value(0.0, "c")
    closed = guarded(Value(nan), (condition, True))
    assert number_of(closed) == 0.0
    assert number_of(total(closed, 2.0, NODE)) == 2.0
    assert number_of(product(closed, 2.0, NODE, PARENT)) == 0.0
    assert product(closed, NOTHING, NODE, PARENT) is NOTHING


def test_the_slopes_of_a_choice_are_one_and_nothing():
    assert (through(where, 1.0, True), through(where, 0.0, False)) == (1.0, 1.0)
    assert through(where, 0.0, True) is through(where, 1.0, False) is NOTHING
    condition = Value(1.0, "c")
    for side in (True, False):
        guard = through(where, condition, side)
        assert (guard.guards, guard.flow) == (((where, condition, side),), 1.0)


def test_the_slopes_of_a_choice_that_is_only_written_down_are_choices():
    condition = Formula("c")
    for side, numbers in ((True, (1.0, 0.0)), (False, (0.0, 1.0))):
        assert str(through(where, condition, side)) == str(where(condition, *numbers))


def test_a_number_is_known_where_there_is_one_now():
    assert number_now(Value(2.0)) == 2.0
    assert (
        number_now(Formula("x"))
        is number_now(2.0)
        is number_now(SimpleNamespace(data=Fraction(1, 2)))
        is None
    )


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
