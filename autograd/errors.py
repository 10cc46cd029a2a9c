"""The errors of the arithmetic: each is an AutogradError and one of Python's own errors.

`except AutogradError` catches them all, and `except ZeroDivisionError` the divisions by zero only.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any


class AutogradError(Exception):
    """Something that the engine cannot compute; the message says what, and at which numbers.

    Where an operation on Values failed, `op` is its row and `operands` are what it was given.
    """

    op: Any = None
    operands: tuple = ()

    @classmethod
    def of(cls, op: Any, operands: tuple) -> "AutogradError":
        """The error of an operation, in its words."""
        error = cls(op.complaint(cls, operands))
        error.op, error.operands = op, operands
        return error

    def __reduce__(self) -> tuple:
        """Between processes goes the sentence, and no graph: not every row can be pickled."""
        kept = {name: x for name, x in vars(self).items() if name not in ("op", "operands")}
        return type(self), self.args, kept


class DivisionByZero(AutogradError, ZeroDivisionError):
    """A value or a local derivative that divides by exactly zero."""


class TooLarge(AutogradError, OverflowError):
    """Finite numbers whose true result is beyond the largest float, about 1.8e308."""


class OutsideDomain(AutogradError, ValueError):
    """A function at a point where it has no real value, or no derivative."""


class StaleGraph(AutogradError, RuntimeError):
    """A recorded graph whose leaves were changed after it was recorded."""


class GradientMismatch(AutogradError, AssertionError):
    """A gradient that finite differences contradict, or cannot confirm."""


def kind_of(error: Exception) -> type[AutogradError]:
    """The class above that says the same as Python's own `error`."""
    if isinstance(error, ZeroDivisionError):
        return DivisionByZero
    return TooLarge if isinstance(error, OverflowError) else OutsideDomain


_unchecked: ContextVar[bool] = ContextVar("unchecked", default=False)


@contextmanager
def unchecked() -> Iterator[None]:
    """Inside, operations follow IEEE 754 as in a program: infinities and nans instead of errors."""
    token = _unchecked.set(True)
    try:
        yield
    finally:
        _unchecked.reset(token)


def is_unchecked() -> bool:
    return _unchecked.get()
