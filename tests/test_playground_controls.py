"""Every control of the playground, used once by mouse and once by keys, and what comes of it in
Python. A control that is not in the table fails a test.

The list that a browser opens for a `select` is no part of the page, so an entry is chosen there as
the browser would tell of it.
"""

import re
from dataclasses import dataclass
from time import monotonic

import pytest

from autograd.bulk import data_of
from nn import load
from tests.playgrounds import PAGE, SMALL, playground_in
from viz.apps.playground.core import Playground

NAMES = [name for name in Playground().settings["choices"]["data"] if name != "given"]
TILES = {
    "blobs3": "three blobs", "own": "your own", "table": "a table", "expression": "y > f(x)",
}  # fmt: skip

# Which script leads from the page as it opened, at step 3, to where a control is.
SCENES = {
    "page": "",
    "start": "await session.go(0);",
    "changed": "await session.change({ config: { rate: 0.25 }, what: 'rate' });",
    "large": "await session.change({ config: { layers: Array(2).fill("
    "{ size: 14, activation: 'tanh' }) } }); page.choose(1, 2);",
    "more": "page.toggleMore(); await session.go(0); await session.change("
    "{ config: { momentum: 0.5, schedule: 'step_decay' } });",
    "adam": "page.toggleMore(); await session.change({ config: { optimizer: 'adam' } });",
    "rmsprop": "page.toggleMore(); await session.change({ config: { optimizer: 'rmsprop' } });",
    "own": "page.panel.choose('own');",
    "own, chosen": "page.panel.choose('own'); await session.queue; await rest();"
    "await page.chosen.choose(0, false);",
    "table": "page.panel.choose('table');",
    "expression": "page.panel.choose('expression');",
    "digits": "page.panel.choose('digits');",
    "predicting": "page.prediction.toggle();",
    "example": "await page.chosen.choose(0, false);",
    "opened": "await page.chosen.choose(0, false); page.chosen.open();",
    "large, opened": "await session.change({ config: { layers: Array(5).fill("
    "{ size: 30, activation: 'tanh' }) } }); page.choose(1, 2);"
    "await page.chosen.choose(0, false); page.chosen.open();",
    "map": "page.openMap();",
    "map in a small window": "page.openMap();"
    "document.querySelector('.mapping .scrolls').style.height = '90px';",
    "saving": "document.querySelector('[data-action=save]').click();",
    "keys": "page.drawers.openKeys();",
}
FRESH = f"""
  const page = {PAGE};
  const rest = async () => {{
    while (!page.isAtRest()) await new Promise((done) => setTimeout(done));
  }};
  document.activeElement.blur();
  page.training.pause();
  page.drawers.close();
  page.chosen.close();
  page.chosen.forget();
  if (!page.parts.more.hidden) page.toggleMore();
  if (page.el.classList.contains("lecture")) page.lecture();
  if (page.prediction.isOn) page.prediction.toggle();
  const speed = document.querySelector("[data-name=speed]");
  speed.value = "all";
  speed.dispatchEvent(new Event("change"));
  Object.assign(page, {{ unit: null, showHeldOut: false }});
  Object.assign(page.panel, {{ shownName: null, kind: 1 }});
  await rest();
  await session.begin({{ config: page.settings.config, data: page.settings.data, step: 3 }});
  page.draw();
  await rest();
  page.el.focus();
"""


class Uses:
    """The page in use, and what is known of it afterwards."""

    def __init__(self, tab):
        self.tab, self.page, self.python = tab, tab.page, tab.playground
        self.saved, self.others = [], []
        self.page.on("download", lambda download: self.saved.append(download))
        self.cdp = self.page.context.new_cdp_session(self.page)
        self.page.context.on("page", lambda page: self.others.append(page))

    def go_to(self, scene):
        self.saved.clear()
        while self.others:
            self.others.pop().close()
        self.page.mouse.move(1, 1)
        self.tab.do(FRESH + SCENES[scene])
        self.tab.rest()
        self.before = self.parameters

    # What is known

    @property
    def config(self):
        return self.python.config

    @property
    def sizes(self):
        return [layer["size"] for layer in self.config["layers"]]

    @property
    def data(self):
        return self.python.examples.spec

    @property
    def step(self):
        return self.python.learner.step

    @property
    def parameters(self):
        return [*data_of(self.python.learner.parameters)]

    def shows(self, selector, text=""):
        return self.page.locator(selector, has_text=text).first.is_visible()

    def of_page(self, script):
        return self.page.evaluate(f"{PAGE}.{script}")

    def can_have_focus(self):
        """The role and the name of whatever can have the focus, but for the page itself."""
        tree = self.cdp.send("Accessibility.getFullAXTree")["nodes"]
        for node in tree:
            is_focusable = any(one["name"] == "focusable" for one in node.get("properties", []))
            named = node.get("role", {}).get("value"), node.get("name", {}).get("value")
            if is_focusable and not node["ignored"] and named[0] not in ("RootWebArea", "generic"):
                yield named

    # What is done

    def drag(self, locator, start, end):
        """Drag from one part of an element to another, as shares of its width and height."""
        locator.scroll_into_view_if_needed()
        box = locator.bounding_box()
        x, y = (
            lambda at: box["x"] + at[0] * box["width"],
            lambda at: box["y"] + at[1] * box["height"],
        )
        self.page.mouse.move(x(start), y(start))
        self.page.mouse.down()
        self.page.mouse.move(x(end), y(end), steps=4)
        self.page.mouse.up()

    def press(self, *keys):
        for key in keys:
            self.page.keyboard.press(key)

    def write(self, text):
        self.press("Control+a")
        self.page.keyboard.type(text)


@dataclass
class Control:
    """A control: how it is found, what is done, and what then holds. Without acts of its own it is
    clicked, or has the focus while Enter is pressed."""

    role: str  # or "css", for what no name is given to
    name: str  # exactly, or a pattern for several of a kind
    then: object  # of Uses
    scene: str = "page"
    mouse: object = lambda uses, it: it.click()
    key: object = lambda uses, it: (it.focus(), uses.press("Enter"))

    def found(self, page):
        if self.role == "css":
            return page.locator(self.name)
        return page.get_by_role(self.role, name=re.compile(f"^(?:{self.name})$"))

    def __str__(self):
        return f"{self.name}, {self.scene}"


def button(name, then, scene="page", **acts):
    return Control("button", name, then, scene, **acts)


def chosen(name, value, said, then, scene="page"):
    """A list, from which something is chosen; by keys, what it is called is typed."""
    acts = {"mouse": choose_by_mouse(value), "key": choose_by_key(said)}
    return Control("combobox", name, then, scene, **acts)


def choose_by_mouse(value):
    return lambda uses, it: (it.click(), it.select_option(value), it.blur())


def choose_by_key(said):
    return lambda uses, it: (it.focus(), uses.page.keyboard.type(said))


def typed(name, text, then, scene="page", role="combobox"):
    return Control(
        role, name, then, scene,
        mouse=lambda uses, it: (it.click(click_count=3), uses.write(text), leave(uses)),
        key=lambda uses, it: (it.focus(), uses.write(text), uses.press("Enter")),
    )  # fmt: skip


def leave(uses):
    uses.page.locator("h1").click()


def slider(name, then):
    return Control(
        "slider", name, then,
        mouse=lambda uses, it: uses.drag(it, (0.3, 0.5), (0.98, 0.5)),
        key=lambda uses, it: (it.focus(), uses.press("End")),
    )  # fmt: skip


SCROLLED = (
    "(it) => { while (it && !(it.scrollTop + it.scrollLeft)) it = it.parentElement; "
    "return Boolean(it); }"
)


def region(name, scene, across=0, key="ArrowDown"):
    """A part that scrolls, or around which something does."""
    return Control(
        "region", name,
        lambda uses: uses.page.locator(f"[aria-label='{name}']").evaluate(SCROLLED),
        scene,
        mouse=lambda uses, it: (it.hover(), uses.page.mouse.wheel(across, 200 - across)),
        key=lambda uses, it: (it.focus(), uses.press(key)),
    )  # fmt: skip


def play_and_pause(start):
    """Start to train, and stop again when it goes."""

    def act(uses, it):
        start(uses, it)
        uses.tab.until(f"{PAGE}.session.step > 12")
        start(uses, it)

    return act


def at_two_a_second(choose):
    def act(uses, it):
        choose(uses, it)
        leave(uses)
        uses.press(" ")
        uses.page.wait_for_timeout(300)
        uses.press(" ")

    return act


def plane(uses):
    return uses.page.locator(".map svg")


def to_the_plane(uses):
    """By the key Tab, as after a click its keys are those of the page."""
    uses.page.get_by_role("button", name="add a layer").focus()
    uses.press("Tab")


def click_plane(uses):
    box = plane(uses).bounding_box()
    uses.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


def weight_by_mouse(uses, it):
    it.click()
    uses.write("0.75")
    leave(uses)


def weight_by_key(uses, it):
    it.focus()
    uses.press("Enter")
    uses.page.keyboard.type("0.75")
    uses.press("Enter")


def guessed(uses):
    uses.tab.click("next")
    return uses.shows(".guessed", "Right") or uses.shows(".guessed", "Not this time")


def trained_map(uses):
    return uses.shows(".mapping [role=status]", "Click a cell")


def small_map(start):
    """With few cells."""

    def act(uses, it):
        for name, value in (("across", "penalty"), ("down", "depth"), ("updates", "100")):
            uses.page.locator(f".mapping [data-name={name}]").select_option(value)
        start(uses, it)

    return act


def saved_as(name):
    return lambda uses: [one.suggested_filename for one in uses.saved] == [name]


def model_is_pythons(uses):
    if not saved_as("playground.safetensors")(uses):
        return False
    return [*data_of(load(uses.saved[0].path()).parameters())] == uses.parameters


def step_is(step):
    return lambda uses: uses.step == step


def setting_is(name, value):
    return lambda uses: uses.config[name] == value


def dialog(title):
    return lambda uses: uses.shows(".over h2", title)


def is_closed(selector):
    return lambda uses: not uses.page.locator(selector).count()


FIRST = [[-1, -1, 0], [1, 1, 0], [-1, 1, 1], [1, -1, 1]]  # points of one's own
TABLE = "a,b,c\n1,2,x\n2,1,y\n3,1,x"


def learn(uses):
    return uses.page.get_by_role("button", name="Learn it")


def tile(name):
    said = re.escape(TILES.get(name, name))
    if name in ("table", "expression"):  # which begin when something was typed
        return button(said, lambda uses: uses.shows(".typed", "Learn it"))
    scene = "digits" if name == "moons" else "page"
    return button(said, lambda uses: uses.data["name"] == name, scene)


CONTROLS = [
    # training
    button("back to the first step", step_is(0)),
    button("one step back", step_is(2)),
    button(
        "Play|Pause", lambda uses: uses.step > 12,
        mouse=play_and_pause(lambda uses, it: it.click()),
        key=play_and_pause(lambda uses, it: (it.focus(), uses.press(" "))),
    ),
    button("one update", step_is(4)),
    button("one epoch", step_is(8)),
    Control("combobox", "speed", lambda uses: 3 < uses.step < 7,
            mouse=at_two_a_second(choose_by_mouse("2")), key=at_two_a_second(choose_by_key("2/"))),
    chosen("loss", "hinge", "hi", setting_is("loss", "hinge")),
    chosen("optimiser", "adam", "Adam", setting_is("optimizer", "adam")),
    typed("rate", "0.05", setting_is("rate", 0.05)),
    chosen("batch", "20", "2", setting_is("batch", 20)),
    typed("penalty", "1e-3", setting_is("penalty", 1e-3)),
    button("More", lambda uses: uses.shows(".more", "seed")),
    button("Undo", setting_is("rate", SMALL["rate"]), "changed"),
    button("start anew", step_is(0)),
    button("map of settings", dialog("Map of settings")),
    button("Save", dialog("Take it along")),
    button("keys and signs", dialog("Keys and signs")),
    # more settings
    chosen("schedule", "cosine", "cos", setting_is("schedule", "cosine"), "more"),
    typed("steps of it", "50", setting_is("period", 50), "more"),
    typed("decay factor", "0.25", setting_is("factor", 0.25), "more"),
    typed("momentum", "0.9", setting_is("momentum", 0.9), "more"),
    chosen("nesterov", "true", "yes", setting_is("nesterov", True), "more"),
    typed("weight decay", "1/100", setting_is("weight_decay", 0.01), "more"),
    typed("β₁", "0.8", setting_is("beta1", 0.8), "adam"),
    typed("β₂", "0.98", setting_is("beta2", 0.98), "adam"),
    typed("ε", "1e-4", setting_is("eps", 1e-4), "adam"),
    typed("decay", "0.95", setting_is("decay", 0.95), "rmsprop"),
    chosen("first weights", "he", "he", lambda uses: uses.config["init"] == "he"
           and uses.parameters != uses.before, "more"),
    typed("seed", "5", lambda uses: uses.config["seed"] == 5
          and uses.parameters != uses.before, "more"),
    # data
    *map(tile, NAMES),
    slider("noise", lambda uses: uses.data["noise"] > 0.4),
    slider("points", lambda uses: uses.data["points"] > 300),
    slider("held out", lambda uses: uses.data["share"] > 0.4
           and len(uses.python.examples.held_out) > 20),
    Control("checkbox", "show the points held out", lambda uses: uses.shows(".point.held-out"),
            key=lambda uses, it: (it.focus(), uses.press(" "))),
    button("Draw new points", lambda uses: uses.data["seed"] == 1),
    *[button(f"class {kind}", lambda uses, kind=kind: uses.data["rows"][4:] != []
             and uses.data["rows"][4][2] == kind, "own",
             mouse=lambda uses, it: (it.click(), click_plane(uses)),
             key=lambda uses, it: (it.focus(), uses.press(" "), to_the_plane(uses),
                                   uses.press("n"))) for kind in (0, 1, 2)],
    Control("textbox", "a table: columns of numbers, the last one is learned",
            lambda uses: uses.data.get("text") == TABLE, "table",
            mouse=lambda uses, it: (it.click(), uses.write(TABLE), learn(uses).click()),
            key=lambda uses, it: (it.focus(), uses.write(TABLE), uses.press("Tab", "Enter"))),
    Control("textbox", "which points are in the class",
            lambda uses: uses.data.get("text") == "y > x*x", "expression",
            mouse=lambda uses, it: (it.click(), uses.write("y > x*x"), learn(uses).click()),
            key=lambda uses, it: (it.focus(), uses.write("y > x*x"), uses.press("Enter"))),
    button("Learn it", lambda uses: uses.data["name"] == "expression", "expression"),
    typed("the two columns that it sees", "21, 44",
          lambda uses: uses.data["columns"] == [20, 43], "digits", role="textbox"),
    # the network
    button(r"layer \d, neuron \d+.*|(?:the )?output.*", lambda uses: uses.of_page("unit")),
    button(r"one neuron less in layer \d", lambda uses: uses.sizes == [3, 3]),
    button(r"one neuron more in layer \d", lambda uses: uses.sizes == [5, 3]),
    button(r"remove layer \d", lambda uses: uses.sizes == [3]),
    chosen(r"activation of layer \d", "relu", "relu",
           lambda uses: uses.config["layers"][0]["activation"] == "relu"),
    button("add a layer", lambda uses: uses.sizes == [4, 3, 4]),
    # the picture
    Control("group", "the examples: arrows choose one", lambda uses: uses.shows(".example", "loss"),
            mouse=lambda uses, it: uses.page.locator(".point").nth(5).click(),
            key=lambda uses, it: (to_the_plane(uses), uses.press("ArrowRight", "ArrowUp"))),
    Control("css", ".map svg", lambda uses: len(uses.data["rows"]) == 5, "own",
            mouse=lambda uses, it: click_plane(uses),
            key=lambda uses, it: (to_the_plane(uses), uses.press("n"))),
    Control("css", ".point", lambda uses: uses.data["rows"] != FIRST
            and len(uses.data["rows"]) == 4, "own, chosen",
            mouse=lambda uses, it: uses.drag(it.first, (0.5, 0.5), (4, -4)),
            key=lambda uses, it: (to_the_plane(uses), uses.press("Shift+ArrowRight"))),
    Control("css", ".point", lambda uses: len(uses.data["rows"]) == 3, "own",
            mouse=lambda uses, it: (it.first.click(), uses.tab.rest(), uses.press("Delete")),
            key=lambda uses, it: (to_the_plane(uses), uses.press("ArrowRight"), uses.tab.rest(),
                                  uses.press("Delete"))),
    # one update
    button("Take this step", step_is(4)),
    button("Pin", lambda uses: uses.config["pinned"]),
    button("Draw anew", lambda uses: uses.parameters != uses.before and uses.step == 3),
    button("Predict", lambda uses: uses.shows(".predict", "After the next update")),
    button(r"weight of .*, change it", lambda uses: 0.75 in uses.parameters,
           mouse=weight_by_mouse, key=weight_by_key),
    region("the next update", "large"),
    *[button(way, guessed, "predicting") for way in ("larger", "smaller", "the same")],
    Control("textbox", "by how much, about", lambda uses: guessed(uses)
            and uses.shows(".guessed", "You said about 0.1"), "predicting",
            mouse=lambda uses, it: (uses.page.get_by_role("button", name="larger").click(),
                                    it.click(), uses.write("0.1")),
            key=lambda uses, it: (uses.page.get_by_role("button", name="larger").focus(),
                                  uses.press("Enter"), it.focus(), uses.write("0.1"))),
    # the timeline
    Control("slider", "step of training", lambda uses: uses.step < 3,
            mouse=lambda uses, it: uses.drag(it, (0.99, 0.5), (0, 0.5)),
            key=lambda uses, it: (it.focus(), uses.press("PageDown"))),
    Control("css", ".curve svg", lambda uses: uses.step < 3,
            mouse=lambda uses, it: it.click(position={"x": 20, "y": 20}),
            key=lambda uses, it: uses.press("ArrowLeft")),
    # an example, opened
    button("Open its chain rule", lambda uses: uses.shows(".opened"), "example"),
    button(r"(?:layer \d, neuron \d+|the output): value .*",
           lambda uses: uses.of_page("unit.l") == 0, "opened"),
    button(r"neuron \d+", lambda uses: uses.of_page("unit.l") == 1, "opened"),
    button("Step through its graph", lambda uses: [one.url[-8:] for one in uses.others]
           == ["/stepper"], "opened"),
    button("Close", is_closed(".opened"), "opened"),
    region("all neurons", "large, opened", across=200, key="ArrowRight"),
    region("inside the neuron", "large, opened"),
    # the map of settings
    chosen("across", "seed", "seed", lambda uses: uses.shows("caption", "seed across"), "map"),
    chosen("down", "depth", "hidden", lambda uses: uses.shows("caption", "hidden layers down"),
           "map"),
    chosen("updates", "1000", "1000", lambda uses: uses.page.locator(
        ".mapping [data-name=updates]").input_value() == "1000", "map"),
    button("Train all", trained_map, "map", mouse=small_map(lambda uses, it: it.click()),
           key=small_map(lambda uses, it: (it.focus(), uses.press("Enter")))),
    button("rate .*, neurons in each layer .*", lambda uses: uses.sizes == [1, 1]
           and uses.config["rate"] == 0.001 and uses.step == 0, "map"),
    region("the cells", "map in a small window"),
    # taken along
    button("Copy the address", lambda uses: uses.shows(".leaving [role=status]", "step"), "saving"),
    button("Picture as SVG", saved_as("network.svg"), "saving"),
    button("Picture as PNG", saved_as("network.png"), "saving"),
    button("Python code", lambda uses: "MLP(" in uses.page.get_by_label("to copy").input_value(),
           "saving"),
    button("Model file", model_is_pythons, "saving"),
    button("This page as one file", saved_as("play.html"), "saving"),
    button("Close", is_closed(".over"), "saving"),
    button("Close", is_closed(".over"), "map"),
    button("Close", is_closed(".over"), "keys"),
]  # fmt: skip


@pytest.fixture(scope="module")
def uses(browser, tmp_path_factory):
    with playground_in(browser, tmp_path_factory.mktemp("page"), "page", batch=10) as tab:
        yield Uses(tab)


def wait_for(uses, then):
    deadline = monotonic() + 15
    while not then(uses):
        assert monotonic() < deadline, "nothing came of it"
        uses.page.wait_for_timeout(10)


@pytest.mark.parametrize("by", ["mouse", "key"])
@pytest.mark.parametrize("control", CONTROLS, ids=str)
def test_a_control_does_what_it_should(uses, control, by):
    uses.go_to(control.scene)
    found = control.found(uses.page)
    assert not control.name.isalpha() or found.count() == 1
    assert control.then in (guessed,) or not control.then(uses)
    getattr(control, by)(uses, found.first)
    uses.tab.rest()
    wait_for(uses, control.then)
    assert not uses.tab.trouble


FOR_THE_MOUSE = """(known) => {
  const cursor = (element) => getComputedStyle(element).cursor;
  const isForMouse = (element) => ["pointer", "crosshair"].includes(cursor(element))
      && cursor(element) !== cursor(element.parentElement);
  const canHaveFocus = (element) =>
      element.tabIndex >= 0 || element.matches("[tabindex], :disabled");
  return [...document.querySelectorAll(".sg-playground *")]
      .filter((one) => isForMouse(one) && one.checkVisibility() && !canHaveFocus(one))
      .filter((one) => !known.some((css) => one.closest(css)))
      .map((one) => one.outerHTML.slice(0, 150));
}"""


@pytest.mark.parametrize("scene", SCENES)
def test_every_control_stands_in_the_table(uses, scene):
    uses.go_to(scene)
    found = {one for one in uses.can_have_focus() if one[0] != "option"}
    assert len(found) > 20
    table = {control.role: [] for control in CONTROLS}
    for control in CONTROLS:
        table[control.role].append(control.name)
    for role, name in found:
        assert any(re.fullmatch(one, name) for one in table[role]), f"{role} {name!r}"
    assert uses.page.evaluate(FOR_THE_MOUSE, table["css"]) == []


@pytest.mark.parametrize("scene", ["page", "opened"])
def test_the_key_tab_comes_to_every_control(uses, scene):
    uses.go_to(scene)
    stops = (
        "[...document.querySelectorAll('.sg-playground *')].filter((one) =>"
        " one.tabIndex >= 0 && one.matches(':not(:disabled, option)') && one.checkVisibility())"
    )
    count = uses.page.evaluate(f"(globalThis.stops = {stops}).length")
    found = []
    for _ in range(count + 2):  # it leaves the page once
        uses.press("Tab")
        found.append(uses.page.evaluate("stops.indexOf(document.activeElement)"))
    assert {*range(count)} == {*found} - {-1}
    assert found.count(-1) < 3, "something that is no control has the focus"


def keys(*pressed):
    return lambda uses, it: uses.press(*pressed)


def on_the_network(*pressed):
    def act(uses, it):
        uses.page.get_by_role("button", name="layer 1, neuron 1").focus()
        uses.press(*pressed)

    return act


def on_the_picture(*pressed):
    return lambda uses, it: (to_the_plane(uses), uses.press(*pressed))


# What the page says of a key, where it is used, how, and what then holds.
KEYS = {
    "Space": ("page", play_and_pause(keys(" ")), lambda uses: uses.step > 12),
    "→ ←": ("page", keys("ArrowRight", "ArrowRight", "ArrowLeft"), step_is(4)),
    "Home End": ("page", keys("Home", "End", "Home"), step_is(0)),
    "E": ("page", keys("e"), step_is(8)),
    "O": ("example", keys("o"), lambda uses: uses.shows(".opened")),
    "P": ("page", keys("p"), lambda uses: uses.shows(".predict", "After the next update")),
    "U": ("changed", keys("u"), setting_is("rate", SMALL["rate"])),
    "L": ("page", keys("l"), lambda uses: uses.shows(".lecture")),
    "arrows on the network": ("page", on_the_network("ArrowRight", "ArrowDown", "Enter"),
                              lambda uses: uses.of_page("unit") == {"l": 1, "neuron": 1}),
    "arrows on the picture": ("page", on_the_picture("ArrowLeft"),
                              lambda uses: uses.shows(".example", "loss")),
    "Shift arrows": ("own, chosen", on_the_picture("Shift+ArrowUp"),
                     lambda uses: uses.data["rows"] != FIRST and len(uses.data["rows"]) == 4),
    "N": ("own", on_the_picture("n"), lambda uses: len(uses.data["rows"]) == 5),
    "Enter": ("page", on_the_network("Enter"),
              lambda uses: uses.of_page("unit") == {"l": 0, "neuron": 0}),
    "Delete": ("own, chosen", keys("Delete"), lambda uses: len(uses.data["rows"]) == 3),
    "Esc": ("opened", keys("Escape"), is_closed(".opened")),
}  # fmt: skip


@pytest.mark.parametrize("key", KEYS)
def test_a_key_does_what_the_page_says_of_it(uses, key):
    scene, act, then = KEYS[key]
    uses.go_to(scene)
    assert not then(uses)
    act(uses, None)
    uses.tab.rest()
    wait_for(uses, then)
    assert not uses.tab.trouble


def test_every_key_of_the_page_is_tested(uses):
    uses.go_to("keys")
    assert uses.page.locator(".keys dt").all_inner_texts() == [*KEYS]
