"""How wrong a network's outputs are, as one number that training makes smaller.

A loss takes the outputs and the targets, an entry per example, and averages over the examples.
Losses are made of operations of the table, which know their derivatives; none is written here.

To add one, write a function like these and put it into `LOSSES`; a penalty goes into `PENALTIES`.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import reduce
from itertools import pairwise
from numbers import Real
from typing import Any

from autograd.checks import choose, finite
from autograd.operand import Operand, real
from autograd.ops import add, exp, floor, log, logaddexp, maximum, relu, softplus, where
from autograd.user_text import counted
from autograd.value import Value

__all__ = [
    "LOSSES",
    "PENALTIES",
    "Loss",
    "binary_cross_entropy",
    "checked",
    "cross_entropy",
    "hinge",
    "l1",
    "l2",
    "logsumexp",
    "loss_of",
    "mse",
    "softmax",
]

Loss = Callable[[Sequence[Any], Sequence[Any]], Value]


def mse(predictions: Sequence, targets: Sequence) -> Value:
    """The mean squared error: the mean of (prediction − target)² over all numbers.

    `predictions` is a list of numbers, one output per example, or a list of lists, several
    outputs per example; `targets` has the same form. Raises ValueError for lists that are empty
    or differ in length, TypeError for lists that differ in form, TooLarge for a square that is
    too large for a float.

    >>> mse([Value(3.0), Value(1.0)], [1.0, 1.0]).data
    2.0
    >>> mse([[Value(3.0), Value(1.0)]], [[1.0, 1.0]]).data
    2.0
    """
    pairs: list[tuple] = []
    for i, (prediction, target) in enumerate(_pairs("mse", predictions, targets)):
        if _is_number(prediction) != _is_number(target):
            raise TypeError(
                f"mse needs targets in the form of the predictions: predictions[{i}] is "
                f"{_form(prediction)}, and targets[{i}] is {_form(target)}"
            )
        one = _is_number(prediction)
        pairs += [(prediction, target)] if one else _pairs(f"mse[{i}]", prediction, target)
    return _mean([(_value(prediction) - target) ** 2 for prediction, target in pairs])


def hinge(scores: Sequence, targets: Sequence) -> Value:
    """The hinge loss: the mean of relu(1 − target · score), which is 0 beyond the margin of 1.

    `scores` is a list of numbers, whose sign says the class; `targets` are −1 and +1, or 0 and 1,
    where 0 stands for −1. Raises ValueError for any other target, and for lists that
    are empty or differ in length, TypeError for what is no number. From C. Cortes and V. Vapnik,
    "Support-vector networks", Machine Learning 20 (1995).

    >>> hinge([Value(0.25), Value(-3.0)], [1, -1]).data
    0.375
    """
    pairs = _one_each("hinge", scores, targets)
    numbers = [_data(target, "hinge") for _, target in pairs]
    for i, target in enumerate(numbers):
        if target not in (-1, 0, 1):
            raise ValueError(
                f"hinge: targets[{i}] must be -1 or 1 (or 0, meaning -1), not {target!r}"
            )
    if 0 in numbers and -1 in numbers:
        raise ValueError(
            f"hinge takes targets -1 and 1, or 0 and 1, not both at once: targets"
            f"[{numbers.index(-1)}] is -1, and targets[{numbers.index(0)}] is 0"
        )
    signs = [_sign(target) for _, target in pairs]
    scores = [_value(score) for score, _ in pairs]
    return _mean([relu(1 - sign * score) for sign, score in zip(signs, scores, strict=True)])


def binary_cross_entropy(logits: Sequence, targets: Sequence) -> Value:
    """The mean of −t · log p − (1 − t) · log(1 − p), where p = sigmoid(logit) and t the target.

    `logits` is a list of numbers of any size: the network's last layer has no activation.
    `targets` are probabilities, from 0 to 1. Raises ValueError for a target outside, and for lists
    that are empty or differ in length, TypeError for what is no number. The derivative with respect
    to a logit is (p − t) / n, for n examples.

    −log p is softplus(−logit), and −log(1 − p) is softplus(logit). Both are exact where p rounds
    to 0 or 1 and its logarithm would fail.

    >>> z = Value(-1000.0)
    >>> loss = binary_cross_entropy([z], [1])
    >>> loss.backward()
    >>> loss.data, z.grad
    (1000.0, -1.0)
    """
    pairs = _one_each("binary_cross_entropy", logits, targets)
    for i, (_, target) in enumerate(pairs):
        number = _data(target, "binary_cross_entropy")
        if not 0 <= number <= 1:
            raise ValueError(
                f"binary_cross_entropy: targets[{i}] is {number!r}, and a probability "
                "lies between 0 and 1"
            )
    examples = [(_value(logit), target) for logit, target in pairs]
    return _mean([t * softplus(-z) + (1 - t) * softplus(z) for z, t in examples])


def cross_entropy(logits: Sequence[Sequence], targets: Sequence[int]) -> Value:
    """The mean of −log p, where p is the softmax probability of the right class.

    `logits` is a list of lists, a number of any size per class; `targets` the index of the right
    class for each example, counted from 0; by one that is a Value, the graph chooses. Raises
    ValueError for an index without a class, for rows or lists that differ in length, and for empty
    ones; TypeError for an index that is no whole number; TooLarge for logits more than 1.8e308
    apart. The derivative with respect to a logit is its probability, less 1 for the right class,
    over n examples.

    >>> row = [Value(1000.0), Value(0.0), Value(1000.0)]
    >>> loss = cross_entropy([row], [0])
    >>> loss.backward()
    >>> round(loss.data, 6), [z.grad for z in row]
    (0.693147, [-0.5, 0.0, 0.5])
    """
    losses: list[Value] = []
    classes = 0
    for i, (row, target) in enumerate(_pairs("cross_entropy", logits, targets)):
        if _is_number(row):
            raise TypeError(
                f"cross_entropy needs a list of logits per example, and logits[{i}] is a number: "
                "use binary_cross_entropy for a model with one output"
            )
        values = _values(f"logits[{i}]", row)
        classes = classes or len(values)
        if len(values) != classes:
            raise ValueError(
                "cross_entropy needs a logit per class for every example: logits[0] has "
                f"{classes}, logits[{i}] has {len(values)}"
            )
        right, others = _right_and_others(values, target, _class(i, target, classes))
        # −log p is the log of the sum of e^(logit − right logit), and the right one gives e^0
        below = [z - right for z in others]
        losses.append(_value(reduce(logaddexp, below, 0.0)) if others else right - right)
    return _mean(losses)


def softmax(values: Iterable) -> list[Value]:
    """Probabilities in proportion to e^value: a list as long as `values`, with the sum 1.

    The values may be of any size. Raises ValueError for an empty list, TypeError for what is no
    number, TooLarge for values more than 1.8e308 apart.

    >>> [p.data for p in softmax([Value(1000.0), Value(1000.0), Value(-1000.0)])]
    [0.5, 0.5, 0.0]
    """
    _, below = _from_the_largest(_values("softmax", values))
    powers = [exp(z) for z in below]
    total = _total(powers)
    return [power / total for power in powers]


def logsumexp(values: Iterable) -> Value:
    """log Σ e^value, a smooth maximum, for a list of values of any size.

    Raises what `softmax` raises. On the accuracy of taking the largest out: P. Blanchard,
    D. J. Higham and N. J. Higham, IMA Journal of Numerical Analysis 41 (2021).

    >>> round(logsumexp([Value(1000.0), Value(1000.0)]).data, 6)
    1000.693147
    """
    largest, below = _from_the_largest(_values("logsumexp", values))
    return log(_total([exp(z) for z in below])) + largest


def l2(parameters: Iterable, strength: float = 1e-4) -> Value:
    """strength · Σ parameter², to be added to a loss so that parameters stay small.

    Raises ValueError for an empty list, and for a strength that is negative or not finite,
    TypeError for what is no number.

    >>> l2([Value(3.0), Value(4.0)], strength=0.5).data
    12.5
    """
    strength, values = _penalised("l2", parameters, strength)
    return strength * _total([p * p for p in values])


def l1(parameters: Iterable, strength: float = 1e-4) -> Value:
    """strength · Σ |parameter|, to be added to a loss so that parameters it hardly needs go to 0.

    Its gradient has the same size however small a parameter is, where that of `l2` shrinks with it;
    at 0 it is 0, as that of `abs`. Raises what `l2` raises.

    >>> l1([Value(3.0), Value(-4.0)], strength=0.5).data
    3.5
    """
    strength, values = _penalised("l1", parameters, strength)
    return strength * _total([abs(p) for p in values])


LOSSES: dict[str, Loss] = {
    loss.__name__: loss for loss in (mse, hinge, binary_cross_entropy, cross_entropy)
}
PENALTIES: dict[str, Callable[[Iterable, float], Value]] = {"l2": l2, "l1": l1}
SHORT = {"bce": binary_cross_entropy, "ce": cross_entropy}  # other names that people write


def loss_of(loss: Any) -> Loss:
    """A loss, or the one of that name. Raises ValueError for an unknown name, TypeError for what is
    no function."""
    if isinstance(loss, str):
        return SHORT.get(loss.lower()) or choose(loss, LOSSES, "loss")
    if not callable(loss):
        raise TypeError(
            "a loss is a function of the outputs and the targets, or one of "
            f"{', '.join(LOSSES)}, not {loss!r:.60}"
        )
    return loss


def checked(value: Any) -> Value:
    """What a loss gave. Raises TypeError unless it is a Value."""
    if not isinstance(value, Value):
        raise TypeError(f"a loss gives a Value, and this one gave a {type(value).__name__}")
    return value


def _total(terms: Sequence) -> Any:
    """The sum from left to right. Python's `sum` starts from a 0, which would be drawn."""
    return reduce(add, terms)


def _penalised(name: str, parameters: Any, strength: float) -> tuple[float, list[Value]]:
    """The strength of a penalty and the parameters, checked."""
    strength = finite(strength, f"the strength of {name}", least=0)
    if hasattr(parameters, "parameters"):
        raise TypeError(f"{name} takes a list of parameters, as in {name}(model.parameters())")
    return strength, _values(name, parameters)


def _mean(terms: Sequence) -> Value:
    return _total(terms) / len(terms)


def _from_the_largest(values: list[Value]) -> tuple[Value, list[Value]]:
    """The largest value without its fraction, and all values less that: the exponential of none is
    too large.

    It is in the graph, so that a program finds that of its own example. It cancels out of every
    derivative, and nothing flows through it: the derivative of `floor` is 0.
    """
    largest = floor(reduce(maximum, values))
    return largest, [value - largest for value in values]


def _pairs(name: str, predictions: Any, targets: Any) -> list[tuple]:
    """Each prediction with its target."""
    predictions = _listed(name, "predictions", predictions)
    targets = _listed(name, "targets", targets)
    if len(predictions) != len(targets):
        raise ValueError(
            f"{name} needs one target per prediction: "
            f"{counted(len(predictions), 'prediction')}, "
            f"{counted(len(targets), 'target')} given"
        )
    if not predictions:
        raise ValueError(f"{name} needs at least one prediction, and was given none")
    return list(zip(predictions, targets, strict=True))


def _one_each(name: str, predictions: Any, targets: Any) -> list[tuple]:
    """The same for a loss that takes one number per example."""
    pairs = _pairs(name, predictions, targets)
    for i, (prediction, _) in enumerate(pairs):
        if hasattr(prediction, "__iter__") and not isinstance(prediction, str):
            raise TypeError(
                f"{name} takes one number per example, and predictions[{i}] is a list: use "
                "cross_entropy for a model with an output per class"
            )
    return pairs


def _listed(name: str, what: str, things: Any) -> list:
    if isinstance(things, str | Operand) or not isinstance(things, Iterable):
        raise TypeError(f"{name} takes a list of {what}, not {type(things).__name__}")
    return list(things)


def _values(name: str, numbers: Any) -> list[Value]:
    values = [_value(number) for number in _listed(name, "numbers", numbers)]
    if not values:
        raise ValueError(f"{name} needs at least one number, and was given none")
    return values


def _value(number: Any) -> Any:
    """A recorded operand as it is, a plain number as a leaf: what is made of it is a Value."""
    return number if isinstance(number, Operand) else Value(number)


def _data(number: Any, name: str) -> float:
    return number.data if isinstance(number, Value) else real(number, name)


def _sign(target: Any) -> Any:
    """−1 or 1, for a target that is −1 or 0, or 1; chosen in the graph for one that is in it, so
    that a program can take either."""
    if isinstance(target, Operand):
        return where(target > 0, 1.0, -1.0)
    return 1.0 if target > 0 else -1.0


def _right_and_others(values: list[Value], target: Any, index: int) -> tuple[Value, list[Value]]:
    """The value of the right class, and all others in their order; chosen in the graph where the
    target is in it."""
    if not isinstance(target, Operand):
        return values[index], values[:index] + values[index + 1 :]
    right = values[0]
    for k in range(1, len(values)):
        right = where(target > k - 1, values[k], right)
    pairs = enumerate(pairwise(values))
    return right, [where(target > k, before, after) for k, (before, after) in pairs]


def _class(i: int, target: Any, classes: int) -> int:
    """The class that targets[i] stands for."""
    if isinstance(target, Value):
        target = target.data
    number = isinstance(target, Real) and not isinstance(target, bool)
    if not number or target != target // 1:
        raise TypeError(
            f"cross_entropy: targets[{i}] is {target!r:.60}, and a class is a whole number from 0"
        )
    index = int(target)
    if not 0 <= index < classes:
        raise ValueError(
            f"cross_entropy: targets[{i}] must be a class from 0 to {classes - 1}, as each output "
            f"is one, not {index}"
        )
    return index


def _is_number(x: Any) -> bool:
    return isinstance(x, Operand | Real)


def _form(x: Any) -> str:
    return "a number" if _is_number(x) else "a list"
