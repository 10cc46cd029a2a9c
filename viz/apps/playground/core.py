"""The playground without a host: a small network, its examples, and the state of its training.

It answers messages; each holds everything that the answer depends on, but for the examples, the
settings and the state that were set last. It keeps no history of states: a front end does.
"""

from base64 import b64encode
from collections.abc import Callable, Mapping
from copy import deepcopy
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import numpy as np

from autograd.bulk import data_of
from autograd.checks import finite, whole
from autograd.errors import AutogradError
from autograd.value import Value
from nn.data import Dataset, as_dataset
from nn.data.made import separated
from nn.decisions import check_loss, natural_loss
from nn.files import save
from nn.module import MLP
from viz.apps.playground.columns import column_of
from viz.apps.playground.data import NAMES, Examples, examples_of, thumbnails
from viz.apps.playground.given import check_fit, layers_of, own_inputs
from viz.apps.playground.learner import Learner, State, first_state, state_of
from viz.apps.playground.lists import numbers_in_list
from viz.apps.playground.opened import opened
from viz.apps.playground.picture import picture, picture_of_inputs
from viz.apps.playground.script import script
from viz.apps.playground.settings import (
    CONTROLS,
    LOOKS,
    Config,
    choices,
    config_of,
    names_in,
    settings_from_python,
)
from viz.apps.playground.way import Losses
from viz.apps.stepper.core import Stepper

__all__ = ["Place", "Playground"]

MOST_UPDATES = 100_000  # in one message
KEPT = {"config", "data", "state", "changes", "step", "looks", "hide"}  # parts of a session
# settings of the data
OF_DATA = {"points": "points", "noise": "noise", "held_out": "share", "inputs": "inputs"}

Answer = dict[str, Any]

# What a message does, the method that does it, and the parts that it has.
MESSAGES: dict[str, tuple[str, tuple[str, ...]]] = {
    "data": ("_set_data", ("data",)),
    "drawn": ("_drawn", ("config",)),
    "set": ("_set", ("config", "state")),
    "train": ("_train", ("updates", "budget")),
    "picture": ("_picture", ("bounds", "size", "maps", "whole")),
    "inputs": ("_inputs", ("bounds", "size")),
    "example": ("_example", ("inputs", "target")),
    "settings": ("_settings", ()),
    "code": ("_code", ("marks",)),
    "model": ("_model_file", ()),
    "page": ("_page", ("session",)),
    "stepper": ("_stepper", ("inputs", "target")),
}


class Place(NamedTuple):
    """What messages have set: the examples, whether a state was set for them, and the settings, the
    examples and the state of the network."""

    examples: Examples
    stale: bool
    config: Config
    trained_on: Examples
    state: State


class Playground:
    """A small network in training, which messages build, train and open.

    `model` is an MLP to begin with, built or trained in Python: it is copied, and stays as it is.
    What its `feature_names` say it reads need not be given again as `inputs`.
    `data` are the examples: a Dataset, a pair (inputs, targets), or the name of a data set.
    `settings` are those of `Config`, by name; besides, `points`, `noise` and `held_out`, a share,
    are about the data, and so are `inputs`, expressions of two coordinates that the network reads
    in their place; `activation` is that of all hidden layers, and `batch_size` and `learning_rate`
    are other names of `batch` and `rate`. The loss is that which fits the data, unless one is
    given. `hide` names controls that the page leaves out.

    Raises TypeError or ValueError, in one sentence, for a model, data or settings that the page
    cannot show or train.

    >>> playground = Playground(data="xor", layers=[2], seed=1)
    >>> playground.model
    MLP(2 → 2 tanh → 1)
    >>> frame = playground.handle({"do": "train", "updates": 100, "budget": None})
    >>> frame["state"]["step"], len(playground.history)
    (100, 100)
    """

    def __init__(self, model: MLP | None = None, data: Any = None, **settings: Any) -> None:
        asked = settings_from_python(settings)
        about_data = {OF_DATA[name]: asked.pop(name) for name in [*OF_DATA] if name in asked}
        if isinstance(about_data.get("inputs"), str):
            about_data["inputs"] = separated(about_data["inputs"])
        hide = asked.pop("hide", [])
        if isinstance(hide, str):
            hide = [name for one in hide.split(",") if (name := one.strip())]
        self.hide = names_in(hide, CONTROLS, "control")
        self.given: Dataset | None = None
        # What a host can do: show a stepper, as {"address": where} or as {"page": its HTML}; and
        # write the page that stands alone.
        self.show_stepper: Callable[[Stepper], Answer] | None = None
        self.write_page: Callable[[Playground, dict[str, Any]], str] | None = None
        if isinstance(data, str):
            about_data["name"] = data
        elif isinstance(data, Mapping):
            about_data |= data
        elif data is not None:
            self.given = as_dataset(data)
            about_data["name"] = "given"
        if "seed" in asked:
            about_data.setdefault("seed", asked["seed"])
        self.examples = examples_of(about_data, self.given)
        if self.examples.spec["inputs"] and self.examples.made is None:
            raise ValueError(f"{self.examples.said} Leave inputs out")
        if "loss" not in asked:
            asked["loss"] = natural_loss(self.examples.training)
        if model is not None:
            for name in ("layers", "init"):
                if name in asked:
                    raise ValueError(f"a model has its own {name}: leave them out")
            asked["layers"] = layers_of(model)
            if "inputs" not in about_data and (own := own_inputs(model, self.examples.training)):
                self.examples = examples_of(about_data | {"inputs": own}, self.given)
        config = config_of(asked)
        check_loss(config.loss, self.examples.training)
        numbers = data_of(config.model(self.examples.training).parameters())
        if model is not None:
            check_fit(model, config, self.examples.training)
            numbers = data_of(model.parameters())
            if not np.isfinite(numbers).all():
                raise ValueError("a parameter of this model is not finite: build it anew")
        self._losses = Losses()
        self._stale = False  # whether the data have changed since a state was set
        self._learner: Learner | None = None
        first = first_state(config, np.array(numbers))
        self._given = None if model is None else first.as_json()
        self._begin(config, first)

    def _begin(self, config: Config, state: State) -> Answer:
        """The frame of another state, with these settings. Nothing has changed where it raises."""
        before = self._learner
        kept = before.state() if before else None
        try:
            learner = Learner(config, self.examples, before)
            learner.set(state)
            frame = self._frame(learner, [], "")
        except Exception:
            if before and kept:  # which may share its network with the other
                before.set(kept)
            raise
        self._learner, self._stale = learner, False
        self._losses.go_to(state)
        return frame

    @property
    def learner(self) -> Learner:
        """The network in training."""
        assert self._learner is not None
        return self._learner

    @property
    def model(self) -> MLP:
        """The network with its numbers of now. Another one takes its place when its layers, their
        activations, or the number of inputs change."""
        return self.learner.model

    @property
    def config(self) -> dict[str, Any]:
        """The settings, as a message has them."""
        return self.learner.config.as_json()

    @property
    def state(self) -> dict[str, Any]:
        """The state reached, as a message has it."""
        return self.learner.state().as_json()

    @property
    def history(self) -> list[float]:
        """The loss of every update on the way to the present state, of its batch, and with the
        penalty. It has nothing of what came before a state that was never reached here."""
        return self._losses.on_the_way()

    @property
    def settings(self) -> dict[str, Any]:
        """What a front end begins with: the settings, the examples and how they were asked for,
        what can be chosen, a small picture of each data set, and the state, where it is not that
        which the seed gives. `given` is the first state, where a model was given."""
        data_sets = [name for name in NAMES if name != "given" or self.given is not None]
        found: dict[str, Any] = {
            "config": self.config,
            "data": self.examples.spec,
            "examples": self.examples.as_json(),
            "choices": choices() | {"data": data_sets},
            "thumbnails": thumbnails(),
        }
        if self._given is not None:
            found["given"] = self._given
        if self.hide:
            found["hide"] = self.hide
        return found if self._is_new() else found | {"state": self.state}

    def _is_new(self) -> bool:
        """Whether the network is as its settings give it, before the first update."""
        learner = self.learner
        drawn = data_of(learner.config.model(learner.data).parameters())
        return learner.step == 0 and np.array_equal(drawn, data_of(learner.parameters))

    # Where it is

    @property
    def place(self) -> Place:
        """Everything that messages set, to return to."""
        learner = self.learner
        return Place(self.examples, self._stale, learner.config, learner.examples, learner.state())

    def return_to(self, place: Place) -> None:
        """Be again as at `place`."""
        self.examples = place.trained_on
        self._begin(place.config, place.state)
        self.examples, self._stale = place.examples, place.stale

    # Messages

    def handle(self, message: Any) -> Answer:
        """The answer to a message, as the contract of the parts of the playground has it; or
        {"trouble": a sentence}, and nothing has changed."""
        try:
            does = message.get("do") if isinstance(message, Mapping) else None
            if not isinstance(does, str) or does not in MESSAGES:
                raise ValueError(f"a message does one of {', '.join(MESSAGES)}")
            rest = {name: part for name, part in message.items() if name != "do"}
            function, parts = MESSAGES[does]
            if unknown := set(map(str, rest)) - set(parts):
                raise ValueError(f"{does} takes no {min(unknown):.40}")
            return getattr(self, function)(*[rest.get(part) for part in parts])
        except (AutogradError, ValueError, TypeError) as error:
            return {"trouble": " ".join(str(error).split())[:500]}

    def _set_data(self, data: Any) -> Answer:
        examples = examples_of(data, self.given)
        answer = examples.as_json()
        self.examples, self._stale = examples, True
        return answer

    def _drawn(self, config: Any) -> Answer:
        config = config_of(config)
        check_loss(config.loss, self.examples.training)
        parameters = config.model(self.examples.training).named_parameters()
        return {"parameters": column_of(data_of([*parameters.values()])), "names": [*parameters]}

    def _set(self, config: Any, state: Any) -> Answer:
        config = config_of(config)
        check_loss(config.loss, self.examples.training)
        return self._begin(config, state_of(state, config, self.examples.training))

    def _train(self, updates: Any, budget: Any) -> Answer:
        updates = whole(updates, "the number of updates", least=0)
        if updates > MOST_UPDATES:
            raise ValueError(f"{updates} updates are too many at once: {MOST_UPDATES} is the limit")
        seconds = None if budget is None else finite(budget, "the budget", least=0) / 1000
        self._check_ready()
        start = self.learner.state()
        losses, trouble = self.learner.train(updates, seconds)
        frame = self._frame(self.learner, losses, trouble)
        self._losses.add(start, losses, self.learner.state())
        return frame

    def _check_ready(self) -> None:
        if self._stale:
            raise ValueError("the data have changed: set the settings and a state that fit them")

    def _frame(self, learner: Learner, losses: list[float], trouble: str) -> Answer:
        return {
            "state": learner.state().as_json(),
            "losses": losses,
            "next": learner.next_update(),
            "trouble": trouble,
        } | learner.measures()

    def _picture(self, bounds: Any, size: Any, maps: Any, whole: Any) -> Answer:
        self._check_ready()
        learner = self.learner
        return picture(learner.neurons, learner.examples, bounds, size, maps, whole)

    def _inputs(self, bounds: Any, size: Any) -> Answer:
        return picture_of_inputs(self.examples, bounds, size)

    def _example(self, inputs: Any, target: Any) -> Answer:
        self._check_ready()
        inputs, target = self._one(inputs, target)
        return opened(self.model, self.learner.config.loss, inputs, target)

    def _one(self, inputs: Any, target: Any) -> tuple[list[float], Any]:
        """The inputs and the target of one example, checked."""
        numbers = numbers_in_list(inputs, self.model.inputs, "the inputs")
        width = self.learner.data.target_width
        if width > 1:
            return numbers, tuple(numbers_in_list(target, width, "the target"))
        number = finite(target, "the target")
        if self.learner.config.loss == "cross_entropy" and number.is_integer():
            return numbers, int(number)
        return numbers, number

    def _settings(self) -> Answer:
        return self.settings

    def _code(self, marks: Any) -> Answer:
        self._check_ready()
        now = self.learner.config, self.examples, self.given
        return {"text": script(marks or [], self.learner.step, *now)}

    def _page(self, session: Any) -> Answer:
        """The page with this playground in it. `session` is what a front end goes on from: parts of
        `settings`, and what it keeps itself."""
        if self.write_page is None:
            raise ValueError("this host writes no pages: use viz.save in Python")
        session = {} if session is None else session
        if not isinstance(session, Mapping) or not set(session) <= KEPT:
            raise TypeError(f"a session has {', '.join(sorted(KEPT))}, not {session!r:.60}")
        config_of(session.get("config", {}))
        whole(session.get("step", 0), "the step of a session", least=0)
        if not isinstance(session.get("changes", []), list | tuple):
            raise TypeError("the changes of a session are a list")
        names_in(session.get("looks", []), LOOKS, "look")
        names_in(session.get("hide", []), CONTROLS, "control")
        return {"text": self.write_page(self, dict(session))}

    def _stepper(self, inputs: Any, target: Any) -> Answer:
        """Hand the graph of an example to the host, which shows it."""
        if self.show_stepper is None:
            raise ValueError("this host shows no stepper: use stepgrad play, or a notebook")
        return self.show_stepper(self.stepper(inputs, target))

    def stepper(self, inputs: Any, target: Any) -> Stepper:
        """A walk through the loss of one example, of a network with the numbers of now. Raises what
        `draw` raises for graphs that are too large."""
        self._check_ready()
        inputs, target = self._one(inputs, target)
        model = deepcopy(self.model)  # what is edited in the walk stays there
        made = self.learner.examples.made
        names = made.texts if made else [f"x{i + 1}" for i in range(len(inputs))]
        leaves = [Value(x, name) for x, name in zip(inputs, names, strict=True)]
        loss = self.learner.loss([model(leaves)], [target])
        loss.label = "loss"
        return Stepper(loss, {})

    def _model_file(self) -> Answer:
        with TemporaryDirectory() as folder:
            path = save(self.model, Path(folder, "playground.safetensors"))
            return {"name": path.name, "bytes": b64encode(path.read_bytes()).decode()}

    def __repr__(self) -> str:
        examples, step = self.examples.training, self.learner.step
        return f"<playground: {self.model!r} on {examples.name}, after {step} updates>"
