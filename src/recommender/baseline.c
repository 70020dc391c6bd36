/* The baselines: docs/math.md (24), (25). */
#include "recommender/baseline.h"

#include <math.h>
#include <string.h>

/* Ratings at the mean that every user and item is taken to have had before the first real one. */
static const double shrinkage = 5;

/* Rounds of solving for items, then users: after ten the biases move in the fourth digit only. */
enum { N_SWEEPS = 10 };

static void measure(dsc_recommender *model) {
    const dsc_sparse_matrix *ratings = &model->ratings;
    dsc_statistics *s = &model->statistics;
    double sum = 0;
    s->min = (double)INFINITY;
    s->max = -(double)INFINITY;
    for (size_t e = 0; e < ratings->n_entries; e++) {
        const double rating = (double)ratings->value[e];
        sum += rating;
        s->min = fmin(s->min, rating);
        s->max = fmax(s->max, rating);
    }
    s->mean = sum / (double)ratings->n_entries;
    double sum_of_squares = 0;
    for (size_t e = 0; e < ratings->n_entries; e++) {
        const double difference = (double)ratings->value[e] - s->mean;
        sum_of_squares += difference * difference;
    }
    s->spread = sqrt(sum_of_squares / (double)ratings->n_entries);
    if (s->spread == 0) {
        s->spread = 1;
    }
}

/* Item biases with the user biases held fixed. */
static void solve_items(dsc_recommender *model) {
    const dsc_sparse_matrix *ratings = &model->ratings;
    double *sum = model->item_baseline; /* sums first, then divided in place */
    memset(sum, 0, model->n_items * sizeof *sum);
    for (size_t u = 0; u < model->n_users; u++) {
        const double expected = model->statistics.mean + model->user_baseline[u];
        for (uint64_t e = ratings->start[u]; e < ratings->start[u + 1]; e++) {
            sum[ratings->column[e]] += (double)ratings->value[e] - expected;
        }
    }
    for (size_t i = 0; i < model->n_items; i++) {
        sum[i] /= model->item_count[i] + shrinkage;
    }
}

double dsc_baseline_bias(double mean, const double *other_baseline, const dsc_given *given) {
    double sum = 0;
    for (size_t e = 0; e < given->n; e++) {
        sum += (double)given->rating[e] - mean - other_baseline[given->other[e]];
    }
    return sum / ((double)given->n + shrinkage);
}

/* User biases with the item biases held fixed. */
static void solve_users(dsc_recommender *model) {
    const dsc_sparse_matrix *ratings = &model->ratings;
    for (size_t u = 0; u < model->n_users; u++) {
        const uint64_t begin = ratings->start[u];
        model->user_baseline[u] = dsc_baseline_bias(model->statistics.mean, model->item_baseline,
                                                    &(dsc_given){.n = ratings->start[u + 1] - begin,
                                                                 .other = ratings->column + begin,
                                                                 .rating = ratings->value + begin});
    }
}

/* How popular and well rated each item is: (25). */
static void fit_appeal(dsc_recommender *model) {
    const dsc_sparse_matrix *ratings = &model->ratings;
    const double mean = model->statistics.mean;
    const double typical_count = (double)ratings->n_entries / (double)model->n_items;
    memset(model->item_appeal, 0, model->n_items * sizeof *model->item_appeal);
    memset(model->item_count, 0, model->n_items * sizeof *model->item_count);
    for (size_t e = 0; e < ratings->n_entries; e++) {
        model->item_appeal[ratings->column[e]] += (double)ratings->value[e];
        model->item_count[ratings->column[e]]++;
    }
    for (size_t i = 0; i < model->n_items; i++) {
        model->item_appeal[i] = (model->item_appeal[i] + typical_count * mean) /
                                ((double)model->item_count[i] + typical_count);
    }
}

/* Of interactions: how large a share of the users has the item. (120) */
static void fit_shares(dsc_recommender *model) {
    model->statistics.mean = 0;
    model->statistics.spread = 1;
    memset(model->user_baseline, 0, model->n_users * sizeof *model->user_baseline);
    for (size_t i = 0; i < model->n_items; i++) {
        model->item_appeal[i] = model->item_count[i] / (double)model->n_users;
        model->item_baseline[i] = model->item_appeal[i];
    }
}

void dsc_baseline_fit(dsc_recommender *model) {
    measure(model);
    fit_appeal(model);
    if (model->config.is_implicit) {
        fit_shares(model);
        return;
    }
    memset(model->user_baseline, 0, model->n_users * sizeof *model->user_baseline);
    for (int sweep = 0; sweep < N_SWEEPS; sweep++) {
        solve_items(model);
        solve_users(model);
    }
}

double dsc_baseline_predict(const dsc_recommender *model, uint32_t user, uint32_t item) {
    double rating = model->statistics.mean;
    if (user != DSC_NO_INDEX) {
        rating += model->user_baseline[user];
    }
    if (item != DSC_NO_INDEX) {
        rating += model->item_baseline[item];
    }
    return dsc_clip(model, rating);
}
