"""`python -m benchmarks` prints tables; every ratio is of contenders that took turns."""

import argparse
import sys
from collections.abc import Iterable, Sequence
from itertools import chain

PARTS = ("eager", "gc", "memory", "programs", "training", "sonar", "deep", "growth")


def main() -> None:
    """Rows go to the error stream as they are found, and the tables to the output at the end."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--sonar", action="store_true", help="train all of sonar: minutes")
    parser.add_argument("--deep", action="store_true", help="a chain of 10⁷ operations, not 10⁶")
    parser.add_argument(
        "--growth", action="store_true", help="networks of up to 10⁶ parameters, not 10⁴: minutes"
    )
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, help="some of the parts")
    arguments = parser.parse_args()

    from benchmarks import growth, matches, table  # not in every process that a contender has

    rows = {
        "eager": matches.eager(),
        "gc": matches.without_collector(),
        "memory": matches.memory(),
        "programs": matches.programs(),
        "training": growth.trained(),
        "sonar": matches.sonar_training(arguments.sonar),
        "deep": matches.deep(7 if arguments.deep else 6),
    }
    lines: list[str] = []
    if found := reported(chain(*[rows[part] for part in rows if part in arguments.only])):
        lines += [*table.markdown(found), ""]
    if "growth" in arguments.only:
        for head, more in growth.tables(growth.NETWORKS if arguments.growth else growth.SMALL):
            lines += [*table.markdown(reported(more), head, texts=1), ""]
    print(*lines, table.context(), sep="\n")


def reported(rows: Iterable[Sequence[str]]) -> list[Sequence[str]]:
    """The rows, each written to the error stream when it is found."""
    found = []
    for row in rows:
        print(*filter(None, row), sep=" · ", file=sys.stderr)
        found.append(row)
    return found


if __name__ == "__main__":
    main()
