/* How far an estimate can be off, and the second layer's weights in bytes. docs/math.md (212) */
#ifndef DSC_RECOMMENDER_ESTIMATE_BOUND_H
#define DSC_RECOMMENDER_ESTIMATE_BOUND_H

#include <math.h>

#include "recommender/estimate.h"

/* The whole number next to x, at most `most` and at least its negative; of what is no number, `most`. A
 * function of the library for each half of each item would take longer than all the rest. */
static inline double dsc_whole(double x, double most) {
    x = x < most ? x : most;
    x = x > -most ? x : -most;
    return (double)(int)(x + copysign(0.5, x));
}

/* Steps that a half may be off, Euclidean: whoever is farther off is not estimated, so that no number
 * overflows. */
#define DSC_FARTHEST 0x1p20

/* A bound of the spectral norm: the fourth root of the sum of squares of m m' or m' m, or, where that would take
 * long, Frobenius' norm. docs/math.md (212)
 * Cost: O(larger side * smaller side^2), at most some tenth of a second. */
double dsc_spectral_bound(dsc_matrix m);

/* Fills in weights, scale, and how far off the estimate is, from the steps.
 *   is_possible  [out]  false: sums could overflow
 * Returns DSC_OK; DSC_E_MEMORY. */
dsc_status dsc_estimate_bound(dsc_estimate *estimate, bool *is_possible, dsc_error *err);

#endif
