"""Runs tasks on somebody's engine, each in a process of its own, with limits on time and memory."""

import json
import os
import select
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from autograd.teaching.grading.child import __file__ as program
from autograd.teaching.grading.child import end, forked

SECONDS = 5.0  # for a task, unless another limit is given
MEGABYTES = 512  # of memory, beyond what is there before the engine is
LARGEST_ANSWER = 32 * 2**20  # bytes
GRACE = 10.0  # seconds more for the process that ends a task which takes too long
CAN_COPY = hasattr(os, "fork")  # not on Windows


class Engine:
    """An engine to run: a class, or a file with a class in it.

    `seconds` are counted by the clock, `megabytes` beyond what Python and its caller need. It is
    used in a `with`, at the end of which no process is left.
    """

    def __init__(
        self,
        file: Path | None,
        cls: type | None,
        class_name: str = "",
        seconds: float = SECONDS,
        megabytes: float = MEGABYTES,
    ) -> None:
        self.file, self.cls, self.class_name = file, cls, class_name
        self.seconds, self.megabytes = seconds, megabytes
        self.host: subprocess.Popen | None = None
        self.has_answered = False

    def __enter__(self) -> "Engine":
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()

    def answer(self, task: dict[str, Any]) -> dict[str, Any]:
        """What comes of a task: its numbers, or `failed`, with a kind of failure."""
        task = task | {
            "file": os.path.realpath(self.file) if self.file else "",
            "class": self.class_name,
            "memory": int(self.megabytes * 2**20),
        }
        with TemporaryDirectory(prefix="stepgrad-grade-") as folder:
            path = Path(folder) / "answer.json"
            if self.cls is not None:
                ended = forked(lambda: self.cls, task, path, self.seconds)
            else:
                (Path(folder) / "task.json").write_text(json.dumps(task), encoding="utf-8")
                run = self.hosted if CAN_COPY else self.spawned
                ended = run(str(Path(folder) / "task.json"), str(path))
            if ended is None:
                return {"failed": "time", "message": "", "line": 0, "phase": []}
            try:
                with path.open(encoding="utf-8") as file:
                    told = json.loads(file.read(LARGEST_ANSWER))
            except (OSError, ValueError):
                told = None
        if not isinstance(told, dict):
            return {"failed": "ended", "message": ending(ended), "line": 0, "phase": []}
        self.has_answered = True
        return told

    def hosted(self, task_path: str, answer_path: str) -> int | None:
        """The exit status of a copy of the process that has imported the file; None where it took
        too long."""
        if self.host is None:
            self.host = subprocess.Popen(
                [sys.executable, "-I", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL, start_new_session=True, text=True,
            )  # fmt: skip
        assert self.host.stdin is not None and self.host.stdout is not None
        try:
            self.host.stdin.write(f"{json.dumps([task_path, answer_path, self.seconds])}\n")
            self.host.stdin.flush()
        except OSError:  # it is gone
            return self.stop()
        allowed = self.seconds + (GRACE if self.has_answered else 0.0)
        if not select.select([self.host.stdout], [], [], allowed)[0]:
            self.stop()
            return None
        line = self.host.stdout.readline()
        if not line:
            return self.stop()
        status: int | None = json.loads(line)
        return status

    def stop(self) -> int:
        """End the process that has imported the file. Returns how it ended."""
        host, self.host = self.host, None
        if host is None:
            return 0
        assert host.stdin is not None and host.stdout is not None
        with suppress(OSError):
            host.stdin.close()  # at which it ends by itself, unless it hangs
        status = 0
        with suppress(subprocess.TimeoutExpired):
            status = host.wait(0.5)
        end(host.pid)
        host.wait()
        host.stdout.close()
        return status

    def spawned(self, task_path: str, answer_path: str) -> int | None:
        """The exit status of a new Python that runs the task; None where it took too long."""
        nothing = subprocess.DEVNULL
        process = subprocess.Popen(
            [sys.executable, "-I", program, task_path, answer_path],
            stdin=nothing, stdout=nothing, stderr=nothing, start_new_session=True,
        )  # fmt: skip
        try:
            return process.wait(self.seconds)
        except subprocess.TimeoutExpired:
            return None
        finally:
            end(process.pid)
            process.wait()


def ending(status: int) -> str:
    """How a process that left no answer has ended."""
    if status >= 0:
        return f"it ended Python with status {status}"
    try:
        name = signal.Signals(-status).name
    except ValueError:
        name = f"signal {-status}"
    return f"Python crashed ({name})"
