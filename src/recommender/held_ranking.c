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
    out->is_marked = dsc_alloc(n_items, sizeof *out->is_marked);
    if (out->item == NULL || out->score == NULL || out->is_held == NULL || out->is_marked == NULL) {
        return dsc_fail_memory(err, "the ranking of held-out interactions");
    }
    return dsc_ranker_create(&out->ranker, n_items, &cutoff, 1, err);
}

static dsc_status allocate(dsc_held_ranking *out, size_t n_held, size_t n_users, size_t n_threads,
                           dsc_error *err) {
    out->user = dsc_alloc(n_users, sizeof *out->user);
    out->start = dsc_alloc(n_users + 1, sizeof *out->start);
    out->held = dsc_alloc(n_held, sizeof *out->held);
    out->ndcg = dsc_alloc(n_users, sizeof *out->ndcg);
    out->workers = dsc_alloc(n_threads, sizeof *out->workers);
    if (out->user == NULL || out->start == NULL || out->held == NULL || out->ndcg == NULL ||
        out->workers == NULL) {
        return dsc_fail_memory(err, "the ranking of held-out interactions");
    }
    dsc_status status = DSC_OK;
    out->n_threads = n_threads;
    for (size_t t = 0; status == DSC_OK && t < n_threads; t++) {
        status = create_worker(&out->workers[t], out->model->n_items, err);
    }
    return status;
}

/* Groups the held-out items by user, for at most n_most users.
 *   slot  [in,out]  (users of the model) DSC_NO_INDEX; where each stands in out->user */
static void group(dsc_held_ranking *out, const dsc_holdout *held, size_t n_most, uint32_t *slot) {
    for (size_t h = 0; h < held->n; h++) {
        uint32_t *at = &slot[held->user[h]];
        if (*at == DSC_NO_INDEX && out->n_users < n_most) {
            *at = (uint32_t)out->n_users;
            out->user[out->n_users++] = held->user[h];
        }
        if (*at != DSC_NO_INDEX) {
            out->start[*at + 1]++;
        }
    }
    for (size_t u = 0; u < out->n_users; u++) {
        out->start[u + 1] += out->start[u];
    }
    /* Each start moves to its end, which is the next one's start, and back. */
    for (size_t h = 0; h < held->n; h++) {
        const uint32_t at = slot[held->user[h]];
        if (at != DSC_NO_INDEX) {
            out->held[out->start[at]++] = held->item[h];
        }
    }
    for (size_t u = out->n_users; u > 0; u--) {
        out->start[u] = out->start[u - 1];
    }
    out->start[0] = 0;
}

dsc_status dsc_held_ranking_init(dsc_held_ranking *out, const dsc_recommender *model,
                                 const dsc_holdout *held, size_t n_threads, dsc_error *err) {
    out->model = model;
    if (held->n == 0) {
        return DSC_OK;
    }
    const size_t n_most = DSC_HELD_PAIRS / model->n_items + 1;
    const size_t n_users = n_most < model->n_users ? n_most : model->n_users;
    uint32_t *slot = dsc_alloc(model->n_users, sizeof *slot);
    if (slot == NULL) {
        return dsc_fail_memory(err, "the ranking of held-out interactions");
    }
    for (size_t u = 0; u < model->n_users; u++) {
        slot[u] = DSC_NO_INDEX;
    }
    dsc_status status = allocate(out, held->n, n_users, n_threads, err);
    if (status == DSC_OK) {
        group(out, held, n_users, slot);
    }
    dsc_free(slot);
    return status;
}

void dsc_held_ranking_clear(dsc_held_ranking *ranking) {
    for (size_t t = 0; t < ranking->n_threads; t++) {
        dsc_held_worker *worker = &ranking->workers[t];
        dsc_ranker_destroy(worker->ranker);
        dsc_free(worker->item);
        dsc_free(worker->score);
        dsc_free(worker->is_held);
        dsc_free(worker->is_marked);
    }
    dsc_free(ranking->workers);
    dsc_free(ranking->user);
    dsc_free(ranking->start);
    dsc_free(ranking->held);
    dsc_free(ranking->ndcg);
    *ranking = (dsc_held_ranking){0};
}

/* The candidates of the user in slot s, all items but those of training; returns how many. */
static size_t list_candidates(const dsc_held_ranking *r, size_t s, const dsc_held_worker *w) {
    const dsc_sparse_matrix *ratings = &r->model->ratings;
    const uint32_t user = r->user[s];
    uint64_t next = ratings->start[user];
    size_t n = 0;
    for (uint64_t h = r->start[s]; h < r->start[s + 1]; h++) {
        w->is_marked[r->held[h]] = true;
    }
    for (uint32_t item = 0; item < r->model->n_items; item++) {
        const bool is_chosen = next < ratings->start[user + 1] && ratings->column[next] == item;
        next += is_chosen;
        if (!is_chosen || w->is_marked[item]) {
            w->item[n] = item;
            w->is_held[n++] = is_chosen;
        }
    }
    for (uint64_t h = r->start[s]; h < r->start[s + 1]; h++) {
        w->is_marked[r->held[h]] = false;
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
