/* A prediction taken apart: docs/math.md (103) to (105), (138), and that of a blend (155). */
#include "descent/explain.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "recommender/als_row.h"
#include "recommender/baseline.h"
#include "recommender/explain_slope.h"
#include "recommender/member.h"
#include "recommender/output.h"
#include "recommender/pair_slope.h"

static double product(const double *a, const float *b, size_t k) {
    double sum = 0;
    for (size_t f = 0; f < k; f++) {
        sum += a[f] * (double)b[f];
    }
    return sum;
}

/* The weight of a rating's vector in the sum of the history. (50), (130) */
static double weight_of(const dsc_explaining *w, float rating) {
    const bool is_weighed = w->model->user_parts.is_weighed;
    return (is_weighed ? (double)dsc_model_weight(w->model, rating) : 1) / sqrt(w->user->n_history);
}

/* U_u before its activation, which the side does not keep. */
static void fill_sum(dsc_explaining *w) {
    const dsc_recommender *model = w->model;
    const size_t k = model->config.n_factors;
    const bool is_kept = dsc_bent_part(w) == DSC_SLOPE_NETWORK;
    for (size_t f = 0; f < k; f++) {
        w->sum[f] = (double)(is_kept ? w->user->vector[f] : w->user->own[f]);
    }
    for (size_t r = 0; !is_kept && r < w->user->n_ratings; r++) {
        const float *summed = model->rated_vectors + w->user->others[r] * k;
        const double weight = weight_of(w, w->user->ratings[r]);
        for (size_t f = 0; f < k; f++) {
            w->sum[f] += weight * (double)summed[f];
        }
    }
}

/* The rated item's vector in the sum of the history: its presence (103), or where ratings weigh it
 * a part of its value (138). */
static void fill_history(const dsc_explaining *w, dsc_explanation *out) {
    const dsc_recommender *model = w->model;
    const size_t k = model->config.n_factors;
    for (size_t r = 0; r < out->n_reasons; r++) {
        const uint32_t item = w->user->others[r];
        dsc_reason *reason = &out->reasons[r];
        *reason = (dsc_reason){.item = item, .rating = w->user->ratings[r]};
        if (model->rated_vectors != NULL) {
            const double push = w->line.unit * weight_of(w, reason->rating) *
                                product(w->slope, model->rated_vectors + item * k, k);
            *(model->user_parts.is_weighed ? &reason->value : &reason->presence) = push;
            out->gap -= push;
        }
    }
}

/* What each rating contributes to the user's own vector. (104) */
static dsc_status fill_value(dsc_explaining *w, dsc_explanation *out, dsc_error *err) {
    const dsc_recommender *model = w->model;
    const size_t k = model->config.n_factors, n = w->user->n_ratings;
    const double l2 = w->user->l2_vector;
    dsc_facing pairs[DSC_SLOPE_TILE];
    double value[DSC_SLOPE_TILE];
    dsc_status status = DSC_OK;
    for (size_t first = 0; status == DSC_OK && first < n && l2 > 0; first += DSC_SLOPE_TILE) {
        const size_t n_tile = n - first < DSC_SLOPE_TILE ? n - first : DSC_SLOPE_TILE;
        dsc_reason *tile = out->reasons + first;
        for (size_t r = 0; r < n_tile; r++) {
            pairs[r] = (dsc_facing){w->sum, model->item_sides + tile[r].item * k};
        }
        status =
            dsc_pair_slope_pass(&w->pass, DSC_SLOPE_WHOLE, n_tile, pairs, value, w->gradients, err);
        for (size_t r = 0; status == DSC_OK && r < n_tile; r++) {
            const double offset =
                w->user->offsets != NULL ? (double)w->user->offsets[first + r] : 0;
            const double expected = value[r] + (double)w->user->bias + offset +
                                    (double)model->item_biases[tile[r].item];
            double along = 0, loss;
            const double slope = dsc_output_loss(model, (double)tile[r].rating, expected, &loss);
            for (size_t f = 0; f < k; f++) {
                along += w->gradients[r * k + f] * w->slope[f];
            }
            const double of_own = -w->line.unit * slope * along / l2;
            tile[r].value += of_own;
            out->own_vector -= of_own;
        }
    }
    return status;
}

/* The same under alternating least squares, where the user's own vector is a sum over what was chosen:
 * q_t' A^-1 q_i, all of it by having been chosen. (121) */
static dsc_status fill_als(dsc_explaining *w, dsc_explanation *out, dsc_error *err) {
    const dsc_recommender *model = w->model;
    const size_t k = model->config.n_factors, n = w->user->n_ratings;
    memcpy(w->points, w->slope, k * sizeof *w->points);
    dsc_status status =
        dsc_als_row_solve(model, &(dsc_als_row){.n = n, .other = w->user->others}, w->points, err);
    for (size_t r = 0; status == DSC_OK && r < n; r++) {
        const uint32_t item = w->user->others[r];
        const double push = product(w->points, model->item_vectors + item * k, k);
        out->reasons[r] =
            (dsc_reason){.item = item, .rating = w->user->ratings[r], .presence = push};
        out->own_vector -= push;
    }
    return status;
}

static int compare_reasons(const void *a, const void *b) {
    const dsc_reason *x = a, *y = b;
    const double of_x = fabs(x->push), of_y = fabs(y->push);
    return of_x != of_y ? (of_x < of_y ? 1 : -1) : (x->item > y->item) - (x->item < y->item);
}

/* What the time adds to the sum of the parts. (148) */
static double time_of(const dsc_explaining *w) {
    return (double)w->user->offset + (double)w->item->offset;
}

/* The prediction before clipping, in double, and the line that leads to it. (18), (149) */
static dsc_status predict(dsc_explaining *w, double *prediction, dsc_error *err) {
    const dsc_recommender *model = w->model;
    double value = 0;
    dsc_status status =
        dsc_pair_slope_pass(&w->pass, DSC_SLOPE_WHOLE, 1, &(dsc_facing){w->sum, w->item->vector},
                            &value, w->gradients, err);
    const double sum = value + (double)w->user->bias + (double)w->item->bias + time_of(w);
    w->line = dsc_output_line_to(model, sum);
    *prediction = w->line.at_zero + w->line.unit * sum;
    return status;
}

static dsc_status take_apart(dsc_explaining *w, dsc_explanation *out, dsc_error *err) {
    const dsc_recommender *model = w->model;
    dsc_status status = predict(w, &out->prediction, err);
    if (status == DSC_OK) {
        status = dsc_explaining_slope(w, out, err);
    }
    if (status != DSC_OK) {
        return status;
    }
    out->mean = w->line.at_zero;
    out->user_bias = w->line.unit * (double)w->user->bias;
    out->item_bias = w->line.unit * (double)w->item->bias;
    out->time = w->line.unit * time_of(w);
    out->own_vector = w->line.unit * product(w->slope, w->user->own, model->config.n_factors);
    out->gap = out->prediction - out->mean - out->user_bias - out->item_bias - out->time -
               out->network - out->own_vector;
    if (model->config.use_als) {
        status = fill_als(w, out, err);
    } else {
        fill_history(w, out);
        status = fill_value(w, out, err);
    }
    for (size_t r = 0; r < out->n_reasons; r++) {
        out->reasons[r].push = out->reasons[r].presence + out->reasons[r].value;
    }
    return status;
}

/* By a single model, the reasons in the order of the user's ratings. */
static dsc_status explain(dsc_explanation *out, const dsc_recommender *model, const dsc_side *user,
                          const dsc_side *item, dsc_error *err) {
    const size_t k = model->config.n_factors;
    dsc_explaining w = {.model = model, .user = user, .item = item};
    *out = (dsc_explanation){0};
    dsc_status status = dsc_pair_slope_init(&w.pass, model, false, err);
    w.sum = dsc_alloc(k * (2 + 2 * DSC_SLOPE_TILE), sizeof *w.sum);
    out->reasons = dsc_alloc(user->n_ratings, sizeof *out->reasons);
    out->n_reasons = user->n_ratings;
    if (status == DSC_OK && (w.sum == NULL || out->reasons == NULL)) {
        status = dsc_fail_memory(err, "an explanation");
    }
    if (status == DSC_OK) {
        w.slope = w.sum + k;
        w.points = w.slope + k;
        w.gradients = w.points + k * DSC_SLOPE_TILE;
        fill_sum(&w);
        status = take_apart(&w, out, err);
    }
    if (status != DSC_OK) {
        dsc_explanation_clear(out);
    }
    dsc_pair_slope_clear(&w.pass);
    dsc_free(w.sum);
    return status;
}

/* --- blends ----------------------------------------------------------------------------------- */

/* Adds `weight` times a member's parts. (155) */
static void add_member(dsc_explanation *sum, const dsc_explanation *of_member, double weight) {
    sum->prediction += weight * of_member->prediction;
    sum->mean += weight * of_member->mean;
    sum->user_bias += weight * of_member->user_bias;
    sum->item_bias += weight * of_member->item_bias;
    sum->time += weight * of_member->time;
    sum->network += weight * of_member->network;
    sum->own_vector += weight * of_member->own_vector;
    sum->gap += weight * of_member->gap;
    if (sum->n_steps < of_member->n_steps) {
        sum->n_steps = of_member->n_steps;
    }
    for (size_t r = 0; r < sum->n_reasons; r++) {
        dsc_reason *reason = &sum->reasons[r];
        reason->item = of_member->reasons[r].item;
        reason->rating = of_member->reasons[r].rating;
        reason->presence += weight * of_member->reasons[r].presence;
        reason->value += weight * of_member->reasons[r].value;
        reason->push += weight * of_member->reasons[r].push;
    }
}

/* The members' explanations, each of its own prediction, added up like these. */
static dsc_status explain_mean(dsc_explanation *out, const dsc_recommender *blend,
                               const dsc_side *user, const dsc_side *item, dsc_error *err) {
    dsc_status status = DSC_OK;
    *out = (dsc_explanation){.n_reasons = user->n_ratings,
                             .reasons = dsc_alloc(user->n_ratings, sizeof *out->reasons)};
    if (out->reasons == NULL) {
        status = dsc_fail_memory(err, "an explanation");
    }
    for (size_t m = 0; status == DSC_OK && m < blend->n_members; m++) {
        const dsc_side of_user = dsc_member_side(blend, m, user, false);
        const dsc_side of_item = dsc_member_side(blend, m, item, true);
        dsc_explanation of_member;
        status = explain(&of_member, blend->members[m].model, &of_user, &of_item, err);
        if (status == DSC_OK) {
            add_member(out, &of_member, blend->members[m].weight);
        }
        dsc_explanation_clear(&of_member);
    }
    if (status != DSC_OK) {
        dsc_explanation_clear(out);
    }
    return status;
}

dsc_status dsc_explain(dsc_explanation *out, const dsc_recommender *model, const dsc_side *user,
                       const dsc_side *item, dsc_error *err) {
    *out = (dsc_explanation){0};
    if (user->vector == NULL || user->others == NULL || item->vector == NULL) {
        return dsc_fail(err, DSC_E_ARGUMENT, user->vector == NULL ? "user" : "item",
                        "is unknown; expected one of the model or folded in");
    }
    const dsc_status status = model->n_members > 0 ? explain_mean(out, model, user, item, err)
                                                   : explain(out, model, user, item, err);
    if (status == DSC_OK) {
        out->rating = dsc_clip(model, out->prediction);
        qsort(out->reasons, out->n_reasons, sizeof *out->reasons, compare_reasons);
    }
    return status;
}

void dsc_explanation_clear(dsc_explanation *explanation) {
    dsc_free(explanation->reasons);
    *explanation = (dsc_explanation){0};
}
