"""The table of ratios: what is set against what, and how it is written."""

import os
import platform
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import NamedTuple

from benchmarks.measure import Contender, Failed, Worker, check_agreement, medians

PEERS = "casadi jax micrograd numpy torch xad".split()


class Row(NamedTuple):
    """A row of the table, as text."""

    work: str
    ours: str
    peer: str
    our_time: str
    peer_time: str
    ratio: str
    to_reach: str


@dataclass(frozen=True)
class Match:
    """A piece of work: our way to do it, and the ways of others, with the ratio to reach for each.

    `unit` is what the times are for, when that is not the whole work.
    """

    work: str
    ours: Contender
    peers: tuple[tuple[Contender, str], ...]
    unit: str = ""

    def measured(self) -> tuple[dict[Contender, float], dict[Contender, str]]:
        """The median times, and why there is none of the others."""
        times: dict[Contender, float] = {}
        reasons: dict[Contender, str] = {}
        with ExitStack() as stack:
            try:
                workers = [stack.enter_context(closing(Worker(self.ours)))]
                for peer, _ in self.peers:
                    try:
                        if peer.needs and not installed(peer.needs):
                            raise Failed(missing(peer.needs))
                        worker = stack.enter_context(closing(Worker(peer)))
                        check_agreement(workers[0], worker)
                        workers.append(worker)
                    except Failed as failed:
                        reasons[peer] = str(failed)
                taken = medians(workers)
                times = {worker.contender: t for worker, t in zip(workers, taken, strict=True)}
            except Failed as failed:  # ours, or another in the middle of it
                reasons = {peer: str(failed) for peer, _ in self.peers}
        return times, reasons

    def rows(self) -> Iterator[Row]:
        """A row for every peer. One that cannot be measured says why."""
        times, reasons = self.measured()
        for peer, to_reach in self.peers:
            shown = {
                contender: time(seconds) + (f" / {self.unit}" if self.unit else "")
                for contender, seconds in times.items()
            }
            ratio = as_ratio(times[peer] / times[self.ours]) if peer in times else ""
            yield Row(
                self.work,
                self.ours.name,
                reasons.get(peer, peer.name),
                shown.get(self.ours, ""),
                shown.get(peer, ""),
                ratio,
                to_reach,
            )


def installed(distribution: str) -> str:
    """The version of a distribution, or "" where it is missing."""
    try:
        return version(distribution)
    except PackageNotFoundError:
        return ""


def missing(distribution: str) -> str:
    """What to do about one that is not installed."""
    return f"{distribution}: not installed; pip install 'stepgrad[bench]'"


def context() -> str:
    """What else was there: a line below the table."""
    found = [f"{peer} {installed(peer)}" for peer in PEERS if installed(peer)]
    return (
        f"Python {platform.python_version()}, {platform.machine()}, {os.cpu_count()} cores; "
        f"{', '.join(found)}. A ratio is their median time over ours, from samples in turn; one "
        "thread each, but for JAX, which has its own where not all are kept to one core."
    )


HEAD = Row("workload", "ours", "peer", "our time", "peer's time", "ratio", "to reach")


def markdown(
    rows: Iterable[Sequence[str]], head: Sequence[str] = HEAD, texts: int = 3
) -> Iterator[str]:
    """The lines of a table, its columns aligned: so many of texts, and then numbers."""
    table = [head, *rows]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    rule = ["-" * (w - 1) + (":" if i >= texts else "-") for i, w in enumerate(widths)]
    for row in (head, rule, *table[1:]):
        cells = [
            cell.rjust(width) if i >= texts else cell.ljust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        yield f"| {' | '.join(cells)} |"


def time(seconds: float) -> str:
    """
    >>> time(3.69e-5), time(2.05), time(150)
    ('36.9 µs', '2.05 s', '150 s')
    """
    sizes = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns"))
    size, unit = next((s for s in sizes if seconds >= s[0]), sizes[-1])
    return f"{three_digits(seconds / size)} {unit}"


def as_ratio(ratio: float) -> str:
    """
    >>> as_ratio(0.5), as_ratio(12345.0)
    ('0.500×', '12 300×')
    """
    return f"{three_digits(ratio)}×"


def three_digits(x: float) -> str:
    if x < 99.95:
        return f"{x:#.3g}"
    return f"{float(f'{x:.3g}'):,.0f}".replace(",", " ")
