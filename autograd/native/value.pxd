# cython: language_level=3
from cpython.object cimport PyObject


cdef class Node:
    # 80 bytes with the object's head: that is all that a recorded operation takes.
    cdef object __weakref__
    cdef double number_held       # the data
    cdef double gradient          # meaningless unless has_gradient
    cdef long long made           # when, as a count: the number
    cdef PyObject *a              # the operands, Values or floats; NULL where there is none
    cdef PyObject *b
    cdef PyObject *name           # the label; NULL for ""
    cdef unsigned int mark        # where the sweep that runs now keeps this node
    cdef short kind               # LEAF, MANY, or the code of a row, plus 1
    cdef unsigned char has_gradient
    cdef unsigned char is_whole   # of a power in the tutorials: its exponent was written as an int


cdef bint is_node(PyObject *operand) noexcept
