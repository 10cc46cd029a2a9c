"""Sweeps: every run once, with the same numbers whoever trains it, whatever dies on the way."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections import Counter
from functools import partial
from pathlib import Path
from time import monotonic, sleep

import pytest
from matplotlib.figure import Figure

from nn import MLP, RunFailed, ShapeError, Sweep, fit, moons, sweep
from nn.sweeping.plan import Run
from nn.sweeping.workers import Processes
from viz import plot_sweep
from viz.cli.main import main

GRID = {"neurons": [[4, 1], [2, 1]], "learning_rate": [0.01, 0.1]}
COMMON = {"loss": "hinge", "epochs": 2, "held_out": 0.25, "progress": False}
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


@pytest.fixture(scope="module")
def undisturbed():
    return sweep(build, moons(20), GRID, seeds=50, workers=0, **COMMON)


def test_a_run_is_what_fit_does_with_its_settings(undisturbed):
    row = undisturbed.rows[57]
    assert (row["neurons"], row["learning_rate"], row["seed"]) == ([4, 1], 0.1, 7)
    training = {name: row[name] for name in ("loss", "epochs", "held_out", "learning_rate")}
    model = MLP(2, [4, 1], "tanh", seed=7)
    history = fit(model, moons(20), **training, seed=7, progress=False)
    assert row["training_loss"] == history.losses[-1]
    assert row["training_accuracy"] == history.accuracies[-1]
    assert row["held_out_loss"] == history.held_out_losses[-1]
    assert row["held_out_accuracy"] == history.held_out_accuracies[-1]
    assert row["error"] is None


def test_two_hundred_runs_with_three_kills_are_those_without(undisturbed, tmp_path):
    path = tmp_path / "table.csv"
    killing = partial(deadly, folder=tmp_path)
    found = sweep(killing, moons(20), GRID, seeds=50, workers=2, path=path, **COMMON)
    assert {name for name in os.listdir(tmp_path)} == {"table.csv", *map(str, KILLED)}
    assert len(found) == 200 and found.rows == undisturbed.rows
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


# Ctrl-C and crashes

SCRIPT = """
import signal
import sys
from functools import partial
from nn import moons, sweep
from tests.test_sweep import GRID, build

if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell may ignore it
    folder, workers = sys.argv[1:]
    found = sweep(partial(build, folder=folder), moons(200), GRID, seeds=5, loss="hinge",
                  batch_size=1, epochs=60, path=folder + "/table.jsonl", workers=int(workers))
    print(len(found), found.interrupted)
"""


def started(folder, script, *words, **options):
    path = folder / "script.py"
    path.write_text(script)
    env = os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    command = [sys.executable, str(path), *words]
    return subprocess.Popen(command, env=env, start_new_session=True, **pipes, **options)


def wait_for(condition, seconds=60):
    end = monotonic() + seconds
    while not condition():
        assert monotonic() < end
        sleep(0.02)


def lines_of(path):
    return path.read_text().splitlines() if path.exists() else []


@pytest.mark.parametrize("workers", ["0", "2"])
def test_ctrl_c_keeps_what_is_done_and_the_same_call_does_the_rest(workers, tmp_path):
    table = tmp_path / "table.jsonl"
    first = started(tmp_path, SCRIPT, str(tmp_path), workers)
    wait_for(lambda: len(lines_of(table)) >= 3)
    os.killpg(first.pid, signal.SIGINT)  # as a terminal does: the workers get it too
    out, err = first.communicate(timeout=60)
    done = lines_of(table)
    assert out == f"{len(done)} True\n" and 3 <= len(done) < 20 and "Traceback" not in err
    before = calls(tmp_path)
    second = started(tmp_path, SCRIPT, str(tmp_path), workers)
    assert second.communicate(timeout=120)[0] == "20 False\n"
    assert lines_of(table)[: len(done)] == done and len(lines_of(table)) == 20
    finished = {f"{row['seed']} {row['neurons']}": 0 for row in map(json.loads, done)}
    for row in map(json.loads, done):
        finished[f"{row['seed']} {row['neurons']}"] += 1
    again = calls(tmp_path) - before
    assert sum(again.values()) == 20 - len(done)  # no more than were left
    assert all(again[run] == 2 - count for run, count in finished.items())


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


def test_a_line_that_was_cut_short_is_written_anew(tmp_path):
    for name in ("table.csv", "table.jsonl"):
        path = tmp_path / name
        once = partial(sweep, build, moons(20), GRID, seeds=2, workers=0, path=path, **COMMON)
        found = once()
        whole = path.read_bytes()
        path.write_bytes(whole[:-7])
        assert once().rows == found.rows
        assert path.read_bytes() == whole


def test_a_table_goes_on_with_a_larger_grid_and_more_seeds(tmp_path):
    path = tmp_path / "table.csv"
    small = sweep(build, moons(20), {"neurons": [[4, 1]]}, workers=0, path=path, **COMMON)
    before = path.read_text()
    counted = partial(build, folder=tmp_path)
    grid = {"neurons": [[2, 1], [4, 1]]}
    large = sweep(counted, moons(20), grid, seeds=2, workers=0, path=path, **COMMON)
    assert path.read_text().startswith(before) and len(large) == 4
    assert large.rows[2] == small.rows[0]
    assert sorted(calls(tmp_path)) == ["0 [2, 1]", "1 [2, 1]", "1 [4, 1]"]


def test_results_of_other_examples_are_not_taken_for_these(tmp_path):
    path = tmp_path / "table.jsonl"
    once = partial(sweep, build, grid={"neurons": [[2, 1]]}, workers=0, path=path, **COMMON)
    one, other = once(data=moons(20)), once(data=moons(20, seed=1))
    assert one.rows != other.rows and len(lines_of(path)) == 2
    assert once(data=moons(20)).rows == one.rows and len(lines_of(path)) == 2


def test_data_can_be_a_function_of_the_seed(tmp_path):
    grid = {"neurons": [[2, 1]]}
    found = sweep(build, partial(moons, 20), grid, seeds=2, workers=0, **COMMON)
    fixed = sweep(build, moons(20, seed=1), grid, seeds=[1], workers=0, **COMMON)
    assert found.rows[1] == fixed.rows[0] and found.rows[0]["data"] != fixed.rows[0]["data"]


def test_a_sweep_is_saved_as_it_was_written(tmp_path):
    for name in ("table.csv", "table.jsonl"):
        path = tmp_path / name
        found = sweep(build, moons(20), GRID, seeds=2, workers=0, path=path, **COMMON)
        assert found.save(tmp_path / f"saved-{name}").read_bytes() == path.read_bytes()


# What it says


def test_means_are_over_the_seeds_and_the_best_come_first(undisturbed):
    means = undisturbed.means()
    assert undisturbed.settings == ["neurons", "learning_rate"] and len(means) == 4
    losses = [one["held_out_loss"] for one in means]
    assert losses == sorted(losses) and {one["runs"] for one in means} == {50}
    of = [row["held_out_loss"] for row in undisturbed if row["neurons"] == [4, 1]
          and row["learning_rate"] == 0.1]  # fmt: skip
    assert abs(means[0]["held_out_loss"] - sum(of) / 50) < 1e-12
    assert undisturbed.text.startswith(
        "200 runs; means over the seeds, the best first:\n\n  neurons"
    )


def test_training_that_diverges_is_a_row_and_comes_last():
    grid = {"optimizer": ["sgd"], "learning_rate": [1e200, 0.1], "neurons": [[2, 1]]}
    found = sweep(build, moons(20), grid, seeds=2, workers=0, **COMMON | {"loss": "mse"})
    assert [row["error"] is None for row in found] == [False, False, True, True]
    assert [one["learning_rate"] for one in found.means()] == [0.1, 1e200]
    assert "2 runs failed, such as:" in found.text


@pytest.mark.parametrize("workers", [0, 1])
def test_a_run_that_raises_ends_the_sweep_and_says_which_it_was(workers, tmp_path):
    path = tmp_path / "table.csv"
    with pytest.raises(
        RunFailed, match=r"the run .*neurons=\[2, 0\], seed=0 failed: ShapeErr"
    ) as e:
        sweep(build, moons(20), {"neurons": [[2, 1], [2, 0]]}, path=path, workers=workers, **COMMON)
    assert "in build" in e.value.__notes__[0] and len(lines_of(path)) == 2
    assert issubclass(ShapeError, ValueError)


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"grid": {"neurons": [1]}, "neurons": 1}, ValueError, "neurons is in the grid, and given"),
        ({"grid": {"seed": [1]}}, ValueError, "seed is no setting of a run"),
        ({"grid": {"training_loss": [1]}}, ValueError, "training_loss is no setting of a run"),
        ({"grid": {"optimizer": "sgd"}}, TypeError, r"as in optimizer=\['sgd'\]"),
        ({"grid": {"learning_rate": 0.1}}, TypeError, r"as in learning_rate=\[0.1\]"),
        ({"grid": {"learning_rate": []}}, ValueError, "learning_rate has no value"),
        ({"grid": {"penalty": [0.1, 0.1]}}, ValueError, "penalty lists 0.1 twice"),
        ({"grid": {"activation": [abs]}}, TypeError, "activation: <built-in function abs> cannot"),
        ({"grid": {"activation": ["a\nb"]}}, TypeError, "cannot stand in a table"),
        ({"grid": {"penalty": [float("nan")]}}, TypeError, "penalty: nan cannot stand"),
        ({"seeds": 0}, ValueError, "the number of seeds must be at least 1"),
        ({"seeds": [0, 0]}, ValueError, "seeds lists 0 twice"),
        ({"workers": -1}, ValueError, "the number of workers must be at least 0"),
        ({"workers": 1, "ray": "auto"}, ValueError, "leave one out"),
        ({"path": "table.txt"}, ValueError, r"end its name in one of .csv, .jsonl"),
        ({"path": "gone/table.csv"}, FileNotFoundError, "there is no folder gone"),
        ({"build": lambda seed: None, "workers": 1}, TypeError, "build cannot go to another proc"),
        ({"data": lambda seed: moons(20), "workers": 1}, TypeError, "data cannot go to another"),
    ],
)
def test_what_cannot_be_swept_gets_a_sentence(change, error, message):
    arguments = {"build": build, "data": moons(20), "grid": {"neurons": [[2, 1]]}} | COMMON | change
    with pytest.raises(error, match=message):
        sweep(**arguments)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("t.csv", "a,b\n1,2\n", "the table of another sweep, with the columns a, b"),
        ("t.csv", "a,b\n1\n", "no table of a sweep: line 2 has 1 columns, and line 1 has 2"),
        ("t.csv", "a,b\n", "the table of another sweep"),
        ("t.jsonl", '{"a": 1}\n', "the table of another sweep, with the columns a"),
        ("t.jsonl", "[1]\n", "no table of a sweep"),
        ("t.jsonl", "a\n", "no table of a sweep"),
        ("t.jsonl", b"\xff\n", "no table of a sweep"),
    ],
)
def test_a_file_that_is_no_table_of_this_sweep_is_left_alone(name, content, message, tmp_path):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    before = path.read_bytes()
    with pytest.raises(ValueError, match=message):
        sweep(build, moons(20), {"neurons": [[2, 1]]}, path=path, workers=0, **COMMON)
    assert path.read_bytes() == before


def test_numbers_of_numpy_are_settings():
    import numpy as np

    grid = {"neurons": [np.array([2, 1]).tolist()], "learning_rate": np.array([0.1, 0.2])}
    found = sweep(build, moons(20), grid, seeds=np.arange(2), workers=0, **COMMON)
    assert [row["learning_rate"] for row in found] == [0.1, 0.1, 0.2, 0.2]
    assert json.loads(found.json)["rows"][0]["seed"] == 0


def test_progress_is_a_line_per_run(capsys):
    sweep(build, moons(20), GRID, workers=0, **COMMON | {"progress": True})
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 4
    assert re.fullmatch(
        r"4/4 runs: held-out loss [\d.]+: neurons=\[2, 1\], learning_rate=0.1, seed=0", lines[-1]
    )


def test_a_sweep_that_is_done_starts_nobody(tmp_path):
    path = tmp_path / "table.csv"
    sweep(build, moons(20), GRID, workers=0, path=path, **COMMON)
    found = sweep(lambda: None, moons(20), GRID, workers=1, path=path, **COMMON)
    assert len(found) == 4 and not isinstance(found, list) and isinstance(found, Sweep)


def test_a_script_that_every_process_would_start_again_is_told_so(tmp_path):
    script = SCRIPT.replace('if __name__ == "__main__":', "if True:")
    _, err = started(tmp_path, script, str(tmp_path), "2").communicate(timeout=120)
    assert "RuntimeError: no process for the runs can start: in a script, call sweep below" in err


def test_a_function_of_a_session_is_refused_with_the_ways_out():
    code = (
        "from nn import MLP, moons, sweep\n"
        "def build(seed): return MLP(2, [1], seed=seed)\n"
        "sweep(build, moons(20), {}, workers=1)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "TypeError: build is defined in this session, where no other process can" in done.stderr


# The command

WORDS = ["sweep", "moons", "--layers", "2 / 4,2", "--rate", "0.01/0.1", "--epochs", "3",
         "--points", "20", "--seeds", "2", "--workers", "0"]  # fmt: skip


def test_the_command_trains_what_stepgrad_train_would(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(WORDS) == 0
    out = capsys.readouterr().out
    assert out.startswith("Dataset(moons: 20 rows of 2 inputs, 2 classes)\n8 runs; means over the")
    assert out.endswith("wrote moons-sweep.csv\nwrote moons-sweep.png\n")
    [row] = [line for line in lines_of(tmp_path / "moons-sweep.csv") if '[4, 2]",' in line
             and ",0.1,1," in line]  # fmt: skip
    held_out = float(row.split(",")[-3])
    train = ["train", "moons", "--layers", "4,2", "--rate", "0.1", "--epochs", "3", "--points"]
    assert main([*train, "20", "--seed", "1"]) == 0
    assert f"held-out loss {held_out:.4f}" in capsys.readouterr().out


def test_the_command_goes_on_where_it_was_stopped(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main([*WORDS, "-o", "mine.jsonl", "--picture", "mine.svg"]) == 0
    whole = (tmp_path / "mine.jsonl").read_bytes()
    (tmp_path / "mine.jsonl").write_bytes(b"".join(whole.splitlines(keepends=True)[:5]))
    capsys.readouterr()
    assert main([*WORDS, "-o", "mine.jsonl"]) == 0
    assert "3/3 runs" in capsys.readouterr().err and (tmp_path / "mine.png").exists()
    assert (tmp_path / "mine.jsonl").read_bytes() == whole


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--rate", "0.1 / x"], "--rate x is not a number"),
        (["--epochs", "1 / 2.5"], "--epochs 2.5 is not a number: write whole ones, as in 10 / 100"),
        (["--layers", "8 / a"], "--layers a: write whole numbers with commas"),
        (["--layers", "8 / 8"], "layers lists [8] twice"),
        (["--optimizer", "adam / sdg"], "there is no optimizer named sdg: did you mean sgd?"),
        (["--seeds", "0"], "the number of seeds must be at least 1"),
        (["--ray", "nowhere:1"], "ray"),
        (["-o", "table.txt"], "end its name in one of .csv, .jsonl"),
        (["-o", "gone/table.csv"], "there is no folder gone"),
        (["--picture", "mine.gif"], "end its name in one of .png, .svg, .pdf"),
        (["--held-out", "0.01"], "leaves a part empty"),
        (["--seed", "1"], "there is no option --seed: did you mean --seeds?"),
    ],
)
def test_what_the_command_cannot_do_is_one_line(words, message, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(sys.modules, "ray", None)
    words = [*WORDS, *words] if "--ray" not in words else [*WORDS[:-2], *words]
    assert main(words) == 2
    err = capsys.readouterr().err
    assert message in err.splitlines()[-1] and err.splitlines()[-1].startswith("stepgrad: ")


# The plot


def test_the_plot_has_a_line_through_the_means_for_each_other_setting(undisturbed):
    ax = plot_sweep(undisturbed, Figure().subplots())
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("learning rate", "held-out loss")
    assert [text.get_text() for text in ax.get_legend().get_texts()] == [
        "neurons=[4, 1]",
        "neurons=[2, 1]",
    ]
    means = {(str(one["neurons"]), one["learning_rate"]): one for one in undisturbed.means()}
    xs, ys = ax.lines[0].get_data()
    assert [*xs] == [0.01, 0.1] and ax.get_xscale() == "log"
    assert [*ys] == [means["[4, 1]", x]["held_out_loss"] for x in xs]
    assert sum(len(cloud.get_offsets()) for cloud in ax.collections) == 200


def test_the_plot_takes_another_setting_and_another_result(undisturbed):
    ax = plot_sweep(undisturbed, Figure().subplots(), x="neurons", y="training_accuracy")
    assert [label.get_text() for label in ax.get_xticklabels()] == ["[4, 1]", "[2, 1]"]
    assert ax.get_ylabel() == "training accuracy" and len(ax.lines) == 2


def test_a_plot_of_too_many_lines_shows_the_best():
    grid = {"neurons": [[n, 1] for n in range(1, 10)], "learning_rate": [0.01, 0.1]}
    found = sweep(build, moons(20), grid, workers=0, **COMMON)
    ax = plot_sweep(found, Figure().subplots())
    assert len(ax.lines) == 7 and ax.get_legend().get_title().get_text() == "the best 7 of 9"
    assert ax.lines[0].get_label() == f"neurons={found.means()[0]['neurons']}"


def test_a_plot_of_seeds_alone_has_them_on_its_axis():
    found = sweep(build, moons(20), {"neurons": [[2, 1]]}, seeds=3, workers=0, **COMMON)
    ax = plot_sweep(found, Figure().subplots())
    assert ax.get_xlabel() == "seed" and [*ax.lines[0].get_xdata()] == [0, 1, 2]


def test_what_cannot_be_plotted_gets_a_sentence(undisturbed):
    with pytest.raises(TypeError, match=r"from what nn\.sweep returns, not list"):
        plot_sweep([])
    with pytest.raises(ValueError, match="there is no result named error: choose from training_"):
        plot_sweep(undisturbed, y="error")
    with pytest.raises(ValueError, match="there is no setting named rate: choose from neurons, le"):
        plot_sweep(undisturbed, x="rate")
    with pytest.raises(ValueError, match="no run of this sweep has a training_loss"):
        plot_sweep(Sweep(()))


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
def test_a_ray_cluster_finds_the_same_though_workers_and_a_machine_die(
    undisturbed, cluster, tmp_path
):
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
    assert found.rows == undisturbed.rows and len(lines_of(table)) == 200
