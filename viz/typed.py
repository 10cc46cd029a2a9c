"""What a person types: an expression and its numbers, in a shell or in the form of the page."""

import re
from collections.abc import Sequence
from keyword import iskeyword

from autograd.errors import AutogradError
from autograd.expression import evaluate
from autograd.value import Value
from viz.escape import shortened


class UsageError(Exception):
    """What the person typed cannot be done; the message is one line that says what to type."""


MENDABLE = (UsageError, AutogradError, ValueError)  # by typing something else


def sentence_of(error: Exception) -> str:
    """What went wrong, on one line."""
    return " ".join(str(error).split())


def words_of(text: str) -> list[str]:
    """The values that were typed into one field, as the words that a shell would make of them.

    >>> words_of("x = 2, w=-3; b=6.9")
    ['x=2', 'w=-3', 'b=6.9']
    """
    text = re.sub(r"\s*([=:])\s*", r"\1", text)
    return re.sub(r";|(?<!\d),|,(?!\d)", " ", text).split()  # no comma of 1,5: that gets a sentence


def result_of(expression: str, words: Sequence[str]) -> tuple[Value, dict[str, Value]]:
    """The Value that the expression computes with the numbers given, and every name in it.

    Each word gives a number, as in x=2. Raises UsageError for one that does not, and what
    `evaluate` raises.
    """
    values: dict[str, float] = {}
    for word in words:
        name, _, number = word.partition("=")
        name = name.strip()
        if not name or "=" not in word:
            raise UsageError(no_value(word))
        if not name.isidentifier():
            raise UsageError(
                f"{shortened(name)!r} is not a name: use letters and digits, as in x1=2"
            )
        if iskeyword(name):
            raise UsageError(f"{name} is a word of Python: choose another name")
        if name in values:
            raise UsageError(f"{shortened(name)} is given twice: keep one of them")
        values[name] = finite(name, number)
    result, known = evaluate(expression, values)
    if not result.label:
        result.label = next(name for name in ("y", "result", "y_result") if name not in known)
    return result, known


def no_value(word: str) -> str:
    """The sentence about a word that is no `name=number`."""
    if word.isidentifier():
        return f"{shortened(word)} has no number: write {shortened(word)}=2"
    if re.fullmatch(r"\w+:[-+−.\d]\S*", word):
        return f"what is {shortened(word)!r}? Write {shortened(word.replace(':', '=', 1))}"
    return f"what is {shortened(word)!r}? Values are given as name=number, as in x=2"


def finite(name: str, text: str) -> float:
    """The number behind `name=`."""
    name, shown = shortened(name), shortened(text)
    try:
        number = float(text.replace("−", "-"))
    except ValueError:
        way = f"write digits, as in {name}=0.5"
        if re.fullmatch(r"[-+−]?\d+,\d+", text):
            way = f"a decimal has a point, as in {name}={shown.replace(',', '.')}"
        raise UsageError(f"{name}={shown} is not a number: {way}") from None
    if number - number != 0:
        raise UsageError(f"{name}={shown} is not a finite number")
    return number
