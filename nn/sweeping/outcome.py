"""One run of a sweep: what every worker does, in whatever process or machine it is."""

from collections.abc import Callable, Mapping
from pickle import loads
from traceback import format_exc
from typing import Any, NamedTuple

from nn.history import History
from nn.sweeping.plan import RESULTS, TRAINING
from nn.train import TrainingStopped, fit

__all__ = ["Failure", "Outcome", "outcome", "stopped", "unpickled"]

Results = dict[str, Any]  # by the names in RESULTS


class Failure(NamedTuple):
    """A run that raised: the error in a sentence, and where it came from. It goes from process to
    process, which not every exception can."""

    message: str
    traceback: str


Outcome = Results | Failure


def outcome(build: Callable, data: Any, settings: Mapping[str, Any]) -> Outcome:
    """Train one model. Training that stops because something is not finite is a result like others;
    whatever else is raised is a Failure. Raises KeyboardInterrupt when Ctrl-C ended it."""
    seed = settings["seed"]
    training = {name: value for name, value in settings.items() if name in TRAINING}
    building = {name: value for name, value in settings.items() if name not in TRAINING}
    try:
        model = build(**building)
        examples = data(seed=seed) if callable(data) else data
        history = fit(model, examples, **training, seed=seed, progress=False)
    except TrainingStopped as error:
        return stopped(str(error))
    except Exception as error:
        return Failure(f"{type(error).__name__}: {error}", format_exc())
    if history.interrupted:
        raise KeyboardInterrupt
    return results_of(history)


def unpickled(task: bytes, settings: Mapping[str, Any]) -> Outcome:
    """`outcome`, of a pickled pair of `build` and `data`."""
    try:
        build, data = loads(task)
    except Exception as error:
        reason = f"build and data cannot be loaded here: {type(error).__name__}: {error}"
        return Failure(reason, format_exc())
    return outcome(build, data, settings)


def results_of(history: History) -> Results:
    """The last epoch's row; None where there is no number."""
    columns = (
        history.losses, history.accuracies, history.held_out_losses, history.held_out_accuracies,
    )  # fmt: skip
    numbers = [column[-1] if column else None for column in columns]
    return dict(zip(RESULTS, [*numbers, None], strict=True))


def stopped(error: str) -> Results:
    """The results of a run that has none, and why."""
    return {**dict.fromkeys(RESULTS), "error": " ".join(error.split())}
