/* One side against others: docs/math.md (97), (136). */
#include "recommender/pair_slope.h"

#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "network/pass_into.h"

static dsc_status init_network(dsc_pair_slope *s, dsc_error *err) {
    const dsc_recommender *model = s->model;
    if (model->network == NULL) {
        return DSC_OK;
    }
    for (size_t p = 0; p < DSC_SLOPE_TILE; p++) {
        s->ones[p] = 1;
    }
    s->x = dsc_alloc(DSC_SLOPE_TILE * 3 * model->config.n_factors, sizeof *s->x);
    if (s->x == NULL) {
        return dsc_fail_memory(err, "a pass of pairs");
    }
    s->d_side = s->x + DSC_SLOPE_TILE * 2 * model->config.n_factors;
    return dsc_workspace_create(
        &s->workspace, model->network,
        &(dsc_workspace_config){.max_batch = DSC_SLOPE_TILE, .no_input_gradient = true}, err);
}

static dsc_status init_activation(dsc_pair_slope *s, dsc_error *err) {
    const size_t n = DSC_SLOPE_TILE * s->model->config.n_factors;
    if (s->activation == DSC_IDENTITY) {
        return DSC_OK;
    }
    s->sums = dsc_alloc(2 * n, sizeof *s->sums);
    if (s->sums == NULL) {
        return dsc_fail_memory(err, "a pass of pairs");
    }
    s->sides = s->sums + n;
    return dsc_kernels_choose(&s->kernels, DSC_FLOAT64, err);
}

dsc_status dsc_pair_slope_init(dsc_pair_slope *out, const dsc_recommender *model, bool is_item,
                               dsc_error *err) {
    const dsc_side_parts *parts = is_item ? &model->item_parts : &model->user_parts;
    *out = (dsc_pair_slope){.model = model, .is_item = is_item, .activation = parts->activation};
    dsc_status status = init_network(out, err);
    if (status == DSC_OK) {
        status = init_activation(out, err);
    }
    if (status != DSC_OK) {
        dsc_pair_slope_clear(out);
    }
    return status;
}

void dsc_pair_slope_clear(dsc_pair_slope *s) {
    dsc_workspace_destroy(s->workspace);
    dsc_free(s->x);
    dsc_free(s->sums);
    *s = (dsc_pair_slope){0};
}

static void activate(dsc_pair_slope *s, size_t n, const dsc_facing *pairs) {
    const size_t k = s->model->config.n_factors;
    if (s->sums == NULL) {
        return;
    }
    for (size_t p = 0; p < n; p++) {
        memcpy(s->sums + p * k, pairs[p].sum, k * sizeof *s->sums);
    }
    s->kernels->activate(s->sides, s->sums, (dsc_kernel_activation)s->activation, n, k);
}

/* The side of pair p, after `activate`. */
static const double *side_of(const dsc_pair_slope *s, size_t p, const dsc_facing *pair) {
    return s->sums != NULL ? s->sides + p * s->model->config.n_factors : pair->sum;
}

/* Slopes at the sides become those at the sums. (136) */
static void pass_back_activation(const dsc_pair_slope *s, size_t n, double *slope) {
    const dsc_dense layer = {.n_out = s->model->config.n_factors,
                             .activation = (dsc_kernel_activation)s->activation};
    if (s->sums != NULL) {
        s->kernels->differentiate(
            &layer,
            &(dsc_dense_pass){
                .batch = n, .normed = s->sums, .a = s->sides, .d_a = slope, .d_normed = slope});
    }
}

/* The network's share: each row of the batch has its own output, so that a gradient of 1 at all of
 * them gives each row's slope, which is wanted at the side alone. (9) */
static dsc_status add_network(dsc_pair_slope *s, size_t n, const dsc_facing *pairs, double *value,
                              double *slope, dsc_error *err) {
    const dsc_network *network = s->model->network;
    const size_t k = s->model->config.n_factors;
    const size_t side_at = s->is_item ? k : 0, other_at = s->is_item ? 0 : k;
    for (size_t p = 0; p < n; p++) {
        float *row = s->x + p * 2 * k;
        const double *side = side_of(s, p, &pairs[p]);
        for (size_t f = 0; f < k; f++) {
            row[side_at + f] = (float)side[f];
        }
        memcpy(row + other_at, pairs[p].other, k * sizeof *row);
    }
    dsc_status status =
        dsc_network_forward(network, s->workspace, dsc_matrix_f32(s->x, n, 2 * k), err);
    if (status == DSC_OK) {
        status = dsc_network_backward_into(
            network, s->workspace, dsc_matrix_f32(s->ones, n, 1),
            &(dsc_gradient_places){.input = s->d_side, .first_wanted = side_at, .n_wanted = k},
            err);
    }
    if (status != DSC_OK) {
        return status;
    }
    const dsc_matrix output = dsc_workspace_output(s->workspace);
    for (size_t p = 0; p < n; p++) {
        value[p] += dsc_matrix_at(output, p, 0);
        for (size_t f = 0; f < k; f++) {
            slope[p * k + f] += (double)s->d_side[p * k + f];
        }
    }
    return DSC_OK;
}

dsc_status dsc_pair_slope_pass(dsc_pair_slope *s, dsc_slope_part part, size_t n,
                               const dsc_facing *pairs, double *value, double *slope,
                               dsc_error *err) {
    const size_t k = s->model->config.n_factors;
    const bool has_dot = s->model->config.use_dot && part == DSC_SLOPE_WHOLE;
    memset(value, 0, n * sizeof *value);
    memset(slope, 0, n * k * sizeof *slope);
    activate(s, n, pairs);
    for (size_t p = 0; has_dot && p < n; p++) {
        const double *side = side_of(s, p, &pairs[p]);
        for (size_t f = 0; f < k; f++) {
            slope[p * k + f] = (double)pairs[p].other[f];
            value[p] += side[f] * slope[p * k + f];
        }
    }
    const dsc_status status =
        s->model->network != NULL ? add_network(s, n, pairs, value, slope, err) : DSC_OK;
    if (status == DSC_OK) {
        pass_back_activation(s, n, slope);
    }
    return status;
}
