"""The packages as they are imported: what they offer, and what else goes by their names."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

import autograd

ROOT = Path(autograd.__file__).parents[1]
PACKAGES = sorted(
    path.parent.relative_to(ROOT).as_posix().replace("/", ".")
    for package in ("autograd", "nn", "stepgrad", "viz")
    for path in (ROOT / package).rglob("__init__.py")
)


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_says_what_it_offers_and_offers_no_modules(package):
    module = import_module(package)
    offered = {name: getattr(module, name) for name in module.__all__}
    assert len(offered) == len(module.__all__)
    assert not [name for name, thing in offered.items() if isinstance(thing, ModuleType)]
    names = {}
    exec(f"from {package} import *", names)
    assert set(names) - {"__builtins__"} == set(offered)


def test_there_are_packages_to_look_at():
    assert {"autograd", "autograd.native", "nn", "stepgrad", "viz"} <= set(PACKAGES)


def test_everything_that_the_table_has_can_be_imported_from_autograd():
    assert set(autograd.ops.BUILT_IN) < set(autograd.__all__)


def test_every_extra_is_installed_by_somebody():
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"][
        "optional-dependencies"
    ]
    told = (ROOT / "Makefile").read_text() + (ROOT / "README.md").read_text()
    named = {name for names in re.findall(r"\.\[([\w,]+)\]", told) for name in names.split(",")}
    assert named == set(extras)


# Other packages and files of the same names. Each test has a copy of ours, to be spoilt.


@pytest.fixture
def copied(tmp_path):
    """The packages, as pip lays them beside each other."""
    place = tmp_path / "site-packages"
    ignored = shutil.ignore_patterns("__pycache__")
    for package in ("autograd", "nn", "stepgrad", "viz"):
        shutil.copytree(ROOT / package, place / package, ignore=ignored)
    return place


def hips_over(place):
    """What is left of HIPS/autograd in there, as far as it matters."""
    for name in ("numpy/__init__.py", "tracer.py", "core.py"):
        path = place / "autograd" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def complaint(program, *places):
    """The last line that a program prints before it dies, with nothing else installed."""
    path = [str(place) for place in places]
    program = f"import sys; sys.path[:0] = {path}\n{program}"
    done = subprocess.run(
        [sys.executable, "-P", "-S", "-c", program], capture_output=True, text=True, cwd="/"
    )
    assert done.returncode == 1, done.stderr
    return done.stderr.splitlines()[-1]


def test_a_copy_that_nobody_spoilt_works(copied):
    program = f"import sys; sys.path.insert(0, {str(copied)!r}); import viz; print(viz.__file__)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd="/")
    assert done.stdout == f"{copied / 'viz' / '__init__.py'}\n", done.stderr


@pytest.mark.parametrize("package", ["autograd", "nn", "viz"])
def test_stepgrad_installed_over_the_other_autograd_says_so(package, copied):
    hips_over(copied)
    said = complaint(f"import {package}", copied)
    assert said.startswith(
        "ImportError: Stepgrad and HIPS/autograd are installed in the same place"
    )
    assert "environment of its own" in said


@pytest.mark.parametrize("package", ["nn", "viz"])
def test_the_other_autograd_installed_over_stepgrad_is_noticed(package, copied):
    hips_over(copied)
    (copied / "autograd" / "__init__.py").write_text("from autograd.core import *\n")
    said = complaint(f"import {package}", copied)
    assert said.startswith(
        "ImportError: Stepgrad and HIPS/autograd are installed in the same place"
    )


@pytest.mark.parametrize("package", ["nn", "viz"])
def test_what_uninstalling_the_other_autograd_took_along_is_missed(package, copied):
    (copied / "autograd" / "__init__.py").unlink()
    said = complaint(f"import {package}", copied)
    assert said.startswith("ImportError: Stepgrad's package autograd has lost its files")
    assert "--force-reinstall stepgrad" in said


def test_the_other_autograd_elsewhere_on_the_path_is_named(copied, tmp_path):
    other = tmp_path / "other"
    hips_over(other)
    (other / "autograd" / "__init__.py").touch()
    said = complaint("import nn", other, copied)
    assert said == (
        f"ImportError: autograd is HIPS/autograd here ({other / 'autograd' / '__init__.py'}), "
        "which hides Stepgrad's package of that name: install Stepgrad into an environment of its "
        "own"
    )


def test_who_has_a_file_nn_can_draw_and_is_told_why_nothing_is_plotted(tmp_path):
    """As micrograd's own layout has it."""
    (tmp_path / "nn.py").write_text("class Module: pass\n")
    script = (
        "from nn import Module; from autograd.micrograd import Value\n"
        "from viz import draw, draw_dot, save, trace; import viz\n"
        "y = Value(2.0) * 3; y.backward(); print(len(draw_dot(y).source) > 100, draw(y))\n"
        "print(save(y, 'y.html').name, 'plot_loss' in dir(viz)); viz.plot_loss"
    )
    (tmp_path / "mine.py").write_text(script)
    done = subprocess.run(
        [sys.executable, "mine.py"], capture_output=True, text=True, cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert done.stdout == "True <drawing of y: 3 nodes, 2 edges>\ny.html True\n", done.stderr
    assert "nn.py hides Stepgrad's package nn: rename it" in done.stderr


@pytest.mark.parametrize(("mine", "wanted"), [("autograd", "nn"), ("autograd", "viz")])
def test_a_file_beside_a_script_that_hides_a_package_is_named_and_not_run(
    mine, wanted, copied, tmp_path
):
    scripts = tmp_path / "mine"
    scripts.mkdir()
    (scripts / f"{mine}.py").write_text("print('run')\n")
    said = complaint(f"import {wanted}", scripts, copied)
    assert said == (
        f"ImportError: {scripts / f'{mine}.py'} hides Stepgrad's package {mine}: rename it, or "
        "keep it where Python does not look first"
    )


def test_the_command_says_the_same_in_one_line(copied):
    hips_over(copied)
    program = (
        f"import sys; sys.path.insert(0, {str(copied)!r})\n"
        "import stepgrad.__main__ as it; sys.exit(it.main())"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd="/")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("stepgrad: Stepgrad and HIPS") and done.stderr.count("\n") == 1


def test_an_engine_that_there_is_not_is_said_in_one_line(monkeypatch):
    monkeypatch.setenv("STEPGRAD_ENGINE", "fortran")
    done = subprocess.run(
        [sys.executable, "-m", "stepgrad", "info"], capture_output=True, text=True, cwd=ROOT
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "stepgrad: STEPGRAD_ENGINE is native or python, not 'fortran'\n"
