"""The table as data, as far as a graph needs it: for the small engine of a page.

A recipe is {"do": [[row, argument, …], …], "end": argument}: whole numbers are places and then the
results of the instructions, texts are constants. Values and partials are read off the table:
evaluated on symbols, or on the wires of a tape, they are recipes. Nothing is differentiated here.
"""

import json
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from autograd.errors import DivisionByZero, OutsideDomain, TooLarge
from autograd.flows import product, total
from autograd.languages import JAVASCRIPT
from autograd.micrograd.custom import CustomNode
from autograd.op import BUILT_IN, TABLE, Op
from autograd.program.recording import Tape, Wire
from autograd.symbols import Definition, Symbol, definition, in_order, letters
from autograd.value import Value
from viz.apps.stepper.neurons import neuron_of
from viz.graph.inside import Folded

KINDS = (DivisionByZero, OutsideDomain, TooLarge)
LARGEST = 1_000_000  # characters: networks that are folded have to be written out

Recipe = dict[str, Any]


def graph_of(names: Mapping[Value, str]) -> dict[str, Any]:
    """The graph of the named nodes, in their order, as a page recomputes it.

    `nodes` have the name of their row and their args, of which numbers are nodes and texts are
    constants; `rows` are recipes, and the rest says what goes wrong in words. Where an operation
    is known in Python only, `why_not` says so instead.
    """
    index = {node: i for i, node in enumerate(names)}
    called: dict[Op, str] = {}
    for node in names:
        if node.op is not None:
            called.setdefault(node.op, name_of(node.op, len(called)))
    try:
        rows = rows_of(called)
    except ValueError as error:
        if any(isinstance(op, CustomNode) for op in called):
            return {"why_not": "what was made by hand is known at its own numbers only"}
        why = f"{error}; in a notebook, or on the page that `stepgrad step` opens, Python knows it"
        return {"why_not": why}
    listed: list[dict[str, Any]] = []
    for node, name in names.items():
        if node.op is None:
            listed.append({"name": name})
            continue
        args = [index[a] if isinstance(a, Value) else repr(a) for a in node.args]
        listed.append({"name": name, "row": called[node.op], "args": args})
    complaints = {row: complaints_of(op) for op, row in called.items()}
    return {"nodes": listed, "rows": rows, "complaints": complaints, "flows": flow_complaints()}


def name_of(op: Op, number: int) -> str:
    return op.name if op.is_built_in else f"custom{number}"


def rows_of(called: dict[Op, str]) -> dict[str, dict[str, Any]]:
    """The rows by their names, and those that they call; rows that are alike get the same name in
    `called`.

    Raises ValueError for a row that is neither built in nor made of rows that are, and when it all
    becomes too large for a page.
    """
    rows: dict[str, dict[str, Any]] = {}
    known: dict[str, str] = {}  # what a row says, and under which name
    size = 0
    for op, name in list(called.items()):
        row = row_of(op)
        text = json.dumps(row)
        called[op] = kept = known.setdefault(text, name)  # the neurons of a layer are all the same
        size += len(text) if kept == name else 0
        if size > LARGEST:
            raise ValueError("what is folded here is too large to be computed in a page")
        rows[kept] = row
        for other in used_by(op):
            if not other.is_built_in and other.name not in rows:
                rows[other.name] = {"value": value_of(other), "symbol": "", "poles": []}
    return rows


def row_of(op: Op) -> dict[str, Any]:
    """A value, where it is no primitive, and a partial towards each argument; `uses` are the places
    that a partial mentions, of which 0 is the value. A neuron has what is inside it, too."""
    positions = range(len(op.partials))
    slopes = [None if isinstance(op, Folded) else op.partial_definition(i) for i in positions]
    row: dict[str, Any] = {
        "value": value_of(op),
        "partials": [partial(op, i) for i in positions],
        "symbol": op.symbol,
        "poles": [at for at, _ in op.poles],
        "uses": [slope.places_used() if slope else [0] for slope in slopes],
        "stepwise": [op.is_stepwise(i) for i in positions],
        "corners": corners(op),
    }
    if isinstance(op, Folded):
        row["hides"] = not op.is_open  # so that its equations hold of numbers that are not there
    if neuron := neuron_of(op):
        places = len(op.partials)
        tape = Tape(places)
        values = neuron.values([Wire(tape, i) for i in range(places)])
        row["inside"] = [from_tape(tape, value) for value in values]
        row["local"] = neuron.activation and partial(neuron.activation, 0)
    return row


@cache
def primitives() -> str:
    """The values of all rows that are built in, in JavaScript, with what tells why one is missing:
    all that a page knows of them by itself."""
    built_in = [TABLE[name] for name in sorted(BUILT_IN)]
    lines = []
    for op in built_in:
        places = letters(len(op.partials))
        value = f"({', '.join(places)}) => {JAVASCRIPT.instruction(op, places)}"
        poles = ", ".join(repr(at) for at, _ in op.poles)
        lines.append(f'  {op.name}: {{ value: {value}, symbol: "{op.symbol}", poles: [{poles}] }},')
    table = ["return {", *lines, "};"]
    helpers = JAVASCRIPT.helpers_for(built_in)
    return "\n".join(["export const PRIMITIVES = (() => {", *helpers, *table, "})();", ""])


# Recipes


def value_of(op: Op) -> Recipe | None:
    """The row as a recipe of its arguments; None for a primitive."""
    if isinstance(op, Folded):
        tape = Tape(len(op.partials))
        return from_tape(tape, op.inside(*[Wire(tape, i) for i in range(tape.leaves)]))
    if op.is_built_in:
        return None
    if op.definition is None:
        JAVASCRIPT.instruction(op, letters(len(op.partials)))  # complains
    return from_formula(op.definition) if op.definition else None


def partial(op: Op, position: int) -> Recipe:
    """∂y/∂(argument number `position`) as a recipe of y and the arguments."""
    if isinstance(op, Folded):
        tape = Tape(1 + len(op.partials))
        wires = [Wire(tape, i) for i in range(tape.leaves)]
        return from_tape(tape, op.partials[position](*wires))
    slope = op.partial_definition(position)
    if slope is None:
        raise ValueError(f"the partials of {op.name} work on floats only")
    return from_formula(slope)


def from_formula(found: Definition) -> Recipe:
    """The pieces of a formula as instructions."""
    pieces = in_order(found.root)
    places = {piece: i for i, piece in enumerate([*found.places, *pieces])}

    def written(x: Any) -> int | str:
        return places[x] if isinstance(x, Symbol) else repr(float(x))

    do = [[piece.op.name, *map(written, piece.args)] for piece in pieces]
    return {"do": do, "end": written(found.root)}


def from_tape(tape: Tape, end: Any) -> Recipe:
    """The instructions of a tape that an end needs."""
    if not isinstance(end, Wire):
        return {"do": [], "end": repr(float(end))}
    needed = {end.index}
    listed = list(enumerate(tape.instructions, tape.leaves))
    for i, (_, args) in reversed(listed):
        if i in needed:
            needed.update(arg for arg in args if isinstance(arg, int))
    places = {i: i for i in range(tape.leaves)}
    do: list[list[Any]] = []
    for i, (op, args) in listed:
        if i in needed:
            places[i] = tape.leaves + len(do)
            do.append([op.name, *(places[a] if isinstance(a, int) else repr(a) for a in args)])
    return {"do": do, "end": places[end.index]}


def used_by(op: Op) -> list[Op]:
    """The rows that recipes of a row call."""
    if isinstance(op, Folded):
        return list(dict.fromkeys(part.node.op for part in op.inside.parts))
    slopes = [op.partial_definition(i) for i in range(len(op.partials))]
    found = [one for one in (op.definition, *slopes) if one]
    return list(dict.fromkeys(used for one in found for used in one.ops()))


def corners(op: Op) -> list[Recipe]:
    """What is 0 at a corner."""
    if op.corners is None:
        return []
    places = letters(len(op.partials))
    count = len(op.corners(*[0.0] * len(places)))
    found = [definition(part_of(op.corners, i), places) for i in range(count)]
    return [from_formula(one) for one in found if one]


def part_of(function: Callable[..., tuple], i: int) -> Callable[..., Any]:
    """A function that gives one of the results of another."""
    return lambda *args: function(*args)[i]


# What goes wrong, in the engine's words, with places for names and numbers


class Operandlike(float):
    """An argument of which a sentence shows the label and the number: both are places in it."""

    label: str

    def __new__(cls, place: str) -> "Operandlike":
        one = super().__new__(cls, 1e308)
        one.label = f"\ue000{place}\ue001"
        return one

    def __format__(self, spec: str) -> str:
        return self.label.replace("\ue001", "\ue002")


def complaints_of(op: Op) -> dict[str, list[str]]:
    """By the kind of what went wrong: the sentence about the value, then those about each slope."""
    args = [Operandlike(str(i)) for i in range(len(op.partials))]
    return {
        kind.__name__: [op.complaint(kind, args, i) for i in (None, *range(len(args)))]
        for kind in KINDS
    }


def flow_complaints() -> dict[str, str]:
    """What the sweep says of a flow, and of a sum of flows, that are too large: it is provoked."""
    node, parent = Operandlike("node"), Operandlike("parent")
    upstream, slope = Operandlike("upstream"), Operandlike("slope")
    said = {}
    for what, arguments in (
        (product, (upstream, slope, node, parent)),
        (total, (upstream, slope, parent)),
    ):
        try:
            what(*arguments)
        except TooLarge as error:
            said[what.__name__] = str(error)
    return said
