"""What is kept of a playground in a browser: its address, and the files and the code that are taken
along; and what makes no sense in an address or a change."""

import json
import re
from urllib.parse import unquote

import numpy as np
import pytest

from nn import load, save
from nn.decisions import decision_for
from nn.losses import LOSSES
from tests.playgrounds import HOSTS, PAGE, SMALL, until
from tests.tabs import address_of
from viz.apps.playground.columns import column_of
from viz.apps.playground.core import Playground
from viz.apps.playground.data import examples_of
from viz.apps.playground.script import script
from viz.apps.playground.settings import CONTROLS, config_of
from viz.hosts.page import json_text, packed
from viz.hosts.playground_page import playground_page, shipped


@HOSTS
def test_the_address_keeps_the_whole_state(playing, host):
    with playing(host) as tab:
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


def test_what_is_taken_along_from_the_local_page(playing, tmp_path):
    with playing("page") as tab:
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


def test_code_of_a_run_has_no_numbers_but_those_that_were_set(playing):
    with playing("page", optimizer="adam") as tab:
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
def test_what_is_taken_along_from_a_file_is_pythons(playing, tmp_path, settings, within):
    ask = "return (await session.ask({ do: 'code', marks: session.marks() })).text;"

    def check(tab, code):
        names = {}
        exec(code, names)
        before = tab.parameters
        found = [p.data for p in names["model"].parameters()]
        assert np.allclose(found, before, rtol=0, atol=within * max(map(abs, before)))

    with playing("file", **settings) as tab:
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


def test_a_model_of_python_opens_in_a_file_with_its_numbers(playing):
    first = Playground(**SMALL)
    first.handle({"do": "train", "updates": 123, "budget": None})
    numbers = [p.data for p in first.model.parameters()]
    playground = Playground(first.model, first.examples.training)
    with playing(playground=playground) as tab:
        assert tab.parameters == numbers
        tab.do("await session.train(10);")
        assert not tab.trouble


VISIBLE = """[...document.querySelectorAll("button, select, input")]
    .filter((one) => one.checkVisibility())
    .map((one) => one.getAttribute("aria-label") ?? one.textContent)"""


def test_every_control_that_can_be_left_out_is(playing):
    with playing(hide=list(CONTROLS)) as tab:
        left_out = tab.page.locator(".left-out").count()
        assert left_out == len(CONTROLS) - 2  # but for those of layers, which are made anew
        visible = tab.page.evaluate(VISIBLE)
        assert [one for one in visible if not one.startswith("weight of")] == [
            "keys and signs", "step of training",
        ]  # fmt: skip
        tab.press("ArrowRight")
        assert tab.step == 1 and not tab.trouble


def test_what_an_address_leaves_out_stays_out_there_and_in_a_saved_page(playing, tmp_path):
    with playing(hide=["loss"], address='#{"hide":["penalty","activation"]}') as tab:
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


def test_what_is_ticked_for_a_class_is_left_out_of_the_address_and_of_the_page(playing, tmp_path):
    with playing(hide=["map"], rate=0.25) as tab:
        tab.click("next")
        tab.click("save")
        tab.page.evaluate("void (navigator.clipboard.writeText = () => Promise.reject())")
        tab.click("link")
        assert tab.page.get_by_label("to copy").input_value() == tab.page.url
        tab.click("class")
        assert tab.page.get_by_label("leave out map").is_checked()
        assert tab.page.get_by_label("leave out ").count() == len(CONTROLS)
        for name in ("loss", "held out", "seed"):
            tab.page.get_by_label(f"leave out {name}", exact=True).check()
        tab.page.get_by_label("leave out seed").uncheck()
        assert tab.page.locator("[data-name=loss]").is_visible()  # here nothing goes
        tab.click("link")
        address = tab.page.get_by_label("to copy").input_value()
        saved = tab.saved("page", tmp_path)
        for place in (address, saved.as_uri()):
            tab.page.goto("about:blank")
            tab.page.goto(place)
            tab.until(f"{PAGE}?.session.frame")
            tab.rest()
            assert tab.page.evaluate(f"{PAGE}.settings.hide") == ["map", "loss", "held_out"]
            assert tab.step == 1 and tab.page.evaluate(f"{PAGE}.session.config.rate") == 0.25
            assert not tab.page.locator("[data-name=loss]").is_visible()


def test_a_page_saved_from_a_page_goes_on_from_there(playing, tmp_path):
    with playing(optimizer="adam") as tab:
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
def test_hostile_addresses_end_in_a_sentence_and_run_nothing(playing, host):
    with playing(host) as tab:
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
def test_what_makes_no_sense_ends_in_one_sentence_and_changes_nothing(playing, host):
    with playing(host) as tab:
        before = tab.parameters
        for change in HOSTILE:
            tab.do(f"await {PAGE}.change({json.dumps(change | {'what': 'hostile'})});")
            said = tab.trouble
            assert said and "\n" not in said and len(said) < 250, change
            assert not OF_THE_LANGUAGE.search(said), (change, said)
            assert tab.parameters == before and not tab.do("return session.undone.length;")
        tab.press("ArrowRight")
        assert tab.step == 1 and not tab.trouble


def test_an_address_of_a_long_training_opens(playing):
    with playing(layers=[1], points=10, address=f"#{json.dumps({'step': 100_100})}") as tab:
        assert tab.step == 100_100 and not tab.trouble


@HOSTS
def test_the_long_way_to_the_step_of_an_address_can_be_stopped(playing, host):
    with playing(host) as tab:
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


def test_the_file_is_at_most_200_kb_without_data():
    page = playground_page(Playground())
    packed_data = packed(json_text([shipped(0), Playground().settings]))
    assert len(page) - len(packed_data) <= 200_000
