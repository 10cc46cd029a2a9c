"""Many updates in one call of the machine are those of one after the other, to the bit."""

import pytest

import nn.updates
from autograd import relu, tanh
from nn import (
    MLP,
    SGD,
    Adam,
    AdamW,
    RMSProp,
    Trainer,
    TrainingStopped,
    blobs,
    clip_gradients,
    cosine,
    dataset,
    moons,
    step_decay,
)

pytestmark = pytest.mark.native

OPTIMIZERS = {
    "SGD": lambda p: SGD(p, 0.1),
    "momentum": lambda p: SGD(p, cosine(0.1, 40), momentum=0.9, nesterov=True, weight_decay=0.01),
    "Adam": lambda p: Adam(p, step_decay(0.05, 7, 0.5)),
    "AdamW": lambda p: AdamW(p, lambda step: 0.01 / (1 + step)),
    "RMSProp": lambda p: RMSProp(p, 0.01),
}


def by_the_class(outputs, targets):
    """Whose graph is another one for every class."""
    rows = zip(outputs, targets, strict=True)
    return sum(relu(1.0 - row[int(t)]) + tanh(sum(row)) for row, t in rows) / len(targets)


def trainer(optimizer="SGD", loss="hinge", **changes):
    three = loss in ("cross_entropy", by_the_class)
    model = MLP(2, [4, 3 if three else 1], tanh, seed=0)
    data = blobs(30, 3, seed=1) if three else moons(30, seed=1)
    if loss == "mse":
        data = dataset(data.inputs, [0.3 * x - y for x, y in data.inputs])
    settings = {"batch_size": 4, "seed": 3} | changes
    if loss is by_the_class:
        settings["engine"] = "program"
    made = OPTIMIZERS[optimizer](model.parameters())
    return Trainer(model, data, loss=loss, optimizer=made, **settings)


def state(trained):
    return {
        "parameters": trained.model.state_dict(),
        "gradients": [p.grad for p in trained.optimizer.parameters],
        "optimizer": trained.optimizer.state_dict(),
        "history": trained.history,
        "at": (trained.epoch, trained.batch, trained.loss_so_far, trained.hits_so_far),
        "last": (trained.last_loss, trained.largest_gradient, trained.classifies),
    }


def one_by_one(monkeypatch):
    monkeypatch.setattr(nn.updates, "_machine", None)


def both_ways(monkeypatch, make, train):
    quick, slow = make(), make()
    train(quick)
    assert quick._updates is not None
    with monkeypatch.context() as patch:
        one_by_one(patch)
        train(slow)
    assert slow._updates is None
    assert state(quick) == state(slow)
    return quick


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("batch_size", [1, 4, None])
def test_optimisers_and_schedules(monkeypatch, optimizer, batch_size):
    make = lambda: trainer(optimizer, batch_size=batch_size, penalty=1e-3)
    both_ways(monkeypatch, make, lambda t: t.run(5, progress=False))


@pytest.mark.parametrize("loss", ["mse", "hinge", "binary_cross_entropy", "cross_entropy"])
@pytest.mark.parametrize("batch_size", [1, 7, None])
def test_losses(monkeypatch, loss, batch_size):
    make = lambda: trainer("Adam", loss, batch_size=batch_size, penalty=0.01, norm="l1")
    both_ways(monkeypatch, make, lambda t: t.run(5, progress=False))


@pytest.mark.parametrize("batch_size", [1, 7, None])
def test_a_loss_that_looks_at_the_class(monkeypatch, batch_size):
    make = lambda: trainer("Adam", by_the_class, batch_size=batch_size, penalty=0.01)
    trained = both_ways(monkeypatch, make, lambda t: t.run(4, progress=False))
    assert trained._recorded.classes == [0, 1, 2]


def test_held_out_data_and_callbacks(monkeypatch):
    def train(trained):
        seen = []
        trained.run(4, callbacks=[lambda t: seen.append((t.epoch, t.batch))], progress=False)
        assert seen == [(1, 0), (2, 0), (3, 0), (4, 0)]

    both_ways(monkeypatch, lambda: trainer("Adam", held_out=moons(9, seed=5)), train)
    both_ways(monkeypatch, lambda: trainer("Adam", batch_size=None), train)


def test_a_callback_may_change_the_rule(monkeypatch):
    def faster(trained):
        trained.optimizer.momentum = 0.5 if trained.epoch == 2 else 0.9

    both_ways(
        monkeypatch,
        lambda: trainer("momentum"),
        lambda t: t.run(5, callbacks=[faster], progress=False),
    )


def test_calls_of_one_update_and_of_many(monkeypatch):
    def train(seconds):
        monkeypatch.setattr(nn.updates, "SECONDS", seconds)
        trained = trainer("Adam")
        trained.run(6, progress=False)
        return state(trained)

    assert train(0.0) == train(0.001) == train(10.0)


def test_progress_tells_every_epoch(capsys):
    trained = trainer(batch_size=None)
    trained.run(50)
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 11 and lines[0].startswith(" 1/50 epochs: loss ")
    assert f"10/50 epochs: loss {trained.history.losses[9]:.4g}" in lines[2]


@pytest.mark.parametrize(("rate", "what"), [(1e200, "is too large"), (1e305, "would set")])
def test_training_stops_before_an_update_that_is_not_finite(monkeypatch, rate, what):
    def train(trained):
        with pytest.raises(TrainingStopped) as error:
            trained.run(30, progress=False)
        messages.append(str(error.value))

    def make():
        made = trainer("SGD", "mse", batch_size=None)
        made.optimizer = SGD(made.model.parameters(), lambda step: rate if step > 9 else 0.1)
        return made

    messages = []
    trained = both_ways(monkeypatch, make, train)
    assert messages[0] == messages[1] and trained.optimizer.steps >= 10


def test_a_schedule_that_ends_is_met_where_it_ends(monkeypatch):
    def train(trained):
        with pytest.raises(ValueError, match="the learning rate of step 20 must be finite"):
            trained.run(30, progress=False)

    def make():
        made = trainer("SGD")
        made.optimizer = SGD(made.model.parameters(), lambda step: 0.1 if step < 20 else -1.0)
        return made

    assert both_ways(monkeypatch, make, train).optimizer.steps == 20


def test_what_has_to_be_made_one_by_one_is():
    class Mine(SGD):
        def moved(self, x, gradient, rate, velocity):
            return x - rate * gradient * (1 + self.steps % 2), velocity

    class Counting(Trainer):
        def run_batch(self, batch):
            super().run_batch(batch)

    class Clipped(SGD):
        def step(self, gradients=None):
            clip_gradients(self.parameters, 0.1)
            super().step(gradients)

    class Slower(SGD):
        @property
        def rate(self):
            return 0.5 * super().rate

    class ByTheEpoch(Trainer):
        def run_epoch(self):
            super().run_epoch()

    model = MLP(2, [3, 1], seed=0)
    some = model.parameters()[3:]
    patched = SGD(model.parameters(), 0.1)
    patched.step = patched.step.__call__
    for made in (
        Trainer(model, moons(10), loss="hinge", optimizer=Clipped(model.parameters(), 0.1)),
        Trainer(model, moons(10), loss="hinge", optimizer=Slower(model.parameters(), 0.1)),
        Trainer(model, moons(10), loss="hinge", optimizer=patched),
        ByTheEpoch(model, moons(10), loss="hinge", optimizer=SGD(model.parameters(), 0.1)),
        Trainer(model, moons(10), loss="hinge", optimizer=Mine(model.parameters(), 0.1)),
        Trainer(model, moons(10), loss="hinge", optimizer=SGD(some, 0.1)),
        Counting(model, moons(10), loss="hinge", optimizer=SGD(model.parameters(), 0.1)),
        Trainer(model, moons(10), loss="hinge", engine="eager"),
    ):
        made.run(2, progress=False)
        assert made._updates is None and made.optimizer.steps == 2
