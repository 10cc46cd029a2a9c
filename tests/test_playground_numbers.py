"""What the page shows at random moments of random trainings, against the engine: the numbers as
they are written, the numbers behind them, the maps and their colours."""

import json
import re
from base64 import b64decode
from math import floor, log10
from pathlib import Path
from random import Random

import numpy as np
import pytest

from autograd.backprop import gradients
from nn.losses import LOSSES, PENALTIES
from nn.module import ACTIVATIONS
from tests.playgrounds import playground_in
from viz.apps.playground.columns import column_of
from viz.apps.playground.core import Playground
from viz.apps.playground.rules import SYMBOLS
from viz.apps.playground.settings import config_of

SETS = (
    {"name": "moons"}, {"name": "circles", "noise": 0.2}, {"name": "spiral"}, {"name": "xor"},
    {"name": "blobs", "share": 0}, {"name": "blobs3"}, {"name": "line"}, {"name": "sine"},
    {"name": "plane", "noise": 0.3}, {"name": "digits"},
    {"name": "expression", "text": "y > x*x - 1"}, {"name": "expression", "text": "x*y"},
    {"name": "table", "text": "a,b,c,t\n1,2,0.5,x\n3,1,0,y\n2,2,1,x\n0,2,2,z", "share": 0},
    {"name": "own", "rows": [[0, 1.5, 1], [-1, -2, 0], [0.25, 3, 1], [1, 0, 0]], "share": 0},
)  # fmt: skip
MADE = (["x1", "x2", "x1*x2"], ["x2**2 - x1", "x1"], ["max(x1, x2)/3"], ["x1", "x1**2", "x2**2"])
PARTIAL = {"acos", "acosh", "asin", "atanh", "log", "log10", "log1p", "log2", "sqrt"}
EVERYWHERE = ["linear", *ACTIVATIONS.keys() - PARTIAL]
HELD = {"share": 0.25, "noise": 0.1}


def some_moment(rng):
    """What is trained on what, how far, what is changed there, and where the page goes then."""
    number = lambda *choices: rng.choice(choices)
    layers = [
        {"size": rng.randint(1, 5), "activation": rng.choice(sorted(EVERYWHERE))}
        for _ in range(rng.randint(0, 3))
    ]
    optimizer = number("sgd", "sgd", "adam", "adamw", "rmsprop")
    momentum = number(0, 0.9)
    config = {
        "layers": layers, "loss": rng.choice([*LOSSES]), "optimizer": optimizer,
        "rate": number(0.001, 0.03, 0.3), "schedule": number("constant", "cosine", "step_decay"),
        "period": number(20, 1000), "batch": number(0, 7, 20), "penalty": number(0, 0, 0.01),
        "momentum": momentum, "nesterov": momentum > 0 and rng.random() < 0.3,
        "weight_decay": number(0, 0.01), "seed": rng.randrange(100),
        "init": number("xavier", "he", "uniform"), "pinned": [], "norm": number(*PENALTIES),
    }  # fmt: skip
    data = {"points": number(20, 40, 60)} | HELD | rng.choice(SETS)
    if data["name"] in ("blobs3", "digits", "table"):
        config["loss"] = "cross_entropy"
    elif data["name"] in ("line", "sine", "plane") or data.get("text") == "x*y":
        config["loss"] = "mse"
    change = {} if rng.random() < 0.5 else {"rate": 0.01, "penalty": number(0, 0.001)}
    if rng.random() < 0.3:
        change["layers"] = [*layers, {"size": 2, "activation": "tanh"}]
    if data["name"] in ("moons", "circles", "spiral", "xor", "plane") and rng.random() < 0.6:
        data["inputs"] = rng.choice(MADE)
    return {
        "config": config, "data": data, "first": rng.randint(0, 40), "change": change,
        "then": rng.randint(0, 40), "back": rng.random(), "unit": [rng.random(), rng.random()],
        "example": rng.random(),
    }  # fmt: skip


SCRIPT = (Path(__file__).parent / "playground_moment.js").read_text("utf-8")


# As it is written

SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")


def read(text):
    """The number in a text of the page."""
    plain = re.sub(r"[▲▼\s]|^[wL]", "", text).replace("−", "-")
    figures, _, power = plain.partition("·10") if "·" in plain else (plain, "", "")
    if alone := re.fullmatch(r"(-?)10([⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+)", plain):
        figures, power = f"{alone[1]}1", alone[2]
    return float(figures) * 10.0 ** int(power.translate(SUPERSCRIPTS) or 0)


def shows(text, number, is_short=False):
    """Whether a text is this number, rounded to the digits that the page gives it."""
    size = abs(number)
    if size == 0 or size == floor(size) < 1e5:
        return read(text) == number or (is_short and size >= 100)
    power = floor(log10(size))
    if size < 1e-3 or size >= 1e5:
        unit = 10.0 ** (power - 2)
    elif size < 10:
        unit = 1e-4 if size < 0.01 else 1e-3
    else:
        unit = 10.0 ** min(0, power - 3)
    unit = max(unit, 10.0 ** (power - 1)) if is_short else unit
    mark = {"▲": number > 0, "▼": number < 0}.get(text.strip()[0], True)
    return mark and abs(read(text) - number) <= 0.5001 * unit


def has_sign(name, number):
    names = name.split()
    return ("positive" in names, "negative" in names) == (number > 0, number < 0)


# By the engine


def network_with(config, data, parameters):
    model = config.model(data)
    for parameter, number in zip(model.parameters(), parameters, strict=True):
        parameter.data = number
    return model


def next_gradient(model, config, data, state):
    """The loss of the next batch with the penalty, and its gradient, by their graph."""
    batch = data
    if config.batch:
        first = state["batch"] * config.batch
        order = data.order(config.seed, state["epoch"])
        batch = data.rows(order[first : first + config.batch])
    loss = LOSSES[config.loss]([model(x) for x in batch.inputs], batch.targets)
    if config.penalty:
        loss = loss + PENALTIES[config.norm](model.parameters(), config.penalty)
    found = gradients(loss)
    return loss.data, [found.get(parameter, 0.0) for parameter in model.parameters()]


def near(found, wanted, within):
    """Whether numbers are equal to so much of the largest of them."""
    found, wanted = np.array(found, float), np.array(wanted, float)
    assert found.shape == wanted.shape
    scale = max(1e-300, np.abs(wanted).max(initial=0.0))
    return bool((np.abs(found - wanted) <= within * scale).all())


def in_json(answer):
    return json.loads(json.dumps(answer))


def column(text, kind="<f8"):
    return np.frombuffer(b64decode(text), kind).tolist()


def frame_of(answer):
    """A frame of Python's, as the page has it."""
    state, following = answer["state"], answer["next"]

    def read(part):
        slots = {name: column(numbers) for name, numbers in part["slots"].items()}
        return {"parameters": column(part["parameters"]), "slots": slots}

    if "trouble" not in following:
        more = {"loss": following["loss"], "gradient": column(following["gradient"])}
        following = read(following) | more
    return answer | {"state": state | read(state), "next": following, "losses": []}


def with_floats(part):
    """A frame of the page: JavaScript writes 2.5e18 without a point, which Python reads as another
    number."""
    if isinstance(part, dict):
        return {name: with_floats(x) for name, x in part.items()}
    if isinstance(part, list) and not any(isinstance(x, list) for x in part):
        return [float(x) for x in part]
    return part


class Moment:
    """What the page shows, beside what Python makes of the same state: `within` is how far numbers
    may be apart, as a part of the largest of them, 0 for those of Python itself."""

    def __init__(self, seen, within):
        self.seen, self.within = seen, within
        self.frame, self.layers = with_floats(seen["frame"]), seen["shape"]["layers"]
        self.config = config_of(seen["config"])
        self.twin = Playground(points=4)
        data = in_json(self.twin.handle({"do": "data", "data": seen["wanted"]}))
        for part in ("inputs", "targets", "held_out", "classes", "coordinates", "axes", "names"):
            assert data.get(part) == seen["data"].get(part), part
        self.data = self.twin.examples.training
        self.coordinates = self.twin.examples.coordinates[0]
        state = self.frame["state"]
        slots = {name: column_of(numbers) for name, numbers in state["slots"].items()}
        sent = state | {"parameters": column_of(state["parameters"]), "slots": slots}
        message = {"do": "set", "config": seen["config"], "state": sent}
        self.wanted = frame_of(self.twin.handle(message))

    def same(self, found, wanted):
        found, wanted = np.array(found, float), np.array(wanted, float)
        return (
            np.array_equal(found, wanted) if not self.within else near(found, wanted, self.within)
        )

    def places(self, at, neuron):
        """The places of a neuron's parameters, its bias last."""
        layer = self.layers[at]
        first = layer["at"] + neuron * (layer["inputs"] + 1)
        return range(first, first + layer["inputs"] + 1)

    def numbers(self):
        """Those behind what is drawn."""
        mine, theirs = self.frame, self.wanted
        assert mine["state"] == theirs["state"] | {"slots": mine["state"]["slots"]}
        for name in ("loss", "held_out_loss"):
            assert (mine[name] is None) == (theirs[name] is None)
            assert mine[name] is None or self.same([mine[name]], [theirs[name]])
        assert [mine[name] for name in ("accuracy", "held_out_accuracy", "units")] == [
            theirs[name] for name in ("accuracy", "held_out_accuracy", "units")
        ]
        assert ("trouble" in mine["next"]) == ("trouble" in theirs["next"])
        if "trouble" in mine["next"]:
            return False
        for name in ("gradient", "parameters"):
            assert self.same(mine["next"][name], theirs["next"][name]), name
        for name, numbers in theirs["next"]["slots"].items():
            assert self.same(mine["next"]["slots"][name], numbers), name
        model = network_with(self.config, self.data, mine["state"]["parameters"])
        loss, gradient = next_gradient(model, self.config, self.data, mine["state"])
        assert near([mine["next"]["loss"]], [loss], 1e-12)
        # its sums are in another order, and terms may cancel
        found = mine["next"]["gradient"]
        assert near(found, gradient, 1e-9) or np.allclose(found, gradient, rtol=0, atol=1e-14)
        return True

    def maps(self):
        """Every neuron at every point of the picture, and the colour in the middle of its map."""
        seen = self.seen
        if seen["columns"] is None:
            assert self.coordinates.width > 2
            return
        (w, h), (x0, x1, y0, y1) = seen["size"], seen["bounds"]
        across, down = (x1 - x0) / (2 * w), (y1 - y0) / (2 * h)
        bounds = [x0 + across, x1 - across, y0 + down, y1 - down]
        answer = self.twin.handle({"do": "picture", "bounds": bounds, "size": [w, h]})
        for mine, theirs in zip(seen["columns"], answer["columns"], strict=True):
            mine, theirs = np.array(mine, float), np.array(column(theirs, "<f4"), float)
            fits = np.isfinite(theirs)  # some are too large for 32 bits
            assert np.allclose(
                mine[fits], theirs[fits], rtol=1e-6 if self.within else 0, atol=1e-37
            )
            assert not (np.abs(mine[~fits]) < 3e38).any()
        if self.frame["trouble"]:  # somewhere the engine refuses what is too large
            return
        model = network_with(self.config, self.data, self.frame["state"]["parameters"])
        xs, ys = np.linspace(*bounds[:2], w), np.linspace(*bounds[:1:-1], h)
        for place in (0, w * h // 3, w * h - 1):
            before = [float(xs[place % w]), float(ys[place // w])][: self.coordinates.width]
            if made := self.twin.examples.made:
                ((*before,),) = made.rows([before])
            values = []
            for layer in model.layers:
                before = [neuron(before) for neuron in layer.neurons]
                values += [value.data for value in before]
            found = [one[place] for one in seen["columns"]]
            assert np.allclose(found, values, rtol=1e-12 if self.within else 1e-6, atol=1e-12)
        for middle in seen["colours"] if h >= 26 else ():
            numbers = seen["columns"][middle["column"]]
            place = floor(13.5 * h / 26) * w + floor(13.5 * w / 26)
            around = [numbers[place + i * w + j] for i in range(-5, 6) for j in range(-5, 6)]
            red, _, blue, alpha = middle["colour"]
            assert alpha == 255
            if min(map(abs, around)) > 0.1 * max(1, *map(abs, numbers)) and (
                min(around) > 0 or max(around) < 0
            ):
                assert (red > blue) == (around[0] > 0), "orange is above 0, and blue below"

    def lines(self):
        """The lines of the network, and the signs of weights, biases and gradients in it."""
        parameters = self.frame["state"]["parameters"]
        gradient = self.frame["next"].get("gradient")
        for place, name, mark in [*self.seen["wires"], *self.seen["biases"]]:
            assert has_sign(name, parameters[place])
            if gradient:
                assert has_sign(mark, gradient[place]) and bool(mark) == (gradient[place] != 0)
            else:
                assert not mark
        for at, neuron, said in self.seen["states"]:
            if at < len(self.frame["units"]):
                dead = self.wanted["units"][at][neuron]["dead"] == 1
                assert (said == "dead") == dead

    def table(self):
        """The table of the chosen neuron, its labels, and the losses below."""
        seen, following = self.seen, self.frame["next"]
        at, neuron = seen["unit"]["l"], seen["unit"]["neuron"]
        places = self.places(at, neuron)
        assert len(seen["rows"]) == len(places)
        parameters = self.frame["state"]["parameters"]
        for place, cells in zip(places, seen["rows"], strict=True):
            assert shows(cells[1], parameters[place])
            if "trouble" in following:
                assert len(cells) == 2
                continue
            after = following["parameters"][place]
            assert shows(cells[2], following["gradient"][place], True)
            named = {SYMBOLS.get(name, name): name for name in following["slots"]}
            for symbol, cell in zip(seen["heads"][3:-2], cells[3:-2], strict=True):
                assert shows(cell, following["slots"][named[symbol]][place], True)
            assert shows(cells[-2], after - parameters[place], True)
            assert shows(cells[-1], after)
        if len(seen["labels"]) == len(places) - 1:
            for place, texts in zip(places, seen["labels"], strict=False):
                assert shows(texts[0], parameters[place])
                if "trouble" not in following:
                    assert shows(texts[1], following["gradient"][place])
        said = re.findall(r"loss (\S+?)(?:,|$|held)", seen["said"])
        losses = [
            one for one in (self.frame["loss"], self.frame["held_out_loss"]) if one is not None
        ]
        for text, loss in zip(said, losses, strict=True):
            assert shows(text, loss)
        if "trouble" not in following:
            for text, layer in zip(seen["sizes"], self.layers, strict=True):
                of = slice(layer["at"], layer["at"] + layer["size"] * (layer["inputs"] + 1))
                mean = float(np.abs(following["gradient"][of]).mean())
                assert shows(text.removeprefix("|∂L/∂w|"), mean, True)

    def opened(self):
        """The example that is open, in its cards and inside the chosen neuron."""
        seen, story = self.seen, self.seen["story"]
        inputs = seen["example"]["inputs"]
        message = {"do": "example", "inputs": inputs, "target": seen["example"]["target"]}
        theirs = self.twin.handle(message)
        if "trouble" in theirs:  # the engine refuses what is too large
            return
        assert self.same([story["loss"]], [theirs["loss"]])
        assert self.same(story["gradients"], column(theirs["gradients"]))
        for mine, other in zip(story["layers"], theirs["layers"], strict=True):
            for one, two in zip(mine, other, strict=True):
                for name in ("sum", "value", "local", "gradient", "flow"):
                    assert near([one[name]], [two[name]], 1e-9 if self.within else 0) or (
                        abs(one[name] - two[name]) < 1e-12
                    )
        for card, *figures in seen["cards"]:
            at, neuron = map(int, card.split(","))
            if at < 0:
                assert shows(figures[0], inputs[neuron])
                continue
            one = story["layers"][at][neuron]
            assert shows(figures[0], one["value"]) and shows(figures[1], one["gradient"])
        at, neuron = seen["unit"]["l"], seen["unit"]["neuron"]
        one = story["layers"][at][neuron]
        before = [x["value"] for x in story["layers"][at - 1]] if at else inputs
        parameters = self.frame["state"]["parameters"]
        *weights, bias = self.places(at, neuron)
        for place, x, product, cells in zip(
            weights, before, one["products"], seen["inside"], strict=False
        ):
            shown = [cells[i] for i in (1, 3, 5, 6, 7)]
            flow = one["flow"]
            wanted = [x, parameters[place], product, flow * x, flow * parameters[place]]
            assert all(map(shows, shown, wanted)), cells
        assert shows(seen["inside"][-1][5], parameters[bias])
        assert shows(seen["inside"][-1][6], one["flow"])
        assert shows(seen["sum"][0][5], one["sum"])
        assert shows(seen["told"][1], one["gradient"]) and shows(seen["told"][2], one["local"])


@pytest.mark.parametrize("host, within", [("file", 1e-12), ("page", 0)])
@pytest.mark.parametrize(
    "moments", [range(4), pytest.param(range(4, 50), marks=pytest.mark.slow)], ids=["4", "46"]
)
def test_what_is_shown_at_random_moments_is_the_engines(browser, tmp_path, host, within, moments):
    complete = 0
    with playground_in(browser, tmp_path, host) as tab:
        for seed in moments:
            moment = some_moment(Random(f"moment {seed}"))
            if host == "file" and moment["data"]["name"] == "digits":
                moment["data"] |= {"points": 60}
            tab.page.evaluate(f"(moment) => ({SCRIPT}).go(moment)", moment)
            tab.rest()
            seen = Moment(json.loads(tab.page.evaluate(f"({SCRIPT}).look()")), within)
            complete += seen.numbers()
            for check in (seen.maps, seen.lines, seen.table, seen.opened):
                check()
    assert complete > 0.7 * len(moments)
