"""Why a gradient is zero, tiny, huge or an error: `why`, and what it returns."""

import math
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from autograd.backprop import chain_rule, leading_to, topological_order
from autograd.errors import AutogradError, StaleGraph
from autograd.formula import Formula
from autograd.ops import relu
from autograd.teaching import blocks
from autograd.teaching.arguments import Names, digits_in, value_in, variables_in
from autograd.teaching.failures import half_of, line_of
from autograd.teaching.names import names_of
from autograd.teaching.parts import Equation, Equations, Part, Sentence, UserText, few
from autograd.teaching.report import Report
from autograd.teaching.routes import Link, Routes
from autograd.teaching.steps import digits_for_operation, operation
from autograd.teaching.wording import Words, how_many, spaced
from autograd.value import Value

SMALL, LARGE = 1e-3, 1e3  # a gradient beyond these is called tiny, or huge
MOST_LINES = 6  # edges that are named, or operations of the half graph
MOST_COMPUTED = 3  # edges, each with how its value was computed


class Cause(NamedTuple):
    """What was found: a `verdict` of a few words, the `links` that are to blame, and the text."""

    verdict: str
    links: Sequence[Link]
    parts: list[Part]


def why(
    y: Value | AutogradError, x: Value | None = None, *, names: Names = None, digits: int = 6
) -> "Why":
    """Why ∂y/∂x is what it is: zero, tiny, huge, or impossible to compute.

    A zero has one of these causes: there is no path from y back to x, an edge on every path has a
    local derivative of 0 (a factor of 0, a dead relu, a saturated function), or several paths
    cancel. Below 1e-3 and above 1e3 in size the edges that make the gradient tiny or huge are
    named. Instead of y there may be the error of an operation: the answer has the line of code
    that raised it, if that is known, and what had been computed until then. `names` and `digits`
    are those of `explain`.

    Raises TypeError for what is no Value and ValueError for other `digits`.

    >>> w, x, b = Value(1.0, "w"), Value(0.0, "x"), Value(0.5, "b")
    >>> print(why((w * x + b).tanh(), w, names=False))
    ∂v3/∂w is exactly 0. On the only path from v3 back to w there is a local
    derivative of 0:
      v1 = w * x = 1 * 0 = 0
      ∂v1/∂w = x = 0
    <BLANKLINE>
    While x is 0, a small change of w does not change v1.
    """
    digits = digits_in(digits)
    variables = variables_in(names, sys._getframe(1))
    if isinstance(y, AutogradError):
        half = half_of(y) if any(isinstance(one, Value) for one in y.operands) else None
        words = Words(names_of([] if half is None else topological_order(half), variables), digits)
        return Why(None, failed_operation(y, half, words), words.names)
    value_in(y, "why")
    if x is None:
        raise TypeError("why takes a result and the value to look at: why(y, w)")
    value_in(x, "why")
    try:
        order = topological_order(y)
    except StaleGraph as error:
        return Why(None, Cause("error", (), [Sentence(sentence(error))]), {})
    words = Words(names_of(order if x in set(order) else [*order, x], variables), digits)
    try:
        routes = Routes(y, x)
    except AutogradError as error:
        return Why(None, failed_sweep(y, x, error, words), words.names)
    return Why(routes.gradient, cause_of(routes, words), words.names)


class Why(Report):
    """What `why` has found out: the `gradient`, None where there is an error, a `verdict` of a few
    words, such as "no path", "dead relu" or "vanishing", and the `edges` that are to blame, as
    (node, position of the parent)."""

    def __init__(self, gradient: float | None, cause: Cause, names: Mapping[Value, str]) -> None:
        self.gradient, self.verdict = gradient, cause.verdict
        self.edges = tuple((one.node, one.position) for one in cause.links)
        self._parts, self._names = cause.parts, names

    @property
    def parts(self) -> Sequence[Part]:
        """The cause, and the edges to blame."""
        return self._parts

    @property
    def data(self) -> dict[str, Any]:
        """The gradient, the verdict, and the edges to blame by the names of their ends."""
        edges = [
            {"from": self._names[node], "to": self._names[node.parents[at]], "parent": at}
            for node, at in self.edges
        ]
        return {"gradient": self.gradient, "verdict": self.verdict, "edges": edges}


def cause_of(routes: Routes, words: Words) -> Cause:
    """Why a gradient that could be computed is what it is."""
    y, x, gradient = routes.y, routes.x, routes.gradient
    d = words.derivative(y, x)
    if y is x:
        text = " is 1: it is where backprop starts, the derivative of the result by itself."
        return Cause("itself", (), [Sentence(d, text)])
    if not routes.is_connected:
        return no_path(routes, words)
    if not routes.links:
        text = " is 0: every path back goes through a branch that a choice did not take."
        return Cause("branch not taken", (), [Sentence(d, text)])
    if not math.isfinite(gradient):
        return not_finite(routes, words)
    if (zeros := blocks.blocking(routes)) is not None:
        return blocked(routes, zeros, words)
    path = blocks.largest_path(routes)
    largest = blocks.product_of_sizes(path)
    if abs(gradient) < min(SMALL, largest / 100):
        return cancelled(routes, words)
    if abs(gradient) < SMALL:
        return vanishing(routes, path, words)
    if abs(gradient) > LARGE:
        return exploding(routes, path, largest, words)
    product = words.product(path, signed(path))
    if routes.count == 1:
        told: list[Part] = [
            Sentence(d, " is neither tiny nor huge."),
            Equations(Equation(d, *product)),
        ]
    else:
        told = [
            Sentence(
                d,
                " = ",
                words.number(gradient),
                " is neither tiny nor huge. The largest product along one of its "
                f"{how_many(routes.count, 'path')} is:",
            ),
            Equations(Equation(*product)),
        ]
    return Cause("ordinary", (), told)


def no_path(routes: Routes, words: Words) -> Cause:
    """The result was not computed from the value."""
    y, x = words.name(routes.y), words.name(routes.x)
    d = words.derivative(routes.y, routes.x)
    start = Sentence(
        "There is no path from ", y, " back to ", x, ", so ", d, " is 0, and a backward pass from ",
        y, " does not reach ", x, ".",
    )  # fmt: skip
    twin = next((one for one in routes.order if one.label and one.label == routes.x.label), None)
    if twin is not None:
        hint = Sentence(
            y, " was computed from another Value that is also called ", Formula(twin.label),
            ": was it replaced by a new one?",
        )  # fmt: skip
    elif routes.y in set(topological_order(routes.x)):
        hint = Sentence("It is the other way round: ", x, " was computed from ", y, ".")
    elif routes.y.op is None:
        hint = Sentence(
            y, " has no history: it was made from a number, by detach(), or inside no_grad()."
        )
    elif routes.x.serial > routes.y.serial:
        hint = Sentence(x, " was made after ", y, " had been computed.")
    else:
        hint = Sentence(y, " was computed without ", x, ".")
    return Cause("no path", (), [start, hint])


def blocked(routes: Routes, zeros: list[Link], words: Words) -> Cause:
    """On every path there is a local derivative of 0."""
    ends = (" from ", words.name(routes.y), " back to ", words.name(routes.x))
    only = routes.count == 1
    where = "the only path" if only else f"each of the {how_many(routes.count, 'path')}"
    told: list[Part] = [
        Sentence(
            words.derivative(routes.y, routes.x),
            f" is exactly 0. On {where}",
            *ends,
            " there is a local derivative of 0:",
        ),
        explained(zeros, words),
    ]
    told += distinct(reason(one, words) for one in zeros)
    if all(one.node.op is relu for one in zeros):
        verdict = "dead relu"
    elif all(map(blocks.is_saturated, zeros)):
        verdict = "saturated"
    else:
        verdict = "exact zero"
    return Cause(verdict, zeros, told)


def reason(link: Link, words: Words) -> Sentence:
    """What makes the local derivative of an edge 0, or almost 0 where a function is saturated."""
    node, parent = words.name(link.node), words.name(link.parent)
    assert link.node.op is not None
    op, at = link.node.op.name, words.value(link.parent).as_formula()
    if link.node.op is relu:
        text = " is not positive, relu gives 0 and lets nothing flow back."
        return Sentence("A dead relu: while ", at, text)
    if blocks.is_corner_flat(link):
        return Sentence(f"{op} is flat at ", at, ", so nothing flows back.")
    if blocks.is_saturated(link):
        exactly = ": its value has rounded to the limit, and the local derivative to 0."
        nearly = ": its curve is almost flat there."
        return Sentence(f"{op} is saturated at ", at, nearly if link.factor else exactly)
    formula = words.local(link)
    others = {words.names[one]: one for one in link.node.parents}
    if formula.text in others:
        factor = words.name(others[formula.text])
        text = " is 0, a small change of "
        return Sentence("While ", factor, text, parent, " does not change ", node, ".")
    return Sentence("Here a small change of ", parent, " does not change ", node, ".")


def cancelled(routes: Routes, words: Words) -> Cause:
    """Paths of different sign add up to nothing, or almost nothing."""
    plus, minus = blocks.opposed(routes)
    d = words.derivative(routes.y, routes.x)
    size = "is exactly 0, although something flows back" if routes.gradient == 0 else "is tiny"
    into = [one for one in routes.links if one.parent is routes.x]
    start = Sentence(
        d,
        f" {size}: over {how_many(routes.count, 'path')} the positive and the negative products "
        "of local derivatives cancel.",
    )
    sums = words.total([plus, minus])[:1]
    return Cause(
        "cancellation", into, [start, Equations(Equation(d, *sums, words.number(routes.gradient)))]
    )


def vanishing(routes: Routes, path: list[Link], words: Words) -> Cause:
    """Even the largest product is tiny."""
    small = sorted((one for one in path if abs(one.factor) < 1), key=lambda one: abs(one.factor))
    flat = [one for one in small if blocks.is_saturated(one)]
    named = flat or small
    told: list[Part] = [
        Sentence(*size_of(routes, words, "tiny"), f"{along(routes)}, {below(small, 'below')}."),
        explained(named, words),
    ]
    if routes.gradient == 0:
        told.append(Sentence("The product is too small for a float, so it has become 0."))
    told += distinct(reason(one, words) for one in flat)
    verdict = "underflow" if routes.gradient == 0 else "saturated" if flat else "vanishing"
    return Cause(verdict, named, told)


def exploding(routes: Routes, path: list[Link], largest: float, words: Words) -> Cause:
    """A product of large local derivatives, or very many paths."""
    start = size_of(routes, words, "huge")
    if largest < LARGE:
        text = f"{how_many(routes.count, 'path')} lead back to "
        end = (", and their products add up. The largest is ", words.number(signed(path)), ".")
        return Cause("many paths", (), [Sentence(*start, text, words.name(routes.x), *end)])
    big = sorted((one for one in path if abs(one.factor) > 1), key=lambda one: -abs(one.factor))
    told: list[Part] = [
        Sentence(*start, f"{along(routes)}, {below(big, 'above')}."),
        explained(big, words),
    ]
    return Cause("exploding", big, told)


def size_of(routes: Routes, words: Words, size: str) -> tuple[str | Formula, ...]:
    """∂y/∂x = 2e-09 is tiny: …"""
    d = words.derivative(routes.y, routes.x)
    return d, " = ", words.number(routes.gradient), f" is {size}: "


def along(routes: Routes) -> str:
    """Which path is looked at."""
    if routes.count == 1:
        return "on the only path"
    return f"on the path with the largest product, one of {spaced(routes.count)}"


def below(links: Sequence[Link], side: str) -> str:
    """30 local derivatives are below 1, and they multiply."""
    if len(links) == 1:
        return f"one local derivative is {side} 1 in size"
    return f"{how_many(len(links), 'local derivative')} are {side} 1 in size, and they multiply"


def explained(links: Sequence[Link], words: Words) -> Equations:
    """The local derivatives of edges; with how their values were computed, if they are few."""
    if len(links) > MOST_COMPUTED:
        return few(links, MOST_LINES, words.local_equation)
    lines: list[Equation] = []
    for link in links:
        if not link.node.label:
            lines.append(computed(link.node, words))
        lines.append(words.local_equation(link))
    return Equations(*lines)


def not_finite(routes: Routes, words: Words) -> Cause:
    """An infinity or a nan, which was given, or computed without checks."""
    d = words.derivative(routes.y, routes.x)
    node = next((one for one in routes.order if not math.isfinite(one.data)), None)
    if node is None:
        link = next(one for one in routes.links if not math.isfinite(one.flow))
        return Cause("not finite", [link], [
            Sentence(d, " is not finite. It begins at this local derivative:"),
            Equations(words.local_equation(link))])  # fmt: skip
    what = "given" if node.op is None else f"the result of {node.op.name}"
    return Cause("not finite", (), [Sentence(
        d, " is not finite. The first number that is not is ", words.value(node).as_formula(),
        f", {what}.")])  # fmt: skip


def failed_operation(error: AutogradError, half: Value | None, words: Words) -> Cause:
    """An operation that could not be computed, with what had been computed until then."""
    told: list[Part] = [Sentence(sentence(error))]
    if line := line_of(error):
        told.append(Sentence("Your code: ", UserText(line)))
    if half is not None:
        before = [node for node in words.names if node.op is not None and node is not half]
        if before:
            told.append(Sentence("Until then:"))
            told.append(few(before, MOST_LINES, lambda node: computed(node, words)))
        told.append(Sentence("This operation failed:"))
        told.append(Equations(Equation(*computed(half, words).pieces[1:3])))
    return Cause("error", (), told)


def failed_sweep(y: Value, x: Value, error: AutogradError, words: Words) -> Cause:
    """A local derivative or a flow that does not exist, with the way back until there."""
    walked: list[Link] = []
    try:
        for edge in chain_rule(y, wanted=[x]):
            walked.append(Link(*edge))
    except AutogradError:
        pass  # the error that is explained here
    order = topological_order(y)
    leading = leading_to([x], order)
    edges = [(node, position) for node in reversed(order)
             for position, parent in enumerate(node.parents) if parent in leading]  # fmt: skip
    node, position = edges[len(walked)]
    failed = Link(node, position, node.parents[position], None, 0.0, 0.0)
    d = words.derivative(node, failed.parent)
    told: list[Part] = [
        Sentence(sentence(error)),
        Sentence("The way back from ", words.name(y), " to ", words.name(x), " ends at ", d, ":"),
        Equations(Equation(d, words.local(failed)), words.value(node), words.value(failed.parent)),
    ]
    if walked:
        told.append(Sentence("Until then:"))
        told.append(few(walked, MOST_LINES, words.local_equation))
    return Cause("error", [failed], told)


def sentence(error: AutogradError) -> UserText:
    """The message of an error as a sentence; one that begins with a name keeps it as it is."""
    text = str(error)
    start = text[:1].upper() if text.startswith(("the ", "what ")) else text[:1]
    return UserText(f"{start}{text[1:]}.")


def computed(node: Value, words: Words) -> Equation:
    """How a value was computed, in names, in numbers, and what came out."""
    digits = digits_for_operation(node, words.digits)
    in_numbers = operation(node, lambda one: Formula.of_number(one.data, digits), digits)
    in_names = operation(node, words.name, words.digits)
    return Equation(words.name(node), in_names, in_numbers, words.number(node.data))


def signed(path: Sequence[Link]) -> float:
    """The product of the local derivatives along a path."""
    return math.prod(one.factor for one in path)


def distinct(sentences: Iterable[Sentence]) -> list[Sentence]:
    """Each sentence once, and not more than a few of them."""
    return list({one.words: one for one in sentences}.values())[:3]
