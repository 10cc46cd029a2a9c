"""The walk through a network: neurons open in their place, with the engine's numbers in them."""

import json
from itertools import product

import pytest

import viz
from autograd import Value, topological_order
from nn import MLP, Neuron, cross_entropy, mse
from tests.playgrounds import until
from tests.test_stepper_picture import is_of_sign, written
from tests.test_what_if import compare, in_javascript  # noqa: F401
from viz.apps.stepper.core import Stepper
from viz.apps.stepper.network_scenes import Scenes
from viz.apps.stepper.plan import Plan
from viz.apps.stepper.teller import Told
from viz.graph.network_graph import graph_of
from viz.graph.notation import number, signed
from viz.hosts.page import page
from viz.walk.scenes import Walk

NETWORKS = {
    "2-2-2": lambda: summed(MLP(2, [2, 2], "tanh", seed=0)([0.5, -1.0])),
    "2-3-1": lambda: mse([MLP(2, [3, 1], "relu", seed=1)([0.5, -1.0])], [1.0]),
    "2-8-8-1": lambda: mse([MLP(2, [8, 8, 1], "sigmoid", seed=2)([0.5, -1.0])], [0.0]),
    "3-14-2": lambda: cross_entropy([MLP(3, [14, 2], "softplus", seed=3)([0.5, -1.0, 2.0])], [1]),
    "no loss": lambda: MLP(2, [2, 1], "tanh", seed=4)([Value(0.5, "x"), Value(-1.0, "y")]),
    "one neuron": lambda: mse([MLP(1, [1, 1], "tanh", seed=5)([0.3])], [1.0]),
}  # fmt: skip


def summed(outputs):
    return (outputs[0] - 1.0) ** 2 + outputs[1] ** 2


@pytest.fixture(params=NETWORKS.values(), ids=NETWORKS.keys())
def network(request):
    return request.param


# What is walked


def test_the_numbers_inside_a_neuron_are_those_of_the_whole_graph(network):
    y = network()
    graph = graph_of(y)
    stepper = Stepper(y)
    numbers = stepper.state["numbers"]
    index = {name: i for i, name in enumerate(graph.names.values())}
    for at, layer in enumerate(graph.drawn.examples[0].layers, 1):
        for neuron in layer:
            i = index[graph.names[graph.neurons[f"n{at}.{neuron.number}"]]]
            assert numbers[f"v{i}"] == neuron.out.data and numbers[f"z{i}"] == neuron.total.data
            assert numbers[f"g{i}"] == pytest.approx(neuron.out.grad, rel=1e-12)
            assert numbers[f"u{i}"] == pytest.approx(neuron.total.grad, rel=1e-12)
            products = [numbers[key] for key in numbers if key.startswith(f"p{i}.")]
            assert products == [weight.product.data for weight in neuron.weights]
            for weight in neuron.weights:
                own = graph.parameters[f"w{at}.{neuron.number}.{neuron.weights.index(weight) + 1}"]
                assert numbers[f"g{index[graph.names[own]]}"] == pytest.approx(
                    weight.parameter.grad, rel=1e-12
                )


def test_the_graph_that_was_given_stays_as_it_was(network):
    y = network()
    before = [(node.grad, node.label, node.data) for node in topological_order(y)]
    Stepper(y)
    assert [(node.grad, node.label, node.data) for node in topological_order(y)] == before


def test_an_edit_changes_the_weight_itself():
    model = MLP(2, [2, 1], "tanh", seed=0)
    stepper = Stepper(mse([model([0.5, -1.0])], [1.0]))
    cards = stepper.state["plan"]["cards"]
    id = next(id for id, card in cards.items() if card["name"] == "w¹₂,₁")
    stepper.handle({"edits": {id: 0.25}})
    assert model.layers[0].neurons[1].w[0].data == 0.25
    assert stepper.y.data == mse([model([0.5, -1.0])], [1.0]).data


def test_a_neuron_tells_its_sum_and_its_activation():
    told = Stepper(NETWORKS["2-3-1"]()).plan().in_words()
    lines = dict(told[2]["lines"])
    assert lines["sum"] == (
        "sum = b¹₂ + w¹₂,₁ * x₁ + w¹₂,₂ * x₂ = 0 + (-0.3476) * 0.5 + 0.06409 * (-1) = -0.2379"
    ) or lines["sum"].startswith("sum = b¹₂ + w¹₂,₁ * x₁ + w¹₂,₂ * x₂ = ")
    assert lines["value"].startswith("h¹₂ = relu(sum) = relu(")
    many = Stepper(NETWORKS["2-8-8-1"]()).plan().in_words()[9]["lines"]
    assert dict(many)["sum"].startswith("sum = b²₁ + w²₁,₁ * h¹₁ + … + w²₁,₈ * h¹₈ = ")


def test_what_is_no_plain_network_of_one_example_is_drawn_as_a_graph():
    model = MLP(2, [2, 1], "tanh", seed=0)
    several = mse([model([0.5, -1.0]), model([1.0, 2.0])], [1.0, 0.0])
    alone = Neuron(2, "tanh")([Value(0.5, "x"), Value(-1.0, "y")])
    w = next(iter(model.parameters()))
    penalised = mse([model([0.5, -1.0])], [1.0]) + w * w
    one = model.layers[0].neurons[0]([Value(0.5, "x"), Value(-1.0, "y")])
    x = Value(0.5, "x")
    twice = mse([model([x, x])], [1.0])
    for y in (several, alone, one, twice, penalised, Value(2.0, "x") * 3.0):
        assert graph_of(y) is None
        assert "home" not in Stepper(y).state["plan"]["scene"]
    assert "home" not in Stepper(NETWORKS["2-2-2"](), fold=False).state["plan"]["scene"]
    large = MLP(16, [16, 10], "tanh", seed=0)([0.1] * 16)
    assert graph_of(sum(large[1:], large[0])) is None


@pytest.mark.parametrize("name", ["2-2-2", "2-8-8-1", "3-14-2"])
def test_a_page_computes_what_python_does(name, in_javascript):  # noqa: F811
    stepper = Stepper(NETWORKS[name]())
    leaves = [id for id, card in stepper.state["plan"]["cards"].items() if card["leaf"]]
    places = product(leaves[:: max(1, len(leaves) // 12)], [-1.5, 0.0, 0.3, 40.0])
    compare([(stepper, {id: x}) for id, x in places], in_javascript, 1e-16)


def test_a_page_of_a_network_is_small():
    """Measured in November 2026: 91 and 290 kB."""
    assert len(page(Stepper(NETWORKS["2-2-2"]()))) <= 150_000
    outputs = MLP(4, [12, 12, 4], "tanh", seed=0)([0.5, -1.0, 0.2, 0.3])
    assert len(page(Stepper(sum((one**2 for one in outputs[1:]), outputs[0] ** 2)))) <= 600_000


def test_names_that_somebody_gave_twice_are_told_apart():
    outputs = MLP(2, [2, 1], "tanh", seed=0)([Value(0.5, "x"), Value(-1.0, "x")])
    names = list(graph_of((outputs - 1.0) ** 2).names.values())
    assert len(set(names)) == len(names) and {"x", "x′"} <= set(names)


def test_a_sum_whose_products_cancel_has_as_many_digits_as_make_it_true():
    model = MLP(2, [2, 1], "tanh", seed=0)
    neuron = model.layers[0].neurons[0]
    neuron.w[0].data, neuron.w[1].data = 1.23456789, 1.23456780
    told = dict(Stepper(mse([model([1.0, -1.0])], [1.0])).plan().in_words()[1]["lines"])["sum"]
    assert (
        told
        == "sum = b¹₁ + w¹₁,₁ * x₁ + w¹₁,₂ * x₂ = 0 + 1.23456789 * 1 + 1.2345678 * (-1) = 9e-08"
    )


# What is drawn

DRAWN = """() => {
  const isSeen = (one) => !one.hasAttribute("display");
  const marks = (group) => [...group.children].filter((one) => one.tagName !== "title")
    .filter((one) => !one.matches(".closer") && isSeen(one))
    .map((one) => [one.tagName, Object.fromEntries([...one.attributes]
      .filter(({ name }) => name !== "style").map(({ name, value }) => [name, value])),
      one.textContent]);
  return [...document.querySelectorAll(".graph svg > g:not(.spare, .dots, .hover)")]
    .filter(isSeen).map((one) => [one.getAttribute("class").split(" ")[0], marks(one)]);
}"""


def test_a_page_draws_every_neuron_opened_as_python_does(network, browser, tmp_path):
    """Attribute by attribute, at the end of the walk."""
    y = network()
    graph = graph_of(y)
    plan = Plan(Told.of(graph.root, {}, graph.names), graph.names, graph)
    scenes = Scenes(plan)
    path = viz.save(y, tmp_path / "y.html")
    tab = browser.new_page()
    tab.goto(path.as_uri())
    tab.locator(".sg-stepper").wait_for(state="attached")
    neurons = {None: ""} | {
        (at, neuron.number): plan.id_of[graph.neurons[f"n{at}.{neuron.number}"]]
        for at, layer in enumerate(graph.drawn.examples[0].layers, 1)
        for neuron in layer
    }
    for opened, id in neurons.items():
        tab.goto(f"{path.as_uri()}#step={plan.last}&node={id}")
        frame = f"n{opened[0]}.{opened[1]}" if opened else ""
        until(tab, f"(document.querySelector('g.opened')?.dataset.of ?? '') === {frame!r}")
        shown = [one for one in tab.evaluate(DRAWN) if one[0] not in ("card", "weight")]
        expected = [
            [group.kind, [written(mark) for mark in group.marks if is_of_sign(mark, group)]]
            for group in scenes.largest(opened).scene().groups
        ]
        lines = [one for one in expected if one[0] == "line"]
        rest = [one for one in expected if one[0] not in ("line", "card", "weight")]
        key = json.dumps
        assert sorted(map(key, shown)) == sorted(map(key, lines + rest)), (opened, id)
    tab.close()


def test_a_film_shows_what_is_known_at_every_step(network):
    plan = Stepper(network()).plan()
    drawn = list(Walk(plan).scenes())
    cards = {**plan.network.inputs, **plan.network.neurons, "result": plan.network.root}
    assert len(drawn) == plan.last + 1
    for at, scene in enumerate(drawn):
        known = {}
        for group in scene.of_kind("card"):
            texts = {mark.part: mark.text for mark in group.marks if hasattr(mark, "text")}
            known[group.of] = texts["value"], texts.get("gradient")
        for of, (value, gradient) in known.items():
            node = cards[of]
            made = plan.computed.get(node, 0) <= at
            assert value == (number(node.data) if made else "?")
            keys = [key for since, key in plan.gradients_of(node) if since <= at]
            assert gradient == (signed(plan.told.numbers[keys[-1]]) if keys else None)


# What a person does


@pytest.fixture
def tab(browser, tmp_path):
    path = viz.save(NETWORKS["2-3-1"](), tmp_path / "y.html")
    tab = browser.new_page(viewport={"width": 1300, "height": 900})
    errors = []
    tab.on("pageerror", lambda error: errors.append(str(error)))
    tab.goto(f"{path.as_uri()}#step=99")
    tab.locator(".sg-stepper").wait_for(state="attached")
    yield tab
    assert errors == []
    tab.close()


def node(tab):
    return tab.evaluate("new URLSearchParams(location.hash.slice(1)).get('node') ?? ''")


def card(tab, name):
    return tab.locator(f"g[role=button][aria-label^='{name},']")


def test_a_neuron_opens_and_closes(tab):
    card(tab, "h¹₂").click()
    assert tab.locator("g.opened").count() == 1
    assert "sum" in tab.locator(".graph svg").text_content()
    tab.locator(".closer").click()
    assert tab.locator("g.opened").count() == 0 and node(tab) == ""
    card(tab, "h¹₁").focus()
    tab.keyboard.press("Enter")
    assert tab.locator("g.opened").count() == 1
    assert tab.evaluate("document.activeElement.getAttribute('aria-label')").startswith("h¹₁,")
    tab.keyboard.press("Escape")
    assert tab.locator("g.opened").count() == 0
    assert tab.evaluate("document.activeElement.getAttribute('aria-label')").startswith("h¹₁,")


def test_a_weight_is_changed_inside_its_neuron(tab):
    card(tab, "h¹₂").click()
    before = card(tab, "L").get_attribute("aria-label")
    card(tab, "w¹₂,₁").click()
    assert tab.locator("g.opened").count() == 1 and tab.locator(".about").is_visible()
    field = tab.locator(".leaf-row:not([hidden]) input[type=text]")
    field.fill("2.5")
    field.press("Enter")
    tab.wait_for_function("document.querySelector('g.weight.edited') !== null")
    assert card(tab, "L").get_attribute("aria-label") != before
    assert "2.500" in tab.locator("g.weight.edited").text_content()
    tab.keyboard.press("Escape")
    assert tab.locator(".about").is_hidden() and tab.locator("g.opened").count() == 1
    tab.keyboard.press("Escape")
    assert tab.locator("g.opened").count() == 0


def test_pointing_at_a_neuron_tells_its_weights(tab):
    card(tab, "h¹₂").hover()
    shown = tab.locator(".hover text").all_text_contents()
    assert len(shown) == 3 and all(("▲" in one) or ("▼" in one) or one for one in shown)
    assert tab.locator("g.line.pale").count() == 6 + 3 + 1 - 3
    tab.mouse.move(5, 5)
    assert tab.locator(".hover text").count() == 0 and tab.locator(".pale").count() == 0


def test_numbers_come_as_the_walk_makes_them(tab):
    tab.evaluate("location.hash = '#step=0'")
    tab.locator(".count", has_text="0 / ").wait_for()
    card(tab, "h¹₁").click()
    assert tab.locator("g.sum .value").text_content() == "?"
    assert "?" in tab.locator("g.product .value").all_text_contents()
    tab.locator(".controls [aria-label='a step forward']").click()
    assert tab.locator("g.sum .value").text_content() != "?"
    assert tab.locator("g.tag:not([display=none])").count() == 0
    tab.locator(".controls [aria-label='last step']").click()
    assert tab.locator("g.tag:not([display=none])").count() == 2
