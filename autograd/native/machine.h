/* The inside of the native machine: steps, each carried out on a tile of examples.

   A uniform is a number that is the same for all examples. A lane is an array, of one number per
   example of the tile; it lies in a buffer. `plan.py` decides on the steps and the buffers, and
   `tile.h` says what each of them does. */

#include <stddef.h>
#include <string.h>

#include "kernels.h"

#define PARTS 8 /* doubles of the widest registers: all memory is aligned to them */

/* What a step does. The rows of the table are there three times, in front. */
enum {
    ON_LANES = 0,             /* every argument is a lane */
    UNIFORM_LANE = CODES,     /* the first argument is a uniform */
    LANE_UNIFORM = 2 * CODES, /* the second argument is a uniform */
    SPREAD = 3 * CODES,       /* target = uniform a, for every example */
    LOAD,                     /* target = column a of the inputs */
    STORE,                    /* column b of the ends = lane a */
    CHAIN_FROM_LANE,          /* target = lane a    + left * right + left * right ... */
    CHAIN_FROM_UNIFORM,       /* target = uniform a + left * right + left * right ... */
    DOTS,                     /* total `right` += the sum of lane a * lane `left`, for each pair */
};

typedef struct { int op, target, a, b, c; } Step; /* chains and dots own the pairs from b to c */
typedef struct { int left, right; } Pair;
typedef struct { char *data; ptrdiff_t step; } Column; /* doubles, a step of bytes apart */

typedef struct {
    Step *once, *once_end;   /* on uniforms: op is the code of a row */
    Step *steps, *steps_end; /* on lanes */
    Pair *pairs;
    Pair *sums, *sums_end;   /* ends that are the sum or mean of a lane; and its total */
    Pair *flat, *flat_end;   /* ends that are uniforms, or sums with one; and which */
    int summed;              /* so many ends, the first, are sums or means; the others columns */
    int most;                /* examples of a tile */
    double *uniforms;
    double *lanes;           /* the buffers; the first one holds ones */
    double *totals;          /* PARTS part sums for every total */
    int totals_count;
    /* and for one run */
    int stride;              /* doubles from one buffer to the next */
    Column *inputs, *ends;
} Machine;

#define LANE(number) (machine->lanes + (size_t)(number) * machine->stride)
#define TOTAL(number) (machine->totals + (size_t)(number) * PARTS)

/* Loops whose iterations are independent: the target of a step is no lane that it reads. */
#if defined(__GNUC__) && !defined(__clang__)
#define FOR_EACH_EXAMPLE _Pragma("GCC ivdep") for (int i = 0; i < n; i++)
#else
#define FOR_EACH_EXAMPLE for (int i = 0; i < n; i++)
#endif

/* The rows of the table, for the switch over what a step does. */
#define UNARY(code, name, value)                                                    \
    case ON_LANES + code: {                                                         \
        const double *x = LANE(step->a);                                            \
        FOR_EACH_EXAMPLE { const double a = x[i]; y[i] = value; }                   \
        break;                                                                      \
    }
#define BINARY(code, name, value)                                                   \
    case ON_LANES + code: {                                                         \
        const double *x0 = LANE(step->a), *x1 = LANE(step->b);                      \
        FOR_EACH_EXAMPLE { const double a = x0[i], b = x1[i]; y[i] = value; }       \
        break;                                                                      \
    }                                                                               \
    case UNIFORM_LANE + code: {                                                     \
        const double a = uniforms[step->a], *x = LANE(step->b);                     \
        FOR_EACH_EXAMPLE { const double b = x[i]; y[i] = value; }                   \
        break;                                                                      \
    }                                                                               \
    case LANE_UNIFORM + code: {                                                     \
        const double b = uniforms[step->b], *x = LANE(step->a);                     \
        FOR_EACH_EXAMPLE { const double a = x[i]; y[i] = value; }                   \
        break;                                                                      \
    }
#define TERNARY(code, name, value)                                                  \
    case ON_LANES + code: {                                                         \
        const double *x0 = LANE(step->a), *x1 = LANE(step->b), *x2 = LANE(step->c); \
        FOR_EACH_EXAMPLE {                                                          \
            const double a = x0[i], b = x1[i], c = x2[i];                           \
            y[i] = value;                                                           \
        }                                                                           \
        break;                                                                      \
    }

/* Runs all steps on n examples, from `first` on. tile.h defines one for every width of registers. */
typedef void RunTile(const Machine *machine, size_t first, int n);

#if defined(__GNUC__)
#define INSIDE static inline __attribute__((always_inline)) PROCESSOR
#else
#define INSIDE static inline
#endif

#if defined(__GNUC__) && defined(__x86_64__)
#define WIDTH 8
#define NAMED(name) name##_avx512f
#define PROCESSOR __attribute__((target("avx512f")))
#include "tile.h"
#define WIDTH 4
#define NAMED(name) name##_avx2
#define PROCESSOR __attribute__((target("avx2")))
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

static RunTile *fastest_here(void)
{
#if defined(__GNUC__) && defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f"))
        return run_tile_avx512f;
    if (__builtin_cpu_supports("avx2"))
        return run_tile_avx2;
#endif
    return run_tile_anywhere;
}

/* The ends that are not stored example by example. */
static void write_ends(const Machine *machine, size_t n, int mean)
{
    for (int i = 0; i < machine->summed; i++)
        *(double *)machine->ends[i].data = 0;
    for (const Pair *end = machine->sums; end < machine->sums_end; end++) {
        double sum = 0;
        for (int i = 0; i < PARTS; i++)
            sum += TOTAL(end->right)[i];
        *(double *)machine->ends[end->left].data = mean ? sum / n : sum;
    }
    for (const Pair *end = machine->flat; end < machine->flat_end; end++) {
        const Column column = machine->ends[end->left];
        const double u = machine->uniforms[end->right];
        if (end->left < machine->summed)
            *(double *)column.data += mean ? u : u * n;
        else
            for (size_t i = 0; i < n; i++)
                *(double *)(column.data + (ptrdiff_t)i * column.step) = u;
    }
}

/* All steps for n examples, a tile at a time. */
static void run(Machine *machine, size_t n, int mean)
{
    double *u = machine->uniforms;
    for (const Step *step = machine->once; step < machine->once_end; step++)
        u[step->target] = value_of(step->op, u[step->a], u[step->b], u[step->c]);

    int tile = PARTS; /* the buffers of few examples lie close together */
    while (tile < machine->most && (size_t)tile < n)
        tile *= 2;
    machine->stride = tile + PARTS; /* at powers of two they would contend for a part of the cache */
    for (int i = 0; i < tile; i++)
        LANE(0)[i] = 1;
    memset(machine->totals, 0, sizeof(double) * PARTS * machine->totals_count);
    RunTile *run_tile = fastest_here();
    for (size_t first = 0; first < n; first += tile)
        run_tile(machine, first, n - first < (size_t)tile ? (int)(n - first) : tile);
    write_ends(machine, n, mean);
}
