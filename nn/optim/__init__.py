"""Optimisers, learning rates that change, and the clipping of gradients."""

from nn.optim.optimizer import Optimizer, clip_gradients
from nn.optim.optimizers import OPTIMIZERS, SGD, Adam, AdamW, RMSProp
from nn.optim.schedules import Schedule, constant, cosine, step_decay

__all__ = [
    "OPTIMIZERS",
    "SGD",
    "Adam",
    "AdamW",
    "Optimizer",
    "RMSProp",
    "Schedule",
    "clip_gradients",
    "constant",
    "cosine",
    "step_decay",
]
