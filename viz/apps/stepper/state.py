"""The state of the stepper: what there is, how it begins, and what an address keeps of it.

The traits of a widget and the address of a page are derived from here.
"""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Field:
    """A part of the state, with what it is at first. `kept` says how the address keeps it: as a
    "number" or a "word", as "names" with hyphens between them, as "numbers" of leaves, or as
    "pairs" of a name and what is said of it, each of which has a word of the address to itself.
    What the graph says by itself is not kept."""

    first: Any
    kept: str = ""


STATE: dict[str, Field] = {
    "plan": Field({}),
    "base": Field({}),
    "numbers": Field({}),
    "trouble": Field(""),
    "step": Field(0, "number"),
    "level": Field("edge", "word"),
    "node": Field("", "word"),
    "edits": Field({}, "pairs"),
    "start": Field({}, "numbers"),
    "notation": Field({}, "pairs"),
    "asked": Field(""),
    "told": Field({}),
    "mistake": Field("", "word"),
    "opened": Field([], "names"),
    "hide": Field([], "names"),
    "lock": Field([], "names"),
}


def first() -> dict[str, Any]:
    """The state before anything is known."""
    return {name: type(field.first)(field.first) for name, field in STATE.items()}


def kept() -> dict[str, str]:
    """What an address keeps, and how."""
    return {name: field.kept for name, field in STATE.items() if field.kept}
