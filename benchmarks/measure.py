"""Times of contenders that take turns, each in a process of its own.

Alone in its process, a contender pays for its own garbage and threads, and for nobody else's. All
of them first have to give the same answer.
"""

import gc
import os
import signal
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from math import isclose
from multiprocessing import get_context
from multiprocessing.connection import Connection
from statistics import median
from time import perf_counter
from typing import Any, NamedTuple

ROUNDS = 7  # at least, and then as many as fit in
SECONDS = 5.0
SAMPLE = 0.05  # seconds a sample lasts at least: what is faster is repeated
WARM = 0.2  # seconds of uncounted runs: a core that was idle is slow at first, its caches others'

ONE_THREAD = {f"{name}_NUM_THREADS": "1" for name in ("MKL", "OMP", "OPENBLAS")}
SPAWN = get_context("spawn")  # a fresh interpreter, which has imported nothing yet

Answer = dict[str, list[float]]


class Job(NamedTuple):
    """What is timed, and the numbers that it came to the first time, by name."""

    run: Callable[[], Any]
    answer: Answer


@dataclass(frozen=True, eq=False)
class Contender:
    """A way to do some work. `prepare(*args)` gives its Job, in its own process: what it imports
    is imported there. `needs` is the distribution that has to be installed for it, if any; a run
    does `units` of the work, such as the operations of a chain."""

    name: str
    prepare: Callable[..., Job]
    args: tuple = ()
    needs: str = ""
    units: int = 1
    environment: Mapping[str, str] = field(default_factory=dict)


class Failed(Exception):
    """A contender that raised, died, or gave another answer."""


class Worker:
    """A contender's process, and the answer it gave. Raises Failed when it gave none."""

    def __init__(self, contender: Contender) -> None:
        self.contender = contender
        self.pipe, theirs = SPAWN.Pipe()
        job = (contender.prepare, contender.args)
        self.process = SPAWN.Process(target=_serve, args=(theirs, *job), daemon=True)
        with environment(contender.environment):
            self.process.start()
        theirs.close()
        try:
            self.answer: Answer = self._received()
        except Failed:
            self.close()
            raise

    def seconds(self) -> float:
        """What a unit of the work takes, now."""
        self.pipe.send("again")
        return self._received() / self.contender.units

    def close(self) -> None:
        self.process.kill()
        self.process.join()
        self.pipe.close()

    def _received(self) -> Any:
        try:
            received = self.pipe.recv()
        except EOFError:
            self.process.join()
            received = Failed(f"its process ended with {self.process.exitcode}")
        if isinstance(received, Failed):
            raise Failed(f"{self.contender.name}: {received}")
        return received


def _serve(pipe: Connection, prepare: Callable[..., Job], args: tuple) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that asks
    try:
        job = prepare(*args)
        pipe.send(job.answer)
        repeats = 1
        while (elapsed := _elapsed(job.run, repeats)) < SAMPLE:
            repeats *= 2
        uncounted = round(WARM / elapsed) * repeats
        while pipe.recv():
            _elapsed(job.run, uncounted)
            gc.collect()  # where the collector is off, garbage would grow from sample to sample
            pipe.send(_elapsed(job.run, repeats) / repeats)
    except EOFError:
        pass  # the one who asks is gone
    except Exception as error:
        pipe.send(Failed(f"{type(error).__name__}: {error}"))


def _elapsed(run: Callable[[], Any], repeats: int) -> float:
    start = perf_counter()
    for _ in range(repeats):
        run()
    return perf_counter() - start


def medians(workers: list[Worker]) -> list[float]:
    """The median time of a unit for each of them, from samples taken in turn."""
    samples: list[list[float]] = []
    start = perf_counter()
    while len(samples) < ROUNDS or perf_counter() - start < SECONDS:
        samples.append([worker.seconds() for worker in workers])
    return [median(taken) for taken in zip(*samples, strict=True)]


def check_agreement(ours: Worker, theirs: Worker) -> None:
    """Raise Failed unless both came to the same numbers, up to rounding."""
    name = theirs.contender.name
    for what, numbers in ours.answer.items():
        others = theirs.answer.get(what, [])
        if len(numbers) != len(others):
            raise Failed(f"{name}: {len(others)} numbers for the {what}, and ours {len(numbers)}")
        for a, b in zip(numbers, others, strict=True):
            if not isclose(a, b, rel_tol=1e-9, abs_tol=1e-12):
                raise Failed(f"{name}: another {what}, with {b!r} where ours has {a!r}")


def in_processes(
    count: int, function: Callable, arguments: list[tuple], **variables: str
) -> list[Any]:
    """The results of calls, made in so many fresh processes at once. Raises Failed if one does."""
    try:
        with environment(variables), ProcessPoolExecutor(count, mp_context=SPAWN) as pool:
            return list(pool.map(function, *zip(*arguments, strict=True)))
    except Exception as error:
        raise Failed(f"{function.__name__}: {type(error).__name__}: {error}") from error


@contextmanager
def environment(more: Mapping[str, str]) -> Iterator[None]:
    """Processes started inside see these variables, and have one thread for linear algebra."""
    before = dict(os.environ)
    os.environ.update(ONE_THREAD | dict(more))
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
