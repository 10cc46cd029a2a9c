"""`grade`: somebody's engine, tried on graphs that grow more difficult, and the report on it."""

import inspect
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from autograd.checks import positive
from autograd.teaching.grading.diagnosis import Diagnosis, diagnosed
from autograd.teaching.grading.judging import Verdict, implied, judged, sentence_about, values_of
from autograd.teaching.grading.processes import CAN_COPY, MEGABYTES, SECONDS, Engine
from autograd.teaching.grading.tasks import CAPABILITIES, METHODS, tasks
from autograd.teaching.parts import Code, CodeLines, Part, Sentence, Table, UserText
from autograd.teaching.report import Report
from autograd.user_text import counted, listed, shown

PATIENCE = 3  # graphs beyond the limits, after which no more are tried


@dataclass(frozen=True, repr=False)
class Grade(Report):
    """What `grade` found. It prints as text, and notebooks typeset it.

    `name` is the engine. `verdicts` has one for each graph, in the order in which they were tried,
    and `found` the mistakes that give exactly the wrong numbers, each looked for in what those
    before it leave unexplained; several in the place of one if nothing tells them apart. `methods`
    are the functions that the class has, `untried` is how many graphs were left out because too
    many went beyond the limits, and `error` the sentence about an engine that could not be tried at
    all.
    """

    name: str
    verdicts: tuple[Verdict, ...] = ()
    found: tuple[tuple[Diagnosis, ...], ...] = ()
    methods: tuple[str, ...] = ()
    untried: int = 0
    error: str = ""

    @property
    def ok(self) -> bool:
        """Whether everything is right."""
        return not self.error and not self.untried and all(v.ok for v in self.verdicts)

    @cached_property
    def credit(self) -> dict[str, tuple[int, int]]:
        """How many graphs of each capability are right, and how many there are."""
        right = Counter(verdict.task.capability for verdict in self.verdicts if verdict.ok)
        total = Counter(task.capability for task in tasks(self.methods))
        return {name: (right[name], total[name]) for name in CAPABILITIES}

    @property
    def score(self) -> float:
        """From 0 to 1: each capability counts the same, and in it each graph."""
        shares = [right / total for right, total in self.credit.values()]
        return sum(shares) / len(shares)

    @property
    def first(self) -> Verdict | None:
        """The first graph that went wrong, if any did."""
        return next((verdict for verdict in self.verdicts if not verdict.ok), None)

    @property
    def parts(self) -> list[Part]:
        """The credit, the first graph that went wrong, the likely mistake, and what else did."""
        if self.error:
            text = UserText(f"{self.name} cannot be graded: {self.error}.")
            return [Sentence(text)]
        rows = tuple(
            (name, f"{right} of {total}", CAPABILITIES[name])
            for name, (right, total) in self.credit.items()
        )
        done = sum(right == total for right, total in self.credit.values())
        parts: list[Part] = [
            Sentence(
                UserText(self.name),
                f": {done} of {len(rows)} capabilities right, {100 * self.score:.0f} % of the "
                "credit.",
            ),
            Table(("capability", "right", "what is tried"), rows),
        ]
        if self.first is not None:
            parts += self.about_the_first(self.first)
        return [*parts, *self.others(), *self.notes()]

    def diagnoses_of(self, verdict: Verdict) -> tuple[Diagnosis, ...]:
        """The mistakes that explain what went wrong on a graph; none where it is not known."""
        return next(
            (some for some in self.found if any(verdict is v for v in some[0].explained)), ()
        )

    @property
    def diagnoses(self) -> tuple[Diagnosis, ...]:
        """The mistakes that explain the first graph that went wrong."""
        return self.diagnoses_of(self.first) if self.first is not None else ()

    def about_the_first(self, first: Verdict) -> Iterator[Part]:
        """The first graph that went wrong, and why."""
        number = self.verdicts.index(first) + 1
        numbers = f" with {values_of(first.task)}" if len(first.task.nodes) < 12 else ""
        yield sentence(f"First wrong: graph {number}, ", first, numbers)
        yield from self.reasons(first)

    def reasons(self, verdict: Verdict) -> Iterator[Part]:
        """The mistake that explains what went wrong, or the local derivative that is wrong."""
        if verdict.kind != "gradient":
            return
        diagnoses = self.diagnoses_of(verdict)
        if not diagnoses:
            if hint := implied(verdict):
                yield Sentence(UserText(hint))
            return
        names = listed([one.name for one in diagnoses], "or")
        one = diagnoses[0]
        yield Sentence(
            f"The mistake that gives exactly these numbers: {names}. It explains "
            f"{len(one.explained)} of {counted(one.wrong, 'graph')} with a wrong gradient."
        )
        for one in diagnoses:
            yield CodeLines((one.bug.title, f"wrong   {one.bug.wrong}", f"right   {one.bug.right}"))

    def others(self) -> list[Part]:
        """The first failure that each further mistake explains, and the first of each capability
        that none does; of random graphs only where nothing else failed."""
        if self.first is None:
            return []
        told = [self.diagnoses]
        seen, capabilities = {topic(self.first)}, {self.first.task.capability, "random graphs"}
        rows: list[Part] = []
        for verdict in self.verdicts:
            task = verdict.task
            if verdict.ok or verdict.missing:
                continue
            if diagnoses := self.diagnoses_of(verdict):
                if diagnoses in told:
                    continue
                told.append(diagnoses)
            elif task.capability in capabilities or topic(verdict) in seen:
                continue
            else:
                capabilities.add(task.capability)
                seen.add(topic(verdict))
            rows.append(sentence(f"{task.capability}, ", verdict))
            rows += self.reasons(verdict)
        return [Sentence("What else went wrong:"), *rows] if rows else []

    def notes(self) -> Iterator[Part]:
        """What was left out, printed or is missing, a sentence each."""
        return map(Sentence, self.remarks())

    def remarks(self) -> Iterator[str]:
        """The texts of the notes."""
        if self.untried:
            yield f"{counted(self.untried, 'graph')} not tried, after {PATIENCE} beyond the limits."
        if printed := sum(verdict.printed for verdict in self.verdicts):
            yield f"It prints while it computes, {printed} characters in all, which takes time."
        if missing := dict.fromkeys(v.missing for v in self.verdicts if v.missing):
            yield f"Still to be written: {', '.join(missing)}."
        if absent := [name for name in METHODS if name not in self.methods]:
            yield f"Not tried, as the class has no such methods: {', '.join(absent)}."

    @property
    def data(self) -> dict[str, Any]:
        """The score from 0 to 1, the credit, the first failure, the mistakes and every graph."""
        return {
            "engine": self.name,
            "ok": self.ok,
            "score": 0.0 if self.error else self.score,
            "error": self.error,
            "capabilities": {
                name: {"right": right, "graphs": total}
                for name, (right, total) in self.credit.items()
            },
            "first_wrong": self.first and entry(self.first),
            "mistakes": [
                {
                    "name": one.bug.name,
                    "operations": [op.name for op in one.ops],
                    "title": one.bug.title,
                    "explains": len(one.explained),
                    "wrong_graphs": one.wrong,
                    "against": one.against,
                }
                for some in self.found
                for one in some
            ],
            "graphs": [entry(verdict) for verdict in self.verdicts],
            "untried": self.untried,
        }


def entry(verdict: Verdict) -> dict[str, Any]:
    """A verdict as plain data."""
    return {
        "capability": verdict.task.capability,
        "graph": verdict.task.text,
        "ok": verdict.ok,
        "kind": verdict.kind,
        "node": verdict.node,
        "missing": verdict.missing,
        "sentence": verdict.sentence,
    }


def topic(verdict: Verdict) -> str:
    """What a failure is about: two of one topic need be told only once."""
    return verdict.sentence if verdict.kind in ("value", "gradient") else verdict.kind


def sentence(start: str, verdict: Verdict, numbers: str = "") -> Sentence:
    """What went wrong on a graph, as a whole sentence."""
    end = "" if verdict.sentence.endswith("?") else "."
    told = UserText(f"{verdict.sentence}{end}")
    return Sentence(start, Code(verdict.task.text), f"{numbers}: ", told)


def grade(
    engine: type | str | os.PathLike[str],
    *,
    class_name: str = "",
    seconds: float = SECONDS,
    megabytes: float = MEGABYTES,
) -> Grade:
    """Try an engine of one's own, and say which graph goes wrong first, and by which mistake.

    `engine` is a class such as micrograd's Value, or the path of a .py file with one: that called
    `class_name`, without a name Value, or else the only class with a `backward`. It is made from a
    number, has `data` (or `value`, `val`), `grad` (or `gradient`, `derivative`) and `backward()`,
    and the operators; `zero_grad()` and functions such as `tanh()` are methods, and tried where it
    has them. A file in a package may import from it.

    Every graph is computed in a process of its own, which is ended after so many `seconds`, and may
    use so many `megabytes` (of 2²⁰ bytes; on Linux) more than it starts with. What the engine
    prints is counted and not shown. Numbers may differ by a millionth.

    Gradients are to add up as in PyTorch: those of the leaves over backward passes until they are
    reset, and those of all nodes over their uses.

    Returns a Grade, whose `error` says so where nothing could be tried. Raises TypeError for what
    is no class and no path, and for a class on a system that cannot copy processes, if it stands in
    no file; FileNotFoundError for a file that is not there, ValueError for one that is not called
    .py and for limits not above 0.
    """
    seconds = positive(seconds, "the limit in seconds")
    megabytes = positive(megabytes, "the limit in megabytes")
    file: Path | None = None
    cls: type | None = None
    if isinstance(engine, type):
        name, cls = engine.__name__, engine
        if not CAN_COPY:
            file, cls = file_of(engine), None
            class_name = engine.__name__
    elif isinstance(engine, str | os.PathLike):
        file = Path(engine)
        name = file.name
        if not file.is_file():
            raise FileNotFoundError(f"there is no file {shown(file, room=200)}")
        if file.suffix != ".py":
            raise ValueError(f"{shown(name)} is no .py file: an engine is graded as Python code")
    else:
        raise TypeError(
            f"grade takes a class, such as Value, or the path of a file, not {engine!r:.60}"
        )
    with Engine(file, cls, class_name, seconds, megabytes) as runner:
        probed = runner.answer({"kind": "probe", "methods": METHODS})
        if "failed" in probed:
            return Grade(name, error=unusable(probed, seconds, megabytes))
        if file is not None:
            name = f"{name}, class {probed['name']}"
        return tried(name, runner, tuple(probed["methods"]))


def tried(name: str, engine: Engine, methods: tuple[str, ...]) -> Grade:
    """The grade of an engine that can be tried."""
    verdicts: list[Verdict] = []
    waiting = list(tasks(methods))
    late = 0
    while waiting and late < PATIENCE:
        task = waiting.pop(0)
        answer = engine.answer(task.program)
        verdict = judged(task, answer, engine.seconds, engine.megabytes)
        verdicts.append(verdict)
        late += verdict.kind in ("time", "memory")
    found = tuple(map(tuple, diagnosed(verdicts)))
    return Grade(name, tuple(verdicts), found, methods, len(waiting))


def unusable(answer: dict[str, Any], seconds: float, megabytes: float) -> str:
    """The sentence about an engine that gives not even one leaf."""
    kind, message, phase = answer["failed"], answer["message"], answer["phase"]
    if kind == "class":
        return message
    if kind == "lacks":
        return f"the class has no {message}"
    at = f" (line {answer['line']})" if answer["line"] else ""
    where = "making a leaf from 2.0" if phase == ["making"] else "importing it"
    return sentence_about(kind, message, where, at, seconds, megabytes)


def file_of(cls: type) -> Path:
    """The file that a class stands in."""
    try:
        return Path(inspect.getfile(cls))
    except (TypeError, OSError):
        raise TypeError(
            f"{cls.__name__} stands in no file, and this system cannot copy processes: save it in "
            "a .py file, and give its path"
        ) from None
