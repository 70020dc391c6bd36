/* Row parts: a part ends with the row that fills it. */
#include "recommender/row_parts.h"

#include "base/memory.h"

/* The work of a part, in entries, and what a row costs besides its entries. A part is then some tens
 * of microseconds long: far more than it costs to hand it out, and there are several for each thread
 * in the smallest of files that take any time. */
enum { WORK_OF_PART = 2048, WORK_OF_ROW = 16 };

/* Cuts the rows; start NULL: counts the parts only. */
static size_t cut(dsc_sparse matrix, uint32_t *start) {
    size_t n = 0;
    uint64_t work = 0;
    for (size_t r = 0; r < matrix.n_rows; r++) {
        work += matrix.start[r + 1] - matrix.start[r] + WORK_OF_ROW;
        if (work >= WORK_OF_PART || r + 1 == matrix.n_rows) {
            n++;
            work = 0;
            if (start != NULL) {
                start[n] = (uint32_t)(r + 1);
            }
        }
    }
    return n;
}

dsc_status dsc_row_parts_init(dsc_row_parts *out, dsc_sparse matrix, dsc_error *err) {
    const size_t n = cut(matrix, NULL);
    *out = (dsc_row_parts){.n = n, .start = dsc_alloc(n + 1, sizeof *out->start)};
    if (out->start == NULL) {
        out->n = 0;
        return dsc_fail_memory(err, "parts of rows");
    }
    cut(matrix, out->start);
    return DSC_OK;
}

dsc_status dsc_row_parts_gather(dsc_row_parts *out, const dsc_row_parts *parts, size_t most,
                                dsc_error *err) {
    const size_t n = parts->n < most ? parts->n : most;
    *out = (dsc_row_parts){.n = n, .start = dsc_alloc(n + 1, sizeof *out->start)};
    if (out->start == NULL) {
        out->n = 0;
        return dsc_fail_memory(err, "parts of rows");
    }
    for (size_t i = 0; i < n + (n > 0); i++) {
        out->start[i] = parts->start[i * parts->n / n];
    }
    return DSC_OK;
}

void dsc_row_parts_clear(dsc_row_parts *parts) {
    dsc_free(parts->start);
    *parts = (dsc_row_parts){0};
}
