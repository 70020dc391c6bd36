/* The loss after one step of gradient descent as an exact polynomial in the learning rate.
 *
 * In a linear network each weight after the step is a linear function of the rate, the prediction a
 * polynomial of degree n_layers in it, and a squared loss one of degree 2 * n_layers:
 *     L(rate) = c[0] + c[1] rate + ... + c[2 n_layers] rate^(2 n_layers)   docs/math.md (68), (69)
 * c[0] is the loss before the step, -c[1] the squared length of the gradient. */
#ifndef DESCENT_STEP_POLYNOMIAL_H
#define DESCENT_STEP_POLYNOMIAL_H

#include <stdbool.h>
#include <stddef.h>

#include "descent/matrix.h"
#include "descent/network.h"
#include "descent/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The polynomial, and what it says of rates. Freed with dsc_step_polynomial_clear. */
typedef struct dsc_step_polynomial {
    size_t degree;        /* 2 * n_layers */
    double *coefficients; /* (degree + 1), of rate^0, rate^1, ...; owned */
    bool has_fall;        /* false: the gradient is zero, and the three below are 0 */
    double best_rate;     /* the rate > 0 of the smallest loss */
    double best_loss;     /* that loss */
    double limit_rate; /* the smallest rate > 0 whose step does not lower the loss: below it every
                          rate does */
} dsc_step_polynomial;

/* Whether the network has such a polynomial: every activation the identity, no
 * normalisation, and one of the two squared losses. */
bool dsc_step_polynomial_exists(const dsc_network *net);

/* Multiplies the polynomial out, in double, at the parameters that `net` has now.
 *   out        [out]  to be given to dsc_step_polynomial_clear, also after a failure
 *   x, target  [in]   (batch, n_in), (batch, n_out), any precision, borrowed for the call
 * Returns DSC_OK; DSC_E_ARGUMENT a network without one (err->where names the layer or the loss);
 * DSC_E_SHAPE; DSC_E_MEMORY; DSC_E_NONFINITE a loss, or a coefficient, that overflows.
 * Cost: O(n_layers^2) passes. Math: docs/math.md (68), (69). */
dsc_status dsc_step_polynomial_init(dsc_step_polynomial *out, const dsc_network *net, dsc_matrix x,
                                    dsc_matrix target, dsc_error *err);

/* Frees the coefficients; all zero is allowed. */
void dsc_step_polynomial_clear(dsc_step_polynomial *polynomial);

/* The loss after one step at `rate`. */
double dsc_step_polynomial_at(const dsc_step_polynomial *polynomial, double rate);

#ifdef __cplusplus
}
#endif
#endif
