"""Targets, what a model should output for each example: numbers, rows of numbers, or classes.

Every list of targets comes through `as_targets`, whether it was given in Python or stands in a
file.
"""

from collections.abc import Callable, Iterable, Sequence
from numbers import Real
from typing import Any, NamedTuple

from autograd.checks import finite, whole
from autograd.user_text import counted

__all__ = [
    "Classes",
    "Targets",
    "as_target",
    "as_targets",
    "listed",
    "number_of_classes",
    "reads_as_number",
]

# How many classes there are, numbered from 0, or what the targets call them, in order.
Classes = int | Sequence[Any] | None


class Targets(NamedTuple):
    """Targets as numbers, and what is known of the classes among them."""

    numbers: Sequence[Any]
    classes: int | None
    class_names: tuple[str, ...]


def as_targets(targets: Sequence[Any], classes: Classes, place: Callable[[int], str]) -> Targets:
    """The targets as a Dataset holds them.

    Texts become classes in sorted order, True and False the classes 1 and 0. A list of `classes`
    says what the classes are called, and their order; with a number of them, the targets are 0 to
    classes - 1, or else 1 to classes, or -1 and 1. Rows of numbers stay as they are, for the
    Dataset to check. `place` says where the target of an index stands, for messages.

    Raises ValueError for labels that are unknown, too many or too few, and what `as_target` raises;
    TypeError for texts among numbers.

    >>> as_targets(["cat", "dog", "cat"], None, str)
    Targets(numbers=(0, 1, 0), classes=2, class_names=('cat', 'dog'))
    >>> as_targets([1, 3, 2], 3, str)
    Targets(numbers=(0, 2, 1), classes=3, class_names=('1', '2', '3'))
    """
    if isinstance(classes, Iterable) and not isinstance(classes, str):
        return _labelled(targets, list(classes), place)
    count = number_of_classes(classes)
    texts = [isinstance(y, str) for y in targets]
    if any(texts):
        for i, y in enumerate(targets):
            if not texts[i]:
                raise TypeError(f"{place(i)} is {y!r:.60}, among texts")
        names = sorted(set(targets))
        if len(names) < 2 or count not in (None, len(names)):
            raise ValueError(
                f"the targets must have {count or 'at least 2'} classes, and have "
                f"{counted(len(names), 'class')}: {', '.join(names):.100}"
            )
        return _labelled(targets, names, place)
    if targets and all(map(_is_truth_value, targets)):
        return Targets(tuple([int(y) for y in targets]), count or 2, ())
    if any(hasattr(y, "__iter__") for y in targets):  # rows of numbers
        return Targets(targets, count, ())
    if count is not None and (labels := _counted_otherwise(targets, count)):
        return _labelled(targets, labels, place)
    return Targets(tuple([as_target(y, count, place(i)) for i, y in enumerate(targets)]), count, ())


def _counted_otherwise(targets: Sequence[Any], count: int) -> Sequence[int]:
    """The labels, where they are 1 to count or -1 and 1; none where they count from 0."""
    if not all(isinstance(y, Real) for y in targets):
        return ()
    found = set(targets)
    if count == 2 and found == {-1, 1}:
        return -1, 1
    labels = range(1, count + 1)
    return labels if count in found and found <= set(labels) else ()


def _labelled(
    targets: Sequence[Any], labels: Sequence[Any], place: Callable[[int], str]
) -> Targets:
    """The targets as places in a list of labels."""
    names = tuple([_written(label) for label in labels])
    place_of = {_key(label): i for i, label in enumerate(labels)}
    if len(labels) < 2 or len(place_of) < len(labels):
        raise ValueError(
            f"the classes must be two or more different names, not {', '.join(names):.100}"
        )
    numbers = []
    for i, y in enumerate(targets):
        if _key(y) not in place_of:
            raise ValueError(
                f"{place(i)} is {_written(y)!r:.60}: the classes are {', '.join(names):.200}"
            )
        numbers.append(place_of[_key(y)])
    return Targets(tuple(numbers), len(labels), names)


def _key(label: Any) -> Any:
    """What equal labels have in common: 1, 1.0 and "1" are one label."""
    if isinstance(label, str):
        return float(label) if reads_as_number(label) else label
    if _is_truth_value(label):
        return float(bool(label))
    return float(label) if isinstance(label, Real) else repr(label)


def _written(label: Any) -> str:
    return f"{label:g}" if isinstance(label, float) else str(label)


def _is_truth_value(y: Any) -> bool:
    return isinstance(y, bool) or type(y).__name__ in ("bool", "bool_")  # NumPy's, without NumPy


def as_target(y: Any, classes: int | None, place: str) -> float:
    """One target as a Dataset holds it: a float, or a class as an int. Raises TypeError for what is
    no number, ValueError for one that is not finite and for what is none of the classes."""
    y = finite(y, place)
    if classes is None:
        return y
    if not (y.is_integer() and 0 <= y < classes):
        raise ValueError(f"{place} is {y:g}: the {classes} classes are 0 to {classes - 1}")
    return int(y)


def number_of_classes(classes: Any) -> int | None:
    """How many classes there are, None where there are none. Raises TypeError for what is no whole
    number, ValueError for one below 2."""
    return None if classes is None else whole(classes, "the number of classes", least=2)


def reads_as_number(text: str) -> bool:
    """Whether a text is written as a number is in a file."""
    try:
        float(text)
    except ValueError:
        return False
    return "_" not in text  # only Python writes 1_000


def listed(things: Any, what: str) -> list:
    """A list of what stands in an array, a data frame, a tensor, or anything else that holds things
    in order. Raises TypeError for what does not."""
    for convert in ("to_numpy", "tolist"):
        if hasattr(things, convert):
            things = getattr(things, convert)()
    if isinstance(things, str | bytes | dict | set | frozenset) or not isinstance(things, Iterable):
        raise TypeError(f"{what} has to be a list or an array, not {things!r:.60}")
    return list(things)
