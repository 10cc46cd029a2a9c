"""Examples to learn from: rows of inputs, a target for each, and how to share them out. All chance
comes from a seed: equal arguments give equal rows in equal order."""

import csv
from collections.abc import Iterable, Iterator
from copy import copy
from dataclasses import dataclass, replace
from functools import cache, partial
from importlib.resources import files
from io import StringIO
from itertools import chain
from math import cos, inf, isfinite, pi, sin
from numbers import Real
from operator import index
from pathlib import Path
from random import Random
from statistics import mean, pstdev
from typing import Any

LARGEST_FILE = 64 * 2**20  # in bytes

Row = tuple[float, ...]


@dataclass(frozen=True)
class Dataset:
    """Rows of inputs with their targets, checked once and never changed.

    `inputs` holds one tuple of floats per row, all of the same width. `targets` holds one number
    per row: a class from 0 to classes - 1, or any float when `classes` is None. The names are
    for people, one per column and one per class, or none.

    >>> data = Dataset(((0.0, 0.5), (1.0, 2.0)), (0, 1), classes=2, name="two points")
    >>> data[1], [y for x, y in data]
    (((1.0, 2.0), 1), [0, 1])

    Raises ValueError for no rows, for rows of different widths, for too many or too few targets or
    names, for an entry that is not finite, and for a target that is none of the classes; TypeError
    for an entry that is no number. `dataset` takes labels and single columns, too.
    """

    inputs: tuple[Row, ...]
    targets: Row
    classes: int | None = None
    name: str = "data"
    feature_names: tuple[str, ...] = ()
    class_names: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        inputs, targets = _listed(self.inputs, "inputs"), _listed(self.targets, "targets")
        if len(inputs) != len(targets):
            raise ValueError(
                f"{len(inputs)} inputs, but {len(targets)} targets: each needs its own"
            )
        if not inputs:
            raise ValueError("there are no rows: a dataset needs one at least")
        keep = partial(object.__setattr__, self)  # the way into a frozen dataclass
        classes = _classes(self.classes)
        keep("classes", classes)
        keep("inputs", _matrix(inputs))
        keep("targets", tuple([_target(y, classes, _place(i)) for i, y in enumerate(targets)]))
        for what, count in (("feature_names", self.width), ("class_names", classes or 0)):
            names = tuple(getattr(self, what))
            keep(what, names)
            if len(names) not in (0, count):
                raise ValueError(f"{what} has to hold {count} names or none, not {len(names)}")

    @property
    def width(self) -> int:
        """How many inputs a row has."""
        return len(self.inputs[0])

    def __len__(self) -> int:
        return len(self.inputs)

    def __iter__(self) -> Iterator[tuple[Row, float]]:
        return zip(self.inputs, self.targets, strict=True)

    def __getitem__(self, index: int | slice) -> Any:
        """A row as (input, target); for a slice, a Dataset."""
        if isinstance(index, slice):
            return self.rows(range(len(self))[index])
        return self.inputs[index], self.targets[index]

    def rows(self, indices: Iterable[int]) -> "Dataset":
        """The rows at these indices, in the order given. Raises ValueError when there are none, and
        IndexError for an index without a row."""
        chosen = [self[i] for i in indices]
        if not chosen:
            raise ValueError(f"no rows of {self.name} selected: a dataset needs one at least")
        part = copy(self)  # what was checked once needs no second check
        for field, entries in zip(("inputs", "targets"), zip(*chosen, strict=True), strict=True):
            object.__setattr__(part, field, entries)
        return part

    def split(self, share: float = 0.8, seed: int = 0) -> tuple["Dataset", "Dataset"]:
        """Two random parts: `share` of the rows to train on, and the rest, held out to test with.
        `share` is between 0 and 1. Raises ValueError when either part would be empty."""
        share = _number(share, "share")
        size = round(share * len(self)) if 0 < share < 1 else 0
        if not 0 < size < len(self):
            raise ValueError(f"share = {share:g} of {len(self)} rows leaves one part empty")
        order = _order(len(self), "split", seed)
        return self.rows(order[:size]), self.rows(order[size:])

    def batches(self, size: int | None = None, seed: int = 0, epoch: int = 0) -> list["Dataset"]:
        """The rows in mini-batches of `size` rows, of which the last may be smaller. A size of None
        means everything at once, in the order it is in. Else the order depends on seed and epoch
        alone, so training can go on in mid-epoch. Raises ValueError for a size below 1."""
        order = _order(len(self), "batches", seed, _whole(epoch, "epoch", least=0))
        if size is None:
            return [self]
        size = _whole(size, "size", least=1)
        return [self.rows(order[i : i + size]) for i in range(0, len(self), size)]

    def scaled(self, like: "Dataset | None" = None) -> "Dataset":
        """Every column moved to mean 0 and stretched to standard deviation 1. Both are measured on
        `like`, or else on these rows: `train.scaled()` goes with `held_out.scaled(like=train)`. A
        column that is the same in all rows is only moved. Raises ValueError for another width."""
        like = like or self
        if like.width != self.width:
            raise ValueError(f"{self} cannot be scaled like {like}: their widths differ")
        columns = []
        for j in range(self.width):
            measured = [row[j] for row in like.inputs]
            middle, spread = mean(measured), pstdev(measured) or 1.0
            columns.append([(row[j] - middle) / spread for row in self.inputs])
        return replace(self, inputs=tuple(zip(*columns, strict=True)))

    def __repr__(self) -> str:
        name = str(self.name) if str(self.name).isprintable() else ascii(self.name)
        rows = f"{len(self)} row{'s' * (len(self) != 1)}"
        inputs = f"{self.width} input{'s' * (self.width != 1)}"
        targets = f"{self.classes} classes" if self.classes else "numbers as targets"
        return f"Dataset({name}: {rows} of {inputs}, {targets})"


def folds(data: Dataset, count: int = 13, seed: int = 0) -> list[tuple[Dataset, Dataset]]:
    """`count` pairs (train, test) for cross-validation: every row is tested exactly once.

    The test sets are as even as they can be: 13 random sets of 16 for sonar. Raises ValueError
    for more folds than rows, or fewer than two.

    >>> [(len(train), len(test)) for train, test in folds(moons(10), count=3)]
    [(6, 4), (7, 3), (7, 3)]
    """
    if _whole(count, "count", least=2) > len(data):
        raise ValueError(f"cannot make {count} folds of {len(data)} rows")
    order = _order(len(data), "folds", seed)
    tests = [order[k::count] for k in range(count)]
    return [(data.rows(sorted(set(order) - set(test))), data.rows(test)) for test in tests]


# Made-up data. Classes take turns, and no row depends on how many there are, so a slice is as good
# a sample as the whole.


def moons(points: int = 100, noise: float = 0.1, seed: int = 0) -> Dataset:
    """Two half circles that reach into each other: class 0 is at (cos t, sin t), class 1 at
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
    """A line to be found again: `points` rows of one input x from -1 to 1, and as the target
    slope · x + intercept and noise, whose standard deviation is `noise`. Raises ValueError for
    fewer than 2 points, for noise below 0, and for a number that is not finite."""
    slope, intercept = _number(slope, "slope"), _number(intercept, "intercept")
    points, noise = _whole(points, "points", least=2), _number(noise, "noise", least=0)
    rng = _random("linear", seed)
    drawn = [(rng.uniform(-1, 1), rng.gauss(0, noise)) for _ in range(points)]
    inputs = tuple([(x,) for x, _ in drawn])
    targets = tuple([slope * x + intercept + error for x, error in drawn])
    return Dataset(inputs, targets, name="linear", feature_names=("x",))


def _polar(radius: float, turns: float) -> tuple[float, float]:
    return radius * cos(2 * pi * turns), radius * sin(2 * pi * turns)


def _plane(name, place, points, noise, seed, classes=2) -> Dataset:
    """Points of the plane: point i, of class i % classes, is near place(i, a random t in 0…1)."""
    classes = _classes(classes)
    points, noise = _whole(points, "points", least=classes), _number(noise, "noise", least=0)
    rng = _random(name, seed)
    inputs = []
    for i in range(points):
        x, y = place(i, rng.random())
        inputs.append((x + rng.gauss(0, noise), y + rng.gauss(0, noise)))
    targets = tuple([i % classes for i in range(points)])
    return Dataset(tuple(inputs), targets, classes, name, ("x1", "x2"))


# Data that comes with the package; data/SOURCES.md says where from, and what to know about it.

TESTED = {"interleaved": lambda i: i % 5 == 0, "tail": lambda i: i >= 1437}


@cache
def digits(split: str | None = None) -> Any:
    """1797 handwritten digits of 8 × 8 pixels: 64 inputs from 0 to 1, row by row, and 10 classes.

    With a `split`, a pair (train, test) of 1437 and 360 rows: "interleaved" tests on every fifth
    row, from the first on, "tail" on the last 360; any other raises ValueError. Rows are in order
    of collection: other people wrote the tail, 5 to 6 points harder. Say which with an accuracy.

    E. Alpaydin, C. Kaynak (1998), Optical Recognition of Handwritten Digits, UCI, CC BY 4.0.
    """
    if split is None:
        data = _shipped("digits.csv", "digit", classes=10)
        return replace(data, inputs=tuple([tuple([x / 16 for x in row]) for row in data.inputs]))
    if split not in TESTED:
        raise ValueError(f"digits has no split {split!r:.60}: take {' or '.join(TESTED)}")
    data, tested = digits(), TESTED[split]
    indices = range(len(data))
    return data.rows(i for i in indices if not tested(i)), data.rows(filter(tested, indices))


@cache
def sonar() -> Dataset:
    """208 sonar echoes: 60 inputs from 0 to 1, a frequency band each; 111 mines (0), 97 rocks (1).

    The rocks come first: shuffle before any split, as `split`, `folds` and `batches` do.

    T. Sejnowski, R. Gorman (1988), Connectionist Bench (Sonar, Mines vs. Rocks), UCI, CC BY 4.0.
    """
    return _shipped("sonar.csv", "Class")


def _shipped(file: str, target: str, classes: int | None = None) -> Dataset:
    text = (files("nn") / "data" / file).read_text(encoding="utf-8")
    return _parsed(text, file, target, classes)


# Data of one's own.


def dataset(inputs: Any, targets: Any, classes: int | None = None, name: str = "data") -> Dataset:
    """A Dataset of one's own lists, tuples or arrays.

    `inputs` is n rows of numbers, or n numbers, which become rows of one. `targets` is n numbers:
    any numbers when `classes` is None, whole numbers from 0 to classes - 1 otherwise. Or n texts:
    then the classes are the different texts, in sorted order, and `class_names` keeps them. Raises
    what `Dataset` raises, ValueError for texts that are all one, and TypeError for mixed targets.

    >>> pets = dataset([4.2, 31.0, 3.9], ["cat", "dog", "cat"])
    >>> pets.targets, pets.class_names
    ((0, 1, 0), ('cat', 'dog'))
    """
    inputs, targets = _listed(inputs, "inputs"), _listed(targets, "targets")
    if not any(hasattr(row, "__iter__") for row in inputs):
        inputs = [(x,) for x in inputs]
    if not any(isinstance(y, str) for y in targets):
        return Dataset(tuple(inputs), tuple(targets), classes, name)
    for i, y in enumerate(targets):
        if not isinstance(y, str):
            raise TypeError(f"{_place(i)} is {y!r:.60}, among texts")
    targets, class_names = _labelled(targets, _classes(classes))
    return Dataset(tuple(inputs), targets, len(class_names), name, class_names=class_names)


def from_csv(path: str | Path, target: int | str = -1, classes: int | None = None) -> Dataset:
    """A Dataset from a file of comma-separated columns, in UTF-8.

    `target` is the column to learn: its name, or its index as in Python, so that -1 is the last.
    All other columns are inputs, and have to be numbers. Numbers as targets stay numbers, or are
    classes from 0 to classes - 1 when `classes` is given; texts become classes in sorted order.
    The first line is taken for names when none of its inputs is a number, or `target` is a name.
    Raises FileNotFoundError, and ValueError for more than 64 MiB and for a file that is no such
    table, with the line and the column where there is one, both counted from 1.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "pets.csv")
    ...     size = path.write_text("weight,pet\\n4.2,cat\\n31,dog\\n")
    ...     list(from_csv(path, target="pet"))
    [((4.2,), 0), ((31.0,), 1)]
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"there is no file {path}")
    if path.stat().st_size > LARGEST_FILE:
        raise ValueError(f"{path} is larger than {LARGEST_FILE >> 20} MiB: take fewer rows of it")
    try:
        text = path.read_text(encoding="utf-8-sig")  # spreadsheets like to begin with a BOM
    except UnicodeDecodeError as error:
        raise ValueError(f"{path} is not text in UTF-8: see byte {error.start + 1}") from None
    return _parsed(text, path.name, target, classes)


def _parsed(text: str, file: str, target: int | str, classes: int | None) -> Dataset:
    """The Dataset in the text of a CSV file."""
    records = _records(text, file)
    first = next(records, None)
    if first is None:
        raise ValueError(f"{file} is empty")
    names = first[1]
    column = _column(target, names, file)
    inputs_of = lambda cells: (*cells[:column], *cells[column + 1 :])
    if not isinstance(target, str) and any(map(_reads_as_number, inputs_of(names))):
        names = [""] * len(names)  # it is no line of names, but the first row
        records = chain([first], records)
    classes, titles = _classes(classes), [f" ({name})" if name else "" for name in names]
    inputs, targets = [], []
    for line, cells in records:
        if len(cells) != len(names):
            raise ValueError(f"{file}, line {line} has {len(cells)} columns, not {len(names)}")
        places = [f"{file}, line {line}, column {i + 1}{title}" for i, title in enumerate(titles)]
        inputs.append(tuple(map(_cell, inputs_of(cells), inputs_of(places))))
        targets.append((cells[column], places[column]))
    if not inputs:
        raise ValueError(f"{file} has a line of names, and no rows")
    labels = [label for label, _ in targets]
    if not all(labels) or any(map(_reads_as_number, labels)):
        numbers = tuple([_target(_cell(y, where), classes, where) for y, where in targets])
        class_names: tuple[str, ...] = ()
    else:
        numbers, class_names = _labelled(labels, classes)
        classes = len(class_names)
    feature_names = inputs_of(names) if any(names) else ()
    return Dataset(tuple(inputs), numbers, classes, Path(file).stem, feature_names, class_names)


def _records(text: str, file: str) -> Iterator[tuple[int, list[str]]]:
    """The lines that are not blank: their numbers, and their cells."""
    reader = csv.reader(StringIO(text, newline=""), skipinitialspace=True, strict=True)
    try:
        for cells in reader:
            if cells and cells != [""]:
                yield reader.line_num, [cell.strip() for cell in cells]
    except csv.Error as error:
        raise ValueError(f"{file}, line {reader.line_num}: {error}") from None


def _column(target: int | str, names: list[str], file: str) -> int:
    """The index of the target, counted from 0."""
    if len(names) < 2:
        raise ValueError(f"{file} needs inputs and a target, separated by commas: it has 1 column")
    if isinstance(target, str):
        if names.count(target) != 1:
            count, found = names.count(target) or "no", ", ".join(names)
            raise ValueError(
                f"{file} has {count} columns named {target!r}: it begins {found!r:.80}"
            )
        return names.index(target)
    if not -len(names) <= _whole(target, "target") < len(names):
        raise ValueError(f"{file} has no column {target}: it has {len(names)}, counted from 0 here")
    return target % len(names)


def _reads_as_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return "_" not in cell  # Python's 1_000 is nobody's data


def _cell(cell: str, place: str) -> float:
    if not _reads_as_number(cell):
        raise ValueError(f"{place}: {cell!r:.60} is not a number" if cell else f"{place} is empty")
    return _number(float(cell), place)


def _labelled(labels: list[str], classes: int | None) -> tuple[Row, tuple[str, ...]]:
    """The labels as classes in sorted order, and the names of the classes."""
    names = tuple(sorted(set(labels)))
    if len(names) < 2 or classes not in (None, len(names)):
        raise ValueError(f"{classes or 'two'} classes need as many labels, not {names!r:.100}")
    class_of = {name: i for i, name in enumerate(names)}
    return tuple([class_of[label] for label in labels]), names


# What is let in at the door, and what is said to the rest.


def _listed(things: Any, what: str) -> list:
    """As a list: arrays, data frames and tensors, and whatever else holds things in order."""
    for convert in ("to_numpy", "tolist"):
        if hasattr(things, convert):
            things = getattr(things, convert)()
    if isinstance(things, str | bytes | dict | set | frozenset) or not isinstance(things, Iterable):
        raise TypeError(f"{what} has to be a list or an array, not {things!r:.60}")
    return list(things)


def _matrix(rows: list) -> tuple[Row, ...]:
    """The inputs: rows of the same width, of finite numbers."""
    checked: list[Row] = []
    for i, row in enumerate(rows):
        where = f"row {i + 1} (inputs[{i}])"
        entries = enumerate(_listed(row, where))
        checked.append(tuple([_number(x, _place(i, j)) for j, x in entries]))
        if len(checked[i]) != len(checked[0]) or not checked[0]:
            wanted = f"not {len(checked[0])} as those before" if i else "but needs an input"
            raise ValueError(f"{where} is {len(checked[i])} wide, {wanted}")
    return tuple(checked)


def _place(i: int, j: int | None = None) -> str:
    """Where an entry is, for people and for Python: the target of row i, or its input j."""
    if j is None:
        return f"the target of row {i + 1} (targets[{i}])"
    return f"row {i + 1}, column {j + 1} (inputs[{i}][{j}])"


def _target(y: Any, classes: int | None, place: str) -> float:
    y = _number(y, place)
    if classes is None:
        return y
    if not (y.is_integer() and 0 <= y < classes):
        raise ValueError(f"{place} is {y}: the {classes} classes are 0 to {classes - 1}")
    return int(y)


def _number(x: Any, place: str, least: float = -inf) -> float:
    if not isinstance(x, Real) or isinstance(x, bool):
        raise TypeError(f"{place} is not a number, but {x!r:.60}")
    try:
        x = float(x)
    except OverflowError:
        x = inf
    if not isfinite(x) or x < least:
        wanted = "finite" if least == -inf else f"{least} or more"
        raise ValueError(f"{place} is {x:g}, not {wanted}")
    return x


def _whole(number: Any, what: str, least: int | None = None) -> int:
    try:
        number = index(number)
    except TypeError:
        raise TypeError(f"{what} is a whole number, not {number!r:.60}") from None
    if least is not None and number < least:
        raise ValueError(f"{what} is at least {least}, not {number}")
    return number


def _classes(classes: int | None) -> int | None:
    return None if classes is None else _whole(classes, "the number of classes", least=2)


def _random(purpose: str, seed: int, *more: int) -> Random:
    """A source of chance for one purpose: how rows are split must not depend on how they fell."""
    return Random(" ".join(map(str, (purpose, _whole(seed, "seed"), *more))))


def _order(count: int, purpose: str, seed: int, *more: int) -> list[int]:
    """0 … count - 1 in a random order."""
    rng = _random(purpose, seed, *more)
    # shuffle() may change from one Python to the next; random() is promised not to
    return sorted(range(count), key=lambda _: rng.random())
