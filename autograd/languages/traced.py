"""Programs in JAX and PyTorch, which trace what is computed and differentiate it by themselves.

A primitive is the library's function, with the derivative that the library knows for it. For an
operation that is defined by a formula, the derivative of the formula will not do: softplus is
relu(a) + log1p(exp(-|a|)), and at 0 both parts have derivative 0, while that of softplus is 1/2. So
its local derivatives are printed with it, from the table, and the library's own chain rule uses
them. An operation with corners is printed so, too: what holds at a corner is a convention.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from autograd.languages.language import Language
from autograd.languages.python import WORDS, frame, function

# A name for the derivatives of an operation that take more than one line.
SLOPE = "{}_slope{}"
NUMBER = re.compile(r"-?(\d[\d.e+-]*|torch\.inf|torch\.nan)")
OPERATORS = ("+", "-", "*", "/", "<", "<=")


class Traced(Language):
    """Python on the arrays of a library that differentiates."""

    def instruction(self, op: Any, args: Sequence[str]) -> str:
        if self.has_slopes(op):
            return f"{op.name}({', '.join(args)})"
        return super().instruction(op, args)

    def has_slopes(self, op: Any) -> bool:
        """Whether an operation is printed with its local derivatives."""
        if op.symbol or op.name in self.spelled:
            return False
        return bool(op.definition or (op.is_built_in and op.corners))

    def helpers_for(self, ops: Iterable[Any]) -> list[str]:
        """The operations among these that come with local derivatives, and those that they need.
        A function may stand above one that it calls."""
        texts: dict[str, str] = {}

        def add(op: Any) -> None:
            if op.name in texts or not self.has_slopes(op):
                return
            slopes = [op.partial_definition(i) for i in range(len(op.partials))]
            texts[op.name] = self.decorated(op, slopes)
            for formula in filter(None, (op.definition, *slopes)):
                for part in formula.ops():
                    add(part)

        for op in ops:
            add(op)
        return [self.helpers["operation"], *texts.values()] if texts else []

    def decorated(self, op: Any, slopes: Sequence[Any]) -> str:
        """The function of an operation, decorated with its local derivatives. Raises ValueError for
        a custom operation where these are known on floats only."""
        if None in slopes:
            raise ValueError(
                f"the local derivatives of {op.name} are known in Python only: leave them out, and "
                f"the chain rule finds them, also in {self.name}"
            )
        above, written = [], []
        for i, slope in enumerate(slopes):
            places = [place.name for place in slope.places]
            lines, value = slope.printed(self)
            if lines:
                above.append(function(SLOPE.format(op.name, i), places, lines, value))
                written.append(SLOPE.format(op.name, i))
            else:
                written.append(f"lambda {', '.join(places)}: {value}")
        places = [place.name for place in slopes[0].places][1:]  # the first is y
        if op.definition:
            lines, value = op.definition.printed(self)
        else:
            lines, value = [], super().instruction(op, places)
        text = function(op.name, places, lines, value)
        return "\n".join([*above, f"@operation({', '.join(written)})\n{text}"])


class OnTensors(Traced):
    """PyTorch, most of whose functions take tensors only, and no plain numbers."""

    def instruction(self, op: Any, args: Sequence[str]) -> str:
        return super().instruction(op, args if op.symbol in OPERATORS else tensors(args))

    def chosen(self, condition: str, a: str, b: str) -> str:
        return super().chosen(condition, *tensors((a, b)))


def tensors(args: Iterable[str]) -> list[str]:
    """The operands of a function, with plain numbers made into tensors."""
    bare = [arg.removeprefix("(").removesuffix(")") for arg in args]
    pairs = zip(args, bare, strict=True)
    return [f"number({number})" if NUMBER.fullmatch(number) else arg for arg, number in pairs]


# A number that was chosen by convention. Its derivative, which does not exist, is not printed as
# nan: 0 · nan would spoil second derivatives at all other points.
CORNER = "{0}"

# A slope is multiplied by a tangent in JAX, and by the upstream gradient in PyTorch. Both want
# arguments of equal shape, so that no gradient has to be summed back to a smaller one.
IN_JAX = """def operation(*slopes):
    def with_slopes(value):
        rules = [lambda t, y, *args, slope=slope: t * slope(y, *args) for slope in slopes]
        function = jax.custom_jvp(value)
        function.defjvps(*rules)
        return lambda *args: function(*jnp.broadcast_arrays(*args))

    return with_slopes
"""
IN_TORCH = """def operation(*slopes):
    def with_slopes(value):
        class Operation(torch.autograd.Function):
            generate_vmap_rule = True

            @staticmethod
            def forward(*args):
                return value(*args)

            @staticmethod
            def setup_context(ctx, args, y):
                ctx.save_for_backward(y, *args)

            @staticmethod
            def backward(ctx, upstream):
                return tuple(upstream * slope(*ctx.saved_tensors) for slope in slopes)

        return lambda *args: Operation.apply(*torch.broadcast_tensors(*map(number, args)))

    return with_slopes
"""

JAX = Traced(
    "jax",
    frame=frame,
    function=function,
    head="import jax\nfrom jax import numpy as jnp\n\n"
    'jax.config.update("jax_enable_x64", True)  # or JAX computes in float32\n',
    call="jnp.{}({})",
    choice="jnp.where({}, {}, {})",
    spelled={
        "corner": CORNER,
        "asin": "jnp.arcsin({0})",
        "acos": "jnp.arccos({0})",
        "atan": "jnp.arctan({0})",
        "atan2": "jnp.arctan2({0}, {1})",
        "asinh": "jnp.arcsinh({0})",
        "acosh": "jnp.arccosh({0})",
        "atanh": "jnp.arctanh({0})",
        "erf": "jax.lax.erf({0})",
        "erfc": "jax.lax.erfc({0})",
    },
    helpers={"operation": IN_JAX},
    infinity="jnp.inf",
    nan="jnp.nan",
    reserved=WORDS | {"jax", "jnp", "operation"},
)

TORCH = OnTensors(
    "torch",
    frame=frame,
    function=function,
    head="import torch\n\n\ndef number(x):\n    return torch.as_tensor(x, dtype=torch.float64)\n",
    call="torch.{}({})",
    choice="torch.where({}, {}, {})",
    spelled={
        "corner": CORNER,
        "power": "torch.pow({0}, {1})",
        "cbrt": "torch.sign({0}) * torch.abs({0}) ** (1 / 3)",
    },
    helpers={"operation": IN_TORCH},
    infinity="torch.inf",
    nan="torch.nan",
    reserved=WORDS | {"torch", "number", "operation"},
)
