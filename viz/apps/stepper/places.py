"""Places in sentences, for numbers and names that are put in later: as text with marks, and from
there as nested JSON, which a page reads, or with the numbers put in.

In a text, marks stand between characters that no name on a page contains.
"""

import re
from typing import Any

from viz.apps.stepper.mathematics import name, typeset

OPEN, NEXT, CLOSE = "\ue000", "\ue001", "\ue002"


# Strings, and tuples for marks: a kind, and the pieces of each part.
Pieces = list[Any]


def mark(*parts: str) -> str:
    return OPEN + NEXT.join(parts) + CLOSE


# A number may be negative: where that needs parentheses, formulas have put them, and a minus.
NUMBER = rf"-{OPEN}number{NEXT}([^{CLOSE}]*){CLOSE}"
FENCED = re.compile(rf"(?<!\w)\({NUMBER}\)|(?<![\w}}])\\left\({NUMBER}\\right\)")
BARE = re.compile(NUMBER)


def in_json(told: str) -> Any:
    """Text with marks as nested JSON: strings, lists of pieces, and objects for the places; or a
    formula, to be typeset, where that is all.

    >>> in_json("a = " + mark("number", "v0"))
    ['a = ', {'number': 'v0'}]
    """
    pieces = pieces_of(told)
    match pieces:
        case [("math", latex, _)]:
            return {"math": mathematics(latex)}
        case [("columns", columns, _)]:
            return {"columns": [place(one, words) for one in columns]}
    return words(pieces)


def pieces_of(told: str) -> Pieces:
    told = FENCED.sub(lambda found: mark("fenced", found[1] or found[2]), told)
    told = BARE.sub(lambda found: mark("number", found[1]), told)
    parts: list[list[list[Any]]] = [[[]]]  # of the open marks: their parts, and the pieces of each
    for piece in re.split(f"([{OPEN}{NEXT}{CLOSE}])", told):
        if piece == OPEN:
            parts.append([[]])
        elif piece == NEXT:
            parts[-1].append([])
        elif piece == CLOSE:
            [kind], *inner = parts.pop()
            parts[-1][-1].append((kind, *inner))
        elif piece:
            parts[-1][-1].append(piece)
    return parts[0][0]


def words(pieces: Pieces) -> Any:
    """As text."""
    told = [piece if isinstance(piece, str) else place(piece, words) for piece in pieces]
    return told[0] if len(told) == 1 else told or ""


def mathematics(pieces: Pieces) -> Any:
    """LaTeX as the elements of MathML."""
    latex = "".join(
        piece if isinstance(piece, str) else rf"\text{{{OPEN}{i}{CLOSE}}}"
        for i, piece in enumerate(pieces)
    )
    there = {
        f"{OPEN}{i}{CLOSE}": place(piece, mathematics)
        for i, piece in enumerate(pieces)
        if not isinstance(piece, str)
    }
    return filled(typeset(latex), there)


def filled(element: Any, there: dict[str, Any]) -> Any:
    """An element with the places that stand in it under these texts."""
    tag, *children = element
    if tag == "mtext" and children and children[0] in there:
        return there[children[0]]
    return [tag, *(one if isinstance(one, str) else filled(one, there) for one in children)]


def place(piece: tuple[Any, ...], told: Any) -> Any:
    """A mark as an object, and what it says as `told` tells it."""
    kind, *parts = piece
    match kind:
        case "number" | "fenced":
            return {kind: parts[0][0]}
        case "called":
            return name(parts[0][0])
        case "math" | "columns":
            return words(parts[1])  # within a sentence
        case "column":
            kind, symbols, number, below = parts
            return {
                "kind": kind[0],
                "symbols": mathematics(symbols) if symbols else "",
                "number": words(number),
                "below": words(below),
            }
        case "chain":
            return {"chain": list(map(told, parts))}
        case "at":
            return {"at": parts[0][0].split(), "say": told(parts[1])}
        case "most":
            return {"most": parts[0][0].split(), "say": list(map(told, parts[1:]))}
    return {"by": kind, "of": parts[0][0], "say": list(map(told, parts[1:]))}
