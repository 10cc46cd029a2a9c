"""The plot of a sweep: its measure over one setting, a line for each choice of the others."""

from collections.abc import Sequence
from statistics import mean
from typing import TYPE_CHECKING, Any

from nn.sweeping import Sweep
from nn.sweeping.plan import RESULTS, cell, in_words, written
from viz.paper import SHAPES, Paper

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST = 7  # lines, as many as there are colours; more cannot be told apart
FAR = 8.0  # times the smallest number, from where an axis is logarithmic


def plot_sweep(
    found: Sweep, ax: "Axes | None" = None, *, x: str | None = None, y: str | None = None
) -> "Axes":
    """What a sweep found: a point for each run, and lines through the means over the seeds.

    `x` is the setting along the axis: the last one that differs between runs and is a number, if it
    is not chosen. For each combination of the other settings there is a line. `y` is one of the
    results, such as "held_out_accuracy": by default the held-out loss, or the training loss where
    nothing was held out. Runs without that number are left out. Of more than 7 lines, the 7 that
    reach the best loss are drawn. Returns the axes: `ax`, or those of a new figure.

    Raises TypeError for what is no sweep, ValueError for an unknown setting or result, and where
    no run has the number.
    """
    if not isinstance(found, Sweep):
        raise TypeError(
            f"a sweep is plotted from what nn.sweep returns, not {type(found).__name__}"
        )
    y = found.measure if y is None else y
    if y not in RESULTS[:-1]:
        raise ValueError(f"there is no result named {y}: choose from {', '.join(RESULTS[:-1])}")
    rows = [row for row in found if row[y] is not None]
    if not rows:
        raise ValueError(f"no run of this sweep has a {y}: there is nothing to plot")
    x = along(found) if x is None else x
    if x not in rows[0] or x in RESULTS:
        raise ValueError(f"there is no setting named {x}: choose from {', '.join(found.settings)}")
    others = [name for name in found.settings if name != x]
    lines = {written({name: one[name] for name in others}): None for one in found.means()}
    values = {cell(row[x]): row[x] for row in rows}
    numbers = all(is_number(value) for value in values.values())
    place = {text: float(values[text]) if numbers else i for i, text in enumerate(values)}

    paper = Paper(ax)
    ax = paper.ax
    for i, name in enumerate(list(lines)[:MOST]):
        mine = [row for row in rows if written({other: row[other] for other in others}) == name]
        runs = sorted((place[cell(row[x])], row[y]) for row in mine)
        style: dict[str, Any] = {
            "color": paper.classes[i % len(paper.classes)],
            "marker": SHAPES[i],
        }
        paper.points(runs, s=14, alpha=0.5, linewidths=0, zorder=2, **style)
        means = [(at, mean(y for there, y in runs if there == at)) for at in dict(runs)]
        ax.plot(*zip(*means, strict=True), linewidth=1.5, zorder=3, label=name or "mean", **style)
    if numbers and far_apart(list(place.values())):
        ax.set_xscale("log")
    if not numbers or len(place) <= MOST:
        ax.set_xticks(list(place.values()), list(place))
        ax.minorticks_off()
    if far_apart([row[y] for row in rows]):
        ax.set_yscale("log")
    ax.set(xlabel=in_words(x), ylabel=in_words(y))
    left_out = len(lines) - MOST
    title = f"the best {MOST} of {len(lines)}" if left_out > 0 else None
    if others or title:
        ax.legend(fontsize="small", title=title)
    return ax


def along(found: Sweep) -> str:
    """The setting along the axis, if nobody chose one."""
    names = found.settings
    numbers = [name for name in names if all(is_number(row[name]) for row in found)]
    return [*(names[:1] or ["seed"]), *numbers][-1]


def is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def far_apart(numbers: Sequence[float]) -> bool:
    """Whether numbers need a logarithmic axis, and can have one."""
    return min(numbers) > 0 and max(numbers) > FAR * min(numbers)
