"""Losses: their values by hand and with fifty digits, their slopes, and PyTorch's opinion."""

import math
import random
from fractions import Fraction
from importlib.util import find_spec

import mpmath
import numpy as np
import pytest

from autograd import Program, TooLarge, Value, check, gradients, jvp
from autograd.program import MACHINES
from nn import MLP
from nn.losses import (
    LOSSES,
    PENALTIES,
    binary_cross_entropy,
    checked,
    cross_entropy,
    hinge,
    l1,
    l2,
    logsumexp,
    loss_of,
    mse,
    softmax,
)

mpmath.mp.dps = 50


def leaves(numbers):
    return [Value(x) for x in numbers]


def slopes(loss, xs):
    found = gradients(loss)
    return [found[x] for x in xs]


def sigmoid(z):
    return 1 / (1 + mpmath.exp(-mpmath.mpf(z)))


# By hand.


def test_mse_is_the_mean_of_squares():
    assert mse(leaves([3, 5]), [1, 2]).data == (4 + 9) / 2


def test_mse_of_several_outputs_is_the_mean_over_all_numbers():
    rows = [leaves([3, 5, 0]), leaves([1, 1, 4])]
    assert mse(rows, [[1, 2, 0], [1, 1, 1]]).data == (4 + 9 + 0 + 0 + 0 + 9) / 6


def test_the_slope_of_mse_is_twice_the_mean_distance():
    xs = leaves([3, 5])
    assert slopes(mse(xs, [1, 2]), xs) == [2.0, 3.0]


def test_hinge_is_zero_beyond_the_margin_only():
    for score, target, expected in [
        (2, 1, 0),  # right, and beyond the margin
        (1, 1, 0),  # on it
        (0.25, 1, 0.75),  # right, and too near
        (-2, 1, 3),  # wrong
        (-2, -1, 0),
        (2, -1, 3),
    ]:
        assert hinge([Value(score)], [target]).data == expected


def test_hinge_takes_0_for_minus_1():
    scores = leaves([0.3, -0.4, 2])
    assert hinge(scores, [0, 1, 0]).data == hinge(scores, [-1, 1, -1]).data


def test_hinge_has_the_bits_of_micrograd():
    rng = random.Random(1)
    for _ in range(1000):
        score, target = rng.uniform(-3, 3), rng.choice([-1, 1])
        theirs = 1 + -target * score
        assert hinge([Value(score)], [target]).data == (theirs if theirs > 0 else 0)


def test_binary_cross_entropy_of_an_undecided_network_is_log_2():
    assert binary_cross_entropy([Value(0), Value(0)], [0, 1]).data == float(mpmath.log(2))


def test_cross_entropy_of_an_undecided_network_is_the_log_of_the_classes():
    rows = [leaves([0, 0, 0]), leaves([7, 7, 7])]
    assert cross_entropy(rows, [2, 0]).data == pytest.approx(float(mpmath.log(3)), rel=1e-15)


def test_l2_is_strength_times_the_sum_of_squares_in_micrograds_order():
    rng = random.Random(2)
    numbers = [rng.uniform(-1, 1) for _ in range(100)]
    theirs = 0.0
    for x in numbers:
        theirs = theirs + x * x
    assert l2(leaves(numbers)).data == 1e-4 * theirs
    assert l2(leaves(numbers), strength=0.5).data == 0.5 * theirs


def test_l1_is_strength_times_the_sum_of_sizes_and_pulls_with_the_same_force_but_for_0():
    x = leaves([3.0, -4.0, -1e-9, 0.0])
    loss = l1(x, strength=0.5)
    assert loss.data == 0.5 * (3.0 + 4.0 + 1e-9 + 0.0)
    assert slopes(loss, x) == [0.5, -0.5, -0.5, 0.0]
    assert l1(leaves([3.0])).data == 1e-4 * 3.0


def test_softmax_adds_up_to_1_and_keeps_the_order():
    ps = [p.data for p in softmax(leaves([0.5, -1.0, 2.0]))]
    assert sum(ps) == pytest.approx(1, rel=1e-15)
    assert ps[1] < ps[0] < ps[2]


# At extreme logits, with fifty digits.

LOGITS = (-1000.0, -745.5, -36.7, -1.5, -1e-9, 0.0, 0.3, 20.0, 709.9, 1000.0)


@pytest.mark.parametrize("target", [0, 1, 0.25])
@pytest.mark.parametrize("z", LOGITS)
def test_binary_cross_entropy_is_right_at_every_size(z, target):
    p = sigmoid(z)
    expected = -target * mpmath.log(p) - (1 - target) * mpmath.log1p(-p)
    if z > 100:  # where fifty digits do not tell p from 1
        expected = (1 - target) * mpmath.mpf(z) + mpmath.exp(-z)
    x = Value(z)
    loss = binary_cross_entropy([x], [target])
    assert loss.data == pytest.approx(float(expected), rel=2e-15, abs=1e-320)
    assert slopes(loss, [x])[0] == pytest.approx(float(p - target), rel=1e-14, abs=1e-300)


ROWS = (
    [0.0],
    [1.0, -2.0, 0.5],
    [1000.0, -1000.0],
    [-1000.0, -1000.0, -1001.0],
    [1000.0, 999.0, 998.5],
    [0.0, -1000.0, 1000.0, 20.0],
)


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_softmax_logsumexp_and_cross_entropy_are_right_at_every_size(row):
    powers = [mpmath.exp(z) for z in map(mpmath.mpf, row)]
    ps = [power / sum(powers) for power in powers]
    xs = leaves(row)
    for found, p in zip(softmax(xs), ps, strict=True):
        assert found.data == pytest.approx(float(p), rel=1e-14, abs=1e-300)
    smooth = logsumexp(xs)
    assert smooth.data == pytest.approx(float(mpmath.log(sum(powers))), rel=1e-15)
    assert slopes(smooth, xs) == pytest.approx([float(p) for p in ps], rel=1e-14, abs=1e-300)
    for right in range(len(row)):
        loss = cross_entropy([xs], [right])
        assert loss.data == pytest.approx(float(-mpmath.log(ps[right])), rel=1e-14, abs=1e-15)
        expected = [float(p - (i == right)) for i, p in enumerate(ps)]
        assert slopes(loss, xs) == pytest.approx(expected, rel=1e-14, abs=1e-15)


@pytest.mark.parametrize("smooth", [logsumexp, lambda xs: softmax(xs)[1]])
def test_softmax_and_logsumexp_are_recorded_for_examples_of_every_order_and_size(smooth):
    """The largest one is another one in every example."""
    xs = leaves(ROWS[1])
    rows = [row for row in [*ROWS, [-3.5, 2.25, 1e5], [2.0, 2.0, 2.0]] if len(row) == 3]
    weights = [Value(1.0) for _ in xs]
    program = Program(smooth([w * x for w, x in zip(weights, xs, strict=True)]), inputs=xs)
    found, gradient_rows = program.value_and_gradients(rows, reduce="none")
    for row, value, slopes_found in zip(rows, found, gradient_rows, strict=True):
        alone = leaves(row)
        y = smooth(alone)
        assert value == pytest.approx(y.data, rel=1e-14, abs=1e-300)
        expected = [slope * x for slope, x in zip(slopes(y, alone), row, strict=True)]
        assert list(slopes_found) == pytest.approx(expected, rel=1e-13, abs=1e-300)


def test_nothing_flows_through_the_largest_of_a_softmax():
    """Also where it is a whole number, or there are two."""
    for row in ([0.5, -1.0], [1.0, -2.0], [3.0, 3.0]):
        xs = leaves(row)
        first = softmax(xs)[0]
        p = first.data
        assert slopes(first, xs) == pytest.approx([p * (1 - p), -p * (1 - p)], rel=1e-15)


def test_the_slope_of_a_mean_is_divided_by_the_number_of_examples():
    xs = leaves([1.0, -2.0, 0.5])
    expected = [float((sigmoid(x.data) - t) / 3) for x, t in zip(xs, [1, 0, 1], strict=True)]
    assert slopes(binary_cross_entropy(xs, [1, 0, 1]), xs) == pytest.approx(expected, rel=1e-14)


# The engine's slopes, checked by finite differences.


@pytest.mark.parametrize(
    "loss",
    [
        lambda a, b, c: mse([a, b, c], [0.5, -1, 2]),
        lambda a, b, c: mse([[a, b], [c, a * b]], [[0.5, -1], [2, 0]]),
        lambda a, b, c: mse([a, b], [c, 1.0]),  # towards a target too
        lambda a, b, c: hinge([a, b, c], [1, -1, 1]),
        lambda a, b, c: binary_cross_entropy([a, b, c], [1, 0, 0.3]),
        lambda a, b, c: cross_entropy([[a, b, c], [c, 2 * a, b]], [2, 0]),
        lambda a, b, c: logsumexp([a, b, c]),
        lambda a, b, c: softmax([a, b, c])[1],
        lambda a, b, c: l2([a, b, c], strength=0.3),
        lambda a, b, c: l1([a, b, c], strength=0.3),
    ],
)
def test_finite_differences_agree(loss):
    assert check(loss, [0.4, -0.7, 1.3]).ok


def test_forward_mode_goes_through_a_loss():
    value, tangent = jvp(lambda a, b: cross_entropy([[a, b]], [0]), [1.0, 3.0], [1.0, 0.0])
    assert value == pytest.approx(2.126928011042972, rel=1e-14)
    assert tangent == pytest.approx(0.11920292202211755 - 1, rel=1e-14)


# What may be given.


def test_plain_numbers_may_stand_for_values():
    assert mse([1, Value(2)], [Value(0), np.float32(1)]).data == 1
    for loss in LOSSES.values():
        plain = [[0.5, 1.5]] if loss is cross_entropy else [0.5]
        assert isinstance(loss(plain, [1]), Value)


def test_numpy_arrays_do_for_targets_and_inputs():
    assert mse(leaves([3, 5]), np.array([1, 2])).data == 6.5
    assert mse([leaves([3, 5])], np.array([[1.0, 2.0]])).data == 6.5
    assert hinge(leaves([3, 5]), np.array([1, -1])).data == 3
    assert binary_cross_entropy(leaves([0]), np.array([1], dtype=np.uint8)).data > 0
    assert cross_entropy(np.zeros((2, 3)), np.array([0, 2])).data == pytest.approx(np.log(3))


def test_generators_do_for_parameters():
    assert l2((Value(x) for x in (1, 2)), 1.0).data == 5


def test_sums_do_not_show_a_zero_that_nobody_wrote():
    x = Value(1.0)
    assert len(gradients(mse([x], [0.0]))) == 4  # x, x - 0, its square, the mean


def test_losses_are_looked_up_by_name():
    assert list(LOSSES) == ["mse", "hinge", "binary_cross_entropy", "cross_entropy"]
    assert list(LOSSES.values()) == [mse, hinge, binary_cross_entropy, cross_entropy]
    assert {"l2": l2, "l1": l1} == PENALTIES


a, b = Value(1.0, "a"), Value(2.0, "b")
REFUSED = [
    # every loss: lengths
    (
        lambda: mse([a, b], [1]),
        ValueError,
        "mse needs one target per prediction: 2 predictions, 1 target given",
    ),
    (lambda: hinge([a], [1, 1]), ValueError, "hinge needs one target .* 1 prediction, 2 targets"),
    (lambda: binary_cross_entropy([a], []), ValueError, "1 prediction, 0 targets given"),
    (lambda: cross_entropy([[a, b]], [0, 1]), ValueError, "1 prediction, 2 targets given"),
    (lambda: mse([], []), ValueError, "mse needs at least one prediction"),
    (lambda: hinge([], []), ValueError, "hinge needs at least one prediction"),
    (lambda: binary_cross_entropy([], []), ValueError, "needs at least one prediction"),
    (lambda: cross_entropy([], []), ValueError, "needs at least one prediction"),
    (lambda: softmax([]), ValueError, "softmax needs at least one number"),
    (lambda: logsumexp([]), ValueError, "logsumexp needs at least one number"),
    (lambda: l2([]), ValueError, "l2 needs at least one number"),
    (lambda: l1([]), ValueError, "l1 needs at least one number"),
    # forms
    (lambda: mse([[a, b]], [[1]]), ValueError, r"mse\[0\] needs .* 2 predictions, 1 target given"),
    (
        lambda: mse([a, [b]], [1, 1]),
        TypeError,
        r"predictions\[1\] is a list, and targets\[1\] is a n",
    ),
    (lambda: mse([a, b], [[1], [1]]), TypeError, r"predictions\[0\] is a number, and .* a list"),
    (lambda: mse([a], ["1"]), TypeError, r"mse"),
    (lambda: mse(["1"], ["1"]), TypeError, "a list of predictions, not str"),
    (
        lambda: hinge([a, [a, b]], [1, 1]),
        TypeError,
        r"hinge takes one number per example, and predictions\[1\] is a list: use cross_entropy",
    ),
    (lambda: binary_cross_entropy([[a]], [1]), TypeError, "one number .*: use cross_entropy for a"),
    (
        lambda: cross_entropy([a, b], [0, 1]),
        TypeError,
        r"a list of logits .* logits\[0\] is a number: use binary_cross_entropy for a model",
    ),
    (lambda: cross_entropy([[]], [0]), ValueError, r"logits\[0\] needs at least one number"),
    (
        lambda: cross_entropy([[a, b], [a]], [0, 0]),
        ValueError,
        r"logits\[0\] has 2, logits\[1\] has 1",
    ),
    # targets
    (lambda: hinge([a, b], [1, 2]), ValueError, r"hinge: targets\[1\] must be -1 or 1"),
    (lambda: hinge([a], [float("nan")]), ValueError, r"targets\[0\] must be -1 or 1 .*, not nan"),
    (lambda: hinge([a, b], [0, -1]), ValueError, r"targets\[1\] is -1, and targets\[0\] is 0"),
    (lambda: hinge([a], [True]), TypeError, "hinge takes real numbers, not bool"),
    (
        lambda: binary_cross_entropy([a, b], [1, -1]),
        ValueError,
        r"targets\[1\] is -1.0, and a prob",
    ),
    (lambda: binary_cross_entropy([a], [1.5]), ValueError, r"targets\[0\] is 1.5"),
    (lambda: binary_cross_entropy([a], [float("nan")]), ValueError, r"targets\[0\] is nan"),
    (
        lambda: cross_entropy([[a, b]], [2]),
        ValueError,
        r"targets\[0\] must be a class from 0 to 1, as each output is one, not 2",
    ),
    (lambda: cross_entropy([[a, b]], [-1]), ValueError, r"must be a class from 0 to 1.*, not -1"),
    (
        lambda: cross_entropy([[a, b]], [1.5]),
        TypeError,
        r"targets\[0\] is 1.5, and a class is a whole number from 0",
    ),
    (lambda: cross_entropy([[a, b]], [True]), TypeError, r"targets\[0\] is True"),
    (lambda: cross_entropy([[a, b]], [[0, 1]]), TypeError, r"targets\[0\] is \[0, 1\]"),
    # strengths and overflow
    (
        lambda: l2([a], strength=-1),
        ValueError,
        "the strength of l2 must be finite and at least 0, not -1",
    ),
    (
        lambda: l2([a], strength=float("inf")),
        ValueError,
        "the strength of l2 must be finite and at least 0, not inf",
    ),
    (lambda: l1([a], strength=-1), ValueError, "the strength of l1 must be finite and at least 0"),
    (lambda: l2([Value(1e200, "w")]), TooLarge, "w = 1e\\+200"),
    (lambda: mse([Value(1e200, "y")], [0]), TooLarge, "power.*too large"),
]


@pytest.mark.parametrize(("call", "kind", "message"), REFUSED)
def test_it_is_refused_in_a_sentence(call, kind, message):
    with pytest.raises(kind, match=message) as caught:
        call()
    assert "\n" not in str(caught.value)


# PyTorch: value and gradients of torch.nn.functional on these inputs, in float64, pinned. Made by
# PyTorch 2.13.0 on a CPU; where it is installed, `with_torch` makes them again.

CASES = {
    "mse": ([0.3, -1.7, 2.25, 1000.0], [1.0, -1.0, 0.0, 999.5]),
    "binary_cross_entropy": (
        [0.3, -1.7, 2.25, 30.0, 1000.0, -1000.0],
        [1.0, 0.0, 0.3, 1.0, 0.0, 1.0],
    ),
    "cross_entropy": (
        [[0.3, -1.7, 2.25], [1000.0, 999.0, -1000.0], [-5.0, 5.0, 1000.0]],
        [0, 1, 2],
    ),
}
TORCH = {
    "mse": (1.5731249999999999, [-0.35, -0.35, 1.125, 0.25]),
    "binary_cross_entropy": (
        333.7328913054619,
        [
            -0.07092624719805683,
            0.025744210847255783,
            0.10077508918348177,
            -1.5580129778906365e-14,
            0.16666666666666666,
            -0.16666666666666666,
        ],
    ),
    "cross_entropy": (
        1.1376662443428407,
        [
            -0.2925037890151388,
            0.005525677944724685,
            0.2869781110704141,
            0.2436861928766683,
            -0.2436861928766683,
            0.0,
            0.0,
            0.0,
            0.0,
        ],
    ),
}


def with_ours(name):
    logits, targets = CASES[name]
    if name == "cross_entropy":
        rows = [leaves(row) for row in logits]
        xs = [x for row in rows for x in row]
    else:
        rows = xs = leaves(logits)
    loss = LOSSES[name](rows, targets)
    return loss.data, slopes(loss, xs)


def assert_same(found, expected):
    assert found[0] == pytest.approx(expected[0], rel=1e-12)
    assert found[1] == pytest.approx(expected[1], rel=1e-12, abs=1e-16)  # theirs is p − t, rounded


@pytest.mark.parametrize("name", CASES)
def test_pytorch_has_the_same_values_and_gradients(name):
    assert_same(with_ours(name), TORCH[name])


if find_spec("torch"):
    import torch
    import torch.nn.functional as F

    def with_torch(name):
        logits, targets = CASES[name]
        x = torch.tensor(logits, dtype=torch.float64, requires_grad=True)
        if name == "cross_entropy":
            loss = F.cross_entropy(x, torch.tensor(targets))
        else:
            y = torch.tensor(targets, dtype=torch.float64)
            loss = (F.mse_loss if name == "mse" else F.binary_cross_entropy_with_logits)(x, y)
        loss.backward()
        return loss.item(), x.grad.flatten().tolist()

    @pytest.mark.parametrize("name", CASES)
    def test_pytorch_still_says_what_is_pinned(name):
        assert_same(with_torch(name), TORCH[name])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: mse(Value(1.0), 1), "mse takes a list of predictions, not Value"),
        (lambda: mse([Value(1.0)], 1), "mse takes a list of targets, not int"),
        (lambda: hinge(None, [1]), "hinge takes a list of predictions, not NoneType"),
        (lambda: cross_entropy([[Value(1.0)]], 0), "cross_entropy takes a list of targets"),
        (lambda: softmax(Value(1.0)), "softmax takes a list of numbers, not Value"),
        (lambda: logsumexp(3), "logsumexp takes a list of numbers, not int"),
        (lambda: l2(MLP(1, [1])), r"l2 takes a list of parameters, as in l2\(model.parameters\(\)"),
        (lambda: l1(MLP(1, [1])), r"l1 takes a list of parameters, as in l1\(model.parameters\(\)"),
        (lambda: l2(Value(1.0)), "l2 takes a list of numbers, not Value"),
    ],
)
def test_what_is_no_list_is_said_in_a_sentence(call, message):
    with pytest.raises(TypeError, match=message):
        call()


@pytest.mark.parametrize("classes", [1, 2, 3, 10])
@pytest.mark.parametrize("machine", MACHINES)
def test_one_program_takes_every_class_to_the_bit(classes, machine):
    """Also where a logit that is not chosen is infinite, or would be too large."""
    chance = random.Random(classes)
    rows = [[chance.gauss(0, 3) for _ in range(classes)] for _ in range(4)]
    logits, target = list(map(Value, rows[0])), Value(0.0)
    program = Program(cross_entropy([logits], [target]), [*logits, target])
    weights = list(map(Value, rows[0]))
    scaled = Program(cross_entropy([[w * w for w in weights]], [target]), [target])
    for row in [*rows, [1e300 * (-1) ** k for k in range(classes)]]:
        for k in range(classes):
            alone = list(map(Value, row))
            loss = cross_entropy([alone], [k])
            assert program([[*row, k]], machine=machine)[0] == close(loss.data, machine)
            if max(map(abs, row)) > 100:
                continue
            for weight, x in zip(weights, row, strict=True):
                weight.data = x
            loss = cross_entropy([[x * x for x in alone]], [k])
            loss.backward()
            _, found = scaled.value_and_gradients([[k]], machine=machine)
            assert list(found) == [close(x.grad, machine) for x in alone]


def close(x, machine):
    """NumPy's functions differ from C's in the last digit."""
    return pytest.approx(x, rel=1e-12) if machine == "numpy" else x


@pytest.mark.parametrize("machine", MACHINES)
def test_one_program_takes_both_signs_of_a_hinge(machine):
    score, target = Value(0.0), Value(1.0)
    program = Program(hinge([score], [target]), [score, target])
    for x in (-2.5, -1.0, 0.3, 1.0, 4.0):
        for sign in (-1, 0, 1):
            assert program([[x, sign]], machine=machine)[0] == hinge([Value(x)], [sign]).data


def test_a_class_is_any_number_that_is_whole():
    logits = [[Value(1.0), Value(2.0)]]
    expected = cross_entropy(logits, [1]).data
    for target in (1.0, np.float64(1.0), np.int64(1), Fraction(1), Value(1.0)):
        assert cross_entropy(logits, [target]).data == expected
    for target in (0.5, math.nan, math.inf):
        with pytest.raises(TypeError, match="a class is a whole number from 0"):
            cross_entropy(logits, [target])


def test_a_loss_is_asked_for_by_its_name_by_a_short_one_or_by_itself():
    assert loss_of("hinge") is hinge and loss_of("bce") is loss_of("BCE") is binary_cross_entropy
    assert loss_of("ce") is cross_entropy and loss_of(mse) is mse
    with pytest.raises(ValueError, match="no loss named hing"):
        loss_of("hing")
    with pytest.raises(TypeError, match=r"a loss is a function .* or one of mse, .*, not 3"):
        loss_of(3)


def test_what_a_loss_gives_is_a_value():
    y = Value(2.0)
    assert checked(y) is y
    with pytest.raises(TypeError, match="a loss gives a Value, and this one gave a float"):
        checked(2.0)


def test_targets_may_be_values():
    one, zero = Value(1.0), Value(0.0)
    assert hinge([0.5, 0.5], [one, zero]).data == hinge([0.5, 0.5], [1, 0]).data == 1.0
    scores = [0.5, -1.0]
    expected = binary_cross_entropy(scores, [1, 0]).data
    assert binary_cross_entropy(scores, [one, zero]).data == expected
