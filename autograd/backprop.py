"""Reverse-mode differentiation: graphs, and no calculus.

The sweep asks very little of a node: its `parents`, its local derivatives `slope(position, read)`
with respect to them, and its `serial`, the place in the order in which nodes were made. `read` says
what stands for a node in the arithmetic, its number, a formula or the node itself, and so what the
local derivatives and the gradients are.
"""

from autograd.errors import AutogradError, StaleGraph, unchecked
from autograd.flows import NOTHING, Guarded, named, number_now, product, settled, total
from autograd.operand import Operand
from autograd.ops import corner


def as_float(node):
    """Read a node as its float: the sweep computes gradients."""
    return node.data


def as_node(node):
    """Read a node as itself: the sweep records, and its gradients can be differentiated again."""
    return node


def topological_order(root):
    """Every node `root` was made from, each after its parents; `root` comes last.

    A node can only be made after its parents, so the order in which the nodes were made is a
    topological order, and the nodes carry it as their `serial`. Raises StaleGraph when a parent
    is younger than a node made from it: its data was changed after the graph was recorded. Raises
    TypeError for what is no Value.

    >>> from autograd import Value
    >>> a = Value(3.0, "a")
    >>> topological_order(a * a + 1.0)
    [Value(a = 3, grad not computed), Value(9, grad not computed), Value(10, grad not computed)]
    """
    if not hasattr(root, "parents"):
        raise TypeError(
            f"only a Value has a graph: give the result of a computation, not {root!r:.60}"
        )
    seen, waiting = {root}, [root]
    while waiting:
        node = waiting.pop()
        for parent in node.parents:
            if parent.serial >= node.serial:
                raise stale(parent, node)
            if parent not in seen:
                seen.add(parent)
                waiting.append(parent)
    return sorted(seen, key=lambda node: node.serial)


def stale(parent, node):
    """The error for a parent that is younger than a node made from it."""
    return StaleGraph(
        f"{named(parent)} was changed after {named(node)} was computed from it: "
        "compute the graph again, then call this again"
    )


def chain_rule(root, read=as_float, gradient=1.0, wanted=None):
    """Walk from `root` back to its leaves, edge by edge.

    Yields (node, position, parent, slope, flow, so_far). The edge from `node` to its parent number
    `position` has the local derivative `slope`; gradient of node · slope is the `flow` back to the
    parent, and `so_far` the sum of the flows that have arrived there until now. By the time the
    walk reaches a node that sum is its gradient, because everything that uses the node has been
    visited before it.

    `gradient` is what `root` itself starts with, d root / d root = 1. With `wanted` nodes, only
    edges on the way to them are walked. On floats, a flow or a sum that is not finite, made of
    numbers that are, raises TooLarge. Where the local derivative does not exist and nothing can
    flow, as for w · √x at x = 0 and w = 0, `slope` is None and the flow 0. Raises what local
    derivatives raise where something flows, and StaleGraph as `topological_order` does.

    >>> from autograd import Value
    >>> a = Value(3.0, "a")
    >>> [(slope, flow, so_far) for _, _, _, slope, flow, so_far in chain_rule(a * a)]
    [(3.0, 3.0, 3.0), (3.0, 3.0, 6.0)]
    """
    order = topological_order(root)
    on_the_way = order if wanted is None else leading_to(wanted, order)
    received = {root: gradient}
    zeros = Zeros(root, read, received)
    for node in reversed(order):
        upstream = received.get(node)
        for position, parent in enumerate(node.parents):
            if wanted is not None and parent not in on_the_way:
                continue
            slope, flow = None, NOTHING
            if upstream is not NOTHING:  # below a branch not taken, no local derivative need exist
                try:
                    slope = slope_of(node, position, read, upstream)
                    flow = product(upstream, slope, node, parent)
                except AutogradError:
                    if slope is not None or not zeros.is_constant(node):
                        raise
                    flow = zeros.flow(node)
            if parent in received:  # the first flow is not added to a 0: formulas would show it
                received[parent] = total(received[parent], flow, parent)
            else:
                received[parent] = flow
            so_far = received[parent]
            if flow is NOTHING:
                slope, flow = None if slope is None else 0.0, 0.0
                so_far = 0.0 if so_far is NOTHING else so_far
            yield node, position, parent, slope, flow, so_far


def behind_guards(flow):
    return flow.flow if flow.__class__ is Guarded else flow


def slope_of(node, position, read, upstream):
    """The local derivative with respect to a parent. Behind a recorded choice that may not lead
    here, it may be nan, where it would raise elsewhere."""
    if upstream.__class__ is Guarded and not upstream.is_open():
        with unchecked():
            return node.slope(position, read)
    return node.slope(position, read)


def leading_to(wanted, order):
    """The wanted nodes, and all nodes in the order that were made from one of them."""
    found = set(wanted)
    for node in order:
        if not found.isdisjoint(node.parents):
            found.add(node)
    return found


def changes(node, changing):
    """Whether the number of a node may change when the numbers of these nodes change a little."""
    for one in topological_order(node):
        places = [i for i, arg in enumerate(one.args) if isinstance(arg, Operand)]
        if any(one.args[i] in changing and changes_with(one, i, changing) for i in places):
            changing.add(one)
    return node in changing


def changes_with(node, place, changing):
    """Whether the number of a node may change with one argument. It does not where the local
    derivative is 0 and stays 0: away from a corner, as for relu(-3), or where it is made of numbers
    that do not change, as for 0 · x."""
    op, numbers = node.op, [as_float(x) if isinstance(x, Operand) else x for x in node.args]
    try:
        slope = op.slope(place, as_float(node), numbers)
    except AutogradError:
        return True
    if slope is NOTHING or slope != 0:
        return slope is not NOTHING
    if op.corners and 0 in op.corners(*numbers):
        return True
    if op.is_stepwise(place):
        return False
    partial = op.partial_definition(place)
    used = partial.places_used() if partial else [0]
    return 0 in used or any(node.args[i - 1] in changing for i in used)


class Zeros:
    """Which gradients are 0 and stay 0, however the leaves change. Where the local derivative below
    such a node does not exist, its flow is 0. A 0 of another kind says nothing: in √x · √x at x = 0
    both flows would be 0 · ∞, and the true derivative is 1."""

    def __init__(self, root, read, received):
        self.root, self.read, self.received = root, read, received
        self.recorded = None  # the gradients of a sweep that reads nodes, as far as it gets

    def is_constant(self, node):
        """Whether the gradient of `node` is 0 and does not change with anything it is made of."""
        upstream = behind_guards(self.received[node])
        if upstream.__class__ is float and self.read is as_float:
            if upstream != 0:
                return False
            upstream = self.as_nodes().get(node)
        if upstream.__class__ is float:
            return upstream == 0
        if number_now(upstream) != 0:
            return False
        return not changes(upstream, set(topological_order(node)))

    def flow(self, node):
        """The 0 that flows back from `node`; as a node where it changes with other leaves."""
        upstream = self.received[node]
        inner = behind_guards(upstream)
        if inner.__class__ is float:
            return 0.0
        leaves = {one for one in topological_order(inner) if not one.parents}
        if not changes(inner, leaves):
            return 0.0
        flow = corner(inner)
        return Guarded(upstream.guards, flow) if inner is not upstream else flow

    def as_nodes(self):
        if self.recorded is None:
            self.recorded = {self.root: 1.0}
            try:
                for _, _, parent, _, _, so_far in chain_rule(self.root, as_node):
                    self.recorded[parent] = settled(so_far)
            except (AutogradError, TypeError):
                pass  # the sweep over floats goes no further either
        return self.recorded


def gradients(root, read=as_float, gradient=1.0, wanted=None):
    """{node: d root / d node} for everything `root` was made from, in the numbers of `read`; or
    for the `wanted` nodes, and those on the way to them.

    No `grad` is set. Raises what `chain_rule` raises.

    >>> from autograd import Value
    >>> a, b = Value(2.0), Value(3.0)
    >>> found = gradients(a * b)
    >>> found[a], found[b]
    (3.0, 2.0)
    """
    complete = {root: gradient}
    for _, _, parent, _, _, so_far in chain_rule(root, read, gradient, wanted):
        complete[parent] = so_far
    return {node: settled(flow) for node, flow in complete.items()}
