"""The house: on which floor each file lives, and that imports only go down."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# A file, or a folder for everything in it; the longest entry that fits counts.
FLOORS = {
    "autograd/errors.py": 0,
    "autograd/ops.py": 1,
    "autograd/backprop.py": 1,
    "autograd/value.py": 2,
    "autograd/bulk.py": 3,
    "autograd/program/languages.py": 2,
    "autograd/program/interpreters.py": 3,
    "autograd/program.py": 4,
    "autograd/formula.py": 3,
    "autograd/derivatives.py": 3,
    "autograd/gradcheck.py": 3,
    "autograd/user_text.py": 0,
    "autograd/expression/numbers.py": 0,
    "autograd/expression/tokens.py": 1,
    "autograd/expression/vocabulary.py": 3,
    "autograd/expression/hints.py": 4,
    "autograd/expression/reading.py": 5,
    "autograd/expression/": 6,
    "autograd/native/stamp.py": 0,
    "autograd/native/__init__.py": 1,
    "autograd/native/": 5,
    "autograd/native/build.py": 6,
    "autograd/teaching/": 5,
    "autograd/meanings.py": 4,
    "autograd/micrograd/custom.py": 4,
    "autograd/micrograd.py": 5,
    "autograd/__init__.py": 6,
    "nn/": 7,
    "viz/": 8,
    "viz/cli.py": 9,
}
WINGS = ("autograd/teaching/", "nn/", "viz/")  # files in there may import each other

FILES = sorted(
    path.relative_to(ROOT).as_posix()
    for package in ("autograd", "nn", "viz")
    for path in (ROOT / package).rglob("*.py")
)
every_file = pytest.mark.parametrize("file", FILES)


def floor_of(file: str) -> int:
    entries = [entry for entry in FLOORS if file == entry or file.startswith(entry)]
    assert entries, f"{file} has no floor yet: assign one in FLOORS of tests/test_house.py"
    return FLOORS[max(entries, key=len)]


def imported_by(file: str, source: str) -> list[str]:
    """The files of this repository that a source file imports, at whatever depth it does so.

    `from package import name` imports the file of that name, where there is one, and the
    package's __init__.py otherwise.
    """
    found = []
    for statement in ast.walk(ast.parse(source)):
        if isinstance(statement, ast.Import):
            found += [file_of(alias.name) for alias in statement.names]
        elif isinstance(statement, ast.ImportFrom):
            module = statement.module or ""
            if statement.level:
                package = Path(file).parents[statement.level - 1].as_posix().replace("/", ".")
                module = f"{package}.{module}".rstrip(".")
            for alias in statement.names:
                found.append(file_of(f"{module}.{alias.name}") or file_of(module))
    return [other for other in found if other]


def file_of(module: str) -> str:
    """The file behind a dotted name; "" when it is none of ours."""
    path = module.replace(".", "/")
    for candidate in (f"{path}.py", f"{path}/__init__.py"):
        if candidate in FILES:
            return candidate
    return ""


def climbing(file: str, source: str) -> list[str]:
    """The imports that do not go down, a sentence each."""
    here = floor_of(file)
    return [
        f"{file} (floor {here}) imports {other} (floor {floor_of(other)})"
        for other in imported_by(file, source)
        if not (
            floor_of(other) < here
            or (floor_of(other) == here and any(inside(wing, file, other) for wing in WINGS))
        )
    ]


def inside(wing: str, *files: str) -> bool:
    return all(file.startswith(wing) for file in files)


@every_file
def test_every_file_has_a_floor(file):
    floor_of(file)


@every_file
def test_imports_only_go_down_a_floor(file):
    assert climbing(file, (ROOT / file).read_text()) == []


COMPILED = [
    path.relative_to(ROOT).as_posix() for path in (ROOT / "autograd/native").glob("*.[ph]*")
]


@pytest.mark.parametrize("file", sorted({*FILES, *COMPILED}))
def test_no_file_is_longer_than_a_sitting(file):
    assert len((ROOT / file).read_text().splitlines()) <= 500


@every_file
def test_no_file_depends_on_where_the_repository_lies(file):
    assert str(ROOT) not in (ROOT / file).read_text()


def test_there_are_files_to_look_at():
    assert {"autograd/__init__.py", "autograd/ops.py", "autograd/value.py"} <= set(FILES)


@pytest.mark.parametrize(
    ("file", "source"),
    [
        ("autograd/ops.py", "from autograd.value import Value"),
        ("autograd/ops.py", "from autograd import value"),
        ("autograd/ops.py", "def late():\n    import autograd.backprop"),
        ("autograd/backprop.py", "from .ops import add"),
        ("autograd/value.py", "from autograd import Formula"),
        ("autograd/value.py", "import autograd"),
        ("autograd/value.py", "from . import grad"),
        ("autograd/formula.py", "from autograd.derivatives import grad"),
        ("autograd/value.py", "import autograd.value"),
    ],
)
def test_an_import_that_climbs_is_found(file, source):
    assert len(climbing(file, source)) == 1


@pytest.mark.parametrize(
    ("file", "source"),
    [
        ("autograd/value.py", "from autograd.backprop import gradients"),
        ("autograd/value.py", "from autograd import ops, errors\nfrom . import backprop"),
        ("autograd/value.py", '"""\n>>> from autograd import Value\n"""\nimport math'),
        ("autograd/__init__.py", "from autograd.formula import Formula"),
        ("viz/dot.py", "import autograd\nfrom autograd.ops import Op"),
    ],
)
def test_an_import_that_goes_down_is_allowed(file, source):
    assert climbing(file, source) == []


def test_a_new_file_without_a_floor_is_told_where_to_get_one():
    with pytest.raises(AssertionError, match=r"autograd/new.py has no floor yet: assign one"):
        floor_of("autograd/new.py")
