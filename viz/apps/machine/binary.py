"""The binary format of WebAssembly, as far as the machine needs it: numbers, sections, functions,
and instructions. An instruction is the bytes that compute its operands and then itself, so a call
such as `add(a, b)` of this module is a whole expression.

The format: https://webassembly.github.io/spec/core/binary/.
"""

import struct
from collections.abc import Iterable, Sequence

I32, F64, V128 = b"\x7f", b"\x7c", b"\x7b"  # types: an address or a count, a number, two numbers
HEAD = b"\0asm\1\0\0\0"

# Sections, by what they list.
TYPES, IMPORTS, FUNCTIONS, TABLES, EXPORTS, ELEMENTS, BODIES = 1, 2, 3, 4, 7, 9, 10


def unsigned(number: int) -> bytes:
    """A whole number from 0 in LEB128: seven bits a byte, the lowest first."""
    out = b""
    while number > 127:
        out, number = out + bytes([number & 127 | 128]), number >> 7
    return out + bytes([number])


def signed(number: int) -> bytes:
    """A whole number of either sign in LEB128."""
    out = b""
    while not -64 <= number < 64:
        out, number = out + bytes([number & 127 | 128]), number >> 7
    return out + bytes([number & 127])


def listed(items: Sequence[bytes]) -> bytes:
    """How many there are, and then all of them."""
    return unsigned(len(items)) + b"".join(items)


def text(name: str) -> bytes:
    return unsigned(len(name)) + name.encode()


def section(kind: int, items: Sequence[bytes]) -> bytes:
    body = listed(items)
    return bytes([kind]) + unsigned(len(body)) + body


def function_type(parameters: Sequence[bytes], results: Sequence[bytes]) -> bytes:
    return b"\x60" + listed(parameters) + listed(results)


# Whole numbers and addresses


def whole(number: int) -> bytes:
    return b"\x41" + signed(number)


def plus(a: bytes, b: bytes | int) -> bytes:
    return a + (whole(b) if isinstance(b, int) else b) + b"\x6a"


def shifted_left(a: bytes, by: int) -> bytes:
    return a + whole(by) + b"\x74"


def shifted_right(a: bytes, by: int) -> bytes:
    return a + whole(by) + b"\x76"


def all_bits_of(a: bytes, mask: int) -> bytes:
    return a + whole(mask) + b"\x71"


def is_below(a: bytes, b: bytes) -> bytes:
    return a + b + b"\x49"


def word(at: bytes, offset: int = 0) -> bytes:
    """The 32 bits at an address."""
    return at + b"\x28\x02" + unsigned(offset)


# Numbers, alone and in pairs


def simd(code: int) -> bytes:
    return b"\xfd" + unsigned(code)


def number(x: float) -> bytes:
    return b"\x44" + struct.pack("<d", x)


def both(x: float) -> bytes:
    """The pair (x, x)."""
    return simd(0x0C) + 2 * struct.pack("<d", x)


def load(at: bytes, offset: int = 0) -> bytes:
    return at + b"\x2b\x03" + unsigned(offset)


def store(at: bytes, x: bytes, offset: int = 0) -> bytes:
    return at + x + b"\x39\x03" + unsigned(offset)


def load_pair(at: bytes, offset: int = 0) -> bytes:
    return at + simd(0x00) + b"\x04" + unsigned(offset)


def store_pair(at: bytes, x: bytes, offset: int = 0) -> bytes:
    return at + x + simd(0x0B) + b"\x04" + unsigned(offset)


def load_twice(at: bytes) -> bytes:
    """The pair of which both are the number at an address."""
    return at + simd(0x0A) + b"\x03\x00"


def half(pair: bytes, which: int) -> bytes:
    return pair + simd(0x21) + bytes([which])


def with_second(pair: bytes, x: bytes) -> bytes:
    return pair + x + simd(0x22) + b"\x01"


def firsts(one: bytes, other: bytes) -> bytes:
    """The first numbers of two pairs."""
    return one + other + simd(0x0D) + bytes([*range(8), *range(16, 24)])


def seconds(one: bytes, other: bytes) -> bytes:
    """The second numbers of two pairs."""
    return one + other + simd(0x0D) + bytes([*range(8, 16), *range(24, 32)])


def either_bits(one: bytes, other: bytes) -> bytes:
    return one + other + simd(0x50)


def common_bits(one: bytes, other: bytes) -> bytes:
    return one + other + simd(0x4E)


def selected(a: bytes, b: bytes, mask: bytes) -> bytes:
    """a where the mask has ones, else b."""
    return a + b + mask + simd(0x52)


# Operations by their names in the table: on one number, and on a pair. A comparison gives a truth
# value of 32 bits, and a mask.
ALONE = {
    "add": 0xA0, "subtract": 0xA1, "multiply": 0xA2, "divide": 0xA3, "negative": 0x9A,
    "absolute": 0x99, "sqrt": 0x9F, "ceil": 0x9B, "floor": 0x9C,
    "differs": 0x62, "less": 0x63, "less_equal": 0x65,
}  # fmt: skip
IN_PAIRS = {
    "add": 0xF0, "subtract": 0xF1, "multiply": 0xF2, "divide": 0xF3, "negative": 0xED,
    "absolute": 0xEC, "sqrt": 0xEF, "ceil": 0x74, "floor": 0x75,
    "differs": 0x48, "less": 0x49, "less_equal": 0x4B,
}  # fmt: skip


def alone(operation: str, *operands: bytes) -> bytes:
    return b"".join(operands) + bytes([ALONE[operation]])


def in_pairs(operation: str, *operands: bytes) -> bytes:
    return b"".join(operands) + simd(IN_PAIRS[operation])


def one_or_zero(truth: bytes) -> bytes:
    """A truth value as a number."""
    return truth + b"\xb8"


# Control


def repeated(body: bytes, again: bytes) -> bytes:
    """The body once, and then for as long as `again` holds behind it."""
    return b"\x03\x40" + body + again + b"\x0d\x00\x0b"


def when(truth: bytes, body: bytes) -> bytes:
    return truth + b"\x04\x40" + body + b"\x0b"


def chosen(truth: bytes, a: bytes, b: bytes) -> bytes:
    """The number a where the condition holds, else b; only one of them is computed."""
    return truth + b"\x04\x7c" + a + b"\x05" + b + b"\x0b"


def call(function: int, *args: bytes) -> bytes:
    return b"".join(args) + b"\x10" + unsigned(function)


def call_listed(kind: int, place: bytes, *args: bytes) -> bytes:
    """The call of the function at a place of the table."""
    return b"".join(args) + place + b"\x11" + unsigned(kind) + b"\x00"


class Locals:
    """The local variables of a function, by name; its parameters are the first of them."""

    def __init__(self, names: Iterable[str], kind: bytes = I32) -> None:
        self.kinds = dict.fromkeys(names, kind)
        self.parameters = len(self.kinds)

    def get(self, name: str) -> bytes:
        return b"\x20" + unsigned(list(self.kinds).index(name))

    def set(self, name: str, x: bytes, kind: bytes = I32) -> bytes:
        self.kinds.setdefault(name, kind)
        return x + b"\x21" + unsigned(list(self.kinds).index(name))

    def move(self, name: str, by: bytes | int) -> bytes:
        return self.set(name, plus(self.get(name), by))

    def body(self, code: bytes) -> bytes:
        """The function that the code is, ready to be listed among the bodies."""
        own = list(self.kinds.values())[self.parameters :]
        body = listed([b"\x01" + kind for kind in own]) + code + b"\x0b"
        return unsigned(len(body)) + body
