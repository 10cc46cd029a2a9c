"""How a finished scene looks while the walk through it is under way: what is not known yet is left
out or is a question mark, and what a step is about has the colour for it.

A look changes attributes of marks, by the parts that they are; `least` is a width that a mark then
has at least. Pages get the looks as data, and draw by them as stills do.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from viz.apps.stepper.plan import Plan
from viz.graph.marks import GHOST_DASH
from viz.render.scene import Group, Mark, Shape

UNKNOWN = "?"
HIDDEN = "hidden"  # the look of what is not there
THIN, WIDE = 2.0, 6.0  # lines before something flows along them, and while they are spoken of

LOOKS: dict[str, Mapping[str, Mapping[str, Any]]] = {
    "idle": {"line": {"stroke": "line", "width": THIN, "dash": ()}},  # nothing has flowed along it
    "ahead": {"line": {"dash": GHOST_DASH}},  # its operation has not been computed
    "unknown": {
        "name": {"color": "muted"},
        "value": {"text": UNKNOWN, "face": "regular", "color": "muted"},
        "frame": {"dash": GHOST_DASH},
    },
    "current": {
        "frame": {"stroke": "current", "least": WIDE},
        "line": {"stroke": "current", "least": WIDE, "opacity": 1.0},
        "bias": {"stroke": "current", "least": WIDE},
    },
}


def until(group: Group, plan: Plan) -> dict[str, int]:
    """The looks of a group, each with the step from which on it has it no more."""
    if group.kind in ("card", "ghost"):
        return {"unknown": plan.made.get(group.of, 0)}
    if group.kind in ("tag", "chip", "others"):
        return {HIDDEN: max(plan.walked_at[edge] for edge in group.of.split())}
    if group.kind == "line":
        return {"idle": plan.walked_at[group.of], "ahead": plan.made[plan.heads[group.of]]}
    return {}


def looks_at(group: Group, at: int, plan: Plan, current: set[str]) -> list[str]:
    """The looks of a group at a step that is about these cards and edges."""
    looks = [look for look, step in until(group, plan).items() if at < step]
    if group.of in current and group.kind in ("card", "ghost", "line"):
        looks.append("current")
    return looks


def seen_at(
    at: int, plan: Plan, current: set[str], finished: Sequence[Group], now: Sequence[Group]
) -> list[Group]:
    """What is seen of a finished scene at a step that is about these cards and edges; the cards
    themselves are those of `now`, with the gradients that they have by then."""
    cards = iter([one for one in now if one.kind in ("card", "ghost")])
    shown = [next(cards) if one.kind in ("card", "ghost") else one for one in finished]
    looks = (looks_at(one, at, plan, current) for one in shown)
    return [one for one in map(seen, shown, looks) if one]


def seen(group: Group, looks: Sequence[str]) -> Group | None:
    """What is seen of a group."""
    if HIDDEN in looks:
        return None
    return replace(group, marks=tuple(changed(mark, looks) for mark in group.marks), sentence="")


def changed(mark: Mark, looks: Sequence[str]) -> Mark:
    for look in looks:
        change = dict(LOOKS[look].get(mark.part, {}))
        least = change.pop("least", 0.0)
        mark = replace(mark, **change)
        if isinstance(mark, Shape):
            path = mark.whole if look == "idle" and mark.whole else mark.path
            mark = replace(mark, path=path, width=max(mark.width, least))
    return mark
