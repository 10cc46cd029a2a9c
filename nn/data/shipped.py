"""Data sets that come with the package. SOURCES.md, beside them, names their sources and what to
know about them."""

from dataclasses import replace
from functools import cache
from importlib.resources import files
from typing import Any

from nn.data.csv import table_in
from nn.data.examples import Dataset

__all__ = ["SHIPPED", "digits", "sonar"]

TESTED = {"interleaved": lambda i: i % 5 == 0, "tail": lambda i: i >= 1437}


@cache
def digits(split: str | None = None) -> Any:
    """1797 handwritten digits of 8 × 8 pixels: 64 inputs from 0 to 1, row by row, and 10 classes.

    With a `split`, a pair (train, test) of 1437 and 360 rows: "interleaved" tests on every fifth
    row, from the first on, "tail" on the last 360; any other raises ValueError. Rows are in order
    of collection: other people wrote the tail, which is 5 to 6 points harder. State the split with
    every accuracy.

    E. Alpaydin, C. Kaynak (1998), Optical Recognition of Handwritten Digits, UCI, CC BY 4.0.
    """
    if split is None:
        data = _shipped("digits.csv", "digit", classes=10)
        return replace(data, inputs=tuple([tuple([x / 16 for x in row]) for row in data.inputs]))
    if split not in TESTED:
        raise ValueError(f"digits has no split {split!r:.60}: choose {' or '.join(TESTED)}")
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
    return table_in(text, file, target).dataset(classes)


SHIPPED = {"digits": digits, "sonar": sonar}
