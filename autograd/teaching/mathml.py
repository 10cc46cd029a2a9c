"""LaTeX as MathML, which browsers typeset by themselves, with nothing to fetch."""

import re

WORDS = re.compile(r"\\(?:operatorname|mathrm|text)\{((?:[^{}\\]|\\[^{}])*)\}")

# A minus behind another operator is a sign, which browsers have to be told.
SIGN = re.compile(r'(<mo(?: [^>]*form="prefix")?>[^<]*</mo>)<mo>&#x02212;</mo>')


def mathml(latex: str, display: str = "inline") -> str:
    """The formula as an element; `display` is "inline" or "block".

    Raises ValueError for LaTeX that cannot be converted.
    """
    from xml.etree import ElementTree

    from latex2mathml.converter import convert  # here, as both take a tenth of a second

    try:
        pieces = WORDS.split(latex.replace("{aligned}", "{align*}"))
        pieces[::2] = [one.replace("<", r"\lt ").replace(">", r"\gt ") for one in pieces[::2]]
        pieces[1::2] = [as_words(one) for one in pieces[1::2]]
        made = SIGN.sub(
            r'\1<mo form="prefix">&#x02212;</mo>', convert("".join(pieces), display=display)
        )
        ElementTree.fromstring(made)
    except Exception as error:  # the library has many of its own, with no class in common
        raise ValueError(f"there is no MathML for {latex:.200}: {error!r}") from error
    return made


def as_words(name: str) -> str:
    """The library takes log_sigmoid for a product of eleven letters, and escapes nothing."""
    from html import escape  # here, as its table of entities takes a while

    return r"\text{" + escape(re.sub(r"\\(.)", r"\1", name)) + "}"
