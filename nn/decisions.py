"""Which class an output stands for: one rule, for training, evaluation, plots and files alike;
and which loss fits which targets.

Several outputs stand for the class whose output is the largest. A single output is compared with
cuts: below the first cut it stands for the first class, from there to the second cut for the second
class, and so on. For a loss of scores or logits the only cut is 0. For `mse`, which trains the
output to be the number of the class, the cuts are halfway between these numbers.
"""

from bisect import bisect_left
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

from autograd.value import Value
from nn.data import Dataset
from nn.losses import binary_cross_entropy, cross_entropy, hinge, mse

__all__ = [
    "check_loss",
    "class_of",
    "classifies",
    "cuts_of",
    "decided",
    "decision_for",
    "hits",
    "hits_in",
    "natural_loss",
]


def decision_for(loss: Callable) -> str:
    """How a single output stands for a class after training with the loss: "sign", or "nearest" for
    the class with the nearest number."""
    return "nearest" if loss is mse else "sign"


def classifies(data: Dataset, loss: Callable) -> bool:
    """Whether the targets are classes: the data says so, or the loss takes nothing else."""
    if data.target_width > 1:
        return False
    if data.classes is not None or loss in (hinge, cross_entropy):
        return True
    return loss is binary_cross_entropy and set(data.targets) <= {0, 1}


def cuts_of(decision: str, data: Dataset) -> tuple[float, ...] | None:
    """Where a single output passes from one class of the data to the next; None for more than two
    classes, which a sign cannot distinguish."""
    if -1 in data.targets:
        numbers: Sequence[float] = (-1, 1)
    else:
        numbers = range(data.classes or max(2, int(max(data.targets)) + 1))
    if decision == "sign":
        return (0.0,) if len(numbers) == 2 else None
    return tuple([(a + b) / 2 for a, b in pairwise(numbers)])


def decided(output: Any, cuts: Sequence[float]) -> int:
    """The class that an output stands for, counted from 0: a number or a Value, or a sequence of
    them. `cuts` are those of a single output."""
    if hasattr(output, "tolist"):
        output = output.tolist()
    outputs = output if isinstance(output, list | tuple) else (output,)
    scores = [one.data if isinstance(one, Value) else one for one in outputs]
    return bisect_left(cuts, scores[0]) if len(scores) == 1 else scores.index(max(scores))


def class_of(target: float) -> int:
    """The class of a target, counted from 0; -1 is another way to write class 0."""
    return max(int(target), 0)


def hits(
    outputs: Sequence[Any], targets: Sequence[float], cuts: Sequence[float] | None
) -> int | None:
    """How many outputs stand for the class of their target; None for a single output and more
    classes than it can distinguish."""
    if cuts is None:
        first = outputs[0]
        if isinstance(first, Value) or not hasattr(first, "__len__") or len(first) == 1:
            return None
        cuts = ()
    return sum(
        decided(output, cuts) == class_of(target)
        for output, target in zip(outputs, targets, strict=True)
    )


def hits_in(outputs: Any, targets: Any, cuts: Sequence[float] | None) -> Any:
    """Which rows of an array of outputs stand for the class of their target, as an array; None
    where `hits` is None."""
    import numpy as np

    if outputs.shape[1] > 1:
        found = outputs.argmax(axis=1)
    elif cuts is None:
        return None
    else:
        found = np.searchsorted(cuts, outputs[:, 0])
    return found == np.maximum(targets.astype(int), 0)  # as `class_of` has it


def natural_loss(examples: Dataset) -> str:
    """The name of the loss that fits the targets: numbers, two classes, or more."""
    if examples.classes is None:
        return "mse"
    return "binary_cross_entropy" if examples.classes == 2 else "cross_entropy"


def check_loss(loss: str, examples: Dataset) -> None:
    """Raise ValueError for a loss that these targets do not fit; it says which one does."""
    name, classes, targets = examples.name, examples.classes, set(examples.targets)
    if examples.target_width > 1 and loss != "mse":
        raise ValueError(
            f"{name} has targets of {examples.target_width} numbers: use mse, not {loss}"
        )
    if classes is not None:
        if classes > 2 and loss != "cross_entropy":
            raise ValueError(f"{name} has {classes} classes: use cross_entropy, not {loss}")
        return
    if loss == "cross_entropy":
        raise ValueError(
            f"{name} has numbers as targets, and no classes: use mse, not {loss} "
            "(in a CSV file, --classes N makes whole numbers classes)"
        )
    if loss == "hinge" and not (targets <= {0, 1} or targets <= {-1, 1}):
        raise ValueError(
            f"hinge takes targets -1 and 1, or 0 and 1, and {name} has others: use mse"
        )
    if loss == "binary_cross_entropy" and not all(0 <= target <= 1 for target in targets):
        raise ValueError(f"{loss} takes targets from 0 to 1, and {name} has others: use mse")
