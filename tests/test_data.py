"""What a learner can rely on: equal seeds give equal rows, and bad rows are turned away."""

import copy
import hashlib
import json
import math
import os
import pickle
import random
import subprocess
import sys
import zipfile
from collections import Counter
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

import nn
from nn.data import (
    Dataset,
    blobs,
    circles,
    csv,
    dataset,
    digits,
    folds,
    from_csv,
    linear,
    moons,
    read_table,
    sonar,
    spiral,
    xor,
)

ROOT = Path(__file__).parents[1]
NAN, INF = math.nan, math.inf

MAKERS = {"moons": moons, "circles": circles, "spiral": spiral, "xor": xor, "blobs": blobs}
every_maker = pytest.mark.parametrize("maker", [*MAKERS.values(), linear], ids=[*MAKERS, "linear"])
every_class_maker = pytest.mark.parametrize("maker", MAKERS.values(), ids=MAKERS.keys())


def numbered(rows: int) -> Dataset:
    """Row i has the input i and the target 10 i."""
    return dataset(range(rows), [10 * i for i in range(rows)], name="numbered")


# A dataset.


def test_a_dataset_holds_floats_and_whole_classes():
    data = Dataset([[1, Fraction(1, 2)], [np.float32(0.25), 3]], [np.int64(1), 0.0], classes=2)
    assert data.inputs == ((1.0, 0.5), (0.25, 3.0))
    assert data.targets == (1, 0)
    assert {type(x) for row in data.inputs for x in row} == {float}
    assert {type(y) for y in data.targets} == {int}


def test_targets_without_classes_are_floats():
    data = dataset([1, 2], [3, -4])
    assert data.classes is None
    assert [type(y) for y in data.targets] == [float, float]


def test_a_row_is_a_pair_and_a_slice_is_a_dataset():
    data = numbered(5)
    assert data[1] == ((1.0,), 10.0)
    assert data[-1] == ((4.0,), 40.0)
    assert data[1:4] == data.rows([1, 2, 3])
    assert data[::-2].targets == (40.0, 20.0, 0.0)
    assert list(data) == [data[i] for i in range(len(data))]
    with pytest.raises(IndexError):
        data[5]


def test_parts_keep_what_the_whole_knows():
    for part in (sonar()[5:7], sonar().rows([3]), *sonar().split(), sonar().batches(50)[-1]):
        assert (part.name, part.classes, part.class_names) == ("sonar", 2, ("M", "R"))
        assert part.feature_names == sonar().feature_names


def test_a_selection_of_nothing_is_refused():
    with pytest.raises(ValueError, match="no rows of numbered selected: a dataset needs one"):
        numbered(3)[3:]


def test_a_dataset_cannot_be_changed():
    data = moons()
    with pytest.raises(AttributeError):
        data.targets = ()
    with pytest.raises(TypeError):
        data.inputs[0][0] = 1.0


def test_what_a_dataset_was_made_from_may_change_later():
    inputs, targets = [[1.0], [2.0]], [0, 1]
    data = Dataset(inputs, targets, 2)
    inputs[0][0], targets[0] = 5.0, 1
    assert data == Dataset([[1.0], [2.0]], [0, 1], 2)


@pytest.mark.parametrize(
    "copied", [copy.copy, copy.deepcopy, lambda d: pickle.loads(pickle.dumps(d))]
)
def test_a_copy_is_equal(copied):
    assert copied(moons()) == moons()
    assert hash(copied(moons())) == hash(moons())


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (moons(), "Dataset(moons: 100 rows of 2 inputs, 2 classes)"),
        (linear(7), "Dataset(linear: 7 rows of 1 input, numbers as targets)"),
        (linear(7)[:1], "Dataset(linear: 1 row of 1 input, numbers as targets)"),
        (dataset([1], [0], 2, "two\nlines"), r"Dataset('two\nlines': 1 row of 1 input, 2 classes)"),
    ],
)  # fmt: skip
def test_the_repr_is_one_line(data, text):
    assert repr(data) == text


# Bad rows.


@pytest.mark.parametrize(
    ("inputs", "targets", "classes", "complaint"),
    [
        ([[1], [2], [3]], [1, 2], None, "3 inputs, but 2 targets: each needs its own"),
        ([], [], None, "there are no rows: a dataset needs one at least"),
        ([[1, 2], [3]], [0, 1], None, "row 2 (inputs[1]) is 1 wide, not 2 as those before"),
        ([[], []], [0, 1], None, "row 1 (inputs[0]) is 0 wide, but needs an input"),
        ([[1, NAN]], [0], None, "row 1, column 2 (inputs[0][1]) must be finite, not nan"),
        ([[1], [-INF]], [0, 1], None, "row 2, column 1 (inputs[1][0]) must be finite, not -inf"),
        ([[10**400]], [0], None, "row 1, column 1 (inputs[0][0]) must be finite, not inf"),
        ([[1], [2]], [0, INF], None, "the target of row 2 (targets[1]) must be finite, not inf"),
        ([[1], [2]], [0, 2], 2,
         "the target of row 2 (targets[1]) is 2: the 2 classes are 0 to 1"),
        ([[1], [2]], [0, -1], 2,
         "the target of row 2 (targets[1]) is -1: the 2 classes are 0 to 1"),
        ([[1], [2]], [0.5, 1], 3,
         "the target of row 1 (targets[0]) is 0.5: the 3 classes are 0 to 2"),
        ([[1]], [0], 1, "the number of classes must be at least 2, not 1"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("door", [Dataset, dataset])
def test_rows_that_do_not_fit_are_named(door, inputs, targets, classes, complaint):
    with pytest.raises(ValueError) as caught:
        door(inputs, targets, classes)
    assert str(caught.value) == complaint


@pytest.mark.parametrize(
    ("inputs", "targets", "classes", "complaint"),
    [
        ([[1, "2"]], [0], None, "row 1, column 2 (inputs[0][1]) must be a number, not '2'"),
        ([[1], [None]], [0, 1], None, "row 2, column 1 (inputs[1][0]) must be a number, not None"),
        ([[True]], [0], None, "row 1, column 1 (inputs[0][0]) must be a number, not True"),
        ([[1j]], [0], None, "row 1, column 1 (inputs[0][0]) must be a number, not 1j"),
        ([[[1.0]]], [0], None, "row 1, column 1 (inputs[0][0]) must be a number, not [1.0]"),
        ([[1], 2], [0, 1], None, "row 2 (inputs[1]) has to be a list or an array, not 2"),
        (["12"], [0], None, "row 1 (inputs[0]) has to be a list or an array, not '12'"),
        ([[1]], [[[0]]], None, "row 1, column 1 (targets[0][0]) must be a number, not [0]"),
        ([[1]], [None], 2, "the target of row 1 (targets[0]) must be a number, not None"),
        ([[1]], [0], 2.0, "the number of classes must be a whole number, not 2.0"),
        (3, [0], None, "inputs has to be a list or an array, not 3"),
        ({1: 2}, [0], None, "inputs has to be a list or an array, not {1: 2}"),
        ([[1], [2]], {0, 1}, None, "targets has to be a list or an array, not {0, 1}"),
        (np.float64(3), [0], None, "inputs has to be a list or an array, not 3.0"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("door", [Dataset, dataset])
def test_what_is_no_number_is_named(door, inputs, targets, classes, complaint):
    with pytest.raises(TypeError) as caught:
        door(inputs, targets, classes)
    assert str(caught.value) == complaint


def test_names_fit_what_they_name():
    with pytest.raises(ValueError, match="feature_names has to hold 2 names or none, not 1"):
        Dataset([[1, 2]], [0], feature_names=["a"])
    with pytest.raises(ValueError, match="class_names has to hold 2 names or none, not 3"):
        Dataset([[1, 2]], [0], 2, class_names=["a", "b", "c"])


# Sharing out.


def test_a_split_parts_the_rows():
    train, held_out = numbered(50).split(0.8)
    assert (len(train), len(held_out)) == (40, 10)
    assert sorted(train.targets + held_out.targets) == list(numbered(50).targets)
    assert set(train.inputs).isdisjoint(held_out.inputs)


def test_a_split_is_the_same_again_and_another_for_another_seed():
    data = numbered(50)
    assert data.split(0.8, seed=3) == data.split(0.8, seed=3)
    splits = [data.split(0.8, seed)[1].targets for seed in (-1, 0, 1, 2, 3)]
    assert len(set(splits)) == 5
    assert numbered(10).split(0.7, seed=0)[1].targets == SPLIT


def test_a_split_is_fair():
    """Over many seeds, every row is held out about as often: 400 times, give or take 18."""
    held = Counter(y for seed in range(2000) for y in numbered(10).split(0.8, seed)[1].targets)
    assert len(held) == 10
    assert all(320 < times < 480 for times in held.values())


def test_a_split_does_not_know_how_its_points_were_drawn():
    """Same seed for both, and still the held-out points of a line lie anywhere on it."""
    held_out = [x for seed in range(100) for (x,), _ in linear(50, seed=seed).split(0.8, seed)[1]]
    assert len(held_out) == 1000
    assert abs(np.mean(held_out)) < 0.1  # five standard deviations


@pytest.mark.parametrize("share", [0, 0.01, 0.99])
def test_a_split_leaves_no_part_empty(share):
    with pytest.raises(ValueError, match=f"a share of {share:g} of 4 rows leaves a part empty"):
        numbered(4).split(share)
    with pytest.raises(ValueError, match=r"a share of 0\.8 of 1 row leaves a part empty"):
        numbered(1).split()


def test_a_share_is_a_number():
    with pytest.raises(TypeError, match="share must be a number, not '80%'"):
        numbered(4).split("80%")
    for share in (NAN, 1, -0.5, 2):
        with pytest.raises(ValueError, match=f"must be at least 0 and below 1, not {share:g}"):
            numbered(4).split(share)


@pytest.mark.parametrize(
    ("size", "sizes"), [(4, [4, 4, 2]), (5, [5, 5]), (1, [1] * 10), (99, [10])]
)
def test_batches_cover_every_row_once(size, sizes):
    data = numbered(10)
    for epoch in range(5):
        batches = data.batches(size, seed=1, epoch=epoch)
        assert [len(batch) for batch in batches] == sizes
        assert sorted(row for batch in batches for row in batch) == list(data)


@pytest.mark.parametrize("count", [1, 45, 1000])
def test_an_order_is_that_of_numbers_of_random(count):
    rng = random.Random("batches 3 4")
    numbers = [rng.random() for _ in range(count)]
    found = dataset(range(count), range(count)).order(seed=3, epoch=4)
    assert found.tolist() == sorted(range(count), key=numbers.__getitem__)


def test_rows_that_draw_the_same_number_stay_in_their_order(monkeypatch):
    drawn = [index % 3 / 4 for index in range(50)]
    words = b"".join(int(x * 2**32).to_bytes(8, "little") for x in drawn)
    monkeypatch.setattr(random.Random, "randbytes", lambda self, count: words)
    order = dataset(range(50), range(50)).order(seed=0, epoch=0)
    assert order.tolist() == sorted(range(50), key=drawn.__getitem__)


def test_one_batch_of_everything_keeps_the_order():
    data = numbered(10)
    assert data.batches() == [data]
    assert data.batches(None, seed=4, epoch=9) == [data]


def test_batches_depend_on_seed_and_epoch_alone():
    data = numbered(100)
    later = data.batches(10, seed=0, epoch=7)
    data.batches(10, seed=0, epoch=6)
    assert data.batches(10, seed=0, epoch=7) == later
    orders = {
        sum((batch.targets for batch in data.batches(10, seed, epoch)), ())
        for seed in (-1, 0, 1, 11)
        for epoch in (0, 1, 11, 111)
    }
    assert len(orders) == 16
    assert [batch.targets for batch in numbered(5).batches(2, seed=0, epoch=1)] == BATCHES


@pytest.mark.parametrize(
    ("arguments", "error", "complaint"),
    [
        ((0, 0, 0), ValueError, "size must be at least 1, not 0"),
        ((2.5, 0, 0), TypeError, "size must be a whole number, not 2.5"),
        ((2, None, 0), TypeError, "seed must be a whole number, not None"),
        ((2, 0, -1), ValueError, "epoch must be at least 0, not -1"),
        ((None, 0.5, 0), TypeError, "seed must be a whole number, not 0.5"),
    ],
)
def test_batches_want_whole_numbers(arguments, error, complaint):
    with pytest.raises(error, match=complaint):
        numbered(4).batches(*arguments)


@pytest.mark.parametrize(("rows", "count"), [(208, 13), (10, 3), (7, 7), (2, 2)])
def test_folds_test_every_row_once(rows, count):
    data = numbered(rows)
    pairs = folds(data, count, seed=5)
    assert len(pairs) == count
    assert sorted(row for _, test in pairs for row in test) == list(data)
    for train, test in pairs:
        assert sorted([*train, *test]) == list(data)
    sizes = [len(test) for _, test in pairs]
    assert max(sizes) - min(sizes) <= 1


def test_folds_are_the_same_again_and_others_for_another_seed():
    assert folds(sonar()) == folds(sonar(), 13, seed=0)
    assert folds(sonar(), seed=1) != folds(sonar(), seed=2)


@pytest.mark.parametrize(
    ("count", "error", "complaint"),
    [
        (5, ValueError, "cannot make 5 folds of 4 rows"),
        (1, ValueError, "count must be at least 2, not 1"),
        (2.0, TypeError, "count must be a whole number, not 2.0"),
    ],
)
def test_folds_want_a_row_each(count, error, complaint):
    with pytest.raises(error, match=complaint):
        folds(numbered(4), count)


def test_scaled_columns_have_mean_0_and_standard_deviation_1():
    data = dataset([[1e6, 3, 7], [3e6, 4, 7], [8e6, -1, 7]], [1, 2, 3])
    scaled = np.array(data.scaled().inputs)
    assert scaled.mean(axis=0) == pytest.approx([0, 0, 0], abs=1e-15)
    assert scaled.std(axis=0) == pytest.approx([1, 1, 0])  # the last column is the same in all rows
    assert data.scaled().targets == data.targets


def test_held_out_rows_are_scaled_like_the_others():
    train, held_out = dataset([0, 2], [0, 0]), dataset([5, 1], [0, 0])
    assert held_out.scaled(like=train).inputs == ((4.0,), (0.0,))
    with pytest.raises(
        ValueError, match=r"cannot be scaled like Dataset\(moons: .*: their widths differ"
    ):
        train.scaled(like=moons())


# Makers.

SPLIT = (70.0, 90.0, 20.0)
BATCHES = [(30.0, 10.0), (40.0, 0.0), (20.0,)]
FIRST = {
    "moons": [
        (0.834645113133486, 0.5754424312365024, 0),
        (0.11830291906483771, 0.09721924219394293, 1),
        (0.9835973793294115, 0.10963139787517313, 0),
    ],
    "circles": [
        (-1.064711264262197, 0.17528018131720252, 0),
        (0.6299112760026765, 0.1737419573320818, 1),
        (-0.9153181276125093, -0.2819148662385469, 0),
    ],
    "spiral": [
        (-0.11711425839075162, 0.08122528794957176, 0),
        (0.10268669035223245, -0.5808974626828021, 1),
        (-0.5183475596772177, -0.4043839745121604, 0),
    ],
    "xor": [
        (0.12065277703064003, 0.0798126093195745, 0),
        (0.0024961657747850988, 1.0466621826422342, 1),
        (1.055150330437749, 0.9759558730354193, 0),
    ],
    "blobs": [
        (1.0151303253990123, 0.11347134636139666, 0),
        (-1.0194453185322119, 0.06557091889331595, 1),
        (1.2064851158423255, 0.011444102013366788, 0),
    ],
    "linear": [
        (0.15688257833823993, 1.553877088542233),
        (-0.2788827287186053, 0.23833575046486444),
        (0.8511567397505122, 2.618797575375868),
    ],
}


@every_maker
def test_equal_seeds_make_equal_points(maker):
    assert maker(20, noise=0.3, seed=5) == maker(20, noise=0.3, seed=5)
    made = [maker(20, noise=0.3, seed=seed).inputs for seed in (-1, 0, 1, 2)]
    assert len(set(made)) == 4


@every_maker
def test_the_first_points_stay_what_they_were(maker):
    """Up to the last digits, which the C library's sin, cos and log may round differently."""
    data = maker(noise=0.1, seed=0)
    found = [(*x, y) for x, y in data[:3]]
    for row, expected in zip(found, FIRST[maker.__name__], strict=True):
        assert row == pytest.approx(expected, rel=1e-12)


@every_maker
def test_more_points_begin_with_the_same_points(maker):
    assert maker(50, noise=0.1)[:20] == maker(20, noise=0.1)


@every_class_maker
def test_classes_are_balanced_in_every_slice(maker):
    data = maker(101)
    assert data.classes == 2
    assert Counter(data.targets) == {0: 51, 1: 50}
    assert Counter(data[40:60].targets) == {0: 10, 1: 10}
    assert len(set(data.inputs)) == (4 if maker is xor else 101)


@every_class_maker
def test_the_names_are_those_of_the_maker_and_the_axes(maker):
    assert (maker().name, maker().feature_names) == (maker.__name__, ("x1", "x2"))


@pytest.mark.parametrize("noise", [0.05, 0.5])
@every_class_maker
def test_noise_is_the_standard_deviation_of_what_is_added(maker, noise):
    """Without noise every point is at its place, so the noise is the way from there."""
    quiet, noisy = maker(3000, noise=0, seed=1), maker(3000, noise=noise, seed=1)
    assert quiet.targets == noisy.targets
    added = np.array(noisy.inputs) - np.array(quiet.inputs)
    assert added.std(axis=0) == pytest.approx([noise, noise], rel=0.08)
    assert added.mean(axis=0) == pytest.approx([0, 0], abs=0.1 * noise)


def on_a_moon(x, y, c):
    return math.hypot(x, y) if c == 0 else math.hypot(x - 1, y - 0.5)


def test_moons_without_noise_lie_on_their_arcs():
    data = moons(1000, noise=0)
    for (x, y), c in data:
        assert on_a_moon(x, y, c) == pytest.approx(1)
        assert y >= 0 if c == 0 else y <= 0.5
    ends = np.array([x for (x, _), c in data if c == 0])
    assert (ends.min(), ends.max()) == pytest.approx((-1, 1), abs=0.01)


def test_circles_without_noise_have_their_radii():
    for (x, y), c in circles(100, noise=0):
        assert math.hypot(x, y) == pytest.approx((1, 0.5)[c])


def test_a_spiral_without_noise_winds_once():
    """The angle tells the radius: an arm is at 0.1 where it begins, at 1 a turn later."""
    data = spiral(300, noise=0, classes=3)
    assert data.classes == 3
    for (x, y), c in data:
        turns = (math.hypot(x, y) - 0.1) / 0.9
        assert 0 <= turns <= 1
        away = math.atan2(y, x) / (2 * math.pi) - (turns + c / 3)
        assert away == pytest.approx(round(away), abs=1e-9)


def test_xor_is_one_where_the_coordinates_differ():
    assert set(xor()) == {((a, b), a ^ b) for a in (0, 1) for b in (0, 1)}
    for (x, y), c in xor(200, noise=0.05):
        assert (round(x) != round(y)) == c


def test_blobs_stand_evenly_on_a_circle():
    data = blobs(4, centers=4, noise=0)
    assert data.targets == (0, 1, 2, 3)
    expected = [(1, 0), (0, 1), (-1, 0), (0, -1)]
    for point, center in zip(data.inputs, expected, strict=True):
        assert point == pytest.approx(center, abs=1e-15)


def test_a_line_is_a_line():
    for (x,), y in linear(50, slope=-3, intercept=0.5, noise=0):
        assert -1 <= x <= 1
        assert y == -3 * x + 0.5
    data = linear(5000, noise=0.2)
    slope, intercept = np.polyfit([x for (x,), _ in data], data.targets, 1)
    assert (slope, intercept) == pytest.approx((2, 1), abs=0.03)
    rest = [y - 2 * x - 1 for (x,), y in data]
    assert np.std(rest) == pytest.approx(0.2, rel=0.05)


@pytest.mark.parametrize(
    ("arguments", "error", "complaint"),
    [
        ({"points": 1}, ValueError, "points must be at least 2, not 1"),
        ({"points": -5}, ValueError, "points must be at least 2, not -5"),
        ({"points": 10.0}, TypeError, "points must be a whole number, not 10.0"),
        ({"points": "10"}, TypeError, "points must be a whole number, not '10'"),
        ({"noise": -0.1}, ValueError, "noise must be finite and at least 0, not -0.1"),
        ({"noise": NAN}, ValueError, "noise must be finite and at least 0, not nan"),
        ({"noise": INF}, ValueError, "noise must be finite and at least 0, not inf"),
        ({"noise": "a lot"}, TypeError, "noise must be a number, not 'a lot'"),
        ({"seed": None}, TypeError, "seed must be a whole number, not None"),
        ({"seed": 0.5}, TypeError, "seed must be a whole number, not 0.5"),
        ({"noise": 1.7e308, "points": 100}, ValueError, "must be finite"),
    ],
)
@every_maker
def test_makers_turn_bad_arguments_away(maker, arguments, error, complaint):
    with pytest.raises(error, match=complaint):
        maker(**arguments)


@pytest.mark.parametrize(
    ("make", "error", "complaint"),
    [
        (lambda: blobs(centers=1), ValueError, "the number of classes must be at least 2, not 1"),
        (lambda: blobs(points=3, centers=4), ValueError, "points must be at least 4, not 3"),
        (lambda: spiral(classes=0), ValueError, "the number of classes must be at least 2, not 0"),
        (lambda: spiral(classes=2.5), TypeError, "the number of classes must be a whole number"),
        (lambda: linear(slope=NAN), ValueError, "slope must be finite, not nan"),
        (lambda: linear(intercept="1"), TypeError, "intercept must be a number, not '1'"),
    ],
)
def test_makers_turn_their_own_bad_arguments_away(make, error, complaint):
    with pytest.raises(error, match=complaint):
        make()


@every_maker
def test_numpy_numbers_are_as_good_as_pythons(maker):
    made = maker(np.int64(9), noise=np.float64(0.1), seed=np.int32(3))
    assert made == maker(9, noise=0.1, seed=3)


# The data that comes along, against data/SOURCES.md and the reference splits.


@pytest.mark.parametrize(
    ("file", "digest"),
    [
        ("digits.csv", "1a8c0ce573804cf39bc6fdc9a6cc8f23d15cbf27a72575c1ca5fac15163717d0"),
        ("sonar.csv", "87e18926f42bb35b32308c80d1c7bde2030c6247d3f0acaac3d56a147f6da844"),
    ],
)
def test_the_files_are_the_documented_ones(file, digest):
    folder = Path(nn.__file__).parent / "data"
    assert hashlib.sha256((folder / file).read_bytes()).hexdigest() == digest
    assert digest in (folder / "SOURCES.md").read_text()


def test_digits_are_1797_images_of_64_pixels():
    data = digits()
    assert (len(data), data.width, data.classes) == (1797, 64, 10)
    counts = (178, 182, 177, 183, 181, 182, 181, 179, 174, 180)
    assert Counter(data.targets) == dict(enumerate(counts))
    pixels = {x for row in data.inputs for x in row}
    assert pixels == {i / 16 for i in range(17)}
    assert data.feature_names[0] == "p00"
    assert data.feature_names[-1] == "p77"
    assert data.inputs[0][:6] == (0, 0, 5 / 16, 13 / 16, 9 / 16, 1 / 16)
    assert data.targets[:10] == tuple(range(10))


@pytest.mark.parametrize(
    ("split", "is_tested", "fewest", "most"),
    [
        ("interleaved", lambda i: i % 5 == 0, 26, 48),
        ("tail", lambda i: i >= 1437, 33, 37),
    ],
)
def test_the_splits_of_digits_are_the_documented_ones(split, is_tested, fewest, most):
    data = digits()
    train, test = digits(split)
    assert test == data.rows(i for i in range(1797) if is_tested(i))
    assert train == data.rows(i for i in range(1797) if not is_tested(i))
    assert (len(train), len(test)) == (1437, 360)
    counts = Counter(test.targets).values()
    assert (len(counts), min(counts), max(counts)) == (10, fewest, most)


@pytest.mark.parametrize("split", ["random", "", 0.8])
def test_another_split_of_digits_is_refused(split):
    with pytest.raises(ValueError, match=r"digits has no split .*: choose interleaved or tail"):
        digits(split)


def test_sonar_is_208_echoes_of_60_bands():
    data = sonar()
    assert (len(data), data.width, data.classes) == (208, 60, 2)
    assert data.class_names == ("M", "R")
    assert Counter(data.targets) == {0: 111, 1: 97}
    assert data.targets == (1,) * 97 + (0,) * 111  # the rocks come first
    assert all(0 <= x <= 1 for row in data.inputs for x in row)
    assert data.inputs[0][:3] == (0.02, 0.0371, 0.0428)
    assert data.feature_names == tuple(f"V{i}" for i in range(1, 61))
    assert len(set(data.inputs)) == 208


def test_sonar_is_tested_in_13_sets_of_16():
    pairs = folds(sonar())
    assert [(len(train), len(test)) for train, test in pairs] == [(192, 16)] * 13
    assert {row for _, test in pairs for row in test} == set(sonar())
    assert all(len(set(test.targets)) == 2 for _, test in pairs)


def test_the_data_is_found_wherever_the_package_is(tmp_path):
    """Even inside a zip archive, where there are no files to open."""
    archive = tmp_path / "packages.zip"
    with zipfile.ZipFile(archive, "w") as packages:
        for package in ("autograd", "nn", "stepgrad"):
            for file in (ROOT / package).rglob("*"):
                if file.suffix in (".py", ".csv"):
                    packages.write(file, file.relative_to(ROOT))
    program = (
        f"import sys; sys.path.insert(0, {str(archive)!r})\n"
        "import nn.data\n"
        "print('packages.zip' in nn.data.__file__, len(nn.data.digits()), len(nn.data.sonar()))"
    )
    environment = {key: os.environ[key] for key in os.environ if key != "STEPGRAD_ENGINE"}
    run = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env=environment,  # nothing is compiled in there
    )
    assert run.stdout.split() == ["True", "1797", "208"], run.stderr


def test_micrograds_moons_are_those_of_its_notebook():
    """scikit-learn's make_moons(n_samples=100, noise=0.1), with NumPy seeded with 1337."""
    points = json.loads((ROOT / "tests" / "data" / "micrograd_moons.json").read_text())
    data = dataset(points["inputs"], points["targets"])
    assert data[0] == ((1.1221146075409685, 0.08147717341718697), -1)
    assert data[-1] == ((0.12108297264758441, 1.0655522522437006), -1)
    assert Counter(data.targets) == {-1: 50, 1: 50}
    away = [on_a_moon(x, y, c > 0) - 1 for (x, y), c in data]
    assert np.std(away) == pytest.approx(0.1, rel=0.2)


# Data of one's own.


@pytest.mark.parametrize(
    "kind", [list, tuple, np.array, iter], ids=["list", "tuple", "NumPy", "iterator"]
)
def test_inputs_come_in_many_kinds(kind):
    expected = Dataset(((1.0, 2.0), (3.0, 4.0)), (0, 1), 2)
    assert dataset(kind([[1, 2], [3, 4]]), kind([0, 1]), classes=2) == expected


@pytest.mark.parametrize("kind", [list, tuple, np.array])
def test_single_numbers_become_rows_of_one(kind):
    assert dataset(kind([1, 2, 3]), kind([4, 5, 6])).inputs == ((1.0,), (2.0,), (3.0,))


def test_a_list_of_arrays_is_as_good_as_an_array():
    assert dataset([np.array([1, 2]), np.array([3, 4])], [0, 1]).inputs == ((1, 2), (3, 4))


def test_a_data_frame_is_read_row_by_row():
    class Frame:  # pandas' answer to the question; iterating one gives names of columns
        def to_numpy(self):
            return np.array([[1, 2], [3, 4]])

        def __iter__(self):
            return iter("ab")

    assert dataset(Frame(), [0, 1]).inputs == ((1.0, 2.0), (3.0, 4.0))


def test_an_array_of_three_axes_is_refused():
    with pytest.raises(TypeError, match=r"row 1, column 1 \(inputs\[0\]\[0\]\) must be a number"):
        dataset(np.zeros((2, 2, 2)), [0, 1])


@pytest.mark.parametrize("kind", [list, np.array])
def test_labels_become_classes_in_sorted_order(kind):
    data = dataset([1, 2, 3, 4], kind(["pear", "apple", "fig", "apple"]))
    assert data.targets == (2, 0, 1, 0)
    assert data.classes == 3
    assert data.class_names == ("apple", "fig", "pear")


@pytest.mark.parametrize(
    ("targets", "classes", "error", "complaint"),
    [
        (["a", "b"], 3, ValueError, "the targets must have 3 classes, and have 2 classes: a, b"),
        (
            ["a", "a"],
            None,
            ValueError,
            "the targets must have at least 2 classes, and have 1 class: a",
        ),
        (["a", 2], None, TypeError, "the target of row 2 (targets[1]) is 2, among texts"),
        ([1, "b"], None, TypeError, "the target of row 1 (targets[0]) is 1, among texts"),
    ],
)
def test_labels_that_do_not_fit_are_refused(targets, classes, error, complaint):
    with pytest.raises(error) as caught:
        dataset([1, 2], targets, classes)
    assert str(caught.value) == complaint


# CSV files.


@pytest.fixture
def file(tmp_path):
    """A function that writes a text, or bytes, into own.csv, and returns its path."""
    path = tmp_path / "own.csv"

    def written(content):
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return written


PLAIN = Dataset(((1.0, 2.0), (4.0, 5.0)), (3.0, 6.0), name="own")
NAMED = Dataset(PLAIN.inputs, PLAIN.targets, None, "own", ("a", "b"))


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("1,2,3\n4,5,6\n", PLAIN),
        ("1,2,3\n4,5,6", PLAIN),
        ("1,2,3\r\n4,5,6\r\n", PLAIN),
        ("1,2,3\n\n4,5,6\n   \n\n", PLAIN),
        (" 1, 2 ,3\n4,\t5,6\n", PLAIN),
        ('"1","2",3\n4,"5",6\n', PLAIN),
        ("1e0,+2,3.0\n4,.5e1,6\n", PLAIN),
        ("a,b,y\n1,2,3\n4,5,6\n", NAMED),
        ("\ufeffa,b,y\n1,2,3\n4,5,6\n", NAMED),
        ('"a"," b ",y\n1,2,3\n4,5,6\n', NAMED),
    ],
)
def test_a_csv_file_is_read(file, content, expected):
    assert from_csv(file(content)) == expected
    assert from_csv(str(file(content))) == expected


@pytest.mark.parametrize("target", ["y", 1, -2, np.int64(1)])
def test_the_target_is_a_name_or_an_index(file, target):
    data = from_csv(file("a,y,b\n1,2,3\n4,5,6\n"), target)
    assert data.inputs == ((1, 3), (4, 6))
    assert data.targets == (2, 5)
    assert data.feature_names == ("a", "b")


def test_a_target_by_name_makes_the_first_line_names(file):
    data = from_csv(file("1999,2000,y\n1,2,3\n"), "y")
    assert data.feature_names == ("1999", "2000")
    assert len(data) == 1


def test_texts_as_targets_become_classes(file):
    data = from_csv(file("5.1,3.5,setosa\n6.2,2.9,virginica\n4.9,3.0,setosa\n"))
    assert data.targets == (0, 1, 0)
    assert data.class_names == ("setosa", "virginica")
    assert data.inputs[0] == (5.1, 3.5)


def test_numbers_as_targets_become_classes_when_asked(file):
    content = "1,0\n2,2\n"
    assert from_csv(file(content), classes=3) == Dataset([[1], [2]], [0, 2], 3, "own")
    assert from_csv(file(content)).classes is None


def test_the_shipped_files_read_as_anybodys():
    folder = Path(nn.__file__).parent / "data"
    assert from_csv(folder / "sonar.csv") == sonar()
    assert from_csv(folder / "digits.csv", "digit", classes=10).targets == digits().targets


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("", "own.csv is empty"),
        ("\n \n", "own.csv is empty"),
        ("a,b,y\n", "own.csv has a line of names, and no rows"),
        ("1\n2\n", "own.csv has 1 column, and needs inputs and a target: separate its columns by "
         "commas, semicolons or tabs, or name another separator"),
        ("1,2,3\n4,5\n", "own.csv, line 2 has 2 columns, not 3"),
        ("1,2,3\n\n4,5,6,7\n", "own.csv, line 3 has 4 columns, not 3"),
        ("1,2,3\n,,\n", "own.csv, line 2, column 1 is empty: fill it in, or leave the row out"),
        ("a,b,y\n1,2,3\n4,,6\n", "(b) is empty: fill it in, or leave the row out"),
        ("a,b,y\n1,2,3\n4,x,6\n", "own.csv, line 3, column 2 (b): 'x' is not a number"),
        ("1,2,3\n4,1_000,6\n", "own.csv, line 2, column 2: '1_000' is not a number"),
        ("1,2,3\n4,x,6\n", "own.csv, line 2, column 2: 'x' is not a number"),
        ("1,x,3\n4,5,6\n",
         "own.csv, line 1, column 2: 'x' is not a number; is line 1 a header? Then say "
         "header=True, or --header"),
        ("a,b,y\n1,2,3\n4,nan,6\n", "own.csv, line 3, column 2 (b) must be finite, not nan"),
        ("a,b,y\n1,2,3\n4,1e999,6\n", "own.csv, line 3, column 2 (b) must be finite, not inf"),
        ("a,b,y\n1,2,3\n4,5,inf\n", "own.csv, line 3, column 3 (y) must be finite, not inf"),
        ("a,b,y\n1,2,3\n4,5,\n", "(y) is empty: fill it in, or leave the row out"),
        ("a,b,y\n1,2,M\n4,5,\n", "own.csv, line 2, column 3 (y): 'M' is not a number"),
        ("a,b,y\n1,2,3\n4,5,n/a\n", "own.csv, line 3, column 3 (y): 'n/a' is not a number"),
        ("1,2,M\n4,5,M\n", "the targets must have at least 2 classes, and have 1 class: M"),
        ('1,2,3\n4,"5,6\n',
         "own.csv, line 2: unexpected end of data; is a quotation mark missing?"),
        (b"1,2,3\n4,5,\xff\n", "is not text in UTF-8 at byte 11: save it as CSV in UTF-8"),
        (b"\xff\xfe1\x00,\x002\x00", "is not text in UTF-8 at byte 1: save it as CSV in UTF-8"),
        ("1," + "2" * 200_000 + ",3\n",
         "own.csv, line 1: field larger than field limit (131072); is a quotation mark missing?"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_table_is_told_where(file, content, complaint):
    with pytest.raises(ValueError) as caught:
        from_csv(file(content))
    assert str(caught.value).endswith(complaint)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("target", "classes", "error", "complaint"),
    [
        ("z", None, ValueError, "own.csv has no column named 'z': its columns are a, b, b, y"),
        ("b", None, ValueError, "own.csv has 2 columns named 'b': its columns are a, b, b, y"),
        (
            4,
            None,
            ValueError,
            "own.csv has no column 4: its columns are 0 to 3, or -1 for the last",
        ),
        (
            -5,
            None,
            ValueError,
            "own.csv has no column -5: its columns are 0 to 3, or -1 for the last",
        ),
        (1.0, None, TypeError, "target must be a whole number, not 1.0"),
        (None, None, TypeError, "target must be a whole number, not None"),
        ("y", 3, ValueError, "own.csv, line 3, column 4 (y) is 3: the 3 classes are 0 to 2"),
        ("y", 1, ValueError, "the number of classes must be at least 2, not 1"),
        ("y", "3", TypeError, "the number of classes must be a whole number, not '3'"),
    ],
)
def test_a_target_that_is_not_there_is_named(file, target, classes, error, complaint):
    with pytest.raises(error) as caught:
        from_csv(file("a,b,b,y\n1,2,3,0\n4,5,6,3\n"), target, classes)
    assert str(caught.value) == complaint


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"there is no file .*nothing\.csv"):
        from_csv(tmp_path / "nothing.csv")
    with pytest.raises(FileNotFoundError, match="is a folder: name a file in it"):
        from_csv(tmp_path)


def test_a_file_that_is_too_large_is_not_read(file, monkeypatch):
    path = file("1,2,3\n" * 200_000)
    monkeypatch.setattr(csv, "LARGEST_FILE", 2**20)
    with pytest.raises(ValueError, match="is larger than 1 MiB: take fewer rows of it"):
        from_csv(path)
    assert csv.LARGEST_FILE == 2**20


# Targets of many kinds, in lists and in files alike


@pytest.mark.parametrize(
    ("targets", "classes", "expected"),
    [
        ([True, False, True], None, ((1, 0, 1), 2, ())),
        (np.array([True, False]), None, ((1, 0), 2, ())),
        ([np.bool_(True), np.bool_(False)], 2, ((1, 0), 2, ())),
        ([[1], [0]], 2, ((1, 0), 2, ())),
        (np.array([[1], [0]]), 2, ((1, 0), 2, ())),
        ([["cat"], ["dog"]], None, ((0, 1), 2, ("cat", "dog"))),
        ([1, 2, 3], 3, ((0, 1, 2), 3, ("1", "2", "3"))),
        ([1.0, 3.0], 3, ((0, 2), 3, ("1", "2", "3"))),  # with no example of the second
        ([1, 2], 3, ((1, 2), 3, ())),  # none is 3, so they may as well count from 0
        ([-1, 1, -1], 2, ((0, 1, 0), 2, ("-1", "1"))),
        ([-1, 1], None, ((-1.0, 1.0), None, ())),
        (["dog", "cat"], ["dog", "cat"], ((0, 1), 2, ("dog", "cat"))),
        (["dog"], ["cat", "dog", "fox"], ((1,), 3, ("cat", "dog", "fox"))),
        ([5, 7], [7, 5], ((1, 0), 2, ("7", "5"))),
        ([5.0, "7"], ["7", "5"], ((1, 0), 2, ("7", "5"))),
        ([True, False], [False, True], ((1, 0), 2, ("False", "True"))),
    ],
)
def test_targets_come_in_many_kinds(targets, classes, expected):
    data = dataset(range(len(targets)), targets, classes)
    assert (data.targets, data.classes, data.class_names) == expected


@pytest.mark.parametrize(
    ("targets", "classes", "complaint"),
    [
        (["cat", "cow"], ["cat", "dog"], "(targets[1]) is 'cow': the classes are cat, dog"),
        ([1, 2], ["1", "3"], "(targets[1]) is '2': the classes are 1, 3"),
        (["cat"], ["cat"], "the classes must be two or more different names, not cat"),
        (["cat"], ["cat", "cat"], "the classes must be two or more different names, not cat, cat"),
        ([1, 2, 4], 3, "(targets[2]) is 4: the 3 classes are 0 to 2"),
        ([-1, 1], 3, "(targets[0]) is -1: the 3 classes are 0 to 2"),
        ([[1, 2], [3, 4]], 2, "a class is one number, and these targets are rows of 2: leave"),
        ([[1, 2], [3]], None, "row 2 (targets[1]) is 1 wide, not 2 as those before"),
        ([[1, NAN], [3, 4]], None, "row 1, column 2 (targets[0][1]) must be finite, not nan"),
    ],
)
def test_targets_that_are_none_of_the_classes_are_named(targets, classes, complaint):
    with pytest.raises(ValueError) as caught:
        dataset(range(len(targets)), targets, classes)
    assert complaint in str(caught.value)


def test_a_target_is_a_number_or_a_row_of_them():
    with pytest.raises(TypeError, match=r"row 2 \(targets\[1\]\) has to be a list"):
        dataset([1, 2], [[1, 2], 3])
    rows = dataset([1, 2], np.array([[1, 2], [3, 4]]), name="rows")
    assert rows.targets == ((1.0, 2.0), (3.0, 4.0)) and rows.target_width == 2
    assert rows[1] == ((2.0,), (3.0, 4.0)) and rows[:1].target_width == 2
    assert repr(rows) == "Dataset(rows: 2 rows of 1 input, 2 numbers as each target)"
    assert dataset([1, 2], [3, 4]).target_width == 1


# How a CSV file is written, found or said


@pytest.mark.parametrize(
    ("content", "inputs", "targets"),
    [
        ("1,5;cat\n2,5;dog\n", ((1.5,), (2.5,)), (0, 1)),
        ("x;y\n1,5;2\n2,5;3\n", ((1.5,), (2.5,)), (2.0, 3.0)),
        ("1;2;3\n4;5;6\n", ((1.0, 2.0), (4.0, 5.0)), (3.0, 6.0)),
        ("1.5;2\n-2.5;3\n", ((1.5,), (-2.5,)), (2.0, 3.0)),
        ("1\t2\tcat\n3\t4\tdog\n", ((1.0, 2.0), (3.0, 4.0)), (0, 1)),
        ("a\tb\n1,5\t2\n3\t4\n", ((1.5,), (3.0,)), (2.0, 4.0)),
        ("1,2,a;b\n3,4,c;d\n", ((1.0, 2.0), (3.0, 4.0)), (0, 1)),  # in words, not between numbers
    ],
)
def test_the_separator_is_found(file, content, inputs, targets):
    data = from_csv(file(content))
    assert (data.inputs, data.targets) == (inputs, targets)


def test_another_separator_is_named(file):
    assert from_csv(file("1|2\n3|4\n"), separator="|").inputs == ((1.0,), (3.0,))
    assert from_csv(file("1 2  3\n4 5 6\n"), separator=" ").inputs == ((1, 2), (4, 5))
    with pytest.raises(ValueError, match=r"has 1 column, .* or name another separator"):
        from_csv(file("1|2\n3|4\n"))
    for separator in ("", "ab", '"', "\n", 3):
        with pytest.raises(ValueError, match="the separator is one character"):
            from_csv(file("1|2\n3|4\n"), separator=separator)


def test_decimals_with_a_point_among_those_with_a_comma_are_refused(file):
    """1.234 may be a thousand and more."""
    with pytest.raises(ValueError, match=r"line 2, column 1: '1\.234' has a point, where decimals"):
        from_csv(file("1,5;2\n1.234;3\n"))


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("?,?,0\n1,2,0\n3,4,1\n", "line 1, column 1: '?' is not a number; is line 1 a header"),
        ("?,?,cat\n1,2,dog\n3,4,cat\n", "line 1, column 1: '?' is not a number"),
        ("NA,NA,cat\n1,2,dog\n", "line 1, column 1: 'NA' is not a number"),
        ("x,y,cat\n1,2,dog\n3,4,cat\n", "line 1, column 1: 'x' is not a number"),
        ("a,b,99\n1,2,3\n4,5,6\n", "line 1, column 1: 'a' is not a number; is line 1 a header"),
        ("0,1,2\n5,6,7\n", "own.csv begins with 0, 1, 2: is line 1 a header? Say header"),
        (",0,1\n0,6,7\n", "own.csv begins with 0, 1: is line 1 a header? Say header"),
    ],
)
def test_a_first_line_that_may_be_data_is_no_header(file, content, complaint):
    with pytest.raises(ValueError) as caught:
        from_csv(file(content))
    assert complaint in str(caught.value)


def test_whether_there_is_a_header_can_be_said(file):
    named = from_csv(file("0,1,2\n5,6,7\n"), header=True)
    assert (named.feature_names, named.inputs) == (("0", "1"), ((5.0, 6.0),))
    assert from_csv(file("0,1,2\n5,6,7\n"), header=False).inputs == ((0, 1), (5, 6))
    assert from_csv(file("a,b,99\n1,2,3\n4,5,6\n"), header=True) == NAMED
    with pytest.raises(ValueError, match=r"own.csv has no column named 'y'"):
        from_csv(file("a,y\n1,2\n"), "y", header=False)


PANDAS = ",x,kind\n0,1.5,cat\n1,2.5,dog\n"


@pytest.mark.parametrize(
    "content", [PANDAS, '"","x","kind"\n"1",1.5,"cat"\n"2",2.5,"dog"\n'], ids=["pandas", "R"]
)
def test_a_column_without_a_name_that_counts_the_rows_is_left_out(file, content):
    data = from_csv(file(content))
    assert (data.inputs, data.feature_names) == (((1.5,), (2.5,)), ("x",))


def test_whether_a_column_counts_the_rows_can_be_said(file):
    assert from_csv(file(PANDAS), index=False).inputs == ((0, 1.5), (1, 2.5))
    assert from_csv(file("id,x,y\n7,1,2\n9,3,4\n"), index=True).inputs == ((1,), (3,))
    assert from_csv(file("id,x,y\n0,1,2\n1,3,4\n")).inputs == ((0, 1), (1, 3))  # it has a name
    with pytest.raises(ValueError, match=r"column 1 of own.csv cannot count the rows and be"):
        from_csv(file("id,x,y\n7,1,2\n"), "id", index=True)
    with pytest.raises(
        ValueError, match=r"own.csv has no inputs: its 2 columns are targets, or count"
    ):
        from_csv(file("id,y\n7,2\n"), index=True)


@pytest.mark.parametrize(
    ("content", "classes", "targets", "names"),
    [
        ("5,1\n6,2\n7,3\n", 3, (0, 1, 2), ("1", "2", "3")),
        ("5,-1\n6,1\n", 2, (0, 1), ("-1", "1")),
        ("5,b\n6,a\n", ["b", "a"], (0, 1), ("b", "a")),
        ("5,20\n6,10\n", [10, 20], (1, 0), ("10", "20")),
        ("5,20\n6,10\n", ["10", "20"], (1, 0), ("10", "20")),
        ("5,b\n6,b\n", ["a", "b"], (1, 1), ("a", "b")),
    ],
)
def test_classes_in_a_file_are_those_in_a_list(file, content, classes, targets, names):
    data = from_csv(file(content), classes=classes)
    assert (data.targets, data.class_names) == (targets, names)
    with pytest.raises(ValueError, match=r"line 1, column 2 is 'z': the classes are p, q$"):
        from_csv(file("5,z\n6,p\n"), classes=["p", "q"])


def test_several_columns_are_targets(file):
    content = file("a,u,b,v\n1,2,3,4\n5,6,7,8\n")
    for target in (["u", "v"], [1, -1], ("u", 3)):
        data = from_csv(content, target)
        assert data.inputs == ((1, 3), (5, 7)) and data.targets == ((2, 4), (6, 8))
        assert data.feature_names == ("a", "b")
    for target in ([], ["u", 1], ["u", "u"]):
        with pytest.raises(ValueError, match="must be one column or several different ones, not"):
            from_csv(content, target)
    with pytest.raises(ValueError, match=r"own.csv, line 3, column 4 \(v\): 'x' is not a number"):
        from_csv(file("a,u,b,v\n1,2,3,4\n5,6,7,x\n"), ["u", "v"])


@pytest.mark.parametrize(
    ("content", "settings", "sentence"),
    [
        (
            PANDAS,
            {},
            "commas between the columns; line 1 holds their names; column 1 only counts the rows, "
            "and is left out; 1 input: x; target: kind (2 classes: cat, dog)",
        ),
        (
            "1,5;2\n2,5;3\n",
            {},
            "semicolons between the columns; decimals with a comma; line 1 is data; 1 input: "
            "column 1; target: column 2 (numbers)",
        ),
        (
            "a|u|v\n1|2|3\n",
            {"separator": "|", "target": ["u", "v"]},
            "'|' between the columns; line 1 holds their names; 1 input: a; targets: u, v "
            "(numbers)",
        ),
    ],
)
def test_how_a_file_was_read_is_said_in_a_sentence(file, content, settings, sentence):
    table = read_table(file(content), **settings)
    assert table.understood(table.dataset()) == f"own.csv was read as: {sentence}"


def test_names_in_messages_are_short_and_printable(file):
    long, strange = "n" * 5000, "a\x1b[31m"
    for content in (f"{long},y\nz,1\nq,2\n", f'"{strange}",y\nz,1\nq,2\n'):
        with pytest.raises(ValueError) as caught:
            from_csv(file(content), "y")
        assert len(str(caught.value)) < 150 and str(caught.value).isprintable()
