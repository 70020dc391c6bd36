/* Sparse matrices that own their memory: from triplets to compressed rows, and transposed.
 *
 * dsc_sparse (descent/ratings.h) is the read-only view of one. */
#ifndef DSC_RATINGS_SPARSE_H
#define DSC_RATINGS_SPARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/pool.h"
#include "descent/ratings.h"
#include "descent/status.h"

/* All zero is a valid matrix without rows and memory. Freed with dsc_sparse_matrix_clear. */
typedef struct dsc_sparse_matrix {
    size_t n_rows;
    size_t n_cols;
    size_t n_entries;
    uint64_t *start;  /* (n_rows + 1); each array is a block from malloc of its own */
    uint32_t *column; /* (n_entries) */
    float *value;     /* (n_entries), NULL: no values */
    int64_t *time;    /* (n_entries), NULL: no times */
} dsc_sparse_matrix;

/* Entries in any order, or row after row; the later of two equal places is the one that counts. The arrays
 * are blocks from malloc. */
typedef struct dsc_triplets {
    size_t n;
    uint32_t *row;    /* (n) below n_rows; NULL: `start` */
    uint32_t *column; /* (n) below n_cols */
    float *value;     /* (n) */
    int64_t *time;    /* (n), NULL: no times */
    uint64_t *start;  /* (n_starts) ascending: the first entry of each row, none of those behind */
    size_t n_starts;  /* at most n_rows; with none there is no entry */
    dsc_pool *pool;   /* borrowed: whose threads build from them; NULL: the caller's */
} dsc_triplets;

/* Frees the arrays; all zero is allowed. */
void dsc_triplets_clear(dsc_triplets *triplets);

typedef struct dsc_duplicates {
    size_t n;     /* entries that were replaced by a later one for the same place */
    size_t first; /* the first entry, counted from 0, that replaced an earlier one; if n > 0 */
} dsc_duplicates;

/* What entries hold. */
typedef enum dsc_sparse_depth {
    DSC_SPARSE_PLACES = 0, /* which they are: 4 bytes an entry */
    DSC_SPARSE_VALUES = 1, /* values too: 8 */
    DSC_SPARSE_TIMES = 2   /* and times: 16 */
} dsc_sparse_depth;

/* Room for n_entries with all row starts 0 and the rest not yet written; arrays that are not held are NULL.
 * Returns DSC_OK; DSC_E_MEMORY with *out cleared. */
dsc_status dsc_sparse_matrix_init(dsc_sparse_matrix *out, size_t n_rows, size_t n_cols,
                                  size_t n_entries, dsc_sparse_depth depth, dsc_error *err);
void dsc_sparse_matrix_clear(dsc_sparse_matrix *matrix);

/* The entries by row, columns ascending and distinct in each.
 *   out         [out]     (n_rows, n_cols)
 *   triplets    [in,out]  taken over, also on failure, and cleared
 *   duplicates  [out]     NULL allowed
 * Returns DSC_OK; DSC_E_MEMORY with *out cleared. Cost: O(n + n_rows). */
dsc_status dsc_sparse_build(dsc_sparse_matrix *out, dsc_triplets *triplets, size_t n_rows,
                            size_t n_cols, dsc_duplicates *duplicates, dsc_error *err);

/* The transpose of `source`, with values if that has some, without its times, which are looked up by row:
 * a second copy would be the largest array of all. Columns ascend whatever their order in the source; equal
 * places stay neighbours in the order of the source.
 *   pool  [in]  whose threads do it, which changes no byte; NULL: the caller's
 * Returns DSC_OK; DSC_E_MEMORY with *out cleared. Memory while it runs: that of dsc_scatter_init. */
dsc_status dsc_sparse_transpose(dsc_sparse_matrix *out, dsc_sparse source, dsc_pool *pool,
                                dsc_error *err);

dsc_sparse dsc_sparse_view(const dsc_sparse_matrix *matrix);

/* Its places alone, of whoever needs no more. */
dsc_sparse dsc_sparse_places(dsc_sparse matrix);

/* Where (row, column) stands among the entries, or n_entries when it is not there; row < n_rows,
 * columns ascending. Cost: O(log of the row's length). */
size_t dsc_sparse_find(dsc_sparse matrix, uint32_t row, uint32_t column);

#endif
