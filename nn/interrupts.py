"""Ctrl-C, held back while something changes that has to change as a whole: a model, or a module
that is being imported, which would stay half done.

Python raises KeyboardInterrupt in the main thread only, from the handler of SIGINT, between any
two instructions. In another thread, or where no Python function handles the signal, there is
nothing to hold back.
"""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

from stepgrad.importing import is_importing

__all__ = ["gated", "uninterrupted"]

# Without the enums that `signal` wraps around these, which take longer than many a step.
_handler: Callable = getattr(signal.getsignal, "__wrapped__", signal.getsignal)
_set_handler: Callable = getattr(signal.signal, "__wrapped__", signal.signal)


class Gate:
    """A handler that lets signals through to the one before it, unless it is `closed`. One that
    comes during an import is let through the next time it opens."""

    def __init__(self, before: Callable) -> None:
        self.before = before
        self.closed = 1  # times over
        self.held = False

    def __call__(self, number: int, frame: Any) -> None:
        if self.closed or is_importing(frame):
            self.held = True
        else:
            self.before(number, frame)

    def __enter__(self) -> None:
        self.closed += 1

    def __exit__(self, *error: object) -> None:
        self.closed -= 1
        if not self.closed:
            self.let_through()

    def let_through(self) -> None:
        if self.held:
            self.held = False
            self.before(signal.SIGINT, None)


@contextmanager
def gated() -> Iterator[None]:
    """Install a gate for as long as the body runs: inside, `uninterrupted` costs next to nothing,
    and elsewhere two calls of the operating system each time."""
    before = _current()
    if before is None or isinstance(before, Gate):
        yield
        return
    gate = Gate(before)
    _set_handler(signal.SIGINT, gate)
    try:
        gate.__exit__()
        try:
            yield
        finally:
            gate.__enter__()
    finally:
        if _handler(signal.SIGINT) is gate:  # it has not been replaced since
            _set_handler(signal.SIGINT, before)
        gate.let_through()


@contextmanager
def _behind_a_gate(before: Callable) -> Iterator[None]:
    """A gate that is never open: nothing is raised between the two calls."""
    gate = Gate(before)
    _set_handler(signal.SIGINT, gate)
    try:
        yield
    finally:
        _set_handler(signal.SIGINT, before)
        gate.let_through()


def uninterrupted() -> Any:
    """A context in which Ctrl-C is held back; it is let through at the end."""
    handler = _current()
    if isinstance(handler, Gate):
        return handler
    return _behind_a_gate(handler) if handler else nullcontext()


def _current() -> Any:
    """What Ctrl-C calls here, if it is a function of Python's."""
    if threading.current_thread() is not threading.main_thread():
        return None
    handler = _handler(signal.SIGINT)
    return handler if callable(handler) else None
