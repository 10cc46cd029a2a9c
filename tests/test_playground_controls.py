"""Every control of the playground, used once by mouse and once by keys, and what comes of it: in
Python, or on the page where it changes nothing but what is shown. A control that is not in the
table fails a test.

The list that a browser opens for a `select` is no part of the page, so an entry is chosen there as
the browser would tell of it.
"""

import re

import pytest

from tests.playground_uses import (
    SCENES,
    Control,
    Uses,
    at_two_a_second,
    button,
    choose_by_key,
    choose_by_mouse,
    chosen,
    click_plane,
    copied_without,
    dialog,
    is_closed,
    is_flat,
    larger,
    model_is_pythons,
    play_and_pause,
    region,
    saved_as,
    setting_is,
    show_the_address,
    slider,
    small_map,
    step_is,
    to_the_plane,
    trained_map,
    typed,
    wait_for,
    way,
    weight_by_key,
    weight_by_mouse,
)
from tests.playgrounds import SMALL, playground_in
from viz.apps.playground.core import Playground

NAMES = [name for name in Playground().settings["choices"]["data"] if name != "given"]
TILES = {
    "blobs3": "three blobs", "own": "your own", "table": "a table", "expression": "y > f(x)",
}  # fmt: skip

INPUTS = {
    "x₁²": "x1**2", "x₂²": "x2**2", "x₁·x₂": "x1*x2", "sin 3x₁": "sin(3*x1)",
    "sin 3x₂": "sin(3*x2)",
}  # fmt: skip
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
    Control("combobox", "speed", lambda uses: 3 < uses.step < 40
            and uses.of_page("training.speed") == "2",
            mouse=at_two_a_second(choose_by_mouse("2")), key=at_two_a_second(choose_by_key("2/"))),
    chosen("loss", "hinge", "hi", setting_is("loss", "hinge")),
    chosen("optimiser", "adam", "Adam", setting_is("optimizer", "adam")),
    typed("rate", "0.05", setting_is("rate", 0.05)),
    chosen("batch", "20", "2", setting_is("batch", 20)),
    typed("penalty", "1e-3", setting_is("penalty", 1e-3)),
    chosen("norm of the penalty", "l1", "L1", setting_is("norm", "l1")),
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
    Control("checkbox", "show held out", lambda uses: uses.shows(".point.held-out"),
            key=lambda uses, it: (it.focus(), uses.press(" "))),
    Control("checkbox", "flat colours", is_flat,
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
    # inputs
    *[button(said, lambda uses, text=text: text in (uses.data.get("inputs") or []))
      for said, text in INPUTS.items()],
    button("x₁", lambda uses: uses.data.get("inputs") == ["x2"]),
    button("cos x₁", lambda uses: uses.data.get("inputs") == ["x1"], "another input"),
    button("x₂", lambda uses: uses.data.get("inputs") == ["x1"]),
    Control("textbox", "another input: an expression of x1 and x2",
            lambda uses: "cos(x1)" in (uses.data.get("inputs") or []),
            mouse=lambda uses, it: (it.click(), uses.write("cos(x1)"), uses.press("Enter")),
            key=lambda uses, it: (it.focus(), uses.write("cos(x1)"), uses.press("Enter"))),
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
    *map(way, ("larger", "smaller", "the same")),
    Control("textbox", "by how much, about",
            lambda uses: uses.shows(".guessed", "You said about 0.1"), "predicting",
            mouse=lambda uses, it: (it.click(), uses.write("0.1"), larger(uses).click(),
                                    uses.tab.click("next")),
            key=lambda uses, it: (it.focus(), uses.write("0.1"), larger(uses).focus(),
                                  uses.press("Enter", "ArrowRight"))),
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
    button("For a class", lambda uses: uses.shows(".leaving legend", "leave out"), "saving"),
    Control("checkbox", "leave out .+", copied_without("first"), "class",
            mouse=lambda uses, it: (it.click(), show_the_address(uses)),
            key=lambda uses, it: (it.focus(), uses.press(" "), show_the_address(uses))),
    button("Close", is_closed(".over"), "saving"),
    button("Close", is_closed(".over"), "map"),
    button("Close", is_closed(".over"), "keys"),
]  # fmt: skip


@pytest.fixture(scope="module")
def uses(browser, tmp_path_factory):
    with playground_in(browser, tmp_path_factory.mktemp("page"), "page", batch=10) as tab:
        yield Uses(tab)


@pytest.mark.parametrize("by", ["mouse", "key"])
@pytest.mark.parametrize("control", CONTROLS, ids=str)
def test_a_control_does_what_it_should(uses, control, by):
    uses.go_to(control.scene)
    found = control.found(uses.page)
    assert not control.name.isalpha() or found.count() == 1
    assert not control.then(uses)
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
    "F": ("page", keys("f"), is_flat),
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
