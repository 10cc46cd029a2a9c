"""The walk-through: the chain rule told step by step, for the terminal, a notebook or a paper."""

import sys
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from autograd.backprop import topological_order
from autograd.formula import Formula
from autograd.teaching import typeset
from autograd.teaching.names import names_of, variables_of
from autograd.teaching.steps import UNDEFINED, Edge, Operation, backward_steps, forward_steps
from autograd.value import Value

NTH = ("first", "second", "third", "fourth", "fifth")
WIDEST_RULE = 50  # characters; a longer rule has its flow on the next line


def explain(
    y: Value,
    to: Value | Collection[Value] = (),
    *,
    names: Mapping[str, Any] | Literal[False] | None = None,
    digits: int = 6,
) -> "Explanation":
    """How y was computed, and how the chain rule gives the gradient of everything in it.

    `to` keeps only the backward steps on the way to the given values. Values without a label are
    called by the caller's variables, by those in `names`, or with `names=False` by none; what is
    left over is called v1, v2, … `digits` is how many significant digits are written.

    Raises ValueError for a `to` that y was not made from, TypeError for what is no Value, and what
    the sweep raises.

    >>> a, b = Value(2.0), Value(-3.0)
    >>> y = a * b
    >>> print(explain(y))
    Values: a = 2, b = -3
    <BLANKLINE>
    Forward, an operation a line
      y = a * b = 2 * (-3) = -6
    <BLANKLINE>
    Backward, an edge a line, starting with ∂y/∂y = 1
      ∂y/∂a = b = -3   a receives 1 · (-3) = -3, in total -3
      ∂y/∂b = a = 2    b receives 1 · 2 = 2, in total 2
    <BLANKLINE>
    Gradients: ∂y/∂a = -3, ∂y/∂b = 2
    """
    if not isinstance(y, Value):
        raise TypeError(f"explain takes a Value, not {type(y).__name__}")
    if not 1 <= digits <= 17:
        raise ValueError(f"digits go from 1 to 17, not {digits!r}")
    if names is None:
        names = variables_of(sys._getframe(1))
    called = names_of(topological_order(y), names or {})
    towards = (to,) if isinstance(to, Value) else tuple(to)
    for one in towards:
        if not isinstance(one, Value):
            raise TypeError(f"`to` takes Values, not {one!r}")
    return Explanation(
        root=y,
        names=called,
        forward=tuple(forward_steps(y, called, digits)),
        backward=tuple(backward_steps(y, called, digits, towards)),
        towards=towards,
        digits=digits,
    )


@dataclass(frozen=True, repr=False)
class Explanation:
    """A walk-through of one graph, as `explain` makes it. It prints as `text`, and notebooks
    typeset it.

    `root` is the result, `names` what every node is called, `forward` and `backward` are the steps
    of the two passes as data, and `towards` the values that were asked for, if any.
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
        told = _indented(f"{step.name} = {self.operation_told(step)}" for step in self.forward)
        return f"Values: {starts}" + (f"\n\nForward, an operation a line{told}" if told else "")

    @property
    def backward_text(self) -> str:
        """The backward pass, and the gradients it ends with."""
        told = [(self.rule_told(edge), self.flow_told(edge)) for edge in self.backward]
        room = min(max((len(rule) for rule, _ in told), default=0), WIDEST_RULE)
        lines = []
        for rule, flow in told:
            if len(rule) > room:
                lines.append(rule)
                rule = ""
            lines.append(f"{rule:<{room}}   {flow}")
        start = f"Backward, an edge a line, starting with {self.d(self.root)} = 1"
        ends = ", ".join(f"{self.d(node)} = {number}" for node, number in self.gradients)
        return f"{start}{_indented(lines)}\n\nGradients: {ends}"

    @property
    def gradients(self) -> list[tuple[Value, Formula]]:
        """Pairs of a leaf, or of a value asked for, and the gradient it has received in the end."""
        complete = {self.root: 1.0} | {edge.parent: edge.so_far for edge in self.backward}
        wanted = self.towards or [node for node in self.names if node.op is None]
        return [(node, self.number(complete[node])) for node in wanted]

    def operation_told(self, step: Operation) -> str:
        """An operation as `w * x = 2 * 3 = 6`."""
        return self.chained([step.rule, step.rule_in_numbers, self.number(step.value)])

    def rule_told(self, edge: Edge) -> str:
        """The slope of an edge as `∂o/∂n = 1 - o ** 2 = 1 - 0.7 ** 2 = 0.51`."""
        rule = self.chained([edge.rule, edge.rule_in_numbers, self.slope(edge)])
        return f"∂{edge.name}/∂{edge.parent_name}{which(edge)} = {rule}"

    def flow_told(self, edge: Edge) -> str:
        """What flows, as `n receives 1 · 0.51 = 0.51, in total 0.51; one more use to come`."""
        parent, total = edge.parent_name, self.number(edge.so_far)
        if edge.slope is None:
            return f"nothing flows, so {parent} receives 0, in total {total}"
        product = f"{self.number(edge.upstream)} · {typeset.behind(self.slope(edge))}"
        more = ""
        if edge.uses_to_come:
            uses = "one more use" if edge.uses_to_come == 1 else f"{edge.uses_to_come} more uses"
            more = f"; {uses} to come"
        return f"{parent} receives {product} = {self.number(edge.flow)}, in total {total}{more}"

    def chained(self, pieces: Iterable[Formula]) -> str:
        """The pieces between equals signs, none of them twice."""
        return typeset.chained(pieces)

    def number(self, x: float) -> Formula:
        """A number, written with as many digits as were asked for."""
        return Formula.of_number(x, self.digits)

    def slope(self, edge: Edge) -> Formula:
        """The local derivative of an edge as a number, or the word undefined."""
        return UNDEFINED if edge.slope is None else self.number(edge.slope)

    def d(self, node: Value) -> str:
        """The gradient of a node as `∂y/∂a`."""
        return f"∂{self.names[self.root]}/∂{self.names[node]}"

    @property
    def latex(self) -> str:
        """Two `align*` environments (package amsmath), ready to be pasted into a paper."""
        return typeset.latex(self)

    @property
    def markdown(self) -> str:
        """Two tables, with formulas between dollar signs."""
        return typeset.markdown(self)

    def _repr_html_(self) -> str:
        return typeset.html(self)

    def __str__(self) -> str:
        return self.text

    __repr__ = __str__


def which(edge: Edge) -> str:
    """Tells the edges of a * a apart."""
    same = [i for i, parent in enumerate(edge.node.parents) if parent is edge.parent]
    if len(same) == 1:
        return ""
    nth = same.index(edge.position)
    word = NTH[nth] if nth < len(NTH) else f"{nth + 1}th"
    return f" ({word} {edge.parent_name})"


def _indented(lines: Iterable[str]) -> str:
    return "".join(f"\n  {line}" for line in lines)
