/* exp of many numbers at once, to the bit that of the C library: a part of tile.h.

   The GNU C library, musl and others compute it as Szabolcs Nagy wrote it (Arm, Optimized Routines,
   math/exp.c, 2018): with k the whole number next to 128 x / ln 2, and r = x - k ln(2) / 128, it is
   2 to the power of k / 128, from a table, times 1 + r + r²/2 .... They round a product and a sum at
   once where the processor can. The same steps in whole registers take a seventh of the time. A
   library that takes others is noticed before the first program runs; then it is called. */

#if WIDTH > 2
typedef unsigned long long NAMED(Bits) __attribute__((vector_size(8 * WIDTH)));
#if WIDTH == 8
#define FMA(a, b, c) ((Block)_mm512_fmadd_pd(a, b, c)) /* a * b + c */
#else
#define FMA(a, b, c) ((Block)_mm256_fmadd_pd(a, b, c))
#endif
#define ALL(number) ((number) - (Block){0})

/* For numbers below FARTHEST, either sign; each stands for itself. */
INSIDE Block NAMED(exp_of_near)(Block x)
{
    const Block whole = ALL(0x1.8p52); /* what is added to this is rounded to a whole number */
    const Block rounded = FMA(x, ALL(0x1.71547652b82fep0 * EXP_STEPS), whole);
    const Block k = rounded - whole;
    const NAMED(Bits) number = (NAMED(Bits))rounded, place = 2 * (number % EXP_STEPS);
    Block r = FMA(k, ALL(-0x1.62e42fefap-1 / EXP_STEPS), x); /* minus ln(2), in two pieces */
    Block power, more;
    r = FMA(k, ALL(-0x1.cf79abc9e3b39p-40 / EXP_STEPS), r);
    UNROLLED for (int i = 0; i < WIDTH; i++) {
        more[i] = powers[place[i]];
        power[i] = powers[place[i] + 1];
    }
    power = (Block)((NAMED(Bits))power + (number / EXP_STEPS << 52)); /* to the exponent */
    more += r; /* the other factor is 1 + more; its coefficients are minimax ones */
    more = FMA(r * r, FMA(r, ALL(0x1.555555555543cp-3), ALL(0x1.ffffffffffdbdp-2)), more);
    more = FMA((r * r) * (r * r),
               FMA(r, ALL(0x1.1111167a4d017p-7), ALL(0x1.55555cf172b91p-5)), more);
    return FMA(power, more, power);
}

/* Whether the library takes these steps: else one bit in a thousand, or more, would differ. */
PROCESSOR
static int NAMED(knows_exp)(void)
{
    enum { POINTS = 1 << 16 };
    for (int i = 0; i < POINTS; i += WIDTH) {
        Block x;
        for (int k = 0; k < WIDTH; k++) {
            const double share = (double)(i + k) / POINTS;
            x[k] = (k % 2 ? -1 : 1) * FARTHEST * share * share * share; /* mostly small ones */
        }
        const Block y = NAMED(exp_of_near)(x);
        for (int k = 0; k < WIDTH; k++)
            if (y[k] != exp(x[k]))
                return 0;
    }
    return 1;
}
#else
static int NAMED(knows_exp)(void)
{
    return 0;
}
#endif

/* Every number to its exponential. There is room for a whole block at the end. */
INSIDE void NAMED(exps)(double *y, int n)
{
#if WIDTH > 2
    int far = !exp_is_known;
    FOR_EACH_EXAMPLE far |= !(fabs(y[i]) < FARTHEST); /* nan too */
    if (!far) {
        for (int i = 0; i < n; i += WIDTH)
            VECTOR(y + i) = NAMED(exp_of_near)(VECTOR(y + i));
        return;
    }
#endif
    FOR_EACH_EXAMPLE y[i] = exp(y[i]);
}

#undef FMA
#undef ALL
