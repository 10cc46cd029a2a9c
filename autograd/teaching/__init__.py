"""A recorded graph explained: its two passes as data, in sentences, and typeset; a gradient path by
path, on a blackboard, on fractions, and why it is what it is; what mistakes do to it, its gradient
in four ways, and a bench for engines of one's own.

The sweep gives every number here, the table every formula.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from autograd.teaching.names import names_of
from autograd.teaching.steps import Edge, Operation, passes
from autograd.teaching.walkthrough import Explanation, explain

if TYPE_CHECKING:
    from autograd.teaching.blackboard import Blackboard
    from autograd.teaching.brief import Brief
    from autograd.teaching.bugs import BUGS, Bug
    from autograd.teaching.counting import Cost, Costs, costs
    from autograd.teaching.diagnosis import Why, why
    from autograd.teaching.exactly import OnFractions, exact
    from autograd.teaching.folding import fold, unfold
    from autograd.teaching.grading import Grade, grade
    from autograd.teaching.mistaken import Mistakes, Outcome, mistakes
    from autograd.teaching.path_products import Path, Paths, paths
    from autograd.teaching.report import Report
    from autograd.teaching.second_order import SecondDerivatives, second
    from autograd.teaching.side_by_side import FourWays, Modes, StepSize, modes

LATER = {  # imported when they are first asked for: `import autograd` is to be quick
    "blackboard": ("Blackboard",),
    "brief": ("Brief",),
    "bugs": ("BUGS", "Bug"),
    "counting": ("Cost", "Costs", "costs"),
    "diagnosis": ("Why", "why"),
    "exactly": ("OnFractions", "exact"),
    "folding": ("fold", "unfold"),
    "grading": ("Grade", "grade"),
    "mistaken": ("Mistakes", "Outcome", "mistakes"),
    "path_products": ("Path", "Paths", "paths"),
    "report": ("Report",),
    "second_order": ("SecondDerivatives", "second"),
    "side_by_side": ("FourWays", "Modes", "StepSize", "modes"),
}


def __getattr__(name: str) -> Any:
    for module, names in LATER.items():
        if name in names:
            return getattr(import_module(f"autograd.teaching.{module}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


__all__ = [
    "BUGS", "Blackboard", "Brief", "Bug", "Cost", "Costs", "Edge", "Explanation", "FourWays",
    "Grade", "Mistakes", "Modes", "OnFractions", "Operation", "Outcome", "Path", "Paths",
    "Report", "SecondDerivatives", "StepSize", "Why", "costs", "exact", "explain", "fold",
    "grade", "mistakes", "modes", "names_of", "passes", "paths", "second", "unfold", "why",
]  # fmt: skip
