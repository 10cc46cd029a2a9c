"""The formulas of the optimisers that the playground shows: with numbers in their places they give
what the optimisers compute."""

from math import isclose, sqrt
from random import Random
from typing import Any

import pytest

from autograd.value import Value
from nn.optim import OPTIMIZERS
from viz.apps.playground.rules import SYMBOLS, rules
from viz.apps.playground.settings import config_of

SIGNS = {"−": "-", "·": "*"}
SPELLED = {"mfrac": "(({}) / ({}))", "msqrt": "sqrt({})", "msup": "({} ** {})"}


def in_python(math):
    """An element with {"at": name} in it as an expression."""
    if isinstance(math, dict):
        return math["at"]
    if isinstance(math, str):
        return SIGNS.get(math, math)
    tag, *children = math
    if tag == "msqrt" and len(children) > 1:
        children = [["mrow", *children]]
    parts = [in_python(child) for child in children]
    return SPELLED[tag].format(*parts) if tag in SPELLED else "".join(parts)


@pytest.mark.parametrize("key", rules())
def test_a_rule_with_numbers_gives_what_the_optimiser_computes(key):
    name, *used = key.split()
    rng = Random(key)
    usual = {"beta1": 0.9, "beta2": 0.99, "eps": 1e-3, "decay": 0.9}
    own = {one: True if one == "nesterov" else 0.3 for one in used}
    off = {one: 0.0 for one in ("momentum", "weight_decay") if one not in used}
    settings = usual | off | own
    kind: Any = OPTIMIZERS[name]
    known = config_of({"optimizer": name} | settings).of_optimizer()
    optimizer: Any = kind([Value(0.5)], 0.1, **known)
    for _ in range(20):
        x, gradient, rate = rng.gauss(0, 1), rng.gauss(0, 1), rng.uniform(0.01, 1)
        slots = {one: rng.uniform(0.1, 2) for one in kind.slots}
        if "updates" in slots:
            slots["updates"] = float(rng.randrange(1, 50))
        end, *news = optimizer.moved(x, gradient, rate, *slots.values())
        space = settings | slots | {"w": x, "gradient": gradient, "rate": rate}
        wanted = dict(zip(kind.slots, news, strict=True)) | {"w": end}
        for line in rules()[key]:
            found = eval(in_python(line["math"]), {"sqrt": sqrt}, space)
            assert isclose(found, wanted[line["to"]], rel_tol=1e-12), line
            space[line["to"]] = found
        assert line["to"] == "w"


def test_a_rule_is_as_short_as_its_settings_allow():
    text = {key: [in_python(line["math"]) for line in lines] for key, lines in rules().items()}
    assert text["sgd"] == ["w-rate*gradient"]
    assert text["sgd momentum"] == ["momentum*velocity+gradient", "w-rate*velocity"]
    assert [line["to"] for line in rules()["rmsprop"]] == ["mean_square", "w"]
    assert "nesterov" not in "".join(text["sgd momentum nesterov"])


def test_every_setting_and_slot_has_a_symbol_or_is_a_word():
    names = {line["to"] for lines in rules().values() for line in lines}
    assert all(name in SYMBOLS or "_" not in name for name in names)
