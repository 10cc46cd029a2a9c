"""Who trains the runs of a sweep on this machine: this process, or several others.

A crew has `room` for one more run or not, is given runs by `start`, and `finished` waits until one
at least is done: pairs of a run and its outcome, which is None where the worker has died. Runs that
are under way are `busy`.
"""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from multiprocessing import get_context, parent_process
from pickle import PicklingError, dumps
from threading import Thread
from typing import Any

from nn.sweeping.outcome import Outcome, outcome, unpickled
from nn.sweeping.plan import Run

__all__ = ["Finished", "Here", "Processes"]

Finished = list[tuple[Run, Outcome | None]]


class Here:
    """This process, one run at a time."""

    def __init__(self, build: Callable, data: Any) -> None:
        self.build, self.data = build, data
        self.busy: list[Run] = []

    @property
    def room(self) -> bool:
        return not self.busy

    def start(self, run: Run) -> None:
        self.busy.append(run)

    def finished(self) -> Finished:
        run = self.busy.pop()
        return [(run, outcome(self.build, self.data, run.settings))]

    def close(self) -> None:
        pass


class Worker:
    """A process that trains. It has a pool of its own, as a pool breaks whole when one of its
    processes dies, and does not say which run that was."""

    def __init__(self) -> None:
        self.pool = ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=prepared)
        with ctrl_c_blocked():
            self.pid: Future = self.pool.submit(os.getpid)  # which starts it

    def kill(self) -> None:
        if self.pid.done() and not self.pid.cancelled() and not self.pid.exception():
            with suppress(ProcessLookupError):  # it is dead
                os.kill(self.pid.result(), signal.SIGTERM)


class Processes:
    """Other processes of this machine, `count` of them, each with a run at a time."""

    def __init__(self, build: Callable, data: Any, count: int) -> None:
        self.task = pickled(build, data)
        self.idle: list[Worker] = []
        self.busy: dict[Future, tuple[Worker, Run]] = {}
        try:
            for _ in range(count):
                self.idle.append(Worker())
            self.idle[0].pid.result()
        except BrokenProcessPool:
            self.close()
            raise RuntimeError(
                "no process for the runs can start: in a script, call sweep below "
                '`if __name__ == "__main__":`, as every process reads the script; or use workers=0'
            ) from None
        except BaseException:
            self.close()
            raise

    @property
    def room(self) -> bool:
        return bool(self.idle)

    def start(self, run: Run) -> None:
        worker = self.idle.pop()
        try:
            future = worker.pool.submit(unpickled, self.task, run.settings)
        except BrokenProcessPool:  # it died while it had nothing to do
            worker = Worker()
            future = worker.pool.submit(unpickled, self.task, run.settings)
        self.busy[future] = worker, run

    def finished(self) -> Finished:
        done, _ = wait(self.busy, return_when=FIRST_COMPLETED)
        found: Finished = []
        for future in done:
            worker, run = self.busy.pop(future)
            try:
                found.append((run, future.result()))
            except BrokenProcessPool:
                worker = Worker()
                found.append((run, None))
            self.idle.append(worker)
        return found

    def close(self) -> None:
        workers = [*self.idle, *(worker for worker, _ in self.busy.values())]
        for worker in workers:
            worker.kill()  # whatever it does
        for worker in workers:  # one that is still starting ends when it is ready
            worker.pool.shutdown(wait=worker.pid.done(), cancel_futures=True)


@contextmanager
def ctrl_c_blocked() -> Iterator[None]:
    """Hold Ctrl-C back from this thread and, for good, from every process that it starts: in a
    terminal Ctrl-C reaches them all, some of which have yet to import what would ignore it."""
    if not hasattr(signal, "pthread_sigmask"):  # on Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def prepared() -> None:
    """What a process does first. Ctrl-C in a terminal is for its parent to answer, on Windows as
    well; and it must not go on when the parent is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=end_with_parent, daemon=True).start()


def end_with_parent() -> None:
    if parent := parent_process():
        parent.join()
        os._exit(1)


def pickled(build: Callable, data: Any) -> bytes:
    """Both, for another process. Raises TypeError for what cannot go there."""
    main = sys.modules["__main__"]
    for what, thing in (("build", build), ("data", data)):
        if getattr(thing, "__module__", "") == "__main__" and not hasattr(main, "__file__"):
            raise TypeError(
                f"{what} is defined in this session, where no other process can read it: write it "
                "into a file and import it from there, or use workers=0"
            )
        try:
            dumps(thing)
        except (PicklingError, AttributeError, TypeError) as error:
            raise TypeError(
                f"{what} cannot go to another process: {error}. Use a function that a file defines "
                "by def, not a lambda or one inside another; or workers=0"
            ) from None
    return dumps((build, data))
