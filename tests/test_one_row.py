"""Adding an operation is adding one row: two rows in a copy of the tree, and everything follows.

softsign has its partial written; huber has a choice in it and no partials at all.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROWS = """
softsign = Op("softsign",   lambda a: a / (1 + abs(a)), (lambda y, a: power(1 - abs(y), 2),), meaning="a, squeezed in between -1 and 1", corners=lambda a: (a,))
huber = Op("huber",         lambda a, b: where(abs(a) <= b, lambda: a * a / 2, lambda: b * (abs(a) - b / 2)), meaning="half the square of a, and a straight line from size b on")
# fmt: on
"""  # noqa: E501

LOOK = """
import json, math, subprocess, sys
import numpy as np
from autograd import *
from autograd.program import MACHINES
import viz

PLACES = {softsign: [(2.0,), (-0.75,), (0.0,), (40.0,)],
          huber: [(0.5, 1.0), (-3.0, 1.0), (1.0, 1.0), (7.0, 0.25)]}
RIGHT = {  # value, slopes, by hand
    softsign: lambda a: (a / (1 + abs(a)), [1 / (1 + abs(a)) ** 2]),
    huber: lambda a, b: (a * a / 2, [a, 0.0]) if abs(a) <= b
        else (b * (abs(a) - b / 2), [math.copysign(b, a), abs(a) - b]),
}

def close(one, other):
    return np.allclose(one, other, rtol=1e-12, atol=0.0)

def javascript(source, args):
    script = source + f"\\nconsole.log(JSON.stringify(program({', '.join(map(repr, args))})))"
    done = subprocess.run(["node", "-e", script], capture_output=True, check=True)
    return json.loads(done.stdout)

for row, places in PLACES.items():
    for args in places:
        value, slopes = RIGHT[row](*args)
        leaves = [Value(x, label) for x, label in zip(args, "ab")]
        y = row(*leaves)
        y.label = "y"
        y.backward()
        assert close(y.data, value) and close([leaf.grad for leaf in leaves], slopes), (row, args)
        assert [g.data for g in grad(row(*leaves), leaves)] == [leaf.grad for leaf in leaves]
        assert close(jvp(row, args, [1.0] + [0.0] * (len(args) - 1))[1], slopes[0])
        program = Program(y)
        for machine in MACHINES:
            found = program.value_and_gradients([[]], machine=machine)
            assert close(found[0], value) and close(found[1], slopes), (machine, row, args)
        space = {}
        exec(program.source("numpy"), space)
        found = space["program"](*map(np.float64, args))
        assert close(found[0], value) and close(found[1], slopes)
        if "node" in sys.argv:
            found = javascript(program.source("javascript"), args)
            assert close(found[0], value) and close(found[1], slopes)
        assert f"double {row.name}(double a" in program.source("c")
        text = explain(y, names=False)
        assert row.name in text.text and row.name in text.latex
        assert row.name in viz.draw(y).svg
        if 0.0 not in args:
            assert check(row, list(args)).ok
    assert row.meaning.capitalize() in row.__doc__ and "At 0:" in row.__doc__
    assert getattr(Value(0.5), row.name, None) or len(row.partials) > 1

x = Value(2.0)
assert close(grad(grad(softsign(x), x), x).data, -2 / 27)
a, b = Value(-3.0), Value(1.0)
assert hessian(huber(a, b), [a, b]) == [[0.0, -1.0], [-1.0, -1.0]]
if "native" in sys.argv:
    assert engine() == "native" and "native" in MACHINES
    assert softsign(Value(2.0)).op is softsign
    tested = Program(huber(Value(2.0), Value(1.0)))
    assert tested.value_and_gradients([[]], machine="native")[1].tolist() == [1.0, 1.0]
print("all of it follows", engine())
"""

DOCS = """
from docs._ext.generated import contents
from docutils import nodes
from autograd.ops import huber, softsign
for row in (softsign, huber):
    cells = list(contents(row, nodes.literal(row.name, row.name)))
    text = " ".join(node.astext() for cell in cells for node in cell)
    assert row.meaning in text and row.name in text, text
print("the reference follows")
"""


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """The tree with two more rows, and nothing else edited."""
    there = tmp_path_factory.mktemp("tree")
    for folder in ("autograd", "nn", "viz", "stepgrad", "docs"):
        leave = shutil.ignore_patterns("__pycache__", "*.so", "_build", "lessons")
        shutil.copytree(ROOT / folder, there / folder, ignore=leave, symlinks=True)
    for file in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / file, there)
    (there / "notebooks").mkdir()
    table = there / "autograd" / "ops.py"
    text = table.read_text()
    assert text.count("# fmt: on\n") == 1
    table.write_text(text.replace("# fmt: on\n", ROWS.lstrip("\n")))
    return there


def run(copy, text, *args, engine="python"):
    environment = {**os.environ, "PYTHONPATH": str(copy), "STEPGRAD_ENGINE": engine}
    command = [sys.executable, "-c", text, *args]
    done = subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def test_two_rows_are_all_that_the_readable_engine_the_languages_and_the_pictures_need(copy):
    assert "all of it follows python" in run(copy, LOOK, "node")
    assert "the reference follows" in run(copy, DOCS)


@pytest.mark.native
@pytest.mark.slow
def test_two_rows_are_all_that_the_compiled_engine_needs(copy):
    build = "from setuptools import setup; setup()"
    command = [sys.executable, "-c", build, "-q", "build_ext", "--inplace"]
    done = subprocess.run(command, cwd=copy, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    assert "all of it follows native" in run(copy, LOOK, "native", engine="native")
