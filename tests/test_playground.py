"""The playground's core: what it trains is what `nn.fit` trains, to the bit; what it says of a
neuron is what the engine says; and what makes no sense ends in a sentence."""

import io
import json
import re
from base64 import b64decode, b64encode
from contextlib import redirect_stdout
from itertools import product
from random import Random

import numpy as np
import pytest

import nn
from autograd import Value, gradients
from autograd.ops import relu
from nn.files import load
from nn.losses import LOSSES
from nn.optim import OPTIMIZERS
from nn.recorded_loss import RecordedLoss
from tests.conftest import HOSTILE
from viz.apps.playground.columns import column_of, numbers_in
from viz.apps.playground.core import Playground
from viz.apps.playground.data import NAMES
from viz.apps.playground.generated import GENERATORS, shipped_rows
from viz.apps.playground.settings import Config, config_of

LAYERS = [{"size": 3, "activation": "tanh"}, {"size": 2, "activation": "relu"}]


def column(text, kind="<f8"):
    return np.frombuffer(b64decode(text), dtype=kind)


def playground(**settings):
    settings = {"layers": LAYERS, "points": 24, "rate": 0.05} | settings
    return Playground(**settings)


def done(answer):
    assert "trouble" not in answer or answer["trouble"] == "", answer["trouble"]
    return answer


def trained(play, updates, budget=None):
    return done(play.handle({"do": "train", "updates": updates, "budget": budget}))


def data_for(loss):
    return {"mse": "plane", "cross_entropy": "blobs3"}.get(loss, "moons")


# What is trained


@pytest.mark.parametrize("loss, optimizer", [*product(LOSSES, OPTIMIZERS)])
@pytest.mark.parametrize("batch, penalty, norm", [(0, 0.0, "l2"), (5, 0.01, "l2"), (5, 0.01, "l1")])
def test_it_trains_as_fit_does_to_the_bit(loss, optimizer, batch, penalty, norm):
    own = {"momentum": 0.5} if optimizer in ("sgd", "rmsprop") else {"beta1": 0.8}
    play = playground(
        data=data_for(loss), loss=loss, optimizer=optimizer, batch=batch, penalty=penalty,
        norm=norm, seed=3, **own,
    )  # fmt: skip
    data = play.examples.training
    model = config_of(play.config).model(data)
    kind = OPTIMIZERS[optimizer]
    more = {"betas": (0.8, 0.999)} if "beta1" in own else own
    more |= {"weight_decay": 0.0} if optimizer == "adamw" else {}
    history = nn.fit(
        model, data, loss=loss, optimizer=kind(model.parameters(), 0.05, **more), epochs=4,
        batch_size=batch or None, penalty=penalty, norm=norm, seed=3, progress=False,
    )  # fmt: skip
    frame = trained(play, 4 * (1 if batch == 0 else -(-len(data) // batch)))
    assert frame["state"]["epoch"] == 4 and frame["state"]["batch"] == 0
    assert play.model.state_dict() == model.state_dict()
    if batch == 0:
        assert frame["losses"] == history.losses
    recorded = RecordedLoss(model, LOSSES[loss], data.classes, 0.0)
    assert frame["loss"] == recorded(data, held_out=True)[0]
    held_out = play.examples.held_out
    assert frame["held_out_loss"] == recorded(held_out, held_out=True)[0]
    assert frame["accuracy"] == nn.evaluate(model, data, loss)[1]
    assert frame["held_out_accuracy"] == nn.evaluate(model, held_out, loss)[1]


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_any_of_500_steps_can_be_restored_and_replayed(optimizer):
    play = playground(optimizer=optimizer, batch=7, penalty=0.001, schedule="cosine", period=400)
    frames = [trained(play, 0)]
    for _ in range(500):
        frames.append(trained(play, 1))
    rng = Random(1)
    for _ in range(40):
        start = rng.randrange(500)
        count = rng.randrange(1, 501 - start)
        answer = play.handle({"do": "set", "config": play.config, "state": frames[start]["state"]})
        assert answer["state"] == frames[start]["state"]
        assert answer["next"] == frames[start]["next"]
        again = trained(play, count)
        assert again["state"] == frames[start + count]["state"]
        assert again["losses"] == [frame["losses"][0] for frame in frames[start + 1 :][:count]]
        assert play.history == [frame["losses"][0] for frame in frames[1 : start + count + 1]]


def test_the_next_update_is_what_the_next_update_does():
    for optimizer in OPTIMIZERS:
        play = playground(optimizer=optimizer, batch=5, pinned=[0, 4], penalty=0.01)
        for _ in range(5):
            following = trained(play, 0)["next"]
            frame = trained(play, 1)
            assert frame["losses"] == [following["loss"]]
            assert frame["state"]["parameters"] == following["parameters"]
            assert frame["state"]["slots"] == following["slots"]


def test_pinned_parameters_and_what_is_kept_of_them_do_not_move():
    play = playground(optimizer="adam", batch=6)
    before = trained(play, 10)["state"]
    config = play.config | {"pinned": [1, 5, 8]}
    done(play.handle({"do": "set", "config": config, "state": before}))
    after = trained(play, 10)["state"]
    for one, other in [
        (before["parameters"], after["parameters"]),
        *[(before["slots"][name], after["slots"][name]) for name in before["slots"]],
    ]:
        one, other = column(one), column(other)
        stay = [1, 5, 8]
        assert (one[stay] == other[stay]).all()
        assert (np.delete(one, stay) != np.delete(other, stay)).any()


def test_what_can_be_changed_keeps_the_parameters_and_the_slots():
    play = playground(optimizer="adam")
    state = trained(play, 20)["state"]
    for change in (
        {"rate": 0.5}, {"penalty": 0.1}, {"batch": 4}, {"beta1": 0.5}, {"schedule": "step_decay"},
        {"norm": "l1", "penalty": 0.1},
        {"layers": [{"size": 3, "activation": "sigmoid"}, {"size": 2, "activation": "linear"}]},
    ):  # fmt: skip
        frame = done(play.handle({"do": "set", "config": play.config | change, "state": state}))
        assert frame["state"] == state
        assert trained(play, 1)["state"]["step"] == 21


@pytest.mark.unsteady
def test_a_budget_ends_training_and_does_one_update_at_least():
    play = playground(layers=[30, 30])
    assert 1 <= len(trained(play, 100_000, budget=0)["losses"]) < 100
    assert 1 < len(trained(play, 100_000, budget=100)["losses"]) < 100_000
    assert trained(play, 0)["losses"] == []


def test_a_diverging_run_stops_with_the_sentence_of_training_and_keeps_the_last_good_state():
    settings = {"data": "plane", "rate": 1e6, "layers": [{"size": 4, "activation": "relu"}]}
    play = Playground(**settings)
    model, data = config_of(play.config).model(play.examples.training), play.examples.training
    with pytest.raises(nn.TrainingStopped) as stopped:
        nn.fit(model, data, optimizer=nn.SGD(model.parameters(), 1e6), progress=False)
    frame = play.handle({"do": "train", "updates": 100, "budget": None})
    assert frame["trouble"] == str(stopped.value) == frame["next"]["trouble"]
    assert frame["state"]["step"] == stopped.value.steps
    assert play.model.state_dict() == model.state_dict()
    again = play.handle({"do": "train", "updates": 100, "budget": None})
    assert again["state"] == frame["state"] and again["losses"] == []


def test_dead_and_saturated_neurons_are_counted():
    play = Playground(data="moons", layers=[{"size": 2, "activation": "relu"}], held_out=0)
    numbers = column(play.state["parameters"]).copy()
    numbers[2] = -100.0  # the bias of the first neuron
    state = {"parameters": column_of(numbers)}
    frame = done(play.handle({"do": "set", "config": play.config, "state": state}))
    assert frame["units"][0][0] == {"dead": 1.0, "saturated": 1.0}
    second = play.model.layers[0].neurons[1]
    share = np.mean([second(x).data == 0 for x in play.examples.training.inputs])
    assert frame["units"][0][1] == {"dead": share, "saturated": share}


# What is shown


@pytest.mark.parametrize("loss", LOSSES)
def test_every_number_of_an_opened_example_is_the_engines(loss):
    play = playground(data=data_for(loss), loss=loss)
    trained(play, 5)
    x, target = play.examples.training[3]
    answer = done(play.handle({"do": "example", "inputs": list(x), "target": target}))
    model = play.model
    leaves = [Value(number) for number in x]
    outputs = model(leaves)
    y = LOSSES[loss]([outputs], [target])
    found = gradients(y)
    assert answer["loss"] == y.data
    assert column(answer["gradients"]).tolist() == [found[p] for p in model.parameters()]
    assert answer["inputs_gradients"] == [found[leaf] for leaf in leaves]
    assert answer["outputs"] == [one.data for one in nn.module.one_example(outputs)]
    places = iter(model.parameters())
    before = list(x)
    for row, layer in zip(answer["layers"], model.layers, strict=True):
        for told, neuron in zip(row, layer.neurons, strict=True):
            *weights, bias = [next(places) for _ in range(len(before) + 1)]
            products = [w.data * xi for w, xi in zip(weights, before, strict=True)]
            assert told["products"] == products
            total = bias.data
            for one in products:
                total += one
            assert told["sum"] == total
            activation = neuron.activation
            point = Value(total)
            value = activation(point) if activation else point
            assert told["value"] == value.data
            assert told["local"] == gradients(value)[point]
            assert told["flow"] == pytest.approx(told["gradient"] * told["local"], rel=1e-15)
            assert told["flow"] == found[bias]
        before = [told["value"] for told in row]
    assert all(parameter.grad is not None for parameter in model.parameters())  # of the update


def test_a_picture_has_every_neuron_at_every_point():
    play = playground(data="blobs3")
    trained(play, 5)
    bounds, size = [-1.0, 2.0, -0.5, 1.5], [4, 3]
    answer = done(play.handle({"do": "picture", "bounds": bounds, "size": size}))
    columns = [column(one, "<f4").reshape(3, 4) for one in answer["columns"]]
    assert len(columns) == 3 + 2 + 3 and answer["bits"] == 32
    for row, y in enumerate(np.linspace(1.5, -0.5, 3)):
        for across, x in enumerate(np.linspace(-1.0, 2.0, 4)):
            values, before = [], [float(x), float(y)]
            for layer in play.model.layers:
                before = [neuron(before) for neuron in layer.neurons]
                values += [value.data for value in before]
            found = [one[row, across] for one in columns]
            assert found == pytest.approx(values, rel=1e-6, abs=1e-9)
            exact = play.learner.neurons.values(np.array([[x, y]]))[:, 0]
            assert exact == pytest.approx(values, rel=1e-14, abs=1e-15)


def test_a_curve_is_a_picture_of_one_row():
    play = playground(data="sine")
    answer = play.handle({"do": "picture", "bounds": [-1, 1, 0, 1], "size": [5, 5]})
    assert {len(column(one, "<f4")) for one in answer["columns"]} == {5}


def test_a_picture_may_have_small_maps_of_all_but_some_neurons():
    play = playground(data="blobs3")
    asked = {"do": "picture", "bounds": [-1.0, 2.0, -0.5, 1.5], "size": [12, 9]}
    every = [column(one, "<f4").reshape(9, 12) for one in play.handle(asked)["columns"]]
    answer = done(play.handle(asked | {"maps": [4, 2], "whole": [1]}))
    found = [column(one, "<f4") for one in answer["columns"]]
    for k, (one, all_of_it) in enumerate(zip(found, every, strict=True)):
        is_small = k < 5 and k != 1  # 3 + 2 hidden neurons, and 3 outputs
        wanted = all_of_it[[2, 6]][:, [1, 4, 7, 10]] if is_small else all_of_it
        assert one.tolist() == wanted.ravel().tolist()


def test_the_stepper_walks_through_an_example_with_numbers_of_its_own():
    play = playground()
    x, target = play.examples.training[0]
    message = {"do": "stepper", "inputs": list(x), "target": target}
    assert "use stepgrad play, or a notebook" in play.handle(message)["trouble"]
    shown = []
    play.show_stepper = lambda stepper: shown.append(stepper) or {"page": "<p>"}
    assert play.handle(message) == {"page": "<p>"}
    before = play.model.state_dict()
    (stepper,) = shown
    leaf = next(iter(stepper._graph.leaves))
    stepper.handle({"edits": {leaf: 17.0}})
    assert play.model.state_dict() == before


# Models from Python, and to it


def test_a_model_of_python_opens_and_comes_back():
    model = nn.MLP(2, [4, 3, 1], ["tanh", None, None], seed=5)
    nn.fit(model, nn.moons(30), loss="hinge", epochs=3, progress=False)
    before = model.state_dict()
    play = Playground(model, nn.moons(30), loss="hinge", learning_rate=0.2, batch_size=10)
    assert play.model.state_dict() == before and play.config["batch"] == 10
    assert [layer["activation"] for layer in play.config["layers"]] == ["tanh", "linear"]
    trained(play, 3)
    assert model.state_dict() == before != play.model.state_dict()
    assert len(play.history) == 3


def test_the_file_of_a_model_is_that_of_nn(tmp_path):
    play = playground(data="blobs3")
    trained(play, 3)
    answer = done(play.handle({"do": "model"}))
    path = tmp_path / answer["name"]
    path.write_bytes(b64decode(answer["bytes"]))
    assert load(path).state_dict() == play.model.state_dict()


class Other(nn.MLP):
    pass


@pytest.mark.parametrize(
    "model, data, sentence",
    [
        (Other(2, [1]), "moons", "opens an MLP of nn, not a Other"),
        (nn.MLP(2, [1], output="tanh"), "moons", "opens models whose last layer has none"),
        (nn.MLP(3, [1]), "moons", "this model has 3 inputs"),
        (nn.MLP(2, [1]), "blobs3", "this model has 1 outputs, and cross_entropy"),
        (nn.MLP(2, [129, 1]), "moons", "129 neurons: 128 is the limit"),
        (nn.MLP(2, [1] * 8), "moons", "7 hidden layers are too many"),
        ("a model", "moons", "not a str"),
    ],
)
def test_a_model_that_cannot_be_shown_gets_a_sentence(model, data, sentence):
    with pytest.raises((TypeError, ValueError), match=sentence):
        Playground(model, data)


def test_a_layer_of_different_neurons_gets_a_sentence():
    model = nn.MLP(2, [2, 1], seed=0)
    model.layers[0].neurons[0].activation = None
    with pytest.raises(ValueError, match="the neurons of layer1 have different activations"):
        Playground(model)


# The run as a script


def run(text):
    """What a script leaves behind."""
    space = {}
    with redirect_stdout(io.StringIO()):
        exec(compile(text, "<script>", "exec"), space)
    return space


def agree(play, marks):
    """Whether the script of a run reaches the numbers of the playground."""
    answer = done(play.handle({"do": "code", "marks": marks}))
    space = run(answer["text"])
    assert space["model"].state_dict() == play.model.state_dict(), answer["text"]
    slots = play.learner.state().slots
    moving = play.learner.moving
    for name, numbers in space["optimizer"].state.items():
        assert list(numbers) == slots[name][moving].tolist()
    assert space["optimizer"].steps == play.learner.step
    return answer["text"]


@pytest.mark.parametrize("data", [*GENERATORS, "digits"])
@pytest.mark.parametrize("batch", [0, 7])
def test_the_script_of_a_run_reaches_the_same_numbers(data, batch):
    play = playground(data=data, batch=batch, optimizer="adam", penalty=0.001)
    trained(play, 11)
    agree(play, [])


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_the_script_follows_every_change_on_the_way(optimizer):
    play = playground(optimizer=optimizer, batch=7, seed=2)
    assert "norm" not in play.handle({"do": "code"})["text"]
    marks = [{"step": 0, "config": play.config, "data": play.settings["data"]}]

    def change(state=None, **changes):
        if len(marks[-1]) == 2:  # the mark before is complete
            agree(play, marks)
        state = play.state if state is None else state
        config = play.config | changes
        done(play.handle({"do": "set", "config": config, "state": state}))
        marks.append({"step": state["step"], "config": config})
        return marks[-1]

    trained(play, 9)
    change(rate=0.01)
    trained(play, 5)
    change(schedule="cosine", period=100, momentum=0.3, beta1=0.7)
    trained(play, 3)
    change(pinned=[0, 3])
    trained(play, 4)
    change(penalty=0.01, pinned=[3, 7])
    trained(play, 4)
    change(norm="l1")
    trained(play, 4)
    change(play.state | {"epoch": play.learner.epoch + 1, "batch": 0}, batch=5)
    trained(play, 6)
    change(layers=[{"size": 3, "activation": "sigmoid"}, {"size": 2, "activation": "linear"}])
    trained(play, 6)
    numbers = column(play.state["parameters"]).copy()
    numbers[2] = 0.125
    change(play.state | {"parameters": column_of(numbers)})["parameters"] = column_of(numbers)
    trained(play, 6)
    config = play.config | {"layers": [{"size": 2, "activation": "relu"}], "pinned": []}
    drawn = done(play.handle({"do": "drawn", "config": config}))["parameters"]
    state = play.state | {"parameters": drawn, "slots": {}}
    change(state, layers=config["layers"], pinned=[])["parameters"] = drawn
    trained(play, 6)
    other = {"name": "circles", "points": 30}
    done(play.handle({"do": "data", "data": other}))
    state = play.state | {"epoch": play.learner.epoch + 1, "batch": 0}
    change(state)["data"] = other
    trained(play, 20)
    change(optimizer="adam" if optimizer == "sgd" else "sgd", state=play.state | {"slots": {}})
    trained(play, 3)
    change(loss="hinge")
    trained(play, 3)
    agree(play, marks)


@pytest.mark.parametrize("pinned", [[], [2, 5]])
def test_the_script_has_what_an_optimiser_kept_of_other_layers(pinned):
    play = playground(optimizer="adam", batch=7)
    first = {"step": 0, "config": play.config}
    before = trained(play, 9)["state"]
    config = play.config | {"layers": [{"size": 2, "activation": "tanh"}], "pinned": pinned}
    columns = {name: column_of(column(one)[:9]) for name, one in before["slots"].items()}
    state = before | {"parameters": column_of(column(before["parameters"])[:9]), "slots": columns}
    done(play.handle({"do": "set", "config": config, "state": state}))
    mark = {"step": 9, "config": config, **{part: state[part] for part in ("parameters", "slots")}}
    trained(play, 9)
    agree(play, [first, mark])


def test_a_script_holds_the_numbers_of_a_model_and_data_from_python():
    model = nn.MLP(2, [3, 1], "tanh")
    play = Playground(model, nn.xor(8, noise=0.2), held_out=0.25, optimizer="adamw")
    marks = [{"step": 0, "config": play.config, "parameters": play.state["parameters"]}]
    trained(play, 5)
    text = agree(play, marks)
    assert "Dataset(" in text and "AdamW(model.parameters(), 0.3, weight_decay=0.0)" in text


@pytest.mark.parametrize(
    "marks, sentence",
    [
        ("x", "marks are a list"),
        ([{"config": {}}], "a mark has step"),
        ([{"step": 0, "eval": "x"}], "a mark has step"),
        ([{"step": 1}], "the first mark is at step 0"),
        ([{"step": 0}, {"step": 10**7}], "there is no update 10000000 yet"),
        ([{"step": 0}, {"step": 1, "config": {"layers": []}}], "their numbers are missing"),
        ([{"step": 0}] * 1001, "too many"),
    ],
)
def test_marks_that_make_no_run_get_a_sentence(marks, sentence):
    play = playground()
    trained(play, 2)
    assert sentence in play.handle({"do": "code", "marks": marks})["trouble"]


# Data


@pytest.mark.parametrize("name", [name for name in NAMES if name not in ("own", "given")])
def test_every_data_set_can_be_learned(name):
    text = {"table": "a,b,c\n1,2,x\n3,4,y\n5,6,x\n7,8,y\n9,1,x\n", "expression": "y > sin(3x)"}
    message = {"name": name, "text": text.get(name, ""), "points": 40}
    play = playground()
    answer = done(play.handle({"do": "data", "data": message}))
    assert len(answer["inputs"]) == len(answer["targets"]) > 0
    assert len(answer["held_out"]["inputs"]) > 0
    assert len(answer["names"]) == len(answer["inputs"][0])
    assert play.handle({"do": "train", "updates": 1})["trouble"].startswith("the data have changed")
    loss = nn.decisions.natural_loss(play.examples.training)
    config = play.config | {"loss": loss, "rate": 0.01, "optimizer": "adam"}
    drawn = done(play.handle({"do": "drawn", "config": config}))
    state = {"parameters": drawn["parameters"]}
    first = done(play.handle({"do": "set", "config": config, "state": state}))
    assert len(drawn["names"]) == len(column(drawn["parameters"]))
    assert trained(play, 100)["loss"] < first["loss"]


def test_own_points_are_classes_or_numbers():
    play = playground()
    rows = [[0.0, 1.0, 0], [1.0, 0.0, 2], [1, 1, 1]]
    answer = done(play.handle({"do": "data", "data": {"name": "own", "rows": rows, "share": 0}}))
    assert answer["classes"] == 3 and answer["targets"] == (0, 2, 1)
    rows = [[0.0, 1.5], [1.0, 2.0]]
    answer = done(play.handle({"do": "data", "data": {"name": "own", "rows": rows, "share": 0}}))
    assert answer["classes"] is None and answer["inputs"] == ((0.0,), (1.0,))
    answer = done(play.handle({"do": "data", "data": {"name": "own", "rows": rows[:1]}}))
    assert "all are trained on" in answer["said"]


def test_an_expression_labels_the_plane_or_is_a_curve():
    play = playground()

    def typed(text, **more):
        message = {"name": "expression", "text": text, "points": 50, "share": 0, "noise": 0}
        return done(play.handle({"do": "data", "data": message | more}))

    answer = typed("y > x^2 - 1")
    assert answer["classes"] == 2
    for (x, y), target in zip(answer["inputs"], answer["targets"], strict=True):
        assert target == (y > x * x - 1)
    assert len(typed("y > 0")["inputs"][0]) == 2
    answer = typed("y = x/2")
    assert answer["classes"] is None and answer["names"] == ["x"]
    for (x,), target in zip(answer["inputs"], answer["targets"], strict=True):
        assert target == x / 2
    assert typed("x1*x2")["names"] == ["x1", "x2"]
    assert typed("where(x > 0, log(x), 0)")["classes"] is None
    mixed = {"name": "expression", "text": "x1 > y"}
    assert "x1 and x2" in play.handle({"do": "data", "data": mixed})["trouble"]
    assert typed("y = x/2", noise=0.5)["targets"] != answer["targets"]


def test_large_columns_of_a_table_are_scaled_and_it_is_said():
    play = playground()
    text = "size;price\n50;100000\n70;140000\n90;190000\n120;260000"
    answer = done(play.handle({"do": "data", "data": {"name": "table", "text": text, "share": 0}}))
    assert "each column was scaled" in answer["said"] and "The target was scaled" in answer["said"]
    assert np.mean(answer["targets"]) == pytest.approx(0) and answer["names"] == ["size"]


def test_digits_are_seen_by_two_pixels_or_along_two_directions():
    play = playground()
    pixels = done(play.handle({"do": "data", "data": {"name": "digits", "columns": [20, 43]}}))
    assert pixels["names"] == ["pixel 21", "pixel 44"] and pixels["classes"] == 10
    main = done(play.handle({"do": "data", "data": {"name": "digits", "columns": "principal"}}))
    assert main["names"] == ["direction 1", "direction 2"] != pixels["names"]


def test_shipped_rows_are_pythons_at_any_noise():
    shipped = shipped_rows(50, seed=4)
    assert shipped.keys() == GENERATORS.keys()
    for name, rows in shipped.items():
        for noise in (0.0, 0.1, 0.37):
            data = GENERATORS[name](50, noise=noise, seed=4)
            if data.classes is None:
                made = [
                    t + noise * z for t, z in zip(rows["targets"], rows["offsets"], strict=True)
                ]
                assert tuple(made) == data.targets and rows["inputs"] == data.inputs
            else:
                made = [
                    tuple([x + noise * z for x, z in zip(row, offset, strict=True)])
                    for row, offset in zip(rows["inputs"], rows["offsets"], strict=True)
                ]
                assert tuple(made) == data.inputs and rows["targets"] == data.targets


# What makes no sense

NAN = b64encode(np.array([np.nan] * 100).tobytes()).decode()
WRONG = [
    None, 3, [], "train", {}, {"do": None}, {"do": "eval"}, {"do": ["train"]}, {"do": {}},
    {"do": "train"}, {"do": "train", "updates": -1}, {"do": "train", "updates": 1e3},
    {"do": "train", "updates": True}, {"do": "train", "updates": 10**6},
    {"do": "train", "updates": 1, "budget": -1}, {"do": "train", "updates": 1, "budget": "x"},
    {"do": "train", "updates": 1, "else": 0},
    {"do": "set"}, {"do": "set", "config": {}, "state": None},
    {"do": "set", "config": {}, "state": {"parameters": "????"}},
    {"do": "set", "config": {}, "state": {"parameters": ""}},
    {"do": "set", "config": {}, "state": {"parameters": NAN}},
    *[{"do": "drawn", "config": config} for config in (
        None, [], {"layer": []}, {"layers": None}, {"layers": [3]}, {"layers": [{"size": 3}]},
        {"layers": [{"size": 0, "activation": "tanh"}]},
        {"layers": [{"size": 129, "activation": "tanh"}]},
        {"layers": [{"size": 2.5, "activation": "tanh"}]},
        {"layers": [{"size": 2, "activation": "tanhh"}]},
        {"layers": [{"size": 2, "activation": None}]},
        {"layers": [{"size": 2, "activation": "tanh"}] * 7},
        {"loss": "mae"}, {"loss": "cross_entropy", "rate": 0}, {"rate": float("nan")},
        {"rate": float("inf")}, {"rate": "1"}, {"rate": 10**400}, {"optimizer": "lion"},
        {"schedule": "linear"}, {"schedule": "step_decay", "factor": 2}, {"momentum": 1},
        {"nesterov": True}, {"nesterov": 1}, {"beta1": -0.1}, {"eps": 0}, {"batch": -1},
        {"batch": None}, {"penalty": -1}, {"norm": "l3"}, {"init": "zeros"}, {"seed": 1.5},
        {"pinned": [-1]}, {"pinned": 3}, {"pinned": ["x"]},
    )],
    *[{"do": "data", "data": data} for data in (
        None, "moons", {"name": "mons"}, {"nam": "moons"}, {"name": 3}, {"points": 1},
        {"points": 10**6}, {"noise": -1}, {"noise": 11}, {"share": 1}, {"share": -0.1},
        {"seed": "x"}, {"name": "own"}, {"name": "own", "rows": [1]},
        {"name": "own", "rows": [[1]]},
        {"name": "own", "rows": [["x", 0, 1]]}, {"name": "own", "rows": [[float("nan"), 0, 1]]},
        {"name": "own", "rows": [[1, 2, 3], [1, 2]]}, {"name": "own", "rows": [[0, 0, 0]] * 2001},
        {"name": "table"}, {"name": "table", "text": "x"}, {"name": "table", "text": 3},
        {"name": "table", "text": "a,b\n" + "1,2\n" * 2001}, {"name": "table", "text": "a,b\n1"},
        {"name": "table", "text": "x" * 1_000_001}, {"name": "given"},
        {"name": "digits", "columns": [1, 1]}, {"name": "digits", "columns": [1, 64]},
        {"name": "digits", "columns": "x"}, {"name": "digits", "columns": [1, 2, 3]},
        {"name": "expression"}, {"name": "expression", "text": "y >"},
        {"name": "expression", "text": "z > 1"}, {"name": "expression", "text": "1 > 0"},
        {"name": "expression", "text": "x > 100"}, {"name": "expression", "text": "log(x)"},
        {"name": "expression", "text": "x y"}, {"name": "expression", "text": "__import__('os')"},
        {"name": "expression", "text": "x" * 5000}, {"name": "expression", "text": None},
    )],
    *[{"do": "picture", "bounds": bounds, "size": size} for bounds, size in (
        (None, [2, 2]), ([0, 1, 0], [2, 2]), ([0, 1, 0, "x"], [2, 2]), ([0, 1, 0, 1], [0, 2]),
        ([0, 1, 0, 1], [2.5, 2]), ([0, 1, 0, 1], [10**5, 10**5]), ([0, 1, 0, 1e300], [2, 2]),
        ([0, float("inf"), 0, 1], [2, 2]),
    )],
    *[{"do": "picture", "bounds": [0, 1, 0, 1], "size": [9, 9], "maps": maps, "whole": whole}
      for maps, whole in (
        ([10, 2], []), ([0, 2], []), ([2], []), ("ab", []), ([2, 2], 1), ([2, 2], ["a"]),
        ([2, 2], [-1]), ([2, 2], [8]),
    )],
    *[{"do": do, "inputs": inputs, "target": target} for do in ("example", "stepper")
      for inputs, target in (
        (None, 0), ([1], 0), ([1, 2, 3], 0), (["1", 2], 0), ([1, float("nan")], 0), ([1, 2], None),
        ([1, 2], "x"), ([1, 2], [0, 1]), ([1e200, 1], 0), ([1, 2], 7),
    )],
]  # fmt: skip


@pytest.mark.parametrize("message", WRONG, ids=lambda message: str(message)[:60])
def test_what_makes_no_sense_ends_in_a_sentence_and_changes_nothing(message):
    play = playground()
    before = play.settings, play.state
    answer = play.handle(message)
    assert set(answer) == {"trouble"} and 5 < len(answer["trouble"]) <= 500
    assert "\n" not in answer["trouble"] and "Traceback" not in answer["trouble"]
    assert (play.settings, play.state) == before
    assert trained(play, 1)["state"]["step"] == 1


JUNK = (
    None, True, -1, 1.5, 1e308, float("inf"), float("nan"), 10**400, 10**5000, "", "x", "a" * 5000,
    "\ud800", "\0", [], [[]], [None], {}, {"__proto__": 1}, [[0, 0, 1e308], [1, 1, 1]], "AAAA",
)  # fmt: skip


def replaced(part, by):
    """A message with something else in the place of each of its parts, in turn."""
    yield by
    if isinstance(part, dict | list):
        for name, inner in part.items() if isinstance(part, dict) else enumerate(part):
            for other in replaced(inner, by):
                copied = part.copy()
                copied[name] = other
                yield copied


def test_anything_in_any_place_of_a_message_ends_in_a_sentence_or_in_an_answer():
    play = playground()
    play.write_page = lambda playground, session: "page"
    data, state = play.examples.spec, play.state
    messages = [
        {"do": "data", "data": data}, {"do": "drawn", "config": play.config},
        {"do": "set", "config": play.config, "state": state},
        {"do": "train", "updates": 1, "budget": 0},
        {"do": "picture", "bounds": [0, 1, 0, 1], "size": [4, 4], "maps": [2, 2], "whole": [0]},
        {"do": "example", "inputs": [0, 1], "target": 1},
        {"do": "code", "marks": [{"step": 0, "config": play.config, "data": data, "epoch": 0}]},
        {"do": "page", "session": {"config": play.config, "changes": [], "step": 0,
                                   "looks": ["flat"], "hide": ["loss"]}},
    ]  # fmt: skip
    every = [one for message in messages for by in JUNK for one in replaced(message, by)]
    for message in Random(0).sample(every, 700):
        answer = play.handle(message)
        json.dumps(answer, allow_nan=False)
        if "trouble" in answer and "state" not in answer:
            said = answer["trouble"]
            assert 5 < len(said) <= 500 and "\n" not in said, message
            pythonese = "object|NoneType|subscript|unsupported|attribute|argument|hashable|unpack"
            assert not re.search(pythonese, said), (message, said)
    for message in messages[:3]:
        assert not play.handle(message).get("trouble"), "nothing was lost"


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_end_in_a_sentence_or_in_data(text):
    play = playground()
    for name in ("expression", "table"):
        play.handle({"do": "data", "data": {"name": name, "text": text}})
    for message in ({"do": text}, {"do": "data", "data": {"name": text}}):
        assert "\n" not in play.handle(message)["trouble"]


@pytest.mark.parametrize(
    "part, wrong",
    [
        ("parameters", column_of([0.0] * 3)), ("parameters", NAN), ("parameters", 3),
        ("slots", {"velocity": column_of([0.0])}), ("slots", {"speed": ""}), ("slots", 3),
        ("step", -1), ("step", 1.5), ("step", 10**12), ("epoch", "x"), ("batch", 5), ("other", 1),
    ],
)  # fmt: skip
def test_a_state_of_another_size_or_kind_changes_nothing(part, wrong):
    play = playground(optimizer="adam", batch=5)
    trained(play, 3)
    before = play.settings
    message = {"do": "set", "config": play.config, "state": play.state | {part: wrong}}
    assert set(play.handle(message)) == {"trouble"}
    assert play.settings == before


def test_a_state_that_no_update_reaches_is_refused():
    play = playground(optimizer="adam")
    slots = dict(play.state["slots"])
    slots["second_moment"] = column_of([-1.0] * len(column(slots["second_moment"])))
    answer = play.handle(
        {"do": "set", "config": play.config, "state": play.state | {"slots": slots}}
    )
    assert answer == {"trouble": "no number of second_moment can be negative"}


def test_all_parameters_cannot_be_pinned_and_none_that_does_not_exist():
    play = playground()
    count = len(play.model.parameters())
    for pinned in (list(range(count)), [count]):
        config = play.config | {"pinned": pinned}
        assert "pin" in play.handle({"do": "set", "config": config, "state": play.state})["trouble"]
    assert play.config["pinned"] == []


def test_an_activation_outside_its_domain_is_told_and_can_be_left_again():
    play = playground()
    before = play.config
    layers = [{"size": 3, "activation": "log"}, {"size": 2, "activation": "relu"}]
    frame = play.handle({"do": "set", "config": before | {"layers": layers}, "state": play.state})
    assert "log(a) is defined only for a > 0" in frame["next"]["trouble"]
    assert frame["loss"] is None
    assert play.handle({"do": "train", "updates": 1, "budget": None})["trouble"]
    done(play.handle({"do": "set", "config": before, "state": frame["state"]}))
    assert trained(play, 1)["state"]["step"] == 1


def test_the_settings_hold_what_a_front_end_begins_with():
    play = Playground(data=nn.xor(8), layers=[2])
    settings = play.settings
    assert "state" not in settings  # the seed gives it
    assert settings["config"] == Config(layers=((2, "tanh"),)).as_json()
    assert settings["data"]["name"] == "given" and "given" in settings["choices"]["data"]
    assert len(settings["examples"]["inputs"]) == 6
    reads = settings["choices"]["optimizers"]["rmsprop"]
    assert reads == {"slots": ["mean_square", "velocity"], "reads": ["decay", "eps", "momentum"]}
    assert set(settings["thumbnails"]) == {*GENERATORS, "digits"}
    trained(play, 1)
    state = play.settings["state"]
    assert state == play.state and numbers_in(state["parameters"], "", 9).shape == (9,)
    assert relu.name in settings["choices"]["activations"]
