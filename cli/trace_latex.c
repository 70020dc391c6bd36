/* The trace as a LaTeX document that pdflatex sets with the packages of every installation.
 *
 * A matrix that is wider than the line or longer than the page is cut into blocks. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "matrix_text.h"
#include "output.h"
#include "tex.h"
#include "trace_format.h"

/* In points: the line of the document below, less the brackets; a digit of its font, the gap
 * between columns and a sign of a formula, all a little wide. */
enum { LINE = 450, DIGIT = 6, GAP = 8, FORMULA_SIGN = 6, MAX_ROWS = 36 };

static dsc_status begin(cli_trace *trace) {
    char *title = cli_trace_title(trace->file);
    if (title == NULL) {
        return DSC_E_MEMORY;
    }
    fputs("\\documentclass[10pt,a4paper]{article}\n"
          "\\usepackage[utf8]{inputenc}\n"
          "\\usepackage[margin=20mm]{geometry}\n"
          "\\usepackage{amsmath}\n"
          "\\setlength{\\parindent}{0pt}\n"
          "\\setlength{\\parskip}{4pt}\n"
          "\\setlength{\\arraycolsep}{4pt}\n"
          "\\allowdisplaybreaks\n"
          "\\raggedbottom\n"
          "\\begin{document}\n"
          "\\raggedright\n"
          "{\\Large\\bfseries ",
          stdout);
    cli_tex_text(title);
    free(title);
    fputs("\\par}\n\nlayers $", stdout);
    cli_trace_print_layers(trace, " \\to ");
    char rate[CLI_NUMBER_LENGTH];
    snprintf(rate, sizeof rate, "%.15g", trace->config->rate);
    printf("$; loss %s; rate $", cli_trace_loss(trace));
    cli_tex_formula(rate);
    printf("$; %zu step%s\n\n", trace->config->n_steps, trace->config->n_steps == 1 ? "" : "s");
    fputs("A row is a sample; $W^{\\top}$ is the transpose of $W$, $\\odot$ the product element by "
          "element.\n",
          stdout);
    return DSC_OK;
}

static size_t width_of(const cli_number_form *form) {
    return (form->width - 2) * DIGIT + GAP; /* 2: the gap that the form of plain text has */
}

/* End of the columns from `first` on that fit the line, at least one. */
static size_t end_of_columns(const cli_number_form *forms, size_t n_cols, size_t first) {
    size_t end = first, used = 0;
    while (end < n_cols && (end == first || used + width_of(&forms[end]) <= LINE)) {
        used += width_of(&forms[end++]);
    }
    return end;
}

static void print_block(dsc_matrix m, const cli_number_form *forms, const cli_tex_block *block) {
    const bool is_whole = block->end_row - block->first_row == m.n_rows &&
                          block->end_column - block->first_column == m.n_cols;
    if (!is_whole) {
        printf("rows %zu to %zu, columns %zu to %zu\n", block->first_row + 1, block->end_row,
               block->first_column + 1, block->end_column);
    }
    fputs("\\[\n", stdout);
    cli_tex_matrix(m, forms, block);
    fputs("\n\\]\n", stdout);
}

/* The whole matrix in one block or more, the ones that are not whole with their rows and columns.
 */
static void print_blocks(dsc_matrix m, const cli_number_form *forms) {
    for (size_t column = 0, end_column; column < m.n_cols; column = end_column) {
        end_column = end_of_columns(forms, m.n_cols, column);
        for (size_t row = 0, end_row; row < m.n_rows; row = end_row) {
            end_row = m.n_rows - row > MAX_ROWS ? row + MAX_ROWS : m.n_rows;
            print_block(m, forms, &(cli_tex_block){row, end_row, column, end_column});
        }
    }
}

static void print_note(const char *name, const dsc_trace_entry *entry) {
    fputs("\n\\textbf{", stdout);
    cli_tex_text(name);
    fputs("}: ", stdout);
    cli_tex_text(entry->meaning);
    fputs(", $", stdout);
    cli_tex_shapes(entry->shapes);
    fputs("$\n", stdout);
}

static dsc_status print_matrix(const cli_trace *trace, const dsc_trace_entry *entry) {
    const dsc_matrix m = entry->value;
    cli_number_form *forms = cli_matrix_forms(m, trace->precision);
    if (forms == NULL) {
        return DSC_E_MEMORY;
    }
    char name[CLI_HEADING_LENGTH];
    cli_trace_name(entry, name);
    print_note(name, entry);
    fputs("\\[\n", stdout);
    const bool has_clauses = cli_tex_equation(name, entry->formula);
    size_t width = FORMULA_SIGN * (strlen(name) + strlen(entry->formula) + 6);
    for (size_t j = 0; j < m.n_cols && width <= LINE; j++) {
        width += width_of(&forms[j]);
    }
    if (width <= LINE && m.n_rows <= MAX_ROWS && !has_clauses) {
        fputs(" = ", stdout);
        cli_tex_matrix(m, forms, &(cli_tex_block){0, m.n_rows, 0, m.n_cols});
        fputs("\n\\]\n", stdout);
    } else {
        fputs("\n\\]\n", stdout);
        print_blocks(m, forms);
    }
    free(forms);
    return DSC_OK;
}

static void print_value(const cli_trace *trace, const dsc_trace_entry *entry) {
    char number[CLI_NUMBER_LENGTH];
    cli_trace_number(trace, entry, number);
    printf("\n%s $= ", entry->name);
    cli_tex_formula(number);
    fputs(" = ", stdout);
    cli_tex_formula(entry->formula);
    fputs("$\n", stdout);
}

static dsc_status show(const dsc_trace_entry *entry, void *user) {
    cli_trace *trace = user;
    if (cli_stdout_failed()) {
        return DSC_E_CANCELLED;
    }
    char heading[CLI_HEADING_LENGTH];
    if (cli_trace_next(trace, entry, heading)) {
        printf("\n\\section*{%s}\n", heading);
    }
    if (!cli_trace_is_number(entry)) {
        return print_matrix(trace, entry);
    }
    print_value(trace, entry);
    return DSC_OK;
}

static dsc_status end(cli_trace *trace, const dsc_trace_result *result, const char *outcome) {
    (void)trace;
    (void)result;
    fputs("\n\\section*{Outcome}\n", stdout);
    cli_tex_text(outcome);
    fputs("\n\\end{document}\n", stdout);
    return DSC_OK;
}

const cli_trace_format cli_trace_latex = {
    .name = "latex", .begin = begin, .show = show, .end = end};
