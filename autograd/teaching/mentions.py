"""How formulas mention the values of a graph: by their names, or by what they were computed by."""

from collections.abc import Callable, Collection, Sequence

from autograd.formula import Formula
from autograd.teaching.steps import operation
from autograd.teaching.wording import Words
from autograd.value import Value

LONGEST = 60  # characters of a formula that stands for an unnamed value


class NamedReading:
    """Nodes as their names, and those without one as the formula that they were computed by, as
    long as that is short and they are none of those that are `kept`.

    `atoms` are the nodes that such a formula mentions by name.
    """

    def __init__(self, order: Sequence[Value], words: Words, kept: Collection[Value]) -> None:
        self.words = words
        self.formulas: dict[Value, Formula] = {}
        self.atoms: dict[Value, frozenset[Value]] = {}
        for node in order:
            self.formulas[node] = words.name(node)
            self.atoms[node] = frozenset([node])
            if node.op is not None and words.is_unnamed(node) and node not in kept:
                inner = self.definition(node)
                if len(inner.text) <= LONGEST:
                    self.formulas[node] = inner
                    self.atoms[node] = frozenset().union(*(self.atoms[one] for one in node.parents))

    def __call__(self, node: Value) -> Formula:
        return self.formulas[node]

    def is_atom(self, node: Value) -> bool:
        """Whether a node is mentioned by name."""
        return self.atoms[node] == {node}

    def definition(self, node: Value) -> Formula:
        """The operation that a node was computed by, on its arguments as they are mentioned."""
        return with_number(node, self, self.words.digits)


def with_number(node: Value, read: Callable[[Value], Formula], digits: int) -> Formula:
    """The operation of a node as a formula that knows its number, for which a choice asks."""
    formula = operation(node, read, digits)
    formula.number = node.data
    return formula
