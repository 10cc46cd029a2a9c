"""What the engine raises: Python's own arithmetic errors, under one roof.

`except AutogradError` catches them all; `except ZeroDivisionError` and its like still work.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar


class AutogradError(Exception):
    """Something the engine refuses to compute, said in one sentence."""


class DivisionByZero(AutogradError, ZeroDivisionError):
    """A value or a slope with an exact zero under the fraction bar."""


class TooLarge(AutogradError, OverflowError):
    """Finite numbers whose true result is beyond the largest float, about 1.8e308."""


class OutsideDomain(AutogradError, ValueError):
    """A function asked for its value where it has no real one."""


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
