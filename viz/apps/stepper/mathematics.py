"""Formulas as MathML, which browsers typeset by themselves: from LaTeX to the elements of a page.

An element is a list of its tag and its children, elements and texts.
"""

import re
from functools import lru_cache
from typing import Any
from xml.etree import ElementTree

from autograd.formula import GREEK, INDEXED, latex_name, parts_of_name
from autograd.teaching.mathml import mathml
from viz.escape import shortened

Element = list[Any]
RESULT = "\ue010"  # the name of the result, which a page may call something else
LONGEST = 16  # columns of a name, of which a formula may have several in one line


def typeset(latex: str) -> Element:
    """LaTeX as an element. What the library cannot read, in the notation of an operation of a
    user's own, stays as it was written."""
    return from_tuple(converted(latex))


@lru_cache(2048)  # edges of one kind have the same formula, but for what is put in
def converted(latex: str) -> Any:
    try:
        [row] = ElementTree.fromstring(mathml(latex))
    except ValueError:
        return ("mtext", latex)
    return element(row)


def element(one: ElementTree.Element) -> Any:
    tag = one.tag.rpartition("}")[2]
    if tag == "mo" and re.match(r"[^\W\d_]", one.text or ""):
        tag = "mi"  # the name of a function, which is no operator between two things
    if not len(one):
        return (tag, one.text) if one.text else (tag,)
    children = tuple(map(element, one))
    return children[0] if tag == "mrow" and len(children) == 1 else (tag, *children)


def from_tuple(one: Any) -> Any:
    return [one[0], *(child if isinstance(child, str) else from_tuple(child) for child in one[1:])]


def name(label: str) -> Element:
    """A label: w1 is w with an index, alpha the letter, anything else upright text.

    >>> name("w1"), name("a b")
    (['msub', ['mi', 'w'], ['mn', '1']], ['mtext', 'a\\xa0b'])
    """
    if label == RESULT:
        return ["mi", RESULT]
    if INDEXED.fullmatch(label):
        return typeset(latex_name(label))
    label = shortened(label, LONGEST).replace(" ", "\xa0")  # nobody breaks them in a formula
    word, index, primes = parts_of_name(label)
    if not re.fullmatch("[A-Za-z]+", word):
        return ["mtext", label]
    letters = typeset(latex_name(word)) if word in GREEK else ["mi", word]
    base = [*letters[:-1], letters[-1] + primes]
    return ["msub", base, ["mn" if index.isdigit() else "mi", index]] if index else base
