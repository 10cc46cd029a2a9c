# Which lanes the compiled machine computes together, and where they lie, as a part of machine.pyx.

cdef enum:
    AT_THE_END = 2147483647

cdef size_t MIXED = <size_t>0x9E3779B97F4A7C15ULL  # for hashing

cdef struct Group:        # what is one step: wires of one level, which read only what is below
    int level, first, last, count
    int target            # the first of their rows
    int until             # the last level that reads them
    int next              # of the same level
    int next_done         # of those that nobody reads any more after a level


cdef class Groups(Lanes):
    """Lanes that do the same at the same time: all neurons of a layer, which read the same lanes,
    are one matrix product."""

    cdef int *level
    cdef int *group_of
    cdef int *following                       # the next of its group
    cdef Group *groups
    cdef int groups_count, deepest
    cdef int *first_of_level
    cdef int rows
    cdef int *spread_row                      # of a uniform, where it is among three operands
    cdef int *spread_uniforms
    cdef int spread_count

    def __cinit__(self, listing, bint summed):
        self.group()
        self.lay_out()

    cdef int group(self) except -1:
        """Every lane that is computed, to those that are computed in the same step."""
        cdef int wire, number, most = 0
        cdef size_t mask = 63, slot
        cdef int *slots
        cdef Group *group
        for wire in range(self.leaves, self.wires):
            most += self.is_lane[wire] and not self.fused[wire]
        while mask < 2 * <size_t>most:
            mask = 2 * mask + 1
        slots = self.scratch.ints(mask + 1, NOWHERE)
        self.level = self.scratch.ints(self.wires, 0)
        self.group_of = self.scratch.ints(self.wires, NOWHERE)
        self.following = self.scratch.ints(self.wires, NOWHERE)
        self.groups = <Group *>self.scratch.room(most, sizeof(Group))
        for wire in range(self.leaves, self.wires):
            if not self.is_lane[wire] or self.fused[wire]:
                continue
            self.level[wire] = 1 + self.level_below(wire)
            self.deepest = max(self.deepest, self.level[wire])
            slot = self.likeness(wire) & mask
            while slots[slot] >= 0 and not self.are_alike(self.groups[slots[slot]].first, wire):
                slot = (slot + 1) & mask
            if slots[slot] < 0:
                slots[slot] = number = self.groups_count
                self.groups_count += 1
                group = &self.groups[number]
                group.level, group.first = self.level[wire], wire
            else:
                number = slots[slot]
                group = &self.groups[number]
                self.following[group.last] = wire
            group.last = wire
            group.count += 1
            self.group_of[wire] = number

        self.first_of_level = self.scratch.ints(self.deepest + 1, NOWHERE)
        for number in range(self.groups_count - 1, -1, -1):
            group = &self.groups[number]
            group.next = self.first_of_level[group.level]
            self.first_of_level[group.level] = number

    cdef int level_below(self, int wire) noexcept:
        """The highest level of what it reads."""
        cdef Instruction *x = self.made(wire)
        cdef Chain *chain
        cdef int i, below = 0
        if self.chain_of[wire] < 0:
            for i in range(3):
                if self.lane((&x.a)[i]):
                    below = max(below, self.level[(&x.a)[i]])
            return below
        chain = &self.chains[self.chain_of[wire]]
        if chain.from_lane:
            below = self.level[chain.start]
        i = chain.first
        while i >= 0:
            if self.links[i].lane >= 0:
                below = max(below, self.level[self.links[i].lane])
            i = self.links[i].next
        return below

    cdef inline int form(self, Instruction *x) noexcept:
        """Which arguments are uniforms, as bits; none for three, where these become lanes."""
        if x.c != NONE or x.b == NONE:
            return ON_LANES
        return (not self.lane(x.a)) + 2 * (not self.lane(x.b))

    cdef size_t likeness(self, int wire) noexcept:
        """Equal for wires that are alike."""
        cdef Instruction *x = self.made(wire)
        cdef size_t sum = <size_t>self.level[wire] * MIXED
        cdef Chain *chain
        cdef int i
        if self.chain_of[wire] < 0:
            sum += 4 * <size_t>x.op + self.form(x) + 1
        else:
            chain = &self.chains[self.chain_of[wire]]
            sum += <size_t>chain.count + (<size_t>chain.step << 32)
            i = chain.first
            while i >= 0:
                sum = sum * MIXED + <size_t>self.links[i].lane
                i = self.links[i].next
        sum ^= sum >> 32
        sum *= MIXED
        return sum ^ sum >> 29

    cdef bint are_alike(self, int one, int other) noexcept:
        """Whether both do the same: an operation, or chains over the same lanes."""
        cdef Chain *a
        cdef Chain *b
        cdef Instruction *x
        cdef Instruction *y
        cdef int i, j
        if self.level[one] != self.level[other]:
            return False
        if self.chain_of[one] < 0 or self.chain_of[other] < 0:
            x, y = self.made(one), self.made(other)
            return (
                self.chain_of[one] == self.chain_of[other]
                and x.op == y.op
                and self.form(x) == self.form(y)
            )
        a, b = &self.chains[self.chain_of[one]], &self.chains[self.chain_of[other]]
        if a.count != b.count or a.step != b.step or a.from_lane != b.from_lane:
            return False
        i, j = a.first, b.first
        while i >= 0:
            if self.links[i].lane != self.links[j].lane:
                return False
            i, j = self.links[i].next, self.links[j].next
        return True

    # Rows

    cdef int lay_out(self) except -1:
        """Give the wires of a group rows side by side, which nobody else needs at the time."""
        cdef int level, number, wire, row, done
        cdef Group *group
        cdef int *first_done = self.scratch.ints(self.deepest + 1, NOWHERE)
        cdef Gaps gaps = Gaps()
        for level in range(1, self.deepest + 1):
            number = self.first_of_level[level]
            while number >= 0:
                wire = self.groups[number].first
                while wire >= 0:
                    self.reads(wire, level)
                    wire = self.following[wire]
                number = self.groups[number].next
        for number in range(self.ends_count):
            self.is_read(self.later[number], AT_THE_END)
            self.is_read(self.earlier[number], AT_THE_END)
        self.rows = 1 + self.inputs + self.spread()
        for level in range(1, self.deepest + 1):
            number = self.first_of_level[level]
            while number >= 0:
                group = &self.groups[number]
                group.target = row = gaps.taken(group.count)
                if row < 0:
                    group.target = row = self.rows
                    self.rows += group.count
                wire = group.first
                while wire >= 0:
                    self.place[wire] = row
                    row, wire = row + 1, self.following[wire]
                if group.until != AT_THE_END:
                    done = max(group.until, level)  # of what nobody reads, at once
                    group.next_done, first_done[done] = first_done[done], number
                number = group.next
            number = first_done[level]
            while number >= 0:
                gaps.add(self.groups[number].target, self.groups[number].count)
                number = self.groups[number].next_done

    cdef int spread(self) except -1:
        """Rows for the uniforms among three operands; how many."""
        cdef int wire, i, count = 0
        cdef Instruction *x
        self.spread_row = self.scratch.ints(self.uniforms_count, 0)
        self.spread_uniforms = self.scratch.ints(self.uniforms_count, 0)
        for wire in range(self.leaves, self.wires):
            x = self.made(wire)
            if x and x.c != NONE:
                for i in range(3):
                    if not self.lane((&x.a)[i]) and not self.spread_row[self.uniform((&x.a)[i])]:
                        self.spread_uniforms[count] = self.uniform((&x.a)[i])
                        self.spread_row[self.spread_uniforms[count]] = 1 + self.inputs + count
                        count += 1
        self.spread_count = count
        return count

    cdef inline void is_read(self, int wire, int level) noexcept:
        if wire >= 0 and self.group_of[wire] >= 0:
            self.groups[self.group_of[wire]].until = level

    cdef void reads(self, int wire, int level) noexcept:
        cdef Instruction *x = self.made(wire)
        cdef Chain *chain
        cdef int i
        if self.chain_of[wire] < 0:
            for i in range(3):
                self.is_read((&x.a)[i], level)
            return
        chain = &self.chains[self.chain_of[wire]]
        if chain.from_lane:
            self.is_read(chain.start, level)
        i = chain.first
        while i >= 0:
            self.is_read(self.links[i].lane, level)
            i = self.links[i].next


cdef class Gaps:
    """Rows that are free again: the largest few gaps."""

    cdef int first[64]
    cdef int count[64]
    cdef int gaps

    cdef int taken(self, int count) noexcept:
        """The first of so many rows side by side; -1 where there are none."""
        cdef int i, row
        for i in range(self.gaps - 1, -1, -1):  # those used last, which are in the cache
            if self.count[i] >= count:
                row = self.first[i]
                self.first[i] += count
                self.count[i] -= count
                return row
        return -1

    cdef void add(self, int first, int count) noexcept:
        cdef int i, least = 0
        for i in range(self.gaps):
            if self.count[i] == 0 or self.first[i] + self.count[i] == first:
                if self.count[i] == 0:
                    self.first[i] = first
                self.count[i] += count
                return
            if first + count == self.first[i]:
                self.first[i], self.count[i] = first, self.count[i] + count
                return
            if self.count[i] < self.count[least]:
                least = i
        if self.gaps < 64:
            least = self.gaps
            self.gaps += 1
        elif self.count[least] >= count:
            return  # too small to remember
        self.first[least], self.count[least] = first, count
