"""What people do with micrograd, on the modules of given names, ours or micrograd's, while Python's
cycle collector is switched off: it takes most of micrograd's time otherwise."""

import gc
from importlib import import_module
from math import tanh
from random import Random
from typing import Any

from benchmarks.measure import Job
from benchmarks.moons import Moons, demo

SAMPLES = [[2.0, 3.0, -1.0], [3.0, -1.0, 0.5], [0.5, 1.0, 1.0], [1.0, 1.0, -1.0]]
TARGETS = [1.0, -1.0, -1.0, 1.0]  # as in the lecture


def demo_alone(values: str, networks: str, data: Moons) -> Job:
    """micrograd's demo: a pass forward and backward."""
    gc.disable()
    return demo(values, networks, data)


def lecture(values: str, networks: str, steps: int) -> Job:
    """The lecture's network 3-4-4-1 and its four samples, from the same start every time; with 0
    steps one pass forward and backward."""
    gc.disable()
    model = import_module(networks).MLP(3, [4, 4, 1])
    chance = Random(1)
    start = [chance.uniform(-1, 1) for _ in model.parameters()]

    def loss() -> Any:
        total = sum((model(x) - y) ** 2 for x, y in zip(SAMPLES, TARGETS, strict=True))
        for p in model.parameters():
            p.grad = 0
        total.backward()  # type: ignore[union-attr]
        return total

    def run() -> Any:
        for p, number in zip(model.parameters(), start, strict=True):
            p.data = number
        for _ in range(steps):
            loss()
            for p in model.parameters():
                p.data += -0.01 * p.grad
        return loss()

    value = run().data
    return Job(run, {"loss": [value], "gradient": [p.grad for p in model.parameters()]})


def closures(values: str, _: str, count: int) -> Job:
    """A chain of tanh made by hand, each a node with a `_backward` of its own."""
    gc.disable()
    Value = import_module(values).Value

    def squashed(x: Any) -> Any:
        t = tanh(x.data)
        out = Value(t, (x,), "tanh")

        def backward() -> None:
            x.grad += (1 - t**2) * out.grad

        out._backward = backward
        return out

    def run() -> Any:
        x = Value(0.7)
        y = x
        for _ in range(count):
            y = squashed(y)
        y.backward()
        return x, y

    x, y = run()
    return Job(run, {"value": [y.data], "gradient": [x.grad]})


def updates(values: str, _: str, count: int) -> Job:
    """What a loop does between its steps with so many parameters, without a graph."""
    gc.disable()
    Value = import_module(values).Value
    parameters = [Value(0.5) for _ in range(count)]

    def run() -> None:
        for p in parameters:
            p.data -= 0.01 * p.grad
            p.grad = 0

    run()
    return Job(run, {"data": [p.data for p in parameters]})
