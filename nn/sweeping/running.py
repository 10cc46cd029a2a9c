"""`sweep`: runs go to whoever trains them, and their results into a table."""

import os
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping
from contextlib import nullcontext
from functools import partial
from typing import Any

from autograd.checks import whole
from autograd.errors import AutogradError
from autograd.user_text import shown
from nn.interrupts import uninterrupted
from nn.progress import progress_for
from nn.sweeping.outcome import Failure, stopped
from nn.sweeping.plan import RESULTS, Run, cell, in_words, plan, written
from nn.sweeping.results import Sweep
from nn.sweeping.table import TableFile

__all__ = ["RunFailed", "sweep"]

TRIES = 3  # of a run whose worker dies


class RunFailed(AutogradError, RuntimeError):
    """A run raised an error that is not about its numbers, so that the others would too. Its
    traceback is a note of this error. Runs that were done before are in the table."""


def sweep(
    build: Callable,
    data: Any,
    grid: Mapping[str, Iterable],
    *,
    seeds: int | Iterable[int] = 1,
    path: str | os.PathLike[str] | None = None,
    workers: int | None = None,
    ray: str | None = None,
    progress: bool = True,
    **settings: Any,
) -> Sweep:
    """Train a model for each combination of settings in the grid and each seed.

    `grid` lists the values of each setting, and `settings` are those that are the same for all.
    Those named as an argument of `fit`, such as `learning_rate` or `epochs`, go to `fit`, which
    gets the seed as well; all others go to `build(seed=..., **others)`, which returns the model.
    `data` is a Dataset or a pair (inputs, targets); or a function, and `data(seed=...)` is one of
    these. `seeds` is how many there are, from 0 on, or a list of them. Values are numbers, texts,
    None, and lists of these.

    Runs go to `workers` processes of this machine, by default one for each core; with 0, this
    process trains. With `ray`, they go to the Ray cluster at that address ("auto": the one that
    this machine belongs to), on each machine of which Stepgrad is installed. The numbers are the
    same. A run whose worker is killed is tried three times in all, and then the table says so. A
    training that stops because something is not finite is a row of the table with an `error`.

    With a `path`, a .csv or .jsonl file, each run is a line of that file as soon as it is done.
    What is in the file already is not trained again: the same call resumes after Ctrl-C, on which a
    sweep returns what it has, or after a crash; and a larger grid with the same settings goes on
    from there. Changes of the examples are noticed, those of the code of `build` are not.
    `progress` is as in `fit`, per run.

    Raises ValueError and TypeError for a grid, data or a table that does not fit, for a table that
    another sweep is writing, and for what cannot go to another process; RunFailed when a run raises
    an error; ImportError without Ray; ConnectionError where no cluster answers; and what `fit`
    would raise for data that is none.

    >>> from functools import partial
    >>> from nn import MLP, moons
    >>> build = partial(MLP, 2, activation="tanh", init="he")
    >>> grid = {"neurons": [[4, 1], [8, 1]], "learning_rate": [0.01, 0.1]}
    >>> found = sweep(build, moons(20), grid, seeds=3, loss="hinge", epochs=10, workers=0,
    ...               progress=False)
    >>> len(found), found.settings
    (12, ['neurons', 'learning_rate'])
    >>> best = found.means()[0]
    >>> best["neurons"], best["learning_rate"]
    ([8, 1], 0.1)
    """
    runs = plan(data, grid, seeds, settings)
    columns = (*runs[0].settings, "data", *RESULTS)
    varied = [name for name in grid if len({cell(run.settings[name]) for run in runs}) > 1]
    with TableFile(path, columns) if path is not None else nullcontext() as file:
        results = {run.key: file.found[run.key] for run in runs if file and run.key in file.found}
        waiting = deque(run for run in runs if run.key not in results)
        interrupted = False
        if waiting:
            bar = progress_for(len(waiting), progress, "run", partial(latest, [*varied, "seed"]))
            crew = None
            try:
                crew = crew_for(build, data, workers, ray, len(waiting))
                for run, found in outcomes(crew, waiting):
                    row = {**run.settings, "data": run.data, **found}
                    with uninterrupted():  # what is in the file is in the results
                        if file:
                            file.add(row)
                        results[run.key] = found
                    bar.update(row)
            except KeyboardInterrupt:
                interrupted = True
            finally:
                bar.close()
                if crew:
                    crew.close()
    rows = [
        {**run.settings, "data": run.data, **results[run.key]}
        for run in runs
        if run.key in results
    ]  # fmt: skip
    return Sweep(tuple(rows), interrupted)


def crew_for(build: Callable, data: Any, workers: int | None, ray: str | None, most: int) -> Any:
    """Who trains, at most so many runs at once."""
    if ray is not None:
        from nn.sweeping.on_ray import OnRay

        if workers is not None:
            raise ValueError(
                "workers= are processes of this machine, and ray= has its own: leave one out"
            )
        return OnRay(build, data, ray)
    from nn.sweeping.workers import Here, Processes

    count = cores() if workers is None else whole(workers, "the number of workers", least=0)
    return Processes(build, data, min(count, most)) if count else Here(build, data)


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def outcomes(crew: Any, waiting: deque[Run]) -> Iterable[tuple[Run, dict[str, Any]]]:
    """The results of all runs, as they come. Raises RunFailed for the first that raises."""
    deaths: Counter[tuple[str, ...]] = Counter()
    while waiting or crew.busy:
        while waiting and crew.room:
            crew.start(waiting.popleft())
        for run, found in crew.finished():
            if isinstance(found, Failure):
                error = RunFailed(f"the run {shown(run, 200)} failed: {found.message}")
                error.add_note(found.traceback)
                raise error
            if found is None:  # its worker died
                deaths[run.key] += 1
                if deaths[run.key] < TRIES:
                    waiting.appendleft(run)
                    continue
                found = stopped(f"its worker was killed, {TRIES} times")
            yield run, found


def latest(names: Iterable[str], row: Mapping[str, Any]) -> str:
    """The run that was done last, in a line: its loss, and the settings of these names."""
    losses = [name for name in ("held_out_loss", "training_loss") if row[name] is not None]
    found = f"{in_words(losses[0])} {row[losses[0]]:.4g}" if losses else row["error"]
    return f"{found}: {shown(written({name: row[name] for name in names}), 80)}"
