"""The words of an expression: numbers, names and signs, each with its place in the text."""

import re
from collections.abc import Callable
from typing import NamedTuple
from unicodedata import decomposition, normalize

from autograd.errors import AutogradError
from autograd.expression.numbers import DECIMAL, FOLDED, SIGNS
from autograd.user_text import ROOM, shown

LINE_ENDS = "\n\r\x1c\x1d\x1e\x85\u2028\u2029"  # as str.splitlines() has them
NUMBER = re.compile(DECIMAL)
SIGN = re.compile(r"\*\*|//|=>|=<|\+=|-=|\*=|/=|[=<>!:]=|[-+*/^()|,.=;√∛<>≤≥\[\]]")
KINDS = {"≤": "<=", "≥": ">="}
EXPONENT = re.compile(r"[-+]?[0-9]+|[^\W\d]")

ALL_THERE_IS = "write numbers, names, + - * / ** and functions such as tanh(x)"
EQUALITY = "numbers are compared with < and <=, as in where(x < 1, x, 1)"
ONE_NAME = "one name stands before =, as in h = w*x"
UPDATE = "write c = c + 1, not c += 1"
POWERS = "write powers with **, as in x**2"
HINTS = {  # by the characters that are no part of any expression
    "≠": EQUALITY,
    "%": "write / for a quotient, and 0.05 for 5 percent",
    "{}": "write all brackets as ( and )",
    "'\"`‘’“”": "leave out the quotes",
    "—": "write minus as -",
    "₀₁₂₃₄₅₆₇₈₉": "an index stands right behind a letter, as in x₁",
    "½⅓⅔¼¾⅛": "write fractions with /, as in 1/2",
    "∞": "numbers are finite",
    "∑": "write sum(a, b, c)",
    "∂∫": "write the function itself: its derivatives are computed from it",
    "\\$": "LaTeX is not read: write a/b, x**2, tanh(x)",
    ":": ONE_NAME,
}
HINT_OF = {character: hint for some, hint in HINTS.items() for character in some}
HINT_OF |= dict.fromkeys(["==", "!="], EQUALITY)
HINT_OF |= dict.fromkeys(["+=", "-=", "*=", "/="], UPDATE)
HINT_OF |= {
    "=>": "write >= for at least",
    "=<": "write <= for at most",
    ":=": ONE_NAME,
    "//": "write floor(a/b) for a quotient that is rounded down",
}


class ExpressionError(AutogradError, ValueError):
    """Text that cannot be read as an expression, in one line for the person who typed it."""


class Token(NamedTuple):
    """`kind` is "number", "name", "raised" (an exponent, as in x²), "line" or "end"; or it is a
    sign, such as "+". `text` is a number or a name as it is read, and a sign as it was typed;
    it was typed from `at` to `end`."""

    kind: str
    text: str
    at: int
    end: int


def tokens(text: str) -> list[Token]:
    """The words of the text in their order, and an "end". Raises ExpressionError for what stands
    for nothing."""
    folded = text.translate(FOLDED)
    found: list[Token] = []
    at = 0
    while at < len(folded):
        if folded[at] in LINE_ENDS:
            if not found or found[-1].kind != "line":
                found.append(Token("line", "\n", at, at + 1))
        elif not folded[at].isspace():
            found.append(_token(folded, text, at))
            at = found[-1].end - 1
        at += 1
    return [*found, Token("end", "", at, at)]


def _token(folded: str, text: str, at: int) -> Token:
    if number := NUMBER.match(folded, at):
        return Token("number", number.group(), at, number.end())
    if folded[at].isidentifier() and not is_raised(folded[at]):
        return _run("name", folded, at, continues_name)
    if is_raised(folded[at]):
        token = _run("raised", folded, at, is_raised)
        if not EXPONENT.fullmatch(token.text):
            raise cannot_read(text, at, POWERS)
        return token
    sign = found.group() if (found := SIGN.match(folded, at)) else folded[at]
    if not {*SIGNS}.isdisjoint(text[at : at + len(sign)]):
        sign = sign[0]  # x··2 has two signs, and no **
    if sign in HINT_OF or not found:
        unknown = f"{ALL_THERE_IS}, and no {shown(sign)}"
        raise cannot_read(text, at, HINT_OF.get(sign, unknown))
    return Token(KINDS.get(sign, sign), text[at : at + len(sign)], at, at + len(sign))


def _run(kind: str, text: str, at: int, goes_on: Callable[[str], bool]) -> Token:
    end = at + 1
    while end < len(text) and goes_on(text[end]):
        end += 1
    return Token(kind, folded_name(text[at:end]).replace("−", "-"), at, end)


def folded_name(name: str) -> str:
    """The name as Python reads it: µ (micro) is μ (mu), 𝑥 is x; and x₁ is x1."""
    return normalize("NFKC", name)


def is_name(text: str) -> bool:
    """Whether the text is one name, as it may be typed."""
    first = text[:1]
    return (
        first.isidentifier() and not is_raised(first) and all(continues_name(one) for one in text)
    )


def continues_name(character: str) -> bool:
    """Whether a name goes on with it: letters, digits, _ and the small digits of x₁."""
    if decomposition(character).startswith("<sub>"):
        return True
    return f"x{character}".isidentifier() and not is_raised(character)


def is_raised(character: str) -> bool:
    """Whether it is written small and high, as in x² and xⁿ."""
    return decomposition(character).startswith("<super>")


def cannot_read(text: str, at: int, hint: str) -> ExpressionError:
    """The error about what stands at a place in the text, which it shows."""
    start = text.rfind("\n", 0, at) + 1
    line = text[start:].partition("\n")[0].rstrip()
    if len(line) > ROOM and at - start > ROOM // 2:
        line = f"…{line[at - start - ROOM // 2 :]}"
    return ExpressionError(f"{shown(line.strip()) or 'this'} cannot be read: {hint}")
