"""Sweeps: every run once, with the numbers of `fit`, into a table that goes on; what is refused."""

import json
import re
import subprocess
import sys
from functools import partial

import pytest

from autograd.disk import FileError
from nn import MLP, RunFailed, ShapeError, Sweep, fit, moons, sweep
from tests.sweeps import COMMON, GRID, LONGEST, SCRIPT, build, calls, lines_of, started, undisturbed


def test_a_run_is_what_fit_does_with_its_settings():
    row = undisturbed().rows[57]
    assert (row["neurons"], row["learning_rate"], row["seed"]) == ([4, 1], 0.1, 7)
    training = {name: row[name] for name in ("loss", "epochs", "held_out", "learning_rate")}
    model = MLP(2, [4, 1], "tanh", seed=7)
    history = fit(model, moons(20), **training, seed=7, progress=False)
    assert row["training_loss"] == history.losses[-1]
    assert row["training_accuracy"] == history.accuracies[-1]
    assert row["held_out_loss"] == history.held_out_losses[-1]
    assert row["held_out_accuracy"] == history.held_out_accuracies[-1]
    assert row["error"] is None


# The table


def test_a_line_that_was_cut_short_is_written_anew(tmp_path):
    for name in ("table.csv", "table.jsonl"):
        path = tmp_path / name
        once = partial(sweep, build, moons(20), GRID, seeds=2, workers=0, path=path, **COMMON)
        found = once()
        whole = path.read_bytes()
        path.write_bytes(whole[:-7])
        assert once().rows == found.rows
        assert path.read_bytes() == whole


def test_two_sweeps_cannot_write_to_one_table(tmp_path):
    pytest.importorskip("fcntl", reason="this system locks no files")
    path = tmp_path / "table.csv"

    def build_and_sweep(**others):
        with pytest.raises(FileError, match=r"another sweep is writing to .*table\.csv"):
            sweep(build, moons(20), GRID, workers=0, path=path, **COMMON)
        return build(**others)

    grid = {"neurons": [[2, 1]]}
    sweep(build_and_sweep, moons(20), grid, workers=0, path=path, **COMMON)
    assert len(lines_of(path)) == 2  # the names, and the run of the one that had it
    assert len(sweep(build, moons(20), grid, seeds=2, workers=0, path=path, **COMMON)) == 2


def test_a_table_that_is_removed_while_it_is_written_is_begun_anew(tmp_path):
    path = tmp_path / "table.jsonl"

    def build_and_remove(**others):
        path.unlink()
        return build(**others)

    sweep(build_and_remove, moons(20), {"neurons": [[2, 1]]}, workers=0, path=path, **COMMON)
    assert len(lines_of(path)) == 1


def test_a_sweep_that_fails_before_its_first_run_leaves_no_table(tmp_path):
    with pytest.raises(RunFailed):
        sweep(lambda seed: 1 / 0, moons(20), {}, workers=0, path=tmp_path / "a.csv", **COMMON)
    assert not any(tmp_path.iterdir())


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


def test_means_are_over_the_seeds_and_the_best_come_first():
    means = undisturbed().means()
    assert undisturbed().settings == ["neurons", "learning_rate"] and len(means) == 4
    losses = [one["held_out_loss"] for one in means]
    assert losses == sorted(losses) and {one["runs"] for one in means} == {50}
    of = [row["held_out_loss"] for row in undisturbed() if row["neurons"] == [4, 1]
          and row["learning_rate"] == 0.1]  # fmt: skip
    assert abs(means[0]["held_out_loss"] - sum(of) / 50) < 1e-12
    assert undisturbed().text.startswith(
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
    _, err = started(tmp_path, script, str(tmp_path), "2").communicate(timeout=LONGEST)
    assert "RuntimeError: no process for the runs can start: in a script, call sweep below" in err


def test_a_function_of_a_session_is_refused_with_the_ways_out():
    code = (
        "from nn import MLP, moons, sweep\n"
        "def build(seed): return MLP(2, [1], seed=seed)\n"
        "sweep(build, moons(20), {}, workers=1)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "TypeError: build is defined in this session, where no other process can" in done.stderr
