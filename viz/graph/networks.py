"""A network in a graph: layers of neurons that nn made, once for every example, and their loss.

>>> from nn import MLP, mse
>>> model = MLP(2, [3, 1], seed=0)
>>> network = found(mse([model([0.5, -1.0])], [1.0]))
>>> [len(layer) for layer in network.examples[0].layers], network.has_loss
([3, 1], True)
>>> found(Value(2.0) * 3.0) is None
True
"""

import math
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from autograd import Value, topological_order
from autograd.op import Op
from autograd.ops import add, multiply, subtract
from viz.graph import fold

LAYER_AND_NUMBER = re.compile(r"(.*?)\.?neuron([0-9]+)", re.DOTALL)

Users = Mapping[Value, Sequence[Value]]


def data_of(x: Value | float) -> float:
    return x.data if isinstance(x, Value) else float(x)


@dataclass(frozen=True, eq=False)
class Weight:
    """A weight at work: its `product` with an input, which stands at `place` among the arguments
    there. All numbers are read from the engine's values."""

    parameter: Value
    product: Value
    place: int

    @property
    def input(self) -> Value | float:
        return self.product.args[self.place]

    @property
    def flow(self) -> float | None:
        """What flows back to the input: upstream gradient · local derivative."""
        return self.flow_to(self.place)

    @property
    def is_explained(self) -> bool:
        """Whether the weight's gradient is what flows back to it here: not where there are other
        examples or a penalty, nor after two backward passes."""
        grad, flow = self.parameter.grad, self.flow_to(1 - self.place)
        return grad is not None and flow is not None and math.isclose(grad, flow, rel_tol=1e-9)

    def flow_to(self, place: int) -> float | None:
        if self.product.grad is None:
            return None
        numbers = map(data_of, self.product.args)
        return self.product.grad * multiply.partials[place](self.product.data, *numbers)


@dataclass(frozen=True, eq=False)
class Neuron:
    """A neuron applied to an example: `out` is its activation of `total`, or that itself."""

    label: str
    weights: tuple[Weight, ...]
    bias: Value
    total: Value
    out: Value
    nodes: frozenset[Value]

    @property
    def activation(self) -> Op | None:
        return None if self.out is self.total else self.out.op

    @property
    def inputs(self) -> tuple[Value | float, ...]:
        return tuple(weight.input for weight in self.weights)

    @property
    def layer(self) -> str:
        match = LAYER_AND_NUMBER.fullmatch(self.label)
        return match[1] if match else self.label

    @property
    def number(self) -> int:
        """Its place in its layer, from 1."""
        match = LAYER_AND_NUMBER.fullmatch(self.label)
        return int(match[2]) if match else 1

    @property
    def parameters(self) -> tuple[Value, ...]:
        return (self.bias, *(weight.parameter for weight in self.weights))


Layer = tuple[Neuron, ...]


@dataclass(frozen=True, eq=False)
class Example:
    """The layers applied to an example. Where the loss says it, its targets are known, one for each
    output, or which output is the `right` one."""

    layers: tuple[Layer, ...]
    targets: tuple[float, ...] = ()
    right: int | None = None

    @property
    def inputs(self) -> tuple[Value | float, ...]:
        return self.layers[0][0].inputs

    def flows_of(self, layer: int, place: int) -> list[float | None]:
        """What flows back to a neuron from the layer after it; to an input, if `layer` is −1."""
        return [neuron.weights[place].flow for neuron in self.layers[layer + 1]]

    def gradient_of_input(self, place: int) -> float | None:
        """The engine's, or what flows back to a plain number."""
        x = self.inputs[place]
        if isinstance(x, Value):
            return x.grad
        flows = self.flows_of(-1, place)
        return None if None in flows else sum(flow for flow in flows if flow is not None)

    def is_explained(self, place: int) -> bool:
        """Whether the gradient of an input is the sum of the flows of this example: not where the
        input is used in others, too, nor after two backward passes."""
        grad, flows = self.gradient_of_input(place), self.flows_of(-1, place)
        known = [flow for flow in flows if flow is not None]
        if grad is None or len(known) < len(flows):
            return True
        return math.isclose(grad, sum(known), abs_tol=1e-9 * sum(map(abs, known)))


@dataclass(frozen=True, eq=False)
class Network:
    """The examples that went through the same layers, and the result that they were made into: a
    loss, or the only output itself; None for several outputs without a loss. Where `is_penalised`,
    parameters are also used elsewhere."""

    result: Value | None
    examples: tuple[Example, ...]
    is_penalised: bool

    @property
    def has_loss(self) -> bool:
        outs = [neuron.out for neuron in self.examples[0].layers[-1]]
        return self.result is not None and self.result not in outs

    @property
    def has_gradients(self) -> bool:
        return self.result is not None and self.result.grad is not None


def found(*ys: Value) -> Network | None:
    """The network that y was computed with, or whose outputs the ys are; None where its graph is
    not that of a plain one, such as that of a recurrent network, of several networks, or of a
    module that does more.

    Raises TypeError for what is no Value, and StaleGraph when a leaf was changed after the graph
    was recorded.
    """
    order = sorted({v for y in ys for v in topological_order(y)}, key=lambda v: v.serial)
    if not any(value.op is None and "." in value.label for value in order):
        return None  # quickly: parameters of nn are called layer1.neuron2.w3
    users: dict[Value, list[Value]] = defaultdict(list)
    for value in order:
        for parent in value.parents:
            users[parent].append(value)
    neurons = [neuron_of(applied) for applied in fold.neurons_of(order, users)]
    # A neuron by itself is drawn with all its edges, as it is where a person wrote it.
    known = [neuron for neuron in neurons if neuron is not None and neuron.label]
    if not known or len(known) < len(neurons):
        return None
    chains = chains_of(layers_of(known))
    if not chains or not alike(chains) or not is_all(ys, order, users, known, chains):
        return None
    examples = tuple(Example(chain, *targets_of(chain[-1], users)) for chain in chains)
    inside = {node for neuron in known for node in neuron.nodes}
    parameters = [p for layer in chains[0] for neuron in layer for p in neuron.parameters]
    result = ys[0] if len(ys) == 1 else None
    return Network(result, examples, any(not inside.issuperset(users[p]) for p in parameters))


def neuron_of(applied: fold.Neuron) -> Neuron | None:
    """The neuron with its weights in their order; None unless all of them are there."""
    out = applied.out
    total = out if out.op is add else out.parents[0]
    weights: dict[int, Weight] = {}
    for product in applied.nodes:
        if product.op is multiply:
            here = next(i for i, arg in enumerate(product.args) if arg in applied.parameters)
            parameter = product.args[here]
            weights[int(last_name(parameter)[1:])] = Weight(parameter, product, 1 - here)
    biases = [p for p in applied.parameters if last_name(p) == "b"]
    if sorted(weights) != list(range(1, len(weights) + 1)) or len(biases) != 1:
        return None
    ordered = tuple(weights[i] for i in sorted(weights))
    return Neuron(applied.name, ordered, biases[0], total, out, frozenset(applied.nodes))


def last_name(parameter: Value) -> str:
    match = fold.PARAMETER.fullmatch(parameter.label)
    return match[2] if match else ""


def layers_of(neurons: Sequence[Neuron]) -> list[Layer]:
    """The neurons that have the same inputs. One that is applied to the same numbers again belongs
    to the next example."""
    found: dict[tuple, list[list[Neuron]]] = defaultdict(list)
    for neuron in neurons:
        layers = found[tuple(x if isinstance(x, Value) else repr(x) for x in neuron.inputs)]
        for layer in layers:
            if all(other.label != neuron.label for other in layer):
                layer.append(neuron)
                break
        else:
            layers.append([neuron])
    return [tuple(layer) for layers in found.values() for layer in layers]


def chains_of(layers: Sequence[Layer]) -> list[tuple[Layer, ...]]:
    """The layers that follow on each other, an example a chain; none unless every one has all
    outputs of the one before as its inputs, in their order, or nothing that neurons made."""
    made_by = {neuron.out: layer for layer in layers for neuron in layer}
    after: dict[Layer, Layer] = {}
    chains = []
    for layer in layers:
        inputs = layer[0].inputs
        before = [made_by.get(x) for x in inputs if isinstance(x, Value)]
        if all(one is None for one in before):
            chains.append([layer])
            continue
        first = before[0]
        if first is None or first in after or len(inputs) != len(first):
            return []
        if any(x is not neuron.out for x, neuron in zip(inputs, first, strict=True)):
            return []
        after[first] = layer
    for chain in chains:
        while chain[-1] in after:
            chain.append(after[chain[-1]])
    return [tuple(chain) for chain in chains]


def alike(chains: Sequence[Sequence[Layer]]) -> bool:
    """Whether all are of one network: of the same parameters, each of which has one place."""
    first = [[neuron.parameters for neuron in layer] for layer in chains[0]]
    every = [p for layer in first for parameters in layer for p in parameters]
    return (
        len(every) == len(set(every))
        and all(len({neuron.layer for neuron in layer}) == 1 for layer in chains[0])
        and all([[n.parameters for n in layer] for layer in chain] == first for chain in chains)
    )


def is_all(
    ys: Sequence[Value],
    order: Sequence[Value],
    users: Users,
    neurons: Sequence[Neuron],
    chains: Sequence[Sequence[Layer]],
) -> bool:
    """Whether nothing in the graph is left out by drawing inputs, neurons, and a result of the
    outputs: what is inside is used nowhere else, and what comes after brings no leaves but
    targets."""
    nodes = {node for neuron in neurons for node in neuron.nodes}
    parameters = {p for neuron in neurons for p in neuron.parameters}
    inputs = {x for chain in chains for x in chain[0][0].inputs if isinstance(x, Value)}
    outs = {neuron.out for chain in chains for neuron in chain[-1]}
    if any(x.op is not None or x in parameters for x in inputs):
        return False
    if any(not nodes.issuperset(users[value]) for value in (nodes - outs) | inputs):
        return False
    if not outs.isdisjoint(ys):
        return outs == set(ys)
    leaves = [v for v in order if v.op is None and v not in inputs and v not in parameters]
    return len(ys) == 1 and all(
        user.op is subtract and user.args[0] in outs for leaf in leaves for user in users[leaf]
    )


def targets_of(outputs: Layer, users: Users) -> tuple[tuple[float, ...], int | None]:
    """What is subtracted from each output; or the output that is subtracted from all others."""
    less = {
        neuron.out: [user.args[1] for user in users[neuron.out]
                     if user.op is subtract and user.args[0] is neuron.out]
        for neuron in outputs
    }  # fmt: skip
    targets = [
        [data_of(arg) for arg in args if not isinstance(arg, Value) or arg.op is None]
        for args in less.values()
    ]  # fmt: skip
    if all(len(found) == 1 for found in targets):
        return tuple(target for (target,) in targets), None
    right = [
        place
        for place, neuron in enumerate(outputs)
        if all(
            any(arg is neuron.out for arg in args)
            for out, args in less.items()
            if out is not neuron.out
        )
    ]
    return (), right[0] if len(right) == 1 and len(outputs) > 1 else None
