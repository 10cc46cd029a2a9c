"""What a page without Python does by itself, in Node, against Python: the script of a run text for
text, the file of a model byte for byte."""

import json
import re
from base64 import b64decode
from math import ldexp
from random import Random
from statistics import mean, pstdev

import numpy as np
import pytest

from autograd.bulk import data_of
from autograd.expression.vocabulary import ALIASES
from nn import MLP, load, save
from nn.data.seeded import random_source
from nn.decisions import decision_for
from nn.files.model import FORMAT, VERSION
from nn.losses import LOSSES
from nn.module import ACTIVATIONS
from nn.optim import OPTIMIZERS
from tests.in_node import asking
from viz.apps.playground.columns import column_of
from viz.apps.playground.core import Playground
from viz.apps.playground.data import LIMITS, examples_of
from viz.apps.playground.learner import batches_in, number_of_parameters
from viz.apps.playground.script import script
from viz.apps.playground.settings import config_of
from viz.hosts.playground_page import facts_of_nn, modules_for, source_of

ENTRIES = ("address", "code_of_run", "columns", "model_file", "table", "expression")


@pytest.fixture(scope="module")
def ask(tmp_path_factory):
    """A function that runs a task of page_alone.mjs on cases, and gives its answers."""
    names = {name for entry in ENTRIES for name in modules_for(entry)}
    sources = {name: source_of(name) for name in names}
    return asking("page_alone.mjs", tmp_path_factory.mktemp("alone"), sources)


# The script of a run


def test_floats_and_texts_are_written_as_python_writes_them(ask):
    rng = Random(0)
    floats = [ldexp(rng.uniform(-1, 1), rng.randrange(-1070, 1024)) for _ in range(500)]
    floats += [0.0, -0.0, 1e16, 1e15, 123456789012345680.0, 1e-4, 1e-5, 5e-324, 1.5e300, 0.1, 2.0]
    floats += [round(rng.uniform(-100, 100), 3) for _ in range(100)]
    texts = ["", "a", "it's", '"it\'s"', "a\nb\t\r\\", "é\x7f\xa0\u2028", "😀\U000e0001", "\x00"]
    assert ask("written", [*floats, *texts]) == [*map(repr, floats), *map(repr, texts)]


SETS = (
    {"name": "moons", "points": 20},
    {"name": "circles", "points": 24, "noise": 0.25, "share": 0.3, "seed": 5},
    {"name": "xor", "points": 12, "share": 0},
    {"name": "sine", "points": 15},
    {"name": "plane", "points": 12, "noise": 0.0, "share": 0.5},
    {"name": "line", "points": 12},
    {"name": "blobs3", "points": 30, "noise": 1},
    {"name": "own", "rows": [[0, 1.5, 1], [1e-7, -2, 0], [0.25, 3, 1]], "share": 0},
    {"name": "table", "text": "a\tb\tc\n1\t2\tit's\n3\t4\té\n5\t6\té"},
)


def some_config(rng, examples):
    losses = {None: ["mse"], 2: [*LOSSES][:3]}.get(examples.training.classes, ["cross_entropy"])
    number = lambda *choices: rng.choice(choices)
    return {
        "layers": [
            {"size": rng.randint(1, 4), "activation": rng.choice([*ACTIVATIONS, "linear"])}
            for _ in range(rng.randint(0, 3))
        ],
        "loss": rng.choice(losses), "optimizer": rng.choice([*OPTIMIZERS]),
        "rate": number(0.3, 0.01, 1e-5, 1.0), "penalty": number(0, 0, 1e-3),
        "schedule": number("constant", "cosine", "step_decay"), "period": number(1000, 50),
        "factor": number(0.5, 1), "momentum": number(0.5, 0.9), "nesterov": number(False, True),
        "beta1": number(0.9, 0.5), "eps": number(1e-8, 1e-6), "decay": number(0.99, 0.5),
        "weight_decay": number(0.0, 0.01), "batch": number(0, 5, 100),
        "init": number("xavier", "he"), "seed": number(0, 7, -3), "norm": number("l2", "l1"),
    }  # fmt: skip


def some_run(seed):
    """The marks of a run, some of them as short as they may be, and its last step."""
    rng = Random(seed)
    marks, step = [], 0
    data, examples, config, count = None, None, None, None
    for _ in range(rng.randint(1, 5)):
        mark = {"step": step}
        step += rng.choice([0, 1, 3, 17, 40])
        is_first = config is None
        if is_first or rng.random() < 0.2:
            data = examples_of(rng.choice(SETS)).spec
            examples = examples_of(data)
            mark["data"] = data
        if is_first or "data" in mark or rng.random() < 0.3:
            config = some_config(rng, examples)
        else:
            other = some_config(rng, examples)
            config = config | {
                name: other[name] for name in rng.sample([*other], rng.randint(0, 3))
            }
        config["pinned"] = []
        wanted = number_of_parameters(config_of(config), examples.training)
        if seed % 3 == 0 and rng.random() < 0.6:
            config["pinned"] = rng.sample(range(wanted), min(2, wanted - 1))
        mark["config"] = dict(config)
        if wanted != count or rng.random() < 0.3:
            drawn = data_of(config_of(config).model(examples.training).parameters())
            is_drawn = is_first and rng.random() < 0.5
            mark["parameters"] = column_of(drawn if is_drawn else [rng.gauss(0, 1)] * wanted)
        count = wanted
        if rng.random() < 0.3:
            slots = OPTIMIZERS[config["optimizer"]].slots if rng.random() < 0.7 else ()
            mark["slots"] = {
                name: column_of([rng.random() for _ in range(wanted)]) for name in slots
            }
        if rng.random() < 0.3:
            mark |= {"epoch": rng.randrange(9), "batch": 0}
            if rng.random() < 0.5:
                mark["batch"] = rng.randrange(batches_in(config_of(config), examples.training))
        marks.append(mark)
    return marks, step


def looked_up(mark):
    """The examples of a mark, as the page has them, and the first weights there."""
    examples = examples_of(mark["data"])
    drawn = data_of(config_of(mark["config"]).model(examples.training).parameters())
    more = {"called": examples.training.name, "drawn": examples.drawn}
    more |= {name: examples.spec[name] for name in ("share", "seed")}
    return [mark["data"], examples.as_json() | more, column_of(drawn)]


def test_the_scripts_of_300_random_runs_are_those_of_python(ask):
    runs, texts = [], []
    for seed in range(300):
        marks, last = some_run(seed)
        first = examples_of(marks[0]["data"])
        texts.append(script(marks, last, config_of(marks[0]["config"]), first))
        looked = [looked_up(mark) for mark in marks if "data" in mark]
        runs.append({"marks": marks, "last": last, "looked": looked})
    found = ask("code", {"facts": facts_of_nn(), "runs": runs})
    for i, (mine, theirs) in enumerate(zip(found, texts, strict=True)):
        assert mine == theirs, i


# The file of a model


def test_the_files_of_models_are_those_of_python_to_the_byte(ask, tmp_path):
    cases, files = [], []
    for seed in range(20):
        rng = Random(seed)
        sizes = [rng.randint(1, 5) for _ in range(rng.randint(0, 11))]
        names = [rng.choice([*ACTIVATIONS, "linear"]) for _ in sizes]
        activations = [ACTIVATIONS.get(name) for name in names]
        inputs, outputs = rng.randint(1, 4), rng.randint(1, 3)
        model = MLP(inputs, [*sizes, outputs], [*activations, None], seed=seed)
        model.decision = decision_for(rng.choice([*LOSSES.values()]))
        model.class_names = rng.choice([(), ("a", "b"), ("é", '"\\', "\x7f\n😀")])
        layers = zip([*sizes, outputs], [*names, "linear"], strict=True)
        about = {"format": FORMAT, "version": VERSION, "decision": model.decision}
        cases.append({
            "inputs": inputs,
            "layers": [{"size": size, "activation": name} for size, name in layers],
            "parameters": column_of(data_of(model.parameters())),
            "about": about | {"class_names": list(model.class_names)},
        })  # fmt: skip
        files.append((model, save(model, tmp_path / f"{seed}.safetensors").read_bytes()))
    for text, (model, file) in zip(ask("files", cases), files, strict=True):
        assert b64decode(text) == file
        path = tmp_path / "again.safetensors"
        path.write_bytes(b64decode(text))
        assert load(path).state_dict() == model.state_dict()


# A pasted table


def test_mean_and_deviation_are_those_of_statistics_to_the_bit(ask):
    rng = Random(1)
    columns = [[5e-324, 0.0], [1.7e308, 1.7e308], [1.7e308, -1.7e308], [3.0], [0.1] * 3, [-0.0]]
    for _ in range(300):
        size = rng.choice([1, 100, 1e-300, 1e150])
        whole = rng.random() < 0.3
        column = [rng.gauss(rng.choice([0, 5]), 1) * size for _ in range(rng.randint(1, 40))]
        columns.append([float(round(x)) if whole and size < 1000 else x for x in column])
    assert ask("moments", columns) == [[mean(column), pstdev(column)] for column in columns]


TABLES = (
    "a,b,c\n1,2,x\n3,4,y", "1,2,x\n3,4,y\n5,6,x", "1;2;3\n4;5;6", "1\t2\t3\r\n4\t5\t6\r\n",
    "a;b\n1,5;2\n2,5;3", "1,5;2;x\n2.5;3;y", "a,b,c\n1,2,x\n2,foo,y", "", "\n \n\t", "a",
    "a\n1\n2", "a,b,c\n1,2,3\n4,5", "a,b,c", '"a,b",c,"d""e"\n1,2,x\n2,3,y',
    '"a\nb",c,t\n1,2,x\n2,"3",y', '"a,b\n1,2', '"a"b,c\n1,2', 'a"b",c\n1,x\n2,y',
    ",a,t\n0,1,x\n1,2,y", ",a,t\n1,7,x\n2,2,y", ",t\n1,5\n2,6", "0,1,2\n3,4,5", "1,?,x\n2,3,y",
    "?,b,c\n1,2,3", "a,b,c\n1,,x", "a,b,c\n1,2,\n1,2,x", "a,b,c\n1,2,x\n2,3,x",
    "a,b\n1000,5\n2000,7.5\n-3,1e3", "a,b\n1,nan\n2,3", "a,b\n1,-INF\n2,3", "a,b\n1_000,2\n2,3",
    "a,b\n1e400,2", "a b c\n1 2 3", "a\x00b,c\n1,2\n3,4", "x\u2028y,t\n1,2\n3,4",
    "é,😀\n1,ä\n2,\uffff\n3,😀", ",".join(f"c{i}" for i in range(70)) + "\n" + ",".join("1" * 70),
    "\n".join(f"{i},c{i % 12}" for i in range(40)), "\n".join(f"{i},{i}" for i in range(2001)),
    "x,t\n" + "1" * 70 + "z,1", "<b>,'t'\n1,<i>\n2,'", "a,b\n 1 , 2 \n\xa03\xa0,4",
    "a, \"b\" ,c\n1,2,3", 'a,"b\n1,2', "a;b,c\n1;2,3\n2;3", "1.5.2,3\n1,2", "x,y\r1,2\r3,4",
    "name of a column that is far longer than forty characters,t\n1,2\n3,4", "+.5,-1.\n1E+2,.5e-1",
    "a,b\n0x10,2", "a\t \tt\n1\t \t2",
)  # fmt: skip


def test_tables_are_read_as_python_reads_them_or_end_in_its_sentence(ask):
    play = Playground(data="xor", layers=[1], points=4)
    found = ask("tables", {"texts": TABLES, "limits": LIMITS})
    good = 0
    for text, mine in zip(TABLES, found, strict=True):
        data = {"name": "table", "text": text, "share": 0}
        theirs = play.handle({"do": "data", "data": data})
        if "trouble" in theirs or "trouble" in mine:
            assert mine == theirs, text
            continue
        good += 1
        rows = [[*x, t] for x, t in zip(theirs["inputs"], theirs["targets"], strict=True)]
        assert mine["rows"] == rows, text
        for name in ("classes", "class_names", "said"):
            assert mine[name] == theirs[name], text
        if "names" in mine:
            assert mine["names"] == theirs["names"], text
    assert 15 < good < len(TABLES) - 20


# Addresses that make no sense


def changed(**change):
    return {"changes": [{"step": 1} | change]}


UNFIT = (
    {"config": 5}, {"config": []}, {"config": {"pinned": "012"}},
    {"config": {"pinned": [0, -1]}}, {"data": 5}, {"data": []}, {"step": -1}, {"step": "x"},
    {"step": 1.5}, {"step": None}, {"step": [5]}, {"step": 1e300}, {"changes": 5},
    {"changes": None}, {"changes": "abc"}, {"changes": [None]}, {"changes": [{}]},
    {"changes": [{"step": 3}, {"step": 1}]}, {"changes": [{"step": 0}] * 3000},
    changed(step="x"), changed(weights=5), changed(weights=[1]),
    changed(redraw=5), changed(redraw=[0]), changed(redraw=[-1, 0]), changed(kept=5),
    changed(kept=["x"]), changed(config={"pinned": 5}), changed(data=5), {"looks": "flat"},
    {"looks": ["flat", "fat"]}, {"looks": [None]},
    {"hide": "loss"}, {"hide": ["loss", "lose"]}, {"hide": [["loss"]]},
)  # fmt: skip
FIT = (
    {},
    {"step": 7},
    {"looks": ["flat", "held_out"], "hide": ["loss"]},
    {"data": {"name": "xor"}},
    changed(kept=[None, 1]),
    changed(redraw=[0, 1]),
)
ELSEWHERE = ("", "x", "%", "%E0%A4%A", "null", "5", "[]", '"a"', "true")  # no sessions at all


def test_addresses_that_make_no_sense_are_refused_in_a_sentence(ask):
    settings = Playground(points=4).settings
    texts = [*map(json.dumps, UNFIT), *map(json.dumps, FIT), *ELSEWHERE]
    found = ask("addresses", {"texts": texts, "settings": settings})
    assert found[len(UNFIT) :] == [""] * (len(FIT) + len(ELSEWHERE))
    for text, said in zip(texts, found[: len(UNFIT)], strict=False):
        assert 10 < len(said) < 100, text
        assert not re.search("undefined|null|function|iterable|property", said), said


# A typed expression

EXACT = (  # of operations that are the same in every language
    "y > x", "y > x*x - 1", "x*y", "y = x/2", "y < 0.5", "x <= y", "1 > x", "x >= -y",
    "(x + y)*(x - y)", "x1*x2", "x2 > x1/3", "-x - -y", "+x*-2", "y > 2x", "2(x + 1)", "y = 3",
    "-2x", "abs(x) + max(x, y)", "where(x > 0, 1, y)", "relu(x - y)", "y = where(x > 0, 1/x, 2)",
    "(x < 0)*(y < 0)", "x·y", "x − y", "x ≤ y", "1_000*x", ".5*x + 2.e-1", "x₁ + 1",
    "floor(2*x) < y", "sgn(x) + min(x, 0)", "h = x + 1", "pi = x", "x/2 - 3y", "  x  ",
    "\tx\xa0+ 1",
)  # fmt: skip
NEAR = (  # of functions of which C and JavaScript may differ in the last digit
    "y > sin(3*x)", "x**2 + y**2", "x^2 < y", "2**-x**2", "-x**2", "2**3**x", "e**x", "e^(x*y)",
    "pi*x", "exp(-x**2) < 0.5", "y = 2pi*x", "y = 3sin(x)", "σ(x)*tanh(y)",
    "arctan(x) < ln(3 + y)", "hypot(x, y) < 1", "y = sqrt(x + 2)", "e - x", "2e*x",
    "where(x > 0, log(x), 0) < y", "cbrt(x)", "exp2(x) + erf(y)", "π*x > y", "clip(x*y, -1, 1)",
)  # fmt: skip
REFUSED = (
    "y >", "y > (x", "x)", "x y", "x +* y", "x == y", "a*x", "sin", "sin x", "sin(x, y)",
    "foo(x)", "1/2x", "x^2y", "x^2^3", "x < y < 1", "2", "1 < 2", "y > __import__('os')", "x; y",
    "x\ny", "x.y", "y = y + 1", "sin = x", "log(x)", "1/(x - x)", "x // 2", "x = < 2", "(1, x)",
    "exp(1000 + x)", "1e999*x", "0x10", "x > 7", "y = 1", "x**0.5", "x" * 4001, "2x 3", "()",
    "x ** ", "y =", "= x", "@", "x[0]", "${x}", "x\u0000", "corner(x)", "constructor(x)",
    "__proto__", "toString", "e = e", "x(2)", "2^3x", "x1 + y",
)  # fmt: skip


def test_expressions_are_read_as_python_reads_them_or_refused_in_a_sentence(ask):
    play = Playground(data="xor", layers=[1], points=4)
    rng = random_source("expression", 3)
    two = lambda draw, *args: [draw(*args) for _ in range(2)]
    points = [[two(rng.uniform, -2.0, 2.0), two(rng.gauss, 0, 0.25)] for _ in range(50)]
    aliases = {name: op.name for name, op in ALIASES.items()}
    texts = [*EXACT, *NEAR, *REFUSED]
    found = ask("expressions", {"texts": texts, "aliases": aliases, "points": points})
    about = {"name": "expression", "points": 50, "seed": 3, "noise": 0.25, "share": 0}
    for text, mine in zip(texts, found, strict=True):
        theirs = play.handle({"do": "data", "data": about | {"text": text}})
        assert ("trouble" in mine) == ("trouble" in theirs), (text, mine, theirs)
        assert ("trouble" in mine) == (text in REFUSED), (text, mine)
        if "trouble" in mine:
            assert re.search(
                "cannot be read at character|finite|the limit|one class|call the inputs",
                mine["trouble"],
            )
            continue
        assert (mine["classes"], mine["names"]) == (theirs["classes"], theirs["names"]), text
        rows = [[*x, t] for x, t in zip(theirs["inputs"], theirs["targets"], strict=True)]
        exact = text in EXACT
        assert mine["rows"] == (rows if exact else pytest.approx(np.array(rows), rel=1e-14)), text


def test_deep_expressions_are_refused_and_long_ones_are_read(ask):
    nested = ["(" * 1900 + "x" + ")" * 1900, "-" * 3000 + "x", "x" + "**x" * 900]
    texts = [*nested, "+".join(["x"] * 2000)]
    found = ask("expressions", {"texts": texts, "aliases": {}, "points": [[[0.5, 0.5], [0, 0]]]})
    assert all("too deep" in one["trouble"] for one in found[:3])
    assert found[3]["rows"] == [[0.5, 1000.0]]
