"""What a teaching tool prints: paragraphs and tables, as text, Markdown, HTML and JSON."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import fill
from typing import Any

WIDTH = 80  # columns of a terminal that paragraphs are filled to
CODE = "`"  # around what a paragraph shows as code; plain text leaves the mark out


@dataclass(frozen=True)
class Table:
    """Rows of words under a row of heads, all equally long."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    @property
    def text(self) -> str:
        """Columns of equal width, set in a little.

        >>> print(Table(("leaf", "gradient"), (("a", "6"), ("b", "-4"))).text)
          leaf   gradient
          a      6
          b      -4
        """
        lines = [self.heads, *self.rows]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        return "\n".join(
            "  " + "   ".join(f"{word:<{w}}" for word, w in zip(row, widths, strict=True)).rstrip()
            for row in lines
        )

    @property
    def markdown(self) -> str:
        """A table of Markdown, in which a bar inside a word is escaped."""
        lines = [self.heads, ("---",) * len(self.heads), *self.rows]
        return "\n".join(
            f"| {' | '.join(w.replace('|', '&#124;') for w in row)} |" for row in lines
        )

    @property
    def html(self) -> str:
        """A table element."""
        from html import escape  # here, as its table of entities takes a while

        rows = [
            f"<tr>{''.join(f'<{cell}>{escape(word)}</{cell}>' for word in row)}</tr>"
            for cell, lines in (("th", [self.heads]), ("td", self.rows))
            for row in lines
        ]
        return f"<table>{''.join(rows)}</table>"


@dataclass(frozen=True)
class Lines:
    """Lines that keep their breaks, such as formulas one below the other."""

    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        """The lines, set in a little."""
        return "\n".join(f"  {line}".rstrip() for line in self.lines)

    @property
    def markdown(self) -> str:
        """A block of code."""
        return "\n".join(["```", *self.lines, "```"])

    @property
    def html(self) -> str:
        """A pre element."""
        from html import escape

        return f"<pre>{escape(chr(10).join(self.lines))}</pre>"


Part = str | Table | Lines


class Report:
    """The base of every report: a subclass has its findings as fields, says in `parts` what is
    printed of them, and in `data` what a program reads.

    It prints as `text`, and notebooks show `html`.
    """

    @property
    def parts(self) -> Sequence[Part]:
        """The paragraphs and tables, in order."""
        raise NotImplementedError

    @property
    def data(self) -> dict[str, Any]:
        """The findings as plain dicts, lists, texts and numbers."""
        raise NotImplementedError

    @property
    def text(self) -> str:
        """The report for a terminal."""
        return "\n\n".join(
            fill(part.replace(CODE, ""), WIDTH, break_long_words=False, break_on_hyphens=False)
            if isinstance(part, str)
            else part.text
            for part in self.parts
        )

    @property
    def markdown(self) -> str:
        """The report in Markdown."""
        return "\n\n".join(part if isinstance(part, str) else part.markdown for part in self.parts)

    @property
    def html(self) -> str:
        """The report as HTML, with nothing to fetch."""
        return "".join(
            paragraph(part) if isinstance(part, str) else part.html for part in self.parts
        )

    @property
    def json(self) -> str:
        """`data` as JSON. Numbers that are not finite are written as texts, which JSON lacks."""
        return json.dumps(plain(self.data), ensure_ascii=False, indent=2, allow_nan=False)

    def _repr_html_(self) -> str:
        return self.html

    def __str__(self) -> str:
        return self.text

    __repr__ = __str__


def escaped(row: Sequence[str]) -> list[str]:
    return [word.replace("|", "&#124;") for word in row]


def paragraph(text: str) -> str:
    """A paragraph as HTML, with what stands between backquotes as code."""
    from html import escape

    pieces = [escape(piece) for piece in text.split(CODE)]
    pieces[1::2] = [f"<code>{piece}</code>" for piece in pieces[1::2]]
    return f"<p>{''.join(pieces)}</p>"


def plain(found: Any) -> Any:
    """The same, with inf and nan as texts."""
    if isinstance(found, dict):
        return {str(key): plain(one) for key, one in found.items()}
    if isinstance(found, list | tuple):
        return [plain(one) for one in found]
    if isinstance(found, float) and found - found != 0:
        return str(found)
    return found


def shortly(x: float | None, digits: int = 6) -> str:
    """A number with so many significant digits; the sign of 0 is left out.

    >>> shortly(14 / 3), shortly(-0.0), shortly(None)
    ('4.66667', '0', 'none')
    """
    return "none" if x is None else f"{x + 0.0:.{digits}g}"


def listed(words: Sequence[str], last: str = "and") -> str:
    """
    >>> listed(["a", "b", "c"]), listed(["a", "b"], "or")
    ('a, b and c', 'a or b')
    """
    return f" {last} ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
