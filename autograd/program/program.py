"""Programs: the reading in which arithmetic is recorded once and run on many numbers.

A graph and its gradient, read as wires, are a straight line of instructions: no graph is built, no
derivative is looked up, and a whole batch of examples runs through it at once.

>>> from autograd.value import Value
>>> x, w = Value(3.0, "x"), Value(2.0, "w")
>>> program = Program((w * x - 1) ** 2, inputs=[x])
>>> program([[3.0], [0.5]])
array([25.,  0.])
>>> program.value_and_gradients([[3.0], [0.5]])
(25.0, array([30.]))
>>> print(program.source())
def program(x, w):
    v0 = w * x
    v1 = v0 - 1.0
    v2 = v1 * v1
    v3 = 2.0 * v1
    v4 = v3 * x
    return v2, (v4,)

A graph that was recorded through a Python `if` on a Value's data holds one branch of it, and so
does its program. Write `where(c > 0, a, b)` instead, or `where(c > 0, lambda: log(c), 0)` where a
branch exists on its own side only: both are recorded, and what is not chosen has no influence.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any, Literal

from autograd.bulk import Leaves
from autograd.languages import LANGUAGES, Language
from autograd.op import TABLE
from autograd.program.batch import rows_of
from autograd.program.frameworks import jax_function, torch_function
from autograd.program.interpreters import MACHINES, as_array, fastest
from autograd.program.listing import Listing
from autograd.program.recording import recorded
from autograd.user_text import no_such
from autograd.value import Value

Reduction = Literal["sum", "mean", "none"]


class Program:
    """A recorded graph and its gradient, to be run on many examples.

    `inputs` are the leaves that change from example to example, a column of the batch each. All
    other leaves are `parameters`: they are read from their `data` when the program runs.

    Runs follow IEEE 754: nothing raises, infinities and nans come out. Raises ValueError for an
    input that is no leaf, or there twice, and what the sweep raises. `also` names other values
    made from the same leaves that are wanted beside y, such as the outputs beside the loss.

    >>> x, w = Value(3.0, "x"), Value(2.0, "w")
    >>> program = Program((w * x - 1) ** 2, inputs=[x])
    >>> program.value_and_gradients([[3.0], [0.5]])
    (25.0, array([30.]))
    >>> [parameter.label for parameter in program.parameters]
    ['w']
    """

    def __init__(
        self, y: Value, inputs: Sequence[Value] = (), *, also: Sequence[Value] = ()
    ) -> None:
        self.inputs = list(inputs)
        before: set[Value] = set()
        for i, leaf in enumerate(self.inputs):
            if not isinstance(leaf, Value) or leaf.op is not None:
                raise ValueError(f"inputs[{i}] is no leaf: the inputs of a program are leaves")
            if leaf in before:
                raise ValueError(f"inputs[{i}], {leaf.label or leaf!r}, is there twice")
            before.add(leaf)
        self._listing, self.parameters = recorded([y, *also], self.inputs)
        self._built_in = self._listing.is_built_in
        self._ready: dict[tuple[str, bool], Any] = {}
        self._leaves: Leaves | None = None

    @property
    def listing(self) -> Listing:
        """Its instructions, and which of their numbers are wanted, as data."""
        return self._listing

    @cached_property
    def _forward(self) -> Listing:
        """The value alone."""
        return replace(self._listing, gradients=(), also=()).pruned()

    def __call__(self, batch: Any, machine: str | None = None) -> Any:
        """The value of every example.

        `batch` is a row of numbers per example, in the order of `inputs`; arrays of NumPy do best.
        The result is an array. With a `machine` named, "native", "numpy" or "python", it is that
        machine's: Python's are lists.

        Raises ValueError for no example, a row of the wrong length or an unknown machine, and
        TypeError for what is no row of real numbers.
        """
        rows = rows_of(batch, len(self.inputs))
        runner = self._machine(machine, len(rows), gradients=False)
        values = runner.values(rows, self._parameters())
        return as_array(values) if machine is None else values

    def value_and_gradients(
        self, batch: Any, reduce: Reduction = "sum", machine: str | None = None
    ) -> tuple[Any, Any]:
        """The value, and its gradient for every one of `parameters`, over the whole batch.

        `reduce` adds up the examples ("sum"), takes their mean ("mean"), or keeps them apart
        ("none": a value per example, and a row of gradients per example). `batch` and `machine`
        are as in a call, and so are the errors; ValueError for another `reduce`.
        """
        if reduce not in ("sum", "mean", "none"):
            raise ValueError(f"reduce must be 'sum', 'mean' or 'none', not {reduce!r:.60}")
        return self._swept(batch, reduce, machine)[:2]

    def value_gradients_and_also(
        self, batch: Any, machine: str | None = None
    ) -> tuple[float, Any, Any]:
        """The sums of `value_and_gradients`, and a row of the `also` values for every example.

        Raises what these raise.
        """
        return self._swept(batch, "sum", machine)

    def __getstate__(self) -> dict[str, Any]:
        return vars(self) | {"_ready": {}, "_leaves": None}  # made again when they are wanted

    def _swept(self, batch: Any, reduce: Reduction, machine: str | None) -> tuple[Any, Any, Any]:
        rows = rows_of(batch, len(self.inputs))
        runner = self._machine(machine, len(rows), gradients=True)
        value, gradients, also = runner.swept(rows, self._parameters(), reduce)
        if machine is not None:
            return value, gradients, also
        value = as_array(value) if reduce == "none" else float(value)
        return value, as_array(gradients), as_array(also)

    def to_jax(self) -> tuple[Any, Any]:
        """The value as a pure function of JAX, and the numbers of `parameters` as an array of
        float64: (function, parameters).

        `function(parameters, x)` takes one example, an array of shape (inputs,), and returns a
        scalar; or a batch of shape (examples, inputs), and returns a value per example. Without
        inputs, `x` is left out. `jax.grad`, `jax.jit` and `jax.vmap` apply. JAX differentiates the
        function by itself; `docs/growing.md` lists the corners where it decides otherwise. The
        function raises ValueError for an `x` of another shape.

        Turns on 64-bit numbers in JAX, for the whole process. Raises ImportError, with the command
        that installs it, where JAX is missing; ValueError for a custom operation that only Python
        knows.

        >>> x, w = Value(3.0, "x"), Value(2.0, "w")
        >>> program = Program((w * x - 1) ** 2, inputs=[x])
        >>> function, parameters = program.to_jax()  # doctest: +SKIP
        >>> jax.grad(function)(parameters, [3.0])  # doctest: +SKIP
        Array([30.], dtype=float64)
        """
        return jax_function(self.source("jax", gradients=False), len(self.inputs), self.parameters)

    def to_torch(self) -> tuple[Any, Any]:
        """The value as a function of PyTorch, and the numbers of `parameters` as a tensor of
        float64 that requires a gradient: (function, parameters).

        `function(parameters, x)` is as for `to_jax`. It raises ImportError where PyTorch is
        missing, and ValueError as that does.

        >>> x, w = Value(3.0, "x"), Value(2.0, "w")
        >>> program = Program((w * x - 1) ** 2, inputs=[x])
        >>> function, parameters = program.to_torch()  # doctest: +SKIP
        >>> function(parameters, [3.0]).backward()  # doctest: +SKIP
        >>> parameters.grad  # doctest: +SKIP
        tensor([30.], dtype=torch.float64)
        """
        source = self.source("torch", gradients=False)
        return torch_function(source, len(self.inputs), self.parameters)

    def source(self, language: str = "python", gradients: bool = True) -> str:
        """The text of a function in a language: "python", "numpy", "javascript", "c", "jax" or
        "torch".

        Its arguments are the numbers of one example and then the parameters, named by their labels
        where these can be names; in NumPy, JAX and PyTorch they are columns. It returns the value
        and, unless `gradients` is False, its gradient for each of `parameters`. In Python,
        operations other than arithmetic are called by their names, which must be imported from
        `autograd`. Raises ValueError for another language, and for a custom operation that only
        Python knows.
        """
        if language not in LANGUAGES:
            raise ValueError(no_such("language", language, LANGUAGES))
        written = LANGUAGES[language]
        listing = self._listing if gradients else self._forward
        listing = replace(listing, also=()).pruned()
        above = [written.head, *written.helpers_for([op for op, _ in listing.instructions])]
        text = listing.printed(written, self._names(written))
        head = "\n".join(filter(None, above))
        return f"{head}\n\n{text}" if head else text

    def _machine(self, name: str | None, examples: int, gradients: bool) -> Any:
        """The machine of that name, or the fastest, with the program made ready for it the first
        time."""
        if name is None:
            name = fastest(self._built_in, examples)
        if name not in MACHINES:
            raise ValueError(no_such("machine", name, MACHINES))
        if (name, gradients) not in self._ready:
            self._ready[name, gradients] = MACHINES[name](
                self._listing if gradients else self._forward
            )
        return self._ready[name, gradients]

    def _parameters(self) -> Any:
        if self._leaves is None:
            self._leaves = Leaves(self.parameters)
        return self._leaves.numbers()

    def _names(self, language: Language) -> list[str]:
        """A different name for every leaf, its label where that will do."""
        names: list[str] = []
        for i, leaf in enumerate([*self.inputs, *self.parameters]):
            label = leaf.label.replace(".", "_")
            good = language.is_name(label) and label not in (*names, *TABLE)
            names.append(label if good else f"leaf{i}")
        return names
