"""The data of the playground in a browser: sets, points of one's own, tables and expressions."""

import numpy as np
import pytest

from tests.playgrounds import HOSTS, PAGE, SMALL, until
from viz.apps.playground.core import Playground
from viz.apps.playground.data import examples_of
from viz.hosts.playground_page import playground_page


@HOSTS
def test_the_loss_comes_back_when_classes_follow_numbers(playing, host):
    with playing(host) as tab:

        def losses(*sets):
            for name in sets:
                tab.page.locator(f"[data-set={name}]").click()
                tab.rest()
                yield tab.config["loss"]

        assert [*losses("sine", "circles", "blobs3", "moons")] == [
            "mse", "binary_cross_entropy", "cross_entropy", "binary_cross_entropy",
        ]  # fmt: skip
        tab.choose("loss", "hinge")
        assert [*losses("line", "xor")] == ["mse", "hinge"]
    with playing(host, data="sine") as tab:
        assert [*losses("xor")] == ["binary_cross_entropy"]


@HOSTS
def test_points_of_ones_own_are_set_moved_and_deleted(playing, host):
    with playing(host) as tab:
        tab.page.locator("[data-set=own]").click()
        tab.rest()
        rows = "return session.timeline.partAt(session.step).wanted.rows;"
        assert len(tab.do(rows)) == 4
        box = tab.page.locator(".map svg").bounding_box()
        tab.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        tab.rest()
        assert len(tab.do(rows)) == 5 and tab.do(rows)[4][2] == 1
        where = tab.page.locator(".point:not(.held-out)").first.bounding_box()
        tab.page.mouse.move(where["x"] + where["width"] / 2, where["y"] + where["height"] / 2)
        tab.page.mouse.down()
        tab.page.mouse.move(box["x"] + 60, box["y"] + 60)
        before = tab.do(rows)
        tab.page.mouse.up()
        tab.rest()
        assert tab.do(rows) != before and len(tab.do(rows)) == 5
        tab.page.locator(".point:not(.held-out)").last.click()
        tab.rest()
        tab.press("Delete")
        assert len(tab.do(rows)) == 4
        assert not tab.trouble


@HOSTS
def test_the_point_that_was_chosen_goes_even_where_some_are_held_out(playing, host):
    rows = [[-1, -1, 0], [1, 1, 0], [-1, 1, 1], [1, -1, 1], [0.5, 0.3, 1], [-0.4, 0.2, 0]]
    with playing(host) as tab:
        tab.do(f"await session.change({{data: {{name: 'own', share: 0.3, rows: {rows}}}}});")
        tab.rest()
        assert tab.page.locator(".map .point").count() == len(rows)  # hollow ones as well
        for held_out in ("", ".held-out"):
            left = "return session.timeline.partAt(session.step).wanted.rows;"
            before = tab.do(left)
            tab.page.locator(f".point{held_out}").first.click()
            tab.rest()
            chosen = tab.do(f"return {PAGE}.chosen.example.inputs;")
            tab.press("Delete")
            assert tab.do(left) == [row for row in before if row[:2] != chosen]
        for _ in range(4):
            tab.page.locator(".point").first.click()
            tab.rest()
            tab.press("Delete")
        assert len(tab.do(left)) == 2 and "Two points" in tab.trouble


@pytest.mark.parametrize(
    "name", ["circles", "spiral", "xor", "blobs3", "line", "sine", "plane", "digits"]
)
@HOSTS
def test_every_data_set_is_learned(playing, host, name):
    with playing(host, rate=0.05) as tab:
        tab.page.locator(f"[data-set={name}]").click()
        tab.rest()
        first = tab.do("return session.frame.loss;")
        tab.do("await session.train(300);")
        assert tab.do("return session.frame.loss;") < first and not tab.trouble
        assert (
            tab.do("return session.data.inputs.length + session.data.held_out.inputs.length;") == 60
        )


def test_digits_are_seen_by_two_pixels(playing):
    with playing("page") as tab:
        tab.page.locator("[data-set=digits]").click()
        tab.rest()
        assert tab.do("return session.data.names;") == ["direction 1", "direction 2"]
        tab.fill("columns", "21, 44")
        assert tab.do("return session.data.names;") == ["pixel 21", "pixel 44"] and not tab.trouble
        tab.fill("columns", "21, x")
        assert "two numbers" in tab.trouble
        tab.fill("columns", "")
        assert tab.do("return session.data.names;") == ["direction 1", "direction 2"]


@HOSTS
def test_a_table_and_an_expression_are_learned_or_refused_in_a_sentence(playing, host):
    with playing(host) as tab:
        tab.page.locator("[data-set=table]").click()
        tab.page.locator(".typed textarea").fill("a,b,c\n1,2,x\n2,foo,y")
        tab.page.get_by_role("button", name="Learn it").click()
        tab.rest()
        assert "'foo' is not a number" in tab.trouble
        tab.page.locator(".typed textarea").fill("a,b,c\n1,2,x\n2,1,y\n3,1,x\n5,2,y")
        tab.page.get_by_role("button", name="Learn it").click()
        tab.rest()
        assert not tab.trouble and tab.do("return session.data.class_names;") == ["x", "y"]
        tab.page.locator("[data-set=expression]").click()
        tab.page.locator(".typed input").fill("y > __import__('os')")
        tab.page.keyboard.press("Enter")
        tab.rest()
        assert tab.trouble
        tab.page.locator(".typed input").fill("y > sin(3*x)")
        tab.page.keyboard.press("Enter")
        tab.rest()
        assert not tab.trouble and tab.do("return session.data.classes;") == 2
        wanted = tab.do("return session.timeline.partAt(session.step).wanted;")
        inputs = tab.do("return [session.data.inputs, session.data.held_out.inputs];")
        examples = examples_of(wanted)
        assert np.allclose(inputs[0], examples.training.inputs, rtol=1e-14)
        assert np.allclose(inputs[1], examples.held_out.inputs, rtol=1e-14)


@HOSTS
def test_what_is_pinned_stays_pinned_in_another_shape(playing, host):
    with playing(host, layers=[4, 3]) as tab:
        tab.page.locator('.unit[data-unit="1,2"]').click()
        tab.click("pin")
        assert tab.config["pinned"] == [22, 23, 24, 25, 26]
        for name, inputs in (("sine", 1), ("blobs3", 2)):
            tab.page.locator(f"[data-set={name}]").click()
            tab.rest()
            first = 4 * (inputs + 1) + 2 * 5
            assert tab.config["pinned"] == [*range(first, first + 5)] and not tab.trouble
        tab.page.get_by_role("button", name="one neuron less in layer 2", exact=True).click()
        tab.rest()
        assert tab.config["pinned"] == [] and not tab.trouble


def test_a_session_that_began_with_other_data_begins_with_them_in_the_file(playing, tmp_path):
    playground = Playground(**SMALL)
    before = playground.examples
    playground.handle({"do": "data", "data": before.spec | {"name": "circles"}})
    page = playground_page(playground, {"data": before.spec})
    path = tmp_path / "other.html"
    path.write_text(page, "utf-8")
    with playing("file") as tab:
        tab.page.goto(path.as_uri())
        until(tab.page, f"{PAGE}?.session.frame")
        assert tab.do("return session.data.inputs;") == [[*x] for x in before.training.inputs]
