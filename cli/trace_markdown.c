/* The trace as Markdown: matrices in fenced mathematics, or as tables where they are large. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "matrix_text.h"
#include "output.h"
#include "tex.h"
#include "trace_format.h"

/* The largest matrix that fits the column of text of a forge; a larger one is a table, which
 * scrolls.
 */
enum { MAX_MATH_COLUMNS = 10, MAX_MATH_ROWS = 24, MAX_MATH_WIDTH = 90 };

/* Text in a line that has begun, with a backslash where a sign would be markup, or a point part of
 * an address. */
static void print_plain(const char *text) {
    for (; *text != '\0'; text++) {
        const bool joins = *text == '.' && text[1] != ' ' && text[1] != '\0';
        if (joins || strchr("\\`*_[]<>&$~|#:@", *text) != NULL) {
            putchar('\\');
        }
        putchar(*text);
    }
}

static dsc_status begin(cli_trace *trace) {
    char *title = cli_trace_title(trace->file);
    if (title == NULL) {
        return DSC_E_MEMORY;
    }
    fputs("# ", stdout);
    print_plain(title);
    free(title);
    fputs("\n\n- layers: ", stdout);
    cli_trace_print_layers(trace, " → ");
    printf("\n- loss: %s\n- rate: %.15g\n- steps: %zu\n\n", cli_trace_loss(trace),
           trace->config->rate, trace->config->n_steps);
    fputs("A row is a sample; $`W^{\\top}`$ is the transpose of $`W`$, $`\\odot`$ the product "
          "element by element.\n",
          stdout);
    return DSC_OK;
}

static void print_table(dsc_matrix m, const cli_number_form *forms) {
    fputs("\n|  |", stdout);
    for (size_t j = 0; j < m.n_cols; j++) {
        printf(" %zu |", j + 1);
    }
    fputs("\n| ---: |", stdout);
    for (size_t j = 0; j < m.n_cols; j++) {
        fputs(" ---: |", stdout);
    }
    for (size_t i = 0; i < m.n_rows; i++) {
        printf("\n| **%zu** |", i + 1);
        for (size_t j = 0; j < m.n_cols; j++) {
            char text[CLI_NUMBER_LENGTH];
            cli_format_cell(dsc_matrix_at(m, i, j), &forms[j], text);
            printf(" %s |", text);
        }
    }
    putchar('\n');
}

/* What a forge sets as mathematics without cutting it. */
static bool is_small(dsc_matrix m, const cli_number_form *forms) {
    size_t width = 0;
    for (size_t j = 0; j < m.n_cols; j++) {
        width += forms[j].width;
    }
    return m.n_cols <= MAX_MATH_COLUMNS && m.n_rows <= MAX_MATH_ROWS && width <= MAX_MATH_WIDTH;
}

static dsc_status print_matrix(const cli_trace *trace, const dsc_trace_entry *entry) {
    const dsc_matrix m = entry->value;
    cli_number_form *forms = cli_matrix_forms(m, trace->precision);
    if (forms == NULL) {
        return DSC_E_MEMORY;
    }
    char name[CLI_HEADING_LENGTH];
    cli_trace_name(entry, name);
    printf("\n**%s**: %s, $`", name, entry->meaning);
    cli_tex_shapes(entry->shapes);
    fputs("`$\n\n```math\n", stdout);
    const bool has_clauses = cli_tex_equation(name, entry->formula);
    if (is_small(m, forms)) {
        if (has_clauses) {
            fputs("\n```\n\n```math\n", stdout);
            cli_tex_formula(name);
        }
        fputs(" = ", stdout);
        cli_tex_matrix(m, forms, &(cli_tex_block){0, m.n_rows, 0, m.n_cols});
        fputs("\n```\n", stdout);
    } else {
        fputs("\n```\n", stdout);
        print_table(m, forms);
    }
    free(forms);
    return DSC_OK;
}

static dsc_status show(const dsc_trace_entry *entry, void *user) {
    cli_trace *trace = user;
    if (cli_stdout_failed()) {
        return DSC_E_CANCELLED;
    }
    const bool follows_number = trace->was_number;
    char heading[CLI_HEADING_LENGTH];
    if (cli_trace_next(trace, entry, heading)) {
        printf("\n## %s\n", heading);
    }
    if (!cli_trace_is_number(entry)) {
        return print_matrix(trace, entry);
    }
    char number[CLI_NUMBER_LENGTH];
    cli_trace_number(trace, entry, number);
    printf("%s- %s: **%s** = `%s`\n", follows_number ? "" : "\n", entry->name, number,
           entry->formula);
    return DSC_OK;
}

static dsc_status end(cli_trace *trace, const dsc_trace_result *result, const char *outcome) {
    (void)trace;
    (void)result;
    printf("\n**Outcome**: %s\n", outcome);
    return DSC_OK;
}

const cli_trace_format cli_trace_markdown = {
    .name = "markdown", .begin = begin, .show = show, .end = end};
