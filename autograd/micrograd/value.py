"""The Value of micrograd's tutorials: one of ours, with their defaults."""

import sys
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from math import isfinite
from typing import Any

from autograd.backprop import as_float, gradients, stale, topological_order
from autograd.errors import AutogradError, TooLarge
from autograd.flows import named, total
from autograd.micrograd.custom import (
    CustomNode,
    KnownAtOnePoint,
    made_by_hand,
    not_a_number,
    plain,
    probed,
)
from autograd.micrograd.history import AS_MADE, BEING_MADE, REFUSAL, Children, advised, kept
from autograd.native import compiled
from autograd.op import BUILT_IN, TABLE, Op
from autograd.operand import Operand
from autograd.ops import add, divide, multiply, negative, power, relu, subtract
from autograd.value import Value as Core
from autograd.value import commit, recording, release

__all__ = ["KnownAtOnePoint", "Value"]

# The `_op` of these rows. That of all others is their operator or their name.
TUTORIAL_NAMES = {relu: "ReLU", negative: "neg", power: "power"}

ROWS = frozenset(TABLE[name] for name in BUILT_IN)


class Value(Core):
    """A number of the tutorials: its `data`, its `grad`, and how it was made.

    `_children` are the Values that it was made from, `_op` is what made it, for pictures. If you
    give these, say what the local derivatives are: assign to `_backward` a function that adds to
    the gradients of the children, or, as microgpt does, give a number for each child as the third
    argument. `_prev`, `children` and `local_grads` are other names for
    these arguments. Any other attribute may be set too.

    >>> x = Value(0.5)
    >>> half = Value(x.data / 2, (x,), "half")
    >>> def backward():
    ...     x.grad += 0.5 * half.grad
    >>> half._backward = backward
    >>> (half * half).backward()
    >>> x
    Value(data=0.5, grad=0.25)

    `grad` starts at 0. Plain numbers in arithmetic become Values as well, all but exponents. Raises
    TypeError for data that is no real number and for children that are no Values, and ValueError
    for local gradients that are not as many as the children.
    """

    __slots__ = ("__dict__",)

    parents: tuple[Any, ...]
    _text: str | None = None  # the name of the operation, where its row does not say it
    _closure: Callable[[], Any] | None = None  # what somebody assigned to `_backward`

    def __init__(
        self,
        data: Any,
        _children: Iterable[Core] = (),
        _op: str | Sequence[float] = "",
        label: str = "",
        *,
        _prev: Iterable[Core] = (),
        children: Iterable[Core] = (),
        local_grads: Sequence[float] = (),
    ) -> None:
        number = plain(data, "Value")
        set_serial(self, BEING_MADE)  # which it is again where somebody calls this on a result
        Core.__init__(self, number, label)
        self.grad = 0
        text, slopes = (_op, local_grads) if isinstance(_op, str) else ("", _op)
        if text:
            self._text = text
        if _children or _prev or children or slopes:
            made_from = listed(_children or _prev or children)
            self.become(CustomNode(text, made_from, self._data, slopes), made_from)

    def become(self, op: Op, args: tuple) -> None:
        """The result of an operation on these args, in place of a leaf."""
        set_op(self, op)
        set_args(self, args)
        set_parents(self, tuple([arg for arg in args if isinstance(arg, Core)]))

    @property
    def data(self) -> float:
        """The number itself. Setting it makes everything that was computed from it stale."""
        return self._data

    @data.setter
    def data(self, data: Any) -> None:
        op = self.op
        set_op(self, None)  # all others keep the results of operations as they are
        try:
            Core.data.__set__(self, plain(data, "Value"))  # type: ignore[attr-defined]
        finally:
            set_op(self, op)

    # fmt: off
    def __add__(self, other):      return self.apply(add, (self, other))
    def __radd__(self, other):     return self.apply(add, (other, self))
    def __sub__(self, other):      return self.apply(subtract, (self, other))
    def __rsub__(self, other):     return self.apply(subtract, (other, self))
    def __mul__(self, other):      return self.apply(multiply, (self, other))
    def __rmul__(self, other):     return self.apply(multiply, (other, self))
    def __truediv__(self, other):  return self.apply(divide, (self, other))
    def __rtruediv__(self, other): return self.apply(divide, (other, self))
    def __pow__(self, other):      return self.apply(power, (self, other))
    def __rpow__(self, other):     return self.apply(power, (other, self))
    # fmt: on

    def apply(self, op: Op, args: tuple) -> Any:
        """Do the arithmetic now, and remember it for later; with an array, for each of its
        numbers."""
        if any(getattr(arg, "ndim", 0) and hasattr(arg, "__array__") for arg in args):
            return for_each(op, args)
        nodes = args
        for arg in args:
            if arg.__class__ is not Value:
                if isinstance(arg, Operand) and not isinstance(arg, Core):
                    return arg.apply(op, args)  # a dual carries Values, not the other way round
                if nodes is args:
                    nodes = lifted(op, args)
        try:
            data = op.at(*[arg if arg.__class__ is float else arg._data for arg in nodes])
        except AutogradError as error:
            raise advised(type(error).of(op, args), nodes) from None
        if not recording.get():
            return made_node(None, (), data)
        node = made_node(op, nodes, data)
        if op is power and not isinstance(args[1], Core):
            node._text = f"**{args[1]}"
        return node

    @property
    def label(self) -> str:
        """Its name in texts and pictures, "" for none. Anything may be set: None is no name."""
        return Core.label.__get__(self)  # type: ignore[attr-defined,no-any-return]

    @label.setter
    def label(self, label: Any) -> None:
        text = "" if label is None else str(label)
        Core.label.__set__(self, text)  # type: ignore[attr-defined]

    @property
    def _op(self) -> str:
        """What made it, in the tutorials' spelling; "" for a leaf. Another text may be set."""
        if self._text is not None:
            return self._text
        if self.op is None:
            return ""
        return TUTORIAL_NAMES.get(self.op) or self.op.symbol or self.op.name

    @_op.setter
    def _op(self, text: str) -> None:
        self._text = text

    @property
    def _prev(self) -> "Children":
        """The Values that it was made from, in their order; `a + a` has two."""
        return Children(self.parents)

    @property
    def _children(self) -> "Children":
        """The same, as microgpt says it."""
        return Children(self.parents)

    @property
    def _local_grads(self) -> tuple[float, ...]:
        """The local derivative with respect to each of them."""
        return tuple([self.slope(i) for i in range(len(self.parents))])

    @property
    def _backward(self) -> Callable[[], Any]:
        """Adds to the gradient of each child what flows to it from this node's own: the chain rule
        along the edges of one node. Call it without arguments; on a leaf it does nothing."""
        return self._closure or partial(pass_on, self, self.op, self.args)

    @_backward.setter
    def _backward(self, closure: Callable[[], Any]) -> None:
        if not callable(closure):
            raise TypeError(f"_backward is a function without arguments, not {closure!r:.60}")
        if self.parents:
            self._text = self._op
            made_from = self.parents
            self.become(CustomNode(self._text, made_from, self._data, summed=True), made_from)
        self._closure = closure

    def slope(self, position: int, read: Any = as_float) -> Any:
        """∂self/∂(child number `position`), in the arithmetic of `read`.

        Raises KnownAtOnePoint for a node that has children, and neither a `_backward` nor local
        gradients, and for any node made by hand where `read` is neither for numbers nor for text.
        """
        if not isinstance(self.op, CustomNode):
            return Core.slope(self, position, read)
        if not self.op.derivatives:
            if self._closure is None:
                raise KnownAtOnePoint(
                    f"{named(self)} has children, but neither a _backward of its own nor local "
                    "gradients, so its gradient would stop here: give it one of them"
                )
            self.op.derivatives.extend(probed(self, self._closure, self._op))
        if not_a_number(read(self)):
            raise made_by_hand(named(self))
        return self.op.derivatives[position]

    def backward(self, *, gradient: float = 1.0) -> None:  # type: ignore[override]
        """Compute d self / d node for every node that self was made from.

        Leaves add it to their `grad`, which is why training sets that to 0 between its steps; all
        others hold what the latest pass found, and self holds `gradient`. Raises StaleGraph when
        a leaf was changed since self was computed, and what the arithmetic raises; in both cases no
        `grad` has changed.
        """
        start = plain(gradient, "backward")
        try:
            found = swept(self, start) or gradients(self, gradient=start)
        except TooLarge as error:
            raise advised(error, [self]) from None
        with commit:
            new = {
                node: g
                if node.op is not None or node is self or not node.grad
                else total(node.grad, g, node)
                for node, g in found.items()
            }
            for node, g in new.items():
                node.grad = g

    def zero_grad(self) -> None:
        """Set the gradient back to 0."""
        self.grad = 0

    def detach(self) -> "Value":
        """A new leaf with the same number and label, and no history."""
        return Value(self._data, label=self.label)

    def __repr__(self) -> str:
        label = f", label={self.label!r}" if self.label else ""
        return f"Value(data={self.data}, grad={self.grad}{label})"

    def __reduce__(self) -> tuple:
        if self._closure is not None and self.parents:
            self.slope(0)  # asks the function now: it holds the original, and is no use to a copy
        facts = Core.__reduce__(self)[1]
        ours = ("_closure", "_text")
        attributes = {name: held for name, held in vars(self).items() if name not in ours}
        return copied, (type(self), self._text, *facts), attributes or None

    if sys.version_info[:2] == (3, 13):  # as in autograd/value.py

        def __del__(self) -> None:
            if getattr(self, "parents", ()):  # none where __init__ refused the data
                release(self)


def made_node(op: Op | None, args: tuple, data: float) -> Value:
    """The node of an operation that has been computed, or a leaf."""
    node = new(Value)
    begin(node, data)
    node.grad = 0
    if op is not None:
        set_op(node, op)
        set_args(node, args)
        if op is power:
            args = tuple([arg for arg in args if isinstance(arg, Core)])
        set_parents(node, args)
    return node


new, begin = Value.__new__, Core.__init__
set_op, set_args, set_parents, set_serial = [
    getattr(Core, name).__set__ for name in ("op", "args", "parents", "serial")
]
for _name in ("op", "args", "parents"):
    setattr(Value, _name, kept(_name, getattr(Core, _name).__get__))
for _name in ("_prev", "_children", "_local_grads"):
    setattr(Value, _name, kept(_name, getattr(Value, _name).fget))

if _native := compiled("value"):
    Value, made_node = _native.compiled_tutorial(  # type: ignore[misc]
        Value, CustomNode, probed, plain, AS_MADE, REFUSAL
    )


def pass_on(node: Value, op: Op | None, args: tuple) -> None:
    """Add to the gradients of the parents what flows to them from a node that this operation on
    these args has made; whatever `_backward` has become since."""
    if not node.grad or op is None:
        return
    for arg in args:
        if isinstance(arg, Core) and arg.serial >= node.serial:
            raise stale(arg, node)
    if isinstance(op, CustomNode):
        slopes = [node.slope(i) for i in range(len(args))]
    else:
        numbers = [as_float(arg) if isinstance(arg, Core) else arg for arg in args]
        at = [i for i, arg in enumerate(args) if isinstance(arg, Core)]
        slopes = [op.slope(i, node._data, numbers, shown=args) for i in at]
    parents = [arg for arg in args if isinstance(arg, Core)]
    for parent, slope in zip(parents, slopes, strict=True):
        parent.grad = (parent.grad or 0.0) + node.grad * slope


def for_each(op: Op, args: tuple) -> Any:
    """The operation on arrays, number by number: an array of Values."""
    import numpy

    shape = numpy.broadcast_shapes(*[getattr(arg, "shape", ()) for arg in args])
    made = numpy.empty(shape, dtype=object)
    columns = []
    for arg in args:
        is_array = hasattr(arg, "__array__")
        columns.append(numpy.broadcast_to(arg, shape).flat if is_array else [arg] * made.size)
    for i, row in enumerate(zip(*columns, strict=True)):
        made.flat[i] = op(*row)
    return made


def lifted(op: Op, args: tuple) -> tuple:
    """The args as Values, but for plain exponents and for a base of 0, where no log exists."""
    nodes = []
    for place, arg in enumerate(args):
        if not isinstance(arg, Operand):
            arg = plain(arg, op.name)
            if op is not power or (place == 0 and arg != 0):
                arg = Value(arg)
        nodes.append(arg)
    return tuple(nodes)


def swept(root: Value, gradient: float) -> dict[Any, float] | None:
    """What `gradients` finds, to the last bit, in a third of the time: one step of microgpt walks
    along a hundred thousand edges. None where the quick way does not do, at a number that is not
    finite, a local derivative that does not exist or a custom operation: then call `gradients`."""
    found: dict[Any, float] = {root: gradient}
    try:
        for node in reversed(topological_order(root)):
            op, args, at = node.op, node.args, []
            if op is None:
                continue
            slopes, upstream = op.partials, found[node]
            if op in ROWS:
                at.append(node._data)
                for arg in args:
                    at.append(arg if arg.__class__ is float else arg._data)
            elif op.__class__ is CustomNode:
                slopes = [partial(node.slope, i) for i in range(len(args))]
            else:
                return None
            for arg, slope in zip(args, slopes, strict=True):
                if arg.__class__ is not float:
                    flow = upstream * slope(*at)
                    found[arg] = found[arg] + flow if arg in found else flow
    except (AutogradError, ArithmeticError, ValueError):
        return None
    return found if all(map(isfinite, found.values())) else None


def listed(children: Iterable[Any]) -> tuple[Core, ...]:
    """The children in their order; those of a set, which has none, in that of their making."""
    found = tuple(children)
    for child in found:
        if not isinstance(child, Core):
            raise TypeError(f"the children of a Value are Values, not {type(child).__name__}")
    return (
        found
        if isinstance(children, list | tuple)
        else tuple(sorted(found, key=lambda child: child.serial))
    )


def copied(kind: type[Value], text: str | None, *facts: Any) -> Value:
    """A node as it comes out of a copier or a pickle."""
    *_, data, label, grad = facts
    node = kind.__new__(kind)
    Core.__init__(node, data, label)
    node.grad = grad
    if text is not None:
        node._text = text
    if len(facts) > 3:
        op, args = facts[1:3]
        node.become(op, args)
    return node
