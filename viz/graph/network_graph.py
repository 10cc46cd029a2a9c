"""A network as a graph that can be walked: its inputs, weights and biases are leaves, every neuron
is one operation, and so is the loss.

>>> from nn import MLP, mse
>>> model = MLP(2, [3, 1], seed=0)
>>> graph = graph_of(mse([model([0.5, -1.0])], [1.0]))
>>> " ".join(graph.names[x] for x in graph.root.args), graph.names[graph.root]
('ŷ', 'L')
>>> " ".join(graph.names[x] for x in graph.neurons["n1.2"].args)
'w¹₂,₁ x₁ b¹₂ w¹₂,₂ x₂'
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from autograd import Value, topological_order
from autograd.teaching.names import names_of
from viz.graph import notation
from viz.graph.columns import columns_of
from viz.graph.fold import MAX_DRAWN, insides_of, rebuilt
from viz.graph.inside import Use
from viz.graph.networks import Network, found


@dataclass(frozen=True, eq=False)
class NetworkGraph:
    """The graph of `root`, whose nodes have `names`, and the network as it is drawn, with gradients
    of its own: those of the graph that was given are nobody's business.

    By the ids of a drawing: `inputs`, the leaves that go in; `neurons`; and `parameters`, each
    weight and bias.
    """

    root: Value
    names: dict[Value, str]
    drawn: Network
    inputs: dict[str, Value]
    neurons: dict[str, Value]
    parameters: dict[str, Value]

    def moved(self, new: Mapping[Value, Value]) -> "NetworkGraph":
        """The same with other nodes, which stand for those that there are. What is drawn keeps the
        numbers that it has."""
        inputs, neurons, parameters = (
            {id: new[node] for id, node in some.items()}
            for some in (self.inputs, self.neurons, self.parameters)
        )
        names = {new[node]: name for node, name in self.names.items()}
        return NetworkGraph(new[self.root], names, self.drawn, inputs, neurons, parameters)


def graph_of(y: Value) -> NetworkGraph | None:
    """The network that y was computed with as such a graph; None where y is not the result of one
    example in a plain one of several neurons. Plain numbers that go in become leaves.

    Raises what recording the operations again raises, and what the sweep raises.
    """
    network = found(y)
    if network is None or len(network.examples) > 1 or network.is_penalised:
        return None
    if sum(map(len, network.examples[0].layers)) == 1:
        return None  # a neuron by itself is walked with all its edges
    given = [x for x in network.examples[0].inputs if isinstance(x, Value)]
    if len(set(given)) < len(given):
        return None  # what flows back to one through several weights would be one edge
    lifted = {
        (weight.product, weight.place): place
        for neuron in network.examples[0].layers[0]
        for place, weight in enumerate(neuron.weights)
        if not isinstance(weight.input, Value)
    }
    drawn = found(remade(y, lifted, copied=True))
    same = found(remade(y, lifted, copied=False))
    if drawn is None or same is None or same.result is None or drawn.result is None:
        return None
    drawn.result.backward()
    new = folded(same)
    if len(set(new.values())) > MAX_DRAWN:
        return None
    root = new[same.result]
    example = same.examples[0]
    inputs = {f"x{place}": x for place, x in enumerate(example.inputs, 1) if isinstance(x, Value)}
    each = [
        (f"{at}.{neuron.number}", neuron)
        for at, layer in enumerate(example.layers, 1)
        for neuron in layer
    ]
    parameters = {f"b{which}": neuron.bias for which, neuron in each}
    for which, neuron in each:
        for place, weight in enumerate(neuron.weights, 1):
            parameters[f"w{which}.{place}"] = weight.parameter
    neurons = {f"n{which}": new[neuron.out] for which, neuron in each}
    names = named(root, drawn, {**inputs, **neurons})
    return NetworkGraph(root, names, drawn, inputs, neurons, parameters)


def remade(y: Value, lifted: Mapping[Use, int], *, copied: bool) -> Value:
    """The graph of y recorded anew, with leaves for the plain numbers that are `lifted`; of copies
    of the other leaves, or of those themselves."""
    inputs: dict[int, Value] = {}
    new: dict[Value, Value] = {}
    for node in topological_order(y):
        if node.op is None:
            new[node] = Value(node.data, node.label) if copied else node
            continue
        args: list[Any] = []
        for place, arg in enumerate(node.args):
            if isinstance(arg, Value):
                args.append(new[arg])
            elif (at := lifted.get((node, place))) is not None:
                if at not in inputs:
                    inputs[at] = Value(arg, f"x{at + 1}")
                args.append(inputs[at])
            else:
                args.append(arg)
        new[node] = node.op(*args)
        new[node].label = node.label
    return new[y]


def folded(network: Network) -> dict[Value, Value]:
    """What stands for the nodes that can be seen when neurons and the loss are one operation each,
    and all their parameters are there."""
    assert network.result is not None
    order = topological_order(network.result)
    for neuron in (one for layer in network.examples[0].layers for one in layer):
        if neuron.activation is not None:
            neuron.total.label = "sum"  # what it is called inside its neuron
    outs = {neuron.out for layer in network.examples[0].layers for neuron in layer}
    seen = [v for v in order if v.op is None or v in outs or v is network.result]
    hidden = set(order).difference(seen)
    return rebuilt(order, hidden, insides_of(seen, hidden, {}), outs)


def named(root: Value, drawn: Network, cards: Mapping[str, Value]) -> dict[Value, str]:
    """The names that pictures of networks have: w¹₂,₃, h¹₂, ŷ and L, or what the labels say."""
    own = names_of(topological_order(root))
    drawn_as = {
        cards.get(node.id, root): node.name
        for column in columns_of(drawn, drawn.examples[0])
        for node in column.nodes
    }
    names = {node: notation.name(name) for node, name in (own | drawn_as).items()}
    return names if len(set(names.values())) == len(names) else own
