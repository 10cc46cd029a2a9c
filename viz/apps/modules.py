"""ES modules joined into one script: inlined modules have no name to be imported by."""

import re
from collections.abc import Iterable

# Comments and indents, which nobody reads in a page.
ASIDE = re.compile(r"^(?: *//.*\n| */\*(?:.|\n)*?\*/\n| +)|(?<=[;,{}]) // .*$", re.MULTILINE)
IMPORT = re.compile(r"^import [^;]*;\n", re.MULTILINE)


def bare(module: str) -> str:
    """A module without what it imports and exports, to stand in one text with those it needs."""
    return re.sub(r"^export (?!default)", "", IMPORT.sub("", module), flags=re.MULTILINE)


def joined(modules: Iterable[str]) -> str:
    """Modules as one script, each behind those that it imports. All names are in one scope."""
    return without_asides("\n".join(map(bare, modules)))


def without_asides(script: str) -> str:
    """A script without its comments and indents."""
    return ASIDE.sub("", script)
