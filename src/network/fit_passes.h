/* Passes over any number of samples, tile by tile: what every way of fitting does with a network.
 */
#ifndef DSC_NETWORK_FIT_PASSES_H
#define DSC_NETWORK_FIT_PASSES_H

#include <stddef.h>
#include <stdint.h>

#include "descent/matrix.h"
#include "descent/network.h"
#include "math/kernels.h"

/* Samples and targets as rows, borrowed, of any precision. */
typedef struct dsc_fit_samples {
    dsc_matrix x; /* (n, n_in) */
    dsc_matrix y; /* (n, n_out); data NULL where only outputs are wanted */
} dsc_fit_samples;

/* Scratch of one thread. All zero is valid and empty; freed with dsc_passes_clear. */
typedef struct dsc_passes {
    const dsc_network *net;
    dsc_workspace *ws;
    void *x; /* (tile, n_in) of the network's precision */
    void *y; /* (tile, n_out) */
} dsc_passes;

/* Returns DSC_OK; DSC_E_MEMORY. Freed after success and failure. */
dsc_status dsc_passes_init(dsc_passes *out, const dsc_network *net, dsc_error *err);
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
 * Returns DSC_OK; DSC_E_NONFINITE. Sums run over the samples in order, whatever the tiles. */
dsc_status dsc_passes_gradient(dsc_passes *passes, const dsc_fit_samples *samples,
                               const dsc_fit_batch *batch, double *loss, dsc_error *err);

/* The loss over all samples, without dropout. Returns DSC_OK; DSC_E_NONFINITE. */
dsc_status dsc_passes_loss(dsc_passes *passes, const dsc_fit_samples *samples, double *loss,
                           dsc_error *err);

#endif
