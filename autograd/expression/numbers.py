"""Numbers as people type them: one rule for expressions, the command and the fields of a page.

`viz/apps/stepper/numbers.js` has the same rule for pages; one table of cases tests both.
"""

import math
import re

CONSTANTS = {"pi": math.pi, "π": math.pi, "e": math.e}

# Characters that are read as another one: minus signs of mathematics and word processors, signs for
# times and divided by, and the wide forms of ASCII that Chinese keyboards type.
SIGNS = "−–‐‑﹣·⋅∙×∗÷∕⁄"
FOLDED = str.maketrans(SIGNS, "-----*****///")
FOLDED |= {ord("！") + i: ord("!") + i for i in range(94)}

DIGITS = r"[0-9]+(?:_[0-9]+)*"
DECIMAL = rf"(?:{DIGITS}(?:\.(?:{DIGITS})?)?|\.{DIGITS})(?:[eE][-+]?{DIGITS})?"
TERM = rf"((?:{DECIMAL})?(?:pi|π)|{DECIMAL}|e)"
BLANK = "[ \t\r\n\u00a0\u2009\u202f]*"  # not \s, which Python and JavaScript disagree about
# A power of ten as pictures have it: 9·10⁻⁶, or 10³⁰ alone.
SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹"
POWER = re.compile(rf"(?:([0-9.])[·⋅×*]|(?<![0-9._]))10([⁻⁺]?[{SUPERSCRIPTS}]+)")
ON_THE_LINE = str.maketrans(SUPERSCRIPTS + "⁻⁺", "0123456789-+")
NUMBER = re.compile(rf"{BLANK}([-+]?){BLANK}{TERM}{BLANK}(?:/{BLANK}{TERM}{BLANK})?")

COMMA = re.compile(r"([-+]?[0-9]+),([0-9]+)")
TWO_MEANINGS = re.compile(r"[-+]?[1-9][0-9]{0,2},[0-9]{3}")  # a thousand, or 1 and no thousandths
THOUSANDS = re.compile(r"[-+]?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]*)?")
GERMAN = re.compile(r"[-+]?[0-9]{1,3}(?:\.[0-9]{3})+(?:,[0-9]*)?")
NOT_FINITE = re.compile(r"[-+]?(?:inf(?:inity)?|nan|∞)", re.IGNORECASE)
OTHER_BASE = re.compile(r"[-+]?0[xXbBoO][0-9a-fA-F_]+")
TOO_LARGE = "the largest number is about 1.8e308"


class NotANumber(ValueError):
    """Text that is no number; the message says what to write."""


def number_in(text: str) -> float:
    """The finite number that was typed.

    It has digits, and where wanted a point, an exponent or a power of ten, and `_` between digits.
    pi (or π), a multiple of it, and e are numbers too, and so is a fraction of two numbers. A sign
    stands before all that; minus may be that of mathematics. Raises NotANumber for everything else.

    >>> number_in("−1e−09"), number_in("9·10⁻⁶"), number_in("1_000"), number_in("1/4")
    (-1e-09, 9e-06, 1000.0, 0.25)
    """
    text = POWER.sub(with_exponent, text).translate(FOLDED)
    if not (found := NUMBER.fullmatch(text)):
        raise NotANumber(_hint(re.sub(f"^{BLANK}|{BLANK}$", "", text)))
    sign, above, below = found.groups()
    number = term(above)
    if below is not None:
        if not term(below):
            raise NotANumber("it divides by zero")
        number = number / term(below)
    if math.isinf(number):
        raise NotANumber(TOO_LARGE)
    return -number if sign == "-" else number


def with_exponent(found: re.Match[str]) -> str:
    """A power of ten as programs have it."""
    return f"{found[1] or '1'}e{found[2].translate(ON_THE_LINE)}"


def term(text: str) -> float:
    """The number of a TERM. Raises NotANumber when it is too large for a float."""
    decimal = text.removesuffix("pi").removesuffix("π")
    if text == "e":
        return math.e
    number = float(decimal or 1)
    if decimal != text:
        number *= math.pi
    if math.isinf(number):
        raise NotANumber(TOO_LARGE)
    return number


def _hint(text: str) -> str:
    """What to write instead. It never decides what a comma means where it can mean two things."""
    if found := COMMA.fullmatch(text):
        whole, rest = found.groups()
        without = f"{whole}{rest}, or " if TWO_MEANINGS.fullmatch(text) else ""
        return f"write {without}{whole}.{rest}, with a point"
    if THOUSANDS.fullmatch(text):
        return f"write {text.replace(',', '')}, without commas"
    if GERMAN.fullmatch(text):
        return f"write {text.replace('.', '').replace(',', '.')}, with one point"
    if NOT_FINITE.fullmatch(text):
        return "numbers are finite"
    if OTHER_BASE.fullmatch(text):
        return "write it in decimal digits"
    return "write digits, as in 0.5"
