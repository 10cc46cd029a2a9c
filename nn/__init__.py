"""Neurons, losses, optimisers, data and training, on top of autograd."""

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
