"""One door for the rows of a program: every machine takes and refuses the same."""

import datetime
import gc
import weakref

import numpy as np
import pytest

from autograd import Program, Value, power
from autograd.program import MACHINES

every_machine = pytest.mark.parametrize("machine", [None, *MACHINES])


def doubled():
    x = Value(1.0, "x")
    return Program(x * 2, inputs=[x])


NO_NUMBERS = [
    ([["7"]], "row 0 takes real numbers, not str: '7'"),
    ([[None]], "row 0 takes real numbers, not NoneType: None"),
    ([[True]], "row 0 takes real numbers, not bool: True"),
    ([[1.0], [2j]], "row 1 takes real numbers, not complex: 2j"),
    ([[datetime.date(2026, 11, 26)]], "row 0 takes real numbers, not date"),
    ({1.0: 2.0}, "a batch is a list of rows, .*, not {1.0: 2.0}"),
    ([{1.0: 2.0}], "row 0 must be a list of 1 number, not .*: a batch is"),
    (np.array([["1.5"]]), "an array of real numbers, not of <U3"),
    (np.array([[1 + 2j]]), "an array of real numbers, not of complex128"),
    (np.array([[True]]), "an array of real numbers, not of bool"),
    (np.array([[None]]), "an array of real numbers, not of object"),
    (np.array([["2026-11-26"]], dtype="datetime64[D]"), r"not of datetime64\[D\]"),
    (np.ma.masked_array([[1.0], [2.0]], mask=[[False], [True]]), "no masked entries"),
]


@every_machine
@pytest.mark.parametrize(("batch", "message"), NO_NUMBERS, ids=[m for _, m in NO_NUMBERS])
def test_what_is_no_real_number_is_refused_by_every_machine(machine, batch, message):
    with pytest.raises(TypeError, match=message):
        doubled()(batch, machine)
    with pytest.raises(TypeError, match=message):
        doubled().value_and_gradients(batch, machine=machine)


@every_machine
@pytest.mark.parametrize(
    ("batch", "message"),
    [
        (np.zeros((0, 1)), "at least one example"),
        (np.zeros(3), r"shape \(examples, 1\), not \(3,\)"),
        (np.zeros((2, 3)), "row 0 has 3 numbers for 1 input"),
        ([[1.0], [1.0, 2.0]], "row 1 has 2 numbers for 1 input"),
    ],
)
def test_rows_of_another_shape_are_refused_by_every_machine(machine, batch, message):
    with pytest.raises(ValueError, match=message):
        doubled()(batch, machine)


@every_machine
def test_whole_numbers_and_all_kinds_of_floats_are_rows(machine):
    for batch in ([[3]], ((3.0,),), np.array([[3]]), np.array([[3.0]], dtype=np.float16),
                  [np.array([3.0])], np.ma.masked_array([[3.0]])):  # fmt: skip
        assert list(doubled()(batch, machine)) == [6.0]


@every_machine
def test_a_power_of_minus_0_has_the_sign_of_ieee(machine):
    x = Value(1.0, "x")
    for exponent, expected in ((-0.9999999999999999, np.inf), (-3.0, -np.inf), (-2.0, np.inf)):
        assert list(Program(power(x, exponent), [x])([[-0.0]], machine)) == [expected]


@every_machine
def test_a_constant_that_has_no_logarithm_is_recorded(machine):
    n = Value(3.0, "n")
    program = Program((-2.0) ** n, [n])
    assert list(program([[3.0], [2.0]], machine)) == [-8.0, 4.0]
    w = Value(2.0, "w")
    value, gradients = Program((-2.0) ** w).value_and_gradients([[]], machine=machine)
    assert value == 4.0 and np.isnan(gradients[0])


@every_machine
def test_a_program_that_is_dropped_is_freed_at_once(machine):
    gc.collect()
    gc.disable()
    try:
        program = doubled()
        program([[1.0]], machine)
        program.value_and_gradients([[1.0]], machine=machine)
        gone = weakref.ref(program)
        listing = weakref.ref(program._listing)
        del program
        assert gone() is None and listing() is None
        assert gc.collect() < 50  # nothing of size is left for the collector
    finally:
        gc.enable()
