"""Models that were made in Python, as the page has them."""

from typing import Any

from autograd.expression import ExpressionError
from nn.data import Dataset
from nn.data.made import Inputs
from nn.module import ACTIVATIONS, MLP
from viz.apps.playground.settings import Config

__all__ = ["check_fit", "layers_of", "own_inputs"]


def layers_of(model: Any) -> list[dict[str, Any]]:
    """The hidden layers of a model, as a message has them. Raises TypeError or ValueError for a
    model that the page cannot show."""
    if type(model) is not MLP:
        raise TypeError(f"the playground opens an MLP of nn, not a {type(model).__name__}")
    found = []
    for layer in model.layers:
        operations = {neuron.activation for neuron in layer.neurons}
        if len(operations) > 1:
            raise ValueError(
                f"the neurons of {layer.name} have different activations: the playground opens "
                "models whose layers have one each"
            )
        (operation,) = operations
        if operation is not None and ACTIVATIONS.get(operation.name) is not operation:
            raise ValueError(
                f"the activation of {layer.name}, {operation.name}, is not built in: the "
                "playground opens models with built-in activations"
            )
        found.append(
            {"size": len(layer.neurons), "activation": getattr(operation, "name", "linear")}
        )
    if found[-1]["activation"] != "linear":
        raise ValueError(
            f"the last layer of this model has the activation {found[-1]['activation']}: the "
            "playground opens models whose last layer has none"
        )
    return found[:-1]


def own_inputs(model: MLP, data: Dataset) -> list[str] | None:
    """The expressions of two coordinates that a model says it reads, as a playground left them.
    None where it says nothing of the kind, and for data that are no coordinates or have such inputs
    already."""
    names = list(model.feature_names)
    if not names or data.width != 2 or names == list(data.feature_names):
        return None
    try:
        Inputs(names)
    except (ExpressionError, ValueError):  # they are names of another kind
        return None
    return names


def check_fit(model: MLP, config: Config, data: Dataset) -> None:
    """Raise ValueError for a model that does not fit the examples and the loss."""
    outputs, wanted = len(model.layers[-1].neurons), config.sizes(data)[-1]
    if model.inputs != data.width:
        raise ValueError(
            f"this model has {model.inputs} inputs, and an example of {data.name} {data.width}: "
            "give the playground its data"
        )
    if outputs != wanted:
        raise ValueError(
            f"this model has {outputs} outputs, and {config.loss} on {data.name} takes {wanted}: "
            "choose another loss"
        )
