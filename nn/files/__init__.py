"""Models and checkpoints in files, read with care and written whole or not at all."""

from autograd.disk import FileError, check_writable, read, replace, suffix_of
from nn.files.container import pack, unpack
from nn.files.model import load, save

__all__ = [
    "FileError", "check_writable", "load", "pack", "read", "replace", "save", "suffix_of", "unpack",
]  # fmt: skip
