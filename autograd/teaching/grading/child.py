"""What runs in a process of its own: one task, on an engine that somebody else wrote.

This file uses the standard library only, and is run by its path: it starts within milliseconds, and
nothing of ours is there for the engine to meet. Where processes can be copied, a file is imported
once, and every task runs in a copy of the process that did so.
"""

import faulthandler
import inspect
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
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

OPERATORS = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "**": operator.pow,
}
# What people call the number, the gradient, and the other arguments of an engine's class.
DATA, GRAD = ("data", "value", "val"), ("grad", "gradient", "derivative")
EMPTY = {"op": "", "label": "", "name": "", "children": (), "parents": (), "prev": (), "inputs": ()}
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
    with warnings.catch_warnings():  # of threads here, such as JAX's: the copy uses none of them
        warnings.simplefilter("ignore")
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
    module = module_in(Path(path))
    classes = {n: c for n, c in vars(module).items() if isinstance(c, type) and n[0] != "_"}
    if name:
        if name not in classes:
            raise Wrong("class", f"there is no class {name}: it has {known(classes)}")
        return classes[name]
    if "Value" in classes:
        return classes["Value"]
    able = [c for c in dict.fromkeys(classes.values()) if hasattr(c, "backward")]
    if len(able) != 1:
        others = "more than one other" if able else "none"
        message = f"there is no class Value, and {others} with a backward: it has {known(classes)}"
        raise Wrong("class", message)
    return able[0]


def module_in(path):
    """The module that a file holds, which finds what stands beside it."""
    sys.path.insert(0, str(path.parent))
    name = package_of(path) + path.stem
    if name in sys.modules:  # its package imports it
        return sys.modules[name]
    spec = spec_from_file_location(name, path)
    module = module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def package_of(path):
    """The packages that a file stands in, imported, as `package.`; "" for a file in none. One that
    cannot be imported, as it draws with what is not here, is found without its __init__.py."""
    folder, parents = path.parent, []
    while (folder / "__init__.py").exists() and folder.name.isidentifier():
        parents.insert(0, folder)
        folder = folder.parent
    names = [".".join(one.name for one in parents[: i + 1]) for i in range(len(parents))]
    if not names:
        return ""
    sys.path.insert(0, str(folder))
    try:
        import_module(names[-1])
    except Exception:
        for name, parent in zip(names, parents, strict=True):
            sys.modules[name] = ModuleType(name)
            sys.modules[name].__path__ = [str(parent)]
    return f"{names[-1]}."


def known(classes):
    return ", ".join(sorted(classes)[:10]) or "no classes"


def run(cls, task, phase):
    if task["kind"] == "probe":
        return probe(cls, task["methods"], phase)
    phase[:] = ["making"]
    leaves = [leaf(cls, number) for number in task["leaves"]]
    grad = name_of(GRAD, leaves[0])
    fresh = [getattr(one, grad, None) for one in leaves]
    nodes = built(cls, leaves, task["steps"], phase)
    data = [number(one, name_of(DATA, one)) for one in nodes]
    if not task["backward"]:
        return {"data": data, "grad": None}
    swept(nodes, phase)
    if task["sweeps"] in ("reset", "again"):
        phase[:] = ["reset"]
        for one, start in zip(leaves, fresh, strict=True):
            one.zero_grad() if hasattr(one, "zero_grad") else setattr(one, grad, start)
    if task["sweeps"] in ("reset", "rebuilt"):
        nodes = built(cls, leaves, task["steps"], phase)
    try:
        if task["sweeps"] != "once":
            swept(nodes, phase)
    except RuntimeError as error:
        if task["sweeps"] != "again" or type(error) is not RuntimeError:
            raise
        return {"data": data, "grad": None}  # it refuses to sweep a graph twice, as PyTorch does
    return {"data": data, "grad": [number(one, name_of(GRAD, one)) for one in nodes]}


def leaf(cls, x):
    """A value that holds x. What else the class asks for is empty: no parents, no name."""
    others = [given(name) for name in required(cls)[1:]]
    return cls(x) if None in others else cls(x, *others)


def required(f):
    """The names of the arguments that have to be given."""
    try:
        parameters = inspect.signature(f).parameters.values()
    except (TypeError, ValueError):  # of a class that is written in C
        return []
    return [
        one.name
        for one in parameters
        if one.default is one.empty and one.kind in (one.POSITIONAL_ONLY, one.POSITIONAL_OR_KEYWORD)
    ]


def given(name):
    """What an argument of that name is where no value was made from others; None if unknown."""
    return next((empty for word, empty in EMPTY.items() if word in name), None)


def name_of(names, node):
    """The one of these names that a value has; the first where it has none."""
    held = [name for name in names if not callable(getattr(node, name, print))]
    return held[0] if held else names[0]


def built(cls, leaves, steps, phase):
    nodes = list(leaves)
    for i, (op, args) in enumerate(steps):
        phase[:] = ["forward", i]
        xs = [nodes[arg] if isinstance(arg, int) else arg[0] for arg in args]
        if op in OPERATORS:
            node = operated(OPERATORS[op], *xs)
        elif op == "neg":
            node = -xs[0]
        else:
            node = getattr(xs[0], op)()
        if not hasattr(node, name_of(DATA, node)):
            raise Wrong("result", f"gives {shown(node)}, not a {cls.__name__}")
        nodes.append(node)
    return nodes


def operated(function, left, right):
    """What an operator gives. Raises Wrong where Python says that there is no such operator,
    although there is a method for it."""
    try:
        return function(left, right)
    except TypeError as error:
        word, node = f"__{function.__name__}__", left
        if isinstance(left, int | float):
            word, node = f"__r{function.__name__}__", right
        is_ours = error.__traceback__.tb_next is None  # and no line of the engine raised it
        if is_ours and getattr(type(node), word, None):
            raise Wrong("declined", f"{word} returns NotImplemented") from None
        raise


def swept(nodes, phase):
    phase[:] = ["backward"]
    backward = nodes[-1].backward
    backward(*[1.0 for _ in required(backward)])  # the gradient of the result by itself


def number(node, name):
    """`data` or `grad` as a float; None where there is no gradient."""
    held = getattr(node, name, None)
    if held is None:
        return None
    try:
        if isinstance(held, str):
            raise TypeError
        if not hasattr(type(held), "__float__") or getattr(held, "shape", ()):
            held = held.item()  # of an array of one number
        return float(held)
    except (AttributeError, TypeError, ValueError):
        raise Wrong("number", f"{name} is {shown(held)}, not a number") from None


def shown(thing):
    return "None" if thing is None else f"of type {type(thing).__name__}"


def probe(cls, methods, phase):
    """What the class is called, and which of these methods it has."""
    phase[:] = ["making"]
    one = leaf(cls, 2.0)
    data = name_of(DATA, one)
    missing = [name for name in (data, "backward") if not hasattr(one, name)]
    if missing:
        raise Wrong("lacks", " and no ".join(missing))
    number(one, data)
    return {
        "name": cls.__name__,
        "methods": [name for name in methods if callable(getattr(one, name, None))],
    }


if __name__ == "__main__":
    main(*sys.argv[1:]) if sys.argv[1:] else host()
    os._exit(0)  # whatever threads the engine has started
