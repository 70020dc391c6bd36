/* Tiles shared out to several threads: a wave of them at a time, added up in their order. */
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "network/fit_passes.h"
#include "network/network_internal.h"

/* Parameters of a part when gradients are added up: some kilobytes, and a hundred parts of a network
 * that is worth several threads. */
enum { RANGE = 4096 };

typedef struct wave {
    dsc_passes *passes;
    const dsc_fit_samples *samples;
    const dsc_fit_batch *batch;
    bool has_gradient;
    size_t first; /* sample of the wave's first tile */
    size_t n_tiles;
    double losses[DSC_WAVE];
    dsc_status statuses[DSC_WAVE];
    dsc_error errors[DSC_WAVE];
} wave;

static size_t samples_of(const wave *w, size_t tile) {
    const size_t left = w->batch->n - w->first - tile * DSC_FIT_TILE;
    return left < DSC_FIT_TILE ? left : DSC_FIT_TILE;
}

static void *gradients_of(const wave *w, size_t tile) {
    const dsc_network *net = w->passes->net;
    return at(w->passes->gradients, tile * net->n_parameters, net->precision);
}

/* The backward pass of a tile, into gradients of its own. */
static dsc_status run_back(wave *w, const dsc_tile_scratch *scratch, size_t tile,
                           dsc_matrix target) {
    dsc_workspace *ws = scratch->ws;
    void *const kept = ws->gradients;
    ws->gradients = gradients_of(w, tile);
    dsc_status status = dsc_network_backward_to(w->passes->net, ws, target, w->batch->n,
                                                &(dsc_backward_end){.is_first = true},
                                                &w->losses[tile], &w->errors[tile]);
    ws->gradients = kept;
    return status;
}

static void run_tile(void *job, size_t tile, size_t thread) {
    wave *w = job;
    const dsc_network *net = w->passes->net;
    const dsc_tile_scratch *scratch = &w->passes->scratch[thread];
    const size_t n = samples_of(w, tile);
    dsc_status status = dsc_tile_forward(net, scratch, w->samples, w->batch,
                                         w->first + tile * DSC_FIT_TILE, n, &w->errors[tile]);
    if (status == DSC_OK) {
        const dsc_matrix target = dsc_tile_target(net, scratch, n);
        status = w->has_gradient ? run_back(w, scratch, tile, target)
                                 : dsc_network_loss_value(net, scratch->ws, target,
                                                          &w->losses[tile], &w->errors[tile]);
    }
    w->statuses[tile] = status;
}

/* Some parameters' gradients of all tiles, added to those of the waves before, and their step. */
static void add_range(void *job, size_t part, size_t thread) {
    (void)thread;
    const wave *w = job;
    const dsc_network *net = w->passes->net;
    const size_t begin = part * RANGE;
    const size_t n = net->n_parameters - begin < RANGE ? net->n_parameters - begin : RANGE;
    void *sums = at(w->passes->ws->gradients, begin, net->precision);
    for (size_t tile = 0; tile < w->n_tiles; tile++) {
        const void *from = at_const(gradients_of(w, tile), begin, net->precision);
        if (w->first == 0 && tile == 0) {
            memcpy(sums, from, n * (size_t)net->precision);
        } else {
            static const uint32_t only = 0;
            net->kernels->sum_rows(sums, &(dsc_picked_rows){from, n, &only, 1});
        }
    }
    const bool is_last = w->first + w->n_tiles * DSC_FIT_TILE >= w->batch->n;
    if (is_last && w->batch->stepped != NULL) {
        net->kernels->sgd_step(at(w->batch->stepped->parameters, begin, net->precision), NULL, sums,
                               n, w->batch->step);
    }
}

/* All waves; `weigh_by_size`: losses are means over their tile. */
static dsc_status run_waves(wave *w, bool weigh_by_size, double *loss, dsc_error *err) {
    const size_t n = w->batch->n, n_tiles = (n + DSC_FIT_TILE - 1) / DSC_FIT_TILE;
    const size_t n_parameters = w->passes->net->n_parameters;
    double sum = 0;
    for (size_t done = 0; done < n_tiles; done += w->n_tiles) {
        w->first = done * DSC_FIT_TILE;
        w->n_tiles = n_tiles - done < DSC_WAVE ? n_tiles - done : DSC_WAVE;
        dsc_pool_run(w->passes->pool, w->n_tiles, run_tile, w);
        for (size_t tile = 0; tile < w->n_tiles; tile++) {
            if (w->statuses[tile] != DSC_OK) {
                if (err != NULL) {
                    *err = w->errors[tile];
                }
                return w->statuses[tile];
            }
            sum += weigh_by_size ? w->losses[tile] * ((double)samples_of(w, tile) / (double)n)
                                 : w->losses[tile];
        }
        if (w->has_gradient) {
            dsc_pool_run(w->passes->pool, (n_parameters + RANGE - 1) / RANGE, add_range, w);
        }
    }
    *loss = sum;
    return DSC_OK;
}

dsc_status dsc_passes_share_gradient(dsc_passes *passes, const dsc_fit_samples *samples,
                                     const dsc_fit_batch *batch, double *loss, dsc_error *err) {
    wave w = {.passes = passes, .samples = samples, .batch = batch, .has_gradient = true};
    return run_waves(&w, false, loss, err);
}

dsc_status dsc_passes_share_loss(dsc_passes *passes, const dsc_fit_samples *samples, double *loss,
                                 dsc_error *err) {
    const dsc_fit_batch all = {.n = samples->x.n_rows};
    wave w = {.passes = passes, .samples = samples, .batch = &all};
    return run_waves(&w, passes->net->loss != DSC_HALF_SUM_OF_SQUARES, loss, err);
}
