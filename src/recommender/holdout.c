/* Held-out ratings: a random share of the samples, predicted some at a time. */
#include "recommender/holdout.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"

/* A stream of dsc_random_stream; see model_values.c for the others. */
enum { PURPOSE_HOLDOUT = 4 };

/* Ratings that are predicted by one thread: more than what it takes to share them out. */
enum { PART = 256 };

/* Ratings whose errors are kept until they are summed: parts enough for many threads. */
enum { ROUND = 64 * PART };

dsc_status dsc_holdout_take(dsc_holdout *out, const dsc_recommender *model, dsc_sample_list *list,
                            size_t *n_samples, dsc_error *err) {
    const dsc_recommender_config *config = &model->config;
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
    out->square = dsc_alloc(n < ROUND ? n : ROUND, sizeof *out->square);
    if (out->square == NULL) {
        return dsc_fail_memory(err, "the held-out ratings");
    }
    dsc_shuffle(list->position, list->n, model->kernels,
                dsc_random_stream(config->seed, PURPOSE_HOLDOUT, 0));
    *n_samples -= n;
    list->n = *n_samples;
    out->samples = *list;
    out->samples.position = list->position + list->n;
    out->samples.n = n;
    return DSC_OK;
}

dsc_status dsc_holdout_keep_alone(dsc_holdout *held, dsc_sample_list *list, dsc_error *err) {
    const size_t n = held->samples.n;
    if (n == 0) {
        dsc_sample_list_clear(list);
        return DSC_OK;
    }
    memmove(list->position, held->samples.position, n * sizeof *list->position);
    held->samples.position = list->position;
    list->n = 0;
    uint32_t *shorter = realloc(list->position, n * sizeof *shorter);
    if (shorter == NULL) {
        return dsc_fail_memory(err, "the held-out ratings");
    }
    list->position = held->samples.position = shorter;
    return DSC_OK;
}

void dsc_holdout_clear(dsc_holdout *held) {
    dsc_free(held->square);
    *held = (dsc_holdout){0};
}

typedef struct prediction {
    dsc_holdout *held;
    dsc_scorer *const *scorers;
    size_t first, n; /* of them, which one round predicts */
} prediction;

static void predict_part(void *job, size_t part, size_t thread) {
    const prediction *of = job;
    const dsc_sample_list *samples = &of->held->samples;
    const size_t begin = part * PART, left = of->n - begin, n = left < PART ? left : PART;
    const uint32_t *position = samples->position + of->first + begin;
    const int64_t *time_of = samples->ratings.time;
    uint32_t user[PART], item[PART];
    int64_t time[PART];
    float predicted[PART];
    dsc_sample_list_ask(samples, of->first + begin, n);
    dsc_sample_list_read(samples, of->first + begin, n, &(dsc_sample_rows){user, item, NULL});
    for (size_t i = 0; time_of != NULL && i < n; i++) {
        time[i] = time_of[position[i]];
    }
    dsc_scorer_predict_at(of->scorers[thread], n, user, item, time_of != NULL ? time : NULL,
                          predicted, NULL);
    for (size_t i = 0; i < n; i++) {
        const double error = (double)predicted[i] - (double)samples->ratings.value[position[i]];
        of->held->square[begin + i] = error * error;
    }
}

double dsc_holdout_rmse(dsc_holdout *held, dsc_scorer *const *scorers, dsc_pool *pool) {
    const size_t n = held->samples.n;
    double sum = 0;
    for (size_t first = 0; first < n; first += ROUND) {
        prediction of = {held, scorers, first, n - first < ROUND ? n - first : ROUND};
        dsc_pool_run(pool, (of.n + PART - 1) / PART, predict_part, &of);
        for (size_t i = 0; i < of.n; i++) {
            sum += held->square[i];
        }
    }
    return n > 0 ? sqrt(sum / (double)n) : (double)NAN;
}
