"""The page of the playground in use, for `test_playground_controls.py`: where a control is, how it
is found, what is done to it by mouse and by keys, and what is known of it afterwards."""

import re
from dataclasses import dataclass
from time import monotonic
from urllib.parse import unquote

from autograd.bulk import data_of
from nn import load
from tests.local_pages import LONGEST
from tests.playgrounds import PAGE

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
    "another input": "await session.change({ data: { inputs: ['x1', 'cos(x1)'] } });",
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
    "class": "for (const name of ['save', 'class'])"
    " document.querySelector(`[data-action=${name}]`).click();",
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
  page.unit = null;
  page.looks.clear();
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


def way(said):
    """A prediction, after which an update is done and the page says whether it was right."""
    return button(
        said, lambda uses: uses.step == 4 and uses.shows(".guessed", "went from"), "predicting",
        mouse=lambda uses, it: (it.click(), uses.tab.click("next")),
        key=lambda uses, it: (it.focus(), uses.press("Enter", "ArrowRight")),
    )  # fmt: skip


def larger(uses):
    return uses.page.get_by_role("button", name="larger")


COLOURS = """canvas => {
  const { width, height } = canvas;
  const pen = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
  pen.drawImage(canvas, 0, 0);
  const { data } = pen.getImageData(0, 0, width, height);
  return new Set(new Uint32Array(data.buffer)).size;
}"""


def is_flat(uses):
    """Whether the big picture has no more colours than classes, and one for where neither is."""
    return uses.page.locator(".map canvas").evaluate(COLOURS) <= 3


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


def copied_without(name):
    """Whether the address that is to be copied leaves out this control."""
    wanted = f'"hide":["{name}"]'
    return lambda uses: wanted in unquote(uses.page.get_by_label("to copy").input_value())


def show_the_address(uses):
    """As where a browser lets no page copy it."""
    uses.page.evaluate("void (navigator.clipboard.writeText = () => Promise.reject())")
    uses.page.get_by_role("button", name="Copy the address").click()
    uses.page.evaluate("void delete navigator.clipboard.writeText")


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


def wait_for(uses, then):
    deadline = monotonic() + LONGEST
    while not then(uses):
        assert monotonic() < deadline, "nothing came of it"
        uses.page.wait_for_timeout(10)
