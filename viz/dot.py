"""A graph in Graphviz's language, as people know it from micrograd: `draw_dot` and `trace`."""

import sys
from collections.abc import Mapping
from typing import Any, Literal

import graphviz

from autograd import Value, topological_order
from autograd.teaching.names import variables_of
from viz.escape import quoted, shortened
from viz.graph import notation
from viz.graph.fold import Fold, Unfold, drawable, folded, unfolded
from viz.graph.marks import COLORS, FILLS
from viz.graph.model import Edge, Graph, Node, contracted, unexplained
from viz.graph.sizes import argument
from viz.palette import LIGHT
from viz.render.graphviz import Digraph

MOST = 2000  # nodes: Graphviz draws them in a while, and somebody may zoom in
DIRECTIONS = ("LR", "TB", "RL", "BT")
COMMUTING = ("+", "×", "Σ")  # badges of operations whose arguments may stand in any order


def trace(y: Value) -> tuple[list[Value], list[tuple[Value, Value]]]:
    """The nodes of the graph of y, parents before their users, and its edges, one for each use of a
    parent: as (parent, node).

    Raises TypeError for what is no Value.

    >>> a = Value(3.0, "a")
    >>> nodes, edges = trace(a * a)
    >>> len(nodes), len(edges)
    (2, 2)
    """
    nodes = topological_order(y)
    return nodes, [(parent, node) for node in nodes for parent in node.parents]


def draw_dot(
    root: Value,
    format: str = "svg",
    rankdir: str = "LR",
    *,
    names: Mapping[str, Any] | Literal[False] | None = None,
    fold: Fold = None,
    unfold: Unfold = (),
) -> Digraph:
    """The graph of a Value as a graphviz.Digraph, which notebooks show, `render` saves, and whose
    `source` is the text in Graphviz's language.

    `format` is what `render` writes, as svg, png or pdf. `rankdir` is the direction in which it
    grows: LR, TB, RL or BT. `names`, `fold` and `unfold` are as for `draw`. Raises what `draw`
    raises, but for more than 2000 nodes only, and ValueError for an unknown format.

    >>> y = Value(3.0, "x") ** 2
    >>> y.backward()
    >>> "rankdir=TB" in draw_dot(y, rankdir="TB").source
    True
    """
    if names is None:
        names = variables_of(sys._getframe(1))
    y, variables = folded(*unfolded(root, names or {}, unfold), fold)
    drawable(topological_order(y), MOST)
    return digraph(contracted(y, variables, sums=False), format, rankdir)


def digraph(graph: Graph, format: str = "svg", rankdir: str = "LR") -> Digraph:
    """The graph in Graphviz's hands, in the colours of the light palette. Raises ValueError for an
    unknown direction."""
    if rankdir not in DIRECTIONS:
        raise ValueError(f"rankdir is one of {', '.join(DIRECTIONS)}, not {rankdir!r}")
    type = {"fontname": "DejaVu Sans,sans-serif", "fontsize": "12", "fontcolor": LIGHT["text"]}
    made = Digraph(
        "graph",
        format=format,
        graph_attr=type | {"rankdir": rankdir, "label": legend(graph), "labeljust": "l"},
        node_attr=type | {"shape": "box", "style": "filled"},
        edge_attr=type | {"arrowsize": "0.7"},
    )
    made.alternative = ". ".join(
        [f"Computation graph of {graph.result.name}", *(node.sentence for node in graph.nodes)]
    )
    for node in graph.nodes:
        made.node(node.id, **box(node))
    for edge in graph.edges:
        made.edge(edge.tail.id, edge.head.id, id=edge.id, **arrow(edge, graph.largest_flow))
    return made


def legend(graph: Graph) -> str:
    lines = ["Behind × the local derivative of an edge."]
    if graph.has_gradients:
        lines[0] += " Below it what flows back along it: the upstream gradient times that number."
        lines.append("The gradient of a node is the sum of what flows back to it.")
    if more := unexplained(graph):
        name = shortened(more[0].name)
        lines.append(f"The gradient of {name} holds more than these flows: earlier passes.")
    return graphviz.nohtml("".join(f"{quoted(line)}\\l" for line in lines))


def box(node: Node) -> dict[str, str]:
    """The attributes of a card as a node in DOT."""
    grad = "not computed" if node.grad is None else notation.signed(node.grad)
    head = "  ".join(filter(None, [shortened(node.name), node.badge]))
    lines = [head, f"value {notation.number(node.value)}", f"gradient {grad}"]
    sign = notation.sign(node.grad)
    made = {
        "id": node.id,
        "label": graphviz.nohtml(r"\n".join(map(quoted, lines))),
        "tooltip": tooltip(node.name),
        "fillcolor": LIGHT[FILLS[sign]],
        "color": LIGHT[COLORS[sign]],
    }
    if node.is_leaf:
        made["style"] = "rounded,filled"
    if node.inside:
        made["peripheries"] = "2"
    if node.badge and not node.badge.startswith(COMMUTING):
        made["ordering"] = "in"  # a - b: what is subtracted stands below
    return made


def arrow(edge: Edge, largest: float) -> dict[str, str]:
    """The attributes of an edge in DOT."""
    if not edge.taken:
        lines = ["not taken"]
    else:
        local = "undefined" if edge.local is None else f"×{notation.number(edge.local)}"
        lines = [argument(edge) + local]
        if edge.flow is not None:
            lines.append(notation.signed(edge.flow))
    share = min(1.0, abs(edge.flow or 0.0) / largest) ** 0.5
    return {
        "label": graphviz.nohtml(r"\n".join(map(quoted, lines))),
        "tooltip": tooltip(edge.sentence),
        "color": LIGHT[COLORS[notation.sign(edge.flow)]],
        "penwidth": f"{1 + 4 * share:.2f}",
    }


def tooltip(text: str) -> str:
    return graphviz.nohtml(quoted(text.replace("\\", r"\\")))  # Graphviz reads these escapes twice
