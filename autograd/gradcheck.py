"""A numeric second opinion: is the gradient of a function what finite differences say it is?"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

from autograd.backprop import gradients
from autograd.errors import AutogradError, GradientMismatch
from autograd.value import Value, no_grad

STEP = 6e-6  # the cube root of the rounding error of floats: best for central differences


@dataclass(frozen=True)
class Row:
    """One argument of a checked function, and its derivative found twice."""

    name: str
    at: float
    engine: float
    numeric: float
    left: float  # the difference quotients of either side, which tell a corner from a mistake
    right: float
    agrees: bool

    def __str__(self) -> str:
        verdict = "agrees" if self.agrees else "DIFFERS"
        return (
            f"∂f/∂{self.name} at {self.name} = {self.at:g}: "
            f"engine {self.engine:.9g}, finite differences {self.numeric:.9g}: {verdict}"
        )


@dataclass(frozen=True)
class Check:
    """The outcome of `check`, a row per argument; it prints as a table."""

    rows: tuple[Row, ...]

    @property
    def ok(self) -> bool:
        """Whether every row agrees."""
        return all(row.agrees for row in self.rows)

    def __str__(self) -> str:
        return "\n".join(map(str, self.rows))

    __repr__ = __str__


def check(
    f: Callable[..., Any], xs: Sequence[Any], *, rtol: float = 1e-6, atol: float = 1e-8
) -> Check:
    """Compare the engine's gradient of f at xs with central differences.

    f takes as many Values as xs has numbers and returns a Value. A row agrees when the two
    derivatives differ by at most atol + rtol times the larger of them, or by what rounding in f
    itself explains. Raises GradientMismatch, an AssertionError that says which argument differs
    and by how much, when one does not. Raises TypeError when f does not return a Value.

    >>> print(check(lambda a, b: a * b.exp(), [2.0, 0.5]))
    ∂f/∂a at a = 2: engine 1.64872127, finite differences 1.64872127: agrees
    ∂f/∂b at b = 0.5: engine 3.29744254, finite differences 3.29744254: agrees
    """
    names = _argument_names(f, len(xs))
    leaves = [Value(x, name) for x, name in zip(xs, names, strict=True)]
    y = f(*leaves)
    if not isinstance(y, Value):
        raise TypeError(f"check needs a function that returns a Value, not {type(y).__name__}")
    found = gradients(y)
    rows = [
        _row(f, leaves, i, y.data, found.get(leaf, 0.0), (rtol, atol))
        for i, leaf in enumerate(leaves)
    ]
    wrong = [row for row in rows if not row.agrees]
    if wrong:
        raise GradientMismatch("\n".join(_diagnosis(row) for row in wrong))
    return Check(tuple(rows))


def _row(f: Callable, leaves: list[Value], i: int, y: float, engine: float, tolerances) -> Row:
    rtol, atol = tolerances
    x = leaves[i].data
    h = STEP * max(1.0, abs(x))

    def f_at(moved: float) -> float:
        with no_grad():
            try:
                return f(*[Value(moved if j == i else a.data) for j, a in enumerate(leaves)]).data
            except AutogradError:
                return float("nan")  # outside the domain, on this side

    above, below = f_at(x + h), f_at(x - h)
    right, left = (above - y) / h, (y - below) / h
    numeric = (above - below) / (2 * h)
    if not isfinite(numeric):  # at the edge of the domain one side is all there is
        numeric = right if isfinite(right) else left
        rtol = max(rtol, 1e-4)
    rounding = 4e-16 * max(1.0, abs(y)) / h
    tolerance = atol + rounding + rtol * max(abs(engine), abs(numeric))
    agrees = abs(engine - numeric) <= tolerance
    return Row(leaves[i].label, x, engine, numeric, left, right, agrees)


def _diagnosis(row: Row) -> str:
    message = (
        f"∂f/∂{row.name} at {row.name} = {row.at:g}: the engine says {row.engine:.9g}, "
        f"finite differences say {row.numeric:.9g}"
    )
    scale = max(abs(row.left), abs(row.right), 1e-3)
    if abs(row.left - row.right) > 1e-3 * scale:
        return (
            f"{message}. The function has a corner there: its slope is {row.left:.6g} to the left "
            f"and {row.right:.6g} to the right, so check it a little to one side"
        )
    if row.engine and isfinite(row.numeric):
        message += f", {row.numeric / row.engine:.6g} times as much"
    return message


def _argument_names(f: Callable, count: int) -> list[str]:
    """The names f gives its arguments, where it gives as many; x1, x2, … otherwise."""
    code = getattr(f, "__code__", None)
    if code is not None and code.co_argcount == count:
        return list(code.co_varnames[:count])
    return ["x"] if count == 1 else [f"x{i + 1}" for i in range(count)]
