"""The font of pictures: DejaVu Sans, which matplotlib brings along.

Texts are measured with it, and files that are shown elsewhere hold the letters they need of it:
what was measured is what is seen.
"""

from functools import cache, lru_cache
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import Literal

FAMILY = "DejaVu Sans"
FILES = {
    "regular": "DejaVuSans.ttf",
    "bold": "DejaVuSans-Bold.ttf",
    "italic": "DejaVuSans-Oblique.ttf",
}
Face = Literal["regular", "bold", "italic"]

MISSING = 1.1  # the width, in ems, of a character that the font has not: another one's is drawn


@cache
def folder() -> Path:
    """Where the files are; matplotlib itself is not imported, which would take half a second."""
    spec = find_spec("matplotlib")
    assert spec is not None and spec.submodule_search_locations
    return Path(spec.submodule_search_locations[0]) / "mpl-data" / "fonts" / "ttf"


@cache
def _advances(face: Face) -> tuple[dict[int, str], dict[str, tuple[int, int]], int]:
    from fontTools.ttLib import TTFont

    with TTFont(folder() / FILES[face], lazy=True) as font:
        return font.getBestCmap(), font["hmtx"].metrics, font["head"].unitsPerEm


@lru_cache(maxsize=10_000)
def advance(character: str, face: Face = "regular") -> float:
    """The width of a character, in ems."""
    glyphs, widths, em = _advances(face)
    glyph = glyphs.get(ord(character))
    return MISSING if glyph is None else widths[glyph][0] / em


def width(text: str, size: float, face: Face = "regular") -> float:
    """The width of a line of text of that size.

    >>> round(width("gradient", 10), 1)
    42.1
    """
    return size * ems(text, face)


@lru_cache(maxsize=4096)  # a layout measures the same texts again and again
def ems(text: str, face: Face) -> float:
    return sum([advance(character, face) for character in text])


def fitted(text: str, room: float, size: float, face: Face = "regular") -> str:
    """The text, or as much of its beginning as there is room for, and an ellipsis.

    >>> fitted("a gradient", 40, 10)
    'a gra…'
    """
    if width(text, size, face) <= room:
        return text
    left = room - width("…", size, face)
    for count, character in enumerate(text):
        left -= size * advance(character, face)
        if left < 0:
            return text[:count] + "…"
    return text


@lru_cache(maxsize=64)
def subset(face: Face, characters: frozenset[str]) -> bytes:
    """A font file with the outlines of these characters, and nothing else."""
    from fontTools import subset as fonts

    options = fonts.Options(
        layout_features=[],
        hinting=False,
        glyph_names=False,
        notdef_outline=True,
        name_IDs=[1, 2],
        drop_tables=["FFTM", "GDEF", "GSUB", "GPOS", "kern"],
    )
    file = BytesIO()
    with fonts.load_font(folder() / FILES[face], options) as font:
        subsetter = fonts.Subsetter(options)
        subsetter.populate(text="".join(sorted(characters)))
        subsetter.subset(font)
        font["head"].modified = font["head"].created  # equal pictures are equal files
        font.save(file, reorderTables=False)
    return file.getvalue()
