/* Held-out ratings of a blend: docs/math.md (156) to (159). */
#include "recommender/blend_held.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "descent/random.h"
#include "recommender/blend_weights.h"
#include "recommender/output.h"

/* A stream of dsc_random_stream; see model.c for the others. */
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

/* The test ratings of one user; *known, (n) like *score, is where those of known items are put. */
typedef struct row {
    uint32_t user; /* of the model */
    size_t n;
    const uint32_t *column;  /* (n) of the test ratings */
    const uint32_t *item_of; /* the model's index of each column */
} row;

/* Known pairs before clipping, the others as they fall back. */
static void predict_row(const dsc_recommender *model, dsc_scorer *scorer, const row *r,
                        uint32_t *known, double *score, double *out) {
    size_t n_known = 0;
    for (size_t p = 0; p < r->n; p++) {
        const uint32_t item = r->item_of[r->column[p]];
        if (r->user != DSC_NO_INDEX && item != DSC_NO_INDEX) {
            known[n_known++] = item;
        }
    }
    if (n_known > 0) {
        dsc_scorer_score(scorer, r->user, n_known, known, score);
    }
    for (size_t p = 0, next = 0; p < r->n; p++) {
        const uint32_t item = r->item_of[r->column[p]];
        if (r->user != DSC_NO_INDEX && item != DSC_NO_INDEX) {
            out[p] = dsc_output_unclipped(model, score[next++]);
        } else {
            float fallback;
            dsc_scorer_predict(scorer, 1, &r->user, &item, &fallback, NULL);
            out[p] = (double)fallback;
        }
    }
}

dsc_status dsc_blend_held_predict(dsc_blend_held *held, size_t member, size_t first,
                                  const dsc_recommender *model, const dsc_ratings *test,
                                  dsc_error *err) {
    const dsc_sparse pairs = dsc_ratings_by_user(test);
    double *out = held->prediction + member * held->n + first;
    dsc_scorer *scorer = NULL;
    uint32_t *item_of = dsc_alloc(2 * pairs.n_cols, sizeof *item_of);
    double *score = dsc_alloc(pairs.n_cols, sizeof *score);
    dsc_status status = dsc_scorer_create(&scorer, model, err);
    if (status == DSC_OK && (item_of == NULL || score == NULL)) {
        status = dsc_fail_memory(err, "the predictions of held-out ratings");
    }
    for (uint32_t i = 0; status == DSC_OK && i < pairs.n_cols; i++) {
        item_of[i] = dsc_recommender_find_item(model, dsc_ratings_item_id(test, i));
    }
    for (uint32_t u = 0; status == DSC_OK && u < pairs.n_rows; u++) {
        const uint64_t begin = pairs.start[u];
        const row of_user = {dsc_recommender_find_user(model, dsc_ratings_user_id(test, u)),
                             pairs.start[u + 1] - begin, pairs.column + begin, item_of};
        predict_row(model, scorer, &of_user, item_of + pairs.n_cols, score, out + begin);
    }
    dsc_scorer_destroy(scorer);
    dsc_free(item_of);
    dsc_free(score);
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
