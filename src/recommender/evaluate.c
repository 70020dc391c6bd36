/* Predictions against known ratings, with the baselines on the same pairs: docs/metrics.md (80), (81).
 */
#include <math.h>

#include "base/error.h"
#include "base/memory.h"
#include "recommender/baseline.h"

/* Pairs predicted at a time. */
enum { CHUNK = 4096 };

enum { BY_MODEL, BY_MEAN, BY_BIASES, N_PREDICTORS };

/* Errors of one predictor: of a dsc_errors the means in their order. */
enum { RMSE, MAE, USER_RMSE, USER_MAE, N_ERRORS };

enum { N_COLUMNS = N_PREDICTORS * N_ERRORS };

typedef struct sums {
    double squared;
    double absolute;
} sums;

typedef struct evaluation {
    const dsc_recommender *model;
    dsc_scorer *scorer;
    dsc_sparse pairs;
    uint32_t *user_of; /* (test users) the model's index of each, or DSC_NO_INDEX; holds the next */
    uint32_t *item_of; /* (test items) */
    sums *of_user;     /* (test users, N_PREDICTORS) */
    size_t n;          /* pairs waiting in the chunk */
    uint32_t row[CHUNK]; /* the test user */
    uint32_t user[CHUNK];
    uint32_t item[CHUNK];
    int64_t time[CHUNK];
    float rating[CHUNK];
    float predicted[CHUNK];
} evaluation;

static void add(sums *s, double error) {
    s->squared += error * error;
    s->absolute += fabs(error);
}

static void predict_chunk(evaluation *e, dsc_evaluation *out) {
    const dsc_sparse known = dsc_sparse_view(&e->model->ratings);
    dsc_scorer_predict_at(e->scorer, e->n, e->user, e->item, e->time, e->predicted, NULL);
    for (size_t p = 0; p < e->n; p++) {
        const double rating = (double)e->rating[p];
        sums *of_user = e->of_user + (size_t)e->row[p] * N_PREDICTORS;
        add(&of_user[BY_MODEL], (double)e->predicted[p] - rating);
        add(&of_user[BY_MEAN], e->model->statistics.mean - rating);
        add(&of_user[BY_BIASES], dsc_baseline_predict(e->model, e->user[p], e->item[p]) - rating);
        if (e->user[p] == DSC_NO_INDEX || e->item[p] == DSC_NO_INDEX) {
            out->n_fallback_pairs++;
        } else if (dsc_sparse_find(known, e->user[p], e->item[p]) < known.n_entries) {
            out->n_seen_pairs++;
        }
    }
    e->n = 0;
}

static dsc_status begin(evaluation *e, const dsc_ratings *test, dsc_evaluation *out,
                        dsc_error *err) {
    const size_t n_users = dsc_ratings_n_users(test), n_items = dsc_ratings_n_items(test);
    e->pairs = dsc_ratings_by_user(test);
    e->user_of = dsc_alloc(n_users + n_items, sizeof *e->user_of);
    e->of_user = dsc_alloc(n_users, N_PREDICTORS * sizeof *e->of_user);
    if (e->user_of == NULL || e->of_user == NULL) {
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
    return dsc_scorer_create(&e->scorer, e->model, err);
}

static void predict_all(evaluation *e, dsc_evaluation *out) {
    for (uint32_t u = 0; u < e->pairs.n_rows; u++) {
        for (uint64_t p = e->pairs.start[u]; p < e->pairs.start[u + 1]; p++) {
            e->row[e->n] = u;
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

/* What a user adds to the sums of each predictor's errors, a, and to what they are divided by, b:
 * (N_COLUMNS) each. The squares of RMSE are added, not their roots. */
static void list_columns(const evaluation *e, size_t u, double *a, double *b) {
    const double n = (double)(e->pairs.start[u + 1] - e->pairs.start[u]);
    for (size_t k = 0; k < N_PREDICTORS; k++) {
        const sums *s = &e->of_user[u * N_PREDICTORS + k];
        const double own_a[N_ERRORS] = {s->squared, s->absolute, sqrt(s->squared / n),
                                        s->absolute / n};
        const double own_b[N_ERRORS] = {n, n, 1, 1};
        for (size_t m = 0; m < N_ERRORS; m++) {
            a[k * N_ERRORS + m] = own_a[m];
            b[k * N_ERRORS + m] = own_b[m];
        }
    }
}

static dsc_errors errors_of(const double *ratio, const dsc_range *range) {
    return (dsc_errors){
        .rmse = sqrt(ratio[RMSE]),
        .mae = ratio[MAE],
        .user_rmse = ratio[USER_RMSE],
        .user_mae = ratio[USER_MAE],
        .rmse_range = {sqrt(range[RMSE].low), sqrt(range[RMSE].high)},
        .mae_range = range[MAE],
        .user_rmse_range = range[USER_RMSE],
        .user_mae_range = range[USER_MAE],
    };
}

static dsc_status find_ranges(const evaluation *e, const dsc_bootstrap *bootstrap, dsc_range *range,
                              dsc_error *err) {
    const size_t n = e->pairs.n_rows;
    for (size_t c = 0; c < N_COLUMNS; c++) {
        range[c] = (dsc_range){(double)NAN, (double)NAN};
    }
    if (bootstrap == NULL) {
        return DSC_OK;
    }
    double *columns = dsc_alloc(n, 2 * N_COLUMNS * sizeof *columns); /* a, then b */
    if (columns == NULL) {
        return dsc_fail_memory(err, "confidence intervals");
    }
    double *b = columns + n * N_COLUMNS;
    for (size_t u = 0; u < n; u++) {
        list_columns(e, u, columns + u * N_COLUMNS, b + u * N_COLUMNS);
    }
    dsc_status status = dsc_bootstrap_ratios(n, N_COLUMNS, columns, b, bootstrap, range, err);
    dsc_free(columns);
    return status;
}

static dsc_status finish(const evaluation *e, const dsc_bootstrap *bootstrap, dsc_evaluation *out,
                         dsc_error *err) {
    double sum_a[N_COLUMNS] = {0}, sum_b[N_COLUMNS] = {0};
    for (size_t u = 0; u < e->pairs.n_rows; u++) {
        double a[N_COLUMNS], b[N_COLUMNS];
        list_columns(e, u, a, b);
        for (size_t c = 0; c < N_COLUMNS; c++) {
            sum_a[c] += a[c];
            sum_b[c] += b[c];
        }
    }
    for (size_t c = 0; c < N_COLUMNS; c++) {
        sum_a[c] /= sum_b[c];
    }
    dsc_range range[N_COLUMNS];
    dsc_status status = find_ranges(e, bootstrap, range, err);
    if (status == DSC_OK) {
        dsc_errors *const errors[N_PREDICTORS] = {&out->model, &out->mean, &out->biases};
        for (size_t k = 0; k < N_PREDICTORS; k++) {
            *errors[k] = errors_of(sum_a + k * N_ERRORS, range + k * N_ERRORS);
        }
    }
    return status;
}

dsc_status dsc_recommender_evaluate(const dsc_recommender *model, const dsc_ratings *test,
                                    const dsc_bootstrap *bootstrap, dsc_evaluation *out,
                                    dsc_error *err) {
    *out = (dsc_evaluation){.n_pairs = dsc_ratings_by_user(test).n_entries,
                            .n_users = dsc_ratings_n_users(test)};
    if (dsc_ratings_feedback(test) == DSC_FEEDBACK_IMPLICIT) {
        return dsc_fail(err, DSC_E_DATA, "test ratings",
                        "are interactions without ratings, of which there is nothing to predict; "
                        "lists can be measured by them");
    }
    evaluation *e = dsc_alloc(1, sizeof *e);
    if (e == NULL) {
        return dsc_fail_memory(err, "an evaluation");
    }
    e->model = model;
    dsc_status status = begin(e, test, out, err);
    if (status == DSC_OK) {
        predict_all(e, out);
        status = finish(e, bootstrap, out, err);
    }
    dsc_scorer_destroy(e->scorer);
    dsc_free(e->user_of);
    dsc_free(e->of_user);
    dsc_free(e);
    return status;
}
