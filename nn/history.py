"""What happened in training, epoch by epoch."""

from dataclasses import dataclass, field
from typing import Any


@dataclass
class History:
    """A row per epoch: the loss and the accuracy over it, and the learning rate at its end.

    Losses and accuracies of the training data are means over the batches as they were trained on,
    so those of full batches are the numbers before each update. What was held out is measured
    after the epoch. Accuracies, from 0 to 1, are None where there are no classes.
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
        """Draw the losses, and the accuracies on a second scale; returns the matplotlib axes."""
        if ax is None:
            from matplotlib.figure import Figure

            ax = Figure(figsize=(6.4, 4), layout="constrained").subplots()
        epochs = range(1, len(self) + 1)
        lines = ax.plot(epochs, self.losses, color="#b35806", label="loss")
        if self.held_out_losses:
            lines += ax.plot(
                epochs, self.held_out_losses, color="#b35806", linestyle="--", label="held-out loss"
            )
        ax.set_xlabel("epoch")
        ax.set_ylabel("loss")
        ax.set_ylim(bottom=0 if min(self.losses, default=0) >= 0 else None)
        if any(accuracy is not None for accuracy in self.accuracies):
            right = ax.twinx()
            lines += right.plot(
                epochs, self.accuracies, color="#2166ac", linewidth=1, label="accuracy"
            )
            if self.held_out_accuracies:
                lines += right.plot(
                    epochs,
                    self.held_out_accuracies,
                    color="#2166ac",
                    linewidth=1,
                    linestyle="--",
                    label="held-out accuracy",
                )
            right.set_ylabel("accuracy")
            right.set_ylim(0, 1.02)
        ax.legend(handles=lines, loc="center right")
        return ax

    def __repr__(self) -> str:
        if not self.losses:
            return "<history of 0 epochs>"
        told = f"<history of {len(self)} epochs: loss {self.losses[0]:.4g} → {self.losses[-1]:.4g}"
        if self.accuracies[-1] is not None:
            told += f", accuracy {self.accuracies[-1]:.1%}"
        if self.held_out_accuracies and self.held_out_accuracies[-1] is not None:
            told += f", held-out accuracy {self.held_out_accuracies[-1]:.1%}"
        return told + (", interrupted>" if self.interrupted else ">")
