/* One row of a half step of alternating least squares: steps of conjugate gradients towards its vector.
 * docs/math.md (114), (209) */
#ifndef DSC_RECOMMENDER_ALS_STEPS_H
#define DSC_RECOMMENDER_ALS_STEPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "math/kernels.h"

/* What a thread needs for a row: (k) each. */
typedef struct dsc_als_scratch {
    float *scale; /* D^(-1/2), filled in by the caller */
    float *scaled, *residual, *direction, *image;
} dsc_als_scratch;

/* The equations of one row, whose other side is fixed and turned until its Gram matrix is diagonal. */
typedef struct dsc_als_equations {
    const dsc_kernels *kernels;
    size_t k;
    const dsc_als_scratch *scratch;
    const float *fixed;    /* (n_fixed, k) */
    size_t n;              /* interactions */
    const uint32_t *other; /* (n) rows of `fixed` */
} dsc_als_equations;

/* A few steps from the x that is there, which is in units of the scale.
 *   x  [in,out]  (k)
 * Returns whether all is finite. Cost: O(n k). */
bool dsc_als_approach(const dsc_als_equations *of, float *x);

#endif
