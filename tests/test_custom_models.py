"""Models and losses of somebody else's: recorded where one graph is right for all examples, and
computed node by node, to the same numbers, where it is not."""

import math
import random
import time

import numpy as np
import pytest

from autograd import Value, exp, log, maximum, sigmoid, tanh, where
from nn import MLP, SGD, Module, Trainer, cross_entropy, dataset, fit, hinge, moons, mse
from nn.recordable import SAMPLE
from nn.recorded_loss import RecordedLoss

DATA = moons(20, seed=2)
ROWS = dataset([[0.5, 1.0], [-0.25, 2.0], [1.5, 0.75]] * 3, [[1.0, 0.0]] * 9)
LETTERS = dataset([[i % 3, i % 2] for i in range(12)], [i % 3 for i in range(12)], classes=3)


class Made(Module):
    """A module whose call is a function of it and an example."""

    def __init__(self, call, **attributes):
        self.a, self.b, self.c = Value(0.5), Value(-0.25), Value(0.125)
        vars(self).update(attributes)
        self._call = call

    def __call__(self, x):
        return type(self)._call_of(self)(self, x)

    @staticmethod
    def _call_of(model):
        return vars(model)["_call"]


def line(m, x):
    return m.a * x[0] + m.b * x[1] + m.c


def mean_of(one):
    return lambda outputs, targets: sum(map(one, outputs, targets)) / len(targets)


def trained(model, loss, data=DATA, epochs=3, batch_size=7, **settings):
    trainer = Trainer(
        model, data, loss=loss, batch_size=batch_size,
        optimizer="adam", learning_rate=0.05, **settings,
    )  # fmt: skip
    trainer.run(epochs, progress=False)
    return trainer


def is_recorded(make, loss, data=DATA, **settings):
    """Whether it is, after training that came out as node by node."""
    random.seed(1)
    np.random.seed(1)
    one = trained(make(), loss, data, **settings)
    random.seed(1)
    np.random.seed(1)
    other = trained(make(), loss, data, engine="eager", **settings)
    close = (lambda numbers: pytest.approx(numbers, rel=1e-9, abs=1e-12)) if one._recorded else list
    assert one.history.losses == close(other.history.losses)
    assert list(one.model.state_dict().values()) == close(list(other.model.state_dict().values()))
    assert one.history.accuracies == other.history.accuracies
    return one._recorded is not None


def refused(make, loss, data=DATA):
    """The sentence of engine="program"; and unasked it is not recorded."""
    assert not is_recorded(make, loss, data)
    trainer = Trainer(make(), data, loss=loss, engine="program")
    with pytest.raises(ValueError, match="this cannot be recorded") as error:
        trainer.run(1, progress=False)
    with pytest.raises(ValueError, match="this cannot be recorded"):
        trainer.run(1, progress=False)  # nor is it the second time
    assert trainer.optimizer.steps == 0
    return str(error.value)


# What is recorded


class Gated(Module):
    """Several outputs, a shared part, a parameter that is not used, and a choice in the graph."""

    def __init__(self, outputs=2):
        self.inner = MLP(2, [3, outputs], tanh, seed=0)
        self.gate, self.idle = Value(0.3, "gate"), Value(7.0, "idle")
        self.parts = {"left": [Value(0.1)], "right": (Value(-0.1),)}

    def __call__(self, x):
        shifted = where(x[0] < x[1], x[0] * self.parts["left"][0], x[1] * self.parts["right"][0])
        rows = self.inner([shifted, sigmoid(self.gate) * x[1]])
        return rows


@pytest.mark.parametrize(
    ("outputs", "loss", "data"),
    [
        (1, "mse", DATA),
        (1, "hinge", DATA),
        (1, "bce", DATA),
        (2, "cross_entropy", DATA),
        (2, "mse", ROWS),
        (3, "cross_entropy", LETTERS),
        (1, mean_of(lambda o, t: abs(o - t)), DATA),
        (1, mean_of(lambda o, t: maximum(0.1 * (o - t), o - t) ** 2), DATA),
        (1, lambda outputs, targets: hinge(outputs, targets) * 2, DATA),
        (3, lambda outputs, targets: cross_entropy(outputs, targets) + 0.5, LETTERS),
        (3, mean_of(lambda row, t: log(sum(map(exp, row))) - row[int(t)]), LETTERS),  # by class
        (2, lambda outputs, targets: mse(outputs, targets), ROWS),
    ],
)
@pytest.mark.parametrize("settings", [{}, {"penalty": 0.01, "batch_size": None}, {"held_out": 1}])
def test_what_has_one_graph_is_recorded(outputs, loss, data, settings):
    held_out = {"held_out": data[3:8]} if "held_out" in settings else {}
    make = lambda: Made(
        lambda m, x: m.inner([x[0] * m.a, tanh(x[1] + m.b)]),
        inner=MLP(2, [3, outputs], tanh, seed=0),
    )
    assert is_recorded(make, loss, data, **{**settings, **held_out})


def test_a_choice_in_the_graph_is_recorded_where_every_parameter_is_reached_anyway():
    choose = lambda m, x: m.c + m.a * where(x[0] < x[1], x[0], x[1]) + m.b
    assert is_recorded(lambda: Made(choose), "mse")


def test_a_choice_by_a_number_that_leaves_parameters_without_a_gradient_waits_to_be_asked():
    """Node by node a parameter without a gradient stays, and in a program it has the gradient 0."""
    choose = lambda m, x: m.c + where(x[0] < x[1], lambda: m.a * x[0], lambda: m.b * x[1])
    assert not is_recorded(lambda: Made(choose), "mse")
    asked = trained(Made(choose), "mse", batch_size=None, engine="program")
    eager = trained(Made(choose), "mse", batch_size=None, engine="eager")
    assert asked.history.losses == pytest.approx(eager.history.losses, rel=1e-9)


def test_a_loss_that_reaches_other_parameters_for_other_classes_waits_to_be_asked():
    loss = mean_of(lambda row, t: (1 - row[int(t)]) ** 2)
    make = lambda: MLP(2, [3, 3], tanh, seed=0)
    assert not is_recorded(make, loss, LETTERS)
    asked = trained(make(), loss, LETTERS, batch_size=None, engine="program")
    eager = trained(make(), loss, LETTERS, batch_size=None, engine="eager")
    assert asked.history.losses == pytest.approx(eager.history.losses, rel=1e-9)


@pytest.mark.parametrize(
    "call",
    [
        lambda m, x: m.a * x[0] + m.c,  # the other input is not used
        lambda m, x: m.a * 2.0,  # no input is
        lambda m, x: (m.a * x[0] + m.b * x[1]) / m.c,
        lambda m, x: sum([m.a * x[0], m.b * x[1]], Value(0.0)),  # a leaf that is made on the way
        lambda m, x: m.unlisted["w"] * x[0] + m.a,
        lambda m, x: m.a * x[0] ** 2 + m.b / (2 + x[1] * x[1]) - m.c,
        lambda m, x: np.dot(np.array([m.a, m.b], dtype=object), np.array(x, dtype=object)),
    ],
)
def test_models_of_many_shapes_are_recorded(call):
    assert is_recorded(lambda: Made(call, unlisted={"w": Value(2.0)}), "mse")


def test_parameters_that_the_loss_reaches_by_itself_are_recorded_as_parameters():
    made = []

    def make():
        made[:] = [Made(line)]
        return made[0]

    def with_penalty(outputs, targets):
        return mse(outputs, targets) + 0.1 * sum(abs(p) for p in made[0].parameters())

    assert is_recorded(make, with_penalty)


def test_a_data_set_of_one_example_is_recorded():
    assert is_recorded(
        lambda: Made(line), mean_of(lambda o, t: (o - t) ** 2), dataset([[1.0, 2.0]], [3.0])
    )


# What is not, as its graph depends on a number


@pytest.mark.parametrize(
    "call",
    [
        lambda m, x: m.a * x[0] if x[0] > 0 else m.b * x[1],
        lambda m, x: m.a * x[0] if line(m, x).data > 0 else m.b * x[1],
        lambda m, x: m.a * max(x) + m.b,
        lambda m, x: m.a * sorted(x)[0] + m.b,
        lambda m, x: max(m.a * x[0], m.b * x[1], key=lambda v: v.data),
        lambda m, x: m.a * x[0] if x[0] != 12345.0 else m.b * x[1],
        lambda m, x: m.a * x[0] if x[0] < 1e9 else m.b * x[1],  # on rare numbers
        lambda m, x: m.a * m.table.get(x[0], 2.0) + m.b,
        lambda m, x: m.a * x[0] if x[0] in m.known else m.b * x[1],
        lambda m, x: m.a * x[0] if str(x[0]).startswith("0.") else m.b * x[1],
        lambda m, x: m.a * math.cos(x[0]) + m.b,
        lambda m, x: m.a * round(x[0]) + m.b,
        lambda m, x: m.a * (x[0] if isinstance(x[0], Value) else 2 * x[0]) + m.b,
        lambda m, x: m.a * getattr(x[0], "data", 1.0) + m.b,
        lambda m, x: m.a * (x[0] and x[1]) + m.b,
    ],
)
def test_a_branch_on_a_number_of_the_example_is_computed_node_by_node(call):
    table = {DATA.inputs[3][0]: 5.0}
    refused(lambda: Made(call, table=table, known=set(table)), "mse")


@pytest.mark.parametrize(
    "call",
    [
        lambda m, x: line(m, x) if m.a.data > -100 else m.b * x[1],
        lambda m, x: m.a.data * x[0] + m.b,
        lambda m, x: m.a.detach() * x[0] + m.b,
        lambda m, x: line(m, x) / Value(abs(m.a.item()) + 1),
        lambda m, x: max(m.parameters(), key=lambda p: p.data) * x[0],
    ],
)
def test_a_look_at_the_number_of_a_parameter_is_computed_node_by_node(call):
    """It is another one after every step."""
    refused(lambda: Made(call), "mse")


@pytest.mark.parametrize(
    "weight",
    [lambda model: model.a.data, lambda model: Value(model.a.data), lambda model: model.a.detach()],
)
def test_a_loss_that_looks_at_the_number_of_a_parameter_is_computed_node_by_node(weight):
    made = []

    def make():
        made[:] = [Made(line)]
        return made[0]

    def loss(outputs, targets):
        return mse(outputs, targets) * (1 + weight(made[0]) ** 2)

    assert "not computed by the same instructions" in refused(make, loss)


class Scaled:
    """A loss with a parameter of its own, and a look at its number."""

    def __init__(self, look):
        self.scale, self.look = Value(2.0), look

    def __call__(self, outputs, targets):
        return mse(outputs, targets) * (self.scale.data if self.look else self.scale)


@pytest.mark.parametrize("look", [False, True])
def test_a_loss_with_a_parameter_of_its_own(look):
    def trained_with(engine):
        model, loss = Made(line), Scaled(look)
        parameters = [*model.parameters(), loss.scale]
        trainer = Trainer(model, DATA, loss=loss, optimizer=SGD(parameters, 0.1), engine=engine)
        return trainer, trainer.run(5, progress=False).losses, loss.scale.data

    (trainer, *found), (_, *expected) = trained_with(None), trained_with("eager")
    assert (trainer._recorded is None) is look
    assert found[0] == pytest.approx(expected[0], rel=1e-9) and found[1] == pytest.approx(
        expected[1]
    )


# Random numbers and state

SHARED = random.Random(3)
CALLS = 0


def rarely_0(rng):
    return 1.0 if rng.random() > 1e-9 else 0.0


def counting(m, x):
    global CALLS
    CALLS += 1
    return line(m, x)


def with_a_closure():
    calls = [0]

    def call(m, x):
        calls[0] += 1
        return line(m, x) * (1.0 if calls[0] < 30 else 2.0)

    return Made(call)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Made(lambda m, x: line(m, x) * float(random.random() > 0.001)),
        lambda: Made(lambda m, x: line(m, x) * random.choice([1.0, 1.0, 2.0])),
        lambda: Made(lambda m, x: line(m, x) * float(np.random.rand() > 0.001)),
        lambda: Made(lambda m, x: line(m, x) * rarely_0(m.rng), rng=random.Random(0)),
        lambda: Made(lambda m, x: line(m, x) + m.rng.normal() * 0.0, rng=np.random.default_rng(0)),
        lambda: Made(lambda m, x: line(m, x) + 0.1 * m.draw(), draw=random.Random(0).random),
        lambda: Made(lambda m, x: line(m, x) * next(m.steps), steps=iter([1.0] * 1000)),
        lambda: Made(lambda m, x: (m.seen.append(1), line(m, x))[1], seen=[]),
        lambda: Made(lambda m, x: vars(m).update(n=m.n + 1) or line(m, x) / m.n, n=0),
        lambda: Made(lambda m, x: vars(m).update(_last=line(m, x)) or line(m, x)),
    ],
)  # fmt: skip
def test_random_numbers_and_state_are_computed_node_by_node_from_where_they_stood(make):
    """Training is what it was without the check, so no draw is lost to it."""
    refused(make, "mse")


def test_a_generator_and_a_counter_among_the_globals_are_found():
    def drawing(m, x):
        return line(m, x) * rarely_0(SHARED)

    before = SHARED.getstate()
    trainer = trained(Made(drawing), "mse", epochs=1)
    assert trainer._recorded is None
    for _ in range(20):
        last = SHARED.getstate()
    SHARED.setstate(before)
    for _ in range(20):
        SHARED.random()
    assert SHARED.getstate() == last  # the check has drawn none
    assert trained(Made(counting), "mse", epochs=1)._recorded is None
    assert trained(with_a_closure(), "mse", epochs=1)._recorded is None


def test_the_clock_is_a_constant_that_differs():
    sentence = "not computed by the same instructions"
    make = lambda: Made(lambda m, x: line(m, x) * (1 + 1e-300 * time.perf_counter_ns()))
    trainer = Trainer(
        Made(lambda m, x: m.a * x[0] + 1e-18 * time.perf_counter_ns()), DATA, engine="program"
    )
    with pytest.raises(ValueError, match=sentence):
        trainer.run(1)
    assert trained(make(), "mse")._recorded is not None  # 1 + nothing is 1


def test_a_pure_model_leaves_the_generators_where_they_are():
    random.seed(5)
    before = random.getstate(), np.random.get_state()[1].tolist()
    assert trained(Made(line), "mse")._recorded is not None
    assert (random.getstate(), np.random.get_state()[1].tolist()) == before


# Losses that are no mean


@pytest.mark.parametrize(
    "loss",
    [
        lambda o, t: sum((a - b) ** 2 for a, b in zip(o, t, strict=True)),
        lambda o, t: sum((a - b) ** 2 for a, b in zip(o, t, strict=True)) / 7,
        lambda o, t: mse(o, t) ** 0.5,
        lambda o, t: max([(a - b) ** 2 for a, b in zip(o, t, strict=True)], key=lambda v: v.data),
        lambda o, t: (o[0] - t[0]) ** 2,
        lambda o, t: mse(o, t) / len(o),
        lambda o, t: mse(o, t) + 0.1 * sum((a - o[0]) ** 2 for a in o),
        lambda o, t: mse(o, t) if len(o) < 2 else mse(o[:-1], t[:-1]),
        lambda o, t: mse(o, t) * random.random(),
    ],
)
def test_a_loss_that_is_no_mean_is_computed_node_by_node(loss):
    refused(lambda: Made(line), loss)


def test_a_loss_that_weighs_places_beyond_the_sample_is_no_mean():
    data = moons(3 * SAMPLE, seed=1)
    weights = [1.0] * (2 * SAMPLE) + [3.0] * SAMPLE

    def weighed(outputs, targets):
        return sum(
            w * (o - t) ** 2 for w, o, t in zip(weights, outputs, targets, strict=False)
        ) / len(targets)

    assert not is_recorded(lambda: Made(line), weighed, data, batch_size=None, epochs=1)


def test_parameters_in_an_array_and_outputs_that_come_one_by_one_are_recorded():
    def call(m, x):
        return (v for v in m.table @ np.array([x[0] + m.a, x[1] * m.b]))

    def make():
        table = np.array([[Value(0.1), Value(0.2)], [Value(0.3), Value(-0.4)]], dtype=object)
        return Made(lambda m, x: list(call(m, x)), table=table)

    assert is_recorded(make, "cross_entropy")


# The rest of training


def test_an_attribute_that_a_callback_changes_is_seen():
    def make():
        return Made(lambda m, x: line(m, x) * m.heat, heat=1.0)

    def cool(trainer):
        trainer.model.heat *= 0.5

    histories = [
        fit(make(), DATA, epochs=4, callbacks=[cool], engine=engine, progress=False)
        for engine in (None, "eager")
    ]
    assert histories[0].losses == pytest.approx(histories[1].losses, rel=1e-9)
    with pytest.raises(ValueError, match="has changed since it was recorded"):
        fit(make(), DATA, epochs=4, callbacks=[cool], engine="program", progress=False)


@pytest.mark.parametrize("drive", ["run", "run_epoch", "run_batch", "subclass"])
def test_an_attribute_that_is_changed_between_steps_is_seen(drive):
    class Cooling(Trainer):
        def run_batch(self, batch):
            self.model.heat *= 0.9
            super().run_batch(batch)

    def losses(engine):
        model = Made(lambda m, x: line(m, x) * m.heat, heat=1.0)
        kind = Cooling if drive == "subclass" else Trainer
        trainer = kind(model, DATA, engine=engine, batch_size=10)
        found = []
        for _ in range(3):
            if drive == "run_batch":
                trainer.run_batch(DATA[:10])
            elif drive == "run_epoch":
                trainer.run_epoch()
            else:
                trainer.run(1, progress=False)
            found.append(trainer.last_loss)
            model.heat *= 0.5
        return found

    assert losses(None) == pytest.approx(losses("eager"), rel=1e-9)


def test_callbacks_that_change_nothing_leave_the_program():
    trainer = Trainer(Made(line), DATA)
    seen = []
    trainer.run(5, callbacks=[lambda trainer: seen.append(trainer.last_loss)], progress=False)
    assert trainer._recorded is not None and len(seen) == 5


def test_held_out_data_that_are_not_like_the_others_are_computed_node_by_node():
    def make():
        return Made(lambda m, x: line(m, x) * m.table.get(x, 1.0), table={})

    def by_text(m, x):
        try:
            return line(m, x) * (3.0 if float(x[0]) == 77.0 else 1.0)
        except TypeError:
            return line(m, x)

    held_out = dataset([[77.0, 1.0]], [1.0])
    assert not is_recorded(lambda: Made(by_text), "mse", held_out=held_out)
    assert not is_recorded(make, "mse")


def test_errors_are_those_of_node_by_node():
    with pytest.raises(TypeError, match="a loss gives a Value"):
        trained(Made(line), lambda o, t: 1.0)
    with pytest.raises(IndexError):
        trained(Made(lambda m, x: m.a * x[2]), "mse")
    with pytest.raises(IndexError):
        trained(Made(lambda m, x: m.a * x[2]), "mse", engine="program")
    bad = dataset([[0.0, 0.0]] * 2 * SAMPLE, [1.0] * (2 * SAMPLE - 1) + [7.0])
    for engine in (None, "program"):
        with pytest.raises(ValueError, match="hinge: targets"):
            trained(Made(line), "hinge", bad, engine=engine)
    pairs = lambda o, t: mse(o, t) + (o[0] - o[1]) ** 2  # of one example it cannot be computed
    assert not is_recorded(lambda: Made(line), pairs, batch_size=5)


@pytest.mark.parametrize("engine", [None, "program", "eager"])
def test_arithmetic_that_fails_stops_training_with_its_sentence(engine):
    from nn import TrainingStopped

    with pytest.raises(TrainingStopped, match="log"):
        trained(Made(lambda m, x: log(m.a * x[0])), "mse", engine=engine)


def test_the_check_leaves_the_model_as_it_was():
    model = Made(line)
    trainer = Trainer(model, DATA, optimizer=SGD(model.parameters(), 1e-300))
    before, attributes = model.state_dict(), dict(vars(model))
    trainer.run(1, progress=False)
    assert model.state_dict() == before
    assert {k: v for k, v in vars(model).items() if k in attributes} == attributes


def test_what_cannot_be_copied_is_computed_node_by_node():
    class Own:
        def __deepcopy__(self, memo):
            raise RuntimeError("there is one of me")

    assert "cannot be looked at (there is one of me)" in refused(
        lambda: Made(line, own=Own()), "mse"
    )


# One program for all classes


def chosen_loss(one, rows, classes=None):
    """The loss of each of these rows of outputs, by the program for all classes, with its gradient;
    and both node by node."""
    targets = classes or range(len(rows[0]))
    loss = mean_of(one)
    data = dataset([row for row in rows for _ in targets], list(targets) * len(rows), classes=9)
    model = Made(lambda m, x: [a * b for a, b in zip(m.scales, x, strict=True)],
                 scales=[Value(1.0) for _ in rows[0]])  # fmt: skip
    recorded = RecordedLoss(model, loss, data.classes, 0.0, asked=True)
    program = recorded.program_for(data)
    table = [[*x, t] for x, t in zip(data.inputs, data.targets, strict=True)]
    values, gradients = program.value_and_gradients(table, reduce="none")
    place = [program.parameters.index(p) for p in model.scales if p in program.parameters]
    found, expected = [], []
    for i, (x, t) in enumerate(zip(data.inputs, data.targets, strict=True)):
        for p in model.scales:
            p.zero_grad()
        y = loss([model(x)], [t])
        y.backward()
        found.append([values[i], *gradients[i][place]])
        used = [p for p in model.scales if p in program.parameters]
        expected.append([y.data, *[p.grad or 0.0 for p in used]])
    return program, found, expected


def entropy(row, t):
    return log(sum(map(exp, row))) - row[t]


def by_softmax(row, t):
    powers = [exp(x) for x in row]
    return -log(powers[t] / sum(powers))


def margins(row, t):
    return sum(maximum(0.0, 1.0 + x - row[t]) for k, x in enumerate(row) if k != t)


def weighted(row, t):
    return [0.25, 1.0, 4.0][t % 3] * entropy(row, t) + t


def of_another_kind(row, t):
    return {0: lambda: exp(row[0]), 1: lambda: row[1] * row[1] * row[1]}.get(
        t, lambda: entropy(row, t) ** (2 + t)
    )()


def with_leaves(row, t):
    return sum([(x - float(k == t)) ** 2 for k, x in enumerate(row)], Value(0.0)) * Value(1.0 + t)


ONES = [entropy, by_softmax, margins, weighted, of_another_kind, with_leaves]
POINTS = [[0.3, -0.7, 1.1, 0.2], [1.5, 2.5, -0.5, 0.0], [0.0, 0.0, 0.0, 0.0]]


@pytest.mark.parametrize("one", ONES, ids=lambda one: one.__name__)
@pytest.mark.parametrize("classes", [None, [2], [0, 3], [1, 2, 3]])
def test_one_program_has_the_losses_of_all_classes(one, classes):
    _, found, expected = chosen_loss(one, POINTS, classes)
    assert np.array(found) == pytest.approx(np.array(expected), rel=1e-12, abs=1e-15)


def test_what_the_losses_of_all_classes_do_alike_is_done_once():
    program, *_ = chosen_loss(by_softmax, POINTS)
    names = [op.name for op, _ in program.listing.instructions]
    assert names.count("exp") == 4 and names.count("log") == 1
    assert sum("where" in name for name in names) <= 12  # three choices, and what flows through


def test_the_losses_of_other_classes_have_no_influence_even_where_they_do_not_exist():
    def one(row, t):  # only one class is asked for what exists
        return log(row[0]) if t == 0 else 1 / row[1] if t == 1 else row[0] ** 0.5 + row[1] * row[2]

    loss = mean_of(one)
    inputs = [
        [2.0, 1.0, 3.0],
        [-1.0, 2.0, 0.0],
        [0.5, 0.0, -1.0],
        [-3.0, -4.0, 1.0],
        [1.0, 0.0, 0.0],
    ]
    data = dataset(inputs, [0, 1, 2, 1, 0], classes=3)

    def make():
        return Made(lambda m, x: [m.a * x[0], m.b * x[1] + 0.0 * m.a, m.c * x[2]])

    histories = []
    for engine in ("program", "eager"):
        model = make()
        trainer = Trainer(
            model, data, loss=loss, optimizer=SGD(model.parameters(), 0.01), engine=engine
        )
        histories.append((trainer.run(5, progress=False).losses, model.state_dict()))
        if engine == "program":
            assert trainer._recorded is not None and trainer._recorded.classes == [0, 1, 2]
    assert histories[0][0] == pytest.approx(histories[1][0], rel=1e-9)
    assert list(histories[0][1].values()) == pytest.approx(list(histories[1][1].values()))


def test_a_class_that_comes_later_is_recorded_then():
    model = MLP(2, [4, 3], tanh, seed=0)
    loss = mean_of(entropy)
    trainer = Trainer(model, LETTERS.rows([0, 1, 3, 4]), loss=loss, held_out=LETTERS, batch_size=2)
    history = trainer.run(3, progress=False)
    assert trainer._recorded.classes == [0, 1, 2]
    other = Trainer(
        MLP(2, [4, 3], tanh, seed=0), LETTERS.rows([0, 1, 3, 4]), loss=loss, held_out=LETTERS,
        batch_size=2, engine="eager",
    )  # fmt: skip
    assert history.losses == pytest.approx(other.run(3, progress=False).losses)
    assert history.held_out_losses == pytest.approx(other.history.held_out_losses)
    few = Trainer(MLP(2, [4, 3], tanh, seed=0), LETTERS.rows([0, 1, 3, 4]), loss=loss)
    few.run_batch(LETTERS.rows([0, 1]))
    few.run_batch(LETTERS)  # a batch of other data
    assert few._recorded.classes == [0, 1, 2]


def test_graphs_of_classes_that_share_their_parts_in_other_ways_are_chosen_in_time():
    def one(row, t):
        a, b = row[0], row[1]
        for k in range(60):
            a, b = (a + b, a) if (k + t) % 3 else (b + a, b)
            a = a * 0.5
        return a + entropy(row, t)

    program, found, expected = chosen_loss(one, POINTS, [0, 1, 2])
    assert np.array(found) == pytest.approx(np.array(expected), rel=1e-12)
    assert len(program.listing.instructions) < 5000


def test_a_loss_that_cannot_take_a_class_says_so_itself():
    data = dataset([[i % 3, i % 2] for i in range(12)], [i % 4 for i in range(12)], classes=4)
    for engine in (None, "program"):
        trainer = Trainer(MLP(2, [3, 3], seed=0), data, loss=mean_of(entropy), engine=engine)
        with pytest.raises(IndexError):
            trainer.run(1, progress=False)
