"""`stepgrad export`: a saved network as a file of another engine or language."""

from argparse import ArgumentParser, Namespace

from nn.export import FORMATS, export
from nn.files import load
from viz.cli.user_input import UsageError


def add_options(parser: ArgumentParser) -> None:
    """What is exported, to what, and where it goes."""
    parser.usage = "stepgrad export FILE --to FORMAT -o FILE"
    parser.add_argument("model", metavar="MODEL", help="a network that `stepgrad train` has saved")
    parser.add_argument(
        "--to", required=True, type=str.lower, choices=tuple(FORMATS),
        help="what to write: Python that needs PyTorch or JAX, an ONNX file, or a function in "
        "Python, C or JavaScript",
    )  # fmt: skip
    parser.add_argument("-o", "--output", required=True, metavar="FILE", help="where to write it")


def run(arguments: Namespace) -> None:
    """Write the file, and print how it is used. Raises UsageError for a package that is missing."""
    model = load(arguments.model)
    try:
        path = export(model, arguments.to, arguments.output)
    except ImportError as error:
        raise UsageError(str(error)) from None
    print(f"wrote {path}: {model!r} for {arguments.to}")
