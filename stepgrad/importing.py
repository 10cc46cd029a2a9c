"""What is going on when Ctrl-C comes. It must wait for the end of an import: the next import would
find half a module."""

from collections.abc import Callable, Iterator
from types import CodeType, FrameType


def is_importing(frame: FrameType | None) -> bool:
    """Whether an import is going on in this frame or in one that called it."""
    return any(code.co_filename.startswith("<frozen importlib") for code in codes(frame))


def is_running(function: Callable, frame: FrameType | None) -> bool:
    """Whether this frame is of a function of Python's, or is called by one of its frames."""
    return function.__code__ in codes(frame)


def codes(frame: FrameType | None) -> Iterator[CodeType]:
    """Those of a frame and of all that called it, the innermost first."""
    while frame is not None:
        yield frame.f_code
        frame = frame.f_back
