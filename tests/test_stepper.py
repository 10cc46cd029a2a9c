"""The stepper: what its plan says is what the engine computes, and a browser shows what it says."""

import json
import random
import re
from contextlib import contextmanager
from html.parser import HTMLParser
from math import isclose
from shutil import which

import pytest

import viz
from autograd import Value, chain_rule, gradients, maximum, sqrt, tanh, topological_order
from autograd.expression import evaluate
from autograd.teaching.names import names_of
from viz.demo import GIVEN, NETWORK, WEIGHTS
from viz.escape import number, printable, signed
from viz.page import data_block, page, page_script
from viz.stepper.core import Stepper
from viz.svg import STYLE


def lecture():
    a, b, c, f = (Value(x, name) for x, name in ((2.0, "a"), (-3.0, "b"), (10.0, "c"), (-2.0, "f")))
    y = (a * b + c) * f
    y.label = "L"
    return y


def shared():
    a, b = Value(2.0, "a"), Value(3.0, "b")
    c, d = a + b, a * b
    return (c + d) + c * d * 2.0


def network():
    return evaluate(NETWORK, GIVEN | WEIGHTS)[0]


def random_graph(seed):
    rng = random.Random(seed)
    nodes = [Value(rng.uniform(-2, 2), f"x{i}") for i in range(rng.randint(1, 4))]
    for _ in range(rng.randint(0, 12)):
        a, b = rng.choice(nodes), rng.choice(nodes)
        nodes.append(
            rng.choice(
                [a + b, a - b, a * b, tanh(a), -a, maximum(a, b), 2.0 * a, a / (b * b + 1.0)]
            )
        )
    return nodes[-1]


def plan_of(y):
    return Stepper(y).state["plan"]


def grads_told(plan):
    """What the cards show in the end, by id."""
    return {id: card["grads"][-1]["text"] for id, card in plan["cards"].items()}


# The plan


@pytest.mark.parametrize("seed", range(100))
def test_the_plan_tells_the_values_and_gradients_of_the_engine(seed):
    y = random_graph(seed)
    plan, order, complete = plan_of(y), topological_order(y), gradients(y)
    assert list(plan["cards"]) == [f"n{i}" for i in range(len(order))]
    for node, card in zip(order, plan["cards"].values(), strict=True):
        assert card["value"] == number(node.data)
        assert card["grads"][-1]["text"] == signed(complete[node])


@pytest.mark.parametrize("seed", range(100))
def test_the_backward_steps_are_the_edges_of_the_sweep_in_its_order(seed):
    y = random_graph(seed)
    plan, order = plan_of(y), topological_order(y)
    walked = [step for step in plan["steps"] if step["title"].startswith("Backward, ")]
    swept = list(chain_rule(y))
    assert len(walked) == len(swept)
    for step, (_, _, parent, slope, flow, so_far) in zip(walked, swept, strict=True):
        assert step["cards"] == [f"n{order.index(parent)}"]
        said = dict(step["lines"])
        assert said["flows back"].endswith(f"= {flow:.4g}")
        (total,) = (text for name, text in said.items() if name.startswith("gradient of"))
        assert isclose(float(total.split(" → ")[1]), so_far, rel_tol=1e-3, abs_tol=1e-300)
        (wire,) = step["wires"]
        assert plan["wires"][wire]["notes"] == [f"× {number(slope)}", signed(flow)]


@pytest.mark.parametrize("graph", [lecture, shared, network])
def test_what_is_not_computed_yet_is_not_shown(graph):
    plan = plan_of(graph())
    start_of_backward = (
        plan["stops"]["edge"].index(len(plan["steps"]) - 1)
        - sum(step["title"].startswith("Backward, ") for step in plan["steps"])
        - 1
    )
    for card in plan["cards"].values():
        assert card["from"] == 0 or card["rule"] != "given"
        assert all(grad["from"] >= start_of_backward for grad in card["grads"])
        assert [grad["text"].endswith("…") for grad in card["grads"]] == [
            True for _ in card["grads"][1:]
        ] + [False]


def test_the_lecture_is_told_with_its_numbers():
    plan = plan_of(lecture())
    assert grads_told(plan)["n0"] == "▲ +6"
    told = dict(plan["steps"][-4]["lines"] + plan["steps"][-2]["lines"])
    assert "∂L/∂v1 · ∂v1/∂b = -2 · 2 = -4" in told.values()
    assert [line["text"] for line in plan["cards"]["n0"]["story"]] == [
        "a = 2 was given",
        "∂L/∂a = ∂L/∂v1 · ∂v1/∂a",
        "= (-2) · (-3)",
        "= 6",
        "A small change of a changes L about 6 times as much, in the same direction.",
    ]


def test_the_levels_halt_at_every_step_around_every_node_and_after_each_pass():
    assert plan_of(lecture())["stops"] == {
        "edge": list(range(12)),
        "node": [0, 1, 2, 3, 4, 6, 8, 10, 11],
        "pass": [0, 3, 11],
    }


def test_the_two_edges_of_a_square_are_told_apart():
    x = Value(3.0, "x")
    first, second = plan_of(x * x)["steps"][-3:-1]
    assert first["lines"][0][1] == "∂v1/∂x (first x) = x"
    assert second["lines"][0][1] == "∂v1/∂x (second x) = x"


def test_a_single_leaf_has_a_plan_too():
    plan = plan_of(Value(2.0, "x"))
    assert [step["title"] for step in plan["steps"]] == [
        "Nothing to compute", "Backward: the start", "The gradients",
    ]  # fmt: skip
    assert plan["stops"]["pass"] == [0, 2]


def test_a_slope_that_does_not_exist_is_called_undefined():
    x = Value(0.0, "x")
    lines = dict(plan_of(sqrt(x) * 0.0)["steps"][-2]["lines"])
    assert lines["flows back"].endswith("= 0")
    assert "undefined" in lines["with numbers"]


def test_gradients_that_the_values_hold_do_not_matter():
    fresh, used = lecture(), lecture()
    used.backward(5.0)
    used.backward()
    assert Stepper(fresh).state == Stepper(used).state


def test_too_large_a_graph_is_refused_in_one_sentence(tmp_path):
    y = Value(0.0, "x")
    for _ in range(200):
        y = y + 1.0
    with pytest.raises(ValueError, match=r"has 401 nodes.*draw a part"):
        viz.save(y, tmp_path / "y.html")
    assert list(tmp_path.iterdir()) == []


# The file


class Page(HTMLParser):
    """The elements of a page, and what stands in the scripts."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.scripts, self.inside = [], {}, None
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, *sorted(name for name, _ in attributes)))
        self.inside = dict(attributes).get("type") if tag == "script" else None

    def handle_data(self, data):
        if self.inside:
            self.scripts[self.inside] = data
            self.inside = None


def test_a_label_survives_in_the_page_and_does_nothing_there(label):
    x = Value(2.0, label)
    y = x * Value(3.0, "w")
    y.label = label
    state = Stepper(y, {}).state
    found, harmless = Page(page(state)), Page(page(Stepper(lecture(), {}).state))
    assert set(found.tags) == set(harmless.tags)
    assert [tag for tag in found.tags if tag[0] != "li"] == [
        tag for tag in harmless.tags if tag[0] != "li"
    ]
    assert json.loads(found.scripts["application/json"]) == json.loads(json.dumps(state))
    assert state["plan"]["cards"]["n0"]["name"] == printable(names_of([x])[x])


def test_data_cannot_end_its_element():
    text = data_block("</script><!-- & \u2028\u2029 \ud800")
    assert not re.search("[<>&\u2028\u2029]", text) and text.isascii()
    assert json.loads(text) == "</script><!-- & \u2028\u2029 \ud800"


def test_the_page_names_no_address_but_that_of_svg():
    html = page(Stepper(network(), {}).state)
    assert set(re.findall(r"\w+://[^\s\"'<\\]*", html)) == {"http://www.w3.org/2000/svg"}
    assert not re.search(r"\b(src|href)\s*=|@import|url\(|innerHTML|\bfetch\(", html)


def test_scripts_and_styles_can_stand_inside_a_page():
    assert not re.search("</script|<!--", page_script(), re.IGNORECASE)
    assert "&" not in STYLE and "<" not in STYLE  # the same text in SVG, in HTML and in its hash


def test_save_writes_a_page(tmp_path):
    path = viz.save(lecture(), tmp_path / "lesson.html")
    assert path.read_text("utf-8").startswith("<!doctype html>")
    with pytest.raises(FileNotFoundError):
        viz.save(lecture(), tmp_path / "missing" / "lesson.html")


def test_unlabelled_values_bear_the_names_of_the_callers_variables(tmp_path):
    weight = Value(2.0)
    assert (
        "∂weight"
        in json.loads(
            Page(viz.save(weight * 3.0, tmp_path / "y.html").read_text("utf-8")).scripts[
                "application/json"
            ]
        )["plan"]["steps"][-2]["lines"][0][1]
    )


# In a browser


@pytest.fixture(scope="module")
def browser():
    sync_api = pytest.importorskip(
        "playwright.sync_api", reason="there is no playwright: pip install playwright"
    )
    program = which("chromium") or which("chromium-browser") or which("google-chrome")
    if program is None:
        pytest.skip("there is no Chromium: install the program `chromium`")
    with sync_api.sync_playwright() as playwright:
        running = playwright.chromium.launch(
            executable_path=program, args=["--no-sandbox", "--disable-gpu"]
        )
        yield running
        running.close()


@pytest.fixture
def opened(browser, tmp_path):
    """Opens the page of a graph; nothing may be complained about, and nothing fetched."""

    @contextmanager
    def open(y, hash="", **options):
        path = viz.save(y, tmp_path / "lesson.html", names=False)
        tab = browser.new_page(**options)
        complaints, requests = [], []
        tab.on("console", lambda message: complaints.append(message.text))
        tab.on("pageerror", lambda error: complaints.append(str(error)))
        tab.on("request", lambda request: requests.append(request.url.split("#")[0]))
        tab.goto(path.as_uri() + hash)
        yield tab
        assert complaints == []
        assert set(requests) == {path.as_uri()}
        tab.close()

    return open


def html_of(tab):
    return tab.locator(".sg-stepper").evaluate("one => one.outerHTML")


def without_status(html):
    """What is on the page but for the sentence that is announced, which is nothing at first."""
    return re.sub(r'<p class="status".*?</p>', "", html)


def test_the_first_view_teaches_without_a_click(opened):
    with opened(lecture()) as tab:
        panel = tab.locator(".panel").inner_text()
        assert "If a changes a little, how much does L change?" in panel
        assert "v1 = a * b" in panel


@pytest.mark.parametrize("level", ["edge", "node", "pass"])
def test_keys_go_forward_and_back_to_exactly_the_earlier_pictures(opened, level):
    with opened(shared(), f"#level={level}") as tab:
        stops = plan_of(shared())["stops"][level]
        pictures = [without_status(html_of(tab))]
        for _ in stops[1:]:
            tab.keyboard.press("ArrowRight")
            pictures.append(without_status(html_of(tab)))
        assert len(set(pictures)) == len(stops)
        assert f"step={stops[-1]}" in tab.url
        tab.keyboard.press("ArrowRight")
        assert without_status(html_of(tab)) == pictures[-1]
        for earlier in reversed(pictures[:-1]):
            tab.keyboard.press("ArrowLeft")
            assert without_status(html_of(tab)) == earlier
        tab.keyboard.press("End")
        assert without_status(html_of(tab)) == pictures[-1]
        tab.keyboard.press("Home")
        assert without_status(html_of(tab)) == pictures[0]


SHOWN = """() => Object.fromEntries([...document.querySelectorAll("g.card[role=button]")].map(
    (card) => [card.dataset.id, [
        card.querySelector("text.value").textContent, card.querySelector("text.grad").textContent,
        card.classList.contains("current"),
    ]]))"""
NOTES = """() => Object.fromEntries([...document.querySelectorAll("g.notes")].map(
    (one) => [one.dataset.of, [...one.querySelectorAll("text")].map((t) => t.textContent)]))"""
ROWS = """() => [...document.querySelectorAll("tbody tr")].map(
    (row) => [...row.querySelectorAll("td")].slice(1).map((cell) => cell.textContent))"""
LINES = """() => [...document.querySelectorAll(".panel dt, .panel dd")].map((x) => x.textContent)"""


@pytest.mark.parametrize("graph", [lecture, shared, network])
def test_every_number_on_the_screen_is_the_plans_at_every_step(opened, graph):
    plan = json.loads(json.dumps(plan_of(graph())))
    with opened(graph()) as tab:
        for at, step in enumerate(plan["steps"]):
            expected = {}
            for id, card in plan["cards"].items():
                value = card["value"] if card["from"] <= at else "?"
                grads = [grad["text"] for grad in card["grads"] if grad["from"] <= at]
                expected[id] = [value, grads[-1] if grads else "?", id in step["cards"]]
            assert tab.evaluate(SHOWN) == expected
            assert tab.evaluate(ROWS) == [shown[:2] for shown in expected.values()]
            assert tab.evaluate(LINES) == [text for line in step["lines"] for text in line]
            for wire, notes in tab.evaluate(NOTES).items():
                told = plan["wires"][wire]
                blank = [""] * len(told["notes"])
                assert notes == (told["notes"] if told["walked"] <= at else blank)
            tab.keyboard.press("ArrowRight")


def test_several_steps_at_once_are_told_a_sentence_each(opened):
    plan = plan_of(lecture())
    with opened(lecture(), "#step=3&level=pass") as tab:
        assert tab.locator(".panel h3").inner_text() == "The forward pass"
        sentences = [step["sentence"] for step in plan["steps"]]
        assert tab.locator(".panel li").all_inner_texts() == sentences[1:4]
        assert tab.locator(".current").count() == 0
        tab.keyboard.press("ArrowRight")
        assert tab.locator(".panel h3").inner_text() == "The backward pass"
        assert tab.locator(".panel li").all_inner_texts() == sentences[4:]
    with opened(lecture(), "#step=6&level=node") as tab:
        assert tab.locator(".panel h3").inner_text() == "Backward: the edges into L"
        assert tab.locator(".panel li").all_inner_texts() == sentences[5:7]


def test_a_step_is_announced_in_one_sentence(opened):
    with opened(lecture()) as tab:
        assert tab.locator("[role=status]").inner_text() == ""
        tab.keyboard.press("ArrowRight")
        said = tab.locator("[role=status]").inner_text()
        assert said == "Forward, 1 of 3: v1. v1 = a * b = 2 * (-3) = -6"


def test_buttons_and_the_scrubber_move_as_the_keys_do(opened):
    with opened(lecture()) as tab:
        tab.get_by_role("button", name="a step forward").click()
        assert "step=1&" in tab.url
        tab.get_by_role("button", name="last step").click()
        assert "step=11&" in tab.url
        tab.get_by_role("button", name="a whole pass").click()
        tab.get_by_role("button", name="a step back").click()
        assert "step=3&level=pass" in tab.url
        tab.get_by_role("slider").fill("0")
        assert "step=0&" in tab.url
        tab.get_by_role("button", name="play").click()
        assert tab.get_by_role("button", name="pause").is_visible()
        tab.keyboard.press("Escape")
        tab.get_by_role("button", name="pause").click()
        assert tab.get_by_role("button", name="play").is_visible()


def test_a_node_tells_its_story_to_the_mouse_and_to_the_keyboard(opened):
    with opened(lecture(), "#step=11") as tab:
        story = tab.locator(".story")
        tab.locator("g.card[data-id=n0]").click()
        assert "= (-2) · (-3)" in story.inner_text() and "node=n0" in tab.url
        tab.keyboard.press("ArrowRight")
        assert "step=11" in tab.url  # among nodes, arrows go to the next of them
        tab.keyboard.press("Enter")
        assert story.locator("h3").inner_text() == "The story of b"
        assert "The story of b. b = -3 was given" in tab.locator("[role=status]").inner_text()
        assert tab.locator("g.card[data-id=n1]").get_attribute("aria-pressed") == "true"


def test_a_story_does_not_tell_what_is_not_known_yet(opened):
    with opened(lecture(), "#step=2&node=n0") as tab:
        assert "∂L/∂a = ∂L/∂v1 · ∂v1/∂a" in tab.locator(".story").inner_text()
        assert "6" not in tab.locator(".story").inner_text()


def test_no_key_but_tab_and_escape_leaves_the_stepper(opened):
    with opened(lecture()) as tab:
        tab.evaluate("window.heard = []; addEventListener('keydown', (e) => heard.push(e.key))")
        for key in ("ArrowRight", "b", "d", "Home", "?", "Escape", "Control+b", "Tab"):
            tab.keyboard.press(key)
        assert [key for key in tab.evaluate("heard") if key != "Control"] == ["Escape", "b", "Tab"]


def test_an_address_that_makes_no_sense_is_the_beginning(opened):
    with opened(lecture(), "#step=x&level=constructor&node=toString") as tab:
        assert tab.locator("h3").first.inner_text() == "Before the first step"
    with opened(lecture(), "#step=1e9") as tab:
        assert tab.locator("h3").first.inner_text() == "The gradients"


def test_a_label_is_only_text_in_the_browser(opened, label):
    y = Value(2.0, label) * 3.0
    with opened(y, "#step=9&node=n0") as tab:
        (name,) = (card["name"] for id, card in plan_of(y)["cards"].items() if id == "n0")
        shown = tab.locator("tbody th").first.evaluate("one => one.textContent")
        assert shown == name or not label.strip()
        assert tab.locator("script").count() == 2 and tab.locator("img").count() == 0


@pytest.mark.parametrize("width", [420, 1200])
def test_a_wide_graph_scrolls_in_its_own_box(opened, width):
    with opened(network(), "#step=40", viewport={"width": width, "height": 800}) as tab:
        assert tab.evaluate("document.documentElement.scrollWidth") <= width
        assert tab.evaluate("document.querySelector('.graph').scrollLeft") > 0


def test_space_plays_to_the_end_and_announces_only_that(opened):
    with opened(Value(2.0, "a") * 3.0, "#level=pass") as tab:
        tab.clock.install()
        tab.keyboard.press("Space")
        tab.clock.run_for(1600)
        assert "step=1&" in tab.url
        assert tab.locator("[role=status]").inner_text() == ""
        tab.clock.run_for(1600)
        assert tab.locator("[role=status]").inner_text().startswith("The gradients.")
        assert tab.get_by_role("button", name="play").is_visible()


def test_dark_pages_are_dark(opened):
    background = "getComputedStyle(document.querySelector('.sg-stepper')).backgroundColor"
    with opened(lecture(), color_scheme="light") as tab:
        assert tab.evaluate(background) == "rgb(255, 255, 255)"
        tab.evaluate("document.body.dataset.jpThemeLight = 'false'")
        assert tab.evaluate(background) == "rgb(21, 24, 28)"
    with opened(lecture(), color_scheme="dark") as tab:
        assert tab.evaluate(background) == "rgb(21, 24, 28)"


def test_styles_of_the_picture_survive_the_policy_of_the_page(opened):
    with opened(lecture(), "#step=11") as tab:
        opacities = tab.evaluate(
            "[...document.querySelectorAll('.tint')].map((t) => getComputedStyle(t).opacity)"
        )
        assert "1" in opacities and len(set(opacities)) > 1
