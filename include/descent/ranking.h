/* How good rankings are: metrics of one user's ranked list, and of the lists of all users.
 *
 * Scores with ties have no single order. The metrics of a list are their expected values when every
 * order of equal scores is as likely as any other, in closed form: a constant scorer scores like
 * chance, whatever order the items come in. docs/metrics.md (82) to (93) has each formula. */
#ifndef DESCENT_RANKING_H
#define DESCENT_RANKING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "descent/random.h"
#include "descent/ratings.h"
#include "descent/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* --- one list ------------------------------------------------------------------------------- */

/* Metrics of the first k of a list, by the values' names in `descent evaluate --json`. */
typedef enum dsc_ranking_metric {
    DSC_HIT_RATE = 0,  /* "hr": at least one relevant item is among the first k */
    DSC_PRECISION = 1, /* "precision": relevant ones among the first k, of k */
    DSC_RECALL = 2,    /* "recall": the same, of all relevant items */
    DSC_NDCG = 3,      /* "ndcg": discounted gain, of that of the best order */
    DSC_MAP = 4,       /* "map": average precision */
    DSC_MRR = 5,       /* "mrr": 1 / place of the first relevant item */
    DSC_AUC_AT = 6,    /* "auc": area under the ROC curve when all behind the first k are tied */
    /* of what is recommended, whoever likes it: see dsc_lists */
    DSC_COVERAGE = 7,  /* "coverage" */
    DSC_GINI = 8,      /* "gini" */
    DSC_NOVELTY = 9,   /* "novelty" */
    DSC_DIVERSITY = 10 /* "diversity" */
} dsc_ranking_metric;
#define DSC_N_LIST_METRICS    7 /* those of one list that depend on what is relevant */
#define DSC_N_RANKING_METRICS 11

/* The name above; NULL for a value outside the enum. Static storage. */
const char *dsc_ranking_metric_name(dsc_ranking_metric metric);

/* How many cutoffs k at a time. */
#define DSC_MAX_CUTOFFS 8

/* Scratch for lists of at most max_candidates, one a thread. */
typedef struct dsc_ranker dsc_ranker;

/* The cutoffs.
 *   k    [in]   (n_k) each at least 1, in any order, copied; they may be beyond max_candidates
 *   n_k  [in]   1 .. DSC_MAX_CUTOFFS
 *   out  [out]  freed with dsc_ranker_destroy; NULL after a failure
 * Returns DSC_OK; DSC_E_ARGUMENT; DSC_E_MEMORY. */
dsc_status dsc_ranker_create(dsc_ranker **out, size_t max_candidates, const size_t *k, size_t n_k,
                             dsc_error *err);
void dsc_ranker_destroy(dsc_ranker *ranker); /* NULL is allowed */

/* The metrics of one user's list.
 *   n            [in]   candidates, at most max_candidates
 *   score        [in]   (n) higher is better; -INFINITY allowed, NAN not
 *   is_relevant  [in]   (n) at least one of them true: without, nothing is defined
 *   at           [out]  (n_k, DSC_N_LIST_METRICS)
 *   auc          [out]  of the whole list
 * DSC_AUC_AT and *auc are NAN when all candidates are relevant. Cannot fail. Allocates nothing.
 * Cost: O(n log n_relevant + k log k). */
void dsc_ranker_measure(dsc_ranker *ranker, size_t n, const double *score, const bool *is_relevant,
                        double *at, double *auc);

/* The first candidates of the list that was measured last, equal scores in an order by lot.
 *   n, score  [in]      as they were measured
 *   random    [in,out]  the lot
 *   place     [out]     (largest k) indices below n, best first; scores of -INFINITY are left out
 * Returns how many there are. Allocates nothing. Cost: O(n). */
size_t dsc_ranker_list(dsc_ranker *ranker, size_t n, const double *score, dsc_random *random,
                       uint32_t *place);

/* --- the lists of all users ----------------------------------------------------------------- */

/* What was recommended to everybody so far: counts an item and a cutoff, no matrix of users and
 * items. */
typedef struct dsc_lists dsc_lists;

/* Begins without lists.
 *   by_item  [in]   the training ratings, rows items, columns users, such as dsc_ratings_by_item after
 *                   dsc_ratings_sort_by_item; borrowed until destroyed
 *   k, n_k   [in]   as for a ranker
 *   out      [out]  freed with dsc_lists_destroy; NULL after a failure
 * Returns DSC_OK; DSC_E_ARGUMENT, also where ratings are not sorted by item; DSC_E_MEMORY. */
dsc_status dsc_lists_create(dsc_lists **out, dsc_sparse by_item, const size_t *k, size_t n_k,
                            dsc_error *err);
void dsc_lists_destroy(dsc_lists *lists); /* NULL is allowed */

/* Adds one user's list.
 *   item       [in]   (n) distinct rows of by_item, best first
 *   novelty    [out]  (n_k) mean over the first k of -log2(share of the users who rated the item);
 *                     NAN for an empty list
 *   diversity  [out]  (n_k) mean over pairs of the first k of 1 - the cosine of who rated them; NAN
 *                     with fewer than 2 items
 * Cannot fail. Allocates nothing. Cost: O(ratings of these items). docs/metrics.md (92), (93). */
void dsc_lists_add(dsc_lists *lists, const uint32_t *item, size_t n, double *novelty,
                   double *diversity);

/* Of all lists so far.
 *   coverage  [out]  (n_k) share of all items that stand in at least one list (90)
 *   gini      [out]  (n_k) inequality of how often the items stand in lists: 0 all equally often,
 *                    towards 1 always the same few; NAN without any list (91)
 * Returns DSC_OK; DSC_E_MEMORY. */
dsc_status dsc_lists_finish(const dsc_lists *lists, double *coverage, double *gini, dsc_error *err);

#ifdef __cplusplus
}
#endif
#endif
