"""The picture of a page is the scene, mark by mark and attribute by attribute, at every step."""

import json
from xml.etree import ElementTree

import pytest

import viz
from autograd import Value
from nn import MLP
from tests import mathml
from tests.graphs import folded_network, lecture, network, random_graph, shared
from viz.apps.stepper.core import Stepper
from viz.apps.stepper.looks import seen_at
from viz.apps.stepper.scene import layout_of
from viz.graph import notation
from viz.hosts.page import FRONT_END
from viz.palette import LIGHT
from viz.render.svg import mark_text

VARIABLES = {name: f"var(--sg-{name})" for name in LIGHT}

# The groups that are seen at every step, going from step to step as the arrow does: what they are,
# what they are about, and the tag, the attributes and the text of each mark that is seen.
SEEN = """(every) => {
  const root = document.querySelector(".sg-stepper");
  const isSeen = (one) => !one.hasAttribute("display");
  const mark = (one) => [
    one.tagName,
    Object.fromEntries([...one.attributes]
      .filter(({ name }) => name !== "style").map(({ name, value }) => [name, value])),
    one.textContent,
  ];
  const drawn = ".graph svg > g:not(.spare, .dots)";
  const kinds = (group) => group.getAttribute("class").split(" ")[0];
  const steps = [];
  for (let i = 0; i <= Number(root.querySelector(".controls input").max); i++) {
    const groups = [...root.querySelectorAll(drawn)].filter(isSeen);
    if (i % every === 0) steps.push(groups.map((one) => [
      kinds(one), one.dataset.of ?? "",
      [...one.children].filter((mark) => mark.tagName !== "title" && isSeen(mark)).map(mark),
    ]));
    root.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight", bubbles: true }));
  }
  return JSON.stringify(steps);
}"""


@pytest.fixture
def seen(browser, tmp_path):
    """What a page shows of its picture, step by step."""

    def open(y, fold=None, every=1):
        path = viz.save(y, tmp_path / "y.html", names=False, fold=fold)
        tab = browser.new_page()
        tab.goto(path.as_uri())
        tab.locator(".sg-stepper").wait_for(state="attached")
        shown = json.loads(tab.evaluate(SEEN, every))  # text, which is brought over at once
        tab.close()
        return shown

    return open


def expected(plan, every):
    layout = layout_of(plan)
    finished = layout.sheet().groups
    for at, step in list(enumerate(plan.steps()))[::every]:
        plan.know(at)
        now = layout.sheet().groups
        current = {*step["cards"], *step["wires"]}
        yield [
            [
                group.kind,
                group.of,
                [written(mark) for mark in group.marks if is_of_sign(mark, group)],
            ]
            for group in seen_at(at, plan, current, finished, now)
        ]
        plan.know(plan.last)


def is_of_sign(mark, group):
    """Whether it is no triangle of another sign than its number has."""
    numbers = [one.text for one in group.marks if one.part in ("gradient", "flow")]
    return {
        "up": bool(numbers) and numbers[0].startswith("+"),
        "down": bool(numbers) and numbers[0].startswith("−"),
    }.get(mark.part, True)


def written(mark):
    element = ElementTree.fromstring(mark_text(mark, VARIABLES))
    return [element.tag, dict(element.attrib), element.text or ""]


def plan_of(y, fold=None):
    return Stepper(y, {}, fold).plan()


def same(shown, plan, every=1):
    steps = list(expected(plan, every))
    assert len(shown) == len(steps)
    for at, (one, other) in enumerate(zip(shown, steps, strict=True)):
        assert one == other, at


@pytest.mark.parametrize("graph", [lecture, shared, network, lambda: Value(2.0, "x")])
def test_the_picture_is_pythons_scene_at_every_step(seen, graph):
    same(seen(graph()), plan_of(graph()))


@pytest.mark.parametrize("fold", ["neuron", "network", "loss"])
def test_it_is_for_folded_graphs(seen, fold):
    same(seen(folded_network()[0], fold), plan_of(folded_network()[0], fold))


@pytest.mark.parametrize("ten", [0, *(pytest.param(n, marks=pytest.mark.slow) for n in (1, 2, 3))])
def test_it_is_for_random_graphs(seen, ten):
    for seed in range(10 * ten, 10 * ten + 10):
        same(seen(random_graph(seed, rows=True)), plan_of(random_graph(seed, rows=True)))


def test_it_is_where_a_large_graph_leaves_no_room_for_tags(seen):
    def loss():
        model = MLP(3, [6, 6, 1], "tanh", seed=1)
        return (model([Value(0.5, "x"), Value(-1.0, "y"), Value(2.0, "z")]) - 1.0) ** 2

    layout = layout_of(plan_of(loss(), False))
    assert not layout.sizes.has_tags
    same(seen(loss(), False, every=60), plan_of(loss(), False), every=60)


NUMBERS = [
    0.0, -0.0, 1.0, -1.0, 0.5, 2.5, 1e-3, 9.995e-4, 0.0095, 0.00995, 0.009995, 0.12345, 9.9995,
    23.456, 999.95, 12345.6, 99999.5, 1e5, 123456.0, 9e-6, 1e30, -1e-5, 5e-324, 1.7e308, 0.0625,
    1.0625, 0.00625, 4.0005, 1234.5, 1235.5, float("inf"), float("-inf"), float("nan"),
]  # fmt: skip


def test_the_page_writes_numbers_as_pictures_have_them(browser, tmp_path):
    numbers = [*NUMBERS, *(sign * 1.37**k for k in range(-60, 60) for sign in (1, -1))]
    tab = browser.new_page()
    module = (FRONT_END / "numbers.js").read_text("utf-8")
    tab.evaluate(
        "(source) => import(URL.createObjectURL(new Blob([source], { type: 'text/javascript' })))"
        ".then((numbers) => { window.numbers = numbers; })",
        module,
    )
    shown, in_formulas = (
        tab.evaluate(
            f"(texts) => texts.map((text) => window.numbers.{way}(Number(text)))",
            [repr(x).replace("inf", "Infinity") for x in numbers],
        )
        for way in ("number", "inFormula")
    )
    tab.close()
    assert shown == [notation.number(x) for x in numbers]
    for x, text in zip(numbers, in_formulas, strict=True):
        said = mathml.number(text)
        assert said == float(f"{x:.4g}") or (said != said and x != x), (x, text)
        assert "-" not in text and "e" not in text
