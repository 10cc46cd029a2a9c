"""Who tells the walk: in the sentences of `explain` and of `words`, with places for the numbers.

So new numbers can be put in where nobody runs Python; and films, handouts and those without a
script get the same sentences with the numbers of now.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from autograd.backprop import topological_order
from autograd.formula import Formula, latex_name
from autograd.teaching import typeset
from autograd.teaching.names import names_of
from autograd.teaching.sentences import Sentences
from autograd.teaching.steps import (
    Edge,
    Operation,
    digits_for_operation,
    digits_for_slope,
    passes,
    rule,
)
from autograd.value import Value
from viz.apps.stepper import neurons
from viz.apps.stepper.keyed import DIGITS, Keyed, Signed, key_of
from viz.apps.stepper.mathematics import RESULT
from viz.apps.stepper.numbers import SIGNS, Filling, Numbers, numbers_of
from viz.apps.stepper.places import mark
from viz.escape import printable
from viz.graph.inside import Folded

Line = tuple[str, str]
Column = tuple[str, str, str, str]  # kind, symbols in LaTeX, number, words
MARKS = re.compile("[\ue000-\ue010]")  # what places are marked with


@dataclass(frozen=True, repr=False)
class Told(Sentences):
    """The walk with places for numbers, which are those of `numbers_of`; and for the name of the
    result, which is `result` now. The numbers of its steps are formulas."""

    numbers: Numbers
    result: str

    @classmethod
    def of(
        cls, y: Value, variables: Mapping[str, Any], names: Mapping[Value, str] | None = None
    ) -> "Told":
        """`names` are those of the nodes, if they have any. Raises what the sweep raises."""
        if names is None:
            names = names_of(topological_order(y), variables)
        called = {node: MARKS.sub("�", printable(name)) for node, name in names.items()}
        result, called[y] = called[y], RESULT
        forward, backward = passes(y, called, DIGITS)
        index = {node: i for i, node in enumerate(called)}
        return cls(
            root=y,
            names=called,
            forward=tuple(_operation(step, index, called) for step in forward),
            backward=tuple(_edge(edge, k, index, called) for k, edge in enumerate(backward)),
            towards=(),
            digits=DIGITS,
            numbers=numbers_of(list(called)),
            result=result,
        )

    # The sentences of `explain`, with places

    def number(self, x: Any) -> Formula:
        return x if isinstance(x, Formula) else super().number(x)

    def chained(self, pieces: Iterable[Formula], form: str = "text") -> str:
        return mark("chain", *(getattr(piece, form) for piece in pieces))

    def flow(self, edge: Edge) -> str:
        return self.by_slope(edge, super().flow)

    # What depends on numbers

    def by_slope(self, edge: Edge, say: Callable[[Edge], str]) -> str:
        """What depends on whether the edge has a local derivative."""
        return mark("slope", key_of(edge.slope), say(edge), say(replace(edge, slope=None)))

    def by_sign(self, x: Keyed, say: Callable[[str], str]) -> str:
        """What depends on the sign of a number."""
        return mark("sign", x.key, *map(say, SIGNS))

    def of_the_largest(self, told: Sequence[tuple[Any, str]]) -> str:
        """The text beside the number that is largest in size, the first of equals."""
        return mark("most", " ".join(key_of(x) for x, _ in told), *(text for _, text in told))

    # What a page shows in another way than text does

    def pointing(self, ids: Sequence[str], text: str) -> str:
        """Text that speaks of something in the picture."""
        return mark("at", " ".join(ids), text)

    def math(self, latex: str, text: str) -> str:
        """A formula, which is typeset where that is possible."""
        return mark("math", latex, text)

    def columns(self, columns: Sequence[Column], text: str) -> str:
        """An equation whose numbers stand below their symbols, and above words for them."""
        return mark("columns", "".join(mark("column", *one) for one in columns), text)

    def gradient(self, node: Value, total: float) -> str:
        """A gradient as a line of its own."""
        symbols = total_derivative(self.names[self.root], self.names[node])
        told = str(self.number(total))
        return self.columns([("gradient", symbols, told, "")], f"{self.d(node)} = {told}")

    def made(self, step: Operation) -> str:
        """How a value is computed, from its name to its number."""
        pieces = [step.rule, step.rule_in_numbers, self.number(step.value)]
        return self.math(
            f"{called(step.name)} = {self.chained(pieces, 'latex')}",
            f"{step.name} = {self.operation(step)}",
        )

    def derived(self, edge: Edge, place: str = "") -> str:
        """How the local derivative of an edge comes about, from its symbol to its number; `place`
        says which argument the parent is, where it is several."""
        pieces = [edge.rule, edge.rule_in_numbers, self.slope(edge)]
        return self.math(
            f"{edge_derivative(edge, place)} = {self.chained(pieces, 'latex')}",
            self.local_derivative(edge),
        )

    # With the numbers of now

    def known(self, key: str) -> float:
        """The number under a key."""
        number = self.numbers[key]
        assert number is not None, key
        return number

    def in_words(self, told: str) -> str:
        """What is told, in plain text."""
        return Filling(self.numbers, self.digits_for)(told).replace(RESULT, self.result)

    @property
    def latex(self) -> str:
        """The formulas of all steps, as `explain` has them."""
        known = [self.numbers[key_of(edge.slope)] is not None for edge in self.backward]
        backward = [
            edge if is_known else replace(edge, slope=None)
            for edge, is_known in zip(self.backward, known, strict=True)
        ]
        fill = Filling(self.numbers, self.digits_for, "latex")
        told = fill(typeset.latex(replace(self, backward=tuple(backward))))
        return told.replace(latex_name(RESULT), latex_name(self.result))

    def digits_for(self, key: str) -> int:
        """With how many digits the equation is written that comes to the number under a key: more
        where numbers cancel."""
        letter, i = key[0], int(key[1:])
        if letter == "s":
            edge, slope = self.backward[i], self.numbers[key]
            if isinstance(edge.node.op, Folded):
                return DIGITS
            return digits_for_slope(edge.node, edge.position, slope, DIGITS)
        node = list(self.names)[i]
        if letter not in "vz" or node.op is None:
            return DIGITS
        if not isinstance(node.op, Folded):
            return digits_for_operation(node, DIGITS)
        neuron = neurons.neuron_of(node.op)
        is_value = letter == "v" and neuron is not None and neuron.activation is not None
        return DIGITS if is_value or not node.op.is_open else neurons.digits_for(node, DIGITS)


def called(name: str) -> str:
    """A name in LaTeX."""
    return mark("called", name)


def total_derivative(of: str, by: str) -> str:
    """The gradient ∂of/∂by in LaTeX."""
    return rf"\frac{{\partial {called(of)}}}{{\partial {called(by)}}}"


def edge_derivative(edge: Edge, place: str) -> str:
    """The local derivative of an edge, D with the edge as its index, in LaTeX; and which argument
    it is, where the same parent is several."""
    which = rf" \text{{{place}}}" if place else ""
    return rf"\text{{D}}_{{{called(edge.parent_name)} \to {called(edge.name)}{which}}}"


# The steps of `passes`, with places


def _operation(
    step: Operation, index: Mapping[Value, int], names: Mapping[Value, str]
) -> Operation:
    """A fold in which nothing is hidden tells what is inside."""
    i = index[step.node]
    readings = [
        lambda node: Formula(names[node], called(names[node]), digits=DIGITS),
        lambda node: Keyed(f"v{index[node]}"),
    ]
    value: Any = Keyed(f"v{i}")
    return neurons.retold(replace(step, value=value), readings, Keyed(f"z{i}"), DIGITS)


def _edge(edge: Edge, k: int, index: Mapping[Value, int], names: Mapping[Value, str]) -> Edge:
    """What is inside a fold is not put in numbers: most of them are nowhere to be seen. Which
    branch a choice takes may change with the numbers, so all its edges are walked alike: the
    derivative towards the other branch is 0."""
    slope = Keyed(f"s{k}")
    if isinstance(edge.node.op, Folded):
        in_numbers: Formula = slope
        in_names = slope if NUMBER.fullmatch(edge.rule.text) else edge.rule
    else:
        in_names, in_numbers = (
            rule(edge.node, edge.position, read, None, DIGITS)
            for read in (
                lambda node: Signed(names[node], called(names[node]), f"v{index[node]}"),
                lambda node: Keyed(f"v{index[node]}"),
            )
        )
    places: dict[str, Any] = {
        "rule": in_names,
        "rule_in_numbers": in_numbers,
        "slope": slope,
        "upstream": Keyed(f"g{index[edge.node]}"),
        "flow": Keyed(f"f{k}"),
        "so_far": Keyed(f"t{k}"),
    }
    return replace(edge, is_taken=True, **places)


NUMBER = re.compile(r"-?[\d.]+(e[-+]\d+)?")
