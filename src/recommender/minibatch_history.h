/* Histories in training by minibatches: the side of each row that a minibatch touches, and the way
 * of its gradient back to the vectors that it sums.
 *
 *     side_r = own_r + (1 - p)^(-1) n_r^(-1/2) sum over the kept entries j of row r of summed_j
 *
 * docs/math.md (170) to (173). Each side is computed once a minibatch, at its first use, and its
 * gradient goes back once. An entry is left out with probability p by a draw that is one of the
 * seed, the step and the row alone. */
#ifndef DSC_RECOMMENDER_MINIBATCH_HISTORY_H
#define DSC_RECOMMENDER_MINIBATCH_HISTORY_H

#include "math/kernels.h"
#include "ratings/sparse.h"
#include "recommender/embedding.h"

typedef struct dsc_minibatch_history {
    const dsc_kernels *kernels; /* in single precision */
    dsc_sparse rows;            /* the training part: (rows of own, rows of summed), borrowed */
    const float *own;           /* (n_rows, width), borrowed */
    double dropout;             /* p */
    uint64_t seed;
    uint64_t first_stream; /* of row 0; those of rows of users and items differ */
    uint64_t n_streams;    /* of a step */
    uint64_t step;         /* from 0 */
    dsc_embedding summed;  /* whose values are (n_cols, width) */
    uint32_t *slot;        /* (n_rows) where the side of a touched row stands; DSC_NO_INDEX */
    uint32_t *row;         /* (max_batch) the touched rows in the order of their first use */
    float *side;           /* (max_batch, width) */
    float *d_scaled;       /* (width) */
    uint32_t *kept;        /* (longest row) */
    size_t n_touched;
} dsc_minibatch_history;

typedef struct dsc_minibatch_history_config {
    dsc_sparse rows;
    const float *own;
    float *summed; /* (n_cols, width), borrowed, changed by every step */
    size_t width;
    size_t max_batch; /* most rows that a step touches */
    double l2;        /* of the summed vectors, (171) */
    double dropout;   /* 0 <= p < 1 */
    uint64_t seed;
    uint64_t first_stream, n_streams;
    const dsc_optimizer_config *optimizer;
} dsc_minibatch_history_config;

/* Returns DSC_OK; DSC_E_ARGUMENT; DSC_E_MEMORY with *out cleared. */
dsc_status dsc_minibatch_history_init(dsc_minibatch_history *out,
                                      const dsc_minibatch_history_config *config, dsc_error *err);
void dsc_minibatch_history_clear(dsc_minibatch_history *history); /* all zero is allowed */

/* The side (width) of a row in this step; valid until its end. */
const float *dsc_minibatch_history_side(dsc_minibatch_history *history, uint32_t row);

/* Takes the gradient (width) at a row's side, summed over the minibatch, back to the vectors that
 * the row sums: once a row and step. n_uses: samples of the minibatch that have the row. */
void dsc_minibatch_history_scatter(dsc_minibatch_history *history, uint32_t row,
                                   const float *d_side, float n_uses);

/* Updates the summed vectors for a minibatch of n samples and goes on to the next step. */
void dsc_minibatch_history_step(dsc_minibatch_history *history, size_t n);

/* Forgets sides and gradients without a step. */
void dsc_minibatch_history_reset(dsc_minibatch_history *history);

#endif
