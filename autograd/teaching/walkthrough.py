"""The walk-through of a graph: `explain`, and what it returns."""

import sys
from collections.abc import Collection
from typing import TYPE_CHECKING, Literal, overload

from autograd.backprop import topological_order
from autograd.teaching import typeset
from autograd.teaching.arguments import Names, digits_in, value_in, values_in, variables_in
from autograd.teaching.names import names_of
from autograd.teaching.sentences import Sentences
from autograd.teaching.steps import passes
from autograd.value import Value

if TYPE_CHECKING:
    from autograd.teaching.blackboard import Blackboard
    from autograd.teaching.brief import Brief


@overload
def explain(
    y: Value,
    to: Value | Collection[Value] = (),
    *,
    form: Literal["steps"] = "steps",
    names: Names = None,
    digits: int = 6,
) -> "Explanation": ...
@overload
def explain(
    y: Value,
    to: Value | Collection[Value] = (),
    *,
    form: Literal["blackboard"],
    names: Names = None,
    digits: int = 6,
) -> "Blackboard": ...
@overload
def explain(
    y: Value,
    to: Value | Collection[Value] = (),
    *,
    form: Literal["brief"],
    names: Names = None,
    digits: int = 6,
) -> "Brief": ...
def explain(y, to=(), *, form="steps", names=None, digits=6):
    """How y was computed, and how the chain rule gives the gradient of everything in it.

    `to` keeps only the backward steps on the way to the given values. Values without a label are
    called by the caller's variables, by those in `names`, or with `names=False` by none; what is
    left over is called v1, v2, … `digits` is how many significant digits are written, from 1 to 17.

    The backward pass has an edge a line. Its local derivative comes first, as a formula and in
    numbers, then what flows back along it: the gradient of the node that the edge comes from, which
    is the upstream gradient, times the local derivative. What flows back to a value adds up to its
    gradient, so the sum stands there too where a value is used more than once.

    `form="blackboard"` writes the derivative by one value, `to`, as on a blackboard: in one
    formula, path by path, and in the factored form that backprop computes. `form="brief"` has a
    line for each named value and each gradient, and leaves out the edges whose local derivative is
    1 and the values that are used once and have no name.

    Raises ValueError for a `to` that y was not made from, for another `form`, for other `digits`
    and for a graph too large for a blackboard, TypeError for what is no Value, and what the sweep
    raises.

    >>> a, b = Value(2.0), Value(-3.0)
    >>> y = a * b * a
    >>> print(explain(y))
    Values: a = 2, b = -3
    <BLANKLINE>
    Forward, an operation a line
      v1 = a * b = 2 * (-3) = -6
      y = v1 * a = -6 * 2 = -12
    <BLANKLINE>
    Backward, an edge a line, starting with ∂y/∂y = 1
      local derivative   flows back: upstream · local
      ∂y/∂v1 = a = 2     to v1: 1 · 2 = 2
      ∂y/∂a = v1 = -6    to a: 1 · (-6) = -6; one more use to come
      ∂v1/∂a = b = -3    to a: 2 · (-3) = -6, gradient -12
      ∂v1/∂b = a = 2     to b: 2 · 2 = 4
    <BLANKLINE>
    Gradients: ∂y/∂a = -12, ∂y/∂b = 4
    """
    value_in(y, "explain")
    digits = digits_in(digits)
    variables = variables_in(names, sys._getframe(1))
    towards = values_in(to)
    if form == "blackboard":
        if len(towards) != 1:
            raise ValueError("a blackboard shows one derivative: give the value, as in to=w")
        from autograd.teaching.blackboard import Blackboard  # `import autograd` is to be quick

        return Blackboard(y, towards[0], variables, digits)
    if form == "brief":
        from autograd.teaching.brief import Brief

        return Brief(y, towards, variables, digits)
    if form != "steps":
        raise ValueError(f"form is steps, brief or blackboard, not {form!r:.60}")
    called = names_of(topological_order(y), variables)
    forward, backward = passes(y, called, digits, towards)
    return Explanation(y, called, forward, backward, towards, digits)


class Explanation(Sentences):
    """A walk-through of one graph, as `explain` makes it. It prints as `text`, and notebooks
    typeset it.

    `root` is the result, `names` what every node is called, `forward` and `backward` are the steps
    of the two passes as data, `towards` the values that were asked for, if any, and `digits` is how
    many significant digits numbers are written with.
    """

    @property
    def latex(self) -> str:
        """Two `align*` environments (package amsmath), ready to be pasted into a paper."""
        return typeset.latex(self)

    @property
    def markdown(self) -> str:
        """Two tables, with formulas between dollar signs."""
        return typeset.markdown(self)

    @property
    def html(self) -> str:
        """Two tables, with formulas in MathML; of a long walk, its text."""
        return typeset.html(self)

    def _repr_html_(self) -> str:
        return self.html

    def __str__(self) -> str:
        return self.text

    __repr__ = __str__
