"""What forward and reverse mode cost, counted while they run."""

import pytest

from autograd import Value, jacobian, tanh, topological_order, where
from autograd.teaching import costs
from tests.graphs import random_graph


def test_reverse_mode_costs_outputs_times_edges_and_forward_mode_inputs_times_edges():
    for seed in range(200):
        y = random_graph(seed)
        order = topological_order(y)
        leaves = [x for x in order if x.op is None]
        inner = [x for x in order if x.op is not None][-3:] or [y]
        ys = [x for x in inner if x is not y] + [y]
        found = costs(ys, leaves)
        every = {node for one in ys for node in topological_order(one)}
        edges = sum(len(node.parents) for node in every)
        assert found.edges == edges and found.nodes == len(every)
        assert found.reverse.multiply_adds == len(ys) * edges
        assert found.forward.multiply_adds == len(leaves) * edges
        assert (found.reverse.sweeps, found.forward.sweeps) == (len(ys), len(leaves))
        right = jacobian(ys, leaves)
        for rows in (found.reverse.jacobian, found.forward.jacobian):
            for row, expected in zip(rows, right, strict=True):
                assert row == pytest.approx(expected, rel=1e-12, abs=1e-12)


def test_reverse_mode_stores_a_long_chain_and_forward_mode_does_not():
    y = x = Value(0.5, "x")
    for _ in range(100):
        y = tanh(y)
    found = costs(y, [x])
    assert found.forward.stored == 4  # two values and their tangents
    assert found.reverse.stored == 101 + 2  # all values, and two gradients
    assert found.verdict.endswith("and forward mode stores fewer numbers.")


@pytest.mark.parametrize(
    ("inputs", "outputs", "sentence"),
    [
        (3, 1, "So reverse mode does 3 times less work here."),
        (6, 2, "So reverse mode does 3 times less work here."),
        (1, 4, "So forward mode does 4 times less work here."),
        (2, 2, "Here both do the same work"),
    ],
)
def test_the_cheaper_mode_is_named(inputs, outputs, sentence):
    xs = [Value(float(i + 1)) for i in range(inputs)]
    ys = [sum((x * (k + 1.0) for x in xs), Value(0.0)) for k in range(outputs)]
    assert sentence in " ".join(costs(ys, xs).text.split())


def test_a_leaf_alone_costs_as_much_in_both_modes_and_an_input_without_a_path_has_0():
    a, b = Value(2.0), Value(3.0)
    found = costs(a, [a])
    assert found.reverse.stored == found.forward.stored == 2
    assert found.verdict.endswith("Here both do the same work.")
    found = costs((y for y in [a * 2.0]), (x for x in [a, b]))
    assert found.reverse.jacobian == found.forward.jacobian == ((2.0, 0.0),)


def test_costs_needs_inputs_and_outputs():
    a = Value(1.0)
    with pytest.raises(ValueError, match="at least one output and one input"):
        costs([], [a])
    with pytest.raises(TypeError, match="takes Values, not 2"):
        costs(a, [2])


def test_where_nothing_flows_no_local_derivative_is_asked_for():
    x = Value(0.0, "x")
    for y in (0.0 * x.sqrt(), where(x > 0, x.sqrt(), 2.0 * x) + x * 0.0):
        found = costs(y, [x])
        y.backward()
        assert found.reverse.jacobian == found.forward.jacobian == ((x.grad,),)
        x.grad = None
