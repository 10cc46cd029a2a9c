"""The stepper in a browser: a page shows what the plan says, and obeys keys, mouse and address."""

import json
import math
import random
import re
from xml.etree import ElementTree

import pytest
from PIL import Image

from autograd import Value, log, relu, tanh, where
from autograd.op import TABLE, Op
from autograd.teaching.mathml import mathml as typeset
from autograd.teaching.steps import passes
from nn import MLP
from tests import mathml
from tests.graphs import folded_network, in_words, lecture, network, random_graph, shared, walk_of
from tests.playgrounds import until
from tests.tabs import address_of, field
from viz.apps.stepper.core import Stepper
from viz.graph.inside import Folded
from viz.graph.notation import number, signed
from viz.render import font


def html_of(tab):
    """What is on the page: its elements, with their attributes in the order of their names."""
    return tab.locator(".sg-stepper").evaluate("""(root) => {
      const shown = (one) => one.nodeType === Node.TEXT_NODE ? one.data : [
        one.tagName, [...one.attributes].map((a) => `${a.name}=${a.value}`).sort().join(" "),
        ...[...one.childNodes].map(shown)];
      root.querySelector(".status").textContent = "";
      return JSON.stringify(shown(root));
    }""")


def test_the_first_view_teaches_without_a_click(opened):
    with opened(lecture()) as tab:
        panel = tab.locator(".panel").text_content()
        assert "If a changes a little, how much does L change?" in panel
        assert "v1=a·b" in panel
        assert tab.locator("h2").text_content() == "L=(a·b+c)·f"


def in_view(tab, id):
    """Whether a card lies within the box of the graph."""
    return tab.evaluate(
        """(id) => {
          const box = document.querySelector(".graph").getBoundingClientRect();
          const card = document.querySelector(`g.card[data-of=${id}]`).getBoundingClientRect();
          return box.left <= card.left && card.right <= box.right
            && box.top <= card.top && card.bottom <= box.bottom;
        }""",
        id,
    )


@pytest.mark.parametrize("width", [420, 1300])
def test_a_large_graph_is_seen_where_the_panel_speaks_of_it(opened, width):
    xs = [Value(0.1 * i, f"x{i}") for i in range(1, 30)]
    y = sum([x.tanh() for x in xs], Value(0.0, "start")) * xs[17]
    plan = walk_of(y)
    steps = plan["steps"]
    (first,), (largest,) = steps[0]["look"], steps[-1]["look"]
    with opened(y, viewport={"width": width, "height": 850}) as tab:
        for level, key, seen in (
            ("edge", "Home", first),
            ("edge", "End", largest),
            ("pass", "Home", first),
            ("pass", "ArrowRight", plan["root"]),
            ("pass", "ArrowRight", largest),
        ):
            tab.locator(f"[data-level={level}]").click()
            tab.keyboard.press(key)
            assert in_view(tab, seen), (level, key)


@pytest.mark.parametrize("size", [(1920, 1080), (1300, 900)])
@pytest.mark.parametrize("graph", [lecture, network])
def test_the_window_is_the_page_and_a_click_moves_nothing(opened, graph, size):
    width, height = size
    inside = """(parts) => parts.every((part) => {
      const box = document.querySelector(part).getBoundingClientRect();
      return box.left >= 0 && box.top >= 0 && box.right <= innerWidth && box.bottom <= innerHeight
        && box.width > 0 && box.height > 0;
    })"""
    scrolled = """() => ["html", "main", ".graph"].flatMap((one) => {
      const { scrollLeft, scrollTop } = document.querySelector(one);
      return [scrollLeft, scrollTop];
    })"""
    with opened(graph(), "#step=6", viewport={"width": width, "height": height}) as tab:
        parts = [".head", ".graph", ".panel", ".controls"]
        assert tab.evaluate(inside, parts)
        assert tab.evaluate("document.querySelector('main').scrollHeight") <= height
        assert tab.evaluate("document.documentElement.scrollWidth") <= width
        before = tab.evaluate(scrolled)
        for id in ("n0", "n2"):
            tab.locator(f"g.card[data-of={id}]").evaluate(
                "(card) => card.dispatchEvent(new MouseEvent('click', { bubbles: true }))"
            )
            assert "node=" + id in address_of(tab)
            assert tab.evaluate(inside, [".about"])
        assert tab.evaluate(scrolled) == before


@pytest.mark.parametrize("graph", [lecture, network])
def test_a_lecture_has_the_graph_and_the_step_in_large_type(opened, graph):
    with opened(graph(), "#step=5", viewport={"width": 1920, "height": 1080}) as tab:
        tab.keyboard.press("l")
        shown = [one for one in (".head", ".graph", ".panel", ".controls", ".zoom")
                 if tab.locator(one).is_visible()]  # fmt: skip
        assert shown == [".graph", ".panel"]
        least = tab.evaluate("""() => Math.min(
          ...[...document.querySelectorAll(".graph text[x]")]
            .filter((one) => !one.closest("[hidden]"))
            .map((one) => one.getAttribute("font-size") * one.getScreenCTM().a),
          ...[...document.querySelectorAll(".panel :is(h3, dt, dd, small, .figure)")]
            .filter((one) => one.textContent)
            .map((one) => parseFloat(getComputedStyle(one).fontSize)))""")
        assert least >= 28
        shown_at = address_of(tab)
        tab.keyboard.press("PageDown")
        assert "step=6&" in address_of(tab)
        tab.keyboard.press("PageUp")
        assert address_of(tab) == shown_at and "hide=" in shown_at
        tab.keyboard.press("L")
        assert tab.locator(".head").is_visible() and "hide" not in address_of(tab)


def test_the_picture_is_zoomed_and_moved_by_keys_buttons_wheel_and_mouse(opened):
    wide = "document.querySelector('.graph svg').getBoundingClientRect().width"
    # as high as its box: where there is room above and below, a picture stands in the middle
    with opened(shared(), viewport={"width": 1300, "height": 900}) as tab:
        fitting = tab.evaluate(wide)
        for act, factor in (
            (lambda: tab.keyboard.press("+"), 1.25),
            (lambda: tab.get_by_role("button", name="a larger picture").click(), 1.25**2),
            (lambda: tab.keyboard.press("-"), 1.25),
            (lambda: tab.keyboard.press("0"), 1),
            (lambda: tab.keyboard.press("-"), 1),  # it is no smaller than its box
        ):
            act()
            assert tab.evaluate(wide) == pytest.approx(fitting * factor, rel=1e-3)
        card = tab.locator("g.card[data-of=n6]")
        box = card.bounding_box()
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        tab.mouse.move(x, y)
        tab.keyboard.down("Control")
        tab.mouse.wheel(0, -300)
        tab.keyboard.up("Control")
        tab.wait_for_function(f"{wide} > {fitting * 1.5}")
        box = card.bounding_box()
        assert (
            abs(box["x"] + box["width"] / 2 - x) < 2 and abs(box["y"] + box["height"] / 2 - y) < 2
        )
        tab.mouse.move(200, 200)
        left = tab.evaluate("document.querySelector('.graph').scrollLeft")
        tab.mouse.down()
        tab.mouse.move(150, 180)
        tab.mouse.move(100, 160)
        tab.mouse.up()
        assert tab.evaluate("document.querySelector('.graph').scrollLeft") - left == pytest.approx(
            100, abs=2
        )
        tab.mouse.move(300, 300)
        assert tab.evaluate("document.querySelector('.graph').scrollLeft") - left == pytest.approx(
            100, abs=2
        )
        assert "step=0" in address_of(tab) or "#" not in address_of(tab)  # none of it is a step


@pytest.mark.parametrize("level", ["edge", "node", "pass"])
def test_keys_go_forward_and_back_to_exactly_the_earlier_pictures(opened, level):
    with opened(shared(), f"#level={level}") as tab:
        stops = walk_of(shared())["stops"][level]
        pictures = [html_of(tab)]
        for _ in stops[1:]:
            tab.keyboard.press("ArrowRight")
            pictures.append(html_of(tab))
        assert len(set(pictures)) == len(stops)
        assert f"step={stops[-1]}" in address_of(tab)
        tab.keyboard.press("ArrowRight")
        assert html_of(tab) == pictures[-1]
        for earlier in reversed(pictures[:-1]):
            tab.keyboard.press("ArrowLeft")
            assert html_of(tab) == earlier
        tab.keyboard.press("End")
        assert html_of(tab) == pictures[-1]
        tab.keyboard.press("Home")
        assert html_of(tab) == pictures[0]


# All that a page shows at each step, going from step to step as the arrow does.
WALK = """() => {
  const texts = (within, kind) => [...within.querySelectorAll(kind)]
    .filter((x) => !x.hasAttribute("display")).map((x) => x.textContent);
  const root = document.querySelector(".sg-stepper");
  const shown = () => ({
    cards: Object.fromEntries([...root.querySelectorAll("g.card[role=button]")].map((card) => [
      card.dataset.of,
      [...texts(card, "text.value"), ...texts(card, "text.gradient"),
       card.getAttribute("aria-current") === "step"],
    ])),
    edges: Object.fromEntries(["tag", "chip"].map((kind) => [kind, Object.fromEntries(
      [...root.querySelectorAll(`g.${kind}`)].filter((one) => !one.hasAttribute("display"))
        .map((one) => [one.dataset.of, texts(one, "text").join()]))])),
    titles: Object.fromEntries([...root.querySelectorAll("g.line")].map(
      (one) => [one.dataset.of, one.querySelector("title").textContent])),
    rows: [...root.querySelectorAll("tbody tr")].map((row) => texts(row, "td").slice(1)),
    lines: [...root.querySelectorAll(".panel .box")].map((box) => ({
      about: box.querySelector("dt").textContent,
      formulas: [...box.querySelectorAll("dd > math")].map((one) => one.outerHTML).join(""),
      columns: [...box.querySelectorAll(".column:not(.between)")].map((one) => [
        one.classList[1], one.querySelector(".figure").textContent, one.lastChild.textContent]),
      said: box.querySelector("dd > :is(math, .columns)")
        ? texts(box, ".note") : [box.querySelector("dd").textContent],
    })),
    spoken: root.querySelector(".controls input").getAttribute("aria-valuetext"),
    story: [...root.querySelectorAll(".story p:not(.later)")].map(
      (one) => [...one.querySelectorAll("math")].map((math) => math.outerHTML).join("")
        || one.textContent),
  });
  const walk = [];
  for (let i = 0; i <= Number(root.querySelector(".controls input").max); i++) {
    walk.push(shown());
    root.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight", bubbles: true }));
  }
  return JSON.stringify(walk);
}"""


def walked(tab):
    """What a page shows at every step: as text, which is brought over at once."""
    return json.loads(tab.evaluate(WALK))


def expected(stepper, node=""):
    """The same, as the plan has it in plain text; which edges have tags, the scene says."""
    plan, drawn = in_words(stepper.plan()), stepper.state["plan"]["scene"]["groups"]
    tags, chips = (
        [group["of"] for group in drawn if group["kind"] == kind] for kind in ("tag", "chip")
    )
    for at, step in enumerate(plan["steps"]):
        cards, rows = {}, []
        for id, card in plan["cards"].items():
            value = card["value"] if card["from"] <= at else "?"
            grads = [grad["text"] for grad in card["grads"] if grad["from"] <= at]
            rows.append([value, grads[-1] if grads else "?"])
            cards[id] = [value, *grads[-1:], id in step["cards"]]
        wires = plan["wires"]
        walked = {id for id, wire in wires.items() if wire["walked"] <= at}
        steps = plan["steps"]
        yield {
            "cards": cards,
            "edges": {
                "tag": {id: wires[id]["flow"] for id in tags if id in walked},
                "chip": {
                    id: wires[id]["place"] + wires[id]["local"] for id in chips if id in walked
                },
            },
            "titles": {
                id: steps[wire["walked"]]["sentence"] if id in walked else wire["ends"]
                for id, wire in wires.items()
            },
            "rows": rows,
            "lines": step["lines"],
            "spoken": step["sentence"],
            "story": [
                line["text"]
                for line in (plan["cards"][node]["story"] if node else [])
                if line["from"] <= at
            ],
        }


def compare(shown, stepper, node=""):
    """Whether a walk through a page is that of the plan: numbers and sentences literally, formulas
    by what they come to."""
    plan = stepper.plan()
    told = plan.told
    names = told.names | {told.root: told.result}
    values = {mathml.letters(name): node.data for node, name in names.items()}
    _, edges = passes(told.root, names, 4)
    totals = {told.root: 1.0} | {edge.parent: edge.so_far for edge in edges}
    for at, (page, wanted) in enumerate(zip(shown, expected(stepper, node), strict=True)):
        lines, story = page.pop("lines"), page.pop("story")
        compare_story(story, wanted.pop("story"), values)
        in_words = wanted.pop("lines")
        assert page == wanted, at
        if plan.seed < at < plan.last:
            compare_edge(lines, edges, at - plan.seed - 1, in_words[-1][1], values)
        elif at == plan.last and told.gradients:
            figures = [figure for line in lines for _, figure, _ in line["columns"]]
            ends = [float(f"{totals[node] + 0.0:.4g}") for node, _ in told.gradients]
            assert list(map(mathml.number, figures)) == ends
        else:
            for line, (about, text) in zip(lines, in_words, strict=True):
                assert line["about"] == about
                if line["formulas"]:
                    same_links(line["formulas"], text, values)
                else:
                    assert line["said"] == [text]


def compare_edge(lines, edges, i, to_come, values):
    """upstream, local and flow, the gradient before and after, and how the local derivative is
    made."""
    local, flow, total = lines
    edge = edges[i]
    before = [0.0, *(one.so_far for one in edges[:i] if one.parent is edge.parent)][-1]
    assert [line["about"] for line in lines] == [
        "local derivative", "upstream · local = flow", f"gradient of {edge.parent_name}",
    ]  # fmt: skip
    for line, told in (
        (flow, {"upstream": edge.upstream, "local": edge.slope, "flow": edge.flow}),
        (total, {"before": before, "flow": edge.flow, "after": edge.so_far}),
    ):
        for (_, figure, below), (name, wanted) in zip(line["columns"], told.items(), strict=True):
            assert below == name
            shown = mathml.number(figure)
            rounded = wanted if wanted is None else float(f"{wanted + 0.0:.4g}")
            assert shown == rounded or (shown != shown and rounded != rounded)
    assert total["said"] == [to_come]
    # what is inside a fold is not put in numbers
    rules = [edge.rule] if isinstance(edge.node.op, Folded) else [edge.rule, edge.rule_in_numbers]
    pieces = dict.fromkeys(map(str, [*rules, slope_of(edge)]))
    same_links(local["formulas"], " = ".join(["D", *pieces]), values)


def slope_of(edge):
    return "undefined" if edge.slope is None else f"{edge.slope + 0.0:.4g}"


def compare_story(shown, wanted, values):
    assert len(shown) == len(wanted)
    for one, text in zip(shown, wanted, strict=True):
        if not one.startswith("<math"):
            assert one == text
        elif "∂" not in one:
            same_links(one, text, values)


def same_links(formula, text, values):
    """Whether a typeset formula says what a text says: link by link the same number."""
    typeset, plain = mathml.links(formula), f" {text}".replace("·", "*").split(" = ")
    assert len(typeset) == len(plain), (typeset, plain)
    for one, other in zip(typeset[1:], plain[1:], strict=True):
        try:
            a, b = (mathml.worth(mathml.letters(side), values) for side in (one, other))
        except (NameError, TypeError):  # a fold, which is a function here only
            a, b = (re.sub(r"[ ()]", "", mathml.letters(side)) for side in (one, other))
        is_number = isinstance(a, float) and isinstance(b, float)
        assert a == b or (is_number and a == pytest.approx(b, rel=1e-12, nan_ok=True)), (one, other)


@pytest.mark.parametrize("graph", [lecture, shared, network])
def test_everything_on_the_screen_is_the_plans_at_every_step(opened, graph):
    with opened(graph(), "#node=n0") as tab:
        compare(walked(tab), Stepper(graph(), {}), "n0")


@pytest.mark.parametrize("fold", ["neuron", "network", "loss"])
@pytest.mark.parametrize("edited", [False, True])
def test_it_is_for_folded_graphs(opened, fold, edited):
    y, fold = folded_network(fold)
    stepper, address = Stepper(y, {}, fold), "#node=n0"
    if edited:
        stepper.handle({"edits": {"n0": 0.75}})
        address += "&n0=0.75"
    with opened(folded_network()[0], address, fold=fold) as tab:
        compare(walked(tab), stepper, "n0")


def test_a_folded_graph_without_leaves_can_be_walked(opened):
    y, fold = folded_network("neuron", [0.5, -1.25])
    with opened(y, fold=fold) as tab:
        assert tab.locator(".leaf-row").count() == 0
        tab.keyboard.press("End")
        assert tab.locator(".panel h3").inner_text() == "The gradients"


@pytest.mark.parametrize(
    "fifty", [0, *(pytest.param(n, marks=pytest.mark.slow) for n in (1, 2, 3))]
)
def test_it_is_at_every_step_of_random_graphs_with_their_own_numbers_and_with_others(opened, fifty):
    """200 graphs; the numbers of every second one are computed anew by the script of the page."""
    with opened(Value(1.0)) as tab:
        for seed in range(50 * fifty, 50 * fifty + 50):
            stepper, address = Stepper(random_graph(seed, rows=True), {}), "#node=n0"
            if seed % 2:
                number = random.Random(seed).uniform(-2, 2)
                stepper.handle({"edits": {"n0": number}})
                address += f"&n0={number!r}"
            tab.show(random_graph(seed, rows=True), address)
            assert tab.locator(".trouble").text_content() == stepper.state["trouble"]
            compare(walked(tab), stepper, "n0")


def test_several_steps_at_once_are_told_a_sentence_each(opened):
    plan = walk_of(lecture())
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


def test_several_steps_at_once_are_announced_in_one_sentence(opened):
    with opened(lecture(), "#step=2&level=pass") as tab:
        said = []
        for level, key in (("pass", "ArrowRight"), ("node", "ArrowRight"), ("pass", "End")):
            tab.locator(f"[data-level={level}]").click()
            tab.keyboard.press(key)
            said.append(tab.locator("[role=status]").inner_text())
            assert said[-1].endswith(tab.locator(".controls input").get_attribute("aria-valuetext"))
    assert said[0] == "The forward pass. 3 operations computed. L = -8"
    assert said[-1] == (
        "The backward pass. 6 edges walked. Every gradient is complete. The largest of 4: "
        "A small change of a changes L about 6 × as much, in the same direction."
    )


def test_a_node_is_announced_with_all_that_flows_back_from_it(opened):
    with opened(lecture(), "#step=4&level=node") as tab:
        tab.keyboard.press("ArrowRight")
        said = tab.locator("[role=status]").inner_text()
    assert said == "Backward: the edges into L. Flows back: -2 to v2, 4 to f"


def test_buttons_and_the_scrubber_move_as_the_keys_do(opened):
    with opened(lecture()) as tab:
        tab.get_by_role("button", name="a step forward").click()
        assert "step=1&" in address_of(tab)
        tab.get_by_role("button", name="last step").click()
        assert "step=11&" in address_of(tab)
        tab.get_by_role("button", name="pass", exact=True).click()
        tab.get_by_role("button", name="a step back").click()
        assert "step=3&level=pass" in address_of(tab)
        tab.get_by_role("slider", name="step").fill("0")
        assert "step=0&" in address_of(tab)
        tab.get_by_role("button", name="play").click()
        assert tab.get_by_role("button", name="pause").is_visible()
        tab.keyboard.press("Escape")
        tab.get_by_role("button", name="pause").click()
        assert tab.get_by_role("button", name="play").is_visible()


def test_a_node_tells_its_story_to_the_mouse_and_to_the_keyboard(opened):
    with opened(lecture(), "#step=11") as tab:
        story = tab.locator(".story")
        tab.locator("g.card[data-of=n0]").click()
        assert "=(−2)×(−3)" in story.text_content() and "node=n0" in address_of(tab)
        tab.keyboard.press("ArrowRight")
        assert "step=11" in address_of(tab)  # among nodes, arrows go to the next of them
        tab.keyboard.press("Enter")
        assert story.locator("h3").inner_text() == "The story of b"
        said = tab.locator("[role=status]").inner_text()
        assert said.startswith("The story of b. b = -3 was given. ∂ L/∂ b=∂ L/∂ v1·Db → v1. =")
        assert tab.locator("g.card[data-of=n1]").get_attribute("aria-pressed") == "true"


def test_a_story_does_not_tell_what_is_not_known_yet(opened):
    with opened(lecture(), "#step=2&node=n0") as tab:
        assert "∂L∂a=∂L∂v1·Da→v1" in tab.locator(".story").text_content()
        assert "6" not in tab.locator(".story").text_content()


def test_no_key_but_tab_and_escape_leaves_the_stepper(opened):
    with opened(lecture()) as tab:
        tab.evaluate("window.heard = []; addEventListener('keydown', (e) => heard.push(e.key))")
        for key in ("ArrowRight", "b", "d", "Home", "?", "Escape", "Escape", "Control+b", "Tab"):
            tab.keyboard.press(key)
        assert [key for key in tab.evaluate("heard") if key != "Control"] == ["Escape", "b", "Tab"]


def test_an_address_that_makes_no_sense_is_the_beginning(opened):
    with opened(lecture(), "#step=x&level=constructor&node=toString") as tab:
        assert tab.locator(".panel h3").inner_text() == "Before the first step"
    with opened(lecture(), "#step=1e9") as tab:
        assert tab.locator(".panel h3").inner_text() == "The gradients"


def test_a_label_is_only_text_in_the_browser(opened, label):
    y = Value(2.0, label) * 3.0
    with opened(y, "#step=9&node=n0") as tab:
        (name,) = (card["name"] for id, card in walk_of(y)["cards"].items() if id == "n0")
        shown = tab.locator("tbody th").first.evaluate("one => one.textContent")
        assert shown == name or not label.strip()
        assert tab.locator("script").count() == 4 and tab.locator("img").count() == 0


@pytest.mark.parametrize(("width", "scrolls"), [(420, True), (1300, False)])
def test_a_graph_scrolls_in_its_own_box_where_its_type_would_be_too_small(opened, width, scrolls):
    with opened(network(), "#step=40", viewport={"width": width, "height": 800}) as tab:
        assert tab.evaluate("document.documentElement.scrollWidth") <= width
        assert (tab.evaluate("document.querySelector('.graph').scrollLeft") > 0) == scrolls
        least = tab.evaluate("""() => Math.min(...[...document.querySelectorAll(".graph text[x]")]
          .map((one) => one.getAttribute("font-size") * one.getScreenCTM().a))""")
        assert least > 11.9


def test_space_plays_to_the_end_and_announces_only_that(opened):
    with opened(Value(2.0, "a") * 3.0, "#level=pass") as tab:
        tab.clock.install()
        tab.keyboard.press("Space")
        tab.clock.run_for(1600)
        assert "step=1&" in address_of(tab)
        assert tab.locator("[role=status]").inner_text() == ""
        tab.get_by_role("button", name="speed").click()
        assert tab.get_by_role("button", name="pause").is_visible()
        tab.clock.run_for(800)
        assert tab.locator("[role=status]").inner_text().startswith("The backward pass. 1 edge")
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
        fills = tab.evaluate(
            "[...document.querySelectorAll('.tint')].map((t) => getComputedStyle(t).fill)"
        )
        assert set(fills) == {"rgb(253, 217, 181)", "rgb(198, 220, 240)"}


def test_the_letters_of_the_picture_are_those_that_were_measured(opened):
    with opened(lecture()) as tab:
        tab.evaluate("document.fonts.ready")
        apart = tab.evaluate("""() => [...document.querySelectorAll(".graph text:not([class])")]
          .filter((one) => one.textContent.length > 3)
          .map((one) => [
            one.textContent, one.getComputedTextLength() / one.getAttribute("font-size")])
        """)
        assert apart
        for text, wide in apart:
            assert wide == pytest.approx(font.width(text, 1.0), rel=2e-3)


# What if


def test_a_number_that_is_typed_changes_everything_and_the_address(opened):
    with opened(lecture(), "#step=11&opened=tape") as tab:
        field(tab, "a").fill("2.5")
        tab.keyboard.press("Enter")
        assert "n0=2.5" in address_of(tab)
        assert tab.locator("tbody tr", has_text="·f").locator("td").nth(1).inner_text() == "−5"
        assert tab.locator(".said dd").all_inner_texts() == [
            "∂L/∂a · δa = 6 · 0.5 = 3",
            "L: -8 → -5, which is 3",
            "0",
        ]
        assert tab.locator("[role=status]").inner_text().startswith("predicted change: ∂L/∂a")
        field(tab, "b").fill("-1")
        tab.keyboard.press("Tab")
        assert tab.locator(".said dd").first.inner_text() == (
            "∂L/∂a · δa + ∂L/∂b · δb = 6 · 0.5 + (-4) · 2 = -5"
        )
        tab.reload()
        assert field(tab, "b").input_value() == "-1"
        tab.get_by_role("button", name="as given").click()
        assert "n0=" not in address_of(tab) and field(tab, "a").input_value() == "2"
        assert tab.locator(".said dt").count() == 0


def test_changed_numbers_can_be_the_new_start(opened):
    with opened(lecture(), "#step=11") as tab:
        field(tab, "a").fill("2.5")
        tab.keyboard.press("Enter")
        tab.get_by_role("button", name="the new start").click()
        assert tab.locator(".said dt").count() == 0
        field(tab, "b").fill("-1")
        tab.keyboard.press("Enter")
        # at a = 2.5, where ∂L/∂b is -5
        assert tab.locator(".said dd").first.inner_text() == "∂L/∂b · δb = -5 · 2 = -10"
        tab.get_by_role("button", name="as given").click()
        assert field(tab, "a").input_value() == "2" and tab.locator(".said dt").count() == 0
        field(tab, "b").fill("-1")
        tab.keyboard.press("Enter")
        assert tab.locator(".said dd").first.inner_text() == "∂L/∂b · δb = -4 · 2 = -8"


def test_a_leaf_can_be_dragged_and_moved_by_arrows_without_stepping(opened):
    with opened(lecture(), "#step=4") as tab:
        field(tab, "c")
        slider = tab.get_by_role("slider", name="c, to drag")
        slider.fill("-1.2")
        assert "n2=-1.2" in address_of(tab) and field(tab, "c").input_value() == "-1.2"
        slider.press("ArrowRight")
        assert "step=4&" in address_of(tab) and "n2=-1.1" in address_of(tab)
        field(tab, "c").press("Home")
        assert "step=4&" in address_of(tab)


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("", "a= is not a number: write digits, as in 0.5"),
        ("1,5", "a=1,5 is not a number: write 1.5, with a point"),
        ("−1,5", "a=−1,5 is not a number: write -1.5, with a point"),
        ("1,000", "a=1,000 is not a number: write 1000, or 1.000, with a point"),
        ("1e999", "a=1e999 is not a number: the largest number is about 1.8e308"),
        ("x" * 1000, f"a={'x' * 39}… is not a number: write digits, as in 0.5"),
        ("a\x1bb", "a=a�b is not a number: write digits, as in 0.5"),
    ],
)
def test_what_is_no_number_gets_a_sentence_and_changes_nothing(opened, typed, told):
    with opened(lecture(), "#step=11") as tab:
        before = tab.evaluate(ROWS)
        field(tab, "a").fill(typed)
        tab.keyboard.press("Enter")
        assert tab.locator(".trouble").inner_text() == told
        assert tab.evaluate(ROWS) == before
        assert field(tab, "a").input_value() == typed  # to be mended
        field(tab, "a").fill("2.5")
        tab.keyboard.press("Enter")
        assert tab.locator(".trouble").inner_text() == ""


ROWS = "() => [...document.querySelectorAll('tbody tr')].map((row) => row.textContent)"


def test_an_operation_that_is_not_defined_says_so_and_the_numbers_stay(opened):
    with opened(log(Value(2.0, "x")) * 3.0, "#step=9") as tab:
        before = tab.evaluate(ROWS)
        field(tab, "x").fill("-1")
        tab.keyboard.press("Enter")
        said = tab.locator(".trouble").inner_text()
        assert said == "log(x = -1): log(a) is defined only for a > 0"
        assert tab.evaluate(ROWS) == before
        assert "n0=" not in address_of(tab)


def test_of_many_leaves_the_chosen_one_is_offered(opened):
    with opened(network()) as tab:
        assert tab.locator(".leaf-row:visible").count() == 0
        tab.locator("g.card[data-of=n3]").click()
        assert tab.locator(".leaf-row:visible .name").all_inner_texts() == ["b2"]
        field(tab, "b2").fill("1")
        tab.keyboard.press("Enter")
        tab.locator("g.card[data-of=n4]").dispatch_event("click")
        assert tab.locator(".leaf-row:visible .name").all_inner_texts() == ["t1"]


def test_a_custom_operation_that_only_python_knows_says_where_it_can_be_tried(opened):
    root = Op("root", lambda a: math.sqrt(a), (lambda y, a: 1 / (2 * y),))
    try:
        with opened(root(Value(4.0, "x")), "#step=9&n0=9&node=n0&opened=tape") as tab:
            assert "root is a custom operation whose value is known in Python only" in (
                tab.locator(".what-if").inner_text()
            )
            assert tab.locator("tbody td").nth(4).inner_text() == "2"
    finally:
        del TABLE["root"]


def test_all_that_follows_from_a_change_is_seen_at_once_at_any_step(opened):
    with opened(lecture(), "#step=1") as tab:
        unknown = tab.locator("g.card text.value", has_text="?")
        assert unknown.count() == 2
        field(tab, "a").fill("2.5")
        tab.keyboard.press("Enter")
        assert unknown.count() == 0
        assert tab.locator("g.card[data-of=n6] text.value").text_content() == "−5"
        assert tab.locator("g.card text.gradient:not([display])").count() == 7
        assert "step=1&" in address_of(tab)
        field(tab, "a").press("Escape")
        tab.keyboard.press("PageDown")  # an arrow would go to the next card
        assert unknown.count() == 1  # the walk goes on where it was


def test_the_curve_of_a_leaf_and_its_tangent_are_the_engines(opened):
    with opened(lecture(), "#step=11&node=n0&n0=2.5") as tab:
        assert tab.locator(".curve").get_attribute("aria-label") == (
            "L over a, with the tangent at a = 2"
        )
        curve, tangent = (
            [
                [float(x) for x in point.split(",")]
                for point in one.get_attribute("d")[1:].split("L")
            ]
            for one in (tab.locator(".curve path").nth(i) for i in (1, 0))
        )
    # L is a straight line in a: curve and tangent lie on each other
    steepness = [(b[1] - a[1]) / (b[0] - a[0]) for a, b in ((curve[0], curve[-1]), tangent)]
    assert steepness[0] == pytest.approx(steepness[1], rel=1e-2)
    given, predicted, now = (
        "circle:nth-of-type(1)",
        "circle:nth-of-type(2)",
        "circle:nth-of-type(3)",
    )
    with opened(tanh(Value(0.5, "a")), "#step=2&node=n0&n0=1.5") as tab:
        at = {
            one: float(tab.locator(f".curve {one}").get_attribute("cy"))
            for one in (given, predicted, now)
        }
    assert at[predicted] < at[now] < at[given]  # tanh grows less than its tangent does


def test_where_the_start_is_not_defined_any_more_there_is_no_curve(opened):
    y = log(Value(3.0, "a") - Value(1.0, "b"))
    with opened(y, "#step=4&node=n0&n0=10&n1=5") as tab:  # at a = 3, b = 5 there is no logarithm
        assert tab.locator(".about").is_visible() and tab.locator(".curve").count() == 0
        tab.evaluate("location.hash = '#step=4&node=n1&n0=10&n1=5'")
        tab.locator(".curve").wait_for()


def test_a_flow_can_be_predicted_before_it_is_revealed(opened):
    with opened(lecture(), "#step=4") as tab:
        tab.evaluate("""() => {
          window.heard = [];
          addEventListener("stepgrad-revealed", ({ detail }) => heard.push(detail));
        }""")
        tab.keyboard.press("p")
        tab.keyboard.press("ArrowRight")
        figures = tab.locator(".panel .figure").all_text_contents()
        assert figures.count("?") == 3 and "opened=predict" in address_of(tab)
        tag = tab.locator("g.tag:not([display]) text.flow").last
        assert tag.text_content() == "?"
        assert tab.locator("[role=status]").inner_text().endswith("What flows back?")
        guess = tab.get_by_role("textbox", name="your number")
        guess.fill("-2")
        guess.press("Enter")
        assert "?" not in tab.locator(".panel .figure").all_text_contents()
        assert "your number−2" in tab.locator(".panel").text_content()
        assert "step=5&" in address_of(tab) and tab.evaluate("heard") == [{"step": 5, "guess": -2}]
        for asked in (True, False, True):  # a key reveals, the next one goes on
            tab.keyboard.press("ArrowRight")
            assert ("?" in tab.locator(".panel .figure").all_text_contents()) == asked
        assert "step=7&" in address_of(tab)
        tab.keyboard.press("p")
        assert "?" not in tab.locator(".panel .figure").all_text_contents()


def test_dots_run_as_values_do_and_back_as_flows_do(opened):
    runs = """[...new Set([...document.querySelectorAll(".dots animateMotion")]
      .map((one) => one.getAttribute("keyPoints")))].join()"""
    with opened(lecture(), "#step=2", reduced_motion="no-preference") as tab:
        assert tab.evaluate(runs) == "0;1"
        for step, way in (("6", "1;0"), ("6&level=pass", "")):
            tab.evaluate("(step) => { location.hash = `step=${step}`; }", step)
            until(tab, f"{runs} === {way!r}")  # the page hears of its address a moment later
    with opened(lecture(), "#step=6", reduced_motion="reduce") as tab:
        assert not tab.locator(".dot").first.is_visible()


def test_what_is_locked_does_nothing(opened):
    with opened(lecture(), "#step=3&lock=moves-whatif") as tab:
        for key in ("ArrowRight", "End", "Space"):
            tab.keyboard.press(key)
        assert "step=3&" in address_of(tab) and "lock=moves-whatif" in address_of(tab)
        assert tab.locator(".moves").get_attribute("inert") is not None
        tab.locator("g.card[data-of=n0]").click()
        assert tab.locator(".what-if").get_attribute("inert") is not None
        tab.get_by_role("button", name="close").first.click()
        assert not tab.locator(".about").is_visible()
        tab.keyboard.press("2")
        assert "level=node" in address_of(tab)  # what is not locked works


def test_one_drawer_is_open_at_a_time_and_escape_closes_it_and_gives_back_the_focus(opened):
    drawers = ".drawer:visible"
    with opened(lecture()) as tab:
        for key, name in (("t", "tape"), ("?", "keys")):
            tab.keyboard.press(key)
            assert tab.locator(drawers).count() == 1
            assert f"opened={name}" in address_of(tab)
        tab.keyboard.press("Escape")
        assert tab.locator(drawers).count() == 0
        card = tab.locator("g.card[data-of=n1]")
        card.click()
        field(tab, "b").focus()
        tab.keyboard.press("Escape")
        assert not tab.locator(".about").is_visible()
        assert card.evaluate("(one) => one === document.activeElement")


@pytest.mark.parametrize("button", ["close", "as given", "the new start"])
def test_a_button_that_goes_away_leaves_the_keys_working(opened, button):
    with opened(lecture(), "#step=3&node=n0&n0=2.5") as tab:
        tab.locator(".about").get_by_role("button", name=button).click()
        tab.keyboard.press("PageDown")
        assert "step=4&" in address_of(tab)


# What can be taken along


def copied(tab, what):
    tab.get_by_role("button", name=what).click()
    tab.locator("[role=status]", has_text="Copied.").wait_for(state="attached")
    said = tab.evaluate("navigator.clipboard.readText()")
    tab.evaluate("document.querySelector('[role=status]').textContent = ''")
    return said


@pytest.mark.parametrize("graph", [lecture, network, lambda: where(Value(0.5, "x") > 0, 2.0, 3.0)])
def test_a_step_is_copied_as_a_sentence_and_as_formulas(opened, graph):
    y = graph()
    steps = walk_of(y)["steps"]
    with opened(y, "#opened=copies", permissions=["clipboard-read", "clipboard-write"]) as tab:
        for at in range(1, len(steps), 4):
            tab.evaluate("(step) => (location.hash = `step=${step}&opened=copies`)", at)
            tab.locator(".count", has_text=f"{at} / ").wait_for()
            assert copied(tab, "the step as a sentence") == steps[at]["sentence"]
            formulas = [
                mathml.links(one) for one in copied(tab, "its formulas as MathML").splitlines()
            ]
            latex = copied(tab, "its formulas as LaTeX").splitlines()
            again = [mathml.links(typeset(one)) for one in latex]
            plain = [[re.sub(r"[() ]", "", link) for link in one] for one in formulas]
            assert plain == [[re.sub(r"[() ]", "", link) for link in one] for one in again] != []


def test_the_picture_is_saved_as_it_is(opened, tmp_path):
    with opened(lecture(), "#step=11&opened=copies") as tab:
        for kind in ("SVG", "PNG"):
            with tab.expect_download() as started:
                tab.get_by_role("button", name=f"the picture as {kind}").click()
            started.value.save_as(tmp_path / f"y.{kind.lower()}")
            assert started.value.suggested_filename == f"L-11.{kind.lower()}"
        texts = tab.locator(".graph svg text:not(.spare text)").all_text_contents()
    svg = (tmp_path / "y.svg").read_text("utf-8")
    assert "var(" not in svg and "@font-face" in svg
    found = [
        one.text or "" for one in ElementTree.fromstring(svg).iter() if one.tag.endswith("}text")
    ]
    assert found == texts
    with Image.open(tmp_path / "y.png") as image:
        box = ElementTree.fromstring(svg).get("viewBox").split()
        assert image.size == (2 * float(box[2]), 2 * float(box[3]))
        assert len(image.convert("RGB").getcolors(10**6)) > 10


# Around it


def test_a_factor_lights_what_it_speaks_of(opened):
    with opened(lecture(), "#step=11&node=n0") as tab:
        for factor, lit in (("∂L∂v1", "n4"), ("Da→v1", "e0")):
            tab.locator(".story .factor", has_text=factor).first.hover()
            assert tab.locator(".lit").get_attribute("data-of") == lit
        tab.locator("h2").hover()
        assert tab.locator(".lit").count() == 0
    with opened(lecture(), "#step=6") as tab:
        tab.locator(".panel .factor").last.hover()
        curve = tab.locator(".line.lit .line")
        assert curve.evaluate("(one) => getComputedStyle(one).strokeDasharray") != "none"
        tab.locator("h1").hover()  # outside of the stepper
        assert tab.locator(".lit").count() == 0


def test_an_edge_without_room_for_notes_has_them_while_it_is_looked_at(opened):
    model = MLP(2, [16, 16, 1], tanh, seed=0)
    y = model([Value(0.5, "x1"), Value(-1.0, "x2")])
    plan = Stepper(y, {}, "neuron").plan()
    (step,) = [
        i
        for i, one in enumerate(plan.in_words())
        if "layer2.neuron2 to layer1.neuron3" in one["title"]
    ]
    k, numbers = step - plan.seed - 1, plan.told.numbers
    edge = plan.told.backward[k]
    with opened(y, f"#step={step}", fold="neuron") as tab:
        id = plan.wire_of(edge)
        assert tab.locator(f".tag[data-of={id}]").count() == 0
        spare = tab.locator(".graph svg > g").last
        assert spare.locator("text").all_text_contents() == [
            f"×{number(numbers[f's{k}'])}",
            signed(numbers[f"f{k}"]),
        ]
        note = spare.bounding_box()
        middle = [note["x"] + note["width"] / 2, note["y"] + note["height"] / 2]
        apart = tab.locator(f".line[data-of={id}] path").first.evaluate(
            """(curve, [x, y]) => Math.min(...Array.from({ length: 100 }, (_, i) => {
              const point = curve.getPointAtLength(i).matrixTransform(curve.getScreenCTM());
              return Math.hypot(point.x - x, point.y - y);
            }))""",
            middle,
        )
        assert apart < 8
        tab.keyboard.press("Home")
        assert not spare.is_visible()


def test_who_passes_a_corner_is_told_so(opened):
    y = relu(Value(-0.5, "a")) * Value(2.0, "b")
    with opened(y, "#step=2&n0=-0.25") as tab:
        assert tab.locator(".what-if").get_by_text("beyond a corner").count() == 0
        field(tab, "a").fill("0.25")
        field(tab, "a").press("Enter")
        told = tab.locator(".said dd").last.inner_text()
    assert told == "∂v1/∂a was 0 and is 1: a gradient describes only its own side of a corner"


def test_keys_work_at_once_without_the_slider_too(opened):
    with opened(lecture(), "#hide=scrubber") as tab:
        tab.keyboard.press("ArrowRight")
        assert tab.locator(".panel h3").inner_text() == "Forward, 1 of 3: v1"


def test_parts_can_be_hidden_and_the_address_says_which(opened):
    with opened(lecture(), "#step=3&hide=levels-nonsense") as tab:
        assert not tab.locator(".levels").is_visible()
        tab.get_by_role("button", name="the parts of this page").click()
        tab.get_by_role("checkbox", name="the slider").uncheck()
        assert not tab.get_by_role("slider", name="step").is_visible()
        assert address_of(tab).endswith("&hide=levels-scrubber")
        tab.get_by_role("checkbox", name="how far a step goes").check()
        assert tab.locator(".levels").is_visible()
        assert address_of(tab).endswith("&hide=scrubber")


@pytest.mark.parametrize("step", [0, 6, 11])
@pytest.mark.parametrize(
    "options",
    [
        {"color_scheme": "light"},
        {"color_scheme": "dark"},
        {"viewport": {"width": 420, "height": 800}},
    ],
    ids=["light", "dark", "narrow"],
)
def test_axe_finds_no_violation(opened, options, step):
    axe = pytest.importorskip(
        "axe_playwright_python.sync_playwright",
        reason="there is no axe: pip install axe-playwright-python",
    )
    with opened(lecture(), f"#step={step}&node=n0&n0=1.5", **options) as tab:
        tab.get_by_role("button", name="the table").click()
        found = axe.Axe().run(tab).response["violations"]
        assert [(one["id"], one["help"]) for one in found] == []


# Notation


def test_a_page_is_written_as_the_class_writes(opened):
    y = tanh(Value(0.3, "x") * Value(1.7, "w"))
    y.label = "o"
    with opened(y, "#step=99&name=E&digits=6&comma=true&opened=tape&node=n0") as tab:
        shown = tab.locator(".sg-stepper").inner_text()
        numbers = re.findall(r"\d+[.,]\d+", shown)
        assert "1,32456" in numbers and not any("." in one for one in numbers)
        assert tab.locator("g.card .value").all_text_contents()[-1] == "0,469945"
        assert "E" in tab.locator("g.card .name").all_text_contents()
        assert "∂E/∂value" in tab.locator(".graph").text_content()
        everything = tab.locator(".sg-stepper").evaluate("one => one.textContent")
        assert "∂o" not in everything and "\ue010" not in everything


def test_the_notation_is_chosen_on_the_page_and_kept_in_its_address(opened):
    with opened(lecture(), "#step=3") as tab:
        tab.keyboard.press("Escape")
        tab.locator("[data-action=choice]").click()
        tab.locator("[data-notation=name]").fill("C")
        tab.locator("[data-notation=name]").press("Tab")
        assert "name=C" in address_of(tab)
        tab.locator("[data-notation=digits]").select_option("3")
        tab.locator("[data-notation=comma]").check()
        assert {"name=C", "digits=3", "comma=true", "step=3"} <= set(address_of(tab).split("&")) | {
            "step=3"
        }
        assert "C" in tab.locator("g.card .name").all_text_contents()
        tab.locator("[data-notation=name]").fill("")
        tab.locator("[data-notation=name]").press("Tab")
        assert "name=" not in address_of(tab)
        assert lecture().label in tab.locator("g.card .name").all_text_contents()


def test_with_a_decimal_comma_numbers_are_typed_with_one(opened):
    with opened(lecture(), "#node=n0&comma=true") as tab:
        leaf = field(tab, "a")
        leaf.fill("1,5")
        leaf.press("Enter")
        tab.wait_for_function("location.hash.includes('n0=1.5')")


@pytest.mark.parametrize("nonsense", ["digits=99", "digits=x", "name=", "comma=maybe", "digits=1"])
def test_notation_that_makes_no_sense_is_none(opened, nonsense):
    with opened(lecture(), f"#step=2&{nonsense}") as tab:
        tab.keyboard.press("ArrowRight")
        assert nonsense.partition("=")[0] not in address_of(tab)


def test_a_guess_that_is_no_number_gets_one_sentence(opened):
    with opened(lecture(), "#step=6&opened=predict") as tab:
        guess = tab.locator("[data-guess]")
        guess.fill("1,5,")
        guess.press("Enter")
        told = tab.locator(".panel small[aria-live]").inner_text()
        assert told.startswith("1,5, is not a number: write ") and guess.input_value() == "1,5,"
        guess.fill("-3")
        guess.press("Enter")
        assert tab.locator("[data-guess]").count() == 0
        assert "your number" in tab.locator(".panel").inner_text()


def test_a_lecture_that_is_opened_by_its_address_fits_its_window(opened):
    outputs = MLP(2, [8, 8, 1], tanh, seed=0)([0.5, -1.0])
    parts = "title-moves-levels-zoom-scrubber-legend-whatif-story-modes"
    window = {"viewport": {"width": 1920, "height": 1080}}
    with opened((outputs - 1.0) ** 2, f"#step=120&hide={parts}", **window) as tab:
        assert tab.locator(".sg-stepper.lecture").count() == 1
        wide, room = tab.evaluate(
            "(({ scrollWidth, clientWidth }) => [scrollWidth, clientWidth])"
            "(document.querySelector('.panel'))"
        )
        assert wide <= room + 1


def test_an_equation_whose_numbers_cancel_has_as_many_digits_as_make_it_true(opened):
    y = tanh(Value(2.5, "x") * Value(4.0, "w"))
    with opened(y, "#step=4") as tab:
        shown = tab.locator(".panel .formula").first.evaluate("one => one.textContent")
        assert "0.99999999592" in shown.replace("\u2062", "") and "8.245·10⁻⁹" in shown
        field(tab, "w").fill("0.5")
        field(tab, "w").press("Enter")
        tab.wait_for_function("!document.querySelector('.panel').textContent.includes('0.9999')")
        assert "0.8483" in tab.locator(".panel .formula").first.evaluate("one => one.textContent")


def test_the_new_start_is_kept_in_the_address(opened):
    with opened(lecture(), "#step=3&n0=9&start=n0~5") as tab:
        field(tab, "a")
        said = tab.locator(".said").inner_text()
        assert "· 4 =" in said  # from 5 to 9
        tab.get_by_role("button", name="the new start").click()
        tab.wait_for_function(
            "location.hash.includes('start=n0%7E9') || location.hash.includes('start=n0~9')"
        )
        assert tab.locator(".said").inner_text() == ""
        tab.get_by_role("button", name="as given").click()
        assert "start=" not in address_of(tab) and "n0=" not in address_of(tab)
