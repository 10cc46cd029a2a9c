"""The loss of one example, recorded once and run on all: what makes training fast."""

from collections.abc import Sequence
from contextlib import nullcontext
from copy import deepcopy
from typing import Any

from autograd.backprop import topological_order
from autograd.errors import DivisionByZero, OutsideDomain, TooLarge, unchecked
from autograd.program import Program
from autograd.program.interpreters import as_array
from autograd.program.recording import recorded
from autograd.user_text import counted
from autograd.value import Value, no_grad
from nn.class_choice import chosen_by_class, reach_the_same
from nn.data import Dataset
from nn.losses import LOSSES, PENALTIES, Loss, checked
from nn.module import Module, one_example
from nn.recordable import (
    SAMPLE,
    CannotRecord,
    Instructions,
    Placeholder,
    can_record,
    chooses,
    close,
    moved,
    sample,
)
from nn.surroundings import Surroundings

__all__ = ["RecordedLoss"]


class RecordedLoss:
    """The loss of a model on a batch, with its gradients and the model's outputs.

    There is one program for all examples, and the target is an input of it like the others. A loss
    of somebody else's may look at a class, such as to take that output: it is asked for the loss of
    every class, and the class chooses. The penalty on the parameters is a program without inputs.

    `check` the data before they are used.
    """

    def __init__(
        self,
        model: Module,
        loss: Loss,
        classes: int | None,
        penalty: float,
        moving: Sequence[Value] = (),
        asked: bool = False,
        norm: str = "l2",
    ) -> None:
        """`moving` are what the optimiser moves, which may be more than the model's parameters.
        `asked` is whether a program was asked for. Where it was not, and it is not known to be
        right, this is `tried`, and can be left out for any reason. `norm` names the penalty."""
        self.model, self.loss, self.moving, self.asked = model, loss, moving, asked
        self._asks_for_classes = classes is not None and loss not in LOSSES.values()
        self.penalty = Program(PENALTIES[norm](model.parameters(), penalty)) if penalty else None
        self._known = can_record(model, loss)
        self.tried = not (asked or self._known)
        self._forget()

    def _forget(self) -> None:
        """Nothing is recorded, and nothing checked."""
        self.program: Program | None = None
        self.classes: list[int] = []  # that the loss was asked for
        self.parameters: list[Value] = []  # that the loss and the penalty depend on
        self._reached: dict[Program, Any] = {}  # which of its parameters a loss depends on,
        self._places: dict[Program, Any] = {}  # and where these are among `parameters`
        self._prepared: dict[bool, tuple[Dataset, Any]] = {}  # rows of held-out data, and of other
        self._made_from: tuple[Dataset, int] | None = None  # the example of the program
        self._checked: list[Dataset] = []
        self._may_have_changed = False

    def __call__(self, batch: Dataset, held_out: bool = False) -> tuple[float, Any, list[Any]]:
        """The mean loss, the gradient of every one of `parameters`, and a row of outputs per
        example. The loss of held-out data is without the penalty."""
        import numpy as np

        program = self.program_for(batch)
        total, flows, outputs = program.value_gradients_and_also(self._rows(batch, held_out))
        gradients = np.zeros(len(self.parameters))
        gradients[self._places[program]] += flows[self._reached[program]]
        total, gradients = total / len(batch), gradients / len(batch)
        if self.penalty and not held_out:
            value, flows = self.penalty.value_and_gradients([()])
            total += value
            gradients[self._places[self.penalty]] += flows[self._reached[self.penalty]]
        return float(total), gradients, outputs

    def _rows(self, batch: Dataset, held_out: bool) -> Any:
        """Remembered, for training that uses all the data at every step, and for held-out data."""
        if held_out not in self._prepared or self._prepared[held_out][0] is not batch:
            rows = list(map(self._row, batch.inputs, batch.targets))
            self._prepared[held_out] = batch, as_array(rows) if len(rows) > 16 else rows
        return self._prepared[held_out][1]

    def program_for(self, data: Dataset) -> Program:
        """The program, recorded anew for data with classes that the loss was not asked for."""
        if self.program is None or not self._classes_of(data).issubset(self.classes):
            self._record(data, 0)
        assert self.program is not None
        return self.program

    def _classes_of(self, data: Dataset) -> set[int]:
        return set(data.targets) if self._asks_for_classes else set()

    def _record(self, data: Dataset, i: int) -> None:
        self.classes = sorted(self._classes_of(data).union(self.classes))
        for program in filter(None, (self.program, self.penalty)):
            self._reached.pop(program, None)
            self._places.pop(program, None)
        y, leaves, outputs = self._one(data, i)
        self.program = Program(y, leaves, also=outputs)
        self._made_from = data, i
        self._place(self.program, y)
        if self.penalty:
            self._place(self.penalty)

    def _one(self, data: Dataset, i: int) -> tuple[Value, list[Value], Sequence[Value]]:
        """The loss of one example, its inputs and its outputs."""
        leaves = [Value(x) for x in self._row(data.inputs[i], data.targets[i])]
        target = _target(leaves[data.width :])
        outputs = self.model(tuple(leaves[: data.width]))
        if self._asks_for_classes:
            y = self._by_class(outputs, target, data.targets[i])
        else:
            y = checked(self.loss([outputs], [target]))
        return y, leaves, one_example(outputs)

    def _by_class(self, outputs: Any, target: Value, right: int) -> Value:
        """The losses of these outputs for every class, of which only that of the `right` one has to
        exist, as one that the target chooses."""
        since = Value(0.0).serial
        losses = []
        for k in self.classes:
            with nullcontext() if k == right else unchecked():
                losses.append(checked(self.loss([outputs], [k])))
        if not (self.asked or reach_the_same(losses, since)):
            raise CannotRecord("the loss depends on other parameters for other classes")
        return chosen_by_class(target, self.classes, losses, since)

    def _instructions(self, data: Dataset, i: int) -> Instructions:
        """Those of the program of one example."""
        y, leaves, outputs = self._one(data, i)
        return Instructions(*recorded([y, *outputs], leaves))

    def _row(self, inputs: Sequence[float], target: Any) -> Sequence[float]:
        """The numbers of an example."""
        return (*inputs, *one_example(target))

    def _changing(self) -> list[Value]:
        """What training changes."""
        return [*self.model.parameters(), *self.moving]

    def _place(self, program: Program, loss: Value | None = None) -> None:
        """Give what the loss depends on a place among the parameters. Outputs that it does not look
        at have others, too."""
        on_the_way = set(program.parameters if loss is None else topological_order(loss))
        reached = [i for i, p in enumerate(program.parameters) if p in on_the_way]
        self._reached[program] = reached if len(reached) < len(program.parameters) else slice(None)
        known = set(self.parameters)
        self.parameters += [p for p in self._depends_on(program) if p not in known]
        place = {parameter: i for i, parameter in enumerate(self.parameters)}
        for placed in (program, *self._places):
            mine = self._depends_on(placed)
            same = mine == self.parameters
            self._places[placed] = slice(None) if same else [place[p] for p in mine]

    def _depends_on(self, program: Program) -> list[Value]:
        reached = self._reached[program]
        if isinstance(reached, slice):
            return program.parameters
        return [program.parameters[i] for i in reached]

    def may_have_changed(self) -> None:
        """Other code has run: what the model computes may be something else now, not only for
        other parameters. The next `check` looks."""
        self._may_have_changed = not self._known

    def check(self, data: Dataset) -> None:
        """Look for what programs do not find, before the first step with these data.

        Raises CannotRecord for a model or a loss whose program may be wrong, because it looks at
        the numbers of an example or of a parameter, draws random numbers, changes something, or
        gives another number than it gives node by node; what a loss raises for targets that it
        cannot take; and what the arithmetic raises.
        """
        try:
            if self._may_have_changed:
                self._check_again()
            if not any(data is seen for seen in self._checked):
                self._check(data)
                self._checked.append(data)
        except CannotRecord:
            self._forget()
            if self.asked:
                few = sample(data)
                with no_grad():  # is anything else wrong?
                    checked(self.loss([self.model(x) for x in few.inputs], few.targets))
            raise
        except Exception:
            self._forget()
            raise

    def _check_again(self) -> None:
        if self.program is not None and self._made_from is not None:
            then = Instructions(self.program.listing, self.program.parameters)
            now = self._instructions(*self._made_from)
            if not now.is_copy_of(then) and not now.are(then, self._changing()):
                raise CannotRecord("the model or the loss has changed since it was recorded")
        self._may_have_changed = False

    def _check(self, data: Dataset) -> None:
        if not self._known:
            self._check_structure(data)
            self._check_numbers(sample(data))
        with no_grad():  # every target once, and all of a batch
            outputs = [self.model(data.inputs[0])] * len(data)
            value = self.loss(outputs, data.targets).data
        if not self._known:
            rows = [self._row(data.inputs[0], target) for target in data.targets]
            if not close(value, float(sum(self.program_for(data)(rows))) / len(data)):
                raise CannotRecord("the loss is no mean over the examples")

    def _check_structure(self, data: Dataset) -> None:
        """Raise CannotRecord unless the graph of one example is that of all, for other parameters
        as well."""
        new = self._classes_of(data).difference(self.classes)
        memo: dict[int, Any] = {id(p): Placeholder() for p in self._changing()}
        try:  # on copies, whose parameters have no numbers either
            model, loss = deepcopy((self.model, self.loss), memo)
            around = Surroundings(model, loss)
        except Exception as error:
            raise CannotRecord(f"the model or the loss cannot be looked at ({error})") from error
        targets: list[Any] = sorted(new)
        if not self._asks_for_classes and self.program is None:
            targets = [_target([Placeholder() for _ in range(data.target_width)])]
            if self.loss in LOSSES.values():  # it chooses in the graph
                targets = [data.targets[0]]
        try:
            for target in targets:
                loss([model(tuple(Placeholder() for _ in range(data.width)))], [target])
        except Exception as error:
            raise CannotRecord(
                "the model or the loss looks at a number that differs between examples or steps "
                f"({error})"
            ) from error
        finally:
            changed = around.changed()
        if changed:
            raise CannotRecord(
                "the model or the loss draws random numbers, or changes something that it keeps"
            )
        if self.loss not in LOSSES.values():
            self._check_mean(data)
        if targets:
            self._compare(data)

    def _compare(self, data: Dataset) -> None:
        """Record the first example, and another one with other parameters. Raise CannotRecord
        unless both are the same instructions."""
        first = data.inputs[0]

        def differing(i: int) -> int:
            return sum(a != b for a, b in zip(first, data.inputs[i], strict=True))

        try:
            self._record(data, 0)
            assert self.program is not None
            one = Instructions(self.program.listing, self.program.parameters)
            with moved([*self._changing(), *one.parameters]):
                other = self._instructions(data, max(range(min(len(data), SAMPLE)), key=differing))
        except (CannotRecord, DivisionByZero, OutsideDomain, TooLarge):
            raise  # of these, training will say where
        except Exception as error:
            raise CannotRecord(f"recording an example failed ({error})") from error
        if not one.are(other, self._changing()):
            raise CannotRecord("two examples are not computed by the same instructions")

    def _check_mean(self, data: Dataset) -> None:
        """Raise CannotRecord for a loss that is plainly no mean: it takes a few examples, and no
        program."""
        few = data.rows({0, len(data) // 2, len(data) - 1})
        outputs = [self.model(x) for x in few.inputs]
        ones = [self._alone(*pair) for pair in zip(outputs, few.targets, strict=True)]
        value, mean = checked(self.loss(outputs, few.targets)).data, sum(ones) / len(few)
        if not close(value, mean):
            raise CannotRecord(
                f"the loss of {counted(len(few), 'example')} is {value:.6g}, and the mean of their "
                f"losses {mean:.6g}"
            )

    def _alone(self, output: Any, target: Any) -> float:
        return checked(self.loss([output], [target])).data

    def _check_numbers(self, few: Dataset) -> None:
        """Raise CannotRecord unless node by node, and for each example as for all, the loss is that
        of the program."""
        outputs = [self.model(x) for x in few.inputs]
        pairs = zip(outputs, few.targets, strict=True)
        ones = [checked(self.loss([output], [target])) for output, target in pairs]
        value = checked(self.loss(outputs, few.targets)).data
        found, _, _ = self(few, held_out=True)
        program = self.program_for(few)
        values = program(self._rows(few, held_out=True))
        same = close(value, found)
        same = same and all(close(one.data, v) for one, v in zip(ones, values, strict=True))
        # a choice by a number takes one branch, and has no edge to the other
        by_target = self._asks_for_classes or self.loss in LOSSES.values()
        places = range(few.width, program.listing.inputs) if by_target else ()
        if not self.asked and chooses(program.listing, apart_from=places):
            wanted = set(self._changing()).intersection(self._depends_on(program))
            if not all(wanted.issubset(topological_order(one)) for one in ones):
                raise CannotRecord("some examples do not depend on some parameters")
        if not same:
            examples = counted(len(few), "example")
            raise CannotRecord(
                f"the loss of {examples} is {value:.6g}, and their program gives {found:.6g}. "
                "The model or the loss draws random numbers, branches on one, or is no mean over "
                "the examples"
            )


def _target(numbers: list) -> Any:
    return tuple(numbers) if len(numbers) > 1 else numbers[0]
