"""A scalar autograd engine that shows the chain rule.

>>> from autograd import Value, tanh
>>> x, w = Value(0.5, "x"), Value(2.0, "w")
>>> y = tanh(x * w)
>>> y.backward()
>>> round(w.grad, 6)
0.209987
"""

import autograd.meanings as _meanings  # gives every row a docstring
from autograd.backprop import chain_rule, gradients, itself, number, topological_order
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
from autograd.teaching.explain import Explanation, explain
from autograd.value import Value, engine, no_grad
