"""The walk-through of a graph: `explain`, and what it returns."""

import sys
from collections.abc import Collection, Mapping
from operator import index
from typing import Any, Literal

from autograd.backprop import topological_order
from autograd.teaching import typeset
from autograd.teaching.names import names_of, variables_of
from autograd.teaching.sentences import Sentences
from autograd.teaching.steps import passes
from autograd.value import Value


def explain(
    y: Value,
    to: Value | Collection[Value] = (),
    *,
    names: Mapping[str, Any] | Literal[False] | None = None,
    digits: int = 6,
) -> "Explanation":
    """How y was computed, and how the chain rule gives the gradient of everything in it.

    `to` keeps only the backward steps on the way to the given values. Values without a label are
    called by the caller's variables, by those in `names`, or with `names=False` by none; what is
    left over is called v1, v2, … `digits` is how many significant digits are written, from 1 to 17.

    The backward pass has an edge a line. Its local derivative comes first, as a formula and in
    numbers, then what flows back along it: the gradient of the node that the edge comes from, which
    is the upstream gradient, times the local derivative. What flows back to a value adds up to its
    gradient, so the sum stands there too where a value is used more than once.

    Raises ValueError for a `to` that y was not made from and for other `digits`, TypeError for what
    is no Value, and what the sweep raises.

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
    if not isinstance(y, Value):
        raise TypeError(f"explain takes a Value, not {type(y).__name__}")
    try:
        digits = index(digits)
    except TypeError:
        raise TypeError(f"digits is a whole number, not {digits!r}") from None
    if not 1 <= digits <= 17:
        raise ValueError(f"digits go from 1 to 17, not {digits!r}")
    if names is None:
        names = variables_of(sys._getframe(1))
    elif names and not isinstance(names, Mapping):
        raise TypeError(f"names is a dict of variables, not {type(names).__name__}")
    called = names_of(topological_order(y), names or {})
    towards = tuple(to) if isinstance(to, Collection) and not isinstance(to, str) else (to,)
    for one in towards:
        if not isinstance(one, Value):
            raise TypeError(f"`to` takes Values, not {one!r}")
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

    def _repr_html_(self) -> str:
        return typeset.html(self)

    def __str__(self) -> str:
        return self.text

    __repr__ = __str__
