/* The rankings of test users, by one thread: what all threads share, and what each has. */
#ifndef DSC_RECOMMENDER_RANK_USER_H
#define DSC_RECOMMENDER_RANK_USER_H

#include "recommender/candidates.h"
#include "recommender/catalogue.h"

/* Figures of one user and one contender: for each cutoff those of the list, novelty and diversity,
 * and then the area of the whole list. */
enum { DSC_RANK_A_CUTOFF = DSC_N_LIST_METRICS + 2 };

/* What is ranked against what, the same for all users. */
typedef struct dsc_rank_task {
    const dsc_recommender *model;
    const dsc_ranking_plan *plan;
    const dsc_ratings *test;
    bool has_all_items;             /* what is recommended is a list of the catalogue */
    size_t n_contenders;            /* without a dot product, which is the last, one less */
    size_t n_figures;               /* of a contender */
    dsc_catalogue *model_catalogue; /* owned; NULL where few items are scored, as is the next */
    dsc_catalogue *dot_catalogue;   /* owned; NULL: there is no dot product */
    dsc_sparse_matrix by_item;      /* the training ratings, where lists are looked at */
} dsc_rank_task;

/* Fills what follows from the first three. Cleared after success and failure.
 * Returns DSC_OK; DSC_E_MEMORY. */
dsc_status dsc_rank_task_init(dsc_rank_task *task, dsc_error *err);
void dsc_rank_task_clear(dsc_rank_task *task);

/* Scratch of a thread, and the lists that it has seen. */
typedef struct dsc_rank_worker dsc_rank_worker;
dsc_status dsc_rank_worker_create(dsc_rank_worker **out, const dsc_rank_task *task, dsc_error *err);
void dsc_rank_worker_destroy(dsc_rank_worker *worker); /* NULL is allowed */

/* The lists of a contender; where the task has all items. */
dsc_lists *dsc_rank_worker_lists(dsc_rank_worker *worker, size_t contender);

/* What is found of one user. */
typedef struct dsc_ranked_user {
    dsc_status status;
    dsc_error err; /* of a failure */
    size_t n_seen; /* as in dsc_ranking_evaluation, as are the others */
    size_t n_dropped;
    size_t n_relevant; /* 0: there is nothing to rank, and what follows is not filled */
    size_t n_unknown_pairs;
    bool is_unknown;
    bool is_folded_in;
    double *figure; /* (n_contenders, n_figures) borrowed; NAN: it does not exist for the user */
} dsc_ranked_user;

/* Test users whom a worker takes together: one pass over the catalogue scores it for all of them. */
enum { DSC_RANK_GROUP = 16 };

/* Ranks for the test users first .. first + n - 1, at most DSC_RANK_GROUP. Writes what is found to out[0 .. n - 1]. */
void dsc_rank_users(dsc_rank_worker *worker, uint32_t first, size_t n, dsc_ranked_user *out);

#endif
