"""How far training is: a bar in a terminal, one updating output in a notebook, lines in a log."""

import sys
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

    def __init__(self, epochs: int) -> None:
        from tqdm import tqdm

        self.bar = tqdm(total=epochs, unit="epoch", file=sys.stderr, dynamic_ncols=True)

    def update(self, history: History) -> None:
        with suppress(OSError, ValueError):  # the terminal is closed: training continues
            self.bar.set_postfix_str(summary(history), refresh=False)
            self.bar.update()

    def close(self) -> None:
        with suppress(OSError, ValueError):
            self.bar.close()


class Lines:
    """A line at about ten points of the run on standard error, where nothing can be overwritten."""

    POINTS = 10

    def __init__(self, epochs: int) -> None:
        self.epochs, self.done, self.printed = epochs, 0, 0
        self.line = ""

    def update(self, history: History) -> None:
        self.done += 1
        self.line = f"{self.done:>{len(str(self.epochs))}}/{self.epochs} epochs: {summary(history)}"
        if self.done in (1, self.epochs) or self.done % -(-self.epochs // self.POINTS) == 0:
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

    def __init__(self, epochs: int) -> None:
        from IPython.display import HTML, display

        self.HTML, self.epochs, self.done = HTML, epochs, 0
        self.handle: Any = display(self.html("starting"), display_id=True)

    def html(self, text: str) -> Any:
        return self.HTML(
            f'<progress value="{self.done}" max="{self.epochs}" aria-label="epochs"></progress> '
            f"{self.done} of {self.epochs} epochs: {escape(text)}"
        )

    def update(self, history: History) -> None:
        self.done += 1
        self.handle.update(self.html(summary(history)))

    def close(self) -> None:
        pass


class Silence:
    """No progress at all."""

    def __init__(self, epochs: int = 0) -> None:
        pass

    def update(self, history: History) -> None:
        pass

    def close(self) -> None:
        pass


def progress_for(epochs: int, shown: bool = True) -> "Bar | Lines | Output | Silence":
    """What suits the place where training runs."""
    stream = sys.stderr
    if not shown or stream is None or getattr(stream, "closed", False):
        return Silence()
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    if shell is not None and hasattr(shell, "kernel"):
        return Output(epochs)
    is_terminal = getattr(stream, "isatty", lambda: False)  # what stands for it may have none
    return Bar(epochs) if is_terminal() else Lines(epochs)
