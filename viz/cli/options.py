"""Options that more than one command has, each described once."""

from argparse import ArgumentParser, BooleanOptionalAction, Namespace
from typing import Any

from nn.losses import LOSSES
from nn.optim import OPTIMIZERS
from viz.cli.user_input import UsageError

OPTIONS: dict[str, dict[str, Any]] = {
    "target": {
        "help": "column of a CSV file to learn: its name, or its index from 0, where -1 is the "
        "last (default the last); several with commas",
        "metavar": "COLUMN",
    },
    "classes": {
        "help": "classes of a CSV file: how many there are, where they are numbers from 0 or 1, or "
        "-1 and 1; or what they are called, in order (default: texts are classes, and numbers are "
        "not)",
        "metavar": "N|NAME,NAME",
    },
    "header": {
        "help": "line 1 of a CSV file holds the names of its columns, or none (default: detected)",
        "action": BooleanOptionalAction,
    },
    "index": {
        "help": "column 1 of a CSV file only numbers its rows, or is data (default: detected)",
        "action": BooleanOptionalAction,
    },
    "separator": {
        "help": "the character between the columns of a CSV file, such as ';' or tab (default: "
        "detected)",
        "metavar": "CHARACTER",
    },
    "layers": {"help": "how many neurons each hidden layer has", "metavar": "N,N"},
    "activation": {
        "help": "activation of the hidden layers: an operation of one argument, such as tanh or "
        "sigmoid",
        "metavar": "NAME",
    },
    "loss": {
        "help": f"{', '.join(LOSSES)} (default: mse for numbers, binary_cross_entropy for two "
        "classes, cross_entropy for more)",
        "metavar": "NAME",
    },
    "optimizer": {"help": ", ".join(OPTIMIZERS), "metavar": "NAME"},
    "rate": {
        "help": "the learning rate, which scales every step", "type": float, "metavar": "R",
    },
    "epochs": {
        "help": "how many times to go through the examples", "type": int, "metavar": "N",
    },
    "batch_size": {"help": "examples per step", "type": int, "metavar": "N"},
    "penalty": {
        "help": "strength of the L2 penalty against overfitting: P times the sum of the squared "
        "parameters is added to the loss, and 0 adds nothing",
        "type": float,
        "metavar": "P",
    },
    "points": {"help": "how many examples to generate", "type": int, "metavar": "N"},
    "noise": {
        "help": "standard deviation of the random noise in generated examples, whose coordinates "
        "are about 1 in size",
        "type": float,
        "metavar": "S",
    },
    "held_out": {
        "help": "share of the examples that is not trained on but held out, to test with; 0 for "
        "none",
        "type": float,
        "metavar": "SHARE",
    },
    "seed": {
        "help": "seed of what is random: the data, the first weights and the batches",
        "type": int,
        "metavar": "N",
    },
    "port": {
        "help": "port to serve the page at (default any free)",
        "type": int,
        "metavar": "N",
        "default": 0,
    },
    "no_browser": {
        "help": "only print the address of the page", "action": "store_true", "default": False,
    },
}  # fmt: skip
FOR_FILES = ("target", "classes", "header", "index", "separator")  # options for CSV files only


def port_of(arguments: Namespace) -> int:
    """The port, 0 for any that is free. Raises UsageError for one that is none."""
    port = arguments.port or 0
    if port and not 1024 <= port <= 65535:
        raise UsageError(f"--port is a number from 1024 to 65535, not {port}")
    return port


def add(parser: ArgumentParser, *without_default: str, **defaults: Any) -> None:
    """Add options to a command: some without a default, or with one that their help tells; and
    some with theirs, which is told behind it."""
    for name in without_default:
        flag = "--" + name.replace("_", "-")
        parser.add_argument(flag, **{"default": None} | OPTIONS[name])
    for name, default in defaults.items():
        option = OPTIONS[name]
        shown = "" if default is None else f" (default {default})"
        flag = "--" + name.replace("_", "-")
        parser.add_argument(flag, **option | {"default": default, "help": option["help"] + shown})
