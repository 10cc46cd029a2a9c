"""What may stand in an expression, and what may not."""

import math
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

import autograd
from autograd import (
    OutsideDomain,
    Value,
    exp,
    tanh,
)

ROOT = Path(autograd.__file__).parents[1]
DEEP = 1_000_000


v, w = Value(2.0, "v"), Value(5.0, "w")


@pytest.mark.parametrize(
    "number",
    [3, 3.0, np.float64(3), np.float32(3), np.float16(3), np.int64(3), np.uint8(3), Fraction(3)],
    ids=lambda number: type(number).__name__,
)
def test_real_numbers_of_every_type_become_plain_floats(number):
    for made in (number * v, v * number, Value(number) * 2, v + (number + 0 * v) + 1):
        assert type(made) is Value
        assert type(made.data) is float
        assert made.data == 6.0
    for arg in (number * v).args:
        assert type(arg) in (Value, float)
    assert (number - v).data == 1.0
    assert (v / number).data == 2 / 3
    assert (number**v).data == 9.0
    assert (v**number).data == 8.0
    assert autograd.atan2(number, v).data == math.atan2(3, 2)
    assert type(exp(number)) is float


def test_fractions_are_rounded_to_floats():
    assert (Fraction(1, 3) * v).data == (1 / 3) * 2.0


def test_infinities_and_nans_that_the_user_brings_are_accepted():
    assert Value(math.inf).data == math.inf
    assert math.isnan((Value(math.nan) * v).data)


NO_NUMBERS = [
    True,
    np.True_,
    "2",
    b"2",
    2j,
    np.complex128(2),
    Decimal(2),
    [2.0],
    (2.0,),
    {2.0},
    None,
    Value(2.0),
    np.array([1.0, 2.0]),
    np.array(2.0),
    np.array([v, w]),
    math.exp,
]


@pytest.mark.parametrize("thing", NO_NUMBERS, ids=lambda thing: type(thing).__name__)
def test_a_value_is_made_of_a_real_number_only(thing):
    with pytest.raises(TypeError, match=f"not {type(thing).__name__}"):
        Value(thing)


@pytest.mark.parametrize(
    "thing",
    [thing for thing in NO_NUMBERS if not isinstance(thing, Value)],
    ids=lambda thing: type(thing).__name__,
)
def test_what_is_no_real_number_is_refused_by_name_on_either_side(thing):
    named = f"not {type(thing).__name__}"
    for expression in (
        lambda: v + thing,
        lambda: v - thing,
        lambda: v * thing,
        lambda: v / thing,
        lambda: v**thing,
        lambda: autograd.maximum(v, thing),
        lambda: autograd.maximum(thing, 2.0),
        lambda: exp(thing),
    ):
        with pytest.raises(TypeError, match=named):
            expression()
    if isinstance(thing, np.ndarray) and thing.dtype == object:
        return  # NumPy asks every element of it, see below
    for expression in (
        lambda: thing + v,
        lambda: thing - v,
        lambda: thing * v,
        lambda: thing / v,
        lambda: thing**v,
    ):
        with pytest.raises(TypeError, match=named):
            expression()


def test_an_integer_beyond_all_floats_is_too_large():
    with pytest.raises(OverflowError, match="too large for a float"):
        v * 10**400
    with pytest.raises(OverflowError):
        Value(-(10**400))


def test_an_object_array_of_values_computes_elementwise():
    values = np.array([v, w], dtype=object)
    numbers = np.array([10.0, 100.0])
    assert [x.data for x in values * 2] == [4.0, 10.0]
    assert [x.data for x in values * numbers] == [20.0, 500.0]
    assert [x.data for x in numbers - values] == [8.0, 95.0]
    assert (values @ numbers).data == np.dot(values, numbers).data == 520.0
    assert np.sum(values).data == 7.0
    assert np.mean(values).data == 3.5
    assert [x.data for x in np.exp(values)] == [math.exp(2), math.exp(5)]
    x = Value(3.0)
    np.sum(np.array([x, x], dtype=object) * [1.0, 2.0]).backward()
    assert x.grad == 3.0


@pytest.mark.parametrize(
    "expression",
    [
        pytest.param(lambda: np.exp(v), id="np.exp(v)"),
        pytest.param(lambda: np.sin(v), id="np.sin(v)"),
        pytest.param(lambda: np.isnan(v), id="np.isnan(v)"),
        pytest.param(lambda: np.add(v, 1), id="np.add(v, 1)"),
        pytest.param(lambda: np.array([v, w], float), id="np.array(values, float)"),
        pytest.param(lambda: np.zeros(2).__setitem__(0, v), id="array[0] = v"),
        pytest.param(lambda: np.max([v, w]), id="np.max(values)"),
        pytest.param(lambda: np.where([v, w], 1, 2), id="np.where(values, ...)"),
        pytest.param(lambda: np.array([v, w], dtype=object) * v, id="object array * v"),
        pytest.param(lambda: v * np.array([v, w], dtype=object), id="v * object array"),
        pytest.param(lambda: math.exp(v), id="math.exp(v)"),
        pytest.param(lambda: math.fsum([v, w]), id="math.fsum(values)"),
        pytest.param(lambda: math.isclose(v, w), id="math.isclose(v, w)"),
        pytest.param(lambda: float(v), id="float(v)"),
        pytest.param(lambda: int(v), id="int(v)"),
        pytest.param(lambda: complex(v), id="complex(v)"),
        pytest.param(lambda: round(v), id="round(v)"),
        pytest.param(lambda: range(10)[v], id="range(10)[v]"),
        pytest.param(lambda: "%.2f" % v, id="'%.2f' % v"),  # noqa: UP031
        pytest.param(lambda: v // 2, id="v // 2"),
        pytest.param(lambda: v % 2, id="v % 2"),
        pytest.param(lambda: pow(v, 2, 3), id="pow(v, 2, 3)"),
    ],
)
def test_what_would_lose_the_graph_raises(expression):
    with pytest.raises(TypeError):
        expression()


@pytest.mark.parametrize("function", [float, math.cos, lambda x: np.array([x], float)])
def test_a_value_where_a_float_is_wanted_says_what_to_write(function):
    message = r"a Value is not a float: .* `x\.data`, or .* autograd\.cos instead of math\.cos"
    with pytest.raises(TypeError, match=message):
        function(v)


@pytest.mark.parametrize("many", [np.array([1.0, 2.0]), [1.0, 2.0]])
def test_many_numbers_where_one_is_wanted_are_to_be_taken_one_by_one(many):
    for call in (Value, lambda many: v * many, tanh):
        with pytest.raises(TypeError, match=r"real numbers, not .* \(take its numbers one by one"):
            call(many)


@pytest.mark.parametrize(
    "expression",
    [
        pytest.param(lambda: bool(v), id="bool(v)"),
        pytest.param(lambda: not v, id="not v"),
        pytest.param(lambda: v or w, id="v or w"),
        pytest.param(lambda: v and w, id="v and w"),
        pytest.param(lambda: any([v]), id="any"),
        pytest.param(lambda: all([v]), id="all"),
        pytest.param(lambda: bool(v < w), id="bool(v < w)"),
        pytest.param(lambda: bool(v <= 2), id="bool(v <= 2)"),
        pytest.param(lambda: bool(2 > v), id="bool(2 > v)"),  # noqa: SIM300
        pytest.param(lambda: bool(v >= w), id="bool(v >= w)"),
        pytest.param(lambda: max(v, w), id="max"),
        pytest.param(lambda: min([v, w]), id="min"),
        pytest.param(lambda: sorted([v, w]), id="sorted"),
        pytest.param(lambda: v == 2.0, id="v == 2.0"),
        pytest.param(lambda: v != 2, id="v != 2"),
        pytest.param(lambda: 2 == v, id="2 == v"),  # noqa: SIM300
        pytest.param(lambda: np.float64(2) == v, id="np.float64(2) == v"),
        pytest.param(lambda: v == True, id="v == True"),  # noqa: E712
        pytest.param(lambda: v == 2j, id="v == 2j"),
        pytest.param(lambda: 2.0 in [v], id="2.0 in values"),
    ],
)
def test_comparing_and_branching_point_at_the_number(expression):
    with pytest.raises(TypeError, match=r"x\.data"):
        expression()


def test_values_are_equal_to_themselves_only():
    twin = Value(v.data, v.label)
    assert v == v
    assert v != twin
    assert not v == twin  # noqa: SIM201
    assert v in [w, v]
    assert v not in [w, twin]
    assert [w, twin, v].index(v) == 2
    assert len({v, twin, v}) == 2
    assert {v: 1, twin: 2}[v] == 1
    assert hash(v) != hash(twin)


def test_a_value_is_not_equal_to_what_is_no_number():
    for thing in (None, "2", [2.0], np.array([2.0, 3.0])):
        assert not v == thing  # noqa: SIM201
        assert v != thing


def test_values_are_formatted_like_their_numbers():
    assert f"{v:.2f}" == "2.00"
    assert f"{w}" == "5.0"
    assert f"{v:>8.1e}" == " 2.0e+00"
    assert str(v) == repr(v) == "Value(v = 2, grad not computed)"


def test_sums_and_products_of_sequences_are_values():
    assert sum([v, w]).data == 7.0
    assert math.prod([v, w]).data == 10.0
    assert sum([v, w], start=Value(1.0)).data == 8.0


def test_a_number_to_the_power_of_a_value_is_no_infinite_recursion():
    x = Value(3.0)
    y = 2**x + (1 + x) + (1 - x) + (6 / x)
    assert y.data == 8 + 4 - 2 + 2


def test_the_sign_of_a_value_can_be_written():
    assert +v is v
    assert (-v).data == -2.0
    assert abs(-v).data == 2.0


def test_roots_of_negative_numbers_are_never_complex():
    with pytest.raises(OutsideDomain, match="cbrt gives the real cube root"):
        Value(-8.0) ** (1 / 3)
    with pytest.raises(ValueError):
        (-2) ** Value(0.5)


def test_item_is_the_plain_number():
    assert type(v.item()) is float
    assert v.item() == 2.0


def test_rows_refuse_the_wrong_number_of_arguments():
    with pytest.raises(TypeError, match=r"exp takes .* argument, and was given 2"):
        exp(v, w)
    with pytest.raises(TypeError, match=r"clip takes .* arguments, and was given 1"):
        autograd.clip(v)
