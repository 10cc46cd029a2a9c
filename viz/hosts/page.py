"""Pages that stand alone: one file that opens from disk, offline, and asks nobody for anything."""

import json
import re
import zlib
from base64 import b64encode
from functools import cache
from hashlib import sha256
from html import escape
from pathlib import Path
from typing import Any

from viz.apps.modules import bare, without_asides
from viz.apps.stepper.core import Stepper
from viz.apps.stepper.recipes import primitives
from viz.palette import theme

FRONT_END = Path(__file__).parents[1] / "apps" / "stepper"

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<main>{body}</main>
<noscript>{without_script}</noscript>
<script type="application/zlib" id="state">{state}</script>
<script type="application/zlib" id="front-end">{front_end}</script>
<script type="module">{starter}</script>
</body>
</html>
"""

PAGE_STYLE = """\
body { margin: 0; }
main { display: flex; flex-direction: column; height: 100vh; overflow: auto; }
main { color: var(--sg-muted); background: var(--sg-background); }
h1 { font: 14px system-ui, sans-serif; margin: 0; padding: 8px 16px 0; }
#stepper { flex: 1; min-height: 0; }"""


def page(stepper: Stepper) -> str:
    """The stepper as an HTML file, with its front end, its state and its styles inside.

    Its policy lets run what is written here and nothing else, and lets nothing be fetched.
    """
    return standing_alone(
        title=stepper.state["plan"]["title"],
        body='<h1>Stepgrad: see the chain rule</h1><div id="stepper"></div>',
        without_script=walk_in_text(stepper),
        style=page_style(),
        state=stepper.state | {"told": stepper.answers()},
        script=page_script(),
    )


def standing_alone(
    *,
    title: str,
    body: str,
    without_script: str,
    style: str,
    state: Any,
    script: str,
    scripts_from: str = "",
    workers_from: str = "",
) -> str:
    """A page of an app: its styles, its state as JSON, and its front end as one script. Its policy
    allows these, and scripts and workers from where the last two say."""
    workers = f"worker-src {workers_from}; " if workers_from else ""
    scripts = " ".join([fingerprint(STARTER), fingerprint(script), *scripts_from.split()])
    return PAGE.format(
        policy=f"default-src 'none'; base-uri 'none'; form-action 'none'; "
        f"script-src {scripts}; "
        f"{workers}style-src {fingerprint(style)}; img-src data:",
        title=escape(title),
        body=body,
        style=style,
        without_script=without_script,
        state=packed(json_text(state)),
        front_end=packed(script),
        starter=STARTER,
    )


# Unpacks the front end, a third as long that way; the policy knows what will come out.
STARTER = """\
const unpacked = (id) => {
const text = atob(document.getElementById(id).textContent);
const bytes = Uint8Array.from(text, (letter) => letter.charCodeAt(0));
const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
return new Response(stream).text();
};
globalThis.stepgradState = unpacked("state").then(JSON.parse);
const script = Object.assign(document.createElement("script"), { type: "module" });
script.textContent = await unpacked("front-end");
document.body.append(script);"""


LONGEST_WALK = 300  # steps that are written out for those without JavaScript


def walk_in_text(stepper: Stepper) -> str:
    if stepper.failure:
        return escape(f"{stepper.failure.sentence} {stepper.failure.source}")
    if len(stepper.state["plan"]["steps"]) > LONGEST_WALK:
        return "This page needs JavaScript; stepgrad explain says the same as text."
    steps = "".join(f"<li>{escape(one['sentence'])}" for one in stepper.plan().in_words())
    return f"<ol>{steps}</ol>"


def page_style() -> str:
    return f"{theme('main')}\n{PAGE_STYLE}\n{own_style()}"


def stepper_style() -> str:
    return f"{theme('.sg-stepper')}\n{own_style()}"


def own_style() -> str:
    return styles_in(FRONT_END / "stepper.css")


def styles_in(path: Path) -> str:
    """The styles in a file, without what nobody reads in a page."""
    return AROUND.sub("", without_asides(path.read_text("utf-8")))


MODULES = (
    "elements", "numbers", "primitives", "engine", "notation", "telling", "mathematics", "picture",
    "curve", "copying", "whatif", "zoom", "asking", "building", "about", "hover", "painting",
    "stepper",
)  # fmt: skip
AROUND = re.compile(r"(?<=[:;,{]) +| +(?=\{)| */\*.*?\*/")  # in styles


def module() -> str:
    """The front end as one ES module, for hosts that take no more than one."""
    return "\n".join(map(bare_module, MODULES))


def source_of(name: str) -> str:
    """A module of the front end: a file, or what is printed from the table."""
    return primitives() if name == "primitives" else (FRONT_END / f"{name}.js").read_text("utf-8")


def bare_module(name: str) -> str:
    """A module without what it imports and exports, to stand in one text with those it needs."""
    return bare(source_of(name))


@cache
def page_script() -> str:
    """All of the front end as one script: inlined modules have no name to be imported by."""
    stepper = module().replace("export default", "const stepper =", 1)
    return without_asides("\n".join([stepper, *map(bare_module, ("model", "file"))]))


def json_text(data: Any) -> str:
    return json.dumps(data, allow_nan=False, separators=(",", ":"))


def packed(text: str) -> str:
    """Text, a third to a tenth as long, in letters that cannot end the element they stand in: every
    browser unpacks it by itself."""
    return b64encode(zlib.compress(text.encode(), level=9)).decode()


def fingerprint(text: str) -> str:
    """How a content security policy refers to an inline script or style."""
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"
