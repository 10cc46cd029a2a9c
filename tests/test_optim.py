"""Optimisers: steps by hand, fifty steps of PyTorch's, and steps that are whole or not taken."""

import _thread
import copy
import gc
import json
import pickle
import random
import signal
import sys
import threading
import time
from contextlib import nullcontext
from fractions import Fraction
from importlib.util import find_spec
from math import cos, inf, nan, pi, sqrt

import pytest

import nn.optim.optimizer
from autograd import AutogradError, StaleGraph, TooLarge, Value
from nn.interrupts import uninterrupted
from nn.optim import (
    SGD,
    Adam,
    AdamW,
    Optimizer,
    RMSProp,
    clip_gradients,
)
from nn.optim.schedules import constant, cosine, step_decay


def leaf(data, grad=None, label=""):
    value = Value(data, label)
    value.grad = grad
    return value


def path(optimizer, gradients):
    """Where one parameter goes under these gradients."""
    (parameter,) = optimizer.parameters
    places = []
    for gradient in gradients:
        parameter.grad = gradient
        optimizer.step()
        places.append(parameter.data)
    return places


def close(numbers):
    return pytest.approx(numbers, rel=1e-14)


# Steps by hand, from 1 under the gradients 0.5, -0.2 and 0.1.

GRADIENTS = 0.5, -0.2, 0.1


def test_sgd():
    x1 = 1 - 0.1 * 0.5
    x2 = x1 - 0.1 * -0.2
    x3 = x2 - 0.1 * 0.1
    assert path(SGD([leaf(1)], 0.1), GRADIENTS) == [x1, x2, x3]  # bit for bit, as by hand


def test_sgd_with_momentum():
    v1 = 0.5
    v2 = 0.9 * v1 - 0.2
    v3 = 0.9 * v2 + 0.1
    x1 = 1 - 0.1 * v1
    x2 = x1 - 0.1 * v2
    x3 = x2 - 0.1 * v3
    assert path(SGD([leaf(1)], 0.1, momentum=0.9), GRADIENTS) == close([x1, x2, x3])


def test_sgd_with_nesterovs_momentum():
    v1 = 0.5
    v2 = 0.9 * v1 - 0.2
    x1 = 1 - 0.1 * (0.5 + 0.9 * v1)
    x2 = x1 - 0.1 * (-0.2 + 0.9 * v2)
    optimizer = SGD([leaf(1)], 0.1, momentum=0.9, nesterov=True)
    assert path(optimizer, GRADIENTS[:2]) == close([x1, x2])


def test_sgd_with_weight_decay():
    x1 = 1 - 0.1 * (0.5 + 0.01 * 1)
    x2 = x1 - 0.1 * (-0.2 + 0.01 * x1)
    assert path(SGD([leaf(1)], 0.1, weight_decay=0.01), GRADIENTS[:2]) == close([x1, x2])


def adam_by_hand():
    m1, v1 = 0.1 * 0.5, 0.001 * 0.5**2
    m2, v2 = 0.9 * m1 + 0.1 * -0.2, 0.999 * v1 + 0.001 * 0.2**2
    m3, v3 = 0.9 * m2 + 0.1 * 0.1, 0.999 * v2 + 0.001 * 0.1**2
    return [
        0.01 * (m1 / 0.1) / (sqrt(v1 / 0.001) + 1e-8),
        0.01 * (m2 / (1 - 0.81)) / (sqrt(v2 / (1 - 0.998001)) + 1e-8),
        0.01 * (m3 / (1 - 0.729)) / (sqrt(v3 / (1 - 0.997002999)) + 1e-8),
    ]


def test_adam():
    d1, d2, d3 = adam_by_hand()
    x1 = 1 - d1
    x2 = x1 - d2
    x3 = x2 - d3
    assert path(Adam([leaf(1)], 0.01), GRADIENTS) == pytest.approx([x1, x2, x3], rel=1e-13)


def test_adamw_decays_the_parameter_and_not_the_gradient():
    d1, d2, d3 = adam_by_hand()
    x1 = 1 * (1 - 0.01 * 0.1) - d1
    x2 = x1 * (1 - 0.01 * 0.1) - d2
    x3 = x2 * (1 - 0.01 * 0.1) - d3
    optimizer = AdamW([leaf(1)], 0.01, weight_decay=0.1)
    assert path(optimizer, GRADIENTS) == pytest.approx([x1, x2, x3], rel=1e-13)


def test_rmsprop():
    s1 = 0.01 * 0.5**2
    s2 = 0.99 * s1 + 0.01 * 0.2**2
    x1 = 1 - 0.1 * 0.5 / (sqrt(s1) + 1e-8)
    x2 = x1 + 0.1 * 0.2 / (sqrt(s2) + 1e-8)
    assert path(RMSProp([leaf(1)], 0.1), GRADIENTS[:2]) == close([x1, x2])


def test_rmsprop_with_momentum():
    s1 = 0.01 * 0.5**2
    s2 = 0.99 * s1 + 0.01 * 0.2**2
    v1 = 0.5 / (sqrt(s1) + 1e-8)
    v2 = 0.5 * v1 - 0.2 / (sqrt(s2) + 1e-8)
    x1 = 1 - 0.1 * v1
    x2 = x1 - 0.1 * v2
    assert path(RMSProp([leaf(1)], 0.1, momentum=0.5), GRADIENTS[:2]) == close([x1, x2])


# Fifty steps of PyTorch's: where three parameters end, in float64, pinned. Made by PyTorch 2.13.0
# on a CPU; where it is installed, `with_torch` makes them again.

EACH = [SGD, Adam, AdamW, RMSProp]
START = (1.5, -0.8, 0.6)
CASES = {  # our class and settings; PyTorch's are the same but for the names in THEIRS
    "sgd": (SGD, {"learning_rate": 0.03}),
    "momentum": (SGD, {"learning_rate": 0.01, "momentum": 0.9}),
    "nesterov": (SGD, {"learning_rate": 0.01, "momentum": 0.8, "nesterov": True}),
    "decay": (SGD, {"learning_rate": 0.02, "momentum": 0.5, "weight_decay": 0.1}),
    "cosine": (SGD, {"learning_rate": cosine(0.05, 40, lowest=0.001), "momentum": 0.5}),
    "step_decay": (Adam, {"learning_rate": step_decay(0.1, 20, 0.5)}),
    "adam": (Adam, {"learning_rate": 0.05}),
    "adam_betas": (Adam, {"learning_rate": 0.02, "betas": (0.5, 0.9), "eps": 1e-3}),
    "adamw": (AdamW, {"learning_rate": 0.05, "weight_decay": 0.2}),
    "rmsprop": (RMSProp, {"learning_rate": 0.01}),
    "rmsprop_momentum": (RMSProp, {"learning_rate": 0.01, "decay": 0.9, "momentum": 0.5}),
}
THEIRS = {"learning_rate": "lr", "decay": "alpha"}
TORCH = {
    "sgd": [1.2954137042054268, -0.9542067603337137, 0.832179308952446],
    "momentum": [1.3015980821126765, -0.953916324624124, 0.9994889726172875],
    "nesterov": [1.297713419187627, -0.95714050300485, 0.9000868387218661],
    "decay": [1.2127205545006479, -0.8468375582383247, 0.8115819822679307],
    "cosine": [1.295329062648382, -0.9539042739765645, 0.8769477929853288],
    "step_decay": [1.2922012269053078, -0.9510057868203796, 0.9501031280018224],
    "adam": [1.2842446496544855, -0.9586280167970468, 0.9003886303052164],
    "adam_betas": [1.299014886900371, -0.9584798817474843, 0.936203182324468],
    "adamw": [1.1820509752833617, -0.8210141920852909, 0.8883359694147835],
    "rmsprop": [1.3008427186997615, -0.9609572422344383, 0.9359695934452484],
    "rmsprop_momentum": [1.2978973504082958, -0.9569604994687464, 0.9366480764301162],
}


def bowl(a, b, c):
    return (a - 1) ** 2 + 2 * (b + a * a / 2) ** 2 + (c * b).tanh() + c * c / 4


def fifty_steps(parameters, optimizer, before_step=lambda step: None):
    """Every third step, the last parameter has no gradient."""
    for step in range(50):
        for parameter in parameters:
            parameter.grad = None
        bowl(*parameters).backward()
        if step % 3 == 1:
            parameters[-1].grad = None
        before_step(step)
        optimizer.step()
    return [parameter.item() for parameter in parameters]


def with_ours(name):
    kind, settings = CASES[name]
    parameters = [Value(x) for x in START]
    return fifty_steps(parameters, kind(parameters, **settings))


def with_torch(name):
    kind, settings = CASES[name]
    settings = {THEIRS.get(key, key): value for key, value in settings.items()}
    schedule = settings["lr"] if callable(settings["lr"]) else constant(settings["lr"])
    settings["lr"] = schedule(0)
    parameters = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in START]
    theirs = {"RMSProp": "RMSprop"}.get(kind.__name__, kind.__name__)
    optimizer = getattr(torch.optim, theirs)(parameters, **settings)

    def set_rate(step):
        optimizer.param_groups[0]["lr"] = schedule(step)

    return fifty_steps(parameters, optimizer, set_rate)


@pytest.mark.parametrize("name", CASES)
def test_fifty_steps_end_where_pytorchs_do(name):
    assert with_ours(name) == pytest.approx(TORCH[name], rel=1e-12)


if find_spec("torch"):
    import torch

    @pytest.mark.parametrize("name", CASES)
    def test_pytorch_still_ends_where_it_is_pinned(name):
        assert with_torch(name) == pytest.approx(TORCH[name], rel=1e-12)

    def test_pytorchs_own_schedules_have_our_rates():
        optimizer = torch.optim.SGD([torch.tensor(1.0, requires_grad=True)], lr=0.5)
        theirs = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=40, eta_min=0.1)
        ours = cosine(0.5, 40, lowest=0.1)
        for step in range(41):
            assert theirs.get_last_lr()[0] == pytest.approx(ours(step), rel=1e-12)
            optimizer.step()
            theirs.step()


# Rates.


def test_a_schedule_is_asked_with_the_number_of_the_step_from_0():
    asked = []

    def schedule(step):
        asked.append(step)
        return 1.0 / 2**step

    optimizer = SGD([leaf(0.0)], schedule)
    assert path(optimizer, [1, 1, 1]) == [-1, -1.5, -1.75]
    assert asked == [0, 1, 2]
    assert (optimizer.steps, optimizer.rate) == (3, 0.125)


def test_a_rate_of_0_stays_where_it_is():
    assert path(SGD([leaf(1.0)], lambda step: 0.0), [1]) == [1]


@pytest.mark.parametrize("bad", [-1, inf, nan])
def test_a_schedule_that_gives_no_rate_is_refused_and_nothing_moves(bad):
    optimizer = SGD([leaf(1.0, 1.0)], lambda step: bad if step else 1)
    optimizer.step()
    with pytest.raises(ValueError, match=f"rate of step 1 must be .*, not {float(bad)!r}"):
        optimizer.step()
    assert (optimizer.parameters[0].data, optimizer.steps) == (0, 1)


def test_schedules_at_their_edges():
    assert [constant(0.5)(step) for step in (0, 10**9)] == [0.5, 0.5]
    decay = step_decay(0.8, every=3, factor=0.5)
    assert [decay(step) for step in (0, 2, 3, 5, 6)] == [0.8, 0.8, 0.4, 0.4, 0.2]
    assert decay(10**9) == 0  # it underflows, and does not raise
    wave = cosine(0.3, steps=10, lowest=0.1)
    assert (wave(0), wave(10), wave(11), wave(10**9)) == (0.3, 0.1, 0.1, 0.1)
    assert wave(5) == pytest.approx(0.2, rel=1e-15)
    assert wave(2) == pytest.approx(0.1 + 0.2 * (1 + cos(pi * 0.2)) / 2, rel=1e-15)
    assert cosine(0.3, steps=1)(1) == 0
    assert step_decay(0.3, every=2, factor=1)(7) == cosine(0.3, 10, lowest=0.3)(5) == 0.3


def test_schedules_and_optimisers_print_as_they_were_made():
    assert repr(constant(0.1)) == "constant(rate=0.1)"
    assert repr(step_decay(0.1, 30, 0.5)) == "step_decay(rate=0.1, every=30, factor=0.5)"
    assert repr(cosine(0.1, 100)) == "cosine(rate=0.1, steps=100, lowest=0.0)"
    assert repr(cosine(1, 9, Fraction(1, 2))) == "cosine(rate=1.0, steps=9, lowest=0.5)"
    optimizer = SGD([leaf(1, 1.0), leaf(2)], cosine(0.1, 9), momentum=0.5)
    printed = repr(optimizer)
    assert printed == (
        "SGD(2 parameters, learning_rate=cosine(rate=0.1, steps=9, lowest=0.0), "
        "momentum=0.5, nesterov=False, weight_decay=0.0)"
    )
    optimizer.step()
    assert repr(optimizer) == printed  # it tells optimisers apart, not moments

    def mine(step):
        return 0.1

    assert "mine" in repr(Adam([leaf(1)], mine)) and "0x" not in repr(Adam([leaf(1)], mine))


# Clipping.


def test_long_gradients_are_shortened_and_keep_their_direction():
    parameters = [leaf(0, 3.0), leaf(0), leaf(0, -4.0)]
    assert clip_gradients(parameters, 1) == 5
    assert [p.grad for p in parameters] == [0.6, None, -0.8]


@pytest.mark.parametrize("largest", [5, 6, inf])
def test_short_gradients_are_left_alone(largest):
    parameters = [leaf(0, 3.0), leaf(0, -4.0)]
    assert clip_gradients(parameters, largest) == 5
    assert [p.grad for p in parameters] == [3, -4]


def test_clipping_neither_overflows_nor_divides_by_zero():
    parameters = [leaf(0, 3e200), leaf(0, 4e200)]
    assert clip_gradients(parameters, 1e-200) == pytest.approx(5e200, rel=1e-15)
    assert [p.grad for p in parameters] == pytest.approx([6e-201, 8e-201], rel=1e-15)
    assert clip_gradients([leaf(0, 0.0), leaf(0)], 1) == 0


@pytest.mark.parametrize("bad", [(nan, 1.0), (inf, 1.0), (1.7e308, 1.7e308)])
def test_a_norm_that_is_not_finite_is_refused_and_nothing_is_clipped(bad):
    parameters = [leaf(0, g) for g in bad]
    with pytest.raises(TooLarge, match=r"the norm of the gradients is (nan|inf): nothing"):
        clip_gradients(parameters, 1)
    assert str([p.grad for p in parameters]) == str(list(bad))


# State.


def snapshot(optimizer):
    return [p.data for p in optimizer.parameters], optimizer.state_dict()


def a_few_steps(optimizer, first, count):
    for step in range(first, first + count):
        for i, parameter in enumerate(optimizer.parameters):
            parameter.grad = None if (step + i) % 4 == 3 else cos(step + i) * (i + 1)
        optimizer.step()


@pytest.mark.parametrize("name", CASES)
def test_a_loaded_state_goes_on_bit_for_bit(name):
    kind, settings = CASES[name]
    whole = kind([leaf(x) for x in START], **settings)
    a_few_steps(whole, 0, 7)
    saved = json.loads(json.dumps(whole.state_dict()))
    resumed = kind([leaf(p.data) for p in whole.parameters], **settings)
    resumed.load_state_dict(saved)
    a_few_steps(whole, 7, 8)
    a_few_steps(resumed, 7, 8)
    assert snapshot(resumed) == snapshot(whole)


def test_a_state_is_made_of_plain_numbers_and_is_a_copy():
    optimizer = Adam([leaf(1, 2.0), leaf(1)])
    optimizer.step()
    state = optimizer.state_dict()
    assert state == {
        "steps": 1,
        "first_moment": [pytest.approx(0.2), 0.0],
        "second_moment": [pytest.approx(0.004), 0.0],
        "updates": [1.0, 0.0],
    }
    state["updates"][0] = 99.0
    assert optimizer.state_dict()["updates"] == [1.0, 0.0]


GOOD = {"steps": 3, "first_moment": [1.0], "second_moment": [1.0], "updates": [3.0]}


@pytest.mark.parametrize(
    ("change", "kind", "message"),
    [
        (
            {"velocity": [1.0]},
            ValueError,
            "the state of Adam has the entries steps, first_moment, ",
        ),
        ({"updates": None}, ValueError, "and was given steps, first_moment, second_moment$"),
        (
            {"first_moment": [1.0, 2.0]},
            ValueError,
            "first_moment has 2 numbers, and this Adam has 1",
        ),
        ({"updates": []}, ValueError, "updates has 0 numbers"),
        ({"updates": ["3"]}, TypeError, "updates takes real numbers, not str"),
        ({"first_moment": [nan]}, ValueError, r"first_moment\[0\] is nan"),
        (
            {"second_moment": [-1.0]},
            ValueError,
            r"second_moment\[0\] is -1.0, which no step of Adam",
        ),
        ({"updates": [-1.0]}, ValueError, r"updates\[0\] is -1.0"),
        ({"steps": -1}, ValueError, "steps must be at least 0, not -1"),
        ({"steps": 1.5}, TypeError, "steps must be a whole number, not 1.5"),
    ],
)
def test_a_state_that_does_not_fit_is_refused_and_nothing_changes(change, kind, message):
    optimizer = Adam([leaf(1, 2.0)])
    optimizer.step()
    before = snapshot(optimizer)
    state = {name: value for name, value in (GOOD | change).items() if value is not None}
    with pytest.raises(kind, match=message):
        optimizer.load_state_dict(state)
    assert snapshot(optimizer) == before
    optimizer.load_state_dict(GOOD)
    assert optimizer.state_dict() == GOOD


# What is left alone.


@pytest.mark.parametrize("kind", EACH)
def test_a_parameter_without_a_gradient_is_left_alone_and_so_is_its_state(kind):
    optimizer = kind([leaf(1, 0.5), leaf(1, 0.5)])
    optimizer.step()
    moved, still = optimizer.parameters
    before = still.data, [numbers[1] for numbers in optimizer.state.values()]
    number = still.serial
    still.grad = None
    optimizer.step()
    assert (still.data, [numbers[1] for numbers in optimizer.state.values()]) == before
    assert still.serial == number  # graphs of it are not stale
    assert moved.data < still.data
    assert optimizer.steps == 2


def test_zero_grad_forgets_every_gradient():
    optimizer = SGD([leaf(1, 0.5), leaf(1)])
    optimizer.zero_grad()
    assert [p.grad for p in optimizer.parameters] == [None, None]


def test_graphs_recorded_before_a_step_are_stale_after_it():
    x = Value(3.0, "x")
    y = x**2
    y.backward()
    SGD([x]).step()
    with pytest.raises(StaleGraph, match="x was changed"):
        y.backward()


# Errors.

w, unnamed = Value(1.0, "w"), Value(1.0)
REFUSED = [
    (lambda: SGD([]), ValueError, "SGD needs at least one parameter"),
    (lambda: Adam(iter([])), ValueError, "Adam needs at least one parameter"),
    (lambda: SGD(w), TypeError, "SGD takes a list of parameters, not Value"),
    (lambda: SGD([w, 1.0]), TypeError, r"SGD: parameters\[1\] is no Value, but float"),
    (lambda: SGD([[w]]), TypeError, r"parameters\[0\] is no Value, but list"),
    (
        lambda: SGD([w, w + 1]),
        ValueError,
        r"SGD: parameters\[1\] is the result of add, and only le",
    ),
    (
        lambda: SGD([unnamed, w, w]),
        ValueError,
        r"w is listed twice, as parameters\[1\]",
    ),
    (lambda: SGD([unnamed, unnamed]), ValueError, r"parameters\[1\] is listed twice"),
    (lambda: SGD([w], 0), ValueError, "the learning rate must be positive and finite, not 0"),
    (lambda: SGD([w], -0.1), ValueError, "the learning rate must be positive and finite, not -0.1"),
    (lambda: Adam([w], nan), ValueError, "the learning rate must be positive and finite, not nan"),
    (
        lambda: RMSProp([w], inf),
        ValueError,
        "the learning rate must be positive and finite, not inf",
    ),
    (lambda: SGD([w], "0.1"), TypeError, "the learning rate must be a number, not '0.1'"),
    (lambda: SGD([w], momentum=1), ValueError, "momentum must be at least 0 and below 1, not 1"),
    (
        lambda: SGD([w], momentum=-0.1),
        ValueError,
        "momentum must be at least 0 and below 1, not -0.1",
    ),
    (
        lambda: SGD([w], momentum=nan),
        ValueError,
        "momentum must be at least 0 and below 1, not nan",
    ),
    (lambda: SGD([w], nesterov=True), ValueError, "nesterov needs a momentum greater than 0"),
    (
        lambda: SGD([w], weight_decay=-1),
        ValueError,
        "weight_decay must be finite and at least 0, not -1",
    ),
    (
        lambda: Adam([w], betas=(1.0, 0.9)),
        ValueError,
        r"betas\[0\] must be at least 0 and below 1, not 1",
    ),
    (
        lambda: Adam([w], betas=(0.9, -0.1)),
        ValueError,
        r"betas\[1\] must be at least 0 and below 1, not -0.1",
    ),
    (lambda: Adam([w], betas=(0.9,)), ValueError, "betas are two numbers, and 1 were given"),
    (lambda: Adam([w], eps=0), ValueError, "eps must be positive and finite, not 0"),
    (
        lambda: AdamW([w], weight_decay=nan),
        ValueError,
        "weight_decay must be finite and at least 0, not nan",
    ),
    (lambda: RMSProp([w], decay=1), ValueError, "decay must be at least 0 and below 1, not 1"),
    (lambda: RMSProp([w], eps=-1), ValueError, "eps must be positive and finite, not -1"),
    (
        lambda: RMSProp([w], momentum=2),
        ValueError,
        "momentum must be at least 0 and below 1, not 2",
    ),
    (lambda: constant(0), ValueError, "the learning rate must be positive and finite, not 0"),
    (
        lambda: step_decay(-1, 1, 0.5),
        ValueError,
        "the learning rate must be positive and finite, not -1",
    ),
    (lambda: step_decay(1, 0, 0.5), ValueError, "every must be at least 1, not 0"),
    (lambda: step_decay(1, 1.5, 0.5), TypeError, "every must be a whole number, not 1.5"),
    (lambda: step_decay(1, True, 0.5), TypeError, "every must be a whole number, not True"),
    (lambda: step_decay(1, 1, 0), ValueError, "factor must be above 0 and at most 1, not 0"),
    (lambda: step_decay(1, 1, 1.5), ValueError, "factor must be above 0 and at most 1, not 1.5"),
    (lambda: cosine(0, 10), ValueError, "the learning rate must be positive and finite, not 0"),
    (lambda: cosine(1, 0), ValueError, "steps must be at least 1, not 0"),
    (
        lambda: cosine(1, 10, lowest=2),
        ValueError,
        "lowest is 2, and must lie between 0 and the rate",
    ),
    (lambda: cosine(1, 10, lowest=-1), ValueError, "lowest is -1"),
    (lambda: clip_gradients([w], 0), ValueError, "largest_norm must be positive, not 0"),
    (lambda: clip_gradients([w], nan), ValueError, "largest_norm must be positive, not nan"),
    (lambda: clip_gradients([], 1), ValueError, "clip_gradients needs at least one parameter"),
    (lambda: clip_gradients([w, w], 1), ValueError, "clip_gradients: w is listed twice"),
    (lambda: Optimizer([leaf(1, 1.0)], 0.1).step(), NotImplementedError, "no method `moved`"),
    (lambda: SGD([leaf(1, "1", "w")]).step(), TypeError, "the gradient of w takes real numbers"),
]


@pytest.mark.parametrize(("call", "kind", "message"), REFUSED)
def test_it_is_refused_in_a_sentence(call, kind, message):
    with pytest.raises(kind, match=message) as caught:
        call()
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("kind", "last", "what"),
    [
        (SGD, leaf(1.7e308, -1.7e308, "bias"), "bias to inf"),
        (SGD, leaf(1.0, nan, "bias"), "bias to nan"),
        (SGD, leaf(1.0, -inf), r"parameters\[2\] to inf"),
        (Adam, leaf(1.0, 1e200, "bias"), "the second_moment of bias to inf"),
        (AdamW, leaf(inf, 1.0, "bias"), "bias to inf"),
        (RMSProp, leaf(1.0, -1e200, "bias"), "the mean_square of bias to inf"),
    ],
)
def test_a_step_to_what_is_not_finite_is_refused_and_nothing_has_moved(kind, last, what):
    optimizer = kind([leaf(1.0, 0.5), leaf(2.0, 0.5), last], 1.0)
    before = snapshot(optimizer)
    with pytest.raises(TooLarge, match=f"step 0 of {kind.__name__} would set {what} ") as caught:
        optimizer.step()
    assert isinstance(caught.value, (AutogradError, OverflowError))
    assert snapshot(optimizer) == before


# Interrupts. A step is whole, or not taken.


@pytest.fixture
def ctrl_c():
    """SIGINT raises KeyboardInterrupt, as in a program of one's own.

    Python drops what is raised in a __del__, so none may run for the garbage of other tests.
    """
    gc.collect()
    gc.disable()
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    after = signal.signal(signal.SIGINT, before)
    gc.enable()
    assert after is signal.default_int_handler


def press():
    signal.raise_signal(signal.SIGINT)


def interrupted_before(instruction, action):
    """Do `action`, pressing Ctrl-C before its bytecode instruction of that number.

    Returns whether there were as many instructions. KeyboardInterrupt is caught, and has to come.
    """
    seen = 0

    def trace(frame, event, arg):
        nonlocal seen
        frame.f_trace_opcodes = True
        if event == "opcode":
            seen += 1
            if seen == instruction + 1:
                press()
        return trace

    before = sys.gettrace()
    sys._getframe().f_trace_opcodes = True  # CPython 3.12 looks at it when tracing is turned on
    try:
        sys.settrace(trace)
        action()
    except KeyboardInterrupt:
        return True
    finally:
        sys.settrace(before)
    assert seen <= instruction, "Ctrl-C was lost"
    return False


@pytest.mark.parametrize(
    "make", [SGD, Adam, AdamW, RMSProp, lambda ps: SGD(ps, momentum=0.9, nesterov=True)]
)
def test_a_step_with_gradients_given_is_that_with_gradients_set(make):
    given, left = ([leaf(1.0, label="a"), leaf(-2.0, 7.0, "b")] for _ in range(2))
    for optimizer, parameters in ((make(given), given), (make(left), left)):
        for gradients in ([0.5, -1.5], (2.0, 0.25)):
            if parameters is given:
                optimizer.step(gradients)
            else:
                for parameter, gradient in zip(parameters, gradients, strict=True):
                    parameter.grad = gradient
                optimizer.step()
    assert [p.data for p in given] == [p.data for p in left]
    assert [p.grad for p in given] == [None, 7.0]
    with pytest.raises(ValueError, match="3 gradients for 2 parameters"):
        make(given).step([1.0, 2.0, 3.0])


@pytest.mark.parametrize("make", [lambda ps: SGD(ps, 0.1, momentum=0.9), Adam, RMSProp])
def test_a_step_without_any_gradient_counts_and_moves_nothing(make):
    optimizer = make([leaf(1.0), leaf(-2.0)])
    before = copy.deepcopy(optimizer.state)
    optimizer.step()
    assert [p.data for p in optimizer.parameters] == [1.0, -2.0]
    assert ({slot: list(n) for slot, n in optimizer.state.items()}, optimizer.steps) == (
        {slot: [0.0, 0.0] for slot in before},
        1,
    )
    other = make([leaf(1.0), leaf(-2.0)])
    other.load_state_dict(optimizer.state_dict())  # zeros are what a step may leave
    assert other.state_dict() == optimizer.state_dict()


def test_a_setting_that_is_changed_counts_from_the_next_step():
    optimizer = SGD([leaf(1.0)], 0.1, momentum=0.5)
    found = path(optimizer, [1.0, 1.0])
    optimizer.momentum = 0.0
    found += path(optimizer, [1.0])
    assert found == close([0.9, 0.75, 0.65])


@pytest.mark.unsteady
@pytest.mark.parametrize("kind", [SGD, Adam])
def test_an_interrupt_before_any_instruction_of_a_step_leaves_it_whole_or_not_taken(kind, ctrl_c):
    def fresh():
        one = kind([leaf(1.0, 0.5), leaf(2.0, -0.5)], learning_rate=0.1)
        one._recorded = recorded  # or every instruction of that would be tried as well
        return one

    recorded = None
    taken = fresh()
    before = snapshot(taken)
    taken.step()
    after = snapshot(taken)
    recorded = taken._recorded
    found = []
    for instruction in range(100_000):
        optimizer = fresh()
        if not interrupted_before(instruction, optimizer.step):
            break
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
        found.append(snapshot(optimizer))
        assert found[-1] in (before, after)
    assert found == sorted(found, key=lambda one: one == after)  # one moment parts the two
    assert found[0] == before and found[-1] == after


class Interrupter(threading.Thread):
    """Presses Ctrl-C once for each `go`, after a random while."""

    def __init__(self):
        super().__init__(daemon=True)
        self.go = threading.Semaphore(0)
        self.rng = random.Random(7)

    def run(self):
        while True:
            self.go.acquire()
            time.sleep(self.rng.uniform(0, 0.002))
            _thread.interrupt_main()


def whole_steps(sgd, adam):
    """Whether every parameter has taken the same number of equal steps, and all agree on it."""
    return (
        {p.data for p in sgd.parameters} == {-float(sgd.steps)}
        and set(sgd.state["velocity"]) <= {0.0, 1.0}
        and len({p.data for p in adam.parameters}) == 1
        and all(len(set(numbers)) == 1 for numbers in adam.state.values())
        and adam.state["updates"][0] == adam.steps
        and sgd.steps - adam.steps in (0, 1)
    )


def torn_steps(interrupts, enough):
    """How many of so many interrupts at random moments left a step half taken; at most `enough`."""
    interrupter = Interrupter()
    interval = sys.getswitchinterval()
    torn = 0

    def fresh():
        return [kind([leaf(0.0, 1.0) for _ in range(30)], 1.0) for kind in (SGD, Adam)]

    sgd, adam = fresh()
    try:
        sys.setswitchinterval(1e-5)
        interrupter.start()
        for _ in range(interrupts):
            try:
                interrupter.go.release()
                while True:
                    sgd.step()
                    adam.step()
            except KeyboardInterrupt:
                pass
            if not whole_steps(sgd, adam):
                torn += 1
                sgd, adam = fresh()
            elif sgd.steps > adam.steps:
                adam.step()
            if torn == enough:
                break
    finally:
        sys.setswitchinterval(interval)
    return torn


@pytest.mark.unsteady
def test_300_interrupts_at_random_moments_leave_no_step_half_taken(ctrl_c):
    assert torn_steps(300, enough=1) == 0


@pytest.mark.unsteady
def test_the_same_interrupts_tear_steps_that_are_not_protected(ctrl_c, monkeypatch):
    def one_after_the_other(leaves, numbers, keeper, reached):
        for parameter, number in zip(leaves, numbers, strict=True):
            parameter.data = number
        for name, value in reached.items():
            setattr(keeper, name, value)

    monkeypatch.setattr(nn.optim.optimizer, "uninterrupted", nullcontext)
    monkeypatch.setattr(nn.optim.optimizer, "assign", one_after_the_other)
    assert torn_steps(3000, enough=1) == 1


def test_an_interrupt_is_held_back_until_the_end(ctrl_c):
    done = []
    with pytest.raises(KeyboardInterrupt):
        with uninterrupted():
            press()
            press()
            done.append("body")
        done.append("after")
    assert done == ["body"]


def test_nested_the_outermost_lets_it_through(ctrl_c):
    done = []
    with pytest.raises(KeyboardInterrupt), uninterrupted():
        with uninterrupted():
            press()
            done.append("inner")
        done.append("outer")
    assert done == ["inner", "outer"]


def test_without_an_interrupt_nothing_happens(ctrl_c):
    with uninterrupted():
        assert signal.getsignal(signal.SIGINT) is not signal.default_int_handler


def test_an_error_in_the_body_is_kept_and_an_interrupt_besides_it(ctrl_c):
    with pytest.raises(ZeroDivisionError), uninterrupted():
        1 / 0  # noqa: B018
    with pytest.raises(KeyboardInterrupt) as caught, uninterrupted():
        press()
        1 / 0  # noqa: B018
    assert isinstance(caught.value.__context__, ZeroDivisionError)


def test_a_handler_of_ones_own_is_called_once_and_after_the_body():
    calls = []

    def mine(number, frame):
        calls.append(number)

    before = signal.signal(signal.SIGINT, mine)
    try:
        with uninterrupted():
            press()
            press()
            assert calls == []
        assert calls == [signal.SIGINT]
        assert signal.getsignal(signal.SIGINT) is mine
    finally:
        signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize("handler", [signal.SIG_IGN, signal.SIG_DFL])
def test_where_no_python_function_handles_the_signal_nothing_is_touched(handler):
    before = signal.signal(signal.SIGINT, handler)
    try:
        with uninterrupted():
            assert signal.getsignal(signal.SIGINT) is handler
            if handler is signal.SIG_IGN:
                press()
        assert signal.getsignal(signal.SIGINT) is handler
    finally:
        signal.signal(signal.SIGINT, before)


def test_a_handler_that_was_not_set_from_python_is_not_touched(ctrl_c, monkeypatch):
    monkeypatch.setattr(signal, "getsignal", lambda number: None)
    monkeypatch.setattr(signal, "signal", lambda *args: pytest.fail("it was touched"))
    with uninterrupted():
        pass
    monkeypatch.undo()


def test_another_thread_can_take_steps():
    optimizer = SGD([leaf(1.0, 1.0)], 0.25)
    thread = threading.Thread(target=optimizer.step)
    thread.start()
    thread.join()
    assert optimizer.parameters[0].data == 0.75


def test_a_rule_of_ones_own_may_look_at_anything():
    class Slower(Optimizer):
        def moved(self, x, gradient, rate):
            return (x - rate * gradient / (1 + self.steps) if gradient > 0 else x,)

    optimizer = Slower([leaf(1.0, 0.5)], 0.1)
    for _ in range(3):
        optimizer.step()
    assert optimizer.parameters[0].data == close(1 - 0.05 - 0.05 / 2 - 0.05 / 3)


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one))])
def test_an_optimizer_that_has_taken_steps_is_copied(copied):
    optimizer = Adam([leaf(1.0, 0.5)], 0.1)
    optimizer.step()
    other = copied(optimizer)
    for one in (optimizer, other):
        one.step()
    assert other.parameters[0].data == optimizer.parameters[0].data
    assert other.parameters[0] is not optimizer.parameters[0]


def test_the_rates_of_the_next_steps():
    x = Value(1.0)
    assert SGD([x], 0.25).rates(3) == [0.25, 0.25, 0.25]
    optimizer = SGD([x], lambda step: 1.0 / (1 + step))
    x.grad = 1.0
    optimizer.step()
    assert optimizer.rates(3) == [1 / 2, 1 / 3, 1 / 4]
    ends = SGD([x], lambda step: 0.5 if step < 2 else -1.0)  # as `rate` says when it comes to it
    assert ends.rates(5) == [0.5, 0.5] and ends.rates(1) == [0.5]


def test_which_rules_are_ours():
    class Mine(SGD):
        def moved(self, x, gradient, rate, velocity):
            return x, velocity

    x = Value(1.0)
    assert SGD([x], 0.1).is_built_in and Adam([x]).is_built_in and not Mine([x], 0.1).is_built_in
    assert SGD([x], 0.1, momentum=0.5).settings() == {
        "momentum": 0.5, "nesterov": False, "weight_decay": 0.0,
    }  # fmt: skip
