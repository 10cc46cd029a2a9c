"""What a sweep found: a row for each run, and the means over its seeds."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import mean
from typing import Any

from autograd.teaching.parts import Part, Sentence, Table, UserText, shortly
from autograd.teaching.report import Report
from autograd.user_text import counted
from nn.sweeping.plan import RESULTS, cell, in_words, written
from nn.sweeping.table import save

__all__ = ["Sweep"]

SHOWN = 20  # combinations of settings in the text


@dataclass(frozen=True, repr=False)
class Sweep(Report):
    """What `sweep` found. It prints as text, notebooks show a table, and `viz.plot_sweep` draws it.

    `rows` has a dict for each run that is done, in the order of the grid: its settings with the
    `seed`; `data`, a fingerprint of its examples; `training_loss`, `training_accuracy`,
    `held_out_loss` and `held_out_accuracy` after its last epoch, as `History` has them, and None
    where there is none; and `error`, which says why a run has no numbers, and is None otherwise.
    `interrupted` says whether Ctrl-C ended the sweep.
    """

    rows: tuple[dict[str, Any], ...]
    interrupted: bool = False

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return iter(self.rows)

    @property
    def settings(self) -> list[str]:
        """The names of the settings that differ between runs, without the seed."""
        names = [name for name in (self.rows[0] if self.rows else ()) if name not in NOT_VARIED]
        return [name for name in names if len({cell(row[name]) for row in self.rows}) > 1]

    @property
    def measure(self) -> str:
        """What runs are compared by: the held-out loss where there is one, or that of training."""
        held_out = any(row["held_out_loss"] is not None for row in self.rows)
        return "held_out_loss" if held_out else "training_loss"

    def means(self) -> list[dict[str, Any]]:
        """A dict for each combination of settings, the best first: the settings that differ, the
        number of its `runs`, how many of them have `failed`, and the means of the others' numbers.
        Those of which a run has failed come behind those of which none has."""
        groups: dict[str, list[dict[str, Any]]] = {}
        for row in self.rows:
            groups.setdefault(written({name: row[name] for name in self.settings}), []).append(row)
        found = []
        for rows in groups.values():
            one = {name: rows[0][name] for name in self.settings}
            one |= {"runs": len(rows), "failed": sum(row["error"] is not None for row in rows)}
            for name in RESULTS[:-1]:
                numbers = [row[name] for row in rows if row[name] is not None]
                one[name] = mean(numbers) if numbers else None
            found.append(one)
        by = self.measure
        return sorted(found, key=lambda one: (one["failed"] > 0, one[by] is None, one[by] or 0.0))

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the rows into a .csv file, or a .jsonl file with one dict of JSON a line. `sweep`
        can go on with it."""
        path = Path(path)
        save(path, self.rows)
        return path

    @property
    def parts(self) -> list[Part]:
        """A row for each combination of settings, the best first."""
        means = self.means()
        shown = [name for name in RESULTS[:-1] if any(one[name] is not None for one in means)]
        failed = sum(one["failed"] for one in means)
        heads = [*self.settings, "runs", *(["failed"] if failed else []), *shown]
        rows = [
            tuple(
                in_percent(one[name]) if name.endswith("accuracy")
                else shortly(one[name], 4) if name in shown
                else UserText(cell(one[name]))
                for name in heads
            )
            for one in means[:SHOWN]
        ]  # fmt: skip
        more = len(means) - len(rows)
        text = counted(len(self), "run") + (", interrupted" if self.interrupted else "")
        what = f"{text}; means over the seeds, the best first:" if rows else text
        parts: list[Part] = [Sentence(what)]
        parts += [Table(tuple(map(in_words, heads)), tuple(rows))] if rows else []
        parts += [Sentence(f"and {more} more")] if more else []
        reasons = sorted({row["error"] for row in self.rows if row["error"]})
        for reason in reasons[:1]:
            what = f"{counted(failed, 'run')} failed, such as: "
            parts.append(Sentence(what, UserText(reason)))
        return parts

    @property
    def data(self) -> dict[str, Any]:
        """The rows."""
        return {"rows": self.rows, "interrupted": self.interrupted}


NOT_VARIED = ("seed", "data", *RESULTS)


def in_percent(share: float | None) -> str:
    return "none" if share is None else f"{share:.1%}"
