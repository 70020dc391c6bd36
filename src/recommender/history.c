/* Histories: sums over the rows of the ratings. docs/math.md (50), (53). */
#include "recommender/history.h"

#include <math.h>
#include <string.h>

#include "math/kernels.h"

static float scale_of(uint64_t n) {
    return n > 0 ? (float)(1 / sqrt((double)n)) : 0;
}

static void finish(float *side, const float *own, float scale, size_t k) {
    for (size_t f = 0; f < k; f++) {
        side[f] = own[f] + scale * side[f];
    }
}

void dsc_history_sides(float *sides, const float *own, const float *summed, size_t k,
                       dsc_sparse ratings) {
    const dsc_kernels *kernels = dsc_kernels_get(DSC_FLOAT32);
    memset(sides, 0, ratings.n_rows * k * sizeof *sides);
    for (size_t r = 0; r < ratings.n_rows; r++) {
        const uint64_t begin = ratings.start[r], n = ratings.start[r + 1] - begin;
        kernels->sum_rows(sides + r * k, &(dsc_picked_rows){summed, k, ratings.column + begin, n});
        finish(sides + r * k, own + r * k, scale_of(n), k);
    }
}

void dsc_history_sides_by_column(float *sides, const float *own, const float *summed, size_t k,
                                 dsc_sparse ratings, const uint32_t *count) {
    memset(sides, 0, ratings.n_cols * k * sizeof *sides);
    for (size_t r = 0; r < ratings.n_rows; r++) {
        for (uint64_t e = ratings.start[r]; e < ratings.start[r + 1]; e++) {
            float *side = sides + ratings.column[e] * k;
            for (size_t f = 0; f < k; f++) {
                side[f] += summed[r * k + f];
            }
        }
    }
    for (size_t c = 0; c < ratings.n_cols; c++) {
        finish(sides + c * k, own + c * k, scale_of(count[c]), k);
    }
}

void dsc_history_scale(float *sides, size_t k, dsc_sparse ratings) {
    for (size_t r = 0; r < ratings.n_rows; r++) {
        const float scale = scale_of(ratings.start[r + 1] - ratings.start[r]);
        for (size_t f = 0; f < k; f++) {
            sides[r * k + f] *= scale;
        }
    }
}
