/* Predictions against known ratings, with the baselines on the same pairs. */
#include <math.h>

#include "base/error.h"
#include "base/memory.h"
#include "recommender/baseline.h"

/* Pairs predicted at a time. */
enum { CHUNK = 4096 };

typedef struct sums {
    double squared;
    double absolute;
} sums;

typedef struct evaluation {
    const dsc_recommender *model;
    dsc_scorer *scorer;
    uint32_t *user_of; /* (test users) the model's index of each, or DSC_NO_INDEX; holds the next */
    uint32_t *item_of; /* (test items) */
    size_t n;          /* pairs waiting in the chunk */
    uint32_t user[CHUNK];
    uint32_t item[CHUNK];
    float rating[CHUNK];
    float predicted[CHUNK];
    sums of_model, of_mean, of_biases;
} evaluation;

static void add(sums *s, double error) {
    s->squared += error * error;
    s->absolute += fabs(error);
}

static dsc_errors finish(sums s, size_t n) {
    return (dsc_errors){.rmse = sqrt(s.squared / (double)n), .mae = s.absolute / (double)n};
}

static void predict_chunk(evaluation *e, dsc_evaluation *out) {
    const dsc_sparse known = dsc_sparse_view(&e->model->ratings);
    dsc_scorer_predict(e->scorer, e->n, e->user, e->item, e->predicted, NULL);
    for (size_t p = 0; p < e->n; p++) {
        const double rating = (double)e->rating[p];
        add(&e->of_model, (double)e->predicted[p] - rating);
        add(&e->of_mean, e->model->statistics.mean - rating);
        add(&e->of_biases, dsc_baseline_predict(e->model, e->user[p], e->item[p]) - rating);
        if (e->user[p] == DSC_NO_INDEX || e->item[p] == DSC_NO_INDEX) {
            out->n_fallback_pairs++;
        } else if (dsc_sparse_find(known, e->user[p], e->item[p]) < known.n_entries) {
            out->n_seen_pairs++;
        }
    }
    e->n = 0;
}

static dsc_status map_ids(evaluation *e, const dsc_ratings *test, dsc_evaluation *out,
                          dsc_error *err) {
    const size_t n_users = dsc_ratings_n_users(test), n_items = dsc_ratings_n_items(test);
    e->user_of = dsc_alloc(n_users + n_items, sizeof *e->user_of);
    if (e->user_of == NULL) {
        return dsc_fail_memory(err, "an evaluation");
    }
    e->item_of = e->user_of + n_users;
    for (uint32_t u = 0; u < n_users; u++) {
        e->user_of[u] = dsc_id_map_find(e->model->users, dsc_ratings_user_id(test, u));
        out->n_unknown_users += e->user_of[u] == DSC_NO_INDEX;
    }
    for (uint32_t i = 0; i < n_items; i++) {
        e->item_of[i] = dsc_id_map_find(e->model->items, dsc_ratings_item_id(test, i));
        out->n_unknown_items += e->item_of[i] == DSC_NO_INDEX;
    }
    return DSC_OK;
}

dsc_status dsc_recommender_evaluate(const dsc_recommender *model, const dsc_ratings *test,
                                    dsc_evaluation *out, dsc_error *err) {
    const dsc_sparse pairs = dsc_ratings_by_user(test);
    *out = (dsc_evaluation){.n_pairs = pairs.n_entries};
    evaluation *e = dsc_alloc(1, sizeof *e);
    if (e == NULL) {
        return dsc_fail_memory(err, "an evaluation");
    }
    e->model = model;
    dsc_status status = dsc_scorer_create(&e->scorer, model, err);
    if (status == DSC_OK) {
        status = map_ids(e, test, out, err);
    }
    if (status != DSC_OK) {
        goto done;
    }
    for (size_t u = 0; u < pairs.n_rows; u++) {
        for (uint64_t p = pairs.start[u]; p < pairs.start[u + 1]; p++) {
            e->user[e->n] = e->user_of[u];
            e->item[e->n] = e->item_of[pairs.column[p]];
            e->rating[e->n++] = pairs.value[p];
            if (e->n == CHUNK) {
                predict_chunk(e, out);
            }
        }
    }
    predict_chunk(e, out);
    out->model = finish(e->of_model, out->n_pairs);
    out->mean = finish(e->of_mean, out->n_pairs);
    out->biases = finish(e->of_biases, out->n_pairs);
done:
    dsc_scorer_destroy(e->scorer);
    dsc_free(e->user_of);
    dsc_free(e);
    return status;
}
