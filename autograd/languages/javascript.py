"""Programs in JavaScript."""

from collections.abc import Sequence

from autograd.languages.language import Language


def frame(leaves: Sequence[str], lines: Sequence[str], value: str, gradients: Sequence[str]) -> str:
    body = "".join(f"  {line};\n" for line in lines)
    head = f"function program({', '.join(leaves)}) {{\n{body}"
    return f"{head}  return [{value}, [{', '.join(gradients)}]];\n}}"


def function(name: str, places: Sequence[str], lines: Sequence[str], value: str) -> str:
    if not lines:
        return f"const {name} = ({', '.join(places)}) => {value};"
    body = "; ".join([*lines, f"return {value}"])
    return f"const {name} = ({', '.join(places)}) => {{ {body}; }};"


def outputs(lines: Sequence[str], ends: Sequence[str], inputs: int) -> str:
    """It returns an array of the outputs."""
    body = "".join(f"  {line};\n" for line in lines)
    return f"function program(x) {{\n{body}  return [{', '.join(ends)}];\n}}\n"


JAVASCRIPT = Language(
    "javascript",
    frame=frame,
    function=function,
    outputs=outputs,
    assign="const {} = {}",
    call="Math.{}({})",
    choice="{} ? {} : {}",
    spelled={"absolute": "Math.abs({0})", "exp2": "Math.pow(2, {0})"},
    helpers={
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
