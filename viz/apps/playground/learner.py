"""A network in training, of which any state can be set, and any number of updates done: the same
updates that `nn.fit` makes, to the bit."""

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import numpy as np

from autograd.bulk import assign, data_of
from autograd.checks import whole
from autograd.errors import unchecked
from nn.data import Dataset
from nn.decisions import decision_for
from nn.evaluation import accuracy_of
from nn.losses import LOSSES
from nn.module import MLP
from nn.optim import OPTIMIZERS, Optimizer
from nn.recorded_loss import RecordedLoss
from nn.train import Trainer, TrainingStopped
from nn.updates import Updates
from viz.apps.playground.columns import column_of, finite_or_none, numbers_in
from viz.apps.playground.data import Examples
from viz.apps.playground.neurons import Neurons, loss_from_outputs
from viz.apps.playground.settings import Config

__all__ = ["Learner", "State", "first_state", "slots_of", "state_of"]

FARTHEST = 10**9  # updates


@dataclass
class State:
    """How far training is: the numbers of the parameters, what the optimiser keeps of each, how
    many updates were made, and which batch of which epoch comes next."""

    parameters: Any
    slots: dict[str, Any]
    step: int = 0
    epoch: int = 0
    batch: int = 0

    def as_json(self) -> dict[str, Any]:
        """The state as a message has it."""
        slots = {name: column_of(numbers) for name, numbers in self.slots.items()}
        places = {"step": self.step, "epoch": self.epoch, "batch": self.batch}
        return {"parameters": column_of(self.parameters), "slots": slots} | places


def first_state(config: Config, numbers: Any) -> State:
    """The state before the first update."""
    return State(numbers, empty_slots(config, len(numbers)))


def empty_slots(config: Config, count: int) -> dict[str, Any]:
    return {name: np.zeros(count) for name in OPTIMIZERS[config.optimizer].slots}


def state_of(message: Any, config: Config, data: Dataset) -> State:
    """The state that a message holds, for a network with these settings and data. Without slots,
    the optimiser begins anew. Raises ValueError or TypeError, in one sentence, for one of the wrong
    size, or with numbers that no training reaches."""
    parts = {"parameters", "slots", "step", "epoch", "batch"}
    if not isinstance(message, Mapping) or not {"parameters"} <= set(message) <= parts:
        raise TypeError("a state has parameters, slots, step, epoch and batch")
    count = number_of_parameters(config, data)
    numbers = numbers_in(message["parameters"], "the parameters", count)
    step, epoch, batch = (
        whole(message.get(name, 0), name, least=0) for name in ("step", "epoch", "batch")
    )
    if max(step, epoch) > FARTHEST:
        raise ValueError(f"{FARTHEST} updates are the limit")
    if batch >= batches_in(config, data):
        raise ValueError(f"there is no batch {batch}: an epoch has {batches_in(config, data)}")
    slots = empty_slots(config, count) | slots_of(message.get("slots") or {}, config, count)
    return State(numbers, slots, step, epoch, batch)


def slots_of(given: Any, config: Config, count: int) -> dict[str, Any]:
    """What an optimiser keeps of so many parameters, of the columns of a message; {} for none.
    Raises what `state_of` raises."""
    kind = OPTIMIZERS[config.optimizer]
    if not isinstance(given, Mapping) or set(given) not in (set(), set(kind.slots)):
        raise ValueError(f"the slots of {config.optimizer} are {', '.join(kind.slots)}")
    slots = {}
    for name, column in given.items():
        slots[name] = numbers_in(column, f"the numbers of {name}", count)
        if name in kind.never_negative and (slots[name] < 0).any():
            raise ValueError(f"no number of {name} can be negative")
    return slots


def number_of_parameters(config: Config, data: Dataset) -> int:
    """How many weights and biases the network has."""
    sizes = [data.width, *config.sizes(data)]
    return sum((a + 1) * b for a, b in itertools.pairwise(sizes))


def batches_in(config: Config, data: Dataset) -> int:
    """How many batches, and updates, an epoch has."""
    return -(-len(data) // min(config.batch or len(data), len(data)))


class Learner:
    """A network with its optimiser and examples. `before` is another one, whose network and
    programs are used further as far as the settings leave them what they are.

    Raises ValueError for numbers of pinned parameters that do not exist, or are all.
    """

    def __init__(self, config: Config, examples: Examples, before: "Learner | None" = None) -> None:
        self.config, self.examples = config, examples
        self.data = data = examples.training
        self.loss = LOSSES[config.loss]
        count = number_of_parameters(config, data)
        if config.pinned and config.pinned[-1] >= count:
            raise ValueError(f"there is no parameter {config.pinned[-1]} to pin")
        if len(config.pinned) == count:
            raise ValueError("all parameters are pinned: nothing could be trained")
        self._shape = data.width, config.sizes(data), config.layers
        same = before if before is not None and before._shape == self._shape else None
        self.model: MLP = same.model if same else _network(config, data)
        self.parameters = self.model.parameters()
        self.neurons: Neurons = same.neurons if same else Neurons(self.model)
        self.moving = np.setdiff1d(np.arange(count), config.pinned)
        self._pinned_slots: dict[str, Any] = {}
        self._ready(config, same)
        self.step = self.epoch = self.batch = 0  # of the next update
        self._order: tuple[int, Any] = (-1, None)  # of the rows in an epoch
        self._trainer: Trainer | None = None
        self._last: tuple[float | None, float | None] = None, None  # loss, and largest gradient

    def _ready(self, config: Config, same: "Learner | None") -> None:
        """The recorded loss, the optimiser and their updates, those of a learner with the same
        network where nothing of them has changed."""
        self.optimizer: Optimizer
        self.recorded: RecordedLoss
        self._place: Any  # of its parameters among all
        self._updates: Updates | None
        told = lambda c: (c.optimizer, c.of_optimizer(), c.pinned)
        if same and told(same.config) == told(config):
            self.optimizer = same.optimizer
        else:
            self.optimizer = config.optimizer_for([self.parameters[i] for i in self.moving])
        asked = lambda c: (c.loss, c.penalty, c.norm)
        with unchecked():  # where it starts does not matter; what fails is said by training
            if same and same.examples is self.examples and asked(same.config) == asked(config):
                self.recorded, self._place = same.recorded, same._place
            else:
                self.recorded = RecordedLoss(
                    self.model, self.loss, self.data.classes, config.penalty, norm=config.norm
                )
                self.recorded.check(self.data)
                self.recorded.program_for(self.data)
                place = {parameter: i for i, parameter in enumerate(self.parameters)}
                self._place = np.array([place[p] for p in self.recorded.parameters])
            if (
                same
                and same.recorded is self.recorded
                and same.optimizer is self.optimizer
                and same.config.batch == config.batch
            ):
                self._updates = same._updates
            elif Updates.possible(self.recorded, self.optimizer, self.data):
                most = min(config.batch or len(self.data), len(self.data))
                self._updates = Updates(self.recorded, self.optimizer, self.data, most)
            else:
                self._updates = None

    # The state

    def set(self, state: State) -> None:
        """Put the network and the optimiser into this state."""
        slots = {name: numbers[self.moving] for name, numbers in state.slots.items()}
        assign(self.parameters, state.parameters, self, {"step": state.step})
        self.optimizer.state, self.optimizer.steps = slots, state.step
        self.optimizer.schedule = self.config.learning_rate()  # others may have used it meanwhile
        self._pinned_slots = state.slots
        self.epoch, self.batch = state.epoch, state.batch
        self.model.decision = decision_for(self.loss)
        self.model.class_names = self.data.class_names
        made = self.examples.made
        self.model.feature_names = made.texts if made else ()
        self._last = None, None

    def state(self) -> State:
        """The state reached."""
        slots = self._all_slots(self.optimizer.state.values())
        numbers = np.array(data_of(self.parameters))
        return State(numbers, slots, self.step, self.epoch, self.batch)

    def _all_slots(self, moving: Any) -> dict[str, Any]:
        """What is kept of every parameter, of the pinned ones what was there."""
        found = {name: numbers.copy() for name, numbers in self._pinned_slots.items()}
        for numbers, new in zip(found.values(), moving, strict=True):
            numbers[self.moving] = new
        return found

    # Updates

    def train(self, count: int, seconds: float | None = None) -> tuple[list[float], str]:
        """Do so many updates, or as many as end within about so many seconds, one at least. Returns
        the loss of each, of its batch and with the penalty; and why it ended early, if it did:
        before an update that would set a number that is not finite, with the sentence of
        `TrainingStopped`."""
        ends = None if seconds is None else perf_counter() + seconds
        losses: list[float] = []
        size = min(self.config.batch or len(self.data), len(self.data))
        while len(losses) < count and (not losses or ends is None or perf_counter() < ends):
            done: list[float] = []
            wanted = count - len(losses)
            if self._updates is not None:
                room = max(1, self._updates.room() // size)
                if ends is not None:
                    left = (ends - perf_counter()) / (self._updates.seconds * size)
                    room = max(1, int(min(room, left)))
                batches = self._upcoming(min(wanted, room))
                sizes = [len(batch) for batch in batches]
                run = self._updates.run(np.concatenate(batches), sizes, False, None)
                done = run.losses
                if done:
                    self._last = done[-1], run.largest_gradient
            if not done:
                try:
                    done = [self._one_by_one()]
                except TrainingStopped as error:
                    return losses, str(error)
            self._count(len(done))
            losses += done
        return losses, ""

    def _one_by_one(self) -> float:
        """The update that many at once do not make, and its loss; TrainingStopped says why it is
        impossible."""
        if self._trainer is None:
            self._trainer = Trainer(
                self.model,
                self.data,
                loss=self.loss,
                optimizer=self.optimizer,
                batch_size=self.config.batch_size,
                penalty=self.config.penalty,
                norm=self.config.norm,
                seed=self.config.seed,
            )
        trainer = self._trainer
        trainer.last_loss, trainer.largest_gradient = self._last  # its sentences name them
        trainer.run_batch(self._next_batch())
        assert trainer.last_loss is not None
        self._last = trainer.last_loss, trainer.largest_gradient
        return trainer.last_loss

    def _count(self, updates: int) -> None:
        """So many updates are done."""
        in_epoch = batches_in(self.config, self.data)
        self.step += updates
        more, self.batch = divmod(self.batch + updates, in_epoch)
        self.epoch += more

    def _upcoming(self, count: int) -> list[Any]:
        """The rows of the next batches."""
        found = []
        for epoch, batch in self._places(count):
            size = self.config.batch or len(self.data)
            found.append(self._rows(epoch)[batch * size : (batch + 1) * size])
        return found

    def _places(self, count: int) -> Iterator[tuple[int, int]]:
        in_epoch = batches_in(self.config, self.data)
        for i in range(count):
            more, batch = divmod(self.batch + i, in_epoch)
            yield self.epoch + more, batch

    def _rows(self, epoch: int) -> Any:
        """The order of the rows in an epoch, which is their own where a batch has them all."""
        if not self.config.batch:
            return np.arange(len(self.data))
        if self._order[0] != epoch:
            self._order = epoch, self.data.order(self.config.seed, epoch)
        return self._order[1]

    def _next_batch(self) -> Dataset:
        if not self.config.batch:
            return self.data
        (rows,) = self._upcoming(1)
        return self.data.rows(rows.tolist())

    # What there is to see

    def next_update(self) -> dict[str, Any]:
        """What the next update will do, which is not done, at which rate; or the trouble that it
        will meet."""
        with np.errstate(all="ignore"):
            value, found, _ = self.recorded(self._next_batch())
        gradient = np.zeros(len(self.parameters))
        gradient[self._place] = found
        numbers = np.array(data_of(self.parameters))
        moving = [numbers[self.moving], gradient[self.moving], *self.optimizer.state.values()]
        after = self.optimizer.rule_on_columns()(moving, self.optimizer.rate)
        if not (np.isfinite(value) and all(np.isfinite(one).all() for one in [gradient, *after])):
            return self._tried()
        numbers[self.moving] = after[0]
        slots = self._all_slots(after[1:])
        found = _written(gradient, numbers, slots)
        return {"loss": value, "rate": self.optimizer.rate} | found

    def _tried(self) -> dict[str, Any]:
        """The next update, done node by node, and taken back."""
        before, last, rate = self.state(), self._last, self.optimizer.rate
        try:
            loss = self._one_by_one()
        except TrainingStopped as error:
            return {"trouble": str(error)}
        gradient = np.array([parameter.grad for parameter in self.parameters], dtype=float)
        after = self.state()
        self.set(before)
        self._last = last
        found = _written(gradient, after.parameters, after.slots)
        return {"loss": loss, "rate": rate} | found

    def measures(self) -> dict[str, Any]:
        """The loss and the accuracy over all examples, and over those held out, without the
        penalty; and the neurons that let nothing through. A loss that is not finite is None."""
        outputs, units = self.neurons.outputs_and_units(np.array(self.data.inputs))
        found: dict[str, Any] = {"units": units}
        found["loss"], found["accuracy"] = self._measured(outputs, self.data)
        held_out = self.examples.held_out
        rest: tuple[float | None, float | None] = (None, None)
        if held_out is not None:
            values = self.neurons.values(np.array(held_out.inputs))
            rest = self._measured(values[-self.neurons.layers[-1] :].T, held_out)
        found["held_out_loss"], found["held_out_accuracy"] = rest
        return found

    def _measured(self, outputs: Any, data: Dataset) -> tuple[float | None, float | None]:
        loss = loss_from_outputs(self.config.loss, outputs, data.targets)
        if not np.isfinite(outputs).all():
            return finite_or_none(loss), None
        return finite_or_none(loss), accuracy_of(outputs.tolist(), data, self.loss)


def _written(gradient: Any, numbers: Any, slots: dict[str, Any]) -> dict[str, Any]:
    columns = {name: column_of(column) for name, column in slots.items()}
    return {"gradient": column_of(gradient), "parameters": column_of(numbers), "slots": columns}


def _network(config: Config, data: Dataset) -> MLP:
    """A network whose numbers are still to be set."""
    nothing = lambda rng, inputs, neurons: ([0.0] * inputs, 0.0)
    return MLP(data.width, config.sizes(data), config.activations(), init=nothing, seed=0)
