"""The machine that trains in a page without Python, against the engine and `nn`: programs text for
text, updates, random numbers, and what it answers."""

import math
import random
import struct
from itertools import product

import pytest

from autograd import Value
from autograd.backprop import gradients
from autograd.op import BUILT_IN, TABLE
from benchmarks import page as benchmark
from nn import MLP, Trainer
from nn.data import Dataset
from nn.data.seeded import random_order
from nn.evaluation import evaluate
from nn.initial import INITIALIZERS
from nn.losses import LOSSES, PENALTIES
from nn.optim import OPTIMIZERS, constant, cosine, step_decay
from nn.recorded_loss import RecordedLoss
from nn.train import TrainingStopped
from tests.in_node import asking
from viz.apps.machine.printed import MODULES, source_of, worker_script
from viz.apps.playground.settings import Config

USUAL = Config().as_json()  # the settings, all of which a message has


@pytest.fixture(scope="module")
def ask(tmp_path_factory):
    """A function that runs a task of page_machine.mjs on cases, and gives its answers."""
    sources = {name: source_of(name) for name in MODULES}
    return asking("page_machine.mjs", tmp_path_factory.mktemp("machine"), sources)


def hexed(numbers):
    return b"".join(struct.pack(">d", x) for x in numbers).hex()


def numbers_in(text):
    return [x for (x,) in struct.iter_unpack(">d", bytes.fromhex(text))]


# Programs


def written(listing):
    def arg(x):
        return str(x) if isinstance(x, int) else f"#{hexed([x])}"

    lines = [" ".join([op.name, *map(arg, args)]) for op, args in listing.instructions]
    ends = [" ".join(map(arg, e)) for e in ([listing.value], listing.gradients, listing.also)]
    return "\n".join([str(listing.inputs), str(listing.parameters), *lines, *ends])


ACTIVATIONS = [
    "tanh", "relu", "sigmoid", "leaky_relu", "softplus", "silu", "gelu", "elu", "sin", "relu6",
    "hardtanh", "absolute", "exp", "log_sigmoid", "atan", "sign", "erf",
]  # fmt: skip


def architecture(seed):
    rng = random.Random(seed)
    loss = [*LOSSES][seed % 4]
    outputs = {"mse": rng.randint(1, 3), "cross_entropy": rng.randint(2, 6)}.get(loss, 1)
    hidden = [rng.randint(1, 8) for _ in range(rng.randint(0, 3))]
    pool = ACTIVATIONS[:3] if seed % 2 else [*ACTIVATIONS, "linear"]
    return rng.randint(1, 4), hidden, [rng.choice(pool) for _ in hidden], loss, outputs


def operation(name):
    return None if name in (None, "linear") else TABLE[name]


def data_for(rng, loss, outputs, count, width=2):
    """Examples for a loss, with classes where it takes them."""
    make = {
        "mse": lambda: tuple([rng.uniform(-1, 1) for _ in range(outputs)]),
        "hinge": lambda: rng.choice([-1, 1]),
        "binary_cross_entropy": lambda: rng.choice([0, 1]),
        "cross_entropy": lambda: rng.randrange(outputs),
    }[loss]
    inputs = [[rng.uniform(-1, 1) for _ in range(width)] for _ in range(count)]
    targets = [make() for _ in inputs]
    if loss == "mse" and outputs == 1:
        targets = [y for (y,) in targets]
    classes = {"binary_cross_entropy": 2, "cross_entropy": outputs}.get(loss)
    return Dataset(tuple(inputs), tuple(targets), classes)


def test_the_programs_of_200_architectures_are_those_of_python(ask):
    cases, texts = [], []
    for seed in range(200):
        inputs, hidden, activations, loss, outputs = architecture(seed)
        operations = [operation(name) for name in activations]
        model = MLP(inputs, [*hidden, outputs], [*operations, None], seed=seed)
        data = data_for(random.Random(seed), loss, outputs, 2, inputs)
        recorded = RecordedLoss(model, LOSSES[loss], data.classes, 0.0)
        texts.append(written(recorded.program_for(data).listing))
        layers = zip([*hidden, outputs], [*activations, None], strict=True)
        layers = [{"size": size, "activation": name} for size, name in layers]
        cases.append({"inputs": inputs, "layers": layers, "loss": loss})
    found = ask("listings", cases)
    different = [i for i, (a, b) in enumerate(zip(found, texts, strict=True)) if a != b]
    assert not different, (cases[different[0]], found[different[0]], texts[different[0]])


def test_all_rows_give_equal_bits_in_webassembly_and_in_javascript(ask):
    rng = random.Random(1)
    odd = [0.0, -0.0, 1.0, -1.0, 2.0, 6.0, math.inf, -math.inf, math.nan, 1e300, -1e300, 5e-324,
           710.0, -750.0, 0.5]  # fmt: skip
    cases = []
    for name in sorted(BUILT_IN):
        points = [
            [rng.choice(odd) if rng.random() < 0.5 else rng.gauss(0, 3) for _ in range(401)]
            for _ in TABLE[name].partials
        ]
        cases.append({"row": name, "columns": list(map(hexed, points))})
    for case, (wasm, js) in zip(cases, ask("rows", cases), strict=True):
        assert wasm == js, case["row"]
        op = TABLE[case["row"]]
        points = zip(*map(numbers_in, case["columns"]), strict=True)
        for point, text in zip(points, wasm, strict=True):
            y = op.ieee(*point)
            if text == "nan" or math.isnan(y):
                assert text == "nan" and math.isnan(y), (op, point, text)
                continue
            (x,) = numbers_in(text)
            assert math.isclose(x, y, rel_tol=1e-12, abs_tol=5e-324), (op, point, x, y)


# Updates


SETTINGS = {
    "sgd": {"optimizer": "sgd", "rate": 0.1},
    "momentum": {"optimizer": "sgd", "rate": 0.1, "momentum": 0.9, "weight_decay": 0.01},
    "nesterov": {"optimizer": "sgd", "rate": 0.1, "momentum": 0.9, "nesterov": True},
    "adam": {"optimizer": "adam", "rate": 0.01},
    "adamw": {"optimizer": "adamw", "rate": 0.01, "weight_decay": 0.01},
    "rmsprop": {"optimizer": "rmsprop", "rate": 0.01, "momentum": 0.5},
}


def optimizer_for(model, config):
    settings = {name: x for name, x in config.items() if name not in ("optimizer", "rate")}
    return OPTIMIZERS[config["optimizer"]](model.parameters(), config["rate"], **settings)


def state_of(trainer):
    parameters = [p.data for p in trainer.model.parameters()]
    slots = {name: list(map(float, x)) for name, x in trainer.optimizer.state.items()}
    return {"parameters": parameters, "slots": slots, "step": trainer.optimizer.steps,
            "epoch": trainer.epoch, "batch": trainer.batch}  # fmt: skip


def sent(state):
    slots = {name: hexed(column) for name, column in state["slots"].items()}
    return state | {"parameters": hexed(state["parameters"]), "slots": slots}


def rows_of(data):
    return {"inputs": data.inputs, "targets": data.targets, "classes": data.classes}


def case_of(data, sizes, activation, loss, settings, penalty, seed, norm="l2", **more):
    """A trainer of nn, and the same for the page."""
    model = MLP(2, sizes, operation(activation), seed=seed)
    trainer = Trainer(
        model, data, loss=loss, optimizer=optimizer_for(model, settings), penalty=penalty,
        norm=norm, batch_size=more.get("batch") or None, seed=seed,
    )  # fmt: skip
    layers = [{"size": size, "activation": activation} for size in sizes[:-1]]
    config = {"layers": layers, "loss": loss, "penalty": penalty, "norm": norm, "seed": seed}
    config = USUAL | config | settings | more
    return trainer, config


def close(found, wanted, scale=None):
    """Whether numbers differ by 1e-12 of the largest of them."""
    scale = scale or max(map(abs, wanted)) or 1.0
    return all(abs(a - b) <= 1e-12 * scale for a, b in zip(found, wanted, strict=True))


def test_an_update_is_that_of_nn_for_all_losses_optimisers_activations_and_penalties(ask):
    rng = random.Random(5)
    cases, wanted = [], []
    losses = [("mse", 1), ("hinge", 1), ("binary_cross_entropy", 1), ("cross_entropy", 2),
              ("cross_entropy", 3)]  # fmt: skip
    penalties = [(0.0, "l2"), *product([0.001], PENALTIES)]
    for (loss, outputs), activation, (name, settings), (penalty, norm) in product(
        losses, ("relu", "tanh", "sigmoid"), SETTINGS.items(), penalties
    ):
        data = data_for(rng, loss, outputs, 45)
        sizes = [7, 6, outputs]
        number = len(cases)
        trainer, config = case_of(data, sizes, activation, loss, settings, penalty, number, norm)
        trainer.run(3, progress=False)
        state = state_of(trainer) | {"epoch": 0}
        cases.append({"data": rows_of(data), "config": config, "state": sent(state)})
        trainer.run_batch(data)
        gradient = [p.grad for p in trainer.model.parameters()]
        exact = activation == "relu" and loss in ("mse", "hinge") and not name.startswith("adam")
        wanted.append((exact, trainer.last_loss, gradient, state_of(trainer)))
    assert len(cases) == 270
    for case, (wasm, js), (exact, loss, gradient, after) in zip(
        cases, ask("frames", cases), wanted, strict=True
    ):
        assert wasm == js, case["config"]
        found = wasm[0]["next"]
        pairs = [([found["loss"]], [loss]), (numbers_in(found["gradient"]), gradient)]
        pairs += [(numbers_in(found["parameters"]), after["parameters"])]
        pairs += [(numbers_in(found["slots"][name]), x) for name, x in after["slots"].items()]
        for numbers, python in pairs:
            assert numbers == python if exact else close(numbers, python), case["config"]


@pytest.mark.parametrize(("loss", "norm"), [("mse", "l2"), ("mse", "l1"), ("hinge", "l2")])
def test_minibatches_come_in_the_order_of_nn_and_the_last_is_smaller(ask, loss, norm):
    data = data_for(random.Random(3), loss, 1, 45)
    trainer, config = case_of(
        data, [6, 5, 1], "relu", loss, SETTINGS["momentum"], 0.01, 11, norm, batch=7
    )
    state = state_of(trainer)
    losses = []
    for _ in range(8):
        for batch in trainer.batches()[trainer.batch :]:
            if len(losses) == 50:
                break
            trainer.run_batch(batch)
            losses.append(trainer.last_loss)
        else:
            trainer._end_epoch()
    case = {"data": rows_of(data), "config": config, "state": sent(state), "updates": 50}
    ((wasm, js),) = ask("frames", [case])
    assert wasm == js
    assert numbers_in(wasm[1]["losses"]) == losses
    assert wasm[1]["state"] == sent(state_of(trainer))
    assert (wasm[1]["state"]["epoch"], wasm[1]["state"]["batch"]) == (7, 1)


def test_sums_over_many_examples_have_the_parts_of_python(ask):
    data = data_for(random.Random(4), "mse", 1, 601)
    trainer, config = case_of(data, [5, 4, 1], "relu", "mse", SETTINGS["sgd"], 0.0, 2)
    state = state_of(trainer)
    trainer.run(20, progress=False)
    case = {"data": rows_of(data), "config": config, "state": sent(state), "updates": 20}
    ((wasm, js),) = ask("frames", [case])
    assert wasm == js
    assert wasm[1]["state"] == sent(state_of(trainer))


DIVERGING = [
    ("mse", 1, "relu", {"optimizer": "sgd", "rate": 40.0}),
    ("mse", 1, "relu", {"optimizer": "sgd", "rate": 1e200}),
    ("mse", 1, "tanh", {"optimizer": "sgd", "rate": 1e300}),
    ("mse", 1, "exp", {"optimizer": "sgd", "rate": 10.0}),
    ("mse", 2, "relu", {"optimizer": "adam", "rate": 1e100}),
    ("cross_entropy", 3, "relu", {"optimizer": "sgd", "rate": 1e308}),
    ("hinge", 1, "linear", {"optimizer": "rmsprop", "rate": 1.5e308, "momentum": 0.9}),
]


def test_training_stops_before_a_number_that_is_not_finite_with_the_sentence_of_nn(ask):
    cases, sentences = [], []
    for loss, outputs, activation, settings in DIVERGING:
        data = data_for(random.Random(4), loss, outputs, 20)
        trainer, config = case_of(data, [5, outputs], activation, loss, settings, 0, 2)
        state = sent(state_of(trainer))
        cases.append({"data": rows_of(data), "config": config, "state": state, "updates": 9999})
        with pytest.raises(TrainingStopped) as stopped:
            trainer.run(9999, progress=False)
        sentences.append(str(stopped.value))
    for (wasm, js), sentence in zip(ask("frames", cases), sentences, strict=True):
        assert wasm == js
        assert wasm[1]["trouble"] == wasm[1]["next"]["trouble"] == sentence
        state = wasm[1]["state"]
        assert all(map(math.isfinite, numbers_in(state["parameters"])))
        assert len(numbers_in(wasm[1]["losses"])) == state["step"]


def test_what_is_pinned_does_not_move_nor_do_its_slots(ask):
    data = data_for(random.Random(4), "mse", 1, 20)
    trainer, config = case_of(data, [5, 1], "tanh", "mse", SETTINGS["adam"], 0.01, 2)
    before = state_of(trainer)
    case = {"data": rows_of(data), "config": config | {"pinned": [0, 7]}, "updates": 9}
    ((wasm, js),) = ask("frames", [case | {"state": sent(before)}])
    assert wasm == js
    after = wasm[1]["state"]
    moved = [
        i for i, (a, b) in enumerate(
            zip(before["parameters"], numbers_in(after["parameters"]), strict=True)) if a != b
    ]  # fmt: skip
    assert moved == [i for i in range(len(before["parameters"])) if i not in (0, 7)]
    assert [numbers_in(after["slots"]["updates"])[i] for i in (0, 1, 7)] == [0, 9, 0]


def test_a_change_of_settings_plans_nothing_anew(ask):
    data = data_for(random.Random(4), "mse", 1, 20)
    trainer, config = case_of(data, [5, 1], "tanh", "mse", SETTINGS["adam"], 0.01, 2)
    asked = {
        "rate": 0.5, "penalty": 0.3, "beta1": 0.8, "eps": 1e-6, "batch": 5, "schedule": "cosine",
    }  # fmt: skip
    changes = [{name: x} for name, x in asked.items()]
    changes += [{"norm": "l1"}, {"penalty": 0}, {"loss": "hinge"}]
    data = Dataset(data.inputs, tuple([i % 2 for i in range(20)]), 2)
    case = {"data": rows_of(data), "config": config, "state": sent(state_of(trainer))}
    found = ask("replanned", case | {"changes": changes})
    assert found == [[]] * 6 + [["update"], ["update"], ["net", "training", "evaluator", "update"]]


# Random numbers and schedules


def test_random_numbers_orders_and_first_weights_are_those_of_python(ask):
    seeds = [0, 1, -5, 2**40 + 3, 2**53 - 1, "", "batches 3 4", "split 0", "ä" * 100, "x" * 111]
    orders = [[45, "batches", 3, 4], [500, "split", 0], [1, "batches", 0, 10**6]]
    models = [
        {"init": init, "seed": seed, "layers": [{"size": n, "activation": "tanh"} for n in sizes],
         "loss": "mse"}
        for init in INITIALIZERS
        for seed, sizes in ((0, []), (7, [5]), (123456789012, [4, 3]))
    ]  # fmt: skip
    data = {"inputs": [[0.5, 1.0, 2.0]], "targets": [1.0]}
    cases = [{"data": data, "config": config} for config in models]
    found = ask("random", {"seeds": seeds, "orders": orders, "models": cases})
    for seed, text in zip(seeds, found["numbers"], strict=True):
        rng = random.Random(seed)
        first, second, *gauss = rng.random(), rng.uniform(-1, 3), rng.gauss(0, 1), rng.gauss(2, 3)
        one, two, three, four, *rest = numbers_in(text)
        assert [one, two, *rest] == [first, second, *[rng.random() for _ in range(700)]], seed
        assert close([three, four], gauss)  # Math.log and Math.cos need not be C's to the bit
    assert found["orders"] == [random_order(*args).tolist() for args in orders]
    for config, answer in zip(models, found["models"], strict=True):
        sizes = [layer["size"] for layer in config["layers"]] + [1]
        model = MLP(3, sizes, init=config["init"], seed=config["seed"])
        wanted = [p.data for p in model.parameters()]
        assert answer["names"] == list(model.named_parameters())
        numbers = numbers_in(answer["parameters"])
        assert close(numbers, wanted) if config["init"] == "he" else numbers == wanted


def test_the_rates_of_schedules_are_those_of_nn(ask):
    schedules = {
        "constant": (constant(0.3), {}),
        "cosine": (cosine(0.3, 70), {"period": 70}),
        "step_decay": (step_decay(0.3, 7, 0.5), {"period": 7, "factor": 0.5}),
    }
    cases = [
        {"config": {"rate": 0.3, "schedule": name, **more}, "steps": list(range(100))}
        for name, (_, more) in schedules.items()
    ]
    for text, (schedule, _) in zip(ask("rates", cases), schedules.values(), strict=True):
        wanted = [schedule(step) for step in range(100)]
        assert close(numbers_in(text), wanted)


# What there is to see


def test_an_opened_example_and_a_picture_have_the_numbers_of_the_engine(ask):
    data = data_for(random.Random(8), "cross_entropy", 3, 30)
    sizes = [4, 3, 3]
    trainer, config = case_of(data, sizes, "tanh", "cross_entropy", SETTINGS["sgd"], 0.01, 3)
    model, x, target = trainer.model, data.inputs[2], data.targets[2]
    messages = [
        {"do": "set", "config": config, "state": sent(state_of(trainer))},
        {"do": "example", "inputs": x, "target": target},
        {"do": "picture", "bounds": [-1, 2, -3, 1], "size": [4, 3]},
    ]
    ((frame, example, picture),) = ask("messages", [{"data": rows_of(data), "messages": messages}])

    leaves = [Value(number) for number in x]
    rows, before = [], leaves
    for layer in model.layers:
        before = [neuron(before) for neuron in layer.neurons]
        rows.append(before)
    loss = LOSSES["cross_entropy"]([before], [Value(float(target))])
    found = gradients(loss)
    for layer, row, made in zip(model.layers, rows, example["layers"], strict=True):
        for neuron, value, one in zip(layer.neurons, row, made, strict=True):
            total = value.parents[0] if neuron.activation else value
            assert close([one["sum"], one["value"]], [total.data, value.data])
            assert close([one["local"]], [value.slope(0) if neuron.activation else 1.0])
            assert close([one["gradient"], one["flow"]], [found[value], found[total]])
            assert math.isclose(neuron.b.data + sum(one["products"]), one["sum"], abs_tol=1e-12)
    assert close(numbers_in(example["gradients"]), [found[p] for p in model.parameters()])
    assert close(example["inputs_gradients"], [found[leaf] for leaf in leaves])
    assert math.isclose(example["loss"], loss.data, rel_tol=1e-12)

    points = [(-1 + i, 1 - 2 * j) for j in range(3) for i in range(4)]
    columns = list(map(numbers_in, picture["columns"]))
    assert [len(columns), len(columns[0])] == [sum(sizes), 12]
    for k, point in enumerate(points):
        assert close([column[k] for column in columns[-3:]], [y.data for y in model(point)])

    value = trainer._evaluated(data)
    assert math.isclose(frame["loss"], value[0], rel_tol=1e-12) and frame["accuracy"] == value[1]


def test_a_picture_may_have_small_maps_of_all_but_some_neurons(ask):
    data = data_for(random.Random(8), "mse", 1, 5)
    layers = [{"size": 4, "activation": name} for name in ("tanh", "sign")]
    config = USUAL | {"layers": layers, "loss": "mse"} | SETTINGS["sgd"]
    rng = random.Random(9)
    numbers = [rng.uniform(-1, 1) for _ in range(4 * 3 + 4 * 5 + 5)]
    numbers[:3] = [0, 0, 0.5]  # a neuron that is the same everywhere
    state = {"parameters": hexed(numbers), "slots": {}}
    asked = {"do": "picture", "bounds": [-1, 2, -3, 1], "size": [37, 29]}
    messages = [{"do": "set", "config": config, "state": state}]
    messages += [asked | more for more in (
        {}, {"maps": [5, 7]}, {"maps": [5, 7], "whole": [1, 6]}, {"maps": [37, 29]}, {},
        {"maps": [38, 2]},
    )]  # fmt: skip
    (answers,) = ask("messages", [{"data": rows_of(data), "messages": messages}])
    every, small, two, as_large, again = [
        [numbers_in(one) for one in answer["columns"]] for answer in answers[1:-1]
    ]
    places = [
        37 * int((j + 0.5) * (29 / 7)) + int((i + 0.5) * (37 / 5))
        for j in range(7) for i in range(5)
    ]  # fmt: skip
    few = [[column[place] for place in places] for column in every]
    assert every == again == as_large
    assert small == [*few[:-1], every[-1]]
    assert two == [every[k] if k in (1, 6, 8) else few[k] for k in range(9)]
    assert len({*every[0]}) == 1 < len({*every[5]}) and "no larger" in answers[-1]["trouble"]


@pytest.mark.parametrize("loss", [*LOSSES, "mse of classes"])
def test_losses_and_accuracies_are_those_of_evaluate_on_held_out_data_as_well(ask, loss):
    rng, name = random.Random(12), loss.split()[0]
    outputs = 3 if name == "cross_entropy" else 1
    made = [data_for(rng, name, outputs, count) for count in (61, 23)]
    if loss == "mse of classes":
        classes = [tuple([rng.randrange(2) for _ in data.targets]) for data in made]
        made = [Dataset(x.inputs, y, 2) for x, y in zip(made, classes, strict=True)]
    trainer, config = case_of(made[0], [5, outputs], "tanh", name, SETTINGS["sgd"], 0.5, 3)
    trainer.run(5, progress=False)
    message = {"do": "set", "config": config, "state": sent(state_of(trainer) | {"epoch": 0})}
    asked = rows_of(made[0]) | {"held_out": rows_of(made[1])}
    ((frame,),) = ask("messages", [{"data": asked, "messages": [message]}])
    found = [frame["loss"], frame["accuracy"]], [frame["held_out_loss"], frame["held_out_accuracy"]]
    for data, (value, accuracy) in zip(made, found, strict=True):
        wanted = evaluate(trainer.model, data, name)
        assert math.isclose(value, wanted[0], rel_tol=1e-12)
        assert accuracy == wanted[1]


def test_dead_and_saturated_neurons_are_counted_over_the_training_examples(ask):
    data = Dataset(((1.0,), (2.0,), (-3.0,), (9.0,)), (1.0, 2.0, 3.0, 4.0))
    names = "relu", "tanh", "linear", "negative", "sign"  # the last three are alike everywhere
    layers = [{"size": 1, "activation": name} for name in names]
    state = {"parameters": hexed([1, 0] * 6), "slots": {}}
    config = USUAL | {"layers": layers, "loss": "mse"} | SETTINGS["sgd"]
    message = {"do": "set", "config": config, "state": state}
    ((frame,),) = ask("messages", [{"data": rows_of(data), "messages": [message]}])
    assert frame["units"] == [
        [{"dead": 0.25, "saturated": 0.25}],
        [{"dead": 0.0, "saturated": 0.25}],  # 1 - tanh(9)² is small, and not 0
        [{"dead": 0, "saturated": 0}],
        [{"dead": 0, "saturated": 0}],
        [{"dead": 1, "saturated": 1}],
    ]
    assert frame["accuracy"] is None and frame["held_out_loss"] is None


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"rate": 0}, "rate must be positive, not 0"),
        ({"optimizer": "sgdd"}, "there is no optimizer named sgdd"),
        ({"schedule": "warm"}, "there is no schedule named warm"),
        ({"norm": "l3"}, "there is no norm named l3"),
        ({"nesterov": True}, "nesterov needs a momentum greater than 0"),
        ({"loss": "cross_entropy"}, "cross_entropy takes classes, counted from 0"),
        ({"loss": "constructor"}, "there is no loss named constructor"),
        ({"layers": [{"size": 3, "activation": "add"}]}, "there is no activation named add"),
        ({"layers": [{"size": 0, "activation": "relu"}]}, "the size of a layer is a whole number"),
        ({"layers": [{"size": 999, "activation": "relu"}] * 2}, "parameters are too many"),
        ({"pinned": [99]}, "a parameter is pinned that does not exist"),
        ({"beta1": 1}, "beta1 must be at least 0 and below 1"),
        ({"layers": [None]}, "the size of a layer is a whole number"),
        ({"init": "constructor", "seed": 1, "do": "drawn"}, "there is no init named constructor"),
    ],
)
def test_what_cannot_be_trained_is_refused_in_a_sentence(ask, change, sentence):
    data = {"inputs": [[0.5], [1.0]], "targets": [0.25, 7.0]}
    config = USUAL | {"layers": [], "loss": "mse"} | SETTINGS["sgd"]
    state = {"parameters": hexed([1, 0]), "slots": {}}
    messages = [
        {"do": "train", "updates": 1},
        {"do": "set", "config": config, "state": state},
        {"do": change.get("do", "set"), "config": config | change, "state": state},
        {"do": "train", "updates": 1},
        {"do": "walk"},
    ]
    ((early, _, refused, after, unknown),) = ask("messages", [{"data": data, "messages": messages}])
    assert sentence in refused["trouble"]
    assert after["state"]["step"] == 1, "what was set before is still there"
    assert "the data have changed" in early["trouble"]
    assert unknown["trouble"].startswith("a message does one of data, drawn")


def test_points_set_by_hand_are_held_out_as_a_dataset_splits(ask):
    rows = [[0.1 * i, -0.2 * i, i % 3] for i in range(25)]
    message = {"do": "data", "data": {"name": "own", "rows": rows, "share": 0.3, "seed": 5}}
    ((answer,),) = ask("messages", [{"messages": [message]}])
    data = Dataset(tuple([tuple(row[:2]) for row in rows]), tuple([row[2] for row in rows]), 3)
    kept, held_out = data.split(0.7, seed=5)
    assert answer["classes"] == 3
    assert answer["inputs"] == [list(row) for row in kept.inputs]
    assert answer["held_out"]["targets"] == list(held_out.targets)
    assert len(answer["inputs"]) + len(answer["held_out"]["inputs"]) == 25


# In a page


PAGE = """<!doctype html>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; {policy}">
<script type="text/plain" id="machine">{worker}</script>
<script type="module">{starter}</script>"""

STARTER = """
const text = document.getElementById("machine").textContent;
const worker = new Worker(URL.createObjectURL(new Blob([text], { type: "text/javascript" })));
let next = 0;
const waiting = new Map();
worker.onmessage = ({ data: { id, answer } }) => waiting.get(id)(answer);
globalThis.tell = (message) => new Promise((done, failed) => {
  worker.onerror = (error) => failed(new Error(error.message));
  setTimeout(() => failed(new Error("no answer")), 20_000);
  waiting.set(next, done);
  worker.postMessage({ id: next++, message });
});"""


@pytest.mark.parametrize("allowed", ["'wasm-unsafe-eval'", ""])
def test_a_worker_of_a_page_trains_with_webassembly_and_where_that_is_refused(
    browser, tmp_path, allowed
):
    policy = f"script-src 'unsafe-inline' {allowed} blob:; worker-src blob:"
    text = worker_script()
    assert "</script" not in text
    page = tmp_path / "page.html"
    page.write_text(PAGE.format(policy=policy, worker=text, starter=STARTER), "utf-8")
    data = data_for(random.Random(6), "hinge", 1, 45)
    trainer, config = case_of(data, [6, 1], "relu", "hinge", SETTINGS["sgd"], 0.0, 4)
    first = state_of(trainer)["parameters"]
    trainer.run(100, progress=False)
    tab = browser.new_page()
    tab.goto(page.as_uri())
    frame = tab.evaluate(
        """async ([data, config, parameters]) => {
          await tell({ do: "data", ...data });
          await tell({ do: "set", config, state: { parameters: Float64Array.from(parameters) } });
          const frame = await tell({ do: "train", updates: 100, budget: null });
          return [Array.from(frame.state.parameters), frame.state.step];
        }""",
        [rows_of(data), config, first],
    )
    tab.close()
    assert frame == [state_of(trainer)["parameters"], 100]


def test_the_benchmark_measures_the_same_update_of_all(browser):
    name = "2-4-2-1 tanh, 10 examples"
    row = benchmark.rows(browser, [name], milliseconds=1)[name]
    assert row["parameters"] == 25 and row["change"] > 0
    assert min(*row["updates"].values(), *row["pictures"].values()) > 0
