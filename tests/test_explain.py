"""The walk-through says what the engine computed, in formulas that compute it again."""

import math
import random
import re
from xml.etree import ElementTree

import pytest

from autograd import (
    TABLE,
    AutogradError,
    Formula,
    Op,
    Value,
    chain_rule,
    explain,
    gradients,
    in_full,
    sigmoid,
    topological_order,
    where,
)
from autograd.expression import evaluate
from autograd.teaching.names import names_of
from autograd.teaching.steps import Edge, Operation

LECTURE = "d = a*b + c; L = d*f"
NEURON = "tanh(x1*w1 + x2*w2 + b)"
ROOT_OF_DIFFERENT_KINDS = "p = log(x) * y ** 2 - sqrt(y) / x; q = maximum(p, x) + hypot(p, y); -q"


def lecture():
    return evaluate(LECTURE, {"a": 2, "b": -3, "c": 10, "f": -2})


def meaning(formula, numbers):
    """The number a formula stands for, found by Python and not by the engine's sweep."""
    return eval(formula.text, {"__builtins__": {}}, TABLE | numbers)


def random_expression(seed):
    """A graph with shared nodes, repeated parents, constants and every kind of precedence."""
    chance = random.Random(seed)
    rows = [row for row in TABLE.values() if row.symbol or row.name in ("tanh", "maximum", "clip")]
    while True:
        pool = [Value(chance.choice([-2.0, -0.5, 0.5, 1.0, 3.0]), f"x{i}") for i in range(3)]
        try:
            while len(pool) < 12:
                row = chance.choice(rows)
                new = row(*[chance.choice([*pool, 2.0, -1.5]) for _ in row.partials])
                if isinstance(new, Value) and abs(new.data) < 1e6:
                    pool.append(new)
            gradients(pool[-1])
            return pool[-1]
        except AutogradError:
            continue  # a division by zero, say: draw again


def test_the_lecture_example_is_told_with_its_gradients():
    L, known = lecture()
    told = explain(L)
    assert "to a: " in told.text
    assert {told.names[node]: float(g.text) for node, g in told.gradients} == {
        "a": 6, "b": -4, "c": -2, "f": 4,
    }  # fmt: skip
    assert known["d"].data == 4


def test_an_edge_is_a_line_with_its_local_derivative_and_what_flows_back():
    a = Value(3.0, "a")
    b = Value(2.0, "b")
    told = explain((a * b) * a * a, names=False)
    assert told.backward_text == (
        "Backward, an edge a line, starting with ∂v3/∂v3 = 1\n"
        "  local derivative   flows back: upstream · local\n"
        "  ∂v3/∂v2 = a = 3    to v2: 1 · 3 = 3\n"
        "  ∂v3/∂a = v2 = 18   to a: 1 · 18 = 18; 2 more uses to come\n"
        "  ∂v2/∂v1 = a = 3    to v1: 3 · 3 = 9\n"
        "  ∂v2/∂a = v1 = 6    to a: 3 · 6 = 18, so far 36; one more use to come\n"
        "  ∂v1/∂a = b = 2     to a: 9 · 2 = 18, gradient 54\n"
        "  ∂v1/∂b = a = 3     to b: 9 · 3 = 27\n"
        "\n"
        "Gradients: ∂v3/∂a = 54, ∂v3/∂b = 27"
    )


@pytest.mark.parametrize("seed", range(20))
def test_a_sum_is_said_only_where_several_flows_make_it_up(seed):
    told = explain(random_expression(seed), names=False)
    for edge in told.backward:
        assert told.flow(edge).count("=") <= 1
        summed = ", so far " in told.flow(edge) or ", gradient " in told.flow(edge)
        assert summed == (edge.uses_before > 0)


def test_uses_to_come_are_counted_in_edges():
    x = Value(1.5, "x")
    y = x * x * x * x
    told = [edge.uses_to_come for edge in explain(y).backward if edge.parent is x]
    assert told == [3, 2, 1, 0]


def test_both_edges_of_a_times_a_are_told_apart():
    a = Value(3.0, "a")
    text = explain(a * a).text
    assert "(first a) = a = 3" in text and "(second a) = a = 3" in text


def test_the_forward_pass_shows_what_was_written():
    x = Value(3.0, "x")
    first, second, _ = explain(x * 1 + 0 - (-2.0)).forward
    assert (first.rule.text, second.rule.text) == ("x * 1", "v1 + 0")


@pytest.mark.parametrize("seed", range(200))
def test_every_formula_computes_the_number_beside_it(seed):
    told = explain(random_expression(seed), names=False, digits=17)
    numbers = {name: node.data for node, name in told.names.items()}
    for step in told.steps:
        expected = step.value if isinstance(step, Operation) else step.slope
        if expected is None:
            continue
        assert meaning(step.rule, numbers) == pytest.approx(expected, rel=1e-12, abs=1e-300)
        assert meaning(step.rule_in_numbers, {}) == pytest.approx(expected, rel=1e-12, abs=1e-300)


@pytest.mark.parametrize("seed", range(50))
def test_the_last_total_of_every_value_is_its_gradient(seed):
    y = random_expression(seed)
    totals = {y: 1.0} | {edge.parent: edge.so_far for edge in explain(y).backward}
    assert totals == gradients(y)


def test_flow_is_upstream_times_slope_and_adds_up():
    y, _ = evaluate(ROOT_OF_DIFFERENT_KINDS, {"x": 1.3, "y": 0.7})
    totals = {}
    for edge in explain(y).backward:
        assert edge.flow == edge.upstream * edge.slope
        totals[edge.parent] = (
            totals[edge.parent] + edge.flow if edge.parent in totals else edge.flow
        )
        assert edge.so_far == totals[edge.parent]


def test_to_keeps_only_the_steps_on_the_way():
    L, known = lecture()
    told = explain(L, known["c"])
    assert [(edge.name, edge.parent_name) for edge in told.backward] == [("L", "d"), ("d", "c")]
    assert told.text.endswith("Gradients: ∂L/∂c = -2")


def test_to_a_value_without_a_path_says_so():
    L, _ = lecture()
    with pytest.raises(ValueError, match="must be a Value that L was computed from, and stranger"):
        explain(L, Value(1.0, "stranger"))


def test_unnamed_values_take_the_names_of_the_callers_variables():
    weight, inputs = Value(2.0), [Value(3.0), Value(4.0)]
    out = weight * inputs[1]
    assert list(explain(out).names.values()) == ["weight", "inputs[1]", "out"]


def test_names_can_be_passed_or_left_out():
    weight = Value(2.0)
    square = weight * weight
    assert list(explain(square, names={"w": weight}).names.values()) == ["w", "v1"]
    assert list(explain(square, names=False).names.values()) == ["v1", "v2"]


def test_a_label_wins_over_a_variable_and_equal_labels_get_primes():
    c = Value(1.0, "c")
    for _ in range(4):
        c = c + 1.0
        c.label = "c"
    assert list(explain(c).names.values()) == ["c", "c′", "c′′", "c#4", "c#5"]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda x: explain(3.0), TypeError, "explain takes a Value, not float"),
        (lambda x: explain([x]), TypeError, "explain takes a Value, not list"),
        (lambda x: explain(x * 2, to="x"), TypeError, "`to` takes Values, not 'x'"),
        (lambda x: explain(x * 2, to=3), TypeError, "`to` takes Values, not 3"),
        (
            lambda x: explain((x * 2).tanh(), to=Value(3.0, "q"), names=False),
            ValueError,
            r"`to` must be a Value that v2 was computed from, and q is not",
        ),
        (lambda x: explain(x * 2, digits=0), ValueError, "digits go from 1 to 17, not 0"),
        (lambda x: explain(x * 2, digits=2.5), TypeError, "digits is a whole number, not 2.5"),
        (lambda x: explain(x * 2, names="x"), TypeError, "names is a dict of variables, not str"),
        (lambda x: in_full(3), TypeError, "only a Value has a graph: .*, not 3"),
        (lambda x: topological_order(3), TypeError, "only a Value has a graph: .*, not 3"),
        (lambda x: gradients(3.0), TypeError, "only a Value has a graph: .*, not 3.0"),
        (lambda x: list(chain_rule([x])), TypeError, "only a Value has a graph: give the result"),
    ],
)
def test_what_cannot_be_explained_is_said_in_one_sentence(call, error, message):
    with pytest.raises(error, match=message):
        call(Value(1.0, "x"))


def test_generated_names_avoid_labels():
    v1 = Value(1.0, "v1")
    assert list(explain(v1 + 1.0, names=False).names.values()) == ["v1", "v2"]


def test_names_stay_on_one_line():
    x = Value(1.0, "two\nlines \x1b[31m")
    assert names_of([x]) == {x: "two lines \ufffd[31m"}


def test_a_leaf_alone_can_be_explained():
    x = Value(2.0, "x")
    assert explain(x).text.endswith("Gradients: ∂x/∂x = 1")


def test_a_local_derivative_that_does_not_exist_is_undefined_where_nothing_flows():
    x = Value(0.0, "x")
    y = 0.0 * x.sqrt()
    told = explain(y, names=False)
    assert "∂v1/∂x = 1 / (2 * v1) = 1 / (2 * 0) = undefined   to x: 0\n" in told.text
    assert r"\text{undefined}" in told.latex


def test_a_branch_that_a_choice_did_not_take_is_called_not_taken():
    x = Value(-1.0, "x")
    told = explain(where(x > 0, lambda: x.sqrt().exp(), lambda: 3 * x), names=False)
    assert [told.local_derivative(edge) for edge in told.backward if not edge.is_taken] == [
        "∂v5/∂v3 = 0", "∂v3/∂v2 = v3", "∂v2/∂x = 1 / (2 * v2)",
    ]  # fmt: skip
    assert "to v3: 0 (branch not taken)" in told.text
    assert "undefined" not in told.text and "nan" not in told.backward_text
    assert told.text.endswith("Gradients: ∂v5/∂x = 3")
    for typeset in (told.latex, told.markdown):
        assert typeset.count("branch not taken") == 3 and "undefined" not in typeset
        assert typeset.count("nan") == typeset.count(r"\mathrm{nan}") > 0
    html = told._repr_html_()
    assert html.count("branch") == html.count("taken") == 3 and "undefined" not in html
    assert html.count("nan") == html.count("<mtext>nan</mtext>") > 0


def test_what_both_branches_use_is_taken():
    x = Value(2.0, "x")
    square = x * x
    told = explain(where(x > 0, square, square + 1), names=False)
    taken = {told.local_derivative(edge): edge.is_taken for edge in told.backward}
    assert taken == {
        "∂v4/∂v2 = 0": True,  # the condition
        "∂v4/∂v1 = 1": True,
        "∂v4/∂v3 = 0": False,
        "∂v3/∂v1 = 1": False,
        "∂v2/∂x = 0": True,
        "∂v1/∂x (first x) = x = 2": True,
        "∂v1/∂x (second x) = x = 2": True,
    }


def test_a_branch_that_is_not_taken_has_the_slope_that_the_stepper_shows():
    x = Value(-1.0, "x")
    told = explain(where(x > 0, x * 7, x), names=False)
    assert {edge.slope for edge in told.backward if not edge.is_taken} == {0.0, 7.0}


@pytest.mark.parametrize(
    ("op", "args", "slopes"),
    [
        ("power", (0.0, 0.0), ("0", "0")),
        ("power", (0.0, 2.0), ("b * a ** (b - 1) = 2 * 0 ** (2 - 1) = 0", "0")),
        ("hypot", (0.0, 0.0), ("0", "0")),
    ],
)
def test_a_slope_that_a_convention_gives_is_explained_as_its_number(op, args, slopes):
    a, b = (Value(x, name) for x, name in zip(args, "ab", strict=True))
    told = explain(TABLE[op](a, b), names=False)
    found = [told.local_derivative(edge) for edge in told.backward]
    assert found == [f"∂v1/∂{n} = {slope}" for n, slope in zip("ab", slopes, strict=True)]


def test_a_custom_operation_of_floats_is_explained_with_its_numbers():
    sine = Op("explained_sine", math.sin, (lambda y, a: math.cos(a),))
    step = Op("explained_step", lambda a: float(a > 0), (lambda y, a: 2.0 if a > 0 else 1.0,))
    table = Op("explained_table", lambda a: {1.0: 5.0}[a], (lambda y, a: {1.0: 1.0}[a],))
    x = Value(0.5, "x")
    text = explain(table(step(sine(x))), names=False).text
    assert "v1 = explained_sine(x) = explained_sine(0.5) = 0.479426" in text
    assert "∂v3/∂v2 = 1         to v2: 1 · 1 = 1" in text
    assert "∂v2/∂v1 = 2         to v1: 1 · 2 = 2" in text
    assert "∂v1/∂x = 0.877583   to x: 2 · 0.877583 = 1.75517" in text


def test_a_custom_operation_of_operations_is_explained_with_its_formula():
    cube = Op("explained_cube", lambda a: a * a * a, (lambda y, a: 3 * a**2,))
    x = Value(2.0, "x")
    assert "∂v1/∂x = 3 * x ** 2 = 3 * 2 ** 2 = 12" in explain(cube(x), names=False).text
    assert r"\operatorname{explained\_cube}\left(x\right)" in explain(cube(x)).latex


def test_digits_set_how_numbers_are_written():
    x = Value(1 / 3, "x")
    assert "x ** 2 = 0.33 ** 2 = 0.11" in explain(x**2, digits=2).text


def test_latex_has_a_row_per_step_and_balanced_braces():
    y, _ = evaluate(ROOT_OF_DIFFERENT_KINDS, {"x": 1.3, "y": 0.7})
    told = explain(y)
    assert told.latex.count("&=") == len(told.steps)
    assert told.latex.count("{") == told.latex.count("}")
    assert told.latex.count(r"\left") == told.latex.count(r"\right")


def test_markdown_has_a_row_per_step():
    told = explain(lecture()[0])
    assert told.markdown.count("\n| $") == len(told.steps)


def test_a_bar_in_a_formula_does_not_end_a_markdown_cell():
    x = Value(-2.0, "x")
    rows = [line for line in explain(abs(x)).markdown.splitlines() if line.startswith("| $")]
    assert [row.count("|") for row in rows] == [3, 4]


EVIL = [
    "<script>alert(1)</script>", "<!--", "&lt;b&gt;", "<https://example.com>",
    "[here](javascript:alert(1))", "![x](https://example.com/x.png)", "`<b>`", "a*b*c", "a | b",
]  # fmt: skip


@pytest.mark.parametrize("label", EVIL)
def test_markdown_escapes_labels(label):
    told = explain(Value(2.0, label) * Value(3.0, label) + 1.0, names=False)
    assert not set("<>`*") & set(told.markdown)
    assert "](" not in told.markdown
    markdown = pytest.importorskip("markdown_it").MarkdownIt("commonmark").enable("table")
    html = markdown.render(told.markdown)
    assert set(re.findall(r"</?(\w+)", html)) == {"table", "thead", "tbody", "tr", "th", "td"}
    assert html.count("<td") == 2 * len(told.forward) + 3 * len(told.backward)


def test_markdown_escapes_comparisons():
    x = Value(2.0, "x")
    assert r"$0 \lt  x = 0 \lt  2 = 1$" in explain(x > 0, names=False).markdown


def test_html_escapes_labels():
    x = Value(2.0, "<script>alert(1)</script>")
    html = explain(x * 2.0)._repr_html_()
    assert "<script" not in html and "&lt;script&gt;" in html


def test_html_is_typeset_by_the_browser_whatever_the_labels_are(label):
    a, b = Value(2.0, label), Value(3.0, "b")
    told = explain(sigmoid(a * b) ** 2, names=False)
    html = ElementTree.fromstring(f"<div>{told._repr_html_()}</div>")
    kinds = {element.tag.rpartition("}")[2] for element in html.iter()}
    assert kinds & {"script", "img", "b", "p", "code"} == set()
    assert (
        len(html.findall(".//td"))
        == len(html.findall(".//td/{*}math"))
        == len(html.findall(".//{*}math"))
    )


def test_a_very_long_walk_is_not_typeset():
    x = Value(1.0, "x")
    for _ in range(400):
        x = x + 1.0
    assert explain(x)._repr_html_().startswith("<pre>")


def test_steps_are_operations_then_edges():
    kinds = [type(step) for step in explain(lecture()[0]).steps]
    assert kinds == [Operation] * 3 + [Edge] * 6


def test_a_formula_of_a_label_that_is_no_name_is_upright_text():
    assert Formula("x<y").latex == r"\mathrm{x<y}"
    assert Formula("100%").latex == r"\mathrm{100\%}"


# Equations


@pytest.mark.parametrize("digits", [3, 4, 6])
@pytest.mark.parametrize(
    ("expression", "x"),
    [("tanh(x)", 10.0), ("1 - sigmoid(x)", 8.0), ("sqrt(x*x + 1) - x", 1e4), ("sin(x)", math.pi),
     ("exp(x) - 1 - x", 1e-3), ("log1p(x) - x", 1e-4)],
)  # fmt: skip
def test_what_is_written_in_numbers_comes_to_the_number_behind_it(expression, x, digits):
    told = explain(evaluate(f"y = {expression}", {"x": x})[0], digits=digits)
    functions = {name: op for name, op in TABLE.items() if name.isidentifier()}
    equations = [(one.rule_in_numbers, one.value) for one in told.forward]
    equations += [(edge.rule_in_numbers, edge.slope) for edge in told.backward]
    for formula, value in equations:
        assert eval(formula.text, functions) == pytest.approx(value, rel=10 ** (2 - digits))


def test_numbers_that_do_not_cancel_have_as_many_digits_as_were_asked_for():
    told = explain(evaluate("y = tanh(x*w)", {"x": 1.23456789, "w": 0.5})[0], digits=4)
    assert told.forward[0].rule_in_numbers.text == "1.235 * 0.5"
    assert told.backward[0].rule_in_numbers.text == "1 - 0.5492 ** 2"
