"""Fold and unfold: an operation as one node or as its formula, with the same numbers outside."""

import math

import pytest

from autograd import TABLE, TooLarge, Value, explain, gradients, tanh, topological_order
from autograd.op import BUILT_IN, Op
from autograd.teaching import fold, unfold
from nn import MLP, Neuron, mse
from tests.graphs import random_graph
from tests.test_table import ordinary_points
from viz import draw, save
from viz.cli.main import main
from viz.graph.fold import folded

ROWS = [TABLE[name] for name in TABLE if name in BUILT_IN and TABLE[name].formula]
EXPONENTIAL = ("tanh", "sinh", "cosh", "sigmoid", "softplus", "silu")
every_row = pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)


def numbers_at(y, leaves):
    found = gradients(y)
    return [y.data, *(found.get(leaf, 0.0) for leaf in leaves)]


def close(one, other):
    scale = max(1.0, *map(abs, other))
    return all(abs(a - b) <= 1e-12 * scale for a, b in zip(one, other, strict=True))


def operations(y):
    return [node.op.name for node in topological_order(y) if node.op]


def between(op, numbers):
    """An operation in the middle of a graph, and the leaves."""
    leaves = [Value(x, name) for x, name in zip(numbers, "abc", strict=False)]
    y = op(*leaves) * 3 + leaves[0]
    y.label = "y"
    y.backward()
    return y, leaves


@every_row
def test_a_formula_has_the_value_and_the_derivatives_of_its_row(row):
    for numbers in ordinary_points(row):
        leaves = [Value(x) for x in numbers]
        y = row(*leaves)
        assert close(numbers_at(unfold(y, row.name), leaves), numbers_at(y, leaves)), numbers


@every_row
def test_a_formula_is_made_of_other_operations(row):
    assert row not in row.formula.ops()


@pytest.mark.parametrize("name", EXPONENTIAL)
def test_these_end_in_exponentials(name):
    y = TABLE[name](Value(0.5))
    while name in operations(y):
        y = unfold(y, name)
        name = next((one for one in operations(y) if one in EXPONENTIAL), "")
    assert "exp" in operations(y)


@every_row
def test_fold_after_unfold_and_unfold_after_fold_give_the_same_drawing(row):
    y, _ = between(row, ordinary_points(row)[0])
    open_ = unfold(y, row.name)
    shut = fold(open_, row.name)
    assert draw(shut, names=False).svg == draw(y, names=False).svg
    assert draw(unfold(shut, row.name), names=False).svg == draw(open_, names=False).svg


@pytest.mark.parametrize("seed", range(30))
def test_gradients_outside_stay(seed):
    y = random_graph(seed, rows=True)
    known = {node.op.name for node in topological_order(y) if node.op and node.op.formula}
    leaves = [node for node in topological_order(y) if node.op is None]
    for name in known:
        try:
            other = unfold(y, name)
        except TooLarge:
            continue  # which the formula is allowed to be
        mine, its = numbers_at(y, leaves), numbers_at(other, leaves)
        scale = max(1.0, *map(abs, mine))
        assert all(math.isclose(a, b, rel_tol=1e-12, abs_tol=1e-12 * scale)
                   for a, b in zip(mine, its, strict=True)), (name, mine, its)  # fmt: skip


def test_what_stays_keeps_its_label_and_gradient_and_the_leaves_are_the_same():
    y, (a,) = between(tanh, [0.5])
    h = y.parents[0].parents[0]
    z = unfold(y, "tanh", names={"h": h})
    assert z.label == "y" and z.grad == 1.0 and a in topological_order(z)
    copy = z.parents[0].parents[0]
    assert (copy.label, copy.grad, copy.op.name) == ("h", h.grad, "divide")


def test_inside_is_what_flows_back_there():
    y, _ = between(tanh, [0.5])
    shown = {node: node.grad for node in topological_order(unfold(y, "tanh"))}
    z = next(reversed(shown))
    for node, found in gradients(z).items():
        assert shown[node] == pytest.approx(found, rel=1e-12), node


def test_nothing_is_set_where_no_gradient_was_computed():
    assert {node.grad for node in topological_order(unfold(Value(1.0).tanh(), "tanh"))} == {None}


def test_one_node_is_unfolded_and_the_others_stay():
    a = Value(0.5, "a")
    h = tanh(a)
    assert operations(unfold(tanh(h), h)).count("tanh") == 1


def test_variables_still_name_what_they_hold():
    a = Value(0.5, "a")
    h = tanh(a)
    y = h * h
    told = explain(unfold(y, "tanh")).text
    assert "y = h * h" in told and "h = v3 / v4" in told


def test_the_tutorial_folds_into_tanh_however_it_is_written():
    n = Value(0.88, "n")
    for e in ((2 * n).exp(), (n * 2.0).exp()):
        for y in ((e - 1) / (e + 1), (e - 1) / (1 + e)):
            assert operations(fold(y, "tanh")) == ["tanh"]
            assert fold(y, "tanh").data == pytest.approx(y.data, rel=1e-15)


def test_a_formula_stays_where_something_else_needs_a_part_of_it_or_names_it():
    n = Value(0.88, "n")
    e = (2 * n).exp()
    t = (e - 1) / (e + 1)
    for y in (t + e, t * n + e * n):
        with pytest.raises(ValueError, match="the formula of tanh is nowhere in this graph"):
            fold(y, "tanh")
    e.label = "e"
    with pytest.raises(ValueError, match="nowhere"):
        fold(t, "tanh")
    with pytest.raises(ValueError, match="nowhere"):
        fold(((2 * n).exp() - 1) / ((2 * n).exp() + 2), "tanh")


@pytest.mark.parametrize("level", ["neuron", "network", "loss"])
def test_a_neuron_is_one_node_or_its_sum(level):
    x = [Value(0.5, "x1"), Value(-1.0, "x2")]
    y = mse([MLP(2, [3, 1], tanh, seed=1)(x)], [0.3])
    y.label = "loss"
    y.backward()
    shut, _ = folded(y, {}, level)
    kinds = {op for op in operations(shut) if op in ("neuron", "network", "loss")}
    whole = unfold(shut, *kinds)
    assert operations(whole) == operations(y)
    assert draw(whole, names=False, fold=False).svg == draw(y, names=False, fold=False).svg


def test_a_drawing_unfolds_what_it_is_told_to():
    y, _ = between(tanh, [0.5])
    assert draw(y, unfold="tanh").svg == draw(unfold(y, "tanh")).svg
    assert draw(y, unfold=["tanh"]).svg == draw(y, unfold="tanh").svg
    assert draw(unfold(y, "tanh"), fold="tanh", names=False).svg == draw(y, names=False).svg
    neuron = Neuron(1, tanh)([Value(0.5, "x")])
    assert ">exp<" in draw(neuron, unfold="tanh").svg


def test_a_page_and_a_picture_unfold_from_the_command(tmp_path, capsys):
    words = ["draw", "h = tanh(x*w); h*h", "x=2", "w=0.3", "--unfold", "tanh"]
    for name in ("y.svg", "y.html"):
        assert main([*words, "-o", str(tmp_path / name)]) == 0, capsys.readouterr().err
    assert ">exp<" in (tmp_path / "y.svg").read_text()
    x, w = Value(2.0, "x"), Value(0.3, "w")
    h = tanh(x * w)
    h.label = "h"
    y = h * h
    y.label = "y"
    save(y, tmp_path / "mine.html", names=False, unfold="tanh")
    assert (tmp_path / "mine.html").read_text() == (tmp_path / "y.html").read_text()


def test_a_custom_operation_unfolds_into_its_formula():
    swish = Op("swish_of_mine", lambda a: a * (1 / (1 + (-a).exp())))
    assert operations(unfold(swish(Value(1.0)), "swish_of_mine"))[-1] == "multiply"


@pytest.mark.parametrize(
    ("what", "sentence"),
    [
        ("tahn", "there is no operation named tahn: did you mean tanh?"),
        ("relu", "there is no relu in this graph to unfold: it has tanh and exp"),
        ("exp", "exp is not made of simpler operations here, so it cannot be unfolded"),
        (Value(3.0), "what is unfolded is a node of this graph, and no leaf of it"),
    ],
)
def test_what_cannot_be_unfolded_gets_a_sentence(what, sentence):
    with pytest.raises(ValueError, match=sentence.replace("?", r"\?")):
        unfold(tanh(Value(0.5, "a")).exp(), what)
    with pytest.raises(TypeError, match="an operation is chosen by its name, not by 3"):
        unfold(tanh(Value(0.5, "a")), 3)


def test_a_formula_that_overflows_says_whose_it_is():
    with pytest.raises(TooLarge, match=r"the formula of tanh cannot be computed: exp\(1600\)"):
        unfold(tanh(Value(800.0)), "tanh")
