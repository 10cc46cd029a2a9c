"""What runs in a process of its own: one task, on an engine that somebody else wrote.

This file uses the standard library only, and is run by its path: it starts within milliseconds, and
nothing of ours is there for the engine to meet. Where processes can be copied, a file is imported
once, and every task runs in a copy of the process that did so.
"""

import faulthandler
import io
import json
import operator
import os
import signal
import sys
import time
import traceback
import warnings
from contextlib import suppress
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

OPERATORS = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "**": operator.pow,
}
LONGEST = 300  # characters of a message
LARGEST_FILE = 64 * 2**20  # bytes that it may write


class Wrong(Exception):
    """What the engine does that no task can go on after: a kind, and a sentence."""

    def __init__(self, kind, message):
        super().__init__(message)
        self.kind = kind


class Printed(io.TextIOBase):
    """Takes the place of the screen, and counts."""

    count = 0

    def write(self, text):
        self.count += len(text)
        return len(text)


def main(task_path, answer_path):
    """Run one task on the class in a file."""
    task = read(task_path)
    answer(lambda: class_in(task["file"], task["class"]), task, answer_path)


def host():
    """Run one task after the other, as lines of the standard input name them, and reply with the
    exit status of each. The first imports the class here, all others run in copies."""
    commands, replies = os.fdopen(os.dup(0)), os.fdopen(os.dup(1), "w")
    silent()
    held = []
    for line in commands:
        task_path, answer_path, seconds = json.loads(line)
        task = read(task_path)

        def find(task=task):
            if not held:
                held.append(class_in(task["file"], task["class"]))
            return held[0]

        if held:
            status = forked(find, task, answer_path, seconds)
        else:
            answer(find, task, answer_path)
            status = 0
        replies.write(f"{json.dumps(status)}\n")
        replies.flush()


def read(task_path):
    return json.loads(Path(task_path).read_text(encoding="utf-8"))


def forked(find, task, answer_path, seconds):
    """Run a task in a copy of this process. Returns its exit status, or None where it took longer
    than so many seconds."""
    with warnings.catch_warnings():  # of threads here, of which the copy uses none
        warnings.simplefilter("ignore", DeprecationWarning)
        pid = os.fork()
    if pid == 0:
        try:
            os.setsid()
            silent()
            answer(find, task, answer_path)
        finally:
            os._exit(0)
    try:
        return waited(pid, seconds)
    finally:
        end(pid)
        with suppress(ChildProcessError):
            os.waitpid(pid, 0)


def silent():
    """Read nothing, and write to no screen, in a crash either; Ctrl-C ends the process."""
    faulthandler.disable()
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for place in range(3):
        os.dup2(nowhere, place)
    sys.stdin = open(os.devnull, encoding="utf-8")  # noqa: SIM115  until the process ends


def waited(pid, seconds):
    """The exit status of a process; None where it is not over in time."""
    until, pause = time.monotonic() + seconds, 0.0005
    while time.monotonic() < until:
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        time.sleep(pause)
        pause = min(pause * 2, 0.02)
    return None


def end(pid):
    """End a process, and what it has started."""
    with suppress(OSError):
        if hasattr(os, "killpg"):
            os.killpg(pid, signal.SIGKILL)
        else:
            os.kill(pid, signal.SIGTERM)


def answer(find, task, answer_path):
    """Run a task on the class that `find` gives, and write down what comes of it."""
    printed = Printed()
    sys.stdout = sys.stderr = printed
    lift = limit_memory(task["memory"])
    phase = ["import"]
    try:
        told = run(find(), task, phase)
    except Wrong as error:
        told = failure(error.kind, str(error), task, phase)
    except MemoryError:
        lift()
        told = failure("memory", "", task, phase)
    except SystemExit as error:
        told = failure("exit", f"{error.code}", task, phase)
    except RecursionError as error:
        told = failure("recursion", str(error), task, phase, error)
    except EOFError as error:
        told = failure("input", str(error), task, phase, error)
    except BaseException as error:  # whatever it raises is told
        told = failure("raises", f"{type(error).__name__}: {error}", task, phase, error)
    lift()
    told["printed"] = printed.count
    with open(answer_path, "w", encoding="utf-8") as file:
        json.dump(told, file)


def limit_memory(allowed):
    """Let the process have so many bytes more than it has. Returns what takes the limit away."""
    try:
        import resource

        pages = int(Path("/proc/self/statm").read_text().split()[0])
        now = pages * resource.getpagesize()
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (now + allowed, hard))
        resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST_FILE, LARGEST_FILE))
        return lambda: resource.setrlimit(resource.RLIMIT_AS, (hard, hard))
    except (ImportError, OSError, ValueError):  # only Linux knows all of this
        return lambda: None


def failure(kind, message, task, phase, error=None):
    line = 0
    if error is not None:
        frames = traceback.extract_tb(error.__traceback__)
        ours = [frame for frame in frames if frame.filename != __file__]
        if task.get("file"):
            ours = [f for f in ours if os.path.realpath(f.filename) == task["file"]] or ours
        line = ours[-1].lineno if ours else 0
    words = " ".join(message.split())
    return {"failed": kind, "message": words[:LONGEST], "line": line, "phase": phase}


def class_in(path, name):
    """The class of that name in a file; without a name Value, or the one that has a backward."""
    sys.path.insert(0, str(Path(path).parent))
    spec = spec_from_file_location(Path(path).stem, path)
    module = module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    classes = {n: c for n, c in vars(module).items() if isinstance(c, type) and n[0] != "_"}
    if name:
        if name not in classes:
            raise Wrong("class", f"there is no class {name}: it has {known(classes)}")
        return classes[name]
    if "Value" in classes:
        return classes["Value"]
    able = [c for c in dict.fromkeys(classes.values()) if hasattr(c, "backward")]
    if len(able) != 1:
        raise Wrong("class", f"there is no class Value: it has {known(classes)}")
    return able[0]


def known(classes):
    return ", ".join(sorted(classes)[:10]) or "no classes"


def run(cls, task, phase):
    if task["kind"] == "probe":
        return probe(cls, task["methods"], phase)
    phase[:] = ["making"]
    leaves = [cls(number) for number in task["leaves"]]
    fresh = [getattr(one, "grad", None) for one in leaves]
    nodes = built(cls, leaves, task["steps"], phase)
    data = [number(one, "data") for one in nodes]
    if not task["backward"]:
        return {"data": data, "grad": None}
    swept(nodes, phase)
    if task["sweeps"] in ("reset", "again"):
        phase[:] = ["reset"]
        for one, grad in zip(leaves, fresh, strict=True):
            one.zero_grad() if hasattr(one, "zero_grad") else setattr(one, "grad", grad)
    if task["sweeps"] in ("reset", "rebuilt"):
        nodes = built(cls, leaves, task["steps"], phase)
    if task["sweeps"] != "once":
        swept(nodes, phase)
    return {"data": data, "grad": [number(one, "grad") for one in nodes]}


def built(cls, leaves, steps, phase):
    nodes = list(leaves)
    for i, (op, args) in enumerate(steps):
        phase[:] = ["forward", i]
        xs = [nodes[arg] if isinstance(arg, int) else arg[0] for arg in args]
        if op in OPERATORS:
            node = OPERATORS[op](*xs)
        elif op == "neg":
            node = -xs[0]
        else:
            node = getattr(xs[0], op)()
        if not hasattr(node, "data"):
            raise Wrong("result", f"gives {shown(node)}, not a {cls.__name__}")
        nodes.append(node)
    return nodes


def swept(nodes, phase):
    phase[:] = ["backward"]
    nodes[-1].backward()


def number(node, name):
    """`data` or `grad` as a float; None where there is no gradient."""
    held = getattr(node, name, None)
    if held is None:
        return None
    try:
        if isinstance(held, str):
            raise TypeError
        return float(held)
    except (TypeError, ValueError):
        raise Wrong("number", f"{name} is {shown(held)}, not a number") from None


def shown(thing):
    return "None" if thing is None else f"of type {type(thing).__name__}"


def probe(cls, methods, phase):
    """What the class is called, and which of these methods it has."""
    phase[:] = ["making"]
    one = cls(2.0)
    missing = [name for name in ("data", "backward") if not hasattr(one, name)]
    if missing:
        raise Wrong("lacks", " and no ".join(missing))
    number(one, "data")
    return {
        "name": cls.__name__,
        "methods": [name for name in methods if callable(getattr(one, name, None))],
    }


if __name__ == "__main__":
    main(*sys.argv[1:]) if sys.argv[1:] else host()
    os._exit(0)  # whatever threads the engine has started
