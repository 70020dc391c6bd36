/* Full-batch L-BFGS: minimises a smooth function of many variables from its gradient.
 *
 * The direction comes from the last few steps and changes of the gradient, the length from a line
 * search for the strong Wolfe conditions, so that there is no learning rate to choose. Every
 * evaluation must see the same data: no minibatches, no dropout. All in double; the same function
 * and start give the same bytes.
 * Source: Nocedal, Wright, "Numerical Optimization", 2nd edition, algorithms 7.4, 3.5 and 3.6;
 * docs/math.md (40) to (42). */
#ifndef DESCENT_LBFGS_H
#define DESCENT_LBFGS_H

#include <stdbool.h>
#include <stddef.h>

#include "descent/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The function at x (n): writes *loss and gradient (n). DSC_E_NONFINITE, or a loss that is not
 * finite, makes the line search try a shorter step; any other failure ends the run with it. */
typedef dsc_status (*dsc_objective)(const double *x, double *loss, double *gradient, void *user,
                                    dsc_error *err);

/* Zero in a member stands for its default. */
typedef struct dsc_lbfgs_config {
    size_t memory;             /* steps remembered; 10 */
    size_t max_iterations;     /* 200 */
    size_t max_evaluations;    /* of one line search; 25 */
    double gradient_tolerance; /* done when no |gradient| is above it; 1e-8 */
    double loss_tolerance;     /* done when an iteration lowers the loss by less than this share of
                                  it; 1e-12 */
} dsc_lbfgs_config;

/* Why a run ended. */
typedef enum dsc_lbfgs_end {
    DSC_LBFGS_GRADIENT = 0,   /* the gradient vanishes: a minimum, or a saddle */
    DSC_LBFGS_FLAT = 1,       /* the loss does not fall any more */
    DSC_LBFGS_ITERATIONS = 2, /* max_iterations were run */
    DSC_LBFGS_NO_STEP = 3     /* no step along the gradient lowers the loss: rounding, or a gradient
                                 that is not the function's */
} dsc_lbfgs_end;

/* Where a run stands. */
typedef struct dsc_lbfgs_progress {
    size_t iteration;     /* from 1; that which has just ended */
    double loss;          /* at the point reached */
    double gradient_norm; /* Euclidean */
    double step;          /* length, in units of the direction */
    size_t n_evaluations; /* of the function so far */
} dsc_lbfgs_progress;

/* Called after every iteration with the x (n) reached; false ends with DSC_E_CANCELLED. */
typedef bool (*dsc_lbfgs_watcher)(const dsc_lbfgs_progress *progress, const double *x, void *user);

/* How a run ended. */
typedef struct dsc_lbfgs_result {
    dsc_lbfgs_end end;    /* why, after DSC_OK */
    size_t n_iterations;  /* that were run to their end */
    size_t n_evaluations; /* of the function */
    double loss;          /* at the best point */
    double gradient_norm; /* there, Euclidean; NAN where the start failed */
} dsc_lbfgs_result;

/* Minimises `objective`.
 *   x        [in,out]  (n) the start; then the best point found, also after a failure
 *   config   [in]      NULL: the defaults
 *   watcher  [in]      NULL allowed
 *   user     [in]      handed to objective and watcher
 *   result   [out]     NULL allowed; not written to when nothing was evaluated
 * Returns DSC_OK; DSC_E_ARGUMENT n of 0, a tolerance that is negative or not a number;
 * DSC_E_NONFINITE at the start; DSC_E_CANCELLED; DSC_E_MEMORY; what the objective returned.
 * Cost: per iteration 4 memory n, and one to two evaluations. One thread. */
dsc_status dsc_lbfgs_minimize(double *x, size_t n, const dsc_lbfgs_config *config,
                              dsc_objective objective, dsc_lbfgs_watcher watcher, void *user,
                              dsc_lbfgs_result *result, dsc_error *err);

#ifdef __cplusplus
}
#endif
#endif
