"""What a language is: how numbers, operations and functions are written in it.

A language spells the primitives of the table that are no function of the same name there. All other
operations are printed from their definitions, and no derivative is written in any language.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

# from the names of the leaves, the lines, the value, and the gradients, to the text of a function
Frame = Callable[[Sequence[str], Sequence[str], str, Sequence[str]], str]
# from the lines and the ends to the text of a function of an array x, with so many inputs
Outputs = Callable[[Sequence[str], Sequence[str], int], str]
# from the name, the places, the lines and the value of a helper to its text
Function = Callable[[str, Sequence[str], Sequence[str], str], str]


@dataclass(frozen=True)
class Language:
    """How numbers, instructions and functions are written."""

    name: str
    frame: Frame
    function: Function | None = None  # None: operations are called, and not printed
    outputs: Outputs | None = None  # None: no networks are written in it
    head: str = ""  # the first lines of a file
    assign: str = "{} = {}"
    call: str = "{}({})"  # for the primitives that are a function of the same name
    choice: str = "{1} if {0} else {2}"
    spelled: dict[str, str] = field(default_factory=dict)  # templates for those that are not
    helpers: dict[str, str] = field(default_factory=dict)  # and functions for those it lacks
    infinity: str = "inf"
    nan: str = "nan"
    reserved: frozenset[str] = frozenset()  # what a leaf must not be called
    names: str = ".+"  # what it may be called, among the names of Python

    def literal(self, number: float) -> str:
        """A float, to the bit; a negative one in parentheses: 2 - (-1.0)."""
        text = repr(float(number)).replace("inf", self.infinity).replace("nan", self.nan)
        return f"({text})" if text.startswith("-") else text

    def instruction(self, op: Any, args: Sequence[str]) -> str:
        """The operation on names and numbers. Raises ValueError for a custom operation that is
        known on floats only, in any language but Python."""
        if op.symbol in ("+", "-", "*", "/"):
            return f" {op.symbol} ".join(args) if len(args) > 1 else op.symbol + args[0]
        if op.symbol in ("<", "<="):
            return self.chosen(f" {op.symbol} ".join(args), self.literal(1), self.literal(0))
        if op.symbol == "if":
            return self.chosen(f"{args[0]} != 0", args[1], args[2])
        if op.name in self.spelled:
            return self.spelled[op.name].format(*args)
        called = ", ".join(args)
        if op.name in self.helpers or self.function is None or op.definition:
            return f"{op.name}({called})"
        if not op.is_built_in:
            raise ValueError(
                f"{op.name} is a custom operation whose value is known in Python only: write it as "
                f"a formula of operations of autograd, and it can be printed in {self.name}"
            )
        return self.call.format(op.name, called)

    def chosen(self, condition: str, a: str, b: str) -> str:
        """a where the condition holds, and else b."""
        return self.choice.format(condition, a, b)

    def helpers_for(self, ops: Iterable[Any]) -> list[str]:
        """The functions that these operations need, each behind those that it needs itself."""
        texts: dict[str, str] = {}

        def add_text(text: str) -> None:
            for name in re.findall(r"(?<![.\w])(\w+)[.(]", text):
                if name in self.helpers and name not in texts:
                    texts[name] = ""  # which keeps two that need each other from going in circles
                    add_text(self.helpers[name])
                    del texts[name]
                    texts[name] = self.helpers[name]

        def add(op: Any) -> None:
            if op.name in texts or op.symbol in ("+", "-", "*", "/", "<", "<=", "if"):
                return
            if op.name in self.spelled or op.name in self.helpers:
                add_text(self.instruction(op, ["a"] * len(op.partials)))
            elif op.definition and self.function:
                for part in op.definition.ops():
                    add(part)
                places = [place.name for place in op.definition.places]
                texts[op.name] = self.function(op.name, places, *op.definition.printed(self))

        for op in ops:
            add(op)
        return list(texts.values())

    def is_name(self, label: str) -> bool:
        """Whether a leaf can bear its label in a program: neither a word of the language, nor what
        a result (v0) or another leaf (leaf0) is called."""
        from unicodedata import is_normalized  # slow to import, and seldom wanted

        taken = label in self.reserved or re.fullmatch(r"(v|leaf)\d+", label)
        # Python reads the ligature in ﬁt as two letters, and fit may be there too
        good = label.isidentifier() and is_normalized("NFKC", label)
        return good and not taken and re.fullmatch(self.names, label) is not None
