/* Passes over any number of samples: gathers rows of a group and shares them out. */
#include "network/fit_passes.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "descent/fit.h"
#include "network/network_internal.h"
#include "network/pass_parts.h"

/* Multiplications of weights and samples in a batch below which threads stay away: a forward and a
 * backward pass of so many take about a millisecond, a hundred times what waking them does. */
static const double shared_work = 1 << 24;

/* Inputs of a layer are shared out by so many: a cache line of weights of one output. */
enum { INPUTS = 16 };

static size_t largest_weights(const dsc_network *net) {
    size_t largest = 0;
    for (size_t l = 0; l < net->n_layers; l++) {
        const size_t n = net->layers[l].n_in * net->layers[l].n_out;
        largest = n > largest ? n : largest;
    }
    return largest;
}

/* Samples of a tile for each thread, but no more tiles than a batch has. */
static size_t most_in_group(size_t n_threads, size_t batch) {
    const size_t n_tiles = batch / DSC_FIT_TILE + (batch % DSC_FIT_TILE != 0);
    return (n_tiles < n_threads ? n_tiles : n_threads) * DSC_FIT_TILE;
}

/* What the threads of out->pool work with. */
static dsc_status init_memory(dsc_passes *out, size_t batch, dsc_error *err) {
    const dsc_network *net = out->net;
    const size_t size = (size_t)net->precision, n_threads = dsc_pool_n_threads(out->pool);
    out->max_group = most_in_group(n_threads, batch);
    dsc_status status = dsc_workspace_create(
        &out->ws, net,
        &(dsc_workspace_config){.max_batch = out->max_group, .no_input_gradient = true}, err);
    if (status != DSC_OK) {
        return status;
    }
    out->x = dsc_alloc(out->max_group * dsc_network_n_in(net), size);
    out->y = dsc_alloc(out->max_group * dsc_network_n_out(net), size);
    out->losses = dsc_alloc(out->max_group / DSC_FIT_LOT, sizeof *out->losses);
    out->scratch = dsc_alloc(n_threads * largest_weights(net), size);
    out->outcomes = dsc_alloc(n_threads, sizeof *out->outcomes);
    const bool has_all = out->x != NULL && out->y != NULL && out->losses != NULL &&
                         out->scratch != NULL && out->outcomes != NULL;
    return has_all ? DSC_OK : dsc_fail_memory(err, "a pass");
}

static bool is_worth_threads(const dsc_network *net, size_t n) {
    return n > DSC_FIT_LOT && (double)net->n_parameters * (double)n >= shared_work;
}

dsc_status dsc_passes_init(dsc_passes *out, const dsc_network *net, size_t batch, size_t n_threads,
                           dsc_error *err) {
    *out = (dsc_passes){.net = net};
    dsc_status status = DSC_OK;
    if (n_threads > DSC_MAX_THREADS) {
        return dsc_fail(err, DSC_E_ARGUMENT, "n_threads", "is %zu; expected 0 to %d", n_threads,
                        DSC_MAX_THREADS);
    }
    if (n_threads != 1 && is_worth_threads(net, batch)) {
        status = dsc_pool_create(&out->pool, n_threads, err);
    }
    return status == DSC_OK ? init_memory(out, batch, err) : status;
}

void dsc_passes_clear(dsc_passes *passes) {
    dsc_workspace_destroy(passes->ws);
    dsc_free(passes->x);
    dsc_free(passes->y);
    dsc_free(passes->losses);
    dsc_free(passes->scratch);
    dsc_free(passes->outcomes);
    dsc_pool_destroy(passes->pool);
    *passes = (dsc_passes){0};
}

/* n rows of m, from `first` on or as `order` says, into `out`, converted to `precision`. */
static void gather(void *out, dsc_precision precision, dsc_matrix m, const uint32_t *order,
                   size_t first, size_t n) {
    for (size_t s = 0; s < n; s++) {
        const size_t row = order != NULL ? order[first + s] : first + s;
        void *to = at(out, s * m.n_cols, precision);
        if (m.precision == precision) {
            memcpy(to, at_const(m.data, row * m.n_cols, precision), m.n_cols * (size_t)precision);
            continue;
        }
        for (size_t c = 0; c < m.n_cols; c++) {
            if (precision == DSC_FLOAT32) {
                ((float *)to)[c] = (float)((const double *)m.data)[row * m.n_cols + c];
            } else {
                ((double *)to)[c] = (double)((const float *)m.data)[row * m.n_cols + c];
            }
        }
    }
}

dsc_status dsc_passes_gather(dsc_passes *passes, const dsc_fit_samples *samples,
                             const uint32_t *order, size_t n, dsc_error *err) {
    const dsc_precision precision = passes->net->precision;
    const dsc_matrix x = {passes->x, n, samples->x.n_cols, precision};
    const dsc_status status = dsc_pass_begin(passes->net, passes->ws, x, NULL, err);
    if (status != DSC_OK) {
        return status;
    }
    gather(passes->x, precision, samples->x, order, 0, n);
    gather(passes->y, precision, samples->y, order, 0, n);
    return DSC_OK;
}

/* Samples of a batch that pass together. */
typedef struct group {
    dsc_passes *passes;
    const dsc_fit_samples *samples;
    const dsc_fit_batch *batch;
    bool wants_gradient;
    size_t first, n; /* of the batch */
    size_t n_shares; /* threads that take part */
} group;

static void *scratch_of(const dsc_passes *passes, size_t thread) {
    return at(passes->scratch, thread * largest_weights(passes->net), passes->net->precision);
}

/* Forward, the loss, and back, for a thread's share of the lots. */
static void run_samples(void *job, size_t share, size_t thread) {
    const group *g = job;
    dsc_passes *p = g->passes;
    const dsc_network *net = p->net;
    dsc_pass_outcome *outcome = &p->outcomes[share];
    const size_t n_lots = (g->n + DSC_FIT_LOT - 1) / DSC_FIT_LOT;
    const size_t lot = n_lots * share / g->n_shares, end_lot = n_lots * (share + 1) / g->n_shares;
    const size_t first = lot * DSC_FIT_LOT;
    const size_t end = end_lot < n_lots ? end_lot * DSC_FIT_LOT : g->n;
    const dsc_pass_part all = {first, end - first, scratch_of(p, thread)};
    outcome->status = DSC_OK;
    if (all.n == 0) {
        return;
    }
    gather(at(p->x, first * dsc_network_n_in(net), net->precision), net->precision, g->samples->x,
           g->batch->order, g->first + first, all.n);
    dsc_pass_forward(p->ws, &all);
    if (g->samples->y.data == NULL) {
        return;
    }
    gather(at(p->y, first * dsc_network_n_out(net), net->precision), net->precision, g->samples->y,
           g->batch->order, g->first + first, all.n);
    const dsc_pass_target target = {p->y, g->batch->n, g->wants_gradient};
    for (size_t i = lot; i < end_lot && outcome->status == DSC_OK; i++) {
        const size_t begin = i * DSC_FIT_LOT, left = end - begin;
        const dsc_pass_part one = {begin, left < DSC_FIT_LOT ? left : DSC_FIT_LOT, NULL};
        outcome->status = dsc_pass_loss(p->ws, &one, &target, &p->losses[i], &outcome->err);
    }
    if (outcome->status == DSC_OK && g->wants_gradient) {
        dsc_pass_back(p->ws, &all);
    }
}

/* The group's passes; what it adds to the loss, where there are targets, is added to *loss. */
static dsc_status pass_group(group *g, double *loss, dsc_error *err) {
    dsc_passes *p = g->passes;
    const dsc_matrix x = {p->x, g->n, g->samples->x.n_cols, p->net->precision};
    dsc_dropout_draw draw = g->batch->draw != NULL ? *g->batch->draw : (dsc_dropout_draw){0};
    draw.first_sample += (uint32_t)g->first;
    dsc_status status =
        dsc_pass_begin(p->net, p->ws, x, g->batch->draw != NULL ? &draw : NULL, err);
    if (status != DSC_OK) {
        return status;
    }
    dsc_pool_run(g->n_shares > 1 ? p->pool : NULL, g->n_shares, run_samples, g);
    for (size_t share = 0; share < g->n_shares; share++) {
        if (p->outcomes[share].status != DSC_OK) {
            if (err != NULL) {
                *err = p->outcomes[share].err;
            }
            return p->outcomes[share].status;
        }
    }
    for (size_t first = 0; g->samples->y.data != NULL && first < g->n; first += DSC_FIT_LOT) {
        *loss += p->losses[first / DSC_FIT_LOT];
    }
    return DSC_OK;
}

/* The input of a layer at which a share begins. */
static size_t share_begin(size_t n_in, size_t share, size_t n_shares) {
    const size_t begin = (n_in * share / n_shares + INPUTS / 2) / INPUTS * INPUTS;
    return share == n_shares || begin > n_in ? n_in : begin;
}

/* The gradients of a thread's share of every layer's inputs, tile by tile. */
static void run_gradients(void *job, size_t share, size_t thread) {
    const group *g = job;
    const dsc_fit_batch *batch = g->batch;
    const dsc_network *net = g->passes->net;
    for (size_t l = net->n_layers; l-- > 0;) { /* the next pass begins with the first layer */
        const size_t n_in = net->layers[l].n_in;
        const size_t first_in = share_begin(n_in, share, g->n_shares);
        const size_t end_in = share_begin(n_in, share + 1, g->n_shares);
        for (size_t first = 0; first_in < end_in && first < g->n; first += DSC_FIT_TILE) {
            const size_t n = g->n - first < DSC_FIT_TILE ? g->n - first : DSC_FIT_TILE;
            const bool is_last = g->first + first + n == batch->n;
            const dsc_backward_end end = {.is_first = g->first + first == 0,
                                          .stepped = is_last ? batch->stepped : NULL,
                                          .step = batch->step};
            dsc_pass_gradients(g->passes->ws, l,
                               &(dsc_gradient_part){.first = first,
                                                    .n = n,
                                                    .first_in = first_in,
                                                    .n_in = end_in - first_in,
                                                    .has_tail = end_in == n_in,
                                                    .end = &end,
                                                    .scratch = scratch_of(g->passes, thread)});
        }
    }
}

/* All samples of g->batch; *loss: the sum of what the groups add to it. */
static dsc_status pass_all(group *g, double *loss, dsc_error *err) {
    dsc_passes *p = g->passes;
    const size_t n = g->batch->n;
    *loss = 0;
    g->n_shares = is_worth_threads(p->net, n) ? dsc_pool_n_threads(p->pool) : 1;
    for (g->first = 0; g->first < n; g->first += g->n) {
        g->n = n - g->first < p->max_group ? n - g->first : p->max_group;
        dsc_status status = pass_group(g, loss, err);
        if (status != DSC_OK) {
            return status;
        }
        if (g->wants_gradient) {
            dsc_pool_run(g->n_shares > 1 ? p->pool : NULL, g->n_shares, run_gradients, g);
            p->ws->has_gradients = true;
        }
    }
    return isfinite(*loss) ? DSC_OK : dsc_fail(err, DSC_E_NONFINITE, "loss", "is %g", *loss);
}

dsc_status dsc_passes_gradient(dsc_passes *passes, const dsc_fit_samples *samples,
                               const dsc_fit_batch *batch, double *loss, dsc_error *err) {
    group g = {.passes = passes, .samples = samples, .batch = batch, .wants_gradient = true};
    return pass_all(&g, loss, err);
}

dsc_status dsc_passes_loss(dsc_passes *passes, const dsc_fit_samples *samples, double *loss,
                           dsc_error *err) {
    const dsc_fit_batch all = {.n = samples->x.n_rows};
    group g = {.passes = passes, .samples = samples, .batch = &all};
    return pass_all(&g, loss, err);
}

/* The sample, from 1, of the first output that is not finite. */
static dsc_status check_outputs(const dsc_network *net, dsc_matrix output, size_t first,
                                dsc_error *err) {
    for (size_t s = 0; s < output.n_rows; s++) {
        const void *row = at_const(output.data, s * output.n_cols, net->precision);
        if (!net->kernels->all_finite(row, output.n_cols)) {
            char where[48];
            snprintf(where, sizeof where, "sample %zu", first + s + 1);
            return dsc_fail(err, DSC_E_NONFINITE, where,
                            "has an output that is infinite or not a number");
        }
    }
    return DSC_OK;
}

dsc_status dsc_network_predict(const dsc_network *net, dsc_matrix x, void *out, dsc_error *err) {
    dsc_passes passes = {0};
    const dsc_fit_samples samples = {.x = x};
    const dsc_fit_batch all = {.n = x.n_rows};
    const size_t n_out = dsc_network_n_out(net);
    dsc_status status =
        dsc_check_shape(x, x.n_rows, dsc_network_n_in(net), x.precision, "input", err);
    if (status == DSC_OK) {
        status = dsc_passes_init(&passes, net, DSC_FIT_TILE, 1, err);
    }
    group g = {.passes = &passes, .samples = &samples, .batch = &all, .n_shares = 1};
    for (; status == DSC_OK && g.first < x.n_rows; g.first += g.n) {
        g.n = x.n_rows - g.first < DSC_FIT_TILE ? x.n_rows - g.first : DSC_FIT_TILE;
        double none = 0; /* without targets */
        status = pass_group(&g, &none, err);
        if (status == DSC_OK) {
            const dsc_matrix output = dsc_workspace_output(passes.ws);
            memcpy(at(out, g.first * n_out, net->precision), output.data,
                   g.n * n_out * (size_t)net->precision);
            status = check_outputs(net, output, g.first, err);
        }
    }
    dsc_passes_clear(&passes);
    return status;
}
