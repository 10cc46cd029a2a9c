"""Scenes as PNG and PDF, by Typst: one library draws both, as a browser does, and puts the letters
that are used into a PDF. Of its fonts it is given none but ours."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache
from typing import TYPE_CHECKING, Literal

from viz.render.font import folder
from viz.render.scene import Scene
from viz.render.svg import Theme, svg

if TYPE_CHECKING:
    from typst import Fonts

# A page for every picture; 3 points are 4 pixels.
DOCUMENT = b"""
#let sizes = json(bytes(sys.inputs.sizes))
#for (i, (width, height)) in sizes.enumerate() {
  set page(width: width * 0.75pt, height: height * 0.75pt, margin: 0pt)
  image(bytes(sys.inputs.at("svg" + str(i))), format: "svg", width: 100%, height: 100%)
}
"""
# So many pictures on every page, and a text after them that can be copied. Lengths are millimetres.
SHEETS = b"""
#let given = json(bytes(sys.inputs.given))
#set page(width: given.width * 1mm, height: given.height * 1mm, margin: given.margin * 1mm)
#let picture(i) = box(
  stroke: 0.4pt + luma(60%),
  image(bytes(sys.inputs.at("svg" + str(i))), format: "svg", width: given.picture * 1mm),
)
#for (k, page) in range(given.count).chunks(given.per_page).enumerate() {
  if k > 0 { pagebreak() }
  grid(columns: given.columns, gutter: given.gap * 1mm, ..page.map(picture))
}
#if given.text != "" {
  pagebreak()
  set text(font: "DejaVu Sans Mono", size: 8pt)
  raw(given.text, block: true)
}
"""
PIXELS_PER_INCH = 96.0
LARGEST = 100_000_000  # pixels of one picture: 400 MB while it is drawn


@dataclass(frozen=True)
class Grid:
    """How pictures stand on paper: the size of a page, its margin, the gap between pictures and the
    width of a picture, all in millimetres; how many stand side by side, and how many on a page."""

    width: float
    height: float
    margin: float
    gap: float
    picture: float
    columns: int
    per_page: int


def png(scene: Scene, theme: Theme = "light", scale: float = 1.0) -> bytes:
    """The scene as a PNG file, `scale` times as many pixels wide and high as it is.

    Raises ValueError for a scale that is not above 0, and for more than 100 million pixels.
    """
    pixels = scene.width * scene.height * scale * scale
    if not (scale > 0 and pixels >= 1):
        raise ValueError(f"scale is a number above 0, not {scale!r}")
    if not pixels <= LARGEST:
        raise ValueError(
            f"{scene.width * scale:.0f} × {scene.height * scale:.0f} are too many pixels for a "
            "PNG: save a .svg or .pdf, or take a smaller scale"
        )
    return _compiled([scene], theme, "png", PIXELS_PER_INCH * scale)


def pdf(scenes: Sequence[Scene], theme: Theme = "light") -> bytes:
    """The scenes as a PDF file, a page each. Its texts can be selected."""
    return _compiled(scenes, theme, "pdf", PIXELS_PER_INCH)


def sheets(scenes: Sequence[Scene], grid: Grid, text: str = "") -> bytes:
    """A PDF file for paper: several scenes of one size on every page, and a text at the end."""
    given = asdict(grid) | {"count": len(scenes), "text": text}
    return _made(SHEETS, scenes, "light", "pdf", PIXELS_PER_INCH, {"given": json.dumps(given)})


def _compiled(
    scenes: Sequence[Scene], theme: Theme, format: Literal["png", "pdf"], ppi: float
) -> bytes:
    theme = "dark" if theme == "dark" else "light"  # paper has no reader's theme
    sizes = json.dumps([[scene.width, scene.height] for scene in scenes])
    return _made(DOCUMENT, scenes, theme, format, ppi, {"sizes": sizes})


def _made(
    document: bytes,
    scenes: Sequence[Scene],
    theme: Theme,
    format: Literal["png", "pdf"],
    ppi: float,
    inputs: dict[str, str],
) -> bytes:
    import typst

    pictures = {f"svg{i}": svg(scene, theme, fonts=False) for i, scene in enumerate(scenes)}
    made = typst.compile(
        document,
        font_paths=_fonts(),
        sys_inputs=pictures | inputs,
        format=format,
        ppi=ppi,
        timestamp=0,  # equal pictures are equal files
    )
    assert isinstance(made, bytes)  # a list it is for several PNGs
    return made


@cache
def _fonts() -> "Fonts":
    import typst

    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(folder())]
    )
