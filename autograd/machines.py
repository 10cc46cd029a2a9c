"""What runs a program: plain Python an example at a time, or NumPy a batch at a time.

Both follow IEEE 754. NumPy's functions differ from C's, which Python uses, in the last digit.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from autograd.languages import NUMPY, PYTHON, Language
from autograd.ops import BUILT_IN, Op

Printed = Callable[[Language], str]


class Calls(Language):
    """Python in which every operation is a call."""

    def instruction(self, op: Op, args: Sequence[str]) -> str:
        return f"{op.name}({', '.join(args)})"


class Python:
    """Straight-line Python on floats: to the last bit what the sweep over a graph computes."""

    def __init__(self, printed: Printed, ops: Iterable[Op]) -> None:
        """Two versions: one that is fast, and one for the examples where something is not finite
        and Python would raise."""
        ops = list(ops)
        self.fast = compiled(printed(PYTHON), {op.name: op.on_floats for op in ops})
        calls = Calls(**vars(PYTHON))
        self.careful = compiled(printed(calls), {op.name: op.ieee for op in ops})

    def run(self, rows: Any, parameters: Sequence[float]) -> list[tuple[float, tuple]]:
        results = []
        for row in rows:
            numbers = [float(x) for x in row]
            try:
                results.append(self.fast(*numbers, *parameters))
            except (ArithmeticError, ValueError):
                results.append(self.careful(*numbers, *parameters))
        return results

    @staticmethod
    def values(results: list[tuple[float, tuple]]) -> list[float]:
        return [value for value, _ in results]

    @staticmethod
    def rest(results: list[tuple[float, tuple]], count: int) -> list[tuple]:
        """What comes after the first `count` slopes, a row per example."""
        return [slopes[count:] for _, slopes in results]

    @staticmethod
    def reduced(results: list[tuple[float, tuple]], reduce: str, count: int) -> tuple[Any, Any]:
        """The value and the first `count` slopes, over all examples or a row for each."""
        values, rows = [value for value, _ in results], [list(s[:count]) for _, s in results]
        if reduce == "none":
            return values, rows
        total, slopes = sum(values), [sum(column) for column in zip(*rows, strict=True)]
        if reduce == "mean":
            return total / len(values), [slope / len(values) for slope in slopes]
        return total, slopes


def compiled(text: str, names: dict[str, Any]) -> Callable:
    """The function that the text of a program defines."""
    space = dict(names)
    exec(compile(text, "<program>", "exec"), space)
    return space["program"]


class Columns(Language):
    """NumPy, with the rows that it has not, those of users too, as calls."""

    def instruction(self, op: Op, args: Sequence[str]) -> str:
        if op.name in BUILT_IN and not NUMPY.taught([op]):
            return super().instruction(op, args)
        return f"{op.name}({', '.join(args)})"


class NumPy:
    """Straight-line NumPy on columns: an array where something differs between the examples, a
    number where it is the same for all."""

    def __init__(self, printed: Printed, ops: Iterable[Op]) -> None:
        import numpy

        self.numpy = numpy
        strangers = {op.name: numpy.vectorize(op.ieee, otypes=[float]) for op in ops}
        self.function = compiled(printed(Columns(**vars(NUMPY))), {**strangers, "np": numpy})

    def run(self, rows: Any, parameters: Sequence[float]) -> tuple[Any, list[Any]]:
        np = self.numpy
        columns = np.asarray(rows, dtype=float)
        columns = columns.reshape(len(columns), -1).T
        with np.errstate(all="ignore"):
            value, slopes = self.function(*columns, *np.asarray(parameters, dtype=float))
        every = [np.broadcast_to(x, columns.shape[1]) for x in (value, *slopes)]
        return every[0], every[1:]

    @staticmethod
    def values(results: tuple[Any, list[Any]]) -> Any:
        return results[0].copy()

    def rest(self, results: tuple[Any, list[Any]], count: int) -> Any:
        return self.numpy.array(results[1][count:]).T

    def reduced(self, results: tuple[Any, list[Any]], reduce: str, count: int) -> tuple[Any, Any]:
        np, (value, slopes) = self.numpy, results
        rows = np.array(slopes[:count]).reshape(count, len(value))
        if reduce == "none":
            return value.copy(), rows.T
        if reduce == "mean":
            return value.mean(), rows.mean(axis=1)
        return value.sum(), rows.sum(axis=1)


MACHINES = {"python": Python, "numpy": NumPy}
