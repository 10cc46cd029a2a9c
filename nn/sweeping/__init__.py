"""Many trainings: every setting of a grid with every seed, on many processes or machines."""

from nn.sweeping.results import Sweep
from nn.sweeping.running import RunFailed, sweep

__all__ = ["RunFailed", "Sweep", "sweep"]
