"""Text into a recorded graph: what a person types, read by a whitelist and never by `eval`.

>>> y, _ = evaluate("h = w * x; h + 1", {"w": 2, "x": 3})
>>> y.data
7.0
"""

import ast
import math
import re
import warnings
from collections.abc import Mapping
from keyword import kwlist
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
CONSTANTS = {"pi": math.pi, "π": math.pi, "e": math.e}  # unless the person has one of that name
# The signs of mathematics, some of which the walk-throughs print: `w·x` would be a name in Python.
READ_AS = str.maketrans("·⋅×÷−", "***/-")

ALL_THERE_IS = "write numbers, names, + - * / ** and functions such as tanh(x)"
TOO_DEEP = (
    f"the expression is nested more than {DEEPEST} deep: name parts of it, as in h = w*x; h + 1"
)
HINTS = {  # by what Python takes it for
    ast.BitXor: "write powers with **",
    ast.BitOr: "write abs(x) for |x|",
    ast.Compare: "comparisons have no derivative: use maximum, minimum or sign",
    ast.IfExp: "choices have no derivative: use maximum, minimum or sign",
    ast.Mod: "known operators are + - * / **",
    ast.FloorDiv: "known operators are + - * / **",
    ast.Call: "write * before the parenthesis, as in 2*(x + 1)",
    ast.Attribute: "a product is written with *, and a name without dots",
    ast.Subscript: "a name has no brackets: write x0",
    ast.List: "write all brackets as ( and )",
    ast.Tuple: "a decimal number is written with a point, as in 0.5",
    ast.Starred: "something is missing before *",
    ast.Assign: "one name stands before =, as in h = w*x",
    ast.AnnAssign: "one name stands before =, as in h = w*x",
    ast.AugAssign: "write c = c + 1, not c += 1",
    str: "leave out the quotes",
}
HINTS |= dict.fromkeys([ast.Set, ast.Dict], HINTS[ast.List])
SIGNS = {  # where Python takes it for nothing
    "^⁰¹²³⁴⁵⁶⁷⁸⁹⁻": "write powers with **, as in x**2",
    "₀₁₂₃₄₅₆₇₈₉": "write x1, with a plain digit",
    "√": "write sqrt(x) for √x",
    "|": HINTS[ast.BitOr],
    "<>≤≥≠": HINTS[ast.Compare],
    "%": HINTS[ast.Mod],
    "[]{}": HINTS[ast.List],
    "'\"`‘’“”": HINTS[str],
    "–—": "write minus as -",
}
SLIPS = [  # between signs that are known, looked for in this order
    (r"\b(?:if|else)\b", HINTS[ast.IfExp]),
    (rf"\b({'|'.join(kwlist)})\b", "{0} is a word of Python: choose another name"),
    (r"(?<![\w.])(?>(\.?\d[\d._]*(?:[eE][-+]?\d+)?))([^\W\d]\w*)", "write {0}*{1}"),
    (r"\d +\d", "write numbers without spaces, and products with *"),
    (r"([\w.]+) +([\w.]+)", "write {0}*{1}"),
    (r"\) *([\w.]+)", "write * between ) and {0}"),
    (
        r"((?>\*\*|//|==|[-+*/=(,])) *(\*\*|//|==|[*/=),])",
        "something is missing between {0} and {1}",
    ),
    (r"(?m)((?>\*\*|//|==|[-+*/=,]))$", "something is missing after the last {0}"),
    (r"(?m)^((?>\*\*|//|==|[*/=,]))", "something is missing before the first {0}"),
    (r"(?m)^(?![^\W\d]\w* *=)[^=\n]+=", HINTS[ast.Assign]),
]


class ExpressionError(AutogradError, ValueError):
    """Text that is no expression of ours, in one line for the person who typed it."""


def evaluate(text: str, values: Mapping[str, float]) -> tuple[Value, dict[str, Value]]:
    """The Value that the text computes, and every name in it with its Value.

    The text is one or more statements, separated by `;` or line ends: `name = expression`, and
    at the end an expression or such a statement, whose value is the result. Expressions are made
    of finite numbers, names, + - * / ** and calls of operations of the table, also under the names
    abs, max, min, pow and ln. `values` gives the numbers of the free names; pi (or π) and e are
    known, unless they are given or computed.

    Raises ExpressionError for everything else, and for text that is too long or too deep; what
    the operations raise (a division by zero, say) comes through as it is.
    """
    text = _statements(text)
    tree = _parsed(text)
    known: dict[str, Value] = {}
    for name, number in values.items():
        if _is_operation(name):
            raise ExpressionError(f"{name} is an operation: give the value another name")
        known[name] = Value(number, name)
    given = set(known)
    used: set[str] = set()
    result: Any = None
    for i, statement in enumerate(tree.body):
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=expression):
                if _is_operation(name):
                    raise ExpressionError(f"{name} is an operation: choose another name")
                if name in given:
                    raise ExpressionError(f"{name} is given a value and computed too: keep one")
                if name in used and name not in known:
                    raise ExpressionError(
                        f"{name} is {CONSTANTS[name]:g} until it is computed: choose another name"
                    )
                result = _value(expression, known, used, text)
                if not isinstance(result, Value):
                    result = Value(result)
                if not result.label:
                    result.label = name
                known[name] = result
            case ast.Expr(value=expression) if i == len(tree.body) - 1:
                result = _value(expression, known, used, text)
            case ast.Expr():
                raise ExpressionError(
                    "only the last statement may be without a name: write h = … for the others"
                )
            case _:
                raise _refusal(statement, text)
    if not isinstance(result, Value):
        raise ExpressionError(
            "there is nothing to differentiate: name at least one value, as in x**2 with x=3"
        )
    for name in given - used:
        raise ExpressionError(f"{name} is given a value, but the expression does not use it")
    return result, known


def _statements(text: str) -> str:
    """What was typed, with a line for each statement."""
    if len(text) > LONGEST:
        raise ExpressionError(f"the expression has {len(text)} characters; {LONGEST} is the limit")
    lines = [" ".join(line.split()) for line in text.replace(";", "\n").splitlines()]
    text = "\n".join(line for line in lines if line)
    if not text:
        raise ExpressionError("the expression is empty: try tanh(w*x + b)")
    return text


def _parsed(text: str) -> ast.Module:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Python's, about what is refused here anyway
            tree = ast.parse(text.translate(READ_AS))
    except (SyntaxError, ValueError) as error:
        if "too many nested" in str(error):
            raise ExpressionError(TOO_DEEP) from None
        raise _slip(text, error) from None
    except (MemoryError, RecursionError):
        raise ExpressionError(TOO_DEEP) from None
    count = 0
    level: list[ast.AST] = [tree]
    for _ in range(DEEPEST + 2):
        count += len(level)
        level = [child for node in level for child in ast.iter_child_nodes(node)]
    if level:
        raise ExpressionError(TOO_DEEP)
    if count > MOST_NODES:
        raise ExpressionError(f"the expression has {count} pieces; {MOST_NODES} is the limit")
    return tree


def _slip(text: str, error: Exception) -> ExpressionError:
    """What is wrong with text that Python cannot parse, in words for who knows no Python."""
    read = text.translate(READ_AS)
    at, hint = (
        _unknown_sign(read) or _lonely_parenthesis(read) or _misplaced(text) or _near(text, error)
    )
    statement = text[text.rfind("\n", 0, at) + 1 :].partition("\n")[0]
    return ExpressionError(f"{_shown(statement)} is not an expression: {hint}")


# Each finds where the slip is, and says what to do about it.


def _unknown_sign(text: str) -> tuple[int, str] | None:
    for at, sign in enumerate(text):
        if sign not in "+-*/(),.= \n" and not f"x{sign}".isidentifier():
            hints = (hint for signs, hint in SIGNS.items() if sign in signs)
            return at, next(hints, f"{ALL_THERE_IS}, and no {_shown(sign)}")
    return None


def _lonely_parenthesis(text: str) -> tuple[int, str] | None:
    opened = []
    for at, sign in enumerate(text):
        if sign == "(":
            opened.append(at)
        elif sign == ")" and not opened:
            return at, "one ) has no ( before it"
        elif sign == ")":
            opened.pop()
    return (opened[-1], "one ( has no ) after it") if opened else None


def _misplaced(text: str) -> tuple[int, str] | None:
    for pattern, hint in SLIPS:
        if found := re.search(pattern, text.translate(READ_AS)):
            words = [_shown(text[slice(*found.span(i))]) for i in range(1, found.re.groups + 1)]
            if words and _is_operation(words[0]):
                hint = "write {0}(x), with parentheses"
            return found.start(), hint.format(*words)
    return None


def _near(text: str, error: Exception) -> tuple[int, str]:
    row, column = getattr(error, "lineno", None) or 1, getattr(error, "offset", None) or 1
    line = text.split("\n")[:row][-1]
    return text.find(line), f"near {_shown(line[column - 1 :] or line[-1:])}, {ALL_THERE_IS}"


def _value(node: ast.expr, known: Mapping[str, Value], used: set[str], text: str) -> Any:
    """A Value, or a plain float where only numbers were written. Its depth is bounded already."""
    match node:
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
            return _finite(number)
        case ast.Name(id=name) if name in known:
            used.add(name)
            return known[name]
        case ast.Name(id=name) if name in CONSTANTS:
            used.add(name)
            return CONSTANTS[name]
        case ast.Name(id=name):
            if _is_operation(name):
                raise ExpressionError(f"{name} is an operation: write {name}(x)")
            raise ExpressionError(
                f"{name} has no value: give it one, as in {name}=2{_or_product(name, known)}"
            )
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant() as operand):
            return -_value(operand, known, used, text)
        case ast.UnaryOp(op=ast.UAdd(), operand=operand):
            return _value(operand, known, used, text)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return ops.negative(_value(operand, known, used, text))
        case ast.BinOp(left=left, op=op, right=right) if type(op) in OPERATORS:
            return OPERATORS[type(op)](
                _value(left, known, used, text), _value(right, known, used, text)
            )
        case ast.Call(func=ast.Name(id=name), args=args, keywords=[]):
            if name in known or name in CONSTANTS:
                raise ExpressionError(f"{name} is a number: write {name}*(…) for a product")
            row = ops.TABLE.get(SPOKEN.get(name, name))
            if row is None:
                raise ExpressionError(_no_operation(name))
            if len(args) != len(row.partials):
                raise ExpressionError(row.wrong_count(len(args), name))
            return row(*[_value(arg, known, used, text) for arg in args])
    raise _refusal(node, text)


def _finite(number: int | float) -> float:
    try:
        number = float(number)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise ExpressionError("a number in the expression is too large for a float")
    return number


def _refusal(node: ast.AST, text: str) -> ExpressionError:
    what = _shown(_typed(node, text))
    return ExpressionError(f"{what} is not allowed in an expression: {_hint(node, text)}")


def _hint(node: ast.AST, text: str) -> str:
    match node:
        case ast.BinOp(op=ast.BitXor(), left=ast.Name(id=name)) if _is_operation(name):
            inverse = f", and a{name}(x) for the inverse" if f"a{name}" in ops.TABLE else ""
            return f"write {name}(x)**2 for a power{inverse}"
        case ast.Call(func=ast.Attribute(value=value, attr=name), args=args):
            if not _is_operation(name):
                return _no_operation(name)
            wanted = len(ops.TABLE[SPOKEN.get(name, name)].partials)
            operands = args if len(args) >= wanted else [value, *args]  # math.exp(x), or x.exp()
            return f"write {name}({_shown(', '.join(_typed(one, text) for one in operands))})"
        case ast.Attribute(attr=name) if _is_operation(name):
            return f"write {name}(x)"
        case ast.Attribute(attr=name) if name in CONSTANTS:
            return f"write {name}"
        case ast.Call(func=ast.Name()) | ast.Tuple(elts=[]):
            return ALL_THERE_IS
        case ast.BinOp(op=kind) | ast.Constant(value=kind) | kind:
            return HINTS.get(type(kind), ALL_THERE_IS)


def _typed(node: ast.AST, text: str) -> str:
    """The piece of the text that became the node, with the signs that were typed."""
    read = text.translate(READ_AS)
    piece = ast.get_source_segment(read, node) or ""
    return text[read.find(piece) :][: len(piece)]


def _shown(text: str) -> str:
    """The text on one line of at most 40 characters, all of which can be seen."""
    text = "".join(sign if sign.isprintable() else "�" for sign in text.replace("\n", " "))
    return text if len(text) <= 40 else text[:39] + "…"


def _or_product(name: str, known: Mapping[str, Value]) -> str:
    """Of two names that are known, if it is made of them."""
    pairs = [(name[:i], name[i:]) for i in range(1, len(name))]
    return next((f", or write {a}*{b}" for a, b in pairs if a in known and b in known), "")


def _is_operation(name: str) -> bool:
    return name in ops.TABLE or name in SPOKEN


def _no_operation(name: str) -> str:
    from difflib import get_close_matches

    close = get_close_matches(name.lower(), [*ops.TABLE, *SPOKEN], n=1)
    return f"there is no operation named {name}" + (f": did you mean {close[0]}?" if close else "")
