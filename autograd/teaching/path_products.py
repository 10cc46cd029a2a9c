"""A gradient as a sum over paths: `paths`, and what it returns."""

import math
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from autograd.checks import whole
from autograd.formula import Formula
from autograd.teaching.arguments import Names, digits_in, value_in, variables_in
from autograd.teaching.names import names_of
from autograd.teaching.parts import Equation, Equations, Part, Sentence
from autograd.teaching.report import Report
from autograd.teaching.routes import Link, Routes
from autograd.teaching.steps import operation
from autograd.teaching.wording import Words, how_many, path_product, there_are
from autograd.value import Value

MOST_EDGES = 400  # in the list of all paths; a longer one is no explanation


@dataclass(frozen=True)
class Path:
    """One path back from the result: its `edges`, as (node, position of the parent), the `factors`,
    which are their local derivatives, and the `product` of these. `nodes` are the values that it
    leads through, from the result on."""

    nodes: tuple[Value, ...]
    edges: tuple[tuple[Value, int], ...]
    factors: tuple[float, ...]
    product: float


def paths(y: Value, x: Value, *, limit: int = 20, names: Names = None, digits: int = 6) -> "Paths":
    """Every path from y back to x with its product of local derivatives. Their sum is ∂y/∂x.

    Beyond `limit` paths the result has their exact number, and no list. Branches that a choice did
    not take are no paths. `names` and `digits` are those of `explain`.

    Raises TypeError for what is no Value, ValueError for another `limit` or other `digits`, and
    what the sweep raises.

    >>> a, b = Value(2.0, "a"), Value(-3.0, "b")
    >>> print(paths((a * b) * (a + b), a, names=False))
    There are 2 paths from v3 back to a. Multiply the local derivatives along each,
    and add up the products: that is the gradient. Factors of 1 are left out.
    <BLANKLINE>
    Values without a name:
      v1 = a * b
      v2 = a + b
      v3 = v1 * v2
    <BLANKLINE>
    1. v3 ← v1 ← a
      v2 · b = -1 · (-3) = 3
    <BLANKLINE>
    2. v3 ← v2 ← a
      v1 = -6
    <BLANKLINE>
    The sum:
      ∂v3/∂a = 3 + (-6) = -3
    """
    value_in(y, "paths")
    value_in(x, "paths")
    limit = whole(limit, "limit", least=0)
    digits = digits_in(digits)
    routes = Routes(y, x)
    nodes = routes.order if routes.is_connected else [*routes.order, x]
    called = names_of(nodes, variables_in(names, sys._getframe(1)))
    return Paths(routes, called, limit, digits)


class Paths(Report):
    """The paths from `y` back to `x`, as `paths` finds them.

    `count` is their exact number, `edges` that of the edges on them, each counted once, `gradient`
    what the sweep finds, and `paths` the list of them, which is empty beyond the limit.
    """

    def __init__(self, routes: Routes, names: dict[Value, str], limit: int, digits: int) -> None:
        self.y, self.x, self.gradient = routes.y, routes.x, routes.gradient
        self.count, self.edges = routes.count, len(routes.links)
        self._words = Words(names, digits)
        self._is_listed = self.count <= limit and routes.total_length <= MOST_EDGES
        self._listed = list(routes.paths()) if self._is_listed else []
        self.paths = tuple(map(path, self._listed))

    @property
    def total(self) -> float | None:
        """The sum of the products, which is the gradient but for rounding; None without a list."""
        return math.fsum(one.product for one in self.paths) if self._is_listed else None

    @property
    def parts(self) -> Sequence[Part]:
        """Each path with its product, and the sum."""
        words, y, x = self._words, self.y, self.x
        ends = (" from ", words.name(y), " back to ", words.name(x))
        gradient = words.derivative(y, x)
        if y is x:
            return [Sentence(words.name(y), " itself has one path, of no edges."),
                    Equations(Equation(gradient, Formula("1")))]  # fmt: skip
        if self.count == 0:
            return [Sentence("There is no path", *ends, ", so the gradient is 0.")]
        if not self._is_listed:
            much = "many" if self.count > 1 else "long"
            return [
                Sentence(
                    there_are(self.count, "path"), *ends, f" over {how_many(self.edges, 'edge')}: "
                    f"too {much} to list. Backprop goes along each edge once, and adds them up:",
                ),
                Equations(Equation(gradient, words.number(self.gradient))),
            ]  # fmt: skip
        pairs = list(zip(self._listed, self.paths, strict=True))
        if self.count == 1:
            ((links, one),) = pairs
            return [
                Sentence(
                    "There is one path", *ends, ". Multiply the local derivatives along it: that "
                    f"is the gradient.{self._left_out()}",
                ),
                *self._unnamed(),
                Sentence(words.way(links)),
                Equations(Equation(gradient, *words.product(links, one.product))),
            ]  # fmt: skip
        told: list[Part] = [
            Sentence(
                f"There are {self.count} paths", *ends, ". Multiply the local derivatives "
                "along each, and add up the products: that is the gradient."
                f"{self._left_out()}",
            )
        ]  # fmt: skip
        for number, (links, one) in enumerate(pairs, 1):
            told.append(Sentence(f"{number}. ", words.way(links)))
            told.append(Equations(Equation(*words.product(links, one.product))))
        told[1:1] = self._unnamed()
        products = words.total([one.product for one in self.paths])
        told += [Sentence("The sum:"), Equations(Equation(gradient, *products))]
        assert self.total is not None
        if not math.isclose(self.total, self.gradient, rel_tol=1e-9, abs_tol=1e-300):
            told.append(
                Sentence(
                    "The products nearly cancel. Backprop adds them up in another order, and "
                    "rounding makes that ", words.number(self.gradient), ".",
                )
            )  # fmt: skip
        return told

    @property
    def data(self) -> dict[str, Any]:
        """Each path by the names of its values, with its factors and their product."""
        names = self._words.names
        return {
            "count": self.count,
            "edges": self.edges,
            "gradient": self.gradient,
            "paths": [
                {
                    "nodes": [names[node] for node in one.nodes],
                    "factors": one.factors,
                    "product": one.product,
                }
                for one in self.paths
            ],
        }

    def _left_out(self) -> str:
        """What is said where the products have fewer factors than the paths have edges."""
        shown = any(one.is_one for way in self._listed for one in way if len(way) > 1)
        return " Factors of 1 are left out." if shown else ""

    def _unnamed(self) -> list[Part]:
        """What the values between that have no name of their own were computed by."""
        words = self._words
        between = {node for one in self.paths for node in one.nodes[:-1] if words.is_unnamed(node)}
        rows = (
            Equation(words.name(node), operation(node, words.name, words.digits))
            for node in sorted(between, key=lambda node: node.serial)
        )
        return [Sentence("Values without a name:"), Equations(*rows)] if between else []


def path(links: Sequence[Link]) -> Path:
    """A path as data. Raises TooLarge where its product is too large for a float."""
    factors = tuple(one.factor for one in links)
    nodes: Iterable[Value] = (one.parent for one in links)
    start = (links[0].node,) if links else ()
    edges = tuple((one.node, one.position) for one in links)
    return Path((*start, *nodes), edges, factors, path_product(links))
