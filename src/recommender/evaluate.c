/* Predictions against known ratings, with the baselines on the same pairs: docs/metrics.md (80), (81).
 * What the errors add up to is the concern of error_sums.c. */
#include "base/error.h"
#include "base/memory.h"
#include "base/pool.h"
#include "descent/evaluation.h"
#include "recommender/baseline.h"
#include "recommender/error_sums.h"

/* Pairs predicted at a time, and those that one thread predicts of them: enough to be worth it. */
enum { CHUNK = 8192, PART = 256 };

typedef struct evaluation {
    const dsc_recommender *model;
    const dsc_test_sides *from; /* NULL: sides are the model's */
    dsc_pool *pool;
    dsc_scorer **scorers; /* (threads) */
    dsc_sparse pairs;
    uint32_t *user_of; /* (test users) the model's index of each, or DSC_NO_INDEX; holds the next */
    uint32_t *item_of; /* (test items) */
    dsc_error_sums *of_user; /* (test users, DSC_N_PREDICTORS) */
    size_t n;                /* pairs waiting in the chunk */
    uint32_t row[CHUNK];     /* the test user */
    uint32_t column[CHUNK];  /* the test item */
    uint32_t user[CHUNK];
    uint32_t item[CHUNK];
    int64_t time[CHUNK];
    float rating[CHUNK];
    float predicted[CHUNK];
    double biases[CHUNK];    /* the baseline's prediction */
    bool is_fallback[CHUNK]; /* the user or the item is unknown */
    bool is_seen[CHUNK];     /* the pair is one that the sides were made from */
    float fallback[CHUNK];   /* with `from` alone; as are the sides */
    dsc_side user_side[CHUNK];
    dsc_side item_side[CHUNK];
} evaluation;

/* Whether `other` is among those of a side, ascending. */
static bool has_other(const dsc_side *side, uint32_t other) {
    size_t low = 0, high = side->others != NULL ? side->n_ratings : 0;
    const size_t n = high;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (side->others[middle] < other) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < n && side->others[low] == other;
}

/* Whether pair p has a user or item that is unknown, and whether it is one that the sides were made from. */
static void judge_pair(evaluation *e, size_t p) {
    const dsc_sparse known = dsc_sparse_view(&e->model->ratings);
    const uint32_t user = e->user[p], item = e->item[p];
    if (e->from != NULL) {
        const dsc_side *of_user = &e->user_side[p], *of_item = &e->item_side[p];
        e->is_fallback[p] = of_user->vector == NULL || of_item->vector == NULL;
        e->is_seen[p] = (item != DSC_NO_INDEX && has_other(of_user, item)) ||
                        (user != DSC_NO_INDEX && has_other(of_item, user));
    } else {
        e->is_fallback[p] = user == DSC_NO_INDEX || item == DSC_NO_INDEX;
        e->is_seen[p] = !e->is_fallback[p] && dsc_sparse_find(known, user, item) < known.n_entries;
    }
}

/* The baseline's prediction of pair p. */
static double biases_of(const evaluation *e, size_t p) {
    if (e->from == NULL) {
        return dsc_baseline_predict(e->model, e->user[p], e->item[p]);
    }
    return dsc_clip(e->model, e->model->statistics.mean + e->user_side[p].baseline +
                                  e->item_side[p].baseline);
}

/* One that changes with the time of the pair. */
static bool is_of_model(const dsc_side *side) {
    return side->vector != NULL && !side->is_folded_in;
}

static void find_sides(evaluation *e, size_t p) {
    const dsc_side *of_user = &e->from->user[e->row[p]];
    const dsc_side *of_item = &e->from->item[e->column[p]];
    e->user_side[p] = is_of_model(of_user)
                          ? dsc_recommender_user_side_at(e->model, of_user->index, e->time[p])
                          : *of_user;
    e->item_side[p] = is_of_model(of_item)
                          ? dsc_recommender_item_side_at(e->model, of_item->index, e->time[p])
                          : *of_item;
}

/* A part of the pool's job: all that is known of PART pairs of the chunk, from the sides or of the model
 * alone. */
static void predict_part(void *job, size_t part, size_t thread) {
    evaluation *e = job;
    const size_t begin = part * PART, left = e->n - begin, n = left < PART ? left : PART;
    dsc_scorer *scorer = e->scorers[thread];
    float *of_model = (e->from != NULL ? e->fallback : e->predicted) + begin;
    for (size_t p = begin; e->from != NULL && p < begin + n; p++) {
        find_sides(e, p);
    }
    if (e->from != NULL) {
        dsc_scorer_predict_sides(scorer, n, e->user_side + begin, e->item_side + begin,
                                 e->predicted + begin, NULL);
    }
    dsc_scorer_predict_at(scorer, n, e->user + begin, e->item + begin, e->time + begin, of_model,
                          NULL);
    for (size_t p = begin; p < begin + n; p++) {
        judge_pair(e, p);
        e->biases[p] = biases_of(e, p);
    }
}

/* Errors are added up in the order of the pairs, by one thread. */
static void predict_chunk(evaluation *e, dsc_evaluation *out) {
    dsc_pool_run(e->pool, (e->n + PART - 1) / PART, predict_part, e);
    for (size_t p = 0; p < e->n; p++) {
        const double rating = (double)e->rating[p];
        dsc_error_sums *of_user = e->of_user + (size_t)e->row[p] * DSC_N_PREDICTORS;
        dsc_error_sums_add(&of_user[DSC_ERRORS_OF_MODEL], (double)e->predicted[p] - rating);
        dsc_error_sums_add(&of_user[DSC_ERRORS_OF_MEAN], e->model->statistics.mean - rating);
        dsc_error_sums_add(&of_user[DSC_ERRORS_OF_BIASES], e->biases[p] - rating);
        if (e->from != NULL) {
            dsc_error_sums_add(&of_user[DSC_ERRORS_OF_FALLBACK], (double)e->fallback[p] - rating);
        }
        out->n_fallback_pairs += e->is_fallback[p];
        out->n_seen_pairs += e->is_seen[p];
    }
    e->n = 0;
}

/* Whom neither the model nor the sides know, and who came after training. */
static void count_ids(const evaluation *e, dsc_evaluation *out) {
    for (size_t u = 0; u < e->pairs.n_rows; u++) {
        const dsc_side *side = e->from != NULL ? &e->from->user[u] : NULL;
        out->n_unknown_users += side != NULL ? side->vector == NULL : e->user_of[u] == DSC_NO_INDEX;
        out->n_folded_users += side != NULL && side->vector != NULL && side->is_folded_in;
    }
    for (size_t i = 0; i < e->pairs.n_cols; i++) {
        const dsc_side *side = e->from != NULL ? &e->from->item[i] : NULL;
        out->n_unknown_items += side != NULL ? side->vector == NULL : e->item_of[i] == DSC_NO_INDEX;
        out->n_folded_items += side != NULL && side->vector != NULL && side->is_folded_in;
    }
}

static dsc_status create_scorers(evaluation *e, size_t n_threads, dsc_error *err) {
    dsc_status status = dsc_pool_create(&e->pool, n_threads, err);
    if (status != DSC_OK) {
        return status;
    }
    const size_t n = dsc_pool_n_threads(e->pool);
    e->scorers = dsc_alloc(n, sizeof(dsc_scorer *)); /* of a pointer */
    if (e->scorers == NULL) {
        return dsc_fail_memory(err, "an evaluation");
    }
    for (size_t t = 0; status == DSC_OK && t < n; t++) {
        status = dsc_scorer_create(&e->scorers[t], e->model, err);
    }
    return status;
}

static dsc_status begin(evaluation *e, const dsc_ratings *test, size_t n_threads,
                        dsc_evaluation *out, dsc_error *err) {
    const size_t n_users = dsc_ratings_n_users(test), n_items = dsc_ratings_n_items(test);
    e->pairs = dsc_ratings_by_user(test);
    e->user_of = dsc_alloc(n_users + n_items, sizeof *e->user_of);
    e->of_user = dsc_alloc(n_users, DSC_N_PREDICTORS * sizeof *e->of_user);
    if (e->user_of == NULL || e->of_user == NULL) {
        return dsc_fail_memory(err, "an evaluation");
    }
    e->item_of = e->user_of + n_users;
    for (uint32_t u = 0; u < n_users; u++) {
        e->user_of[u] = dsc_id_map_find(e->model->users, dsc_ratings_user_id(test, u));
    }
    for (uint32_t i = 0; i < n_items; i++) {
        e->item_of[i] = dsc_id_map_find(e->model->items, dsc_ratings_item_id(test, i));
    }
    count_ids(e, out);
    return create_scorers(e, n_threads, err);
}

static void end(evaluation *e) {
    for (size_t t = 0; e->scorers != NULL && t < dsc_pool_n_threads(e->pool); t++) {
        dsc_scorer_destroy(e->scorers[t]);
    }
    dsc_free(e->scorers);
    dsc_pool_destroy(e->pool);
    dsc_free(e->user_of);
    dsc_free(e->of_user);
    dsc_free(e);
}

static void predict_all(evaluation *e, dsc_evaluation *out) {
    for (uint32_t u = 0; u < e->pairs.n_rows; u++) {
        for (uint64_t p = e->pairs.start[u]; p < e->pairs.start[u + 1]; p++) {
            e->row[e->n] = u;
            e->column[e->n] = e->pairs.column[p];
            e->user[e->n] = e->user_of[u];
            e->item[e->n] = e->item_of[e->pairs.column[p]];
            e->time[e->n] = e->pairs.time != NULL ? e->pairs.time[p] : DSC_NOW;
            e->rating[e->n++] = e->pairs.value[p];
            if (e->n == CHUNK) {
                predict_chunk(e, out);
            }
        }
    }
    predict_chunk(e, out);
}

dsc_status dsc_recommender_evaluate(const dsc_recommender *model, const dsc_ratings *test,
                                    const dsc_bootstrap *bootstrap, dsc_evaluation *out,
                                    dsc_error *err) {
    const dsc_error_plan plan = {.bootstrap = bootstrap, .n_threads = 1};
    return dsc_recommender_evaluate_by(model, test, &plan, out, err);
}

static dsc_status check(const dsc_recommender *model, const dsc_ratings *test, dsc_error *err) {
    if (model->config.is_implicit) {
        return dsc_fail(err, DSC_E_ARGUMENT, "model",
                        "was trained on interactions: it has scores to rank by, not ratings");
    }
    if (dsc_ratings_feedback(test) == DSC_FEEDBACK_IMPLICIT) {
        return dsc_fail(err, DSC_E_DATA, "test ratings",
                        "are interactions without ratings, of which there is nothing to predict; "
                        "lists can be measured by them");
    }
    return DSC_OK;
}

dsc_status dsc_recommender_evaluate_by(const dsc_recommender *model, const dsc_ratings *test,
                                       const dsc_error_plan *plan, dsc_evaluation *out,
                                       dsc_error *err) {
    *out = (dsc_evaluation){.n_pairs = dsc_ratings_by_user(test).n_entries,
                            .n_users = dsc_ratings_n_users(test)};
    dsc_status status = check(model, test, err);
    if (status != DSC_OK) {
        return status;
    }
    evaluation *e = dsc_alloc(1, sizeof *e);
    if (e == NULL) {
        return dsc_fail_memory(err, "an evaluation");
    }
    e->model = model;
    e->from = plan->sides;
    status = begin(e, test, plan->n_threads, out, err);
    if (status == DSC_OK) {
        predict_all(e, out);
        status = dsc_error_sums_finish(e->of_user, e->pairs, plan->bootstrap, out, err);
    }
    if (plan->sides == NULL) {
        /* where nobody came after training there is nothing to be without */
        dsc_errors_clear(&out->fallback);
    }
    end(e);
    return status;
}
