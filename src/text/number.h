/* Decimal numbers from text of known length: exact, independent of the locale, to the last byte. */
#ifndef DSC_TEXT_NUMBER_H
#define DSC_TEXT_NUMBER_H

#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Longer numbers are refused: nobody means them. */
#define DSC_NUMBER_MAX_CHARS 255

typedef enum dsc_number_fault {
    DSC_NUMBER_OK = 0,
    DSC_NUMBER_EMPTY,
    DSC_NUMBER_NOT_A_NUMBER,  /* anything that is no decimal number */
    DSC_NUMBER_DECIMAL_COMMA, /* "4,5" */
    DSC_NUMBER_NOT_FINITE,    /* "nan", "-inf", "Infinity" */
    DSC_NUMBER_HEXADECIMAL,   /* "0x10" */
    DSC_NUMBER_TOO_LARGE,     /* beyond the range of the type */
    DSC_NUMBER_TOO_LONG       /* more than DSC_NUMBER_MAX_CHARS */
} dsc_number_fault;

/* What is wrong, to follow the quoted text: "is not a number", ...; static storage. */
const char *dsc_number_fault_text(dsc_number_fault fault);

/* The number that is nearest to the decimal one in `text`, all of which must belong to it:
 * [+-] digits [. digits] [e [+-] digits], with at least one digit before or after the point.
 * Numbers too small for the type become 0 or a subnormal. *out is untouched by a fault. */
dsc_number_fault dsc_number_float(const char *text, size_t length, float *out);
dsc_number_fault dsc_number_double(const char *text, size_t length, double *out);

/* Seconds: as above, a fraction is rounded down; TOO_LARGE outside int64_t. */
dsc_number_fault dsc_number_seconds(const char *text, size_t length, int64_t *out);

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

#endif
