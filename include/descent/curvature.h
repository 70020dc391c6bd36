/* Curvature of the loss: exact products with its Hessian, and the largest eigenvalue.
 *
 * The Hessian H of a network's loss holds the second derivatives with respect to all parameters, in
 * the order of dsc_network_parameters. It is never formed: a product H v costs about two passes
 * forward and back and is exact to rounding (Pearlmutter's R-operator), without differences.
 * Everything is in double. Gradient descent with a rate above 2 / (largest eigenvalue) overshoots
 * in the direction of that eigenvalue: docs/math.md (66). */
#ifndef DESCENT_CURVATURE_H
#define DESCENT_CURVATURE_H

#include <stdbool.h>
#include <stddef.h>

#include "descent/matrix.h"
#include "descent/network.h"
#include "descent/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* --- products with the Hessian --------------------------------------------------------------- */

/* The Hessian of one network's loss on one batch. */
typedef struct dsc_hessian dsc_hessian;

/* The Hessian of the loss of `net` on one batch, without dropout, at the parameters that `net` has
 * now: network and data are copied. Where an activation or a loss has a kink, the second derivative
 * of either side is taken, which for piecewise linear ones is 0.
 *   out        [out]  to be freed with dsc_hessian_destroy; NULL after a failure
 *   x, target  [in]   (batch, n_in), (batch, n_out), any precision, borrowed for the call
 * Returns DSC_OK; DSC_E_SHAPE; DSC_E_MEMORY; DSC_E_NONFINITE a given value, an output or a gradient
 * that is not finite (err->where names it). Threads: one object, one thread at a time.
 * Math: docs/math.md (60) to (65). */
dsc_status dsc_hessian_create(dsc_hessian **out, const dsc_network *net, dsc_matrix x,
                              dsc_matrix target, dsc_error *err);
void dsc_hessian_destroy(dsc_hessian *hessian); /* NULL is allowed */

/* Its number of rows and of columns. */
size_t dsc_hessian_n_parameters(const dsc_hessian *hessian);

/* The gradient of the loss (n_parameters), owned by `hessian`. */
const double *dsc_hessian_gradient(const dsc_hessian *hessian);

/* product = H v.
 *   v, product  (n_parameters) each, not overlapping
 * Values that overflow arrive as they are, infinite or not a number. Allocates nothing.
 * Cost: O(batch * weights). Math: docs/math.md (60) to (65). */
void dsc_hessian_product(dsc_hessian *hessian, const double *v, double *product);

/* --- the largest eigenvalue ------------------------------------------------------------------ */

/* How long to look for the eigenvalue. */
typedef struct dsc_curvature_config {
    size_t max_products; /* most products with the Hessian in each of at most two iterations */
    double tolerance;    /* ends an iteration when |H v - lambda v| <= tolerance * |lambda| */
    bool (*keep_going)(void *user); /* asked before each product; false ends with
                                       DSC_E_CANCELLED; NULL: never asked */
    void *user;                     /* handed to keep_going */
} dsc_curvature_config;

/* 10,000 products; 1e-8: the error of an eigenvalue is of the order of the tolerance's square. */
dsc_curvature_config dsc_curvature_defaults(void);

/* What was found. */
typedef struct dsc_curvature {
    double largest;           /* largest eigenvalue; not above 0 where the loss curves upward in no
                                 direction */
    double largest_magnitude; /* the eigenvalue farthest from 0, with its sign; = `largest` unless
                                 the loss curves downward more than upward */
    double rate_bound;        /* 2 / largest; INFINITY where largest is not above 0 */
    double residual;          /* |H v - largest v| of the unit vector v that was found */
    size_t n_products;        /* of the Hessian with a vector */
    bool is_exact;            /* the tolerance was reached; else `largest` is a lower bound */
} dsc_curvature;

/* Power iteration with dsc_hessian_product; where the eigenvalue farthest from 0 is negative, a
 * second one on the Hessian less that eigenvalue, whose own are then all at least 0. The start is
 * random but always the same.
 * Returns DSC_OK, also without is_exact; DSC_E_ARGUMENT a setting outside its range; DSC_E_MEMORY;
 * DSC_E_NONFINITE a product that is not finite; DSC_E_CANCELLED. Math: docs/math.md (66), (67). */
dsc_status dsc_hessian_curvature(dsc_hessian *hessian, const dsc_curvature_config *config,
                                 dsc_curvature *out, dsc_error *err);

#ifdef __cplusplus
}
#endif
#endif
