"""What a person types: an expression and its values, in a shell or in the form of the page."""

import re
import sys
from argparse import Namespace
from collections.abc import Mapping, Sequence

from autograd.errors import AutogradError
from autograd.expression import NotANumber, evaluate, folded_name, is_name, number_in, read_as
from autograd.user_text import shown
from autograd.value import Value


class UsageError(Exception):
    """What the person typed cannot be done; the message is one line that says what to type."""


USER_ERRORS = (UsageError, AutogradError, ValueError)  # typing something else avoids them
LONGEST_SENTENCE = 500  # characters


def sentence_of(error: Exception) -> str:
    """What went wrong, on one line of characters that can be seen."""
    return shown(" ".join(str(error).split()), room=LONGEST_SENTENCE)


def words_of(text: str) -> list[str]:
    """The values that were typed into one field, as the words that a shell would make of them.

    >>> words_of("x = 2, w=-3; b=1 / 3")
    ['x=2', 'w=-3', 'b=1/3']
    """
    text = re.sub(r"\s*([=:/])\s*", r"\1", text)
    return re.sub(r";|(?<!\d),|,(?!\d)", " ", text).split()  # not at 1,5: that gets a sentence


def result_of(expression: str, words: Sequence[str]) -> tuple[Value, dict[str, Value]]:
    """The Value that the expression computes with the values given, and every name in it.

    Each word gives a value, as in x=2. Raises UsageError for one that does not, and what `evaluate`
    raises.
    """
    result, known = evaluate(expression, values_of(words))
    if not result.label:
        result.label = next(name for name in ("y", "result", "y_result") if name not in known)
    return result, known


def computed(arguments: Namespace, words: Sequence[str]) -> tuple[Value, dict[str, Value]]:
    """The result of the expression and every name in it. Where it is not written as Python has it,
    such as x^2, how it was read is printed beside the output."""
    result = result_of(arguments.expression, words)
    if understood := read_as(arguments.expression, values_of(words)):
        print(f"read as {understood}", file=sys.stderr)
    return result


def named_values(option: str, names: Sequence[str], known: Mapping[str, Value]) -> list[Value]:
    """The values that an option names. Raises UsageError for a name that there is not."""
    found = []
    for name in map(folded_name, names):
        if name not in known:
            choices = shown(", ".join(known), room=200)
            raise UsageError(
                f"{option} {shown(name)}: there is no such value: choose from {choices}"
            )
        found.append(known[name])
    return found


def values_of(words: Sequence[str]) -> dict[str, float]:
    """The values by name. Raises UsageError for a word that gives none."""
    values: dict[str, float] = {}
    for word in words:
        name, equals, number = word.partition("=")
        name = name.strip()
        if not name or not equals:
            raise UsageError(no_value(word))
        if not is_name(name):
            raise UsageError(f"{shown(name)!r} is not a name: use letters and digits, as in x1=2")
        name = folded_name(name)
        if name in values:
            raise UsageError(f"{shown(name)} is given twice: keep one of them")
        try:
            values[name] = number_in(number)
        except NotANumber as error:
            raise UsageError(f"{shown(f'{name}={number}')} is not a number: {error}") from None
    return values


def no_value(word: str) -> str:
    """The sentence about a word that is no `name=number`."""
    if is_name(word):
        return f"{shown(word)} has no number: write {shown(word)}=2"
    if re.fullmatch(r"\w+:[-+−.\d]\S*", word):
        return f"what is {shown(word)!r}? Write {shown(word.replace(':', '=', 1))}"
    return f"what is {shown(word)!r}? Values are given as name=number, as in x=2"
