"""The walk as a plan: all steps with their sentences, and what the picture shows from which on."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any

from autograd.teaching.sentences import behind, which
from autograd.teaching.steps import Edge, Operation
from autograd.user_text import counted
from autograd.value import Value
from viz.apps.stepper.keyed import key_of
from viz.apps.stepper.mathematics import name as math_name
from viz.apps.stepper.neurons import Activated
from viz.apps.stepper.places import in_json
from viz.apps.stepper.teller import Told, edge_derivative, total_derivative
from viz.apps.stepper.words import end_of, ends_of, start_of, step, story_of, whole
from viz.escape import shortened
from viz.graph import notation
from viz.graph.model import contracted
from viz.graph.network_graph import NetworkGraph
from viz.graph.sizes import argument


def jumps(edge: Edge) -> bool:
    """Whether the local derivative is one constant on this side of a corner, and another beyond it,
    as that of relu and maximum is."""
    op, position = edge.node.op, edge.position
    args = [i for i, arg in enumerate(edge.node.args) if isinstance(arg, Value)]
    return op is not None and op.is_stepwise(args[position])


def retold(step: dict[str, Any], say: Callable[[str], Any]) -> dict[str, Any]:
    """A step whose texts are said in another way."""
    texts = {key: say(step[key]) for key in ("title", "group", "sentence", "together")}
    return step | texts | {"lines": [(say(name), say(text)) for name, text in step["lines"]]}


class Plan:
    """All steps of the walk through one graph, in the order in which they are shown.

    Step 0 is before everything; then come the operations, the start of the backward pass, its
    edges, and the end. `told` says it all, with places for numbers; `names` are those on cards, and
    `graph` is what is drawn, with everything in it, or `network`, if it is drawn as one. `made`, by
    the id of a card, and `walked_at`, by that of an edge, are the steps at which they become known.
    """

    def __init__(
        self,
        told: Told,
        names: Mapping[Value, str] | None = None,
        network: NetworkGraph | None = None,
    ) -> None:
        self.told, self.network = told, network
        self.names = names or told.names | {told.root: told.result}
        self.seed = len(told.forward) + 1
        self.last = self.seed + len(told.backward) + 1
        self.index = {node: i for i, node in enumerate(told.names)}
        self.computed = {step.node: i for i, step in enumerate(told.forward, start=1)}
        self.received: dict[Value, list[tuple[int, Edge]]] = defaultdict(list)
        self.walked: dict[Value, list[tuple[int, Edge]]] = defaultdict(list)
        for i, edge in enumerate(told.backward, start=self.seed + 1):
            self.received[edge.parent].append((i, edge))
            self.walked[edge.node].append((i, edge))
        called = {name: node for node, name in self.names.items()}
        self.graph = contracted(told.root, called, sums=False)
        self.nodes = dict(zip(told.names, self.graph.nodes, strict=True))
        uses = ((node, i) for node in told.names for i in range(len(node.parents)))
        self.edges = dict(zip(uses, self.graph.edges, strict=True))
        self.id_of = {node: shown.id for node, shown in self.nodes.items()}
        self.made = {self.id_of[node]: at for node, at in self.computed.items()}
        self.heads = {edge.id: edge.head.id for edge in self.graph.edges}
        self.walked_at = {
            self.wire_of(edge): at for edges in self.walked.values() for at, edge in edges
        }
        for node, shown in self.nodes.items():
            shown.sums = tuple(told.known(key) for _, key in self.gradients_of(node))
        self.know(self.last)

    def know(self, at: int) -> None:
        """Give every card the gradient that it has at a step."""
        for node, shown in self.nodes.items():
            shown.grad = self.gradient_at(at, node)

    def gradient_at(self, at: int, node: Value) -> float | None:
        """The gradient that a node has at a step, if any."""
        keys = [key for since, key in self.gradients_of(node) if since <= at]
        return self.told.known(keys[-1]) if keys else None

    def gradients_of(self, node: Value) -> list[tuple[int, str]]:
        """From which step on a node has which gradient, by its key."""
        sums = [(at, key_of(edge.so_far)) for at, edge in self.received[node]]
        return sums or [(self.seed, f"g{self.index[node]}")]

    def as_json(self) -> dict[str, Any]:
        root = self.told.root
        return {
            "title": f"The chain rule of {self.names[root]}, step by step",
            "root": self.id_of[root],
            "result": {
                "name": shortened(self.names[root]),
                "math": math_name(self.names[root]),
                "picture": notation.name(self.graph.result.name),
            },
            "seed": self.seed,
            "formula": in_json(whole(self.told)),
            "steps": [retold(one, in_json) for one in self.steps()],
            "stops": self.stops(),
            "cards": self.cards(),
            "wires": self.wires(),
            "corners": self.corners(),
            "unfolded": [],
        }

    def stops(self) -> dict[str, list[int]]:
        """The steps at which a person halts on each level."""
        around = range(self.seed + 1)
        ends = {node: edges[-1][0] for node, edges in self.walked.items()}
        return {
            "edge": list(range(self.last + 1)),
            "node": [*around, *ends.values(), self.last],
            "pass": sorted({0, self.seed - 1, self.last}),
        }

    def corners(self) -> dict[str, str]:
        """The local derivatives that jump where something passes a corner, by their keys."""
        return {
            f"s{k}": f"∂{edge.name}/∂{edge.parent_name}{which(edge)}"
            for k, edge in enumerate(self.told.backward)
            if jumps(edge)
        }

    # The steps

    def steps(self) -> list[dict[str, Any]]:
        return [
            start_of(self.told, look=[self.id_of[one.node] for one in self.told.forward[:1]]),
            *(self.operation(i, one) for i, one in enumerate(self.told.forward, start=1)),
            self.start_of_backward(),
            *(self.edge(i, edge) for i, edge in enumerate(self.told.backward, start=1)),
            end_of(self.told, look=[self.largest()]),
        ]

    def in_words(self) -> list[dict[str, Any]]:
        """The steps in plain text, with the numbers of now."""
        return [retold(one, self.told.in_words) for one in self.steps()]

    def largest(self) -> str:
        """The id of the leaf with the largest gradient; of the result, where no leaf has any."""
        ends = [
            (abs(self.told.known(key_of(edge.so_far))), self.id_of[edge.parent])
            for edge in ends_of(self.told)
        ]
        return max(ends, default=(0.0, self.id_of[self.told.root]))[1]

    def operation(self, i: int, operation: Operation) -> dict[str, Any]:
        name, told = operation.name, self.told
        return step(
            f"Forward, {i} of {len(told.forward)}: {shortened(name)}",
            [*self.sum_in(operation), ("value", told.made(operation))],
            sentence=f"{name} = {told.operation(operation)}",
            cards=[self.id_of[operation.node]],
            wires=self.wires_into(operation.node),
            group="The forward pass",
            together=f"{counted(i, 'operation')} computed. {name} = {told.number(operation.value)}"
            if i == len(told.forward)
            else "",
        )

    def sum_in(self, operation: Operation) -> list[tuple[str, str]]:
        """The sum of a neuron, before its activation."""
        if not isinstance(operation, Activated):
            return []
        return [("sum", self.told.made(operation.sum))]

    def start_of_backward(self) -> dict[str, Any]:
        root = self.told.root
        told, y, d = self.told, self.told.names[root], self.told.d(root)
        why = f"{y} changes exactly as much as itself: everything flows back from this 1"
        return step(
            "Backward: the start",
            [
                ("gradient", told.math(f"{total_derivative(y, y)} = 1", f"{d} = 1")),
                ("because", why),
            ],
            sentence=f"The backward pass starts with {d} = 1: {why}.",
            cards=[self.id_of[root]],
            group="The backward pass",
        )

    def edge(self, i: int, edge: Edge) -> dict[str, Any]:
        told = self.told
        to_come = f"{counted(edge.uses_to_come, 'more use')} of {edge.parent_name} will add to it"
        return step(
            f"Backward, {i} of {len(told.backward)}: from {shortened(edge.name)} to "
            f"{shortened(edge.parent_name)}",
            [
                ("local derivative", told.derived(edge, self.place_of(edge))),
                ("upstream · local = flow", self.flow_of(edge)),
                (f"gradient of {shortened(edge.parent_name)}", self.sum_of(edge, i)),
                ("", to_come if edge.uses_to_come else "complete: all uses counted"),
            ],
            sentence=f"{told.local_derivative(edge)}; flows back {told.flow(edge)}",
            cards=[self.id_of[edge.parent]],
            wires=[self.wire_of(edge)],
            group=f"Backward: the edges into {shortened(edge.name)}",
            together=self.flows_from(edge) if edge is self.walked[edge.node][-1][1] else "",
        )

    def flows_from(self, edge: Edge) -> str:
        """What flows back along all edges of the node at its head."""
        flows = ", ".join(
            f"{self.told.number(one.flow)} to {one.parent_name}"
            for _, one in self.walked[edge.node]
        )
        return f"Flows back: {flows}"

    def flow_of(self, edge: Edge) -> str:
        """upstream · local = flow, each pointing at where it stands in the picture."""
        told, wire, root = self.told, self.wire_of(edge), self.told.names[self.told.root]

        def product(edge: Edge) -> str:
            upstream = told.pointing([self.id_of[edge.node]], str(told.number(edge.upstream)))
            local = told.pointing([wire], behind(told.slope(edge)))
            return f"{upstream} · {local} = {told.number(edge.flow)}"

        numbers = told.by_slope(
            edge, lambda edge: str(told.number(edge.flow)) if edge.slope is None else product(edge)
        )
        local = f"∂{edge.name}/∂{edge.parent_name}{which(edge)}"
        upstream = told.pointing([self.id_of[edge.node]], str(told.number(edge.upstream)))
        slope = told.pointing([wire], str(told.slope(edge)))
        return told.columns(
            [
                ("upstream", total_derivative(root, edge.name), upstream, "upstream"),
                ("between", r"\cdot", "×", ""),
                ("local", edge_derivative(edge, self.place_of(edge)), slope, "local"),
                ("between", "", "=", ""),
                ("flow", "", str(told.number(edge.flow)), "flow"),
            ],
            f"∂{root}/∂{edge.name} · {local} = {numbers}",
        )

    def sum_of(self, edge: Edge, i: int) -> str:
        """The gradient of the parent before a step, what flows to it, and the gradient after it."""
        told, root = self.told, self.told.names[self.told.root]
        earlier = [other for at, other in self.received[edge.parent] if at < self.seed + i]
        before = str(told.number(earlier[-1].so_far)) if earlier else "0"
        flow, after = told.number(edge.flow), str(told.number(edge.so_far))
        return told.columns(
            [
                ("gradient", "", before, "before"),
                ("between", "", "+", ""),
                ("flow", "", str(flow), "flow"),
                ("between", "", "=", ""),
                ("gradient", total_derivative(root, edge.parent_name), after, "after"),
            ],
            f"{before} + {behind(flow)} = {after}",
        )

    def place_of(self, edge: Edge) -> str:
        """Which argument the parent is, where it is several."""
        return argument(self.edges[edge.node, edge.position]).strip()

    # What the picture shows, and from which step on

    def wires_into(self, node: Value) -> list[str]:
        """The ids of the edges into a node."""
        return [edge.id for edge in self.nodes[node].ins]

    def wire_of(self, edge: Edge) -> str:
        """The id of an edge of the sweep."""
        return self.edges[edge.node, edge.position].id

    def cards(self) -> dict[str, dict[str, Any]]:
        return {self.id_of[node]: self.card(node) for node in self.told.names}

    def card(self, node: Value) -> dict[str, Any]:
        told, edges = self.told, self.received[node]
        i = self.index[node]
        made = next((one for one in told.forward if one.node is node), None)
        computed = self.computed.get(node, 0)
        return {
            "value": f"v{i}",
            "gradient": f"g{i}",
            "name": self.names[node],
            "leaf": node.op is None,
            "unfolds": self.unfolds(node),
            "rule": in_json(told.math(made.rule.latex, str(made.rule))) if made else "given",
            "from": computed,
            "grads": [{"from": at, "of": key} for at, key in self.gradients_of(node)],
            "story": [
                {"from": at, "text": in_json(text)}
                for at, text in story_of(told, node, computed, self.pointed(edges))
            ],
        }

    def unfolds(self, node: Value) -> str:
        """The name of an operation that a formula can be put in the place of, in a graph."""
        op = node.op
        return op.name if op is not None and self.network is None and op.formula else ""

    def pointed(self, edges: list[tuple[int, Edge]]) -> list[tuple[int, Edge, list[str]]]:
        """With the ids of what a term of the sum speaks of, the node at the head of the edge and
        the edge itself; and which argument the parent is, where it is several."""
        return [
            (at, edge, [self.id_of[edge.node], self.wire_of(edge), self.place_of(edge)])
            for at, edge in edges
        ]

    def wires(self) -> dict[str, dict[str, Any]]:
        """Edges are there as soon as their node is computed, and tell once they are walked."""
        shown: dict[str, dict[str, Any]] = {}
        for edges in self.walked.values():
            for at, edge in edges:
                one = self.edges[edge.node, edge.position]
                shown[one.id] = {
                    "from": self.computed[edge.node],
                    "walked": at,
                    "ends": f"{edge.parent_name} into {edge.name}",
                    "place": argument(one),
                    "flow": key_of(edge.flow),
                    "slope": key_of(edge.slope),
                }
        return shown
