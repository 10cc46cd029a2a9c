"""The operation of a folded node: the graph inside it, as one row that is in no table.

Its value is that of the operations inside, and its partials come from sweeps through them. So the
local derivative on an edge into a folded node is the product of those on the way through, or
their sum over several ways, in whatever arithmetic is asked for. No derivative is written here.
"""

from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import cached_property, partial
from typing import Any

from autograd.backprop import gradients
from autograd.errors import AutogradError
from autograd.formula import Formula
from autograd.op import Op
from autograd.value import Value
from viz.escape import printable

Use = tuple[Value, int]  # a node, and the place of one of its args

WAYS, LONGEST = 4, 160  # sums of more products, and longer formulas, are written as their number


class Folded(Op):
    """One application of a module as one operation, which is in no table.

    Its arguments are what comes into the module from outside. What is inside, the parameters
    above all, counts as constant: a parameter is read as it is when a number is asked for.
    Values and Formulas see a single operation. To anything else, such as the wires of a program,
    it is the operations inside, which `inside(*args)` performs on any operands.
    """

    __slots__ = ("inside",)
    inside: "Inside"

    def __init__(self, name: str, inside: "Inside") -> None:
        slopes = tuple(partial(inside.slope, i) for i in range(len(inside.inputs)))
        super().__init__(name, inside, slopes)
        object.__setattr__(self, "inside", inside)

    definition = None  # it is no formula for programs to print

    @property
    def formula(self) -> Any:
        """What `unfold` puts in its place: the operations inside."""
        return self.inside

    @property
    def is_open(self) -> bool:
        """Whether nothing but operations is inside: its parameters, too, are arguments."""
        return not self.inside.leaves

    def __post_init__(self) -> None:
        pass  # which keeps it out of the table: there are as many rows like it as cards

    def __call__(self, *args: Any) -> Any:
        if any(isinstance(arg, Value | Formula) for arg in args):
            return super().__call__(*args)
        return self.inside(*args)

    def __reduce__(self) -> tuple:
        raise ValueError("folded graphs cannot be pickled: pickle the graph that was folded")


class Part:
    """What comes into a fold, or an operation inside it, as the sweep wants to see it.

    Its args are Parts, leaves that are folded away, and plain numbers. Its parents are those that
    the inputs have a part in: nobody asks for slopes towards a constant.
    """

    __slots__ = ("args", "label", "node", "parents", "places", "serial", "varies")

    def __init__(self, serial: int, node: Any, args: tuple = (), varies: bool = False) -> None:
        self.serial = serial  # when it comes
        self.node = node  # what it stands for in the graph that is folded
        self.label = printable(node.label) if isinstance(node, Value) else ""
        self.args = args
        self.places = [i for i, arg in enumerate(args) if isinstance(arg, Part) and arg.varies]
        self.parents = tuple([args[i] for i in self.places])
        self.varies: bool = varies or bool(self.parents)

    def slope(self, position: int, read: Callable) -> Any:
        """∂self/∂(parent number `position`), in the arithmetic of `read`."""
        xs = [read(arg) for arg in self.args]
        return self.node.op.slope(self.places[position], read(self), xs, shown=self.node.args)

    def __format__(self, spec: str) -> str:
        return format(self.node, spec)


class Inside:
    """The graph inside a folded node: called with what comes in, it gives what comes out.

    `nodes` are its operations, oldest first; the last is the one that can be seen from outside.
    `leaves` are the parameters and other leaves in it. `inputs` stand for the Values from outside,
    and for the plain numbers that `constants` says to show as if they were.
    """

    def __init__(
        self, nodes: Sequence[Value], hidden: set[Value], constants: Mapping[Use, Hashable]
    ) -> None:
        self.nodes = nodes
        leaves: dict[Value, None] = {}
        outside: dict[Hashable, Part] = {}
        parts: dict[Value, Part] = {}
        for node in nodes:
            args: list[Any] = []
            for use in ((node, place) for place in range(len(node.args))):
                arg = node.args[use[1]]
                is_value = isinstance(arg, Value)
                if is_value and arg in parts:
                    args.append(parts[arg])
                elif is_value and arg in hidden:
                    leaves[arg] = None
                    args.append(arg)
                elif is_value or use in constants:
                    which = arg if is_value else constants[use]
                    if which not in outside:
                        outside[which] = Part(-1, arg, varies=is_value)
                    args.append(outside[which])
                else:
                    args.append(arg)
            parts[node] = Part(len(parts), node, tuple(args))
        self.leaves = list(leaves)
        self.inputs = list(outside.values())
        self.parts = list(parts.values())
        self.out = self.parts[-1]
        self._swept: tuple = ((), ())  # at which numbers the last sweep was, and what it found

    def __call__(self, *args: Any) -> Any:
        return self.replayed(args, as_number)[self.out]

    def at(self, *args: Any) -> Any:
        """The operations inside as they were recorded, on new values for what comes in: with their
        labels and gradients, and the leaves themselves."""
        held = self.replayed(args, lambda leaf: leaf)
        for part in self.parts:
            held[part].label, held[part].grad = part.node.label, part.node.grad
        return held[self.out]

    def replayed(self, args: Sequence, read: Callable) -> dict[Part, Any]:
        """What the parts stand for when the inputs are `args`, and leaves what `read` says."""
        held = dict(zip(self.inputs, args, strict=True))
        for part in self.parts:
            held[part] = part.node.op(
                *[held[arg] if isinstance(arg, Part) else read(arg) for arg in part.args]
            )
        return held

    def slope(self, position: int, y: Any, *args: Any) -> Any:
        """∂y/∂(input number `position`), in whatever arithmetic y and the args belong to."""
        if any(isinstance(arg, Formula) for arg in (y, *args)):
            return self._written(position, y, args)
        if all(arg.__class__ is float for arg in (y, *args)):
            return self._number(position, y, args)
        held = self.replayed(args, as_number) | {self.out: y}
        return self._gradients(held, as_number)[position]

    def _gradients(self, held: Mapping[Part, Any], read: Callable) -> list[Any]:
        """The slopes towards all inputs, by a sweep through the parts."""
        found = gradients(self.out, lambda x: held[x] if isinstance(x, Part) else read(x))
        return [found.get(one, 0.0) for one in self.inputs]

    def _number(self, position: int, y: float, args: Sequence[float]) -> float:
        """A slope as a number. One sweep finds them all, so they are kept for who asks next."""
        at = (y, *args, *[leaf.data for leaf in self.leaves])
        if self._swept[0] != at:
            held = self.replayed(args, as_number) | {self.out: y}
            self._swept = at, self._gradients(held, as_number)
        return self._swept[1][position]

    def _written(self, position: int, y: Any, args: Sequence) -> Any:
        """A slope as a formula, or as its number where the formula would fill the page."""
        digits = next(x.digits for x in (y, *args) if isinstance(x, Formula))
        numbers: list[Any] = [x.number if isinstance(x, Formula) else x for x in (y, *args)]
        if None in numbers:  # there is no choice
            return self._gradients(*self._in_words(y, args, {}, digits))[position]
        try:
            slope = self._number(position, numbers[0], numbers[1:])
        except AutogradError:
            return Formula("undefined", r"\text{undefined}")
        if self.ways[self.inputs[position]] <= WAYS:
            floats = self.replayed(numbers[1:], as_number)
            way = self._in_numbers if all(map(is_a_number, (y, *args))) else self._in_words
            formula = self._gradients(*way(y, args, floats, digits))[position]
            if not isinstance(formula, Formula) or len(formula.text) <= LONGEST:
                return formula
        return Formula.of_number(slope, digits)

    def _in_numbers(
        self, y: Any, args: Sequence, floats: Mapping[Part, float], digits: int
    ) -> tuple[dict[Part, Any], Callable]:
        """How to read parts, and leaves, as their numbers written down."""
        held = {part: Formula.of_number(floats[part], digits) for part in self.parts}
        held |= dict(zip(self.inputs, args, strict=True)) | {self.out: y}
        return held, lambda x: Formula.of_number(x.data, digits) if isinstance(x, Value) else x

    def _in_words(
        self, y: Any, args: Sequence, floats: Mapping[Part, float], digits: int
    ) -> tuple[dict[Part, Any], Callable]:
        """How to read them by their labels, where a label can mean nothing else, and as formulas
        and numbers else."""
        means = Counter(x.text for x in (y, *args) if isinstance(x, Formula))
        means.update(part.label for part in self.parts if part is not self.out)
        means.update(printable(leaf.label) for leaf in self.leaves)

        def read(x: Any) -> Any:
            if not isinstance(x, Value):
                return x
            if means[label := printable(x.label)] == 1 and label:
                return Formula(label, number=x.data, digits=digits)
            return Formula.of_number(x.data, digits)

        held: dict[Part, Any] = dict(zip(self.inputs, args, strict=True)) | {self.out: y}
        for part in self.parts[:-1]:
            if part.label and means[part.label] == 1:
                held[part] = Formula(part.label, number=floats.get(part), digits=digits)
            else:
                xs = [held[arg] if isinstance(arg, Part) else read(arg) for arg in part.args]
                held[part] = part.node.op(*xs)
        return held, read

    @property
    def count(self) -> int:
        """How many values are inside, the one that can be seen included."""
        return len(self.nodes) + len(self.leaves)

    @cached_property
    def ways(self) -> Counter:
        """How many ways lead from the output to every part."""
        ways = Counter({self.out: 1})
        for part in reversed(self.parts):
            for parent in part.parents:
                ways[parent] += ways[part]
        return ways


def as_number(x: Any) -> float:
    return x.data if isinstance(x, Value) else x


def is_a_number(x: Any) -> bool:
    """Whether it is a number written down, and not the name of one."""
    return not isinstance(x, Formula) or (
        x.number is not None and x.text == Formula.of_number(x.number, x.digits).text
    )
