"""The scripts of docs/growing.md: on many devices, and in many processes, a recorded loss trains to
the parameters that `fit` comes to on one."""

import json
import os
import socket
import subprocess
import sys
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from nn import MLP, evaluate, fit, moons

ROOT = Path(__file__).parents[1]
SCRIPTS = ROOT / "docs/growing"
ON_JAX = [sys.executable, str(SCRIPTS / "devices_jax.py")]
LIMIT = 300  # seconds


@cache
def ours():
    """The loss and the parameters after training here."""
    model, data = MLP(2, [16, 1], "tanh", seed=0), moons(800)
    options = {"optimizer": "sgd", "learning_rate": 0.5, "epochs": 50, "progress": False}
    fit(model, data, loss="binary_cross_entropy", **options)
    return {"loss": evaluate(model, data, "binary_cross_entropy")[0], **model.state_dict()}


def started(command, devices=1):
    env = os.environ | {
        "PYTHONPATH": str(ROOT),
        "JAX_PLATFORMS": "cpu",
        "XLA_FLAGS": f"--xla_force_host_platform_device_count={devices}",
        "OMP_NUM_THREADS": "1",
    }
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen(command, env=env, **pipes)


def comes_to_ours(process, devices):
    """What the script prints is what training comes to here."""
    try:
        out, err = process.communicate(timeout=LIMIT)
    finally:
        process.kill()
    assert process.returncode == 0, err
    [line] = [line for line in out.splitlines() if line.startswith("{")]  # gloo prints, too
    found = json.loads(line)
    assert found.pop("devices") == devices
    assert found.keys() == ours().keys()
    assert np.allclose([*found.values()], [*ours().values()], rtol=1e-12, atol=1e-12)


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as one:
        return one.getsockname()[1]


@pytest.mark.unsteady
@pytest.mark.parametrize("devices", [1, 8])
def test_the_devices_of_a_jax_mesh_train_as_one(devices):
    pytest.importorskip("jax", reason="there is no JAX: pip install jax")
    comes_to_ours(started(ON_JAX, devices), devices)


@pytest.mark.unsteady
def test_two_processes_of_jax_train_as_one():
    pytest.importorskip("jax", reason="there is no JAX: pip install jax")
    cluster = ["--coordinator", f"127.0.0.1:{free_port()}", "--processes", "2", "--process"]
    first, second = (started([*ON_JAX, *cluster, i], devices=2) for i in "01")
    try:
        comes_to_ours(first, devices=4)
        assert second.wait(LIMIT) == 0
    finally:
        second.kill()
        second.communicate()


@pytest.mark.growing
@pytest.mark.unsteady
def test_two_processes_of_pytorch_train_as_one():
    run = ["-m", "torch.distributed.run", "--nproc-per-node", "2", "--master-addr", "127.0.0.1"]
    port = ["--master-port", str(free_port())]
    script = str(SCRIPTS / "devices_torch.py")
    comes_to_ours(started([sys.executable, *run, *port, script]), devices=2)
