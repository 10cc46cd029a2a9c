"""Ten thousand random graphs against mpmath: an oracle that shares neither rules nor sweep.

The engine knows slopes as formulas and walks a graph backwards. The reference here knows only
*values*: it evaluates each operation with 70 digits, at the floats the engine fed it, takes the
slope as a difference quotient, and carries tangents forwards. At a corner the convention of the
engine is written as a value too: what the operation is taken to be in the neighbourhood.

A value is compared operation by operation, each at its own floats, so no graph is spoiled by
rounding further up. A gradient is compared with a tolerance that follows its conditioning: a
billionth of the sum of |flows| along all paths, where a slope counts as 1e-6 at least, because
tanh' = 1 - y² and its like are right to 1e-16 in absolute terms only.
"""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from math import copysign
from typing import Any

import mpmath
import pytest

from autograd import (
    TABLE,
    AutogradError,
    Value,
    chain_rule,
    gradients,
    jvp,
    topological_order,
)
from autograd.op import BUILT_IN, Op

mp = mpmath.MPContext()
mp.dps = 70

GRAPHS, CHUNKS = 10_000, 20
RELATIVE, LEAST_SLOPE = 1e-9, 1e-6
LARGEST, SMALLEST = 1e6, 1e-15  # the numbers a graph is made of; 0 is one of them too


# What each row computes, as values.

SMOOTH: dict[str, Callable] = {
    "add": lambda a, b: a + b,
    "subtract": lambda a, b: a - b,
    "multiply": lambda a, b: a * b,
    "divide": lambda a, b: a / b,
    "negative": lambda a: -a,
    "exp": mp.exp,
    "exp2": lambda a: mp.power(2, a),
    "expm1": mp.expm1,
    "log": mp.log,
    "log2": lambda a: mp.log(a) / mp.log(2),
    "log10": lambda a: mp.log(a) / mp.log(10),
    "log1p": lambda a: mp.log(1 + a),
    "logaddexp": lambda a, b: mp.log(mp.exp(a) + mp.exp(b)),
    "sqrt": mp.sqrt,
    "cbrt": lambda a: -mp.cbrt(-a) if a < 0 else mp.cbrt(a),
    "sin": mp.sin,
    "cos": mp.cos,
    "tan": mp.tan,
    "asin": mp.asin,
    "acos": mp.acos,
    "atan": mp.atan,
    "sinh": mp.sinh,
    "cosh": mp.cosh,
    "tanh": mp.tanh,
    "asinh": mp.asinh,
    "acosh": mp.acosh,
    "atanh": mp.atanh,
    "sigmoid": lambda a: 1 / (1 + mp.exp(-a)),
    "log_sigmoid": lambda a: -mp.log(1 + mp.exp(-a)),
    "softplus": lambda a: mp.log(1 + mp.exp(a)),
    "silu": lambda a: a / (1 + mp.exp(-a)),
    "gelu": lambda a: a * mp.erfc(-a / mp.sqrt(2)) / 2,
    "erf": mp.erf,
    "erfc": mp.erfc,
}

# Where a quotient of 0 may be a slope of 1e-80: erfc(-13), for one, is 2 to the 78th digit.
CURVED = {*SMOOTH, "power", "hypot", "atan2", "elu"} - {"add", "subtract", "multiply", "divide"}


def constant(x: Any) -> Callable:
    x = mp.mpf(x)
    return lambda *_: x


def argument(position: int) -> Callable:
    return lambda *args: args[position]


def mean(a, b):
    return (a + b) / 2


def near_power(a, b):
    return constant(1) if a == b == 0 else mp.power  # 0**0: no slope towards the exponent


def near_atan2(a, b):
    if a == 0 and copysign(1, b) < 0:  # on the cut: half a turn away there is none
        half = mp.pi if copysign(1, a) > 0 else -mp.pi
        return lambda a, b: half + mp.atan2(-a, -b)
    return mp.atan2


def near_clip(a, b, c):
    if b <= a <= c:
        return argument(0)  # on a bound, still the identity
    return argument(1) if a < b <= c else argument(2)


# Operations with a corner or a cut: from the floats they are at to what they are around there.
CORNERED: dict[str, Callable[..., Callable]] = {
    "power": near_power,
    "atan2": near_atan2,
    "hypot": lambda a, b: constant(0) if a == b == 0 else mp.hypot,
    "sign": lambda a: constant((a > 0) - (a < 0)),
    "absolute": lambda a: constant(0) if a == 0 else (lambda x: x if a > 0 else -x),
    "relu": lambda a: argument(0) if a > 0 else constant(0),
    "leaky_relu": lambda a: argument(0) if a > 0 else (lambda x: x / 100),
    "relu6": lambda a: argument(0) if 0 < a < 6 else constant(0 if a <= 0 else 6),
    "hardtanh": lambda a: argument(0) if -1 < a < 1 else constant(1 if a > 0 else -1),
    "elu": lambda a: argument(0) if a >= 0 else mp.expm1,
    "maximum": lambda a, b: mean if a == b else argument(0 if a > b else 1),
    "minimum": lambda a, b: mean if a == b else argument(0 if a < b else 1),
    "clip": near_clip,
    "less": lambda a, b: constant(a < b),
    "less_equal": lambda a, b: constant(a <= b),
    "where": lambda c, a, b: argument(1 if c else 2),
    "floor": lambda a: constant(mp.floor(a)),
    "ceil": lambda a: constant(mp.ceil(a)),
}


def around(name: str, numbers: tuple[float, ...]) -> Callable:
    """The function that row `name` is in the neighbourhood of `numbers`."""
    return SMOOTH[name] if name in SMOOTH else CORNERED[name](*numbers)


def test_the_reference_says_what_every_built_in_row_computes():
    assert {*SMOOTH, *CORNERED} == BUILT_IN


class Undecided(Exception):
    """Too close to call, as x**1.01 at x = 0: a difference quotient does not tell."""


def slope_of(f: Callable, xs: list, position: int) -> Any:
    """The slope of f at xs towards one argument, by differences; None where there is none.

    At the edge of a domain one side is all there is. There and at 0 the quotient has to hold
    still as the step shrinks: if it grows the slope is infinite.
    """
    x = xs[position]

    def value_at(moved: Any) -> Any:
        try:
            y = f(*xs[:position], moved, *xs[position + 1 :])
        except (ArithmeticError, ValueError):
            return None
        return y if isinstance(y, mp.mpf) and mp.isfinite(y) else None

    def quotient(h: Any) -> Any:
        below, above = value_at(x - h), value_at(x + h)
        if below is not None and above is not None:
            return (above - below) / (2 * h), True
        if below is None and above is None:
            return None, False
        inside = (above - value_at(x)) / h if below is None else (value_at(x) - below) / h
        return inside, False

    h = abs(x) * mp.mpf("1e-25") if x else mp.mpf("1e-40")
    far, both_sides = quotient(h)
    if far is None or (both_sides and x):
        return far
    near, _ = quotient(h / 10**10)
    if abs(far - near) <= 1e-15 + 1e-12 * abs(near):
        return near if abs(near) > 1e-15 else mp.mpf(0)
    if abs(near) > 2 * abs(far):
        return None
    raise Undecided


# Random graphs, as data: they can be built again, with other leaves, or with duals.


@dataclass(frozen=True)
class Recipe:
    """Leaves, then steps (row, arguments), where an argument is an int, the position of an
    earlier node, or a float, a constant. The last step is the root."""

    leaves: list[float]
    steps: list[tuple[str, tuple[int | float, ...]]]
    numbers: list[float]  # of all nodes, leaves first


SPECIAL = [0.0, 0.0, -0.0, 1.0, -1.0, 0.5, 2.0, -2.0, 6.0, 1e-6, -1e-6]
MERGING = ["add", "subtract", "multiply", "hypot", "minimum", "maximum"]  # the last two always fit
FLAT = {"sign", "floor", "ceil"}  # half as often as the others, since nothing flows through them
ROWS = [*sorted(BUILT_IN), *sorted(BUILT_IN - FLAT), "add", "subtract", "multiply", "divide"]


def random_recipe(seed: int) -> Recipe:
    """Between 3 and 40 operations, all of them on a path to the root."""
    rng = random.Random(seed)
    numbers: list[float] = []
    for _ in range(rng.randint(2, 8)):
        numbers.append(random_leaf(rng, numbers))
    leaves, steps = list(numbers), []
    size = rng.randint(3, 40)
    loose: list[int] = []  # results that nothing uses yet
    while len(steps) < size:
        merging = len(loose) > size - len(steps)
        name = rng.choice(MERGING if merging else ROWS)
        arity = len(TABLE[name].partials)
        args = [random_argument(rng, loose, len(numbers)) for _ in range(arity)]
        if merging:
            args = rng.sample(loose, 2)
        elif rng.random() < 0.15:
            args = [args[0]] * arity  # a * a
        nodes = {arg for arg in args if isinstance(arg, int)}
        if not nodes or (name == "where" and isinstance(args[0], float)):
            continue  # it would record nothing
        left_over = [i for i in loose if i not in nodes]
        if len(left_over) + 1 > size - len(steps):
            continue
        try:
            number = TABLE[name](*[numbers[a] if isinstance(a, int) else a for a in args])
        except AutogradError:
            continue
        if number != 0 and not SMALLEST <= abs(number) <= LARGEST:
            continue
        loose = [*left_over, len(numbers)]
        steps.append((name, tuple(args)))
        numbers.append(number)
    assert len(loose) == 1
    return Recipe(leaves, steps, numbers)


def random_leaf(rng: random.Random, others: list[float]) -> float:
    if rng.random() < 0.5:
        return rng.choice(SPECIAL + others)  # another leaf once more: a tie
    return rng.choice([rng.uniform(-3, 3), rng.gauss(0, 30), rng.uniform(0, 1)])


def random_argument(rng: random.Random, loose: list[int], count: int) -> int | float:
    kind = rng.random()
    if kind < 0.12:
        return random_leaf(rng, [])
    if loose and kind < 0.6:
        return rng.choice(loose)
    return rng.randrange(min(count, 8) if kind < 0.8 else count)  # a leaf, mostly; or anything


def build(recipe: Recipe, leaves: Any) -> list:
    """All nodes of the recipe on these leaves, which may be Values, floats or duals."""
    nodes = list(leaves)
    for name, args in recipe.steps:
        nodes.append(TABLE[name](*[nodes[a] if isinstance(a, int) else a for a in args]))
    return nodes


# The reference.


@dataclass
class Truth:
    """What mpmath says: the gradient of each leaf, and how far off it may be found."""

    gradient: dict[int, float] = field(default_factory=dict)
    tolerance: dict[int, float] = field(default_factory=dict)
    exists: bool = True  # False: something flows where there is no slope, and a sweep has to raise
    refusable: bool = False  # nothing flows now to where there is no slope, but elsewhere it might


def truth(recipe: Recipe) -> Truth | None:
    """The reference for a recipe; None when it is too close to call."""
    # per node: {seed: (tangent, sum of |flows|)}; seeds are the leaves and the nodes without slope
    tangents: list[dict[int, tuple]] = [{i: (mp.mpf(1), 1.0)} for i in range(len(recipe.leaves))]
    without_slope = set()
    for name, args in recipe.steps:
        here = len(tangents)
        numbers = tuple(recipe.numbers[a] if isinstance(a, int) else a for a in args)
        f, xs = around(name, numbers), [mp.mpf(number) for number in numbers]
        exact = f(*xs)
        assert abs(recipe.numbers[here] - exact) <= 1e-13 * abs(exact) + 1e-15, (
            f"{name}{numbers} is {mp.nstr(exact, 20)}, not {recipe.numbers[here]}"
        )
        mine: dict[int, tuple] = {}
        for position, arg in enumerate(args):
            if not isinstance(arg, int):
                continue
            try:
                slope = slope_of(f, xs, position)
            except Undecided:
                return None
            if slope is None:
                mine[here] = (mp.mpf(1), 1.0)
                without_slope.add(here)
            elif slope != 0 or name in CURVED:
                steepness = max(abs(float(slope)), LEAST_SLOPE)
                for seed, (tangent, size) in tangents[arg].items():
                    so_far, size_so_far = mine.get(seed, (0, 0.0))
                    mine[seed] = so_far + slope * tangent, size_so_far + steepness * size
        tangents.append(mine)
    found = Truth(refusable=not without_slope <= set(tangents[-1]))
    for seed, (tangent, size) in tangents[-1].items():
        tolerance = RELATIVE * size
        if tolerance > 1e100:
            return None  # floats may overflow on the way
        if seed < len(recipe.leaves):
            found.gradient[seed], found.tolerance[seed] = float(tangent), tolerance
        elif abs(tangent) <= tolerance:
            return None  # what flows is 0, or is it a rounding error? floats may see it otherwise
        else:
            found.exists = False
    return found


def difference(recipe: Recipe, expected: Truth | None, sweep: Callable = gradients) -> str:
    """What a sweep over the recipe's graph gets wrong, in a sentence; "" if nothing."""
    if expected is None:
        return ""
    leaves = [Value(x, f"x{i}") for i, x in enumerate(recipe.leaves)]
    root = build(recipe, leaves)[-1]
    try:
        found = sweep(root)
    except AutogradError as error:
        refused = expected.exists and not expected.refusable
        return f"raised {error!r}\n{recipe}" if refused else ""
    if not expected.exists:
        return f"a slope that does not exist went unnoticed\n{recipe}"
    for i, leaf in enumerate(leaves):
        ours, theirs = found.get(leaf, 0.0), expected.gradient.get(i, 0.0)
        if not abs(ours - theirs) <= expected.tolerance.get(i, 0.0):
            return f"d root / d x{i} is {theirs!r}, and the sweep says {ours!r}\n{recipe}"
        whole = slope_of_the_whole(recipe, i) if expected.refusable else None
        if whole is not None and not abs(ours - whole) <= 1e-6 * max(1, abs(whole)):
            return f"x{i} moves the root by {whole!r}, and the sweep says {ours!r}\n{recipe}"
    return ""


def slope_of_the_whole(recipe: Recipe, i: int) -> float | None:
    """By how much the root moves with leaf number i, from differences of the whole graph, without
    any chain rule: it may exist where a slope on the way does not, as for √x · √x at 0. None where
    it does not, where a corner is met, or where floats are not at the numbers of mpmath."""
    here = whole_values(recipe, recipe.leaves)
    at_corners = any(
        TABLE[name].corners and 0 in TABLE[name].corners(*arguments(args, recipe.numbers))
        for name, args in recipe.steps
    )
    if at_corners or here is None or any(map(apart, here, recipe.numbers)):
        return None
    quotients = []
    for h in (mp.mpf("1e-30"), mp.mpf("1e-34")):
        for side in (h, -h):
            leaves = [x + side if j == i else x for j, x in enumerate(here[: len(recipe.leaves)])]
            there = whole_values(recipe, leaves)
            if there is not None:
                quotients.append((there[-1] - here[-1]) / side)
    near = quotients and quotients[-1]
    if not quotients or any(abs(q - near) > 1e-9 * max(1, abs(near)) for q in quotients):
        return None
    return float(near)


def whole_values(recipe: Recipe, leaves: list) -> list | None:
    """All nodes, with 70 digits; None where one of them is not defined."""
    values = [mp.mpf(x) for x in leaves]
    for name, args in recipe.steps:
        xs = arguments(args, values)
        try:
            y = around(name, xs)(*map(mp.mpf, xs))
        except (ArithmeticError, ValueError):
            return None
        if not isinstance(y, mp.mpf) or not mp.isfinite(y):
            return None
        values.append(y)
    return values


def arguments(args: tuple, numbers: list) -> tuple:
    return tuple(numbers[a] if isinstance(a, int) else a for a in args)


def apart(exact: Any, number: float) -> bool:
    """Whether rounding may matter: near special points, the float has to be exact."""
    return exact != number and (number == round(number) or abs(exact - number) > 1e-9)


# The campaign.

every_chunk = pytest.mark.parametrize("chunk", range(CHUNKS))
# What mpmath says takes long: every fourth part on both engines, which have equal bits.
once = pytest.mark.once
some_chunks_once = pytest.mark.parametrize(
    "chunk", [pytest.param(i, marks=once) if i % 4 else i for i in range(CHUNKS)]
)


def recipes(chunk: int) -> list[Recipe]:
    share = GRAPHS // CHUNKS
    return [random_recipe(seed) for seed in range(chunk * share, (chunk + 1) * share)]


@some_chunks_once
def test_gradients_of_random_graphs_are_those_of_mpmath(chunk):
    truths = [(recipe, truth(recipe)) for recipe in recipes(chunk)]
    wrong = [message for pair in truths if (message := difference(*pair))]
    assert not wrong, f"{len(wrong)} graphs\n" + "\n".join(wrong[:5])
    refused = sum(is_refused(recipe) for recipe, expected in truths if may_be_refused(expected))
    assert refused < 0.03 * len(truths)
    undecided = sum(expected is None for _, expected in truths)
    raising = sum(expected is not None and not expected.exists for _, expected in truths)
    assert undecided < 0.05 * len(truths)
    assert raising < 0.25 * len(truths), "too few graphs are left that have a gradient"


def may_be_refused(expected: Truth | None) -> bool:
    return expected is not None and expected.exists and expected.refusable


def is_refused(recipe: Recipe) -> bool:
    try:
        gradients(build(recipe, [Value(x) for x in recipe.leaves])[-1])
    except AutogradError:
        return True
    return False


@every_chunk
def test_random_graphs_keep_what_every_sweep_promises(chunk):
    for recipe in recipes(chunk):
        leaves = [Value(x) for x in recipe.leaves]
        nodes = build(recipe, leaves)
        assert [bits(node.data) for node in nodes] == [bits(x) for x in recipe.numbers]
        root = nodes[-1]
        try:
            found = gradients(root)
        except AutogradError:
            with pytest.raises(AutogradError):
                root.backward()
            assert all(node.grad is None for node in nodes), recipe
            continue

        root.backward()
        reached = topological_order(root)
        assert found == {node: node.grad for node in reached}, recipe
        root.backward()
        for node in reached:
            assert node.grad == (found[node] if node.parents else 2 * found[node]), recipe

        twins = [Value(x) for x in recipe.leaves]
        found_again = gradients(build(recipe, twins)[-1])
        for leaf, twin in zip(leaves, twins, strict=True):
            assert bits(found_again.get(twin, 0.0)) == bits(found.get(leaf, 0.0)), recipe


def bits(number: float) -> str:
    return number.hex()


@every_chunk
def test_forward_mode_agrees_with_the_sweep_on_random_graphs(chunk):
    compared = 0
    for recipe in recipes(chunk):
        leaves = [Value(x) for x in recipe.leaves]
        root = build(recipe, leaves)[-1]
        direction = [1.0, -0.5, 0.25, 0.75, -1.0, 2.0, -0.125, 1.5][: len(leaves)]
        try:
            edges = list(chain_rule(root))
        except AutogradError:
            continue
        size = {root: 1.0}  # the sum of |flows|, by path
        for node, _, parent, slope, _, _ in edges:
            steepness = max(abs(slope or 0.0), LEAST_SLOPE)  # nothing flows where there is no slope
            size[parent] = size.get(parent, 0.0) + size[node] * steepness
        found = gradients(root)
        along = sum(found.get(x, 0.0) * v for x, v in zip(leaves, direction, strict=True))
        tolerance = RELATIVE * sum(
            size.get(x, 0.0) * abs(v) for x, v in zip(leaves, direction, strict=True)
        )

        number, tangent = jvp(on_leaves(recipe), recipe.leaves, direction)
        assert bits(number) == bits(root.data)
        assert abs(tangent - along) <= tolerance, recipe
        compared += 1
    assert compared > 0.75 * GRAPHS / CHUNKS


def on_leaves(recipe: Recipe) -> Callable:
    return lambda *leaves: build(recipe, leaves)[-1]


# Can the comparison fail? A fault in the sweep, or in one row, has to show.


@pytest.fixture(scope="module")
def some_truths() -> list[tuple[Recipe, Truth | None]]:
    return [(recipe, truth(recipe)) for recipe in map(random_recipe, range(1000))]


def faults_seen(truths: list, sweep: Callable = gradients) -> int:
    return sum(difference(*pair, sweep) != "" for pair in truths)


def overwriting(root: Value) -> dict:
    """'=' where it should be '+='."""
    found = {root: 1.0}
    for node, _, parent, slope, _, _ in chain_rule(root):
        found[parent] = found[node] * (slope or 0.0)
    return found


def parents_in_a_set(root: Value) -> dict:
    """a * a with one edge instead of two."""
    found = {root: 1.0}
    edges_seen = set()
    for node, _, parent, slope, _, _ in chain_rule(root):
        if (node, parent) not in edges_seen:
            edges_seen.add((node, parent))
            found[parent] = found.get(parent, 0.0) + found[node] * (slope or 0.0)
    return found


def depth_first(root: Value) -> dict:
    """Passing on what has arrived before the rest of it is there."""
    found = {root: 1.0}
    slopes = {(node, position): slope for node, position, _, slope, _, _ in chain_rule(root)}
    waiting, visited = [root], set()
    while waiting:
        node = waiting.pop()
        if node in visited:
            continue
        visited.add(node)
        for position, parent in enumerate(node.parents):
            flow = found[node] * (slopes[node, position] or 0.0)
            found[parent] = found.get(parent, 0.0) + flow
            waiting.append(parent)
    return found


def left_over_from_the_last_sweep(root: Value) -> dict:
    """micrograd's second backward pass: intermediate gradients start from the first one's."""
    found = dict.fromkeys(topological_order(root), 0.0)
    edges = list(chain_rule(root))
    for _ in range(2):
        found[root] = 1.0
        for node in found:
            if not node.parents:
                found[node] = 0.0
        for node, _, parent, slope, _, _ in edges:
            found[parent] += found[node] * (slope or 0.0)
    return found


@once
@pytest.mark.parametrize(
    "sweep", [overwriting, parents_in_a_set, depth_first, left_over_from_the_last_sweep]
)
def test_a_broken_sweep_is_detected(some_truths, sweep):
    assert faults_seen(some_truths, sweep) >= 20


@contextmanager
def replaced(row: Op, *partials: Callable) -> Iterator[None]:
    """The row with other partials for a while."""
    right = row.partials
    object.__setattr__(row, "partials", partials)
    try:
        yield
    finally:
        object.__setattr__(row, "partials", right)


def off_by(amount: float, right: Callable, where: Callable) -> Callable:
    """A partial that is wrong by `amount` at some points."""
    return lambda y, *args: right(y, *args) + (amount if where(*args) else 0.0)


def is_zero(a):
    return a == 0


def is_tie(a, b):
    return a == b


def is_on_a_bound(a, b, c):
    return a in (b, c)


def everywhere(*_):
    return True


FAULTS = [
    pytest.param("relu", 1.0, is_zero, id="relu'(0) is 1"),
    pytest.param("relu", 0.5, is_zero, id="relu'(0) is a half"),
    pytest.param("absolute", 1.0, is_zero, id="abs'(0) is 1"),
    pytest.param("maximum", 0.5, is_tie, id="a tie of maximum counts twice"),
    pytest.param("minimum", -0.5, is_tie, id="a tie of minimum counts for nobody"),
    pytest.param("clip", -1.0, is_on_a_bound, id="clip' on a bound is 0"),
    pytest.param("leaky_relu", 0.99, is_zero, id="leaky_relu'(0) is 1"),
    pytest.param("tanh", 1e-6, everywhere, id="tanh' is a millionth off"),
    pytest.param("atan2", 1e-6, everywhere, id="atan2' is a millionth off"),
]


@once
@pytest.mark.parametrize(("name", "amount", "where"), FAULTS)
def test_a_broken_row_is_detected(some_truths, name, amount, where):
    row = TABLE[name]
    with replaced(row, *[off_by(amount, right, where) for right in row.partials]):
        assert faults_seen(some_truths) >= 1
    assert faults_seen(some_truths) == 0


ROOTS = {  # of x at 0, where the root of x has no slope
    "√x · √x is x": ([0.0], [("sqrt", (0,)), ("multiply", (1, 1))]),
    "the same, by two nodes": ([0.0], [("sqrt", (0,)), ("sqrt", (0,)), ("multiply", (1, 2))]),
    "∛x · ∛x · ∛x is x": (
        [0.0],
        [("cbrt", (0,)), ("multiply", (1, 1)), ("cbrt", (0,)), ("multiply", (2, 3))],
    ),
}


@pytest.mark.parametrize(("leaves", "steps"), ROOTS.values(), ids=ROOTS.keys())
def test_a_sweep_that_takes_every_0_for_nothing_is_detected(leaves, steps):
    recipe = Recipe(leaves, steps, build(Recipe(leaves, steps, []), leaves))
    expected = truth(recipe)
    assert may_be_refused(expected) and is_refused(recipe)
    assert difference(recipe, expected) == ""
    assert "moves the root by 1.0" in difference(recipe, expected, lambda root: {root: 1.0})


@once
def test_a_row_that_hides_a_missing_slope_is_detected(some_truths):
    with replaced(TABLE["sqrt"], lambda y, a: 0.0 if a == 0 else 1 / (2 * y)):
        assert faults_seen(some_truths) >= 1
