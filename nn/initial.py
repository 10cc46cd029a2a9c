"""Where training begins: the first weights and biases of a neuron."""

from collections.abc import Callable
from math import sqrt
from typing import Any

from autograd.checks import choose

__all__ = [
    "INITIALIZERS", "Initializer", "he", "initializer", "lecture", "uniform", "xavier", "zero",
]  # fmt: skip

# (random, inputs, neurons in its layer) -> the weights of a neuron and its bias
Initializer = Callable[[Any, int, int], tuple[list[float], float]]


def uniform(rng: Any, inputs: int, neurons: int) -> tuple[list[float], float]:
    """The weights and the bias that a neuron of micrograd begins with: every weight drawn evenly
    from -1 to 1, the bias 0. They are too large for a layer with many inputs.

    `rng` draws the numbers, such as Python's `random` or a `Random` of your own; `inputs` is how
    many inputs the neuron has, `neurons` how many neurons its layer has. Returns a list of a float
    per input, and a float. A function of your own that takes and returns the same is as good.

    >>> from random import Random
    >>> weights, bias = uniform(Random(0), inputs=3, neurons=1)
    >>> len(weights), bias
    (3, 0.0)
    """
    return [rng.uniform(-1, 1) for _ in range(inputs)], 0.0


def lecture(rng: Any, inputs: int, neurons: int) -> tuple[list[float], float]:
    """The weights and the bias as in micrograd's video lecture: all drawn evenly from -1 to 1, the
    weights first.

    Takes what `uniform` takes. Returns a list of a float per input, and a float.
    """
    return [rng.uniform(-1, 1) for _ in range(inputs)], rng.uniform(-1, 1)


def xavier(rng: Any, inputs: int, neurons: int) -> tuple[list[float], float]:
    """Weights drawn evenly, with variance 2 / (inputs + neurons), which suits tanh and sigmoid;
    the bias is 0.

    Takes what `uniform` takes. Returns a list of a float per input, and a float. From Glorot and
    Bengio, Understanding the difficulty of training deep feedforward neural networks (2010).
    """
    bound = sqrt(6 / (inputs + neurons))
    return [rng.uniform(-bound, bound) for _ in range(inputs)], 0.0


def he(rng: Any, inputs: int, neurons: int) -> tuple[list[float], float]:
    """Weights from a normal distribution with variance 2 / inputs, which suits relu; the bias is 0.

    Takes what `uniform` takes. Returns a list of a float per input, and a float. From He et al.,
    Delving Deep into Rectifiers (2015).
    """
    return [rng.gauss(0, sqrt(2 / inputs)) for _ in range(inputs)], 0.0


def zero(rng: Any, inputs: int, neurons: int) -> tuple[list[float], float]:
    """All weights and the bias 0, which shows why others are drawn: the neurons of a layer are
    alike, have the same gradients, and stay alike.

    Takes what `uniform` takes, and draws nothing. Returns a list of a float per input, and a float.
    """
    return [0.0] * inputs, 0.0


INITIALIZERS: dict[str, Initializer] = {
    "uniform": uniform, "lecture": lecture, "xavier": xavier, "he": he, "zero": zero,
}  # fmt: skip


def initializer(init: Any) -> Initializer:
    """A function that gives initial weights, or the one of that name. Raises TypeError for what is
    neither, ValueError for an unknown name."""
    if isinstance(init, str):
        return choose(init, INITIALIZERS, "init")
    if not callable(init):
        raise TypeError(
            f"init is a function such as uniform, lecture, xavier, he or zero, not {init!r:.60}"
        )
    return init
