/* Held-out ratings: taken away from training at random, and predicted after each epoch. */
#ifndef DSC_RECOMMENDER_HOLDOUT_H
#define DSC_RECOMMENDER_HOLDOUT_H

#include <stddef.h>
#include <stdint.h>

#include "base/pool.h"
#include "descent/random.h"
#include "recommender/trainer.h"

/* The held-out pairs with their ratings, and room for predictions. All zero is a valid one of
 * none. */
typedef struct dsc_holdout {
    size_t n;
    uint32_t *user;   /* (n), the block that holds the next three */
    uint32_t *item;   /* (n) */
    float *rating;    /* (n) as the file said */
    float *predicted; /* (n) */
    int64_t *time;    /* (n) where the model looks at times, else NULL; a block of its own */
} dsc_holdout;

/* Shuffles the samples and takes the last of them, the configuration's holdout, away: n_samples
 * becomes smaller. At least 2 must be left.
 *   out  [out]  all zero before
 * Returns DSC_OK; DSC_E_DATA; DSC_E_MEMORY. */
dsc_status dsc_holdout_take(dsc_holdout *out, const dsc_recommender *model,
                            dsc_training_sample *samples, size_t *n_samples, dsc_error *err);
void dsc_holdout_clear(dsc_holdout *held);

/* The RMSE of the scorers' model on them, in units of the ratings; NAN: there are none.
 *   scorers  [in]  of the same model, one for each thread of the pool
 *   pool     [in]  NULL: the caller's thread alone. Any number gives the same bytes */
double dsc_holdout_rmse(dsc_holdout *held, dsc_scorer *const *scorers, dsc_pool *pool);

/* Into a random order, by a stream from which nothing was drawn. */
void dsc_shuffle_samples(dsc_training_sample *samples, size_t n, const dsc_kernels *kernels,
                         dsc_random random);

#endif
