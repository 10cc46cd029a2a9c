"""A neuron opened in its place: inputs × weights, their sum, and the activation, with all numbers.

What flows back stands before each input, in a tag that points to where the line comes from.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from autograd import Value
from autograd.teaching.steps import local_derivative
from viz.graph import marks, notation
from viz.graph.marks import FILLS, FRAME
from viz.graph.model import Node
from viz.graph.networks import Neuron, Weight, data_of
from viz.graph.sizes import PADDING, Sizes
from viz.render.font import Face, fitted, width
from viz.render.scene import Group, Mark, Pen, Text

TITLE, ROW_HEIGHT, BOX = 50.0, 42.0, 36.0
CORNER, BETWEEN, BUNDLE = 10.0, 16.0, 70.0
SIZE, HEAD_SIZE, SMALL_TRIANGLE = 25.0, 24.0, 7.0
COLUMN_GAP = 30.0  # as wide as a sign of arithmetic
FLOW, INPUT, WEIGHT, GRADIENT, PRODUCT = range(5)
EXTRA = (45.0, 0.0, 2 * PADDING, 44.0, 0.0)  # what stands beside the numbers of a column


class Panel:
    """The card of an opened neuron, in units. `shown` says which inputs have a row of their own;
    the last may be many together. `inputs` are the ids of what comes in."""

    def __init__(
        self,
        neuron: Neuron,
        node: Node,
        spoken: str,
        inputs: Sequence[str],
        shown: Sequence[Sequence[int]],
        result: str,
        sizes: Sizes,
    ) -> None:
        self.neuron, self.node, self.spoken, self.shown = neuron, node, spoken, shown
        self.inputs, self.sizes = inputs, sizes
        which = node.id[1:]
        self.rows = [" ".join(f"w{which}.{place + 1}" for place in places) for places in shown]
        self.rows.append(f"b{which}")
        self.heads = ["flow back", "input", "weight", f"∂{result}/∂w", "product"]
        self.cells = [self.row(places) for places in shown]
        bias = neuron.bias
        self.cells.append(["", "+ bias", notation.number(bias.data),
                           self.signed(bias.grad), notation.number(bias.data)])  # fmt: skip
        self.widths = [
            max(self.widest(at) + extra, width(head, HEAD_SIZE))
            for at, (head, extra) in enumerate(zip(self.heads, EXTRA, strict=True))
        ]
        if node.grad is None:
            self.widths[FLOW] = self.widths[GRADIENT] = 0.0
        self.cards = list(self.nodes())
        self.card = max(map(self.sizes.card, self.cards))
        self.chip = marks.PADDING + width(self.local, SIZE) if self.local else 0.0
        self.left = [BETWEEN + sum(self.widths[:at]) + COLUMN_GAP * at for at in range(5)]
        self.table = self.left[-1] + self.widths[-1]
        after = BUNDLE + len(self.cards) * self.card + (self.chip + 40 if self.local else 0.0)
        self.width = self.table + after + BETWEEN
        self.height = TITLE + ROW_HEIGHT * (len(self.cells) + 1) + BETWEEN

    def widest(self, at: int) -> float:
        """How wide the numbers of a column are."""
        face: Face = "bold" if at == WEIGHT else "regular"
        texts = [self.sizes.other, *(cells[at] for cells in self.cells)]
        return max(width(text, SIZE, face) for text in texts)

    def signed(self, x: float | None) -> str:
        return "" if x is None or self.node.grad is None else notation.signed(x)

    def row(self, places: Sequence[int]) -> list[str]:
        weights = [self.neuron.weights[place] for place in places]
        product = notation.number(sum(weight.product.data for weight in weights))
        if len(weights) > 1:
            return ["", f"+ {len(weights)} more", "", "", product]
        (weight,) = weights
        value = notation.number(weight.parameter.data)
        gradient = self.signed(weight.parameter.grad)
        x = notation.number(data_of(weight.input))
        return [self.signed(weight.flow), x, value, gradient, product]

    @property
    def local(self) -> str:
        """The local derivative of the activation."""
        if self.neuron.activation is None or self.node.grad is None:
            return ""
        local = local_derivative(self.neuron.out, 0)
        return "undefined" if local is None else f"×{notation.number(local)}"

    @property
    def products(self) -> list[str]:
        """What becomes of the gradient of the sum, as far as there is room."""
        room = len(self.cards) * self.card + self.chip + 40
        is_all = all(weight.is_explained for weight in self.neuron.weights)
        gradient = ("" if is_all else "part of ") + self.heads[GRADIENT]
        words = [f"this gradient × input: {gradient}", "this gradient × weight: flow back"]
        return [fitted(one, room, HEAD_SIZE) for one in words]

    def nodes(self) -> Iterator[Node]:
        """The sum, and what the activation makes of it."""
        if self.neuron.activation is not None:
            total = self.neuron.total
            grad = None if self.node.grad is None else total.grad
            yield Node("sum", "sum", True, total.data, grad, is_leaf=False)
        yield self.node

    def heights(self, y: float) -> list[float]:
        """The middles of the rows, where y is that of the card."""
        first = y - self.height / 2 + TITLE + 1.5 * ROW_HEIGHT
        return [first + ROW_HEIGHT * row for row in range(len(self.cells))]

    def groups(self, x: float, y: float, pen: Pen) -> Iterator[Group]:
        top = y - self.height / 2
        frame = pen.box(x, top, self.width, self.height, CORNER)
        title = f"{self.spoken}: {notation.name(self.node.name)}"
        frame_marks: list[Mark] = [
            pen.shape(frame, "background", "current", 1.5 * FRAME),
            pen.text(x + BETWEEN, top + 36, title, 28.0, "bold"),
        ]
        for at, head in enumerate(self.heads):
            if self.widths[at]:
                middle = x + self.left[at] + self.widths[at] / 2
                y_head = top + TITLE + 0.7 * ROW_HEIGHT
                frame_marks.append(
                    pen.text(middle, y_head, head, HEAD_SIZE, "regular", "middle", "muted")
                )
        area = pen.area(x, top, self.width, self.height)
        yield Group("opened", self.node.id, tuple(frame_marks), f"{title}, opened", area)
        ends = self.heights(y)
        start, end = x + self.table + 6, x + self.table + BUNDLE - 2
        for row, cells in enumerate(self.cells):
            yield from self.row_groups(row, cells, x, ends[row], pen)
            port = y + 60 * ((row + 0.5) / len(ends) - 0.5)
            pull = 0.5 * (end - start)
            path = pen.path(
                "M", [(start, ends[row])],
                "C", [(start + pull, ends[row]), (end - pull, port), (end, port)],
            )  # fmt: skip
            yield Group("line", "", (pen.shape(path, "", "line", 1.6),))
        yield from self.sum_groups(x + self.table + BUNDLE, y, pen)

    def row_groups(
        self, row: int, cells: Sequence[str], x: float, y: float, pen: Pen
    ) -> Iterator[Group]:
        """A row: the flow back, the input, the weight with its gradient, and the product, each a
        group of its own. That of the bias has no input, and many weights together only a sum."""
        of = self.rows[row]
        weight: Weight | None = None
        parameter = self.neuron.bias
        if row < len(self.shown) and len(self.shown[row]) == 1:
            weight = self.neuron.weights[self.shown[row][0]]
            parameter = weight.parameter
        if weight is not None and weight.flow is not None and self.widths[FLOW]:
            yield marks.tag(of, weight.flow, x + self.left[FLOW], y, self.sizes, pen)
        told = [f"{head} {cell}" for head, cell in zip(self.heads, cells, strict=True) if cell]
        signs: list[Mark] = []
        if weight is not None:
            after = x + self.left[INPUT] + self.widths[INPUT] + COLUMN_GAP / 2
            signs.append(pen.text(after, y + 9, "×", SIZE, "regular", "middle", "muted"))
            before = x + self.left[PRODUCT] - COLUMN_GAP / 2
            signs.append(pen.text(before, y + 9, "=", SIZE, "regular", "middle", "muted"))
        else:
            signs.append(self.cell(INPUT, cells, x, y, pen))
        yield Group("row", "", tuple(signs), ", ".join(told))
        if weight is not None:
            at = self.shown[row][0]
            yield Group("input", self.inputs[at], (self.cell(INPUT, cells, x, y, pen, "value"),))
        if cells[WEIGHT]:
            yield self.box(of, parameter, cells, x, y, pen)
        yield Group("product", of, (self.cell(PRODUCT, cells, x, y, pen, "value"),))

    def box(
        self, of: str, parameter: Value, cells: Sequence[str], x: float, y: float, pen: Pen
    ) -> Group:
        """A weight or a bias with its gradient, as a card in one row."""
        left, wide = x + self.left[WEIGHT], self.widths[WEIGHT]
        total = wide + (COLUMN_GAP + self.widths[GRADIENT] if cells[GRADIENT] else 0.0)
        box = pen.box(left, y - BOX / 2, total, BOX, 5.0)
        inside: list[Mark] = [pen.shape(box, "background")]
        if cells[GRADIENT] and parameter.grad is not None:
            tint = pen.rounded_box(left + wide, y - BOX / 2, total - wide, BOX, 0, 5, 5, 0)
            inside.append(pen.shape(tint, FILLS[notation.sign(parameter.grad)], part="tint"))
            inside += marks.triangles(
                left + wide + 20, y, parameter.grad, SMALL_TRIANGLE, self.sizes, pen
            )
            right, room = left + total - 10, total - wide - 44
            inside.append(
                pen.text(
                    right, y + 9, cells[GRADIENT], SIZE, anchor="end", part="gradient", room=room
                )
            )
        inside.append(pen.shape(box, "", "line", FRAME, part="frame"))
        inside.append(self.cell(WEIGHT, cells, x - PADDING, y, pen, "value", bold=True))
        return Group("weight", of, tuple(inside), "", pen.area(left, y - BOX / 2, total, BOX))

    def cell(
        self,
        at: int,
        cells: Sequence[str],
        x: float,
        y: float,
        pen: Pen,
        part: str = "",
        bold: bool = False,
    ) -> Text:
        right, room = x + self.left[at] + self.widths[at], self.widths[at] - bold * PADDING
        face: Face = "bold" if bold else "regular"
        return pen.text(
            right, y + 9, cells[at], SIZE, face, "end", part=part, room=room if part else 0.0
        )

    def sum_groups(self, x: float, y: float, pen: Pen) -> Iterator[Group]:
        """The cards of the sum and of the activation, with the local derivative between them."""
        high = marks.UPPER + 36 if self.node.grad is not None else 44.0
        for at, node in enumerate(self.cards):
            step = self.card + self.chip + 40
            left = x + at * step
            shown = marks.card(node, "card", left, y - high / 2, self.card, high, self.sizes, pen)
            yield replace(shown, kind="sum", of=self.node.id) if node is not self.node else shown
            if at == 0 and len(self.cards) == 2:
                start = left + self.card
                path = pen.path("M", [(start, y)], "L", [(x + step, y)])
                yield Group("line", "", (pen.shape(path, "", "line", FRAME),))
                if self.local:
                    yield marks.chip(self.node.id, self.local, start + 20, y, self.chip, pen)
                if self.node.grad is not None and self.height > 2 * (high / 2 + 3.5 * HEAD_SIZE):
                    for line, words in enumerate(self.products):
                        y_line = y + high / 2 + (1.6 + 1.3 * line) * HEAD_SIZE
                        told = pen.text(left, y_line, words, HEAD_SIZE, color="muted")
                        yield Group("note", "", (told,))
                activation = self.neuron.activation
                assert activation is not None
                text = fitted(notation.operation(activation, [None]), self.card, SIZE)
                middle = x + step + self.card / 2
                yield Group("note", "", (pen.text(
                    middle, y - high / 2 - 12, text, SIZE, "regular", "middle", "muted"
                ),))  # fmt: skip
