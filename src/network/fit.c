/* Fitting a network to dense data: what is checked before the start, and the end of an epoch, whichever way
 * it was made; the ways are in fit_minibatches.c and fit_lbfgs.c.
 *
 * The weights of the best epoch are kept apart while training goes on, and are the network's in the
 * end, however it ends. */
#include "descent/fit.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "network/fit_internal.h"
#include "network/network_internal.h"

static size_t parameter_bytes(const dsc_network *net) {
    return net->n_parameters * (size_t)net->precision;
}

dsc_status dsc_fitter_fail_in(dsc_fitter *fitter, size_t epoch, dsc_status status) {
    if (fitter->err != NULL && status == DSC_E_NONFINITE) {
        char place[sizeof fitter->err->where];
        memcpy(place, fitter->err->where, sizeof place);
        snprintf(fitter->err->where, sizeof fitter->err->where, "epoch %zu, %.200s", epoch, place);
    }
    return status;
}

static dsc_status check_parameters(dsc_fitter *fitter) {
    const dsc_network *net = fitter->net;
    for (size_t l = 0; l < net->n_layers; l++) {
        const size_t end =
            l + 1 < net->n_layers ? net->layers[l + 1].weights_at : net->n_parameters;
        const size_t begin = net->layers[l].weights_at;
        if (!net->kernels->all_finite(at_const(net->parameters, begin, net->precision),
                                      end - begin)) {
            char where[48];
            snprintf(where, sizeof where, "layer %zu", l + 1);
            return dsc_fail(fitter->err, DSC_E_NONFINITE, where,
                            "has a weight that is infinite or not a number; try a lower rate");
        }
    }
    return DSC_OK;
}

/* A lower loss counts; without validation data every epoch does. */
static void keep_if_best(dsc_fitter *fitter, dsc_fit_progress *progress) {
    dsc_fit_result *result = &fitter->result;
    const bool has_validation = fitter->validation.x.data != NULL;
    progress->is_best = !has_validation || result->best_epoch == 0 ||
                        progress->validation_loss < result->validation_loss;
    fitter->n_waiting++;
    if (progress->is_best) {
        memcpy(fitter->best, fitter->net->parameters, parameter_bytes(fitter->net));
        fitter->n_waiting = 0;
        result->best_epoch = progress->epoch;
        result->train_loss = progress->train_loss;
        result->validation_loss = progress->validation_loss;
    }
}

dsc_status dsc_fitter_end_epoch(dsc_fitter *fitter, dsc_fit_progress *progress) {
    progress->max_epochs = fitter->config.max_epochs;
    progress->validation_loss = NAN;
    dsc_status status = check_parameters(fitter);
    if (status == DSC_OK && fitter->validation.x.data != NULL) {
        status = dsc_passes_loss(&fitter->passes, &fitter->validation, &progress->validation_loss,
                                 fitter->err);
    }
    if (status != DSC_OK) {
        return dsc_fitter_fail_in(fitter, progress->epoch, status);
    }
    keep_if_best(fitter, progress);
    fitter->result.n_epochs = progress->epoch;
    if (fitter->watcher != NULL && !fitter->watcher(progress, fitter->user)) {
        return dsc_fail(fitter->err, DSC_E_CANCELLED, "training", "was ended by its watcher");
    }
    return DSC_OK;
}

bool dsc_fitter_is_patience_over(const dsc_fitter *fitter) {
    const size_t patience = fitter->config.patience;
    return patience > 0 && fitter->validation.x.data != NULL && fitter->n_waiting >= patience;
}

/* --- before the start ------------------------------------------------------------------------- */

static dsc_status check_matrix(dsc_matrix m, size_t n_rows, size_t n_cols, const char *what,
                               dsc_error *err) {
    const dsc_kernels *plain = m.precision == DSC_FLOAT32 ? &dsc_kernels_c_f32 : &dsc_kernels_c_f64;
    dsc_status status = dsc_check_shape(m, n_rows, n_cols, m.precision, what, err);
    if (status == DSC_OK && !plain->all_finite(m.data, n_rows * n_cols)) {
        status = dsc_fail(err, DSC_E_NONFINITE, what, "has a value that is not a finite number");
    }
    return status;
}

static dsc_status check_data(const dsc_network *net, const dsc_fit_data *data, dsc_error *err) {
    const size_t n = data->x.n_rows, n_validation = data->x_validation.n_rows;
    if (n == 0 || n > UINT32_MAX) {
        return dsc_fail(err, DSC_E_ARGUMENT, "samples", "are %zu; expected 1 to %u", n, UINT32_MAX);
    }
    dsc_status status = check_matrix(data->x, n, dsc_network_n_in(net), "x", err);
    if (status == DSC_OK) {
        status = check_matrix(data->y, n, dsc_network_n_out(net), "y", err);
    }
    if (status == DSC_OK && data->x_validation.data != NULL) {
        status = check_matrix(data->x_validation, n_validation, dsc_network_n_in(net),
                              "x_validation", err);
    }
    if (status == DSC_OK && data->x_validation.data != NULL) {
        status = check_matrix(data->y_validation, n_validation, dsc_network_n_out(net),
                              "y_validation", err);
    }
    return status;
}

static bool is_from_0_up(double value) {
    return value >= 0 && isfinite(value);
}

dsc_fit_config dsc_fit_config_default(void) {
    return (dsc_fit_config){.max_epochs = 100, .batch_size = 64, .optimizer = dsc_adam(0.001)};
}

/* Checks what no part checks itself. */
static dsc_status settle(dsc_fitter *f, const dsc_fit_config *config, dsc_error *err) {
    f->config = config != NULL ? *config : dsc_fit_config_default();
    dsc_fit_config *c = &f->config;
    if (c->max_epochs == 0 || c->batch_size == 0) {
        return dsc_fail(err, DSC_E_ARGUMENT, c->max_epochs == 0 ? "max_epochs" : "batch_size",
                        "is 0; expected at least 1");
    }
    if (c->schedule.kind == DSC_COSINE && c->schedule.n_epochs == 0) {
        c->schedule.n_epochs = c->max_epochs;
    }
    if (!is_from_0_up(c->l1) || !is_from_0_up(c->l2) || !is_from_0_up(c->clip_norm)) {
        return dsc_fail(err, DSC_E_ARGUMENT, "penalty",
                        "l1 is %g, l2 %g, clip_norm %g; expected finite numbers from 0 up", c->l1,
                        c->l2, c->clip_norm);
    }
    if (c->use_lbfgs && (c->l1 > 0 || f->net->has_dropout)) {
        return dsc_fail(err, DSC_E_ARGUMENT, "use_lbfgs",
                        "needs a smooth function that stays the same; expected no l1 and no "
                        "dropout");
    }
    return DSC_OK;
}

dsc_status dsc_fit(dsc_network *net, const dsc_fit_data *data, const dsc_fit_config *config,
                   dsc_fit_watcher watcher, void *user, dsc_fit_result *result, dsc_error *err) {
    dsc_fitter f = {.net = net,
                    .train = {data->x, data->y},
                    .validation = {data->x_validation, data->y_validation},
                    .watcher = watcher,
                    .user = user,
                    .result = {.train_loss = NAN, .validation_loss = NAN},
                    .err = err};
    dsc_status status = check_data(net, data, err);
    if (status == DSC_OK) {
        status = settle(&f, config, err);
    }
    if (status == DSC_OK) {
        const size_t batch = f.config.use_lbfgs ? data->x.n_rows : f.config.batch_size;
        const size_t n = data->x.n_rows;
        status = dsc_passes_init(&f.passes, net, batch < n ? batch : n, f.config.n_threads, err);
    }
    if (status == DSC_OK) {
        f.best = dsc_alloc(net->n_parameters, (size_t)net->precision);
        status = f.best != NULL ? DSC_OK : dsc_fail_memory(err, "the best weights");
    }
    if (status == DSC_OK) {
        memcpy(f.best, net->parameters, parameter_bytes(net));
        status = f.config.use_lbfgs ? dsc_fitter_run_lbfgs(&f) : dsc_fitter_run_minibatches(&f);
        memcpy(net->parameters, f.best, parameter_bytes(net));
    }
    if (result != NULL) {
        *result = f.result;
    }
    dsc_free(f.best);
    dsc_passes_clear(&f.passes);
    return status;
}
