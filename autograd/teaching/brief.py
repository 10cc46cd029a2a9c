"""A walk-through in few lines: `explain(y, form="brief")`."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from autograd.backprop import topological_order
from autograd.flows import named
from autograd.formula import Formula, product_of, sum_of
from autograd.teaching.factored import Station, Term
from autograd.teaching.layout import WIDTH
from autograd.teaching.mentions import NamedReading
from autograd.teaching.names import names_of
from autograd.teaching.parts import Equation, Equations, Part, Sentence
from autograd.teaching.report import Report
from autograd.teaching.routes import Link, links_between
from autograd.teaching.wording import Words, joined
from autograd.value import Value

MOST_FACTORS = 2  # of a product that an unnamed value hands on without a line of its own


class Brief(Report):
    """Both passes of the graph of `y`, a line for each value that has a name or is used more than
    once, and one for each gradient.

    `towards` are the values whose gradients are asked for, the leaves if there are none. `lines`
    are the gradients in the order of the sweep, but those of `towards` last, each with the flows
    that it is the sum of; edges with a local derivative of 1 are left out of them.
    """

    def __init__(
        self, y: Value, towards: Sequence[Value], variables: Mapping[str, Any], digits: int
    ) -> None:
        self.y = y
        self._order = topological_order(y)
        names = names_of(self._order, variables)
        for other in set(towards).difference(names):
            raise ValueError(
                f"`to` must be a Value that {names[y]} was computed from, and {named(other)} is not"
            )
        self.towards = tuple(towards or (node for node in self._order if node.op is None))
        self._words = Words(names, digits)
        self.lines = self._lines(links_between(y, self.towards, self._order))
        kept = {y, *(one.node for one in self.lines)}  # all lines mention y
        self._read = NamedReading(self._order, self._words, kept)

    def _lines(self, links: Sequence[Link]) -> list[Station]:
        """The gradients, each once all flows back to its value have arrived."""
        to_come = Counter(link.parent for link in links)
        shared = {node for node, uses in to_come.items() if uses > 1}
        wanted = set(self.towards)
        terms: dict[Value, list[Term]] = defaultdict(list)
        # what an upstream gradient is written as: that of another value, times some factors
        written: dict[Value, Term] = {self.y: Term(self.y, (), 1.0)}
        found: dict[Value, Station] = {}
        if self.y in wanted:
            found[self.y] = Station(self.y, (written[self.y],), 1.0)
        for link in links:
            start, parent = written[link.node], link.parent
            used = start.links if link.is_one else (*start.links, link)
            terms[parent].append(Term(start.above, used, link.flow))
            to_come[parent] -= 1
            if to_come[parent]:
                continue
            is_short = parent not in shared and len(used) <= MOST_FACTORS
            # a name is worth a line, but for what only repeats the line before
            if parent not in wanted and is_short and (self._words.is_unnamed(parent) or not used):
                written[parent] = terms[parent][0]
                continue
            # the sweep meets the youngest uses first; people read from the oldest on
            found[parent] = Station(parent, tuple(reversed(terms[parent])), link.so_far)
            written[parent] = Term(parent, (), link.so_far)
        for node in self.towards:
            found.setdefault(node, Station(node, (), 0.0))  # in a branch that was not taken
        self._gradients = {node: one.gradient for node, one in found.items()}
        inner = [one for node, one in found.items() if node not in wanted]
        return [*inner, *(found[node] for node in dict.fromkeys(self.towards))]

    @property
    def parts(self) -> Sequence[Part]:
        """The values, and the gradients."""
        words, read = self._words, self._read
        leaves = [node for node in self._order if node.op is None]
        values = (words.value(leaf).as_formula() for leaf in leaves)
        defined = [node for node in self._order if node.op is not None and read.is_atom(node)]
        told: list[Part] = [Sentence("Given ", *joined(values), "." if not defined else ":")]
        if defined:
            told.append(Equations(*(
                Equation(words.name(node), read.definition(node), words.number(node.data))
                for node in defined
            )))  # fmt: skip
        start = Equation(words.derivative(self.y, self.y), Formula("1")).as_formula()
        told.append(Sentence("Backward from ", start, "; local derivatives of 1 are left out:"))
        told.append(Equations(*map(self._line, self.lines)))
        return told

    @property
    def data(self) -> dict[str, Any]:
        """The values and the gradients of the lines, by name."""
        names = self._words.names
        return {
            "values": {names[node]: node.data for node in self._order},
            "gradients": {names[one.node]: one.gradient for one in self.lines},
        }

    def _line(self, one: Station) -> Equation:
        """A gradient in symbols, in numbers if there is room on a line, and what it comes to."""
        words, y = self._words, self.y
        name, result = words.derivative(y, one.node), words.number(one.gradient)
        symbols, numbers = [], []
        for term in one.terms:
            if any(link.slope is None for link in term.links):  # nothing flows, and nothing is said
                continue
            upstream = [] if term.above is y else [term.above]
            locals_ = [words.local(link, self._read) for link in term.links]
            symbols.append(
                product_of(
                    [*(words.derivative(y, n) for n in upstream), *locals_] or [Formula("1")]
                )
            )
            factors = [*(self._gradients[n] for n in upstream), *(ln.factor for ln in term.links)]
            numbers.append(words.multiplied(factors or [1.0], term.flow)[0])
        if not symbols:
            return Equation(name, result)
        start = [name, sum_of(symbols)]
        middles = [[sum_of(numbers)], words.total([term.flow for term in one.terms])[:1], []]
        choices = [Equation(*start, *middle, result) for middle in middles]
        return next((one for one in choices if len(one.text) <= WIDTH - 2), choices[-1])
