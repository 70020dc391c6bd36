/* Words of bits, one a byte of text, to marks and to what all are, for the files of AVX2 and AVX-512. */
#ifndef DSC_MATH_SEPARATORS_MARKS_H
#define DSC_MATH_SEPARATORS_MARKS_H

#include <stddef.h>
#include <stdint.h>

#include "math/separators.h"

/* Text has a separator every few bytes: the first twelve places are written without asking how many
 * there are, which nobody could predict; those of bits that are not there are overwritten later. */
static inline void dsc_marks_add(uint16_t *marks, size_t at, uint64_t bits) {
    enum { BLIND = 12 };
    const size_t n = (size_t)__builtin_popcountll(bits);
    for (size_t i = 0; i < BLIND; i++) {
        marks[i] = (uint16_t)(at + 1 + (bits != 0 ? (unsigned)__builtin_ctzll(bits) : 0));
        bits &= bits - 1;
    }
    for (size_t i = BLIND; i < n; i++) {
        marks[i] = (uint16_t)(at + 1 + (unsigned)__builtin_ctzll(bits));
        bits &= bits - 1;
    }
}

/* Of 64 bytes: separators of all kinds, line feeds, and those that plain rows have. */
typedef struct dsc_separators_bits {
    uint64_t all, line, plain;
} dsc_separators_bits;

typedef struct dsc_separators_sum {
    dsc_separators all; /* but for is_plain */
    uint64_t odd;       /* bits of any separator that is not plain, or ends an empty field */
    uint64_t last;      /* 1: the byte before was a separator */
} dsc_separators_sum;

/* Before the first byte, where a field begins. */
#define DSC_SEPARATORS_NONE                                                                        \
    { {0, 0, true}, 0, 1 }

static inline void dsc_separators_add(dsc_separators_sum *sum, dsc_separators_bits bits) {
    sum->all.n += (size_t)__builtin_popcountll(bits.all);
    sum->all.n_lines += (size_t)__builtin_popcountll(bits.line);
    sum->odd |= (bits.all ^ bits.plain) | (bits.all & (bits.all << 1 | sum->last));
    sum->last = bits.all >> 63;
}

static inline dsc_separators dsc_separators_of(const dsc_separators_sum *sum) {
    return (dsc_separators){sum->all.n, sum->all.n_lines, sum->odd == 0};
}

#endif
