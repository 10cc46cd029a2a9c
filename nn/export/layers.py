"""A network as plain numbers: what every other engine is given."""

from math import isfinite
from typing import Any, NamedTuple

from autograd.errors import AutogradError
from autograd.op import Op
from nn.module import MLP

__all__ = ["CannotExport", "Dense", "dense_layers"]


class CannotExport(AutogradError, ValueError):
    """A model, or a part of one, that another engine has no counterpart for."""


class Dense(NamedTuple):
    """A layer: a row of weights for each neuron, a bias for each, and the activation of all."""

    weight: list[list[float]]
    bias: list[float]
    activation: Op | None

    @property
    def inputs(self) -> int:
        return len(self.weight[0])


def dense_layers(model: Any) -> list[Dense]:
    """The layers of a network. Raises TypeError for what is no MLP, and CannotExport for a layer
    whose neurons have different activations, and for a nan or an infinity."""
    if type(model) is not MLP:  # what a subclass adds would be lost
        raise TypeError(f"only an MLP can be exported, not {type(model).__name__}")
    for name, number in model.state_dict().items():
        if not isfinite(number):
            raise CannotExport(f"this model cannot be exported: its {name} is {number}")
    layers = []
    for layer in model.layers:
        activations = {neuron.activation for neuron in layer.neurons}
        if len(activations) != 1:
            raise CannotExport(
                f"the neurons of {layer.name} have different activations: an exported layer has one"
            )
        weight = [[w.data for w in neuron.w] for neuron in layer.neurons]
        bias = [neuron.b.data for neuron in layer.neurons]
        layers.append(Dense(weight, bias, activations.pop()))
    return layers
