"""The stepper's plan: what it says is what the engine computes, and it survives in a page."""

import json
import re
import zlib
from base64 import b64decode
from html.parser import HTMLParser
from math import isclose
from pathlib import Path

import pytest

import viz
from autograd import Value, chain_rule, explain, gradients, sqrt, topological_order
from autograd.teaching.names import names_of
from tests.drawn import GRAPHS
from tests.graphs import grads_told, lecture, network, random_graph, shared, walk_of
from viz.apps.stepper.core import Stepper
from viz.apps.stepper.mathematics import RESULT
from viz.escape import printable
from viz.graph.notation import number, signed
from viz.hosts.page import FRONT_END, packed, page, page_script, page_style

# The plan


@pytest.mark.parametrize("seed", range(100))
def test_the_plan_tells_the_values_and_gradients_of_the_engine(seed):
    y = random_graph(seed)
    plan, order, complete = walk_of(y), topological_order(y), gradients(y)
    assert list(plan["cards"]) == [f"n{i}" for i in range(len(order))]
    for node, card in zip(order, plan["cards"].values(), strict=True):
        assert card["value"] == number(node.data)
        assert card["grads"][-1]["text"] == signed(complete[node])


@pytest.mark.parametrize("seed", range(100))
def test_the_backward_steps_are_the_edges_of_the_sweep_in_its_order(seed):
    y = random_graph(seed)
    plan, order = walk_of(y), topological_order(y)
    walked = [step for step in plan["steps"] if step["title"].startswith("Backward, ")]
    swept = list(chain_rule(y))
    assert len(walked) == len(swept)
    for step, (_, _, parent, slope, flow, so_far) in zip(walked, swept, strict=True):
        assert step["cards"] == [f"n{order.index(parent)}"]
        said = dict(step["lines"])
        assert said["upstream · local = flow"].endswith(f"= {flow + 0.0:.4g}")  # 0, and not -0
        (total,) = (text for name, text in said.items() if name.startswith("gradient of"))
        assert isclose(float(total.split(" = ")[1]), so_far, rel_tol=1e-3, abs_tol=1e-300)
        (wire,) = step["wires"]
        told = plan["wires"][wire]
        assert (told["local"], told["flow"]) == (f"×{number(slope)}", signed(flow))


@pytest.mark.parametrize("seed", range(100))
def test_with_the_numbers_in_them_the_sentences_are_those_of_explain(seed):
    y = random_graph(seed, rows=True)
    said = explain(y, names=False, digits=4)
    told = [
        *(f"{step.name} = {said.operation(step)}" for step in said.forward),
        *(f"{said.local_derivative(e)}; flows back {said.flow(e)}" for e in said.backward),
    ]
    steps = [one for one in walk_of(y)["steps"] if re.match(r"Forward, |Backward, ", one["title"])]
    if all(edge.is_taken for edge in said.backward):
        assert [one["sentence"] for one in steps] == told


@pytest.mark.parametrize("label", ["\ue000", "a\ue001b", "\ue010", "\ue000number\ue001v0\ue002"])
def test_a_label_cannot_be_taken_for_a_place(label):
    y = Value(2.0, label) * Value(3.0, "w")
    y.label = label
    steps = walk_of(y)["steps"]
    assert re.fullmatch(r"a?�.* = .*�.* \* w = 2 \* 3 = 6", steps[1]["sentence"])
    told = {key: part for key, part in Stepper(y, {}).state["plan"].items() if key != "graph"}
    shown = json.dumps(told, ensure_ascii=False).replace(RESULT, "")
    assert not re.search("[\ue000-\ue010]", shown)


@pytest.mark.parametrize("graph", [lecture, shared, network])
def test_what_is_not_computed_yet_is_not_shown(graph):
    plan = walk_of(graph())
    start_of_backward = (
        plan["stops"]["edge"].index(len(plan["steps"]) - 1)
        - sum(step["title"].startswith("Backward, ") for step in plan["steps"])
        - 1
    )
    for card in plan["cards"].values():
        assert card["from"] == 0 or card["rule"] != "given"
        assert all(grad["from"] >= start_of_backward for grad in card["grads"])


def test_the_lecture_is_told_with_its_numbers():
    plan = walk_of(lecture())
    assert grads_told(plan)["n0"] == "+6"
    told = dict(plan["steps"][-4]["lines"] + plan["steps"][-2]["lines"])
    assert "∂L/∂v1 · ∂v1/∂b = -2 · 2 = -4" in told.values()
    assert [line["text"] for line in plan["cards"]["n0"]["story"]] == [
        "a = 2 was given",
        "∂L/∂a = ∂L/∂v1 · ∂v1/∂a",
        "= (-2) · (-3)",
        "= 6",
        "A small change of a changes L about 6 × as much, in the same direction.",
    ]


@pytest.mark.parametrize(("graph", "asked"), [(lecture, "a"), (network, "w6"), (shared, "a")])
def test_the_first_question_is_about_a_weight_if_there_is_any(graph, asked):
    (question,) = (
        text for name, text in walk_of(graph())["steps"][0]["lines"] if "question" in name
    )
    assert question.startswith(f"If {asked} changes a little, how much does ")


def test_the_levels_halt_at_every_step_around_every_node_and_after_each_pass():
    assert walk_of(lecture())["stops"] == {
        "edge": list(range(12)),
        "node": [0, 1, 2, 3, 4, 6, 8, 10, 11],
        "pass": [0, 3, 11],
    }


def test_the_two_edges_of_a_square_are_told_apart():
    x = Value(3.0, "x")
    first, second = walk_of(x * x)["steps"][-3:-1]
    assert first["lines"][0][1] == "∂v1/∂x (first x) = x = 3"
    assert second["lines"][0][1] == "∂v1/∂x (second x) = x = 3"


def test_a_single_leaf_has_a_plan_too():
    plan = walk_of(Value(2.0, "x"))
    assert [step["title"] for step in plan["steps"]] == [
        "Nothing to compute", "Backward: the start", "The gradients",
    ]  # fmt: skip
    assert plan["stops"]["pass"] == [0, 2]


def test_a_slope_that_does_not_exist_is_called_undefined():
    x = Value(0.0, "x")
    lines = dict(walk_of(sqrt(x) * 0.0)["steps"][-2]["lines"])
    assert lines["upstream · local = flow"].endswith("= 0")
    assert "undefined" in lines["local derivative"]


def test_gradients_that_the_values_hold_do_not_matter():
    fresh, used = lecture(), lecture()
    used.backward(5.0)
    used.backward()
    assert Stepper(fresh).state == Stepper(used).state


def test_too_large_a_graph_is_refused_in_one_sentence(tmp_path):
    y = Value(0.0, "x")
    for _ in range(400):
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
        self.inside = dict(attributes).get("id") if tag == "script" else None

    def handle_data(self, data):
        if self.inside:
            self.scripts[self.inside] = data
            self.inside = None


def test_a_label_survives_in_the_page_and_does_nothing_there(label):
    x = Value(2.0, label)
    y = x * Value(3.0, "w")
    y.label = label
    stepper = Stepper(y, {})
    found, harmless = Page(page(stepper)), Page(page(Stepper(lecture(), {})))
    assert set(found.tags) == set(harmless.tags)
    assert [tag for tag in found.tags if tag[0] != "li"] == [
        tag for tag in harmless.tags if tag[0] != "li"
    ]
    state = json.loads(json.dumps(stepper.state | {"told": stepper.answers()}))
    assert json.loads(unpacked(found.scripts["state"])) == state
    assert state["plan"]["cards"]["n0"]["name"] == printable(names_of([x])[x])


def unpacked(text):
    return zlib.decompress(b64decode(text)).decode()


def test_data_cannot_end_its_element():
    data = "</script><!-- & \u2028\u2029"
    assert re.fullmatch("[A-Za-z0-9+/=]+", packed(data)) and unpacked(packed(data)) == data


def test_a_page_is_small():
    """Measured in November 2026: 128 and 589 kB."""
    assert len(page(Stepper(network(), {}))) <= 150_000
    assert len(page(Stepper(GRAPHS["398 nodes"](), {}))) <= 600_000


def test_the_page_names_no_address_but_those_of_svg_and_mathml():
    html = page(Stepper(network(), {}))
    html += unpacked(Page(html).scripts["front-end"])
    assert set(re.findall(r"\w+://[^\s\"'<\\]*", html)) == {
        "http://www.w3.org/2000/svg", "http://www.w3.org/1998/Math/MathML",
    }  # fmt: skip
    own = r"(?! (?:`data:|URL\.createObjectURL))"  # what a page makes itself
    assert not re.search(rf"\b(src|href)\s*={own}|@import|url\((?!data:)|innerHTML|\bfetch\(", html)


def test_scripts_and_styles_can_stand_inside_a_page():
    assert not re.search("</script|<!--", page_script(), re.IGNORECASE)
    assert "&" not in page_style() and "<" not in page_style()  # the same in HTML and in its hash


def test_save_writes_a_page(tmp_path):
    path = viz.save(lecture(), tmp_path / "lesson.html")
    assert path.read_text("utf-8").startswith("<!doctype html>")
    with pytest.raises(FileNotFoundError):
        viz.save(lecture(), tmp_path / "missing" / "lesson.html")


def test_unlabelled_values_bear_the_names_of_the_callers_variables(tmp_path):
    weight = Value(2.0)
    html = viz.save(weight * 3.0, tmp_path / "y.html").read_text("utf-8")
    plan = json.loads(unpacked(Page(html).scripts["state"]))["plan"]
    assert f"∂{RESULT}/∂weight" in plan["steps"][-2]["sentence"][0]
    assert plan["result"]["name"] == "v1"


def test_the_docs_name_all_parts_of_a_page():
    source = (FRONT_END / "building.js").read_text("utf-8")
    told = (Path(viz.__file__).parent.parent / "docs/classroom.md").read_text("utf-8")
    for constant, word in (("PARTS", "hide="), ("DRAWERS", "opened=")):
        names = re.findall(
            r"^  (\w+):", re.search(rf"{constant} = {{(.*?)\n}}", source, re.S)[1], re.M
        )
        [row] = re.findall(rf"^\| `{word}` \|(.*)\|$", told, re.M)
        assert set(names) == set(re.findall(r"`(\w+)`", row)) - {"predict", "why"} != set()
