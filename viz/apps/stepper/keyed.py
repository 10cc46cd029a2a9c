"""Numbers that are put in later, in formulas: each stands there under its key."""

from typing import Any

from autograd.formula import Formula, formula
from autograd.op import Op
from autograd.ops import absolute, corner
from viz.apps.stepper.places import mark

DIGITS = 4  # as many as cards have room for


class Signed(Formula):
    """A formula whose sign is that of the number under a key, or follows from it: `cases` says what
    it is like where that number is 0, positive, and negative. A choice that is made by it is a
    place for one of the branches."""

    __slots__ = ("cases", "key")

    def __init__(self, text: str, latex: str, key: str) -> None:
        super().__init__(text, latex, digits=DIGITS)
        self.key, self.cases = key, (0.0, 1.0, -1.0)

    def apply(self, op: Op, args: tuple) -> Any:
        condition = args[0]
        if op.symbol == "if" and isinstance(condition, Signed):
            return self.choice(condition, args)
        made = super().apply(op, args)
        if op is absolute or (op.symbol in ("<", "<=") and 0.0 in args):
            each = zip(*(x.cases if isinstance(x, Signed) else (x,) * 3 for x in args), strict=True)
            signed = Signed(made.text, made.latex, self.key)
            signed.cases = tuple(op(*numbers) for numbers in each)
            signed._level, signed._latex_level = made._level, made._latex_level
            return signed
        return made

    def choice(self, condition: "Signed", args: tuple) -> Formula:
        taken = [formula(args[1 if case else 2], self.digits) for case in condition.cases]
        # what is marked as chosen by convention is 0
        taken = [Formula.of_number(0.0) if one.op is corner else one for one in taken]
        if len({one.text for one in taken}) == 1:
            return taken[0]
        made = Formula(
            mark("sign", condition.key, *(one.text for one in taken)),
            mark("sign", condition.key, *(one.latex for one in taken)),
        )
        made._level = min(one._level for one in taken)
        made._latex_level = min(one._latex_level for one in taken)
        return made


def key_of(number: Any) -> str:
    """The key of a number of a step, where steps have places for numbers."""
    key: str = number.key
    return key


class Keyed(Signed):
    """The number under a key. It stands where a negative number would, so formulas put parentheses
    around it where a negative number needs them."""

    __slots__ = ()

    def __init__(self, key: str) -> None:
        place = f"-{mark('number', key)}"
        super().__init__(place, place, key)
        negative = Formula.of_number(-1.0, DIGITS)  # for its place among the levels
        self._level, self._latex_level = negative._level, negative._latex_level

    @property
    def size(self) -> "Keyed":
        """The number without its sign."""
        return Keyed(f"|{self.key}|")
