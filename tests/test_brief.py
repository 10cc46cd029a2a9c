"""Both passes in few lines: every formula comes to its number, and the network fits a screen."""

import pytest

from autograd import Value, explain, gradients, topological_order
from autograd.expression import evaluate
from autograd.teaching import Brief
from autograd.teaching.layout import WIDTH
from autograd.teaching.names import names_of
from tests.formulas import agree, differentiable, equations
from viz.cli.demo import GIVEN, NETWORK, WEIGHTS

LECTURE = "d = a*b + c; L = d*f"


def brief(y, to=(), digits=6):
    return explain(y, to, form="brief", names=False, digits=digits)


@pytest.mark.parametrize("part", range(10))  # of 500 graphs
def test_every_formula_of_random_graphs_comes_to_its_number(part):
    seen = 0
    for _, y, gradient in differentiable(range(part * 50, part * 50 + 50)):
        names = names_of(topological_order(y))
        numbers = {name: node.data for node, name in names.items()}
        numbers |= {f"d_{names[y]}_{name}": gradient[node] for node, name in names.items()}
        made = brief(y, digits=17)
        assert {one.node: one.gradient for one in made.lines}.items() <= gradient.items()
        assert {node for node in names if node.op is None} <= {one.node for one in made.lines}
        flows = [abs(term.flow) for one in made.lines for term in one.terms]
        agree(made, numbers, scale=1e-12 * max([1.0, *flows]))
        assert not any(term.links and link.is_one for one in made.lines for term in one.terms
                       for link in term.links)  # fmt: skip
        seen += 1
    assert seen > 40


def test_every_value_that_is_mentioned_is_given_or_defined():
    for _, y, _ in differentiable(range(100)):
        made = brief(y)
        known = {
            node for node in topological_order(y) if node.op is None or made._read.is_atom(node)
        }
        for node in known:
            assert made._read.atoms[node] <= known
        assert {term.above for one in made.lines for term in one.terms} <= known


@pytest.mark.parametrize("to", [(), *[(weight,) for weight in WEIGHTS], ("w1", "w5", "b2")])
def test_the_network_of_three_articles_fits_a_screen(to):
    y, known = evaluate(NETWORK, GIVEN | WEIGHTS)
    made = brief(y, [known[name] for name in to])
    lines = made.text.splitlines()
    assert len(lines) <= 40 and max(map(len, lines)) <= WIDTH == 80
    found = gradients(y)
    asked = [known[name] for name in to] or [node for node in found if node.op is None]
    assert {one.node: one.gradient for one in made.lines[-len(asked) :]} == {
        node: found[node] for node in asked
    }


def test_the_lecture_example():
    y, known = evaluate(LECTURE, {"a": 2, "b": -3, "c": 10, "f": -2})
    assert isinstance(brief(y), Brief)
    assert brief(y).text == (
        "Given a = 2, b = -3, c = 10, f = -2:\n"
        "  d = a * b + c = 4\n"
        "  L = d * f = -8\n"
        "\n"
        "Backward from ∂L/∂L = 1; local derivatives of 1 are left out:\n"
        "  ∂L/∂d = f = -2\n"
        "  ∂L/∂a = ∂L/∂d · b = -2 · (-3) = 6\n"
        "  ∂L/∂b = ∂L/∂d · a = -2 · 2 = -4\n"
        "  ∂L/∂c = ∂L/∂d = -2\n"
        "  ∂L/∂f = d = 4"
    )
    assert brief(y, known["c"]).text.endswith(":\n  ∂L/∂d = f = -2\n  ∂L/∂c = ∂L/∂d = -2")
    assert brief(y, y).text.endswith(":\n  ∂L/∂L = 1")


def test_a_value_that_only_repeats_a_gradient_has_no_line():
    y, known = evaluate("s = a + b; t = s + 1; t * t", {"a": 2, "b": 3})
    made = brief(y, known["a"])
    assert [one.node for one in made.lines] == [known["t"], known["a"]]
    assert made.text.endswith("∂v1/∂t = t + t = 6 + 6 = 12\n  ∂v1/∂a = ∂v1/∂t = 12")


def test_a_long_chain_has_a_line_for_every_third_edge():
    x = Value(1.0, "x")
    y = x
    for _ in range(9):
        y = y * 1.5
    made = brief(y)
    assert [len(one.terms[0].links) for one in made.lines] == [3, 3, 3]
    assert made.lines[-1].gradient == 1.5**9


def test_a_line_without_room_for_the_numbers_has_the_symbols_and_the_result():
    y, _ = evaluate(NETWORK, GIVEN | WEIGHTS)
    rows = {one.pieces[0].text: one.text for one in equations(brief(y))}
    assert rows["∂E/∂h1"] == "∂E/∂h1 = ∂E/∂net_o1 · w5 + ∂E/∂net_o2 · w7 = 0.0363503"
    assert rows["∂E/∂w1"] == "∂E/∂w1 = ∂E/∂net_h1 · i1 = 0.00877135 · 0.05 = 0.000438568"


def test_nothing_flows_into_a_branch_not_taken_or_where_there_is_no_derivative():
    y, _ = evaluate("where(0 < a, a * b, c)", {"a": 2, "b": 3, "c": 4})
    text = brief(y).text
    assert text.endswith("∂v3/∂a = b = 3\n  ∂v3/∂b = a = 2\n  ∂v3/∂c = 0")
    y, _ = evaluate("w * sqrt(x)", {"w": 0, "x": 0})
    assert brief(y).text.endswith(" = sqrt(x) = 0\n  ∂v2/∂x = 0")


def test_a_leaf_alone_is_its_own_gradient():
    x = Value(2.0, "x")
    assert brief(x).text.startswith("Given x = 2.\n") and brief(x).text.endswith("  ∂x/∂x = 1")


def test_unnamed_values_take_the_names_of_the_callers_variables():
    a = Value(2.0)
    square = a * a
    y = square * 3.0
    assert "  square = a * a = 4\n  y = square * 3 = 12\n" in explain(y, form="brief").text


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda y, x: brief(y, Value(1.0, "z")), "`to` must be a Value that v1 was computed from"),
        (lambda y, x: explain(y, form="short"), "form is steps, brief or blackboard, not 'short'"),
    ],
)
def test_what_cannot_be_asked_is_said_in_one_sentence(ask, message):
    x = Value(2.0, "x")
    with pytest.raises(ValueError, match=message):
        ask(x * x, x)
