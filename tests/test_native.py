"""The compiled engine: it is there, it does the same, and it is picked up as it should be."""

import gc
import inspect
import os
import shutil
import subprocess
import sys
import threading
import types
import weakref
from pathlib import Path

import numpy as np
import pytest

import autograd
from autograd import TABLE, Op, Value, gradients
from autograd.native import compiled, looked_up

ROOT = Path(autograd.__file__).parents[1]


def printed_by(asked: str, program: str) -> str:
    """What a program prints in an engine, in a process of its own."""
    run = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env={**os.environ, "STEPGRAD_ENGINE": asked},
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr
    return run.stdout


def test_an_engine_is_compiled_wherever_there_is_a_compiler():
    if not (shutil.which("cc") or shutil.which("gcc")):
        pytest.skip("there is no C compiler here")
    assert printed_by("native", "import autograd; print(autograd.engine())") == "native\n"


RANDOM_GRAPHS = """
import random
from autograd import TABLE, AutogradError, Value, gradients
from autograd.op import BUILT_IN

chance = random.Random(2)
rows = [TABLE[name] for name in sorted(BUILT_IN)]
special = [0.0, -0.0, 1.0, -1.0, 2.0, -2.0, 0.5, 1e300, 1e-300, 3.0, 40.0, float("inf")]
for graph in range(3000):
    leaves = [Value(chance.choice([*special, chance.gauss(0, 2)]), f"x{i}") for i in range(3)]
    pool = list(leaves)
    for _ in range(12):
        row = chance.choice(rows)
        args = [chance.choice([*pool, pool[-1], 2.0, -0.5, 3]) for _ in row.partials]
        try:
            pool.append(row(*args))
        except AutogradError as error:
            print(type(error).__name__, error)
        pool = [thing for thing in pool if isinstance(thing, Value)]
    y = pool[-1]
    try:
        y.backward()
        y.backward(0.5)
    except AutogradError as error:
        print(type(error).__name__, error)
    for node in pool:
        print(node.data.hex(), "-" if node.grad is None else node.grad.hex())
    chance.random()
"""


@pytest.mark.native
def test_both_engines_have_the_same_bits_and_say_the_same_sentences():
    native = printed_by("native", RANDOM_GRAPHS).splitlines()
    assert native == printed_by("python", RANDOM_GRAPHS).splitlines()
    assert len(native) > 30_000
    assert sum(line.count("0x") == 2 for line in native) > 10_000  # a value and a gradient
    assert sum(line.startswith(("TooLarge", "OutsideDomain", "Division")) for line in native) > 1000


@pytest.mark.native
class TestTheCompiledEngine:
    def test_a_node_is_small_and_unknown_to_the_cycle_collector(self):
        x = Value(2.0, "x")
        y = x * x
        assert sys.getsizeof(y) <= 96
        assert not gc.is_tracked(x) and not gc.is_tracked(y)

    def test_a_subclass_with_attributes_is_tracked(self):
        class Noted(Value):
            pass

        noted = Noted(2.0, "x")
        noted.note = [noted]
        assert gc.is_tracked(noted)
        y = noted * noted
        y.backward()
        assert noted.grad == 4.0 and type(y) is Value
        noted.note.clear()

    def test_other_numbers_are_kept_as_floats(self):
        x = Value(3.0)
        for two in (2, np.float64(2.0), np.float32(2.0), np.int64(2), 2.0):
            for y in (x * two, two * x):
                assert y.data == 6.0
                assert [type(arg) for arg in y.args if not isinstance(arg, Value)] == [float]

    def test_a_graph_made_with_long_pauses_has_the_same_gradients(self):
        x = Value(0.9)
        y = x
        for i in range(50):
            y = (y * x + x).tanh()
            for _ in range(100 * (i % 3)):
                x * x
        y.backward()
        assert x.grad == gradients(y)[x]

    def test_it_is_not_picked_up_beside_another_table(self, monkeypatch):
        monkeypatch.delenv("STEPGRAD_ENGINE", raising=False)
        assert compiled("value") is not None
        monkeypatch.setattr("autograd.native.stamp", lambda: 0)
        assert compiled("value") is None
        monkeypatch.setenv("STEPGRAD_ENGINE", "native")
        with pytest.raises(ImportError, match="another table of operations: install again"):
            compiled("value")

    def test_the_advice_to_install_again_goes_past_what_pip_kept(self, monkeypatch):
        monkeypatch.delenv("STEPGRAD_ENGINE", raising=False)
        module, why = looked_up("nothing_of_that_name")
        assert module is None and why.startswith("nothing was compiled: where there is a C comp")
        assert why.endswith("pip install --force-reinstall --no-cache-dir")

    def test_the_environment_chooses_the_engine(self, monkeypatch):
        monkeypatch.setenv("STEPGRAD_ENGINE", "python")
        assert compiled("value") is None
        monkeypatch.setenv("STEPGRAD_ENGINE", "fortran")
        with pytest.raises(ValueError, match="STEPGRAD_ENGINE is native or python, not 'fortran'"):
            compiled("value")
        monkeypatch.setenv("STEPGRAD_ENGINE", "native")
        with pytest.raises(ImportError, match="asks for the native engine"):
            compiled("nothing_of_that_name")


@pytest.mark.native
def test_the_compiled_class_describes_itself_as_the_readable_one_does():
    readable = autograd.value._Readable
    public = [name for name in vars(readable) if not name.startswith("_")]
    assert len(public) > 10
    for name in public:
        if not isinstance(vars(readable)[name], types.MemberDescriptorType):
            assert inspect.getdoc(getattr(Value, name)) == inspect.getdoc(getattr(readable, name))


def test_a_deep_chain_of_ones_own_operations_is_freed_in_a_small_thread():
    half = Op("half_of", lambda a: a / 2, (lambda y, a: 0.5,))
    try:
        y = x = Value(1.0)
        for _ in range(100_000):
            y = half(y) + x
        graphs = [y]
        last = weakref.ref(x)
        del x, y
        usual = threading.stack_size(256 * 1024)
        thread = threading.Thread(target=graphs.clear)
        thread.start()
        threading.stack_size(usual)
        thread.join()
        assert last() is None
    finally:
        del TABLE["half_of"]
