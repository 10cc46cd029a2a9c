"""What may stand where a number stands, and what counts as a number."""

from collections.abc import Callable
from numbers import Real
from typing import Any

from autograd.errors import TooLarge

# What Python's operators do, by their symbols; `ops.py` fills it in from the table.
BINARY: dict[str, Callable[[Any, Any], Any]] = {}
UNARY: dict[str, Callable[[Any], Any]] = {}


class Operand:
    """Anything that may stand where a number stands.

    A subclass says in `apply` what performing an operation on it *means* (record it, print it,
    carry a tangent along) and inherits Python's arithmetic in return. Every operation with one
    argument is a method too: `x.exp()` is `exp(x)`.
    """

    __slots__ = ()
    __array_ufunc__ = None  # let x answer `np.float64(2) * x`, instead of NumPy
    is_text = False  # whether it is only there to be read, as a formula is

    def apply(self, op: Any, args: tuple) -> Any:
        """What `op` on `args`, of which at least one is of this class, means here. Raises
        NotImplementedError where a subclass does not say."""
        raise NotImplementedError(f"{type(self).__name__} does not say what {op.name} means")

    def __bool__(self) -> bool:
        raise TypeError(
            f"a {type(self).__name__} has no truth value: compare its number, as in `x.data > 0`, "
            "record the choice, as in `where(x > 0, x, 0)`, or write `(1 < x) * (x < 3)` for both "
            "at once"
        )

    def __float__(self) -> float:
        raise TypeError(
            f"a {type(self).__name__} is not a float: take its number, as in `x.data`, or use an "
            "operation of autograd, such as autograd.cos instead of math.cos"
        )

    # fmt: off
    def __pos__(self):             return self
    def __neg__(self):             return UNARY["-"](self)
    def __abs__(self):             return UNARY["abs"](self)
    def __add__(self, other):      return BINARY["+"](self, other)
    def __radd__(self, other):     return BINARY["+"](other, self)
    def __sub__(self, other):      return BINARY["-"](self, other)
    def __rsub__(self, other):     return BINARY["-"](other, self)
    def __mul__(self, other):      return BINARY["*"](self, other)
    def __rmul__(self, other):     return BINARY["*"](other, self)
    def __truediv__(self, other):  return BINARY["/"](self, other)
    def __rtruediv__(self, other): return BINARY["/"](other, self)
    def __pow__(self, other):      return BINARY["**"](self, other)
    def __rpow__(self, other):     return BINARY["**"](other, self)
    def __lt__(self, other):       return BINARY["<"](self, other)
    def __le__(self, other):       return BINARY["<="](self, other)
    def __gt__(self, other):       return BINARY["<"](other, self)
    def __ge__(self, other):       return BINARY["<="](other, self)
    # fmt: on


def real(number: Any, where: str) -> float:
    """`number` as a float; a TypeError that names its type, when it is no real number.

    Truth values are refused too: `(a == b) * x` is almost always a mistake.
    """
    if number.__class__ is float:
        return number
    if not isinstance(number, Real) or isinstance(number, bool):
        kind = type(number).__name__
        has_many = hasattr(number, "__len__") and not isinstance(number, str | bytes)
        way_out = " (take its numbers one by one)" if has_many else ""
        raise TypeError(f"{where} takes real numbers, not {kind}: {number!r:.60}{way_out}")
    try:
        return float(number)
    except OverflowError:
        raise TooLarge(f"{where}: an integer too large for a float") from None


def described(arg: Any) -> str:
    """An operand as error messages show it: `x = -1`, or just `-1`."""
    label = getattr(arg, "label", "")
    return f"{label} = {arg:g}" if label else f"{arg:g}"
