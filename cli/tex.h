/* Formulas, matrices and text in TeX, as LaTeX and the mathematics of Markdown both read it. */
#ifndef DESCENT_CLI_TEX_H
#define DESCENT_CLI_TEX_H

#include <stdbool.h>

#include "descent/matrix.h"
#include "matrix_text.h"

/* Prints a formula of the trace, such as "dA1 .* (Z1 > 0)", or a name, as the inside of a
 * mathematical expression: symbols get their number as an index, words stand upright. */
void cli_tex_formula(const char *formula);

/* Prints "name = formula". A formula with clauses, such as "h .* u, h = gain1 .* dA1", gets a line
 * for each. Returns whether it has some, behind which no further "=" can stand. */
bool cli_tex_equation(const char *name, const char *formula);

/* Prints shapes, such as "2 x 3 = (2 x 4) (4 x 3)", in the same way. */
void cli_tex_shapes(const char *shapes);

/* The rows and columns from first to end - 1 of a matrix. */
typedef struct cli_tex_block {
    size_t first_row, end_row;
    size_t first_column, end_column;
} cli_tex_block;

/* Prints a block of `m` in brackets; `forms` are its columns' from cli_matrix_forms. */
void cli_tex_matrix(dsc_matrix m, const cli_number_form *forms, const cli_tex_block *block);

/* Prints valid UTF-8 as LaTeX text that pdflatex sets with its standard fonts; a character that
 * they do not have becomes its code, such as "[U+4E2D]". */
void cli_tex_text(const char *text);

#endif
