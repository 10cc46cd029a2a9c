"""A scene as SVG: a file that needs nothing else, neither a style nor a font.

Colours are written out, since few programs know CSS variables; where the theme is to be the
reader's, a rule for dark pages exchanges them.
"""

from base64 import b64encode
from collections import defaultdict
from collections.abc import Iterator
from typing import Literal
from zlib import crc32

from viz.escape import xml
from viz.palette import DARK, LIGHT
from viz.render.font import FAMILY, Face, subset, width
from viz.render.scene import Group, Mark, Scene, Text

Theme = Literal["auto", "light", "dark"]
THEMES = ("auto", "light", "dark")

WEIGHTS = {"regular": "", "bold": ' font-weight="700"', "italic": ' font-style="italic"'}
SVG_DATA = "data:image/svg+xml;base64,"


def palette(theme: Theme) -> dict[str, str]:
    """The colours of a theme. Raises ValueError for one that there is not."""
    if theme not in THEMES:
        raise ValueError(f"theme is one of {', '.join(THEMES)}, not {theme!r}")
    return DARK if theme == "dark" else LIGHT


def svg(scene: Scene, theme: Theme = "auto", fonts: bool = True) -> str:
    """The scene as the text of an SVG file, with the letters of its font unless told otherwise.

    Its ids begin with a fingerprint of the scene, so that those of two on one page differ.
    """
    colors = palette(theme)
    prefix = f"sg-{crc32(repr(scene).encode()):08x}"
    wide, high = f"{scene.width:g}", f"{scene.height:g}"
    described = scene.sentences
    style = dark_rules() if theme == "auto" else ""
    if fonts:
        style = font_rules(scene) + style
    return "".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" id="{prefix}" width="{wide}" '
            f'height="{high}" viewBox="0 0 {wide} {high}" font-family="{FAMILY}" role="img" '
            f'aria-labelledby="{prefix}-title" aria-describedby="{prefix}-desc">\n',
            f'<title id="{prefix}-title">{xml(scene.title)}</title>\n',
            f'<desc id="{prefix}-desc">{xml(described)}</desc>\n' if described else "",
            f"<style>{style}</style>\n" if style else "",
            f'<rect width="{wide}" height="{high}" fill="{colors["background"]}"/>\n',
            *(group_text(group, colors) for group in scene.groups),
            "</svg>",
        ]
    )


def group_text(group: Group, colors: dict[str, str]) -> str:
    of = f' data-of="{group.of}"' if group.of else ""
    title = f"<title>{xml(group.sentence)}</title>" if group.sentence else ""
    marks = "".join(mark_text(mark, colors) for mark in group.marks)
    return f'<g class="{group.kind}"{of}>{title}{marks}</g>\n'


def mark_text(mark: Mark, colors: dict[str, str]) -> str:
    """A mark as an element. Whatever paints it elsewhere gives it the same attributes."""
    part = f' class="{mark.part}"' if mark.part else ""
    if isinstance(mark, Text):
        anchor = "" if mark.anchor == "start" else f' text-anchor="{mark.anchor}"'
        if mark.room and width(mark.text, mark.size, mark.face) > mark.room:
            anchor += f' textLength="{mark.room:g}" lengthAdjust="spacingAndGlyphs"'
        return (
            f'<text{part} x="{mark.x:g}" y="{mark.y:g}" font-size="{mark.size:g}"'
            f'{WEIGHTS[mark.face]}{anchor} fill="{colors[mark.color]}">{xml(mark.text)}</text>'
        )
    fill = colors[mark.fill] if mark.fill else "none"
    stroke = ""
    if mark.stroke:
        stroke = f' stroke="{colors[mark.stroke]}" stroke-width="{mark.width:g}"'
        if mark.dash:
            stroke += f' stroke-dasharray="{" ".join(f"{length:g}" for length in mark.dash)}"'
        if mark.opacity != 1:
            stroke += f' stroke-opacity="{mark.opacity:g}"'
    return f'<path{part} d="{mark.path}" fill="{fill}"{stroke}/>'


def dark_rules() -> str:
    """Every colour of the light palette exchanged for that of the dark one. A style is stronger
    than an attribute."""
    rules = "".join(
        f'[fill="{light}"]{{fill:{DARK[name]}}}[stroke="{light}"]{{stroke:{DARK[name]}}}'
        for name, light in LIGHT.items()
    )
    return f"@media (prefers-color-scheme:dark){{{rules}}}"


def font_rules(scene: Scene) -> str:
    """The font, with the characters that the scene has in each of its faces."""
    return "".join(font_rule(face, characters) for face, characters in characters_of(scene))


def font_rule(face: Face, characters: frozenset[str]) -> str:
    weight = 700 if face == "bold" else 400
    style = "italic" if face == "italic" else "normal"
    data = b64encode(subset(face, characters)).decode()
    return (
        f"@font-face{{font-family:'{FAMILY}';font-weight:{weight};font-style:{style};"
        f"src:url(data:font/ttf;base64,{data})}}"
    )


def characters_of(scene: Scene) -> Iterator[tuple[Face, frozenset[str]]]:
    """The characters of a scene, by the face in which they stand."""
    found: dict[Face, set[str]] = defaultdict(set)
    for text in scene.texts:
        found[text.face].update(text.text)
    return ((face, frozenset(found[face])) for face in sorted(found))


def image_html(text: str, alternative: str) -> str:
    """An SVG file for a notebook, as wide as its place at most.

    As the source of an image it survives notebooks that are shown before they are trusted, whose
    cleaned HTML keeps images and drops SVG, and its ids and styles meet nobody else's.
    """
    data = b64encode(text.encode()).decode()
    return f'<img alt="{xml(alternative)}" style="max-width:100%" src="{SVG_DATA}{data}">'
