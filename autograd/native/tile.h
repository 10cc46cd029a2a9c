/* What the steps do, with registers of WIDTH doubles: machine.h includes this once for each.

   In here nothing is rearranged: every sum is added up in the order in which it was recorded, or in
   that of the examples, with a product and a sum rounded apart. So no bit depends on WIDTH. */

#define Block NAMED(Block)
#define Loose NAMED(Loose) /* at an odd address, as somebody else's numbers may be */
#if WIDTH > 1
typedef double Block __attribute__((vector_size(8 * WIDTH), may_alias, aligned(8)));
typedef double Loose __attribute__((vector_size(8 * WIDTH), may_alias, aligned(1)));
#else
typedef double Block, Loose;
#endif
#define VECTOR(pointer) (*(Block *)(pointer))

/* Exchanges the rows and columns of a square of numbers: a number of times, each row is mixed with
   the one half the rows below it, as two halves of a pack of cards are. */
#if WIDTH == 8
#define UPPER {0, 8, 1, 9, 2, 10, 3, 11}
#define LOWER {4, 12, 5, 13, 6, 14, 7, 15}
#elif WIDTH == 4
#define UPPER {0, 4, 1, 5}
#define LOWER {2, 6, 3, 7}
#else
#define UPPER {0, 2}
#define LOWER {1, 3}
#endif
#if defined(__GNUC__) && !defined(__clang__)
INSIDE void NAMED(transpose)(Block *rows)
{
    typedef long long Places __attribute__((vector_size(8 * WIDTH)));
    for (int turn = 1; turn < WIDTH; turn *= 2) {
        Block mixed[WIDTH];
        UNROLLED for (int i = 0; i < WIDTH / 2; i++) {
            mixed[2 * i] = __builtin_shuffle(rows[i], rows[i + WIDTH / 2], (Places)UPPER);
            mixed[2 * i + 1] = __builtin_shuffle(rows[i], rows[i + WIDTH / 2], (Places)LOWER);
        }
        UNROLLED for (int i = 0; i < WIDTH; i++)
            rows[i] = mixed[i];
    }
}
#else
INSIDE void NAMED(transpose)(Block *rows)
{
    double *x = (double *)rows;
    for (int i = 0; i < WIDTH; i++)
        for (int j = 0; j < i; j++) {
            const double held = x[i * WIDTH + j];
            x[i * WIDTH + j] = x[j * WIDTH + i];
            x[j * WIDTH + i] = held;
        }
}
#endif

#include "exponential.h"

/* The inputs of a tile: column by column, or squares of them where those of an example lie side by
   side. */
INSIDE void NAMED(load)(const Machine *machine, const Room *room, size_t first, int n)
{
    int k = 0, whole = 0;
    if (machine->side_by_side) /* a line of the cache for each lane: all that is read is in order */
        for (int line = 0; line + WIDTH <= n; line += BLOCK)
            for (k = 0; k + WIDTH <= machine->inputs; k += WIDTH)
                for (whole = line; whole < line + BLOCK && whole + WIDTH <= n; whole += WIDTH) {
                    const Column column = machine->columns[k];
                    const char *from = column.data + (ptrdiff_t)(first + whole) * column.step;
                    Block square[WIDTH];
                    UNROLLED for (int i = 0; i < WIDTH; i++, from += column.step)
                        square[i] = *(const Loose *)from;
                    NAMED(transpose)(square);
                    UNROLLED for (int i = 0; i < WIDTH; i++)
                        VECTOR(LANE(1 + k + i) + whole) = square[i];
                }
    for (int c = 0; c < machine->inputs; c++) {
        const Column column = machine->columns[c];
        int i = c < k ? whole : 0;
        const char *from = column.data + (ptrdiff_t)(first + i) * column.step;
        if (column.step == sizeof(double))
            memcpy(LANE(1 + c) + i, from, sizeof(double) * (n - i));
        else
            for (double *to = LANE(1 + c) + i; i < n; i++, to++, from += column.step)
                memcpy(to, from, sizeof(double));
    }
}

/* Lanes written down example by example. */
INSIDE void NAMED(turn)(const Machine *machine, const Room *room, const Step *step,
                        const int *rows, size_t first, int n)
{
    const size_t width = WHOLE(step->terms);
    int k = 0;
    if (machine->side_by_side && step->detail) { /* so many of the first rows are inputs in order */
        const Column column = machine->columns[rows[0] - 1];
        for (int i = 0; i < n; i++)
            memcpy(room->turned + i * width, column.data + (ptrdiff_t)(first + i) * column.step,
                   sizeof(double) * step->detail);
        k = step->detail;
        for (; k < step->terms && k % WIDTH; k++)
            for (int i = 0; i < n; i++)
                room->turned[i * width + k] = LANE(rows[k])[i];
    }
    for (; k < step->terms; k += WIDTH)
        for (int i = 0; i < n; i += WIDTH) {
            Block square[WIDTH];
            UNROLLED for (int r = 0; r < WIDTH; r++)
                square[r] = VECTOR(LANE(rows[k + r < step->terms ? k + r : k]) + i);
            NAMED(transpose)(square);
            UNROLLED for (int r = 0; r < WIDTH; r++)
                VECTOR(room->turned + (i + r) * width + k) = square[r];
        }
}

/* M rows of N blocks of a matrix product: their sums stay in registers, and while one addition is
   under way the others are begun. */
INSIDE void NAMED(block)(const int M, const int N, const int kind, const Product *p, int row,
                         size_t j, int from, int to)
{
    Block sum[16][8];
    const double *a[4]; /* of every fourth row: that many addresses fit into registers */
    for (int m = 0; m < M; m += 4)
        a[m / 4] = p->a + (row + m) * p->a_stride + from * p->a_step;
    double *c = p->c + row * p->c_stride + j;
    const double *more = p->more + row * p->more_stride + j;
    const int first = MAKES_LANES(kind) ? p->b_rows[0] : 0;
    UNROLLED for (int m = 0; m < M; m++)
        UNROLLED for (int r = 0; r < N; r++)
            if (from || p->start == CONTINUED)
                sum[m][r] = VECTOR(c + m * p->c_stride + r * WIDTH);
            else if (p->start == FROM_ZERO)
                sum[m][r] = (Block){0};
            else if (p->start == FROM_UNIFORM)
                sum[m][r] = *uniform(p->machine, p->starts[row + m]) - (Block){0}; /* -0.0 stays so */
            else
                sum[m][r] = VECTOR(p->b + p->starts[row + m] * p->b_stride + j + r * WIDTH);
    if (!MAKES_LANES(kind) && row + 2 * M <= p->count) /* sums are many, and far away */
        UNROLLED for (int m = M; m < 2 * M; m++)
            FETCH(c + m * p->c_stride);
    for (int k = from; k < to; k++) {
        const double *b = p->b + (kind == LISTED ? p->b_rows[k] : first + k) * p->b_stride + j;
        Block x[8];
        UNROLLED for (int r = 0; r < N; r++)
            x[r] = VECTOR(b + r * WIDTH);
        UNROLLED for (int m = 0; m < M; m++) {
            const double u = a[m / 4][m % 4 * p->a_stride];
            UNROLLED for (int r = 0; r < N; r++)
                if (kind == WITH_MORE)
                    sum[m][r] += u * x[r] + VECTOR(more + m * p->more_stride + r * WIDTH);
                else
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
INSIDE size_t NAMED(strip)(const int M, const int N, const int kind, const Product *p, int row,
                           int from, int to)
{
    size_t j = 0;
    for (; j + N * WIDTH <= p->across; j += N * WIDTH)
        NAMED(block)(M, N, kind, p, row, j, from, to);
    if (N > 4)
        for (; j + 4 * WIDTH <= p->across; j += 4 * WIDTH)
            NAMED(block)(M, 4, kind, p, row, j, from, to);
    if (N > 2)
        for (; j + 2 * WIDTH <= p->across; j += 2 * WIDTH)
            NAMED(block)(M, 2, kind, p, row, j, from, to);
    if (N > 1)
        for (; j + WIDTH <= p->across; j += WIDTH)
            NAMED(block)(M, 1, kind, p, row, j, from, to);
    return j;
}

/* The columns behind the last whole block, where a row of c has no room for one more. */
INSIDE void NAMED(last_columns)(const int M, const int kind, const Product *p, int row, size_t j,
                                int from, int to)
{
    double few[16 * WIDTH];
    const size_t bytes = sizeof(double) * (p->across - j);
    Product part = *p;
    part.a += row * p->a_stride, part.b += j, part.more += row * p->more_stride + j;
    part.c = few, part.c_stride = WIDTH, part.count = M;
    memset(few, 0, sizeof few);
    for (int m = 0; m < M; m++)
        memcpy(few + m * WIDTH, p->c + (row + m) * p->c_stride + j, bytes);
    NAMED(block)(M, 1, kind, &part, 0, 0, from, to);
    for (int m = 0; m < M; m++)
        memcpy(p->c + (row + m) * p->c_stride + j, few + m * WIDTH, bytes);
}

/* c[m][j] = start + a[m][0] * b[0][j] + a[m][1] * b[1][j] ..., for j below `across`; or, with more,
   start + (a[m][0] * b[0][j] + more[m][j]) + (a[m][1] * b[1][j] + more[m][j]) .... Whole blocks
   are read, so there is room behind the rows of b. A stretch of the terms at a time: the rows of a
   stay in the nearest cache. */
#define STRIPS(M, N)                                                                \
    for (; row + M <= p->count; row += M) {                                         \
        const size_t j = NAMED(strip)(M, N, kind, p, row, from, to);              \
        if (!MAKES_LANES(kind) && j < p->across)                                    \
            NAMED(last_columns)(M, kind, p, row, j, from, to);                      \
    }
INSIDE void NAMED(strips)(const int kind, const Product *p, int from, int to)
{
    int row = 0;
#if WIDTH == 8
    STRIPS(16, 1)
    STRIPS(8, 2)
    STRIPS(4, 4)
#else
    STRIPS(6, 2)
    STRIPS(4, 2)
#endif
    STRIPS(2, 4)
    STRIPS(1, 8)
}

/* With fewer registers, a row of b is read for fewer rows of a at once, and it matters more where it
   is: then so many columns are done at a time that b stays in the nearest cache, and so many rows
   that a stays in the next one. */
INSIDE void NAMED(product)(const int kind, const Product *p)
{
    const int high = WIDTH == 8 ? p->count : HIGH;
    const size_t wide = WIDTH == 8 ? p->across : WIDE;
    for (int from = 0; from == 0 || from < p->terms; from += STRETCH(WIDTH)) {
        const int to = p->terms - from < STRETCH(WIDTH) ? p->terms : from + STRETCH(WIDTH);
        for (int row = 0; row < p->count; row += high) {
            Product part = *p;
            part.count = p->count - row < high ? p->count - row : high;
            part.a += row * p->a_stride, part.c += row * p->c_stride;
            if (MAKES_LANES(kind))
                part.starts += row;
            if (kind == WITH_MORE)
                part.more += row * p->more_stride;
            for (size_t j = 0; j < p->across; j += wide) {
                part.across = p->across - j < wide ? p->across - j : wide;
                NAMED(strips)(kind, &part, from, to);
                part.b += wide, part.c += wide;
                if (kind == WITH_MORE)
                    part.more += wide;
            }
        }
    }
}

/* Each a function of its own: among the steps, there would be too few registers for them. */
#define PRODUCT(name, kind)                                                         \
    PROCESSOR APART void NAMED(name)(const Product *p) { NAMED(product)(kind, p); }
PRODUCT(product_of_listed, LISTED)
PRODUCT(product_of_a_row, IN_A_ROW)
PRODUCT(product_with_more, WITH_MORE)
PRODUCT(plain_product, PLAIN)

PROCESSOR
static void NAMED(run_tile)(const Machine *machine, const Room *room, size_t first, int n,
                            double *sums, int is_first)
{
    const size_t across = WHOLE(n);
    NAMED(load)(machine, room, first, n);
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
            FOR_EACH_ROW {
                const double u = *uniform(machine, places[row]);
                FOR_EACH_EXAMPLE y[i] = u;
            }
            break;
        }
        case CHAINS: {
            const int *starts = places + step->terms;
            const Product product = {
                step->count, step->terms, across,
                uniform(machine, step->first), step->spacing, step->step,
                room->lanes, places, room->stride,
                LANE(step->target), room->stride,
                step->detail, starts, machine,
            };
            if (step->in_a_row)
                NAMED(product_of_a_row)(&product);
            else
                NAMED(product_of_listed)(&product);
            break;
        }
        case TURN:
            NAMED(turn)(machine, room, step, places, first, n);
            break;
        case SUMS: {
            double *c = step->across ? room->held + step->step : sums + step->target;
            const Product product = {
                step->count, n, step->terms,
                LANE(step->first), step->spacing * (ptrdiff_t)room->stride, 1,
                room->turned, NULL, WHOLE(step->terms),
                c, step->terms,
                is_first ? FROM_ZERO : CONTINUED, NULL, NULL,
                machine->uniforms + step->more, step->terms,
            };
            if (step->more)
                NAMED(product_with_more)(&product);
            else
                NAMED(plain_product)(&product);
            break;
        }
        case TOTALS:
            for (int i = 0; i < step->count; i++, places += 4) {
                const double *x0 = LANE(places[1]), *x1 = LANE(places[2]);
                const double more = *uniform(machine, places[3]);
                double sum = is_first ? 0 : sums[places[0]];
                for (int k = 0; k < n; k++)
                    sum += x0[k] * x1[k] + more;
                sums[places[0]] = sum;
            }
            break;
        case STORE:
            store(machine, room, step, places, first, n);
            break;
        }
    }
}

PROCESSOR
static void NAMED(divide)(double *numbers, size_t count, double by)
{
    INDEPENDENT for (size_t i = 0; i < count; i++)
        numbers[i] /= by;
}

static const Ways NAMED(ways) = {NAMED(run_tile), NAMED(divide), NAMED(knows_exp)};

#undef Block
#undef Loose
#undef VECTOR
#undef WIDTH
#undef STRIPS
#undef PRODUCT
#undef UPPER
#undef LOWER
#undef NAMED
#undef PROCESSOR
