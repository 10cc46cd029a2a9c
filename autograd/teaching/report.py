"""What a teaching tool has to say, as sentences and equations, and how each format writes it."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from autograd.formula import Formula
from autograd.teaching.names import printable
from autograd.teaching.typeset import IN_MARKDOWN, formula

WIDTH = 80  # columns of plain text
SHORT = 20  # characters of a left side, such as ∂y/∂x, that never stands alone
IN_LATEX = str.maketrans(
    {c: rf"\{c}" for c in "#$%&_{}"}
    | {"\\": r"\textbackslash{}", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}"}
    | {"<": r"\textless{}", ">": r"\textgreater{}", "·": r"$\cdot$", "∂": r"$\partial$"}
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


Piece = str | Formula | UserText


@dataclass(frozen=True)
class Sentence:
    """Words of ours, and formulas between them: `Sentence("The gradient is ", g, ".")`."""

    pieces: tuple[Piece, ...]

    def __init__(self, *pieces: Piece) -> None:
        object.__setattr__(self, "pieces", pieces)

    @property
    def text(self) -> str:
        """In plain text."""
        return "".join(map(str, self.pieces))

    @property
    def markdown(self) -> str:
        """With formulas between dollar signs."""
        return "".join(
            f"${one.latex.translate(IN_MARKDOWN)}$"
            if isinstance(one, Formula)
            else one.markdown
            if isinstance(one, UserText)
            else one
            for one in self.pieces
        )

    @property
    def latex(self) -> str:
        """A paragraph of LaTeX."""
        return "".join(
            f"${one.latex}$" if isinstance(one, Formula) else str(one).translate(IN_LATEX)
            for one in self.pieces
        )

    @property
    def html(self) -> str:
        """With formulas in MathML."""
        from html import escape  # here, as its table of entities takes a while

        return "".join(
            formula(one.latex) if isinstance(one, Formula) else escape(str(one), quote=False)
            for one in self.pieces
        )


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
        if (
            len(self.pieces[0].text) > SHORT and len(self.text) > WIDTH
        ):  # no other row aligns with its end
            return " \\\\\n&\\quad = ".join([f"& {first}", *rest])
        between = " = " if len(self.text) <= WIDTH else " \\\\\n&= "
        return f"{first} &= " + between.join(rest)

    @property
    def html(self) -> str:
        """In MathML, a formula for each piece, so that lines can end between them."""
        first, *rest = (one.latex for one in self.pieces)
        return " ".join([formula(first), *(formula(f"= {one}") for one in rest)])

    def as_formula(self) -> Formula:
        """The row as a piece of a sentence."""
        return Formula(self.text, self.latex)


Part = Sentence | tuple[Equation, ...]


class Report:
    """What a tool has found out, to be read. It prints as `text`, and notebooks typeset it.

    A subclass says in `parts` what it consists of: paragraphs, and groups of equations.
    """

    def parts(self) -> Sequence[Part]:
        """Paragraphs and groups of equations, in their order."""
        raise NotImplementedError

    @property
    def text(self) -> str:
        """In plain text, wrapped to 80 columns."""
        return "\n".join(part_in_text(part, first=at == 0) for at, part in enumerate(self.parts()))

    @property
    def markdown(self) -> str:
        """Paragraphs and lists, with formulas between dollar signs."""
        blocks = []
        for part in self.parts():
            if isinstance(part, Sentence):
                blocks.append(part.markdown)
            else:
                rows = [one.latex.translate(IN_MARKDOWN) for one in part]
                blocks.append("\n".join(f"- ${row}$" for row in rows))
        return "\n\n".join(blocks)

    @property
    def latex(self) -> str:
        """Paragraphs and `align*` environments (package amsmath)."""
        return "\n\n".join(
            part.latex
            if isinstance(part, Sentence)
            else "\\begin{align*}\n"
            + " \\\\\n".join(one.aligned for one in part)
            + "\n\\end{align*}"
            for part in self.parts()
        )

    def _repr_html_(self) -> str:
        blocks = []
        for part in self.parts():
            if isinstance(part, Sentence):
                blocks.append(f"<p>{part.html}</p>")
            else:
                blocks.append("<ul>" + "".join(f"<li>{one.html}</li>" for one in part) + "</ul>")
        return "".join(blocks)

    def __str__(self) -> str:
        return self.text

    __repr__ = __str__


def part_in_text(part: Part, first: bool) -> str:
    """A paragraph, with a blank line before all but the first, or equations, set in a little."""
    if isinstance(part, Sentence):
        return ("" if first else "\n") + wrapped(part.text.split(" "))
    return "\n".join(equation_in_text(one) for one in part)


def equation_in_text(one: Equation) -> str:
    """An equation on one line; one that is too long, with a line for each of its pieces."""
    if len(one.text) <= WIDTH - 2:
        return f"  {one.text}"
    first, *rest = (piece.text for piece in one.pieces)
    if rest and (len(first) <= SHORT or len(first) + len(rest[0]) <= WIDTH - 5):
        first = f"{first} = {rest.pop(0)}"
    lines = [first, *(f"    = {one}" for one in rest)]
    return "\n".join("\n".join(folded(f"  {line}")) for line in lines)


def folded(line: str, indent: str = " " * 8) -> list[str]:
    """A formula on lines of at most 80 columns: each ends before a plus or a dot, one that stands
    in as few parentheses as possible."""
    lines = []
    while len(line) > WIDTH:
        depth, breaks = 0, []
        for at, c in enumerate(line[: WIDTH + 1]):
            depth += (c == "(") - (c == ")")
            if line[at : at + 3] in (" + ", " · ") and at > WIDTH // 3:
                breaks.append((2 * depth + (line[at + 1] == "·"), -at))
        if not breaks:
            break
        at = -min(breaks)[1]
        lines.append(line[:at])
        line = indent + line[at + 1 :]
    return [*lines, line]


def wrapped(words: Iterable[str]) -> str:
    """The words with blanks between them, on lines of at most 80 columns where words are short
    enough."""
    lines: list[str] = []
    for word in words:
        if lines and len(lines[-1]) + 1 + len(word) <= WIDTH:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return "\n".join(lines)


def few(items: Sequence[T], most: int, line: Callable[[T], Equation]) -> tuple[Equation, ...]:
    """The lines of the items, but for the middle of more than `most`."""
    if len(items) <= most:
        return tuple(map(line, items))
    return (*map(line, items[:3]), Equation(Formula("…", r"\ldots")), *map(line, items[-3:]))
