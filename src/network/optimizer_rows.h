/* Steps on chosen rows of a table, for whoever trains some of them at a time. */
#ifndef DSC_NETWORK_OPTIMIZER_ROWS_H
#define DSC_NETWORK_OPTIMIZER_ROWS_H

#include "descent/optimizer.h"
#include "math/kernels.h"

/* Updates the rows as dsc_optimizer_update would one after the other, within a step begun by
 * dsc_optimizer_begin_step. Of `rows`, rule and states are the optimizer's and not looked at.
 *   l2  added to the gradient as l2 * weight / n_samples * parameter
 * Threads: at once for sets of rows that share none. */
void dsc_optimizer_update_rows(const dsc_optimizer *optimizer, const dsc_row_steps *rows,
                               double l2);

#endif
