"""The rules of the optimisers as formulas, for a front end that puts numbers in.

They are read from the functions that train: called with symbols, such a function gives the formula
of what it computes with numbers.
"""

from collections.abc import Iterator, Sequence
from functools import cache
from itertools import combinations
from typing import Any

from autograd.formula import Formula
from autograd.symbols import Definition, Symbol
from autograd.value import Value
from nn.optim import OPTIMIZERS
from viz.apps.stepper.mathematics import Element, typeset

__all__ = ["SYMBOLS", "rules"]

# How formulas and tables write what a rule reads; the rest is called as it is.
SYMBOLS = {
    "gradient": "∂L/∂w", "first_moment": "m", "second_moment": "v", "updates": "n",
    "mean_square": "v", "beta1": "β₁", "beta2": "β₂", "eps": "ε", "weight_decay": "weight decay",
}  # fmt: skip
OFF = ("momentum", "weight_decay")  # settings without which a rule is shorter: where they are 0
FIRST_LETTER = 0xE100  # of a private area: letters that stand for names while LaTeX is read


@cache
def rules() -> dict[str, list[dict[str, Any]]]:
    """What an update assigns to a weight, and before to what it goes by that is kept of it:
    {"to": a name, "math": an element, in which {"at": name} is the place of a number}. The key is
    the optimiser's name, followed by those of its flags and of the settings of `OFF` that are not
    0, as in "sgd momentum nesterov"."""
    return {" ".join([name, *used]): _rule(name, used) for name, used in _variants()}


def _variants() -> Iterator[tuple[str, tuple[str, ...]]]:
    kind: Any
    for name, kind in OPTIMIZERS.items():
        settings = kind([Value(0.5)]).settings()
        some = [one for one, usual in settings.items() if one in OFF or isinstance(usual, bool)]
        for count in range(len(some) + 1):
            for used in combinations(some, count):
                if "nesterov" not in used or "momentum" in used:  # which it needs
                    yield name, used


def _rule(name: str, used: Sequence[str]) -> list[dict[str, Any]]:
    kind: Any = OPTIMIZERS[name]
    made, seen = kind([Value(0.5)]), {}  # type: ignore[var-annotated]
    places: dict[str, Symbol] = {}

    def place(of: str) -> Symbol:
        places[of] = Symbol(seen, None, (), of)
        return places[of]

    x, gradient, rate, *slots = map(place, ("w", "gradient", "rate", *kind.slots))
    for setting, usual in made.settings().items():
        if setting == "betas":
            made.betas = place("beta1"), place("beta2")
        elif isinstance(usual, bool):
            vars(made)[setting] = setting in used
        else:
            is_off = setting in OFF and setting not in used
            vars(made)[setting] = 0.0 if is_off else place(setting)
    end, *news = made.moved(x, gradient, rate, *slots)
    letters = {one: chr(FIRST_LETTER + i) for i, one in enumerate(places)}
    known: dict[Any, Any] = {piece: Formula(of, letters[of]) for of, piece in places.items()}
    latex = lambda piece: Definition([*known], piece).at(*known.values()).latex
    whole = "".join(map(latex, (end, *news)))
    found = []
    for to, piece in [*zip(kind.slots, news, strict=True), ("w", end)]:
        if to == "w" or letters[to] in whole:  # else nothing goes by what was kept
            found.append({"to": to, "math": _with_places(typeset(latex(piece)), letters)})
            known[piece] = known[places[to]]
    return found


def _with_places(element: Element, letters: dict[str, str]) -> Element:
    """The element with {"at": name} in the place of each letter that stands for a name."""
    names = {letter: {"at": name} for name, letter in letters.items()}

    def child(one: Any) -> Any:
        if isinstance(one, str):
            return one
        if len(one) == 2 and isinstance(one[1], str) and one[1] in names:
            return names[one[1]]
        return [one[0], *map(child, one[1:])]

    return child(element)
