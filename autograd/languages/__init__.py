"""The languages that a program can be printed in; each spells the primitives of the table."""

from autograd.languages.c import C
from autograd.languages.javascript import JAVASCRIPT
from autograd.languages.language import Language
from autograd.languages.numpy import NUMPY
from autograd.languages.python import PYTHON
from autograd.languages.traced import JAX, TORCH

LANGUAGES = {language.name: language for language in (PYTHON, NUMPY, JAVASCRIPT, C, JAX, TORCH)}

__all__ = ["JAVASCRIPT", "JAX", "LANGUAGES", "NUMPY", "PYTHON", "TORCH", "C", "Language"]
