/* Histories: what a user rated, and who rated an item, as sums of learned vectors.
 *
 *     side_r = own_r + n_r^(-1/2) sum over the n_r entries j of row r of summed_j
 *
 * docs/math.md (50), and (53) for its gradient. Rows without entries have no history. Numbers are
 * of the kernels' precision. */
#ifndef DSC_RECOMMENDER_HISTORY_H
#define DSC_RECOMMENDER_HISTORY_H

#include <stddef.h>

#include "math/kernels.h"
#include "ratings/sparse.h"

/* The sides of the rows of `ratings`.
 *   sides   [out]  (n_rows, k)
 *   own     [in]   (n_rows, k)
 *   summed  [in]   (n_cols, k) */
void dsc_history_sides(const dsc_kernels *kernels, void *sides, const void *own, const void *summed,
                       size_t k, dsc_sparse ratings);

/* The sides of its columns, the same bytes as from its transpose, where there is none; in single
 * precision.
 *   sides   [out]  (n_cols, k)
 *   own     [in]   (n_cols, k)
 *   summed  [in]   (n_rows, k)
 *   count   [in]   (n_cols) entries of each column */
void dsc_history_sides_by_column(const dsc_kernels *kernels, float *sides, const float *own,
                                 const float *summed, size_t k, dsc_sparse ratings,
                                 const uint32_t *count);

/* Divides row r of `sides` (n_rows, k) by the root of its number of entries: what a gradient at the
 * sides is to the sums. Rows without entries become 0. */
void dsc_history_scale(const dsc_kernels *kernels, void *sides, size_t k, dsc_sparse ratings);

#endif
