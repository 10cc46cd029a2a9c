"""Programs in Python, and the definitions of operations compiled."""

import re
from collections.abc import Callable, Sequence
from keyword import kwlist
from typing import Any

from autograd.languages.language import Language

WORDS = frozenset(["program", *kwlist, "__debug__"])


def frame(leaves: Sequence[str], lines: Sequence[str], value: str, gradients: Sequence[str]) -> str:
    body = "".join(f"    {line}\n" for line in lines)
    ends = " ".join(f"{gradient}," for gradient in gradients)
    return f"def program({', '.join(leaves)}):\n{body}    return {value}, ({ends})"


def function(name: str, places: Sequence[str], lines: Sequence[str], value: str) -> str:
    body = "".join(f"    {line}\n" for line in [*lines, f"return {value}"])
    return f"def {name}({', '.join(places)}):\n{body}"


def outputs(lines: Sequence[str], ends: Sequence[str], inputs: int) -> str:
    """It returns a list of the outputs."""
    return function("program", ["x"], lines, f"[{', '.join(ends)}]")


class Python(Language):
    """Python in which an operation is called by its name, but for arithmetic."""

    def instruction(self, op: Any, args: Sequence[str]) -> str:
        if op.symbol == "**" and re.fullmatch(r"\(?-?\d+\.0\)?", args[1]):
            return " ** ".join(args)  # with a fraction, Python makes a negative base complex
        return super().instruction(op, args)


PYTHON = Python(
    "python",
    frame=frame,
    outputs=outputs,
    infinity="float('inf')",
    nan="float('nan')",
    reserved=WORDS | {"float"},
)


class OnFloats(Language):
    """Python for the definitions of operations, which the readable engine computes with."""

    def compiled(self, definition: Any, functions: dict[str, Callable]) -> Callable[..., float]:
        """The definition as a function of floats, which calls these functions."""
        places = [place.name for place in definition.places]
        text = function("value", places, *definition.printed(self))
        space: dict[str, Any] = {**functions, "inf": float("inf"), "nan": float("nan")}
        exec(compile(text, "<definition>", "exec"), space)
        return space.pop("value")


ON_FLOATS = OnFloats("python", frame=frame)
