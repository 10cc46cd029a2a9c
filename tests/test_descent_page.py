"""The page of a descent: every dot has its numbers, and opens the graph of its step."""

import pytest

from autograd import Value
from autograd.expression import evaluate
from tests.tabs import address_of
from viz import descent, save
from viz.cli.main import main
from viz.descent_page import Map, descent_page

ROSENBROCK = "L = (1-x)**2 + 10*(y-x**2)**2", {"x": -1.2, "y": 1}
WORDS = ["descent", ROSENBROCK[0], "x=-1.2", "y=1", "--over", "x,y", "--rate", "0.02"]


def rosenbrock(**options):
    L, known = evaluate(*ROSENBROCK)
    return descent(L, known["x"], known["y"], rate=0.02, **options)


@pytest.fixture(scope="module")
def found():
    return rosenbrock(steps=20)


@pytest.fixture
def opened(browser, tmp_path, found):
    """The page in a tab; nothing may be complained about."""
    made = []

    def open(hash="", width=1920):
        tab = browser.new_page(viewport={"width": width, "height": 1000})
        complaints = []
        tab.on("console", lambda message: complaints.append(message.text))
        tab.on("pageerror", lambda error: complaints.append(str(error)))
        save(found, tmp_path / "descent.html")
        tab.goto((tmp_path / "descent.html").as_uri() + hash)
        tab.locator(".step").first.wait_for(state="attached")
        made.append((tab, complaints))
        return tab

    yield open
    for tab, complaints in made:
        assert complaints == []
        tab.close()


def dot(tab, optimizer, step):
    return tab.locator(f".step[data-at='{optimizer} {step}']")


def shown(tab, name):
    card = tab.locator(f"g.card[aria-label^='{name}, value']").first
    return card.get_attribute("aria-label").split(" value ")[1].split(",")[0].replace("−", "-")


def test_every_step_has_a_dot_with_its_numbers(opened, found):
    tab = opened()
    assert tab.locator(".step").count() == sum(len(path.points) for path in found.paths)
    label = dot(tab, 1, 7).get_attribute("aria-label")
    (x, y), loss = found.paths[1].points[7], found.paths[1].losses[7]
    assert label == f"momentum, step 7: x = {x:.4g}, y = {y:.4g}, L = {loss:.4g}"
    box = dot(tab, 1, 7).bounding_box()
    tab.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] + 3)  # near is enough
    assert tab.locator(".readout").inner_text() == label
    tab.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] + 3)
    assert tab.locator(".step.open").get_attribute("data-at") == "1 7"


@pytest.mark.parametrize("width", [1920, 1300, 420])
def test_a_click_opens_the_graph_of_the_step(opened, found, width):
    tab = opened(width=width)
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    for optimizer, step in ((0, 3), (1, 7), (2, 20)):
        dot(tab, optimizer, step).dispatch_event("click")
        path = found.paths[optimizer]
        graph = found.graph(path.optimizer, step)
        assert graph.data == path.losses[step]
        assert float(shown(tab, "L")) == pytest.approx(graph.data, rel=2e-3, abs=1e-3)
        assert float(shown(tab, "x")) == pytest.approx(path.points[step][0], abs=1e-3)
        edits = tab.evaluate("location.hash")
        assert repr(path.points[step][0]) in edits  # to the last digit
        assert tab.locator(".step.open").get_attribute("data-at") == f"{optimizer} {step}"
        stepper = tab.locator("#stepper").bounding_box()
        assert stepper["y"] < 600  # in sight


def test_keys_move_along_and_open(opened, found):
    tab = opened()
    dot(tab, 0, 0).focus()
    for key in ("ArrowRight", "ArrowRight", "ArrowDown"):
        tab.keyboard.press(key)
    assert tab.evaluate("document.activeElement.dataset.at") == "1 2"
    assert tab.locator(".step[tabindex='0']").count() == 1
    assert tab.locator(".readout").inner_text().startswith("momentum, step 2:")
    tab.keyboard.press("Enter")
    assert float(shown(tab, "L")) == pytest.approx(found.paths[1].losses[2], rel=2e-3)


def test_the_address_keeps_the_step_that_is_open(opened, found):
    tab = opened()
    dot(tab, 2, 5).dispatch_event("click")
    hash = address_of(tab).partition("#")[2]
    again = opened(f"#{hash}")
    assert again.locator(".step.open").get_attribute("data-at") == "2 5"
    again.locator("g.card[aria-label^='x, value']").first.dispatch_event("click")
    again.locator("[data-action=reset]").click()
    assert again.locator(".step.open").get_attribute("data-at") == "0 0"  # the start


def test_a_path_that_diverges_leaves_the_map():
    p, q = Value(2.0, "p"), Value(1.0, "q")
    found = descent(p * p + 4.0 * q * q, p, q, optimizers=["sgd", "adam"], rate=0.3)
    drawn = Map(found)
    assert len(drawn.places[0]) < len(found.paths[0].points)
    assert len(drawn.places[1]) == len(found.paths[1].points)
    assert "given up at step" in descent_page(found)


def test_a_loss_that_has_no_number_everywhere_has_a_page():
    p, q = Value(2.0, "p"), Value(1.0, "q")
    found = descent(p.log() ** 2 + q * q, p, q, optimizers=["sgd"], rate=0.9, steps=5)
    assert '<path class="ring"' in descent_page(found)


def test_a_label_does_nothing_on_the_page(label):
    p, q = Value(2.0, label), Value(1.0, "q")
    html = descent_page(descent(p * p + q * q, p, q, optimizers=["sgd"], steps=2))
    assert "<script>alert" not in html and "<img" not in html


def test_the_command_writes_the_page(tmp_path, capsys):
    path = tmp_path / "descent.html"
    assert main([*WORDS, "-o", str(path)]) == 0
    assert "Descent from a loss of 6.776" in capsys.readouterr().out
    assert 'class="map"' in path.read_text("utf-8") and path.stat().st_size < 300_000
    assert main([*WORDS, "-o", str(tmp_path / "descent.gif")]) == 2
    assert ".html" in capsys.readouterr().err
