"""What a page is given of the machine: the modules of its worker, two of which are printed here."""

import json
from base64 import b64encode
from functools import cache
from pathlib import Path

from autograd.languages import JAVASCRIPT
from autograd.op import TABLE, Op
from autograd.symbols import letters
from viz.apps.machine.kernels import KERNELS, module
from viz.apps.machine.tables import ROWS, tables
from viz.apps.modules import joined
from viz.apps.stepper.recipes import primitives

FOLDER = Path(__file__).parent

# Each behind those that it imports.
MODULES = (
    "primitives", "printed", "record", "sweep", "network", "plan", "machine", "code", "picture",
    "made_inputs", "random", "data", "stopped", "trainer", "example", "worker",
)  # fmt: skip


def source_of(name: str) -> str:
    """The text of an ES module of the worker: a file of this folder, or printed from the table."""
    if name == "primitives":
        return primitives()
    return printed() if name == "printed" else (FOLDER / f"{name}.js").read_text("utf-8")


@cache
def worker_script() -> str:
    """The worker as one classic script, for `new Worker(URL.createObjectURL(new Blob([text])))`.

    It answers a message {id, message} with {id, answer}, in which columns are Float64Arrays.
    Without a worker around it, it does nothing but define `handle`, a function from a message to
    its answer. A page's policy has to allow `worker-src blob:`, and `script-src blob:` with
    `'wasm-unsafe-eval'`; where compiling is refused, the machine is in JavaScript, which gives the
    same bits.
    """
    return f'"use strict";\n{joined([source_of(name) for name in MODULES])}'


@cache
def printed() -> str:
    """The table as data, and the machine: as WebAssembly in base64, and the kernels of its
    operations in JavaScript."""
    wasm = b64encode(module()).decode()
    data = json.dumps(tables(), separators=(",", ":"), allow_nan=False)
    called = [name for name in ROWS if is_called(TABLE[name])]
    return "\n".join(
        [
            'import { PRIMITIVES } from "./primitives.js";',
            f"export const ROWS = {json.dumps(ROWS)};",
            f"export const KERNELS = {json.dumps(KERNELS)};",
            f"export const TABLES = {data};",
            f'export const WASM = "{wasm}";',
            "export const ROW_KERNELS = (() => {",
            *(f"const {name} = PRIMITIVES.{name}.value;" for name in called),
            "return {",
            *(row(TABLE[name]) for name in ROWS),
            "};",
            "})();",
            "",
        ]
    )


def is_called(op: Op) -> bool:
    """Whether the operation is a function of ours in JavaScript, and is called by its name."""
    args = letters(len(op.partials))
    return JAVASCRIPT.instruction(op, args) == f"{op.name}({', '.join(args)})"


def row(op: Op) -> str:
    """The kernel of an operation in JavaScript, as `kernels.row` says it."""
    places = letters(len(op.partials))
    where = ["to = w[p + 1] >> 3"]
    for i, place in enumerate(places):
        where += [f"{place} = w[p + {2 + 2 * i}] >> 3", f"{place}_by = w[p + {3 + 2 * i}] >> 4"]
    value = JAVASCRIPT.instruction(op, [f"m[{place} + i * {place}_by]" for place in places])
    return (
        f"{op.name}(m, w, p, n) {{ const {', '.join(where)}; "
        f"for (let i = 0; i < n; i++) m[to + i] = {value}; return p + {2 + 2 * len(places)}; }},"
    )
