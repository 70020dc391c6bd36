/* The trace as text: formula and matrix on the left, meaning and shapes beside them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "matrix_text.h"
#include "output.h"
#include "trace_format.h"

enum {
    MATRIX_INDENT = 4,
    NUMBER_NAME_WIDTH = 14, /* "Frobenius norm" */
    NOTE_COLUMN = 40,       /* where meaning and shapes start */
    MAX_RULE = 100          /* columns of a heading's line, however wide the terminal is */
};

static void print_heading(const cli_trace *trace, const char *heading) {
    size_t used = strlen(heading) + 1;
    size_t width = trace->width < MAX_RULE ? trace->width : MAX_RULE;
    printf("\n%s ", heading);
    for (; used < width; used++) {
        putchar('-');
    }
    putchar('\n');
}

/* Ends a line that is `used` columns long with a note; false, and no end, when it is too long. */
static bool end_with_note(size_t used, const char *note) {
    if (used + 2 > NOTE_COLUMN) {
        return false;
    }
    printf("%*s%s\n", (int)(NOTE_COLUMN - used), "", note);
    return true;
}

/* The note beside a line, or below it when that is too long. */
static void print_note(size_t used, const char *note) {
    if (!end_with_note(used, note)) {
        putchar('\n');
        end_with_note(0, note);
    }
}

static void print_title(const dsc_trace_entry *entry) {
    char name[CLI_HEADING_LENGTH];
    cli_trace_name(entry, name);
    int used = printf("%s%s%s", name, entry->formula[0] != '\0' ? " = " : "", entry->formula);
    print_note((size_t)used, entry->meaning);
}

/* End of the columns from `first` on that fit the width, at least one. */
static size_t end_of_block(const cli_trace *trace, const cli_number_form *forms, size_t n_cols,
                           size_t first, size_t *used) {
    *used = MATRIX_INDENT;
    size_t end = first;
    while (end < n_cols && (end == first || *used + forms[end].width <= trace->width)) {
        *used += forms[end++].width;
    }
    return end;
}

/* The matrix, in blocks of columns where it is wider than the terminal, the shapes beside the first
 * row. */
static dsc_status print_matrix(const cli_trace *trace, const dsc_trace_entry *entry) {
    const dsc_matrix m = entry->value;
    cli_number_form *forms = cli_matrix_forms(m, trace->precision);
    if (forms == NULL) {
        return DSC_E_MEMORY;
    }
    size_t used;
    bool has_shapes = false;
    if (end_of_block(trace, forms, m.n_cols, 0, &used) < m.n_cols || used + 2 > NOTE_COLUMN) {
        has_shapes = end_with_note(0, entry->shapes);
    }
    for (size_t first = 0, end; first < m.n_cols; first = end) {
        end = end_of_block(trace, forms, m.n_cols, first, &used);
        if (end - first == 1 && m.n_cols > 1) {
            printf("%*scolumn %zu\n", MATRIX_INDENT + 2, "", end);
        } else if (end - first < m.n_cols) {
            printf("%*scolumns %zu to %zu\n", MATRIX_INDENT + 2, "", first + 1, end);
        }
        for (size_t i = 0; i < m.n_rows; i++) {
            printf("%*s", MATRIX_INDENT, "");
            cli_print_row(m, forms, i, first, end);
            if (has_shapes || !end_with_note(used, entry->shapes)) {
                putchar('\n');
            }
            has_shapes = true;
        }
    }
    free(forms);
    return DSC_OK;
}

static void print_number(const cli_trace *trace, const dsc_trace_entry *entry) {
    char number[CLI_NUMBER_LENGTH];
    cli_trace_number(trace, entry, number);
    int used = printf("%-*s = %s", NUMBER_NAME_WIDTH, entry->name, number);
    print_note((size_t)used, entry->formula);
}

static dsc_status begin(cli_trace *trace) {
    char *title = cli_trace_title(trace->file);
    if (title == NULL) {
        return DSC_E_MEMORY;
    }
    printf("%s\n", title);
    free(title);
    fputs("layers ", stdout);
    cli_trace_print_layers(trace, " -> ");
    const dsc_trace_config *config = trace->config;
    printf("\nloss %s, rate %.15g, %zu step%s\n", cli_trace_loss(trace), config->rate,
           config->n_steps, config->n_steps == 1 ? "" : "s");
    printf("A row is a sample, W' the transpose of W, .* the product element by element.\n");
    return DSC_OK;
}

static dsc_status show(const dsc_trace_entry *entry, void *user) {
    cli_trace *trace = user;
    if (cli_stdout_failed()) {
        return DSC_E_CANCELLED;
    }
    const bool is_number = cli_trace_is_number(entry);
    const bool follows_number = trace->was_number;
    char heading[CLI_HEADING_LENGTH];
    if (cli_trace_next(trace, entry, heading)) {
        print_heading(trace, heading);
    } else if (!is_number || !follows_number) {
        putchar('\n');
    }
    if (is_number) {
        print_number(trace, entry);
        return DSC_OK;
    }
    print_title(entry);
    return print_matrix(trace, entry);
}

static dsc_status end(cli_trace *trace, const dsc_trace_result *result, const char *outcome) {
    (void)trace;
    (void)result;
    printf("\n%s\n", outcome);
    return DSC_OK;
}

const cli_trace_format cli_trace_text = {.name = "text", .begin = begin, .show = show, .end = end};
