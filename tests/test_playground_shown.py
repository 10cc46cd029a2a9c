"""What a playground in a browser shows: an opened example, the rule, the maps, the curve; nothing
is cut off, and axe finds nothing."""

import json
import re
from itertools import pairwise
from unicodedata import normalize

import numpy as np
import pytest

from tests.playgrounds import HOSTS, PAGE, SMALL
from viz.apps.playground.columns import column_of, numbers_in
from viz.apps.playground.core import Playground


@HOSTS
def test_an_example_opens_into_its_chain_rule_with_the_engines_numbers(playing, host):
    with playing(host) as tab:
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
def test_the_rule_of_the_optimiser_is_a_formula_in_symbols_and_in_numbers(playing, host):
    with playing(host) as tab:

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
def test_the_rate_of_a_schedule_is_that_of_the_next_update(playing, host):
    with playing(host, schedule="step_decay", period=2, factor=0.5, rate=0.4) as tab:
        rates = []
        for _ in range(5):
            rates.append(tab.do("return session.frame.next.rate;"))
            tab.press("ArrowRight")
        assert rates == [0.4, 0.4, 0.2, 0.2, 0.1]


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
def test_axe_finds_no_violation(playing, state, scheme):
    axe = pytest.importorskip(
        "axe_playwright_python.sync_playwright",
        reason="there is no axe: pip install axe-playwright-python",
    )
    with playing("page") as tab:
        tab.page.emulate_media(color_scheme=scheme)
        tab.do(f"const page = {PAGE}; {state}")
        tab.rest()
        found = axe.Axe().run(tab.page).response["violations"]
        assert [(one["id"], one["nodes"][0]["html"][:200]) for one in found] == []


@HOSTS
def test_what_is_said_stays_where_an_example_is_chosen(playing, host):
    with playing(host) as tab:
        tab.do(f"await {PAGE}.chosen.choose(3, false); await session.train(2);")
        tab.click("more")
        tab.fill("seed", "5")
        assert "from the next start on" in tab.trouble
        tab.fill("rate", "-1")
        assert "rate must be positive" in tab.trouble


@HOSTS
def test_nothing_is_drawn_of_a_change_that_is_halfway(playing, host):
    with playing(host) as tab:
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


def test_the_curve_of_an_hour_of_training_is_drawn(playing):
    with playing() as tab:
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
    playing, host
):
    lengths = f"{PAGE}.answers.columns.map((one) => one.length)"
    with playing(host) as tab:
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


@pytest.mark.parametrize("width, height", [(1920, 1080), (1300, 900), (420, 900)])
def test_nothing_is_cut_off(playing, width, height):
    with playing(viewport={"width": width, "height": height}) as tab:
        tab.do("await session.train(30);")
        tab.rest()
        wide = "document.querySelector('.sg-playground').scrollWidth"
        assert tab.page.evaluate(wide) <= width
        if width > 900:
            assert tab.page.evaluate("document.querySelector('main').scrollHeight") <= height
            for part in ("header", ".net", ".map", ".time"):
                box = tab.page.locator(part).first.bounding_box()
                assert box["y"] >= 0 and box["y"] + box["height"] <= height, part


def test_the_numbers_on_the_page_are_those_of_the_frame(playing):
    with playing("page") as tab:
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


def test_while_it_trains_only_the_weights_in_view_are_written_and_then_all(playing):
    with playing(layers=[60, 2], rate=0.05) as tab:
        tab.page.locator('.unit[data-unit="1,0"]').click()
        tab.rest()
        texts = f"[...{PAGE}.table.rows].map(({{ row }}) => row.textContent)"
        before = tab.page.evaluate(texts)
        assert len(before) == 61
        tab.page.evaluate(f"window.seen = {texts}; void {PAGE}.training.toggle();")
        tab.until(f"({texts})[0] !== window.seen[0]")
        assert tab.page.evaluate(texts)[-1] == before[-1]
        tab.page.evaluate(f"void ({PAGE}.table.scrolls.scrollTop = 1e6)")
        tab.until(f"({texts})[60] !== window.seen[60]")
        tab.page.evaluate(f"void {PAGE}.training.toggle();")
        tab.rest()
        places = tab.do("return [...session.frame.state.parameters];")[180:241]
        for text, weight in zip(
            tab.page.locator(".update td button").all_inner_texts(), places, strict=True
        ):
            assert read(text) == pytest.approx(weight, abs=6e-4)


def test_a_neuron_that_is_chosen_between_two_slow_updates_has_its_weights_at_once(playing):
    with playing(layers=[60, 2]) as tab:
        tab.choose("speed", "2")
        blank = tab.do(f"""
          const page = {PAGE}, frames = async (n) => {{
            for (; n; n--) await new Promise(requestAnimationFrame);
          }};
          page.training.toggle();
          await frames(5);
          page.choose(1, 0);
          await frames(5);
          page.table.scrolls.scrollTop = 1e6;
          await frames(5);
          page.training.toggle();
          return page.table.rows.filter(({{ button }}) => !button.textContent).length;
        """)
        assert blank == 0


def test_while_it_trains_the_network_and_the_answers_are_drawn_in_turns(playing):
    with playing() as tab:
        drawn = tab.do(f"""
          const page = {PAGE}, drawn = [];
          for (const name of ["drawNetwork", "drawPlane"]) {{
            const draw = page[name].bind(page);
            page[name] = () => {{ drawn.at(-1)?.push(name); draw(); }};
          }}
          const draw = page.draw.bind(page);
          page.draw = () => {{ drawn.push([]); draw(); }};
          page.training.toggle();
          while (drawn.length < 12) await new Promise(requestAnimationFrame);
          page.training.toggle();
          return drawn.slice(2, 12);
        """)
        assert {tuple(one) for one in drawn} == {("drawNetwork",), ("drawPlane",)}
        assert all(one != next for one, next in pairwise(drawn))


SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")


def read(text):
    """The number in a cell."""
    plain = re.sub(r"[▲▼\s]", "", text).replace("−", "-")
    figures, _, power = plain.partition("·10")
    return float(figures) * 10 ** int(power.translate(SUPERSCRIPTS) or 0)


def test_small_weights_do_not_push_the_new_ones_out_of_sight(playing):
    settings = {"layers": [6, 4], "optimizer": "adam", "rate": 0.03, "points": 200}
    with playing(penalty=0.01, norm="l1", **settings) as tab:
        tab.do("await session.train(150);")
        assert tab.page.locator(".update table td", has_text="·10").count()
        box = tab.page.locator(".update .scrolls")
        assert box.evaluate("(box) => box.scrollWidth <= box.clientWidth") and not tab.trouble
