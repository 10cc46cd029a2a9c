"""How wires run: each by itself, or along trunks where Graphviz would take too long for that.

Graphviz gives a wire a place in every column of cards that it passes, and its time explodes with
their number: a weight that is used in each of 40 steps would take minutes. In such a picture the
long wires of a value begin as one trunk, and each leaves it right before the card that it leads to.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from math import inf
from typing import Protocol

ENOUGH = 800  # places in passing, with which Graphviz takes a second or two
COMMON = "common"  # the name of a trunk of several values


class Card(Protocol):
    """What matters here of a card."""

    @property
    def id(self) -> str: ...


class Wire(Protocol):
    """What matters here of a wire."""

    @property
    def id(self) -> str: ...
    @property
    def tail(self) -> Card: ...
    @property
    def head(self) -> Card: ...


Stops = dict[str, list[str]]  # by wire, the points of a trunk that it runs through
Columns = dict[str, int]  # by card


def stops(cards: Sequence[Card], wires: Sequence[Wire]) -> Stops:
    """What wires run through on their way, for those that do not run by themselves.

    Where a trunk for each value is still too much, those that pass the most cards share one. All
    of it depends on the graph alone: a clock would draw other pictures on slower machines.
    """
    column = late(cards, wires)
    if min(passing(wires, column), passing(wires, early(cards, wires))) <= ENOUGH:
        return {}
    trunks: dict[str, list[Wire]] = defaultdict(list)
    for wire in wires:
        if span(wire, column) > 1:
            trunks[wire.tail.id].append(wire)
    length = {name: max(span(wire, column) for wire in trunks[name]) - 1 for name in trunks}
    price = {name: length[name] / len(trunks[name]) for name in trunks}
    total, too_much = 0, inf
    for name in sorted(trunks, key=lambda name: price[name]):
        total += length[name]
        if total > ENOUGH:
            too_much = price[name]  # and for all others at this price too
            break
    common = [wire for name in trunks if price[name] >= too_much for wire in trunks[name]]
    found = along(COMMON, common, column, (column[wire.tail.id] + 2 for wire in common))
    for name, trunk in trunks.items():
        if price[name] < too_much and len(trunk) > 1:
            found |= along(name, trunk, column)
    return found


def along(name: str, trunk: Sequence[Wire], column: Columns, entries: Iterable[int] = ()) -> Stops:
    """The stops of wires along a trunk: one before every column in which it leads to a card, and
    those where wires join it."""
    points = sorted({column[wire.head.id] for wire in trunk}.union(entries))
    return {
        wire.id: [
            f"{name}_{point}"
            for point in points
            if column[wire.tail.id] + 1 < point <= column[wire.head.id]
        ]
        for wire in trunk
    }


def shared(stops: Stops) -> bool:
    """Whether wires of several values share a trunk."""
    return any(stop.startswith(COMMON) for way in stops.values() for stop in way)


def span(wire: Wire, column: Columns) -> int:
    return column[wire.head.id] - column[wire.tail.id]


def passing(wires: Sequence[Wire], column: Columns) -> int:
    """How many places wires need in the columns between their ends."""
    return sum(span(wire, column) - 1 for wire in wires)


def late(cards: Sequence[Card], wires: Sequence[Wire]) -> Columns:
    """The columns when every card stands right before the first that needs it."""
    column = {card.id: len(cards) for card in cards}
    for wire in reversed(wires):
        column[wire.tail.id] = min(column[wire.tail.id], column[wire.head.id] - 1)
    return column


def early(cards: Sequence[Card], wires: Sequence[Wire]) -> Columns:
    """The columns when every operation stands right after the last card that it needs."""
    column: Columns = {}
    for wire in wires:
        column[wire.head.id] = max(column.get(wire.head.id, 0), column.get(wire.tail.id, 0) + 1)
    first: Columns = {}
    for wire in wires:
        at = column[wire.head.id]
        first[wire.tail.id] = min(first.get(wire.tail.id, at), at)
    return {card.id: column.get(card.id, first.get(card.id, 1) - 1) for card in cards}
