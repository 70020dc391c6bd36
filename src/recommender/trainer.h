/* One step of training: a minibatch through the network and back into the vectors.
 *
 * The trainer holds what changes between steps besides the model itself: optimizer states, the
 * workspace of a tile, gradients of the rows that a minibatch touches. */
#ifndef DSC_RECOMMENDER_TRAINER_H
#define DSC_RECOMMENDER_TRAINER_H

#include <stddef.h>
#include <stdint.h>

#include "base/pool.h"
#include "recommender/model.h"

typedef struct dsc_trainer dsc_trainer;

/* Borrows the model, which it changes with every step, and the ratings to train on (n_users,
 * n_items), of which histories are sums, until it is destroyed; a model without histories does not look
 * at them.
 * Returns DSC_OK; DSC_E_ARGUMENT; DSC_E_MEMORY; *out is NULL after a failure. */
dsc_status dsc_trainer_create(dsc_trainer **out, dsc_recommender *model, dsc_sparse ratings,
                              dsc_error *err);
void dsc_trainer_destroy(dsc_trainer *trainer); /* NULL is allowed */

/* The threads that the configuration asks for, for what is done between steps; the trainer's. */
dsc_pool *dsc_trainer_pool(const dsc_trainer *trainer);

/* One gradient step on n samples: all gradients at the old values, then all updates.
 *   samples                [in]   (n + n_after) of dense indices and targets of dsc_trainer_target, 1 <= n <= the
 *                                 configuration's batch_size; of those behind the first n, which come in later steps,
 *                                 memory is asked for the vectors, and nothing changes
 *   sum_of_squared_errors  [out]  of the predictions before the step, not clipped, in units of
 *                                 dsc_trainer_unit
 * Returns DSC_OK; DSC_E_NONFINITE with the model unchanged. Allocates nothing.
 * Math: docs/math.md (18) to (23), (170) to (173). */
dsc_status dsc_trainer_step(dsc_trainer *trainer, const dsc_training_sample *samples, size_t n,
                            size_t n_after, double *sum_of_squared_errors, dsc_error *err);

/* The model's vectors become those that are trained, where these are bfloat16: until then they stay as
 * they were when the trainer was made. */
void dsc_trainer_hand_over(const dsc_trainer *trainer);

/* Fills the model's sides with sums over the ratings to train on, for predictions between epochs;
 * those after training are dsc_model_refresh's, over all ratings. */
void dsc_trainer_refresh(dsc_trainer *trainer);
/* The same on interactions, each followed by items that its user did not choose.
 *   groups    [in]   n_groups from 1 to batch_size; n_pairs to batch_size (1 + n_negatives)
 *   sum_loss  [out]  of the groups' losses before the step
 * Math: docs/math.md (115) to (119). */
typedef struct dsc_training_groups {
    size_t n_groups;
    size_t n_pairs;
    const uint32_t *user;   /* (n_groups) */
    const uint32_t *length; /* (n_groups) pairs of each, from 1 to 1 + n_negatives */
    const uint32_t *item;   /* (n_pairs) the chosen one of each group first */
} dsc_training_groups;
dsc_status dsc_trainer_step_groups(dsc_trainer *trainer, const dsc_training_groups *groups,
                                   double *sum_loss, dsc_error *err);

/* The target of a rating: (rating - mean) / spread, the mean being 0 where the model does without;
 * with an ordinal loss the rating's place among the values. */
float dsc_trainer_target(const dsc_recommender *model, float rating);

/* Those of n ratings. */
void dsc_trainer_targets(const dsc_recommender *model, const float *rating, size_t n,
                         float *target);

/* What the errors that are summed in training are measured in: the spread; 1 with an ordinal loss. */
double dsc_trainer_unit(const dsc_recommender *model);

#endif
