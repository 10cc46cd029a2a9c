"""What the engine says where mathematics leaves a choice, or says nothing: decided by hand."""

from math import inf, nan, pi

import pytest

from autograd import (
    AutogradError,
    Value,
    absolute,
    acos,
    acosh,
    add,
    asin,
    atan2,
    atanh,
    cbrt,
    clip,
    cos,
    divide,
    elu,
    exp,
    expm1,
    floor,
    grad,
    hardtanh,
    hessian,
    hypot,
    jacobian,
    jvp,
    leaky_relu,
    log,
    log1p,
    log_sigmoid,
    maximum,
    minimum,
    multiply,
    power,
    relu,
    relu6,
    sigmoid,
    sign,
    sin,
    softplus,
    sqrt,
    tan,
)


def gradient(f, *numbers):
    leaves = [Value(number) for number in numbers]
    f(*leaves).backward()
    return [leaf.grad for leaf in leaves]


def slopes(f, *numbers):
    """The gradient of f, found in both modes."""
    found = gradient(f, *numbers)
    for position, slope in enumerate(found):
        direction = [float(i == position) for i in range(len(numbers))]
        assert jvp(f, numbers, direction)[1] == pytest.approx(slope, abs=0, nan_ok=True)
    return found


# Corners

CORNERS = [
    # f at its corner                    slope   what lies to the left and to the right
    (relu, 0.0, 0.0),  # 0, 1
    (absolute, 0.0, 0.0),  # -1, 1: 0 is the smallest subgradient
    (absolute, -0.0, 0.0),  # a zero is a zero
    (sign, 0.0, 0.0),  # sign' is 0 everywhere
    (sign, 3.0, 0.0),
    (leaky_relu, 0.0, 0.01),  # 0.01, 1
    (elu, 0.0, 1.0),  # 1, 1
    (relu6, 0.0, 0.0),  # 0, 1
    (relu6, 6.0, 0.0),  # 1, 0
    (hardtanh, 1.0, 0.0),  # 1, 0
    (hardtanh, -1.0, 0.0),  # 0, 1
    (floor, 1.0, 0.0),  # a jump; 0 everywhere
    (floor, 1.5, 0.0),
]


@pytest.mark.parametrize(("f", "corner", "slope"), CORNERS)
def test_a_corner_has_the_slope_that_the_table_of_conventions_says(f, corner, slope):
    assert slopes(f, corner) == [slope]


@pytest.mark.parametrize("f", [maximum, minimum])
@pytest.mark.parametrize("tie", [(1.0, 1.0), (0.0, 0.0), (0.0, -0.0), (-0.0, 0.0), (-3.0, -3.0)])
def test_a_tie_of_maximum_or_minimum_is_split_evenly(f, tie):
    assert slopes(f, *tie) == [0.5, 0.5]


def test_maximum_of_a_value_with_itself_passes_the_whole_gradient():
    assert slopes(lambda x: maximum(x, x), 1.0) == [1.0]
    assert slopes(lambda x: minimum(x, x), 1.0) == [1.0]


CLIPPED = [
    #  a, b, c      slopes towards a, b, c
    ((0.5, 0, 1), [1.0, 0.0, 0.0]),  # inside
    ((0.0, 0, 1), [1.0, 0.0, 0.0]),  # on a bound: the slope is 1, as inside
    ((1.0, 0, 1), [1.0, 0.0, 0.0]),
    ((-1.0, 0, 1), [0.0, 1.0, 0.0]),  # below: it is the lower bound
    ((2.0, 0, 1), [0.0, 0.0, 1.0]),  # above: it is the upper bound
]


@pytest.mark.parametrize(("numbers", "expected"), CLIPPED)
def test_clip_passes_the_gradient_to_the_number_inside_and_on_the_bounds(numbers, expected):
    assert slopes(clip, *map(float, numbers)) == expected


def test_hypot_at_the_origin_has_slopes_0():
    assert slopes(hypot, 0.0, 0.0) == [0.0, 0.0]
    assert slopes(hypot, 0.0, 2.0) == [0.0, 1.0]


# Powers

POWERS = [
    #  x, exponent      value, slope
    (0.0, 0, 1.0, 0.0),  # 0⁰ is 1, and constant
    (-0.0, 0, 1.0, 0.0),
    (5.0, 0, 1.0, 0.0),
    (-5.0, 0, 1.0, 0.0),
    (inf, 0, 1.0, 0.0),
    (nan, 0, 1.0, 0.0),
    (0.0, 1, 0.0, 1.0),
    (0.0, 2, 0.0, 0.0),
    (-3.0, 2, 9.0, -6.0),  # a constant exponent asks for no logarithm
    (-3.0, 2.0, 9.0, -6.0),
    (-2.0, 3, -8.0, 12.0),
    (-2.0, -1, -0.5, -0.25),
    (4.0, 0.5, 2.0, 0.25),
    (0.0, 1.5, 0.0, 0.0),
]


@pytest.mark.parametrize(("x", "exponent", "value", "slope"), POWERS)
def test_a_power_with_a_constant_exponent(x, exponent, value, slope):
    assert (Value(x) ** exponent).data == value
    assert slopes(lambda a: a**exponent, x) == [slope]


BOTH = [
    #  a, b        value, slopes
    (0.0, 0.0, 1.0, [0.0, 0.0]),
    (0.0, 1.0, 0.0, [1.0, 0.0]),
    (0.0, 2.0, 0.0, [0.0, 0.0]),  # 0² · log 0 is 0
    (0.0, 3.0, 0.0, [0.0, 0.0]),
]


@pytest.mark.parametrize(("a", "b", "value", "expected"), BOTH)
def test_a_power_of_0_with_a_value_as_exponent(a, b, value, expected):
    assert (Value(a) ** Value(b)).data == value
    assert slopes(lambda x, n: x**n, a, b) == expected


def test_the_derivatives_of_a_cube_at_0_are_0_0_6_0():
    x = Value(0.0)
    derivative, found = x**3, []
    for _ in range(4):
        derivative = grad(derivative, x)
        found.append(derivative.data)
    assert found == [0.0, 0.0, 6.0, 0.0]


def test_a_root_of_a_negative_number_raises_instead_of_being_complex_and_names_cbrt():
    with pytest.raises(ValueError, match=r"power\(x = -8, 0\.333333\).*cbrt"):
        Value(-8.0, "x") ** (1 / 3)
    with pytest.raises(ValueError, match="cbrt"):
        (-2.0) ** Value(0.5)
    with pytest.raises(ValueError, match="cbrt"):
        power(-8.0, 1 / 3)
    assert cbrt(Value(-8.0)).data == -2.0


def test_a_negative_base_minds_a_value_as_exponent_only_when_its_slope_is_wanted():
    n = Value(2.0, "n")
    assert ((-2.0) ** n).data == 4.0
    with pytest.raises(ValueError, match="towards n"):
        ((-2.0) ** n).backward()
    assert slopes(lambda x: x**2.0, -2.0) == [-4.0]  # a plain exponent has no slope
    assert jvp(lambda x, m: x**m, [-2.0, 2.0], [1.0, 0.0]) == (4.0, -4.0)  # the exponent rests


# Strict errors: finite numbers with a value that is not finite. Which class, and what it says.

REFUSED_VALUES = [
    #  f                            numbers           Python's class      the sentence
    (lambda x: 1 / x, (0.0,), ZeroDivisionError, r"divide\(1, x = 0\)"),
    (lambda x: 1 / x, (-0.0,), ZeroDivisionError, r"divide\(1, x = -0\)"),
    (lambda x: x**-1, (0.0,), ZeroDivisionError, r"power\(x = 0, -1\)"),
    (lambda x: x**-0.5, (0.0,), ZeroDivisionError, r"power\(x = 0, -0\.5\)"),
    (lambda x: 0**x, (-1.0,), ZeroDivisionError, r"power\(0, x = -1\)"),
    (divide, (0.0, 0.0), ZeroDivisionError, r"divide\(x = 0, y = 0\)"),
    (lambda x: x / x, (0.0,), ZeroDivisionError, r"divide\(x = 0, x = 0\)"),
    (lambda x: 1 / x, (5e-324,), OverflowError, r"divide\(1, x = 4\.94066e-324\)"),
    (lambda x: 1e308 / x, (1e-308,), OverflowError, r"divide\(1e\+308, x = 1e-308\)"),
    (lambda x: 1 / x, (1e-309,), OverflowError, r"divide\(1, x = 1e-309\)"),
    (exp, (710.0,), OverflowError, r"exp\(x = 710\)"),
    (expm1, (710.0,), OverflowError, r"expm1\(x = 710\)"),
    (lambda x: x**2, (1e200,), OverflowError, r"power\(x = 1e\+200, 2\)"),
    (lambda x: 10.0**x, (400.0,), OverflowError, r"power\(10, x = 400\)"),
    (add, (1e308, 1e308), OverflowError, r"add\(x = 1e\+308, y = 1e\+308\)"),
    (multiply, (1e200, 1e200), OverflowError, r"multiply\(x = 1e\+200, y = 1e\+200\)"),
    (log, (0.0,), ValueError, r"log\(x = 0\).*a > 0"),
    (log, (-0.0,), ValueError, r"log\(x = -0\).*a > 0"),
    (log, (-1.0,), ValueError, r"log\(x = -1\).*a > 0"),
    (log1p, (-1.0,), ValueError, r"log1p\(x = -1\).*a > -1"),
    (log1p, (-2.0,), ValueError, r"log1p\(x = -2\).*a > -1"),
    (atanh, (1.0,), ValueError, r"atanh\(x = 1\).*-1 < a < 1"),
    (atanh, (-1.0,), ValueError, r"atanh\(x = -1\).*-1 < a < 1"),
    (atanh, (2.0,), ValueError, r"atanh\(x = 2\).*-1 < a < 1"),
    (sqrt, (-1.0,), ValueError, r"sqrt\(x = -1\).*a >= 0"),
    (asin, (2.0,), ValueError, r"asin\(x = 2\).*-1 <= a <= 1"),
    (acos, (2.0,), ValueError, r"acos\(x = 2\).*-1 <= a <= 1"),
    (acosh, (0.5,), ValueError, r"acosh\(x = 0\.5\).*a >= 1"),
    (lambda x: x**0.5, (-2.0,), ValueError, r"power\(x = -2, 0\.5\)"),
]


def labelled(numbers):
    return [Value(number, label) for number, label in zip(numbers, "xy", strict=False)]


@pytest.mark.parametrize(("f", "numbers", "kind", "sentence"), REFUSED_VALUES)
def test_a_value_that_is_not_finite_raises_at_the_operation_by_name(f, numbers, kind, sentence):
    with pytest.raises(AutogradError, match=sentence) as raised:
        f(*labelled(numbers))
    assert isinstance(raised.value, kind)


REFUSED_SLOPES = [
    # the value is finite, the slope is not: the sweep raises
    (sqrt, (0.0,), ZeroDivisionError, r"local derivative of sqrt\(x = 0\)"),
    (lambda x: x**0.5, (0.0,), ZeroDivisionError, r"derivative of power\(x = 0, 0\.5\) towards x"),
    (asin, (1.0,), ZeroDivisionError, r"local derivative of asin\(x = 1\)"),
    (asin, (-1.0,), ZeroDivisionError, r"local derivative of asin\(x = -1\)"),
    (acos, (1.0,), ZeroDivisionError, r"local derivative of acos\(x = 1\)"),
    (acosh, (1.0,), ZeroDivisionError, r"local derivative of acosh\(x = 1\)"),
    (cbrt, (0.0,), ZeroDivisionError, r"local derivative of cbrt\(x = 0\)"),
    (log, (5e-324,), OverflowError, r"local derivative of log\(x = 4\.94066e-324\)"),
    (lambda x: 1 / x, (1e-170,), OverflowError, r"derivative of divide\(1, x = 1e-170\) towards x"),
    (power, (-2.0, 2.0), ValueError, r"local derivative of power\(x = -2, y = 2\) towards y"),
    (atan2, (0.0, 0.0), ZeroDivisionError, r"local derivative of atan2\(x = 0, y = 0\) towards"),
]


@pytest.mark.parametrize(("f", "numbers", "kind", "sentence"), REFUSED_SLOPES)
def test_a_slope_that_is_not_finite_raises_in_the_sweep_by_name(f, numbers, kind, sentence):
    leaves = labelled(numbers)
    y = f(*leaves)
    with pytest.raises(AutogradError, match=sentence) as raised:
        y.backward()
    assert isinstance(raised.value, kind)
    assert [leaf.grad for leaf in leaves] == [None] * len(leaves)  # all or nothing


def test_a_flow_that_is_too_large_raises_in_the_sweep():
    x = Value(1e-300, "x")
    with pytest.raises(OverflowError, match="flows from"):
        (x * 1e200 * 1e200).backward()


def test_a_sum_of_flows_that_is_too_large_raises_in_the_sweep():
    x = Value(1e-10, "x")
    with pytest.raises(OverflowError, match="the gradient of x is too large"):
        (x * 1e308 + x * 1e308).backward()


FINITE = [
    # finite, if only just, or thanks to a form that does not overflow on the way
    (tan, (pi / 2,), [2.66709e32]),  # the float is not quite π/2
    (sigmoid, (-710.0,), [4.47629e-309]),
    (softplus, (800.0,), [1.0]),
    (softplus, (-40.0,), [4.24835e-18]),
    (log_sigmoid, (-800.0,), [1.0]),
    (atan2, (1e-200, 1e-200), [5e199, -5e199]),
    (hypot, (1e200, 1e200), [0.707107, 0.707107]),
    (divide, (1e-170, 1e-170), [1e170, -1e170]),
    (exp, (-745.0,), [5e-324]),
]


@pytest.mark.parametrize(("f", "numbers", "expected"), FINITE)
def test_a_finite_slope_is_found_without_detours_through_infinity(f, numbers, expected):
    assert slopes(f, *numbers) == pytest.approx(expected, rel=1e-5, abs=0)


# Compositions

TRAPS = [
    # PyTorch and JAX say nan; ours says where
    (lambda x: x * log(x), 0.0, ValueError, r"log\(x = 0\)"),
    (lambda x: x / x, 0.0, ZeroDivisionError, "divide"),
    (lambda x: 0 * exp(x), 1000.0, OverflowError, r"exp\(x = 1000\)"),
    (lambda x: log(sigmoid(x)), -800.0, ValueError, r"log\(0\)"),
    (lambda x: log(1 + exp(x)), 800.0, OverflowError, r"exp\(x = 800\)"),
]


@pytest.mark.parametrize(("f", "number", "kind", "sentence"), TRAPS)
def test_a_composition_stops_at_its_first_infinity(f, number, kind, sentence):
    with pytest.raises(kind, match=sentence):
        f(Value(number, "x"))


def test_the_square_root_of_a_square_has_no_slope_at_0_but_the_absolute_value_has():
    x = Value(0.0)
    with pytest.raises(ZeroDivisionError, match="sqrt"):
        sqrt(x * x).backward()
    assert slopes(absolute, 0.0) == [0.0]


def test_nothing_flows_into_a_square_root_at_0_that_is_multiplied_by_0():
    assert gradient(lambda x: 0 * sqrt(x), 0.0) == [0.0]
    assert gradient(lambda x: sqrt(x) * 0, 0.0) == [0.0]
    assert gradient(lambda x: relu(sqrt(x) - 1), 0.0) == [0.0]
    assert slopes(lambda w, x: w * sqrt(x), 0.0, 0.0) == [0.0, 0.0]
    assert slopes(lambda w, x: relu(w) * sqrt(x), -1.0, 0.0) == [0.0, 0.0]


@pytest.mark.parametrize(
    "f",
    [
        lambda x: sqrt(x) * sqrt(x),  # whose slope is 1: both flows are 0 · ∞
        lambda x: sqrt(x) ** 2,
        lambda x: x * sqrt(x),
        lambda x: relu(sqrt(x)) + 2 * x,
    ],
)
def test_a_zero_that_depends_on_the_same_leaf_is_not_nothing(f):
    for mode in (
        lambda: f(Value(0.0)).backward(),
        lambda: grad(f(x := Value(0.0)), x),
        lambda: jacobian([f(x := Value(0.0))], [x]),
        lambda: jvp(f, [0.0], [1.0]),
    ):
        with pytest.raises(ZeroDivisionError, match="sqrt"):
            mode()


@pytest.mark.parametrize("f", [lambda x: 0 * sqrt(x), lambda x: relu(sqrt(x) - 1)])
def test_every_mode_agrees_where_nothing_flows(f):
    x = Value(0.0)
    assert grad(f(x), x).data == 0.0
    assert jacobian([f(x)], [x]) == [[0.0]]
    assert hessian(f(x), [x]) == [[0.0]]
    assert jvp(f, [0.0], [1.0])[1] == 0.0


def test_a_python_if_records_one_branch_only():
    assert slopes(lambda x: sqrt(x) if x.data > 0 else 3 * x, 0.0) == [3.0]


def test_what_the_sigmoid_loses_the_log_sigmoid_keeps():
    assert log_sigmoid(Value(-800.0)).data == -800.0
    assert slopes(log_sigmoid, -800.0) == [1.0]
    assert softplus(Value(800.0)).data == 800.0


# Infinities and nans that the user brought along propagate as in IEEE 754, and nothing raises.

BROUGHT_ALONG = [
    #  f, number            value
    (lambda x: x + 1, inf, inf),
    (lambda x: x - x, inf, nan),
    (lambda x: x * 0, inf, nan),
    (lambda x: 1 / x, inf, 0.0),
    (lambda x: x / 0.0, inf, inf),
    (lambda x: x / 0.0, nan, nan),
    (lambda x: x**2, -inf, inf),
    (exp, inf, inf),
    (exp, -inf, 0.0),
    (log, inf, inf),
    (log, -inf, nan),
    (log1p, -inf, nan),
    (sqrt, -inf, nan),
    (sin, inf, nan),
    (cos, -inf, nan),
    (tan, inf, nan),
    (asin, inf, nan),
    (acos, -inf, nan),
    (atanh, inf, nan),
    (relu, inf, inf),
    (relu, nan, nan),
    (absolute, nan, nan),
    (sigmoid, inf, 1.0),
    (softplus, -inf, 0.0),
    (lambda x: maximum(x, 1.0), nan, nan),
    (lambda x: maximum(1.0, x), nan, nan),
    (lambda x: minimum(1.0, x), nan, nan),
]


@pytest.mark.parametrize(("f", "number", "value"), BROUGHT_ALONG)
def test_the_infinities_and_nans_of_the_user_propagate_without_raising(f, number, value):
    x = Value(number)
    y = f(x)
    assert y.data == pytest.approx(value, abs=0, nan_ok=True)
    y.backward()
    assert isinstance(x.grad, float)


@pytest.mark.parametrize("f", [relu, absolute])
def test_the_slope_at_nan_is_nan(f):
    (slope,) = slopes(f, nan)
    assert slope != slope


@pytest.mark.parametrize("f", [maximum, minimum])
@pytest.mark.parametrize("numbers", [(nan, 1.0), (1.0, nan)])
def test_both_slopes_of_maximum_and_minimum_with_a_nan_are_nan(f, numbers):
    assert all(slope != slope for slope in slopes(f, *numbers))


def test_relu_never_returns_a_negative_zero():
    assert str(relu(Value(-0.0)).data) == "0.0"
    assert str(relu(Value(-1.0)).data) == "0.0"


@pytest.mark.parametrize("label", [None, 3, ["x"], b"x"])
def test_a_label_is_text(label):
    x = Value(1.0, "x")
    with pytest.raises(TypeError, match=f"a label is text, not {type(label).__name__}"):
        x.label = label
    with pytest.raises(TypeError, match="a label is text"):
        Value(1.0, label)
    assert x.label == "x"
