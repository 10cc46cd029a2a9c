# Instructions as integers, and the tape that they are written on, as a part of record.pyx.

cdef void *room(size_t count, size_t size) except NULL:
    """Memory for so many things, all of them 0."""
    cdef void *memory = calloc(count + 1, size)
    if memory == NULL:
        raise MemoryError
    return memory


cdef void *resized(void *memory, size_t size) except NULL:
    cdef void *more = realloc(memory, size + 1)  # of nothing, NULL would be right
    if more == NULL:
        raise MemoryError
    return more


cdef class Instructions:
    """Instructions as integers; for Python a sequence of (operation, args), as in a Listing."""

    def __dealloc__(self):
        free(self.at)
        free(self.constants)

    def __len__(self):
        return self.count

    def __getitem__(self, place):
        if isinstance(place, slice):
            return [self[i] for i in range(*place.indices(self.count))]
        cdef Py_ssize_t i = place if place >= 0 else place + self.count
        if not 0 <= i < self.count:
            raise IndexError(f"instruction {place} of {self.count}")
        cdef Instruction *x = &self.at[i]
        args = [self.plain((&x.a)[k]) for k in range(3) if (&x.a)[k] != NONE]
        return ROWS[x.op], tuple(args)

    def __eq__(self, other):
        return isinstance(other, Instructions) and list(self) == list(other)

    def is_copy_of(self, other):
        """Whether both are the same integers, and the same constants to the bit."""
        if not isinstance(other, Instructions):
            return False
        cdef Instructions its = other
        return (
            self.count == its.count
            and self.constants_count == its.constants_count
            and not memcmp(self.at, its.at, self.count * sizeof(Instruction))
            and not (
                self.constants_count
                and memcmp(self.constants, its.constants, self.constants_count * sizeof(double))
            )
        )

    def __reduce__(self):
        return unpickled, (list(self),)

    def ops(self):
        """The operations that are there."""
        cdef Py_ssize_t i
        cdef list found = [False] * len(ROWS)
        for i in range(self.count):
            found[self.at[i].op] = True
        return {row for row, is_there in zip(ROWS, found) if is_there}

    def pruned(self, int leaves, list ends):
        """Those that the ends need, and the ends as they are called then."""
        cdef Instructions rest = Instructions()
        rest.constants = <double *>room(self.constants_count, sizeof(double))
        rest.constants_count = self.constants_count
        memcpy(rest.constants, self.constants, self.constants_count * sizeof(double))
        rest.at = <Instruction *>room(self.count, sizeof(Instruction))
        rest.count = self.count
        memcpy(rest.at, self.at, self.count * sizeof(Instruction))
        return rest, rest.prune(leaves, ends)

    cdef list prune(self, int leaves, list ends):
        """Keep only those that the ends need; returns the ends as they are called then."""
        cdef Py_ssize_t i, kept = 0
        cdef int k, arg
        cdef Instruction *x
        cdef int *new = <int *>room(leaves + self.count, sizeof(int))
        try:
            for end in ends:
                if isinstance(end, int):
                    new[<int>end] = True
            for i in range(self.count - 1, -1, -1):
                if new[leaves + i]:
                    x = &self.at[i]
                    for k in range(3):
                        if (&x.a)[k] >= 0:
                            new[(&x.a)[k]] = True
            for i in range(leaves):
                new[i] = <int>i
            for i in range(self.count):
                if new[leaves + i]:
                    x = &self.at[kept]
                    x[0] = self.at[i]
                    for k in range(3):
                        arg = (&x.a)[k]
                        (&x.a)[k] = new[arg] if arg >= 0 else arg
                    new[leaves + i] = leaves + <int>kept
                    kept += 1
            self.count = kept
            self.at = <Instruction *>resized(self.at, kept * sizeof(Instruction))
            return [new[<int>end] if isinstance(end, int) else end for end in ends]
        finally:
            free(new)

    cdef object plain(self, int operand):
        """A wire as its number, a constant as itself."""
        return operand if operand >= 0 else self.constants[~operand]


cpdef Instructions encoded(instructions):
    """Instructions of built-in rows as integers."""
    cdef Tape tape
    cdef Instruction x
    if isinstance(instructions, Instructions):
        return instructions
    tape = Tape()
    for op, args in instructions:
        x = Instruction(CODES[op], NONE, NONE, NONE)
        for k, arg in enumerate(args):
            (&x.a)[<int>k] = arg if isinstance(arg, int) else tape.constant(arg)
        tape.put(x)
    return tape.code


cdef size_t mixed(size_t number) noexcept:
    number ^= number >> 32
    number *= <size_t>0x9E3779B97F4A7C15ULL
    return number ^ number >> 29


cdef class Tape:
    """As that of autograd.program.recording."""

    cdef Instructions code
    cdef int leaves
    cdef size_t room, constants_room
    cdef int *slots         # by what an instruction is: its place, plus 1
    cdef size_t mask
    cdef int *constant_slots
    cdef size_t constants_mask
    cdef int one, two
    cdef dict wires         # those that Python has seen, by number: each is one object

    def __cinit__(self):
        self.code, self.wires = Instructions(), {}
        self.one, self.two = self.constant(1.0), self.constant(2.0)

    def __dealloc__(self):
        free(self.slots)
        free(self.constant_slots)

    cdef int forget(self) except -1:
        """Let go of all but the instructions: the wires hold the tape."""
        free(self.slots)
        free(self.constant_slots)
        self.slots = self.constant_slots = NULL
        self.wires.clear()

    cdef int constant(self, double number) except NONE:
        """By its bits: 0.0 and -0.0 are equal."""
        cdef Instructions code = self.code
        cdef size_t slot, bits, wanted
        cdef Py_ssize_t i
        if number != number:
            number = NAN
        if 2 * <size_t>code.constants_count >= self.constants_mask:
            self.constants_mask = 2 * self.constants_mask + 1 if self.constants_mask else 63
            free(self.constant_slots)
            self.constant_slots = NULL
            self.constant_slots = <int *>room(self.constants_mask + 1, sizeof(int))
            for i in range(code.constants_count):
                memcpy(&bits, &code.constants[i], sizeof(double))
                slot = mixed(bits) & self.constants_mask
                while self.constant_slots[slot]:
                    slot = (slot + 1) & self.constants_mask
                self.constant_slots[slot] = <int>i + 1
        memcpy(&bits, &number, sizeof(double))
        slot = mixed(bits) & self.constants_mask
        while self.constant_slots[slot]:
            i = self.constant_slots[slot] - 1
            if bits == (<size_t *>code.constants)[i]:
                return ~<int>i
            slot = (slot + 1) & self.constants_mask
        if <size_t>code.constants_count == self.constants_room:
            wanted = 2 * self.constants_room + 8
            code.constants = <double *>resized(code.constants, wanted * sizeof(double))
            self.constants_room = wanted
        code.constants[code.constants_count] = number
        code.constants_count += 1
        self.constant_slots[slot] = <int>code.constants_count
        return ~<int>(code.constants_count - 1)

    cdef int put(self, Instruction x) except NONE:
        """The wire of a new instruction."""
        cdef Instructions code = self.code
        if <size_t>code.count == self.room:
            self.reserve(self.room + self.room // 2 + 256)
        code.at[code.count] = x
        code.count += 1
        return self.leaves + <int>code.count - 1

    cdef int reserve(self, size_t wanted) except -1:
        if self.leaves + wanted > MOST:
            raise MemoryError
        self.code.at = <Instruction *>resized(self.code.at, wanted * sizeof(Instruction))
        self.room = wanted

    cdef int emit(self, int op, int a, int b, int c) except NONE:
        """The wire of an instruction that may be there already."""
        cdef Instruction x
        cdef Instruction *y
        cdef size_t slot
        cdef bint either_way = op == CODE_add or op == CODE_multiply
        if op == CODE_power and b == self.two:
            op, b, either_way = CODE_multiply, a, True  # as the row has it
        if b == self.one and (op == CODE_multiply or op == CODE_power):
            return a  # exact for every float, as is 1 · x
        if a == self.one and op == CODE_multiply:
            return b
        if self.mask <= 2 * <size_t>self.code.count:  # half of them are free
            self.rehash()
        x = Instruction(op, a, b, c)
        slot = likeness(x) & self.mask
        while self.slots[slot]:
            y = &self.code.at[self.slots[slot] - 1]
            if y.op == op and y.c == c and (
                (y.a == a and y.b == b) or (either_way and y.a == b and y.b == a)
            ):
                return self.leaves + self.slots[slot] - 1
            slot = (slot + 1) & self.mask
        self.slots[slot] = <int>self.code.count + 1
        return self.put(x)

    cdef int rehash(self) except -1:
        cdef Py_ssize_t i
        cdef size_t slot
        self.mask = 2 * self.mask + 1 if self.mask else 1023
        free(self.slots)
        self.slots = NULL
        self.slots = <int *>room(self.mask + 1, sizeof(int))
        for i in range(self.code.count):
            slot = likeness(self.code.at[i]) & self.mask
            while self.slots[slot]:
                slot = (slot + 1) & self.mask
            self.slots[slot] = <int>i + 1

    # For Python

    cdef object operand(self, int x):
        """An operand as Python has it: the Wire, or the number."""
        if x < 0:
            return self.code.constants[~x]
        if x not in self.wires:
            self.wires[x] = Wire(self, x)
        return self.wires[x]

    cdef int number(self, x) except NONE:
        """And back."""
        return x.index if isinstance(x, Wire) else self.constant(x)

    def wire(self, op, args):
        cdef int xs[3]
        xs[0] = xs[1] = xs[2] = NONE
        for i, arg in enumerate(args):
            xs[<int>i] = self.number(arg if isinstance(arg, Wire) else float(arg))
        return self.operand(self.emit(CODES[op], xs[0], xs[1], xs[2]))


class Wire(Operand):
    """As that of autograd.program.recording."""

    __slots__ = ("index", "tape")

    def __init__(self, tape, index):
        self.tape, self.index = tape, index

    def apply(self, op, args):
        return self.tape.wire(op, args)


cdef inline size_t likeness(Instruction x) noexcept:
    """Equal for equal instructions; in floats a + b is b + a."""
    cdef size_t a = <unsigned int>x.a
    cdef size_t b = <unsigned int>x.b
    if (x.op == CODE_add or x.op == CODE_multiply) and x.a > x.b:
        a, b = b, a
    return mixed((a << 32 | b) * 31 + <size_t>x.op * <size_t>0xC2B2AE3D27D4EB4FULL + <unsigned int>x.c)
