"""The house: on which floor each file lives, that imports only go down and never in circles, and
that what is private stays at home."""

import ast
import re
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# Lowest first. A folder is a floor of its own; the longest entry that fits counts.
FLOORS = """
stepgrad/__init__.py
stepgrad/importing.py
stepgrad/neighbours.py
autograd/user_text.py
autograd/errors.py
autograd/checks.py
autograd/disk.py
autograd/operand.py
autograd/flows.py
autograd/symbols.py
autograd/languages/
autograd/op.py
autograd/ops.py
autograd/backprop.py
autograd/native/table_stamp.py
autograd/native/__init__.py
autograd/value.py
autograd/bulk.py
autograd/formula.py
autograd/rational.py
autograd/docstrings.py
autograd/derivatives.py
autograd/gradcheck.py
autograd/expression/
autograd/program/
autograd/native/
autograd/teaching/
autograd/micrograd/
autograd/__init__.py
nn/data/
nn/losses.py
nn/decisions.py
nn/evaluation.py
nn/initial.py
nn/module.py
nn/history.py
nn/interrupts.py
nn/optim/
nn/files/
nn/export/
nn/progress.py
nn/surroundings.py
nn/recordable.py
nn/class_choice.py
nn/recorded_loss.py
nn/updates.py
nn/train.py
nn/sweeping/
nn/__init__.py
viz/escape.py
viz/palette.py
viz/render/
viz/graph/
viz/dot.py
viz/drawing.py
viz/apps/
viz/apps/modules.py
viz/apps/stepper/
viz/apps/machine/
viz/apps/playground/
viz/walk/
viz/paper.py
viz/hosts/
viz/plots.py
viz/tangent.py
viz/downhill.py
viz/descent_page.py
viz/sweeps.py
viz/__init__.py
viz/cli/user_input.py
viz/hosts/server.py
viz/hosts/playground_server.py
viz/cli/
stepgrad/__main__.py
""".split()

PACKAGES = ("autograd", "nn", "viz", "stepgrad")
FILES = sorted(
    path.relative_to(ROOT).as_posix()
    for package in PACKAGES
    for pattern in ("*.py", "*.p[xy][xid]")  # what is compiled imports as well
    for path in (ROOT / package).rglob(pattern)
)
PYTHON = [file for file in FILES if file.endswith(".py")]
NOT_IMPORTED = ("autograd/native/build.py", "stepgrad/__main__.py")  # a build step; the command
every_file = pytest.mark.parametrize("file", FILES)
every_file_of_python = pytest.mark.parametrize("file", PYTHON)


def entry_of(file: str) -> str:
    """The line of FLOORS that a file belongs to."""
    entries = [
        entry for entry in FLOORS if file == entry or (entry[-1] == "/" and file.startswith(entry))
    ]
    assert entries, f"{file} has no floor yet: assign one in FLOORS of tests/test_house.py"
    return max(entries, key=len)


def floor_of(file: str) -> int:
    return FLOORS.index(entry_of(file))


def statements(file: str, source: str) -> list[ast.Import | ast.ImportFrom]:
    """The import statements of a file, at whatever depth; in Cython, those of Python."""
    if file.endswith(".py"):
        nodes = list(ast.walk(ast.parse(source)))
    else:
        lines = re.findall(r"^[ \t]*((?:from \S+ )?import (?:\([^)]*\)|.*))", source, re.M)
        nodes = [node for line in lines for node in ast.walk(ast.parse(line))]
    return [node for node in nodes if isinstance(node, ast.Import | ast.ImportFrom)]


def module_of(file: str, statement: ast.ImportFrom) -> str:
    """The dotted name behind `from`; relative ones as absolute ones."""
    module = statement.module or ""
    if statement.level:
        package = Path(file).parents[statement.level - 1].as_posix().replace("/", ".")
        module = f"{package}.{module}".rstrip(".")
    return module


def imported_by(file: str, source: str) -> list[str]:
    """The files of this repository that a source file imports.

    `from package import name` imports the file of that name, where there is one, and the
    package's __init__.py otherwise. Cython's `include` counts, too.
    """
    found = []
    for statement in statements(file, source):
        if isinstance(statement, ast.Import):
            found += [file_of(alias.name) for alias in statement.names]
        else:
            module = module_of(file, statement)
            for alias in statement.names:
                found.append(file_of(f"{module}.{alias.name}") or file_of(module))
    if not file.endswith(".py"):
        beside = [
            Path(file).with_name(name) for name in re.findall(r'^include "(.*)"', source, re.M)
        ]
        found += [path.as_posix() for path in beside]
    return [other for other in found if other]


def file_of(module: str) -> str:
    """The file behind a dotted name; "" when it is none of ours."""
    path = module.replace(".", "/")
    for candidate in (f"{path}.py", f"{path}/__init__.py", f"{path}.pyx"):
        if candidate in FILES:
            return candidate
    return ""


def climbing(file: str, source: str) -> list[str]:
    """The imports that do not go down, a sentence each. Within a folder that is one floor, any
    other file may be imported."""
    here = floor_of(file)
    return [
        f"{file} (floor {here}) imports {other} (floor {floor_of(other)})"
        for other in imported_by(file, source)
        if floor_of(other) > here
        or (floor_of(other) == here and (other == file or entry_of(file)[-1] != "/"))
    ]


def circles(imports: dict[str, list[str]]) -> list[str]:
    """The files that import themselves, by way of others; each circle from its first file on."""
    found = []
    for start in imports:
        way = {start: ""}
        waiting = [start]
        while waiting:
            file = waiting.pop()
            for other in imports.get(file, []):
                if other == start:
                    steps = [file]
                    while steps[-1] != start:
                        steps.append(way[steps[-1]])
                    if start == min(steps):
                        found.append(" → ".join([*reversed(steps), start]))
                if other not in way:
                    way[other] = file
                    waiting.append(other)
    return found


# What is private to the standard library and has no other name, and one subclass's own slot.
LENT = {
    "sys._getframe", "_replace", "_at_fork_reinit", "os._exit",
    "autograd/micrograd/value.py: _data",  # its Value is one of ours
}  # fmt: skip


def strangers(file: str, source: str) -> list[str]:
    """The private names that a file takes from another one."""
    taken = []
    for statement in statements(file, source):
        if isinstance(statement, ast.ImportFrom) and file_of(module_of(file, statement)):
            taken += [alias.name for alias in statement.names if is_private(alias.name)]
    if not file.endswith(".py"):
        return taken
    nodes = list(ast.walk(ast.parse(source)))
    mine = {node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    for node in nodes:
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            mine.add(node.attr)
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            mine.add(node.target.id)  # the field of a dataclass
    for node in nodes:
        if isinstance(node, ast.Attribute) and is_private(node.attr) and node.attr not in mine:
            names = {node.attr, ast.unparse(node), f"{file}: {node.attr}"}
            if names.isdisjoint(LENT):
                taken.append(ast.unparse(node))
    return taken


def is_private(name: str) -> bool:
    return name.startswith("_") and not name.endswith("__")


def offered(source: str) -> list[str] | None:
    """The names that are written in `__all__`; None where there is no such list."""
    for node in ast.parse(source).body:
        if isinstance(node, ast.Assign | ast.AnnAssign):
            target = node.target if isinstance(node, ast.AnnAssign) else node.targets[0]
            if ast.unparse(target) == "__all__":
                assert isinstance(node.value, ast.List | ast.Tuple)
                return [one.value for one in node.value.elts if isinstance(one, ast.Constant)]
    return None


@every_file
def test_every_file_has_a_floor(file):
    floor_of(file)


def test_every_folder_and_every_file_beside_one_has_a_floor_by_its_own_name():
    for package in PACKAGES:
        for path in (ROOT / package).iterdir():
            if path.is_dir() and any(file.startswith(f"{package}/{path.name}/") for file in FILES):
                assert f"{package}/{path.name}/" in FLOORS
            elif path.suffix == ".py":
                assert f"{package}/{path.name}" in FLOORS


def test_no_floor_is_empty():
    lived_in = {entry_of(file) for file in FILES}
    assert [entry for entry in FLOORS if entry not in lived_in] == []


@every_file
def test_imports_only_go_down_a_floor(file):
    assert climbing(file, (ROOT / file).read_text()) == []


def test_no_imports_go_in_a_circle():
    assert circles({file: imported_by(file, (ROOT / file).read_text()) for file in FILES}) == []


@every_file
def test_no_private_name_crosses_from_file_to_file(file):
    assert strangers(file, (ROOT / file).read_text()) == []


@pytest.mark.parametrize("file", [file for file in PYTHON if file.endswith("__init__.py")])
def test_every_package_says_what_it_offers(file):
    names = offered((ROOT / file).read_text())
    assert names is not None, f"{file} has no __all__"
    assert [name for name in names if is_private(name)] == []


LONG = sorted({*FILES, *(f"autograd/native/{name}.h" for name in ("machine", "tile"))})


@pytest.mark.parametrize("file", LONG)
def test_no_file_is_longer_than_a_sitting(file):
    assert len((ROOT / file).read_text().splitlines()) <= 500


@every_file
def test_no_file_depends_on_where_the_repository_lies(file):
    assert str(ROOT) not in (ROOT / file).read_text()


def test_there_are_files_to_look_at():
    assert {"autograd/__init__.py", "autograd/ops.py", "autograd/value.py"} <= set(FILES)
    assert {"autograd/native/value.pyx", "autograd/native/sweep.pxi"} <= set(FILES)


# Can these fail?


@pytest.mark.parametrize(
    ("file", "source"),
    [
        ("autograd/ops.py", "from autograd.value import Value"),
        ("autograd/ops.py", "from autograd import value"),
        ("autograd/ops.py", "def late():\n    import autograd.backprop"),
        ("autograd/op.py", "from .ops import add"),
        ("autograd/value.py", "from autograd import Formula"),
        ("autograd/value.py", "import autograd"),
        ("autograd/value.py", "from . import grad"),
        ("autograd/formula.py", "from autograd.derivatives import grad"),
        ("autograd/value.py", "import autograd.value"),
        ("autograd/languages/c.py", "from autograd.op import Op"),
        ("autograd/languages/c.py", "import autograd.languages.c"),
        ("autograd/native/value.pyx", "from libc.math cimport exp\nfrom autograd import grad\n"),
        ("autograd/native/sweep.pxi", 'from autograd.micrograd import (\n    Value)\n'),
        ("nn/data/csv.py", "import nn"),
    ],
)  # fmt: skip
def test_an_import_that_climbs_is_found(file, source):
    assert len(climbing(file, source)) == 1


@pytest.mark.parametrize(
    ("file", "source"),
    [
        ("autograd/value.py", "from autograd.backprop import gradients"),
        ("autograd/value.py", "from autograd import ops, errors\nfrom . import backprop"),
        ("autograd/value.py", '"""\n>>> from autograd import Value\n"""\nimport math'),
        ("autograd/__init__.py", "from autograd.formula import Formula"),
        ("autograd/native/value.pyx", "from autograd.op import TABLE\ninclude 'sweep.pxi'"),
        ("autograd/languages/numpy.py", "from autograd.languages.python import frame"),
        ("viz/dot.py", "import autograd\nfrom autograd.ops import Op"),
    ],
)
def test_an_import_that_goes_down_is_allowed(file, source):
    assert climbing(file, source) == []


def test_a_new_file_without_a_floor_is_told_where_to_get_one():
    with pytest.raises(AssertionError, match=r"autograd/new.py has no floor yet: assign one"):
        floor_of("autograd/new.py")


def test_what_cython_imports_and_includes_is_seen():
    source = (ROOT / "autograd/native/value.pyx").read_text()
    seen = imported_by("autograd/native/value.pyx", source)
    assert {"autograd/op.py", "autograd/operand.py", "autograd/native/sweep.pxi"} <= set(seen)


def test_a_circle_is_found_and_written_out_once():
    assert circles({"a": ["b", "d"], "b": ["c"], "c": ["a"], "d": []}) == ["a → b → c → a"]
    assert circles({"a": ["a"]}) == ["a → a"]
    assert circles({"a": ["b", "c"], "b": ["c"], "c": []}) == []


@pytest.mark.parametrize(
    "source",
    [
        "from autograd.value import _serials",
        "from autograd import value\nvalue._serials",
        "def f(x):\n    return x._data",
        "from autograd.formula import Formula as _F, _hidden",
    ],
)
def test_a_private_name_of_another_file_is_found(source):
    assert len(strangers("nn/module.py", source)) == 1


@pytest.mark.parametrize(
    "source",
    [
        "import sys\nsys._getframe(1)",
        "from _thread import _local",
        "class A:\n    def __init__(self, a):\n        self._a, self.b = a, a._a",
        "import os as _os\n_os.getpid()",
    ],
)
def test_what_a_file_keeps_for_itself_may_be_private(source):
    assert strangers("nn/module.py", source) == []


def test_a_package_without_a_list_of_what_it_offers_is_noticed():
    assert offered("from nn.data import moons") is None
    assert offered('__all__ = ["moons", *others]') == ["moons"]
    assert offered("__all__: list[str] = []") == []


def test_no_module_is_hidden_behind_something_else_of_its_name():
    """`import viz.hosts.page as page` gives the module, and not a function."""
    for file in PYTHON:
        if file in NOT_IMPORTED:
            continue
        name = ".".join(Path(file).with_suffix("").parts).removesuffix(".__init__")
        package, _, leaf = name.rpartition(".")
        module = import_module(name)
        assert not package or vars(import_module(package))[leaf] is module, name
