/* One training step in rational numbers: forward, loss, backward and update without rounding. */
#ifndef DESCENT_CLI_CHECK_EXACT_H
#define DESCENT_CLI_CHECK_EXACT_H

#include <gmp.h>
#include <jansson.h>

#include "check_values.h"

typedef struct cli_exact {
    const cli_values *values; /* borrowed */
    mpq_t *memory;            /* every cell of every value */
    size_t n_cells;
    mpq_t rate;
} cli_exact;

enum { CLI_OBSTACLE_TEXT = 160 };

/* Why a network cannot be computed in rational numbers, such as "layer 1 is sigmoid, whose values
 * are irrational"; "" when it can. */
void cli_exact_obstacle(const dsc_network *net, char out[CLI_OBSTACLE_TEXT]);

/* Whether the step is small enough to be computed exactly without being asked to. */
bool cli_exact_is_cheap(const cli_values *values);

/* Computes everything from the numbers as they stand in the file.
 *   document  [in]   of cli_exact_document; its network has been checked and has no obstacle
 *   problem   [out]  for CLI_BAD_DATA: the number that is too long to be read exactly
 * Returns CLI_GO_ON; CLI_BAD_DATA without a message; CLI_FAILED after one, no memory. To be cleared
 * in any case. */
int cli_exact_make(cli_exact *out, const cli_values *values, const json_t *document,
                   char problem[CLI_OBSTACLE_TEXT]);
void cli_exact_clear(cli_exact *exact);

/* Makes the truth of every value the double nearest to the exact one, so that a sum that is 0 is 0
 * and not 5e-17, on the other side of a kink; norms follow from the error. */
void cli_exact_round(cli_exact *exact, cli_values *values);

/* The cells (n_rows, n_cols) of a value; for a norm, which is a root, see cli_exact_has. */
mpq_t *cli_exact_cells(const cli_exact *exact, const cli_value *value);

/* Whether the value is exact: false for the norms. */
bool cli_exact_has(const cli_value *value);

/* --- for check_exact.c -------------------------------------------------------------------------
 */

/* One element's part of the loss, before the division by the number of elements, and its slope at
 * the prediction.
 *   a, y  [in]  prediction and target for the hinge; else the error, and y is not used */
void cli_exact_loss_term(const cli_exact *e, mpq_srcptr a, mpq_srcptr y, mpq_ptr out);
void cli_exact_loss_slope(const cli_exact *e, mpq_srcptr a, mpq_srcptr y, mpq_ptr out);

#endif
