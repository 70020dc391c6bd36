/* Decimal numbers from text of known length: exact, independent of the locale, to the last byte. */
#ifndef DSC_TEXT_NUMBER_H
#define DSC_TEXT_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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

#endif
