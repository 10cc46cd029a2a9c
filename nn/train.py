"""Training: the loss of a batch, its gradients, a step, and again."""

from collections.abc import Callable, Iterable, Sequence
from math import inf, isfinite
from numbers import Real
from os import PathLike
from pathlib import Path
from typing import Any

from autograd.backprop import topological_order
from autograd.bulk import all_finite, set_grads
from autograd.checks import choose, finite, whole
from autograd.errors import AutogradError, DivisionByZero, OutsideDomain, TooLarge
from autograd.flows import named
from autograd.value import Value
from nn.data import Dataset, as_dataset, matched
from nn.decisions import classifies, cuts_of, decision_for, hits
from nn.evaluation import accuracy_of, evaluate
from nn.files import checkpoint
from nn.history import History
from nn.interrupts import gated, uninterrupted
from nn.losses import PENALTIES, Loss, checked, loss_of
from nn.module import Module
from nn.optim import OPTIMIZERS, Adam, Optimizer, Schedule
from nn.progress import progress_for
from nn.recorded_loss import RecordedLoss
from nn.updates import Updates, is_own

__all__ = ["Callback", "EarlyStopping", "Trainer", "TrainingStopped", "fit", "optimizer_of"]

Callback = Callable[["Trainer"], object]


class TrainingStopped(AutogradError, ArithmeticError):
    """Training that cannot go on: the loss, a gradient or a parameter stopped being finite.

    The model keeps its last finite parameters; the update that failed has not changed them. They
    may have become very large: start again from a new model, with a smaller learning rate. `steps`
    counts the updates that were made, `last_loss` is the last finite loss (None if there was none),
    and `history` is what was reached.
    """

    def __init__(self, message: str, steps: int, last_loss: float | None, history: History) -> None:
        super().__init__(message)
        self.steps, self.last_loss, self.history = steps, last_loss, history


def fit(
    model: Module,
    data: Any,
    *,
    loss: Loss | str = "mse",
    optimizer: Optimizer | str | None = None,
    learning_rate: float | Schedule | None = None,
    epochs: int = 100,
    batch_size: int | None = None,
    penalty: float = 0.0,
    norm: str = "l2",
    held_out: Any = None,
    seed: int = 0,
    engine: str | None = None,
    callbacks: Iterable[Callback] = (),
    progress: bool = True,
) -> History:
    """Train the model on the data, and return the history, a row per epoch.

    `data` is a Dataset or a pair (inputs, targets); `held_out` is another one, or the share of the
    data to hold out, such as 0.2. `loss` is a function of a batch's outputs and targets that gives
    a Value, or the name of one in `nn.losses`; to it, `penalty` times the sum of the squares of all
    parameters is added, or with `norm="l1"` of their sizes. `optimizer` is one made for the model's
    parameters, or a name: "sgd", "adam", "adamw" or "rmsprop", with this `learning_rate` or,
    without one, its default. Without either it is Adam with learning rate 0.01. Without a
    `batch_size` every step uses all data, in its order; batches come in an order that depends on
    `seed` and the epoch alone. `callbacks` are called with the Trainer after each epoch, and one
    that returns True ends training. `progress` shows a line that says how far training is.

    The classes of held-out data are matched by name. The accuracy is that of `evaluate`; the model
    keeps what its outputs mean, for plots and files.

    A model whose graph is the same for all examples, with a loss that is a mean over them, is
    recorded for one example and run as a program on the batch. For an MLP with a loss of
    `nn.losses` that is known. Other code is called with placeholders that have no number, recorded
    for two examples, and up to 100 examples are computed both ways. What branches on a number in
    Python, draws random numbers or changes something from call to call is computed node by node, as
    `engine="eager"` does for everything; with `engine="program"` it raises ValueError instead. A
    program does not call the model: what that prints is printed in the check only. A counter
    outside the model, and generators that are not Python's or NumPy's, go on by a few calls.

    Ctrl-C ends it too: the model is as after the last whole step, and the history so far is
    returned. Raises TrainingStopped when something stops being finite: in a step, before its
    update; on held-out data, after the last step of the epoch. ValueError for an unknown loss,
    optimizer, engine or class, a number out of its range, an optimizer of another model, and what
    cannot be recorded; ShapeError for examples that do not fit the model; TypeError for data, a
    loss or an optimizer that is none.

    >>> from nn import MLP, SGD, xor
    >>> model = MLP(2, [4, 1], seed=3)
    >>> fit(model, xor(), loss="hinge", optimizer=SGD(model.parameters(), 0.2), progress=False)
    <history of 100 epochs: loss 0.986 → 0, accuracy 100.0%>
    """
    if isinstance(held_out, Real):
        share = float(held_out)
        if not 0 < share < 1:
            raise ValueError(f"held_out is data, or a share between 0 and 1, not {share:g}")
        data, held_out = as_dataset(data).split(1 - share, seed=seed)
    trainer = Trainer(
        model,
        data,
        loss=loss,
        optimizer=optimizer,
        learning_rate=learning_rate,
        batch_size=batch_size,
        penalty=penalty,
        norm=norm,
        held_out=held_out,
        seed=seed,
        engine=engine,
    )
    return trainer.run(epochs, callbacks=callbacks, progress=progress)


class Trainer:
    """A model in training, which can be interrupted, saved, and resumed to the same bits.

    `epoch` and `batch` are the next ones, counted from 0, and `history` has a row for each epoch
    that is done. `last_loss` and `largest_gradient`, the one furthest from 0, belong to the last
    step, and are None before the first. The arguments and errors are those of `fit`, but `held_out`
    has to be data and not a share.

    >>> from tempfile import TemporaryDirectory
    >>> from nn import MLP, moons
    >>> def trainer():
    ...     return Trainer(MLP(2, [4, 1], seed=0), moons(20), loss="hinge", batch_size=5)
    >>> one, other = trainer(), trainer()
    >>> history = one.run(3, progress=False)
    >>> with TemporaryDirectory() as folder:
    ...     other.resume(one.save(folder + "/checkpoint"))
    >>> other.epoch, other.run(2, progress=False) == one.run(2, progress=False)
    (3, True)
    """

    def __init__(
        self,
        model: Module,
        data: Any,
        *,
        loss: Loss | str = "mse",
        optimizer: Optimizer | str | None = None,
        learning_rate: float | Schedule | None = None,
        batch_size: int | None = None,
        penalty: float = 0.0,
        norm: str = "l2",
        held_out: Any = None,
        seed: int = 0,
        engine: str | None = None,
    ) -> None:
        if engine not in (None, "program", "eager"):
            raise ValueError(f"engine is 'program' or 'eager', not {engine!r}")
        if batch_size is not None:
            batch_size = whole(batch_size, "the batch size", least=1)
        if not isinstance(model, Module):
            raise TypeError(f"a model is a Module, such as an MLP, not {type(model).__name__}")
        self.model = model
        self.data = as_dataset(data)
        self.loss = loss_of(loss)
        self.optimizer = optimizer_of(optimizer, model, learning_rate)
        if set(model.parameters()).isdisjoint(self.optimizer.parameters):
            raise ValueError(
                "the optimizer has no parameter of this model: make it with model.parameters()"
            )
        self.batch_size = batch_size
        self.penalty = finite(penalty, "the penalty", least=0)
        self.norm = choose(norm, {one: one for one in PENALTIES}, "norm")
        self.held_out = None
        if held_out is not None:
            names, classes = self.data.class_names, self.data.classes
            self.held_out = matched(as_dataset(held_out), names, classes, "the held-out data")
        self.seed = whole(seed, "the seed")
        self._recorded: RecordedLoss | None = None
        if engine != "eager":
            rest = self.data.classes, self.penalty, self.optimizer.parameters, engine == "program"
            self._recorded = RecordedLoss(model, self.loss, *rest, self.norm)
        self._running = False
        self._updates: Updates | None = None
        self._without_gradient: tuple[int, list[Value]] = (-1, [])
        self.classifies = classifies(self.data, self.loss)
        decision = decision_for(self.loss)
        self._cuts = cuts_of(decision, self.data) if self.classifies else None
        model.decision, model.class_names = decision, self.data.class_names
        self.history = History()
        self.epoch = self.batch = 0
        self.loss_so_far = 0.0  # in this epoch: the loss of every batch, times its examples
        self.hits_so_far = 0  # and how many examples were right
        self.last_loss: float | None = None
        self.largest_gradient: float | None = None  # in the last step

    def run(
        self, epochs: int, *, callbacks: Iterable[Callback] = (), progress: bool = True
    ) -> History:
        """Train for that many epochs more, the first of which may have begun already, and return
        the history of all.

        `callbacks`, `progress`, Ctrl-C and the errors are as in `fit`.
        """
        epochs = whole(epochs, "the number of epochs", least=0)
        callbacks = list(callbacks)
        self.history.interrupted = False
        bar = progress_for(epochs, progress)
        self._other_code_ran()
        self._running = True
        try:
            with gated():
                last = self.epoch + epochs
                while self.epoch < last:
                    epoch = self.epoch
                    if not self._run_updates(epoch + 1 if callbacks else last, bar):
                        self.run_epoch()
                        bar.update(self.history)
                    if self.epoch > epoch and any([callback(self) for callback in callbacks]):
                        break
                    if any(type(callback) is not EarlyStopping for callback in callbacks):
                        self._other_code_ran()
        except KeyboardInterrupt:
            self.history.interrupted = True
        finally:
            self._running = False
            bar.close()
        return self.history

    def batches(self) -> list[Dataset]:
        """The batches of this epoch, a Dataset each, those that are done as well."""
        return self.data.batches(self.batch_size, seed=self.seed, epoch=self.epoch)

    def run_epoch(self) -> None:
        """The batches that are left of this epoch, and its row in the history.

        Raises what `fit` raises. When that is about held-out data, all batches of the epoch are
        done, and it has no row.
        """
        for batch in self.batches()[self.batch :]:
            self.run_batch(batch)
        self._end_epoch()

    def _end_epoch(self, rate: float | None = None) -> None:
        """The row of an epoch whose batches are done. `rate` is that of the next step."""
        try:
            held_out = self.held_out and self._evaluated(self.held_out)
        except (DivisionByZero, OutsideDomain, TooLarge) as error:
            raise self._stopped(error, "on the held-out data") from error
        rate = self.optimizer.rate if rate is None else rate
        share = self.hits_so_far / len(self.data) if self.classifies else None
        with uninterrupted():
            self.history.losses.append(self.loss_so_far / len(self.data))
            self.history.accuracies.append(share)
            self.history.rates.append(rate)
            if held_out is not None:
                self.history.held_out_losses.append(held_out[0])
                self.history.held_out_accuracies.append(held_out[1])
            self.epoch, self.batch, self.loss_so_far, self.hits_so_far = self.epoch + 1, 0, 0.0, 0

    def _run_updates(self, last: int, bar: Any) -> bool:
        """Some milliseconds of updates in one call of the compiled machine, up to epoch `last`, or
        to the end of this one where there is held-out data. False where none was possible:
        run_batch will do the next, or say what is wrong."""
        updates = self._updates_ready()
        if updates is None:
            return False
        places, sizes, per_epoch = self._next_places(updates.room(), last)
        with uninterrupted():
            done = updates.run(places, sizes, self.classifies, self._cuts)
            rates = [*done.rates[1:], None]
            for size, loss, right, rate in zip(*done[:3], rates, strict=False):
                self._count(size, loss, right)
                if self.batch == per_epoch and self.held_out is None:
                    self._end_epoch(rate)
                    bar.update(self.history)
            if done.losses:
                self.last_loss, self.largest_gradient = done.losses[-1], done.largest_gradient
        if self.batch == per_epoch:
            self._end_epoch()
            bar.update(self.history)
        return bool(done.losses)

    def _next_places(self, room: int, last: int) -> tuple[Any, list[int], int]:
        """The rows of the next batches, which hold so many examples or a few more, the sizes of
        these batches, and how many there are in an epoch."""
        import numpy as np

        count = len(self.data)
        size = min(self.batch_size or count, count)
        per_epoch = -(-count // size)
        in_an_epoch = [size] * (per_epoch - 1) + [count - size * (per_epoch - 1)]
        orders, sizes = [], []
        for epoch in range(self.epoch, last):
            if self.batch_size is None:
                order = np.arange(count)
            else:
                order = self.data.order(self.seed, epoch)
            done = self.batch if epoch == self.epoch else 0
            wanted = max(1, -(-room // size))
            sizes += in_an_epoch[done : done + wanted]
            orders.append(order[done * size : (done + wanted) * size])
            room -= len(orders[-1])
            if room <= 0 or self.held_out is not None:
                break
        return np.concatenate(orders), sizes, per_epoch

    def _updates_ready(self) -> Updates | None:
        """The updates of this training, made ready anew when its optimiser has changed; None where
        they have to be made one by one."""
        own = all(is_own(self, name, Trainer) for name in ("batches", "run_batch", "run_epoch"))
        if not own or self._program_for(self.data) is None:
            return None
        assert self._recorded is not None
        ready, mine = self._updates, self.optimizer
        if ready and ready.optimizer is mine and ready.settings == mine.settings():
            return ready
        try:
            if not Updates.possible(self._recorded, self.optimizer, self.data):
                return None
        except (DivisionByZero, OutsideDomain, TooLarge):
            return None  # run_batch meets it as well
        most = min(self.batch_size or len(self.data), len(self.data))
        self._updates = Updates(self._recorded, self.optimizer, self.data, most)
        return self._updates

    def _other_code_ran(self) -> None:
        """Other code than this may have changed the model, not only its parameters."""
        if self._recorded is not None:
            self._recorded.may_have_changed()

    def _program_for(self, data: Dataset) -> RecordedLoss | None:
        """The recorded loss, checked with these data; None where that cannot be, and everything is
        computed node by node."""
        if self._recorded is None:
            return None
        try:
            self._recorded.check(data)
        except Exception as error:
            self._updates = None
            if self._recorded.tried:
                self._recorded = None  # a step node by node raises what is wrong, if anything is
            elif not isinstance(error, DivisionByZero | OutsideDomain | TooLarge):
                raise
            return None
        return self._recorded

    def _count(self, size: int, loss: float, right: int | None) -> None:
        """What a batch came to, of so many examples."""
        if right is None:  # a single output cannot distinguish so many classes, or there are none
            self.classifies, right = False, 0
        self.batch += 1
        self.loss_so_far += loss * size
        self.hits_so_far += right

    def _evaluated(self, data: Dataset) -> tuple[float, float | None]:
        """What `evaluate` returns, by the program if there is one."""
        if recorded := self._program_for(data):
            value, _, outputs = recorded(data, held_out=True)
            if isfinite(value):
                return value, accuracy_of(outputs, data, self.loss)
        return evaluate(self.model, data, self.loss)

    def run_batch(self, batch: Dataset) -> None:
        """One step, on a Dataset. Ctrl-C cannot interrupt its update.

        Raises TrainingStopped before the update when something stops being finite, TypeError when
        the loss gives no Value, and ShapeError for examples that do not fit the model.
        """
        if not self._running or type(self).run_batch is not Trainer.run_batch:
            self._other_code_ran()
        try:
            loss, outputs, largest = self._swept(batch)
            right = hits(outputs, batch.targets, self._cuts) if self.classifies else None
            with uninterrupted():
                self.optimizer.step()
                self._count(len(batch), loss, right)
                self.last_loss, self.largest_gradient = loss, largest
        except (DivisionByZero, OutsideDomain, TooLarge) as error:
            raise self._stopped(error) from error

    def _swept(self, batch: Dataset) -> tuple[float, Sequence[Any], float | None]:
        """The loss of the batch, the outputs, and the largest gradient; all gradients are left in
        the parameters."""
        if recorded := self._program_for(self.data):
            value, gradients, outputs = recorded(batch)
            if isfinite(value) and all_finite(gradients):
                self._clear_others(recorded.parameters)
                set_grads(recorded.parameters, gradients)
                return value, outputs, float(max(gradients.max(), -gradients.min()))
        # Node by node; also where a program was not finite, to name the node where that began.
        outputs = [self.model(x) for x in batch.inputs]
        loss = checked(self.loss(outputs, batch.targets))
        if self.penalty:
            loss = loss + PENALTIES[self.norm](self.model.parameters(), self.penalty)
        if not isfinite(loss.data):
            raise TooLarge(f"{first_not_finite(loss)} is not finite")
        self.model.zero_grad()  # of parameters that the optimizer leaves alone, too
        self.optimizer.zero_grad()
        loss.backward()
        sizes = [abs(p.grad) for p in self.optimizer.parameters if p.grad is not None]
        return loss.data, outputs, max(sizes, default=None)

    def _clear_others(self, parameters: list[Value]) -> None:
        """Reset the gradients of parameters that the loss does not depend on."""
        if len(parameters) != self._without_gradient[0]:
            mine = set(parameters)
            others = [p for p in self.optimizer.parameters if p not in mine]
            self._without_gradient = len(parameters), others
        for parameter in self._without_gradient[1]:
            parameter.zero_grad()

    def _stopped(self, error: AutogradError, where: str = "") -> TrainingStopped:
        steps = self.optimizer.steps
        when = where or f"before update {steps + 1}, with the parameters unchanged"
        message = f"training stopped {when}: {error}"
        if self.last_loss is not None:
            message += f". The last finite loss was {self.last_loss:.6g}"
        if self.largest_gradient is not None:
            message += f", with {self.largest_gradient:.3g} as its largest gradient"
        return TrainingStopped(message, steps, self.last_loss, self.history)

    def save(self, path: str | PathLike[str]) -> Path:
        """Write everything that `resume` needs to continue to the same bits, whole or not at all.

        Returns the path. Raises FileNotFoundError when the folder is missing, and FileError for a
        path that is a folder, or a parameter that is not finite.
        """
        return checkpoint.save(self, path)

    def resume(self, path: str | PathLike[str]) -> None:
        """Take over the state that `save` wrote, of a Trainer that was made like this one.

        Raises FileNotFoundError for no file at all. Raises FileError, and changes nothing, for a
        file that is damaged, that is no checkpoint, or that belongs to other training: another
        model, loss, optimizer, data, batch size, penalty, norm or seed.
        """
        checkpoint.resume(self, path)


class EarlyStopping:
    """A callback that ends training when the loss has not improved for `patience` epochs.

    It watches the held-out loss where there is one, else the training loss. An improvement is a
    loss lower by more than `least` than the best so far. Raises ValueError for a patience below 1
    and a negative `least`, TypeError for a `least` that is no number.

    The model keeps the parameters of the last epoch, not those of the best one, which is
    `patience` epochs back: a callback of your own can keep these, with `state_dict`.

    >>> from nn import MLP, moons
    >>> model, callbacks = MLP(2, [4, 1], seed=0), [EarlyStopping(patience=5)]
    >>> history = fit(model, moons(40), held_out=0.25, callbacks=callbacks, progress=False)
    >>> losses = history.held_out_losses
    >>> best = losses.index(min(losses))
    >>> len(losses) - 1 - best  # epochs after the best one
    5
    """

    def __init__(self, patience: int = 10, least: float = 0.0) -> None:
        self.patience = whole(patience, "patience", least=1)
        self.least = finite(least, "least", least=0)

    def __call__(self, trainer: Trainer) -> bool:
        losses = trainer.history.held_out_losses or trainer.history.losses
        best, waited = inf, 0
        for loss in losses:
            if loss < best - self.least:
                best, waited = loss, 0
            else:
                waited += 1
        return waited >= self.patience


def optimizer_of(
    optimizer: Any, model: Module, learning_rate: float | Schedule | None = None
) -> Optimizer:
    """An optimizer as it is, or one of that name for the parameters of the model; Adam where there
    is none. Raises ValueError for an unknown name, and for a learning rate beside an optimizer that
    has its own; TypeError for what is no optimizer."""
    if isinstance(optimizer, Optimizer):
        if learning_rate is not None:
            raise ValueError(f"{type(optimizer).__name__} has its own learning rate: give it there")
        return optimizer
    if optimizer is not None and not isinstance(optimizer, str):
        raise TypeError(
            f"an optimizer is one like SGD(model.parameters()), or one of {', '.join(OPTIMIZERS)}, "
            f"not {optimizer!r:.60}"
        )
    kind: Any = Adam if optimizer is None else choose(optimizer, OPTIMIZERS, "optimizer")
    if learning_rate is None and not issubclass(kind, Adam):
        return kind(model.parameters())
    return kind(model.parameters(), 0.01 if learning_rate is None else learning_rate)


def first_not_finite(root: Any) -> str:
    """The name of the first node, in the order of computation, that is not finite."""
    return next(named(node) for node in topological_order(root) if not isfinite(node.data))
