"""Who tells the walk: `Plain` with the numbers of now, `Template` with places for numbers.

A page on which a number can be changed needs every sentence with places in it, so that new numbers
can be put in where nobody runs Python. Both tell the same sentences, those of `explain` and of
`words`; they differ in what a number is to them.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from autograd.backprop import topological_order
from autograd.formula import Formula, formula, written
from autograd.op import Op
from autograd.ops import absolute, corner
from autograd.teaching.names import names_of
from autograd.teaching.sentences import behind
from autograd.teaching.steps import Edge, Operation, passes, rule
from autograd.teaching.walkthrough import Explanation
from autograd.value import Value
from viz.escape import printable
from viz.graph.inside import Folded
from viz.graph.notation import number, signed
from viz.palette import sign

DIGITS = 4  # as many as cards have room for
IN_NUMBERS = "with numbers"

Line = tuple[str, str]
SIGNS = ("", "positive", "negative")  # of 0, and of the others


class Plain(Explanation):
    """The walk in plain text."""

    @classmethod
    def of(cls, y: Value, variables: Mapping[str, Any]) -> "Plain":
        """Raises what the sweep raises."""
        order = topological_order(y)
        names = {node: printable(name) for node, name in names_of(order, variables).items()}
        forward, backward = passes(y, names, DIGITS)
        return cls(y, names, forward, tuple(map(_short, backward)), towards=(), digits=DIGITS)

    def value(self, node: Value) -> float:
        return node.data

    def behind(self, factor: Formula) -> str:
        """A factor behind a multiplication sign."""
        return behind(factor)

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

    def lines(self, lines: Sequence[Line]) -> list[Line]:
        """The lines of a step, without the numbers where they repeat what stands beside them."""
        texts = [text for _, text in lines]
        return [
            (name, text) for name, text in lines if name != IN_NUMBERS or texts.count(text) == 1
        ]

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


def _short(edge: Edge) -> Edge:
    """What is inside a fold is not put in numbers: most of them are nowhere to be seen. Which
    branch a choice takes may change with the numbers, so all its edges are walked alike: the
    derivative towards the other branch is 0."""
    edge = replace(edge, is_taken=True)
    if not isinstance(edge.node.op, Folded) or edge.slope is None:
        return edge
    return replace(edge, rule_in_numbers=Formula.of_number(edge.slope, DIGITS))


# Places. In a text they are strings between characters that no printable name contains.

OPEN, NEXT, CLOSE = "\ue000", "\ue001", "\ue002"


class Place(float):
    """A number that is still to come, under a key; as a float it is what it happens to be now."""

    def __new__(cls, number: float, key: str) -> "Place":
        place = super().__new__(cls, number)
        place.key = key
        return place

    key: str

    def __abs__(self) -> "Place":
        return Place(super().__abs__(), f"|{self.key}|")


class Cased(Formula):
    """A formula whose sign is that of the number under a key, or follows from it: `cases` says what
    it is like where that number is 0, positive, and negative. A choice that is made by it is a
    place for one of the branches."""

    __slots__ = ("cases", "key")

    def __init__(self, text: str, key: str, digits: int) -> None:
        super().__init__(text, "?", digits=digits)
        self.key, self.cases = key, (0.0, 1.0, -1.0)

    def apply(self, op: Op, args: tuple) -> Any:
        condition = args[0]
        if op.symbol == "if" and isinstance(condition, Cased):
            return self.choice(condition, args)
        made = super().apply(op, args)
        if op is absolute or (op.symbol in ("<", "<=") and 0.0 in args):
            each = zip(*(x.cases if isinstance(x, Cased) else (x,) * 3 for x in args), strict=True)
            cased = Cased(made.text, self.key, self.digits)
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
        made = Formula(mark("sign", condition.key, *(one.text for one in taken)), "?")
        made._level = min(one._level for one in taken)
        return made


class Blank(Cased):
    """A place in a formula. It stands where a negative number would, so formulas put parentheses
    around it where a negative number needs them."""

    __slots__ = ()

    def __init__(self, key: str, digits: int) -> None:
        number = Formula.of_number(-1.0, digits)  # for its place among the levels
        super().__init__(f"-{mark('number', key)}", key, digits)
        self._level, self._latex_level = number._level, number._latex_level


def mark(*parts: str) -> str:
    return OPEN + NEXT.join(parts) + CLOSE


@dataclass(frozen=True, repr=False)
class Template(Plain):
    """The walk with places for numbers.

    v0, v1, … are the values of the nodes and g0, g1, … their gradients, in topological order;
    s0, f0 and t0 are the slope of the first edge of the sweep, its flow, and the total of the
    parent behind it, and so on.
    """

    @classmethod
    def of(cls, y: Value, variables: Mapping[str, Any]) -> "Template":
        plain = Plain.of(y, variables)
        index = {node: i for i, node in enumerate(plain.names)}
        return cls(
            root=y,
            names=plain.names,
            forward=tuple(_operation(step, index) for step in plain.forward),
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

    def behind(self, factor: Formula) -> str:
        return f"({factor.text})" if isinstance(factor, Blank) else super().behind(factor)

    def by_slope(self, edge: Edge, say: Callable[[Edge], str]) -> str:
        assert isinstance(edge.flow, Place)
        missing = replace(edge, slope=None)
        key = edge.flow.key.replace("f", "s")
        return mark("slope", key, say(replace(edge, slope=Place(0.0, key))), say(missing))

    def local_derivative(self, edge: Edge) -> str:
        return self.by_slope(edge, super().local_derivative)

    def flow(self, edge: Edge) -> str:
        return self.by_slope(edge, super().flow)

    def by_sign(self, x: float, say: Callable[[str], str]) -> str:
        return mark("sign", x.key, *map(say, SIGNS)) if isinstance(x, Place) else say(sign(x))

    def of_the_largest(self, told: Sequence[tuple[float, str]]) -> str:
        keys = [getattr(x, "key", "") for x, _ in told]
        return mark("most", " ".join(keys), *(text for _, text in told))

    def pointing(self, ids: Sequence[str], text: str) -> str:
        return mark("at", " ".join(ids), text)

    def lines(self, lines: Sequence[Line]) -> list[Line]:
        return list(lines)  # whether two are alike can only be seen with the numbers in

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


def _operation(step: Operation, index: Mapping[Value, int]) -> Operation:
    node = step.node
    assert node.op is not None
    args = [Blank(f"v{index[a]}", DIGITS) if isinstance(a, Value) else a for a in node.args]
    return replace(
        step,
        rule_in_numbers=written(node.op, tuple(args), DIGITS),
        value=Place(step.value, f"v{index[node]}"),
    )


def _edge(edge: Edge, k: int, index: Mapping[Value, int], names: Mapping[Value, str]) -> Edge:
    slope = Place(edge.slope or 0.0, f"s{k}")
    if isinstance(edge.node.op, Folded):
        in_numbers: Formula = Blank(f"s{k}", DIGITS)
        in_names = in_numbers if NUMBER.fullmatch(edge.rule.text) else edge.rule
    else:
        in_names, in_numbers = (
            rule(edge.node, edge.position, read, None, DIGITS)
            for read in (
                lambda node: Cased(names[node], f"v{index[node]}", DIGITS),
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


# From marks to what a page evaluates

FENCED = re.compile(rf"(?<!\w)\(-{OPEN}number{NEXT}([^{CLOSE}]*){CLOSE}\)")
BARE = re.compile(rf"-{OPEN}number{NEXT}")


def parsed(told: str) -> Any:
    """Text with marks as nested JSON: strings, lists of pieces, and objects for the places.

    >>> parsed("a = " + Blank("v0", 4).text)
    ['a = ', {'number': 'v0'}]
    """
    told = FENCED.sub(rf"{OPEN}fenced{NEXT}\1{CLOSE}", told)
    pieces = re.split(f"([{OPEN}{NEXT}{CLOSE}])", BARE.sub(f"{OPEN}number{NEXT}", told))
    parts: list[list[list[Any]]] = [[[]]]  # of the open marks: their parts, and the pieces of each
    for piece in pieces:
        if piece == OPEN:
            parts.append([[]])
        elif piece == NEXT:
            parts[-1].append([])
        elif piece == CLOSE:
            inner = parts.pop()
            parts[-1][-1].append(_place(*map(_compact, inner)))
        elif piece:
            parts[-1][-1].append(piece)
    return _compact(parts[0][0])


def _place(kind: str, *parts: Any) -> dict[str, Any]:
    if kind in ("number", "fenced"):
        return {kind: parts[0]}
    if kind == "chain":
        return {"chain": list(parts)}
    key, *say = parts
    if kind == "at":
        return {"at": key.split(), "say": say[0]}
    if kind == "most":
        return {"most": key.split(), "say": say}
    return {"by": kind, "of": key, "say": say}


def _compact(pieces: list[Any]) -> Any:
    return pieces[0] if len(pieces) == 1 else pieces or ""
