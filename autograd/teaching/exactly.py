"""A graph on fractions: `exact`, and what it returns."""

import math
import sys
from collections.abc import Collection, Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from autograd.backprop import gradients, topological_order
from autograd.flows import named
from autograd.formula import Formula, written
from autograd.rational import Exact, Inexact, Rational, as_rational, rational_reading
from autograd.teaching.arguments import Names, digits_in, value_in, values_in, variables_in
from autograd.teaching.names import names_of
from autograd.teaching.parts import Equation, Equations, Part, Sentence, few
from autograd.teaching.report import Report
from autograd.teaching.steps import operation
from autograd.teaching.wording import Words, joined
from autograd.value import Value

LONGEST = 30  # digits of a numerator or denominator that are written
MOST_LINES = 40  # operations that are listed


def exact(
    y: Value,
    to: Value | Collection[Value] = (),
    *,
    names: Names = None,
    digits: int = 6,
) -> "OnFractions":
    """The graph of y on fractions: every value and every gradient without rounding, 14/3 and not
    4.66667.

    A leaf is the fraction that it was typed as: 0.1 is 1/10, although the float is a little more.
    Where an operation leaves the fractions, as tanh does, the result says at which value, and what
    stays exact. The gradients of the leaves are written, or those of the values in `to`. `names`
    and `digits` are those of `explain`.

    Raises TypeError for what is no Value, ValueError for a `to` that y was not made from and for
    other `digits`, and what the sweep raises.

    >>> a, b = Value(0.1, "a"), Value(3.0, "b")
    >>> found = exact(a * a / b, names=False)
    >>> found.gradients[a], found.gradients[b]
    (Fraction(1, 15), Fraction(-1, 900))
    >>> print(found)
    Given a = 1/10, b = 3:
      v1 = a * a = 1/10 * (1/10) = 1/100 = 0.01
      v2 = v1 / b = 1/100 / 3 = 1/300 ≈ 0.00333333
    <BLANKLINE>
    Gradients:
      ∂v2/∂a = 1/15 ≈ 0.0666667
      ∂v2/∂b = -1/900 ≈ -0.00111111
    """
    value_in(y, "exact")
    digits = digits_in(digits)
    return OnFractions(y, values_in(to), variables_in(names, sys._getframe(1)), digits)


class OnFractions(Report):
    """The exact values and gradients of the graph of `y`, as `exact` finds them.

    `values` and `gradients` map the values of the graph to fractions, as far as these are known;
    `value` is that of y, or None. `stops` maps the values at which exactness ends to the reason.
    """

    def __init__(
        self, y: Value, towards: Sequence[Value], variables: Mapping[str, Any], digits: int
    ) -> None:
        gradients(y)  # raises where there is no gradient
        self.y = y
        self._order = topological_order(y)
        self._read = rational_reading(y)
        found = self._swept()
        self._words = Words(names_of(self._order, variables), digits)
        for other in set(towards).difference(self._order):
            raise ValueError(
                f"`to` must be a Value that {self._words.names[y]} was computed from, and "
                f"{named(other)} is not"
            )
        leaves = [node for node in self._order if node.op is None]
        self._leaves, self._wanted = leaves, list(towards) or leaves
        self.values = fractions((node, self._read(node)) for node in self._order)
        self.gradients = fractions((node, found[node]) for node in self._order)
        self.value = self.values.get(y)
        self.stops = {
            node: read.reason
            for node in self._order
            if isinstance(read := self._read(node), Inexact)
            and all(isinstance(self._read(parent), Rational) for parent in node.parents)
        }
        self._reasons = {
            node: flow.reason for node, flow in found.items() if isinstance(flow, Inexact)
        }

    def _swept(self) -> dict[Value, Any]:
        """The gradients on fractions."""
        try:
            return gradients(self.y, self._read, Rational(1))
        except TypeError:  # from the partial of a custom operation
            unknown = Inexact("a custom operation works on floats only")
            return {node: unknown for node in self._order} | {self.y: Rational(1)}

    @property
    def is_exact(self) -> bool:
        """Whether all values, and the gradients of all leaves, are known as fractions."""
        return not self.stops and all(leaf in self.gradients for leaf in self._leaves)

    @property
    def parts(self) -> Sequence[Part]:
        """The values, where exactness stops, and the gradients."""
        words = self._words
        leaves, shown = self._leaves, self._leaves[:MOST_LINES]
        told: list[Part] = [
            Sentence(
                "Given ", *joined(map(self._given, shown)), ":" if shown == leaves else ", …:"
            ),
            few(
                [one for one in self._order if one.op is not None and one in self.values],
                MOST_LINES,
                self._operation,
            ),
        ]
        for node, reason in self.stops.items():
            told.append(Sentence(self._named(node), f" is not exact: {reason}. ",
                                 "As a float it is ", words.number(node.data), "."))  # fmt: skip
        known = [one for one in self._wanted if one in self.gradients]
        if known:
            told += [Sentence("Gradients:"), few(known, MOST_LINES, self._gradient)]
        unknown: dict[str, list[Formula]] = {}
        for one in self._wanted:
            if one not in self.gradients:
                unknown.setdefault(self._reasons[one], []).append(words.derivative(self.y, one))
        for reason, rest in unknown.items():
            told.append(Sentence("Not fractions: ", *joined(rest), f", since {reason}."))
        return [part for part in told if part != Equations()]

    @property
    def data(self) -> dict[str, Any]:
        """The fractions by the names of the values, as texts; and the reasons by the names of those
        at which exactness ends."""
        names = self._words.names
        return {
            "exact": self.is_exact,
            "values": {names[node]: str(x) for node, x in self.values.items()},
            "gradients": {names[node]: str(x) for node, x in self.gradients.items()},
            "stops": {names[node]: reason for node, reason in self.stops.items()},
        }

    def _given(self, leaf: Value) -> Formula:
        """A leaf and its number, as a piece of a sentence."""
        number = self._written(self._read(leaf), leaf)
        return Equation(self._words.name(leaf), number).as_formula()

    def _named(self, node: Value) -> Formula:
        """The name of a value, and where it has none of its own what it was computed by."""
        words, pieces = self._words, [self._words.name(node)]
        if words.is_unnamed(node) and node.op is not None:
            pieces.append(operation(node, words.name, words.digits))
        return Equation(*pieces).as_formula()

    def _operation(self, node: Value) -> Equation:
        """How a value was computed, on fractions."""
        assert node.op is not None
        words, args = self._words, []
        for arg in node.args:
            held = self._read(arg) if isinstance(arg, Value) else as_rational(arg)
            args.append(self._written(held, arg))
        operands = [
            words.name(arg) if isinstance(arg, Value) else args[i]
            for i, arg in enumerate(node.args)
        ]
        in_fractions = written(node.op, tuple(args), words.digits)
        result = fraction_in_full(self.values[node], words.digits)
        shown = [in_fractions] if in_fractions.text.replace(" ", "") != result.text else []
        return Equation(
            words.name(node),
            written(node.op, tuple(operands), words.digits),
            *shown,  # 1 / 3 = 1/3 would say one thing twice
            self._nearly(self.values[node]),
        )

    def _gradient(self, leaf: Value) -> Equation:
        return Equation(self._words.derivative(self.y, leaf), self._nearly(self.gradients[leaf]))

    def _written(self, held: Exact, arg: Any) -> Formula:
        """A fraction, or the float where that is all there is, or a few words."""
        if isinstance(held, Inexact):
            return self._words.number(arg.data if isinstance(arg, Value) else arg)
        return fraction_in_full(held.fraction, self._words.digits)

    def _nearly(self, fraction: Fraction) -> Formula:
        """A fraction, and the decimal that it is near."""
        full = fraction_in_full(fraction, self._words.digits)
        number = Rational(fraction).data
        decimal = self._words.number(number)
        if fraction.denominator == 1 or not math.isfinite(number):
            return full
        sign, latex = ("=", "=") if Fraction(decimal.text) == fraction else ("≈", r"\approx")
        return Formula(f"{full} {sign} {decimal}", f"{full.latex} {latex} {decimal.latex}")


def fraction_in_full(fraction: Fraction, digits: int) -> Formula:
    """A fraction; one of very many digits only by its length."""
    longest = max(abs(fraction.numerator), fraction.denominator)
    if longest < 10**LONGEST:
        return Formula.of_fraction(fraction, digits)
    count = len(str(longest))  # far below the 4300 digits that Python writes
    words = f"(a fraction of {count} digits)"
    return Formula(words, rf"\text{{{words}}}")


def fractions(pairs: Iterable[tuple[Value, Any]]) -> dict[Value, Fraction]:
    """The pairs whose second is known as a fraction; a plain 0 of the sweep is one."""
    return {
        node: held.fraction if isinstance(held, Rational) else Fraction(held)
        for node, held in pairs
        if not isinstance(held, Inexact)
    }
