"""Programs: a graph and its gradient as a straight line of instructions, run on a whole batch."""

from autograd.languages import LANGUAGES
from autograd.program.interpreters import MACHINES
from autograd.program.program import Program

__all__ = ["LANGUAGES", "MACHINES", "Program"]
