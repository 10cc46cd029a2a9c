"""The losses on the way to a state, however often training went back and took another way."""

from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

__all__ = ["Losses"]


@dataclass(frozen=True)
class Stretch:
    """Updates in a row, and what was before them."""

    before: "Stretch | None"
    losses: list[float]
    steps: int  # with those before


class Losses:
    """The losses of updates, found by the state that they led to.

    What is not known, such as a state with numbers that were typed in, goes on from where training
    was, cut to as many updates as that state counts.
    """

    def __init__(self) -> None:
        self._now = Stretch(None, [], 0)
        self._at: dict[bytes, Stretch] = {}

    def go_to(self, state: Any) -> None:
        """A state was set."""
        key = fingerprint(state)
        if key not in self._at:
            losses = self.on_the_way()[: state.step]
            self._at[key] = Stretch(None, losses, len(losses))
        self._now = self._at[key]

    def add(self, start: Any, losses: list[float], end: Any) -> None:
        """Updates led from one state to another."""
        if losses:
            key = fingerprint(end)
            if key not in self._at:
                before = self._at.get(fingerprint(start), self._now)
                self._at[key] = Stretch(before, losses, before.steps + len(losses))
            self._now = self._at[key]

    def on_the_way(self) -> list[float]:
        """The losses of all updates on the way to the state reached."""
        parts: list[list[float]] = []
        stretch: Stretch | None = self._now
        while stretch is not None:
            parts.append(stretch.losses)
            stretch = stretch.before
        return [loss for part in reversed(parts) for loss in part]


def fingerprint(state: Any) -> bytes:
    """What differs between states."""
    digest = blake2b(state.parameters.tobytes(), digest_size=16)
    for numbers in state.slots.values():
        digest.update(numbers.tobytes())
    digest.update(f"{state.step} {state.epoch} {state.batch}".encode())
    return digest.digest()
