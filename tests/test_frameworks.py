"""Programs as functions of JAX and PyTorch: their own chain rules come to our gradients."""

import math
import re
import sys
from functools import cache
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from autograd import TABLE, AutogradError, Op, Program, Value, log, sqrt, tanh, where
from autograd.op import BUILT_IN
from nn import MLP
from nn.losses import LOSSES, l1, l2, logsumexp, softmax
from nn.module import ACTIVATIONS
from tests.test_languages import RECORDED, random_graph

ROWS = sorted(BUILT_IN)
NEAR = {"rtol": 1e-12, "atol": 1e-12}
FRAMEWORKS = ["jax", pytest.param("torch", marks=pytest.mark.growing)]
both = pytest.mark.parametrize("framework", FRAMEWORKS)
PAGE = Path(__file__).parents[1] / "docs/growing.md"


def differentiated(program, framework, x=(), at=None):
    """The value and the gradient for each parameter, as the framework finds them."""
    if framework == "jax":
        import jax

        function, parameters = program.to_jax()
        at = parameters if at is None else np.array(at)
        value, gradients = jax.value_and_grad(function)(at, x)
        return float(value), np.asarray(gradients)
    import torch

    function, parameters = program.to_torch()
    if at is not None:
        parameters = torch.tensor(at, dtype=torch.float64, requires_grad=True)
    value = function(parameters, x)
    if value.requires_grad:  # a comparison does not
        value.backward()
    gradients = (
        torch.zeros(len(at or program.parameters)) if parameters.grad is None else parameters.grad
    )
    return value.item(), gradients.numpy()


def agree(program, framework, x=()):
    value, gradients = program.value_and_gradients([list(x)], machine="python")
    found, its = differentiated(program, framework, x)
    assert np.allclose(found, value, **NEAR) and np.allclose(its, gradients, **NEAR)


@both
@pytest.mark.parametrize("name", ROWS)
def test_every_operation_has_our_value_and_gradient(name, framework):
    row = TABLE[name]
    point = RECORDED.get(name, (0.6, -0.3, 0.9)[: len(row.partials)])
    agree(Program(row(*map(Value, point, "abc"))), framework)


@both
@pytest.mark.parametrize("part", range(5))
def test_random_graphs_have_our_values_and_gradients(part, framework):
    for seed in range(100 * part, 100 * part + 100):
        program = random_graph(seed)
        agree(program, framework, [leaf.data for leaf in program.inputs])


def test_the_random_graphs_use_every_operation():
    text = "".join(random_graph(seed).source() for seed in range(500))
    assert [name for name in ROWS if not (TABLE[name].symbol or f"{name}(" in text)] == []


@both
@pytest.mark.parametrize("loss", [*LOSSES, "l1", "l2", "softmax", "logsumexp"])
def test_the_loss_of_a_network_has_our_gradients(loss, framework):
    model = MLP(2, [3, 3], tanh, seed=0)
    x, target = [Value(0.5), Value(-1.5)], Value(1.0)
    outputs = model(x)
    many = {
        "mse": lambda: LOSSES["mse"]([outputs[0]], [target]),
        "cross_entropy": lambda: LOSSES["cross_entropy"]([outputs], [target]),
        "l1": lambda: l1(model.parameters()) * outputs[0],
        "l2": lambda: l2(model.parameters()) * outputs[0],
        "softmax": lambda: softmax(outputs)[1],
        "logsumexp": lambda: logsumexp(outputs),
    }
    y = many[loss]() if loss in many else LOSSES[loss]([outputs[0]], [target])
    agree(Program(y, inputs=[*x, target]), framework, [0.25, 1.75, 1.0])


# Corners


PLACES = [0.0, -0.0, 0.5, 1.0, -1.0, 2.0, -2.0, 6.0]


@cache
def differences(name, framework):
    """The points where we have a value and a gradient, and the framework has others; and those
    that we refuse, where it has finite ones."""
    row = TABLE[name]
    count = len(row.partials)
    leaves = list(map(Value, RECORDED.get(name, (0.6, -0.3, 0.9)[:count]), "abc"))
    program = Program(row(*leaves))
    for point in product(PLACES if count < 3 else PLACES[::3], repeat=count):
        value, gradients = differentiated(program, framework, at=list(point))
        try:
            here = list(map(Value, point))
            y = row(*here)
            y.backward()
        except AutogradError:
            if math.isfinite(value) and np.isfinite(gradients).all():
                yield point, "refused"
            continue
        wanted = [leaf.grad for leaf in here]
        if not (np.allclose(value, y.data, **NEAR) and np.allclose(gradients, wanted, **NEAR)):
            yield point, wanted, gradients.tolist()


@both
def test_the_corners_that_differ_are_those_that_the_docs_list(framework):
    found = {name for name in ROWS if name != "where" and [*differences(name, framework)]}
    title = {"jax": "JAX", "torch": "PyTorch"}[framework]
    lines = [line for line in PAGE.read_text("utf-8").splitlines() if line.startswith("| `")]
    listed = {re.match(r"\| `(\w+)\(", line)[1] for line in lines if f"differs in {title}" in line}
    assert found == listed


@both
def test_an_infinite_derivative_is_nan_where_nothing_flows_through_it(framework):
    a = Value(0.0, "a")
    for y in (where(a > 0, lambda: log(a), lambda: 2 * a), sqrt(a) * 0.0 + a):
        if y.op is not None:
            program = Program(y)
            assert np.isnan(differentiated(program, framework)[1]).all()
    assert Program(where(a > 0, lambda: log(a), lambda: 2 * a)).value_and_gradients([[]])[1] == [2]


# The functions


@both
def test_a_batch_gives_a_value_per_example(framework):
    x, w, u = Value(1.0, "x"), Value(2.0, "w"), Value(-0.5, "u")
    program = Program(TABLE["softplus"](w * x) + where(x > w, u, 3.0), inputs=[x])
    batch = [[0.0], [-1.5], [4.0]]
    function, parameters = program.to_jax() if framework == "jax" else program.to_torch()
    values = function(parameters, batch)
    assert values.shape == (3,)
    found = values.tolist()
    assert found == pytest.approx(program(batch).tolist(), rel=1e-12)


@both
def test_a_value_that_no_input_changes_is_there_for_every_example(framework):
    x, w = Value(1.0, "x"), Value(2.0, "w")
    program = Program(w * 3, inputs=[x])
    function, parameters = program.to_jax() if framework == "jax" else program.to_torch()
    assert function(parameters, [[1.0], [2.0]]).tolist() == [6.0, 6.0]


@both
def test_an_example_with_too_many_or_too_few_numbers_is_refused(framework):
    program = Program(Value(2.0, "w") * 3, inputs=[Value(1.0, "x")])
    function, parameters = program.to_jax() if framework == "jax" else program.to_torch()
    for x in ([], [1.0, 2.0], [[1.0, 2.0]], 1.0):
        with pytest.raises(
            ValueError, match=r"^this program takes 1 input, and was given an array"
        ):
            function(parameters, x)


def test_jax_compiles_maps_and_differentiates_twice():
    import jax

    x, w = Value(0.5, "x"), Value(0.75, "w")
    function, parameters = Program(TABLE["silu"](w * x) * w, inputs=[x]).to_jax()
    mapped = jax.jit(jax.vmap(jax.grad(function), (None, 0)))(parameters, np.array([[0.5], [2.0]]))
    program = Program(TABLE["silu"](w * x) * w, inputs=[x])
    _, each = program.value_and_gradients([[0.5], [2.0]], reduce="none")
    assert np.allclose(mapped, each, **NEAR)
    from autograd import grad

    second = grad(grad(TABLE["silu"](w * x) * w, w), w).data
    assert np.allclose(jax.hessian(function)(parameters, [0.5]), second, **NEAR)


@pytest.mark.growing
def test_pytorch_maps_and_differentiates_twice():
    import torch

    x, w = Value(0.5, "x"), Value(0.75, "w")
    y = TABLE["silu"](w * x) * w
    function, parameters = Program(y, inputs=[x]).to_torch()
    (slope,) = torch.autograd.grad(function(parameters, [0.5]), parameters, create_graph=True)
    (second,) = torch.autograd.grad(slope.sum(), parameters)
    from autograd import grad

    assert np.allclose(second.item(), grad(grad(y, w), w).data, **NEAR)
    batch = torch.tensor([[0.5], [2.0]], dtype=torch.float64)
    mapped = torch.func.vmap(torch.func.grad(function), (None, 0))(parameters, batch)
    _, each = Program(y, inputs=[x]).value_and_gradients(batch.tolist(), reduce="none")
    assert np.allclose(mapped.detach(), each, **NEAR)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_only_primitives_without_corners_are_differentiated_by_the_framework(name):
    row = ACTIVATIONS[name]
    source = Program(row(Value(RECORDED.get(name, (0.6,))[0], "a"))).source("jax", gradients=False)
    printed = not row.symbol and bool(row.definition or row.corners)
    assert (f"def {name}(a):" in source) == printed


def test_a_custom_formula_goes_along_and_a_custom_function_does_not():
    cube = Op("test_cube", lambda a: a * a * a)
    rounded = Op("test_rounded", lambda a: math.fsum([a]), (lambda y, a: 1.0,))
    try:
        agree(Program(cube(Value(2.0, "a"))), "jax")
        program = Program(rounded(Value(2.0, "a")))
        for function in (program.to_jax, program.to_torch):
            with pytest.raises(
                ValueError, match=r"^test_rounded is a custom operation whose value"
            ):
                function()
    finally:
        del TABLE["test_cube"], TABLE["test_rounded"]


@pytest.mark.parametrize("module", ["jax", "torch"])
def test_a_framework_that_is_missing_is_installed_with_one_line(module, monkeypatch):
    monkeypatch.setitem(sys.modules, module, None)
    monkeypatch.setitem(sys.modules, f"{module}.numpy", None)
    program = Program(Value(2.0, "a") * 3)
    function = program.to_jax if module == "jax" else program.to_torch
    with pytest.raises(ImportError, match=f"^{module} is not installed: pip install {module}$"):
        function()
