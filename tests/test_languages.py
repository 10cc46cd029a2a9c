"""A program printed in another language gives there what it gives in Python.

JavaScript is run by node; C is compiled by gcc, with every warning an error, and called through
ctypes. C's functions are those that Python uses, so it has to agree to the last bit.
"""

import ctypes
import json
import math
import random
import re
import shutil
import subprocess
from array import array
from functools import cache
from itertools import product
from keyword import kwlist, softkwlist
from math import inf, nan

import numpy as np
import pytest

from autograd import TABLE, AutogradError, Op, Program, Value, chain_rule, maximum, silu
from autograd.languages import LANGUAGES
from autograd.op import BUILT_IN

ROWS = sorted(BUILT_IN)
CC = ["gcc", "cc"]

# fmt: off
RECORDED = {  # where (0.6, -0.3, 0.9) will not do
    "acosh": (1.7,), "log": (0.7,), "log2": (0.7,), "log10": (0.7,), "power": (1.7, -2.3),
}
BORDERS = [0.0, -0.0, 1.0, -1.0, inf, -inf, nan, 1e300, 0.6]
PAIRS = [
    *BORDERS, 2.0, -3.0, 1e-300, -1e-300, -1e300,
    1.5261283972998259,                      # pow(this, 2) is not this · this
    1.767022844929885, 0.5289901450369934,   # whose hypot in C is not `math.hypot`
]
ALONE = [
    *PAIRS, 5e-324, 1e-9, -0.6, 2.5, -2.5, 6.0, 26.0, 30.0, -30.0, 710.0, -746.0, -800.0, 1.99
]
POINTS = [[*product(xs, repeat=n)] for n, xs in enumerate([[], ALONE, PAIRS, BORDERS])]

CONSTANTS = [0.0, -0.0, inf, -inf, nan, 5e-324, -1e-300, 1e300, -1e300, 0.1, -1 / 3, 1e16, 1e22]
POWERS = [-1, 3, -3, 0.5, -2.5, 1e16]

LABELS = [  # many of which mean something else in some language
    *kwlist, *softkwlist, *ROWS, *[word for each in LANGUAGES.values() for word in each.reserved],
    "", "x", "x", "1x", "x<y", "x.y", "x_y", "v0", "v1", "leaf1", "leaf2", "α", "x²", "ﬁt", "fit",
    "of", "async", "get", "abs", "pi", "y0", "j1", "gamma", "round", "signgam", "isnan", "printf",
    "_", "__x", "Number", "require", "self",
]
NAMES = {  # labels that are kept, and others
    "python": ("x double function let np Math fabs α _ y_1", "lambda __debug__ float v0 exp x² ﬁt"),
    "numpy": ("x double function let Math fabs α _ y_1", "lambda np math v12 erf x² 1x leaf9"),
    "javascript": ("x lambda double np fabs α _ y_1 of", "function let Math NaN v0 erf x-y eval"),
    "c": ("x lambda function let np Math y_1 M", "double fabs pow α NAN M_PI linux v0 erf _x"),
    "jax": ("x double function let np Math fabs α _ y_1", "lambda jnp jax operation v12 erf x² 1x"),
    "torch": ("x double function np jax fabs α _ y_1", "lambda torch number operation erf x² 1x"),
}
# fmt: on
EVERY = [
    one if one != "torch" else pytest.param(one, marks=pytest.mark.growing) for one in LANGUAGES
]


def recorded(name):
    row = TABLE[name]
    point = RECORDED.get(name, (0.6, -0.3, 0.9)[: len(row.partials)])
    return Program(row(*map(Value, point, "abc")))


def random_graph(seed):
    """A result made from four leaves by a dozen random rows, with shared nodes and constants."""
    chance = random.Random(seed)
    while True:
        leaves = [Value(chance.uniform(-2, 2), label) for label in ("x", "y", "w", "b")]
        pool = list(leaves)
        try:
            while len(pool) < 16:
                row = TABLE[chance.choice(ROWS)]
                new = row(*[chance.choice([*pool, pool[-1], 3.0, -0.5]) for _ in row.partials])
                if isinstance(new, Value) and abs(new.data) < 1e3:
                    pool.append(new)
            y = pool[-1] * pool[-2] - pool[-3]
            if all(slope is not None for _, _, _, slope, _, _ in chain_rule(y)):  # no 0 · ∞
                return Program(y, inputs=leaves[:2])
        except AutogradError:
            continue


def constant_graphs():
    for c in CONSTANTS:
        x, w = Value(0.7, "x"), Value(-1.3, "w")
        yield Program(w * c + (c - x) + maximum(w, c), inputs=[x])
    for c in POWERS:
        x, w = Value(1.1, "x"), Value(0.9, "w")
        yield Program((x * w) ** c + 3.5**w, inputs=[x])


def graph_of_labels():
    """Every label is that of a leaf, and many a function is called."""
    leaves = [Value(0.5 + i / 1000, label) for i, label in enumerate(LABELS)]
    unary = [TABLE[name] for name in ROWS if len(TABLE[name].partials) == 1 and name != "acosh"]
    called = [row(leaf) ** 3 + leaf**leaf for row, leaf in zip(unary, leaves, strict=False)]
    return Program(sum([*called, *(i * leaf for i, leaf in enumerate(leaves))]))


@cache
def cases(kind):
    """What is printed and run: a program and the points it runs at, by name."""
    if kind == "rows":
        programs = {name: recorded(name) for name in ROWS}
        return {name: (p, POINTS[len(p.parameters)]) for name, p in programs.items()}
    programs = {f"seed {seed}": random_graph(seed) for seed in range(100)}
    programs |= {f"constant {i}": program for i, program in enumerate(constant_graphs())}
    programs["labels"] = graph_of_labels()
    here = lambda p: tuple(leaf.data for leaf in (*p.inputs, *p.parameters))
    return {name: (p, [here(p)]) for name, p in programs.items()}


def expected(program, point):
    """The value and every slope, from the machine that runs a program in Python."""
    count = len(program.inputs)
    for parameter, x in zip(program.parameters, point[count:], strict=True):
        parameter.data = x
    (value,), (gradients,) = program.value_and_gradients([point[:count]], reduce="none")
    return [value, *gradients]


# How programs are run: `work` is a source and points for each, and the result has, for each again,
# a list of numbers per point.


def in_python(work, folder):
    for source, (point,) in work:
        space = dict(TABLE)
        exec(source, space)
        value, gradients = space["program"](*point)
        yield [[value, *gradients]]


def in_numpy(work, folder):
    for source, points in work:
        space = {}
        exec(source, space)
        with np.errstate(all="ignore"):
            value, gradients = space["program"](*np.array(points).T)
        yield np.array([np.broadcast_to(x, len(points)) for x in (value, *gradients)]).T.tolist()


def on_arrays(name, array):
    """What runs a program on arrays of a package."""

    def run(work, folder):
        package = pytest.importorskip(name, reason=f"there is no {name}: make .venv/tested")
        for source, points in work:
            space = {}
            exec(source, space)
            columns = getattr(package, array)(points, dtype=package.float64).T
            value, gradients = space["program"](*columns)
            columns = [np.broadcast_to(np.asarray(x), len(points)) for x in (value, *gradients)]
            yield np.array(columns).T.tolist()

    return run


RUNNER = """
const vm = require("vm");
const answers = JSON.parse(require("fs").readFileSync(0)).map(([source, hex]) => {
  const program = vm.runInNewContext(`"use strict"; ${source}; program`);
  const xs = new Float64Array(new Uint8Array(Buffer.from(hex, "hex")).buffer), out = [];
  for (let i = 0; i < xs.length; i += program.length) {
    const [value, gradients] = program(...xs.slice(i, i + program.length));
    out.push(value, ...gradients);
  }
  return Buffer.from(Float64Array.from(out).buffer).toString("hex");
});
console.log(JSON.stringify(answers));
"""


def output_of(programs, *arguments, **options):
    """What the first of these programs that is installed prints."""
    found = next(filter(None, map(shutil.which, programs)), None)
    if not found:
        pytest.skip(f"there is no program named {' or '.join(programs)}")
    done = subprocess.run([found, *arguments], capture_output=True, text=True, **options)
    assert done.returncode == 0, done.stderr
    return done.stdout


def in_javascript(work, folder):
    asked = [(source, array("d", sum(points, ())).tobytes().hex()) for source, points in work]
    told = json.loads(output_of(["node"], "-e", RUNNER, input=json.dumps(asked)))
    for hexed, (_, points) in zip(told, work, strict=True):
        numbers = array("d", bytes.fromhex(hexed)).tolist()
        width = len(numbers) // len(points)
        yield [numbers[i : i + width] for i in range(0, len(numbers), width)]


def in_c(work, folder):
    """All in one file, with a number behind the name of every function of ours."""
    texts = []
    for k, (source, _) in enumerate(work):
        ours = "|".join(["program", *re.findall(r"static inline double (\w+)\(", source)])
        texts.append(re.sub(rf"\b({ours})\(", rf"\1_{k}(", source))
    (folder / "all.c").write_text("\n\n".join(texts) + "\n")
    strict = "-O2 -ffp-contract=off -std=c11 -pedantic -Wall -Wextra -Werror".split()
    output_of(CC, *strict, "-shared", "-fPIC", "-o", "all.so", "all.c", "-lm", cwd=folder)
    library = ctypes.CDLL(str(folder / "all.so"))
    for k, (source, points) in enumerate(work):
        program = library[f"program_{k}"]
        program.restype = ctypes.c_double
        gradients = (ctypes.c_double * source.count("    gradients["))()
        for_gradients = [gradients] if gradients else []
        yield [[program(*map(ctypes.c_double, x), *for_gradients), *gradients] for x in points]


RUN = {
    "python": in_python,
    "numpy": in_numpy,
    "javascript": in_javascript,
    "c": in_c,
    "jax": on_arrays("jax.numpy", "array"),
    "torch": on_arrays("torch", "tensor"),
}


@pytest.fixture(scope="module")
def answers(tmp_path_factory):
    """What the programs of a kind give in a language, by name. Each is run once."""

    @cache
    def given(language, kind):
        work = [(program.source(language), points) for program, points in cases(kind).values()]
        found = RUN[language](work, tmp_path_factory.mktemp(language))
        return dict(zip(cases(kind), found, strict=True))

    return given


def differences(language, kind, name, answers, **tolerance):
    """The points where the language gives something else than Python, and both results."""
    program, points = cases(kind)[name]
    for point, got in zip(points, answers(language, kind)[name], strict=True):
        wanted = expected(program, point)
        near = got == pytest.approx(wanted, nan_ok=True, **tolerance)
        same = [x.hex() for x in got] == [x.hex() for x in wanted]
        if not (same if language in ("python", "c") else near):
            yield point, got, wanted


@pytest.mark.parametrize("name", ROWS)
@pytest.mark.parametrize("language", ["numpy", "javascript", "c"])
def test_every_row_gives_the_value_and_the_gradient_of_python(language, name, answers):
    least = 1e-15 if language == "numpy" else 1e-300  # its 1 - sigmoid is rounded otherwise
    assert [*differences(language, "rows", name, answers, rel=1e-12, abs=least)] == []


@pytest.mark.parametrize("language", EVERY)
def test_graphs_with_any_constants_and_labels_give_what_python_gives(language, answers):
    for name in cases("graphs"):
        assert [*differences(language, "graphs", name, answers, rel=1e-9, abs=1e-12)] == [], name


def test_the_random_graphs_use_every_row():
    text = "".join(program.source() for program, _ in cases("graphs").values())
    assert [name for name in ROWS if not (TABLE[name].symbol or f"{name}(" in text)] == []


@pytest.mark.parametrize("name", ROWS)
def test_a_source_has_what_it_needs_from_its_standard_library_and_no_more(name):
    sources = {language: recorded(name).source(language) for language in LANGUAGES}
    assert re.findall("#include <(.*)>", sources["c"]) == ["math.h"]
    assert set(re.findall("import (.+)", sources["numpy"])) <= {"numpy as np", "math"}
    assert not re.search("import|require", sources["python"] + sources["javascript"])
    for language, source in sources.items():
        for helper, text in LANGUAGES[language].helpers.items():
            assert text not in source or re.search(rf"\b{helper}\b", source.replace(text, ""))


@pytest.mark.parametrize("language", EVERY)
def test_without_gradients_there_is_the_value_alone(language, tmp_path):
    x, w, unused = map(Value, (0.5, 3.0, 1.0), ("x", "w", "unused"))
    source = Program(silu(w * x) ** w, inputs=[unused, x]).source(language, gradients=False)
    (((given,),),) = RUN[language]([(source, [(1.0, 0.5, 3.0)])], tmp_path)
    assert given == pytest.approx(silu(1.5) ** 3, rel=1e-12)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_label_is_kept_where_it_is_a_name(language):
    kept, replaced = map(str.split, NAMES[language])
    leaves = [f"leaf{i}" for i in range(len(kept), len(kept + replaced))]
    source = Program(sum(Value(1.0, label) for label in kept + replaced)).source(language)
    taken = source.split("program(")[1].split(")")[0].replace("double ", "").split(", ")
    assert taken == kept + leaves + ["*gradients"] * (language == "c")


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_two_leaves_have_the_same_name(language):
    leaves = [Value(1.0, label) for label in ("x", "x", "leaf3", "", "a.b", "a_b")]
    source = Program(sum(leaves)).source(language).replace("double ", "")
    assert "program(x, leaf1, leaf2, leaf3, a_b, leaf5" in source


def test_no_leaf_of_c_has_the_name_of_a_macro():
    defined = output_of(CC, "-dM", "-E", "-xc", "-", input="#include <math.h>\n")
    macros = re.findall(r"#define (\w+) ", defined)
    assert "M_PI" in macros
    assert [macro for macro in macros if LANGUAGES["c"].is_name(macro)] == []


def test_a_custom_primitive_is_a_call_in_python_and_refused_elsewhere():
    slopes = lambda y, a, b: 10 * b, lambda y, a, b: 10 * a
    star = Op("starred", lambda a, b: math.fsum([10 * a * b]), slopes)
    x, starred = Value(2.0, "x"), Value(3.0, "starred")
    program = Program(star(x, starred))
    assert program.value_and_gradients([[]], machine="python") == (60.0, [30.0, 20.0])
    assert "def program(x, leaf1):\n    v0 = starred(x, leaf1)" in program.source()
    for language in ("numpy", "javascript", "c", "jax", "torch"):
        message = "^starred is a custom operation whose value is known in Python only"
        with pytest.raises(ValueError, match=message):
            program.source(language)


def test_a_language_that_is_not_there_is_said_in_one_sentence():
    with pytest.raises(
        ValueError, match=r"named fortran: choose from python, numpy, javascript, c, jax, torch$"
    ):
        recorded("tanh").source("fortran")
