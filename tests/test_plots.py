"""Plots hold the numbers that they are said to hold. No test here looks at a pixel."""

import math
import os
import random
import subprocess
import sys
from itertools import pairwise

import matplotlib
import numpy as np
import pytest

matplotlib.use("Agg")  # before pyplot, which would look for a screen

import matplotlib.pyplot as plt

from autograd import DivisionByZero, OutsideDomain, Value, grad, log, sqrt, tanh
from autograd.micrograd import Value as TutorialValue
from nn import MLP, dataset, evaluate, fit, load, save
from nn.data import Dataset, blobs, digits, linear, moons
from nn.history import History
from viz.palette import DARK, LIGHT
from viz.plots import (
    class_names,
    losses_on,
    plot_boundary,
    plot_loss,
    plot_surface,
    scores_on,
)
from viz.tangent import plot_tangent


@pytest.fixture(autouse=True)
def no_figure_stays_open():
    yield
    plt.close("all")


@pytest.fixture
def ax():
    return plt.figure().subplots()


def labelled(ax, label):
    """The one line or cloud of points whose label begins so."""
    [found] = [a for a in (*ax.lines, *ax.collections) if str(a.get_label()).startswith(label)]
    return found


def legend(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


def points(cloud):
    return [tuple(map(float, point)) for point in cloud.get_offsets()]


def sum_of(x):
    """A model without parameters: class 1 above the falling diagonal."""
    return Value(x[0]) + x[1]


DIAGONAL = Dataset(((0.0, 1.0), (1.0, 1.0), (-1.0, -0.5), (-1.0, 0.5)), (1, 0, 0, 1), classes=2)


# All of them


@pytest.mark.parametrize(
    "plot",
    [
        lambda ax: plot_loss(History(losses=[1.0, 0.5]), ax),
        lambda ax: plot_boundary(sum_of, DIAGONAL, ax, resolution=3),
        lambda ax: plot_boundary(lambda x: Value(x[0]), linear(5), ax),
        lambda ax: plot_surface(*bowl()[:3], ax=ax, resolution=3),
        lambda ax: plot_tangent(tanh, 0.5, ax),
    ],
)
def test_a_plot_goes_where_it_is_told_or_into_a_figure_that_notebooks_show(plot, ax):
    before = plt.get_fignums()
    assert plot(ax) is ax
    assert ax.has_data()
    assert plt.get_fignums() == before
    new = plot(None)
    assert new is not ax
    assert plt.get_fignums() == [*before, new.figure.number]
    new.figure.canvas.draw()  # any warning would be an error


@pytest.mark.parametrize(
    "slip",
    [
        lambda: plot_boundary(sum_of, digits(), resolution=3),
        lambda: plot_surface(lambda: Value(1.0), *[Value(1.0)] * 2),
        lambda: plot_tangent(log, -1.0),
    ],
)
def test_a_slip_leaves_no_empty_figure_behind(slip):
    with pytest.raises(ValueError):
        slip()
    assert plt.get_fignums() == []


def test_importing_the_plots_does_not_import_matplotlib():
    code = "import viz.plots, sys; sys.exit('matplotlib' in sys.modules)"
    folder = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    assert subprocess.run([sys.executable, "-c", code], cwd=folder).returncode == 0


@pytest.mark.parametrize(("style", "colours"), [("default", LIGHT), ("dark_background", DARK)])
def test_colours_suit_the_paper(style, colours):
    with plt.style.context(style):
        ax = plot_tangent(tanh, 0.5)
    assert labelled(ax, "tanh").get_color() == colours["text"]
    assert labelled(ax, "slope").get_color() == colours["positive"]


def test_transparent_axes_are_as_dark_as_the_figure_behind_them():
    figure = plt.figure(facecolor="black")
    ax = plot_tangent(tanh, 0.5, figure.add_subplot(facecolor="none"))
    assert labelled(ax, "tanh").get_color() == DARK["text"]


# The loss


def history(**more):
    return History(losses=[3.0, 2.0, 1.0], accuracies=[None] * 3, rates=[0.1] * 3, **more)


def test_a_history_without_accuracies_has_one_scale(ax):
    plot_loss(history(), ax)
    assert legend(ax) == ["loss"]
    assert ax.figure.axes == [ax]
    assert list(labelled(ax, "loss").get_xdata()) == [1, 2, 3]
    assert list(labelled(ax, "loss").get_ydata()) == [3.0, 2.0, 1.0]
    assert ax.get_ylim()[0] == 0


def test_a_history_with_everything_has_four_lines_told_apart_by_style(ax):
    shown = history(held_out_losses=[4.0, 3.0, 2.0], held_out_accuracies=[0.4, 0.5, 0.6])
    shown.accuracies = [0.5, 0.75, 1.0]
    plot_loss(shown, ax)
    [right] = [other for other in ax.figure.axes if other is not ax]
    assert legend(right) == ["loss", "held-out loss", "accuracy", "held-out accuracy"]
    assert len({line.get_linestyle() for line in (*ax.lines, *right.lines)}) == 4
    assert list(labelled(right, "held-out accuracy").get_ydata()) == [0.4, 0.5, 0.6]


def test_losses_below_zero_are_not_cut_off(ax):
    plot_loss(History(losses=[1.0, -2.0]), ax)
    assert ax.get_ylim()[0] < -2


def test_a_single_epoch_is_a_visible_dot(ax):
    plot_loss(History(losses=[1.0], accuracies=[0.5]), ax)
    assert labelled(ax, "loss").get_marker() == "o"


def test_a_history_of_nothing_is_an_empty_plot(ax):
    plot_loss(History(), ax)
    assert list(labelled(ax, "loss").get_xdata()) == []


# The boundary


def test_wrong_points_are_those_that_a_direct_computation_finds(ax):
    data, model = moons(60, noise=0.3, seed=3), MLP(2, [4, 1], seed=1)
    plot_boundary(model, data, ax, resolution=4)
    wrong = [x for x, y in data if (model(x).data > 0) != (y == 1)]
    assert 0 < len(wrong) < 60
    assert points(labelled(ax, "wrong")) == wrong
    assert f"wrong: {len(wrong)} of 60" in legend(ax)


def test_wrong_points_of_several_outputs_are_those_of_another_largest_one(ax):
    data, model = blobs(30, centers=3, seed=2), MLP(2, [3], seed=5)
    plot_boundary(model, data, ax, resolution=4)
    largest = [max(range(3), key=lambda i, x=x: model(x)[i].data) for x, _ in data]
    expected = [x for (x, y), found in zip(data, largest, strict=True) if found != y]
    assert 0 < len(expected) < 30
    assert points(labelled(ax, "wrong")) == expected


@pytest.mark.parametrize(("threshold", "wrong"), [(0.0, 2), (1.5, 3), (-9.0, 2), (9.0, 2)])
def test_the_threshold_divides_the_classes(ax, threshold, wrong):
    plot_boundary(sum_of, DIAGONAL, ax, threshold=threshold, resolution=5)
    assert f"wrong: {wrong} of 4" in legend(ax)
    assert (f"score = {threshold:g}" in legend(ax)) is (abs(threshold) < 9)  # is it in sight?


def test_the_boundary_is_where_the_score_is_the_threshold(ax):
    plot_boundary(sum_of, DIAGONAL, ax, threshold=0.25, resolution=9)
    [line] = [c for c in ax.collections if list(getattr(c, "levels", [])) == [0.25]]
    along = [point for path in line.get_paths() for point in path.vertices]
    assert len(along) > 2
    assert all(x + y == pytest.approx(0.25) for x, y in along)


def test_regions_meet_where_the_largest_outputs_are_equal(ax):
    plot_boundary(lambda x: [Value(x[0]), Value(x[1]), Value(-9.0)], DIAGONAL, ax, resolution=9)
    lines = [c for c in ax.collections if list(getattr(c, "levels", [])) == [0.0]]
    along = [point for line in lines for path in line.get_paths() for point in path.vertices]
    assert len(along) > 4
    assert all(x == pytest.approx(y) for x, y in along)


def test_targets_of_minus_one_and_one_may_come_as_a_pair(ax):
    plot_boundary(sum_of, (DIAGONAL.inputs, [1, -1, -1, 1]), ax, resolution=3)
    assert legend(ax) == ["score = 0", "class −1", "class 1", "wrong: 2 of 4"]


def test_classes_differ_in_colour_and_shape(ax):
    plot_boundary(MLP(2, [10], seed=0), blobs(40, centers=10), ax, resolution=4)
    clouds = [labelled(ax, f"class {i}") for i in range(10)]
    assert len({cloud.get_paths()[0].vertices.tobytes() for cloud in clouds}) == 10
    assert len({tuple(cloud.get_facecolor()[0]) for cloud in clouds}) == 7


def test_names_of_the_data_are_the_names_in_the_plot(ax):
    named = Dataset(
        DIAGONAL.inputs, (0, 1, 1, 0), 2, "pets", ("weight", "age"), ("cat", "dog")
    )  # fmt: skip
    plot_boundary(sum_of, named, ax, resolution=3)
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("weight", "age")
    assert {"cat", "dog"} <= set(legend(ax))


def test_the_legend_hides_no_point(ax):
    plot_boundary(MLP(2, [10], seed=0), blobs(40, centers=10), ax, resolution=4)
    ax.figure.canvas.draw()
    box = ax.get_legend().get_window_extent().transformed(ax.transData.inverted())
    assert box.y0 > max(y for _, y in blobs(40, centers=10).inputs)


def test_the_grid_holds_the_outputs_of_the_model_and_nan_where_there_is_none():
    model, xs, ys = MLP(2, [4, 2], seed=0), [-1.0, 0.5, 2.0], [0.0, 3.0]
    first, second = scores_on(model, xs, ys, 2)
    assert first.rows == [[model((x, y))[0].data for x in xs] for y in ys]
    assert second.rows == [[model((x, y))[1].data for x in xs] for y in ys]
    [roots] = scores_on(lambda x: sqrt(Value(x[0])), xs, ys, 1)
    assert [str(cell) for cell in roots.rows[0]] == ["nan", str(math.sqrt(0.5)), str(math.sqrt(2))]


def test_a_plotted_model_is_as_it_was():
    model = MLP(2, [4, 1], seed=0)
    loss = model((1.0, 2.0))
    loss.backward()
    before = [(p.data, p.grad) for p in model.parameters()]
    plot_boundary(model, moons(10), resolution=3)
    assert [(p.data, p.grad) for p in model.parameters()] == before
    loss.backward()  # not stale


def test_one_input_is_a_curve_over_the_points(ax):
    data, model = linear(20, noise=0.3), MLP(1, [4, 1], tanh, seed=0)
    plot_boundary(model, data, ax)
    assert points(labelled(ax, "data")) == [
        (x, y) for (x,), y in zip(data.inputs, data.targets, strict=True)
    ]
    line = labelled(ax, "model")
    assert min(line.get_xdata()) < min(data.inputs)[0] < max(data.inputs)[0] < max(line.get_xdata())
    for x, y in zip(line.get_xdata(), line.get_ydata(), strict=True):
        assert model((x,)).data == y


def test_a_model_that_is_the_same_everywhere_is_drawn(ax):
    plot_boundary(lambda x: Value(0.0), DIAGONAL, ax, resolution=3)
    plot_boundary(lambda x: Value(0.5), DIAGONAL, ax, threshold=math.nextafter(0.5, 1))
    plot_boundary(lambda x: [Value(0.0), Value(0.0)], DIAGONAL, ax, resolution=3)
    ax.figure.canvas.draw()


@pytest.mark.parametrize(
    ("model", "data", "error", "sentence"),
    [
        (MLP(64, [10]), digits(), ValueError, "64 inputs, and paper has room for two: train a mod"),
        (MLP(1, [2]), linear(5), ValueError, "it has 2, and a target 1"),
        (MLP(2, [2]), blobs(9, centers=3), ValueError, r"tells classes 0 to 1 apart.* have 2$"),
        (sum_of, blobs(9, centers=3), ValueError, r"tells 0 or -1 from 1, and .* have 2$"),
        (sum_of, ([(1, 2), (2, 3)], [-1, 0]), ValueError, r"tells 0 or -1 from 1.* have 0$"),
        (sum_of, ([(1, 2), (2, 3)], [0.5, 1]), ValueError, r"these targets have 0.5$"),
        (lambda x: x[0], DIAGONAL, TypeError, "a Value or a list of them, not float"),
        (MLP(3, [1]), DIAGONAL, ValueError, "takes 3 inputs, and was given 2"),
        (sum_of, 7, TypeError, "a Dataset or a pair"),
    ],
)
def test_what_cannot_be_drawn_is_said_in_a_sentence(model, data, error, sentence):
    with pytest.raises(error, match=sentence):
        plot_boundary(model, data, resolution=3)


@pytest.mark.parametrize(
    ("resolution", "error", "sentence"),
    [
        (1, ValueError, "the resolution must be at least 2, not 1"),
        (2.5, TypeError, "the resolution must be a whole number, not 2.5"),
        (True, TypeError, "the resolution must be a whole number, not True"),
        (None, TypeError, "the resolution must be a whole number, not None"),
    ],
)
def test_a_resolution_is_a_whole_number_from_two(resolution, error, sentence):
    with pytest.raises(error, match=sentence):
        plot_boundary(sum_of, DIAGONAL, resolution=resolution)


def test_a_class_that_no_point_has_is_named_all_the_same():
    assert class_names(Dataset(((1.0, 2.0),), (1,), 2), 1, (0.0,)) == {0: "class 0", 1: "class 1"}


# What an output stands for: as training says


def wrong(ax) -> str:
    return next(text for text in legend(ax) if text.startswith("wrong"))


@pytest.mark.parametrize("loss", ["mse", "hinge", "binary_cross_entropy"])
def test_the_plot_counts_the_errors_that_training_counts(ax, loss):
    model, data = MLP(2, [8, 8, 1], seed=0), moons(100, seed=0)
    history = fit(model, data, loss=loss, epochs=60, progress=False)
    plot_boundary(model, data, ax, resolution=5)
    _, accuracy = evaluate(model, data, loss)
    assert wrong(ax) == f"wrong: {round(100 * (1 - accuracy))} of 100"
    assert history.accuracies[-1] > 0.8


def test_a_loaded_model_is_drawn_as_it_was_trained(ax, tmp_path):
    model, data = MLP(2, [8, 8, 1], seed=0), moons(100, seed=0)
    fit(model, data, loss="mse", epochs=60, progress=False)
    _, accuracy = evaluate(model, data, "mse")
    plot_boundary(load(save(model, tmp_path / "model")), data, ax, resolution=5)
    assert wrong(ax) == f"wrong: {round(100 * (1 - accuracy))} of 100"


def test_the_loss_says_what_an_output_of_any_function_stands_for(ax):
    half = lambda x: Value(0.25 if x[0] < 0 else 0.75)
    data = ([(-1.0, 0.0), (1.0, 0.0)], [0, 1])
    plot_boundary(half, data, ax, loss="mse", resolution=3)
    assert wrong(ax) == "wrong: 0 of 2" and "score = 0.5" in legend(ax)
    ax.clear()
    plot_boundary(half, data, ax, loss="bce", resolution=3)
    assert wrong(ax) == "wrong: 1 of 2"


def test_one_output_stands_for_the_nearest_of_several_classes_after_mse(ax):
    data = dataset([(0.0, 0.0), (1.0, 0.0), (2.0, 0.0)], [0, 1, 2], classes=3)
    plot_boundary(lambda x: Value(x[0]), data, ax, loss="mse", resolution=9)
    assert wrong(ax) == "wrong: 0 of 3"
    assert "class 2" in legend(ax)
    drawn = [c for c in ax.collections if type(c).__name__ == "QuadContourSet" and not c.filled]
    assert [contour.levels.tolist() for contour in drawn] == [[0.5], [1.5]]


def test_class_names_are_matched_in_the_plot(ax):
    model = MLP(2, [1], seed=0)
    model.load_state_dict({name: 1.0 for name in model.state_dict()} | {"layer1.neuron1.b": 0.0})
    fit(model, dataset([(-1, 0), (1, 0)], ["ant", "bee"]), loss="bce", epochs=0, progress=False)
    plot_boundary(model, dataset([(1.0, 0.0), (2.0, 0.0)], ["bee", "bee"], ["bee", "cat"]), ax)
    assert wrong(ax) == "wrong: 0 of 2"
    with pytest.raises(ValueError, match="the data has the class 'cat', and the classes are ant"):
        plot_boundary(model, dataset([(1.0, 0.0), (2.0, 0.0)], ["bee", "cat"]), ax)


def test_several_outputs_are_curves_over_one_input(ax):
    data = dataset([-1.0, 0.0, 1.0], [[1.0, 2.0], [0.0, 2.0], [1.0, 2.0]])
    plot_boundary(lambda x: [Value(x[0] ** 2), Value(2.0)], data, ax)
    assert legend(ax) == ["target 1", "output 1", "target 2", "output 2"]
    first, second = ax.get_lines()
    assert first.get_ydata()[0] == pytest.approx(1.21, abs=0.2) and set(second.get_ydata()) == {2.0}


def test_rows_of_numbers_have_no_boundary(ax):
    with pytest.raises(ValueError, match="rows of 2 numbers, and a boundary lies between classes"):
        plot_boundary(MLP(2, [2]), ([(0, 0), (1, 1)], [[1, 2], [3, 4]]), ax)


def test_a_list_is_no_history():
    with pytest.raises(TypeError, match=r"as in plot_loss\(history\), not from list"):
        plot_loss([1.0, 0.5])


# The surface


def bowl():
    """A loss, its leaves, and a descent on it."""
    p, q = Value(1.5, "w"), Value(-0.25, "b")
    return lambda: (p - 0.5) ** 2 + 3 * (q + 1) ** 2, p, q, [(1.5, -0.25), (1.1, -0.5), (0.8, -0.9)]


def test_the_grid_holds_the_loss():
    loss, p, q, _ = bowl()
    ps, qs = [0.0, 0.1, 1.0], [-2.0, 5.0]
    grid, complaint = losses_on(loss, p, q, ps, qs)
    assert (grid.xs, grid.ys, complaint) == (ps, qs, "")
    for q_data, row in zip(qs, grid.rows, strict=True):
        for p_data, height in zip(ps, row, strict=True):
            p.data, q.data = p_data, q_data
            assert height == loss().data


def test_a_loss_that_takes_gradients_itself_is_right_too():
    x, y = Value(2.0, "x"), Value(1.0, "y")
    slope = lambda: grad(x**3 * y, x)
    grid, _ = losses_on(slope, x, y, [1.0, 2.0], [1.0, 3.0])
    assert grid.rows == [[3.0, 12.0], [9.0, 36.0]]
    assert (x.data, y.data) == (2.0, 1.0)


def test_the_loss_is_missing_where_it_cannot_be_computed(ax):
    p, q = Value(0.5, "p"), Value(0.0, "q")
    loss = lambda: log(p) + q * q
    grid, complaint = losses_on(loss, p, q, [-1.0, 1.0], [0.0])
    assert math.isnan(grid.rows[0][0]) and grid.rows[0][1] == 0.0
    assert complaint == "log(p = -1): log(a) is defined only for a > 0"
    plot_surface(loss, p, q, ax=ax, resolution=8)
    assert ax.patch.get_hatch()
    ax.figure.canvas.draw()


def test_a_loss_that_can_be_computed_everywhere_is_not_hatched(ax):
    loss, p, q, _ = bowl()
    plot_surface(loss, p, q, ax=ax, resolution=8)
    assert not ax.patch.get_hatch()


def test_leaves_of_the_tutorials_are_restored_too():
    p, q = TutorialValue(1.5), TutorialValue(-0.25)
    recorded = (p - 0.5) ** 2 + q * q
    losses_on(lambda: (p - 0.5) ** 2 + q * q, p, q, [0.0, 1.0], [2.0])
    recorded.backward()
    assert (p.data, p.grad, q.data, q.grad) == (1.5, 2.0, -0.25, -0.5)


class Interrupting:
    """The bowl, until the given call raises."""

    def __init__(self, error, call):
        self.loss, self.p, self.q, _ = bowl()
        self.error, self.left = error, call

    def __call__(self):
        self.left -= 1
        if self.left == 0:
            raise self.error
        return self.loss()


@pytest.mark.parametrize("error", [KeyboardInterrupt(), RuntimeError("mine"), None])
@pytest.mark.parametrize("call", [1, 3, 10, 27])
def test_leaves_are_restored_to_the_bit_whatever_happens(error, call):
    loss = Interrupting(error, call if error else -1)
    loss.p.data, loss.q.data = 0.1 + 0.2, -0.0
    loss.p.grad = 7.0
    recorded = loss.loss()
    try:
        plot_surface(loss, loss.p, loss.q, resolution=5)
    except (KeyboardInterrupt, RuntimeError) as raised:
        assert raised is error
    else:
        assert error is None
    assert loss.p.data.hex() == (0.1 + 0.2).hex()
    assert loss.q.data.hex() == (-0.0).hex()
    assert loss.p.grad == 7.0
    recorded.backward()  # not stale: its leaves are what they were


def test_a_graph_from_the_middle_of_a_recording_sweep_is_stale_afterwards():
    p, q, kept = Value(2.0), Value(1.0), []

    def loss():
        kept.append(p * q)
        return grad(p**2 * q, p)

    losses_on(loss, p, q, [1.0], [1.0])
    with pytest.raises(Exception, match="changed after"):
        kept[-1].backward()


def test_the_path_is_drawn_from_start_to_end(ax):
    loss, p, q, path = bowl()
    plot_surface(loss, p, q, path, ax, resolution=6)
    drawn = labelled(ax, "path")
    assert list(zip(drawn.get_xdata(), drawn.get_ydata(), strict=True)) == path
    for name, step in (("start", path[0]), ("end", path[-1])):
        assert (labelled(ax, name).get_xdata()[0], labelled(ax, name).get_ydata()[0]) == step
    assert ax.get_xlim()[0] < 0.8 < 1.5 < ax.get_xlim()[1]
    assert ax.get_ylim()[0] < -0.9 < -0.25 < ax.get_ylim()[1]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("w", "b")


def test_without_a_path_the_point_is_marked_in_the_middle(ax):
    loss, p, q, _ = bowl()
    plot_surface(loss, p, q, ax=ax, span=0.5, resolution=6)
    assert ax.get_xlim() == (1.0, 2.0)
    assert ax.get_ylim() == (-0.75, 0.25)
    assert labelled(ax, "here").get_xdata()[0] == 1.5


def test_a_path_may_be_an_array(ax):
    loss, p, q, path = bowl()
    plot_surface(loss, p, q, np.array(path), ax, resolution=4)
    assert list(labelled(ax, "path").get_xdata()) == [step for step, _ in path]


@pytest.mark.parametrize("path", [[(1.0, 2.0)], [(1.0, 2.0)] * 3, [(0.0, 2.0), (1.0, 2.0)]])
def test_a_path_that_goes_nowhere_has_a_map_around_it(ax, path):
    loss, p, q, _ = bowl()
    plot_surface(loss, p, q, path, ax, resolution=4)
    assert ax.get_ylim()[0] < 2 < ax.get_ylim()[1]


@pytest.mark.parametrize("flat", [lambda p, q: p * 0, lambda p, q: p * 0 + q * 0 + 1e300])
def test_a_flat_loss_is_drawn(ax, flat):
    p, q = Value(1.0), Value(2.0)
    plot_surface(lambda: flat(p, q), p, q, ax=ax, resolution=4)
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("p", "q")
    ax.figure.canvas.draw()


def always(y):
    return lambda: y


@pytest.mark.parametrize(
    ("arguments", "error", "sentence"),
    [
        (lambda f, p, q: (f, p, p), ValueError, "two different leaves"),
        (lambda f, p, q: (f, p, p * q), ValueError, "two different leaves"),
        (lambda f, p, q: (f, p, 2.0), ValueError, "two different leaves"),
        (lambda f, p, q: (f(), p, q), TypeError, "a function without arguments .* not its result"),
        (lambda f, p, q: (lambda: 1.0, p, q), TypeError, "the loss returns a Value, not float"),
        (lambda f, p, q: (always(f()), p, q), ValueError, "was computed before"),
        (lambda f, p, q: (lambda: log(p - 9), p, q), ValueError, r"nowhere on this map: log\("),
        (
            lambda f, p, q: (f, p, q, [(p, q)]),
            TypeError,
            r"a path, as made by path.append.*, not V",
        ),
        (lambda f, p, q: (f, p, q, [1.0, 2.0]), ValueError, "a list of pairs"),
    ],
)
def test_what_is_no_surface_is_said_in_a_sentence(arguments, error, sentence):
    loss, p, q, _ = bowl()
    with pytest.raises(error, match=sentence):
        plot_surface(*arguments(loss, p, q), resolution=3)


@pytest.mark.parametrize("span", [0, -1.0, math.inf, math.nan])
def test_a_span_is_above_zero(span):
    with pytest.raises(ValueError, match="the span is a number above 0"):
        plot_surface(*bowl()[:3], span=span)


# The tangent


@pytest.mark.parametrize("at", [-1.3, 0.0, 0.4, 2.0])
@pytest.mark.parametrize("f", [tanh, lambda x: x**2 - 1 / (x + 5), lambda x: 2 * x, abs])
def test_the_tangent_has_the_slope_of_the_engine(ax, f, at):
    plot_tangent(f, at, ax)
    x = Value(at)
    slope = grad(f(x), x).data
    line = labelled(ax, "slope")
    (left, right), (low, high) = line.get_xdata(), line.get_ydata()
    assert (right - left, right + left) == (pytest.approx(4.0), pytest.approx(2 * at))
    assert (high - low) / (right - left) == pytest.approx(slope)
    assert (high + low) / 2 == pytest.approx(f(x).data)
    assert line.get_label() == f"slope {slope:.4g} at x = {at:g}".replace("-", "−")
    assert (ax.lines[-1].get_xdata()[0], ax.lines[-1].get_ydata()[0]) == (at, f(x).data)


def test_the_curve_is_the_function(ax):
    plot_tangent(tanh, 0.5, ax, width=3)
    line = labelled(ax, "tanh(x)")
    assert (line.get_xdata()[0], line.get_xdata()[-1]) == (-1.0, 2.0)
    assert [math.tanh(x) for x in line.get_xdata()] == list(line.get_ydata())


def test_the_curve_of_a_derivative_can_be_drawn(ax):
    def slope_of_cube(x):
        return grad(x**3, x)

    plot_tangent(slope_of_cube, 1.0, ax)
    line = labelled(ax, "slope_of_cube(x)")
    assert list(line.get_ydata()) == pytest.approx([3 * x * x for x in line.get_xdata()])
    assert labelled(ax, "slope 6 ").get_ydata()[1] == pytest.approx(3 + 2 * 6)


def test_a_value_brings_its_name_and_keeps_its_gradient(ax):
    theta = Value(0.5, "θ")
    theta.grad = 3.0
    plot_tangent(tanh, theta, ax)
    assert ax.get_xlabel() == "θ"
    assert "tanh(θ)" in legend(ax)
    assert theta.grad == 3.0


def finite(line):
    pairs = zip(line.get_xdata(), line.get_ydata(), strict=True)
    return [(x, y) for x, y in pairs if math.isfinite(y)]


def test_the_curve_begins_where_the_domain_does(ax):
    plot_tangent(sqrt, 0.2571, ax)  # so that no point of the curve is 0
    line = labelled(ax, "sqrt")
    assert math.isnan(line.get_ydata()[0])
    first, height = finite(line)[0]
    assert 0 <= first < 1e-9 and height < 1e-4
    inner = plot_tangent(lambda x: sqrt(1 - x * x), 0.1571)
    assert finite(labelled(inner, "f(x)"))[-1][0] == pytest.approx(1, abs=1e-9)


@pytest.mark.parametrize("at", [1.0, 0.7])  # the pole on a point of the curve, and between two
def test_no_line_joins_the_two_sides_of_a_pole(ax, at):
    plot_tangent(lambda x: 1 / x, at, ax)
    low, high = ax.get_ylim()
    assert -9 < low < 1 / at < high < 9
    _, ys = labelled(ax, "f(x)").get_data()
    for before, after in pairwise(ys):
        assert not (before < low and after > high)
    assert min(y for y in ys if y == y) < low  # each branch leaves the picture
    assert max(y for y in ys if y == y) > high
    ax.figure.canvas.draw()


def test_a_pole_as_high_as_floats_go_can_be_drawn(ax):
    plot_tangent(lambda x: x**-19, 0.9571, ax)
    ax.figure.canvas.draw()


def test_a_jump_is_a_gap_and_a_steep_slope_is_none(ax):
    plot_tangent(lambda x: 2.0 * (x.data > 0.3) - 1.0, 0.7571, ax)
    xs, ys = labelled(ax, "f(x)").get_data()
    [gap] = [i for i, y in enumerate(ys) if math.isnan(y)]
    assert (ys[gap - 1], ys[gap + 1]) == (-1.0, 1.0)
    assert xs[gap - 1] == pytest.approx(0.3) == xs[gap + 1]
    other = plot_tangent(lambda x: tanh(1000 * x), 0.7)
    assert not any(map(math.isnan, labelled(other, "f(x)").get_ydata()))


@pytest.mark.parametrize("first", [-3.0, 3.0])
def test_two_tangents_share_one_curve_and_both_stay_in_sight(ax, first):
    cube = lambda x: x**3
    plot_tangent(cube, first, ax)
    plot_tangent(cube, -first, ax)
    assert sorted(legend(ax)) == ["f(x)", "slope 27 at x = 3", "slope 27 at x = −3"]
    assert ax.get_ylim()[0] < -125 and ax.get_ylim()[1] > 125


@pytest.mark.parametrize(
    ("f", "slope"), [(lambda x: x * 0 + 2, "0"), (lambda x: 2.0, "0"), (lambda x: x, "1")]
)
def test_straight_functions_have_tangents(ax, f, slope):
    plot_tangent(f, 1.0, ax)
    assert f"slope {slope} at x = 1" in legend(ax)


@pytest.mark.parametrize(
    ("call", "error", "sentence"),
    [
        (lambda: plot_tangent(log, -1), OutsideDomain, r"log\(x = -1\)"),
        (lambda: plot_tangent(sqrt, 0), DivisionByZero, r"the local derivative of sqrt\(x = 0\)"),
        (lambda: plot_tangent(tanh, "a"), TypeError, "takes real numbers, not str"),
        (lambda: plot_tangent(tanh, math.inf), ValueError, "no tangent"),
        (lambda: plot_tangent(lambda x: [x], 1), TypeError, "takes real numbers, not list"),
        (lambda: plot_tangent(tanh, 1, width=0), ValueError, "the width is a number above 0"),
    ],
)
def test_what_has_no_tangent_is_said_in_a_sentence(call, error, sentence):
    with pytest.raises(error, match=sentence):
        call()


def test_functions_of_all_kinds_have_pictures():
    rng = random.Random(0)
    for _ in range(10):
        a, b, c = (rng.uniform(-3, 3) for _ in range(3))
        ax = plot_tangent(lambda x, a=a, b=b, c=c: a / (x * x - b) + c * x**3, 0.1)
        low, high = ax.get_ylim()
        assert low < ax.lines[-1].get_ydata()[0] < high
        ax.figure.canvas.draw()
        plt.close(ax.figure)
