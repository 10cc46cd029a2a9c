"""Whether an engine's answer to a task is right, and where it goes wrong first."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isclose
from typing import Any

from autograd.formula import Formula, formula, written
from autograd.teaching.bugs import Graph
from autograd.teaching.grading.tasks import Task, constant, is_leaf
from autograd.teaching.names import names_of
from autograd.teaching.parts import shortly
from autograd.user_text import listed
from autograd.value import Value

PLAIN = ("int", "float")  # the types of plain numbers
CLOSE = 1e-6  # relative: engines may count in 32 bits
DUNDERS = {"+": "__add__", "-": "__sub__", "*": "__mul__", "/": "__truediv__", "**": "__pow__"}


@dataclass(frozen=True)
class Verdict:
    """What came of one task.

    `kind` is "" where it is right; else "value", "gradient", or how it failed: "missing", "raises",
    "time", "memory" and others. `sentence` says what went wrong, at which `node`. `grads` are the
    gradients that the engine found for the nodes, where it found any. `missing` is the method that
    the class lacks, if that is what went wrong.
    """

    task: Task
    kind: str = ""
    sentence: str = ""
    node: str = ""
    grads: tuple[float | None, ...] = ()
    printed: int = 0
    missing: str = ""

    @property
    def ok(self) -> bool:
        """Whether everything came out as it should."""
        return not self.kind

    @property
    def keeps_all(self) -> bool:
        """Whether the engine has gradients for computed nodes too, not for leaves alone."""
        inner = zip(self.task.nodes[:-1], self.grads, strict=False)
        return any(x for node, x in inner if not is_leaf(node))

    @property
    def is_all_zero(self) -> bool:
        """Whether not even the result has a gradient."""
        return not any(self.grads)

    @property
    def leaves(self) -> tuple[float | None, ...]:
        """The gradients of the leaves."""
        return self.grads[: sum(map(is_leaf, self.task.nodes))]


def judged(task: Task, answer: Mapping[str, Any], seconds: float, megabytes: float) -> Verdict:
    """The verdict on an answer, which came within these limits or did not."""
    printed = answer.get("printed", 0)
    if kind := answer.get("failed"):
        if missing := lacking(task, answer):
            sentence = f"{where(task, answer)} does not work: define {missing}"
            return Verdict(task, "missing", sentence, printed=printed, missing=missing)
        sentence = failure(task, kind, answer, seconds, megabytes)
        return Verdict(task, kind, sentence, printed=printed)
    names = names_of(task.nodes)
    data, grads = answer["data"], answer["grad"]
    for node, x in zip(task.nodes, data, strict=True):
        if not same(x, node.data):
            rule = f" = {in_names(node, names)}" if node.op else ""
            sentence = f"{names[node]}{rule} is {shortly(node.data)}, and came out as {shortly(x)}"
            return Verdict(task, "value", sentence, names[node], printed=printed)
    if grads is None:
        return Verdict(task, printed=printed)
    grads = tuple(grads)
    graph = Graph(task.y)
    right = task.expected(graph)
    found = Verdict(task, grads=grads, printed=printed)
    place = first_wrong(found, right)
    if place is None:
        return found
    node = task.nodes[place]
    if found.is_all_zero:
        sentence = "every gradient is 0: backward() begins with self.grad = 1, and visits all nodes"
        return Verdict(task, "gradient", sentence, names[node], grads, printed)
    rule = f" = {in_names(node, names)}" if node.op else ""
    sentence = (
        f"the gradient of {names[node]}{rule} is {shortly(right[place])}, and came out as "
        f"{shortly(grads[place])}"
    )
    sentence += {
        "rebuilt": " after a second backward pass, which adds to the first",
        "reset": " after a reset and a second backward pass",
        "again": " after the leaves were reset, and the same graph was swept again",
    }.get(task.sweeps, "")
    return Verdict(task, "gradient", sentence, names[node], grads, printed)


def same(x: float | None, right: float) -> bool:
    return x is not None and isclose(x, right, rel_tol=CLOSE, abs_tol=1e-9)


def first_wrong(verdict: Verdict, right: Sequence[float]) -> int | None:
    """The place of the first node with a wrong gradient, in the order of the backward pass; None
    where those of all leaves are right. Where other nodes keep no gradients, leaves are looked at.
    """
    nodes = verdict.task.nodes
    wrong = [i for i, (x, y) in enumerate(zip(verdict.grads, right, strict=True)) if not same(x, y)]
    leaves = [i for i in wrong if is_leaf(nodes[i])]
    if not leaves:
        return None
    return max(wrong if verdict.keeps_all else leaves, key=lambda i: nodes[i].serial)


def in_names(node: Value, names: Mapping[Value, str]) -> str:
    """An operation as it is written: a * b."""
    args = (Formula(names[a]) if isinstance(a, Value) else constant(a) for a in node.args)
    assert node.op is not None
    return written(node.op, tuple(args)).text


def operation_of(task: Task, answer: Mapping[str, Any]) -> Value | None:
    """The operation at which a forward pass failed, if that is where it did."""
    phase = answer["phase"]
    if not phase or phase[0] != "forward":
        return None
    return [node for node in task.nodes if not is_leaf(node)][phase[1]]


def where(task: Task, answer: Mapping[str, Any]) -> str:
    """What failed, in code."""
    node = operation_of(task, answer)
    if node is not None:
        return in_names(node, names_of(task.nodes))
    return "backward()" if answer["phase"][:1] == ["backward"] else task.text


def failure(
    task: Task, kind: str, answer: Mapping[str, Any], seconds: float, megabytes: float
) -> str:
    """The sentence about a failure."""
    at = f" (line {answer['line']})" if answer["line"] else ""
    return sentence_about(kind, answer["message"], where(task, answer), at, seconds, megabytes)


def sentence_about(
    kind: str, message: str, where: str, at: str, seconds: float, megabytes: float
) -> str:
    """The sentence about an engine that came to no numbers."""
    return {
        "time": f"no result within {seconds:g} s: an endless loop, or work that doubles with every "
        "value that is used twice",
        "memory": f"{where} needs more than {megabytes:g} MB of memory",
        "exit": f"{where} ends Python (sys.exit), where it should return",
        "recursion": f"{where} nests too many calls{at}: RecursionError"
        + (". Sort the nodes in a loop" if where == "backward()" else ". Does it call itself?"),
        "input": f"{where} waits for input{at}, and nobody is there",
        "result": f"{where} {message}: is a return missing?",
        "number": f"{where}: {message}",
        "declined": f"{where} does not work: {message}",
        "raises": f"{where} raises {message}{at}",
        "ended": message,
    }.get(kind, f"{where}: {message}")


def lacking(task: Task, answer: Mapping[str, Any]) -> str:
    """The method that an operator needs and the class lacks, if that is what a message says."""
    node, message = operation_of(task, answer), answer["message"]
    if node is None or node.op is None:
        return ""
    if operands := re.search(r"for (\S+)(?: or pow\(\))?: '([\w.]+)' and '([\w.]+)'", message):
        return lacking_for(*operands.groups())
    if re.search("bad operand type for unary -: '(?!NoneType)", message):
        return "__neg__"
    plain = [not isinstance(arg, Value) for arg in node.args]
    word = DUNDERS.get(node.op.symbol, "") if len(plain) > 1 else "__neg__"
    if not word:
        return ""
    if plain[0]:
        word = f"__r{word.removeprefix('__')}"
    if message.startswith("NotImplementedError"):
        return word
    if any(plain) and re.search("'(int|float)' object has no attribute", message):
        return f"{word} for plain numbers"
    return ""


def lacking_for(symbol: str, left: str, right: str) -> str:
    """The method that Python asks for in vain where an operator stands between these types."""
    word = DUNDERS.get(symbol, "")
    if not word or "NoneType" in (left, right):  # a return is missing, and no method
        return ""
    return f"__r{word.removeprefix('__')}" if left in PLAIN else word


def implied(verdict: Verdict) -> str:
    """What a wrong gradient says about the local derivatives of the operation that leads there; ""
    where several edges do, where every gradient is 0, and after more than one pass."""
    task, grads = verdict.task, verdict.grads
    if not any(verdict.leaves) or task.sweeps != "once":
        return ""
    names = names_of(task.nodes)
    (wrong,) = (node for node in task.nodes if names[node] == verdict.node)
    graph = Graph(task.y)
    users = [edge.node for edges in graph.edges.values() for edge in edges if edge.parent is wrong]
    if len(users) != 1 or not graph.right[users[0]]:
        return ""
    (node,) = users
    by_name = {one: Formula(names[one], number=one.data) for one in task.nodes}
    told = []
    for position, edge in enumerate(graph.edges[node]):
        found = grads[task.nodes.index(edge.parent)]
        if found is None or graph.uses[edge.parent] != 1 or same(found, graph.right[edge.parent]):
            continue
        rule = formula(node.slope(position, by_name.__getitem__))
        right = " = ".join(dict.fromkeys([rule.text, str(shortly(edge.slope))]))
        told.append(
            f"towards {names[edge.parent]} comes out as {shortly(found / graph.right[node])}, and "
            f"is {right}"
        )
    where = f"In {names[node]} = {in_names(node, names)} the local derivative "
    return f"{where}{'; that '.join(told)}." if told else ""


def values_of(task: Task) -> str:
    """The numbers of the leaves: a = 2 and b = -3."""
    leaves = [node for node in task.nodes if is_leaf(node)]
    return listed([f"{node.label} = {node.data:g}" for node in leaves])
