/* Held-out ratings: taken away from training at random, and predicted after each epoch. */
#ifndef DSC_RECOMMENDER_HOLDOUT_H
#define DSC_RECOMMENDER_HOLDOUT_H

#include <stddef.h>

#include "base/pool.h"
#include "recommender/sample_list.h"

/* All zero is a valid one of none. */
typedef struct dsc_holdout {
    /* In random order, or sorted; all that it looks at is of the list that they were drawn from, and goes with
     * that. */
    dsc_sample_list samples;
    double *square; /* squared errors of some of them */
} dsc_holdout;

/* Shuffles the samples of a list and takes the last of them, the configuration's holdout, away: n_samples
 * becomes smaller. At least 2 must be left.
 *   out        [out]     all zero before; looks at the list until one of them is cleared
 *   list       [in,out]  as it was initialised; of none where nothing is to be held out
 *   n_samples  [in,out]  those of the list, and of whoever has none
 * Returns DSC_OK; DSC_E_DATA; DSC_E_MEMORY. */
dsc_status dsc_holdout_take(dsc_holdout *out, const dsc_recommender *model, dsc_sample_list *list,
                            size_t *n_samples, dsc_error *err);

/* Gives back the memory of the list's other positions: none is left to train on, and those that are held out stay with
 * it, in their block. Returns DSC_OK; DSC_E_MEMORY. */
dsc_status dsc_holdout_keep_alone(dsc_holdout *held, dsc_sample_list *list, dsc_error *err);
void dsc_holdout_clear(dsc_holdout *held);

/* The RMSE of the scorers' model on them, in units of the ratings, summed in their order; NAN: there are none.
 *   scorers  [in]  of the same model, one for each thread of the pool
 *   pool     [in]  NULL: the caller's thread alone. Any number gives the same bytes */
double dsc_holdout_rmse(dsc_holdout *held, dsc_scorer *const *scorers, dsc_pool *pool);

#endif
