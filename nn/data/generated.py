"""Data sets that are computed: points of a plane in classes, and a line.

Classes take turns, and no row depends on how many there are, so a slice is as good a sample as the
whole.
"""

from collections.abc import Callable
from math import cos, pi, sin

from autograd.checks import finite, whole
from nn.data.examples import Dataset
from nn.data.seeded import random_source
from nn.data.targets import number_of_classes

__all__ = ["GENERATED", "blobs", "circles", "linear", "moons", "spiral", "xor"]


def moons(points: int = 100, noise: float = 0.1, seed: int = 0) -> Dataset:
    """Two interleaving half circles: class 0 is at (cos t, sin t), class 1 at
    (1 - cos t, ½ - sin t), 0 ≤ t ≤ π. The classes take turns in `points` rows of two inputs, x1
    and x2; `noise` is the standard deviation of what is added to both. Raises ValueError for fewer
    than 2 points, and for noise below 0."""

    def place(i, t):
        x, y = _polar(1.0, t / 2)
        return (x, y) if i % 2 == 0 else (1 - x, 0.5 - y)

    return _plane("moons", place, points, noise, seed)


def circles(points: int = 100, noise: float = 0.1, seed: int = 0) -> Dataset:
    """Two circles about the origin: class 0 with radius 1, class 1 inside it with radius ½. They
    take turns in `points` rows of two inputs, x1 and x2; `noise` is the standard deviation of what
    is added to both. Raises ValueError for fewer than 2 points, and for noise below 0."""
    place = lambda i, t: _polar((1.0, 0.5)[i % 2], t)
    return _plane("circles", place, points, noise, seed)


def spiral(points: int = 100, noise: float = 0.02, seed: int = 0, classes: int = 2) -> Dataset:
    """One arm per class, which makes one turn on its way from radius 0.1 to radius 1. The classes
    take turns in `points` rows of two inputs, x1 and x2; `noise` is the standard deviation of what
    is added to both. Raises ValueError for fewer than 2 classes, fewer points than classes, and
    noise below 0."""
    place = lambda i, t: _polar(0.1 + 0.9 * t, t + i % classes / classes)
    return _plane("spiral", place, points, noise, seed, classes)


def xor(points: int = 4, noise: float = 0.0, seed: int = 0) -> Dataset:
    """The corners of a square: class 1 where exactly one coordinate is 1, class 0 elsewhere.

    As it is, the truth table; with more points and some noise, four clouds: `points` rows of two
    inputs, to which numbers of standard deviation `noise` are added. Raises ValueError for fewer
    than 2 points, and for noise below 0.

    >>> list(xor())
    [((0.0, 0.0), 0), ((0.0, 1.0), 1), ((1.0, 1.0), 0), ((1.0, 0.0), 1)]
    """
    corners = ((0.0, 0.0), (0.0, 1.0), (1.0, 1.0), (1.0, 0.0))
    return _plane("xor", lambda i, t: corners[i % 4], points, noise, seed)


def blobs(points: int = 100, centers: int = 2, noise: float = 0.2, seed: int = 0) -> Dataset:
    """A round cloud per class; the centers lie evenly on the circle of radius 1. The classes take
    turns in `points` rows of two inputs, x1 and x2; `noise` is the standard deviation of a cloud
    along both. Raises ValueError for fewer than 2 centers, fewer points, and noise below 0."""
    place = lambda i, t: _polar(1.0, i % centers / centers)
    return _plane("blobs", place, points, noise, seed, centers)


def linear(
    points: int = 100, slope: float = 2.0, intercept: float = 1.0, noise: float = 0.1, seed: int = 0
) -> Dataset:
    """Points along a line: `points` rows of one input x from -1 to 1, and as the target
    slope · x + intercept and noise, whose standard deviation is `noise`. Raises ValueError for
    fewer than 2 points, for noise below 0, and for a number that is not finite."""
    slope, intercept = finite(slope, "slope"), finite(intercept, "intercept")
    points, noise = whole(points, "points", least=2), finite(noise, "noise", least=0)
    rng = random_source("linear", seed)
    drawn = [(rng.uniform(-1, 1), rng.gauss(0, noise)) for _ in range(points)]
    inputs = tuple([(x,) for x, _ in drawn])
    targets = tuple([slope * x + intercept + error for x, error in drawn])
    return Dataset(inputs, targets, name="linear", feature_names=("x",))


def _polar(radius: float, turns: float) -> tuple[float, float]:
    return radius * cos(2 * pi * turns), radius * sin(2 * pi * turns)


def _plane(name, place, points, noise, seed, classes=2) -> Dataset:
    """Points of the plane: point i, of class i % classes, is near place(i, a random t in 0…1)."""
    classes = number_of_classes(classes)
    points, noise = whole(points, "points", least=classes), finite(noise, "noise", least=0)
    rng = random_source(name, seed)
    inputs = []
    for i in range(points):
        x, y = place(i, rng.random())
        inputs.append((x + rng.gauss(0, noise), y + rng.gauss(0, noise)))
    targets = tuple([i % classes for i in range(points)])
    return Dataset(tuple(inputs), targets, classes, name, ("x1", "x2"))


GENERATED: dict[str, Callable[..., Dataset]] = {
    "moons": moons, "circles": circles, "spiral": spiral, "xor": xor, "blobs": blobs,
    "linear": linear,
}  # fmt: skip
