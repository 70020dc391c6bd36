/* Matrices as text for people: columns aligned at the decimal point. */
#include "matrix_text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { GAP = 2 };

/* From here on fixed notation gets too wide for its last digits to matter. */
#define SCIENTIFIC_FROM 1e8

/* Fixed notation must show at least two digits of the largest number, or one without decimals. */
static double smallest_fixed(size_t precision) {
    return precision > 1 ? pow(10, 1 - (double)precision) : pow(10, -(double)precision);
}

static bool needs_exponent(double largest, size_t precision) {
    return largest >= SCIENTIFIC_FROM || (largest > 0.0 && largest < smallest_fixed(precision));
}

size_t cli_format_cell(double value, const cli_number_form *form, char out[CLI_NUMBER_LENGTH]) {
    if (form->is_scientific) {
        return (size_t)(value == 0.0
                            ? snprintf(out, CLI_NUMBER_LENGTH, "0")
                            : snprintf(out, CLI_NUMBER_LENGTH, "%.*e", (int)form->decimals, value));
    }
    int length = snprintf(out, CLI_NUMBER_LENGTH, "%.*f", (int)form->decimals, value);
    if (out[0] == '-' && out[strspn(out, "-0.")] == '\0') {
        memmove(out, out + 1, (size_t)length);
        length--;
    }
    return (size_t)length;
}

/* Decimals that are left of a number when the zeros at its end are taken off; with an exponent
 * they stay. */
static size_t decimals_needed(double value, const cli_number_form *form) {
    char text[CLI_NUMBER_LENGTH];
    if (form->is_scientific) {
        return form->decimals;
    }
    cli_format_cell(value, form, text);
    const char *point = strchr(text, '.');
    size_t needed = 0;
    for (size_t i = 1; point != NULL && point[i] != '\0'; i++) {
        needed = point[i] != '0' ? i : needed;
    }
    return needed;
}

static void fit_column(dsc_matrix m, size_t column, cli_number_form *form) {
    size_t decimals = 0;
    for (size_t i = 0; i < m.n_rows; i++) {
        size_t needed = decimals_needed(dsc_matrix_at(m, i, column), form);
        decimals = needed > decimals ? needed : decimals;
    }
    form->decimals = decimals;
    for (size_t i = 0; i < m.n_rows; i++) {
        char text[CLI_NUMBER_LENGTH];
        size_t length = cli_format_cell(dsc_matrix_at(m, i, column), form, text) + GAP;
        form->width = length > form->width ? length : form->width;
    }
}

cli_number_form *cli_matrix_forms(dsc_matrix m, size_t precision) {
    cli_number_form *forms = calloc(m.n_cols, sizeof *forms);
    if (forms == NULL) {
        return NULL;
    }
    double largest = 0.0;
    for (size_t i = 0; i < m.n_rows * m.n_cols; i++) {
        largest = fmax(largest, fabs(dsc_matrix_at(m, 0, i)));
    }
    for (size_t j = 0; j < m.n_cols; j++) {
        forms[j].is_scientific = needs_exponent(largest, precision);
        forms[j].decimals = precision;
        fit_column(m, j, &forms[j]);
    }
    return forms;
}

void cli_print_row(dsc_matrix m, const cli_number_form *forms, size_t row, size_t first,
                   size_t end) {
    for (size_t j = first; j < end; j++) {
        char text[CLI_NUMBER_LENGTH];
        cli_format_cell(dsc_matrix_at(m, row, j), &forms[j], text);
        printf("%*s", (int)forms[j].width, text);
    }
}

void cli_format_number(double value, size_t precision, char out[CLI_NUMBER_LENGTH]) {
    cli_number_form form = {needs_exponent(fabs(value), precision), precision, 0};
    form.decimals = decimals_needed(value, &form);
    cli_format_cell(value, &form, out);
}
