"""Two moons, a network 2-16-16-1 with relu, and the loss of micrograd's demo: our ways.

The loss is the mean hinge over the points, plus 1e-4 times the sum of the squares of all
parameters. Every contender begins with the same parameters, in the order of `model.parameters()`:
a neuron's weights and then its bias, neuron by neuron.
"""

from collections.abc import Sequence
from importlib import import_module
from itertools import cycle
from typing import Any, NamedTuple

from benchmarks.measure import Answer, Job

SIZES = (2, 16, 16, 1)
PENALTY = 1e-4
RATE = 0.05

Point = tuple[float, float, float]  # x1, x2, and y, which is -1 or 1


class Moons(NamedTuple):
    """The batches, which are taken in turn, and the parameters to begin with."""

    batches: list[list[Point]]
    start: list[float]


def moons(points: int, batch: int) -> Moons:
    import nn

    data = nn.moons(points)
    rows = [(x1, x2, 2 * target - 1) for (x1, x2), target in data]
    model = nn.MLP(SIZES[0], SIZES[1:], seed=0)
    batches = [rows[i : i + batch] for i in range(0, points, batch)]
    return Moons(batches, [p.data for p in model.parameters()])


def demo_loss(model: Any, inputs: Sequence, targets: Sequence) -> Any:
    """The loss as the demo writes it, which reads the same in micrograd and here."""
    scores = list(map(model, inputs))
    losses = [(1 + -y * score).relu() for y, score in zip(targets, scores, strict=True)]
    data_loss = sum(losses) * (1.0 / len(losses))
    return data_loss + PENALTY * sum(p * p for p in model.parameters())


def demo(values: str, networks: str, data: Moons, rate: float | None = None) -> Job:
    """The demo on the modules of those names, ours or micrograd's: a pass forward and backward,
    and then a step, where there is a rate for it."""
    Value, MLP = import_module(values).Value, import_module(networks).MLP
    points = data.batches[0]
    targets = [y for *_, y in points]
    model = MLP(SIZES[0], list(SIZES[1:]))
    parameters = model.parameters()
    for parameter, number in zip(parameters, data.start, strict=True):
        parameter.data = number

    def run() -> float:
        inputs = [list(map(Value, x)) for *x, _ in points]
        loss = demo_loss(model, inputs, targets)
        model.zero_grad()
        loss.backward()
        if rate is not None:
            for parameter in parameters:
                parameter.data -= rate * parameter.grad
        return loss.data

    value = run()
    gradient = [parameter.grad for parameter in parameters]
    return Job(run, answer(value, gradient, [parameter.data for parameter in parameters]))


def answer(loss: float, gradient: Sequence[float], after: Sequence[float]) -> Answer:
    """What contenders have to agree on: the first loss and gradient, and the parameters then."""
    return {"loss": [loss], "gradient": list(gradient), "parameters": list(after)}


def recorded(data: Moons) -> tuple[Any, Any, Any]:
    """The model, the loss of one point as a program, and the optimizer."""
    import nn
    from autograd import Program, Value, relu

    model = nn.MLP(SIZES[0], SIZES[1:])
    for parameter, number in zip(model.parameters(), data.start, strict=True):
        parameter.data = number
    x1, x2, y = (Value(x) for x in data.batches[0][0])
    loss = relu(1 - y * model([x1, x2])) + nn.l2(model.parameters(), PENALTY)
    return model, Program(loss, [x1, x2, y]), nn.SGD(model.parameters(), RATE)


def moved(program: Any, optimizer: Any, batch: Any, machine: str) -> float:
    """One step of SGD by program, and the loss before it."""
    value, gradients = program.value_and_gradients(batch, reduce="mean", machine=machine)
    optimizer.step(gradients)
    return value


def program_step(data: Moons, machine: str) -> Job:
    """A step of SGD by program."""
    import numpy as np

    model, program, optimizer = recorded(data)
    batches = [np.array(batch) for batch in data.batches]
    turns = cycle(batches)

    def run() -> float:
        return moved(program, optimizer, next(turns), machine)

    parameters = model.parameters()
    _, gradient = program.value_and_gradients(batches[0], reduce="mean", machine=machine)
    value = float(run())
    return Job(run, answer(value, gradient, [parameter.data for parameter in parameters]))


def program_gradient(data: Moons, machine: str) -> Job:
    """The loss and its gradient by program."""
    import numpy as np

    model, program, _ = recorded(data)
    batch = np.array(data.batches[0])

    def run() -> Any:
        return program.value_and_gradients(batch, reduce="mean", machine=machine)

    value, gradients = run()
    found = dict(zip(program.parameters, map(float, gradients), strict=True))
    return Job(run, answer(float(value), [found[p] for p in model.parameters()], data.start))
