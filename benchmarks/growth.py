"""How programs grow: networks of 10² to 10⁶ parameters, with relu and the cross-entropy of mixed
classes, by us and as someone who knows the others would write them.

All compute in 64-bit floats, the mean loss over a batch and its gradient. Every contender begins
with the same parameters, in the order of `model.parameters()`: a neuron's weights and then its
bias, neuron by neuron.
"""

from collections.abc import Sequence
from itertools import pairwise
from resource import RUSAGE_SELF, getrusage
from time import perf_counter
from typing import Any, NamedTuple

from benchmarks.measure import Job
from benchmarks.moons import answer
from benchmarks.peers import flattened

NETWORKS = [
    (2, 16, 4), (64, 16, 10), (64, 64, 64, 10), (784, 128, 10), (784, 1024, 256, 10),
]  # fmt: skip


class Work(NamedTuple):
    """A network, and how many examples it is given."""

    sizes: tuple[int, ...]
    examples: int = 1

    @property
    def name(self) -> str:
        return "-".join(map(str, self.sizes))

    @property
    def parameters(self) -> int:
        return sum((inputs + 1) * neurons for inputs, neurons in pairwise(self.sizes))

    def batch(self) -> tuple[Any, Any]:
        """Inputs, and classes."""
        import numpy as np

        chance = np.random.default_rng(0)
        inputs = chance.normal(size=(self.examples, self.sizes[0]))
        return inputs, chance.integers(0, self.sizes[-1], self.examples)


class Graph(NamedTuple):
    """The loss of one example, whose class is an input, as `fit` records it."""

    model: Any
    leaves: list[Any]
    outputs: list[Any]
    loss: Any


def graph(work: Work) -> Graph:
    import nn
    from autograd import Value

    leaves = [*(Value(0.5) for _ in range(work.sizes[0])), Value(1.0)]
    model = nn.MLP(work.sizes[0], work.sizes[1:], seed=0)
    outputs = model(leaves[:-1])
    return Graph(model, leaves, outputs, nn.cross_entropy([outputs], [leaves[-1]]))


def rows_of(work: Work) -> Any:
    import numpy as np

    return np.column_stack(work.batch())


def program_gradient(work: Work, machine: str) -> Job:
    from autograd import Program

    made, batch = graph(work), rows_of(work)
    program = Program(made.loss, made.leaves)
    assert program.parameters == made.model.parameters()

    def run() -> Any:
        return program.value_and_gradients(batch, reduce="mean", machine=machine)

    value, gradient = run()
    return Job(run, answer(float(value), gradient.tolist(), []))


def first_run(work: Work) -> tuple[float, float, float]:
    """In a fresh process: the seconds of building the graph, those of recording it and of the
    first run, on 100 examples; and the MB that the latter took at most."""
    from autograd import Program

    small = graph(Work((3, 4, 2)))
    Program(small.loss, small.leaves).value_and_gradients(rows_of(Work((3, 4, 2))))  # imports
    batch = rows_of(work._replace(examples=100))
    start = perf_counter()
    made = graph(work)
    built, before = perf_counter(), getrusage(RUSAGE_SELF).ru_maxrss
    program = Program(made.loss, made.leaves, also=made.outputs)
    program.value_and_gradients(batch)
    ready, after = perf_counter(), getrusage(RUSAGE_SELF).ru_maxrss
    return built - start, ready - built, (after - before) / 1024


def matrices(work: Work) -> list[Any]:
    """W1, b1, W2, b2, …"""
    import numpy as np

    import nn

    model = nn.MLP(work.sizes[0], work.sizes[1:], seed=0)
    flat = np.array([parameter.data for parameter in model.parameters()])
    found, begin = [], 0
    for inputs, neurons in pairwise(work.sizes):
        end = begin + neurons * (inputs + 1)
        layer = flat[begin:end].reshape(neurons, inputs + 1)
        found += [layer[:, :-1].copy(), layer[:, -1].copy()]
        begin = end
    return found


def numpy_gradient(work: Work) -> Job:
    """Derivatives by hand, a row per example."""
    import numpy as np

    weights, biases = (matrices(work)[i::2] for i in (0, 1))
    x, classes = work.batch()
    rows = np.arange(work.examples)

    def run() -> tuple[float, list[Any]]:
        layers = [x]
        for W, b in zip(weights, biases, strict=True):
            z = layers[-1] @ W.T
            z += b
            layers.append(np.maximum(z, 0.0, out=z) if W is not weights[-1] else z)
        scores = layers[-1]
        scores -= scores.max(axis=1, keepdims=True)
        right = scores[rows, classes]
        np.exp(scores, out=scores)
        total = scores.sum(axis=1, keepdims=True)
        loss = (np.log(total[:, 0]) - right).mean()
        delta = scores
        delta /= total
        delta[rows, classes] -= 1.0
        delta /= work.examples
        found = []
        for W, h in zip(weights[::-1], layers[-2::-1], strict=True):
            found += [delta.sum(axis=0), delta.T @ h]
            if h is not x:
                delta = delta @ W
                delta *= h > 0
        return loss, found[::-1]

    value, gradient = run()
    return Job(run, answer(float(value), flattened(gradient), []))


def torch_gradient(work: Work) -> Job:
    """PyTorch, eager, on one thread."""
    import torch
    from torch.nn.functional import cross_entropy, linear

    torch.set_num_threads(1)
    weights = [torch.tensor(part, requires_grad=True) for part in matrices(work)]
    x, classes = map(torch.tensor, work.batch())

    def run() -> Any:
        h = x
        for i in range(0, len(weights), 2):
            h = linear(h, weights[i], weights[i + 1])
            h = h.relu() if i + 2 < len(weights) else h
        loss = cross_entropy(h, classes)
        for weight in weights:
            weight.grad = None
        loss.backward()
        return loss

    value = run().item()
    return Job(run, answer(value, flattened([w.grad for w in weights]), []))


def jax_gradient(work: Work) -> Job:
    """JAX, one compiled function, with its own threads."""
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_platforms", "cpu")
    jax.config.update("jax_enable_x64", True)

    def loss(weights: Sequence[Any], x: Any, classes: Any) -> Any:
        h = x
        for i in range(0, len(weights), 2):
            h = h @ weights[i].T + weights[i + 1]
            h = jax.nn.relu(h) if i + 2 < len(weights) else h
        return -jax.nn.log_softmax(h)[jnp.arange(len(h)), classes].mean()

    compiled = jax.jit(jax.value_and_grad(loss))
    weights, batch = list(map(jnp.array, matrices(work))), tuple(map(jnp.array, work.batch()))

    def run() -> Any:
        return jax.block_until_ready(compiled(weights, *batch))

    value, gradient = run()
    return Job(run, answer(float(value), flattened(gradient), []))


def updates(work: Work, batch: int, epochs: int) -> Job:
    """Epochs of plain SGD inside `fit`, on 100 points; the answer is where they lead."""
    import nn

    inputs, classes = work._replace(examples=100).batch()
    model = nn.MLP(work.sizes[0], work.sizes[1:], seed=0)
    data = nn.dataset(inputs.tolist(), classes.tolist(), classes=work.sizes[-1])
    size = None if batch == len(data) else batch
    optimizer = nn.SGD(model.parameters(), 1e-3)
    trainer = nn.Trainer(model, data, loss="cross_entropy", optimizer=optimizer, batch_size=size)
    return Job(lambda: trainer.run(epochs, progress=False), {})


def numpy_updates(work: Work, batch: int, epochs: int) -> Job:
    """The same number of such steps by hand. Their order differs, so there is no answer."""
    import numpy as np

    jobs = work._replace(examples=batch)
    step = numpy_gradient(jobs)
    weights = matrices(work)

    def run() -> None:
        for _ in range(epochs * (100 // batch)):
            _, gradient = step.run()
            for weight, slope in zip(weights, gradient, strict=True):
                np.subtract(weight, 1e-3 * slope, out=weight)

    return Job(run, {})
