"""Exponentials taken many at once are to the bit those of the C library."""

import math
import platform
from math import inf, nan
from pathlib import Path

import numpy as np
import pytest

from autograd.native import compiled, kernels
from autograd.ops import exp, sigmoid, tanh
from autograd.program.interpreters import MACHINES
from autograd.program.listing import Listing

pytestmark = pytest.mark.native

machine = compiled("machine")
ROWS = [row for row in kernels.ROWS if kernels.around_exp(row)]
WAYS = [(8, True), (4, True), (2, True), (8, False)]
# where results overflow, vanish, or lose bits; and where the steps end that are taken many at once
EDGES = [0.0, 5e-324, 1e-17, 0.3465735902799726, 511.99999999999994, 512.0, 513.0, 708.4, 709.78]
EDGES += [709.79, 745.13, 745.14, 1e5, inf]
NUMBERS = [*EDGES, *(-x for x in EDGES), nan]


@pytest.fixture(params=WAYS, ids=str)
def way(request):
    width, own_exp = request.param
    machine.use(width, own_exp=own_exp)
    yield request.param
    machine.use()


def bits(numbers):
    """Those of floats, all nans alike."""
    numbers = np.array(numbers, dtype=float)
    return np.where(np.isnan(numbers), nan, numbers).view(np.int64).tolist()


def values(listing, rows, parameters=()):
    native = MACHINES["native"](listing).values(rows, list(parameters))
    assert bits(native) == bits(MACHINES["python"](listing).values(rows, list(parameters)))
    return native


def test_operations_around_an_exponential_are_found_in_the_table():
    names = {row.name for row in ROWS}
    assert {"exp", "sigmoid", "softplus", "silu", "logaddexp"} <= names
    assert not names & {"tanh", "relu", "expm1", "power"}


def test_where_the_library_takes_the_same_steps_they_are_taken():
    here = Path("/proc/cpuinfo")
    flags = here.read_text().split() if here.exists() else []
    if platform.libc_ver()[0] != "glibc" or not {"avx2", "fma"} <= set(flags):
        pytest.skip("the steps are those of the GNU C library on processors with AVX2 and FMA")
    assert machine.takes_exp_itself()


def test_a_hundred_thousand_exponentials_are_those_of_math(way):
    chance = np.random.default_rng(0)
    size = np.repeat([1e-9, 1e-3, 0.5, 30.0, 511.0], 20_000)
    numbers = size * chance.uniform(-1, 1, len(size))
    found = MACHINES["native"](Listing(1, 0, [(exp, (0,))], 1)).values(numbers[:, None], [])
    assert found.tolist() == [math.exp(x) for x in numbers.tolist()]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_operations_around_an_exponential_equal_python(row, way):
    count = len(row.partials)
    pairs = [(a, b) for a in NUMBERS for b in [*NUMBERS[::3], 0.25]]
    rows = [pair[:count] for pair in pairs]
    listing = Listing(count, 0, [(row, tuple(range(count)))], count)
    for n in (1, 2, 3, 5, 64, len(rows)):
        values(listing, rows[-n:])
    for x in NUMBERS if count == 2 else ():
        for places in ((0, 1), (1, 0)):  # beside a number that is the same for all examples
            values(Listing(1, 1, [(row, places)], 2), [[b] for b in NUMBERS], [x])


def test_one_number_far_away_changes_no_other(way):
    near = [[0.01 * i] for i in range(-90, 90)]
    alone = values(Listing(1, 0, [(sigmoid, (0,))], 1), near)
    beside = values(Listing(1, 0, [(sigmoid, (0,))], 1), [*near, [-600.0], [nan]])
    assert beside[:-2].tolist() == alone.tolist()


def test_exponentials_of_exponentials_equal_python(way):
    lines = [(exp, (0,)), (sigmoid, (1,)), (tanh, (2,)), (exp, (3,))]
    values(Listing(1, 0, lines, 4), [[0.37 * i - 20] for i in range(200)])
