"""Bugs in other arithmetic: L-BFGS, threads, roots, text in lanes; what a row is stands in __init__.py."""

POOL = "src/base/pool.c"
HALVING = "src/math/halving.c"
SYMMETRIC = "src/math/symmetric.c"
LBFGS_MEMORY = "src/math/lbfgs_memory.c"
DIGITS = "src/math/digits.c"
DIGITS_512 = "src/math/digits_avx512.c"
RANKS = "src/math/ranks_body.h"
SEPARATORS = "src/math/separators.c"
SEPARATORS_MARKS = "src/math/separators_marks.h"
TUNE = "src/math/tune.c"

MUTANTS = [
    (
        "separators: the first field is never empty",
        SEPARATORS,
        "&& place > begin;",
        "&& (place > begin || begin == 0);",
    ),
    (
        "separators: a blank is as plain as a line's end",
        SEPARATORS,
        "(is_line || text[place] == delimiter)",
        "(is_line || text[place] == ' ' || text[place] == delimiter)",
    ),
    (
        "digits: AVX-512 takes the last byte of a length",
        DIGITS_512,
        "return _mm512_packus_epi16(of_lanes, of_lanes);",
        "return _mm512_shuffle_epi8(of_lanes, _mm512_set1_epi16(0));",
    ),
    (
        "digits: AVX-512 takes marks that no vector holds",
        DIGITS_512,
        "if (n_marks > MOST_MARKS) {",
        "if (n_marks > 4 * MOST_MARKS) {",
    ),
    (
        "ranks: a number counts itself",
        RANKS,
        "(dsc_rank_bit(number[i]) - 1)",
        "(2 * dsc_rank_bit(number[i]) - 1)",
    ),
    (
        "ranks: numbers of the last use are still there",
        RANKS,
        "memset(set.bits, 0, set.n_words",
        "memset(set.bits, 0, (set.n_words - 1)",
    ),
    (
        "the second loop of L-BFGS forgets the first",
        LBFGS_MEMORY,
        "m->alphas[k] - beta",
        "-beta",
    ),
    (
        "L-BFGS scaled by the oldest pair",
        LBFGS_MEMORY,
        "change = capacity + m->newest;",
        "change = capacity + place_of(m, m->n_pairs - 1);",
    ),
    (
        "L-BFGS remembers the gradient for its change",
        LBFGS_MEMORY,
        "add_scaled(change, &d_new, -1,",
        "add_scaled(change, &d_new, 0,",
    ),
    (
        "L-BFGS puts products where other rows belong",
        LBFGS_MEMORY,
        "*product(m, row, m->listed[other]) =",
        "*product(m, row, other) =",
    ),
    (
        "L-BFGS trusts the pair that a flat step has overwritten",
        LBFGS_MEMORY,
        "m->n_pairs -= m->n_pairs == m->capacity; /* the oldest",
        "/* the oldest",
    ),
    (
        "threads: parts that leave something do not ascend",
        POOL,
        "run_parts(pool, 1, n_parts, run, job);",
        "run_parts(pool, 2, n_parts, run, job);",
    ),
    (
        "the pool runs one part of two",
        POOL,
        "n_parts <= 1) {",
        "n_parts <= 2) {\n        n_parts = 1;",
    ),
    (
        "strengths drawn on a linear scale",
        TUNE,
        "return exp(log(low) + u * (log(high) - log(low)));",
        "return low + u * (high - low);",
    ),
    (
        "the ends of whole numbers half as often",
        TUNE,
        "by_factors(d->low - 0.5, d->high + 0.5, u)",
        "by_factors(d->low, d->high, u)",
    ),
    (
        "the last choice never drawn",
        TUNE,
        "floor(u * (d->high - d->low + 1))",
        "floor(u * (d->high - d->low))",
    ),
    (
        "all draws the same",
        TUNE,
        "dsc_random_stream(seed, PURPOSE_DRAW, index)",
        "dsc_random_stream(seed, PURPOSE_DRAW, 0)",
    ),
    (
        "the cheapest of all, however bad",
        TUNE,
        "!isfinite(score[i]) || score[i] > limit",
        "!isfinite(score[i])",
    ),
    (
        "a choice that may be worse than the defaults",
        TUNE,
        "fmin(lowest + margin, most)",
        "lowest + margin",
    ),
    (
        "no room for others beside the kept",
        HALVING,
        "? n_kept + 1 : n_kept;",
        "? n_kept : n_kept;",
    ),
    (
        "the last rung with less than the whole budget",
        HALVING,
        "(double)(ladder->n_rungs - 1)",
        "(double)ladder->n_rungs",
    ),
    (
        "the worst go on",
        HALVING,
        "return a->score < b->score ? -1 : 1;",
        "return a->score > b->score ? -1 : 1;",
    ),
    (
        "what does not work goes on",
        HALVING,
        "entries[fit].is_kept || isfinite(entries[fit].score)",
        "entries[fit].is_kept || !isnan(entries[fit].score)",
    ),
    (
        "equal scores the other way round",
        HALVING,
        "(a->candidate > b->candidate) - (a->candidate < b->candidate)",
        "(a->candidate < b->candidate) - (a->candidate > b->candidate)",
    ),
    (
        "time ends the kept ones too",
        HALVING,
        "task.place > 0 && !e->is_kept && ",
        "task.place > 0 && ",
    ),
    (
        "interactions: the rows below a pivot keep its part",
        SYMMETRIC,
        "row[c] -= factor * pivot_row[c];",
        "row[c] += factor * pivot_row[c];",
    ),
    (
        "interactions: a rotation the wrong way round",
        SYMMETRIC,
        "out = cosine * change - within;",
        "out = cosine * change + within;",
    ),
    (
        "interactions: reflections in the wrong order",
        SYMMETRIC,
        "for (size_t c = n < 2 ? 0 : n - 2; c-- > 0;) {",
        "for (size_t c = 0; c + 2 < n; c++) {",
    ),
    (
        "reading: the first digits of a long number one place too low",
        DIGITS,
        "high * 100000000 + low",
        "high * 10000000 + low",
    ),
    (
        "reading: 07 is a number that 7 is as well",
        DIGITS,
        "(*text == '0' && n > 1)",
        "(*text == '0' && n > 2)",
    ),
    (
        "reading: a quote that separates nothing",
        SEPARATORS,
        "ones * (0x7F - '\"')",
        "ones * (0x7F - ' ')",
    ),
    (
        "reading: the last of many marks in a word is lost",
        SEPARATORS_MARKS,
        "for (size_t i = BLIND; i < n; i++) {",
        "for (size_t i = BLIND; i + 1 < n; i++) {",
    ),
]
