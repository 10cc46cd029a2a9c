"""What a teaching tool has found out, as text, Markdown, LaTeX, HTML and JSON."""

import json
from collections.abc import Sequence
from typing import Any

from autograd.teaching.parts import Equations, Part


class Report:
    """The base of every report: a subclass says in `parts` what is to be read, and in `data` what a
    program reads. It prints as `text`, and notebooks show `html`."""

    @property
    def parts(self) -> Sequence[Part]:
        """Paragraphs, equations, tables and code, in their order."""
        raise NotImplementedError

    @property
    def data(self) -> dict[str, Any]:
        """The findings as plain dicts, lists, texts and numbers."""
        raise NotImplementedError

    @property
    def text(self) -> str:
        """For a terminal of 80 columns. A blank line stands before all but equations, which belong
        to the sentence above them."""
        told = ""
        for part in self.parts:
            told += ("\n" if isinstance(part, Equations) else "\n\n") + part.text
        return told.lstrip("\n")

    @property
    def markdown(self) -> str:
        """Paragraphs, lists and tables, with formulas between dollar signs."""
        return "\n\n".join(part.markdown for part in self.parts)

    @property
    def latex(self) -> str:
        """Paragraphs and environments, for a document with the package amsmath."""
        return "\n\n".join(part.latex for part in self.parts)

    @property
    def html(self) -> str:
        """Elements with formulas in MathML, and with nothing to fetch."""
        return "".join(part.html for part in self.parts)

    @property
    def json(self) -> str:
        """`data` as JSON. Numbers that are not finite are written as texts, which JSON lacks."""
        return json.dumps(plain(self.data), ensure_ascii=False, indent=2, allow_nan=False)

    def _repr_html_(self) -> str:
        return self.html

    def __str__(self) -> str:
        return self.text

    __repr__ = __str__


def plain(found: Any) -> Any:
    """The same, with inf and nan as texts."""
    if isinstance(found, dict):
        return {str(key): plain(one) for key, one in found.items()}
    if isinstance(found, list | tuple):
        return [plain(one) for one in found]
    if isinstance(found, float) and found - found != 0:
        return str(found)
    return found
