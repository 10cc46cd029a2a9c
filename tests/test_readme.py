"""The README shows what the engine says today. Its examples are doctests of their own."""

import re
from pathlib import Path
from xml.etree import ElementTree

from autograd.expression import evaluate
from viz import draw

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def words(svg):
    """All that is read, which the letters of the font in its style are not."""
    elements = ElementTree.fromstring(svg).iter()
    return sorted(
        element.text for element in elements if element.text and "style" not in element.tag
    )


def test_the_picture_shows_the_numbers_of_the_command_below_it():
    numbers = dict(re.findall(r"(\w+)=(\S+)", re.search(r"stepgrad draw .*", README)[0]))
    expression = re.search(r'stepgrad draw\s+"(.*?)"', README)[1]
    y, _ = evaluate(f"o = {expression}", {name: float(x) for name, x in numbers.items()})
    y.backward()
    now = words(draw(y).svg)
    then = words((ROOT / "docs/neuron.svg").read_text(encoding="utf-8"))
    assert then == now, "draw it again: see the command in the README"


def test_the_map_names_what_is_there():
    named = re.findall(r"\| `([\w/.]+)` \|", README)
    assert len(named) > 5
    assert [place for place in named if not (ROOT / place).exists()] == []
