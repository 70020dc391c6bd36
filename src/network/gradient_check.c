/* Backpropagation against central differences, in double. docs/math.md (15). */
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "network/network_internal.h"

/* Steps that balance truncation against rounding: the cube root of 2^-53 for the difference of two
 * losses, about its fifth root for that of four. */
static const double near_step = 4.8e-6;
static const double wide_step = 5e-4;

/* Relative errors of gradients this much smaller than the largest one are taken against this floor:
 * below it a central difference is rounding only. */
static const double scale_floor = 1e-4;

typedef struct checker {
    dsc_network *net; /* in double */
    dsc_workspace *ws;
    double *x;      /* (batch, n_in) */
    double *target; /* (batch, n_out) */
    double *d_x;    /* (batch, n_in), analytic */
    size_t batch;
} checker;

static dsc_status loss_of(checker *c, double *loss, dsc_error *err) {
    dsc_matrix x = dsc_matrix_f64(c->x, c->batch, dsc_network_n_in(c->net));
    dsc_matrix target = dsc_matrix_f64(c->target, c->batch, dsc_network_n_out(c->net));
    dsc_status status = dsc_network_forward(c->net, c->ws, x, err);
    return status == DSC_OK ? dsc_network_loss_value(c->net, c->ws, target, loss, err) : status;
}

/* Change of the loss between *value - h and *value + h, over the width. */
static dsc_status slope(checker *c, double *value, double h, double *out, dsc_error *err) {
    const double kept = *value;
    double above, below;
    *value = kept + h;
    dsc_status status = loss_of(c, &above, err);
    *value = kept - h;
    if (status == DSC_OK) {
        status = loss_of(c, &below, err);
    }
    *value = kept;
    if (status == DSC_OK) {
        /* What was really added and taken away, after rounding. */
        *out = (above - below) / ((kept + h) - (kept - h));
    }
    return status;
}

static double relative_error(double gradient, double numeric, double floor) {
    return fabs(numeric - gradient) / fmax(fmax(fabs(numeric), fabs(gradient)), floor);
}

/* Compares n analytic gradients with differences of the loss in values[i]: a near one, which
 * rounding blurs, and a wide one, which a relu's kink spoils. A right gradient agrees with one of
 * them. */
static dsc_status compare(checker *c, double *values, const double *gradients, size_t n,
                          dsc_gradient_check *out, dsc_error *err) {
    const double floor = scale_floor * out->max_gradient;
    for (size_t i = 0; i < n; i++) {
        const double unit = fmax(1, fabs(values[i]));
        double near, half_wide, wide;
        dsc_status status = slope(c, &values[i], near_step * unit, &near, err);
        if (status == DSC_OK) {
            status = slope(c, &values[i], wide_step * unit, &half_wide, err);
        }
        if (status == DSC_OK) {
            status = slope(c, &values[i], 2 * wide_step * unit, &wide, err);
        }
        if (status != DSC_OK) {
            return status;
        }
        const double error = fmin(relative_error(gradients[i], near, floor),
                                  relative_error(gradients[i], (4 * half_wide - wide) / 3, floor));
        out->max_relative_error = fmax(out->max_relative_error, error);
        out->n_checked++;
    }
    return DSC_OK;
}

static double largest(double so_far, const double *values, size_t n) {
    for (size_t i = 0; i < n; i++) {
        so_far = fmax(so_far, fabs(values[i]));
    }
    return so_far;
}

static void copy_elements(double *to, dsc_matrix from) {
    for (size_t i = 0; i < from.n_rows * from.n_cols; i++) {
        to[i] = dsc_matrix_at(from, 0, i);
    }
}

static dsc_status run(checker *c, dsc_gradient_check *out, dsc_error *err) {
    const size_t n_x = c->batch * dsc_network_n_in(c->net);
    const size_t n_parameters = dsc_network_n_parameters(c->net);
    dsc_matrix x = dsc_matrix_f64(c->x, c->batch, dsc_network_n_in(c->net));
    dsc_matrix target = dsc_matrix_f64(c->target, c->batch, dsc_network_n_out(c->net));
    dsc_status status = dsc_network_forward(c->net, c->ws, x, err);
    if (status == DSC_OK) {
        status = dsc_network_backward(c->net, c->ws, target, NULL, err);
    }
    if (status != DSC_OK) {
        return status;
    }
    /* The passes of the comparison overwrite the input's gradient, but not the parameters'. */
    copy_elements(c->d_x, dsc_workspace_d_input(c->ws));
    const double *gradients = dsc_workspace_gradients(c->ws);
    out->max_gradient = largest(largest(0, gradients, n_parameters), c->d_x, n_x);
    if (out->max_gradient == 0) {
        return dsc_fail(err, DSC_E_STATE, "gradient check",
                        "every gradient is zero, so that the check proves nothing");
    }
    status = compare(c, dsc_network_parameters(c->net), gradients, n_parameters, out, err);
    return status == DSC_OK ? compare(c, c->x, c->d_x, n_x, out, err) : status;
}

dsc_status dsc_network_check_gradients(const dsc_network *net, dsc_matrix x, dsc_matrix target,
                                       dsc_gradient_check *out, dsc_error *err) {
    memset(out, 0, sizeof *out);
    checker c = {.batch = x.n_rows};
    dsc_status status =
        dsc_check_shape(x, x.n_rows, dsc_network_n_in(net), x.precision, "input", err);
    if (status == DSC_OK) {
        status = dsc_check_shape(target, x.n_rows, dsc_network_n_out(net), target.precision,
                                 "target", err);
    }
    if (status == DSC_OK) {
        status = dsc_network_copy(&c.net, net, DSC_FLOAT64, err);
    }
    if (status == DSC_OK) {
        status = dsc_workspace_create(
            &c.ws, c.net, &(dsc_workspace_config){.max_batch = x.n_rows > 0 ? x.n_rows : 1}, err);
    }
    if (status != DSC_OK) {
        goto done;
    }
    c.x = dsc_alloc(x.n_rows * x.n_cols, sizeof(double));
    c.target = dsc_alloc(target.n_rows * target.n_cols, sizeof(double));
    c.d_x = dsc_alloc(x.n_rows * x.n_cols, sizeof(double));
    if (c.x == NULL || c.target == NULL || c.d_x == NULL) {
        status = dsc_fail_memory(err, "a gradient check");
        goto done;
    }
    copy_elements(c.x, x);
    copy_elements(c.target, target);
    status = run(&c, out, err);
done:
    dsc_free(c.x);
    dsc_free(c.target);
    dsc_free(c.d_x);
    dsc_workspace_destroy(c.ws);
    dsc_network_destroy(c.net);
    return status;
}
