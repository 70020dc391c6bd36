/* Ranks: the place of each of some numbers among them, found without a comparison: they are bits of a set, and
 * those below a number are counted.
 *
 * One function for each instruction set that counts bits its own way; that in plain C is what the others
 * are held against. */
#ifndef DSC_MATH_RANKS_H
#define DSC_MATH_RANKS_H

#include <stddef.h>
#include <stdint.h>

/* Numbers to a word of a set. */
#define DSC_RANK_WORD 64

static inline size_t dsc_rank_words(size_t n_numbers) {
    return n_numbers / DSC_RANK_WORD + 1;
}

/* Room for a set of numbers below DSC_RANK_WORD * n_words. */
typedef struct dsc_rank_set {
    size_t n_words;
    uint64_t *bits;   /* (n_words) all zero before and after */
    uint32_t *before; /* (n_words) */
} dsc_rank_set;

/* Cost: O(n + n_words).
 *   rank  [out]  (n) how many of the distinct numbers are below each
 * Returns how many distinct numbers there are. */
typedef size_t dsc_ranks_finder(const uint32_t *number, size_t n, dsc_rank_set set, uint32_t *rank);

dsc_ranks_finder dsc_ranks_c;
#if defined __x86_64__
dsc_ranks_finder dsc_ranks_avx2; /* with AVX-512 too */
#endif

/* The one of the instruction set in use (descent/isa.h). */
dsc_ranks_finder *dsc_ranks_choose(void);

#endif
