/* Fitting by full-batch L-BFGS: the network's loss as a function of its parameters.
 *
 * An epoch is an iteration. Variables are double; a float network rounds them in every pass, so
 * that the search ends a little earlier than it would in double. */
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "network/fit_internal.h"
#include "network/network_internal.h"

/* What objective and watcher see. */
typedef struct lbfgs_run {
    dsc_fitter *fitter;
    dsc_status ended_by; /* what the end of an epoch returned, other than DSC_OK */
} lbfgs_run;

static void set_parameters(dsc_network *net, const double *x) {
    if (net->precision == DSC_FLOAT64) {
        memcpy(net->parameters, x, net->n_parameters * sizeof *x);
        return;
    }
    for (size_t i = 0; i < net->n_parameters; i++) {
        ((float *)net->parameters)[i] = (float)x[i];
    }
}

/* n elements of either precision as doubles. */
static void widen(double *out, const void *values, size_t n, dsc_precision precision) {
    const dsc_matrix m = {values, 1, n, precision};
    for (size_t i = 0; i < n; i++) {
        out[i] = dsc_matrix_at(m, 0, i);
    }
}

static dsc_status evaluate(const double *x, double *loss, double *gradient, void *user,
                           dsc_error *err) {
    dsc_fitter *f = ((lbfgs_run *)user)->fitter;
    set_parameters(f->net, x);
    const dsc_fit_batch all = {.n = f->train.x.n_rows};
    dsc_status status = dsc_passes_gradient(&f->passes, &f->train, &all, loss, err);
    if (status == DSC_OK) {
        *loss += dsc_network_add_penalty(f->net, f->passes.ws, 0, f->config.l2);
        widen(gradient, dsc_workspace_gradients(f->passes.ws), f->net->n_parameters,
              f->net->precision);
    }
    return status;
}

static bool watch(const dsc_lbfgs_progress *at, const double *x, void *user) {
    lbfgs_run *run = user;
    dsc_fitter *f = run->fitter;
    dsc_fit_progress progress = {.epoch = at->iteration,
                                 .train_loss = at->loss,
                                 .rate = NAN,
                                 .gradient_norm = at->gradient_norm};
    set_parameters(f->net, x);
    run->ended_by = dsc_fitter_end_epoch(f, &progress);
    if (run->ended_by == DSC_OK && dsc_fitter_is_patience_over(f)) {
        f->result.has_stopped_early = true;
        return false;
    }
    return run->ended_by == DSC_OK;
}

dsc_status dsc_fitter_run_lbfgs(dsc_fitter *fitter) {
    const size_t n = fitter->net->n_parameters;
    double *x = dsc_alloc(n, sizeof *x);
    if (x == NULL) {
        return dsc_fail_memory(fitter->err, "the variables of L-BFGS");
    }
    widen(x, fitter->net->parameters, n, fitter->net->precision);
    lbfgs_run run = {.fitter = fitter};
    const dsc_lbfgs_config config = {.max_iterations = fitter->config.max_epochs};
    dsc_error err = {DSC_OK, "", ""};
    dsc_status status = dsc_lbfgs_minimize(x, n, &config, evaluate, watch, &run, NULL, &err);
    dsc_free(x);
    if (run.ended_by != DSC_OK) {
        return run.ended_by; /* which has filled fitter->err */
    }
    if (fitter->result.has_stopped_early) {
        return DSC_OK;
    }
    if (status != DSC_OK && fitter->err != NULL) {
        *fitter->err = err;
    }
    return dsc_fitter_fail_in(fitter, fitter->result.n_epochs + 1, status);
}
