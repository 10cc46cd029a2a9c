"""Sweeps for the tests: what they build, and what there is to see of them from outside."""

import os
import signal
import subprocess
import sys
from collections import Counter
from functools import cache
from pathlib import Path
from time import monotonic, sleep

from nn import MLP, moons, sweep

GRID = {"neurons": [[4, 1], [2, 1]], "learning_rate": [0.01, 0.1]}
COMMON = {"loss": "hinge", "epochs": 2, "held_out": 0.25, "progress": False}
LONGEST = 600  # seconds, for a few of training: a cluster starts slowly where much else is done
KILLED = (3, 17, 31)  # seeds of the runs that kill their worker, once


def build(seed, neurons, learning_rate=None, folder=None):
    """A network; in a folder, a line is left there for each call."""
    if folder:
        with open(Path(folder) / "calls", "a") as file:
            print(os.getpid(), seed, neurons, file=file)
    return MLP(2, neurons, "tanh", seed=seed)


def deadly(seed, neurons, folder, always=False):
    """`build`, which kills its process the first time for three runs."""
    if seed in KILLED and neurons == [4, 1]:
        try:
            (Path(folder) / str(seed)).touch(exist_ok=always)
            os.kill(os.getpid(), signal.SIGKILL)
        except FileExistsError:
            pass
    return build(seed, neurons)


def calls(folder):
    """How often each model was built."""
    return Counter(line.split(" ", 1)[1] for line in (folder / "calls").read_text().splitlines())


SCRIPT = """
import signal
import sys
from functools import partial
from nn import moons, sweep
from tests.sweeps import GRID, build

if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell may ignore it
    folder, *where = sys.argv[1:]
    workers = {"ray": where[1]} if where[0] == "ray" else {"workers": int(where[0])}
    if where[2:] == ["script"]:  # which joins the cluster itself
        import ray
        ray.init(where[1], log_to_driver=False, logging_level="ERROR")
    found = sweep(partial(build, folder=folder), moons(200), GRID, seeds=5, loss="hinge",
                  batch_size=1, epochs=60, path=folder + "/table.jsonl", **workers)
    print(len(found), found.interrupted)
"""


def started(folder, script, *words, **options):
    path = folder / "script.py"
    path.write_text(script)
    env = os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    command = [sys.executable, str(path), *words]
    return subprocess.Popen(command, env=env, start_new_session=True, **pipes, **options)


def wait_for(condition):
    end = monotonic() + LONGEST
    while not condition():
        assert monotonic() < end
        sleep(0.02)


def lines_of(path):
    return path.read_text().splitlines() if path.exists() else []


@cache
def undisturbed():
    """What 200 runs find in one process."""
    return sweep(build, moons(20), GRID, seeds=50, workers=0, **COMMON)
