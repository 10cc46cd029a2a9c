"""The loss of one example, recorded once and run on all: what makes training fast."""

from collections.abc import Sequence
from copy import deepcopy
from typing import Any

from autograd.backprop import topological_order
from autograd.errors import DivisionByZero, OutsideDomain, TooLarge
from autograd.ops import where
from autograd.program import Program
from autograd.program.interpreters import as_array
from autograd.program.recording import recorded
from autograd.user_text import counted
from autograd.value import Value, no_grad
from nn.data import Dataset
from nn.losses import LOSSES, Loss, checked, l2
from nn.module import Module, one_example
from nn.recordable import (
    SAMPLE,
    CannotRecord,
    Instructions,
    Placeholder,
    can_record,
    close,
    moved,
    sample,
)
from nn.surroundings import Surroundings

__all__ = ["RecordedLoss"]


class RecordedLoss:
    """The loss of a model on a batch, with its gradients and the model's outputs.

    The target is an input of its program like the others. A loss of somebody else's may look at a
    class, such as to take that output, so there every class has its own program. The penalty on the
    parameters is a program without inputs.

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
    ) -> None:
        """`moving` are what the optimiser moves, which may be more than the model's parameters.
        `asked` is whether a program was asked for. Where it was not, and it is not known to be
        right, this is `tried`, and can be left out for any reason."""
        self.model, self.loss, self.moving, self.asked = model, loss, moving, asked
        self._is_ours = loss in LOSSES.values()
        self.by_class = classes is not None and not self._is_ours
        self.penalty = Program(l2(model.parameters(), penalty)) if penalty else None
        self._known = can_record(model, loss)
        self.tried = not (asked or self._known)
        self._forget()

    def _forget(self) -> None:
        """Nothing is recorded, and nothing checked."""
        self.programs: dict[float | None, Program] = {}
        self.parameters: list[Value] = []  # that the losses of all programs depend on
        self._reached: dict[Program, Any] = {}  # which of its parameters a loss depends on,
        self._places: dict[Program, Any] = {}  # and where these are among `parameters`
        self._prepared: dict[bool, tuple[Dataset, list]] = {}  # of held-out data, and of other
        self._made_from: dict[Any, tuple[Dataset, int]] = {}  # by kind, the example of its program
        self._found: dict[Any, Instructions] = {}  # and its instructions, where that was checked
        self._checked: list[Dataset] = []
        self._may_have_changed = False

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
            gradients[self._places[program]] += flows[self._reached[program]]
            for i, row in zip(places, rows, strict=True):
                outputs[i] = row
        total, gradients = total / len(batch), gradients / len(batch)
        if self.penalty and not held_out:
            value, flows = self.penalty.value_and_gradients([()])
            total += value
            gradients[self._places[self.penalty]] += flows[self._reached[self.penalty]]
        return float(total), gradients, outputs

    def _runs(self, batch: Dataset, held_out: bool) -> list[tuple[Sequence[int], Program, Any]]:
        """Which examples share a program, and their rows. Remembered, for training that uses all
        the data at every step, and for held-out data."""
        if held_out not in self._prepared or self._prepared[held_out][0] is not batch:
            runs = []
            for kind, places in self._kinds(batch).items():
                rows: Any = [self._row(batch, i, kind) for i in places]
                program = self._program(kind, batch, places[0])
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

    def _program(self, kind: Any, data: Dataset, i: int) -> Program:
        if kind not in self.programs:
            y, leaves, outputs = self._one(kind, data, i)
            program = self.programs[kind] = Program(y, leaves, also=outputs)
            self._made_from[kind] = data, i
            self._place(program, y)
            if self.penalty and self.penalty not in self._places:
                self._place(self.penalty)
        return self.programs[kind]

    def _one(self, kind: Any, data: Dataset, i: int) -> tuple[Value, list[Value], Sequence[Value]]:
        """The loss of one example, its inputs and its outputs."""
        leaves = [Value(x) for x in self._row(data, i, kind)]
        target = kind if kind is not None else _target(leaves[data.width :])
        outputs = self.model(tuple(leaves[: data.width]))
        return checked(self.loss([outputs], [target])), leaves, one_example(outputs)

    def _instructions(self, kind: Any, data: Dataset, i: int) -> Instructions:
        """Those of the program of one example."""
        y, leaves, outputs = self._one(kind, data, i)
        return Instructions(*recorded([y, *outputs], leaves))

    def programs_for(self, data: Dataset) -> list[Program]:
        """The programs that run all examples of the data."""
        return [self._program(kind, data, places[0]) for kind, places in self._kinds(data).items()]

    def kinds_of(self, data: Dataset) -> list[int]:
        """Which of these programs runs each of the examples."""
        number = {i: n for n, places in enumerate(self._kinds(data).values()) for i in places}
        return [number[i] for i in range(len(data))]

    def _row(self, data: Dataset, i: int, kind: Any, inputs: Any = None) -> Sequence[float]:
        """The numbers of an example, maybe with other inputs."""
        inputs = data.inputs[i] if inputs is None else inputs
        return inputs if kind is not None else (*inputs, *one_example(data.targets[i]))

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
        for kind, (data, i) in self._made_from.items():
            now = self._instructions(kind, data, i)
            if not now.are(self._found[kind], self._changing()):
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
            total = 0.0
            for kind, places in self._kinds(data).items():
                rows = [self._row(data, i, kind, data.inputs[0]) for i in places]
                total += float(sum(self.programs[kind](rows)))
            if not close(value, total / len(data)):
                raise CannotRecord("the loss is no mean over the examples")

    def _check_structure(self, data: Dataset) -> None:
        """Raise CannotRecord unless the graph of one example is that of all, for other parameters
        as well."""
        kinds = {k: places for k, places in self._kinds(data).items() if k not in self.programs}
        memo: dict[int, Any] = {id(p): Placeholder() for p in self._changing()}
        try:  # on copies, whose parameters have no numbers either
            model, loss = deepcopy((self.model, self.loss), memo)
            around = Surroundings(model, loss)
        except Exception as error:
            raise CannotRecord(f"the model or the loss cannot be looked at ({error})") from error
        try:
            for kind in kinds:
                target = kind
                if self._is_ours:  # it chooses in the graph
                    target = data.targets[0]
                elif kind is None:
                    target = _target([Placeholder() for _ in range(data.target_width)])
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
        if not self._is_ours:
            self._check_mean(data)
        for kind, places in kinds.items():
            self._compare(kind, data, places)
        reached = {frozenset(self._depends_on(program)) for program in self.programs.values()}
        if len(reached) > 1 and not self.asked:
            raise CannotRecord("the loss depends on other parameters for other classes")

    def _compare(self, kind: Any, data: Dataset, places: Sequence[int]) -> None:
        """Record the example of this kind, and another one with other parameters. Raise
        CannotRecord unless both are the same instructions."""
        first = data.inputs[places[0]]

        def differing(i: int) -> int:
            return sum(a != b for a, b in zip(first, data.inputs[i], strict=True))

        try:
            one = self._found[kind] = self._instructions(kind, data, places[0])
            with moved([*self._changing(), *one.parameters]):
                other = self._instructions(kind, data, max(places[:SAMPLE], key=differing))
        except (DivisionByZero, OutsideDomain, TooLarge):
            raise  # training will say where
        except Exception as error:
            raise CannotRecord(f"recording an example failed ({error})") from error
        if not one.are(other, self._changing()):
            raise CannotRecord("two examples are not computed by the same instructions")
        self._program(kind, data, places[0])

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
        of the programs."""
        outputs = [self.model(x) for x in few.inputs]
        pairs = zip(outputs, few.targets, strict=True)
        ones = [checked(self.loss([output], [target])) for output, target in pairs]
        value = checked(self.loss(outputs, few.targets)).data
        found, _, _ = self(few, held_out=True)
        same = close(value, found)
        for kind, places in self._kinds(few).items():
            program = self.programs[kind]
            values = program([self._row(few, i, kind) for i in places])
            same = same and all(close(ones[i].data, v) for i, v in zip(places, values, strict=True))
            # a choice by a number takes one branch, and has no edge to the other
            if where in self._found[kind].listing.ops and not self.asked:
                wanted = set(self._changing()).intersection(self._depends_on(program))
                for i in places:
                    if not wanted.issubset(topological_order(ones[i])):
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
