"""What is measured, against whom, and what is to be reached."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from statistics import median

import autograd
from autograd.program.interpreters import MACHINES
from benchmarks import chain, growth, moons, peers, sonar
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


def growing() -> Iterator[Row]:
    """Networks of 10² to 10⁶ parameters: recorded, and run on batches."""
    for sizes in growth.NETWORKS:
        work = growth.Work(sizes)
        shown, reason = "", ""
        try:
            runs = [in_processes(1, growth.first_run, [(work,)])[0] for _ in range(7)]
            built, ready, size = map(median, zip(*runs, strict=True))
            shown = f"{time(ready)}, {size:.1f} MB (its graph: {time(built)})"
        except Failed as failed:
            reason = str(failed)
        count = f"{work.parameters:,}".replace(",", " ")
        name = f"{work.name}, {count} parameters: recorded, and run once"
        target = {8970: "≤ 20 ms", 101770: "≤ 300 ms, ≤ 40 MB"}.get(work.parameters, "")
        yield Row(name, PROGRAM, reason, shown, "", "", target)
    for sizes in growth.NETWORKS:
        for examples in (1, 100, 1000):
            work = growth.Work(sizes, examples)
            found = Match(
                f"{work.name}, {examples} examples: value and gradient",
                Contender(PROGRAM, growth.program_gradient, (work, MACHINE)),
                (
                    (Contender("NumPy by hand", growth.numpy_gradient, (work,), "numpy"), "> 1×"),
                    (Contender("PyTorch eager", growth.torch_gradient, (work,), "torch"), "> 1×"),
                    (Contender("JAX jit", growth.jax_gradient, (work,), "jax"), ""),
                ),
            )
            yield from found.rows()


def training() -> Iterator[Row]:
    """A step inside `fit`."""
    for sizes, batch, to_reach in [
        ((2, 16, 16, 2), 1, "≥ 4×"), ((2, 16, 16, 2), 100, "≥ 2×"), ((64, 16, 10), 100, "> 1×"),
    ]:  # fmt: skip
        work, epochs = growth.Work(sizes), 2000 // (100 // batch)
        args, steps = (work, batch, epochs), epochs * (100 // batch)
        yield from Match(
            f"{work.name}, {batch} of 100 points: a step of SGD in fit",
            Contender("Trainer, by program", growth.updates, args, units=steps),
            (
                (
                    Contender("NumPy by hand", growth.numpy_updates, args, "numpy", steps),
                    to_reach,
                ),
            ),
        ).rows()


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
