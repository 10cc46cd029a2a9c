"""What is measured, against whom, and what is to be reached."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import autograd
from autograd.program.interpreters import MACHINES
from benchmarks import chain, moons, peers, sonar, tutorials
from benchmarks.measure import Contender, Failed, Job, in_processes
from benchmarks.moons import Moons
from benchmarks.table import Match, Row, as_ratio, installed, missing, time

ENGINE = autograd.engine()
MACHINE = "native" if "native" in MACHINES else "numpy"
OURS, PROGRAM = f"{ENGINE} engine", f"{MACHINE} program"
LIBRARY = ("autograd", "nn")
TUTORIALS = ("autograd.micrograd", "autograd.micrograd")
MICROGRAD = ("micrograd.engine", "micrograd.nn")


def on(engine: str, prepare: Callable[..., Job], args: tuple, units: int = 1) -> Contender:
    """Ours. Where that engine is missing it fails, rather than run on the other one."""
    variables = {"STEPGRAD_ENGINE": engine}
    return Contender(f"{engine} engine", prepare, args, units=units, environment=variables)


def eager() -> Iterator[Row]:
    """Recording and sweeping node by node."""
    data = moons.moons(100, 100)
    work = "moons, 100 points: forward and backward"
    ours, readable = (on(engine, moons.demo, (*LIBRARY, data)) for engine in (ENGINE, "python"))
    micrograd = Contender("micrograd", moons.demo, (*MICROGRAD, data), "micrograd")
    yield from Match(work, ours, ((micrograd, "≥ 80×"),)).rows()
    yield from Match(work, readable, ((micrograd, "≥ 3×"),)).rows()
    work = "moons, 100 points: micrograd's demo with its import changed"
    tutorials = on(ENGINE, moons.demo, (*TUTORIALS, data))
    yield from Match(work, tutorials, ((micrograd, "≥ 90×"),)).rows()

    n = 200_000
    work = "y = y·b + a, 2·10⁵ operations: forward and backward"
    ours = on(ENGINE, chain.our_chain, (n,), n)
    torch = Contender("PyTorch scalars", chain.torch_chain, (n,), "torch", n)
    xad = Contender("XAD", chain.xad_chain, (n,), "xad", n)
    yield from Match(work, ours, ((torch, "≥ 40×"), (xad, "≥ 8×")), "operation").rows()


def without_collector() -> Iterator[Row]:
    """What people wrote for micrograd, with its import changed, and no cycle collector."""
    for work, prepare, size in (
        ("micrograd's demo, 50 points", tutorials.demo_alone, moons.moons(50, 50)),
        ("the lecture's 3-4-4-1, 20 steps", tutorials.lecture, 20),
        ("the lecture's 3-4-4-1, forward and backward", tutorials.lecture, 0),
        ("300 operations with a `_backward` of their own", tutorials.closures, 300),
        ("4000 times `p.data -= …` and `p.grad = 0`", tutorials.updates, 4000),
    ):
        ours = on(ENGINE, prepare, (*TUTORIALS, size))
        theirs = Contender("micrograd", prepare, (*MICROGRAD, size), "micrograd")
        yield from Match(f"{work}, `gc` off", ours, ((theirs, "≥ 1×"),)).rows()


def memory(operations: int = 10**6) -> Iterator[Row]:
    """Bytes for an operation, in place of times."""

    def grown(values: str) -> float:
        calls = [(values, operations)]
        return in_processes(1, chain.bytes_per_operation, calls, STEPGRAD_ENGINE=ENGINE)[0]

    peer, ours, theirs, ratio = "micrograd", "", "", ""
    try:
        size = grown("autograd")
        ours = f"{size:.0f} bytes"
        if installed(peer):
            other = grown("micrograd.engine")
            theirs, ratio = f"{other:.0f} bytes", as_ratio(other / size)
        else:
            peer = missing(peer)
    except Failed as failed:
        peer = str(failed)
    yield Row("memory of a recorded operation", OURS, peer, ours, theirs, ratio, "≤ 96 bytes")


def programs() -> Iterator[Row]:
    """A loss recorded once and run on batches."""
    one, hundred, thousand = moons.moons(100, 1), moons.moons(100, 100), moons.moons(1000, 1000)

    def ours(data: Moons) -> Contender:
        return Contender(PROGRAM, moons.program_step, (data, MACHINE))

    def numpy(data: Moons) -> Contender:
        return Contender("NumPy by hand", peers.numpy_step, (data,), "numpy")

    def jax(data: Moons) -> Contender:
        return Contender("JAX jit", peers.jax_step, (data,), "jax")

    demo = (*MICROGRAD, hundred, moons.RATE)
    micrograd = Contender("micrograd", moons.demo, demo, "micrograd")
    torch = Contender("PyTorch eager", peers.torch_step, (hundred,), "torch")
    casadi = Contender("CasADi SX", peers.casadi_gradient, (hundred,), "casadi")
    gradient = Contender(PROGRAM, moons.program_gradient, (hundred, MACHINE))
    yield from Match(
        "moons, 100 points: a step of SGD",
        ours(hundred),
        (
            (micrograd, "≥ 10 000×"),
            (torch, "≥ 10×"),
            (jax(hundred), "> 1×"),
            (numpy(hundred), "> 1×"),
        ),
    ).rows()
    yield from Match(
        "moons, 1 point: a step of SGD",
        ours(one),
        ((numpy(one), "> 1×"), (jax(one), "> 1×")),
    ).rows()
    yield from Match(
        "moons, 1000 points: a step of SGD",
        ours(thousand),
        ((numpy(thousand), "> 1×"), (jax(thousand), "≥ 1×")),
    ).rows()
    yield from Match("moons, 100 points: value and gradient", gradient, ((casadi, "≥ 5×"),)).rows()


def deep(exponent: int) -> Iterator[Row]:
    """Whether long chains cost more per operation than short ones."""
    n, short = 10**exponent, 10**4
    digits = str(exponent).translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"))
    long = on(ENGINE, chain.our_chain, (n, False), n)
    same = replace(long, name="the same, of 10⁴", args=(short, False), units=short)
    work = f"a chain of 10{digits} operations: made, swept, freed"
    yield from Match(work, long, ((same, "≥ 0.5×"),), "operation").rows()


def sonar_training(whole: bool) -> Iterator[Row]:
    """The experiment from beginning to end, or what a few epochs of it promise."""
    work = f"sonar {sonar.SIZES}, {sonar.FOLDS} folds × {sonar.EPOCHS} epochs, two processes"
    trainer, shown, reason = "Trainer, by program", "", ""
    try:
        if whole:
            seconds, accuracy = sonar.whole_run()
            shown, work = time(seconds), f"{work} ({accuracy:.1%} of the test sets right)"
        else:
            shown, work = time(sonar.estimate()), f"{work} (an estimate, from a few epochs)"
    except Failed as failed:
        reason = str(failed)
    yield Row(work, trainer, reason, shown, "", "", "≤ 60 s")
