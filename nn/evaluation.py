"""How good a model is on data: its loss, and the share of examples it gets right."""

from collections.abc import Callable, Sequence
from typing import Any

from autograd.value import Value, no_grad
from nn.data import Dataset, as_dataset, matched
from nn.decisions import classifies, cuts_of, decision_for, hits
from nn.losses import Loss, checked, loss_of

__all__ = ["accuracy_of", "evaluate"]


def evaluate(
    model: Callable[[Any], Any], data: Any, loss: Loss | str
) -> tuple[float, float | None]:
    """The loss on all the data, and the accuracy from 0 to 1 (None where there are no classes).

    `model` is called with one example at a time; `data` and `loss` are as for `fit`. Several
    outputs stand for the class of the largest. A single one stands for class 1 above 0, and after
    `mse` for the class whose number is the nearest. Classes of other names than those the model was
    trained with are refused, and the same names in another order are matched. Nothing is recorded.

    Raises ValueError for an unknown loss or class, TypeError for data that is none and for a model
    that gives no Values, and what the model and the loss raise.

    >>> model = lambda x: Value(x[0])  # a score, whose sign is the answer
    >>> evaluate(model, ([1.0, -2.0, 0.5, 3.0], [1, 0, 0, 1]), "hinge")
    (0.375, 0.75)
    """
    data, loss = as_dataset(data), loss_of(loss)
    if names := getattr(model, "class_names", ()):
        data = matched(data, names, len(names), "the data")
    with no_grad():
        outputs = [_outputs(model(x)) for x in data.inputs]
        value = checked(loss(outputs, data.targets))
    return value.data, accuracy_of(outputs, data, loss)


def accuracy_of(outputs: Sequence[Any], data: Dataset, loss: Loss) -> float | None:
    """The share of outputs that stand for the class of their target; None where there are no
    classes, or more than a single output can distinguish."""
    if not classifies(data, loss):
        return None
    right = hits(outputs, data.targets, cuts_of(decision_for(loss), data))
    return None if right is None else right / len(data)


def _outputs(answer: Any) -> Any:
    """The outputs of a model for one example: a Value, or a list of them."""
    for one in answer if isinstance(answer, list | tuple) else [answer]:
        if not isinstance(one, Value):
            raise TypeError(
                f"a model gives a Value or a list of them, and this one gave a {type(one).__name__}"
            )
    return answer
