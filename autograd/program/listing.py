"""A program as data: a straight line of instructions, and which of its numbers are wanted."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from autograd.languages import Language
from autograd.op import Op


@dataclass(frozen=True)
class Listing:
    """A straight line of instructions.

    Wires are numbered: the inputs, which differ from example to example, then the parameters, then
    the result of each instruction. An instruction is an operation and its args, of which ints are
    wires and floats are themselves, and so are the ends: the value, its gradient for every
    parameter, and whatever else is wanted.
    """

    inputs: int
    parameters: int
    instructions: Sequence[tuple[Op, tuple[int | float, ...]]]
    value: int | float
    gradients: Sequence[int | float] = ()
    also: Sequence[int | float] = ()

    @property
    def leaves(self) -> int:
        return self.inputs + self.parameters

    @property
    def ends(self) -> list[int | float]:
        return [self.value, *self.gradients, *self.also]

    @property
    def ops(self) -> set[Op]:
        """The operations that are there."""
        instructions: Any = self.instructions
        if isinstance(instructions, list):
            return {op for op, _ in instructions}
        return instructions.ops()

    @property
    def is_built_in(self) -> bool:
        """Whether there is no custom operation that only Python knows."""
        return all(op.is_built_in for op in self.ops)

    def pruned(self) -> "Listing":
        """The same without the instructions that no end needs."""
        instructions: Any = self.instructions
        if not isinstance(instructions, list):  # but the compiled engine's
            instructions, ends = instructions.pruned(self.leaves, self.ends)
            count = 1 + len(self.gradients)
            return Listing(
                self.inputs, self.parameters, instructions, ends[0], ends[1:count], ends[count:]
            )
        needed = {end for end in self.ends if isinstance(end, int)}
        numbered = list(enumerate(self.instructions, self.leaves))
        for index, (_, args) in reversed(numbered):
            if index in needed:
                needed.update(arg for arg in args if isinstance(arg, int))
        kept = [(index, instruction) for index, instruction in numbered if index in needed]
        new = {index: index for index in range(self.leaves)}
        new |= {index: i for i, (index, _) in enumerate(kept, self.leaves)}

        def renumbered(ends: Iterable[int | float]) -> list[int | float]:
            return [new[end] if isinstance(end, int) else end for end in ends]

        return Listing(
            self.inputs,
            self.parameters,
            [(op, tuple(renumbered(args))) for _, (op, args) in kept],
            renumbered([self.value])[0],
            renumbered(self.gradients),
            renumbered(self.also),
        )

    def with_numbers(self, parameters: Sequence[float]) -> "Listing":
        """The same with numbers in the place of its parameters: a function of its inputs."""

        def held(ends: Iterable[int | float]) -> list[int | float]:
            return [new(end) if isinstance(end, int) else end for end in ends]

        def new(wire: int) -> int | float:
            if wire < self.inputs:
                return wire
            held_here = wire < self.leaves
            return parameters[wire - self.inputs] if held_here else wire - self.parameters

        return Listing(
            self.inputs,
            0,
            [(op, tuple(held(args))) for op, args in self.instructions],
            held([self.value])[0],
            held(self.gradients),
            held(self.also),
        )

    def printed(self, language: Language, leaves: Sequence[str] = ()) -> str:
        """The text of a function of the leaves, by these names."""
        names = list(leaves or [f"x{i}" for i in range(self.leaves)])
        lines, (value, *rest) = self.lines(language, names)
        return language.frame(names, lines, value, rest)

    def lines(self, language: Language, leaves: Sequence[str]) -> tuple[list[str], list[str]]:
        """A line for each instruction, and what the ends are called after them."""
        names = list(leaves)
        lines = []

        def written(args: Iterable[int | float]) -> list[str]:
            return [names[a] if isinstance(a, int) else language.literal(a) for a in args]

        for i, (op, args) in enumerate(self.instructions):
            lines.append(language.assign.format(f"v{i}", language.instruction(op, written(args))))
            names.append(f"v{i}")
        return lines, written(self.ends)
