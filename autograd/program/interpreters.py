"""What runs a program: plain Python an example at a time, NumPy a batch at a time.

All follow IEEE 754. NumPy's functions differ from C's, which Python uses, in the last digit.
"""

from collections.abc import Callable, Sequence
from typing import Any

from autograd import native
from autograd.languages import NUMPY, PYTHON, Language
from autograd.op import Op
from autograd.program.batch import PART, summed
from autograd.program.listing import Listing


class Calls(Language):
    """Python in which every operation is a call."""

    def instruction(self, op: Op, args: Sequence[str]) -> str:
        return f"{op.name}({', '.join(args)})"


class Python:
    """Straight-line Python on floats: to the last bit what the sweep over a graph computes."""

    def __init__(self, listing: Listing) -> None:
        """Two versions: one that is fast, and one for the examples where something is not finite
        and Python would raise."""
        self.listing = listing
        ops = listing.ops
        self.fast = defined(listing.printed(PYTHON), {op.name: op.on_floats for op in ops})
        calls = Calls(**vars(PYTHON))
        self.careful = defined(listing.printed(calls), {op.name: op.ieee for op in ops})

    def values(self, rows: Any, parameters: Sequence[float]) -> list[float]:
        """The value of every example."""
        return [value for value, _ in self._run(rows, parameters)]

    def swept(self, rows: Any, parameters: Sequence[float], reduce: str) -> tuple[Any, Any, Any]:
        """The value and the gradients, over all examples or a row for each, and a row of what else
        is wanted for each."""
        results = self._run(rows, parameters)
        count = len(self.listing.gradients)
        values = [value for value, _ in results]
        gradients = [list(ends[:count]) for _, ends in results]
        also = [ends[count:] for _, ends in results]
        if reduce == "none":
            return values, gradients, also
        n = len(values) if reduce == "mean" else 1
        columns = zip(*gradients, strict=True)
        return summed(values) / n, [summed(column) / n for column in columns], also

    def columns(self, columns: Sequence[Any], parameters: Sequence[float]) -> list[Any]:
        """The value, and what else is wanted, as a column each; a column of numbers per input."""
        results = self._run(zip(*columns, strict=True), parameters)
        return [list(column) for column in zip(*[(v, *ends) for v, ends in results], strict=True)]

    def _run(self, rows: Any, parameters: Sequence[float]) -> list[tuple[float, tuple]]:
        results = []
        for row in rows:
            numbers = [float(x) for x in row]  # those of an array are NumPy's
            try:
                results.append(self.fast(*numbers, *parameters))
            except (ArithmeticError, ValueError):
                results.append(self.careful(*numbers, *parameters))
        return results


def defined(text: str, names: dict[str, Any]) -> Callable:
    """The function that the text of a program defines."""
    space = dict(names)
    exec(compile(text, "<program>", "exec"), space)
    return space.pop("program")  # or the function would hold itself, until the collector comes


class Columns(Language):
    """NumPy, with the primitives that it lacks, and custom ones, as calls."""

    def instruction(self, op: Op, args: Sequence[str]) -> str:
        if op.is_built_in and op.name not in NUMPY.helpers:
            return super().instruction(op, args)
        return f"{op.name}({', '.join(args)})"


class NumPy:
    """Straight-line NumPy on columns: an array where something differs between the examples, a
    number where it is the same for all."""

    def __init__(self, listing: Listing) -> None:
        import numpy

        self.numpy = numpy
        self.listing = listing
        ops = listing.ops
        ops |= {part for op in ops if op.definition for part in op.definition.ops()}
        called = {op.name: numpy.vectorize(op.ieee, otypes=[float]) for op in ops}
        language = Columns(**vars(NUMPY))
        text = "\n".join([*language.helpers_for(ops), listing.printed(language)])
        self.function = defined(text, {**called, "np": numpy})

    def values(self, rows: Any, parameters: Sequence[float]) -> Any:
        """The value of every example."""
        return self._run(rows, parameters)[0].copy()

    def swept(self, rows: Any, parameters: Sequence[float], reduce: str) -> tuple[Any, Any, Any]:
        """As Python's, in arrays."""
        values, *ends = self._run(rows, parameters)
        count = len(self.listing.gradients)
        gradients = self.numpy.array(ends[:count]).reshape(count, len(values))
        also = self.numpy.array(ends[count:]).T
        if reduce == "none":
            return values.copy(), gradients.T, also
        n = len(values) if reduce == "mean" else 1
        value, *totals = self._summed(self.numpy.vstack([values, gradients])) / n
        return value, self.numpy.array(totals), also

    def _summed(self, columns: Any) -> Any:
        """As `summed` does it; NumPy's own sum has another order."""
        parts = [
            self.numpy.add.accumulate(columns[:, i : i + PART], axis=1)[:, -1] + 0.0
            for i in range(0, columns.shape[1], PART)
        ]
        return self.numpy.add.accumulate(parts)[-1]

    def _run(self, rows: Any, parameters: Sequence[float]) -> list[Any]:
        np = self.numpy
        columns = np.asarray(rows, dtype=float)
        columns = columns.reshape(len(columns), -1).T
        with np.errstate(all="ignore"):
            value, ends = self.function(*columns, *np.asarray(parameters, dtype=float))
        return [np.broadcast_to(x, columns.shape[1]) for x in (value, *ends)]


MACHINES: dict[str, Any] = {"python": Python, "numpy": NumPy}

COLUMNS_PAY_FROM = 64  # examples: below, Python on numbers beats NumPy on columns


def fastest(built_in: bool, examples: int) -> str:
    """The name of the machine that runs so many examples of a listing soonest."""
    if built_in and "native" in MACHINES:
        return "native"
    return "numpy" if examples >= COLUMNS_PAY_FROM else "python"


def as_array(numbers: Any) -> Any:
    import numpy

    return numpy.asarray(numbers, dtype=float)


if _machine := native.compiled("machine"):
    MACHINES["native"] = _machine.Machine
