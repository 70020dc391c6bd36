/* Real roots of a polynomial, by bisection between the roots of its derivatives. */
#ifndef DSC_MATH_ROOTS_H
#define DSC_MATH_ROOTS_H

#include <stddef.h>

#include "descent/status.h"

/* c[0] + c[1] x + ... + c[degree] x^degree. */
double dsc_polynomial_at(const double *c, size_t degree, double x);

/* The places x > 0 where the polynomial changes its sign, in ascending order, each to the last bits
 * that its rounding leaves. A root where it only touches zero may be missed.
 *   c      [in]   (degree + 1), finite
 *   roots  [out]  (degree), the first *n_roots of them filled
 * Returns DSC_OK or DSC_E_MEMORY. Cost: O(degree^3) times the steps of a bisection. */
dsc_status dsc_positive_roots(const double *c, size_t degree, double *roots, size_t *n_roots,
                              dsc_error *err);

#endif
