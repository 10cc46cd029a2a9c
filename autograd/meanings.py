"""The table in words: what `help(atan2)`, `x.tanh?` and the reference say of each row.

>>> from autograd import atan2
>>> print(atan2.__doc__)
The angle of the point (b, a) in radians, from -π to π.
<BLANKLINE>
y = atan2(a, b)
∂y/∂a = b / hypot(a, b) / hypot(a, b)
∂y/∂b = -a / hypot(a, b) / hypot(a, b)
<BLANKLINE>
At 0: y = 0, ∂y/∂a raises DivisionByZero, ∂y/∂b raises DivisionByZero.
"""

from string import ascii_lowercase
from typing import Any

from autograd.errors import AutogradError
from autograd.formula import Formula, formula, written
from autograd.ops import BUILT_IN, TABLE, Op, Operand

# Names and plain words: what a value or a slope is, only the table says.
MEANINGS = {
    "add": "the sum",
    "subtract": "the difference",
    "multiply": "the product",
    "divide": "the quotient",
    "negative": "the same with the other sign",
    "power": "the power with base a and exponent b, never a complex number",
    "exp": "the exponential, a power of e",
    "exp2": "the power of 2 with exponent a",
    "expm1": "the exponential less 1, exact for small a as well",
    "log": "the natural logarithm",
    "log2": "the logarithm to base 2",
    "log10": "the logarithm to base 10",
    "log1p": "the natural logarithm of 1 + a, exact for small a as well",
    "logaddexp": "the logarithm of a sum of exponentials, which never overflows on the way",
    "sqrt": "the square root",
    "cbrt": "the cube root, of negative numbers too",
    "hypot": "the length of the vector (a, b)",
    "sin": "the sine of an angle in radians",
    "cos": "the cosine of an angle in radians",
    "tan": "the tangent of an angle in radians",
    "asin": "the angle with this sine, in radians from -π/2 to π/2",
    "acos": "the angle with this cosine, in radians from 0 to π",
    "atan": "the angle with this tangent, in radians between -π/2 and π/2",
    "atan2": "the angle of the point (b, a) in radians, from -π to π",
    "sinh": "the hyperbolic sine",
    "cosh": "the hyperbolic cosine",
    "tanh": "the hyperbolic tangent, between -1 and 1",
    "asinh": "the inverse of sinh",
    "acosh": "the inverse of cosh",
    "atanh": "the inverse of tanh",
    "sigmoid": "the logistic function, between 0 and 1",
    "log_sigmoid": "the logarithm of the logistic function, exact where that is 0 as a float",
    "softplus": "a relu with a rounded corner",
    "silu": "the product of a and its sigmoid, also known as swish",
    "gelu": "the product of a and the share of the normal distribution below it",
    "erf": "the error function",
    "erfc": "the complementary error function, exact for large a as well",
    "sign": "the sign: -1, 0 or 1",
    "absolute": "the size of a, without its sign",
    "relu": "positive numbers as they are, and 0 for the others",
    "leaky_relu": "positive numbers as they are, and a small part of the others",
    "relu6": "the number from 0 to 6 that is nearest to a",
    "hardtanh": "the number from -1 to 1 that is nearest to a",
    "elu": "positive numbers as they are, and a curve that falls to -1 for the others",
    "maximum": "the larger of both",
    "minimum": "the smaller of both",
    "clip": "the number between the bounds b and c that is nearest to a",
    "floor": "the largest whole number that is not above a, as a float",
    "ceil": "the smallest whole number that is not below a, as a float",
}


Found = float | type[AutogradError]  # a number, or what is raised instead of it


def at_zero(op: Op) -> tuple[Found, list[Found]]:
    """The value and the slopes of a row where all its arguments are 0."""
    zeros = [0.0] * len(op.partials)
    try:
        y = op.at(*zeros)
    except AutogradError as error:
        return type(error), []
    slopes: list[Found] = []
    for position in range(len(zeros)):
        try:
            slopes.append(op.slope(position, y, zeros) + 0.0)  # 0, and not -0
        except AutogradError as error:
            slopes.append(type(error))
    return y + 0.0, slopes


def sentence(op: Op) -> str:
    """What a row is."""
    meaning = MEANINGS[op.name]
    return f"{meaning[0].upper()}{meaning[1:]}."


def described(op: Op) -> str:
    """What a row is, its slopes, where it is defined, and what it is at 0, a corner perhaps."""
    letters = ascii_lowercase[: len(op.partials)]
    y, args = Formula("y"), tuple(map(Formula, letters))
    slopes = [f"∂y/∂{letter}" for letter in letters]
    lines = [sentence(op), "", f"y = {written(op, args)}"]
    lines += [f"{name} = {formula(op.slope(i, y, args))}" for i, name in enumerate(slopes)]
    if op.needs:
        lines += ["", f"Defined for {op.needs}; raises OutsideDomain elsewhere."]
    value, found = at_zero(op)
    there = [told(name, one) for name, one in zip(["y", *slopes], [value, *found], strict=False)]
    return "\n".join([*lines, "", f"At 0: {', '.join(there)}."])


def told(name: str, found: Found) -> str:
    return f"{name} raises {found.__name__}" if isinstance(found, type) else f"{name} = {found:g}"


class Described:
    """The docstring of a row, which differs from that of the class of all rows."""

    def __init__(self, of_class: str | None) -> None:
        self.of_class = of_class

    def __get__(self, op: Op | None, kind: type) -> Any:
        return self.of_class if op is None or op.name not in BUILT_IN else described(op)


Op.__doc__ = Described(Op.__doc__)  # type: ignore[assignment]
for _row in TABLE.values():
    if len(_row.partials) == 1:  # x.exp() for exp(x)
        vars(Operand)[_row.name].__doc__ = f"{sentence(_row)} `{_row.name}(self)`."
