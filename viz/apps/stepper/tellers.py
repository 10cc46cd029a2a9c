"""Who tells the walk: `Plain` with the numbers of now, `Template` with places for numbers.

A page on which a number can be changed needs every sentence with places in it, so that new numbers
can be put in where nobody runs Python. Both tell the same sentences, those of `explain` and of
`words`; they differ in what a number is to them.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from autograd.backprop import topological_order
from autograd.formula import Formula, formula
from autograd.op import Op
from autograd.ops import absolute, corner
from autograd.teaching.names import names_of
from autograd.teaching.sentences import behind
from autograd.teaching.steps import Edge, Operation, numbers, passes, rule
from autograd.teaching.walkthrough import Explanation
from autograd.value import Value
from viz.apps.stepper.mathematics import RESULT
from viz.apps.stepper.neurons import digits_for, retold
from viz.apps.stepper.places import Place, mark, parsed
from viz.escape import printable
from viz.graph.inside import Folded
from viz.graph.notation import number, signed
from viz.palette import sign

DIGITS = 4  # as many as cards have room for

Line = tuple[str, str]
Column = tuple[str, str, str, str]  # kind, symbols in LaTeX, number, words
SIGNS = ("", "positive", "negative")  # of 0, and of the others


class Plain(Explanation):
    """The walk in plain text."""

    @classmethod
    def of(
        cls, y: Value, variables: Mapping[str, Any], names: Mapping[Value, str] | None = None
    ) -> "Plain":
        """`names` are those of the nodes, if they have any. Raises what the sweep raises."""
        if names is None:
            names = names_of(topological_order(y), variables)
        names = {n: name if name == RESULT else printable(name) for n, name in names.items()}
        forward, backward = passes(y, names, DIGITS)
        forward = tuple(_opened(step, names) for step in forward)
        return cls(y, names, forward, tuple(map(_short, backward)), towards=(), digits=DIGITS)

    def value(self, node: Value) -> float:
        return node.data

    def behind(self, factor: Formula, form: str = "text") -> str:
        """A factor behind a multiplication sign."""
        return behind(factor, form)

    def by_slope(self, edge: Edge, say: Callable[[Edge], str]) -> str:
        """What depends on whether the edge has a local derivative."""
        return say(edge)

    def by_sign(self, x: float, say: Callable[[str], str]) -> str:
        """What depends on the sign of a number."""
        return say(sign(x))

    def of_the_largest(self, told: Sequence[tuple[float, str]]) -> str:
        """The text beside the number that is largest in size, the first of equals."""
        return max(told, key=lambda one: abs(one[0]))[1]

    def pointing(self, ids: Sequence[str], text: str) -> str:
        """Text that speaks of something in the picture."""
        return text

    def math(self, latex: Callable[[], str], text: str) -> str:
        """A formula, which is typeset where that is possible."""
        return text

    def columns(self, columns: Callable[[], Sequence[Column]], text: str) -> str:
        """An equation whose numbers stand below their symbols, and above words for them."""
        return text

    def gradient(self, node: Value, total: float) -> Line:
        """A gradient as a line of its own."""
        return self.d(node), str(self.number(total))

    def made(self, step: Operation) -> str:
        """How a value is computed, from its name to its number."""
        pieces = [step.rule, step.rule_in_numbers, self.number(step.value)]
        return self.math(
            lambda: f"{called(step.name)} = {in_chain(pieces)}",
            f"{step.name} = {self.operation(step)}",
        )

    def derived(self, edge: Edge, place: str = "") -> str:
        """How the local derivative of an edge comes about, from its symbol to its number; `place`
        says which argument the parent is, where it is several."""

        pieces = [edge.rule, edge.rule_in_numbers, self.slope(edge)]
        return self.math(
            lambda: f"{edge_derivative(edge, place)} = {in_chain(pieces)}",
            self.local_derivative(edge),
        )

    def finished(self, told: str) -> Any:
        """Finished text, in the form in which a plan holds it."""
        return told

    def card(self, value: float, sums: Sequence[float]) -> dict[str, Any]:
        """What a card shows: its value, and its gradient as it grows."""
        return {
            "value": number(value),
            "grads": [{"text": signed(total), "sign": sign(total)} for total in sums],
        }

    def wire(self, edge: Edge) -> dict[str, Any]:
        """What stands on an edge once it has been walked."""
        slope = "undefined" if edge.slope is None else f"×{number(edge.slope)}"
        return {"local": slope, "flow": signed(edge.flow), "sign": sign(edge.flow)}


def _opened(step: Operation, names: Mapping[Value, str]) -> Operation:
    """A fold in which nothing is hidden tells what is inside."""
    if not isinstance(step.node.op, Folded) or not step.node.op.is_open:
        return step
    readings = [
        lambda node: Formula(names[node], digits=DIGITS),
        numbers(digits_for(step.node, DIGITS)),
    ]
    return retold(step, readings, lambda x: (x, Formula.of_number(x, DIGITS)), DIGITS)


def _short(edge: Edge) -> Edge:
    """What is inside a fold is not put in numbers: most of them are nowhere to be seen. Which
    branch a choice takes may change with the numbers, so all its edges are walked alike: the
    derivative towards the other branch is 0."""
    edge = replace(edge, is_taken=True)
    if not isinstance(edge.node.op, Folded) or edge.slope is None:
        return edge
    return replace(edge, rule_in_numbers=Formula.of_number(edge.slope, DIGITS))


class Cased(Formula):
    """A formula whose sign is that of the number under a key, or follows from it: `cases` says what
    it is like where that number is 0, positive, and negative. A choice that is made by it is a
    place for one of the branches."""

    __slots__ = ("cases", "key")

    def __init__(self, text: str, latex: str, key: str, digits: int) -> None:
        super().__init__(text, latex, digits=digits)
        self.key, self.cases = key, (0.0, 1.0, -1.0)

    def apply(self, op: Op, args: tuple) -> Any:
        condition = args[0]
        if op.symbol == "if" and isinstance(condition, Cased):
            return self.choice(condition, args)
        made = super().apply(op, args)
        if op is absolute or (op.symbol in ("<", "<=") and 0.0 in args):
            each = zip(*(x.cases if isinstance(x, Cased) else (x,) * 3 for x in args), strict=True)
            cased = Cased(made.text, made.latex, self.key, self.digits)
            cased.cases = tuple(op(*numbers) for numbers in each)
            cased._level, cased._latex_level = made._level, made._latex_level
            return cased
        return made

    def choice(self, condition: "Cased", args: tuple) -> Formula:
        taken = [formula(args[1 if case else 2], self.digits) for case in condition.cases]
        # what is marked as chosen by convention is 0
        taken = [Formula.of_number(0.0) if one.op is corner else one for one in taken]
        if len({one.text for one in taken}) == 1:
            return taken[0]
        made = Formula(
            mark("sign", condition.key, *(one.text for one in taken)),
            mark("sign", condition.key, *(one.latex for one in taken)),
        )
        made._level = min(one._level for one in taken)
        made._latex_level = min(one._latex_level for one in taken)
        return made


class Blank(Cased):
    """A place in a formula. It stands where a negative number would, so formulas put parentheses
    around it where a negative number needs them."""

    __slots__ = ()

    def __init__(self, key: str, digits: int) -> None:
        number = Formula.of_number(-1.0, digits)  # for its place among the levels
        place = f"-{mark('number', key)}"
        super().__init__(place, place, key, digits)
        self._level, self._latex_level = number._level, number._latex_level


@dataclass(frozen=True, repr=False)
class Template(Plain):
    """The walk with places for numbers.

    v0, v1, … are the values of the nodes and g0, g1, … their gradients, in topological order;
    s0, f0 and t0 are the slope of the first edge of the sweep, its flow, and the total of the
    parent behind it, and so on.
    """

    @classmethod
    def of(
        cls, y: Value, variables: Mapping[str, Any], names: Mapping[Value, str] | None = None
    ) -> "Template":
        if names is None:
            names = names_of(topological_order(y), variables)
        plain = Plain.of(y, variables, {**names, y: RESULT})
        index = {node: i for i, node in enumerate(plain.names)}
        return cls(
            root=y,
            names=plain.names,
            forward=tuple(_operation(step, index, plain.names) for step in plain.forward),
            backward=tuple(
                _edge(edge, k, index, plain.names) for k, edge in enumerate(plain.backward)
            ),
            towards=(),
            digits=DIGITS,
        )

    def number(self, x: float) -> Formula:
        return Blank(x.key, self.digits) if isinstance(x, Place) else super().number(x)

    def value(self, node: Value) -> float:
        return Place(node.data, f"v{list(self.names).index(node)}")

    def chained(self, pieces: Any) -> str:
        return mark("chain", *(piece.text for piece in pieces))

    def behind(self, factor: Formula, form: str = "text") -> str:
        if not isinstance(factor, Blank):
            return super().behind(factor, form)
        return f"({factor.text})" if form == "text" else rf"\left({factor.latex}\right)"

    def by_slope(self, edge: Edge, say: Callable[[Edge], str]) -> str:
        assert isinstance(edge.flow, Place)
        missing = replace(edge, slope=None)
        key = edge.flow.key.replace("f", "s")
        return mark("slope", key, say(replace(edge, slope=Place(0.0, key))), say(missing))

    def flow(self, edge: Edge) -> str:
        return self.by_slope(edge, super().flow)

    def by_sign(self, x: float, say: Callable[[str], str]) -> str:
        return mark("sign", x.key, *map(say, SIGNS)) if isinstance(x, Place) else say(sign(x))

    def of_the_largest(self, told: Sequence[tuple[float, str]]) -> str:
        keys = [getattr(x, "key", "") for x, _ in told]
        return mark("most", " ".join(keys), *(text for _, text in told))

    def pointing(self, ids: Sequence[str], text: str) -> str:
        return mark("at", " ".join(ids), text)

    def math(self, latex: Callable[[], str], text: str) -> str:
        return mark("math", latex(), text)

    def columns(self, columns: Callable[[], Sequence[Column]], text: str) -> str:
        return mark("columns", "".join(mark("column", *one) for one in columns()), text)

    def gradient(self, node: Value, total: float) -> Line:
        symbols = total_derivative(self.names[self.root], self.names[node])
        column = ("gradient", symbols, str(self.number(total)), "")
        return "", self.columns(lambda: [column], " = ".join(super().gradient(node, total)))

    def finished(self, told: str) -> Any:
        return parsed(told)

    def card(self, value: float, sums: Sequence[float]) -> dict[str, Any]:
        return {
            "value": getattr(value, "key", ""),
            "gradient": getattr(value, "key", "").replace("v", "g"),
            "grads": [{"of": getattr(total, "key", "")} for total in sums],
        }

    def wire(self, edge: Edge) -> dict[str, Any]:
        assert isinstance(edge.flow, Place)
        return {"flow": edge.flow.key, "slope": edge.flow.key.replace("f", "s")}


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


def in_chain(pieces: Iterable[Formula]) -> str:
    """Pieces of LaTeX between equals signs, none of them twice."""
    return mark("chain", *(piece.latex for piece in pieces))


def _operation(
    step: Operation, index: Mapping[Value, int], names: Mapping[Value, str]
) -> Operation:
    i = index[step.node]
    readings = [
        lambda node: Formula(names[node], called(names[node]), digits=DIGITS),
        lambda node: Blank(f"v{index[node]}", DIGITS),
    ]
    step = replace(step, value=Place(step.value, f"v{i}"))
    return retold(step, readings, lambda x: (Place(x, f"z{i}"), Blank(f"z{i}", DIGITS)), DIGITS)


def _edge(edge: Edge, k: int, index: Mapping[Value, int], names: Mapping[Value, str]) -> Edge:
    slope = Place(edge.slope or 0.0, f"s{k}")
    if isinstance(edge.node.op, Folded):
        in_numbers: Formula = Blank(f"s{k}", DIGITS)
        in_names = in_numbers if NUMBER.fullmatch(edge.rule.text) else edge.rule
    else:
        in_names, in_numbers = (
            rule(edge.node, edge.position, read, None, DIGITS)
            for read in (
                lambda node: Cased(names[node], called(names[node]), f"v{index[node]}", DIGITS),
                lambda node: Blank(f"v{index[node]}", DIGITS),
            )
        )
    return replace(
        edge,
        rule=in_names,
        rule_in_numbers=in_numbers,
        slope=slope,
        upstream=Place(edge.upstream, f"g{index[edge.node]}"),
        flow=Place(edge.flow, f"f{k}"),
        so_far=Place(edge.so_far, f"t{k}"),
    )


NUMBER = re.compile(r"-?[\d.]+(e[-+]\d+)?")
