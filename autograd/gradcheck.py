"""A numeric second opinion: is the gradient of a function what finite differences say it is?"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from math import comb, frexp, inf, isfinite, ldexp, nan
from typing import Any

from autograd.backprop import gradients
from autograd.errors import GradientMismatch
from autograd.operand import real
from autograd.value import Value

EPSILON = 2.0**-52  # between 1.0 and the next float
TINIEST = 2.0**-1074  # the smallest positive float, and the rounding next to 0
FINEST = -48  # the smallest step, as a power of 2 times the size of x


@dataclass(frozen=True)
class Comparison:
    """One argument of a checked function, and the derivative towards it, found twice.

    `name` is the argument, `at` its number, `engine` the engine's derivative there, and `numeric`
    that of finite differences, which may be off by `error`: inf where they tell nothing. They are
    `reliable` where `error` is small, compared with the derivative. `left` and `right` are the
    derivatives of either side, nan where there is none; it is a `corner` where both exist, and
    differ. `agrees` is False where finite differences tell nothing, and `reason` says why they do
    not.
    """

    name: str
    at: float
    engine: float
    numeric: float
    left: float
    right: float
    agrees: bool
    error: float
    reliable: bool
    corner: bool
    reason: str = ""

    @property
    def doubt(self) -> str:
        """Why finite differences tell nothing or little; "" where they are reliable."""
        return self.reason or ("" if self.reliable else UNRELIABLE)

    def __str__(self) -> str:
        found = f"∂f/∂{self.name} at {self.name} = {self.at:g}: engine {self.engine:.9g}, "
        if self.error == inf:
            return f"{found}finite differences cannot tell: {self.reason}"
        found += f"finite differences {self.numeric:.9g}"
        off = "" if self.reliable else f" (give or take {self.error:.2g}: {UNRELIABLE})"
        return f"{found}{off}: {'agrees' if self.agrees else 'DIFFERS'}"


UNRELIABLE = "they are not reliable here"


@dataclass(frozen=True)
class Check:
    """The outcome of `check`, a row per argument; it prints as a table."""

    rows: tuple[Comparison, ...]

    @property
    def ok(self) -> bool:
        """Whether every row agrees."""
        return all(row.agrees for row in self.rows)

    def __str__(self) -> str:
        return "\n".join(map(str, self.rows))

    __repr__ = __str__


def check(
    f: Callable[..., Any], xs: Iterable[Any], *, rtol: float = 1e-6, atol: float = 0.0
) -> Check:
    """Compare the engine's gradient of f at xs with finite differences.

    f takes as many Values as xs has numbers and returns a Value. The differences are taken with
    steps of many sizes and extrapolated to 0 by Richardson's method; their disagreement, and the
    rounding in f, say how far off they may be. A row agrees when the two derivatives differ by no
    more than that plus `rtol` times the larger of them, plus `atol` times |f / x|. Where that is a
    good part of the derivative itself, as where x is lost in rounding, the row says so. What is
    returned prints as a table, has a row per argument in `rows`, with `engine`, `numeric`, `error`
    and `agrees` among others, and is `ok`.

    Raises GradientMismatch, an AssertionError that says which argument differs and by how much,
    when one does not agree, and when finite differences cannot tell, as where f jumps. Raises
    ValueError when f gives another value each time and when xs is empty, and TypeError when f does
    not return a Value, or xs is no list of numbers.

    >>> print(check(lambda a, b: a * b.exp(), [2.0, 0.5]))
    ∂f/∂a at a = 2: engine 1.64872127, finite differences 1.64872127: agrees
    ∂f/∂b at b = 0.5: engine 3.29744254, finite differences 3.29744254: agrees
    """
    found = compared(f, xs, rtol=rtol, atol=atol)
    wrong = [row for row in found.rows if not row.agrees]
    if wrong:
        raise GradientMismatch("\n".join(_diagnosis(row) for row in wrong))
    return found


def compared(
    f: Callable[..., Any], xs: Iterable[Any], *, rtol: float = 1e-6, atol: float = 0.0
) -> Check:
    """The same comparison, without an error where the two differ: whoever shows both wants to see
    by how much. Raises the other errors of `check`."""
    if not callable(f):
        raise TypeError(f"check takes a function and a list of numbers, not {type(f).__name__}")
    if not isinstance(xs, Iterable):
        raise TypeError(f"check takes a list of numbers, as in [1.0], not {type(xs).__name__}")
    numbers = [real(x, "check") for x in xs]
    if not numbers:
        raise ValueError("check needs a number for each argument, as in [1.0], and got none")
    rtol, atol = real(rtol, "rtol"), real(atol, "atol")
    names = _argument_names(f, len(numbers))
    leaves = [Value(x, name) for x, name in zip(numbers, names, strict=True)]
    y = f(*leaves)
    if not isinstance(y, Value):
        raise TypeError(f"check needs a function that returns a Value, not {type(y).__name__}")
    for _ in range(3):
        again = _value_at(f, numbers)
        if again != y.data and not again != again != y.data != y.data:
            point = ", ".join(f"{leaf.label} = {leaf.data:g}" for leaf in leaves)
            raise ValueError(
                f"check needs a function that gives the same value each time: at {point} this one "
                f"gave {y.data:.9g}, then {again:.9g}. If it is random, set the seed inside it"
            )
    found = gradients(y)
    rounding = sum(
        2 * EPSILON * abs(g * v.data) + TINIEST * abs(g)
        for v, g in found.items()
        if v.op is not None and g  # in a branch not taken the number may be nan
    )
    return Check(
        tuple(
            _row(f, leaves, i, rounding, found.get(leaf, 0.0), (rtol, atol))
            for i, leaf in enumerate(leaves)
        )
    )


def _value_at(f: Callable, numbers: Iterable[float]) -> float:
    try:
        return f(*map(Value, numbers)).data
    except (ArithmeticError, ValueError, TypeError):  # a complex number, for example
        return nan  # outside the domain


def _row(f: Callable, leaves: list[Value], i: int, rounding: float, engine: float, tolerances):
    rtol, atol = tolerances
    x = leaves[i].data

    @cache
    def f_at(moved: float) -> float:
        return _value_at(f, [moved if j == i else leaf.data for j, leaf in enumerate(leaves)])

    y = f_at(x)
    noise = _noise(f_at, x)
    rounding = max(rounding, noise)
    (left, left_error), (right, right_error), (numeric, error) = (
        _slope(f_at, x, sides, rounding) for sides in ((-1, 0), (0, 1), (-1, 1))
    )
    gap = abs(left - right)
    corner = gap > 10 * (left_error + right_error) + rtol * max(abs(left), abs(right))
    if not isfinite(error):  # at the edge of the domain one side is all there is
        numeric, error = min((left, left_error), (right, right_error), key=lambda side: side[1])
    larger = max(abs(engine), abs(numeric)) if isfinite(numeric) else abs(engine)
    tolerance = error + rtol * larger
    if atol:
        tolerance += atol * abs(y) / (abs(x) or 1.0)
    agrees = isfinite(error) and abs(engine - numeric) <= tolerance
    size = _size(x)
    near = [abs(z) for z in (y, f_at(x - size / 4), f_at(x + size / 4)) if isfinite(z)]
    flat = engine == 0 and error <= 1e-6 * max(near, default=0.0) / size + 1e-300
    reliable = error <= 1e-3 * larger or flat
    reason = ""
    if error == inf:
        if not isfinite(y):
            reason = "f is not finite there"
        elif noise == inf:
            reason = "f jumps there"
        elif len(near) < 3 or not isfinite(f_at(x - size * 1e-9) + f_at(x + size * 1e-9)):
            reason = "the edge of where f is defined is too close"
        else:
            reason = "the smaller their steps, the less they agree"
    return Comparison(
        leaves[i].label, x, engine, numeric, left, right, agrees, error, reliable, corner, reason
    )


def _slope(
    f_at: Callable[[float], float], x: float, sides: tuple[int, int], rounding: float
) -> tuple[float, float]:
    """The derivative of a function at x, and how far off it may be; (nan, inf) if nothing is known.

    Richardson's extrapolation, from the smallest steps to larger ones for as long as these only
    add precision. What larger steps agree on among themselves is no derivative: at 1000.3 the floor
    rises by 1 per step of 1.
    """
    order = 2 if sides == (-1, 1) else 1  # the error of a quotient is of order h², or h
    slope, error, first = nan, inf, 0.0
    row: list[float] = []  # the quotient at the latest step, and its extrapolations
    bars: list[float] = []  # what rounding does to each quotient
    estimates: list[float] = []
    for h in _steps(x):
        a, b = x + sides[0] * h, x + sides[1] * h
        if not (b - a) > 0:
            continue
        low, high = f_at(a), f_at(b)
        new = [(high - low) / (b - a)]
        if not isfinite(new[0]):
            break
        of_values = rounding + EPSILON * abs(low) + EPSILON * abs(high)
        bars.append(4 * of_values / h + 4 * EPSILON * abs(new[0]))
        for j, finer in enumerate(row[:2], 1):
            new.append(finer + (finer - new[-1]) / (4 ** (order * j) - 1))
        row = new
        if len(row) < 3:
            continue
        estimates.append(row[2])
        if len(estimates) < 3:
            continue
        spread = max(abs(row[2] - earlier) for earlier in estimates[-3:-1])
        doubt = bars[-3] + 2 * spread
        if len(estimates) == 3:
            first = spread
        elif len(estimates) == 4 and first > 8 * bars[-4] and spread < first:
            return nan, inf  # the smaller the steps, the less they agree
        if abs(row[2] - slope) > doubt + error:
            break
        if doubt < error:
            slope, error = row[2], doubt
    return slope, error


def _size(x: float) -> float:
    """The power of 2 at or below abs(x); 1 for the number 0, which has no size."""
    return ldexp(1.0, frexp(x)[1] - 1) if x and isfinite(x) else 1.0


def _steps(x: float) -> Iterator[float]:
    """Powers of 4, from a tiny part of x to half of it, or to a half, if that is more."""
    size = frexp(x)[1] if x else -20
    for exponent in range(size + FINEST, max(size, 1), 2):
        yield ldexp(1.0, exponent)


def _noise(f_at: Callable[[float], float], x: float) -> float:
    """The rounding in the values of a function near x, as its sixth differences show it.

    They are next to nothing where a function is smooth. Each side is looked at alone, so that a
    corner is no noise. Next to a jump, where steps a million times smaller change the value as
    much, it is infinite.
    """
    noise, y, d = 0.0, f_at(x), 1e-7 * _size(x)
    for side in (-d, d):
        nearer = abs(f_at(x + 1e-6 * side) - y)
        if nearer > 1e3 * EPSILON * abs(y) and nearer > 0.5 * abs(f_at(x + side) - y):
            return inf
    for fineness in (1e-7, 1e-10, 1e-13):  # finer near an edge, or where the function is fast
        d = fineness * _size(x)
        sides = [[f_at(x + side * j * d) for j in range(10)] for side in (-1, 1)]
        defined = [values for values in sides if all(map(isfinite, values))]
        if not defined:
            continue
        noise = max(map(_sixth_difference, defined))
        largest = max(abs(y) for values in defined for y in values)
        if len(defined) == 2 and noise <= 1e-3 * largest:
            break
    return noise


def _sixth_difference(values: list[float]) -> float:
    """The largest one, over what sixth differences magnify noise by."""
    for _ in range(6):
        values = [b - a for a, b in pairwise(values)]
    return max(map(abs, values)) / comb(12, 6) ** 0.5


def _diagnosis(row: Comparison) -> str:
    if row.error == inf:
        return f"{row}, so check it elsewhere"
    message = (
        f"∂f/∂{row.name} at {row.name} = {row.at:g}: engine {row.engine:.9g}, "
        f"finite differences {row.numeric:.9g}"
    )
    if row.corner:
        return (
            f"{message}. f has a corner there: its derivative is {row.left:.6g} to the left and "
            f"{row.right:.6g} to the right, so check it a little to one side"
        )
    if row.engine and isfinite(row.numeric):
        message += f", {row.numeric / row.engine:.6g} times as much"
    if not row.reliable:
        message += f", give or take {row.error:.2g}: {UNRELIABLE}"
    return message


def _argument_names(f: Callable, count: int) -> list[str]:
    """The names f gives its arguments, where it gives as many; x1, x2, … otherwise."""
    code = getattr(f, "__code__", None)
    if code is not None and code.co_argcount == count:
        return list(code.co_varnames[:count])
    return ["x"] if count == 1 else [f"x{i + 1}" for i in range(count)]
