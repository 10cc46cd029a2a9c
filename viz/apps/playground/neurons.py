"""Every neuron of a network at many points, in one pass: for pictures, and for what is dead or
saturated."""

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np

from autograd.backprop import as_node
from autograd.bulk import data_of
from autograd.errors import unchecked
from autograd.program import Program
from autograd.program.interpreters import MACHINES, fastest
from autograd.program.recording import recorded
from autograd.value import Value
from nn.losses import LOSSES
from nn.module import MLP

__all__ = ["Neurons", "loss_from_outputs"]

SATURATED = 0.01  # a local derivative smaller than that lets hardly anything through


class Neurons:
    """Programs of a network that give more than its outputs. They follow IEEE 754, as programs do,
    and read the parameters when they run."""

    def __init__(self, model: MLP) -> None:
        self.layers = [len(layer.neurons) for layer in model.layers]
        with unchecked():  # the numbers at which it is recorded are of no account
            self.inputs = [Value(0.0) for _ in range(model.inputs)]
            values: list[list[Value]] = []
            for layer in model.layers:
                before = values[-1] if values else self.inputs
                values.append([neuron(before) for neuron in layer.neurons])
            hidden = [
                (neuron, value)
                for layer, row in zip(model.layers[:-1], values, strict=False)
                for neuron, value in zip(layer.neurons, row, strict=True)
            ]
            local = [
                value.slope(0, as_node) if neuron.activation else 1.0 for neuron, value in hidden
            ]
            self._values = Many([value for row in values for value in row], self.inputs)
            self._report = Many([*values[-1], *local], self.inputs)

    def values(self, points: Any) -> Any:
        """The value of every neuron at these points, hidden layers first, outputs last: an array
        with a row per neuron."""
        return self._values(points)

    def outputs_and_units(self, points: Any) -> tuple[Any, list[list[dict[str, float]]]]:
        """The outputs for these points, a row each; and for every hidden neuron, the share of
        points at which its local derivative is 0, and at which it is smaller than 0.01."""
        found = self._report(points)
        outputs, local = found[: self.layers[-1]].T, np.abs(found[self.layers[-1] :])
        dead, saturated = (local == 0).mean(axis=1), (local < SATURATED).mean(axis=1)
        units, start = [], 0
        for size in self.layers[:-1]:
            rows = range(start, start + size)
            units.append([{"dead": float(dead[i]), "saturated": float(saturated[i])} for i in rows])
            start += size
        return outputs, units


class Many:
    """A program with many ends, none of which is derived. Constants may be among them."""

    def __init__(self, ends: Sequence[Any], inputs: list[Value]) -> None:
        values = [end for end in ends if isinstance(end, Value)]
        self.constants = [(i, end) for i, end in enumerate(ends) if not isinstance(end, Value)]
        self.places = [i for i, end in enumerate(ends) if isinstance(end, Value)]
        listing, self.parameters = recorded(values, inputs)
        also = [listing.value, *listing.also]
        self.listing = replace(listing, gradients=(), also=also).pruned()
        self.machines: dict[str, Any] = {}

    def __call__(self, points: Any) -> Any:
        """The ends at these points, a row per end."""
        name = fastest(self.listing.is_built_in, len(points))
        if name not in self.machines:
            self.machines[name] = MACHINES[name](self.listing)
        _, _, rows = self.machines[name].swept(points, data_of(self.parameters), "sum")
        rows = np.asarray(rows, dtype=float).reshape(len(points), -1)
        found = np.empty((len(self.places) + len(self.constants), len(points)))
        found[self.places] = rows.T
        for i, constant in self.constants:
            found[i] = constant
        return found


@lru_cache(maxsize=32)
def _loss_program(name: str, outputs: int, width: int) -> Program:
    leaves = [Value(0.0) for _ in range(outputs + width)]
    answer: Any = leaves[:outputs] if outputs > 1 else leaves[0]
    target: Any = tuple(leaves[outputs:]) if width > 1 else leaves[outputs]
    return Program(LOSSES[name]([answer], [target]), leaves)


def loss_from_outputs(name: str, outputs: Any, targets: Sequence[Any]) -> float:
    """The mean loss of outputs, a row each: the bits that training computes."""
    wanted = np.array(targets, dtype=float).reshape(len(targets), -1)
    program = _loss_program(name, outputs.shape[1], wanted.shape[1])
    total, _ = program.value_and_gradients(np.hstack([outputs, wanted]))
    return total / len(targets)
