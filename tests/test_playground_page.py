"""The playground in a browser: every control by mouse and by keys, the timeline, what opens, and a
file that trains from disk with no network."""

import json
import re
from functools import partial
from unicodedata import normalize
from urllib.parse import unquote

import numpy as np
import pytest

from nn import load, save
from nn.decisions import decision_for
from nn.losses import LOSSES
from tests.playgrounds import HOSTS, PAGE, SMALL, playground_in, until
from tests.tabs import address_of
from viz.apps.playground.columns import column_of, numbers_in
from viz.apps.playground.core import Playground
from viz.apps.playground.data import examples_of
from viz.apps.playground.script import script
from viz.apps.playground.settings import CONTROLS, config_of
from viz.hosts.page import json_text, packed
from viz.hosts.playground_page import playground_page, shipped


@pytest.fixture
def opened(browser, tmp_path):
    """A function that opens a playground: as a file from disk, or as the local page."""
    return partial(playground_in, browser, tmp_path)


@HOSTS
def test_every_control_of_training_by_mouse_and_by_key(opened, host):
    with opened(host) as tab:
        tab.click("next")
        tab.click("take")
        tab.click("back")
        tab.press("ArrowRight")
        assert tab.step == 2
        tab.click("back")
        tab.press("ArrowLeft")
        assert tab.step == 0
        tab.choose("batch", "10")
        tab.click("epoch")
        tab.press("e")
        assert tab.step == 10  # 48 examples
        tab.press("Home")
        assert tab.step == 0
        tab.press("End")
        assert tab.step == 10
        tab.click("first")
        assert tab.step == 0
        tab.page.locator("h1").click()  # a key on a button is the button's
        tab.page.keyboard.press(" ")
        tab.until(f"{PAGE}.session.step > 30")
        tab.press(" ")
        trained = tab.step
        tab.page.locator("[data-action=play]").click()
        tab.until(f"{PAGE}.session.step > {trained}")
        tab.click("play")
        assert not tab.trouble


@HOSTS
@pytest.mark.parametrize("name, value, kept", [
    ("loss", "hinge", "hinge"), ("optimizer", "adam", "adam"), ("batch", "5", 5),
    ("norm", "l1", "l1"), ("activation1", "relu", None),
])  # fmt: skip
def test_what_is_chosen_from_a_list_goes_on_from_the_same_numbers(opened, host, name, value, kept):
    with opened(host) as tab:
        tab.do("await session.train(7);")
        before = tab.parameters
        tab.choose(name, value)
        assert tab.parameters == before and tab.step == 7
        if name == "activation1":
            assert tab.config["layers"][0]["activation"] == value
        else:
            assert tab.config[name] == kept
        tab.click("undo")
        assert tab.config.get(name, kept) != kept or name == "activation1"
        assert tab.parameters == before
        tab.page.locator(f"[data-name={name}]").first.focus()
        tab.press("ArrowUp" if name in ("batch",) else "ArrowDown")
        assert tab.step == 7  # keys of a list are no keys of training


@HOSTS
@pytest.mark.parametrize("name, typed, number", [
    ("rate", "0.05", 0.05), ("penalty", "1e-3", 1e-3), ("momentum", "0.9", 0.9),
    ("weight_decay", "1/100", 0.01),
])  # fmt: skip
def test_a_setting_that_is_typed_takes_effect_at_once(opened, host, name, typed, number):
    with opened(host) as tab:
        tab.do("await session.train(3);")
        if name in ("momentum", "weight_decay"):
            tab.click("more")
        tab.fill(name, typed)
        assert tab.config[name] == number and tab.step == 3
        tab.fill(name, "nonsense")
        assert tab.config[name] == number and "write digits" in tab.trouble
        tab.fill(name, "-1")
        assert tab.config[name] == number and name.replace("_", " ")[:4] in tab.trouble
        field = tab.page.locator(f"[data-name={name}]").first
        assert float(field.input_value()) == pytest.approx(number)  # not what was refused


@HOSTS
def test_layers_and_neurons_come_and_go_while_the_others_keep_their_weights(opened, host):
    with opened(host) as tab:
        tab.do("await session.train(5);")
        before = tab.parameters

        def press(label):
            tab.page.get_by_role("button", name=label, exact=True).click()
            tab.rest()
            return tab.do("return session.shape.layers.map((layer) => layer.size);")

        assert press("one neuron more in layer 1") == [5, 3, 1]
        assert tab.parameters[:12] == before[:12] and tab.step == 5
        assert press("one neuron less in layer 2") == [5, 2, 1]
        assert press("add a layer") == [5, 2, 4, 1]
        assert press("remove layer 2") == [5, 4, 1]
        for _ in range(4):
            tab.click("undo")
        assert tab.parameters == before
        assert not tab.trouble


@HOSTS
def test_what_is_pressed_twice_quickly_counts_twice(opened, host):
    with opened(host) as tab:
        plus = "document.querySelector('[aria-label=\"one neuron more in layer 1\"]')"
        tab.page.evaluate(f"{plus}.click(), {plus}.click(), {plus}.click()")
        tab.rest()
        assert [one["size"] for one in tab.config["layers"]] == [7, 3]
        again = "document.querySelector('[data-action=draw-data]')"
        tab.page.evaluate(f"{again}.click(), {again}.click()")
        tab.rest()
        assert tab.do("return session.timeline.partAt(session.step).wanted.seed;") == 2
        less = "document.querySelector('[aria-label=\"remove layer 1\"]')"
        tab.page.evaluate(f"{less}.click(), {less}.click()")  # the layer that one sees, once
        tab.rest()
        assert [one["size"] for one in tab.config["layers"]] == [3]
        assert len(tab.do("return session.timeline.parts;")) == 7 and not tab.trouble


@HOSTS
def test_the_loss_comes_back_when_classes_follow_numbers(opened, host):
    with opened(host) as tab:

        def losses(*sets):
            for name in sets:
                tab.page.locator(f"[data-set={name}]").click()
                tab.rest()
                yield tab.config["loss"]

        assert [*losses("sine", "circles", "blobs3", "moons")] == [
            "mse", "binary_cross_entropy", "cross_entropy", "binary_cross_entropy",
        ]  # fmt: skip
        tab.choose("loss", "hinge")
        assert [*losses("line", "xor")] == ["mse", "hinge"]
    with opened(host, data="sine") as tab:
        assert [*losses("xor")] == ["binary_cross_entropy"]


@HOSTS
def test_a_weight_is_typed_and_a_neuron_pinned_and_drawn_anew(opened, host):
    with opened(host) as tab:
        tab.page.locator('.unit[data-unit="1,2"]').click()
        tab.page.locator("td[data-place] button").first.click()
        tab.page.keyboard.type("0.75")
        tab.press("Enter")
        place = 12 + 2 * 5
        assert tab.parameters[place] == 0.75
        assert tab.page.locator("td[data-place] input").count() == 0  # the field is closed
        assert tab.page.locator("td[data-place] button").first.inner_text() == "0.750"
        tab.click("pin")
        before = tab.parameters
        tab.do("await session.train(9);")
        moved = [i for i, (a, b) in enumerate(zip(before, tab.parameters, strict=True)) if a != b]
        assert not set(range(place, place + 5)) & set(moved) and len(moved) > 15
        tab.click("redraw")
        after = tab.parameters
        assert after[place : place + 4] != before[place : place + 4]
        tab.click("pin")
        assert tab.config["pinned"] == []


@HOSTS
def test_any_step_is_reached_again_to_the_bit_and_a_change_begins_a_branch(opened, host):
    with opened(host, optimizer="adam", rate=0.02) as tab:
        bad = tab.do("""
          const seen = new Map();
          const note = () => seen.set(session.step, [...session.frame.state.parameters].join());
          const on = async (count) => {
            for (let i = 0; i < count; i++) { await session.train(7); note(); }
          };
          await on(20);
          await session.change({ config: { batch: 10 }, what: "batch" });
          note();
          await on(20);
          const layers = [{ size: 5, activation: "tanh" }, { size: 3, activation: "relu" }];
          await session.change({ config: { layers }, what: "layers" });
          note();
          await on(20);
          const steps = [...seen.keys()];
          let bad = 0;
          for (let k = 0; k < 100; k++) {
            const step = steps[(k * 37) % steps.length];
            await session.go(step);
            if ([...session.frame.state.parameters].join() !== seen.get(step)) bad++;
          }
          return [bad, session.timeline.last, session.timeline.parts.length];
        """)  # fmt: skip
        assert bad == [0, 420, 3]
        tab.do(
            "await session.go(35); await session.change({ config: { rate: 0.1 }, what: 'rate' });"
        )
        assert tab.do("return session.timeline.last;") == 35
        tab.click("undo")
        assert tab.do("return session.timeline.last;") == 420 and tab.step == 35


def test_a_hundred_thousand_updates_are_kept_in_64_mb(opened):
    with opened(layers=[1]) as tab:
        found = tab.do("""
          while (session.step < 100000) await session.train(5000);
          const { bytes } = session.timeline;
          const start = performance.now();
          for (const step of [77777, 12345, 99999, 1]) await session.go(step);
          return [bytes, session.step];
        """)
        assert found[0] < 64 * 2**20 and found[1] == 1


@HOSTS
def test_the_address_keeps_the_whole_state(opened, host):
    with opened(host) as tab:
        tab.do("await session.train(20);")
        tab.fill("rate", "0.1")
        tab.do("await session.train(10);")
        tab.page.get_by_role("button", name="one neuron more in layer 1", exact=True).click()
        tab.rest()
        tab.do("await session.train(11);")
        tab.rest()
        tab.until("location.hash.includes('41')")
        tab.page.get_by_label("flat colours").check()
        before, address = tab.parameters, address_of(tab.page)
        tab.page.reload()
        tab.page.wait_for_selector(".unit")
        tab.until(f"{PAGE}?.session.frame && {PAGE}.session.step === 41")
        tab.rest()
        assert tab.parameters == before and address_of(tab.page) == address
        assert tab.page.get_by_label("flat colours").is_checked()
        assert not tab.page.get_by_label("show held out").is_checked()


@HOSTS
def test_an_example_opens_into_its_chain_rule_with_the_engines_numbers(opened, host):
    with opened(host) as tab:
        tab.do("await session.train(40);")
        tab.page.locator(".point").nth(7).dispatch_event("pointerdown")
        tab.rest()
        tab.click("open")
        panel = tab.page.locator(".opened")
        assert "Example 8 at step 40" in panel.inner_text()
        story = tab.do(f"return {PAGE}.chosen.story;")
        twin = Playground(**SMALL)
        reached = {"parameters": column_of(tab.parameters), "slots": {}}
        state = reached | {"step": 40, "epoch": 40, "batch": 0}
        twin.handle({"do": "set", "config": tab.config, "state": state})
        inputs, target = twin.examples.training[7]
        told = twin.handle({"do": "example", "inputs": list(inputs), "target": target})
        assert story["loss"] == pytest.approx(told["loss"], rel=1e-12)
        gradients = numbers_in(told["gradients"], "they", len(tab.parameters))
        assert np.allclose(story["gradients"], gradients, rtol=0, atol=1e-12 * abs(gradients).max())
        for layer, (mine, theirs) in enumerate(zip(story["layers"], told["layers"], strict=True)):
            for one, other in zip(mine, theirs, strict=True):
                for name in ("sum", "value", "local", "gradient", "flow"):
                    assert one[name] == pytest.approx(other[name], rel=1e-9, abs=1e-12), layer
        panel.locator("button.card").first.click()
        assert "layer 1, neuron 1" in panel.inner_text()
        tab.press("Escape")
        assert panel.count() == 0


@HOSTS
def test_the_rule_of_the_optimiser_is_a_formula_in_symbols_and_in_numbers(opened, host):
    with opened(host) as tab:

        def text(of):  # mathematical letters are letters
            return re.sub(r"\s", "", normalize("NFKC", tab.page.locator(of).inner_text()))

        rule, numbers = (lambda: text(".rule")), (lambda: text(".in-numbers"))
        assert rule().startswith("w←w−rate·∂L/∂w")
        tab.do("await session.train(3);")
        tab.page.locator(".update tbody tr").nth(1).hover()
        place = tab.do("return session.shape.layers[2].at + 1;")
        rate, gradient, after = tab.do(
            "const { next } = session.frame;"
            f"return [next.rate, next.gradient[{place}], next.parameters[{place}]];"
        )
        before = tab.parameters[place]
        called, _, line = numbers().partition(":")
        left, _, right = line.partition("=")
        assert called == "neuron2" and rate == 0.5
        value = eval(left.replace("−", "-").replace("·", "*"))
        assert value == pytest.approx(before - rate * gradient, rel=1e-2)
        assert float(right.replace("−", "-")) == pytest.approx(after, rel=1e-5)
        tab.click("take")
        assert tab.parameters[place] == after
        tab.choose("optimizer", "adam")
        assert tab.page.locator(".rule msqrt").count() == 4
        assert rule().startswith("m←β1·m+(1−β1)·∂L/∂w")
        tab.choose("optimizer", "sgd")
        tab.click("more")
        tab.fill("momentum", "0.9")
        assert rule().startswith("velocity←momentum·velocity+∂L/∂ww←w−rate·velocity")
        tab.click("predict")
        assert numbers().endswith("=?")


@HOSTS
def test_the_rate_of_a_schedule_is_that_of_the_next_update(opened, host):
    with opened(host, schedule="step_decay", period=2, factor=0.5, rate=0.4) as tab:
        rates = []
        for _ in range(5):
            rates.append(tab.do("return session.frame.next.rate;"))
            tab.press("ArrowRight")
        assert rates == [0.4, 0.4, 0.2, 0.2, 0.1]


@HOSTS
def test_a_prediction_waits_for_a_guess_and_tells_how_near_it_was(opened, host):
    with opened(host) as tab:
        tab.press("p")
        assert tab.page.locator("tbody td", has_text="?").count() == 8
        tab.press("ArrowRight")
        assert tab.step == 0 and "Say first" in tab.trouble
        tab.page.locator("[data-way=up]").click()
        tab.click("next")
        said = tab.page.locator(".guessed").inner_text()
        assert tab.step == 1 and re.match("Right|Not this time", said)


@HOSTS
def test_a_diverging_run_stops_with_a_sentence_and_the_last_good_step_stays(opened, host):
    with opened(host, loss="mse") as tab:
        for layer in ("activation1", "activation2"):
            tab.choose(layer, "relu")
        tab.fill("rate", "1e6")
        tab.page.keyboard.press("Escape")
        tab.page.locator("h1").click()
        tab.page.keyboard.press(" ")
        tab.until(f"{PAGE}.trouble.textContent.includes('too large')")
        tab.rest()
        assert all(np.isfinite(tab.parameters)) and tab.step > 0
        tab.press("ArrowLeft")
        tab.fill("rate", "0.01")
        tab.do("await session.train(5);")
        assert not tab.trouble


@HOSTS
def test_points_of_ones_own_are_set_moved_and_deleted(opened, host):
    with opened(host) as tab:
        tab.page.locator("[data-set=own]").click()
        tab.rest()
        rows = "return session.timeline.partAt(session.step).wanted.rows;"
        assert len(tab.do(rows)) == 4
        box = tab.page.locator(".map svg").bounding_box()
        tab.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        tab.rest()
        assert len(tab.do(rows)) == 5 and tab.do(rows)[4][2] == 1
        where = tab.page.locator(".point:not(.held-out)").first.bounding_box()
        tab.page.mouse.move(where["x"] + where["width"] / 2, where["y"] + where["height"] / 2)
        tab.page.mouse.down()
        tab.page.mouse.move(box["x"] + 60, box["y"] + 60)
        before = tab.do(rows)
        tab.page.mouse.up()
        tab.rest()
        assert tab.do(rows) != before and len(tab.do(rows)) == 5
        tab.page.locator(".point:not(.held-out)").last.click()
        tab.rest()
        tab.press("Delete")
        assert len(tab.do(rows)) == 4
        assert not tab.trouble


@HOSTS
def test_the_point_that_was_chosen_goes_even_where_some_are_held_out(opened, host):
    rows = [[-1, -1, 0], [1, 1, 0], [-1, 1, 1], [1, -1, 1], [0.5, 0.3, 1], [-0.4, 0.2, 0]]
    with opened(host) as tab:
        tab.do(f"await session.change({{data: {{name: 'own', share: 0.3, rows: {rows}}}}});")
        tab.rest()
        assert tab.page.locator(".map .point").count() == len(rows)  # hollow ones as well
        for held_out in ("", ".held-out"):
            left = "return session.timeline.partAt(session.step).wanted.rows;"
            before = tab.do(left)
            tab.page.locator(f".point{held_out}").first.click()
            tab.rest()
            chosen = tab.do(f"return {PAGE}.chosen.example.inputs;")
            tab.press("Delete")
            assert tab.do(left) == [row for row in before if row[:2] != chosen]
        for _ in range(4):
            tab.page.locator(".point").first.click()
            tab.rest()
            tab.press("Delete")
        assert len(tab.do(left)) == 2 and "Two points" in tab.trouble


@pytest.mark.parametrize(
    "name", ["circles", "spiral", "xor", "blobs3", "line", "sine", "plane", "digits"]
)
@HOSTS
def test_every_data_set_is_learned(opened, host, name):
    with opened(host, rate=0.05) as tab:
        tab.page.locator(f"[data-set={name}]").click()
        tab.rest()
        first = tab.do("return session.frame.loss;")
        tab.do("await session.train(300);")
        assert tab.do("return session.frame.loss;") < first and not tab.trouble
        assert (
            tab.do("return session.data.inputs.length + session.data.held_out.inputs.length;") == 60
        )


def test_digits_are_seen_by_two_pixels(opened):
    with opened("page") as tab:
        tab.page.locator("[data-set=digits]").click()
        tab.rest()
        assert tab.do("return session.data.names;") == ["direction 1", "direction 2"]
        tab.fill("columns", "21, 44")
        assert tab.do("return session.data.names;") == ["pixel 21", "pixel 44"] and not tab.trouble
        tab.fill("columns", "21, x")
        assert "two numbers" in tab.trouble
        tab.fill("columns", "")
        assert tab.do("return session.data.names;") == ["direction 1", "direction 2"]


@HOSTS
def test_a_table_and_an_expression_are_learned_or_refused_in_a_sentence(opened, host):
    with opened(host) as tab:
        tab.page.locator("[data-set=table]").click()
        tab.page.locator(".typed textarea").fill("a,b,c\n1,2,x\n2,foo,y")
        tab.page.get_by_role("button", name="Learn it").click()
        tab.rest()
        assert "'foo' is not a number" in tab.trouble
        tab.page.locator(".typed textarea").fill("a,b,c\n1,2,x\n2,1,y\n3,1,x\n5,2,y")
        tab.page.get_by_role("button", name="Learn it").click()
        tab.rest()
        assert not tab.trouble and tab.do("return session.data.class_names;") == ["x", "y"]
        tab.page.locator("[data-set=expression]").click()
        tab.page.locator(".typed input").fill("y > __import__('os')")
        tab.page.keyboard.press("Enter")
        tab.rest()
        assert tab.trouble
        tab.page.locator(".typed input").fill("y > sin(3*x)")
        tab.page.keyboard.press("Enter")
        tab.rest()
        assert not tab.trouble and tab.do("return session.data.classes;") == 2
        wanted = tab.do("return session.timeline.partAt(session.step).wanted;")
        inputs = tab.do("return [session.data.inputs, session.data.held_out.inputs];")
        examples = examples_of(wanted)
        assert np.allclose(inputs[0], examples.training.inputs, rtol=1e-14)
        assert np.allclose(inputs[1], examples.held_out.inputs, rtol=1e-14)


@HOSTS
def test_a_map_of_settings_colours_its_cells_and_opens_them(opened, host):
    with opened(host) as tab:
        tab.do("await session.train(3);")
        before = tab.parameters
        tab.click("map")
        tab.choose("across", "batch")
        tab.choose("down", "optimizer")
        tab.choose("updates", "100")
        tab.page.locator("[data-action=train-map]").click()
        tab.until(
            "document.querySelector('.mapping [role=status]').textContent.startsWith('Click')", 90
        )
        assert tab.parameters == before
        cells = tab.page.locator(".settings-map td button")
        assert {one for one in cells.evaluate_all("(all) => all.map((one) => one.className)")} <= {
            "learned", "slow", "diverged", "memorised",
        }  # fmt: skip
        cells.last.click()
        tab.rest()
        assert tab.step == 0 and tab.config["optimizer"] == "rmsprop" and tab.config["batch"] == 0


def test_what_is_taken_along_from_the_local_page(opened, tmp_path):
    with opened("page") as tab:
        tab.do("await session.train(50);")
        tab.fill("rate", "0.05")
        tab.do("await session.train(50);")
        before = tab.parameters
        tab.click("save")
        model = load(tab.saved("model", tmp_path))
        assert [p.data for p in model.parameters()] == before
        svg = tab.saved("svg", tmp_path).read_text("utf-8")
        assert svg.startswith("<svg") and "<image" in svg
        assert tab.saved("png", tmp_path).read_bytes()[:4] == b"\x89PNG"
        tab.page.locator("[data-action=code]").click()
        tab.until("document.querySelector('.leaving textarea').value")
        code = tab.page.locator(".leaving textarea").input_value()
        names = {}
        exec(code, names)
        assert [p.data for p in names["model"].parameters()] == before
        page = tab.saved("page", tmp_path)
        other = tab.page.context.new_page()
        other.goto(page.as_uri())
        until(other, f"{PAGE}?.session.frame && {PAGE}.session.step === 100")
        again = other.evaluate(f"[...{PAGE}.session.frame.state.parameters]")
        assert np.allclose(again, before, rtol=1e-9, atol=1e-12)


def test_code_of_a_run_has_no_numbers_but_those_that_were_set(opened):
    with opened("page", optimizer="adam") as tab:
        for rate in ("0.1", "0.05", "0.02"):
            tab.do("await session.train(5);")
            tab.fill("rate", rate)
        marks = marks_of(tab)
        assert [sorted({*mark} & {"parameters", "slots", "data"}) for mark in marks] == [
            ["data", "parameters", "slots"], [], [], [],
        ]  # fmt: skip
        tab.do("await session.change({ weights: { 3: 0.5 }, what: 'a weight' });")
        assert "parameters" in marks_of(tab)[-1] and "slots" not in marks_of(tab)[-1]
        ask = "return (await session.ask({ do: 'code', marks: session.marks() })).text;"
        code = tab.do(ask)
        assert code.count("numbers =") == 1
        names = {}
        exec(code, names)
        assert [p.data for p in names["model"].parameters()] == tab.parameters


def marks_of(tab):
    """The marks of a session, as a host that speaks JSON has them."""
    marks = tab.do("""return JSON.stringify(session.marks(), (_, part) =>
        ArrayBuffer.isView(part) ? { numbers: [...part] } : part);""")
    in_text = lambda part: column_of(part["numbers"]) if [*part] == ["numbers"] else part
    return json.loads(marks, object_hook=in_text)


@pytest.mark.parametrize("settings, within", [
    ({"activation": "relu", "loss": "hinge", "rate": 0.05}, 0),
    ({"activation": "relu", "loss": "mse", "data": "plane", "batch": 7, "rate": 0.05}, 0),
    ({"loss": "mse", "points": 200, "batch": 32, "momentum": 0.5}, 1e-12),
    ({"data": "blobs3", "optimizer": "adam", "rate": 0.01, "held_out": 0}, 1e-12),
    ({"data": {"name": "table", "text": "a,b,c\n1,2,x\n3,1,ä\n2,2,x\n1,1,ä"}}, 1e-12),
])  # fmt: skip
def test_what_is_taken_along_from_a_file_is_pythons(opened, tmp_path, settings, within):
    ask = "return (await session.ask({ do: 'code', marks: session.marks() })).text;"

    def check(tab, code):
        names = {}
        exec(code, names)
        before = tab.parameters
        found = [p.data for p in names["model"].parameters()]
        assert np.allclose(found, before, rtol=0, atol=within * max(map(abs, before)))

    with opened("file", **settings) as tab:
        tab.do("await session.train(30);")
        code = tab.do(ask)
        check(tab, code)
        marks = marks_of(tab)
        assert code == script(marks, 30, config_of(tab.config), examples_of(marks[0]["data"]))
        tab.fill("rate", "0.01")
        tab.do("await session.train(25);")
        tab.page.locator("[data-set=circles]").click()
        tab.rest()
        tab.do("await session.train(9); await session.change({ data: { points: 50 }, what: '' });")
        tab.do("await session.train(9);")
        tab.click("undo")
        tab.do("await session.train(3);")
        before = tab.parameters
        tab.click("save")
        with tab.page.expect_download() as download:
            tab.page.locator("[data-action=model]").click()
        path = tmp_path / download.value.suggested_filename
        download.value.save_as(path)
        model = load(path)
        assert [p.data for p in model.parameters()] == before
        assert model.decision == decision_for(LOSSES[tab.config["loss"]])
        assert list(model.class_names) == tab.do("return session.data.class_names;")
        assert path.read_bytes() == save(model, tmp_path / "again").read_bytes()
        tab.page.locator("[data-action=code]").click()
        tab.until("document.querySelector('.leaving textarea').value")
        code = tab.page.locator(".leaving textarea").input_value()
        check(tab, code)
        marks = marks_of(tab)
        if all(
            mark.get("data", {"points": 200})["points"] == 200 for mark in marks
        ):  # else Python draws others
            assert code == script(
                marks, tab.step, config_of(tab.config), examples_of(marks[0]["data"])
            )


def test_a_model_of_python_opens_in_a_file_with_its_numbers(opened):
    first = Playground(**SMALL)
    first.handle({"do": "train", "updates": 123, "budget": None})
    numbers = [p.data for p in first.model.parameters()]
    playground = Playground(first.model, first.examples.training)
    with opened(playground=playground) as tab:
        assert tab.parameters == numbers
        tab.do("await session.train(10);")
        assert not tab.trouble


STATES = {
    "at the start": "",
    "in training, with a neuron chosen": "await session.train(30); page.choose(0, 1);",
    "an example opened": "await page.chosen.choose(3, false); page.chosen.open();",
    "the map of settings": "page.openMap();",
    "all settings, with dead units": "page.toggleMore(); await session.change({ config: { layers: "
    "[{ size: 6, activation: 'relu' }], rate: 50 } }); await session.train(20);",
}


@pytest.mark.parametrize("state", STATES.values(), ids=STATES.keys())
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_violation(opened, state, scheme):
    axe = pytest.importorskip(
        "axe_playwright_python.sync_playwright",
        reason="there is no axe: pip install axe-playwright-python",
    )
    with opened("page") as tab:
        tab.page.emulate_media(color_scheme=scheme)
        tab.do(f"const page = {PAGE}; {state}")
        tab.rest()
        found = axe.Axe().run(tab.page).response["violations"]
        assert [(one["id"], one["nodes"][0]["html"][:200]) for one in found] == []


VISIBLE = """[...document.querySelectorAll("button, select, input")]
    .filter((one) => one.checkVisibility())
    .map((one) => one.getAttribute("aria-label") ?? one.textContent)"""


def test_every_control_that_can_be_left_out_is(opened):
    with opened(hide=list(CONTROLS)) as tab:
        left_out = tab.page.locator(".left-out").count()
        assert left_out == len(CONTROLS) - 2  # but for those of layers, which are made anew
        visible = tab.page.evaluate(VISIBLE)
        assert [one for one in visible if not one.startswith("weight of")] == [
            "keys and signs", "step of training",
        ]  # fmt: skip
        tab.press("ArrowRight")
        assert tab.step == 1 and not tab.trouble


def test_what_an_address_leaves_out_stays_out_there_and_in_a_saved_page(opened, tmp_path):
    with opened(hide=["loss"], address='#{"hide":["penalty","activation"]}') as tab:
        visible = lambda name: tab.page.locator(f"[data-name={name}]").first.is_visible()
        names = ("loss", "rate", "penalty", "norm", "activation1")
        wanted = [True, True, False, False, False]
        tab.click("next")
        assert [*map(visible, names)] == wanted and '"hide"' in unquote(address_of(tab.page))
        tab.click("save")
        tab.page.goto(tab.saved("page", tmp_path).as_uri())
        tab.until(f"{PAGE}?.session.frame")
        tab.rest()
        assert [*map(visible, names)] == wanted


def test_a_page_saved_from_a_page_goes_on_from_there(opened, tmp_path):
    with opened(optimizer="adam") as tab:
        tab.do("await session.train(30);")
        tab.fill("rate", "0.01")
        tab.do("await session.train(12);")
        tab.page.get_by_label("flat colours").check()
        before = tab.parameters
        for name in ("once.html", "twice.html"):  # the second is saved from the first
            tab.click("save")
            with tab.page.expect_download() as download:
                tab.page.locator("[data-action=page]").click()
            path = tmp_path / name
            download.value.save_as(path)
            tab.page.goto(path.as_uri())
            tab.until(f"{PAGE}?.session.frame && {PAGE}.session.step === 42")
            tab.rest()
            assert tab.parameters == before
            assert len(tab.do("return session.timeline.parts;")) == 2
            assert tab.page.get_by_label("flat colours").is_checked()


EVIL = "<img src=x onerror=window.evil=1>"


def changed(**change):
    return {"changes": [{"step": 1} | change]}


NO_SESSIONS = ("x", "%", "null", json.dumps({"choices": {}, "host": EVIL, "step": 0}))
NO_ADDRESSES = (  # test_page_alone.py has more
    {"config": {"layers": [{"size": 3, "activation": EVIL}]}}, {"config": {"optimizer": "other"}},
    {"data": {"name": EVIL}}, {"data": {"name": "own", "rows": [[1e308, 0, 0]] * 3}},
    {"data": {"name": "own", "rows": [[0, 0, EVIL]] * 3}}, {"changes": [None]},
    {"data": {"name": "table", "text": EVIL}}, changed(redraw=[99, 0]), {"step": -1},
    changed(weights={"__proto__": 1}),
    {"data": {"name": "expression", "text": "window.evil=1"}}, changed(data={"points": 1e9}),
    changed(config={"layers": [{"size": 5e7, "activation": "tanh"}]}),
)  # fmt: skip
ODD_ADDRESSES = (  # which are fit to begin with, whatever they are
    {"data": {"name": "table", "text": f"{EVIL},b,c\n1,2,{EVIL}\n2,3,y"}}, changed(what=EVIL),
    {"config": {"__proto__": {"rate": 1}, "unknown": EVIL}},
    {"changes": [{"step": 1e12}]}, changed(reset=EVIL, what={"a": 1}),
)  # fmt: skip


@HOSTS
def test_hostile_addresses_end_in_a_sentence_and_run_nothing(opened, host):
    with opened(host) as tab:
        start = address_of(tab.page).partition("#")[0]

        def visit(text):
            tab.page.goto("about:blank")
            tab.page.goto(f"{start}#{text}")
            tab.page.wait_for_selector(".unit")
            tab.rest()
            said, before = tab.trouble, tab.step
            tab.press("ArrowRight")
            assert tab.step == before + 1, text
            assert not tab.page.evaluate("window.evil"), text
            return said

        for text in NO_SESSIONS[::3]:
            assert visit(text) == ""
        for kept in ODD_ADDRESSES if host == "file" else ():
            assert visit(json.dumps(kept)) == ""
        for kept in NO_ADDRESSES:
            said = visit(json.dumps(kept))
            assert "begins anew: " in said, kept
            assert not re.search("undefined|not a function|iterable|property|array", said), said
            assert [one["size"] for one in tab.config["layers"]] == [4, 3]


@HOSTS
def test_what_is_said_stays_where_an_example_is_chosen(opened, host):
    with opened(host) as tab:
        tab.do(f"await {PAGE}.chosen.choose(3, false); await session.train(2);")
        tab.click("more")
        tab.fill("seed", "5")
        assert "from the next start on" in tab.trouble
        tab.fill("rate", "-1")
        assert "rate must be positive" in tab.trouble


def test_keys_are_heard_when_a_map_was_trained(opened):
    with opened(layers=[1], points=20) as tab:
        tab.click("map")
        tab.choose("updates", "100")
        tab.page.locator("[data-action=train-map]").click()
        tab.until(
            "document.querySelector('.mapping [role=status]').textContent.startsWith('Click')", 90
        )
        tab.press("Escape", "ArrowRight")
        assert tab.page.locator(".over").count() == 0 and tab.step == 1


HOSTILE = (
    {"data": {"name": "own", "rows": "x"}}, {"data": {"name": "own", "rows": [[1, 2, 0], 3]}},
    {"data": {"name": "own", "rows": [["a", "b", 1]]}}, {"data": {"name": "own", "rows": None}},
    {"data": {"name": "table", "text": "a\n1\n2"}}, {"data": {"name": "table", "text": 5}},
    {"data": {"name": "table", "text": "0,1,2\n3,4,5"}}, {"data": {"name": "constructor"}},
    {"data": {"name": "expression", "text": ""}}, {"data": {"name": "expression", "text": 7}},
    {"data": {"name": "expression", "text": "y > 2"}}, {"data": {"points": 1e9}},
    {"data": {"points": "many"}}, {"data": {"points": 0}}, {"data": {"noise": "x"}},
    {"data": {"noise": -1}}, {"data": {"noise": None}}, {"data": {"share": 1}},
    {"data": {"share": "x"}}, {"data": {"seed": 1e30}}, {"config": {"seed": 1e30}},
    {"config": {"seed": "x"}}, {"config": {"layers": [{"size": 0, "activation": "tanh"}]}},
    {"config": {"layers": [{"size": 1e30, "activation": "tanh"}]}}, {"config": {"layers": "x"}},
    {"config": {"layers": None}}, {"config": {"layers": [3]}},
    {"config": {"layers": [{"size": 3, "activation": "toString"}]}}, {"config": {"loss": "foo"}},
    {"config": {"optimizer": "constructor"}}, {"config": {"rate": "x"}}, {"config": {"batch": -1}},
    {"config": {"schedule": "foo"}}, {"config": {"init": "foo"}, "reset": True},
    {"config": {"pinned": [999]}}, {"config": {"pinned": "x"}}, {"weights": {"999": 1}},
    {"weights": {"0": "x"}}, {"weights": {"0": None}}, {"redraw": [9, 9]},
)  # fmt: skip
OF_THE_LANGUAGE = re.compile(
    "is not a function|undefined|Invalid|iterable|Cannot|object|Object|NaN|Error"
)


@HOSTS
def test_what_makes_no_sense_ends_in_one_sentence_and_changes_nothing(opened, host):
    with opened(host) as tab:
        before = tab.parameters
        for change in HOSTILE:
            tab.do(f"await {PAGE}.change({json.dumps(change | {'what': 'hostile'})});")
            said = tab.trouble
            assert said and "\n" not in said and len(said) < 250, change
            assert not OF_THE_LANGUAGE.search(said), (change, said)
            assert tab.parameters == before and not tab.do("return session.undone.length;")
        tab.press("ArrowRight")
        assert tab.step == 1 and not tab.trouble


def test_an_address_of_a_long_training_opens(opened):
    with opened(layers=[1], points=10, address=f"#{json.dumps({'step': 100_100})}") as tab:
        assert tab.step == 100_100 and not tab.trouble


@HOSTS
def test_the_long_way_to_the_step_of_an_address_can_be_stopped(opened, host):
    with opened(host) as tab:
        start = address_of(tab.page).partition("#")[0]
        for stop in (
            lambda: tab.page.keyboard.press("Escape"),
            lambda: tab.page.keyboard.press(" "),
            lambda: tab.page.get_by_role("button", name="Pause").click(),
        ):
            tab.page.goto("about:blank")
            tab.page.goto(f"{start}#{json.dumps({'step': 1_000_000})}")
            tab.until(
                "document.querySelector('.losses-said')?.textContent.includes('of 1,000,000')"
            )
            stop()
            tab.rest()
            reached = tab.step
            assert 0 < reached < 1_000_000 and "Stopped" in tab.trouble
            tab.press("ArrowRight")
            assert tab.step == reached + 1 and not tab.trouble
            assert tab.page.get_by_role("button", name="Play").count() == 1


def test_keys_are_heard_after_whatever_was_pressed(opened):
    with opened() as tab:
        for press in (
            lambda: tab.page.get_by_label("one neuron more in layer 1").click(),
            lambda: tab.choose("activation1", "relu"),
            lambda: tab.page.get_by_label("remove layer 2").click(),
            lambda: tab.click("redraw"),
        ):
            press()
            tab.rest()
            if tab.page.evaluate("document.activeElement.tagName") == "SELECT":
                tab.page.evaluate("document.activeElement.blur()")
                tab.page.locator(".sg-playground").focus()
            before = tab.step
            tab.press("ArrowRight")
            assert tab.step == before + 1
        tab.page.get_by_label("one neuron more in layer 1").focus()
        tab.press("Enter")
        tab.press("Enter")  # the button that was drawn anew still has the focus
        assert tab.config["layers"][0]["size"] == 7
        while tab.page.locator("[data-action=undo]").is_enabled():
            tab.click("undo")
        tab.press("ArrowRight")
        assert tab.step == 1
        tab.click("save")
        tab.press("Escape", "l", "l")  # large type hides the button that had the focus
        assert not tab.page.locator(".lecture").count()


@HOSTS
def test_what_is_pinned_stays_pinned_in_another_shape(opened, host):
    with opened(host, layers=[4, 3]) as tab:
        tab.page.locator('.unit[data-unit="1,2"]').click()
        tab.click("pin")
        assert tab.config["pinned"] == [22, 23, 24, 25, 26]
        for name, inputs in (("sine", 1), ("blobs3", 2)):
            tab.page.locator(f"[data-set={name}]").click()
            tab.rest()
            first = 4 * (inputs + 1) + 2 * 5
            assert tab.config["pinned"] == [*range(first, first + 5)] and not tab.trouble
        tab.page.get_by_role("button", name="one neuron less in layer 2", exact=True).click()
        tab.rest()
        assert tab.config["pinned"] == [] and not tab.trouble


@HOSTS
def test_nothing_is_drawn_of_a_change_that_is_halfway(opened, host):
    with opened(host) as tab:
        for name in ("sine", "blobs3", "moons"):
            tab.do(f"""
              let over = false;
              session.change({{ data: {{ name: '{name}' }} }}).then(() => (over = true));
              while (!over) {{
                {PAGE}.draw();  // as a window that is resized does, or a frame of the training
                {PAGE}.drawPlane();
                await new Promise((done) => setTimeout(done));
              }}
            """)
            tab.rest()
        assert tab.page.locator(".unit.input").count() == 2 and not tab.trouble


def test_the_curve_of_an_hour_of_training_is_drawn(opened):
    with opened() as tab:
        points = tab.do(f"""
          await session.train(3);
          const {{ curves }} = session.timeline;
          for (let i = 0; i < 300_000; i++) curves.push({{ step: 3, loss: 1, heldOut: 2 }});
          {PAGE}.draw();
          return document.querySelector(".time .held-out[d]").getAttribute("d").split("L").length;
        """)
        assert 100 < points < 5000 and not tab.trouble


@HOSTS
def test_while_it_trains_only_the_neuron_that_is_pointed_at_is_computed_at_every_point(
    opened, host
):
    lengths = f"{PAGE}.answers.columns.map((one) => one.length)"
    with opened(host) as tab:
        assert len({*tab.page.evaluate(lengths)}) == 1
        tab.page.locator("h1").click()
        tab.page.keyboard.press(" ")
        tab.until(f"{PAGE}.answers.columns[0].length < {PAGE}.answers.columns[7].length")
        tab.page.locator('.unit[data-unit="1,0"]').hover()
        tab.until(f"{PAGE}.answers.columns[4].length === {PAGE}.answers.columns[7].length")
        tab.until("document.querySelector('.out h2').textContent.includes('layer 2, neuron 1')")
        found = tab.page.evaluate(lengths)
        small = min(found)
        assert found == [small, small, small, small, found[4], small, small, found[4]]
        tab.page.keyboard.press(" ")
        tab.rest()
        assert len({*tab.page.evaluate(lengths)}) == 1 and not tab.trouble


def test_play_pause_play_in_one_moment_leaves_one_loop(opened):
    with opened() as tab:
        most = tab.do(f"""
          const {{ training }} = {PAGE};
          const frame = training.frame.bind(training);
          let [underWay, most] = [0, 0];
          training.frame = async () => {{
            most = Math.max(most, ++underWay);
            try {{ return await frame(); }} finally {{ underWay--; }}
          }};
          training.toggle();
          await new Promise((done) => setTimeout(done, 200));
          training.toggle();
          training.toggle();
          await new Promise((done) => setTimeout(done, 300));
          training.toggle();
          return most;
        """)
        tab.rest()
        assert most == 1 and tab.step > 0 and not tab.trouble


def test_the_file_is_at_most_200_kb_without_data():
    page = playground_page(Playground())
    packed_data = packed(json_text([shipped(0), Playground().settings]))
    assert len(page) - len(packed_data) <= 200_000


def test_a_session_that_began_with_other_data_begins_with_them_in_the_file(opened, tmp_path):
    playground = Playground(**SMALL)
    before = playground.examples
    playground.handle({"do": "data", "data": before.spec | {"name": "circles"}})
    page = playground_page(playground, {"data": before.spec})
    path = tmp_path / "other.html"
    path.write_text(page, "utf-8")
    with opened("file") as tab:
        tab.page.goto(path.as_uri())
        until(tab.page, f"{PAGE}?.session.frame")
        assert tab.do("return session.data.inputs;") == [[*x] for x in before.training.inputs]


@pytest.mark.parametrize("width, height", [(1920, 1080), (1300, 900), (420, 900)])
def test_nothing_is_cut_off(opened, width, height):
    with opened(viewport={"width": width, "height": height}) as tab:
        tab.do("await session.train(30);")
        tab.rest()
        wide = "document.querySelector('.sg-playground').scrollWidth"
        assert tab.page.evaluate(wide) <= width
        if width > 900:
            assert tab.page.evaluate("document.querySelector('main').scrollHeight") <= height
            for part in ("header", ".net", ".map", ".time"):
                box = tab.page.locator(part).first.bounding_box()
                assert box["y"] >= 0 and box["y"] + box["height"] <= height, part


def test_the_numbers_on_the_page_are_those_of_the_frame(opened):
    with opened("page") as tab:
        tab.do("await session.train(25);")
        tab.page.locator('.unit[data-unit="0,1"]').click()
        tab.rest()
        shown = tab.page.locator(".update tbody tr").evaluate_all(
            "(rows) => rows.map((row) => [...row.children].map((cell) => cell.textContent))"
        )
        frame = json.loads(
            tab.do("""
          const { state, next } = session.frame;
          return JSON.stringify([[...state.parameters], [...next.gradient], [...next.parameters]]);
        """)
        )
        for j, cells in enumerate(shown):
            place = 3 + j
            w, gradient, after = (column[place] for column in frame)
            assert read(cells[1]) == pytest.approx(w, abs=6e-4)
            assert read(cells[2]) == pytest.approx(gradient, rel=0.06)
            assert read(cells[4]) == pytest.approx(after, abs=6e-4)


SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")


def read(text):
    """The number in a cell."""
    plain = re.sub(r"[▲▼\s]", "", text).replace("−", "-")
    figures, _, power = plain.partition("·10")
    return float(figures) * 10 ** int(power.translate(SUPERSCRIPTS) or 0)
