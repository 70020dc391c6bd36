/* Exact values as text: fractions in lowest terms beside their decimal numbers. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check_report.h"
#include "matrix_text.h"
#include "options.h"
#include "output.h"

enum { INDENT = 4, GAP = 2 };

/* The texts of a matrix and the width of each of its columns. */
typedef struct text_grid {
    size_t n_rows;
    size_t n_cols;
    char **cells;   /* (n_rows, n_cols), owned */
    size_t *widths; /* (n_cols) */
} text_grid;

static bool grid_make(text_grid *out, const cli_value *value) {
    *out = (text_grid){value->n_rows, value->n_cols, calloc(cli_value_size(value), sizeof(char *)),
                       calloc(value->n_cols, sizeof(size_t))};
    return out->cells != NULL && out->widths != NULL;
}

static bool grid_set(text_grid *grid, size_t i, char *text) {
    grid->cells[i] = text;
    if (text != NULL && strlen(text) > grid->widths[i % grid->n_cols]) {
        grid->widths[i % grid->n_cols] = strlen(text);
    }
    return text != NULL;
}

static void grid_clear(text_grid *grid) {
    for (size_t i = 0; grid->cells != NULL && i < grid->n_rows * grid->n_cols; i++) {
        free(grid->cells[i]);
    }
    free(grid->cells);
    free(grid->widths);
}

static size_t grid_width(const text_grid *grid) {
    size_t width = 0;
    for (size_t j = 0; j < grid->n_cols; j++) {
        width += grid->widths[j] + GAP;
    }
    return width;
}

static void print_row(const text_grid *grid, size_t row) {
    for (size_t j = 0; j < grid->n_cols; j++) {
        printf("%*s", (int)(grid->widths[j] + GAP), grid->cells[row * grid->n_cols + j]);
    }
}

/* The decimal number, with "~" in front where it is rounded. */
static char *decimal_text(const cli_check_report *report, mpq_srcptr value) {
    bool is_whole_truth;
    char *decimal = cli_exact_decimal(value, report->precision, &is_whole_truth);
    if (decimal == NULL || is_whole_truth) {
        return decimal;
    }
    char *marked = malloc(strlen(decimal) + 2);
    if (marked != NULL) {
        sprintf(marked, "~%s", decimal);
    }
    free(decimal);
    return marked;
}

/* One row a line where both matrices fit side by side, else one cell a line. */
static void print_both(const text_grid *fractions, const text_grid *decimals, size_t width) {
    const size_t needed = INDENT + grid_width(fractions) + 3 + grid_width(decimals);
    for (size_t i = 0; i < fractions->n_rows; i++) {
        if (needed <= width) {
            printf("%*s", INDENT, "");
            print_row(fractions, i);
            printf("  =");
            print_row(decimals, i);
            putchar('\n');
            continue;
        }
        for (size_t j = 0; j < fractions->n_cols; j++) {
            const size_t cell = i * fractions->n_cols + j;
            printf("%*srow %zu, column %zu:  %s = %s\n", INDENT + GAP, "", i + 1, j + 1,
                   fractions->cells[cell], decimals->cells[cell]);
        }
    }
}

static void print_alone(const text_grid *grid) {
    for (size_t i = 0; i < grid->n_rows; i++) {
        printf("%*s", INDENT, "");
        print_row(grid, i);
        putchar('\n');
    }
}

int cli_print_exact(const cli_check_report *report, const cli_value *value) {
    mpq_t *cells = cli_exact_cells(report->judge->exact, value);
    text_grid fractions, decimals;
    bool is_good = grid_make(&fractions, value);
    is_good = grid_make(&decimals, value) && is_good;
    bool has_fraction = false;
    for (size_t i = 0; is_good && i < cli_value_size(value); i++) {
        has_fraction = has_fraction || mpz_cmp_ui(mpq_denref(cells[i]), 1) != 0;
        is_good = grid_set(&fractions, i, cli_exact_text(cells[i])) &&
                  grid_set(&decimals, i, decimal_text(report, cells[i]));
    }
    if (is_good && !cli_exact_has(value)) {
        print_alone(&decimals);
    } else if (is_good && has_fraction) {
        print_both(&fractions, &decimals, report->width);
    } else if (is_good) {
        print_alone(&fractions);
    }
    grid_clear(&fractions);
    grid_clear(&decimals);
    return is_good ? CLI_GO_ON : cli_no_memory();
}

char *cli_right_text(const cli_check_report *report, const cli_value *value, size_t cell,
                     long found_decimals) {
    size_t decimals = report->precision;
    if (found_decimals > 0 && (size_t)found_decimals + 2 > decimals) {
        decimals = (size_t)found_decimals + 2;
    }
    decimals = decimals < CLI_MAX_DECIMALS ? decimals : CLI_MAX_DECIMALS;
    if (!report->shows_fractions || !cli_exact_has(value)) {
        char number[CLI_NUMBER_LENGTH];
        cli_format_number(value->truth[cell], decimals, number);
        return strdup(number);
    }
    mpq_srcptr exact = cli_exact_cells(report->judge->exact, value)[cell];
    char *fraction = cli_exact_text(exact), *text = NULL;
    char *decimal = decimal_text(report, exact);
    size_t length;
    if (fraction != NULL && decimal != NULL) {
        length = strlen(fraction) + strlen(decimal) + 4;
        text = malloc(length);
    }
    if (text != NULL) {
        const bool is_whole = mpz_cmp_ui(mpq_denref(exact), 1) == 0;
        snprintf(text, length, "%s%s%s", fraction, is_whole ? "" : " = ", is_whole ? "" : decimal);
    }
    free(fraction);
    free(decimal);
    return text;
}
