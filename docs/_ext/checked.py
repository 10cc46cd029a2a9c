"""The finished site, looked at once more: every link has a target, and nothing is fetched."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

from sphinx.application import Sphinx
from sphinx.util import logging

FETCHED = re.compile(r"""@import|url\(\s*['"]?(?!data:|#)([^'")]+)""")
FOREIGN = re.compile(r"(https?:)?//")


class Page(HTMLParser):
    """The names of the places in a page, its links, and what a browser loads with it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.places: set[str] = set()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.frames: list[str] = []
        self.styles: list[str] = []
        self._in_style = False
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        self.places |= {given[name] for name in ("id", "name") if name in given}
        self.styles.append(given.get("style", ""))
        self._in_style = tag == "style"
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        elif tag == "link" and given.get("rel") not in ("next", "prev", "index", "search"):
            self.loaded.append(given.get("href", ""))
        elif tag == "iframe" and "srcdoc" in given:
            self.frames.append(given["srcdoc"])
        self.loaded += [given[name] for name in ("src", "data", "poster") if name in given]
        self.loaded += [one.split()[0] for one in given.get("srcset", "").split(",") if one.strip()]

    def handle_data(self, data: str) -> None:
        if self._in_style:
            self.styles.append(data)

    def handle_endtag(self, tag: str) -> None:
        self._in_style = False


def complaints(site: Path) -> Iterator[str]:
    """What is wrong with a site on disk, a sentence each."""
    pages = {path: Page(path.read_text("utf-8")) for path in site.rglob("*.html")}
    for path, page in pages.items():
        name = path.relative_to(site).as_posix()
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue  # for a person to follow
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if not target.exists():
                yield f"{name} links to {link}, which is not there"
            elif target in pages and unquote(parts.fragment) not in pages[target].places | {""}:
                yield f"{name} links to {link}, and there is no such place"
        for told in fetched(page, path):
            yield f"{name} {told}"
    for path in site.rglob("*.css"):
        for found in FETCHED.finditer(path.read_text("utf-8")):
            if FOREIGN.match(found[1] or "//"):
                yield f"{path.relative_to(site).as_posix()} fetches {found[0]}"


def fetched(page: Page, path: Path) -> Iterator[str]:
    """What a browser would ask another host for, or not find, when it shows the page."""
    for address in page.loaded:
        if address.startswith(("data:", "#")):
            continue
        if urlsplit(address).netloc or urlsplit(address).scheme:
            yield f"loads {address:.80}"
        elif not (path.parent / unquote(urlsplit(address).path)).exists():
            yield f"loads {address}, which is not there"
    for style in page.styles:
        for found in FETCHED.finditer(style):
            yield f"has a style that fetches {found[0]:.80}"
    for frame in page.frames:
        yield from fetched(Page(frame), path)


def check(app: Sphinx, error: Exception | None) -> None:
    if error is None and app.builder.format == "html":
        for complaint in complaints(Path(app.outdir).resolve()):
            logging.getLogger(__name__).warning(complaint)


def setup(app: Sphinx) -> dict[str, bool]:
    app.connect("build-finished", check, priority=900)  # when everything is written
    return {"parallel_read_safe": True}
