"""What a page that trains has to know, as data: local derivatives, losses, penalties, the rules
of the optimisers, and schedules.

All of it is recorded from the functions of `autograd` and `nn`, which stay the only place where it
is written. A recipe is as in `viz.apps.stepper.recipes`, with `ends` where it has several. A graph
is {leaves, do, end}: a node for every operation, in the order in which they were made, and no two
of them joined, since the sweep goes along its edges. In both, whole numbers are places, first of
the leaves and then of the instructions, and texts are constants.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from types import FunctionType, SimpleNamespace
from typing import Any

from autograd.backprop import topological_order
from autograd.op import BUILT_IN, TABLE
from autograd.ops import cos, floor, minimum
from autograd.program.listing import Listing
from autograd.program.recording import forward
from autograd.symbols import Definition, Symbol
from autograd.value import Value
from nn.data.made import Expression
from nn.losses import LOSSES, PENALTIES
from nn.optim import OPTIMIZERS, cosine, step_decay
from viz.apps.stepper.recipes import Recipe, from_formula, partial

MOST_CLASSES = 10  # that cross_entropy is recorded for
MOST_NUMBERS = 4  # of a target, that mse is recorded for

ROWS = sorted(BUILT_IN)
CHOICE = next(name for name in ROWS if TABLE[name].symbol == "if")


@cache
def tables() -> dict[str, Any]:
    """Everything, ready for JSON."""
    return {
        "partials": partials(),
        "losses": losses(),
        "penalties": {norm: penalty(norm) for norm in PENALTIES},
        "rules": rules(),
        "schedules": schedules(),
    }


# Local derivatives


def partials() -> dict[str, list[Recipe]]:
    """Each operation's local derivatives, as recipes of the value and the arguments. Those of the
    choice are left out: what flows through it is the sweep's business, as in `autograd.flows`."""
    found = {}
    for name in ROWS:
        places = len(TABLE[name].partials)
        recipes = [partial(TABLE[name], i) for i in range(places)]
        found[name] = (
            [] if name == CHOICE else [without_corners(one, 1 + places) for one in recipes]
        )
    return found


def without_corners(recipe: Recipe, leaves: int) -> Recipe:
    """The recipe with a in the place of every `corner(a)`, which is a on numbers and on wires."""
    places: dict[int, Any] = {}
    do: list[list[Any]] = []

    def moved(arg: int | str) -> int | str:
        return arg if isinstance(arg, str) else places.get(arg, arg)

    for place, (row, *args) in enumerate(recipe["do"], leaves):
        places[place] = moved(args[0]) if row == "corner" else leaves + len(do)
        if row != "corner":
            do.append([row, *map(moved, args)])
    return {"do": do, "end": moved(recipe["end"])}


# Losses and penalties


def losses() -> dict[str, dict[str, Any]]:
    """The graph of one example's loss, by the name of the loss and by how many outputs there are:
    of the outputs, and then of the target."""
    counts = {"mse": range(1, MOST_NUMBERS + 1), "cross_entropy": range(2, MOST_CLASSES + 1)}
    one = range(1, 2)
    return {name: {str(n): loss(name, n) for n in counts.get(name, one)} for name in LOSSES}


def loss(name: str, size: int) -> dict[str, Any]:
    outputs = [Value(0.5) for _ in range(size)]
    targets = [Value(1.0) for _ in range(size if name == "mse" else 1)]

    def one_or_all(values: list[Value]) -> Any:  # as RecordedLoss gives them to a loss
        return values if len(values) > 1 else values[0]

    end = LOSSES[name]([one_or_all(outputs)], [one_or_all(targets)])
    return graph(end, [*outputs, *targets])


def penalty(norm: str) -> dict[str, Any]:
    """A penalty taken apart: the `term` of a parameter; the penalty as made from the `sum` of all
    terms and the strength; and that of a parameter `alone` with the strength, whose gradient is
    that parameter's gradient of the whole."""
    strength = 0.3712918  # stands for a leaf: a penalty takes no Value there
    p, q = Value(0.5), Value(0.25)
    added = PENALTIES[norm]
    end = added([p, q], strength)
    nodes = [node for node in topological_order(end) if node.op]
    total = next(node for node in nodes if {p, q} <= set(topological_order(node)))
    assert total.op is TABLE["add"], f"{norm} is no function of a sum over the parameters"
    return {
        "term": graph(total.parents[0], [p]),
        "sum": graph(end, [total], strength),
        "alone": graph(added([p], strength), [p], strength),
    }


def graph(end: Value, leaves: Sequence[Value], constant: float | None = None) -> dict[str, Any]:
    """The graph of `end` from these nodes on, as data; a constant that is equal to this one becomes
    one more leaf."""
    places: dict[Value, int] = {leaf: i for i, leaf in enumerate(leaves)}
    first = len(leaves) + (constant is not None)
    nodes = [node for node in topological_order(end) if node.serial > leaves[-1].serial and node.op]
    places |= {node: i for i, node in enumerate(nodes, first)}

    def written(arg: Any) -> int | str:
        if isinstance(arg, Value):
            return places[arg]
        return len(leaves) if arg == constant else repr(arg)

    do = [[node.op.name, *map(written, node.args)] for node in nodes if node.op]
    return {"leaves": first, "do": do, "end": places[end]}


# Optimisers


def rules() -> dict[str, dict[str, Any]]:
    """The rule of each optimiser, by its name and, for the other form of SGD, "nesterov"."""
    found = {name: rule(kind) for name, kind in OPTIMIZERS.items()}
    return found | {"nesterov": rule(OPTIMIZERS["sgd"], nesterov=True)}


def rule(kind: Any, **flags: bool) -> dict[str, Any]:
    """A recipe of (x, gradient, *slots, rate, *settings): changing a setting writes a number."""
    settings: dict[str, Value] = {}
    made = kind([Value(0.5)])
    for name, default in made.settings().items():
        if name == "betas":
            settings |= {"beta1": Value(0.5), "beta2": Value(0.5)}
            vars(made)["betas"] = settings["beta1"], settings["beta2"]
        elif isinstance(default, bool):
            vars(made)[name] = flags.get(name, default)
        else:
            settings[name] = vars(made)[name] = Value(0.5)
    rate, x, gradient, *slots = [Value(0.5) for _ in range(3 + len(kind.slots))]
    leaves = [x, gradient, *slots, rate, *settings.values()]
    listing, _ = forward(made.moved(x, gradient, rate, *slots), leaves)
    names = {"name": kind.__name__, "slots": list(kind.slots), "settings": list(settings)}
    return names | from_listing(listing)


def from_listing(listing: Listing) -> Recipe:
    def written(args: Sequence[int | float]) -> list[int | str]:
        return [arg if isinstance(arg, int) else repr(arg) for arg in args]

    do = [[op.name, *written(args)] for op, args in listing.instructions]
    return {"do": do, "ends": written(listing.ends)}


# Inputs


def recipe_of(expression: Expression) -> Recipe:
    """A typed expression as a recipe of its two coordinates."""
    listing, _ = forward([expression.end], expression.leaves)
    return from_listing(listing)


# Schedules


class Step(Symbol):
    """The number of a step as a piece of a formula. It can be divided as whole numbers are."""

    __slots__ = ()

    def __floordiv__(self, other: Any) -> Any:
        return floor(self / other)


def schedules() -> dict[str, dict[str, Any]]:
    """The rate at a step, as a recipe of the step and of the numbers that a schedule keeps."""
    recorded: list[tuple[Any, Callable]] = [(kind, kind.__call__) for kind in (step_decay, cosine)]
    return {kind.__name__: schedule(kind, rate_at) for kind, rate_at in recorded}


def schedule(kind: Any, rate_at: Any) -> dict[str, Any]:
    """The schedule's own code, read on symbols: with the table's cos and min in the place of those
    that take floats only."""
    settings = list(kind.__dataclass_fields__)
    seen: dict = {}
    step = Step(seen, None, (), "step")
    kept = {name: Symbol(seen, None, (), name) for name in settings}
    names: Mapping[str, Any] = rate_at.__globals__ | {"cos": cos, "min": minimum}
    on_symbols = FunctionType(rate_at.__code__, dict(names))
    end = on_symbols(SimpleNamespace(**kept), step)
    return {"settings": settings, **from_formula(Definition([step, *kept.values()], end))}
