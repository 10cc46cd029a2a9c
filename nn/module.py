"""Neurons, layers and networks: a neuron is a weighted sum and a row of the table.

>>> import random
>>> random.seed(1337)
>>> model = MLP(2, [16, 16, 1])
>>> model
MLP(2 → 16 relu → 16 relu → 1)
>>> model([1.0, -2.0])
Value(output = -1.33243, grad not computed)
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from math import sqrt
from numbers import Real
from random import Random
from typing import Any

from autograd.errors import AutogradError
from autograd.op import Op
from autograd.operand import real
from autograd.ops import relu
from autograd.value import Value

# How a neuron begins: (random, inputs, neurons in its layer) -> its weights and its bias.
Initializer = Callable[[Any, int, int], tuple[list[float], float]]


class ShapeError(AutogradError, ValueError):
    """Numbers that do not fit the network they are given to: too many, too few, or misnamed."""


def uniform(rng: Any, inputs: int, neurons: int) -> tuple[list[float], float]:
    """The weights and the bias that a neuron of micrograd begins with: every weight drawn evenly
    from -1 to 1, the bias 0.

    `rng` draws the numbers, such as Python's `random` or a `Random` of your own; `inputs` is how
    many inputs the neuron has, `neurons` how many neurons its layer has. Returns a list of a float
    per input, and a float. A function of your own that takes and returns the same is as good.

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


class Module:
    """Something with parameters, the leaves that training moves. Called with one example, it
    gives what it makes of it: a Value, or a list of them.

    The parameters of a module of your own are found in its attributes: leaf Values, modules, and
    lists of them. What it makes of an example is said in `__call__`; without one, a call raises
    NotImplementedError.

    >>> class Residual(Module):
    ...     def __init__(self):
    ...         self.inner = Layer(1, 1, None)
    ...         self.scale = Value(0.5)
    ...
    ...     def __call__(self, x):
    ...         return x[0] + self.scale * self.inner(x)
    >>> list(Residual().named_parameters())
    ['inner.neuron1.w1', 'inner.neuron1.b', 'scale']
    """

    def __call__(self, x: Any) -> Any:
        raise NotImplementedError(f"{type(self).__name__} does not say what it makes of an example")

    def named_parameters(self) -> dict[str, Value]:
        """Every parameter by its name, which is its place: in a list `layers`, the first is layer1.

        The order is that in which the attributes were set. One that stands in two places has the
        name of the first. Raises ShapeError when two parameters have one name.
        """
        found: dict[str, Value] = {}
        for attribute, held in vars(self).items():
            places = [(attribute, held)]
            if isinstance(held, list | tuple):
                one = attribute.removesuffix("s")
                places = [(f"{one}{i}", part) for i, part in enumerate(held, start=1)]
            for place, part in places:
                inner: dict[str, Value] = {}
                if isinstance(part, Module):
                    inner = {f"{place}.{name}": p for name, p in part.named_parameters().items()}
                elif isinstance(part, Value) and part.op is None:
                    inner = {place: part}
                for name, parameter in inner.items():
                    if name in found:
                        raise ShapeError(f"two parameters of this {type(self).__name__} are {name}")
                    found[name] = parameter
        names = {parameter: name for name, parameter in reversed(found.items())}
        return {name: parameter for name, parameter in found.items() if names[parameter] == name}

    def parameters(self) -> list[Value]:
        """The parameters in the order of `named_parameters`, as optimisers take them. Raises
        ShapeError as that does."""
        return list(self.named_parameters().values())

    def zero_grad(self) -> None:
        """Forget the gradients of all parameters, so that the next backward pass starts from
        nothing."""
        for parameter in self.parameters():
            parameter.zero_grad()

    def state_dict(self) -> dict[str, float]:
        """The number of every parameter, by name: floats, which stay as they are when training goes
        on. `load_state_dict` takes them back.

        >>> neuron = Neuron(1, init=lambda rng, inputs, neurons: ([2.0], 1.0))
        >>> neuron.state_dict()
        {'w1': 2.0, 'b': 1.0}
        """
        return {name: parameter.data for name, parameter in self.named_parameters().items()}

    def load_state_dict(self, state: Mapping[str, float]) -> None:
        """Set every parameter to the number under its name. Graphs recorded before are stale then.

        Raises ShapeError when a name is missing or unknown, TypeError for what is no number; in
        both cases nothing has changed.
        """
        parameters = self.named_parameters()
        for name in parameters.keys() - state.keys():
            raise ShapeError(f"the state has no {name}, which this {type(self).__name__} needs")
        for name in state.keys() - parameters.keys():
            raise ShapeError(f"the state has {name}, which this {type(self).__name__} does not")
        numbers = {name: real(number, name) for name, number in state.items()}
        for name, parameter in parameters.items():
            parameter.data = numbers[name]

    def summary(self) -> str:
        """The parameters, part by part, and how many there are."""
        count = len(self.parameters())
        return f"{self!r}: {count} parameter{'s' * (count != 1)}"

    def __repr__(self) -> str:
        return type(self).__name__


class Neuron(Module):
    """activation(b + w1·x1 + w2·x2 + …), or the sum itself without an activation.

    It has `inputs` weights, the list `w` of Values, and a bias, the Value `b`; `nonlin` says
    whether it has an activation, which is a row of the table. `init` says where they begin: it is
    `uniform`, or a function like it. Random numbers come from `rng`, by default Python's `random`,
    and in micrograd's order, so seeded notebooks reproduce. The labels of its Values begin with
    `name`. `neurons` is how many its layer has, which some ways to begin depend on.

    Raises ShapeError unless there is an input, TypeError for a number of inputs that is not whole,
    for an activation that is no row with one argument, and for an init that is no function.

    >>> neuron = Neuron(2, relu, init=lambda rng, inputs, neurons: ([2.0, -1.0], 0.5))
    >>> neuron([3.0, 1.0]).data  # relu(0.5 + 2·3 − 1·1)
    5.5
    >>> len(neuron.w), neuron.activation, neuron.nonlin
    (2, <operation relu>, True)
    """

    def __init__(
        self,
        inputs: int,
        activation: Op | None = relu,
        *,
        init: Initializer = uniform,
        rng: Any = None,
        name: str = "",
        neurons: int = 1,
    ) -> None:
        check_size(inputs, "the number of inputs of a neuron")
        check_activation(activation)
        check_init(init)
        weights, bias = init(rng or _global_random(), inputs, neurons)
        prefix = f"{name}." if name else ""
        self.name = name
        self.activation = activation
        self.w = [Value(w, f"{prefix}w{i}") for i, w in enumerate(weights, start=1)]
        self.b = Value(bias, f"{prefix}b")

    @property
    def nonlin(self) -> bool:
        """Whether it has an activation."""
        return self.activation is not None

    def __call__(self, x: Any) -> Value:
        """One example in, a sequence of numbers or Values; one Value out.

        Raises ShapeError unless there is a number per weight, TypeError for what is no sequence.
        """
        x = one_example(x)
        if len(x) != len(self.w):
            raise ShapeError(
                f"{self.name or 'this neuron'} takes {len(self.w)} inputs, and was given {len(x)}"
            )
        total = self.b
        for w, xi in zip(self.w, x, strict=True):
            total = total + w * xi
        if self.activation is None:
            total.label = self.name
            return total
        total.label = f"{self.name}.sum" if self.name else "sum"
        out = self.activation(total)
        out.label = self.name
        return out

    def __repr__(self) -> str:
        return f"Neuron({len(self.w)}{_written(self.activation)})"


class Layer(Module):
    """Neurons side by side, all looking at the same inputs.

    `neurons` says how many, and is the list of them then. Everything else is as for `Neuron`, and
    so are the errors; ShapeError for no neurons, too.

    >>> layer = Layer(3, 2)
    >>> len(layer([1.0, 2.0, 3.0])), len(layer.parameters())
    (2, 8)
    """

    def __init__(
        self,
        inputs: int,
        neurons: int,
        activation: Op | None = relu,
        *,
        init: Initializer = uniform,
        rng: Any = None,
        name: str = "",
    ) -> None:
        where = name or "a layer"
        check_size(inputs, f"the number of inputs of {where}")
        check_size(neurons, f"the number of neurons of {where}")
        rng = rng or _global_random()
        prefix = f"{name}." if name else ""
        self.name = name
        self.neurons = [
            Neuron(
                inputs,
                activation,
                init=init,
                rng=rng,
                name=f"{prefix}neuron{i}",
                neurons=neurons,
            )
            for i in range(1, neurons + 1)
        ]

    @property
    def inputs(self) -> int:
        """How many numbers an example has."""
        return len(self.neurons[0].w)

    @property
    def activation(self) -> Op | None:
        """The row that all its neurons apply, or None."""
        return self.neurons[0].activation

    def __call__(self, x: Any) -> Any:
        """One example in; a list of Values out, one per neuron, or the bare Value of a single one.

        Raises ShapeError for another length than `inputs`, TypeError for what is no sequence.
        """
        x = one_example(x)
        if len(x) != self.inputs:
            raise ShapeError(
                f"{self.name or 'this layer'} takes {self.inputs} inputs, and was given {len(x)}"
            )
        outputs = [neuron(x) for neuron in self.neurons]
        return outputs[0] if len(outputs) == 1 else outputs

    def __repr__(self) -> str:
        return f"Layer({self.inputs} → {len(self.neurons)}{_written(self.activation)})"


class MLP(Module):
    """A multilayer perceptron: layers, each looking at the one before it.

    `inputs` is how many numbers an example has, and `neurons` the sizes of the layers, of which
    the last is the number of outputs; `layers` is the list of them. `activation` is a row of the
    table (or None) for all layers but the last, or a list with one for every layer; the last one
    is linear unless the list, or `output`, says otherwise. `init` is one of `uniform`, `lecture`,
    `xavier` and `he`, or a function like them. With `seed` the random numbers are the model's own;
    without, they come from Python's `random`, in micrograd's order.

    Raises ShapeError for no layers, for a size below 1 and for a wrong number of activations;
    TypeError for a size that is no whole number, for an activation that is no row with one
    argument, and for an init that is no function.

    >>> from autograd import tanh
    >>> model = MLP(2, [3, 1], tanh, seed=0)
    >>> model
    MLP(2 → 3 tanh → 1)
    >>> model([1.0, -2.0])
    Value(output = -0.467692, grad not computed)
    """

    def __init__(
        self,
        inputs: int,
        neurons: Sequence[int],
        activation: Op | list[Op | None] | tuple[Op | None, ...] | None = relu,
        *,
        output: Op | None = None,
        init: Initializer = uniform,
        seed: int | None = None,
    ) -> None:
        if not isinstance(neurons, Iterable) or isinstance(neurons, str):
            raise TypeError(f"an MLP takes a list of sizes, as in [16, 16, 1], not {neurons!r}")
        sizes = list(neurons)
        check_init(init)
        if not sizes:
            raise ShapeError("an MLP needs at least one layer: give it sizes, as in [16, 16, 1]")
        if isinstance(activation, list | tuple):
            if output is not None:
                raise ShapeError("a list names the last activation, too: leave output out")
            activations = list(activation)
        else:
            activations = [activation] * (len(sizes) - 1) + [output]
        if len(activations) != len(sizes):
            raise ShapeError(
                f"{len(sizes)} layers need as many activations, not {len(activations)}"
            )
        for i, size in enumerate(sizes, start=1):  # before the first random number is drawn
            check_size(size, f"the size of layer {i}")
            check_activation(activations[i - 1])
        rng = _global_random() if seed is None else Random(seed)
        self.layers = [
            Layer(before, size, act, init=init, rng=rng, name=f"layer{i}")
            for i, (before, size, act) in enumerate(
                zip([inputs, *sizes], sizes, activations, strict=False), start=1
            )
        ]

    @property
    def inputs(self) -> int:
        """How many numbers an example has."""
        return self.layers[0].inputs

    def __call__(self, x: Any) -> Any:
        """One example in, a sequence of `inputs` numbers or Values; a list of Values out, or a bare
        Value where there is a single output.

        Raises ShapeError for another length, TypeError for what is no sequence.
        """
        for layer in self.layers:
            x = layer(x)
        for i, out in enumerate(outputs := one_example(x), start=1):
            out.label = "output" if len(outputs) == 1 else f"output{i}"
        return x

    def summary(self) -> str:
        """A line per layer, and the number of parameters.

        >>> print(MLP(2, [3, 1], seed=0).summary())
        layer1   2 → 3   relu     9 parameters
        layer2   3 → 1   linear   4 parameters
        MLP with 13 parameters
        """
        rows = [
            (
                layer.name,
                f"{layer.inputs} → {len(layer.neurons)}",
                layer.activation.name if layer.activation else "linear",
                f"{len(layer.parameters())} parameters",
            )
            for layer in self.layers
        ]
        widths = [max(len(row[i]) for row in rows) for i in range(4)]
        lines = [
            "   ".join(
                cell.rjust(width) if i == 3 else cell.ljust(width)
                for i, (cell, width) in enumerate(zip(row, widths, strict=True))
            )
            for row in rows
        ]
        return "\n".join([*lines, f"MLP with {len(self.parameters())} parameters"])

    def __repr__(self) -> str:
        arrows = [
            f" → {len(layer.neurons)}{_written(layer.activation, ' ')}" for layer in self.layers
        ]
        return f"MLP({self.inputs}{''.join(arrows)})"


def one_example(x: Any) -> Sequence[Any]:
    """The numbers of one example, of which a bare Value, as from a layer of one neuron, is one."""
    if x.__class__ is list or x.__class__ is tuple:
        return x
    if isinstance(x, Value | Real):
        return [x]
    if isinstance(x, str | Mapping) or not isinstance(x, Iterable):
        raise TypeError(f"an example is a sequence of numbers or Values, not {type(x).__name__}")
    return x if isinstance(x, Sequence) else list(x)


def check_size(size: Any, what: str) -> None:
    if not isinstance(size, int) or isinstance(size, bool):
        raise TypeError(f"{what} is a whole number, not {size!r}")
    if size < 1:
        raise ShapeError(f"{what} is {size}: it must be at least 1")


def check_activation(activation: Any) -> None:
    if activation is not None and not (
        isinstance(activation, Op) and len(activation.partials) == 1
    ):
        raise TypeError(
            f"an activation is an operation of one argument, such as relu or tanh, or None for "
            f"linear, not {activation!r}"
        )


def check_init(init: Any) -> None:
    if not callable(init):
        raise TypeError(f"init is a function such as uniform, lecture, xavier or he, not {init!r}")


def _written(activation: Op | None, before: str = ", ") -> str:
    return f"{before}{activation.name}" if activation else ""


def _global_random() -> Any:
    import random

    return random
