"""Programs in NumPy, on columns: an array where something differs between the examples."""

from autograd.languages.language import Language
from autograd.languages.python import WORDS, frame, function

NUMPY = Language(
    "numpy",
    frame=frame,
    function=function,
    head="import numpy as np",
    call="np.{}({})",
    choice="np.where({}, {}, {})",
    spelled={
        "asin": "np.arcsin({0})",  # as NumPy 1 has them too
        "acos": "np.arccos({0})",
        "atan": "np.arctan({0})",
        "atan2": "np.arctan2({0}, {1})",
        "asinh": "np.arcsinh({0})",
        "acosh": "np.arccosh({0})",
        "atanh": "np.arctanh({0})",
        "erf": "erf({0})",
        "erfc": "erfc({0})",
        "sign": "np.sign({0})",  # in one pass each, for speed
        "maximum": "np.maximum({0}, {1})",
        "minimum": "np.minimum({0}, {1})",
    },
    helpers={
        "math": "import math",
        "erf": "erf = np.vectorize(math.erf, otypes=[float])",
        "erfc": "erfc = np.vectorize(math.erfc, otypes=[float])",
    },
    infinity="np.inf",
    nan="np.nan",
    reserved=WORDS | {"np", "math"},
)
