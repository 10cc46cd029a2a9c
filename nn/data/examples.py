"""Examples to learn from: rows of inputs, a target for each, and how to divide them into parts."""

from collections.abc import Iterable, Iterator
from copy import copy
from dataclasses import dataclass, replace
from functools import partial
from statistics import mean, pstdev
from typing import Any

from autograd.checks import finite, fraction, whole
from autograd.user_text import counted
from nn.data.made import Inputs
from nn.data.seeded import random_order
from nn.data.targets import Classes, as_target, as_targets, listed, number_of_classes

__all__ = ["Dataset", "Row", "as_dataset", "dataset", "folds", "matched"]

Row = tuple[float, ...]


@dataclass(frozen=True)
class Dataset:
    """Rows of inputs with their targets, checked once and never changed.

    `inputs` holds one tuple of floats per row, all of the same width. `targets` holds one number
    per row: a class from 0 to classes - 1, or any float when `classes` is None; or a tuple of
    floats per row, for a model with as many outputs. The names are for people, one per column of
    the inputs and one per class, or none.

    >>> data = Dataset(((0.0, 0.5), (1.0, 2.0)), (0, 1), classes=2, name="two points")
    >>> data[1], [y for x, y in data]
    (((1.0, 2.0), 1), [0, 1])

    Raises ValueError for no rows, for rows of different widths, for too many or too few targets or
    names, for an entry that is not finite, and for a target that is none of the classes; TypeError
    for an entry that is no number. `dataset` takes labels and single columns, too.
    """

    inputs: tuple[Row, ...]
    targets: tuple[Any, ...]
    classes: int | None = None
    name: str = "data"
    feature_names: tuple[str, ...] = ()
    class_names: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        inputs, targets = listed(self.inputs, "inputs"), listed(self.targets, "targets")
        if len(inputs) != len(targets):
            raise ValueError(
                f"{counted(len(inputs), 'input')}, but {counted(len(targets), 'target')}: "
                "each needs its own"
            )
        if not inputs:
            raise ValueError("there are no rows: a dataset needs one at least")
        keep = partial(object.__setattr__, self)  # the way into a frozen dataclass
        classes = number_of_classes(self.classes)
        keep("classes", classes)
        keep("inputs", _matrix(inputs, "inputs"))
        if any(hasattr(y, "__iter__") and not isinstance(y, str) for y in targets):
            keep("targets", _target_rows(targets, classes))
        else:
            checked = [as_target(y, classes, _place(i)) for i, y in enumerate(targets)]
            keep("targets", tuple(checked))
        for what, count in (("feature_names", self.width), ("class_names", classes or 0)):
            names = tuple(getattr(self, what))
            keep(what, names)
            if len(names) not in (0, count):
                raise ValueError(f"{what} has to hold {count} names or none, not {len(names)}")

    @property
    def width(self) -> int:
        """How many inputs a row has."""
        return len(self.inputs[0])

    @property
    def target_width(self) -> int:
        """How many numbers a target has."""
        return len(self.targets[0]) if isinstance(self.targets[0], tuple) else 1

    def __len__(self) -> int:
        return len(self.inputs)

    def __iter__(self) -> Iterator[tuple[Row, Any]]:
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
        size = round(fraction(share, "share") * len(self))
        if not 0 < size < len(self):
            rows = counted(len(self), "row")
            raise ValueError(f"a share of {share:g} of {rows} leaves a part empty: take another")
        order = random_order(len(self), "split", seed)
        return self.rows(order[:size]), self.rows(order[size:])

    def batches(self, size: int | None = None, seed: int = 0, epoch: int = 0) -> list["Dataset"]:
        """The rows in batches of `size`, of which the last may be smaller. A size of None means
        everything at once, in the order it is in. Else the order depends on seed and epoch alone,
        so training can go on in mid-epoch. Raises ValueError for a size below 1."""
        order = self.order(seed, epoch)
        if size is None:
            return [self]
        size = whole(size, "size", least=1)
        return [self.rows(order[i : i + size]) for i in range(0, len(self), size)]

    def order(self, seed: int = 0, epoch: int = 0) -> Any:
        """An array of the places of the rows in the order in which these batches take them."""
        return random_order(len(self), "batches", seed, whole(epoch, "epoch", least=0))

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

    def with_inputs(self, *expressions: str) -> "Dataset":
        """The rows with other inputs: expressions of the two that they have, which are called x1
        and x2, or x and y. Raises ExpressionError for a text that cannot be read, and ValueError
        where a row has another number of inputs, or an expression no value.

        >>> corners = Dataset(((0.0, 0.0), (2.0, 3.0)), (0, 1), classes=2)
        >>> corners.with_inputs("x1", "x1*x2")[1]
        ((2.0, 6.0), 1)
        """
        if self.width != 2:
            raise ValueError(
                f"inputs are made of two coordinates, and {self.name} has "
                f"{counted(self.width, 'input')}: leave them out"
            )
        made = Inputs(expressions)
        return replace(self, inputs=made.rows(self.inputs), feature_names=made.texts)

    def __repr__(self) -> str:
        name = str(self.name) if str(self.name).isprintable() else ascii(self.name)
        rows, inputs = counted(len(self), "row"), counted(self.width, "input")
        targets = f"{self.classes} classes" if self.classes else "numbers as targets"
        if self.target_width > 1:
            targets = f"{self.target_width} numbers as each target"
        return f"Dataset({name}: {rows} of {inputs}, {targets})"


def dataset(inputs: Any, targets: Any, classes: Classes = None, name: str = "data") -> Dataset:
    """A Dataset of lists, tuples or arrays of your own.

    `inputs` is n rows of numbers, or n numbers, which become rows of one. `targets` is n numbers,
    or n rows of as many numbers as the model has outputs. They are classes when they are n texts,
    in sorted order; when they are True and False, which become 1 and 0; when `classes` says how
    many there are, and they are 0 to classes - 1, 1 to classes, or -1 and 1; or when `classes`
    lists what they are called, in the order that the outputs of a model shall have. `class_names`
    keeps what they were called.

    Raises what `Dataset` raises, ValueError for texts that are all one, and for a target that the
    list of classes does not have; TypeError for texts among numbers.

    >>> pets = dataset([4.2, 31.0, 3.9], ["cat", "dog", "cat"])
    >>> pets.targets, pets.class_names
    ((0, 1, 0), ('cat', 'dog'))
    """
    inputs, targets = listed(inputs, "inputs"), listed(targets, "targets")
    if not any(hasattr(row, "__iter__") for row in inputs):
        inputs = [(x,) for x in inputs]
    numbers, count, class_names = as_targets(_column(targets), classes, _place)
    return Dataset(tuple(inputs), tuple(numbers), count, name, class_names=class_names)


def _column(targets: list) -> list:
    """The targets; where each stands in a row of its own, without the rows."""
    rows = [y for y in targets if hasattr(y, "__iter__") and not isinstance(y, str)]
    if len(rows) < len(targets):
        return targets
    opened = [listed(row, "a target") for row in rows]
    if any(len(row) != 1 or isinstance(row[0], list | tuple) for row in opened):
        return opened
    return [row[0] for row in opened]


def as_dataset(data: Any) -> Dataset:
    """A Dataset as it is, or a pair (inputs, targets) made one. Raises TypeError for anything else,
    and what `dataset` raises."""
    if isinstance(data, Dataset):
        return data
    if isinstance(data, tuple | list) and len(data) == 2:
        return dataset(*data)
    raise TypeError(f"data is a Dataset or a pair (inputs, targets), not {type(data).__name__}")


def matched(
    data: Dataset, class_names: tuple[str, ...], classes: int | None, what: str = "this data"
) -> Dataset:
    """The data with its classes numbered as others are: by `class_names`, where both have names.

    Targets without classes are taken for the numbers of the classes, where there are `classes`.
    Raises ValueError for a class that is unknown there; `what` is how the message calls the data.

    >>> half = dataset([1.0, 2.0], ["dog", "fox"])
    >>> matched(half, ("cat", "dog", "fox"), 3).targets
    (1, 2)
    """
    if classes is None or data.target_width > 1:
        return data
    if data.class_names == class_names or not (data.class_names and class_names):
        if data.classes == classes:
            return data
        if data.classes is None and any(y < 0 for y in data.targets):
            return data  # -1 and 1, which some losses take
        return replace(data, classes=classes, class_names=class_names)
    place_of = {name: i for i, name in enumerate(class_names)}
    named = [data.class_names[int(y)] for y in data.targets]
    if unknown := sorted(set(named) - set(class_names)):
        raise ValueError(
            f"{what} has the class {unknown[0]!r:.60}, and the classes are "
            f"{', '.join(class_names):.200}"
        )
    targets = tuple([place_of[name] for name in named])
    return replace(data, targets=targets, classes=classes, class_names=class_names)


def folds(data: Dataset, count: int = 13, seed: int = 0) -> list[tuple[Dataset, Dataset]]:
    """`count` pairs (train, test) for cross-validation: every row is tested exactly once.

    The test sets are as even as they can be: 13 random sets of 16 for sonar. Raises ValueError
    for more folds than rows, or fewer than two.

    >>> ten = dataset(range(10), range(10))
    >>> [(len(train), len(test)) for train, test in folds(ten, count=3)]
    [(6, 4), (7, 3), (7, 3)]
    """
    if whole(count, "count", least=2) > len(data):
        raise ValueError(f"cannot make {count} folds of {counted(len(data), 'row')}: take fewer")
    order = random_order(len(data), "folds", seed)
    tests = [order[k::count] for k in range(count)]
    return [(data.rows(sorted(set(order) - set(test))), data.rows(test)) for test in tests]


def _matrix(rows: list, what: str) -> tuple[Row, ...]:
    """Rows of the same width, of finite numbers."""
    checked: list[Row] = []
    for i, row in enumerate(rows):
        where = f"row {i + 1} ({what}[{i}])"
        entries = enumerate(listed(row, where))
        cell = f"row {i + 1}, column %d ({what}[{i}][%d])"
        checked.append(tuple([finite(x, cell % (j + 1, j)) for j, x in entries]))
        if len(checked[i]) != len(checked[0]) or not checked[0]:
            needed = f"not {len(checked[0])} as those before" if i else "but needs an input"
            raise ValueError(f"{where} is {len(checked[i])} wide, {needed}")
    return tuple(checked)


def _target_rows(rows: list, classes: int | None) -> tuple[Any, ...]:
    """Targets of several numbers each, or of one, which is that number then."""
    checked = _matrix(rows, "targets")
    if len(checked[0]) == 1:
        return tuple([as_target(y, classes, _place(i)) for i, (y,) in enumerate(checked)])
    if classes is not None:
        raise ValueError(
            f"a class is one number, and these targets are rows of {len(checked[0])}: "
            "leave the number of classes out"
        )
    return checked


def _place(i: int) -> str:
    """Where the target of a row is, for people and for Python."""
    return f"the target of row {i + 1} (targets[{i}])"
