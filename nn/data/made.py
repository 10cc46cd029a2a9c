"""Inputs that are made of two coordinates: expressions, which a model reads in their place."""

import itertools
from collections.abc import Iterable, Sequence
from math import isfinite
from typing import Any

from autograd.checks import finite
from autograd.errors import AutogradError, unchecked
from autograd.expression import ExpressionError, evaluate
from autograd.expression.tokens import tokens
from autograd.program import Program
from autograd.user_text import shown
from autograd.value import Value

__all__ = ["Expression", "Inputs", "separated"]

COORDINATES = ("x", "y"), ("x1", "x2")  # as they may be called
OPENING, CLOSING = ("(", "["), (")", "]")


class Expression:
    """An expression of two coordinates, which it calls x and y, or x1 and x2: its `names`. It is
    read once, and recorded as a program, whose inputs both are; `used` are those that it uses.

    Raises ExpressionError for a text that cannot be read, and ValueError for one that mixes the
    names.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.used = coordinates_in(text)
        first, second = COORDINATES
        self.names = second if {*second} & {*self.used} else first
        if mixed := {*self.used} - {*self.names}:
            raise ValueError(
                f"call the inputs x and y, or x1 and x2: {min(mixed)} is of the others"
            )
        with unchecked():  # the numbers at which it is recorded are of no account
            self.end, known = evaluate(text, dict.fromkeys(self.used, 0.0))
        self.leaves = [
            known[name] if name in self.used else Value(0.0, name) for name in self.names
        ]
        self._program = Program(self.end, self.leaves)

    def at(self, points: Any) -> Any:
        """Its values at rows of two coordinates, by the rules of IEEE 754."""
        return self._program(points)

    def values(self, points: Sequence[Sequence[float]]) -> list[float]:
        """Its values at rows of two coordinates. Raises what the first of them raises at which it
        has none."""
        values: list[float] = self.at(points).tolist()
        for i, value in enumerate(values):
            if not isfinite(value):
                numbers = dict(zip(self.names, points[i], strict=True))
                result, _ = evaluate(self.text, {name: numbers[name] for name in self.used})
                values[i] = finite(result.data, "the value of the expression")
        return values


def coordinates_in(text: str) -> list[str]:
    """The coordinates that an expression uses: x and y, or x1 and x2, but for those that it
    computes, as in y = sin(x)."""
    found = tokens(text)
    computed = {one.text for one, then in itertools.pairwise(found) if then.kind == "="}
    names = {one.text for one in found if one.kind == "name"} - computed
    return [name for pair in COORDINATES for name in pair if name in names]


def separated(text: str) -> list[str]:
    """The expressions of a text, which commas separate that stand in no brackets.

    >>> separated("x1, max(x1, x2)")
    ['x1', 'max(x1, x2)']
    """
    found, start, depth = [], 0, 0
    for token in tokens(text):
        depth += (token.kind in OPENING) - (token.kind in CLOSING)
        if token.kind == "end" or (token.kind == "," and depth == 0):
            found.append(text[start : token.at].strip())
            start = token.end
    return found


class Inputs:
    """The inputs that these expressions of two coordinates make.

    Raises ValueError for none, for one that is there twice and for what `Expression` refuses;
    TypeError for what is no text.

    >>> made = Inputs(["x1", "x1*x2"])
    >>> made.rows([(2.0, 3.0)])
    ((2.0, 6.0),)
    """

    def __init__(self, expressions: Iterable[str]) -> None:
        self.expressions: list[Expression] = []
        for text in expressions:
            if not isinstance(text, str):
                raise TypeError(f"an input is an expression such as x1*x2, not {text!r:.60}")
            if not text.strip():
                raise ExpressionError("an input is empty: write an expression such as x1*x2")
            if text.strip() in self.texts:
                raise ValueError(f"the input {shown(text.strip())} is there twice: leave one out")
            self.expressions.append(Expression(text.strip()))
        if not self.expressions:
            raise ValueError("there are no inputs: give one at least, such as x1")

    @property
    def texts(self) -> tuple[str, ...]:
        """The expressions as they were typed."""
        return tuple([one.text for one in self.expressions])

    def columns(self, points: Any) -> list[Any]:
        """A column of values for each input, by the rules of IEEE 754."""
        return [one.at(points) for one in self.expressions]

    def rows(self, points: Sequence[Sequence[float]]) -> tuple[tuple[float, ...], ...]:
        """A row of inputs for each row of coordinates. Raises ValueError where one has no value."""
        columns = []
        for one in self.expressions:
            try:
                columns.append(one.values(points))
            except (AutogradError, ValueError) as error:
                raise ValueError(
                    f"the input {shown(one.text)} has no value for one of the examples: {error}"
                ) from None
        return tuple(zip(*columns, strict=True))
