"""Second derivatives: the gradient as a graph of its own, the Hessian, and a Newton step."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from autograd.backprop import topological_order
from autograd.derivatives import grad, jacobian
from autograd.errors import AutogradError
from autograd.formula import Formula
from autograd.teaching.names import names_of, variables_of
from autograd.teaching.parts import Equation, Equations, Part, Sentence, Table, shortly
from autograd.teaching.replay import Replay, chosen_leaves
from autograd.teaching.report import Report
from autograd.teaching.side_by_side import as_expression, formula_or_size
from autograd.teaching.wording import by, joined
from autograd.value import Value


@dataclass(frozen=True, repr=False)
class SecondDerivatives(Report):
    """What `second` found. It prints as text, and notebooks typeset it.

    `gradients` are the first derivatives by the `leaves`, each a Value with a graph of its own,
    which `viz.draw` draws; `formulas` are the same written down, as far as they are short, and
    `expressions` their texts. `hessian` is the matrix of second derivatives. `newton` is where a
    Newton step leads, leaf − H⁻¹ · gradient, and `newton_value` the number of y there; None where
    the Hessian has no inverse or y is not defined there.
    """

    y: Value
    leaves: tuple[Value, ...]
    names: tuple[str, ...]
    gradients: tuple[Value, ...]
    formulas: tuple[Formula | None, ...]
    hessian: tuple[tuple[float, ...], ...]
    newton: tuple[float, ...] | None
    newton_value: float | None

    @property
    def parts(self) -> list[Part]:
        """The gradients as expressions, the Hessian, and the Newton step."""
        slopes = [by(name) for name in self.names]
        gradient = [
            Equation(d, formula_or_size(written, operations(slope)), Formula.of_number(slope.data))
            for d, slope, written in zip(slopes, self.gradients, self.formulas, strict=True)
        ]
        rows = [(d, *map(shortly, row)) for d, row in zip(slopes, self.hessian, strict=True)]
        return [
            Sentence("The gradient is recorded as a graph too, so it can be differentiated again:"),
            Equations(*gradient),
            Sentence("Second derivatives, the Hessian:"),
            Table(("", *slopes), tuple(rows)),
            self.about_newton,
        ]

    @property
    def expressions(self) -> tuple[str, ...]:
        """The first derivatives as texts; "" for one that is too long."""
        return tuple(one.text if one is not None else "" for one in self.formulas)

    @property
    def about_newton(self) -> Sentence:
        """The sentence about the Newton step."""
        if self.newton is None:
            return Sentence("There is no Newton step: the Hessian has no inverse.")
        numbers = (
            Equation(Formula(name), Formula.of_number(x)).as_formula()
            for name, x in zip(self.names, self.newton, strict=True)
        )
        step = Formula("leaves - H⁻¹ · gradient", r"\text{leaves} - H^{-1} \cdot \text{gradient}")
        number = self.newton_value
        value = ["is not defined"] if number is None else ["is ", shortly(number)]
        return Sentence(
            "A Newton step, ", step, ", leads to ", *joined(numbers, "and"), ", where the result ",
            *value, " instead of ", shortly(self.y.data), ".",
        )  # fmt: skip

    @property
    def data(self) -> dict[str, Any]:
        """The gradient, the Hessian and the Newton step."""
        return {
            "leaves": self.names,
            "gradient": [slope.data for slope in self.gradients],
            "expressions": self.expressions,
            "hessian": self.hessian,
            "newton": self.newton,
            "newton_value": self.newton_value,
        }


def second(
    y: Value,
    xs: Sequence[Value] | None = None,
    *,
    names: Mapping[str, Any] | Literal[False] | None = None,
) -> SecondDerivatives:
    """The second derivatives of y by its leaves, from the graph of its gradient.

    `xs` chooses the leaves; without it, all are taken. Raises TypeError for what is no Value,
    ValueError for what is no leaf of y and for more than 20 leaves without `xs`, and what the
    sweeps raise.

    >>> a, b = Value(2.0, "a"), Value(3.0, "b")
    >>> found = second(a * a * b)
    >>> found.hessian, found.expressions
    (((6.0, 4.0), (4.0, 0.0)), ('b * a + b * a', 'a * a'))
    """
    leaves = chosen_leaves(y, xs, "second")
    if names is None:
        names = variables_of(sys._getframe(1))
    called = names_of(topological_order(y), names or {})
    slopes = grad(y, leaves)
    for leaf, slope in zip(leaves, slopes, strict=True):
        if slope.op is not None and not slope.label:
            slope.label = f"(∂{called[y]}/∂{called[leaf]})"  # to be differentiated again
    hessian = jacobian(slopes, leaves)
    step = solved(hessian, [slope.data for slope in slopes])
    newton = None if step is None else [x.data - d for x, d in zip(leaves, step, strict=True)]
    return SecondDerivatives(
        y,
        tuple(leaves),
        tuple(called[leaf] for leaf in leaves),
        tuple(slopes),
        tuple(as_expression(y, leaf, called)[1] for leaf in leaves),
        tuple(map(tuple, hessian)),
        None if newton is None else tuple(newton),
        None if newton is None else value_at(y, leaves, newton),
    )


def operations(y: Value) -> int:
    """How many operations y was recorded by."""
    return sum(node.op is not None for node in topological_order(y))


def value_at(y: Value, leaves: Sequence[Value], numbers: Sequence[float]) -> float | None:
    """The number of y at other numbers of the leaves; None where it has none."""
    try:
        return float(Replay(y, leaves)(*numbers))
    except AutogradError:
        return None


def solved(matrix: Sequence[Sequence[float]], right: Sequence[float]) -> list[float] | None:
    """x with matrix · x = right, by Gauss's elimination; None where there is not exactly one.

    >>> solved([[0.0, 2.0], [4.0, 0.0]], [6.0, 8.0])
    [2.0, 3.0]
    """
    rows = [[*row, x] for row, x in zip(matrix, right, strict=True)]
    size = max(abs(x) for row in matrix for x in row)
    for i in range(len(rows)):
        pivot = max(range(i, len(rows)), key=lambda j: abs(rows[j][i]))
        if abs(rows[pivot][i]) <= 1e-12 * size:
            return None
        rows[i], rows[pivot] = rows[pivot], rows[i]
        rows[i] = [x / rows[i][i] for x in rows[i]]
        for j, row in enumerate(rows):
            if j != i:
                rows[j] = [x - row[i] * y for x, y in zip(row, rows[i], strict=True)]
    return [row[-1] for row in rows]
