"""The graph in Graphviz's language: what `draw_dot` gives, and a walk and a film are drawn from."""

import math
import os
import sys

import pytest

import viz
from autograd import Value, sqrt, tanh, where
from viz import draw_dot, trace
from viz.picture import MAX_DRAWN, picture

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


def wires(y):
    """What each edge shows, in the order of the graph."""
    return [wire.notes for wire in picture(y).wires]


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


def test_every_value_is_drawn_once_and_every_constant_once_per_use():
    x = Value(2.0, "x")
    kinds = sorted(card.kind for card in picture(x * 3.0 + 3.0 + x).cards)
    assert kinds == ["constant", "constant", "leaf", "operation", "operation", "operation"]


def test_constants_have_no_gradient_and_no_derivative():
    y = swept(Value(3.0, "x") * 5.0)
    assert wires(y) == [["× 5", "▲ +5"], []]


def test_the_two_operands_of_a_difference_stand_in_their_order():
    x = Value(3.0, "x")
    drawn = picture(10 - x)
    assert [wire.tail.name for wire in drawn.wires] == ["10", "x"]
    where = viz.layout.positions(viz.dot.bare(drawn)).cards
    assert where["c0"][1] < where["n0"][1]  # 10 above x
    assert wires(10 - x) == [[], ["× −1"]]


# Edges


def test_every_edge_carries_its_local_derivative():
    x, w = Value(2.0, "x"), Value(-3.0, "w")
    assert wires(x * w) == [["× −3"], ["× 2"]]
    assert wires(tanh(x)) == [["× 0.07065"]]


def test_after_backward_an_edge_also_carries_what_flows_back_along_it():
    x, w = Value(2.0, "x"), Value(-3.0, "w")
    y = x * w
    y.backward(-10.0)
    assert wires(y) == [["× −3", "▲ +30"], ["× 2", "▼ −20"]]


def test_a_derivative_that_does_not_exist_is_called_undefined():
    root = sqrt(Value(0.0, "x"))
    assert wires(root) == [["undefined"]]
    assert wires(swept(root * Value(0.0)))[0] == ["undefined", "0"]


def test_a_branch_that_a_choice_did_not_take_is_called_not_taken():
    x = Value(-1.0, "x")
    y = where(x > 0, lambda: x.sqrt() * 2, lambda: 3 * x)
    for drawn in (wires(y), wires(swept(y))):
        assert drawn.count(["not taken"]) == 3
        assert not any("undefined" in notes for notes in drawn)


def test_the_largest_flow_is_drawn_thickest_and_none_at_all_thinnest():
    small, large = Value(0.01, "small"), Value(100.0, "large")
    strengths = [wire.strength for wire in picture(swept(small * large)).wires]
    assert strengths[0] == 1 and 0 < strengths[1] < 0.05
    assert all(wire.strength == 0 for wire in picture(small * large).wires)


@pytest.mark.parametrize("number", [math.inf, -math.inf, math.nan, 5e-324, 1.7e308, -0.0])
def test_any_float_can_be_drawn(number):
    y = swept(Value(number, "x") + 0.0)
    y.parents[0].grad = number
    assert draw_dot(y).pipe()
    strength = 1 if abs(number) > 1 else 0  # nan has none
    assert picture(y).cards[0].strength == pytest.approx(strength)


def test_gradients_left_by_an_earlier_pass_are_pointed_out():
    y = swept(neuron())
    assert not any("is not the sum" in line for line in picture(y).notes)
    y.backward()
    assert any("is not the sum" in line for line in picture(y).notes)


def test_the_flows_into_a_node_add_up_to_its_gradient():
    y = swept(neuron())
    for card in picture(y).cards[:-1]:
        flows = [wire.flow for wire in picture(y).wires if wire.tail.id == card.id]
        assert math.isclose(sum(flows), card.grad, abs_tol=1e-15)


# Refusals


def test_only_values_have_a_graph():
    with pytest.raises(TypeError, match=r"only a Value has a graph: .*, not 2\.0"):
        trace(2.0)


def test_too_large_a_graph_is_refused_in_one_sentence():
    y = Value(0.0, "x")
    for _ in range(200):
        y = y + 1.0
    assert len(picture(y.parents[0]).cards) == 399
    with pytest.raises(ValueError, match=rf"has 401 nodes.* at most {MAX_DRAWN}: draw a part"):
        draw_dot(y)


def test_an_unknown_direction_is_refused():
    with pytest.raises(ValueError, match="LR, TB, RL, BT"):
        draw_dot(neuron(), rankdir="sideways")


# Graphviz, with and without its program


@pytest.mark.parametrize("rankdir", ["LR", "TB", "RL", "BT"])
def test_cards_do_not_overlap_in_any_direction(graphviz, rankdir):
    drawn = picture(swept(neuron()))
    where = viz.layout.positions(viz.dot.digraph(drawn, rankdir=rankdir).source).cards
    for a in drawn.cards:
        for b in drawn.cards:
            dx, dy = (abs(p - q) for p, q in zip(where[a.id], where[b.id], strict=True))
            assert a is b or dx >= (a.width + b.width) / 2 or dy >= (a.height + b.height) / 2


def test_a_digraph_pipes_renders_and_is_shown_in_notebooks(graphviz, tmp_path):
    graph = draw_dot(swept(neuron()), format="png")
    assert graph.pipe().startswith(BEGINS[".png"])
    assert "<svg" in graph.pipe(format="svg", encoding="utf-8")
    assert "<svg" in graph._repr_mimebundle_()["image/svg+xml"]
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


def test_a_source_that_graphviz_cannot_read_is_reported_with_its_line(graphviz):
    with pytest.raises(RuntimeError, match="line 2"):
        viz.layout.rendered("digraph {\n a -> [ }", "svg")


def test_without_any_graphviz_the_message_says_what_to_install(monkeypatch):
    monkeypatch.setenv("PATH", "")
    monkeypatch.setitem(sys.modules, "pygraphviz", None)
    with pytest.raises(RuntimeError, match="pip install pygraphviz"):
        draw_dot(neuron()).pipe()
