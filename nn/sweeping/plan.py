"""What a sweep trains: a run for each combination of settings and each seed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from inspect import signature
from itertools import product
from json import dumps
from math import isfinite
from numbers import Integral, Real
from typing import Any

from autograd.checks import whole
from nn.data import as_dataset
from nn.train import fit

__all__ = ["RESULTS", "TRAINING", "Run", "cell", "in_words", "plan", "written"]

# What `fit` is given; the other settings are for the function that builds the model.
GIVEN = ("model", "data", "seed", "callbacks", "progress")
TRAINING = tuple(name for name in signature(fit).parameters if name not in GIVEN)

# The columns behind the settings. The numbers are those of the last epoch's row in the History.
RESULTS = (
    "training_loss", "training_accuracy", "held_out_loss", "held_out_accuracy", "error",
)  # fmt: skip


@dataclass(frozen=True)
class Run:
    """One training: its settings, the seed among them, and the fingerprint of its data."""

    settings: dict[str, Any]
    data: str

    @property
    def key(self) -> tuple[str, ...]:
        """What tells it from all others, as the table writes it."""
        return (*map(cell, self.settings.values()), self.data)

    def __str__(self) -> str:
        return written(self.settings)


def plan(
    data: Any, grid: Mapping[str, Iterable], seeds: Any, fixed: Mapping[str, Any]
) -> list[Run]:
    """All runs, the seeds of a combination next to each other. Settings that are the same for all
    come first.

    Raises ValueError for a setting that is given twice, has no value, or one twice; TypeError for a
    value that no line of a table holds.
    """
    if both := sorted({*grid} & {*fixed}):
        raise ValueError(f"{both[0]} is in the grid, and given for all runs: leave one out")
    for name in (*fixed, *grid):
        if name in (*GIVEN, *RESULTS):
            raise ValueError(
                f"{name} is no setting of a run: seeds= are its seeds, and the data, "
                "progress and results are the sweep's own"
            )
    choices = {name: [plain(name, value)] for name, value in fixed.items()}
    for name, values in grid.items():
        if isinstance(values, str) or not isinstance(values, Iterable):
            raise TypeError(
                f"a grid has a list of values for each setting, as in {name}=[{values!r}]"
            )
        choices[name] = distinct(name, [plain(name, value) for value in values])
    chosen = distinct("seeds", seeds_of(seeds))
    prints = fingerprints(data, chosen)
    return [
        Run({**dict(zip(choices, values, strict=True)), "seed": seed}, prints[seed])
        for values in product(*choices.values())
        for seed in chosen
    ]


def seeds_of(seeds: int | Iterable[int]) -> list[int]:
    """The seeds: so many from 0 on, or those that are listed."""
    if isinstance(seeds, Iterable):
        return [whole(seed, "a seed") for seed in seeds]
    return list(range(whole(seeds, "the number of seeds", least=1)))


def plain(name: str, value: Any) -> Any:
    """A value that one line of a table holds: a number, a text, a truth value, None, or a list of
    these. Raises TypeError for anything else."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str) and value.isprintable():
        return value
    if isinstance(value, Integral):
        return int(value)
    if isinstance(value, Real) and isfinite(value):
        return float(value)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [plain(name, one) for one in value]
    raise TypeError(
        f"{name}: {value!r:.60} cannot stand in a table: settings are finite numbers, texts of one "
        "line, None and lists of these, such as the name of an activation"
    )


def distinct(name: str, values: list[Any]) -> list[Any]:
    """The values. Raises ValueError where there are none, or one comes twice."""
    cells = [cell(value) for value in values]
    if not cells:
        raise ValueError(f"{name} has no value: list one at least, or leave it out")
    if twice := [one for one in cells if cells.count(one) > 1]:
        raise ValueError(f"{name} lists {twice[0]} twice: list each value once")
    return values


def fingerprints(data: Any, seeds: Sequence[int]) -> dict[int, str]:
    """For each seed, a few letters that differ where the examples differ: a table that is resumed
    must not mix results of other data with these."""
    if callable(data):
        return {seed: fingerprint(data(seed=seed)) for seed in seeds}
    return dict.fromkeys(seeds, fingerprint(data))


def fingerprint(data: Any) -> str:
    examples = as_dataset(data)
    content = examples.inputs, examples.targets, examples.classes, examples.class_names
    return sha256(repr(content).encode()).hexdigest()[:8]


def cell(value: Any) -> str:
    """A value as the table writes it.

    >>> cell("relu"), cell([16, 16]), cell(0.1), cell(None)
    ('relu', '[16, 16]', '0.1', '')
    """
    if value is None:
        return ""
    return value if isinstance(value, str) else dumps(value)


def written(settings: Mapping[str, Any]) -> str:
    """
    >>> written({"neurons": [8, 1], "learning_rate": 0.1, "seed": 0})
    'neurons=[8, 1], learning_rate=0.1, seed=0'
    """
    return ", ".join(f"{name}={cell(value) or None}" for name, value in settings.items())


def in_words(name: str) -> str:
    """
    >>> in_words("held_out_loss"), in_words("learning_rate")
    ('held-out loss', 'learning rate')
    """
    return name.replace("held_out", "held-out").replace("_", " ")
