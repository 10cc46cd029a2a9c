"""Neurons, losses, optimisers, data and training, on top of autograd.

>>> from nn import MLP, fit, moons
>>> model = MLP(2, [4, 1], seed=0)
>>> history = fit(model, moons(20), loss="hinge", epochs=30, progress=False)
>>> len(history), history.losses[-1] < history.losses[0]
(30, True)
"""

from stepgrad.neighbours import require

require("autograd", beside=__file__)

from nn.data import (
    Dataset,
    blobs,
    circles,
    dataset,
    digits,
    folds,
    from_csv,
    linear,
    moons,
    sonar,
    spiral,
    xor,
)
from nn.evaluation import evaluate
from nn.export import CannotExport, from_torch, to_jax, to_onnx, to_torch
from nn.files import FileError, load, save
from nn.history import History
from nn.initial import he, lecture, uniform, xavier, zero
from nn.losses import (
    binary_cross_entropy,
    cross_entropy,
    hinge,
    l1,
    l2,
    logsumexp,
    mse,
    softmax,
)
from nn.module import MLP, Layer, Module, Neuron, ShapeError
from nn.optim import (
    SGD,
    Adam,
    AdamW,
    Optimizer,
    RMSProp,
    clip_gradients,
    constant,
    cosine,
    step_decay,
)
from nn.sweeping import RunFailed, Sweep, sweep
from nn.train import EarlyStopping, Trainer, TrainingStopped, fit

__all__ = [
    "MLP",
    "SGD",
    "Adam",
    "AdamW",
    "CannotExport",
    "Dataset",
    "EarlyStopping",
    "FileError",
    "History",
    "Layer",
    "Module",
    "Neuron",
    "Optimizer",
    "RMSProp",
    "RunFailed",
    "ShapeError",
    "Sweep",
    "Trainer",
    "TrainingStopped",
    "binary_cross_entropy",
    "blobs",
    "circles",
    "clip_gradients",
    "constant",
    "cosine",
    "cross_entropy",
    "dataset",
    "digits",
    "evaluate",
    "fit",
    "folds",
    "from_csv",
    "from_torch",
    "he",
    "hinge",
    "l1",
    "l2",
    "lecture",
    "linear",
    "load",
    "logsumexp",
    "moons",
    "mse",
    "save",
    "softmax",
    "sonar",
    "spiral",
    "step_decay",
    "sweep",
    "to_jax",
    "to_onnx",
    "to_torch",
    "uniform",
    "xavier",
    "xor",
    "zero",
]
