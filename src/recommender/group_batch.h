/* A minibatch of interactions, each with its drawn negatives. */
#ifndef DSC_RECOMMENDER_GROUP_BATCH_H
#define DSC_RECOMMENDER_GROUP_BATCH_H

#include "base/pool.h"
#include "recommender/negative_sampler.h"
#include "recommender/trainer.h"

/* All zero is a valid one of nothing. */
typedef struct dsc_group_batch {
    dsc_negative_sampler *samplers; /* (n_threads), which draw alike */
    size_t n_threads;
    size_t n_negatives;
    uint32_t *user;   /* (batch_size); the block that holds the next two */
    uint32_t *length; /* (batch_size) */
    uint32_t *item;   /* (batch_size, 1 + n_negatives) */
} dsc_group_batch;

/*   chosen     [in]  the interactions that negatives must not be, borrowed
 *   n_threads  [in]  those of the pool that dsc_group_batch_fill is handed
 * Freed with dsc_group_batch_clear. Returns DSC_OK; DSC_E_MEMORY. */
dsc_status dsc_group_batch_init(dsc_group_batch *out, const dsc_recommender_config *config,
                                dsc_kept_ratings chosen, size_t n_threads, dsc_error *err);
void dsc_group_batch_clear(dsc_group_batch *batch);

/* The groups of n interactions that stand from `first` on in the order of the epoch; a view until
 * the next call. Any number of threads gives the same. Allocates nothing. */
dsc_training_groups dsc_group_batch_fill(dsc_group_batch *batch, const dsc_training_sample *samples,
                                         size_t n, size_t epoch, size_t first, dsc_pool *pool);

#endif
