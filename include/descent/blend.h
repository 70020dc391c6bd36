/* Blends: the weighted mean of several trained models of the same ratings.
 *
 *     prediction(u, i) = sum over the members m of w_m prediction_m(u, i)     docs/math.md (155)
 *
 * with weights of at least 0 that add up to 1, and clipped to the scale afterwards. A blend is a
 * dsc_recommender like any other: it predicts, recommends, explains, folds in, is saved and loaded.
 * Where a mean makes no sense, in its configuration, tables, network and neighbours, it shows those
 * of its heaviest member. Ids, ratings and baselines are there once. */
#ifndef DESCENT_BLEND_H
#define DESCENT_BLEND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "descent/recommender.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The most members of a blend. */
#define DSC_MAX_MEMBERS 16

/* --- blending what is trained ----------------------------------------------------------------- */

/* Makes a blend of n models.
 *   members  [in]  (n), 1 .. DSC_MAX_MEMBERS, of the same ratings, all different, none a blend; taken over,
 *                  also after a failure: those of weight 0 are destroyed. NULL entries are allowed
 *                  where the weight is 0
 *   weights  [in]  (n) of at least 0, not all 0; divided by their sum
 *   out      [out] freed with dsc_recommender_destroy; NULL after a failure
 * Returns DSC_OK; DSC_E_ARGUMENT; DSC_E_MEMORY. Cost: O(ratings + parameters) and a prediction of
 * every training rating. */
dsc_status dsc_blend_create(dsc_recommender **out, dsc_recommender *const *members,
                            const double *weights, size_t n, dsc_error *err);

/* How many members a model has, by weight downwards; 0: it is no blend. */
size_t dsc_blend_n_members(const dsc_recommender *model);

/* A member, which is owned by the blend, and its weight; `member` is below the number of them. */
const dsc_recommender *dsc_blend_member(const dsc_recommender *blend, size_t member);
double dsc_blend_weight(const dsc_recommender *blend, size_t member);

/* --- training --------------------------------------------------------------------------------- */

/* Members that make a good blend of such ratings, with seeds from 1 on; returns how many. What counts
 * is their number, whether they have times, and whether they are marks of a scale; their choice is
 * told in docs/accuracy.md. */
size_t dsc_blend_usual_members(const dsc_ratings *ratings,
                               dsc_recommender_config members[DSC_MAX_MEMBERS]);

/* What is blended, and how the weights are found. */
typedef struct dsc_blend_config {
    size_t n_members; /* 1 .. DSC_MAX_MEMBERS */
    const dsc_recommender_config
        *members;          /* (n_members) borrowed; give equal ones different seeds */
    const double *weights; /* (n_members) as in dsc_blend_create, borrowed; NULL: found on ratings
                              that are held out, (156) to (158) */
    double holdout;        /* the share held out, above 0 and below 1, where n_folds is 1 */
    uint32_t n_folds;      /* 2 or more: all are held out in turn, and every member is trained so
                              often besides; at least 1 */
    uint64_t seed;         /* of what is held out */
    size_t n_threads; /* trainings at the same time; 0: as many as there are processors. Results do
                         not depend on it */
} dsc_blend_config;

/* Where it stands. */
typedef struct dsc_blend_progress {
    size_t n_trainings;   /* of members, in all, those that turn out to be left away included */
    size_t n_ended;       /* of them */
    double ended;         /* the same with parts of the running ones, 0 .. n_trainings */
    size_t member;        /* of the training that reports, in the order of the configuration */
    uint32_t fold;        /* what is held out from it; n_folds: nothing, it is the member's last */
    bool is_training_end; /* of this one */
    const dsc_training_progress *training; /* where that one stands; of its watcher */
    double elapsed_s;                      /* since it all began */
} dsc_blend_progress;

/* Called as dsc_training_watcher is, by one thread at a time. */
typedef bool (*dsc_blend_watcher)(const dsc_blend_progress *progress, void *user);

/* What was found on held-out ratings, member by member in the order of the configuration. */
typedef struct dsc_blend_report {
    double weight[DSC_MAX_MEMBERS]; /* 0: the member was left away */
    double rmse[DSC_MAX_MEMBERS];   /* of each alone; NAN where nothing was held out */
    size_t n_held_out;              /* ratings; 0: weights were given */
    double blend_rmse; /* of the mean: the weights of each half of the held-out ratings, judged by
                          the other half, (159); NAN as above */
    double equal_rmse; /* of the mean with equal weights; NAN as above */
} dsc_blend_report;

/* Finds the weights, then trains the members that have one on all ratings.
 *   out     [out]  freed with dsc_recommender_destroy; NULL after a failure
 *   report  [out]  NULL allowed; undefined after a failure
 * Returns what dsc_recommender_train and dsc_ratings_assign do; DSC_E_ARGUMENT for a configuration
 * out of range (err->where names the setting); DSC_E_CANCELLED, which hands out nothing.
 * Cost: (n_folds + 1) trainings of each member, no more than n_threads of them in memory at a time.
 * The same ratings, configuration and seeds give the same bytes. */
dsc_status dsc_blend_train(dsc_recommender **out, const dsc_ratings *ratings,
                           const dsc_blend_config *config, dsc_blend_watcher watcher, void *user,
                           dsc_blend_report *report, dsc_error *err);

#ifdef __cplusplus
}
#endif
#endif
