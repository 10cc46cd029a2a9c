"""What is asked of the stepper: why a gradient is what it is, mistakes, and unfolding."""

import json
import math

import pytest

from autograd import Value, relu, tanh
from autograd.teaching import mistakes, why
from autograd.teaching.parts import Sentence
from tests.graphs import lecture, network
from tests.tabs import address_of, field
from tests.test_server import opened as opened_page  # noqa: F401
from tests.test_server import served
from viz.apps.stepper.answers import MOST_SHIPPED
from viz.apps.stepper.core import Stepper
from viz.hosts.widget import StepperWidget


def flat():
    """The gradient of w is 0, because x is."""
    x, w, b = Value(0.0, "x"), Value(2.0, "w"), Value(0.5, "b")
    h = tanh(x * w + b)
    h.label = "h"
    y = h * h
    y.label = "y"
    return y


def told(stepper, question):
    return stepper.handle({"ask": question})["told"][question]


def ids(stepper):
    return {card["name"]: id for id, card in stepper.state["plan"]["cards"].items()}


def test_why_is_the_sentence_of_why_and_the_edges_that_are_to_blame():
    y = flat()
    stepper = Stepper(y)
    answer = told(stepper, "why n1")
    w = next(node for node in stepper.nodes if node.label == "w")
    found = why(y, w, digits=4, names={"v1": y.parents[0].parents[0].parents[0].parents[0]})
    assert answer["verdict"] == found.verdict == "exact zero"
    assert [one for one in answer["paragraphs"] if isinstance(one, str)] == [
        part.words for part in found.parts if isinstance(part, Sentence)
    ]
    (wire,) = answer["wires"]
    assert stepper.state["plan"]["wires"][wire]["ends"] == "w into v1"


def test_an_answer_is_about_the_numbers_of_now_and_is_forgotten_with_them():
    stepper = Stepper(flat())
    told(stepper, "why n1")
    changed = stepper.handle({"edits": {"n0": 1.0}})
    assert changed["told"] == {} == stepper.state["told"]
    assert told(stepper, "why n1")["verdict"] == "ordinary"


def test_mistakes_are_those_of_mistakes():
    y = flat()
    stepper = Stepper(y)
    names = {id: name for name, id in ids(stepper).items()}
    right = mistakes(y, names={}).data["mistakes"]
    found = told(stepper, "mistakes")["mistakes"]
    assert [one["name"] for one in found] == list(right)
    for one in found:
        expected = right[one["name"]]
        assert (names[one["first"]] if one["first"] else None) == expected["first_wrong"]
        for id, wrong in one["gradients"].items():
            assert math.isclose(wrong, expected["gradients"][names[id]], rel_tol=1e-12)


def test_answers_are_json_for_every_graph():
    for y in (flat(), lecture(), network(), relu(Value(-1.0, "a"))):
        json.dumps(Stepper(y).answers(), allow_nan=False)


def test_a_large_graph_ships_no_answers():
    y = sum([Value(1.0, f"x{i}") * 0.0 for i in range(MOST_SHIPPED)], Value(0.0))
    assert Stepper(y).answers() == {}


def test_unfold_and_fold_show_another_graph_and_the_one_before():
    stepper = Stepper(flat())
    before = stepper.state["plan"]
    changed = stepper.handle({"ask": f"unfold {ids(stepper)['h']}"})
    assert next(iter(changed)) == "plan" and changed["node"] == ids(stepper)["h"]
    assert list(ids(stepper)) == ["x", "w", "b", "v1", "v2", "v3", "v4", "v5", "v6", "h", "y"]
    assert stepper.state["plan"]["unfolded"] == ["tanh"]
    stepper.handle({"ask": f"fold {ids(stepper)['v4']}"})
    assert stepper.state["plan"] == before


def test_a_leaf_that_was_edited_keeps_its_number_through_unfolding():
    y = flat()
    stepper = Stepper(y)
    stepper.handle({"edits": {"n0": 1.5}})
    stepper.handle({"ask": f"unfold {ids(stepper)['h']}"})
    assert stepper.state["edits"] == {} and stepper.y.data == math.tanh(3.5) ** 2
    assert stepper.state["numbers"][ids(stepper)["x"].replace("n", "v")] == 1.5
    stepper.handle({"edits": {ids(stepper)["x"]: 0.0}})
    assert stepper.y.data == pytest.approx(y.data, rel=1e-15)


def test_what_cannot_be_unfolded_gets_a_sentence():
    stepper = Stepper(Value(800.0, "a").tanh())
    assert told(stepper, "unfold n1")["sorry"].startswith("the formula of tanh cannot be computed")
    assert "leaf" in told(stepper, "unfold n0")["sorry"]
    assert told(stepper, "fold n0")["sorry"] == "nothing is unfolded here"


@pytest.mark.parametrize("question", ["", "why", "why n99", "mistakes n1", "drop n1", "why n-1"])
def test_a_question_that_makes_no_sense_raises_and_changes_nothing(question):
    stepper = Stepper(flat())
    before = json.dumps(stepper.state)
    with pytest.raises(ValueError, match="is no question about this graph"):
        stepper.handle({"ask": question})
    assert json.dumps(stepper.state) == before


def test_a_widget_answers_and_unfolds():
    widget = StepperWidget(flat())
    widget.asked = "why n1"
    assert widget.asked == "" and widget.told["why n1"]["verdict"] == "exact zero"
    (h,) = [id for id, card in widget.plan["cards"].items() if card["name"] == "h"]
    widget.node = h
    widget.asked = f"unfold {h}"
    assert widget.plan["unfolded"] == ["tanh"] and len(widget.plan["cards"]) == 11
    assert widget.plan["cards"][widget.node]["name"] == "h"


# In a browser


def blamed(tab):
    return tab.evaluate(
        "[...document.querySelectorAll('g.blamed')].map((one) => one.dataset.of ?? '').length"
    )


def test_a_zero_offers_why_and_the_file_knows(opened):
    with opened(flat(), "#step=99&node=n1") as tab:
        tab.get_by_role("button", name="Why is the gradient 0?").click()
        assert (
            "While x is 0, a small change of w does not change v1."
            in tab.locator(".because").inner_text()
        )
        assert blamed(tab) >= 1 and "opened=why" in address_of(tab)
        box = tab.locator(".about").bounding_box()
        card = tab.locator("g.card[data-of=n1]").bounding_box()
        assert card["x"] + card["width"] <= box["x"]  # what is spoken of stays in sight
        tab.get_by_role("button", name="Why is the gradient 0?").click()
        assert blamed(tab) == 0 and not tab.locator(".because").is_visible()


def test_an_ordinary_gradient_and_one_that_is_not_known_offer_nothing(opened):
    for hash in ("#step=99&node=n0", "#step=3&node=n1"):
        with opened(flat(), hash) as tab:
            assert tab.get_by_role("button", name="Why").count() == 0


def test_a_file_says_what_it_cannot_answer(opened):
    with opened(flat(), "#step=99&node=n1&opened=why&n1=3") as tab:
        assert "its answers are about the given numbers" in tab.locator(".asks").inner_text()
    with opened(flat(), "#step=99&node=n5") as tab:
        tab.get_by_role("button", name="Unfold tanh").click()
        assert "stepgrad draw --unfold" in tab.locator(".asks").inner_text()


@pytest.mark.parametrize("width", [1920, 1300, 420])
def test_a_mistake_stands_beside_the_right_gradients(opened, width):
    with opened(flat(), viewport={"width": width, "height": 900}) as tab:
        tab.keyboard.press("m")
        choice = tab.get_by_role("combobox", name="the mistake")
        assert choice.input_value() == "overwrite"
        choice.select_option("local")
        assert "mistake=local" in address_of(tab)
        assert tab.locator(".count").inner_text() == "13 / 13"  # where all gradients are known
        (one,) = [
            one for one in told(Stepper(flat()), "mistakes")["mistakes"] if one["name"] == "local"
        ]
        assert tab.locator(".flag").count() == len(one["gradients"])
        assert tab.locator(".flag.first").count() == 1
        first = tab.locator(f"g.card[data-of={one['first']}]")
        assert "first-wrong" in first.get_attribute("class")
        assert "with the mistake" in first.get_attribute("aria-label")
        rows = tab.locator(".mistakes tbody tr")
        assert (
            rows.count() == len(one["gradients"]) and rows.first.get_attribute("class") == "first"
        )
        graph, drawer = (tab.locator(one).bounding_box() for one in (".graph", ".drawer.mistakes"))
        beside = graph["x"] + graph["width"] <= drawer["x"] + 1
        above = graph["y"] + graph["height"] <= drawer["y"] + 1
        assert beside or above
        choice.press("ArrowDown")  # moves in the list, and not the step
        assert tab.locator(".count").inner_text() == "13 / 13"
        tab.keyboard.press("Escape")
        assert tab.locator(".flag").count() == 0


def test_a_page_with_python_unfolds_folds_and_answers_about_new_numbers(opened_page):  # noqa: F811
    with served(flat(), "tanh(x*w + b)**2", "x=0 w=2 b=0.5") as page, opened_page(page) as tab:
        tab.keyboard.press("End")
        tab.locator("g.card[aria-label^='h, value']").dispatch_event("click")
        tab.get_by_role("button", name="Unfold tanh").click()
        tab.locator(".badge", has_text="exp").wait_for()
        assert tab.locator(".count").inner_text() == "22 / 22"  # still at the end
        field(tab, "w").fill("3")
        tab.keyboard.press("Enter")
        tab.get_by_role("button", name="Why is the gradient 0?").click()
        tab.locator(".because").wait_for()
        tab.locator("g.card[aria-label^='x, value']").first.dispatch_event("click")
        tab.get_by_role("button", name="Fold tanh again").click()
        tab.locator(".badge", has_text="exp").wait_for(state="detached")
        card = tab.locator("g.card[aria-label^='w, value']").first
        assert card.get_attribute("aria-label").startswith("w, value 3, gradient 0")
