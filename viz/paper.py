"""What plots are drawn on: axes with the colours that are legible there, and grids of numbers."""

from collections.abc import Sequence
from math import isfinite
from typing import TYPE_CHECKING, Any, NamedTuple

from viz.palette import DARK, LIGHT

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["ON_DARK", "ON_LIGHT", "SHAPES", "Grid", "Paper", "between", "written"]

# Classes differ in shape too: 10 shapes and 7 colours repeat together after 70 classes.
SHAPES = "so^DvPX*hp"
ON_LIGHT = ["#2166ac", "#b35806", "#7b3294", "#1b7837", "#737373", "#d6589f", "#8c6d1f"]
ON_DARK = ["#92c5de", "#fdb863", "#d8a7ee", "#7fbf7b", "#bdbdbd", "#f1a3cc", "#d9c27a"]


class Grid(NamedTuple):
    """Numbers above a plane, a row for each of the ys; nan where there is none."""

    xs: list[float]
    ys: list[float]
    rows: list[list[float]]

    @property
    def finite(self) -> list[float]:
        """The numbers that are there, lowest first."""
        return sorted(cell for row in self.rows for cell in row if isfinite(cell))


class Paper:
    """Axes to draw on, and the colours that are legible there."""

    def __init__(self, ax: "Axes | None") -> None:
        from matplotlib.colors import to_rgba

        if ax is None:
            import matplotlib.pyplot as plt

            _, ax = plt.subplots(figsize=(6.4, 4.8), layout="constrained")
        self.ax: Any = ax
        *rgb, alpha = to_rgba(ax.get_facecolor())
        if alpha < 0.5:  # what is seen is the figure behind
            *rgb, alpha = to_rgba(self.ax.figure.get_facecolor())
        dark = alpha >= 0.5 and sum(rgb) < 1.2
        self.colours, self.classes = (DARK, ON_DARK) if dark else (LIGHT, ON_LIGHT)

    def __getitem__(self, colour: str) -> str:
        return self.colours.get(colour, colour)

    def tint(self, colour: str, strength: float) -> tuple[float, ...]:
        """Between the background and a colour."""
        from matplotlib.colors import to_rgb

        pairs = zip(to_rgb(self["background"]), to_rgb(self[colour]), strict=True)
        return tuple(back + strength * (ink - back) for back, ink in pairs)

    def points(self, points: Sequence[tuple[float, ...]], **style: Any) -> None:
        self.ax.scatter([x for x, _ in points], [y for _, y in points], **style)

    def boundary(self, grid: Grid, level: float, label: str = "") -> None:
        """The line where the grid crosses the level, if it does."""
        numbers = grid.finite
        if numbers and numbers[0] < level < numbers[-1]:
            self.ax.contour(*grid, [level], colors=[self["text"]], linewidths=1.5, zorder=1)
            self.ax.plot([], [], color=self["text"], label=label)  # contours have no legend


def between(low: float, high: float, count: int) -> list[float]:
    """Numbers at even distances, both ends among them."""
    return [low + (high - low) * i / (count - 1) for i in range(count)]


def written(x: float) -> str:
    return f"{x:.4g}".replace("-", "−")
