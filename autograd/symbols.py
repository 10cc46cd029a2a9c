"""The value of an operation as a formula: read on symbols, differentiated, and printed.

An operation whose value is a formula over other operations is evaluated once on symbols. What comes
out is printed as a function: in Python, compiled, it is the operation on floats; in C, JavaScript
and NumPy it is the helper that a program needs. What both branches of a choice need is computed
before it; what one of them needs, inside it, and only if that branch is taken.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from autograd.flows import NOTHING, product, settled, total
from autograd.operand import Operand

LETTERS = "abcdefghijklmnopqrstuvwxz"  # y is the value


class Symbol(Operand):
    """A piece of a formula: a place for an argument, or an operation on pieces and numbers."""

    __slots__ = ("args", "name", "op", "seen")

    def __init__(self, seen: dict, op: Any, args: tuple, name: str = "") -> None:
        self.seen, self.op, self.args, self.name = seen, op, args, name

    def apply(self, op: Any, args: tuple) -> "Symbol":
        """The same piece is one symbol, however often it is written."""
        args = tuple([a if isinstance(a, Operand) else float(a) for a in args])
        key = (op, *(id(a) if isinstance(a, Operand) else repr(a) for a in args))
        if key not in self.seen:
            self.seen[key] = Symbol(self.seen, op, args)
        return self.seen[key]


class Definition:
    """An operation in terms of others: its places, and the piece or number that it comes to."""

    def __init__(self, places: Sequence[Symbol], root: Any) -> None:
        self.places, self.root = places, root

    def derivative(self, position: int) -> "Definition":
        """Its derivative towards one place, by the chain rule: forward, from piece to piece."""
        tangents: dict[Any, Any] = dict.fromkeys(self.places, NOTHING)
        tangents[self.places[position]] = 1.0
        for piece in in_order(self.root):
            tangent: Any = NOTHING
            for i, arg in enumerate(piece.args):
                flow = tangents.get(arg, NOTHING)
                if flow is NOTHING:
                    continue
                slope = piece.op.partials[i](piece, *piece.args)
                flow = product(flow, slope, piece, arg)
                if flow.__class__ is not float or flow != 0:
                    tangent = total(tangent, flow, piece)
            tangents[piece] = tangent if tangent is NOTHING else settled(tangent)
        return Definition(self.places, settled(tangents.get(self.root, NOTHING)))

    def at(self, *args: Any) -> Any:
        """Its value at these arguments, in whatever arithmetic they belong to."""
        done: dict[Any, Any] = dict(zip(self.places, args, strict=True))

        def of(x: Any) -> Any:
            if not isinstance(x, Symbol):
                return x
            if x not in done:
                if x.op.symbol == "if":
                    condition, a, b = x.args
                    done[x] = x.op(of(condition), lambda: of(a), lambda: of(b))
                else:
                    done[x] = x.op(*map(of, x.args))
            return done[x]

        return of(self.root)

    def places_used(self) -> list[int]:
        """The numbers of the places that it mentions."""
        mentioned = {self.root, *(arg for piece in in_order(self.root) for arg in piece.args)}
        return [i for i, place in enumerate(self.places) if place in mentioned]

    def printed(self, language: Any) -> tuple[list[str], str]:
        """The lines that come first, and the expression that is the value."""
        return Printer(self.root, language).printed()

    def ops(self) -> list[Any]:
        """The operations that it is made of."""
        return list(dict.fromkeys(piece.op for piece in in_order(self.root)))


def definition(value: Callable, names: Sequence[str]) -> Definition | None:
    """A function of arguments with these names as a formula; None if it works on floats only."""
    seen: dict = {}
    places = [Symbol(seen, None, (), name) for name in names]
    try:
        root = value(*places)
    except (TypeError, ValueError, ArithmeticError, AttributeError, LookupError):
        return None
    return Definition(places, root) if isinstance(root, Symbol | float | int) else None


def letters(count: int) -> list[str]:
    """a, b, c … for so many arguments; the operation of a folded network may have very many."""
    return [*LETTERS, *(f"x{i}" for i in range(count))][:count]


def in_order(root: Any) -> list[Symbol]:
    """The operations of a formula, each after those that it is made of."""
    order: dict[Symbol, None] = {}
    waiting = [root]
    while waiting:
        piece = waiting[-1]
        missing = [x for x in getattr(piece, "args", ()) if isinstance(x, Symbol) and x.op]
        missing = [x for x in missing if x not in order]
        if missing:
            waiting += missing
            continue
        waiting.pop()
        if isinstance(piece, Symbol) and piece.op:
            order[piece] = None
    return list(order)


def certain(x: Any) -> set[Symbol]:
    """The pieces that are computed whatever is chosen."""
    if not isinstance(x, Symbol) or x.op is None:
        return set()
    if x.op.symbol == "if":
        condition, a, b = x.args
        return {x} | certain(condition) | (certain(a) & certain(b))
    return {x}.union(*map(certain, x.args))


class Printer:
    """Prints one formula in a language, which says how to write numbers, operations and choices."""

    def __init__(self, root: Any, language: Any) -> None:
        self.root, self.language = root, language
        self.shared = {x for x, uses in mentions(root).items() if uses > 1} & certain(root)
        self.names: dict[Symbol, str] = {}
        self.lines: list[str] = []

    def printed(self) -> tuple[list[str], str]:
        result = self.text(self.root, whole=True)
        return self.lines, result

    def text(self, x: Any, whole: bool = False) -> str:
        """A piece as an operand, or as a `whole` line or argument."""
        if not isinstance(x, Symbol):
            return self.language.literal(x)
        if x.op is None:
            return x.name
        if x not in self.names and x in self.shared:
            written = self.written(x)
            self.names[x] = f"v{len(self.names)}"
            self.lines.append(self.language.assign.format(self.names[x], written))
        if x in self.names:
            return self.names[x]
        return self.written(x) if whole or not x.op.symbol else f"({self.written(x)})"

    def written(self, x: Symbol) -> str:
        if x.op.symbol == "if":
            for piece in self.needed_by_both(x):
                self.text(piece)
            condition, a, b = x.args
            return self.language.chosen(self.condition(condition), self.text(a), self.text(b))
        if x.op.symbol in ("<", "<="):
            return self.language.chosen(self.condition(x), "1.0", "0.0")
        return self.language.instruction(x.op, [self.text(a, not x.op.symbol) for a in x.args])

    def condition(self, x: Any) -> str:
        if isinstance(x, Symbol) and x.op and x.op.symbol in ("<", "<="):
            return f"{self.text(x.args[0])} {x.op.symbol} {self.text(x.args[1])}"
        return f"{self.text(x)} != 0"

    def needed_by_both(self, x: Symbol) -> Iterator[Symbol]:
        both = certain(x.args[1]) & certain(x.args[2]) & self.shared
        return (piece for piece in in_order(x) if piece in both)


def mentions(root: Any) -> Counter[Symbol]:
    """How many places of a formula mention each piece of it."""
    found: Counter[Symbol] = Counter()
    for piece in in_order(root):
        found.update(x for x in piece.args if isinstance(x, Symbol) and x.op)
    return found
