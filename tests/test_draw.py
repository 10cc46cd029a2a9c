"""Pictures say what the engine says. No test here knows where on the paper anything stands."""

import math
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from base64 import b64decode

import pytest

import viz
from autograd import StaleGraph, Value, exp, explain, grad, sqrt, tanh, where
from viz import draw, draw_dot, save, trace
from viz.picture import MAX_DRAWN, picture

SVG = "{http://www.w3.org/2000/svg}"
BEGINS = {".svg": b"<svg ", ".png": b"\x89PNG\r\n\x1a\n", ".pdf": b"%PDF-", ".dot": b"digraph "}


def neuron():
    x1, x2, b = Value(2.0, "x1"), Value(0.0, "x2"), Value(6.8813735870195432, "b")
    w1, w2 = Value(-3.0, "w1"), Value(1.0, "w2")
    o = tanh(x1 * w1 + x2 * w2 + b)
    o.label = "o"
    return o


def swept(y):
    y.backward()
    return y


def groups(drawing, kind):
    """The elements for cards or wires, by their names in the picture."""
    found = ElementTree.fromstring(drawing.svg).iter(f"{SVG}g")
    return {g.get("data-id"): g for g in found if kind in g.get("class", "").split()}


def sentences(y):
    """Every card read aloud."""
    return [card.get("aria-label") for card in groups(draw(y), "card").values()]


def words(y):
    """Every piece of text in the picture."""
    return [text.text for text in ElementTree.fromstring(draw(y).svg).iter(f"{SVG}text")]


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
    drawing = draw(a * a)
    assert len(groups(drawing, "card")) == 2
    assert len(groups(drawing, "wire")) == 2
    assert draw_dot(a * a).source.count("->") == 2


def test_every_value_is_drawn_once_and_every_constant_once_per_use():
    x = Value(2.0, "x")
    cards = groups(draw(x * 3.0 + 3.0 + x), "card")
    kinds = sorted(card.get("class").split()[1] for card in cards.values())
    assert kinds == ["constant", "constant", "leaf", "operation", "operation", "operation"]


def test_a_single_leaf_can_be_drawn():
    assert sentences(Value(1.5, "x")) == ["x, value 1.5, gradient not computed"]
    assert words(Value(1.5)) == ["y", "value", "1.5", "grad", "not computed"]


def test_cards_show_label_operation_value_and_gradient():
    assert set(sentences(swept(neuron()))) >= {
        "x1, value 2, gradient −1.5",
        "w2, value 1, gradient 0",
        "v3, +, value −6, gradient 0.5",
        "o, tanh, value 0.7071, gradient 1",
    }


def test_an_operation_is_shown_as_the_learner_wrote_it():
    x = Value(2.0, "x")
    shown = words(exp(-(x**3.0 / x)))
    assert {"**", "/", "-", "exp"} <= set(shown)


def test_a_gradient_that_was_not_computed_is_not_a_zero():
    before = sentences(neuron())
    assert all(sentence.endswith("gradient not computed") for sentence in before)
    x = Value(3.0, "x")
    y = swept(x * 0.0)
    assert sentences(y)[0] == "x, value 3, gradient 0"
    assert "not computed" not in words(y)


def test_constants_have_no_gradient_and_no_derivative():
    y = swept(Value(3.0, "x") * 5.0)
    assert "constant 5" in sentences(y)
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
    assert {"× −3", "× 2"} <= set(words(x * w))


def test_after_backward_an_edge_also_carries_what_flows_back_along_it():
    x, w = Value(2.0, "x"), Value(-3.0, "w")
    y = x * w
    y.backward(-10.0)
    assert wires(y) == [["× −3", "▲ +30"], ["× 2", "▼ −20"]]


def test_a_derivative_that_does_not_exist_is_called_undefined():
    root = sqrt(Value(0.0, "x"))
    assert wires(root) == [["undefined"]]
    assert wires(swept(root * Value(0.0)))[0] == ["undefined", "0"]
    assert "undefined" in words(root)


def test_a_branch_that_a_choice_did_not_take_is_called_not_taken():
    x = Value(-1.0, "x")
    y = where(x > 0, lambda: x.sqrt() * 2, lambda: 3 * x)
    for drawn in (wires(y), wires(swept(y))):
        assert drawn.count(["not taken"]) == 3
        assert not any("undefined" in notes for notes in drawn)
    assert words(y).count("not taken") == 3


def test_colour_follows_the_flow_and_so_does_its_sign_in_words():
    y = swept(Value(2.0, "x") * Value(-3.0, "w"))
    kinds = [wire.get("class") for wire in groups(draw(y), "wire").values()]
    assert kinds == ["wire negative", "wire positive"]
    assert [card.get("class") for card in groups(draw(y), "card").values()] == [
        "card leaf negative",
        "card leaf positive",
        "card operation positive",
    ]
    assert {"▼ −3", "▲ +2"} <= set(words(y))


def test_nothing_is_coloured_before_backward():
    parts = groups(draw(neuron()), "card") | groups(draw(neuron()), "wire")
    assert not any(
        {"positive", "negative"} & set(part.get("class").split()) for part in parts.values()
    )


def test_the_largest_flow_is_drawn_thickest_and_none_at_all_thinnest():
    small, large = Value(0.01, "small"), Value(100.0, "large")
    strengths = [wire.strength for wire in picture(swept(small * large)).wires]
    assert strengths[0] == 1 and 0 < strengths[1] < 0.05
    assert all(wire.strength == 0 for wire in picture(small * large).wires)


@pytest.mark.parametrize("number", [math.inf, -math.inf, math.nan, 5e-324, 1.7e308, -0.0])
def test_any_float_can_be_drawn(number):
    y = swept(Value(number, "x") + 0.0)
    y.parents[0].grad = number
    ElementTree.fromstring(draw(y).svg)
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


def test_a_picture_shows_the_moment_in_which_it_was_drawn():
    y = neuron()
    drawing = draw(y)
    y.backward()
    assert "not computed" in drawing.svg


def test_gradients_of_gradients_are_graphs_and_can_be_drawn():
    x = Value(0.5, "x")
    assert "tanh" in words(grad(tanh(x), x))


def test_the_legend_explains_the_numbers_on_the_edges():
    assert any("local derivative" in line for line in words(neuron()))
    assert "local derivative" in draw_dot(neuron()).source
    assert words(Value(1.0, "x")) == ["x", "value", "1", "grad", "not computed"]


# Refusals


def test_only_values_have_a_graph_and_one_edge_is_no_edges():
    for call in (trace, draw):
        with pytest.raises(TypeError, match=r"only a Value has a graph: .*, not 2\.0"):
            call(2.0)
    assert repr(draw(-Value(1.0, "x"))).endswith(": 2 nodes, 1 edge>")


def test_too_large_a_graph_is_refused_in_one_sentence():
    y = Value(0.0, "x")
    for _ in range(200):
        y = y + 1.0
    assert len(picture(y.parents[0]).cards) == 399
    with pytest.raises(ValueError, match=rf"has 401 nodes.* at most {MAX_DRAWN}: draw a part"):
        draw(y)
    with pytest.raises(ValueError, match="401 nodes"):
        draw_dot(y)


def test_a_million_nodes_are_refused():
    y = x = Value(0.0, "x")
    for _ in range(10**6):
        y = y + x
    with pytest.raises(ValueError, match="1000001 nodes"):
        draw(y)


def test_a_stale_graph_is_not_drawn():
    x = Value(1.0, "x")
    y = x * 2.0
    x.data = 3.0
    with pytest.raises(StaleGraph, match="x was changed"):
        draw(y)


@pytest.mark.parametrize("wrong", [3.0, [Value(1.0)], None])
def test_only_values_are_drawn(wrong):
    with pytest.raises(
        TypeError, match="only a Value has a graph: give the result of a computation"
    ):
        draw(wrong)


def test_an_unknown_direction_is_refused():
    with pytest.raises(ValueError, match="LR, TB, RL, BT"):
        draw_dot(neuron(), rankdir="sideways")
    with pytest.raises(ValueError, match="LR, TB, RL, BT"):
        draw(neuron(), rankdir="sideways")


# The SVG as a thing of its own


def test_ids_of_two_pictures_on_one_page_differ():
    y = neuron()
    before, after = draw(y).svg, draw(swept(y)).svg
    ids = [set(re.findall(r'\sid="([^"]+)"', svg)) for svg in (before, after)]
    assert len(ids[0]) > 20 and not ids[0] & ids[1]


def test_a_notebook_shows_the_svg_as_an_image_which_survives_the_cleaning_of_html():
    drawing = draw(neuron())
    data = re.search(r'<img [^>]*src="data:image/svg\+xml;base64,([^"]+)"', drawing._repr_html_())
    assert b64decode(data[1]).decode() == drawing.svg == drawing._repr_svg_()
    assert "<svg" not in drawing._repr_html_()


def test_values_without_a_label_have_the_names_that_explain_gives_them():
    weight = Value(2.0)
    y = (weight * 3.0).exp()
    told = list(explain(y).names.values())
    assert told == ["weight", "v1", "y"]
    assert [card.get("aria-label").split(",")[0] for card in groups(draw(y), "card").values()] == [
        "weight", "constant 3", "v1", "y",
    ]  # fmt: skip
    assert 'label="y ' in draw_dot(y).source
    assert [card.name for card in picture(y).cards] == ["v1", "3", "v2", "v3"]


def test_what_an_svg_refers_to_is_in_it():
    svg = draw(neuron()).svg
    root = ElementTree.fromstring(svg)
    ids = {element.get("id") for element in root.iter()}
    assert {root.get("aria-labelledby"), root.get("aria-describedby")} <= ids
    assert root.get("role") == "img" and "http" not in svg.replace(SVG[1:-1], "")


def test_the_same_graph_gives_the_same_svg():
    assert draw(swept(neuron())).svg == draw(swept(neuron())).svg


def test_every_colour_of_the_picture_has_a_dark_counterpart():
    assert viz.svg.LIGHT.keys() == viz.svg.DARK.keys()
    svg = draw(neuron()).svg
    used = set(re.findall(r"var\(--sg-([\w-]+)\)", svg))
    assert used and used <= viz.svg.DARK.keys()
    assert "prefers-color-scheme:dark" in svg
    assert 'body[data-jp-theme-light="false"] .stepgrad' in svg


def test_the_style_stays_inside_the_picture():
    style = ElementTree.fromstring(draw(neuron()).svg).findtext(f"{SVG}style")
    selectors = re.findall(r"([^{}]+)\{", style)
    for selector in selectors:
        if not selector.strip().startswith("@"):
            assert all(".stepgrad" in part for part in selector.split(",")), selector


def test_the_picture_is_described_for_those_who_do_not_see_it():
    root = ElementTree.fromstring(draw(swept(neuron())).svg)
    assert root.findtext(f"{SVG}title") == "Computation graph of o"
    described = root.findtext(f"{SVG}desc")
    assert "x1, value 2, gradient −1.5" in described
    assert "x1 into v1: local derivative −3, flows back 0.5 × −3 = −1.5" in described


def test_repr_is_one_line():
    y = neuron()
    y.label = "a\nb"
    assert repr(draw(y)) == "<drawing of a b: 10 nodes, 9 edges>"


# Files


@pytest.mark.parametrize("suffix", BEGINS)
def test_save_writes_what_the_suffix_says_and_returns_the_path(tmp_path, suffix):
    path = tmp_path / f"neuron{suffix.upper()}"
    assert save(swept(neuron()), str(path)) == path
    assert path.read_bytes().startswith(BEGINS[suffix])
    assert os.listdir(tmp_path) == [path.name]  # no temporary file is left


@pytest.mark.parametrize("name", ["picture.jpg", "picture", "picture.svg.gz", ".svg"])
def test_an_unknown_suffix_is_refused_with_the_known_ones(tmp_path, name):
    with pytest.raises(ValueError, match=r"\.svg, \.png, \.pdf, \.dot"):
        save(neuron(), tmp_path / name)
    assert os.listdir(tmp_path) == []


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"no folder .*nowhere"):
        save(neuron(), tmp_path / "nowhere" / "x.svg")


def test_a_save_that_fails_leaves_the_old_file_alone(tmp_path, monkeypatch):
    path = save(neuron(), tmp_path / "x.svg")
    old = path.read_bytes()

    def full(descriptor):
        raise OSError("no space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="no space left"):
        save(swept(neuron()), path)
    assert path.read_bytes() == old and os.listdir(tmp_path) == ["x.svg"]


# Graphviz, with and without its program


def test_every_kind_of_file_can_be_saved(graphviz, tmp_path):
    for suffix, beginning in BEGINS.items():
        path = save(swept(neuron()), tmp_path / f"x{suffix}")
        assert path.read_bytes().startswith(beginning)


def test_a_layout_places_every_card_wire_and_note(graphviz):
    y = swept(neuron())
    drawing = draw(y * y + 1.0)
    assert len(groups(drawing, "card")) == 13
    assert len(groups(drawing, "wire")) == 13


@pytest.mark.parametrize("rankdir", ["LR", "TB", "RL", "BT"])
def test_cards_do_not_overlap_in_any_direction(graphviz, rankdir):
    drawn = picture(swept(neuron()))
    where = viz.layout.positions(viz.dot.bare(drawn, rankdir)).cards
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


def test_graphviz_prints_nothing_while_it_draws(graphviz, tmp_path, capfd):
    save(neuron(), tmp_path / "x.svg")
    save(neuron(), tmp_path / "x.png")
    draw_dot(neuron()).pipe()
    assert capfd.readouterr() == ("", "")


def test_a_source_that_graphviz_cannot_read_is_reported_with_its_line(graphviz):
    with pytest.raises(RuntimeError, match="line 2"):
        viz.layout.rendered("digraph {\n a -> [ }", "svg")


def test_without_any_graphviz_the_message_says_what_to_install(monkeypatch):
    monkeypatch.setenv("PATH", "")
    monkeypatch.setitem(sys.modules, "pygraphviz", None)
    with pytest.raises(RuntimeError, match="pip install pygraphviz"):
        _ = draw(neuron()).svg


def test_threads_can_draw_at_the_same_time(monkeypatch):
    from concurrent.futures import ThreadPoolExecutor

    monkeypatch.setenv("PATH", "")
    with ThreadPoolExecutor(8) as pool:
        pictures = list(pool.map(lambda _: draw(neuron()).svg, range(40)))
    assert len(set(pictures)) == 1


def test_importing_viz_loads_no_graphics_library():
    script = "import sys, viz; print({'pygraphviz', 'matplotlib', 'numpy'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.stdout.strip() == "set()"
