"""`python -m benchmarks` prints one table; every ratio is of contenders that took turns."""

import argparse
import sys
from itertools import chain


def main() -> None:
    """Rows go to the error stream as they are found, and the table to the output at the end."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--sonar", action="store_true", help="train all of sonar: minutes")
    parser.add_argument("--deep", action="store_true", help="a chain of 10⁷ operations, not 10⁶")
    arguments = parser.parse_args()

    from benchmarks import matches, table  # not in every process that a contender has

    found = []
    for row in chain(
        matches.eager(),
        matches.memory(),
        matches.programs(),
        matches.growing(),
        matches.training(),
        matches.sonar_training(arguments.sonar),
        matches.deep(7 if arguments.deep else 6),
    ):
        print(*filter(None, row), sep=" · ", file=sys.stderr)
        found.append(row)
    print(*table.markdown(found), "", table.context(), sep="\n")


if __name__ == "__main__":
    main()
