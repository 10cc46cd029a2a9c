"""The command `stepgrad`. Ctrl-C stops it at any moment, imports included, with status 130."""

# What is imported before the handler is in place is little: until then, Ctrl-C is a traceback.
import os
import signal
import sys
from contextlib import suppress

from stepgrad.importing import is_importing

STATUS = 128 + signal.SIGINT  # as shells have it for what Ctrl-C ended


class Interrupts:
    """The handler of Ctrl-C: it raises KeyboardInterrupt, so that whoever runs can tidy up.

    During an import it ends the process: what is raised there is swallowed by some modules, and
    leaves others half imported. So it does when the command is `over`.
    """

    def __init__(self) -> None:
        self.seen = self.over = False

    def __call__(self, number, frame) -> None:
        if self.over or is_importing(frame):
            end_at_once()
        self.seen = True
        raise KeyboardInterrupt


def end_at_once() -> None:
    with suppress(Exception):  # it is closed, or was interrupted while it was written to
        sys.stdout.flush()
    with suppress(OSError):  # nobody is there to read it
        os.write(2, b"stepgrad: stopped\n")
    os._exit(STATUS)


def main() -> int:
    """Run the command; returns its exit status."""
    interrupts = Interrupts()
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
