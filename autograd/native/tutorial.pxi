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
    MOST_PARENTS = 16  # of a node made by hand whose function is asked here

cdef PyTypeObject *TUTORIAL = NULL  # the class, see `compiled_tutorial`
cdef object readable_tutorial = None
cdef object custom = None
cdef object probed = None
cdef object plain = None


cdef class TutorialNode(Node):
    cdef PyObject *text        # the name of the operation, where its row does not say it
    cdef PyObject *slopes      # of what was made by hand, a tuple of floats, once they are known
    cdef PyObject *attributes  # a dict, or NULL; at the end, where `__dictoffset__` points

    def __init__(
        self, data, _children=(), _op="", label="", *, _prev=(), children=(), local_grads=()
    ):
        if PyFloat_CheckExact(data) and _prev is () and children is () and local_grads is ():
            if _children is () and _op == "":
                if label is not "":
                    self.label = label
                begin(self, data)
                return
            if is_by_hand(_children, _op):
                self.label = label
                begin(self, data)
                self.kind = BY_HAND
                keep(&self.a, _children)
                if isinstance(_op, tuple):
                    keep(&self.slopes, tuple([float(slope) for slope in _op]))
                elif _op:
                    keep(&self.text, _op)
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
    def label(self):
        return "" if self.name == NULL else <object>self.name

    @label.setter
    def label(self, label):
        keep(&self.name, label if isinstance(label, str) else "" if label is None else str(label))

    @property
    def serial(self):
        return self.made

    @property
    def _text(self):
        """The name of the operation, where its row does not say it."""
        if self.text != NULL:
            return <object>self.text
        if self.kind == CODE_power + 1 and PyFloat_CheckExact(<object>self.b):
            exponent = <object>self.b
            return f"**{int(exponent) if self.is_whole else exponent}"
        return None

    @_text.setter
    def _text(self, text):
        keep(&self.text, text)

    @property
    def _closure(self):
        """What somebody assigned to `_backward`."""
        if self.kind == BY_HAND:
            return None if self.b == NULL else <object>self.b
        return None if self.attributes == NULL else (<dict>self.attributes).get("_closure")

    @property
    def _backward(self):
        return readable_tutorial._backward.fget(self)

    @_backward.setter
    def _backward(self, closure):
        if not callable(closure):
            readable_tutorial._backward.fset(self, closure)  # which raises
        if self.kind == LEAF:
            self.__dict__["_closure"] = closure
            return
        if self.kind != BY_HAND:
            keep(&self.text, self._op)
            keep(&self.a, self.parents)
            self.kind = BY_HAND
        keep(&self.b, closure)
        forget(&self.slopes)
        if not PyObject_GC_IsTracked(<PyObject *>self):
            PyObject_GC_Track(<PyObject *>self)

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
        if not done and asked_by_hand(self):
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
    PyObject *PyObject_GenericGetAttr(PyObject *thing, PyObject *name)
    PyObject *PyFloat_FromDouble(double number)
    PyObject *PyObject_GenericGetDict(PyObject *thing, void *context)
    int PyObject_GenericSetDict(PyObject *thing, PyObject *value, void *context)
    double PyLong_AsDouble(PyObject *whole)
    PyObject *PyErr_Occurred()
    void PyErr_Clear()
    void PyErr_SetObject(object kind, object said)
    int Py_tp_new, Py_tp_traverse, Py_tp_clear, Py_tp_setattro, Py_tp_getattro, Py_tp_getset, Py_tp_members
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
    PyObject_GC_UnTrack(node)
    forget(&(<TutorialNode>node).attributes)
    forget(&(<TutorialNode>node).slopes)
    forget(&(<TutorialNode>node).text)
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
    if (<Node>node).kind == BY_HAND:
        forget(&(<Node>node).b)
    forget(&(<TutorialNode>node).attributes)
    return 0


cdef inline void forget(PyObject **place) noexcept:
    cdef PyObject *before = place[0]
    place[0] = NULL
    Py_XDECREF(before)


cdef object DATA = intern("data")
cdef object GRAD = intern("grad")
cdef object ZERO = 0
cdef frozenset as_made = frozenset()  # the attributes that say how a node was made
cdef object refusal = None


cdef PyObject *get_attribute(PyObject *node, PyObject *name) noexcept:
    if is_tutorial(node):
        if name == <PyObject *>DATA:
            return PyFloat_FromDouble((<Node>node).number_held)
        if name == <PyObject *>GRAD and (<Node>node).has_gradient == A_FLOAT:
            return PyFloat_FromDouble((<Node>node).gradient)
        if name == <PyObject *>GRAD and (<Node>node).has_gradient == NO_GRADIENT:
            Py_INCREF(ZERO)
            return <PyObject *>ZERO
    return PyObject_GenericGetAttr(node, name)


cdef int set_attribute(PyObject *node, PyObject *name, PyObject *value) noexcept:
    cdef int done
    if value != NULL and is_tutorial(node):  # loops over all parameters set these
        if PyFloat_CheckExact(<object>value):
            if name == <PyObject *>DATA:
                (<Node>node).number_held = PyFloat_AS_DOUBLE(<object>value)
                number(<Node>node)
                return 0
            if name == <PyObject *>GRAD:
                (<Node>node).gradient = PyFloat_AS_DOUBLE(<object>value)
                (<Node>node).has_gradient = A_FLOAT
                return 0
        elif name == <PyObject *>GRAD and value == <PyObject *>ZERO:
            (<Node>node).has_gradient = NO_GRADIENT
            return 0
    if <object>name in as_made:
        PyErr_SetObject(AttributeError, refusal.format(<object>name))
        return -1
    done = PyObject_GenericSetAttr(node, name, value)
    if (<TutorialNode>node).attributes != NULL and not PyObject_GC_IsTracked(node):
        PyObject_GC_Track(node)
    return done


cdef PyObject *attributes_of(PyObject *node, void *context) noexcept:
    if not PyObject_GC_IsTracked(node):
        PyObject_GC_Track(node)  # who asks for them may put something in
    return PyObject_GenericGetDict(node, context)


cdef PyMemberDef[2] tutorial_members
cdef GetSet[2] tutorial_getset


def compiled_tutorial(readable, made_by_hand, ask, as_plain, frozenset kept, sentence):
    """The tutorials' Value and the maker of its nodes, compiled. The rest is what makes the
    operation of a node that was made by hand, what asks its function, what makes a float of all
    that counts as a number there, and which attributes cannot be set, with the sentence that says
    so."""
    global TUTORIAL, readable_tutorial, custom, probed, plain, as_made, refusal
    as_made, refusal = kept, sentence
    custom, probed = made_by_hand, ask
    cdef PyType_Slot[10] slots
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
        (Py_tp_getattro, <size_t><void *>get_attribute),
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
    for name in ("__eq__", "__hash__"):  # or it would compare as Node does, and not as Value
        setattr(kind, name, getattr(readable, name))
    TUTORIAL = <PyTypeObject *>kind
    Py_INCREF(kind)  # for as long as there are nodes
    return kind, tutorial_node_of
