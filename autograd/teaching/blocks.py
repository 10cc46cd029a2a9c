"""What makes a gradient what it is: edges that let nothing through, and the path that weighs most.

Only numbers of the sweep are looked at: local derivatives and flows.
"""

import math
from collections import defaultdict
from collections.abc import Iterable

from autograd.teaching.routes import Link, Routes
from autograd.value import Value

FLAT = 0.01  # a local derivative below it, near the limit of the function, is called saturated


def blocking(routes: Routes) -> list[Link] | None:
    """The edges with a local derivative of 0 that every path has one of: those nearest to y, or
    those nearest to x if they are fewer; None where a path without such an edge exists."""
    above = {routes.y}  # what is reached from y without one
    for link in routes.links:
        if link.factor and link.node in above:
            above.add(link.parent)
    if routes.x in above:
        return None
    below = {routes.x}  # from where x is reached without one
    for link in reversed(routes.links):
        if link.factor and link.parent in below:
            below.add(link.node)
    near_y = [one for one in routes.links if not one.factor and one.node in above]
    near_x = [one for one in routes.links if not one.factor and one.parent in below]
    fewest = near_x if len(near_x) < len(near_y) else near_y
    return sorted(fewest, key=lambda one: one.node.serial)


def largest_path(routes: Routes) -> list[Link]:
    """The path whose product of local derivatives is largest in size, as its edges from y on; empty
    where every product is 0."""
    best: dict[Value, tuple[float, Link | None]] = {routes.y: (0.0, None)}  # log of the size
    for link in routes.links:
        if link.node in best and link.factor:
            size = best[link.node][0] + math.log(abs(link.factor))
            if link.parent not in best or size > best[link.parent][0]:
                best[link.parent] = size, link
    path: list[Link] = []
    node = routes.x
    while node in best and (last := best[node][1]) is not None:
        path.append(last)
        node = last.node
    return path[::-1]


def opposed(routes: Routes) -> tuple[float, float]:
    """The sum of all positive products along paths, and that of all negative ones."""
    plus: dict[Value, float] = defaultdict(float, {routes.y: 1.0})
    minus: dict[Value, float] = defaultdict(float)
    for link in routes.links:
        one, other = (plus, minus) if link.factor > 0 else (minus, plus)
        plus[link.parent] += link.factor * one[link.node]
        minus[link.parent] += link.factor * other[link.node]
    return plus[routes.x], minus[routes.x]


def product_of_sizes(links: Iterable[Link]) -> float:
    """The size of the product of the local derivatives along a path."""
    return math.prod(abs(link.factor) for link in links)


def is_corner_flat(link: Link) -> bool:
    """Whether the operation is flat at this point, as relu is for negative numbers."""
    op = link.node.op
    return bool(op and op.corners and len(op.partials) == 1 and link.factor == 0)


def is_saturated(link: Link) -> bool:
    """Whether a smooth function of one number is near the limit that it has far out, so that its
    local derivative is almost 0: tanh(-6), sigmoid(8), exp(-20)."""
    op = link.node.op
    if op is None or op.symbol or op.corners or len(op.partials) != 1 or abs(link.factor) > FLAT:
        return False
    limit = op.ieee(math.copysign(1e300, link.parent.data))
    return abs(limit - link.node.data) <= FLAT * max(1.0, abs(limit))
