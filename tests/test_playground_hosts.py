"""The playground's hosts: the gate of the local page, the messages of the widget, and the page that
stands alone, offline and under its own policy."""

import json
import re
from contextlib import contextmanager

import pytest

import nn
import viz
from tests.local_pages import (
    JSON,
    METHODS,
    asked,
    found_from,
    routes_of,
    running,
    strangers_are_refused,
)
from viz.apps.playground.core import Playground
from viz.apps.playground.generated import GENERATORS
from viz.cli.main import main
from viz.hosts import playground_page as page
from viz.hosts.page import fingerprint
from viz.hosts.playground_server import PlaygroundSite
from viz.hosts.server import LARGEST_BODY, LocalPage
from viz.hosts.widget import VIEW


def served(playground):
    return running(PlaygroundSite(playground))


@pytest.fixture(scope="module")
def local():
    with served(Playground(points=24)) as local:
        yield local


def answered(local, message, view="a"):
    sent = {"view": view, "message": message}
    status, headers, text = asked(local, "POST", "/message", sent)
    assert (status, headers["Content-Type"]) == (200, JSON)
    return json.loads(text)


# The modules


@pytest.mark.parametrize("entry", ["in_page", "in_file", "in_notebook"])
def test_all_names_of_inlined_modules_differ(entry):
    """One text has one scope."""
    names = []
    for module in page.modules_for(entry):
        text = re.sub("^export ", "", page.source_of(module), flags=re.MULTILINE)
        if module == "primitives":  # whose names but for one are inside a function
            text = text.partition("\n")[0]
        names += re.findall(
            r"^(?:async )?(?:const|let|function\*?|class) (\w+)", text, re.MULTILINE
        )
        names += [module] if "export default" in text else []
    assert sorted(names) == sorted({*names})


def test_a_module_stands_behind_those_that_it_imports():
    order = page.modules_for("in_file")
    assert order[-2:] == ["playground", "in_file"]
    for i, name in enumerate(order):
        assert set(page.IMPORTED.findall(page.source_of(name))) <= set(order[:i])
    assert "import " not in re.sub(r'"[^"\n]*"|`[^`]*`', "", page.script("in_file"))


# The local page


@pytest.mark.parametrize("method", METHODS)
def test_no_route_is_open_by_any_method(local, method):
    known = {"/", "/message", "/stepper", "/style.css", "/in_page.js", "/playground.js"}
    strangers_are_refused(local, method, known)


def test_routes_answer_only_their_own_methods(local):
    for path in routes_of(local):
        posts = path in ("/message", "/expression", "/edit")
        for method in METHODS:
            status = asked(local, method, path, b"{}")[0]
            if posts:
                assert status in ((200, 400, 409) if method == "POST" else (405,))
            elif path == "/state":  # nothing is opened yet
                assert status == (409 if method in ("GET", "HEAD") else 405)
            else:
                assert status == (200 if method in ("GET", "HEAD") else 405)
    for path in ("/nowhere", "/core.py", "/in_page.js/../core.py", "/message/"):
        assert asked(local, path=path)[0] == 404


def test_what_the_page_needs_is_there(local):
    seen = found_from(local, "/", "/stepper")
    assert {"/style.css", "/stepper.css", "/in_page.js", "/playground.js", "/served.js"} <= seen


def test_messages_are_answered_and_what_makes_no_sense_is_told(local):
    frame = answered(local, {"do": "train", "updates": 3, "budget": None})
    assert frame["state"]["step"] >= 3 and len(frame["losses"]) == 3
    assert "trouble" in answered(local, {"do": "nothing"})
    for body in (
        b"[]",
        b"{",
        b"{}",
        b'{"view": 1, "message": {}}',
        b'{"view": "a", "message": []}',
        b"nonsense",
        b"[" * 10_000,
    ):
        assert asked(local, "POST", "/message", body)[0] == 400
    assert asked(local, "POST", "/message", b"{}", Content_Type="text/plain")[0] == 415
    assert asked(local, "POST", "/message", b"{}", leave_out=["Content-Length"])[0] == 411


def test_a_message_may_be_longer_than_one_to_the_stepper(local):
    most = PlaygroundSite.largest_body
    table = "a,b\n" + "1,2\n" * (LARGEST_BODY // 4)
    message = {"do": "data", "data": {"name": "table", "text": table}}
    assert "are too many" in answered(local, message)["trouble"]
    status, _, text = asked(local, "POST", "/message", b" " * (most + 1))
    assert (status, text) == (
        413,
        json.dumps({"error": f"that is too much: {most} bytes is the limit"}),
    )


def test_every_tab_finds_the_playground_as_it_left_it():
    with served(Playground(points=24, batch=5)) as local:
        alone = Playground(points=24, batch=5)
        train = {"do": "train", "updates": 3, "budget": None}
        settings = answered(local, {"do": "settings"}, "b")
        other = {"name": "xor", "points": 30}
        for _ in range(3):
            assert answered(local, train, "a") == json.loads(json.dumps(alone.handle(train)))
            answered(local, {"do": "data", "data": other}, "b")
            config = settings["config"] | {"layers": [], "rate": 0.01}
            drawn = answered(local, {"do": "drawn", "config": config}, "b")
            state = {"parameters": drawn["parameters"]}
            answered(local, {"do": "set", "config": config, "state": state}, "b")
            assert answered(local, train, "b")["state"]["step"] == 3
        answered(local, {"do": "data", "data": other}, "a")
        assert answered(local, train, "b")["state"]["step"] == 6
        assert answered(local, train, "a")["trouble"].startswith("the data have changed")


def test_the_refusal_names_the_command(local):
    assert "start stepgrad play again" in asked(local, leave_out=["Cookie"])[2]


def test_an_example_opens_in_the_stepper():
    playground = Playground(points=24)
    with served(playground) as local:
        assert asked(local, path="/state")[0] == 409
        edit = {"edits": {}, "graph": 0}
        assert asked(local, "POST", "/edit", edit)[0] == 409
        x, target = playground.examples.training[0]
        message = {"do": "stepper", "inputs": list(x), "target": target}
        assert answered(local, message) == {"address": "/stepper"}
        shown = json.loads(asked(local, path="/state")[2])
        assert shown["graph"] == 1 and shown["state"]["plan"]["title"]
        before = playground.model.state_dict()
        leaf = next(id for id, card in shown["state"]["plan"]["cards"].items() if card.get("leaf"))
        edit = {"edits": {leaf: 0.5}, "graph": 1}
        assert asked(local, "POST", "/edit", edit)[0] == 200
        assert playground.model.state_dict() == before


def test_the_page_of_now_can_be_taken_along(local):
    session = {"step": 7, "changes": [{"step": 3, "config": {"rate": 0.1}}]}
    text = answered(local, {"do": "page", "session": session})["text"]
    assert text.startswith("<!doctype html>")


# The widget


def sent_by(widget):
    """What a widget sends, as messages of its own."""
    found = []
    widget.send = lambda content, buffers=None: found.append(content)
    return found


def test_a_widget_answers_its_views_by_the_names_of_their_messages():
    widget = viz.playground(data="xor", layers=[3], activation="relu", batch_size=4)
    heard = sent_by(widget)
    widget._handle_custom_msg({"id": "a 1", "message": {"do": "settings"}}, [])
    widget._handle_custom_msg({"id": "b 1", "message": {"do": "train", "updates": 5}}, [])
    widget._handle_custom_msg({"id": "b 2", "message": {"do": "nothing"}}, [])
    for nonsense in (None, {}, {"id": 3, "message": {}}, "x", []):
        widget._handle_custom_msg(nonsense, [])
    assert [one["id"] for one in heard] == ["a 1", "b 1", "b 2"]
    assert heard[0]["answer"]["config"] == widget.config and widget.config["batch"] == 4
    assert heard[1]["answer"]["losses"] == widget.history and len(widget.history) == 5
    assert set(heard[2]["answer"]) == {"trouble"}
    json.dumps(heard, allow_nan=False)
    assert isinstance(widget.model, nn.MLP)
    assert repr(widget) == "<playground: MLP(2 → 3 relu → 1) on xor, after 5 updates>"


def test_a_widget_begins_with_a_model_and_data_of_python():
    model = nn.MLP(2, [4, 1], "tanh", seed=1)
    widget = viz.playground(model, nn.circles(20), loss="hinge")
    assert widget.model.state_dict() == model.state_dict() and widget.model is not model
    with pytest.raises(ValueError, match="there is no setting named leyers: did you mean layers"):
        viz.playground(leyers=[3])


# Stands for the model of a notebook: what is sent goes to Python, and the answer is heard.
NOTEBOOK = """async (text) => {
    const address = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
    const { default: widget } = await import(address);
    const heard = [];
    const model = {
        on: (event, listener) => heard.push(listener),
        off: (event, listener) => heard.splice(heard.indexOf(listener), 1),
        send: async (sent) => {
            const answered = await pythonAnswers(sent);
            for (const listener of heard) listener(answered);
        },
    };
    for (const id of ["playground", "other"]) {
        const el = document.body.appendChild(Object.assign(document.createElement("div"), { id }));
        globalThis.remove = widget.render({ model, el });
    }
    globalThis.heard = heard;
}"""


@contextmanager
def in_a_notebook(browser, widget):
    """A tab that shows a widget twice; its messages go to Python."""
    heard = sent_by(widget)

    def answers(message):
        widget._handle_custom_msg(message, [])
        return heard[-1]

    context = browser.new_context()
    tab = context.new_page()
    complaints = []
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    tab.expose_function("pythonAnswers", answers)
    tab.add_style_tag(content=widget._css)
    tab.evaluate(NOTEBOOK, page.script("in_notebook"))
    tab.wait_for_function(REACHED, arg=0)
    yield tab
    context.close()
    assert complaints == []


def test_two_views_of_a_widget_ask_one_after_the_other_and_hear_their_answers(browser):
    widget = viz.playground(data="xor")
    with in_a_notebook(browser, widget) as tab:
        tab.locator('#playground [data-action="play"]').click()
        tab.wait_for_function(REACHED, arg=20)
        assert len(widget.history) >= 20
        tab.evaluate("remove()")
        assert tab.evaluate("heard.length") == 1


def test_an_example_opens_in_the_stepper_in_a_notebook_too(browser):
    widget = viz.playground(data="xor", layers=[3])
    with in_a_notebook(browser, widget) as tab:
        view = tab.locator("#playground")
        view.locator(".point").first.dispatch_event("pointerdown")
        view.locator("[data-action=open]").click()
        view.locator("[data-action=step]").click()
        frame = view.frame_locator(".graph iframe")
        frame.locator(".sg-stepper .controls").first.wait_for()
        assert "example 1 at step 0" in view.locator(".graph h2").inner_text().lower()
        assert "loss" in frame.locator(".sg-stepper").inner_text()
        view.locator(".graph [data-action=close]").click()
        assert view.locator(".graph").count() == 0 and view.locator(".opened").count() == 1


def test_a_notebook_takes_no_key_of_a_playground_for_a_command(browser):
    widget = viz.playground(data="xor", layers=[3])
    with in_a_notebook(browser, widget) as tab:
        tab.evaluate("""() => {
            globalThis.keys = [];
            document.addEventListener("keydown", ({ key }) => keys.push(key));
        }""")
        tab.locator("#playground [data-action=first]").focus()
        for key in ("b", "a", "d", "d", "ArrowDown", "Enter", "Tab", "Escape", "Control+b"):
            tab.keyboard.press(key)
        tab.locator("#playground [data-name=rate]").focus()
        for key in ("b", "Backspace", "Escape"):
            tab.keyboard.press(key)
        assert tab.evaluate("keys") == ["Tab", "Escape", "Control", "b", "Escape"]


def test_a_widget_keeps_a_page_for_what_knows_no_widgets():
    widget = viz.playground(data="xor")
    data, _ = widget._repr_mimebundle_()
    assert VIEW in data and "srcdoc=" in data["text/html"] and "sandbox" in data["text/html"]


# The page that stands alone


def test_the_policy_of_a_page_allows_what_is_in_it_and_nothing_else(tmp_path):
    path = viz.save(Playground(data="circles"), tmp_path / "play.html")
    text = path.read_text("utf-8")
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text)[1]
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules["default-src"] == rules["base-uri"] == rules["form-action"] == "'none'"
    assert fingerprint(page.script("in_file")) in rules["script-src"]
    assert "'unsafe" not in policy and "'wasm-unsafe-eval'" in rules["script-src"]
    assert rules["worker-src"] == "blob:" and "http" not in policy
    assert rules["style-src"] == fingerprint(re.search("<style>(.*?)</style>", text, re.S)[1])
    assert len(text) < 250_000


def test_a_playground_is_saved_as_a_page_only(tmp_path):
    widget = viz.playground(data="xor")
    assert viz.save(widget, tmp_path / "play.html").exists()
    with pytest.raises(ValueError, match="html"):
        viz.save(widget, tmp_path / "play.png")


@pytest.fixture
def offline(browser):
    """Opens a file from disk, without a network; nothing may be asked for or complained about."""

    def open(path):
        tab = context.new_page()
        tab.on("pageerror", lambda error: complaints.append(str(error)))
        tab.on("console", lambda message: complaints.append(message.text))
        tab.on("request", lambda request: requests.append(request.url))
        tab.goto(path.as_uri())
        return tab

    complaints, requests = [], []
    context = browser.new_context(offline=True, viewport={"width": 1300, "height": 800})
    yield open
    context.close()
    assert complaints == []
    assert [url for url in requests if not url.startswith(("file:", "blob:"))] == []


REACHED = """(least) => {
    const { session } = document.getElementById("playground").playground ?? {};
    return session?.frame && session.step >= least;
}"""


@pytest.mark.parametrize("data", ["circles", "line", "given"])
def test_a_page_trains_offline_under_its_policy(offline, tmp_path, data):
    rows = nn.xor(20, noise=0.3) if data == "given" else data
    tab = offline(viz.save(Playground(data=rows), tmp_path / "play.html"))
    tab.wait_for_function(REACHED, arg=0)
    tab.locator('[data-action="play"]').click()
    tab.wait_for_function(REACHED, arg=50)


CHANGED = """async (data) => {
    const { session } = document.getElementById("playground").playground;
    await session.change({ data });
    const { inputs, targets, held_out, classes, names } = session.data;
    return { inputs, targets, held_out, classes, names };
}"""


def test_a_page_has_the_rows_of_python(offline, tmp_path):
    play = Playground(data="circles", seed=3)
    tab = offline(viz.save(play, tmp_path / "play.html"))
    tab.wait_for_function(REACHED, arg=0)
    for name in (*GENERATORS, "digits"):
        data = {"name": name, "points": 50, "noise": 0.25, "share": 0.3}
        expected = play.handle({"do": "data", "data": data | {"seed": 3}})
        found = tab.evaluate(CHANGED, data)
        assert found == {part: json.loads(json.dumps(expected[part])) for part in found}, name


def test_the_local_page_trains_in_a_browser(browser):
    playground = Playground(data="spiral")
    complaints = []
    with served(playground) as local:
        context = browser.new_context(viewport={"width": 1300, "height": 800})
        tab = context.new_page()
        tab.on("pageerror", lambda error: complaints.append(str(error)))
        tab.on("console", lambda message: complaints.append(message.text))
        tab.goto(local.address)
        tab.wait_for_function(REACHED, arg=0)
        tab.locator('[data-action="play"]').click()
        tab.wait_for_function(REACHED, arg=50)
        context.close()
    assert playground.learner.step >= 50 and complaints == []


# The command


def asked_for(monkeypatch, *words):
    """The playground that the command would serve."""
    found = []
    with monkeypatch.context() as patched:
        patched.setattr(LocalPage, "run", lambda local, **_: local.socket.close())
        patched.setattr(
            PlaygroundSite, "app", lambda site: found.append(site.playground), raising=True
        )
        assert main(["play", *words, "--no-browser"]) == 0
    return found[0]


def test_the_command_serves_what_its_options_say(monkeypatch, capsys):
    words = "circles --layers 4,3 --activation relu --loss hinge --optimizer adam --rate 0.01"
    more = "--batch-size 10 --penalty 0.1 --norm l1 --noise 0.2 --points 50 --held-out 0.3 --seed 4"
    more += " --hide map,loss,map"
    play = asked_for(monkeypatch, *words.split(), *more.split())
    expected = {
        "loss": "hinge", "optimizer": "adam", "rate": 0.01, "batch": 10, "penalty": 0.1,
        "norm": "l1", "seed": 4,
    }  # fmt: skip
    assert play.config.items() >= expected.items()
    assert [layer["size"] for layer in play.config["layers"]] == [4, 3]
    assert play.settings["hide"] == ["map", "loss"]
    spec = {"name": "circles", "noise": 0.2, "points": 50, "share": 0.3, "seed": 4}
    assert play.examples.spec.items() >= spec.items()
    assert re.search(r"open http://127.0.0.1:\d+/\?key=", capsys.readouterr().out)


def test_the_command_opens_a_file_and_a_model(monkeypatch, tmp_path, capsys):
    rows = tmp_path / "pets.csv"
    rows.write_text("weight,height,pet\n4,30,cat\n31,60,dog\n3,25,cat\n28,55,dog\n")
    play = asked_for(monkeypatch, str(rows), "--held-out", "0.25")
    assert play.examples.training.class_names == ("cat", "dog")
    assert "pets.csv was read as" in capsys.readouterr().out
    model = nn.MLP(2, [5, 1], "tanh", seed=2)
    path = nn.save(model, tmp_path / "model.safetensors")
    play = asked_for(monkeypatch, "moons", "--model", str(path))
    assert play.model.state_dict() == model.state_dict()


def test_the_command_writes_a_page(tmp_path, capsys):
    path = tmp_path / "play.html"
    assert main(["play", "xor", "-o", str(path)]) == 0
    assert capsys.readouterr().out == f"wrote {path}\n" and "Stepgrad" in path.read_text("utf-8")


@pytest.mark.parametrize(
    "words, sentence",
    [
        (
            "nowhere",
            "no data set named nowhere: choose from moons, circles, spiral, xor, blobs, blobs3",
        ),
        ("moons --layers 4,x", "write whole numbers with commas"),
        ("moons --layers 130", "layer 1 has 130 neurons: 128 is the limit"),
        ("moons --activation tanhh", "did you mean tanh?"),
        ("moons --loss crossentropy", "did you mean cross_entropy?"),
        ("blobs3 --loss hinge", "use cross_entropy, not hinge"),
        ("moons --rate 0", "the learning rate must be positive"),
        ("moons --port 80", "--port is a number from 1024 to 65535, not 80"),
        ("moons --target 1", "--target is for a CSV file"),
        ("moons --model none.safetensors", "none.safetensors"),
        ("moons --model x --layers 3", "leave it out"),
        ("moons -o play.pdf", ".html"),
        ("moons circles", "stepgrad play takes one data set, and options"),
        ("moons --epochs 3", "there is no option --epochs"),
    ],
)
def test_what_the_command_cannot_do_is_said_in_one_line(words, sentence, capsys):
    assert main(["play", *words.split()]) == 2
    out, err = capsys.readouterr()
    assert out == "" and err.startswith("stepgrad: ") and err.count("\n") == 1
    assert sentence in err
