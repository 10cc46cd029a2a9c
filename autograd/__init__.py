"""A scalar autograd engine that shows the chain rule.

>>> from autograd import Value, tanh
>>> x, w = Value(0.5, "x"), Value(2.0, "w")
>>> y = tanh(x * w)
>>> y.backward()
>>> round(w.grad, 6)
0.209987
"""

from os.path import dirname, exists
from typing import TYPE_CHECKING, Any

if exists(f"{dirname(__file__)}/numpy"):  # HIPS/autograd's: Stepgrad has none
    from stepgrad.neighbours import BOTH

    raise ImportError(BOTH)

import autograd.docstrings as _docstrings  # gives every operation a docstring
from autograd import ops, teaching
from autograd.backprop import as_float, as_node, chain_rule, gradients, topological_order
from autograd.derivatives import grad, hessian, jacobian, jvp
from autograd.errors import (
    AutogradError,
    DivisionByZero,
    GradientMismatch,
    OutsideDomain,
    StaleGraph,
    TooLarge,
)
from autograd.formula import Formula, in_full
from autograd.gradcheck import check
from autograd.ops import *  # noqa: F403  every row of the table, under its own name
from autograd.program import Program
from autograd.teaching import Explanation, explain
from autograd.value import Value, engine, no_grad

if TYPE_CHECKING:
    from autograd.teaching import OnFractions, exact


def __getattr__(name: str) -> Any:
    """The graph on fractions is imported when it is first asked for: few do."""
    if name not in ("OnFractions", "exact"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found: Any = getattr(teaching, name)
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


__all__ = [
    "AutogradError", "DivisionByZero", "Explanation", "Formula", "GradientMismatch", "OnFractions",
    "OutsideDomain", "Program", "StaleGraph", "TooLarge", "Value", "as_float", "as_node",
    "chain_rule", "check", "engine", "exact", "explain", "grad", "gradients", "hessian", "in_full",
    "jacobian", "jvp", "no_grad", "topological_order", *ops.__all__,
]  # fmt: skip
