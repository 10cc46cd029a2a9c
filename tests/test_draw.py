"""Pictures say what the engine says, and can be read: from afar, aloud, and without colours."""

import math
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from base64 import b64decode
from itertools import pairwise

import pytest

import viz
from autograd import StaleGraph, Value, explain, grad, sqrt, tanh, where
from autograd.backprop import chain_rule
from nn import MLP, Module
from tests import drawn
from tests.drawn import GRAPHS, swept
from tests.graphs import random_graph
from viz import draw, draw_dot, save
from viz.graph.layout import layout
from viz.graph.model import contracted
from viz.graph.notation import number, signed
from viz.palette import DARK, LIGHT

SVG = "{http://www.w3.org/2000/svg}"
BEGINS = {".svg": b"<svg ", ".png": b"\x89PNG\r\n\x1a\n", ".pdf": b"%PDF-", ".dot": b"digraph "}


def neuron(back=False):
    x1, x2, b = Value(2.0, "x1"), Value(0.0, "x2"), Value(6.8813735870195432, "b")
    w1, w2 = Value(-3.0, "w1"), Value(1.0, "w2")
    o = tanh(x1 * w1 + x2 * w2 + b)
    o.label = "o"
    if back:
        o.backward()
    return o


def shown(scene, kind):
    """What is written in the groups of a kind, by what they are about."""
    return {
        group.of: [mark.text for mark in group.marks if hasattr(mark, "text")]
        for group in scene.of_kind(kind)
    }


def words(y, **options):
    """Every piece of text in the picture."""
    root = ElementTree.fromstring(draw(y, **options).svg)
    return [text.text for text in root.iter(f"{SVG}text")]


def sentences(y):
    """Every card read aloud."""
    return [card.sentence for card in draw(y).pages[0].of_kind("card")]


# What is in the graph is in the picture


def test_a_square_is_drawn_with_two_edges_which_say_which_argument_they_are():
    a = Value(3.0, "a")
    (page,) = draw(a * a).pages
    assert len(page.of_kind("card")) == 2 and len(page.of_kind("line")) == 2
    assert shown(page, "chip") == {"e0": ["(1) ×3"], "e1": ["(2) ×3"]}


def test_plain_numbers_stand_in_the_badges_of_their_operations():
    x = Value(2.0, "x")
    (page,) = draw((x * 3.0 - 5.0) ** 2 + x, contract=False).pages
    assert len(page.of_kind("card")) == 5
    assert sorted(text for (text,) in shown(page, "badge").values()) == ["+", "a²", "×3", "−5"]


def test_a_single_leaf_can_be_drawn():
    assert sentences(Value(1.5, "x")) == ["x, value 1.500, gradient not computed"]
    assert words(Value(1.5), names=False, legend=False) == ["v₁", "1.500"]


def test_cards_show_name_operation_value_and_gradient():
    y = neuron(back=True)
    assert set(sentences(y)) >= {
        "x1, value 2, gradient −1.500",
        "w2, value 1, gradient 0",
        "o, tanh, value 0.707, gradient 1",
    }
    (page,) = draw(y).pages
    assert ["x₁", "2", "−1.500"] in shown(page, "card").values()


def test_a_gradient_that_was_not_computed_is_not_a_zero():
    assert all(sentence.endswith("gradient not computed") for sentence in sentences(neuron()))
    x = Value(3.0, "x")
    y = swept(lambda: x * 0.0)
    assert sentences(y)[0] == "x, value 3, gradient 0"


def test_the_operands_of_a_difference_keep_their_order():
    x, y = Value(3.0, "x"), Value(5.0, "y")
    cards = {card.of: card for card in draw(y - x).pages[0].of_kind("card")}
    names = {shown(draw(y - x).pages[0], "card")[of][0]: of for of in cards}
    assert cards[names["y"]].area.y < cards[names["x"]].area.y
    assert shown(draw(10 - x).pages[0], "badge") == {"n1": ["10−"]}


def test_after_backward_an_edge_shows_what_flows_back_and_its_local_derivative():
    x, w = Value(2.0, "x"), Value(-3.0, "w")
    y = x * w
    assert shown(draw(y).pages[0], "chip") == {"e0": ["×−3"], "e1": ["×2"]}
    assert shown(draw(y).pages[0], "tag") == {}
    y.backward(-10.0)
    assert shown(draw(y).pages[0], "tag") == {"e0": ["+30"], "e1": ["−20"]}
    lines = {line.of: line.sentence for line in draw(y).pages[0].of_kind("line")}
    assert lines["e0"] == "x into y: local derivative −3, flows back −10 × −3 = 30"


def test_a_derivative_that_does_not_exist_is_called_undefined():
    root = sqrt(Value(0.0, "x"))
    assert "undefined" in words(root)
    assert "undefined" in words(swept(lambda: root * Value(0.0)))


def test_a_branch_that_a_choice_did_not_take_is_called_not_taken():
    x = Value(-1.0, "x")
    y = where(x > 0, lambda: x.sqrt() * 2, lambda: 3 * x)
    for _ in range(2):
        assert words(y).count("not taken") == 3 and "undefined" not in words(y)
        y.backward()


def test_signs_are_shown_by_colour_and_by_dashes_triangles_and_words():
    x, w = Value(2.0, "x"), Value(-3.0, "w")
    (page,) = draw(swept(lambda: x * w)).pages
    lines = {line.of: line.marks[0] for line in page.of_kind("line")}
    assert (lines["e0"].stroke, lines["e1"].stroke) == ("negative", "positive")
    assert lines["e0"].dash and not lines["e1"].dash
    triangles = {
        tag.of: next(mark.path for mark in tag.marks if mark.part in ("up", "down"))
        for tag in page.of_kind("tag")
    }
    assert triangles["e0"] != triangles["e1"]
    assert shown(page, "tag") == {"e0": ["−3"], "e1": ["+2"]}


def test_nothing_is_coloured_before_backward():
    (page,) = draw(neuron()).pages
    strokes = {mark.stroke for group in page.groups for mark in group.marks
               if not hasattr(mark, "text") and group.kind != "legend"}  # fmt: skip
    assert not strokes & {"positive", "negative"}


def test_the_largest_flow_has_the_widest_line():
    small, large = Value(0.01, "small"), Value(100.0, "large")
    (page,) = draw(swept(lambda: small * large)).pages
    widths = {line.of: line.marks[0].width for line in page.of_kind("line")}
    assert widths["e0"] > 2 * widths["e1"] > 0


@pytest.mark.parametrize("data", [math.inf, -math.inf, math.nan, 5e-324, 1.7e308, -0.0])
def test_any_float_can_be_drawn(data):
    y = swept(lambda: Value(data, "x") + 0.0)
    y.parents[0].grad = data
    ElementTree.fromstring(draw(y).svg)
    assert number(data) in words(y)


def test_gradients_left_by_an_earlier_pass_are_pointed_out():
    def told(y):
        return [text for text in words(y) if "earlier passes" in text]

    y = neuron(back=True)
    assert told(y) == []
    y.backward()
    assert len(told(y)) == 1


def test_a_picture_shows_the_moment_in_which_it_was_drawn():
    y = neuron()
    drawing = draw(y)
    y.backward()
    assert drawing.svg == draw(neuron()).svg != draw(y).svg


def test_gradients_of_gradients_are_graphs_and_can_be_drawn():
    x = Value(0.5, "x")
    assert "tanh" in words(grad(tanh(x), x))


def test_the_legend_says_what_the_marks_mean_and_can_be_left_out():
    assert any("local derivative" in text for text in words(neuron()))
    assert any("upstream gradient" in text for text in words(neuron(back=True)))
    assert not any("derivative" in text for text in words(neuron(), legend=False))


# Every number is the engine's


def some_at_once(count, quick):
    """Seeds, of which all but the first few are for the slow tests."""
    return [*range(quick), *(pytest.param(i, marks=pytest.mark.slow) for i in range(quick, count))]


def labelled(seed):
    """A random graph whose values all have names, so that none is drawn inside another."""
    y = random_graph(seed, rows=seed % 2 == 0)
    if y.op is None:
        y = y * 2.0
    y.backward()
    order = contracted(y, sums=False)
    for i, value in enumerate(viz.trace(y)[0]):
        value.label = f"q{i}."
    return y, order


@pytest.mark.parametrize("seed", some_at_once(200, 40))
def test_cards_tags_and_chips_have_the_engines_numbers(seed):
    y, _ = labelled(seed)
    values = {value.label: value for value in viz.trace(y)[0]}
    edges = [
        (node.label, position, parent.label, slope, flow)
        for node, position, parent, slope, flow, _ in chain_rule(y)
    ]
    drawing = layout(y, sums=False)
    graph = drawing.graph
    assert {node.name: (node.value, node.grad) for node in graph.nodes} == {
        name: (value.data, value.grad) for name, value in values.items()
    }
    found = sorted((e.head.name, e.place, e.tail.name) for e in graph.edges)
    assert len(found) == len(edges)
    flows = sorted((head, tail, round(flow, 12)) for head, _, tail, _, flow in edges)
    assert flows == sorted((e.head.name, e.tail.name, round(e.flow, 12)) for e in graph.edges)
    pages = drawing.pages()
    names = {node.id: node for node in graph.nodes}
    for page in pages:
        for of, (_, value, *gradient) in shown(page, "card").items():
            assert value == number(names[of].value)
            assert gradient in ([], [signed(names[of].grad)])
        flows = {edge.id: edge.flow for edge in graph.edges}
        for of, (text,) in shown(page, "tag").items():
            if of in flows:
                assert text == signed(flows[of])
    drawn_cards = {of for page in pages for of in shown(page, "card")}
    assert drawn_cards == set(names)


@pytest.mark.parametrize("seed", some_at_once(100, 20))
def test_flows_add_up_to_the_gradient_when_sums_are_drawn_as_one(seed):
    y = random_graph(seed)
    y.backward()
    for graph in (contracted(y), contracted(y, sums=False)):
        for node in graph.nodes[:-1]:
            flows = [edge.flow for edge in node.outs]
            size = sum(map(abs, flows))
            assert node.grad == pytest.approx(sum(flows), abs=1e-12 * max(1.0, size))


# A slide can be read from the last row


def assert_fits(page, least):
    texts = list(page.texts)
    assert min(text.size for text in texts) >= least
    for i, text in enumerate(texts):
        area = text.area
        assert area.x >= 0 and area.right <= page.width, text
        assert area.y >= 0 and area.bottom <= page.height, text
        for other in texts[:i]:
            assert not area.overlaps(other.area, 0.5), (text, other)
    groups = [group for group in page.groups if group.area]
    for i, group in enumerate(groups):
        for text in (mark for mark in group.marks if hasattr(mark, "text")):
            assert group.area.x <= text.area.x + 0.5, text
            assert text.area.right <= group.area.right + 0.5, text
            assert group.area.y <= text.area.y + 0.5, text
            assert text.area.bottom <= group.area.bottom + 0.5, text
        for other in groups[:i]:
            if {group.kind, other.kind} != {"badge", "card"}:
                assert not group.area.overlaps(other.area, 0.5), (group, other)


ALMOST = {("LR", "recurrent, 20 steps"): 15, ("TB", "recurrent, plain numbers"): 15,
          ("TB", "sum"): 15}  # fmt: skip


MOST_PAGES = {"LR": 9, "TB": 24}


@pytest.mark.parametrize(
    ("name", "direction"),
    [
        *((name, "LR") for name in GRAPHS),
        *(pytest.param(name, "TB", marks=pytest.mark.slow) for name in GRAPHS),
    ],
)
def test_any_graph_fits_slides_in_type_that_can_be_read(name, direction):
    pages = layout(GRAPHS[name](), direction=direction).pages()
    for page in pages:
        assert (page.width, page.height) == (1920, 1080)
        assert_fits(page, ALMOST.get((direction, name), 16))
    assert len(pages) <= MOST_PAGES[direction]


@pytest.mark.parametrize("direction", ["LR", "TB"])
@pytest.mark.parametrize("size", [(1280, 720), (1000, 1400), (3000, 700)])
@pytest.mark.parametrize("name", ["neuron", "2-2-2", "softmax"])
def test_other_sizes_hold_it_all(name, size, direction):
    pages = draw(GRAPHS[name](), size=size, direction=direction).pages
    assert len(pages) == 1 or direction == "TB"
    for page in pages:
        assert (page.width, page.height) == size
        assert_fits(page, 10)


def rows_of_legend(page):
    return len({group.area.y for group in page.of_kind("legend")})


@pytest.mark.parametrize("direction", ["LR", "TB"])
@pytest.mark.parametrize("size", [(1000, 1400), (400, 700), (300, 240)])
def test_a_legend_has_its_rows_for_itself_however_many_it_takes(size, direction):
    pages = draw(GRAPHS["softmax"](), size=size, direction=direction).pages
    assert max(map(rows_of_legend, pages)) > 1
    for page in pages:
        assert_fits(page, 0)


@pytest.mark.parametrize("name", ["neuron", "x to the x", "2-2-2", "hostile", "398 nodes"])
def test_what_is_shown_in_a_notebook_is_no_larger_than_what_is_on_it(name):
    page = layout(GRAPHS[name]()).sheet()
    right = max(group.area.right for group in page.groups if group.area)
    lower = max(group.area.bottom for group in page.groups if group.area)
    assert page.width - right < max(40, page.width - 760) and page.height - lower < 60


def test_a_long_graph_is_cut_into_lines_as_a_text_is():
    (page,) = draw(drawn.chain(40)).pages
    cards = [card.area for card in page.of_kind("card")]
    breaks = [(a, b) for a, b in pairwise(cards) if b.x < a.x]
    assert len(breaks) == 7 and all(after.y > before.bottom for before, after in breaks)


def luminance(color):
    channels = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("colors", [LIGHT, DARK], ids=["light", "dark"])
def test_text_has_the_contrast_that_wcag_asks_for(colors):
    scenes = [draw(GRAPHS[name](), fold=False).pages[0] for name in ("neuron", "2-2-2")]
    scenes.append(draw(GRAPHS["2-8-8-1 mse"]()).pages[0])
    texts = {text.color for scene in scenes for text in scene.texts}
    fills = {mark.fill for scene in scenes for group in scene.groups for mark in group.marks
             if getattr(mark, "fill", "") and group.kind in ("card", "tag", "chip", "badge")
             and mark.part not in ("up", "down")}  # fmt: skip
    for text in texts:
        for fill in fills | {"background"}:
            light, dark = sorted((luminance(colors[text]), luminance(colors[fill])), reverse=True)
            if text != "muted" or fill == "background":
                assert (light + 0.05) / (dark + 0.05) >= 4.5, (text, fill)


# Networks


def test_what_nn_made_is_drawn_as_a_network_unless_it_is_not_to_be_folded():
    y = GRAPHS["2-4-1 mse"]()
    assert repr(draw(y)) == "<drawing of Network 2 → 4 → 1, with its loss>"
    assert repr(draw(y, fold=False)) == "<drawing of L: 48 nodes, 47 edges>"
    assert "▣" in "".join(words(y, fold="neuron"))


def test_a_model_is_drawn_with_an_example():
    model = MLP(2, [3, 2], seed=0)
    (page,) = draw(model, [0.5, -1.0]).pages
    assert [of for of in shown(page, "card") if of[0] == "x"] == ["x1", "x2"]
    outputs = [shown(page, "card")[f"n2.{i}"][1] for i in (1, 2)]
    assert outputs == [number(y.data) for y in model([0.5, -1.0])]
    with pytest.raises(TypeError, match=r"draw\(model, \[0.5, -1.0\]\)"):
        draw(model)


def test_one_of_several_examples_is_chosen_by_its_index():
    y = GRAPHS["3-4-4-1 mse of 4"]()
    assert any("example 3 of 4" in text for text in words(y, example=2))
    with pytest.raises(IndexError, match="example 4 of 4"):
        draw(y, 4)
    with pytest.raises(TypeError, match=r"one is drawn, by its index, .* not by \[0\.5\]"):
        draw(y, [0.5])


def test_a_neuron_opens_and_lines_show_gradients():
    y = GRAPHS["2-4-1 mse"]()
    assert {"flow back", "∂L/∂w", "product"} <= set(words(y, open=(1, 2)))
    assert any("∂L/∂weight > 0" in text for text in words(y, lines="gradient"))


class Twice(Module):
    """No plain network."""

    def __init__(self, outputs):
        self.scale = Value(2.0, "scale")
        self.outputs = outputs

    def __call__(self, x):
        found = [self.scale * one for one in x]
        return found if self.outputs > 1 else found[0]


def test_a_model_that_is_no_plain_network_is_drawn_as_its_graph():
    assert repr(draw(Twice(1), [3.0])) == "<drawing of v1: 2 nodes, 1 edge>"  # 3.0 is none
    with pytest.raises(ValueError, match="this model gives 2: draw one of them"):
        draw(Twice(2), [3.0, 4.0])


@pytest.mark.parametrize("options", [{"example": 1}, {"lines": "flow"}, {"open": (1, 1)}])
def test_what_only_a_network_has_is_refused_elsewhere(options):
    with pytest.raises(ValueError, match="only a network that nn made"):
        draw(neuron(), **options)


# Refusals


def test_only_values_have_a_graph_and_one_edge_is_no_edges():
    for wrong in (2.0, [Value(1.0)], None):
        with pytest.raises(TypeError, match="only a Value has a graph: give the result of a"):
            draw(wrong)
    assert repr(draw(-Value(1.0, "x"))).endswith(": 2 nodes, 1 edge>")


def test_too_large_a_graph_is_refused_in_one_sentence():
    y = Value(0.0, "x")
    for _ in range(400):
        y = y + 1.0
    with pytest.raises(ValueError, match=r"has 401 nodes.* at most 400: draw a part"):
        draw(y)


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


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"direction": "RL"}, "direction is LR .* or TB"),
        ({"theme": "blue"}, "theme is one of auto, light, dark"),
        ({"size": 1080}, "size is a width and a height"),
        ({"size": (10, 10)}, "from 200 to 16384 pixels"),
        ({"fold": "layer"}, "fold is one of"),
    ],
)
def test_an_unknown_option_is_refused(options, complaint):
    with pytest.raises(ValueError, match=complaint):
        draw(neuron(), **options)


# The SVG as a thing of its own


def test_ids_of_two_pictures_on_one_page_differ():
    before, after = draw(neuron()).svg, draw(neuron(back=True)).svg
    ids = [set(re.findall(r'\sid="([^"]+)"', svg)) for svg in (before, after)]
    assert ids[0] and not ids[0] & ids[1]


def test_a_notebook_shows_the_svg_as_an_image_which_survives_the_cleaning_of_html():
    drawing = draw(neuron())
    data = re.search(r'<img [^>]*src="data:image/svg\+xml;base64,([^"]+)"', drawing._repr_html_())
    assert b64decode(data[1]).decode() == drawing.svg == drawing._repr_svg_()
    assert "<svg" not in drawing._repr_html_()
    assert "x1, value 2, gradient not computed" in drawing._repr_html_()  # its alternative


def test_values_without_a_label_have_the_names_that_explain_gives_them():
    weight = Value(2.0)
    y = (weight * 3.0).exp()
    told = list(explain(y).names.values())
    assert told == ["weight", "v1", "y"]
    assert [name for name, *_ in shown(draw(y).pages[0], "card").values()] == ["weight", "v₁", "y"]
    assert 'label="y ' in draw_dot(y).source


def test_what_an_svg_refers_to_is_in_it():
    svg = draw(neuron()).svg
    root = ElementTree.fromstring(svg)
    ids = {element.get("id") for element in root.iter()}
    assert {root.get("aria-labelledby"), root.get("aria-describedby")} <= ids
    assert root.get("role") == "img" and "http" not in svg.replace(SVG[1:-1], "")


def test_the_same_graph_gives_the_same_svg():
    assert draw(neuron(back=True)).svg == draw(neuron(back=True)).svg


def test_a_picture_of_a_theme_has_only_its_colours_and_other_pictures_both():
    def colors(theme):
        return set(re.findall(r"#[0-9a-fA-F]{6}", draw(neuron(back=True), theme=theme).svg))

    assert colors("light") <= set(LIGHT.values())
    assert colors("dark") <= set(DARK.values())
    assert "prefers-color-scheme:dark" in draw(neuron()).svg
    assert set(DARK.values()) <= colors("auto")


def test_the_picture_is_described_for_those_who_do_not_see_it():
    root = ElementTree.fromstring(draw(neuron(back=True)).svg)
    assert root.findtext(f"{SVG}title") == "Computation graph of o"
    described = root.findtext(f"{SVG}desc")
    assert "x1, value 2, gradient −1.500" in described
    assert described.count("x1 into v1: local derivative −3, flows back 0.500 × −3 = −1.500") == 1


def test_repr_is_one_line():
    y = neuron()
    y.label = "a\nb"
    assert repr(draw(y)) == "<drawing of a b: 10 nodes, 9 edges>"


# Files


@pytest.mark.parametrize("suffix", BEGINS)
def test_save_writes_what_the_suffix_says_and_returns_the_path(tmp_path, suffix):
    path = tmp_path / f"neuron{suffix.upper()}"
    assert save(neuron(back=True), str(path)) == path
    assert path.read_bytes().startswith(BEGINS[suffix])
    assert os.listdir(tmp_path) == [path.name]  # no temporary file is left


@pytest.mark.parametrize("name", ["picture.jpg", "picture", "picture.svg.gz", ".svg", ""])
def test_an_unknown_suffix_is_refused_with_the_known_ones(tmp_path, name):
    with pytest.raises(ValueError, match=r"\.svg, \.png, \.pdf, \.dot, \.html, \.gif"):
        save(neuron(), f"{tmp_path}/{name}")
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
        save(neuron(back=True), path)
    assert path.read_bytes() == old and os.listdir(tmp_path) == ["x.svg"]


def png_size(path):
    return tuple(int.from_bytes(path.read_bytes()[i : i + 4], "big") for i in (16, 20))


def test_a_png_is_a_slide_unless_it_is_to_have_another_size_or_scale(tmp_path):
    y = neuron(back=True)
    assert png_size(draw(y).save(tmp_path / "a.png")) == (1920, 1080)
    assert png_size(draw(y).save(tmp_path / "b.png", scale=0.5)) == (960, 540)
    assert png_size(draw(y, size=(800, 600)).save(tmp_path / "c.png", scale=2)) == (1600, 1200)


def test_a_pdf_has_a_page_for_every_slide(tmp_path):
    drawing = draw(GRAPHS["398 nodes"]())
    assert len(drawing.pages) > 2
    text = drawing.save(tmp_path / "x.pdf").read_bytes()
    assert len(re.findall(rb"/Type\s*/Page\b", text)) == len(drawing.pages)


@pytest.mark.parametrize("scale", [0, -1, math.nan, 100])
def test_a_scale_that_makes_no_picture_is_refused(tmp_path, scale):
    with pytest.raises(ValueError, match="scale"):
        draw(neuron()).save(tmp_path / "x.png", scale=scale)


def test_a_model_of_several_outputs_has_no_dot(tmp_path):
    with pytest.raises(ValueError, match="the graph of one value"):
        draw(MLP(2, [2], seed=0), [1.0, 2.0]).save(tmp_path / "x.dot")


def test_no_graphviz_is_needed(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", "")
    monkeypatch.setitem(sys.modules, "pygraphviz", None)
    for suffix in BEGINS:
        save(neuron(back=True), tmp_path / f"x{suffix}")


def test_threads_can_draw_at_the_same_time():
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(8) as pool:
        pictures = list(pool.map(lambda _: draw(neuron()).svg, range(40)))
    assert len(set(pictures)) == 1


def test_importing_viz_loads_no_graphics_library():
    script = (
        "import sys, viz; "
        "print({'pygraphviz', 'matplotlib', 'numpy', 'typst', 'fontTools'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.stdout.strip() == "set()"


@pytest.mark.parametrize("size", [(200, 200), (300, 200), (400, 300)])
@pytest.mark.parametrize("name", ["softmax", "x to the x", "sixty nodes", "2-2-2", "attention"])
def test_nothing_leaves_a_small_page(name, size):
    for scene in draw(GRAPHS[name](), size=size).pages:
        for area in (group.area for group in scene.groups if group.area):
            assert area.x >= 0 and area.right <= scene.width, area
