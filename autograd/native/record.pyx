# cython: language_level=3, auto_pickle=False
"""Recording a program, compiled: to the last instruction what autograd.program.recording and the
sweep over its wires come to, many times sooner.

No derivative is written here, and no rule for the flows behind a choice. What a local derivative
comes to is recorded once, by the readable tape, for every operation and every pattern of operands,
and then repeated. Where a flow is more than a wire or a number, `autograd.flows` is asked. What is
out of the ordinary, a row of one's own, a node made by hand, a class made from Value, a graph that
was changed, is left to the readable recorder. The tutorials' Value is the same node, and recorded.
"""

from cpython.float cimport PyFloat_AS_DOUBLE, PyFloat_CheckExact
from cpython.object cimport PyObject
from libc.math cimport NAN
from libc.stdlib cimport calloc, free, qsort, realloc
from libc.string cimport memcmp, memcpy

from autograd.native.value cimport Node, is_node

from autograd.errors import unchecked
from autograd.flows import NOTHING, product, settled, total
from autograd.native import unpickled
from autograd.op import TABLE
from autograd.operand import Operand
from autograd.program.listing import Listing


cdef extern from "kernels.h":
    unsigned int TABLE_PRINT
    const char *ROW_NAMES
    enum:
        CODE_add, CODE_multiply, CODE_power
        CODES_COUNT "CODES"

cdef extern from "Python.h":
    Py_ssize_t PyTuple_GET_SIZE(PyObject *thing)
    PyObject *PyTuple_GET_ITEM(PyObject *thing, Py_ssize_t place)

cdef enum:
    LEAF = 0     # kinds of nodes, as in value.pyx
    MANY = -1
    A_LEAF = -1        # as the operation of a node
    A_FLOW = NONE + 1  # as what was received: a flow that is no wire and no number
    UNKNOWN = -2
    MOST = 1 << 30     # wires, or nodes

table_print = TABLE_PRINT  # what the kernels were printed from
ROWS = [TABLE[name] for name in ROW_NAMES.decode().split()]
CODES = {row: code for code, row in enumerate(ROWS)}


include "tape.pxi"


cdef struct Recipe:       # a local derivative, as instructions on y, a, b and c, which are 0 to 3
    int count
    int result
    Instruction *steps


cdef struct Turn:
    long long made
    PyObject *node


cdef int older_first(const void *one, const void *other) noexcept nogil:
    cdef long long a = (<const Turn *>one).made
    cdef long long b = (<const Turn *>other).made
    return (a > b) - (a < b)


cdef inline PyObject *operand(PyObject *node, int place) noexcept:
    """A Value or a float; NULL where there is none."""
    cdef PyObject *first = (<Node>node).a
    if (<Node>node).kind == LEAF:
        return NULL
    if (<Node>node).kind < LEAF:
        return PyTuple_GET_ITEM(first, place) if place < PyTuple_GET_SIZE(first) else NULL
    return first if place == 0 else (<Node>node).b if place == 1 else NULL


class OutOfTheOrdinary(Exception):
    pass


def recorded(ends, inputs):
    """The Listing of the ends, the first of which is the value, with its gradients; and the
    parameters. None where the readable recorder has to do it, or to say what is wrong."""
    try:
        with unchecked():
            return Recorder().listing(list(ends), list(inputs))
    except MemoryError:
        raise
    except Exception:  # whatever it is, the readable recorder meets it as well
        return None


cdef class Recorder:
    cdef PyObject **nodes     # in their order; a node's `mark` is its place
    cdef PyObject **waiting   # those whose operands have not been looked at
    cdef int count, waiting_count, of_the_first
    cdef size_t room
    cdef Instruction *graph   # what every node is: its operands are places of nodes, and constants
    cdef int *wires           # of every node
    cdef int *received        # its gradient so far: a wire, a constant, NONE or A_FLOW
    cdef int *arrived         # the nodes in the order in which something arrived first
    cdef int arrivals
    cdef unsigned char *is_on_the_way  # whether it is a parameter, or was made from one
    cdef list parameters
    cdef dict flows           # those that are no wires, by place
    cdef Tape tape
    cdef Recipe *recipes
    cdef int recipes_count, longest
    cdef int *made            # the wires of the recipe that is followed now
    cdef int of_wires[3 * CODES_COUNT]  # recipes by operation and position,
    cdef dict with_constants  # and by the constants among the operands, too

    def __cinit__(self):
        cdef int i
        self.flows, self.with_constants, self.parameters, self.tape = {}, {}, [], Tape()
        for i in range(3 * CODES_COUNT):
            self.of_wires[i] = UNKNOWN

    def __dealloc__(self):
        cdef int i
        for i in range(self.recipes_count):
            free(self.recipes[i].steps)
        free(self.recipes)
        free(self.made)
        self.forget_nodes()
        self.forget_graph()

    cdef void forget_nodes(self) noexcept:
        free(self.nodes)
        free(self.waiting)
        self.nodes = self.waiting = NULL

    cdef void forget_graph(self) noexcept:
        free(self.graph)
        free(self.wires)
        free(self.received)
        free(self.arrived)
        free(self.is_on_the_way)
        self.graph, self.wires, self.received, self.arrived = NULL, NULL, NULL, NULL
        self.is_on_the_way = NULL

    def listing(self, list ends, list inputs):
        cdef int i, count
        cdef list places = [None] * len(ends)
        self.read(ends, inputs, places)
        self.forget_nodes()
        self.forward()
        self.sweep()
        ends = [self.wires[i] for i in places]
        ends[1:1] = [
            0.0 if self.received[i] == NONE else self.tape.code.plain(self.received[i])
            for i in range(self.count)
            if self.graph[i].op == A_LEAF and self.wires[i] >= len(inputs)
        ]
        self.forget_graph()
        self.tape.forget()
        ends = self.tape.code.prune(self.tape.leaves, ends)
        count = len(self.parameters)
        return Listing(
            len(inputs), count, self.tape.code, ends[0], ends[1:1 + count], ends[1 + count:]
        ), self.parameters

    # The nodes

    cdef int read(self, list ends, list inputs, list places) except -1:
        """The only look at nodes. As soon as Python code runs, other threads may, and their sweeps
        mark the same nodes. So none runs in here, and no memory is taken for which Python would
        collect garbage."""
        cdef Py_ssize_t k
        cdef int i, wire
        cdef PyObject *leaf
        for k in range(len(ends)):
            if not is_node(<PyObject *>ends[k]):
                raise OutOfTheOrdinary
            self.find(<PyObject *>ends[k])
            places[k] = <int>(<Node>ends[k]).mark
            self.of_the_first = self.of_the_first or self.count
        self.graph = <Instruction *>room(self.count, sizeof(Instruction))
        self.wires = <int *>room(self.count, sizeof(int))
        for i in range(self.count):
            self.wires[i] = NONE
            self.graph[i] = self.instruction(self.nodes[i])
        for k in range(len(inputs)):
            leaf = <PyObject *>inputs[k]
            if is_node(leaf) and self.is_here(leaf):
                self.wires[(<Node>leaf).mark] = <int>k
        wire = <int>len(inputs)
        for i in range(self.count):
            if self.graph[i].op == A_LEAF and self.wires[i] == NONE:
                self.wires[i] = wire
                self.parameters.append(<object>self.nodes[i])
                wire += 1
        self.tape.leaves = wire

    cdef int find(self, PyObject *end) except -1:
        """What an end was made from and is not there yet, behind what is, the oldest first."""
        cdef int i, first = self.count
        cdef PyObject *node
        cdef PyObject *x
        if self.is_here(end):
            return 0
        self.place(end)
        while self.waiting_count:
            self.waiting_count -= 1  # the youngest first: its parents are likely close in memory
            node = self.waiting[self.waiting_count]
            for i in range(3):
                x = operand(node, i)
                if x == NULL:
                    break
                if not is_node(x):
                    if not PyFloat_CheckExact(<object>x):
                        raise OutOfTheOrdinary
                elif (<Node>x).made >= (<Node>node).made:
                    raise OutOfTheOrdinary  # the graph is stale
                elif not self.is_here(x):
                    self.place(x)
        self.sort(first)

    cdef bint is_here(self, PyObject *node) noexcept:
        cdef unsigned int mark = (<Node>node).mark
        return mark < <unsigned int>self.count and self.nodes[mark] == node

    cdef int place(self, PyObject *node) except -1:
        cdef size_t wanted
        if <size_t>self.count == self.room:
            wanted = 2 * self.room + 1024
            if wanted > MOST:
                raise MemoryError
            self.nodes = <PyObject **>resized(self.nodes, wanted * sizeof(PyObject *))
            self.waiting = <PyObject **>resized(self.waiting, wanted * sizeof(PyObject *))
            self.room = wanted
        self.nodes[self.count] = node
        (<Node>node).mark = self.count
        self.count += 1
        if (<Node>node).kind != LEAF:
            self.waiting[self.waiting_count] = node
            self.waiting_count += 1

    cdef int sort(self, int first) except -1:
        cdef long long least = (<Node>self.nodes[first]).made, most = least, span, made
        cdef int i, place = first, count = self.count - first
        cdef PyObject **places
        cdef Turn *turns
        for i in range(first, self.count):
            made = (<Node>self.nodes[i]).made
            least, most = min(least, made), max(most, made)
        span = most - least + 1
        if span < 8 * <long long>count + 64:  # most that were made in that time are there
            places = <PyObject **>room(span, sizeof(PyObject *))
            for i in range(first, self.count):
                places[(<Node>self.nodes[i]).made - least] = self.nodes[i]
            for made in range(span):
                if places[made] != NULL:
                    self.nodes[place] = places[made]
                    place += 1
            free(places)
            if place < self.count:  # somebody has set a serial that there was already
                raise OutOfTheOrdinary
        else:
            turns = <Turn *>room(count, sizeof(Turn))
            for i in range(count):
                turns[i].node = self.nodes[first + i]
                turns[i].made = (<Node>turns[i].node).made
            qsort(turns, count, sizeof(Turn), older_first)
            for i in range(count):
                self.nodes[first + i] = turns[i].node
            free(turns)
        for i in range(first, self.count):
            (<Node>self.nodes[i]).mark = i

    cdef Instruction instruction(self, PyObject *node) except *:
        """What a node is, as integers."""
        cdef Instruction found = Instruction((<Node>node).kind - 1, NONE, NONE, NONE)
        cdef PyObject *x
        cdef int i
        if (<Node>node).kind < LEAF:
            code = CODES.get(<object>(<Node>node).b) if (<Node>node).kind == MANY else None
            if code is None:
                raise OutOfTheOrdinary
            found.op = code
        for i in range(3):
            x = operand(node, i)
            if x == NULL:
                break
            (&found.a)[i] = <int>(<Node>x).mark if is_node(x) else self.tape.constant(
                PyFloat_AS_DOUBLE(<object>x)
            )
        return found

    # Forward and backward

    cdef inline int wire(self, int x) noexcept:
        """The wire of an operand of a node, or the constant."""
        return self.wires[x] if x >= 0 else x

    cdef int forward(self) except -1:
        """The instructions of all nodes."""
        cdef int i, k, x
        cdef Instruction *node
        cdef Py_ssize_t inputs = self.tape.leaves - len(self.parameters)
        self.tape.reserve(2 * <size_t>self.count)  # what is not used is never touched
        self.is_on_the_way = <unsigned char *>room(self.count, 1)
        for i in range(self.count):
            node = &self.graph[i]
            if node.op == A_LEAF:
                self.is_on_the_way[i] = self.wires[i] >= inputs
                continue
            self.wires[i] = self.tape.emit(
                node.op, self.wire(node.a), self.wire(node.b), self.wire(node.c)
            )
            for k in range(3):
                x = (&node.a)[k]
                if x >= 0 and self.is_on_the_way[x]:
                    self.is_on_the_way[i] = True

    cdef int sweep(self) except -1:
        """The chain rule along every edge on the way to a parameter, from the youngest node on."""
        cdef int i, k, x
        cdef int xs[3]
        cdef Instruction *node
        self.received = <int *>room(self.count, sizeof(int))
        self.arrived = <int *>room(self.count, sizeof(int))
        for i in range(self.count):
            self.received[i] = NONE
        i = self.of_the_first - 1
        self.received[i], self.arrived[0], self.arrivals = self.tape.one, i, 1
        for i in range(self.of_the_first - 1, -1, -1):
            node = &self.graph[i]
            if node.op == A_LEAF or not self.is_on_the_way[i]:
                continue
            for k in range(3):
                xs[k] = self.wire((&node.a)[k])
            for k in range(3):
                x = (&node.a)[k]
                if x >= 0 and self.is_on_the_way[x]:
                    self.flow(i, node.op, k, xs, x)
        for i in range(self.arrivals):
            k = self.arrived[i]
            if self.received[k] == A_FLOW:
                self.received[k] = self.tape.number(settled(self.flows[k]))

    cdef int flow(
        self, int node, int code, int position, int *xs, int parent
    ) except -1:
        """What flows along an edge, added to what has arrived at the parent."""
        cdef int recipe = self.recipe(code, position, xs), flow
        cdef int up = self.received[node], so_far = self.received[parent]
        if so_far == NONE:
            self.arrived[self.arrivals] = parent
            self.arrivals += 1
        if recipe < 0 or up == A_FLOW or so_far == A_FLOW:
            return self.flow_in_words(node, recipe, code, position, xs, parent)
        flow = self.product(up, self.followed(recipe, self.wires[node], xs))
        self.received[parent] = flow if so_far == NONE else self.total(so_far, flow)

    cdef inline int product(self, int up, int slope) except NONE:
        """As flows.product has it."""
        cdef double a, b, flow
        if up == self.tape.one:
            return slope
        if up < 0:
            a = self.tape.code.constants[~up]
            if a == 0 and slope >= 0:
                return self.tape.constant(0.0)
            if slope < 0 and slope != self.tape.one:
                b = self.tape.code.constants[~slope]
                flow = a * b
                if a == 0 and b == b and flow != flow:
                    flow = 0.0
                return self.tape.constant(flow)
        if slope == self.tape.one:
            return up
        if slope < 0 and self.tape.code.constants[~slope] == 0:
            return self.tape.constant(0.0)
        return self.tape.emit(CODE_multiply, up, slope, NONE)

    cdef inline int total(self, int so_far, int flow) except NONE:
        if so_far < 0 and flow < 0:
            return self.tape.constant(
                self.tape.code.constants[~so_far] + self.tape.code.constants[~flow]
            )
        return self.tape.emit(CODE_add, so_far, flow, NONE)

    cdef int flow_in_words(
        self, int node, int recipe, int code, int position, int *xs, int parent
    ) except -1:
        """The same, as autograd.flows does it: for flows behind a choice that is recorded."""
        upstream, flow, y = self.received_by(node), NOTHING, self.wires[node]
        if upstream is not NOTHING:
            if recipe < 0:
                args = [self.tape.operand(xs[i]) for i in range(3) if xs[i] != NONE]
                slope = ROWS[code].slope(position, self.tape.operand(y), args)
            else:
                slope = self.tape.operand(self.followed(recipe, y, xs))
            flow = product(upstream, slope, None, None)
        if self.received[parent] != NONE:
            flow = total(self.received_by(parent), flow, None)
        if isinstance(flow, (Wire, float)):
            self.received[parent] = self.tape.number(flow)
        else:
            self.received[parent], self.flows[parent] = A_FLOW, flow

    cdef object received_by(self, int node):
        cdef int flow = self.received[node]
        return self.flows[node] if flow == A_FLOW else self.tape.operand(flow)

    # Local derivatives

    cdef int recipe(self, int code, int position, int *xs) except -2:
        """The place of the recipe for a local derivative; -1 if it depends on a choice."""
        cdef int i, place = 3 * code + position, found = self.of_wires[place]
        cdef int wires[3]
        if found == UNKNOWN:
            for i in range(3):
                wires[i] = NONE if xs[i] == NONE else 0
            found = self.of_wires[place] = self.new_recipe(code, position, wires)
        if xs[0] >= 0 and (xs[1] >= 0 or xs[1] == NONE) and (xs[2] >= 0 or xs[2] == NONE):
            return found
        if found >= 0 and self.recipes[found].count == 0:
            return found  # one of the operands, as in w · 0.5, whether it is a number or not
        key = (place, *[xs[i] if xs[i] < 0 else 0 for i in range(3)])
        if key not in self.with_constants:
            self.with_constants[key] = self.new_recipe(code, position, xs)
        return self.with_constants[key]

    cdef int new_recipe(self, int code, int position, int *xs) except -2:
        cdef int i
        cdef Recipe *recipe
        instructions, slope = slope_of(
            ROWS[code], position,
            tuple([None if xs[i] >= 0 else self.tape.code.plain(xs[i])
                   for i in range(3) if xs[i] != NONE]),
        )
        if not isinstance(slope, (int, float)):
            return -1
        self.recipes = <Recipe *>resized(self.recipes, (self.recipes_count + 1) * sizeof(Recipe))
        recipe = &self.recipes[self.recipes_count]
        recipe.count, recipe.steps = 0, NULL
        self.recipes_count += 1
        recipe.steps = <Instruction *>room(len(instructions), sizeof(Instruction))
        for op, args in instructions:
            recipe.steps[recipe.count] = Instruction(CODES[op], NONE, NONE, NONE)
            for i, arg in enumerate(args):
                (&recipe.steps[recipe.count].a)[i] = self.of_recipe(arg)
            recipe.count += 1
        recipe.result = self.of_recipe(slope)
        self.made = <int *>resized(self.made, (4 + recipe.count + self.longest) * sizeof(int))
        self.longest = max(self.longest, recipe.count)
        return self.recipes_count - 1

    cdef int of_recipe(self, x) except NONE:
        return x if isinstance(x, int) else self.tape.constant(x)

    cdef int followed(self, int number, int y, int *xs) except NONE:
        """The local derivative that a recipe comes to."""
        cdef Recipe *recipe = &self.recipes[number]
        cdef Instruction *step
        cdef int *made = self.made
        cdef int i, k
        cdef int args[3]
        made[0], made[1], made[2], made[3] = y, xs[0], xs[1], xs[2]
        for i in range(recipe.count):
            step = &recipe.steps[i]
            for k in range(3):
                args[k] = made[(&step.a)[k]] if (&step.a)[k] >= 0 else (&step.a)[k]
            made[4 + i] = self.tape.emit(step.op, args[0], args[1], args[2])
        return made[recipe.result] if recipe.result >= 0 else recipe.result


def slope_of(row, position, constants):
    """The local derivative as the readable tape records it: instructions on y, a, b and c, which
    are the wires 0 to 3, and the result. `constants` are the operands, None for a wire."""
    from autograd.program import recording  # which imports this module

    tape = recording.Tape(4)
    args = [recording.Wire(tape, i) if x is None else x for i, x in enumerate(constants, 1)]
    slope = row.slope(position, recording.Wire(tape, 0), args)
    tape.forget()
    return tape.instructions, slope.index if isinstance(slope, recording.Wire) else slope
