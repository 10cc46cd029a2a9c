"""The edges between two values: counts, lengths and costs of paths, and the factored form."""

import pytest

from autograd import Value
from autograd.expression import evaluate
from autograd.op import TABLE
from autograd.teaching.factored import stations
from autograd.teaching.routes import Routes, links_between
from tests.formulas import brute_paths, differentiable


def routes(text, **numbers):
    y, known = evaluate(text, numbers)
    return Routes(y, known["x"])


def all_routes():
    """Routes of a hundred random graphs, each with all its paths as a recursion finds them."""
    for _, y, gradient in differentiable(range(100)):
        if any(node.op is TABLE["where"] for node in gradient):
            continue  # a branch that was not taken is no path
        for x in gradient:
            yield Routes(y, x), brute_paths(y, x), gradient[x]


def test_counts_lengths_and_costs_are_those_of_all_paths():
    for found, brute, gradient in all_routes():
        slopes = {(one.node, one.position): one.slope for one in found.links}
        factors = [sum(slopes[edge] != 1 for edge in path) for path in brute]
        assert found.gradient == gradient and found.count == len(brute)
        assert found.total_length == sum(map(len, brute))
        assert found.multiplications == sum(max(one - 1, 0) for one in factors)
        listed = [[(one.node, one.position) for one in path] for path in found.paths()]
        assert listed == brute
        assert {edge for path in brute for edge in path} == set(slopes)


def test_the_lines_of_the_factored_form_come_to_the_gradients_of_the_sweep():
    for found, brute, gradient in all_routes():
        made = stations(found)
        if found.x is found.y or not brute:
            assert made == []
            continue
        assert made[-1].node is found.x and made[-1].gradient == gradient
        upstream = {found.y: 1.0} | {one.node: one.gradient for one in made}
        for one in made:
            assert one.gradient == pytest.approx(sum(term.flow for term in one.terms), rel=1e-9)
            for term in one.terms:
                flow = upstream[term.above]
                for link in term.links:
                    assert not link.is_one
                    flow *= link.factor
                assert term.flow == pytest.approx(flow, rel=1e-12)
        # a value whose gradient is that of another has no line, unless it is asked for
        for one in made[:-1]:
            assert len(one.terms) > 1 or one.terms[0].links


def test_a_chain_is_one_product_and_edges_of_1_are_no_factors():
    (only,) = stations(routes("((2 * x + 1) * 3 - 4) * 5", x=2.0))
    assert [[link.slope for link in term.links] for term in only.terms] == [[5.0, 3.0, 2.0]]
    assert only.terms[0].above.op is not None and only.gradient == only.terms[0].flow == 30.0


def test_a_value_with_the_gradient_of_another_has_no_line():
    made = stations(routes("s = x * x; s + 1", x=2.0))
    assert [len(one.terms) for one in made] == [2]  # both edges of the square
    made = stations(routes("h = 3 * x; s = h + 1; s * s * h", x=2.0))
    assert [len(one.terms) for one in made] == [1, 2, 2, 1]


def test_two_paths_of_the_same_edges_of_1_cost_nothing():
    found = routes("y = x + x; y + y", x=2.0)
    assert (found.count, found.total_length, found.multiplications) == (4, 8, 0)
    assert [len(one.terms) for one in stations(found)] == [2, 2]


def test_where_there_is_no_derivative_nothing_flows():
    found = routes("w * sqrt(x)", w=0.0, x=0.0)
    assert [(one.slope, one.factor) for one in found.links] == [(0.0, 0.0), (None, 0.0)]
    assert found.gradient == 0 and not found.links[0].is_one


def test_without_a_path_there_are_no_edges():
    a, b = Value(2.0), Value(3.0)
    found = Routes(a * 2.0, b)
    assert (found.count, found.total_length, found.gradient) == (0, 0, 0.0)
    assert not found.is_connected and list(found.paths()) == [] and stations(found) == []
    same = Routes(a, a)
    assert (same.count, same.total_length, same.gradient) == (1, 0, 1.0)
    assert same.is_connected and list(same.paths()) == [()]


def test_branches_that_were_not_taken_are_no_way():
    found = routes("h = x * b; where(0 < c, x * a, h)", x=2.0, a=3.0, b=4.0, c=1.0)
    assert found.count == 1 and found.gradient == 3.0 and len(found.links) == 2


def test_edges_that_lead_to_any_of_several_values():
    y, known = evaluate("a * b + c", {"a": 2.0, "b": 3.0, "c": 4.0})
    to_two = links_between(y, [known["a"], known["c"]], list(Routes(y, y).order))
    assert [one.parent for one in to_two if one.parent.op is None] == [known["c"], known["a"]]
