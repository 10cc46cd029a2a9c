"""How far training is, or a sweep: a bar in a terminal, one updating output in a notebook, lines in
a log."""

import sys
from collections.abc import Callable
from contextlib import suppress
from html import escape
from typing import Any

from nn.history import History

__all__ = ["progress_for"]


def summary(history: History) -> str:
    """The last epoch in a line."""
    parts = [f"loss {history.losses[-1]:.4g}"]
    if history.accuracies[-1] is not None:
        parts.append(f"accuracy {history.accuracies[-1]:.1%}")
    if history.held_out_losses:
        parts.append(f"held-out loss {history.held_out_losses[-1]:.4g}")
    if history.held_out_accuracies and history.held_out_accuracies[-1] is not None:
        parts.append(f"held-out accuracy {history.held_out_accuracies[-1]:.1%}")
    parts.append(f"learning rate {history.rates[-1]:.3g}")
    return ", ".join(parts)


class Bar:
    """tqdm's bar on standard error, which leaves its last state behind."""

    def __init__(self, total: int, unit: str, summary: Callable[[Any], str]) -> None:
        from tqdm import tqdm

        self.bar = tqdm(total=total, unit=unit, file=sys.stderr, dynamic_ncols=True)
        self.summary = summary

    def update(self, done: Any) -> None:
        with suppress(OSError, ValueError):  # the terminal is closed: training continues
            self.bar.set_postfix_str(self.summary(done), refresh=False)
            self.bar.update()

    def close(self) -> None:
        with suppress(OSError, ValueError):
            self.bar.close()


class Lines:
    """A line at about ten points of the run on standard error, where nothing can be overwritten."""

    POINTS = 10

    def __init__(self, total: int, unit: str, summary: Callable[[Any], str]) -> None:
        self.total, self.unit, self.summary = total, unit, summary
        self.done, self.printed = 0, 0
        self.line = ""

    def update(self, done: Any) -> None:
        self.done += 1
        count = f"{self.done:>{len(str(self.total))}}/{self.total} {self.unit}s"
        self.line = f"{count}: {self.summary(done)}"
        if self.done in (1, self.total) or self.done % -(-self.total // self.POINTS) == 0:
            self.print()

    def print(self) -> None:
        self.printed = self.done
        with suppress(OSError, ValueError):  # closed, or without a reader: training continues
            print(self.line, file=sys.stderr, flush=True)

    def close(self) -> None:
        if self.printed < self.done:  # training ended early: here is how
            self.print()


class Output:
    """One output of a notebook's cell, updated in place: what is saved is how training ended."""

    def __init__(self, total: int, unit: str, summary: Callable[[Any], str]) -> None:
        from IPython.display import HTML, display

        self.total, self.unit, self.summary = total, unit, summary
        self.HTML, self.done = HTML, 0
        self.handle: Any = display(self.html("starting"), display_id=True)

    def html(self, text: str) -> Any:
        return self.HTML(
            f'<progress value="{self.done}" max="{self.total}" aria-label="{self.unit}s">'
            f"</progress> {self.done} of {self.total} {self.unit}s: {escape(text)}"
        )

    def update(self, done: Any) -> None:
        self.done += 1
        self.handle.update(self.html(self.summary(done)))

    def close(self) -> None:
        pass


class Silence:
    """No progress at all."""

    def update(self, done: Any) -> None:
        pass

    def close(self) -> None:
        pass


def progress_for(
    total: int,
    shown: bool = True,
    unit: str = "epoch",
    summary: Callable[[Any], str] = summary,
) -> "Bar | Lines | Output | Silence":
    """What suits the place where training runs: its `update` is called after each `unit`, with what
    `summary` writes a line about."""
    stream = sys.stderr
    if not shown or stream is None or getattr(stream, "closed", False):
        return Silence()
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    if shell is not None and hasattr(shell, "kernel"):
        return Output(total, unit, summary)
    is_terminal = getattr(stream, "isatty", lambda: False)  # what stands for it may have none
    return (Bar if is_terminal() else Lines)(total, unit, summary)
