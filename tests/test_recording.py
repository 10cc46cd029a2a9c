"""Programs, piece by piece: what is recorded, what is kept of it, and how examples are reduced."""

import math
import pickle
from math import copysign

import pytest

from autograd import (
    Op,
    Program,
    Value,
    add,
    erf,
    logaddexp,
    multiply,
    power,
    sign,
    subtract,
    tanh,
)  # fmt: skip
from autograd.languages import PYTHON
from autograd.op import TABLE
from autograd.program import MACHINES
from autograd.program.interpreters import COLUMNS_PAY_FROM, fastest
from autograd.program.listing import Listing
from autograd.program.recording import Tape, Wire, forward, record

every_machine = pytest.mark.parametrize("machine", list(MACHINES))


# The tape


@pytest.fixture
def tape():
    return Tape(leaves=3)


@pytest.fixture
def wires(tape):
    return [Wire(tape, i) for i in range(3)]


def test_instructions_are_numbered_after_the_leaves(tape, wires):
    x, y, _ = wires
    assert (x + y).index == 3 and (x - y).index == 4
    assert tape.instructions == [(add, (0, 1)), (subtract, (0, 1))]


def test_no_instruction_is_there_twice(tape, wires):
    x, y, _ = wires
    assert (x * y).index == (y * x).index and (x + y).index == (y + x).index
    assert (x - y).index != (y - x).index
    assert tanh(x).index == tanh(x).index != tanh(y).index
    assert [op.name for op, _ in tape.instructions] == [
        "multiply", "add", "subtract", "subtract", "tanh", "tanh",
    ]  # fmt: skip


def test_numbers_are_told_apart_from_wires_and_by_their_signs(tape, wires):
    x, y, _ = wires
    assert (x + 1.0).index != (x + y).index  # the wire number 1, and the number 1
    assert (x + 0.0).index != (x + -0.0).index
    assert (x + 2).index == (x + 2.0).index
    assert tape.instructions[0] == (add, (0, 1.0))
    assert [type(arg) for arg in tape.instructions[0][1]] == [int, float]


def test_products_and_powers_with_one_are_what_they_are_of(tape, wires):
    x, y, _ = wires
    assert (x * 1.0) is x and (1.0 * x) is x and x**1.0 is x and x**1 is x
    assert tape.instructions == []
    assert (x + 1.0).index == 3 and (1.0**x).index == 4 and (2.0 * x).index == 5
    assert (x * y).index == 6


def test_a_square_is_a_product(tape, wires):
    x = wires[0]
    x**2
    assert tape.instructions == [(multiply, (0, 0))]
    x**3.0
    2.0**x
    x * 2.0
    assert tape.instructions[1:] == [
        (power, (0, 3.0)), (power, (2.0, 0)), (multiply, (0, 2.0)),
    ]  # fmt: skip


# Recording


def test_leaves_are_the_inputs_as_given_and_then_the_parameters_in_their_order():
    a, x, b, z = (Value(float(i), name) for i, name in enumerate("axbz"))
    tape, wires, parameters = record([b * x + a, z * a], [z, x])
    assert parameters == [a, b]
    assert [wires[leaf].index for leaf in (z, x, a, b)] == [0, 1, 2, 3]
    assert tape.leaves == 4
    assert tape.instructions == [(multiply, (3, 1)), (add, (4, 2)), (multiply, (0, 2))]


def test_a_node_on_the_way_to_two_ends_is_computed_once():
    x = Value(2.0, "x")
    h = tanh(x)
    tape, _, _ = record([h * 3.0, h + 1.0, h], [x])
    assert len(tape.instructions) == 3


def test_the_way_forward_has_no_gradients():
    x, w = Value(2.0, "x"), Value(3.0, "w")
    h = w * x
    listing, parameters = forward([h + 1.0, h], [x])
    assert parameters == [w]
    assert (listing.inputs, listing.parameters, listing.value, listing.also) == (1, 1, 3, [2])
    assert list(listing.gradients) == []


# Listings


def listing(**changes):
    """(x · a) + (x · x), where x · x is not needed by the value alone."""
    instructions = [(multiply, (0, 1)), (multiply, (0, 0)), (add, (2, 3)), (tanh, (2,))]
    given = {"inputs": 1, "parameters": 1, "instructions": instructions, "value": 4}
    return Listing(**given | changes)


def test_what_no_end_needs_is_left_out_and_the_rest_numbered_again():
    pruned = listing(value=5).pruned()
    assert pruned.instructions == [(multiply, (0, 1)), (tanh, (2,))]
    assert (pruned.inputs, pruned.parameters, pruned.value) == (1, 1, 3)
    assert listing().pruned().instructions == listing().instructions[:3]


def test_gradients_and_other_ends_are_kept_and_numbered_again():
    pruned = listing(value=5, gradients=[3, 0, 1.0], also=[1, 2, 0.5]).pruned()
    assert [op.name for op, _ in pruned.instructions] == ["multiply", "multiply", "tanh"]
    assert (pruned.value, pruned.gradients, pruned.also) == (4, [3, 0, 1.0], [1, 2, 0.5])
    assert pruned.ends == [4, 3, 0, 1.0, 1, 2, 0.5]


def test_an_end_that_is_a_number_needs_no_instruction():
    assert listing(value=4.0).pruned().instructions == []
    assert listing(value=4.0).pruned().value == 4.0


def test_numbers_take_the_place_of_parameters_and_the_rest_is_numbered_again():
    instructions = [(multiply, (1, 2)), (add, (4, 3)), (add, (5, 0.5))]
    held = listing(
        inputs=2, parameters=2, instructions=instructions,
        value=6, gradients=[2, 4, 8.5], also=[3, 0],
    ).with_numbers([7.0, 9.0])  # fmt: skip
    assert held.instructions == [(multiply, (1, 7.0)), (add, (2, 9.0)), (add, (3, 0.5))]
    assert (held.inputs, held.parameters, held.leaves) == (2, 0, 2)
    assert (held.value, held.gradients, held.also) == (4, [7.0, 2, 8.5], [9.0, 0])


def test_leaves_are_inputs_and_parameters():
    assert listing(inputs=3, parameters=4).leaves == 7


def test_only_what_the_table_has_is_built_in():
    cube = Op("cube_of_a_listing", lambda a: a * a * a, (lambda y, a: 3 * a * a,))
    try:
        assert listing().is_built_in
        assert not listing(instructions=[(multiply, (0, 1)), (cube, (2,))], value=3).is_built_in
    finally:
        del TABLE[cube.name]


def test_a_listing_is_printed_with_the_names_of_its_leaves_or_with_numbers():
    small = listing(value=3, gradients=[1], instructions=[(multiply, (0, 1)), (add, (2, 0.5))])
    assert small.printed(PYTHON, ["x", "w"]).splitlines() == [
        "def program(x, w):", "    v0 = x * w", "    v1 = v0 + 0.5", "    return v1, (w,)",
    ]  # fmt: skip
    assert small.printed(PYTHON).splitlines()[:2] == [
        "def program(x0, x1):", "    v0 = x0 * x1",
    ]  # fmt: skip


# Programs


def neuron():
    x, w, b = Value(2.0, "x"), Value(3.0, "w"), Value(0.5, "b")
    return (w * x + b) ** 2, x, w, b


@every_machine
def test_examples_are_added_up_averaged_or_kept_apart(machine):
    y, x, _, _ = neuron()
    program = Program(y, [x])
    batch = [[2.0], [0.0], [-1.0]]  # h = 6.5, 0.5, -2.5

    def run(reduce):
        value, gradients = program.value_and_gradients(batch, reduce, machine)
        return value, [list(row) if reduce == "none" else row for row in gradients]

    values = program(batch, machine)
    assert list(values) == [42.25, 0.25, 6.25]
    assert (type(values) is list) is (machine == "python")  # each machine's own
    assert (type(program.value_and_gradients(batch, "sum", machine)[1]) is list) is (
        machine == "python"
    )
    assert run("sum") == (48.75, [26.0 + 5.0, 13.0 + 1.0 - 5.0])
    assert run("mean") == (48.75 / 3, [31.0 / 3, 9.0 / 3])
    values, gradients = run("none")
    assert list(values) == [42.25, 0.25, 6.25]
    assert gradients == [[26.0, 13.0], [0.0, 1.0], [5.0, -5.0]]


@every_machine
def test_sums_begin_at_0(machine):
    x, w = Value(2.0, "x"), Value(3.0, "w")
    value, (gradient,) = Program(w * x, [x]).value_and_gradients([[-0.0], [-0.0]], machine=machine)
    assert copysign(1.0, value) == copysign(1.0, gradient) == 1.0


@every_machine
def test_what_else_is_wanted_comes_for_every_example(machine):
    _, x, w, b = neuron()
    h = w * x
    program = Program(h + b, [x], also=[h, x, h * 0.0 + 7.0])
    value, gradients, also = program.value_gradients_and_also([[2.0], [1.0]], machine)
    assert (value, list(gradients)) == (10.0, [3.0, 2.0])
    assert [list(row) for row in also] == [[6.0, 2.0, 7.0], [3.0, 1.0, 7.0]]


@every_machine
def test_a_parameter_that_only_something_else_needs_has_the_slope_zero(machine):
    x, w, other = Value(2.0, "x"), Value(3.0, "w"), Value(5.0, "other")
    program = Program(w * x, [x], also=[other * x])
    assert program.parameters == [w, other]
    value, gradients, also = program.value_gradients_and_also([[2.0]], machine)
    assert (value, list(gradients), [list(row) for row in also]) == (6.0, [2.0, 0.0], [[10.0]])


def test_parameters_are_read_when_the_program_runs():
    y, x, w, _ = neuron()
    program = Program(y, [x])
    w.data = 0.0
    assert list(program([[2.0]])) == [0.25]


def test_without_a_machine_the_results_are_arrays_and_the_value_a_float():
    y, x, _, _ = neuron()
    program = Program(y, [x])
    assert program([[2.0]]).shape == (1,)
    value, gradients = program.value_and_gradients([[2.0], [0.0]])
    assert type(value) is float and gradients.shape == (2,)
    values, gradients = program.value_and_gradients([[2.0], [0.0]], "none")
    assert values.shape == (2,) and gradients.shape == (2, 2)


@pytest.mark.parametrize(
    ("inputs", "sentence"),
    [
        (lambda y, x, w: [y], r"inputs\[0\] is no leaf: the inputs of a program are leaves"),
        (lambda y, x, w: [x, 2.0], r"inputs\[1\] is no leaf"),
        (lambda y, x, w: [x, w, x], r"inputs\[2\], 'x', is there twice"),
    ],
)
def test_inputs_are_different_leaves(inputs, sentence):
    y, x, w, _ = neuron()
    with pytest.raises(ValueError, match=sentence):
        Program(y, inputs(y, x, w))


def test_an_input_that_nothing_needs_is_allowed():
    y, x, _, _ = neuron()
    other = Value(1.0, "other")
    assert list(Program(y, [other, x])([[100.0, 2.0]])) == [42.25]


@pytest.mark.parametrize(
    ("batch", "error", "sentence"),
    [
        ([], ValueError, "at least one example, and was given none"),
        ([[1.0, 2.0]], ValueError, "row 0 has 2 numbers for 1 input"),
        ([[1.0], []], ValueError, "row 1 has 0 numbers for 1 input"),
        ([1.0], TypeError, "row 0 must be a list of 1 number, not .*: a batch is"),
        (["1"], TypeError, "row 0 must be a list of 1 number, not .*: a batch is"),
        ("1", TypeError, r"a batch is a list of rows, as in \[\[1.0\], \[2.0\]\], not"),
        (1.0, TypeError, r"a batch is a list of rows, as in \[\[1.0\], \[2.0\]\], not"),
    ],
)
def test_a_batch_is_a_row_of_numbers_for_every_example(batch, error, sentence):
    y, x, _, _ = neuron()
    with pytest.raises(error, match=sentence):
        Program(y, [x])(batch)


def test_what_there_is_not_is_said():
    y, x, _, _ = neuron()
    program = Program(y, [x])
    with pytest.raises(ValueError, match="no machine named abacus: choose from python, numpy"):
        program([[1.0]], machine="abacus")
    with pytest.raises(ValueError, match="reduce must be 'sum', 'mean' or 'none', not 'product'"):
        program.value_and_gradients([[1.0]], "product")
    with pytest.raises(ValueError, match="no language named latin: choose from python, numpy"):
        program.source("latin")


def test_the_text_has_gradients_unless_they_are_not_wanted():
    y, x, _, _ = neuron()
    program = Program(y, [x], also=[tanh(x)])
    assert program.source().splitlines()[-1] == "    return v2, (v4, v3,)"
    assert program.source("numpy").startswith("import numpy as np\n\n")
    assert program.source(gradients=False).splitlines()[-1] == "    return v2, ()"
    assert "tanh" not in program.source() and "tanh" not in program.source(gradients=False)


def test_other_frameworks_are_given_the_value_alone_and_differentiate_it(monkeypatch):
    y, x, _, _ = neuron()
    program = Program(y, [x])
    for name in ("jax", "torch"):
        monkeypatch.setattr(f"autograd.program.program.{name}_function", lambda *given: given)
        given = getattr(program, f"to_{name}")()
        assert given == (program.source(name, gradients=False), 1, program.parameters)


def test_leaves_have_the_names_that_they_can_have():
    names = ["x", "x", "layer1.w", "no name", "tanh", ""]
    leaves = [Value(float(i), name) for i, name in enumerate(names)]
    y = leaves[0]
    for leaf in leaves[1:]:
        y = y + leaf
    head = Program(y, leaves[:2]).source().splitlines()[0]
    assert head == "def program(x, leaf1, layer1_w, leaf3, leaf4, leaf5):"


def test_a_machine_is_made_once_and_again_after_pickling():
    y, x, _, _ = neuron()
    program = Program(y, [x])
    program([[1.0]], "python")
    first = program._machine("python", 1, gradients=False)
    assert program._machine("python", 1, gradients=False) is first
    assert program._machine("python", 1, gradients=True) is not first
    again = pickle.loads(pickle.dumps(program))
    assert list(again([[2.0]])) == [42.25]


def test_numpy_takes_over_where_columns_pay(monkeypatch):
    assert fastest(False, COLUMNS_PAY_FROM - 1) == "python"
    assert fastest(False, COLUMNS_PAY_FROM) == fastest(False, COLUMNS_PAY_FROM + 1) == "numpy"
    monkeypatch.setitem(MACHINES, "native", object)
    assert fastest(True, 1) == "native" and fastest(False, 1) == "python"


@every_machine
def test_what_is_not_finite_comes_out_and_raises_nothing(machine):
    x = Value(1.0, "x")
    values = list(Program(1.0 / x, [x])([[0.0], [2.0], [-0.0]], machine))
    assert values == [float("inf"), 0.5, float("-inf")]


def test_columns_are_taken_as_rows_are():
    y, x, _, _ = neuron()
    machine = Program(y, [x], also=[x])._machine("python", 1, gradients=True)
    value, *_, also = machine.columns([[2.0, 0.0]], [3.0, 0.5])
    assert (value, also) == ([42.25, 0.25], [2.0, 0.0])


@pytest.mark.parametrize("machine", ["python", "numpy"])
def test_custom_operations_and_what_a_machine_spells_itself_run_beside_each_other(machine):
    cube = Op(
        "cube_in_a_program", lambda a: math.copysign(abs(a) ** 3, a), (lambda y, a: 3 * a * a,)
    )
    plus = Op("plus_in_a_program", lambda a, b: 2 * a + b)
    try:
        x, w = Value(0.5, "x"), Value(0.25, "w")
        y = cube(x) + plus(x, w) + logaddexp(x, w) + erf(x) + sign(w)
        rows = [[0.5, 0.25], [-1.0, 2.0], [3.0, -0.5]]
        values, gradients = Program(y, [x, w], also=[x]).value_and_gradients(rows, "none", machine)
        expected = [
            a**3 + 2 * a + b + math.log(math.exp(a) + math.exp(b)) + math.erf(a)
            + math.copysign(1.0, b)
            for a, b in rows
        ]  # fmt: skip
        assert list(values) == pytest.approx(expected, rel=1e-14)
        assert [list(row) for row in gradients] == [[], [], []]
        assert Program(plus(x, w), [x])._built_in and not Program(cube(x), [x])._built_in
    finally:
        del TABLE[cube.name], TABLE[plus.name]


def test_a_listing_asks_instructions_that_know_better():
    """Those of the compiled recorder are integers, and prune themselves."""

    class Quick:
        def ops(self):
            return {multiply}

        def pruned(self, leaves, ends):
            assert (leaves, ends) == (3, [5, 6, 7, 8, 9])
            return [], [10, 11, 12, 13, 14]

    listing = Listing(1, 2, Quick(), 5, [6, 7], [8, 9])
    assert listing.ops == {multiply}
    assert listing.pruned() == Listing(1, 2, [], 10, [11, 12], [13, 14])
