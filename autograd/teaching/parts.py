"""What reports consist of: sentences, equations, tables and code, and how each format writes it."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from autograd.formula import Formula
from autograd.teaching.layout import SHORT, WIDTH, row_in_text, wrapped
from autograd.teaching.names import printable
from autograd.teaching.typeset import IN_MARKDOWN, formula

IN_LATEX = str.maketrans(
    {c: rf"\{c}" for c in "#$%&_{}"}
    | {"\\": r"\textbackslash{}", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}"}
    | {"<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}", "`": r"\textasciigrave{}"}
    | {"[": "{[}", "*": "{*}"}  # which end a row in another way, where one begins with them
    | {"·": r"$\cdot$", "∂": r"$\partial$", "λ": r"$\lambda$", "′": "$'$", "…": r"\ldots{}"}
)

T = TypeVar("T")


@dataclass(frozen=True)
class UserText:
    """Words that are not ours, such as a line of code or a message with a label in it: every
    format shows them as they are, but for characters that cannot be seen."""

    text: str

    def __init__(self, text: str) -> None:
        object.__setattr__(self, "text", printable(text))

    def __str__(self) -> str:
        return self.text

    @property
    def markdown(self) -> str:
        """With a backslash before all that Markdown would read."""
        return re.sub(r"([^\w\s,:;'\"/])", r"\\\1", self.text, flags=re.ASCII)


class Code(UserText):
    """A piece of code inside a sentence."""

    @property
    def markdown(self) -> str:
        """Between backquotes; with a backslash before all that Markdown would read, where it has
        some itself."""
        plain = not re.search(r"[`|]", self.text)
        return f"`{self.text}`" if plain else super().markdown


Piece = str | Formula | UserText


def in_markdown(piece: Piece) -> str:
    """A formula stands between dollar signs; words of ours may hold Markdown."""
    if isinstance(piece, Formula):
        return f"${piece.latex.translate(IN_MARKDOWN)}$"
    return piece.markdown if isinstance(piece, UserText) else piece


def in_latex(piece: Piece) -> str:
    """A formula stands between dollar signs."""
    if isinstance(piece, Formula):
        return f"${piece.latex}$"
    words = str(piece).translate(IN_LATEX)
    return rf"\texttt{{{words}}}" if isinstance(piece, Code) else words


def in_html(piece: Piece) -> str:
    """A formula is MathML."""
    from html import escape  # here, as its table of entities takes a while

    if isinstance(piece, Formula):
        return formula(piece.latex)
    words = escape(str(piece), quote=False)
    return f"<code>{words}</code>" if isinstance(piece, Code) else words


@dataclass(frozen=True)
class Sentence:
    """Words of ours, and formulas between them: `Sentence("The gradient is ", g, ".")`."""

    pieces: tuple[Piece, ...]

    def __init__(self, *pieces: Piece) -> None:
        object.__setattr__(self, "pieces", pieces)

    @property
    def words(self) -> str:
        """In plain text, on one line."""
        return "".join(map(str, self.pieces))

    @property
    def text(self) -> str:
        """In plain text, wrapped to 80 columns."""
        return wrapped(self.words.split(" "))

    @property
    def markdown(self) -> str:
        """A paragraph of Markdown."""
        return "".join(map(in_markdown, self.pieces))

    @property
    def latex(self) -> str:
        """A paragraph of LaTeX."""
        return "".join(map(in_latex, self.pieces))

    @property
    def html(self) -> str:
        """A paragraph of HTML."""
        return f"<p>{''.join(map(in_html, self.pieces))}</p>"


@dataclass(frozen=True)
class Equation:
    """Formulas that are equal, written in a row with equals signs between them. Pieces that read
    alike are written once: `f = f = 2` would say one thing twice."""

    pieces: tuple[Formula, ...]

    def __init__(self, *pieces: Formula) -> None:
        distinct = {one.text: one for one in reversed(pieces)}
        kept = [one for one in pieces if distinct.pop(one.text, None) is not None]
        object.__setattr__(self, "pieces", tuple(kept))

    @property
    def text(self) -> str:
        """On one line of plain text."""
        return " = ".join(one.text for one in self.pieces)

    @property
    def latex(self) -> str:
        """On one line of LaTeX."""
        return " = ".join(one.latex for one in self.pieces)

    @property
    def aligned(self) -> str:
        """A row of an `align*` environment; of a long equation, a row for each piece."""
        first, *rest = (one.latex for one in self.pieces)
        if not rest:
            return f"& {first}"
        is_long = len(self.text) > WIDTH
        if is_long and len(self.pieces[0].text) > SHORT:  # no other row aligns with its end
            return " \\\\\n&\\quad = ".join([f"& {first}", *rest])
        between = " \\\\\n&= " if is_long else " = "
        return f"{first} &= " + between.join(rest)

    @property
    def html(self) -> str:
        """In MathML, a formula for each piece, so that lines can end between them."""
        first, *rest = (one.latex for one in self.pieces)
        return " ".join([formula(first), *(formula(f"= {one}") for one in rest)])

    def as_formula(self) -> Formula:
        """The row as a piece of a sentence."""
        return Formula(self.text, self.latex)


@dataclass(frozen=True)
class Equations:
    """Equations one below the other."""

    rows: tuple[Equation, ...]

    def __init__(self, *rows: Equation) -> None:
        object.__setattr__(self, "rows", rows)

    def __iter__(self) -> Iterator[Equation]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def text(self) -> str:
        """A line for each, set in a little."""
        return "\n".join(row_in_text([piece.text for piece in one.pieces]) for one in self.rows)

    @property
    def markdown(self) -> str:
        """A list, with formulas between dollar signs."""
        return "\n".join(f"- ${one.latex.translate(IN_MARKDOWN)}$" for one in self.rows)

    @property
    def latex(self) -> str:
        """An `align*` environment (package amsmath)."""
        rows = " \\\\\n".join(one.aligned for one in self.rows)
        return f"\\begin{{align*}}\n{rows}\n\\end{{align*}}"

    @property
    def html(self) -> str:
        """A list."""
        return f"<ul>{''.join(f'<li>{one.html}</li>' for one in self.rows)}</ul>"


@dataclass(frozen=True)
class Table:
    """Rows of words and formulas under a row of heads, all equally long."""

    heads: tuple[Piece, ...]
    rows: tuple[tuple[Piece, ...], ...]

    @property
    def text(self) -> str:
        """Columns of equal width, set in a little.

        >>> print(Table(("leaf", "gradient"), (("a", "6"), ("b", "-4"))).text)
          leaf   gradient
          a      6
          b      -4
        """
        lines = [[str(cell) for cell in row] for row in (self.heads, *self.rows)]
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
            f"| {' | '.join(in_markdown(c).replace('|', '&#124;') for c in row)} |" for row in lines
        )

    @property
    def latex(self) -> str:
        """A `tabular` environment."""
        heads, *rows = (" & ".join(map(in_latex, row)) for row in (self.heads, *self.rows))
        lines = [rf"{heads} \\ \hline", *(rf"{row} \\" for row in rows)]
        return "\n".join(
            [rf"\begin{{tabular}}{{{'l' * len(self.heads)}}}", *lines, r"\end{tabular}"]
        )

    @property
    def html(self) -> str:
        """A table element."""
        rows = [
            f"<tr>{''.join(f'<{cell}>{in_html(one)}</{cell}>' for one in row)}</tr>"
            for cell, lines in (("th", [self.heads]), ("td", self.rows))
            for row in lines
        ]
        return f"<table>{''.join(rows)}</table>"


@dataclass(frozen=True)
class CodeLines:
    """Lines of code of ours, which keep their breaks."""

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
    def latex(self) -> str:
        """A `verbatim` environment."""
        return "\n".join([r"\begin{verbatim}", *self.lines, r"\end{verbatim}"])

    @property
    def html(self) -> str:
        """A pre element."""
        from html import escape

        return f"<pre>{escape(chr(10).join(self.lines), quote=False)}</pre>"


Part = Sentence | Equations | Table | CodeLines


def few(items: Sequence[T], most: int, line: Callable[[T], Equation]) -> Equations:
    """The lines of the items, but for the middle of more than `most`."""
    if len(items) <= most:
        return Equations(*map(line, items))
    between = Equation(Formula("…", r"\ldots"))
    return Equations(*map(line, items[:3]), between, *map(line, items[-3:]))


def shortly(x: float | None, digits: int = 6) -> Formula | str:
    """A number with so many significant digits; the sign of 0 is left out.

    >>> str(shortly(14 / 3)), str(shortly(-0.0)), shortly(None)
    ('4.66667', '0', 'none')
    """
    return "none" if x is None else Formula.of_number(x, digits)
