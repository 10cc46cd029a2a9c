"""`stepgrad play`: a page on which a small network is built and trained."""

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autograd.disk import replace, suffix_of
from nn.files import load
from viz.apps.playground.data import FIRST as FIRST_DATA
from viz.apps.playground.data import brought_to_size
from viz.apps.playground.generated import GENERATORS
from viz.apps.playground.settings import ACTIVATION, CONTROLS, Config
from viz.cli import options
from viz.cli.training import examples_named, sizes

if TYPE_CHECKING:  # the command starts sooner without
    from viz.apps.playground.core import Playground

DATA_SETS = (*GENERATORS, "digits")
FIRST = Config()
LAYERS = ",".join(str(size) for size, _ in FIRST.layers)


def add_options(parser: ArgumentParser) -> None:
    """What can be chosen, and what is chosen otherwise."""
    parser.add_argument(
        "dataset",
        metavar="DATASET",
        nargs="?",
        default=FIRST_DATA["name"],
        help=f"{', '.join(DATA_SETS)}, sonar, or a CSV file (default {FIRST_DATA['name']})",
    )
    options.add(parser, *options.FOR_FILES)
    for name, default in (("layers", LAYERS), ("activation", ACTIVATION)):
        option = options.OPTIONS[name]
        told = {"help": f"{option['help']} (default {default})"}
        parser.add_argument(f"--{name}", **option | told)
    options.add(parser, loss=None, optimizer=FIRST.optimizer, rate=FIRST.rate)
    per_step = {
        "help": "examples per step; 0 takes all of them (default 0)",
        "default": FIRST.batch,
    }
    parser.add_argument("--batch-size", **options.OPTIONS["batch_size"] | per_step)
    options.add(parser, penalty=FIRST.penalty, norm=FIRST.norm, points=FIRST_DATA["points"])
    parser.add_argument(
        "--inputs",
        metavar="EXPRESSIONS",
        help='what the network reads: expressions of two coordinates, such as "x1, x2, x1*x2"',
    )
    options.add(parser, noise=FIRST_DATA["noise"], held_out=FIRST_DATA["share"], seed=FIRST.seed)
    parser.add_argument(
        "--model", metavar="FILE", help="file of a network, as stepgrad train saves it, to open"
    )
    parser.add_argument(
        "--hide",
        metavar="NAMES",
        help=f"controls that the page leaves out, with commas: {', '.join(CONTROLS)}",
    )
    options.add(parser, "port", "no_browser")
    parser.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        help="write the page into an .html file, which trains without Python, and serve nothing",
    )


def play(arguments: Namespace) -> None:
    """Open the page, or write it; prints where it is."""
    port = options.port_of(arguments)
    path = None if arguments.output is None else Path(arguments.output)
    if path is not None:
        suffix_of(path, (".html",))
    playground, understood = playground_of(arguments)
    if understood:
        print(understood)
    if path is not None:
        from viz.hosts.playground_page import playground_page

        replace(path, playground_page(playground).encode())
        print(f"wrote {path}")
        return
    from viz.hosts.playground_server import PlaygroundSite
    from viz.hosts.server import LocalPage

    page = LocalPage(PlaygroundSite(playground), port=port)
    print(f"open {page.address} (Ctrl-C ends it)", flush=True)
    page.run(open_browser=not arguments.no_browser)


def playground_of(arguments: Namespace) -> "tuple[Playground, str]":
    """The playground that the arguments ask for, and how a file was read."""
    from viz.apps.playground.core import Playground

    data: Any = arguments.dataset
    understood = ""
    if data in DATA_SETS:
        for name in options.FOR_FILES:
            if getattr(arguments, name) is not None:
                raise ValueError(f"--{name} is for a CSV file, and not for {data}: leave it out")
    else:
        data, understood = examples_named(arguments, (*DATA_SETS, "sonar"))
        data, said = brought_to_size(data)
        understood += f".{said}" if said else ""
    settings = {
        name: getattr(arguments, name)
        for name in (
            "loss", "optimizer", "rate", "batch_size", "penalty", "norm", "points", "noise",
            "held_out", "seed", "inputs", "hide",
        )
        if getattr(arguments, name) is not None
    }  # fmt: skip
    if arguments.model is not None:
        for name in ("layers", "activation"):
            if getattr(arguments, name) is not None:
                raise ValueError(f"--{name}: a model has its own: leave it out")
        return Playground(load(arguments.model), data, **settings), understood
    settings["layers"] = sizes(LAYERS if arguments.layers is None else arguments.layers)
    settings["activation"] = arguments.activation or ACTIVATION
    return Playground(None, data, **settings), understood
