"""The examples that the playground learns from: named, clicked, pasted, typed, or given in
Python."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from statistics import mean, pstdev
from typing import Any

from autograd.checks import choose, finite, fraction, whole
from autograd.user_text import counted
from nn.data import Dataset, digits
from nn.data.csv import table_in
from nn.data.made import Expression, Inputs
from nn.data.seeded import random_source
from viz.apps.playground.generated import GENERATORS, IN_PYTHON

__all__ = ["LIMITS", "NAMES", "Examples", "examples_of", "thumbnails"]

NAMES = (*GENERATORS, "digits", "own", "table", "expression", "given")
MOST_POINTS, MOST_INPUTS, MOST_CLASSES = 2000, 64, 10
MOST_MADE = 16  # inputs that are made of two coordinates
MOST_NOISE = 10.0
LARGEST_SEED = 10**15 - 1
MOST_SIZE = 1e100  # of the numbers of an example: its square is still a number
LONGEST_TABLE = 1_000_000  # characters
REACH = 2.0  # of an expression's points, on both sides of 0
LARGE = 10.0  # beyond which a pasted column is scaled
LIMITS = {
    "points": MOST_POINTS, "inputs": MOST_INPUTS, "made": MOST_MADE, "classes": MOST_CLASSES,
    "characters": LONGEST_TABLE, "large": LARGE, "reach": REACH,
    "noise": MOST_NOISE, "size": MOST_SIZE,
}  # fmt: skip


@dataclass(frozen=True)
class Examples:
    """The examples to train on, those held out, and what is to be said about them. `spec` is the
    message that gives them again; `drawn` says in Python how all of them were made, where that is
    short. Where the model reads inputs that are `made` of two coordinates, `plain` are the examples
    with these."""

    spec: dict[str, Any]
    training: Dataset
    held_out: Dataset | None
    said: str = ""
    drawn: str = ""
    made: Inputs | None = None
    plain: tuple[Dataset, Dataset | None] | None = None

    @property
    def coordinates(self) -> tuple[Dataset, Dataset | None]:
        """The examples as they lie in a picture."""
        return self.plain or (self.training, self.held_out)

    def as_json(self) -> dict[str, Any]:
        """The examples as a message has them."""
        training, held_out = self.training, self.held_out
        rest: dict[str, Any] = {"inputs": [], "targets": []}
        if held_out is not None:
            rest = {"inputs": held_out.inputs, "targets": held_out.targets}
        found: dict[str, Any] = {}
        if self.plain:
            places, others = self.plain
            found = {"coordinates": places.inputs, "axes": _names_of(places)}
            rest["coordinates"] = others.inputs if others else []
        return found | {
            "inputs": training.inputs,
            "targets": training.targets,
            "held_out": rest,
            "classes": training.classes,
            "class_names": list(training.class_names),
            "names": _names_of(training),
            "said": self.said,
        }


def _names_of(data: Dataset) -> list[str]:
    """What the inputs are called."""
    if data.feature_names:
        return list(data.feature_names)
    return ["x"] if data.width == 1 else [f"x{i + 1}" for i in range(data.width)]


FIRST: dict[str, Any] = {
    "name": "moons", "points": 200, "noise": 0.1, "share": 0.2, "seed": 0, "text": "", "rows": [],
    "columns": None, "inputs": None,
}  # fmt: skip


def examples_of(message: Any, given: Dataset | None = None) -> Examples:
    """The examples that a message asks for; `given` are those that came from Python.

    Raises ValueError or TypeError, in one sentence, for whatever is wrong with it, and what reading
    a table and an expression raises.
    """
    if not isinstance(message, Mapping):
        raise TypeError(f"data are named in a message, not {message!r:.60}")
    known = {name: name for name in FIRST}
    spec = FIRST | {choose(name, known, "setting of the data"): x for name, x in message.items()}
    spec["name"] = name = choose(spec["name"], {one: one for one in NAMES}, "data set")
    spec["points"] = _at_most(whole(spec["points"], "the number of points", least=2), "points")
    spec["noise"] = noise = finite(spec["noise"], "the noise", least=0)
    if noise > MOST_NOISE:
        raise ValueError(f"the noise is {noise:g}: {MOST_NOISE:g} is the limit")
    spec["share"] = fraction(spec["share"], "the share held out")
    spec["seed"] = seed_of(spec["seed"])
    said, drawn = "", ""
    if name in GENERATORS:
        arguments = spec["points"], noise, spec["seed"]
        data = GENERATORS[name](arguments[0], noise=noise, seed=arguments[2])
        drawn = IN_PYTHON[name].format(*arguments) if name in IN_PYTHON else ""
    elif name == "given":
        if given is None:
            raise ValueError("no data were given in Python: choose another data set")
        data = given
    else:
        data, said = {"digits": _digits, "own": _own, "table": _table, "expression": _expression}[
            name
        ](spec)
    if name in ("table", "given") and spec["columns"] is not None:
        data = chosen(data, spec["columns"])
    _check_size(data)
    made = made_of(spec["inputs"])
    training, held_out, more = _divided(data, spec["share"], spec["seed"])
    if made and data.width != 2:
        other = f"Inputs are made of two coordinates, and {data.name} has {data.width}."
        made, more = None, f"{more} {other}".strip()
    said = " ".join(filter(None, [said, more]))
    if made is None:
        return Examples(spec, training, held_out, said, drawn)
    spec["inputs"] = list(made.texts)
    plain = training, held_out
    training = training.with_inputs(*made.texts)
    held_out = held_out and held_out.with_inputs(*made.texts)
    for part in filter(None, (training, held_out)):
        _check_size(part)
    return Examples(spec, training, held_out, said, drawn, made, plain)


def made_of(expressions: Any) -> Inputs | None:
    """The inputs that a message asks for; None for the coordinates as they are."""
    if expressions is None:
        return None
    if not isinstance(expressions, list | tuple):
        raise TypeError(f"inputs are a list of expressions, not {expressions!r:.60}")
    if len(expressions) > MOST_MADE:
        raise ValueError(f"{len(expressions)} inputs are too many: {MOST_MADE} is the limit")
    return Inputs(expressions)


def _divided(data: Dataset, share: float, seed: int) -> tuple[Dataset, Dataset | None, str]:
    if not share:
        return data, None, ""
    if not 0 < round((1 - share) * len(data)) < len(data):
        return data, None, "Too few examples to hold some out: all are trained on."
    return *data.split(1 - share, seed=seed), ""


def _check_size(data: Dataset) -> None:
    _at_most(len(data), "examples")
    if data.width > MOST_INPUTS:
        raise ValueError(f"{data.width} inputs are too many: {MOST_INPUTS} is the limit")
    if data.classes is not None and data.classes > MOST_CLASSES:
        raise ValueError(f"{data.classes} classes are too many: {MOST_CLASSES} is the limit")
    if data.target_width > MOST_CLASSES:
        raise ValueError(f"a target of {data.target_width} numbers is too wide for the page")
    targets = data.targets if data.target_width > 1 else [data.targets]
    if any(abs(number) > MOST_SIZE for row in (*data.inputs, *targets) for number in row):
        raise ValueError(f"a number of the data is larger than {MOST_SIZE:g}")


def seed_of(seed: Any) -> int:
    """A seed that a page knows too, where numbers are floats. Raises TypeError or ValueError."""
    if isinstance(seed, float) and seed.is_integer() and abs(seed) > LARGEST_SEED:
        seed = int(seed)  # as pages write whole numbers that are large
    if abs(whole(seed, "the seed")) > LARGEST_SEED:
        raise ValueError(f"the seed must have at most 15 digits, not {len(str(abs(seed)))}")
    return seed


def _at_most(count: int, what: str) -> int:
    if count > MOST_POINTS:
        raise ValueError(f"{count} {what} are too many: {MOST_POINTS} is the limit")
    return count


def _own(spec: dict[str, Any]) -> tuple[Dataset, str]:
    """Points that were clicked: rows of two inputs and a class, or of a number, or of one input
    and a number."""
    rows = spec["rows"]
    if not isinstance(rows, list | tuple) or not all(isinstance(row, list | tuple) for row in rows):
        raise TypeError('own points are rows, as in {"rows": [[0.5, -1, 1]]}')
    _at_most(len(rows), "points")
    if not rows:
        raise ValueError("there are no points yet: click into the picture")
    for i, row in enumerate(rows, start=1):
        if len(row) != len(rows[0]) or len(row) not in (2, 3):
            raise ValueError(
                f"point {i} has {counted(len(row), 'number')}: write x, y and a target"
            )
    inputs, targets = [row[:-1] for row in rows], [row[-1] for row in rows]
    numbers = [finite(target, f"the target of point {i}") for i, target in enumerate(targets, 1)]
    is_class = len(rows[0]) == 3 and all(
        number.is_integer() and 0 <= number < MOST_CLASSES for number in numbers
    )
    classes = max(2, int(max(numbers)) + 1) if is_class else None
    return Dataset(tuple(inputs), tuple(numbers), classes, "own points"), ""


def _table(spec: dict[str, Any]) -> tuple[Dataset, str]:
    text = spec["text"]
    if not isinstance(text, str):
        raise TypeError("a table is pasted as text")
    if len(text) > LONGEST_TABLE:
        raise ValueError(f"the table has {len(text)} characters: {LONGEST_TABLE} is the limit")
    table = table_in(text, "the table")
    _at_most(len(table.records), "rows")
    data = table.dataset()
    scaled, more = brought_to_size(data)
    return scaled, f"{table.understood(data)}.{more}"


def brought_to_size(data: Dataset) -> tuple[Dataset, str]:
    """The data with large columns scaled to mean 0 and standard deviation 1, and a sentence about
    it: with numbers of a thousand, no rate that suits one weight suits the others."""
    said = ""
    if max(abs(x) for row in data.inputs for x in row) > LARGE:
        data = data.scaled()
        said = " Some inputs are large, so each column was scaled to mean 0 and deviation 1."
    numbers = data.targets
    if data.classes is None and data.target_width == 1 and max(map(abs, numbers)) > LARGE:
        middle, spread = mean(numbers), pstdev(numbers) or 1.0
        data = replace(data, targets=tuple([(one - middle) / spread for one in numbers]))
        said += f" The target was scaled: 0 stands for {middle:.6g}, and 1 is {spread:.6g} more."
    return data, said


def chosen(data: Dataset, columns: Any) -> Dataset:
    """The data with two of its inputs, or with the two directions in which they vary most."""
    if columns == "principal":
        return _scaled(_principal(data), ("direction 1", "direction 2"))
    if not isinstance(columns, list | tuple) or not 1 <= len(columns) <= 2:
        raise TypeError(f'columns are two numbers, or "principal", not {columns!r:.60}')
    places = [whole(column, "a column", least=0) for column in columns]
    for place in places:
        if place >= data.width:
            raise ValueError(
                f"there is no column {place + 1}: counted from 1, they end at {data.width}"
            )
    if len(set(places)) < len(places):
        raise ValueError(f"the two columns are one, {places[0]}: choose another")
    inputs = tuple([tuple([row[i] for i in places]) for row in data.inputs])
    names = tuple([data.feature_names[i] for i in places]) if data.feature_names else ()
    return replace(data, inputs=inputs, feature_names=names)


def _principal(data: Dataset) -> Dataset:
    """The rows along the two directions in which they vary most."""
    import numpy as np

    if data.width < 2:
        raise ValueError("one input has no two principal directions: leave the columns out")
    rows = np.array(data.inputs)
    rows -= rows.mean(axis=0)
    _, _, directions = np.linalg.svd(rows, full_matrices=False)
    if len(directions) < 2:
        raise ValueError("one example has no principal directions: add others")
    two = directions[:2]
    # a direction and its opposite are as good: the largest part of ours is positive
    two = two * np.sign(two[range(2), np.abs(two).argmax(axis=1)])[:, None]
    inputs = tuple(map(tuple, (rows @ two.T).tolist()))
    return replace(data, inputs=inputs, feature_names=())


def _scaled(data: Dataset, names: tuple[str, ...]) -> Dataset:
    return replace(data.scaled(), feature_names=names)


def _digits(spec: dict[str, Any]) -> tuple[Dataset, str]:
    """Digits by two of their pixels, or along the two directions in which all 1797 vary most."""
    columns: Any = "principal" if spec["columns"] is None else spec["columns"]
    data = chosen(digits(), columns)
    if columns != "principal":
        data = _scaled(data, tuple([f"pixel {i + 1}" for i in columns]))
    return data.rows(range(min(spec["points"], len(data)))), ""


def _expression(spec: dict[str, Any]) -> tuple[Dataset, str]:
    """Random points, and what the expression says of each: a class, where it is 0 or 1 everywhere,
    as y > sin(x) is, and else a number."""
    text, noise = spec["text"], spec["noise"]
    if not isinstance(text, str):
        raise TypeError("an expression is typed as text")
    if not spec["text"].strip():
        raise ValueError("the expression is empty: try y > sin(3*x)")
    expression = Expression(text)
    names: tuple[str, ...] = expression.names
    rng = random_source("expression", spec["seed"])
    points, offsets = [], []
    for _ in range(spec["points"]):
        points.append([rng.uniform(-REACH, REACH) for _ in names])
        offsets.append([rng.gauss(0, noise) for _ in names])
    values = expression.values(points)
    if set(values) <= {0.0, 1.0}:
        if len(set(values)) < 2:
            sentence = "true" if values[0] else "false"
            raise ValueError(f"the expression is {sentence} at all points: there is one class only")
        points = [
            [a + b for a, b in zip(point, offset, strict=True)]
            for point, offset in zip(points, offsets, strict=True)
        ]
        classes = 2
    else:
        values = [value + offset[0] for value, offset in zip(values, offsets, strict=True)]
        classes = None
        if set(expression.used) <= {names[0]}:
            points, names = [point[:1] for point in points], names[:1]
    rows = tuple(map(tuple, points))
    return Dataset(rows, tuple(values), classes, "expression", names), ""


@cache
def thumbnails(points: int = 40) -> dict[str, list[list[float]]]:
    """A few rows of each data set to choose from, for a small picture: x, y, and the class, 0 where
    there are none."""
    found = {}
    for name in (*GENERATORS, "digits"):
        data = examples_of({"name": name, "points": points, "share": 0}).training
        rows = [
            [*x, t] if data.width == 1 else [*x, t * (data.classes is not None)] for x, t in data
        ]
        if data.width == 1:
            rows = [[*row, 0] for row in rows]
        found[name] = [[round(number, 3) for number in row] for row in rows]
    return found
