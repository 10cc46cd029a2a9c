"""Fractions: the reading in which arithmetic is exact.

A graph that is read on fractions gives values and gradients without rounding, from the same table:

>>> from autograd import Value, gradients
>>> x = Value(0.1, "x")
>>> y = x * x / 3
>>> gradients(y, rational_reading(y), Rational(1))[x]
Rational(1/15)

What a fraction cannot hold, such as exp(1), is `Inexact`, and so is everything that depends on it.
"""

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from autograd.backprop import topological_order
from autograd.formula import NAMED
from autograd.languages.fractions import FRACTIONS, MOST_BITS, NoFraction, length
from autograd.op import Op
from autograd.operand import Operand
from autograd.ops import corner
from autograd.user_text import shown

SEEN_BY_EYE = 15  # significant digits; nobody types more, so such a number was computed
SIMPLE = 1000  # the largest denominator that a computed number is recognised by


class Rational(Operand):
    """A fraction that operations are exact on."""

    __slots__ = ("fraction",)

    def __init__(self, fraction: Fraction | int) -> None:
        self.fraction = Fraction(fraction)

    @property
    def data(self) -> float:
        """The nearest float; beyond all floats an infinity, and never 0 for what is not 0."""
        try:
            nearest = float(self.fraction)
        except OverflowError:
            return math.inf if self.fraction > 0 else -math.inf
        if nearest == 0 and self.fraction != 0:
            return 5e-324 if self.fraction > 0 else -5e-324
        return nearest

    def apply(self, op: Op, args: tuple) -> "Rational | Inexact":
        """The operation on fractions and on the constants of a formula of the table."""
        return applied(op, [arg if isinstance(arg, Operand) else constant(arg) for arg in args])

    def __format__(self, spec: str) -> str:
        return format(self.data, spec)

    def __repr__(self) -> str:
        return f"Rational({self.fraction})"


class Inexact(Operand):
    """What is not known as a fraction, for a `reason` that finishes the sentence "… stops
    exactness: "."""

    __slots__ = ("reason",)

    def __init__(self, reason: str) -> None:
        self.reason = reason

    apply = Rational.apply

    def __format__(self, spec: str) -> str:
        return "an inexact number"

    def __repr__(self) -> str:
        return f"Inexact({self.reason!r})"


Exact = Rational | Inexact


def fraction_of(number: float) -> Fraction:
    """The fraction that a float was typed as: 0.1 is 1/10, although the float is a little more.
    A float of 15 or more digits that is the nearest to a simple fraction, such as 1/3, is that
    fraction, since nobody types so many digits.

    >>> print(fraction_of(0.1), fraction_of(1 / 3), fraction_of(0.1 + 0.2))
    1/10 1/3 7500000000000001/25000000000000000
    """
    printed = repr(number)
    digits = printed.partition("e")[0].replace(".", "").lstrip("-0")
    if len(digits) >= SEEN_BY_EYE:
        simple = Fraction(number).limit_denominator(SIMPLE)
        if float(simple) == number:
            return simple
    return Fraction(printed)


def as_rational(number: float) -> Exact:
    """A plain number of a graph as a fraction. π and e are none."""
    if abs(number) in NAMED:
        return Inexact(f"the constant {NAMED[abs(number)][0]} is no fraction")
    if not math.isfinite(number):
        return Inexact(f"{number} is no fraction")
    return Rational(fraction_of(number))


def constant(number: float) -> Exact:
    """A number in a formula of the table. One of very many digits is irrational, such as ln 2."""
    exact = as_rational(number)
    if isinstance(exact, Rational) and exact.fraction.denominator > 10**SEEN_BY_EYE:
        return Inexact(f"a constant in it, {number:.6g}…, is no fraction")
    return exact


def applied(op: Op, args: list) -> Exact:
    """An operation of the table on fractions."""
    if op.symbol == "if":
        condition, *branches = args
        if isinstance(condition, Inexact):
            return condition
        return branches[condition.fraction == 0]
    if op.symbol == "*" and any(isinstance(x, Rational) and not x.fraction for x in args):
        return Rational(0)  # whatever the other factor is
    for arg in args:
        if isinstance(arg, Inexact):
            return arg
    fractions = [arg.fraction for arg in args]
    if op.name in FRACTIONS and (op.is_built_in or op is corner):
        if sum(map(length, fractions)) > MOST_BITS:
            return Inexact("the fraction has become too long")
        try:
            return Rational(FRACTIONS[op.name](*fractions))
        except NoFraction as error:
            return Inexact(str(error))
        except ZeroDivisionError:
            return Inexact("on fractions it divides by exactly 0")
    if op.definition:
        made = op.definition.at(*args)
        return made if isinstance(made, Rational | Inexact) else as_rational(made)
    if op.is_built_in and fractions[0] in (0, 1):
        # The one place where a transcendental function gives a fraction: exp(0), log(1), tanh(0).
        value = op.ieee(*map(float, fractions))
        if value.is_integer():
            return Rational(int(value))
    return Inexact(f"{op.name}({', '.join(shown(x) for x in fractions)}) is no fraction")


def rational_reading(root: Any) -> Callable[[Any], Exact]:
    """Read the nodes that `root` was made from as fractions, each computed anew from the leaves.
    Raises what `topological_order` raises."""
    exact: dict[Any, Exact] = {}
    for node in topological_order(root):
        if node.op is None:
            exact[node] = as_rational(node.data)
        else:
            args = [exact[x] if isinstance(x, Operand) else as_rational(x) for x in node.args]
            exact[node] = applied(node.op, args)
    return exact.__getitem__
