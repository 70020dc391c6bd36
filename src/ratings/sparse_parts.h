/* The steps that make a sparse matrix from triplets, by the threads of a pool. */
#ifndef DSC_RATINGS_SPARSE_PARTS_H
#define DSC_RATINGS_SPARSE_PARTS_H

#include "base/pool.h"
#include "ratings/sparse.h"

/* Entries that a thread takes at a time. */
#define DSC_SPARSE_PART ((size_t)64 * 1024)

/* Triplets grouped by row, in their order within a row; columns neither sorted nor distinct.
 *   triplets  [in,out]  of n_rows rows; arrays that *out has no use for, or has taken, become NULL
 * Returns DSC_OK; DSC_E_MEMORY with *out cleared. */
dsc_status dsc_sparse_group(dsc_sparse_matrix *out, dsc_triplets *triplets, size_t n_rows,
                            size_t n_cols, dsc_error *err);

/* Makes the columns of each row ascending and distinct: of equal ones the last counts.
 *   duplicates  [in,out]  n of 0; `first` is in terms of places in the unsorted matrix
 * Returns DSC_OK; DSC_E_MEMORY. */
dsc_status dsc_sparse_sort_rows(dsc_sparse_matrix *m, dsc_pool *pool, dsc_duplicates *duplicates,
                                dsc_error *err);

/* Arrays of the depth that are NULL become blocks for m->n_entries elements, those beyond it are freed, and all
 * row starts are 0. Returns DSC_OK; DSC_E_MEMORY; the caller clears *m. */
dsc_status dsc_sparse_matrix_reserve(dsc_sparse_matrix *m, dsc_sparse_depth depth, dsc_error *err);

#endif
