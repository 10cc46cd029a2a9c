"""The documentation: `make docs` builds it and checks its links; here is what else must hold.

`make test` builds it first. Its pages are read as they lie there, from disk and without a network.
"""

import doctest
import inspect
import re
import sys
from functools import cached_property
from html.parser import HTMLParser
from importlib.util import find_spec
from pathlib import Path

import pytest

import autograd
import nn
import viz
from autograd import Value
from autograd.op import BUILT_IN, TABLE, Op
from tests.playgrounds import until

ROOT = Path(__file__).parents[1]
SITE = ROOT / "docs/_build/html"
LESSONS = sorted(path.stem for path in ROOT.glob("notebooks/*.ipynb"))
PACKAGES = (autograd, nn, viz)


@pytest.fixture(scope="module")
def site():
    if not (SITE / "index.html").exists():
        pytest.skip("there is no site: make docs")
    return SITE


def public(package):
    """{name: what it names} for all that a package offers."""
    names = getattr(package, "__all__", vars(package))
    found = {name: getattr(package, name) for name in names if not name.startswith("_")}
    return {name: one for name, one in found.items() if not inspect.ismodule(one)}


EVERY_NAME = sorted((p.__name__, name) for p in PACKAGES for name in public(p))
DESCRIPTORS = property | cached_property | classmethod | staticmethod
CLASSES = [
    (package, name)
    for package, name in EVERY_NAME
    if inspect.isclass(getattr(sys.modules[package], name))
]


class Ids(HTMLParser):
    def __init__(self, html):
        super().__init__()
        self.found = set()
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.found |= {value for name, value in attributes if name == "id"}


@pytest.fixture(scope="module")
def places(site):
    pages = [*site.glob("reference/*.html"), site / "operations.html"]
    return set().union(*[Ids(page.read_text("utf-8")).found for page in pages])


def test_the_reference_has_every_public_name(places):
    missing = [f"{package}.{name}" for package, name in EVERY_NAME]
    assert [name for name in missing if name not in places] == [], "add it to docs/reference"


def test_the_reference_has_no_name_that_is_not_public(places):
    known = {f"{package}.{name}" for package, name in EVERY_NAME}
    for package in ("autograd", "nn", "viz"):
        named = {place for place in places if place.count(".") == 1}
        strange = {place for place in named if place.startswith(f"{package}.")} - known
        assert strange - {"autograd.micrograd"} == set()


@pytest.mark.parametrize(("package", "name"), EVERY_NAME)
def test_every_public_name_says_what_it_is(package, name):
    one = getattr(sys.modules[package], name)
    if name != "TABLE":
        assert inspect.getdoc(one)


@pytest.mark.parametrize("op", [TABLE[name] for name in sorted(BUILT_IN)], ids=lambda op: op.name)
def test_every_row_has_a_docstring_of_its_own(op):
    """With what raises where it is not defined, and every slope."""
    told = inspect.getdoc(op)
    slopes = [line for line in told.splitlines() if line.startswith("∂y/∂")]
    assert len(slopes) == len(op.partials) and op.meaning[1:] in told
    assert op.domain in told and "At 0: y" in told
    if len(op.partials) == 1:
        assert inspect.getdoc(getattr(Value, op.name)).startswith(told.splitlines()[0])


def test_the_class_of_rows_and_rows_of_ones_own_keep_the_docstring_of_the_class():
    own = Op("test_docs_own", lambda a: a, (lambda y, a: 1.0,))
    try:
        assert own.__doc__ == Op.__doc__ and Op.__doc__.startswith("One elementary function")
    finally:
        del TABLE[own.name]


@pytest.mark.parametrize(("package", "name"), CLASSES)
def test_every_public_method_says_what_it_does(package, name):
    kind = getattr(sys.modules[package], name)
    silent = [
        method
        for method, one in vars(kind).items()
        if not method.startswith("_")
        and (callable(one) or isinstance(one, DESCRIPTORS))
        and not inspect.getdoc(getattr(kind, method))
    ]
    assert silent == []


def test_the_table_of_operations_has_every_row(site):
    text = (site / "operations.html").read_text("utf-8")
    assert [name for name in BUILT_IN if f'id="autograd.{name}"' not in text] == []
    assert text.count("<tr") == len(BUILT_IN) + 1
    assert "$" not in text and text.count("<math") > 2 * len(BUILT_IN)


GROWN = [name for name in ("jax", "onnxruntime", "torch") if find_spec(name) is None]


@pytest.mark.parametrize("page", sorted(ROOT.glob("docs/*.md")), ids=lambda page: page.stem)
def test_examples_in_pages_say_what_happens(page):
    """But for sections about a package that is not installed."""
    sections = re.split("^(?=## )", page.read_text("utf-8"), flags=re.M)
    there = [one for one in sections if not any(f"import {name}" in one for name in GROWN)]
    test = doctest.DocTestParser().get_doctest("".join(there), {}, page.stem, str(page), 0)
    assert doctest.DocTestRunner().run(test).failed == 0


def test_lessons_are_there_in_their_order(site):
    text = (site / "lessons.html").read_text("utf-8")
    places = [text.find(f'href="lessons/{name}.html"') for name in LESSONS]
    assert -1 not in places and places == sorted(places)


def test_formulas_of_lessons_are_typeset(site):
    told = [page.read_text("utf-8") for page in site.glob("lessons/*.html")]
    assert [text for text in told if ">$" in text] == []


@pytest.fixture
def extensions(monkeypatch):
    pytest.importorskip("sphinx", reason="there is no Sphinx: pip install -e '.[docs]'")
    monkeypatch.syspath_prepend(str(ROOT / "docs/_ext"))


# What is checked when the site is built


@pytest.fixture
def check(tmp_path, extensions):
    from checked import complaints

    def check(html, css=""):
        (tmp_path / "a.html").write_text(f'<p id="here">{html}</p>', "utf-8")
        (tmp_path / "a.css").write_text(css, "utf-8")
        return list(complaints(tmp_path))

    return check


@pytest.mark.parametrize(
    "html",
    [
        '<a href="b.html">',
        '<a href="#there">',
        '<a href="a.html#there">',
        '<script src="https://example.org/a.js"></script>',
        '<script src="missing.js"></script>',
        '<link rel="stylesheet" href="//example.org/a.css">',
        '<link rel="preconnect" href="https://example.org">',
        '<img src="https://example.org/a.png">',
        '<img srcset="a.html 1x, https://example.org/a.png 2x">',
        '<iframe src="https://example.org"></iframe>',
        '<iframe srcdoc="&lt;img src=&quot;https://example.org/a.png&quot;&gt;"></iframe>',
        '<style>@import "https://example.org/a.css";</style>',
        '<p style="background: url(https://example.org/a.png)">',
    ],
)
def test_a_page_that_lacks_or_fetches_something_is_complained_about(check, html):
    assert len(check(html)) == 1


@pytest.mark.parametrize(
    "html",
    [
        '<a href="https://example.org">a citation</a>',
        '<a href="a.html#here">',
        '<a href="#">',
        '<img src="data:image/png;base64,AA==">',
        '<link rel="next" href="a.html">',
        '<iframe srcdoc="&lt;p&gt;https://example.org&lt;/p&gt;"></iframe>',
        '<p style="fill: url(#gradient)">',
    ],
)
def test_a_page_that_stands_alone_is_not_complained_about(check, html):
    assert check(html) == []


def test_a_style_sheet_that_fetches_something_is_complained_about(check):
    assert check("", "@font-face { src: url(https://example.org/a.woff2) }") != []
    assert check("", "p { background: url('a.png') }") == []


# In a browser


@pytest.fixture
def opened(browser, site):
    """Opens a page from disk; it may complain of nothing, and ask nobody for anything."""
    tab = browser.new_page(viewport={"width": 420, "height": 900})
    complaints, requests = [], []
    tab.on("console", lambda message: complaints.append(message.text))
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    tab.on("request", lambda request: requests.append(request.url))

    def open(name):
        tab.goto((site / name).as_uri())
        return tab

    yield open
    assert complaints == []
    here = (site.as_uri(), "data:", "about:", "blob:")  # of text that the page has
    assert [url for url in requests if not url.startswith(here)] == []
    tab.close()


def steps(tab, selector):
    """Whether the stepper in a frame obeys the arrow keys."""
    frame = tab.frame_locator(selector).first
    head = frame.locator(".panel h3").first
    before = head.inner_text()
    head.click()
    tab.keyboard.press("ArrowRight")
    return before == "Before the first step" != head.inner_text()


def test_the_front_page_has_a_live_stepper(opened):
    assert steps(opened("index.html"), "iframe.stepper")


def test_the_playground_of_a_page_trains(opened):
    frame = opened("playground.html").frame_locator("iframe.stepper").first
    frame.locator("[data-action=next]").click()
    frame.locator(".losses-said b", has_text="step 1").wait_for()


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_lesson_fits_a_phone_and_its_steppers_are_alive(opened, lesson):
    tab = opened(f"lessons/{lesson}.html")
    assert tab.evaluate("document.documentElement.scrollWidth") <= 420
    if tab.locator("iframe[srcdoc]").count():
        assert steps(tab, "iframe[srcdoc]"), "saved long ago? make outputs"


@pytest.mark.parametrize("page", ["index.html", "operations.html", "reference/nn.html"])
def test_a_narrow_page_does_not_scroll_sideways(opened, page):
    tab = opened(page)
    assert tab.evaluate("document.documentElement.scrollWidth") <= 420


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_stepper_is_as_light_or_dark_as_its_page(opened, theme):
    tab = opened("index.html")
    tab.emulate_media(color_scheme="null")  # which would be the wish of frames, too
    tab.evaluate(f"document.body.dataset.theme = '{theme}'")
    shade = "getComputedStyle(document.querySelector('.sg-stepper')).backgroundColor"
    expected = {"light": "rgb(255, 255, 255)", "dark": "rgb(21, 24, 28)"}[theme]
    until(tab.frames[1], f"{shade} === {expected!r}")  # it hears of it a moment later


def test_the_search_finds_something_offline(opened):
    tab = opened("search.html")
    tab.goto(tab.url + "?q=hessian")
    tab.wait_for_selector("#search-results li a")
