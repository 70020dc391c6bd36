/* Grouping triplets by row: where they come in any order, and where they are grouped. */
#include <stdlib.h>
#include <string.h>

#include "ratings/scatter.h"
#include "ratings/sparse_parts.h"

/* Triplets grouped by row, in their order within a row; columns neither sorted nor distinct. The
 * largest array goes first and leaves its memory before the others are touched. */
static dsc_status group_by_row(dsc_sparse_matrix *out, dsc_triplets *triplets, size_t n_rows,
                               size_t n_cols, dsc_error *err) {
    const bool has_time = triplets->time != NULL;
    dsc_status status = dsc_sparse_matrix_init(
        out, n_rows, n_cols, triplets->n, has_time ? DSC_SPARSE_TIMES : DSC_SPARSE_VALUES, err);
    if (status != DSC_OK) {
        return status;
    }
    dsc_scatter scatter = {
        .n = triplets->n, .key = triplets->row, .n_keys = n_rows, .pool = triplets->pool};
    status = dsc_scatter_init(&scatter, out->start, err);
    if (status == DSC_OK && has_time) {
        dsc_scatter_move(&scatter, (dsc_scatter_from){.time = triplets->time},
                         (dsc_scatter_to){.time = out->time});
        free(triplets->time);
        triplets->time = NULL;
    }
    if (status == DSC_OK) {
        dsc_scatter_move(&scatter,
                         (dsc_scatter_from){.index = triplets->column, .value = triplets->value},
                         (dsc_scatter_to){.index = out->column, .value = out->value});
    } else {
        dsc_sparse_matrix_clear(out);
    }
    dsc_scatter_clear(&scatter);
    return status;
}

/* Triplets that come row after row are compressed rows already, but for the last row starts: their arrays are
 * taken over. Files usually come so, grouped by user, and users are numbered as they come. */
static dsc_status take_grouped(dsc_sparse_matrix *out, dsc_triplets *triplets, size_t n_rows,
                               size_t n_cols, dsc_error *err) {
    *out = (dsc_sparse_matrix){.n_rows = n_rows,
                               .n_cols = n_cols,
                               .n_entries = triplets->n,
                               .column = triplets->column,
                               .value = triplets->value,
                               .time = triplets->time};
    const dsc_sparse_depth depth = triplets->time != NULL ? DSC_SPARSE_TIMES : DSC_SPARSE_VALUES;
    triplets->column = NULL;
    triplets->value = NULL;
    triplets->time = NULL;
    dsc_status status = dsc_sparse_matrix_reserve(out, depth, err);
    if (status != DSC_OK) {
        dsc_sparse_matrix_clear(out);
        return status;
    }
    if (triplets->n_starts > 0) {
        memcpy(out->start, triplets->start, triplets->n_starts * sizeof *out->start);
    }
    for (size_t row = triplets->n_starts; row <= n_rows; row++) {
        out->start[row] = triplets->n;
    }
    return DSC_OK;
}

dsc_status dsc_sparse_group(dsc_sparse_matrix *out, dsc_triplets *triplets, size_t n_rows,
                            size_t n_cols, dsc_error *err) {
    return triplets->row == NULL ? take_grouped(out, triplets, n_rows, n_cols, err)
                                 : group_by_row(out, triplets, n_rows, n_cols, err);
}
