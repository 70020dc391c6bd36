/* From a word of bits, one a byte of text from `at` on, to marks. */
#ifndef DSC_MATH_SEPARATORS_MARKS_H
#define DSC_MATH_SEPARATORS_MARKS_H

#include <stddef.h>
#include <stdint.h>

/* Text has a separator every few bytes: the first twelve places are written without asking how many
 * there are, which nobody could predict; those of bits that are not there are overwritten later.
 * Returns the number of bits. */
static inline size_t dsc_marks_add(uint16_t *marks, size_t at, uint64_t bits) {
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
    return n;
}

#endif
