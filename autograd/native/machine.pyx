# cython: language_level=3, auto_pickle=False, cdivision=True
"""The machine that runs programs, compiled: a step at a time, each on a tile of examples.

`plan.pxi` says which steps, and `machine.h` carries them out. Here numbers come in and go out: from
and to arrays without a look at each of them.
"""

from cpython.buffer cimport PyBUF_FORMAT, PyBUF_STRIDES, PyBUF_WRITABLE
from cpython.buffer cimport PyBuffer_Release, PyObject_CheckBuffer, PyObject_GetBuffer
from cpython.bytearray cimport PyByteArray_AS_STRING
from libc.stdint cimport int64_t, uintptr_t
from libc.stdlib cimport calloc, free
from libc.math cimport isfinite
from libc.string cimport memcpy, memset, strcmp

import os
from dataclasses import replace
from threading import Lock

from autograd.native.record cimport NONE, Instruction, Instructions, encoded
from autograd.program.batch import check_width


cdef extern from "machine.h":
    const unsigned int TABLE_PRINT
    enum:
        CODE_add, CODE_multiply
        BLOCK, TILE, PART, MOST_THREADS
        OPERATION, CHAINS, TURN, SUMS, TOTALS, STORE, SPREAD
        ON_LANES, FROM_UNIFORM, FROM_LANE
    int widest, exp_is_known
    size_t WHOLE(size_t count)
    bint knows_exp()
    void divide(double *numbers, size_t count, double by) nogil
    bint all_finite(const double *numbers, size_t count) nogil
    ctypedef struct Step:
        int what, detail, count, terms, target, first, spacing, step, more, in_a_row, across
        size_t at
    ctypedef struct Once:
        int code, count, target
        int *first
        int *step
    ctypedef struct Flat:
        int end, uniform
    ctypedef struct Column:
        char *data
        ptrdiff_t step
    ctypedef struct Room:
        double *lanes
        double *turned
        double *held
        double *sums
    ctypedef struct State "Machine":
        Once *once
        Once *once_end
        int *packed
        int *packed_end
        double *packed_to
        Step *steps
        Step *steps_end
        int *places
        Flat *flat
        Flat *flat_end
        Flat *even
        Flat *even_end
        double *uniforms
        const double *parameters
        int parameters_count, inputs, sums_count, tile, side_by_side
        double work
        Column *columns
        Column *ends
        size_t n
    void run(State *machine, Room *rooms, int threads, double *totals) nogil

table_print = TABLE_PRINT  # what the kernels were printed from

cdef double LONG = 2e7  # multiplications, about: a millisecond, which pays for threads
cdef object numpy = None  # imported by the first machine,
cdef bint has_compared = False  # which compares exponentials with those of the C library


cdef class Numbers:
    """Floats in memory: somebody else's, where they lie there as such, or a copy."""

    cdef Py_buffer view
    cdef bytearray copy
    cdef char *data
    cdef Py_ssize_t count, step, across  # steps of bytes: to the next row, and within a row

    def __dealloc__(self):
        PyBuffer_Release(&self.view)

    cdef bint borrow(self, thing, int dimensions) except -1:
        """Whether it is an array of floats with so many dimensions, which is then used as it is."""
        if not PyObject_CheckBuffer(thing):
            return False
        PyObject_GetBuffer(thing, &self.view, PyBUF_STRIDES | PyBUF_FORMAT)
        if self.view.ndim != dimensions or strcmp(self.view.format, b"d") != 0:
            PyBuffer_Release(&self.view)
            return False
        self.data, self.count = <char *>self.view.buf, self.view.shape[0]
        self.step, self.across = self.view.strides[0], self.view.strides[dimensions - 1]
        return True

    cdef double *make_room(self, Py_ssize_t rows, Py_ssize_t columns) except NULL:
        self.copy = bytearray(rows * columns * sizeof(double))
        self.data = PyByteArray_AS_STRING(self.copy)
        self.count, self.step, self.across = rows, columns * sizeof(double), sizeof(double)
        return <double *>self.data


cdef Py_ssize_t copied(numbers, double *to, Py_ssize_t most) except -1:
    """How many numbers there are; no more than `most` are copied."""
    cdef Py_ssize_t i = 0
    for number in numbers:
        if i < most:
            to[i] = number
        i += 1
    return i


cdef Numbers in_a_line(numbers):
    cdef Numbers line = Numbers()
    if not line.borrow(numbers, 1):
        count = len(numbers)
        copied(numbers, line.make_room(count, 1), count)
    return line


cdef Numbers in_rows(rows, Py_ssize_t wanted):
    cdef Numbers table = Numbers()
    cdef Py_ssize_t i = 0, count
    cdef double *to
    if isinstance(rows, (list, tuple)):
        to = table.make_room(len(rows), wanted)
        for row in rows:
            count = copied(row, to + i * wanted, wanted if i < table.count else 0)
            check_width(i, count, wanted)
            i += 1
    elif not table.borrow(rows, 2) and not table.borrow(numpy.require(rows, float, "A"), 2):
        raise ValueError("a batch is a list of rows, as in [[1.0], [2.0]]")
    else:
        check_width(0, table.view.shape[1], wanted)
    return table


cdef class Columns:
    """Where inputs are read from, or ends are written to."""

    cdef bytearray memory
    cdef Column *at
    cdef Py_ssize_t count

    def __cinit__(self, Py_ssize_t most):
        self.memory = bytearray(most * sizeof(Column))
        self.at = <Column *>PyByteArray_AS_STRING(self.memory)

    cdef void add(self, void *data, Py_ssize_t step, Py_ssize_t across, Py_ssize_t count) noexcept:
        """So many columns, each `across` bytes behind the last."""
        cdef Py_ssize_t i
        for i in range(count):
            self.at[self.count] = Column(<char *>data + i * across, step)
            self.count += 1

    cdef object array(self, shape, Py_ssize_t count):
        """A new array, of so many columns, each in one piece."""
        cdef Py_buffer view
        array = numpy.empty(shape, order="F")
        PyObject_GetBuffer(array, &view, PyBUF_STRIDES | PyBUF_WRITABLE)
        self.add(view.buf, sizeof(double), view.strides[view.ndim - 1], count)
        PyBuffer_Release(&view)
        return array


include "lanes.pxi"


include "groups.pxi"


include "plan.pxi"


ours = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
threads = min(MOST_THREADS, ours)


def use(int width=8, int count=threads, double long=2e7, bint own_exp=True):
    """For the tests: registers of no more than so many doubles, so many threads, from how much work
    on they pay, and whether exponentials may be taken otherwise than by the C library."""
    global widest, threads, LONG, exp_is_known, has_compared
    widest, threads, LONG = width, count, long
    exp_is_known, has_compared = own_exp and knows_exp(), True


def takes_exp_itself():
    """Whether many exponentials are taken at once, as the C library would."""
    if not has_compared:
        use()
    return bool(exp_is_known)


cdef class Code:
    """A plan, with the memory that it works in."""

    cdef Plan plan
    cdef Memory memory
    cdef Room *rooms  # one for each thread that there has been
    cdef int rooms_count
    cdef object lock
    cdef Py_ssize_t inputs, parameters, gradients, also

    def __cinit__(self, listing, bint summed):
        self.plan, self.memory, self.lock = Plan(listing, summed), Memory(), Lock()
        self.inputs, self.parameters = listing.inputs, listing.parameters
        self.gradients, self.also = len(listing.gradients), len(listing.also)
        self.rooms = <Room *>self.memory.room(MOST_THREADS, sizeof(Room))

    cdef int worth(self, size_t n):
        """How many threads pay for so many examples."""
        if self.plan.state.work * n <= LONG:
            return 1
        return min(threads, MOST_THREADS, <int>min(<size_t>MOST_THREADS, (n + PART - 1) // PART))

    cdef int make_rooms(self, int count) except -1:
        cdef Room *room
        while self.rooms_count < count:
            room = &self.rooms[self.rooms_count]
            room.lanes = self.lines(self.plan.rows * <size_t>(self.plan.state.tile + BLOCK))
            room.turned = self.lines(self.plan.turned_room * <size_t>self.plan.state.tile)
            room.held = self.lines(self.plan.held_room)
            room.sums = self.lines(self.plan.sums)
            self.rooms_count += 1

    cdef double *lines(self, size_t count) except NULL:
        """So many doubles, all 0, at the beginning of a line of the cache."""
        cdef uintptr_t at = <uintptr_t>self.memory.room(count + BLOCK, sizeof(double))
        return <double *>((at + 63) & ~<uintptr_t>63)

    cdef int run(
        self, parameters, Columns inputs, Columns ends, size_t n, bint side_by_side, double *sums
    ) except -1:
        cdef Numbers line = in_a_line(parameters)
        cdef State *state = &self.plan.state
        cdef Py_ssize_t i
        cdef int wanted
        if line.count != self.parameters or inputs.count != self.inputs:
            expected = f"{self.inputs} inputs and {self.parameters} parameters are needed"
            raise ValueError(f"{expected}, not {inputs.count} and {line.count}")
        wanted = self.worth(n)
        with self.lock:  # nobody else can use the memory meanwhile
            self.make_rooms(wanted)
            state.parameters = <double *>line.data
            if line.step != sizeof(double) or <uintptr_t>line.data % sizeof(double):
                state.parameters = state.uniforms
                for i in range(line.count):
                    memcpy(state.uniforms + i, line.data + i * line.step, sizeof(double))
            state.columns, state.ends, state.n = inputs.at, ends.at, n
            state.side_by_side = side_by_side
            if state.work * n > LONG / 8:
                with nogil:
                    run(state, self.rooms, wanted, sums)
            else:
                run(state, self.rooms, 1, sums)


def refuse_custom(listing):
    """Raise ValueError for an operation that nobody has written in C."""
    for op in listing.ops:
        if not op.is_built_in:
            raise ValueError(
                f"{op.name} is a custom operation known in Python only: "
                "run the program with machine 'python' or 'numpy'"
            )


cdef class Machine:
    """As those of autograd.program.interpreters, in arrays."""

    cdef object listing
    cdef dict codes

    def __init__(self, listing):
        global numpy
        import numpy

        if not has_compared:
            use()
        refuse_custom(listing)
        self.listing, self.codes = listing, {}

    def __reduce__(self):
        return Machine, (self.listing,)

    cdef Code code(self, kind):
        """The program in C for one kind of run, made when it is first wanted."""
        if kind not in self.codes:
            self.codes[kind] = Code(self.pruned(kind), kind == "sums")
        return self.codes[kind]

    cdef object pruned(self, kind):
        """The listing of what is wanted in one kind of run."""
        if kind == "values":
            return replace(self.listing, gradients=(), also=()).pruned()
        return replace(self.listing, gradients=()).pruned() if kind == "columns" else self.listing

    def steps(self, kind):
        """What is done, as (what, how many rows or sums, of so many terms each)."""
        cdef Code code = self.code(kind)
        cdef Py_ssize_t i
        cdef Step *step = code.plan.state.steps
        names = {OPERATION: "operation", CHAINS: "chains", TURN: "turn", SUMS: "sums",
                 TOTALS: "totals", STORE: "store", SPREAD: "spread"}
        return [
            (names[step[i].what], step[i].count, step[i].terms)
            for i in range(code.plan.state.steps_end - step)
        ]

    def rows(self, kind):
        """How many rows of numbers it takes."""
        return self.code(kind).plan.rows

    def values(self, rows, parameters):
        """The value of every example."""
        return self.run("values", rows, parameters, False)[0]

    def swept(self, rows, parameters, reduce):
        """The value and the gradients, over all examples or a row for each, and a row of what else
        is wanted for each."""
        return self.run("apart" if reduce == "none" else "sums", rows, parameters, reduce == "mean")

    cdef run(self, kind, rows, parameters, bint mean):
        cdef Code code = self.code(kind)
        cdef Numbers table = in_rows(rows, code.inputs)
        cdef Py_ssize_t n = table.count, summed = 1 + code.gradients if kind == "sums" else 0
        cdef Columns inputs = Columns(code.inputs)
        cdef Columns ends = Columns(1 + code.gradients + code.also - summed)
        cdef double[::1] sums = numpy.empty(max(1, summed))
        cdef double *sum = &sums[0]
        inputs.add(table.data, table.step, table.across, code.inputs)
        if not summed:
            value = ends.array(n, 1)
            gradients = ends.array((n, code.gradients), code.gradients)
        also = ends.array((n, code.also), code.also)
        code.run(parameters, inputs, ends, n, table.across == sizeof(double), sum)
        if not summed:
            return value, gradients, also
        if mean and n > 1:
            divide(sum, summed, n)
        return sums[code.gradients], sums.base[:-1], also

    def columns(self, columns, parameters):
        """The value and what else is wanted, a column of each; from a column per input."""
        cdef Code code = self.code("columns")
        lines = [in_a_line(column) for column in columns]  # to keep them as long as we read
        cdef Columns inputs = Columns(len(lines)), ends = Columns(1 + code.also)
        cdef Numbers line
        cdef Py_ssize_t n = 0
        for line in lines:
            if inputs.count and line.count != n:
                raise ValueError(f"columns of {n} and of {line.count} numbers")
            n = line.count
            inputs.add(line.data, line.step, 0, 1)
        results = [ends.array(n, 1) for _ in range(1 + code.also)]
        code.run(parameters, inputs, ends, n, False, NULL)
        return results


include "training.pxi"
