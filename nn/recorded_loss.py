"""The loss of one example, recorded once and run on all: what makes training fast."""

from collections.abc import Sequence
from math import isclose, isfinite
from typing import Any

from autograd.errors import DivisionByZero, OutsideDomain, TooLarge
from autograd.op import Op
from autograd.operand import Operand
from autograd.program import Program
from autograd.program.interpreters import as_array
from autograd.user_text import counted
from autograd.value import Value, no_grad
from nn.data import Dataset
from nn.losses import LOSSES, Loss, checked, l2
from nn.module import MLP, Layer, Module, Neuron, one_example

__all__ = ["RecordedLoss", "can_record"]

SAMPLE = 100  # examples that are computed both ways, at most


def can_record(model: Module, loss: Loss) -> bool:
    """Whether one example's graph is sure to be right for all: the losses of `nn` are means over
    the examples, and its modules do not branch on a number. Every part of the model has to be one
    of these modules, down to the last neuron; other code may do anything."""
    return loss in LOSSES.values() and _never_branches(model)


def _never_branches(module: Any) -> bool:
    if type(module) is Neuron:
        return module.activation is None or isinstance(module.activation, Op)
    parts = {MLP: "layers", Layer: "neurons"}.get(type(module))
    return parts is not None and all(map(_never_branches, getattr(module, parts)))


class Unknown(Operand):
    """A placeholder for a number, and for everything computed from it: it has no `data`, no truth
    value and no order."""

    def apply(self, op: Op, args: tuple) -> "Unknown":
        return Unknown()


class RecordedLoss:
    """The loss of a model on a batch, with its gradients and the model's outputs.

    The target is an input of its program like the others. A loss of somebody else's may look at a
    class, such as to take that output, so there every class has its own program. The penalty on the
    parameters is a program without inputs.
    """

    def __init__(self, model: Module, loss: Loss, classes: int | None, penalty: float) -> None:
        self.model, self.loss = model, loss
        self.by_class = classes is not None and loss not in LOSSES.values()
        self.programs: dict[float | None, Program] = {}
        self.penalty = Program(l2(model.parameters(), penalty)) if penalty else None
        self.parameters: list[Value] = []  # of all programs
        self._places: dict[Program, Any] = {}  # where a program's parameters are among those
        self._prepared: dict[bool, tuple[Dataset, list]] = {}  # of held-out data, and of other

    def __call__(self, batch: Dataset, held_out: bool = False) -> tuple[float, Any, list[Any]]:
        """The mean loss, the gradient of every one of `parameters`, and a row of outputs per
        example. The loss of held-out data is without the penalty."""
        import numpy as np

        runs = [
            (places, program, program.value_gradients_and_also(rows))
            for places, program, rows in self._runs(batch, held_out)
        ]
        total, gradients = 0.0, np.zeros(len(self.parameters))
        outputs: list[Any] = [None] * len(batch)
        for places, program, (value, flows, rows) in runs:
            total += value
            gradients[self._places[program]] += flows
            for i, row in zip(places, rows, strict=True):
                outputs[i] = row
        total, gradients = total / len(batch), gradients / len(batch)
        if self.penalty and not held_out:
            value, flows = self.penalty.value_and_gradients([()])
            total += value
            gradients[self._places[self.penalty]] += flows
        return float(total), gradients, outputs

    def _runs(self, batch: Dataset, held_out: bool) -> list[tuple[Sequence[int], Program, Any]]:
        """Which examples share a program, and their rows. Remembered, for training that uses all
        the data at every step, and for held-out data."""
        if held_out not in self._prepared or self._prepared[held_out][0] is not batch:
            runs = []
            for kind, places in self._kinds(batch).items():
                rows: Any = [self._row(batch, i, kind) for i in places]
                program = self._program(kind, rows[0], batch)
                runs.append((places, program, as_array(rows) if len(rows) > 16 else rows))
            self._prepared[held_out] = batch, runs
        return self._prepared[held_out][1]

    def _kinds(self, batch: Dataset) -> dict[float | None, Sequence[int]]:
        if not self.by_class:
            return {None: range(len(batch))}
        kinds: dict[float | None, Any] = {}
        for i, target in enumerate(batch.targets):
            kinds.setdefault(target, []).append(i)
        return kinds

    def _program(self, kind: Any, row: Sequence[float], batch: Dataset) -> Program:
        if kind not in self.programs:
            leaves = [Value(x) for x in row]
            inputs, target = leaves, kind
            if kind is None:
                inputs, targets = leaves[: batch.width], leaves[batch.width :]
                target = targets if batch.target_width > 1 else targets[0]
            outputs = self.model(inputs)
            y = checked(self.loss([outputs], [target]))
            self.programs[kind] = Program(y, leaves, also=one_example(outputs))
            self._place(self.programs[kind])
            if self.penalty:
                self._place(self.penalty)
        return self.programs[kind]

    def programs_for(self, data: Dataset) -> list[Program]:
        """The programs that run all examples of the data."""
        return [
            self._program(kind, self._row(data, places[0], kind), data)
            for kind, places in self._kinds(data).items()
        ]

    def kinds_of(self, data: Dataset) -> list[int]:
        """Which of these programs runs each of the examples."""
        number = {i: n for n, places in enumerate(self._kinds(data).values()) for i in places}
        return [number[i] for i in range(len(data))]

    def _row(self, data: Dataset, i: int, kind: Any) -> Sequence[float]:
        if kind is not None:
            return data.inputs[i]
        return (*data.inputs[i], *one_example(data.targets[i]))

    def _place(self, program: Program) -> None:
        known = set(self.parameters)
        self.parameters += [p for p in program.parameters if p not in known]
        place = {parameter: i for i, parameter in enumerate(self.parameters)}
        for placed in (program, *self._places):
            same = placed.parameters == self.parameters
            self._places[placed] = slice(None) if same else [place[p] for p in placed.parameters]

    def check(self, data: Dataset) -> None:
        """Look for errors that programs do not find, before the first step.

        Raises what a loss of `nn` raises for targets that it cannot take; ValueError for another
        model or loss that cannot be recorded, because it looks at the numbers of an example, or
        because its program gives another number than it gives node by node.
        """
        if can_record(self.model, self.loss):
            with no_grad():
                self.loss([self.model(data.inputs[0])] * len(data), data.targets)
            return
        few = data.rows(range(0, len(data), -(-len(data) // SAMPLE)))
        try:
            with no_grad():
                value = checked(self.loss([self.model(x) for x in few.inputs], few.targets)).data
        except (DivisionByZero, OutsideDomain, TooLarge):
            return  # the first step raises it again, and says where
        self._check_without_numbers(few)
        recorded, _, _ = self(few, held_out=True)
        if isfinite(recorded) and not isclose(value, recorded, rel_tol=1e-6, abs_tol=1e-9):
            examples = counted(len(few), "example")
            raise ValueError(
                f"this cannot be recorded: the loss of {examples} is {value:.6g}, and "
                f"their program gives {recorded:.6g}. The model or the loss draws random numbers, "
                "branches on one, or is no mean over the examples: leave engine='program' out"
            )

    def _check_without_numbers(self, data: Dataset) -> None:
        """Raise ValueError where the model or the loss looks at the number of what depends on an
        example: then the graph of one example is not that of all."""
        inputs = [Unknown() for _ in range(data.width)]
        targets = [Unknown() for _ in range(data.target_width)]
        target: Any = targets if data.target_width > 1 else targets[0]
        if self.by_class or self.loss in LOSSES.values():  # ours choose in the graph
            target = data.targets[0]
        try:
            self.loss([self.model(inputs)], [target])
        except (AttributeError, TypeError) as error:
            raise ValueError(
                "this cannot be recorded: the model or the loss looks at a number that differs "
                f"between examples ({error}): leave engine='program' out"
            ) from error
