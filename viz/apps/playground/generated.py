"""Data sets that are computed: by their names on the page, as a script has them, and as the numbers
that a page without Python takes along."""

from collections.abc import Callable
from math import pi, sin
from typing import Any

from nn.data import Dataset, blobs, circles, linear, moons, spiral, xor
from nn.data.seeded import random_source

__all__ = ["GENERATORS", "IN_PYTHON", "blobs3", "line", "plane", "shipped_rows", "sine"]


def sine(points: int = 100, noise: float = 0.1, seed: int = 0) -> Dataset:
    """One wave: `points` rows of one input x from -1 to 1, and as the target sin(πx) and noise,
    whose standard deviation is `noise`."""
    rng = random_source("sine", seed)
    drawn = [(rng.uniform(-1, 1), rng.gauss(0, noise)) for _ in range(points)]
    inputs = tuple([(x,) for x, _ in drawn])
    targets = tuple([sin(pi * x) + error for x, error in drawn])
    return Dataset(inputs, targets, name="sine", feature_names=("x",))


def plane(points: int = 100, noise: float = 0.1, seed: int = 0) -> Dataset:
    """A number at every point of a plane: `points` rows of x1 and x2 from -1 to 1, and as the
    target x1 · x2 and noise, whose standard deviation is `noise`."""
    rng = random_source("plane", seed)
    drawn = [(rng.uniform(-1, 1), rng.uniform(-1, 1), rng.gauss(0, noise)) for _ in range(points)]
    inputs = tuple([(x1, x2) for x1, x2, _ in drawn])
    targets = tuple([x1 * x2 + error for x1, x2, error in drawn])
    return Dataset(inputs, targets, name="plane", feature_names=("x1", "x2"))


def line(points: int = 100, noise: float = 0.1, seed: int = 0) -> Dataset:
    """`linear` of nn, under the name that it has on the page."""
    return linear(points, noise=noise, seed=seed)


def blobs3(points: int = 100, noise: float = 0.2, seed: int = 0) -> Dataset:
    """`blobs` of nn with three classes."""
    return blobs(points, centers=3, noise=noise, seed=seed)


GENERATORS: dict[str, Callable[..., Dataset]] = {
    "moons": moons, "circles": circles, "spiral": spiral, "xor": xor, "blobs": blobs,
    "blobs3": blobs3, "line": line, "sine": sine, "plane": plane,
}  # fmt: skip
# How a script has them; of the others it has the rows.
IN_PYTHON = {name: f"{name}({{}}, noise={{}}, seed={{}})" for name in (
    "moons", "circles", "spiral", "xor", "blobs",
)} | {
    "blobs3": "blobs({}, centers=3, noise={}, seed={})",
    "line": "linear({}, noise={}, seed={})",
}  # fmt: skip


def shipped_rows(points: int = 200, seed: int = 0) -> dict[str, dict[str, Any]]:
    """Every generated data set as numbers, for a page without Python: its inputs and targets
    without noise, and the offsets, which times the noise are to be added to the inputs, or to the
    targets where these are numbers. Equal to what Python generates, to the bit.

    >>> xor_rows = shipped_rows(4)["xor"]
    >>> x, offset = xor_rows["inputs"][1][0], xor_rows["offsets"][1][0]
    >>> x + 0.1 * offset == xor(4, noise=0.1).inputs[1][0]
    True
    """
    far = 2.0**600  # so much noise that nothing else is left of a number
    found = {}
    for name, generator in GENERATORS.items():
        plain = generator(points, noise=0.0, seed=seed)
        noisy = generator(points, noise=far, seed=seed)
        offsets: list[Any]
        if plain.classes is None:
            offsets = [target / far for target in noisy.targets]
        else:
            offsets = [[x / far for x in row] for row in noisy.inputs]
        found[name] = {
            "inputs": plain.inputs,
            "targets": plain.targets,
            "offsets": offsets,
            "classes": plain.classes,
            "names": list(plain.feature_names),
        }
    return found
