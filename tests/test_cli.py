"""The command as a person meets it: in a process of its own."""

import contextlib
import os
import re
import socket
import subprocess
import sys
from importlib.metadata import version

import pytest

from autograd.user_text import shown
from nn import MLP, load, save
from nn.files import read
from tests.typed_numbers import TYPED_NUMBERS
from viz import draw
from viz.cli import training
from viz.cli.main import main
from viz.cli.user_input import UsageError, result_of, values_of
from viz.render import graphviz

NEURON = "tanh(x1*w1 + x2*w2 + b)"
NUMBERS = ["x1=2", "x2=0", "w1=-3", "w2=1", "b=6.8813735870195432"]


def stepgrad(*words, **environment):
    return subprocess.run(
        [sys.executable, "-m", "stepgrad", *words],
        capture_output=True,
        encoding="utf-8",
        env=os.environ | {"PYTHONIOENCODING": "utf-8"} | environment,
        timeout=120,
    )


def test_explain_walks_through_the_neuron():
    done = stepgrad("explain", NEURON, *NUMBERS)
    assert done.returncode == 0 and done.stderr == ""
    assert done.stdout.splitlines()[0] == "Values: x1 = 2, x2 = 0, w1 = -3, w2 = 1, b = 6.88137"
    assert done.stdout.splitlines()[-1] == (
        "Gradients: ∂y/∂x1 = -1.5, ∂y/∂x2 = 0.5, ∂y/∂w1 = 1, ∂y/∂w2 = 0, ∂y/∂b = 0.5"
    )


def test_values_options_and_a_leading_minus_may_stand_in_any_order(capsys):
    assert main(["explain", "-x**2 * y", "--digits", "3", "x=3", "--to", "x", "y=2"]) == 0
    assert capsys.readouterr().out.endswith("Gradients: ∂result/∂x = -12\n")


@pytest.mark.parametrize(
    "words",
    [
        ["-x*2", "x=2", "--digits", "3"],
        ["--digits", "3", "-x*2", "x=2"],
        ["--digits=3", "-x*2", "x=2"],
        ["x=2", "--digits", "3"],
        ["--digits", "3", "--", "-x*2", "x=2"],
    ],
)
def test_options_may_stand_anywhere_around_an_expression_that_starts_with_a_minus(words, capsys):
    if words[0] == "x=2":
        words = ["-x*2", *words]
    assert main(["explain", *words]) == 0
    assert capsys.readouterr().out.endswith("Gradients: ∂y/∂x = -2\n")


@pytest.mark.parametrize("option", [["-o", "f.svg"], ["-of.svg"], ["--output=f.svg"]])
def test_the_file_may_be_named_before_the_expression(option, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["draw", *option, "-x*2", "x=2"]) == 0
    assert (tmp_path / "f.svg").exists()


def test_a_name_after_to_is_read_as_in_the_expression(capsys):
    assert main(["explain", "µ*x₁", "x1=2", "μ=3", "--to", "µ", "--to", "x₁"]) == 0
    assert capsys.readouterr().out.endswith("Gradients: ∂y/∂μ = 2, ∂y/∂x1 = 3\n")


def test_how_an_expression_was_read_is_said_beside_the_output(capsys):
    assert main(["explain", "2x^2 + |x|", "x=1/2"]) == 0
    out, err = capsys.readouterr()
    assert err == "read as 2*x**2 + abs(x)\n"
    assert out.startswith("Values: x = 0.5\n")
    assert main(["explain", "2*x**2", "x=1/2"]) == 0
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(("typed", "right"), TYPED_NUMBERS)
def test_a_value_that_is_typed_is_that_number_or_gets_a_hint(typed, right):
    if isinstance(right, str):
        with pytest.raises(UsageError) as refusal:
            values_of([f"x={typed}"])
        assert str(refusal.value) == f"{shown(f'x={typed}')} is not a number: {right}"
    else:
        assert repr(values_of([f"x={typed}"])["x"]) == repr(right)


def test_a_fraction_may_be_typed_with_spaces(capsys):
    assert main(["explain", "x*2", "x", "=", "1", "/", "4"]) == 0
    assert capsys.readouterr().out.startswith("Values: x = 0.25\n")


@pytest.mark.parametrize("values", ["x=3;y=2", "x=3, y=2", "x = 3 y = 2", "x=3 ; y =2"])
@pytest.mark.parametrize("quoted", [True, False])
def test_values_may_be_separated_as_in_the_field_of_the_page(values, quoted, capsys):
    words = [values] if quoted else values.split()
    assert main(["explain", "x * y", *words]) == 0
    assert capsys.readouterr().out.startswith("Values: x = 3, y = 2\n")


def test_the_result_is_called_y_unless_a_value_is(capsys):
    main(["explain", "x**2", "x=3"])
    main(["explain", "y**2", "y=3"])
    out = capsys.readouterr().out
    assert "∂y/∂x = 6" in out and "∂result/∂y = 6" in out


@pytest.mark.parametrize("form", ["markdown", "latex"])
def test_explain_writes_other_formats(form, capsys):
    main(["explain", "x**2", "x=3", "--format", form])
    assert r"\frac{\partial" in capsys.readouterr().out


EXTENTS = {
    "svg": "1920 × 733, ",
    "png": "1920 × 1080, ",
    "pdf": "1 page of 1920 × 1080, ",
    "dot": "",
    "html": "",
    "gif": "",
}


@pytest.mark.parametrize("suffix", EXTENTS)
def test_draw_writes_the_picture(suffix, tmp_path):
    path = tmp_path / f"neuron.{suffix}"
    done = stepgrad("draw", NEURON, *NUMBERS, "-o", str(path))
    assert (done.returncode, done.stderr) == (0, "")
    kilobytes = round(path.stat().st_size / 1000)
    assert kilobytes > 1 and done.stdout == f"wrote {path}: {EXTENTS[suffix]}{kilobytes} kB\n"


@pytest.mark.parametrize(
    ("words", "extent"),
    [
        ([], "1 page of 1920 × 1080"),
        (["--size", "1280x720"], "1 page of 1280 × 720"),
        (["--size", "900×1600", "--direction", "tb"], "1 page of 900 × 1600"),
        (["--size", "400X300"], "4 pages of 400 × 300"),
    ],
)
def test_draw_says_how_large_what_it_wrote_is(words, extent, tmp_path, capsys):
    path = tmp_path / "neuron.pdf"
    assert main(["draw", NEURON, *NUMBERS, "-o", str(path), *words]) == 0
    assert capsys.readouterr().out.startswith(f"wrote {path}: {extent}, ")
    count, width, height = map(int, re.findall(r"\d+", extent))
    boxes = re.findall(rb"/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]", path.read_bytes())
    assert [tuple(float(side) / 0.75 for side in box) for box in boxes] == [(width, height)] * count


def drawn_as_svg(words, folder, capsys, expression=True):
    path = folder / "picture.svg"
    asked = [NEURON, *NUMBERS] if expression else []
    assert main(["draw", *asked, *words, "-o", str(path)]) == 0, capsys.readouterr().err
    return path.read_text()


def test_options_of_draw_are_those_of_the_function(tmp_path, capsys):
    y, _ = result_of(NEURON, NUMBERS)
    y.backward()
    for words, options in (
        ([], {}),
        (["--direction", "TB"], {"direction": "TB"}),
        (["--theme", "dark", "--size", "800x600"], {"theme": "dark", "size": (800, 600)}),
        (["--theme", "Light"], {"theme": "light"}),
        (["--no-legend", "--direction", "lr"], {"legend": False}),
    ):
        assert drawn_as_svg(words, tmp_path, capsys) == draw(y, names=False, **options).svg


@pytest.mark.parametrize("name", ["walk", "walk.png", "WALK.PNG", "v1.0"])
def test_a_format_is_said_by_the_name_or_by_an_option(name, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["draw", "x**2", "x=1", "-o", name, "--format", "PNG"]) == 0
    (path,) = tmp_path.iterdir()
    assert path.name in (name, f"{name}.png") and path.suffix.lower() == ".png"
    assert path.read_bytes().startswith(b"\x89PNG")
    assert f"wrote {path.name}: 1920 × 1080, " in capsys.readouterr().out


def test_a_saved_network_is_drawn_with_the_example_that_is_given(tmp_path, capsys):
    model = MLP(2, [3, 1], seed=0)
    file = str(save(model, tmp_path / "net.safetensors"))
    words = ["--model", file, "--example", "-0.5, 1"]
    drawings = {
        (): {},
        ("--fold", "neuron"): {"fold": "neuron"},
        ("--fold", "Network"): {"fold": "network"},
        ("--no-fold",): {"fold": False},
        ("--direction", "TB"): {"direction": "TB"},
    }
    for more, options in drawings.items():
        svg = drawn_as_svg([*words, *more], tmp_path, capsys, expression=False)
        assert svg == draw(model, [-0.5, 1.0], names=False, **options).svg
    assert main(["draw", *words, "-o", str(tmp_path / "net.dot"), "--direction", "TB"]) == 0
    assert "rankdir=TB" in (tmp_path / "net.dot").read_text()


BAD_FOR_A_NETWORK = {
    (): "--model needs --example, the numbers that the network is given, as in --example 0.5,-1",
    ("--example", "1"): "--example 1: the network takes 2 numbers, not 1",
    ("--example", "1,a"): "--example 1,a: 'a' is not a number: write digits, as in 0.5",
    ("--example", "1,"): "--example 1,: '' is not a number",
    ("--example", "1,2", "x*2", "x=1"): "leave out --model or x*2",
    (
        "--example",
        "1,2",
        "--fold",
        "loss",
    ): "there is no fold named loss: choose from neuron, network",
    ("--example", "1,2", "--fold", "neuron", "--no-fold"): "leave out --no-fold or --fold",
    ("--example", "1,2", "--no-fold"): "this network has 2 outputs: leave out --fold, --no-fold",
    (
        "--example",
        "1,2",
        "--direction",
        "TB",
    ): "leave out --fold, --no-fold, --unfold and --direction",
    ("--example", "1,2", "--format", "html"): "--model is for pictures, not for .html",
    ("--example", "1,2", "--format", "dot"): "this model gives several",
    ("--example", "1,2", "--model", "gone.safetensors"): "there is no file gone.safetensors",
    ("--example", "1,2", "--model", "net.csv"): "net.csv cannot be read",
}


@pytest.mark.parametrize("words", BAD_FOR_A_NETWORK, ids=" ".join)
def test_why_a_network_cannot_be_drawn_is_said_in_one_line(words, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    save(MLP(2, [3, 2], seed=0), "two.safetensors")
    (tmp_path / "net.csv").write_text("1,2\n")
    assert main(["draw", "-o", "net", "--format", "png", "--model", "two.safetensors", *words]) == 2
    out, err = capsys.readouterr()
    assert out == "" and err.startswith("stepgrad: ") and err.count("\n") == 1
    assert BAD_FOR_A_NETWORK[words] in err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["net.csv", "two.safetensors"]


def test_demo_makes_the_error_smaller_and_then_trains_a_network(tmp_path):
    done = stepgrad("demo", "-o", str(tmp_path / "demo.svg"))
    assert done.returncode == 0
    assert "to w5: " in done.stdout and "to w1: " in done.stdout
    assert "0.15 - 0.5 ·  0.000438568 = 0.149780716" in done.stdout
    assert "The error E goes from 0.298371109 to 0.291027774.\n" in done.stdout
    assert float(re.search(r"training loss .*accuracy ([\d.]+)%", done.stdout)[1]) > 90
    assert "90/90" in done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "demo-moons.png", "demo-moons.safetensors", "demo.svg",
    ]  # fmt: skip


def test_demo_stops_near_the_best_held_out_loss_and_keeps_both_pictures(tmp_path, monkeypatch):
    histories = []
    drawn = training.drawn
    monkeypatch.setattr(
        training, "drawn", lambda trainer, *rest: (
            histories.append(trainer.history) or drawn(trainer, *rest)
        ),
    )  # fmt: skip
    assert main(["demo", "-o", str(tmp_path / "net.png")]) == 0
    losses = histories[0].held_out_losses
    assert losses[-1] < 1.1 * min(losses)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "net-moons.png", "net-moons.safetensors", "net.png",
    ]  # fmt: skip
    assert (tmp_path / "net.png").read_bytes() != (tmp_path / "net-moons.png").read_bytes()


def test_train_writes_a_model_that_can_be_loaded_and_a_picture(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    words = [
        "train",
        "xor",
        "--points",
        "40",
        "--layers",
        "3",
        "--activation",
        "tanh",
        "--rate",
        "0.1",
    ]
    assert main([*words, "--epochs", "8", "--batch-size", "4"]) == 0
    out = capsys.readouterr().out
    assert "MLP with 13 parameters" in out and "held-out loss" in out
    assert repr(load("xor.safetensors")) == "MLP(2 → 3 tanh → 1)"
    assert (tmp_path / "xor.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("content", "shape"),
    [
        ("a,b,kind\n1,2,yes\n3,4,no\n5,6,yes\n7,8,no\n", "MLP(2 → 2 relu → 1)"),
        ("a,kind\n1,x\n2,y\n3,z\n4,x\n5,y\n", "MLP(1 → 2 relu → 3)"),
        ("a,b,y\n1,2,2.5\n3,4,4.5\n5,6,6.5\n7,8,8.5\n", "MLP(2 → 2 relu → 1)"),
        ("x,y\n1,2.5\n2,4.5\n3,6.5\n4,8.5\n", "MLP(1 → 2 relu → 1)"),
    ],
)
def test_train_takes_a_csv_file_and_what_fits_its_targets(content, shape, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.csv").write_text(content)
    assert main(["train", "mine.csv", "--layers", "2", "--epochs", "2", "--held-out", "0.25"]) == 0
    assert repr(load("mine.safetensors")) == shape
    assert (tmp_path / "mine.png").exists()


def test_the_same_seed_trains_the_same_model(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    words = ["train", "moons", "--points", "10", "--layers", "2", "--epochs", "2", "--seed", "7"]
    for name in ("one", "two"):
        main([*words, "--model", f"{name}.safetensors"])
    assert (tmp_path / "one.safetensors").read_bytes() == (
        tmp_path / "two.safetensors"
    ).read_bytes()


UNDERSTOOD = [
    (
        ",x1,x2,kind\n0,1,2,cat\n1,3,4,dog\n2,5,6,cat\n3,7,8,dog\n",
        [],
        "mine.csv was read as: commas between the columns; line 1 holds their names; column 1 only "
        "counts the rows, and is left out; 2 inputs: x1, x2; target: kind (2 classes: cat, dog)",
        "MLP(2 → 2 relu → 1)",
    ),
    (
        "1,5;1\n2,5;2\n3,5;3\n4,5;1\n",
        ["--classes", "3"],
        "mine.csv was read as: semicolons between the columns; decimals with a comma; line 1 is "
        "data; 1 input: column 1; target: column 2 (3 classes: 1, 2, 3)",
        "MLP(1 → 2 relu → 3)",
    ),
    (
        "0,1,2\n5,6,-1\n7,8,1\n7,8,1\n7,9,-1\n",
        ["--header", "--no-index", "--classes=-1,1", "--separator", ","],
        "mine.csv was read as: commas between the columns; line 1 holds their names; 2 inputs: 0, "
        "1; target: 2 (2 classes: -1, 1)",
        "MLP(2 → 2 relu → 1)",
    ),
    (
        "x,u,v\n1,2,3\n4,5,6\n7,8,9\n1,1,1\n",
        ["--target", "u,v"],
        "mine.csv was read as: commas between the columns; line 1 holds their names; 1 input: x; "
        "targets: u, v (numbers)",
        "MLP(1 → 2 relu → 2)",
    ),
    (
        "1 2\n4 5\n7 8\n1 1\n".replace(" ", "\t"),
        ["--separator", "tab", "--no-header"],
        "mine.csv was read as: tabs between the columns; line 1 is data; 1 input: column 1; "
        "target: column 2 (numbers)",
        "MLP(1 → 2 relu → 1)",
    ),
]


@pytest.mark.parametrize(("content", "words", "line", "shape"), UNDERSTOOD)
def test_train_says_how_it_read_a_file(content, words, line, shape, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.csv").write_text(content)
    words = ["train", "mine.csv", "--layers", "2", "--epochs", "2", "--held-out", "0.25", *words]
    assert main(words) == 0
    assert capsys.readouterr().out.splitlines()[0] == line
    assert repr(load("mine.safetensors")) == shape


@pytest.mark.parametrize(
    ("targets", "hint"),
    [
        ("012012", "If its targets, 0 to 2, are classes, say so with --classes 3."),
        ("123123", "If its targets, 1 to 3, are classes, say so with --classes 3."),
        ("010101", "If its targets, 0 and 1, are classes, say so with --classes 2."),
        (["-1", "1"] * 3, "If its targets, -1 and 1, are classes, say so with --classes 2."),
    ],
)
def test_numbers_that_look_like_classes_are_pointed_out(
    targets, hint, tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.csv").write_text("".join(f"{i},{y}\n" for i, y in enumerate(targets)))
    words = ["train", "mine.csv", "--layers", "2", "--epochs", "1"]
    assert main(words) == 0
    assert hint in capsys.readouterr().out.splitlines()
    assert main([*words, "--classes", hint[-2]]) == 0
    assert "say so" not in capsys.readouterr().out


@pytest.mark.parametrize("layers", ["16", pytest.param("64", marks=pytest.mark.slow)])
def test_three_epochs_of_digits_are_enough_for_nine_of_ten(layers, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["train", "digits", "--layers", layers, "--epochs", "3"]) == 0
    out = capsys.readouterr().out
    assert float(re.search(r"held-out loss .*accuracy ([\d.]+)%", out)[1]) >= 90


def test_the_line_of_the_readme_does_not_overfit(tmp_path, monkeypatch):
    histories = []
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(training, "drawn", lambda trainer, *rest: histories.append(trainer) or b"")
    assert main(["train", "moons", "--layers", "16,16", "--epochs", "100"]) == 0
    losses = histories[0].history.held_out_losses
    assert losses[-1] < 1.1 * min(losses) and losses[-1] < losses[0]


def test_a_read_only_file_is_refused_before_training(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "moons.safetensors").write_bytes(b"mine")
    (tmp_path / "moons.safetensors").chmod(0o444)
    assert main(["train", "moons", "--points", "10"]) == 2
    out, err = capsys.readouterr()
    assert out == "" and "moons.safetensors cannot be written: it is read-only" in err
    assert (tmp_path / "moons.safetensors").read_bytes() == b"mine"


@pytest.mark.parametrize("option", ["--activation", "--optimizer", "--loss"])
def test_names_may_be_written_as_people_write_them(option, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    name = {"--activation": "Tanh", "--optimizer": "AdamW", "--loss": "BCE"}[option]
    words = ["train", "moons", "--points", "10", "--layers", "2", "--epochs", "1"]
    assert main([*words, option, name]) == 0


NUMBERED = "y,a,b\n0,1,2\n1,3,4\n0,5,6\n1,7,8\n0,9,1\n"


@pytest.mark.parametrize("target", ["y", "0", "-3"])
def test_numbers_in_a_csv_file_are_classes_when_that_is_said(target, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.csv").write_text(NUMBERED)
    words = ["train", "mine.csv", "--target", target, "--layers", "2", "--epochs", "1"]
    assert main(words) == 0
    out = capsys.readouterr().out
    assert "numbers as targets" in out and "say so with --classes 2" in out
    assert main([*words, "--classes", "2"]) == 0
    out = capsys.readouterr().out
    assert "2 inputs, 2 classes" in out and "accuracy" in out and "say so" not in out


BAD_CSV = {
    ("--target", "z"): "no column named 'z'",
    ("--target", "3"): "no column 3",
    ("--target", "b", "--classes", "2"): "the 2 classes are 0 to 1",
    ("--classes", "1"): "the number of classes must be at least 2, not 1",
    ("--classes", "two"): "--classes two: write how many there are, or their names with commas",
    ("--target", "y", "--loss", "cross_entropy"): "--classes N",
    ("--loss", "hinge"): "mine has others: use mse",
    ("--loss", "binary_cross_entropy"): "mine has others: use mse",
    ("--model", "mine.csv"): "mine.csv holds the data",
}


@pytest.mark.parametrize("words", BAD_CSV, ids=" ".join)
def test_what_cannot_be_learnt_from_a_csv_file_is_said(words, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.csv").write_text(NUMBERED)
    assert main(["train", "mine.csv", *words]) == 2
    out, err = capsys.readouterr()
    assert out == "" and err.count("\n") == 1 and BAD_CSV[words] in err
    assert (tmp_path / "mine.csv").read_text() == NUMBERED


@pytest.mark.parametrize("option", ["--model", "--picture"])
def test_a_folder_where_a_file_should_go_is_refused_before_training(
    option, tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "there.png").mkdir()
    assert main(["train", "moons", option, "there.png"]) == 2
    out, err = capsys.readouterr()
    assert out == "" and err == "stepgrad: there.png is a folder: name a file in it\n"


def test_a_picture_that_cannot_be_written_leaves_the_old_one(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "moons.png").write_bytes(b"old")

    def full(source, target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(
        training, "save", lambda model, path: monkeypatch.setattr(os, "replace", full) or path
    )
    assert main(["train", "moons", "--points", "10", "--layers", "2", "--epochs", "1"]) == 2
    assert "No space left" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["moons.png"]
    assert read(tmp_path / "moons.png") == b"old"


BAD = {
    (): "the command is missing: stepgrad --help shows how",
    ("foo",): "there is no command named foo: choose from explain, paths, why, exact, draw, step",
    ("explian", "x*x", "x=2"): "there is no command named explian: did you mean explain?",
    ("explain",): "the expression is missing: stepgrad explain --help shows how",
    ("explain", "x"): "x has no value: give it one, as in x=2",
    ("explain", "x", "x=a"): "x=a is not a number",
    ("explain", "x", "x="): "x= is not a number",
    ("explain", "x", "x=nan"): "x=nan is not a number: numbers are finite",
    ("explain", "x", "x=1e999"): "the largest number is about 1.8e308",
    ("explain", "x", "x=1", "x=2"): "given twice",
    ("explain", "x", "x=1", "7"): "what is '7'?",
    ("explain", "x", "2x=1"): "'2x' is not a name",
    ("explain", "x", "x=1", "z=2"): "the expression does not use it",
    ("explain", "x", "x=1", "--to", "q"): "--to q: there is no such value: choose from x",
    ("explain", "x", "x=1", "--digits", "0"): "--digits is a number from 1 to 17, not 0",
    ("explain", "x", "x=1", "--digits", "many"): "--digits takes a whole number, not many: ",
    ("explain", "x", "x=1", "--digits"): "--digits is given no value",
    (
        "explain",
        "x",
        "x=1",
        "--format",
        "pdf",
    ): "there is no format named pdf: choose from text, markdown, latex",
    (
        "explain",
        "x",
        "x=1",
        "--colour",
    ): "there is no option --colour: stepgrad explain --help lists them all",
    ("explain", "x", "x=1", "--lr", "1"): "no option --lr: stepgrad explain --help lists them all",
    ("explain", "x", "x=1", "--fromat", "text"): "no option --fromat: did you mean --format?",
    ("step", "x", "x=1", "--nobrowser"): "no option --nobrowser: did you mean --no-browser?",
    ("train", "moons", "--lr=1"): "there is no option --lr: did you mean --rate?",
    ("train", "moons", "--penlty", "1"): "there is no option --penlty: did you mean --penalty?",
    ("explain", "x", "x=1,5", "y=2"): "x=1,5 is not a number: write 1.5, with a point",
    ("explain", "x", "x=−1,5"): "x=−1,5 is not a number: write -1.5, with a point",
    ("explain", "x", "x=1,000"): "x=1,000 is not a number: write 1000, or 1.000, with a point",
    ("explain", "x", "x=1,000.5"): "write 1000.5, without commas",
    ("explain", "x", "x:1", "y:2"): "what is 'x:1'? Write x=1",
    ("explain", "x", "+", "1", "x=3"): "what is '+'? Values are given as name=number, as in: ",
    ("explain", "h", "=", "w*x", "w=2"): "what is '=w*x'? Values are given as",
    ("explain", "1/2x", "x=1"): "1/2x cannot be read: write 1/(2*x) or (1/2)*x",
    ("explain", "x" * 5000, "x=1"): "the expression has 5000 characters; 4000 is the limit",
    ("explain", "x", f"{'x' * 5000}=1,5"): f"{'x' * 39}… is not a number: write 1.5, with a point",
    ("explain", "x", "\x1b[31mx=1"): "'�[31mx' is not a name",
    ("explain", "x", "x²=1"): "'x²' is not a name",
    ("explain", "µ*x", "µ=1", "μ=2", "x=1"): "μ is given twice",
    ("explain", "x", "x=1", "\x1b[31m"): "what is '�[31m'?",
    ("explain", "x", "x=1", "-x*2"): "what is '-x*2'? Values are given as name=number",
    (
        "explain",
        "x",
        "x=1",
        "--digits",
        "\x1b[31m",
    ): "--digits takes a whole number, not \\x1b[31m: ",
    ("explain", "", "x=1"): "the expression is empty",
    ("explain", "1/x", "x=0"): "divide(1, x = 0): division by zero",
    ("explain", "sqrt(x)", "x=0"): "sqrt(x = 0) does not exist: its formula divides by zero",
    ("explain", "exp(x)", "x=1000"): "exp(x = 1000): too large for a float",
    ("explain", "__import__('os').system('true')", "x=1"): "leave out the quotes",
    ("draw", "x", "x=1"): "-o FILE is missing",
    ("draw", "-o", "x.svg"): "the expression is missing: stepgrad draw --help shows how",
    ("draw", "x**2", "x=1", "-o", "x.bmp"): "-o x.bmp: end the name in one of .svg, .png, .pdf, ",
    ("draw", "x**2", "x=1", "-o", "x"): ".gif, or say which with --format",
    (
        "draw",
        "x**2",
        "x=1",
        "-o",
        "x",
        "--format",
        "bmp",
    ): "there is no format named bmp: choose from svg, png",
    ("draw", "x", "x=1", "-o", "x.svg", "--format", "png"): "--format png and -o x.svg differ",
    ("draw", "x", "x=1", "-o", "x.svg", "--size", "800"): "write a width and a height, as in 1920x",
    ("draw", "x", "x=1", "-o", "x.svg", "--size", "80x80"): "a side of a picture has from 200 to",
    (
        "draw",
        "x",
        "x=1",
        "-o",
        "x.svg",
        "--theme",
        "blue",
    ): "there is no theme named blue: choose from light, dark",
    (
        "draw",
        "x",
        "x=1",
        "-o",
        "x.svg",
        "--direction",
        "RL",
    ): "there is no direction named RL: choose from LR, TB",
    ("draw", "x", "x=1", "-o", "x.html", "--size", "800x600"): "--size is for pictures, not for .h",
    ("draw", "x", "x=1", "-o", "x.gif", "--direction", "TB"): "--direction is for pictures, not fo",
    ("draw", "x", "x=1", "-o", "x.dot", "--no-legend"): "--no-legend is for pictures, not for .dot",
    ("draw", "x", "x=1", "-o", "x.svg", "--example", "1"): "--example is for a network: name the f",
    ("draw", "x**2", "x=1", "-o", "no/such/folder/x.svg"): "no/such/folder",
    ("step",): "the expression is missing",
    ("step", "x"): "x has no value: give it one, as in x=2",
    ("step", "x*x", "x=1", "--port", "80"): "--port is a number from 1024 to 65535, not 80",
    ("step", "x*x", "x=1", "--port", "-1"): "--port is a number from 1024 to 65535, not -1",
    ("step", "x*x", "x=1", "--port", "any"): "--port takes a whole number, not any",
    ("demo", "x=1"): "demo takes no values",
    ("demo", "3"): "what is '3'? stepgrad demo takes nothing but -o FILE",
    ("info", "3"): "what is '3'? stepgrad info takes nothing",
    ("lessons", "3"): "what is '3'? stepgrad lessons takes nothing but --to FOLDER",
    ("lessons", "x=1"): "lessons takes no values",
    ("lessons", "--all"): "there is no option --all: stepgrad lessons --help lists them all",
    ("lessons", "--to", ""): "the folder for the lessons has no name: name one",
    ("lessons", "--to", "no/such"): "there is no folder no: make it first",
    ("train", "moons", "3"): "what is '3'? stepgrad train takes one data set, and options",
    ("train",): "the data set is missing: stepgrad train --help shows how",
    ("train", "moon"): "there is no data set named moon: did you mean moons?",
    ("train", "xyz"): "there is no data set named xyz: choose from moons, circles",
    ("train", "."): ". is a folder: name a file in it",
    ("train", "gone.csv"): "gone.csv",
    ("train", "moons", "x=1"): "train takes no values",
    ("train", "moons", "--layers", "4,x"): "--layers 4,x: write whole numbers with commas",
    ("train", "moons", "--layers", "4,0"): "the size of layer 2 must be at least 1, not 0",
    ("train", "moons", "--activation", "rleu"): "no activation named rleu: did you mean relu?",
    ("train", "moons", "--loss", "mae"): "no loss named mae",
    ("train", "moons", "--optimizer", "newton"): "no optimizer named newton: choose from sgd, adam",
    ("train", "moons", "--rate", "0"): "the learning rate must be positive and finite, not 0",
    ("train", "moons", "--rate", "fast"): "--rate fast is not a number: write digits, as in 0.5",
    ("train", "moons", "--noise", "0,1"): "--noise 0,1 is not a number: write 0.1, with a point",
    ("train", "moons", "--epochs", "-1"): "epochs",
    ("train", "moons", "--batch-size", "0"): "batch size",
    ("train", "moons", "--penalty", "-1"): "penalty",
    ("train", "moons", "--norm", "l3"): "there is no norm named l3",
    ("play", "moons", "--norm", "l3"): "there is no norm named l3",
    ("play", "moons", "--hide", "loss,optimiser"): "no control named optimiser: did you mean optim",
    ("train", "moons", "--points", "1"): "points",
    ("train", "moons", "--noise", "-1"): "noise",
    ("train", "moons", "--held-out", "1"): "--held-out must be at least 0 and below 1, not 1",
    ("train", "moons", "--held-out", "0.001"): "--held-out 0.001 of 100 examples leaves",
    ("train", "moons", "--held-out", "0.999"): "--held-out 0.999 of 100 examples leaves",
    ("train", "moons", "--target", "1"): "--target is for a CSV file, and not for moons",
    ("train", "digits", "--classes", "2"): "--classes is for a CSV file, and not for digits",
    ("train", "digits", "--loss", "mse"): "digits has 10 classes: use cross_entropy, not mse",
    ("train", "digits", "--loss", "hinge"): "10 classes: use cross_entropy, not hinge",
    ("train", "digits", "--loss", "binary_cross_entropy"): "10 classes: use cross_entropy",
    ("train", "linear", "--loss", "cross_entropy"): "linear has numbers as targets, and no classes",
    ("train", "linear", "--loss", "hinge"): "linear has others: use mse",
    ("train", "moons", "--model", "a.png", "--picture", "./a.png"): "cannot both be a.png",
    ("train", "moons", "--model", "no/such/m.safetensors"): "there is no folder no/such",
    ("train", "moons", "--picture", "no/such/p.png"): "there is no folder no/such",
    ("train", "moons", "--picture", "p.bmp3"): "p.bmp3",
}


@pytest.mark.parametrize("words", BAD, ids=" ".join)
def test_what_cannot_be_done_is_said_in_one_line(words, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(list(words)) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("stepgrad: ") and err.count("\n") == 1
    assert BAD[words] in err
    assert list(tmp_path.iterdir()) == []


def test_the_help_of_train_says_what_every_option_means_and_its_default(capsys):
    with pytest.raises(SystemExit):
        main(["train", "--help"])
    _, _, options = capsys.readouterr().out.partition("--help")
    helps = re.split(r"^  --", options, flags=re.MULTILINE)[1:]
    assert len(helps) == 20
    for text in helps:
        meaning = " ".join(text.split("\n\n")[0].split())
        assert len(meaning) > 40 and "default" in meaning
    assert "is added to the loss, and 0 adds nothing (default 0.003)" in " ".join(options.split())


def test_a_port_that_another_program_has_is_said_in_one_line(capsys):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert main(["step", "x*x", "x=1", "--no-browser", "--port", str(port)]) == 2
    out, err = capsys.readouterr()
    assert out == "" and err == (
        f"stepgrad: port {port} is not available: another program may use it; "
        "without --port, a free one is found\n"
    )


def test_no_traceback_reaches_the_terminal():
    done = stepgrad("explain", "log(x)", "x=-1")
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr == "stepgrad: log(x = -1): log(a) is defined only for a > 0\n"


def test_an_ascii_terminal_gets_question_marks_and_no_crash():
    done = stepgrad("explain", "x**2", "x=3", PYTHONIOENCODING="ascii")
    assert done.returncode == 0 and "?y/?x = 2 * x" in done.stdout


def test_a_reader_that_stops_early_is_no_error():
    command = f'{sys.executable} -m stepgrad explain "{"+".join(["x*x"] * 90)}" x=1 | head -1'
    done = subprocess.run(command, shell=True, capture_output=True, text=True, timeout=120)
    assert done.stderr == ""


@pytest.mark.parametrize("redirected", [">&-", ">&- 2>&-"])
def test_a_closed_standard_output_is_no_error(redirected):
    command = f'{sys.executable} -m stepgrad explain "x*x" x=2 {redirected}'
    done = subprocess.run(command, shell=True, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.fixture
def no_graphviz(monkeypatch):
    monkeypatch.setattr(graphviz.shutil, "which", lambda program: None)
    monkeypatch.setitem(sys.modules, "pygraphviz", None)


@pytest.mark.parametrize("suffix", ["svg", "png", "pdf", "dot", "html", "gif"])
def test_pictures_need_no_graphviz(suffix, tmp_path, no_graphviz, capsys):
    assert main(["draw", "x**2", "x=1", "-o", str(tmp_path / f"x.{suffix}")]) == 0
    assert capsys.readouterr().err == ""


def test_version_is_that_of_the_package(capsys):
    with pytest.raises(SystemExit) as end:
        main(["--version"])
    assert end.value.code == 0
    assert capsys.readouterr().out == f"stepgrad {version('stepgrad')}\n"


def test_the_signs_that_are_printed_may_be_typed(capsys):
    assert main(["explain", "−w·x × 2", "w=−3", "x=2"]) == 0
    assert capsys.readouterr().out.endswith("Gradients: ∂y/∂w = -4, ∂y/∂x = 6\n")


TRAIN = ["train", "moons", "--points", "10", "--layers", "2", "--epochs"]


def progress_of(epochs, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    main([*TRAIN, str(epochs)])
    return capsys.readouterr().err.splitlines()


def test_a_log_gets_about_ten_lines_from_start_to_end(tmp_path, monkeypatch, capsys):
    lines = progress_of(45, tmp_path, monkeypatch, capsys)
    assert [line.split("/")[0] for line in lines] == [
        " 1", " 5", "10", "15", "20", "25", "30", "35", "40", "45",
    ]  # fmt: skip
    assert re.fullmatch(r"45/45 epochs: loss .*, learning rate 0\.02", lines[-1])


@pytest.mark.parametrize(("epochs", "count"), [(0, 0), (1, 1), (3, 3)])
def test_a_short_run_gets_a_line_per_epoch(epochs, count, tmp_path, monkeypatch, capsys):
    assert len(progress_of(epochs, tmp_path, monkeypatch, capsys)) == count


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="there are no pseudoterminals here")
def test_a_terminal_gets_a_bar(tmp_path):
    import termios

    ours, theirs = os.openpty()
    termios.tcsetwinsize(theirs, (24, 200))
    command = [sys.executable, "-m", "stepgrad", *TRAIN, "3"]
    subprocess.run(
        command, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=theirs, timeout=120, check=True
    )
    os.close(theirs)
    said = b""
    with contextlib.suppress(OSError):  # Linux's way to say that the other side is closed
        while piece := os.read(ours, 4096):
            said += piece
    os.close(ours)
    assert b"3/3" in said and b"epoch/s" in said and b"\r" in said
