"""The scene that a page draws: the finished picture as plain JSON, with what it takes to draw it
at any step and with other numbers.

Every place, colour, width and path is that of the scene; what a page does by itself is to put
numbers into texts, and to choose by their signs.
"""

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import fields, replace
from functools import partial
from typing import Any

from autograd.op import Op
from viz.apps.stepper.looks import LOOKS, until
from viz.apps.stepper.plan import Plan
from viz.graph import marks
from viz.graph.layout import Layout, unfolded
from viz.graph.sheet import LEGIBLE, Page
from viz.graph.sizes import LEAST_STROKE, NO_FLOW, STROKE, Live
from viz.render.font import FAMILY, advance, subset
from viz.render.scene import Group, Mark, Scene, Shape, Text
from viz.render.svg import characters_of

# What a window of 1300 pixels has room for, what one of 1920 has; and then what all numbers need.
PAGES = ((1280, 520), (1280, 640), (1900, 760), (1900, 900), (1280, 1000), (1280, 1400))
LEAST = 14.5  # pixels of type on the first of these, where a line may be all there is
IN_NUMBERS = frozenset("0123456789.,·+−×() ⁻⁰¹²³⁴⁵⁶⁷⁸⁹∞?naundefi↓")
SIGNS = {"": 0, "positive": 1, "negative": -1}


Styles = dict[tuple[tuple[str, Any], ...], int]  # what many marks have in common, by its number


def scene_of(plan: Plan) -> dict[str, Any]:
    """The scene of a walk."""
    made = layout_of(plan)
    scene = made.sheet()
    styles: Styles = {}
    widest = {edge.id: made.sizes.widest_stroke(edge) for edge in plan.graph.edges}
    groups = [
        group_of(group, until(group, plan), styles)
        | ({"widest": widest[group.of]} if group.kind == "line" else {})
        for group in scene.groups
    ]
    return {
        "width": scene.width,
        "height": scene.height,
        "title": scene.title,
        "type": round(min(text.size for text in scene.texts), 2),
        "font": font_of(scene),
        "stroke": {
            "scale": made.scale, "none": NO_FLOW, "least": LEAST_STROKE, "more": STROKE,
            "dash": marks.DASH,
        },
        "groups": groups,
    } | scene_as_json(styles)  # fmt: skip


def scene_as_json(styles: Styles) -> dict[str, Any]:
    """What all scenes have in common, and the styles that their marks have."""
    return {
        "looks": LOOKS,
        "signs": {
            name: {"fill": marks.FILLS[sign], "color": marks.COLORS[sign]}
            for name, sign in SIGNS.items()
        },
        "styles": list(map(dict, styles)),
    }


def layout_of(plan: Plan) -> Layout:
    """The finished picture, with room for other numbers: on the first page on which every edge has
    its tag, or else on the last."""
    plan.know(plan.last)
    sizes = partial(Live, ones=ones(plan))
    for page in PAGES:
        least = LEAST if page == PAGES[0] else LEGIBLE
        made = unfolded(plan.graph, Page(*page, least=least), sizes)
        if made.sizes.has_tags and len(made.pages()) == 1:
            break
    return made


def ones(plan: Plan) -> set[str]:
    """The ids of the edges whose local derivative is 1 whatever the numbers are."""
    return {
        shown.id
        for (node, position), shown in plan.edges.items()
        if shown.local == 1 and node.op and is_constant(node.op, node.args, position)
    }


def is_constant(op: Op, args: tuple[Any, ...], position: int) -> bool:
    """Whether the local derivative towards a parent is one number."""
    places = [i for i, arg in enumerate(args) if not isinstance(arg, float | int)]
    slope = op.partial_definition(places[position])
    return slope is not None and not slope.places_used()


def group_of(group: Group, until: Mapping[str, int], styles: Styles) -> dict[str, Any]:
    """`until` says up to which step the group has which look."""
    return {
        "kind": group.kind,
        "of": group.of,
        "until": until,
        "marks": [mark_of(mark, styles) for mark in group.marks],
    }


LIVE = ("value", "gradient", "flow")  # parts whose texts a page writes itself
OWN = {Text: ("x", "y", "text", "room"), Shape: ("path", "whole")}


def mark_of(mark: Mark, styles: Styles) -> list[Any]:
    """The number of its style, what is its own, in the order of OWN."""
    if isinstance(mark, Text) and mark.part in LIVE:
        mark = replace(mark, text="")
    own = OWN[type(mark)]
    style = tuple(
        (field.name, value)
        for field in fields(mark)
        if field.name not in own and (value := getattr(mark, field.name)) != field.default
    )
    made = [styles.setdefault(style, len(styles)), *(getattr(mark, name) for name in own)]
    while not made[-1]:
        made.pop()  # what is as it is by default
    return made


def font_of(scene: Scene) -> dict[str, Any]:
    """The font with all characters that may be needed, and how wide those of numbers are; names are
    all that is italic."""
    faces = {
        face: characters if face == "italic" else characters | IN_NUMBERS
        for face, characters in characters_of(scene)
    }
    return {
        "family": FAMILY,
        "faces": {
            face: b64encode(subset(face, characters)).decode() for face, characters in faces.items()
        },
        "advances": {
            face: {character: advance(character, face) for character in sorted(IN_NUMBERS)}
            for face in faces
        },
    }
