"""What the stepper says at its beginning, at its end, and of a single node."""

from collections.abc import Sequence
from typing import Any

from autograd.teaching import typeset
from autograd.teaching.explain import Explanation
from autograd.teaching.steps import Edge
from autograd.value import Value
from viz.escape import shortened

NAMED = 6  # how many names a sentence can bear


def count(n: int, thing: str) -> str:
    """
    >>> count(1, "edge"), count(2, "edge")
    ('1 edge', '2 edges')
    """
    return f"{n} {thing}{'' if n == 1 else 's'}"


def joined(names: Sequence[str]) -> str:
    """
    >>> joined(["a"]), joined(["a", "b", "c"])
    ('a', 'a, b and c')
    """
    if len(names) > NAMED:
        names = [*names[: NAMED - 1], f"{len(names) - NAMED + 1} more"]
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def start_of(told: Explanation) -> dict[str, Any]:
    """The first view, for those who will not click: what y is, and what its graph is good for."""
    y, d = told.names[told.root], told.d(told.root)
    if not told.forward:
        return step("Nothing to compute", [("", f"{y} was given: it follows itself, {d} = 1.")])
    leaves = [name for node, name in told.names.items() if node.op is None]
    first, edge, asked = told.forward[0], told.backward[0], shortened(leaves[0])
    operations = count(len(told.forward), "operation")
    made = f"{operations} {'makes' if operations == '1 operation' else 'make'} {y}"
    lines = [
        ("the question", f"If {asked} changes a little, how much does {y} change?"),
        ("forward", f"{made} out of {joined([shortened(leaf) for leaf in leaves])}."),
        ("the first operation", f"{first.name} = {first.rule}"),
        ("backward", "Every edge multiplies what comes from its head by its local derivative."),
        ("the first edge", told.rule_told(edge)),
    ]
    return step("Before the first step", lines)


def end_of(told: Explanation) -> dict[str, Any]:
    """The gradients, and what the largest of them means."""
    complete = {edge.parent: edge.so_far for edge in told.backward if edge.parent.op is None}
    lines = [(told.d(node), str(gradient)) for node, gradient in told.gradients]
    if complete:
        largest = max(complete, key=lambda node: abs(complete[node]))
        lines.insert(0, ("the largest", meaning(told, largest, complete[largest])))
    return step("The gradients", lines)


def step(title: str, lines: list[tuple[str, str]]) -> dict[str, Any]:
    """A step at which nothing in the picture is pointed at."""
    told = "; ".join(f"{name}: {text}" for name, text in lines)
    return {
        "title": title,
        "lines": lines,
        "sentence": told,
        "cards": [],
        "wires": [],
        "group": title,
    }


def story_of(
    told: Explanation, node: Value, computed: int, edges: Sequence[tuple[int, Edge]]
) -> list[tuple[int, str]]:
    """All there is to say about a node, each line with the step from which on it may be said."""
    name, root, d = told.names[node], told.names[told.root], told.d(node)
    made = next((step for step in told.forward if step.node is node), None)
    if made:
        told_in_numbers = typeset.chained([made.rule_in_numbers, told.number(made.value)])
        lines = [(0, f"{name} = {made.rule}"), (computed, f"= {told_in_numbers}")]
    else:
        lines = [(0, f"{name} = {told.number(node.data)} was given")]
    if not edges:
        return [*lines, (0, f"{d} = 1: the backward pass starts here")]
    last, gradient = edges[-1][0], edges[-1][1].so_far
    symbols = " + ".join(f"∂{root}/∂{edge.name} · ∂{edge.name}/∂{name}" for _, edge in edges)
    lines += [
        (0, f"{d} = {symbols}"),
        (last, f"= {' + '.join(term(told, edge) for _, edge in edges)}"),
        (last, f"= {told.number(gradient)}"),
        (last, meaning(told, node, gradient)),
    ]
    return lines


def term(told: Explanation, edge: Edge) -> str:
    """upstream · local, as one of several summands."""
    if edge.slope is None:
        return "0"
    first = typeset.behind(told.number(edge.upstream))
    return f"{first} · {typeset.behind(told.slope(edge))}"


def meaning(told: Explanation, node: Value, gradient: float) -> str:
    name, root = told.names[node], told.names[told.root]
    if gradient == 0:
        return f"A small change of {name} hardly changes {root}."
    times = told.number(abs(gradient))
    direction = "the same" if gradient > 0 else "the opposite"
    return (
        f"A small change of {name} changes {root} about {times} times as much, in {direction} "
        "direction."
    )
