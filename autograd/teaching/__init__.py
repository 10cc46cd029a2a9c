"""A recorded graph explained: its two passes as data, in sentences, and typeset; a gradient path by
path, on a blackboard, on fractions, and why it is what it is.

The sweep gives every number here, the table every formula.
"""

from autograd.teaching.blackboard import Blackboard
from autograd.teaching.diagnosis import Why, why
from autograd.teaching.exactly import OnFractions, exact
from autograd.teaching.names import names_of
from autograd.teaching.path_products import Path, Paths, paths
from autograd.teaching.steps import Edge, Operation, passes
from autograd.teaching.walkthrough import Explanation, explain

__all__ = [
    "Blackboard", "Edge", "Explanation", "OnFractions", "Operation", "Path", "Paths", "Why",
    "exact", "explain", "names_of", "passes", "paths", "why",
]  # fmt: skip
