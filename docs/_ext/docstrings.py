"""Docstrings as they are written here: plain prose, with names and code in single backticks."""

import re
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.domains.python import PyXRefRole

from autograd import Value

NAME = re.compile(r"\.?[A-Za-z_][\w.]*")


class Name(PyXRefRole):
    """The role of single backticks: code, which links to what it names, where that is known.

    What is called like an attribute of every Value is taken for that, and not for a function.
    """

    def run(self) -> Any:
        if not NAME.fullmatch(self.text) or self.text in Value.__slots__:  # `x.data > 0`, `grad`
            self.text = f"!{self.text}"  # how Sphinx marks what is no reference
            self.disabled = True
        self.name = "py:obj"
        return super().run()

    def process_link(self, env: Any, refnode: Any, explicit: bool, title: str, target: str) -> Any:
        refnode["py:module"] = env.ref_context.get("py:module")
        refnode["py:class"] = env.ref_context.get("py:class")
        return title, target.lstrip(".")


def escaped(app: Sphinx, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    """|f / x| is an absolute value and f(*xs) a call, and neither is reStructuredText."""
    for i, line in enumerate(lines):
        if not line.lstrip().startswith((">>>", "...")):
            pieces = line.split("`")
            pieces[::2] = [re.sub(r"(?<=\()\*|\|", r"\\\g<0>", piece) for piece in pieces[::2]]
            lines[i] = "`".join(pieces)


def trimmed(app: Sphinx, page: nodes.document) -> None:
    """A doctest in a page ends with an empty line, which needs not be shown."""
    for block in page.findall(nodes.literal_block):
        block.rawsource = block.rawsource.rstrip()
        block.children = [nodes.Text(block.astext().rstrip())]


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_role("name", Name())
    app.connect("autodoc-process-docstring", escaped)
    app.connect("doctree-read", trimmed)
    return {"parallel_read_safe": True}
