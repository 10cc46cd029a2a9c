"""Programs as functions of JAX and PyTorch, which differentiate them by their own chain rules."""

from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

from autograd.program.interpreters import defined
from autograd.user_text import counted
from autograd.value import Value

__all__ = ["jax_function", "required", "torch_function"]


def required(module: str) -> Any:
    """A module of another package. Raises ImportError, with the command that installs it, where it
    is missing."""
    try:
        return import_module(module)
    except ImportError as error:
        package = module.partition(".")[0]
        raise ImportError(f"{package} is not installed: pip install {package}") from error


def columns_of(x: Any, inputs: int) -> list[Any]:
    """The inputs one by one, over all examples. Raises ValueError for another number of them: JAX
    would take the last one again."""
    if tuple(x.shape[-1:]) != (inputs,):
        raise ValueError(
            f"this program takes {counted(inputs, 'input')}, and was given an array of shape "
            f"{tuple(x.shape)}"
        )
    return [x[..., i] for i in range(inputs)]


def jax_function(source: str, inputs: int, parameters: Sequence[Value]) -> tuple[Callable, Any]:
    """The program in this text as a function of its parameters and an example, or a batch of them;
    and the numbers of the parameters."""
    jnp = required("jax.numpy")
    program = defined(source, {})

    def function(parameters: Any, x: Any = ()) -> Any:
        x = jnp.asarray(x, dtype=jnp.float64)
        value, _ = program(*columns_of(x, inputs), *parameters)
        return jnp.broadcast_to(value, x.shape[:-1])

    return function, jnp.asarray([p.data for p in parameters], dtype=jnp.float64)


def torch_function(source: str, inputs: int, parameters: Sequence[Value]) -> tuple[Callable, Any]:
    """As `jax_function`, with tensors."""
    torch = required("torch")
    program = defined(source, {})

    def function(parameters: Any, x: Any = ()) -> Any:
        x = torch.as_tensor(x, dtype=torch.float64)
        value, _ = program(*columns_of(x, inputs), *parameters)
        return torch.broadcast_to(value, x.shape[:-1])

    numbers = [p.data for p in parameters]
    return function, torch.tensor(numbers, dtype=torch.float64, requires_grad=True)
