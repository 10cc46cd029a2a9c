"""Graphs of any depth are made, swept, shown, copied and freed without nesting calls."""

import copy
import pickle
import threading
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import autograd
from autograd import (
    TABLE,
    Op,
    StaleGraph,
    Value,
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
    with pytest.raises(KeyError, match="no operation is named cube: make it again"):
        pickle.loads(saved)
