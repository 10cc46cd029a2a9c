"""The playground in a browser: every control by mouse and by keys, training, and its timeline."""

import re

import numpy as np
import pytest

from tests.playgrounds import HOSTS, PAGE


@HOSTS
def test_every_control_of_training_by_mouse_and_by_key(playing, host):
    with playing(host) as tab:
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
def test_what_is_chosen_from_a_list_goes_on_from_the_same_numbers(playing, host, name, value, kept):
    with playing(host) as tab:
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
def test_a_setting_that_is_typed_takes_effect_at_once(playing, host, name, typed, number):
    with playing(host) as tab:
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
def test_layers_and_neurons_come_and_go_while_the_others_keep_their_weights(playing, host):
    with playing(host) as tab:
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
def test_what_is_pressed_twice_quickly_counts_twice(playing, host):
    with playing(host) as tab:
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
def test_a_weight_is_typed_and_a_neuron_pinned_and_drawn_anew(playing, host):
    with playing(host) as tab:
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
def test_any_step_is_reached_again_to_the_bit_and_a_change_begins_a_branch(playing, host):
    with playing(host, optimizer="adam", rate=0.02) as tab:
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


def test_a_hundred_thousand_updates_are_kept_in_64_mb(playing):
    with playing(layers=[1]) as tab:
        found = tab.do("""
          while (session.step < 100000) await session.train(5000);
          const { bytes } = session.timeline;
          const start = performance.now();
          for (const step of [77777, 12345, 99999, 1]) await session.go(step);
          return [bytes, session.step];
        """)
        assert found[0] < 64 * 2**20 and found[1] == 1


@HOSTS
def test_a_prediction_waits_for_a_guess_and_tells_how_near_it_was(playing, host):
    with playing(host) as tab:
        tab.press("p")
        assert tab.page.locator("tbody td", has_text="?").count() == 8
        tab.press("ArrowRight")
        assert tab.step == 0 and "Say first" in tab.trouble
        tab.page.locator("[data-way=up]").click()
        tab.click("next")
        said = tab.page.locator(".guessed").inner_text()
        assert tab.step == 1 and re.match("Right|Not this time", said)


@HOSTS
def test_a_diverging_run_stops_with_a_sentence_and_the_last_good_step_stays(playing, host):
    with playing(host, loss="mse") as tab:
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
def test_a_map_of_settings_colours_its_cells_and_opens_them(playing, host):
    with playing(host) as tab:
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


def test_keys_are_heard_when_a_map_was_trained(playing):
    with playing(layers=[1], points=20) as tab:
        tab.click("map")
        tab.choose("updates", "100")
        tab.page.locator("[data-action=train-map]").click()
        tab.until(
            "document.querySelector('.mapping [role=status]').textContent.startsWith('Click')", 90
        )
        tab.press("Escape", "ArrowRight")
        assert tab.page.locator(".over").count() == 0 and tab.step == 1


def test_keys_are_heard_after_whatever_was_pressed(playing):
    with playing() as tab:
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


def test_play_pause_play_in_one_moment_leaves_one_loop(playing):
    with playing() as tab:
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
