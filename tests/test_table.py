"""Every row of the table against mathematics that was written down elsewhere.

Values are compared with NumPy's function of the same name, or with mpmath where NumPy has none.
Slopes are compared with numeric derivatives of mpmath functions at 75 digits and more, at points
spread over all floats, so that no derivative is written anywhere but in the table.
"""

import math
import random
from functools import cache

import mpmath
import numpy
import pytest
from mpmath import mp, mpf

import autograd
from autograd import TABLE, AutogradError, Formula, Value, grad, jvp
from autograd.flows import settled
from autograd.op import BUILT_IN
from autograd.operand import Operand

ROWS = [TABLE[name] for name in sorted(BUILT_IN)]
PARTIALS = [(row, position) for row in ROWS for position in range(len(row.partials))]
LARGEST = math.ldexp(1 - 2**-53, 1024)

each_row = pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
each_partial = pytest.mark.parametrize(
    ("row", "position"), PARTIALS, ids=[f"{row.name}-{'abc'[i]}" for row, i in PARTIALS]
)

# What each row means, as mpmath says it. A complex result, an infinity or an error is a point
# where the function has no value.


def erfc(a):
    return mp.erfc(a) if a < 1000 else mpf(0)  # 10⁻⁴³⁴²⁹⁷ and less, which mpmath refuses


def softplus(a):
    return a + mp.log1p(mp.exp(-a)) if a > 0 else mp.log1p(mp.exp(a))


MATH = {
    "absolute": abs,
    "acos": mp.acos,
    "acosh": mp.acosh,
    "add": lambda a, b: a + b,
    "asin": mp.asin,
    "asinh": mp.asinh,
    "atan": mp.atan,
    "atan2": mp.atan2,
    "atanh": mp.atanh,
    "cbrt": lambda a: mp.sign(a) * mp.cbrt(abs(a)),
    "ceil": mp.ceil,
    "clip": lambda a, b, c: min(max(a, b), c),
    "cos": mp.cos,
    "cosh": mp.cosh,
    "divide": lambda a, b: a / b,
    "elu": lambda a: a if a > 0 else mp.expm1(a),
    "erf": mp.erf,
    "erfc": erfc,
    "exp": mp.exp,
    "exp2": lambda a: mpf(2) ** a,
    "expm1": mp.expm1,
    "floor": mp.floor,
    "gelu": lambda a: a * erfc(-a / mp.sqrt(2)) / 2,
    "hardtanh": lambda a: min(max(a, mpf(-1)), mpf(1)),
    "hypot": lambda a, b: mp.sqrt(a * a + b * b),
    "leaky_relu": lambda a: a if a > 0 else mpf(0.01) * a,
    "less": lambda a, b: mpf(a < b),
    "less_equal": lambda a, b: mpf(a <= b),
    "log": mp.log,
    "log10": lambda a: mp.log(a) / mp.log(10),
    "log1p": mp.log1p,
    "log2": lambda a: mp.log(a) / mp.log(2),
    "log_sigmoid": lambda a: -softplus(-a),
    "logaddexp": lambda a, b: max(a, b) + mp.log1p(mp.exp(-abs(a - b))),
    "maximum": max,
    "minimum": min,
    "multiply": lambda a, b: a * b,
    "negative": lambda a: -a,
    "power": lambda a, b: a**b,
    "relu": lambda a: max(a, mpf(0)),
    "relu6": lambda a: min(max(a, mpf(0)), mpf(6)),
    "sigmoid": lambda a: 1 / (1 + mp.exp(-a)),
    "sign": mp.sign,
    "silu": lambda a: a / (1 + mp.exp(-a)),
    "sin": mp.sin,
    "sinh": mp.sinh,
    "softplus": softplus,
    "sqrt": mp.sqrt,
    "subtract": lambda a, b: a - b,
    "tan": mp.tan,
    "tanh": mp.tanh,
    "where": lambda c, a, b: a if c else b,
}
CORNERED = set(
    "absolute ceil clip elu floor hardtanh leaky_relu less less_equal maximum minimum relu relu6 "
    "sign".split()
)
CURVED = ("elu", False)  # the one piece, elu at negative numbers, that is no straight line


def true_value(row, numbers):
    """The row's value as a real mpf, or None where it has none."""
    with mp.workprec(250):
        try:
            result = MATH[row.name](*map(mpf, numbers))
        except (ArithmeticError, ValueError):
            return None
        return result if isinstance(result, mpf) and mp.isfinite(result) else None


def true_slope(row, numbers, position):
    """The row's slope by central differences, or None where there is none, as at a corner.

    The step is 2⁻¹⁰⁰ of the argument or less, and the precision grows until the difference keeps
    120 bits, or until what it lost is less than the smallest float: the answer is as good as exact.
    """
    x, f = numbers[position], MATH[row.name]
    size = max(abs(math.frexp(number)[1]) for number in numbers)
    exponent = math.frexp(x)[1]
    step_bits = 100 + max(0, -exponent)
    for precision in (300 + max(0, exponent), 800 + size, 2 * size + 2 * step_bits + 1300):
        with mp.workprec(precision):
            h = mpf(2) ** -step_bits

            def at(moved, f=f):
                xs = [mpf(number) for number in numbers]
                xs[position] += moved
                return f(*xs)

            above, below = at(h), at(-h)
            if isinstance(above, mpmath.mpc) or isinstance(below, mpmath.mpc):
                return None
            difference = above - below
            lost = max(abs(above), abs(below)) * mpf(2) ** (40 - precision)
            if row.name in CORNERED and above + below != 2 * at(0) and (row.name, x > 0) != CURVED:
                return None
            slope = difference / (2 * h)
            if lost <= abs(difference) * mpf(2) ** -120 or lost / h <= mpf(2) ** -1140:
                return slope
    raise AssertionError("the last precision is enough for every float")


# Points: the whole range of floats, and the places where functions do something.


def log_uniform(draw):
    """Any finite float that is not 0, every exponent as likely as every other."""
    return math.ldexp(draw.choice((-1, 1)) * draw.uniform(0.5, 1), draw.randint(-1050, 1024))


def number_anywhere(draw):
    kind = draw.random()
    if kind < 0.4:
        return log_uniform(draw)
    if kind < 0.6:
        return draw.uniform(-5, 5)
    if kind < 0.75:
        return draw.uniform(-1, 1)
    if kind < 0.9:
        return draw.uniform(-750, 750)
    if kind < 0.95:  # beside ±1, where asin, acosh, atanh and log1p end
        return draw.choice((-1, 1)) * (1 + draw.choice((-1, 1)) * 2.0 ** -draw.randint(1, 52))
    return draw.randint(-50, 50) * math.pi / 2 + draw.choice((0, 1e-3, 1e-8)) or 0.25


def pair_anywhere(draw, row):
    a, b = number_anywhere(draw), number_anywhere(draw)
    kind = draw.random()
    if row.name == "power" and kind < 0.8:
        if kind < 0.5:  # a^b between the smallest and the largest float
            a = abs(a)
            b = draw.uniform(-740, 705) / (math.log(a) or 1.0)
        else:  # whole exponents, for negative a as well
            b = float(draw.randint(-30, 30))
            a = math.copysign(abs(a) ** (1 / max(abs(b), 1)), a)
    elif kind < 0.2:  # numbers of a size
        b = a * draw.uniform(-2, 2) if abs(a) < 1e307 else a / 3
    elif kind < 0.3:  # neighbours
        b = a * (1 + 2.0 ** -draw.randint(5, 50)) if abs(a) < 1e307 else a / 3
    return a, b


@cache
def points(row, count=2000):
    draw = random.Random(f"the points of {row.name}")
    if len(row.partials) == 1:
        return [(number_anywhere(draw),) for _ in range(count)]
    if len(row.partials) == 2:
        return [pair_anywhere(draw, row) for _ in range(count)]
    return [tuple(number_anywhere(draw) for _ in row.partials) for _ in range(count)]


def ordinary_points(row, count=20):
    """Points near 1 where the row and its slopes exist, and nothing is at a corner."""
    draw = random.Random(f"ordinary points of {row.name}")
    low, high = {"acosh": (1.1, 4), "asin": (-0.9, 0.9), "acos": (-0.9, 0.9)}.get(
        row.name, (-0.9, 0.9) if row.name == "atanh" else (-3, 3)
    )
    found = []
    while len(found) < count:
        numbers = tuple(draw.uniform(low, high) for _ in row.partials)
        if row.name == "power" or row.name.startswith("log") or row.name == "sqrt":
            numbers = tuple(map(abs, numbers))
        found.append(numbers)
    return found


def test_every_row_has_a_meaning_outside_the_table():
    assert set(MATH) == BUILT_IN


# How far computed numbers may be from the truth: (units of the last place, absolute error), added
# up; (4, 0) for what is not listed. An absolute error may be a function of the arguments.

ORDINARY = (4, 0)

VALUE_BOUNDS = {
    "gelu": (3000, 0),  # a · erfc(-a/√2) / 2: √2 and a/√2 are rounded, each counts a² < 1490 times
    "logaddexp": (4, 3e-16),  # the larger argument and a logarithm may cancel
    "silu": (4, 4e-321),  # a times a sigmoid that is below the normal floats
}

# The table keeps the slopes that people learn. Where those lose digits, the loss is stated here.

SLOPE_BOUNDS = {
    # y is rounded to 1 when the slope is small: right to 1e-16 next to slopes of up to 1
    "tanh": (4, 2.4e-16),  # 1 - y²
    "sigmoid": (4, 2.4e-16),  # y · (1 - y)
    # a sum that cancels where the function turns, at -1.28 and -0.75
    "silu": (4, 4e-16),
    "gelu": (800, 4e-16),
    # the exponent is rounded before e is raised to it, and exponents go up to 745
    "erf": (800, 0),  # a² in e^(-a²)
    "erfc": (800, 0),
    "logaddexp": (800, 0),  # a - b in the sigmoid
    "power": (800, 0),  # b - 1 in b · a^(b-1), where b · log a goes up to 745
    # y may be wrong in the last two places, and is squared
    "cbrt": (9, 0),
    # b / h / h with h = hypot(a, b): the first quotient may fall below the normal floats
    "atan2": (4, lambda a, b: 1e-323 / math.hypot(a, b)),
    # 1 / (1 + a · a) is 0 once a · a is too large, and the slope below 6e-309
    "atan": (4, 6e-309),
}
SMALLEST_NORMAL = 2.0**-1022


def tolerance(bounds, row, numbers, truth):
    in_ulp, absolute = bounds.get(row.name, ORDINARY)
    if callable(absolute):
        absolute = absolute(*numbers)
    return in_ulp * mpf(math.ulp(float(truth))) + absolute


def blur(y, slope):
    """What a y below the normal floats, which has few digits, makes of slopes made of y."""
    return 2 * abs(slope) * math.ulp(y) / abs(y) if 0 < abs(y) < SMALLEST_NORMAL else 0


# Values

WITHOUT_NUMPY = set(
    "elu erf erfc gelu hardtanh leaky_relu log_sigmoid relu relu6 sigmoid silu softplus".split()
)


def test_every_row_has_a_namesake_in_numpy_or_is_listed_as_having_none():
    assert {row.name for row in ROWS if not hasattr(numpy, row.name)} == WITHOUT_NUMPY


@each_row
def test_a_value_is_what_mathematics_says_and_missing_where_it_says_nothing(row):
    for numbers in points(row):
        truth = true_value(row, numbers)
        if truth is None:
            with pytest.raises(ValueError, match=row.name):
                row(*numbers)
        elif abs(truth) > LARGEST:
            with pytest.raises(OverflowError, match=row.name):
                row(*numbers)
        else:
            allowed = tolerance(VALUE_BOUNDS, row, numbers, truth)
            assert abs(row(*numbers) - truth) <= allowed, numbers


@pytest.mark.parametrize(
    "row", [row for row in ROWS if row.name not in WITHOUT_NUMPY], ids=lambda row: row.name
)
def test_a_value_is_what_numpy_computes_under_the_same_name(row):
    namesake = getattr(numpy, row.name)
    for numbers in points(row):
        with numpy.errstate(all="ignore"):
            theirs = float(namesake(*numbers))
        if math.isfinite(theirs):
            assert abs(row(*numbers) - theirs) <= tolerance(VALUE_BOUNDS, row, numbers, theirs)
        else:
            with pytest.raises(AutogradError):
                row(*numbers)


# Slopes


@each_partial
def test_a_slope_is_the_numeric_derivative_over_the_whole_range_of_floats(row, position):
    checked = 0
    for numbers in points(row):
        try:
            y = row(*numbers)
        except AutogradError:
            continue
        truth = true_slope(row, numbers, position)
        if truth is None and row.name == "power":  # towards the exponent of a negative base
            with pytest.raises(ValueError, match="power"):
                row.slope(position, y, numbers)
        elif truth is not None and abs(truth) > LARGEST:
            with pytest.raises(OverflowError, match=row.name):
                row.slope(position, y, numbers)
        elif truth is not None:
            slope = float(row.slope(position, y, numbers))
            allowed = tolerance(SLOPE_BOUNDS, row, numbers, truth) + blur(y, truth)
            assert abs(slope - truth) <= allowed, numbers
            checked += 1
    assert checked >= 500


AT_THE_FRINGE = [  # finite slopes at numbers whose squares, sums or quotients are too large
    ("atan", (1e200,)),
    ("erf", (1e200,)),
    ("erfc", (1e200,)),
    ("gelu", (-1e200,)),
    ("gelu", (1e200,)),
    ("hypot", (1e308, 1e308)),
    ("atan2", (1e-300, 1e-300)),
    ("logaddexp", (1e308, -1e308)),
    ("maximum", (1e308, -1e308)),
    ("minimum", (1e308, -1e308)),
    ("clip", (1e308, -1e308, 1e308)),
    ("log10", (4e-309,)),
    ("relu6", (-1e308,)),
    ("divide", (5e-324, 5e-324)),
    ("asinh", (1e308,)),
    ("acosh", (1e308,)),
    ("silu", (-1e308,)),
]


@pytest.mark.parametrize(("name", "numbers"), AT_THE_FRINGE, ids=str)
def test_a_finite_slope_survives_numbers_at_the_fringe(name, numbers):
    row = TABLE[name]
    y = row(*numbers)
    for position in range(len(numbers)):
        truth = true_slope(row, numbers, position)
        if truth is not None and abs(truth) <= LARGEST:
            slope = float(row.slope(position, y, numbers))
            allowed = tolerance(SLOPE_BOUNDS, row, numbers, truth) + blur(y, truth)
            assert abs(slope - truth) <= allowed


REFUSED_FINITE_SLOPES = [  # an intermediate result is too large; it says so rather than lie
    ("atan2", (1.5e308, 1.5e308)),  # hypot(a, b) is beyond the largest float
    ("power", (5e-324, 1e-300)),  # so is a ** (b - 1), before b makes it small again
]


@pytest.mark.parametrize(("name", "numbers"), REFUSED_FINITE_SLOPES, ids=str)
def test_a_slope_beyond_reach_is_refused_and_not_made_up(name, numbers):
    row = TABLE[name]
    with pytest.raises(OverflowError):
        row.slope(0, row(*numbers), numbers)


def recorded_slopes(row, numbers):
    """The slopes as `grad` records them, and as the sweep over floats computes them."""
    leaves = [Value(number) for number in numbers]
    row(*leaves).backward()
    return [slope.data for slope in grad(row(*leaves), leaves)], [leaf.grad for leaf in leaves]


REFUSED = {  # a · a and a - b are too large for a node of a graph, though not for a float slope
    "atan": (1e200,),
    "erf": (1e200,),
    "erfc": (1e200,),
    "gelu": (1e200,),
    "logaddexp": (1e308, -1e308),
    "maximum": (1e308, -1e308),
    "minimum": (1e308, -1e308),
    "clip": (1e308, -1e308, 1e308),
}


@pytest.mark.parametrize(("name", "numbers"), REFUSED.items(), ids=str)
def test_a_slope_too_large_on_its_way_is_computed_but_not_recorded(name, numbers):
    leaves = [Value(number) for number in numbers]
    TABLE[name](*leaves).backward()
    with pytest.raises(OverflowError, match=f"the local derivative of {name}"):
        grad(TABLE[name](*leaves), leaves)


@each_row
def test_a_recorded_slope_is_the_computed_slope_to_the_last_bit(row):
    for numbers in ordinary_points(row):
        recorded, computed = recorded_slopes(row, numbers)
        assert recorded == computed


# Slopes of slopes


def true_second_slope(row, numbers, first, second):
    with mp.workprec(900):
        h = mpf(2) ** -200

        def at(i, j):
            xs = [mpf(number) for number in numbers]
            xs[first] += i * h
            xs[second] += j * h
            return MATH[row.name](*xs)

        return (at(1, 1) - at(1, -1) - at(-1, 1) + at(-1, -1)) / (4 * h * h)


@each_row
def test_a_slope_can_be_differentiated_again_towards_every_argument(row):
    for numbers in ordinary_points(row):
        leaves = [Value(number) for number in numbers]
        for i, slope in enumerate(grad(row(*leaves), leaves)):
            for j, second in enumerate(grad(slope, leaves)):
                truth = true_second_slope(row, numbers, i, j)
                assert abs(second.data - truth) <= 2e-14 * abs(truth) + 2e-15, (i, j, numbers)


# Slopes in writing


def formulas(row, numbers):
    """y and the arguments as letters that know their numbers, and write all 17 digits."""
    y = row(*numbers)
    letters = [
        Formula(letter, number=number, digits=17)
        for letter, number in zip("yabc", (y, *numbers), strict=False)
    ]
    return y, letters[0], letters[1:]


@each_partial
def test_the_written_slope_means_what_the_computed_slope_says(row, position):
    for numbers in ordinary_points(row):
        y, letter, letters = formulas(row, numbers)
        text = str(settled(row.slope(position, letter, letters)))
        names = dict(zip("abc", numbers, strict=False))
        slope = float(row.slope(position, y, numbers))
        assert eval(text, {**TABLE, **names, "y": y}) == slope


@each_partial
def test_the_latex_of_a_slope_is_balanced(row, position):
    _, letter, letters = formulas(row, ordinary_points(row)[0])
    slope = settled(row.slope(position, letter, letters))
    if isinstance(slope, Formula):
        depth = 0
        for character in slope.latex:
            depth += {"{": 1, "}": -1}.get(character, 0)
            assert depth >= 0
        assert depth == 0
        assert slope.latex.count(r"\left") == slope.latex.count(r"\right")
    else:
        assert isinstance(slope, float)


# Rows inside expressions


@each_row
def test_a_row_inside_an_expression_passes_its_slope_on(row):
    def f(*xs):
        return row(*[2.3 * x for x in xs]) * 1.7

    for numbers in ordinary_points(row):
        if row.name in ("asin", "acos", "atanh"):
            numbers = tuple(number / 2.3 for number in numbers)
        leaves = [Value(number) for number in numbers]
        f(*leaves).backward()
        inside = [2.3 * number for number in numbers]
        for position, leaf in enumerate(leaves):
            truth = 1.7 * 2.3 * true_slope(row, inside, position)
            assert leaf.grad == pytest.approx(float(truth), rel=1e-14, abs=2e-15)


@each_row
@pytest.mark.parametrize("outer", [1.0, 1.7])
@pytest.mark.parametrize("inner", [1.0, 2.3])
def test_forward_mode_finds_the_slopes_of_reverse_mode(row, inner, outer):
    def f(*xs):
        return row(*[inner * x for x in xs]) * outer

    for numbers in ordinary_points(row):
        if row.name in ("asin", "acos", "atanh"):
            numbers = tuple(number / 2.3 for number in numbers)
        leaves = [Value(number) for number in numbers]
        f(*leaves).backward()
        for position, leaf in enumerate(leaves):
            direction = [float(i == position) for i in range(len(numbers))]
            _, tangent = jvp(f, numbers, direction)
            assert tangent == pytest.approx(leaf.grad, rel=1e-15 if inner != outer else 0, abs=0)


# Names


@each_row
def test_a_row_is_exported_under_its_own_name(row):
    assert getattr(autograd, row.name) is row


@each_row
def test_a_row_of_one_argument_is_a_method_too(row):
    if len(row.partials) == 1:
        (number,) = ordinary_points(row)[0]
        assert getattr(Value(number), row.name)().data == row(number)
    else:
        assert not hasattr(Operand, row.name)
