/* The vectors of users and items as bfloat16: half as long as floats, with 8 bits of precision.
 *
 * While minibatches train a model with use_bf16 the vectors are here, and the model's own, floats, follow
 * at the end of each epoch, for predictions. What is kept at the end is rounded to numbers that bfloat16
 * has, so that a model file with half as long vectors gives back the model. docs/math.md (204) to (207) */
#ifndef DSC_RECOMMENDER_BF16_VECTORS_H
#define DSC_RECOMMENDER_BF16_VECTORS_H

#include <stdint.h>

#include "recommender/model.h"

typedef struct dsc_bf16_vectors {
    uint16_t *of_users; /* (n_users, n_factors) the block that holds the next */
    uint16_t *of_items; /* (n_items, n_factors) */
} dsc_bf16_vectors;

/* The model's vectors, rounded to the nearest. Returns DSC_OK; DSC_E_MEMORY. */
dsc_status dsc_bf16_vectors_init(dsc_bf16_vectors *out, const dsc_recommender *model,
                                 dsc_error *err);
void dsc_bf16_vectors_clear(dsc_bf16_vectors *vectors); /* all zero is allowed */

/* The model's vectors become these. */
void dsc_bf16_vectors_hand_over(const dsc_bf16_vectors *vectors, dsc_recommender *model);

/* Rounds the model's vectors to the nearest numbers of bfloat16. */
void dsc_bf16_vectors_round(dsc_recommender *model);

#endif
