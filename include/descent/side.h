/* Sides: what stands for a user and for an item in a prediction, wherever it comes from.
 *
 * A side is a plain value that views into a model, or into a dsc_folded (descent/fold_in.h), which
 * somebody new gets without training. Predicting and recommending from sides is the same
 * computation as from indices, and gives the same bytes. A side of a blend (descent/blend.h) shows the
 * vector, bias and history of the heaviest member, and stands for those of all. */
#ifndef DESCENT_SIDE_H
#define DESCENT_SIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "descent/recommender.h"

#ifdef __cplusplus
extern "C" {
#endif

/* All zero is somebody unknown. */
typedef struct dsc_side {
    const float *vector; /* (n_factors) U_u or V_i, docs/math.md (50), (132); NULL: unknown */
    const float
        *own;        /* (n_factors) p_u or q_i, the part of its sum that is learned for this one, or
                            for all, (131); after a fold-in with what its history is filled up
                            with, (98) */
    float bias;      /* b_u or b_i in units of the spread, (18) */
    float offset;    /* what the time adds to it, (148); 0: nothing */
    double baseline; /* b_u or b_i in units of the ratings, (24) */
    double l2_vector;  /* strength of L2 under which `own` minimises the error, (96); 0: it need
                            not be a minimum, as after minibatches or of a shared vector */
    double n_history;  /* what the sum of the history is divided by the root of: n_ratings, or
                            more where it is filled up; 1 where ratings weigh it, (130); 0
                            without a history */
    bool is_folded_in; /* not from training */
    size_t n_ratings;  /* given by the user, got by the item */
    const uint32_t *others; /* (n_ratings) what the user rated, who rated the item, ascending; NULL
                               for an item of the model, which does not keep them by item */
    const float *ratings;   /* (n_ratings) likewise */
    const float
        *offsets;   /* (n_ratings) what the time of each added to its prediction, of both sides
                               together; NULL: nothing */
    uint32_t index; /* dense index in the model; of no meaning where is_folded_in */
    int64_t time;   /* when `offset` holds, in seconds since 1970; likewise */
    const struct dsc_folded *folded; /* what it views into; NULL: the model */
} dsc_side;

/* The side of a user or an item of the model; DSC_NO_INDEX gives somebody unknown. */
dsc_side dsc_recommender_user_side(const dsc_recommender *model, uint32_t user);
dsc_side dsc_recommender_item_side(const dsc_recommender *model, uint32_t item);

/* The same at a time, in seconds since 1970; the two above are at DSC_NOW. */
dsc_side dsc_recommender_user_side_at(const dsc_recommender *model, uint32_t user, int64_t time);
dsc_side dsc_recommender_item_side_at(const dsc_recommender *model, uint32_t item, int64_t time);

/* Predicts n pairs of sides of the scorer's model, as dsc_scorer_predict does.
 *   user, item  [in]   (n)
 *   rating      [out]  (n) inside the scale
 *   basis       [out]  (n), NULL allowed
 * Cannot fail. Allocates nothing. */
void dsc_scorer_predict_sides(dsc_scorer *scorer, size_t n, const dsc_side *user,
                              const dsc_side *item, float *rating, dsc_basis *basis);

/* dsc_scorer_score for a user's side: predictions of n items of the model before clipping.
 *   item   [in]   (n) dense indices below n_items
 *   score  [out]  (n); of somebody unknown docs/math.md (25)
 * Cannot fail. Allocates nothing. */
void dsc_scorer_score_side(dsc_scorer *scorer, const dsc_side *user, size_t n, const uint32_t *item,
                           double *score);

/* dsc_scorer_recommend for a user's side: the best n items of the model that are not among
 * user->others. */
void dsc_scorer_recommend_side(dsc_scorer *scorer, const dsc_side *user, size_t n,
                               dsc_recommendation *out, size_t *n_out);

#ifdef __cplusplus
}
#endif
#endif
