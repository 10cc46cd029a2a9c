"""The commands that try something out and report: mistakes, modes, second, descent, grade."""

from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Sequence
from pathlib import Path

from autograd.teaching.report import Report
from autograd.user_text import did_you_mean, shown
from autograd.value import Value
from viz.cli.options import add_format, add_to
from viz.cli.user_input import UsageError, computed, named_values

PICTURES = (".png", ".svg", ".pdf")
WITH_PAGE = (*PICTURES, ".html")
COMMANDS = {  # and what they do, in the help
    "mistakes": "run the backward pass with each classic mistake, and show where it goes wrong",
    "modes": "find one gradient in four ways, and count what forward and reverse mode cost",
    "second": "differentiate the gradient again: the Hessian, and a Newton step",
    "descent": "let optimisers descend on an expression, over two of its values",
    "grade": "try an engine of your own on graphs that grow more difficult, and name its mistake",
}
WITH_EXPRESSION = ("mistakes", "modes", "second", "descent")


def add_options(name: str, parser: ArgumentParser) -> None:
    """What can be chosen for the command of that name, besides an expression."""
    add_format(parser)
    {
        "mistakes": mistakes_options,
        "modes": modes_options,
        "second": second_options,
        "descent": descent_options,
        "grade": grade_options,
    }[name](parser)


def run(arguments: Namespace, words: Sequence[str]) -> int:
    """Run the command; returns its exit status."""
    runs: dict[str, Callable[[Namespace, Sequence[str]], Report]] = {
        "mistakes": run_mistakes,
        "modes": run_modes,
        "second": run_second,
        "descent": run_descent,
        "grade": run_grade,
    }
    report = runs[arguments.command](arguments, words)
    print(getattr(report, arguments.format))
    return 0 if arguments.command != "grade" or getattr(report, "ok", False) else 1


def mistakes_options(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--only", action="append", default=[], metavar="MISTAKE",
        help="this mistake in detail, such as overwrite (may be repeated)",
    )  # fmt: skip
    parser.add_argument(
        "--rate", type=float, default=0.1, metavar="N",
        help="learning rate of the mistake that updates a weight too early (default 0.1)",
    )  # fmt: skip


def run_mistakes(arguments: Namespace, words: Sequence[str]) -> Report:
    from autograd.teaching import mistakes

    result, _ = computed(arguments, words)
    return mistakes(result, *arguments.only, rate=arguments.rate, names=False)


def modes_options(parser: ArgumentParser) -> None:
    add_to(parser, "only the derivative by this value (may be repeated)")
    parser.add_argument(
        "--outputs", metavar="NAME,NAME",
        help="count what the derivatives of several results cost: their names",
    )  # fmt: skip


def run_modes(arguments: Namespace, words: Sequence[str]) -> Report:
    from autograd.teaching import costs, modes

    result, known = computed(arguments, words)
    leaves = leaves_of(arguments.to, known)
    if arguments.outputs is None:
        return modes(result, leaves, names=False)
    outputs = named_values("--outputs", arguments.outputs.split(","), known)
    return costs(outputs, leaves or [one for one in known.values() if one.op is None])


def second_options(parser: ArgumentParser) -> None:
    add_to(parser, "only the derivatives by this value (may be repeated)")
    parser.add_argument(
        "-o", "--output", metavar="FILE",
        help="draw the graph of the first derivative by the first of these values: .svg .png .pdf, "
        "or .html to step through",
    )  # fmt: skip


def run_second(arguments: Namespace, words: Sequence[str]) -> Report:
    from autograd.teaching import second

    path = picture_path(arguments.output, WITH_PAGE)
    result, known = computed(arguments, words)
    found = second(result, leaves_of(arguments.to, known), names=False)
    if path is not None:
        from viz import save

        slope = found.gradients[0]
        slope.backward()
        save(slope, path, names=False)
    return found


def descent_options(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--over", required=True, metavar="NAME,NAME", help="the two values that are moved"
    )
    parser.add_argument(
        "--rate", type=float, default=0.1, metavar="N", help="learning rate (default 0.1)"
    )
    parser.add_argument(
        "--steps", type=int, default=50, metavar="N", help="steps of each optimiser (default 50)"
    )
    parser.add_argument(
        "--optimizers", default="sgd,momentum,adam", metavar="NAME,NAME",
        help="of sgd, momentum, adam, adamw, rmsprop (default sgd,momentum,adam)",
    )  # fmt: skip
    parser.add_argument(
        "-o", "--output", metavar="FILE",
        help="draw the paths on the loss: .png .svg .pdf, or .html, whose dots open their graphs",
    )  # fmt: skip


def run_descent(arguments: Namespace, words: Sequence[str]) -> Report:
    from viz.downhill import descent

    path = picture_path(arguments.output, WITH_PAGE)
    result, known = computed(arguments, words)
    over = named_values("--over", arguments.over.split(","), known)
    if len(over) != 2:
        raise UsageError(f"--over {shown(arguments.over)}: name two values, as in --over w,b")
    names = [name.strip() for name in arguments.optimizers.split(",") if name.strip()]
    found = descent(
        result, over[0], over[1], optimizers=names, rate=arguments.rate, steps=arguments.steps
    )
    if path is not None and path.suffix.lower() == ".html":
        from viz import save

        save(found, path)
    elif path is not None:
        from matplotlib.figure import Figure

        figure = Figure(figsize=(6.4, 4.8), layout="constrained")
        found.plot(figure.subplots())
        figure.savefig(path, dpi=120)
    return found


def grade_options(parser: ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="a .py file with a class such as Value")
    parser.add_argument(
        "--class", dest="class_name", default="", metavar="NAME",
        help="the class (default Value, or the only one with a backward)",
    )  # fmt: skip
    parser.add_argument(
        "--seconds", type=float, default=5.0, metavar="N",
        help="how long each graph may take (default 5)",
    )  # fmt: skip
    parser.add_argument(
        "--megabytes", type=float, default=512.0, metavar="N",
        help="how much memory each graph may take (default 512)",
    )  # fmt: skip
    parser.epilog = "The exit status is 0 for an engine without a mistake, and 1 for any other."


def run_grade(arguments: Namespace, words: Sequence[str]) -> Report:
    from autograd.teaching import grade

    return grade(
        arguments.file,
        class_name=arguments.class_name,
        seconds=arguments.seconds,
        megabytes=arguments.megabytes,
    )


def leaves_of(names: Sequence[str], known: dict[str, Value]) -> list[Value] | None:
    """The values that --to names; None where it is not given."""
    return named_values("--to", names, known) if names else None


def picture_path(output: str | None, suffixes: Sequence[str]) -> Path | None:
    """Where a picture goes, before anything is computed for it."""
    if output is None:
        return None
    path = Path(output)
    if path.suffix.lower() not in suffixes:
        close = did_you_mean(path.suffix.lower(), suffixes)
        raise UsageError(f"-o {shown(output)}: end the name in {', '.join(suffixes)}{close}")
    return path
