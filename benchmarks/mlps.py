"""Networks of any size with relu between their layers: our ways and those of others.

A network with one output has the mean squared error as its loss, one with several the cross-entropy
of classes. All compute in 64-bit floats, and begin with the same parameters, in the order of
`model.parameters()`: a neuron's weights and then its bias, neuron by neuron.
"""

import os
from collections.abc import Sequence
from itertools import pairwise
from math import nan
from time import perf_counter
from typing import Any, NamedTuple

from benchmarks.measure import Answer, Job
from benchmarks.peers import flattened, layers, weights_and_biases


class Task(NamedTuple):
    """A network and a batch: arrays of inputs, a row per example, of targets, and of the parameters
    to begin with."""

    sizes: tuple[int, ...]
    inputs: Any
    targets: Any
    start: Any


def count(sizes: Sequence[int]) -> int:
    """How many parameters a network has."""
    return sum((inputs + 1) * neurons for inputs, neurons in pairwise(sizes))


def first_parameters(sizes: Sequence[int]) -> Any:
    """Drawn so that the sizes of a layer's outputs are those of its inputs."""
    import numpy as np

    rng = np.random.default_rng(0)
    parts = [
        rng.normal(0, (2 / inputs) ** 0.5, neurons * (inputs + 1))
        for inputs, neurons in pairwise(sizes)
    ]
    return np.concatenate(parts)


def random_task(sizes: tuple[int, ...], examples: int) -> Task:
    import numpy as np

    rng = np.random.default_rng(1)
    inputs = rng.normal(size=(examples, sizes[0]))
    classes = sizes[-1] > 1
    targets = rng.integers(sizes[-1], size=examples) if classes else rng.normal(size=examples)
    return Task(sizes, inputs, targets, first_parameters(sizes))


def digits_task(examples: int) -> Task:
    """The first of the digits, which are of all classes."""
    import numpy as np

    import nn

    data, sizes = nn.digits().rows(range(examples)), (64, 16, 10)
    inputs, targets = np.array(data.inputs), np.array(data.targets, dtype=int)
    return Task(sizes, inputs, targets, first_parameters(sizes))


def on_one_core() -> None:
    """Keep this process to one core, so that no library shares the work among threads. They count
    the cores when they are imported. Where processes have no affinity, as on macOS, they do."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def our_model(task: Task) -> Any:
    import nn

    model = nn.MLP(task.sizes[0], task.sizes[1:])
    for parameter, number in zip(model.parameters(), task.start.tolist(), strict=True):
        parameter.data = number
    return model


def graph(model: Any, task: Task) -> tuple[Any, list[Any], list[Any]]:
    """The loss of an example, the leaves that change from example to example, and the outputs."""
    import nn
    from autograd import Value

    leaves = [Value(x) for x in [*task.inputs[0].tolist(), task.targets[0].item()]]
    outputs, target = model(leaves[:-1]), leaves[-1]
    if task.sizes[-1] == 1:
        return nn.mse([outputs], [target]), leaves, [outputs]
    loss: Any = nn.cross_entropy  # whose classes are whole numbers, or Values
    return loss([outputs], [target]), leaves, outputs


def batch_of(task: Task) -> Any:
    """A row per example: its inputs, and its target."""
    import numpy as np

    return np.column_stack([task.inputs, task.targets])


def our_gradient(task: Task, with_outputs: bool = False) -> Job:
    """The mean loss and its gradient, by a program; with the outputs of every example, which
    training compares with the classes, if they are wanted."""
    on_one_core()
    from autograd import Program

    model, batch, examples = our_model(task), batch_of(task), len(task.inputs)
    loss, leaves, outputs = graph(model, task)
    program = Program(loss, leaves, also=outputs if with_outputs else ())

    def run() -> tuple[Any, Any]:
        return program.value_and_gradients(batch, reduce="mean")

    def run_with_outputs() -> tuple[Any, Any, Any]:
        total, gradients, outputs = program.value_gradients_and_also(batch)
        return total / examples, gradients / examples, outputs

    value, gradients, *also = run_with_outputs() if with_outputs else run()
    found = dict(zip(program.parameters, gradients.tolist(), strict=True))
    agreed = answer(value, [found[p] for p in model.parameters()])
    if with_outputs:
        agreed["outputs"] = also[0].ravel().tolist()
    return Job(run_with_outputs if with_outputs else run, agreed)


class Costs(NamedTuple):
    """What comes before the first step: the seconds of the graph of an example, its program and the
    program's first run; the bytes that all of it took at most, and those of the graph."""

    seconds: tuple[float, float, float]
    bytes: tuple[float, float]


def our_costs(task: Task) -> Costs:
    """Measured in a fresh process, after a small program, which imports what all of them need."""
    on_one_core()
    from autograd import Program

    our_gradient(random_task((1, 1), 1)).run()
    model, batch = our_model(task), batch_of(task)
    before, start = memory("VmRSS"), perf_counter()
    loss, leaves, _ = graph(model, task)
    built, with_graph = perf_counter(), memory("VmRSS")
    program = Program(loss, leaves)
    recorded = perf_counter()
    program.value_and_gradients(batch, reduce="mean")
    end, most = perf_counter(), memory("VmHWM")
    seconds = built - start, recorded - built, end - recorded
    return Costs(seconds, (most - before, with_graph - before))


def memory(field: str) -> float:
    """The bytes of this process that are in memory (VmRSS), or were at most (VmHWM); nan where
    there is no /proc. `ru_maxrss` will not do: a process begins with that of its parent."""
    try:
        with open("/proc/self/status") as file:
            fields = dict(line.split(":", 1) for line in file)
    except OSError:
        return nan
    return float(fields[field].split()[0]) * 1024


class ByHand:
    """A network in NumPy, as matrix products: a column per example, a row of ones below each layer
    for the biases, all parameters in one vector, no array made twice."""

    def __init__(self, sizes: Sequence[int], examples: int, parameters: Any) -> None:
        import numpy as np

        self.gradient = np.empty_like(parameters)
        self.weights, self.slopes = layers(parameters, sizes), layers(self.gradient, sizes)
        self.inputs = [np.ones((size + 1, examples)) for size in sizes[:-1]]
        self.scores = np.empty((sizes[-1], examples))
        self.outputs = [*(layer[:-1] for layer in self.inputs[1:]), self.scores]
        self.deltas = [np.empty_like(layer) for layer in self.outputs]

    def forward(self) -> Any:
        """The scores of `inputs[0]`."""
        import numpy as np

        for W, x, y in zip(self.weights, self.inputs, self.outputs, strict=True):
            np.matmul(W, x, out=y)
            if y is not self.scores:
                np.maximum(y, 0.0, out=y)
        return self.scores

    def backward(self) -> Any:
        """The gradient, from the derivatives with respect to the scores in `deltas[-1]`."""
        import numpy as np

        for i in reversed(range(len(self.weights))):
            np.matmul(self.deltas[i], self.inputs[i].T, out=self.slopes[i])
            if i > 0:
                np.matmul(self.weights[i][:, :-1].T, self.deltas[i], out=self.deltas[i - 1])
                self.deltas[i - 1] *= self.outputs[i - 1] > 0.0
        return self.gradient


def numpy_gradient(task: Task) -> Job:
    """NumPy, with derivatives by hand."""
    on_one_core()
    import numpy as np

    examples = len(task.inputs)
    network = ByHand(task.sizes, examples, task.start)
    network.inputs[0][:-1] = task.inputs.T
    delta, right = network.deltas[-1], (task.targets, np.arange(examples))

    def squares() -> float:
        error = network.forward() - task.targets
        np.multiply(error, 2 / examples, out=delta)
        network.backward()
        return np.vdot(error, error) / examples

    def entropy() -> float:
        scores = network.forward()
        below = scores - scores.max(axis=0)
        np.exp(below, out=delta)
        total = delta.sum(axis=0)
        loss = (np.log(total) - below[right]).sum() / examples
        np.divide(delta, total * examples, out=delta)
        delta[right] -= 1 / examples
        network.backward()
        return loss

    run = entropy if task.sizes[-1] > 1 else squares
    found = answer(float(run()), network.gradient.tolist())
    return Job(run, found | {"outputs": network.scores.T.ravel().tolist()})


def torch_gradient(task: Task) -> Job:
    """PyTorch, eager."""
    on_one_core()
    import torch
    from torch.nn.functional import cross_entropy, linear, mse_loss

    parts = weights_and_biases(task.start, task.sizes)
    weights = [torch.tensor(part, requires_grad=True) for part in parts]
    inputs, targets = torch.tensor(task.inputs), torch.tensor(task.targets)

    def run() -> Any:
        h = inputs
        for W, b in zip(weights[:-2:2], weights[1:-2:2], strict=True):
            h = linear(h, W, b).relu()
        scores = linear(h, *weights[-2:])
        classes = task.sizes[-1] > 1
        loss = cross_entropy(scores, targets) if classes else mse_loss(scores[:, 0], targets)
        return loss, torch.autograd.grad(loss, weights)

    value, gradients = run()
    return Job(run, answer(value.item(), flattened(gradients)))


def jax_gradient(task: Task) -> Job:
    """JAX, one compiled function."""
    on_one_core()
    import jax

    function, arguments = jax_function(task)

    def run() -> Any:
        return jax.block_until_ready(function(*arguments))

    value, gradients = run()
    return Job(run, answer(float(value), flattened(gradients)))


def jax_seconds(task: Task) -> float:
    """What it takes to compile that function."""
    on_one_core()
    function, arguments = jax_function(task)
    start = perf_counter()
    function.lower(*arguments).compile()
    return perf_counter() - start


def jax_function(task: Task) -> tuple[Any, tuple]:
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_platforms", "cpu")
    jax.config.update("jax_enable_x64", True)

    def loss(weights: list[Any], x: Any, targets: Any) -> Any:
        for W, b in zip(weights[:-2:2], weights[1:-2:2], strict=True):
            x = jax.nn.relu(x @ W.T + b)
        W, b = weights[-2:]
        scores = x @ W.T + b
        if task.sizes[-1] == 1:
            return ((scores[:, 0] - targets) ** 2).mean()
        right = jnp.take_along_axis(scores, targets[:, None], axis=1)[:, 0]
        return (jax.nn.logsumexp(scores, axis=1) - right).mean()

    weights = [jnp.array(part) for part in weights_and_biases(task.start, task.sizes)]
    arguments = weights, jnp.array(task.inputs), jnp.array(task.targets)
    return jax.jit(jax.value_and_grad(loss)), arguments


def answer(loss: float, gradient: Sequence[float]) -> Answer:
    """What contenders have to agree on."""
    return {"loss": [loss], "gradient": list(gradient)}
