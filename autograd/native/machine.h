/* The inside of the native machine: steps, each carried out on a tile of examples.

   A uniform is a number that is the same for all examples. A lane is a row of numbers, one per
   example of the tile. `plan.pxi` decides on the steps and the rows, and `tile.h` says what each of
   them does. */

#include <stddef.h>
#include <string.h>

#if defined(__GNUC__) && defined(__x86_64__)
#include <immintrin.h>
#endif

#include "kernels.h"

#define BLOCK 8     /* doubles of the widest registers */
#define TILE 128    /* examples of a tile, at most */
#define MOST_THREADS 16
#define STRETCH(width) ((width) == 8 ? 128 : 192) /* terms of a product that are added in one go, */
#define WIDE 16     /* and, where registers are few, columns (24 KB of the second matrix) */
#define HIGH 96     /* and rows (144 KB of the first) */
#define WHOLE(count) (((size_t)(count) + BLOCK - 1) / BLOCK * BLOCK)

enum { /* what a step does; y, x are lanes, u is a uniform */
    OPERATION, /* y = op(x or u, ...) for each of `count` rows; detail: 4 * code + its form */
    CHAINS,    /* y = start + u * x + u * x ..., of `terms` lanes that all rows share */
    TURN,      /* writes `terms` lanes down example by example, for the next step */
    SUMS,      /* adds x * turned + u, or without u, to sums, over the examples: `count` times
                  `terms` of them */
    TOTALS,    /* adds x * x + u to a sum, over the examples, for each of `count` */
    STORE,     /* column = x * x, for each of `count` */
    SPREAD,    /* y = u, for each of `count` rows */
};
enum { /* the form of an operation: which arguments are uniforms, as bits */
    ON_LANES = 0, UNIFORM_LANE = 1, LANE_UNIFORM = 2,
};
enum { FROM_UNIFORM, FROM_LANE, FROM_ZERO, CONTINUED }; /* where a sum of products begins */
enum { /* a matrix product, see tile.h */
    LISTED, IN_A_ROW, /* makes lanes; those that b consists of are listed, or lie in a row */
    PLAIN, WITH_MORE, /* makes sums */
};
#define MAKES_LANES(kind) ((kind) <= IN_A_ROW)

typedef struct {
    int what, detail, count, terms;
    int target; /* the first of the rows, or of the sums, that it makes */
    int first, spacing; /* of what is multiplied, from one of `count` to the next */
    int step;   /* from one uniform of a chain to the next; or where sums are held */
    int more;   /* the first of the uniforms that every example adds to a sum; 0 for none */
    int in_a_row; /* whether the lanes of chains are */
    int across; /* so many sums in a row, where rows and columns are exchanged; else 0 */
    size_t at;  /* where its places begin: the rows and uniforms that it reads, see tile.h */
} Step;
typedef struct { /* an operation on uniforms, `count` times, one after the other */
    int code, count, target;
    int first[3], step[3]; /* of its arguments: the place of the first, and from each to the next */
} Once;
typedef struct { int end, uniform; } Flat;           /* an end that is the same for all examples */
typedef struct { char *data; ptrdiff_t step; } Column; /* doubles, a step of bytes apart */

typedef struct { /* what one thread works with */
    double *lanes;  /* a row for every lane; row 0 holds ones */
    double *turned; /* what TURN has written */
    double *held;   /* sums of which the rows and columns are exchanged, until a part is done */
    double *sums;   /* those of a part */
    size_t stride;  /* doubles from one row to the next */
} Room;

typedef struct {
    Once *once, *once_end;   /* on uniforms */
    int *packed, *packed_end; /* uniforms that are copied side by side, */
    double *packed_to;       /* to here */
    Step *steps, *steps_end; /* on lanes */
    int *places;
    Flat *flat, *flat_end;   /* sums */
    Flat *even, *even_end;   /* columns */
    double *uniforms;        /* behind the places of the parameters, which lie elsewhere */
    int parameters_count;
    int inputs, sums_count;  /* columns in; sums of gradients, and behind them of the value */
    int tile;                /* examples of a tile */
    double work;             /* multiplications of an example, about */
    /* and for one run */
    const double *parameters;
    const Column *columns, *ends; /* inputs; and ends that are no sums */
    int side_by_side;             /* whether the inputs of an example are */
    size_t n;
} Machine;

typedef struct { /* of matrices; c = a * b, see tile.h */
    int count, terms;     /* rows of a, and columns of it */
    size_t across;        /* columns of b */
    const double *a; ptrdiff_t a_stride, a_step;
    const double *b; const int *b_rows; ptrdiff_t b_stride;
    double *c; ptrdiff_t c_stride;
    int start; const int *starts; const Machine *machine;
    const double *more; ptrdiff_t more_stride;
} Product;

/* Where the uniform at a place is, and those behind it of its kind. */
static inline const double *uniform(const Machine *machine, int place)
{
    return (place < machine->parameters_count ? machine->parameters : machine->uniforms) + place;
}

/* Loops whose iterations are independent: the target of a step is no lane that it reads. */
#if defined(__GNUC__) && !defined(__clang__)
#define INDEPENDENT _Pragma("GCC ivdep")
#define UNROLLED _Pragma("GCC unroll 16")
#else
#define INDEPENDENT
#define UNROLLED
#endif

#define LANE(number) (room->lanes + (size_t)(number) * room->stride)

#define FOR_EACH_ROW for (int row = 0; row < step->count; row++, y += room->stride)
#define FOR_EACH_EXAMPLE INDEPENDENT for (int i = 0; i < n; i++)

/* The ways of an operation: from the numbers of each example at once, or, where it takes an
   exponential, from all exponentials of a lane. */
#define ONE_PASS(numbers, value) FOR_EACH_EXAMPLE { numbers y[i] = value; }
#define AROUND_EXP(numbers, value, taken_of, with)                                  \
    FOR_EACH_EXAMPLE { numbers y[i] = taken_of; }                                   \
    NAMED(exps)(y, n);                                                              \
    FOR_EACH_EXAMPLE { numbers const double e = y[i]; y[i] = with; }

/* The rows of the table, for the switch over what an operation does. */
#define UNARY(code, name, WAY, ...)                                                 \
    case 4 * code:                                                                  \
        FOR_EACH_ROW {                                                              \
            const double *x = LANE(xs[row]);                                        \
            WAY(const double a = x[i];, __VA_ARGS__)                                \
        }                                                                           \
        break;
#define BINARY(code, name, WAY, ...)                                                \
    case 4 * code + ON_LANES:                                                       \
        FOR_EACH_ROW {                                                              \
            const double *x0 = LANE(xs[row]), *x1 = LANE(x1s[row]);                 \
            WAY(const double a = x0[i]; const double b = x1[i];, __VA_ARGS__)       \
        }                                                                           \
        break;                                                                      \
    case 4 * code + UNIFORM_LANE:                                                   \
        FOR_EACH_ROW {                                                              \
            const double a = *uniform(machine, xs[row]), *x = LANE(x1s[row]);       \
            WAY(const double b = x[i];, __VA_ARGS__)                                \
        }                                                                           \
        break;                                                                      \
    case 4 * code + LANE_UNIFORM:                                                   \
        FOR_EACH_ROW {                                                              \
            const double b = *uniform(machine, x1s[row]), *x = LANE(xs[row]);       \
            WAY(const double a = x[i];, __VA_ARGS__)                                \
        }                                                                           \
        break;
#define TERNARY(code, name, WAY, ...)                                               \
    case 4 * code:                                                                  \
        FOR_EACH_ROW {                                                              \
            const double *x0 = LANE(xs[row]), *x1 = LANE(x1s[row]), *x2 = LANE(x2s[row]); \
            WAY(const double a = x0[i]; const double b = x1[i]; const double c = x2[i];, \
                __VA_ARGS__)                                                        \
        }                                                                           \
        break;

#define ONE_AFTER_THE_OTHER(code, name, WAY, value, ...)                            \
    case code:                                                                      \
        for (int i = 0; i < once->count; i++) {                                     \
            const double a = *x0, b = *x1, c = *x2;                                 \
            y[i] = value;                                                           \
            x0 += once->step[0], x1 += once->step[1], x2 += once->step[2];          \
            (void)b, (void)c;                                                       \
        }                                                                           \
        break;
static void run_once(const Machine *machine, const Once *once)
{
    double *y = machine->uniforms + once->target; /* which may be the next argument */
    const double *x0 = uniform(machine, once->first[0]), *x1 = uniform(machine, once->first[1]);
    const double *x2 = uniform(machine, once->first[2]);
    switch (once->code) {
        UNARY_ROWS(ONE_AFTER_THE_OTHER)
        BINARY_ROWS(ONE_AFTER_THE_OTHER)
        TERNARY_ROWS(ONE_AFTER_THE_OTHER)
    }
}

static void store(const Machine *machine, const Room *room, const Step *step, const int *places,
                  size_t first, int n)
{
    for (int i = 0; i < step->count; i++, places += 3) {
        const Column column = machine->ends[places[0]];
        const double *x0 = LANE(places[1]), *x1 = LANE(places[2]);
        char *to = column.data + (ptrdiff_t)first * column.step;
        if (places[2] == 0 && column.step == sizeof(double)) { /* times 1 */
            memcpy(to, x0, sizeof(double) * n);
            continue;
        }
        for (int k = 0; k < n; k++, to += column.step) {
            const double number = x0[k] * x1[k];
            memcpy(to, &number, sizeof number);
        }
    }
}

static const double powers[2 * EXP_STEPS] = {POWERS};
static int exp_is_known; /* whether exp may be computed as exponential.h does */
#define FARTHEST 512     /* beyond it steps are others, towards 0 and infinity */

/* Runs all steps on n examples, from `first` on. */
typedef void RunTile(const Machine *machine, const Room *room, size_t first, int n, double *sums,
                     int is_first);
typedef struct { /* tile.h defines one for every width of registers */
    RunTile *run_tile;
    void (*divide)(double *numbers, size_t count, double by);
    int (*knows_exp)(void);
} Ways;

#if defined(__GNUC__)
#define IN_A_REGISTER(x) __asm__("" : "+r"(x))
#define FETCH(place) __builtin_prefetch(place, 1) /* into the cache: it is soon written */
#define INSIDE static inline __attribute__((always_inline)) PROCESSOR
#define APART static __attribute__((noinline))
#else
#define IN_A_REGISTER(x)
#define FETCH(place)
#define INSIDE static inline
#define APART static
#endif

#if defined(__GNUC__) && defined(__x86_64__)
#define WIDTH 8
#define NAMED(name) name##_avx512f
#define PROCESSOR __attribute__((target("avx512f,fma")))
#include "tile.h"
#define WIDTH 4
#define NAMED(name) name##_avx2
#define PROCESSOR __attribute__((target("avx2,fma")))
#include "tile.h"
#endif

#if defined(__GNUC__)
#define WIDTH 2
#else
#define WIDTH 1
#endif
#define NAMED(name) name##_anywhere
#define PROCESSOR
#include "tile.h"

static int all_finite(const double *numbers, size_t count)
{
    unsigned long long bits, carried = 0, one = 1ULL << 52; /* of an exponent */
    for (size_t i = 0; i < count; i++) { /* no early end: whole registers at a time */
        memcpy(&bits, numbers + i, sizeof bits);
        carried |= (bits & 0x7ffULL << 52) + one; /* the greatest exponent carries into the sign */
    }
    return !(carried >> 63);
}

static int widest = 8; /* doubles of a register: less is for the tests, which compare the bits */

static const Ways *fastest_here(void)
{
#if defined(__GNUC__) && defined(__x86_64__)
    if (widest >= 4 && __builtin_cpu_supports("fma")) {
        if (widest >= 8 && __builtin_cpu_supports("avx512f"))
            return &ways_avx512f;
        if (__builtin_cpu_supports("avx2"))
            return &ways_avx2;
    }
#endif
    return &ways_anywhere;
}

static int knows_exp(void)
{
    return fastest_here()->knows_exp();
}

static void divide(double *numbers, size_t count, double by)
{
    fastest_here()->divide(numbers, count, by);
}

/* The sums of some examples, in their order. */
static void run_part(const Machine *machine, const Room *room, size_t first, size_t end,
                     double *sums)
{
    RunTile *const run_tile = fastest_here()->run_tile;
    const size_t tile = room->stride - BLOCK;
    for (size_t i = first; i < end; i += tile)
        run_tile(machine, room, i, end - i < tile ? (int)(end - i) : (int)tile, sums, i == first);
    for (const Step *step = machine->steps; step < machine->steps_end; step++)
        if (step->what == SUMS && step->across)
            for (int i = 0; i < step->count; i++)
                for (int j = 0; j < step->terms; j++)
                    sums[step->target + j * step->across + i] =
                        room->held[step->step + i * step->terms + j];
    for (const Flat *flat = machine->flat; flat < machine->flat_end; flat++) {
        const double u = *uniform(machine, flat->uniform);
        double sum = 0;
        for (size_t i = first; i < end; i++)
            sum += u;
        sums[flat->end] = sum;
    }
}

/* Parts may be done by several threads, but their sums are added up in order: no bit depends on how
   many threads there are. */
#if defined(__unix__) || defined(__APPLE__)
#include <pthread.h>
#else /* one thread */
typedef int pthread_t, pthread_mutex_t, pthread_cond_t;
#define PTHREAD_MUTEX_INITIALIZER 0
#define PTHREAD_COND_INITIALIZER 0
#define pthread_create(thread, settings, work, job) 1
#define pthread_join(thread, result)
#define pthread_mutex_lock(mutex)
#define pthread_mutex_unlock(mutex)
#define pthread_cond_wait(condition, mutex)
#define pthread_cond_broadcast(condition)
#endif

typedef struct {
    const Machine *machine;
    double *totals;
    size_t parts, next, added; /* how many there are, were begun, and have been added */
    pthread_mutex_t mutex;
    pthread_cond_t turn;
} Run;
typedef struct { Run *run; const Room *room; pthread_t thread; } Worker;

static void *work(void *argument)
{
    const Worker *worker = argument;
    Run *run = worker->run;
    const Machine *machine = run->machine;
    for (;;) {
        pthread_mutex_lock(&run->mutex);
        const size_t part = run->next++;
        pthread_mutex_unlock(&run->mutex);
        if (part >= run->parts)
            return NULL;
        const size_t first = part * PART;
        const size_t end = part + 1 < run->parts ? first + PART : machine->n;
        double *sums = worker->room->sums;
        run_part(machine, worker->room, first, end, sums);
        pthread_mutex_lock(&run->mutex);
        while (run->added != part)
            pthread_cond_wait(&run->turn, &run->mutex);
        for (int i = 0; i < machine->sums_count; i++)
            run->totals[i] = part ? run->totals[i] + sums[i] : sums[i];
        run->added++;
        pthread_cond_broadcast(&run->turn);
        pthread_mutex_unlock(&run->mutex);
    }
}

/* All steps for n examples; the sums are written to `totals`. */
static void run(Machine *machine, Room *rooms, int threads, double *totals)
{
    const size_t n = machine->n;
    for (const Once *once = machine->once; once < machine->once_end; once++)
        run_once(machine, once);
    for (const int *from = machine->packed; from < machine->packed_end; from++)
        machine->packed_to[from - machine->packed] = *uniform(machine, *from);
    for (const Flat *even = machine->even; even < machine->even_end; even++)
        for (size_t i = 0; i < n; i++)
            memcpy(machine->ends[even->end].data + (ptrdiff_t)i * machine->ends[even->end].step,
                   uniform(machine, even->uniform), sizeof(double));

    size_t tile = BLOCK; /* the lanes of few examples lie close together */
    while (tile < (size_t)machine->tile && tile < n)
        tile *= 2;
    Run this_run = {machine, totals, (n + PART - 1) / PART, 0, 0,
                    PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER};
    Worker workers[MOST_THREADS];
    int started = 1;
    for (int i = 0; i < threads; i++) {
        rooms[i].stride = tile + BLOCK; /* at powers of two rows would contend for the cache */
        for (size_t k = 0; k < tile; k++)
            rooms[i].lanes[k] = 1;
        workers[i] = (Worker){&this_run, rooms + i};
    }
    if (this_run.parts == 1) { /* nothing to share, and nothing to add up */
        run_part(machine, rooms, 0, n, totals);
        return;
    }
    while (started < threads &&
           pthread_create(&workers[started].thread, NULL, work, workers + started) == 0)
        started++;
    work(workers);
    for (int i = 1; i < started; i++)
        pthread_join(workers[i].thread, NULL);
}
