"""Sonar echoes, the experiment of 1988: 13 folds, each a network 60-12-2 trained for 300 epochs.

The recipe is that of tests/test_reference_runs.py, there with 2 hidden units: logistic units, an
update per example at rate 2.0, initial weights and biases within ±0.3, and errors below 0.2 that
count as none. Folds are independent, and two processes share them.
"""

from collections.abc import Sequence
from math import ceil
from statistics import fmean, median
from time import perf_counter
from typing import Any

from benchmarks.measure import ROUNDS, in_processes

FOLDS, EPOCHS, PROCESSES = 13, 300, 2
INPUTS, HIDDEN, OUTPUTS = 60, 12, 2
SIZES = f"{INPUTS}-{HIDDEN}-{OUTPUTS}"
FEW = 3  # epochs, for an estimate
STRETCH = 20  # epochs of a call, for what a step takes


def within_the_bound(rng: Any, inputs: int, neurons: int) -> tuple[list[float], float]:
    return [rng.uniform(-0.3, 0.3) for _ in range(inputs)], rng.uniform(-0.3, 0.3)


def error_outside_the_margin(outputs: Sequence, targets: Sequence) -> Any:
    """½ (t - o)² over outputs that are off by 0.2 or more; one output for each class.

    The margin is Gorman and Sejnowski's: smaller errors count as none. It is written without an
    `if`, so that the loss of one example can be recorded for all.
    """
    from autograd import relu, sign

    total = 0.0
    for scores, target in zip(outputs, targets, strict=True):
        for k, output in enumerate(scores):
            error = output - float(target == k)
            total = total + error * error / 2 * sign(relu(abs(error) - 0.2))
    return total / len(targets)


def trained(fold: int, epochs: int) -> tuple[Any, Any]:
    """A Trainer after so many epochs, and the fold's test set."""
    import nn
    from autograd import sigmoid

    train, test = nn.folds(nn.sonar(), FOLDS, seed=0)[fold]
    model = nn.MLP(
        INPUTS, [HIDDEN, OUTPUTS], sigmoid, output=sigmoid, init=within_the_bound, seed=fold
    )
    trainer = nn.Trainer(
        model,
        train,
        loss=error_outside_the_margin,
        optimizer=nn.SGD(model.parameters(), learning_rate=2.0),
        batch_size=1,
        engine="program",
        seed=fold,
    )
    trainer.run(epochs, progress=False)
    return trainer, test


def accuracy(fold: int) -> float | None:
    """The share of the fold's test set that is right after all epochs."""
    import nn

    trainer, test = trained(fold, EPOCHS)
    _, share = nn.evaluate(trainer.model, test, trainer.loss)
    return share


def seconds_per_epoch(fold: int) -> float:
    """What an epoch takes once the loss is recorded."""
    trainer, _ = trained(fold, 1)
    start = perf_counter()
    trainer.run(FEW, progress=False)
    return (perf_counter() - start) / FEW


def seconds_per_step(fold: int) -> float:
    """What a step takes, an example each, in calls of some epochs."""
    trainer, _ = trained(fold, 1)

    def epochs() -> float:
        start = perf_counter()
        trainer.run(STRETCH, progress=False)
        return perf_counter() - start

    return median(epochs() for _ in range(ROUNDS)) / STRETCH / len(trainer.data)


def whole_run() -> tuple[float, float]:
    """The seconds of the whole experiment, and the mean accuracy it reached."""
    start = perf_counter()
    reached = fmean(in_processes(PROCESSES, accuracy, [(fold,) for fold in range(FOLDS)]))
    return perf_counter() - start, reached


def estimate() -> float:
    """The seconds of the whole experiment, as a few epochs in all processes at once promise."""
    epoch = max(in_processes(PROCESSES, seconds_per_epoch, [(fold,) for fold in range(PROCESSES)]))
    return epoch * EPOCHS * ceil(FOLDS / PROCESSES)
