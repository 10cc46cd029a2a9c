"""Prints the table of operations as C, for the compiled engine.

Values are written as `autograd.languages` spells them. Slopes are what the partials of the table
come to when they are read as the wires of a program.
"""

from collections.abc import Sequence
from decimal import Decimal, localcontext
from functools import cache
from typing import Any

from autograd.errors import unchecked
from autograd.flows import settled
from autograd.languages import C
from autograd.languages.c import function
from autograd.native.table_stamp import stamp
from autograd.op import BUILT_IN, TABLE, Op
from autograd.ops import exp
from autograd.program.batch import PART
from autograd.program.recording import Tape, Wire

ROWS = [TABLE[name] for name in TABLE if name in BUILT_IN]  # a row's place here is its code in C
MOST = max(len(row.partials) for row in ROWS)
PLACES = "abc"[:MOST]
EXP_STEPS = 128  # between two powers of 2, in the table by which exp is computed


class Opened(Tape):
    """Records what an operation comes to, down to the exponentials in it."""

    def wire(self, op: Op, args: tuple) -> Wire:
        opened = op.definition if calls_exp(op) else None
        return opened.at(*args) if opened else super().wire(op, args)


def header() -> str:
    """Everything that the compiled engine knows about the table."""
    lists = [
        f"#define {kind}(X) \\\n"
        + " \\\n".join(
            f"    X({code}, {row.name}, {way(row)})"
            for code, row in enumerate(ROWS)
            if len(row.partials) == count
        )
        for count, kind in enumerate(("UNARY_ROWS", "BINARY_ROWS", "TERNARY_ROWS"), start=1)
    ]
    codes = ", ".join(f"CODE_{row.name} = {code}" for code, row in enumerate(ROWS))
    arguments = ", ".join(f"double {place}" for place in PLACES)
    parts = [
        "/* Printed from the table of operations by autograd/native/kernels.py. */",
        "#include <math.h>",
        f"#define TABLE_PRINT {stamp()}u",
        f"enum {{ {codes}, CODES = {len(ROWS)} }};",
        f"#define PART {PART} /* examples, see autograd/program/batch.py */",
        f'#define ROW_NAMES "{" ".join(row.name for row in ROWS)}"',
        *C.helpers_for(ROWS),
        *(function for row in ROWS for function in around_exp(row)),
        *lists,
        f"#define EXP_STEPS {EXP_STEPS}",
        f"#define POWERS {', '.join(powers_of_2())}",
        f"static inline double value_of(int code, {arguments})\n{{\n    switch (code) {{",
        *(f"    case {code}: return {value_of(row)};" for code, row in enumerate(ROWS)),
        "    default: return NAN;\n    }\n}",
        "/* The local derivative for the argument at `position`; NAN where a step of it is not",
        "   finite, even if the result were: the readable engine then says what is wrong. */",
        f"static inline double slope_of(int code, int position, double y, {arguments})\n{{\n"
        f"    switch ({MOST} * code + position) {{",
        *(
            f"    case {MOST * code + position}: {{ {slope_of(row, position)} }}"
            for code, row in enumerate(ROWS)
            for position in range(len(row.partials))
        ),
        "    default: return NAN;\n    }\n}",
    ]
    return "\n".join(parts) + "\n"


def value_of(row: Op) -> str:
    return C.instruction(row, PLACES[: len(row.partials)])


def calls_exp(op: Op) -> bool:
    """Whether an operation is defined by exponentials."""
    parts = op.definition.ops() if op.definition else []
    return any(part is exp or calls_exp(part) for part in parts)


def way(row: Op) -> str:
    """How the machine computes an operation, in one pass or around exponentials, and what with."""
    value = value_of(row)
    if not around_exp(row):
        return f"ONE_PASS, {value}"
    places = ", ".join(PLACES[: len(row.partials)])
    return f"AROUND_EXP, {value}, {row.name}_of({places}), {row.name}_with({places}, e)"


@cache
def around_exp(row: Op) -> list[str]:
    """For an operation that takes one exponential, the functions that say what of, and the value
    from there on. Nothing for another operation."""
    tape = Opened(leaves=len(row.partials))
    names = dict(enumerate(PLACES[: len(row.partials)]))
    with unchecked():
        end = row(*(Wire(tape, i) for i in names)).index
    if [op for op, _ in tape.instructions].count(exp) != 1:
        return []
    places = list(names.values())
    lines: list[str] = []
    functions = []
    for i, (op, args) in enumerate(tape.instructions, start=len(names)):
        if op is exp:
            taken_of = written(args, names)[0]
            functions.append(function(f"{row.name}_of", places, lines, taken_of))
            names[i] = "e"
        else:
            names[i] = f"v{i}"
            lines = [*lines, C.assign.format(names[i], C.instruction(op, written(args, names)))]
    return [*functions, function(f"{row.name}_with", [*places, "e"], lines, names[end])]


def powers_of_2() -> list[str]:
    """2 to the power of k / EXP_STEPS as floats, each behind what it lacks, as a share of it."""
    numbers = []
    with localcontext(prec=60):
        for k in range(EXP_STEPS):
            exact = Decimal(2) ** (Decimal(k) / EXP_STEPS)
            power = float(exact)
            numbers += [C.literal(float(exact / Decimal(power) - 1)), C.literal(power)]
    return numbers


def slope_of(row: Op, position: int) -> str:
    """The statements that compute one local derivative."""
    names = dict(enumerate(["y", *PLACES]))
    tape = Tape(leaves=len(names))
    wires = [Wire(tape, i) for i in range(1 + len(row.partials))]
    with unchecked():
        slope = settled(row.partials[position](*wires))
    lines = []
    for index, (op, args) in enumerate(tape.instructions, start=len(names)):
        names[index] = f"v{index}"
        lines.append(C.assign.format(names[index], C.instruction(op, written(args, names))))
    steps = list(names.values())[1 + MOST : -1]
    result = written([slope.index if isinstance(slope, Wire) else float(slope)], names)[0]
    checks = [f"if (!isfinite({step})) return NAN; " for step in steps]
    return "".join([*(f"{line}; " for line in lines), *checks, f"return {result};"])


def written(args: Sequence[Any], names: dict[int, str]) -> list[str]:
    return [names[arg] if isinstance(arg, int) else C.literal(arg) for arg in args]


if __name__ == "__main__":
    print(header(), end="")
