"""One drawing in every format: SVG in two browsers, PNG and PDF are the same pixels.

A browser puts letters on whole pixels and smooths them in its own way, so the pictures are compared
in squares of 8 × 8 pixels. There, what is missing, has moved or has another colour still differs.
"""

import subprocess
from dataclasses import replace
from io import BytesIO
from shutil import which

import numpy as np
import pypdfium2
import pytest
from PIL import Image

from nn import MLP
from tests.drawn import GRAPHS
from viz import draw
from viz.render.files import png
from viz.render.scene import Shape, Text

SIZE = WIDTH, HEIGHT = 1280, 720
SQUARE = 8

MOST, MEAN = 45.0, 1.0  # of 255 levels: the largest difference of a square, and that of the page

NAMES = ["neuron", "x to the x", "softmax", "2-2-2", "valley", "memory cell", "zeros"]


def network(example):
    model = MLP(2, [8, 8, 1], seed=1)
    y = model(example)
    y.backward()
    return y


DRAWN = {name: lambda theme, name=name: draw(GRAPHS[name](), size=SIZE, theme=theme)
         for name in NAMES} | {
    "network": lambda theme: draw(network([0.5, -1.0]), size=SIZE, theme=theme),
    "opened": lambda theme: draw(network([0.5, -1.0]), size=SIZE, theme=theme, open=(2, 1)),
    "before backward": lambda theme: draw(
        MLP(2, [3, 1], seed=1)([0.5, -1.0]), fold=False, size=SIZE, theme=theme),
}  # fmt: skip


def theme_of(name):
    return "dark" if name in ("softmax", "network") else "light"


@pytest.fixture(scope="module")
def drawings():
    made = {name: how(theme_of(name)) for name, how in DRAWN.items()}
    assert {len(drawing.pages) for drawing in made.values()} == {1}
    return made


@pytest.fixture(scope="module")
def sheet(drawings, tmp_path_factory):
    """A page with all drawings, one below the other."""
    folder = tmp_path_factory.mktemp("render")
    images = ""
    for i, drawing in enumerate(drawings.values()):
        drawing.save(folder / f"{i}.svg")
        images += f'<img src="{i}.svg" width="{WIDTH}" height="{HEIGHT}" style="display:block">'
    path = folder / "all.html"
    path.write_text(f'<!doctype html><body style="margin:0">{images}')
    return path


@pytest.fixture(scope="module")
def in_chromium(browser, sheet, drawings):
    page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT * len(drawings)})
    page.goto(sheet.as_uri())
    shot = page.screenshot()
    page.close()
    return cut(Image.open(BytesIO(shot)), drawings)


@pytest.fixture(scope="module")
def in_firefox(sheet, drawings):
    program = which("firefox-esr") or which("firefox")
    if program is None:
        pytest.skip("there is no Firefox: install the program `firefox-esr`")
    shot = sheet.with_name("firefox.png")
    height = HEIGHT * len(drawings)
    subprocess.run(
        [program, "--headless", "--no-remote", "--profile", sheet.parent,
         "--screenshot", shot, f"--window-size={WIDTH},{height}", sheet.as_uri()],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    return cut(Image.open(shot), drawings)


def cut(image, drawings):
    """The pictures of a page, by name."""
    places = {name: (0, i * HEIGHT, WIDTH, (i + 1) * HEIGHT) for i, name in enumerate(drawings)}
    return {name: image.convert("RGB").crop(box) for name, box in places.items()}


def as_png(drawing, folder):
    return Image.open(drawing.save(folder / "a.png")).convert("RGB")


def as_pdf(drawing, folder):
    (page,) = pypdfium2.PdfDocument(drawing.save(folder / "a.pdf"))
    return page.render(scale=96 / 72).to_pil().convert("RGB")


def squares(image):
    pixels = np.asarray(image, dtype=float)
    return pixels.reshape(HEIGHT // SQUARE, SQUARE, WIDTH // SQUARE, SQUARE, 3).mean(axis=(1, 3))


def difference(one, other):
    """The largest difference of two squares, and the mean one."""
    assert one.size == other.size == SIZE
    apart = np.abs(squares(one) - squares(other))
    return apart.max(), apart.mean()


def is_same(one, other):
    most, mean = difference(one, other)
    return most <= MOST and mean <= MEAN


@pytest.mark.parametrize("name", DRAWN)
def test_a_png_is_what_chromium_shows(name, drawings, in_chromium, tmp_path):
    assert is_same(in_chromium[name], as_png(drawings[name], tmp_path))


@pytest.mark.parametrize("name", DRAWN)
def test_a_pdf_is_what_chromium_shows(name, drawings, in_chromium, tmp_path):
    assert is_same(in_chromium[name], as_pdf(drawings[name], tmp_path))


@pytest.mark.parametrize("name", DRAWN)
def test_firefox_shows_what_chromium_shows(name, in_firefox, in_chromium):
    assert is_same(in_chromium[name], in_firefox[name])


def without_a_text(marks):
    return [mark for mark in marks if not isinstance(mark, Text)]


def in_the_other_color(marks):
    fills = {"positive-fill": "negative-fill", "negative-fill": "positive-fill"}
    return [
        replace(mark, fill=fills.get(mark.fill, mark.fill)) if isinstance(mark, Shape) else mark
        for mark in marks
    ]


def moved(marks):
    return [replace(mark, x=mark.x + 6) if isinstance(mark, Text) else mark for mark in marks]


@pytest.mark.parametrize("change", [without_a_text, in_the_other_color, moved])
def test_the_comparison_notices_a_change_to_one_tag(change, drawings):
    (scene,) = drawings["neuron"].pages
    at, tag = next((i, group) for i, group in enumerate(scene.groups) if group.kind == "tag")
    groups = list(scene.groups)
    groups[at] = replace(tag, marks=tuple(change(tag.marks)))
    right, wrong = (
        Image.open(BytesIO(png(one))).convert("RGB")
        for one in (scene, replace(scene, groups=groups))
    )
    assert not is_same(right, wrong)
