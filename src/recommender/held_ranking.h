/* Held-out interactions, ranked after each epoch among all items that their users did not choose in
 * training. */
#ifndef DSC_RECOMMENDER_HELD_RANKING_H
#define DSC_RECOMMENDER_HELD_RANKING_H

#include "descent/ranking.h"
#include "recommender/holdout.h"
#include "recommender/kept_ratings.h"
#include "recommender/model.h"

/* What a thread ranks with. */
typedef struct dsc_held_worker {
    uint32_t *item; /* (n_items) candidates */
    double *score;  /* (n_items) of candidates */
    bool *is_held;  /* (n_items) of candidates */
    dsc_ranker *ranker;
} dsc_held_worker;

/* All zero is a valid one of nobody. */
typedef struct dsc_held_ranking {
    const dsc_recommender *model;
    size_t n_users;               /* who are ranked for */
    uint32_t *user;               /* (n_users) */
    double *ndcg;                 /* (n_users) */
    const dsc_kept_ratings *kept; /* to train on; all others of these users are held out */
    dsc_held_worker *workers;     /* (n_threads) */
    size_t n_threads;
} dsc_held_ranking;

/* Users in the order of their held-out interactions, which is to be random, as many as make about
 * DSC_HELD_PAIRS scores.
 *   out    [out]  all zero before; freed with dsc_held_ranking_clear, after a failure too
 *   model  [in]   borrowed
 *   held   [in]   may be sorted afterwards
 * Returns DSC_OK; DSC_E_MEMORY. */
#define DSC_HELD_PAIRS 20000000
dsc_status dsc_held_ranking_init(dsc_held_ranking *out, const dsc_recommender *model,
                                 const dsc_holdout *held, dsc_error *err);

/* What threads rank these users with.
 *   kept       [in]  the model's interactions but the held-out ones, borrowed
 *   n_threads  [in]  those of the pool that dsc_held_ranking_ndcg is handed
 * Returns DSC_OK; DSC_E_MEMORY. */
dsc_status dsc_held_ranking_equip(dsc_held_ranking *ranking, const dsc_kept_ratings *kept,
                                  size_t n_threads, dsc_error *err);
void dsc_held_ranking_clear(dsc_held_ranking *ranking);

/* The mean NDCG@10 of these users' lists by the scorers' model, summed in the users' order; NAN: there are
 * none. docs/metrics.md (85).
 *   scorers  [in]  of the same model, one for each thread of the pool
 *   pool     [in]  NULL: the caller's thread alone. Any number gives the same bytes */
double dsc_held_ranking_ndcg(dsc_held_ranking *ranking, dsc_scorer *const *scorers, dsc_pool *pool);

#endif
