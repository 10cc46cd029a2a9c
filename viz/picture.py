"""A computation graph as cards and wires: what a picture says, before anything is drawn."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from autograd import Value, topological_order
from autograd.teaching.names import names_of
from autograd.teaching.steps import local_derivative, not_taken
from autograd.user_text import counted
from viz.escape import columns, number, printable, shortened, signed
from viz.fold import MAX_DRAWN, count
from viz.inside import Folded
from viz.trunks import Stops, shared, stops

FEW = 8  # edges that a card can have on both sides before their numbers become a thicket

COLUMN = 7.85  # the width of a character at 13 px, in any monospaced font
ROW, HEADER, PADDING = 19.0, 25.0, 10.0

NOTES = (
    "× on an edge is its local derivative. Below it stands what flows back along the edge: the "
    "gradient at the arrow's head times that number. The gradient of a node is the sum of what "
    "flows back to it.",
    "▲ positive, ▼ negative; the thicker, the larger.",
)
NOTES_BEFORE_BACKWARD = (
    "× on an edge is its local derivative: what flows back along the edge will be multiplied by "
    "it. Call backward() to compute the gradients.",
)
QUIET = (
    "Where many cards meet many, there is no room for numbers: their edges have them as tooltips."
)
SHARED = (
    "Where very many long edges would run side by side, they run as one: the tooltip of an arrow "
    "says where it comes from."
)


@dataclass(frozen=True)
class Card:
    """What a picture says about a node, or about a constant that went into one.

    `id` is made up, never taken from the label: n0, n1, ... in topological order, and c0, c1, ...
    for constants. `strength` compares the gradient with the picture's largest, from 0 to 1. `sums`
    are what the gradient grew through, where the picture will show them one after the other.
    `inside` is how many values a folded node stands for, and 0 for all others.
    """

    id: str
    kind: str  # "leaf", "operation" or "constant"
    label: str
    op: str
    value: float
    grad: float | None
    strength: float = 0.0
    sums: tuple[float, ...] = ()
    inside: int = 0

    @property
    def name(self) -> str:
        """How sentences call it."""
        return self.label or number(self.value)

    @property
    def header(self) -> tuple[str, str]:
        """The label and the operation, as far as there is room for them."""
        mark = "▣ " if self.inside else ""
        return shortened(self.label), mark + shortened(self.op)

    @property
    def rows(self) -> list[tuple[str, str]]:
        """The number and the gradient as they are written, each with its name."""
        if self.kind == "constant":
            return []
        grad = "not computed" if self.grad is None else signed(self.grad)
        return [("value", number(self.value)), ("grad", grad)]

    @property
    def columns(self) -> int:
        """How many characters wide its widest line is."""
        if self.kind == "constant":
            return columns(number(self.value))
        growing = [("grad", unfinished(total)) for total in self.sums[:-1]]
        lines = (self.header, *self.rows, *growing)
        return max(columns(left) + 2 + columns(right) for left, right in lines)

    @property
    def width(self) -> float:
        """How wide it is drawn, in pixels."""
        return self.columns * COLUMN + 2 * PADDING

    @property
    def height(self) -> float:
        """How high it is drawn, in pixels."""
        if self.kind == "constant":
            return HEADER
        return HEADER + 2 * ROW + PADDING

    @property
    def sentence(self) -> str:
        """The card read aloud."""
        if self.kind == "constant":
            return f"constant {number(self.value)}"
        grad = "not computed" if self.grad is None else number(self.grad)
        op = f"{self.op} of {self.inside} values" if self.inside else self.op
        names = [name for name in (self.label, op) if name]
        return ", ".join([*names, f"value {number(self.value)}", f"gradient {grad}"])


@dataclass(frozen=True)
class Wire:
    """What a picture says about an edge: `slope` is None where the derivative does not exist,
    `flow` where no gradient has been computed. Wires from constants have neither. One in a branch
    that a choice did not take is not `taken`. A `quiet` one has no room for its notes."""

    id: str
    tail: Card
    head: Card
    slope: float | None = None
    flow: float | None = None
    strength: float = 0.0
    quiet: bool = False
    taken: bool = True

    @property
    def shown(self) -> list[str]:
        """What stands on it, line by line."""
        return [] if self.quiet else self.notes

    @property
    def notes(self) -> list[str]:
        """What there is to stand on it."""
        if self.tail.kind == "constant":
            return []
        if not self.taken:
            return ["not taken"]
        slope = "undefined" if self.slope is None else f"× {number(self.slope)}"
        return [slope] if self.flow is None else [slope, signed(self.flow)]

    @property
    def sentence(self) -> str:
        """The wire read aloud."""
        ends = f"{self.tail.name} into {self.head.name}"
        if self.tail.kind == "constant":
            return ends
        if not self.taken:
            return f"{ends}: branch not taken"
        what = "product of local derivatives" if self.head.inside else "local derivative"
        if self.slope is None:
            return f"{ends}: {what} undefined"
        slope = number(self.slope)
        if self.flow is None or self.head.grad is None:
            return f"{ends}: {what} {slope}"
        flow = f"{number(self.head.grad)} × {slope} = {number(self.flow)}"
        return f"{ends}: {what} {slope}, flows back {flow}"


@dataclass(frozen=True)
class Picture:
    """Cards and wires: what is drawn of a graph, as it was at one moment. `folds` are sentences
    about what is folded in it."""

    cards: list[Card]
    wires: list[Wire]
    folds: tuple[str, ...] = ()

    @cached_property
    def stops(self) -> Stops:
        """What wires run through on their way, for those that do not run by themselves."""
        return stops(self.cards, self.wires)

    @property
    def layers(self) -> list[Wire]:
        """The wires, the lowest first. Where they share a trunk, the first to leave it is on top:
        in a walk it is the one pointed at, or not much of it is drawn yet."""
        return self.wires[::-1] if self.stops else self.wires

    @property
    def crowded(self) -> bool:
        """Whether there is no room for some of the numbers."""
        return any(wire.quiet for wire in self.wires)

    @property
    def notes(self) -> list[str]:
        """The legend."""
        if not any(wire.notes for wire in self.wires):
            return list(self.folds)
        quiet = [QUIET] * self.crowded + [SHARED] * shared(self.stops)
        if all(wire.flow is None for wire in self.wires):
            return [*NOTES_BEFORE_BACKWARD, *self.folds, *quiet]
        notes = [*NOTES, *self.folds, *quiet]
        if names := [shortened(card.name) for card in self.cards if self.holds_more(card)]:
            others = f" (and {len(names) - 1} more)" if len(names) > 1 else ""
            notes.append(
                f"The gradient of {names[0]}{others} is not the sum of the flows drawn here: there "
                "were earlier backward passes, or other graphs."
            )
        return notes

    def holds_more(self, card: Card) -> bool:
        """Whether a gradient is not the sum of the flows, as after a second backward pass."""
        flows = [wire.flow for wire in self.wires if wire.tail is card]
        if card.grad is None or not flows:
            return False
        known = [flow for flow in flows if flow is not None]
        if len(known) < len(flows):
            return True
        return not math.isclose(card.grad, sum(known), abs_tol=1e-9 * sum(map(abs, known)))

    def __repr__(self) -> str:
        name = shortened(self.cards[-1].name)
        nodes, edges = counted(len(self.cards), "node"), counted(len(self.wires), "edge")
        return f"<drawing of {name}: {nodes}, {edges}>"


def trace(y: Value) -> tuple[list[Value], list[tuple[Value, Value]]]:
    """Everything y was made from, in topological order, parents first and y last, and the edges as
    (parent, node) pairs, one for every use.

    >>> a = Value(3.0, "a")
    >>> nodes, edges = trace(a * a)
    >>> len(nodes), len(edges)
    (2, 2)

    Raises StaleGraph when a leaf was changed after the graph was recorded, TypeError for what is no
    Value.
    """
    nodes = topological_order(y)
    return nodes, [(parent, node) for node in nodes for parent in node.parents]


def picture(
    y: Value,
    variables: Mapping[str, Any] | None = None,
    sums: Mapping[Value, Sequence[float]] | None = None,
) -> Picture:
    """The graph of y as it is now. Values without a label get the names that `explain` gives them,
    from the caller's `variables`.

    `sums` are the gradients of a sweep, as they grew: they are drawn instead of those that the
    nodes hold, and every card has room for all of its own.

    Raises ValueError above 400 nodes, TypeError for what is not a Value, and StaleGraph when a
    leaf was changed after the graph was recorded.
    """
    order = topological_order(y)
    if (drawn := count(order)) > MAX_DRAWN:
        raise ValueError(
            f"this graph has {drawn} nodes, and a picture holds at most {MAX_DRAWN}: draw a part, "
            "such as an intermediate value or a graph of fewer inputs, or read it with `explain`"
        )
    grads = {node: node.grad if sums is None else sums[node][-1] for node in order}
    largest_grad = largest(grads.values())
    slopes = {node: [local_derivative(node, i) for i in range(len(node.parents))] for node in order}
    idle = not_taken(order) if sums is None else set()  # a walk may be changed to take the other
    largest_flow = largest(flow(grads[node], steep) for node in order for steep in slopes[node])
    names = names_of(order, variables)
    cards: list[Card] = []
    wires: list[Wire] = []
    card_of: dict[Value, Card] = {}
    for node in order:
        card = card_of[node] = Card(
            id=f"n{len(card_of)}",
            kind="leaf" if node.op is None else "operation",
            label=printable(node.label or names[node]),
            op=printable(node.op.symbol or node.op.name) if node.op else "",
            value=node.data,
            grad=grads[node],
            strength=share(grads[node], largest_grad),
            sums=tuple(sums[node]) if sums else (),
            inside=node.op.inside.count if isinstance(node.op, Folded) else 0,
        )
        position = 0
        for arg in node.args:
            wire_id = f"e{len(wires)}"
            if isinstance(arg, Value):
                steep = slopes[node][position]
                flows = flow(grads[node], steep)
                strength = share(flows, largest_flow)
                taken = (node, position) not in idle
                wires.append(Wire(wire_id, card_of[arg], card, steep, flows, strength, taken=taken))
                position += 1
            else:
                constant = Card(f"c{len(cards) - len(card_of) + 1}", "constant", "", "", arg, None)
                cards.append(constant)
                wires.append(Wire(wire_id, constant, card))
        cards.append(card)
    return Picture(cards, quieter(wires), about_folds(order))


def quieter(wires: list[Wire]) -> list[Wire]:
    """The wires, around folded cards without notes where many cards meet many others: a layer of
    16 neurons behind another would stretch the picture to a page of 256 pairs of numbers."""
    if not any(wire.head.inside for wire in wires):
        return wires
    noted = [wire for wire in wires if wire.notes]
    uses, inputs = Counter(wire.tail.id for wire in noted), Counter(w.head.id for w in noted)
    return [
        replace(wire, quiet=uses[wire.tail.id] > FEW and inputs[wire.head.id] > FEW)
        for wire in wires
    ]


def about_folds(order: Sequence[Value]) -> tuple[str, ...]:
    """What a reader should know of the folded nodes of a graph."""
    ops = [node.op for node in order if isinstance(node.op, Folded)]
    if not ops:
        return ()
    everything = set(order).difference(node for node in order if isinstance(node.op, Folded))
    everything.update(node for op in ops for node in op.inside.nodes)
    leaves = dict.fromkeys(leaf for op in ops for leaf in op.inside.leaves)
    everything.update(leaves)
    kinds = " or ".join(dict.fromkeys(op.name for op in ops))
    notes = [
        f"{len(everything)} values, folded into {len(order)}. A card marked ▣ is a whole {kinds}: "
        "× on an edge into it is the product of the local derivatives on the way through it, and "
        "the sum of these products where there are several ways."
    ]
    if leaves:
        names = [shortened(printable(leaf.label)) for leaf in leaves]
        ends = names[0] if len(names) == 1 else f"{names[0]} … {names[-1]}"
        notes.append(
            f"Folded away with them: {counted(len(names), 'parameter')}, {ends}, whose gradients "
            "are not shown."
        )
    return tuple(notes)


def flow(grad: float | None, slope: float | None) -> float | None:
    """What flows back along an edge; nothing does from a gradient of 0, however steep the edge."""
    if grad is None:
        return None
    if grad == 0:
        return 0.0
    return None if slope is None else grad * slope


def unfinished(total: float) -> str:
    """A gradient to which more will be added."""
    return f"{signed(total)} …"


def largest(numbers: Any) -> float:
    return max((abs(x) for x in numbers if x is not None and math.isfinite(x)), default=0.0)


def share(x: float | None, largest: float) -> float:
    """The square root of the share, so that a hundredth of the largest can still be seen."""
    if not x or math.isnan(x):
        return 0.0
    return math.sqrt(abs(x) / largest) if math.isfinite(x) else 1.0
