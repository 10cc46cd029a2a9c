"""Derivatives as functions of a recorded graph, or of a function: every order, both modes."""

from collections.abc import Callable, Iterable, Sequence
from itertools import count
from typing import Any, overload

from autograd.backprop import as_node, gradients
from autograd.errors import AutogradError, unchecked
from autograd.flows import NOTHING, Guarded, added, product, settled, total
from autograd.op import Op
from autograd.operand import Operand, real
from autograd.user_text import counted
from autograd.value import Value, recorded


@overload
def grad(y: Value, x: Value) -> Value: ...
@overload
def grad(y: Value, x: Sequence[Value]) -> list[Value]: ...
def grad(y, x):
    """dy/dx as a Value with a history of its own, so that it can be differentiated again.

    A sequence of x gives a list. Where no path leads from x to y the derivative is 0. Raises
    TypeError for what is no Value, and what the sweep raises.

    >>> x = Value(2.0)
    >>> first = grad(x**3, x)
    >>> second = grad(first, x)
    >>> first.data, second.data
    (12.0, 12.0)
    """
    (y,) = _values([y], "grad")
    xs = _values(x if isinstance(x, Iterable) else [x], "grad")
    with recorded():
        found = gradients(y, as_node, wanted=xs)
    values = [_as_value(found.get(one, 0.0)) for one in xs]
    return values[0] if isinstance(x, Value) else values


def _values(values: Any, where: str) -> list[Value]:
    """A list of Values, or a TypeError that says what else was given."""
    if isinstance(values, Value) or not isinstance(values, Iterable):
        raise TypeError(f"{where} takes a list of Values here, as in [x], not {values!r:.60}")
    values = list(values)
    for value in values:
        if not isinstance(value, Value):
            raise TypeError(f"{where} takes Values, such as x = Value(2.0), not {value!r:.60}")
    return values


def _as_value(gradient: Any) -> Value:
    return gradient if isinstance(gradient, Value) else Value(gradient)


def jacobian(ys: Sequence[Value], xs: Sequence[Value]) -> list[list[float]]:
    """The matrix of dy/dx, len(ys) rows of len(xs) floats: one reverse sweep per row.

    Raises TypeError for what is no list of Values, and what the sweep raises.

    >>> a, b = Value(2.0), Value(3.0)
    >>> jacobian([a * b, a - b], [a, b])
    [[3.0, 2.0], [1.0, -1.0]]
    """
    rows = []
    xs = _values(xs, "jacobian")
    for y in _values(ys, "jacobian"):
        found = gradients(y, wanted=xs)
        rows.append([found.get(x, 0.0) for x in xs])
    return rows


def hessian(y: Value, xs: Sequence[Value]) -> list[list[float]]:
    """The matrix of second derivatives d²y/dx dx', len(xs) by len(xs) floats.

    Raises TypeError for what is no list of Values, and what the sweeps raise.

    >>> a, b = Value(2.0), Value(3.0)
    >>> hessian(a * a * b, [a, b])
    [[6.0, 4.0], [4.0, 0.0]]
    """
    xs = _values(xs, "hessian")
    return jacobian(grad(y, xs), xs)


class Dual(Operand):
    """A number and its tangent: how fast it changes as the inputs move along a direction.

    The number may itself be a Value, or a Dual of an earlier `level`, so that forward mode can
    be nested in itself and in reverse mode without confusing the two.
    """

    __slots__ = ("level", "number", "tangent")

    number: Any  # a float, a Value, or a Dual of a lower level

    def __init__(self, number: Any, tangent: Any, level: int) -> None:
        self.number, self.tangent, self.level = number, tangent, level

    def apply(self, op: Op, args: tuple) -> "Dual":
        level = max(arg.level for arg in args if isinstance(arg, Dual))
        moving = [isinstance(arg, Dual) and arg.level == level for arg in args]
        xs = [arg.number if moves else arg for arg, moves in zip(args, moving, strict=True)]
        if not any(isinstance(x, Operand) for x in xs):
            xs = [real(x, op.name) for x in xs]
        y = op(*xs)
        tangent: Any = NOTHING
        for position, arg in enumerate(args):
            if moving[position]:
                tangent = total(tangent, _flow(op, position, y, xs, arg.tangent), y)
        return Dual(y, settled(tangent) if tangent.__class__ is Guarded else tangent, level)

    @property
    def data(self) -> float:
        """The float at the bottom of it, so that a function may branch on it."""
        number = self.number
        return number.data if isinstance(number, Value | Dual) else number

    @property
    def label(self) -> str:
        return getattr(self.number, "label", "")

    def __format__(self, spec: str) -> str:
        return format(self.data, spec)

    def __repr__(self) -> str:
        return f"Dual({self.number}, tangent {self.tangent})"


def _flow(op: Op, position: int, y: Any, xs: list, tangent: Any) -> Any:
    """local derivative · tangent; with a tangent of 0 the local derivative need not exist."""
    if tangent is NOTHING or (tangent.__class__ is float and tangent == 0):
        return NOTHING
    if tangent.__class__ is Guarded and not tangent.is_open():
        with unchecked():
            slope = op.slope(position, y, xs)
    else:
        slope = op.slope(position, y, xs)
    return product(tangent, slope, xs[position], y)


_levels = count(1)  # never used twice: what is nested, in whatever thread, is younger


def jvp(f: Callable[..., Any], xs: Sequence[Any], vs: Sequence[Any]) -> tuple[Any, Any]:
    """f(*xs), and the derivative of f at xs along the direction vs: forward mode, in one pass.

    xs and vs are sequences of equal length, of numbers or Values; f may return one result or a
    sequence of results, and the second element of the pair has the same form. Raises ValueError
    for sequences of different length, TypeError for what is no sequence of numbers or Values, and
    what f raises.

    >>> jvp(lambda a, b: a * b, [2.0, 3.0], [1.0, 0.0])
    (6.0, 3.0)
    """
    for given in (xs, vs):
        if not isinstance(given, Sequence):
            raise TypeError(f"jvp takes lists of numbers, not {type(given).__name__}")
    if len(xs) != len(vs):
        inputs = counted(len(xs), "input")
        raise ValueError(f"jvp needs one direction per input: {inputs}, {len(vs)} given")
    xs, vs = [_plain(x) for x in xs], [_plain(v) for v in vs]
    level = next(_levels)
    try:
        result = f(*[Dual(x, v, level) for x, v in zip(xs, vs, strict=True)])
    except AutogradError:
        if any(isinstance(x, Operand) for x in (*xs, *vs)):
            raise
        return _by_sweeps(f, xs, vs)
    if isinstance(result, (list, tuple)):
        pairs = [_parts(one, level) for one in result]
        return [number for number, _ in pairs], [tangent for _, tangent in pairs]
    return _parts(result, level)


def _by_sweeps(f: Callable[..., Any], xs: list[float], vs: list[float]) -> tuple[Any, Any]:
    """The same in reverse mode, which never asks for a tangent that has no influence, such as that
    of √x in 0 · √x at 0."""
    leaves = [Value(x) for x in xs]
    result = f(*leaves)
    several = isinstance(result, (list, tuple))
    ends = [_as_value(one) for one in (result if several else [result])]
    tangents = [
        added(product(v, slope, leaf, y) for leaf, slope, v in zip(leaves, row, vs, strict=True))
        for y, row in zip(ends, jacobian(ends, leaves), strict=True)
    ]
    numbers = [end.data for end in ends]
    return (numbers, tangents) if several else (numbers[0], tangents[0])


def _plain(x: Any) -> Any:
    return x if isinstance(x, Operand) else real(x, "jvp")


def _parts(result: Any, level: int) -> tuple[Any, Any]:
    if isinstance(result, Dual) and result.level == level:
        return result.number, settled(result.tangent)
    return _plain(result), 0.0  # it does not depend on the inputs
