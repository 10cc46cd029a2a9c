"""The command `stepgrad`: type an expression, read its chain rule, see its picture."""

import argparse
import os
import re
import sys
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

from autograd.expression import read_as
from autograd.user_text import did_you_mean, no_such, shown
from viz.cli import (
    draw_command,
    experiments,
    export_command,
    options,
    play_command,
    sweep_command,
    teaching,
    training,
)
from viz.cli.options import number_option
from viz.cli.user_input import (
    USER_ERRORS,
    UsageError,
    computed,
    sentence_of,
    values_of,
    words_of,
)

EXAMPLE = 'stepgrad explain "tanh(x*w + b)" x=2 w=-3 b=6.9'
# An option is --port, --port=8080, -o, -h or -ofile.svg; -x*2 is none.
OPTION = re.compile(r"--([a-zA-Z][a-zA-Z-]*(=.*)?)?|-[oh]|-o.+\.[a-z]{3,4}", re.DOTALL)
TAKES = {  # by command, where it is not an expression and values
    "train": "one data set, and options",
    "sweep": "one data set, and options",
    "play": "one data set, and options",
    "demo": "nothing but -o FILE",
    "grade": "one Python file, and options",
    "export": "one file of a network, --to and -o FILE",
    "lessons": "nothing but --to FOLDER",
    "info": "nothing",
}
COMPLAINTS = {  # of argparse, and what the command prints instead
    r"the following arguments are required: (.+)": "{0} is missing: {help}",
    r"argument (\S+): not allowed with argument (\S+)": "leave out {0} or {1}: {help}",
    r"argument (\S+): invalid int value: ['\"](.*)['\"]":
        "{0} takes a whole number, not {1}: {help}",
    r"argument (\S+): (.+ is not a number: .+)": "{0} {1}",
    r"argument (\S+): expected one argument": "{0} is given no value: {help}",
    r"(.+)": "{0}: {help}",
}  # fmt: skip
UNKNOWN = re.compile(
    r"argument (\S+): invalid choice: ['\"](.*)['\"] \(choose from (.+)\)", re.DOTALL
)
KINDS = {"--to": "format"}  # what is chosen, where the option has another name
OTHER_NAMES = {"--lr": "rate", "--learning-rate": "rate", "--weight-decay": "penalty"}  # of options
MISSING = {  # as argparse calls it, and in words
    "COMMAND": "the command", "EXPR": "the expression", "DATASET": "the data set",
    "FILE": "the file", "--over": "--over NAME,NAME",
    "-o/--output": "-o FILE",
    "MODEL": "the file of the network",
}  # fmt: skip


def unquoted(words: str) -> str:
    return shown(words.replace("'", ""), room=80)


class Parser(argparse.ArgumentParser):
    """argparse, with messages of one plain sentence, and numbers as they are typed elsewhere."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.register("type", float, number_option)
        self.suggest_on_error = False  # as newer Pythons do, in words of their own

    def error(self, message: str) -> NoReturn:
        if found := UNKNOWN.fullmatch(message):
            what, name, known = found.groups()
            known = known.replace("'", "").split(", ")
            kind = KINDS.get(what) or what.strip("-").lower()
            raise UsageError(no_such(kind, name, known))
        for pattern, sentence in COMPLAINTS.items():
            if found := re.fullmatch(pattern, message, re.DOTALL):
                words = [MISSING.get(word) or unquoted(word) for word in found.groups()]
                raise UsageError(sentence.format(*words, help=f"{self.prog} --help shows how"))
        raise AssertionError("the last pattern matches every message")


class Version(argparse.Action):
    """`--version`. The version is looked up only when it is asked for, because that takes long."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from importlib.metadata import PackageNotFoundError, version

        try:
            print(f"stepgrad {version('stepgrad')}")
        except PackageNotFoundError:
            raise UsageError("stepgrad has no version here: pip install it first") from None
        parser.exit()


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status: 2 for what the user can correct, and 1 for an
    engine that `grade` finds a mistake in."""
    try:
        arguments, values = parsed(list(sys.argv[1:] if argv is None else argv))
        if hasattr(sys.stdout, "reconfigure"):
            sys.stdout.reconfigure(errors="replace")  # ∂ on a terminal that has only ASCII
        status: int = arguments.run(arguments, values) or 0
        if sys.stdout is not None:  # None is what `stepgrad … >&-` leaves
            sys.stdout.flush()
    except BrokenPipeError:  # `stepgrad explain … | head` has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (*USER_ERRORS, OSError) as error:
        print(f"stepgrad: {sentence_of(error)}", file=sys.stderr)
        return 2
    return status


def parsed(argv: list[str]) -> tuple[argparse.Namespace, list[str]]:
    """The options, and the words that look like name=value."""
    parser = Parser(
        prog="stepgrad",
        description="See the chain rule: explain and draw the gradients of any expression.",
        epilog=f"for example: {EXAMPLE}",
    )
    parser.add_argument("--version", action=Version, nargs=0, help="show the version, and exit")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)

    def command(name: str, run: Callable, summary: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=summary, description=summary)
        sub.set_defaults(run=run)
        return sub

    for name, run, summary in (
        ("explain", teaching.run_explain,
         "walk through the forward and the backward pass of an expression"),
        ("paths", teaching.run_paths, "write a gradient as a sum over paths"),
        ("why", teaching.run_why, "find out why a gradient is zero, tiny, huge or an error"),
        ("exact", teaching.run_exact, "compute values and gradients as fractions"),
        ("draw", run_draw, "write the picture of an expression's graph, or of a saved network"),
        ("step", run_step, "open a page that walks through an expression step by step"),
        *(
            (name, experiments.run, experiments.COMMANDS[name])
            for name in experiments.WITH_EXPRESSION
        ),
    ):  # fmt: skip
        sub = command(name, run, summary)
        sub.usage = f"stepgrad {name} EXPR name=value ... [options]"
        sub.epilog = (
            'Several statements name intermediate results: "h = sigmoid(w*x+b); (t-h)**2/2"'
        )
        sub.add_argument(
            "expression", metavar="EXPR", nargs="?" if name == "draw" else None,
            help="what to compute, as in tanh(w*x + b)",
        )  # fmt: skip
        if name in teaching.TOOLS:
            teaching.add_options(sub, name)
        elif name == "draw":
            draw_command.add_options(sub)
        elif name in experiments.WITH_EXPRESSION:
            experiments.add_options(name, sub)
        else:
            options.add(sub, "port", "no_browser")
    experiments.add_options(
        "grade", command("grade", experiments.run, experiments.COMMANDS["grade"])
    )
    player = command("play", run_play, "open a page on which to build and train a small network")
    play_command.add_options(player)
    player.epilog = "for example: stepgrad play spiral --layers 8,8 --activation tanh"
    trainer = command("train", run_train, "train a small network, and draw what it has learned")
    training.add_options(trainer)
    trainer.epilog = "for example: stepgrad train moons --layers 16,16 --epochs 100"
    sweeper = command("sweep", run_sweep, "train with many settings and seeds, and compare them")
    sweep_command.add_options(sweeper)
    sweeper.epilog = 'for example: stepgrad sweep moons --layers "8 / 16,16" --rate "0.01 / 0.1"'
    exporter = command("export", run_export, "write a saved network for another engine or language")
    export_command.add_options(exporter)
    exporter.epilog = "for example: stepgrad export moons.safetensors --to onnx -o moons.onnx"
    demo = command(
        "demo", run_demo, "the 2-2-2 network of three well-known articles, worked through"
    )
    demo.add_argument(
        "-o", "--output", default="stepgrad-demo.svg", metavar="FILE",
        help="file for the picture (default stepgrad-demo.svg); the trained network goes beside "
        "it, as in stepgrad-demo-moons.png and .safetensors",
    )  # fmt: skip

    copier = command(
        "lessons", run_lessons, "list the lessons, or copy their notebooks to a folder"
    )
    copier.add_argument("--to", metavar="FOLDER", help="copy them there, and overwrite nothing")

    command("info", run_info, "which engine, machines and Graphviz are at work here")

    arguments, rest = parser.parse_known_args(with_expressions_apart(argv))
    name = arguments.command
    values = rest if name in TAKES else words_of(" ".join(rest))  # `x = 2` is three words
    for word in values:
        what = f"what is {shown(word)!r}?"
        if OPTION.fullmatch(word):
            option = word.partition("=")[0]
            known = re.findall(r"--([a-z][a-z-]+)", commands.choices[name].format_help())
            meant = OTHER_NAMES.get(option, "")
            close = did_you_mean(meant if meant in known else option[2:], known)
            way_out = (
                close.replace("mean ", "mean --") or f": stepgrad {name} --help lists them all"
            )
            raise UsageError(f"there is no option {shown(option)}{way_out}")
        if name in TAKES and "=" in word:
            raise UsageError(f"{name} takes no values: try stepgrad explain")
        if name in TAKES:
            raise UsageError(f"{what} stepgrad {name} takes {TAKES[name]}")
        if "=" not in word.lstrip("=") and ":" not in word:
            raise UsageError(f"{what} Values are given as name=number, as in: {EXAMPLE}")
    return arguments, values


def with_expressions_apart(argv: Sequence[str]) -> list[str]:
    """The words, with a space before an expression that starts with a minus, wherever it stands:
    argparse would take -x*2 for an option."""
    if not argv or argv[0] not in (*teaching.TOOLS, *experiments.WITH_EXPRESSION, "draw", "step"):
        return list(argv)
    return [
        f" {word}" if word.startswith("-") and not OPTION.fullmatch(word) else word for word in argv
    ]


def run_draw(arguments: argparse.Namespace, values: Sequence[str]) -> None:
    path = draw_command.path_of(arguments, values)
    result = None
    if arguments.model is None:
        result, _ = computed(arguments, values)
        result.backward()
    print(draw_command.write(arguments, path, result))


def run_step(arguments: argparse.Namespace, values: Sequence[str]) -> None:
    from viz.hosts.server import LocalPage, stepper_of

    port = options.port_of(arguments)
    stepper = stepper_of(arguments.expression, list(values))
    if understood := read_as(arguments.expression, values_of(values)):
        print(f"read as {understood}", file=sys.stderr)
    if stepper.failure:
        print(f"{stepper.failure.sentence}\nthe page shows how far it came", file=sys.stderr)
    page = LocalPage(
        stepper,
        arguments.expression.strip(),
        " ".join(values),
        port=port,
    )
    print(f"open {page.address} (Ctrl-C ends it)", flush=True)
    page.run(open_browser=not arguments.no_browser)


def run_play(arguments: argparse.Namespace, values: Sequence[str]) -> None:
    play_command.play(arguments)


def run_train(arguments: argparse.Namespace, values: Sequence[str]) -> None:
    training.train(arguments)


def run_sweep(arguments: argparse.Namespace, values: Sequence[str]) -> None:
    sweep_command.run(arguments)


def run_export(arguments: argparse.Namespace, values: Sequence[str]) -> None:
    export_command.run(arguments)


def run_demo(arguments: argparse.Namespace, values: Sequence[str]) -> None:
    from viz.cli.demo import demo, second_half

    demo(arguments.output)
    second_half(arguments.output)


def run_lessons(arguments: argparse.Namespace, values: Sequence[str]) -> None:
    from shlex import quote

    from viz.cli.lessons import copy, listing

    if arguments.to is None:
        print(listing())
    else:
        paths = copy(arguments.to)
        print(f"copied {len(paths)} notebooks: jupyter lab {quote(str(paths[0]))} opens the first")


def run_info(arguments: argparse.Namespace, values: Sequence[str]) -> None:
    from platform import python_version

    from autograd.native import looked_up
    from autograd.program.interpreters import MACHINES
    from autograd.value import engine
    from viz.render.graphviz import whose

    reason = looked_up("value")[1]
    print(f"Python    {python_version()}")
    print(f"engine    {engine()}{f': {reason}' if reason else ', compiled'}")
    print(f"programs  run by {', '.join(reversed(MACHINES))}")
    print(f"Graphviz  {whose()}, for draw_dot")
