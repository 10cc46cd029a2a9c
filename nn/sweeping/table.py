"""The file of a sweep: a line for each run that is done, as CSV or JSON.

A line is on the disk before the next run is waited for. A last line that was cut short, because the
computer stopped, is written anew. Two sweeps never write to one file at a time: both would train
every run.
"""

import csv
import io
import json
import os
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from autograd.disk import FileError, check_writable, follow, read, replace, suffix_of
from nn.interrupts import uninterrupted
from nn.sweeping.plan import RESULTS, cell

__all__ = ["SUFFIXES", "TableFile", "save"]

SUFFIXES = (".csv", ".jsonl")
NUMBERS = RESULTS[:-1]  # the last one is the error, a text


class TableFile:
    """A table on the disk, with these columns, as a context in which no other sweep can have it.

    `found` are the results that are there already, by what tells a run from others. Raises
    FileNotFoundError for a folder that is missing, FileError for a file that is no such table or
    that another sweep has, ValueError for one that has other columns, and PermissionError for one
    that is read-only.
    """

    def __init__(self, path: str | os.PathLike[str], columns: Sequence[str]) -> None:
        self.path, self.columns = Path(path), tuple(columns)
        self.is_csv = suffix_of(self.path, SUFFIXES) == ".csv"
        check_writable(self.path)
        if not self.path.parent.is_dir():
            raise FileNotFoundError(f"there is no folder {self.path.parent}: make it first")
        self.found: dict[tuple[str, ...], dict[str, Any]] = {}
        self.empty = True  # without the line of names that a CSV file begins with

    def __enter__(self) -> "TableFile":
        self.lock = open(self.path, "ab")
        try:
            lock(self.lock)
        except BaseException:
            self.lock.close()
            raise
        try:
            self._read(read(self.path))
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *error: object) -> None:
        """Let others have it. What was made to be locked, and stayed empty, goes."""
        with suppress(OSError):  # somebody has removed it, or on Windows it is open
            if not self.path.stat().st_size:
                self.path.unlink()
        self.lock.close()

    def _read(self, data: bytes) -> None:
        lines = data[: data.rfind(b"\n") + 1]
        if len(lines) < len(data):
            os.truncate(follow(self.path), len(lines))
        try:
            rows = (from_csv if self.is_csv else from_json)(lines.decode())
            for row in rows:
                if tuple(row) != self.columns:
                    break
                if self.is_csv and row["error"] == "error":
                    continue  # the line of the names
                key = tuple(cell(row[name]) for name in self.columns if name not in RESULTS)
                results = {name: number(row[name]) for name in NUMBERS}
                self.found.setdefault(key, results | {"error": row["error"] or None})
            else:
                self.empty = not lines
                return
        except (ValueError, TypeError, csv.Error) as error:
            raise FileError(f"{self.path} is no table of a sweep: {error}") from None
        raise ValueError(
            f"{self.path} is the table of another sweep, with the columns {', '.join(row)}: choose "
            "another file, or delete it"
        )

    def add(self, row: dict[str, Any]) -> None:
        """Write a line, and wait until the disk has it. Ctrl-C waits too."""
        with uninterrupted(), open(self.path, "ab", buffering=0) as file:
            file.write(encoded([row], self.is_csv, head=self.empty))
            os.fsync(file.fileno())
            self.empty = False


def lock(file: IO[bytes]) -> None:
    """Have a file for this process alone until it is closed, where the system can lock it. Raises
    FileError where another has it."""
    try:
        import fcntl
    except ImportError:  # on Windows
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise FileError(
            f"another sweep is writing to {file.name}: wait for it, or choose another file"
        ) from None
    except OSError:  # a disk without locks
        return


def save(path: Path, rows: Iterable[dict[str, Any]]) -> None:
    """Write a whole table, or nothing of it."""
    is_csv = suffix_of(path, SUFFIXES) == ".csv"
    replace(path, encoded(list(rows), is_csv, head=True))


def encoded(rows: list[dict[str, Any]], is_csv: bool, head: bool) -> bytes:
    """The lines of these rows, with that of the names if there is to be a `head`."""
    if not is_csv:
        return "".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows).encode()
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    if head:
        writer.writerow(rows[0])
    writer.writerows([cell(value) for value in row.values()] for row in rows)
    return text.getvalue().encode()


def from_csv(text: str) -> list[dict[str, Any]]:
    """The rows of a CSV file, the first of which is that of the names. Raises csv.Error for one
    that is longer or shorter."""
    lines = list(csv.reader(io.StringIO(text), strict=True))
    for i, line in enumerate(lines, start=1):
        if len(line) != len(lines[0]):
            raise csv.Error(f"line {i} has {len(line)} columns, and line 1 has {len(lines[0])}")
    return [dict(zip(lines[0], line, strict=True)) for line in lines]


def from_json(text: str) -> list[dict[str, Any]]:
    rows = [json.loads(line) for line in text.splitlines()]
    if not all(isinstance(row, dict) for row in rows):
        raise ValueError("a line of it is no object of JSON")
    return rows


def number(value: Any) -> float | None:
    return None if value in (None, "") else float(value)
