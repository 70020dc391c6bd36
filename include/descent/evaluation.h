/* How well a model ranks: its lists for the users of a test file, beside those of baselines, and
 * the one baseline that has to be trained; and how well a model serves who came after training.
 *
 * Errors of predicted ratings are in descent/recommender.h; what each metric is, in
 * descent/ranking.h and docs/metrics.md. */
#ifndef DESCENT_EVALUATION_H
#define DESCENT_EVALUATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "descent/bootstrap.h"
#include "descent/negatives.h"
#include "descent/ranking.h"
#include "descent/recommender.h"
#include "descent/side.h"

#ifdef __cplusplus
extern "C" {
#endif

/* --- a baseline that is trained -------------------------------------------------------------- */

/* Trains the biased dot product, mean + b_u + b_i + p_u . q_i by (55), on exactly the ratings that a
 * model holds, to stand beside it: short vectors, few iterations, usual strengths and seed 1, the
 * same whatever the model is. Users and items have the model's indices. Its errors are those that
 * dsc_recommender_evaluate gives of it; its lists come with those of the model by
 * dsc_ranking_plan.dot.
 *   out      [out]  freed with dsc_recommender_destroy; NULL after a failure, except that
 *                   DSC_E_CANCELLED hands out the last iteration when one has ended
 *   n_threads  [in]  0 .. 1024; 0: as many as processors may be used. Any number gives the same bytes
 *   watcher  [in]   NULL allowed
 *   user     [in]   handed to the watcher
 * Returns as dsc_recommender_train. Cost: 60 passes over the ratings with vectors of 16, about 1 s a
 * million ratings. */
dsc_status dsc_recommender_train_dot(dsc_recommender **out, const dsc_recommender *model,
                                     size_t n_threads, dsc_training_watcher watcher, void *user,
                                     dsc_error *err);

/* --- who came after training ------------------------------------------------------------------ */

/* The users and items of test ratings as they are to be predicted for: sides of the model or folded
 * in (descent/fold_in.h), all zero for somebody unknown. Borrowed. */
typedef struct dsc_test_sides {
    const dsc_side *user; /* (users of the test ratings) by their index there */
    const dsc_side *item; /* (items of the test ratings) likewise */
} dsc_test_sides;

/* How the errors of predicted ratings are measured. */
typedef struct dsc_error_plan {
    const dsc_test_sides *sides;    /* NULL: those of the model, and there is no fallback */
    const dsc_bootstrap *bootstrap; /* NULL: no confidence intervals */
    size_t n_threads; /* 0 .. 1024; 0: as many as processors may be used. Any number gives the same
                         bytes */
} dsc_error_plan;

/* dsc_recommender_evaluate by such a plan. With sides the biases take theirs from them too; what the
 * model predicts without them stands in out->fallback. A pair of which a side holds the rating
 * counts among n_seen_pairs.
 * Returns as that; DSC_E_ARGUMENT also for too many threads. */
dsc_status dsc_recommender_evaluate_by(const dsc_recommender *model, const dsc_ratings *test,
                                       const dsc_error_plan *plan, dsc_evaluation *out,
                                       dsc_error *err);

/* --- rankings -------------------------------------------------------------------------------- */

/* What is ranked against what. */
typedef struct dsc_ranking_plan {
    const size_t *k;     /* (n_k) cutoffs, each at least 1 */
    size_t n_k;          /* 1 .. DSC_MAX_CUTOFFS */
    double min_relevant; /* a test rating of at least this makes an item relevant to the user;
                                   -INFINITY: every one does, as every one of implicit feedback
                                   does whatever this is */
    size_t n_negatives;  /* 0: rank all items that the user has not rated in training; else that
                                   many of them, without the user's test items, drawn for each user
                                   from `seed`, beside the relevant ones */
    const dsc_negatives
        *given;    /* NULL, or the items to rank beside the relevant ones, for every user
                                   who has some; n_negatives is then 0 */
    uint64_t seed; /* of drawn negatives, and of lots among ties in the lists that
                                   coverage, Gini, novelty and diversity look at */
    const dsc_bootstrap *bootstrap;  /* NULL: no confidence intervals */
    const dsc_recommender *dot;      /* of dsc_recommender_train_dot for the same model; NULL: the
                                       figures of DSC_BY_DOT are all NAN */
    const dsc_test_sides *sides;     /* NULL: those of the model; else of the users alone: what they
                                       rated is no candidate for them, and items that are not the
                                       model's are never recommended */
    const dsc_test_sides *dot_sides; /* the same of `dot`; NULL: those of `dot` */
    size_t n_threads; /* 0 .. 1024; 0: as many as processors may be used. Any number gives the same
                         bytes */
    /* Called from time to time by the caller's thread; a return of false ends the evaluation. NULL allowed. */
    bool (*watcher)(size_t n_done, size_t n_users, void *user);
    void *user; /* handed to the watcher */
} dsc_ranking_plan;

/* Who ranks. All were trained on the same ratings: those that the model holds. */
typedef enum dsc_contender {
    DSC_BY_MODEL = 0,      /* what is evaluated */
    DSC_BY_POPULARITY = 1, /* by the number of ratings of the item */
    DSC_BY_BIASES = 2,     /* by mean + b_u + b_i, docs/math.md (24) */
    DSC_BY_MEAN = 3,       /* by the mean rating, the same for all: chance */
    DSC_BY_DOT = 4         /* by a biased dot product */
} dsc_contender;
#define DSC_N_CONTENDERS 5

/* "model", "popularity", "biases", "mean", "dot". NULL for a value outside the enum. Static storage. */
const char *dsc_contender_name(dsc_contender contender);

/* A mean over users with its confidence interval. */
typedef struct dsc_measure {
    double value;    /* NAN where it is not defined for anybody, or not for what is ranked */
    dsc_range range; /* NAN without a bootstrap, and for coverage and Gini, which are no means */
} dsc_measure;

/* The rankings of one contender. */
typedef struct dsc_ranking_scores {
    dsc_measure at[DSC_MAX_CUTOFFS][DSC_N_RANKING_METRICS]; /* of the first k; those from
                                                               DSC_COVERAGE on only where all items
                                                               are ranked */
    dsc_measure auc;                                        /* of the whole list */
} dsc_ranking_scores;

/* The rankings of all contenders, and what they were made of. */
typedef struct dsc_ranking_evaluation {
    size_t n_users;         /* in the test ratings */
    size_t n_ranked_users;  /* who have a relevant item: those of the means */
    size_t n_unknown_users; /* of them, whom the model does not know: it ranks by (25) for them */
    size_t n_folded_users;  /* of them, who came after training: by `sides` */
    size_t n_relevant;      /* pairs of a ranked user and a relevant item */
    size_t n_unknown_pairs; /* of them, whose item the model does not know: it stands last, with
                               all others of that kind */
    size_t n_seen_pairs;    /* test pairs that the model was trained on: not ranked */
    size_t n_items;         /* of the catalogue: those of the training ratings */
    size_t n_negatives;     /* as planned; 0: all items, or given ones */
    size_t n_dropped;       /* given negatives that are relevant to their user or were rated in
                               training: not ranked a second time, or at all */
    dsc_ranking_scores by[DSC_N_CONTENDERS]; /* by dsc_contender */
} dsc_ranking_evaluation;

/* Ranks for every user of the test ratings who finds something relevant. Users and items are found
 * on the model's side by external id. Models that look at times rank for DSC_NOW.
 * Returns DSC_OK; DSC_E_ARGUMENT a bad cutoff, number of threads or bootstrap setting, both kinds
 * of negatives, a dot product of other users or items;
 * DSC_E_DATA no user has a relevant item, or no given negatives; DSC_E_CANCELLED; DSC_E_MEMORY.
 * Memory: O(users + items + ratings), for each thread O(users + items) of it, and with a bootstrap
 * 16 bytes a user and figure.
 * Cost: O(users * items) predictions where all items are ranked, by descent/catalogue.h, shared out
 * among the threads by users. */
dsc_status dsc_recommender_rank(const dsc_recommender *model, const dsc_ratings *test,
                                const dsc_ranking_plan *plan, dsc_ranking_evaluation *out,
                                dsc_error *err);

#ifdef __cplusplus
}
#endif
#endif
