"""The columns of a network: its inputs, its layers, and the loss that its outputs were made into.

Of more than twelve neurons in a column stand the first, the strongest, and the others as one.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from autograd import Value
from viz.graph import notation
from viz.graph.model import Node
from viz.graph.networks import Example, Network, data_of

MOST = 12  # neurons of a column, all of which are drawn
STRONGEST = 6  # that are drawn of more, besides the first


@dataclass(eq=False)
class Column:
    """Cards one above the other. `shown` holds those that are drawn, by their places, and as its
    last entry, where there are too many, all others."""

    kind: str
    head: str
    nodes: list[Node]
    spoken: list[str]
    shown: list[list[int]] = field(init=False)
    x: float = 0.0
    width: float = 0.0
    ys: list[float] = field(default_factory=list)  # the middles of what is shown

    def __post_init__(self) -> None:
        self.shown = shown(self.nodes)

    @property
    def cards(self) -> list[tuple[int, float]]:
        """The places of the cards, and their middles."""
        both = zip(self.shown, self.ys, strict=True)
        return [(places[0], y) for places, y in both if len(places) == 1]

    @property
    def pill(self) -> tuple[list[int], float] | None:
        return (self.shown[-1], self.ys[-1]) if len(self.shown[-1]) > 1 else None


def shown(nodes: Sequence[Node]) -> list[list[int]]:
    """Every place by itself; of too many, the first, the strongest, and the rest together."""
    places = range(len(nodes))
    if len(nodes) <= MOST:
        return [[place] for place in places]

    def weakness(place: int) -> float:
        grad = nodes[place].grad
        return -abs(nodes[place].value * (1.0 if grad is None else grad))

    kept = sorted([0, *sorted(places[1:], key=weakness)[:STRONGEST]])
    return [*([place] for place in kept), [place for place in places if place not in kept]]


def columns_of(network: Network, example: Example) -> Iterator[Column]:
    """The columns with their cards."""
    inputs = [
        Node(
            f"x{place + 1}",
            (isinstance(x, Value) and x.label) or f"x{place + 1}",
            True,
            data_of(x),
            example.gradient_of_input(place) if network.has_gradients else None,
        )
        for place, x in enumerate(example.inputs)
    ]
    spoken = [f"input {notation.name(node.name)}" for node in inputs]
    yield Column("input", "inputs", inputs, spoken)
    for at, layer in enumerate(example.layers, 1):
        is_last = at == len(example.layers)
        names = {len(layer): "ŷ"} if is_last and len(layer) == 1 else {}
        nodes = [
            Node(
                f"n{at}.{neuron.number}",
                names.get(1)
                or (f"ŷ{neuron.number}" if is_last else f"layer{at}.neuron{neuron.number}"),
                True,
                neuron.out.data,
                neuron.out.grad if network.has_gradients else None,
                is_leaf=False,
            )
            for neuron in layer
        ]
        which = "output" if is_last else f"layer {at}"
        activations = {neuron.activation for neuron in layer}
        used = [op.name for op in activations if op is not None] if len(activations) == 1 else []
        head = " · ".join([which, *map(notation.on_one_line, used)])
        spoken = [f"{which}, neuron {neuron.number}" for neuron in layer]
        yield Column("neuron", head, nodes, spoken)
    if network.has_loss and (y := network.result) is not None:
        node = Node("result", y.label or "L", True, y.data, y.grad, is_leaf=False)
        yield Column("loss", "loss", [node], [f"loss {notation.name(node.name)}"])
