"""The half of a graph that there is when an operation fails, and how a changed number mends it."""

import math
import pickle

import pytest

import viz
from autograd import AutogradError, OutsideDomain, StaleGraph, Value
from autograd.micrograd import Value as Tutorials
from autograd.teaching.failures import half_of
from nn import MLP, mse
from tests.tabs import address_of
from viz.apps.stepper.core import Stepper
from viz.cli.main import main
from viz.hosts.server import LocalPage, stepper_of

FORWARD = "exp(log(a*(a-b)))*b + a", ["a=2", "b=5"]
BACKWARD = "sqrt(a)*b + a", ["a=0", "b=5"]


def failed():
    """An error, from a line of this file."""
    a, b = Value(2.0, "a"), Value(5.0, "b")
    product = a * (a - b)
    product.label = "product"
    try:
        product.log()  # here
    except AutogradError as error:
        return error, (a, b)


@pytest.fixture
def half(browser, tmp_path):
    def open(y, hash=""):
        path = viz.save(y, tmp_path / "half.html") if isinstance(y, AutogradError) else None
        if path is None:
            from viz.hosts.page import page

            path = tmp_path / "half.html"
            path.write_text(page(y), "utf-8")
        tab = browser.new_page(viewport={"width": 1300, "height": 900})
        tab.on("pageerror", lambda error: pytest.fail(str(error)))
        tab.goto(path.as_uri() + hash)
        tab.locator(".sg-stepper").wait_for(state="attached")
        return tab

    return open


def test_an_error_knows_its_operation_and_its_operands():
    error, (a, _) = failed()
    assert error.op.name == "log" and [one.label for one in error.operands] == ["product"]
    node = half_of(error)
    assert node.op is error.op and math.isnan(node.data) and node.parents == error.operands
    with pytest.raises(OutsideDomain) as caught:
        Tutorials(-1.0).log()
    assert caught.value.op.name == "log"
    assert a.data == 2.0


def test_between_processes_goes_the_sentence_alone():
    error, _ = failed()
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is type(error) and str(copy) == str(error) and copy.op is None


def test_other_errors_have_no_half():
    x = Value(2.0, "x")
    y = x * x
    x.data = 3.0
    with pytest.raises(StaleGraph) as caught:
        y.backward()
    with pytest.raises(ValueError, match=r"of no operation on Values.*StaleGraph"):
        half_of(caught.value)


def test_the_walk_knows_where_it_ends():
    error, _ = failed()
    stepper = Stepper(error)
    assert stepper.failure.at == 3
    assert stepper.failure.sentence == str(error)
    assert stepper.failure.source.startswith("test_halves.py, line ")
    assert stepper.failure.source.endswith(": product.log()  # here")
    typed = stepper_of(*FORWARD)
    assert (typed.failure.at, typed.failure.source) == (3, FORWARD[0])
    assert typed.failure.sentence == "log(v2 = -6): log(a) is defined only for a > 0"
    back = stepper_of(*BACKWARD)
    assert back.failure.at == len(back.state["plan"]["steps"]) - 2
    assert "sqrt(a = 0)" in back.failure.sentence
    assert stepper_of("a*b", ["a=1", "b=2"]).failure is None


def test_a_y_whose_sweep_fails_still_raises():
    x = Value(0.0, "x")
    with pytest.raises(AutogradError):
        Stepper(x.sqrt() * 2.0)


@pytest.mark.parametrize("asked", [FORWARD, BACKWARD])
def test_edits_mend_it_and_none_break_it_again(asked):
    stepper = stepper_of(*asked)
    base = stepper.state["base"]
    mended = stepper.handle({"edits": {"n0": 9.0}})
    whole = stepper_of(asked[0], ["a=9", "b=5"])
    assert mended["trouble"] == "" and mended["numbers"] == whole.state["numbers"]
    refused = stepper.handle({"edits": {"n0": -3.0 if asked is BACKWARD else 1.0}})
    assert refused["trouble"] and refused["edits"] == {"n0": 9.0}
    again = stepper.handle({"edits": {}})
    assert again == {"numbers": base, "edits": {}, "asked": "", "told": {}, "trouble": ""}


def test_an_edit_reaches_the_values_of_the_user():
    error, (a, _) = failed()
    stepper = Stepper(error)
    stepper.handle({"edits": {"n0": 9.0}})
    assert a.data == 9.0 and stepper.y.data == pytest.approx(math.log(36))


def test_the_page_goes_as_far_as_there_are_numbers(half):
    tab = half(failed()[0])
    tab.keyboard.press("End")
    assert tab.locator(".count").inner_text() == "3 / 3" and "step=3" in address_of(tab)
    panel = tab.locator(".panel").inner_text()
    assert "log(product = -6): log(a) is defined only for a > 0" in panel
    assert "product.log() # here" in panel and "here it ends" in panel
    values = tab.locator("g.card .value").all_text_contents()
    assert sorted(values) == sorted(["2", "5", "−3", "−6", "?"])
    tab.keyboard.press("ArrowRight")
    assert tab.locator(".count").inner_text() == "3 / 3"


def test_a_changed_number_mends_the_page(half):
    tab = half(stepper_of(*FORWARD), "#step=3&node=n0")
    field = tab.locator(".leaf-row:not([hidden]) input[type=text]")
    field.fill("9")
    field.press("Enter")
    tab.wait_for_function("document.querySelector('.count').textContent === '3 / 18'")
    tab.locator(".controls [aria-label='last step']").click()
    assert "189" in tab.locator("g.card .value").all_text_contents()
    tab.locator("[data-action=reset]").click()
    tab.wait_for_function("document.querySelector('.count').textContent === '3 / 3'")
    assert "here it ends" in tab.locator(".panel").inner_text()


def test_the_backward_pass_ends_where_a_local_derivative_is_missing(half):
    tab = half(stepper_of(*BACKWARD), "#step=99")
    assert tab.locator(".count").inner_text() == "9 / 9"
    assert "does not exist" in tab.locator(".panel").inner_text()
    assert "+5" in tab.locator("g.card .gradient").all_text_contents()


def test_a_picture_of_it_is_saved_and_a_film_is_not(tmp_path):
    error, _ = failed()
    text = viz.save(error, tmp_path / "half.svg").read_text("utf-8")
    assert "product" in text and "nan" in text
    assert viz.draw(error).svg[:4] == "<svg"
    with pytest.raises(ValueError, match=r"save it as \.html"):
        viz.save(error, tmp_path / "half.gif")


def test_a_network_that_fails_has_a_half():
    model = MLP(2, [2, 1], "tanh", seed=0)
    model.layers[1].neurons[0].b.data = 1e308
    with pytest.raises(AutogradError) as caught:
        mse([model([1e200, 1e200])], [-1e308])
    stepper = Stepper(caught.value)
    assert stepper.failure.sentence.endswith("too large for a float")


def test_the_command_says_what_fails_and_opens_the_page(monkeypatch, capsys):
    shown = []
    monkeypatch.setattr(LocalPage, "run", lambda page, **_: shown.append(page.socket.close()))
    for expression in ("-1/x", "sqrt(x)"):
        assert main(["step", expression, "x=0", "--no-browser"]) == 0
    told = capsys.readouterr().err
    assert "divide(-1, x = 0): division by zero\nthe page shows how far it came" in told
    assert "sqrt(x = 0) does not exist: its formula divides by zero" in told
    assert len(shown) == 2
