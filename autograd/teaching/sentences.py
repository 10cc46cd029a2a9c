"""The walk in plain text: both passes, and the sentence about each step of them."""

from collections.abc import Iterable
from dataclasses import dataclass

from autograd.formula import Formula
from autograd.teaching.steps import UNDEFINED, Edge, Operation
from autograd.value import Value

WIDEST_RULE = 50  # characters; a longer rule has its flow on the next line
LOCAL_DERIVATIVE, FLOW = "local derivative", "flows back: upstream · local"  # the two columns
NTH = ("first", "second", "third", "fourth", "fifth")


@dataclass(frozen=True, repr=False)
class Sentences:
    """The steps of one graph, and what is said of them in plain text.

    `root` is the result, `names` what every node is called, `forward` and `backward` are the steps
    of the two passes, `towards` the values that were asked for, if any, and `digits` is how many
    significant digits numbers are written with.
    """

    root: Value
    names: dict[Value, str]
    forward: tuple[Operation, ...]
    backward: tuple[Edge, ...]
    towards: tuple[Value, ...]
    digits: int

    @property
    def steps(self) -> tuple[Operation | Edge, ...]:
        """Both passes as data, in order."""
        return self.forward + self.backward

    @property
    def text(self) -> str:
        """Both passes in plain text, an operation or an edge a line."""
        return f"{self.forward_text}\n\n{self.backward_text}"

    @property
    def forward_text(self) -> str:
        """The numbers at the start, and the forward pass."""
        starts = ", ".join(
            f"{name} = {self.number(node.data)}"
            for node, name in self.names.items()
            if node.op is None
        )
        lines = indented(f"{step.name} = {self.operation(step)}" for step in self.forward)
        return f"Values: {starts}" + (f"\n\nForward, an operation a line{lines}" if lines else "")

    @property
    def backward_text(self) -> str:
        """The backward pass, and the gradients it ends with."""
        rows = [(self.local_derivative(edge), self.flow(edge)) for edge in self.backward]
        if rows:
            rows.insert(0, (LOCAL_DERIVATIVE, FLOW))
        room = min(max((len(rule) for rule, _ in rows), default=0), WIDEST_RULE)
        lines = []
        for rule, flow in rows:
            if len(rule) > room:
                lines.append(rule)
                rule = ""
            lines.append(f"{rule:<{room}}   {flow}")
        start = f"Backward, an edge a line, starting with {self.d(self.root)} = 1"
        ends = ", ".join(f"{self.d(node)} = {number}" for node, number in self.gradients)
        return f"{start}{indented(lines)}\n\nGradients: {ends}"

    @property
    def gradients(self) -> list[tuple[Value, Formula]]:
        """Pairs of a leaf, or of a value asked for, and its gradient."""
        return [(node, self.number(total)) for node, total in self.totals]

    @property
    def totals(self) -> list[tuple[Value, float]]:
        """The same, with the gradient as it is."""
        complete = {self.root: 1.0} | {edge.parent: edge.so_far for edge in self.backward}
        wanted = self.towards or [node for node in self.names if node.op is None]
        return [(node, complete[node]) for node in wanted]

    def operation(self, step: Operation) -> str:
        """How a value was computed, as `w * x = 2 * 3 = 6`."""
        return self.chained([step.rule, step.rule_in_numbers, self.number(step.value)])

    def local_derivative(self, edge: Edge) -> str:
        """The local derivative of an edge, as `∂o/∂n = 1 - o ** 2 = 1 - 0.7 ** 2 = 0.51`; without
        numbers in a branch that was not taken."""
        pieces = [edge.rule]
        if edge.is_taken:
            pieces += [edge.rule_in_numbers, self.slope(edge)]
        return f"∂{edge.name}/∂{edge.parent_name}{which(edge)} = {self.chained(pieces)}"

    def flow(self, edge: Edge) -> str:
        """Where to and how much flows back, as `to n: 1 · 0.51 = 0.51`; and where the parent has
        several uses, what has flowed back to it so far, or else its gradient."""
        said = str(self.number(edge.flow))
        if not edge.is_taken:
            said += " (branch not taken)"
        elif edge.slope is not None:
            said = f"{self.number(edge.upstream)} · {behind(self.slope(edge))} = {said}"
        if edge.uses_before:
            kind = "so far" if edge.uses_to_come else "gradient"
            said += f", {kind} {self.number(edge.so_far)}"
        if edge.uses_to_come:
            uses = "one more use" if edge.uses_to_come == 1 else f"{edge.uses_to_come} more uses"
            said += f"; {uses} to come"
        return f"to {edge.parent_name}: {said}"

    def chained(self, pieces: Iterable[Formula], form: str = "text") -> str:
        """The pieces between equals signs; `f = f = 2` would say one thing twice."""
        return " = ".join(dict.fromkeys(getattr(piece, form) for piece in pieces))

    def number(self, x: float) -> Formula:
        """A number, written with as many digits as were asked for."""
        return Formula.of_number(x, self.digits)

    def slope(self, edge: Edge) -> Formula:
        """The local derivative of an edge as a number, or the word undefined."""
        return UNDEFINED if edge.slope is None else self.number(edge.slope)

    def d(self, node: Value) -> str:
        """The gradient of a node as `∂y/∂a`."""
        return f"∂{self.names[self.root]}/∂{self.names[node]}"


def which(edge: Edge) -> str:
    """The words that tell the edges of a * a apart: (first a), (second a)."""
    nth = nth_edge(edge.node, edge.position)
    return f" ({nth} {edge.parent_name})" if nth else ""


def nth_edge(node: Value, position: int) -> str:
    """Which of several edges to the same parent one is: first, second; "" where there is one."""
    same = [i for i, parent in enumerate(node.parents) if parent is node.parents[position]]
    if len(same) == 1:
        return ""
    nth = same.index(position)
    return NTH[nth] if nth < len(NTH) else f"{nth + 1}th"


def behind(factor: Formula, form: str = "text") -> str:
    """A factor behind a multiplication sign: 2 · (-3)."""
    if not factor.text.startswith("-"):
        return getattr(factor, form)
    return f"({factor.text})" if form == "text" else rf"\left({factor.latex}\right)"


def indented(lines: Iterable[str]) -> str:
    """The lines, each on a new one and set in a little."""
    return "".join(f"\n  {line}" for line in lines)
