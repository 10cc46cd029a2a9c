"""A model taken along to another engine, with the same numbers: PyTorch, JAX, ONNX, or a source."""

from nn.export.jax import to_jax
from nn.export.layers import CannotExport
from nn.export.onnx import to_onnx
from nn.export.pytorch import from_torch, to_torch
from nn.export.source import FORMATS, export

__all__ = ["FORMATS", "CannotExport", "export", "from_torch", "to_jax", "to_onnx", "to_torch"]
