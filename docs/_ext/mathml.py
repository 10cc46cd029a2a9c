"""LaTeX becomes MathML when the site is built, so browsers typeset it with nothing to fetch."""

import re
from html import escape, unescape
from xml.etree import ElementTree

from docutils import nodes
from latex2mathml.converter import convert
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform
from sphinx.util import logging
from sphinx.writers.html5 import HTML5Translator

WORDS = re.compile(r"\\(?:operatorname|mathrm|text)\{((?:[^{}\\]|\\[^{}])*)\}")
IN_HTML = re.compile(r">\$((?:[^$<\\]|\\.)+)\$<")  # in tables of `explain`

# A minus behind another operator is a sign, which browsers have to be told.
SIGN = re.compile(r'(<mo(?: [^>]*form="prefix")?>[^<]*</mo>)<mo>&#x02212;</mo>')


def mathml(latex: str, display: str = "inline") -> str:
    """The formula as MathML; "" and a warning for LaTeX that cannot be converted."""
    try:
        pieces = WORDS.split(latex.replace("{aligned}", "{align*}"))
        pieces[::2] = [one.replace("<", r"\lt ").replace(">", r"\gt ") for one in pieces[::2]]
        pieces[1::2] = [set_as_words(one) for one in pieces[1::2]]
        result = convert("".join(pieces), display=display)
        result = SIGN.sub(r'\1<mo form="prefix">&#x02212;</mo>', result)
        ElementTree.fromstring(result)
    except Exception as error:  # latex2mathml has many of its own
        logging.getLogger(__name__).warning("no MathML for %r: %r", latex, error)
        return ""
    return result


def set_as_words(name: str) -> str:
    """latex2mathml takes log_sigmoid for a product of eleven letters, and escapes nothing."""
    return r"\text{" + escape(re.sub(r"\\(.)", r"\1", name)) + "}"


def inline(self: HTML5Translator, node: nodes.math) -> None:
    self.body.append(mathml(node.astext()))
    raise nodes.SkipNode


def block(self: HTML5Translator, node: nodes.math_block) -> None:
    self.body.append(f'<div class="math">{mathml(node.astext(), "block")}</div>')
    raise nodes.SkipNode


class SavedOutputs(SphinxTransform):
    """What notebooks typeset in the HTML of saved outputs."""

    default_priority = 900

    def apply(self) -> None:
        for raw in self.document.findall(nodes.raw):
            if "html" in raw["format"]:
                raw.children = [nodes.Text(typeset(raw.astext()))]


def typeset(html: str) -> str:
    """The HTML with MathML for what stands as $…$ between two tags."""
    return IN_HTML.sub(lambda found: f">{mathml(unescape(found[1]))}<", html)


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_html_math_renderer("mathml", (inline, None), (block, None))
    app.add_transform(SavedOutputs)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
