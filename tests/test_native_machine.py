"""The compiled machine does to the bit what Python does, on any number of examples at once."""

import gc
import itertools
import random
from array import array
from concurrent.futures import ThreadPoolExecutor
from math import inf, nan

import numpy as np
import pytest

from autograd import TABLE, Op, Program, Value, relu, tanh
from autograd.native import compiled
from autograd.op import BUILT_IN
from autograd.ops import add, multiply, sigmoid, subtract
from autograd.program.interpreters import MACHINES
from autograd.program.listing import Listing
from nn import MLP, cross_entropy, l2

pytestmark = pytest.mark.native

machine = compiled("machine")
ROWS = [TABLE[name] for name in sorted(BUILT_IN)]
SPECIAL = [0.0, -0.0, 1.0, -1.0, 2.0, -2.5, 0.5, 3.0, 6.0, -40.0, 1e-300, 1e200, inf, -inf, nan]
BATCHES = [1, 2, 7, 8, 9, 16, 17, 64, 65, 129, 1000]


def native(listing):
    return MACHINES["native"](listing)


def python(listing):
    return MACHINES["python"](listing)


def same(got, expected):
    """To the bit, but for the bits of a nan."""
    a, b = np.asarray(got, dtype=float), np.asarray(expected, dtype=float)
    bits = [np.ascontiguousarray(x).view(np.int64) for x in (a, b)]
    return a.shape == b.shape and bool(((bits[0] == bits[1]) | (np.isnan(a) & np.isnan(b))).all())


def agree(listing, rows, parameters):
    """Check all that a machine can be asked for against Python."""
    mine, theirs = native(listing), python(listing)
    value, gradients, also = mine.swept(rows, parameters, "none")
    expected = theirs.swept(rows, parameters, "none")
    assert same(value, expected[0])
    assert same(gradients, np.reshape(expected[1], (len(rows), len(listing.gradients))))
    assert same(also, np.reshape(expected[2], (len(rows), len(listing.also))))
    assert same(mine.values(rows, parameters), expected[0])
    first, *others = mine.columns(list(np.array(rows, dtype=float).T.copy()), parameters)
    assert same(first, expected[0]) and same(np.reshape(others, also.T.shape), also.T)
    for reduce in ("sum", "mean"):
        total, sums, each = mine.swept(rows, parameters, reduce)
        expected = theirs.swept(rows, parameters, reduce)
        assert isinstance(total, float) and same(total, expected[0])
        assert sums.shape == (len(listing.gradients),) and same(sums, expected[1])
        assert same(each, also)


def forms(row):
    """Which of the arguments are lanes, in every way."""
    return itertools.product([True, False], repeat=len(row.partials))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_every_row_in_every_form_equals_python_at_special_points(row):
    points = SPECIAL if len(row.partials) < 3 else SPECIAL[::2]
    for form in forms(row):
        lanes, uniforms = sum(form), len(form) - sum(form)
        places = iter(range(lanes)), iter(range(lanes, len(form)))
        args = tuple(next(places[0] if is_lane else places[1]) for is_lane in form)
        listing = Listing(lanes, uniforms, [(row, args)], len(form))
        mine, theirs = native(listing), python(listing)
        rows = [list(point) for point in itertools.product(points, repeat=lanes)]
        for parameters in itertools.product(points, repeat=uniforms):
            expected = theirs.values(rows, parameters)
            assert same(mine.values(rows, parameters), expected), (row, form, parameters)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_every_row_equals_python_at_many_points(row):
    chance = random.Random(row.name)
    count = len(row.partials)
    rows = [[chance.gauss(0, 2) for _ in range(count)] for _ in range(300)]
    agree(Listing(count, 0, [(row, tuple(range(count)))], count), rows, [])
    if count > 1:
        agree(Listing(1, 1, [(row, (0, 1, 0.7)[:count])], 2), [r[:1] for r in rows], [0.3])
        agree(Listing(1, 1, [(row, (1, 0, 0)[:count])], 2), [r[:1] for r in rows], [0.3])


def random_listing(chance):
    """Any instructions on any wires and constants, and any ends; sums of products above all."""
    inputs, parameters = chance.randint(1, 4), chance.randint(0, 5)
    leaves = inputs + parameters
    instructions = []
    for i in range(chance.randint(1, 60)):
        row = chance.choice([add, add, add, multiply, multiply, multiply, chance.choice(ROWS)])
        wires = [*range(leaves + i), *range(max(0, leaves + i - 4), leaves + i)]
        args = [chance.choice([*wires, chance.choice([0.5, -1.0, 1.0, 3.0])]) for _ in row.partials]
        instructions.append((row, tuple(args)))
    ends = [*range(leaves + len(instructions)), -0.5]
    gradients = [chance.choice(ends) for _ in range(parameters)]
    also = [chance.choice(ends) for _ in range(chance.randint(0, 3))]
    return Listing(inputs, parameters, instructions, chance.choice(ends[-9:]), gradients, also)


@pytest.mark.parametrize("seed", range(200))
def test_random_programs_equal_python(seed):
    chance = random.Random(seed)
    listing = random_listing(chance)
    n = chance.choice(BATCHES[:-1])
    rows = [[chance.gauss(0, 1) for _ in range(listing.inputs)] for _ in range(n)]
    parameters = [chance.gauss(0, 1) for _ in range(listing.parameters)]
    agree(listing, rows, parameters)
    agree(listing.pruned(), rows, parameters)


def network(activation=relu, seed=0):
    model = MLP(2, [9, 5, 1], activation, seed=seed)
    x = [Value(0.3, "x1"), Value(-0.7, "x2")]
    target = Value(1.0, "target")
    out = model(x)
    return Program(relu(1 - target * out) + out * 0.01, inputs=[*x, target], also=[out])


@pytest.mark.parametrize("n", BATCHES)
@pytest.mark.parametrize("activation", [relu, tanh, sigmoid], ids=lambda row: row.name)
def test_networks_equal_python_in_batches_of_any_size(activation, n):
    program = network(activation)
    chance = random.Random(n)
    rows = [[chance.gauss(0, 1), chance.gauss(0, 1), chance.choice([-1, 1])] for _ in range(n)]
    agree(program._listing, rows, [p.data for p in program.parameters])


def test_one_machine_runs_batches_of_different_sizes():
    program = network()
    machine, parameters = native(program._listing), [p.data for p in program.parameters]
    rows = np.random.default_rng(0).normal(size=(300, 3))
    once = machine.swept(rows, parameters, "none")
    for n in (1, 300, 5, 64, 2, 299, 128, 1):
        again = machine.swept(rows[:n], parameters, "none")
        assert all(same(a, b[:n]) for a, b in zip(again, once, strict=True))
        total, sums, _ = machine.swept(rows[:n], parameters, "sum")
        assert total == pytest.approx(once[0][:n].sum(), rel=1e-12)
        assert np.allclose(sums, once[1][:n].sum(axis=0), rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize("order", list(itertools.product([0, 1], repeat=5)))
def test_sums_of_products_are_the_same_in_any_order_of_operands(order):
    """u1 x1 + u2 x2 + u3 + x3 + u4 x4, with -0.0 wherever it could get lost."""
    swap = iter(order)
    lines: list = []

    def put(op, a, b):
        lines.append((op, (a, b) if next(swap, 0) else (b, a)))
        return 8 + len(lines) - 1

    products = [put(multiply, 4 + i, i) for i in range(4)]
    total = put(add, products[0], products[1])
    swap = iter(order[::-1])
    for x in (6, 2, products[3]):
        total = put(add, total, x)
    rows = [list(point) for point in itertools.product([-0.0, 0.1, -3.0], repeat=4)]
    for parameters in ([0.1, 0.2, 0.3, 0.7], [-0.0, -0.0, -0.0, -0.0], [inf, 1.0, 2.0, 3.0]):
        agree(Listing(4, 4, lines, total, [total, *products[:3]]).pruned(), rows, parameters)
        agree(Listing(4, 4, lines, total), rows, parameters)


def test_a_sum_longer_than_a_chain_equals_python():
    count = 300
    lines = [(multiply, (1 + i, 0)) for i in range(count)]
    so_far = 1 + count
    for i in range(1, count):
        lines.append((add, (so_far, 1 + count + i)))
        so_far = len(lines) + count
    chance = random.Random(0)
    parameters = [chance.gauss(0, 1) for _ in range(count)]
    agree(Listing(1, count, lines, so_far), [[0.1 * i] for i in range(40)], parameters)


def test_a_sum_that_is_needed_twice_is_there_twice():
    lines = [
        (multiply, (2, 0)),
        (multiply, (2, 1)),
        (add, (3, 4)),
        (add, (5, 0)),
        (multiply, (5, 6)),
    ]
    agree(Listing(2, 1, lines, 7, [5], [3, 6]), [[0.1, 0.2], [0.3, -0.7]], [1.7])


@pytest.mark.parametrize("end", [0, 1, 2, 3, 4, -2.5, nan], ids=str)
def test_any_wire_or_constant_can_be_value_slope_and_also(end):
    """An input, a parameter, a uniform, a lane, the square of a lane, constants."""
    lines = [(multiply, (1, 1)), (multiply, (0, 1)), (multiply, (3, 3))]
    agree(Listing(1, 1, lines, end, [end], [end, end]), [[0.5], [-0.25], [3.0]], [1.5])


def steps(listing, kind="sums"):
    return native(listing).steps(kind)


def of_kind(what, found):
    return [(count, terms) for kind, count, terms in found if kind == what]


def test_a_layer_is_one_step_whatever_its_width():
    def network(width):
        x = [Value(0.3, "x1"), Value(-0.7, "x2"), Value(1.0, "target")]
        model = MLP(2, [width, width, 1], seed=0)
        return Program(relu(1 - x[2] * model(x[:2])), inputs=x)._listing

    found = steps(network(16))
    assert of_kind("chains", found)[:3] == [(16, 2), (16, 16), (1, 16)]
    assert (16, 16) in of_kind("chains", found)[3:]  # what flows back to the first layer
    assert len(found) == len(steps(network(24))) < 40
    # 17 and 3 in a row leave registers half empty: rows and columns are exchanged
    assert sorted(of_kind("sums", found)) == [(1, 16), (1, 16), (1, 17), (2, 16), (16, 16)]


def test_gradients_of_wide_layers_are_summed_in_rows():
    x = [Value(0.1 * i, f"x{i}") for i in range(25)]
    y = sum(tanh(out) for out in MLP(24, [20, 20], seed=0)(x[:24])) * x[24]
    assert of_kind("sums", steps(Program(y, inputs=x)._listing)) == [(20, 25), (20, 21)]


def test_rows_are_used_again():
    def rows(count):
        listing = Listing(1, 0, [(tanh, (i,)) for i in range(count)], count)
        agree(listing, [[0.3], [-2.0]], [])
        return native(listing).rows("values")

    assert rows(500) == rows(50) < 8


def test_a_long_sum_of_lanes_equals_python():
    lines = []
    so_far = 0
    for i in range(500):
        lines += [(multiply, (1 + i, 0)), (tanh, (501 + len(lines),))]
        lines += [(add, (so_far, 500 + len(lines)))]
        so_far = 500 + len(lines)
    agree(Listing(1, 500, lines, so_far), [[0.1], [-0.2]], [0.01 * i for i in range(500)])


@pytest.fixture
def settings():
    """A function that chooses registers and threads for one test."""
    yield machine.use
    machine.use()


@pytest.mark.parametrize("activation", [relu, tanh], ids=lambda row: row.name)
def test_no_bit_depends_on_registers_or_threads(activation, settings):
    listing = Program(*loss_of_three_classes(activation))._listing
    chance = np.random.default_rng(0)
    for n in (1, 7, 100, 255, 256, 257, 1000):
        rows = np.column_stack([chance.normal(size=(n, 5)), chance.integers(0, 3, n)])
        parameters = chance.normal(size=listing.parameters)
        expected = python(listing).swept(rows, parameters, "sum")
        for width, threads in [(8, 1), (4, 1), (2, 1), (8, 2), (4, 3), (2, 16)]:
            settings(width, threads, long=0)
            for reduce in ("sum", "none"):
                got = native(listing).swept(rows, parameters, reduce)
                if reduce == "sum":
                    assert all(same(a, b) for a, b in zip(got[:2], expected[:2], strict=True))
                else:
                    assert same(got[0], python(listing).values(rows, parameters))


@pytest.mark.parametrize("sizes", [[16, 16], [24, 9]], ids=str)
def test_what_every_example_adds_to_a_gradient_is_added_in_the_sums(sizes, settings):
    model = MLP(3, [*sizes, 1], seed=0)
    x = [Value(0.1 * i, f"x{i}") for i in range(4)]
    some = l2(model.parameters()[: -sizes[1] - 5], 0.1)  # the others have none
    listing = Program(relu(1 - x[3] * model(x[:3])) + some, x)._listing
    found = steps(listing)
    assert not of_kind("chains", found)[4:] and len(found) < 45
    chance = np.random.default_rng(0)
    rows, parameters = chance.normal(size=(300, 4)), chance.normal(size=listing.parameters)
    for width in (8, 4, 2):
        settings(width)
        agree(listing, rows.tolist(), parameters.tolist())


def loss_of_three_classes(activation):
    x = [*(Value(0.1 * i, f"x{i}") for i in range(5)), Value(1.0, "class")]
    outputs = MLP(5, [11, 9, 3], activation, seed=0)(x[:5])
    return cross_entropy([outputs], [x[5]]), x


def test_sums_are_those_of_parts_of_256_examples_in_their_order():
    listing = Listing(1, 1, [(multiply, (0, 1))], 2, [0])
    rows = [[0.1 * (-1) ** i * i**3] for i in range(700)]
    total = 0.0
    for first in range(0, 700, 256):
        part = 0.0
        for (x,) in rows[first : first + 256]:
            part += x
        total += part
    for kind in ("native", "python", "numpy"):
        assert MACHINES[kind](listing).swept(rows, [1.0], "sum")[1][0] == total


def test_threads_may_ask_the_same_program_at_once(settings):
    settings(8, 2, long=0)
    listing = Program(*loss_of_three_classes(tanh))._listing
    mine, chance = native(listing), np.random.default_rng(0)
    rows = np.column_stack([chance.normal(size=(600, 5)), chance.integers(0, 3, 600)])
    parameters = [chance.normal(size=listing.parameters) for _ in range(8)]
    expected = [mine.swept(rows, p, "sum")[1].tolist() for p in parameters]
    with ThreadPoolExecutor(8) as pool:
        for _ in range(5):
            got = pool.map(lambda p: mine.swept(rows, p, "sum")[1].tolist(), parameters)
            assert list(got) == expected


def test_a_slope_that_differs_in_no_example_counts_for_every_one():
    machine = native(Listing(1, 1, [(multiply, (1, 1))], 0, [2]))
    rows = np.ones((130, 1))
    assert machine.swept(rows, [3.0], "sum")[:2] == (130.0, [130 * 9.0])
    assert machine.swept(rows, [3.0], "mean")[:2] == (1.0, [9.0])


def test_a_program_without_inputs_runs():
    machine = native(Listing(0, 2, [(add, (0, 1))], 2, [2, 1.0]))
    assert same(machine.values([[], []], [1.0, 2.0]), [3.0, 3.0])
    assert machine.swept([[], []], [1.0, 2.0], "sum")[0] == 6.0
    assert same(machine.swept(np.empty((2, 0)), [1.0, 2.0], "none")[1], [[3.0, 1.0]] * 2)


def test_parameters_are_read_when_the_program_runs():
    x, w = Value(3.0, "x"), Value(2.0, "w")
    program = Program(w * x, inputs=[x])
    assert list(program([[1.0], [2.0]], machine="native")) == [2.0, 4.0]
    w.data = 10.0
    assert list(program([[1.0], [2.0]], machine="native")) == [10.0, 20.0]


def test_a_sum_of_products_may_go_on_from_parameters_to_constants():
    lines = [(multiply, (3, 0)), (multiply, (0.5, 1)), (add, (4, 5))]  # evenly spaced in memory
    agree(Listing(2, 2, lines, 6, [2, 3]), [[0.1, 0.2], [0.3, -0.7]], [1.7, -2.3])
    lines = [(multiply, (2, 0)), (multiply, (3, 1)), (add, (4, 5))]
    lines += [(multiply, (0.5, 0)), (multiply, (0.25, 1)), (add, (7, 8)), (multiply, (6, 9))]
    agree(Listing(2, 2, lines, 10, [6, 9]), [[0.1, 0.2], [0.3, -0.7]], [1.7, -2.3])


@pytest.mark.parametrize(
    "make",
    [
        list,
        lambda numbers: np.repeat(numbers, 2)[::2],
        lambda numbers: np.frombuffer(b"?" + np.array(numbers).tobytes(), offset=1),
    ],
    ids=["list", "strided", "unaligned"],
)
def test_parameters_are_read_wherever_they_lie(make):
    listing = network()._listing
    numbers = np.random.default_rng(0).normal(size=listing.parameters)
    rows = np.random.default_rng(1).normal(size=(9, listing.inputs))
    got = native(listing).swept(rows, make(numbers), "sum")
    expected = native(listing).swept(rows, numbers, "sum")
    assert all(same(a, b) for a, b in zip(got, expected, strict=True))


ROWS_OF_NUMBERS = [[1.0, -2.0, 3.0], [4.0, 5.0, -6.0], [0.0, 1.0, 2.0], [7.0, 8.0, 9.0]]


@pytest.mark.parametrize(
    "make",
    [
        lambda rows: rows,
        lambda rows: tuple(map(tuple, rows)),
        lambda rows: [np.array(row) for row in rows],
        lambda rows: [array("d", row) for row in rows],
        lambda rows: [[int(x) for x in row] for row in rows],
        lambda rows: [list(np.array(row)) for row in rows],
        np.array,
        lambda rows: np.asfortranarray(rows),
        lambda rows: np.array(rows)[::-1][::-1],
        lambda rows: np.repeat(np.repeat(rows, 2, axis=0), 3, axis=1)[::2, ::3],
        lambda rows: np.array(rows, dtype=np.float32),
        lambda rows: np.array(rows, dtype=int),
        lambda rows: np.array(rows).astype(">f8"),
        lambda rows: np.array(rows, dtype=object),
        lambda rows: memoryview(np.array(rows)),
    ],
)
def test_rows_come_in_any_form(make):
    listing = Listing(3, 1, [(multiply, (0, 3)), (subtract, (4, 2)), (add, (5, 1))], 6, [0])
    expected = python(listing).swept(ROWS_OF_NUMBERS, [2.0], "none")
    got = native(listing).swept(make(ROWS_OF_NUMBERS), [2.0], "none")
    assert same(got[0], expected[0]) and same(got[1], expected[1])


@pytest.mark.parametrize(
    "parameters",
    [
        [1.5, -2.0], (1.5, -2), array("d", [1.5, -2.0]), np.array([1.5, -2.0]),
        np.array([1.5, 0.0, -2.0])[::2], np.array([1.5, -2.0], dtype=np.float32),
        [np.float64(1.5), np.int64(-2)],
    ],
    ids=lambda parameters: f"{type(parameters).__name__} of {type(parameters[0]).__name__}",
)  # fmt: skip
def test_parameters_come_in_any_form(parameters):
    machine = native(Listing(1, 2, [(multiply, (0, 1)), (add, (3, 2))], 4))
    assert same(machine.values([[2.0]], parameters), [1.0])


def test_columns_come_in_any_form():
    machine = native(Listing(2, 1, [(multiply, (0, 2)), (add, (3, 1))], 4, also=[0, 2]))
    strided = np.array([[1.0, 9.0], [2.0, 9.0], [3.0, 9.0]])[:, 0]
    results = machine.columns([strided, [0.5, 1, 2.5]], array("d", [10.0]))
    assert [list(column) for column in results] == [[10.5, 21, 32.5], [1, 2, 3], [10, 10, 10]]
    assert all(column.flags.owndata for column in results)


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda m: m.values([[1.0]], [1.0]), "row 0 has 1 number for 2 inputs"),
        (lambda m: m.values([[1.0, 2.0], [1.0, 2.0, 3.0]], [1.0]), "row 1 has 3 numbers"),
        (lambda m: m.values(np.ones((2, 3)), [1.0]), "row 0 has 3 numbers for 2 inputs"),
        (lambda m: m.values(np.ones(2), [1.0]), "a batch is a list of rows"),
        (lambda m: m.values([[1.0, 2.0]], []), "2 inputs and 1 parameters are needed, not 2 and 0"),
        (lambda m: m.columns([[1.0]], [1.0]), "2 inputs and 1 parameters are needed, not 1 and 1"),
        (lambda m: m.columns([[1.0], [1.0, 2.0]], [1.0]), "columns of 1 and of 2 numbers"),
    ],
)
def test_what_does_not_fit_is_refused(ask, message):
    with pytest.raises(ValueError, match=message):
        ask(native(Listing(2, 1, [(add, (0, 1))], 3)))


@pytest.mark.parametrize("wrong", [[["a"]], [[None]], [[1j]], [[[1.0]]]])
def test_what_is_no_number_is_refused(wrong):
    with pytest.raises(TypeError):
        native(Listing(1, 0, [], 0)).values(wrong, [])


def test_a_custom_operation_is_refused():
    hill = Op("hill_for_the_native_machine", lambda a: a * (1 - a), (lambda y, a: 1 - 2 * a,))
    with pytest.raises(ValueError, match="is a custom operation known in Python only: run the pro"):
        native(Listing(1, 0, [(hill, (0,))], 1))


def test_a_machine_may_be_asked_while_it_reads_its_numbers():
    machine = native(Listing(1, 1, [(multiply, (0, 1))], 2))

    class Meddler:
        def __float__(self):
            assert list(machine.values([[5.0]] * 40, [7.0])) == [35.0] * 40
            return 3.0

    assert list(machine.values([[2.0], [Meddler()]], [Meddler()])) == [6.0, 9.0]


def test_results_are_not_overwritten_by_the_next_run_and_machines_do_not_share():
    listing = Listing(1, 1, [(multiply, (0, 1))], 2, [0])
    one, other = native(listing), native(listing)
    first = one.swept([[2.0]], [3.0], "none")
    other.swept([[5.0]], [7.0], "none")
    one.swept([[9.0]], [9.0], "none")
    assert [x.tolist() for x in first] == [[6.0], [[2.0]], [[]]]


def test_machines_leave_nothing_behind():
    program = network()

    def use():
        machine = native(program._listing)
        for reduce in ("sum", "none"):
            machine.swept(np.ones((70, 3)), [p.data for p in program.parameters], reduce)

    use()
    gc.collect()
    before = len(gc.get_objects())
    for _ in range(20):
        use()
    gc.collect()
    assert len(gc.get_objects()) - before < 10
