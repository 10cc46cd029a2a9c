"""Pages that stand alone: one file that opens from disk, offline, and asks nobody for anything."""

import json
from base64 import b64encode
from hashlib import sha256
from html import escape
from pathlib import Path
from typing import Any

from viz.svg import STYLE, theme

FRONT_END = Path(__file__).parent / "stepper"

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
<main id="stepper"></main>
<noscript>{walk}</noscript>
<script type="application/json" id="state">{state}</script>
<script type="module">{script}</script>
</body>
</html>
"""


def page(state: dict[str, Any]) -> str:
    """The stepper as an HTML file, with its front end, its state and its styles inside.

    Its policy lets run what is written here and nothing else, and lets nothing be fetched.
    """
    style = page_style()
    script = page_script()
    steps = "".join(f"<li>{escape(one['sentence'])}</li>" for one in state["plan"]["steps"])
    return PAGE.format(
        policy=f"default-src 'none'; base-uri 'none'; form-action 'none'; "
        f"script-src {fingerprint(script)}; style-src {fingerprint(style)} {fingerprint(STYLE)}",
        title=escape(state["plan"]["title"]),
        style=style,
        walk=f"<ol>{steps}</ol>",
        state=data_block(state),
        script=script,
    )


def page_style() -> str:
    return "body{margin:0}\n#stepper .sg-stepper{min-height:100vh}\n" + stepper_style()


def stepper_style() -> str:
    return theme(".sg-stepper") + "\n" + (FRONT_END / "stepper.css").read_text("utf-8")


def page_script() -> str:
    """The module and the host of the page as one script, because inlined modules have no name to
    be imported by."""
    module = (FRONT_END / "stepper.js").read_text("utf-8")
    host = (FRONT_END / "page.js").read_text("utf-8")
    return module.replace("export default", "const stepper =", 1) + "\n" + host


def data_block(data: Any) -> str:
    """JSON that cannot end the element it stands in."""
    text = json.dumps(data, allow_nan=False, separators=(",", ":"))  # ASCII: no U+2028 either
    return text.replace("<", r"\u003c").replace(">", r"\u003e").replace("&", r"\u0026")


def fingerprint(text: str) -> str:
    """How a content security policy refers to an inline script or style."""
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"
