"""What every neuron answers over a grid of points, as a message has it."""

from typing import Any

import numpy as np

from autograd.checks import whole
from viz.apps.playground.columns import column_of
from viz.apps.playground.data import Examples
from viz.apps.playground.lists import listed, numbers_in_list
from viz.apps.playground.neurons import Neurons

__all__ = ["picture", "picture_of_inputs"]

MOST_NUMBERS = 4_000_000  # in one picture


def picture(
    neurons: Neurons,
    examples: Examples,
    bounds: Any,
    size: Any,
    maps: Any = None,
    complete: Any = None,
) -> dict[str, Any]:
    """The value of every neuron, hidden layers first: a column each, row by row of the grid from
    above. With `maps`, hidden neurons other than those that `complete` counts have a small map of
    so many columns and rows: the points next to the middles of its cells.

    Raises TypeError or ValueError, in one sentence, for a grid that makes no sense.
    """
    width, height, points = grid(examples, bounds, size, sum(neurons.layers))
    if examples.made:
        points = np.column_stack(examples.made.columns(points))
    rows = [*neurons.values(points)]
    if maps is not None:
        if not isinstance(complete, list | tuple | None):
            raise TypeError(f"whole are the numbers of neurons, not {complete!r:.60}")
        places = places_of_map((width, height), sizes(maps, "a size of the maps"))
        kept = {whole(one, "the number of a neuron", least=0) for one in complete or ()}
        if kept and max(kept) >= sum(neurons.layers):
            raise ValueError(f"there is no neuron {max(kept)}: there are {sum(neurons.layers)}")
        for k in set(range(sum(neurons.layers[:-1]))) - kept:
            rows[k] = rows[k][places]
    return {"columns": [column_of(row, bits=32) for row in rows], "bits": 32}


def picture_of_inputs(examples: Examples, bounds: Any, size: Any) -> dict[str, Any]:
    """What every input is over a grid, as `picture` has it. Raises what `picture` raises."""
    _, _, points = grid(examples, bounds, size, examples.training.width)
    columns = examples.made.columns(points) if examples.made else points.T
    return {"columns": [column_of(column, bits=32) for column in columns], "bits": 32}


def grid(examples: Examples, bounds: Any, size: Any, columns: int) -> tuple[int, int, Any]:
    """The columns and rows of a grid, for so many numbers at each of its points, and the
    coordinates of these."""
    x0, x1, y0, y1 = numbers_in_list(bounds, 4, "the bounds")
    width, height = sizes(size, "a size")
    inputs = examples.coordinates[0].width
    if inputs > 2:
        raise ValueError(f"a picture shows one or two inputs, and this network has {inputs}")
    if inputs == 1:
        height = 1
    if width * height * columns > MOST_NUMBERS:
        raise ValueError(f"{width} × {height} points of all neurons are too many: take fewer")
    xs = np.linspace(x0, x1, width)
    if inputs == 1:
        return width, height, xs[:, None]
    across, down = np.meshgrid(xs, np.linspace(y1, y0, height))
    return width, height, np.column_stack([across.ravel(), down.ravel()])


def sizes(given: Any, what: str) -> list[int]:
    return [whole(one, what, least=1) for one in listed(given, 2, what)]


def places_of_map(size: tuple[int, int], maps: list[int]) -> Any:
    """The places on a grid of the points of a smaller one. Raises ValueError for a larger one."""
    if any(few > many for few, many in zip(maps, size, strict=True)):
        raise ValueError("the maps of neurons are no larger than the picture")
    # in floats and in this order, as `picture.js` does it
    across, down = (
        np.floor((np.arange(few) + 0.5) * (many / few)).astype(int)
        for few, many in zip(maps, size, strict=True)
    )
    return (down[:, None] * size[0] + across).ravel()
