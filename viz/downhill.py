"""Descent on the graph that somebody wrote: a loss over two of its leaves, and the paths that
optimisers take on it."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import hypot, isfinite
from typing import TYPE_CHECKING, Any

from autograd.backprop import gradients
from autograd.checks import choose, positive, whole
from autograd.derivatives import hessian
from autograd.errors import AutogradError
from autograd.teaching.names import printable
from autograd.teaching.parts import Part, Sentence, Table, UserText, shortly
from autograd.teaching.replay import Replay, chosen_leaves
from autograd.teaching.report import Report
from autograd.value import Value
from nn.optim import SGD, Adam, AdamW, Optimizer, RMSProp
from viz.paper import SHAPES
from viz.plots import landscape, losses_on

if TYPE_CHECKING:
    from collections.abc import Callable

    from matplotlib.axes import Axes

FAR = 1e3  # times the loss at the start: a descent that reaches this has diverged
ON_THE_MAP = 6  # points of a descent that diverges


def momentum(parameters: Sequence[Value], rate: float) -> Optimizer:
    return SGD(parameters, rate, momentum=0.9)


WAYS: "dict[str, Callable[[Sequence[Value], float], Optimizer]]" = {
    "sgd": SGD, "momentum": momentum, "adam": Adam, "adamw": AdamW, "rmsprop": RMSProp,
}  # fmt: skip


@dataclass(frozen=True)
class Path:
    """The descent of one optimiser: the `points` it came through, the start among them, and the
    `losses` there. `stopped` says why it ended early, if it did."""

    optimizer: str
    points: tuple[tuple[float, float], ...]
    losses: tuple[float, ...]
    stopped: str = ""

    @property
    def diverged(self) -> bool:
        """Whether it left the map, or its loss grew without end."""
        return bool(self.stopped)


@dataclass(frozen=True, repr=False)
class Descent(Report):
    """What `descent` found. It prints as text, notebooks typeset it, and `plot` draws it.

    `y` is the loss, `p` and `q` are the leaves that move. `curvature` is the largest eigenvalue of
    the Hessian where the descent starts, and `limit` = 2 / curvature the rate beyond which plain
    gradient descent moves away from a minimum of that curvature; None where the loss does not curve
    upwards. `curvature_at_the_end` is that of the best point that was reached.
    """

    y: Value
    p: Value
    q: Value
    names: tuple[str, str]
    rate: float
    paths: tuple[Path, ...]
    curvature: float | None
    curvature_at_the_end: float | None

    @property
    def limit(self) -> float | None:
        """The largest stable rate where the descent starts."""
        return stable_limit(self.curvature)

    @property
    def parts(self) -> list[Part]:
        """A row per optimiser, and what the curvature says about the rate."""
        rows = []
        for path in self.paths:
            best = min(range(len(path.losses)), key=path.losses.__getitem__)
            end = ", ".join(str(shortly(x, 4)) for x in path.points[-1])
            how = UserText(path.stopped) if path.stopped else f"{len(path.points) - 1} steps"
            rows.append(
                (
                    path.optimizer,
                    shortly(path.losses[-1], 4),
                    shortly(path.losses[best], 4),
                    end,
                    how,
                )
            )
        ends = UserText(f"ends at {', '.join(self.names)}")
        heads = ("optimiser", "loss", "lowest", ends, "")
        start = shortly(self.y.data)
        return [
            Sentence(
                f"Descent from a loss of {start}, with a learning rate of {shortly(self.rate)}:"
            ),
            Table(heads, tuple(rows)),
            Sentence(self.about_the_rate),
        ]

    @property
    def about_the_rate(self) -> str:
        """Whether plain gradient descent is stable with this rate."""
        if self.limit is None:
            return (
                "The loss does not curve upwards where the descent starts, so no rate is too large "
                "there."
            )
        past = self.rate > self.limit
        told = (
            f"The largest curvature at the start is λ = {shortly(self.curvature)}, so plain "
            f"gradient descent is stable there up to a rate of 2/λ = {shortly(self.limit)}. The "
            f"rate of {shortly(self.rate)} is "
        )
        if past:
            told += (
                "past that limit: in a valley of that curvature each step jumps further than the "
                "last."
            )
        elif self.rate == self.limit:
            told += "exactly that limit: in a valley of that curvature the steps jump to and fro."
        else:
            told += "below it."
        end = stable_limit(self.curvature_at_the_end)
        if end is not None and (self.rate > end) is not past:
            told += (
                f" At the best point the limit is {shortly(end)}, and the rate is "
                f"{'past' if self.rate > end else 'below'} it."
            )
        return told

    @property
    def data(self) -> dict[str, Any]:
        """The paths, and the limit of the rate."""
        return {
            "leaves": self.names,
            "rate": self.rate,
            "limit": self.limit,
            "curvature": self.curvature,
            "curvature_at_the_end": self.curvature_at_the_end,
            "paths": {
                path.optimizer: {
                    "points": path.points, "losses": path.losses, "stopped": path.stopped,
                }
                for path in self.paths
            },
        }  # fmt: skip

    def graph(self, optimizer: str, step: int) -> Value:
        """The loss as it was computed after so many steps of an optimiser, to be explained or
        drawn. Raises ValueError for an optimiser that took no part, IndexError for a step that it
        did not take."""
        by_name = {path.optimizer: path for path in self.paths}
        path: Path = choose(optimizer, by_name, "optimiser")
        if not 0 <= step < len(path.points):
            raise IndexError(f"{path.optimizer} took {len(path.points) - 1} steps, not {step}")
        leaves = [Value(x, name) for x, name in zip(path.points[step], self.names, strict=True)]
        made: Value = Replay(self.y, [self.p, self.q])(*leaves)
        made.label = self.y.label
        return made

    def plot(self, ax: "Axes | None" = None, *, resolution: int = 40) -> "Axes":
        """The loss over the two leaves as a map with contour lines, and the paths on it. Returns
        the matplotlib axes: `ax`, or those of a new figure."""
        ps, qs = (self.axis(i, whole(resolution, "the resolution", least=2)) for i in (0, 1))
        p, q = (Value(leaf.data) for leaf in (self.p, self.q))
        f = Replay(self.y, [self.p, self.q])
        paper = landscape(*losses_on(lambda: f(p, q), p, q, ps, qs), ax)
        ax = paper.ax
        for i, path in enumerate(self.paths):
            xs, ys = zip(*path.points, strict=True)
            colour = paper.classes[i % len(paper.classes)]
            ax.plot(xs, ys, color=paper["background"], linewidth=4, zorder=2)  # a halo
            style: dict[str, Any] = {"color": colour, "markersize": 4, "linewidth": 1.5}
            label = f"{path.optimizer}, diverges" if path.diverged else path.optimizer
            ax.plot(xs, ys, f"{SHAPES[i % len(SHAPES)]}-", label=label, zorder=3, **style)
        start: dict[str, Any] = {
            "markersize": 9,
            "mfc": paper["background"],
            "mew": 2,
            "color": paper["text"],
        }
        ax.plot(self.p.data, self.q.data, "o", label="start", zorder=4, linestyle="", **start)
        across, up = self.names
        ax.set(xlim=(ps[0], ps[-1]), ylim=(qs[0], qs[-1]), xlabel=across, ylabel=up)
        ax.legend(fontsize="small", framealpha=0.9)
        return ax

    def axis(self, i: int, count: int) -> list[float]:
        """An axis that holds all paths, but of those that diverge only the beginning."""
        shown = [
            point[i]
            for path in self.paths
            for point in (path.points[:ON_THE_MAP] if path.diverged else path.points)
        ]
        low, high = min(shown), max(shown)
        margin = (high - low) / 4 or 1.0
        low, high = low - margin, high + margin
        return [low + (high - low) * k / (count - 1) for k in range(count)]


def stable_limit(curvature: float | None) -> float | None:
    return None if curvature is None or curvature <= 0 else 2 / curvature


def descent(
    y: Value,
    p: Value,
    q: Value,
    *,
    optimizers: Sequence[str] = ("sgd", "momentum", "adam"),
    rate: float = 0.1,
    steps: int = 50,
) -> Descent:
    """Let optimisers of nn descend on y, by moving two of its leaves; all others stay as they are.

    `optimizers` are sgd, momentum (sgd with momentum 0.9), adam, adamw and rmsprop, all with the
    learning rate `rate`. Each starts from the numbers that p and q have, and takes so many `steps`,
    or fewer where the loss cannot be computed any more or has grown a thousandfold. y, p and q are
    not changed.

    Raises TypeError for what is no Value, ValueError for what is no leaf of y, for p twice, for an
    unknown optimiser, a rate not above 0 and no steps; and what the sweep raises at the start.

    >>> p, q = Value(2.0, "p"), Value(1.0, "q")
    >>> found = descent(p * p + 4.0 * q * q, p, q, optimizers=["sgd"], rate=0.2, steps=20)
    >>> found.limit, found.paths[0].losses[-1] < 1e-3
    (0.25, True)
    """
    leaves = chosen_leaves(y, [p, q], "descent")
    if len(leaves) < 2:
        raise ValueError("a descent is drawn over two different leaves")
    rate, steps = positive(rate, "the rate"), whole(steps, "the steps", least=1)
    ways = {name: choose(name, WAYS, "optimiser") for name in optimizers}
    if not ways:
        raise ValueError(f"a descent needs an optimiser: {', '.join(WAYS)}")
    f = Replay(y, leaves)
    paths = tuple(walked(f, name, make, rate, steps) for name, make in ways.items())
    found = [pair for path in paths for pair in zip(path.losses, path.points, strict=True)]
    names = tuple(printable(x.label) or word for x, word in zip(leaves, ("p", "q"), strict=True))
    return Descent(
        y,
        p,
        q,
        (names[0], names[1]),
        rate,
        paths,
        largest_curvature(f, (p.data, q.data)),
        largest_curvature(f, min(found)[1]),
    )


def walked(f: Replay, name: str, make: Any, rate: float, steps: int) -> Path:
    """The path of one optimiser."""
    leaves = [Value(leaf.data, leaf.label) for leaf in f.xs]
    optimizer = make(leaves, rate)
    loss = f(*leaves)
    gradients(loss)  # without one at the start there is no descent, and an error says why
    points, losses = [point_of(leaves)], [loss.data]
    for step in range(1, steps + 1):
        try:
            found = gradients(loss)
            optimizer.step([found.get(leaf, 0.0) for leaf in leaves])
            loss = f(*leaves)
        except AutogradError as error:
            return Path(name, tuple(points), tuple(losses), f"ends at step {step}: {error}")
        points.append(point_of(leaves))
        losses.append(loss.data)
        if not isfinite(loss.data) or abs(loss.data) > FAR * (abs(losses[0]) or 1.0):
            return Path(name, tuple(points), tuple(losses), f"diverges: given up at step {step}")
    return Path(name, tuple(points), tuple(losses))


def point_of(leaves: Sequence[Value]) -> tuple[float, float]:
    p, q = leaves
    return p.data, q.data


def largest_curvature(f: Replay, point: Sequence[float]) -> float | None:
    """The larger eigenvalue of the Hessian at a point; None where there is no Hessian."""
    leaves = [Value(x) for x in point]
    try:
        (a, b), (_, d) = hessian(f(*leaves), leaves)
    except AutogradError:
        return None
    return (a + d) / 2 + hypot((a - d) / 2, b)
