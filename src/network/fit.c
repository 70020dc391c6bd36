/* Fitting a network to dense data by minibatches; what is common to that and L-BFGS.
 *
 * The weights of the best epoch are kept apart while training goes on, and are the network's in the
 * end, however it ends. */
#include "descent/fit.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "descent/random.h"
#include "network/fit_blocks.h"
#include "network/fit_internal.h"
#include "network/network_internal.h"

/* The stream of the samples' order; see dsc_random_stream. */
enum { PURPOSE_ORDER = 7 };

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

/* --- minibatches ------------------------------------------------------------------------------ */

typedef struct minibatches {
    dsc_fitter *fitter;
    dsc_optimizer *optimizer;
    dsc_schedule schedule;
    uint32_t *order; /* (n) the samples of an epoch */
    size_t n_steps;  /* taken so far */
    bool has_runs;   /* the steps of an epoch can be taken by one call, at a rate that stays */
    bool has_blocks; /* or by blocks of samples */
    dsc_blocks blocks;
} minibatches;

/* Whether nothing is asked of a gradient but to be taken off by plain SGD: no state, no penalty, no
 * clipping. The steps can then be part of the backward passes, with the same bytes. */
static bool can_step_in_pass(const dsc_fit_config *config) {
    return config->optimizer.kind == DSC_SGD && !(config->optimizer.momentum > 0) &&
           !(config->l1 > 0) && !(config->l2 > 0) && !(config->clip_norm > 0);
}

/* What comes between a minibatch's gradient and its step, and the step. */
static void end_step(minibatches *m, bool is_last, dsc_fit_progress *progress) {
    const dsc_fit_config *config = &m->fitter->config;
    dsc_network *net = m->fitter->net;
    dsc_workspace *ws = m->fitter->passes.ws;
    if (config->l1 > 0 || config->l2 > 0) {
        progress->train_loss += dsc_network_add_penalty(net, ws, config->l1, config->l2);
    }
    if (config->clip_norm > 0 || is_last) {
        progress->gradient_norm = dsc_workspace_clip_gradients(
            ws, config->clip_norm > 0 ? config->clip_norm : (double)INFINITY);
    }
    dsc_optimizer_step(m->optimizer, net->parameters, ws->gradients);
}

/* One step on the n samples from `first` of the epoch's order on, at `time` in epochs. Of the
 * epoch's last minibatch the norm of the gradient is told. */
static dsc_status take_step(minibatches *m, size_t first, size_t n, double time,
                            dsc_fit_progress *progress) {
    dsc_fitter *f = m->fitter;
    const bool is_last = first + n == f->train.x.n_rows;
    const dsc_dropout_draw draw = {.seed = f->config.seed, .step = (uint32_t)m->n_steps++};
    progress->rate = f->config.optimizer.rate * dsc_schedule_share(&m->schedule, time);
    dsc_status status = dsc_optimizer_set_rate(m->optimizer, progress->rate, f->err);
    if (status != DSC_OK) {
        return status;
    }
    const dsc_step step = {.rate = progress->rate};
    const bool is_in_pass = !is_last && can_step_in_pass(&f->config);
    const dsc_fit_batch batch = {.order = m->order + first,
                                 .n = n,
                                 .draw = &draw,
                                 .stepped = is_in_pass ? f->net : NULL,
                                 .step = &step};
    double loss;
    status = dsc_passes_gradient(&f->passes, &f->train, &batch, &loss, f->err);
    if (status == DSC_OK) {
        progress->train_loss += loss;
    }
    if (status == DSC_OK && !is_in_pass) {
        end_step(m, is_last, progress);
    }
    return status;
}

/* As many of an epoch's first steps as one call can take: all but the last, or none.
 *   n_taken  [out]  so many */
static dsc_status take_run(minibatches *m, size_t epoch, dsc_fit_progress *progress,
                           size_t *n_taken) {
    dsc_fitter *f = m->fitter;
    const size_t n = f->train.x.n_rows - 1;
    const double begin = (double)(epoch - 1);
    const dsc_schedule_config *schedule = &f->config.schedule;
    *n_taken = 0;
    if (!(m->has_runs || m->has_blocks) || n == 0 || schedule->kind == DSC_COSINE ||
        begin < schedule->warmup) {
        return DSC_OK;
    }
    const dsc_step step = {.rate =
                               f->config.optimizer.rate * dsc_schedule_share(&m->schedule, begin)};
    dsc_status status = DSC_OK;
    if (m->has_blocks) {
        const dsc_fit_batch all = {.order = m->order, .n = n, .stepped = f->net, .step = &step};
        status = dsc_blocks_run(&m->blocks, &f->train, &all, &progress->train_loss, f->err);
    } else if (!dsc_fitter_run_steps(f, m->order, n, step.rate, &progress->train_loss)) {
        progress->train_loss = 0; /* step by step it comes out where that is */
        m->has_runs = false;
        return DSC_OK;
    }
    m->n_steps += n;
    *n_taken = n;
    return status;
}

static dsc_status run_epoch(minibatches *m, size_t epoch) {
    dsc_fitter *f = m->fitter;
    const size_t n = f->train.x.n_rows, size = f->config.batch_size;
    const size_t n_batches = n / size + (n % size != 0);
    dsc_fit_progress progress = {.epoch = epoch};
    dsc_fit_shuffle(m->order, n, f->net->kernels,
                    dsc_random_stream(f->config.seed, PURPOSE_ORDER, epoch));
    size_t n_taken;
    dsc_status status = take_run(m, epoch, &progress, &n_taken);
    for (size_t b = n_taken; status == DSC_OK && b < n_batches; b++) {
        const size_t first = b * size;
        const double time = (double)(epoch - 1) + ((double)b + 0.5) / (double)n_batches;
        status = take_step(m, first, n - first < size ? n - first : size, time, &progress);
    }
    if (status != DSC_OK) {
        return dsc_fitter_fail_in(f, epoch, status);
    }
    progress.train_loss /= (double)n_batches;
    status = dsc_fitter_end_epoch(f, &progress);
    dsc_schedule_observe(&m->schedule, isnan(progress.validation_loss) ? progress.train_loss
                                                                       : progress.validation_loss);
    return status;
}

static dsc_status run_minibatches(dsc_fitter *fitter) {
    const size_t n = fitter->train.x.n_rows;
    const bool is_single = fitter->config.batch_size == 1 && can_step_in_pass(&fitter->config);
    minibatches m = {.fitter = fitter,
                     .has_runs = is_single && dsc_fitter_has_runs(fitter),
                     .has_blocks = is_single && dsc_blocks_suit(fitter->net)};
    dsc_status status = dsc_schedule_init(&m.schedule, &fitter->config.schedule, fitter->err);
    if (status == DSC_OK && m.has_blocks) {
        status = dsc_blocks_init(&m.blocks, &fitter->passes, fitter->err);
    }
    if (status == DSC_OK) {
        status =
            dsc_optimizer_create(&m.optimizer, &fitter->config.optimizer, fitter->net->precision,
                                 fitter->net->n_parameters, fitter->err);
    }
    if (status == DSC_OK) {
        m.order = dsc_alloc(n, sizeof *m.order);
        status = m.order != NULL ? DSC_OK : dsc_fail_memory(fitter->err, "the order of samples");
    }
    for (size_t i = 0; status == DSC_OK && i < n; i++) {
        m.order[i] = (uint32_t)i;
    }
    for (size_t epoch = 1; status == DSC_OK && epoch <= fitter->config.max_epochs; epoch++) {
        status = run_epoch(&m, epoch);
        if (status == DSC_OK && dsc_fitter_is_patience_over(fitter)) {
            fitter->result.has_stopped_early = true;
            break;
        }
    }
    dsc_free(m.order);
    dsc_blocks_clear(&m.blocks);
    dsc_optimizer_destroy(m.optimizer);
    return status;
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
        status = f.config.use_lbfgs ? dsc_fitter_run_lbfgs(&f) : run_minibatches(&f);
        memcpy(net->parameters, f.best, parameter_bytes(net));
    }
    if (result != NULL) {
        *result = f.result;
    }
    dsc_free(f.best);
    dsc_passes_clear(&f.passes);
    return status;
}
