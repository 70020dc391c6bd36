/* Steps of one sample each, a block of samples at a time, for networks with large layers.
 *
 * A large layer's weights stay as they are while a block of samples goes by; what the steps of the samples before
 * would have changed is added to the sums of each one, forward and back, and at the end of the block
 * all steps are taken at once. Weights are then written once a block, not by each sample, and those of the
 * first layer read once, by products of matrices. Small layers take each step when it comes.
 *                                                                          docs/math.md (203) */
#ifndef DSC_NETWORK_FIT_BLOCKS_H
#define DSC_NETWORK_FIT_BLOCKS_H

#include "network/fit_passes.h"

/* All zero is valid and empty; freed with dsc_blocks_clear. */
typedef struct dsc_blocks {
    dsc_passes *passes; /* borrowed */
    uint32_t *numbers;  /* 0, 1, 2 and so on, one for each row of a weight matrix */
    uint32_t *picked;   /* rows of a weight matrix */
    void *values;       /* one for each of them, of the network's precision */
    void *factors;      /* of the samples of a block, the same */
} dsc_blocks;

/* Whether blocks are of use: a network without dropout that has a large layer. */
bool dsc_blocks_suit(const dsc_network *net);

/* Returns DSC_OK; DSC_E_MEMORY. Cleared after success and failure. */
dsc_status dsc_blocks_init(dsc_blocks *out, dsc_passes *passes, dsc_error *err);
void dsc_blocks_clear(dsc_blocks *blocks);

/* Steps of plain SGD on batch->n samples, one after the other.
 *   batch  [in]   `stepped` is the network of the passes, `step` its rate; no draw
 *   loss   [out]  the sum of the losses, each before its step
 * Returns DSC_OK; DSC_E_NONFINITE as dsc_passes_gradient of the sample whose loss is not finite; some
 * of the steps before it are then not taken. */
dsc_status dsc_blocks_run(dsc_blocks *blocks, const dsc_fit_samples *samples,
                          const dsc_fit_batch *batch, double *loss, dsc_error *err);

#endif
