"""`handout`: all steps of a walk on paper, several on a page."""

import os
import sys
from math import ceil
from pathlib import Path

from autograd import Value
from autograd.checks import whole
from autograd.disk import replace, suffix_of
from autograd.teaching.names import variables_of
from viz.apps.stepper.core import Stepper
from viz.drawing import Names
from viz.graph.fold import Fold
from viz.graph.sheet import SLIDE
from viz.render.files import Grid, sheets
from viz.walk.scenes import Walk

A4 = (210.0, 297.0)  # millimetres
EDGE, GAP = 10.0, 4.0
MOST = 12  # steps on a page: smaller ones cannot be read


def handout(
    y: Value,
    path: str | os.PathLike[str],
    *,
    per_page: int = 4,
    latex: bool = False,
    names: Names = None,
    fold: Fold = None,
) -> Path:
    """Print all steps of the walk through both passes of y into a PDF file of A4 pages, and return
    its path.

    Each step is the graph as far as it is known, and what is to be said about it. There are
    `per_page` of them on a page, from 1 to 12, and pages are upright or lie on their side, as makes
    the steps larger. With `latex` the formulas of all steps follow as LaTeX, to be copied into a
    text of one's own. `names` and `fold` are as for `draw`.

    Raises ValueError for another suffix and for a `per_page` out of its range, TypeError for what
    is no Value, what the sweep raises, and what `Drawing.save` raises about the path.
    """
    if names is None:
        names = variables_of(sys._getframe(1))
    path = Path(path)
    suffix_of(path, (".pdf",))
    grid = grid_of(whole(per_page, "per_page", least=1))
    plan = Stepper(y, names or {}, fold).plan()
    replace(path, sheets(list(Walk(plan).scenes()), grid, plan.told.latex if latex else ""))
    return path


def grid_of(per_page: int) -> Grid:
    """The largest pictures of which there are so many on a page."""
    if per_page > MOST:
        raise ValueError(f"per_page must be at most {MOST}, not {per_page}")
    every = [
        Grid(width, height, EDGE, GAP, room(width, height, columns, per_page), columns, per_page)
        for width, height in (A4, A4[::-1])
        for columns in range(1, per_page + 1)
    ]
    return max(every, key=lambda grid: grid.picture)


def room(width: float, height: float, columns: int, per_page: int) -> float:
    """How wide a picture can be."""
    rows = ceil(per_page / columns)
    wide = (width - 2 * EDGE - GAP * (columns - 1)) / columns
    high = (height - 2 * EDGE - GAP * (rows - 1)) / rows
    return min(wide, (high - 1) * SLIDE[0] / SLIDE[1])
