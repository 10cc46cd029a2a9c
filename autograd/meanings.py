"""The table in words: what `help(atan2)`, `x.tanh?` and the reference say of each row.

>>> from autograd import atan2
>>> print(atan2.__doc__)
The angle of the point (b, a) in radians, from -π to π.
<BLANKLINE>
y = atan2(a, b)
∂y/∂a = b / hypot(a, b) / hypot(a, b)
∂y/∂b = -a / hypot(a, b) / hypot(a, b)
<BLANKLINE>
At zero its slopes raise DivisionByZero.
"""

from string import ascii_lowercase
from typing import Any

from autograd.errors import AutogradError
from autograd.formula import Formula, formula, written
from autograd.ops import BUILT_IN, TABLE, Op, Operand

MEANINGS = {
    "add": "the sum",
    "subtract": "the difference",
    "multiply": "the product",
    "divide": "the quotient",
    "negative": "the same with the other sign",
    "power": "a to the power of b, never a complex number",
    "exp": "e to the power of a",
    "exp2": "2 to the power of a",
    "expm1": "exp(a) - 1, exact for small a as well",
    "log": "the natural logarithm",
    "log2": "the logarithm to base 2",
    "log10": "the logarithm to base 10",
    "log1p": "log(1 + a), exact for small a as well",
    "logaddexp": "log(exp(a) + exp(b)), which never overflows on the way",
    "sqrt": "the square root",
    "cbrt": "the cube root, of negative numbers too",
    "hypot": "the length of the vector (a, b); its slopes at (0, 0) are 0",
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
    "sigmoid": "1 / (1 + exp(-a)), between 0 and 1",
    "log_sigmoid": "the logarithm of sigmoid(a), exact where that is 0 as a float",
    "softplus": "log(1 + exp(a)), a relu with a rounded corner",
    "silu": "a * sigmoid(a), also known as swish",
    "gelu": "a times the share of the normal distribution that is below a",
    "erf": "the error function, the integral of exp(-t * t) from 0 to a times 2/√π",
    "erfc": "1 - erf(a), exact for large a as well",
    "sign": "-1, 0 or 1",
    "absolute": "a without its sign; the slope at 0 is 0",
    "relu": "a where it is positive, 0 elsewhere; the slope at 0 is 0",
    "leaky_relu": "a where it is positive, a / 100 elsewhere; the slope at 0 is 0.01",
    "relu6": "a between 0 and 6, and the nearer of them elsewhere; the slope at both is 0",
    "hardtanh": "a between -1 and 1, and the nearer of them elsewhere; the slope at both is 0",
    "elu": "a where it is positive, exp(a) - 1 elsewhere",
    "maximum": "the larger of both; equal ones have half the slope each",
    "minimum": "the smaller of both; equal ones have half the slope each",
    "clip": "a between the bounds b and c, the nearer bound elsewhere; on a bound, a has the slope",
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


def described(op: Op) -> str:
    """What a row is, its slopes, and where there are none."""
    letters = ascii_lowercase[: len(op.partials)]
    y, args = Formula("y"), tuple(map(Formula, letters))
    meaning = MEANINGS[op.name]
    lines = [f"{meaning[0].upper()}{meaning[1:]}.", "", f"y = {written(op, args)}"]
    for i, letter in enumerate(letters):
        lines.append(f"∂y/∂{letter} = {formula(op.slope(i, y, args))}")
    value, slopes = at_zero(op)
    if op.needs:
        lines += ["", f"Defined for {op.needs}; raises OutsideDomain elsewhere."]
    elif isinstance(value, type):
        lines += ["", f"At zero it raises {value.__name__}."]
    for kind in {slope for slope in slopes if isinstance(slope, type)}:
        whose = "its slope raises" if len(slopes) == 1 else "its slopes raise"
        lines += ["", f"At zero {whose} {kind.__name__}."]
    return "\n".join(lines)


class Described:
    """The docstring of a row, which differs from that of the class of all rows."""

    def __init__(self, of_class: str | None) -> None:
        self.of_class = of_class

    def __get__(self, op: Op | None, kind: type) -> Any:
        return self.of_class if op is None or op.name not in BUILT_IN else described(op)


Op.__doc__ = Described(Op.__doc__)  # type: ignore[assignment]
for _row in TABLE.values():
    if len(_row.partials) == 1:  # x.exp() for exp(x)
        vars(Operand)[_row.name].__doc__ = described(_row)
