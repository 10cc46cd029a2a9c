"""Labels are text that anybody may have written. In a picture they are shown, and do nothing."""

import os
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from html.parser import HTMLParser
from shutil import which

import pytest

from autograd import Value, micrograd, tanh
from autograd.op import TABLE, Op
from autograd.teaching.names import printable as on_one_line
from viz import draw, draw_dot
from viz.escape import columns, printable, shortened
from viz.graph.sizes import LONGEST_NAME, NAME
from viz.render.font import width
from viz.render.graphviz import bundled

SVG = "{http://www.w3.org/2000/svg}"
TITLE = "{http://www.w3.org/1999/xlink}title"


def graph(label):
    """Three nodes, two of them with the label."""
    x, w = Value(2.0, label), Value(-3.0, "w")
    y = x * w
    y.label = label
    y.backward()
    return y


HARMLESS = draw(graph("harmless"))


def called(label, otherwise, mark=""):
    """The name of a value with this label, which stands on one line."""
    name = on_one_line(label)
    return printable(name + mark) if name else otherwise


def titles(svg, kind="card"):
    """The title of everything of a kind, by the value or the edge that it is about."""
    groups = ElementTree.fromstring(svg).iter(f"{SVG}g")
    return {g.get("data-of"): g.findtext(f"{SVG}title") for g in groups if g.get("class") == kind}


def test_a_label_comes_back_from_the_svg_as_it_was_written(label):
    x, y = called(label, "v1"), called(label, "v2", "′")
    svg = draw(graph(label)).svg
    assert titles(svg) == {
        "n0": f"{x}, value 2, gradient −3",
        "n1": "w, value −3, gradient 2",
        "n2": f"{y}, ×, value −6, gradient 1",
    }
    assert titles(svg, "line") == {
        "e0": f"{x} into {y}: local derivative −3, flows back 1 × −3 = −3",
        "e1": f"w into {y}: local derivative 2, flows back 1 × 2 = 2",
    }


def test_a_label_is_read_aloud_as_it_was_written(label):
    root = ElementTree.fromstring(draw(graph(label)).svg)
    described = root.find(f"{SVG}desc")
    assert described.get("id") == root.get("aria-describedby")
    assert described.text.startswith(f"{called(label, 'v1')}, value 2, gradient −3. ")


def test_a_label_makes_no_elements_or_attributes_in_the_svg(label):
    def skeleton(svg):
        elements = ElementTree.fromstring(svg).iter()
        return sorted((element.tag, *sorted(element.attrib)) for element in elements)

    assert skeleton(draw(graph(label)).svg) == skeleton(HARMLESS.svg)


def test_a_label_makes_no_elements_in_a_notebook(label):
    class Tags(HTMLParser):
        def __init__(self, html):
            super().__init__()
            self.found = []
            self.feed(html)

        def handle_starttag(self, tag, attributes):
            self.found.append((tag, *sorted(name for name, _ in attributes)))

        def handle_endtag(self, tag):
            self.found.append((tag,))

    found = Tags(draw(graph(label))._repr_html_()).found
    assert found == Tags(HARMLESS._repr_html_()).found == [("img", "alt", "src", "style")]


def dot_program(source):
    if which("dot") is None:
        pytest.skip("there is no `dot` program")
    done = subprocess.run(["dot", "-Tsvg"], input=source.encode(), capture_output=True)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


@pytest.mark.parametrize(
    "svg_of", [dot_program, lambda source: bundled(source, "svg")], ids=["dot", "pygraphviz"]
)
def test_a_label_comes_back_from_graphviz_as_it_was_written(label, svg_of):
    drawing = ElementTree.fromstring(svg_of(draw_dot(graph(label)).source))
    nodes = [g for g in drawing.iter(f"{SVG}g") if g.get("class") == "node"]
    assert sorted(node.get("id") for node in nodes) == ["n0", "n1", "n2"]
    links = [link for node in nodes for link in node.iter(f"{SVG}a")]
    tooltips = {link.get(TITLE).replace("\xa0", " ") for link in links}
    assert called(label, "v1") in tooltips
    assert all(set(link.attrib) == {TITLE} for link in links)  # nothing to click on


def test_what_a_node_made_by_hand_is_called_is_as_harmless_as_a_label(label):
    y = micrograd.Value(2.0, (micrograd.Value(1.0, label="x"),), label, label="y")
    operation = " ".join(printable(label).split())
    made = [operation] if operation else []
    assert titles(draw(y).svg)["n1"] == ", ".join(["y", *made, "value 2", "gradient 0"])
    assert draw_dot(y).pipe()


def test_no_operation_is_named_by_a_label_that_programs_could_not_call(label):
    if label.isidentifier():
        assert Op(label, lambda a: 2 * a).name == label
        del TABLE[label]
    else:
        with pytest.raises(ValueError, match="choose a name such as cube or my_cube"):
            Op(label, lambda a: 2 * a)


def test_only_what_cannot_be_shown_is_replaced():
    assert printable("α + β\n🙂\t\0\x7f\x85\udfff\uffff") == "α + β\n🙂" + "�" * 6


def test_a_label_is_cut_at_200_characters():
    assert printable("x" * 200) == "x" * 200
    assert printable("x" * 201) == "x" * 200 + "…"


def test_a_card_shows_the_beginning_of_a_long_label_on_one_line():
    assert shortened("x" * 25) == "x" * 23 + "…"
    assert shortened("two\nlines") == "two lines"
    assert [columns(c) for c in ("a", "長", "🙂", "e\u0301")] == [1, 2, 2, 1]
    assert shortened("長" * 100) == "長" * 11 + "…"
    for label, beginning in (("a label " * 10, "a label a la…"), ("長" * 100, "長長長長長…")):
        svg = ElementTree.fromstring(draw(tanh(Value(1.0, label))).svg)
        names = [text.text for text in svg.iter(f"{SVG}text") if text.get("class") == "name"]
        assert names[0] == beginning
        assert width(beginning, NAME, "italic") <= LONGEST_NAME
        assert width(label[: len(beginning)] + "…", NAME, "italic") > LONGEST_NAME


def test_a_long_label_makes_no_long_picture():
    svg = draw(graph("x" * 20_000)).svg
    assert len(svg) < len(HARMLESS.svg) + 15 * 200


def test_ids_are_never_taken_from_labels():
    assert "secret" not in "".join(
        line.split("[")[0] for line in draw_dot(graph("secret")).source.splitlines()
    )


def test_hash_seeds_do_not_change_a_picture():
    script = (
        "from autograd import Value\nfrom viz import draw\n"
        "a, b = Value(2.0, 'a'), Value(3.0, 'b')\n"
        "print(draw((a * b + a) * (b - a) * b).svg)"
    )
    pictures = {
        subprocess.run(
            [sys.executable, "-X", "utf8", "-c", script],
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in "123"
    }
    assert len(pictures) == 1 and b"<svg" in pictures.pop()
