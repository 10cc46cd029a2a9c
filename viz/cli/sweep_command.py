"""`stepgrad sweep`: networks trained with many settings and seeds, in a table and a picture."""

import sys
from argparse import ArgumentParser, Namespace
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

from autograd.disk import replace
from autograd.user_text import counted
from nn.data import GENERATED
from nn.decisions import check_loss, natural_loss
from nn.losses import loss_of
from nn.sweeping import Sweep, sweep
from viz.cli import options, training
from viz.cli.user_input import UsageError

# Ctrl-C may end the command at once, which leaves its semaphores to the process of Python that
# tracks them. It removes them, and warns of it on the screen, unless its options say not to:
# they are ours.
QUIET = "ignore::UserWarning:multiprocessing.resource_tracker"


def add_options(parser: ArgumentParser) -> None:
    """What `stepgrad train` takes, most of it several times; and who trains."""
    parser.allow_abbrev = False  # --seed would be taken for --seeds, which is another thing
    training.add_data(parser)
    options.add_lists(parser, **training.SETTINGS)
    options.add(parser, **training.FIXED, seeds=5)
    options.add(parser, "workers", "ray")
    parser.add_argument(
        "-o", "--output", metavar="FILE",
        help="file for the table, a .csv or .jsonl file, in which the same command resumes "
        "(default DATASET-sweep.csv)",
    )  # fmt: skip
    parser.add_argument(
        "--picture",
        metavar="FILE",
        help=f"file for the plot: {', '.join(training.PICTURES)} (default that of the table, .png)",
    )


def run(arguments: Namespace) -> None:
    """Train what is not in the table yet; prints what came out, and where everything went."""
    if QUIET not in sys.warnoptions:
        sys.warnoptions.append(QUIET)
    table = Path(arguments.output or f"{Path(arguments.dataset).stem}-sweep.csv")
    picture = Path(arguments.picture or table.with_suffix(".png"))
    arguments.seed = 0  # of the examples that are looked at here
    examples, understood = training.examples_named(arguments)
    training.check_files(table, picture, arguments.dataset)
    training.divided(examples, arguments.held_out, seed=0)
    loss = arguments.loss or natural_loss(examples)
    function = loss_of(loss)
    check_loss(function.__name__, examples)
    data: Any = examples
    if generated := GENERATED.get(arguments.dataset):  # every seed has its own, as in training
        data = partial(generated, arguments.points, noise=arguments.noise)
    grid = {name: getattr(arguments, name) for name in training.SETTINGS}
    grid |= {"layers": [training.sizes(text) for text in arguments.layers]}
    grid["learning_rate"] = grid.pop("rate")
    if grid["norm"] == [training.SETTINGS["norm"]]:
        del grid["norm"]  # of which tables from before there was a choice have no column
    outputs = training.outputs_for(examples, function)
    print(*([understood] if understood else []), repr(examples), sep="\n", flush=True)
    try:
        found = sweep(
            partial(training.network, examples.width, outputs),
            data,
            grid,
            seeds=arguments.seeds,
            path=table,
            workers=arguments.workers,
            ray=arguments.ray,
            loss=function.__name__,
            held_out=arguments.held_out or None,
        )
    except ImportError as error:
        raise UsageError(str(error)) from None
    if found.interrupted:
        print(f"{counted(len(found), 'run')} done, in {table}; the same command does the rest")
        raise KeyboardInterrupt
    print(found, f"wrote {table}", sep="\n\n")
    if any(row[found.measure] is not None for row in found):
        replace(picture, drawn(found, picture.suffix))
        print(f"wrote {picture}")


def drawn(found: Sweep, suffix: str) -> bytes:
    """The plot of a sweep as a file."""
    from matplotlib.figure import Figure

    from viz.sweeps import plot_sweep

    figure = Figure(figsize=(8, 5), layout="constrained")
    plot_sweep(found, figure.subplots())
    picture = BytesIO()
    figure.savefig(picture, format=suffix.lower().removeprefix("."), dpi=120)
    return picture.getvalue()
