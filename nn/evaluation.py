"""How good a model is on data: its loss, and the share of examples it gets right."""

from collections.abc import Callable, Sequence
from typing import Any

from autograd.value import Value, no_grad
from nn.data import Dataset
from nn.losses import mse

Loss = Callable[[Sequence[Any], Sequence[Any]], Value]


def evaluate(model: Callable[[Any], Any], data: Dataset, loss: Loss) -> tuple[float, float | None]:
    """The loss on all the data, and the accuracy from 0 to 1 (None where there are no classes)."""
    with no_grad():
        outputs = [model(x) for x in data.inputs]
        value = loss(outputs, data.targets)
    if data.classes is None:
        return value.data, None
    return value.data, hits(outputs, data.targets, loss) / len(data)


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
