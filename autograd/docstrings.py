"""The docstrings of operations, made from their rows: what `help(atan2)` and the reference say.

>>> from autograd import atan2
>>> print(atan2.__doc__)
The angle of the point (b, a) in radians, from -π to π.
<BLANKLINE>
y = atan2(a, b)
∂y/∂a = b / hypot(a, b) / hypot(a, b)
∂y/∂b = -a / hypot(a, b) / hypot(a, b)
<BLANKLINE>
At 0: y = 0, ∂y/∂a raises DivisionByZero, ∂y/∂b raises DivisionByZero.
"""

from string import ascii_lowercase
from typing import Any

from autograd.errors import AutogradError
from autograd.formula import Formula, formula, written
from autograd.op import Choice, Op

Found = float | type[AutogradError]  # a number, or what is raised instead of it


def at_zero(op: Op) -> tuple[Found, list[Found]]:
    """The value and the local derivatives of an operation where all its arguments are 0."""
    zeros = [0.0] * len(op.partials)
    try:
        y = op.at(*zeros)
    except AutogradError as error:
        return type(error), []
    slopes: list[Found] = []
    for position in range(len(zeros)):
        try:
            slopes.append(float(op.slope(position, y, zeros)) + 0.0)  # 0, and not -0
        except AutogradError as error:
            slopes.append(type(error))
    return y + 0.0, slopes


def described(op: Op) -> str:
    """What an operation is, its local derivatives, where it is defined, and what it is at 0."""
    letters = ascii_lowercase[: len(op.partials)]
    y, args = Formula("y"), tuple(map(Formula, letters))
    slopes = [f"∂y/∂{letter}" for letter in letters]
    lines = [f"{op.meaning[:1].upper()}{op.meaning[1:]}.", "", f"y = {written(op, args)}"]
    lines += [f"{name} = {formula(op.slope(i, y, args))}" for i, name in enumerate(slopes)]
    if op.domain:
        lines += ["", f"Defined for {op.domain}; raises OutsideDomain elsewhere."]
    value, found = at_zero(op)
    there = [shown(name, one) for name, one in zip(["y", *slopes], [value, *found], strict=False)]
    return "\n".join([*lines, "", f"At 0: {', '.join(there)}."])


def shown(name: str, found: Found) -> str:
    return f"{name} raises {found.__name__}" if isinstance(found, type) else f"{name} = {found:g}"


class Described:
    """The docstring of an operation, which differs from that of the class of all operations."""

    def __init__(self, of_class: str | None) -> None:
        self.of_class = of_class

    def __get__(self, op: Op | None, kind: type) -> Any:
        return self.of_class if op is None or not op.meaning else described(op)


for kind in (Op, Choice):
    kind.__doc__ = Described(kind.__doc__)  # type: ignore[assignment]
