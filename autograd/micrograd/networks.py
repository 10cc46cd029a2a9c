"""The networks of micrograd's repository, which draw their random numbers in the same order."""

import random
from collections.abc import Iterable, Sequence
from typing import Any

from autograd.micrograd.value import Value
from autograd.ops import relu
from autograd.user_text import counted


class Module:
    """Something with parameters."""

    def zero_grad(self) -> None:
        """Set all gradients back to 0."""
        for parameter in self.parameters():
            parameter.zero_grad()

    def parameters(self) -> list[Value]:
        """The leaves that training moves."""
        return []


class Neuron(Module):
    """A weighted sum of `nin` inputs, cut off below 0 if it is `nonlin`.

    The weights begin anywhere from -1 to 1, as Python's `random` has it, and the bias at 0.
    """

    def __init__(self, nin: int, nonlin: bool = True) -> None:
        self.w = [Value(random.uniform(-1, 1)) for _ in range(nin)]
        self.b = Value(0)
        self.nonlin = nonlin

    def __call__(self, x: Any) -> Value:
        """Raises ValueError unless there is one input per weight."""
        x = list(x) if isinstance(x, Iterable) else [x]
        if len(x) != len(self.w):
            wanted = counted(len(self.w), "input")
            raise ValueError(f"{self!r} takes {wanted}, and was given {len(x)}")
        out = self.b
        for w, xi in zip(self.w, x, strict=True):
            out = out + w * xi
        return relu(out) if self.nonlin else out

    def parameters(self) -> list[Value]:
        return [*self.w, self.b]

    def __repr__(self) -> str:
        return f"{'ReLU' if self.nonlin else 'Linear'}Neuron({len(self.w)})"


class Layer(Module):
    """`nout` neurons that look at the same `nin` inputs. What is said of them is said to each."""

    def __init__(self, nin: int, nout: int, **said: Any) -> None:
        self.neurons = [Neuron(nin, **said) for _ in range(nout)]

    def __call__(self, x: Any) -> Any:
        """A list of Values, or the Value of a single neuron."""
        x = list(x) if isinstance(x, Iterable) else x  # neurons read it one after the other
        out = [neuron(x) for neuron in self.neurons]
        return out[0] if len(out) == 1 else out

    def parameters(self) -> list[Value]:
        return [parameter for neuron in self.neurons for parameter in neuron.parameters()]

    def __repr__(self) -> str:
        return f"Layer of [{', '.join(map(str, self.neurons))}]"


class MLP(Module):
    """Layers of the sizes `nouts`, each looking at the one before; the last one is linear."""

    def __init__(self, nin: int, nouts: Sequence[int]) -> None:
        sizes = [nin, *nouts]
        self.layers = [
            Layer(sizes[i], sizes[i + 1], nonlin=i < len(nouts) - 1) for i in range(len(nouts))
        ]

    def __call__(self, x: Any) -> Any:
        for layer in self.layers:
            x = layer(x)
        return x

    def parameters(self) -> list[Value]:
        return [parameter for layer in self.layers for parameter in layer.parameters()]

    def __repr__(self) -> str:
        return f"MLP of [{', '.join(map(str, self.layers))}]"
