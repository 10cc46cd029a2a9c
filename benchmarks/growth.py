"""How cost grows with a network, from 10² to 10⁶ parameters: before the first step, and a step."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from ctypes import CDLL, c_char_p
from dataclasses import replace
from statistics import median

from benchmarks import mlps, sonar, training
from benchmarks.matches import PROGRAM
from benchmarks.measure import ROUNDS, Contender, Failed, in_processes
from benchmarks.table import Match, Row, as_ratio, installed, missing, three_digits, time

Sizes = tuple[int, ...]

NETWORKS = (
    (2, 16, 16, 1),
    (64, 16, 10),
    (64, 64, 64, 10),
    (784, 128, 10),
    (784, 1024, 256, 10),
)
SMALL = NETWORKS[:3]
BATCHES = (1, 100, 1000)
FIRST = 100  # examples of the first run
LIMIT = 60.0  # seconds until the first run is done; larger networks are left out

NUMPY = Contender("NumPy by hand", mlps.numpy_gradient, needs="numpy")
TORCH = Contender("PyTorch eager", mlps.torch_gradient, needs="torch")
JAX = Contender("JAX jit", mlps.jax_gradient, needs="jax")


def tables(networks: Sequence[Sizes]) -> Iterator[tuple[Sequence[str], Iterator[Sequence[str]]]]:
    """The head and the rows of two tables: what comes before the first step, and a step."""
    expected = expected_seconds(networks)
    head = "network", "parameters", "graph", "recording", "first run", "JAX compiles"
    yield (*head, "memory at most", "of it the graph"), costs(expected)
    affordable = [sizes for sizes, seconds in expected.items() if seconds <= LIMIT]
    numpy = f"{NUMPY.name} ({blas_kernel() or 'unknown kernel'})"
    yield (
        ("network", "parameters", "batch", PROGRAM, numpy, TORCH.name, JAX.name),
        steps(affordable),
    )


def expected_seconds(networks: Sequence[Sizes]) -> dict[Sizes, float]:
    """What each takes until its first run is done, as the one before it promises."""
    expected, per_parameter = {}, 0.0
    for sizes in networks:
        expected[sizes] = per_parameter * mlps.count(sizes)
        if expected[sizes] <= LIMIT:
            with suppress(Failed):  # its row says why
                per_parameter = sum(costs_of(sizes).seconds) / mlps.count(sizes)
    return expected


def costs(expected: dict[Sizes, float]) -> Iterator[Sequence[str]]:
    """Times and memory of fresh processes, ours and JAX's in turn."""
    for sizes, seconds in expected.items():
        parameters = parameters_of(sizes)
        if seconds > LIMIT:
            left_out = f"left out: about {time(seconds)} until the first run is done"
            yield named(sizes), parameters, left_out, *[""] * 5
            continue
        ours, jax = [], []
        try:
            for _ in range(ROUNDS):
                ours.append(costs_of(sizes))
                if installed("jax"):
                    jax += in_processes(1, mlps.jax_seconds, [(first_task(sizes),)])
        except Failed as failed:
            yield named(sizes), parameters, str(failed), *[""] * 5
            continue
        stages = [time(median(taken)) for taken in zip(*[c.seconds for c in ours], strict=True)]
        compiled = time(median(jax)) if jax else missing("jax")
        memory = [megabytes(median(taken)) for taken in zip(*[c.bytes for c in ours], strict=True)]
        yield named(sizes), parameters, *stages, compiled, *memory


def costs_of(sizes: Sizes) -> mlps.Costs:
    return in_processes(1, mlps.our_costs, [(first_task(sizes),)])[0]


def first_task(sizes: Sizes) -> mlps.Task:
    return mlps.random_task(sizes, FIRST)


def steps(networks: Sequence[Sizes]) -> Iterator[Sequence[str]]:
    """The mean loss of a batch and its gradient: our time, and the peers' with its ratio."""
    for sizes in networks:
        for examples in BATCHES:
            task = (mlps.random_task(sizes, examples),)
            ours, *peers = (
                replace(contender, args=task)
                for contender in (Contender(PROGRAM, mlps.our_gradient), NUMPY, TORCH, JAX)
            )
            match = Match("", ours, tuple((peer, "") for peer in peers))
            times, reasons = match.measured()
            cells = [
                reasons.get(peer) or f"{time(times[peer])}, {as_ratio(times[peer] / times[ours])}"
                for peer in peers
            ]
            network = named(sizes), parameters_of(sizes)
            yield *network, str(examples), time(times[ours]) if times else "", *cells


def trained() -> Iterator[Row]:
    """Steps as training makes them."""
    digits = mlps.digits_task(100)
    ours = Contender(PROGRAM, mlps.our_gradient, (digits, True))
    numpy = replace(NUMPY, args=(digits,))
    work = "digits 64-16-10, 100 of all classes: cross-entropy, gradient and outputs"
    yield from Match(work, ours, ((numpy, "> 1×"),)).rows()

    for batch in (1, 100):
        task = training.moons_training(1000, batch)
        units = training.EPOCHS * 1000 // batch
        ours = Contender("fit, by program", training.our_training, (task,), units=units)
        numpy = replace(ours, name=NUMPY.name, prepare=training.numpy_training, needs="numpy")
        work = f"moons, batches of {batch}: training by SGD"
        yield from Match(work, ours, ((numpy, "> 1×"),), "step").rows()

    step, reason = "", ""
    try:
        step = f"{time(in_processes(1, sonar.seconds_per_step, [(0,)])[0])} / step"
    except Failed as failed:
        reason = str(failed)
    work = f"sonar {sonar.SIZES}, batches of 1: training by SGD"
    yield Row(work, "fit, by program", reason, step, "", "", "")


def blas_kernel() -> str:
    """The kernel that NumPy's OpenBLAS chose for this processor, or "" where it cannot be asked."""
    with suppress(ImportError, OSError):
        from numpy.linalg import _umath_linalg  # which is linked to it

        library = CDLL(_umath_linalg.__file__)
        for name in ("scipy_openblas_get_corename64_", "openblas_get_corename64_"):
            with suppress(AttributeError):
                function = getattr(library, name)
                function.restype = c_char_p
                return function().decode()
    return ""


def named(sizes: Sizes) -> str:
    """
    >>> named((2, 16, 1))
    '2-16-1'
    """
    return "-".join(map(str, sizes))


def parameters_of(sizes: Sizes) -> str:
    return f"{mlps.count(sizes):,}".replace(",", " ")


def megabytes(count: float) -> str:
    return f"{three_digits(count / 1e6)} MB"
