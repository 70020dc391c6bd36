/* The rows of the first entries of cells, in one walk over the row starts. */
#include "ratings/row_finder.h"

#include "base/error.h"
#include "base/memory.h"

dsc_status dsc_row_finder_init(dsc_row_finder *out, dsc_sparse matrix, dsc_error *err) {
    *out = (dsc_row_finder){.start = matrix.start};
    while (matrix.n_rows > 0 && matrix.n_entries >> (out->shift + 1) >= matrix.n_rows) {
        out->shift++;
    }
    const size_t n_cells = (size_t)(matrix.n_entries >> out->shift) + 1;
    out->first = dsc_alloc(n_cells, sizeof *out->first);
    if (out->first == NULL) {
        *out = (dsc_row_finder){0};
        return dsc_fail_memory(err, "the rows of ratings");
    }
    for (uint64_t entry = 0, row = 0; entry < matrix.n_entries;
         entry += (uint64_t)1 << out->shift) {
        while (matrix.start[row + 1] <= entry) {
            row++;
        }
        out->first[entry >> out->shift] = (uint32_t)row;
    }
    return DSC_OK;
}

void dsc_row_finder_clear(dsc_row_finder *finder) {
    dsc_free(finder->first);
    *finder = (dsc_row_finder){0};
}
