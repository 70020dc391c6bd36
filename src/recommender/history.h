/* Histories: what a user rated, and who rated an item, as sums of learned vectors.
 *
 *     sum_r = own_r + sum over the n_r entries j of row r of weight_rj summed_j
 *
 * docs/math.md (50), (130), and (53), (134) for its gradient. Rows without entries have no history.
 * Numbers are of the kernels' precision. */
#ifndef DSC_RECOMMENDER_HISTORY_H
#define DSC_RECOMMENDER_HISTORY_H

#include <stdbool.h>
#include <stddef.h>

#include "math/kernels.h"
#include "ratings/sparse.h"
#include "recommender/row_stretch.h"

/* The histories of all users, or of all items. */
typedef struct dsc_history {
    const void *own;     /* (n, k), or (1, k): the vector that all share */
    bool is_shared;      /* that is so */
    const void *summed;  /* (others, k) */
    const void *weights; /* (entries) of the ratings that are summed; NULL: n_r^(-1/2) for each */
} dsc_history;

/* The sums of a stretch of rows, whose entries the weights are of.
 *   sums  [out]  (n_rows, k) those of the stretch are written */
void dsc_history_sums_of(const dsc_kernels *kernels, void *sums, const dsc_history *history,
                         size_t k, const dsc_row_stretch *stretch);

/* Of all rows of `ratings`. */
void dsc_history_sums(const dsc_kernels *kernels, void *sums, const dsc_history *history, size_t k,
                      dsc_sparse ratings);

/* The sums of its columns, the same bytes as from its transpose, where there is none; in single
 * precision. Weights are in the order of `ratings`.
 *   sums   [out]  (n_cols, k)
 *   count  [in]   (n_cols) entries of each column */
void dsc_history_sums_by_column(const dsc_kernels *kernels, float *sums, const dsc_history *history,
                                size_t k, dsc_sparse ratings, const uint32_t *count);

/* Divides each row r of the range of `sums` (n_rows, k) by the root of its number of entries: what a gradient at the
 * sums without weights is to what they sum. Rows without entries become 0. */
void dsc_history_scale(const dsc_kernels *kernels, void *sums, size_t k, dsc_sparse ratings,
                       dsc_row_range rows);

#endif
