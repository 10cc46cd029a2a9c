# The memory of nodes, and how they are let go of, as a part of value.pyx.
#
# Nodes come and go by the ten thousand, so the memory of those that are gone is kept for the next:
# the last one gone is the first to come back, unless graphs have scattered them by then.

cdef struct Memory:
    PyObject **kept
    unsigned int count
    unsigned int scattered  # how many were far from the one before, since they were in order

cdef Memory of_values       # of the nodes of each class
cdef Memory of_tutorials


cdef inline PyObject *new_node() except NULL:
    """A leaf with nothing in it; the caller owns the reference."""
    cdef PyObject *node
    if of_values.count:
        of_values.count -= 1
        node = of_values.kept[of_values.count]
    else:
        node = <PyObject *>PyObject_Malloc(VALUE.tp_basicsize)
        if node == NULL:
            raise MemoryError
    memset(node, 0, VALUE.tp_basicsize)
    PyObject_Init(node, VALUE)
    return node


cdef inline bint keep_memory(Memory *memory, PyObject *node) noexcept:
    if memory.count == KEPT:
        return False
    if memory.kept == NULL:
        memory.kept = <PyObject **>malloc(KEPT * sizeof(PyObject *))
        if memory.kept == NULL:
            return False
    if memory.count and labs(<long>node - <long>memory.kept[memory.count - 1]) > NEAR:
        memory.scattered += 1
    memory.kept[memory.count] = node
    memory.count += 1
    return True


cdef inline void look_after(Memory *memory) noexcept:
    if memory.scattered > 1024 and memory.scattered > memory.count // 16:
        put_in_order(memory.kept, memory.count)
        memory.scattered = 0


cdef void put_in_order(PyObject **kept, unsigned int kept_count) noexcept:
    """The lowest in memory to the end, from where they are taken, to within a page: nodes that are
    made one after the other then lie close together, and sweeps run through the cache."""
    cdef size_t low = <size_t>kept[0]
    cdef size_t high = low
    cdef unsigned int i, place, page, shift = 12
    cdef unsigned int *first = <unsigned int *>calloc(PAGES + 1, sizeof(unsigned int))
    cdef PyObject **before = <PyObject **>malloc(kept_count * sizeof(PyObject *))
    if first != NULL and before != NULL:
        for i in range(kept_count):
            low = min(low, <size_t>kept[i])
            high = max(high, <size_t>kept[i])
        while (high - low) >> shift >= PAGES:
            shift += 1
        for i in range(kept_count):
            before[i] = kept[i]
            first[(high - <size_t>kept[i]) >> shift] += 1
        place = 0
        for page in range(PAGES):
            first[page], place = place, place + first[page]
        for i in range(kept_count):
            page = (high - <size_t>before[i]) >> shift
            kept[first[page]] = before[i]
            first[page] += 1
    free(first)
    free(before)


cdef PyObject *allocated(PyTypeObject *kind, Py_ssize_t items) noexcept:
    """`tp_alloc` of the class; classes made from it in Python have one of their own."""
    try:
        return new_node()
    except MemoryError:
        PyErr_NoMemory()
        return NULL


cdef void deallocated(PyObject *node) noexcept:
    """`tp_dealloc`. A chain of a million nodes must not be freed a million calls deep, so what
    nobody else holds waits its turn."""
    cdef PyTypeObject *kind = Py_TYPE(node)
    cdef bint is_kept = False
    PyObject_ClearWeakRefs(node)
    forget_operands(node)
    Py_XDECREF((<Node>node).name)
    if kind == VALUE:
        is_kept = keep_memory(&of_values, node)
    elif kind == TUTORIAL:
        is_kept = keep_memory(&of_tutorials, node)
    if not is_kept:
        kind.tp_free(node)
    Py_DECREF(<object>kind)


cdef inline void forget_operands(PyObject *node) noexcept:
    cdef PyObject *a = (<Node>node).a
    cdef PyObject *b = (<Node>node).b
    (<Node>node).a = (<Node>node).b = NULL
    release(a)
    release(b)
    release_waiting()


cdef PyObject **waiting = NULL
cdef size_t waiting_count = 0
cdef size_t waiting_room = 0
cdef bint releasing = False


cdef inline void release(PyObject *operand) noexcept:
    global waiting, waiting_count, waiting_room
    cdef PyObject **more
    if operand == NULL:
        return
    if Py_REFCNT(operand) == 1 and not PyFloat_CheckExact(<object>operand):
        if waiting_count == waiting_room:
            more = <PyObject **>realloc(waiting, (2 * waiting_room + 64) * sizeof(PyObject *))
            if more != NULL:
                waiting = more
                waiting_room = 2 * waiting_room + 64
        if waiting_count < waiting_room:
            waiting[waiting_count] = operand
            waiting_count += 1
            return
    Py_DECREF(<object>operand)


cdef inline void release_waiting() noexcept:
    global waiting_count, releasing
    if releasing:
        return
    releasing = True
    while waiting_count:
        waiting_count -= 1
        Py_DECREF(<object>waiting[waiting_count])
    releasing = False
    look_after(&of_values)
    look_after(&of_tutorials)
