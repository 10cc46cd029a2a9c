"""One example, opened: the sum, the value, the local derivative and the gradient of every neuron,
as the engine has them."""

from typing import Any

import numpy as np

from autograd.backprop import gradients
from autograd.value import Value
from nn.losses import LOSSES
from nn.module import MLP, Neuron
from viz.apps.playground.columns import column_of

__all__ = ["graph_of_example", "opened"]


def graph_of_example(
    model: MLP, loss: str, inputs: list[float], target: Any
) -> tuple[Value, list[Value], list[list[tuple[Neuron, Value]]]]:
    """The loss of one example as the network computes it, without a penalty; its inputs, and every
    neuron of every layer with its value."""
    leaves = [Value(x, f"x{i}") for i, x in enumerate(inputs, start=1)]
    rows: list[list[tuple[Neuron, Value]]] = []
    before = leaves
    for layer in model.layers:
        rows.append([(neuron, neuron(before)) for neuron in layer.neurons])
        before = [value for _, value in rows[-1]]
    for i, value in enumerate(before, start=1):  # as the network calls them
        value.label = "output" if len(before) == 1 else f"output{i}"
    answer: Any = before if len(before) > 1 else before[0]
    y = LOSSES[loss]([answer], [target])
    y.label = "loss"
    return y, leaves, rows


def opened(model: MLP, loss: str, inputs: list[float], target: Any) -> dict[str, Any]:
    """What a message about an example answers: every number is the engine's, of its graph.

    Raises what computing the graph and its gradients raises.
    """
    y, leaves, rows = graph_of_example(model, loss, inputs, target)
    found = gradients(y)
    layers, before = [], leaves
    for row in rows:
        layers.append([_neuron(neuron, value, before, found) for neuron, value in row])
        before = [value for _, value in row]
    return {
        "layers": layers,
        "outputs": [value.data for value in before],
        "loss": y.data,
        "gradients": column_of(np.array([found.get(p, 0.0) for p in model.parameters()])),
        "inputs_gradients": [found.get(leaf, 0.0) for leaf in leaves],
    }


def _neuron(
    neuron: Neuron, value: Value, inputs: list[Value], found: dict[Value, float]
) -> dict[str, Any]:
    """The numbers of a neuron. Its sum is b + w1·x1 + …, added up from the left, so the products
    are met from the last to the first."""
    total = value.parents[0] if neuron.activation else value
    products: list[float] = []
    place = total
    for _ in inputs:
        place, product = place.parents
        products.insert(0, product.data)
    return {
        "sum": total.data,
        "value": value.data,
        "products": products,
        "local": float(value.slope(0)) if neuron.activation else 1.0,
        "gradient": found.get(value, 0.0),
        "flow": found.get(total, 0.0),
    }
