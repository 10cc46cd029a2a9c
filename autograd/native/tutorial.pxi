# The Value of micrograd's tutorials, as a part of value.pyx: the same node with other defaults. Its
# `grad` starts at 0 and may be anything, plain numbers become Values as well, and any attribute can
# be set. What is not done a million times is in autograd/micrograd/__init__.py.
#
# A `_backward` of one's own holds its node, which makes a cycle; so a node is tracked by the cycle
# collector from its first attribute on. Most have none.

cdef enum:
    NO_GRADIENT = 0  # as what `has_gradient` says: 0, a float, or an object among the attributes
    A_FLOAT = 1
    AN_OBJECT = 2

cdef PyTypeObject *TUTORIAL = NULL  # the class, see `compiled_tutorial`
cdef object readable_tutorial = None
cdef object plain = None  # makes a float of what counts as a number in the tutorials


cdef class TutorialNode(Node):
    cdef PyObject *attributes  # a dict, or NULL; at the end, where `__dictoffset__` points

    def __init__(
        self, data, _children=(), _op="", label="", *, _prev=(), children=(), local_grads=()
    ):
        if PyFloat_CheckExact(data) and (
            _children is () and _op == "" and _prev is () and children is () and local_grads is ()
        ):
            self.label = label
            begin(self, data)
            return
        readable_tutorial.__init__(
            self, data, _children, _op, label,
            _prev=_prev, children=children, local_grads=local_grads,
        )

    @property
    def data(self):
        return self.number_held

    @data.setter
    def data(self, data):  # all that was computed from it is stale now; it stays a result, if it is
        self.number_held = data if PyFloat_CheckExact(data) else plain(data, "Value")
        number(self)

    @property
    def grad(self):
        if self.has_gradient == NO_GRADIENT:
            return 0
        return self.gradient if self.has_gradient == A_FLOAT else self.__dict__["grad"]

    @grad.setter
    def grad(self, gradient):
        if PyFloat_CheckExact(gradient):
            self.gradient = gradient
            self.has_gradient = A_FLOAT
        elif PyLong_CheckExact(gradient) and gradient == 0:
            self.has_gradient = NO_GRADIENT
        else:
            self.__dict__["grad"] = gradient
            self.has_gradient = AN_OBJECT

    @property
    def _text(self):
        """The name of the operation, where its row does not say it."""
        if self.attributes != NULL and "_text" in <dict>self.attributes:
            return (<dict>self.attributes)["_text"]
        if self.kind == CODE_power + 1 and PyFloat_CheckExact(<object>self.b):
            exponent = <object>self.b
            return f"**{int(exponent) if self.is_whole else exponent}"
        return None

    @_text.setter
    def _text(self, text):
        self.__dict__["_text"] = text

    def become(self, op, tuple args):
        """The result of an operation on these args, in place of a leaf."""
        made_by(self, op, args)

    def apply(self, op, tuple args):
        code = CODES.get(op)
        if code is not None:
            if len(args) == 1:
                return unary(code, args[0], op)
            if len(args) == 2:
                return binary(code, args[0], args[1], op)
        return readable_tutorial.apply(self, op, args)

    def backward(self, *, gradient=1.0):
        cdef double start = plain(gradient, "backward")
        done = False
        with commit:
            done = swept(self, start)
        if not done:
            readable_tutorial.backward(self, gradient=gradient)


cdef inline bint is_tutorial(PyObject *operand) noexcept:
    return Py_TYPE(operand) == TUTORIAL


cdef inline bint is_whole(PyObject *operand, double *number) noexcept:
    """Whether it is an int that a float holds, and that float."""
    if not PyLong_CheckExact(<object>operand):
        return False
    number[0] = PyLong_AsDouble(operand)
    if number[0] == -1.0 and PyErr_Occurred() != NULL:
        PyErr_Clear()  # an int of a thousand digits: the readable engine says so
        return False
    return True


cdef object tutorial_leaf(double data):
    return made_as(TUTORIAL, LEAF, data, NULL, NULL)


cdef object tutorial_result(int code, double y, object left, object right, double a, double b):
    """The node of an operation, whose plain numbers become Values; but for an exponent, and a base
    of 0, which has no logarithm."""
    cdef bint whole = False
    if not is_recording():
        return tutorial_leaf(y)
    if not isinstance(left, Node):
        left = a if code == CODE_power and a == 0 else tutorial_leaf(a)
    if right is not None and not isinstance(right, Node):
        whole = PyLong_CheckExact(right)
        right = b if code == CODE_power else tutorial_leaf(b)
    node = <Node>made_as(
        TUTORIAL, code + 1, y, <PyObject *>left, NULL if right is None else <PyObject *>right
    )
    node.is_whole = whole
    return node


def tutorial_node_of(op, args, data):
    """The node of an operation that has been computed, for the readable engine."""
    node = tutorial_leaf(data)
    if op is not None:
        made_by(node, op, tuple(args))
    return node


# As objects of Python

cdef extern from "Python.h":
    ctypedef int (*visitproc)(PyObject *thing, void *arg)
    PyObject *_PyObject_GC_New(PyTypeObject *kind)
    void PyObject_GC_Track(void *thing)
    void PyObject_GC_UnTrack(void *thing)
    int PyObject_GC_IsTracked(PyObject *thing)
    int PyObject_GenericSetAttr(PyObject *thing, PyObject *name, PyObject *value)
    PyObject *PyObject_GenericGetDict(PyObject *thing, void *context)
    int PyObject_GenericSetDict(PyObject *thing, PyObject *value, void *context)
    double PyLong_AsDouble(PyObject *whole)
    PyObject *PyErr_Occurred()
    void PyErr_Clear()
    int Py_tp_new, Py_tp_traverse, Py_tp_clear, Py_tp_setattro, Py_tp_getset, Py_tp_members
    int T_PYSSIZET, READONLY
    unsigned int Py_TPFLAGS_HAVE_GC

    ctypedef struct PyMemberDef:
        const char *name
        int type
        Py_ssize_t offset
        int flags

    ctypedef struct GetSet "PyGetSetDef":
        const char *name
        PyObject *(*get)(PyObject *, void *)
        int (*set)(PyObject *, PyObject *, void *)

cdef extern from "structmember.h":
    pass


cdef PyObject *tutorial_new(PyTypeObject *kind, PyObject *args, PyObject *more) noexcept:
    """`tp_new`. Classes made from it in Python have a `tp_alloc` of their own."""
    return kind.tp_alloc(kind, 0)


cdef PyObject *tutorial_allocated(PyTypeObject *kind, Py_ssize_t items) noexcept:
    """`tp_alloc` of the class: an object that the collector does not track."""
    cdef PyObject *node
    if kind == TUTORIAL and of_tutorials.count:
        of_tutorials.count -= 1
        node = of_tutorials.kept[of_tutorials.count]
        PyObject_Init(node, kind)
    else:
        node = _PyObject_GC_New(kind)
        if node == NULL:
            return NULL
    memset(<char *>node + sizeof(PyObject), 0, kind.tp_basicsize - sizeof(PyObject))
    return node


cdef void tutorial_deallocated(PyObject *node) noexcept:
    cdef PyObject *attributes = (<TutorialNode>node).attributes
    PyObject_GC_UnTrack(node)
    (<TutorialNode>node).attributes = NULL
    Py_XDECREF(attributes)
    deallocated(node)


cdef int tutorial_traversed(PyObject *node, visitproc visit, void *arg) noexcept:
    cdef int found = visit(<PyObject *>Py_TYPE(node), arg)
    if found == 0 and (<Node>node).a != NULL:
        found = visit((<Node>node).a, arg)
    if found == 0 and (<Node>node).b != NULL:
        found = visit((<Node>node).b, arg)
    if found == 0 and (<TutorialNode>node).attributes != NULL:
        found = visit((<TutorialNode>node).attributes, arg)
    return found


cdef int tutorial_cleared(PyObject *node) noexcept:
    """What cycles lead through: operands alone make none."""
    cdef PyObject *attributes = (<TutorialNode>node).attributes
    (<TutorialNode>node).attributes = NULL
    Py_XDECREF(attributes)
    return 0


cdef int set_attribute(PyObject *node, PyObject *name, PyObject *value) noexcept:
    cdef int done = PyObject_GenericSetAttr(node, name, value)
    if (<TutorialNode>node).attributes != NULL and not PyObject_GC_IsTracked(node):
        PyObject_GC_Track(node)
    return done


cdef PyObject *attributes_of(PyObject *node, void *context) noexcept:
    if not PyObject_GC_IsTracked(node):
        PyObject_GC_Track(node)  # who asks for them may put something in
    return PyObject_GenericGetDict(node, context)


cdef PyMemberDef[2] tutorial_members
cdef GetSet[2] tutorial_getset


def compiled_tutorial(readable, as_plain):
    """The tutorials' Value and the maker of its nodes, compiled."""
    global TUTORIAL, readable_tutorial, plain
    cdef PyType_Slot[9] slots
    cdef PyType_Spec spec
    readable_tutorial, plain = readable, as_plain
    memset(slots, 0, sizeof(slots))
    memset(tutorial_members, 0, sizeof(tutorial_members))
    memset(tutorial_getset, 0, sizeof(tutorial_getset))
    tutorial_members[0].name = b"__dictoffset__"
    tutorial_members[0].type = T_PYSSIZET
    tutorial_members[0].flags = READONLY
    tutorial_members[0].offset = (
        (<PyTypeObject *>TutorialNode).tp_basicsize - <Py_ssize_t>sizeof(PyObject *)
    )
    tutorial_getset[0].name = b"__dict__"
    tutorial_getset[0].get = attributes_of
    tutorial_getset[0].set = PyObject_GenericSetDict
    for i, (slot, function) in enumerate((
        (Py_tp_new, <size_t><void *>tutorial_new),
        (Py_tp_alloc, <size_t><void *>tutorial_allocated),
        (Py_tp_dealloc, <size_t><void *>tutorial_deallocated),
        (Py_tp_traverse, <size_t><void *>tutorial_traversed),
        (Py_tp_clear, <size_t><void *>tutorial_cleared),
        (Py_tp_setattro, <size_t><void *>set_attribute),
        (Py_tp_members, <size_t><void *>tutorial_members),
        (Py_tp_getset, <size_t><void *>tutorial_getset),
    )):
        slots[i].slot = slot
        slots[i].pfunc = <void *><size_t>function
    memset(&spec, 0, sizeof(spec))
    spec.name = b"autograd.micrograd.Value"
    spec.flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC
    spec.slots = slots
    kind = PyType_FromSpecWithBases(&spec, (TutorialNode, *readable.__bases__))
    clothe(kind, readable, {**vars(Node), **vars(TutorialNode)})
    TUTORIAL = <PyTypeObject *>kind
    Py_INCREF(kind)  # for as long as there are nodes
    return kind, tutorial_node_of
