"""The primitives on fractions, where they are exact."""

import math
import operator
from collections.abc import Callable
from fractions import Fraction

from autograd.user_text import shown

MOST_BITS = 10_000  # of all numerators and denominators together, which is about 3000 digits
TOO_LONG = "the fraction has become too long"


class NoFraction(ArithmeticError):
    """A result that is no fraction, or one too long; the message says which."""


def length(a: Fraction) -> int:
    """How many bits a fraction has."""
    return a.numerator.bit_length() + a.denominator.bit_length()


def power(a: Fraction, b: Fraction) -> Fraction:
    """a^b, where that is a fraction: b is whole, or a has the root."""
    if b == 0:
        return Fraction(1)
    base = root_of(a, b.denominator)
    if base is None:
        raise NoFraction(f"{shown(a)} to the power {shown(b)} is no fraction")
    if length(base) * abs(b.numerator) > MOST_BITS:
        raise NoFraction(TOO_LONG)
    return base**b.numerator


def root_of(a: Fraction, n: int) -> Fraction | None:
    """The n-th root of a fraction; None where that is no fraction."""
    if n == 1:
        return a
    if a < 0:
        return None
    above, below = whole_root(a.numerator, n), whole_root(a.denominator, n)
    return None if above is None or below is None else Fraction(above, below)


def whole_root(a: int, n: int) -> int | None:
    """The n-th root of a whole number that is not negative; None where it is not whole."""
    if a < 2 or n > a.bit_length():  # of a large n the powers below would not end
        return a if a < 2 else None
    low, high = 0, 1 << (a.bit_length() // n + 1)
    while low < high:
        middle = (low + high) // 2
        if middle**n < a:
            low = middle + 1
        else:
            high = middle
    return low if low**n == a else None


def root(a: Fraction, n: int) -> Fraction:
    """The n-th root; for an odd n of negative fractions too."""
    found = root_of(abs(a), n)
    if found is None or (a < 0 and n % 2 == 0):
        raise NoFraction(f"{shown(a)} has no root that is a fraction")
    return -found if a < 0 else found


def logarithm(a: Fraction, base: int) -> Fraction:
    """The logarithm of a whole power of the base."""
    power, exponent = (max(a, 1 / a) if a > 0 else Fraction(0)), 0
    while power > 1:
        power, exponent = power / base, exponent + 1
    if power != 1:
        raise NoFraction(f"log{base}({shown(a)}) is no fraction")
    return Fraction(exponent if a >= 1 else -exponent)


FRACTIONS: dict[str, Callable[..., Fraction]] = {
    "add": operator.add,
    "subtract": operator.sub,
    "multiply": operator.mul,
    "divide": operator.truediv,
    "negative": operator.neg,
    "absolute": operator.abs,
    "less": lambda a, b: Fraction(a < b),
    "less_equal": lambda a, b: Fraction(a <= b),
    "floor": lambda a: Fraction(math.floor(a)),
    "ceil": lambda a: Fraction(math.ceil(a)),
    "power": power,
    "exp2": lambda a: power(Fraction(2), a),
    "log2": lambda a: logarithm(a, 2),
    "log10": lambda a: logarithm(a, 10),
    "sqrt": lambda a: root(a, 2),
    "cbrt": lambda a: root(a, 3),
    "hypot": lambda a, b: root(a * a + b * b, 2),
    "corner": operator.pos,
}
