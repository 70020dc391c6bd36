/* Histories: sums over the rows of the ratings. docs/math.md (50), (53). */
#include "recommender/history.h"

#include <math.h>
#include <string.h>

static size_t row_bytes(const dsc_kernels *kernels, size_t k) {
    return k * (size_t)kernels->precision;
}

static double scale_of(uint64_t n) {
    return n > 0 ? 1 / sqrt((double)n) : 0;
}

/* The sum of a history of n entries becomes side r. */
static void finish(const dsc_kernels *kernels, void *side, const void *own, size_t k, uint32_t r,
                   uint64_t n) {
    kernels->scale(side, scale_of(n), k);
    kernels->sum_rows(side, &(dsc_picked_rows){own, k, &r, 1});
}

void dsc_history_sides(const dsc_kernels *kernels, void *sides, const void *own, const void *summed,
                       size_t k, dsc_sparse ratings) {
    char *side = sides;
    memset(sides, 0, ratings.n_rows * row_bytes(kernels, k));
    for (size_t r = 0; r < ratings.n_rows; r++) {
        const uint64_t begin = ratings.start[r], n = ratings.start[r + 1] - begin;
        kernels->sum_rows(side, &(dsc_picked_rows){summed, k, ratings.column + begin, n});
        finish(kernels, side, own, k, (uint32_t)r, n);
        side += row_bytes(kernels, k);
    }
}

void dsc_history_sides_by_column(const dsc_kernels *kernels, float *sides, const float *own,
                                 const float *summed, size_t k, dsc_sparse ratings,
                                 const uint32_t *count) {
    memset(sides, 0, ratings.n_cols * k * sizeof *sides);
    for (size_t row = 0; row < ratings.n_rows; row++) {
        const uint32_t r = (uint32_t)row;
        for (uint64_t e = ratings.start[r]; e < ratings.start[r + 1]; e++) {
            kernels->sum_rows(sides + ratings.column[e] * k, &(dsc_picked_rows){summed, k, &r, 1});
        }
    }
    for (size_t c = 0; c < ratings.n_cols; c++) {
        finish(kernels, sides + c * k, own, k, (uint32_t)c, count[c]);
    }
}

void dsc_history_scale(const dsc_kernels *kernels, void *sides, size_t k, dsc_sparse ratings) {
    char *side = sides;
    for (size_t r = 0; r < ratings.n_rows; r++) {
        kernels->scale(side, scale_of(ratings.start[r + 1] - ratings.start[r]), k);
        side += row_bytes(kernels, k);
    }
}
