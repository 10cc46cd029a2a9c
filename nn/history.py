"""What happened in training, epoch by epoch."""

from dataclasses import dataclass, field
from typing import Any

__all__ = ["History"]

LOSS, ACCURACY = "#c65f04", "#2d79c4"  # a contrast of 4 : 1 to white and to black


@dataclass
class History:
    """A row per epoch: the loss and the accuracy over it, and the learning rate at its end.

    Losses and accuracies of the training data are means over the batches as they were trained on,
    so those of full batches are the numbers before each update. Held-out data is measured after
    the epoch, in lists that are empty where there is none. A penalty is part of the training loss,
    and of no other. Accuracies, from 0 to 1, are None where there are no classes.
    `interrupted` says whether Ctrl-C ended the training; the last row is then the last complete
    epoch.
    """

    losses: list[float] = field(default_factory=list)
    accuracies: list[float | None] = field(default_factory=list)
    rates: list[float] = field(default_factory=list)
    held_out_losses: list[float] = field(default_factory=list)
    held_out_accuracies: list[float | None] = field(default_factory=list)
    interrupted: bool = False  # by Ctrl-C: the last row is the last complete epoch

    def __len__(self) -> int:
        return len(self.losses)

    def plot(self, ax: Any = None) -> Any:
        """Draw the losses, and the accuracies on a second scale; returns the matplotlib axes.

        Epochs count from 1. Without an `ax` the plot is a pyplot figure of its own, which notebooks
        show. Raises ValueError for a history made by hand whose losses and accuracies differ in
        length.
        """
        from matplotlib.ticker import MaxNLocator, PercentFormatter

        if ax is None:
            import matplotlib.pyplot as plt

            _, ax = plt.subplots(figsize=(6.4, 4), layout="constrained")
        epochs = range(1, len(self) + 1)
        dot = "o" if len(self) == 1 else ""  # a line of one point is invisible
        lines = ax.plot(epochs, self.losses, f"{dot}-", color=LOSS, label="loss")
        if self.held_out_losses:
            style = {"color": LOSS, "label": "held-out loss"}
            lines += ax.plot(epochs, self.held_out_losses, f"{dot}--", **style)
        ax.set(xlabel="epoch", ylabel="loss")
        ax.set_ylim(bottom=0 if min([0, *self.losses, *self.held_out_losses]) == 0 else None)
        ax.xaxis.set_major_locator(
            MaxNLocator("auto", steps=[1, 2, 5, 10], integer=True, min_n_ticks=1)
        )
        top = ax
        if any(accuracy is not None for accuracy in self.accuracies):
            top = ax.twinx()
            style = {"color": ACCURACY, "label": "accuracy"}
            lines += top.plot(epochs, self.accuracies, f"{dot}:", linewidth=2, **style)
            if self.held_out_accuracies:
                style = {"color": ACCURACY, "label": "held-out accuracy"}
                lines += top.plot(epochs, self.held_out_accuracies, f"{dot}-.", **style)
            top.set(ylabel="accuracy", ylim=(0, 1.02))
            top.yaxis.set_major_formatter(PercentFormatter(1))
        top.legend(handles=lines, loc="center right")
        return ax

    def __repr__(self) -> str:
        if not self.losses:
            return "<history of 0 epochs>"
        text = f"<history of {len(self)} epochs: loss {self.losses[0]:.4g} → {self.losses[-1]:.4g}"
        if self.accuracies and self.accuracies[-1] is not None:
            text += f", accuracy {self.accuracies[-1]:.1%}"
        if self.held_out_accuracies and self.held_out_accuracies[-1] is not None:
            text += f", held-out accuracy {self.held_out_accuracies[-1]:.1%}"
        return text + (", interrupted>" if self.interrupted else ">")
