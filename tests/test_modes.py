"""One gradient in four ways, and second derivatives."""

import json
import random
from math import inf, isclose, nan

import pytest

from autograd import (
    TABLE,
    AutogradError,
    Value,
    grad,
    gradients,
    hessian,
    jvp,
    relu,
    tanh,
    topological_order,
    where,
)
from autograd.expression import evaluate
from autograd.op import BUILT_IN
from autograd.teaching import modes, second
from autograd.teaching.replay import Replay
from autograd.teaching.second_order import solved
from autograd.teaching.side_by_side import FourWays, error
from tests.graphs import random_graph
from tests.test_table import ordinary_points

NEURON = "tanh(x*w + b)", {"x": 2, "w": -3, "b": 6.5}
SMOOTH = sorted(BUILT_IN - {"corner", "where"})


def recorded(name, numbers):
    """The operation at these numbers, between two others."""
    xs = [Value(x, f"x{i}") for i, x in enumerate(numbers)]
    return TABLE[name](*xs) * 3.0


def sample(name):
    """A point at which the operation has derivatives, none of which is 0, if there is one."""
    found = None
    for numbers in ordinary_points(TABLE[name], 40):
        try:
            y = recorded(name, numbers)
            slopes = [gradients(y).get(x, 0.0) for x in topological_order(y) if x.op is None]
        except AutogradError:
            continue
        found = found or numbers
        if all(1e-3 < abs(slope) < 1e3 for slope in slopes) and max(map(abs, numbers)) < 100:
            return numbers
    return found


# Four columns


@pytest.mark.parametrize("name", SMOOTH)
def test_the_four_ways_agree_for_every_operation(name):
    for numbers in ordinary_points(TABLE[name], 3):
        try:
            y = recorded(name, numbers)
            gradients(y)
        except AutogradError:
            continue
        found = modes(y, names=False)
        for row in found.rows:
            assert isclose(row.forward, row.reverse, rel_tol=1e-9), (name, numbers)
            assert isclose(row.symbolic, row.reverse, rel_tol=1e-9), (name, numbers)
            if row.error < 1e-7 * abs(row.reverse):  # elsewhere differences tell little
                assert isclose(row.numeric, row.reverse, rel_tol=1e-6), (name, numbers)


@pytest.mark.parametrize("name", SMOOTH)
def test_a_changed_derivative_turns_the_table_red(name, monkeypatch):
    op = TABLE[name]
    y = recorded(name, sample(name))
    assert modes(y, names=False).ok
    for position, partial in enumerate(op.partials):

        def changed(*args, partial=partial):
            return partial(*args) * 1.5 + 0.25

        partials = [*op.partials[:position], changed, *op.partials[position + 1 :]]
        before = op.partials
        object.__setattr__(op, "partials", tuple(partials))
        try:
            found = modes(y, names=False)
        finally:
            object.__setattr__(op, "partials", before)
        differ = found.rows[position].differ
        assert not found.ok and differ and "The four ways DIFFER:" in found.text
        assert f"DIFFERS: {', '.join(differ)}" in " ".join(found.text.split())


def test_500_random_graphs_have_one_gradient():
    for seed in range(500):
        y = random_graph(seed)
        if y.op is None:
            continue
        leaves = [x for x in topological_order(y) if x.op is None]
        right = gradients(y)
        f = Replay(y, leaves)
        point = [x.data for x in leaves]
        for i, leaf in enumerate(leaves):
            direction = [float(i == j) for j in range(len(leaves))]
            assert isclose(jvp(f, point, direction)[1], right[leaf], rel_tol=1e-9, abs_tol=1e-12)
            assert isclose(grad(y, leaf).data, right[leaf], rel_tol=1e-9, abs_tol=1e-12)


def test_a_replay_gives_the_same_bits_as_the_graph_and_as_one_built_anew():
    for seed in range(200):
        y = random_graph(seed, rows=True)
        leaves = [x for x in topological_order(y) if x.op is None]
        assert Replay(y, leaves)(*[x.data for x in leaves]) == y.data
    a, b = Value(2.0), Value(3.0)
    assert Replay(a * b + b.exp(), [a])(5.0) == (Value(5.0) * b + b.exp()).data


@pytest.mark.parametrize("text", ["exp(x)*x", "tanh(x*2)", "x**3/(1 + x*x)", "sin(x)*log(x)"])
def test_the_error_of_central_differences_is_least_between_1e_7_and_1e_4(text):
    y, _ = evaluate(text, {"x": 1.3})
    steps = modes(y).steps
    best = min(steps, key=lambda step: step.central_error)
    assert 0.99e-7 < best.h < 1.01e-4
    assert steps[0].central_error > 100 * best.central_error
    assert steps[-1].central_error > 100 * best.central_error
    one_sided = min(steps, key=lambda step: step.one_sided_error)
    assert one_sided.one_sided_error > best.central_error


def test_the_table_has_the_numbers_and_the_expressions():
    found = modes(evaluate(*NEURON)[0])
    assert "One gradient, found in four ways:" in found.text and "DIFFER" not in found.text
    assert "w      1.57289547    1.57289547    1.57289547    1.57289547    agree" in found.text
    assert "∂/∂w = (1 - tanh(x * w + b) ** 2) * x" in found.text
    assert "tell little" not in found.text and "corner" not in found.text
    assert "| $w$ | $1.57289547$ |" in found.markdown and "<mn>1.57289547</mn>" in found.html
    data = json.loads(found.json)
    assert data["ok"] and data["derivatives"]["b"]["expression"] == "1 - tanh(x * w + b) ** 2"
    assert len(data["steps"]) == 15


@pytest.mark.parametrize(
    ("changed", "differ"),
    [
        ({"forward": 1e-3 + 2e-12}, ("forward",)),
        ({"forward": 1e-3 + 5e-13}, ()),
        ({"symbolic": 2e-3}, ("symbolic",)),
        ({"symbolic": nan}, ("symbolic",)),
        ({"numeric": 1e-3 + 2e-9}, ("numeric",)),
        ({"numeric": 1e-3 + 5e-10}, ()),
        ({"numeric": 1e-3 + 2e-9, "error": 2e-9}, ()),
        (dict.fromkeys(("reverse", "forward", "symbolic", "numeric"), 0.0), ()),
    ],
)
def test_ways_differ_by_more_than_a_billionth_or_for_the_numeric_one_a_millionth(changed, differ):
    x = Value(2.0, "x")
    ways = dict.fromkeys(("reverse", "forward", "symbolic", "numeric"), 1e-3)
    row = FourWays(x, "x", **{**ways, "error": 0.0, **changed}, formula=None, operations=0)
    assert row.differ == differ


@pytest.mark.parametrize(
    ("f", "verdict", "said", "why"),
    [
        (
            relu,
            "a corner",
            "the slope is 0 to the left and 1 to the right",
            "give different slopes",
        ),
        (
            abs,
            "a corner",
            "the slope is -1 to the left and 1 to the right",
            "give different slopes",
        ),
        (
            lambda x: where(x > 0, x * x, -x),
            "a corner",
            "mean of the two; the engine takes -1.",
            "give different slopes",
        ),
        (
            lambda x: where(x > 0, x + 1, x),
            "numeric: see below",
            "At x = 0 finite differences tell little: f jumps there.",
            "do not settle",
        ),
        (
            lambda x: where(x > 0, x.sqrt(), 2 * x),
            "numeric: see below",
            "finite differences tell little: they are not reliable here.",
            "do not settle",
        ),
    ],
)
def test_a_corner_and_a_jump_are_told_and_contradict_nobody(f, verdict, said, why):
    found = modes(f(Value(0.0, "x")))
    text = " ".join(found.text.split())
    assert found.ok and found.rows[0].verdict == verdict
    assert said in text and why in text and "parabola" not in text
    assert "is least at" not in text
    data = json.loads(found.json)["derivatives"]["x"]
    assert bool(data["sides"]) is (verdict == "a corner") and bool(data["doubt"]) is not bool(
        data["sides"]
    )


@pytest.mark.parametrize(("reverse", "differ"), [(-1, ()), (0.5, ()), (1, ()), (1.1, ("numeric",))])
def test_at_a_corner_what_lies_between_the_two_slopes_is_right(reverse, differ):
    ways = dict.fromkeys(("reverse", "forward", "symbolic"), reverse)
    row = FourWays(
        Value(0.0, "x"), "x", **ways, numeric=0.0, error=0.0, formula=None, operations=0,
        sides=(1.0, -1.0),
    )  # fmt: skip
    assert row.differ == differ
    assert row.verdict == ("DIFFERS: numeric" if differ else "a corner")


def test_the_quotients_of_differences_are_those_of_the_books():
    found = modes(evaluate("w*x*x", {"w": 2, "x": 3})[0])
    step = found.steps[0]
    assert (found.leaf, step.h) == ("x", 0.1)
    # (2 · 3.1² − 2 · 3²) / 0.1, and (2 · 3.1² − 2 · 2.9²) / 0.2
    assert [step.one_sided, step.central] == pytest.approx([12.2, 12], rel=1e-12)
    assert step.one_sided_error == pytest.approx(0.2, rel=1e-12) and step.central_error < 1e-12
    text = " ".join(found.text.split())
    assert "sides the error is least at h = 1e-1. The curve is nearly a line or a parabola" in text
    text = " ".join(modes(evaluate(*NEURON)[0]).text.split())
    assert "The error of (f(x + h) - f(x)) / h and of (f(x + h) - f(x - h)) / 2h, as h gets" in text
    assert "With a larger step the curve bends away" in text


@pytest.mark.parametrize(
    ("size", "written"),
    [(inf, ("undefined", "")), (0.0, ("0", "")), (1.3e-3, ("1e-03", "#" * 13)),
     (2e-15, ("2e-15", "#")), (1e-20, ("1e-20", "")), (1e3, ("1e+03", "#" * 17))],
)  # fmt: skip
def test_the_bar_of_an_error_is_as_long_as_its_logarithm_is_above_that_of_rounding(size, written):
    number, bar = error(size)
    assert (getattr(number, "text", number), bar) == written


def test_where_no_step_stays_in_the_domain_there_is_no_table_of_errors():
    assert "The error of" not in modes(Value(1e-20, "x").log()).text


def test_an_expression_of_sixty_operations_is_written_and_one_of_more_is_not():
    x, w = Value(1.0, "x"), Value(1.0, "w")
    y = x
    for _ in range(61):
        y = y * w
    (row,) = modes(y, [x]).rows
    assert row.operations == 60 and row.expression == " * ".join(["w"] * 61)
    (row,) = modes(y * w, [x]).rows
    assert row.operations == 61 and row.expression == "" and row.symbolic == 1.0


def test_a_first_derivative_of_many_operations_is_told_by_their_number():
    x, w = Value(1.0, "x"), Value(1.0, "w")
    y = x
    for _ in range(62):
        y = y * w
    assert "∂/∂x = (an expression of 61 operations) = 1" in second(y, [x]).text


def test_an_expression_that_overflows_on_the_way_is_undefined():
    found = modes(Value(1e200, "x").atan())  # 1 / (1 + x²)
    (row,) = found.rows
    assert (row.expression, row.operations, row.differ) == ("undefined", 0, ("symbolic",))


@pytest.mark.unsteady
def test_every_short_expression_computes_the_gradient():
    for seed in range(200):
        y = random_graph(seed)
        if y.op is None:
            continue
        for row in modes(y, names=False).rows:
            if row.expression:
                numbers = {x.label: x.data for x in topological_order(y) if x.op is None}
                made = eval(row.expression, {"__builtins__": {}}, TABLE | numbers)
                # numbers in the text have six digits
                assert isclose(made, row.reverse, rel_tol=1e-4, abs_tol=1e-9)


def test_a_long_expression_is_counted_and_not_written():
    y = Value(0.5, "x")
    for _ in range(30):
        y = tanh(y) * y
    (row,) = modes(y).rows
    assert row.expression == "" and row.operations > 10_000
    assert "an expression of" in modes(y).text


def test_what_a_choice_does_not_take_need_not_be_defined():
    x = Value(-2.0, "x")
    y = where(x > 0, lambda: x.log(), lambda: x * x)
    found = modes(y)
    assert found.ok and found.rows[0].numeric == pytest.approx(-4.0)


# Second derivatives


def test_rosenbrock_has_the_hessian_of_the_books():
    rng = random.Random(1)
    for _ in range(20):
        a, b = rng.uniform(-2, 2), rng.uniform(-2, 2)
        y, known = evaluate("(1-x)**2 + 100*(y-x**2)**2", {"x": a, "y": b})
        found = second(y, [known["x"], known["y"]])
        right = [[1200 * a * a - 400 * b + 2, -400 * a], [-400 * a, 200]]
        for row, expected in zip(found.hessian, right, strict=True):
            assert row == pytest.approx(expected, rel=1e-9)
        assert [slope.data for slope in found.gradients] == pytest.approx(
            [-2 * (1 - a) - 400 * a * (b - a * a), 200 * (b - a * a)], rel=1e-9
        )


def test_a_newton_step_ends_a_quadratic():
    y, _ = evaluate("3*(p - 1)**2 + 2*(q + 2)**2 + p*q", {"p": 5, "q": 7})
    found = second(y)
    p, q = (Value(x) for x in found.newton)
    end = Replay(y, list(found.leaves))(p, q)
    assert [gradients(end)[x] for x in (p, q)] == pytest.approx([0, 0], abs=1e-12)
    assert found.newton_value == end.data


def test_hessians_of_random_graphs_are_symmetric_and_those_of_the_engine():
    for seed in range(100):
        y = random_graph(seed)
        leaves = [x for x in topological_order(y) if x.op is None]
        try:
            right = hessian(y, leaves)
        except AutogradError:  # a second derivative at a corner
            continue
        found = second(y, names=False).hessian
        assert [list(row) for row in found] == right
        for i, row in enumerate(found):
            for j, x in enumerate(row):
                assert isclose(x, found[j][i], rel_tol=1e-9, abs_tol=1e-9)


def test_the_fourth_derivative_of_the_fourth_power_is_24_and_levels_are_not_confused():
    x = Value(1.5, "x")
    y = x**4
    for _ in range(4):
        y = grad(y, x)
    assert y.data == 24
    assert jvp(lambda x: x * jvp(lambda y: x + y, [1.0], [1.0])[1], [1.0], [1.0])[1] == 1.0


def test_a_straight_line_has_no_newton_step():
    found = second(evaluate("2*a + 3*b", {"a": 1, "b": 1})[0])
    assert found.newton is None and "the Hessian has no inverse" in found.text
    assert "∂/∂a = 2\n" in found.text


def test_every_short_expression_of_a_gradient_computes_it():
    seen = 0
    for seed in range(100):
        y = random_graph(seed)
        if y.op is None:
            continue
        found = second(y, names=False)
        numbers = {x.label: x.data for x in topological_order(y) if x.op is None}
        for slope, text in zip(found.gradients, found.expressions, strict=True):
            if text and text != "undefined":
                made = eval(text, {"__builtins__": {}}, TABLE | numbers)
                # numbers in the text have six digits
                assert isclose(made, slope.data, rel_tol=1e-4, abs_tol=1e-9)
                seen += 1
    assert seen > 100


def test_gauss_solves_what_can_be_solved():
    rng = random.Random(0)
    for size in range(1, 6):
        matrix = [[rng.uniform(-1, 1) for _ in range(size)] for _ in range(size)]
        x = [rng.uniform(-1, 1) for _ in range(size)]
        right = [sum(a * b for a, b in zip(row, x, strict=True)) for row in matrix]
        assert solved(matrix, right) == pytest.approx(x, rel=1e-9)
    assert solved([[1.0, 2.0], [2.0, 4.0]], [1.0, 1.0]) is None


def test_second_says_what_it_found_and_calls_values_by_the_callers_variables():
    p = Value(2.0)
    y = p * p.log()
    found = second(y)
    assert found.names == ("p",) and found.gradients[0].label == "(∂y/∂p)"
    text = " ".join(found.text.split())
    assert "∂/∂p = log(p) + p * (1 / p) = 1.69315" in text
    assert "leads to p = -1.38629, where the result is not defined instead of 1.38629." in text
    assert second(y, names=False).names == ("v1",) and second(y, names={"q": p}).names == ("q",)
    q = Value(3.0, "q")
    assert second(q**4 + q**2, names=False).expressions == ("2 * q + 4 * q ** 3",)  # no q ** 1
    text = " ".join(second((q - 1.0) ** 2).text.split())
    assert "leads to q = 1, where the result is 0 instead of 4." in text
    assert second(y * 2.0).data["newton_value"] is None


def test_only_a_gradient_without_a_name_gets_one():
    a, b, p, q = Value(2.0, "a"), Value(3.0, "b"), Value(4.0), Value(5.0)
    h = b * b
    h.label = "h"
    assert second(a * h).gradients[0] is h and h.label == "h"
    second(a * b)
    second(p * q)
    assert [x.label for x in (a, b, p, q)] == ["a", "b", "", ""]


def test_modes_calls_values_by_the_callers_variables():
    p = Value(2.0)
    y = p * p
    assert modes(y).rows[0].name == "p" and modes(y).leaf == "p"
    assert modes(y, names=False).rows[0].name == "v1"


# What cannot be done


@pytest.mark.parametrize("f", [modes, second])
def test_what_is_no_leaf_is_said(f):
    a = Value(1.0, "a")
    y = a * 2.0
    with pytest.raises(TypeError, match="takes a Value, not float"):
        f(3.0)
    with pytest.raises(TypeError, match=r"takes leaves, which are Values, not 3\.0"):
        f(y, [3.0])
    with pytest.raises(ValueError, match=r"^2 is not a leaf that y was made from"):
        f(y, [y])
    y.label = "double"
    with pytest.raises(ValueError, match=r"^double is not a leaf that y was made from"):
        f(y, [y])
    with pytest.raises(ValueError, match="needs at least one leaf"):
        f(y, [])
    many = sum((Value(1.0) for _ in range(21)), Value(0.0))
    with pytest.raises(ValueError, match="was made from 22 leaves: choose up to 20"):
        f(many)


def test_one_leaf_or_twenty_may_be_looked_at():
    a, b = Value(2.0, "a"), Value(3.0, "b")
    assert second(a * b, a).names == ("a",) and modes(a * b, b).leaf == "b"
    assert len(second(sum((Value(1.0) for _ in range(19)), Value(0.0))).names) == 20


def test_numbers_that_are_not_finite_are_texts_in_json():
    x = Value(0.05, "x")
    steps = json.loads(modes(x.log()).json)["steps"]  # x - 0.1 has no logarithm
    assert steps[0]["central"] == "nan" and steps[0]["central_error"] == "inf"
