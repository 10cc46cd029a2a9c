"""A descent as a page that stands alone: the map of the loss, whose dots open the graph of their
step in the stepper beside it."""

from collections.abc import Iterator, Sequence
from html import escape
from itertools import pairwise
from pathlib import Path
from typing import Any

from autograd.teaching.parts import shortly
from autograd.teaching.replay import Replay
from autograd.value import Value
from viz.apps.modules import bare, without_asides
from viz.apps.stepper.core import Stepper
from viz.downhill import Descent
from viz.hosts.page import page_script, page_style, standing_alone, styles_in
from viz.paper import ON_DARK, ON_LIGHT, Grid
from viz.plots import levels_of, losses_on

APP = Path(__file__).parent / "apps" / "descent"
WIDTH, HEIGHT = 640, 520  # of the map
LEFT, RIGHT, TOP, BOTTOM = 64, 12, 12, 52  # around it, for its numbers
RESOLUTION = 60
SHADE = 0.6  # of the blue in the highest band

BODY = """<h1>Descent: every dot is a step, and opens its graph</h1>
<section class="map" aria-label="the map of the loss">
{map}
<p class="readout" role="status">{hint}</p>
<ul>{legend}</ul>
<p class="about-rate">{rate}</p>
</section>
<div id="stepper"></div>"""
HINT = "Point at a dot for its numbers; click, or press Enter, for its graph. Arrows move along."


def descent_page(found: Descent) -> str:
    """The page of a descent. Raises what `draw` raises for a large graph."""
    stepper = Stepper(found.y, dict(zip(found.names, (found.p, found.q), strict=True)), False)
    ids = {node: id for id, node in zip(stepper.state["plan"]["cards"], stepper.nodes, strict=True)}
    drawn = Map(found)
    told = {
        "names": found.names,
        "result": stepper.state["plan"]["result"]["name"],
        "ids": [ids[found.p], ids[found.q]],
        "start": [found.p.data, found.q.data],
        "hint": HINT,
        "paths": [
            {"optimizer": path.optimizer, "losses": path.losses[:len(places)],
             "points": path.points[:len(places)], "places": places}
            for path, places in zip(found.paths, drawn.places, strict=True)
        ],
    }  # fmt: skip
    style = f"{page_style()}\n{styles_in(APP / 'descent.css')}\n{colours(len(drawn.bands))}"
    script = without_asides(
        "\n".join([page_script(), bare((APP / "descent.js").read_text("utf-8"))])
    )
    return standing_alone(
        title=f"Descent over {found.names[0]} and {found.names[1]}",
        body=BODY.format(
            map=drawn.svg, hint=HINT, legend=legend(found), rate=escape(found.about_the_rate)
        ),
        without_script=f"<pre>{escape(found.text)}</pre>",
        style=style,
        state=stepper.state | {"told": stepper.answers(), "descent": told},
        script=script,
    )


def colours(bands: int) -> str:
    """The colours of bands and of optimisers, on light pages and on dark ones."""
    rules = [
        f".b{i}{{fill:color-mix(in srgb,var(--sg-negative) {100 * SHADE * i / bands:.0f}%,"
        "var(--sg-background))}"
        for i in range(bands)
    ]
    for where, inks in (("", ON_LIGHT), ("@media (prefers-color-scheme:dark)", ON_DARK)):
        made = "".join(
            f".step.c{i},.key.c{i}{{fill:{ink}}}.way.c{i}{{stroke:{ink}}}"
            for i, ink in enumerate(inks[:5])
        )
        rules.append(f"{where}{{{made}}}" if where else made)
    return "\n".join(rules)


def legend(found: Descent) -> str:
    """The optimisers with what became of them."""
    shapes = ("M3,8a5,5 0 1,0 10,0a5,5 0 1,0 -10,0", "M3,3H13V13H3Z", "M8,1.5L14,13H2Z",
              "M8,1L15,8L8,15L1,8Z", "M8,15L2,3H14Z")  # fmt: skip
    return "".join(
        f'<li><svg viewBox="0 0 16 16" aria-hidden="true"><path class="key c{i}" '
        f'd="{shapes[i % len(shapes)]}"/></svg> {escape(path.optimizer)}: '
        f"{escape(path.stopped or f'ends at {shortly(path.losses[-1], 4)}')}</li>"
        for i, path in enumerate(found.paths)
    )


class Map:
    """The loss as bands and rings, and the paths on it. `places` are those of the steps that lie on
    it, from the start on: a path that diverges leaves it."""

    def __init__(self, found: Descent) -> None:
        self.found = found
        self.xs, self.ys = (found.axis(i, RESOLUTION) for i in (0, 1))
        p, q = (Value(leaf.data) for leaf in (found.p, found.q))
        f = Replay(found.y, [found.p, found.q])
        grid, self.complaint = losses_on(lambda: f(p, q), p, q, self.xs, self.ys)
        levels = levels_of(grid.finite)
        self.bands, self.rings = contours(grid, levels)
        self.places = [list(self.on_the_map(path.points)) for path in found.paths]

    def on_the_map(self, points: Sequence[tuple[float, float]]) -> Iterator[tuple[float, float]]:
        for x, y in points:
            if not (self.xs[0] <= x <= self.xs[-1] and self.ys[0] <= y <= self.ys[-1]):
                return
            yield self.place(x, y)

    def place(self, x: float, y: float) -> tuple[float, float]:
        """Where a point lies, in units of the drawing."""
        across = (x - self.xs[0]) / (self.xs[-1] - self.xs[0])
        up = (y - self.ys[0]) / (self.ys[-1] - self.ys[0])
        wide, high = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM
        return round(LEFT + wide * across, 1), round(HEIGHT - BOTTOM - high * up, 1)

    def path(self, points: Sequence[Any], end: str = "") -> str:
        return "M" + "L".join("{:g},{:g}".format(*self.place(*xy)) for xy in points) + end

    @property
    def svg(self) -> str:
        """The map without its dots, which a script adds."""
        inner = (LEFT, TOP, WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM)
        frame = 'x="{}" y="{}" width="{}" height="{}"'.format(*inner)
        made = [f'<clipPath id="inside"><rect {frame}/></clipPath>']
        made.append(f'<g clip-path="url(#inside)"><rect class="nowhere" {frame}/>')
        for i, band in enumerate(self.bands):
            shapes = "".join(self.path(shape, "Z") for shape in band)
            made.append(f'<path class="b{i}" fill-rule="evenodd" d="{shapes}"/>' if shapes else "")
        made += [f'<path class="ring" d="{self.path(ring)}"/>' for ring in self.rings]
        for i, path in enumerate(self.found.paths):
            way = self.path([point for point in path.points[: len(self.places[i]) + 1]])
            made.append(f'<path class="halo" d="{way}"/><path class="way c{i}" d="{way}"/>')
        made.append(f'</g><rect class="frame" {frame}/>')
        made += self.axes()
        x, y = self.place(self.found.p.data, self.found.q.data)
        made.append(f'<circle class="start" cx="{x}" cy="{y}" r="10"/><g class="dots"></g>')
        names = " and ".join(self.found.names)
        label = escape(f"the loss over {names}, and the paths of the optimisers")
        return (
            f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="group" aria-label="{label}">'
            f"{''.join(made)}</svg>"
        )

    def axes(self) -> Iterator[str]:
        """The numbers of both axes, and their names."""
        for x in ticks(self.xs):
            across, _ = self.place(x, self.ys[0])
            yield f'<text x="{across}" y="{HEIGHT - BOTTOM + 20}" text-anchor="middle">{x:g}</text>'
        for y in ticks(self.ys):
            _, up = self.place(self.xs[0], y)
            yield f'<text x="{LEFT - 8}" y="{up + 5}" text-anchor="end">{y:g}</text>'
        below, beside = map(escape, self.found.names)
        at = f'x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 8}" text-anchor="middle"'
        yield f'<text class="name" {at}>{below}</text>'
        yield f'<text class="name" x="8" y="{TOP + 14}">{beside}</text>'


def ticks(axis: Sequence[float]) -> list[float]:
    """Round numbers along an axis."""
    from matplotlib.ticker import MaxNLocator

    found = MaxNLocator(6, steps=[1, 2, 5, 10]).tick_values(axis[0], axis[-1])
    return [x for x in map(float, found) if axis[0] <= x <= axis[-1]]


def contours(grid: Grid, levels: Sequence[float]) -> tuple[list[list[Any]], list[Any]]:
    """The bands between levels, each as closed lines, and the rings at those inside."""
    import numpy as np
    from contourpy import FillType, LineType, contour_generator

    heights = np.ma.masked_invalid(np.array(grid.rows))
    made = contour_generator(
        grid.xs, grid.ys, heights, fill_type=FillType.OuterOffset, line_type=LineType.Separate
    )
    bands = []
    for low, high in pairwise(levels):
        shapes = []
        for points, offsets in zip(*made.filled(low, high), strict=True):
            shapes += [points[a:b] for a, b in pairwise(offsets)]
        bands.append(shapes)
    return bands, [line for level in levels[1:-1] for line in made.lines(level)]
