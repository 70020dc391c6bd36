/* L-BFGS over doubles, one thread: the public dsc_lbfgs_minimize. */
#include "descent/lbfgs.h"

#include "math/lbfgs_run.h"

/* The caller's functions, of doubles. */
typedef struct in_double {
    dsc_objective objective;
    dsc_lbfgs_watcher watcher;
    void *user;
} in_double;

static dsc_status evaluate_in_double(const void *x, double *loss, void *gradient, void *user,
                                     dsc_error *err) {
    const in_double *of = user;
    return of->objective(x, loss, gradient, of->user, err);
}

static bool watch_in_double(const dsc_lbfgs_progress *progress, const void *x, void *user) {
    const in_double *of = user;
    return of->watcher == NULL || of->watcher(progress, x, of->user);
}

dsc_status dsc_lbfgs_minimize(double *x, size_t n, const dsc_lbfgs_config *config,
                              dsc_objective objective, dsc_lbfgs_watcher watcher, void *user,
                              dsc_lbfgs_result *result, dsc_error *err) {
    in_double of = {objective, watcher, user};
    const dsc_lbfgs_space space = {.kernels = &dsc_kernels_c_f64, .n = n};
    const dsc_lbfgs_run run = {.config = config,
                               .objective = evaluate_in_double,
                               .observer = watch_in_double,
                               .user = &of};
    return dsc_lbfgs_minimize_in(&space, x, &run, result, err);
}
