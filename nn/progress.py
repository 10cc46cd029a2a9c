"""How far training is: a bar in a terminal, one updating output in a notebook, lines in a log."""

import sys
from html import escape
from typing import Any

from nn.history import History


def told(history: History) -> str:
    """The last epoch in a line."""
    words = [f"loss {history.losses[-1]:.4g}"]
    if history.accuracies[-1] is not None:
        words.append(f"accuracy {history.accuracies[-1]:.1%}")
    if history.held_out_losses:
        words.append(f"held-out loss {history.held_out_losses[-1]:.4g}")
    if history.held_out_accuracies and history.held_out_accuracies[-1] is not None:
        words.append(f"held-out accuracy {history.held_out_accuracies[-1]:.1%}")
    words.append(f"learning rate {history.rates[-1]:.3g}")
    return ", ".join(words)


class Bar:
    """tqdm's bar on standard error, which leaves its last state behind."""

    def __init__(self, epochs: int) -> None:
        from tqdm import tqdm

        self.bar = tqdm(total=epochs, unit="epoch", file=sys.stderr, dynamic_ncols=True)

    def update(self, history: History) -> None:
        self.bar.set_postfix_str(told(history), refresh=False)
        self.bar.update()

    def close(self) -> None:
        self.bar.close()


class Lines:
    """A line at about ten points of the run on standard error, where nothing can be overwritten."""

    POINTS = 10

    def __init__(self, epochs: int) -> None:
        self.epochs, self.done, self.said = epochs, 0, 0
        self.line = ""

    def update(self, history: History) -> None:
        self.done += 1
        self.line = f"{self.done:>{len(str(self.epochs))}}/{self.epochs} epochs: {told(history)}"
        if self.done in (1, self.epochs) or self.done % -(-self.epochs // self.POINTS) == 0:
            self.say()

    def say(self) -> None:
        self.said = self.done
        print(self.line, file=sys.stderr, flush=True)

    def close(self) -> None:
        if self.said < self.done:  # training ended early: here is how
            self.say()


class Output:
    """One output of a notebook's cell, updated in place: what is saved is how training ended."""

    def __init__(self, epochs: int) -> None:
        from IPython.display import HTML, display

        self.HTML, self.epochs, self.done = HTML, epochs, 0
        self.handle: Any = display(self.html("starting"), display_id=True)

    def html(self, words: str) -> Any:
        return self.HTML(
            f'<progress value="{self.done}" max="{self.epochs}" aria-label="epochs"></progress> '
            f"{self.done} of {self.epochs} epochs: {escape(words)}"
        )

    def update(self, history: History) -> None:
        self.done += 1
        self.handle.update(self.html(told(history)))

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


def progress_for(epochs: int, wanted: bool = True) -> "Bar | Lines | Output | Silence":
    """What suits the place where training runs."""
    if not wanted or sys.stderr is None:  # as in a program without a console
        return Silence()
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    if shell is not None and hasattr(shell, "kernel"):
        return Output(epochs)
    return Bar(epochs) if sys.stderr.isatty() else Lines(epochs)
