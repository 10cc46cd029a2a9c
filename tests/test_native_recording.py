"""The compiled recorder writes to the last instruction what the readable one writes."""

import gc
import pickle
import random
import weakref
from math import inf, nan
from pathlib import Path

import pytest

import nn
from autograd import TABLE, AutogradError, Op, Program, Value, clip, exp, log, relu, where
from autograd.micrograd import MLP, KnownAtOnePoint
from autograd.micrograd import Value as TutorialValue
from autograd.native import compiled
from autograd.op import BUILT_IN
from autograd.ops import add, multiply
from autograd.program import recording
from autograd.program.listing import Listing
from autograd.program.recording import recorded
from nn.losses import LOSSES

pytestmark = pytest.mark.native

ROWS = [TABLE[name] for name in sorted(BUILT_IN)]


def by_the_readable_one(ends, inputs):
    compiled_one, recording._native = recording._native, None
    try:
        return recorded(ends, inputs)
    finally:
        recording._native = compiled_one


def told(listing):
    """All of a listing, floats by their text: 0.0 and -0.0 are equal, and nan is not nan."""
    lines = [(op.name, *map(repr, args)) for op, args in listing.instructions]
    return listing.inputs, listing.parameters, lines, [repr(end) for end in listing.ends]


def agree(ends, inputs=()):
    """Record both ways; how many instructions."""
    mine = compiled("record").recorded(ends, inputs)
    assert mine is not None, "this was left to the readable recorder"
    listing, parameters = by_the_readable_one(ends, inputs)
    assert not isinstance(mine[0].instructions, list)
    assert told(mine[0]) == told(listing)
    assert len(parameters) == len(mine[1])
    assert all(a is b for a, b in zip(mine[1], parameters, strict=True))
    forward = Listing(listing.inputs, listing.parameters, mine[0].instructions, mine[0].value)
    assert told(forward.pruned()) == told(
        Listing(listing.inputs, listing.parameters, listing.instructions, listing.value).pruned()
    )
    assert mine[0].ops == listing.ops
    return len(listing.instructions)


def random_graph(chance, kinds=(Value,)):
    """Leaves of these kinds, and all that was made from them, of any rows, on any operands."""
    leaves = [kinds[i % len(kinds)](chance.uniform(0.2, 0.9)) for i in range(4)]
    pool = list(leaves)
    while len(pool) < 30:
        row = chance.choice([add, multiply, TABLE["where"], chance.choice(ROWS)])
        numbers = [3.0, -0.5, 1.0, 2.0, 0.0, -0.0]
        args = [chance.choice([*pool, *pool[-3:], chance.choice(numbers)]) for _ in row.partials]
        try:
            new = row(*args)
        except AutogradError:
            continue
        if isinstance(new, Value) and abs(new.data) < 1e6:
            pool.append(new)
    return leaves, pool[4:]


@pytest.mark.parametrize("kinds", [(Value,), (TutorialValue,), (Value, TutorialValue)])
@pytest.mark.parametrize("part", range(30))
def test_random_graphs(part, kinds):
    for seed in range(20 * part, 20 * part + 20):
        chance = random.Random(seed)
        leaves, made = random_graph(chance, kinds)
        ends = [chance.choice([*made, *leaves]) for _ in range(chance.randint(0, 3))]
        agree([made[-1], *ends], leaves[: chance.randint(0, 3)])


def test_random_graphs_use_every_row():
    used = {node.op for s in range(600) for node in random_graph(random.Random(s))[1]}
    assert {row.name for row in set(ROWS) - used} <= {"acosh"}  # of numbers from 1 on


@pytest.mark.parametrize("loss", LOSSES.values(), ids=list(LOSSES))
@pytest.mark.parametrize("activation", ["relu", "tanh", "sigmoid", None])
def test_networks(activation, loss):
    model = nn.MLP(3, [4, 3], activation or "relu", seed=1)
    if activation is None:
        model = nn.Layer(3, 3, None)
    x, target = [Value(0.1 * i, f"x{i}") for i in range(3)], Value(1.0, "target")
    outputs = model(x)
    several = loss.__name__ in ("cross_entropy",)
    y = loss([outputs if several else outputs[0]], [target])
    assert agree([y, *outputs], [*x, target]) > 10
    assert agree([y], [*x, target]) > 10


def test_a_loop_of_the_tutorials():
    """The lecture's: a network, squared errors, and plain numbers that became Values."""
    random.seed(1337)
    model = MLP(3, [4, 4, 1])
    examples = [([2.0, 3.0, -1.0], 1.0), ([3.0, -1.0, 0.5], -1.0)]
    loss = sum((model(x) - target) ** 2 for x, target in examples)
    loss = loss + 1e-4 * sum(p * p for p in model.parameters())
    assert agree([loss]) > 100
    for p in model.parameters():
        p.data += -0.1 * p.grad
    assert compiled("record").recorded([loss], []) is None  # the graph is stale
    x = [TutorialValue(0.5), TutorialValue(-1.0), TutorialValue(2)]
    assert agree([2 / (model(x) ** 2 + 3) ** -1 - 1, *x], x) > 30


def test_a_program_of_the_tutorials():
    x, w = TutorialValue(3.0), TutorialValue(2.0)
    program = Program((w * x - 1) ** 2, [x])
    assert program.value_and_gradients([[3.0], [0.5]])[0] == 25.0
    assert not isinstance(program._listing.instructions, list)


def test_what_was_made_by_hand_is_left_to_the_readable_recorder():
    x = TutorialValue(3.0)
    half = TutorialValue(1.5, (x,), "half")
    half._backward = lambda: None
    for y in (half * x, TutorialValue(1.5, (x,), (0.5,)) * x):
        assert compiled("record").recorded([y], [x]) is None
        with pytest.raises(KnownAtOnePoint, match="made by hand"):
            Program(y, [x])
    kind = type("Mine", (TutorialValue,), {})
    assert compiled("record").recorded([kind(2.0) * x], [x]) is None
    y = x * x
    y._backward, y.note = y._backward, "a note"  # what it was anyway: now it is by hand as well
    assert compiled("record").recorded([y], [x]) is None


def test_ends_of_every_kind():
    x, w, apart = Value(2.0, "x"), Value(3.0, "w"), Value(5.0, "apart")
    y = w * x + 1.0
    agree([y, apart * 2.0, x, w, y, apart], [x])  # what is not on the way; twice; leaves
    agree([w], [x])
    agree([x], [x])
    agree([Value(1.0) * 1.0])
    agree([exp(x) * 0.0 + w * -0.0, exp(x)], [x, Value(7.0, "unused")])


@pytest.mark.parametrize("number", [1.0, 2.0, 0.5, -1.0, 0.0, 3.0, -0.0, 30.0])
def test_constants(number):
    x, w = Value(1.5, "x"), Value(0.7, "w")
    agree([x**number + number * w + (w + number) * x - number + number**w * w if number > 0
           else x**number + number * w + (w + number) * x - number], [x])  # fmt: skip


@pytest.mark.parametrize("number", [inf, -inf, nan])
def test_constants_that_are_no_numbers(number):
    x, w = Value(1.5, "x"), Value(0.7, "w")
    agree([where(x - 2.0, w * x, number) * w], [x])


def test_a_data_set_of_constants():
    chance = random.Random(1)
    model = nn.MLP(3, [3, 1], "tanh", seed=1)
    errors = [model([chance.random() for _ in range(3)]) - chance.random() for _ in range(20)]
    agree([sum(error**2 / chance.random() for error in errors)])


def test_choices_both_ways():
    x, w, b = Value(1.5, "x"), Value(0.7, "w"), Value(-2.0, "b")
    inner = where(w < x, w * x, log(w))
    y = where(x - 1.0, inner * w, where(b < 0, exp(w), b * inner)) + where(x - 1.0, w, b) * inner
    assert agree([y, inner], [x]) > 20
    agree([clip(w * x, -1.0, b) + relu(relu(w)) + where(x, w, w)], [x])
    agree([where(w, 2.0 * x, 3.0 * w) * where(w, x, w)], [x])


def test_a_deep_chain():
    x = Value(0.5, "x")
    y = x
    for _ in range(50_000):
        y = y * 0.999 + x
    assert agree([y]) > 90_000


def test_another_thread_may_sweep_the_same_nodes_meanwhile(monkeypatch):
    record = compiled("record")
    x, w, b = Value(1.5, "x"), Value(0.7, "w"), Value(-2.0, "b")
    y = where(x < w, (w * x + b) * b, w / x) * w
    for i in range(50):
        y = y * b + i
    before = told(by_the_readable_one([y], [x])[0])
    other = b
    for _ in range(500):
        other = other * 0.5 + w

    def slope_of(*args, slope_of=record.slope_of):
        other.backward()  # where Python code runs, another thread may do so
        swept.append(args)
        return slope_of(*args)

    swept = []
    monkeypatch.setattr(record, "slope_of", slope_of)
    assert told(record.recorded([y], [x])[0]) == before and swept


def test_nodes_made_with_long_pauses():
    x, w = Value(0.5, "x"), Value(0.7, "w")
    y = x * w
    for _ in range(2000):
        Value(1.0)
    agree([(y + w) * x], [x])


@pytest.fixture
def lines():
    x, w = Value(2.0, "x"), Value(3.0, "w")
    return Program((w * x - 1) ** 2, [x])._listing.instructions


def test_the_instructions_are_a_sequence(lines):
    listed = list(lines)
    assert len(lines) == len(listed) == 5 and listed[0] == (multiply, (1, 0))
    assert lines[-1] == listed[4] and lines[1:3] == listed[1:3] and lines[::-2] == listed[::-2]
    assert lines == pickle.loads(pickle.dumps(lines)) and lines != listed
    for place in (5, -6):
        with pytest.raises(IndexError, match=f"instruction {place} of 5"):
            lines[place]


def test_a_program_can_be_pickled():
    x, w = Value(2.0, "x"), Value(3.0, "w")
    program = pickle.loads(pickle.dumps(Program((w * x - 1) ** 2, [x])))
    assert program.value_and_gradients([[3.0]])[0] == 64.0
    assert "v0 = w * x" in program.source()


def test_what_was_pickled_is_loaded_where_nothing_is_compiled(lines, monkeypatch):
    pickled = pickle.dumps(lines)
    monkeypatch.setenv("STEPGRAD_ENGINE", "python")
    assert pickle.loads(pickled) == list(lines)
    assert b"native.record" not in pickled


def test_recording_again_and_again_takes_no_memory():
    x = [Value(0.1), Value(0.2)]
    outputs = nn.MLP(2, [20, 3], seed=0)(x)
    ends = [nn.cross_entropy([outputs], [Value(1.0)]), *outputs]

    def pages_after(times):
        for _ in range(times):
            assert compiled("record").recorded(ends, x) is not None
        return int(Path("/proc/self/statm").read_text().split()[1])

    if not Path("/proc/self/statm").exists():
        pytest.skip("this system does not say how much memory is used")
    before = pages_after(20)
    assert pages_after(400) - before < 250  # a megabyte; 400 listings have three


@pytest.mark.parametrize("kind", ["row", "class", "stale", "serial"])
def test_what_is_out_of_the_ordinary_is_left_to_the_readable_recorder(kind):
    x, w = Value(2.0, "x"), Value(3.0, "w")
    y = w * x
    if kind == "row":
        cube = Op("cube_for_the_recorder", lambda a: a * a * a, (lambda y, a: 3 * a**2,))
        y = cube(y) + w
    elif kind == "class":
        y = type("Mine", (Value,), {})(1.0) * y
    elif kind == "serial":
        w.serial = x.serial
    else:
        w.data = 4.0
    assert compiled("record").recorded([y], []) is None
    if kind == "stale":
        with pytest.raises(AutogradError, match="w was changed after"):
            Program(y)
    else:
        assert Program(y).value_and_gradients([[]])[0] == y.data


def test_a_program_that_is_dropped_is_gone_at_once():
    gc.disable()
    try:
        x, t = [Value(0.1, "a"), Value(0.2, "b")], Value(1.0, "t")
        outputs = nn.MLP(2, [3, 3], seed=0)(x)
        program = Program(nn.cross_entropy([outputs], [t]), [*x, t])
        program.value_and_gradients([[0.1, 0.2, 1.0]])
        gone = weakref.ref(program)
        gc.collect()
        del program
        assert gone() is None and gc.collect() == 0
    finally:
        gc.enable()
