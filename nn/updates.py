"""Many updates in one call of the compiled machine: the loss, the gradients, the rule of the
optimiser, and again, without Python in between.

What Python would do for each update, it does once for some milliseconds of them. The arithmetic is
that of `RecordedLoss` and `Optimizer.step`, to the bit.
"""

from collections.abc import Sequence
from time import perf_counter
from typing import Any, NamedTuple

from autograd.bulk import assign, data_of, set_grads
from autograd.native import compiled
from autograd.program import MACHINES, Program
from nn.data import Dataset
from nn.decisions import hits_in
from nn.module import one_example
from nn.optim import Optimizer
from nn.recorded_loss import RecordedLoss

__all__ = ["Done", "Updates", "is_own"]

SECONDS = 0.005  # of one call, about: Ctrl-C waits for it

_machine = compiled("machine")


class Done(NamedTuple):
    """What some updates came to, a number for each: how many examples they took, the loss, how many
    examples were right (None where there are no classes), and the learning rate; and the largest
    gradient of the last."""

    sizes: list[int]
    losses: list[float]
    hits: list[int | None]
    rates: list[float]
    largest_gradient: float = 0.0


def is_own(thing: Any, method: str, base: type) -> bool:
    """Whether a method is that of the base class: nobody has one of his own, which would have to be
    called for every update."""
    return getattr(getattr(thing, method), "__func__", None) is getattr(base, method)


class Updates:
    """A recorded loss and an optimiser, ready for many updates with this data."""

    def __init__(self, recorded: RecordedLoss, optimizer: Optimizer, data: Dataset, most: int):
        """`most` is the size of the largest batch. Check `possible` before."""
        import numpy as np

        self.recorded, self.optimizer, self.data = recorded, optimizer, data
        program = recorded.program_for(data)
        place = {parameter: i for i, parameter in enumerate(optimizer.parameters)}

        def placed(program: Program) -> tuple[Any, list[int]]:
            return MACHINES["native"](program.listing), [place[x] for x in program.parameters]

        targets = data.targets
        rows = [(*x, *one_example(t)) for x, t in zip(data.inputs, targets, strict=True)]
        self.outputs = len(program.listing.also)
        self.training = _machine.Training(
            placed(program),
            recorded.penalty and placed(recorded.penalty),
            optimizer.rule_on_columns().machine,
            len(optimizer.parameters),
            len(optimizer.slots),
            np.array(rows, dtype=float),
            most,
        )
        self.classes = np.array([0 if data.target_width > 1 else t for t in targets])
        self.settings = optimizer.settings()
        self.seconds = 1e-4  # for one example, until we know

    @staticmethod
    def possible(recorded: RecordedLoss, optimizer: Optimizer, data: Dataset) -> bool:
        """Whether the compiled machine is there, the rule, the step and the batches are ours, and
        everything that the optimiser moves is moved by this loss."""
        if _machine is None or not optimizer.is_built_in:
            return False
        if type(optimizer).rate is not Optimizer.rate:
            return False
        if not (is_own(optimizer, "step", Optimizer) and is_own(data, "batches", Dataset)):
            return False
        program, moved = recorded.program_for(data), set(optimizer.parameters)
        everything = set(recorded.parameters).union(program.parameters)
        return set(recorded.parameters) == moved == everything

    def room(self) -> int:
        """How many examples a call should take."""
        return max(1, int(SECONDS / self.seconds))

    def run(
        self, places: Any, sizes: list[int], classifies: bool, cuts: Sequence[float] | None
    ) -> Done:
        """An update for each batch of so many examples, whose rows `places` lists, one batch after
        the other; fewer where one of them would not be finite. Parameters, gradients and the
        optimiser's state are those after the last of them. `classifies` says whether outputs stand
        for classes, cut at `cuts`."""
        import numpy as np

        optimizer = self.optimizer
        rates = optimizer.rates(len(sizes))
        sizes = sizes[: len(rates)]
        if not sizes:
            return Done([], [], [], [])
        places = places[: sum(sizes)]
        state = np.array([data_of(optimizer.parameters), *optimizer.state.values()])
        gradients = np.empty(len(optimizer.parameters))
        outputs, losses = np.empty((len(places), self.outputs)), np.empty(len(sizes))
        start = perf_counter()
        done = self.training.run(
            places,
            np.array(sizes, dtype=np.int64),
            np.array(rates),
            state,
            gradients,
            outputs,
            losses,
        )
        self.seconds = (perf_counter() - start) / len(places)
        if not done:
            return Done([], [], [], [])
        slots = dict(zip(optimizer.slots, state[1:], strict=True))
        counts = {"state": slots, "steps": optimizer.steps + done}
        assign(optimizer.parameters, state[0], optimizer, counts)
        set_grads(optimizer.parameters, gradients)
        right: list[int | None] = [None] * done
        if classifies:
            ends = np.cumsum(sizes[:done])
            found = hits_in(outputs[: ends[-1]], self.classes[places[: ends[-1]]], cuts)
            if found is not None:
                right = np.add.reduceat(found.astype(int), [0, *ends[:-1]]).tolist()
        largest = float(max(gradients.max(), -gradients.min()))
        return Done(sizes[:done], losses[:done].tolist(), right, rates[:done], largest)
