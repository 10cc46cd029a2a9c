# The sweep over floats, as a part of value.pyx.
#
# Nodes are found from the root, each once, and get a place in arrays of the sweep's own, which they
# remember as their `mark`; a mark is only believed when the node is at that place. They are visited
# from the youngest to the oldest, as the readable engine does, so that every sum has the same order
# and the same last bit.

cdef struct Sweep:
    PyObject **nodes      # in the order in which they were found
    PyObject **waiting    # those whose parents have not been looked at
    double *received      # the gradient of each so far; NAN before its first flow
    long long *made       # when each operation was made; -1 for leaves
    unsigned int count
    unsigned int waiting_count
    unsigned int room
    unsigned int operations
    long long oldest      # of the operations


cdef Sweep spare  # the arrays of the last sweep, unless they were large


cdef bint swept(Node root, double gradient) except -1:
    """A backward pass, whether it could be done here; if not, nothing has changed."""
    global spare
    cdef Sweep sweep = spare
    cdef bint done
    memset(&spare, 0, sizeof(Sweep))
    sweep.count = sweep.waiting_count = sweep.operations = 0
    done = found(&sweep, root) and flowed(&sweep, gradient) and committed(&sweep)
    if sweep.room <= KEPT:
        spare = sweep
    else:
        free(sweep.nodes)
        free(sweep.waiting)
        free(sweep.received)
        free(sweep.made)
    return done


cdef bint found(Sweep *sweep, Node root) noexcept:
    """Every node that the root was made from. Fails when a parent is younger than its node."""
    cdef PyObject *node
    cdef Py_ssize_t i
    sweep.oldest = root.made
    if not is_node(<PyObject *>root) or not placed(sweep, <PyObject *>root):
        return False
    while sweep.waiting_count:
        sweep.waiting_count -= 1  # the youngest first: its parents are likely close in memory
        node = sweep.waiting[sweep.waiting_count]
        if (<Node>node).kind == BY_HAND:
            for i in range(PyTuple_GET_SIZE((<Node>node).a)):
                if not looked_at(sweep, node, PyTuple_GET_ITEM((<Node>node).a, i)):
                    return False
            continue
        if not looked_at(sweep, node, (<Node>node).a):
            return False
        if (<Node>node).b != NULL and not looked_at(sweep, node, (<Node>node).b):
            return False
    return True


cdef inline bint looked_at(Sweep *sweep, PyObject *node, PyObject *operand) noexcept:
    cdef unsigned int mark
    if not is_node(operand):
        return PyFloat_CheckExact(<object>operand)
    if (<Node>operand).made >= (<Node>node).made:
        return False
    mark = (<Node>operand).mark
    if mark < sweep.count and sweep.nodes[mark] == operand:
        return True
    return placed(sweep, operand)


cdef inline bint placed(Sweep *sweep, PyObject *node) noexcept:
    """A place for a node that has just been found. Fails for a row that is not compiled."""
    if sweep.count == sweep.room and not grown(sweep):
        return False
    sweep.nodes[sweep.count] = node
    sweep.received[sweep.count] = NAN
    sweep.made[sweep.count] = -1 if (<Node>node).kind == LEAF else (<Node>node).made
    (<Node>node).mark = sweep.count
    sweep.count += 1
    if (<Node>node).kind != LEAF:
        sweep.operations += 1
        sweep.oldest = min(sweep.oldest, (<Node>node).made)
        sweep.waiting[sweep.waiting_count] = node
        sweep.waiting_count += 1
    return (<Node>node).kind != MANY and (<Node>node).has_gradient != AN_OBJECT


cdef bint grown(Sweep *sweep) noexcept:
    cdef size_t room = 2 * <size_t>sweep.room + 256
    cdef void *nodes
    cdef void *waiting
    cdef void *received
    cdef void *made
    if room > <size_t>1 << 31:
        return False
    nodes = realloc(sweep.nodes, room * sizeof(PyObject *))
    if nodes != NULL:
        sweep.nodes = <PyObject **>nodes
    waiting = realloc(sweep.waiting, room * sizeof(PyObject *))
    if waiting != NULL:
        sweep.waiting = <PyObject **>waiting
    received = realloc(sweep.received, room * sizeof(double))
    if received != NULL:
        sweep.received = <double *>received
    made = realloc(sweep.made, room * sizeof(long long))
    if made != NULL:
        sweep.made = <long long *>made
    if nodes == NULL or waiting == NULL or received == NULL or made == NULL:
        return False
    sweep.room = <unsigned int>room
    return True


cdef struct Turn:
    long long made
    PyObject *node


cdef int younger_first(const void *one, const void *other) noexcept nogil:
    cdef long long a = (<const Turn *>one).made
    cdef long long b = (<const Turn *>other).made
    return (a < b) - (a > b)


cdef bint flowed(Sweep *sweep, double gradient) noexcept:
    """The chain rule along every edge, from the youngest node on. Fails at the first number that is
    not finite."""
    cdef long long span = (<Node>sweep.nodes[0]).made - sweep.oldest + 1
    sweep.received[0] = gradient
    if span < 8 * <long long>sweep.operations + 64:
        return flowed_by_place(sweep, span)
    return flowed_by_turn(sweep)


cdef bint flowed_by_place(Sweep *sweep, long long span) noexcept:
    """With a place for every node that was made in that time, most of which are used."""
    cdef PyObject **places = <PyObject **>calloc(span, sizeof(PyObject *))
    cdef long long youngest = (<Node>sweep.nodes[0]).made
    cdef long long place
    cdef unsigned int i
    cdef bint done = places != NULL
    if done:
        for i in range(sweep.count):
            if sweep.made[i] >= 0:
                places[youngest - sweep.made[i]] = sweep.nodes[i]
        for place in range(span):
            if places[place] != NULL and not passed_on(sweep, places[place]):
                done = False
                break
    free(places)
    return done


cdef bint flowed_by_turn(Sweep *sweep) noexcept:
    """Sorted, for a graph whose nodes were made with long pauses."""
    cdef Turn *turns = <Turn *>malloc(sweep.operations * sizeof(Turn) + 1)
    cdef unsigned int i, count = 0
    cdef bint done = turns != NULL
    if done:
        for i in range(sweep.count):
            if sweep.made[i] >= 0:
                turns[count].made = sweep.made[i]
                turns[count].node = sweep.nodes[i]
                count += 1
        qsort(turns, count, sizeof(Turn), younger_first)
        for i in range(count):
            if not passed_on(sweep, turns[i].node):
                done = False
                break
    free(turns)
    return done


cdef inline bint passed_on(Sweep *sweep, PyObject *raw) noexcept:
    """What flows from a node to its parents; its own gradient is complete by now."""
    cdef int code = (<Node>raw).kind - 1
    cdef double upstream = sweep.received[(<Node>raw).mark]
    cdef double y = (<Node>raw).number_held
    cdef PyObject *first = (<Node>raw).a
    cdef PyObject *second = (<Node>raw).b
    cdef double a = 0, b = 0
    if (<Node>raw).kind == BY_HAND:
        return passed_on_by_hand(sweep, raw, upstream)
    has_number(first, &a)
    if second != NULL:
        has_number(second, &b)
    if is_node(first):
        if not received(sweep, first, upstream, slope_of(code, 0, y, a, b, 0)):
            return False
    if second != NULL and is_node(second):
        return received(sweep, second, upstream, slope_of(code, 1, y, a, b, 0))
    return True


cdef bint passed_on_by_hand(Sweep *sweep, PyObject *raw, double upstream) noexcept:
    """Fails where the local derivatives have not been asked for."""
    cdef PyObject *slopes = (<TutorialNode>raw).slopes
    cdef PyObject *parents = (<Node>raw).a
    cdef Py_ssize_t i
    if slopes == NULL:
        return False
    for i in range(PyTuple_GET_SIZE(parents)):
        slope = PyFloat_AS_DOUBLE(<object>PyTuple_GET_ITEM(slopes, i))
        if not received(sweep, PyTuple_GET_ITEM(parents, i), upstream, slope):
            return False
    return True


cdef inline bint received(Sweep *sweep, PyObject *parent, double upstream, double slope) noexcept:
    cdef double *place = &sweep.received[(<Node>parent).mark]
    cdef double flow = upstream * slope
    if isfinite(place[0]):
        flow += place[0]  # never to a 0 that nothing flowed into: -0.0 stays what it is
    place[0] = flow
    return isfinite(flow) and isfinite(slope)


cdef bint committed(Sweep *sweep) noexcept:
    """All gradients at once, unless a sum in a leaf is not finite."""
    cdef unsigned int i
    cdef PyObject *raw
    for i in range(sweep.count):
        raw = sweep.nodes[i]
        # in the tutorials a leaf that is the root has its own gradient, and no sum
        if sweep.made[i] < 0 and (<Node>raw).has_gradient and (i or not is_tutorial(raw)):
            sweep.received[i] = (<Node>raw).gradient + sweep.received[i]
        if not isfinite(sweep.received[i]):
            return False
    for i in range(sweep.count):
        raw = sweep.nodes[i]
        (<Node>raw).gradient = sweep.received[i]
        (<Node>raw).has_gradient = True
    return True
