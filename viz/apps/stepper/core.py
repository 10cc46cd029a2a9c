"""The stepper without a host: a graph's forward and backward pass as plain JSON, and "what if".

Every formula and sentence that a front end shows is made here, from the same steps that `explain`
prints, with places for the numbers; the numbers are the engine's. A front end puts one into the
other, and chooses what is to be seen at a step.
"""

import math
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import asdict
from typing import Any

from autograd.backprop import chain_rule, topological_order
from autograd.errors import AutogradError, unchecked
from autograd.op import Op
from autograd.teaching.failures import half_of, line_of
from autograd.teaching.names import names_of
from autograd.value import Value
from viz.apps.stepper.answers import ASKED, mistakes_of, shipped, why_of
from viz.apps.stepper.failures import Failure
from viz.apps.stepper.network_scenes import Scenes
from viz.apps.stepper.numbers import encoded, numbers_of
from viz.apps.stepper.plan import Plan
from viz.apps.stepper.recipes import graph_of
from viz.apps.stepper.scene import scene_of
from viz.apps.stepper.state import first, kept
from viz.apps.stepper.teller import Told
from viz.escape import printable
from viz.graph.fold import Fold, drawable, folded, unfolded
from viz.graph.network_graph import graph_of as graph_of_network

QUESTIONS = ("why", "mistakes", "unfold", "fold")


class Stepper:
    """The state of a walk through the graph of y: the plan, and where in it a person is.

    `state` is plain JSON. `step` counts from 0, before anything was computed, to the end of the
    backward pass; `level` says how far a person goes at once, along an edge, around a node or
    through a whole pass; `node` is the one whose story is told, if any. `edits` are the leaves that
    were changed, by id, `numbers` all numbers with them, and `base` those without; `trouble` says
    why the last edits could not be followed. `start` are the edits that changes are compared with.
    `notation` is how it is written: the `name` of the result, so many `digits`, and `comma` if
    decimals have one. `opened` is what is open over the graph, and whether flows are to be
    predicted; `hide` are the parts of the page that are put away, `lock` those that do nothing.
    `asked` is a question to Python, `told` what it has answered, and `mistake` the one that is
    shown.

    >>> a, b = Value(2.0, "a"), Value(-3.0, "b")
    >>> stepper = Stepper(a * b, names={})
    >>> [step["title"] for step in stepper.plan().in_words()][1:4]
    ['Forward, 1 of 1: v1', 'Backward: the start', 'Backward, 1 of 2: from v1 to a']
    >>> changed = stepper.handle({"edits": {"n0": 5.0}})
    >>> a.data, stepper.y.data
    (5.0, -15.0)

    Larger graphs are folded, as `fold` says and as `draw` does it. Instead of y, there may be the
    error of an operation: then the walk goes as far as there are numbers, and beyond where edits
    have mended it. So it does for a y that was computed `unchecked`, where `failed` is the line
    that asked for it. Raises what `draw` raises, and what the sweep raises.
    """

    def __init__(
        self,
        y: Value | AutogradError,
        names: Mapping[str, Any] | None = None,
        fold: Fold = None,
        *,
        failed: str | None = None,
    ) -> None:
        if isinstance(y, AutogradError):
            failed, y = line_of(y), half_of(y)
        self._unfolded: list[tuple[Graph, Value]] = []  # the graphs before, and what was chosen
        with unchecked() if failed is not None else nullcontext():
            self._build(y, names, fold)
        self.failure = None if failed is None else self._failure(failed)
        if self.failure:
            self.state["plan"]["failed"] = asdict(self.failure)
            self.state["step"] = self.failure.at

    def _build(self, y: Value, names: Mapping[str, Any] | None, fold: Fold) -> None:
        network = graph_of_network(y) if fold is None and isinstance(y, Value) else None
        if network:
            called = network.names
        else:
            y, names = folded(y, names, fold)
            order = topological_order(y)
            drawable(order)  # complains before the sweep takes long
            called = {node: printable(name) for node, name in names_of(order, names).items()}
        self._graph = Graph(list(called), list(called.values()))
        plan = Plan(Told.of(self._graph.nodes[-1], {}, called), called, network)
        self._network = network
        numbers = encoded(plan.told.numbers)
        scene = Scenes(plan).as_json() if network else scene_of(plan)
        made = plan.as_json() | {
            "scene": scene, "graph": graph_of(self._graph.names), "kept": kept(),
            "asks": ASKED, "unfolded": [node.op.name for _, node in self._unfolded if node.op],
        }  # fmt: skip
        self.state = first() | {"plan": made, "base": numbers, "numbers": numbers}

    def _failure(self, source: str) -> Failure | None:
        """What goes wrong first; None where all is well."""
        graph = self._graph
        try:
            nodes = graph.replayed({})
        except AutogradError as error:
            made = [node for node in graph.nodes[: graph.failed_at + 1] if node.op is not None]
            return Failure(len(made), str(error), source)
        walked = 0
        try:
            for _ in chain_rule(nodes[-1]):
                walked += 1
        except AutogradError as error:
            made = [node for node in nodes if node.op is not None]
            return Failure(len(made) + 2 + walked, str(error), source)
        return None

    @property
    def nodes(self) -> list[Value]:
        """The nodes in the order of their ids, as they were recorded."""
        return self._graph.nodes

    @property
    def y(self) -> Value:
        """The result, computed from the leaves as they are: edits make the graph that was given
        stale, as setting `data` does anywhere."""
        return self._graph.replayed()[-1]

    def plan(self) -> Plan:
        """The walk with the numbers of now."""
        nodes = self._graph.replayed(self.state["edits"])
        names = dict(zip(nodes, self._graph.names.values(), strict=True))
        network = self._network
        if network:
            network = network.moved(dict(zip(self._graph.nodes, nodes, strict=True)))
        return Plan(Told.of(nodes[-1], {}, names), names, network)

    def handle(self, message: Mapping[str, Any]) -> dict[str, Any]:
        """Follow the edits, {"edits": {id of a leaf: number}}, or answer, {"ask": question}, and
        return what of the state has changed. Leaves that are not among the edits go back to what
        they were.

        Questions are "why n3", "mistakes", "unfold n3", which shows another graph, and "fold n3",
        which shows the one before. Where an operation is not defined at the new numbers only
        `trouble` changes. Raises ValueError or TypeError, and changes nothing, for a message that
        makes no sense.
        """
        match message:
            case {"edits": edits} if len(message) == 1:
                changed = self._edited(self._graph.checked(edits))
            case {"ask": str() as question} if len(message) == 1:
                changed = self._answered(question)
            case _:
                raise ValueError(
                    'a message to the stepper is {"edits": {id of a leaf: number}} or '
                    '{"ask": "why n3"}'
                )
        self.state |= changed
        return changed

    def _edited(self, edits: dict[str, float]) -> dict[str, Any]:
        """What the edits change."""
        unasked = {"trouble": "", "asked": "", "told": {}}
        if self.failure and not edits:  # as it was when it failed
            self._graph.follow({})
            return {"numbers": self.state["base"], "edits": {}, **unasked}
        try:
            nodes = self._graph.replayed(edits)
            changed = {"numbers": encoded(numbers_of(nodes)), "edits": edits, **unasked}
        except AutogradError as error:
            return {"edits": self.state["edits"], "trouble": str(error)}
        self._graph.follow(edits)
        return changed

    def _answered(self, question: str) -> dict[str, Any]:
        """What the answer to a question changes. What cannot be answered gets a sentence."""
        about, _, id = question.partition(" ")
        place = list(self._graph.by_id).index(id) if id in self._graph.by_id else None
        if about not in QUESTIONS or (place is None) is not (about == "mistakes"):
            raise ValueError(f"{question!s:.20} is no question about this graph")
        try:
            if about == "unfold":
                return self._unfold(self._graph.by_id[id])
            if about == "fold":
                return self._fold()
            plan = self.plan()
            answer = mistakes_of(plan) if place is None else why_of(plan, list(plan.id_of)[place])
        except (AutogradError, ValueError) as error:
            answer = {"sorry": str(error)}
        return {"asked": "", "told": self.state["told"] | {question: answer}}

    def _unfold(self, chosen: Value) -> dict[str, Any]:
        """The graph with the formula of a node in its place, of the numbers of now."""
        before = self._graph
        now = dict(zip(before.nodes, before.replayed(), strict=True))
        named = {name: now[node] for node, name in before.names.items()}
        y, names = unfolded(now[before.nodes[-1]], named, now[chosen])
        drawable(topological_order(y))
        self._unfolded.append((before, chosen))
        return self._rebuilt(y, names, before.names[chosen])

    def _fold(self) -> dict[str, Any]:
        """The graph before something was unfolded, of the numbers of now."""
        if not self._unfolded:
            raise ValueError("nothing is unfolded here")
        before, chosen = self._unfolded.pop()
        now = before.replayed()
        named = dict(zip(before.names.values(), now, strict=True))
        return self._rebuilt(now[-1], named, before.names[chosen])

    def _rebuilt(self, y: Value, names: Mapping[str, Any], chosen: str) -> dict[str, Any]:
        """What changes for another graph, in which the node of that name is open."""
        self._build(y, names, False)
        ids = {card["name"]: id for id, card in self.state["plan"]["cards"].items()}
        first = ("plan", "base", "numbers", "edits", "start", "trouble", "asked", "told")
        return {name: self.state[name] for name in first} | {"node": ids[chosen]}

    def answers(self) -> dict[str, Any]:
        """What an exported page can answer by itself, by the question: nothing about edited numbers
        or a walk that failed."""
        return {} if self.failure or self.state["edits"] else shipped(self.plan())


class Graph:
    """The operations of a graph in their order, ready to be done again with other numbers."""

    def __init__(self, nodes: Sequence[Value], names: Sequence[str]) -> None:
        self.nodes = list(nodes)
        self.names = dict(zip(self.nodes, names, strict=True))
        self.by_id = {f"n{i}": node for i, node in enumerate(nodes)}
        self.leaves = {id: node for id, node in self.by_id.items() if node.op is None}
        self.given = {id: leaf.data for id, leaf in self.leaves.items()}
        self.failed_at = -1  # the place of the operation that failed last

    def checked(self, edits: Any) -> dict[str, float]:
        """The edits as finite floats, if they make sense."""
        if not isinstance(edits, Mapping):
            raise TypeError(f"edits are numbers by the id of a leaf, not {type(edits).__name__}")
        for id, number in edits.items():
            if id not in self.leaves:
                raise ValueError(f"{id!s:.20} is no leaf of this graph: only leaves can be edited")
            if isinstance(number, bool) or not isinstance(number, int | float):
                raise TypeError(f"{self.names[self.leaves[id]]} takes a number, not {number!r:.40}")
            if not -math.inf < number < math.inf or abs(number) > 1.7976931348623157e308:
                raise ValueError(f"{self.names[self.leaves[id]]} takes a finite number")
        return {id: float(number) for id, number in edits.items()}

    def replayed(self, edits: Mapping[str, float] | None = None) -> list[Value]:
        """All nodes made anew: of the leaves themselves, or of copies of them that are edited.

        Copies bear the names of the page, so that errors speak of them as the page does. What goes
        wrong in a branch that is not taken is of no account; else it raises.
        """
        new: dict[Value, Value] = {}
        wrong: dict[Value, tuple[int, AutogradError]] = {}  # what counts only where it is chosen
        for id, node in self.by_id.items():
            if not node.parents and (edits is None or node.op is not None):
                new[node] = node  # made of constants only, or to be seen by everybody
                continue
            if node.op is None:
                made = Value((edits or {}).get(id, self.given[id]))
            else:
                args = [new[arg] if isinstance(arg, Value) else arg for arg in node.args]
                earlier = [wrong[arg] for arg in taken(node.op, args) if arg in wrong]
                try:
                    made = node.op(*args)
                except AutogradError as error:
                    with unchecked():
                        made = node.op(*args)
                    earlier.append((len(new), error))
                if earlier:
                    wrong[made] = min(earlier, key=lambda one: one[0])
            made.label = node.label if edits is None else self.names[node]
            new[node] = made
        root = list(new.values())[-1]
        if root in wrong:
            self.failed_at = wrong[root][0]
            raise wrong[root][1]
        return list(new.values())

    def follow(self, edits: Mapping[str, float]) -> None:
        """Give the leaves their new numbers."""
        for id, leaf in self.leaves.items():
            number = edits.get(id, self.given[id])
            if leaf.data != number:  # setting it would make graphs of it stale for nothing
                leaf.data = number


def taken(op: Op, args: Sequence[Any]) -> list[Value]:
    """The Values among the arguments, without the branch that a choice has not taken."""
    if op.symbol == "if":
        condition, a, b = args
        args = [condition, a if condition.data != 0 else b]
    return [arg for arg in args if isinstance(arg, Value)]
