"""Text of users, as messages show it: typed words, labels, names of files and columns."""

from collections.abc import Iterable

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


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """The end of a sentence about a name that is not known: the name that it is close to, if any.

    >>> did_you_mean("sigmod", ["tanh", "sigmoid"])
    ': did you mean sigmoid?'
    """
    from difflib import get_close_matches  # which takes long to import

    if len(name) > LONGEST_NAME:
        return ""
    close = get_close_matches(name.lower(), sorted(known), n=1)
    return f": did you mean {close[0]}?" if close else ""
