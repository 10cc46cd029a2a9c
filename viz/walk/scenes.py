"""The walk through both passes as scenes, one for every step: what is known by then, and a caption.

Nothing moves on the way: the places are those of the finished graph, and what is not known yet is
left out of it, or is a question mark.
"""

from collections.abc import Iterator, Sequence
from functools import cached_property

from viz.apps.stepper.looks import seen_at
from viz.apps.stepper.network_scenes import Scenes
from viz.apps.stepper.plan import Plan
from viz.graph import notation
from viz.graph.layout import Layout, unfolded
from viz.graph.network_scene import Arrangement
from viz.graph.sheet import MARGIN, SLIDE, Page
from viz.render.font import fitted, width
from viz.render.scene import Group, Mark, Pen, Scene

TITLE, WORDS = 32.0, 26.0  # type of the caption, on a slide
LEADING = 1.4
ROWS = 7  # of words, at most
BAR = 8.0  # the height of the bar that shows how far the walk has come

Row = tuple[str, str]  # what it is about, and what is said


class Walk:
    """The steps of a plan as scenes of 1920 × 1080 pixels."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.steps = plan.in_words()
        self.told = [rows_of(step["lines"]) for step in self.steps]

    @property
    def page(self) -> Page:
        """What is left above the caption."""
        return Page(SLIDE[0], SLIDE[1] - self.foot, legend=False)

    @cached_property
    def network(self) -> Arrangement | None:
        """The finished network, if it is drawn as one."""
        if self.plan.network is None:
            return None
        return Arrangement(self.plan.network.drawn, 0, "weight", self.page, None, False)

    @cached_property
    def layout(self) -> Layout:
        """The finished graph on its pages, above the caption."""
        self.plan.know(self.plan.last)
        return unfolded(self.plan.graph, self.page)

    @cached_property
    def finished(self) -> list[Scene]:
        self.plan.know(self.plan.last)
        return self.layout.pages()

    @property
    def foot(self) -> float:
        """The height of the captions, which is the same at every step."""
        rows = max(map(len, self.told))
        return 1.6 * TITLE + LEADING * WORDS * rows + MARGIN + BAR

    def scenes(self) -> Iterator[Scene]:
        """A scene for every step."""
        for at, step in enumerate(self.steps):
            graph = self.graph_at(at)
            caption = Group("caption", "", tuple(self.caption(at)))
            yield Scene(*SLIDE, step["title"], [*graph, caption])

    def graph_at(self, at: int) -> list[Group]:
        """What is seen of the graph at a step, on the page that the step is about."""
        if self.network is not None:
            return list(Scenes(self.plan).seen_at(at, self.network, self.current(at)))
        page = self.page_of(at)
        finished = self.finished[page].groups
        self.plan.know(at)
        now = self.layout.page_again(page).groups
        return seen_at(at, self.plan, self.current(at), finished, now)

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
        step = self.steps[at]
        return {*step["cards"], *step["wires"]}

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


# The words below the graph


def rows_of(lines: Sequence[Row]) -> list[Row]:
    """The lines of a step, broken where they are too long. What is told in too many lines is a
    list, whose entries then stand side by side."""
    rows = broken(lines)
    if len(rows) > ROWS and len(lines) > ROWS:
        listed = ",  ".join(text.replace(" ", "\xa0") for _, text in lines[1:])
        rows = broken([lines[0], ("", listed)])
    if len(rows) > ROWS:
        rows = [*rows[: ROWS - 1], ("", "…")]
    return rows


def broken(lines: Sequence[Row]) -> list[Row]:
    indent = indent_of(lines)
    rows = []
    for name, text in lines:
        text = notation.in_print(text)
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
