"""The table of operations: calculus, and no graph.

One row per operation: its name, its value, one partial derivative per argument, how people write
it, and what it means. The sweep, formulas, pictures and tests all read this table, and no
derivative or meaning is written anywhere else. A value is written elsewhere only where it is a
primitive, such as `math.exp`: then each language has its own spelling of it.
"""

import math
import operator
from math import copysign, inf, isfinite, nan, pi
from typing import Any

from autograd.flows import NOTHING, through
from autograd.op import BUILT_IN, TABLE, Choice, Op
from autograd.operand import BINARY, UNARY, Operand

# Values on floats, for the primitives that neither `math` nor `operator` computes well.


def real_power(a, b):
    """a^b, never a complex number; 0 to a negative power is a division by zero."""
    if b == 2:
        return a * a  # rounded once, which not every pow achieves
    if a == 0 and -inf < b < 0:
        raise ZeroDivisionError
    return math.pow(a, b)


def c_hypot(a, b):
    """C's hypot, which is how Python finds the length of a complex number. `math.hypot` is another
    function: in one case of five hundred it differs in the last digit."""
    return abs(complex(a, b))


def whole(rounding):
    """floor or ceil as a float, which keeps the sign of -0.0."""
    return lambda a: copysign(rounding(a), a) if isfinite(a) else a


SQRT2, LN2, LN10 = math.sqrt(2), math.log(2), math.log(10)
BELL = 1 / math.sqrt(2 * pi)  # the height of the standard normal density
ERF_SLOPE = 2 / math.sqrt(pi)  # erf' at 0

# In a partial, at a point where the derivative does not exist: the number a, which was chosen by
# convention, so its own derivative is refused.
corner = Op("corner", lambda a: +a, (lambda y, a: nan,), latex="%s")

# A value is a formula of other rows wherever it can be, so that it is written once for all
# languages; a nan takes the branch that returns it. What cannot be a formula is a primitive,
# spelled in each language. On floats Python's own y ** 2 may differ from
# the row's in the last digit, so partials say power.
#
# A row is: name, value, (∂y/∂a, ∂y/∂b, ...), then notation, meaning, where it is special, and how
# textbooks write it, where the value is a primitive or takes care not to overflow.
# fmt: off
# arithmetic
add = Op("add", operator.add,
    (lambda y, a, b: 1.0,
     lambda y, a, b: 1.0),
    symbol="+", latex="%s + %s", meaning="the sum")
subtract = Op("subtract", operator.sub,
    (lambda y, a, b: 1.0,
     lambda y, a, b: -1.0),
    symbol="-", latex="%s - %s", meaning="the difference", textbook=lambda a, b: a + -b)
multiply = Op("multiply", operator.mul,
    (lambda y, a, b: b,
     lambda y, a, b: a),
    symbol="*", latex=r"%s \cdot %s", meaning="the product")
divide = Op("divide", operator.truediv,
    (lambda y, a, b: 1 / b,
     lambda y, a, b: -y / b),
    symbol="/", latex=r"\frac{%s}{%s}", meaning="the quotient",
    textbook=lambda a, b: a * power(b, -1))
negative = Op("negative", operator.neg, (lambda y, a: -1.0,),
    symbol="-", latex="-%s", meaning="the same with the other sign")
# b · aᵇ⁻¹ and y · ln a; but 0 · 0⁻¹ and 0² · ln 0 are 0, and 0 · (-2)⁻¹ is 0.0
power = Op("power", real_power,
    (lambda y, a, b: where(
        abs(b) <= 0,
        lambda: where(abs(a) > 0, lambda: b * power(a, b - 1) + 0.0, lambda: corner(b)),
        lambda: b * power(a, b - 1),
    ),
     lambda y, a, b: where(abs(a) <= 0, lambda: corner(abs(a)), lambda: y * log(a))),
    symbol="**", latex="{%s}^{%s}",
    meaning="the power with base a and exponent b, never a complex number",
    domain="a >= 0, or a whole number b (cbrt gives the real cube root)", aliases=("pow",))

# choices
less = Op("less", lambda a, b: 1.0 if a < b else 0.0,
    (lambda y, a, b: 0.0,
     lambda y, a, b: 0.0),
    symbol="<", latex="%s < %s", meaning="1 where a is less than b, and else 0",
    corners=lambda a, b: (a - b,))
less_equal = Op("less_equal", lambda a, b: 1.0 if a <= b else 0.0,
    (lambda y, a, b: 0.0,
     lambda y, a, b: 0.0),
    symbol="<=", latex=r"%s \le %s", meaning="1 where a is not greater than b, and else 0",
    corners=lambda a, b: (a - b,))
where = Choice("where", lambda a, b, c: b if a else c,
    (lambda y, a, b, c: NOTHING,
     lambda y, a, b, c: through(where, a, True),
     lambda y, a, b, c: through(where, a, False)),
    symbol="if", latex=r"\begin{cases} %(b)s & %(a)s \\ %(c)s & \text{else} \end{cases}",
    meaning="b where the condition a holds, and else c", corners=lambda a, b, c: (a,))

# exponentials, logarithms, roots
exp = Op("exp", math.exp, (lambda y, a: y,),
    latex="e^{%s}", meaning="the exponential, a power of e")
exp2 = Op("exp2", math.exp2, (lambda y, a: y * LN2,),
    latex="2^{%s}", meaning="the power of 2 with exponent a", textbook=lambda a: exp(LN2 * a))
expm1 = Op("expm1", math.expm1, (lambda y, a: exp(a),),
    meaning="the exponential less 1, exact for small a as well", textbook=lambda a: exp(a) - 1)
log = Op("log", math.log, (lambda y, a: 1 / a,),
    latex=r"\ln\left(%s\right)", meaning="the natural logarithm", domain="a > 0",
    poles=((0.0, -inf),), aliases=("ln",))
log2 = Op("log2", math.log2, (lambda y, a: 1 / (a * LN2),),
    latex=r"\log_2\left(%s\right)", meaning="the logarithm to base 2", domain="a > 0",
    poles=((0.0, -inf),), textbook=lambda a: log(a) / LN2)
log10 = Op("log10", math.log10, (lambda y, a: 1 / (a * LN10),),
    latex=r"\log_{10}\left(%s\right)", meaning="the logarithm to base 10", domain="a > 0",
    poles=((0.0, -inf),), textbook=lambda a: log(a) / LN10)
log1p = Op("log1p", math.log1p, (lambda y, a: 1 / (1 + a),),
    meaning="the natural logarithm of 1 + a, exact for small a as well", domain="a > -1",
    poles=((-1.0, -inf),), textbook=lambda a: log(1 + a))
# the larger one taken out: of two infinities, whose difference is nan, it is all there is
logaddexp = Op("logaddexp", lambda a, b: where(
        abs(a - b) >= 0,
        lambda: maximum(a, b) + log1p(exp(-abs(a - b))),
        lambda: maximum(a, b),
    ),
    (lambda y, a, b: sigmoid(a - b),
     lambda y, a, b: sigmoid(b - a)),
    meaning="the logarithm of a sum of exponentials, which never overflows on the way",
    textbook=lambda a, b: log(exp(a) + exp(b)))
sqrt = Op("sqrt", math.sqrt, (lambda y, a: 1 / (2 * y),),
    latex=r"\sqrt{%s}", meaning="the square root", domain="a >= 0", aliases=("√",),
    textbook=lambda a: power(a, 0.5))
cbrt = Op("cbrt", math.cbrt, (lambda y, a: 1 / (3 * power(y, 2)),),
    latex=r"\sqrt[3]{%s}", meaning="the cube root, of negative numbers too", aliases=("∛",))
# at the tip of the cone 0, the smallest subgradient
hypot = Op("hypot", c_hypot,
    (lambda y, a, b: where(y <= 0, lambda: corner(a), lambda: a / y),
     lambda y, a, b: where(y <= 0, lambda: corner(b), lambda: b / y)),
    meaning="the length of the vector (a, b)", corners=lambda a, b: (abs(a) + abs(b),),
    textbook=lambda a, b: sqrt(power(a, 2) + power(b, 2)))

# angles
sin = Op("sin", math.sin, (lambda y, a: cos(a),),
    meaning="the sine of an angle in radians")
cos = Op("cos", math.cos, (lambda y, a: -sin(a),),
    meaning="the cosine of an angle in radians")
tan = Op("tan", math.tan, (lambda y, a: 1 + power(y, 2),),
    meaning="the tangent of an angle in radians", textbook=lambda a: sin(a) / cos(a))
# 1 - a², without its rounding near ±1
asin = Op("asin", math.asin, (lambda y, a: 1 / sqrt((1 - a) * (1 + a)),),
    meaning="the angle with this sine, in radians from -π/2 to π/2", domain="-1 <= a <= 1",
    aliases=("arcsin",))
acos = Op("acos", math.acos, (lambda y, a: -1 / sqrt((1 - a) * (1 + a)),),
    meaning="the angle with this cosine, in radians from 0 to π", domain="-1 <= a <= 1",
    aliases=("arccos",))
# a ** 2 would raise at 1e200
atan = Op("atan", math.atan, (lambda y, a: 1 / (1 + a * a),),
    meaning="the angle with this tangent, in radians between -π/2 and π/2", aliases=("arctan",))
# b / (a² + b²), whose squares overflow, or vanish
atan2 = Op("atan2", math.atan2,
    (lambda y, a, b: b / hypot(a, b) / hypot(a, b),
     lambda y, a, b: -a / hypot(a, b) / hypot(a, b)),
    meaning="the angle of the point (b, a) in radians, from -π to π", aliases=("arctan2",))

# hyperbolic functions
sinh = Op("sinh", math.sinh, (lambda y, a: cosh(a),),
    meaning="the hyperbolic sine", textbook=lambda a: (exp(a) - exp(-a)) / 2)
cosh = Op("cosh", math.cosh, (lambda y, a: sinh(a),),
    meaning="the hyperbolic cosine", textbook=lambda a: (exp(a) + exp(-a)) / 2)
tanh = Op("tanh", math.tanh, (lambda y, a: 1 - power(y, 2),),
    meaning="the hyperbolic tangent, between -1 and 1",
    textbook=lambda a: (exp(2 * a) - 1) / (exp(2 * a) + 1))
asinh = Op("asinh", math.asinh, (lambda y, a: 1 / hypot(a, 1.0),),
    meaning="the inverse of sinh", aliases=("arsinh", "arcsinh"),
    textbook=lambda a: log(a + sqrt(power(a, 2) + 1)))
acosh = Op("acosh", math.acosh, (lambda y, a: 1 / (sqrt(a - 1) * sqrt(a + 1)),),
    meaning="the inverse of cosh", domain="a >= 1", aliases=("arcosh", "arccosh"),
    textbook=lambda a: log(a + sqrt(power(a, 2) - 1)))
atanh = Op("atanh", math.atanh, (lambda y, a: 1 / ((1 - a) * (1 + a)),),
    meaning="the inverse of tanh", domain="-1 < a < 1", poles=((1.0, inf), (-1.0, -inf)),
    aliases=("artanh", "arctanh"), textbook=lambda a: log((1 + a) / (1 - a)) / 2)

# activations and bells
# only negative numbers are exponentiated, so that nothing overflows
sigmoid = Op("sigmoid", lambda a: where(
        a >= 0,
        lambda: 1 / (1 + exp(-abs(a))),
        lambda: exp(-abs(a)) / (1 + exp(-abs(a))),
    ),
    (lambda y, a: y * (1 - y),),
    latex=r"\sigma\left(%s\right)", meaning="the logistic function, between 0 and 1",
    aliases=("σ",), textbook=lambda a: 1 / (1 + exp(-a)))
log_sigmoid = Op("log_sigmoid", lambda a: -softplus(-a), (lambda y, a: sigmoid(-a),),
    latex=r"\ln\sigma\left(%s\right)",
    meaning="the logarithm of the logistic function, exact where that is 0 as a float")
softplus = Op("softplus", lambda a: relu(a) + log1p(exp(-abs(a))), (lambda y, a: sigmoid(a),),
    meaning="a relu with a rounded corner", textbook=lambda a: log(1 + exp(a)))
silu = Op("silu", lambda a: a * sigmoid(a), (lambda y, a: sigmoid(a) + y * sigmoid(-a),),
    meaning="the product of a and its sigmoid, also known as swish", aliases=("swish",))
gelu = Op("gelu", lambda a: a * erfc(-a / SQRT2) / 2,
    (lambda y, a: erfc(-a / SQRT2) / 2 + a * BELL * exp(-(a * a) / 2),),
    meaning="the product of a and the share of the normal distribution below it")
erf = Op("erf", math.erf, (lambda y, a: ERF_SLOPE * exp(-(a * a)),),
    meaning="the error function")
erfc = Op("erfc", math.erfc, (lambda y, a: -ERF_SLOPE * exp(-(a * a)),),
    meaning="the complementary error function, exact for large a as well",
    textbook=lambda a: 1 - erf(a))

# functions with a corner: their partials are made of `sign`, whose 0 at 0 decides at the corner
# 0.0 for -0.0 too
sign = Op("sign", lambda a: where(a > 0, 1.0, where(a < 0, -1.0, a + 0.0)), (lambda y, a: 0.0,),
    latex=r"\operatorname{sgn}\left(%s\right)", meaning="the sign: -1, 0 or 1",
    corners=lambda a: (a,), aliases=("sgn",))
absolute = Op("absolute", abs, (lambda y, a: sign(a),),
    latex=r"\left|%s\right|", meaning="the size of a, without its sign", corners=lambda a: (a,),
    aliases=("abs",))
relu = Op("relu", lambda a: where(a <= 0, 0.0, a), (lambda y, a: sign(y),),
    meaning="positive numbers as they are, and 0 for the others", corners=lambda a: (a,))
leaky_relu = Op("leaky_relu", lambda a: where(a <= 0, 0.01 * a, a),
    (lambda y, a: 0.01 + 0.99 * sign(relu(a)),),
    meaning="positive numbers as they are, and a small part of the others", corners=lambda a: (a,))
relu6 = Op("relu6", lambda a: minimum(relu(a), 6.0), (lambda y, a: sign(y) * sign(6 - y),),
    meaning="the number from 0 to 6 that is nearest to a", corners=lambda a: (a, a - 6))
hardtanh = Op("hardtanh", lambda a: maximum(minimum(a, 1.0), -1.0),
    (lambda y, a: sign(1 - absolute(y)),),
    meaning="the number from -1 to 1 that is nearest to a", corners=lambda a: (a + 1, a - 1))
elu = Op("elu", lambda a: where(a <= 0, lambda: expm1(a), a), (lambda y, a: exp(minimum(a, 0.0)),),
    meaning="positive numbers as they are, and a curve that falls to -1 for the others")
# a <= a where it is no nan
maximum = Op("maximum", lambda a, b: where(a >= b, a, where(a <= a, b, a)),
    (lambda y, a, b: (1 + sign(a - b)) / 2,
     lambda y, a, b: (1 - sign(a - b)) / 2),
    latex=r"\max\left(%s, %s\right)", meaning="the larger of both", corners=lambda a, b: (a - b,),
    aliases=("max",))
minimum = Op("minimum", lambda a, b: where(a <= b, a, where(a <= a, b, a)),
    (lambda y, a, b: (1 - sign(a - b)) / 2,
     lambda y, a, b: (1 + sign(a - b)) / 2),
    latex=r"\min\left(%s, %s\right)", meaning="the smaller of both", corners=lambda a, b: (a - b,),
    aliases=("min",))
# to the bounds b and c: on a bound, ∂y/∂a is 1
clip = Op("clip", lambda a, b, c: minimum(maximum(a, b), c),
    (lambda y, a, b, c: sign(1 + sign(a - b)) * sign(1 + sign(c - a)),
     lambda y, a, b, c: (1 - sign(1 + sign(a - b))) * sign(1 + sign(c - b)),
     lambda y, a, b, c: 1 - sign(1 + sign(c - maximum(a, b)))),
    meaning="the number between the bounds b and c that is nearest to a",
    corners=lambda a, b, c: (a - b, a - c, b - c))
floor = Op("floor", whole(math.floor), (lambda y, a: 0.0,),
    latex=r"\left\lfloor %s\right\rfloor",
    meaning="the largest whole number that is not above a, as a float",
    corners=lambda a: (a - floor(a),))
ceil = Op("ceil", whole(math.ceil), (lambda y, a: 0.0,),
    latex=r"\left\lceil %s\right\rceil",
    meaning="the smallest whole number that is not below a, as a float",
    corners=lambda a: (ceil(a) - a,))
# fmt: on

BUILT_IN.update(name for name, row in TABLE.items() if row is not corner)


def as_method(row: Op) -> Any:
    """`x.exp()` for `exp(x)`."""

    def method(self):
        return row(self)

    method.__name__ = row.name
    method.__doc__ = f"{row.meaning[:1].upper()}{row.meaning[1:]}. `{row.name}(self)`."
    return method


for _row in [TABLE[name] for name in TABLE if name in BUILT_IN]:
    if _row.symbol:
        (UNARY if len(_row.partials) == 1 else BINARY)[_row.symbol] = _row
    if len(_row.partials) == 1:
        setattr(Operand, _row.name, as_method(_row))
UNARY["abs"] = absolute

__all__ = ["TABLE", "Op", "Operand", *sorted(BUILT_IN)]
