# Nodes that somebody made by hand, in the tutorials' way, as a part of value.pyx: their functions are
# asked for the local derivatives before the sweep.

cdef set asked_before = set()  # the code of functions that were looked at closely


cdef inline bint is_by_hand(object children, object op):
    """Whether it is as people write it: a tuple of Values, and a name or numbers."""
    if type(children) is not tuple or not children:
        return False
    for child in <tuple>children:
        if not isinstance(child, Node):
            return False
    if type(op) is str:
        return True
    if type(op) is not tuple or len(op) != len(children):
        return False
    for slope in <tuple>op:
        if not (PyFloat_CheckExact(slope) or PyLong_CheckExact(slope)):
            return False
    return True


cdef void settle(Node raw):
    """Made by hand, as the readable engine has it: with an operation of its own."""
    cdef TutorialNode node = raw
    closure = node._closure
    slopes = () if node.slopes == NULL else <object>node.slopes
    op = custom(node._text or "", <object>node.a, node.number_held, slopes, closure is not None)
    if closure is not None:
        node.__dict__["_closure"] = closure
    keep(&node.b, op)
    node.kind = MANY


cdef bint asked_by_hand(Node root) except -1:
    """Ask every `_backward` that somebody wrote for its local derivatives. False where there is
    none to ask, or one that the readable engine has to ask."""
    cdef Sweep sweep
    cdef TutorialNode node
    cdef unsigned int i
    memset(&sweep, 0, sizeof(Sweep))
    unasked = []
    if found(&sweep, root):
        for i in range(sweep.count):
            if (<Node>sweep.nodes[i]).kind == BY_HAND:
                node = <TutorialNode>sweep.nodes[i]
                if node.slopes == NULL:
                    unasked.append(node)
    free(sweep.nodes)
    free(sweep.waiting)
    free(sweep.received)
    free(sweep.made)
    for node in unasked:
        if not asked(node):
            return False
    return bool(unasked)


cdef bint asked(TutorialNode node) except -1:
    """What the parents receive when the node's gradient is 1. The readable engine asks the first
    of all functions with the same code, twice, to see whether it adds to what is there."""
    if node.kind != BY_HAND or node.b == NULL:
        return False
    closure, parents = <object>node.b, <tuple>node.a
    code = getattr(closure, "__code__", None)
    slopes = None
    if code in asked_before and are_plain(node, parents):
        slopes = received_alone(node, parents, closure)
    if slopes is None:
        slopes = tuple(probed(node, closure, node._text or "by hand"))
        if code is not None:
            asked_before.add(code)
    if node.kind == BY_HAND:
        keep(&node.slopes, slopes)
    return node.kind == BY_HAND


cdef bint are_plain(Node node, tuple parents):
    cdef Node one
    if len(parents) > MOST_PARENTS or node.has_gradient == AN_OBJECT:
        return False
    for one in parents:
        if one.has_gradient == AN_OBJECT:
            return False
    return True


cdef tuple received_alone(TutorialNode node, tuple parents, object closure):
    """None where somebody has to be told why that is no number."""
    cdef Node one
    cdef double[MOST_PARENTS] gradients
    cdef unsigned char[MOST_PARENTS] has_gradient
    cdef double gradient = node.gradient
    cdef unsigned char had_gradient = node.has_gradient
    cdef Py_ssize_t i, count = len(parents)
    for i in range(count):
        one = <Node>parents[i]
        gradients[i], has_gradient[i] = one.gradient, one.has_gradient
    for i in range(count):
        one = <Node>parents[i]
        one.gradient, one.has_gradient = 0, A_FLOAT
    node.gradient, node.has_gradient = 1, A_FLOAT
    slopes = []
    try:
        closure()
        for i in range(count):
            one = <Node>parents[i]
            if one.has_gradient != A_FLOAT or not isfinite(one.gradient):
                return None
            slopes.append(one.gradient)
            one.gradient = 0  # a parent that is there twice has the sum on its first edge
    finally:
        node.gradient, node.has_gradient = gradient, had_gradient
        for i in range(count):
            one = <Node>parents[i]
            one.gradient, one.has_gradient = gradients[i], has_gradient[i]
    return tuple(slopes)
