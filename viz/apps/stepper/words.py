"""What the stepper says at its beginning, at its end, and of a single node."""

import re
from collections.abc import Callable, Sequence
from typing import Any

from autograd.formula import Formula, written
from autograd.teaching.sentences import behind
from autograd.teaching.steps import Edge
from autograd.user_text import counted, listed
from autograd.value import Value
from viz.apps.stepper.keyed import Keyed
from viz.apps.stepper.teller import Line, Told, called, edge_derivative, total_derivative
from viz.escape import shortened

NAMED = 6  # how many names a sentence can bear
WEIGHT = re.compile(r"(.*\.)?w[\w,]*", re.DOTALL)  # what a network learns: it is asked about first


def some(names: Sequence[str]) -> str:
    """
    >>> some(["a", "b", "c"]), some("abcdefgh")
    ('a, b and c', 'a, b, c, d, e and 3 more')
    """
    if len(names) > NAMED:
        names = [*names[: NAMED - 1], f"{len(names) - NAMED + 1} more"]
    return listed(names)


def step(title: str, lines: list[Line], sentence: str = "", **more: Any) -> dict[str, Any]:
    """A step: its title, its lines by name, and the whole in a sentence; the ids of what it points
    at in the picture, and of what to `look` at where that is nothing. When several steps are told
    at once, `group` is their title, and `together`, of the last one, their sentence."""
    told = "; ".join(f"{name}: {text}" if name else text for name, text in lines)
    rest: dict[str, Any] = {"cards": [], "wires": [], "look": [], "group": title, "together": ""}
    return {"title": title, "lines": lines, "sentence": sentence or told} | rest | more


def start_of(told: Told, look: Sequence[str] = ()) -> dict[str, Any]:
    """The first view, for those who will not click: what y is, and what its graph is good for."""
    y, d = told.names[told.root], told.d(told.root)
    if not told.forward:
        return step("Nothing to compute", [("", f"{y} was given: it follows itself, {d} = 1.")])
    first = told.forward[0]
    lines = [
        ("forward", f"{making(told)}."),
        ("the first operation", told.made(first)),
    ]
    if told.backward:
        ends = ends_of(told) or told.backward[:1]
        ends = [edge for edge in ends if WEIGHT.fullmatch(edge.parent_name)] or ends
        asked = told.of_the_largest([(edge.so_far, shortened(edge.parent_name)) for edge in ends])
        question = f"If {asked} changes a little, how much does {y} change?"
        multiply = "Every edge multiplies the upstream gradient by its local derivative."
        lines.insert(0, ("the question", question))
        lines.append(("backward", multiply))
        lines.append(("the first edge", told.derived(told.backward[0])))
    return step("Before the first step", lines, look=list(look))


MANY = 24  # gradients that stand side by side
LONGEST = 60  # characters of a formula that can be a title


def whole(told: Told) -> str:
    """The whole graph as one formula; nothing where that would be too long."""
    made: dict[Value, Formula] = {}
    for node, name in told.names.items():
        if node.op is None:
            made[node] = Formula(name, called(name), digits=told.digits)
        else:
            args = (made[arg] if isinstance(arg, Value) else arg for arg in node.args)
            made[node] = written(node.op, tuple(args), told.digits)
        if len(made[node].text) > LONGEST:
            return ""
    if told.root.op is None:
        return ""
    y, formula = told.names[told.root], made[told.root]
    return told.math(f"{called(y)} = {formula.latex}", f"{y} = {formula.text}")


def making(told: Told) -> str:
    """3 operations make y out of a and b"""
    y = told.names[told.root]
    leaves = [shortened(name) for node, name in told.names.items() if node.op is None]
    operations = counted(len(told.forward), "operation")
    made = f"{operations} {'makes' if operations == '1 operation' else 'make'} {y}"
    return f"{made} out of {some(leaves)}" if leaves else made


def ends_of(told: Told) -> list[Edge]:
    """The edges that complete the gradient of a leaf."""
    return [edge for edge in told.backward if edge.parent.op is None and not edge.uses_to_come]


def end_of(told: Told, look: Sequence[str] = ()) -> dict[str, Any]:
    """The gradients, and what the largest of them means."""
    lines = [("", told.gradient(node, total)) for node, total in told.totals]
    if len(lines) > MANY:
        lines = [("", f"All {len(lines)} gradients are in the table, and on their cards.")]
    sentence = "; ".join(f"{told.d(node)} = {gradient}" for node, gradient in told.gradients)
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
    told: Told, node: Value, computed: int, edges: Sequence[tuple[int, Edge, list[str]]]
) -> list[tuple[int, str]]:
    """All there is to say about a node, each line with the step from which on it may be said.

    `edges` are those along which its gradient arrives, each with its step and the ids of what a
    term of the sum is made of.
    """
    name, root, d = told.names[node], told.names[told.root], told.d(node)
    value = Keyed(f"v{list(told.names).index(node)}")
    made = next((step for step in told.forward if step.node is node), None)
    if made:
        rule = told.math(f"{called(name)} = {made.rule.latex}", f"{name} = {made.rule}")
        numbers = [made.rule_in_numbers, value]
        worked = told.math(f"= {told.chained(numbers, 'latex')}", f"= {told.chained(numbers)}")
        lines = [(0, rule), (computed, worked)]
    else:
        lines = [(0, f"{name} = {value} was given")]
    if not edges:
        return [*lines, (0, f"{d} = 1: the backward pass starts here")]
    last, gradient = edges[-1][0], edges[-1][1].so_far

    def total(way: Callable[..., str]) -> str:
        return " + ".join(way(told, node, edge, ids) for _, edge, ids in edges)

    shown = told.number(gradient)
    return [
        *lines,
        (
            0,
            told.math(
                f"{total_derivative(root, name)} = {total(symbols_in_latex)}",
                f"{d} = {total(symbols)}",
            ),
        ),
        (last, told.math(f"= {total(term_in_latex)}", f"= {total(term)}")),
        (last, told.math(f"= {shown.latex}", f"= {shown}")),
        (last, meaning(told, node, gradient)),
    ]


# A summand of a gradient, upstream · local: in symbols and in numbers, as text and in LaTeX


def symbols(told: Told, node: Value, edge: Edge, ids: list[str]) -> str:
    upstream, local = f"∂{told.names[told.root]}/∂{edge.name}", f"∂{edge.name}/∂{told.names[node]}"
    return f"{told.pointing(ids[:1], upstream)} · {told.pointing(ids[1:], local)}"


def symbols_in_latex(told: Told, node: Value, edge: Edge, ids: list[str]) -> str:
    upstream = total_derivative(told.names[told.root], edge.name)
    local = edge_derivative(edge, ids[2])
    return rf"{told.pointing(ids[:1], upstream)} \cdot {told.pointing(ids[1:2], local)}"


def term(told: Told, node: Value, edge: Edge, ids: list[str]) -> str:
    return product_of(told, edge, ids, "text", "{} · {}")


def term_in_latex(told: Told, node: Value, edge: Edge, ids: list[str]) -> str:
    return product_of(told, edge, ids, "latex", r"{} \times {}")


def product_of(told: Told, edge: Edge, ids: list[str], form: str, product: str) -> str:
    def written(edge: Edge) -> str:
        if edge.slope is None:
            return "0"
        upstream = told.pointing(ids[:1], behind(told.number(edge.upstream), form))
        local = told.pointing(ids[1:2], behind(told.slope(edge), form))
        return product.format(upstream, local)

    return told.by_slope(edge, written)


def meaning(told: Told, node: Value, gradient: Any) -> str:
    """What a gradient says about a small change."""
    name, root = told.names[node], told.names[told.root]

    def say(sign: str) -> str:
        if not sign:
            return f"A small change of {name} barely changes {root}."
        direction = "the same" if sign == "positive" else "the opposite"
        times = gradient.size
        return (
            f"A small change of {name} changes {root} about {times} × as much, in {direction} "
            "direction."
        )

    return told.by_sign(gradient, say)
