/* What the steps do, with registers of WIDTH doubles: machine.h includes this once for each. */

/* A block of lanes. Products and sums of blocks are those of their elements, to the bit. */
#define Block NAMED(Block)
#if WIDTH > 1
typedef double Block __attribute__((vector_size(8 * WIDTH), may_alias));
#else
typedef double Block;
#endif
#define BLOCK(number, i) ((Block *)(LANE(number) + (i)))

/* R blocks at once: their sums stay in registers, and while one addition is under way the next is
   begun. Lanes behind the last example are computed as well, up to a whole block, but not read. */
INSIDE void NAMED(chain)(const Machine *machine, const Step *step, int n, const int R)
{
    const Pair *end = machine->pairs + step->c;
    for (int i = 0; i < n; i += R * WIDTH) {
        Block sum[8];
        for (int r = 0; r < R; r++)
            if (step->op == CHAIN_FROM_LANE)
                sum[r] = BLOCK(step->a, i)[r];
            else
                sum[r] = machine->uniforms[step->a] * BLOCK(0, i)[r];
        for (const Pair *pair = machine->pairs + step->b; pair < end; pair++) {
            const double u = machine->uniforms[pair->left];
            const Block *x = BLOCK(pair->right, i);
            for (int r = 0; r < R; r++)
                sum[r] += u * x[r];
        }
        for (int r = 0; r < R; r++)
            BLOCK(step->target, i)[r] = sum[r];
    }
}

/* R sums of products with the same lane x. The examples behind the last whole block are added one
   by one, to the part sums that they belong to. */
INSIDE void NAMED(dots)(const Machine *machine, int x, const Pair *pair, int n, const int R)
{
    const int whole = n - n % WIDTH;
    Block sum[8];
    for (int r = 0; r < R; r++)
        sum[r] = *(Block *)TOTAL(pair[r].right);
    for (int i = 0; i < whole; i += WIDTH)
        for (int r = 0; r < R; r++)
            sum[r] += *BLOCK(x, i) * *BLOCK(pair[r].left, i);
    for (int r = 0; r < R; r++) {
        double *total = TOTAL(pair[r].right);
        const double *x0 = LANE(x), *x1 = LANE(pair[r].left);
        *(Block *)total = sum[r];
        for (int i = whole; i < n; i++)
            total[i - whole] += x0[i] * x1[i];
    }
}

PROCESSOR
static void NAMED(run_tile)(const Machine *machine, size_t first, int n)
{
    const double *const uniforms = machine->uniforms;
    for (const Step *step = machine->steps; step < machine->steps_end; step++) {
        double *const y = LANE(step->target);
        switch (step->op) {
            UNARY_ROWS(UNARY)
            BINARY_ROWS(BINARY)
            TERNARY_ROWS(TERNARY)

        case SPREAD:
            FOR_EACH_EXAMPLE y[i] = uniforms[step->a];
            break;
        case LOAD: {
            const Column column = machine->inputs[step->a];
            const char *from = column.data + (ptrdiff_t)first * column.step;
            for (int i = 0; i < n; i++, from += column.step)
                memcpy(y + i, from, sizeof(double)); /* which may lie at an odd address */
            break;
        }
        case STORE: {
            const Column column = machine->ends[step->b];
            const double *x = LANE(step->a);
            char *to = column.data + (ptrdiff_t)first * column.step;
            for (int i = 0; i < n; i++, to += column.step)
                memcpy(to, x + i, sizeof(double));
            break;
        }
        case CHAIN_FROM_LANE:
        case CHAIN_FROM_UNIFORM:
            if (n > 4 * WIDTH)
                NAMED(chain)(machine, step, n, 8);
            else if (n > 2 * WIDTH)
                NAMED(chain)(machine, step, n, 4);
            else if (n > WIDTH)
                NAMED(chain)(machine, step, n, 2);
            else
                NAMED(chain)(machine, step, n, 1);
            break;
        case DOTS: {
            const Pair *pair = machine->pairs + step->b, *end = machine->pairs + step->c;
            for (; end - pair > 6; pair += 6) /* 17 are 6, 6 and 5: a few at a time pay */
                NAMED(dots)(machine, step->a, pair, n, 6);
            switch (end - pair) {
            case 6: NAMED(dots)(machine, step->a, pair, n, 6); break;
            case 5: NAMED(dots)(machine, step->a, pair, n, 5); break;
            case 4: NAMED(dots)(machine, step->a, pair, n, 4); break;
            case 3: NAMED(dots)(machine, step->a, pair, n, 3); break;
            case 2: NAMED(dots)(machine, step->a, pair, n, 2); break;
            case 1: NAMED(dots)(machine, step->a, pair, n, 1); break;
            }
            break;
        }
        }
    }
}

#undef Block
#undef BLOCK
#undef WIDTH
#undef NAMED
#undef PROCESSOR
