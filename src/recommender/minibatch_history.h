/* Histories in training by minibatches: the side of each row that a minibatch touches, and the way
 * of its gradient back to the vectors that it sums.
 *
 *     side_r = own_r + (1 - p)^(-1) n_r^(-1/2) sum over the kept entries j of row r of summed_j
 *
 * docs/math.md (170) to (173). Each side is computed once a minibatch and its gradient goes back
 * once. An entry is left out with probability p by a draw that is one of the seed, the step and the
 * row alone. Different sides can be computed at once, and different parts of the summed vectors take
 * their gradients at once: what threads do changes no byte. (208) */
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
    uint32_t *n_kept;      /* (max_batch) entries of each that this step keeps */
    float *side;           /* (max_batch, width) */
    float *d_scaled;       /* (DSC_TABLE_PARTS, width) */
    uint32_t *kept;        /* (entries of rows) of a touched row, at its begin, those that are kept;
                              NULL: all are */
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

/* Notes that this step uses the side of a row. */
void dsc_minibatch_history_touch(dsc_minibatch_history *history, uint32_t row);

/* Computes the sides of the touched rows in the slots begin .. end - 1; after it their rows are not
 * touched anew in this step. Threads: any number at once, for different slots. */
void dsc_minibatch_history_fill(dsc_minibatch_history *history, size_t begin, size_t end);

/* Begins the update of the summed vectors, then, for each part of them, takes gradients back and makes
 * the step. Threads: different parts at once. */
void dsc_minibatch_history_begin_step(dsc_minibatch_history *history);

/* Takes the gradient (width) at a row's side, summed over the minibatch, back to those of the vectors
 * that the row sums which are of `part`: once a row, part and step. n_uses: samples of the minibatch
 * that have the row. (172) */
void dsc_minibatch_history_scatter(dsc_minibatch_history *history, size_t part, uint32_t row,
                                   const float *d_side, float n_uses);

/* Updates the vectors of the part for a minibatch of n samples. */
void dsc_minibatch_history_step_part(dsc_minibatch_history *history, size_t part, size_t n);

/* Goes on to the next step. */
void dsc_minibatch_history_end_step(dsc_minibatch_history *history);

/* Forgets sides and gradients without a step. */
void dsc_minibatch_history_reset(dsc_minibatch_history *history);

#endif
