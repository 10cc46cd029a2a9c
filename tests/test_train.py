"""Training finds what others found, stops where it must, and goes on where it was."""

import gc
import io
import json
import math
import os
import random
import signal
import sys
import threading
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from autograd import Op, Value, exp, log, relu, sigmoid, tanh
from nn import (
    MLP,
    SGD,
    Adam,
    EarlyStopping,
    FileError,
    History,
    Module,
    Neuron,
    RMSProp,
    Trainer,
    TrainingStopped,
    binary_cross_entropy,
    cosine,
    dataset,
    evaluate,
    fit,
    he,
    hinge,
    linear,
    load,
    moons,
    save,
    step_decay,
)
from nn.data import as_dataset
from nn.files import pack, unpack

DATA = Path(__file__).parent / "data"


@pytest.fixture(autouse=True)
def ctrl_c():
    """Ctrl-C as in a terminal, also where a shell has started us in the background without it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def small(**changes):
    """A Trainer of a tiny network on a few points; equal calls make equal ones."""
    model = MLP(2, [3, 1], tanh, seed=0)
    settings = {
        "loss": "hinge",
        "optimizer": Adam(model.parameters(), learning_rate=0.05),
        "batch_size": 5,
        "seed": 3,
    } | changes
    return Trainer(model, moons(24, seed=1), **settings)


def half_squared(outputs, targets):
    return sum((o - t) ** 2 for o, t in zip(outputs, targets, strict=True)) / 2


# What others found


def test_micrograds_demo_is_reproduced():
    points = json.loads((DATA / "micrograd_moons.json").read_text())
    random.seed(1337)
    model = MLP(2, [16, 16, 1])
    optimizer = SGD(model.parameters(), learning_rate=lambda k: 1.0 - 0.9 * k / 100)
    data = (points["inputs"], points["targets"])
    trainer = Trainer(model, data, loss="hinge", optimizer=optimizer, penalty=1e-4)
    history = trainer.run(100, progress=False)
    assert {k: history.losses[k] for k in (0, 1, 2, 3, 10, 20, 50, 98, 99)} == pytest.approx(
        {
            0: 0.8958441028683222,
            1: 1.723590533697202,
            2: 0.742900631385113,
            3: 0.77056412605842,
            10: 0.24507023853658,
            20: 0.18977522856088,
            50: 0.0987511476561961,
            98: 0.0109788883329072,
            99: 0.010978370135492717,
        },
        rel=1e-9,
    )
    right = sum((model(x).data > 0) == (t > 0) for x, t in zip(*data, strict=True))
    assert right == 100


def test_the_2_2_2_network_of_the_articles_is_trained():
    """'A Step by Step Backpropagation Example' by M. Mazur: the biases are constants."""
    model = MLP(2, [2, 2], sigmoid, output=sigmoid)
    weights = [0.15, 0.20, 0.35, 0.25, 0.30, 0.35, 0.40, 0.45, 0.60, 0.50, 0.55, 0.60]
    model.load_state_dict(dict(zip(model.state_dict(), weights, strict=True)))
    moved = [p for name, p in model.named_parameters().items() if not name.endswith(".b")]

    def error(outputs, targets):
        return half_squared(outputs[0], (0.01, 0.99))

    trainer = Trainer(model, ([[0.05, 0.10]], [0]), loss=error, optimizer=SGD(moved, 0.5))
    history = trainer.run(10_000, progress=False)
    assert history.losses[0] == pytest.approx(0.298371108760, rel=1e-11)
    assert history.losses[1] == pytest.approx(0.291027773694, rel=1e-11)
    assert evaluate(model, trainer.data, error)[0] == pytest.approx(3.510187782979e-5, rel=1e-11)
    assert model([0.05, 0.10])[0].data == pytest.approx(0.015913620444, rel=1e-10)


@pytest.mark.parametrize(("start", "errors"), [(4, [20, 0]), (3, [5, 0])])
def test_w_equal_to_2_is_found_in_one_exact_step(start, errors):
    """'Backpropagation - Edureka': y = W·x; E = 5 (W - 2)², so a rate of 0.1 is exact."""
    model = MLP(1, [1])
    weight, bias = model.parameters()
    weight.data, bias.data = start, 0.0

    def squares(outputs, targets):
        return 2 * half_squared(outputs, targets)

    trainer = Trainer(model, ([0, 1, 2], [0, 2, 4]), loss=squares, optimizer=SGD([weight], 0.1))
    assert trainer.run(2, progress=False).losses == pytest.approx(errors)
    assert weight.data == pytest.approx(2)


def test_a_line_is_fitted():
    model = MLP(1, [1], seed=0)
    data = linear(50, slope=2.0, intercept=1.0, noise=0.0, seed=0)
    fit(model, data, loss="mse", optimizer=SGD(model.parameters(), 0.3), epochs=200, progress=False)
    assert [p.data for p in model.parameters()] == pytest.approx([2, 1], abs=1e-3)


def test_moons_are_told_apart_with_mini_batches_and_held_out_points():
    model = MLP(2, [8, 1], tanh, seed=0)
    history = fit(
        model,
        moons(120, seed=0),
        loss="binary_cross_entropy",
        optimizer=Adam(model.parameters(), learning_rate=0.05),
        epochs=30,
        batch_size=10,
        held_out=0.25,
        progress=False,
    )
    assert history.accuracies[-1] > 0.95 and history.held_out_accuracies[-1] > 0.9
    assert len(history) == len(history.rates) == len(history.held_out_losses) == 30


@pytest.mark.parametrize(
    ("loss", "targets", "classes", "outputs"),
    [
        ("mse", [0.5, -1.0, 2.0, 0.0], None, 1),
        ("mse", [0, 1, 1, 0], 2, 1),
        ("hinge", [1, -1, -1, 1], None, 1),
        ("hinge", [1, 0, 0, 1], 2, 1),
        ("binary_cross_entropy", [1, 0, 0, 1], 2, 1),
        ("binary_cross_entropy", [0.2, 0.0, 0.9, 1.0], None, 1),
        ("cross_entropy", [2, 0, 1, 2], 3, 3),
        ("cross_entropy", [1, 0, 0, 1], 2, 2),
    ],
)
@pytest.mark.parametrize(("repeated", "norm"), [(1, "l2"), (1, "l1"), (80, "l2")])  # both machines
def test_programs_give_the_history_of_the_sweep(loss, targets, classes, outputs, repeated, norm):
    inputs = [[0.1, 0.2], [-0.3, 0.4], [0.5, -0.6], [-0.7, -0.8]] * repeated

    def trained(engine):
        model = MLP(2, [4, outputs], tanh, seed=0)
        data = dataset(inputs, targets * repeated, classes=classes)
        optimizer = Adam(model.parameters(), 0.05)
        trainer = Trainer(
            model, data, loss=loss, optimizer=optimizer, penalty=0.01, norm=norm, held_out=data,
            engine=engine,
        )  # fmt: skip
        return trainer.run(4, progress=False), model.state_dict()

    (slow, weights), (fast, same_weights) = trained("eager"), trained("program")
    assert fast.losses == pytest.approx(slow.losses, rel=1e-9)
    assert fast.held_out_losses == pytest.approx(slow.held_out_losses, rel=1e-9)
    assert fast.accuracies == slow.accuracies
    assert same_weights == pytest.approx(weights, rel=1e-9, abs=1e-12)


def test_programs_are_used_by_themselves_where_they_are_sure_to_be_right():
    for recorded, changes in [(True, {}), (False, {"engine": "eager"}), (False, {"loss": summed})]:
        trainer = small(**changes)
        trainer.run(1, progress=False)
        assert (trainer._recorded is not None) is recorded


# What the history says


def test_the_loss_of_a_full_batch_is_that_before_the_update():
    trainer = small(batch_size=None)
    before = evaluate(trainer.model, trainer.data, trainer.loss)
    history = trainer.run(1, progress=False)
    assert (history.losses[0], history.accuracies[0]) == pytest.approx(before)


def test_the_loss_of_an_epoch_is_the_mean_over_its_examples():
    trainer = small(engine="eager")  # 24 examples in batches of 5: the last one is smaller
    seen = []
    loss = trainer.loss
    trainer.loss = lambda outputs, targets: seen.append(len(targets)) or loss(outputs, targets)
    losses = []
    step = trainer.optimizer.step
    trainer.optimizer.step = lambda: losses.append(trainer.last_loss) or step()
    history = trainer.run(1, progress=False)
    losses = [*losses[1:], trainer.last_loss]
    assert seen == [5, 5, 5, 5, 4]
    expected = sum(n * x for n, x in zip(seen, losses, strict=True)) / 24
    assert history.losses[0] == pytest.approx(expected)


def test_there_is_no_accuracy_without_classes():
    model = MLP(1, [1], seed=0)
    history = fit(model, linear(10), epochs=2, progress=False, held_out=0.5)
    assert history.accuracies == history.held_out_accuracies == [None, None]
    assert "accuracy" not in repr(history)


@pytest.mark.parametrize(("targets", "outputs"), [((0, 1), (0.4, 0.6)), ((0, 1), (0.6, 0.4))])
def test_mse_decides_halfway_between_0_and_1(targets, outputs):
    data = dataset([[0.0], [1.0]], targets, classes=2)
    _, accuracy = evaluate(lambda x: Value(outputs[int(x[0])]), data, "mse")
    assert accuracy == (1.0 if outputs[0] < outputs[1] else 0.0)


@pytest.mark.parametrize("targets", [[1, -1, -1, 1], [1, 0, 0, 1]])
def test_plain_lists_have_an_accuracy_where_the_loss_is_about_classes(targets):
    data = ([[0.0], [1.0], [2.0], [-1.0]], targets)
    history = fit(MLP(1, [1], seed=0), data, loss="hinge", epochs=2, held_out=0.5, progress=False)
    assert None not in history.accuracies + history.held_out_accuracies


def test_probabilities_have_no_accuracy():
    data = ([[0.0], [1.0]], [0.3, 0.9])
    history = fit(MLP(1, [1]), data, loss="binary_cross_entropy", epochs=1, progress=False)
    assert history.accuracies == [None]


def test_a_history_says_how_it_went():
    history = small().run(4, progress=False)
    assert repr(history).startswith("<history of 4 epochs: loss 0.")
    assert repr(type(history)()) == "<history of 0 epochs>"


@pytest.mark.parametrize(
    ("norm", "term"),
    [({}, lambda p: p**2), ({"norm": "l2"}, lambda p: p**2), ({"norm": "L1"}, abs)],
)
def test_the_penalty_is_part_of_the_loss(norm, term):
    plain, penalised = small(batch_size=None), small(batch_size=None, penalty=0.1, **norm)
    total = sum(term(p.data) for p in plain.model.parameters())
    difference = penalised.run(1, progress=False).losses[0] - plain.run(1, progress=False).losses[0]
    assert difference == pytest.approx(0.1 * total)


# Stopping


def test_callbacks_see_the_trainer_and_may_stop_it():
    seen = []

    def stop_after_three(trainer):
        seen.append(trainer.epoch)
        return trainer.epoch == 3

    assert (
        len(small().run(10, callbacks=[stop_after_three, EarlyStopping(100)], progress=False)) == 3
    )
    assert seen == [1, 2, 3]


def test_early_stopping_waits_for_as_long_as_it_says():
    trainer = small()
    stopping = EarlyStopping(patience=3, least=0.01)
    stopped = []
    for loss in (1.0, 0.5, 0.495, 0.494, 0.4939, 0.1):
        trainer.history.losses.append(loss)
        stopped.append(stopping(trainer))
    assert stopped == [False, False, False, False, True, False]
    trainer.history.held_out_losses = [1.0, 2.0, 3.0, 4.0]
    assert stopping(trainer)


def stopped(trainer, epochs=5):
    before = trainer.model.state_dict()
    with pytest.raises(TrainingStopped) as error:
        trainer.run(epochs, progress=False)
    return error.value, before


def test_a_loss_that_leaves_the_floats_stops_before_the_update_and_names_the_node():
    model = MLP(1, [1, 1], exp, seed=0)
    model.load_state_dict(dict.fromkeys(model.state_dict(), 1.0))
    error, before = stopped(Trainer(model, ([[2000.0]], [0.0])))
    assert "exp(layer1.neuron1.sum = 2001): too large" in str(error)
    assert (error.steps, error.last_loss) == (0, None)
    assert model.state_dict() == before


def test_diverging_training_keeps_the_last_finite_parameters_and_tells_the_last_loss():
    model = MLP(1, [1])
    model.load_state_dict({"layer1.neuron1.w1": 4.0, "layer1.neuron1.b": 0.0})
    trainer = Trainer(model, ([1.0, 2.0], [2.0, 4.0]), optimizer=SGD(model.parameters(), 1e6))
    error, _ = stopped(trainer, epochs=1000)
    assert error.steps == len(error.history) > 3
    assert error.last_loss == error.history.losses[-1] and math.isfinite(error.last_loss)
    assert f"The last finite loss was {error.last_loss:.6g}" in str(error)
    assert f"stopped before update {error.steps + 1}" in str(error)
    assert all(math.isfinite(x) for x in model.state_dict().values())


def test_a_logarithm_of_nothing_stops_training():
    model = MLP(1, [1], seed=0)
    trainer = Trainer(model, ([1.0], [0.0]), loss=lambda outputs, targets: log(0 * outputs[0]))
    error, before = stopped(trainer)
    assert "log(0): log(a) is defined only for a > 0" in str(error)
    assert model.state_dict() == before


def test_a_slope_that_does_not_exist_stops_training():
    model = MLP(1, [1], seed=0)
    model.load_state_dict(dict.fromkeys(model.state_dict(), 0.0))
    trainer = Trainer(model, ([1.0], [0.0]), loss=lambda outputs, targets: outputs[0].sqrt())
    error, before = stopped(trainer)
    assert "sqrt(output = 0) does not exist: its formula divides by zero" in str(error)
    assert model.state_dict() == before


def test_an_infinite_loss_names_the_first_node_that_is_not_finite():
    infinite = Op("infinite", lambda a: a, (lambda y, a: 1.0,))
    model = MLP(1, [1], seed=0)
    model.layers[0].neurons[0].b = Value(math.inf, "layer1.neuron1.b")
    trainer = Trainer(
        model,
        ([1.0], [0.0]),
        loss=lambda outputs, targets: infinite(outputs[0]),
        optimizer=SGD(model.layers[0].neurons[0].w),
    )
    error, _ = stopped(trainer)
    assert "layer1.neuron1.b is not finite" in str(error)


def test_a_slip_in_the_shapes_is_not_called_divergence():
    trainer = Trainer(MLP(3, [1], seed=0), moons(4))
    with pytest.raises(ValueError, match="layer1 takes 3 inputs, and was given 2"):
        trainer.run(1, progress=False)


def test_a_loss_that_overflows_on_held_out_data_stops_training_too():
    model = MLP(1, [1], seed=0)
    model.load_state_dict(dict.fromkeys(model.state_dict(), 1.0))
    trainer = Trainer(model, ([0.0], [1.0]), held_out=([1e200], [0.0]))
    with pytest.raises(
        TrainingStopped, match=r"stopped on the held-out data: .*too large"
    ) as error:
        trainer.run(3, progress=False)
    assert error.value.last_loss == 0


def test_a_schedule_that_fails_leaves_an_even_history():
    trainer = small()
    trainer.optimizer.schedule = lambda n: 0.1 if n < 10 else -1.0
    with pytest.raises(ValueError, match="learning rate"):
        trainer.run(5, progress=False)
    columns = [len(c) for c in (trainer.history.losses, trainer.history.accuracies)]
    assert columns == [len(trainer.history.rates)] * 2


# Ctrl-C


def test_a_history_made_by_hand_needs_no_accuracies():
    assert repr(History([0.5, 0.25])) == "<history of 2 epochs: loss 0.5 → 0.25>"


def test_ctrl_c_returns_the_history_so_far():
    def interrupt(trainer):
        if trainer.epoch == 3:
            os.kill(os.getpid(), signal.SIGINT)

    history = small().run(10, callbacks=[interrupt], progress=False)
    assert history.interrupted and len(history) == 3
    assert "interrupted" in repr(history)


@pytest.fixture
def no_callbacks_of_the_collector():
    """Hypothesis has one. An interrupt that comes just there is not raised, but printed."""
    theirs = gc.callbacks[:]
    gc.callbacks.clear()
    yield
    gc.callbacks.extend(theirs)


@pytest.mark.usefixtures("no_callbacks_of_the_collector")
def test_300_interrupts_at_random_moments_leave_no_half_updated_model():
    """Whenever Ctrl-C comes, the model is exactly where that many uninterrupted steps lead."""
    reference = small()
    states = [reference.model.state_dict()]

    def after(steps):
        """The state after so many steps. How many there will be depends on the machine."""
        while len(states) <= steps:
            for batch in reference.data.batches(5, seed=3, epoch=reference.epoch):
                reference.run_batch(batch)
                states.append(reference.model.state_dict())
            reference.epoch, reference.batch = reference.epoch + 1, 0
        return states[steps]

    after(1)  # imports what a step needs: an import cut short leaves warnings of its own
    trainer, chance, interrupts = small(), random.Random(0), 0
    while interrupts < 300:
        timer = threading.Timer(chance.uniform(0, 0.02), os.kill, (os.getpid(), signal.SIGINT))
        try:
            timer.start()
            trainer.run(1000, progress=False)
            timer.join()  # the signal may have been delivered between run's own try and this one
        except KeyboardInterrupt:
            timer.join()
        interrupts += 1
        steps = trainer.optimizer.steps
        assert steps == 5 * trainer.epoch + trainer.batch
        assert len(trainer.history) == trainer.epoch
        assert trainer.model.state_dict() == after(steps)
        if steps > 3000:  # start over, so that early steps are met often
            trainer = small()


# Saving and resuming


@pytest.mark.parametrize(("optimizer", "norm"), [(SGD, "l2"), (Adam, "l1"), (RMSProp, "l1")])
def test_training_resumes_bit_for_bit_from_the_middle_of_an_epoch(optimizer, norm, tmp_path):
    def make():
        trainer = small(held_out=moons(10, seed=9), penalty=0.01, norm=norm)
        trainer.optimizer = optimizer(trainer.model.parameters(), 0.05, momentum=0.5) if (
            optimizer is not Adam
        ) else Adam(trainer.model.parameters(), 0.05)  # fmt: skip
        return trainer

    whole, first, second = make(), make(), make()
    whole.run(6, progress=False)
    first.run(2, progress=False)
    for batch in first.data.batches(5, seed=3, epoch=2)[:3]:
        first.run_batch(batch)
    second.resume(first.save(tmp_path / "checkpoint.safetensors"))
    second.run(4, progress=False)
    assert second.history == whole.history
    assert second.model.state_dict() == whole.model.state_dict()
    assert second.optimizer.state_dict() == whole.optimizer.state_dict()


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"batch_size": 6}, "batch size is 5, and here it is 6"),
        ({"seed": 4}, "seed is 3, and here it is 4"),
        ({"penalty": 0.1}, "penalty is 0.0, and here it is 0.1"),
        ({"norm": "l1"}, "norm is l2, and here it is l1"),
        ({"loss": "mse"}, r"loss is nn\.losses\.hinge, and here it is nn\.losses\.mse"),
        ({"held_out": moons(10)}, "held-out data is another"),
    ],
)
def test_a_checkpoint_of_other_training_is_refused_and_changes_nothing(changes, what, tmp_path):
    saved = small()
    saved.run(1, progress=False)
    path = saved.save(tmp_path / "checkpoint.safetensors")
    other = small(**changes)
    before = other.model.state_dict()
    with pytest.raises(FileError, match=f"does not belong to this training: its {what}$"):
        other.resume(path)
    assert other.model.state_dict() == before and len(other.history) == 0


def test_a_checkpoint_from_before_norms_could_be_chosen_resumes(tmp_path):
    saved, other = small(penalty=0.1), small(penalty=0.1)
    saved.run(1, progress=False)
    arrays, info = unpack(saved.save(tmp_path / "new").read_bytes(), "it")
    assert info.pop("norm") == "l2"
    (tmp_path / "old").write_bytes(pack(arrays, info))
    other.resume(tmp_path / "old")
    assert other.model.state_dict() == saved.model.state_dict()
    with pytest.raises(FileError, match="its norm is l2, and here it is l1"):
        small(penalty=0.1, norm="l1").resume(tmp_path / "old")


def test_a_checkpoint_of_another_optimizer_is_refused(tmp_path):
    path = small().save(tmp_path / "checkpoint.safetensors")
    other = small()
    other.optimizer = SGD(other.model.parameters(), 0.1)
    with pytest.raises(FileError, match=r"its optimizer is Adam\(.*, and here it is SGD\("):
        other.resume(path)


def test_a_model_of_ones_own_can_be_saved_and_resumed(tmp_path):
    class Twice(Module):
        def __init__(self):
            self.inner = Neuron(2, tanh, rng=random.Random(0))

        def __call__(self, x):
            return self.inner(x) * 2

    first, second = (Trainer(Twice(), moons(8), loss="hinge") for _ in range(2))
    first.run(3, progress=False)
    second.resume(first.save(tmp_path / "checkpoint.safetensors"))
    assert second.model.state_dict() == first.model.state_dict()
    assert second.history == first.history


LIES = [
    ("state", "epoch", "x"),
    ("state", "epoch", -5),
    ("state", "epoch", 1),  # the history has two
    ("state", "batch", 7),
    ("state", "batch", True),
    ("state", "steps", -1),
    ("state", "loss_so_far", "x"),
    ("state", "loss_so_far", None),
    ("state", "last_loss", "x"),
    ("state", "hits_so_far", True),
    ("state", "more", 1),
    ("history", "interrupted", "yes"),
    ("history", "losses", 5),
    ("history", "losses", ["a", "b"]),
    ("history", "losses", [0.5]),
    ("history", "losses", [0.5, None]),
    ("history", "held_out_losses", [0.5]),
    ("history", "more", []),
    ("arrays", "parameters", [0.0]),
    ("arrays", "parameters", [[0.0]] * 13),
    ("arrays", "first_moment", [0.0]),
    ("arrays", "more", [0.0]),
]


@pytest.mark.parametrize(("where", "name", "lie"), LIES)
def test_a_checkpoint_that_lies_is_refused_and_changes_nothing(where, name, lie, tmp_path):
    saved, other = small(), small()
    saved.run(2, progress=False)
    arrays, info = unpack(saved.save(tmp_path / "true").read_bytes(), "it")
    (arrays if where == "arrays" else info[where])[name] = lie
    (tmp_path / "lie").write_bytes(pack(arrays, info))
    before = other.model.state_dict(), other.optimizer.state_dict(), vars(other.history).copy()
    with pytest.raises(FileError):
        other.resume(tmp_path / "lie")
    assert (other.model.state_dict(), other.optimizer.state_dict(), vars(other.history)) == before
    assert (other.epoch, other.batch) == (0, 0)


def test_a_damaged_checkpoint_is_refused_and_changes_nothing(tmp_path):
    saved = small()
    saved.run(1, progress=False)
    data = saved.save(tmp_path / "whole.safetensors").read_bytes()
    other = small()
    before = other.model.state_dict()
    for size in range(0, len(data), 41):
        (tmp_path / "cut").write_bytes(data[:size])
        with pytest.raises(FileError):
            other.resume(tmp_path / "cut")
    assert other.model.state_dict() == before
    with pytest.raises(FileNotFoundError):
        other.resume(tmp_path / "nowhere")


# Bad input


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: small(batch_size=0), ValueError, "batch size must be at least 1, not 0"),
        (lambda: small(batch_size=2.5), TypeError, "batch size must be a whole number"),
        (
            lambda: small(penalty=-1.0),
            ValueError,
            "the penalty must be finite and at least 0, not -1",
        ),
        (
            lambda: small(penalty=math.nan),
            ValueError,
            "the penalty must be finite and at least 0, not nan",
        ),
        (lambda: small(norm="l3"), ValueError, "there is no norm named l3: "),
        (lambda: small(norm=1), TypeError, "the norm is chosen by its name, not by 1"),
        (lambda: small(optimizer=SGD), TypeError, "an optimizer is one like SGD"),
        (lambda: small(optimizer=SGD([Value(0.0)], 0.1)), ValueError, "has no parameter of this"),
        (lambda: small(loss=lambda o, t: 1.0).run(1), TypeError, "a loss gives a Value"),
        (
            lambda: small(loss=lambda o, t: 1.0, penalty=0.1).run(1),
            TypeError,
            "a loss gives a Value",
        ),
        (lambda: small(loss=lambda o, t: 1.0, engine="program").run(1), TypeError, "gives a Value"),
        (lambda: small().run(True), TypeError, "epochs must be a whole number, not True"),
        (
            lambda: fit(MLP(2, [1]), moons(4), held_out=1.5),
            ValueError,
            "held_out is data, or",
        ),
        (
            lambda: fit(MLP(2, [1]), moons(4), held_out=0),
            ValueError,
            "held_out is data, or",
        ),
        (lambda: small(engine="steam"), ValueError, "engine is 'program' or 'eager', not 'steam'"),
        (
            lambda: small(loss=3),
            TypeError,
            "a loss is a function of the outputs and the targets, or",
        ),
        (
            lambda: small(optimizer="newton"),
            ValueError,
            "no optimizer named newton: choose from sgd, adam",
        ),
        (lambda: small(optimizer=3), TypeError, "or one of sgd, adam, adamw, rmsprop, not 3"),
        (lambda: small(learning_rate=0.1), ValueError, "Adam has its own learning rate: give it"),
        (lambda: small(seed=0.5), TypeError, "the seed must be a whole number, not 0.5"),
        (lambda: Trainer(lambda x: x[0], moons(4)), TypeError, "a model is a Module, such as an"),
        (
            lambda: evaluate(lambda x: x[0], moons(4), "mse"),
            TypeError,
            "a model gives a Value or a list of them, and this one gave a float",
        ),
        (lambda: small(loss="mae"), ValueError, "no loss named mae: did you mean mse"),
        (lambda: small().run(-1), ValueError, "epochs must be at least 0, not -1"),
        (lambda: small().run(1.5), TypeError, "epochs must be a whole number"),
        (lambda: EarlyStopping(0), ValueError, "patience must be at least 1, not 0"),
        (
            lambda: EarlyStopping(least=-0.1),
            ValueError,
            "least must be finite and at least 0, not -0.1",
        ),
        (
            lambda: EarlyStopping(least=math.nan),
            ValueError,
            "least must be finite and at least 0, not nan",
        ),
        (lambda: EarlyStopping(least="1"), TypeError, "least must be a number, not '1'"),
        (
            lambda: as_dataset("moons"),
            TypeError,
            r"a Dataset or a pair \(inputs, targets\), not str",
        ),
        (lambda: fit(MLP(1, [1]), ([], [])), ValueError, "row"),
        (lambda: fit(MLP(1, [1]), ([1.0, math.nan], [0, 1])), ValueError, "nan"),
        (lambda: fit(MLP(1, [1]), ([1.0], [0, 1])), ValueError, "1 .*2"),
    ],
)
def test_what_cannot_be_trained_is_said_in_one_sentence(make, error, message):
    with pytest.raises(error, match=message):
        make()


@pytest.mark.parametrize("engine", ["eager", "program"])
def test_gradients_of_parameters_that_stay_put_do_not_pile_up(engine):
    model = MLP(1, [1], seed=0)
    weight, bias = model.parameters()
    trainer = Trainer(model, ([1.0], [5.0]), optimizer=SGD([weight], 1e-9), engine=engine)
    trainer.run(1, progress=False)
    once = bias.grad
    trainer.run(3, progress=False)
    assert bias.grad == pytest.approx(once, rel=1e-6)


def test_relu_may_die_and_training_goes_on():
    model = MLP(1, [1, 1], relu)
    model.load_state_dict(dict.fromkeys(model.state_dict(), -1.0))
    history = fit(model, ([1.0], [3.0]), epochs=3, progress=False)
    assert len(history) == 3


# Progress


def test_a_terminal_gets_a_bar_that_says_how_it_goes(capsys):
    small(held_out=moons(8)).run(3)
    out, err = capsys.readouterr()
    assert out == ""
    last = err.replace("\n", "\r").rstrip("\r").split("\r")[-1]
    for piece in ("3/3", "loss 0.", "accuracy ", "held-out loss 0.", "learning rate 0.05"):
        assert piece in last


def test_progress_can_be_turned_off(capsys):
    small().run(2, progress=False)
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("engine", ["eager", "program"])
@pytest.mark.parametrize(
    ("loss", "targets"),
    [("binary_cross_entropy", [0.0, 0.5, 7.5, 1.0]), ("hinge", [-1.0, 0.0, 1.0, 1.0])],
)
def test_targets_that_a_loss_cannot_take_are_refused_by_both_engines(engine, loss, targets):
    data = dataset([[0.0], [1.0], [2.0], [3.0]], targets)
    with pytest.raises(ValueError):
        fit(MLP(1, [1], seed=0), data, loss=loss, epochs=2, engine=engine, progress=False)


def test_a_penalty_reaches_parameters_that_the_loss_does_not():
    class Half(Module):
        def __init__(self):
            self.used, self.idle = Value(2.0), Value(5.0)

        def __call__(self, x):
            return self.used * x[0]

    model = Half()
    optimizer = SGD(model.parameters(), 1e-9)
    data = ([[1.0], [2.0]], [1.0, 2.0])
    trainer = Trainer(model, data, penalty=0.1, optimizer=optimizer, engine="program")
    trainer.run(1, progress=False)
    assert model.idle.grad == pytest.approx(1.0)
    assert model.used.grad == pytest.approx(2.5 * 2 + 0.4)


@pytest.mark.parametrize("loss", ["hinge", "binary_cross_entropy", "mse"])
def test_data_held_out_is_judged_as_evaluate_judges_it(loss):
    """By a program, which adds the examples up in another order, and without the penalty."""
    data = moons(40, seed=1)
    held_out = moons(13, seed=2)
    model = MLP(2, [4, 1], tanh, seed=0)
    history = fit(model, data, epochs=3, loss=loss, penalty=0.1, held_out=held_out, progress=False)
    value, accuracy = evaluate(model, held_out, loss)
    assert history.held_out_losses[-1] == pytest.approx(value, rel=1e-12)
    assert history.held_out_accuracies[-1] == accuracy


# What can be recorded


class Gate(Module):
    """The negative of its input where that is below 0: it branches on a number."""

    def __init__(self):
        self.name, self.neurons = "gate", [Neuron(1, None, init=lambda *_: ([1.0], 0.0))]
        self.activation = None

    inputs = 1

    def __call__(self, x):
        [x] = x if isinstance(x, list) else [x]
        return self.neurons[0](x) if x.data > 0 else -self.neurons[0](x)


def with_a_gate():
    model = MLP(2, [3, 1], tanh, seed=0)
    model.layers.append(Gate())
    return model


def test_a_module_that_branches_is_found_inside_a_network_and_not_recorded():
    """What is recorded for one example would be wrong for others, in silence."""
    data = moons(20, seed=2)
    trainer = Trainer(with_a_gate(), data, loss="mse")
    history = trainer.run(3, progress=False)
    assert trainer._recorded is None
    eager = fit(with_a_gate(), data, loss="mse", epochs=3, engine="eager", progress=False)
    assert history == eager
    assert history.losses[0] == evaluate(with_a_gate(), data, "mse")[0]


def test_a_neuron_of_a_class_of_ones_own_that_branches_is_not_recorded():
    class Own(Neuron):
        def __call__(self, x):
            return super().__call__(x) if x[0] > 0 else Value(0.0)

    model = MLP(2, [3, 1], tanh, seed=0)
    model.layers[0].neurons[1] = Own(2)
    trainer = Trainer(model, moons(4))
    trainer.run(1, progress=False)
    assert trainer._recorded is None


class Mine(Module):
    """A model of one's own, which does not branch."""

    def __init__(self, outputs):
        self.inner = MLP(2, [3, outputs], tanh, seed=0)

    inputs = 2

    def __call__(self, x):
        return self.inner([x[0] * x[1], x[0] + x[1]])


def taking_the_right_one(outputs, targets):
    """A loss of one's own, which looks at the class."""
    pairs = zip(outputs, targets, strict=True)
    return sum(log(sum(map(exp, row))) - row[int(target)] for row, target in pairs) / len(targets)


@pytest.mark.parametrize(
    ("loss", "outputs"),
    [("cross_entropy", 2), ("hinge", 1), ("bce", 1), ("mse", 1), (taking_the_right_one, 2)],
)
def test_a_model_of_ones_own_is_recorded_where_that_is_asked_for(loss, outputs):
    losses = [
        Trainer(Mine(outputs), moons(20, seed=2), loss=loss, engine=engine, batch_size=1)
        .run(2, progress=False)
        .losses
        for engine in ("program", "eager")
    ]
    assert losses[0] == pytest.approx(losses[1], rel=1e-12)


def drawn_by_chance(outputs, targets):
    return sum((o - t) ** 2 * random.random() for o, t in zip(outputs, targets, strict=True))


def summed(outputs, targets):
    return sum((o - t) ** 2 for o, t in zip(outputs, targets, strict=True))


@pytest.mark.parametrize(
    ("model", "loss", "sentence"),
    [
        (
            with_a_gate,
            "mse",
            "looks at a number that differs between examples or .*no attribute 'dat",
        ),
        (
            lambda: MLP(2, [3, 1], seed=0),
            lambda o, t: o[0] if t[0] > 0 or o[0].data > 0 else -o[0],
            "looks at a number that differs between examples or .*no attribute 'data'",
        ),
        (lambda: MLP(2, [3, 1], seed=0), drawn_by_chance, "draws random numbers"),
        (lambda: MLP(2, [3, 1], seed=0), summed, "the loss of 3 examples is .* the mean of their"),
    ],
)
def test_what_cannot_be_recorded_is_refused_where_a_program_is_asked_for(model, loss, sentence):
    """Although the example that would be recorded may have taken the branch of all the others."""
    trainer = Trainer(model(), moons(20, seed=2), loss=loss, engine="program")
    before = trainer.model.state_dict()
    with pytest.raises(ValueError, match=f"^this cannot be recorded: .*{sentence}"):
        trainer.run(1, progress=False)
    assert trainer.model.state_dict() == before and trainer.optimizer.steps == 0


# Targets of many kinds


@pytest.mark.parametrize("engine", ["program", "eager"])
@pytest.mark.parametrize(
    ("loss", "outputs", "targets"),
    [
        ("cross_entropy", 3, [0, 1, 2, 1]),
        ("cross_entropy", 3, np.array([0, 1, 2, 1])),
        ("cross_entropy", 3, np.array([0.0, 1.0, 2.0, 1.0])),
        ("cross_entropy", 3, np.array([[0], [1], [2], [1]])),
        ("cross_entropy", 3, ["a", "b", "c", "b"]),
        ("cross_entropy", 2, [True, False, False, True]),
        ("binary_cross_entropy", 1, [True, False, False, True]),
        ("binary_cross_entropy", 1, np.array([True, False, False, True])),
        ("binary_cross_entropy", 1, [np.bool_(True), np.bool_(False)] * 2),
        ("hinge", 1, [[1], [-1], [-1], [1]]),
        ("mse", 1, [[1.5], [2.5], [0], [1]]),
        ("mse", 1, np.array([[1.5], [2.5], [0.0], [1.0]])),
        ("mse", 2, [[1.5, 0], [2.5, 1], [0, 2], [1, 3]]),
        ("mse", 2, np.arange(8).reshape(4, 2)),
    ],
)
def test_targets_come_in_many_kinds(loss, outputs, targets, engine):
    inputs = [[0, 0], [0, 1], [1, 0], [1, 1]]
    model = MLP(2, [4, outputs], seed=0)
    history = fit(
        model, (inputs, targets), loss=loss, engine=engine, epochs=30, learning_rate=0.05,
        batch_size=3, progress=False,
    )  # fmt: skip
    assert history.losses[-1] < history.losses[0]
    assert (history.accuracies[0] is None) == (loss == "mse")


def test_a_loss_of_rows_is_the_mean_over_all_their_numbers():
    rows = dataset([1.0, 2.0], [[1.0, 5.0], [2.0, 0.0]])
    model = lambda x: [Value(x[0]), Value(1.0)]
    assert evaluate(model, rows, "mse") == ((0 + 16 + 0 + 1) / 4, None)


@pytest.mark.parametrize("engine", ["program", "eager"])
def test_several_outputs_find_several_lines(engine, tmp_path):
    """y = 2x and 1 - x, the weights and the biases exactly, in training, checkpoints and files."""
    data = dataset([-1.0, 0.0, 1.0, 2.0], [[2 * x, 1 - x] for x in (-1.0, 0.0, 1.0, 2.0)])

    def trainer():
        model = MLP(1, [2], seed=0)
        return Trainer(model, data, optimizer="sgd", learning_rate=0.3, engine=engine,
                       held_out=data[1:3])  # fmt: skip

    one, other = trainer(), trainer()
    one.run(100, progress=False)
    other.resume(one.save(tmp_path / "checkpoint"))
    other.run(100, progress=False)
    assert list(other.model.state_dict().values()) == pytest.approx([2, 0, -1, 1])
    assert other.history.held_out_accuracies == [None] * 200
    assert load(save(other.model, tmp_path / "model")).state_dict() == other.model.state_dict()


# Numbers of NumPy, and names


def test_numpys_numbers_are_as_good_as_pythons_and_can_be_saved(tmp_path):
    def trainer(whole, number):
        model = MLP(whole(2), [whole(3), whole(1)], seed=whole(1))
        optimizer = SGD(
            model.parameters(),
            step_decay(number(0.5), every=whole(2), factor=number(0.5)),
            momentum=number(0.5),
            weight_decay=number(0.25),
        )
        return Trainer(
            model, moons(20), optimizer=optimizer, batch_size=whole(4), penalty=number(0.5),
            seed=whole(3), held_out=moons(10),
        )  # fmt: skip

    plain, numpys = trainer(int, float), trainer(np.int64, np.float64)
    numpys.run(np.int64(3), progress=False)
    plain.resume(numpys.save(tmp_path / "checkpoint"))
    assert plain.run(2, progress=False) == numpys.run(np.int32(2), progress=False)
    assert plain.model.state_dict() == numpys.model.state_dict()


@pytest.mark.parametrize("share", [0.25, np.float64(0.25), np.float32(0.25), Fraction(1, 4)])
def test_a_share_is_any_number(share):
    history = fit(MLP(2, [2, 1], seed=0), moons(20), held_out=share, epochs=1, progress=False)
    assert len(history.held_out_losses) == 1


def test_names_are_as_good_as_what_they_name():
    def trained(activation, loss, optimizer, init):
        model = MLP(2, [3, 1], activation, init=init, seed=0)
        if callable(optimizer):
            optimizer = optimizer(model.parameters())
        return fit(model, moons(20), loss=loss, optimizer=optimizer, epochs=5, progress=False)

    by_hand = trained(tanh, binary_cross_entropy, lambda p: Adam(p, 0.01), he)
    assert trained("tanh", "bce", "adam", "he") == by_hand
    assert trained("Tanh", "BCE", "Adam", "he") == by_hand
    assert trained("tanh", "binary_cross_entropy", None, "he") == by_hand
    assert trained("tanh", "hinge", "sgd", "he") == trained(tanh, hinge, lambda p: SGD(p, 0.1), he)


@pytest.mark.parametrize("name", ["sgd", "adam", "adamw", "rmsprop"])
def test_a_named_optimizer_takes_the_learning_rate(name):
    trainer = small(optimizer=name, learning_rate=cosine(0.5, 10))
    assert type(trainer.optimizer).__name__.lower() == name
    assert trainer.optimizer.schedule == cosine(0.5, 10)
    assert trainer.optimizer.parameters == trainer.model.parameters()


def test_a_loss_beside_a_layer_of_linear_neurons_is_linear():
    assert MLP(2, [3, 1], "linear", seed=0).layers[0].activation is None
    assert MLP(2, [3, 1], ["tanh", None], seed=0).layers[0].activation is tanh


# Where progress goes


class Written:
    """What stands for standard error in some editors: it can be written to, and no more."""

    def __init__(self):
        self.text = ""

    def write(self, text):
        self.text += text

    def flush(self):
        pass


def test_training_shows_its_progress_to_what_can_only_be_written_to(monkeypatch):
    stream = Written()
    monkeypatch.setattr(sys, "stderr", stream)
    assert len(small().run(2)) == 2
    assert stream.text.startswith("1/2 epochs: loss")


def closed():
    stream = io.StringIO()
    stream.close()
    return stream


class Gone(Written):
    def write(self, text):
        raise BrokenPipeError(32, "Broken pipe")


@pytest.mark.parametrize("stream", [closed, Gone, lambda: None])
def test_training_goes_on_where_nobody_can_read_how_it_goes(stream, monkeypatch):
    monkeypatch.setattr(sys, "stderr", stream())
    assert len(small().run(2)) == 2


# Schedules and losses that a checkpoint can tell apart


class Warm:
    """A schedule of one's own, which prints as every object does."""

    def __init__(self, rate):
        self.rate = rate

    def __call__(self, step):
        return self.rate / (1 + step)


@dataclass
class Cool(Warm):
    rate: float


def slow(step):
    return 0.001


def made(rate):
    return lambda step: rate


def inner(rate):
    def schedule(step):
        return rate

    return schedule


@pytest.mark.parametrize(
    "schedule",
    [Warm(0.1), lambda step: 0.1, made(0.1), inner(0.1), Warm(0.1).__call__, partial(slow)],
)
def test_a_schedule_that_cannot_be_told_from_others_is_refused_when_it_is_saved(schedule, tmp_path):
    trainer = small(optimizer="sgd", learning_rate=schedule)
    with pytest.raises(FileError, match=r"its schedule .* cannot be identified later"):
        trainer.save(tmp_path / "checkpoint")
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    ("schedule", "other"), [(Cool(0.1), Cool(0.2)), (slow, Cool(0.1)), (cosine(1, 5), cosine(1, 6))]
)
def test_a_schedule_of_ones_own_resumes_its_own_training_and_no_other(schedule, other, tmp_path):
    trainer = small(optimizer="sgd", learning_rate=schedule)
    trainer.run(2, progress=False)
    path = trainer.save(tmp_path / "checkpoint")
    again = small(optimizer="sgd", learning_rate=schedule)
    again.resume(path)
    assert again.run(2, progress=False) == trainer.run(2, progress=False)
    with pytest.raises(FileError, match=r"its (schedule|optimizer) is .*, and here"):
        small(optimizer="sgd", learning_rate=other).resume(path)


def test_a_loss_without_a_name_is_refused_when_it_is_saved(tmp_path):
    with pytest.raises(FileError, match=r"its loss .* cannot be identified later"):
        small(loss=lambda o, t: half_squared(o, t)).save(tmp_path / "checkpoint")


def test_a_bit_changed_in_the_numbers_of_a_checkpoint_is_refused(tmp_path):
    trainer = small()
    trainer.run(2, progress=False)
    path = trainer.save(tmp_path / "checkpoint")
    data = path.read_bytes()
    start = 8 + int.from_bytes(data[:8], "little")
    for place in range(start, len(data)):
        changed = bytearray(data)
        changed[place] ^= 1
        path.write_bytes(changed)
        with pytest.raises(FileError, match="its checksum is not that of its content"):
            small().resume(path)
