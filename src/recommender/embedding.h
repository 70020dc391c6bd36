/* A table of learned rows of which each minibatch touches only some: vectors or biases.
 *
 * A minibatch adds gradients row by row; the step then updates every touched row once. Rows that no
 * sample touches keep their values and their optimizer state (the lazy form of docs/math.md (14)).
 * Gradients of a row are summed in the order of the samples, so that the result is one of the
 * samples' order alone. */
#ifndef DSC_RECOMMENDER_EMBEDDING_H
#define DSC_RECOMMENDER_EMBEDDING_H

#include <stddef.h>
#include <stdint.h>

#include "descent/optimizer.h"
#include "descent/status.h"

typedef struct dsc_embedding {
    float *values; /* (n_rows, width), borrowed */
    size_t width;
    double l2; /* strength per sample; see docs/math.md (23), (172) */
    dsc_optimizer *optimizer;
    uint32_t *slot;  /* (n_rows) where a touched row's gradient stands, DSC_NO_INDEX: untouched */
    uint32_t *row;   /* (max_batch) the touched rows in the order of their first sample */
    float *weight;   /* (max_batch) samples of the minibatch that used the row, or parts of them */
    float *gradient; /* (max_batch, width) */
    size_t n_touched;
} dsc_embedding;

typedef struct dsc_embedding_config {
    size_t n_rows;
    size_t width;
    size_t max_batch; /* most samples of a step */
    double l2;
    const dsc_optimizer_config *optimizer;
} dsc_embedding_config;

/*   values  [in]  (n_rows, width), borrowed until dsc_embedding_clear, changed by every step
 * Returns DSC_OK; DSC_E_ARGUMENT; DSC_E_MEMORY with *out cleared. */
dsc_status dsc_embedding_init(dsc_embedding *out, float *values, const dsc_embedding_config *config,
                              dsc_error *err);
void dsc_embedding_clear(dsc_embedding *embedding); /* all zero is allowed */

/* Adds one sample's gradient (width) to its row. */
void dsc_embedding_add(dsc_embedding *embedding, uint32_t row, const float *gradient);

/* The same for what counts as `weight` samples in the penalty. */
void dsc_embedding_add_weighted(dsc_embedding *embedding, uint32_t row, const float *gradient,
                                float weight);

/* Updates the touched rows for a minibatch of n samples, and forgets its gradients. */
void dsc_embedding_step(dsc_embedding *embedding, size_t n);

/* Forgets the gradients without a step. */
void dsc_embedding_reset(dsc_embedding *embedding);

#endif
