"""A program computes what the graph it was recorded from computes, for any number of examples."""

import copy
import math
import pickle
import random

import numpy as np
import pytest

from autograd import (
    TABLE,
    AutogradError,
    Op,
    Program,
    Value,
    chain_rule,
    cos,
    gradients,
    relu,
    tanh,
)
from autograd.op import BUILT_IN
from autograd.program import interpreters as machines
from nn import MLP, SGD, binary_cross_entropy, cross_entropy, hinge

MACHINES = list(machines.MACHINES)
EXACT = [machine for machine in MACHINES if machine != "numpy"]  # whose functions are its own
ORDINARY = {
    "acosh": (1.7,), "log": (0.7,), "log2": (0.7,), "log10": (0.7,), "power": (1.7, -2.3),
    "clip": (0.5, 0.1, 0.9),
}  # fmt: skip


def point(row):
    return ORDINARY.get(row.name, (0.6, -0.3, 0.9)[: len(row.partials)])


def random_graph(seed):
    """Leaves, and a result made from them: repeated parents, shared nodes, constants, every row."""
    chance = random.Random(seed)
    rows = [TABLE[name] for name in sorted(BUILT_IN)]
    while True:
        leaves = [Value(chance.choice([-2.0, -0.5, 0.5, 1.0, 3.0]), f"x{i}") for i in range(4)]
        pool = list(leaves)
        try:
            while len(pool) < 16:
                row = chance.choice(rows)
                new = row(*[chance.choice([*pool, pool[-1], 2.0, -0.5]) for _ in row.partials])
                if isinstance(new, Value) and abs(new.data) < 1e6:
                    pool.append(new)
            if any(slope is None for _, _, _, slope, _, _ in chain_rule(pool[-1])):
                continue  # 0 · ∞, which is nan in IEEE 754: the sweep knows better
            Program(pool[-1])  # which raises for (-0.5) ** x: its slope is no real number for any x
            return leaves, pool[-1]
        except AutogradError:
            continue


@pytest.mark.parametrize("machine", EXACT)
@pytest.mark.parametrize("seed", range(300))
def test_runs_equal_the_sweep_to_the_last_bit(machine, seed):
    leaves, y = random_graph(seed)
    found = gradients(y)
    program = Program(y, inputs=leaves[:2])
    row = [x.data for x in leaves[:2]]
    (value,), (grads,) = program.value_and_gradients([row], reduce="none", machine=machine)
    assert value == y.data == program([row], machine=machine)[0]
    assert list(grads) == [found[p] for p in program.parameters]


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("name", sorted(BUILT_IN))
def test_every_machine_runs_every_row_like_python(machine, name):
    row = TABLE[name]
    leaves = [Value(x, f"x{i}") for i, x in enumerate(point(row))]
    scale = Value(1.5, "scale")
    program = Program(row(*[scale * leaf for leaf in leaves]), inputs=leaves)
    rows = [[x * 1.01**k for x in point(row)] for k in range(5)]
    for reduce in ("none", "sum", "mean"):
        expected = program.value_and_gradients(rows, reduce, machine="python")
        got = program.value_and_gradients(rows, reduce, machine=machine)
        assert got[0] == pytest.approx(expected[0], rel=1e-12, abs=1e-15)
        assert np.array(got[1]) == pytest.approx(np.array(expected[1]), rel=1e-12, abs=1e-15)


@pytest.mark.parametrize("machine", MACHINES)
def test_a_batch_gives_the_sum_of_what_its_examples_give(machine):
    x, w = Value(0.0, "x"), Value(0.5, "w")
    program = Program(tanh(w * x), inputs=[x])
    rows = [[-1.0], [0.5], [2.0]]
    values, grads = program.value_and_gradients(rows, reduce="none", machine=machine)
    assert np.allclose(values, [math.tanh(0.5 * r) for (r,) in rows])
    assert np.shape(grads) == (3, 1)
    total, (slope,) = program.value_and_gradients(rows, machine=machine)
    mean, (mean_slope,) = program.value_and_gradients(rows, reduce="mean", machine=machine)
    assert total == pytest.approx(sum(values)) == pytest.approx(3 * mean)
    assert slope == pytest.approx(np.sum(grads)) == pytest.approx(3 * mean_slope)


@pytest.mark.parametrize("machine", MACHINES)
def test_parameters_are_read_when_the_program_runs(machine):
    x, w = Value(3.0, "x"), Value(2.0, "w")
    program = Program(w * x, inputs=[x])
    w.data = 10.0
    assert list(program([[1.0], [2.0]], machine=machine)) == [10.0, 20.0]
    assert x.data == 3.0


@pytest.mark.parametrize("machine", MACHINES)
def test_what_does_not_depend_on_the_example_counts_once_per_example(machine):
    x, w = Value(1.0, "x"), Value(3.0, "w")
    program = Program(w * w + 0 * x, inputs=[x])
    total, (slope,) = program.value_and_gradients([[1.0], [2.0]], machine=machine)
    assert (total, slope) == (18.0, 12.0)


@pytest.mark.parametrize("machine", MACHINES)
def test_runs_follow_ieee_and_never_raise(machine):
    x, w = Value(1.0, "x"), Value(1.0, "w")
    program = Program(w / x + (w * x).sqrt(), inputs=[x])
    values = program([[4.0], [0.0], [-1.0], [math.inf], [math.nan]], machine=machine)
    assert values[0] == 2.25 and values[1] == math.inf and values[3] == math.inf
    assert math.isnan(values[2]) and math.isnan(values[4])


@pytest.mark.parametrize("machine", MACHINES)
def test_conventions_at_corners_are_those_of_the_table(machine):
    x, w = Value(1.0, "x"), Value(1.0, "w")
    program = Program(relu(w * x) + abs(w * x), inputs=[x])
    w.data = 0.0
    value, grads = program.value_and_gradients([[1.0]], machine=machine)
    assert (value, list(grads)) == (0.0, [0.0])


def test_the_loss_of_an_mlp_has_the_gradients_of_the_sweep():
    model = MLP(2, [16, 16, 1], seed=0)
    x = [Value(0.3, "x1"), Value(-0.7, "x2")]
    loss = hinge([model(x)], [1])
    program = Program(loss, inputs=x)
    assert program.parameters == model.parameters()
    found = gradients(loss)
    for machine in EXACT:
        value, grads = program.value_and_gradients([[0.3, -0.7]], machine=machine)
        assert value == loss.data and list(grads) == [found[p] for p in model.parameters()]
    assert 1500 < program.source().count("\n") < 2500


@pytest.mark.parametrize("target", [0, 1, 2])
def test_cross_entropy_recorded_for_one_example_is_stable_for_all(target):
    logits = [Value(0.1, "a"), Value(0.2, "b"), Value(0.3, "c")]
    program = Program(cross_entropy([logits], [target]), inputs=logits)
    for row in ([1000.0, 0.0, -1000.0], [-1000.0, 1000.0, 0.0], [0.0, 0.0, 0.0]):
        expected = cross_entropy([[Value(z) for z in row]], [target]).data
        assert [program([row], machine)[0] for machine in EXACT] == [expected] * len(EXACT)
        assert program([row], machine="numpy")[0] == pytest.approx(expected)


def test_binary_cross_entropy_recorded_for_one_example_is_stable_for_all():
    z = Value(0.1, "z")
    program = Program(binary_cross_entropy([z], [1]), inputs=[z])
    assert list(program([[1000.0], [-1000.0]])) == [0.0, 1000.0]


@pytest.mark.parametrize("machine", MACHINES)
def test_other_values_of_the_graph_come_along(machine):
    x, w = Value(3.0, "x"), Value(2.0, "w")
    h = w * x
    program = Program(h**2, inputs=[x], also=[h, h + 1])
    total, grads, also = program.value_gradients_and_also([[3.0], [0.5]], machine=machine)
    assert (total, list(grads)) == (37.0, [37.0])
    assert np.array(also).tolist() == [[6.0, 7.0], [1.0, 2.0]]


def test_work_is_shared_and_what_nobody_needs_is_left_out():
    x, w = Value(2.0, "x"), Value(3.0, "w")
    shared = Program(tanh(w * x) + tanh(x * w), inputs=[x])
    assert shared.source(gradients=False).count("tanh(") == 1
    only_value = Program(tanh(w * x) * 2, inputs=[x]).source(gradients=False)
    assert only_value.count("=") == 3


def test_minus_zero_and_zero_are_different_constants():
    x = Value(1.0, "x")
    program = Program((x * 0.0) + (x * -0.0), inputs=[x])
    assert "0.0" in program.source() and "(-0.0)" in program.source()


def test_the_source_is_python_that_runs():
    a, b = Value(2.0, "a"), Value(-3.0, "layer1.b")
    program = Program(tanh(a * b) / b**2, inputs=[a])
    space = dict(TABLE)
    exec(program.source(), space)
    value, grads = space["program"](2.0, -3.0)
    assert (value, [*grads]) == program.value_and_gradients([[2.0]], machine="python")
    assert program.source().startswith("def program(a, layer1_b):")


def test_labels_that_are_no_names_are_replaced():
    leaves = [Value(1.0, label) for label in ("x<y", "x", "x", "", "exp", "v1", "1x")]
    total = leaves[0]
    for leaf in leaves[1:]:
        total = total + leaf
    header = Program(total, inputs=[]).source().splitlines()[0]
    assert header == "def program(leaf0, x, leaf2, leaf3, leaf4, leaf5, leaf6):"


@pytest.mark.parametrize("machine", MACHINES)
def test_a_leaf_alone_and_an_input_nobody_uses_are_programs_too(machine):
    x, unused = Value(2.0, "x"), Value(5.0, "unused")
    assert list(Program(x, inputs=[x])([[7.0]], machine)) == [7.0]
    assert list(Program(x * 2, inputs=[unused, x])([[1.0, 3.0]], machine)) == [6.0]
    value, grads = Program(x, inputs=[]).value_and_gradients([[]], machine=machine)
    assert (value, list(grads)) == (2.0, [1.0])


def test_the_results_are_arrays_unless_a_machine_is_named():
    x, w = Value(2.0, "x"), Value(5.0, "w")
    program = Program(w * x, inputs=[x])
    for results in (program([[1.0]]), program.value_and_gradients([[1.0]])[1]):
        assert isinstance(results, np.ndarray)
    assert type(program.value_and_gradients([[1.0]])[0]) is float
    assert program([[1.0], [2.0]], machine="python") == [5.0, 10.0]


@pytest.mark.native
def test_the_native_machine_refuses_a_custom_primitive_and_another_one_runs_it():
    row = Op("sine_nobody_compiled", lambda a: math.sin(a), (lambda y, a: cos(a),))
    x = Value(0.25, "x")
    program = Program(row(x), inputs=[x])
    with pytest.raises(ValueError, match="sine_nobody_compiled is a custom operation known in Py"):
        program([[0.25]], machine="native")
    assert list(program([[0.25]])) == [math.sin(0.25)]


@pytest.mark.parametrize("machine", MACHINES)
def test_a_custom_operation_that_is_a_formula_runs_on_every_machine(machine):
    hill = Op("hill_in_a_program", lambda a: a * (1 - a), (lambda y, a: 1 - 2 * a,))
    x, w = Value(0.25, "x"), Value(1.0, "w")
    program = Program(hill(w * x), inputs=[x])
    value, grads = program.value_and_gradients([[0.25]], machine=machine)
    assert (value, list(grads)) == (0.1875, [0.125])


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda x: Program(x * 2, inputs=[x * 2]), r"inputs\[0\] is no leaf"),
        (lambda x: Program(x * 2, inputs=[2.0]), r"inputs\[0\] is no leaf"),
        (lambda x: Program(x * 2, inputs=[x, x]), "is there twice"),
        (lambda x: Program(x * 2, inputs=[x])([]), "at least one example"),
        (lambda x: Program(x * 2, inputs=[x])([[1, 2]]), "row 0 has 2 numbers for 1 input"),
        (lambda x: Program(x * 2, inputs=[x])([[1]], machine="abacus"), "no machine named abacus"),
        (
            lambda x: Program(x * 2, inputs=[x]).value_and_gradients([[1]], reduce="max"),
            "reduce must be 'sum', 'mean' or 'none', not 'max'",
        ),
    ],
)
def test_what_cannot_run_is_said_in_one_sentence(make, message):
    with pytest.raises(ValueError, match=message):
        make(Value(1.0, "x"))


@pytest.mark.parametrize("machine", [None, *MACHINES])
@pytest.mark.parametrize(
    ("batch", "message"),
    [
        (None, "a batch is a list of rows, .*, not None"),
        ("ab", "a batch is a list of rows, .*, not 'ab'"),
        ([1.0], "row 0 must be a list of 1 number, not 1.0: a batch is a list of rows"),
        ([[1.0], "a"], "row 1 must be a list of 1 number, not 'a': a batch is a list of rows"),
    ],
)
def test_what_is_no_batch_is_said_in_one_sentence(machine, batch, message):
    x = Value(1.0, "x")
    with pytest.raises(TypeError, match=message):
        Program(x * 2, inputs=[x])(batch, machine)


@pytest.mark.parametrize("machine", MACHINES)
def test_a_sum_over_the_batch_adds_up_what_the_examples_come_to(machine):
    x, k = Value(1.0, "x"), Value(-1e308, "k")
    program = Program(x + k, inputs=[x])
    assert program.value_and_gradients([[1e308]] * 2, machine=machine)[0] == 0.0


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one))])
def test_a_program_that_has_run_is_copied(copied):
    x, w = Value(3.0, "x"), Value(2.0, "w")
    program = Program(tanh(w * x), inputs=[x])
    for machine in MACHINES:
        program([[0.5]], machine)
    for machine in MACHINES:
        assert list(copied(program)([[0.5]], machine)) == list(program([[0.5]], machine))


@pytest.mark.parametrize("machine", MACHINES)
def test_arrays_of_every_layout_are_batches(machine):
    x, z = Value(3.0, "x"), Value(2.0, "z")
    program = Program(x - 2 * z, inputs=[x, z])
    rows = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    packed = np.zeros(3, dtype=[("odd", "i1"), ("rows", "f8", (2,))])
    packed["rows"] = rows
    wide = np.repeat(np.repeat(rows, 2, axis=0), 2, axis=1)[::2, ::2]
    for batch in (rows, rows.astype(np.float32), rows.astype(int), packed["rows"], wide):
        assert list(program(batch, machine)) == [-3.0, -5.0, -7.0]
        assert list(program(np.asfortranarray(batch)[::-1], machine)) == [-7.0, -5.0, -3.0]


@pytest.mark.parametrize("reduce", ["sum", "mean"])
def test_sums_over_examples_are_those_of_one_addition_after_the_other(reduce):
    """On every Python: from 3.12 on its own `sum` would give 1.0."""
    x, w = Value(0.0), Value(1.0)
    program = Program(x * w, [x])
    value, gradient = program.value_and_gradients([[0.1]] * 10, reduce, machine="python")
    n = 10 if reduce == "mean" else 1
    assert (value, gradient[0]) == (0.9999999999999999 / n,) * 2


def test_every_change_of_a_parameter_is_seen():
    class Doubled(Value):
        @property
        def data(self):
            return 2.0 * super().data

        @data.setter
        def data(self, number):
            Value.data.__set__(self, number)

    x, w = Value(1.0, "x"), Value(3.0, "w")
    program, optimizer = Program(w * x, [x]), SGD([w], 1.0)
    seen = lambda: program([[1.0]])[0]
    assert seen() == seen() == 3.0
    w.data = 4.0
    assert seen() == 4.0
    optimizer.step([1.0])
    assert seen() == 3.0
    w.data -= 1.0
    assert seen() == seen() == 2.0
    assert pickle.loads(pickle.dumps(program))([[1.0]])[0] == 2.0
    doubled = Doubled(3.0)
    program = Program(doubled * x, [x])
    assert seen() == 6.0
    doubled.data = 4.0
    assert seen() == 8.0
