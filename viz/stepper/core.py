"""The stepper without a host: a graph's forward and backward pass as a plan of plain JSON.

Every formula, number and sentence that a front end shows is made here, from the same steps that
`explain` prints. A front end chooses what of it is to be seen at a step; it computes nothing.
"""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from autograd.backprop import topological_order
from autograd.teaching import typeset
from autograd.teaching.explain import Explanation, which
from autograd.teaching.names import names_of
from autograd.teaching.steps import Edge, Operation, backward_steps, forward_steps
from autograd.value import Value
from viz.escape import number, printable, shortened, signed
from viz.palette import sign
from viz.picture import picture, unfinished
from viz.stepper.words import count, end_of, start_of, story_of
from viz.svg import svg_text

DIGITS = 4  # as many as cards have room for


class Stepper:
    """The state of a walk through the graph of y: the plan, and where in it a person is.

    `state` is plain JSON. `step` counts from 0, before anything was computed, to the end of the
    backward pass; `level` says how far a person goes at once, along an edge, around a node or
    through a whole pass; `node` is the one whose story is told, if any.

    >>> stepper = Stepper(Value(2.0, "a") * Value(-3.0, "b"), names={})
    >>> [step["title"] for step in stepper.state["plan"]["steps"]][1:4]
    ['Forward, 1 of 1: v1', 'Backward: the start', 'Backward, 1 of 2: from v1 to a']

    Raises what `draw` raises, and what the sweep raises.
    """

    def __init__(self, y: Value, names: Mapping[str, Any] | None = None) -> None:
        self.state: dict[str, Any] = {
            "plan": Plan(y, names or {}).as_json(),
            "step": 0,
            "level": "edge",
            "node": "",
        }


class Plan:
    """All steps of the walk through one graph, in the order in which they are shown.

    Step 0 is before everything; then come the operations, the start of the backward pass, its
    edges, and the end.
    """

    def __init__(self, y: Value, variables: Mapping[str, Any]) -> None:
        picture(y, variables)  # complains about what cannot be drawn before the sweep takes long
        order = topological_order(y)
        names = {node: printable(name) for node, name in names_of(order, variables).items()}
        self.told = Explanation(
            root=y,
            names=names,
            forward=tuple(forward_steps(y, names, DIGITS)),
            backward=tuple(backward_steps(y, names, DIGITS)),
            towards=(),
            digits=DIGITS,
        )
        self.seed = len(self.told.forward) + 1
        self.last = self.seed + len(self.told.backward) + 1
        self.computed = {step.node: i for i, step in enumerate(self.told.forward, start=1)}
        self.received: dict[Value, list[tuple[int, Edge]]] = defaultdict(list)
        for i, edge in enumerate(self.told.backward, start=self.seed + 1):
            self.received[edge.parent].append((i, edge))
        sums = {node: [edge.so_far for _, edge in self.received[node]] or [1.0] for node in order}
        self.drawn = picture(y, variables, sums)
        self.id_of = {node: f"n{i}" for i, node in enumerate(order)}

    def as_json(self) -> dict[str, Any]:
        root = self.told.root
        return {
            "title": f"The chain rule of {self.told.names[root]}, step by step",
            "root": self.id_of[root],
            "svg": self.svg(),
            "notes": self.drawn.notes,
            "steps": self.steps(),
            "stops": self.stops(),
            "cards": {self.id_of[node]: self.card(node) for node in self.told.names},
            "wires": self.wires(),
        }

    def svg(self) -> str:
        """The picture with everything in it, and its notes elsewhere, where they do not scroll.

        Pages that forbid inline styles complain of each already when they parse it. Labels hold no
        plain quotation marks here, so only attributes are renamed.
        """
        return svg_text(self.drawn, notes=()).replace(' style="', ' data-style="')

    def stops(self) -> dict[str, list[int]]:
        """The steps at which a person halts on each level."""
        around = range(self.seed + 1)
        ends = {edge.node: self.seed + i for i, edge in enumerate(self.told.backward, start=1)}
        return {
            "edge": list(range(self.last + 1)),
            "node": [*around, *ends.values(), self.last],
            "pass": sorted({0, self.seed - 1, self.last}),
        }

    # The steps

    def steps(self) -> list[dict[str, Any]]:
        return [
            start_of(self.told),
            *(self.operation(i, step) for i, step in enumerate(self.told.forward, start=1)),
            self.start_of_backward(),
            *(self.edge(i, edge) for i, edge in enumerate(self.told.backward, start=1)),
            end_of(self.told),
        ]

    def operation(self, i: int, step: Operation) -> dict[str, Any]:
        value = str(self.told.number(step.value))
        lines = [
            ("rule", f"{step.name} = {step.rule}"),
            ("with numbers", f"{step.name} = {step.rule_in_numbers}"),
            ("value", f"{step.name} = {value}"),
        ]
        if str(step.rule_in_numbers) == value:  # it would say the same twice
            del lines[1]
        return {
            "title": f"Forward, {i} of {len(self.told.forward)}: {shortened(step.name)}",
            "lines": lines,
            "sentence": f"{step.name} = {self.told.operation_told(step)}",
            "cards": [self.id_of[step.node]],
            "wires": [w.id for w in self.drawn.wires if w.head.id == self.id_of[step.node]],
            "group": "The forward pass",
        }

    def start_of_backward(self) -> dict[str, Any]:
        root = self.told.root
        y, d = self.told.names[root], self.told.d(root)
        why = f"{y} changes exactly as much as itself: everything flows back from this 1"
        return {
            "title": "Backward: the start",
            "lines": [("gradient", f"{d} = 1"), ("because", why)],
            "sentence": f"The backward pass starts with {d} = 1: {why}.",
            "cards": [self.id_of[root]],
            "wires": [],
            "group": "The backward pass",
        }

    def edge(self, i: int, edge: Edge) -> dict[str, Any]:
        told, root = self.told, self.told.names[self.told.root]
        earlier = [other for at, other in self.received[edge.parent] if at < self.seed + i]
        before = str(told.number(earlier[-1].so_far)) if earlier else "nothing yet"
        local = f"∂{edge.name}/∂{edge.parent_name}{which(edge)}"
        slope = told.slope(edge)
        numbers = typeset.chained([edge.rule_in_numbers, slope])
        product = f"{told.number(edge.upstream)} · {typeset.behind(slope)} = "
        flow = f"{product if edge.slope is not None else ''}{told.number(edge.flow)}"
        to_come = f"{count(edge.uses_to_come, 'more use')} of {edge.parent_name} will add to it"
        return {
            "title": f"Backward, {i} of {len(told.backward)}: from {shortened(edge.name)} to "
            f"{shortened(edge.parent_name)}",
            "lines": [
                ("local derivative", f"{local} = {edge.rule}"),
                *([("with numbers", f"{local} = {numbers}")] if numbers != str(edge.rule) else []),
                ("flows back", f"∂{root}/∂{edge.name} · {local} = {flow}"),
                (f"gradient of {edge.parent_name}", f"{before} → {told.number(edge.so_far)}"),
                ("", to_come if edge.uses_to_come else "complete: no other use is left"),
            ],
            "sentence": f"{told.rule_told(edge)}; {told.flow_told(edge)}",
            "cards": [self.id_of[edge.parent]],
            "wires": [self.wires_into(edge.node)[edge.position]],
            "group": f"Backward: the edges into {shortened(edge.name)}",
        }

    # What the picture shows, and from which step on

    def wires_into(self, node: Value) -> list[str]:
        """The ids of the edges to the parents of a node, in their order."""
        return [
            wire.id
            for wire in self.drawn.wires
            if wire.head.id == self.id_of[node] and wire.tail.kind != "constant"
        ]

    def card(self, node: Value) -> dict[str, Any]:
        told, edges = self.told, self.received[node]
        made = [step for step in told.forward if step.node is node]
        grads = [
            {
                "from": at,
                "text": unfinished(edge.so_far) if edge.uses_to_come else signed(edge.so_far),
                "sign": sign(edge.so_far),
            }
            for at, edge in edges
        ]
        return {
            "name": told.names[node],
            "rule": str(made[0].rule) if made else "given",
            "from": self.computed.get(node, 0),
            "value": number(node.data),
            "grads": grads or [{"from": self.seed, "text": signed(1.0), "sign": sign(1.0)}],
            "story": [
                {"from": at, "text": text}
                for at, text in story_of(told, node, self.computed.get(node, 0), edges)
            ],
        }

    def wires(self) -> dict[str, dict[str, Any]]:
        """Edges are there as soon as their node is computed, and tell once they are walked."""
        shown: dict[str, dict[str, Any]] = {}
        computed = {self.id_of[node]: i for node, i in self.computed.items()}
        for wire in self.drawn.wires:
            shown[wire.id] = {
                "from": computed[wire.head.id],
                "walked": self.last + 1,
                "sign": sign(wire.flow),
                "notes": wire.notes,
                "sentence": wire.sentence,
                "ends": f"{wire.tail.name} into {wire.head.name}",
            }
        walked: dict[Value, list[int]] = defaultdict(list)
        for i, edge in enumerate(self.told.backward, start=self.seed + 1):
            walked[edge.node].append(i)
        for node, at in walked.items():
            for wire_id, step in zip(self.wires_into(node), at, strict=True):
                shown[wire_id]["walked"] = step
        return shown
