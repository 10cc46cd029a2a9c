"""`stepgrad explain`, `paths`, `why` and `exact`: a typed expression, taught in text."""

from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from typing import Any

from autograd.errors import AutogradError
from autograd.value import Value
from viz.cli.options import add_format, add_to
from viz.cli.user_input import UsageError, computed, named_values

TO = {  # what --to means
    "explain": "only the steps on the way to this value (may be repeated)",
    "paths": "the value to follow paths back to (may be repeated; default every leaf)",
    "why": "the value whose gradient is asked about (may be repeated; default every leaf)",
    "exact": "the gradient of this value (may be repeated; default every leaf)",
}
TOOLS = tuple(TO)


def add_options(parser: ArgumentParser, name: str) -> None:
    """What can be chosen, besides the expression."""
    add_to(parser, TO[name])
    if name == "explain":
        parser.add_argument(
            "--blackboard", action="store_true",
            help="one derivative in one formula, path by path, and as backprop computes it",
        )  # fmt: skip
        parser.add_argument(
            "--brief",
            action="store_true",
            help="a line for each named value and each gradient; edges of 1 are left out",
        )
        parser.add_argument(
            "-o", "--output", metavar="FILE",
            help="write the blackboard as a page in colours, to show and to print: an .html file",
        )  # fmt: skip
    if name == "paths":
        parser.add_argument(
            "--limit", type=int, default=20, metavar="N",
            help="the most paths that are listed (default 20)",
        )  # fmt: skip
    parser.add_argument(
        "--digits", type=int, default=6, metavar="N", help="significant digits (default 6)"
    )
    add_format(parser, "json")


def run_explain(arguments: Namespace, words: Sequence[str]) -> None:
    """Print both passes, in full or in brief, or a blackboard."""
    from autograd.teaching import explain

    check_digits(arguments)
    if arguments.blackboard and len(arguments.to) != 1:
        raise UsageError("--blackboard shows one derivative: add --to and the name of a value")
    if arguments.blackboard and arguments.brief:
        raise UsageError("leave out --brief or --blackboard: each is another form")
    if arguments.output is not None and not arguments.blackboard:
        raise UsageError("-o is for a blackboard: add --blackboard, or try stepgrad draw")
    form: Any = "blackboard" if arguments.blackboard else "brief" if arguments.brief else "steps"
    result, known = computed(arguments, words)
    to, digits = named_values("--to", arguments.to, known), arguments.digits
    found: Any = explain(result, to, form=form, names=False, digits=digits)
    if arguments.output is None:
        print(getattr(found, arguments.format))
    else:
        from viz import save

        print(f"wrote {save(found, arguments.output)}")


def run_paths(arguments: Namespace, words: Sequence[str]) -> None:
    """Print the paths back to every value that is asked for."""
    from autograd.teaching import paths

    check_digits(arguments)
    if arguments.limit < 0:
        raise UsageError(f"--limit is a number from 0 on, not {arguments.limit}")
    result, known = computed(arguments, words)
    found = [
        paths(result, x, limit=arguments.limit, names=False, digits=arguments.digits)
        for x in named_values("--to", arguments.to, known) or leaves(known)
    ]
    print("\n\n".join(getattr(one, arguments.format) for one in found))


def run_why(arguments: Namespace, words: Sequence[str]) -> None:
    """Print the cause of every gradient that is asked for, or of the error of an operation."""
    from autograd.teaching import why

    check_digits(arguments)
    try:
        result, known = computed(arguments, words)
    except AutogradError as error:
        if error.op is None:
            raise
        # no line of code to show: the expression was typed
        found = [why(error.with_traceback(None), names=False, digits=arguments.digits)]
    else:
        found = [
            why(result, x, names=False, digits=arguments.digits)
            for x in named_values("--to", arguments.to, known) or leaves(known)
        ]
    print("\n\n".join(getattr(one, arguments.format) for one in found))


def run_exact(arguments: Namespace, words: Sequence[str]) -> None:
    """Print the graph on fractions."""
    from autograd.teaching import exact

    check_digits(arguments)
    result, known = computed(arguments, words)
    found = exact(
        result, named_values("--to", arguments.to, known), names=False, digits=arguments.digits
    )
    print(getattr(found, arguments.format))


def check_digits(arguments: Namespace) -> None:
    """Raises UsageError for a number of digits that cannot be written."""
    if not 1 <= arguments.digits <= 17:
        raise UsageError(f"--digits is a number from 1 to 17, not {arguments.digits}")


def leaves(known: dict[str, Value]) -> list[Value]:
    """The values that were given."""
    return [value for value in known.values() if value.op is None]
