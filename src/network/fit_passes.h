/* Passes over any number of samples, tile by tile: what every way of fitting does with a network.
 *
 * Tiles follow from the number of samples alone. Each is a sum by itself, and they are added up in
 * their order: whether one thread makes them or several, the result is the same bytes. */
#ifndef DSC_NETWORK_FIT_PASSES_H
#define DSC_NETWORK_FIT_PASSES_H

#include <stddef.h>
#include <stdint.h>

#include "base/pool.h"
#include "descent/matrix.h"
#include "descent/network.h"
#include "math/kernels.h"

/* DSC_FIT_TILE: samples of a tile: what a layer of some hundred units makes of it stays in the second
 * cache. DSC_WAVE: tiles whose gradients are kept side by side by several threads. */
enum { DSC_FIT_TILE = 128, DSC_WAVE = 16 };

/* Samples and targets as rows, borrowed, of any precision. */
typedef struct dsc_fit_samples {
    dsc_matrix x; /* (n, n_in) */
    dsc_matrix y; /* (n, n_out); data NULL where only outputs are wanted */
} dsc_fit_samples;

/* Where one thread makes a tile. */
typedef struct dsc_tile_scratch {
    dsc_workspace *ws;
    void *x; /* (DSC_FIT_TILE, n_in) of the network's precision */
    void *y; /* (DSC_FIT_TILE, n_out) */
} dsc_tile_scratch;

/* All zero is valid and empty; freed with dsc_passes_clear. */
typedef struct dsc_passes {
    const dsc_network *net;
    dsc_pool *pool;            /* NULL: one thread */
    dsc_tile_scratch *scratch; /* one a thread */
    void *gradients;           /* (tiles of a batch, at most DSC_WAVE; n_parameters) with a pool */
    dsc_workspace *ws;         /* the first thread's: whose gradients are those of a batch */
} dsc_passes;

/* Scratch for batches of `batch` samples on n_threads, 0 .. DSC_MAX_THREADS; 0: as many as there are
 * processors. Batches of one tile, or of little work, stay on one thread, by their size alone.
 * Returns DSC_OK; DSC_E_ARGUMENT too many; DSC_E_MEMORY. Freed after success and failure. */
dsc_status dsc_passes_init(dsc_passes *out, const dsc_network *net, size_t batch, size_t n_threads,
                           dsc_error *err);
void dsc_passes_clear(dsc_passes *passes);

/* Which samples make a gradient. */
typedef struct dsc_fit_batch {
    const uint32_t *order;        /* (n) rows of the samples; NULL: the first n */
    size_t n;                     /* at least 1 */
    const dsc_dropout_draw *draw; /* NULL: no dropout */
    dsc_network *stepped;         /* see dsc_backward_end; NULL: the gradient is wanted */
    const dsc_step *step;
} dsc_fit_batch;

/* The gradient of the loss over a batch in the workspace, overwritten, and the loss.
 * Returns DSC_OK; DSC_E_NONFINITE. */
dsc_status dsc_passes_gradient(dsc_passes *passes, const dsc_fit_samples *samples,
                               const dsc_fit_batch *batch, double *loss, dsc_error *err);

/* The loss over all samples, without dropout. Returns DSC_OK; DSC_E_NONFINITE. */
dsc_status dsc_passes_loss(dsc_passes *passes, const dsc_fit_samples *samples, double *loss,
                           dsc_error *err);

/* One tile of n samples from `first` on forward through `scratch`; the target is gathered there
 * where there is one. Returns DSC_OK. */
dsc_status dsc_tile_forward(const dsc_network *net, const dsc_tile_scratch *scratch,
                            const dsc_fit_samples *samples, const dsc_fit_batch *batch,
                            size_t first, size_t n, dsc_error *err);

/* The targets that the last of those gathered. */
dsc_matrix dsc_tile_target(const dsc_network *net, const dsc_tile_scratch *scratch, size_t n);

/* The same as dsc_passes_gradient and dsc_passes_loss by the threads of the pool, which is there. */
dsc_status dsc_passes_share_gradient(dsc_passes *passes, const dsc_fit_samples *samples,
                                     const dsc_fit_batch *batch, double *loss, dsc_error *err);
dsc_status dsc_passes_share_loss(dsc_passes *passes, const dsc_fit_samples *samples, double *loss,
                                 dsc_error *err);

#endif
