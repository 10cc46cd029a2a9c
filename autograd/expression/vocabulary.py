"""What may be called in an expression: the operations of the table, under all their names, and
functions of a whole list of numbers, which are recorded as operations of the table."""

from collections.abc import Callable, Collection
from functools import reduce
from typing import Any, NamedTuple

from autograd import ops
from autograd.op import Op
from autograd.user_text import did_you_mean, shown
from autograd.value import Value

Number = Any  # a Value, or a float where only numbers were written

OPERATORS: dict[str, Callable[[Number, Number], Number]] = {
    op.symbol: op for op in ops.TABLE.values() if op.symbol and len(op.partials) == 2
}
OPERATORS |= {
    ">": lambda a, b: OPERATORS["<"](b, a),
    ">=": lambda a, b: OPERATORS["<="](b, a),
}

ALIASES = {alias: op for op in ops.TABLE.values() for alias in op.aliases}


class ListFunction(NamedTuple):
    """A function of a list of numbers, made of operations of the table.

    It takes at least `fewest` numbers and at most `most`. Where it `picks`, the index of one of
    them follows in brackets, counted from 0, and `made` takes it first.
    """

    made: Callable[..., Number]
    fewest: int = 1
    most: int | None = None
    picks: bool = False

    def wrong_count(self, count: int, name: str) -> str:
        """The sentence about a call with `count` arguments, or "" where that many are fine."""
        if self.fewest <= count and (self.most is None or count <= self.most):
            return ""
        wanted = ("", "one", "two")[self.fewest] + ("" if self.most else " or more")
        return f"{name} takes {wanted} arguments, and was given {count}"


def between(op: Op) -> Callable[..., Number]:
    """The operation between all of the numbers, from left to right."""
    return lambda *numbers: reduce(op, numbers)


def mean(*numbers: Number) -> Number:
    return ops.divide(reduce(ops.add, numbers), float(len(numbers)))


def mse(prediction: Number, target: Number) -> Number:
    return ops.power(ops.subtract(prediction, target), 2.0)


def hinge(score: Number, target: Number) -> Number:
    """The target is -1 or 1."""
    return ops.relu(ops.subtract(1.0, ops.multiply(target, score)))


def binary_cross_entropy(logit: Number, target: Number) -> Number:
    """-log p is softplus(-logit), and -log(1 - p) is softplus(logit); neither is ever log(0)."""
    if_one = ops.multiply(target, ops.softplus(ops.negative(logit)))
    if_zero = ops.multiply(ops.subtract(1.0, target), ops.softplus(logit))
    return ops.add(if_one, if_zero)


def softmax(index: int, *logits: Number) -> Number:
    """e^logit over the sum of them all. The largest logit is subtracted from each, so that no power
    is too large; it is a plain number, because as a constant it cancels out."""
    largest = max(logit.data if isinstance(logit, Value) else logit for logit in logits)
    powers = [ops.exp(ops.subtract(logit, largest)) for logit in logits]
    return ops.divide(powers[index], reduce(ops.add, powers))


def cross_entropy(index: int, *logits: Number) -> Number:
    """-log of the softmax: the log of the sum of e^(logit - this one), of which this one is e^0."""
    others = [*logits[:index], *logits[index + 1 :]]
    return reduce(ops.logaddexp, [ops.subtract(one, logits[index]) for one in others], 0.0)


def log_softmax(index: int, *logits: Number) -> Number:
    return ops.negative(cross_entropy(index, *logits))


LIST_FUNCTIONS = {
    "max": ListFunction(between(ops.maximum), 2),
    "min": ListFunction(between(ops.minimum), 2),
    "sum": ListFunction(between(ops.add)),
    "prod": ListFunction(between(ops.multiply)),
    "mean": ListFunction(mean),
    "norm": ListFunction(between(ops.hypot), 2),
    "logsumexp": ListFunction(between(ops.logaddexp), 2),
    "mse": ListFunction(mse, 2, 2),
    "hinge": ListFunction(hinge, 2, 2),
    "bce": ListFunction(binary_cross_entropy, 2, 2),
    "binary_cross_entropy": ListFunction(binary_cross_entropy, 2, 2),
    "softmax": ListFunction(softmax, 2, picks=True),
    "log_softmax": ListFunction(log_softmax, 2, picks=True),
    "cross_entropy": ListFunction(cross_entropy, 2, picks=True),
}

# What people call and the vocabulary lacks, because it can be written, or can mean two things.
WRITE = {
    "int": "floor(x)", "trunc": "sign(x)*floor(abs(x))", "round": "floor(x + 0.5)",
    "sqr": "x**2", "square": "x**2", "root": "sqrt(x)", "inv": "1/x",
    "lg": "log10(x) or log2(x)", "lb": "log2(x)", "tg": "tan(x)", "arctg": "atan(x)",
    "cot": "1/tan(x)", "ctg": "1/tan(x)", "sec": "1/cos(x)", "csc": "1/sin(x)",
    "logit": "log(x) - log1p(-x)", "step": "(1 + sign(x))/2", "heaviside": "(1 + sign(x))/2",
    "mae": "abs(y - t)",
}  # fmt: skip
LOGARITHMS = "log(x) is the natural logarithm, and log10(x) the one to base 10"


def row_called(name: str) -> Op | None:
    """The row of the table that a name means."""
    row = ALIASES.get(name) or ops.TABLE.get(name)
    return None if row is ops.corner else row  # which is a mark inside partials


def is_function(name: str) -> bool:
    return row_called(name) is not None or name in LIST_FUNCTIONS


def no_function(name: str, values: Collection[str]) -> str:
    """The sentence about a call of something that cannot be called."""
    if name in values:
        return f"{shown(name)} is a number: write {shown(name)}*(…) for a product"
    lower = name.lower()
    if row_called(lower) is ops.log:
        return f"there is no operation named {name}: {LOGARITHMS}"
    if is_function(lower):
        return f"there is no operation named {name}: write {lower}(x)"
    if lower in WRITE:
        return f"there is no operation named {name}: write {WRITE[lower]}"
    known = [*filter(row_called, ops.TABLE), *ALIASES, *LIST_FUNCTIONS]
    return f"there is no operation named {shown(name)}{did_you_mean(name, known)}"
