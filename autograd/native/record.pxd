# cython: language_level=3

cdef enum:
    NONE = -2147483648  # no operand there

cdef struct Instruction:
    int op, a, b, c     # the code of a row; a wire, or ~ the place of a constant, or NONE


cdef class Instructions:
    cdef Instruction *at
    cdef Py_ssize_t count
    cdef double *constants
    cdef Py_ssize_t constants_count
    cdef object plain(self, int operand)
    cdef list prune(self, int leaves, list ends)


cpdef Instructions encoded(instructions)
