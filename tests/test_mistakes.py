"""A graph run with a mistake: the numbers of the classic examples, and where they go wrong."""

import json
import math
import random

import pytest

from autograd import Op, StaleGraph, Value, gradients, relu, tanh, topological_order, where
from autograd.expression import evaluate
from autograd.op import TABLE
from autograd.teaching import BUGS, bugs, mistakes
from autograd.teaching.bugs import Graph, NotRun, everywhere, recursive, right_flow, swept
from autograd.teaching.mistaken import differ
from tests.graphs import random_graph

LECTURE = "(a*b + c) * f", {"a": 2, "b": -3, "c": 10, "f": -2}
ISSUE_68 = "c = a + b; d = a*b; (c + d) + c*d", {"a": 2, "b": 3}
STRUCTURE = ("overwrite", "order", "depth-first", "breadth-first")  # nothing of this on trees


def leaves(y, name, **options):
    """The gradients of the leaves by name, with a mistake."""
    (one,) = mistakes(y, name, names=False, **options).outcomes
    return {x.label: g for x, g in one.gradients.items() if x.op is None}


def found(text, values, name):
    return leaves(evaluate(text, values)[0], name)


# The numbers of shared/facts/teaching-features.md, sections 3 and 4, and of issue 68 of micrograd


@pytest.mark.parametrize(
    ("text", "values", "name", "wrong"),
    [
        ("a + a", {"a": 1}, "overwrite", {"a": 1}),
        ("a * a", {"a": 3}, "overwrite", {"a": 3}),
        (*ISSUE_68, "order", {"a": 29, "b": 22}),
        ("d = a*b; e = a + b; d*e", {"a": -2, "b": 3}, "order", {"a": -3, "b": -8}),
        ("x*x*x", {"x": 3}, "leftovers", {"x": 45}),
        ("x*x*x", {"x": 3}, "zero_grad", {"x": 54}),
        ("a - b", {"a": 3, "b": 2}, "sign", {"a": 1, "b": 1}),
        ("a / b", {"a": 3, "b": 2}, "sign", {"a": 0.5, "b": 0.75}),
        ("-a", {"a": 3}, "sign", {"a": 1}),
        ("tanh(x)", {"x": 0.5}, "quantity", {"x": 0.75}),
        ("exp(x)", {"x": 0.5}, "quantity", {"x": 0.5}),
        ("sin(x)", {"x": 0.5}, "quantity", {"x": math.cos(math.sin(0.5))}),
        # a recursion reaches the long way first and b last, a queue b before the long way ends
        ("b = 2*a; 5*(3*b) + b", {"a": 1}, "depth-first", {"a": 32}),
        ("b = 2*a; 5*(3*b) + b", {"a": 1}, "breadth-first", {"a": 2}),
        ("b = 2*a; b + 3*b + 2*c", {"a": 1, "c": 1}, "depth-first", {"a": 2, "c": 2}),
    ],
)
def test_a_mistake_gives_the_numbers_that_it_is_known_for(text, values, name, wrong):
    assert found(text, values, name) == pytest.approx(wrong, rel=1e-12)


@pytest.mark.parametrize(
    ("name", "answer"), [("local", -3), ("upstream", -2), ("unswapped", -4), ("sum", -5)]
)
def test_a_mistake_in_the_last_step_gives_the_wrong_answer_of_section_3(name, answer):
    y, known = evaluate(*LECTURE)
    (one,) = mistakes(y, name).outcomes
    assert one.last_step[known["a"]] == answer and one.last_step[y] == 1
    assert gradients(y)[known["a"]] == 6


def test_a_weight_that_moves_too_early_gives_the_gradient_of_neither_point():
    y, known = evaluate("h = tanh(w1*x); w2*h", {"w1": 0.5, "w2": 2.0, "x": 1.5})
    (one,) = mistakes(y, "updated", rate=0.1).outcomes
    h, w1, w2 = known["h"].data, known["w1"], known["w2"]
    moved = 2.0 - 0.1 * h  # what w2 is when the gradient of the hidden node is computed
    assert one.gradients[w1] == pytest.approx(moved * (1 - h * h) * 1.5, rel=1e-12)
    assert one.gradients[w2] == h and one.node is known["h"]
    assert leaves(y, "updated", rate=1e-9)["w1"] == pytest.approx(gradients(y)[w1], rel=1e-8)


def test_a_weight_that_moves_too_early_may_leave_the_domain():
    y, _ = evaluate("a ** n", {"a": 0.5, "n": 2})
    (one,) = mistakes(y, "updated", rate=1).outcomes  # a moves to -0.5, and then log(a) is asked
    assert one.node is None and one.reason.startswith("after the early step ")
    (one,) = mistakes(0.0 * Value(0.0, "x").sqrt(), "updated").outcomes
    assert one.node is None and one.reason == ""  # nothing flows where there is no derivative


@pytest.mark.parametrize(
    ("text", "options", "a"),
    [
        ("b = 2*a; 3*b + b", {}, 16),  # 2·4 when 3*b has passed on, and once more from the result
        ("b = 2*a; 3*b + b", {"from_the_end": True}, 10),  # 2·1 from the result first
        ("b = 2*a; b*b", {}, 8),
        ("b = 2*a; b*b", {"by_edge": True}, 16),  # b is visited for each of its two edges
    ],
)
def test_recursions_differ_in_what_they_visit_first_and_how_often(text, options, a):
    y, known = evaluate(text, {"a": 1})
    assert recursive(Graph(y), everywhere, **options)[known["a"]] == a


def test_visits_are_counted_once_for_each_path(monkeypatch):
    y, _ = evaluate("b = 2*a; 3*b + b", {"a": 1})
    assert Graph(y).visits() == 6  # the result, 3*b, and twice b and a
    y, _ = evaluate("b = 2*a; b*b", {"a": 1})
    assert (Graph(y).visits(), Graph(y).visits(by_edge=True)) == (3, 5)
    monkeypatch.setattr(bugs, "MOST_VISITS", 3)
    assert recursive(Graph(y), everywhere)[y] == 1
    with pytest.raises(NotRun, match="it would take 5 visits, one per path"):
        recursive(Graph(y), everywhere, by_edge=True)


def test_the_first_node_that_goes_wrong_is_the_last_that_was_made():
    y, known = evaluate("h = a*a; h*h", {"a": 3})
    (one,) = mistakes(y, "overwrite").outcomes
    assert one.node is known["h"] and one.gradients[known["h"]] == 9


# On trees, and on 500 random graphs


def tree(seed):
    """A random graph in which every value is used once."""
    rng = random.Random(seed)
    parts = [Value(rng.uniform(0.5, 2), f"x{i}") for i in range(rng.randint(2, 8))]
    while len(parts) > 1:
        a, b = parts.pop(rng.randrange(len(parts))), parts.pop(rng.randrange(len(parts)))
        parts.append(rng.choice([a + b, a * b, tanh(a - b)]))
    return parts[0]


@pytest.mark.parametrize("name", STRUCTURE)
def test_on_trees_the_mistakes_about_sharing_make_no_difference(name):
    for seed in range(100):
        found = mistakes(tree(seed), name, names=False)
        assert found.outcomes[0].node is None
        assert "No difference on this graph: it needs" in found.text


def test_without_a_mistake_the_sweep_of_500_random_graphs_is_the_right_one():
    for seed in range(500):
        graph = Graph(random_graph(seed, rows=True))
        for node, g in swept(graph).items():
            assert math.isclose(g, graph.right[node], rel_tol=1e-12, abs_tol=1e-300)


@pytest.mark.parametrize("name", BUGS)
def test_the_first_wrong_node_of_500_random_graphs_has_only_right_ones_before_it(name):
    differences = 0
    for seed in range(500):
        y = random_graph(seed)
        (one,) = mistakes(y, name, names=False).outcomes
        right = gradients(y)
        scale = max(map(abs, right.values()))
        wrong = [
            node
            for node in reversed(topological_order(y))
            if not math.isclose(
                one.gradients[node], right[node], rel_tol=1e-9, abs_tol=1e-12 * scale
            )
        ]
        assert one.node is (wrong[0] if wrong else None)
        differences += bool(wrong)
    assert differences > 25


@pytest.mark.parametrize("name", [name for name, bug in BUGS.items() if bug.by_edge])
def test_a_mistake_that_is_made_nowhere_makes_no_difference(name):
    for seed in range(50):
        graph = Graph(random_graph(seed))
        for node, g in BUGS[name].run(graph, lambda edge: False).items():
            assert math.isclose(g, graph.right[node], rel_tol=1e-12, abs_tol=1e-300)


# The smallest graph


def operations(y):
    return sum(node.op is not None for node in topological_order(y))


def every_graph(count):
    """Every graph of so many operations, of sums, products and functions of one or two leaves."""

    def grown(nodes, left):
        if not left:
            if operations(nodes[-1]) == count:
                yield nodes[-1]
            return
        for i, a in enumerate(nodes):
            made = [2.0 * a, -a, tanh(a)]
            for b in nodes[i:]:
                made += [a + b, b + a, a * b, a - b]
            for one in made:
                yield from grown([*nodes, one], left - 1)

    yield from grown([Value(3.0, "a"), Value(2.0, "b")], count)


def differs(y, bug):
    graph = Graph(y)
    made = bug.run(graph, everywhere)
    scale = max(map(abs, graph.right.values()))
    return any(
        not math.isclose(made[node], g, rel_tol=1e-9, abs_tol=1e-12 * scale)
        for node, g in graph.right.items()
    )


@pytest.mark.parametrize("bug", BUGS.values(), ids=BUGS)
def test_the_smallest_graph_shows_the_mistake_and_no_smaller_one_does(bug):
    y, _ = evaluate(bug.smallest, bug.values)
    assert differs(y, bug)
    for count in range(1, operations(y)):
        assert not any(differs(one, bug) for one in every_graph(count))


# What is said


def test_the_text_is_as_in_the_documentation_and_html_and_markdown_have_its_numbers():
    y, _ = evaluate("a*a", {"a": 3})
    one = mistakes(y, "overwrite")
    told = "First wrong at a: its gradient comes out as 3 instead of 3 + 3 = 6."
    assert told in one.text and "instead of $3 + 3 = 6$." in one.markdown
    assert "First wrong at $a$: its gradient comes out as $3$ instead of $3 + 3 = 6$." in one.latex
    assert "<mn>6</mn>" in one.html
    table = mistakes(y)
    assert "| overwrite | writes = where += is needed | $a$ | $6$ | $3$ |" in table.markdown
    assert "<td>overwrite</td>" in table._repr_html_()


def test_a_node_without_a_name_is_told_by_its_expression():
    y, _ = evaluate("(a*b + c)*f", LECTURE[1])
    assert "v2     -2      4\n" in mistakes(y).text
    assert "Values without a name:\n  v1 = a * b\n  v2 = a * b + c\n" in mistakes(y).text
    assert "First wrong at v2 = a * b + c: its" in mistakes(y, "unswapped").text
    y, _ = evaluate("e = a*b; d = e + c; d*f", LECTURE[1])
    assert "without a name" not in mistakes(y).text
    assert "First wrong at d = e + c: its" in mistakes(y, "unswapped").text


def test_one_mistake_is_told_with_all_leaves_and_with_what_its_last_step_makes_of_them():
    y, _ = evaluate(*LECTURE)
    assert mistakes(y, "unswapped").text == (
        "Mistake unswapped: does not swap the factors of a product\n"
        "\n"
        "  with the mistake   flow to a = upstream * a\n"
        "  right              flow to a = upstream * b, for y = a * b\n"
        "\n"
        "First wrong at v2 = a * b + c: its gradient comes out as 4 instead of -2.\n"
        "\n"
        "  leaf   gradient   with the mistake   made in the last step only\n"
        "  a      6          8                  -4\n"
        "  b      -4         -12                6\n"
        "  c      -2         4                  -2\n"
        "  f      4          -2                 -2"
    )
    text = mistakes(y, "zero_grad").text
    assert "  leaf   gradient   with the mistake\n  a      6          12\n" in text


def test_where_it_makes_no_difference_the_smallest_graph_is_told():
    text = mistakes(evaluate(*LECTURE)[0], "overwrite").text
    assert text.endswith(
        "No difference on this graph: it needs a value that is used twice.\n"
        "\n"
        "The smallest graph on which it makes one: a + a at a = 3, where the gradient of\n"
        "a is 2, and with the mistake 1."
    )
    text = " ".join(mistakes(evaluate(*LECTURE)[0], "quantity").text.split())
    assert text.endswith("of a is 0.786448, and with the mistake 0.75.")
    text = mistakes(evaluate("a + a", {"a": 3})[0], "unswapped").text
    assert "a * b at a = 3, b = 2, where the gradient of" in " ".join(text.split())


def test_all_mistakes_are_told_in_a_table_and_those_without_effect_below_it():
    assert mistakes(evaluate(*LECTURE)[0]).text == (
        "The first node that goes wrong, with each mistake:\n"
        "\n"
        "  mistake     what it does                             node   right   wrong\n"
        "  zero_grad   forgets zero_grad between two passes     f      4       8\n"
        "  leftovers   resets only leaves between two passes    v2     -2      -4\n"
        "  local       takes the local derivative only          v1     -2      1\n"
        "  upstream    takes the upstream gradient only         v2     -2      1\n"
        "  unswapped   does not swap the factors of a product   v2     -2      4\n"
        "  sum         adds upstream and local derivative       v2     -2      -1\n"
        "  updated     moves a weight before the pass is over   v2     -2      -2.4\n"
        "\n"
        "Values without a name:\n"
        "  v1 = a * b\n"
        "  v2 = a * b + c\n"
        "\n"
        "No difference on this graph: overwrite (needs a value that is used twice); order\n"
        "and depth-first (need a computed value that is used twice); breadth-first (needs\n"
        "a computed value with a short and a long way to it); sign (needs a subtraction,\n"
        "a division or a minus); quantity (needs a function of one number, such as tanh)."
    )
    made = mistakes(evaluate("2*a", {"a": 3})[0], "zero_grad", "sum", "zero_grad")
    assert [one.bug.name for one in made.outcomes] == ["zero_grad", "sum"]
    assert "No difference" not in made.text
    assert mistakes(Value(1.0, "a"), "order", "sum").text.startswith("No difference on this graph")


def test_a_right_gradient_is_written_as_the_sum_of_up_to_eight_flows():
    y, _ = evaluate("a - 2*a", {"a": 3})
    assert "comes out as -2 instead of 1 + (-2) = -1." in mistakes(y, "overwrite").text
    for count, right in ((8, "8 + 7 + 6 + 5 + 4 + 3 + 2 + 1 = 36"), (9, "45")):
        a = Value(1.0, "a")
        y = a * 1.0
        for i in range(2, count + 1):
            y = y + a * float(i)
        text = " ".join(mistakes(y, "overwrite").text.split())
        assert text.endswith(f"its gradient comes out as 1 instead of {right}.")


def test_gradients_differ_by_more_than_a_billionth_and_names_may_be_given():
    x = Value(1.0)
    (one,) = mistakes(x * (1 + 5e-10), "upstream").outcomes
    assert one.node is None
    made = mistakes(x * (1 + 2e-9), "upstream", names={"weight": x})
    assert made.outcomes[0].node is x and made.names[x] == "weight"
    # a 0 that was left by rounding, beside gradients of a million and of 1
    assert not differ({x: 1e-9}, {x: 0.0}, x, scale=1e6)
    assert differ({x: 1e-9}, {x: 0.0}, x, scale=1.0)


def test_every_report_is_json_and_no_line_of_it_is_wide():
    y, _ = evaluate(*LECTURE)
    one = mistakes(y)
    data = json.loads(one.json)
    assert list(data["mistakes"]) == list(BUGS)
    assert data["mistakes"]["unswapped"]["first_wrong"] == "v2"
    assert data["mistakes"]["overwrite"]["first_wrong"] is None
    assert data["mistakes"]["unswapped"]["last_step"]["a"] == -4
    assert max(map(len, one.text.splitlines())) <= 80


def test_values_are_called_by_the_callers_variables():
    p = Value(3.0)
    assert mistakes(p * p, "overwrite").data["mistakes"]["overwrite"]["first_wrong"] == "p"
    (name,) = mistakes(p, "sum", names=False).names.values()
    assert name == "v1"


def test_labels_cannot_break_the_page(label):
    a = Value(3.0, label)
    text = mistakes(a * a, names=False).html
    assert "<script>" not in text and "<b>" not in text and "<img" not in text


def test_a_recursion_that_does_not_end_is_said_not_to():
    y = Value(1.0, "a")
    for _ in range(60):
        y = y + y
    one = mistakes(y, "order").outcomes[0]
    assert (
        one.node is None and one.reason == ""
    )  # each doubling is one way on, for a set of parents
    for _ in range(60):
        y = y + 2.0 * y
    (one,) = mistakes(y, "order").outcomes
    assert "an engine with this mistake does not finish" in one.reason
    assert "cannot be run on this graph" in mistakes(y, "order").text
    assert "cannot be run on this graph" in mistakes(y).text


def test_a_branch_that_was_not_taken_gets_nothing_with_any_mistake():
    x, z = Value(2.0, "x"), Value(-1.0, "z")
    y = where(x > 0, x * 3.0, lambda: z.log()) * 2.0
    for one in mistakes(y).outcomes:
        assert one.gradients[z] == 0, one.bug.name


def test_a_custom_operation_takes_part():
    cube = Op("test_mistakes_cube", lambda a: a * a * a, (lambda y, a: 3 * a * a,))
    try:
        assert leaves(cube(Value(2.0, "x")) * 5.0, "local") == {"x": 12.0}
    finally:
        del TABLE[cube.name]


@pytest.mark.parametrize(
    ("call", "kind", "sentence"),
    [
        (lambda: mistakes(3.0), TypeError, "takes a Value, not float"),
        (lambda: mistakes(Value(3.0), "overwrit"), ValueError, "did you mean overwrite?"),
        (lambda: mistakes(Value(3.0), rate=0), ValueError, "the rate must be positive"),
    ],
)
def test_what_cannot_be_run_is_said_in_a_sentence(call, kind, sentence):
    with pytest.raises(kind, match=sentence.replace("?", r"\?")):
        call()


def test_a_stale_graph_is_an_error():
    a = Value(3.0, "a")
    y = a * a
    a.data = 4.0
    with pytest.raises(StaleGraph):
        mistakes(y)


def test_no_gradient_is_set_and_a_leaf_alone_has_no_mistakes():
    a = Value(3.0, "a")
    y = relu(a)
    mistakes(y)
    assert a.grad is None and y.grad is None
    assert all(one.node is None for one in mistakes(a).outcomes)


def test_a_right_flow_of_an_edge_without_a_derivative_is_none_at_all():
    x = Value(0.0, "x")
    y = 0.0 * x.sqrt()
    graph = Graph(y)
    (edge,) = graph.edges[y.parents[0]]
    assert edge.slope is None and right_flow(edge, 0.0) == 0.0
