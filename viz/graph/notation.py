"""Numbers, names and operations as pictures write them.

∂L/∂x is a gradient and nothing else; a local derivative is a number behind ×; a minus is as long as
a plus; no number is written as in a program.
"""

import math
import re
from collections.abc import Sequence
from functools import lru_cache

from autograd.op import Op
from viz.escape import printable

SUPERSCRIPTS = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
SIGNS = {"+": "+", "-": "−", "*": "×", "/": "÷", "<": "<", "<=": "≤", "if": "if"}

# What nn calls the parts of a network.
OF_A_NEURON = re.compile(r"(?:.*\.)?layer(\d+)\.neuron(\d+)(?:\.(w|b|sum)(\d*))?")
LETTERS = {None: "h", "sum": "s", "w": "w", "b": "b"}


@lru_cache(4096)  # a layout asks again and again
def number(x: float) -> str:
    """Three digits behind the point, or four that count; powers of ten as people write them.

    >>> number(-0.44), number(3.0), number(23.456), number(9e-6), number(1e30), number(-1e-5)
    ('−0.440', '3', '23.46', '9·10⁻⁶', '10³⁰', '−10⁻⁵')
    """
    if math.isnan(x):
        return "nan"
    if math.isinf(x):
        return "∞" if x > 0 else "−∞"
    size = abs(x)
    if size and not 1e-3 <= size < 1e5:
        return power_of_ten(x)
    if x == int(x):
        text = str(int(x))
    elif size < 0.01:
        text = f"{x:.4f}"
    elif size < 10:
        text = f"{x:.3f}"
    else:
        text = f"{x:.4g}" if size < 1000 else f"{x:.0f}"
    return text.replace("-", "−")


def power_of_ten(x: float) -> str:
    digits, exponent = f"{x:.2e}".split("e")
    digits = f"{float(digits):g}".replace("-", "−")
    power = f"10{str(int(exponent)).translate(SUPERSCRIPTS)}"
    return {"1": power, "−1": f"−{power}"}.get(digits, f"{digits}·{power}")


def signed(x: float) -> str:
    """A number whose sign is written in any case.

    >>> signed(0.5), signed(-2.0), signed(0.0)
    ('+0.500', '−2', '0')
    """
    return f"+{number(x)}" if x > 0 else number(x)


OPERATORS = {" * ": " · ", " - ": " − ", " <= ": " ≤ ", " ** 2": "²", " ** 3": "³"}
MINUS = re.compile(r"(?<![\w-])-(?=[\d(a-zA-Z])")
POWER_OF_TEN = re.compile(r"(?<=\d)e([+-]\d+)")
POWER = re.compile(r" \*\* (?=[\d.]+)")


def in_print(text: str) -> str:
    """A formula of Python, and a sentence with some, as people write them.

    >>> in_print("∂n/∂x = 2 * x - 1 = -3"), in_print("1 - o ** 2"), in_print("2e-05 ** 0.5")
    ('∂n/∂x = 2 · x − 1 = −3', '1 − o²', '2·10⁻⁵^0.5')
    """
    for python, printed in OPERATORS.items():
        if python.endswith(("2", "3")):
            text = re.sub(re.escape(python) + r"(?![\d.])", printed, text)
        else:
            text = text.replace(python, printed)
    text = POWER_OF_TEN.sub(lambda e: f"·10{str(int(e[1])).translate(SUPERSCRIPTS)}", text)
    return MINUS.sub("−", POWER.sub("^", text))


def sign(x: float | None) -> int:
    """1, 0 or −1; 0 for what is no number."""
    return 0 if x is None or not (x > 0 or x < 0) else 1 if x > 0 else -1


def on_one_line(text: str) -> str:
    """What somebody called something, without what cannot be shown, on one line."""
    return " ".join(printable(text).split())


def name(label: str) -> str:
    """A name as textbooks write it, on one line.

    >>> name("w1"), name("layer1.neuron2.w3"), name("layer2.neuron1"), name("rate")
    ('w₁', 'w¹₂,₃', 'h²₁', 'rate')
    """
    label = on_one_line(label)
    if match := OF_A_NEURON.fullmatch(label):
        layer, neuron, what, place = match.groups()
        below = neuron + (f",{place}" if place else "")
        return LETTERS[what] + layer.translate(SUPERSCRIPTS) + below.translate(SUBSCRIPTS)
    stem = label.rstrip("0123456789")
    if stem and stem[-1].isalpha():
        return stem + label[len(stem) :].translate(SUBSCRIPTS)
    return label


def operation(op: Op, args: Sequence[float | None]) -> str:
    """An operation as its badge has it, with those of its arguments that are numbers.

    >>> from autograd.ops import multiply, power, sigmoid, subtract
    >>> operation(multiply, [None, 0.5]), operation(subtract, [1.0, None])
    ('×0.500', '1−')
    >>> operation(power, [None, 2]), operation(sigmoid, [None])
    ('a²', 'σ')
    """
    known = [None if x is None else number(x) for x in args]
    given = [x for x in known if x is not None]
    if op.symbol == "**":
        return as_power(*known)
    if op.symbol in SIGNS and len(args) == 2 and given:
        sign, (left, right) = SIGNS[op.symbol], known
        is_first = right is None and op.symbol not in "+*"
        sign = f"{left}{sign}" if is_first else f"{sign}{given[0]}"
        return sign.replace("+−", "−").replace("−−", "+")
    short = SIGNS.get(op.symbol) or next((x for x in op.aliases if len(x) == 1), "") or op.name
    return " ".join([on_one_line(short), *given])


def as_power(base: str | None, exponent: str | None) -> str:
    if exponent is None:
        return f"{base or 'a'}ᵇ"
    whole = exponent.replace("−", "-")
    if whole.lstrip("-").isdigit():
        return f"{base or 'a'}{whole.translate(SUPERSCRIPTS)}"
    return f"{base or 'a'}^{exponent}"


def total(constants: Sequence[float]) -> str:
    """The badge of a sum, with the numbers among its terms."""
    return "Σ" + "".join(f"+{number(x)}" for x in constants if x).replace("+−", "−")
