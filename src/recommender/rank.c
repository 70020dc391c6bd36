/* A model and baselines ranked against test ratings: docs/metrics.md (82) to (94). */
#include <math.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/pool.h"
#include "descent/evaluation.h"
#include "recommender/cutoffs.h"
#include "recommender/lists.h"
#include "recommender/rank_user.h"

/* Users who are ranked for between two calls of the watcher, two groups a thread and at most so many: their
 * figures are kept until all are there, and added up in the users' order. */
enum { USERS_A_BATCH = 16 * DSC_RANK_GROUP };

typedef struct ranking {
    dsc_rank_task task;
    dsc_pool *pool;
    dsc_rank_worker **workers; /* (threads) */
    uint32_t first;            /* test user of the batch */
    dsc_ranked_user users[USERS_A_BATCH];
    double *figures;    /* (USERS_A_BATCH, n_columns) */
    size_t n_columns;   /* of all contenders */
    double *sum, *n_of; /* (n_columns) over the users for whom the figure exists, and how many */
    double *a, *b;      /* (ranked users, n_columns) for the bootstrap; NULL without one */
    size_t n_ranked;
} ranking;

const char *dsc_contender_name(dsc_contender contender) {
    static const char *const names[DSC_N_CONTENDERS] = {"model", "popularity", "biases", "mean",
                                                        "dot"};
    const size_t value = (size_t)contender;
    return value < DSC_N_CONTENDERS ? names[value] : NULL;
}

static dsc_status check(const dsc_recommender *model, const dsc_ranking_plan *plan,
                        dsc_error *err) {
    if (plan->dot != NULL &&
        (plan->dot->n_users != model->n_users || plan->dot->n_items != model->n_items)) {
        return dsc_fail(err, DSC_E_ARGUMENT, "dot",
                        "has %zu users and %zu items; expected those of the model, %zu and %zu",
                        plan->dot->n_users, plan->dot->n_items, model->n_users, model->n_items);
    }
    if (plan->given != NULL && plan->n_negatives > 0) {
        return dsc_fail(err, DSC_E_ARGUMENT, "n_negatives",
                        "negatives are either drawn or given, not both");
    }
    if (plan->n_threads > DSC_MAX_THREADS) {
        return dsc_fail(err, DSC_E_ARGUMENT, "n_threads", "is %zu; expected 0 to %d",
                        plan->n_threads, DSC_MAX_THREADS);
    }
    return dsc_cutoffs_check(plan->k, plan->n_k, err);
}

static dsc_status create_workers(ranking *r, dsc_error *err) {
    dsc_status status = dsc_pool_create(&r->pool, r->task.plan->n_threads, err);
    const size_t n_threads = dsc_pool_n_threads(r->pool);
    if (status != DSC_OK) {
        return status;
    }
    r->workers = dsc_alloc(n_threads, sizeof(dsc_rank_worker *)); /* of a pointer */
    if (r->workers == NULL) {
        return dsc_fail_memory(err, "a ranking");
    }
    for (size_t t = 0; t < n_threads && status == DSC_OK; t++) {
        status = dsc_rank_worker_create(&r->workers[t], &r->task, err);
    }
    return status;
}

static dsc_status begin(ranking *r, dsc_error *err) {
    const size_t n_users = dsc_ratings_n_users(r->task.test);
    dsc_status status = dsc_rank_task_init(&r->task, err);
    if (status == DSC_OK) {
        status = create_workers(r, err);
    }
    if (status != DSC_OK) {
        return status;
    }
    r->n_columns = r->task.n_figures * r->task.n_contenders;
    r->figures = dsc_alloc(r->n_columns, USERS_A_BATCH * sizeof *r->figures);
    r->sum = dsc_alloc(r->n_columns, sizeof *r->sum);
    r->n_of = dsc_alloc(r->n_columns, sizeof *r->n_of);
    bool has_memory = r->figures != NULL && r->sum != NULL && r->n_of != NULL;
    if (r->task.plan->bootstrap != NULL) {
        r->a = dsc_alloc(n_users, r->n_columns * sizeof *r->a);
        r->b = dsc_alloc(n_users, r->n_columns * sizeof *r->b);
        has_memory = has_memory && r->a != NULL && r->b != NULL;
    }
    for (size_t u = 0; has_memory && u < USERS_A_BATCH; u++) {
        r->users[u].figure = r->figures + u * r->n_columns;
    }
    return has_memory ? DSC_OK : dsc_fail_memory(err, "a ranking");
}

static void end(ranking *r) {
    for (size_t t = 0; r->workers != NULL && t < dsc_pool_n_threads(r->pool); t++) {
        dsc_rank_worker_destroy(r->workers[t]);
    }
    dsc_free(r->workers);
    dsc_pool_destroy(r->pool);
    dsc_rank_task_clear(&r->task);
    dsc_free(r->figures);
    dsc_free(r->sum);
    dsc_free(r->n_of);
    dsc_free(r->a);
    dsc_free(r->b);
    dsc_free(r);
}

/* A figure that does not exist for the user, NAN, is left out of its mean. */
static void add_figures(ranking *r, const double *figure) {
    for (size_t column = 0; column < r->n_columns; column++) {
        const bool has_figure = !isnan(figure[column]);
        const double a = has_figure ? figure[column] : 0, b = has_figure ? 1 : 0;
        r->sum[column] += a;
        r->n_of[column] += b;
        if (r->a != NULL) {
            r->a[r->n_ranked * r->n_columns + column] = a;
            r->b[r->n_ranked * r->n_columns + column] = b;
        }
    }
    r->n_ranked++;
}

static void add_user(ranking *r, const dsc_ranked_user *user, dsc_ranking_evaluation *out) {
    out->n_seen_pairs += user->n_seen;
    out->n_dropped += user->n_dropped;
    if (user->n_relevant == 0) {
        return;
    }
    add_figures(r, user->figure);
    out->n_folded_users += user->is_folded_in;
    out->n_unknown_users += user->is_unknown;
    out->n_relevant += user->n_relevant;
    out->n_unknown_pairs += user->n_unknown_pairs;
}

/* A ranking's batch of so many users. */
typedef struct batch {
    ranking *ranking;
    size_t n;
} batch;

/* A part of the pool's job: a group of users. */
static void rank_group(void *job, size_t part, size_t thread) {
    const batch *b = job;
    ranking *r = b->ranking;
    const size_t begin = part * DSC_RANK_GROUP, left = b->n - begin;
    dsc_rank_users(r->workers[thread], r->first + (uint32_t)begin,
                   left < DSC_RANK_GROUP ? left : DSC_RANK_GROUP, &r->users[begin]);
}

static dsc_status rank_batch(ranking *r, size_t n, dsc_ranking_evaluation *out, dsc_error *err) {
    dsc_pool_run(r->pool, (n + DSC_RANK_GROUP - 1) / DSC_RANK_GROUP, rank_group, &(batch){r, n});
    for (size_t u = 0; u < n; u++) {
        const dsc_ranked_user *user = &r->users[u];
        if (user->status != DSC_OK) {
            if (err != NULL) {
                *err = user->err;
            }
            return user->status;
        }
        add_user(r, user, out);
    }
    return DSC_OK;
}

static dsc_status rank_all(ranking *r, dsc_ranking_evaluation *out, dsc_error *err) {
    const dsc_ranking_plan *plan = r->task.plan;
    const size_t wanted = 2 * DSC_RANK_GROUP * dsc_pool_n_threads(r->pool);
    const size_t batch_size = wanted < USERS_A_BATCH ? wanted : USERS_A_BATCH;
    for (size_t u = 0; u < out->n_users; u += batch_size) {
        const size_t n = out->n_users - u < batch_size ? out->n_users - u : batch_size;
        if (plan->watcher != NULL && !plan->watcher(u, out->n_users, plan->user)) {
            return dsc_fail(err, DSC_E_CANCELLED, "", "the evaluation was stopped");
        }
        r->first = (uint32_t)u;
        dsc_status status = rank_batch(r, n, out, err);
        if (status != DSC_OK) {
            return status;
        }
    }
    out->n_ranked_users = r->n_ranked;
    if (r->n_ranked == 0) {
        return dsc_fail(err, DSC_E_DATA, "test ratings",
                        "no user has a relevant item that was not in training");
    }
    return DSC_OK;
}

/* Where the mean of a contender's figure goes. */
static dsc_measure *measure_at(const ranking *r, dsc_ranking_evaluation *out, size_t column) {
    dsc_ranking_scores *scores = &out->by[column / r->task.n_figures];
    const size_t figure = column % r->task.n_figures;
    const size_t metric = figure % DSC_RANK_A_CUTOFF;
    if (figure + 1 == r->task.n_figures) {
        return &scores->auc;
    }
    return &scores->at[figure / DSC_RANK_A_CUTOFF][metric < DSC_N_LIST_METRICS    ? metric
                                                   : metric == DSC_N_LIST_METRICS ? DSC_NOVELTY
                                                                                  : DSC_DIVERSITY];
}

static dsc_status find_ranges(const ranking *r, dsc_ranking_evaluation *out, dsc_error *err) {
    dsc_range *range = dsc_alloc(r->n_columns, sizeof *range);
    if (range == NULL) {
        return dsc_fail_memory(err, "a ranking");
    }
    dsc_status status = dsc_bootstrap_ratios(r->n_ranked, r->n_columns, r->a, r->b,
                                             r->task.plan->bootstrap, range, err);
    for (size_t column = 0; column < r->n_columns && status == DSC_OK; column++) {
        measure_at(r, out, column)->range = range[column];
    }
    dsc_free(range);
    return status;
}

static dsc_status finish(const ranking *r, dsc_ranking_evaluation *out, dsc_error *err) {
    static const dsc_measure none = {(double)NAN, {(double)NAN, (double)NAN}};
    double coverage[DSC_MAX_CUTOFFS], gini[DSC_MAX_CUTOFFS];
    for (size_t k = 0; k < DSC_N_CONTENDERS; k++) {
        for (size_t c = 0; c < DSC_MAX_CUTOFFS; c++) {
            for (size_t m = 0; m < DSC_N_RANKING_METRICS; m++) {
                out->by[k].at[c][m] = none;
            }
        }
        out->by[k].auc = none;
        if (!r->task.has_all_items || k >= r->task.n_contenders) {
            continue;
        }
        dsc_lists *lists = dsc_rank_worker_lists(r->workers[0], k);
        for (size_t t = 1; t < dsc_pool_n_threads(r->pool); t++) {
            dsc_lists_merge(lists, dsc_rank_worker_lists(r->workers[t], k));
        }
        dsc_status status = dsc_lists_finish(lists, coverage, gini, err);
        if (status != DSC_OK) {
            return status;
        }
        for (size_t c = 0; c < r->task.plan->n_k; c++) {
            out->by[k].at[c][DSC_COVERAGE].value = coverage[c];
            out->by[k].at[c][DSC_GINI].value = gini[c];
        }
    }
    for (size_t column = 0; column < r->n_columns; column++) {
        if (r->n_of[column] > 0) {
            measure_at(r, out, column)->value = r->sum[column] / r->n_of[column];
        }
    }
    return r->task.plan->bootstrap != NULL ? find_ranges(r, out, err) : DSC_OK;
}

dsc_status dsc_recommender_rank(const dsc_recommender *model, const dsc_ratings *test,
                                const dsc_ranking_plan *plan, dsc_ranking_evaluation *out,
                                dsc_error *err) {
    *out = (dsc_ranking_evaluation){.n_users = dsc_ratings_n_users(test),
                                    .n_items = model->n_items,
                                    .n_negatives = plan->n_negatives};
    dsc_status status = check(model, plan, err);
    if (status != DSC_OK) {
        return status;
    }
    ranking *r = dsc_alloc(1, sizeof *r);
    if (r == NULL) {
        return dsc_fail_memory(err, "a ranking");
    }
    r->task = (dsc_rank_task){.model = model, .plan = plan, .test = test};
    status = begin(r, err);
    if (status == DSC_OK) {
        status = rank_all(r, out, err);
    }
    if (status == DSC_OK) {
        status = finish(r, out, err);
    }
    end(r);
    return status;
}
