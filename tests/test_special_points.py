"""Values and slopes at the points where operations are special: zeros, poles, ties, infinities.

tests/data/special_points.json holds 332 points with what PyTorch 2.13, JAX 0.10 and plain Python
say there. We say what PyTorch says, except where this file says otherwise, and why.
"""

import json
import math
from math import inf, nan, pi
from pathlib import Path

import pytest

from autograd import (
    TABLE,
    AutogradError,
    Value,
    absolute,
    acos,
    acosh,
    asin,
    asinh,
    atan,
    atanh,
    cbrt,
    ceil,
    clip,
    cosh,
    elu,
    erf,
    erfc,
    exp,
    exp2,
    floor,
    gelu,
    hardtanh,
    hypot,
    leaky_relu,
    less,
    less_equal,
    log,
    log1p,
    log2,
    log10,
    log_sigmoid,
    logaddexp,
    maximum,
    minimum,
    power,
    relu6,
    sigmoid,
    sign,
    silu,
    sinh,
    sqrt,
    tan,
    where,
)
from autograd.op import BUILT_IN

POINTS = json.loads((Path(__file__).parent / "data" / "special_points.json").read_text())

OURS = {  # how the file calls things, and what they are here
    "neg": "negative",
    "abs": "absolute",
    "logsigmoid": "log_sigmoid",
    "sub": "subtract",
    "mul": "multiply",
    "div": "divide",
    "pow": "power",
}
EXPRESSIONS = {
    "reciprocal": lambda x: 1 / x,
    "square": lambda x: x**2,
    "sqrt(x*x) at 0": lambda x: sqrt(x * x),
    "where(x>0,sqrt(x),0) at 0": lambda x: where(x > 0, sqrt(x), 0),
    "where(x>0,log(x),0) at -1": lambda x: where(x > 0, lambda: log(x), 0),
    "x*log(x) at 0": lambda x: x * log(x),
    "xlogy(x,x) at 0": lambda x: x * log(x),  # there is no xlogy
    "x/x at 0": lambda x: x / x,
    "0*exp(x) at 1000": lambda x: 0 * exp(x),
    "log(sigmoid(x)) at -800": lambda x: log(sigmoid(x)),
    "log(1+exp(x)) at 800": lambda x: log(1 + exp(x)),
    "abs(x)**1 at 0": lambda x: absolute(x) ** 1,
    "max(x,x) at 1": lambda x: maximum(x, x),
    "clamp(x,0,1) at 0": lambda x: clip(x, 0, 1),
    "clamp(x,0,1) at 1": lambda x: clip(x, 0, 1),
    "clamp(x,0,1) at 2": lambda x: clip(x, 0, 1),
    "relu6 at 6": relu6,
    "leaky_relu at 0": leaky_relu,
    "elu at 0": elu,
    "hardtanh at 1": hardtanh,
    "sign at 0": sign,
    "floor at 1": floor,
    "round at 0.5": lambda x: ceil(x - 0.5),  # there is no round
}
ROUNDED = {  # the file has six digits; these are the numbers that were meant
    ("sin", "3.14159"): (pi,),
    ("cos", "3.14159"): (pi,),
    ("tan", "1.5708"): (pi / 2,),
    ("pow", "(-8, 0.333333)"): (-8.0, 1 / 3),
}


def function_of(op):
    if op.startswith("x**("):
        exponent = float(op[4:-1])
        return lambda x: x**exponent
    if op.endswith(")**x"):
        base = float(op[1:-4])
        return lambda x: base**x
    return EXPRESSIONS.get(op) or TABLE[OURS.get(op, op)]


def numbers_in(text):
    return tuple(float(number) for number in text.strip("()").split(", "))


def outcome(f, numbers):
    """(value, slopes), either of which may be the name of the error that is raised instead."""
    try:
        value = f(*map(Value, numbers)).data
    except AutogradError as error:
        return builtin_name(error), ()
    slopes = []
    for position in range(len(numbers)):
        # where a condition is a plain number, `where` chooses at once, and records nothing
        xs = [Value(x) if i == position or f is where else x for i, x in enumerate(numbers)]
        try:
            f(*xs).backward()
        except AutogradError as error:
            slopes.append(builtin_name(error))
        else:
            found = xs[position].grad
            slopes.append(0.0 if found is None else found)
    return value, tuple(slopes)


def builtin_name(error):
    kinds = (ZeroDivisionError, OverflowError, ValueError)
    return next(kind.__name__ for kind in kinds if isinstance(error, kind))


def same(found, expected, sign_of_zero=True):
    if isinstance(found, str) or isinstance(expected, str) or expected != expected:
        return found == expected or (expected != expected and found != found)
    if found == 0 == expected:
        return not sign_of_zero or math.copysign(1, found) == math.copysign(1, expected)
    return math.isclose(found, expected, rel_tol=1e-5)


def pytorch(point):
    return float(point["torch_v"]), numbers_in(point["torch_g"])


# Finite numbers whose true value is not finite: the operation raises, as plain Python does where
# plain Python does not look away. These are the points where it has no form, or a silent infinity.
RAISES = {
    ("x*log(x) at 0", "0"): "ValueError",
    ("xlogy(x,x) at 0", "0"): "ValueError",  # PyTorch's is 0 by definition; ours stops at the log
    ("x/x at 0", "0"): "ZeroDivisionError",
    ("0*exp(x) at 1000", "1000"): "OverflowError",
    ("log(sigmoid(x)) at -800", "-800"): "ValueError",  # the sigmoid is 0; log_sigmoid is right
    ("log(1+exp(x)) at 800", "800"): "OverflowError",  # softplus is right
}


def error_expected(point):
    if (point["op"], point["at"]) in RAISES:
        return RAISES[point["op"], point["at"]]
    if point["py"].startswith("("):  # Python's complex number
        return "ValueError"
    return "OverflowError" if point["py"] == "inf" else point["py"]


# Finite values with slopes that are not finite: the sweep raises. A pole is a division by zero,
# where nothing else is said.
SLOPE_RAISES = {
    ("log", "4.94066e-324"): "OverflowError",  # 1/a = 2e323
    ("div", "(1, 1e-170)"): "OverflowError",  # -1e340
    ("(-2.0)**x", "0"): "ValueError",  # the slope towards the exponent needs log(-2)
    ("(-2.0)**x", "1"): "ValueError",
    ("(-2.0)**x", "2"): "ValueError",
    ("(-2.0)**x", "-1"): "ValueError",
    ("pow", "(-2, 2)"): "ValueError",
    ("pow", "(-2, 3)"): "ValueError",
}

NAN_HIDES = "PyTorch's finite slope hides the nan"
MEETING_INFINITIES = "inf - inf has no sign, so which is larger is unknown: ours are the user's inf"
C_POW = "a power is C's pow, as Python's ** is, and never rewritten to a square root"
ONE_ZERO = "a zero without a sign that means anything"
NO_SLOPE = "no direction, no slope: ours raises"
UNDERFLOW = "PyTorch's squares, or exponentials, underflow or overflow on the way"

# (op, at): value, slopes, why we differ from PyTorch
DEVIATIONS = {
    ("abs", "nan"): (nan, (nan,), NAN_HIDES),
    ("relu", "nan"): (nan, (nan,), NAN_HIDES),
    ("maximum", "(nan, 1)"): (nan, (nan, nan), NAN_HIDES),
    ("maximum", "(1, nan)"): (nan, (nan, nan), NAN_HIDES),
    ("minimum", "(nan, 1)"): (nan, (nan, nan), NAN_HIDES),
    ("minimum", "(1, nan)"): (nan, (nan, nan), NAN_HIDES),
    ("maximum", "(inf, inf)"): (inf, (nan, nan), MEETING_INFINITIES),
    ("(0.0)**x", "nan"): (nan, (0.0,), "the slope at base 0 is 0, and asks for nothing else"),
    ("relu", "-0"): (0.0, (0.0,), "relu has one zero, 0.0"),
    ("logsigmoid", "800"): (-0.0, (0.0,), "-softplus(-800), from below, as in JAX"),
    ("logsigmoid", "inf"): (-0.0, (0.0,), "-softplus(-inf), from below, as in JAX"),
    ("sigmoid", "-710"): (4.47629e-309, (4.47629e-309,), UNDERFLOW),
    ("x**(0.5)", "-0"): (0.0, ("ZeroDivisionError",), C_POW),
    ("x**(0.5)", "-inf"): (inf, (0.0,), C_POW),
    ("x**(-0.5)", "-inf"): (0.0, (-0.0,), C_POW),
    ("x**(1.5)", "-0"): (0.0, (0.0,), C_POW),
    ("x**(1.5)", "-inf"): (inf, (inf,), C_POW),
    ("atan2", "(0, 0)"): (0.0, ("ZeroDivisionError",) * 2, NO_SLOPE),
    ("atan2", "(-0, 0)"): (-0.0, ("ZeroDivisionError",) * 2, NO_SLOPE),
    ("atan2", "(0, -0)"): (pi, ("ZeroDivisionError",) * 2, NO_SLOPE),
    ("atan2", "(1e-200, 1e-200)"): (pi / 4, (5e199, -5e199), UNDERFLOW),
    ("atan2", "(1e+200, 1e+200)"): (pi / 4, (5e-201, -5e-201), UNDERFLOW),
    ("hypot", "(0, 0)"): (0.0, (0.0, 0.0), "the smallest subgradient, as for abs"),
    ("where(x>0,log(x),0) at -1", "-1"): (0.0, (0.0,), ONE_ZERO),
    ("where(x>0,sqrt(x),0) at 0", "0"): (0.0, (0.0,), "nothing flows into the other branch"),
}


def expected(point):
    """What we should say at a point of the file, and which rule of this file says so."""
    key = point["op"], point["at"]
    value, slopes = pytorch(point)
    numbers = numbers_in(point["at"])
    finite = all(map(math.isfinite, numbers)) and point["op"] != "(inf)**x"
    if key in DEVIATIONS:
        return *DEVIATIONS[key][:2], "deviation"
    if finite and (not math.isfinite(value) or key in RAISES):
        return error_expected(point), (), "the value raises"
    if finite and not all(map(math.isfinite, slopes)):
        error = SLOPE_RAISES.get(key, "ZeroDivisionError")
        slopes = tuple(s if math.isfinite(s) else error for s in slopes)
        return value, slopes, "the sweep raises"
    return value, slopes, "PyTorch"


def agrees(found, wanted):
    return len(found[1]) == len(wanted[1]) and all(
        map(same, [found[0], *found[1]], [wanted[0], *wanted[1]])
    )


@pytest.mark.parametrize("point", POINTS, ids=lambda point: f"{point['op']} at {point['at']}")
def test_we_say_what_pytorch_says_or_raise_or_are_listed(point):
    numbers = ROUNDED.get((point["op"], point["at"])) or numbers_in(point["at"])
    found = outcome(function_of(point["op"]), numbers)
    *wanted, _ = expected(point)
    assert agrees(found, wanted)


def test_the_file_is_whole_and_the_operations_raise_where_they_must():
    assert len(POINTS) == 332
    values = [
        point
        for point in POINTS
        if all(map(math.isfinite, numbers_in(point["at"])))
        and point["op"] != "(inf)**x"
        and not math.isfinite(float(point["torch_v"]))
    ]
    assert len(values) == 46
    assert all(expected(point)[2] == "the value raises" for point in values)


def test_no_deviation_is_listed_where_we_agree_with_pytorch():
    by_key = {(point["op"], point["at"]): point for point in POINTS}
    for key, (*ours, _) in DEVIATIONS.items():
        assert not agrees(ours, pytorch(by_key[key])), key


# Our own points, for the rows that the file leaves out: row, arguments, value, slopes.

MORE = {
    "odd functions keep the sign of zero": [
        (sinh, (0.0,), 0.0, 1.0),
        (sinh, (-0.0,), -0.0, 1.0),
        (atan, (0.0,), 0.0, 1.0),
        (atan, (-0.0,), -0.0, 1.0),
        (asinh, (0.0,), 0.0, 1.0),
        (asinh, (-0.0,), -0.0, 1.0),
        (atanh, (0.0,), 0.0, 1.0),
        (atanh, (-0.0,), -0.0, 1.0),
        (asin, (0.0,), 0.0, 1.0),
        (asin, (-0.0,), -0.0, 1.0),
        (erf, (0.0,), 0.0, 1.12838),
        (erf, (-0.0,), -0.0, 1.12838),
        (gelu, (0.0,), 0.0, 0.5),
        (gelu, (-0.0,), -0.0, 0.5),
        (silu, (0.0,), 0.0, 0.5),
        (silu, (-0.0,), -0.0, 0.5),
        (elu, (-0.0,), -0.0, 1.0),
        (leaky_relu, (-0.0,), -0.0, 0.01),
        (hardtanh, (-0.0,), -0.0, 1.0),
        (floor, (-0.0,), -0.0, 0.0),  # as in C and NumPy
        (ceil, (-0.0,), -0.0, 0.0),
        (ceil, (-0.5,), -0.0, 0.0),
    ],
    "even functions, and those that are not 0 at 0": [
        (cosh, (0.0,), 1.0, 0.0),
        (cosh, (-0.0,), 1.0, -0.0),
        (acos, (0.0,), pi / 2, -1.0),
        (exp2, (0.0,), 1.0, 0.693147),
        (erfc, (0.0,), 1.0, -1.12838),
        (logaddexp, (0.0, 0.0), 0.693147, 0.5, 0.5),
    ],
    "values that tables of functions print": [
        (atan, (1.0,), pi / 4, 0.5),
        (asinh, (1.0,), 0.881374, 0.707107),
        (acosh, (2.0,), 1.31696, 0.577350),
        (atanh, (0.5,), 0.549306, 1.33333),
        (cbrt, (8.0,), 2.0, 0.0833333),
        (cbrt, (-8.0,), -2.0, 0.0833333),
        (log2, (8.0,), 3.0, 0.180337),
        (log2, (1.0,), 0.0, 1.44270),
        (log10, (1000.0,), 3.0, 0.000434294),
        (log10, (1.0,), 0.0, 0.434294),
        (gelu, (1.0,), 0.841345, 1.08332),
        (gelu, (-1.0,), -0.158655, -0.0833155),
        (silu, (1.0,), 0.731059, 0.927671),
        (silu, (-1.0,), -0.268941, 0.0723295),
        (erf, (1.0,), 0.842701, 0.415107),
        (erfc, (1.0,), 0.157299, -0.415107),
        (elu, (-1.0,), -0.632121, 0.367879),
        (leaky_relu, (2.0,), 2.0, 1.0),
        (leaky_relu, (-2.0,), -0.02, 0.01),
        (hypot, (3.0, -4.0), 5.0, 0.6, -0.8),
    ],
    "the last number that fits, and the first that does not": [
        (sinh, (710.0,), 1.11699e308, 1.11699e308),
        (sinh, (-710.0,), -1.11699e308, 1.11699e308),
        (sinh, (711.0,), "OverflowError"),
        (sinh, (-711.0,), "OverflowError"),
        (cosh, (710.0,), 1.11699e308, 1.11699e308),
        (cosh, (-710.0,), 1.11699e308, -1.11699e308),
        (cosh, (711.0,), "OverflowError"),
        (cosh, (-711.0,), "OverflowError"),
        (exp2, (1023.0,), 8.98847e307, 6.23033e307),
        (exp2, (1024.0,), "OverflowError"),
        (exp2, (-1074.0,), 5e-324, 5e-324),
        (exp2, (-1076.0,), 0.0, 0.0),
        (log2, (5e-324,), -1074.0, "OverflowError"),
        (log10, (5e-324,), -323.306, "OverflowError"),
        (cbrt, (5e-324,), 1.70318e-108, 1.14909e215),
        (asinh, (1e300,), 691.469, 1e-300),
        (acosh, (1e300,), 691.469, 1e-300),
        (atan, (1e300,), pi / 2, 0.0),
        (logaddexp, (1000.0, 1000.0), 1000.69, 0.5, 0.5),
        (logaddexp, (1000.0, 0.0), 1000.0, 1.0, 0.0),
        (logaddexp, (-1000.0, -1000.0), -999.307, 0.5, 0.5),
        (logaddexp, (1e308, -1e308), 1e308, 1.0, 0.0),
        (hypot, (5e-324, 0.0), 5e-324, 1.0, 0.0),
        (hypot, (1.5e308, 1.5e308), "OverflowError"),
        (floor, (1e300,), 1e300, 0.0),
        (ceil, (-1e300,), -1e300, 0.0),
    ],
    "far out, where they are flat or straight": [
        (gelu, (40.0,), 40.0, 1.0),
        (gelu, (-40.0,), -0.0, 0.0),
        (silu, (800.0,), 800.0, 1.0),
        (silu, (-800.0,), -0.0, 0.0),
        (erf, (6.0,), 1.0, 2.61730e-16),
        (erf, (-30.0,), -1.0, 0.0),
        (erf, (30.0,), 1.0, 0.0),
        (erfc, (6.0,), 2.15197e-17, -2.61730e-16),
        (erfc, (30.0,), 0.0, -0.0),
        (erfc, (-30.0,), 2.0, -0.0),
        (elu, (-800.0,), -1.0, 0.0),
        (elu, (3.0,), 3.0, 1.0),
    ],
    "outside the domain": [
        (acosh, (0.5,), "ValueError"),
        (acosh, (-1.0,), "ValueError"),
        (log2, (0.0,), "ValueError"),
        (log2, (-0.0,), "ValueError"),
        (log2, (-1.0,), "ValueError"),
        (log10, (0.0,), "ValueError"),
        (log10, (-1.0,), "ValueError"),
        (asin, (-2.0,), "ValueError"),
        (acos, (-2.0,), "ValueError"),
        (atanh, (-2.0,), "ValueError"),
    ],
    "upright tangents: the value is finite, the slope a division by zero": [
        (acosh, (1.0,), 0.0, "ZeroDivisionError"),
        (cbrt, (0.0,), 0.0, "ZeroDivisionError"),
        (cbrt, (-0.0,), -0.0, "ZeroDivisionError"),
    ],
    "corners and flat pieces": [
        (elu, (0.0,), 0.0, 1.0),  # both sides agree
        (leaky_relu, (0.0,), 0.0, 0.01),
        (relu6, (0.0,), 0.0, 0.0),
        (relu6, (-0.0,), 0.0, 0.0),
        (relu6, (3.0,), 3.0, 1.0),
        (relu6, (7.0,), 6.0, 0.0),
        (relu6, (-1.0,), 0.0, 0.0),
        (hardtanh, (0.5,), 0.5, 1.0),
        (hardtanh, (-1.0,), -1.0, 0.0),
        (hardtanh, (2.0,), 1.0, 0.0),
        (hardtanh, (-2.0,), -1.0, 0.0),
        (clip, (0.5, 0.0, 1.0), 0.5, 1.0, 0.0, 0.0),
        (clip, (-1.0, 0.0, 1.0), 0.0, 0.0, 1.0, 0.0),
        (clip, (2.0, 0.0, 1.0), 1.0, 0.0, 0.0, 1.0),
        (clip, (0.0, 0.0, 1.0), 0.0, 1.0, 0.0, 0.0),
        (clip, (1.0, 0.0, 1.0), 1.0, 1.0, 0.0, 0.0),
        (clip, (1.0, 1.0, 1.0), 1.0, 1.0, 0.0, 0.0),
        (clip, (2.0, 1.0, 1.0), 1.0, 0.0, 0.0, 1.0),
        (clip, (0.5, 1.0, 0.0), 0.0, 0.0, 0.0, 1.0),  # bounds crossed: the upper one, as in NumPy
        (sign, (-0.0,), 0.0, 0.0),
        (sign, (3.0,), 1.0, 0.0),
        (sign, (-3.0,), -1.0, 0.0),
        (floor, (0.5,), 0.0, 0.0),
        (floor, (-0.5,), -1.0, 0.0),
        (ceil, (0.5,), 1.0, 0.0),
        (ceil, (1.0,), 1.0, 0.0),
        (maximum, (1.0, 2.0), 2.0, 0.0, 1.0),
        (minimum, (1.0, 2.0), 1.0, 1.0, 0.0),
        (minimum, (2.0, 1.0), 1.0, 0.0, 1.0),
        (minimum, (-0.0, 0.0), -0.0, 0.5, 0.5),
        (less, (1.0, 2.0), 1.0, 0.0, 0.0),
        (less, (2.0, 2.0), 0.0, 0.0, 0.0),
        (less, (-0.0, 0.0), 0.0, 0.0, 0.0),  # they are equal
        (less_equal, (2.0, 2.0), 1.0, 0.0, 0.0),
        (less_equal, (0.0, -0.0), 1.0, 0.0, 0.0),
        (less_equal, (3.0, 2.0), 0.0, 0.0, 0.0),
        (where, (1.0, 2.0, 3.0), 2.0, 0.0, 1.0, 0.0),
        (where, (-0.5, 2.0, 3.0), 2.0, 0.0, 1.0, 0.0),  # whatever is not 0 holds
        (where, (0.0, 2.0, 3.0), 3.0, 0.0, 0.0, 1.0),
        (where, (-0.0, 2.0, 3.0), 3.0, 0.0, 0.0, 1.0),
    ],
    "infinities that the user brought along": [
        (sinh, (inf,), inf, inf),
        (sinh, (-inf,), -inf, inf),
        (cosh, (inf,), inf, inf),
        (cosh, (-inf,), inf, -inf),
        (atan, (inf,), pi / 2, 0.0),
        (atan, (-inf,), -pi / 2, 0.0),
        (asinh, (inf,), inf, 0.0),
        (asinh, (-inf,), -inf, 0.0),
        (acosh, (inf,), inf, 0.0),
        (acosh, (-inf,), nan, nan),
        (asin, (inf,), nan, nan),
        (atanh, (inf,), nan, -0.0),
        (cbrt, (inf,), inf, 0.0),
        (cbrt, (-inf,), -inf, 0.0),
        (exp2, (inf,), inf, inf),
        (exp2, (-inf,), 0.0, 0.0),
        (log2, (inf,), inf, 0.0),
        (log2, (-inf,), nan, -0.0),
        (log10, (inf,), inf, 0.0),
        (log1p, (-inf,), nan, -0.0),
        (tan, (-inf,), nan, nan),
        (logaddexp, (inf, 0.0), inf, 1.0, 0.0),
        (logaddexp, (0.0, -inf), 0.0, 1.0, 0.0),
        (erf, (inf,), 1.0, 0.0),
        (erf, (-inf,), -1.0, 0.0),
        (erfc, (inf,), 0.0, -0.0),
        (erfc, (-inf,), 2.0, -0.0),
        (elu, (inf,), inf, 1.0),
        (elu, (-inf,), -1.0, 0.0),
        (leaky_relu, (inf,), inf, 1.0),
        (leaky_relu, (-inf,), -inf, 0.01),
        (relu6, (inf,), 6.0, 0.0),
        (relu6, (-inf,), 0.0, 0.0),
        (hardtanh, (inf,), 1.0, 0.0),
        (hardtanh, (-inf,), -1.0, 0.0),
        (clip, (inf, 0.0, 1.0), 1.0, 0.0, 0.0, 1.0),
        (clip, (-inf, 0.0, 1.0), 0.0, 0.0, 1.0, 0.0),
        (clip, (3.0, -inf, inf), 3.0, 1.0, 0.0, 0.0),
        (sign, (inf,), 1.0, 0.0),
        (floor, (inf,), inf, 0.0),
        (ceil, (-inf,), -inf, 0.0),
        (maximum, (-inf, 1.0), 1.0, 0.0, 1.0),
        (less, (-inf, inf), 1.0, 0.0, 0.0),
        (less_equal, (inf, inf), 1.0, 0.0, 0.0),
        (where, (0.0, inf, 3.0), 3.0, 0.0, 0.0, 1.0),  # which does not leak
        (where, (1.0, inf, 3.0), inf, 0.0, 1.0, 0.0),
    ],
    "infinities whose slopes are made of inf · 0 or inf / inf: nan, where a limit would say more": [
        (gelu, (inf,), inf, nan),
        (gelu, (-inf,), nan, nan),
        (silu, (inf,), inf, nan),
        (silu, (-inf,), nan, nan),
        (logaddexp, (-inf, -inf), -inf, nan, nan),
        (hypot, (inf, 1.0), inf, nan, 0.0),
        (minimum, (inf, inf), inf, nan, nan),
        (power, (-inf, 0.5), inf, 0.0, nan),
    ],
    "a division by 0 of the user's infinity: the value is IEEE's, the slope unknown": [
        (TABLE["divide"], (inf, 0.0), inf, nan, nan),
        (TABLE["divide"], (-inf, 0.0), -inf, nan, nan),
        (TABLE["divide"], (inf, -0.0), -inf, nan, nan),
        (TABLE["divide"], (nan, 0.0), nan, nan, nan),
    ],
    "nan that the user brought along": [
        *((row, (nan,), nan, nan) for row in (sinh, cosh, atan, asinh, acosh, atanh, cbrt, exp2)),
        *((row, (nan,), nan, nan) for row in (log2, log10, log_sigmoid, gelu, silu, erf, erfc)),
        *((row, (nan,), nan, nan) for row in (elu, leaky_relu, relu6, hardtanh)),
        *((row, (nan,), nan, 0.0) for row in (sign, floor, ceil)),  # a slope that is always 0
        (logaddexp, (nan, 0.0), nan, nan, nan),
        (hypot, (nan, 1.0), nan, nan, nan),
        (clip, (nan, 0.0, 1.0), nan, nan, nan, nan),
        (less, (nan, 0.0), 0.0, 0.0, 0.0),  # no comparison with nan holds
        (less_equal, (nan, nan), 0.0, 0.0, 0.0),
        (where, (0.0, nan, 3.0), 3.0, 0.0, 0.0, 1.0),
        (where, (nan, 2.0, 3.0), 2.0, 0.0, 1.0, 0.0),  # nan is not 0, as in Python and NumPy
    ],
}
ROWS = [row for rows in MORE.values() for row in rows]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row[0].name}{row[1]}")
def test_the_points_that_the_file_leaves_out(row):
    f, numbers, value, *slopes = row
    found = outcome(f, numbers)
    assert agrees(found, (value, tuple(slopes)))


def test_there_are_450_points_and_every_operation_has_some():
    assert len(POINTS) + len(ROWS) >= 450
    named = {function_of(point["op"]) for point in POINTS} | {row[0] for row in ROWS}
    missing = {name for name in BUILT_IN if TABLE[name] not in named}
    assert not missing
