# Many updates in one call, as a part of machine.pyx: a loop over what a program, and the rule of an
# optimiser, which is a program too, do by themselves.

cdef struct Part:         # a program in training
    State *state
    Room *rooms
    int threads
    int *places           # where its parameters are among all
    int count
    bint is_all           # of which it has all, in their order


cdef class Training:
    """Programs of a loss, of a penalty and of an update rule, made ready for many updates.

    `loss` is a pair (machine, places), a machine for the loss of one example and where its
    parameters are among all that are trained; `penalty` is such a pair, or None. The machine of
    `rule` maps columns of numbers, gradients and slots to new numbers and slots. `rows` is an array
    of examples.
    """

    cdef list codes
    cdef Memory memory
    cdef int parameters, slots, width, also
    cdef Part loss, penalty, rule
    cdef double[:, ::1] rows
    cdef double *first_row
    cdef Columns inputs, ends, before, after
    cdef double *gathered
    cdef double *sums
    cdef double *gradients  # and behind them room for the value
    cdef double *last     # the gradients of the last update that was made
    cdef double *now      # numbers, and behind them the slots; and those after the update
    cdef double *next
    cdef Py_ssize_t most  # examples in an update

    def __cinit__(self, loss, penalty, rule, int parameters, int slots, rows, int most):
        self.codes, self.memory = [], Memory()
        self.parameters, self.slots = parameters, slots
        self.rows, self.width, self.most = rows, rows.shape[1], most
        self.first_row = &self.rows[0, 0] if self.width else NULL
        self.loss = self.part(loss[0], "sums", loss[1], most)
        self.also = <int>(<Code>self.codes[-1]).also
        if penalty:
            self.penalty = self.part(penalty[0], "sums", penalty[1], 1)
        self.rule = self.part(rule, "columns", (), 1)
        self.rule.count = <int>(<Code>self.codes[-1]).parameters  # the rate, if it is read
        self.gathered = self.doubles(most * self.width)
        self.sums = self.doubles(parameters + 1)
        self.gradients = self.doubles(parameters + 1)
        self.last = self.doubles(parameters + 1)
        self.now = self.doubles((1 + slots) * parameters)
        self.next = self.doubles((1 + slots) * parameters)
        self.inputs, self.ends = Columns(self.width), Columns(1 + self.also)
        self.before, self.after = Columns(2 + slots), Columns(1 + slots)
        self.inputs.add(self.gathered, self.width * sizeof(double), sizeof(double), self.width)
        self.ends.add(NULL, self.also * sizeof(double), sizeof(double), self.also)
        self.before.add(NULL, sizeof(double), 0, 2 + slots)
        self.after.add(NULL, sizeof(double), 0, 1 + slots)

    cdef double *doubles(self, size_t count) except NULL:
        return <double *>self.memory.room(count, sizeof(double))

    cdef Part part(self, Machine machine, kind, places, size_t most) except *:
        cdef Code code = Code(machine.pruned(kind), kind == "sums")
        cdef Part part
        cdef int i
        self.codes.append(code)
        part.state, part.count = &code.plan.state, len(places)
        part.threads = code.worth(most)
        code.make_rooms(part.threads)
        part.rooms = code.rooms
        part.places = <int *>self.memory.room(part.count, sizeof(int))
        part.is_all = part.count == self.parameters
        for i in range(part.count):
            part.places[i] = places[i]
            part.is_all = part.is_all and places[i] == i
        return part

    def run(self, int64_t[::1] order, int64_t[::1] sizes, double[::1] rates,
            double[:, ::1] state, double[::1] gradients, double[:, ::1] outputs,
            double[::1] losses):
        """Updates of `state`, the numbers and then the slots; returns how many.

        `order` has the rows of all examples, one update after the other, and `sizes` how many make
        an update. Stops before an update in which something is not finite. Writes the outputs of
        every example, the loss of every update, and the last gradients.
        """
        cdef Py_ssize_t done = 0, example = 0, size = (1 + self.slots) * self.parameters
        memcpy(self.now, &state[0, 0], size * sizeof(double))
        with nogil:
            while done < sizes.shape[0]:
                losses[done] = self.swept(
                    &order[example], sizes[done], &outputs[example, 0] if self.also else NULL
                )
                if not isfinite(losses[done]) or not all_finite(self.gradients, self.parameters):
                    break
                self.move(rates[done])
                if not all_finite(self.next, size):
                    break
                self.now, self.next = self.next, self.now
                self.gradients, self.last = self.last, self.gradients
                example += sizes[done]
                done += 1
        memcpy(&state[0, 0], self.now, size * sizeof(double))
        memcpy(&gradients[0], self.last, self.parameters * sizeof(double))
        return done

    cdef double swept(
        self, const int64_t *order, Py_ssize_t examples, double *outputs
    ) noexcept nogil:
        """The loss of an update; its gradients are left in `gradients`."""
        cdef double value
        cdef Py_ssize_t k
        cdef Part *part = &self.loss
        cdef double *sums = self.gradients if part.is_all else self.sums
        for k in range(examples):
            memcpy(
                self.gathered + k * self.width, self.first_row + order[k] * self.width,
                self.width * sizeof(double),
            )
        for k in range(self.also):
            self.ends.at[k].data = <char *>(outputs + k)
        part.state.columns, part.state.ends = self.inputs.at, self.ends.at
        part.state.side_by_side = True
        self.run_part(part, examples, sums)
        value = sums[part.count]
        if not part.is_all:
            memset(self.gradients, 0, self.parameters * sizeof(double))
            for k in range(part.count):
                self.gradients[part.places[k]] = sums[k]
        if examples > 1:
            value /= examples
            divide(self.gradients, self.parameters, examples)
        if self.penalty.state != NULL:
            self.run_part(&self.penalty, 1, self.sums)
            value += self.sums[self.penalty.count]
            for k in range(self.penalty.count):
                self.gradients[self.penalty.places[k]] += self.sums[k]
        return value

    cdef void run_part(self, Part *part, Py_ssize_t n, double *sums) noexcept nogil:
        cdef int i
        part.state.parameters = self.now if part.is_all else part.state.uniforms
        if not part.is_all:
            for i in range(part.count):
                part.state.uniforms[i] = self.now[part.places[i]]
        part.state.n = n
        run(part.state, part.rooms, part.threads if n > PART else 1, sums)

    cdef void move(self, double rate) noexcept nogil:
        """The numbers and slots after the update."""
        cdef int i
        cdef State *rule = self.rule.state
        if self.rule.count:
            rule.uniforms[0] = rate
        rule.parameters = rule.uniforms
        self.before.at[0].data = <char *>self.now
        self.before.at[1].data = <char *>self.gradients
        self.after.at[0].data = <char *>self.next
        for i in range(1, 1 + self.slots):
            self.before.at[1 + i].data = <char *>(self.now + i * self.parameters)
            self.after.at[i].data = <char *>(self.next + i * self.parameters)
        rule.columns, rule.ends, rule.n = self.before.at, self.after.at, self.parameters
        run(rule, self.rule.rooms, 1, NULL)
