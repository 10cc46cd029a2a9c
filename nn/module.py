"""Neurons, layers and networks: a neuron is a weighted sum and an operation on it.

>>> import random
>>> random.seed(1337)
>>> model = MLP(2, [16, 16, 1])
>>> model
MLP(2 → 16 relu → 16 relu → 1)
>>> model([1.0, -2.0])
Value(output = -1.33243, grad not computed)
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from numbers import Real
from random import Random
from typing import Any

from autograd.checks import choose, whole
from autograd.errors import AutogradError
from autograd.op import BUILT_IN, TABLE, Op
from autograd.operand import Operand, real
from autograd.ops import relu
from autograd.user_text import counted
from autograd.value import Value
from nn.initial import Initializer, initializer, uniform

__all__ = [
    "ACTIVATIONS",
    "DECISIONS",
    "MLP",
    "Activation",
    "Layer",
    "Module",
    "Neuron",
    "ShapeError",
    "activation_of",
    "one_example",
]

# The operations of one argument, by name: what an activation can be chosen from.
ACTIVATIONS = {name: TABLE[name] for name in sorted(BUILT_IN) if len(TABLE[name].partials) == 1}
Activation = Op | str | None  # None, or "linear", is none at all
DECISIONS = ("sign", "nearest")  # how a single output stands for a class: see nn/decisions.py


class ShapeError(AutogradError, ValueError):
    """Numbers that do not fit the network they are given to: too many, too few, or misnamed."""


class Module:
    """Something with parameters, the leaves that training changes. Called with one example, it
    gives its output for it: a Value, or a list of them.

    The parameters of a module of your own are found in its attributes: leaf Values, modules, and
    lists, tuples, dicts and arrays of them. `__call__` computes its output for an example; without
    one, a call raises NotImplementedError.

    Training sets what its outputs mean: `decision` is how a single output stands for a class
    ("sign" or "nearest", see `evaluate`), and `class_names` are the names of the classes. A
    playground sets what its inputs are made of, if they are: `feature_names` are expressions of two
    coordinates, as `Dataset.with_inputs` takes them.

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

    decision: str = "sign"
    class_names: tuple[str, ...] = ()
    feature_names: tuple[str, ...] = ()

    def __call__(self, x: Any) -> Any:
        raise NotImplementedError(f"{type(self).__name__} has no __call__ that computes an output")

    def named_parameters(self) -> dict[str, Value]:
        """Every parameter by its name, which is its place: in a list `layers`, the first is layer1,
        and in a dict `parts`, what stands under "left" is parts.left.

        The order is that in which the attributes were set. One that stands in two places has the
        name of the first. Raises ShapeError when two parameters have one name, and for a Value that
        is no leaf, unless the name of its attribute begins with _.
        """
        found: dict[str, Value] = {}
        for name, parameter in self._parameters_within(set()):
            if name in found and found[name] is not parameter:
                raise ShapeError(f"two parameters of this {type(self).__name__} are {name}")
            found[name] = parameter
        names = {parameter: name for name, parameter in reversed(found.items())}
        return {name: parameter for name, parameter in found.items() if names[parameter] == name}

    def _parameters_within(self, entered: set[int]) -> Iterator[tuple[str, Value]]:
        """The parameters with their names. Of what contains itself, once: `entered` holds the
        identities of what is being looked at."""
        for attribute, held in vars(self).items():
            for place, value in _values_in(attribute, held, entered | {id(self)}):
                if value.op is None:
                    yield place, value
                elif not attribute.startswith("_"):
                    raise ShapeError(
                        f"{place} of this {type(self).__name__} is no parameter, but the result of "
                        f"{value.op.name}: make it a leaf, as in Value(0.5), or give it a name "
                        "that begins with _"
                    )

    def parameters(self) -> list[Value]:
        """The parameters in the order of `named_parameters`, as optimisers take them. Raises
        ShapeError as that does."""
        return list(self.named_parameters().values())

    def zero_grad(self) -> None:
        """Reset the gradients of all parameters, so that the next backward pass starts from
        zero."""
        for parameter in self.parameters():
            parameter.zero_grad()

    def state_dict(self) -> dict[str, float]:
        """The number of every parameter, by name: floats, which do not change when training
        continues. `load_state_dict` restores them.

        >>> neuron = Neuron(1, init=lambda rng, inputs, neurons: ([2.0], 1.0))
        >>> neuron.state_dict()
        {'w1': 2.0, 'b': 1.0}
        """
        return {name: parameter.data for name, parameter in self.named_parameters().items()}

    def load_state_dict(self, state: Mapping[str, float]) -> None:
        """Set every parameter to the number under its name. Graphs recorded before are then stale.

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
        return f"{self!r}: {counted(len(self.parameters()), 'parameter')}"

    def __repr__(self) -> str:
        return type(self).__name__


class Neuron(Module):
    """activation(b + w1·x1 + w2·x2 + …), or the sum itself without an activation.

    It has `inputs` weights, the list `w` of Values, and a bias, the Value `b`. `activation` is an
    operation of one argument, such as `relu`, its name, or None; `nonlin` is whether it has one.
    `init` gives the initial weights and the bias: `uniform`, a function like it, or the name of
    one. Random numbers come from `rng`, by default Python's `random`, in micrograd's order, so that
    seeded notebooks give the same results. The labels of its Values begin with `name`. `neurons` is
    the size of its layer, which some initial weights depend on.

    Raises ShapeError unless there is an input, ValueError for an unknown name, TypeError for a
    number of inputs that is not whole, for an activation that is no operation of one argument, and
    for an init that is no function.

    >>> neuron = Neuron(2, relu, init=lambda rng, inputs, neurons: ([2.0, -1.0], 0.5))
    >>> neuron([3.0, 1.0]).data  # relu(0.5 + 2·3 − 1·1)
    5.5
    >>> len(neuron.w), neuron.activation, neuron.nonlin
    (2, <operation relu>, True)
    """

    def __init__(
        self,
        inputs: int,
        activation: Activation = relu,
        *,
        init: Initializer | str = uniform,
        rng: Any = None,
        name: str = "",
        neurons: int = 1,
    ) -> None:
        inputs = size(inputs, "the number of inputs of a neuron")
        self.activation = activation_of(activation)
        weights, bias = initializer(init)(rng or _global_random(), inputs, neurons)
        prefix = f"{name}." if name else ""
        self.name = name
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
                f"{self.name or 'this neuron'} takes {counted(len(self.w), 'input')}, "
                f"and was given {len(x)}"
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
    """Neurons side by side, all with the same inputs.

    The argument `neurons` is how many, the attribute the list of them. Everything else is as for
    `Neuron`, and so are the errors; ShapeError for no neurons, too.

    >>> layer = Layer(3, 2)
    >>> len(layer([1.0, 2.0, 3.0])), len(layer.parameters())
    (2, 8)
    """

    def __init__(
        self,
        inputs: int,
        neurons: int,
        activation: Activation = relu,
        *,
        init: Initializer | str = uniform,
        rng: Any = None,
        name: str = "",
    ) -> None:
        where = name or "a layer"
        inputs = size(inputs, f"the number of inputs of {where}")
        neurons = size(neurons, f"the number of neurons of {where}")
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
        """The operation that all its neurons apply, or None."""
        return self.neurons[0].activation

    def __call__(self, x: Any) -> Any:
        """One example in; a list of Values out, one per neuron, or the bare Value of a single one.

        Raises ShapeError for another length than `inputs`, TypeError for what is no sequence.
        """
        x = one_example(x)
        if len(x) != self.inputs:
            raise ShapeError(
                f"{self.name or 'this layer'} takes {counted(self.inputs, 'input')}, "
                f"and was given {len(x)}"
            )
        outputs = [neuron(x) for neuron in self.neurons]
        return outputs[0] if len(outputs) == 1 else outputs

    def __repr__(self) -> str:
        return f"Layer({self.inputs} → {len(self.neurons)}{_written(self.activation)})"


class MLP(Module):
    """A multilayer perceptron: layers, each with the outputs of the one before as its inputs.

    `inputs` is how many numbers an example has, and `neurons` the sizes of the layers, of which
    the last is the number of outputs; `layers` is the list of them. `activation` is an operation of
    one argument, such as `tanh`, its name, or None, for all layers but the last, or a list with one
    for every layer; the last one is linear unless the list, or `output`, gives another. `init` is
    one of `uniform`, `lecture`, `xavier` and `he`, its name, or a function like them. With `seed`
    the random numbers are the model's own; without, they come from Python's `random`, in
    micrograd's order. Its weights, `uniform`, suit a few inputs; `he` suits any number of them.

    Raises ShapeError for no layers, for a size below 1 and for a wrong number of activations;
    ValueError for an unknown name; TypeError for a size that is no whole number, for an activation
    that is no operation of one argument, and for an init that is no function.

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
        activation: Activation | Sequence[Activation] = relu,
        *,
        output: Activation = None,
        init: Initializer | str = uniform,
        seed: int | None = None,
    ) -> None:
        if not isinstance(neurons, Iterable) or isinstance(neurons, str):
            raise TypeError(f"an MLP takes a list of sizes, as in [16, 16, 1], not {neurons!r:.60}")
        sizes = [size(one, f"the size of layer {i}") for i, one in enumerate(neurons, start=1)]
        if not sizes:
            raise ShapeError("an MLP needs at least one layer: give it sizes, as in [16, 16, 1]")
        if isinstance(activation, list | tuple):
            if output is not None:
                raise ShapeError("a list holds the last activation, too: leave output out")
            activations = [activation_of(one) for one in activation]
        else:
            hidden = activation_of(activation)
            activations = [hidden] * (len(sizes) - 1) + [activation_of(output)]
        if len(activations) != len(sizes):
            raise ShapeError(
                f"{counted(len(sizes), 'layer')} and {counted(len(activations), 'activation')}: "
                "give each layer its own"
            )
        init = initializer(init)  # all of this before the first random number is drawn
        inputs = size(inputs, "the number of inputs of an MLP")
        rng = _global_random() if seed is None else Random(whole(seed, "the seed"))
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


def _values_in(place: str, held: Any, entered: set[int]) -> Iterator[tuple[str, Value]]:
    """The Values in an attribute, or in a part of it, with the names of their places."""
    if hasattr(held, "tolist"):  # an array, of which only one of objects can hold Values
        held = held.tolist() if str(getattr(held, "dtype", "")) == "object" else ()
    if isinstance(held, Value):
        yield place, held
        return
    if isinstance(held, Module):
        if id(held) not in entered:
            for name, value in held._parameters_within(entered):
                yield f"{place}.{name}", value
        return
    parts: Iterable[tuple[str, Any]] = ()
    if isinstance(held, list | tuple):
        one = place.removesuffix("s") if not place[-1:].isdigit() else f"{place}."
        parts = [(f"{one}{i}", part) for i, part in enumerate(held, start=1)]
    elif isinstance(held, Mapping):
        parts = [(f"{place}.{key}", part) for key, part in held.items()]
    elif isinstance(held, set | frozenset) and any(isinstance(x, Value | Module) for x in held):
        raise ShapeError(f"{place} is a set, which has no order: keep parameters in a list")
    if parts and id(held) not in entered:
        for name, part in parts:
            yield from _values_in(name, part, entered | {id(held)})


def one_example(x: Any) -> Sequence[Any]:
    """The numbers of one example, of which a bare Value, as from a layer of one neuron, is one."""
    if x.__class__ is list or x.__class__ is tuple:
        return x
    if isinstance(x, Operand | Real):
        return [x]
    if isinstance(x, str | Mapping) or not isinstance(x, Iterable):
        raise TypeError(f"an example is a sequence of numbers or Values, not {type(x).__name__}")
    return x if isinstance(x, Sequence) else list(x)


def size(number: Any, what: str) -> int:
    """A number of inputs or neurons. Raises TypeError unless it is whole, ShapeError below 1."""
    return whole(number, what, least=1, error=ShapeError)


def activation_of(activation: Any) -> Op | None:
    """The operation that an activation is, or the one of that name; None for a linear one. Raises
    TypeError for what is none, ValueError for an unknown name."""
    if activation is None or (isinstance(activation, Op) and len(activation.partials) == 1):
        return activation
    if isinstance(activation, str):
        return choose(activation, {"linear": None} | ACTIVATIONS, "activation")
    raise TypeError(
        f"an activation is an operation of one argument, such as relu or tanh, its name, or None "
        f"for linear, not {activation!r:.60}"
    )


def _written(activation: Op | None, before: str = ", ") -> str:
    return f"{before}{activation.name}" if activation else ""


def _global_random() -> Any:
    import random

    return random
