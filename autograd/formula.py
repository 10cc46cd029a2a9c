"""Formulas: the reading in which arithmetic is written down instead of done.

A partial of the table, evaluated on formulas, gives the text and the LaTeX of a local derivative; a
sweep that reads formulas gives a whole derivation:

>>> from autograd import Value, gradients
>>> x = Value(3.0, "x")
>>> y = (x * x).exp()
>>> print(gradients(y, read=in_full)[x])
exp(x * x) * x + exp(x * x) * x
"""

import math
import re
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

from autograd.backprop import topological_order
from autograd.op import Op
from autograd.operand import Operand
from autograd.ops import corner

# How tightly text holds together; what is looser than its place asks for gets parentheses.
CHOICE, COMPARISON, SUM, PRODUCT, SIGNED, FRACTION, POWER, ATOM = range(1, 9)
TIGHTNESS = {
    "if": CHOICE, "<": COMPARISON, "<=": COMPARISON,
    "+": SUM, "-": SUM, "*": PRODUCT, "/": PRODUCT, "**": POWER,
}  # fmt: skip
NAMED = {math.e: ("e", "e"), math.pi: ("π", r"\pi")}


class Formula(Operand):
    """A piece of mathematics: `text` is Python, `latex` is LaTeX, for the text as a name if it is
    left out.

    `number` is the float it stands for, where that is known: it decides which branch of a choice is
    written. `digits` is how many significant digits plain numbers are written with. Python's
    operators and every operation on Formulas write a longer Formula.

    >>> y = Formula("y")
    >>> slope = y * (1 - y)
    >>> slope.text, slope.latex
    ('y * (1 - y)', 'y \\\\cdot \\\\left(1 - y\\\\right)')
    """

    __slots__ = ("_latex_level", "_level", "digits", "latex", "number", "op", "text")
    is_text = True

    def __init__(
        self, text: str, latex: str = "", *, number: float | None = None, digits: int = 6
    ) -> None:
        self.text = text
        self.latex = latex or latex_name(text)
        self.number = number
        self.digits = digits
        self.op: Op | None = None  # what it was written by
        self._level = ATOM
        self._latex_level = POWER if INDEXED.fullmatch(text) and "^" in self.latex else ATOM

    @classmethod
    def of_number(cls, number: float, digits: int = 6) -> "Formula":
        """A plain number, written down with so many significant digits: 0.333333 for 1/3. The sign
        of 0 is left out."""
        text = f"{number + 0.0:.{digits}g}"  # -0.0 + 0.0 is 0.0
        mantissa, e, exponent = text.partition("e")
        latex = rf"{mantissa} \cdot 10^{{{int(exponent)}}}" if e else text
        latex = latex.replace("inf", r"\infty").replace("nan", r"\mathrm{nan}")
        formula = cls(text, latex, number=number, digits=digits)
        formula._level = SIGNED if text.startswith("-") else ATOM
        formula._latex_level = PRODUCT if e else formula._level
        return formula

    @classmethod
    def of_fraction(cls, fraction: Fraction, digits: int = 6) -> "Formula":
        """A fraction, written in full: 14/3, and 5 for 5/1."""
        above, below = fraction.numerator, fraction.denominator
        if below == 1:
            formula = cls(str(above), str(above), digits=digits)
            formula._level = formula._latex_level = SIGNED if above < 0 else ATOM
            return formula
        sign = "-" if above < 0 else ""
        latex = rf"{sign}\frac{{{abs(above)}}}{{{below}}}"
        formula = cls(f"{above}/{below}", latex, digits=digits)
        formula._level = PRODUCT
        formula._latex_level = SIGNED if above < 0 else FRACTION
        return formula

    def with_latex(self, latex: str) -> "Formula":
        """The same formula in other LaTeX, which holds together as tightly."""
        formula = Formula(self.text, latex, number=self.number, digits=self.digits)
        formula.op, formula._level, formula._latex_level = self.op, self._level, self._latex_level
        return formula

    def apply(self, op: Op, args: tuple) -> Any:
        """The operation written down, after identities that keep local derivatives readable."""
        x, other = args[0], args[-1]
        if op.symbol == "if":
            return chosen(op, args, self.digits)
        if op.symbol == "*":
            if is_plain(x, 1):
                return other
            if is_plain(other, 1):
                return x
            if is_plain(x, 0) or is_plain(other, 0):
                return 0.0
        elif op.symbol == "+" and is_plain(x, 0):
            return other
        elif (op.symbol == "+" and is_plain(other, 0)) or (
            op.symbol == "**" and is_plain(other, 1)
        ):
            return x
        result = written(op, args, self.digits)
        numbers = [getattr(arg, "number", arg) for arg in args]
        if None not in numbers and (op.is_built_in or op is corner):
            result.number = op.ieee(*numbers)  # a choice asks for it
        return result

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return f"Formula({self.text!r})"


def chosen(op: Op, args: tuple, digits: int) -> Any:
    """A choice: the branch that is taken, where the numbers are known. Elsewhere a branch that only
    says which derivative was chosen at a corner is left out."""
    condition, *branches = args
    if condition.number is not None:
        taken = branches[condition.number == 0]
        at_corner = getattr(taken, "op", None) is corner
        return Formula.of_number(taken.number, digits) if at_corner else taken
    told = [branch for branch in branches if getattr(branch, "op", None) is not corner]
    if len({str(branch) for branch in told}) == 1:
        return told[0]
    return written(op, args, digits)


def is_plain(x: Any, number: float) -> bool:
    """Whether x is this plain number."""
    return not isinstance(x, Operand) and x == number


def formula(x: Any, digits: int = 6) -> Formula:
    """A constant, or a local derivative that came out as a plain number, as a Formula: e and π
    under their names."""
    if isinstance(x, Formula):
        return x
    if x in NAMED:
        return Formula(*NAMED[x], number=x, digits=digits)
    return Formula.of_number(float(x), digits)


def written(op: Op, args: tuple, digits: int = 6) -> Formula:
    """The operation exactly as it stands, nothing simplified: `x * 1` stays `x * 1`."""
    pieces = [formula(arg, digits) for arg in args]
    level = TIGHTNESS.get(op.symbol, ATOM) if len(args) > 1 or not op.symbol else SIGNED
    latex_level = FRACTION if op.symbol == "/" else level
    if op.latex.endswith("^{%s}"):
        latex_level = POWER
    texts, latexes = [], []
    for place, piece in enumerate(pieces):
        # To the right of an operator equals need parentheses too, a - (b - c); to the left of **.
        strict = place > 0 or op.symbol in ("**", "<", "<=", "if") or len(args) == 1
        texts.append(fenced(piece.text, piece._level, level if op.symbol else 0, strict, "(%s)"))
        bound = latex_level if op.symbol not in ("", "/", "if") else 0  # a bar groups by itself
        if op.symbol == "**" and place > 0:
            bound = 0  # an exponent is set apart already
        latexes.append(fenced(piece.latex, piece._latex_level, bound, strict, r"\left(%s\right)"))
    if op.symbol == "if" and getattr(pieces[0].op, "symbol", "") not in ("<", "<="):
        latexes[0] += r" \neq 0"
    if not op.symbol:
        text = f"{op.name}({', '.join(texts)})"
    elif op.symbol == "if":
        text = "{1} if {0} else {2}".format(*texts)
    elif len(texts) == 1:
        text = op.symbol + texts[0]
    else:
        text = f" {op.symbol} ".join(texts)
    result = Formula(text, op.latex_of(latexes), digits=digits)
    result._level, result._latex_level, result.op = level, latex_level, op
    return result


def product_of(factors: Sequence[Formula]) -> Formula:
    """The factors with the dot of the chain rule between them: `a · (2 * b) · (-3)`. What is itself
    a product stands in parentheses, so that the factors can be told apart."""
    return _row_of(factors, PRODUCT, POWER, " · ", r" \cdot ")


def sum_of(terms: Sequence[Formula]) -> Formula:
    """The terms between plus signs, negative ones in parentheses: `a · b + (-3)`."""
    return _row_of(terms, SUM, SUM, " + ", " + ")


def _row_of(
    pieces: Sequence[Formula], level: int, bound: int, sign: str, latex_sign: str
) -> Formula:
    """The pieces with a sign between them, in parentheses where they are looser than `bound`; a
    single piece is the row itself."""
    if len(pieces) == 1:
        return pieces[0]
    texts, latexes = [], []
    for place, piece in enumerate(pieces):
        if place and piece.text.startswith("-"):  # never two signs side by side: 2 · (-y / b)
            texts.append(f"({piece.text})")
            latexes.append(rf"\left({piece.latex}\right)")
            continue
        text_bound = SIGNED if piece._level == SIGNED else bound
        latex_bound = min(text_bound, FRACTION)  # a bar groups by itself
        texts.append(fenced(piece.text, piece._level, text_bound, False, "(%s)"))
        latexes.append(
            fenced(piece.latex, piece._latex_level, latex_bound, False, r"\left(%s\right)")
        )
    result = Formula(sign.join(texts), latex_sign.join(latexes), digits=pieces[0].digits)
    result._level = result._latex_level = level
    return result


def fenced(text: str, level: int, bound: int, strict: bool, parentheses: str) -> str:
    """The text, in parentheses where its place asks for something tighter.

    A negative number is never written right behind an operator: 2 - (-3).
    """
    if level < bound or (strict and bound and level in (bound, SIGNED)):
        return parentheses % text
    return text


GREEK = set(
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau "
    "upsilon phi chi psi omega".split()
)
ESCAPED = {
    "\\": r"\backslash ", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#",
    "%": r"\%", "_": r"\_", "^": r"\hat{}", "~": r"\sim ", " ": r"\ ", "\n": r"\ ",
    "[": r"\lbrack ", "]": r"\rbrack ", "*": r"\ast ", "`": r"\grave{}",  # Markdown reads these
}  # fmt: skip


def latex_name(name: str) -> str:
    """A label as mathematics: w1 is w with an index, alpha the letter, anything else upright text.

    >>> latex_name("w1"), latex_name("alpha"), latex_name("net_h1"), latex_name("w¹₂,₃")
    ('w_{1}', '\\\\alpha', '\\\\mathrm{net}_{h1}', 'w^{1}_{2,3}')
    """
    if match := INDEXED.fullmatch(name):
        letter, above, below = match.groups()
        letter = HATS.get(letter, letter)
        above, below = (index.translate(DIGITS) for index in (above, below))
        return letter + (f"^{{{above}}}" if above else "") + (f"_{{{below}}}" if below else "")
    word, index, primes = parts_of_name(name)
    if not re.fullmatch("[A-Za-z]+", word):
        return rf"\mathrm{{{''.join(ESCAPED.get(c, c) for c in name)}}}"
    if word in GREEK:
        word = "\\" + word
    elif len(word) > 1:
        word = rf"\mathrm{{{word}}}"
    return word + (f"_{{{index}}}" if index else "") + "'" * len(primes)


# Names with indices as signs of their own, and with a hat.
INDEXED = re.compile("([A-Za-z]|ŷ)([⁰¹²³⁴-⁹]*)([₀-₉,]*)")
DIGITS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹₀₁₂₃₄₅₆₇₈₉", "0123456789" * 2)
HATS = {"ŷ": r"\hat{y}"}


def parts_of_name(name: str) -> tuple[str, str, str]:
    """The letters of a label, its index and its primes; what is no such label is all letters.

    >>> parts_of_name("w1"), parts_of_name("net_h1′"), parts_of_name("a b")
    (('w', '1', ''), ('net', 'h1', '′'), ('a b', '', ''))
    """
    base = name.rstrip("′")
    match = re.fullmatch(r"([A-Za-z]+?)_?([0-9]+|_[A-Za-z0-9]+|\[[0-9]+\])?", base)
    if not match:
        return name, "", ""
    return match[1], (match[2] or "").strip("_[]"), name[len(base) :]


def in_full(node: Any) -> Any:
    """Read a node as the whole expression it was made by, for sweeps over small graphs.

    Every mention of a shared node is written out again, so the text can grow exponentially with
    the depth of the graph. Unlabelled leaves are written as their numbers. Raises TypeError for
    what is no Value, and StaleGraph as `topological_order` does.

    >>> from autograd import Value
    >>> in_full(2.0 * Value(3.0, "x").exp())
    Formula('2 * exp(x)')
    """
    return _written_out(node, lambda op, args: written(op, tuple(args)))


def simplified(node: Any) -> Formula:
    """The same without factors of 1, terms of 0 and powers of 1, as a recorded derivative has them.

    >>> from autograd import Value, grad
    >>> x = Value(3.0, "x")
    >>> simplified(grad(x**2, x)), in_full(grad(x**2, x))
    (Formula('2 * x'), Formula('2 * x ** 1'))
    """
    return formula(_written_out(node, lambda op, args: op(*args)))


def _written_out(node: Any, write: Callable[[Op, list], Any]) -> Any:
    done: dict[Any, Any] = {}
    for one in topological_order(node):
        if one.op is None:
            done[one] = Formula(one.label) if one.label else Formula.of_number(one.data)
        else:
            args = [done[arg] if isinstance(arg, Operand) else arg for arg in one.args]
            done[one] = write(one.op, args)
    return done[node]
