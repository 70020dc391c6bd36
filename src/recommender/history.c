/* Histories: sums over the rows of the ratings. docs/math.md (50), (53), (130). */
#include "recommender/history.h"

#include <math.h>
#include <string.h>

static size_t row_bytes(const dsc_kernels *kernels, size_t k) {
    return k * (size_t)kernels->precision;
}

static double scale_of(uint64_t n) {
    return n > 0 ? 1 / sqrt((double)n) : 0;
}

/* Adds the rows of `summed` that n entries from the first-th on name, each with its weight. */
static void add_entries(const dsc_kernels *kernels, void *sum, const dsc_history *history,
                        uint64_t first, const dsc_picked_rows *entries) {
    if (history->weights == NULL) {
        kernels->sum_rows(sum, entries);
    } else {
        const char *weights = history->weights;
        kernels->sum_scaled_rows(sum, weights + first * (size_t)kernels->precision, entries);
    }
}

/* The sum of a history of n entries gets its scale and the vector of row r. */
static void finish(const dsc_kernels *kernels, void *sum, const dsc_history *history, size_t k,
                   uint32_t r, uint64_t n) {
    const uint32_t own = history->is_shared ? 0 : r;
    if (history->weights == NULL) {
        kernels->scale(sum, scale_of(n), k);
    }
    kernels->sum_rows(sum, &(dsc_picked_rows){history->own, k, &own, 1});
}

void dsc_history_sums_of(const dsc_kernels *kernels, void *sums, const dsc_history *history,
                         size_t k, const dsc_row_stretch *stretch) {
    const dsc_row_range rows = stretch->rows;
    const size_t bytes = row_bytes(kernels, k);
    char *sum = (char *)sums + rows.begin * bytes;
    memset(sum, 0, (rows.end - rows.begin) * bytes);
    for (size_t r = rows.begin; r < rows.end; r++, sum += bytes) {
        const size_t at = dsc_row_stretch_at(stretch, r), n = dsc_row_stretch_length(stretch, r);
        add_entries(kernels, sum, history, at,
                    &(dsc_picked_rows){history->summed, k, stretch->column + at, n});
        finish(kernels, sum, history, k, (uint32_t)r, n);
    }
}

void dsc_history_sums(const dsc_kernels *kernels, void *sums, const dsc_history *history, size_t k,
                      dsc_sparse ratings) {
    const dsc_row_stretch all = dsc_row_stretch_of(ratings, (dsc_row_range){0, ratings.n_rows});
    dsc_history_sums_of(kernels, sums, history, k, &all);
}

void dsc_history_sums_by_column(const dsc_kernels *kernels, float *sums, const dsc_history *history,
                                size_t k, dsc_sparse ratings, const uint32_t *count) {
    memset(sums, 0, ratings.n_cols * k * sizeof *sums);
    for (size_t row = 0; row < ratings.n_rows; row++) {
        const uint32_t r = (uint32_t)row;
        for (uint64_t e = ratings.start[r]; e < ratings.start[r + 1]; e++) {
            add_entries(kernels, sums + ratings.column[e] * k, history, e,
                        &(dsc_picked_rows){history->summed, k, &r, 1});
        }
    }
    for (size_t c = 0; c < ratings.n_cols; c++) {
        finish(kernels, sums + c * k, history, k, (uint32_t)c, count[c]);
    }
}

void dsc_history_scale(const dsc_kernels *kernels, void *sums, size_t k, dsc_sparse ratings,
                       dsc_row_range rows) {
    char *sum = (char *)sums + rows.begin * row_bytes(kernels, k);
    for (size_t r = rows.begin; r < rows.end; r++, sum += row_bytes(kernels, k)) {
        kernels->scale(sum, scale_of(ratings.start[r + 1] - ratings.start[r]), k);
    }
}
