"""How plain text is broken into lines."""

from collections.abc import Iterable, Sequence

WIDTH = 80  # columns
SHORT = 20  # characters of a left side, such as ∂y/∂x, that never stands alone


def row_in_text(pieces: Sequence[str]) -> str:
    """Equal formulas on one line, set in a little; with a line for each where that is too long."""
    if len(whole := " = ".join(pieces)) <= WIDTH - 2:
        return f"  {whole}"
    first, *rest = pieces
    if rest and (len(first) <= SHORT or len(first) + len(rest[0]) <= WIDTH - 5):
        first = f"{first} = {rest.pop(0)}"
    lines = [first, *(f"    = {one}" for one in rest)]
    return "\n".join("\n".join(folded(f"  {line}")) for line in lines)


def folded(line: str) -> list[str]:
    """A formula on lines of at most 80 columns: each ends before a plus or a dot, one that stands
    in as few parentheses as possible."""
    lines = []
    while len(line) > WIDTH:
        depth, breaks = 0, []
        for at, c in enumerate(line[: WIDTH + 1]):
            depth += (c == "(") - (c == ")")
            if line[at : at + 3] in (" + ", " · ") and at > WIDTH // 3:
                breaks.append((2 * depth + (line[at + 1] == "·"), -at))
        if not breaks:
            break
        at = -min(breaks)[1]
        lines.append(line[:at])
        line = " " * 8 + line[at + 1 :]
    return [*lines, line]


def wrapped(words: Iterable[str]) -> str:
    """The words with blanks between them, on lines of at most 80 columns where words are short
    enough."""
    lines: list[str] = []
    for word in words:
        if lines and len(lines[-1]) + 1 + len(word) <= WIDTH:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return "\n".join(lines)
