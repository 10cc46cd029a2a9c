"""Modules of a page, run in Node by a script of the tests."""

import json
import subprocess
from shutil import which

import pytest


def asking(script, folder, sources):
    """A function that runs a task of a script of this folder on cases, and gives its answers. The
    script finds modules with these sources, by their names, in `folder`."""
    node = which("node")
    if node is None:
        pytest.skip("there is no program named node")
    for name, source in sources.items():
        (folder / f"{name}.js").write_text(source, "utf-8")
    (folder / "package.json").write_text('{"type": "module"}')

    def answers(task, cases):
        command = [node, f"tests/{script}", str(folder), task]
        done = subprocess.run(command, input=json.dumps(cases), capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return answers
