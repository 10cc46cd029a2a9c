"""How a page looks, measured in a browser: type, overlaps, what is cut off, in three windows."""

import pytest

from autograd import Value, relu, tanh
from autograd.expression import evaluate
from nn import MLP
from tests.drawn import GRAPHS
from tests.graphs import folded_network, lecture, network, shared

LONG = "a very long name of a value that nobody would give to anything"


def neuron():
    given = {"x1": 2.0, "x2": 0.0, "w1": -3.0, "w2": 1.0, "b": 6.8813735870195432}
    return evaluate("o = tanh(x1*w1 + x2*w2 + b)", given)[0]


def power():
    x = Value(2.0, "x")
    return x**x


def sizes():
    given = {"a": 1e-5, "b": -123.456, "c": 7e6, "d": -0.001}
    return evaluate("y = a*b*c/d - exp(-a)", given)[0]


def rows():
    given = {"x": 0.5, "a": 2.0}
    return evaluate("y = gelu(x) * hypot(x, a) + atan2(x, a) + log1p(x*x)", given)[0]


PAGES = {
    "lecture": lecture, "shared": shared, "network": network, "neuron": neuron, "power": power,
    "leaf": lambda: Value(2.0, "x"), "sizes": sizes, "rows": rows,
    "relu": lambda: relu(Value(-0.5, "a")) * Value(2.0, "b"),
    "names": lambda: Value(2.0, LONG) * Value(3.0, "ein großes Gewicht") + 1.0,
    "unrolled": lambda: MLP(2, [2, 1], tanh, seed=0)([Value(0.5, "x"), Value(-1.0, "y")]),
    "folded": lambda: folded_network()[0],
}  # fmt: skip
WINDOWS = {1920: 1080, 1300: 900, 420: 900}

# What disturbs at a step; and the smallest type of the picture, and of the panel, in pixels.
MEASURED = """() => {
  const found = [];
  const larger = (one) =>
    one.scrollWidth > one.clientWidth + 1 || one.scrollHeight > one.clientHeight + 1;
  if (document.documentElement.scrollWidth > innerWidth) found.push("the page is too wide");
  const panel = document.querySelector(".panel");
  if (panel.scrollWidth > panel.clientWidth + 1) found.push("the panel is too wide");
  const isEnd = panel.querySelector("dl.many") || panel.querySelector("ol"); // it scrolls
  if (innerWidth > 900 && !isEnd && [panel, ...panel.querySelectorAll(".box")].some(larger)) {
    found.push("the panel is cut off");
  }
  for (const one of document.querySelectorAll("button")) {
    if (one.offsetParent && larger(one)) found.push(`${one.textContent} is cut off`);
  }
  const about = document.querySelector(".about");
  if (!about.hidden) {
    const [a, s] = [about, document.querySelector(".stage")].map((x) => x.getBoundingClientRect());
    if (a.left < s.left || a.right > s.right || a.top < s.top || a.bottom > s.bottom + 1) {
      found.push("what is said about a node leaves the window");
    }
  }
  const texts = [...document.querySelectorAll(".graph svg text")].filter((one) =>
    !one.closest(".spare, [display=none], [hidden]") && one.textContent.trim());
  const boxes = texts.map((one) => {
    const { left, right, top, height } = one.getBoundingClientRect();
    return [left + 1, right - 1, top + height / 4, top + (3 * height) / 4, one.textContent];
  });
  boxes.forEach((a, i) => boxes.slice(i + 1).forEach((b) => {
    if (a[0] < b[1] && b[0] < a[1] && a[2] < b[3] && b[2] < a[3]) found.push(`${a[4]} on ${b[4]}`);
  }));
  const picture = texts.map((one) => one.getAttribute("font-size") * one.getScreenCTM().a);
  const told = [...panel.querySelectorAll("h3, dt, dd, li, small, .figure")]
    .filter((one) => one.textContent && one.offsetParent)
    .map((one) => parseFloat(getComputedStyle(one).fontSize));
  return [found, Math.min(...picture), Math.min(...told)];
}"""

GO = """(hash) => new Promise((done) => {
  addEventListener("hashchange", () => requestAnimationFrame(done), { once: true });
  location.hash = hash;
})"""


@pytest.mark.parametrize("width", WINDOWS)
@pytest.mark.parametrize("name", PAGES)
def test_nothing_is_too_small_cut_off_or_on_something_else(opened, name, width):
    fold = "neuron" if name == "folded" else None
    options = {"viewport": {"width": width, "height": WINDOWS[width]}}
    with opened(PAGES[name](), fold=fold, **options) as tab:
        last = int(tab.locator(".controls input").get_attribute("max"))
        for step in range(0, last + 1, max(1, last // 24)):
            for node in ("", "&node=n0") if step in (0, last) else ("",):
                tab.evaluate(GO, f"step={step}{node}")
                found, picture, told = tab.evaluate(MEASURED)
                assert found == [], (step, node)
                assert picture > 11.9 and told > 8, (step, node, picture, told)


@pytest.mark.parametrize(
    ("name", "least"), [("lecture", 19), ("shared", 19), ("neuron", 19), ("power", 19)]
)
def test_on_a_slide_the_type_of_small_graphs_is_large(opened, name, least):
    with opened(PAGES[name](), "#step=3", viewport={"width": 1920, "height": 1080}) as tab:
        assert tab.evaluate(MEASURED)[1] >= least


@pytest.mark.parametrize("width", [735, 420])
def test_the_buttons_are_in_a_narrow_window_too(opened, width):
    """As wide as the text of the docs, and as high as a frame in a notebook."""
    with opened(lecture(), "#step=6", viewport={"width": width, "height": 760}) as tab:
        box = tab.locator(".controls").bounding_box()
        assert box["y"] + box["height"] <= 760 and box["width"] == width
        assert tab.locator(".graph").bounding_box()["y"] < 300


def test_a_graph_of_398_nodes_can_be_stepped_through(opened):
    with opened(GRAPHS["398 nodes"](), viewport={"width": 1920, "height": 1080}) as tab:
        for step in (1, 2, 3):
            tab.keyboard.press("ArrowRight")
            assert tab.locator(".count").inner_text().startswith(f"{step} / ")


def mlp(*sizes):
    outputs = MLP(2, list(sizes), tanh, seed=0)([0.5, -1.0])
    first, *others = [outputs] if isinstance(outputs, Value) else outputs
    return sum(((one - 1.0) ** 2 for one in others), (first - 1.0) ** 2)


@pytest.mark.parametrize(("sizes", "least"), [((2, 2), (27, 19)), ((8, 8, 1), (16, 15))])
@pytest.mark.parametrize("width", WINDOWS)
def test_a_network_is_readable_with_its_neurons_closed_and_opened(opened, sizes, least, width):
    with opened(mlp(*sizes), viewport={"width": width, "height": WINDOWS[width]}) as tab:
        cards = tab.evaluate("[...document.querySelectorAll('g.card')].map((g) => g.dataset.of)")
        last = int(tab.locator(".controls input").get_attribute("max"))
        for node in ("", *cards):
            for step in (0, last // 2, last):
                tab.evaluate(GO, f"step={step}&node={node}")
                found, picture, told = tab.evaluate(MEASURED)
                is_open = tab.locator("g.opened").count()
                assert found == [] and told > 8, (step, node)
                assert picture > (least[is_open] if width == 1920 else 11.9), (step, node)
