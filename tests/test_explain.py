"""The walk-through says what the engine computed, in formulas that compute it again."""

import random

import pytest

from autograd import TABLE, AutogradError, Formula, Value, explain, gradients
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
    assert "a receives" in told.text
    assert {told.names[node]: float(g.text) for node, g in told.gradients} == {
        "a": 6, "b": -4, "c": -2, "f": 4,
    }  # fmt: skip
    assert known["d"].data == 4


def test_an_edge_is_a_line_with_rule_numbers_flow_total_and_what_is_to_come():
    a = Value(3.0, "a")
    b = Value(2.0, "b")
    told = explain((a * b) * a, names=False)
    assert "  ∂v1/∂a = b = 2    a receives 3 · 2 = 6, in total 12" in told.text
    assert "  ∂v2/∂a = v1 = 6   a receives 1 · 6 = 6, in total 6; one more use to come" in told.text


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
    with pytest.raises(ValueError, match="no path"):
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
        (lambda x: explain(x * 2, digits=0), ValueError, "digits go from 1 to 17, not 0"),
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


def test_a_slope_that_does_not_exist_is_told_where_nothing_flows():
    x = Value(0.0, "x")
    y = 0.0 * x.sqrt()
    told = explain(y, names=False)
    assert "undefined" in told.text and "nothing flows, so x receives 0" in told.text
    assert r"\text{undefined}" in told.latex


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


def test_html_escapes_labels():
    x = Value(2.0, "<script>alert(1)</script>")
    html = explain(x * 2.0)._repr_html_()
    assert "<script" not in html and "&lt;script&gt;" in html


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
