"""What the teaching tools print, read back: every formula has to come to its number."""

import re
from math import inf, nan

import pytest

from autograd import TABLE, AutogradError, gradients
from autograd.teaching.parts import Equations
from tests.graphs import random_graph

# which take the truth values that Python's comparisons give
FUNCTIONS = {name: lambda *args, op=op: op.ieee(*map(float, args)) for name, op in TABLE.items()}
# Of 500 random graphs, 50 at a time; mutants are shown the first of them.
parts = pytest.mark.parametrize(
    "part", [0, *(pytest.param(i, marks=pytest.mark.unsteady) for i in range(1, 10))]
)
DERIVATIVE = re.compile(r"∂(\w+)/∂(\w+)")


def meaning(text, numbers):
    """What a formula comes to, found by Python: the dot of the chain rule is a product."""
    text = DERIVATIVE.sub(r"d_\1_\2", text).replace("·", "*")
    return float(eval(text, {"__builtins__": {}}, FUNCTIONS | {"inf": inf, "nan": nan} | numbers))


def equations(report):
    """All equations of a report."""
    return [one for part in report.parts if isinstance(part, Equations) for one in part]


def agree(report, numbers, rel=1e-11, scale=0.0):
    """Whether all pieces of every equation come to the same number."""
    for equation in equations(report):
        texts = [piece.text for piece in equation.pieces if piece.text not in ("undefined", "…")]
        found = [meaning(text, numbers) for text in texts]
        expected = pytest.approx(found[-1], rel=rel, abs=scale + 1e-300, nan_ok=True)
        assert all(one == expected for one in found), equation.text


def brute_paths(y, x):
    """Every path from y back to x as (node, position) pairs, by recursion."""
    if y is x:
        return [[]]
    return [
        [(y, position), *rest]
        for position, parent in enumerate(y.parents)
        for rest in brute_paths(parent, x)
    ]


def differentiable(seeds):
    """Random graphs that have a gradient, every second one of any operations of the table."""
    for seed in seeds:
        y = random_graph(seed, rows=seed % 2 == 1)
        try:
            yield seed, y, gradients(y)
        except AutogradError:
            continue
