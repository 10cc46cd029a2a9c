"""The blackboard as a page: its numbers, its marks, and that it needs no script."""

import re

import pytest

from autograd import Value, explain, tanh
from tests.test_stepper import Page
from viz import save
from viz.cli.main import main
from viz.hosts.board_page import board_page, common_end

EXPRESSION = "h = tanh(w*x); L = (u1*h - t1)**2 + (u2*h - t2)**2"
NUMBERS = {"w": 0.5, "x": 2.0, "u1": 1.5, "u2": -0.8, "t1": 1.0, "t2": -1.0}


def board(digits=4):
    w, x, u1, u2, t1, t2 = (Value(number, name) for name, number in NUMBERS.items())
    h = tanh(w * x)
    L = (u1 * h - t1) ** 2 + (u2 * h - t2) ** 2
    h.label, L.label = "h", "L"
    return explain(L, to=w, form="blackboard", digits=digits, names=False)


def test_every_number_of_the_board_is_on_the_page():
    made, html = board(), board_page(board())
    for number in (made.gradient, *(product for _, product in made.products)):
        assert f"{number:+.4g}".replace("-", "−") in html
    for one in made.stations:
        assert f"{one.gradient:+.4g}".replace("-", "−") in html
    assert "the same in both" in html and made.costs() in html


def test_every_edge_of_the_closed_formula_can_be_pointed_at_and_only_there():
    made, html = board(), board_page(board())
    formula = re.search(r'<div class="closed.*?</div>', html)[0]
    marked = re.findall(r'<mrow class="(e[0-9]+)">', formula)
    assert set(marked) == {f"e{i}" for i, one in enumerate(made.routes.links) if not one.is_one}
    assert html.count('<mrow class="e') == len(marked) and r"\class" not in made.latex


def test_it_has_no_script_and_asks_nobody_for_anything():
    html = board_page(board())
    found = Page(html)
    assert not found.scripts and "<script" not in html and "style=" not in html
    assert "default-src 'none'; style-src 'sha256-" in html
    addresses = set(re.findall(r"https?://[^\"' <]*", html))
    assert addresses <= {"http://www.w3.org/1998/Math/MathML"}


def test_a_label_does_nothing_on_the_page(label):
    x = Value(2.0, label)
    y = x * x * Value(3.0, "w")
    y.label = "y"
    html = board_page(explain(y, to=x, form="blackboard", names=False))
    harmless = board_page(
        explain((a := Value(2.0, "a")) * a * Value(3.0, "w"), to=a, form="blackboard", names=False)
    )
    kinds = {tag for tag, *_ in Page(html).tags}
    assert kinds - {tag for tag, *_ in Page(harmless).tags} <= {
        "mtext", "msup", "msub", "code", "mn", "mo", "mi", "mspace"
    }  # fmt: skip


def test_graphs_of_one_path_of_double_edges_and_of_too_many_paths_have_a_page():
    a = Value(3.0, "a")
    assert "along the only path" in board_page(explain(a * 2.0, to=a, form="blackboard"))
    assert board_page(explain(a * a, to=a, form="blackboard")).count("<svg") == 2
    y = a
    for _ in range(5):
        y = y + y
    assert "32 paths: too many for a board" in board_page(explain(y, to=a, form="blackboard"))


def test_the_end_that_all_paths_share():
    assert common_end([["a", "c"], ["b", "c"]]) == ["c"]
    assert common_end([["a"], ["b"]]) == [] == common_end([[], ["b"]])


@pytest.mark.parametrize("width", [1920, 1300, 420])
def test_what_speaks_of_one_edge_is_lit_together(browser, tmp_path, width):
    save(board(), tmp_path / "board.html")
    tab = browser.new_page(viewport={"width": width, "height": 900})
    complaints = []
    tab.on("console", lambda message: complaints.append(message.text))
    tab.goto((tmp_path / "board.html").as_uri())
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    ids = tab.evaluate("[...document.querySelectorAll('.cell')].map((one) => one.classList[1])")
    id = max((one for one in ids if one), key=ids.count)
    lit = f"""() => [...document.querySelectorAll('.cell')]
      .filter((one) => getComputedStyle(one).boxShadow !== 'none')
      .map((one) => one.classList.contains('{id}'))"""
    assert tab.evaluate(lit) == []
    tab.locator(f".cell.{id}").first.hover()
    assert tab.evaluate(lit) == [True] * ids.count(id) and ids.count(id) == 3
    line = f"getComputedStyle(document.querySelector('.closed mrow.{id}')).outlineStyle"
    assert tab.evaluate(line) != "none"
    tab.locator("h1").hover()
    assert tab.evaluate(lit) == [] and tab.evaluate(line) == "none"
    tab.locator(f".closed mrow.{id} > :first-child").first.hover()  # the formula links, too
    assert tab.evaluate(lit) == [True] * ids.count(id) and tab.evaluate(line) != "none"
    assert complaints == []
    tab.close()


def test_the_command_writes_the_page(tmp_path, capsys):
    path = tmp_path / "board.html"
    words = [f"{name}={number}" for name, number in NUMBERS.items()]
    command = ["explain", EXPRESSION, *words, "--to", "w", "-o", str(path)]
    assert main([*command, "--blackboard", "--digits", "4"]) == 0
    assert capsys.readouterr().out == f"wrote {path}\n"
    assert path.read_text("utf-8") == board_page(board())
    assert main(command) == 2
    assert "add --blackboard" in capsys.readouterr().err
    assert main([*command, "--blackboard", "-o", str(tmp_path / "board.png")]) == 2
    assert ".html" in capsys.readouterr().err
