"""Folded graphs: the same numbers at every card that is left, and the chain rule on its edges."""

import copy
import math
import pickle
import random
import re
import xml.etree.ElementTree as ElementTree

import pytest

import viz
from autograd import (
    TABLE,
    Program,
    StaleGraph,
    Value,
    chain_rule,
    explain,
    grad,
    gradients,
    relu,
    sigmoid,
    sqrt,
    tanh,
    topological_order,
)
from autograd.formula import Formula
from autograd.teaching.steps import passes
from nn import MLP, Layer, Module, Neuron, binary_cross_entropy, cross_entropy, hinge, mse
from nn.losses import l2
from viz.apps.stepper.core import Stepper
from viz.graph.fold import LEVELS, MAX_DRAWN, folded
from viz.graph.inside import LONGEST, WAYS, Folded
from viz.graph.model import contracted
from viz.graph.notation import number

ACTIVATIONS = [row for row in TABLE.values() if row.is_built_in and len(row.partials) == 1]
SVG = "{http://www.w3.org/2000/svg}"


def inputs(count=2, seed=0):
    rng = random.Random(seed)
    return [Value(rng.uniform(-1, 1), f"x{i}") for i in range(1, count + 1)]


def of_network(sizes=(3, 1), activation=tanh, seed=1, **options):
    """A loss of one example, and the inputs."""
    x = inputs()
    out = MLP(2, list(sizes), activation, seed=seed, **options)(x)
    loss = mse([out] if len(sizes) and sizes[-1] == 1 else out, [0.3] * sizes[-1])
    loss.label = "loss"
    return loss, x


def moons_network(values=True):
    x = inputs() if values else [0.5, -1.2]
    return mse([MLP(2, [16, 16, 1], tanh, seed=1)(x)], [1.0])


def batch(examples, loss=hinge, shape=(3, 1), regularised=False, values=False):
    model = MLP(2, list(shape), relu, seed=1)
    xs = [inputs(seed=i) if values else [0.1 * i, -0.2 * i] for i in range(examples)]
    total = loss([model(x) for x in xs], [i % 2 for i in range(examples)])
    if regularised:
        total = total + l2(model.parameters())
    return total


def kinds(y):
    """The folded nodes of a graph, by kind."""
    found = [node.op.name for node in topological_order(y) if isinstance(node.op, Folded)]
    return {kind: found.count(kind) for kind in dict.fromkeys(found)}


def assert_same_gradients(y, z):
    """Every leaf of the graph z has the gradient that it has in the graph y."""
    whole, part = gradients(y), gradients(z)
    for leaf in (node for node in part if node.op is None):
        assert part[leaf] == pytest.approx(whole[leaf], rel=1e-12, abs=1e-12), leaf


def evaluated(text, numbers):
    """A formula with numbers for its names, of which `layer1.neuron2.w1` is one."""
    held = {}
    for i, name in enumerate(sorted(numbers, key=len, reverse=True)):
        text = re.sub(rf"(?<![\w.]){re.escape(name)}(?![\w.])", f"_{i}", text)
        held[f"_{i}"] = numbers[name]
    return eval(text, TABLE | held)


def assert_formulas_mean_their_numbers(z):
    """On every edge of a folded graph, in names and in numbers."""
    names = {node: f"{node.label}@{i}" for i, node in enumerate(topological_order(z))}
    visible = {name: node.data for node, name in names.items()}
    for edge in passes(z, names, digits=17)[1]:
        inside = getattr(edge.node.op, "inside", None)
        hidden = [*inside.nodes[:-1], *inside.leaves] if inside else []
        numbers = {node.label: node.data for node in hidden if node.label} | visible
        for rule in (edge.rule, edge.rule_in_numbers):
            assert evaluated(str(rule), numbers) == pytest.approx(edge.slope, rel=1e-12, abs=1e-15)


# The same numbers


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("row", ACTIVATIONS, ids=lambda row: row.name)
def test_gradients_at_the_edge_of_folds_are_those_of_the_whole_graph(row, level):
    x = inputs()
    bias = 1.7 if row.name == "acosh" else 0.2
    model = MLP(2, [2, 1], row, init=lambda rng, inputs, neurons: ([0.3 / inputs] * inputs, bias))
    y = mse([model(x)], [0.3])
    z, _ = folded(y, fold=level)
    assert kinds(z)
    assert_same_gradients(y, z)
    assert_formulas_mean_their_numbers(z)


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("sizes", [(1,), (4,), (1, 1), (3, 1), (5, 4, 1), (2, 2, 2, 2), (3, 2)])
@pytest.mark.parametrize("activation", [relu, tanh, sigmoid, None])
def test_networks_of_any_shape_keep_their_gradients(sizes, activation, level):
    y, _ = of_network(sizes, activation)
    z, _ = folded(y, fold=level)
    assert_same_gradients(y, z)
    assert_formulas_mean_their_numbers(z)


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("regularised", [False, True])
@pytest.mark.parametrize("loss", [mse, hinge, binary_cross_entropy])
def test_batches_that_share_parameters_keep_their_gradients(loss, regularised, level):
    y = batch(4, loss, regularised=regularised, values=True)
    z, _ = folded(y, fold=level)
    assert kinds(z).get("neuron", 0) == (16 if level == "neuron" else 0)
    assert kinds(z).get("network", 0) == (0 if level == "neuron" else 4)
    assert_same_gradients(y, z)


def test_a_network_of_several_outputs_is_a_card_per_output():
    x = inputs()
    y = cross_entropy([MLP(2, [4, 3], seed=1)(x)], [2])
    z, _ = folded(y, fold="network")
    assert kinds(z) == {"network": 3}
    assert_same_gradients(y, z)


def test_cards_hold_the_gradients_that_the_nodes_of_the_whole_graph_hold():
    y, x = of_network()
    y.backward()
    for node, shown in ((y, "loss"), (x[0], "x1")):
        for level in LEVELS:
            cards = {card.name: card for card in contracted(*folded(y, fold=level)).nodes}
            assert (cards[shown].value, cards[shown].grad) == (node.data, node.grad)
    z, _ = folded(y, fold="neuron")
    z.backward()
    before = {n.label: n.grad for n in topological_order(y) if n.op}
    for node in topological_order(z):
        if isinstance(node.op, Folded):
            assert node.grad == pytest.approx(before[node.label], rel=1e-12)


def test_folds_can_be_differentiated_twice():
    y, x = of_network()
    z, _ = folded(y, fold="network")
    for a in x:
        for b in x:
            assert grad(grad(z, a), b).data == pytest.approx(grad(grad(y, a), b).data, rel=1e-9)


def test_folded_graphs_become_programs_of_the_operations_inside():
    y, x = of_network()
    z, _ = folded(y, fold="neuron")
    numbers = [[0.3, 0.4], [-1.0, 2.0]]
    whole, part = Program(y, x), Program(z, x)
    assert part(numbers) == pytest.approx(whole(numbers), rel=1e-12)
    value, slopes = Program(z).value_and_gradients([[]])
    assert (value, list(slopes)) == (
        pytest.approx(y.data),
        pytest.approx([grad(y, a).data for a in x]),
    )
    assert "Math.tanh" in part.source("javascript")


def test_parameters_are_read_when_a_number_is_asked_for():
    x, neuron = inputs(1), Neuron(1, tanh, name="h")
    z, _ = folded(neuron(x), fold="neuron")
    neuron.w[0].data, neuron.b.data = 2.0, 0.5
    y = math.tanh(2 * 0.25 + 0.5)
    assert z.op(0.25) == z.op.inside(0.25) == pytest.approx(y)
    assert z.op.slope(0, y, [0.25]) == pytest.approx((1 - y * y) * 2)


def test_a_slope_that_does_not_exist_is_undefined_in_a_fold_too():
    x, neuron = Value(0.0, "x"), Neuron(1, sqrt, init=lambda *_: ([1.0], 0.0), name="h")
    z, _ = folded(neuron([x]) * 0.0, fold="neuron")
    assert contracted(z).edges[0].local is None
    assert "undefined" in explain(z).text
    assert gradients(z)[x] == 0


# What is folded


def test_the_moons_network_folds_to_a_card_per_neuron():
    y = moons_network()
    z, _ = folded(y)
    assert kinds(z) == {"neuron": 33}
    assert len(topological_order(z)) <= 40
    inside = {leaf for node in topological_order(z) for leaf in node.parents}
    assert [leaf.label for leaf in inside if ".w" in leaf.label or ".b" in leaf.label] == []


def test_plain_numbers_stand_beside_the_neurons_that_they_go_into():
    nodes = contracted(folded(moons_network(values=False))[0]).nodes
    assert [node.badge for node in nodes].count("▣ neuron 0.500 −1.200") == 16
    assert len(nodes) <= 40


def test_a_network_shows_the_plain_numbers_of_its_example_once():
    nodes = contracted(folded(moons_network(values=False), fold="network")[0]).nodes
    assert nodes[0].badge == "▣ network 0.500 −1.200"


def test_small_graphs_are_folded_only_when_asked():
    y, _ = of_network()
    names = {"out": y}
    for fold in (None, False):
        assert folded(y, names, fold) == (y, names)
    assert kinds(folded(y, fold="neuron")[0]) == {"neuron": 4}
    assert kinds(folded(y, fold="network")[0]) == {"network": 1}
    assert kinds(folded(y, fold="loss")[0]) == {"network": 1, "loss": 1}


def test_a_batch_folds_as_far_as_it_must():
    assert kinds(folded(batch(20, shape=(5, 1)))[0]) == {"neuron": 120}
    assert kinds(folded(batch(60, shape=(5, 1)))[0]) == {"network": 60}
    assert kinds(folded(batch(100, shape=(16, 16, 1)))[0]) == {"network": 100, "loss": 1}
    assert kinds(folded(batch(100, regularised=True))[0]) == {"network": 100, "loss": 1}


def test_a_parameter_that_is_used_elsewhere_too_stays_visible():
    model, x = Neuron(2, tanh, name="h"), inputs()
    y = model(x) + model.w[0] ** 2
    z, _ = folded(y, fold="neuron")
    assert model.w[0] in topological_order(z) and model.w[1] not in topological_order(z)
    assert_same_gradients(y, z)


def test_an_output_that_is_used_twice_is_a_card():
    hidden, top, x = Layer(2, 2, tanh, name="layer1"), Layer(2, 1, name="layer2"), inputs()
    h = hidden(x)
    y = top(h) + h[0]
    z, _ = folded(y, fold="network")
    assert [n.label for n in topological_order(z) if n.op][:-1] == [
        "layer1.neuron1",
        "layer2.neuron1",
    ]
    assert_same_gradients(y, z)


def test_modules_of_ones_own_with_layers_of_one_name_keep_their_gradients():
    class Twice(Module):
        def __init__(self):
            self.first, self.second = Layer(2, 2, tanh), Layer(2, 2, None)

        def __call__(self, x):
            return sum(self.second(self.first(x)), Value(0.0))

    y = Twice()(inputs())
    for level in LEVELS:
        assert_same_gradients(y, folded(y, fold=level)[0])
        assert_formulas_mean_their_numbers(folded(y, fold=level)[0])


def test_two_networks_in_a_row_stay_two():
    y = MLP(2, [3, 1], seed=1)(MLP(2, [3, 2], seed=2)(inputs()))
    z, _ = folded(y, fold="network")
    assert kinds(z) == {"network": 3}
    assert_same_gradients(y, z)


def test_leaves_and_numbers_stay_what_they_are():
    y, x = of_network()
    for level in LEVELS:
        z, variables = folded(y, {"y": y, "x": x, "n": 3}, level)
        assert all(leaf in topological_order(z) for leaf in x)
        assert variables == {"y": z, "x": x, "n": 3}
        assert (z.data, z.label) == (y.data, y.label)


def test_names_of_variables_carry_over():
    y, _ = of_network()
    y.label = ""
    nodes = contracted(*folded(y, {"total": y, "terms": [y.parents[0]]}, "neuron")).nodes
    assert [node.name for node in nodes if node.badge in ("a²", "÷1")] == ["terms[0]", "total"]


def test_unfolding_gives_the_same_drawing_as_before():
    y, _ = of_network()
    y.backward()
    before = viz.draw(y, fold=False).svg
    viz.draw(y, fold="neuron")
    folded(y, fold="loss")
    assert viz.draw(y, fold=False).svg == before


# Formulas


def test_an_edge_into_a_neuron_is_explained_by_its_activation_and_its_weight():
    y, _ = of_network()
    told = explain(folded(y, fold="neuron")[0]).text
    assert "∂layer1.neuron1/∂x1 = (1 - layer1.neuron1 ** 2) * layer1.neuron1.w1 = (1 -" in told
    assert "∂output/∂layer1.neuron1 = layer2.neuron1.w1 = " in told


def test_a_sum_inside_is_called_by_its_label():
    z, _ = folded(Neuron(2, TABLE["softplus"], name="h")(inputs()), fold="neuron")
    assert str(z.slope(0, lambda node: Formula(node.label, number=node.data))) == (
        "sigmoid(h.sum) * h.w1"
    )


def test_long_products_are_written_as_their_number():
    y, _ = of_network((4, 4, 1))
    for edge in explain(folded(y, fold="network")[0]).backward:
        assert len(str(edge.rule)) <= LONGEST
    z, _ = folded(y, fold="network")
    node = next(n for n in topological_order(z) if isinstance(n.op, Folded))
    ways = node.op.inside.ways
    assert ways[node.op.inside.inputs[0]] == 16 > WAYS


def test_labels_that_mean_two_things_are_written_as_numbers():
    x = Value(0.5, "w1")
    neuron = Neuron(1, tanh, init=lambda *_: ([2.0], 0.0))
    z, _ = folded(neuron([x]), fold="neuron")
    edge = explain(z, names={"y": z}).backward[0]
    assert str(edge.rule) == "(1 - y ** 2) * 2"


# Pictures


def titles(svg, kind):
    """What is read aloud of everything of a kind, by the value or the edge that it is about."""
    groups = ElementTree.fromstring(svg).iter(f"{SVG}g")
    return {g.get("data-of"): g.findtext(f"{SVG}title") for g in groups if g.get("class") == kind}


def texts(svg, kind):
    """What is written on everything of a kind, from left to right."""
    groups = ElementTree.fromstring(svg).iter(f"{SVG}g")
    return [[text.text for text in g.iter(f"{SVG}text")] for g in groups if g.get("class") == kind]


def test_folded_cards_can_be_told_from_others():
    y, _ = of_network()
    y.backward()
    svg = viz.draw(y, fold="neuron").svg
    cards = titles(svg, "card")
    marked = {of for of, title in cards.items() if ", ▣ neuron, value " in title}
    assert len(cards) == 9 and sorted(marked) == ["n2", "n3", "n4", "n5"]
    assert sorted(texts(svg, "badge")) == sorted([["▣ neuron"]] * 4 + [["−0.300"], ["a²"], ["÷1"]])
    assert ["▣ several operations in one card"] in texts(svg, "legend")
    assert "▣" not in viz.draw(y, fold=False).svg
    source = viz.draw_dot(y, fold="neuron").source
    assert source.count("peripheries=2") == 4
    assert source.count("▣ neuron") == 4
    assert "peripheries" not in viz.draw_dot(y).source


def test_the_edges_of_folds_show_the_product_of_what_is_inside():
    x, neuron = Value(0.25, "x"), Neuron(1, tanh, init=lambda *_: ([2.0], 0.5), name="h")
    y = neuron([x])
    y.backward(3.0)
    (edge,) = contracted(folded(y, fold="neuron")[0]).edges
    slopes = [slope for _, _, parent, slope, _, _ in chain_rule(y) if parent.op or parent is x]
    assert edge.local == pytest.approx(math.prod(slopes))
    assert edge.flow == pytest.approx(x.grad)
    svg = viz.draw(y, fold="neuron").svg
    assert (texts(svg, "chip"), texts(svg, "tag")) == ([["×0.840"]], [["+2.520"]])
    assert titles(svg, "line") == {
        "e0": "x into h: product of local derivatives 0.840, flows back 3 × 0.840 = 2.520"
    }


def test_where_many_cards_meet_many_edges_keep_their_numbers_to_themselves():
    y = moons_network()
    y.backward()
    drawing = viz.draw(y, fold="neuron")
    assert len(drawing.pages) == 2
    assert texts(drawing.svg, "chip") == texts(drawing.svg, "tag") == []
    told = titles(drawing.svg, "line").values()
    assert len(told) == 2 * 16 + 16 * 16 + 16 + 3  # 3: minus the target, squared, divided
    numbers = {
        f"{parent.label} into {node.label}: product of local derivatives {number(slope)}, "
        f"flows back {number(node.grad)} × {number(slope)} = {number(flow)}"
        for node, _, parent, slope, flow, _ in chain_rule(folded(y)[0])
        if isinstance(node.op, Folded)
    }
    assert len(numbers) == 2 * 16 + 16 * 16 + 16 and numbers <= set(told)
    assert ["flow back: wide = large, dashed = negative"] in texts(drawing.svg, "legend")


@pytest.mark.parametrize("suffix", [".svg", ".png", ".pdf", ".dot"])
@pytest.mark.parametrize("direction", ["LR", "TB"])
@pytest.mark.parametrize("fold", [None, "neuron", "network"])
def test_large_networks_can_be_saved(tmp_path, suffix, direction, fold):
    drawing = viz.draw(moons_network(), direction=direction, fold=fold)
    assert drawing.save(tmp_path / f"net{suffix}").stat().st_size > 1000


@pytest.mark.parametrize("label", ['"', "<b>", "a\nb", "\\N", "]]>", "$x$", "a" * 300, "ẞ▣\x00"])
def test_any_label_can_be_on_a_folded_card(label, tmp_path):
    x = Value(0.5, label)
    neuron = Neuron(1, tanh, name=label)
    y = neuron([x])
    y.backward()
    drawing = viz.draw(y, fold="neuron")
    assert list(titles(drawing.svg, "card")) == ["n0", "n1"]
    assert texts(drawing.svg, "badge") == [["▣ neuron"]]
    assert viz.draw_dot(y, fold="neuron").pipe()
    Stepper(folded(y, fold="neuron")[0])
    viz.save(y, tmp_path / "y.html", fold="neuron")


def test_folded_graphs_can_be_stepped_through():
    z, _ = folded(moons_network())
    plan = Stepper(z).state["plan"]
    assert len(plan["cards"]) == 38


# Refusals


def test_a_deep_chain_without_modules_is_refused_whatever_fold_says():
    y = x = Value(0.0, "x")
    for _ in range(MAX_DRAWN):
        y = y + x
    for fold in (None, False, *LEVELS):
        with pytest.raises(ValueError, match="has 401 nodes, and a picture holds at most 400"):
            viz.draw(y, fold=fold)


def test_what_is_too_large_even_folded_is_refused_in_one_sentence():
    y = batch(100, values=True, shape=(2, 1)) + batch(100, values=True, shape=(2, 1))
    with pytest.raises(ValueError, match=r"nodes, \d+ when it is folded, .* at most 400: draw a"):
        viz.draw(y)
    with pytest.raises(ValueError, match=r"when it is folded.*: fold further, or draw"):
        viz.draw(y, fold="neuron")
    with pytest.raises(ValueError, match=r"has \d+ nodes, and a picture"):
        viz.draw(y, fold=False)


@pytest.mark.parametrize("wrong", ["layer", True, 1, "", []])
def test_an_unknown_fold_is_refused(wrong):
    with pytest.raises(
        ValueError,
        match="fold is one of neuron, network, loss, the name of an operation, None or False",
    ):
        viz.draw(Value(1.0), fold=wrong)


def test_what_is_no_value_is_refused_as_ever():
    with pytest.raises(TypeError, match=r"only a Value has a graph: .* not 3\.0"):
        viz.draw(3.0, fold="neuron")


def test_a_stale_graph_is_not_folded():
    y, x = of_network()
    x[0].data = 3.0
    with pytest.raises(StaleGraph, match="x1 was changed"):
        folded(y, fold="neuron")


def test_folds_are_in_no_table_and_in_no_pickle():
    before = dict(TABLE)
    z, _ = folded(of_network()[0], fold="neuron")
    assert before == TABLE
    with pytest.raises(ValueError, match="pickle the graph that was folded"):
        pickle.dumps(z)
    assert copy.deepcopy(z).data == z.data
