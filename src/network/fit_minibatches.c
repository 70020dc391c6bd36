/* Fitting by minibatches: the order of an epoch's samples, and a step of the optimizer for each batch of
 * them, by a rate that follows the schedule.
 *
 * Where a step is nothing but plain SGD it is part of the backward pass, and of small networks one call
 * takes all of an epoch's but the last; large layers take single samples' by blocks. Such runs and blocks are the
 * same steps but for rounding. */
#include <math.h>

#include "base/error.h"
#include "base/memory.h"
#include "descent/random.h"
#include "network/fit_blocks.h"
#include "network/fit_internal.h"
#include "network/network_internal.h"

/* The stream of the samples' order; see dsc_random_stream. */
enum { PURPOSE_ORDER = 7 };

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

dsc_status dsc_fitter_run_minibatches(dsc_fitter *fitter) {
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
