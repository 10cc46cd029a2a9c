"""How good a model is on data: its loss, and the share of examples it gets right."""

from collections.abc import Callable, Sequence
from typing import Any

from autograd.value import Value, no_grad
from nn.data import Dataset, dataset
from nn.losses import LOSSES, binary_cross_entropy, cross_entropy, hinge, mse

Loss = Callable[[Sequence[Any], Sequence[Any]], Value]


def evaluate(
    model: Callable[[Any], Any], data: Any, loss: Loss | str
) -> tuple[float, float | None]:
    """The loss on all the data, and the accuracy from 0 to 1 (None where there are no classes).

    `model` is called with one example at a time; `data` and `loss` are as for `fit`. A single
    output decides for class 1 above 0, or above ½ with `mse` and targets 0 and 1; several decide
    for the largest. Nothing is recorded. Raises ValueError for the name of no loss, TypeError for
    data that is none, and what the model and the loss raise.

    >>> model = lambda x: Value(x[0])  # a score, whose sign is the answer
    >>> evaluate(model, ([1.0, -2.0, 0.5, 3.0], [1, 0, 0, 1]), "hinge")
    (0.375, 0.75)
    """
    data, loss = as_dataset(data), loss_named(loss) if isinstance(loss, str) else loss
    with no_grad():
        outputs = [model(x) for x in data.inputs]
        value = loss(outputs, data.targets)
    if not classifies(data, loss):
        return value.data, None
    return value.data, hits(outputs, data.targets, loss) / len(data)


def classifies(data: Dataset, loss: Loss) -> bool:
    """Whether the targets are classes: the data says so, or the loss takes nothing else."""
    if data.classes is not None or loss in (hinge, cross_entropy):
        return True
    return loss is binary_cross_entropy and set(data.targets) <= {0, 1}


def hits(outputs: Sequence[Any], targets: Sequence[Any], loss: Loss) -> int:
    """How many outputs decide for the class of their target.

    Several outputs decide for the largest. A single one decides for class 1 above the threshold.
    """
    threshold = threshold_of(loss, targets)
    return sum(
        decision(output, threshold) == wanted(target)
        for output, target in zip(outputs, targets, strict=True)
    )


def threshold_of(loss: Loss, targets: Sequence[Any]) -> float:
    """0.5 where `mse` draws a single output towards 0 or 1; 0 for scores and logits."""
    return 0.5 if loss is mse and min(targets) >= 0 else 0.0


def decision(output: Any, threshold: float = 0.0) -> int:
    """The class that an output stands for: a Value, or a list of Values or numbers."""
    outputs = [output] if isinstance(output, Value) else output
    scores = [score.data if isinstance(score, Value) else float(score) for score in outputs]
    return int(scores[0] > threshold) if len(scores) == 1 else scores.index(max(scores))


def wanted(target: float) -> int:
    """The class of a target; -1 is another way to write class 0."""
    return max(int(target), 0)


def as_dataset(data: Any) -> Dataset:
    """A Dataset, or a pair (inputs, targets) made one."""
    if isinstance(data, Dataset):
        return data
    if isinstance(data, tuple) and len(data) == 2:
        return dataset(*data)
    raise TypeError(f"data is a Dataset or a pair (inputs, targets), not {type(data).__name__}")


def loss_named(name: str) -> Loss:
    if name not in LOSSES:
        raise ValueError(f"there is no loss named {name}: choose one of {', '.join(LOSSES)}")
    return LOSSES[name]
