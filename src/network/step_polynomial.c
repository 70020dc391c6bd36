/* The loss after one step as a polynomial in the rate: matrices of polynomials, multiplied out.
 *
 * After a step at rate r a layer's weights are W - r dW. With the layer's input a polynomial in r
 * whose coefficients are matrices, so is its output, one degree higher. docs/math.md (68), (69) */
#include "descent/step_polynomial.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "math/roots.h"
#include "network/network_internal.h"

/* The network in double with the gradient of its loss, and two polynomials. */
typedef struct expansion {
    dsc_network *net;
    dsc_workspace *ws;
    size_t batch;
    double *x;      /* (batch, n_in) */
    double *target; /* (batch, n_out) */
    double *input;  /* (degree + 1, batch, n_in of the layer): coefficients of r^0, r^1, ... */
    double *output; /* (degree + 2, batch, n_out) */
    size_t degree;  /* of `input` */
} expansion;

static bool is_squared(dsc_loss loss) {
    return loss == DSC_HALF_SUM_OF_SQUARES || loss == DSC_MEAN_SQUARED_ERROR;
}

bool dsc_step_polynomial_exists(const dsc_network *net) {
    bool is_linear = is_squared(net->loss);
    for (size_t l = 0; l < net->n_layers; l++) {
        is_linear =
            is_linear && net->layers[l].activation == DSC_IDENTITY && !net->layers[l].has_norm;
    }
    return is_linear;
}

static dsc_status check_linear(const dsc_network *net, dsc_error *err) {
    for (size_t l = 0; l < net->n_layers; l++) {
        char where[48];
        snprintf(where, sizeof where, "layer %zu", l + 1);
        if (net->layers[l].has_norm) {
            return dsc_fail(err, DSC_E_ARGUMENT, where,
                            "is normalised; expected a layer without normalisation");
        }
        if (net->layers[l].activation != DSC_IDENTITY) {
            return dsc_fail(err, DSC_E_ARGUMENT, where, "its activation is %s; expected identity",
                            dsc_activation_name(net->layers[l].activation));
        }
    }
    if (!is_squared(net->loss)) {
        return dsc_fail(err, DSC_E_ARGUMENT, "loss", "is %s; expected %s or %s",
                        dsc_loss_name(net->loss), dsc_loss_name(DSC_HALF_SUM_OF_SQUARES),
                        dsc_loss_name(DSC_MEAN_SQUARED_ERROR));
    }
    return DSC_OK;
}

static void copy_elements(double *to, dsc_matrix from) {
    for (size_t i = 0; i < from.n_rows * from.n_cols; i++) {
        to[i] = dsc_matrix_at(from, 0, i);
    }
}

static dsc_status prepare(expansion *e, const dsc_network *net, dsc_matrix x, dsc_matrix target,
                          dsc_error *err) {
    size_t widest = dsc_network_n_in(net), n;
    for (size_t l = 0; l < net->n_layers; l++) {
        widest = net->layers[l].n_out > widest ? net->layers[l].n_out : widest;
    }
    e->batch = x.n_rows;
    if (__builtin_mul_overflow(widest, e->batch, &n) ||
        __builtin_mul_overflow(n, net->n_layers + 1, &n)) {
        return dsc_fail_memory(err, "a polynomial");
    }
    e->x = dsc_alloc(x.n_rows * x.n_cols, sizeof *e->x);
    e->target = dsc_alloc(target.n_rows * target.n_cols, sizeof *e->target);
    e->input = dsc_alloc(n, sizeof *e->input);
    e->output = dsc_alloc(n, sizeof *e->output);
    if (e->x == NULL || e->target == NULL || e->input == NULL || e->output == NULL) {
        return dsc_fail_memory(err, "a polynomial");
    }
    copy_elements(e->x, x);
    copy_elements(e->target, target);
    const dsc_workspace_config config = {.max_batch = e->batch};
    dsc_status status = dsc_network_copy(&e->net, net, DSC_FLOAT64, err);
    if (status == DSC_OK) {
        status = dsc_workspace_create(&e->ws, e->net, &config, err);
    }
    if (status == DSC_OK) {
        status = dsc_network_forward(e->net, e->ws, dsc_matrix_f64(e->x, e->batch, x.n_cols), err);
    }
    if (status == DSC_OK) {
        status = dsc_network_backward(
            e->net, e->ws, dsc_matrix_f64(e->target, e->batch, target.n_cols), NULL, err);
    }
    return status;
}

/* out += factor a b, with a (n_rows, n_inner) and b (n_inner, n_cols). */
static void add_product(double *out, const double *a, double factor, dsc_matrix b, size_t n_rows) {
    for (size_t row = 0; row < n_rows; row++) {
        for (size_t k = 0; k < b.n_rows; k++) {
            const double scaled = factor * a[row * b.n_rows + k];
            const double *line = (const double *)b.data + k * b.n_cols;
            for (size_t col = 0; col < b.n_cols; col++) {
                out[row * b.n_cols + col] += scaled * line[col];
            }
        }
    }
}

/* Adds factor times a row to each row of out. */
static void add_row(double *out, double factor, dsc_matrix row, size_t n_rows) {
    for (size_t i = 0; row.data != NULL && i < n_rows * row.n_cols; i++) {
        out[i] += factor * ((const double *)row.data)[i % row.n_cols];
    }
}

/* output = input (W - r dW) + b - r db, one degree higher. (68) */
static void pass_layer(expansion *e, size_t l) {
    const size_t n_in = e->batch * e->net->layers[l].n_in;
    const size_t n_out = e->batch * e->net->layers[l].n_out;
    memset(e->output, 0, (e->degree + 2) * n_out * sizeof *e->output);
    for (size_t k = 0; k <= e->degree; k++) {
        const double *from = e->input + k * n_in;
        add_product(e->output + k * n_out, from, 1, dsc_network_weights(e->net, l), e->batch);
        add_product(e->output + (k + 1) * n_out, from, -1, dsc_workspace_d_weights(e->ws, l),
                    e->batch);
    }
    add_row(e->output, 1, dsc_network_bias(e->net, l), e->batch);
    add_row(e->output + n_out, -1, dsc_workspace_d_bias(e->ws, l), e->batch);
    e->degree++;
    double *swap = e->input;
    e->input = e->output;
    e->output = swap;
}

/* The squares of the error's polynomial, summed over its elements. (69) */
static void square(expansion *e, dsc_step_polynomial *out) {
    const size_t n = e->batch * dsc_network_n_out(e->net);
    const double scale = e->net->loss == DSC_HALF_SUM_OF_SQUARES ? 0.5 : 1 / (double)n;
    for (size_t i = 0; i < n; i++) {
        e->input[i] -= e->target[i];
    }
    for (size_t j = 0; j <= e->degree; j++) {
        for (size_t k = 0; k <= e->degree; k++) {
            double sum = 0;
            for (size_t i = 0; i < n; i++) {
                sum += e->input[j * n + i] * e->input[k * n + i];
            }
            out->coefficients[j + k] += scale * sum;
        }
    }
}

double dsc_step_polynomial_at(const dsc_step_polynomial *polynomial, double rate) {
    return dsc_polynomial_at(polynomial->coefficients, polynomial->degree, rate);
}

/* best_rate: of the places where the derivative changes its sign the one of the smallest loss.
 * limit_rate: the first place where (L(r) - L(0)) / r does. */
static dsc_status find_rates(dsc_step_polynomial *p, dsc_error *err) {
    const size_t degree = p->degree - 1;
    double *derivative = dsc_alloc(2 * p->degree, sizeof *derivative);
    if (derivative == NULL) {
        return dsc_fail_memory(err, "a polynomial");
    }
    double *roots = derivative + p->degree;
    size_t n = 0;
    for (size_t k = 0; k <= degree; k++) {
        derivative[k] = (double)(k + 1) * p->coefficients[k + 1];
    }
    dsc_status status = dsc_positive_roots(derivative, degree, roots, &n, err);
    p->best_loss = p->coefficients[0];
    for (size_t i = 0; i < n; i++) {
        const double loss = dsc_step_polynomial_at(p, roots[i]);
        if (loss < p->best_loss) {
            p->best_loss = loss;
            p->best_rate = roots[i];
        }
    }
    if (status == DSC_OK) {
        status = dsc_positive_roots(p->coefficients + 1, degree, roots, &n, err);
        p->limit_rate = n > 0 ? roots[0] : 0;
    }
    /* Without roots what is left of the gradient is rounding. */
    p->has_fall = p->coefficients[1] < 0 && p->best_rate > 0 && p->limit_rate > 0;
    if (!p->has_fall) {
        p->best_rate = p->best_loss = p->limit_rate = 0;
    }
    dsc_free(derivative);
    return status;
}

static dsc_status multiply_out(expansion *e, dsc_step_polynomial *out, dsc_error *err) {
    out->degree = 2 * e->net->n_layers;
    out->coefficients = dsc_alloc(out->degree + 1, sizeof *out->coefficients);
    if (out->coefficients == NULL) {
        return dsc_fail_memory(err, "a polynomial");
    }
    memcpy(e->input, e->x, e->batch * dsc_network_n_in(e->net) * sizeof *e->input);
    for (size_t l = 0; l < e->net->n_layers; l++) {
        pass_layer(e, l);
    }
    square(e, out);
    for (size_t k = 0; k <= out->degree; k++) {
        /* The derivative multiplies a coefficient by its power. */
        if (!isfinite(out->coefficients[k] * (double)(k + 1))) {
            char where[64];
            snprintf(where, sizeof where, "coefficient of rate^%zu", k);
            return dsc_fail(err, DSC_E_NONFINITE, where,
                            "is too large for a floating-point number");
        }
    }
    return find_rates(out, err);
}

dsc_status dsc_step_polynomial_init(dsc_step_polynomial *out, const dsc_network *net, dsc_matrix x,
                                    dsc_matrix target, dsc_error *err) {
    memset(out, 0, sizeof *out);
    const size_t batch = x.n_rows > 0 ? x.n_rows : 1;
    expansion e = {0};
    dsc_status status = check_linear(net, err);
    if (status == DSC_OK) {
        status = dsc_check_shape(x, batch, dsc_network_n_in(net), x.precision, "input", err);
    }
    if (status == DSC_OK) {
        status =
            dsc_check_shape(target, batch, dsc_network_n_out(net), target.precision, "target", err);
    }
    if (status == DSC_OK) {
        status = prepare(&e, net, x, target, err);
    }
    if (status == DSC_OK) {
        status = multiply_out(&e, out, err);
    }
    dsc_workspace_destroy(e.ws);
    dsc_network_destroy(e.net);
    dsc_free(e.x);
    dsc_free(e.target);
    dsc_free(e.input);
    dsc_free(e.output);
    return status;
}

void dsc_step_polynomial_clear(dsc_step_polynomial *polynomial) {
    dsc_free(polynomial->coefficients);
    memset(polynomial, 0, sizeof *polynomial);
}
