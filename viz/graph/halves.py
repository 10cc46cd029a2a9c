"""The half of a graph that there is when an operation fails."""

from autograd.errors import AutogradError
from autograd.value import Value, made_node


def half_of(error: AutogradError) -> Value:
    """The operation that failed as a node without a number, with all that it was to be made from.

    Raises ValueError for an error that no recorded operation raised.
    """
    if error.op is None or not any(isinstance(one, Value) for one in error.operands):
        raise ValueError(
            "this error is of no operation on Values, so there is no half of a graph: "
            f"{type(error).__name__}: {error}"
        )
    args = tuple(one if isinstance(one, Value) else float(one) for one in error.operands)
    return made_node(error.op, args, float("nan"))
