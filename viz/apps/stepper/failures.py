"""Where a walk ends early, because something cannot be computed."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Failure:
    """`sentence` says what went wrong at the step `at` of the walk, and `source` is the line that
    asked for it, if that is known."""

    at: int
    sentence: str
    source: str
