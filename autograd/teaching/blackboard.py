"""One derivative as it is worked out on a blackboard: `explain(y, to=x, form="blackboard")`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from autograd.formula import Formula, product_of, sum_of
from autograd.teaching.factored import Station, stations
from autograd.teaching.mentions import NamedReading, with_number
from autograd.teaching.names import names_of
from autograd.teaching.parts import Equation, Equations, Part, Sentence, few
from autograd.teaching.report import Report
from autograd.teaching.routes import Link, Routes
from autograd.teaching.wording import Words, how_many, joined, path_product, there_are
from autograd.value import Value

MOST_EDGES = 60  # on the way to the value: more do not fit on a board
MOST_PATHS = 6  # that are written out
MOST_LINES = 12  # of values, or of the factored form
LONGEST_CLOSED = 220  # characters of the formula of the whole derivative
LONGEST_IN_LEAVES = 150  # the same, where it mentions leaves only


@dataclass(frozen=True)
class Cost:
    """How many multiplications and additions it takes, local derivatives given. Factors of 1 are
    not multiplied."""

    multiplications: int
    additions: int

    def __str__(self) -> str:
        """In words: 6 multiplications and one addition."""
        additions = how_many(self.additions, "addition")
        return f"{how_many(self.multiplications, 'multiplication')} and {additions}"


class Blackboard(Report):
    """The derivative of `y` by `x` in one formula, path by path, and in the factored form that the
    sweep computes, with what both cost.

    `closed` is the formula, None where it is too long. `count` is the number of paths, `products`
    are those along each of them, in symbols and as numbers, none where they are too many;
    `stations` are the lines of the factored form, `gradient` is the result, and `by_paths` and
    `by_backprop` are the costs. For those who set it in another way, `routes` are the edges,
    `paths` those of each path, `ways` those among them with another factor than 1, and `words` what
    all is called.
    """

    def __init__(self, y: Value, x: Value, variables: dict, digits: int) -> None:
        routes = Routes(y, x)
        names = names_of(routes.order, variables)
        if not routes.links:
            raise ValueError(
                f"a blackboard needs a value that {names[y]} was computed from: there is no path "
                f"to {x.label or 'the other one'}"
            )
        if len(routes.links) > MOST_EDGES:
            raise ValueError(
                f"{len(routes.links)} edges lead from {names[y]} back to {names[x]}, and a "
                f"blackboard holds {MOST_EDGES}: choose a value that is nearer, or ask for paths"
            )
        self.y, self.x, self.gradient, self.count = y, x, routes.gradient, routes.count
        self.words = Words(names, digits)
        self.routes = routes
        self.stations = stations(routes)
        self._named = NamedReading(
            routes.order, self.words, {one.node for one in self.stations[:-1]}
        )
        self.paths = list(routes.paths()) if self.count <= MOST_PATHS else []
        self.ways = [[one for one in path if not one.is_one] for path in self.paths]
        self.products = [
            (product_of([self.local(one) for one in way] or [Formula("1")]), path_product(way))
            for way in self.ways
        ]
        self.closed = self.closed_with(lambda link, local: local)
        self.by_paths = Cost(routes.multiplications, max(self.count - 1, 0))
        self.by_backprop = Cost(
            sum(
                max(len(term.links) + (term.above is not y) - 1, 0)
                for one in self.stations
                for term in one.terms
            ),
            sum(len(one.terms) - 1 for one in self.stations),
        )

    def local(self, link: Link) -> Formula:
        """The local derivative of an edge in symbols."""
        return self.words.local(link, self._named)

    def closed_with(self, mark: Callable[[Link, Formula], Formula]) -> Formula | None:
        """The derivative in one formula, in the leaves alone where that is short, else in the
        values that have names; `mark` gets each edge and its local derivative, and may write it in
        another way. None where it is too long."""
        in_leaves = expanded(self.routes, self.words, LONGEST_IN_LEAVES)
        for read, longest in ((in_leaves, LONGEST_IN_LEAVES), (self._named, LONGEST_CLOSED)):
            if read is None:
                continue

            def local(link: Link, read: Callable[[Value], Formula] = read) -> Formula:
                return mark(link, self.words.local(link, read))

            formula = closed(self.y, self.stations, local, longest)
            if formula is not None:
                return formula
        return None

    @property
    def parts(self) -> Sequence[Part]:
        """The formula, the paths, the factored form, and what both cost."""
        words = self.words
        gradient = words.derivative(self.y, self.x)
        told: list[Part] = [
            Sentence(*self.givens()),
            few(self.defined(), MOST_LINES, self.definition),
        ]
        if self.closed is not None:
            told += [Sentence("In one formula:"), Equations(Equation(gradient, self.closed))]
        if self.count == 1:
            told += [Sentence("Along the only path:"), self._path_lines()]
        elif self.products:
            told += [Sentence("One product for each path, then the sum:"), self._path_lines()]
        else:
            told.append(Sentence(f"{there_are(self.count, 'path')}: too many for a board."))
        if self.count > 1:
            told.append(Sentence("As backprop computes it, each shared factor multiplied once:"))
            told.append(few(self.stations, MOST_LINES, self._line))
        return [*told, Sentence(self.costs())]

    @property
    def data(self) -> dict[str, Any]:
        """The formula, the products and the factored form as texts and numbers, and the costs."""
        return {
            "gradient": self.gradient,
            "closed": self.closed and self.closed.text,
            "count": self.count,
            "paths": [
                {"product": symbols.text, "number": number} for symbols, number in self.products
            ],
            "backprop": {self.words.names[one.node]: one.gradient for one in self.stations},
            "by_paths": vars(self.by_paths),
            "by_backprop": vars(self.by_backprop),
        }

    def givens(self) -> list[str | Formula]:
        """The numbers that the formulas mention and do not define."""
        on_the_way = {link.node for link in self.routes.links}
        args = [arg for node in on_the_way for arg in node.parents]
        used = set().union(*(self._named.atoms[arg] for arg in args)) - on_the_way
        ordered = sorted(used, key=lambda one: (one.op is not None, one.serial))
        return ["Given ", *joined(self.words.value(node).as_formula() for node in ordered), ":"]

    def defined(self) -> list[Value]:
        """The values on the way that are mentioned by name."""
        on_the_way = {link.node for link in self.routes.links}
        return [
            node
            for node in self.routes.order
            if node is self.y or (node in on_the_way and self._named.is_atom(node))
        ]

    def definition(self, node: Value) -> Equation:
        """A value with its formula and its number."""
        words = self.words
        return Equation(words.name(node), self._named.definition(node), words.number(node.data))

    def _path_lines(self) -> Equations:
        gradient = self.words.derivative(self.y, self.x)
        lines = []
        for way, (symbols, product) in zip(self.ways, self.products, strict=True):
            start = [gradient] if self.count == 1 else []
            if any(one.slope is None for one in way):
                lines.append(Equation(*start, symbols, self.words.number(0.0)))
            else:
                factors = [one.factor for one in way] or [1.0]
                lines.append(Equation(*start, symbols, *self.words.multiplied(factors, product)))
        if self.count > 1:
            terms = [product for _, product in self.products]
            lines.append(Equation(gradient, *self.words.total(terms)))
        return Equations(*lines)

    def _line(self, one: Station) -> Equation:
        """A gradient in symbols, in numbers, and what it comes to."""
        words = self.words
        symbols, numbers = [], []
        for term in one.terms:
            upstream = [] if term.above is self.y else [words.derivative(self.y, term.above)]
            symbols.append(product_of([*upstream, *map(self.local, term.links)] or [Formula("1")]))
            above = [self._gradients[term.above]] if upstream else []
            factors = [*above, *(link.factor for link in term.links)] or [1.0]
            numbers.append(words.multiplied(factors, term.flow)[0])
        pieces = [sum_of(symbols), sum_of(numbers)]
        if len(one.terms) > 1:
            pieces += words.total([term.flow for term in one.terms])[:1]
        return Equation(words.derivative(self.y, one.node), *pieces, words.number(one.gradient))

    @property
    def _gradients(self) -> dict[Value, float]:
        return {one.node: one.gradient for one in self.stations}

    def costs(self) -> str:
        """The sentence about what both ways cost."""
        paths, backprop = self.by_paths, self.by_backprop
        if self.count == 1:
            return (
                "There is one path only, so backprop does the same: "
                f"{how_many(paths.multiplications, 'multiplication')}, and every gradient on the "
                "way is known as well."
            )
        return (
            f"By paths: {paths}. By backprop: {backprop}, and every gradient on the way is known "
            "as well."
        )


def expanded(routes: Routes, words: Words, longest: int) -> Callable[[Value], Formula] | None:
    """Nodes as formulas of leaves; None where one is longer than `longest` characters."""
    formulas: dict[Value, Formula] = {}
    for node in routes.order:
        if node.op is None:
            formulas[node] = words.name(node)
            continue
        formulas[node] = with_number(node, formulas.__getitem__, words.digits)
        if len(formulas[node].text) > longest:
            return None
    return formulas.__getitem__


def closed(
    y: Value,
    lines: Sequence[Station],
    local: Callable[[Link], Formula],
    longest: int,
) -> Formula | None:
    """The derivative in one formula of local derivatives; None where it would be too long."""
    gradients: dict[Value, Formula] = {}
    for one in lines:
        terms = []
        for term in one.terms:
            upstream = [] if term.above is y else [gradients[term.above]]
            factors = [*upstream, *map(local, term.links)]
            terms.append(product_of(factors or [Formula("1")]))
        gradients[one.node] = sum_of(terms)
        if len(gradients[one.node].text) > longest:
            return None
    return gradients[lines[-1].node]
