/* L-BFGS over floats or doubles, in a pool of threads: what stands behind dsc_lbfgs_minimize
 * (descent/lbfgs.h). Any number of threads gives the same bytes. */
#ifndef DSC_MATH_LBFGS_RUN_H
#define DSC_MATH_LBFGS_RUN_H

#include "descent/lbfgs.h"
#include "math/lbfgs_vectors.h"

/* dsc_objective and dsc_lbfgs_watcher with vectors of the space's precision. */
typedef dsc_status (*dsc_lbfgs_objective)(const void *x, double *loss, void *gradient, void *user,
                                          dsc_error *err);
typedef bool (*dsc_lbfgs_observer)(const dsc_lbfgs_progress *progress, const void *x, void *user);

/* What is minimised, and how. */
typedef struct dsc_lbfgs_run {
    const dsc_lbfgs_config *config; /* NULL: the defaults */
    dsc_lbfgs_objective
        objective; /* called by the caller's thread, and free to use the pool itself */
    dsc_lbfgs_observer observer; /* NULL: none. The point reached is then the last one evaluated */
    void *user;
    void
        *trial; /* (n) where every point that is evaluated stands; NULL: memory of its own. What the
                    caller keeps there needs no copy */
} dsc_lbfgs_run;

/* Errors and results are those of dsc_lbfgs_minimize. x (n) and all vectors have the precision of
 * space->kernels; losses, slopes and products are doubles. */
dsc_status dsc_lbfgs_minimize_in(const dsc_lbfgs_space *space, void *x, const dsc_lbfgs_run *run,
                                 dsc_lbfgs_result *result, dsc_error *err);

#endif
