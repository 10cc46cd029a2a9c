"""What the teaching tools are asked, checked once for all of them."""

from collections.abc import Collection, Mapping
from operator import index
from types import FrameType
from typing import Any, Literal

from autograd.teaching.names import variables_of
from autograd.value import Value

Names = Mapping[str, Any] | Literal[False] | None


def value_in(y: Any, tool: str) -> Value:
    """The Value that a tool is to look at. Raises TypeError for anything else."""
    if not isinstance(y, Value):
        raise TypeError(f"{tool} takes a Value, not {type(y).__name__}")
    return y


def values_in(to: Any) -> tuple[Value, ...]:
    """The Values that `to` asks for, one or several. Raises TypeError for anything else."""
    towards = tuple(to) if isinstance(to, Collection) and not isinstance(to, str) else (to,)
    for one in towards:
        if not isinstance(one, Value):
            raise TypeError(f"`to` takes Values, not {one!r}")
    return towards


def digits_in(digits: Any) -> int:
    """A number of significant digits, from 1 to 17. Raises TypeError or ValueError for others."""
    try:
        digits = index(digits)
    except TypeError:
        raise TypeError(f"digits is a whole number, not {digits!r}") from None
    if not 1 <= digits <= 17:
        raise ValueError(f"digits go from 1 to 17, not {digits!r}")
    return digits


def variables_in(names: Any, caller: FrameType) -> Mapping[str, Any]:
    """The variables that name values: those given, the caller's for None, and none for False.
    Raises TypeError for what is no dict of variables."""
    if names is None:
        return variables_of(caller)
    if names and not isinstance(names, Mapping):
        raise TypeError(f"names is a dict of variables, not {type(names).__name__}")
    return names or {}
