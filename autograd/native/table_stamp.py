"""The stamp of the table: compiled code is only picked up beside the table it was printed from."""

from functools import cache
from os.path import dirname, join
from zlib import crc32

AUTOGRAD = dirname(dirname(__file__))
STAMPED = (
    "operand.py", "flows.py", "symbols.py", "op.py", "ops.py", "languages/language.py",
    "languages/c.py", "program/batch.py", "program/recording.py", "native/kernels.py",
)  # fmt: skip


@cache
def stamp() -> int:
    """A number that changes with the text of the table, its spelling in C, and the printer."""
    total = 0
    for name in STAMPED:
        with open(join(AUTOGRAD, name), "rb") as file:
            total = crc32(file.read(), total)
    return total
