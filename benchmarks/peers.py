"""The same steps on two moons by others, as someone who knows each of them would write them.

All compute in 64-bit floats. See `moons` for the network, the loss and the order of parameters.
"""

from collections.abc import Sequence
from itertools import cycle, pairwise
from typing import Any

from benchmarks.measure import Job
from benchmarks.moons import PENALTY, RATE, SIZES, Moons, answer


def layers(flat: Any, sizes: Sequence[int] = SIZES) -> list[Any]:
    """Views of a vector of parameters, a matrix per layer: weights, and the bias as a last column.

    A neuron is a row, so the product with [x; 1] is the layer's sums.
    """
    found, begin = [], 0
    for inputs, neurons in pairwise(sizes):
        end = begin + neurons * (inputs + 1)
        found.append(flat[begin:end].reshape(neurons, inputs + 1))
        begin = end
    return found


def weights_and_biases(flat: Any, sizes: Sequence[int] = SIZES) -> list[Any]:
    """W1, b1, W2, b2, and so on."""
    return [part.copy() for layer in layers(flat, sizes) for part in (layer[:, :-1], layer[:, -1])]


def flattened(weights: Sequence[Any]) -> list[float]:
    """The vector that W1, b1, W2, b2, and so on came from."""
    import numpy as np

    parts = [np.asarray(part) for part in weights]
    pairs = zip(parts[::2], parts[1::2], strict=True)
    return np.concatenate([np.column_stack([W, b]).ravel() for W, b in pairs]).tolist()


def numpy_step(data: Moons) -> Job:
    """Derivatives by hand. A column per point, a row of ones below each layer for the biases, and
    all parameters in one vector: five products, no array made twice."""
    import numpy as np

    parameters = np.array(data.start)
    gradient = np.empty_like(parameters)
    change = np.empty_like(parameters)
    W1, W2, W3 = layers(parameters)
    G1, G2, G3 = layers(gradient)
    W2_back, W3_back = W2[:, :-1].T, W3[:, :-1].T
    batches = []
    for points in data.batches:
        table = np.array(points).T
        x = np.vstack([table[:2], np.ones(len(points))])
        batches.append((x, -table[2:], -table[2:] / len(points)))
    turns = cycle(batches)
    n = len(data.batches[0])
    A1, A2 = np.ones((SIZES[1] + 1, n)), np.ones((SIZES[2] + 1, n))
    h1, h2 = A1[:-1], A2[:-1]
    d1, d2, d3, margin = np.empty_like(h1), np.empty_like(h2), np.empty((1, n)), np.empty((1, n))
    on1, on2, on3 = (np.empty(d.shape, dtype=bool) for d in (d1, d2, d3))

    def run() -> float:
        x, minus_y, minus_y_over_n = next(turns)
        np.matmul(W1, x, out=h1)
        np.maximum(h1, 0.0, out=h1)
        np.matmul(W2, A1, out=h2)
        np.maximum(h2, 0.0, out=h2)
        np.matmul(W3, A2, out=margin)
        np.multiply(margin, minus_y, out=margin)
        np.add(margin, 1.0, out=margin)
        np.maximum(margin, 0.0, out=margin)
        loss = margin.sum() / n + PENALTY * parameters.dot(parameters)

        np.greater(margin, 0.0, out=on3)
        np.multiply(minus_y_over_n, on3, out=d3)
        np.matmul(d3, A2.T, out=G3)
        np.multiply(W3_back, d3, out=d2)
        np.greater(h2, 0.0, out=on2)
        np.multiply(d2, on2, out=d2)
        np.matmul(d2, A1.T, out=G2)
        np.matmul(W2_back, d2, out=d1)
        np.greater(h1, 0.0, out=on1)
        np.multiply(d1, on1, out=d1)
        np.matmul(d1, x.T, out=G1)
        np.multiply(parameters, 2 * PENALTY, out=change)
        np.add(gradient, change, out=gradient)

        np.multiply(gradient, RATE, out=change)
        np.subtract(parameters, change, out=parameters)
        return loss

    return Job(run, answer(float(run()), gradient.tolist(), parameters.tolist()))


def torch_step(data: Moons) -> Job:
    """PyTorch, eager, on one thread."""
    import numpy as np
    import torch
    from torch.nn.functional import linear

    torch.set_num_threads(1)
    weights = [
        torch.tensor(part, requires_grad=True) for part in weights_and_biases(np.array(data.start))
    ]
    W1, b1, W2, b2, W3, b3 = weights
    optimizer = torch.optim.SGD(weights, lr=RATE)
    tables = [torch.tensor(points, dtype=torch.float64) for points in data.batches]
    batches = cycle([(table[:, :2].contiguous(), table[:, 2]) for table in tables])

    def run() -> Any:
        x, y = next(batches)
        h = linear(x, W1, b1).relu()
        h = linear(h, W2, b2).relu()
        score = linear(h, W3, b3)[:, 0]
        loss = (1 - y * score).relu().mean() + PENALTY * sum((w * w).sum() for w in weights)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss

    value = run().item()
    gradient = flattened([w.grad for w in weights])
    return Job(run, answer(value, gradient, flattened([w.detach() for w in weights])))


def jax_step(data: Moons) -> Job:
    """JAX, one compiled function that takes the place of its parameters, with its own threads."""
    import jax
    import jax.numpy as jnp
    import numpy as np

    jax.config.update("jax_platforms", "cpu")
    jax.config.update("jax_enable_x64", True)

    def loss(weights: list[Any], x: Any, y: Any) -> Any:
        W1, b1, W2, b2, W3, b3 = weights
        h = jax.nn.relu(W1 @ x + b1[:, None])
        h = jax.nn.relu(W2 @ h + b2[:, None])
        score = (W3 @ h + b3[:, None])[0]
        return jax.nn.relu(1 - y * score).mean() + PENALTY * sum((w * w).sum() for w in weights)

    def stepped(weights: list[Any], x: Any, y: Any) -> tuple[Any, list[Any]]:
        value, slopes = jax.value_and_grad(loss)(weights, x, y)
        return value, [w - RATE * slope for w, slope in zip(weights, slopes, strict=True)]

    step = jax.jit(stepped, donate_argnums=0)
    tables = [jnp.array(points).T for points in data.batches]
    batches = cycle([(table[:2], table[2]) for table in tables])
    weights = [jnp.array(part) for part in weights_and_biases(np.array(data.start))]
    gradient = flattened(jax.grad(loss)(weights, tables[0][:2], tables[0][2]))

    def run() -> Any:
        nonlocal weights
        value, weights = jax.block_until_ready(step(weights, *next(batches)))
        return value

    return Job(run, answer(float(run()), gradient, flattened(weights)))


def casadi_gradient(data: Moons) -> Job:
    """CasADi: the whole batch as one expression of scalars (SX), for its virtual machine.

    That is faster than the expression of one point, mapped over the batch. The buffer saves the
    conversions of a call from Python.
    """
    import casadi
    import numpy as np

    points = np.array(data.batches[0])
    n = len(points)
    batch = casadi.SX.sym("batch", 3, n)
    flat = casadi.SX.sym("parameters", len(data.start))
    begin, h = 0, batch[:2, :]
    for inputs, neurons in pairwise(SIZES):
        end = begin + neurons * (inputs + 1)
        layer = casadi.reshape(flat[begin:end], inputs + 1, neurons).T  # it counts down columns
        sums = layer[:, :-1] @ h + casadi.repmat(layer[:, -1], 1, n)
        h = casadi.fmax(sums, 0) if end < len(data.start) else sums
        begin = end
    hinge = casadi.sum2(casadi.fmax(1 - batch[2, :] * h, 0)) / n
    loss = hinge + PENALTY * casadi.sumsqr(flat)
    function = casadi.Function("f", [batch, flat], [loss, casadi.gradient(loss, flat)])

    buffer, run = function.buffer()
    numbers = [points.ravel(), np.array(data.start)]  # row by row is column by column of `batch`
    value, gradient = np.empty(1), np.empty(len(data.start))
    for i, array in enumerate(numbers):
        buffer.set_arg(i, array.data)
    for i, array in enumerate([value, gradient]):
        buffer.set_res(i, array.data)
    run()
    found = answer(float(value[0]), gradient.tolist(), data.start)

    def kept(memory: Any = (buffer, numbers)) -> None:  # which the buffer only borrows
        run()

    return Job(kept, found)
