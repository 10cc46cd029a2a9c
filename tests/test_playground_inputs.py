"""The inputs of the playground in a browser: ticked and typed, kept by everything that is kept, and
the same in both hosts."""

import json
import re

import numpy as np
import pytest

from nn import load
from nn.data import moons
from nn.data.made import Inputs
from tests.playgrounds import HOSTS, PAGE, until
from tests.tabs import address_of
from viz.apps.playground.columns import column_of
from viz.apps.playground.core import Playground
from viz.hosts.playground_page import playground_page, recipes_of_inputs

WANTED = "return session.timeline.partAt(session.step).wanted.inputs;"


def tick(tab, text):
    tab.page.locator(f"[data-input='{text}']").click()
    tab.rest()


def inputs_of(tab):
    return tab.do(f"await session.queue; {WANTED}")


def pressed(tab):
    return tab.page.locator(".tiles [aria-pressed=true]").evaluate_all(
        "(all) => all.map((one) => one.dataset.input)"
    )


def weights_of(tab):
    """The weights of the first layer by neuron and by input, and its biases."""
    layer = tab.do("return session.shape.layers[0];")
    width = layer["inputs"] + 1
    return [tab.parameters[i * width : (i + 1) * width] for i in range(layer["size"])]


@HOSTS
def test_inputs_are_ticked_by_mouse_and_by_key_and_weights_stay_with_theirs(playing, host):
    with playing(host) as tab:
        tab.do("await session.train(5);")
        before = weights_of(tab)
        tick(tab, "x1*x2")
        assert inputs_of(tab) == pressed(tab) == ["x1", "x2", "x1*x2"] and tab.step == 5
        after = weights_of(tab)
        assert [[*row[:2], row[3]] for row in after] == before
        tab.page.locator("[data-input='x1']").focus()
        tab.press(" ")
        assert inputs_of(tab) == pressed(tab) == ["x2", "x1*x2"]
        assert weights_of(tab) == [row[1:] for row in after]
        tab.page.locator("[data-input='x1**2']").focus()
        tab.press("Enter")
        assert inputs_of(tab) == ["x2", "x1**2", "x1*x2"]
        names = tab.page.locator(".unit.input").evaluate_all(
            "(all) => all.map((one) => one.getAttribute('aria-label'))"
        )
        assert names == ["input x₂", "input x₁²", "input x₁·x₂"]
        for text in ("x1**2", "x1*x2"):
            tick(tab, text)
        tick(tab, "x2")
        assert "needs an input" in tab.trouble and inputs_of(tab) == ["x2"]
        tick(tab, "x1")
        assert inputs_of(tab) is None and pressed(tab) == ["x1", "x2"]
        tab.do("await session.train(5);")
        assert not tab.trouble and tab.step == 10


@HOSTS
def test_an_input_is_typed_and_its_tile_stays(playing, host):
    with playing(host) as tab:
        tab.fill("inputs", "x1 * x2**2")
        assert inputs_of(tab) == ["x1", "x2", "x1 * x2**2"] and not tab.trouble
        assert tab.page.locator("[data-name=inputs]").input_value() == ""
        rows = tab.do("return [session.data.coordinates, session.data.inputs];")
        for (x1, x2), row in zip(*rows, strict=True):
            assert row == [x1, x2, x1 * (x2 * x2)]
        tick(tab, "x1 * x2**2")
        assert inputs_of(tab) is None and tab.page.get_by_text("x₁·x₂²", exact=True).count() == 1


REFUSED = (
    "x1 +", "z", "x1 > y", "log(x1)", "1/(x1 - x1)", "exp(1000)*x1", "<img src=x onerror=evil()>",
    "constructor", "__proto__", "x1**1e400", "7", "import os", "(" * 200 + "x1", "x1, x2",
    "x1*" * 1400 + "x1", "toString(x1)",
)  # fmt: skip


@HOSTS
def test_what_is_no_input_ends_in_a_sentence_and_changes_nothing(playing, host):
    with playing(host) as tab:
        before = tab.parameters
        for text in REFUSED:
            tab.fill("inputs", text)
            said = tab.trouble
            assert said and len(said) <= 500 and "undefined" not in said, text
            assert "Error" not in said and "function" not in said.partition(":")[0], said
            assert inputs_of(tab) is None and tab.parameters == before, text
            assert tab.page.locator("[data-name=inputs]").input_value() == text
        for inputs in ("x1", [7], [], ["x1", "x1"], [""], ["x1"] * 17, {"a": 1}):
            said = tab.do(
                f"return session.change({{data: {{inputs: {json.dumps(inputs)}}}, what: ''}})"
                ".then(() => '', ({ message }) => message);"
            )
            assert re.match("inputs are|an input is|the input|there are no|17 inputs", said), said
            assert tab.parameters == before
        tab.press("Escape")
        tab.do("await session.train(2);")
        assert tab.step == 2


@HOSTS
def test_other_data_say_why_there_is_nothing_to_tick(playing, host):
    with playing(host, inputs=["x1", "x1*x2"]) as tab:
        tab.page.locator("[data-set=sine]").click()
        tab.rest()
        assert "need two coordinates" in tab.page.locator(".inputs p").inner_text()
        assert not tab.page.locator(".tiles").is_visible() and not tab.trouble
        assert tab.do("return [session.data.inputs[0].length, session.data.axes ?? null];") == [
            1, None,
        ]  # fmt: skip
        tab.page.locator("[data-set=xor]").click()
        tab.rest()
        assert pressed(tab) == ["x1", "x1*x2"]
        assert tab.do("return session.data.names;") == ["x1", "x1*x2"]


@HOSTS
def test_undo_timeline_address_and_reload_keep_the_inputs(playing, host):
    with playing(host) as tab:
        tab.do("await session.train(20);")
        tick(tab, "x1**2")
        tab.do("await session.train(10);")
        tab.fill("inputs", "x1*x2**3")
        tab.do("await session.train(11);")
        tab.rest()
        last, inputs = tab.parameters, ["x1", "x2", "x1**2", "x1*x2**3"]
        assert inputs_of(tab) == inputs
        tab.until("location.hash.includes('41')")
        address = address_of(tab.page)
        for step, width in ((10, 2), (25, 3), (41, 4)):
            tab.do(f"await session.go({step});")
            tab.rest()
            assert tab.do("return session.data.inputs[0].length;") == width
            assert tab.page.locator(".unit.input").count() == width
        assert tab.parameters == last
        tab.page.reload()
        tab.page.wait_for_selector(".unit")
        tab.until(f"{PAGE}?.session.frame && {PAGE}.session.step === 41")
        tab.rest()
        assert tab.parameters == last and address_of(tab.page) == address
        assert pressed(tab) == inputs
        tick(tab, "x1*x2**3")
        assert inputs_of(tab) == inputs[:3]
        tab.click("undo")
        assert inputs_of(tab) == inputs and tab.parameters == last


@HOSTS
def test_an_example_opens_with_its_inputs_by_name(playing, host):
    with playing(host, inputs=["x1", "x1*x2"]) as tab:
        tab.do(f"await {PAGE}.chosen.choose(3, false);")
        tab.rest()
        tab.page.evaluate(f"{PAGE}.choose(0, 1)")
        tab.press("o")
        rows = tab.page.locator(".inside tbody th").all_inner_texts()
        assert rows == ["x₁", "x₁·x₂", "bias"]
        (x1, x2), row = tab.do("return [session.data.coordinates[3], session.data.inputs[3]];")
        assert row == [x1, x1 * x2]


@HOSTS
def test_points_of_ones_own_are_moved_where_the_network_reads_other_inputs(playing, host):
    rows = [[-1, -1, 0], [1, 1, 0], [-1, 1, 1], [1, -1, 1]]
    data = {"name": "own", "rows": rows, "share": 0.5, "inputs": ["x1*x2"]}
    with playing(host, data=data, layers=[2]) as tab:
        first, *_ = tab.do("return session.data.coordinates;")
        tab.do(f"await {PAGE}.chosen.choose(0, false); {PAGE}.removePoint();")
        tab.rest()
        left = tab.do(f"{WANTED.replace('.inputs', '.rows')}")
        assert len(left) == 3 and first not in [row[:2] for row in left]


@HOSTS
def test_what_is_taken_along_has_the_inputs(playing, host, tmp_path):
    inputs = ["x1", "x1*x2", "x2**2"]
    with playing(host, activation="relu", loss="mse") as tab:
        tab.do("await session.train(10);")
        tab.do(f"await session.change({{data: {{inputs: {json.dumps(inputs)}}}, what: ''}});")
        tab.do("await session.train(30);")
        before = tab.parameters
        ask = "return (await session.ask({ do: 'code', marks: session.marks() })).text;"
        code = tab.do(ask)
        assert code.count("with_inputs('x1', 'x1*x2', 'x2**2')") == 2
        names = {}
        exec(code, names)
        assert [p.data for p in names["model"].parameters()] == before
        tab.click("save")
        model = load(tab.saved("model", tmp_path))
        assert [p.data for p in model.parameters()] == before
        assert list(model.feature_names) == inputs
        other = tab.page.context.new_page()
        other.goto(tab.saved("page", tmp_path).as_uri())
        until(other, f"{PAGE}?.session.frame && {PAGE}.session.step === 40")
        again = other.evaluate(f"[...{PAGE}.session.frame.state.parameters]")
        assert np.allclose(again, before, rtol=1e-9, atol=1e-12)
        assert other.evaluate(f"{PAGE}.session.data.names") == inputs


def test_both_hosts_write_the_same_script(playing):
    inputs = ["x1", "max(x1, x2)", "x2**2 - x1"]
    ask = "return (await session.ask({ do: 'code', marks: session.marks() })).text;"
    for data in ("circles", {"name": "own", "rows": [[0, 1, 1], [1, 0, 0], [2, 2, 1]], "share": 0}):
        texts = []
        for host in ("file", "page"):
            with playing(host, data=data, layers=[2]) as tab:
                tab.do(
                    f"await session.change({{data: {{inputs: {json.dumps(inputs)}}}, what: ''}});"
                )
                tab.do("await session.train(3);")
                texts.append(tab.do(ask))
        assert texts[0] == texts[1]


@pytest.mark.parametrize("settings", [{"points": 60}, {"inputs": ["x1", "x1*x2"], "seed": 3}])
def test_the_points_stay_where_inputs_are_ticked(playing, settings):
    """A file has its first examples as numbers, and others of the same data set beside them."""
    ask = "return [session.data.coordinates ?? session.data.inputs, session.data.held_out];"
    with playing("file", **settings) as tab:
        before, rest = tab.do(ask)
        tick(tab, "x1**2")
        after, others = tab.do(ask)
        assert after == before and others["coordinates"] == rest.get("coordinates", rest["inputs"])
        for text in {"x1", "x2"} ^ {*inputs_of(tab)}:
            tick(tab, text)
        assert inputs_of(tab) is None and tab.do(ask)[0] == before


def test_a_page_that_was_saved_from_a_page_has_the_data_of_its_beginning(playing, tmp_path):
    with playing("file", inputs=["x1*x2"], points=60) as tab:
        tab.page.locator("[data-set=xor]").click()
        tab.rest()
        tick(tab, "x1")
        tab.click("reset")
        before = tab.do("return [session.data.inputs, session.data.coordinates];")
        tab.click("save")
        with tab.page.expect_download() as download:
            tab.page.locator("[data-action=page]").click()
        path = tmp_path / "again.html"
        download.value.save_as(path)
        other = tab.page.context.new_page()
        other.goto(path.as_uri())
        until(other, f"{PAGE}?.session.frame")
        again = other.evaluate(f"[{PAGE}.session.data.inputs, {PAGE}.session.data.coordinates]")
        assert again == before and len(again[0][0]) == 2


def test_a_file_opens_with_inputs_that_only_python_reads(playing, tmp_path):
    """x₁² and softmax are none of the page's ways to write an expression."""
    inputs = ["x1²", "softmax(x1, x2)[0]", "|x2|"]
    with playing("file", inputs=inputs, layers=[2]) as tab:
        tab.do("await session.train(5);")
        assert tab.do("return session.data.inputs[0].length;") == 3 and not tab.trouble
        tab.page.locator("[data-set=xor]").click()  # rows that the page makes itself
        tab.rest()
        coordinates, rows = tab.do("return [session.data.coordinates, session.data.inputs];")
        assert np.allclose(rows, Inputs(inputs).rows(coordinates), rtol=1e-14, atol=0)
        columns, size = tab.do(f"return [{PAGE}.answers.inputMaps.map((one) => [...one]), 26];")
        assert len(columns) == 3 and all(len(one) == size * size for one in columns)
    play = Playground(data="moons", layers=[2], points=40)
    session = {"config": play.config, "data": play.examples.spec, "step": 3}
    session["changes"] = [{"step": 1, "data": {"inputs": inputs}, "what": "inputs"}]
    assert list(recipes_of_inputs(session)) == inputs
    path = tmp_path / "kept.html"
    path.write_text(playground_page(play, session), "utf-8")
    with playing("file", layers=[1]) as tab:
        tab.page.goto(path.as_uri())
        until(tab.page, f"{PAGE}?.session.frame && {PAGE}.session.step === 3")
        assert inputs_of(tab) == inputs and not tab.trouble


def test_sums_as_long_as_a_text_may_be_are_read(playing):
    text = "+".join(["x1"] * 1300)
    with playing("file", layers=[1], points=20) as tab:
        tab.fill("inputs", text)
        assert inputs_of(tab) == ["x1", "x2", text] and not tab.trouble
        coordinates, rows = tab.do("return [session.data.coordinates, session.data.inputs];")
        assert rows[0][2] == sum([coordinates[0][0]] * 1300)


def test_python_answers_what_an_input_is_over_the_plane():
    data = moons(20)
    play = Playground(data=data, inputs="x1, x1*x2", layers=[2])
    refused = play.handle({"do": "inputs", "bounds": [0, 1, 0], "size": [2, 2]})
    assert "the bounds must be 4 numbers" in refused["trouble"]
    plain = Playground(data=data, layers=[2])
    answer = plain.handle({"do": "inputs", "bounds": [0, 1, 0, 1], "size": [2, 2]})
    across = np.array([0, 1, 0, 1], "<f4")
    assert answer["columns"][0] == column_of(across, bits=32)
