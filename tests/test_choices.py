"""Choices: `where` and the comparisons, which leak nothing from the branch that is not taken."""

import random

import pytest

from autograd import (
    TABLE,
    AutogradError,
    Program,
    Value,
    exp,
    explain,
    grad,
    gradients,
    hessian,
    hypot,
    jacobian,
    jvp,
    less,
    less_equal,
    log,
    no_grad,
    relu,
    sqrt,
    where,
)
from autograd.program import MACHINES

every_machine = pytest.mark.parametrize("machine", list(MACHINES))


def modes(f, *xs):
    """The gradient of f by the name of the mode that found it, or the error that refused it."""

    def leaves():
        return [Value(x, name) for x, name in zip(xs, "xyz", strict=False)]

    def backward():
        given = leaves()
        f(*given).backward()
        return [0.0 if leaf.grad is None else leaf.grad for leaf in given]

    def recorded():
        given = leaves()
        return [one.data for one in grad(f(*given), given)]

    def rows():
        given = leaves()
        return jacobian([f(*given)], given)[0]

    def forward():
        directions = [[float(i == j) for j in range(len(xs))] for i in range(len(xs))]
        return [jvp(f, list(xs), direction)[1] for direction in directions]

    def program(machine):
        given = leaves()
        run = Program(f(*given))
        found = run.value_and_gradients([[]], machine=machine)[1]
        by_leaf = dict(zip(run.parameters, found, strict=True))
        return [float(by_leaf.get(leaf, 0.0)) for leaf in given]

    found = {"backward": backward, "grad": recorded, "jacobian": rows, "jvp": forward}
    found |= {machine: lambda machine=machine: program(machine) for machine in MACHINES}
    return {name: outcome(mode) for name, mode in found.items()}


def outcome(compute):
    try:
        return compute()
    except AutogradError as error:
        return type(error).__name__


AGREED = [
    (lambda x: where(x > 0, lambda: sqrt(x), 0.0), [0.0], [0.0]),
    (lambda x: where(x > 0, lambda: sqrt(x), x), [-1.0], [1.0]),
    (lambda x: where(x > 0, lambda: log(x), lambda: x * x), [-3.0], [-6.0]),
    (lambda x: where(x > 0, lambda: log(x), lambda: x * x), [2.0], [0.5]),
    (lambda x: where(x <= 0, 3.0, x), [0.0], [0.0]),
    (lambda x, y: where(x < y, x, y), [1.0, 2.0], [1.0, 0.0]),
    (lambda x, y: where(x < y, lambda: y / x, lambda: x / y), [0.0, -2.0], [-0.5, 0.0]),
    (
        lambda x: where(
            x > 0, lambda: where(x > 1, lambda: sqrt(x - 1), lambda: 1 / x), lambda: x**3
        ),
        [-2.0],
        [12.0],
    ),
    (lambda x: (s := sqrt(abs(x))) * where(x > 0, s, 3.0) + x, [4.0], [2.0]),
    (lambda x, n: x**n, [0.0, 2.0], [0.0, 0.0]),
    (lambda x, n: x**n, [0.0, 0.0], [0.0, 0.0]),
    (hypot, [0.0, 0.0], [0.0, 0.0]),
    (lambda a, b: hypot(a, b) ** 2, [0.0, 0.0], [0.0, 0.0]),
]


@pytest.mark.parametrize(("f", "xs", "expected"), AGREED)
def test_every_mode_gives_one_answer(f, xs, expected):
    assert modes(f, *xs) == {name: pytest.approx(expected, rel=1e-15) for name in modes(f, *xs)}


def test_a_slope_that_nobody_asked_for_raises_nothing():
    x, n = Value(-2.0, "x"), Value(2.0, "n")
    y = x**n
    assert grad(y, x).data == -4.0
    assert jacobian([y], [x]) == [[-4.0]]
    assert hessian(y, [x]) == [[2.0]]
    assert jvp(lambda x, n: x**n, [-2.0, 2.0], [1.0, 0.0]) == (4.0, -4.0)
    with pytest.raises(ValueError, match="local derivative of power"):
        y.backward()
    assert Program(y, [n]).value_and_gradients([[2.0]], machine="python")[1] == [-4.0]


@pytest.mark.parametrize(
    "f", [hypot, lambda a, b: hypot(a, b) ** 2, lambda a, b: exp(-(hypot(a, b) ** 2))]
)
def test_second_derivatives_through_a_slope_that_was_chosen_are_refused(f):
    a, b = Value(0.0), Value(0.0)
    with pytest.raises(ValueError, match="local derivative of corner"):
        hessian(f(a, b), [a, b])


@every_machine
def test_a_choice_of_a_program_leaks_nothing_into_the_batch(machine):
    x, w = Value(2.0, "x"), Value(1.0, "w")
    logs = Program(where(x > 0, lambda: log(x), 0.0), [x])
    assert list(logs([[2.0], [-1.0], [0.0]], machine=machine)) == [
        pytest.approx(0.6931471805599453), 0.0, 0.0,
    ]  # fmt: skip
    roots = Program(where(x > 0, lambda: sqrt(x * w), 0.0), [x])
    value, gradient = roots.value_and_gradients([[2.0], [-1.0], [0.0]], machine=machine)
    assert (value, *gradient) == pytest.approx((2**0.5, 2**-0.5))


@every_machine
def test_a_choice_that_was_recorded_on_one_side_runs_on_the_other(machine):
    x, w = Value(-3.0, "x"), Value(2.0, "w")
    program = Program(where(x > 0, lambda: w * log(x), lambda: w * w * x), [x])
    value, gradient = program.value_and_gradients([[1.0], [-3.0]], machine=machine)
    assert (value, *gradient) == (-12.0, -12.0)


def test_the_gradient_of_a_choice_can_be_recorded_and_run_elsewhere():
    x = Value(-2.0, "x")
    slope = grad(where(x > 0, lambda: log(x), lambda: x * x), x)
    assert slope.data == -4.0
    assert Program(slope, [x])([[-2.0], [4.0]], machine="python") == [-4.0, 0.25]


def test_a_branch_that_is_wanted_raises_and_the_other_does_not():
    x = Value(-1.0, "x")
    with pytest.raises(ValueError, match=r"log\(x = -1\)"):
        where(x < 0, lambda: log(x), 0.0)
    with pytest.raises(ValueError, match=r"log\(x = -1\)"):
        where(x > 0, log(x), 0.0)  # computed before it is chosen: write a function
    assert where(x > 0, lambda: log(x), 0.0).data == 0.0


def test_numbers_choose_at_once():
    assert where(1.0 < 2.0, lambda: 3, lambda: 1 / 0) == 3.0
    assert where(0.0, 1, 2) == 2.0
    assert (less(1, 2), less(2, 2), less_equal(2, 2), less_equal(3, 2)) == (1.0, 0.0, 1.0, 0.0)
    x = Value(2.0)
    assert (x < 3).data == 1.0 and (x >= 3).data == 0.0
    with pytest.raises(TypeError, match="takes 3 arguments, and was given 2"):
        where(True, 1.0)


def test_a_choice_has_no_truth_value_and_says_what_to_write():
    x = Value(2.0)
    with pytest.raises(TypeError, match=r"where\(x > 0, x, 0\)"):
        bool(x > 0)
    with pytest.raises(TypeError, match="no truth value"):
        max(x, Value(3.0))
    with pytest.raises(TypeError, match=r"or write `\(1 < x\) \* \(x < 3\)` for both at once"):
        assert x > 1 and x < 3


def test_a_choice_is_explained_by_what_is_chosen():
    x = Value(4.0, "x")
    text = explain(where(x > 1, lambda: sqrt(x), lambda: x * x), names=False).text
    assert "v2 if v1 else v3" in text and "Gradients: ∂v4/∂x = 0.25" in text


def test_derivatives_of_a_graph_recorded_outside_are_the_same_inside_no_grad():
    x = Value(2.0, "x")
    y = x**3
    with no_grad():
        assert grad(y, x).data == 12.0
        assert hessian(y, [x]) == [[12.0]]
        assert jacobian([y], [x]) == [[12.0]]


# Random choices, against a Python `if` that records the branch that is taken.

SMOOTH = [
    "sqrt",
    "log",
    "exp",
    "tanh",
    "asin",
    "acosh",
    "relu",
    "absolute",
    "sigmoid",
    "cbrt",
    "sin",
]


def random_tree(chance, depth):
    kind = chance.random()
    if depth <= 0 or kind < 0.15:
        return ("leaf", chance.randrange(3)) if chance.random() < 0.85 else ("number", 2.0)
    if kind < 0.45:
        return ("where", *(random_tree(chance, depth - k) for k in (2, 1, 1)))
    if kind < 0.65:
        return ("unary", chance.choice(SMOOTH), random_tree(chance, depth - 1))
    op = chance.choice(["add", "subtract", "multiply", "divide", "maximum", "hypot"])
    return ("binary", op, random_tree(chance, depth - 1), random_tree(chance, depth - 1))


def evaluated(tree, xs, recorded):
    kind, *rest = tree
    if kind == "leaf":
        return xs[rest[0]]
    if kind == "number":
        return rest[0]
    if kind != "where":
        return TABLE[rest[0]](*(evaluated(one, xs, recorded) for one in rest[1:]))
    condition, a, b = rest
    c = evaluated(condition, xs, recorded)
    if recorded:
        branches = [lambda: evaluated(a, xs, True), lambda: evaluated(b, xs, True)]
        return where(c > 0, *branches)
    return evaluated(a if getattr(c, "data", c) > 0 else b, xs, False)


@pytest.mark.parametrize("chunk", range(10))
def test_a_recorded_choice_is_the_python_if_in_every_mode(chunk):
    chance = random.Random(f"choices {chunk}")
    compared = 0
    while compared < 30:
        tree = random_tree(chance, 5)
        xs = [chance.uniform(-2, 2) for _ in range(3)]
        leaves = [Value(x) for x in xs]
        try:
            y = evaluated(tree, leaves, recorded=False)
            if "where" not in str(tree) or not isinstance(y, Value):
                continue
            found = gradients(y)
        except AutogradError:
            continue
        expected = [found.get(leaf, 0.0) for leaf in leaves]
        there = modes(lambda *given, tree=tree: evaluated(tree, given, True) + 0 * given[0], *xs)
        assert there == {name: pytest.approx(expected, rel=1e-9) for name in there}, (tree, xs)
        compared += 1


def test_relu_is_the_choice_that_it_says_it_is():
    for x in (-2.0, 0.0, 3.0):
        assert relu(x) == where(x <= 0, 0.0, x)
