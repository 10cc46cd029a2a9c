# Which steps the compiled machine takes, as a part of machine.pyx.

cdef class Plan(Groups):
    """The steps of a listing, in `state`. Where `summed`, its value and gradients are wanted as
    sums over the examples, else as columns; what comes `also` is always a column."""

    cdef int *next_place
    cdef size_t turned_room, held_room

    def __cinit__(self, listing, bint summed):
        self.write()
        self.scratch = None

    cdef int write(self) except -1:
        cdef State *state = &self.state
        cdef int level, number
        cdef size_t room = self.spread_count + 6 * <size_t>self.ends_count
        for number in range(self.groups_count):
            room += self.room_of(&self.groups[number])
        state.places = self.next_place = <int *>self.kept.room(room, sizeof(int))
        state.steps = state.steps_end = <Step *>self.kept.room(
            self.steps_at_most(), sizeof(Step)
        )
        if self.spread_count:
            self.put(SPREAD, 0, self.spread_count, 1, 1 + self.inputs)
            for number in range(self.spread_count):
                self.put_place(self.spread_uniforms[number])
        for level in range(1, self.deepest + 1):
            number = self.first_of_level[level]
            while number >= 0:
                self.write_group(&self.groups[number])
                number = self.groups[number].next
        self.write_sums()
        self.write_pairs(TOTALS, 0, self.sums)
        self.write_pairs(STORE, self.sums, self.ends_count)
        state.packed_end = state.packed + self.packed_count
        state.flat = self.flat_ends(0, self.sums, &state.flat_end)
        state.even = self.flat_ends(self.sums, self.ends_count, &state.even_end)
        state.inputs, state.sums_count = self.inputs, self.sums
        state.tile = TILE
        while 2 * state.tile <= PART and <size_t>self.rows * (2 * state.tile + BLOCK) <= (1 << 11):
            state.tile *= 2  # 16 KB: in a program so short, steps would hardly begin
        while state.tile > BLOCK and <size_t>self.rows * (state.tile + BLOCK) > (1 << 22):
            state.tile //= 2  # 32 MB: in a program so long, memory matters

    cdef size_t steps_at_most(self) noexcept:
        """One for each chain and other group, two for each end, and three."""
        cdef int number
        cdef size_t count = 2 * <size_t>self.ends_count + 3
        for number in range(self.groups_count):
            count += 1 if self.chain_of[self.groups[number].first] < 0 else self.groups[number].count
        return count

    cdef Step *put(self, int what, int detail, int count, int terms, int target) noexcept:
        """The next step; its places follow."""
        cdef Step *step = self.state.steps_end
        self.state.steps_end += 1
        step.what, step.detail, step.count, step.terms = what, detail, count, terms
        step.target, step.at = target, self.next_place - self.state.places
        self.state.work += count * 8.0  # about: it may be a call of the C library
        return step

    cdef inline void put_place(self, int place) noexcept:
        self.next_place[0] = place
        self.next_place += 1

    cdef size_t room_of(self, Group *group) noexcept:
        cdef int chain = self.chain_of[group.first]
        if chain < 0:
            return 3 * <size_t>group.count
        return <size_t>group.count * (1 + self.chains[chain].count)

    cdef void write_group(self, Group *group) noexcept:
        cdef Instruction *x = self.made(group.first)
        cdef Chain *chain
        cdef int i, wire, operands = 1 + (x.b != NONE) + (x.c != NONE)
        if self.chain_of[group.first] < 0:
            self.put(OPERATION, 4 * x.op + self.form(x), group.count, operands, group.target)
            for i in range(operands):
                wire = group.first
                while wire >= 0:
                    self.put_operand((&self.made(wire).a)[i], operands)
                    wire = self.following[wire]
            return
        wire = group.first
        while wire >= 0:
            wire = self.write_chains(wire, self.place[wire])

    cdef int write_chains(self, int wire, int target) noexcept:
        """As many of a group as have their uniforms evenly spaced; returns the next wire."""
        cdef Chain *chain = &self.chains[self.chain_of[wire]]
        cdef int kind = FROM_LANE if chain.from_lane else FROM_UNIFORM
        cdef Step *step = self.put(CHAINS, kind, 0, chain.count, target)
        cdef int i = chain.first, row = self.row(self.links[i].lane)
        step.first, step.step, step.in_a_row = chain.uniforms, chain.step, True
        while i >= 0:
            step.in_a_row &= self.row(self.links[i].lane) == row
            self.put_place(self.row(self.links[i].lane))
            i, row = self.links[i].next, row + 1
        while wire >= 0:
            chain = &self.chains[self.chain_of[wire]]
            if step.count == 1:
                step.spacing = chain.uniforms - step.first
            if step.first + step.count * step.spacing != chain.uniforms or not self.are_together(
                step.first, chain.uniforms
            ):
                break
            self.put_place(self.place[chain.start] if chain.from_lane else chain.start)
            self.state.work += chain.count
            step.count += 1
            wire = self.following[wire]
        return wire

    cdef inline void put_operand(self, int operand, int operands) noexcept:
        if self.lane(operand):
            self.put_place(self.place[operand])
        elif operands == 3:
            self.put_place(self.spread_row[self.uniform(operand)])
        else:
            self.put_place(self.uniform(operand))

    cdef void write_sums(self) noexcept:
        """The gradients of the weights of a layer as one step. Each is the sum of a lane, the same
        for all weights of a neuron, times another, the same in all neurons."""
        cdef int end = 1, count, terms, i
        while end < self.sums:
            terms = self.run_length(end)
            count = 1
            while terms and self.is_such_a_run(end, terms, end + count * terms):
                count += 1
            if count * terms > 1:
                self.write_matrix(end, count, terms)
                for i in range(end, end + count * terms):
                    self.later[i] = NONE  # done
            end += max(1, count * terms)

    cdef int run_length(self, int end) noexcept:
        """How many sums from here on share their later lane; none where there is no lane."""
        cdef int i = end
        while i < self.sums and self.later[i] != NONE and self.later[i] == self.later[end]:
            if self.has_more(i) != self.has_more(end):
                break
            i += 1
        return i - end

    cdef inline bint has_more(self, int end) noexcept:
        return self.more[end] != self.negative_zero

    cdef bint is_such_a_run(self, int end, int terms, int other) noexcept:
        """Whether as many sums from `other` on share their later lane, and have these earlier
        ones."""
        cdef int i
        if other + terms > self.sums or self.later[other] == NONE:
            return False
        for i in range(terms):
            if self.later[other + i] != self.later[other]:
                return False
            if self.earlier[other + i] != self.earlier[end + i]:
                return False
            if self.has_more(other + i) != self.has_more(end):
                return False
        return True

    cdef void write_matrix(self, int end, int count, int terms) noexcept:
        """Sums, `terms` in a row; or exchanged, where the registers would hold little of a row."""
        cdef int *turned = self.next_place
        cdef Step *step
        cdef int i, rows, more, neighbours = 0
        cdef bint exchanged = 5 * terms * WHOLE(count) < 4 * count * WHOLE(terms)
        step = self.put(TURN, 0, 0, count if exchanged else terms, 0)
        for i in range(step.terms):
            self.put_place(self.sum_row(end, terms, i, exchanged))
        while neighbours < step.terms and 0 < turned[neighbours] <= self.inputs:
            if turned[neighbours] != turned[0] + neighbours:
                break
            neighbours += 1
        step.detail = neighbours
        self.turned_room = max(self.turned_room, WHOLE(step.terms))
        more = self.uniforms_count + self.packed_count if self.has_more(end) else 0
        rows = 0
        while rows < (terms if exchanged else count):
            rows = self.write_rows(end, count, terms, rows, exchanged, more)

    cdef int write_rows(
        self, int end, int count, int terms, int i, bint exchanged, int more
    ) noexcept:
        """As many rows of such sums, from number i on, as read lanes that are evenly spaced;
        returns the next one."""
        cdef int k, across = count if exchanged else terms
        cdef int rows = terms if exchanged else count
        cdef int first = self.sum_row(end, terms, i, not exchanged)
        cdef Step *step = self.put(SUMS, 0, 0, across, end - 1 + i * (1 if exchanged else terms))
        step.first = first
        if i + 1 < rows:
            step.spacing = self.sum_row(end, terms, i + 1, not exchanged) - first
        while i < rows and self.sum_row(end, terms, i, not exchanged) == (
            first + step.count * step.spacing
        ):
            if more:
                for k in range(across):
                    self.pack(self.more[end + (k * terms + i if exchanged else i * terms + k)])
            step.count += 1
            i += 1
        step.more = more and more + (i - step.count) * across
        if exchanged:
            step.step, step.across = <int>self.held_room, terms
            self.held_room += step.count * across
        self.state.work += step.count * <double>across
        return i

    cdef int sum_row(self, int end, int terms, int i, bint is_later) noexcept:
        return self.row(self.later[end + i * terms] if is_later else self.earlier[end + i])

    cdef void write_pairs(self, int what, int first, int last) noexcept:
        """Ends that are added up, or stored, one by one. The sum of the value is the last."""
        cdef int i, count = 0
        for i in range(first, last):
            count += self.later[i] != NONE
        if not count:
            return
        self.put(what, 0, count, 2, 0)
        for i in range(first, last):
            if self.later[i] != NONE:
                self.put_place(self.numbered(i))
                self.put_place(self.row(self.later[i]))
                self.put_place(self.row(self.earlier[i]))
                if what == TOTALS:
                    self.put_place(self.more[i])

    cdef inline int numbered(self, int end) noexcept:
        """The number of an end among the sums, or among the columns."""
        if end >= self.sums:
            return end - self.sums
        return end - 1 if end else self.sums - 1

    cdef Flat *flat_ends(self, int first, int last, Flat **end) except NULL:
        cdef int i, count = 0
        cdef Flat *flat
        for i in range(first, last):
            count += not self.lane(self.ends[i])
        flat = <Flat *>self.kept.room(count, sizeof(Flat))
        end[0] = flat
        for i in range(first, last):
            if not self.lane(self.ends[i]):
                end[0].end, end[0].uniform = self.numbered(i), self.uniform(self.ends[i])
                end[0] += 1
        return flat
