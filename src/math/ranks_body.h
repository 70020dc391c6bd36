/* Finding ranks, for the file of each instruction set: what differs is how the compiler counts bits. */
#ifndef DSC_MATH_RANKS_BODY_H
#define DSC_MATH_RANKS_BODY_H

#include <string.h>

#include "math/ranks.h"

static inline uint64_t dsc_rank_bit(uint32_t number) {
    return UINT64_C(1) << number % DSC_RANK_WORD;
}

/* Pairs of bits, fours, bytes, and the sum of all bytes in the highest: compilers know it as one instruction
 * where there is one. */
static inline uint32_t dsc_count_bits(uint64_t word) {
    word -= word >> 1 & UINT64_C(0x5555555555555555);
    word = (word & UINT64_C(0x3333333333333333)) + (word >> 2 & UINT64_C(0x3333333333333333));
    word = (word + (word >> 4)) & UINT64_C(0x0F0F0F0F0F0F0F0F);
    return (uint32_t)(word * UINT64_C(0x0101010101010101) >> 56);
}

static inline size_t dsc_ranks_of(const uint32_t *number, size_t n, dsc_rank_set set,
                                  uint32_t *rank) {
    uint32_t n_before = 0;
    for (size_t i = 0; i < n; i++) {
        set.bits[number[i] / DSC_RANK_WORD] |= dsc_rank_bit(number[i]);
    }
#pragma GCC unroll 8
    for (size_t word = 0; word < set.n_words; word++) {
        set.before[word] = n_before;
        n_before += dsc_count_bits(set.bits[word]);
    }
    for (size_t i = 0; i < n; i++) {
        const size_t word = number[i] / DSC_RANK_WORD;
        rank[i] = set.before[word] + dsc_count_bits(set.bits[word] & (dsc_rank_bit(number[i]) - 1));
    }
    memset(set.bits, 0, set.n_words * sizeof *set.bits);
    return n_before;
}

#endif
