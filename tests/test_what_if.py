"""What if a leaf were another number: Python and the script of a page say the same of it."""

import json
import math
import random
import subprocess
from math import inf, isclose, nan, pi
from shutil import which

import pytest

from autograd import (
    AutogradError,
    StaleGraph,
    Value,
    cos,
    floor,
    gradients,
    log,
    maximum,
    relu,
    sqrt,
    tanh,
    where,
)
from autograd.expression import number_in
from autograd.op import BUILT_IN, TABLE, Op
from nn import MLP
from tests.graphs import folded_network, in_words, lecture, random_graph, walk_of
from tests.typed_numbers import TYPED_NUMBERS
from viz.apps.stepper.core import Stepper
from viz.graph.notation import number
from viz.hosts.page import bare_module

SPECIAL = [
    0.0, -0.0, 0.5, -0.5, 1.0, -1.0, 2.0, -2.0, 3.0, 6.0, 7.0, pi, 0.1, 1e-9, -1e-9, 1e-160, 1e-300,
    5e-324, 20.0, -20.0, 40.0, 100.0, -100.0, 710.0, -745.0, 800.0, 1e5, 1e9, 1e154, -1e155, 1e200,
    1e300, -1.7e308,
]  # fmt: skip


@pytest.fixture(scope="module")
def in_javascript(tmp_path_factory):
    """What the script of a page makes of edits: (a stepper as it was at first, edits) pairs in,
    answers out."""
    node = which("node")
    if node is None:
        pytest.skip("there is no JavaScript: install the program `node`")
    folder = tmp_path_factory.mktemp("pages")
    modules = map(bare_module, ("numbers", "telling", "primitives", "engine"))
    (folder / "page.js").write_text("\n".join([*modules, DRIVER]), "utf-8")

    def run(cases):
        asked = [
            {
                "graph": plan["graph"],
                "base": base,
                "edits": edits,
            }
            for plan, base, edits in cases
        ]
        done = subprocess.run(
            [node, folder / "page.js"], input=json.dumps(asked).encode(), capture_output=True
        )
        assert done.returncode == 0, done.stderr.decode()
        return json.loads(done.stdout)

    return run


DRIVER = """
const asked = JSON.parse(require("fs").readFileSync(0, "utf-8"));
const written = (x) => (x === null || Number.isFinite(x) ? x : String(x));
const answers = asked.map(({ graph, base, edits }) => {
  const { numbers, trouble } = recomputed(graph, revived(base), edits);
  if (trouble) return { trouble };
  const all = Object.entries(numbers).map(([key, x]) => [key, written(x)]);
  return { trouble, numbers: Object.fromEntries(all) };
});
console.log(JSON.stringify(answers));
"""


# Numbers as they are typed


def test_a_number_typed_into_a_page_is_what_it_is_in_python(tmp_path):
    node = which("node")
    if node is None:
        pytest.skip("there is no JavaScript: install the program `node`")
    (tmp_path / "page.js").write_text("\n".join([bare_module("numbers"), TYPED]), "utf-8")
    asked = json.dumps([typed for typed, _ in TYPED_NUMBERS])
    done = subprocess.run([node, tmp_path / "page.js"], input=asked.encode(), capture_output=True)
    assert done.returncode == 0, done.stderr.decode()
    answers = [
        number if isinstance(number, str) else float(number["is"])
        for number in json.loads(done.stdout)
    ]
    assert [(typed, repr(x)) for (typed, _), x in zip(TYPED_NUMBERS, answers, strict=True)] == [
        (typed, repr(right)) for typed, right in TYPED_NUMBERS
    ]


TYPED = """
const typed = JSON.parse(require("fs").readFileSync(0, "utf-8"));
const exact = (x) => (Object.is(x, -0) ? "-0" : String(x));
const answers = typed.map(numberIn).map(({ number, hint }) => hint ?? { is: exact(number) });
console.log(JSON.stringify(answers));
"""


@pytest.mark.parametrize("x", SPECIAL)
def test_a_number_on_a_card_can_be_typed_back(x):
    assert number_in(number(x)) == pytest.approx(x, rel=5e-3, abs=0.0)


# Recomputing


def somewhere(op):
    """Arguments of the operation at which it has a gradient."""
    for numbers in ([0.5, 0.25, 2.0], [1.5, 0.25, 2.0]):
        args = [Value(x, name) for x, name in zip(numbers, "xyz", strict=True)][: len(op.partials)]
        try:
            y = op(*args)
            gradients(y)
        except AutogradError:
            continue
        return y
    raise AssertionError(f"{op.name} is defined nowhere")


def agree(python, javascript, abs_tol=1e-300):
    """The same keys, slopes that exist or not, and numbers but for the last digits."""
    if python.keys() != javascript.keys():
        return False
    return all(
        (a is None and b is None)
        or a == b
        or (
            not isinstance(a, str | None)
            and not isinstance(b, str | None)
            and isclose(a, b, rel_tol=1e-12, abs_tol=abs_tol)
        )
        for a, b in ((a, javascript[key]) for key, a in python.items())
    )


def compare(cases, in_javascript, abs_tol=1e-300):
    """Python's answers and JavaScript's to (stepper, edits) pairs.
    `abs_tol` is for sums in which terms of about 1 cancel."""
    asked, told = [], []
    for stepper, edits in cases:
        asked.append((stepper.state["plan"], stepper.state["base"], edits))
        told.append(stepper.handle({"edits": edits}))
        stepper.handle({"edits": {}})
    for (_, _, edits), python, javascript in zip(asked, told, in_javascript(asked), strict=True):
        assert python["trouble"] == javascript["trouble"], edits
        if not python["trouble"]:
            assert agree(python["numbers"], javascript["numbers"], abs_tol), (
                edits,
                python,
                javascript,
            )
    return told


@pytest.mark.parametrize("name", sorted(BUILT_IN))
def test_every_operation_is_recomputed_alike_at_special_and_random_points(name, in_javascript):
    stepper = Stepper(somewhere(TABLE[name]), {})
    rng = random.Random(name)
    arity = len(TABLE[name].partials)
    points = [[x, *rng.choices(SPECIAL, k=arity - 1)] for x in SPECIAL for _ in range(arity**2)]
    points += [[rng.uniform(-4, 4) for _ in range(arity)] for _ in range(30)]
    points += [[rng.uniform(-4, 4)] * arity for _ in range(5)]
    cases = [(stepper, {f"n{i}": x for i, x in enumerate(point)}) for point in points]
    told = compare(cases, in_javascript)
    assert any(not answer["trouble"] for answer in told)


def test_the_branch_that_is_not_taken_is_recomputed_alike(in_javascript):
    x, z = Value(2.0, "x"), Value(0.0, "z")
    stepper = Stepper(where(x > 0, x.exp() * 2, sqrt(z) * 3 + x), {})
    compare([(stepper, {"n0": at}) for at in (2.0, -1.0, 0.0)], in_javascript)
    assert list(stepper.state["numbers"].values()).count(None) == 1  # the slope of √z


def test_a_branch_that_is_not_taken_need_not_be_defined(in_javascript):
    x, z = Value(-1.0, "x"), Value(0.5, "z")
    root = where(x > 0, lambda: (x.log() * 2 + 1 / z).sqrt(), lambda: 3 * x)
    stepper = Stepper(where(z < x, z.cbrt(), root) * 2, {})
    cases = [(stepper, {"n0": a, "n1": b}) for a in (2.0, 0.1, -1.0) for b in (0.5, -1.0, 3.0)]
    told = compare(cases, in_javascript)
    assert [bool(answer["trouble"]) for answer in told] == [
        False, False, False,  # √[3]z; √[3]z; the root of a positive number
        True, False, True,  # the root of a negative number; √[3]z; the root of a negative number
        False, False, False,  # three times 3 · x
    ]  # fmt: skip
    assert told[3]["trouble"] == "sqrt(v5 = -2.60517): sqrt(a) is defined only for a >= 0"
    assert stepper.handle({"edits": {}})["trouble"] == ""


def test_random_graphs_are_recomputed_alike(in_javascript):
    cases = []
    for seed in range(300):
        rng = random.Random(seed)
        stepper = Stepper(random_graph(seed, rows=True), {})
        leaves = [id for id, card in stepper.state["plan"]["cards"].items() if card["leaf"]]
        for _ in range(4):
            chosen = rng.sample(leaves, rng.randint(1, len(leaves)))
            some = {id: rng.choice([rng.uniform(-3, 3), rng.choice(SPECIAL)]) for id in chosen}
            cases.append((stepper, some))
    told = compare(cases, in_javascript)
    assert sum(bool(answer["trouble"]) for answer in told) > 20


@pytest.mark.parametrize("fold", ["neuron", "network", "loss"])
def test_folded_networks_are_recomputed_alike(fold, in_javascript):
    y, fold = folded_network(fold)
    stepper = Stepper(y, {}, fold)
    rng = random.Random(1)
    edits = [{"n0": rng.uniform(-3, 3), "n1": rng.uniform(-3, 3)} for _ in range(20)]
    compare([(stepper, some) for some in edits], in_javascript)


def test_what_is_folded_is_written_out_for_a_page_only_up_to_a_size():
    model = MLP(40, [20, 20, 1], seed=1)
    y = model([Value(0.1 * i, f"x{i}") for i in range(40)])
    graph = Stepper(y, {}, "network").state["plan"]["graph"]
    assert "too large to be computed in a page" in graph["why_not"]


@pytest.mark.parametrize("given", [inf, -inf, nan])
def test_what_the_user_brought_along_propagates_alike(given, in_javascript):
    x, w = Value(given, "x"), Value(2.0, "w")
    compare([(Stepper(x * w + w, {}), {"n1": 3.0})], in_javascript)


def test_nothing_flows_where_there_is_no_slope(in_javascript):
    x, w = Value(4.0, "x"), Value(0.0, "w")
    stepper = Stepper(w * sqrt(x), {})
    (told,) = compare([(stepper, {"n0": 0.0})], in_javascript)
    assert None in told["numbers"].values()


def around(x):
    """Of √x the gradient is 0 at x = 0, which stays 0 in some of these graphs only."""
    root, w = sqrt(x), Value(0.0, "w")
    return {
        "w · √x": w * root,
        "√x · √x": root * root,
        "x · √x": x * root,
        "relu(x) · √x": relu(x) * root,
        "relu(x - 1) · √x": relu(x - 1) * root,
        "max(x, 1) - max(x, 2) + 1 and √x": (maximum(x, 1) - maximum(x, 2) + 1) * root,
        "floor(x) · √x": floor(x) * root,
        "floor(x + 1/2) · √x": floor(x + 0.5) * root,
        "tanh(w · √x)": tanh(w * root),
        "w · (√x + √x)": w * (root + root),
        "w · x · √x": w * x * root,
        "√(√x · w + 1) · w": sqrt(root * w + 1) * w,
        "√x - √x": root - root,
        "w · √√x": w * sqrt(root),
        "(w + x) · √x": (w + x) * root,
        "(x > 1) · √x": (x > 1) * root,
        "√x, if x > 0": where(x > 0, root, x) * 2,
        "√x, if x ≤ 0": where(x <= 0, root, x) * 2,
    }


@pytest.mark.parametrize("name", around(Value(1.0)))
def test_a_zero_lets_nothing_through_where_it_stays_0(name, in_javascript):
    stepper = Stepper(around(Value(4.0, "x"))[name], {})
    edits = [{}, *({id_of(stepper, "x"): at} for at in (0.0, -0.0, 1.0, 2.0))]
    compare([(stepper, some) for some in edits], in_javascript)


def id_of(stepper, name):
    cards = stepper.state["plan"]["cards"].items()
    return next(id for id, card in cards if card["name"] == name)


def test_both_kinds_of_zero_are_among_these():
    told = {}
    for name in around(Value(1.0)):
        stepper = Stepper(around(Value(4.0, "x"))[name], {})
        told[name] = stepper.handle({"edits": {id_of(stepper, "x"): 0.0}})["trouble"]
    assert not told["w · √x"] and not told["relu(x - 1) · √x"] and not told["√x, if x > 0"]
    assert "divides by zero" in told["√x · √x"] and told["√x, if x ≤ 0"]


def test_what_goes_wrong_in_a_branch_that_is_not_taken_is_of_no_account(in_javascript):
    x = Value(2.0, "x")
    y = where(x > 0, lambda: log(x) / (x - 3), lambda: sqrt(-x)) + tanh(x)
    stepper = Stepper(y, {})
    edits = [{id_of(stepper, "x"): at} for at in (-4.0, 0.0, -0.0, 0.5, 3.0, 1e-320, -1e300)]
    told = compare([(stepper, some) for some in edits], in_javascript)
    assert [bool(answer["trouble"]) for answer in told] == [
        False, True, True, False, True, True, False
    ]  # fmt: skip
    assert stepper.y.data == y.data  # made anew without complaints about the other branch


def test_a_custom_operation_that_is_a_formula_is_recomputed_alike(in_javascript):
    hill = Op("hill", lambda a: where(a > 1, lambda: log(a), a * (1 - a)) / (a - 2))
    at = Op("at", lambda a, b: hill(a * b) + 1 / b)  # as a function of the page's is called
    try:
        stepper = Stepper(at(Value(0.3, "x"), Value(0.4, "z")), {})
        edits = [{"n0": a, "n1": b} for a in (0.25, 4.0, -1.0) for b in (0.5, 2.0, -3.0, 0.0, 8.0)]
        told = compare([(stepper, some) for some in edits], in_javascript)
    finally:
        del TABLE["hill"], TABLE["at"]
    assert {bool(answer["trouble"]) for answer in told} == {True, False}


def test_a_custom_primitive_is_known_to_python_only():
    sine = Op("sine", lambda a: math.sin(a), (lambda y, a: cos(a),))
    try:
        stepper = Stepper(sine(Value(2.0, "x")), {})
    finally:
        del TABLE["sine"]
    assert (
        "sine is a custom operation whose value is known in Python only"
        in (stepper.state["plan"]["graph"]["why_not"])
    )
    assert stepper.handle({"edits": {"n0": 3.0}})["numbers"]["v1"] == math.sin(3.0)


# In Python


def test_edits_change_the_leaves_and_the_result():
    y = lecture()
    a = next(node for node in y.parents[0].parents[0].parents if node.label == "a")
    stepper = Stepper(y, {})
    changed = stepper.handle({"edits": {"n0": 2.5}})
    assert a.data == 2.5
    assert stepper.y.data == -5.0
    assert changed["numbers"] == stepper.state["numbers"] != stepper.state["base"]
    stepper.y.backward()
    assert a.grad == 6.0
    with pytest.raises(StaleGraph, match="a was changed"):
        y.backward()


def test_leaves_that_are_not_edited_any_more_are_what_they_were():
    y = lecture()
    stepper = Stepper(y, {})
    stepper.handle({"edits": {"n0": 2.5, "n1": 1.0}})
    stepper.handle({"edits": {"n1": 1.0}})
    assert stepper.y.data == (2.0 * 1.0 + 10.0) * -2.0
    assert stepper.handle({"edits": {}})["numbers"] == stepper.state["base"]


def test_leaves_stay_untouched_when_nothing_is_edited():
    y = lecture()
    Stepper(y, {}).handle({"edits": {}})
    y.backward()  # not stale


def test_trouble_is_told_and_changes_nothing_else():
    x = Value(2.0, "x")
    stepper = Stepper(log(x), {})
    stepper.handle({"edits": {"n0": 3.0}})
    changed = stepper.handle({"edits": {"n0": -1.0}})
    assert changed == {
        "edits": {"n0": 3.0},
        "trouble": "log(x = -1): log(a) is defined only for a > 0",
    }
    assert x.data == 3.0
    assert stepper.handle({"edits": {"n0": 1.0}})["trouble"] == ""


def test_trouble_calls_values_as_the_page_does():
    number = Value(2.0)
    stepper = Stepper(log(number), {"number": number})
    assert "log(number = 0)" in stepper.handle({"edits": {"n0": 0.0}})["trouble"]


@pytest.mark.parametrize(
    ("message", "sentence"),
    [
        ({}, "a message to the stepper is"),
        ([], "a message to the stepper is"),
        ({"edits": {}, "more": 1}, "a message to the stepper is"),
        ({"edits": [1]}, "edits are numbers by the id of a leaf, not list"),
        ({"edits": {"n4": 1.0}}, "n4 is no leaf"),
        ({"edits": {"a": 1.0}}, "a is no leaf"),
        ({"edits": {"n0": "1"}}, "a takes a number, not '1'"),
        ({"edits": {"n0": True}}, "a takes a number, not True"),
        ({"edits": {"n0": None}}, "a takes a number, not None"),
        ({"edits": {"n0": nan}}, "a takes a finite number"),
        ({"edits": {"n0": 10**400}}, "a takes a finite number"),
    ],
)
def test_a_message_that_makes_no_sense_is_refused_and_changes_nothing(message, sentence):
    stepper = Stepper(lecture(), {})
    before = json.dumps(stepper.state)
    with pytest.raises((ValueError, TypeError), match=sentence.replace("(", r"\(")):
        stepper.handle(message)
    assert json.dumps(stepper.state) == before


def test_the_plain_walk_is_that_of_the_numbers_as_they_are():
    stepper = Stepper(lecture(), {})
    assert in_words(stepper.plan()) == walk_of(lecture())
    stepper.handle({"edits": {"n0": 2.5}})
    assert in_words(stepper.plan())["cards"]["n0"]["value"] == "2.500"
