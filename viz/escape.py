"""Text that others wrote, made harmless in DOT and in XML."""

import re
from html import escape
from itertools import accumulate
from unicodedata import combining, east_asian_width

# What XML 1.0 or Graphviz cannot carry: controls other than newline, halves of characters,
# and two code points that are no characters.
UNPRINTABLE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
LONGEST = 200


def printable(text: object) -> str:
    """The text with � for what cannot be shown, cut to 200 characters and an ellipsis.

    >>> printable("bell\\a")
    'bell�'
    """
    shown = UNPRINTABLE.sub("�", str(text))
    return shown if len(shown) <= LONGEST else shown[:LONGEST] + "…"


def quoted(text: str) -> str:
    """Printable text as it stands inside a quoted DOT string, in which Graphviz would otherwise
    read entities (`&lt;`), escapes (`\\N` is the name of the node), and the closing quote.

    The graphviz package must be told not to take `<…>` for HTML: pass graphviz.nohtml(quoted(…)).
    """
    for plain, harmless in (("&", "&amp;"), ("\\", r"\\"), ('"', r"\""), ("\n", r"\n")):
        text = text.replace(plain, harmless)
    return text


def xml(text: str) -> str:
    """Printable text as it stands inside an XML element or attribute."""
    return escape(text).replace("\n", "&#10;")


def columns(text: str) -> int:
    """How many columns of a monospaced font the text takes."""
    return sum(
        0 if combining(c) or c in "\u200d\ufe0f" else 2 if east_asian_width(c) in "WF" else 1
        for c in text
    )


def shortened(text: str, room: int = 24) -> str:
    """The text on one line of at most `room` columns.

    >>> shortened("a name that nobody wants to read twice")
    'a name that nobody want…'
    """
    text = " ".join(text.split("\n"))
    if columns(text) <= room:
        return text
    reached = accumulate(map(columns, text))
    return text[: sum(end < room for end in reached)] + "…"
