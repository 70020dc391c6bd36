/* Transposing a sparse matrix: its entries by column, each with the number of its row. */
#include "base/error.h"
#include "ratings/scatter.h"
#include "ratings/sparse.h"

dsc_status dsc_sparse_transpose(dsc_sparse_matrix *out, dsc_sparse source, dsc_pool *pool,
                                dsc_error *err) {
    dsc_scatter scatter = {
        .n = source.n_entries, .key = source.column, .n_keys = source.n_cols, .pool = pool};
    dsc_status status =
        dsc_sparse_matrix_init(out, source.n_cols, source.n_rows, source.n_entries,
                               source.value != NULL ? DSC_SPARSE_VALUES : DSC_SPARSE_PLACES, err);
    if (status == DSC_OK) {
        status = dsc_scatter_init(&scatter, out->start, err);
    }
    if (status == DSC_OK) {
        dsc_scatter_move(&scatter,
                         (dsc_scatter_from){.row_start = source.start,
                                            .n_rows = source.n_rows,
                                            .value = source.value},
                         (dsc_scatter_to){.index = out->column, .value = out->value});
    } else {
        dsc_sparse_matrix_clear(out);
    }
    dsc_scatter_clear(&scatter);
    return status;
}
