# cython: language_level=3, c_api_binop_methods=True, auto_pickle=False
"""The storage of a Value, its arithmetic, and the sweep over floats, compiled.

Only what is done a million times is here. Whatever is out of the ordinary, a number that is not
finite, a row of one's own, an operand that is no float, a graph that was changed, is left to the
readable engine, which knows what to do or to say. So this file has no error messages.

Nodes are not tracked by the cycle collector, which would cost five times the rest: an operation's
operands cannot be changed, so nodes make no cycles. (A subclass with attributes could, by keeping
what was made from it: such a cycle is never collected.)
"""

from cpython.float cimport PyFloat_AS_DOUBLE, PyFloat_Check, PyFloat_CheckExact
from cpython.long cimport PyLong_CheckExact
from cpython.object cimport PyObject
from cpython.ref cimport Py_DECREF, Py_INCREF, Py_XDECREF, Py_XINCREF
from libc.math cimport NAN, isfinite
from libc.stdlib cimport calloc, free, labs, malloc, qsort, realloc
from libc.string cimport memset

from array import array
from sys import intern
from inspect import signature
from types import GetSetDescriptorType, MemberDescriptorType, WrapperDescriptorType

from autograd.op import TABLE
from autograd.operand import real


cdef extern from "kernels.h":
    unsigned int TABLE_PRINT
    const char *ROW_NAMES
    enum:
        CODE_add, CODE_subtract, CODE_multiply, CODE_divide, CODE_power, CODE_negative
        CODE_absolute
    double value_of(int code, double a, double b, double c) nogil
    double slope_of(int code, int position, double y, double a, double b, double c) nogil

cdef extern from "Python.h":
    int PyContextVar_Get(object variable, PyObject *default, PyObject **value) except -1
    ctypedef struct PyTypeObject:
        Py_ssize_t tp_basicsize
        void (*tp_free)(void *)
        PyObject *(*tp_alloc)(PyTypeObject *kind, Py_ssize_t items)
    PyTypeObject *Py_TYPE(PyObject *thing)
    Py_ssize_t PyTuple_GET_SIZE(PyObject *thing)
    PyObject *PyTuple_GET_ITEM(PyObject *thing, Py_ssize_t place)
    void *PyObject_Malloc(size_t size)
    PyObject *PyObject_Init(PyObject *memory, PyTypeObject *kind)
    void PyObject_ClearWeakRefs(PyObject *thing)
    PyObject *PyErr_NoMemory()
    int Py_tp_alloc
    int Py_tp_dealloc
    Py_ssize_t Py_REFCNT(PyObject *thing)
    PyObject *Py_True
    unsigned int Py_TPFLAGS_DEFAULT
    unsigned int Py_TPFLAGS_BASETYPE

    ctypedef struct PyType_Slot:
        int slot
        void *pfunc

    ctypedef struct PyType_Spec:
        const char *name
        int basicsize
        int itemsize
        unsigned int flags
        PyType_Slot *slots

    object PyType_FromSpecWithBases(PyType_Spec *spec, object bases)
    const char *PyUnicode_AsUTF8(object text) except NULL

    ctypedef struct PyGetSetDef:
        const char *doc

    ctypedef struct PyGetSetDescrObject:
        PyGetSetDef *d_getset

cdef enum:
    LEAF = 0       # the kinds of a node that are no code of a row, plus 1
    MANY = -1      # a holds all operands in a tuple, b the row
    BY_HAND = -2   # in the tutorials: a holds the children in a tuple, b its own _backward, if any
    KEPT = 262144  # nodes whose memory is kept at most: 20 MB
    NEAR = 16384   # bytes
    PAGES = 16384

ROWS = [TABLE[name] for name in ROW_NAMES.decode().split()]
CODES = {row: code for code, row in enumerate(ROWS)}
table_print = TABLE_PRINT  # what the kernels were printed from

cdef PyTypeObject *VALUE = NULL  # the class of all nodes, see `compiled`
cdef object recording = None     # the context variable of no_grad
cdef object readable_class = None
cdef object commit = None        # the lock that is held while gradients are written
cdef long long made = 0          # nodes are numbered in the order in which they are made


cdef class Node:
    """What a Value holds, and what it does all day."""

    def __init__(self, data, label=""):
        self.label = label
        begin(self, data if PyFloat_CheckExact(data) else real(data, "Value"))

    # The same attributes and methods as those of the readable class, which describes them.

    @property
    def data(self):
        return self.number_held

    @data.setter
    def data(self, data):
        if self.kind != LEAF:
            readable_class.data.fset(self, data)  # which raises
        self.number_held = data if PyFloat_CheckExact(data) else real(data, "Value")
        number(self)

    @property
    def _data(self):
        return self.number_held

    @property
    def grad(self):
        return self.gradient if self.has_gradient else None

    @grad.setter
    def grad(self, gradient):
        if gradient is not None:
            if not PyFloat_CheckExact(gradient):
                gradient = real(gradient, f"the gradient of {self.label or 'a value'}")
            self.gradient = gradient
        self.has_gradient = gradient is not None

    @property
    def label(self):
        return "" if self.name == NULL else <object>self.name

    @label.setter
    def label(self, label):
        if not isinstance(label, str):
            readable_class.label.fset(self, label)  # which raises
        keep(&self.name, label)

    @property
    def serial(self):
        return self.made

    @serial.setter
    def serial(self, long long serial):
        self.made = serial

    @property
    def op(self):
        if self.kind == BY_HAND:
            settle(self)
        if self.kind == LEAF:
            return None
        return <object>self.b if self.kind == MANY else ROWS[self.kind - 1]

    @property
    def args(self):
        if self.kind == LEAF:
            return ()
        if self.kind < LEAF:
            return <object>self.a
        return (<object>self.a,) if self.b == NULL else (<object>self.a, <object>self.b)

    @property
    def parents(self):
        return tuple([arg for arg in self.args if isinstance(arg, Node)])

    # Recording.

    def __add__(left, right):
        return binary(CODE_add, left, right)

    def __sub__(left, right):
        return binary(CODE_subtract, left, right)

    def __mul__(left, right):
        return binary(CODE_multiply, left, right)

    def __truediv__(left, right):
        return binary(CODE_divide, left, right)

    def __pow__(left, right, modulus):
        if modulus is not None:
            return NotImplemented
        return binary(CODE_power, left, right)

    def __neg__(self):
        return unary(CODE_negative, self)

    def __abs__(self):
        return unary(CODE_absolute, self)

    def apply(self, op, tuple args):
        code = CODES.get(op)
        if code is not None:
            if len(args) == 1:
                return unary(code, args[0], op)
            if len(args) == 2:
                return binary(code, args[0], args[1], op)
        return readable_class.apply(self, op, args)

    def backward(self, gradient=1.0):
        cdef double start = real(gradient, "backward")
        done = False
        with commit:
            done = swept(self, start)
        if not done:
            readable_class.backward(self, gradient)


cdef inline void begin(Node node, double data):
    node.number_held = data
    node.has_gradient = False
    if node.kind != LEAF:  # somebody calls __init__ on the result of an operation
        forget_operands(<PyObject *>node)
        node.kind = LEAF
    number(node)


cdef inline void number(Node node) noexcept:
    global made
    node.made = made
    made += 1


cdef inline void keep(PyObject **place, object thing) noexcept:
    cdef PyObject *before = place[0]
    Py_INCREF(thing)
    place[0] = <PyObject *>thing
    Py_XDECREF(before)


cdef inline bint is_recording() except -1:
    cdef PyObject *value = NULL
    PyContextVar_Get(recording, NULL, &value)
    Py_DECREF(<object>value)
    return value == Py_True


cdef inline object recorded(int kind, double data, PyObject *a, PyObject *b):
    """The node of an operation that has been computed, or a leaf without operands."""
    return made_as(VALUE, kind, data, a, b)


cdef inline object made_as(PyTypeObject *type, int kind, double data, PyObject *a, PyObject *b):
    cdef PyObject *made = new_node() if type == VALUE else type.tp_alloc(type, 0)
    if made == NULL:
        raise MemoryError
    node = <Node>made
    Py_DECREF(node)  # the name holds a reference of its own
    node.kind = kind
    node.number_held = data
    node.a = a
    node.b = b
    Py_XINCREF(a)
    Py_XINCREF(b)
    number(node)
    return node


cdef inline bint has_number(PyObject *operand, double *number) noexcept:
    """Its number, if it is a Value or a float, and nothing that only resembles one."""
    if Py_TYPE(operand) == VALUE:
        number[0] = (<Node>operand).number_held
        return True
    if PyFloat_CheckExact(<object>operand):
        number[0] = PyFloat_AS_DOUBLE(<object>operand)
        return True
    if is_tutorial(operand):
        number[0] = (<Node>operand).number_held
        return True
    return False


cdef bint is_node(PyObject *operand) noexcept:
    """Whether it is a Value of ours, and nothing that is made from one."""
    return Py_TYPE(operand) == VALUE or is_tutorial(operand)


cdef inline object binary(int code, object left, object right, object op=None):
    cdef double a, b, y
    if is_tutorial(<PyObject *>left) or is_tutorial(<PyObject *>right):
        if (
            (has_number(<PyObject *>left, &a) or is_whole(<PyObject *>left, &a))
            and (has_number(<PyObject *>right, &b) or is_whole(<PyObject *>right, &b))
        ):
            y = value_of(code, a, b, 0)
            if isfinite(y):
                return tutorial_result(code, y, left, right, a, b)
    elif has_number(<PyObject *>left, &a) and has_number(<PyObject *>right, &b):
        y = value_of(code, a, b, 0)
        if isfinite(y):
            if is_recording():
                return recorded(code + 1, y, <PyObject *>left, <PyObject *>right)
            return recorded(LEAF, y, NULL, NULL)  # inside no_grad
    return out_of_the_ordinary(code, (left, right), op)


cdef inline object unary(int code, object operand, object op=None):
    cdef double a, y
    if has_number(<PyObject *>operand, &a):
        y = value_of(code, a, 0, 0)
        if isfinite(y):
            if is_tutorial(<PyObject *>operand):
                return tutorial_result(code, y, operand, None, a, 0)
            if is_recording():
                return recorded(code + 1, y, <PyObject *>operand, NULL)
            return recorded(LEAF, y, NULL, NULL)  # inside no_grad
    return out_of_the_ordinary(code, (operand,), op)


cdef object out_of_the_ordinary(int code, tuple args, object op):
    """With ints, and numbers that are floats to Python, such as NumPy's, as floats; and all else as
    the readable engine has it. `op` is None when the operands have not been asked what they make
    of it."""
    if any([is_other_number(arg) for arg in args]):
        try:
            return ROWS[code](*[float(arg) if is_other_number(arg) else arg for arg in args])
        except OverflowError:  # an int of a thousand digits: the readable engine says so
            pass
    if op is None:
        return ROWS[code](*args)
    for arg in args:
        if isinstance(arg, TutorialNode):
            return readable_tutorial.apply(arg, op, args)
    for arg in args:
        if isinstance(arg, Node):
            return readable_class.apply(arg, op, args)


cdef bint is_other_number(object arg):
    return PyLong_CheckExact(arg) or (PyFloat_Check(arg) and not PyFloat_CheckExact(arg))


def node_of(op, args, data):
    """The node of an operation that has been computed, for the readable engine."""
    node = recorded(LEAF, data, NULL, NULL)
    made_by(node, op, tuple(args))
    return node


cdef void made_by(Node node, object op, tuple args):
    """A leaf, or what was something else, as the result of an operation."""
    forget_operands(<PyObject *>node)
    code = CODES.get(op)
    if code is None or len(args) > 2:
        node.kind = MANY
        keep(&node.a, args)
        keep(&node.b, op)
        return
    node.kind = code + 1
    keep(&node.a, args[0])
    if len(args) == 2:
        keep(&node.b, args[1])


include "memory.pxi"


include "tutorial.pxi"


include "by_hand.pxi"


include "sweep.pxi"


include "bulk.pxi"


def compiled(readable, context_variable, lock):
    """The class Value, and the maker of its nodes, that take the place of the readable ones.

    What is not storage is the readable class's own.
    """
    global VALUE, recording, readable_class, commit
    recording, commit, readable_class = context_variable, lock, readable
    kind = untracked_class((Node, *readable.__bases__))
    clothe(kind, readable, vars(Node))
    VALUE = <PyTypeObject *>kind
    Py_INCREF(kind)  # for as long as there are nodes
    return kind, node_of


cdef object clothe(object kind, object readable, object mine):
    """Give a class what the readable one has, and the docstrings of that to what is compiled."""
    kind.__signature__ = OfOneClass(kind, signature(readable))
    for name, thing in vars(readable).items():
        if name == "__doc__" or not (
            name in mine
            or name in ("__dict__", "__slots__", "__weakref__", "__del__")
            or isinstance(thing, MemberDescriptorType)
        ):
            setattr(kind, name, thing)
        elif name in mine and thing.__doc__:
            describe(mine[name], thing.__doc__)


class OfOneClass:
    """An attribute of a class that those made from it do not have."""

    def __init__(self, kind, held):
        self.kind, self.held = kind, held

    def __get__(self, instance, kind):
        if kind is not self.kind:
            raise AttributeError
        return self.held


cdef void describe(object mine, object doc):
    """Give an attribute the docstring of the readable class's, which is kept for good."""
    if isinstance(mine, GetSetDescriptorType):
        Py_INCREF(doc)
        (<PyGetSetDescrObject *>mine).d_getset.doc = PyUnicode_AsUTF8(doc)
    elif not isinstance(mine, WrapperDescriptorType):  # Python has words of its own for operators
        mine.__doc__ = doc


cdef object untracked_class(tuple bases):
    """A class in Python whose instances the cycle collector does not track: a `class` statement
    cannot make one, whatever its bases."""
    cdef PyType_Slot[3] slots
    cdef PyType_Spec spec
    memset(slots, 0, sizeof(slots))
    slots[0].slot = Py_tp_alloc
    slots[0].pfunc = <void *>allocated
    slots[1].slot = Py_tp_dealloc
    slots[1].pfunc = <void *>deallocated
    memset(&spec, 0, sizeof(spec))
    spec.name = b"autograd.value.Value"
    spec.flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE
    spec.slots = slots
    return PyType_FromSpecWithBases(&spec, bases)
