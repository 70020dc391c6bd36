/* Digits: whole numbers from text, many at a time.
 *
 * A number is canonical when it is the only way to write it: 1 to DSC_MAX_DIGITS digits, of which the
 * first is no zero unless it is the only one. One function for each instruction set; that in plain C
 * is what the others are held against. */
#ifndef DSC_MATH_DIGITS_H
#define DSC_MATH_DIGITS_H

#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define DSC_MAX_DIGITS 16

/* Eight digits at once, the first in the lowest byte: pairs, then fours, then all; false when one is
 * no digit. */
static inline bool dsc_digits_of_word(uint64_t word, uint64_t *out) {
    const uint64_t ones = UINT64_C(0x0101010101010101);
    if (((word & ones * 0xF0) | (((word + ones * 0x06) & ones * 0xF0) >> 4)) != ones * 0x33) {
        return false;
    }
    word -= ones * '0';
    word = word * 10 + (word >> 8); /* every other byte is a pair, the first digit the tens */
    const uint64_t pairs = UINT64_C(0x000000FF000000FF);
    const uint64_t to_eight = 100 + (UINT64_C(1000000) << 32);
    const uint64_t to_four = 1 + (UINT64_C(10000) << 32);
    *out = (((word & pairs) * to_eight) + (((word >> 16) & pairs) * to_four)) >> 32;
    return true;
}

/* The same of eight bytes of text. */
static inline bool dsc_read_eight_digits(const char *text, uint64_t *out) {
    uint64_t word;
    memcpy(&word, text, sizeof word);
    return dsc_digits_of_word(le64toh(word), out);
}

/* Fields of a text, one a row, by the marks of separators (math/separators.h): field i begins at mark[i *
 * stride - 1] and ends before the separator of mark[i * stride]. */
typedef struct dsc_field_column {
    const char *text;
    const uint16_t *mark;
    size_t stride;
} dsc_field_column;

static inline const char *dsc_field_begin(dsc_field_column c, size_t i) {
    return c.text + c.mark[(ptrdiff_t)(i * c.stride) - 1];
}

static inline const char *dsc_field_end(dsc_field_column c, size_t i) {
    return c.text + c.mark[i * c.stride] - 1;
}

/* What must be readable from the first byte of a field on; before it, whatever lies between it and the
 * column's text may be read too. */
#define DSC_DIGITS_SLACK 16

/* Reads canonical numbers from the first n fields of a column.
 *   number  [out]  (n) what is behind those read is undefined
 * Returns how many were read: n, or as many as are before the first field that is something else. */
typedef size_t dsc_digits_reader(dsc_field_column column, size_t n, uint64_t *number);

dsc_digits_reader dsc_digits_c;
#if defined __x86_64__
dsc_digits_reader dsc_digits_avx2;
dsc_digits_reader dsc_digits_avx512;
#endif

/* The one of the instruction set in use (descent/isa.h). */
dsc_digits_reader *dsc_digits_choose(void);

#endif
