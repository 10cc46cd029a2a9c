"""Long chains of y = y·b + a: what an operation costs in time and in memory."""

from collections.abc import Callable
from importlib import import_module
from typing import Any

from benchmarks.measure import Job

A, B, START = 0.01, 0.999999, 1.0  # nothing overflows or vanishes in ten million operations


def chain(y: Any, a: Any, b: Any, operations: int) -> Any:
    for _ in range(operations // 2):
        y = y * b + a
    return y


def our_chain(operations: int, answers: bool = True) -> Job:
    """Made, swept and freed. Two lengths are compared without answers, since theirs differ."""
    from autograd import Value

    def run() -> dict[str, list[float]]:
        a, b, start = Value(A), Value(B), Value(START)
        y = chain(start, a, b, operations)
        y.backward()
        return {"y": [y.data], "gradient": [a.grad, b.grad, start.grad]}

    return Job(run, run() if answers else {})


def torch_chain(operations: int) -> Job:
    """PyTorch on 64-bit scalars."""
    import torch

    torch.set_num_threads(1)

    def run() -> dict[str, list[float]]:
        a, b, start = (
            torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in (A, B, START)
        )
        y = chain(start, a, b, operations)
        y.backward()
        return {"y": [y.item()], "gradient": [leaf.grad.item() for leaf in (a, b, start)]}

    return Job(run, run())


def xad_chain(operations: int) -> Job:
    """XAD's tape, from Python."""
    from xad.adj_1st import Real, Tape

    def run() -> dict[str, list[float]]:
        with Tape() as tape:
            a, b, start = (Real(x) for x in (A, B, START))
            tape.registerInputs([a, b, start])
            tape.newRecording()
            y = chain(start, a, b, operations)
            tape.registerOutput(y)
            y.derivative = 1.0
            tape.computeAdjoints()
            return {"y": [y.value], "gradient": [leaf.derivative for leaf in (a, b, start)]}

    return Job(run, run())


def bytes_per_operation(values: str, operations: int) -> float:
    """How much a process grows by recording with the `Value` of that module, per operation.

    It is resident memory, which counts compiled engines and Python's allocator alike.
    """
    Value: Callable[[float], Any] = import_module(values).Value
    a, b, start = Value(A), Value(B), Value(START)
    before = _resident()
    y = chain(start, a, b, operations)
    grown = _resident() - before
    del y
    return grown / operations


def _resident() -> int:
    """The bytes of this process that are in memory. Raises OSError where there is no /proc."""
    from resource import getpagesize

    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * getpagesize()
