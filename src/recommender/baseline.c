/* The baselines: docs/math.md (24), (25). */
#include "recommender/baseline.h"

#include <math.h>
#include <string.h>

/* Ratings at the mean that every user and item is taken to have had before the first real one. */
static const double shrinkage = 5;

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

void dsc_baseline_fit(dsc_recommender *model) {
    const dsc_sparse_matrix *ratings = &model->ratings;
    measure(model);
    const double mean = model->statistics.mean;
    double *sum = model->item_baseline; /* sums first, then divided in place */
    memset(sum, 0, model->n_items * sizeof *sum);
    memset(model->item_count, 0, model->n_items * sizeof *model->item_count);
    for (size_t e = 0; e < ratings->n_entries; e++) {
        sum[ratings->column[e]] += (double)ratings->value[e] - mean;
        model->item_count[ratings->column[e]]++;
    }
    const double typical_count = (double)ratings->n_entries / (double)model->n_items;
    for (size_t i = 0; i < model->n_items; i++) {
        const double count = model->item_count[i];
        model->item_appeal[i] = mean + sum[i] / (count + typical_count);
        model->item_baseline[i] = sum[i] / (count + shrinkage);
    }
    for (size_t u = 0; u < model->n_users; u++) {
        const uint64_t begin = ratings->start[u], end = ratings->start[u + 1];
        double rest = 0;
        for (uint64_t e = begin; e < end; e++) {
            rest += (double)ratings->value[e] - mean - model->item_baseline[ratings->column[e]];
        }
        model->user_baseline[u] = rest / ((double)(end - begin) + shrinkage);
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
