"""Text of users, as messages show it: typed words, labels, names of files and columns; and the
phrases that many messages share."""

from collections.abc import Iterable, Sequence

ROOM = 40  # characters
LONGEST_NAME = 40  # beyond, nobody is asked whether another name was meant


def shown(text: object, room: int = ROOM) -> str:
    """The text on one line of at most `room` characters, all of which can be seen.

    >>> shown("line\\nline, bell\\a")
    'line line, bell�'
    >>> shown("x" * 1000, room=8)
    'xxxxxxx…'
    """
    text = str(text)
    if len(text) > room:
        text = f"{text[: room - 1]}…"
    text = "".join(" " if one in "\n\t" else one for one in text)
    return "".join(one if one.isprintable() else "�" for one in text)


def counted(count: int, thing: str) -> str:
    """
    >>> counted(1, "input"), counted(2, "input"), counted(2, "class")
    ('1 input', '2 inputs', '2 classes')
    """
    plural = f"{thing}es" if thing.endswith("s") else f"{thing}s"
    return f"{count} {thing if count == 1 else plural}"


def listed(words: Sequence[str], last: str = "and") -> str:
    """
    >>> listed(["a", "b", "c"]), listed(["a", "b"], "or")
    ('a, b and c', 'a or b')
    """
    return f" {last} ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def no_such(what: str, name: object, known: Iterable[str]) -> str:
    """The sentence about a name that is not known: it proposes the one that it is close to, or all.

    >>> no_such("activation", "tan", ["relu", "tanh"])
    'there is no activation named tan: did you mean tanh?'
    >>> no_such("activation", "cos", ["relu", "tanh"])
    'there is no activation named cos: choose from relu, tanh'
    """
    way_out = did_you_mean(str(name), known) or f": choose from {', '.join(known)}"
    return f"there is no {what} named {shown(name)}{way_out}"


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """The end of a sentence about a name that is not known: the name that it is close to, if any.

    >>> did_you_mean("sigmod", ["tanh", "sigmoid"])
    ': did you mean sigmoid?'
    """
    from difflib import get_close_matches  # which takes long to import

    if len(name) > LONGEST_NAME:
        return ""
    as_written = {one.lower(): one for one in sorted(known)}
    close = get_close_matches(name.lower(), as_written, n=1)
    return f": did you mean {as_written[close[0]]}?" if close else ""
