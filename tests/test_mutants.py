"""A mutation gate: whatever is changed in a partial of the table, a check notices.

The source of autograd/ops.py is read, one constant, name, operator or function in one partial is
changed at a time, and the changed partial is compared with the numeric derivative of the row at
ordinary and extreme points, and with the conventions at corners. mutmut and its like change only
code inside functions, and would find nothing to do in a table.
"""

import ast
import copy
import math
from pathlib import Path

import pytest
from mpmath import mpf

from autograd import TABLE, AutogradError, Value, gradients, ops
from autograd.flows import settled
from autograd.op import BUILT_IN
from tests.test_table import (
    LARGEST,
    SLOPE_BOUNDS,
    blur,
    ordinary_points,
    points,
    tolerance,
    true_slope,
)

SOURCE = ast.parse(Path(ops.__file__).read_text(encoding="utf-8"))

# The slopes at corners, which no derivative decides: row, numbers, slopes.
CORNERS = [
    ("absolute", (0.0,), 0.0),
    ("sign", (0.0,), 0.0),
    ("relu", (0.0,), 0.0),
    ("leaky_relu", (0.0,), 0.01),
    ("elu", (0.0,), 1.0),
    ("relu6", (0.0,), 0.0),
    ("relu6", (6.0,), 0.0),
    ("hardtanh", (1.0,), 0.0),
    ("hardtanh", (-1.0,), 0.0),
    ("floor", (1.0,), 0.0),
    ("ceil", (1.0,), 0.0),
    ("maximum", (1.0, 1.0), 0.5, 0.5),
    ("minimum", (1.0, 1.0), 0.5, 0.5),
    ("hypot", (0.0, 0.0), 0.0, 0.0),
    ("clip", (0.0, 0.0, 1.0), 1.0, 0.0, 0.0),
    ("clip", (1.0, 0.0, 1.0), 1.0, 0.0, 0.0),
    ("clip", (0.0, 1.0, 1.0), 0.0, 1.0, 0.0),
    ("clip", (2.0, 1.0, 1.0), 0.0, 0.0, 1.0),
    ("clip", (0.5, 1.0, 0.0), 0.0, 0.0, 1.0),
    ("power", (0.0, 0.0), 0.0, 0.0),
    ("power", (0.0, 1.0), 1.0, 0.0),
    ("power", (0.0, 2.0), 0.0, 0.0),
    ("power", (0.0, 3.0), 0.0, 0.0),
    ("power", (0.0, 0.5), None, 0.0),  # a division by zero
    ("power", (2.0, 0.0), 0.0, math.log(2.0)),
    ("power", (-2.0, 0.0), 0.0, None),
    ("less", (1.0, 1.0), 0.0, 0.0),
    ("less_equal", (1.0, 1.0), 0.0, 0.0),
    ("where", (1.0, 2.0, 3.0), 0.0, 1.0, 0.0),
    ("where", (0.0, 2.0, 3.0), 0.0, 0.0, 1.0),
    ("where", (-1.0, 2.0, 3.0), 0.0, 1.0, 0.0),
]

# Where a slope is 0 by itself and its own slopes are not, or by convention and they are refused:
# row, argument of the slope, numbers, the slopes of the slope; None where they are refused.
SECOND_SLOPES = [
    ("power", 0, (2.0, 0.0), (0.0, 0.5)),
    ("power", 0, (0.5, 0.0), (0.0, 2.0)),
    ("power", 0, (-2.0, 0.0), None),  # beside that exponent there is no power of -2
    ("power", 0, (4.0, 1.0), (0.0, 1 + math.log(4.0))),
    ("power", 0, (0.0, 0.0), None),
    ("power", 1, (0.0, 2.0), None),
    ("hypot", 0, (0.0, 0.0), None),
    ("hypot", 1, (0.0, 0.0), None),
]


def partials_in_the_source():
    """(row, position, lambda) for every partial, as syntax."""
    found = []
    for statement in SOURCE.body:
        call = getattr(statement, "value", None)
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") in ("Op", "Choice"):
            if TABLE[call.args[0].value] is ops.corner:
                continue  # a mark, of which the slope is nowhere asked for
            for position, partial in enumerate(call.args[2].elts):
                found.append((TABLE[call.args[0].value], position, partial))
    return found


SWAPPED_OPERATORS = {
    ast.Add: (ast.Sub,),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Div, ast.Add),
    ast.Div: (ast.Mult,),
    ast.Pow: (ast.Mult, ast.Add),
}
SWAPPED_FUNCTIONS = {
    "sin": "cos",
    "cos": "sin",
    "sinh": "cosh",
    "cosh": "sinh",
    "exp": "exp2",
    "log": "log2",
    "power": "multiply",
    "sqrt": "cbrt",
    "sigmoid": "tanh",
    "erfc": "erf",
    "hypot": "maximum",
    "maximum": "minimum",
    "minimum": "maximum",
    "sign": "tanh",
    "relu": "absolute",
    "absolute": "relu",
}
SWAPPED_COMPARISONS = {
    ast.LtE: (ast.Lt, ast.GtE),
    ast.Lt: (ast.LtE, ast.Gt),
    ast.GtE: (ast.Gt, ast.LtE),
    ast.Gt: (ast.GtE, ast.Lt),
}
CONSTANTS = {"LN2", "LN10", "BELL", "ERF_SLOPE", "SQRT2"}


def changes(node, letters):
    """The expressions to put in the place of this one."""
    if isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield ast.Constant(not node.value)
    elif isinstance(node, ast.Constant):
        yield ast.Constant(node.value + 1)
        if node.value:
            yield ast.Constant(-node.value)
            yield ast.Constant(node.value * 1.001)
    elif isinstance(node, ast.Name) and node.id in CONSTANTS:
        yield ast.BinOp(node, ast.Mult(), ast.Constant(1.001))
        yield ast.Constant(1.0)
    elif isinstance(node, ast.Name) and node.id in letters:
        for other in letters:
            if other != node.id:
                yield ast.Name(other, ast.Load())
        yield ast.UnaryOp(ast.USub(), node)
    elif isinstance(node, ast.BinOp):
        for operator in SWAPPED_OPERATORS[type(node.op)]:
            yield ast.BinOp(node.left, operator(), node.right)
        yield node.left
        yield node.right
    elif isinstance(node, ast.UnaryOp):
        yield node.operand
    elif isinstance(node, ast.Call) and node.func.id in SWAPPED_FUNCTIONS:
        yield ast.Call(ast.Name(SWAPPED_FUNCTIONS[node.func.id], ast.Load()), node.args, [])
        yield ast.UnaryOp(ast.USub(), node)
    elif isinstance(node, ast.Call) and node.func.id == "abs":
        yield node.args[0]
    elif isinstance(node, ast.Call) and node.func.id == "where":
        condition, a, b = node.args
        yield ast.Call(node.func, [condition, b, a], [])
        yield from (branch.body for branch in (a, b) if isinstance(branch, ast.Lambda))
    elif isinstance(node, ast.Compare):
        for operator in SWAPPED_COMPARISONS[type(node.ops[0])]:
            yield ast.Compare(node.left, [operator()], node.comparators)


def mutants(partial):
    """The partial's lambda, changed in one place: every way there is."""
    letters = [argument.arg for argument in partial.args.args]
    inside = [node for node in ast.walk(partial.body) if isinstance(node, ast.expr)]
    functions = {id(node.func) for node in inside if isinstance(node, ast.Call)}
    for place, node in enumerate(inside):
        if id(node) in functions:
            continue
        for other in changes(node, letters):
            mutant = copy.deepcopy(partial)
            twin = [n for n in ast.walk(mutant.body) if isinstance(n, ast.expr)][place]
            mutant.body = _Replace(twin, other).visit(mutant.body)
            yield mutant


class _Replace(ast.NodeTransformer):
    def __init__(self, old, new):
        self.old, self.new = old, new

    def visit(self, node):
        return self.new if node is self.old else super().generic_visit(node)


def function_of(partial):
    expression = ast.fix_missing_locations(ast.Expression(copy.deepcopy(partial)))
    return eval(compile(expression, "a mutant", "eval"), vars(ops))


def slope_at(f, y, numbers):
    """The slope as a finite float, or None where it raises or there is none."""
    try:
        slope = settled(f(y, *numbers))
    except (ArithmeticError, ValueError, AutogradError):
        return None
    return slope if not isinstance(slope, complex) and math.isfinite(slope) else None


def checks(row, position):
    """(numbers, y, truth, tolerance) at some points; a truth of None means that it raises."""
    for name, numbers, *slopes in CORNERS:
        if name == row.name:
            yield numbers, row(*numbers), slopes[position], 0
    for numbers in [*ordinary_points(row, 8), *points(row)[:150]]:
        try:
            y = row(*numbers)
        except AutogradError:
            continue
        truth = true_slope(row, numbers, position)
        if truth is not None and abs(truth) > LARGEST:
            yield numbers, y, None, 0
        elif truth is not None:
            allowed = tolerance(SLOPE_BOUNDS, row, numbers, truth) + blur(y, truth)
            yield numbers, y, truth, allowed


def slopes_of_the_slope(row, f, numbers):
    xs = [Value(x) for x in numbers]
    try:
        slope = f(row(*xs), *xs)
        found = gradients(settled(slope))
    except (AutogradError, AttributeError):  # a plain number has no slopes
        return None
    return tuple(found.get(x, 0.0) for x in xs)


def notices_second(row, position, f):
    return any(
        slopes_of_the_slope(row, f, numbers) != slopes
        for name, towards, numbers, slopes in SECOND_SLOPES
        if (name, towards) == (row.name, position)
    )


def notices(check, f):
    numbers, y, truth, allowed = check
    slope = slope_at(f, y, numbers)
    if truth is None or slope is None:
        return (truth is None) != (slope is None)
    return not abs(mpf(slope) - truth) <= allowed


# Mutants that compute the same slope, or a 0 of the other sign: (row, towards, the mutant): why.
EVEN = "the sign of the argument does not matter"
AT_0 = "where b is not 0, both branches are the same, and where it is, the slope is 0"
AROUND_0 = (
    "where({} <= 0, lambda: where({} > 0, lambda: {}, lambda: corner({})), "
    "lambda: b * power(a, b - 1))"
)
MARKED = "whatever is marked there is 0"
LIMITED = "between the bounds y is a, and outside it is the bound that is compared with"
EQUIVALENT = {
    **{
        ("power", "a", AROUND_0.format(*pieces)): AT_0
        for pieces in [
            ("b", "abs(a)", "b * power(a, b - 1) + 0.0", "b"),
            ("abs(-b)", "abs(a)", "b * power(a, b - 1) + 0.0", "b"),
            ("abs(b)", "a", "b * power(a, b - 1) + 0.0", "b"),
            ("abs(b)", "abs(-a)", "b * power(a, b - 1) + 0.0", "b"),
            ("abs(b)", "abs(a)", "b * power(a, b - 1) - 0.0", "b"),
            ("abs(b)", "abs(a)", "b * power(a, b - 1)", "b"),
            ("abs(b)", "abs(a)", "b * power(a, -b - 1) + 0.0", "b"),
            ("abs(b)", "abs(a)", "b * power(a, b - 1) + 0.0", "a"),
            ("abs(b)", "abs(a)", "b * power(a, b - 1) + 0.0", "-b"),
        ]
    },
    ("power", "b", "where(abs(-a) <= 0, lambda: corner(abs(a)), lambda: y * log(a))"): EVEN,
    ("power", "b", "where(abs(a) <= 0, lambda: corner(abs(-a)), lambda: y * log(a))"): EVEN,
    ("power", "b", "where(abs(a) <= 0, lambda: corner(a), lambda: y * log(a))"): MARKED,
    ("where", "b", "through(where, -a, True)"): EVEN,
    ("where", "c", "through(where, -a, False)"): EVEN,
    ("cbrt", "a", "1 / (3 * power(-y, 2))"): EVEN,
    **{("hypot", "a", f"where(y <= 0, lambda: corner({x}), lambda: a / y)"): MARKED for x in "by"},
    **{("hypot", "b", f"where(y <= 0, lambda: corner({x}), lambda: b / y)"): MARKED for x in "ay"},
    ("hypot", "a", "where(y <= 0, lambda: corner(-a), lambda: a / y)"): MARKED,
    ("hypot", "b", "where(y <= 0, lambda: corner(-b), lambda: b / y)"): MARKED,
    ("sin", "a", "cos(-a)"): EVEN,
    ("tan", "a", "1 + power(-y, 2)"): EVEN,
    ("atan2", "a", "b / hypot(a, b) / hypot(-a, b)"): EVEN,
    ("atan2", "a", "b / hypot(a, b) / hypot(a, -b)"): EVEN,
    ("atan2", "a", "b / hypot(-a, b) / hypot(a, b)"): EVEN,
    ("atan2", "a", "b / hypot(a, -b) / hypot(a, b)"): EVEN,
    ("atan2", "b", "-a / hypot(a, b) / hypot(-a, b)"): EVEN,
    ("atan2", "b", "-a / hypot(a, b) / hypot(a, -b)"): EVEN,
    ("atan2", "b", "-a / hypot(-a, b) / hypot(a, b)"): EVEN,
    ("atan2", "b", "-a / hypot(a, -b) / hypot(a, b)"): EVEN,
    ("sinh", "a", "cosh(-a)"): EVEN,
    ("tanh", "a", "1 - power(-y, 2)"): EVEN,
    ("asinh", "a", "1 / hypot(-a, 1.0)"): EVEN,
    ("asinh", "a", "1 / hypot(a, -1.0)"): EVEN,
    ("hardtanh", "a", "sign(1 - absolute(-y))"): EVEN,
    ("leaky_relu", "a", "0.01 + 0.99 * sign(relu(y))"): "y is positive where a is",
    ("clip", "a", "sign(1 + sign(a - y)) * sign(1 + sign(c - a))"): LIMITED,
    ("clip", "a", "sign(1 + sign(a - b)) * sign(1 + sign(y - a))"): LIMITED,
    ("clip", "b", "(1 - sign(1 + sign(a - b))) * sign(1 + sign(y - b))"): LIMITED,
    ("clip", "b", "(1 - sign(1 + sign(a - y))) * sign(1 + sign(c - b))"): LIMITED,
    ("clip", "c", "1 - sign(1 + sign(y - maximum(a, b)))"): LIMITED,
}


def test_an_equivalent_mutant_is_listed_only_while_it_is_one():
    mutated = {
        (row.name, "abc"[position], ast.unparse(mutant.body))
        for row, position, partial in partials_in_the_source()
        for mutant in mutants(partial)
    }
    assert len(mutated) > 800
    assert set(EQUIVALENT) <= mutated


def test_every_partial_of_the_table_is_found_in_its_source():
    found = {(row.name, position) for row, position, _ in partials_in_the_source()}
    assert found == {(name, i) for name in BUILT_IN for i in range(len(TABLE[name].partials))}


@pytest.mark.parametrize(
    ("row", "position", "partial"),
    partials_in_the_source(),
    ids=[f"{row.name}-{'abc'[position]}" for row, position, _ in partials_in_the_source()],
)
def test_every_change_of_a_partial_is_noticed_unless_it_changes_nothing(row, position, partial):
    points_to_check = list(checks(row, position))

    def is_noticed(f):
        return any(notices(check, f) for check in points_to_check) or notices_second(
            row, position, f
        )

    assert not is_noticed(function_of(partial))
    survivors = {
        (row.name, "abc"[position], ast.unparse(mutant.body))
        for mutant in mutants(partial)
        if not is_noticed(function_of(mutant))
    }
    listed = {key for key in EQUIVALENT if key[:2] == (row.name, "abc"[position])}
    assert survivors == listed
