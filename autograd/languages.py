"""How a program is written in Python, NumPy, JavaScript and C: values only, no derivative.

A language says how it spells the rows of the table that are no function of the same name there,
and what stands around the lines of a program. The lines themselves are the same everywhere.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from keyword import kwlist

from autograd.ops import BUILT_IN, LN2, SQRT2, TABLE, Op

# from the names of the leaves, the lines, the value, and the slopes, to the text of a function
Frame = Callable[[Sequence[str], Sequence[str], str, Sequence[str]], str]


@dataclass(frozen=True)
class Language:
    """How numbers, instructions and functions are written."""

    name: str
    frame: Frame
    head: str = ""  # the first lines of a file
    assign: str = "{} = {}"
    call: str = "{}({})"  # for the rows that are a function of the same name
    spelled: dict[str, str] = field(default_factory=dict)  # templates for those that are not
    helpers: dict[str, str] = field(default_factory=dict)  # and those that it has to be taught
    infinity: str = "inf"
    nan: str = "nan"
    reserved: frozenset[str] = frozenset()  # what a leaf must not be called
    names: str = ".+"  # what it may be called, among the names of Python

    def literal(self, number: float) -> str:
        """A float, to the bit; a negative one in parentheses: 2 - (-1.0)."""
        text = repr(float(number)).replace("inf", self.infinity).replace("nan", self.nan)
        return f"({text})" if text.startswith("-") else text

    def instruction(self, op: Op, args: Sequence[str]) -> str:
        """The operation on names and numbers. Raises ValueError for a row of one's own in any
        language but Python, where nobody has said what it is."""
        if op.name not in BUILT_IN and self.name == "python":
            return f"{op.name}({', '.join(args)})"  # whatever symbol it is written with elsewhere
        if op.name not in BUILT_IN:
            raise ValueError(
                f"{op.name} is an operation of your own, which nobody has written in {self.name}"
            )
        if op.symbol in ("+", "-", "*", "/"):
            return f" {op.symbol} ".join(args) if len(args) > 1 else op.symbol + args[0]
        if op.symbol == "**" and self.name == "python" and is_whole(args[1]):
            return " ** ".join(args)  # with a fraction, Python makes a negative base complex
        if op.name in self.spelled:
            return self.spelled[op.name].format(*args)
        call = "{}({})" if op.name in self.helpers else self.call
        return call.format(op.name, ", ".join(args))

    def taught(self, ops: Iterable[Op]) -> list[str]:
        """The helpers that these rows need, each behind those that it needs itself."""
        texts: dict[str, str] = {}
        seen: set[str] = set()

        def teach(text: str) -> None:
            for name in re.findall(r"(?<![.\w])(\w+)[.(]", text):
                if name in self.helpers and name not in seen:
                    seen.add(name)
                    teach(self.helpers[name])
                    texts[name] = self.helpers[name]

        for op in dict.fromkeys(ops):
            teach(self.instruction(op, ["a"] * len(op.partials)))
        return list(texts.values())

    def is_name(self, label: str) -> bool:
        """Whether a leaf can bear its label in a program: neither a word of the language, nor an
        operation, nor what a result (v0) or another leaf (leaf0) is called."""
        from unicodedata import is_normalized  # slow to import, and seldom wanted

        taken = label in self.reserved or label in TABLE or re.fullmatch(r"(v|leaf)\d+", label)
        # Python reads the ligature in ﬁt as two letters, and fit may be there too
        good = label.isidentifier() and is_normalized("NFKC", label)
        return good and not taken and re.fullmatch(self.names, label) is not None


def is_whole(text: str) -> bool:
    """Whether an operand is a plain number without a fraction."""
    return re.fullmatch(r"\(?-?\d+\.0\)?", text) is not None


# Rows that neither C nor JavaScript has, in the arithmetic that both share. They are the functions
# `on_floats` of the table, in the same order of operations: the results are the same to the bit.
SHARED = {
    "sigmoid": "a >= 0 ? 1 / (1 + exp(-a)) : exp(a) / (1 + exp(a))",
    "softplus": "(a > 0 ? a : 0.0) + log1p(exp(a > 0 ? -a : a))",
    "log_sigmoid": "-softplus(-a)",
    "logaddexp": f"a == b ? a + {LN2!r} : maximum(a, b) + log1p(exp(a > b ? b - a : a - b))",
    "silu": "a * sigmoid(a)",
    "gelu": f"a * erfc(-a / {SQRT2!r}) / 2",
    "sign": "a > 0 ? 1.0 : a < 0 ? -1.0 : a == a ? 0.0 : a",
    "relu": "a <= 0 ? 0.0 : a",
    "leaky_relu": "a <= 0 ? 0.01 * a : a",
    "relu6": "a <= 0 ? 0.0 : a > 6 ? 6.0 : a",
    "hardtanh": "a > 1 ? 1.0 : a < -1 ? -1.0 : a",
    "elu": "a <= 0 ? expm1(a) : a",
    "maximum": "a >= b || a != a ? a : b",
    "minimum": "a <= b || a != a ? a : b",
    "clip": "minimum(maximum(a, b), c)",
}


def places(name: str, kind: str = "") -> str:
    """The arguments of a row, as a helper declares them."""
    return ", ".join(kind + place for place in "abc"[: len(TABLE[name].partials)])


def in_python(
    leaves: Sequence[str], lines: Sequence[str], value: str, slopes: Sequence[str]
) -> str:
    body = "".join(f"    {line}\n" for line in lines)
    ends = " ".join(f"{slope}," for slope in slopes)
    return f"def program({', '.join(leaves)}):\n{body}    return {value}, ({ends})"


PYTHON_WORDS = [*kwlist, "__debug__"]

PYTHON = Language(
    "python",
    frame=in_python,
    infinity="float('inf')",
    nan="float('nan')",
    reserved=frozenset(["program", "float", *PYTHON_WORDS]),
)

NUMPY = Language(
    "numpy",
    frame=in_python,
    head="import numpy as np",
    call="np.{}({})",
    spelled={
        "asin": "np.arcsin({0})",  # as NumPy 1 has them too
        "acos": "np.arccos({0})",
        "atan": "np.arctan({0})",
        "atan2": "np.arctan2({0}, {1})",
        "asinh": "np.arcsinh({0})",
        "acosh": "np.arccosh({0})",
        "atanh": "np.arctanh({0})",
        "sigmoid": "np.exp(-np.logaddexp(0.0, -{0}))",
        "log_sigmoid": "-np.logaddexp(0.0, -{0})",
        "softplus": "np.logaddexp(0.0, {0})",
        "silu": "{0} * np.exp(-np.logaddexp(0.0, -{0}))",
        "gelu": f"{{0}} * erfc(-{{0}} / {SQRT2!r}) / 2",
        "erf": "erf({0})",
        "erfc": "erfc({0})",
        "relu": "np.maximum({0}, 0.0)",
        "leaky_relu": "np.where({0} <= 0, 0.01 * {0}, {0})",
        "relu6": "np.minimum(np.maximum({0}, 0.0), 6.0)",
        "hardtanh": "np.maximum(np.minimum({0}, 1.0), -1.0)",
        "elu": "np.where({0} <= 0, np.expm1(np.minimum({0}, 0.0)), {0})",
        "clip": "np.minimum(np.maximum({0}, {1}), {2})",
    },
    helpers={
        "math": "import math",
        "erf": "erf = np.vectorize(math.erf, otypes=[float])",
        "erfc": "erfc = np.vectorize(math.erfc, otypes=[float])",
    },
    infinity="np.inf",
    nan="np.nan",
    reserved=frozenset(["program", "np", "math", *PYTHON_WORDS]),
)


def in_javascript(
    leaves: Sequence[str], lines: Sequence[str], value: str, slopes: Sequence[str]
) -> str:
    body = "".join(f"  {line};\n" for line in lines)
    head = f"function program({', '.join(leaves)}) {{\n{body}"
    return f"{head}  return [{value}, [{', '.join(slopes)}]];\n}}"


def with_math(text: str) -> str:
    """The functions of C in an expression as those of JavaScript."""
    return re.sub(r"\b(exp|expm1|log1p)\(", r"Math.\1(", text)


JAVASCRIPT = Language(
    "javascript",
    frame=in_javascript,
    assign="const {} = {}",
    call="Math.{}({})",
    spelled={"absolute": "Math.abs({0})", "exp2": "Math.pow(2, {0})"},
    helpers={
        **{
            name: f"const {name} = ({places(name)}) => {with_math(result)};"
            for name, result in SHARED.items()
        },
        # 1 to any power is 1, and so is -1 to an infinite one, but not for Math.pow
        "power": "const power = (a, b) => "
        "a === 1 || (a === -1 && Math.abs(b) === Infinity) ? 1 : Math.pow(a, b);",
        # The series e^-a² · Σ 2ⁿ a²ⁿ⁺¹ / (2n+1)!! has no cancellation: Abramowitz and Stegun 7.1.6.
        "erf": """function erf(a) {
  if (Math.abs(a) >= 2) return Math.sign(a) * (1 - erfc(Math.abs(a)));
  let term = a, sum = a;
  for (let n = 1; n < 60; n++) {
    term *= 2 * a * a / (2 * n + 1);
    sum += term;
  }
  return 2 / Math.sqrt(Math.PI) * Math.exp(-a * a) * sum;
}""",
        # Laplace's continued fraction, from the inside: Abramowitz and Stegun 7.1.14.
        "erfc": """function erfc(a) {
  if (!(a >= 2)) return 1 - erf(a);
  let tail = a;
  for (let k = 120; k > 0; k--) tail = a + k / 2 / tail;
  return Math.exp(-a * a) / Math.sqrt(Math.PI) / tail;
}""",
    },
    infinity="Infinity",
    nan="NaN",
    reserved=frozenset(
        "program Math NaN Infinity undefined arguments eval let static yield await enum "
        "break case catch class const continue debugger default delete do else export extends "
        "false finally for function if import in instanceof new null return super switch this "
        "throw true try typeof var void while with implements interface package private "
        "protected public".split()
    ),
)


def in_c(leaves: Sequence[str], lines: Sequence[str], value: str, slopes: Sequence[str]) -> str:
    """The value is returned; the slopes, where there are any, go into an array of the caller's."""
    body = [*lines, *(f"slopes[{i}] = {slope}" for i, slope in enumerate(slopes))]
    body.append(f"return {value}")
    used = set(re.findall(r"\w+", " ".join(body)))
    unused = [f"(void){leaf}" for leaf in leaves if leaf not in used]  # or C compilers warn
    arguments = [f"double {leaf}" for leaf in leaves] + ["double *slopes"] * bool(slopes)
    text = "".join(f"    {line};\n" for line in [*unused, *body])
    return f"double program({', '.join(arguments)})\n{{\n{text}}}"


C = Language(
    "c",
    frame=in_c,
    head="#include <math.h>",
    assign="const double {} = {}",
    spelled={"absolute": "fabs({0})"},
    helpers={
        name: f"static inline double {name}({places(name, 'double ')}) {{ return {result}; }}"
        for name, result in {**SHARED, "power": "b == 2 ? a * a : pow(a, b)"}.items()
    },
    infinity="INFINITY",
    nan="NAN",
    names=r"(?!_|FP_|HUGE_|MATH_|M_)[A-Za-z0-9_]+",  # those are macros
    reserved=frozenset(
        "program slopes pow fabs main INFINITY NAN math_errhandling linux unix "
        "auto break case char const continue default do double else enum extern float for goto if "
        "inline int long register restrict return short signed sizeof static struct switch typedef "
        "union unsigned void volatile while asm typeof bool true false nullptr alignas alignof "
        "constexpr static_assert thread_local typeof_unqual".split()
    ),
)

LANGUAGES = {language.name: language for language in (PYTHON, NUMPY, JAVASCRIPT, C)}
