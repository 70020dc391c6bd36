/* Norms of a dense matrix of any shape, computed in double.
 *
 * Both scale by a power of two first, so that no square overflows or vanishes: entries as small as
 * the smallest and as large as the largest double are good input. A matrix without rows or columns
 * has norm 0, and so has one that is not there (data NULL). */
#ifndef DESCENT_NORMS_H
#define DESCENT_NORMS_H

#include "descent/matrix.h"
#include "descent/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Spectral norm: the largest singular value, by one-sided Jacobi rotations, whose error is a few
 * units in the last place.
 *   m    [in]   (n_rows, n_cols), borrowed
 *   out  [out]  the norm; untouched after a failure
 * Returns DSC_OK; DSC_E_MEMORY; DSC_E_NONFINITE when an entry is not finite, or when the norm is
 * larger than the largest double.
 * Cost: about ten sweeps of O(min^2 * max) of the two sides. Math: docs/math.md (16). */
dsc_status dsc_norm_spectral(dsc_matrix m, double *out, dsc_error *err);

/* Frobenius norm: the root of the sum of the squared entries. Infinity when it is larger than the
 * largest double or when an entry is infinite, NaN when an entry is NaN. Math: docs/math.md (17).
 */
double dsc_norm_frobenius(dsc_matrix m);

#ifdef __cplusplus
}
#endif
#endif
