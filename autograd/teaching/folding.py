"""Operations replaced by their formulas in a graph, and formulas by the operations they spell out.

>>> a = Value(0.5, "a")
>>> y = a.sigmoid()
>>> [f"{node.op.name} = {node:.4f}" for node in topological_order(unfold(y, "sigmoid"))[1:]]
['negative = -0.5000', 'exp = 0.6065', 'add = 1.6065', 'divide = 0.6225']
"""

import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any, Literal

from autograd.backprop import gradients, topological_order
from autograd.errors import AutogradError
from autograd.op import TABLE, Op
from autograd.ops import add, multiply
from autograd.teaching.names import names_held, variables_of
from autograd.user_text import listed, no_such
from autograd.value import Value, made_node

What = str | Op | Value  # an operation by its name, as the table has it, or one node
Names = Mapping[str, Any] | Literal[False] | None


def unfold(y: Value, *what: What, names: Names = None) -> Value:
    """The graph of y with operations replaced by their formulas: tanh(a) by the exponentials it is
    made of.

    `what` says which: every operation of a name, such as "tanh", or a single node. The formula is
    the one that textbooks have, or the operation's own: it may overflow, or lose digits, where the
    operation does not, and at a corner it may have another derivative. The leaves are those of y.
    All other values are new, with the labels and gradients that they had, or else the names of the
    caller's variables, as for `explain`; inside a formula is the gradient that flowed back there.

    Raises ValueError for an operation that is not in the graph or has no formula, TypeError for
    what is no Value, StaleGraph, and what the formula raises, as where e^800 is too large.

    >>> a = Value(0.5, "a")
    >>> y = a.tanh()
    >>> [node.op.name for node in topological_order(unfold(y, "tanh")) if node.op]
    ['multiply', 'exp', 'subtract', 'add', 'divide']
    """
    new = unfolded(y, what)
    return with_names(y, new, variables_of(sys._getframe(1)) if names is None else names or {})


def fold(y: Value, *what: What, names: Names = None) -> Value:
    """The graph of y with formulas replaced by the operations that they spell out: what `unfold`
    did is undone, and where somebody wrote (e - 1) / (e + 1) with e = exp(2 * a) stands tanh(a).

    `what` names the operations. A formula stays as it is where something else uses a part of it,
    or calls it by a label. Leaves, labels, names and gradients are as for `unfold`.

    Raises ValueError for an operation that is not known, has no formula or is found nowhere.

    >>> a = Value(0.5, "a")
    >>> e = (2 * a).exp()
    >>> fold((e - 1) / (e + 1), "tanh", names=False).op
    <operation tanh>
    """
    new = folded(y, what)
    return with_names(y, new, variables_of(sys._getframe(1)) if names is None else names or {})


def with_names(y: Value, new: Mapping[Value, Value], variables: Mapping[str, Any]) -> Value:
    """The new y, whose values have the names that variables gave to the old ones."""
    for node, name in names_held(variables).items():
        if node in new and new[node].op is not None and not new[node].label:
            new[node].label = name
    return new[y]


def unfolded(y: Value, what: Iterable[What]) -> dict[Value, Value]:
    """What stands in the unfolded graph for each node of y's."""
    order = topological_order(y)
    chosen = chosen_nodes(order, what)
    new: dict[Value, Value] = {}
    for node in order:
        if node.op is None:
            new[node] = node
        elif node in chosen:
            new[node] = written_out(node, [value_of(arg, new) for arg in node.args])
        else:
            new[node] = copied(node, new)
    return new


def chosen_nodes(order: list[Value], what: Iterable[What]) -> set[Value]:
    """The nodes to be unfolded."""
    inside = {node.op.name: node.op for node in order if node.op is not None}
    chosen: set[Value] = set()
    for one in what:
        if isinstance(one, Value):
            if one not in order or one.op is None:
                raise ValueError("what is unfolded is a node of this graph, and no leaf of it")
            with_formula(one.op)
            chosen.add(one)
            continue
        name = (one if isinstance(one, Op) else operation_called(one, inside)).name
        if name not in inside:
            there = listed(list(inside)) or "no operation"
            raise ValueError(f"there is no {name} in this graph to unfold: it has {there}")
        with_formula(inside[name])
        chosen.update(node for node in order if node.op is not None and node.op.name == name)
    return chosen


def operation_called(name: Any, others: Mapping[str, Op]) -> Op:
    """An operation by its name, another name that people have for it, or its symbol."""
    if not isinstance(name, str):
        raise TypeError(f"an operation is chosen by its name, not by {name!r:.60}")
    word = name.strip().lower()
    if word in others:
        return others[word]
    for op in TABLE.values():
        if word in (op.name, op.symbol, *op.aliases):
            return op
    known = [op.name for op in (others or TABLE).values() if op.formula]
    raise ValueError(no_such("operation", name, known or list(others)))


def with_formula(op: Op) -> Any:
    """The formula of an operation. Raises ValueError for one that has none."""
    if op.formula is None:
        raise ValueError(
            f"{op.name} is not made of simpler operations here, so it cannot be unfolded"
        )
    return op.formula


def written_out(node: Value, args: list[Any]) -> Any:
    """The formula of a node's operation on these args, with the gradients inside it.

    It is computed on leaves of its own first, so that a sweep goes through the formula alone.
    """
    assert node.op is not None
    places = {arg: Value(arg.data) for arg in args if isinstance(arg, Value)}
    try:
        made = with_formula(node.op).at(*[places.get(arg, arg) for arg in args])
    except AutogradError as error:
        raise type(error)(f"the formula of {node.op.name} cannot be computed: {error}") from None
    found: Mapping[Value, float] = {}
    if node.grad is not None:
        with suppress(AutogradError):
            found = gradients(made, gradient=node.grad)
    new = {place: arg for arg, place in places.items()}
    for part in topological_order(made):
        if part.op is None:
            new.setdefault(part, part)
            continue
        copy = new[part] = copied(part, new)
        copy.grad = found.get(part) if part.grad is None else part.grad
    out = new[made]
    if out.op is not None:
        out.label, out.grad = node.label, node.grad
    return out


def copied(node: Value, new: Mapping[Value, Value]) -> Value:
    """The same operation on the new parents; computed again only where their numbers differ."""
    assert node.op is not None
    args = tuple([value_of(arg, new) for arg in node.args])
    same = all(new[parent].data == parent.data for parent in node.parents)
    copy: Value = made_node(node.op, args, node.data) if same else node.op(*args)
    copy.label, copy.grad = node.label, node.grad
    return copy


def value_of(arg: Any, new: Mapping[Value, Value]) -> Any:
    return new[arg] if isinstance(arg, Value) else arg


# Folding


def folded(y: Value, what: Iterable[What]) -> dict[Value, Value]:
    """What stands in the folded graph for each node of y's that is left."""
    order = topological_order(y)
    uses = Counter(parent for node in order for parent in node.parents)
    found: dict[Value, tuple[Op, list[Any]]] = {}
    hidden: set[Value] = set()
    for one in what:
        op = one if isinstance(one, Op) else operation_called(one, {})
        formula = with_formula(op)
        before = len(found)
        for node in reversed(order):  # the largest first
            if node in hidden or node in found:
                continue
            for inside, bound in matches(formula.root, node, {}):
                if is_hidden_by(node, set(inside), uses) and bound.keys() == set(formula.places):
                    found[node] = op, [bound[place] for place in formula.places]
                    hidden.update(set(inside) - {node})
                    break
        if len(found) == before:
            raise ValueError(f"the formula of {op.name} is nowhere in this graph")
    new: dict[Value, Value] = {}
    for node in order:
        if node in hidden:
            continue
        if node in found:
            op, args = found[node]
            new[node] = op(*[value_of(arg, new) for arg in args])
            new[node].label, new[node].grad = node.label, node.grad
        else:
            new[node] = node if node.op is None else copied(node, new)
    return new


def is_hidden_by(node: Value, inside: set[Value], uses: Counter) -> bool:
    """Whether nothing else uses what is inside a formula, or has a name for it."""
    within = Counter(parent for one in inside for parent in one.parents)
    return all(one is node or (within[one] == uses[one] and not one.label) for one in inside)


def matches(piece: Any, value: Any, bound: dict) -> Iterable[tuple[list[Value], dict]]:
    """The ways to read a value as a piece of a formula: the nodes that are inside it, and what
    stands in its places."""
    if not hasattr(piece, "op"):
        if is_the_same(piece, value):
            yield [], bound
    elif piece.op is None:
        if piece not in bound:
            yield [], {**bound, piece: value}
        elif is_the_same(bound[piece], value):
            yield [], bound
    elif isinstance(value, Value) and value.op is piece.op:
        orders = [piece.args]
        if piece.op in (add, multiply):
            orders.append(piece.args[::-1])
        for args in orders:
            ways: list[tuple[list[Value], dict]] = [([value], bound)]
            for one, arg in zip(args, value.args, strict=True):
                ways = [
                    (inside + more, new) for inside, known in ways
                    for more, new in matches(one, arg, known)
                ]  # fmt: skip
            yield from ways


def is_the_same(a: Any, b: Any) -> bool:
    """The same node, or equal plain numbers."""
    return a is b or (not isinstance(a, Value) and not isinstance(b, Value) and a == b)
