"""Settings: what each has to be is checked in one place, for Python, files and the command."""

import math
from fractions import Fraction
from functools import partial

import numpy as np
import pytest

from autograd.checks import choose, finite, fraction, positive, whole


@pytest.mark.parametrize("number", [3, np.int8(3), np.uint64(3), np.array(3)])
def test_any_type_of_whole_numbers_will_do_and_becomes_pythons(number):
    assert type(whole(number, "size", least=1)) is int and whole(number, "size") == 3


@pytest.mark.parametrize("number", [3.0, np.float64(3), "3", None, True, Fraction(3), [3], 3j])
def test_what_is_no_whole_number_is_a_type_error(number):
    with pytest.raises(TypeError, match=r"^size must be a whole number, not"):
        whole(number, "size", least=1)


def test_a_whole_number_that_is_too_small_is_a_value_error_of_the_kind_asked_for():
    class Mine(ValueError):
        pass

    with pytest.raises(ValueError, match=r"^size must be at least 1, not 0$"):
        whole(0, "size", least=1)
    with pytest.raises(Mine):
        whole(0, "size", least=1, error=Mine)


@pytest.mark.parametrize("check", [finite, positive, fraction])
@pytest.mark.parametrize("number", [0.5, np.float32(0.5), Fraction(1, 2), np.float64(0.5)])
def test_any_type_of_numbers_will_do_and_becomes_a_float(check, number):
    assert type(check(number, "rate")) is float and check(number, "rate") == 0.5


@pytest.mark.parametrize("check", [finite, positive, fraction])
@pytest.mark.parametrize("number", ["0.5", None, True, [0.5], 1j])
def test_what_is_no_number_is_a_type_error(check, number):
    with pytest.raises(TypeError, match=r"^rate must be a number, not"):
        check(number, "rate")


@pytest.mark.parametrize(
    ("check", "bad"),
    [
        (finite, [math.nan, math.inf, 10**400]),
        (partial(finite, least=0), [math.nan, math.inf, -1e-9]),
        (positive, [math.nan, math.inf, 0, -1, 10**400]),
        (fraction, [math.nan, 1, -0.1, 1.5]),
    ],
)
def test_a_number_out_of_its_range_is_a_value_error(check, bad):
    for number in bad:
        with pytest.raises(ValueError, match=r"^rate must be "):
            check(number, "rate")


def test_a_name_is_found_in_capital_and_small_letters_or_the_way_out_is_said():
    choices = {"SGD": 1, "adam": 2}
    assert choose("sgd", choices, "optimizer") == 1 and choose("Adam", choices, "optimizer") == 2
    with pytest.raises(ValueError, match="no optimizer named sdg: did you mean SGD"):
        choose("sdg", choices, "optimizer")
    with pytest.raises(ValueError, match=r"no optimizer named xyz: choose from SGD, adam$"):
        choose("xyz", choices, "optimizer")
    with pytest.raises(TypeError, match="the optimizer is chosen by its name, not by 3"):
        choose(3, choices, "optimizer")
