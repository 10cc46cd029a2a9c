"""One gradient found in four ways: in reverse mode, in forward mode, symbolically, numerically."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf, isclose, isfinite, log10, nan
from typing import Any, Literal

from autograd.backprop import gradients, topological_order
from autograd.derivatives import grad, jvp
from autograd.errors import AutogradError
from autograd.formula import Formula, simplified
from autograd.gradcheck import compared
from autograd.teaching.counting import Costs, costs
from autograd.teaching.names import names_of, variables_of
from autograd.teaching.parts import Equation, Equations, Part, Sentence, Table, shortly
from autograd.teaching.replay import Replay, chosen_leaves
from autograd.teaching.report import Report
from autograd.teaching.steps import UNDEFINED
from autograd.teaching.wording import by, spaced
from autograd.value import Value

EXACT, NUMERIC = 1e-9, 1e-6  # relative, up to which derivatives agree
LONGEST = 60  # operations of an expression that is written out
STEPS = [10.0**-i for i in range(1, 16)]
DIGITS = 9  # of derivatives that are compared


@dataclass(frozen=True)
class FourWays:
    """The derivative by one leaf, found four times.

    `symbolic` is the expression evaluated, written down in `formula`, which is None where it has
    more than 60 operations; `numeric` is that of finite differences, which may be off by `error`. A
    derivative that could not be found is nan. `differ` names the ways that contradict reverse mode.
    At a corner, `sides` has the derivatives to the left and to the right, and reverse mode may take
    what lies between them; `doubt` says why finite differences tell nothing, or little.
    """

    leaf: Value
    name: str
    reverse: float
    forward: float
    symbolic: float
    numeric: float
    error: float
    formula: Formula | None
    operations: int
    sides: tuple[float, float] | None = None
    doubt: str = ""

    @property
    def expression(self) -> str:
        """The formula as text; "" where it is too long."""
        return self.formula.text if self.formula is not None else ""

    @property
    def differ(self) -> tuple[str, ...]:
        found = []
        for way in ("forward", "symbolic"):
            if not isclose(getattr(self, way), self.reverse, rel_tol=EXACT, abs_tol=1e-300):
                found.append(way)
        low, high = sorted(self.sides or (self.numeric, self.numeric))
        allowed = self.error + NUMERIC * max(map(abs, (self.reverse, low, high)))
        if self.error < inf and not low - allowed <= self.reverse <= high + allowed:
            found.append("numeric")
        return tuple(found)

    @property
    def verdict(self) -> str:
        """What the table says of the four."""
        if self.differ:
            return f"DIFFERS: {', '.join(self.differ)}"
        if self.sides:
            return "a corner"
        return "numeric: see below" if self.doubt else "agree"

    @property
    def remark(self) -> list[Part]:
        """The sentence about a corner, or about differences that tell little; none elsewhere."""
        at = (Formula(self.name), " = ", Formula.of_number(self.leaf.data))
        if self.sides:
            left, right, taken = (shortly(x, DIGITS) for x in (*self.sides, self.reverse))
            return [
                Sentence(
                    "At ", *at, f" there is a corner: the slope is {left} to the left and {right} "
                    "to the right, so there is no derivative. Differences to both sides give the "
                    f"mean of the two; the engine takes {taken}.",
                )
            ]  # fmt: skip
        if self.doubt:
            return [Sentence("At ", *at, f" finite differences tell little: {self.doubt}.")]
        return []


@dataclass(frozen=True)
class StepSize:
    """The quotient of differences with a step of `h`: to one side, (f(x + h) − f(x)) / h, and to
    both, (f(x + h) − f(x − h)) / 2h; and how far each is from the gradient."""

    h: float
    one_sided: float
    central: float
    one_sided_error: float
    central_error: float


@dataclass(frozen=True, repr=False)
class Modes(Report):
    """What `modes` found: `rows` has the four derivatives by each leaf, `steps` the quotients of
    differences for one `leaf`, and `cost` what both modes take. It prints as text, and notebooks
    show tables."""

    rows: tuple[FourWays, ...]
    leaf: str
    steps: tuple[StepSize, ...]
    cost: Costs

    @property
    def ok(self) -> bool:
        """Whether no way contradicts reverse mode, for any leaf."""
        return not any(row.differ for row in self.rows)

    @property
    def parts(self) -> list[Part]:
        """The four columns, the expressions, the error against the step, and the cost."""
        ways = ("reverse", "forward", "symbolic", "numeric")
        rows = tuple(
            (
                Formula(row.name),
                *(shortly(getattr(row, way), DIGITS) for way in ways),
                row.verdict,
            )
            for row in self.rows
        )
        said = "One gradient, found in four ways:" if self.ok else "The four ways DIFFER:"
        expressions = [
            Equation(by(row.name), formula_or_size(row.formula, row.operations))
            for row in self.rows
        ]
        return [
            Sentence(said),
            Table(("leaf", *ways, ""), rows),
            *[part for row in self.rows for part in row.remark],
            Sentence("The symbolic ones, written down:"),
            Equations(*expressions),
            *self.about_steps(),
            *self.cost.parts,
        ]

    def about_steps(self) -> list[Part]:
        """The error of quotients of differences against the step."""
        rows = tuple(
            (power_of_ten(step.h), *error(step.one_sided_error), *error(step.central_error))
            for step in self.steps
        )
        best = min(self.steps, key=lambda step: step.central_error)
        if not isfinite(best.central_error):
            return []
        row = next(row for row in self.rows if row.name == self.leaf)
        return [
            Sentence(
                "The error of ",
                quotient(self.leaf, "f({x})", "h"),
                " and of ",
                quotient(self.leaf, "f({x} - h)", "2h"),
                ", as h gets smaller:",
            ),
            Table(("h", "one side", "", "both sides", ""), rows),
            self.about_best_step(row, best),
        ]

    def about_best_step(self, row: FourWays, best: StepSize) -> Sentence:
        """Which step is best, and why no smaller and no larger one; at a corner, that none is."""
        if row.sides or row.doubt:
            why = (
                "the difference to one side and that to both give different slopes"
                if row.sides
                else "the slopes that differences give do not settle"
            )
            return Sentence(f"No step helps here: however small h is, {why}.")
        why = (
            "With a larger step the curve bends away; with a smaller one the difference drowns in "
            "rounding."
        )
        if best is self.steps[0]:
            why = (
                "The curve is nearly a line or a parabola, for which large steps do no harm there, "
                "and rounding does."
            )
        return Sentence(
            "With both sides the error is least at h = ", power_of_ten(best.h), f". {why}"
        )

    @property
    def data(self) -> dict[str, Any]:
        """The derivatives by leaf, the quotients of differences, and the cost."""
        rows = {
            row.name: {
                "reverse": row.reverse,
                "forward": row.forward,
                "symbolic": row.symbolic,
                "numeric": row.numeric,
                "numeric_error": row.error,
                "expression": row.expression,
                "differ": row.differ,
                "sides": row.sides,
                "doubt": row.doubt,
            }
            for row in self.rows
        }
        steps = [vars(step) for step in self.steps]
        return {
            "ok": self.ok, "derivatives": rows, "steps_of": self.leaf, "steps": steps,
            "cost": self.cost.data,
        }  # fmt: skip


def formula_or_size(formula: Formula | None, operations: int) -> Formula:
    """The formula; in the place of one that is too long, how many operations it has."""
    if formula is not None:
        return formula
    words = f"(an expression of {spaced(operations)} operations)"
    return Formula(words, rf"\text{{{words}}}")


def error(size: float) -> tuple[Formula | str, str]:
    """An error, and a bar as long as its logarithm."""
    if not isfinite(size):
        return "undefined", ""
    if not size:
        return "0", ""
    text = f"{size:.0e}"
    digit, exponent = text.split("e")
    bar = "#" * max(0, min(17, 16 + round(log10(size))))
    return Formula(text, rf"{digit} \cdot 10^{{{int(exponent)}}}"), bar


def quotient(leaf: str, before: str, distance: str) -> Formula:
    """The difference between f(x + h) and what is `before` it, divided by their distance."""
    x = Formula(leaf)
    text, latex = (f"f({one} + h) - {before.format(x=one)}" for one in (x.text, x.latex))
    return Formula(f"({text}) / {distance}", rf"\frac{{{latex}}}{{{distance}}}")


def power_of_ten(h: float) -> Formula:
    exponent = round(log10(h))
    return Formula(f"1e{exponent}", f"10^{{{exponent}}}")


def modes(
    y: Value,
    xs: Sequence[Value] | None = None,
    *,
    names: Mapping[str, Any] | Literal[False] | None = None,
) -> Modes:
    """The derivatives of y by its leaves, found in four ways: by reverse mode, by forward mode, as
    an expression that is then evaluated, and numerically, by finite differences.

    `xs` chooses the leaves; without it, all are taken. The first three agree if they differ by no
    more than a billionth, and the numeric one if it does by no more than a millionth and its own
    uncertainty. At a corner, where there is no derivative, whatever lies between the slopes of the
    two sides is right. For the leaf with the largest gradient, the error of plain quotients of
    differences follows for steps from 10⁻¹ to 10⁻¹⁵, and then what both modes cost, counted while
    they run.

    Raises TypeError for what is no Value, ValueError for what is no leaf of y and for more than 20
    leaves without `xs`, and what the sweep raises.

    >>> a, b = Value(2.0, "a"), Value(3.0, "b")
    >>> found = modes(a * a * b)
    >>> found.ok, [(row.name, row.reverse, row.forward) for row in found.rows]
    (True, [('a', 12.0, 12.0), ('b', 4.0, 4.0)])
    """
    leaves = chosen_leaves(y, xs, "modes")
    if names is None:
        names = variables_of(sys._getframe(1))
    called = names_of(topological_order(y), names or {})
    found = gradients(y)
    f = Replay(y, leaves)
    point = [leaf.data for leaf in leaves]
    numeric = compared(f, point).rows
    rows = []
    for i, leaf in enumerate(leaves):
        symbolic, expression, operations = as_expression(y, leaf, called)
        rows.append(
            FourWays(
                leaf,
                called[leaf],
                found[leaf],
                by_forward_mode(f, point, i),
                symbolic,
                numeric[i].numeric,
                numeric[i].error,
                expression,
                operations,
                (numeric[i].left, numeric[i].right) if numeric[i].corner else None,
                numeric[i].doubt,
            )
        )
    steepest = max(range(len(leaves)), key=lambda i: abs(found[leaves[i]]))
    steps = tuple(step_size(f, point, steepest, h, found[leaves[steepest]]) for h in STEPS)
    return Modes(tuple(rows), called[leaves[steepest]], steps, costs(y, leaves))


def by_forward_mode(f: Replay, point: Sequence[float], i: int) -> float:
    """The derivative by leaf number i, in one forward sweep."""
    try:
        _, tangent = jvp(f, point, [float(i == j) for j in range(len(point))])
    except AutogradError:
        return nan
    return float(tangent)


def as_expression(
    y: Value, leaf: Value, names: Mapping[Value, str]
) -> tuple[float, Formula | None, int]:
    """The derivative by a leaf as an expression: its number, its formula where that is short, and
    how many operations it has when it is written out."""
    try:
        slope = grad(y, leaf)
    except AutogradError:
        return nan, UNDEFINED, 0
    order = topological_order(slope)
    sizes: dict[Value, int] = {}
    for node in order:
        sizes[node] = sum(sizes[p] for p in node.parents) + (node.op is not None)
    if sizes[slope] > LONGEST:
        return slope.data, None, sizes[slope]
    return slope.data, simplified(renamed(slope, order, names)), sizes[slope]


def renamed(slope: Value, order: Sequence[Value], names: Mapping[Value, str]) -> Value:
    """The same graph with leaves that are called as in the report."""
    leaves = [node for node in order if node.op is None and node in names]
    twins = [Value(node.data, names[node]) for node in leaves]
    made = Replay(slope, leaves)(*twins)
    return made if isinstance(made, Value) else slope


def step_size(f: Replay, point: Sequence[float], i: int, h: float, right: float) -> StepSize:
    """The quotients of differences by leaf number i, with one step."""

    def at(x: float) -> float:
        try:
            return float(f(*[x if i == j else other for j, other in enumerate(point)]))
        except AutogradError:
            return nan

    x = point[i]
    one_sided = (at(x + h) - at(x)) / h
    central = (at(x + h) - at(x - h)) / (2 * h)
    errors = [abs(q - right) if isfinite(q) else inf for q in (one_sided, central)]
    return StepSize(h, one_sided, central, *errors)
