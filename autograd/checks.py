"""What a setting has to be: the one place that every size, count, share and name is checked in, for
Python, for files and for the command alike.

Each function returns the setting as plain Python has it (an int, a float, the thing that is named),
whether it came as one, from NumPy or from any other type of numbers. `what` is how the error calls
the setting.
"""

from collections.abc import Mapping
from math import inf, isfinite
from numbers import Real
from operator import index
from typing import Any

from autograd.user_text import no_such

__all__ = ["choose", "finite", "fraction", "positive", "whole"]


def whole(
    number: Any, what: str, least: int | None = None, error: type[ValueError] = ValueError
) -> int:
    """A whole number that is at least `least`.

    Raises TypeError for anything else, such as 2.0 or True, and `error` for a smaller one.

    >>> whole(3, "the batch size", least=1)
    3
    """
    try:
        if isinstance(number, bool):
            raise TypeError
        result = index(number)
    except TypeError:
        raise TypeError(f"{what} must be a whole number, not {number!r:.60}") from None
    if least is not None and result < least:
        raise error(f"{what} must be at least {least}, not {result}")
    return result


def finite(number: Any, what: str, least: float = -inf) -> float:
    """A finite number that is at least `least`. Raises TypeError for what is no real number (a
    truth value is none), ValueError for one that is not finite or too small."""
    result = _float(number, what)
    if not isfinite(result) or result < least:
        needed = "finite" if least == -inf else f"finite and at least {least:g}"
        raise ValueError(f"{what} must be {needed}, not {result:g}")
    return result


def positive(number: Any, what: str) -> float:
    """A finite number above 0. Raises what `finite` raises."""
    result = _float(number, what)
    if not 0 < result < inf:
        raise ValueError(f"{what} must be positive and finite, not {result:g}")
    return result


def fraction(number: Any, what: str) -> float:
    """A number from 0 to below 1. Raises what `finite` raises."""
    result = _float(number, what)
    if not 0 <= result < 1:
        raise ValueError(f"{what} must be at least 0 and below 1, not {result:g}")
    return result


def _float(number: Any, what: str) -> float:
    if not isinstance(number, Real) or isinstance(number, bool):
        raise TypeError(f"{what} must be a number, not {number!r:.60}")
    try:
        return float(number)
    except OverflowError:
        return inf


def choose(name: Any, choices: Mapping[str, Any], what: str) -> Any:
    """The choice with that name, in capital or small letters. Raises ValueError for an unknown
    name, with the one that was probably meant or the list of all; TypeError for what is no name.

    >>> choose("Tanh", {"tanh": 1, "relu": 2}, "activation")
    1
    >>> choose("tan", {"tanh": 1, "relu": 2}, "activation")
    Traceback (most recent call last):
        ...
    ValueError: there is no activation named tan: did you mean tanh?
    """
    if not isinstance(name, str):
        raise TypeError(f"the {what} is chosen by its name, not by {name!r:.60}")
    known = {choice.lower(): choice for choice in choices}
    if name.lower() not in known:
        raise ValueError(no_such(what, name, choices))
    return choices[known[name.lower()]]
