/* L-BFGS in a pool of threads: dsc_lbfgs_minimize (descent/lbfgs.h) with the same bytes for any number
 * of them. */
#ifndef DSC_MATH_LBFGS_RUN_H
#define DSC_MATH_LBFGS_RUN_H

#include "base/pool.h"
#include "descent/lbfgs.h"

/* What is minimised, and how: the arguments of dsc_lbfgs_minimize. */
typedef struct dsc_lbfgs_run {
    const dsc_lbfgs_config *config;
    dsc_objective objective; /* called by the caller's thread, and free to use the pool itself */
    dsc_lbfgs_watcher watcher;
    void *user;
} dsc_lbfgs_run;

/* Errors and results are those of dsc_lbfgs_minimize. NULL for the pool: one thread. */
dsc_status dsc_lbfgs_minimize_in(dsc_pool *pool, double *x, size_t n, const dsc_lbfgs_run *run,
                                 dsc_lbfgs_result *result, dsc_error *err);

#endif
