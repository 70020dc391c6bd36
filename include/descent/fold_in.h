/* Fold-in: users and items that come after training, from a handful of ratings and without training
 * anew.
 *
 * The model stays as it is. The new one gets what a trained one has: a history, the sum of the
 * model's vectors of what was rated; and a vector and a bias of its own, which minimise the
 * objective of training over the given ratings with everything else held fixed. docs/math.md (96)
 * to (99), (136) */
#ifndef DESCENT_FOLD_IN_H
#define DESCENT_FOLD_IN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "descent/side.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A user or an item that is not in the model. Const; borrows the model until it is destroyed. */
typedef struct dsc_folded dsc_folded;

/* How the vector and the bias are found. */
typedef struct dsc_fold_in_config {
    bool learn_vector; /* false: history and bias alone; never where the model's sides of this kind
                          share one vector, (131) */
    double l2_vector;  /* >= 0, strength of L2 on the vector, (96) */
    double l2_bias;    /* >= 0, on the bias */
    double l2_power;   /* >= 0; l2_vector is for as many ratings as usual in training, and for n of
                          them, or n_history if that is more, times (n / usual)^l2_power, (160) */
    double n_history;  /* >= 0; a history of fewer ratings is filled up to so many with usual ones,
                              as one expects of someone who has only begun, (98). 0: it stays, as
                              those do that ratings weigh, (130) */
    size_t max_iterations; /* of L-BFGS, at least 1 */
} dsc_fold_in_config;

/* What suits new users, or new items. Users' histories are as long as those of training on average.
 * Strengths are those of training by full batches; after minibatches, which end before their
 * strengths are felt, they follow from the size of trained vectors, (99), in O(model): whoever folds
 * in many does it once. Of a blend those of its heaviest member: a strength that is twice as large
 * is twice as large in every member, whatever is usual there. */
dsc_fold_in_config dsc_fold_in_config_of(const dsc_recommender *model, bool is_item);

/* Who rated what: the ratings of one new user or item. */
typedef struct dsc_given {
    size_t n;              /* how many */
    const uint32_t *other; /* (n) indices of the model's items for a user, of its users for an item,
                              in any order; DSC_NO_INDEX, which the model does not know, is counted
                              and left out; of two equal ones the later counts */
    const float *rating;   /* (n) finite; beyond the model's scale its end is taken */
    const int64_t *time;   /* (n) NULL: DSC_NOW; for models that look at times */
} dsc_given;

/* Folds in a user or an item.
 *   out     [out]  freed with dsc_folded_destroy; NULL after a failure
 *   given   [in]   borrowed for the call
 *   config  [in]   NULL: dsc_fold_in_config_of(model, is it an item)
 * Without any known rating the result is somebody unknown, who gets the fallbacks.
 * Models of interactions take every given rating for 1, and those of alternating least squares have
 * the vector in closed form, docs/math.md (113), whatever the config; the others refuse.
 * Returns DSC_OK; DSC_E_ARGUMENT a setting out of range, a rating that is not finite, an index
 * that the model does not have; DSC_E_NONFINITE; DSC_E_MEMORY.
 * Cost: some tens of passes over the given ratings. The same input gives the same bytes. One thread
 * a call; any number of calls may share the model. */
dsc_status dsc_fold_in_user(dsc_folded **out, const dsc_recommender *model, const dsc_given *given,
                            const dsc_fold_in_config *config, dsc_error *err);
dsc_status dsc_fold_in_item(dsc_folded **out, const dsc_recommender *model, const dsc_given *given,
                            const dsc_fold_in_config *config, dsc_error *err);
void dsc_folded_destroy(dsc_folded *folded); /* NULL is allowed */

/* Many users, or many items. */
typedef struct dsc_newcomers {
    size_t n;                         /* how many */
    bool are_items;                   /* false: users */
    const dsc_given *given;           /* (n) */
    const dsc_fold_in_config *config; /* (n) of each */
    size_t n_threads; /* 0 .. 1024; 0: as many as processors may be used. Any number gives the same
                         bytes */
} dsc_newcomers;

/* Folds in each of them as dsc_fold_in_user or dsc_fold_in_item does, shared out among the threads.
 *   out  [out]  (n) each freed with dsc_folded_destroy; all NULL after a failure
 * Returns as those, for the first that fails; DSC_E_ARGUMENT also for too many threads. */
dsc_status dsc_fold_in_many(dsc_folded **out, const dsc_recommender *model,
                            const dsc_newcomers *newcomers, dsc_error *err);

/* For predicting, recommending and explaining; views into `folded`. */
dsc_side dsc_folded_side(const dsc_folded *folded);

/* What became of the given ratings. */
typedef struct dsc_folded_info {
    size_t n_used;       /* different ones that the model knows */
    size_t n_unknown;    /* left out */
    size_t n_repeated;   /* replaced by a later one */
    size_t n_outside;    /* beyond the model's scale, among the used */
    size_t n_iterations; /* of L-BFGS */
} dsc_folded_info;

/* Cannot fail. */
dsc_folded_info dsc_folded_get_info(const dsc_folded *folded);

#ifdef __cplusplus
}
#endif
#endif
