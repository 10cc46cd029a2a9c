"""What the engine promises about graphs, whatever the operations in them compute."""

import copy
import gc
import math
import os
import pickle
import subprocess
import sys
import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import suppress
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

import autograd
from autograd import (
    TABLE,
    DivisionByZero,
    Op,
    OutsideDomain,
    StaleGraph,
    TooLarge,
    Value,
    exp,
    grad,
    gradients,
    hessian,
    in_full,
    jacobian,
    jvp,
    no_grad,
    sqrt,
)

ROOT = Path(autograd.__file__).parents[1]
DEEP = 1_000_000


# Deep graphs. Nothing recurses: not the sweep, not repr, not copying, not the release of a graph.


def chain(x: Value, depth: int) -> Value:
    y = x
    for _ in range(depth):
        y = y + x
    return y


def life_of_a_deep_chain() -> None:
    """Made, swept, shown, and freed."""
    x = Value(0.5, "x")
    y = chain(x, DEEP)
    assert y.data == 0.5 * (DEEP + 1)
    y.backward()
    assert x.grad == DEEP + 1
    assert repr(y) == "Value(500000, grad 1)"
    oldest = y
    for _ in range(DEEP - 1):
        oldest = oldest.parents[0]
    oldest = weakref.ref(oldest)
    assert oldest() is not None
    del y
    assert oldest() is None


def test_a_chain_of_a_million_operations_lives_and_dies():
    life_of_a_deep_chain()


def test_a_chain_of_a_million_operations_lives_and_dies_in_a_small_thread():
    in_a_small_thread(life_of_a_deep_chain)


def test_a_deep_graph_made_elsewhere_is_freed_in_a_small_thread():
    graphs = [chain(Value(1.0), 300_000)]
    in_a_small_thread(graphs.clear)
    assert not graphs


def test_a_deep_chain_is_pickled_and_copied_in_a_small_thread():
    in_a_small_thread(lambda: assert_same_graph(*copied_with(copy.deepcopy, 20_000)))
    in_a_small_thread(lambda: assert_same_graph(*copied_with(pickled, 20_000)))


def in_a_small_thread(task: Callable[[], object]) -> None:
    """Run the task on a stack of 256 KiB; what it raises is raised here."""
    failures = []

    def run():
        try:
            task()
        except BaseException as error:
            failures.append(error)

    usual = threading.stack_size(256 * 1024)
    try:
        thread = threading.Thread(target=run)
        thread.start()
    finally:
        threading.stack_size(usual)
    thread.join()
    if failures:
        raise failures[0]


def test_a_diamond_of_eighteen_doublings_has_a_short_repr():
    y = Value(1.0, "x")
    for _ in range(18):
        y = y + y
    assert repr(y) == "Value(262144, grad not computed)"


# Copies.


def pickled(thing):
    return pickle.loads(pickle.dumps(thing))


def pickled_in_python(thing):
    return pickle._loads(pickle._dumps(thing))


def copied_with(copier: Callable, depth: int) -> tuple[Value, Value]:
    x = Value(0.5, "x")
    y = chain(x, depth)
    y.label = "y"
    y.backward()
    return y, copier(y)


def assert_same_graph(original: Value, copied: Value) -> None:
    """Equal in everything, with no node in common."""
    assert copied is not original
    ours, theirs = autograd.topological_order(original), autograd.topological_order(copied)
    position = {node: i for nodes in (ours, theirs) for i, node in enumerate(nodes)}
    assert len(position) == len(ours) + len(theirs)
    for a, b in zip(ours, theirs, strict=True):
        assert (a.data, a.grad, a.label, a.op) == (b.data, b.grad, b.label, b.op)
        assert [position.get(arg, arg) if isinstance(arg, Value) else arg for arg in a.args] == [
            position.get(arg, arg) if isinstance(arg, Value) else arg for arg in b.args
        ]


@pytest.mark.parametrize(
    ("copier", "depth"),
    [
        pytest.param(pickled, 100_000, id="pickle"),
        pytest.param(copy.deepcopy, 100_000, id="deepcopy"),
        pytest.param(pickled_in_python, 5_000, id="pickle in Python"),
    ],
)
def test_a_deep_chain_is_copied_whole(copier, depth):
    assert_same_graph(*copied_with(copier, depth))


every_copier = pytest.mark.parametrize("copier", [pickled, copy.deepcopy, pickled_in_python])


@every_copier
def test_a_copy_is_differentiated_on_its_own(copier):
    x = Value(3.0, "x")
    y = 2 * x * x
    x2, y2 = copier((x, y))
    y2.backward()
    assert (x2.grad, x.grad, y.grad) == (12.0, None, None)
    x2.data = 5.0
    with pytest.raises(StaleGraph):
        y2.backward()
    y.backward()
    assert x.grad == 12.0


@every_copier
def test_nodes_shared_by_several_copied_objects_stay_shared(copier):
    x = Value(2.0, "x")
    h = x * x
    first, second = 3 * h, 5 * h
    copies = copier({"second": second, "x": x, "both": [first, second], "h": h})
    assert copies["second"] is copies["both"][1]
    assert copies["h"] is copies["second"].parents[0] is copies["both"][0].parents[0]
    assert copies["h"].parents == (copies["x"], copies["x"])
    for y in copies["both"]:
        y.backward()
    assert copies["x"].grad == 32.0


@every_copier
def test_a_cyclic_container_of_values_is_copied(copier):
    x = Value(2.0)
    row = [x, x * x]
    row.append(row)
    copied = copier(row)
    assert copied[2] is copied
    assert copied[1].parents == (copied[0], copied[0])


@every_copier
def test_copies_of_a_leaf_keep_number_label_and_gradient(copier):
    x = Value(2.0, "x")
    (x * x).backward()
    leaf = copier(x)
    assert (leaf.data, leaf.label, leaf.grad, leaf.op, leaf.parents) == (2.0, "x", 4.0, None, ())


@pytest.fixture
def cube() -> Iterator[Op]:
    yield Op("cube", lambda a: a * a * a, (lambda y, a: 3 * a**2,))
    TABLE.pop("cube", None)


@every_copier
def test_a_row_of_ones_own_survives_copying(copier, cube):
    x2, y2 = copier((x := Value(2.0), cube(x)))
    assert y2.op is cube
    y2.backward()
    assert x2.grad == 12.0


def test_loading_a_graph_without_its_row_says_which_row_is_missing(cube):
    saved = pickle.dumps(cube(Value(2.0)))
    del TABLE["cube"]
    with pytest.raises(KeyError, match="no operation is named cube: make its row again"):
        pickle.loads(saved)


# Gradients accumulate in leaves, and nowhere else.


def test_backward_again_adds_the_same_to_a_leaf_once_more():
    x = Value(3.0)
    y = 2 * x * x
    seen = []
    for _ in range(3):
        y.backward()
        seen.append(x.grad)
    assert seen == [12.0, 24.0, 36.0]


def test_backward_after_zeroing_only_the_leaf_gives_the_first_gradient_again():
    x = Value(3.0)
    y = x * x * x
    y.backward()
    assert x.grad == 27.0
    x.zero_grad()
    y.backward()
    assert x.grad == 27.0


def test_an_intermediate_node_holds_what_the_latest_pass_found():
    x = Value(3.0)
    h = x * x
    y = 2 * h
    y.backward()
    y.backward()
    assert (h.grad, y.grad, x.grad) == (2.0, 1.0, 24.0)


def test_two_outputs_on_a_shared_node_add_up_in_the_leaf():
    x = Value(2.0)
    h = x * x
    for y in (3 * h, 5 * h):
        y.backward()
    assert x.grad == 32.0


def test_a_node_waits_for_all_of_its_gradient_before_passing_it_on():
    # https://github.com/karpathy/micrograd/issues/68: depth first gives (29, 22)
    a, b = Value(2.0), Value(3.0)
    c, d = a + b, a * b
    y = (c + d) + c * d
    y.backward()
    assert (a.grad, b.grad) == (25.0, 19.0)


def test_a_square_written_as_a_product_has_two_edges_to_its_factor():
    a = Value(3.0)
    y = a * a
    assert y.parents == (a, a)
    edges = [(parent, slope) for _, _, parent, slope, _, _ in autograd.chain_rule(y)]
    assert edges == [(a, 3.0), (a, 3.0)]


def test_parents_are_the_values_among_the_arguments_in_order():
    a, b = Value(1.0), Value(2.0)
    y = autograd.clip(b, 0, a)
    assert y.args == (b, 0.0, a)
    assert y.parents == (b, a)


def test_a_gradient_that_was_not_computed_is_not_zero():
    x, unused = Value(2.0), Value(2.0)
    y = 0 * x
    assert (x.grad, y.grad) == (None, None)
    y.backward()
    assert x.grad == 0.0
    assert unused.grad is None
    assert repr(x) == "Value(2, grad 0)"
    assert repr(unused) == "Value(2, grad not computed)"


def test_zero_grad_forgets_the_gradient():
    x = Value(2.0)
    (x * x).backward()
    x.zero_grad()
    assert x.grad is None


def test_backward_of_a_leaf_is_one():
    x = Value(2.0)
    x.backward()
    assert x.grad == 1.0


def test_backward_multiplies_by_the_gradient_it_is_given():
    x = Value(3.0)
    y = x * x
    y.backward(gradient=-0.5)
    assert (y.grad, x.grad) == (-0.5, -3.0)
    y.backward(gradient=Fraction(1, 2))
    assert x.grad == 0.0
    with pytest.raises(TypeError, match="str"):
        y.backward(gradient="1")


def test_nothing_is_recorded_without_gradients():
    x = Value(3.0, "x")
    with no_grad():
        y = x * x
        with no_grad():
            pass
        z = exp(x)
    assert (y.data, y.parents, y.op, z.op) == (9.0, (), None, None)
    assert (x * x).parents == (x, x)


def test_recording_comes_back_after_an_exception():
    x = Value(0.0)
    with pytest.raises(DivisionByZero), no_grad():
        1 / x
    assert (x * x).parents == (x, x)


def test_no_grad_holds_in_its_own_thread_only():
    x = Value(3.0)
    made = []
    with no_grad():
        in_a_small_thread(lambda: made.append(x * x))
    assert made[0].parents == (x, x)


def test_a_detached_value_is_a_leaf_of_its_own():
    x = Value(3.0)
    y = x * x
    y.label = "y"
    leaf = y.detach()
    assert (leaf.data, leaf.label, leaf.op, leaf.parents) == (9.0, "y", None, ())
    (leaf * x).backward()
    assert (x.grad, leaf.grad, y.grad) == (9.0, 3.0, None)


# Graphs that no longer fit.


def test_a_leaf_changed_after_it_was_used_makes_the_sweep_raise_and_name_it():
    x, w = Value(3.0, "x"), Value(2.0, "w")
    y = x * w
    y.backward()
    x.data = 100.0
    with pytest.raises(StaleGraph, match="x was changed after an unnamed value"):
        y.backward()
    assert (x.grad, w.grad, y.grad) == (2.0, 3.0, 1.0)
    for sweep in (gradients, autograd.topological_order, lambda root: grad(root, w)):
        with pytest.raises(StaleGraph, match="compute the graph again"):
            sweep(y)


def test_a_leaf_set_to_the_number_it_had_makes_the_graph_stale_too():
    x = Value(3.0, "x")
    y = x * x
    x.data = 3.0
    with pytest.raises(StaleGraph):
        y.backward()


def test_a_graph_computed_again_after_a_change_is_not_stale():
    x = Value(3.0)
    x * x
    x.data = 100.0
    y = x * x
    y.backward()
    assert x.grad == 200.0


def test_the_number_of_a_result_cannot_be_set():
    x = Value(3.0)
    y = x * x
    y.label = "y"
    with pytest.raises(AttributeError, match="y is the result of multiply"):
        y.data = 5.0
    assert y.data == 9.0


def test_a_leaf_cannot_be_set_to_something_that_is_no_number():
    x = Value(3.0)
    y = x * x
    with pytest.raises(TypeError, match="str"):
        x.data = "3"
    y.backward()
    assert x.grad == 6.0


@pytest.mark.parametrize("length", [1, 2, 10])
def test_a_cycle_made_by_hand_raises(length):
    x = Value(1.0, "x")
    nodes = [-x]
    for _ in range(length - 1):
        nodes.append(-nodes[-1])
    oldest = nodes[0]
    oldest.args = oldest.parents = (nodes[-1],)
    try:
        with pytest.raises(StaleGraph):
            nodes[-1].backward()
    finally:
        oldest.args = oldest.parents = (x,)
    assert all(node.grad is None for node in [x, *nodes])


# All or nothing.


def test_an_exception_in_the_middle_of_a_sweep_writes_nothing():
    x, w = Value(0.0, "x"), Value(3.0, "w")
    fine = w * w
    fine.backward()
    y = sqrt(x) * fine + w
    with pytest.raises(DivisionByZero, match=r"the slope of sqrt\(x = 0\)"):
        y.backward()
    assert (x.grad, y.grad) == (None, None)
    assert (w.grad, fine.grad) == (6.0, 1.0)


def test_a_sum_over_passes_that_is_too_large_writes_nothing():
    a, b = Value(1.0, "a"), Value(1.0, "b")
    y = a * 1.0 + b * 1e308
    y.backward()
    with pytest.raises(TooLarge, match="the gradient of b is too large"):
        y.backward()
    assert (a.grad, b.grad) == (1.0, 1e308)


def test_an_interrupt_in_a_slope_writes_nothing():
    def interrupted(y, a):
        raise KeyboardInterrupt

    row = Op("interrupted", lambda a: a, (interrupted,))
    try:
        x, w = Value(1.0), Value(2.0)
        with pytest.raises(KeyboardInterrupt):
            (row(x) * w).backward()
        assert (x.grad, w.grad) == (None, None)
    finally:
        del TABLE["interrupted"]


# Threads.


def test_sweeps_in_four_threads_lose_no_gradient_of_a_shared_leaf():
    shared = Value(1.0)
    at_the_same_time(4, lambda: [(shared * 3.0).backward() for _ in range(10_000)])
    assert shared.grad == 4 * 10_000 * 3


def test_sweeps_in_four_threads_over_a_shared_node_do_not_mix():
    x = Value(2.0)
    h = x * x
    outputs = [3 * h, 5 * h, 7 * h, 11 * h]
    turns = iter(outputs)

    def sweep():
        y = next(turns)
        for _ in range(10_000):
            y.backward()

    at_the_same_time(4, sweep)
    assert x.grad == 10_000 * 4 * (3 + 5 + 7 + 11)


def at_the_same_time(count: int, task: Callable[[], object]) -> None:
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    threads = [threading.Thread(target=task) for _ in range(count)]
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(usual)


# Memory.


def sweep_and_drop():
    x, w = Value(0.5), Value(2.0)
    (exp(x * w) + x / w).backward()


def differentiate_and_drop():
    x, w = Value(0.5), Value(2.0)
    y = exp(x * w) + x / w
    grad(grad(y, x), w).backward()
    hessian(y, [x, w])
    jvp(lambda a, b: exp(a * b), [x, w], [1.0, 0.0])


def copy_and_drop():
    x = Value(0.5)
    copy.deepcopy(pickled([x, exp(x * x)]))


def write_down_and_drop():
    x = Value(0.5, "x")
    gradients(exp(x * x), read=in_full)


def fail_and_drop():
    x = Value(0.0)
    for mistake in (lambda: 1 / x, lambda: sqrt(x).backward(), lambda: x * "2"):
        with suppress(ArithmeticError, TypeError):
            mistake()


@pytest.mark.parametrize(
    "story",
    [sweep_and_drop, differentiate_and_drop, copy_and_drop, write_down_and_drop, fail_and_drop],
)
def test_dropped_graphs_leave_nothing_to_the_garbage_collector(story):
    story()
    gc.collect()
    gc.disable()
    try:
        for _ in range(100):
            story()
        assert gc.collect() == 0
    finally:
        gc.enable()


# Determinism.

PRINTS_GRADIENTS = """
from autograd import *
leaves = {Value(0.1 * i + 0.3, f"x{i}") for i in range(20)}
leaves = sorted(leaves, key=lambda leaf: leaf.label)
y = leaves[0]
for i in range(400):
    a, b = leaves[i % 20], leaves[i * i % 19]
    y = tanh(y * a + b / (1 + y * y)) + sin(a - b) * y
y.backward()
print([leaf.grad.hex() for leaf in leaves], [g.hex() for g in gradients(y).values()])
"""


def test_gradients_have_the_same_bits_whatever_the_hash_seed():
    outputs = {
        subprocess.run(
            [sys.executable, "-c", PRINTS_GRADIENTS],
            env={**os.environ, "PYTHONHASHSEED": str(seed)},
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in range(5)
    }
    assert len(outputs) == 1
    assert "0x1" in outputs.pop()


def test_importing_the_engine_imports_the_standard_library_only():
    script = (
        "import sys; before = set(sys.modules); import autograd; "
        "print(*{name.partition('.')[0] for name in set(sys.modules) - before})"
    )
    # -S: without site-packages, so that there is nothing else to import
    for flags in (["-S"], []):
        done = subprocess.run(
            [sys.executable, *flags, "-W", "error", "-c", script],
            cwd=ROOT,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        assert set(done.stdout.split()) - sys.stdlib_module_names == {"autograd"}


# Derivatives of every order, in both modes.


def test_derivatives_of_a_fifth_power_go_down_to_order_four():
    x = Value(2.0)
    y = x**5
    orders = []
    for _ in range(4):
        y = grad(y, x)
        orders.append(y.data)
    assert orders == [80.0, 160.0, 240.0, 240.0]


def test_every_derivative_of_an_exponential_is_a_multiple_of_it():
    x = Value(0.3)
    value = y = exp(2 * x)
    for order in range(1, 5):
        y = grad(y, x)
        assert math.isclose(y.data, 2**order * value.data, rel_tol=1e-15)


def test_nested_derivatives_do_not_mix_up_their_variables():
    # d/dx [x · d/dy (x + y)] is 1; confusing the perturbations of x and y gives 2
    x, y = Value(5.0), Value(5.0)
    assert grad(x * grad(x + y, y), x).data == 1.0

    def inner(x):
        return jvp(lambda y: x + y, [5.0], [1.0])[1]

    assert jvp(lambda x: x * inner(x), [5.0], [1.0]) == (5.0, 1.0)
    assert grad(x * inner(x), x).data == 1.0


def test_nested_forward_mode_in_one_thread_is_not_confused_by_another_thread():
    other_is_inside, this_is_inside = threading.Event(), threading.Event()

    def wait_inside(x):
        other_is_inside.set()
        assert this_is_inside.wait(10)
        return x

    other = threading.Thread(target=jvp, args=(wait_inside, [1.0], [1.0]))

    def outer(x):
        this_is_inside.set()
        other.join(10)
        return x * jvp(lambda y: x + y, [5.0], [1.0])[1]

    other.start()
    assert other_is_inside.wait(10)
    assert jvp(outer, [5.0], [1.0]) == (5.0, 1.0)


def test_forward_over_reverse_over_forward_agree():
    def f(a, b):
        return exp(a * b) / (a + b * b)

    at, along = [0.7, -0.4], [0.3, 1.1]
    leaves = [Value(x) for x in at]
    matrix = hessian(f(*leaves), leaves)
    expected = [sum(h * v for h, v in zip(row, along, strict=True)) for row in matrix]

    def slope_along(*xs):
        return jvp(f, xs, along)[1]

    leaves = [Value(x) for x in at]
    reverse_over_forward = [one.data for one in grad(slope_along(*leaves), leaves)]
    assert reverse_over_forward == pytest.approx(expected, rel=1e-13)

    curvature = jvp(slope_along, at, along)[1]
    twice = sum(v * e for v, e in zip(along, expected, strict=True))
    assert curvature == pytest.approx(twice, rel=1e-13)


def test_jacobian_gradient_and_forward_mode_give_the_same_matrix():
    def f(a, b):
        return [a * b, a / b, exp(a) - b]

    leaves = [Value(0.5), Value(-2.0)]
    by_rows = jacobian(f(*leaves), leaves)
    by_columns = [jvp(f, [0.5, -2.0], unit)[1] for unit in ([1.0, 0.0], [0.0, 1.0])]
    assert by_rows == pytest.approx(np.array(by_columns).T, rel=1e-15)
    assert by_rows == [[one.data for one in grad(y, leaves)] for y in f(*leaves)]


def test_the_derivative_by_something_unconnected_is_zero():
    x, other = Value(2.0), Value(3.0)
    y = x * x
    assert grad(y, other).data == 0.0
    assert jacobian([y], [x, other]) == [[4.0, 0.0]]
    assert jvp(lambda a, b: a * a, [2.0, 3.0], [0.0, 1.0]) == (4.0, 0.0)


def test_higher_derivatives_leave_gradients_alone():
    x = Value(2.0)
    y = x**3
    hessian(y, [x])
    assert (x.grad, y.grad) == (None, None)


def test_directions_and_inputs_of_forward_mode_have_to_pair_up():
    with pytest.raises(ValueError, match="2 inputs, 1 given"):
        jvp(lambda a, b: a * b, [1.0, 2.0], [1.0])


# What may stand in an expression, and what may not.

v, w = Value(2.0, "v"), Value(5.0, "w")


@pytest.mark.parametrize(
    "number",
    [3, 3.0, np.float64(3), np.float32(3), np.float16(3), np.int64(3), np.uint8(3), Fraction(3)],
    ids=lambda number: type(number).__name__,
)
def test_real_numbers_of_every_type_become_plain_floats(number):
    for made in (number * v, v * number, Value(number) * 2, v + (number + 0 * v) + 1):
        assert type(made) is Value
        assert type(made.data) is float
        assert made.data == 6.0
    for arg in (number * v).args:
        assert type(arg) in (Value, float)
    assert (number - v).data == 1.0
    assert (v / number).data == 2 / 3
    assert (number**v).data == 9.0
    assert (v**number).data == 8.0
    assert autograd.atan2(number, v).data == math.atan2(3, 2)
    assert type(exp(number)) is float


def test_fractions_are_rounded_to_floats():
    assert (Fraction(1, 3) * v).data == (1 / 3) * 2.0


def test_infinities_and_nans_that_the_user_brings_are_accepted():
    assert Value(math.inf).data == math.inf
    assert math.isnan((Value(math.nan) * v).data)


NO_NUMBERS = [
    True,
    np.True_,
    "2",
    b"2",
    2j,
    np.complex128(2),
    Decimal(2),
    [2.0],
    (2.0,),
    {2.0},
    None,
    Value(2.0),
    np.array([1.0, 2.0]),
    np.array(2.0),
    np.array([v, w]),
    math.exp,
]


@pytest.mark.parametrize("thing", NO_NUMBERS, ids=lambda thing: type(thing).__name__)
def test_a_value_is_made_of_a_real_number_only(thing):
    with pytest.raises(TypeError, match=f"not {type(thing).__name__}"):
        Value(thing)


@pytest.mark.parametrize(
    "thing",
    [thing for thing in NO_NUMBERS if not isinstance(thing, Value)],
    ids=lambda thing: type(thing).__name__,
)
def test_what_is_no_real_number_is_refused_by_name_on_either_side(thing):
    named = f"not {type(thing).__name__}"
    for expression in (
        lambda: v + thing,
        lambda: v - thing,
        lambda: v * thing,
        lambda: v / thing,
        lambda: v**thing,
        lambda: autograd.maximum(v, thing),
        lambda: autograd.maximum(thing, 2.0),
        lambda: exp(thing),
    ):
        with pytest.raises(TypeError, match=named):
            expression()
    if isinstance(thing, np.ndarray) and thing.dtype == object:
        return  # NumPy asks every element of it, see below
    for expression in (
        lambda: thing + v,
        lambda: thing - v,
        lambda: thing * v,
        lambda: thing / v,
        lambda: thing**v,
    ):
        with pytest.raises(TypeError, match=named):
            expression()


def test_an_integer_beyond_all_floats_is_too_large():
    with pytest.raises(OverflowError, match="too large for a float"):
        v * 10**400
    with pytest.raises(OverflowError):
        Value(-(10**400))


def test_an_object_array_of_values_computes_elementwise():
    values = np.array([v, w], dtype=object)
    numbers = np.array([10.0, 100.0])
    assert [x.data for x in values * 2] == [4.0, 10.0]
    assert [x.data for x in values * numbers] == [20.0, 500.0]
    assert [x.data for x in numbers - values] == [8.0, 95.0]
    assert (values @ numbers).data == np.dot(values, numbers).data == 520.0
    assert np.sum(values).data == 7.0
    assert np.mean(values).data == 3.5
    assert [x.data for x in np.exp(values)] == [math.exp(2), math.exp(5)]
    x = Value(3.0)
    np.sum(np.array([x, x], dtype=object) * [1.0, 2.0]).backward()
    assert x.grad == 3.0


@pytest.mark.parametrize(
    "expression",
    [
        pytest.param(lambda: np.exp(v), id="np.exp(v)"),
        pytest.param(lambda: np.sin(v), id="np.sin(v)"),
        pytest.param(lambda: np.isnan(v), id="np.isnan(v)"),
        pytest.param(lambda: np.add(v, 1), id="np.add(v, 1)"),
        pytest.param(lambda: np.array([v, w], float), id="np.array(values, float)"),
        pytest.param(lambda: np.zeros(2).__setitem__(0, v), id="array[0] = v"),
        pytest.param(lambda: np.float64(2) < v, id="np.float64(2) < v"),
        pytest.param(lambda: np.max([v, w]), id="np.max(values)"),
        pytest.param(lambda: np.where([v, w], 1, 2), id="np.where(values, ...)"),
        pytest.param(lambda: np.array([v, w], dtype=object) * v, id="object array * v"),
        pytest.param(lambda: v * np.array([v, w], dtype=object), id="v * object array"),
        pytest.param(lambda: math.exp(v), id="math.exp(v)"),
        pytest.param(lambda: math.fsum([v, w]), id="math.fsum(values)"),
        pytest.param(lambda: math.isclose(v, w), id="math.isclose(v, w)"),
        pytest.param(lambda: float(v), id="float(v)"),
        pytest.param(lambda: int(v), id="int(v)"),
        pytest.param(lambda: complex(v), id="complex(v)"),
        pytest.param(lambda: round(v), id="round(v)"),
        pytest.param(lambda: range(10)[v], id="range(10)[v]"),
        pytest.param(lambda: "%.2f" % v, id="'%.2f' % v"),  # noqa: UP031
        pytest.param(lambda: v // 2, id="v // 2"),
        pytest.param(lambda: v % 2, id="v % 2"),
        pytest.param(lambda: pow(v, 2, 3), id="pow(v, 2, 3)"),
    ],
)
def test_what_would_lose_the_graph_raises(expression):
    with pytest.raises(TypeError):
        expression()


@pytest.mark.parametrize(
    "expression",
    [
        pytest.param(lambda: bool(v), id="bool(v)"),
        pytest.param(lambda: not v, id="not v"),
        pytest.param(lambda: v or w, id="v or w"),
        pytest.param(lambda: v and w, id="v and w"),
        pytest.param(lambda: any([v]), id="any"),
        pytest.param(lambda: all([v]), id="all"),
        pytest.param(lambda: v < w, id="v < w"),
        pytest.param(lambda: v <= 2, id="v <= 2"),
        pytest.param(lambda: 2 > v, id="2 > v"),  # noqa: SIM300
        pytest.param(lambda: v >= w, id="v >= w"),
        pytest.param(lambda: max(v, w), id="max"),
        pytest.param(lambda: min([v, w]), id="min"),
        pytest.param(lambda: sorted([v, w]), id="sorted"),
        pytest.param(lambda: v == 2.0, id="v == 2.0"),
        pytest.param(lambda: v != 2, id="v != 2"),
        pytest.param(lambda: 2 == v, id="2 == v"),  # noqa: SIM300
        pytest.param(lambda: np.float64(2) == v, id="np.float64(2) == v"),
        pytest.param(lambda: v == True, id="v == True"),  # noqa: E712
        pytest.param(lambda: v == 2j, id="v == 2j"),
        pytest.param(lambda: 2.0 in [v], id="2.0 in values"),
    ],
)
def test_comparing_and_branching_point_at_the_number(expression):
    with pytest.raises(TypeError, match=r"x\.data"):
        expression()


def test_values_are_equal_to_themselves_only():
    twin = Value(v.data, v.label)
    assert v == v
    assert v != twin
    assert not v == twin  # noqa: SIM201
    assert v in [w, v]
    assert v not in [w, twin]
    assert [w, twin, v].index(v) == 2
    assert len({v, twin, v}) == 2
    assert {v: 1, twin: 2}[v] == 1
    assert hash(v) != hash(twin)


def test_a_value_is_not_equal_to_what_is_no_number():
    for thing in (None, "2", [2.0], np.array([2.0, 3.0])):
        assert not v == thing  # noqa: SIM201
        assert v != thing


def test_values_are_formatted_like_their_numbers():
    assert f"{v:.2f}" == "2.00"
    assert f"{w}" == "5.0"
    assert f"{v:>8.1e}" == " 2.0e+00"
    assert str(v) == repr(v) == "Value(v = 2, grad not computed)"


def test_sums_and_products_of_sequences_are_values():
    assert sum([v, w]).data == 7.0
    assert math.prod([v, w]).data == 10.0
    assert sum([v, w], start=Value(1.0)).data == 8.0


def test_a_number_to_the_power_of_a_value_is_no_infinite_recursion():
    x = Value(3.0)
    y = 2**x + (1 + x) + (1 - x) + (6 / x)
    assert y.data == 8 + 4 - 2 + 2


def test_the_sign_of_a_value_can_be_written():
    assert +v is v
    assert (-v).data == -2.0
    assert abs(-v).data == 2.0


def test_roots_of_negative_numbers_are_never_complex():
    with pytest.raises(OutsideDomain, match="cbrt gives the real cube root"):
        Value(-8.0) ** (1 / 3)
    with pytest.raises(ValueError):
        (-2) ** Value(0.5)


def test_item_is_the_plain_number():
    assert type(v.item()) is float
    assert v.item() == 2.0


def test_rows_refuse_the_wrong_number_of_arguments():
    with pytest.raises(TypeError, match=r"exp takes .* argument, and was given 2"):
        exp(v, w)
    with pytest.raises(TypeError, match=r"clip takes .* arguments, and was given 1"):
        autograd.clip(v)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda x: grad(3.0, x), "grad takes Values, not float"),
        (lambda x: grad(x, 3.0), "grad takes a list of Values here, not one float"),
        (lambda x: hessian(x, x), "hessian takes a list of Values here, not one Value"),
        (lambda x: jacobian(x, [x]), "jacobian takes a list of Values here, not one Value"),
        (lambda x: jvp(lambda a: a, 3.0, 1.0), "jvp takes lists of numbers, not float"),
    ],
)
def test_what_cannot_be_differentiated_is_said_in_one_sentence(call, message):
    with pytest.raises(TypeError, match=message):
        call(Value(1.0))
