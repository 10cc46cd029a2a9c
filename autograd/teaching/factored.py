"""The factored form of a gradient, which the sweep computes: what several paths share is multiplied
once.

The sweep multiplies along edges and adds up where they meet. Between two values where edges meet or
part there is a plain product, so a gradient is written with one line for each such value:

>>> from autograd.teaching.routes import Routes
>>> a, x = Value(3.0, "a"), Value(2.0, "x")
>>> h = a * x
>>> [len(one.terms) for one in stations(Routes(h * h, x))]
[2, 1]
"""

from collections import defaultdict
from dataclasses import dataclass

from autograd.teaching.routes import Link, Routes
from autograd.value import Value


@dataclass(frozen=True)
class Term:
    """What flows back to a station from the one `above`: the gradient there times the local
    derivatives of `links`, those of 1 left out. `flow` is that product as the sweep has it."""

    above: Value
    links: tuple[Link, ...]
    flow: float


@dataclass(frozen=True)
class Station:
    """A value whose gradient is written down: the sum of its `terms`. The result itself is none,
    and neither is a value whose gradient is that of another, as below a plus sign."""

    node: Value
    terms: tuple[Term, ...]
    gradient: float


def stations(routes: Routes) -> list[Station]:
    """The lines of the factored form, from the result down to `x`, the last one."""
    arriving: dict[Value, int] = defaultdict(int)
    for link in routes.links:
        arriving[link.parent] += 1
    stops = {
        node for node in arriving if arriving[node] > 1 or len(routes.below[node]) > 1
    } | {routes.y, routes.x}  # fmt: skip
    # per node: what flows back to it, as long as no station is reached
    running: dict[Value, tuple[Value, tuple[Link, ...]]] = {routes.y: (routes.y, ())}
    terms: dict[Value, list[Term]] = defaultdict(list)
    gradients: dict[Value, float] = {}
    same: dict[Value, Value] = {routes.y: routes.y}  # the station that a station's gradient is of
    found = []
    for link in routes.links:
        if link.node in stops and link.node not in same:
            found.append(station(link.node, terms, gradients, same))
        above, used = (same[link.node], ()) if link.node in stops else running[link.node]
        if not link.is_one:
            used = (*used, link)
        if link.parent in stops:
            terms[link.parent].append(Term(above, used, link.flow))
            gradients[link.parent] = link.so_far
        else:
            running[link.parent] = above, used
    if routes.links:
        found.append(station(routes.x, terms, gradients, same))
    return [one for one in found if one.node is routes.x or same[one.node] is one.node]


def station(
    node: Value,
    terms: dict[Value, list[Term]],
    gradients: dict[Value, float],
    same: dict[Value, Value],
) -> Station:
    """A station with all its terms; `same` learns whether it has a gradient of its own."""
    # the sweep meets the youngest uses first; people read from the oldest on
    made = Station(node, tuple(reversed(terms[node])), gradients[node])
    first = made.terms[0]
    same[node] = node if len(made.terms) > 1 or first.links else first.above
    return made
