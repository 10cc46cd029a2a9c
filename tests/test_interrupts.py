"""Ctrl-C, at any moment of any command: it ends at once, says so, and leaves nothing half done.

Moments are spread over the time that the command takes; a real signal goes to a real process. What
nn does with an interrupt inside a step is in test_optim.py and test_train.py.
"""

import os
import re
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager, suppress
from time import monotonic, sleep

import pytest

from nn import load
from stepgrad.__main__ import Interrupts
from stepgrad.importing import is_importing

EXPRESSION = ["tanh(x1*w1 + x2*w2 + b)", "x1=2", "x2=0", "w1=-3", "w2=1", "b=6.88"]
COMMANDS = {
    "explain": ["explain", *EXPRESSION],
    "draw": ["draw", *EXPRESSION, "-o", "neuron.svg"],
    "film": ["draw", *EXPRESSION, "-o", "neuron.gif"],
    "step": ["step", *EXPRESSION, "--no-browser"],
    "lessons": ["lessons", "--to", "mine"],
    "demo": ["demo"],
    "train": ["train", "moons", "--epochs", "100000"],
    "sweep": ["sweep", "moons", "--epochs", "100000"],
}
# A newline comes when the handler is in place: what is before is not ours, but Python's own start.
STARTED = """
import os, sys, stepgrad.__main__ as it
run = it.run
it.run = lambda: os.write(1, b"\\n") and run()
sys.exit(it.main())
"""
MOMENTS = 12
AT_ONCE = 20  # seconds, on a machine that does much else; the trainings would take minutes


@contextmanager
def running(words, folder):
    process = subprocess.Popen(
        [sys.executable, "-c", STARTED, *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        env=os.environ | {"PYTHONIOENCODING": "utf-8", "PYTHONUNBUFFERED": "1"},
        cwd=folder,
    )
    try:
        assert process.stdout.readline() == "\n"
        yield process
    finally:
        process.kill()
        process.communicate()


def stopped(words, folder, after, times=1):
    """Whether Ctrl-C came before the command had ended; then it was stopped as it should be."""
    with running(words, folder) as process:
        sleep(after)
        for _ in range(times):
            process.send_signal(signal.SIGINT)
            sleep(0.01)
        pressed = monotonic()
        _, err = process.communicate(timeout=60)
        assert monotonic() - pressed < AT_ONCE
        assert "Traceback" not in err and "Error" not in err
        if process.returncode == 130:
            assert err.endswith("stepgrad: stopped\n") and err.count("stopped") == 1
            return True
        # It was done; Python puts its handlers away shortly before a process ends.
        assert process.returncode in (0, -signal.SIGINT) and "stopped" not in err
        return False


def half_done(folder):
    """Temporary files, and notebooks without the others."""
    names = [path.name for path in folder.rglob("*")]
    lessons = [name for name in names if name.endswith(".ipynb")]
    return [name for name in names if name.endswith(".tmp")], len(lessons) % 12


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("after", [0.0, 0.15, 0.4])
def test_ctrl_c_stops_any_command_at_once(command, after, tmp_path):
    stopped(COMMANDS[command], tmp_path, after)
    assert half_done(tmp_path) == ([], 0)


@pytest.mark.slow
@pytest.mark.parametrize("command", COMMANDS)
def test_ctrl_c_stops_any_command_at_any_moment(command, tmp_path):
    with running(COMMANDS[command], tmp_path) as process:
        begun = monotonic()
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=4)
        lasts = monotonic() - begun
    outcomes = []
    for moment in range(MOMENTS):
        folder = tmp_path / str(moment)
        folder.mkdir()
        after = lasts * moment / MOMENTS
        outcomes.append(stopped(COMMANDS[command], folder, after, 1 + moment % 3))
        if not outcomes[-1]:
            lasts = min(lasts, after)  # the machine did other things when this was measured
        assert half_done(folder) == ([], 0)
    assert sum(outcomes) >= MOMENTS // 4  # its end and Python's take a while as well


@pytest.mark.parametrize("times", [1, 3])
def test_what_was_learned_until_ctrl_c_is_kept(times, tmp_path):
    with running(COMMANDS["train"], tmp_path) as process:
        while "epochs: loss" not in process.stderr.readline():
            pass
        for _ in range(times):
            process.send_signal(signal.SIGINT)
            sleep(0.02)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 130 and err.endswith("stepgrad: stopped\n")
    assert re.search(r"interrupted after \d+ epochs?; the model is as after the last whole", out)
    assert out.endswith("wrote moons.safetensors\n")
    assert [path.name for path in tmp_path.iterdir()] == ["moons.safetensors"]
    assert load(tmp_path / "moons.safetensors").inputs == 2


def test_ctrl_c_before_the_first_step_leaves_the_model_of_the_last_time(tmp_path):
    (tmp_path / "moons.safetensors").write_bytes(b"the last time")
    with running(COMMANDS["train"], tmp_path) as process:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
    assert process.returncode == 130
    assert (tmp_path / "moons.safetensors").read_bytes() == b"the last time"


def test_an_interrupt_that_became_another_error_is_still_an_interrupt():
    program = (
        "import signal, sys, stepgrad.__main__ as it\n"
        "def run():\n"
        "    try:\n"
        "        signal.raise_signal(signal.SIGINT)\n"
        "    except KeyboardInterrupt:\n"
        "        raise AttributeError('as NumPy did it') from None\n"
        "it.run = run\n"
        "sys.exit(it.main())"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "stepgrad: stopped\n")


def test_an_interrupt_that_a_module_would_swallow_ends_its_import(tmp_path):
    (tmp_path / "hungry.py").write_text(
        "import signal\n"
        "try:\n"
        "    signal.raise_signal(signal.SIGINT)\n"
        "except BaseException:\n"
        "    pass\n"
    )
    program = (
        "import sys, stepgrad.__main__ as it\n"
        "def run():\n"
        "    print('first')\n"
        "    import hungry\n"
        "    print('it went on')\n"
        "it.run = run\n"
        "sys.exit(it.main())"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, "first\n", "stepgrad: stopped\n")


def test_an_interrupt_during_an_import_in_training_waits_for_the_end_of_the_step(tmp_path):
    (tmp_path / "late.py").write_text(
        "import signal\nsignal.raise_signal(signal.SIGINT)\nprint('whole')\n"
    )
    program = (
        "import signal\n"
        "from nn.interrupts import gated, uninterrupted\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # a shell may ignore it
        "try:\n"
        "    with gated():\n"
        "        import late\n"
        "        with uninterrupted():\n"
        "            print('step')\n"
        "        print('not reached')\n"
        "except KeyboardInterrupt:\n"
        "    print('stopped')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
    )
    assert (done.stdout, done.stderr) == ("whole\nstep\nstopped\n", "")


@pytest.mark.parametrize(
    "swallower",
    [
        "    weakref.finalize(thing, signal.raise_signal, signal.SIGINT)",
        "    Thing.__del__ = lambda self: signal.raise_signal(signal.SIGINT)",
        "    Thing.__del__ = twice",
    ],
)
def test_an_interrupt_that_python_has_to_swallow_comes_again(swallower):
    program = (
        "import signal, sys, time, weakref, stepgrad.__main__ as it\n"
        "class Thing: pass\n"
        "def twice(self):\n"  # the second one comes while the first is dealt with
        "    it.come_again = lambda: (undone(), signal.raise_signal(signal.SIGINT))\n"
        "    signal.raise_signal(signal.SIGINT)\n"
        "def undone():\n"
        "    it.come_again = again\n"
        "again = it.come_again\n"
        "def run():\n"
        "    thing = Thing()\n"
        f"{swallower}\n"
        "    del thing\n"
        "    print('it goes on', flush=True)\n"
        "    time.sleep(60)\n"
        "    print('not reached')\n"
        "it.run = run\n"
        "sys.exit(it.main())"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (130, "stepgrad: stopped\n")
    assert done.stdout == "it goes on\n"


def test_another_error_in_a_finalizer_is_told_as_python_tells_it():
    program = (
        "import sys, stepgrad.__main__ as it\n"
        "class Thing:\n"
        "    def __del__(self): 1 / 0\n"
        "def run():\n"
        "    Thing()\n"
        "    return 0\n"
        "it.run = run\n"
        "sys.exit(it.main())"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0 and done.stderr.startswith("Exception ignored in")
    assert "ZeroDivisionError" in done.stderr


def test_an_error_without_an_interrupt_stays_what_it_is():
    program = "import sys, stepgrad.__main__ as it\nit.run = lambda: 1 / 0\nsys.exit(it.main())"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 1 and "ZeroDivisionError" in done.stderr
    assert "stopped" not in done.stderr


def test_an_import_is_recognised_however_deep_in_it_the_signal_comes(tmp_path, monkeypatch):
    (tmp_path / "looks.py").write_text("import sys\nframe = sys._getframe()\n")
    monkeypatch.syspath_prepend(tmp_path)
    import looks

    assert is_importing(looks.frame)
    frames = []
    thread = threading.Thread(target=lambda: frames.append(sys._getframe()))
    thread.start()
    thread.join()
    assert not is_importing(frames[0])  # pytest itself may be imported somewhere above a test
    with pytest.raises(KeyboardInterrupt):
        Interrupts()(signal.SIGINT, None)
