"""Reads the formulas of a page back: from MathML to Python, to be evaluated."""

import math
import re
from xml.etree import ElementTree

from autograd.op import BUILT_IN, TABLE

EQUALS = "\n"  # which nothing else is
SIGNS = {"=": EQUALS, "·": "*", "×": "*", "−": "-", "≤": "<=", "≠": "!=", "∞": "inf"}
FUNCTIONS = {name: TABLE[name].ieee for name in BUILT_IN}
NOTED = {"ln": "log", "σ": "sigmoid", "sgn": "sign", "max": "maximum", "min": "minimum"} | {
    "lnσ": "log_sigmoid", "abs": "absolute",
}  # fmt: skip
KNOWN = {"inf": math.inf, "nan": math.nan, "e": math.e, "π": math.pi, "undefined": None}
KNOWN |= FUNCTIONS | {noted: FUNCTIONS[name] for noted, name in NOTED.items()}
KNOWN |= {name.replace("_", ""): FUNCTIONS[name] for name in FUNCTIONS}


def links(mathml):
    """The parts of a formula between its equals signs, in the notation of Python."""
    return read(ElementTree.fromstring(f"<mrow>{mathml}</mrow>")).split(EQUALS)


def number(text):
    """A number as a page writes it."""
    text = text.replace("∞", "inf").replace("−", "-").lstrip("+")
    return worth(read(ElementTree.fromstring(f"<mn>{text}</mn>")))


def letters(name):
    """A name, or a text with names in it, as what is typeset reads: without the bar before an
    index."""
    return re.sub(r"(?<=[A-Za-z])_(?=[A-Za-z0-9])", "", name) if "_" in name else name


def worth(text, names=()):
    """What a formula comes to, with the numbers of these names."""
    return eval(text, {"__builtins__": {}}, KNOWN | dict(names))


def read(one):
    tag, parts = one.tag.rpartition("}")[2], list(one)
    match tag:
        case "mn":
            return re.sub(r"^(-?[\d.]*·|-)?10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)$", power_of_ten, one.text)
        case "mi" | "mtext":
            return one.text or ""
        case "mo":
            return SIGNS.get(one.text, one.text or "")
        case "mfrac":
            return "(({})/({}))".format(*map(read, parts))
        case "msup":
            return "(({})**({}))".format(*map(read, parts))
        case "msub":
            return "".join(map(read, parts))
        case "msqrt":
            return f"sqrt({row(parts)})"
        case "mroot":
            return f"cbrt({read(parts[0])})"
        case "mtable":
            *cases, other = [list(map(read, line)) for line in parts]
            told = "".join(f"({value}) if ({condition}) else " for value, condition in cases)
            return f"({told}({other[0]}))"
    return row(parts)


def row(parts):
    told = [read(part) for part in parts]
    if len(told) == 2 and told[0] == "{":
        return told[1]
    if len(told) > 2 and told[0] == told[-1] == "|":
        return f"abs({''.join(told[1:-1])})"
    if len(told) > 2 and told[0] in ("⌊", "⌈"):
        return f"{'floor' if told[0] == '⌊' else 'ceil'}({''.join(told[1:-1])})"
    return "".join(told)


def power_of_ten(found):
    figures = {None: "1", "-": "-1"}.get(found[1], (found[1] or "")[:-1])  # before the dot
    power = "".join("-" if one == "⁻" else str("⁰¹²³⁴⁵⁶⁷⁸⁹".index(one)) for one in found[2])
    return f"{figures}e{power}"
