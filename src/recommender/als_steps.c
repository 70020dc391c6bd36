/* Conjugate gradients for one row: docs/math.md (114), (209). The matrix of the equations is never formed; its
 * product with a vector takes each of the row's others twice. */
#include "recommender/als_steps.h"

#include <math.h>
#include <string.h>

enum {
    BLOCK = 16, /* of a row's others, which stay in the first-level cache between two uses */
    N_STEPS = 3 /* for a row in a half step; docs/ranking.md says why */
};

static const uint32_t the_only_row;

static float dot(const dsc_als_equations *of, const float *x, const float *y) {
    float sum;
    of->kernels->dot_rows(&sum, x, &(dsc_picked_rows){y, of->k, &the_only_row, 1});
    return sum;
}

/* x += factor y */
static void add(const dsc_als_equations *of, float *x, float factor, const float *y) {
    of->kernels->sum_scaled_rows(x, &factor, &(dsc_picked_rows){y, of->k, &the_only_row, 1});
}

/* out = Y' (target e - Y x) - x, e being a vector of ones: what is left of the equations at x where the
 * target is 1, and their matrix times -x where it is 0. */
static void subtract_image(const dsc_als_equations *of, float *out, const float *x, float target) {
    const dsc_kernels *kernels = of->kernels;
    const size_t k = of->k;
    float value[BLOCK];
    kernels->multiply_elements(of->scratch->scaled, x, of->scratch->scale, k);
    memset(out, 0, k * sizeof *out);
    for (size_t begin = 0; begin < of->n; begin += BLOCK) {
        const size_t n_block = of->n - begin < BLOCK ? of->n - begin : BLOCK;
        const dsc_picked_rows rows = {of->fixed, k, of->other + begin, n_block};
        kernels->dot_rows(value, of->scratch->scaled, &rows);
        for (size_t e = 0; e < n_block; e++) {
            value[e] = target - value[e];
        }
        kernels->sum_scaled_rows(out, value, &rows);
    }
    kernels->multiply_elements(out, out, of->scratch->scale, k);
    add(of, out, -1, x);
}

bool dsc_als_approach(const dsc_als_equations *of, float *x) {
    const size_t k = of->k;
    float *residual = of->scratch->residual, *direction = of->scratch->direction,
          *image = of->scratch->image;
    subtract_image(of, residual, x, 1);
    memcpy(direction, residual, k * sizeof *direction);
    float squares = dot(of, residual, residual);
    for (int step = 0; step < N_STEPS && squares > 0; step++) {
        subtract_image(of, image, direction, 0);
        const float curvature = -dot(of, direction, image);
        if (!(curvature > 0)) { /* too small for float: nothing is left */
            break;
        }
        const float rate = squares / curvature;
        add(of, x, rate, direction);
        add(of, residual, rate, image);
        const float left = dot(of, residual, residual);
        const float kept = left / squares;
        for (size_t f = 0; f < k; f++) {
            direction[f] = residual[f] + kept * direction[f];
        }
        squares = left;
    }
    return isfinite(squares);
}
