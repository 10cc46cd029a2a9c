"""How a network is built and trained: every setting of the playground, checked in one place."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from autograd.checks import choose, finite, positive, whole
from autograd.ops import gelu, leaky_relu, relu, sigmoid, silu, sin, softplus, tanh
from nn.data import Dataset
from nn.decisions import check_loss, natural_loss
from nn.initial import INITIALIZERS
from nn.losses import LOSSES, PENALTIES
from nn.module import ACTIVATIONS, MLP, activation_of
from nn.optim import OPTIMIZERS, Optimizer, Schedule, constant, cosine, step_decay
from viz.apps.playground.data import seed_of
from viz.apps.playground.rules import SYMBOLS, rules

__all__ = [
    "ACTIVATION",
    "CONTROLS",
    "LOOKS",
    "MOST_LAYERS",
    "MOST_NEURONS",
    "Config",
    "choices",
    "config_of",
    "names_in",
    "settings_from_python",
]

ACTIVATION = tanh.name  # of all hidden layers, unless they have others
MOST_LAYERS, MOST_NEURONS = 6, 128  # hidden layers, and neurons in one of them
SCHEDULES: dict[str, tuple[Any, tuple[str, ...]]] = {  # each with the settings that it reads
    "constant": (constant, ()),
    "cosine": (cosine, ("period",)),
    "step_decay": (step_decay, ("period", "factor")),
}
CONTROLS = (  # that a page can leave out, by their names
    "first", "back", "play", "next", "epoch", "speed", "loss", "optimizer", "rate", "batch",
    "penalty", "norm", "more", "schedule", "init", "seed", "undo", "reset", "map", "save",
    "data", "inputs", "noise", "points", "held_out", "show_held_out", "flat", "draw_data",
    "layers", "activation", "take", "pin", "redraw", "predict",
)  # fmt: skip
LOOKS = ("held_out", "flat")  # what a page can draw otherwise: examples held out, and no shades
SYNONYMS = {"batch_size": "batch", "learning_rate": "rate"}  # as `nn.fit` calls them


@dataclass(frozen=True)
class Config:
    """The settings of a network and of its training; what each may be is in `config_of`.

    `layers` are the hidden ones, each with its number of neurons and the name of its activation.
    `period` is how many updates a cosine takes down to 0, or after how many a step decay multiplies
    the rate by `factor`. A `batch` of 0 takes all examples at once, in their order. `pinned` are
    the places of the parameters that do not move. An optimiser reads those settings that it has.
    """

    layers: tuple[tuple[int, str], ...] = ((8, ACTIVATION), (8, ACTIVATION))
    loss: str = "binary_cross_entropy"
    optimizer: str = "sgd"
    rate: float = 0.3
    schedule: str = "constant"
    period: int = 1000
    factor: float = 0.5
    momentum: float = 0.0
    nesterov: bool = False
    beta1: float = 0.9
    beta2: float = 0.999
    eps: float = 1e-8
    decay: float = 0.99
    weight_decay: float = 0.0
    batch: int = 0
    penalty: float = 0.0
    norm: str = "l2"
    init: str = "xavier"
    seed: int = 0
    pinned: tuple[int, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The settings as a message has them."""
        layers = [{"size": size, "activation": name} for size, name in self.layers]
        return asdict(self) | {"layers": layers, "pinned": list(self.pinned)}

    @property
    def batch_size(self) -> int | None:
        """The size of a batch as `nn` has it."""
        return self.batch or None

    def learning_rate(self) -> Schedule:
        """The rate of every update."""
        kind, reads = SCHEDULES[self.schedule]
        return kind(self.rate, *[getattr(self, name) for name in reads])

    def of_optimizer(self) -> dict[str, Any]:
        """The arguments of the optimiser, but for the parameters and the rate."""
        betas: dict[str, Any] = {"betas": (self.beta1, self.beta2), "eps": self.eps}
        settings: dict[str, dict[str, Any]] = {
            "sgd": {
                "momentum": self.momentum,
                "nesterov": self.nesterov,
                "weight_decay": self.weight_decay,
            },
            "adam": betas,
            "adamw": betas | {"weight_decay": self.weight_decay},
            "rmsprop": {"decay": self.decay, "eps": self.eps, "momentum": self.momentum},
        }
        return settings[self.optimizer]

    def optimizer_for(self, parameters: list[Any]) -> Optimizer:
        """A new optimiser of these parameters."""
        kind: Any = OPTIMIZERS[self.optimizer]
        return kind(parameters, self.learning_rate(), **self.of_optimizer())

    def sizes(self, data: Dataset) -> list[int]:
        """The sizes of all layers for this data; the last is the number of outputs."""
        outputs = (data.classes or 1) if self.loss == "cross_entropy" else data.target_width
        return [size for size, _ in self.layers] + [outputs]

    def activations(self) -> list[Any]:
        """The activations of all layers."""
        return [activation_of(name) for _, name in self.layers] + [None]

    def model(self, data: Dataset) -> MLP:
        """A new network for this data, with the weights that its seed gives it."""
        return MLP(data.width, self.sizes(data), self.activations(), init=self.init, seed=self.seed)


def config_of(settings: Any, base: Config | None = None) -> Config:
    """The settings that a message has, in place of those of `base`.

    Raises ValueError or TypeError, in one sentence, for a setting or a name that is not known, for
    a number out of its range, and for a network larger than the page shows.
    """
    if not isinstance(settings, Mapping):
        raise TypeError(f"settings are given by name, not as {settings!r:.60}")
    known = {field.name: field.name for field in fields(Config)}
    found: dict[str, Any] = {choose(name, known, "setting"): x for name, x in settings.items()}
    for name, entry in found.items():
        found[name] = CHECKS[name](entry)
    config = replace(base or Config(), **found)
    config.optimizer_for(_ONE.parameters())  # it complains about what does not go together
    return config


def layers_of(layers: Any) -> tuple[tuple[int, str], ...]:
    """The hidden layers, of {size, activation} each."""
    if not isinstance(layers, list | tuple):
        raise TypeError(f"layers are a list of sizes and activations, not {layers!r:.60}")
    if len(layers) > MOST_LAYERS:
        raise ValueError(f"{len(layers)} hidden layers are too many: {MOST_LAYERS} is the limit")
    found = []
    for i, layer in enumerate(layers, start=1):
        if not isinstance(layer, Mapping) or set(layer) != {"size", "activation"}:
            raise TypeError(f"hidden layer {i} has a size and an activation, not {layer!r:.60}")
        size = whole(layer["size"], f"the size of layer {i}", least=1)
        if size > MOST_NEURONS:
            raise ValueError(f"layer {i} has {size} neurons: {MOST_NEURONS} is the limit")
        found.append((size, choose(layer["activation"], _ACTIVATIONS, "activation")))
    return tuple(found)


def pinned_of(places: Any) -> tuple[int, ...]:
    """The numbers of parameters, in order. That they exist is checked with the network."""
    if not isinstance(places, list | tuple):
        raise TypeError(f"pinned are the numbers of parameters, not {places!r:.60}")
    return tuple(sorted({whole(i, "the number of a parameter", least=0) for i in places}))


def truth(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError(f"nesterov is true or false, not {value!r:.60}")
    return value


def below_one(name: str) -> Any:
    """What `nn` checks, under the name that it has here."""

    def check(number: Any) -> float:
        found = finite(number, name, least=0)
        if found >= 1:
            raise ValueError(f"{name} must be at least 0 and below 1, not {found:g}")
        return found

    return check


_USUAL = (tanh, relu, sigmoid, gelu, silu, softplus, leaky_relu, sin)  # in most networks: first
_ACTIVATIONS = {name: name for name in (*[op.name for op in _USUAL], "linear", *ACTIVATIONS)}
_ONE = MLP(1, [1], None, seed=0)

CHECKS: dict[str, Any] = {
    "layers": layers_of,
    "loss": lambda name: choose(name, {one: one for one in LOSSES}, "loss"),
    "optimizer": lambda name: choose(name, {one: one for one in OPTIMIZERS}, "optimizer"),
    "rate": lambda number: positive(number, "the learning rate"),
    "schedule": lambda name: choose(name, {one: one for one in SCHEDULES}, "schedule"),
    "period": lambda number: whole(number, "the period", least=1),
    "factor": lambda number: finite(number, "factor"),
    "momentum": below_one("momentum"),
    "nesterov": truth,
    "beta1": below_one("beta1"),
    "beta2": below_one("beta2"),
    "eps": lambda number: positive(number, "eps"),
    "decay": below_one("decay"),
    "weight_decay": lambda number: finite(number, "weight_decay", least=0),
    "batch": lambda number: whole(number, "the batch size", least=0),
    "penalty": lambda number: finite(number, "the penalty", least=0),
    "norm": lambda name: choose(name, {one: one for one in PENALTIES}, "norm"),
    "init": lambda name: choose(name, {one: one for one in INITIALIZERS}, "init"),
    "seed": seed_of,
    "pinned": pinned_of,
}


def names_in(names: Any, known: Iterable[str], what: str) -> list[str]:
    """A list of known names, each once. Raises TypeError for what is no list, and what `choose`
    raises."""
    if not isinstance(names, list | tuple):
        raise TypeError(f"{what}s are named in a list, not by {names!r:.60}")
    known = {name: name for name in known}
    return list(dict.fromkeys(choose(name, known, what) for name in names))


def settings_from_python(settings: Mapping[str, Any]) -> dict[str, Any]:
    """The settings as `viz.playground` takes them, as a message has them: layers may be sizes, all
    with the same `activation`; the batch size and the rate may be called as `nn.fit` does."""
    found = {SYNONYMS.get(name, name): entry for name, entry in settings.items()}
    activation = found.pop("activation", None)
    if "layers" not in found and activation is not None:
        found["layers"] = [size for size, _ in Config.layers]
    if isinstance(found.get("layers"), Iterable) and not isinstance(found["layers"], str):
        found["layers"] = [
            layer
            if isinstance(layer, Mapping)
            else {"size": layer, "activation": ACTIVATION if activation is None else activation}
            for layer in found["layers"]
        ]
    if found.get("batch", 0) is None:
        found["batch"] = 0
    return found


def choices() -> dict[str, Any]:
    """What can be chosen, for a front end: names, what each optimiser keeps and reads, limits."""
    optimizers = {
        name: {"slots": list(kind.slots), "reads": _reads(name)}
        for name, kind in OPTIMIZERS.items()
    }
    return {
        "activations": [*_ACTIVATIONS],
        "losses": list(LOSSES),
        "losses_for": {kind: _fitting(data) for kind, data in _KINDS.items()},
        "optimizers": optimizers,
        "schedules": {name: {"reads": list(reads)} for name, (_, reads) in SCHEDULES.items()},
        "norms": list(PENALTIES),
        "inits": list(INITIALIZERS),
        "controls": list(CONTROLS),
        "looks": list(LOOKS),
        "rules": rules(),
        "symbols": SYMBOLS,
        "most": {"layers": MOST_LAYERS, "neurons": MOST_NEURONS},
    }


_KINDS = {  # of targets
    "numbers": Dataset(((0.0,), (1.0,)), (-2.0, 2.0)),
    "two": Dataset(((0.0,), (1.0,)), (0, 1), classes=2),
    "more": Dataset(((0.0,), (1.0,), (2.0,)), (0, 1, 2), classes=3),
}


def _fitting(data: Dataset) -> list[str]:
    """The losses that these targets can have, the usual one first."""
    found = [natural_loss(data)]
    for loss in LOSSES:
        with suppress(ValueError):
            check_loss(loss, data)
            found.append(loss)
    return list(dict.fromkeys(found))


def _reads(optimizer: str) -> list[str]:
    """The settings that an optimiser reads."""
    reads = replace(Config(), optimizer=optimizer).of_optimizer()
    named = [["beta1", "beta2"] if name == "betas" else [name] for name in reads]
    return [name for names in named for name in names]
