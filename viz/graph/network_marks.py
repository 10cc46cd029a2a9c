"""The marks of a network: lines of weights, squares of biases, pills, and what the legend shows."""

from collections.abc import Iterator
from math import floor

from viz.graph import notation, sheet
from viz.graph.columns import Column
from viz.graph.marks import COLORS, DASH, FRAME
from viz.graph.networks import Weight
from viz.graph.sizes import PADDING, TAG
from viz.render.font import fitted
from viz.render.scene import Group, Mark, Pen, Shape

PILL = 48.0  # its height
SQUARE, NO_BIAS = 14.0, 8.0
THINNEST, THICKEST = 1.0, 8.0
FAINTEST = 0.35


def weight_line(path: str, amount: float, size: float, pen: Pen) -> Shape:
    """A line in the colour of its number, as wide as that is large beside the largest."""
    wide = THINNEST + (THICKEST - THINNEST) * size
    sign = notation.sign(amount)
    dash = tuple(length + times * wide for length, times in DASH) if sign < 0 else ()
    opacity = hundredths(FAINTEST + (1 - FAINTEST) * size)
    return pen.shape(path, "", COLORS[sign], wide, dash, opacity, "line")


def hundredths(x: float) -> float:
    """Rounded as pages round, where Python would go to the even neighbour."""
    return floor(100 * x + 0.5) / 100


def numbers_of(weight: Weight) -> str:
    """A line read aloud."""
    told = [f"weight {notation.number(weight.parameter.data)}"]
    if weight.flow is not None and weight.parameter.grad is not None:
        told.append(f"gradient {notation.number(weight.parameter.grad)}")
        told.append(f"flows back {notation.number(weight.flow)}")
    return ", ".join(told)


def pill(column: Column, text: str, x: float, y: float, wide: float, pen: Pen) -> Group:
    top = y - PILL / 2
    marks_of: tuple[Mark, ...] = (
        pen.shape(pen.box(x, top, wide, PILL, PILL / 2), "background", "line", FRAME),
        pen.text(x + wide / 2, y + 9, fitted(text, wide - PADDING, TAG), TAG, anchor="middle"),
    )
    area = pen.area(x, top, wide, PILL)
    return Group("pill", "", marks_of, f"{column.head}: {text[2:]}", area)


def square(bias: float, x: float, y: float, pen: Pen, wide: float = SQUARE) -> Shape:
    """Filled for what is positive, hollow for what is negative, and small for 0."""
    sign = notation.sign(bias)
    half = (wide if sign else NO_BIAS) / 2
    fill = COLORS[1] if sign > 0 else "background"
    path = pen.box(x - half, y - half, 2 * half, 2 * half)
    return pen.shape(path, fill, COLORS[sign], FRAME, part="bias")


def symbols(kind: str, x: float, y: float, size: float, pen: Pen) -> Iterator[Shape]:
    """A small one of what the words of the legend are about."""
    middle, right = y - 0.36 * size, x + 1.4 * size
    if kind in COLORS.values():
        dash = (0.45 * size, 0.25 * size) if kind == COLORS[-1] else ()
        path = pen.path("M", [(x, middle)], "L", [(right, middle)])
        yield pen.shape(path, "", kind, 0.2 * size, dash)
    elif kind == "squares":
        for sign, at in ((1, x + 0.3 * size), (-1, x + 1.1 * size)):
            yield square(sign, at, middle, pen, 0.55 * size)
    else:
        yield from sheet.symbol(kind, x, y, size, pen)
