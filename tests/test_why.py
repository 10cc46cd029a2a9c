"""Why a gradient is what it is: the cause that is named is the cause."""

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from autograd import AutogradError, StaleGraph, Value, gradients, relu, sigmoid, where
from autograd.errors import unchecked
from autograd.expression import evaluate
from autograd.teaching import diagnosis, why
from autograd.teaching.names import names_of
from autograd.teaching.parts import Equations
from tests.formulas import agree, brute_paths, differentiable, equations, parts

NEURON = "o = tanh(x1*w1 + x2*w2 + b)"
LECTURE = {"x1": 2, "x2": 0, "w1": -3, "w2": 1, "b": 6.8813735870195432}


def asked(expression, to, **values):
    y, known = evaluate(expression, values)
    return why(y, known[to], names=False)


def blamed(found):
    """The edges that are blamed, as labels or operations."""
    return [
        (node.op.name, node.parents[position].label or node.parents[position].op.name)
        for node, position in found.edges
    ]


def test_w2_of_the_lectures_neuron_has_no_gradient_as_x2_is_0():
    found = asked(NEURON, "w2", **LECTURE)
    assert (found.verdict, found.gradient) == ("exact zero", 0.0)
    assert blamed(found) == [("multiply", "w2")]
    assert found.text == (
        "∂o/∂w2 is exactly 0. On the only path from o back to w2 there is a local\n"
        "derivative of 0:\n"
        "  v2 = x2 * w2 = 0 * 1 = 0\n"
        "  ∂v2/∂w2 = x2 = 0\n"
        "\n"
        "While x2 is 0, a small change of w2 does not change v2."
    )


def test_without_the_bias_the_neuron_is_saturated():
    found = asked(NEURON, "w1", **LECTURE | {"b": 0})
    assert found.verdict == "saturated" and blamed(found) == [("tanh", "add")]
    assert "∂o/∂v4 = 1 - o ** 2 = 2.45765e-05" in found.text
    assert "tanh is saturated at v4 = -6: its curve is almost flat there." in found.text


def test_with_the_bias_there_is_nothing_unusual():
    found = asked(NEURON, "w1", **LECTURE)
    assert found.verdict == "ordinary" and found.edges == ()
    assert "∂o/∂w1 = (1 - o ** 2) · x1 = 0.5 · 2 = 1" in found.text


def test_far_out_the_derivative_rounds_to_0():
    found = asked("tanh(x*40)", "x", x=2)
    assert (found.verdict, found.gradient) == ("saturated", 0.0)
    assert "its value has rounded to the limit" in found.text


@pytest.mark.parametrize(
    ("expression", "x", "saturated"),
    [("sigmoid(x)", 9, True), ("sigmoid(x)", -9, True), ("exp(x)", -20, True), ("erf(x)", 4, True),
     ("softplus(x)", -9, True), ("gelu(x)", -9, True), ("log(x)", 1e6, False), ("1/x", 1e3, False),
     ("sqrt(x)", 1e9, False), ("x*1e-6", 1, False),
     ("atan(x)", 100, True), ("atan(x)", 60, False)],  # π/2 is less than a hundredth away, or more
)  # fmt: skip
def test_only_functions_near_a_limit_are_saturated(expression, x, saturated):
    found = asked(expression, "x", x=x)
    assert found.verdict == ("saturated" if saturated else "vanishing")


def test_a_dead_relu():
    found = asked("h = relu(w*x + b); h*u", "w", w=-1, x=2, b=0, u=3)
    assert found.verdict == "dead relu" and blamed(found) == [("relu", "add")]
    assert "A dead relu: while v2 = -2 is not positive, relu gives 0" in found.text


def test_a_corner_that_is_flat_is_told_by_the_name_of_its_operation():
    found = asked("floor(x) + hardtanh(x)", "x", x=2.5)
    assert found.verdict == "exact zero"
    assert "floor is flat at x = 2.5, so nothing flows back." in found.text
    assert "hardtanh is flat at x = 2.5, so nothing flows back." in found.text


def test_no_path_is_not_an_exact_zero():
    w, x = Value(1.0, "w"), Value(2.0, "x")
    found = why(w * 2, x, names=False)
    assert (found.verdict, found.gradient, found.edges) == ("no path", 0.0, ())
    assert "There is no path from v1 back to x, so ∂v1/∂x is 0" in found.text


def test_a_value_that_was_replaced_is_recognised_by_its_label():
    w = Value(1.0, "w")
    y = w * 2
    w = Value(0.9, "w")
    assert "y was computed from another Value that is also called w" in in_line(why(y, w))


def test_the_other_reasons_for_no_path():
    x = Value(1.0, "x")
    y = x * 2
    assert "It is the other way round: y was computed from x." in in_line(why(x, y))
    early = Value(3.0, "early")
    cut = (early * 2).detach()
    assert "cut has no history" in in_line(why(cut, early))
    late = Value(3.0, "late")
    assert "late was made after y had been computed." in in_line(why(y, late))
    assert "z was computed without y." in in_line(why(z := x * 3, y)) and z.data == 3


def in_line(found):
    return " ".join(found.text.split())


def test_a_branch_that_was_not_taken():
    found = asked("where(x > 0, w, x)*2", "w", x=-2, w=1)
    assert found.verdict == "branch not taken" and found.gradient == 0.0


def test_paths_that_cancel():
    found = asked("x*3 - 3*x", "x", x=2)
    assert found.verdict == "cancellation" and "∂v3/∂x = 3 + (-3) = 0" in found.text.replace(
        "∂v1", "∂v3"
    )
    found = asked("x*3.0001 - 3*x", "x", x=2)
    assert found.verdict == "cancellation" and "3.0001 + (-3) = 0.0001" in found.text


def test_a_value_minus_itself_cancels():
    found = asked("x - x", "x", x=2)
    assert blamed(found) == [("subtract", "x"), ("subtract", "x")]
    assert found.text.startswith("∂v1/∂x is exactly 0, although something flows back: over 2 paths")
    assert found.text.endswith("∂v1/∂x = 1 + (-1) = 0")


def test_of_numbers_that_cancel_beyond_rounding_the_gradient_is_told_and_no_other_sum():
    text = asked("x*1e-4 + (x*1e12 - x*1e12)", "x", x=1).text
    assert text.endswith("∂v5/∂x = 1000000000000.0001 + (-1000000000000) = 0.0001")


@pytest.mark.parametrize("left, verdict", [(0.000497, "cancellation"), (0.000503, "vanishing")])
def test_paths_cancel_where_less_than_a_hundredth_of_the_largest_product_is_left(left, verdict):
    found = asked("x*0.05 - x*b", "x", x=1, b=0.05 - left)
    assert found.verdict == verdict
    told = {
        "cancellation": "∂v3/∂x is tiny: over 2 paths the positive and the negative products",
        "vanishing": "on the path with the largest product, one of 2, one local derivative is below"
        " 1 in size.",
    }
    assert told[verdict] in in_line(found)


@pytest.mark.parametrize(
    ("expression", "verdict"),
    [("x*0.001", "ordinary"), ("x*1000", "ordinary"), ("x*0.000999", "vanishing"),
     ("x*1001", "exploding"), ("x*1000 + x*1000", "exploding"), ("x*999 + x*999", "many paths")],
)  # fmt: skip
def test_a_gradient_is_tiny_below_a_thousandth_and_huge_above_a_thousand(expression, verdict):
    assert asked(expression, "x", x=1).verdict == verdict


def test_factors_that_make_it_tiny_or_huge_are_told_the_worst_first_and_no_others():
    assert asked("1.5*x*1e-4 + 1", "x", x=1).text == (
        "∂v3/∂x = 0.00015 is tiny: on the only path, one local derivative is below 1 in\n"
        "size.\n"
        "  v2 = v1 * 0.0001 = 1.5 * 0.0001 = 0.00015\n"
        "  ∂v2/∂v1 = 0.0001"
    )
    assert asked("1.5*x*2000 + 1", "x", x=1).text == (
        "∂v3/∂x = 3000 is huge: on the only path, 2 local derivatives are above 1 in\n"
        "size, and they multiply.\n"
        "  v2 = v1 * 2000 = 1.5 * 2000 = 3000\n"
        "  ∂v2/∂v1 = 2000\n"
        "  v1 = 1.5 * x = 1.5 * 1 = 1.5\n"
        "  ∂v1/∂x = 1.5"
    )


def test_zeros_on_several_paths():
    found = asked("h = x*a; h*3 + x*b*2", "x", x=1, a=0, b=0)
    assert found.text == (
        "∂v4/∂x is exactly 0. On each of the 2 paths from v4 back to x there is a local\n"
        "derivative of 0:\n"
        "  ∂h/∂x = a = 0\n"
        "  v2 = x * b = 1 * 0 = 0\n"
        "  ∂v2/∂x = b = 0\n"
        "\n"
        "While a is 0, a small change of x does not change h.\n"
        "\n"
        "While b is 0, a small change of x does not change v2."
    )
    text = asked("a*x + b*x + c*x", "x", x=1, a=0, b=0, c=0).text
    assert text.count("While") == 3 and "v1 = a * x = 0 * 1 = 0" in text
    text = asked("a*x + b*x + c*x + d*x", "x", x=1, a=0, b=0, c=0, d=0).text
    assert text.count("While") == 3 and "v1 = a * x" not in text  # four are too many


def test_the_lowest_point_of_a_parabola():
    found = asked("x**2", "x", x=0)
    assert found.text.endswith("∂v1/∂x = 2 * x = 0\n\nHere a small change of x does not change v1.")


@pytest.mark.parametrize("expression", ["x*2 + x*5", "x*5 + x*2"])
def test_of_several_paths_the_largest_product_is_told(expression):
    found = asked(expression, "x", x=1)
    assert found.verdict == "ordinary"
    assert in_line(found).endswith("The largest product along one of its 2 paths is: 5")


def test_of_two_zeros_in_a_row_the_one_next_to_the_result_is_blamed():
    found = asked("h = x*a; h*b", "x", x=1, a=0, b=0)
    assert blamed(found) == [("multiply", "h")]


def test_thirty_sigmoids_vanish_and_a_chain_of_threes_explodes():
    a = Value(0.5, "a")
    y = z = a
    for _ in range(30):
        y, z = sigmoid(y), z * 3
    found = why(y, a)
    assert found.verdict == "vanishing" and len(found.edges) == 30
    assert "on the only path, 30 local derivatives are below 1 in size" in in_line(found)
    assert found.text.count("\n  ∂") == 6 and "\n  …\n" in found.text
    found = why(z, a)
    assert found.verdict == "exploding" and len(found.edges) == 30
    assert "30 local derivatives are above 1" in in_line(found)


def test_a_gradient_may_be_huge_because_there_are_many_paths():
    a = Value(0.5, "a")
    y = a
    for _ in range(20):
        y = y + y
    found = why(y, a)
    assert found.verdict == "many paths" and "1 048 576 paths lead back to a" in found.text


def test_a_product_too_small_for_a_float_has_become_0():
    a = Value(1.0, "a")
    y = a
    for _ in range(200):
        y = y * 0.01 / 0.5 * 0.5
    found = why(y, a)
    assert (found.verdict, found.gradient) == ("underflow", 0.0)
    assert "too small for a float" in found.text


def test_a_local_derivative_that_does_not_exist():
    found = asked("sqrt(x)*w", "x", x=0, w=2)
    assert (found.verdict, found.gradient) == ("error", None)
    assert blamed(found) == [("sqrt", "x")]
    assert found.text == (
        "The local derivative of sqrt(x = 0) does not exist: its formula divides by zero.\n"
        "\n"
        "The way back from v2 to x ends at ∂v1/∂x:\n"
        "  ∂v1/∂x = 1 / (2 * v1)\n"
        "  v1 = 0\n"
        "  x = 0\n"
        "\n"
        "Until then:\n"
        "  ∂v2/∂v1 = w = 2"
    )


def test_where_nothing_was_computed_until_then_nothing_is_said_of_it():
    assert asked("sqrt(x)", "x", x=0).text.endswith("  ∂v1/∂x = 1 / (2 * v1)\n  v1 = 0\n  x = 0")
    with pytest.raises(AutogradError) as caught:
        Value(-1.0, "a").log()
    assert "Until then" not in why(caught.value).text


def test_an_operation_that_failed_has_its_line_and_the_half_graph():
    a, b = Value(2.0, "a"), Value(5.0, "b")
    product = a * (a - b)
    with pytest.raises(AutogradError) as caught:
        product.log()  # here
    found = why(caught.value)
    assert (found.verdict, found.gradient) == ("error", None)
    text = found.text
    assert text.startswith("log(-6): log(a) is defined only for a > 0.")
    assert "Your code: test_why.py, line " in text and ": product.log() # here" in text
    assert "\n\nUntil then:\n  v1 = a - b = 2 - 5 = -3\n  product = a * v1 = 2 * (-3) = -6" in text
    assert text.endswith("This operation failed:\n  log(product) = log(-6)")
    assert "log(0)" in why(of_numbers()).text


def of_numbers():
    from autograd import log

    try:
        log(0.0)
    except AutogradError as error:
        return error


def test_a_gradient_that_is_too_large_is_an_error_of_an_edge():
    found = asked("x*1e200*1e200", "x", x=1e-200)
    assert found.verdict == "error" and "too large for a float" in found.text


def test_a_stale_graph_is_told():
    x = Value(1.0, "x")
    y = x * x
    x.data = 2.0
    found = why(y, x)
    assert found.verdict == "error" and found.text.startswith("x was changed after")
    with pytest.raises(StaleGraph):
        y.backward()


def test_what_is_not_finite_is_followed_to_its_beginning():
    x, z = Value(float("inf"), "x"), Value(2.0, "z")
    found = why(x * z, z)
    assert found.verdict == "not finite" and "x = inf, given" in found.text
    with unchecked():
        y = Value(0.0, "a").log() * z
    found = why(y, z, names=False)
    assert "v1 = -inf, the result of log." in in_line(found)
    y, known = evaluate("sqrt(x)*3", {"x": 0})
    with unchecked():
        found = why(y, known["x"], names=False)
    assert found.verdict == "not finite" and blamed(found) == [("sqrt", "x")]
    assert found.text.endswith("It begins at this local derivative:\n  ∂v1/∂x = 1 / (2 * v1) = nan")


def test_the_result_itself():
    x = Value(2.0, "x")
    assert why(x, x).verdict == "itself"


@parts
def test_of_random_graphs_the_edges_that_are_blamed_are_0_and_lie_on_every_path(part):
    for _, y, gradient in differentiable(range(part * 50, part * 50 + 50)):
        for x, g in gradient.items():
            found = why(y, x, names=False)
            assert found.gradient == g
            paths = brute_paths(y, x)
            zeros = all(any(is_zero(*edge) for edge in path) for path in paths)
            if found.verdict in ("exact zero", "dead relu") or (
                found.verdict == "saturated" and g == 0
            ):
                assert g == 0 and zeros
                assert all(is_zero(*edge) for edge in found.edges)
                assert all(set(path) & set(found.edges) for path in paths)
                for edge in found.edges:  # none of them is needless
                    rest = set(found.edges) - {edge}
                    assert not all(set(path) & rest for path in paths)
            elif found.verdict not in ("branch not taken", "itself", "error"):
                assert not zeros, found.text


def is_zero(node, position):
    try:
        return float(node.slope(position)) == 0
    except AutogradError:
        return True


@parts
def test_every_formula_of_random_graphs_comes_to_its_number(part):
    for _, y, gradient in differentiable(range(part * 50, part * 50 + 50)):
        names = names_of(sorted(gradient, key=lambda node: node.serial))
        numbers = {name: node.data for node, name in names.items()}
        for x in gradient:
            found = why(y, x, names=False, digits=17)
            if found.verdict == "cancellation":
                continue  # its two sums are of all products, in another order
            agree(Local(found), numbers)


class Local:
    """The equations of a report without those of a gradient of the whole."""

    def __init__(self, found):
        self.found = found

    @property
    def parts(self):
        kept = [type(one)(*one.pieces[one.text.startswith("∂") :]) for one in equations(self.found)]
        return [Equations(*kept)]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda x: why(3.0, x), TypeError, "why takes a Value, not float"),
        (lambda x: why(x * 2, "x"), TypeError, "why takes a Value, not str"),
        (lambda x: why(x * 2), TypeError, r"why takes a result and the value to look at: why\("),
        (lambda x: why(ValueError("x")), TypeError, "why takes a Value, not ValueError"),
        (lambda x: why(x * 2, x, digits=18), ValueError, "digits go from 1 to 17, not 18"),
        (lambda x: why(x * 2, x, names=3), TypeError, "names is a dict of variables, not int"),
    ],
)
def test_what_cannot_be_asked_is_said_in_one_sentence(call, error, message):
    with pytest.raises(error, match=message):
        call(Value(1.0, "x"))


def test_the_page_explains_every_verdict():
    source = Path(diagnosis.__file__).read_text("utf-8")
    given = set(re.findall(r'Cause\(\s*"([a-z ]+)"', source))
    given |= {word for line in re.findall(r"verdict = .*", source) for word in quoted(line)}
    page = (Path(__file__).parents[1] / "docs/why.md").read_text("utf-8")
    rows = re.findall(r"^\| ([a-z ,]+) \|", page, re.M)
    told = {one.strip() for row in rows for one in row.split(",")} - {"verdict"}
    assert given == told


def quoted(line):
    return re.findall(r'"([a-z ]+)"', line)


def test_the_number_that_is_looked_at_is_not_changed():
    x = Value(-1.0, "x")
    y = relu(where(x > 0, x, x * 2))
    before = gradients(y)
    why(y, x)
    assert x.grad is None and gradients(y) == before


def test_every_format_shows_any_label_as_it_is(label):
    a = Value(0.0, label)
    found = why(a.sqrt() * 2, a, names=False)
    html = ElementTree.fromstring(f"<div>{found._repr_html_()}</div>")
    kinds = {element.tag.rpartition("}")[2] for element in html.iter()}
    assert kinds & {"script", "img", "b"} == set()
    assert "<b>" not in found.markdown.replace("\\", "") or "\\<" in found.markdown
    assert r"\begin{align*}" in found.latex
