"""In which column every node stands, and where the tail of an edge is drawn."""

from typing import Literal

from viz.graph.model import Edge, Graph

LONG = 4  # columns; longer edges begin at a ghost
OFTEN = 8  # uses; values that are used more often have ghosts

MANY, VERY_MANY = 14, 24  # leaves of one operation: from there they stand in two or three columns

Where = Literal["card", "ghost", "again"]


def ranked(graph: Graph) -> int:
    """Set the ranks of all nodes: the longest path from the leaves, then what shortens edges moves
    to its use, and a leaf stands one column before its first use. Returns how many there are."""
    nodes = graph.nodes
    for node in nodes:
        node.rank = behind_its_arguments(node, 0 if node.is_leaf else 1)
    for _ in range(3):
        for node in reversed(nodes):
            if node.is_leaf or not node.outs:
                continue
            arguments = sum(not edge.tail.is_leaf for edge in node.ins)
            first = min(edge.head.rank for edge in node.outs) - 1
            if first > node.rank and len({edge.head for edge in node.outs}) > arguments:
                node.rank = first
        for node in nodes:
            if not node.is_leaf:
                node.rank = behind_its_arguments(node, node.rank)
    return with_leaves(graph)


def with_leaves(graph: Graph) -> int:
    """Set the ranks of leaves by those of their uses, so that the first is 0, and return how many
    ranks there are."""
    nodes = graph.nodes
    for node in nodes:
        if node.is_leaf:
            node.use = min((edge.head.rank for edge in node.outs), default=1)
            node.rank = node.use - 1
    for node in nodes:
        many = [e.tail for e in node.ins if e.tail.is_leaf and len(e.tail.outs) == 1]
        if len(many) > MANY:
            for at, leaf in enumerate(many):
                leaf.rank -= at % (2 if len(many) < VERY_MANY else 3)
    lowest = min(node.rank for node in nodes)
    for node in nodes:
        node.rank -= lowest
        node.use -= lowest if node.is_leaf else 0
    return max(node.rank for node in nodes) + 1


def halved(graph: Graph, rank: int) -> int:
    """Move the second half of the operations in a column, and all that is behind, one column on.
    Returns how many ranks there are."""
    column = [node for node in graph.nodes if not node.is_leaf and node.rank == rank]
    staying = set(column[: len(column) // 2])
    for node in graph.nodes:
        if not node.is_leaf and node.rank >= rank and node not in staying:
            node.rank += 1
    return with_leaves(graph)


def behind_its_arguments(node, rank: int) -> int:
    return max([rank, *(edge.tail.rank + 1 for edge in node.ins if not edge.tail.is_leaf)])


def source(edge: Edge, start: int) -> tuple[Where, int]:
    """What stands for the tail of an edge in a line of the picture that begins at a rank, and in
    which column: its card, its whole card `again` at the beginning of the line, or a small `ghost`
    right before the use."""
    tail, before = edge.tail, edge.head.rank - 1
    if not tail.is_leaf and tail.rank < start:
        return ("again" if tail.rank == before == start - 1 else "ghost"), before
    if tail.rank == before or (tail.is_leaf and tail.use == edge.head.rank):
        return "card", tail.rank
    here = not tail.is_leaf or tail.use >= start
    if here and before + 1 - tail.rank <= LONG and len(tail.outs) <= OFTEN:
        return "card", tail.rank
    return "ghost", before
