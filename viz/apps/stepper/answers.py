"""What a page asks about the walk, and what it is answered: why a gradient is what it is, and what
the classic mistakes make of all of them."""

from typing import Any

from autograd.teaching.diagnosis import LARGE, SMALL, why
from autograd.teaching.mistaken import Mistakes, Outcome, differ, mistakes
from autograd.teaching.parts import Equations, Sentence
from autograd.value import Value
from viz.apps.stepper.keyed import DIGITS
from viz.apps.stepper.mathematics import typeset
from viz.apps.stepper.numbers import encoded
from viz.apps.stepper.plan import Plan

MOST_SHIPPED = 60  # nodes of a graph whose answers an exported page has with it
ASKED = {"small": SMALL, "large": LARGE}  # gradients beyond these are asked about, and zeros

Answer = dict[str, Any]


def why_of(plan: Plan, node: Value) -> Answer:
    """Why the gradient of a node is what it is: paragraphs and typeset equations, and the ids of
    the edges that are to blame. Raises what the sweep raises."""
    found = why(plan.told.root, node, names=variables_of(plan), digits=DIGITS)
    paragraphs: list[Any] = []
    for part in found.parts:
        if isinstance(part, Sentence):
            paragraphs.append(part.words)
        elif isinstance(part, Equations):
            paragraphs += [{"math": typeset(equation.latex)} for equation in part]
    wires = [plan.edges[edge].id for edge in found.edges if edge in plan.edges]
    return {"verdict": found.verdict, "paragraphs": paragraphs, "wires": wires}


def mistakes_of(plan: Plan) -> Answer:
    """What each mistake makes of the gradients: the id of the first node that goes wrong, all wrong
    gradients by id, and a sentence. Raises what the sweep raises."""
    found = mistakes(plan.told.root, names=variables_of(plan))
    return {"mistakes": [outcome(plan, found, one) for one in found.outcomes]}


def outcome(plan: Plan, found: Mistakes, one: Outcome) -> Answer:
    """One mistake."""
    right = found.graph.right
    scale = max(map(abs, right.values()))
    wrong = {
        plan.id_of[node]: x
        for node, x in one.gradients.items()
        if differ(one.gradients, right, node, scale)
    }
    alone = Mistakes(found.graph, found.names, (one,))
    told = [part.words for part in alone.parts[1:] if isinstance(part, Sentence)]
    return {
        "name": one.bug.name,
        "title": one.bug.title,
        "wrong": one.bug.wrong,
        "right": one.bug.right,
        "first": "" if one.node is None else plan.id_of[one.node],
        "gradients": encoded(wrong),
        "told": told,
    }


def variables_of(plan: Plan) -> dict[str, Value]:
    """The names that the page has for nodes without a label."""
    return {name: node for node, name in plan.names.items()}


def shipped(plan: Plan) -> dict[str, Answer]:
    """The answers that an exported page takes along, by their questions: those about gradients that
    are asked about, and the mistakes. None for a large graph."""
    if len(plan.id_of) > MOST_SHIPPED:
        return {}
    asked = [node for node in plan.id_of if is_asked_about(plan.gradient_at(plan.last, node))]
    answers = {f"why {plan.id_of[node]}": why_of(plan, node) for node in asked}
    return answers | {"mistakes": mistakes_of(plan)}


def is_asked_about(gradient: float | None) -> bool:
    """Whether a gradient is zero, tiny, huge or not finite.

    >>> [is_asked_about(x) for x in (0.0, 1e-9, 1.0, -1e6, float("nan"), None)]
    [True, True, False, True, True, False]
    """
    return gradient is not None and not SMALL <= abs(gradient) <= LARGE
