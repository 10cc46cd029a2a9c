"""A network on a page: a column of cards for its inputs and for each of its layers, weights as
lines, and the loss at the end.

A line is as wide as its number is large, in the colour of its sign, and dashed if it is negative.
The square at a card's corner is the bias. A neuron can be opened in its place.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Literal

from viz.graph import marks, notation, sheet
from viz.graph.columns import Column, columns_of
from viz.graph.marks import COLORS
from viz.graph.network_marks import hundredths, numbers_of, pill, square, symbols, weight_line
from viz.graph.networks import Network, Weight
from viz.graph.opened import Panel
from viz.graph.sheet import MARGIN, NARROWEST, Page
from viz.graph.sizes import ROW, TAG, Sizes
from viz.render.font import fitted, width
from viz.render.scene import Group, Pen, Scene

Lines = Literal["weight", "gradient", "flow"]
LINES = {"weight": "weight", "gradient": "∂{}/∂weight", "flow": "flow back"}

# Lengths in units, which are those of other pictures
CARD = 92.0  # the height of a card
PITCH, LOOSEST = 1.22, 230.0  # from card to card: at least, in their heights, and at most
GAP, LOSS_GAP, LOOSEST_GAP = 90.0, 60.0, 300.0  # between columns; the last, on a sheet
LOSS_SHARE, DENSE = 0.2, 40  # of the free width; a gap of so many lines is given most of it
SIDE = 0.72  # the part of a card's side at which lines end
OF_LOSS = 2.5  # the width of the lines to the loss
DIMMED = 0.25  # what is left of the opacity of lines beside an opened neuron
BAND, BAND_OPACITY = 7.0, 0.2  # each line of a band
TARGET = 200.0  # the widest target
LARGEST_SCALE = 1.4
HEAD = 2.2  # the height of the columns' heads, in their type


def scene(
    network: Network,
    page: Page | None = None,
    example: int = 0,
    lines: Lines = "weight",
    open: tuple[int, int] | None = None,
    *,
    is_sheet: bool = False,
    sizes: Callable[[str], Sizes] = Sizes,
) -> Scene:
    """The network with the numbers of an example. `lines` says what lines show: weights, their
    gradients, or what flows back through them. `open` is a layer and a neuron, counted from 1,
    that is drawn with all its numbers. A sheet is as large as what is on it. `sizes` are those at a
    level of detail.

    Raises ValueError for an unknown `lines`, and for gradients that are not computed, IndexError
    for an example or a neuron that there is not.
    """
    if lines not in LINES:
        raise ValueError(f"lines is one of {', '.join(LINES)}, not {lines!r}")
    if lines != "weight" and not network.has_gradients:
        raise ValueError(f"the lines show no {lines} yet: call backward() first")
    if not 0 <= example < len(network.examples):
        raise IndexError(f"example {example} of {len(network.examples)}, counted from 0")
    if open is not None:
        layer, neuron = open
        layers = network.examples[example].layers
        if not 1 <= layer <= len(layers) or not 1 <= neuron <= len(layers[layer - 1]):
            raise IndexError(f"there is no neuron {neuron} in a layer {layer}, counted from 1")
    return Arrangement(network, example, lines, page or Page(), open, is_sheet, sizes).scene()


class Arrangement:
    """What is drawn, with its places. Lengths are in units, those of the page in pixels."""

    def __init__(
        self,
        network: Network,
        example: int,
        lines: Lines,
        page: Page,
        open: tuple[int, int] | None,
        is_sheet: bool,
        sizes: Callable[[str], Sizes] = Sizes,
    ) -> None:
        self.network, self.page, self.lines, self.is_sheet = network, page, lines, is_sheet
        self.at, self.example = example, network.examples[example]
        self.columns = list(columns_of(network, self.example))
        self.sizes = sizes("full" if network.has_gradients else "rows")
        self.high = CARD if network.has_gradients else ROW
        self.target = self.target_text()
        cards = [
            column.nodes[place]
            for column in self.columns
            for [place, *more] in column.shown
            if not more
        ]
        self.card = max([width(self.target, TAG), *map(self.sizes.card, cards)])
        for column in self.columns:
            column.width = self.card
        self.panel: Panel | None = None
        self.opened: Column | None = None
        if open is not None:
            self.open(*open)
        self.place()

    def open(self, layer: int, number: int) -> None:
        """Gives a neuron a panel instead of its card."""
        column = self.opened = self.columns[layer]
        place = number - 1
        if [place] not in column.shown:  # it takes the place of the weakest that are drawn
            column.shown[-1].remove(place)
            column.shown.insert(-1, [place])
        self.place_opened = place
        result = fitted(notation.name(self.columns[-1].nodes[0].name), 60, TAG)
        self.panel = Panel(
            self.example.layers[layer - 1][place], column.nodes[place], column.spoken[place],
            [node.id for node in self.columns[layer - 1].nodes], self.columns[layer - 1].shown,
            result, self.sizes,
        )  # fmt: skip
        column.width = self.panel.width

    def heights_of(self, column: Column) -> list[float]:
        """How high the parts of a column are that has an opened neuron, with what is between."""
        assert self.panel is not None
        opened = [self.place_opened]
        return [self.panel.height + 12 if places == opened else ROW + 12 for places in column.shown]

    def target_text(self) -> str:
        """What the loss compares the output with."""
        if self.example.right is not None:
            text = notation.name(self.columns[-2].nodes[self.example.right].name)
        elif targets := self.example.targets:
            text = ", ".join(map(notation.number, targets))
        else:
            return ""
        return fitted(f"target {text}", TARGET, TAG)

    # Places

    def place(self) -> None:
        """Finds the scale, and where everything is."""
        page, rows = self.page, max(len(column.shown) for column in self.columns)
        words = list(self.legend()) if page.legend else []
        self.notes = list(self.note_texts())
        least_width = page.width
        if self.is_sheet:
            longest = max([width(note, page.type) + 2 * MARGIN for note in self.notes], default=0)
            least_width = min(page.width, max(NARROWEST, longest))
        self.rows_of_legend = sheet.rows_of_legend(words, least_width, page.type)
        head = HEAD * page.type
        foot = 1.5 * page.type * (len(self.rows_of_legend) + len(self.notes))
        wide, high = page.width - 2 * MARGIN, page.height - 2 * MARGIN - head - foot
        pairs = [
            len(before.shown) * len(after.shown)
            for before, after in zip(self.columns, self.columns[1:], strict=False)
        ]
        dense = [0.0 if self.opened else min(1.2, count / DENSE) for count in pairs]
        least = [GAP * (1 + more) for more in dense]
        shares = [0.35 + min(1.2, count / DENSE) for count in pairs]
        if self.network.has_loss:
            least[-1], shares[-1] = LOSS_GAP, LOSS_SHARE
        natural = sum(column.width for column in self.columns) + sum(least)
        tall = rows * PITCH * self.high
        if self.opened:
            tall = max(tall, sum(self.heights_of(self.opened)))
        self.scale = min(LARGEST_SCALE, high / tall, wide / natural)
        free = wide / self.scale - natural
        self.gaps = [
            gap + min(free * share / sum(shares), LOOSEST_GAP if self.is_sheet else free)
            for gap, share in zip(least, shares, strict=True)
        ]
        x = 0.0
        for column, gap in zip(self.columns, [*self.gaps, 0.0], strict=True):
            column.x = x
            x += column.width + gap
        highest = high / self.scale
        tallest = 0.0
        for column in self.columns:
            pitch = min(highest / len(column.shown), LOOSEST)
            tallest = max(tallest, pitch * len(column.shown))
            first = -pitch * (len(column.shown) - 1) / 2
            column.ys = [first + pitch * row for row in range(len(column.shown))]
            if column is self.opened:
                heights = self.heights_of(column)
                tallest = max(tallest, sum(heights))
                column.ys = [
                    sum(heights[:row]) + height / 2 - sum(heights) / 2
                    for row, height in enumerate(heights)
                ]
        self.width, self.height = page.width, page.height
        if self.is_sheet:
            self.width = max(x * self.scale + 2 * MARGIN, least_width)
            self.rows_of_legend = sheet.rows_of_legend(words, self.width, page.type)
            foot = 1.5 * page.type * (len(self.rows_of_legend) + len(self.notes))
            self.height = tallest * self.scale + 2 * MARGIN + head + foot
        left = (self.width - x * self.scale) / 2
        middle = MARGIN + head + (self.height - 2 * MARGIN - head - foot) / 2
        self.pen = Pen(self.scale, left, middle)
        self.foot = self.height - MARGIN - foot

    def scene(self) -> Scene:
        shape = " → ".join(
            str(len(column.nodes)) for column in self.columns if column.kind != "loss"
        )
        title = f"Network {shape}" + (", with its loss" if self.network.has_loss else "")
        width, height = float(round(self.width)), float(round(self.height))
        return Scene(width, height, title, list(self.groups()))

    def groups(self) -> Iterator[Group]:
        """What is drawn; what lies lower comes first."""
        yield from self.bands()
        lines = [line for at in range(1, len(self.columns)) for line in self.lines_into(at)]
        yield from sorted(lines, key=lambda group: group.marks[0].width)  # type: ignore[union-attr]
        for at, column in enumerate(self.columns):
            yield self.head(column)
            yield from self.cards(column)
            if column.kind == "neuron" and column is not self.opened:
                yield from self.squares(at, column)
        yield from self.foot_groups()

    # Cards

    def cards(self, column: Column) -> Iterator[Group]:
        for place, y in column.cards:
            node = column.nodes[place]
            top = y - self.high / 2
            if column is self.opened:
                assert self.panel is not None
                if place == self.place_opened:
                    yield from self.panel.groups(column.x, y, self.pen)
                else:
                    yield self.closed(column, place, y)
                continue
            pen = self.pen.at(column.x, top)
            card = marks.card(node, "card", 0.0, 0.0, self.card, self.high, self.sizes, pen)
            numbers = [f"value {notation.number(node.value)}"]
            if node.grad is not None:
                numbers.append(f"gradient {notation.number(node.grad)}")
            if column.kind == "loss" and self.target:
                y = top + self.high + 1.3 * TAG
                middle = column.x + self.card / 2
                text = self.pen.text(middle, y, self.target, TAG, "regular", "middle", "muted")
                numbers.append(self.target)
                yield Group("note", "target", (text,))
            yield replace(card, sentence=", ".join([column.spoken[place], *numbers]))
        if column.pill:
            places, y = column.pill
            x = column.x + (column.width - self.card) / 2
            yield pill(column, f"+ {len(places)} more", x, y, self.card, self.pen)

    def closed(self, column: Column, place: int, y: float) -> Group:
        """A neuron beside an opened one: its value."""
        node = replace(column.nodes[place], grad=None)
        x = column.x + (column.width - self.card) / 2
        pen = self.pen.at(x, y - ROW / 2)
        small = marks.card(node, "card", 0.0, 0.0, self.card, ROW, Sizes("rows"), pen)
        sentence = f"{column.spoken[place]}, value {notation.number(node.value)}"
        return replace(small, sentence=sentence)

    def squares(self, at: int, column: Column) -> Iterator[Group]:
        """The biases, at the corners of their cards."""
        for place, y in column.cards:
            bias = self.example.layers[at - 1][place].bias
            sentence = f"{column.spoken[place]}: bias {notation.number(bias.data)}"
            if self.network.has_gradients and bias.grad is not None:
                sentence += f", gradient {notation.number(bias.grad)}"
            shape = square(bias.data, 0.0, 0.0, self.pen.at(column.x, y + self.high / 2))
            yield Group("square", f"b{column.nodes[place].id[1:]}", (shape,), sentence)

    def head(self, column: Column) -> Group:
        size, pen = 1.05 * self.page.type, Pen()
        at = self.columns.index(column)
        room = column.width + min([*self.gaps[max(0, at - 1) : at + 1]], default=0.0)
        if at in (0, len(self.columns) - 1):
            room = column.width + 2 * MARGIN / self.scale
        text = fitted(column.head, room * self.scale - 8, size)
        x = self.pen.x(column.x + column.width / 2)
        mark = pen.text(x, MARGIN + 1.2 * size, text, size, "regular", "middle", "muted")
        return Group("head", "", (mark,))

    # Lines

    def lines_into(self, at: int) -> Iterator[Group]:
        """The lines from the column before, each of which ends at a port of its own."""
        before, after = self.columns[at - 1], self.columns[at]
        ports = [
            SIDE * self.high * ((port + 0.5) / len(before.cards) - 0.5)
            for port in range(len(before.cards))
        ]
        if after.kind == "loss":
            for (place, y), port in zip(before.cards, ports, strict=True):
                path = self.curve(before, y, after, after.ys[0] + port)
                sentence = f"{before.spoken[place]} into the {after.kind}"
                line = self.pen.shape(path, "", "line", OF_LOSS, part="line")
                yield Group("line", f"l{before.nodes[place].id[1:]}", (line,), sentence)
            return
        layer = self.example.layers[at - 1]
        largest = max((abs(self.amount(w)) for neuron in layer for w in neuron.weights), default=0)
        for head, y_head in after.cards:
            is_open = after is self.opened and head == self.place_opened
            ends_at = [y_head + port * self.part_of(after) for port in ports]
            if is_open and self.panel is not None:
                ends_at = self.panel.heights(y_head)[: len(ports)]
            for (tail, y), end in zip(before.cards, ends_at, strict=True):
                weight = layer[head].weights[tail]
                path = self.curve(before, y, after, end, not is_open)
                ends = f"{before.spoken[tail]} into {after.spoken[head]}"
                of = f"w{after.nodes[head].id[1:]}.{tail + 1}"
                size = abs(self.amount(weight)) / largest if largest else 0.0
                line = weight_line(path, self.amount(weight), size, self.pen)
                if self.opened and not is_open:
                    line = replace(line, opacity=hundredths(DIMMED * line.opacity))
                yield Group("line", of, (line,), f"{ends}: {numbers_of(weight)}")

    def amount(self, weight: Weight) -> float:
        """The number that a line shows."""
        if self.lines == "weight":
            return weight.parameter.data
        return (weight.parameter.grad if self.lines == "gradient" else weight.flow) or 0.0

    def part_of(self, column: Column) -> float:
        """How high the cards of a column are, in those of others."""
        return ROW / self.high if column is self.opened else 1.0

    def curve(
        self, before: Column, y: float, after: Column, y_end: float, to_card: bool = True
    ) -> str:
        """A line from the side of a card to that of another, in the middle of its column."""
        x, end = before.x + before.width, after.x - 1
        if before is self.opened and self.panel and y != before.ys[self.row_opened]:
            x -= (before.width - self.card) / 2
        if after is self.opened and to_card:
            end += (after.width - self.card) / 2
        return self.pen.curve((x, y), (end, y_end))

    @property
    def row_opened(self) -> int:
        assert self.opened is not None
        return self.opened.shown.index([self.place_opened])

    def bands(self) -> Iterator[Group]:
        """The lines of neurons that are not drawn, pale: of all that a pill stands for, one to each
        card of the next column, and one from each of the column before."""
        for before, after in zip(self.columns, self.columns[1:], strict=False):
            opacity = BAND_OPACITY * (0.5 if self.opened else 1.0)
            low = SIDE * self.high / 2
            paths = []
            if before.pill:
                y = before.pill[1]
                paths += [self.curve(before, y, after, end + low) for _, end in after.cards]
            if after.pill:
                paths += [self.curve(before, y, after, after.pill[1]) for y in before.ys]
            if paths:
                yield Group(
                    "band",
                    "",
                    tuple(self.pen.shape(path, "", "line", BAND, (), opacity) for path in paths),
                )

    # What stands below

    def legend(self) -> Iterator[tuple[str, str]]:
        result = fitted(notation.name(self.columns[-1].nodes[0].name), 150, self.page.type)
        word = LINES[self.lines].format(result)
        yield COLORS[1], f"{word} > 0"
        yield COLORS[-1], f"{word} < 0"
        yield "", "wide = large"
        yield "squares", "bias > 0, < 0"
        grad = self.network.has_gradients
        yield "card", f"value, under it its gradient, ∂{result}/∂value" if grad else "value"

    def note_texts(self) -> Iterator[str]:
        count = len(self.network.examples)
        if count > 1:
            yield (
                f"example {self.at + 1} of {count}: values and flows are its own; "
                f"the loss and the gradients of weights and biases are those of all {count}"
            )
        for place, node in enumerate(self.columns[0].nodes):
            if self.network.has_gradients and not self.example.is_explained(place):
                name = fitted(notation.name(node.name), 150, self.page.type)
                yield f"the gradient of {name} holds more than these flows: others, earlier passes"
                break
        if self.network.is_penalised and self.network.has_gradients:
            yield "parameters are also used elsewhere in the loss: their gradients hold that, too"

    def foot_groups(self) -> Iterator[Group]:
        size, pen = self.page.type, Pen()
        y = self.foot + 1.1 * size
        for note in self.notes:
            text = fitted(note, self.width - 2 * MARGIN, size)
            yield Group("note", "", (pen.text(MARGIN, y, text, size),), note)
            y += 1.5 * size
        yield from sheet.legend_groups(self.rows_of_legend, y - 1.1 * size, size, symbols)
