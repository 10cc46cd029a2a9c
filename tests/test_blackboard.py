"""One derivative on a board: every formula comes to its number, and costs are counted right."""

import math
from xml.etree import ElementTree

import pytest

from autograd import Value, explain, topological_order
from autograd.expression import evaluate
from autograd.teaching import Blackboard
from autograd.teaching.layout import WIDTH
from autograd.teaching.names import names_of
from tests.formulas import agree, brute_paths, differentiable, meaning, parts
from tests.graphs import network
from viz.cli.demo import GIVEN, NETWORK, WEIGHTS

MOCKUP = "h = tanh(w*x); L = (u1*h - t1)**2 + (u2*h - t2)**2"
NUMBERS = {"w": 0.5, "x": 2, "u1": 1.5, "u2": -0.8, "t1": 1, "t2": -1}


def board(y, x, digits=6):
    return explain(y, to=x, form="blackboard", names=False, digits=digits)


def boards(part, digits=17):
    """Boards of 50 random graphs, for all they were made from, with numbers by name."""
    for _, y, gradient in differentiable(range(part * 50, part * 50 + 50)):
        names = names_of(sorted(gradient, key=lambda node: node.serial))
        numbers = {name: node.data for node, name in names.items()}
        numbers |= {f"d_{names[y]}_{name}": gradient[node] for node, name in names.items()}
        for x in gradient:
            try:
                made = board(y, x, digits)
            except ValueError as error:
                assert x is y or "a blackboard holds" in str(error) or "no path" in str(error)
                continue
            yield made, numbers, gradient[x], brute_paths(y, x)


@parts
def test_every_formula_of_random_graphs_comes_to_its_number(part):
    seen = 0
    for made, numbers, _, _ in boards(part):
        scale = max((abs(one) for _, one in made.products), default=1.0)
        flows = [abs(term.flow) for one in made.stations for term in one.terms]
        agree(made, numbers, scale=1e-12 * max([scale, *flows]))
        seen += 1
    assert seen > 40


@parts
def test_the_closed_formula_is_the_gradient(part):
    seen = 0
    for made, numbers, gradient, _ in boards(part):
        if made.closed is None:
            continue
        size = max((abs(one) for _, one in made.products), default=0.0)
        found = meaning(made.closed.text, numbers)
        assert math.isclose(found, gradient, rel_tol=1e-10, abs_tol=1e-10 * size + 1e-300)
        seen += 1
    assert seen > 20


@parts
def test_what_paths_cost_is_what_counting_gives(part):
    for made, _, _, brute in boards(part, digits=6):
        if made.count != len(brute):
            continue  # with branches that were not taken
        factors = [
            sum(1 for node, position in path if slope(node, position) != 1) for path in brute
        ]
        assert made.by_paths.multiplications == sum(max(one - 1, 0) for one in factors)
        assert made.by_paths.additions == len(brute) - 1
        assert made.by_backprop.additions <= made.by_paths.additions


def slope(node, position):
    try:
        return node.slope(position)
    except ArithmeticError:
        return None


def test_the_mockup():
    y, known = evaluate(MOCKUP, NUMBERS)
    made = board(y, known["w"], digits=4)
    assert [symbols.text for symbols, _ in made.products] == [
        "(2 * (u1 * h - t1)) · u1 · (1 - h ** 2) · x",
        "(2 * (u2 * h - t2)) · u2 · (1 - h ** 2) · x",
    ]
    assert made.closed.text == (
        "((2 * (u1 * tanh(w * x) - t1)) · u1 + (2 * (u2 * tanh(w * x) - t2)) · u2)"
        " · (1 - tanh(w * x) ** 2) · x"
    )
    assert made.text.endswith(
        "As backprop computes it, each shared factor multiplied once:\n"
        "  ∂L/∂h = (2 * (u1 * h - t1)) · u1 + (2 * (u2 * h - t2)) · u2\n"
        "      = 0.2848 · 1.5 + 0.7814 · (-0.8)\n"
        "      = 0.4272 + (-0.6252)\n"
        "      = -0.198\n"
        "  ∂L/∂w = ∂L/∂h · (1 - h ** 2) · x = -0.198 · 0.42 · 2 = -0.1663\n"
        "\n"
        "By paths: 6 multiplications and one addition. By backprop: 4 multiplications and\n"
        "one addition, and every gradient on the way is known as well."
    )


@pytest.mark.parametrize("weight", WEIGHTS)
def test_the_network_of_three_articles_fits_a_screen(weight):
    y, known = evaluate(NETWORK, GIVEN | WEIGHTS)
    lines = board(y, known[weight]).text.splitlines()
    assert len(lines) <= 40 and max(map(len, lines)) <= WIDTH == 80


def test_everything_that_is_mentioned_is_given_or_defined():
    y = network()
    made = board(y, next(node for node in topological_order(y) if node.label == "w1"))
    head = made.text.partition("In one formula")[0]
    for name in ("h2 = 0.596884", "w5 = 0.4", "net_o1 = w5 * h1 + w6 * h2 + b2 = 1.10591"):
        assert name in head
    assert "w3 =" not in head and "net_h2 =" not in head  # they are mentioned nowhere


def test_very_many_paths_are_counted_and_the_factored_form_stays_short():
    x = Value(3.0, "x")
    y = x
    for _ in range(20):
        y = y + y
    text = board(y, x).text
    assert "There are 1 048 576 paths: too many for a board." in text
    costs = " ".join(text.splitlines()[-3:])
    assert "By paths: 0 multiplications and 1 048 575 additions. By backprop: 0 " in costs
    assert "multiplications and 20 additions, and" in costs
    assert len(text.splitlines()) < 30


def test_a_value_with_a_gradient_line_of_its_own_is_defined_on_the_board():
    x = Value(3.0, "x")
    text = board(x * x * x, x).text
    assert "v1 = x * x = 9" in text and "∂v2/∂v1 = x = 3" in text


def test_one_path_is_told_once():
    y, known = evaluate("d=a*b+c; L=d*f", {"a": 2, "b": -3, "c": 10, "f": -2})
    text = board(y, known["a"]).text
    assert "Along the only path:\n  ∂L/∂a = f · b = -2 · (-3) = 6" in text
    assert "As backprop" not in text

    assert text.endswith(
        "There is one path only, so backprop does the same: one multiplication, and every\n"
        "gradient on the way is known as well."
    )
    assert text.count("∂L/∂a =") == 2  # in one formula, and along the path


def test_every_value_with_a_gradient_line_is_defined():
    x = Value(1.1, "x")
    y = x
    for _ in range(3):
        y = y * y
    text = board(y, x).text
    assert "  v1 = x * x = 1.21\n  v2 = v1 * v1 = 1.4641\n  v3 = v2 * v2 = 2.14359\n" in text


def test_six_paths_are_written_and_seven_are_too_many():
    x = Value(2.0, "x")
    y = x * 1.5
    for _ in range(5):
        y = y + x * 2.0
    assert len(board(y, x).products) == 6
    assert "There are 7 paths: too many for a board." in board(y + x * 2.0, x).text


def test_leaves_are_given_before_what_was_computed():
    y, known = evaluate("h = a*b; h*x*z", {"a": 2, "b": 3, "x": 2, "z": 5})
    assert board(y, known["x"]).text.startswith("Given x = 2, z = 5, h = 6:\n")


def test_a_path_with_a_local_derivative_that_does_not_exist_brings_nothing():
    x = Value(0.0, "x")
    text = board(0.0 * x.sqrt(), x).text
    assert "Along the only path:\n  ∂v2/∂x = 0 · (1 / (2 * sqrt(x))) = 0\n" in text


def test_a_corner_between_values_without_names_has_the_derivative_that_is_used():
    y, known = evaluate("hypot(x*w, y*w)", {"x": 1, "y": 1, "w": 0})
    assert board(y, known["w"]).closed.text == "0 + 0"


def test_a_line_has_the_sum_of_the_sweep_and_no_other():
    x = Value(1.0, "x")
    text = board(x * 0.3 + x * 0.2 + x * 0.1, x, digits=17).text
    backprop = text.partition("As backprop computes it")[2]
    assert "= 0.60000000000000009\n" in backprop and "0.59999999999999998" not in backprop


def test_a_variable_names_a_value_on_the_board():
    x, w = Value(2.0, "x"), Value(2.0, "w")
    middle = x * w
    found = explain(middle.tanh(), to=x, form="blackboard", names={"middle": middle})
    assert "  middle = x * w = 4\n" in found.text


def named(size):
    """A leaf whose name has so many characters."""
    return Value(2.0, "p" * size)


def test_what_has_no_name_stands_as_a_formula_of_up_to_sixty_characters():
    x = Value(2.0, "x")
    assert "v1 = " not in board((x * named(56)).tanh(), x).text.replace("v2", "")
    assert "v1 = x * ppp" in board((x * named(57)).tanh(), x).text


def test_a_formula_in_the_leaves_has_up_to_150_characters_and_one_of_named_values_220():
    x, q = Value(2.0, "x"), Value(3.0, "q")
    for size, closed in ((142, "p" * 142 + " * q"), (143, "h")):
        h = named(size) * q
        h.label = "h"
        assert board(h * x, x).closed.text == closed  # of p * q * x
    r = Value(5.0, "r")
    assert board(x * (r * q) + named(150), x).closed.text == "r * q"
    assert len(board(x * named(216) * q, x).closed.text) == 220
    assert board(x * named(217) * q, x).closed is None


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda y, x: explain(y, form="blackboard"), "a blackboard shows one derivative"),
        (lambda y, x: explain(y, to=[x, y], form="blackboard"), "a blackboard shows one"),
        (lambda y, x: explain(y, to=y, form="blackboard"), "a blackboard needs a value that y was"),
        (lambda y, x: explain(y, to=Value(1.0, "q"), form="blackboard"), "no path to q"),
        (
            lambda y, x: explain(y, to=x, form="board"),
            "form is steps, brief or blackboard, not 'board'",
        ),
    ],
)
def test_what_is_no_board_is_said_in_one_sentence(ask, message):
    x = Value(2.0, "x")
    y = x * x
    with pytest.raises(ValueError, match=message):
        ask(y, x)


def test_a_way_that_is_too_long_is_refused():
    x = Value(1.0, "x")
    y = x
    for _ in range(60):
        y = y * 1.5
    assert board(y, x).count == 1
    y = y * 1.5
    with pytest.raises(ValueError, match=r"61 edges lead from y back to x, and a blackboard holds"):
        explain(y, to=x, form="blackboard")


def test_latex_is_balanced_and_markdown_has_a_line_for_each_equation():
    y, known = evaluate(NETWORK, GIVEN | WEIGHTS)
    made = board(y, known["w1"])
    for opened, closed in (("{", "}"), (r"\left", r"\right"), (r"\begin", r"\end")):
        assert made.latex.count(opened) == made.latex.count(closed)
    assert isinstance(made, Blackboard)
    assert made.markdown.count("\n- $") + made.markdown.startswith("- $") == 13


def test_html_is_typeset_by_the_browser_whatever_the_labels_are(label):
    a, b = Value(2.0, label), Value(3.0, "b")
    made = board((a * b).tanh() ** 2 + a, a)
    html = ElementTree.fromstring(f"<div>{made._repr_html_()}</div>")
    kinds = {element.tag.rpartition("}")[2] for element in html.iter()}
    assert kinds & {"script", "img", "b", "code"} == set()
    assert not set("<>`") & set(made.markdown)
