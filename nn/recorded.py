"""The loss of one example, recorded once and run on all: what makes training fast."""

from collections.abc import Sequence
from typing import Any

from autograd.program import Program
from autograd.program.interpreters import as_array
from autograd.value import Value, no_grad
from nn.data import Dataset
from nn.evaluation import Loss
from nn.losses import LOSSES, cross_entropy, hinge, l2
from nn.module import MLP, Module, one_example


def can_record(model: Module, loss: Loss) -> bool:
    """Whether one example's graph is right for all: nothing in an MLP and in our losses, which
    are means over the examples, branches on a number. Of other code nobody knows."""
    return type(model) is MLP and loss in LOSSES.values()


def checked(loss: Any) -> Value:
    """What a loss gave; TypeError unless it is a Value."""
    if not isinstance(loss, Value):
        raise TypeError(f"a loss gives a Value, and this one gave a {type(loss).__name__}")
    return loss


class RecordedLoss:
    """The loss of a model on a batch, with its gradients and the model's outputs.

    Every class gets a program of its own, since a loss may look at another output for each, or
    turn its target into a sign; numbers to be met are an input like the others. The penalty on
    the parameters is a program too, of no inputs.
    """

    def __init__(self, model: Module, loss: Loss, classes: int | None, penalty: float) -> None:
        self.model, self.loss = model, loss
        self.by_class = classes is not None or loss in (hinge, cross_entropy)
        self.programs: dict[float | None, Program] = {}
        self.penalty = Program(l2(model.parameters(), penalty)) if penalty else None
        self.parameters: list[Value] = []  # of all programs
        self._places: dict[Program, Any] = {}  # where a program's parameters are among those
        self._prepared: tuple[Dataset, list] | None = None

    def __call__(self, batch: Dataset) -> tuple[float, Any, list[Any]]:
        """The mean loss, the gradient of every one of `parameters`, and a row of outputs per
        example."""
        import numpy as np

        runs = [
            (places, program, program.value_gradients_and_also(rows))
            for places, program, rows in self._runs(batch)
        ]
        total, gradients = 0.0, np.zeros(len(self.parameters))
        outputs: list[Any] = [None] * len(batch)
        for places, program, (value, slopes, said) in runs:
            total += value
            gradients[self._places[program]] += slopes
            for i, row in zip(places, said, strict=True):
                outputs[i] = row
        total, gradients = total / len(batch), gradients / len(batch)
        if self.penalty:
            value, slopes = self.penalty.value_and_gradients([()])
            total += value
            gradients[self._places[self.penalty]] += slopes
        return float(total), gradients, outputs

    def _runs(self, batch: Dataset) -> list[tuple[Sequence[int], Program, Any]]:
        """Which examples share a program, and their rows. Remembered, for training that uses all
        the data at every step."""
        if self._prepared is None or self._prepared[0] is not batch:
            runs = []
            for kind, places in self._kinds(batch).items():
                rows: Any = [batch.inputs[i] for i in places]
                if kind is None:
                    rows = [(*batch.inputs[i], batch.targets[i]) for i in places]
                program = self._program(kind, rows[0])
                runs.append((places, program, as_array(rows) if len(rows) > 16 else rows))
            self._prepared = batch, runs
        return self._prepared[1]

    def _kinds(self, batch: Dataset) -> dict[float | None, Sequence[int]]:
        if not self.by_class:
            return {None: range(len(batch))}
        kinds: dict[float | None, Any] = {}
        for i, target in enumerate(batch.targets):
            kinds.setdefault(target, []).append(i)
        return kinds

    def _program(self, kind: float | None, row: Sequence[float]) -> Program:
        if kind not in self.programs:
            leaves = [Value(x) for x in row]
            inputs, target = (leaves[:-1], leaves[-1]) if kind is None else (leaves, kind)
            outputs = self.model(inputs)
            y = checked(self.loss([outputs], [target]))
            self.programs[kind] = Program(y, leaves, also=one_example(outputs))
            self._place(self.programs[kind])
            if self.penalty:
                self._place(self.penalty)
        return self.programs[kind]

    def _place(self, program: Program) -> None:
        known = set(self.parameters)
        self.parameters += [p for p in program.parameters if p not in known]
        place = {parameter: i for i, parameter in enumerate(self.parameters)}
        for placed in (program, *self._places):
            same = placed.parameters == self.parameters
            self._places[placed] = slice(None) if same else [place[p] for p in placed.parameters]

    def check(self, data: Dataset) -> None:
        """Raise what one of our losses says of targets that it cannot take; programs never ask."""
        if self.loss in LOSSES.values():
            with no_grad():
                self.loss([self.model(data.inputs[0])] * len(data), data.targets)
