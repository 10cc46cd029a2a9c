"""The machines of a Ray cluster as workers of a sweep."""

from collections.abc import Callable
from socket import create_connection
from typing import Any

from autograd.program.frameworks import required
from nn.sweeping.outcome import Failure, unpickled
from nn.sweeping.plan import Run
from nn.sweeping.workers import Finished

__all__ = ["OnRay"]

AHEAD = 2  # runs for each core: the next one is there when the first is done
WAIT = 10.0  # seconds for a cluster to answer


class OnRay:
    """Runs as tasks of a Ray cluster, on one core each. The cluster at `address` is joined, unless
    this process has joined one already."""

    def __init__(self, build: Callable, data: Any, address: str) -> None:
        self.ray: Any = required("ray")
        self.joined = not self.ray.is_initialized()
        if self.joined:
            try:
                look_for(address)
                self.ray.init(address, log_to_driver=False, logging_level="ERROR")
            except (OSError, ValueError) as error:
                reason = str(error).partition("\n")[0]
                raise ConnectionError(
                    f"no Ray cluster answers at {address}: {reason} (`ray start --head` starts one)"
                ) from None
        # Retries are the sweep's to count, as everywhere.
        self.task = self.ray.remote(num_cpus=1, max_retries=0)(unpickled)
        # Ray's pickle, because it takes functions of a notebook along.
        self.pickled = self.ray.put(self.ray.cloudpickle.dumps((build, data)))
        self.busy: dict[Any, Run] = {}

    @property
    def room(self) -> bool:
        return len(self.busy) < AHEAD * max(1, self.ray.cluster_resources().get("CPU", 1))

    def start(self, run: Run) -> None:
        self.busy[self.task.remote(self.pickled, run.settings)] = run

    def finished(self) -> Finished:
        errors = self.ray.exceptions
        done, _ = self.ray.wait(list(self.busy), num_returns=1)
        found: Finished = []
        for reference in done:
            run = self.busy.pop(reference)
            try:
                found.append((run, self.ray.get(reference)))
            except errors.RayTaskError as error:  # the code of the task is not there
                found.append((run, Failure(f"the task cannot start: {error.cause}", str(error))))
            except errors.RayError:
                found.append((run, None))
        return found

    def close(self) -> None:
        """Stop what is under way. Not by force: of a task that is done at that moment, Ray 2.x
        says "tried to complete task that was not pending", and ends this process."""
        if self.joined:
            self.ray.shutdown()  # its tasks end with it
            return
        for reference in self.busy:
            self.ray.cancel(reference)


def look_for(address: str) -> None:
    """Raise OSError where nobody answers: Ray would take minutes to say so."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if host and port.isdecimal():
        create_connection((host, int(port)), timeout=WAIT).close()
