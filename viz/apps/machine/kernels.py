"""The machine of a page as WebAssembly: a kernel for each operation of the table, and a few for
what a batch of examples takes.

A program is a line of 32-bit words in the machine's memory. A kernel reads its words at `pc`, works
through a tile of examples (`bytes` is eight times their number), and returns where the words of the
next one are. A lane is a number per example, a uniform one number for all, which lies there twice:
so an operand is an address and how far it moves from one pair of examples to the next, 16 or 0. A
column is what goes in or comes out; this tile begins `at` bytes from its beginning.

Kernels compute pairs, so lanes and columns have room for an even number of examples.
"""

from functools import cache

from autograd.op import TABLE
from autograd.symbols import letters
from viz.apps.machine.binary import (
    BODIES,
    ELEMENTS,
    EXPORTS,
    F64,
    FUNCTIONS,
    HEAD,
    I32,
    IMPORTS,
    TABLES,
    TYPES,
    V128,
    Locals,
    all_bits_of,
    call,
    call_listed,
    either_bits,
    firsts,
    function_type,
    half,
    in_pairs,
    is_below,
    listed,
    load,
    load_pair,
    load_twice,
    plus,
    repeated,
    seconds,
    section,
    shifted_left,
    shifted_right,
    simd,
    store,
    store_pair,
    text,
    unsigned,
    when,
    whole,
    with_second,
    word,
)
from viz.apps.machine.formulas import arity, function_of, is_in_pairs, is_primitive, value_in_pairs
from viz.apps.machine.tables import ROWS

DOTS = (8, 4, 2)  # how many sums over the examples are computed side by side
OWN = ("read", "gather", "write", "pairs", "finite", "chain", *(f"dots{n}" for n in DOTS))
KERNELS = (*OWN, *ROWS)  # by their numbers in programs

KERNEL_TYPE, RUN_TYPE = 4, 5  # below: functions of 0 to 3 numbers


@cache
def module() -> bytes:
    """The machine, which exports `run(pc, stop, bytes, order, at)`.

    It imports from "host" its memory, and the functions that it does not have itself.
    """
    called = imports()
    formulas = [name for name in ROWS if not is_in_pairs(TABLE[name]) and name not in called]
    functions = {name: i for i, name in enumerate([*called, *formulas])}
    bodies = [function_of(TABLE[name], functions) for name in formulas]
    bodies += [own_kernel(name) for name in OWN] + [row(name, functions) for name in ROWS]
    first = len(functions)
    return HEAD + b"".join(
        [
            section(TYPES, [
                *(function_type([F64] * n, [F64]) for n in range(4)),
                function_type([I32] * 4, [I32]),
                function_type([I32] * 5, []),
            ]),
            section(IMPORTS, [
                *(text("host") + text(name) + b"\0" + unsigned(arity(name)) for name in called),
                text("host") + text("memory") + b"\2\0\1",
            ]),
            section(FUNCTIONS, [
                *(unsigned(arity(name)) for name in formulas),
                *[unsigned(KERNEL_TYPE)] * len(KERNELS),
                unsigned(RUN_TYPE),
            ]),
            section(TABLES, [b"\x70\0" + unsigned(len(KERNELS))]),
            section(EXPORTS, [text("run") + b"\0" + unsigned(first + len(KERNELS))]),
            section(ELEMENTS, [
                b"\0" + whole(0) + b"\x0b"
                + listed([unsigned(first + i) for i in range(len(KERNELS))])
            ]),
            section(BODIES, [*bodies, run()]),
        ]
    )  # fmt: skip


def imports() -> list[str]:
    """The operations that are functions of JavaScript."""
    return [name for name in ROWS if is_primitive(TABLE[name])]


def run() -> bytes:
    """Calls one kernel after the other, until the words end."""
    v = Locals(["pc", "stop", "bytes", "order", "at"])
    args = [v.get(name) for name in ("pc", "bytes", "order", "at")]
    step = v.set("pc", call_listed(KERNEL_TYPE, word(v.get("pc")), *args))
    return v.body(repeated(step, is_below(v.get("pc"), v.get("stop"))))


class Kernel(Locals):
    """The locals of a kernel, with what all of them do."""

    def __init__(self) -> None:
        super().__init__(["pc", "bytes", "order", "at"])

    def word(self, i: int) -> bytes:
        """Its word number i; 0 is its own number."""
        return word(self.get("pc"), 4 * i)

    def loop(self, body: bytes, name: str = "to") -> bytes:
        """The body, as often as it takes to move `name` to the end."""
        return repeated(body, is_below(self.get(name), self.get("end")))

    def finished(self, code: bytes, words: int | None) -> bytes:
        """The kernel; without a number of `words`, the local "next" says where the next one is."""
        following = self.get("next") if words is None else plus(self.get("pc"), 4 * words)
        return self.body(code + following)


def row(name: str, functions: dict[str, int]) -> bytes:
    """to = operation(a, b, …): [to, a, its stride, b, its stride, …]."""
    v, op, places = Kernel(), TABLE[name], letters(arity(name))
    code = v.set("to", v.word(1))
    for i, place in enumerate(places):
        code += v.set(place, v.word(2 + 2 * i)) + v.set(f"{place}_by", v.word(3 + 2 * i))
    code += v.set("end", plus(v.get("to"), v.get("bytes")))
    if is_in_pairs(op):
        first, value = value_in_pairs(op, v, [load_pair(v.get(place)) for place in places])
        body = first + store_pair(v.get("to"), value)
    else:
        second = [plus(v.get(x), shifted_right(v.get(f"{x}_by"), 1)) for x in places]
        one = call(functions[name], *[load(v.get(place)) for place in places])
        other = call(functions[name], *map(load, second))
        body = store(v.get("to"), one) + store(v.get("to"), other, 8)
    body += b"".join(v.move(place, v.get(f"{place}_by")) for place in places) + v.move("to", 16)
    return v.finished(code + v.loop(body), 2 + 2 * len(places))


def own_kernel(name: str) -> bytes:
    if name.startswith("dots"):
        return dots(int(name[4:]))
    made = {
        "read": lambda: copy(column="from"), "write": lambda: copy(column="to"), "gather": gather,
        "pairs": pairs, "finite": finite, "chain": chain,
    }  # fmt: skip
    return made[name]()


def copy(column: str) -> bytes:
    """A tile from a column to a lane, or from a lane to a column: [lane, column]."""
    v = Kernel()
    lane = "to" if column == "from" else "from"
    code = v.set(lane, v.word(1)) + v.set(column, plus(v.word(2), v.get("at")))
    code += v.set("end", plus(v.get("to"), v.get("bytes")))
    body = store_pair(v.get("to"), load_pair(v.get("from"))) + v.move("from", 16) + v.move("to", 16)
    return v.finished(code + v.loop(body), 3)


def gather() -> bytes:
    """The numbers of a column at the places that `order` lists: [lane, column]."""
    v = Kernel()
    code = v.set("to", v.word(1)) + v.set("from", v.word(2)) + v.set("place", v.get("order"))
    code += v.set("end", plus(v.get("to"), v.get("bytes")))

    def one(i: int) -> bytes:
        where = plus(v.get("from"), shifted_left(word(v.get("place"), 4 * i), 3))
        return store(v.get("to"), load(where), 8 * i)

    return v.finished(code + v.loop(one(0) + one(1) + v.move("place", 8) + v.move("to", 16)), 3)


def pairs() -> bytes:
    """Numbers, each written twice, as uniforms are: [to, from, how many]."""
    v = Kernel()
    code = v.set("to", v.word(1)) + v.set("from", v.word(2))
    code += v.set("end", plus(v.get("to"), shifted_left(v.word(3), 4)))
    body = store_pair(v.get("to"), load_twice(v.get("from"))) + v.move("from", 8) + v.move("to", 16)
    return v.finished(code + v.loop(body), 4)


def finite() -> bytes:
    """Makes the number at `to` a nan unless all these are finite: [to, from, how many]. x - x is 0
    for a finite x, and else nan."""
    v = Kernel()
    code = v.set("from", v.word(2)) + v.set("seen", simd(0x0C) + bytes(16), V128)
    code += v.set("end", plus(v.get("from"), shifted_left(v.word(3), 3)))

    def look(x: bytes) -> bytes:
        code = v.set("x", x, V128)
        difference = in_pairs("subtract", v.get("x"), v.get("x"))
        return code + v.set("seen", either_bits(v.get("seen"), difference), V128)

    two_left = is_below(plus(v.get("from"), 15), v.get("end"))
    two = look(load_pair(v.get("from"))) + v.move("from", 16)
    code += when(two_left, repeated(two, two_left))
    code += when(is_below(v.get("from"), v.get("end")), look(load_twice(v.get("from"))))
    seen = half(v.get("seen"), 0) + half(v.get("seen"), 1) + bytes([0xA0])
    return v.finished(code + store(v.word(1), load(v.word(1)) + seen + bytes([0xA0])), 4)


def chain() -> bytes:
    """to = start + u·x + v·y + …, in this order: [to, start, its stride, how many, u, x, v, y, …].
    Products and sums are rounded apart, as Python does it."""
    v = Kernel()
    code = v.set("to", v.word(1)) + v.set("start", v.word(2)) + v.set("start_by", v.word(3))
    code += v.set("terms", plus(v.get("pc"), 20))
    code += v.set("next", plus(v.get("terms"), shifted_left(v.word(4), 3)))
    code += v.set("i", whole(0)) + v.set("end", all_bits_of(plus(v.get("bytes"), 15), -16))

    def block(width: int) -> bytes:
        sums = [f"sum{k}" for k in range(width)]
        out = v.set("term", v.get("terms"))
        for name in sums:
            out += v.set(name, load_pair(v.get("start")), V128)
            out += v.move("start", v.get("start_by"))
        inner = v.set("u", load_twice(word(v.get("term"))), V128)
        inner += v.set("x", plus(word(v.get("term"), 4), v.get("i")))
        for k, name in enumerate(sums):
            product = in_pairs("multiply", v.get("u"), load_pair(v.get("x"), 16 * k))
            inner += v.set(name, in_pairs("add", v.get(name), product), V128)
        inner += v.move("term", 8)
        out += repeated(inner, is_below(v.get("term"), v.get("next")))
        out += v.set("x", plus(v.get("to"), v.get("i")))
        for k, name in enumerate(sums):
            out += store_pair(v.get("x"), v.get(name), 16 * k)
        return out + v.move("i", 16 * width)

    wide = is_below(plus(v.get("i"), 63), v.get("end"))
    more = is_below(v.get("i"), v.get("end"))
    code += when(wide, repeated(block(4), wide)) + when(more, repeated(block(1), more))
    return v.finished(code, None)


def dots(count: int) -> bytes:
    """For each k: the number at to_k += the sum of x·y_k over the examples, in their order, and
    over exactly so many: [x, y_0, …, to_0, …]. Two sums share a register."""
    v = Kernel()
    code = v.set("x", v.word(1))
    code += b"".join(v.set(f"y{k}", v.word(2 + k)) for k in range(count))
    to = [v.word(2 + count + k) for k in range(count)]
    even = range(0, count, 2)
    for k in even:
        code += v.set(f"sum{k}", with_second(load_twice(to[k]), load(to[k + 1])), V128)
    code += v.set("end", plus(v.get("x"), all_bits_of(v.get("bytes"), -16)))

    def added(parts: list) -> bytes:
        out = v.set("xs", load_pair(v.get("x")), V128)
        for k in even:
            for name, y in (("p", f"y{k}"), ("q", f"y{k + 1}")):
                product = in_pairs("multiply", v.get("xs"), load_pair(v.get(y)))
                out += v.set(f"{name}s", product, V128)
            for part in parts:
                both_products = part(v.get("ps"), v.get("qs"))
                out += v.set(f"sum{k}", in_pairs("add", v.get(f"sum{k}"), both_products), V128)
        return out

    moves = b"".join(v.move(name, 16) for name in ("x", *(f"y{k}" for k in range(count))))
    more = is_below(v.get("x"), v.get("end"))
    code += when(more, repeated(added([firsts, seconds]) + moves, more))
    code += when(all_bits_of(v.get("bytes"), 8), added([firsts]))
    for k in range(count):
        code += store(to[k], half(v.get(f"sum{k - k % 2}"), k % 2))
    return v.finished(code, 2 + 2 * count)
