"""The graph in Graphviz's language: what `draw_dot` and `trace` give."""

import math
import os
import re
import sys

import pytest

from autograd import Value, sqrt, tanh, where
from viz import draw_dot, trace
from viz.dot import MOST
from viz.render.graphviz import bundled

BEGINS = {".png": b"\x89PNG\r\n\x1a\n", ".pdf": b"%PDF-"}


def neuron():
    x1, x2, b = Value(2.0, "x1"), Value(0.0, "x2"), Value(6.8813735870195432, "b")
    w1, w2 = Value(-3.0, "w1"), Value(1.0, "w2")
    o = tanh(x1 * w1 + x2 * w2 + b)
    o.label = "o"
    return o


def swept(y):
    y.backward()
    return y


def described(y):
    """The lines of each node and of each edge, in the order of the graph."""
    found = re.findall(r'\n\tn\d+( -> n\d+)? \[label=("[^"]*"|\S+)', draw_dot(y).source)
    labels = [(bool(arrow), label.strip('"').split("\\n")) for arrow, label in found]
    nodes = [label for is_edge, label in labels if not is_edge]
    return nodes, [label for is_edge, label in labels if is_edge]


def edges(y):
    return described(y)[1]


# What is in the graph is in the picture


def test_trace_lists_parents_before_nodes_and_keeps_both_edges_of_a_square():
    a = Value(3.0, "a")
    y = (a * a).exp()
    nodes, edges = trace(y)
    assert nodes == [a, y.parents[0], y]
    assert edges == [(a, nodes[1]), (a, nodes[1]), (nodes[1], y)]


def test_a_square_is_drawn_with_two_edges():
    a = Value(3.0, "a")
    assert draw_dot(a * a).source.count("->") == 2


def test_a_node_says_its_name_its_operation_its_value_and_its_gradient():
    x = Value(2.0, "x")
    y = x * 3.0 + x
    y.label = "y"
    nodes, _ = described(y)
    assert nodes == [
        ["x", "value 2", "gradient not computed"],
        ["v1  ×3", "value 6", "gradient not computed"],
        ["y  +", "value 8", "gradient not computed"],
    ]
    nodes, _ = described(swept(y))
    assert nodes[0] == ["x", "value 2", "gradient +4"]


def test_the_two_operands_of_a_difference_stand_in_their_order():
    a, b = Value(10.0, "a"), Value(3.0, "b")
    assert "ordering=in" in draw_dot(a - b).source and "ordering" not in draw_dot(a + b).source


# Edges


def test_every_edge_carries_its_local_derivative():
    x, w = Value(2.0, "x"), Value(-3.0, "w")
    assert edges(x * w) == [["×−3"], ["×2"]]
    assert edges(tanh(x)) == [["×0.071"]]
    assert edges(x * x) == [["(1) ×2"], ["(2) ×2"]]


def test_after_backward_an_edge_also_carries_what_flows_back_along_it():
    x, w = Value(2.0, "x"), Value(-3.0, "w")
    y = x * w
    y.backward(-10.0)
    assert edges(y) == [["×−3", "+30"], ["×2", "−20"]]


def test_a_derivative_that_does_not_exist_is_called_undefined():
    root = sqrt(Value(0.0, "x"))
    assert edges(root) == [["undefined"]]
    assert edges(swept(root * Value(0.0)))[0] == ["undefined", "0"]


def test_a_branch_that_a_choice_did_not_take_is_called_not_taken():
    x = Value(-1.0, "x")
    y = where(x > 0, lambda: x.sqrt() * 2, lambda: 3 * x)
    for drawn in (edges(y), edges(swept(y))):
        assert drawn.count(["not taken"]) == 3
        assert not any("undefined" in notes for notes in drawn)


def test_the_largest_flow_is_drawn_thickest_and_none_at_all_thinnest():
    small, large = Value(0.01, "small"), Value(100.0, "large")
    widths = [
        float(x) for x in re.findall(r"penwidth=([\d.]+)", draw_dot(swept(small * large)).source)
    ]
    assert widths == [5.0, 1.04]
    assert re.findall(r"penwidth=([\d.]+)", draw_dot(small * large).source) == ["1.00"] * 2


@pytest.mark.parametrize("number", [math.inf, -math.inf, math.nan, 5e-324, 1.7e308, -0.0])
def test_any_float_can_be_drawn(number):
    y = swept(Value(number, "x") + 0.0)
    y.parents[0].grad = number
    assert draw_dot(y).pipe()


def test_gradients_left_by_an_earlier_pass_are_pointed_out():
    y = swept(neuron())
    assert "earlier passes" not in draw_dot(y).source
    y.backward()
    assert "earlier passes" in draw_dot(y).source


# Refusals


def test_only_values_have_a_graph():
    with pytest.raises(TypeError, match=r"only a Value has a graph: .*, not 2\.0"):
        trace(2.0)


def test_too_large_a_graph_is_refused_in_one_sentence():
    y = Value(0.0, "x")
    for _ in range(MOST):
        y = y + 1.0
    assert draw_dot(root=y.parents[0])  # as micrograd calls it
    with pytest.raises(ValueError, match=rf"has {MOST + 1} nodes.* at most {MOST}: draw a part"):
        draw_dot(y)


def test_an_unknown_direction_is_refused():
    with pytest.raises(ValueError, match="LR, TB, RL, BT"):
        draw_dot(neuron(), rankdir="sideways")


# Graphviz, with and without its program


@pytest.mark.parametrize("rankdir", ["LR", "TB", "RL", "BT"])
def test_it_grows_in_any_direction(graphviz, rankdir):
    graph = draw_dot(swept(neuron()), rankdir=rankdir)
    assert f"rankdir={rankdir}" in graph.source
    assert graph.pipe().count(b'class="node"') == 10


def test_a_digraph_pipes_renders_and_is_shown_in_notebooks(graphviz, tmp_path):
    graph = draw_dot(swept(neuron()), format="png")
    assert graph.pipe().startswith(BEGINS[".png"])
    assert "<svg" in graph.pipe(format="svg", encoding="utf-8")
    shown = graph._repr_mimebundle_()
    assert "<svg" in shown["image/svg+xml"]
    assert 'alt="Computation graph of o. x1, value 2, gradient −1.500. ' in shown["text/html"]
    shown = graph.render(filename=str(tmp_path / "x"), cleanup=True)
    assert shown == str(tmp_path / "x.png") and os.listdir(tmp_path) == ["x.png"]
    assert graph.render(outfile=str(tmp_path / "y.pdf")) == str(tmp_path / "y.pdf")
    assert (tmp_path / "y.pdf").read_bytes().startswith(BEGINS[".pdf"])


def test_a_digraph_is_opened_in_the_viewer(graphviz, tmp_path, monkeypatch):
    opened = []
    monkeypatch.setattr("graphviz.view", lambda path, **_: opened.append(path))
    monkeypatch.setattr("graphviz.Digraph._view", lambda self, path, **_: opened.append(path))
    draw_dot(neuron()).view(filename=str(tmp_path / "x"))
    assert opened == [str(tmp_path / "x.svg")]


def test_graphviz_prints_nothing_while_it_draws(graphviz, capfd):
    draw_dot(neuron()).pipe()
    assert capfd.readouterr() == ("", "")


def test_a_source_that_graphviz_cannot_read_is_reported_with_its_line():
    with pytest.raises(RuntimeError, match="line 2"):
        bundled("digraph {\n a -> [ }", "svg")


def test_without_any_graphviz_the_message_says_what_to_install(monkeypatch):
    monkeypatch.setenv("PATH", "")
    monkeypatch.setitem(sys.modules, "pygraphviz", None)
    with pytest.raises(RuntimeError, match="pip install pygraphviz"):
        draw_dot(neuron()).pipe()
