"""How the values, edges and paths of a graph are written."""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from autograd.errors import TooLarge
from autograd.formula import Formula, latex_name, product_of, sum_of
from autograd.teaching.names import GENERATED
from autograd.teaching.parts import Equation
from autograd.teaching.routes import Link
from autograd.teaching.sentences import nth_edge
from autograd.teaching.steps import UNDEFINED, enough, rule, shown
from autograd.teaching.typeset import derivative
from autograd.value import Value


class Words:
    """What the values of a graph are called, and with how many digits numbers are written."""

    def __init__(self, names: Mapping[Value, str], digits: int) -> None:
        self.names, self.digits = names, digits

    def name(self, node: Value) -> Formula:
        """The name of a value."""
        return Formula(self.names[node], number=node.data, digits=self.digits)

    def is_unnamed(self, node: Value) -> bool:
        """Whether the name of the value is one that nobody gave it."""
        return not node.label and bool(GENERATED.fullmatch(self.names[node]))

    def number(self, x: float) -> Formula:
        """A number, written with as many digits as were asked for."""
        return Formula.of_number(x, self.digits)

    def value(self, node: Value) -> Equation:
        """A value and its number, as x = 2."""
        return Equation(self.name(node), self.number(node.data))

    def derivative(self, of: Value, by: Value) -> Formula:
        """The fraction ∂of/∂by."""
        above, below = self.names[of], self.names[by]
        return Formula(f"∂{above}/∂{below}", derivative(above, below))

    def local(self, link: Link, read: Callable[[Value], Formula] | None = None) -> Formula:
        """The local derivative of an edge as a formula, of names or of what `read` says."""
        return rule(link.node, link.position, read or self.name, link.slope, self.digits)

    def local_equation(self, link: Link) -> Equation:
        """The local derivative of an edge as a formula and as a number."""
        d = self.derivative(link.node, link.parent)
        number = UNDEFINED if link.slope is None else self.number(link.slope)
        return Equation(d, self.local(link), number)

    def way(self, links: Sequence[Link]) -> Formula:
        """The values that a path leads through, as L ← d ← a."""
        first = self.name(links[0].node)
        steps = [(self.name(one.parent), nth_edge(one.node, one.position)) for one in links]
        texts = [first.text, *(one.text + (f" ({nth})" if nth else "") for one, nth in steps)]
        latexes = [
            first.latex,
            *(one.latex + (rf"\text{{ ({nth})}}" if nth else "") for one, nth in steps),
        ]
        return Formula(" ← ".join(texts), r" \leftarrow ".join(latexes))

    def product(self, links: Sequence[Link], result: float) -> list[Formula]:
        """The local derivatives along a path as a product of formulas, then of numbers, and what
        it comes to. Factors of 1 are left out, if there are others."""
        used = [one for one in links if not one.is_one] or list(links[:1])
        symbols = product_of([self.local(one) for one in used])
        if any(one.slope is None for one in used):
            return [symbols, self.number(0.0)]
        return [symbols, *self.multiplied([one.factor for one in used], result)]

    def multiplied(self, factors: Sequence[float], result: float) -> list[Formula]:
        """A product in numbers, and what it comes to, with as many digits as that takes."""
        count = enough(result, lambda n: math.prod(shown(one, n) for one in factors), self.digits)
        numbers = [Formula.of_number(one, count) for one in factors]
        return [product_of(numbers), self.number(result)]

    def total(self, terms: Sequence[float]) -> list[Formula]:
        """A sum in numbers, and what it comes to, with as many digits as that takes."""
        result = math.fsum(terms)
        count = enough(result, lambda n: math.fsum(shown(one, n) for one in terms), self.digits)
        return [sum_of([Formula.of_number(one, count) for one in terms]), self.number(result)]


def path_product(links: Sequence[Link]) -> float:
    """The product of the local derivatives along a path. Raises TooLarge where finite ones have a
    product that is too large for a float."""
    factors = [one.factor for one in links]
    product = math.prod(factors)
    if not math.isfinite(product) and all(map(math.isfinite, factors)):
        raise TooLarge("the product of the local derivatives along a path is too large for a float")
    return product


def by(name: str) -> Formula:
    """The derivative of the result by the value of a name."""
    return Formula(f"∂/∂{name}", rf"\frac{{\partial}}{{\partial {latex_name(name)}}}")


def spaced(number: int) -> str:
    """A whole number with its digits in groups of three; a very large one rounded, since Python
    refuses to write integers of more than 4300 digits."""
    if number < 10**18:
        return f"{number:,}".replace(",", " ")
    exponent = int((number.bit_length() - 1) * math.log10(2))
    while number >= 10 ** (exponent + 1):
        exponent += 1
    return f"about {number * 100 // 10**exponent / 100:g}·10^{exponent}"


def how_many(number: int, thing: str) -> str:
    """One path, 2 paths, 1 048 576 paths."""
    return f"one {thing}" if number == 1 else f"{spaced(number)} {thing}s"


def there_are(number: int, thing: str) -> str:
    """There is one path, there are 2 paths."""
    return f"There {'is' if number == 1 else 'are'} {how_many(number, thing)}"


def joined(pieces: Iterable[Formula], last: str = "") -> Iterator[str | Formula]:
    """The pieces with commas between them, or with a word before the last."""
    pieces = list(pieces)
    for at, piece in enumerate(pieces):
        if at:
            yield f" {last} " if last and at == len(pieces) - 1 else ", "
        yield piece
