"""A network as a pure function of JAX: batched matrix products, and activations from the table."""

from collections.abc import Callable, Sequence
from typing import Any

from autograd.languages import JAX
from autograd.program.frameworks import required
from autograd.program.interpreters import defined
from nn.export.layers import Dense, dense_layers
from nn.module import MLP

__all__ = ["jax_source", "to_jax"]


def to_jax(model: MLP) -> tuple[Callable, list[dict[str, Any]]]:
    """A pure function and its parameters: (function, parameters).

    `function(parameters, x)` takes one example, an array of shape (inputs,), or a batch of shape
    (examples, inputs), and returns the outputs, of shape (outputs,) or (examples, outputs), also
    where there is a single output. `parameters` has a dict for each layer: "weight", of shape
    (neurons, inputs), and "bias", of shape (neurons,), both float64. Every activation of the table
    goes along, and so does a custom one that is a formula.

    Turns on 64-bit numbers in JAX, for the whole process. Raises ImportError, with the command that
    installs it, where JAX is missing; TypeError for what is no MLP; ValueError for a custom
    activation whose value is known in Python only, and CannotExport for a layer whose neurons have
    different activations.

    >>> model = MLP(2, [3, 1], seed=0)
    >>> function, parameters = to_jax(model)  # doctest: +SKIP
    >>> function(parameters, [1.0, -2.0])  # doctest: +SKIP
    Array([-0.33570792], dtype=float64)
    """
    layers = dense_layers(model)
    jnp = required("jax.numpy")
    function = defined(jax_source(layers), {})

    def array(numbers: Sequence) -> Any:
        return jnp.asarray(numbers, dtype=jnp.float64)

    return function, [
        {"weight": array(layer.weight), "bias": array(layer.bias)} for layer in layers
    ]


def jax_source(layers: Sequence[Dense]) -> str:
    """The text of the function."""
    activations = [layer.activation for layer in layers if layer.activation]
    head = "\n".join([JAX.head, *JAX.helpers_for(activations)])
    lines = ["def program(parameters, x):", "    x = jnp.asarray(x, dtype=jnp.float64)"]
    for i, layer in enumerate(layers):
        lines.append(f'    x = x @ parameters[{i}]["weight"].T + parameters[{i}]["bias"]')
        if layer.activation:
            lines.append(f"    x = {JAX.instruction(layer.activation, ['x'])}")
    return "\n".join([head, "", *lines, "    return x", ""])
