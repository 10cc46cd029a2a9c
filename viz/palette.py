"""The colours of pictures, for light pages and for dark ones."""

# Orange and blue stay apart for colour-blind readers; text on each keeps a contrast of 4.5 : 1.
LIGHT = {
    "positive": "#b35806",
    "negative": "#2166ac",
    "positive-fill": "#fdd9b5",
    "negative-fill": "#c6dcf0",
    "background": "#ffffff",
    "text": "#1a1a1a",
    "muted": "#6b6b6b",
    "line": "#767676",
    "card": "#f6f6f6",
    "current": "#7b3294",  # the step that is being told
    "rule": "#d9d9d9",  # separates, and means nothing
}

DARK = {
    "positive": "#fdb863",
    "negative": "#92c5de",
    "positive-fill": "#6b3d10",
    "negative-fill": "#1d4468",
    "background": "#15181c",
    "text": "#eceff1",
    "muted": "#a3abb3",
    "line": "#8a939b",
    "card": "#20252b",
    "current": "#d8a7ee",
    "rule": "#363d45",
}


def sign(x: float | None) -> str:
    """The name of the colour that stands for the sign of x."""
    return "positive" if x is not None and x > 0 else "negative" if x is not None and x < 0 else ""


def theme(selector: str) -> str:
    """The palette as variables of what is selected: light, or dark where the page or system is."""
    light = ('body[data-jp-theme-light="true"]', ".vscode-light", ".light")
    dark = ('body[data-jp-theme-light="false"]', ".vscode-dark", ".dark")
    return "\n".join(
        [
            f"{selector}{variables(LIGHT)}",
            f"@media (prefers-color-scheme:dark){{{selector}{variables(DARK)}}}",
            # a page that says which it is knows better than the system
            ",".join(f"{page} {selector}" for page in light) + variables(LIGHT),
            ",".join(f"{page} {selector}" for page in dark) + variables(DARK),
        ]
    )


def variables(palette: dict[str, str]) -> str:
    return "{" + ";".join(f"--sg-{name}:{colour}" for name, colour in palette.items()) + "}"
