"""`stepgrad sweep`, and plots of sweeps."""

import sys

import pytest
from matplotlib.figure import Figure

from nn import Sweep, moons, sweep
from tests.sweeps import COMMON, build, lines_of, undisturbed
from viz import plot_sweep
from viz.cli.main import main

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
        (["--norm", "l2 / l3"], "there is no norm named l3"),
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


def test_the_plot_has_a_line_through_the_means_for_each_other_setting():
    ax = plot_sweep(undisturbed(), Figure().subplots())
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("learning rate", "held-out loss")
    assert [text.get_text() for text in ax.get_legend().get_texts()] == [
        "neurons=[4, 1]",
        "neurons=[2, 1]",
    ]
    means = {(str(one["neurons"]), one["learning_rate"]): one for one in undisturbed().means()}
    xs, ys = ax.lines[0].get_data()
    assert [*xs] == [0.01, 0.1] and ax.get_xscale() == "log"
    assert [*ys] == [means["[4, 1]", x]["held_out_loss"] for x in xs]
    assert sum(len(cloud.get_offsets()) for cloud in ax.collections) == 200


def test_the_plot_takes_another_setting_and_another_result():
    ax = plot_sweep(undisturbed(), Figure().subplots(), x="neurons", y="training_accuracy")
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


def test_what_cannot_be_plotted_gets_a_sentence():
    with pytest.raises(TypeError, match=r"from what nn\.sweep returns, not list"):
        plot_sweep([])
    with pytest.raises(ValueError, match="there is no result named error: choose from training_"):
        plot_sweep(undisturbed(), y="error")
    with pytest.raises(ValueError, match="there is no setting named rate: choose from neurons, le"):
        plot_sweep(undisturbed(), x="rate")
    with pytest.raises(ValueError, match="no run of this sweep has a training_loss"):
        plot_sweep(Sweep(()))
