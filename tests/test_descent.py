"""Descent on a graph of one's own: the paths of optimisers, and the rate that is too large."""

import json
from math import hypot

import pytest

from autograd import OutsideDomain, Value, gradients
from autograd.expression import evaluate
from nn import SGD, Adam
from viz import descent
from viz.downhill import WAYS

ROSENBROCK = "(1-x)**2 + 10*(y-x**2)**2", {"x": -1.2, "y": 1}


def bowl(p=2.0, q=1.0, steep=4.0):
    p, q = Value(p, "p"), Value(q, "q")
    return p * p + steep * (q * q), p, q


def rosenbrock():
    y, known = evaluate(*ROSENBROCK)
    return y, known["x"], known["y"]


@pytest.mark.parametrize("make", [SGD, Adam])
def test_a_path_is_that_of_a_plain_loop_bit_for_bit(make):
    x, y = Value(-1.2), Value(1.0)
    optimizer = make([x, y], 0.01)
    points, losses = [], []
    for _ in range(31):
        loss = (1 - x) ** 2 + 10 * (y - x**2) ** 2
        points.append((x.data, y.data))
        losses.append(loss.data)
        x.zero_grad(), y.zero_grad()
        loss.backward()
        optimizer.step()
    found = descent(*rosenbrock(), optimizers=[make.__name__], rate=0.01, steps=30)
    assert list(found.paths[0].points) == points
    assert list(found.paths[0].losses) == losses


@pytest.mark.parametrize("share", [0.9, 0.999, 1.001, 1.1, 2.0])
def test_a_quadratic_diverges_exactly_for_a_rate_past_the_limit(share):
    found = descent(*bowl(q=1.0), optimizers=["sgd"], rate=share * 0.25, steps=4000)
    assert found.curvature == 8.0 and found.limit == 0.25
    (path,) = found.paths
    assert path.diverged is (share > 1)
    assert ("past that limit" in found.about_the_rate) is (share > 1)
    assert ("below it" in found.about_the_rate) is (share < 1)


def test_at_the_limit_itself_the_steps_jump_to_and_fro():
    found = descent(*bowl(p=0.0), optimizers=["sgd"], rate=0.25, steps=10)
    assert [q for _, q in found.paths[0].points[:4]] == [1.0, -1.0, 1.0, -1.0]
    assert "exactly that limit" in found.about_the_rate


def test_the_curvature_is_the_larger_eigenvalue_also_where_axes_are_turned():
    p, q = Value(1.0, "p"), Value(2.0, "q")
    found = descent(3.0 * p * p + 2.0 * p * q + q * q, p, q, steps=1)
    assert found.curvature == pytest.approx(4 + hypot(2, 2), rel=1e-12)  # of [[6, 2], [2, 2]]


def test_a_loss_that_curves_downwards_has_no_limit():
    p, q = Value(1.0, "p"), Value(2.0, "q")
    found = descent(-(p * p) - q * q, p, q, optimizers=["sgd"], steps=2)
    assert found.limit is None and "does not curve upwards" in found.text


def test_where_the_limit_at_the_end_is_another_both_are_told():
    found = descent(*rosenbrock(), rate=0.02)
    assert "is past that limit" in found.about_the_rate
    assert "At the best point the limit is" in found.about_the_rate


def test_the_leaves_and_the_graph_are_as_before():
    y, p, q = bowl()
    descent(y, p, q)
    assert (p.data, q.data, p.grad) == (2.0, 1.0, None)
    y.backward()
    assert (p.grad, q.grad) == (4.0, 8.0)


def test_every_step_has_its_graph():
    y, p, q = rosenbrock()
    y.label = "loss"
    found = descent(y, p, q, optimizers=["adam"], rate=0.05, steps=10)
    (path,) = found.paths
    for step in (0, 4, 10):
        graph = found.graph("adam", step)
        assert graph.data == path.losses[step] and graph.label == "loss"
        assert {leaf.label for leaf in gradients(graph) if leaf.op is None} == {"x", "y"}
    with pytest.raises(IndexError, match="adam took 10 steps, not 11"):
        found.graph("adam", 11)
    with pytest.raises(ValueError, match="there is no optimiser named sgd"):
        found.graph("sgd", 0)


def test_a_loss_that_is_lost_on_the_way_ends_its_path():
    x, z = Value(0.1, "x"), Value(0.0, "z")
    found = descent(x.log() + z * z, x, z, optimizers=["sgd"], rate=0.1, steps=10)
    (path,) = found.paths
    assert path.stopped.startswith("ends at step 1: log(x = -") and len(path.points) == 1


def test_all_optimisers_by_name_and_their_loss_falls():
    found = descent(*bowl(), optimizers=list(WAYS), rate=0.05, steps=100)
    assert [path.optimizer for path in found.paths] == list(WAYS)
    assert all(path.losses[-1] < 0.2 * path.losses[0] for path in found.paths)


def test_the_report_is_text_markdown_html_and_json():
    found = descent(*bowl(), rate=0.3)
    data = json.loads(found.json)
    assert data["limit"] == 0.25 and set(data["paths"]) == {"sgd", "momentum", "adam"}
    assert len(data["paths"]["adam"]["points"]) == 51
    assert "diverges: given up at step" in found.text
    assert "| momentum |" in found.markdown and "<td>adam</td>" in found._repr_html_()


# The picture


@pytest.fixture
def axes():
    from matplotlib.figure import Figure

    return Figure().subplots()


def test_the_map_holds_every_path_that_does_not_diverge_and_is_the_loss(axes):
    found = descent(*rosenbrock(), rate=0.02)
    assert found.plot(axes, resolution=12) is axes
    (left, right), (low, high) = axes.get_xlim(), axes.get_ylim()
    for path in found.paths:
        assert all(left < p < right and low < q < high for p, q in path.points)
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("x", "y")
    texts = [text.get_text() for text in axes.get_legend().get_texts()]
    assert texts == ["sgd", "momentum", "adam", "start"]


def test_a_path_that_diverges_does_not_stretch_the_map(axes):
    found = descent(*bowl(), optimizers=["sgd", "adam"], rate=0.4)
    found.plot(axes, resolution=8)
    assert axes.get_ylim()[1] < 100
    assert axes.get_legend().get_texts()[0].get_text() == "sgd, diverges"


# What cannot be done


@pytest.mark.parametrize(
    ("call", "kind", "sentence"),
    [
        (lambda y, p, q: descent(y, p, p), ValueError, "two different leaves"),
        (lambda y, p, q: descent(y, p, y), ValueError, "is not a leaf"),
        (lambda y, p, q: descent(y, p, 3.0), TypeError, "which are Values"),
        (lambda y, p, q: descent(2.0, p, q), TypeError, "takes a Value"),
        (lambda y, p, q: descent(y, p, q, rate=0), ValueError, "the rate must be positive"),
        (lambda y, p, q: descent(y, p, q, steps=0), ValueError, "the steps must be at least 1"),
        (lambda y, p, q: descent(y, p, q, optimizers=["sdg"]), ValueError, "did you mean sgd"),
        (lambda y, p, q: descent(y, p, q, optimizers=[]), ValueError, "needs an optimiser"),
        (lambda y, p, q: descent(y, p, q).plot(resolution=1), ValueError, "at least 2"),
    ],
)
def test_what_cannot_be_done_is_said(call, kind, sentence):
    with pytest.raises(kind, match=sentence):
        call(*bowl())


def test_an_error_at_the_start_is_raised():
    p, q = Value(0.0, "p"), Value(1.0, "q")
    with pytest.raises(ZeroDivisionError):
        descent(p.sqrt() + q, p, q)
    with pytest.raises(OutsideDomain):
        descent((p - 1.0).log() + q, p, q)
