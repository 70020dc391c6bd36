/* Some rows of a sparse matrix, one behind the other, with their entries side by side in memory. */
#ifndef DSC_RECOMMENDER_ROW_STRETCH_H
#define DSC_RECOMMENDER_ROW_STRETCH_H

#include <stddef.h>
#include <stdint.h>

#include "descent/ratings.h"

/* The rows begin .. end - 1. */
typedef struct dsc_row_range {
    size_t begin, end;
} dsc_row_range;

typedef struct dsc_row_stretch {
    dsc_row_range rows;
    const uint64_t *start;  /* (n_rows + 1) of the whole matrix */
    const uint32_t *column; /* (entries) those of the first row first */
} dsc_row_stretch;

/* Where the entries of a row of the stretch begin among its entries, and how many there are. */
static inline size_t dsc_row_stretch_at(const dsc_row_stretch *stretch, size_t row) {
    return (size_t)(stretch->start[row] - stretch->start[stretch->rows.begin]);
}
static inline size_t dsc_row_stretch_length(const dsc_row_stretch *stretch, size_t row) {
    return (size_t)(stretch->start[row + 1] - stretch->start[row]);
}

/* Rows of a matrix, whose entries lie side by side anyway. */
static inline dsc_row_stretch dsc_row_stretch_of(dsc_sparse matrix, dsc_row_range rows) {
    return (dsc_row_stretch){rows, matrix.start, matrix.column + matrix.start[rows.begin]};
}

#endif
