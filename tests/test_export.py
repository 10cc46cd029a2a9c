"""A network taken along: the same outputs and gradients elsewhere, there and back."""

import ctypes
import json
import math
import sys

import numpy as np
import pytest

import nn.export.onnx
from autograd import TABLE, Op, exp, tanh, where
from autograd.languages import JAX
from autograd.languages.modules import ONNX_OPERATORS, TORCH_MODULES
from autograd.op import BUILT_IN
from nn import MLP, CannotExport, Neuron, from_torch, load, save, to_jax, to_onnx, to_torch
from nn.export import FORMATS, export
from nn.module import ACTIVATIONS
from tests.test_languages import CC, output_of
from viz.cli.main import main

NEAR = {"rtol": 1e-12, "atol": 1e-12}
BATCH = [[0.25, -1.5], [0.0, 0.0], [1.0, 0.5]]
SUMS = {"acosh": 3.0, "atanh": 0.0, "asin": 0.0, "acos": 0.0}  # where sums have to lie; else at 0.5
every_activation = pytest.mark.parametrize("name", [*ACTIVATIONS, "linear"])


def network(activation, output=None):
    """A network whose sums lie where the activation is defined."""
    model = MLP(2, [3, 2], activation, output=output, seed=4)
    for neuron in model.layers[0].neurons:
        neuron.b.data = SUMS.get(activation, 1.5)
        for w in neuron.w:
            w.data /= 4
    return model


def outputs(model, batch=BATCH):
    return np.array([[y.data for y in model(x)] for x in batch])


def gradients(model, batch=BATCH):
    """That of the sum of all squared outputs, by the names of the parameters."""
    model.zero_grad()
    sum(y * y for x in batch for y in model(x)).backward()
    return {name: parameter.grad for name, parameter in model.named_parameters().items()}


def by_name(layers):
    """Weights and biases of layers by the names of our parameters."""
    found = {}
    for i, (weight, bias) in enumerate(layers, start=1):
        for k, row in enumerate(np.asarray(weight), start=1):
            place = f"layer{i}.neuron{k}"
            found |= {f"{place}.w{j}": w for j, w in enumerate(row, start=1)}
            found[f"{place}.b"] = np.asarray(bias)[k - 1]
    return found


def same(found, wanted):
    return found.keys() == wanted.keys() and all(
        np.isclose(found[name], wanted[name], **NEAR) for name in wanted
    )


# JAX


@every_activation
def test_jax_has_our_outputs_and_gradients(name):
    import jax

    model = network(name)
    function, parameters = to_jax(model)
    assert np.allclose(function(parameters, BATCH), outputs(model), **NEAR)
    assert function(parameters, BATCH[0]).shape == (2,)
    found = jax.grad(lambda p: (function(p, BATCH) ** 2).sum())(parameters)
    assert same(by_name([(one["weight"], one["bias"]) for one in found]), gradients(model))


# PyTorch


@pytest.mark.growing
@pytest.mark.parametrize("name", [*TORCH_MODULES, "linear"])
def test_pytorch_has_our_outputs_and_gradients_and_comes_back(name):
    import torch

    model = network(name)
    state = torch.random.get_rng_state()
    module = to_torch(model)
    assert torch.equal(torch.random.get_rng_state(), state)
    for batch in (BATCH, [[30.0, 90.0], [-90.0, -250.0]]):
        model.zero_grad()
        module.zero_grad()
        y = module(torch.tensor(batch, dtype=torch.float64))
        assert np.allclose(y.detach(), outputs(model, batch), **NEAR)
        (y * y).sum().backward()
        linear = [part for part in module if type(part) is torch.nn.Linear]
        found = by_name([(part.weight.grad, part.bias.grad) for part in linear])
        assert same(found, gradients(model, batch))
    again = from_torch(module)
    assert repr(again) == repr(model) and again.state_dict() == model.state_dict()


@pytest.mark.growing
def test_a_module_of_pytorch_is_explained_and_drawn(tmp_path):
    import torch
    from torch.nn import Dropout, Identity, Linear, ReLU, Sequential, Softplus

    from autograd import explain
    from viz import draw

    module = Sequential(
        Sequential(Linear(2, 3, bias=False), ReLU(inplace=True)),
        Dropout(),
        Linear(3, 1),
        Identity(),
    )
    model = from_torch(module)
    assert repr(model) == "MLP(2 → 3 relu → 1)"
    x = [0.5, -1.0]
    y = model(x)
    assert y.data == pytest.approx(module.eval()(torch.tensor(x)).item(), rel=1e-6)
    y.backward()
    assert "relu" in str(explain(y).text)
    draw(model, x).save(tmp_path / "network.svg")
    assert repr(from_torch(Sequential(Linear(1, 1), Softplus()))) == "MLP(1 → 1 softplus)"


@pytest.mark.growing
@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("Conv1d(1, 1, 1)", "there is no operation for Conv1d.*: from_torch reads Linear, ReLU"),
        ("Sequential(Linear(1, 1), LeakyReLU(0.2))", r"no operation for LeakyReLU\(negative_slope"),
        ("Sequential(Linear(1, 1), Tanh(), ReLU())", r"^ReLU\(\) does not follow a Linear"),
        ("Sequential(Tanh(), Linear(1, 1))", r"^Tanh\(\) does not follow a Linear"),
        ("Sequential()", "^this Sequential has no Linear"),
        ("Sequential(Linear(1, 2), Linear(3, 1))", "takes 3 inputs, and the layer before gives 2"),
    ],
)
def test_a_module_that_is_no_mlp_is_refused_in_one_sentence(written, message):
    from torch import nn as modules

    module = eval(written, vars(modules))
    if not isinstance(module, modules.Sequential):
        module = modules.Sequential(modules.Linear(1, 1), module)
    with pytest.raises(CannotExport, match=message):
        from_torch(module)


@pytest.mark.growing
def test_what_is_no_sequential_is_refused():
    from torch.nn import Linear

    with pytest.raises(
        TypeError, match=r"reads a torch\.nn\.Sequential, not Linear: put its parts"
    ):
        from_torch(Linear(1, 1))


@pytest.mark.parametrize("name", sorted(ACTIVATIONS.keys() - TORCH_MODULES.keys()))
def test_an_activation_that_pytorch_has_no_module_for_is_named(name):
    with pytest.raises(CannotExport, match=rf"^torch.nn has no module for {name}: it has relu, "):
        to_torch(network(name))


# ONNX


def run_by_onnxruntime(path, batch=BATCH):
    import onnxruntime

    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    return session.run(None, {"x": np.array(batch, dtype=float)})[0]


@every_activation
def test_onnxruntime_has_our_outputs(name, tmp_path):
    model = network(name)
    path = to_onnx(model, tmp_path / "model.onnx")
    single = {"asin", "acos", "atan", "erf", "erfc", "gelu"}
    near = {"rtol": 1e-6, "atol": 1e-6} if name in single else NEAR
    assert np.allclose(run_by_onnxruntime(path), outputs(model), **near)


FAR = [0.0, -0.0, 1e-300, 1e-9, -1e-9, 0.3, -0.6, 1.0, -1.0, 2.5, -2.5, 7.0, 40.0, -40.0]
FAR += [300.0, -300.0, 1e9, -1e9]


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_onnxruntime_has_our_values_where_numbers_are_small_or_large(name, tmp_path):
    """Relative to their size where the operation is 0 at 0, as log1p and sinh are."""
    op = ACTIVATIONS[name]
    model = MLP(1, [1], op, output=op, init=lambda rng, inputs, neurons: ([1.0], 0.0))
    found = run_by_onnxruntime(to_onnx(model, tmp_path / "model.onnx"), [[x] for x in FAR])
    single = name in {"asin", "acos", "atan", "erf", "erfc", "gelu"}
    near = {"rtol": 1e-6, "atol": 1e-6} if single else {"rtol": 1e-12, "atol": 1e-15}
    assert np.allclose(found[:, 0], [op.ieee(x) for x in FAR], equal_nan=True, **near)


def test_a_file_of_onnx_is_a_matmul_and_an_add_in_double_for_each_layer(tmp_path):
    import onnx

    model = onnx.load(to_onnx(network("relu"), tmp_path / "model.onnx"))
    assert [node.op_type for node in model.graph.node] == (
        "MatMul Add Relu MatMul Add Identity".split()
    )
    double = onnx.TensorProto.DOUBLE
    assert {one.data_type for one in model.graph.initializer} == {double}
    assert {one.type.tensor_type.elem_type for one in model.graph.input} == {double}


def test_the_operators_that_onnxruntime_has_in_float32_only_are_those():
    """When it gains one, it can be taken from the list."""
    import onnx
    import onnxruntime

    for op in nn.export.onnx.IN_FLOAT32:
        helper, double = onnx.helper, onnx.TensorProto.DOUBLE
        ends = [helper.make_tensor_value_info(name, double, ["n"]) for name in "xy"]
        node = helper.make_node(ONNX_OPERATORS[op.name], ["x"], ["y"])
        graph = helper.make_graph([node], "one", ends[:1], ends[1:])
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        with pytest.raises(Exception, match="NOT_IMPLEMENTED"):
            onnxruntime.InferenceSession(model.SerializeToString())


def test_what_is_listed_is_in_the_table():
    assert {*TORCH_MODULES} <= {*ACTIVATIONS} and {*ONNX_OPERATORS} <= BUILT_IN


# Files


def program_in(path, source_of):
    space = {}
    exec(path.read_text("utf-8"), space)
    return source_of(space)


@every_activation
def test_a_file_in_python_has_our_outputs_to_the_bit(name, tmp_path):
    model = network(name)
    path = export(model, "python", tmp_path / "model.py")
    program = program_in(path, lambda space: space["program"])
    assert [program(x) for x in BATCH] == outputs(model).tolist()


def test_a_file_in_c_has_our_outputs_to_the_bit(tmp_path):
    for name in ACTIVATIONS:
        model = network(name)
        path = export(model, "c", tmp_path / f"{name}.c")
        strict = "-O2 -ffp-contract=off -std=c11 -pedantic -Wall -Wextra -Werror".split()
        library = tmp_path / f"{name}.so"
        output_of(CC, *strict, "-shared", "-fPIC", "-o", str(library), str(path), "-lm")
        function = ctypes.CDLL(str(library)).program
        for x, wanted in zip(BATCH, outputs(model).tolist(), strict=True):
            y = (ctypes.c_double * 2)()
            function((ctypes.c_double * 2)(*x), y)
            assert list(y) == wanted, name


def test_a_file_in_javascript_has_our_outputs(tmp_path):
    for name in ("softplus", "gelu", "tanh", "asinh", "linear"):
        model = network(name)
        text = export(model, "javascript", tmp_path / "model.js").read_text()
        found = output_of(
            ["node"], "-e", f"{text}console.log(JSON.stringify({BATCH}.map(program)))"
        )
        assert np.allclose(json.loads(found), outputs(model), **NEAR)


@every_activation
def test_a_file_for_jax_has_our_outputs(name, tmp_path):
    model = network(name)
    path = export(model, "jax", tmp_path / "model.py")
    found = program_in(path, lambda space: space["program"](space["parameters"], BATCH))
    assert np.allclose(found, outputs(model), **NEAR)


@pytest.mark.growing
@pytest.mark.parametrize("name", TORCH_MODULES)
def test_a_file_for_pytorch_has_our_outputs(name, tmp_path):
    import torch

    model = network(name)
    module = program_in(export(model, "torch", tmp_path / "m.py"), lambda space: space["model"])
    y = module(torch.tensor(BATCH, dtype=torch.float64)).detach()
    assert np.allclose(y, outputs(model), **NEAR)
    assert from_torch(module).state_dict() == model.state_dict()


@pytest.mark.parametrize("format", FORMATS)
def test_the_command_exports_a_saved_network(format, tmp_path, capsys):
    saved = save(network("tanh", "softplus"), tmp_path / "model.safetensors")
    path = tmp_path / "exported"
    assert main(["export", str(saved), "--to", format, "-o", str(path)]) == 0
    assert f"wrote {path}: MLP(2 → 3 tanh → 2 softplus) for {format}" in capsys.readouterr().out
    assert path.read_bytes() == export(load(saved), format, tmp_path / "again").read_bytes()


# What cannot go along


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--to", "onnx"], "-o FILE is missing: stepgrad export --help shows how"),
        (
            ["--to", "cobol", "-o", "x"],
            "there is no format named cobol: choose from torch, jax, onnx",
        ),
        (["--to", "c", "-o", "no/where"], "there is no folder no: make it first"),
        (["--to", "c", "-o", "x", "more"], "what is 'more'? stepgrad export takes one file of a"),
    ],
)
def test_a_mistake_in_the_command_is_one_line(words, message, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    save(network("tanh"), "model.safetensors")
    assert main(["export", "model.safetensors", *words]) == 2
    error = capsys.readouterr().err
    assert message in error and error.count("\n") == 1


def test_a_missing_package_is_installed_with_one_line(tmp_path, capsys, monkeypatch):
    saved = save(network("tanh"), tmp_path / "model.safetensors")
    monkeypatch.setitem(sys.modules, "onnx", None)
    assert main(["export", str(saved), "--to", "onnx", "-o", str(tmp_path / "x")]) == 2
    assert capsys.readouterr().err == "stepgrad: onnx is not installed: pip install onnx\n"
    for module, function in (("torch", to_torch), ("jax", to_jax)):
        monkeypatch.setitem(sys.modules, module, None)
        monkeypatch.setitem(sys.modules, f"{module}.numpy", None)
        with pytest.raises(ImportError, match=f"^{module} is not installed: pip install {module}$"):
            function(network("tanh"))


TO = {"torch": to_torch, "jax": to_jax, "onnx": lambda model: to_onnx(model, "model.onnx")}
TO |= {name: lambda model, name=name: export(model, name, "model") for name in FORMATS}
every_way = pytest.mark.parametrize("way", TO.values(), ids=TO.keys())


@every_way
def test_what_is_no_network_of_plain_layers_is_refused(way, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(TypeError, match=r"^only an MLP can be exported, not Neuron$"):
        way(Neuron(1))
    mixed, lost = MLP(1, [2, 1]), MLP(1, [2, 1])
    mixed.layers[0].neurons[1].activation = tanh
    with pytest.raises(CannotExport, match=r"^the neurons of layer1 have different activations"):
        way(mixed)
    lost.layers[1].neurons[0].b.data = math.nan
    with pytest.raises(CannotExport, match=r"its layer2.neuron1.b is nan$"):
        way(lost)
    assert [*tmp_path.iterdir()] == []


@pytest.fixture
def customs():
    cube = Op("test_cube", lambda a: a * a * a)
    rounded = Op("test_rounded", lambda a: math.fsum([a]), (lambda y, a: 1.0,))
    yield cube, rounded
    del TABLE["test_cube"], TABLE["test_rounded"]


def test_a_custom_activation_goes_along_where_it_is_a_formula(customs, tmp_path):
    cube, _ = customs
    model = MLP(2, [3, 2], cube, seed=4)
    function, parameters = to_jax(model)
    assert np.allclose(function(parameters, BATCH), outputs(model), **NEAR)
    found = run_by_onnxruntime(to_onnx(model, tmp_path / "model.onnx"))
    assert np.allclose(found, outputs(model), **NEAR)
    program = program_in(export(model, "python", tmp_path / "x"), lambda space: space["program"])
    assert [program(x) for x in BATCH] == outputs(model).tolist()


def test_the_derivatives_of_a_custom_activation_go_along_to_jax():
    """Those of the first take more than one line; those of the second work on floats only."""
    import jax

    swell = Op("test_swell", lambda a: where(abs(a) <= 1, a * a / 2, abs(a) - 0.5) * exp(abs(a)))
    floats = Op("test_floats", lambda a: a * a, (lambda y, a: 2 * math.fabs(a),))
    try:
        model = MLP(2, [3, 2], swell, seed=4)
        function, parameters = to_jax(model)
        assert "def test_swell_slope0(y, a):" in JAX.helpers_for([swell])[1]
        found = jax.grad(lambda p: (function(p, BATCH) ** 2).sum())(parameters)
        assert same(by_name([(one["weight"], one["bias"]) for one in found]), gradients(model))
        with pytest.raises(ValueError, match=r"^the local derivatives of test_floats are known in"):
            to_jax(MLP(2, [3, 2], floats))
    finally:
        del TABLE["test_swell"], TABLE["test_floats"]


@every_way
def test_a_custom_activation_that_is_no_formula_is_refused(way, customs, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    _, rounded = customs
    with pytest.raises(ValueError, match="test_rounded"):
        way(MLP(1, [1], output=rounded))
    assert [*tmp_path.iterdir()] == []


def test_importing_takes_nothing_of_it_along():
    code = "import sys, nn, viz; print(*{'jax', 'torch', 'onnx', 'onnxruntime'} & {*sys.modules})"
    assert output_of([sys.executable], "-c", code) == "\n"
