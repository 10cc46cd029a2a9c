"""Networks as they are drawn: found in graphs, with the engine's numbers, on one page."""

import math
import random
import xml.etree.ElementTree as ElementTree
from collections import defaultdict

import pytest

from autograd import StaleGraph, Value, tanh
from nn import MLP, Layer, Module, Neuron, binary_cross_entropy, cross_entropy, hinge, mse
from nn.losses import l2
from viz.graph.network_scene import scene
from viz.graph.networks import found
from viz.graph.notation import number
from viz.graph.sheet import Page
from viz.render.svg import svg

ACTIVATIONS = ["tanh", "relu", "sigmoid", "softplus", None]
HOSTILE = '</text><script>alert(1)</script>\x00\n𝕏&" ' + "long " * 60


def loss_of(model, examples=1, seed=0, loss=None, back=True, values=False):
    """A loss of random examples."""
    rng = random.Random(seed)
    count, outputs = model.inputs, len(model.layers[-1].neurons)
    numbers = [[rng.uniform(-1, 1) for _ in range(count)] for _ in range(examples)]
    if values:
        numbers = [[Value(x, f"x{i}") for i, x in enumerate(row, 1)] for row in numbers]
    outs = [model(row) for row in numbers]
    if outputs > 1:
        y = cross_entropy(outs, [rng.randrange(outputs) for _ in outs])
    else:
        y = (loss or mse)(outs, [rng.choice([0, 1]) for _ in outs])
    if back:
        y.backward()
    return y


def mlp(*sizes, activation="tanh", seed=0):
    model, rng = MLP(sizes[0], sizes[1:], activation, seed=seed), random.Random(seed)
    for parameter in model.parameters():
        parameter.data = parameter.data or rng.uniform(-0.5, 0.5)
    return model


def random_network(seed):
    rng = random.Random(seed)
    sizes = [rng.randint(1, 6) for _ in range(rng.randint(2, 4))]
    model = mlp(*sizes, activation=rng.choice(ACTIVATIONS), seed=seed)
    loss = rng.choice([mse, hinge, binary_cross_entropy])
    return model, loss_of(model, rng.choice([1, 1, 3]), seed, loss, values=seed % 2 == 0)


def written(drawing):
    """What is written in each part of the groups, by kind and id."""
    return {
        (group.kind, group.of): {
            mark.part: mark.text for mark in group.marks if hasattr(mark, "text")
        }
        for group in drawing.groups
    }


def assert_all_texts_apart(drawing):
    """No two texts overlap, and all are on the page."""
    texts = list(drawing.texts)
    for i, text in enumerate(texts):
        area = text.area
        assert area.x >= 0 and area.right <= drawing.width, text
        assert area.y >= 0 and area.bottom <= drawing.height, text
        for other in texts[:i]:
            assert not area.overlaps(other.area), (text, other)


def assert_legible(drawing, least=17.0):
    """Large enough, apart, and each on its card."""
    assert min(text.size for text in drawing.texts) >= least
    assert_all_texts_apart(drawing)
    cards = [group for group in drawing.groups if group.area and group.kind != "legend"]
    for i, group in enumerate(cards):
        for mark in group.marks:
            if hasattr(mark, "text"):
                assert group.area.x <= mark.area.x and mark.area.right <= group.area.right, mark
                assert group.area.y <= mark.area.y and mark.area.bottom <= group.area.bottom, mark
        assert not any(group.area.overlaps(other.area) for other in cards[:i])


@pytest.mark.parametrize("seed", range(20))
def test_every_number_is_the_engines(seed):
    model, y = random_network(seed)
    network = found(y)
    drawing = scene(network, example=len(network.examples) - 1)
    shown = written(drawing)
    sentences = {(group.kind, group.of): group.sentence for group in drawing.groups}
    example = network.examples[-1]
    assert shown["card", "result"] | {"name": ""} == {
        "name": "", "value": number(y.data), "gradient": "+1"
    }  # fmt: skip
    for at, (layer, real) in enumerate(zip(example.layers, model.layers, strict=True), 1):
        for place, (neuron, made) in enumerate(zip(layer, real.neurons, strict=True), 1):
            assert neuron.bias is made.b and neuron.activation is made.activation
            card = shown["card", f"n{at}.{place}"]
            assert card["value"] == number(neuron.out.data)
            assert card["gradient"].lstrip("+") == number(neuron.out.grad)
            bias = f"bias {number(made.b.data)}, gradient {number(made.b.grad)}"
            assert sentences["square", f"b{at}.{place}"].endswith(bias)
            total = made.b.data
            for i, (weight, w) in enumerate(zip(neuron.weights, made.w, strict=True), 1):
                assert weight.parameter is w
                x = weight.input.data if isinstance(weight.input, Value) else weight.input
                total += w.data * x
                assert sentences["line", f"w{at}.{place}.{i}"].endswith(
                    f"weight {number(w.data)}, gradient {number(w.grad)}, "
                    f"flows back {number(weight.flow)}"
                )
            assert total == neuron.total.data
    for place, x in enumerate(example.inputs):
        data = x.data if isinstance(x, Value) else x
        card = shown["card", f"x{place + 1}"]
        assert card["value"] == number(data)
        assert card["gradient"].lstrip("+") == number(example.gradient_of_input(place))


@pytest.mark.parametrize("seed", range(20))
def test_flows_add_up_to_the_gradient(seed):
    _, y = random_network(seed)
    for example in found(y).examples:
        for at, layer in enumerate(example.layers[:-1]):
            for place, neuron in enumerate(layer):
                flows = example.flows_of(at, place)
                size = sum(map(abs, flows))
                assert neuron.out.grad == pytest.approx(sum(flows), abs=1e-12 * size)


def test_plain_numbers_have_the_gradient_that_values_have():
    model = mlp(3, 4, 1)
    plain = found(loss_of(model)).examples[0]
    values = found(loss_of(model, values=True)).examples[0]
    for place, x in enumerate(values.inputs):
        assert plain.gradient_of_input(place) == pytest.approx(x.grad, rel=1e-12)


@pytest.mark.parametrize("sizes", [(2, 8, 8, 1), (64, 16, 10), (2, 2, 2), (12, 12, 12), (1, 1)])
@pytest.mark.parametrize("back", [True, False], ids=["after", "before"])
def test_fits_a_slide_in_type_that_can_be_read(sizes, back):
    drawing = scene(found(loss_of(mlp(*sizes), back=back)))
    assert (drawing.width, drawing.height) == (1920, 1080)
    assert_legible(drawing)


@pytest.mark.parametrize("sizes", [(2, 8, 8, 1), (2, 2, 2), (1, 1)])
def test_a_sheet_is_no_larger_than_what_is_on_it(sizes):
    drawing = scene(found(loss_of(mlp(*sizes), 3)), is_sheet=True)
    assert drawing.width <= 1920 and drawing.height <= 1080
    assert_legible(drawing)


@pytest.mark.parametrize("size", [(1280, 720), (900, 600)])
def test_a_small_page_holds_it_all(size):
    assert_legible(scene(found(loss_of(mlp(2, 8, 8, 1), 2)), Page(*size)), least=9)


def test_before_backward_there_is_no_gradient():
    drawing = scene(found(loss_of(mlp(2, 3, 1), back=False)))
    assert "gradient" not in " ".join(group.sentence for group in drawing.groups)
    assert {"value", "name"} == set(written(drawing)["card", "n1.1"])
    for lines in ("gradient", "flow"):
        with pytest.raises(ValueError, match="backward"):
            scene(found(loss_of(mlp(2, 3, 1), back=False)), lines=lines)


def test_one_of_several_examples_is_drawn_and_said():
    network = found(loss_of(mlp(2, 3, 1), 4))
    notes = [[text.text for text in scene(network, example=i).texts if "of 4" in text.text]
             for i in (0, 3)]  # fmt: skip
    assert notes[0][0].startswith("example 1 of 4") and notes[1][0].startswith("example 4 of 4")
    with pytest.raises(IndexError):
        scene(network, example=4)


def test_examples_of_the_same_numbers_are_told_apart():
    model = mlp(2, 3, 1)
    network = found(mse([model([1.0, 2.0]), model([1.0, 2.0])], [0.0, 1.0]))
    assert [example.targets for example in network.examples] == [(0.0,), (1.0,)]


def test_lines_show_what_they_are_asked_for():
    network = found(loss_of(mlp(2, 2, 1)))
    neuron = network.examples[0].layers[-1][0]
    largest = {
        "weight": lambda w: abs(w.parameter.data),
        "gradient": lambda w: abs(w.parameter.grad),
        "flow": lambda w: abs(w.flow),
    }
    for lines, size in largest.items():
        groups = {group.of: group.marks[0] for group in scene(network, lines=lines).of_kind("line")}
        widths = [groups[f"w2.1.{i}"].width for i in (1, 2)]
        sizes = [size(weight) for weight in neuron.weights]
        assert (widths[0] > widths[1]) == (sizes[0] > sizes[1])
    with pytest.raises(ValueError, match="lines is one of"):
        scene(network, lines="bias")


def test_negative_weights_are_dashed_and_negative_biases_hollow():
    model = mlp(2, 4, 1)
    groups = {(g.kind, g.of): g.marks[0] for g in scene(found(loss_of(model))).groups}
    for place, neuron in enumerate(model.layers[0].neurons, 1):
        square = groups["square", f"b1.{place}"]
        assert square.fill == ("positive" if neuron.b.data > 0 else "background")
        for i, w in enumerate(neuron.w, 1):
            line = groups["line", f"w1.{place}.{i}"]
            assert bool(line.dash) == (w.data < 0)
            assert line.stroke == ("positive" if w.data > 0 else "negative")


def test_of_many_neurons_the_strongest_are_drawn_and_the_others_counted():
    network = found(loss_of(mlp(64, 16, 10)))
    drawing = scene(network)
    pills = [text.text for group in drawing.of_kind("pill") for text in group.marks[1:]]
    assert pills == ["+ 57 more", "+ 9 more"]
    example = network.examples[0]
    strength = {
        place: abs(x * example.gradient_of_input(place)) for place, x in enumerate(example.inputs)
    }
    drawn = {int(group.of[1:]) - 1 for group in drawing.of_kind("card") if group.of[0] == "x"}
    assert 0 in drawn and len(drawn) == 7
    hidden = strength.keys() - drawn
    assert min(strength[i] for i in drawn - {0}) >= max(strength[i] for i in hidden - {0})


def test_the_target_stands_under_the_loss_where_it_is_known():
    def target(y):
        return [text.text for text in scene(found(y)).texts if text.text.startswith("target")]

    out = mlp(2, 2, 1)([1.0, 2.0])
    assert target(mse([out], [0.25])) == ["target 0.250"]
    assert target((out - Value(2.0, "t")) ** 2) == ["target 2"]
    assert target(hinge([out], [1])) == []
    assert target(cross_entropy([mlp(2, 3)([1.0, 2.0])], [2])) == ["target ŷ₃"]


def test_an_output_without_a_loss_is_the_end():
    y = mlp(2, 3, 1)([1.0, 2.0])
    y.backward()
    drawing = scene(found(y))
    assert [text.text for text in drawing.texts if text.text == "loss"] == []
    assert written(drawing)["card", "n2.1"]["gradient"] == "+1"
    assert found(Layer(2, 3)([1.0, 2.0])[1])


def test_outputs_without_a_loss_are_the_last_column():
    network = found(*Layer(2, 3)([1.0, 2.0]))
    assert [len(layer) for layer in network.examples[0].layers] == [3]
    assert not network.has_loss and not network.has_gradients
    cards = [group.of for group in scene(network).of_kind("card")]
    assert cards == ["x1", "x2", "n1.1", "n1.2", "n1.3"]


def test_parameters_in_a_penalty_are_said():
    model = mlp(2, 3, 1)
    y = mse([model([1.0, 2.0])], [1.0]) + l2(model.parameters())
    y.backward()
    assert any("elsewhere" in text.text for text in scene(found(y)).texts)


def test_a_gradient_that_is_not_all_drawn_is_said():
    def notes(y):
        return [text.text for text in scene(found(y)).texts if "holds more" in text.text]

    model, x = mlp(2, 3, 1), [Value(1.0, "x1"), Value(2.0, "x2")]
    y = mse([model(x)], [1.0])
    y.backward()
    assert notes(y) == []
    y.backward()
    assert len(notes(y)) == 1
    x = [Value(1.0, "x1"), Value(2.0, "x2")]
    both = mse([model(x), model(x)], [1.0, 0.0])
    both.backward()
    assert len(notes(both)) == 1


def test_hostile_names_and_labels_stay_text():
    xs = [Value(1.0, HOSTILE), Value(2.0, "]]>")]
    y = mse([mlp(2, 3, 1)(xs)], [1.0])
    y.label = HOSTILE
    y.backward()
    drawing = scene(found(y))
    assert_legible(drawing)
    root = ElementTree.fromstring(svg(drawing, fonts=False))
    assert not [element for element in root.iter() if element.tag.endswith("script")]


def test_numbers_of_any_size_stay_on_their_cards():
    model = mlp(2, 3, 1, activation=None)
    for parameter, data in zip(model.parameters(), [1e-300, -1e30, 123456.7, 0.0], strict=False):
        parameter.data = data
    y = mse([model([-1e-9, 12345.678])], [-1e8])
    y.backward()
    assert_legible(scene(found(y)))


def recurrent():
    cell, state = Layer(3, 2, tanh), [0.0, 0.0]
    for x in (0.5, -1.0, 0.25):
        state = cell([x, *state])
    return mse([state[0]], [1.0])


def own_outputs():
    layer, state = Layer(2, 2, tanh), [0.5, 1.0]
    for _ in range(3):
        state = layer(state)
    return mse([state], [[1.0, 0.0]])


class Residual(Module):
    def __init__(self):
        self.inner = Layer(1, 1, None)
        self.scale = Value(0.5)

    def __call__(self, x):
        return x[0] + self.scale * self.inner(x)


def skipping():
    first, second = Layer(2, 2, tanh, name="layer1"), Layer(3, 1, name="layer2")
    x = Value(1.0, "x1")
    return second([*first([x, 2.0]), x])


def two_networks():
    one, other = mlp(2, 2, 1), mlp(2, 2, 1, seed=1)
    return mse([one([1.0, 2.0]), other([1.0, 2.0])], [1.0, 0.0])


def crossed():
    first, second = Layer(2, 2, tanh, name="layer1"), Layer(2, 1, name="layer2")
    return second(first([1.0, 2.0])[::-1])


def computed_inputs():
    x = Value(3.0, "x")
    return mlp(2, 2, 1)([x, x * x])


@pytest.mark.parametrize(
    "graph",
    [recurrent, own_outputs, lambda: Residual()([Value(2.0)]), lambda: Residual()([2.0]), skipping,
     two_networks, crossed, computed_inputs, lambda: tanh(Value(1.0) * 2.0),
     lambda: Value(1.0), lambda: Neuron(2)([1.0, 2.0]),
     lambda: mlp(2, 2, 1)([1.0, 2.0]) * Value(3.0)],
)  # fmt: skip
def test_what_is_no_plain_network_is_none(graph):
    assert found(graph()) is None


def test_outputs_of_which_only_one_has_a_target_are_drawn():
    first, second = mlp(2, 3, 2)([0.5, -1.0])
    (example,) = found((first - 1.0) ** 2 + second**2).examples
    assert example.targets == () and example.right is None


def test_a_stale_graph_raises():
    model = mlp(2, 2, 1)
    y = loss_of(model)
    model.layers[0].neurons[0].b.data = 3.0
    with pytest.raises(StaleGraph):
        found(y)


def test_equal_networks_are_drawn_equally():
    first, second = (svg(scene(found(loss_of(mlp(2, 8, 8, 1))))) for _ in range(2))
    assert first == second and math.isfinite(len(first))


def rows_of(drawing):
    """The texts of an opened neuron, line by line."""
    rows = defaultdict(list)
    for kind in ("row", "input", "weight", "product"):
        for group in drawing.of_kind(kind):
            for mark in group.marks:
                if hasattr(mark, "text"):
                    rows[mark.y].append(mark.text)
    return [rows[y] for y in sorted(rows)]


@pytest.mark.parametrize("back", [True, False], ids=["after", "before"])
@pytest.mark.parametrize("sizes", [(2, 8, 8, 1), (64, 16, 10), (2, 2, 2), (1, 1)])
def test_an_opened_neuron_shows_all_its_numbers(sizes, back):
    network = found(loss_of(mlp(*sizes), back=back))
    for at, layer in enumerate(network.examples[0].layers, 1):
        place = len(layer)
        drawing = scene(network, open=(at, place))
        rows = rows_of(drawing)
        neuron = layer[place - 1]
        assert len(rows) == min(len(neuron.weights), 8) + 1
        for weight in neuron.weights if len(neuron.weights) <= 12 else neuron.weights[:1]:
            x = weight.input.data if isinstance(weight.input, Value) else weight.input
            numbers = {number(n) for n in (x, weight.parameter.data, weight.product.data)}
            assert any(numbers <= set(row) for row in rows)
        assert number(neuron.bias.data) in rows[-1]
        tags = [group.marks[-1].text.lstrip("+") for group in drawing.of_kind("tag")]
        flows = [number(weight.flow) for weight in neuron.weights] if back else []
        assert set(tags) <= set(flows) and bool(tags) == back
        assert len(drawing.of_kind("sum")) == (neuron.activation is not None)
        assert_all_texts_apart(drawing)
        assert min(text.size for text in drawing.texts) >= 16
        (panel,) = drawing.of_kind("opened")
        inside = [panel, *drawing.of_kind("row"), *drawing.of_kind("tag"), *drawing.of_kind("chip")]
        for text in (mark for group in inside for mark in group.marks if hasattr(mark, "text")):
            assert panel.area.x <= text.area.x and text.area.right <= panel.area.right, text
            assert panel.area.y <= text.area.y and text.area.bottom <= panel.area.bottom, text


def test_a_gradient_of_several_examples_is_no_product_of_one():
    def told(y):
        return [text.text for text in scene(found(y), open=(1, 1)).texts if "× input" in text.text]

    assert told(loss_of(mlp(4, 3, 1))) == ["this gradient × input: ∂L/∂w"]
    assert told(loss_of(mlp(4, 3, 1), 3)) == ["this gradient × input: part of ∂L/∂w"]


def test_there_is_no_neuron_to_open():
    with pytest.raises(IndexError, match="no neuron 3"):
        scene(found(loss_of(mlp(2, 2, 1))), open=(1, 3))
