/* The trace as text: formula and matrix on the left, meaning and shapes beside them. */
#include "trace_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "matrix_text.h"
#include "output.h"
#include "text.h"

enum {
    MATRIX_INDENT = 4,
    NUMBER_NAME_WIDTH = 14, /* "Frobenius norm" */
    NOTE_COLUMN = 40,       /* where meaning and shapes start */
    MAX_RULE = 100          /* columns of a heading's line, however wide the terminal is */
};

static void print_heading(const cli_trace_text *text, const char *heading) {
    size_t used = strlen(heading) + 1;
    size_t width = text->width < MAX_RULE ? text->width : MAX_RULE;
    printf("\n%s ", heading);
    for (; used < width; used++) {
        putchar('-');
    }
    putchar('\n');
}

static void print_phase(const cli_trace_text *text, const dsc_trace_entry *entry) {
    static const char *const phases[] = {
        [DSC_TRACE_FORWARD] = "forward pass",
        [DSC_TRACE_ERROR] = "error",
        [DSC_TRACE_BACKWARD] = "gradients, all at the old weights",
        [DSC_TRACE_UPDATE] = "update",
    };
    char heading[96] = "Given";
    if (entry->step > text->n_steps) {
        snprintf(heading, sizeof heading, "After step %zu: %s", text->n_steps,
                 entry->phase == DSC_TRACE_FORWARD ? "forward pass with the new weights"
                                                   : "new error");
    } else if (entry->step > 0) {
        snprintf(heading, sizeof heading, "Step %zu: %s", entry->step, phases[entry->phase]);
    }
    print_heading(text, heading);
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
    int used = printf("%s%s%s%s", entry->phase == DSC_TRACE_UPDATE ? "new " : "", entry->name,
                      entry->formula[0] != '\0' ? " = " : "", entry->formula);
    print_note((size_t)used, entry->meaning);
}

/* End of the columns from `first` on that fit the width, at least one. */
static size_t end_of_block(const cli_trace_text *text, const cli_number_form *forms, size_t n_cols,
                           size_t first, size_t *used) {
    *used = MATRIX_INDENT;
    size_t end = first;
    while (end < n_cols && (end == first || *used + forms[end].width <= text->width)) {
        *used += forms[end++].width;
    }
    return end;
}

/* The matrix, in blocks of columns where it is wider than the terminal, the shapes beside the first
 * row. */
static dsc_status print_matrix(const cli_trace_text *text, const dsc_trace_entry *entry) {
    const dsc_matrix m = entry->value;
    cli_number_form *forms = cli_matrix_forms(m, text->precision);
    if (forms == NULL) {
        return DSC_E_MEMORY;
    }
    size_t used;
    bool has_shapes = false;
    if (end_of_block(text, forms, m.n_cols, 0, &used) < m.n_cols || used + 2 > NOTE_COLUMN) {
        has_shapes = end_with_note(0, entry->shapes);
    }
    for (size_t first = 0, end; first < m.n_cols; first = end) {
        end = end_of_block(text, forms, m.n_cols, first, &used);
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

static void print_number(const cli_trace_text *text, const dsc_trace_entry *entry) {
    char number[CLI_NUMBER_LENGTH];
    cli_format_number(dsc_matrix_at(entry->value, 0, 0), text->precision, number);
    int used = printf("%-*s = %s", NUMBER_NAME_WIDTH, entry->name, number);
    print_note((size_t)used, entry->formula);
}

dsc_status cli_trace_text_show(const dsc_trace_entry *entry, void *user) {
    cli_trace_text *text = user;
    if (cli_stdout_failed()) {
        return DSC_E_CANCELLED;
    }
    const bool is_number = entry->shapes[0] == '\0';
    if (!text->has_begun || entry->step != text->step || entry->phase != text->phase) {
        print_phase(text, entry);
    } else if (!is_number || !text->was_number) {
        putchar('\n');
    }
    text->has_begun = true;
    text->step = entry->step;
    text->phase = entry->phase;
    text->was_number = is_number;
    if (is_number) {
        print_number(text, entry);
        return DSC_OK;
    }
    print_title(entry);
    return print_matrix(text, entry);
}

void cli_trace_text_begin(const cli_network_file *file, const dsc_trace_config *config) {
    char *title =
        cli_terminal_copy(cli_id(file->description != NULL ? file->description : file->name));
    printf("%s\n", title != NULL ? title : "");
    free(title);
    printf("layers %zu", dsc_network_n_in(file->net));
    for (size_t l = 0; l < dsc_network_n_layers(file->net); l++) {
        printf(" -> %zu", dsc_network_layer(file->net, l).n_out);
    }
    printf("\nloss %s, rate %.15g, %zu step%s\n", dsc_loss_name(dsc_network_loss(file->net)),
           config->rate, config->n_steps, config->n_steps == 1 ? "" : "s");
    printf("A row is a sample, W' the transpose of W, .* the product element by element.\n");
}
