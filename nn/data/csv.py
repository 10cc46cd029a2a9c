"""Examples from text files with columns. How a file is written is found out or given, and a
sentence describes how it was understood."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import StringIO
from itertools import islice
from math import isfinite
from pathlib import Path
from typing import Any

from autograd.checks import finite, whole
from autograd.user_text import counted
from nn.data.examples import Dataset
from nn.data.targets import Classes, as_targets, number_of_classes, reads_as_number

__all__ = ["LARGEST_FILE", "Table", "from_csv", "read_table", "table_in"]

LARGEST_FILE = 64 * 2**20  # in bytes
SEPARATORS = {"\t": "tabs", ";": "semicolons", ",": "commas"}  # a comma may be a decimal one
MISSING = {"", "?", "-", ".", "na", "n/a", "nan", "null", "none"}  # no names of columns

Record = tuple[int, list[str]]  # the number of a line, and its cells
Target = int | str | Sequence[int | str]  # a column, or several


def from_csv(
    path: str | Path,
    target: Target = -1,
    classes: Classes = None,
    *,
    header: bool | None = None,
    index: bool | None = None,
    separator: str | None = None,
) -> Dataset:
    """A Dataset from a text file in UTF-8 with columns.

    `target` is the column to learn: its name, or its index as in Python, so that -1 is the last; or
    a list of columns, for a model with several outputs. All other columns are inputs, and have to
    be numbers. `classes` is as for `dataset`: numbers as targets stay numbers without it, texts
    become classes in sorted order.

    `header` says whether the first line holds names. If it is None, the first line is taken for
    names when `target` is a name, or when it holds no number, no mark of a missing value such as ?,
    and no target that another line has too. `index` says whether the first column only numbers the
    rows; then it is left out. If it is None, it is left out when it has no name and counts from 0
    or 1. `separator` is what stands between the columns; if it is None, commas, semicolons and tabs
    are detected. Unless it is a comma, decimals may be written with a comma.

    Raises FileNotFoundError, and ValueError for more than 64 MiB and for a file that is no such
    table, with the line and the column where there is one, both counted from 1.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "pets.csv")
    ...     size = path.write_text("weight,pet\\n4.2,cat\\n31,dog\\n")
    ...     list(from_csv(path, target="pet"))
    [((4.2,), 0), ((31.0,), 1)]
    """
    table = read_table(path, target, header=header, index=index, separator=separator)
    return table.dataset(classes)


@dataclass(frozen=True)
class Table:
    """A text with columns, and how it was understood."""

    file: str
    separator: str
    decimal: str  # the sign in 1.5
    header: bool  # whether the first line holds names
    names: list[str]  # of the columns; empty ones without a header
    index: bool  # whether the first column only counts the rows
    targets: list[int]  # the columns to learn
    records: list[Record]

    @property
    def inputs(self) -> list[int]:
        """The columns that are inputs."""
        return [i for i in range(int(self.index), len(self.names)) if i not in self.targets]

    def dataset(self, classes: Classes = None) -> Dataset:
        """The Dataset in the table. Raises what `from_csv` raises."""
        if not isinstance(classes, Sequence) or isinstance(classes, str):
            classes = number_of_classes(classes)
        for line, cells in self.records:
            if len(cells) != len(self.names):
                columns = counted(len(cells), "column")
                raise ValueError(f"{self.file}, line {line} has {columns}, not {len(self.names)}")
        inputs = [tuple([self._number(record, i) for i in self.inputs]) for record in self.records]
        first = self.targets[0]
        labels = [cells[first] for _, cells in self.records]
        targets: Sequence[Any] = labels
        if len(self.targets) > 1:
            targets = [[self._number(record, i) for i in self.targets] for record in self.records]
        elif not all(labels) or any(self._reads_as_number(label) for label in labels):
            targets = [self._number(record, first) for record in self.records]
        place = lambda i: self._place(self.records[i][0], first)
        targets, count, class_names = as_targets(targets, classes, place)
        names = tuple([self.names[i] for i in self.inputs]) if self.header else ()
        name = Path(self.file).stem
        return Dataset(tuple(inputs), tuple(targets), count, name, names, class_names)

    def _reads_as_number(self, cell: str) -> bool:
        return reads_as_number(cell.replace(self.decimal, "."))

    def _number(self, record: Record, column: int) -> float:
        """The number in a cell."""
        line, cells = record
        cell = cells[column]
        if self._reads_as_number(cell) and not (self.decimal == "," and "." in cell):
            number = float(cell.replace(self.decimal, "."))
            return number if isfinite(number) else finite(number, self._place(line, column))
        place = self._place(line, column)
        if not cell:
            raise ValueError(f"{place} is empty: fill it in, or leave the row out")
        if self._reads_as_number(cell):
            raise ValueError(f"{place}: {cell!r:.60} has a point, where decimals have a comma")
        hint = (
            ""
            if self.header or line > 1
            else "; is line 1 a header? Then say header=True, or --header"
        )
        raise ValueError(f"{place}: {cell!r:.60} is not a number{hint}")

    def _place(self, line: int, column: int) -> str:
        name = f" ({printable(self.names[column])})" if self.names[column] else ""
        return f"{self.file}, line {line}, column {column + 1}{name}"

    def understood(self, data: Dataset) -> str:
        """A sentence that describes how the file was read."""

        listed = lambda names: ", ".join(map(printable, names[:6])) + ", …" * (len(names) > 6)
        called = lambda columns: listed([self.names[i] or f"column {i + 1}" for i in columns])
        kind = "numbers"
        if data.classes:
            class_names = data.class_names or [str(i) for i in range(data.classes)]
            kind = f"{data.classes} classes: {listed(class_names)}"
        parts = [
            f"{SEPARATORS.get(self.separator, repr(self.separator))} between the columns",
            *(["decimals with a comma"] if self.decimal == "," else []),
            f"line 1 {'holds their names' if self.header else 'is data'}",
            *(["column 1 only counts the rows, and is left out"] if self.index else []),
            f"{counted(data.width, 'input')}: {called(self.inputs)}",
            f"target{'s' * (len(self.targets) > 1)}: {called(self.targets)} ({kind})",
        ]
        return f"{self.file} was read as: {'; '.join(parts)}"


def read_table(
    path: str | Path,
    target: Target = -1,
    *,
    header: bool | None = None,
    index: bool | None = None,
    separator: str | None = None,
) -> Table:
    """The table in a file, before its numbers are read. Takes and raises what `from_csv` does."""
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(
            f"{path} is a folder: name a file in it"
            if path.is_dir()
            else f"there is no file {path}"
        )
    if path.stat().st_size > LARGEST_FILE:
        raise ValueError(f"{path} is larger than {LARGEST_FILE >> 20} MiB: take fewer rows of it")
    try:
        text = path.read_text(encoding="utf-8-sig")  # spreadsheets like to begin with a BOM
    except UnicodeDecodeError as error:
        raise ValueError(
            f"{path} is not text in UTF-8 at byte {error.start + 1}: save it as CSV in UTF-8"
        ) from None
    return table_in(text, path.name, target, header=header, index=index, separator=separator)


def table_in(
    text: str,
    file: str,
    target: Target = -1,
    *,
    header: bool | None = None,
    index: bool | None = None,
    separator: str | None = None,
) -> Table:
    """The table in the text of a file of this name. Takes and raises what `from_csv` does."""
    if separator is None:
        separator = separator_of(text, file)
    elif not isinstance(separator, str) or len(separator) != 1 or separator in '"\r\n':
        raise ValueError(f"the separator is one character, such as ; or a tab, not {separator!r}")
    records = list(records_of(text, file, separator))
    if not records:
        raise ValueError(f"{file} is empty")
    first, count = records[0][1], len(records[0][1])
    if count < 2:
        raise ValueError(
            f"{file} has 1 column, and needs inputs and a target: separate its columns by commas, "
            "semicolons or tabs, or name another separator"
        )
    chosen: list[Any] = list(target) if isinstance(target, list | tuple) else [target]
    targets = [column_of(one, first, file) for one in chosen]
    if not targets or len(set(targets)) < len(targets):
        raise ValueError(
            f"the target must be one column or several different ones, not {target!r:.60}"
        )
    decimal = "," if separator != "," and any(map(has_decimal_comma, records)) else "."
    by_name = any(isinstance(one, str) for one in chosen)
    if by_name and header is False:
        raise ValueError(f"without a header, {file} has no column named {target!r:.60}")
    if header is None:
        header = by_name or is_header(records, targets, decimal, file)
    if header:
        records = records[1:]
    if not records:
        raise ValueError(f"{file} has a line of names, and no rows")
    names = first if header else [""] * count
    if index is None:
        index = header and not names[0] and counts(records)
    if index and 0 in targets:
        raise ValueError(f"column 1 of {file} cannot count the rows and be a target")
    if count - len(targets) - bool(index) < 1:
        raise ValueError(
            f"{file} has no inputs: its {count} columns are targets, or count the rows"
        )
    return Table(file, separator, decimal, bool(header), names, bool(index), targets, records)


def records_of(text: str, file: str, separator: str) -> Iterator[Record]:
    """The lines that are not blank: their numbers, and their cells."""
    lines = StringIO(text, newline="")
    reader = csv.reader(lines, delimiter=separator, skipinitialspace=True, strict=True)
    try:
        for cells in reader:
            if cells and cells != [""]:
                yield reader.line_num, [cell.strip() for cell in cells]
    except csv.Error as error:
        raise ValueError(
            f"{file}, line {reader.line_num}: {error}; is a quotation mark missing?"
        ) from None


def separator_of(text: str, file: str) -> str:
    """What stands between the columns. Tabs and semicolons come before commas, which may stand in
    numbers, where both of the first two lines have them, and the second a number beside them."""
    for separator in SEPARATORS:
        try:
            lines = [cells for _, cells in islice(records_of(text, file, separator), 2)]
        except ValueError:
            continue
        if not lines or not 2 <= len(lines[0]) == len(lines[-1]):
            continue
        if any(reads_as_number(cell.replace(",", ".")) for cell in lines[-1]):
            return separator
    return ","


def column_of(target: int | str, names: list[str], file: str) -> int:
    """The index of a column, counted from 0."""
    if isinstance(target, str):
        if names.count(target) != 1:
            count, found = names.count(target), ", ".join(map(printable, names))
            several = f"{count} columns" if count else "no column"
            raise ValueError(f"{file} has {several} named {target!r}: its columns are {found:.80}")
        return names.index(target)
    if not -len(names) <= whole(target, "target") < len(names):
        last = len(names) - 1
        raise ValueError(
            f"{file} has no column {target}: its columns are 0 to {last}, or -1 for the last"
        )
    return int(target) % len(names)


def is_header(records: list[Record], targets: list[int], decimal: str, file: str) -> bool:
    """Whether the first line holds names: it has no numbers and no marks of missing values, and its
    target stands in no other line. Raises ValueError where that cannot be known."""
    (_, first), *others = records
    corner = int(not first[0])  # nothing stands above a column that counts the rows
    if len(first) > 2 and first[corner:] == [str(i) for i in range(len(first) - corner)]:
        raise ValueError(
            f"{file} begins with {', '.join(first[corner:])[:40]}: is line 1 a header? "
            "Say header=True or False, or --header or --no-header, or write names above"
        )
    for i, cell in enumerate(first[corner:], start=corner):
        if reads_as_number(cell.replace(decimal, ".")) or cell.lower() in MISSING:
            return False
        if i in targets and any(len(cells) > i and cells[i] == cell for _, cells in others):
            return False
    return True


def has_decimal_comma(record: Record) -> bool:
    """Whether a line has a number with a comma in it."""
    return any("," in cell and reads_as_number(cell.replace(",", ".")) for cell in record[1])


def counts(records: list[Record]) -> bool:
    """Whether the first column counts the rows, from 0 or 1."""
    column = [cells[0] for _, cells in records]
    return any(column == [str(i) for i in range(start, start + len(column))] for start in (0, 1))


def printable(name: str) -> str:
    """The name of a column or a class, short and on one line."""
    name = name if name.isprintable() else ascii(name)[1:-1]
    return name if len(name) <= 40 else f"{name[:39]}…"
