/* Passes over any number of samples: gathers rows into a tile and runs it through the network. */
#include "network/fit_passes.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "descent/fit.h"
#include "network/network_internal.h"

/* Multiplications of weights and samples in a batch below which threads stay away: a forward and a
 * backward pass of so many take about a millisecond, a hundred times what waking them does. */
static const double shared_work = 1 << 24;

static dsc_status init_scratch(dsc_tile_scratch *out, const dsc_network *net, dsc_error *err) {
    const size_t size = (size_t)net->precision;
    dsc_status status = dsc_workspace_create(
        &out->ws, net,
        &(dsc_workspace_config){.max_batch = DSC_FIT_TILE, .no_input_gradient = true}, err);
    if (status != DSC_OK) {
        return status;
    }
    out->x = dsc_alloc(DSC_FIT_TILE * dsc_network_n_in(net), size);
    out->y = dsc_alloc(DSC_FIT_TILE * dsc_network_n_out(net), size);
    return out->x != NULL && out->y != NULL ? DSC_OK : dsc_fail_memory(err, "a pass");
}

static bool is_worth_threads(const dsc_network *net, size_t n) {
    return n > DSC_FIT_TILE && (double)net->n_parameters * (double)n >= shared_work;
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
    const size_t n = dsc_pool_n_threads(out->pool);
    if (status == DSC_OK && n > 1) {
        const size_t n_tiles = (batch - 1) / DSC_FIT_TILE + 1;
        out->gradients = dsc_alloc((n_tiles < DSC_WAVE ? n_tiles : DSC_WAVE) * net->n_parameters,
                                   (size_t)net->precision);
        status = out->gradients != NULL ? DSC_OK : dsc_fail_memory(err, "gradients");
    }
    if (status == DSC_OK) {
        out->scratch = dsc_alloc(n, sizeof *out->scratch);
        status = out->scratch != NULL ? DSC_OK : dsc_fail_memory(err, "a pass");
    }
    for (size_t t = 0; status == DSC_OK && t < n; t++) {
        status = init_scratch(&out->scratch[t], net, err);
    }
    out->ws = status == DSC_OK ? out->scratch[0].ws : NULL;
    return status;
}

void dsc_passes_clear(dsc_passes *passes) {
    for (size_t t = 0; passes->scratch != NULL && t < dsc_pool_n_threads(passes->pool); t++) {
        dsc_workspace_destroy(passes->scratch[t].ws);
        dsc_free(passes->scratch[t].x);
        dsc_free(passes->scratch[t].y);
    }
    dsc_free(passes->scratch);
    dsc_free(passes->gradients);
    dsc_pool_destroy(passes->pool);
    *passes = (dsc_passes){0};
}

/* Whether threads share the tiles of n samples. */
static bool is_shared(const dsc_passes *passes, size_t n) {
    return dsc_pool_n_threads(passes->pool) > 1 && is_worth_threads(passes->net, n);
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

dsc_matrix dsc_tile_target(const dsc_network *net, const dsc_tile_scratch *scratch, size_t n) {
    return (dsc_matrix){scratch->y, n, dsc_network_n_out(net), net->precision};
}

dsc_status dsc_tile_forward(const dsc_network *net, const dsc_tile_scratch *scratch,
                            const dsc_fit_samples *samples, const dsc_fit_batch *batch,
                            size_t first, size_t n, dsc_error *err) {
    gather(scratch->x, net->precision, samples->x, batch->order, first, n);
    if (samples->y.data != NULL) {
        gather(scratch->y, net->precision, samples->y, batch->order, first, n);
    }
    const dsc_matrix x = {scratch->x, n, samples->x.n_cols, net->precision};
    if (batch->draw == NULL) {
        return dsc_network_forward(net, scratch->ws, x, err);
    }
    dsc_dropout_draw part = *batch->draw;
    part.first_sample += (uint32_t)first;
    return dsc_network_forward_training(net, scratch->ws, x, &part, err);
}

dsc_status dsc_passes_gradient(dsc_passes *passes, const dsc_fit_samples *samples,
                               const dsc_fit_batch *batch, double *loss, dsc_error *err) {
    const size_t n = batch->n;
    double sum = 0;
    if (is_shared(passes, n)) {
        dsc_status status = dsc_passes_share_gradient(passes, samples, batch, loss, err);
        return status != DSC_OK || isfinite(*loss)
                   ? status
                   : dsc_fail(err, DSC_E_NONFINITE, "loss", "is %g", *loss);
    }
    for (size_t first = 0; first < n; first += DSC_FIT_TILE) {
        const size_t n_tile = n - first < DSC_FIT_TILE ? n - first : DSC_FIT_TILE;
        double part;
        const bool is_last = first + n_tile == n;
        dsc_status status =
            dsc_tile_forward(passes->net, passes->scratch, samples, batch, first, n_tile, err);
        if (status == DSC_OK) {
            status = dsc_network_backward_to(
                passes->net, passes->ws, dsc_tile_target(passes->net, passes->scratch, n_tile), n,
                &(dsc_backward_end){.is_first = first == 0,
                                    .stepped = is_last ? batch->stepped : NULL,
                                    .step = batch->step},
                &part, err);
        }
        if (status != DSC_OK) {
            return status;
        }
        sum += part;
    }
    *loss = sum;
    return isfinite(sum) ? DSC_OK : dsc_fail(err, DSC_E_NONFINITE, "loss", "is %g", sum);
}

dsc_status dsc_passes_loss(dsc_passes *passes, const dsc_fit_samples *samples, double *loss,
                           dsc_error *err) {
    const size_t n = samples->x.n_rows;
    const bool is_sum = passes->net->loss == DSC_HALF_SUM_OF_SQUARES;
    const dsc_fit_batch all = {.n = n};
    double sum = 0;
    if (is_shared(passes, n)) {
        return dsc_passes_share_loss(passes, samples, loss, err);
    }
    for (size_t first = 0; first < n; first += DSC_FIT_TILE) {
        const size_t n_tile = n - first < DSC_FIT_TILE ? n - first : DSC_FIT_TILE;
        double part;
        dsc_status status =
            dsc_tile_forward(passes->net, passes->scratch, samples, &all, first, n_tile, err);
        if (status == DSC_OK) {
            status = dsc_network_loss_value(passes->net, passes->ws,
                                            dsc_tile_target(passes->net, passes->scratch, n_tile),
                                            &part, err);
        }
        if (status != DSC_OK) {
            return status;
        }
        sum += is_sum ? part : part * ((double)n_tile / (double)n);
    }
    *loss = sum;
    return DSC_OK;
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
    for (size_t first = 0; status == DSC_OK && first < x.n_rows; first += DSC_FIT_TILE) {
        const size_t n_tile = x.n_rows - first < DSC_FIT_TILE ? x.n_rows - first : DSC_FIT_TILE;
        status = dsc_tile_forward(net, passes.scratch, &samples, &all, first, n_tile, err);
        if (status == DSC_OK) {
            const dsc_matrix output = dsc_workspace_output(passes.ws);
            memcpy(at(out, first * n_out, net->precision), output.data,
                   n_tile * n_out * (size_t)net->precision);
            status = check_outputs(net, output, first, err);
        }
    }
    dsc_passes_clear(&passes);
    return status;
}
