"""The numbers of a walk under their keys, and what is told with them put in."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from autograd.backprop import chain_rule
from autograd.formula import Formula, latex_name
from autograd.teaching.sentences import behind
from autograd.teaching.steps import UNDEFINED, local_derivative
from autograd.value import Value
from viz.apps.stepper.keyed import DIGITS
from viz.apps.stepper.neurons import numbers_inside
from viz.apps.stepper.places import Pieces, pieces_of
from viz.palette import sign

Numbers = Mapping[str, float | None]
SIGNS = ("", "positive", "negative")  # of 0, and of the others


def numbers_of(nodes: Sequence[Value]) -> dict[str, float | None]:
    """Every number of the walk under its key: v0, v1, … are the values of the nodes and g0, g1, …
    their gradients, in topological order; s0, f0 and t0 are the local derivative of the first edge
    of the sweep, its flow, and the total of the parent behind it, and so on. None is a slope that
    does not exist. Raises what the sweep raises."""
    index = {node: i for i, node in enumerate(nodes)}
    root = nodes[-1]
    numbers: dict[str, float | None] = {f"v{i}": node.data for i, node in enumerate(nodes)}
    numbers[f"g{index[root]}"] = 1.0
    for k, (node, position, parent, slope, flow, so_far) in enumerate(chain_rule(root)):
        if slope is None:  # nothing flows back along it, but it may have a slope
            slope = local_derivative(node, position)
        numbers |= {f"s{k}": slope, f"f{k}": flow, f"t{k}": so_far, f"g{index[parent]}": so_far}
    return numbers | dict(numbers_inside(nodes, numbers))


def encoded(numbers: Numbers) -> dict[str, float | str | None]:
    """JSON knows no infinities: they go as what JavaScript calls them."""
    words = {"inf": "Infinity", "-inf": "-Infinity", "nan": "NaN"}
    return {key: x if x is None else words.get(repr(x), x) for key, x in numbers.items()}


@dataclass(frozen=True)
class Filling:
    """Text with marks as it reads with the numbers in it, in plain text or in LaTeX; `digits_for`
    is with how many digits an equation is written, by the key of what it comes to."""

    numbers: Numbers
    digits_for: Callable[[str], int]
    form: str = "text"

    def __call__(self, told: str) -> str:
        return self.text(pieces_of(told))

    def text(self, pieces: Pieces, digits: int = DIGITS) -> str:
        return "".join(p if isinstance(p, str) else self.place(p, digits) for p in pieces)

    def place(self, piece: tuple[str, *tuple[Pieces, ...]], digits: int) -> str:
        kind, *parts = piece
        match kind:
            case "number":
                return str(getattr(self.number(parts[0][0], digits), self.form))
            case "fenced":
                return behind(self.number(parts[0][0], digits), self.form)
            case "called":
                return latex_name(parts[0][0])
            case "chain":
                return self.chain(parts)
            case "most":
                sizes = [abs(self.numbers[key] or 0.0) for key in parts[0][0].split()]
                return self.text(parts[1 + sizes.index(max(sizes))], digits)
            case "slope":
                return self.text(parts[1 + (self.numbers[parts[0][0]] is None)], digits)
            case "sign":
                case_of = SIGNS.index(sign(self.numbers[parts[0][0]] or 0.0))
                return self.text(parts[1 + case_of], digits)
        return self.text(parts[1], digits)  # what a page typesets, or points at, is text here

    def chain(self, links: Sequence[Pieces]) -> str:
        """The links between equals signs, none of them twice."""
        match links[-1]:
            case [("number" | "fenced", [key])]:
                enough = self.digits_for(key)
            case _:
                enough = DIGITS
        *first, last = links
        told = [*(self.text(one, enough) for one in first), self.text(last)]
        return " = ".join(dict.fromkeys(told))

    def number(self, key: str, digits: int) -> Formula:
        x = self.numbers[key.strip("|")]
        if x is None:
            return UNDEFINED
        return Formula.of_number(abs(x) if key.startswith("|") else x, digits)
