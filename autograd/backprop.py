"""Reverse-mode differentiation: graphs, and no calculus.

The sweep asks very little of a node: its `parents`, its `slope(position, read)` towards each of
them, and a `number` that counts when it was made. What numbers, formulas or nodes the slopes are
written in is the choice of `read`, which says what a node stands for in the arithmetic.
"""

from autograd.errors import AutogradError, StaleGraph, TooLarge

INF = float("inf")


def number(node):
    """Read a node as its float: the sweep computes gradients."""
    return node.data


def itself(node):
    """Read a node as itself: the sweep records, and its gradients can be differentiated again."""
    return node


def topological_order(root):
    """Every node `root` was made from, each after its parents; `root` comes last.

    A node can only be made after its parents, so the order in which the nodes were made is a
    topological order, and the nodes carry it as their `number`. Raises StaleGraph when a parent
    is younger than a node made from it: its data was changed after the graph was recorded.

    >>> from autograd import Value
    >>> a = Value(3.0, "a")
    >>> topological_order(a * a + 1.0)
    [Value(a = 3, grad not computed), Value(9, grad not computed), Value(10, grad not computed)]
    """
    seen, waiting = {root}, [root]
    while waiting:
        node = waiting.pop()
        for parent in node.parents:
            if parent.number >= node.number:
                raise StaleGraph(
                    f"{named(parent)} was changed after {named(node)} was computed from it: "
                    "compute the graph again, then call this again"
                )
            if parent not in seen:
                seen.add(parent)
                waiting.append(parent)
    return sorted(seen, key=lambda node: node.number)


def chain_rule(root, read=number, gradient=1.0):
    """Walk from `root` back to its leaves, edge by edge.

    Yields (node, position, parent, slope, flow, so_far). Along the edge from `node` to its parent
    number `position`, the parent receives flow = gradient of node · slope, and the gradient it
    has received so far is the sum of its flows. By the time the walk reaches a node that sum is
    complete, because everything that uses the node has been visited before it.

    `gradient` is what `root` itself starts with, d root / d root = 1. On floats, a flow or a sum
    that is not finite, made of numbers that are, raises TooLarge. Where the slope does not exist
    and nothing flows, as for 0 · √x at x = 0, the slope is None and the flow 0. Raises what the
    slopes raise where something flows, and StaleGraph as `topological_order` does.

    >>> from autograd import Value
    >>> a = Value(3.0, "a")
    >>> [(slope, flow, so_far) for _, _, _, slope, flow, so_far in chain_rule(a * a)]
    [(3.0, 3.0, 3.0), (3.0, 3.0, 6.0)]
    """
    received = {root: gradient}
    for node in reversed(topological_order(root)):
        upstream = received[node]
        for position, parent in enumerate(node.parents):
            try:
                slope = node.slope(position, read)
            except AutogradError:
                if not (upstream.__class__ is float and upstream == 0):
                    raise
                slope, flow = None, 0.0
            else:
                flow = product(upstream, slope, node, parent)
            if parent in received:  # the first flow is not added to a 0: formulas would show it
                received[parent] = total(received[parent], flow, parent)
            else:
                received[parent] = flow
            yield node, position, parent, slope, flow, received[parent]


def gradients(root, read=number, gradient=1.0):
    """{node: d root / d node} for everything `root` was made from, in the numbers of `read`.

    No `grad` is set. Raises what `chain_rule` raises.

    >>> from autograd import Value
    >>> a, b = Value(2.0), Value(3.0)
    >>> found = gradients(a * b)
    >>> found[a], found[b]
    (3.0, 2.0)
    """
    complete = {root: gradient}
    for _, _, parent, _, _, so_far in chain_rule(root, read, gradient):
        complete[parent] = so_far
    return complete


def product(upstream, slope, node, parent):
    """upstream · slope, under the rule for floats that `chain_rule` states."""
    if upstream.__class__ is float and upstream == 1:
        return slope  # formulas, and the graphs of gradients, would show a product with 1
    if slope.__class__ is float:
        if slope == 1:
            return upstream
    elif upstream.__class__ is float and upstream == 0:
        return 0.0  # nothing flows, whatever the recorded slope will be
    flow = upstream * slope
    if flow.__class__ is float and not -INF < flow < INF:
        if upstream == 0 and slope == slope:
            return 0.0  # 0 · ∞: what does not flow is not multiplied
        if -INF < upstream < INF and -INF < slope < INF:
            raise TooLarge(
                f"what flows from {named(node)} to {named(parent)} is too large for a float: "
                f"{upstream:g} times {slope:g}"
            )
    return flow


def total(so_far, flow, node):
    """so_far + flow, under the same rule."""
    result = so_far + flow
    fresh = result.__class__ is float and not -INF < result < INF
    if fresh and -INF < so_far < INF and -INF < flow < INF:
        raise TooLarge(
            f"the gradient of {named(node)} is too large for a float: {so_far:g} plus {flow:g}"
        )
    return result


def named(node):
    """How error messages call a node."""
    return getattr(node, "label", "") or f"an unnamed value ({node:g})"
