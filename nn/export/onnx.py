"""A network as an ONNX file: a MatMul and an Add in double for each layer, and its activation.

Activations are read from the table, on names of tensors: an operation that ONNX has becomes a node,
and one that it lacks the nodes of its formula.
"""

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from autograd import ops
from autograd.disk import replace
from autograd.languages.modules import ONNX_OPERATORS
from autograd.op import Op
from autograd.operand import Operand
from autograd.ops import absolute, erf, exp, expm1, log, log1p, power, sign, sqrt, where
from autograd.program.frameworks import required
from nn.export.layers import CannotExport, dense_layers
from nn.module import MLP

__all__ = ["IN_FLOAT32", "to_onnx"]

OPSET, IR = 17, 8  # of 2022, which the runtimes of today read
LARGE = 2.0**28  # from here on, a² + 1 is a² as a float

# What ONNX has, and onnxruntime computes in float32 only.
IN_FLOAT32 = (ops.asin, ops.acos, ops.atan, ops.erf)


def exact_expm1(a: Any) -> Any:
    """exp(a) − 1 where that cancels: W. Kahan's way, from N. J. Higham, "Accuracy and Stability of
    Numerical Algorithms" (2002), section 1.14.1."""
    raised = exp(a)
    less_one = raised - 1
    near = where(absolute(less_one) <= 0, a, less_one * a / log(raised))
    return where(absolute(a) >= 1, less_one, near)


def exact_log1p(a: Any) -> Any:
    """log(1 + a) where the sum is rounded: Kahan's way, from the same book, problem 1.5."""
    more = 1 + a
    near = where(absolute(more - 1) <= 0, a, log(more) * (a / (more - 1)))
    return where(a >= 1, log(more), near)


def exact_sinh(a: Any) -> Any:
    grown = expm1(absolute(a))
    return sign(a) * (1 + 1 / (grown + 1)) * grown / 2


def exact_asinh(a: Any) -> Any:
    size = absolute(a)
    small = log1p(size + size * size / (1 + sqrt(1 + size * size)))
    return sign(a) * where(size >= LARGE, log(size) + ops.LN2, small)


def exact_acosh(a: Any) -> Any:
    beyond = a - 1
    small = log1p(beyond + sqrt(beyond) * sqrt(beyond + 2))
    return where(a >= LARGE, log(a) + ops.LN2, small)


def exact_atanh(a: Any) -> Any:
    size = absolute(a)
    return sign(a) * log1p(2 * size / (1 - size)) / 2


# What ONNX lacks, or onnxruntime has in float32 only, and what it comes to in what is there.
FORMULAS: dict[Op, Callable] = {
    ops.exp2: lambda a: power(2.0, a),
    expm1: exact_expm1,
    ops.log2: lambda a: log(a) / ops.LN2,
    ops.log10: lambda a: log(a) / ops.LN10,
    log1p: exact_log1p,
    ops.cbrt: lambda a: sign(a) * power(absolute(a), 1 / 3),
    ops.tan: lambda a: ops.sin(a) / ops.cos(a),
    ops.sinh: exact_sinh,
    ops.cosh: lambda a: (exp(a) + exp(-a)) / 2,
    ops.asinh: exact_asinh,
    ops.acosh: exact_acosh,
    ops.atanh: exact_atanh,
    ops.erfc: lambda a: 1 - erf(a),
}


def to_onnx(model: MLP, path: str | os.PathLike[str]) -> Path:
    """Write a network as an ONNX file, and return its path.

    The graph has the input "x", of shape (examples, inputs), and the output "y", of shape
    (examples, outputs), both double. A file that is there already is replaced as a whole, or not at
    all. It is checked by onnx's checker before it is written.

    onnxruntime gives what the model gives, to 1e-12. It has no double kernel for the operators of
    asin, acos, atan and erf, on which erfc and gelu rest: these are computed in float32, which
    leaves an error of about 1e-6.

    Raises ImportError, with the command that installs it, where onnx is missing; TypeError for what
    is no MLP; CannotExport for a layer whose neurons have different activations, and for an
    activation that ONNX has no operator for; FileNotFoundError when the folder of the path is
    missing.

    >>> model = MLP(2, [3, 1], seed=0)
    >>> to_onnx(model, "model.onnx")  # doctest: +SKIP
    PosixPath('model.onnx')
    """
    layers = dense_layers(model)
    onnx = required("onnx")
    graph = Graph(onnx)
    tensor = "x"
    for i, layer in enumerate(layers, start=1):
        columns = [list(column) for column in zip(*layer.weight, strict=True)]
        weight = graph.held(f"layer{i}.weight", columns)
        summed = graph.node("MatMul", [tensor, weight])
        tensor = graph.node("Add", [summed, graph.held(f"layer{i}.bias", layer.bias)])
        if layer.activation:
            tensor = graph.name_of(layer.activation(Tensor(graph, tensor)))
    path = Path(path)
    replace(path, graph.file(tensor, layers[0].inputs, len(layers[-1].bias)))
    return path


class Tensor(Operand):
    """The name of a tensor in a graph; `is_condition` where its elements are truth values."""

    __slots__ = ("graph", "is_condition", "name")

    def __init__(self, graph: "Graph", name: str, is_condition: bool = False) -> None:
        self.graph, self.name, self.is_condition = graph, name, is_condition

    def apply(self, op: Op, args: tuple) -> Any:
        """The node of the operation, or the nodes of its formula."""
        if op in FORMULAS:
            return FORMULAS[op](*args)
        if op.is_built_in and op.name in ONNX_OPERATORS:
            return self.graph.operation(op, args)
        if op.definition:
            return op.definition.at(*args)
        raise CannotExport(
            f"ONNX has no operator for {op.name}, and it is no formula of others: choose another "
            "activation, such as tanh"
        )


class Graph:
    """The nodes of a graph of ONNX, in their order, and the numbers that it holds."""

    def __init__(self, onnx: Any) -> None:
        self.onnx = onnx
        self.nodes: list[Any] = []
        self.numbers: dict[str, Any] = {}

    def node(self, operator: str, inputs: Sequence[str], **attributes: Any) -> str:
        """Add a node; returns the name of its result."""
        name = f"v{len(self.nodes)}"
        self.nodes.append(self.onnx.helper.make_node(operator, list(inputs), [name], **attributes))
        return name

    def held(self, name: str, numbers: Any) -> str:
        """Keep numbers in the graph, in double; returns their name."""
        import numpy

        array = numpy.array(numbers, dtype=numpy.float64)
        self.numbers[name] = self.onnx.numpy_helper.from_array(array, name)
        return name

    def operation(self, op: Op, args: Sequence[Any]) -> Tensor:
        """The operation as a node."""
        operator = ONNX_OPERATORS[op.name]
        if op.symbol == "if":
            condition, *branches = args
            names = [self.condition(condition), *map(self.name_of, branches)]
            return Tensor(self, self.node(operator, names))
        names = [self.name_of(arg) for arg in args]
        if op not in IN_FLOAT32:
            is_condition = op.symbol in ("<", "<=")
            return Tensor(self, self.node(operator, names), is_condition)
        types = self.onnx.TensorProto
        single = [self.node("Cast", [name], to=types.FLOAT) for name in names]
        return Tensor(self, self.node("Cast", [self.node(operator, single)], to=types.DOUBLE))

    def condition(self, x: Any) -> str:
        """The name of a tensor of truth values: whether x is not 0."""
        if isinstance(x, Tensor) and x.is_condition:
            return x.name
        return self.node("Not", [self.node("Equal", [self.name_of(x), self.name_of(0.0)])])

    def name_of(self, x: Any) -> str:
        """The name of a tensor of doubles, or of a number that is held."""
        if not isinstance(x, Tensor):
            return self.held(repr(float(x)), float(x))
        if x.is_condition:
            return self.node("Cast", [x.name], to=self.onnx.TensorProto.DOUBLE)
        return x.name

    def file(self, output: str, inputs: int, outputs: int) -> bytes:
        """The graph as the bytes of a file, checked."""
        helper, double = self.onnx.helper, self.onnx.TensorProto.DOUBLE
        self.nodes.append(helper.make_node("Identity", [output], ["y"]))
        graph = helper.make_graph(
            self.nodes,
            "stepgrad",
            [helper.make_tensor_value_info("x", double, ["examples", inputs])],
            [helper.make_tensor_value_info("y", double, ["examples", outputs])],
            list(self.numbers.values()),
        )
        model = helper.make_model(
            graph,
            opset_imports=[helper.make_opsetid("", OPSET)],
            ir_version=IR,
            producer_name="stepgrad",
        )
        self.onnx.checker.check_model(model, full_check=True)
        return model.SerializeToString()
