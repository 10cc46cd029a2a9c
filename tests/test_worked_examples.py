"""Numbers that others have worked out by hand, or with sixty digits, and the engine reproduces.

`data/worked_examples.json` holds M. Mazur's 2-2-2 network, trained in three ways for 10,000 rounds
(https://mattmazur.com/2015/03/17/a-step-by-step-backpropagation-example/);
`data/ad_test_functions.json` classic functions with value, gradient and Hessian.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

import autograd
from autograd import Value, grad, gradients, hessian, jacobian, jvp, sigmoid

DATA = Path(__file__).parent / "data"
NETWORK = json.loads((DATA / "worked_examples.json").read_text())
FUNCTIONS = json.loads((DATA / "ad_test_functions.json").read_text())


# The 2-2-2 network of sigmoids.


@dataclass
class Network:
    """Two inputs, two hidden neurons, two outputs: the leaves, and what one pass made of them."""

    W: list = field(default_factory=lambda: leaves([[0.15, 0.20], [0.25, 0.30]]))
    V: list = field(default_factory=lambda: leaves([[0.40, 0.45], [0.50, 0.55]]))
    b1: list = field(default_factory=lambda: [Value(0.35), Value(0.35)])
    b2: list = field(default_factory=lambda: [Value(0.60), Value(0.60)])
    inputs: tuple = (0.05, 0.10)
    targets: tuple = (0.01, 0.99)

    def forward(self) -> Value:
        self.nh = [weighted(self.W[j], self.inputs) + self.b1[j] for j in range(2)]
        self.h = [sigmoid(net) for net in self.nh]
        self.no = [weighted(self.V[k], self.h) + self.b2[k] for k in range(2)]
        self.o = [sigmoid(net) for net in self.no]
        self.e = [0.5 * (t - o) ** 2 for t, o in zip(self.targets, self.o, strict=True)]
        return self.e[0] + self.e[1]

    def leaves(self) -> list[Value]:
        return [*self.W[0], *self.W[1], *self.V[0], *self.V[1], *self.b1, *self.b2]

    def sweep(self) -> Value:
        """The gradients of a fresh pass."""
        E = self.forward()
        for leaf in self.leaves():
            leaf.zero_grad()
        E.backward()
        return E


def leaves(rows):
    return [[Value(x) for x in row] for row in rows]


def weighted(weights, inputs):
    return weights[0] * inputs[0] + weights[1] * inputs[1]


def step(parameters, eta: float = 0.5) -> None:
    for parameter in parameters:
        parameter.data -= eta * parameter.grad


def weights_only(net: Network) -> dict:
    """All gradients first, then all updates; the biases stay."""
    net.sweep()
    seen = figures(net)
    step([*net.W[0], *net.W[1], *net.V[0], *net.V[1]])
    return seen


def weights_and_biases(net: Network) -> dict:
    net.sweep()
    seen = figures(net)
    step(net.leaves())
    return seen


def hidden_weights_through_updated_output_weights(net: Network) -> dict:
    """The fault in the published code: errors flow back along weights already changed.

    These are no gradients of E, but of the updated nets, each weighted with its old delta.
    """
    net.sweep()
    seen = figures(net)
    deltas = seen["d"]
    step([*net.V[0], *net.V[1]])
    for parameter in [*net.W[0], *net.W[1]]:
        parameter.zero_grad()
    nets = [weighted(net.V[k], net.h) for k in range(2)]
    (deltas[0] * nets[0] + deltas[1] * nets[1]).backward()
    seen |= {key: value for key, value in figures(net).items() if key in ("gh", "dh", "gW")}
    step([*net.W[0], *net.W[1]])
    return seen


def figures(net: Network) -> dict:
    """The numbers of one pass, under the names of the data file."""

    def data(nodes):
        return [node.data for node in nodes]

    def grads(nodes):
        return [node.grad for node in nodes]

    return {
        "nh": data(net.nh),
        "h": data(net.h),
        "no": data(net.no),
        "o": data(net.o),
        "e": data(net.e),
        "d": grads(net.no),
        "gV": [grads(row) for row in net.V],
        "gh": grads(net.h),
        "dh": grads(net.nh),
        "gW": [grads(row) for row in net.W],
    }


ROUNDS = {
    "old_weights_biases_fixed": weights_only,
    "updated_output_weights_biases_fixed": hidden_weights_through_updated_output_weights,
    "old_weights_biases_per_neuron_updated": weights_and_biases,
}


def near(expected):
    """Within a relative 1e-12, also in nested lists."""
    if isinstance(expected, list) and isinstance(expected[0], list):
        return [near(row) for row in expected]
    return pytest.approx(expected, rel=1e-12, abs=0)


def test_the_data_file_holds_the_three_ways_of_training_that_are_known_here():
    assert {name for name in NETWORK if not name.startswith("_")} == set(ROUNDS)


@pytest.mark.parametrize("name", ROUNDS)
def test_the_first_round_has_every_figure_that_was_worked_out(name):
    expected = NETWORK[name]
    net = Network()
    assert net.forward().data == near(expected["E0"])
    seen = ROUNDS[name](net)
    assert seen.keys() == expected["step0"].keys()
    for key, figure in expected["step0"].items():
        assert seen[key] == near(figure), key

    after = expected["after1"]
    assert after.keys() == {"W", "V", "b1", "b2", "E"}
    assert [[x.data for x in row] for row in net.W] == near(after["W"])
    assert [[x.data for x in row] for row in net.V] == near(after["V"])
    assert [x.data for x in net.b1] == near(after["b1"])
    assert [x.data for x in net.b2] == near(after["b2"])
    assert net.forward().data == near(after["E"])


@pytest.mark.parametrize("name", ROUNDS)
def test_ten_thousand_rounds_end_where_they_were_worked_out_to_end(name):
    expected = {
        int(key.removeprefix("after")): value
        for key, value in NETWORK[name].items()
        if key.startswith("after")
    }
    assert set(expected) == {1, 2, 10, 100, 1000, 9999, 10000}
    net = Network()
    for done in range(1, 10_001):
        ROUNDS[name](net)
        if done in expected:
            assert net.forward().data == near(expected[done]["E"]), done
            if done > 1:
                assert [o.data for o in net.o] == near(expected[done]["o"]), done


def test_the_error_printed_after_one_round_is_that_of_the_faulty_update():
    errors = {}
    for name, one_round in ROUNDS.items():
        net = Network()
        one_round(net)
        errors[name] = net.forward().data
    printed = 0.291027924
    assert errors["updated_output_weights_biases_fixed"] == pytest.approx(printed, abs=5e-10)
    assert errors["old_weights_biases_fixed"] != pytest.approx(printed, abs=1e-7)


def test_a_bias_shared_by_two_neurons_receives_the_sum_of_both_deltas():
    b1, b2 = Value(0.35), Value(0.60)
    net = Network(b1=[b1, b1], b2=[b2, b2])
    net.forward().backward()
    deltas = NETWORK["old_weights_biases_fixed"]["step0"]
    assert b1.grad == near(sum(deltas["dh"]))
    assert b2.grad == near(sum(deltas["d"]))
    assert b1.grad == pytest.approx(0.018725609395, abs=5e-13)
    assert b2.grad == pytest.approx(0.100400325112, abs=5e-13)


@pytest.mark.parametrize(("rounds", "E"), [(1, 0.285750886699), (2, 0.272797264200)])
def test_shared_biases_that_are_updated_too_give_the_error_worked_out(rounds, E):
    b1, b2 = Value(0.35), Value(0.60)
    net = Network(b1=[b1, b1], b2=[b2, b2])
    for _ in range(rounds):
        net.sweep()
        step([*net.W[0], *net.W[1], *net.V[0], *net.V[1], b1, b2])
    assert net.forward().data == pytest.approx(E, abs=5e-13)


# 'Understanding the Backpropagation Algorithm': the same network, with a misprinted target.


def test_a_target_of_022_for_the_second_output_would_lower_w7_and_w8():
    net = Network(targets=(0.01, 0.22))
    assert net.forward().data == pytest.approx(0.427676027, abs=5e-10)
    weights_only(net)
    assert net.V[1][0].data == pytest.approx(0.471213, abs=5e-7)
    assert net.V[1][1].data == pytest.approx(0.521038, abs=5e-7)


def test_a_target_of_099_gives_the_printed_w5_to_w8():
    net = Network()
    weights_only(net)
    updated = [x.data for row in net.V for x in row]
    assert updated == pytest.approx([0.358916, 0.408666, 0.511301, 0.561370], abs=5e-7)


@pytest.mark.parametrize(
    ("one_round", "expected"),
    [
        (weights_only, [0.149780716, 0.199561432, 0.249751144, 0.299502287]),
        (
            hidden_weights_through_updated_output_weights,
            [0.149817639, 0.199635277, 0.249788185, 0.299576370],
        ),
    ],
)
def test_w1_to_w4_depend_on_which_output_weights_the_errors_flow_through(one_round, expected):
    net = Network()
    one_round(net)
    assert [x.data for row in net.W for x in row] == pytest.approx(expected, abs=5e-10)


# 'Backpropagation — Edureka': y = W·x on (0, 0), (1, 2), (2, 4).

POINTS = [(0, 0), (1, 2), (2, 4)]
SHARES = {"sum": 1, "mean": 1 / 3, "half sum": 1 / 2}


@pytest.mark.parametrize(
    ("W", "outputs", "absolute", "squared", "slope"),
    [
        (4.0, [0, 4, 8], [0, 2, 4], [0, 4, 16], 20),
        (3.0, [0, 3, 6], [0, 1, 2], [0, 1, 4], 10),
        (2.0, [0, 2, 4], [0, 0, 0], [0, 0, 0], 0),
    ],
)
def test_the_table_of_the_single_weight(W, outputs, absolute, squared, slope):
    W = Value(W, "W")
    made = [W * x for x, _ in POINTS]
    errors = [y - target for y, (_, target) in zip(made, POINTS, strict=True)]
    squares = [error**2 for error in errors]
    assert [y.data for y in made] == outputs
    assert [abs(error).data for error in errors] == absolute
    assert [one.data for one in squares] == squared
    for share in SHARES.values():
        E = share * sum(squares)
        assert E.data == pytest.approx(share * sum(squared), rel=1e-15)
        first = grad(E, W)
        assert first.data == pytest.approx(share * slope, rel=1e-15)
        assert grad(first, W).data == pytest.approx(share * 10, rel=1e-15)


@pytest.mark.parametrize(
    ("share", "limit"), [("sum", 0.2), ("mean", 0.6), ("half sum", 0.4)], ids=list(SHARES)
)
def test_descent_on_the_single_weight_is_exact_at_half_the_limit_and_diverges_beyond(share, limit):
    def distance_after(steps, eta):
        W = Value(3.0)
        for _ in range(steps):
            E = SHARES[share] * sum((W * x - target) ** 2 for x, target in POINTS)
            W.zero_grad()
            E.backward()
            step([W], eta)
        return abs(W.data - 2)

    assert distance_after(1, limit / 2) < 1e-15
    assert distance_after(100, 0.95 * limit) < 0.01
    assert distance_after(100, 1.05 * limit) > 100


# 'What is Backpropagation?': the delta rule, whose deltas have the opposite sign.


def test_the_delta_rule_takes_the_same_step_with_deltas_of_the_opposite_sign():
    net = Network()
    net.forward().backward()
    o, h, inputs = net.o, net.h, net.inputs
    slope_at = {y: y.slope(0) for y in [*o, *h]}  # f'(net), from the table
    delta_o = [(t - y.data) * slope_at[y] for t, y in zip(net.targets, o, strict=True)]
    delta_h = [
        sum(net.V[k][j].data * delta_o[k] for k in range(2)) * slope_at[h[j]] for j in range(2)
    ]
    assert delta_o == near([-node.grad for node in net.no])
    assert delta_h == near([-node.grad for node in net.nh])
    assert delta_o == pytest.approx([-0.138498561629, 0.038098236517], abs=5e-13)
    assert delta_h == pytest.approx([-0.008771354689, -0.009954254705], abs=5e-13)
    for k in range(2):
        for j in range(2):
            assert net.V[k][j].grad == near(-delta_o[k] * h[j].data)
            assert net.W[k][j].grad == near(-delta_h[k] * inputs[j])
    assert -delta_o[0] * h[0].data == pytest.approx(0.082167040564, abs=5e-13)
    assert -delta_h[0] * inputs[0] == pytest.approx(0.000438567734, abs=5e-13)


@pytest.mark.parametrize(("share", "factor"), [(1.0, 2.0), (0.5, 1.0)])
def test_without_the_half_in_the_error_every_delta_doubles(share, factor):
    net = Network()
    net.forward()
    E = share * sum((t - y) ** 2 for t, y in zip(net.targets, net.o, strict=True))
    found = gradients(E)
    expected = NETWORK["old_weights_biases_fixed"]["step0"]["d"]
    assert [found[node] for node in net.no] == near([factor * delta for delta in expected])


# The classic functions.

NAMES = {name: getattr(autograd, name) for name in "exp log sqrt sin cos tanh sigmoid".split()}


def functions(row: dict) -> dict[str, Callable]:
    """The row's function, from its expression and from its program where it has one."""

    def from_expression(*xs):
        return eval(row["expr"], dict(NAMES), dict(zip(row["inputs"], xs, strict=True)))

    def from_program(*xs):
        names = dict(zip(row["inputs"], xs, strict=True))
        exec("\n".join(row["program"]), dict(NAMES), names)
        return list(names.values())[-1]

    return {"expr": from_expression} | ({"program": from_program} if "program" in row else {})


every_function = pytest.mark.parametrize(
    ("row", "f"),
    [
        pytest.param(row, f, id=f"{row['name']}-{kind}")
        for row in FUNCTIONS
        for kind, f in functions(row).items()
    ],
)


def close(expected):
    """err / max(1, |true|) of at most 1e-12."""
    return pytest.approx(expected, rel=1e-12, abs=1e-12)


def test_there_are_twenty_three_classic_functions():
    assert len({row["name"] for row in FUNCTIONS}) == 23


@every_function
def test_value_gradient_and_hessian_of_a_classic_function(row, f):
    xs = [Value(x, name) for name, x in row["inputs"].items()]
    true_gradient = [row["grads"][name] for name in row["inputs"]]
    y = f(*xs)
    assert y.data == close(row["value"])
    assert [slope.data for slope in grad(y, xs)] == close(true_gradient)
    assert jacobian([y], xs)[0] == close(true_gradient)
    matrix = hessian(y, xs)
    assert len(matrix) == len(row["hess"])
    for ours, true in zip(matrix, row["hess"], strict=True):
        assert ours == close(true)
    y.backward()
    assert [x.grad for x in xs] == close(true_gradient)


@every_function
def test_forward_mode_of_a_classic_function(row, f):
    at = list(row["inputs"].values())
    units = [[float(i == j) for j in range(len(at))] for i in range(len(at))]

    def slope_along(unit):
        return lambda *xs: jvp(f, xs, unit)[1]

    for unit, name, true_row in zip(units, row["inputs"], row["hess"], strict=True):
        value, tangent = jvp(f, at, unit)
        assert value == close(row["value"])
        assert tangent == close(row["grads"][name])
        curvatures = [jvp(slope_along(unit), at, other)[1] for other in units]
        assert curvatures == close(true_row)
