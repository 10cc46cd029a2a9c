/* What the steps do, with registers of WIDTH doubles: machine.h includes this once for each.

   In here nothing is rearranged: every sum is added up in the order in which it was recorded, or in
   that of the examples, with a product and a sum rounded apart. So no bit depends on WIDTH. */

#define Block NAMED(Block)
#if WIDTH > 1
typedef double Block __attribute__((vector_size(8 * WIDTH), may_alias, aligned(8)));
#else
typedef double Block;
#endif
#define VECTOR(pointer) (*(Block *)(pointer))

/* M rows of N blocks of a matrix product: their sums stay in registers, and while one addition is
   under way the others are begun. */
INSIDE void NAMED(block)(const int M, const int N, const int listed, const Product *p, int row,
                         size_t j, int from, int to)
{
    Block sum[16][8];
    const double *a[4]; /* of every fourth row: that many addresses fit into registers */
    for (int m = 0; m < M; m += 4)
        a[m / 4] = p->a + (row + m) * p->a_stride + from * p->a_step;
    double *c = p->c + row * p->c_stride + j;
    UNROLLED for (int m = 0; m < M; m++)
        UNROLLED for (int r = 0; r < N; r++)
            if (from || p->start == CONTINUED)
                sum[m][r] = VECTOR(c + m * p->c_stride + r * WIDTH);
            else if (p->start == FROM_ZERO)
                sum[m][r] = (Block){0};
            else if (p->start == FROM_UNIFORM)
                sum[m][r] = p->starts[p->start_places[row + m]] - (Block){0}; /* -0.0 stays so */
            else
                sum[m][r] = VECTOR(p->starts + p->start_places[row + m] * p->b_stride + j + r * WIDTH);
    for (int k = from; k < to; k++) {
        const double *b = p->b + (listed ? p->b_rows[k] : k) * p->b_stride + j;
        Block x[8];
        UNROLLED for (int r = 0; r < N; r++)
            x[r] = VECTOR(b + r * WIDTH);
        UNROLLED for (int m = 0; m < M; m++) {
            const double u = a[m / 4][m % 4 * p->a_stride];
            UNROLLED for (int r = 0; r < N; r++)
                sum[m][r] += u * x[r];
        }
        UNROLLED for (int m = 0; m < M; m += 4) {
            a[m / 4] += p->a_step;
            IN_A_REGISTER(a[m / 4]);
        }
    }
    UNROLLED for (int m = 0; m < M; m++)
        UNROLLED for (int r = 0; r < N; r++)
            VECTOR(c + m * p->c_stride + r * WIDTH) = sum[m][r];
}

/* M rows, N blocks at a time, and then fewer; whole ones only. Returns the first column behind. */
INSIDE size_t NAMED(strip)(const int M, const int N, const int listed, const Product *p, int row,
                           int from, int to)
{
    size_t j = 0;
    for (; j + N * WIDTH <= p->across; j += N * WIDTH)
        NAMED(block)(M, N, listed, p, row, j, from, to);
    if (N > 4)
        for (; j + 4 * WIDTH <= p->across; j += 4 * WIDTH)
            NAMED(block)(M, 4, listed, p, row, j, from, to);
    if (N > 2)
        for (; j + 2 * WIDTH <= p->across; j += 2 * WIDTH)
            NAMED(block)(M, 2, listed, p, row, j, from, to);
    if (N > 1)
        for (; j + WIDTH <= p->across; j += WIDTH)
            NAMED(block)(M, 1, listed, p, row, j, from, to);
    return j;
}

/* The columns behind the last whole block, where a row of c has no room for one more. */
INSIDE void NAMED(last_columns)(const int M, const Product *p, int row, size_t j, int from, int to)
{
    double few[16 * WIDTH];
    const size_t bytes = sizeof(double) * (p->across - j);
    Product part = *p;
    part.a += row * p->a_stride, part.b += j;
    part.c = few, part.c_stride = WIDTH;
    memset(few, 0, sizeof few);
    for (int m = 0; m < M; m++)
        memcpy(few + m * WIDTH, p->c + (row + m) * p->c_stride + j, bytes);
    NAMED(block)(M, 1, 0, &part, 0, 0, from, to);
    for (int m = 0; m < M; m++)
        memcpy(p->c + (row + m) * p->c_stride + j, few + m * WIDTH, bytes);
}

/* c[m][j] = start + a[m][0] * b[0][j] + a[m][1] * b[1][j] ..., for j below `across`. Whole blocks
   are read, so there is room behind the rows of b. A stretch of the terms at a time: the rows of a
   stay in the nearest cache. */
#define STRIPS(M, N)                                                                \
    for (; row + M <= p->count; row += M) {                                         \
        const size_t j = NAMED(strip)(M, N, listed, p, row, from, to);              \
        if (!listed && j < p->across)                                               \
            NAMED(last_columns)(M, p, row, j, from, to);                            \
    }
INSIDE void NAMED(product)(const int listed, const Product *p)
{
    for (int from = 0; from == 0 || from < p->terms; from += STRETCH) {
        const int to = p->terms - from < STRETCH ? p->terms : from + STRETCH;
        int row = 0;
#if WIDTH == 8
        STRIPS(16, 1)
        STRIPS(8, 2)
        STRIPS(4, 4)
#else
        STRIPS(4, 2)
#endif
        STRIPS(2, 4)
        STRIPS(1, 8)
    }
}

PROCESSOR
static void NAMED(run_tile)(const Machine *machine, const Room *room, size_t first, int n,
                            double *sums, int is_first)
{
    const double *const uniforms = machine->uniforms;
    const size_t across = WHOLE(n);
    load(machine, room, first, n);
    for (const Step *step = machine->steps; step < machine->steps_end; step++) {
        const int *places = machine->places + step->at;
        switch (step->what) {
        case OPERATION: {
            const int *xs = places, *x1s = xs + step->count, *x2s = x1s + step->count;
            double *y = LANE(step->target);
            switch (step->detail) {
                UNARY_ROWS(UNARY)
                BINARY_ROWS(BINARY)
                TERNARY_ROWS(TERNARY)
            }
            break;
        }
        case SPREAD: {
            double *y = LANE(step->target);
            FOR_EACH_ROW FOR_EACH_EXAMPLE y[i] = uniforms[places[row]];
            break;
        }
        case CHAINS: {
            const int *starts = places + step->terms;
            const Product product = {
                step->count, step->terms, across,
                uniforms + step->first, step->spacing, step->step,
                room->lanes, places, room->stride,
                LANE(step->target), room->stride,
                step->detail, step->detail == FROM_LANE ? room->lanes : uniforms, starts,
            };
            NAMED(product)(1, &product);
            break;
        }
        case TURN:
            turn(machine, room, step, places, first, n);
            break;
        case SUMS: {
            double *c = step->across ? room->held + step->step : sums + step->target;
            const Product product = {
                step->count, n, step->terms,
                LANE(step->first), step->spacing * (ptrdiff_t)room->stride, 1,
                room->turned, NULL, WHOLE(step->terms),
                c, step->terms,
                is_first ? FROM_ZERO : CONTINUED, NULL, NULL,
            };
            NAMED(product)(0, &product);
            break;
        }
        case TOTALS:
            for (int i = 0; i < step->count; i++, places += 3) {
                const double *x0 = LANE(places[1]), *x1 = LANE(places[2]);
                double sum = is_first ? 0 : sums[places[0]];
                for (int k = 0; k < n; k++)
                    sum += x0[k] * x1[k];
                sums[places[0]] = sum;
            }
            break;
        case STORE:
            store(machine, room, step, places, first, n);
            break;
        }
    }
}

#undef Block
#undef VECTOR
#undef WIDTH
#undef STRIPS
#undef NAMED
#undef PROCESSOR
