/* Held-out ratings: a random share of the samples, with what the file said of them. */
#include "recommender/holdout.h"

#include <math.h>

#include "base/error.h"
#include "base/memory.h"
#include "math/drawn_numbers.h"

/* A stream of dsc_random_stream; see model_values.c for the others. */
enum { PURPOSE_HOLDOUT = 4 };

/* Ratings that are predicted by one thread: far more than what it takes to share them out. */
enum { PART = 1024 };

/* Swaps whose places are drawn together, so that memory delivers them meanwhile. */
enum { AHEAD = 64 };

void dsc_shuffle_samples(dsc_training_sample *samples, size_t n, const dsc_kernels *kernels,
                         dsc_random random) {
    uint32_t other[AHEAD];
    dsc_drawn_numbers numbers;
    dsc_drawn_numbers_init(&numbers, kernels, random);
    for (size_t i = n; i > 1;) {
        const size_t n_drawn = i - 1 < AHEAD ? i - 1 : AHEAD;
        for (size_t d = 0; d < n_drawn; d++) {
            other[d] = dsc_drawn_number_below(&numbers, (uint32_t)(i - d));
            __builtin_prefetch(&samples[other[d]], 1);
        }
        for (size_t d = 0; d < n_drawn; d++, i--) {
            const dsc_training_sample moved = samples[i - 1];
            samples[i - 1] = samples[other[d]];
            samples[other[d]] = moved;
        }
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
    dsc_shuffle_samples(samples, *n_samples, model->kernels,
                        dsc_random_stream(config->seed, PURPOSE_HOLDOUT, 0));
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

typedef struct prediction {
    dsc_holdout *held;
    dsc_scorer *const *scorers;
} prediction;

static void predict_part(void *job, size_t part, size_t thread) {
    const prediction *of = job;
    dsc_holdout *held = of->held;
    const size_t begin = part * PART, left = held->n - begin;
    dsc_scorer_predict_at(of->scorers[thread], left < PART ? left : PART, held->user + begin,
                          held->item + begin, held->time != NULL ? held->time + begin : NULL,
                          held->predicted + begin, NULL);
}

double dsc_holdout_rmse(dsc_holdout *held, dsc_scorer *const *scorers, dsc_pool *pool) {
    double sum = 0;
    prediction of = {held, scorers};
    dsc_pool_run(pool, (held->n + PART - 1) / PART, predict_part, &of);
    for (size_t i = 0; i < held->n; i++) {
        const double error = (double)held->predicted[i] - (double)held->rating[i];
        sum += error * error;
    }
    return held->n > 0 ? sqrt(sum / (double)held->n) : (double)NAN;
}
