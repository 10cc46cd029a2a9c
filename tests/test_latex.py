"""The LaTeX of explain and of every teaching tool goes through LaTeX, with amsmath and no more."""

import shutil
import subprocess
from contextlib import suppress
from functools import partial

import pytest

from autograd import AutogradError, Value, explain, topological_order
from autograd.expression import evaluate
from autograd.teaching import BUGS, Grade, costs, exact, grade, mistakes, modes, paths, second, why
from nn import MLP, moons, sweep
from tests.formulas import differentiable
from tests.graphs import network
from tests.students import TwoMistakes
from viz import descent
from viz.cli.demo import GIVEN, NETWORK, WEIGHTS

WORKED = (  # those of the lessons and the documentation
    ("d = a*b + c; L = d*f", {"a": 2, "b": -3, "c": 10, "f": -2}),
    ("tanh(x1*w1 + x2*w2 + b)", {"x1": 2, "x2": 0, "w1": -3, "w2": 1, "b": 6.8813735870195432}),
    ("h = tanh(w*x); L = (u1*h - t1)**2 + (u2*h - t2)**2",
     {"w": 0.5, "x": 2, "u1": 1.5, "u2": -0.8, "t1": 1, "t2": -1}),
    ("c = a + b; d = a*b; (c + d) + c*d", {"a": 2, "b": 3}),
    ("where(0 < a, a*b, c)", {"a": 2, "b": 3, "c": 4}),
    ("w*sqrt(x)", {"w": 0, "x": 0}),
    (NETWORK, GIVEN | WEIGHTS),
)  # fmt: skip
PREAMBLE = r"""\documentclass{article}
\usepackage{amsmath}
"""


def pieces(y):
    """All LaTeX that is written about a graph: pairs of where it comes from, and the text."""
    leaves = [node for node in topological_order(y) if node.op is None]
    yield "explain", explain(y, names=False).latex
    yield "brief", explain(y, form="brief", names=False).latex
    for tool in (exact, mistakes, modes, second):
        with suppress(AutogradError):  # a second derivative at a corner, say
            yield tool.__name__, tool(y, names=False).latex
    for leaf in leaves[:4]:
        for tool in (paths, why):
            try:
                yield tool.__name__, tool(y, leaf, names=False).latex
            except AutogradError:  # a product along a path that is too large, say
                continue
        try:
            yield "blackboard", explain(y, leaf, form="blackboard", names=False).latex
        except ValueError:  # too large for a blackboard
            continue


def compiled(found, folder):
    """Raises AssertionError with the piece that LaTeX stops at, and what it says."""
    if shutil.which("pdflatex") is None:
        pytest.skip("pdflatex is missing: apt-get install texlive-latex-base")
    texts = [f"\\message{{[[{i}]]}}\n{text}\n\n" for i, (_, text) in enumerate(found)]
    body = "\\begin{document}\n" + "".join(texts) + "\\end{document}\n"
    # In labels, letters of other alphabets, for which XeLaTeX and LuaLaTeX have fonts.
    others = {f"{ord(c):X}" for c in body if c > "\x7f"}
    taken = "".join(f"\\DeclareUnicodeCharacter{{{code}}}{{?}}\n" for code in sorted(others))
    (folder / "all.tex").write_text(PREAMBLE + taken + body, "utf-8")
    done = subprocess.run(
        ["pdflatex", "-draftmode", "-interaction=nonstopmode", "-halt-on-error", "all.tex"],
        cwd=folder, capture_output=True, encoding="utf-8", errors="replace", timeout=300,
    )  # fmt: skip
    if done.returncode:
        place = int(done.stdout.rpartition("[[")[2].partition("]]")[0])
        message = done.stdout[done.stdout.find("\n!") :][:800]
        raise AssertionError(f"{found[place][0]}:\n{found[place][1]}\n{message}")


@pytest.mark.once
def test_the_latex_of_fifty_random_graphs_compiles(tmp_path):
    graphs = [y for _, y, _ in differentiable(range(55))][:50]
    assert len(graphs) == 50
    compiled([piece for y in graphs for piece in pieces(y)], tmp_path)


@pytest.mark.once
def test_the_latex_of_the_worked_examples_compiles(tmp_path):
    graphs = [network(), *(evaluate(text, numbers)[0] for text, numbers in WORKED)]
    compiled([piece for y in graphs for piece in pieces(y)], tmp_path)


@pytest.mark.once
def test_the_latex_of_all_other_reports_compiles(tmp_path):
    y, known = evaluate("c = a*b; (c - 1)**2 + tanh(a/b)", {"a": 0.5, "b": 2})
    a, b = known["a"], known["b"]
    found = [(f"mistakes {name}", mistakes(y, name, names=False).latex) for name in BUGS]
    build, grid = partial(MLP, 2), {"neurons": [[2, 1]], "learning_rate": [0.1, 1e300]}
    table = sweep(build, moons(4), grid, workers=0, epochs=3, loss="mse", progress=False)
    found += [
        ("smallest", mistakes(Value(2.0, "a"), "overwrite").latex),
        ("costs", costs([y, known["c"]], [a, b]).latex),
        ("descent", descent(y, a, b, rate=2.0, steps=5).latex),
        ("grade", grade(TwoMistakes).latex),
        ("no grade", Grade("my_engine.py", error="there is no class a_b").latex),
        ("sweep", table.latex),
    ]
    assert not {c for _, text in found for c in text if c > "\x7f"}  # words of ours are typeset
    compiled(found, tmp_path)


@pytest.mark.once
def test_the_latex_of_any_label_compiles(label, tmp_path):
    a, b = Value(2.0, label), Value(3.0, "b")
    compiled(list(pieces((a * b).tanh() ** 2 + a)), tmp_path)


@pytest.mark.once
def test_the_latex_of_an_error_with_its_line_compiles(tmp_path):
    x, y = Value(-1.0, "x_1"), Value(2.0, "100 % & more #1 ~ ^ \\ { }")
    with pytest.raises(AutogradError) as error:
        (x * y).log()  # 50 % of $x_1^2$ \n {} ~ # &
    compiled([("why", why(error.value, names=False).latex)], tmp_path)
