"""Options that more than one command has, each described once."""

from argparse import ArgumentParser, ArgumentTypeError, BooleanOptionalAction, Namespace
from collections.abc import Callable
from functools import partial
from typing import Any

from autograd.expression import NotANumber, number_in
from autograd.user_text import shown
from nn.losses import LOSSES, PENALTIES
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
        "help": "strength of the penalty against overfitting: P times the sum of the squared "
        "parameters, or with --norm l1 of their sizes, is added to the loss, and 0 adds nothing",
        "type": float,
        "metavar": "P",
    },
    "norm": {
        "help": f"what the penalty adds up, squares or sizes: {', '.join(PENALTIES)}",
        "metavar": "NAME",
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
    "seeds": {
        "help": "how many seeds each choice of the settings is trained with: 0, 1, 2, …, of which "
        "`stepgrad train` takes one",
        "type": int,
        "metavar": "N",
    },
    "workers": {
        "help": "how many processes of this machine train (default: one for each core); 0 for none "
        "but this one",
        "type": int,
        "metavar": "N",
    },
    "ray": {
        "help": "train on the machines of the Ray cluster at this address; auto for the one that "
        "this machine belongs to",
        "metavar": "ADDRESS",
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


def add_to(parser: ArgumentParser, help: str) -> None:
    """Add --to, which names values of an expression."""
    parser.add_argument("--to", action="append", default=[], metavar="NAME", help=help)


FORMATS = {"text": "plain text", "markdown": "Markdown", "latex": "LaTeX", "html": "HTML",
           "json": "JSON"}  # fmt: skip


def add_format(parser: ArgumentParser, *without: str) -> None:
    """Add --format, which chooses what a report is written as, `without` some formats."""
    names = [name for name in FORMATS if name not in without]
    words = [FORMATS[name] for name in names]
    parser.add_argument(
        "--format", type=str.lower, choices=names, default="text",
        help=f"what to write: {', '.join(words[:-1])} or {words[-1]} (default text)",
    )  # fmt: skip


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


def add_lists(parser: ArgumentParser, **defaults: Any) -> None:
    """Add options that take several values, with / between them; what was typed is a list."""
    for name, default in defaults.items():
        option = OPTIONS[name]
        parser.add_argument(
            "--" + name.replace("_", "-"),
            default=str(default),  # a text is read as if it had been typed
            type=partial(several, option.get("type", str)),
            metavar=f"'{option['metavar']} / …'",
            help=f"{option['help']} (default {default}); several with / between them",
        )


def several(kind: Callable[[str], Any], text: str) -> list[Any]:
    """The values that a text lists.

    >>> several(float, "0.01 / 0.1"), several(str, "8 / 16,16")
    ([0.01, 0.1], ['8', '16,16'])
    """
    as_here: dict[Any, Callable[[str], Any]] = {float: number_option, int: whole_option}
    read = as_here.get(kind, kind)
    return [read(one.strip()) for one in text.split("/")]


def number_option(text: str) -> float:
    """The number that an option is given, as numbers are typed elsewhere."""
    try:
        return number_in(text)
    except NotANumber as error:
        raise ArgumentTypeError(f"{shown(text)} is not a number: {error}") from None


def whole_option(text: str) -> int:
    """A whole number of a list."""
    try:
        return int(text)
    except ValueError:
        raise ArgumentTypeError(
            f"{shown(text)} is not a number: write whole ones, as in 10 / 100"
        ) from None
