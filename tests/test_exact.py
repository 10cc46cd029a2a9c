"""A graph on fractions: without rounding, and with the place named where that ends."""

import math
import random
from fractions import Fraction
from xml.etree import ElementTree

import pytest

import autograd
from autograd import AutogradError, Op, Value, exact, exp, gradients, relu, where
from autograd.expression import evaluate
from autograd.op import BUILT_IN, TABLE
from autograd.rational import Inexact, Rational, fraction_of, rational_reading
from autograd.teaching.exactly import fraction_in_full
from tests.formulas import meaning, parts
from tests.graphs import random_graph


def readme():
    """The expression that micrograd's README shows."""
    a, b = Value(-4.0, "a"), Value(2.0, "b")
    c = a + b
    d = a * b + b**3
    c = c + c + 1
    c = c + 1 + c + (-a)
    d = d + d * 2 + relu(b + a)
    d = d + 3 * d + relu(b - a)
    e = c - d
    f = e**2
    g = f / 2.0
    return g + 10.0 / f, a, b


def ulps(number, fraction):
    return abs(Fraction(number) - fraction) / Fraction(math.ulp(number))


def test_the_readme_of_micrograd():
    g, a, b = readme()
    found = exact(g)
    assert found.is_exact and found.value == Fraction(2421, 98)
    assert found.gradients[a] == Fraction(47620, 343)
    assert found.gradients[b] == Fraction(221433, 343)
    floats = gradients(g)
    assert ulps(g.data, found.value) <= 2
    assert ulps(floats[a], found.gradients[a]) <= 2 and ulps(floats[b], found.gradients[b]) <= 2


def test_fourteen_thirds():
    x = Value(14.0, "x")
    text = exact(x / 3, names=False).text
    assert text == (
        "Given x = 14:\n  v1 = x / 3 = 14/3 ≈ 4.66667\n\nGradients:\n  ∂v1/∂x = 1/3 ≈ 0.333333"
    )


@pytest.mark.parametrize(
    ("number", "fraction"),
    [(0.1, "1/10"), (1 / 3, "1/3"), (-2 / 7, "-2/7"), (2.5, "5/2"), (1e-9, "1/1000000000"),
     (0.1 + 0.2, "7500000000000001/25000000000000000"), (3.14159, "314159/100000"), (0.0, "0"),
     (1e22, "10000000000000000000000"), (-0.0, "0")],
)  # fmt: skip
def test_a_number_is_the_fraction_that_it_was_typed_as(number, fraction):
    assert fraction_of(number) == Fraction(fraction)
    assert float(fraction_of(number)) == number


class Dual:
    """A fraction and its derivative: forward mode, by hand."""

    def __init__(self, number, tangent=0):
        self.number, self.tangent = Fraction(number), Fraction(tangent)

    def __add__(self, other):
        return Dual(self.number + other.number, self.tangent + other.tangent)

    def __sub__(self, other):
        return Dual(self.number - other.number, self.tangent - other.tangent)

    def __mul__(self, other):
        return Dual(
            self.number * other.number, self.tangent * other.number + self.number * other.tangent
        )

    def __truediv__(self, other):
        quotient = self.number / other.number
        return Dual(quotient, (self.tangent - quotient * other.tangent) / other.number)


@parts
def test_random_graphs_of_arithmetic_are_those_of_forward_mode_on_fractions(part):
    for seed in range(part * 50, part * 50 + 50):
        chance = random.Random(seed)
        numbers = [chance.choice([0.1, -0.3, 2.0, 7.0, -1.25, 0.7]) for _ in range(3)]
        steps = [
            (chance.choice("+-*/"), chance.randrange(3 + i), chance.randrange(3 + i))
            for i in range(8)
        ]

        def computed(nodes, steps=steps):
            for sign, i, j in steps:
                a, b = nodes[i], nodes[j]
                nodes.append({"+": a + b, "-": a - b, "*": a * b}[sign] if sign != "/" else a / b)
            return nodes[-1]

        leaves = [Value(number) for number in numbers]
        try:
            y = computed(list(leaves))
            gradients(y)
            expected = [
                computed([Dual(Fraction(str(n)), i == j) for j, n in enumerate(numbers)])
                for i in range(3)
            ]
        except (AutogradError, ZeroDivisionError):
            continue
        found = exact(y, names=False)
        assert found.is_exact and found.value == expected[0].number
        for leaf, one in zip(leaves, expected, strict=True):
            assert found.gradients.get(leaf, 0) == one.tangent


@parts
def test_what_is_exact_in_any_random_graph_is_near_the_floats(part):
    for seed in range(part * 50, part * 50 + 50):
        y = random_graph(seed, rows=seed % 2 == 1)
        try:
            floats = gradients(y)
        except AutogradError:
            continue
        found = exact(y, names=False, digits=17)
        for node, fraction in found.values.items():
            assert math.isclose(node.data, fraction, rel_tol=1e-9, abs_tol=1e-9)
        for node, fraction in found.gradients.items():
            assert math.isclose(floats[node], fraction, rel_tol=1e-6, abs_tol=1e-6)


@pytest.mark.parametrize("name", sorted(BUILT_IN))
@pytest.mark.parametrize("point", [(0.5, 0.25, 0.75), (2.0, 3.0, 5.0), (1.0, 1.0, 1.0), (0.0,) * 3])
def test_every_operation_is_exact_or_says_that_it_is_not(name, point):
    op = TABLE[name]
    xs = [Value(x) for x in point[: len(op.partials)]]
    try:
        y = op(*xs)
        floats = gradients(y)
    except AutogradError:
        return
    found = exact(y, names=False)
    assert (y in found.values) != (y in found.stops)
    for x in xs:
        if x in found.gradients:
            assert math.isclose(floats[x], found.gradients[x], rel_tol=1e-12, abs_tol=1e-12)
    if y in found.values:
        assert math.isclose(y.data, found.values[y], rel_tol=1e-12)


EXACT_AT_TWO = {
    "absolute", "add", "ceil", "clip", "divide", "elu", "exp2", "floor", "hardtanh", "leaky_relu",
    "less", "less_equal", "log2", "maximum", "minimum", "multiply", "negative", "power", "relu",
    "relu6", "sign", "subtract", "where",
}  # fmt: skip


def test_the_operations_that_have_a_fraction_at_2_are_known():
    found = set()
    for name in BUILT_IN:
        op = TABLE[name]
        try:
            y = op(*[Value(x) for x in (2.0, 3.0, 5.0)[: len(op.partials)]])
            if isinstance(rational_reading(y)(y), Rational):
                found.add(name)
        except AutogradError:
            continue
    assert found == EXACT_AT_TWO


def test_a_transcendental_operation_is_where_exactness_stops():
    y, known = evaluate("o = tanh(w*x + b)", {"w": 2, "x": 0.1, "b": 1})
    found = exact(y, names=False)
    assert list(found.stops) == [y] and found.value is None and not found.is_exact
    assert "v2 = v1 + b = 1/5 + 1 = 6/5 = 1.2" in found.text
    assert "o is not exact: tanh(6/5) is no fraction. As a float it is 0.833655." in found.text
    assert found.gradients == {y: 1}
    assert known["w"] not in found.gradients


def test_only_the_first_value_that_is_no_fraction_stops_exactness():
    x = Value(2.0, "x")
    inner = exp(x)
    assert list(exact((inner + 1).log() * x).stops) == [inner]


def test_each_gradient_that_is_no_fraction_has_its_own_reason_and_its_value_an_expression():
    a, b = Value(0.5, "a"), Value(3.0, "b")
    text = exact(a.sin() * b, names=False).text
    assert "v1 = sin(a) is not exact: sin(1/2) is no fraction. As a float it is 0.479426." in text
    assert "Not fractions: ∂v2/∂a, since cos(1/2) is no fraction." in text
    assert "Not fractions: ∂v2/∂b, since sin(1/2) is no fraction." in text


def test_what_does_not_depend_on_it_stays_exact():
    y, known = evaluate("x*3 + 0*tanh(x) + log(a)*0", {"x": 4, "a": 2})
    found = exact(y, names=False)
    assert found.gradients[known["x"]] == 3 and found.gradients[known["a"]] == 0
    y, known = evaluate("x**n", {"x": 2, "n": 3})
    found = exact(y, names=False)
    assert found.value == 8 and found.gradients[known["x"]] == 12
    assert "Not fractions: ∂v1/∂n, since log(2) is no fraction." in found.text


@pytest.mark.parametrize(
    ("expression", "value"),
    [("tanh(x) + sigmoid(x) + exp(x)", "3/2"), ("sqrt(x + 4) * cbrt(x - 27)", "-6"),
     ("hypot(x + 3, 4)", "5"), ("log(x + 1)", "0"), ("(x + 4)**0.5 * (x + 8)**(-1/3)", "1"),
     ("log10(x + 0.001) + log2(x + 8)", "0"), ("exp2(x + 3)", "8"), ("floor(x - 2.5)", "-3")],
)  # fmt: skip
def test_values_that_are_fractions_after_all(expression, value):
    y, _ = evaluate(expression, {"x": 0})
    assert exact(y, names=False).value == Fraction(value)


@pytest.mark.parametrize(
    ("expression", "reason"),
    [("sqrt(x)", "2 has no root that is a fraction"), ("x*pi", "the constant π is no fraction"),
     ("x**0.5", "2 to the power 1/2 is no fraction"), ("log10(x)", "log10(2) is no fraction"),
     ("1/(x - 2 + 0.1 + 0.2 - 0.3)", "on fractions it divides by exactly 0"),
     ("(x - 2 + 0.1 + 0.2 - 0.3)**(-1)", "on fractions it divides by exactly 0"),
     ("sigmoid(x)", "exp(-2) is no fraction"), ("atan2(x, 1)", "atan2(2, 1) is no fraction")],
)  # fmt: skip
def test_the_reason_is_told(expression, reason):
    y, _ = evaluate(expression, {"x": 2})
    assert list(exact(y, names=False).stops.values()) == [reason]


def test_rounding_is_told_from_zero():
    y, _ = evaluate("a + b - c", {"a": 0.1, "b": 0.2, "c": 0.3})
    assert y.data != 0 and exact(y, names=False).value == 0


def test_a_fraction_that_becomes_too_long_stops_it():
    x = Value(0.1, "x")
    y = x
    for _ in range(40):
        y = y * y + 0.1
    found = exact(y, names=False)
    assert set(found.stops.values()) == {"the fraction has become too long"}
    assert "(a fraction of " in found.text
    z = Value(1.0001, "z") ** 100_000
    assert exact(z).stops == {z: "the fraction has become too long"}


def test_a_root_of_an_enormous_degree_is_no_fraction():
    x = Value(2.0, "x")
    y = x**0.30000000000000004
    assert "is no fraction" in exact(y).stops[y]


def test_choices_are_made_on_fractions():
    x = Value(-2.0, "x")
    found = exact(where(x > 0, lambda: 1 / (x + 2), lambda: x * x), names=False)
    assert found.value == 4 and found.gradients[x] == -4


def test_a_custom_operation_follows_from_its_formula():
    cube = Op("exact_cube", lambda a: a * a * a)
    sine = Op("exact_sine", math.sin, (lambda y, a: math.cos(a),))
    x = Value(0.5, "x")
    try:
        assert exact(cube(x)).gradients[x] == Fraction(3, 4)
        y = sine(x)
        found = exact(y, names=False)
        assert found.stops == {y: "exact_sine(1/2) is no fraction"} and found.gradients == {y: 1}
        assert "∂v1/∂x, since a custom operation works on floats only." in found.text
    finally:
        del TABLE["exact_cube"], TABLE["exact_sine"]


def test_a_wrong_derivative_in_the_table_is_the_one_that_is_told():
    wrong = Op("wrong_on_fractions", lambda a: a * a, (lambda y, a: 7 * a,))
    x = Value(0.5, "x")
    try:
        assert exact(wrong(x)).gradients[x] == Fraction(7, 2)
    finally:
        del TABLE["wrong_on_fractions"]


def test_every_formula_on_fractions_comes_to_its_number():
    g, _, _ = readme()
    for line in exact(g, names=False).text.splitlines():
        if line.startswith("  v"):
            _, _, in_fractions, *rest = line.split(" = ")
            value = rest[0] if rest else in_fractions
            value = value.partition(" ≈ ")[0]
            assert meaning(in_fractions.partition(" ≈ ")[0], {}) == pytest.approx(
                meaning(value, {})
            )


def test_a_float_that_an_exact_value_was_computed_from_is_shown_as_it_is():
    x = Value(0.0, "x")
    assert "v1 = x * 3.14159 = 0 * 3.14159 = 0" in exact(x * math.pi, names=False).text
    found = exact(0 * Value(1.0, "x").tanh(), names=False)
    assert "v2 = 0 * v1 = 0 * 0.761594 = 0\n" in found.text and not found.is_exact


def test_where_nothing_is_known_there_is_no_heading_for_it():
    assert exact(Value(1.0, "x").tanh(), names=False).text == (
        "Given x = 1:\n\n"
        "v1 = tanh(x) is not exact: tanh(1) is no fraction. As a float it is 0.761594.\n\n"
        "Not fractions: ∂v1/∂x, since tanh(1) is no fraction."
    )


def test_of_more_than_forty_leaves_the_first_are_given():
    leaves = [Value(float(i), f"x{i}") for i in range(41)]
    total = leaves[0]
    for leaf in leaves[1:40]:
        total = total + leaf
    assert "x39 = 39:" in " ".join(exact(total).text.split())
    assert "x39 = 39, …:" in " ".join(exact(total + leaves[40]).text.split())


def test_thirty_digits_are_written_and_more_are_counted():
    assert fraction_in_full(Fraction(10**30 - 1), 6).text == "9" * 30
    assert fraction_in_full(Fraction(1, 10**30), 6).text == "(a fraction of 31 digits)"


def test_leaves_are_called_by_the_callers_variables():
    weight = Value(0.5)
    assert exact(weight * weight).text.startswith("Given weight = 1/2:")


def test_what_the_sweep_raises_is_raised():
    with pytest.raises(AutogradError, match=r"the local derivative of sqrt\(a = 0\)"):
        exact(Value(0.0, "a").sqrt())
    with pytest.raises(ValueError, match="digits go from 1 to 17, not 0"):
        exact(Value(1.0) * 2, digits=0)


def test_to_chooses_the_gradients():
    y, known = evaluate("h = a*b; h*h", {"a": 0.5, "b": 3})
    found = exact(y, known["h"], names=False)
    assert found.text.endswith("Gradients:\n  ∂v1/∂h = 3")
    with pytest.raises(ValueError, match="must be a Value that v1 was computed from, and q is"):
        exact(y, Value(1.0, "q"), names=False)


def test_it_is_offered_by_autograd_and_takes_only_a_value():
    assert autograd.exact is exact
    for bad in (3.0, "x", None):
        with pytest.raises(TypeError, match="exact takes a Value, not"):
            exact(bad)
    with pytest.raises(TypeError, match="`to` takes Values, not 'x'"):
        exact(Value(1.0) * 2, to="x")


def test_the_readings_have_texts_for_errors():
    assert f"{Rational(Fraction(1, 3)):.3g}" == "0.333" and repr(Rational(2)) == "Rational(2)"
    assert f"{Inexact('x'):g}" == "an inexact number" and repr(Inexact("x")) == "Inexact('x')"
    assert Rational(Fraction(10) ** 400).data == math.inf
    assert Rational(Fraction(-1, 10**400)).data == -5e-324


def test_every_format_shows_any_label_as_it_is(label):
    a = Value(0.5, label)
    found = exact(a * a + a.exp(), names=False)
    html = ElementTree.fromstring(f"<div>{found._repr_html_()}</div>")
    kinds = {element.tag.rpartition("}")[2] for element in html.iter()}
    assert kinds & {"script", "img", "b"} == set()
    assert not set("<>`*") & set(found.markdown)
    assert r"\frac{1}{2}" in found.latex


def test_data_has_texts_of_fractions_by_the_names_of_the_values():
    y, known = evaluate("y = tanh(a) + a/3", {"a": 0.5})
    data = exact(y, names={"y": y, **known}).data
    assert data["values"]["a"] == "1/2" and "1/6" in data["values"].values()
    assert not data["exact"] and list(data["stops"].values()) == ["tanh(1/2) is no fraction"]
