/* Exact numbers: from the text that someone wrote to a rational number, and back.
 *
 * GMP ends the program when memory runs out, which the limits on a number's text keep far away. */
#ifndef DESCENT_CLI_EXACT_NUMBER_H
#define DESCENT_CLI_EXACT_NUMBER_H

#include <gmp.h>
#include <stdbool.h>
#include <stddef.h>

/* Longer numbers are a mistake, and an exponent such as 1e999999999 would fill the memory. */
enum { CLI_MAX_NUMBER_LENGTH = 400, CLI_MAX_EXPONENT = 400 };

typedef enum cli_written_form {
    CLI_WRITTEN_FRACTION = 0, /* "1/3" */
    CLI_WRITTEN_WHOLE = 1,    /* "-7" */
    CLI_WRITTEN_DECIMAL = 2   /* "-7.25", "5e-3" */
} cli_written_form;

/* A number as someone wrote it. */
typedef struct cli_written {
    mpq_t value;
    cli_written_form form;
    long decimals; /* places behind the point that the text fixes: 2 for "-7.25", -1 for "5e1" */
} cli_written;

/* Reads the whole text; out->value must have been initialised.
 * Returns NULL, or what would have been right: "a number such as -7.25 or 1/3". */
const char *cli_written_read(cli_written *out, const char *text);

/* Whether `truth`, rounded or cut off to `decimals` places, is `written`; `slack` >= 0 widens it.
 */
bool cli_digits_agree(mpq_srcptr written, long decimals, mpq_srcptr truth, mpq_srcptr slack);

/* Whether the two differ by at most `slack`. */
bool cli_exact_near(mpq_srcptr a, mpq_srcptr b, mpq_srcptr slack);

/* 10 to the power of `exponent`. */
void cli_exact_power(mpq_ptr out, long exponent);

/* The nearest double; infinite beyond the largest one. */
double cli_exact_double(mpq_srcptr value);

/* "-22/7", "3": lowest terms. NULL: no memory; freed with free(). */
char *cli_exact_text(mpq_srcptr value);

/* The decimal number with at most `decimals` places, correctly rounded, zeros at its end taken off;
 * with an exponent where it is very large or would show fewer than four digits. *is_whole_truth:
 * whether nothing was rounded. NULL: no memory; freed with free(). */
char *cli_exact_decimal(mpq_srcptr value, size_t decimals, bool *is_whole_truth);

#endif
