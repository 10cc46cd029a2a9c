# cython: language_level=3, auto_pickle=False
"""The machine that runs programs, compiled: a step at a time, each on a tile of examples.

`plan.py` says which steps, and `machine.h` carries them out. Here numbers come in and go out: from
and to arrays without a look at each of them.
"""

from cpython.buffer cimport PyBUF_FORMAT, PyBUF_STRIDES, PyBUF_WRITABLE
from cpython.buffer cimport PyBuffer_Release, PyObject_CheckBuffer, PyObject_GetBuffer
from cpython.bytearray cimport PyByteArray_AS_STRING
from libc.stdint cimport uintptr_t
from libc.stdlib cimport calloc, free
from libc.string cimport memcpy, strcmp

from dataclasses import replace

from autograd.native.plan import Lane, Plan, refuse_custom
from autograd.program.batch import check_width


cdef extern from "machine.h":
    const unsigned int TABLE_PRINT
    const char *ROW_NAMES
    enum:
        PARTS
        UNIFORM_LANE, LANE_UNIFORM, SPREAD, LOAD, STORE, CHAIN_FROM_LANE, CHAIN_FROM_UNIFORM, DOTS
    ctypedef struct Step:
        int op, target, a, b, c
    ctypedef struct Pair:
        int left, right
    ctypedef struct Column:
        char *data
        ptrdiff_t step
    ctypedef Step *Steps "Step *"
    ctypedef Pair *Pairs "Pair *"
    ctypedef double *Doubles "double *"
    ctypedef struct State "Machine":
        Steps once, once_end, steps, steps_end
        Pairs pairs, sums, sums_end, flat, flat_end
        Doubles uniforms, lanes, totals
        Column *inputs
        Column *ends
        int summed, most, totals_count
    void run(State *machine, size_t n, int mean)

table_print = TABLE_PRINT  # what the kernels were printed from
CODES = {name: code for code, name in enumerate(ROW_NAMES.decode().split())}
NUMBERS = {**CODES, "load": LOAD, "store": STORE, "spread": SPREAD, "dots": DOTS}

cdef object numpy = None  # imported by the first machine


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


cdef class Code:
    """A plan in C, with the memory that it works in."""

    cdef State state
    cdef void *blocks  # lanes and totals, as allocated: they begin at the next multiple of 64
    cdef Py_ssize_t inputs, parameters, gradients, also

    def __cinit__(self, plan):
        cdef State *state = &self.state
        cdef Py_ssize_t i, lanes
        listing = plan.listing
        self.inputs, self.parameters = listing.inputs, listing.parameters
        self.gradients, self.also = len(listing.gradients), len(listing.also)
        state.uniforms = <double *>room(len(plan.uniforms), sizeof(double))
        copied(plan.uniforms, state.uniforms, len(plan.uniforms))
        state.sums = pairs_of(plan.totals.items())
        state.sums_end = state.sums + len(plan.totals)
        state.flat = pairs_of(plan.uniform_ends)
        state.flat_end = state.flat + len(plan.uniform_ends)
        state.summed = 1 + self.gradients if plan.summed else 0

        state.most = plan.examples_at_once
        state.totals_count = len(set(plan.totals.values()))
        lanes = plan.buffers * (state.most + PARTS)
        self.blocks = room(lanes + PARTS * state.totals_count + 8, sizeof(double))
        state.lanes = <double *>((<uintptr_t>self.blocks + 63) & ~<uintptr_t>63)
        state.totals = state.lanes + lanes

        state.once = <Step *>room(len(plan.once), sizeof(Step))
        state.once_end = state.once + len(plan.once)
        for i, (op, target, args) in enumerate(plan.once):
            a, b, c = (*args, 0, 0)[:3]
            state.once[i] = Step(CODES[op], target, a, b, c)

        pairs = []
        state.steps = <Step *>room(len(plan.steps), sizeof(Step))
        state.steps_end = state.steps + len(plan.steps)
        for i, step in enumerate(plan.steps):
            a, b, c = (*map(place, step.args), 0, 0)[:3]
            if step.pairs:
                b, c = len(pairs), len(pairs) + len(step.pairs)
                pairs += step.pairs
            state.steps[i] = Step(number_of(step), place(step.target or 0), a, b, c)
        state.pairs = pairs_of(pairs)

    def __dealloc__(self):
        free(self.state.uniforms)
        free(self.state.sums)
        free(self.state.flat)
        free(self.blocks)
        free(self.state.once)
        free(self.state.steps)
        free(self.state.pairs)

    cdef int run(self, parameters, Columns inputs, Columns ends, size_t n, bint mean) except -1:
        cdef Numbers line = in_a_line(parameters)
        cdef Py_ssize_t i
        if line.count != self.parameters or inputs.count != self.inputs:
            expected = f"{self.inputs} inputs and {self.parameters} parameters are needed"
            raise ValueError(f"{expected}, not {inputs.count} and {line.count}")
        # From here on no Python runs: nobody else can use the memory meanwhile.
        for i in range(line.count):
            memcpy(self.state.uniforms + i, line.data + i * line.step, sizeof(double))
        self.state.inputs, self.state.ends = inputs.at, ends.at
        run(&self.state, n, mean)


cdef void *room(size_t count, size_t size) except NULL:
    """Memory for so many things, all of them 0."""
    cdef void *memory = calloc(count + 1, size)  # of nothing, NULL would be right
    if memory == NULL:
        raise MemoryError
    return memory


def place(x):
    """Where a lane or a uniform is found."""
    return x.buffer if isinstance(x, Lane) else x


cdef Pair *pairs_of(pairs) except NULL:
    cdef Pair *memory = <Pair *>room(len(pairs), sizeof(Pair))
    cdef Py_ssize_t i
    for i, (left, right) in enumerate(pairs):
        memory[i] = Pair(place(left), place(right))
    return memory


def number_of(step):
    """The number under which machine.h knows a step."""
    lanes = [isinstance(x, Lane) for x in step.args]
    if step.op == "chain":
        return CHAIN_FROM_LANE if lanes[0] else CHAIN_FROM_UNIFORM
    if all(lanes) or step.op not in CODES:
        return NUMBERS[step.op]
    return CODES[step.op] + (LANE_UNIFORM if lanes[0] else UNIFORM_LANE)


cdef class Machine:
    """As those of autograd.program.interpreters, in arrays."""

    cdef object listing
    cdef dict codes

    def __init__(self, listing):
        global numpy
        import numpy

        refuse_custom(listing)
        self.listing, self.codes = listing, {}

    def __reduce__(self):
        return Machine, (self.listing,)

    cdef Code code(self, kind):
        """The program in C for one kind of run, made when it is first wanted."""
        if kind not in self.codes:
            listing = self.listing
            if kind == "values":
                listing = replace(listing, gradients=(), also=()).pruned()
            elif kind == "columns":
                listing = replace(listing, gradients=()).pruned()
            self.codes[kind] = Code(Plan(listing, kind == "sums"))
        return self.codes[kind]

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
        cdef Columns inputs = Columns(code.inputs), ends = Columns(1 + code.gradients + code.also)
        cdef Py_ssize_t n = table.count
        cdef double total = 0.0
        inputs.add(table.data, table.step, table.across, code.inputs)
        if kind == "sums":
            value = None
            ends.add(&total, 0, 0, 1)
            gradients = ends.array(code.gradients, code.gradients)
        else:
            value = ends.array(n, 1)
            gradients = ends.array((n, code.gradients), code.gradients)
        also = ends.array((n, code.also), code.also)
        code.run(parameters, inputs, ends, n, mean)
        return (total if value is None else value), gradients, also

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
        code.run(parameters, inputs, ends, n, False)
        return results
