"""`stepgrad train`: a network trained on a data set, saved, and its boundary drawn."""

import os
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

from autograd.checks import fraction, whole
from autograd.disk import check_writable, replace, suffix_of
from autograd.user_text import counted, did_you_mean
from nn.data import GENERATED, SHIPPED, Dataset, read_table
from nn.decisions import check_loss, natural_loss
from nn.evaluation import evaluate
from nn.files import save
from nn.interrupts import uninterrupted
from nn.losses import Loss, cross_entropy, loss_of
from nn.module import MLP, activation_of
from nn.train import Trainer, optimizer_of
from viz.cli import options

PICTURES = (".png", ".svg", ".pdf")

# What is chosen if nobody chooses: of what a sweep takes several values of, and of the rest.
SETTINGS: dict[str, Any] = {
    "layers": "16,16", "activation": "relu", "optimizer": "adam", "rate": 0.02, "epochs": 100,
    "batch_size": 32, "penalty": 0.003, "norm": "l2",
}  # fmt: skip
FIXED: dict[str, Any] = {"loss": None, "points": 100, "noise": 0.1, "held_out": 0.2}


def add_data(parser: ArgumentParser) -> None:
    """The data set, and how it is read if it is a file."""
    parser.add_argument(
        "dataset", metavar="DATASET", help=f"{', '.join([*GENERATED, *SHIPPED])}, or a CSV file"
    )
    options.add(parser, *options.FOR_FILES)


def add_options(parser: ArgumentParser) -> None:
    """What can be chosen, and what is chosen otherwise."""
    add_data(parser)
    options.add(parser, **SETTINGS, **FIXED, seed=0)
    parser.add_argument(
        "--model",
        metavar="FILE",
        help="file to save the trained network in (default DATASET.safetensors)",
    )
    parser.add_argument(
        "--picture",
        metavar="FILE",
        help=f"file for the picture of what was learned: {', '.join(PICTURES)} "
        "(default DATASET.png)",
    )


def train(arguments: Namespace) -> None:
    """Train as the arguments say; prints where everything went."""
    stem = Path(arguments.dataset).stem
    examples, understood = examples_named(arguments)
    train_on(
        examples,
        hidden=sizes(arguments.layers),
        activation=arguments.activation,
        loss=arguments.loss,
        optimizer=arguments.optimizer,
        rate=arguments.rate,
        epochs=arguments.epochs,
        batch_size=arguments.batch_size,
        penalty=arguments.penalty,
        norm=arguments.norm,
        held_out=arguments.held_out,
        seed=arguments.seed,
        model_path=arguments.model or f"{stem}.safetensors",
        picture_path=arguments.picture or f"{stem}.png",
        source=arguments.dataset,
        understood=understood,
    )


def train_on(
    examples: Dataset,
    *,
    hidden: Sequence[int],
    activation: str,
    rate: float,
    epochs: int,
    model_path: str,
    picture_path: str,
    loss: str | None = None,
    optimizer: str = "adam",
    batch_size: int | None = None,
    penalty: float = 0.0,
    norm: str = "l2",
    held_out: float = 0.2,
    seed: int = 0,
    source: str | None = None,
    understood: str = "",
) -> None:
    """Train a network on the examples, save it and its picture, and print how it went.

    Whatever can be wrong is said before training. `source` is a file that must not be overwritten,
    and `understood` a sentence that says how it was read.
    """
    loss = loss or natural_loss(examples)
    function = loss_of(loss)
    check_loss(function.__name__, examples)
    model_file, picture_file = Path(model_path), Path(picture_path)
    check_files(model_file, picture_file, source)
    whole(epochs, "--epochs", least=0)
    training, rest = divided(examples, held_out, seed)

    outputs = outputs_for(examples, function)
    model = network(examples.width, outputs, layers=hidden, activation=activation, seed=seed)
    trainer = Trainer(
        model,
        training,
        loss=function,
        optimizer=optimizer_of(optimizer, model, rate),
        batch_size=batch_size,
        penalty=penalty,
        norm=norm,
        held_out=rest,
        seed=seed,
    )
    print(*([understood] if understood else []), repr(examples), sep="\n")
    if labels := seeming_classes(examples):
        print(f"If its targets, {labels}, are classes, say so with --classes {len(labels)}.")
    print(model.summary(), flush=True)  # before the lines of progress
    interrupted = trained(trainer, epochs)
    if interrupted and trainer.last_loss is None:
        raise KeyboardInterrupt  # before the first step: what was saved earlier stays
    told = False
    while not told:  # what was learned is not lost, however often Ctrl-C is pressed
        try:
            with uninterrupted():
                saved = save(model, model_file)
                if interrupted:
                    done = counted(len(trainer.history), "epoch")
                    print(f"interrupted after {done}; the model is as after the last whole step")
                print(f"wrote {saved}", flush=True)
                told = True
        except KeyboardInterrupt:
            interrupted = True
    if interrupted:
        raise KeyboardInterrupt
    for name, part in (("training", training), ("held-out", rest)):
        if part is not None:
            value, accuracy = evaluate(model, part, function)
            share = "" if accuracy is None else f", accuracy {accuracy:.1%}"
            print(f"{name} loss {value:.4f}{share} ({counted(len(part), 'example')})")
    replace(picture_file, drawn(trainer, examples, picture_file.suffix))
    print(f"wrote {picture_file}")


def outputs_for(examples: Dataset, loss: Loss) -> int:
    """How many outputs a network for these examples has."""
    return (examples.classes or 1) if loss is cross_entropy else examples.target_width


def network(inputs: int, outputs: int, *, layers: Sequence[int], activation: str, seed: int) -> MLP:
    """An untrained network with these hidden layers."""
    # he: weights that fit the number of inputs, where micrograd's are too large for many
    sizes = [*layers, outputs]
    return MLP(inputs, sizes, activation_of(activation), init="he", seed=seed)


def trained(trainer: Trainer, epochs: int) -> bool:
    """Train, and return whether Ctrl-C ended it."""
    try:
        return trainer.run(epochs).interrupted
    except KeyboardInterrupt:  # once more, while it was stopping
        return True


def examples_named(
    arguments: Namespace, known: Sequence[str] = (*GENERATED, *SHIPPED)
) -> tuple[Dataset, str]:
    """The data set of that name, or in that file, and how the file was read. `known` are the names
    that the command takes."""
    name, seed = arguments.dataset, arguments.seed
    if name in GENERATED or name in SHIPPED:
        for option in options.FOR_FILES:
            if getattr(arguments, option) is not None:
                raise ValueError(f"--{option} is for a CSV file, and not for {name}: leave it out")
    if name in GENERATED:
        return GENERATED[name](arguments.points, noise=arguments.noise, seed=seed), ""
    if name in SHIPPED:
        return SHIPPED[name](), ""
    if Path(name).suffix.lower() in (".csv", ".tsv", ".txt") or Path(name).exists():
        table = read_table(
            name,
            columns(arguments.target),
            header=arguments.header,
            index=arguments.index,
            separator={"tab": "\t", "\\t": "\t"}.get(arguments.separator, arguments.separator),
        )
        examples = table.dataset(classes(arguments.classes))
        return examples, table.understood(examples)
    way_out = did_you_mean(name, known) or f": choose from {', '.join(known)}, or a CSV file"
    raise ValueError(f"there is no data set named {name}{way_out}")


def columns(text: str | None) -> int | str | list[int | str]:
    """What `--target` says: an index or a name, or several. The last column, if it says nothing."""
    if text is None:
        return -1
    found = [int(word) if is_whole(word) else word for word in map(str.strip, text.split(","))]
    return found[0] if len(found) == 1 else found


def classes(text: str | None) -> int | list[str] | None:
    """What `--classes` says: how many there are, or what they are called."""
    if text is None or is_whole(text):
        return None if text is None else int(text)
    if "," not in text:
        raise ValueError(f"--classes {text}: write how many there are, or their names with commas")
    return [name.strip() for name in text.split(",")]


def is_whole(text: str) -> bool:
    """Whether a text is a whole number."""
    return text.strip().removeprefix("-").isdecimal()


def seeming_classes(examples: Dataset) -> "Labels | None":
    """The classes that there seem to be, where targets are taken for numbers."""
    values = set(examples.targets)
    if examples.classes is not None or not 2 <= len(values) < len(examples):
        return None
    if values == {-1, 1}:
        return Labels([-1, 1])
    for start in (0, 1):
        if values == set(range(start, start + len(values))):
            return Labels(range(start, start + len(values)))
    return None


class Labels(list):
    """The numbers of classes, in order; as a text, the first and the last."""

    def __str__(self) -> str:
        return f"{self[0]} {'and' if len(self) == 2 else 'to'} {self[-1]}"


def check_files(model: Path, picture: Path, source: str | None) -> None:
    """Refuse places where nothing can be written: before an hour of training, not after."""
    for path in (model, picture):
        if not path.parent.is_dir():
            raise FileNotFoundError(f"there is no folder {path.parent}: make it first")
        if path.is_dir():
            raise IsADirectoryError(f"{path} is a folder: name a file in it")
        check_writable(path)
        if not os.access(path.parent, os.W_OK):
            raise PermissionError(f"the folder {path.parent} cannot be written to: choose another")
        if source is not None and path.exists() and path.resolve() == Path(source).resolve():
            raise ValueError(f"{path} holds the data: choose another name")
    suffix_of(picture, PICTURES)
    if model.resolve() == picture.resolve():
        raise ValueError(f"model and picture cannot both be {picture}: choose another for one")


def divided(examples: Dataset, held_out: float, seed: int) -> tuple[Dataset, Dataset | None]:
    """The examples to train on, and those held out, if any are."""
    if not fraction(held_out, "--held-out"):
        return examples, None
    count = len(examples)
    if not 0 < round((1 - held_out) * count) < count:  # as `split` counts
        raise ValueError(
            f"--held-out {held_out:g} of {counted(count, 'example')} leaves a part empty: "
            "choose another share, or 0 to hold nothing out"
        )
    return examples.split(1 - held_out, seed=seed)


def sizes(text: str) -> list[int]:
    """The hidden layers: `16,16`, or nothing for none."""
    try:
        return [int(size) for size in text.split(",") if size.strip()]
    except ValueError:
        raise ValueError(f"--layers {text}: write whole numbers with commas, as in 16,16") from None


def drawn(trainer: Trainer, examples: Dataset, suffix: str) -> bytes:
    """The picture: the boundary, or the fitted curve, beside the loss; or only the loss."""
    from matplotlib.figure import Figure

    from viz.plots import plot_boundary, plot_loss

    model, history = trainer.model, trainer.history
    if examples.width == (2 if examples.classes else 1):  # regions of a plane, or a curve
        figure = Figure(figsize=(11, 4.4), layout="constrained")
        left, right = figure.subplots(1, 2)
        plot_boundary(model, examples, ax=left, loss=trainer.loss)
        _legend_below(plot_loss(history, ax=right))
    else:
        figure = Figure(figsize=(6.4, 4), layout="constrained")
        _legend_below(plot_loss(history, ax=figure.subplots()))
    picture = BytesIO()
    figure.savefig(picture, format=suffix.lower().removeprefix("."), dpi=120)
    return picture.getvalue()


def _legend_below(ax: Any) -> None:
    """Move the legend to where it lies on no curve, those of the second scale included."""
    scales = [one for one in ax.figure.axes if one in ax.get_shared_x_axes().get_siblings(ax)]
    for scale in scales:
        if legend := scale.get_legend():
            legend.remove()
    lines = [line for scale in scales for line in scale.get_lines()]
    ax.legend(handles=lines, loc="upper center", bbox_to_anchor=(0.5, -0.13), ncols=2)
