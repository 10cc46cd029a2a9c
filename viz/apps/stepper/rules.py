"""The table in JavaScript, as far as a graph needs it: for pages on which nobody runs Python.

Values are spelled as `autograd.languages` spells them. Partials are read off the table: evaluated
on symbols, they are formulas, and those are printed. Nothing is differentiated here.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from autograd.errors import DivisionByZero, OutsideDomain, TooLarge
from autograd.flows import product, total
from autograd.languages import JAVASCRIPT, Language
from autograd.micrograd.custom import CustomNode
from autograd.op import Op
from autograd.program.recording import Tape, Wire
from autograd.symbols import Definition, definition, letters
from autograd.value import Value
from viz.apps.stepper.neurons import neuron_of
from viz.graph.inside import Folded

KINDS = (DivisionByZero, OutsideDomain, TooLarge)
LARGEST = 1_000_000  # characters: networks that are folded have to be written out


def graph_of(names: Mapping[Value, str]) -> dict[str, Any]:
    """The graph of the named nodes, in their order, as a page recomputes it.

    `nodes` have the name of their row and their args, of which numbers are nodes and texts are
    constants; `rows` is JavaScript, and the rest says what goes wrong in words. Where an operation
    is known in Python only, `why_not` says so instead.
    """
    index = {node: i for i, node in enumerate(names)}
    rows: dict[Op, str] = {}
    for node in names:
        if node.op is not None:
            rows.setdefault(node.op, name_of(node.op, len(rows)))
    try:
        source = printed(rows)
    except ValueError as error:
        if any(isinstance(op, CustomNode) for op in rows):
            return {"why_not": "what was made by hand is known at its own numbers only"}
        why = f"{error}; in a notebook, or on the page that `stepgrad step` opens, Python knows it"
        return {"why_not": why}
    listed: list[dict[str, Any]] = []
    for node, name in names.items():
        if node.op is None:
            listed.append({"name": name})
            continue
        args = [index[a] if isinstance(a, Value) else repr(a) for a in node.args]
        listed.append({"name": name, "row": rows[node.op], "args": args})
    complaints = {row: complaints_of(op) for op, row in rows.items()}
    return {"nodes": listed, "rows": source, "complaints": complaints, "flows": flow_complaints()}


def name_of(op: Op, number: int) -> str:
    return op.name if op.is_built_in else f"custom{number}"


def printed(rows: dict[Op, str]) -> str:
    """ROWS, an object with a value and partials for each row and for those that they call; `uses`
    are the places that a partial mentions, of which 0 is the value. Rows that are alike get the
    same name in `rows`.

    Raises ValueError for a row that is neither built in nor made of rows that are, and when it all
    becomes too large for a page.
    """
    needed: dict[Op, str] = dict(rows)
    texts: dict[str, str] = {}  # what it says, and under which name
    waiting = list(rows)[::-1]
    while waiting:
        op = waiting.pop()
        name = needed[op]
        partials, called = [], []
        for position in range(len(op.partials)) if op in rows else ():
            text, used = partial(op, position)
            partials.append(text)
            called += used
        value, used = value_of(op)
        called += used
        seen, used = inside(op)
        called += used
        poles = ", ".join(repr(at) for at, _ in op.poles)
        slopes = ", ".join(partials)
        text = (
            f"{{ value: {value}, partials: [{slopes}], "
            f'poles: [{poles}], symbol: "{op.symbol}"'
            + (f", {changes(op)}" if op in rows else "")
            + seen
            + " }"
        )
        kept = texts.setdefault(text, name)  # the neurons of a layer are all the same
        if op in rows:
            rows[op] = kept
        if sum(map(len, texts)) > LARGEST:
            raise ValueError("what is folded here is too large to be computed in a page")
        for other in called:
            if other not in needed:
                needed[other] = other.name
                waiting.append(other)
    helpers = JAVASCRIPT.helpers_for([op for op in needed if op.is_built_in])
    listed = sorted((name, text) for text, name in texts.items())
    table = ["return {", *(f"  {name}: {text}," for name, text in listed), "};"]
    return "\n".join(["const ROWS = (() => {", *helpers, *table, "})();"])


class Throwing(Language):
    """JavaScript in which quotients and operations throw where Python raises."""

    def instruction(self, op: Op, args: Sequence[str]) -> str:
        if op.symbol in ("+", "-", "*", "<", "<=", "if"):
            return super().instruction(op, args)
        if op.symbol == "/":
            return f"divided({', '.join(args)})"
        return f'at("{op.name}", {", ".join(args)})'


THROWING = Throwing(**vars(JAVASCRIPT))
PLAIN = ("+", "-", "*", "/", "<", "<=", "if")  # symbols of what is written, and not called


def value_of(op: Op) -> tuple[str, list[Op]]:
    """The row as a function of its arguments, and the rows that it calls."""
    places = letters(len(op.partials))
    if isinstance(op, Folded):
        tape = Tape(len(places))
        return arrow(tape, places, op.inside(*[Wire(tape, i) for i in range(len(places))]))
    if op.definition and not op.is_built_in:
        return formula(op.definition, places)
    return f"({', '.join(places)}) => {JAVASCRIPT.instruction(op, places)}", []


def partial(op: Op, position: int) -> tuple[str, list[Op]]:
    """∂y/∂(argument number `position`) as a function of y and the arguments."""
    places = ["y", *letters(len(op.partials))]
    if isinstance(op, Folded):
        tape = Tape(len(places))
        wires = [Wire(tape, i) for i in range(len(places))]
        return arrow(tape, places, op.partials[position](*wires))
    slope = op.partial_definition(position)
    if slope is None:
        raise ValueError(f"the partials of {op.name} work on floats only")
    return formula(slope, places)


def formula(found: Definition, places: Sequence[str]) -> tuple[str, list[Op]]:
    """A formula of these places as a function, and the rows that it calls."""
    used = [part for part in found.ops() if part.symbol not in PLAIN]
    return function(found, places, THROWING), used


def function(found: Definition, places: Sequence[str], language: Language) -> str:
    lines, result = found.printed(language)
    body = f"{{ {'; '.join(lines)}; return {result}; }}" if lines else f"({result})"
    return f"(({', '.join(places)}) => {body})"


def changes(op: Op) -> str:
    """What decides whether a partial is another number beside the one where it is asked for."""
    positions = range(len(op.partials))
    slopes = [None if isinstance(op, Folded) else op.partial_definition(i) for i in positions]
    uses = [slope.places_used() if slope else [0] for slope in slopes]
    stepwise = ["true" if op.is_stepwise(i) else "false" for i in positions]
    return f"uses: {uses}, stepwise: [{', '.join(stepwise)}], corners: [{', '.join(corners(op))}]"


def corners(op: Op) -> list[str]:
    """What is 0 at a corner, a function each."""
    if op.corners is None:
        return []
    places = letters(len(op.partials))
    count = len(op.corners(*[0.0] * len(places)))
    found = [definition(partial_of(op.corners, i), places) for i in range(count)]
    return [function(one, places, JAVASCRIPT) for one in found if one]


def partial_of(function: Callable[..., tuple], i: int) -> Callable[..., Any]:
    """A function that gives one of the results of another."""
    return lambda *args: function(*args)[i]


def arrow(tape: Tape, places: Sequence[str], end: Any) -> tuple[str, list[Op]]:
    """The instructions of a tape as a function."""
    names, lines = list(places), []
    used: list[Op] = []

    def written(arg: Any) -> str:
        return names[arg] if isinstance(arg, int) else JAVASCRIPT.literal(arg)

    needed = needed_for(tape, end)
    for i, (op, args) in enumerate(tape.instructions):
        names.append(f"v{i}")
        if len(places) + i not in needed:
            continue
        lines.append(f"const v{i} = {THROWING.instruction(op, [written(arg) for arg in args])};")
        if op.symbol not in PLAIN:
            used.append(op)
    result = written(end.index) if isinstance(end, Wire) else JAVASCRIPT.literal(float(end))
    arguments = ", ".join(places)
    if not lines:
        return f"(({arguments}) => {result})", used
    return f"(({arguments}) => {{ {' '.join(lines)} return {result}; }})", used


def needed_for(tape: Tape, end: Any) -> set[int]:
    """The wires that an end is made from."""
    needed = {end.index} if isinstance(end, Wire) else set()
    for i, (_, args) in reversed(list(enumerate(tape.instructions, tape.leaves))):
        if i in needed:
            needed.update(arg for arg in args if isinstance(arg, int))
    return needed


def inside(op: Op) -> tuple[str, list[Op]]:
    """What a neuron shows when it is opened: the functions of its sum and of its products, and that
    of the local derivative of its activation at its value and its sum; and what those call."""
    neuron = neuron_of(op)
    if neuron is None:
        return "", []
    places = letters(len(op.partials))
    functions = []
    for which in range(1 + len(neuron.products)):
        tape = Tape(len(places))
        values = neuron.values([Wire(tape, i) for i in range(len(places))])
        functions.append(arrow(tape, places, values[which])[0])
    local, used = ("null", []) if neuron.activation is None else partial(neuron.activation, 0)
    return f", inside: [{', '.join(functions)}], local: {local}", used


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
