"""The stepper in notebooks: tied to the values in JupyterLab, and kept as a page by nbconvert."""

import json
import os
import subprocess
import sys
import time
from html.parser import HTMLParser
from urllib.parse import urlsplit

import nbformat
import pytest
from nbclient import NotebookClient
from nbconvert import HTMLExporter
from traitlets import TraitError

import viz
from autograd import Value, log
from autograd.teaching.names import names_of
from tests.conftest import HOSTILE
from tests.graphs import lecture
from tests.tabs import field
from viz.apps.stepper.core import Stepper
from viz.escape import printable
from viz.hosts.page import page
from viz.hosts.widget import VIEW, framed


@pytest.fixture
def widget():
    a, b = Value(2.0, "a"), Value(-3.0, "b")
    return viz.stepper(log(a) * b, names=False)


def leaf(widget, id):
    """The Value behind a card."""
    return widget._stepper._graph.leaves[id]


# The widget


def test_the_traits_are_the_state_of_the_stepper_and_all_are_synced():
    y = lecture()
    state = Stepper(y).state
    widget = viz.stepper(y, names=False)
    assert {name: getattr(widget, name) for name in state} == state
    assert set(state) <= set(widget.keys)
    assert not set(state) & {"layout", "tooltip", "tabbable", "keys", "comm"}


def test_an_edit_reaches_the_leaf_and_the_result(widget):
    widget.edits = {"n0": 1}
    assert leaf(widget, "n0").data == 1.0 and widget.y.data == 0.0
    assert widget.numbers["v0"] == 1.0 and widget.base["v0"] == 2.0
    widget.edits = {}
    assert leaf(widget, "n0").data == 2.0 and widget.numbers == widget.base


def test_an_edit_that_cannot_be_followed_is_told_and_taken_back(widget):
    widget.edits = {"n0": 5.0}
    widget.edits = {"n0": -1.0}
    assert widget.trouble == "log(a = -1): log(a) is defined only for a > 0"
    assert widget.edits == {"n0": 5.0} and leaf(widget, "n0").data == 5.0
    widget.edits = {"n0": 1.0}
    assert widget.trouble == ""


def test_what_follows_from_an_edit_is_sent_at_once(widget):
    sent = []
    widget.send_state = lambda key: sent.append(set(key))  # it is emptied afterwards
    widget.set_state({"edits": {"n0": 1.0}})  # as if it came from the browser
    assert sent == [{"numbers"}]


@pytest.mark.parametrize("edits", [{"n9": 1.0}, {"n0": "1"}, {"n0": None}])
def test_edits_that_make_no_sense_change_nothing(widget, edits):
    with pytest.raises((TypeError, ValueError)):
        widget.edits = edits
    assert widget.edits == {} and leaf(widget, "n0").data == 2.0


@pytest.mark.parametrize(
    ("name", "wrong", "sentence"),
    [
        ("step", 99, "there is no step 99: they go from 0 to 7"),
        ("step", -1, "there is no step -1: they go from 0 to 7"),
        ("level", "leap", "there is no level 'leap': there are edge, node, pass"),
        ("node", "n9", "there is no node 'n9': there are n0 to n3, and '' for none"),
    ],
)
def test_a_place_that_does_not_exist_is_refused(widget, name, wrong, sentence):
    before = getattr(widget, name)
    with pytest.raises(TraitError, match=sentence):
        setattr(widget, name, wrong)
    assert getattr(widget, name) == before


def test_unlabelled_values_bear_the_names_of_the_callers_variables():
    weight = Value(2.0)
    assert viz.stepper(weight * 3.0).plan["cards"]["n0"]["name"] == "weight"


def test_a_widget_says_what_it_shows(widget):
    widget.step = 3
    assert repr(widget) == "<stepper of v2: step 3 of 7>"


def test_importing_viz_does_not_import_widgets():
    code = """
import sys, viz
assert not {"anywidget", "ipywidgets", "IPython"} & set(sys.modules)
from autograd import Value
print(viz.stepper(Value(2.0, "a") * 3.0), callable(viz.stepper))
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "<stepper of v1: step 0 of 4> True\n"


# What a notebook keeps


class Frame(HTMLParser):
    """The attributes of the frame in what is displayed."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.attributes = [], {}
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes |= dict(attributes)


def test_the_page_stands_beside_the_view(widget):
    data, _ = widget._repr_mimebundle_()
    assert set(data) == {"text/plain", "text/html", VIEW}
    assert data[VIEW]["model_id"] == widget.model_id
    found = Frame(data["text/html"])
    assert found.tags == ["style", "iframe"]
    assert found.attributes["srcdoc"] == page(widget._stepper)
    assert found.attributes["sandbox"] == "allow-scripts"


def test_a_label_cannot_leave_the_frame(label):
    y = Value(2.0, label) * 3.0
    html = framed(page(Stepper(y)), title=label)
    found = Frame(html)
    assert found.tags == ["style", "iframe"]
    assert found.attributes["srcdoc"] == page(Stepper(y))
    assert found.attributes["title"] == label
    assert set(found.attributes) == {"class", "title", "sandbox", "style", "srcdoc"}


CELLS = [
    "from autograd import Value, log\nimport viz\na, b = Value(2.0), Value(-3.0)",
    "widget = viz.stepper(log(a) * b)\nwidget",
    "print(a.data, widget.step, widget.y.data)",
    f"labels = {list(HOSTILE.values())!a}\n"
    "viz.stepper(sum([Value(1.0, label) for label in labels], Value(0.0)), names=False)",
]


def notebook():
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in CELLS])
    made.metadata.kernelspec = {"name": "python3", "display_name": "Python", "language": "python"}
    return made


@pytest.fixture
def offline(browser, tmp_path):
    """Opens what nbconvert makes of a notebook, from disk, without a network."""

    def open(notebook):
        html, _ = HTMLExporter().from_notebook_node(notebook)
        path = tmp_path / "notebook.html"
        path.write_text(html, "utf-8")
        tab = context.new_page()
        tab.on("pageerror", lambda error: complaints.append(str(error)))
        tab.on("console", lambda message: complaints.append(message.text))
        tab.goto(path.as_uri())
        return tab

    complaints = []
    context = browser.new_context(offline=True)
    yield open
    context.close()
    # nbconvert's own scripts lie on other hosts
    assert [one for one in complaints if "net::ERR_INTERNET_DISCONNECTED" not in one] == []


def walks(frame):
    """Whether the page in a frame answers keys and edits."""
    panel, slider = frame.locator(".panel h3"), frame.locator(".controls input")
    slider.press("ArrowRight")
    assert panel.inner_text() == "Forward, 1 of 2: v1"
    slider.press("End")
    assert panel.inner_text() == "The gradients"
    box = field(frame, "a")
    box.fill("1")
    box.press("Enter")
    assert frame.locator("tbody tr").first.locator("td").nth(1).text_content() == "1"
    return True


def test_a_notebook_that_a_program_ran_keeps_a_page_that_works_offline(offline):
    ran = notebook()
    NotebookClient(ran, timeout=120, kernel_name="python3").execute()
    (shown,) = ran.cells[1].outputs
    assert set(shown.data) == {"text/plain", "text/html"}
    assert walks(offline(ran).frame_locator("iframe").first)


# In JupyterLab


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("lab")


@pytest.fixture(scope="module")
def lab(folder):
    """The address of a JupyterLab that reads and writes no settings of this machine."""
    pytest.importorskip("jupyterlab", reason="there is no JupyterLab: pip install jupyterlab")
    token = "of-no-use-elsewhere"
    home = folder / "home"
    settings = home / "config" / "labconfig" / "default_setting_overrides.json"
    settings.parent.mkdir(parents=True)
    silence = {"fetchNews": "false", "checkForUpdates": False}
    settings.write_text(json.dumps({"@jupyterlab/apputils-extension:notification": silence}))
    folders = {
        f"JUPYTER_{kind.upper()}_DIR": str(home / kind) for kind in ("config", "data", "runtime")
    }
    options = {
        "ServerApp.ip": "127.0.0.1",
        "ServerApp.port": 0,
        "ServerApp.root_dir": folder,
        "ServerApp.allow_root": True,
        "IdentityProvider.token": token,
        "LabApp.check_for_updates_class": "jupyterlab.NeverCheckForUpdate",
        "LabApp.expose_app_in_browser": True,
    }
    with open(home / "log", "w") as log_file:
        server = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", "--no-browser"]
            + [f"--{option}={value}" for option, value in options.items()],
            env=os.environ | folders | {"HOME": str(home), "IPYTHONDIR": str(home / "ipython")},
            stdout=log_file,
            stderr=subprocess.STDOUT,
        )
    try:
        yield f"{address_of(server, home)}lab/tree/notebook.ipynb?token={token}"
    finally:
        server.terminate()
        server.wait(30)


def address_of(server, home):
    """Where a server listens, once it does."""
    for _ in range(1200):
        assert server.poll() is None, (home / "log").read_text()
        for file in (home / "runtime").glob("jpserver-*.json"):
            if text := file.read_text():
                return json.loads(text)["url"]
        time.sleep(0.05)
    raise AssertionError((home / "log").read_text())


@pytest.fixture(scope="module")
def tab(browser, lab, folder):
    """The notebook in JupyterLab, after all its cells were run; nothing may be complained about,
    and nobody else be asked."""
    nbformat.write(notebook(), folder / "notebook.ipynb")
    tab = browser.new_page()
    tab.set_default_timeout(60_000)
    complaints, hosts = [], set()
    tab.on("console", lambda one: complaints.append(one.text) if one.type == "error" else None)
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    tab.on("request", lambda request: hosts.add(urlsplit(request.url).netloc))
    tab.goto(lab)
    tab.wait_for_selector(".jp-Notebook .jp-Cell")
    done = ".then(() => true)"  # what they resolve to cannot leave the browser
    tab.evaluate(f"jupyterapp.shell.currentWidget.sessionContext.ready{done}")
    tab.evaluate(f"jupyterapp.commands.execute('notebook:run-all-cells'){done}")
    tab.locator(".sg-stepper").nth(1).wait_for()
    yield tab
    assert complaints == []
    assert hosts == {urlsplit(lab).netloc, ""}  # blobs have no host
    tab.close()


def cell(tab, i):
    return tab.locator(".jp-Notebook .jp-Cell").nth(i)


def printed(tab):
    """What the third cell says when it is run again."""
    tab.evaluate("void (jupyterapp.shell.currentWidget.content.activeCellIndex = 2)")
    tab.evaluate("jupyterapp.commands.execute('notebook:run-cell').then(() => true)")
    return cell(tab, 2).locator(".jp-OutputArea").inner_text().split()


def test_keys_move_the_step_and_do_nothing_to_the_notebook(tab):
    assert cell(tab, 1).locator("iframe").count() == 0  # the widget, and not the page
    tab.evaluate("void (jupyterapp.shell.currentWidget.content.activeCellIndex = 2)")
    stepper = cell(tab, 1).locator(".sg-stepper")
    title = stepper.locator(".panel h3")
    stepper.locator(".controls input").focus()  # not by a click, which would select the cell
    for key in ["Home", "ArrowRight", "b", "a", "d", "d", "x", "m", "m", "ArrowRight"]:
        tab.keyboard.press(key)
    assert title.inner_text() == "Forward, 2 of 2: v2"
    for key in ["Tab", "Tab", "ArrowDown", "ArrowUp", "j", "k", "Delete"]:
        tab.keyboard.press(key)
    assert tab.locator(".jp-Notebook .jp-Cell").count() == len(CELLS)
    source = "jupyterapp.shell.currentWidget.content.widgets[2].model.sharedModel.getSource()"
    assert tab.evaluate(source) == CELLS[2]  # what is out of view has no text on the page
    assert tab.evaluate("jupyterapp.shell.currentWidget.content.mode") == "command"
    stepper.locator(".controls input").press("End")
    for _ in range(60):  # a busy kernel may hear of the key after it was asked to run the cell
        if (step := printed(tab)[1]) == "7":
            break
        time.sleep(0.5)
    assert step == "7"


def test_an_edited_leaf_has_its_new_number_in_the_next_cell(tab):
    stepper = cell(tab, 1).locator(".sg-stepper")
    box = field(stepper, "a")
    stepper.locator(".controls input").press("End")
    box.fill("1")
    box.press("Enter")
    stepper.locator("tbody tr", has_text="ln(a)").get_by_text("0", exact=True).wait_for(
        state="attached"
    )
    said = printed(tab)
    assert said[0] == "1.0" and float(said[2]) == 0.0
    box.fill("-1")
    box.press("Enter")
    stepper.get_by_text("log(a = -1): log(a) is defined only for a > 0").wait_for()
    assert printed(tab)[0] == "1.0"
    stepper.locator("[data-action=reset]").click()
    stepper.locator(".trouble", has_not_text="log").wait_for(state="attached")
    assert printed(tab)[0] == "2.0"


def test_labels_are_only_text_in_jupyterlab(tab):
    leaves = [Value(1.0, label) for label in HOSTILE.values()]
    y = sum(leaves, Value(0.0))
    names = [card["name"] for card in Stepper(y, {}).state["plan"]["cards"].values()]
    shown = cell(tab, 3).locator("tbody th").evaluate_all("all => all.map((x) => x.textContent)")
    assert [name.encode("utf-16", "surrogatepass") for name in names] == [
        name.encode("utf-16", "surrogatepass") for name in shown
    ]
    assert printable(names_of(leaves)[leaves[0]]) in names
    assert cell(tab, 3).locator(".sg-stepper img, .sg-stepper script").count() == 0


def test_a_notebook_saved_by_jupyterlab_keeps_a_page_that_works_offline(tab, folder, offline):
    tab.evaluate("jupyterapp.commands.execute('docmanager:save').then(() => true)")
    saved = nbformat.read(folder / "notebook.ipynb", 4)
    assert VIEW in saved.cells[1].outputs[0].data
    assert walks(offline(saved).frame_locator("iframe").first)
