# How the compiled machine reads a listing, as a part of machine.pyx; groups.pxi and plan.pxi go on.
#
# What depends on parameters and constants only is *uniform*: computed once. Everything else is a
# *lane*: a number per example. A sum of products of uniforms and lanes, as a neuron has it, is a
# *chain*. No sum changes its order, so every number keeps its bits.

cdef enum:
    ONES = -1             # as a wire: the lane that is 1 for every example
    NOWHERE = -1          # no chain, no group

cdef struct Chain:
    int start             # a wire that is a lane, or the place of a uniform
    int first, last, count  # of its links
    int uniforms, step    # the place of its first uniform, and from each to the next
    bint from_lane

cdef struct Link:
    int uniform, lane, next


cdef class Memory:
    """Arrays that are freed together."""

    cdef list blocks

    def __cinit__(self):
        self.blocks = []

    def __dealloc__(self):
        for block in self.blocks:
            free(<void *><uintptr_t>block)

    cdef void *room(self, size_t count, size_t size) except NULL:
        """Room for so many things, all of them 0."""
        cdef void *memory = calloc(count + 1, size)  # of nothing, NULL would be right
        if memory == NULL:
            raise MemoryError
        self.blocks.append(<uintptr_t>memory)
        return memory

    cdef int *ints(self, size_t count, int number) except NULL:
        cdef int *memory = <int *>self.room(count, sizeof(int))
        cdef size_t i
        for i in range(count):
            memory[i] = number
        return memory


cdef class Lanes:
    """Lanes, uniforms and chains of a listing, and what its ends are."""

    cdef State state
    cdef Memory kept, scratch
    cdef Instructions code
    cdef int inputs, parameters, leaves, wires
    cdef int negative_zero, one               # places of uniforms; x + -0.0 is x, for -0.0 as well
    cdef int uniforms_count, packed_count
    cdef int sums                             # so many ends, the first, are wanted as sums
    # of every wire
    cdef unsigned char *is_lane
    cdef unsigned char *fused                 # part of a greater step
    cdef int *place                           # of a uniform its place, of a lane its row
    cdef int *readers
    cdef int *chain_of
    cdef Chain *chains
    cdef int chains_count
    cdef Link *links
    cdef int links_count
    # of every end: the two lanes whose product it is; or NONE, and then it is a uniform
    cdef int ends_count
    cdef int *ends                            # wires, and ~ the places of constants
    cdef int *later
    cdef int *earlier
    cdef int *more                            # the uniform that is added to it; or negative_zero

    def __cinit__(self, listing, bint summed):
        self.kept, self.scratch = Memory(), Memory()
        self.code = encoded(listing.instructions)
        self.inputs, self.parameters = listing.inputs, listing.parameters
        self.leaves = self.inputs + self.parameters
        if self.leaves + self.code.count > (1 << 30):
            raise MemoryError
        self.wires = self.leaves + <int>self.code.count
        self.sums = 1 + len(listing.gradients) if summed else 0
        self.sort_out(listing.ends)
        self.look_at_ends()
        self.find_chains()

    cdef inline Instruction *made(self, int wire) noexcept:
        """The instruction whose result is a lane; NULL for an input, or what is no lane."""
        return &self.code.at[wire - self.leaves] if wire >= self.leaves and self.is_lane[wire] else NULL

    cdef inline bint lane(self, int operand) noexcept:
        return operand >= 0 and self.is_lane[operand]

    cdef inline int uniform(self, int operand) noexcept:
        """The place of a uniform wire, or of a constant."""
        return self.place[operand] if operand >= 0 else self.parameters + ~operand

    cdef inline int row(self, int wire) noexcept:
        return 0 if wire == ONES else self.place[wire]

    cdef int sort_out(self, ends) except -1:
        """Lanes and uniforms, who reads them, and the steps on uniforms."""
        cdef Memory scratch = self.scratch
        cdef Instruction *code = self.code.at
        cdef Instruction *x
        cdef int i, wire, constants = <int>self.code.constants_count
        cdef dict more = {}  # constants among the ends
        self.is_lane = <unsigned char *>scratch.room(self.wires, 1)
        self.fused = <unsigned char *>scratch.room(self.wires, 1)
        self.place = scratch.ints(self.wires, 0)
        self.readers = scratch.ints(self.wires, 0)
        for i in range(self.inputs):
            self.is_lane[i], self.place[i] = True, 1 + i  # row 0 holds the ones
        for i in range(self.parameters):
            self.place[self.inputs + i] = i
        self.ends_count = len(ends)
        self.ends = scratch.ints(self.ends_count, 0)
        for i, end in enumerate(ends):
            if isinstance(end, int):
                self.ends[i] = end
            else:
                self.ends[i] = ~(constants + more.setdefault(repr(end), len(more)))
        self.state.parameters_count = self.parameters
        constants += len(more)
        self.negative_zero = self.parameters + constants
        self.one = self.negative_zero + 1
        self.uniforms_count = self.one + 1

        for wire in range(self.leaves, self.wires):
            x = &code[wire - self.leaves]
            if self.lane(x.a) or self.lane(x.b) or self.lane(x.c):
                self.is_lane[wire] = True
                for i in range(3):
                    if (&x.a)[i] >= 0:
                        self.readers[(&x.a)[i]] += 1
        self.place_uniforms()

        # chains and sums may want more uniforms, in a row
        self.state.uniforms = <double *>self.kept.room(
            self.uniforms_count + 2 * self.code.count + self.ends_count + BLOCK, sizeof(double)
        )
        for i in range(<int>self.code.constants_count):
            self.state.uniforms[self.parameters + i] = self.code.constants[i]
        for number, i in more.items():
            self.state.uniforms[self.parameters + self.code.constants_count + i] = float(number)
        self.state.uniforms[self.negative_zero] = -0.0
        self.state.uniforms[self.one] = 1.0

    cdef int place_uniforms(self) except -1:
        """Places for the uniforms that are computed, level by level: what is done to many, as to
        the weights that a penalty squares, then is one step."""
        cdef Instruction *code = self.code.at
        cdef Instruction *x
        cdef int i, wire, deepest = 0
        cdef int *level = self.scratch.ints(self.wires, 0)
        cdef int *following = self.scratch.ints(self.wires, NOWHERE)
        cdef int *first_of_level
        for wire in range(self.leaves, self.wires):
            if not self.is_lane[wire]:
                x = &code[wire - self.leaves]
                for i in range(3):
                    if (&x.a)[i] >= 0:
                        level[wire] = max(level[wire], level[(&x.a)[i]])
                level[wire] += 1
                deepest = max(deepest, level[wire])
        first_of_level = self.scratch.ints(deepest + 1, NOWHERE)
        for wire in range(self.wires - 1, self.leaves - 1, -1):
            if not self.is_lane[wire]:
                following[wire] = first_of_level[level[wire]]
                first_of_level[level[wire]] = wire
        self.state.once = <Once *>self.kept.room(self.code.count, sizeof(Once))
        self.state.once_end = self.state.once
        for i in range(1, deepest + 1):
            wire = first_of_level[i]
            while wire >= 0:
                self.place[wire] = self.uniforms_count
                self.add_once(&code[wire - self.leaves], self.uniforms_count)
                self.uniforms_count += 1
                wire = following[wire]

    cdef void add_once(self, Instruction *x, int target) noexcept:
        """One more of the last step on uniforms, if its arguments go on evenly; else a new one."""
        cdef Once *once = self.state.once_end - 1
        cdef int[3] places
        cdef int i
        cdef bint goes_on = once >= self.state.once and once.code == x.op
        for i in range(3):
            places[i] = 0 if (&x.a)[i] == NONE else self.uniform((&x.a)[i])
            if goes_on:
                goes_on = self.are_together(once.first[i], places[i]) and (
                    once.count == 1 or places[i] == once.first[i] + once.count * once.step[i]
                )
        if not goes_on:
            once += 1
            self.state.once_end += 1
            once.code, once.target = x.op, target
        for i in range(3):
            if not goes_on:
                once.first[i] = places[i]
            elif once.count == 1:
                once.step[i] = places[i] - once.first[i]
        once.count += 1

    cdef int look_at_ends(self) except -1:
        """A product of two lanes that only ends read is formed where it is added up or stored; and
        so is the sum of a lane, or such a product, and a uniform, as a penalty adds it, where it is
        added up."""
        cdef int i, end
        cdef Instruction *x
        cdef int *wanted = self.scratch.ints(self.wires, 0)
        cdef int *summed = self.scratch.ints(self.wires, 0)
        self.more = self.scratch.ints(self.ends_count, self.negative_zero)
        self.later = self.scratch.ints(self.ends_count, NONE)
        self.earlier = self.scratch.ints(self.ends_count, ONES)
        for i in range(self.ends_count):
            if self.ends[i] >= 0:
                wanted[self.ends[i]] += 1
            if 0 <= i < self.sums and self.ends[i] >= 0:
                summed[self.ends[i]] += 1
        for i in range(self.ends_count):
            end = self.ends[i]
            if not self.lane(end):
                continue
            self.later[i] = end
            if self.readers[end]:
                continue
            x = self.made(end)
            if x and x.op == CODE_add and self.lane(x.a) != self.lane(x.b) and (
                summed[end] == wanted[end]
            ):
                self.fused[end] = True
                self.more[i] = self.uniform(x.b if self.lane(x.a) else x.a)
                self.later[i] = end = x.a if self.lane(x.a) else x.b
                if self.readers[end] > 1 or wanted[end]:
                    continue
                x = self.made(end)
            if x and x.op == CODE_multiply and self.lane(x.a) and self.lane(x.b):
                self.fused[end] = True
                self.later[i], self.earlier[i] = max(x.a, x.b), min(x.a, x.b)
        for i in range(self.ends_count):
            if self.ends[i] >= 0:
                self.readers[self.ends[i]] += wanted[self.ends[i]]

    # Chains

    cdef inline bint is_term(self, int wire) noexcept:
        """Whether it is a uniform times a lane, needed in one place only."""
        cdef Instruction *x
        if wire < self.leaves or not self.is_lane[wire] or self.readers[wire] > 1:
            return False
        x = &self.code.at[wire - self.leaves]
        return x.op == CODE_multiply and not (self.lane(x.a) and self.lane(x.b))

    cdef void add_link(self, Chain *chain, int operand) noexcept:
        """+ operand, as a uniform times a lane; the product with 1.0 is exact."""
        cdef Link *link = &self.links[self.links_count]
        cdef Instruction *x
        link.next = NOWHERE
        if not self.lane(operand):
            link.uniform, link.lane = self.uniform(operand), ONES
        elif self.is_term(operand):
            self.fused[operand] = True
            x = self.made(operand)
            link.lane = x.a if self.lane(x.a) else x.b
            link.uniform = self.uniform(x.b if self.lane(x.a) else x.a)
        else:
            link.uniform, link.lane = self.one, operand
        if chain.count:
            self.links[chain.last].next = self.links_count
        else:
            chain.first = self.links_count
        chain.last = self.links_count
        chain.count += 1
        self.links_count += 1

    cdef int find_chains(self) except -1:
        """a + b is the next link of the chain that a or b is; in floats a + b is b + a."""
        cdef int wire, a, b, number
        cdef Instruction *x
        cdef Chain *chain
        cdef int sums = 0
        for wire in range(self.leaves, self.wires):
            sums += self.is_lane[wire] and self.code.at[wire - self.leaves].op == CODE_add
        self.chain_of = self.scratch.ints(self.wires, NOWHERE)
        self.chains = <Chain *>self.scratch.room(sums, sizeof(Chain))
        self.links = <Link *>self.scratch.room(2 * sums, sizeof(Link))
        for wire in range(self.leaves, self.wires):
            x = self.made(wire)
            if not x or x.op != CODE_add or self.fused[wire]:
                continue
            a, b = x.a, x.b
            if not self.ends_a_chain(a):
                a, b = b, a
            if self.ends_a_chain(a):
                number = self.chain_of[a]
                self.chain_of[a], self.fused[a] = NOWHERE, True
            else:
                a, b = x.a, x.b
                number = self.chains_count
                self.chains_count += 1
                chain = &self.chains[number]
                if self.is_term(a):
                    a, b = b, a
                if self.is_term(a):
                    chain.start = self.negative_zero
                    self.add_link(chain, b)
                    b = a
                else:
                    chain.from_lane = self.lane(a)
                    chain.start = a if chain.from_lane else self.uniform(a)
            self.add_link(&self.chains[number], b)
            self.chain_of[wire] = number

        self.state.packed = <int *>self.kept.room(
            self.links_count + self.ends_count, sizeof(int)
        )
        self.state.packed_to = self.state.uniforms + self.uniforms_count
        for wire in range(self.leaves, self.wires):
            if self.chain_of[wire] >= 0:
                x = self.made(wire)
                chain = &self.chains[self.chain_of[wire]]
                if chain.count == 1 and not self.is_fused(x.a) and not self.is_fused(x.b):
                    self.chain_of[wire] = NOWHERE  # an addition like any other
                else:
                    self.line_up(chain)

    cdef inline bint ends_a_chain(self, int operand) noexcept:
        return operand >= 0 and self.chain_of[operand] >= 0 and self.readers[operand] == 1

    cdef inline bint is_fused(self, int operand) noexcept:
        return operand >= 0 and self.fused[operand]

    cdef void line_up(self, Chain *chain) noexcept:
        """Find the uniforms of a chain evenly spaced, as the weights of a neuron are, or have them
        copied to where they are."""
        cdef int i = chain.first, previous
        chain.uniforms, chain.step = self.links[i].uniform, 0
        if chain.count > 1:
            chain.step = self.links[self.links[i].next].uniform - chain.uniforms
        while self.links[i].next >= 0:
            previous, i = self.links[i].uniform, self.links[i].next
            if self.links[i].uniform - previous != chain.step or not self.are_together(
                previous, self.links[i].uniform
            ):
                break
        else:
            return
        chain.uniforms, chain.step = self.uniforms_count + self.packed_count, 1
        i = chain.first
        while i >= 0:
            self.pack(self.links[i].uniform)
            i = self.links[i].next

    cdef inline bint are_together(self, int uniform, int other) noexcept:
        """Whether both are parameters, or none is."""
        return (uniform < self.parameters) == (other < self.parameters)

    cdef inline void pack(self, int uniform) noexcept:
        """Have it copied behind those that were packed before."""
        self.state.packed[self.packed_count] = uniform
        self.packed_count += 1
