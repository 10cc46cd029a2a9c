"""What is published: the source distribution, and the wheel that pip makes of it where there is no
C compiler."""

import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

import autograd

ROOT = Path(autograd.__file__).parents[1]
MADE = (".venv", ".git", "build", "dist", "_build", "__pycache__", "*.egg-info", "*.so", ".*_cache")

pytestmark = pytest.mark.slow


def ran(*words, **environment):
    done = subprocess.run(
        [sys.executable, *map(str, words)],
        capture_output=True,
        encoding="utf-8",
        env=os.environ | {"PYTHONIOENCODING": "utf-8"} | environment,
        cwd="/",
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """The source distribution."""
    place = tmp_path_factory.mktemp("published")
    shutil.copytree(ROOT, place / "repository", ignore=shutil.ignore_patterns(*MADE), symlinks=True)
    ran("-m", "build", "--sdist", "--outdir", place, place / "repository")
    return next(place.glob("*.tar.gz"))


@pytest.fixture(scope="module")
def installed(source):
    """A folder with the files of the wheel, as pip would lay them down."""
    words = ["-m", "pip", "wheel", "--quiet", "--no-deps", "--no-cache-dir"]
    ran(*words, "--wheel-dir", source.parent, source, CC="false", CXX="false")
    place = source.parent / "site-packages"
    with zipfile.ZipFile(next(source.parent.glob("*.whl"))) as wheel:
        wheel.extractall(place)
    return place


def test_the_source_distribution_has_all_that_it_is_built_from_and_no_tests(source):
    with tarfile.open(source) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"pyproject.toml", "README.md", "LICENSE", "autograd/native/value.pyx"} <= names
    assert not [name for name in names if name.startswith("tests")]


def test_without_a_compiler_the_wheel_works_on_the_engine_to_read(installed):
    told = ran("-m", "stepgrad", "info", PYTHONPATH=str(installed), STEPGRAD_ENGINE="")
    assert "engine    python: nothing was compiled" in told
    assert "pip install --force-reinstall --no-cache-dir" in told


def test_everything_the_packages_read_is_in_the_wheel(installed):
    ours = [
        path.relative_to(ROOT)
        for package in ("autograd", "nn", "stepgrad", "viz")
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and path.suffix != ".so"
    ]
    assert len(ours) > 80
    assert [path for path in ours if not (installed / path).exists()] == []


def test_the_lessons_come_with_the_wheel(installed, tmp_path):
    told = ran("-m", "stepgrad", "lessons", "--to", tmp_path / "mine", PYTHONPATH=str(installed))
    assert told.startswith("copied 12 notebooks")
