"""The curve of a function of one Value, and its tangent."""

from collections.abc import Callable
from itertools import pairwise
from math import inf, isfinite, nan
from typing import TYPE_CHECKING, Any

from autograd import AutogradError, Value, grad
from autograd.operand import real
from viz.palette import sign
from viz.paper import Paper, between, written

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SAMPLES = 241  # of a curve


def plot_tangent(
    f: Callable[[Value], Any], at: float | Value, ax: "Axes | None" = None, *, width: float = 4.0
) -> "Axes":
    """The curve of a function of one Value, and its tangent at a point, with the engine's slope.

    The curve is drawn `width` wide around the point, and left out where f is not defined. The
    tangent is orange where it rises and blue where it falls. Returns the axes: `ax`, or those of a
    new figure. Raises what f and its derivative raise at the point, as that of sqrt does at 0;
    ValueError for a width not above 0 and a point that is not finite; TypeError for no number.
    """
    if not 0 < real(width, "the width") < inf:
        raise ValueError(f"the width is a number above 0, not {width!r}")
    x = Value(_number(at, "a tangent"), getattr(at, "label", "") or "x")
    y = f(x)
    height, slope = _number(y, "a tangent"), grad(y, x).data if isinstance(y, Value) else 0.0
    if not (isfinite(x.data) and isfinite(height) and isfinite(slope)):
        raise ValueError(f"no tangent touches {height} at {x.data} with slope {slope}")
    ends = x.data - width / 2, x.data + width / 2
    xs, ys, (low, high) = curve(f, *ends, height)

    paper = Paper(ax)
    ax = paper.ax
    if ax.has_data():  # a second tangent does not hide the first
        low, high = min(low, ax.get_ylim()[0]), max(high, ax.get_ylim()[1])
    name = getattr(f, "__name__", getattr(f, "name", "f")).replace("<lambda>", "f")
    name = f"{name}({x.label})"
    if name in ax.get_legend_handles_labels()[1]:
        name = ""
    ax.plot(xs, ys, color=paper["text"], linewidth=1.8, label=name, zorder=2)
    style: dict[str, Any] = {"color": paper[sign(slope) or "muted"], "zorder": 3}
    line = [height + slope * (end - x.data) for end in ends]
    label = f"slope {written(slope)} at {x.label} = {written(x.data)}"
    ax.plot(ends, line, "--", linewidth=1.8, label=label, **style)
    ax.plot(x.data, height, "o", markersize=9, markeredgecolor=paper["background"], **style)
    ax.set(ylim=(low, high), xlabel=x.label)
    ax.legend()
    return ax


def curve(
    f: Callable[[Value], Any], start: float, end: float, height: float
) -> tuple[list[float], list[float], tuple[float, float]]:
    """Points on the curve of f, nan at its gaps; and from where to where to show it. That is whole,
    with `height`, unless poles stretch it. Jumps and the ends of the domain are searched for
    between the points."""

    def at(x: float) -> tuple[float, float]:
        try:
            y = _number(f(Value(x, "x")), "a curve")
        except AutogradError:
            return x, nan
        return x, y if isfinite(y) else nan

    def gap(a: tuple[float, float], b: tuple[float, float]) -> float:
        gone = [not isfinite(y) for _, y in (a, b)]
        return 0.0 if all(gone) else inf if any(gone) else abs(a[1] - b[1])

    points = [at(x) for x in between(start, end, SAMPLES)]
    ranked = sorted([height, *(y for _, y in points if isfinite(y))])
    tenth = len(ranked) // 10
    low, high = ranked[tenth], ranked[-1 - tenth]
    most = high - low
    if ranked[-1] - ranked[0] < 5 * most or not most:
        low, high = ranked[0], ranked[-1]
    else:
        low, high = min(low - most / 4, height), max(high + most / 4, height)
    tall = high - low or 2.0

    whole = points[:1]
    for a, b in pairwise(points):
        right = b
        for _ in range(60):
            if gap(a, b) < tall / 4:
                break
            middle = at((a[0] + b[0]) / 2)
            a, b = (a, middle) if gap(a, middle) >= gap(middle, b) else (middle, b)
        else:
            whole += [a, (a[0], nan), b]
        whole.append(right)
    far = 100 * tall  # matplotlib cannot scale 1e308
    xs, ys = zip(*[(x, min(max(y, low - far), high + far)) for x, y in whole], strict=True)
    return list(xs), list(ys), (low - 0.1 * tall, high + 0.1 * tall)


def _number(x: Any, where: str) -> float:
    return x.data if isinstance(x, Value) else real(x, where)
