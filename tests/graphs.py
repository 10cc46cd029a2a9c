"""Graphs that several files of tests walk through, and what a plan says of them in plain text."""

import random

from autograd import AutogradError, Value, gradients, maximum, tanh
from autograd.expression import evaluate
from autograd.op import BUILT_IN, TABLE
from nn import MLP
from viz.apps.stepper.plan import Plan
from viz.apps.stepper.teller import Told
from viz.apps.stepper.words import story_of
from viz.cli.demo import GIVEN, NETWORK, WEIGHTS
from viz.graph.notation import number, signed


def lecture():
    a, b, c, f = (Value(x, name) for x, name in ((2.0, "a"), (-3.0, "b"), (10.0, "c"), (-2.0, "f")))
    y = (a * b + c) * f
    y.label = "L"
    return y


def shared():
    a, b = Value(2.0, "a"), Value(3.0, "b")
    c, d = a + b, a * b
    return (c + d) + c * d * 2.0


def network():
    return evaluate(NETWORK, GIVEN | WEIGHTS)[0]


def folded_network(fold="neuron", inputs=None):
    """The loss of a small network, and how far to fold it."""
    model = MLP(2, [3, 2, 1], tanh, seed=3)
    x = inputs or [Value(0.5, "x1"), Value(-1.25, "x2")]
    y = (model(x) - 0.5) ** 2
    y.label = "loss"
    return y, fold


def random_graph(seed, rows=False):
    """A small graph of smooth operations; with `rows`, of anything that the table has."""
    rng = random.Random(seed)
    nodes = [Value(rng.uniform(-2, 2), f"x{i}") for i in range(rng.randint(1, 4))]
    for _ in range(rng.randint(0, 12)):
        a, b = rng.choice(nodes), rng.choice(nodes)
        choices = [a + b, a - b, a * b, tanh(a), -a, maximum(a, b), 2.0 * a, a / (b * b + 1.0)]
        if rows:
            op = TABLE[rng.choice(sorted(BUILT_IN))]
            try:
                made = op(*rng.choices(nodes, k=len(op.partials)))
                gradients(made)
                choices = [made, made, rng.choice(choices)]
            except AutogradError:
                pass  # not defined here
        nodes.append(rng.choice(choices))
    return nodes[-1]


def plan_of(y):
    return Plan(Told.of(y, {}))


def in_words(plan):
    """A plan as JSON, with its numbers, in plain text."""
    told, made = plan.told, plan.as_json()
    for node, card in zip(told.names, made["cards"].values(), strict=True):
        edges = [(at, edge) for at, edge in plan.received[node]]
        story = story_of(told, node, plan.computed.get(node, 0), plan.pointed(edges))
        step = next((one for one in told.forward if one.node is node), None)
        card["value"] = number(told.numbers[card["value"]])
        card["rule"] = told.in_words(str(step.rule)) if step else "given"
        card["story"] = [{"from": at, "text": told.in_words(text)} for at, text in story]
        card["grads"] = [
            {"from": one["from"], "text": signed(told.numbers[one["of"]])} for one in card["grads"]
        ]
    for wire in made["wires"].values():
        slope = told.numbers[wire["slope"]]
        wire["local"] = "undefined" if slope is None else f"×{number(slope)}"
        wire["ends"] = told.in_words(wire["ends"])
        wire["flow"] = signed(told.numbers[wire["flow"]])
    return made | {"steps": plan.in_words()}


def walk_of(y):
    """The walk through a graph in plain text."""
    return in_words(plan_of(y))


def grads_told(plan):
    """What the cards show in the end, by id."""
    return {id: card["grads"][-1]["text"] for id, card in plan["cards"].items()}
