"""How large everything on a picture is, in units. A picture is scaled to its page as a whole.

The levels of detail, from a full picture down to what a large graph leaves room for:

- full: cards of two rows, and on every edge the flow and the local derivative
- compact: leaves have one row
- rows: all cards have one row
- quiet: cards of two rows; edges tell their flows by width, colour and dashes only
- dense: cards of one row, quiet edges
"""

from collections.abc import Collection, Sequence

from viz.graph import notation
from viz.graph.model import Edge, Node
from viz.render.font import fitted, width

LEVELS = ("full", "compact", "rows", "quiet", "dense")

# Sizes of type
VALUE, GRAD, NAME, TAG = 28.0, 26.0, 26.0, 25.0
SMALLEST = 25.0

CARD, ROW = 108.0, 44.0  # the height of a card of two rows, and of one
UPPER = 56.0  # where the lower row begins
LABEL, LABEL_ROW = 32.0, 36.0  # the height of a tag, and with the room around it
QUIET_ROW = 9.0  # between lines that begin at a card without tags
GAP, ROW_GAP = 24.0, 12.0  # between cards, and between cards of one row
LANE, QUIET_LANE = 24.0, 16.0  # the room of a line that passes
PADDING = 14.0
BADGE, BADGE_INSET = 44.0, 24.0  # its height, and how far it reaches into its card
ARROW = 34.0  # the chip of flows that are drawn elsewhere
OTHER = "−0.000"  # a number as wide as most
LONGEST_NAME, LONGEST_BADGE = 170.0, 200.0
NO_FLOW, LEAST_STROKE, STROKE = 1.8, 2.2, 6.0  # widths of lines: what the largest flow adds


def argument(edge: Edge) -> str:
    """Which argument it is, where one value goes into an operation several times."""
    return f"({edge.place + 1}) " if edge.is_one_of_several else ""


class Sizes:
    """The sizes at a level of detail, for a graph that grows to the right.

    A column is as wide as its cards and the labels behind them; heights are across.
    """

    other = ""  # a number for which there is room in any case

    def __init__(self, detail: str) -> None:
        self.detail = detail
        self.has_tags = detail in ("full", "compact", "rows")
        self._cards: dict[Node, float] = {}  # their widths, which take long to measure

    # Words

    def name(self, node: Node) -> str:
        return fitted(notation.name(node.name), LONGEST_NAME, NAME, "italic")

    def badge_text(self, node: Node) -> str:
        return fitted(node.badge, LONGEST_BADGE, TAG)

    def chip_text(self, edge: Edge) -> str:
        """The local derivative; nothing where it is 1. Where one value goes into an operation
        twice, the place of the argument stands before it."""
        if not edge.taken:
            return "not taken"
        if edge.local is None:
            return "undefined"
        if edge.local == 1:
            return ""
        return f"{argument(edge)}×{notation.number(edge.local)}"

    def tag_text(self, flow: float | None) -> str:
        return "" if flow is None else notation.signed(flow)

    # Widths

    def has_one_row(self, node: Node) -> bool:
        return self.detail in ("rows", "dense") or (self.detail == "compact" and node.is_leaf)

    def card(self, node: Node) -> float:
        if node not in self._cards:
            self._cards[node] = self.measured(node)
        return self._cards[node]

    def measured(self, node: Node) -> float:
        name = width(self.name(node), NAME, "italic")
        value, grad = self.value(node), self.grad(node)
        if self.has_one_row(node):
            left = 32 if node.badge else 16
            return left + name + 14 + value + (PADDING if grad is None else 58 + grad)
        left = 30 if node.badge else 16
        return max(132.0, left + name + 14 + value + PADDING, 0 if grad is None else 62 + grad)

    def value(self, node: Node) -> float:
        return width(notation.number(node.value), VALUE, "bold")

    def grad(self, node: Node) -> float | None:
        """The gradient, at its widest."""
        numbers = (*node.sums, *(() if node.grad is None else (node.grad,)))
        return max([width(notation.signed(x), GRAD) for x in numbers], default=None)

    def ghost(self, node: Node) -> float:
        """A card that stands again where its value is used."""
        name = width(self.name(node), TAG, "italic")
        return 2 * PADDING + name + 12 + width(notation.number(node.value), TAG, "bold")

    def badge(self, node: Node) -> float:
        return max(50.0, 24 + width(self.badge_text(node), TAG)) if node.badge else 0.0

    def before(self, node: Node) -> float:
        """How far the badge stands out of its card."""
        return self.badge(node) - BADGE_INSET if node.badge else 0.0

    def tag(self, flow: float | None) -> float:
        return 0.0 if flow is None else 45 + width(self.tag_text(flow), TAG)

    def chip(self, edge: Edge) -> float:
        text = self.chip_text(edge)
        return PADDING + width(text, TAG) if text else 0.0

    def label(self, edge: Edge) -> float:
        """The tag and the chip of an edge, side by side."""
        if not self.has_tags:
            return 14.0
        return self.tag(self.flow(edge)) + self.chip(edge) or 14.0

    def label_of_others(self, flow: float | None) -> float:
        """The tag and the chip of what flows back elsewhere."""
        return self.tag(flow) + ARROW

    def turned(self, width: float, height: float) -> tuple[float, float]:
        """A size of a page as it is along the direction in which the graph grows, and across."""
        return width, height

    def signs(self, number: float) -> Sequence[int]:
        """The signs of a number that are drawn as a triangle."""
        return (notation.sign(number),) if notation.sign(number) else ()

    def flow(self, edge: Edge) -> float | None:
        """The flow that stands in a tag: none in a branch that was not taken."""
        return edge.flow if edge.taken else None

    # Heights

    def has_row_for_others(self, node: Node, kind: str, rows: int) -> bool:
        """Whether some of a card's flows are drawn here and some elsewhere: it has a row more, for
        the sum of those."""
        return kind == "card" and self.has_tags and 0 < rows < len(node.outs)

    def height(self, node: Node, kind: str, rows: int) -> float:
        """With the room around it; `rows` lines begin there."""
        rows = max(1, rows + self.has_row_for_others(node, kind, rows))
        row = LABEL_ROW if self.has_tags else QUIET_ROW
        if kind == "ghost" or self.has_one_row(node):
            return max(ROW, row * rows + 6) + ROW_GAP
        return max(CARD, row * rows + 8) + GAP

    def margin(self, node: Node, kind: str) -> float:
        """The room around it, which is part of its height."""
        return ROW_GAP if kind == "ghost" or self.has_one_row(node) else GAP

    @property
    def lane(self) -> float:
        return LANE if self.has_tags else QUIET_LANE

    def stroke(self, edge: Edge, largest: float) -> float:
        """The width of a line: large flows are wide, beside the largest one, as far as the ports
        at the operation leave room: forty terms stay forty lines."""
        size = abs(edge.flow or 0.0)
        share = min(1.0, size / largest) ** 0.5
        return min(LEAST_STROKE + STROKE * share if size else NO_FLOW, self.widest_stroke(edge))

    def widest_stroke(self, edge: Edge) -> float:
        """As the ports at the operation leave room."""
        ports = (32 if self.has_one_row(edge.head) else 84) / max(1, len(edge.head.ins) - 1)
        return max(1.6, 0.7 * ports)


class Live(Sizes):
    """The sizes of a picture whose numbers will change: it has room for other numbers, a triangle
    for each sign, and a tag and a chip on every edge, but for derivatives that are always 1: those
    of the edges in `ones`."""

    other = OTHER

    def __init__(self, detail: str, ones: Collection[str] = ()) -> None:
        super().__init__(detail)
        self.ones = ones

    def signs(self, number: float) -> Sequence[int]:
        return 1, -1

    def flow(self, edge: Edge) -> float | None:
        return edge.flow or 0.0

    def chip_text(self, edge: Edge) -> str:
        if edge.id in self.ones:
            return ""
        if edge.local is None:
            return "undefined"
        return f"{argument(edge)}×{notation.number(edge.local)}"

    def value(self, node: Node) -> float:
        return max(super().value(node), width(OTHER, VALUE, "bold"))

    def grad(self, node: Node) -> float | None:
        return max(super().grad(node) or 0.0, width(OTHER, GRAD))

    def tag(self, flow: float | None) -> float:
        return max(super().tag(flow), 45 + width(OTHER, TAG))

    def chip(self, edge: Edge) -> float:
        text = self.chip_text(edge)
        return PADDING + max(width(text, TAG), width(OTHER, TAG)) if text else 0.0
