"""`stepgrad train`: a network trained on a data set, saved, and its boundary drawn."""

from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from autograd.ops import BUILT_IN, TABLE
from nn import data, losses, module, optim
from nn.data import Dataset
from nn.evaluation import evaluate, threshold_of
from nn.files import save
from nn.train import Trainer

GENERATED: dict[str, Callable[..., Dataset]] = {
    "moons": data.moons, "circles": data.circles, "spiral": data.spiral,
    "xor": data.xor, "blobs": data.blobs, "linear": data.linear,
}  # fmt: skip
OPTIMIZERS: dict[str, Callable[..., optim.Optimizer]] = {
    "sgd": optim.SGD, "adam": optim.Adam, "adamw": optim.AdamW, "rmsprop": optim.RMSProp,
}  # fmt: skip
PICTURES = (".png", ".svg", ".pdf")
ACTIVATIONS = sorted(name for name in BUILT_IN if len(TABLE[name].partials) == 1)


def add_options(parser: ArgumentParser) -> None:
    """What can be chosen, and what is chosen otherwise."""

    def option(name: str, default: Any, help: str, **more: Any) -> None:
        shown = "" if default is None else f" (default {default})"
        parser.add_argument(name, default=default, help=help + shown, **more)

    parser.add_argument(
        "dataset", metavar="DATASET", help=f"{', '.join(GENERATED)}, digits, sonar, or a CSV file"
    )
    option("--layers", "16,16", "sizes of the hidden layers", metavar="N,N")
    option("--activation", "relu", "of the hidden layers", metavar="NAME")
    option("--loss", None, "mse, hinge, binary_cross_entropy or cross_entropy", metavar="NAME")
    option("--optimizer", "adam", "sgd, adam, adamw or rmsprop", metavar="NAME")
    option("--rate", 0.02, "the learning rate", type=float, metavar="R")
    option("--epochs", 100, "how often all data is seen", type=int, metavar="N")
    option("--batch-size", None, "examples per step (default all)", type=int, metavar="N")
    option("--penalty", 0.0, "times the sum of the squared parameters", type=float, metavar="P")
    option("--points", 100, "how many to generate", type=int, metavar="N")
    option("--noise", 0.1, "how far generated points stray", type=float, metavar="S")
    option("--held-out", 0.2, "share of the data kept aside", type=float, metavar="SHARE")
    option("--seed", 0, "for data, weights and batches", type=int, metavar="N")
    option("--model", None, "where the model goes (default DATASET.safetensors)", metavar="FILE")
    option("--picture", None, "where the picture goes (default DATASET.png)", metavar="FILE")


def train(arguments: Namespace) -> None:
    """Train as the arguments say; prints where everything went."""
    examples = examples_named(arguments)
    hidden = sizes(arguments.layers)
    activation = chosen(
        arguments.activation, {name: TABLE[name] for name in ACTIVATIONS}, "activation"
    )
    optimizer = chosen(arguments.optimizer, OPTIMIZERS, "optimizer")
    loss_name = arguments.loss or natural_loss(examples)
    loss = chosen(loss_name, losses.LOSSES, "loss")
    if loss is losses.cross_entropy or (examples.classes or 0) > 2:
        outputs = examples.classes or 1
    else:
        outputs = 1
    if not 0 <= arguments.held_out < 1:
        raise ValueError(f"--held-out is a share from 0 to below 1, not {arguments.held_out:g}")
    stem = Path(arguments.dataset).stem
    model_path = Path(arguments.model or f"{stem}.safetensors")
    picture_path = Path(arguments.picture or f"{stem}.png")
    for path in (model_path, picture_path):  # said before an hour of training, not after
        if not path.parent.is_dir():
            raise FileNotFoundError(f"there is no folder {path.parent}: make it first")
    if picture_path.suffix.lower() not in PICTURES:
        raise ValueError(
            f"cannot draw {picture_path}: end its name in one of {', '.join(PICTURES)}"
        )

    if arguments.epochs < 0:
        raise ValueError(f"--epochs is a whole number from 0, not {arguments.epochs}")

    training, held_out = examples, None
    if arguments.held_out:
        training, held_out = examples.split(1 - arguments.held_out, seed=arguments.seed)
    model = module.MLP(examples.width, [*hidden, outputs], activation, seed=arguments.seed)
    trainer = Trainer(
        model,
        training,
        loss=loss,
        optimizer=optimizer(model.parameters(), learning_rate=arguments.rate),
        batch_size=arguments.batch_size,
        penalty=arguments.penalty,
        held_out=held_out,
        seed=arguments.seed,
    )
    print(f"{examples!r}\n{model.summary()}")
    history = trainer.run(arguments.epochs)
    if history.interrupted:
        print(f"interrupted after {len(history)} epochs; the model is as after the last whole step")
    for name, part in (("training", training), ("held-out", held_out)):
        if part is not None:
            value, accuracy = evaluate(model, part, loss)
            share = "" if accuracy is None else f", accuracy {accuracy:.1%}"
            print(f"{name} loss {value:.4f}{share} ({len(part)} examples)")
    print(f"wrote {save(model, model_path)}")
    print(f"wrote {drawn(trainer, examples, picture_path)}")


def examples_named(arguments: Namespace) -> Dataset:
    name, seed = arguments.dataset, arguments.seed
    if name in GENERATED:
        return GENERATED[name](arguments.points, noise=arguments.noise, seed=seed)
    if name == "digits":
        return data.digits()
    if name == "sonar":
        return data.sonar()
    if Path(name).suffix.lower() == ".csv" or Path(name).exists():
        return data.from_csv(name)
    known = ", ".join([*GENERATED, "digits", "sonar"])
    raise ValueError(f"there is no data set named {name}: choose {known}, or a CSV file")


def sizes(text: str) -> list[int]:
    """The hidden layers: `16,16`, or nothing for none."""
    try:
        return [int(size) for size in text.split(",") if size.strip()]
    except ValueError:
        raise ValueError(f"--layers {text}: write whole numbers with commas, as in 16,16") from None


def natural_loss(examples: Dataset) -> str:
    """What fits the targets: numbers, two classes, or more."""
    if examples.classes is None:
        return "mse"
    return "binary_cross_entropy" if examples.classes == 2 else "cross_entropy"


def chosen(name: str, choices: dict[str, Any], what: str) -> Any:
    if name not in choices:
        close = get_close_matches(name, choices, n=1)
        hint = f"did you mean {close[0]}?" if close else f"choose one of {', '.join(choices)}"
        raise ValueError(f"there is no {what} named {name}: {hint}")
    return choices[name]


def drawn(trainer: Trainer, examples: Dataset, path: Path) -> Path:
    """The boundary, or the fitted curve, beside the loss; or only the loss."""
    from matplotlib.figure import Figure

    from viz.plots import plot_boundary, plot_loss

    model, history = trainer.model, trainer.history
    if examples.width == (2 if examples.classes else 1):  # regions of a plane, or a curve
        figure = Figure(figsize=(11, 4.4), layout="constrained")
        left, right = figure.subplots(1, 2)
        threshold = threshold_of(trainer.loss, examples.targets)
        plot_boundary(model, examples, ax=left, threshold=threshold)
        plot_loss(history, ax=right)
    else:
        figure = Figure(figsize=(6.4, 4), layout="constrained")
        plot_loss(history, ax=figure.subplots())
    figure.savefig(path, dpi=120)
    return path
