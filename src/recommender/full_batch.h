/* Full-batch training: all ratings in every step, by L-BFGS.
 *
 * The objective is half the sum of squared errors, or the ordinal loss, plus ridge penalties,
 * docs/math.md (55), (146), as a function of the model's tables and its network's parameters in one vector. */
#ifndef DSC_RECOMMENDER_FULL_BATCH_H
#define DSC_RECOMMENDER_FULL_BATCH_H

#include <stddef.h>

#include "base/pool.h"
#include "descent/status.h"
#include "recommender/kept_ratings.h"
#include "recommender/model.h"

typedef struct dsc_full_batch dsc_full_batch;

/* Borrows the model, which it changes, and `ratings`, those of the model to train on. In single
 * precision it works on the model's own values, in double, which is for checks, on values beside
 * them. Returns DSC_OK; DSC_E_MEMORY; *out is NULL after a failure. */
dsc_status dsc_full_batch_create(dsc_full_batch **out, dsc_recommender *model,
                                 dsc_precision precision, dsc_kept_ratings ratings, dsc_error *err);
void dsc_full_batch_destroy(dsc_full_batch *batch); /* NULL is allowed */

/* The threads that the configuration asks for, for what is done between steps; its own. */
dsc_pool *dsc_full_batch_pool(const dsc_full_batch *batch);

/* The variables: the model's tables and behind them its network's parameters. And the objective at
 * x, as dsc_lbfgs_objective with the batch as its user: both vectors have the batch's precision. */
size_t dsc_full_batch_n_values(const dsc_full_batch *batch);
dsc_status dsc_full_batch_evaluate(const void *x, double *loss, void *gradient, void *batch,
                                   dsc_error *err);

/* Called after each iteration; the squared error is the sum over the training ratings. In single
 * precision the model is then as the iteration left it, its sides being those of the training
 * ratings. False ends training. */
typedef bool (*dsc_full_batch_watcher)(size_t iteration, double sum_of_squared_errors, void *user);

/* Minimises the objective from the model's values in at most the configuration's max_epochs
 * iterations; the model has the best values found in the end.
 *   user  [in]  handed to the watcher
 * Returns DSC_OK, also when it ends earlier because nothing is left to gain; DSC_E_NONFINITE;
 * DSC_E_CANCELLED; DSC_E_MEMORY. Threads: those of the configuration. */
dsc_status dsc_full_batch_run(dsc_full_batch *batch, dsc_full_batch_watcher watcher, void *user,
                              dsc_error *err);

#endif
