/* Passes over any number of samples: gathers rows into a tile and runs it through the network. */
#include "network/fit_passes.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "descent/fit.h"
#include "network/network_internal.h"

/* Samples of a tile: what a layer of some hundred units makes of it stays in the second cache. */
enum { TILE = 128 };

dsc_status dsc_passes_init(dsc_passes *out, const dsc_network *net, dsc_error *err) {
    *out = (dsc_passes){.net = net};
    const size_t size = (size_t)net->precision;
    dsc_status status = dsc_workspace_create(
        &out->ws, net, &(dsc_workspace_config){.max_batch = TILE, .no_input_gradient = true}, err);
    if (status != DSC_OK) {
        return status;
    }
    out->x = dsc_alloc(TILE * dsc_network_n_in(net), size);
    out->y = dsc_alloc(TILE * dsc_network_n_out(net), size);
    return out->x != NULL && out->y != NULL ? DSC_OK : dsc_fail_memory(err, "a pass");
}

void dsc_passes_clear(dsc_passes *passes) {
    dsc_workspace_destroy(passes->ws);
    dsc_free(passes->x);
    dsc_free(passes->y);
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

static dsc_matrix tile_of(const dsc_passes *passes, const void *data, size_t n, size_t n_cols) {
    return (dsc_matrix){data, n, n_cols, passes->net->precision};
}

/* One tile forward; the target is gathered where there is one. */
static dsc_status pass_tile(dsc_passes *passes, const dsc_fit_samples *samples,
                            const uint32_t *order, size_t first, size_t n,
                            const dsc_dropout_draw *draw, dsc_error *err) {
    const dsc_precision precision = passes->net->precision;
    gather(passes->x, precision, samples->x, order, first, n);
    if (samples->y.data != NULL) {
        gather(passes->y, precision, samples->y, order, first, n);
    }
    const dsc_matrix x = tile_of(passes, passes->x, n, samples->x.n_cols);
    if (draw == NULL) {
        return dsc_network_forward(passes->net, passes->ws, x, err);
    }
    dsc_dropout_draw part = *draw;
    part.first_sample += (uint32_t)first;
    return dsc_network_forward_training(passes->net, passes->ws, x, &part, err);
}

dsc_status dsc_passes_gradient(dsc_passes *passes, const dsc_fit_samples *samples,
                               const dsc_fit_batch *batch, double *loss, dsc_error *err) {
    const size_t n = batch->n;
    double sum = 0;
    for (size_t first = 0; first < n; first += TILE) {
        const size_t n_tile = n - first < TILE ? n - first : TILE;
        double part;
        const bool is_last = first + n_tile == n;
        dsc_status status =
            pass_tile(passes, samples, batch->order, first, n_tile, batch->draw, err);
        if (status == DSC_OK) {
            status = dsc_network_backward_to(
                passes->net, passes->ws, tile_of(passes, passes->y, n_tile, samples->y.n_cols), n,
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
    double sum = 0;
    for (size_t first = 0; first < n; first += TILE) {
        const size_t n_tile = n - first < TILE ? n - first : TILE;
        double part;
        dsc_status status = pass_tile(passes, samples, NULL, first, n_tile, NULL, err);
        if (status == DSC_OK) {
            status = dsc_network_loss_value(passes->net, passes->ws,
                                            tile_of(passes, passes->y, n_tile, samples->y.n_cols),
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
    const size_t n_out = dsc_network_n_out(net);
    dsc_status status =
        dsc_check_shape(x, x.n_rows, dsc_network_n_in(net), x.precision, "input", err);
    if (status == DSC_OK) {
        status = dsc_passes_init(&passes, net, err);
    }
    for (size_t first = 0; status == DSC_OK && first < x.n_rows; first += TILE) {
        const size_t n_tile = x.n_rows - first < TILE ? x.n_rows - first : TILE;
        status = pass_tile(&passes, &samples, NULL, first, n_tile, NULL, err);
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
