"""The marks of a run, checked and completed: what was trained from which update on."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograd.bulk import data_of
from autograd.checks import whole
from nn.data import Dataset
from nn.decisions import check_loss
from viz.apps.playground.columns import numbers_in
from viz.apps.playground.data import Examples, examples_of
from viz.apps.playground.learner import batches_in, number_of_parameters, slots_of
from viz.apps.playground.settings import Config, config_of

__all__ = ["Stretch", "stretches_of"]

PARTS = ("step", "config", "data", "parameters", "slots", "epoch", "batch")
MOST_MARKS = 1000


@dataclass
class Stretch:
    """Updates with the same settings: from which on, on which examples, and what was set there.
    `fresh` says whether the optimiser begins anew, and `slots` what it
    keeps then, if anything was set."""

    step: int
    config: Config
    examples: Examples
    numbers: Any
    fresh: bool
    slots: dict[str, Any]
    epoch: int
    batch: int


def stretches_of(
    marks: Any, last: int, config: Config, examples: Examples, given: Dataset | None
) -> list[Stretch]:
    """The marks, checked and completed."""
    if not isinstance(marks, list | tuple):
        raise TypeError("marks are a list of what changed on the way, with the step of each")
    if len(marks) > MOST_MARKS:
        raise ValueError(f"{len(marks)} changes are too many: {MOST_MARKS} is the limit")
    found: list[Stretch] = []
    for mark in marks or [{"step": 0}]:
        if not isinstance(mark, Mapping) or "step" not in mark or set(mark) - {*PARTS}:
            raise TypeError(f"a mark has {', '.join(PARTS)}, of which step has to be there")
        step = whole(mark["step"], "the step of a mark", least=found[-1].step if found else 0)
        if not found and step:
            raise ValueError("the first mark is at step 0")
        if step > last:
            raise ValueError(f"there is no update {step} yet: {last} are done")
        before = found[-1] if found else None
        now = before.config if before else config
        if mark.get("config") is not None:
            now = config_of(mark["config"])
        rows = before.examples if before else examples
        if mark.get("data") is not None and mark["data"] != rows.spec:
            rows = examples_of(mark["data"], given)
        check_loss(now.loss, rows.training)
        found.append(_stretch(mark, step, now, rows, before))
    return found


def _stretch(
    mark: Mapping[str, Any], step: int, config: Config, examples: Examples, before: Stretch | None
) -> Stretch:
    count = number_of_parameters(config, examples.training)
    same_count = before and count == number_of_parameters(before.config, before.examples.training)
    numbers = None
    if mark.get("parameters") is not None:
        numbers = numbers_in(mark["parameters"], "the parameters", count)
        drawn = data_of(config.model(examples.training).parameters())
        if before is None and np.array_equal(numbers, drawn):
            numbers = None
    elif before and not same_count:
        raise ValueError(
            f"at step {step} the network has other parameters: their numbers are missing"
        )
    fresh = before is None or not same_count or before.config.optimizer != config.optimizer
    slots = slots_of(mark.get("slots") or {}, config, count)
    fresh = fresh or mark.get("slots") is not None
    epoch = batch = 0
    if before:
        in_epoch = batches_in(before.config, before.examples.training)
        more, batch = divmod(before.batch + step - before.step, in_epoch)
        epoch = before.epoch + more
        if config.batch != before.config.batch or examples is not before.examples:
            epoch, batch = epoch + 1, 0
    epoch = whole(mark.get("epoch", epoch), "an epoch", least=0)
    batch = whole(mark.get("batch", batch), "a batch", least=0)
    if batch >= batches_in(config, examples.training):
        raise ValueError(f"there is no batch {batch} at step {step}")
    return Stretch(step, config, examples, numbers, fresh, slots, epoch, batch)
