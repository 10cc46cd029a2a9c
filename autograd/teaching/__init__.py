"""A recorded graph explained: its two passes as data, in sentences, and typeset.

The sweep gives every number here, the table every formula.
"""

from autograd.teaching.names import names_of
from autograd.teaching.steps import Edge, Operation, passes
from autograd.teaching.walkthrough import Explanation, explain

__all__ = ["Edge", "Explanation", "Operation", "explain", "names_of", "passes"]
