"""Plots with matplotlib: what a model has learnt, the landscape of a loss, the slope of a function.
Every plot draws into the `ax` it is given, or makes a figure of its own with pyplot, which
notebooks show; all of them return the axes. matplotlib is imported when the first is made."""

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from itertools import pairwise
from math import inf, isfinite, nan
from typing import TYPE_CHECKING, Any

from autograd import AutogradError, Value, no_grad
from autograd.checks import whole
from autograd.operand import real
from nn.data import Dataset, as_dataset, matched
from nn.decisions import class_of, cuts_of, decided, decision_for
from nn.losses import loss_of
from viz.paper import SHAPES, Grid, Paper, between, written

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from nn.history import History

BANDS = 4  # of a score's shading, on either side of the boundary
RINGS = 12  # of a surface
SAMPLES = 241  # of what a network with one input answers


def plot_loss(history: "History", ax: "Axes | None" = None) -> "Axes":
    """The losses of a training, epoch by epoch, and the accuracies on a second scale; returns the
    matplotlib axes, without an `ax` those of a pyplot figure of its own. Raises ValueError for a
    history made by hand whose losses and accuracies differ in length, TypeError for what is no
    history."""
    if not hasattr(history, "plot") or not hasattr(history, "losses"):
        raise TypeError(
            "a loss is plotted from the History that `fit` returns, as in plot_loss(history), "
            f"not from {type(history).__name__}"
        )
    return history.plot(ax)


# What a model says everywhere, and what it should say at the data


def plot_boundary(
    model: Callable[[Any], Any],
    data: Any,
    ax: "Axes | None" = None,
    *,
    loss: Callable | str | None = None,
    threshold: float | None = None,
    resolution: int = 50,
) -> "Axes":
    """Which class the outputs of a model with two inputs stand for where, and the data, with wrong
    points ringed.

    `data` is a Dataset or a pair (inputs, targets). Outputs stand for classes as in `evaluate`,
    after training with the `loss`; without one, with that which the model was trained with. A
    `threshold` says where a single output passes from the first class to the second instead. For
    data with one input each output is a curve over the points.

    The model is computed resolution² times: 1.5 seconds for MLP(2, [16, 16, 1]) at 50. Returns
    the axes: `ax`, or those of a new figure. Raises ValueError for data with more inputs, targets
    that are no classes of the model, an unknown loss, and a resolution below 2; TypeError for data
    that is none and a model that gives no Values; and what the model raises at the data.
    """
    resolution = whole(resolution, "the resolution", least=2)
    data = as_dataset(data)
    if names := getattr(model, "class_names", ()):
        data = matched(data, names, len(names), "the data")
    if data.width > 2:
        raise ValueError(
            f"these examples have {data.width} inputs, and paper has room for two: "
            "train a model on two of them to see its boundary"
        )
    with no_grad():
        answers = [model(point) for point in data.inputs]
    count = len(outputs(answers[0]))
    if data.width == 1:
        return _curves_over_points(model, data, count, ax)
    if data.target_width > 1:
        raise ValueError(
            f"these targets are rows of {data.target_width} numbers, and a boundary lies between "
            "classes: such a model is drawn over one input"
        )
    decision = getattr(model, "decision", "sign") if loss is None else decision_for(loss_of(loss))
    cuts = (threshold,) if threshold is not None else cuts_of(decision, data)
    classes = class_names(data, count, cuts)
    wrong = [
        point
        for (point, target), answer in zip(data, answers, strict=True)
        if decided(answer, cuts or ()) != class_of(target)
    ]
    columns = 2 if len(classes) < 4 else 4
    room = 0.2 + 0.08 * (len(classes) // columns)  # at the top, so that the legend hides no point
    xs = _axis([x for x, _ in data.inputs], 0.1, 0.1, resolution)
    ys = _axis([y for _, y in data.inputs], 0.1, room, resolution)
    grids = scores_on(model, xs, ys, count)

    paper = Paper(ax)
    ax = paper.ax
    if count > 1:
        _regions(paper, grids)
    elif cuts and len(cuts) == 1:
        _shading(paper, grids[0], cuts[0])
    else:
        _strips(paper, grids[0], cuts or ())
    for i, (target, name) in enumerate(classes.items()):
        paper.points(
            [point for point, other in data if other == target],
            s=34 if i < 5 else 60,  # the later shapes are slim
            color=paper.classes[i % len(paper.classes)],
            marker=SHAPES[i % len(SHAPES)],
            edgecolors=paper["background"],
            linewidths=0.7,
            label=name,
            zorder=3,
        )
    ring = {"s": 130, "facecolors": "none", "edgecolors": paper["text"], "linewidths": 1.4}
    paper.points(wrong, label=f"wrong: {len(wrong)} of {len(data)}", zorder=4, **ring)
    across, up = data.feature_names or ("input 1", "input 2")
    ax.set(xlim=(xs[0], xs[-1]), ylim=(ys[0], ys[-1]), xlabel=across, ylabel=up)
    ax.legend(loc="upper center", ncols=columns, fontsize="small", framealpha=0.9)
    return ax


def _curves_over_points(
    model: Callable[[Any], Any], data: Dataset, count: int, ax: "Axes | None"
) -> "Axes":
    """The outputs of a model with one input as curves, over the data."""
    if count != data.target_width:
        raise ValueError(
            f"a model with one input is drawn if it has an output for each number of a target: it "
            f"has {count}, and a target {data.target_width}"
        )
    at = [x for (x,) in data.inputs]
    xs = _axis(at, 0.05, 0.05, SAMPLES)
    grids = scores_on(lambda point: model(point[:1]), xs, [0.0], count)
    paper = Paper(ax)
    ax = paper.ax
    if count == 1:
        ax.scatter(at, data.targets, s=28, color=paper["negative"], label="data", zorder=2)
        ax.plot(xs, grids[0].rows[0], color=paper["positive"], linewidth=2, label="model", zorder=3)
    else:
        for i, (targets, grid) in enumerate(
            zip(zip(*data.targets, strict=True), grids, strict=True)
        ):
            style: dict[str, Any] = {"color": paper.classes[i % len(paper.classes)]}
            marker = SHAPES[i % len(SHAPES)]
            ax.scatter(at, targets, s=28, marker=marker, label=f"target {i + 1}", **style)
            ax.plot(xs, grid.rows[0], linewidth=2, label=f"output {i + 1}", zorder=3, **style)
    ax.set(xlabel=(data.feature_names or ["input"])[0], ylabel="output")
    ax.legend()
    return ax


def scores_on(
    model: Callable[[Any], Any], xs: list[float], ys: list[float], count: int
) -> list[Grid]:
    """Each of the model's outputs on a grid; nan where the model cannot be computed."""

    def scores(point: tuple[float, float]) -> list[float]:
        try:
            return [score if isfinite(score) else nan for score in outputs(model(point))]
        except AutogradError:
            return [nan] * count

    with no_grad():
        cells = [[scores((x, y)) for x in xs] for y in ys]
    return [Grid(xs, ys, [[cell[i] for cell in row] for row in cells]) for i in range(count)]


def _shading(paper: Paper, grid: Grid, threshold: float) -> None:
    """One score: bands that grow stronger away from the boundary."""
    far = sorted(abs(score - threshold) for score in grid.finite) or [0.0]
    step = far[len(far) * 9 // 10] / BANDS
    if step <= 1e-15 * abs(threshold):  # the same everywhere
        step = abs(threshold) or 1.0
    levels = [threshold + step * i for i in range(1 - BANDS, BANDS)]
    tints = [
        paper.tint("positive-fill" if i > 0 else "negative-fill", abs(i) / BANDS)
        for i in range(-BANDS, BANDS + 1)
        if i
    ]
    paper.ax.contourf(*grid, levels, colors=tints, extend="both", zorder=0)
    paper.boundary(grid, threshold, f"score = {written(threshold)}")


def _strips(paper: Paper, grid: Grid, cuts: Sequence[float]) -> None:
    """One score for several classes: the colour of each between its cuts."""
    for i, (low, high) in enumerate(pairwise([-inf, *cuts, inf])):
        ends = [*grid.finite[:1], *grid.finite[-1:]]
        if not ends or ends[1] <= low or ends[0] > high:
            continue
        levels = [max(low, ends[0] - 1), min(high, ends[1] + 1)]
        fill = paper.tint(paper.classes[i % len(paper.classes)], 0.25)
        paper.ax.contourf(*grid, levels, colors=[fill], zorder=0)
    for cut in cuts:
        paper.boundary(grid, cut)


def _regions(paper: Paper, grids: Sequence[Grid]) -> None:
    """Several scores: where each of them is the largest."""
    for i, grid in enumerate(grids):
        rivals = [other.rows for other in grids if other is not grid]
        lead = grid._replace(
            rows=[
                [cell - max(others) for cell, *others in zip(*rows, strict=True)]
                for rows in zip(grid.rows, *rivals, strict=True)
            ]
        )
        if lead.finite and (most := lead.finite[-1]) > 0:
            fill = paper.tint(paper.classes[i % len(paper.classes)], 0.25)
            paper.ax.contourf(*lead, [0.0, 1.01 * most], colors=[fill], zorder=0)
        paper.boundary(lead, 0.0)


def outputs(answer: Any) -> list[float]:
    """The numbers of a model's answer."""
    answers = answer if isinstance(answer, list | tuple) else [answer]
    for one in answers:
        if not isinstance(one, Value):
            raise TypeError(f"a model gives a Value or a list of them, not {type(one).__name__}")
    return [one.data for one in answers]


def class_names(data: Dataset, count: int, cuts: Sequence[float] | None) -> dict[float, str]:
    """What the legend calls each class of a model with `count` outputs, lowest first."""
    if count > 1:
        known, words = [*range(count)], f"{count} outputs tells classes 0 to {count - 1} apart"
    elif cuts is not None and len(cuts) > 1:
        known, words = [*range(len(cuts) + 1)], f"one output tells 0 to {len(cuts)} apart"
    else:
        known, words = [-1 if -1 in data.targets else 0, 1], "one output tells 0 or -1 from 1"
    for target in data.targets:
        if target not in known:
            raise ValueError(f"a model with {words}, and these targets have {target:g}")
    names = dict(enumerate(data.class_names))
    return {one: names.get(one, f"class {written(one)}") for one in known}


# The landscape of a loss


def plot_surface(
    loss: Callable[[], Value],
    p: Value,
    q: Value,
    path: Sequence[tuple[float, float]] | None = None,
    ax: "Axes | None" = None,
    *,
    span: float | None = None,
    resolution: int = 40,
) -> "Axes":
    """The loss as it depends on two leaves, as a map with contour lines, and a path on it.

    `loss` is a function without arguments that computes the loss from its leaves; it is called
    resolution² times. `path` holds the pairs (p.data, q.data) of a descent. The map reaches `span`
    to each side of the leaves as they are; without a span it holds the path, or reaches 2. It is
    hatched where the loss cannot be computed. Contour lines are numbered, and not in even steps:
    they are close together in the valley. Returns the axes: `ax`, or those of a new figure.

    p and q get their numbers back, whatever happens, and graphs made of them before stay valid.
    Raises ValueError when p or q is no leaf, when the loss can be computed nowhere or was computed
    before, and for a span not above 0, a resolution below 2, or a path of no pairs; TypeError for
    a loss that is no function, or that gives no Value.
    """
    resolution = whole(resolution, "the resolution", least=2)
    for leaf in (p, q):
        if not isinstance(leaf, Value) or leaf.op is not None or p is q:
            raise ValueError(f"a surface is drawn over two different leaves, not {p!r}, {q!r}")
    if isinstance(loss, Value) or not callable(loss):
        raise TypeError("the loss is a function without arguments that computes it, not its result")
    if span is not None and not 0 < real(span, "the span") < inf:
        raise ValueError(f"the span is a number above 0, not {span!r}")
    steps = [_step(pair) for pair in ([] if path is None else path)]
    if steps and span is None:
        low, high = ([edge(step[i] for step in steps) for i in (0, 1)] for edge in (min, max))
        wide = [high[0] - low[0], high[1] - low[1]]
        margins = [max(w, max(wide) / 2) / 4 or 1.0 for w in wide]
    else:
        low = high = [p.data, q.data]
        margins = [2.0 if span is None else span] * 2
    ps, qs = (
        between(a - margin, b + margin, resolution)
        for a, b, margin in zip(low, high, margins, strict=True)
    )
    grid, complaint = losses_on(loss, p, q, ps, qs)
    paper = landscape(grid, complaint, ax)
    ax = paper.ax
    style: dict[str, Any] = {"color": paper["positive"], "zorder": 3}
    if steps:
        xs, ys = zip(*steps, strict=True)
        ax.plot(xs, ys, color=paper["background"], linewidth=4, zorder=2)  # a halo
        ax.plot(xs, ys, ".-", linewidth=1.5, label="path", **style)
        hollow: dict[str, Any] = {"mfc": paper["background"], "mew": 2}
        ax.plot(*steps[0], "o", markersize=8, label="start", **hollow, **style)
    end, name = (steps[-1], "end") if steps else ((p.data, q.data), "here")
    ax.plot(*end, "*", markersize=15, markeredgecolor=paper["background"], label=name, **style)
    ax.set(xlim=(ps[0], ps[-1]), ylim=(qs[0], qs[-1]), xlabel=p.label or "p", ylabel=q.label or "q")
    ax.legend(fontsize="small", framealpha=0.9)
    return ax


def landscape(grid: Grid, complaint: str, ax: "Axes | None") -> Paper:
    """A loss as a map with contour lines, hatched where it has no number, because of `complaint`.
    Raises ValueError where it has none at all."""
    heights = grid.finite
    if not heights:
        raise ValueError(f"the loss can be computed nowhere on this map: {complaint}")
    paper = Paper(ax)
    ax = paper.ax
    levels = levels_of(heights)
    bands = len(levels) - 1
    shades = [paper.tint("negative", 0.6 * i / bands) for i in range(bands)]
    ax.contourf(*grid, levels, colors=shades, zorder=0)
    if bands > 1:
        inner = levels[1:-1]
        lines = ax.contour(*grid, inner, colors=[paper["text"]], linewidths=0.5, zorder=1)
        ax.clabel(lines, levels=inner[1::2] or inner, fmt="%.3g", fontsize=8)
    if complaint:
        ax.patch.set(hatch="////", edgecolor=paper["line"])
    return paper


def levels_of(heights: Sequence[float]) -> list[float]:
    """The levels of contour lines, of heights in their order."""
    # By rank, so that no cliff flattens the rest; squared, they ring a bowl evenly.
    ranks = [round((len(heights) - 1) * (i / RINGS) ** 2) for i in range(RINGS + 1)]
    levels = sorted({heights[rank] for rank in ranks})
    if len(levels) == 1:
        levels = [levels[0], levels[0] + (abs(levels[0]) or 1.0)]
    return levels


def losses_on(
    loss: Callable[[], Value], p: Value, q: Value, ps: list[float], qs: list[float]
) -> tuple[Grid, str]:
    """The loss with every p of `ps` and q of `qs`, and why it is nan where it is. p and q have
    their numbers back at the end, whatever happens."""
    why = ""

    def height() -> float:
        nonlocal why
        try:
            result = loss()
        except AutogradError as error:
            why = why or str(error)
            return nan
        if not isinstance(result, Value):
            raise TypeError(f"the loss returns a Value, not {type(result).__name__}")
        if recording is no_grad and result.op is not None:
            raise ValueError(
                "the loss was computed before: its function has to compute it again at every call"
            )
        if not isfinite(result.data):
            why = why or f"it is {result.data}"
            return nan
        return result.data

    # Without recording it is faster. A loss that takes gradients itself cannot do without.
    recording: Callable[[], Any] = no_grad
    with recording():
        quiet = height()
    recording = nullcontext
    if str(height()) == str(quiet):  # nan, too, is itself here
        recording = no_grad
    why = ""
    before = [(leaf, leaf.data, leaf.serial) for leaf in (p, q)]
    rows: list[list[float]] = []
    try:
        with recording():
            for q_data in qs:
                q.data = q_data
                rows.append([])
                for p_data in ps:
                    p.data = p_data
                    rows[-1].append(height())
    finally:
        for leaf, data, serial in before:
            leaf.data = data
            if recording is no_grad:  # all graphs of it are from before, and valid again
                Value.serial.__set__(leaf, serial)  # type: ignore[misc, attr-defined]
    return Grid(ps, qs, rows), why


def _step(pair: Any) -> tuple[float, float]:
    """One point of a path."""
    try:
        p, q = pair
    except (TypeError, ValueError):
        raise ValueError(f"a path is a list of pairs (p.data, q.data), not of {pair!r}") from None
    where = "a path, as made by path.append((p.data, q.data)),"
    return real(p, where), real(q, where)


# Numbers


def _axis(numbers: Sequence[float], before: float, after: float, count: int) -> list[float]:
    """An axis that holds the numbers, and those shares of its length more on either side."""
    low, high = min(numbers), max(numbers)
    wide = high - low or 2.0
    return between(low - before * wide, high + after * wide, count)
