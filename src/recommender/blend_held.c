/* Held-out ratings of a blend: docs/math.md (156) to (159). */
#include "recommender/blend_held.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "descent/random.h"
#include "recommender/blend_weights.h"
#include "recommender/output.h"

/* A stream of dsc_random_stream; see model_values.c for the others. */
enum { PURPOSE_HALVES = 43 };

/* The two halves, and in their place in an array what belongs to both together. */
enum { N_HALVES = 2, ALL = 2, N_PARTS = 3 };

dsc_status dsc_blend_held_init(dsc_blend_held *held, size_t n, size_t n_members, dsc_error *err) {
    *held = (dsc_blend_held){.n = n, .n_members = n_members};
    held->rating = dsc_alloc(n, sizeof *held->rating);
    held->prediction = dsc_alloc(n, n_members * sizeof *held->prediction);
    if (held->rating == NULL || held->prediction == NULL) {
        dsc_blend_held_clear(held);
        return dsc_fail_memory(err, "the predictions of held-out ratings");
    }
    return DSC_OK;
}

void dsc_blend_held_clear(dsc_blend_held *held) {
    dsc_free(held->rating);
    dsc_free(held->prediction);
    *held = (dsc_blend_held){0};
}

/* --- predicting ------------------------------------------------------------------------------- */

/* One pair before clipping, or as it falls back. */
static double predict(const dsc_recommender *model, dsc_scorer *scorer, uint32_t user,
                      uint32_t item) {
    if (user != DSC_NO_INDEX && item != DSC_NO_INDEX) {
        double score;
        dsc_scorer_score(scorer, user, 1, &item, &score);
        return dsc_output_unclipped(model, score);
    }
    float fallback;
    dsc_scorer_predict(scorer, 1, &user, &item, &fallback, NULL);
    return (double)fallback;
}

dsc_status dsc_blend_held_predict(dsc_blend_held *held, size_t member, size_t first,
                                  const dsc_recommender *model, const dsc_ratings *test,
                                  dsc_error *err) {
    const dsc_sparse pairs = dsc_ratings_by_user(test);
    double *out = held->prediction + member * held->n + first;
    dsc_scorer *scorer = NULL;
    uint32_t *item_of = dsc_alloc(pairs.n_cols, sizeof *item_of);
    dsc_status status = dsc_scorer_create(&scorer, model, err);
    if (status == DSC_OK && item_of == NULL) {
        status = dsc_fail_memory(err, "the predictions of held-out ratings");
    }
    for (uint32_t i = 0; status == DSC_OK && i < pairs.n_cols; i++) {
        item_of[i] = dsc_recommender_find_item(model, dsc_ratings_item_id(test, i));
    }
    for (uint32_t u = 0; status == DSC_OK && u < pairs.n_rows; u++) {
        const uint32_t user = dsc_recommender_find_user(model, dsc_ratings_user_id(test, u));
        for (uint64_t p = pairs.start[u]; p < pairs.start[u + 1]; p++) {
            dsc_scorer_set_time(scorer, pairs.time != NULL ? pairs.time[p] : DSC_NOW);
            out[p] = predict(model, scorer, user, item_of[pairs.column[p]]);
        }
    }
    dsc_scorer_destroy(scorer);
    dsc_free(item_of);
    return status;
}

/* --- weighing --------------------------------------------------------------------------------- */

typedef struct sums {
    size_t n;
    double product[DSC_MAX_MEMBERS * DSC_MAX_MEMBERS]; /* E of (156) */
} sums;

static double error_of(const dsc_blend_held *held, size_t member, size_t p) {
    return held->prediction[member * held->n + p] - (double)held->rating[p];
}

static void add_products(sums *s, const dsc_blend_held *held, size_t p) {
    const size_t n = held->n_members;
    double error[DSC_MAX_MEMBERS];
    for (size_t m = 0; m < n; m++) {
        error[m] = error_of(held, m, p);
    }
    for (size_t m = 0; m < n; m++) {
        for (size_t j = 0; j < n; j++) {
            s->product[m * n + j] += error[m] * error[j];
        }
    }
    s->n++;
}

/* The squared error of the weighted mean, clipped to the scale. */
static double squared_error(const dsc_blend_held *held, const double *weight, size_t p) {
    double mean = 0;
    for (size_t m = 0; m < held->n_members; m++) {
        mean += weight[m] * held->prediction[m * held->n + p];
    }
    const double error = fmin(fmax(mean, held->min), held->max) - (double)held->rating[p];
    return error * error;
}

/* The RMSE of single members and of equal weights. */
static void measure(const dsc_blend_held *held, dsc_blend_report *report) {
    for (size_t m = 0; m <= held->n_members; m++) {
        double weight[DSC_MAX_MEMBERS] = {0}, sum = 0;
        for (size_t j = 0; j < held->n_members; j++) {
            weight[j] = m == held->n_members ? 1 / (double)held->n_members : (double)(j == m);
        }
        for (size_t p = 0; p < held->n; p++) {
            sum += squared_error(held, weight, p);
        }
        *(m == held->n_members ? &report->equal_rmse : &report->rmse[m]) =
            sqrt(sum / (double)held->n);
    }
}

dsc_status dsc_blend_held_weigh(const dsc_blend_held *held, uint64_t seed, dsc_blend_report *report,
                                dsc_error *err) {
    double weight[N_HALVES][DSC_MAX_MEMBERS], sum = 0;
    unsigned char *half_of = dsc_alloc(held->n, 1);
    sums *part = dsc_alloc(N_PARTS, sizeof *part);
    dsc_status status = DSC_OK;
    if (half_of == NULL || part == NULL) {
        status = dsc_fail_memory(err, "the weights of a blend");
        goto done;
    }
    dsc_random random = dsc_random_stream(seed, PURPOSE_HALVES, 0);
    for (size_t p = 0; p < held->n; p++) {
        half_of[p] = (unsigned char)dsc_random_below(&random, N_HALVES);
        add_products(&part[half_of[p]], held, p);
        add_products(&part[ALL], held, p);
    }
    for (size_t h = 0; h < N_HALVES; h++) {
        dsc_blend_weights(part[h].product, held->n_members, part[h].n, weight[h]);
    }
    for (size_t p = 0; p < held->n; p++) {
        sum += squared_error(held, weight[1 - half_of[p]], p);
    }
    dsc_blend_weights(part[ALL].product, held->n_members, part[ALL].n, report->weight);
    report->n_held_out = held->n;
    report->blend_rmse = sqrt(sum / (double)held->n);
    measure(held, report);
done:
    dsc_free(half_of);
    dsc_free(part);
    return status;
}
