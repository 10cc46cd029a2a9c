"""The loss of one example, recorded once and run on all: what makes training fast."""

from collections.abc import Callable, Sequence
from typing import Any

from autograd.program import Program
from autograd.value import Value
from nn.data import Dataset
from nn.evaluation import Loss
from nn.losses import LOSSES, cross_entropy, hinge
from nn.module import MLP, Module, one_example

COLUMNS_PAY_FROM = 64  # examples: below, Python on numbers beats NumPy on columns


def can_record(model: Module, loss: Loss) -> bool:
    """Whether one example's graph is right for all: nothing in an MLP and in our losses, which
    are means over the examples, branches on a number. Of other code nobody knows."""
    return type(model) is MLP and loss in LOSSES.values()


class RecordedLoss:
    """The loss of a model on a batch, with its gradients and the model's outputs.

    Every class gets a program of its own, since a loss may look at another output for each, or
    turn its target into a sign; numbers to be met are an input like the others.
    """

    def __init__(self, model: Callable[[Any], Any], loss: Loss, classes: int | None) -> None:
        self.model, self.loss = model, loss
        self.by_class = classes is not None or loss in (hinge, cross_entropy)
        self.programs: dict[float | None, Program] = {}

    def __call__(self, batch: Dataset) -> tuple[float, dict[Value, float], list[Sequence[float]]]:
        """The mean loss, the gradient of every parameter, and a row of outputs per example."""
        total, gradients = 0.0, dict[Value, float]()
        outputs: list[Any] = [None] * len(batch)
        for kind, places in self._kinds(batch).items():
            rows = [batch.inputs[i] for i in places]
            if kind is None:
                rows = [(*batch.inputs[i], batch.targets[i]) for i in places]
            program = self._program(kind, rows[0])
            machine = "numpy" if len(rows) >= COLUMNS_PAY_FROM else "python"
            value, slopes, said = program.value_gradients_and_also(rows, machine)
            total += float(value)
            for parameter, slope in zip(program.parameters, slopes, strict=True):
                gradients[parameter] = gradients.get(parameter, 0.0) + float(slope)
            for i, row in zip(places, said, strict=True):
                outputs[i] = row
        n = len(batch)
        return total / n, {p: slope / n for p, slope in gradients.items()}, outputs

    def _kinds(self, batch: Dataset) -> dict[float | None, list[int]]:
        """Which examples share a program."""
        if not self.by_class:
            return {None: list(range(len(batch)))}
        kinds: dict[float | None, list[int]] = {}
        for i, target in enumerate(batch.targets):
            kinds.setdefault(target, []).append(i)
        return kinds

    def _program(self, kind: float | None, row: Sequence[float]) -> Program:
        if kind not in self.programs:
            leaves = [Value(x) for x in row]
            inputs, target = (leaves[:-1], leaves[-1]) if kind is None else (leaves, kind)
            outputs = self.model(inputs)
            y = self.loss([outputs], [target])
            self.programs[kind] = Program(y, leaves, also=one_example(outputs))
        return self.programs[kind]
