"""`stepgrad draw`: an expression's graph, or a saved network, as a picture in a file."""

import re
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path

from autograd.expression import NotANumber, number_in
from autograd.user_text import counted, shown
from autograd.value import Value
from nn.module import Module
from viz.cli.user_input import UsageError

FORMATS = ("svg", "png", "pdf", "dot", "html", "gif")
FOLDS = ("neuron", "network")  # a saved network has no loss to fold
MEANINGLESS = {  # options that would change nothing, by suffix
    ".dot": ("size", "theme", "no-legend"),
    ".html": ("size", "theme", "no-legend", "direction", "model"),
    ".gif": ("size", "theme", "no-legend", "direction", "model"),
}
USAGE = """stepgrad draw EXPR name=value ... -o FILE [options]
       stepgrad draw --model FILE --example N,N -o FILE [options]"""


def add_options(parser: ArgumentParser) -> None:
    """What can be chosen, besides the expression."""
    parser.usage = USAGE
    parser.add_argument(
        "-o", "--output", required=True, metavar="FILE",
        help="where to write it: .svg .png .pdf .dot, .html to step through, or .gif",
    )  # fmt: skip
    parser.add_argument(
        "--format", type=str.lower, choices=FORMATS,
        help="what to write, where the name of the file does not say it",
    )  # fmt: skip
    parser.add_argument(
        "--direction", type=str.upper, choices=("LR", "TB"),
        help="where it grows: to the right (LR, the default) or from top to bottom (TB)",
    )  # fmt: skip
    parser.add_argument(
        "--size", metavar="WIDTHxHEIGHT", help="of a page, in pixels (default 1920x1080)"
    )
    parser.add_argument(
        "--theme", type=str.lower, choices=("light", "dark"),
        help="the colours (default light, and in an .svg those of the reader)",
    )  # fmt: skip
    parser.add_argument("--no-legend", action="store_true", help="leave out what the marks mean")
    parser.add_argument(
        "--model", metavar="FILE", help="draw a network that `stepgrad train` has saved"
    )
    parser.add_argument(
        "--example", metavar="N,N", help="what the network is given: a number for each input"
    )
    folding = parser.add_mutually_exclusive_group()
    folding.add_argument(
        "--fold", type=str.lower, choices=FOLDS,
        help="draw the network's graph, with each neuron, or all of it, as one operation",
    )  # fmt: skip
    folding.add_argument(
        "--no-fold", dest="fold", action="store_const", const=False,
        help="draw the network's graph, with every operation",
    )  # fmt: skip
    parser.add_argument(
        "--unfold", action="append", default=[], metavar="OPERATION",
        help="draw the formula of an operation, such as the exponentials of tanh, instead of it "
        "(may be repeated)",
    )  # fmt: skip


def path_of(arguments: Namespace, values: Sequence[str]) -> Path:
    """Where the picture goes. Raises UsageError, before anything is computed, for options that are
    of no use or contradict each other."""
    model, expression = arguments.model, arguments.expression
    if model is None and expression is None:
        raise UsageError("the expression is missing: stepgrad draw --help shows how")
    if model is None and arguments.example is not None:
        raise UsageError("--example is for a network: name the file of one with --model")
    if model is not None and (expression is not None or values):
        what = shown(expression or values[0])
        raise UsageError(f"either a network or an expression is drawn: leave out --model or {what}")
    if model is not None and arguments.example is None:
        raise UsageError(
            "--model needs --example, the numbers that the network is given, as in --example 0.5,-1"
        )
    path = named(arguments.output, arguments.format)
    for option in MEANINGLESS.get(path.suffix.lower(), ()):
        if getattr(arguments, option.replace("-", "_")):
            what = path.suffix.lower()
            raise UsageError(f"--{option} is for pictures, not for {what}: leave it out")
    return path


def named(output: str, format: str | None) -> Path:
    """The file, whose suffix says what it is."""
    path = Path(output)
    suffix = path.suffix.lower().removeprefix(".")
    if format is None and suffix not in FORMATS:
        raise UsageError(
            f"-o {shown(output)}: end the name in one of .{', .'.join(FORMATS)}, or say which with "
            "--format"
        )
    if format is None or suffix == format:
        return path
    if suffix in FORMATS:
        raise UsageError(f"--format {format} and -o {shown(output)} differ: leave out --format")
    return Path(f"{output}.{format}")


def write(arguments: Namespace, path: Path, result: Value | None) -> str:
    """Write the picture of the result, or of the network where there is none. Returns the sentence
    that says what was written."""
    from viz import draw, save

    suffix = path.suffix.lower()
    if suffix in (".html", ".gif"):
        assert result is not None
        save(result, path, names=False, fold=arguments.fold, unfold=arguments.unfold)
        return f"wrote {path}: {size_of_file(path)}"
    y, example = (result, None) if result is not None else network_of(arguments)
    drawing = draw(
        y,
        example,
        direction=arguments.direction or "LR",
        names=False,
        fold=arguments.fold,
        unfold=arguments.unfold,
        size=size_of_page(arguments.size),
        theme=arguments.theme or "auto",
        legend=not arguments.no_legend,
    )
    drawing.save(path)
    scene = drawing.slide if suffix == ".png" else drawing.sheet
    extent = f"{scene.width:g} × {scene.height:g}, "
    if suffix == ".pdf":
        page, count = drawing.pages[0], len(drawing.pages)
        extent = f"{counted(count, 'page')} of {page.width:g} × {page.height:g}, "
    return f"wrote {path}: {'' if suffix == '.dot' else extent}{size_of_file(path)}"


def network_of(arguments: Namespace) -> tuple[Module, list[float]]:
    """The network in the file, and the numbers that it is given."""
    from nn import load

    model = load(arguments.model)
    numbers = numbers_in(arguments.example)
    if len(numbers) != model.inputs:
        raise UsageError(
            f"--example {shown(arguments.example)}: the network takes "
            f"{counted(model.inputs, 'number')}, not {len(numbers)}"
        )
    outputs = len(model.layers[-1].neurons)
    is_graph = arguments.fold is not None or bool(arguments.unfold) or arguments.direction == "TB"
    if outputs > 1 and is_graph:
        raise UsageError(
            f"a graph is that of one value, and this network has {outputs} outputs: leave out "
            "--fold, --no-fold, --unfold and --direction"
        )
    return model, numbers


def numbers_in(text: str) -> list[float]:
    """The numbers of an example.

    >>> numbers_in("0.5, -1")
    [0.5, -1.0]
    """
    numbers = []
    for one in text.split(","):
        try:
            numbers.append(number_in(one))
        except NotANumber as error:
            raise UsageError(
                f"--example {shown(text)}: {shown(one.strip())!r} is not a number: {error}"
            ) from None
    return numbers


def size_of_page(text: str | None) -> tuple[int, int] | None:
    """A width and a height.

    >>> size_of_page("1280x720")
    (1280, 720)
    """
    if text is None:
        return None
    sides = re.fullmatch(r"\s*(\d{1,9})\s*[xX×*]\s*(\d{1,9})\s*", text)
    if sides is None:
        raise UsageError(f"--size {shown(text)}: write a width and a height, as in 1920x1080")
    return int(sides[1]), int(sides[2])


def size_of_file(path: Path) -> str:
    count = path.stat().st_size
    if count < 1000:
        return f"{count} bytes"
    return f"{count / 1000:.0f} kB" if count < 999_500 else f"{count / 1e6:.1f} MB"
