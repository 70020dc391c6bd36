/* What a unit of each element of a user's sum is worth in a prediction: docs/math.md (101), (102), (137).
 *
 * Where the prediction is not linear in the sum this is the mean of its gradients on the way from nothing to
 * the whole sum, on which the parts of an explanation add up. */
#include "recommender/explain_slope.h"

#include <math.h>
#include <string.h>

/* Steps are doubled until what they miss is below the tolerance, in units of the ratings: ten times
 * finer than what is promised, since the rest is rounding. */
enum { FIRST_STEPS = DSC_SLOPE_TILE, MOST_STEPS = 65536 };
static const double tolerance = 1e-5;

/* What the bent part makes of the pair with `share` of the user's sum. */
static dsc_status bent_at(dsc_explaining *w, double share, double *value, dsc_error *err) {
    const size_t k = w->model->config.n_factors;
    for (size_t f = 0; f < k; f++) {
        w->points[f] = share * w->sum[f];
    }
    return dsc_pair_slope_pass(&w->pass, dsc_bent_part(w), 1,
                               &(dsc_facing){w->points, w->item->vector}, value, w->gradients, err);
}

/* The mean of the bent part's gradients at the middles of n equal steps, n a multiple of a tile, into
 * slope. (102) */
static dsc_status integrate(dsc_explaining *w, size_t n, dsc_error *err) {
    const size_t k = w->model->config.n_factors;
    dsc_facing pairs[DSC_SLOPE_TILE];
    double value[DSC_SLOPE_TILE];
    dsc_status status = DSC_OK;
    memset(w->slope, 0, k * sizeof *w->slope);
    for (size_t first = 0; status == DSC_OK && first < n; first += DSC_SLOPE_TILE) {
        for (size_t s = 0; s < DSC_SLOPE_TILE; s++) {
            const double share = ((double)(first + s) + 0.5) / (double)n;
            for (size_t f = 0; f < k; f++) {
                w->points[s * k + f] = share * w->sum[f];
            }
            pairs[s] = (dsc_facing){w->points + s * k, w->item->vector};
        }
        status = dsc_pair_slope_pass(&w->pass, dsc_bent_part(w), DSC_SLOPE_TILE, pairs, value,
                                     w->gradients, err);
        for (size_t s = 0; status == DSC_OK && s < DSC_SLOPE_TILE; s++) {
            for (size_t f = 0; f < k; f++) {
                w->slope[f] += w->gradients[s * k + f] / (double)n;
            }
        }
    }
    return status;
}

/* The bent part's share of slope, fine enough that it explains what that part does. */
static dsc_status integrate_bent(dsc_explaining *w, dsc_explanation *out, dsc_error *err) {
    const size_t k = w->model->config.n_factors;
    const double unit = w->line.unit;
    double empty = 0, full = 0;
    if (w->model->network == NULL && dsc_bent_part(w) == DSC_SLOPE_NETWORK) {
        return DSC_OK;
    }
    dsc_status status = bent_at(w, 0, &empty, err);
    if (status == DSC_OK) {
        status = bent_at(w, 1, &full, err);
    }
    out->network = unit * empty;
    for (size_t n = FIRST_STEPS; status == DSC_OK && n <= MOST_STEPS; n *= 2) {
        status = integrate(w, n, err);
        out->n_steps = n;
        double explained = 0;
        for (size_t f = 0; f < k; f++) {
            explained += w->slope[f] * w->sum[f];
        }
        if (fabs(explained - (full - empty)) * unit <= tolerance) {
            break;
        }
    }
    return status;
}

dsc_status dsc_explaining_slope(dsc_explaining *w, dsc_explanation *out, dsc_error *err) {
    const size_t k = w->model->config.n_factors;
    const bool is_linear = w->model->config.use_dot && dsc_bent_part(w) == DSC_SLOPE_NETWORK;
    dsc_status status = integrate_bent(w, out, err);
    for (size_t f = 0; is_linear && f < k; f++) {
        w->slope[f] += (double)w->item->vector[f];
    }
    return status;
}
