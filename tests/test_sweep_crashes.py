"""Sweeps have the same numbers whoever trains the runs, whatever dies or is stopped."""

import json
import os
import re
import signal
import sys
import threading
from functools import partial
from pathlib import Path
from time import sleep

import pytest

from nn import moons, sweep
from nn.sweeping.plan import Run
from nn.sweeping.workers import Processes, Worker
from tests.sweeps import (
    COMMON,
    GRID,
    KILLED,
    LONGEST,
    SCRIPT,
    build,
    calls,
    deadly,
    lines_of,
    started,
    undisturbed,
    wait_for,
)


def test_two_hundred_runs_with_three_kills_are_those_without(tmp_path):
    path = tmp_path / "table.csv"
    killing = partial(deadly, folder=tmp_path)
    found = sweep(killing, moons(20), GRID, seeds=50, workers=2, path=path, **COMMON)
    assert {name for name in os.listdir(tmp_path)} == {"table.csv", *map(str, KILLED)}
    assert len(found) == 200 and found.rows == undisturbed().rows
    lines = path.read_text().splitlines()[1:]
    runs = {re.match(r'hinge,2,0.25,"(.+)",(.+?),(\d+)', line).groups() for line in lines}
    assert len(lines) == len(runs) == 200


def test_a_run_whose_worker_always_dies_is_said_in_the_table_and_no_other_suffers(tmp_path):
    killing = partial(deadly, folder=tmp_path, always=True)
    grid = {"neurons": [[4, 1]]}
    found = sweep(killing, moons(20), grid, seeds=[2, 3, 4, 5], workers=2, **COMMON)
    errors = {row["seed"]: row["error"] for row in found}
    assert errors == {2: None, 3: "its worker was killed, 3 times", 4: None, 5: None}
    assert found.rows[1]["training_loss"] is None and found.means()[0]["failed"] == 1
    assert "1 run failed, such as: its worker was killed, 3 times" in found.text


def test_a_worker_that_dies_while_it_has_nothing_to_do_is_replaced():
    crew = Processes(build, moons(20), 1)
    try:
        os.kill(crew.idle[0].pid.result(), signal.SIGKILL)
        sleep(0.2)
        crew.start(Run({"neurons": [2, 1], "epochs": 1, "seed": 0}, "data"))
        [(_, found)] = crew.finished()
        assert found is None or found["error"] is None  # the pool may not have noticed yet
    finally:
        crew.close()


# Ctrl-C


@pytest.mark.parametrize("workers", ["0", "2"])
def test_ctrl_c_keeps_what_is_done_and_the_same_call_does_the_rest(workers, tmp_path):
    stopped_and_resumed(tmp_path, workers)


def stopped_and_resumed(tmp_path, *where):
    table = tmp_path / "table.jsonl"
    first = started(tmp_path, SCRIPT, str(tmp_path), *where)
    wait_for(lambda: len(lines_of(table)) >= 3)
    os.killpg(first.pid, signal.SIGINT)  # as a terminal does: the workers get it too
    out, err = first.communicate(timeout=LONGEST)
    done = lines_of(table)
    assert (out, err.count("Traceback")) == (f"{len(done)} True\n", 0), err
    assert 3 <= len(done) < 20
    before = calls(tmp_path)
    second = started(tmp_path, SCRIPT, str(tmp_path), *where)
    assert second.communicate(timeout=LONGEST)[0] == "20 False\n"
    assert lines_of(table)[: len(done)] == done and len(lines_of(table)) == 20
    finished = {f"{row['seed']} {row['neurons']}": 0 for row in map(json.loads, done)}
    for row in map(json.loads, done):
        finished[f"{row['seed']} {row['neurons']}"] += 1
    again = calls(tmp_path) - before
    assert sum(again.values()) == 20 - len(done)  # no more than were left
    assert all(again[run] == 2 - count for run, count in finished.items())


def test_ctrl_c_does_not_reach_a_worker_that_is_still_starting():
    worker = Worker()
    try:
        [process] = worker.pool._processes.values()
        os.kill(process.pid, signal.SIGINT)  # long before it has imported anything
        assert worker.pid.result(timeout=LONGEST) == process.pid
    finally:
        worker.pool.shutdown()


def test_ctrl_c_while_a_line_is_written_loses_no_result(tmp_path, monkeypatch):
    table = tmp_path / "table.jsonl"
    fsync = os.fsync
    monkeypatch.setattr(os, "fsync", lambda file: fsync(file) or signal.raise_signal(signal.SIGINT))
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        found = sweep(build, moons(20), GRID, seeds=2, workers=0, path=table, **COMMON)
    finally:
        signal.signal(signal.SIGINT, before)
    assert found.interrupted and len(found) == len(lines_of(table)) == 1


def test_workers_end_when_the_process_that_wants_their_runs_is_killed(tmp_path):
    parent = started(tmp_path, SCRIPT, str(tmp_path), "2")
    wait_for(lambda: len({line.split()[0] for line in lines_of(tmp_path / "calls")}) == 2)
    workers = {int(line.split()[0]) for line in lines_of(tmp_path / "calls")}
    parent.kill()
    parent.communicate()

    def is_running(pid):
        try:
            return Path(f"/proc/{pid}/stat").read_text().split(") ")[1][0] != "Z"
        except FileNotFoundError:
            return False

    wait_for(lambda: not any(map(is_running, workers)))


# Ray


def test_without_ray_the_command_that_installs_it_is_said(monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(ImportError, match="ray is not installed: pip install ray"):
        sweep(build, moons(20), GRID, ray="auto", **COMMON)


def test_a_cluster_that_does_not_answer_is_said_at_once():
    pytest.importorskip("ray", reason="there is no Ray: pip install ray")
    with pytest.raises(ConnectionError, match=r"no Ray cluster answers at 127.0.0.1:1: .*refused"):
        sweep(build, moons(20), GRID, ray="127.0.0.1:1", **COMMON)


NODE = {"num_cpus": 1, "object_store_memory": 80 * 2**20, "include_log_monitor": False}


@pytest.fixture
def cluster(tmp_path, monkeypatch):
    """A cluster of Ray on this machine, of one node so far."""
    pytest.importorskip("ray", reason="there is no Ray: pip install ray")
    # Of what jsonschema imports if it can, this one compiles a grammar for seconds: in every
    # process of Ray, which waits 15 seconds for its own and then gives up.
    (tmp_path / "quick").mkdir()
    (tmp_path / "quick/rfc3987_syntax.py").write_text("raise ImportError")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "quick"), prepend=os.pathsep)
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    from ray.cluster_utils import Cluster

    cluster = Cluster(initialize_head=True, head_node_args={"include_dashboard": False, **NODE})
    yield cluster
    cluster.shutdown()


@pytest.mark.unsteady
def test_a_ray_cluster_finds_the_same_though_workers_and_a_machine_die(cluster, tmp_path):
    second = cluster.add_node(**NODE)
    folder = tmp_path / "sweep"
    folder.mkdir()
    table = folder / "table.jsonl"

    def lose_a_machine():
        wait_for(lambda: len(lines_of(table)) >= 100)
        cluster.remove_node(second)

    losing = threading.Thread(target=lose_a_machine)
    losing.start()
    killing = partial(deadly, folder=folder)
    found = sweep(killing, moons(20), GRID, seeds=50, path=table, ray=cluster.address, **COMMON)
    losing.join()
    assert {*os.listdir(folder)} == {"table.jsonl", *map(str, KILLED)}
    assert found.rows == undisturbed().rows and len(lines_of(table)) == 200


@pytest.mark.unsteady
@pytest.mark.parametrize("joins", ["sweep", "script"])
def test_ctrl_c_stops_what_runs_on_a_cluster_and_the_same_call_does_the_rest(
    joins, cluster, tmp_path
):
    folder = tmp_path / "sweep"
    folder.mkdir()
    stopped_and_resumed(folder, "ray", cluster.address, joins)
