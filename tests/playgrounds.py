"""The playground in a browser's tab, as several files of tests open it."""

import re
from contextlib import ExitStack, contextmanager
from time import monotonic

import pytest

from tests.local_pages import LONGEST, port_of, running
from viz.apps.playground.core import Playground
from viz.hosts.playground_page import playground_page
from viz.hosts.playground_server import PlaygroundSite

SMALL = {"data": "moons", "layers": [4, 3], "points": 60, "rate": 0.5}
PAGE = "document.getElementById('playground').playground"
# What is drawn anew while somebody reaches for it would get none of his clicks. A page that trains
# is never at rest.
DRAWN = f"""
  for (const begun = performance.now(); !{PAGE}.isAtRest() && !{PAGE}.training.isPlaying;) {{
    if (performance.now() - begun > {1000 * LONGEST}) throw new Error("it is never drawn");
    await new Promise((done) => setTimeout(done));
  }}
"""


def until(page, script, seconds=LONGEST):
    deadline = monotonic() + seconds
    while not page.evaluate(script):
        assert monotonic() < deadline, script
        page.wait_for_timeout(20)


class Tab:
    """A playground in a browser's tab."""

    def __init__(self, page, playground):
        self.page, self.playground, self.said = page, playground, []

    def do(self, script):
        """What a script gives, when all that it led to is drawn, too; `session` is the page's."""
        return self.page.evaluate(
            f"(async () => {{ const session = {PAGE}.session;"
            f" const found = await (async () => {{ {script} }})(); {DRAWN} return found; }})()"
        )

    @property
    def step(self):
        return self.do("await session.queue; return session.step;")

    @property
    def config(self):
        return self.do("await session.queue; return session.config;")

    @property
    def parameters(self):
        return self.do("await session.queue; return [...session.frame.state.parameters];")

    @property
    def trouble(self):
        return self.do(f"await session.queue; return {PAGE}.trouble.textContent;")

    def click(self, name):
        self.page.locator(f"[data-action={name}]").first.click()
        self.rest()

    def press(self, *keys):
        for key in keys:
            self.page.keyboard.press(key)
        self.rest()

    def choose(self, name, value):
        self.page.locator(f"[data-name={name}]").first.select_option(value)
        self.rest()

    def fill(self, name, value):
        self.page.locator(f"[data-name={name}]").first.fill(value)
        self.page.keyboard.press("Enter")
        self.rest()

    def saved(self, action, folder):
        """The file that a button of what is taken along gives."""
        with self.page.expect_download() as download:
            self.page.locator(f"[data-action={action}]").click()
        path = folder / download.value.suggested_filename
        download.value.save_as(path)
        return path

    def rest(self):
        """Until all that was asked for is there and drawn."""
        self.until(f"{PAGE}?.isAtRest()")

    def until(self, script, seconds=LONGEST):
        """Wait until a script gives something true. Playwright's own way breaks the policy."""
        until(self.page, script, seconds)


HOSTS = pytest.mark.parametrize("host", ["file", "page"])


@contextmanager
def playground_in(
    browser, folder, host="file", address="", viewport=None, playground=None, **settings
):
    """A tab with a playground: a file from disk, or the local page. Nothing may be complained
    about, and nobody else asked."""
    playground = playground or Playground(**(SMALL | settings))
    context = browser.new_context(viewport=viewport or {"width": 1300, "height": 900})
    page, wrong, requests = context.new_page(), [], []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda m: m.type in ("error", "warning") and wrong.append(m.text))
    page.on("request", lambda request: requests.append(request.url))
    with ExitStack() as stack:
        stack.callback(context.close)
        if host == "file":
            context.set_offline(True)
            path = folder / "play.html"
            path.write_text(playground_page(playground), "utf-8")
            page.goto(path.as_uri() + address)
        else:
            local = stack.enter_context(running(PlaygroundSite(playground)))
            stack.callback(context.close)  # before the server ends
            page.goto(local.address)
            if address:
                page.goto(f"http://127.0.0.1:{port_of(local)}/{address}")
                page.reload()
        tab = Tab(page, playground)
        page.wait_for_selector(".unit")
        tab.rest()
        yield tab
        assert not wrong, wrong
        others = [
            url for url in requests if not re.match(r"file:|blob:|data:|http://127\.0\.0\.1", url)
        ]
        assert not others, others
