"""A number that remembers how it was made."""

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import count
from numbers import Number
from typing import Any

from autograd.backprop import as_float, gradients, topological_order
from autograd.errors import AutogradError
from autograd.flows import total
from autograd.native import compiled
from autograd.op import Op
from autograd.operand import Operand, real

_serials = count()  # nodes are numbered in the order in which they are made
recording: ContextVar[bool] = ContextVar("recording", default=True)
commit = threading.Lock()
if hasattr(os, "register_at_fork"):  # a child of another thread's commit must not wait for it
    os.register_at_fork(after_in_child=commit._at_fork_reinit)  # type: ignore[attr-defined]


class Value(Operand):
    """A float in a computation: its `data`, its `grad`, and its history.

    >>> a, b = Value(2.0, "a"), Value(-3.0, "b")
    >>> loss = (a * b + 10) ** 2
    >>> loss.backward()
    >>> a.grad, b.grad
    (-24.0, 16.0)

    `data` is any real number, kept as a float; `label` is its name in texts and pictures. A Value
    made by an operation has the `op` that made it, the `args` it was made from (Values and plain
    floats), and its `parents`, the Values among the args. A leaf has no op, args or parents.

    `grad` is None until a backward pass has computed it. Raises TypeError for anything but a
    real number, and for a label that is no text.
    """

    __slots__ = ("__weakref__", "_data", "_label", "args", "grad", "op", "parents", "serial")

    op: Op | None
    args: tuple
    parents: tuple["Value", ...]
    grad: float | None

    def __init__(self, data: Any, label: str = "") -> None:
        self.args = self.parents = ()
        self._data = data if data.__class__ is float else real(data, "Value")
        self.grad = None
        self.label = label
        self.op = None
        self.serial = next(_serials)

    @property
    def data(self) -> float:
        """The number itself. Only a leaf's can be set, and that makes graphs of it stale:
        they have to be computed again before their next backward pass. Setting another's raises
        AttributeError."""
        return self._data

    @data.setter
    def data(self, data: Any) -> None:
        if self.op is not None:
            raise AttributeError(
                f"{self.label or 'this value'} is the result of {self.op.name}: "
                "set the data of the leaves it was made from, and compute it again"
            )
        self._data = data if data.__class__ is float else real(data, "Value")
        self.serial = next(_serials)  # younger now than everything that was made from it

    @property
    def label(self) -> str:
        """Its name in texts and pictures; with "" they choose one."""
        return self._label

    @label.setter
    def label(self, label: str) -> None:
        if not isinstance(label, str):
            raise TypeError(f"a label is text, not {type(label).__name__}")
        self._label = label

    def apply(self, op: Op, args: tuple) -> Any:
        """The operation on these args, as a new Value that remembers how it was made.

        Raises DivisionByZero, OutsideDomain or TooLarge when finite numbers have no finite result.
        """
        numbers, only_values = [], True
        for arg in args:
            if isinstance(arg, Value):
                numbers.append(arg._data)
            elif isinstance(arg, Operand):
                return arg.apply(op, args)  # a dual carries Values, not the other way round
            else:
                only_values = False
                numbers.append(arg if arg.__class__ is float else real(arg, op.name))
        try:
            data = op.at(*numbers)
        except AutogradError as error:
            raise type(error).of(op, args) from None
        if not recording.get():
            return Value(data)
        if not only_values:  # constants are no parents, and are kept as plain floats
            args = tuple(
                [a if isinstance(a, Value) else x for a, x in zip(args, numbers, strict=True)]
            )
        return made_node(op, args, data)

    def slope(self, position: int, read: Any = as_float) -> Any:
        """The local derivative ∂self/∂(parent number `position`), in the arithmetic of `read`.

        On floats, one that does not exist raises DivisionByZero, OutsideDomain or TooLarge.
        """
        op, args = self.op, self.args
        assert op is not None, "a leaf has no parents, so no local derivatives"
        if len(self.parents) != len(args):  # count the constants in
            position = [i for i, a in enumerate(args) if isinstance(a, Value)][position]
        xs = [read(arg) if isinstance(arg, Value) else arg for arg in args]
        return op.slope(position, read(self), xs, shown=args)

    def backward(self, gradient: float = 1.0) -> None:
        """Compute d self / d node for every node self was made from, times `gradient`.

        Leaves add what this pass found to their `grad`; all other nodes hold what the latest
        pass found. Raises an AutogradError where something flows along an edge without a local
        derivative, TooLarge for a gradient that is too large for a float, and StaleGraph for a leaf
        that was changed after the graph was recorded; then no `grad` has changed.
        """
        found = gradients(self, gradient=real(gradient, "backward"))
        with commit:
            new = {
                node: g if node.op is not None or node.grad is None else total(node.grad, g, node)
                for node, g in found.items()
            }
            for node, g in new.items():
                node.grad = g

    def zero_grad(self) -> None:
        """Forget this value's gradient, so that the next backward pass starts from nothing."""
        self.grad = None

    def item(self) -> float:
        """The number, as PyTorch spells it."""
        return self._data

    def detach(self) -> "Value":
        """A new leaf with the same number and label, and no history."""
        return Value(self._data, self.label)

    def __eq__(self, other: object) -> bool:
        """Identity between Values. Comparing with a number raises TypeError."""
        if isinstance(other, Operand) or not isinstance(other, Number):
            return self is other
        raise TypeError("a Value is not equal to a number: compare its number, as in `x.data == 2`")

    __hash__ = object.__hash__

    def __format__(self, spec: str) -> str:
        return format(self._data, spec)

    def __repr__(self) -> str:
        name = f"{self.label} = " if self.label else ""
        grad = "not computed" if self.grad is None else f"{self.grad:.6g}"
        return f"Value({name}{self._data:.6g}, grad {grad})"

    if sys.version_info[:2] == (3, 13):  # the others release long chains without nesting calls

        def __del__(self) -> None:
            if self.parents:
                release(self)

    def __reduce__(self) -> tuple:
        if self.op is None:
            return _leaf, (self._data, self.label, self.grad)
        ancestors = None if _thread.next_copied is self else _Ancestors(self)
        _thread.next_copied = None
        return _operation, (ancestors, self.op, self.args, self._data, self.label, self.grad)


def made_node(op: Op, args: tuple, data: float) -> Value:
    """The node of an operation that has been computed."""
    node = Value.__new__(Value)
    parents = tuple([arg for arg in args if isinstance(arg, Value)])
    node.parents = args if len(parents) == len(args) else parents
    node.args = args
    node.op = op
    node._data = data
    node.grad = None
    node._label = ""
    node.serial = next(_serials)
    return node


@contextmanager
def recorded() -> Iterator[None]:
    """Record inside, also where `no_grad` surrounds it."""
    token = recording.set(True)
    try:
        yield
    finally:
        recording.reset(token)


@contextmanager
def no_grad() -> Iterator[None]:
    """Compute without recording: inside, results are leaves.

    >>> x = Value(3.0)
    >>> with no_grad():
    ...     y = x * x
    >>> y.data, y.parents
    (9.0, ())
    """
    token = recording.set(False)
    try:
        yield
    finally:
        recording.reset(token)


# Deep graphs. A chain of a million nodes must be freed and copied without nesting a million calls.


class _Thread(threading.local):
    """What this thread is in the middle of."""

    def __init__(self) -> None:
        self.released: list[tuple] = []  # args of dying nodes, to be let go of
        self.releasing = False
        self.next_copied: Value | None = None


_thread = _Thread()


def release(node: Value, thread: _Thread = _thread) -> None:
    """Let go of a dying node's parents in a loop. Python 3.13 frees each inside the release of
    the one before, thousands deep, which overflows the stack of a small thread."""
    thread.released.append(node.args)
    # by their slots: the tutorials' Value refuses to set them
    Value.args.__set__(node, ())  # type: ignore[misc, attr-defined]
    Value.parents.__set__(node, ())  # type: ignore[misc, attr-defined]
    if not thread.releasing:
        thread.releasing = True
        try:
            while thread.released:
                thread.released.pop()
        finally:  # Ctrl-C may come at any moment
            thread.releasing = False


class _Ancestors:
    """Everything a node was made from, as pickle and deepcopy see it: a flat list, oldest first.

    Each node in it finds its parents copied already, so no copying call nests in another.
    """

    def __init__(self, node: Value) -> None:
        self.node = node

    def __reduce__(self) -> tuple:
        order = topological_order(self.node)[:-1]
        return list, (), None, ((_InTurn(node), node) for node in [*order, None])


class _InTurn:
    """Announces, in a copier's stream, the node that follows."""

    def __init__(self, node: Value | None) -> None:
        self.node = node

    def __reduce__(self) -> tuple:
        _thread.next_copied = self.node
        return int, ()


def _leaf(data: float, label: str, grad: float | None) -> Value:
    leaf = Value(data, label)
    leaf.grad = grad
    return leaf


def _operation(ancestors: Any, op: Op, args: tuple, data: float, label: str, grad: Any) -> Value:
    node = made_node(op, args, data)
    node.label, node.grad = label, grad
    return node


_Readable = Value

# The same class and the maker of its nodes, compiled, where that was built.
if _native := compiled("value"):
    Value, made_node = _native.compiled(Value, recording, commit)  # type: ignore[misc]


def engine() -> str:
    """Which engine runs: "native", compiled when this was installed, or "python", the one to read.

    The environment variable STEPGRAD_ENGINE chooses, when it is one of these two. `import autograd`
    raises ValueError when it is another word, and ImportError when it insists on an engine that was
    not compiled.
    """
    return "python" if Value is _Readable else "native"
