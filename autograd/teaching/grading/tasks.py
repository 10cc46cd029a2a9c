"""The graphs that an engine is tried on, in the order in which they grow more difficult."""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from autograd.backprop import topological_order
from autograd.errors import AutogradError
from autograd.expression import evaluate
from autograd.ops import cos, exp, log, negative, relu, sigmoid, sin, sqrt, tanh
from autograd.teaching.bugs import Graph
from autograd.value import Value

# What an engine can do, in the order in which it is tried; each is worth the same.
CAPABILITIES = {
    "forward": "the values of the forward pass",
    "chain": "the chain rule along one path",
    "shared nodes": "a value used twice gets the sum of its flows",
    "order": "a node waits for all its uses",
    "accumulation": "a second pass adds to the leaves",
    "zero_grad": "after a reset, a pass starts from nothing",
    "operators": "every operator and function",
    "reflected operators": "a number on the left, as in 2 - a",
    "deep graphs": "thousands of operations, many paths",
    "random graphs": "everything together",
}
POINT = {"a": 2.0, "b": -3.0, "c": 10.0, "f": -2.0}
ISSUE_68 = "c = a + b; d = a * b; (c + d) + c * d"  # github.com/karpathy/micrograd/issues/68
GRAPHS: tuple[tuple[str, str, Mapping[str, float]], ...] = (
    ("chain", "a + b", POINT),
    ("chain", "a * b", POINT),
    ("chain", "(a * b + c) * f", POINT),
    ("chain", "a * b * c * f", POINT),
    ("shared nodes", "a + a", {"a": 3.0}),
    ("shared nodes", "a * a", {"a": 3.0}),
    ("shared nodes", "a * b + a", POINT),
    ("shared nodes", "d = a * b; d * d", POINT),
    ("shared nodes", "a * a * a", {"a": 3.0}),
    ("order", "d = a * b; d + d * c", POINT),
    ("order", "d = a * b; d * c + d", POINT),
    ("order", ISSUE_68, {"a": 2.0, "b": 3.0}),
    ("order", "d = a * b; e = d * c; h = d + e; h * e + d", POINT),
)
OPERATORS = (
    ("a - b", POINT), ("(a - b) * c", POINT), ("a / b", POINT), ("c * (a / b)", POINT),
    ("-a", POINT), ("-a * b", POINT), ("a ** 2", POINT), ("b * a ** 3", POINT),
    ("a ** -1", POINT), ("b ** 2 * c", POINT), ("a + 2", POINT), ("a * 2", POINT),
    ("a - 2", POINT), ("a / 2", POINT),
)  # fmt: skip
REFLECTED = ("2 + a", "2 * a", "2 - a", "2 / a")
REFLECTED_AT = {"a": 5.0, "b": -3.0}  # where a - 2 and a / 2 are other numbers
DEEP = (100, 5000)  # operations in a row: Python lets a recursion go 1000 deep
DOUBLINGS = 60  # 2^60 paths, and 120 edges
RANDOM = 12  # graphs
# Methods that are tried where an engine has them: each means the same everywhere.
FUNCTIONS = (relu, tanh, exp, log, sigmoid, sin, cos, sqrt)
METHODS = tuple(op.name for op in FUNCTIONS)
DEFINED_EVERYWHERE = (relu, tanh, sigmoid, sin)  # for random graphs


@dataclass(frozen=True)
class Task:
    """A graph, what is done with it, and what must come of it.

    `capability` is what it tries, `text` how it is shown, `y` the graph; `sweeps` is "once", or
    says what is between two passes: "again" (a reset, and the same graph), "reset" (a reset, and
    the graph computed anew) or "rebuilt" (computed anew, without a reset). Where `backward` is
    False, only the values count.
    """

    capability: str
    text: str
    y: Value
    sweeps: str = "once"
    backward: bool = True

    @cached_property
    def nodes(self) -> list[Value]:
        """The leaves, and then the other nodes, each after its parents."""
        order = topological_order(self.y)
        return [*filter(is_leaf, order), *(node for node in order if not is_leaf(node))]

    @property
    def program(self) -> dict[str, Any]:
        """The task as the process reads it: numbers of leaves, and steps on earlier nodes."""
        nodes = self.nodes
        place = {node: i for i, node in enumerate(nodes)}
        steps = []
        for node in nodes:
            if node.op is not None:
                word = node.op.symbol or node.op.name
                args = [place[a] if isinstance(a, Value) else [constant(a)] for a in node.args]
                steps.append(["neg" if node.op is negative else word, args])
        leaves = [node.data for node in nodes if is_leaf(node)]
        return {
            "kind": "graph", "leaves": leaves, "steps": steps, "sweeps": self.sweeps,
            "backward": self.backward,
        }  # fmt: skip

    def expected(self, graph: Graph) -> list[float]:
        """The right gradient of every node."""
        twice = 2.0 if self.sweeps == "rebuilt" else 1.0
        return [graph.right[node] * (twice if is_leaf(node) else 1.0) for node in self.nodes]


def is_leaf(node: Value) -> bool:
    return node.op is None


def constant(x: float) -> float | int:
    """A plain number as people write it: engines ask whether an exponent is an int."""
    return int(x) if x.is_integer() else x


def tasks(methods: Sequence[str]) -> Iterator[Task]:
    """Every task for an engine that has these methods, from the easiest on."""
    for text in ("a + b", "a * b", "(a * b + c) * f"):
        yield task("forward", text, POINT, backward=False)
    for capability, text, values in GRAPHS:
        yield task(capability, text, values)
    for text, values in (("a * b", POINT), ("a * a + a", {"a": 3.0})):
        yield task("accumulation", text, values, sweeps="rebuilt")
    for sweeps in ("reset", "again"):
        for text, values in (("a * b", POINT), ("a * a * a", {"a": 3.0})):
            yield task("zero_grad", text, values, sweeps=sweeps)
    for text, values in OPERATORS:
        yield task("operators", text, values)
    for method in methods:
        yield from trials(method)
    for text in REFLECTED:
        yield task("reflected operators", text, REFLECTED_AT)
        yield task("reflected operators", f"b * ({text})", REFLECTED_AT)
    yield from deep()
    for seed in range(RANDOM):
        yield arbitrary(seed, methods)


def task(capability: str, text: str, values: Mapping[str, float], **options: Any) -> Task:
    used = {name: x for name, x in values.items() if name in text}
    assigned = {statement.split("=")[0].strip() for statement in text.split(";")[:-1]}
    used = {name: x for name, x in used.items() if name not in assigned}
    return Task(capability, text, evaluate(text, used)[0], **options)


def trials(method: str) -> Iterator[Task]:
    """A function alone, and between other operations, on both sides of 0 where it is defined."""
    for x in (0.5, -0.75):
        try:
            yield task("operators", f"{method}(a)", {"a": x})
            values = {"a": x, "b": -3.0}
            yield task("operators", f"b * {method}(a) + a", values)
        except AutogradError:
            continue  # not defined there


def deep() -> Iterator[Task]:
    for count in DEEP:
        a = Value(1.5, "a")
        y = a
        for _ in range(count):
            y = y + a
        yield Task("deep graphs", f"a + a + … + a, {count} times", y)
    y = Value(1.0, "a")
    for _ in range(DOUBLINGS):
        y = y + y
    yield Task("deep graphs", f"y = y + y, {DOUBLINGS} times", y)


def arbitrary(seed: int, methods: Sequence[str]) -> Task:
    """A random graph of `seed` + 3 operations, of operators and of the functions that there are."""
    rng = random.Random(seed)
    nodes = [Value(round(rng.uniform(-2, 2), 2), name) for name in "abc"]
    functions = [op for op in DEFINED_EVERYWHERE if op.name in methods]
    while len(nodes) < seed + 6:
        # The latest nodes are used more often, so that most nodes lead to the result.
        a, b = rng.choice(nodes[-4:]), rng.choice(nodes)
        choices = [a + b, a - b, a * b, -a, a * 0.5, a**2, a / (b * b + 1)]
        made = rng.choice([*choices, *(f(a) for f in functions)])
        if abs(made.data) < 100:
            nodes.append(made)
    y = sum(nodes[3:], Value(0.0, "d"))
    return Task("random graphs", f"random graph {seed + 1}, of {count(y)} operations", y)


def count(y: Value) -> int:
    return sum(not is_leaf(node) for node in topological_order(y))
