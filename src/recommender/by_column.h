/* Kept ratings by column: who rated each item. Blocks of rows take their ratings there side by side, each with a
 * counter a column, and with the same counters bring along whatever belongs to ratings. docs/math.md (211)
 *
 * Columns are filled in the order of the rows, whatever the blocks and threads. */
#ifndef DSC_RECOMMENDER_BY_COLUMN_H
#define DSC_RECOMMENDER_BY_COLUMN_H

#include "base/pool.h"
#include "ratings/sparse.h"
#include "recommender/kept_ratings.h"
#include "recommender/row_parts.h"

/* The transpose of what is kept, without values.
 *   out     [out]  (n_cols, n_rows)
 *   pool    [in]   whose threads do it
 * Returns DSC_OK; DSC_E_MEMORY with *out cleared. Memory while it runs: 8 bytes a column, and with several
 * threads at most a byte a rating. */
dsc_status dsc_by_column(dsc_sparse_matrix *out, const dsc_kept_ratings *kept, dsc_pool *pool,
                         dsc_error *err);

/* The same by blocks of the caller's, whose counters stay: of at most UINT32_MAX ratings.
 *   first   [in,out]  (blocks->n, n_cols) 0; then where in *out a block's first rating in a column goes
 *   blocks  [in]      of the rows, at least one */
dsc_status dsc_by_column_in_blocks(dsc_sparse_matrix *out, uint32_t *first,
                                   const dsc_kept_ratings *kept, const dsc_row_parts *blocks,
                                   dsc_pool *pool, dsc_error *err);

/* Counters of one block that has gone through all rows, back to where columns begin.
 *   columns  [in]  of by_column: those whose counters change */
void dsc_by_column_rewind(uint32_t *first, dsc_sparse by_column, dsc_row_range columns);

/* The same of n blocks, each of which has gone through its own rows: it has ended where the next one begins. */
void dsc_by_column_rewind_blocks(uint32_t *first, size_t n, dsc_sparse by_column,
                                 dsc_row_range columns);

#endif
