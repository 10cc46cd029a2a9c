# Many values at once, for training: see autograd/bulk.py. A subclass may have its own idea of data
# and gradients, so only what is exactly a Value is read and written here.

def data_of(leaves):
    column = array("d", bytes(8 * len(leaves)))
    cdef double[::1] numbers = column
    cdef Py_ssize_t i = 0
    for leaf in leaves:
        numbers[i] = (<Node>leaf).number_held if Py_TYPE(<PyObject *>leaf) == VALUE else leaf.data
        i += 1
    return column


cdef class Leaves:
    cdef list leaves
    cdef object column
    cdef long long seen  # the count of changes when they were read
    cdef bint are_plain

    def __init__(self, leaves):
        self.leaves = list(leaves)
        self.are_plain = all([Py_TYPE(<PyObject *>leaf) == VALUE for leaf in self.leaves])

    def numbers(self):
        if self.column is None or self.seen != made or not self.are_plain:
            self.column, self.seen = data_of(self.leaves), made
        return self.column


def grads_of(leaves):
    column = array("d", bytes(8 * len(leaves)))
    cdef double[::1] numbers = column
    cdef Py_ssize_t i = 0
    for leaf in leaves:
        if Py_TYPE(<PyObject *>leaf) == VALUE:
            if not (<Node>leaf).has_gradient:
                return None
            numbers[i] = (<Node>leaf).gradient
        elif leaf.grad is None:
            return None
        else:
            numbers[i] = leaf.grad
        i += 1
    return column


def assign(leaves, column, keeper, dict counts):
    cdef const double[:] numbers = doubles(column, len(leaves))
    cdef Py_ssize_t i = 0
    for leaf in leaves:
        if Py_TYPE(<PyObject *>leaf) == VALUE and (<Node>leaf).kind == LEAF:
            (<Node>leaf).number_held = numbers[i]
            number(<Node>leaf)
        else:
            leaf.data = numbers[i]
        i += 1
    for name, value in counts.items():
        setattr(keeper, name, value)


def set_grads(leaves, column):
    cdef const double[:] numbers = doubles(column, len(leaves))
    cdef Py_ssize_t i = 0
    for leaf in leaves:
        if Py_TYPE(<PyObject *>leaf) == VALUE:
            (<Node>leaf).gradient = numbers[i]
            (<Node>leaf).has_gradient = True
        else:
            leaf.grad = numbers[i]
        i += 1


def all_finite(column):
    cdef const double[:] numbers = doubles(column, len(column))
    cdef Py_ssize_t i
    for i in range(numbers.shape[0]):
        if not isfinite(numbers[i]):
            return False
    return True


cdef object doubles(object column, Py_ssize_t count):
    """The numbers as a buffer, which they may be already."""
    if len(column) != count:
        raise ValueError(f"{len(column)} numbers for {count} values")
    return array("d", column) if isinstance(column, (list, tuple)) else column
