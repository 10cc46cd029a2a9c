"""A run of the playground as a Python script: `nn` alone builds and trains the same model, and
reaches the same numbers, to the bit."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from nn.data import Dataset
from nn.optim import OPTIMIZERS
from viz.apps.playground.data import Examples
from viz.apps.playground.learner import batches_in, number_of_parameters
from viz.apps.playground.settings import Config
from viz.apps.playground.stretches import Stretch, stretches_of

__all__ = ["facts", "script"]

LINE = 100  # characters
HEAD = "# Builds and trains the model of a playground, with the same numbers at the end.\n"
OPTIMIZER_NAMES = {name: kind.__name__ for name, kind in OPTIMIZERS.items()}


def script(
    marks: Any, last: int, config: Config, examples: Examples, given: Dataset | None = None
) -> str:
    """The script of a run of `last` updates.

    `marks` are what changed on the way, in order: {step, config, …} each, where config holds the
    settings from that update on. A mark may have `data`, the message of other examples;
    `parameters`, a column of numbers that were set there, and `slots`, columns of what the
    optimiser kept of each, {} where it began anew; and `epoch` and `batch`, where the examples went
    on elsewhere than they would. By itself, another batch size or other data begin a new epoch, and
    another kind of optimiser or another number of parameters an optimiser anew. What the first mark
    does not say, and a run without marks, is as it is now. Raises ValueError or TypeError, in one
    sentence, for marks that make no run.
    """
    stretches = stretches_of(marks, last, config, examples, given)
    writer = Writer(any(stretch.config.pinned for stretch in stretches))
    for i, stretch in enumerate(stretches):
        writer.change(stretches[i - 1] if i else None, stretch)
        end = stretches[i + 1].step if i + 1 < len(stretches) else last
        writer.updates(stretch, end - stretch.step)
    return writer.text(stretches[-1])


class Writer:
    """The lines of the script. `pins` says whether parameters are pinned anywhere: then an
    optimiser has only those that move, and what it keeps of the others is remembered."""

    def __init__(self, pins: bool) -> None:
        self.pins = pins
        self.lines: list[str] = []
        self.names: set[str] = {"Trainer", "evaluate"}

    def text(self, end: Stretch) -> str:
        self.lines += [
            f'loss, accuracy = evaluate(model, training, "{end.config.loss}")',
            'print(f"after {optimizer.steps} updates: loss {loss:.6g}, accuracy {accuracy}")',
        ]
        imports = f"from nn import {', '.join(sorted(self.names))}"
        if len(imports) > LINE:
            imports = f"from nn import (\n    {', '.join(sorted(self.names))},\n)"
        return "\n".join([HEAD.rstrip(), imports, "", *self.lines, ""])

    def change(self, before: Stretch | None, now: Stretch) -> None:
        """What is made anew before the first update of a stretch."""
        config = now.config
        if before:
            self.lines += ["", f"# from update {now.step + 1} on"]
        if before is None or now.examples is not before.examples:
            self.data(now.examples)
        made = self.model(before, now)
        kept = before and not now.fresh
        other = made or before is None or _of_optimizer(before.config) != _of_optimizer(config)
        if other or now.fresh:
            self.optimizer(before, now, bool(kept))
        elif before and before.config.learning_rate() != config.learning_rate():
            self.lines.append(f"optimizer.schedule = {self.schedule(config, as_schedule=True)}")
        asked = lambda one: (
            one.config.loss, one.config.batch, one.config.penalty, one.config.norm, one.config.seed,
        )  # fmt: skip
        if (
            other or now.fresh or before is None or now.examples is not before.examples
            or asked(before) != asked(now)
        ):  # fmt: skip
            self.trainer(config)
            if now.epoch or now.batch:
                self.place(now)
        elif before and (now.epoch, now.batch) != _reached(before, now.step):
            self.place(now)

    def data(self, examples: Examples) -> None:
        training, held_out = examples.coordinates
        parts = ["training"] if held_out is None else ["training", "held_out"]
        if not examples.drawn:
            self.names.add("Dataset")
            self.lines.append(f"training = {rows_of(training)}")
            if held_out is not None:
                self.lines.append(f"held_out = {rows_of(held_out)}")
        else:
            self.names.add(examples.drawn.partition("(")[0])
            if held_out is None:
                self.lines.append(f"training = {examples.drawn}")
            else:
                share, seed = 1 - examples.spec["share"], examples.spec["seed"]
                self.lines += [
                    f"data = {examples.drawn}",
                    f"training, held_out = data.split({share!r}, seed={seed})",
                ]
        if examples.made:
            made = [repr(text) for text in examples.made.texts]
            self.lines += [call(f"{part} = {part}.with_inputs", made) for part in parts]

    def model(self, before: Stretch | None, now: Stretch) -> bool:
        """Make the model, if it is another one, and set its numbers; returns whether it is."""
        config, data = now.config, now.examples.training
        shape = lambda one: (
            one.examples.training.width, one.config.sizes(one.examples.training), one.config.layers,
        )  # fmt: skip
        other = before is None or shape(before) != shape(now)
        if other:
            self.names.add("MLP")
            activations: Any = [None if name == "linear" else name for _, name in config.layers]
            written = f"[{', '.join(map(quoted, [*activations, None]))}]"
            if len(set(activations)) <= 1:
                written = quoted(activations[0] if activations else None)
            if before and now.numbers is None:
                self.lines.append("numbers = model.state_dict()")
            self.lines.append(
                f"model = MLP({data.width}, {config.sizes(data)}, {written}, "
                f'init="{config.init}", seed={config.seed})'
            )
            if before and now.numbers is None:
                self.lines.append("model.load_state_dict(numbers)")
        if now.numbers is not None:
            self.lines += [
                f"numbers = {wrapped(now.numbers.tolist())}",
                "model.load_state_dict(dict(zip(model.named_parameters(), numbers, strict=True)))",
            ]
        return other

    def optimizer(self, before: Stretch | None, now: Stretch, kept: bool) -> None:
        config = now.config
        kind = OPTIMIZER_NAMES[config.optimizer]
        self.names.add(kind)
        if kept:
            self.lines.append(REMEMBER if self.pins else "kept = optimizer.state_dict()")
        parameters = "model.parameters()"
        if self.pins:
            count = number_of_parameters(config, now.examples.training)
            if not kept:
                self.lines.append("memory = {}")
            pinned = set(config.pinned)
            self.lines += [
                f"pinned = {sorted(pinned)!r}",
                f"moving = [i for i in range({count}) if i not in pinned]",
            ]
            parameters = "[model.parameters()[i] for i in moving]"
        own = config.of_optimizer()
        usual = usual_of(config.optimizer)
        changed = [f"{name}={x!r}" for name, x in own.items() if x != usual[name]]
        arguments = [parameters, self.schedule(config), *changed]
        self.lines.append(call(f"optimizer = {kind}", arguments))
        if kept:
            self.lines.append(RECALL if self.pins else "optimizer.load_state_dict(kept)")
        for name, column in now.slots.items():
            numbers = wrapped(column.tolist())
            if self.pins:
                self.lines += [
                    f"column = {numbers}",
                    f'memory |= {{("{name}", i): x for i, x in enumerate(column)}}',
                ]
            else:
                self.lines.append(f'optimizer.state["{name}"] = {numbers}')
        if now.slots and self.pins:
            self.lines.append(RECALL)
        if now.step and (self.pins or not kept):
            self.lines.append(f"optimizer.steps = {now.step}")

    def schedule(self, config: Config, as_schedule: bool = False) -> str:
        """The rate as an argument; a number where it is constant, but for `as_schedule`."""
        if config.schedule == "constant" and not as_schedule:
            return repr(config.rate)
        self.names.add(config.schedule)
        return repr(config.learning_rate())

    def trainer(self, config: Config) -> None:
        arguments = [f'loss="{config.loss}"', "optimizer=optimizer"]
        arguments += [f"batch_size={config.batch}"] if config.batch else []
        if config.penalty:
            arguments.append(f"penalty={config.penalty!r}")
            arguments += [f'norm="{config.norm}"'] if config.norm != Config.norm else []
        arguments += [f"seed={config.seed}"]
        self.lines.append(call("trainer = Trainer", ["model", "training", *arguments]))

    def place(self, now: Stretch) -> None:
        self.lines.append(f"trainer.epoch, trainer.batch = {now.epoch}, {now.batch}")

    def updates(self, stretch: Stretch, count: int) -> None:
        """So many updates: the rest of an epoch, whole ones, and the first batches of another."""
        in_epoch = batches_in(stretch.config, stretch.examples.training)
        start = stretch.batch
        if start + count >= in_epoch:
            epochs, count = divmod(start + count, in_epoch)
            self.lines.append(f"trainer.run({epochs}, progress=False)")
            start = 0
        if count:
            self.lines += [
                f"for batch in trainer.batches()[{start}:{start + count}]:",
                "    trainer.run_batch(batch)",
            ]


def usual_of(optimizer: str) -> dict[str, Any]:
    """The arguments that an optimiser of nn has by itself."""
    usual = replace(Config(), optimizer=optimizer).of_optimizer()
    return usual | ({"weight_decay": 0.01} if optimizer == "adamw" else {})


def facts() -> dict[str, Any]:
    """What `code_of_run.js`, which writes the same scripts without Python, has to know of nn."""
    optimizers = {
        name: {"kind": kind, "usual": {one: repr(x) for one, x in usual_of(name).items()}}
        for name, kind in OPTIMIZER_NAMES.items()
    }
    texts = {"head": HEAD, "remember": REMEMBER, "recall": RECALL}
    return texts | {"optimizers": optimizers, "defaults": Config().as_json()}


def call(function: str, arguments: list[str]) -> str:
    """A call, over several lines where it is long."""
    line = f"{function}({', '.join(arguments)})"
    if len(line) <= LINE:
        return line
    return "\n".join([f"{function}(", *[f"    {one}," for one in arguments], ")"])


def quoted(name: str | None) -> str:
    return "None" if name is None else f'"{name}"'


REMEMBER = (
    "memory |= {(slot, i): x for slot, column in optimizer.state.items() "
    "for i, x in zip(moving, column)}"
)
RECALL = "optimizer.state = {s: [memory.get((s, i), 0.0) for i in moving] for s in optimizer.slots}"


def _of_optimizer(config: Config) -> Any:
    return config.optimizer, config.of_optimizer(), config.pinned


def _reached(before: Stretch, step: int) -> tuple[int, int]:
    """The epoch and the batch that a stretch has reached."""
    in_epoch = batches_in(before.config, before.examples.training)
    more, batch = divmod(before.batch + step - before.step, in_epoch)
    return before.epoch + more, batch


def rows_of(data: Dataset) -> str:
    """The data as Python writes them."""
    parts = [
        f"    inputs={wrapped(data.inputs, '    ')},",
        f"    targets={wrapped(data.targets, '    ')},",
        f"    classes={data.classes},",
        f"    name={str(data.name)!r},",
    ]
    if data.class_names:
        parts.append(f"    class_names={tuple(map(str, data.class_names))!r},")
    return "\n".join(["Dataset(", *parts, ")"])


def wrapped(things: Sequence[Any], indent: str = "") -> str:
    """A list over several lines, as many things on each as there is room for."""
    lines, line = [], f"{indent}    "
    for thing in things:
        written = f"{thing!r}, "
        if len(line) + len(written) > LINE and line.strip():
            lines.append(line.rstrip())
            line = f"{indent}    "
        line += written
    return "\n".join(["[", *lines, line.rstrip(), f"{indent}]"])
