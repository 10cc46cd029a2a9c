"""The state of training as a file: everything that is needed to continue to the same bits."""

import re
from math import isfinite
from os import PathLike
from pathlib import Path
from types import MethodType
from typing import Any
from zlib import crc32

from autograd.disk import FileError, read, replace
from autograd.user_text import shown
from nn.files.container import pack, unpack
from nn.history import History
from nn.interrupts import uninterrupted

__all__ = ["resume", "save"]

LONG = {  # what is not shown where it differs, and how it is called then
    "model": "list of parameters", "data": "data", "held-out data": "held-out data",
}  # fmt: skip
ROOM = 120  # characters, for what is shown
COUNTED = ("epoch", "batch", "loss_so_far", "hits_so_far", "last_loss", "largest_gradient")


def identity(trainer: Any) -> dict[str, Any]:
    """What a checkpoint must have in common with the Trainer that continues from it.

    Raises FileError for a loss or a schedule that cannot be identified."""

    def rows(data: Any) -> int | None:
        return None if data is None else crc32(repr((data.inputs, data.targets)).encode())

    return {
        "format": "stepgrad checkpoint",
        "version": 2,
        "activations": repr(trainer.model),
        "model": [type(trainer.model).__name__, *trainer.model.named_parameters()],
        "loss": name_of(trainer.loss, "loss"),
        "optimizer": repr(trainer.optimizer),
        "schedule": name_of(trainer.optimizer.schedule, "schedule"),
        "data": rows(trainer.data),
        "held-out data": rows(trainer.held_out),
        "batch size": trainer.batch_size,
        "penalty": trainer.penalty,
        "norm": trainer.norm,
        "seed": trainer.seed,
    }


def name_of(function: Any, what: str) -> str:
    """A name that identifies a function or a callable object.

    Raises FileError where there is none: two lambdas, or two functions that another function made,
    have one name and may give different numbers."""
    if hasattr(function, "__qualname__"):
        name = f"{function.__module__}.{function.__qualname__}"
        if "<" not in name and not isinstance(function, MethodType):  # <lambda> and <locals>
            return name
    elif not re.search(r" at 0x[0-9a-fA-F]+", repr(function)):
        return repr(function)
    raise FileError(
        f"this training cannot be saved: its {what} {function!r:.80} cannot be identified later. "
        "Make it a function at the top of a module, or a dataclass"
    )


def save(trainer: Any, path: str | PathLike[str]) -> Path:
    """Write the state of a Trainer, whole or not at all."""
    optimizer = trainer.optimizer.state_dict()
    state = {name: getattr(trainer, name) for name in COUNTED} | {"steps": optimizer.pop("steps")}
    arrays = {"parameters": [p.data for p in trainer.model.parameters()]} | optimizer
    info = identity(trainer) | {"state": state, "history": vars(trainer.history)}
    path = Path(path)
    replace(path, pack(arrays, info))
    return path


def resume(trainer: Any, path: str | PathLike[str]) -> None:
    """Restore a saved state in a Trainer that was made like the one it came from.

    Raises FileError, and changes nothing, for a file that is damaged, that is no checkpoint, or
    that belongs to other training.
    """
    path = Path(path)
    arrays, info = unpack(read(path), str(path))
    info = {"norm": "l2"} | info  # files from before there was a choice
    for name, mine in identity(trainer).items():
        if (theirs := info.get(name)) != mine:
            differs = f"is {shown(theirs, ROOM)}, and here it is {shown(mine, ROOM)}"
            if name in LONG:
                name, differs = LONG[name], "is another"
            name = "model" if name == "activations" else name
            raise FileError(f"{path} does not belong to this training: its {name} {differs}")
    try:
        state, columns = dict(info["state"]), dict(info["history"])
        for name, array in arrays.items():
            if array.ndim != 1:
                raise ValueError(f"{name} is no plain list")
        names = trainer.model.named_parameters()
        numbers = dict(zip(names, arrays.pop("parameters").tolist(), strict=True))
        optimizer = {name: array.tolist() for name, array in arrays.items()}
        optimizer["steps"] = state.pop("steps")
        check_state(state, batches=len(trainer.batches()), examples=len(trainer.data))
        check_history(columns, epochs=state["epoch"])
        with uninterrupted():
            trainer.optimizer.load_state_dict(optimizer)  # which refuses before it changes
            trainer.model.load_state_dict(numbers)
            trainer.history = History(**columns)
            vars(trainer).update(state)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise FileError(f"{path} is damaged: {error}") from None


def check_state(state: dict[str, Any], batches: int, examples: int) -> None:
    """Raises ValueError for counts that no training reaches."""
    if state.keys() != set(COUNTED):
        raise ValueError("its counts have other names")
    for name, most in (("epoch", None), ("batch", batches), ("hits_so_far", examples)):
        count = state[name]
        if type(count) is not int or count < 0 or (most is not None and count > most):
            raise ValueError(f"{name} is {count!r}")
    for name in ("loss_so_far", "last_loss", "largest_gradient"):
        if not is_number(state[name]) and (state[name] is not None or name == "loss_so_far"):
            raise ValueError(f"{name} is {state[name]!r}")


def check_history(columns: dict[str, Any], epochs: int) -> None:
    """Raises ValueError for a history that does not have its numbers for every epoch."""
    if columns.keys() != vars(History()).keys() or type(columns["interrupted"]) is not bool:
        raise ValueError("its history has other columns")
    for name, column in columns.items():
        if name == "interrupted":
            continue
        lengths = (0, epochs) if name.startswith("held_out") else (epochs,)
        if not isinstance(column, list) or len(column) not in lengths:
            raise ValueError(f"the {name} of its history are not one for each of {epochs} epochs")
        for number in column:
            if not is_number(number) and (number is not None or "accuracies" not in name):
                raise ValueError(f"the {name} of its history hold {number!r}")


def is_number(x: Any) -> bool:
    return type(x) in (int, float) and isfinite(x)
