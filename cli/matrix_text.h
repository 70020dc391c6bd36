/* Matrices as text for people: columns aligned at the decimal point.
 *
 * A column shows as many decimals as its numbers need, but no more than asked for. A matrix whose
 * largest number would then be lost or be very wide is written in scientific notation. */
#ifndef DESCENT_CLI_MATRIX_TEXT_H
#define DESCENT_CLI_MATRIX_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "descent/matrix.h"

enum { CLI_MAX_DECIMALS = 17, CLI_NUMBER_LENGTH = 64 };

/* How the numbers of one column are written. */
typedef struct cli_number_form {
    bool is_scientific;
    size_t decimals;
    size_t width; /* characters of the widest, and a gap of two in front */
} cli_number_form;

/* The form of each column of `m` with at most `precision` decimals (0 to CLI_MAX_DECIMALS).
 * Returns (n_cols), freed with free(); NULL: no memory. */
cli_number_form *cli_matrix_forms(dsc_matrix m, size_t precision);

/* One number of a column; what rounds to zero has no sign, and a zero no exponent. Returns its
 * length. */
size_t cli_format_cell(double value, const cli_number_form *form, char out[CLI_NUMBER_LENGTH]);

/* Prints columns first .. end - 1 of one row on stdout. */
void cli_print_row(dsc_matrix m, const cli_number_form *forms, size_t row, size_t first,
                   size_t end);

/* One number alone, as a 1 x 1 matrix would show it. */
void cli_format_number(double value, size_t precision, char out[CLI_NUMBER_LENGTH]);

#endif
