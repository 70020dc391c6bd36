/* Wrong ways to compute a loss and its gradient, other than by a factor. */
#include <stddef.h>

#include "check_ways.h"

/* prediction - target at element i, of a loss or of its gradient. */
static double error_at(const cli_value *v, cli_view view, size_t i) {
    return view[v->operands[0]][i] - (v->n_operands > 1 ? view[v->operands[1]][i] : 0.0);
}

/* 1 - y a */
static double margin_at(const cli_value *v, cli_view view, size_t i) {
    return 1.0 - view[v->operands[1]][i] * view[v->operands[0]][i];
}

static size_t n_elements(const cli_compute *c) {
    return c->values->file->target.n_rows * c->values->file->target.n_cols;
}

/* Errors without their absolute value. */
bool cli_way_mean_of_errors(const cli_compute *c, const cli_value *v, cli_view view, double *out) {
    out[0] = 0.0;
    for (size_t i = 0; i < n_elements(c); i++) {
        out[0] += error_at(v, view, i) / (double)n_elements(c);
    }
    return true;
}

/* Huber's squares without the straight part. */
bool cli_way_half_mean_of_squares(const cli_compute *c, const cli_value *v, cli_view view,
                                  double *out) {
    out[0] = 0.0;
    for (size_t i = 0; i < n_elements(c); i++) {
        out[0] += error_at(v, view, i) * error_at(v, view, i) / (2.0 * (double)n_elements(c));
    }
    return true;
}

/* The error over what the loss divides by, without what the loss does to it. */
bool cli_way_slope_of_errors(const cli_compute *c, const cli_value *v, cli_view view, double *out) {
    const bool is_over_samples = dsc_network_loss(c->values->file->net) == DSC_CROSS_ENTROPY;
    for (size_t i = 0; i < n_elements(c); i++) {
        out[i] = error_at(v, view, i) /
                 (double)(is_over_samples ? c->values->file->target.n_rows : n_elements(c));
    }
    return true;
}

/* The hinge without its maximum. */
bool cli_way_cost_everywhere(const cli_compute *c, const cli_value *v, cli_view view, double *out) {
    out[0] = 0.0;
    for (size_t i = 0; i < n_elements(c); i++) {
        out[0] += margin_at(v, view, i) / (double)n_elements(c);
    }
    return true;
}

bool cli_way_slope_everywhere(const cli_compute *c, const cli_value *v, cli_view view,
                              double *out) {
    for (size_t i = 0; i < n_elements(c); i++) {
        out[i] = -view[v->operands[1]][i] / (double)n_elements(c);
    }
    return true;
}
