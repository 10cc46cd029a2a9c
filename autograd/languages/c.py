"""Programs in C, and the kernels of the compiled engine."""

import re
from collections.abc import Sequence

from autograd.languages.language import Language


def frame(leaves: Sequence[str], lines: Sequence[str], value: str, gradients: Sequence[str]) -> str:
    """It returns the value, and writes the gradients, if any, into an array of the caller's."""
    body = [*lines, *(f"gradients[{i}] = {gradient}" for i, gradient in enumerate(gradients))]
    body.append(f"return {value}")
    used = set(re.findall(r"\w+", " ".join(body)))
    unused = [f"(void){leaf}" for leaf in leaves if leaf not in used]  # or C compilers warn
    arguments = [f"double {leaf}" for leaf in leaves] + ["double *gradients"] * bool(gradients)
    text = "".join(f"    {line};\n" for line in [*unused, *body])
    return f"double program({', '.join(arguments)})\n{{\n{text}}}"


def function(name: str, places: Sequence[str], lines: Sequence[str], value: str) -> str:
    body = "; ".join([*lines, f"return {value}"])
    arguments = ", ".join(f"double {place}" for place in places)
    return f"static inline double {name}({arguments}) {{ {body}; }}"


def outputs(lines: Sequence[str], ends: Sequence[str], inputs: int) -> str:
    """It writes the outputs into an array of the caller's."""
    body = [*lines, *(f"y[{i}] = {end}" for i, end in enumerate(ends))]
    text = "".join(f"    {line};\n" for line in body)
    return f"void program(const double x[{inputs}], double y[{len(ends)}])\n{{\n{text}}}\n"


C = Language(
    "c",
    frame=frame,
    function=function,
    outputs=outputs,
    head="#include <math.h>",
    assign="const double {} = {}",
    choice="{} ? {} : {}",
    spelled={"absolute": "fabs({0})"},
    helpers={
        # rounded once, which not every pow achieves
        "power": "static inline double power(double a, double b) "
        "{ return b == 2 ? a * a : pow(a, b); }",
    },
    infinity="INFINITY",
    nan="NAN",
    names=r"(?!_|FP_|HUGE_|MATH_|M_)[A-Za-z0-9_]+",  # those are macros
    reserved=frozenset(
        "program gradients pow fabs main INFINITY NAN math_errhandling linux unix "
        "auto break case char const continue default do double else enum extern float for goto if "
        "inline int long register restrict return short signed sizeof static struct switch typedef "
        "union unsigned void volatile while asm typeof bool true false nullptr alignas alignof "
        "constexpr static_assert thread_local typeof_unqual".split()
    ),
)
