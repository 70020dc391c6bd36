/* Passes over any number of samples, a group at a time: what every way of fitting does with a network.
 *
 * The samples of a group go forward and back by themselves; then the gradient of every weight is
 * added up, tile by tile. Tiles follow from the number of samples alone, and each is a sum by
 * itself, added in its order: how many threads share the samples and the weights, and how large a
 * group is for their sake, does not matter to the bytes. */
#ifndef DSC_NETWORK_FIT_PASSES_H
#define DSC_NETWORK_FIT_PASSES_H

#include <stddef.h>
#include <stdint.h>

#include "base/pool.h"
#include "descent/matrix.h"
#include "descent/network.h"
#include "math/kernels.h"

/* DSC_FIT_TILE: samples of a tile, a group having at most one for each thread: so many that
 * copying weights and writing gradients costs little, and few enough for the second cache.
 * DSC_FIT_LOT: samples whose losses are a sum by itself, which one thread makes. */
enum { DSC_FIT_TILE = 256, DSC_FIT_LOT = 64 };

/* Samples and targets as rows, borrowed, of any precision. */
typedef struct dsc_fit_samples {
    dsc_matrix x; /* (n, n_in) */
    dsc_matrix y; /* (n, n_out); data NULL where only outputs are wanted */
} dsc_fit_samples;

/* What became of the samples that one thread has of a group. */
typedef struct dsc_pass_outcome {
    dsc_status status;
    dsc_error err;
} dsc_pass_outcome;

/* All zero is valid and empty; freed with dsc_passes_clear. */
typedef struct dsc_passes {
    const dsc_network *net;
    dsc_pool *pool;             /* NULL: one thread */
    dsc_workspace *ws;          /* of a group; its gradients are those of a batch */
    size_t max_group;           /* samples */
    void *x;                    /* (max_group, n_in) of the network's precision */
    void *y;                    /* (max_group, n_out) */
    double *losses;             /* (max_group / DSC_FIT_LOT) */
    void *scratch;              /* (threads, largest weight matrix) */
    dsc_pass_outcome *outcomes; /* (threads) */
} dsc_passes;

/* Scratch for batches of `batch` samples, at least 1, on n_threads, 0 .. DSC_MAX_THREADS; 0: as many as
 * there are processors. Batches of one lot, or of little work, stay on one thread, by their size alone.
 * Groups are no larger than such a batch: more samples go in more of them.
 * Returns DSC_OK; DSC_E_ARGUMENT too many; DSC_E_MEMORY. Freed after success and failure. */
dsc_status dsc_passes_init(dsc_passes *out, const dsc_network *net, size_t batch, size_t n_threads,
                           dsc_error *err);
void dsc_passes_clear(dsc_passes *passes);

/* Makes n rows of the samples, at most max_group, the workspace's batch, in the network's precision, as x and y of
 * the passes.
 *   order  [in]  (n)
 * Returns DSC_OK; DSC_E_SHAPE, and nothing is copied. */
dsc_status dsc_passes_gather(dsc_passes *passes, const dsc_fit_samples *samples,
                             const uint32_t *order, size_t n, dsc_error *err);

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

#endif
