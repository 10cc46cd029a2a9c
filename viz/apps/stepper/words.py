"""What the stepper says at its beginning, at its end, and of a single node."""

import re
from collections.abc import Sequence
from typing import Any

from autograd.teaching.steps import Edge
from autograd.user_text import counted
from autograd.value import Value
from viz.apps.stepper.tellers import Line, Plain
from viz.escape import shortened

NAMED = 6  # how many names a sentence can bear
WEIGHT = re.compile(r"(.*\.)?w\w*", re.DOTALL)  # what a network learns: it is asked about first


def joined(names: Sequence[str]) -> str:
    """
    >>> joined(["a"]), joined(["a", "b", "c"])
    ('a', 'a, b and c')
    """
    if len(names) > NAMED:
        names = [*names[: NAMED - 1], f"{len(names) - NAMED + 1} more"]
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def step(title: str, lines: list[Line], sentence: str = "", **more: Any) -> dict[str, Any]:
    """A step: its title, its lines by name, and the whole in a sentence; the ids of what it points
    at in the picture, and of what to `look` at where that is nothing. When several steps are told
    at once, `group` is their title, and `together`, of the last one, their sentence."""
    told = "; ".join(f"{name}: {text}" if name else text for name, text in lines)
    rest: dict[str, Any] = {"cards": [], "wires": [], "look": [], "group": title, "together": ""}
    return {"title": title, "lines": lines, "sentence": sentence or told} | rest | more


def start_of(told: Plain, look: Sequence[str] = ()) -> dict[str, Any]:
    """The first view, for those who will not click: what y is, and what its graph is good for."""
    y, d = told.names[told.root], told.d(told.root)
    if not told.forward:
        return step("Nothing to compute", [("", f"{y} was given: it follows itself, {d} = 1.")])
    first = told.forward[0]
    lines = [
        ("forward", f"{making(told)}."),
        ("the first operation", f"{first.name} = {first.rule}"),
    ]
    if told.backward:
        ends = ends_of(told) or told.backward[:1]
        ends = [edge for edge in ends if WEIGHT.fullmatch(edge.parent_name)] or ends
        asked = told.of_the_largest([(edge.so_far, shortened(edge.parent_name)) for edge in ends])
        question = f"If {asked} changes a little, how much does {y} change?"
        multiply = "Every edge multiplies the upstream gradient by its local derivative."
        lines.insert(0, ("the question", question))
        lines.append(("backward", multiply))
        lines.append(("the first edge", told.local_derivative(told.backward[0])))
    return step("Before the first step", lines, look=list(look))


def making(told: Plain) -> str:
    """3 operations make y out of a and b"""
    y = told.names[told.root]
    leaves = [shortened(name) for node, name in told.names.items() if node.op is None]
    operations = counted(len(told.forward), "operation")
    made = f"{operations} {'makes' if operations == '1 operation' else 'make'} {y}"
    return f"{made} out of {joined(leaves)}" if leaves else made


def ends_of(told: Plain) -> list[Edge]:
    """The edges that complete the gradient of a leaf."""
    return [edge for edge in told.backward if edge.parent.op is None and not edge.uses_to_come]


def end_of(told: Plain, look: Sequence[str] = ()) -> dict[str, Any]:
    """The gradients, and what the largest of them means."""
    lines = [(told.d(node), str(gradient)) for node, gradient in told.gradients]
    sentence = ""
    if ends := ends_of(told):
        meanings = [(edge.so_far, meaning(told, edge.parent, edge.so_far)) for edge in ends]
        largest = told.of_the_largest(meanings)
        lines.insert(0, ("the largest", largest))
        whose = f"The largest of {len(ends)}: " if len(ends) > 1 else ""
        sentence = f"Every gradient is complete. {whose}{largest}"
    if not lines:
        lines.append(("", "No leaf is to be seen: all of them are folded away."))
    walked = f"{counted(len(told.backward), 'edge')} walked. "
    rest = {"look": list(look), "group": "The backward pass"}
    made = step("The gradients", lines, sentence, **rest)
    return made | {"together": walked + made["sentence"]}


def story_of(
    told: Plain, node: Value, computed: int, edges: Sequence[tuple[int, Edge, list[str]]]
) -> list[tuple[int, str]]:
    """All there is to say about a node, each line with the step from which on it may be said.

    `edges` are those along which its gradient arrives, each with its step and the ids of what a
    term of the sum is made of.
    """
    name, root, d = told.names[node], told.names[told.root], told.d(node)
    value = told.number(told.value(node))
    made = next((step for step in told.forward if step.node is node), None)
    if made:
        in_numbers = told.chained([made.rule_in_numbers, value])
        lines = [(0, f"{name} = {made.rule}"), (computed, f"= {in_numbers}")]
    else:
        lines = [(0, f"{name} = {value} was given")]
    if not edges:
        return [*lines, (0, f"{d} = 1: the backward pass starts here")]
    last, gradient = edges[-1][0], edges[-1][1].so_far
    symbols = [
        f"{told.pointing(ids[:1], f'∂{root}/∂{edge.name}')} · "
        f"{told.pointing(ids[1:], f'∂{edge.name}/∂{name}')}"
        for _, edge, ids in edges
    ]
    lines += [
        (0, f"{d} = {' + '.join(symbols)}"),
        (last, f"= {' + '.join(term(told, edge, ids) for _, edge, ids in edges)}"),
        (last, f"= {told.number(gradient)}"),
        (last, meaning(told, node, gradient)),
    ]
    return lines


def term(told: Plain, edge: Edge, ids: list[str]) -> str:
    """upstream · local, as one of several summands."""

    def product(edge: Edge) -> str:
        if edge.slope is None:
            return "0"
        upstream = told.pointing(ids[:1], told.behind(told.number(edge.upstream)))
        return f"{upstream} · {told.pointing(ids[1:], told.behind(told.slope(edge)))}"

    return told.by_slope(edge, product)


def meaning(told: Plain, node: Value, gradient: float) -> str:
    """What a gradient says about a small change."""
    name, root = told.names[node], told.names[told.root]

    def say(sign: str) -> str:
        if not sign:
            return f"A small change of {name} barely changes {root}."
        direction = "the same" if sign == "positive" else "the opposite"
        times = told.number(abs(gradient))
        return (
            f"A small change of {name} changes {root} about {times} × as much, in {direction} "
            "direction."
        )

    return told.by_sign(gradient, say)
