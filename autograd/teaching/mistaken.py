"""What the classic mistakes do to a graph: the first node that goes wrong, or no difference."""

import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from math import isclose
from typing import Any, Literal

from autograd.checks import choose, positive
from autograd.expression import evaluate
from autograd.formula import Formula, sum_of
from autograd.teaching.bugs import BUGS, RATE, Bug, Graph, NotRun, everywhere, right_flow
from autograd.teaching.mentions import NamedReading
from autograd.teaching.names import names_of, variables_of
from autograd.teaching.parts import (
    Code,
    CodeLines,
    Equation,
    Equations,
    Part,
    Sentence,
    Table,
    shortly,
)
from autograd.teaching.report import Report
from autograd.teaching.wording import Words
from autograd.user_text import listed
from autograd.value import Value

DIGITS = 6  # of the numbers that are told


@dataclass(frozen=True)
class Outcome:
    """What one mistake does to a graph.

    `bug` is the mistake. `node` is the first node with a wrong gradient, in the order of the
    backward pass; None where the mistake makes no difference, and where it cannot be run, for the
    `reason` given. `gradients` holds what it makes of every gradient. `last_step` holds, for a
    mistake about one edge, what comes of making it only on the edges into each node: the answer of
    somebody who knows everything above that node, and then slips.
    """

    bug: Bug
    node: Value | None = None
    gradients: Mapping[Value, float] = field(default_factory=dict)
    last_step: Mapping[Value, float] = field(default_factory=dict)
    reason: str = ""


@dataclass(frozen=True, repr=False)
class Mistakes(Report):
    """What `mistakes` found, an outcome per mistake. It prints as text, and notebooks typeset it.

    `graph` is the graph with its right gradients, `names` what its nodes are called.
    """

    graph: Graph
    names: Mapping[Value, str]
    outcomes: tuple[Outcome, ...]

    @cached_property
    def words(self) -> Words:
        """How the values of the graph are written."""
        return Words(self.names, DIGITS)

    @property
    def parts(self) -> list[Part]:
        """One mistake in detail, or a table of several."""
        return detailed(self, self.outcomes[0]) if len(self.outcomes) == 1 else compared(self)

    @property
    def data(self) -> dict[str, Any]:
        """The right gradients by name, and what each mistake makes of them."""

        def named(found: Mapping[Value, float]) -> dict[str, float]:
            return {self.names[node]: found[node] for node in self.names if node in found}

        return {
            "right": named(self.graph.right),
            "mistakes": {
                one.bug.name: {
                    "title": one.bug.title,
                    "first_wrong": None if one.node is None else self.names[one.node],
                    "gradients": named(one.gradients),
                    "last_step": named(one.last_step),
                    "not_run": one.reason,
                }
                for one in self.outcomes
            },
        }


def mistakes(
    y: Value,
    *which: str,
    rate: float = RATE,
    names: Mapping[str, Any] | Literal[False] | None = None,
) -> Mistakes:
    """Run the backward pass of y with a mistake in it, and find the first node that goes wrong.

    `which` names the mistakes, as in BUGS; without one, all are run. `rate` is the learning rate
    for the mistake that updates weights too early. Values without a label are called by the
    caller's variables, as for `explain`. Gradients count as different where they differ by more
    than a billionth. No gradient is set.

    Raises TypeError for what is no Value, ValueError for a mistake that is not known and a rate not
    above 0, and what the sweep raises.

    >>> a = Value(3.0, "a")
    >>> print(mistakes(a * a, "overwrite"))
    Mistake overwrite: writes = where += is needed
    <BLANKLINE>
      with the mistake   parent.grad = flow
      right              parent.grad += flow
    <BLANKLINE>
    First wrong at a: its gradient comes out as 3 instead of 3 + 3 = 6.
    """
    if not isinstance(y, Value):
        raise TypeError(f"mistakes takes a Value, not {type(y).__name__}")
    chosen = [choose(name, BUGS, "mistake") for name in which] or list(BUGS.values())
    graph = Graph(y, positive(rate, "the rate"))
    if names is None:
        names = variables_of(sys._getframe(1))
    called = names_of(graph.order, names or {})
    return Mistakes(graph, called, tuple(outcome(graph, bug) for bug in dict.fromkeys(chosen)))


def outcome(graph: Graph, bug: Bug) -> Outcome:
    """What a mistake does to a graph."""
    try:
        found = bug.run(graph, everywhere)
    except NotRun as error:
        return Outcome(bug, reason=str(error))
    scale = max(map(abs, graph.right.values()))
    differs = (node for node in reversed(graph.order) if differ(found, graph.right, node, scale))
    return Outcome(bug, next(differs, None), found, last_steps(graph, bug))


def differ(
    found: Mapping[Value, float], right: Mapping[Value, float], node: Value, scale: float
) -> bool:
    return not isclose(found[node], right[node], rel_tol=1e-9, abs_tol=1e-12 * scale)


def last_steps(graph: Graph, bug: Bug) -> dict[Value, float]:
    """What each gradient is when the mistake is made on the edges into that node only."""
    if bug.flow is None:
        return {}
    found = {graph.root: 1.0}
    for node in reversed(graph.order):
        for edge in graph.edges[node]:
            flow = bug.flow(edge, graph.right[node])
            if flow is None:
                flow = right_flow(edge, graph.right[node])
            found[edge.parent] = found.get(edge.parent, 0.0) + flow
    return found


def compared(found: Mistakes) -> list[Part]:
    """A table of the mistakes that make a difference, and below it those that make none."""
    rows, not_run = [], []
    same: dict[str, list[str]] = {}
    first: dict[Value, None] = {}  # the nodes of the table, each once
    for one in found.outcomes:
        if one.reason:
            not_run.append(Sentence(f"Mistake {one.bug.name} cannot be run on this graph: "
                                    f"{one.reason}."))  # fmt: skip
        elif one.node is None:
            same.setdefault(one.bug.needs, []).append(one.bug.name)
        else:
            first[one.node] = None
            numbers = shortly(found.graph.right[one.node]), shortly(one.gradients[one.node])
            rows.append((one.bug.name, one.bug.title, found.words.name(one.node), *numbers))
    parts: list[Part] = []
    if rows:
        heads = ("mistake", "what it does", "node", "right", "wrong")
        parts = [
            Sentence("The first node that goes wrong, with each mistake:"),
            Table(heads, tuple(rows)),
            *where_to_find(found, first),
        ]
    if same:
        why = [
            f"{listed(names)} ({'needs' if len(names) == 1 else 'need'} {needs})"
            for needs, names in same.items()
        ]
        parts.append(Sentence(f"No difference on this graph: {'; '.join(why)}."))
    return parts + not_run


def detailed(found: Mistakes, one: Outcome) -> list[Part]:
    """One mistake: its code, the first node that goes wrong, and all leaves; or where to see it."""
    bug, words = one.bug, found.words
    width = len("with the mistake")
    code = CodeLines((f"with the mistake   {bug.wrong}", f"{'right':<{width}}   {bug.right}"))
    parts: list[Part] = [Sentence(f"Mistake {bug.name}: {bug.title}"), code]
    if one.reason:
        return [*parts, Sentence(f"It cannot be run on this graph: {one.reason}.")]
    if one.node is None:
        needs = Sentence(f"No difference on this graph: it needs {bug.needs}.")
        return [*parts, needs, smallest(bug)]
    wrong, right = shortly(one.gradients[one.node]), sum_of_flows(found.graph, one.node)
    parts.append(Sentence(
        "First wrong at ", definition(found, one.node).as_formula(), ": its gradient comes out as ",
        wrong, " instead of ", right.as_formula(), ".",
    ))  # fmt: skip
    leaves = [leaf for leaf in found.graph.leaves if leaf is not found.graph.root]
    if leaves != [one.node]:
        heads = ["leaf", "gradient", "with the mistake"]
        columns: list[Mapping[Value, float]] = [found.graph.right, one.gradients]
        if one.last_step:
            heads.append("made in the last step only")
            columns.append(one.last_step)
        rows = [(words.name(leaf), *(shortly(col[leaf]) for col in columns)) for leaf in leaves]
        parts.append(Table(tuple(heads), tuple(rows)))
    return parts


def where_to_find(found: Mistakes, nodes: Iterable[Value]) -> list[Part]:
    """What the nodes stand for in the expression that have no name of their own."""
    ours = [node for node in nodes if node.op is not None and found.words.is_unnamed(node)]
    rows = (definition(found, node) for node in sorted(ours, key=lambda node: node.serial))
    return [Sentence("Values without a name:"), Equations(*rows)] if ours else []


def definition(found: Mistakes, node: Value) -> Equation:
    """A node and what it was computed by, in values that have names."""
    name = found.words.name(node)
    if node.op is None:
        return Equation(name)
    return Equation(name, NamedReading(found.graph.order, found.words, ()).definition(node))


def sum_of_flows(graph: Graph, node: Value) -> Equation:
    """The right gradient of a node, as a sum where several flows make it up."""
    flows = [
        Formula.of_number(right_flow(edge, graph.right[user]), DIGITS)
        for user in reversed(graph.order)
        for edge in graph.edges[user]
        if edge.parent is node
    ]
    total = Formula.of_number(graph.right[node], DIGITS)
    return Equation(sum_of(flows), total) if 1 < len(flows) <= 8 else Equation(total)


def smallest(bug: Bug) -> Sentence:
    """The sentence about the smallest graph on which a mistake shows."""
    graph = Graph(evaluate(bug.smallest, bug.values)[0])
    one = outcome(graph, bug)
    wrong = (x for x in reversed(graph.leaves) if differ(one.gradients, graph.right, x, 1.0))
    leaf = next(wrong)
    numbers = ", ".join(f"{name} = {x:g}" for name, x in bug.values.items())
    return Sentence(
        "The smallest graph on which it makes one: ", Code(bug.smallest), f" at {numbers}, where "
        f"the gradient of {leaf.label} is ", shortly(graph.right[leaf]), ", and with the mistake ",
        shortly(one.gradients[leaf]), ".",
    )  # fmt: skip
