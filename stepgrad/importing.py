"""Ctrl-C must wait for the end of an import: the next import would find half a module."""

from types import FrameType


def is_importing(frame: FrameType | None) -> bool:
    """Whether an import is going on in this frame or in one that called it."""
    while frame is not None:
        if frame.f_code.co_filename.startswith("<frozen importlib"):
            return True
        frame = frame.f_back
    return False
