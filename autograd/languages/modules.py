"""Which operations another framework has as a part of networks, and under which name."""

# Modules of `torch.nn` as they are written, the first by us; the others are read as well. The
# default of Softplus replaces it by a from 20 on, where they differ by 2e-9.
TORCH_MODULES: dict[str, tuple[str, ...]] = {
    "relu": ("ReLU()",),
    "leaky_relu": ("LeakyReLU()",),
    "relu6": ("ReLU6()",),
    "hardtanh": ("Hardtanh()",),
    "elu": ("ELU()",),
    "tanh": ("Tanh()",),
    "sigmoid": ("Sigmoid()",),
    "log_sigmoid": ("LogSigmoid()",),
    "softplus": ("Softplus(threshold=40)", "Softplus()"),
    "silu": ("SiLU()",),
    "gelu": ("GELU()",),
}

# Operators of ONNX. Some are formulas in the table, and are one operator there, since runtimes have
# fast ones.
ONNX_OPERATORS = {
    "add": "Add",
    "subtract": "Sub",
    "multiply": "Mul",
    "divide": "Div",
    "negative": "Neg",
    "power": "Pow",
    "less": "Less",
    "less_equal": "LessOrEqual",
    "where": "Where",
    "exp": "Exp",
    "log": "Log",
    "sqrt": "Sqrt",
    "sin": "Sin",
    "cos": "Cos",
    "tan": "Tan",
    "asin": "Asin",
    "acos": "Acos",
    "atan": "Atan",
    "sinh": "Sinh",
    "cosh": "Cosh",
    "tanh": "Tanh",
    "asinh": "Asinh",
    "acosh": "Acosh",
    "atanh": "Atanh",
    "sigmoid": "Sigmoid",
    "erf": "Erf",
    "sign": "Sign",
    "absolute": "Abs",
    "relu": "Relu",
    "floor": "Floor",
    "ceil": "Ceil",
}
