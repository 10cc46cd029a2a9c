"""Neurons, layers and networks have micrograd's shape and order, and say what does not fit."""

import random
from math import sqrt
from statistics import fmean, pvariance

import numpy as np
import pytest

from autograd import Op, Value, explain, gradients, hypot, relu, sigmoid, tanh
from nn import MLP, Layer, Module, Neuron, ShapeError, fit, he, lecture, uniform, xavier, xor


def seeded(make, seed=1337):
    random.seed(seed)
    return make()


def test_a_seeded_neuron_is_micrograds():
    neuron = seeded(lambda: Neuron(2))
    assert [w.data for w in neuron.w] == [0.23550571390294128, 0.06653114721000164]
    assert neuron.b.data == 0
    x = [Value(1.0), Value(-2.0)]
    y = neuron(x)
    assert y.data == pytest.approx(0.102443419482938, rel=1e-12)
    y.backward()
    assert [w.grad for w in neuron.w] == [1, -2] and neuron.b.grad == 1
    assert [xi.grad for xi in x] == [w.data for w in neuron.w]


def test_a_seeded_mlp_is_micrograds():
    model = seeded(lambda: MLP(2, [16, 16, 1]))
    assert len(model.parameters()) == 337
    assert model.layers[-1].neurons[-1].w[-1].data == -0.2532524374373504
    assert model([1, -2]).data == pytest.approx(-1.3324313779586294, rel=1e-12)


def test_the_lectures_net_is_one_switch_away():
    model = seeded(lambda: MLP(3, [4, 4, 1], tanh, output=tanh, init=lecture))
    assert len(model.parameters()) == 41
    assert model([2.0, 3.0, -1.0]).data == pytest.approx(0.42767811248845455, rel=1e-12)


def test_the_lectures_training_run_is_reproduced():
    model = seeded(lambda: MLP(3, [4, 4, 1], tanh, output=tanh, init=lecture))
    xs = [(2, 3, -1), (3, -1, 0.5), (0.5, 1, 1), (1, 1, -1)]
    losses = []
    for _ in range(20):
        loss = sum((model(x) - t) ** 2 for x, t in zip(xs, (1, -1, -1, 1), strict=True))
        model.zero_grad()
        loss.backward()
        for p in model.parameters():
            p.data -= 0.1 * p.grad
        losses.append(loss.data)
    assert losses[0] == pytest.approx(6.005402783252284, rel=1e-9)
    assert losses[1] == pytest.approx(3.2021496469205015, rel=1e-9)
    assert losses[-1] == pytest.approx(0.017781874686157644, rel=1e-9)


def test_a_seed_of_its_own_leaves_pythons_random_alone():
    random.seed(5)
    expected = random.random()
    random.seed(5)
    first, second = MLP(2, [3, 1], seed=1), MLP(2, [3, 1], seed=1)
    assert random.random() == expected
    assert first.state_dict() == second.state_dict() != MLP(2, [3, 1], seed=2).state_dict()


def test_parameters_are_named_by_their_place():
    model = MLP(2, [3, 1])
    assert list(model.named_parameters())[:4] == [
        "layer1.neuron1.w1", "layer1.neuron1.w2", "layer1.neuron1.b", "layer1.neuron2.w1",
    ]  # fmt: skip
    assert all(p.label == name for name, p in model.named_parameters().items())
    assert model.layers[0].neurons[2].w[1].label == "layer1.neuron3.w2"
    assert list(Neuron(2).named_parameters()) == ["w1", "w2", "b"]
    assert list(Layer(1, 2).named_parameters())[-1] == "neuron2.b"


def test_values_inside_carry_names_that_explain_shows():
    model = MLP(1, [2, 1], tanh, seed=0)
    names = explain(model([0.5]), names=False).names.values()
    assert {"layer1.neuron1.sum", "layer1.neuron1", "layer1.neuron2", "output"} <= set(names)


def test_an_error_inside_names_the_neuron():
    model = MLP(1, [1, 1], Op("explosive", lambda a: 1 / a, (lambda y, a: -y / a,)))
    model.load_state_dict(dict.fromkeys(model.state_dict(), 0.0))
    with pytest.raises(ZeroDivisionError, match=r"explosive\(layer1\.neuron1\.sum = 0\)"):
        model([1.0])


def test_a_single_output_is_a_bare_value_and_several_are_a_list():
    assert isinstance(MLP(2, [3, 1])([1, 2]), Value)
    outputs = MLP(2, [3, 2])([1, 2])
    assert [type(out) for out in outputs] == [Value, Value]
    assert [out.label for out in outputs] == ["output1", "output2"]


@pytest.mark.parametrize("sizes", [[1], [1, 1], [16, 1, 1], [1, 16, 1], [3, 1, 2]])
def test_a_layer_of_one_neuron_may_stand_anywhere(sizes):
    model = MLP(2, sizes, seed=0)
    out = model([0.3, -0.4])
    total = out if isinstance(out, Value) else sum(out)
    found = gradients(total)
    assert all(p in found for p in model.parameters())


def test_a_bare_number_or_value_is_one_input():
    model = MLP(1, [1], seed=0)
    assert model(2.0).data == model([2.0]).data == model(Value(2.0)).data


def test_each_layer_may_have_its_own_activation():
    model = MLP(2, [3, 3, 1], [relu, tanh, sigmoid])
    assert repr(model) == "MLP(2 → 3 relu → 3 tanh → 1 sigmoid)"
    assert [layer.activation for layer in model.layers] == [relu, tanh, sigmoid]
    assert not MLP(2, [3, 1]).layers[-1].neurons[0].nonlin


def test_a_row_of_ones_own_is_an_activation():
    square = Op("square", lambda a: a * a, (lambda y, a: 2 * a,))
    neuron = Neuron(1, square, init=lambda rng, inputs, neurons: ([3.0], 1.0))
    y = neuron([2.0])
    y.backward()
    assert (y.data, neuron.w[0].grad) == (49, 28)


@pytest.mark.parametrize(
    ("init", "variance"),
    [(uniform, 1 / 3), (lecture, 1 / 3), (xavier, 2 / (50 + 200)), (he, 2 / 50)],
)
def test_initial_weights_have_the_mean_and_variance_they_promise(init, variance):
    layer = Layer(50, 200, init=init, rng=random.Random(0))
    weights = [w.data for neuron in layer.neurons for w in neuron.w]
    assert fmean(weights) == pytest.approx(0, abs=4 * sqrt(variance / len(weights)))
    assert pvariance(weights) == pytest.approx(variance, rel=0.05)
    biases = [neuron.b.data for neuron in layer.neurons]
    assert any(biases) == (init is lecture)


def test_neurons_that_begin_at_zero_stay_alike():
    model = MLP(2, [3, 1], "sigmoid", init="zero")
    assert all(p.data == 0 for p in model.parameters())
    fit(model, xor(20, noise=0.2), loss="mse", optimizer="sgd", epochs=5, progress=False)
    first, *others = [[w.data for w in neuron.parameters()] for neuron in model.layers[0].neurons]
    assert any(first) and all(other == first for other in others)


def test_zero_grad_forgets_the_gradients():
    model = MLP(2, [2, 1])
    model([1, 2]).backward()
    model.zero_grad()
    assert [p.grad for p in model.parameters()] == [None] * 9


def test_the_state_of_one_model_makes_another_equal():
    first, second = MLP(2, [3, 1], seed=1), MLP(2, [3, 1], seed=2)
    second.load_state_dict(first.state_dict())
    assert second([0.1, 0.2]).data == first([0.1, 0.2]).data


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (lambda s: s.pop("layer1.neuron1.b"), ShapeError, "the state has no layer1.neuron1.b"),
        (lambda s: s.update(extra=1.0), ShapeError, "the state has extra, which"),
        (lambda s: s.update({"layer1.neuron1.b": "1"}), TypeError, "layer1.neuron1.b takes real"),
    ],
)
def test_a_state_that_does_not_fit_changes_nothing(change, error, message):
    model = MLP(1, [1], seed=0)
    before = model.state_dict()
    state = dict.fromkeys(before, 7.0)
    change(state)
    with pytest.raises(error, match=message):
        model.load_state_dict(state)
    assert model.state_dict() == before


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: MLP(2, []), ShapeError, "at least one layer"),
        (lambda: MLP(2, [3, 0]), ShapeError, "the size of layer 2 must be at least 1, not 0"),
        (lambda: MLP(2, [3, -1]), ShapeError, "the size of layer 2 must be at least 1, not -1"),
        (
            lambda: MLP(0, [3]),
            ShapeError,
            "the number of inputs of an MLP must be at least 1, not 0",
        ),
        (
            lambda: MLP(2, [3, 1.5]),
            TypeError,
            "the size of layer 2 must be a whole number, not 1.5",
        ),
        (lambda: MLP(2, [True]), TypeError, "whole number, not True"),
        (lambda: MLP(2, ["3"]), TypeError, "whole number, not '3'"),
        (lambda: MLP(2, [3, 1], [relu]), ShapeError, "2 layers and 1 activation: give each layer"),
        (lambda: MLP(2, [1], [relu], output=relu), ShapeError, "leave output out"),
        (lambda: MLP(2, [3, 1], 3), TypeError, "an activation is an operation"),
        (lambda: MLP(2, [3, 1], "rely"), ValueError, "no activation named rely: did you mean relu"),
        (lambda: MLP(2, [3, 1], "hypot"), ValueError, "there is no activation named hypot"),
        (lambda: MLP(2, [3, 1], hypot), TypeError, "an activation is an operation"),
        (lambda: MLP(2, 16), TypeError, "a list of sizes, as in"),
        (lambda: MLP(2, [4, 1], init=1), TypeError, "init is a function such as uniform"),
        (
            lambda: MLP(2, [4, 1], init="him"),
            ValueError,
            "no init named him: choose from uniform, lecture",
        ),
        (lambda: MLP(2, [1])({1: 2, 3: 4}), TypeError, "not dict"),
        (lambda: Neuron(0), ShapeError, "inputs of a neuron must be at least 1, not 0"),
        (lambda: Layer(2, 0), ShapeError, "neurons of a layer must be at least 1, not 0"),
        (lambda: MLP(2, [3, 1])([1, 2, 3]), ShapeError, "layer1 takes 2 inputs, and was given 3"),
        (lambda: Neuron(2)([1]), ShapeError, "this neuron takes 2 inputs, and was given 1"),
        (lambda: Neuron(1)([1, 2]), ShapeError, "this neuron takes 1 input, and was given 2"),
        (lambda: MLP(2, [3, 1])(["a", "b"]), TypeError, "not str"),
        (lambda: MLP(2, [3, 1])(None), TypeError, "an example is a sequence of numbers"),
    ],
)
def test_what_does_not_fit_is_said_in_one_sentence(make, error, message):
    with pytest.raises(error, match=message):
        make()


def test_a_bad_size_draws_no_random_number():
    random.seed(3)
    with pytest.raises(ShapeError):
        MLP(2, [16, 0])
    first = random.random()
    random.seed(3)
    assert random.random() == first


def test_the_summary_counts_parameters():
    summary = MLP(2, [16, 16, 1]).summary()
    assert summary.splitlines()[-1] == "MLP with 337 parameters"
    assert [line.split()[0] for line in summary.splitlines()[:-1]] == ["layer1", "layer2", "layer3"]
    assert Neuron(3).summary() == "Neuron(3, relu): 4 parameters"


def test_names_do_not_depend_on_labels():
    model = MLP(2, [4, 1], seed=0)
    names = list(model.named_parameters())
    for parameter in model.parameters():
        parameter.label = ""
    assert list(model.named_parameters()) == names and len(names) == 17


def test_a_module_of_ones_own_is_searched_for_parameters():
    class Two(Module):
        def __init__(self):
            self.first = Layer(2, 3, tanh)
            self.rest = [Layer(3, 1, None), Value(0.5)]
            self.scale = Value(2.0)
            self.tied = self.scale
            self._result = self.scale * 2
            self.note = "text"

        def __call__(self, x):
            return self.rest[0](self.first(x)) * self.scale

    model = Two()
    names = list(model.named_parameters())
    assert len(names) == 9 + 4 + 1 + 1
    assert names[0] == "first.neuron1.w1" and names[-3:] == ["rest1.neuron1.b", "rest2", "scale"]
    assert repr(model) == "Two" and model.summary() == "Two: 15 parameters"


def test_two_places_of_one_name_are_refused():
    class Clash(Module):
        def __init__(self):
            self.w = [Value(1.0)]
            self.w1 = Value(2.0)

    with pytest.raises(ShapeError, match="two parameters of this Clash are w1"):
        Clash().parameters()


def test_a_module_without_parameters_is_one():
    assert Module().parameters() == []


# Where parameters are looked for


class Holder(Module):
    def __init__(self, **held):
        vars(self).update(held)


@pytest.mark.parametrize(
    ("held", "names"),
    [
        ({"parts": {"left": Value(1.0), "right": Value(2.0)}}, ["parts.left", "parts.right"]),
        ({"table": [[Value(1.0)], [Value(2.0)]]}, ["table1.1", "table2.1"]),
        ({"rows": [(Value(1.0), Value(2.0)), 3]}, ["row1.1", "row1.2"]),
        ({"array": np.array([[Value(1.0)], [Value(2.0)]])}, ["array1.1", "array2.1"]),
        ({"scalar": np.array(Value(1.0))}, ["scalar"]),
        ({"parts": {0: [Layer(1, 1)]}}, ["parts.0.1.neuron1.w1", "parts.0.1.neuron1.b"]),
        ({"numbers": np.zeros(3), "text": "abc", "rest": {"a": 1}}, []),
    ],
)
def test_parameters_are_found_in_dicts_lists_of_lists_and_arrays(held, names):
    holder = Holder(**held)
    assert list(holder.named_parameters()) == names
    holder.load_state_dict(dict.fromkeys(names, 7.0))
    assert [parameter.data for parameter in holder.parameters()] == [7.0] * len(names)


@pytest.mark.parametrize(
    ("held", "place"),
    [
        ({"scale": 2 * Value(1.0)}, "scale"),
        ({"scales": [Value(1.0), Value(2.0) + 1]}, "scale2"),
        ({"parts": {"a": [Value(2.0) + 1]}}, "parts.a1"),
        ({"inner": Holder(x=Value(2.0) + 1)}, "x"),
    ],
)
def test_a_value_that_was_computed_is_no_parameter_and_named(held, place):
    with pytest.raises(ShapeError, match=f"^{place} of this Holder is no parameter, but"):
        Holder(**held).parameters()


def test_what_begins_with_an_underscore_may_be_computed():
    assert list(Holder(_last=Value(2.0) + 1, w=Value(1.0)).named_parameters()) == ["w"]


def test_a_set_of_parameters_is_refused_for_it_has_no_order():
    with pytest.raises(ShapeError, match="weights is a set, which has no order"):
        Holder(weights={Value(1.0)}).parameters()


def test_a_module_that_holds_the_one_that_holds_it_is_searched_once():
    outer, inner = Holder(w=Value(1.0)), Holder(v=Value(2.0))
    outer.inner, inner.outer = inner, outer
    loop = [Value(3.0)]
    loop.append(loop)
    outer.loop = loop
    assert list(outer.named_parameters()) == ["w", "inner.v", "loop1"]


# Names and NumPy's numbers


def test_activations_and_initial_weights_have_names():
    assert repr(MLP(2, [3, 1], "tanh", output="sigmoid", seed=0)) == "MLP(2 → 3 tanh → 1 sigmoid)"
    assert repr(MLP(2, [3, 1], ["tanh", "linear"], seed=0)) == "MLP(2 → 3 tanh → 1)"
    assert Neuron(2, "ReLU").activation is relu and Layer(2, 2, "linear").activation is None
    by_name, by_hand = (MLP(2, [3, 1], init=init, seed=0) for init in ("xavier", xavier))
    assert by_name.state_dict() == by_hand.state_dict()


def test_sizes_and_seeds_are_any_whole_numbers():
    sizes = np.array([3, 1])
    assert MLP(np.int64(2), sizes, seed=np.int32(5)).state_dict() == (
        MLP(2, [3, 1], seed=5).state_dict()
    )
    for seed in ("5", 5.0, True):
        with pytest.raises(TypeError, match="the seed must be a whole number"):
            MLP(2, [1], seed=seed)
