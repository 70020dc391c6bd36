/* A table of learned rows of which each minibatch touches only some: vectors or biases.
 *
 * A minibatch adds gradients row by row; the step then updates every touched row once. Rows that no
 * sample touches keep their values and their optimizer state (the lazy form of docs/math.md (14)).
 * Gradients of a row are summed in the order of the samples, so that the result is one of the
 * samples' order alone. Different parts of a table may be changed by different threads at once. */
#ifndef DSC_RECOMMENDER_EMBEDDING_H
#define DSC_RECOMMENDER_EMBEDDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "descent/optimizer.h"
#include "descent/random.h"
#include "descent/status.h"
#include "math/kernels.h"

/* The rows of a table that several threads change fall into so many parts, a power of two, by their
 * number alone: whatever is done to two of them can be done at once. A table that one changes is whole. */
enum { DSC_TABLE_PARTS = 4 };

/* n_parts  [in]  1 or DSC_TABLE_PARTS */
static inline size_t dsc_table_part(uint32_t row, size_t n_parts) {
    return row & (n_parts - 1);
}

/* The rows of a part that a minibatch touches. */
typedef struct dsc_touched_rows {
    size_t n;
    uint32_t *row; /* (n) in the order of their first sample; what lies behind has any content */
    float *weight; /* (n) samples of the minibatch that used the row, or parts of them; 0 behind */
    float *gradient; /* (n, width) */
} dsc_touched_rows;

typedef struct dsc_embedding {
    void *values; /* (n_rows, width) floats, or bfloat16; borrowed */
    size_t width;
    bool is_bf16;
    dsc_random lots;            /* one a step, by which bfloat16 is rounded; docs/math.md (207) */
    uint64_t lot;               /* of the running step */
    double l2;                  /* strength per sample; see docs/math.md (23), (172) */
    const dsc_kernels *kernels; /* in single precision */
    dsc_optimizer *optimizer;
    uint32_t *slot; /* (n_rows) where a touched row stands in its part, DSC_NO_INDEX: untouched */
    size_t n_parts; /* 1 or DSC_TABLE_PARTS */
    dsc_touched_rows part[DSC_TABLE_PARTS]; /* (n_parts) those of the first one are the blocks that
                                               hold the others' */
} dsc_embedding;

typedef struct dsc_embedding_config {
    size_t n_rows;
    size_t width;
    size_t max_batch; /* most samples of a step */
    size_t n_parts;   /* 1 or DSC_TABLE_PARTS */
    double l2;
    const dsc_optimizer_config *optimizer;
    bool is_bf16;    /* the values are */
    dsc_random lots; /* a stream of its own for such a table; else not looked at */
} dsc_embedding_config;

/*   values  [in]  (n_rows, width), floats or bfloat16, borrowed until dsc_embedding_clear, changed by
 *                 every step
 * Returns DSC_OK; DSC_E_ARGUMENT; DSC_E_MEMORY with *out cleared. */
dsc_status dsc_embedding_init(dsc_embedding *out, void *values, const dsc_embedding_config *config,
                              dsc_error *err);
void dsc_embedding_clear(dsc_embedding *embedding); /* all zero is allowed */

/* Adds one sample's gradient (width) to its row. */
void dsc_embedding_add(dsc_embedding *embedding, uint32_t row, const float *gradient);

/* Gradients of samples at rows of one part. */
typedef struct dsc_row_addends {
    const uint32_t *sample; /* (n) in the order in which they are added */
    size_t n;
    const uint32_t *row;   /* (..) of each sample */
    const float *gradient; /* that of sample s begins at s * stride */
    size_t stride;
} dsc_row_addends;

/* dsc_embedding_add for each of them. */
void dsc_embedding_add_many(dsc_embedding *embedding, size_t part, const dsc_row_addends *addends);

/* One gradient for many rows of one part, no row twice. */
enum { DSC_MOST_SHARED = 64 };

typedef struct dsc_shared_addend {
    const uint32_t *row;   /* (n) */
    size_t n;              /* up to DSC_MOST_SHARED */
    const float *gradient; /* (width) */
    float weight;          /* what it counts for in the penalty of each row, in samples */
} dsc_shared_addend;

void dsc_embedding_add_shared(dsc_embedding *embedding, size_t part,
                              const dsc_shared_addend *addend);

/* Updates the touched rows for a minibatch of n samples, and forgets its gradients: first the one,
 * then the other for each of the parts. */
void dsc_embedding_begin_step(dsc_embedding *embedding);
void dsc_embedding_step_part(dsc_embedding *embedding, size_t part, size_t n);

/* All of it. */
void dsc_embedding_step(dsc_embedding *embedding, size_t n);

/* Forgets the gradients without a step. */
void dsc_embedding_reset(dsc_embedding *embedding);

#endif
