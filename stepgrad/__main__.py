"""The command `stepgrad`. Ctrl-C stops it at any moment, imports included, with status 130."""

# What is imported before the handler is in place is little: until then, Ctrl-C is a traceback.
import os
import signal
import sys
from _thread import get_ident, interrupt_main, start_new_thread
from contextlib import suppress
from time import sleep

from stepgrad.importing import is_importing, is_running

STATUS = 128 + signal.SIGINT  # as shells have it for what Ctrl-C ended
MAIN_THREAD = get_ident()


class Interrupts:
    """The handler of Ctrl-C: it raises KeyboardInterrupt, so that whoever runs can tidy up.

    During an import it ends the process: what is raised there is swallowed by some modules, and
    leaves others half imported. So it does when the command is `over`. Where Python itself has to
    swallow what is raised, in a finalizer or the callback of a weak reference, Ctrl-C comes again.
    """

    def __init__(self) -> None:
        self.seen = self.over = False

    def __call__(self, number, frame) -> None:
        if self.over or is_importing(frame):
            end_at_once()
        self.seen = True
        if is_running(Interrupts.swallowed, frame):
            come_again()
        else:
            raise KeyboardInterrupt

    def swallowed(self, what) -> None:
        """A `sys.unraisablehook`."""
        if self.seen and issubclass(what.exc_type, KeyboardInterrupt):
            come_again()
        else:
            sys.__unraisablehook__(what)


def come_again() -> None:
    """Send Ctrl-C in a moment. A thread of the bare kind: one of `threading` takes locks, which
    may be held where a finalizer runs."""
    start_new_thread(send_later, ())


def send_later() -> None:
    sleep(0.01)
    if hasattr(signal, "pthread_kill"):  # it also wakes whoever waits for the network, or sleeps
        signal.pthread_kill(MAIN_THREAD, signal.SIGINT)
    else:
        interrupt_main()


def end_at_once() -> None:
    with suppress(Exception):  # it is closed, or was interrupted while it was written to
        sys.stdout.flush()
    with suppress(OSError):  # nobody is there to read it
        os.write(2, b"stepgrad: stopped\n")
    os._exit(STATUS)


def main() -> int:
    """Run the command; returns its exit status."""
    interrupts = Interrupts()
    sys.unraisablehook = interrupts.swallowed
    signal.signal(signal.SIGINT, interrupts)
    try:
        status = run()
    except BaseException:
        if not interrupts.seen:
            raise
    interrupts.over = True
    if interrupts.seen:  # also where a KeyboardInterrupt was turned into something else
        end_at_once()
    return status


def run() -> int:
    try:
        from viz.cli.main import main as command
    except (ImportError, ValueError) as error:  # other packages of our names, an unknown engine
        print(f"stepgrad: {error}", file=sys.stderr)
        return 2
    return command()


if __name__ == "__main__":
    sys.exit(main())
