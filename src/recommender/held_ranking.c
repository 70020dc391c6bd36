/* Held-out interactions as test items of a ranking of the whole catalogue. */
#include "recommender/held_ranking.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "descent/ratings.h"

static const size_t cutoff = 10;

static dsc_status create_worker(dsc_held_worker *out, size_t n_items, dsc_error *err) {
    out->item = dsc_alloc(n_items, sizeof *out->item);
    out->score = dsc_alloc(n_items, sizeof *out->score);
    out->is_held = dsc_alloc(n_items, sizeof *out->is_held);
    if (out->item == NULL || out->score == NULL || out->is_held == NULL) {
        return dsc_fail_memory(err, "the ranking of held-out interactions");
    }
    return dsc_ranker_create(&out->ranker, n_items, &cutoff, 1, err);
}

/* The first n_most users in the order of what is held out.
 *   is_listed  [in,out]  (users of the model) false */
static void list_users(dsc_held_ranking *out, const dsc_sample_list *held, size_t n_most,
                       bool *is_listed) {
    for (size_t h = 0; h < held->n && out->n_users < n_most; h++) {
        const uint32_t user = dsc_row_of(&held->users, held->position[h]);
        if (!is_listed[user]) {
            is_listed[user] = true;
            out->user[out->n_users++] = user;
        }
    }
}

dsc_status dsc_held_ranking_init(dsc_held_ranking *out, const dsc_recommender *model,
                                 const dsc_holdout *held, dsc_error *err) {
    out->model = model;
    if (held->samples.n == 0) {
        return DSC_OK;
    }
    const size_t n_most = DSC_HELD_PAIRS / model->n_items + 1;
    const size_t n_users = n_most < model->n_users ? n_most : model->n_users;
    bool *is_listed = dsc_alloc(model->n_users, sizeof *is_listed);
    out->user = dsc_alloc(n_users, sizeof *out->user);
    out->ndcg = dsc_alloc(n_users, sizeof *out->ndcg);
    const bool has_memory = is_listed != NULL && out->user != NULL && out->ndcg != NULL;
    if (has_memory) {
        list_users(out, &held->samples, n_users, is_listed);
    }
    dsc_free(is_listed);
    return has_memory ? DSC_OK : dsc_fail_memory(err, "the ranking of held-out interactions");
}

dsc_status dsc_held_ranking_equip(dsc_held_ranking *ranking, const dsc_kept_ratings *kept,
                                  size_t n_threads, dsc_error *err) {
    dsc_status status = DSC_OK;
    if (ranking->n_users == 0) {
        return DSC_OK;
    }
    ranking->kept = kept;
    ranking->workers = dsc_alloc(n_threads, sizeof *ranking->workers);
    if (ranking->workers == NULL) {
        return dsc_fail_memory(err, "the ranking of held-out interactions");
    }
    ranking->n_threads = n_threads;
    for (size_t t = 0; status == DSC_OK && t < n_threads; t++) {
        status = create_worker(&ranking->workers[t], ranking->model->n_items, err);
    }
    return status;
}

void dsc_held_ranking_clear(dsc_held_ranking *ranking) {
    for (size_t t = 0; t < ranking->n_threads; t++) {
        dsc_held_worker *worker = &ranking->workers[t];
        dsc_ranker_destroy(worker->ranker);
        dsc_free(worker->item);
        dsc_free(worker->score);
        dsc_free(worker->is_held);
    }
    dsc_free(ranking->workers);
    dsc_free(ranking->user);
    dsc_free(ranking->ndcg);
    *ranking = (dsc_held_ranking){0};
}

/* The candidates of the user in slot s, all items but those of training; returns how many. */
static size_t list_candidates(const dsc_held_ranking *r, size_t s, const dsc_held_worker *w) {
    const dsc_sparse all = r->kept->all;
    const dsc_row_range row = {r->user[s], (size_t)r->user[s] + 1};
    dsc_kept_walk kept = dsc_kept_walk_over(r->kept, row);
    bool is_ahead = dsc_kept_walk_next(&kept);
    uint64_t next = all.start[row.begin];
    size_t n = 0;
    for (uint32_t item = 0; item < all.n_cols; item++) {
        const bool is_chosen = next < all.start[row.end] && all.column[next] == item;
        const bool is_kept = is_chosen && is_ahead && next >= kept.begin;
        next += is_chosen;
        if (is_kept && next == kept.end) {
            is_ahead = dsc_kept_walk_next(&kept);
        }
        if (!is_kept) {
            w->item[n] = item;
            w->is_held[n++] = is_chosen;
        }
    }
    return n;
}

typedef struct measurement {
    dsc_held_ranking *ranking;
    dsc_scorer *const *scorers;
} measurement;

/* A part of the pool's job: a user. */
static void measure_user(void *job, size_t s, size_t thread) {
    const measurement *m = job;
    dsc_held_ranking *r = m->ranking;
    const dsc_held_worker *w = &r->workers[thread];
    double at[DSC_N_LIST_METRICS], auc;
    const size_t n = list_candidates(r, s, w);
    dsc_scorer_score(m->scorers[thread], r->user[s], n, w->item, w->score);
    dsc_ranker_measure(w->ranker, n, w->score, w->is_held, at, &auc);
    r->ndcg[s] = at[DSC_NDCG];
}

double dsc_held_ranking_ndcg(dsc_held_ranking *ranking, dsc_scorer *const *scorers,
                             dsc_pool *pool) {
    measurement m = {ranking, scorers};
    double sum = 0;
    dsc_pool_run(pool, ranking->n_users, measure_user, &m);
    for (size_t s = 0; s < ranking->n_users; s++) {
        sum += ranking->ndcg[s];
    }
    return ranking->n_users > 0 ? sum / (double)ranking->n_users : (double)NAN;
}
