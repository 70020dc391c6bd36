/* Held-out ratings: a random share of the samples, with what the file said of them. */
#include "recommender/holdout.h"

#include <math.h>

#include "base/error.h"
#include "base/memory.h"

/* A stream of dsc_random_stream; see model.c for the others. */
enum { PURPOSE_HOLDOUT = 4 };

void dsc_shuffle_samples(dsc_training_sample *samples, size_t n, dsc_random random) {
    for (size_t i = n; i > 1; i--) {
        const size_t j = dsc_random_below(&random, (uint32_t)i);
        const dsc_training_sample moved = samples[i - 1];
        samples[i - 1] = samples[j];
        samples[j] = moved;
    }
}

dsc_status dsc_holdout_take(dsc_holdout *out, const dsc_recommender *model,
                            dsc_training_sample *samples, size_t *n_samples, dsc_error *err) {
    const dsc_recommender_config *config = &model->config;
    const dsc_sparse ratings = dsc_sparse_view(&model->ratings);
    size_t n = (size_t)((double)*n_samples * config->holdout + 0.5);
    if (config->holdout > 0 && n == 0) {
        n = 1;
    }
    if (*n_samples < n + 2) {
        return dsc_fail(err, DSC_E_DATA, "ratings",
                        "found %zu; expected at least %zu: 2 to train on and %zu held out",
                        *n_samples, n + 2, n);
    }
    if (n == 0) {
        return DSC_OK;
    }
    out->user = dsc_alloc(n, sizeof *out->user + sizeof *out->item + sizeof *out->rating +
                                 sizeof *out->predicted);
    if (ratings.time != NULL) {
        out->time = dsc_alloc(n, sizeof *out->time);
    }
    if (out->user == NULL || (ratings.time != NULL && out->time == NULL)) {
        return dsc_fail_memory(err, "the held-out ratings");
    }
    out->item = out->user + n;
    out->rating = (float *)(void *)(out->item + n);
    out->predicted = out->rating + n;
    out->n = n;
    dsc_shuffle_samples(samples, *n_samples, dsc_random_stream(config->seed, PURPOSE_HOLDOUT, 0));
    *n_samples -= n;
    for (size_t i = 0; i < n; i++) {
        const dsc_training_sample *sample = &samples[*n_samples + i];
        out->user[i] = sample->user;
        out->item[i] = sample->item;
        const size_t at = dsc_sparse_find(ratings, sample->user, sample->item);
        out->rating[i] = ratings.value[at];
        if (out->time != NULL && ratings.time != NULL) {
            out->time[i] = ratings.time[at];
        }
    }
    return DSC_OK;
}

void dsc_holdout_clear(dsc_holdout *held) {
    dsc_free(held->user);
    dsc_free(held->time);
    *held = (dsc_holdout){0};
}

double dsc_holdout_rmse(dsc_holdout *held, dsc_scorer *scorer) {
    double sum = 0;
    dsc_scorer_predict_at(scorer, held->n, held->user, held->item, held->time, held->predicted,
                          NULL);
    for (size_t i = 0; i < held->n; i++) {
        const double error = (double)held->predicted[i] - (double)held->rating[i];
        sum += error * error;
    }
    return held->n > 0 ? sqrt(sum / (double)held->n) : (double)NAN;
}
