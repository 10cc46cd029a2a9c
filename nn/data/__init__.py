"""Examples to learn from: generated, shipped, from lists and arrays, or from a file.

All random numbers come from a seed: equal arguments give equal rows in equal order.
"""

from nn.data.csv import Table, from_csv, read_table
from nn.data.examples import Dataset, as_dataset, dataset, folds, matched
from nn.data.generated import GENERATED, blobs, circles, linear, moons, spiral, xor
from nn.data.shipped import SHIPPED, digits, sonar
from nn.data.targets import Classes

__all__ = [
    "GENERATED",
    "SHIPPED",
    "Classes",
    "Dataset",
    "Table",
    "as_dataset",
    "blobs",
    "circles",
    "dataset",
    "digits",
    "folds",
    "from_csv",
    "linear",
    "matched",
    "moons",
    "read_table",
    "sonar",
    "spiral",
    "xor",
]
