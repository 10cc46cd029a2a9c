"""The walk through both passes as scenes, one for every step: what is known by then, and a caption.

Nothing moves on the way: the places are those of the finished graph, and what is not known yet is
left out of it, or is a question mark.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property

from viz.graph.layout import Layout, unfolded
from viz.graph.marks import GHOST_DASH
from viz.graph.model import contracted
from viz.graph.sheet import MARGIN, SLIDE, Page
from viz.render.font import fitted, width
from viz.render.scene import Group, Mark, Pen, Scene, Shape, Text
from viz.stepper.plan import Plan

TITLE, WORDS = 32.0, 26.0  # type of the caption, on a slide
LEADING = 1.4
ROWS = 7  # of words, at most
BAR = 8.0  # the height of the bar that shows how far the walk has come
THIN, WIDE = 2.0, 6.0  # lines before something flows along them, and while they are spoken of
UNKNOWN = "?"
BEGINNING = re.compile(r"M[^,]*,([^ A-Z]+)")  # of a path: its y

Row = tuple[str, str]  # what it is about, and what is said


class Walk:
    """The steps of a plan as scenes of 1920 × 1080 pixels."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.steps = plan.steps()
        self.told = [rows_of(step["lines"]) for step in self.steps]
        names = {name: node for node, name in plan.told.names.items()}
        self.graph = contracted(plan.told.root, names, sums=False)
        self.nodes = dict(zip(plan.told.names, self.graph.nodes, strict=True))
        self.computed = {self.nodes[node].id: at for node, at in plan.computed.items()}
        uses = ((node, i) for node in self.nodes for i in range(len(node.parents)))
        edges = dict(zip(uses, self.graph.edges, strict=True))
        told = enumerate(plan.told.backward, start=plan.seed + 1)
        self.edges = {at: edges[edge.node, edge.position] for at, edge in told}
        self.walked = {edge.id: at for at, edge in self.edges.items()}
        self.heads = {edge.id: edge.head.id for edge in self.graph.edges}

    @cached_property
    def layout(self) -> Layout:
        """The finished graph on its pages, above the caption."""
        self.know(len(self.steps) - 1)
        return unfolded(self.graph, Page(SLIDE[0], SLIDE[1] - self.foot, legend=False))

    @cached_property
    def finished(self) -> list[Scene]:
        self.know(len(self.steps) - 1)
        return self.layout.pages()

    @cached_property
    def starts(self) -> dict[str, float]:
        """Where the tags and chips of an edge begin."""
        found: dict[str, float] = {}
        for scene in self.finished:
            for group in scene.groups:
                if group.kind in ("tag", "chip") and group.area:
                    found[group.of] = min(group.area.x, found.get(group.of, group.area.x))
        return found

    @property
    def foot(self) -> float:
        """The height of the captions, which is the same at every step."""
        rows = max(map(len, self.told))
        return 1.6 * TITLE + LEADING * WORDS * rows + MARGIN + BAR

    def know(self, at: int) -> None:
        """Give every node the gradient that it has so far."""
        for node, shown in self.nodes.items():
            known = [so_far for since, so_far in self.plan.gradients_of(node) if since <= at]
            shown.grad = known[-1] if known else None

    def scenes(self) -> Iterator[Scene]:
        """A scene for every step."""
        for at, step in enumerate(self.steps):
            graph = self.graph_at(at)
            caption = Group("caption", "", tuple(self.caption(at)))
            yield Scene(*SLIDE, step["title"], [*graph, caption])

    def graph_at(self, at: int) -> list[Group]:
        """What is seen of the graph at a step, on the page that the step is about."""
        page = self.page_of(at)
        groups = self.finished[page].groups
        self.know(at)
        cards = iter([one for one in self.layout.page_again(page).groups if is_card(one)])
        now = [next(cards) if is_card(one) else one for one in groups]
        return [seen for one in now if (seen := self.seen(one, at))]

    def page_of(self, at: int) -> int:
        """The first page with the edge or the card that a step is about."""
        wanted = self.current(at)
        for kinds in (("line",), ("card",)):
            for page, scene in enumerate(self.finished):
                if any(one.kind in kinds and one.of in wanted for one in scene.groups):
                    return page
        return 0 if at < self.plan.last else len(self.finished) - 1

    def current(self, at: int) -> set[str]:
        """The ids of the cards and edges that a step is about."""
        if edge := self.edges.get(at):
            return {edge.id, edge.tail.id}
        cards = set(self.steps[at]["cards"])
        is_forward = at < self.plan.seed
        return cards | {id for id, head in self.heads.items() if is_forward and head in cards}

    def seen(self, group: Group, at: int) -> Group | None:
        """What is to be seen of a part of the finished graph."""
        is_current = group.of in self.current(at)
        is_walked = self.walked.get(group.of, self.plan.last) <= at
        if group.kind in ("tag", "chip", "others") and not is_walked:
            return None
        if is_card(group):
            is_known = self.computed.get(group.of, 0) <= at
            marks = [card_mark(mark, is_known, is_current) for mark in group.marks]
        elif group.kind == "line":
            (mark,) = group.marks
            if not is_walked:
                is_there = self.computed.get(self.heads[group.of], 0) <= at
                mark = without_flow(mark, self.starts.get(group.of), is_there)
            marks = [in_current(mark) if is_current else mark]
        else:
            marks = list(group.marks)
        return replace(group, marks=tuple(marks), sentence="")

    def caption(self, at: int) -> Iterator[Mark]:
        """The title and the lines of a step, and a bar that shows how far the walk has come."""
        pen, last = Pen(), len(self.steps) - 1
        top, wide = SLIDE[1] - self.foot, SLIDE[0] - 2 * MARGIN
        count = f"step {at} of {last}"
        room = wide - width(count, WORDS) - 2 * MARGIN
        y = top + 1.1 * TITLE
        title = fitted(self.steps[at]["title"], room, TITLE, "bold")
        yield pen.text(MARGIN, y, title, TITLE, "bold", part="title")
        yield pen.text(SLIDE[0] - MARGIN, y, count, WORDS, anchor="end", color="muted")
        indent = indent_of(self.told[at])
        for name, text in self.told[at]:
            y += LEADING * WORDS
            if name:
                yield pen.text(MARGIN, y, name, WORDS, color="muted", part="about")
            yield pen.text(MARGIN + indent, y, text, WORDS, part="words")
        low = SLIDE[1] - BAR
        yield pen.shape(pen.box(0, low, SLIDE[0], BAR), "card")
        if at:
            yield pen.shape(pen.box(0, low, SLIDE[0] * at / last, BAR), "current")


def is_card(group: Group) -> bool:
    return group.kind in ("card", "ghost")


def card_mark(mark: Mark, is_known: bool, is_current: bool) -> Mark:
    if isinstance(mark, Text):
        if mark.part == "value" and not is_known:
            return replace(mark, text=UNKNOWN, face="regular", color="muted")
        return mark if is_known else replace(mark, color="muted")
    if mark.part != "frame":
        return mark
    if is_current:
        return replace(mark, stroke="current", width=max(2.5 * mark.width, 4.0))
    return mark if is_known else replace(mark, dash=GHOST_DASH)


def without_flow(mark: Mark, start: float | None, is_there: bool) -> Shape:
    """A line along which nothing has flowed yet. It begins at its card, where the tag will be."""
    assert isinstance(mark, Shape)
    path = mark.path
    if start is not None and (first := BEGINNING.match(path)):
        path = f"M{start:g},{first[1]}L{path[1:]}"
    dash = () if is_there else GHOST_DASH
    return replace(mark, path=path, stroke="line", width=THIN, dash=dash)


def in_current(mark: Mark) -> Shape:
    """A line while it is spoken of."""
    assert isinstance(mark, Shape)
    return replace(mark, stroke="current", width=max(mark.width, WIDE))


# The words below the graph


def rows_of(lines: Sequence[Row]) -> list[Row]:
    """The lines of a step, broken where they are too long. What is told in too many lines is a
    list, whose entries then stand side by side."""
    rows = broken(lines)
    if len(rows) > ROWS and len(lines) > ROWS:
        listed = ",  ".join(f"{name} = {text}".replace(" ", "\xa0") for name, text in lines[1:])
        rows = broken([lines[0], ("", listed)])
    if len(rows) > ROWS:
        rows = [*rows[: ROWS - 1], ("", "…")]
    return rows


def broken(lines: Sequence[Row]) -> list[Row]:
    indent = indent_of(lines)
    rows = []
    for name, text in lines:
        name = fitted(name, indent - WORDS, WORDS)
        parts = wrapped(text, SLIDE[0] - 2 * MARGIN - indent)
        rows += [(name, parts[0]), *(("", part) for part in parts[1:])]
    return rows


def indent_of(lines: Sequence[Row]) -> float:
    """How far to the right the words begin."""
    widest = max((width(name, WORDS) for name, _ in lines), default=0.0)
    return min(widest, SLIDE[0] / 5) + WORDS if widest else 0.0


def wrapped(text: str, room: float) -> list[str]:
    """A text in rows, none of which is wider than there is room for."""
    rows = [""]
    for word in text.split(" "):
        longer = f"{rows[-1]} {word}" if rows[-1] else word
        if rows[-1] and width(longer, WORDS) > room:
            rows.append(word)
        else:
            rows[-1] = longer
    return [fitted(row, room, WORDS) for row in rows]
