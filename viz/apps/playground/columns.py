"""Columns of numbers in messages: base64 of little-endian doubles, so that every bit arrives."""

from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Sequence
from math import isfinite
from typing import Any

import numpy as np

__all__ = ["column_of", "finite_or_none", "numbers_in"]


def column_of(numbers: Sequence[float] | Any, bits: int = 64) -> str:
    """The numbers as text, of 64 bits each, or of 32 where less is seen.

    >>> numbers_in(column_of([0.5, -0.0]), "these", 2)
    array([ 0.5, -0. ])
    """
    with np.errstate(over="ignore"):  # what is too large for 32 bits becomes an infinity
        column = np.ascontiguousarray(numbers, dtype=f"<f{bits // 8}")
    return b64encode(column.tobytes()).decode()


def numbers_in(column: Any, what: str, count: int) -> Any:
    """The numbers of a column, as an array. Raises TypeError for what is no column, ValueError
    unless it has `count` numbers, all finite."""
    try:
        if not isinstance(column, str):
            raise TypeError
        raw = b64decode(column, validate=True)
    except (TypeError, NotBase64, ValueError):
        raise TypeError(f"{what} must be a column of doubles in base64") from None
    if len(raw) != 8 * count:
        raise ValueError(f"{what} must be {count} doubles, and are {len(raw)} bytes")
    numbers = np.frombuffer(raw, dtype="<f8").astype(float)
    if not np.isfinite(numbers).all():
        raise ValueError(f"{what} must be finite, and number {_first_bad(numbers)} is not")
    return numbers


def finite_or_none(number: float | None) -> float | None:
    """A number as JSON has it, which knows no infinities."""
    return None if number is None or not isfinite(number) else float(number)


def _first_bad(numbers: Any) -> int:
    return int(np.flatnonzero(~np.isfinite(numbers))[0])
