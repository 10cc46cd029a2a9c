"""Text into a recorded graph: what a person types, read by a whitelist and never by `eval`.

>>> y, _ = evaluate("h = w * x; h + 1", {"w": 2, "x": 3})
>>> y.data
7.0
"""

import ast
import math
from collections.abc import Mapping
from typing import Any

from autograd import ops
from autograd.errors import AutogradError
from autograd.value import Value

LONGEST = 4000  # characters
MOST_NODES = 2000  # of the syntax tree
DEEPEST = 100  # levels of the syntax tree

OPERATORS = {
    ast.Add: ops.add, ast.Sub: ops.subtract, ast.Mult: ops.multiply, ast.Div: ops.divide,
    ast.Pow: ops.power, ast.USub: ops.negative,
}  # fmt: skip
SPOKEN = {"abs": "absolute", "max": "maximum", "min": "minimum", "pow": "power", "ln": "log"}
CONSTANTS = {"pi": math.pi}
HINTS = {
    ast.BitXor: "write powers with **",
    ast.Compare: "comparisons have no derivative: use maximum, minimum or sign",
    ast.IfExp: "choices have no derivative: use maximum, minimum or sign",
    ast.Mod: "known operators are + - * / **",
    ast.FloorDiv: "known operators are + - * / **",
    ast.Attribute: "write exp(x), not x.exp()",
    ast.AugAssign: "write c = c + 1, not c += 1",
}


class ExpressionError(AutogradError, ValueError):
    """Text that is no expression of ours, in one line for the person who typed it."""


def evaluate(text: str, values: Mapping[str, float]) -> tuple[Value, dict[str, Value]]:
    """The Value that the text computes, and every name in it with its Value.

    The text is one or more statements, separated by `;` or line ends: `name = expression`, and
    at the end an expression or such a statement, whose value is the result. Expressions are made
    of finite numbers, names, + - * / ** and calls of operations of the table, also under the names
    abs, max, min, pow and ln; pi is known. `values` gives the numbers of the free names.

    Raises ExpressionError for everything else, and for text that is too long or too deep; what
    the operations raise (a division by zero, say) comes through as it is.
    """
    tree = _parsed(text)
    known: dict[str, Value] = {}
    for name, number in values.items():
        if name in ops.TABLE or name in SPOKEN:
            raise ExpressionError(f"{name} is an operation: give the value another name")
        known[name] = Value(number, name)
    given = set(known)
    used: set[str] = set()
    result: Any = None
    for i, statement in enumerate(tree.body):
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=expression):
                if name in ops.TABLE or name in SPOKEN:
                    raise ExpressionError(f"{name} is an operation: choose another name")
                if name in given:
                    raise ExpressionError(f"{name} is given a value and computed too: keep one")
                result = _value(expression, known, used)
                if not isinstance(result, Value):
                    result = Value(result)
                if not result.label:
                    result.label = name
                known[name] = result
            case ast.Expr(value=expression) if i == len(tree.body) - 1:
                result = _value(expression, known, used)
            case ast.Expr():
                raise ExpressionError(
                    "only the last statement may be without a name: write h = … for the others"
                )
            case _:
                raise _refusal(statement)
    if not isinstance(result, Value):
        raise ExpressionError(
            "there is nothing to differentiate: name at least one value, as in x**2 with x=3"
        )
    for name in given - used:
        raise ExpressionError(f"{name} is given a value, but the expression does not use it")
    return result, known


def _parsed(text: str) -> ast.Module:
    if len(text) > LONGEST:
        raise ExpressionError(f"the expression has {len(text)} characters; {LONGEST} is the limit")
    # The signs of mathematics, which the walk-throughs print: `w·x` would be a name in Python.
    text = text.translate(str.maketrans("·×−;", "**-\n"))
    lines = [line.strip() for line in text.splitlines()]
    text = "\n".join(line for line in lines if line)
    if not text:
        raise ExpressionError("the expression is empty: try tanh(w*x + b)")
    try:
        tree = ast.parse(text)
    except SyntaxError as error:
        column = error.offset or 1
        line = text.splitlines()[min((error.lineno or 1), text.count("\n") + 1) - 1]
        near = line[max(column - 1, 0) : column + 19] or "its end"
        raise ExpressionError(f"this is not an expression, near {near!r}: {error.msg}") from None
    except (ValueError, MemoryError, RecursionError):
        raise ExpressionError("this is not an expression: it cannot be parsed") from None
    count = 0
    level: list[ast.AST] = [tree]
    for _ in range(DEEPEST + 2):
        count += len(level)
        level = [child for node in level for child in ast.iter_child_nodes(node)]
    if level:
        raise ExpressionError(
            f"the expression is nested more than {DEEPEST} deep: "
            "name parts of it, as in h = w*x; h + 1"
        )
    if count > MOST_NODES:
        raise ExpressionError(f"the expression has {count} pieces; {MOST_NODES} is the limit")
    return tree


def _value(node: ast.expr, known: Mapping[str, Value], used: set[str]) -> Any:
    """A Value, or a plain float where only numbers were written. Its depth is bounded already."""
    match node:
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
            return _finite(number)
        case ast.Name(id=name) if name in known:
            used.add(name)
            return known[name]
        case ast.Name(id=name) if name in CONSTANTS:
            return CONSTANTS[name]
        case ast.Name(id=name):
            if name in ops.TABLE or name in SPOKEN:
                raise ExpressionError(f"{name} is an operation: write {name}(x)")
            raise ExpressionError(f"{name} has no value: give it one, as in {name}=2")
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant() as operand):
            return -_value(operand, known, used)
        case ast.UnaryOp(op=ast.UAdd(), operand=operand):
            return _value(operand, known, used)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return ops.negative(_value(operand, known, used))
        case ast.BinOp(left=left, op=op, right=right) if type(op) in OPERATORS:
            return OPERATORS[type(op)](_value(left, known, used), _value(right, known, used))
        case ast.Call(func=ast.Name(id=name), args=args, keywords=[]):
            row = ops.TABLE.get(SPOKEN.get(name, name))
            if row is None:
                raise ExpressionError(f"there is no operation named {name}{_similar(name)}")
            if len(args) != len(row.partials):
                raise ExpressionError(row.wrong_count(len(args), name))
            return row(*[_value(arg, known, used) for arg in args])
    raise _refusal(node)


def _finite(number: int | float) -> float:
    try:
        number = float(number)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise ExpressionError("a number in the expression is too large for a float")
    return number


def _refusal(node: ast.AST) -> ExpressionError:
    kind = type(node.op) if isinstance(node, ast.BinOp) else type(node)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        kind = ast.Attribute
    hint = HINTS.get(kind, "write numbers, names, + - * / ** and functions such as tanh(x)")
    what = " ".join(ast.unparse(node).split())
    what = what if len(what) <= 40 else what[:39] + "…"
    return ExpressionError(f"{what} is not allowed in an expression: {hint}")


def _similar(name: str) -> str:
    from difflib import get_close_matches

    close = get_close_matches(name, [*ops.TABLE, *SPOKEN], n=1)
    return f": did you mean {close[0]}?" if close else ""
