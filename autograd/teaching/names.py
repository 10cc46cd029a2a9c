"""What the values of a graph are called: their labels, the caller's variables, or v1, v2, …"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from types import FrameType
from typing import Any

from autograd.value import Value

GENERATED = re.compile(r"v[0-9]+")  # the name of what has none


def names_of(
    nodes: Iterable[Value], variables: Mapping[str, Any] | None = None
) -> dict[Value, str]:
    """A different name for every node, in the order of the nodes: its label, else the variable that
    holds it, else v1, v2, …

    Values of one name are told apart by primes, and from the fourth on by numbers: c, c′, c′′, c#4.
    Names stand on one line, whatever labels hold.

    >>> a, b = Value(2.0, "a"), Value(3.0)
    >>> list(names_of([a, b, a * b, Value(4.0, "a")], {"b": b}).values())
    ['a', 'b', 'v1', 'a′']
    """
    held = names_held(variables or {})
    nodes = list(nodes)
    names: dict[Value, str] = {}
    taken: set[str] = set()
    uses: Counter[str] = Counter()
    for node in nodes:
        called = printable(str(node.label)) or held.get(node, "")
        name = called
        while called and (name in taken or not name):
            uses[called] += 1
            name = called + ("′" * uses[called] if uses[called] < 3 else f"#{uses[called] + 1}")
        if name:
            names[node] = name
            taken.add(name)
    count = 0
    for node in nodes:
        while node not in names:
            count += 1
            if f"v{count}" not in taken:
                names[node] = f"v{count}"
    return {node: names[node] for node in nodes}


def printable(label: str) -> str:
    """The label on one line, with � for characters that a terminal would obey."""
    return "".join(c if c.isprintable() else "\ufffd" for c in " ".join(label.split()))


def names_held(variables: Mapping[str, Any]) -> dict[Value, str]:
    """The names of the variables that hold a Value, or a list or tuple of them, by the value."""
    return dict(_held(variables))


def _held(variables: Mapping[str, Any]) -> Iterable[tuple[Value, str]]:
    for name, held in reversed(list(variables.items())):  # the first comes last, and wins
        if name.startswith("_"):  # a notebook keeps results in _, __, _1 …
            continue
        if isinstance(held, Value):
            yield held, name
        elif type(held) in (list, tuple) and len(held) <= 100:
            for i, one in enumerate(held):
                if isinstance(one, Value):
                    yield one, f"{name}[{i}]"


def variables_of(frame: FrameType | None) -> dict[str, Any]:
    """The variables that code in `frame` can see by name, its own before the module's."""
    if frame is None:
        return {}
    seen = dict(frame.f_locals)
    for name, held in frame.f_globals.items():
        seen.setdefault(name, held)
    return seen
