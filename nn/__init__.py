"""Neurons, losses, optimisers, data and training, on top of autograd.

>>> from nn import MLP, fit, moons
>>> model = MLP(2, [4, 1], seed=0)
>>> history = fit(model, moons(20), loss="hinge", epochs=30, progress=False)
>>> len(history), history.losses[-1] < history.losses[0]
(30, True)
"""

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
from nn.files import FileError, load, save
from nn.history import History
from nn.losses import (
    binary_cross_entropy,
    cross_entropy,
    hinge,
    l2,
    logsumexp,
    mse,
    softmax,
)
from nn.module import (
    MLP,
    Layer,
    Module,
    Neuron,
    ShapeError,
    he,
    lecture,
    uniform,
    xavier,
)
from nn.optim import (
    SGD,
    Adam,
    AdamW,
    Optimizer,
    RMSProp,
    clip_gradients,
)
from nn.schedules import constant, cosine, step_decay
from nn.train import EarlyStopping, Trainer, TrainingStopped, fit
