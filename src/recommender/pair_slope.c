/* One side against others: docs/math.md (97). */
#include "recommender/pair_slope.h"

#include <string.h>

#include "base/error.h"
#include "base/memory.h"

dsc_status dsc_pair_slope_init(dsc_pair_slope *out, const dsc_recommender *model, bool is_item,
                               dsc_error *err) {
    *out = (dsc_pair_slope){.model = model, .is_item = is_item};
    if (model->network == NULL) {
        return DSC_OK;
    }
    for (size_t s = 0; s < DSC_SLOPE_TILE; s++) {
        out->ones[s] = 1;
    }
    dsc_status status = dsc_workspace_create(
        &out->workspace, model->network, &(dsc_workspace_config){.max_batch = DSC_SLOPE_TILE}, err);
    out->x = dsc_alloc(DSC_SLOPE_TILE * 2 * model->config.n_factors, sizeof *out->x);
    if (status == DSC_OK && out->x == NULL) {
        status = dsc_fail_memory(err, "a pass of pairs");
    }
    if (status != DSC_OK) {
        dsc_pair_slope_clear(out);
    }
    return status;
}

void dsc_pair_slope_clear(dsc_pair_slope *s) {
    dsc_workspace_destroy(s->workspace);
    dsc_free(s->x);
    *s = (dsc_pair_slope){0};
}

/* The network's share: each row of the batch has its own output, so that a gradient of 1 at all of
 * them gives each row's slope. (9) */
static dsc_status add_network(dsc_pair_slope *s, size_t n, const dsc_facing *pairs, double *value,
                              double *slope, dsc_error *err) {
    const dsc_network *network = s->model->network;
    const size_t k = s->model->config.n_factors;
    const size_t side_at = s->is_item ? k : 0, other_at = s->is_item ? 0 : k;
    for (size_t p = 0; p < n; p++) {
        float *row = s->x + p * 2 * k;
        for (size_t f = 0; f < k; f++) {
            row[side_at + f] = (float)pairs[p].side[f];
        }
        memcpy(row + other_at, pairs[p].other, k * sizeof *row);
    }
    dsc_status status =
        dsc_network_forward(network, s->workspace, dsc_matrix_f32(s->x, n, 2 * k), err);
    if (status == DSC_OK) {
        dsc_workspace_zero_gradients(s->workspace);
        status =
            dsc_network_backward_from(network, s->workspace, dsc_matrix_f32(s->ones, n, 1), err);
    }
    if (status != DSC_OK) {
        return status;
    }
    const dsc_matrix output = dsc_workspace_output(s->workspace);
    const dsc_matrix d_x = dsc_workspace_d_input(s->workspace);
    for (size_t p = 0; p < n; p++) {
        value[p] += dsc_matrix_at(output, p, 0);
        for (size_t f = 0; f < k; f++) {
            slope[p * k + f] += dsc_matrix_at(d_x, p, side_at + f);
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
    for (size_t p = 0; has_dot && p < n; p++) {
        for (size_t f = 0; f < k; f++) {
            slope[p * k + f] = (double)pairs[p].other[f];
            value[p] += pairs[p].side[f] * slope[p * k + f];
        }
    }
    return s->model->network != NULL ? add_network(s, n, pairs, value, slope, err) : DSC_OK;
}
