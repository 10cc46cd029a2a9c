"""What the engine promises about graphs, whatever the operations in them compute."""

import copy
import gc
import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from fractions import Fraction
from pathlib import Path

import pytest

import autograd
from autograd import (
    TABLE,
    DivisionByZero,
    Op,
    StaleGraph,
    TooLarge,
    Value,
    engine,
    exp,
    grad,
    gradients,
    hessian,
    in_full,
    jvp,
    no_grad,
    sqrt,
)

ROOT = Path(autograd.__file__).parents[1]
DEEP = 1_000_000


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
        thread = threading.Thread(target=lambda: made.append(x * x))
        thread.start()
        thread.join()
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
    if engine() == "native":
        with pytest.raises(AttributeError):
            oldest.args = (nodes[-1],)
        return
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
    with pytest.raises(DivisionByZero, match=r"the local derivative of sqrt\(x = 0\)"):
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


@pytest.mark.unsteady
def test_sweeps_in_four_threads_lose_no_gradient_of_a_shared_leaf():
    shared = Value(1.0)
    at_the_same_time(4, lambda: [(shared * 3.0).backward() for _ in range(10_000)])
    assert shared.grad == 4 * 10_000 * 3


@pytest.mark.unsteady
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
    copy.deepcopy(pickle.loads(pickle.dumps([x, exp(x * x)])))


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
        found = {name for name in done.stdout.split() if "cython" not in name}  # the native engine
        assert found - sys.stdlib_module_names == {"autograd"}
        assert found & {"html", "xml", "difflib", "json"} == set()  # slow, and rarely needed


def test_importing_the_engine_imports_no_tool_of_a_teacher():
    script = (
        "import sys, autograd; print(*sys.modules); "
        "print(autograd.exact.__module__, 'autograd.teaching.exactly' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    imported, asked_for = done.stdout.splitlines()
    tools = ("blackboard", "bugs", "diagnosis", "exactly", "grading", "path_products", "report")
    assert not {f"autograd.teaching.{tool}" for tool in tools} & {*imported.split()}
    assert asked_for == "autograd.teaching.exactly True"
