"""The value of an operation as WebAssembly: on pairs of numbers where it is made of arithmetic and
choices only, else on one number, with calls of what JavaScript has functions for."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from autograd.op import TABLE, Op
from autograd.symbols import Symbol, certain, in_order, letters, mentions
from viz.apps.machine.binary import (
    ALONE,
    F64,
    V128,
    Locals,
    alone,
    both,
    call,
    chosen,
    common_bits,
    in_pairs,
    number,
    one_or_zero,
    selected,
)

CONDITIONS = ("less", "less_equal")


@cache
def written_out(op: Op) -> tuple[list[Symbol], Any]:
    """The places of an operation, and its value in primitives of the table alone."""
    seen: dict = {}
    places = [Symbol(seen, None, (), name) for name in letters(len(op.partials))]
    done: dict[Any, Any] = {}

    def primitive(x: Any) -> Any:
        if not isinstance(x, Symbol) or x.op is None:
            return x
        if x not in done:
            args = [primitive(arg) for arg in x.args]
            formula = x.op.definition
            done[x] = primitive(formula.at(*args)) if formula else x.op(*args)
        return done[x]

    return places, primitive(op(*places))


def called_by(op: Op) -> list[Op]:
    """The primitives in the value of an operation that are no instruction of the machine."""
    used = dict.fromkeys(piece.op for piece in in_order(written_out(op)[1]))
    return [one for one in used if one.name not in ALONE and one.symbol != "if"]


def is_in_pairs(op: Op) -> bool:
    """Whether the machine computes it for two numbers at a time."""
    return not called_by(op)


def is_primitive(op: Op) -> bool:
    """Whether it is a function that the machine calls."""
    return called_by(op) == [op]


def value_in_pairs(op: Op, v: Locals, args: list[bytes]) -> tuple[bytes, bytes]:
    """What has to be computed first, and the pair of values of these arguments. Both branches of a
    choice are computed, so whatever is used twice is computed once, before."""
    places, root = written_out(op)
    known = dict(zip(places, args, strict=True))

    def mask(x: Any) -> bytes:
        if x not in known and isinstance(x, Symbol) and x.op.name in CONDITIONS:
            return in_pairs(x.op.name, *map(pair, x.args))
        return in_pairs("differs", pair(x), both(0.0))

    def pair(x: Any) -> bytes:
        if not isinstance(x, Symbol):
            return both(x)
        return known[x] if x in known else computed(x)

    def computed(x: Symbol) -> bytes:
        if x.op.symbol == "if":
            return selected(pair(x.args[1]), pair(x.args[2]), mask(x.args[0]))
        if x.op.name in CONDITIONS:
            return common_bits(mask(x), both(1.0))
        return in_pairs(x.op.name, *map(pair, x.args))

    uses, first = mentions(root), b""
    for i, piece in enumerate(in_order(root)):
        if uses[piece] > 1 and piece.op.name not in CONDITIONS:
            first += v.set(f"piece{i}", computed(piece), V128)
            known[piece] = v.get(f"piece{i}")
    return first, pair(root)


def function_of(op: Op, functions: Mapping[str, int]) -> bytes:
    """A function of WebAssembly that gives the value; `functions` are the numbers of those that it
    may call."""
    places, root = written_out(op)
    v = Locals([place.name for place in places], F64)
    known = {place: v.get(place.name) for place in places}

    def truth(x: Any) -> bytes:
        if x not in known and isinstance(x, Symbol) and x.op.name in CONDITIONS:
            return alone(x.op.name, *map(one, x.args))
        return alone("differs", one(x), number(0.0))

    def one(x: Any) -> bytes:
        if not isinstance(x, Symbol):
            return number(x)
        return known[x] if x in known else computed(x)

    def computed(x: Symbol) -> bytes:
        if x.op.symbol == "if":
            return chosen(truth(x.args[0]), one(x.args[1]), one(x.args[2]))
        if x.op.name in CONDITIONS:
            return one_or_zero(truth(x))
        args = list(map(one, x.args))
        if x.op.name in ALONE:
            return alone(x.op.name, *args)
        return call(functions[x.op.name], *args)

    # What is computed whatever is chosen, and used twice, is computed once, before the rest.
    uses, sure, first = mentions(root), certain(root), b""
    for i, piece in enumerate(in_order(root)):
        if uses[piece] > 1 and piece in sure:
            first += v.set(f"piece{i}", computed(piece), F64)
            known[piece] = v.get(f"piece{i}")
    return v.body(first + one(root))


def arity(name: str) -> int:
    return len(TABLE[name].partials)
