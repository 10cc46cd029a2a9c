"""LaTeX becomes MathML when the site is built, so browsers typeset it with nothing to fetch."""

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.writers.html5 import HTML5Translator

from autograd.teaching.mathml import mathml


def typeset(latex: str, display: str = "inline") -> str:
    """The formula as MathML; "" and a warning for LaTeX that cannot be converted."""
    try:
        return mathml(latex, display)
    except ValueError as error:
        logging.getLogger(__name__).warning("%s", error)
        return ""


def inline(self: HTML5Translator, node: nodes.math) -> None:
    self.body.append(typeset(node.astext()))
    raise nodes.SkipNode


def block(self: HTML5Translator, node: nodes.math_block) -> None:
    self.body.append(f'<div class="math">{typeset(node.astext(), "block")}</div>')
    raise nodes.SkipNode


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_html_math_renderer("mathml", (inline, None), (block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
