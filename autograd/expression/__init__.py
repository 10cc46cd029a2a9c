"""Typed text into a recorded graph, by a grammar of its own and never by `eval`.

>>> y, _ = evaluate("h = w * x; h + 1", {"w": 2, "x": 3})
>>> y.data
7.0
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import Any

from autograd import ops
from autograd.expression.numbers import CONSTANTS, NotANumber, number_in
from autograd.expression.reading import Reader, Statement, Step
from autograd.expression.tokens import ExpressionError, folded_name, is_name
from autograd.expression.vocabulary import row_called
from autograd.user_text import shown
from autograd.value import Value

__all__ = [
    "ExpressionError", "NotANumber", "evaluate", "folded_name", "is_name", "number_in", "read_as",
]  # fmt: skip

LONGEST = 4000  # characters
LONGEST_PRODUCT = 40  # characters of two names that may have been meant as a product


def evaluate(text: str, values: Mapping[str, float]) -> tuple[Value, dict[str, Value]]:
    """The Value that the text computes, and every name in it with its Value.

    The text is one or more statements, separated by `;` or line ends: `name = expression`, and at
    the end an expression or such a statement, whose value is the result. Expressions are made of
    numbers, names, `+ - * / **`, comparisons and calls: of operations of the table, under all their
    names, and of functions of a list of numbers, such as max(a, b, c), mean(a, b) and
    softmax(a, b, c)[0]. The branch that where(x > 0, log(x), 0) does not take need not be defined.
    `x^2`, `x²`, `2x`, `|x|`, `√x` and `σ(x)` are read too, where they can mean one thing only.
    `values` gives the numbers of the free names; pi (or π) and e are known, unless they are given
    or computed.

    Raises ExpressionError for everything else, for a value or a statement that is not used, and
    for text that is too long; what the operations raise (a division by zero, say) comes through as
    it is.
    """
    known = {folded_name(name): Value(number, folded_name(name)) for name, number in values.items()}
    given = set(known)
    unused = dict.fromkeys(
        known, "is given a value, but the expression does not use it: leave it out"
    )
    reader = _reader(text, known)
    statements = reader.statements()
    if not statements:
        raise ExpressionError("the expression is empty: try tanh(w*x + b)")
    for name in known:
        _check_name(name)
    result: Any = None
    for statement in statements:
        name = statement.name
        if not name and statement is not statements[-1]:
            raise ExpressionError(
                "only the last statement may be without a name: write h = … for the others"
            )
        _check_name(name)
        if name in given:
            raise ExpressionError(f"{shown(name)} is given a value and computed too: keep one")
        for used in _names(statement.steps):
            if used not in known:
                raise ExpressionError(_no_value(used, known, statement, reader))
            unused.pop(used, None)
        result = _computed(statement.steps, known)
        if not name:
            break
        if name in unused:
            raise ExpressionError(f"{shown(name)} is computed twice, and the first is not used")
        if not isinstance(result, Value):
            result = Value(result)
        if not result.label:
            result.label = name
        known[name] = result
        unused[name] = "is computed, but nothing uses it: leave it out, or use it further down"
    if not isinstance(result, Value):
        raise ExpressionError(
            "there is nothing to differentiate: name at least one value, as in x**2 with x=3"
        )
    unused.pop(statements[-1].name, None)
    for name, problem in unused.items():
        raise ExpressionError(f"{shown(name)} {problem}")
    return result, known


def read_as(text: str, names: Iterable[str] = ()) -> str:
    """The text in Python's notation, where it has something in it that Python reads otherwise or
    not at all, such as x^2 or 2x; "" where it has not. Raises what `evaluate` raises about text.

    >>> read_as("2x^2 + |x|")
    '2*x**2 + abs(x)'
    """
    reader = _reader(text, names)
    statements = reader.statements()
    return "; ".join(one.text for one in statements) if reader.freely else ""


def _reader(text: str, given: Iterable[str]) -> Reader:
    if len(text) > LONGEST:
        raise ExpressionError(f"the expression has {len(text)} characters; {LONGEST} is the limit")
    return Reader(text, {folded_name(name) for name in given})


def _check_name(name: str) -> None:
    if row_called(name) and name.isascii():  # σ may well be a standard deviation
        raise ExpressionError(f"{name} is an operation: choose another name for the value")


def _names(steps: Iterable[Step]) -> Iterator[str]:
    """The names that the steps use, in both branches of a choice."""
    waiting = [iter(steps)]
    while waiting:
        for kind, what, _ in waiting.pop():
            if kind == "name":
                yield what
            elif kind == "choice":
                waiting += map(iter, what)


def _computed(steps: Iterable[Step], known: Mapping[str, Value]) -> Any:
    """The Value that the steps compute, or a plain float where there are only numbers in them."""
    stack: list[Any] = []
    for kind, what, takes in steps:
        if kind == "number":
            stack.append(what)
        elif kind == "name":
            stack.append(known[what])
        elif kind == "choice":
            branches = [partial(_computed, branch, known) for branch in what]
            stack[-1] = ops.where(stack[-1], *branches)
        else:
            stack[-takes:] = [what(*stack[-takes:])]
    (result,) = stack
    return result


def _no_value(name: str, known: Mapping[str, Value], statement: Statement, reader: Reader) -> str:
    if name in reader.values:
        continued = name == statement.name and "\n" in reader.text
        lines = "; a line that starts with an operator continues the one before"
        return f"{shown(name)} is used before it is computed{lines if continued else ''}"
    pairs = [(name[:i], name[i:]) for i in range(1, min(len(name), LONGEST_PRODUCT))]
    product = next((f", or write {a}*{b}" for a, b in pairs if a in known and b in known), "")
    return f"{shown(name)} has no value: give it one, as in {shown(name)}=2{product}"
