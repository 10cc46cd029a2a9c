"""The table of operations: calculus, and no graph.

One row per operation: its name, its value on floats, one partial derivative per argument, and
how people write it. Everything else in the house reads this table: the sweep, the formulas,
the picture, the tests. No derivative is written anywhere else.
"""

import math
import operator
from collections.abc import Callable
from dataclasses import dataclass
from math import copysign, inf, isfinite, nan, pi
from numbers import Real
from string import ascii_lowercase
from typing import Any

from autograd.errors import AutogradError, DivisionByZero, OutsideDomain, TooLarge, kind_of

TABLE: dict[str, "Op"] = {}  # every row by its name, those of users included
BUILT_IN: frozenset[str] = frozenset()  # filled once, at the end of this file


@dataclass(frozen=True, eq=False, slots=True)
class Op:
    """One elementary function, y = op(a, b, ...).

    `partials[i]` maps (y, a, b, ...) to the derivative of y with respect to the i-th argument.
    A partial is written with arithmetic and other rows only, so it can be evaluated on anything
    that behaves like a number: floats, Values, formulas, duals.

    A row of your own is recorded, explained, drawn and checked like ours:

    >>> from autograd import Value, check
    >>> cube = Op("cube", lambda a: a * a * a, (lambda y, a: 3 * a**2,))
    >>> x = Value(2.0, "x")
    >>> cube(x).backward()
    >>> x.grad
    12.0
    >>> check(cube, [2.0]).ok
    True

    Making a second row under the name of a built-in one raises ValueError.
    """

    name: str  # NumPy's name for it, where NumPy has one
    on_floats: Callable[..., float]
    partials: tuple[Callable, ...]
    symbol: str = ""  # Python's operator, for the rows that have one
    latex: str = ""  # a template with one %s per argument; "" for the name in upright letters
    needs: str = ""  # where it is defined, for the rows that are not defined everywhere

    def __post_init__(self) -> None:
        if not isinstance(self.partials, tuple) or not all(map(callable, self.partials)):
            raise TypeError(
                f"the partials of {self.name} are a tuple of functions, one per argument"
            )
        if self.name in BUILT_IN:
            raise ValueError(
                f"there is an operation named {self.name} already: choose another name"
            )
        TABLE[self.name] = self

    def __call__(self, *args: Any) -> Any:
        """The operation on plain numbers, or recorded when an argument is an Operand."""
        if len(args) != len(self.partials):
            raise TypeError(self.wrong_count(len(args)))
        for arg in args:
            if isinstance(arg, Operand):
                return arg.apply(self, args)
        return self.at(*[real(arg, self.name) for arg in args])

    def at(self, *numbers: float) -> float:
        """The value at plain floats.

        Finite numbers with a non-finite result raise DivisionByZero, OutsideDomain or TooLarge.
        Infinities and nans that the caller brought along propagate as in IEEE 754.
        """
        kind: type[AutogradError]
        try:
            result = self.on_floats(*numbers)
        except (ArithmeticError, ValueError) as error:
            kind = kind_of(error)
            result = nan
            if isinstance(error, ZeroDivisionError):  # inf / 0 is an infinity, nan / 0 a nan
                result = numbers[0] * copysign(inf, numbers[-1])
        else:
            if result.__class__ is not float:
                result = real(result, self.name)
            if isfinite(result):
                return result
            kind = OutsideDomain if result != result else TooLarge
        if all(map(isfinite, numbers)):
            raise kind(self.complaint(kind, numbers))
        return result

    def ieee(self, *numbers: float) -> float:
        """The value at plain floats for programs, which never raise: an infinity or a nan where
        `at` would."""
        try:
            return float(self.on_floats(*numbers))
        except (OverflowError, ZeroDivisionError):
            if any(number != number for number in numbers):
                return nan  # which CPython 3.11 may take for an overflow that came before
            if self.symbol == "/":
                return numbers[0] * copysign(inf, numbers[-1])
            odd = self.name == "sinh" or (self.symbol == "**" and numbers[1] % 2 == 1)
            return copysign(inf, numbers[0]) if odd else inf
        except ValueError:
            return POLES.get((self.name, *numbers), nan)

    def slope(self, position: int, y: Any, args: Any, shown: Any = None) -> Any:
        """∂y/∂(argument number `position`), in whatever arithmetic y and args belong to.

        On floats the same rule holds, and the same errors are raised, as in `at`: DivisionByZero
        for the square root at 0, for example. `shown` is what the message calls the arguments.
        Raises TypeError for a partial that works on floats only, where y and args are not.
        """
        kind: type[AutogradError]
        try:
            slope = self.partials[position](y, *args)
            if slope.__class__ is not float and not isinstance(slope, Operand):
                slope = real(slope, f"the slope of {self.name}")  # a row of one's own may say 1
        except (ArithmeticError, ValueError) as error:
            kind, slope = kind_of(error), nan
        except TypeError as error:
            if self.name in BUILT_IN or all(arg.__class__ is float for arg in args):
                raise
            raise TypeError(
                f"the slope of {self.name} works on floats only ({error}): write its partial with "
                "arithmetic and operations of autograd, such as autograd.cos instead of math.cos"
            ) from None
        else:
            if slope.__class__ is not float or isfinite(slope):
                return slope
            kind = TooLarge
        if any(arg.__class__ is float and not isfinite(arg) for arg in (y, *args)):
            return slope
        raise kind(f"the slope of {self.complaint(kind, shown or args, position)}")

    def wrong_count(self, count: int, name: str = "") -> str:
        """The sentence about a call with `count` arguments, under the name that was used for it."""
        wanted = {1: "one argument", 2: "two arguments"}.get(
            len(self.partials), f"{len(self.partials)} arguments"
        )
        return f"{name or self.name} takes {wanted}, and was given {count}"

    def complaint(self, kind: type[AutogradError], args: Any, towards: int | None = None) -> str:
        """The sentence that says what went wrong, and at which numbers."""
        call = f"{self.name}({', '.join(map(pointed_at, args))})"
        if kind is DivisionByZero:
            reason = "division by zero"
        elif kind is TooLarge:
            reason = "too large for a float"
        elif self.needs and towards is None:
            places = ", ".join(ascii_lowercase[: len(args)])
            reason = f"{self.name}({places}) is defined only for {self.needs}"
        else:
            reason = "it does not exist there"
        if towards is not None and len(args) > 1:
            call += f" towards {getattr(args[towards], 'label', '') or ascii_lowercase[towards]}"
        return f"{call}: {reason}"

    def __repr__(self) -> str:
        return f"<operation {self.name}>"

    def __deepcopy__(self, memo: dict) -> "Op":
        return self  # so that `op is multiply` holds in copied graphs too

    def __reduce__(self) -> tuple:
        if TABLE.get(self.name) is not self:
            raise ValueError(f"{self.name} was made anew: graphs of the old row cannot be pickled")
        return row_named, (self.name,)  # rows hold lambdas, which cannot be pickled


def row_named(name: str) -> Op:
    """The row of the table called `name`; a KeyError says how to bring back a row of one's own."""
    if name not in TABLE:
        raise KeyError(f"no operation is named {name}: make its row again before loading")
    return TABLE[name]


def pointed_at(arg: Any) -> str:
    """An operand as error messages show it: `x = -1`, or just `-1`."""
    label = getattr(arg, "label", "")
    return f"{label} = {arg:g}" if label else f"{arg:g}"


def real(number: Any, where: str) -> float:
    """`number` as a float; a TypeError that names its type, when it is no real number.

    Truth values are refused too: `(a == b) * x` is a slip far more often than a wish.
    """
    if number.__class__ is float:
        return number
    if not isinstance(number, Real) or isinstance(number, bool):
        kind = type(number).__name__
        raise TypeError(f"{where} takes real numbers, not {kind}: {number!r:.60}")
    try:
        return float(number)
    except OverflowError:
        raise TooLarge(f"{where}: an integer too large for a float") from None


def _no_order(self: "Operand", other: object) -> bool:
    raise TypeError(
        f"a {type(self).__name__} has no order: compare its number, as in `x.data > 0`, "
        "or use maximum and minimum"
    )


class Operand:
    """Anything that may stand where a number stands.

    A subclass says in `apply` what performing an operation on it *means* (record it, print it,
    carry a tangent along) and inherits Python's arithmetic in return.
    """

    __slots__ = ()
    __array_ufunc__ = None  # let x answer `np.float64(2) * x`, instead of NumPy

    def apply(self, op: Op, args: tuple) -> Any:
        """What `op` on `args`, of which at least one is of this class, means here. Raises
        NotImplementedError where a subclass does not say."""
        raise NotImplementedError(f"{type(self).__name__} does not say what {op.name} means")

    def is_zero(self) -> bool:
        """Whether this surely stands for the plain number 0. What is only recorded does not."""
        return False

    def __bool__(self) -> bool:
        raise TypeError(
            f"a {type(self).__name__} has no truth value: compare its number, as in `x.data > 0`"
        )

    # fmt: off
    def __pos__(self):             return self
    def __neg__(self):             return negative(self)
    def __abs__(self):             return absolute(self)
    def __add__(self, other):      return add(self, other)
    def __radd__(self, other):     return add(other, self)
    def __sub__(self, other):      return subtract(self, other)
    def __rsub__(self, other):     return subtract(other, self)
    def __mul__(self, other):      return multiply(self, other)
    def __rmul__(self, other):     return multiply(other, self)
    def __truediv__(self, other):  return divide(self, other)
    def __rtruediv__(self, other): return divide(other, self)
    def __pow__(self, other):      return power(self, other)
    def __rpow__(self, other):     return power(other, self)
    # fmt: on

    __lt__ = __le__ = __gt__ = __ge__ = _no_order


def is_zero(x: Any) -> bool:
    """Whether x is the number 0; a recorded operand is not, whatever it happens to hold now."""
    return x.is_zero() if isinstance(x, Operand) else x == 0


# Values on floats, for the rows that neither `math` nor `operator` computes well. They may branch:
# they see only floats. Stability is a property of a row, and no composition can repair it.


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


def stable_sigmoid(a):
    """1 / (1 + e^-a), exponentiating only negative numbers so that nothing overflows."""
    e = math.exp(-abs(a))
    return 1 / (1 + e) if a >= 0 else e / (1 + e)


def stable_softplus(a):
    """log(1 + e^a), again with a negative exponent."""
    return (a if a > 0 else 0.0) + math.log1p(math.exp(-abs(a)))


def stable_log_sigmoid(a):
    """log of the sigmoid, right at -800 too, where the sigmoid itself is 0."""
    return -stable_softplus(-a)


def stable_logaddexp(a, b):
    """log(e^a + e^b), with the larger exponent taken out."""
    if a == b:  # infinities too, whose difference is nan
        return a + LN2
    return larger(a, b) + math.log1p(math.exp(-abs(a - b)))


def larger(a, b):
    """Python's max depends on the order of its arguments when one of them is nan."""
    return a if a >= b or a != a else b


def smaller(a, b):
    return a if a <= b or a != a else b


def whole(rounding):
    """floor or ceil as a float, which keeps the sign of -0.0."""
    return lambda a: copysign(rounding(a), a) if isfinite(a) else a


def silu_on_floats(a):
    return a * stable_sigmoid(a)


def gelu_on_floats(a):
    """a · Φ(a), where Φ is the cumulative normal distribution."""
    return a * math.erfc(-a / SQRT2) / 2


def sign_on_floats(a):
    return a if a != a else float((a > 0) - (a < 0))


def relu_on_floats(a):
    return 0.0 if a <= 0 else a  # nan stays nan, and -0.0 becomes 0.0


def clip_on_floats(a, b, c):
    return smaller(larger(a, b), c)


# What IEEE 754 has where Python's math raises a ValueError, and not nan.
POLES: dict[tuple, float] = {
    ("log", 0.0): -inf, ("log2", 0.0): -inf, ("log10", 0.0): -inf, ("log1p", -1.0): -inf,
    ("atanh", 1.0): inf, ("atanh", -1.0): -inf,
}  # fmt: skip

SQRT2, LN2, LN10 = math.sqrt(2), math.log(2), math.log(10)
BELL = 1 / math.sqrt(2 * pi)  # the height of the standard normal density
ERF_SLOPE = 2 / math.sqrt(pi)  # erf' at 0

# On floats Python's own y ** 2 may differ from the row's in the last digit, so partials say power.
# fmt: off
# arithmetic           on floats          ∂y/∂a, ∂y/∂b ...                        written
add = Op("add",             operator.add,      (lambda y, a, b: 1.0,
                                                lambda y, a, b: 1.0),             "+", "%s + %s")
subtract = Op("subtract",   operator.sub,      (lambda y, a, b: 1.0,
                                                lambda y, a, b: -1.0),            "-", "%s - %s")
multiply = Op("multiply",   operator.mul,      (lambda y, a, b: b,
                                                lambda y, a, b: a),               "*", r"%s \cdot %s")
divide = Op("divide",       operator.truediv,  (lambda y, a, b: 1 / b,
                                                lambda y, a, b: -y / b),          "/", r"\frac{%s}{%s}")
negative = Op("negative",   operator.neg,      (lambda y, a: -1.0,),              "-", "-%s")
power = Op("power",         real_power,        (lambda y, a, b: 0.0 if is_zero(b) else b * power(a, b - 1),
                                                lambda y, a, b: 0.0 if is_zero(a) else y * log(a)),
                                               # 0 · 0⁻¹ is 0, and so is 0² · log 0
                                                                                  "**", "{%s}^{%s}",
                            needs="a >= 0, or a whole number b (cbrt gives the real cube root)")

# exponentials, logarithms, roots
exp = Op("exp",             math.exp,          (lambda y, a: y,),                 latex="e^{%s}")
exp2 = Op("exp2",           math.exp2,         (lambda y, a: y * LN2,),           latex="2^{%s}")
expm1 = Op("expm1",         math.expm1,        (lambda y, a: exp(a),))
log = Op("log",             math.log,          (lambda y, a: 1 / a,),             latex=r"\ln\left(%s\right)",
                            needs="a > 0")
log2 = Op("log2",           math.log2,         (lambda y, a: 1 / (a * LN2),),     latex=r"\log_2\left(%s\right)",
                            needs="a > 0")
log10 = Op("log10",         math.log10,        (lambda y, a: 1 / (a * LN10),),    latex=r"\log_{10}\left(%s\right)",
                            needs="a > 0")
log1p = Op("log1p",         math.log1p,        (lambda y, a: 1 / (1 + a),),       needs="a > -1")
logaddexp = Op("logaddexp", stable_logaddexp,  (lambda y, a, b: sigmoid(a - b),
                                                lambda y, a, b: sigmoid(b - a)))
sqrt = Op("sqrt",           math.sqrt,         (lambda y, a: 1 / (2 * y),),       latex=r"\sqrt{%s}",
                            needs="a >= 0")
cbrt = Op("cbrt",           math.cbrt,         (lambda y, a: 1 / (3 * power(y, 2)),),  latex=r"\sqrt[3]{%s}")
hypot = Op("hypot",         c_hypot,           (lambda y, a, b: a / (y + (1 - sign(y))),
                                                lambda y, a, b: b / (y + (1 - sign(y)))))
                                               # a / y, but 0 rather than 0/0: the smallest subgradient

# angles
sin = Op("sin",             math.sin,          (lambda y, a: cos(a),))
cos = Op("cos",             math.cos,          (lambda y, a: -sin(a),))
tan = Op("tan",             math.tan,          (lambda y, a: 1 + power(y, 2),))
asin = Op("asin",           math.asin,         (lambda y, a: 1 / sqrt((1 - a) * (1 + a)),),
                                               # 1 - a², without its rounding near ±1
                            needs="-1 <= a <= 1")
acos = Op("acos",           math.acos,         (lambda y, a: -1 / sqrt((1 - a) * (1 + a)),),
                            needs="-1 <= a <= 1")
atan = Op("atan",           math.atan,         (lambda y, a: 1 / (1 + a * a),))  # a ** 2 raises at 1e200
atan2 = Op("atan2",         math.atan2,        (lambda y, a, b: b / hypot(a, b) / hypot(a, b),
                                                lambda y, a, b: -a / hypot(a, b) / hypot(a, b)))
                                               # b / (a² + b²), whose squares overflow, or vanish

# hyperbolic functions
sinh = Op("sinh",           math.sinh,         (lambda y, a: cosh(a),))
cosh = Op("cosh",           math.cosh,         (lambda y, a: sinh(a),))
tanh = Op("tanh",           math.tanh,         (lambda y, a: 1 - power(y, 2),))
asinh = Op("asinh",         math.asinh,        (lambda y, a: 1 / hypot(a, 1.0),))
acosh = Op("acosh",         math.acosh,        (lambda y, a: 1 / (sqrt(a - 1) * sqrt(a + 1)),),
                            needs="a >= 1")
atanh = Op("atanh",         math.atanh,        (lambda y, a: 1 / ((1 - a) * (1 + a)),),
                            needs="-1 < a < 1")

# activations and bells
sigmoid = Op("sigmoid",     stable_sigmoid,    (lambda y, a: y * (1 - y),),       latex=r"\sigma\left(%s\right)")
log_sigmoid = Op("log_sigmoid", stable_log_sigmoid, (lambda y, a: sigmoid(-a),),  latex=r"\ln\sigma\left(%s\right)")
softplus = Op("softplus",   stable_softplus,   (lambda y, a: sigmoid(a),))
silu = Op("silu",           silu_on_floats,    (lambda y, a: sigmoid(a) + y * sigmoid(-a),))
gelu = Op("gelu",           gelu_on_floats,    (lambda y, a: erfc(-a / SQRT2) / 2 + a * BELL * exp(-(a * a) / 2),))
erf = Op("erf",             math.erf,          (lambda y, a: ERF_SLOPE * exp(-(a * a)),))
erfc = Op("erfc",           math.erfc,         (lambda y, a: -ERF_SLOPE * exp(-(a * a)),))

# functions with a corner: their slopes are made of `sign`, and its 0 picks the slope at the corner
sign = Op("sign",           sign_on_floats,    (lambda y, a: 0.0,),               latex=r"\operatorname{sgn}\left(%s\right)")
absolute = Op("absolute",   abs,               (lambda y, a: sign(a),),           latex=r"\left|%s\right|")
relu = Op("relu",           relu_on_floats,    (lambda y, a: sign(y),))
leaky_relu = Op("leaky_relu", lambda a: 0.01 * a if a <= 0 else a,
                                               (lambda y, a: 0.01 + 0.99 * sign(relu(a)),))
relu6 = Op("relu6",         lambda a: smaller(relu_on_floats(a), 6.0),
                                               (lambda y, a: sign(y) * sign(6 - y),))
hardtanh = Op("hardtanh",   lambda a: larger(smaller(a, 1.0), -1.0),
                                               (lambda y, a: sign(1 - absolute(y)),))
elu = Op("elu",             lambda a: math.expm1(a) if a <= 0 else a,
                                               (lambda y, a: exp(minimum(a, 0.0)),))
maximum = Op("maximum",     larger,            (lambda y, a, b: (1 + sign(a - b)) / 2,
                                                lambda y, a, b: (1 - sign(a - b)) / 2), latex=r"\max\left(%s, %s\right)")
minimum = Op("minimum",     smaller,           (lambda y, a, b: (1 - sign(a - b)) / 2,
                                                lambda y, a, b: (1 + sign(a - b)) / 2), latex=r"\min\left(%s, %s\right)")
clip = Op("clip",           clip_on_floats,    # to the bounds b and c: the slope on a bound is 1
                                               (lambda y, a, b, c: sign(1 + sign(a - b)) * sign(1 + sign(c - a)),
                                                lambda y, a, b, c: (1 - sign(1 + sign(a - b))) * sign(1 + sign(c - b)),
                                                lambda y, a, b, c: 1 - sign(1 + sign(c - maximum(a, b)))))
floor = Op("floor",         whole(math.floor), (lambda y, a: 0.0,),               latex=r"\left\lfloor %s\right\rfloor")
ceil = Op("ceil",           whole(math.ceil),  (lambda y, a: 0.0,),               latex=r"\left\lceil %s\right\rceil")
# fmt: on

BUILT_IN = frozenset(TABLE)


def _method(row: Op) -> Callable:
    def method(self):
        return row(self)

    method.__name__ = row.name
    method.__doc__ = f"`{row.name}(self)`."
    return method


for _row in list(TABLE.values()):  # x.exp() for exp(x)
    if len(_row.partials) == 1:
        setattr(Operand, _row.name, _method(_row))

__all__ = ["TABLE", "Op", "Operand", *BUILT_IN]
